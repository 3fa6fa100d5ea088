/* pauli_kernels.h: the arithmetic on density matrices as real Pauli coefficients, one table per instruction set.
 *
 * A state is c[4^n][lanes] with lanes 8 (a line is a coefficient of 8 samples) or 1 (a line is 8 neighbouring
 * coefficients of one sample). Coefficient p belongs to the Pauli i^(x.z) X^x Z^z with bit 2q of p that of x, bit 2q+1
 * that of z for qubit q: digit 0 1 2 3 of qubit q is I X Z Y. Strides and counts are in doubles; arrays are aligned to
 * 64 bytes. What belongs to single lanes comes as lines of 8: with one lane, 8 times the same.
 *
 * A map of one qubit is real, 4 x 4, with first row (1 0 0 0); its coefficients are lines (12, 8), the rows of X, Z and
 * Y, each with columns I X Z Y. Sums come as lines of 8 to be added up when there is one lane. The same bits with
 * either number of lanes, sums excepted.
 */
#ifndef QSTI_KERNELS_PAULI_KERNELS_H
#define QSTI_KERNELS_PAULI_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#define QSTI_PAULI_LANES 8
#define QSTI_MAP_LINES   12

/* Permutations with scales of up to five qubits' digits: out[base + to[j]] = scale[j] in[base + from[j]] for j <
 * n_entries, each over `run` doubles, and for every base. */
typedef struct qsti_pauli_local {
    const size_t *to, *from; /* (n_entries), in doubles */
    const double *scale;
    size_t n_entries, run;
    size_t n_digits;
    size_t strides[5]; /* of the qubits, ascending, in doubles: bases have digit 0 there */
} qsti_pauli_local;

typedef struct qsti_pauli_kernels {
    /* out = M in on the qubit with that stride (4^q lanes); out may be in. */
    void (*map)(const double *in, double *out, size_t n, size_t stride, const double *map);
    /* Two qubits in one walk, low stride first; the low one's map acts first. Strides are at least 8. */
    void (*map_two)(const double *in, double *out, size_t n, size_t low, size_t high, const double *map_low,
                    const double *map_high);
    /* The way back: sums[(i, j)][lane] += lambda_i c_j, lambda behind the map and c, `in`, before it; then lambda <-
     * M^T lambda. */
    void (*unmap)(const double *in, double *lambda, size_t n, size_t stride, const double *map, double *sums);
    void (*unmap_two)(const double *in, double *lambda, size_t n, size_t low, size_t high, const double *map_low,
                      const double *map_high, double *sums_low, double *sums_high);

    /* exp(-i t P / 2) in place, P an index of at least two digits that are not 0: c_Q <- cos t c_Q + s sin t c_Q' where
     * i P Q = s Q'. cosine and sine are lines; n >= 16 lanes. */
    void (*rotate)(double *state, size_t n, size_t lanes, uint32_t pauli, const double *cosine, const double *sine);
    /* The way back of state and lambda, both behind it: sums (a line) = dL/dt; then the inverse on both. */
    void (*unrotate)(double *state, double *lambda, size_t n, size_t lanes, uint32_t pauli, const double *cosine,
                     const double *sine, double *sums);

    /* out[p] = scale[p] in[from[p]], and its transpose out[from[p]] = scale[p] in[p]. out is not in. */
    void (*permute)(const double *in, double *out, size_t n, size_t lanes, const uint32_t *from, const double *scale);
    void (*unpermute)(const double *in, double *out, size_t n, size_t lanes, const uint32_t *from, const double *scale);
    void (*permute_local)(const double *in, double *out, size_t n, const qsti_pauli_local *local);

    /* Product states: state[d n + i] = v[d - 1] state[i] for digits d = 1 2 3; v lines (3, 8). */
    void (*grow)(double *state, size_t n, const double *v);
    /* sums[d - 1][lane] += lambda[d n + i] state[i]; then lambda[i] += v[d - 1] lambda[d n + i]. */
    void (*shrink)(const double *state, double *lambda, size_t n, const double *v, double *sums);
} qsti_pauli_kernels;

/* For the instruction set in use. */
const qsti_pauli_kernels *qsti_pauli_kernels_best(void);

#endif

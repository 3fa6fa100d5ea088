/* kernels.h: the arithmetic on batched states, one table per instruction set, precision and kind of amplitude.
 *
 * A state is amp[n_lines][component][lane]: a line is 64 bytes (8 double or 16 float); components are re and im, or re
 * alone for states whose amplitudes are real. Small states: lane = sample, n_lines = 2^n. Wide states: lane = the low
 * bits of the amplitude's index. Every operation is vertical on whole lines, whichever qubits a gate touches. Pointers
 * to states are aligned to 64 bytes; arrays of `lines` are double[n_lines][lanes] in either precision, and sums are
 * carried in double.
 */
#ifndef QSTI_KERNELS_KERNELS_H
#define QSTI_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QSTI_LINE_BYTES 64
#define QSTI_MAX_LANES  16
#define QSTI_MAX_TILE   3 /* gates in one pass */

/* A Pauli i^k X^x Z^z on amplitudes: it takes |p> to i^k (-1)^(p.z) |p ^ x>; imaginary: k = 1, else k = 0. */
typedef struct qsti_mask {
    uint32_t x, z;
    bool imaginary;
} qsti_mask;

/* exp(-i t P / 2) with cosine[], sine[] of t/2: [lanes] when per_lane, else one value for all. */
typedef struct qsti_rotor {
    qsti_mask pauli;
    bool per_lane;
    const double *cosine, *sine;
} qsti_rotor;

/* What a gate's matrix U on the pair (p0, p1) looks like, and its coefficient lines, each REAL[lanes]:
 *
 *   QSTI_FORM_Y        [c -s; s c]           c, s          real
 *   QSTI_FORM_X        [c -is; -is c]        c, s
 *   QSTI_FORM_GENERAL  [a -b*; b a*]         a.re, a.im, b.re, b.im                                              */
typedef enum qsti_form { QSTI_FORM_Y, QSTI_FORM_X, QSTI_FORM_GENERAL, QSTI_FORMS } qsti_form;

static inline size_t qsti_form_lines(qsti_form form) /* of coefficients */
{
    return form == QSTI_FORM_GENERAL ? 4 : 2;
}
static inline size_t qsti_form_sums(qsti_form form) /* lines of inner products: Y; X; or X, Y, Z */
{
    return form == QSTI_FORM_GENERAL ? 3 : 1;
}

/* One to three gates of one form on cosets of 2^n_gates lines: line j of coset c is base[c] ^ offset[j], and gate g
 * pairs the lines whose j differ in bit g: bit clear p0, bit set p1. */
typedef struct qsti_tile {
    size_t n_gates;
    const uint32_t *bases;
    size_t n_bases;
    uint32_t offset[1 << QSTI_MAX_TILE];
    const void *coefficients[QSTI_MAX_TILE]; /* lines, aligned to 64 bytes */
    const void *turn; /* what prepare() makes of the coefficients, which are not looked at then; NULL: not prepared */
} qsti_tile;

/* What the gates of a tile come down to: lines w[3][re|im], d[4][re|im] and w of the inverses [3][re|im]; see
 * tile_template.h. Of the forms Y and X only w's re and d[0]'s re are there. */
#define QSTI_TURN_LINES ((size_t)20)

typedef struct qsti_kernels {
    size_t lanes;
    size_t amplitude_bytes; /* of one line of amplitudes: all components */
    bool real;              /* one component */

    /* sine[i], cosine[i] of angles[i], within 3 units in the last place; n is a multiple of 8; cosine may be angles. */
    void (*sincos)(const double *angles, size_t n, double *sine, double *cosine);

    /* A tile's turn from its gates' coefficients, by form and number of gates - 1. */
    void (*prepare[QSTI_FORMS][QSTI_MAX_TILE])(const void *const *coefficients, void *turn);
    /* Gates: out = U in on the tile's cosets; out may be in. By form and number of gates - 1; NULL where amplitudes are
     * real and the form is not. */
    void (*tile[QSTI_FORMS][QSTI_MAX_TILE])(const void *in, void *out, const qsti_tile *tile);
    /* The way back: sums[g][s][lane] += Im<lambda|P|psi> over the cosets, P = the form's Paulis on gate g (of Y: Y; of
     * X: X; general: X, Y, Z), with psi and lambda as they are behind the gates; then lambda <- U^-1 lambda, and,
     * unless psi_out is NULL, psi_out = U^-1 psi (psi_out may be psi). For real amplitudes likewise, lambda real. */
    void (*untile[QSTI_FORMS][QSTI_MAX_TILE])(const void *psi, void *psi_out, void *lambda, const qsti_tile *tile,
                                              double *sums);

    /* out = exp(-i t P / 2) in for one diagonal Pauli, x = 0; out may be in. Of real amplitudes t must be a multiple of
     * pi: out = (cosine + (-1)^(p.z) sine) in, which is right up to a phase, and its own inverse. */
    void (*phase)(const void *in, void *out, size_t n_lines, const qsti_rotor *rotor);
    /* gradient[lane] = Im <lambda|P|psi>; then lambda <- exp(+i t P / 2) lambda, psi_out = exp(+i t P / 2) psi unless
     * NULL. */
    void (*unphase)(const void *psi, void *psi_out, void *lambda, size_t n_lines, const qsti_rotor *rotor,
                    double *gradient);

    /* out[p] = (cosine[p] - i sine[p]) in[p], a merged run of diagonal rotations shared by all lanes; real: cosine[p].
     */
    void (*table)(const void *in, void *out, size_t n_lines, const double *cosine, const double *sine);
    /* sums[p] = sum over lanes of Im(conj(lambda[p]) psi[p]) (real: 0); then the inverse of table() on lambda, and on
     * psi into psi_out unless NULL. */
    void (*untable)(const void *psi, void *psi_out, void *lambda, size_t n_lines, const double *cosine,
                    const double *sine, double *sums);
    /* The same with a table of lines (n_lines, lanes), for angles that differ by sample; sums (n_lines, lanes), not
     * summed over lanes. */
    void (*lane_table)(const void *in, void *out, size_t n_lines, const double *cosine, const double *sine);
    void (*lane_untable)(const void *psi, void *psi_out, void *lambda, size_t n_lines, const double *cosine,
                         const double *sine, double *sums);

    /* lines[p][lane] = |psi[p]|^2 */
    void (*probabilities)(const void *psi, size_t n_lines, double *lines);
    /* Walsh-Hadamard transform over p, in place, unnormalised: lines[z] <- sum_p (-1)^(p.z) lines[p]. */
    void (*walsh)(double *lines, size_t n_lines);
    /* lambda[p] = lines[p] psi[p] */
    void (*weigh)(const void *psi, size_t n_lines, const double *lines, void *lambda);
    /* value[lane] = Re <psi|P|psi> */
    void (*pauli_value)(const void *psi, size_t n_lines, qsti_mask pauli, double *value);
    /* lambda <- lambda + weight[lane] P psi */
    void (*pauli_add)(const void *psi, size_t n_lines, qsti_mask pauli, const double *weight, void *lambda);
    /* value[lane] = Re <a|b> */
    void (*overlap)(const void *a, const void *b, size_t n_lines, double *value);

    /* Product states, doubled qubit by qubit. grow: out[j + n] = b in[j], out[j] = a in[j] for j < n; out may be in;
     * a and b are lines re, im (real amplitudes: re alone), REAL[lanes] each, as the first column of a gate. shrink,
     * its reverse: with w = dL/dout taken as Im<w|dout>: sums[0..3] += lines of Re, Im of sum_j conj(w[j]) in[j] and
     * Re, Im of sum_j conj(w[j + n]) in[j] (real amplitudes: two lines); then w[j] <- conj(a) w[j] + conj(b) w[j + n].
     */
    void (*grow)(const void *in, void *out, size_t n, const void *a, const void *b);
    void (*shrink)(const void *in, void *w, size_t n, const void *a, const void *b, double *sums);
    /* out[to[j]] = in[j], and out[j] = in[from[j]]. */
    void (*scatter)(const void *in, void *out, size_t n_lines, const uint32_t *to);
    void (*gather)(const void *in, void *out, size_t n_lines, const uint32_t *from);

    /* Coefficient lines in the state's precision from doubles (n, lanes) or (n), the latter spread over the lanes. */
    void (*to_lines)(const double *values, size_t n, void *lines);
    void (*spread)(const double *values, size_t n, void *lines);

    /* Moves one lane's amplitudes out of and into a state. */
    void (*get_lane)(const void *psi, size_t n_lines, size_t lane, double *re, double *im);
    void (*set_lane)(void *psi, size_t n_lines, size_t lane, const double *re);
    /* Real and imaginary parts of all lanes, lines (n_lines, lanes); of real amplitudes im is 0, and not read. */
    void (*get_parts)(const void *psi, size_t n_lines, double *re, double *im);
    void (*set_parts)(void *psi, size_t n_lines, const double *re, const double *im);
} qsti_kernels;

/* The tables of the instruction set in use (isa.h). */
const qsti_kernels *qsti_kernels_double(bool real);
const qsti_kernels *qsti_kernels_single(bool real);

#endif

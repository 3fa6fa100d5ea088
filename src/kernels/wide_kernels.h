/* wide_kernels.h: the arithmetic on wide states beside that of kernels.h: what depends on lanes being bits of an
 * amplitude's index. One table per instruction set and precision; amplitudes are complex.
 *
 * A block is 2^k amplitudes of a state, gathered; line u of it is amp[u][re|im][lane]. A gate is a pair of rows: with a
 * and b as kernels.h has them, amplitude p with its partner q becomes a p - b* q, where p's bit of the gate's virtual
 * qubit is 0, and for bit 1 the same with a* for a and -b* for b, which is what its coefficient lines hold in that
 * lane. Sums are carried in double; nothing allocates; the bits do not depend on the vectors' width.
 */
#ifndef QSTI_KERNELS_WIDE_KERNELS_H
#define QSTI_KERNELS_WIDE_KERNELS_H

#include "kernels/kernels.h"

#define QSTI_MAX_FACTORS 4 /* of one call */
#define QSTI_MAX_CHAIN   4 /* gates of one call */

/* Where the lines of a block lie: line u is line first ^ source[u] of the state, whose lane j ^ swap[u] becomes its
 * lane j (swap NULL: none are exchanged). Lines with live[u] = 0 (live NULL: none) are zero and not in the state. */
typedef struct qsti_block_map {
    const uint32_t *source;
    const uint8_t *swap, *live;
    size_t n_lines;
} qsti_block_map;

/* A gate that exchanges lanes j and j ^ swap and no lines. */
typedef struct qsti_lane_gate {
    uint32_t swap;
    const void *coefficients; /* lines of its form */
} qsti_lane_gate;

/* A tile whose line j has its lanes exchanged by swap[j]: gates that flip bits of the lanes too. swap[0] is 0. */
typedef struct qsti_swap_tile {
    qsti_tile tile;
    uint8_t swap[1 << QSTI_MAX_TILE];
} qsti_swap_tile;

/* A function of lines and lanes made of factors or terms: number f has at line u the value tables[f][index[f][u]]. */
typedef struct qsti_factors {
    size_t n;
    const void *tables[QSTI_MAX_FACTORS]; /* lines: re, im for phases; one for weights */
    const uint16_t *index[QSTI_MAX_FACTORS];
} qsti_factors;

/* i^k X^x Z^z on the lines of a block; `swap` is the part of x in the lanes. Z's lanes are left to the caller. */
typedef struct qsti_line_pauli {
    uint32_t x, swap, z;
    bool imaginary;
} qsti_line_pauli;

typedef struct qsti_wide_kernels {
    size_t lanes;

    void (*gather)(const void *state, size_t first, const qsti_block_map *map, void *block);
    void (*scatter)(const void *block, size_t first, const qsti_block_map *map, void *state);
    /* The same past the caches, for lines that are not in them: memory is not read first. */
    void (*scatter_past)(const void *block, size_t first, const qsti_block_map *map, void *state);

    /* Gates in a row on lanes of these lines (NULL: of 0 .. n_lines-1), by form. */
    void (*lane_gates[QSTI_FORMS])(void *psi, const uint32_t *lines, size_t n_lines, const qsti_lane_gate *gates,
                                   size_t n_gates);
    /* The way back, in reverse: sums[g][s][lane] += Im(lambda* P psi) with the Paulis of untile(), Y and Z as they are
     * for bit 0; then the inverse of gate g on psi and lambda. */
    void (*lane_ungates[QSTI_FORMS])(void *psi, void *lambda, const uint32_t *lines, size_t n_lines,
                                     const qsti_lane_gate *gates, size_t n_gates, double *sums);
    /* As tile() and untile(), in place. */
    void (*swap_tile[QSTI_FORMS][QSTI_MAX_TILE])(void *psi, const qsti_swap_tile *tile);
    void (*swap_untile[QSTI_FORMS][QSTI_MAX_TILE])(void *psi, void *lambda, const qsti_swap_tile *tile, double *sums);

    /* psi <- (product of the factors) psi. */
    void (*turn)(void *psi, size_t n_lines, const qsti_factors *factors);
    /* sums[f][index[f][u]][lane] += Im(lambda* psi); then the inverse of turn() on both. */
    void (*unturn)(void *psi, void *lambda, size_t n_lines, const qsti_factors *factors, double *const *sums);
    /* Table lines from cosines and sines (n, lanes): re = cosine, im = -sine. */
    void (*phases)(const double *cosine, const double *sine, size_t n, void *table);

    /* sums[f][index[f][u]][lane] += |psi|^2 */
    void (*weights)(const void *psi, size_t n_lines, const qsti_factors *factors, double *const *sums);
    /* lambda <- (sum of the terms) psi, added to what is there when `add`. */
    void (*weigh)(const void *psi, void *lambda, size_t n_lines, const qsti_factors *terms, bool add);
    /* sums[lane] += Re(psi* P psi); and lambda <- lambda + weight[lane] P psi, where lane is that of the result. */
    void (*pauli_value)(const void *psi, size_t n_lines, const qsti_line_pauli *pauli, double *sums);
    void (*pauli_add)(const void *psi, void *lambda, size_t n_lines, const qsti_line_pauli *pauli,
                      const double *weight);
} qsti_wide_kernels;

/* For the instruction set in use. */
const qsti_wide_kernels *qsti_wide_kernels_double(void);
const qsti_wide_kernels *qsti_wide_kernels_single(void);

#endif

/* jump_kernels.h: what quantum jumps do to batched states beside kernels.h: maps of one qubit that are not unitary.
 *
 * A state is amp[n_lines][re|im][8] in double, lane = (sample, trajectory). The qubit is virtual: its bit of amplitude
 * p is parity(p & z), flipping it takes p to p ^ x, and parity(x & z) = 1. Matrices are real and differ by lane:
 * k[4][8] = k00, k01, k10, k11.
 */
#ifndef QSTI_KERNELS_JUMP_KERNELS_H
#define QSTI_KERNELS_JUMP_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#define QSTI_JUMP_LANES ((size_t)8)

typedef struct qsti_jump_kernels {
    /* out[2][8]: the sums of |psi|^2 over the amplitudes with bit 0 and with bit 1. */
    void (*populations)(const void *psi, size_t n_lines, uint32_t z, double *out);
    /* (psi[p], psi[p ^ x]) <- k (psi[p], psi[p ^ x]), p with bit 0. */
    void (*pairs)(void *psi, size_t n_lines, uint32_t x, uint32_t z, const double *k);
    /* psi[p] <- d[bit of p] psi[p]; d[2][8]. */
    void (*diagonal)(void *psi, size_t n_lines, uint32_t z, const double *d);
    /* u[n][8]: numbers 0 .. n-1 of qsti_rng_uniform() on the streams (key, purpose, epoch[lane], sample[lane]); there
     * is room for one more line than n. */
    void (*uniforms)(uint64_t key, uint32_t purpose, const uint32_t *epoch, const uint32_t *sample, size_t n,
                     double *u);
} qsti_jump_kernels;

/* For the instruction set in use. */
const qsti_jump_kernels *qsti_jump_kernels_chosen(void);

#endif

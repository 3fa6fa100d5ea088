/* kernels.h: the arithmetic on batched states, one table per instruction set and precision.
 *
 * A state is amp[2^n][re|im][lane]: lane = sample, a line of 64 bytes (8 double or 16 float). Every operation is
 * vertical on whole lines, whichever qubits a gate touches. `dim` = 2^n. Pointers to states are aligned to 64 bytes;
 * arrays of `lines` are double[dim][lanes] in either precision, and sums are carried in double.
 */
#ifndef QSTI_KERNELS_KERNELS_H
#define QSTI_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QSTI_LINE_BYTES 64
#define QSTI_MAX_LANES  16

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

typedef struct qsti_kernels {
    size_t lanes;
    size_t amplitude_bytes; /* of one amplitude of all lanes: two lines */

    /* sine[i], cosine[i] of angles[i], within 3 units in the last place; n is a multiple of 8; cosine may be angles. */
    void (*sincos)(const double *angles, size_t n, double *sine, double *cosine);

    /* psi <- exp(-i t P / 2) psi; x != 0. */
    void (*rotate)(void *psi, size_t dim, const qsti_rotor *rotor);
    /* gradient[lane] = Im <lambda|P|psi>; then psi and lambda <- exp(+i t P / 2) of them; x != 0. */
    void (*unrotate)(void *psi, void *lambda, size_t dim, const qsti_rotor *rotor, double *gradient);
    /* The same for diagonal Paulis, x = 0. */
    void (*phase)(void *psi, size_t dim, const qsti_rotor *rotor);
    void (*unphase)(void *psi, void *lambda, size_t dim, const qsti_rotor *rotor, double *gradient);

    /* psi[p] <- (cosine[p] - i sine[p]) psi[p], a merged run of diagonal rotations shared by all lanes. */
    void (*table)(void *psi, size_t dim, const double *cosine, const double *sine);
    /* sums[p] = sum over lanes of Im(conj(lambda[p]) psi[p]); then the inverse of table() on both. */
    void (*untable)(void *psi, void *lambda, size_t dim, const double *cosine, const double *sine, double *sums);

    /* lines[p][lane] = |psi[p]|^2 */
    void (*probabilities)(const void *psi, size_t dim, double *lines);
    /* Walsh-Hadamard transform over p, in place, unnormalised: lines[z] <- sum_p (-1)^(p.z) lines[p]. */
    void (*walsh)(double *lines, size_t dim);
    /* lambda[p] = lines[p] psi[p] */
    void (*weigh)(const void *psi, size_t dim, const double *lines, void *lambda);
    /* value[lane] = Re <psi|P|psi> */
    void (*pauli_value)(const void *psi, size_t dim, qsti_mask pauli, double *value);
    /* lambda <- lambda + weight[lane] P psi */
    void (*pauli_add)(const void *psi, size_t dim, qsti_mask pauli, const double *weight, void *lambda);

    /* Moves one lane's amplitudes out of and into a state. */
    void (*get_lane)(const void *psi, size_t dim, size_t lane, double *re, double *im);
    void (*set_lane)(void *psi, size_t dim, size_t lane, const double *re);
} qsti_kernels;

/* The best table for this processor, or the one forced by QSTILL_ISA (an unknown or missing one is ignored, and
 * qsti_isa_forced_wrongly() says so). */
const qsti_kernels *qsti_kernels_double(void);
const qsti_kernels *qsti_kernels_single(void);

/* The value of QSTILL_ISA when it names no instruction set that this processor has; else NULL. */
const char *qsti_isa_forced_wrongly(void);

#endif

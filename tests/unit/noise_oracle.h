/* noise_oracle.h: circuits with noise by rules, the slow way: dense density matrices, each channel the sum over its
 * Kraus operators; no code of src/. A matrix of n qubits is treated as a state of 2n: bits 0..n-1 are the column. */
#ifndef QSTILL_TESTS_NOISE_ORACLE_H
#define QSTILL_TESTS_NOISE_ORACLE_H

#include <qstill/noise.h>

#include "ref/ref.h"

#define ORACLE_RULES 12

typedef struct oracle_noise {
    qst_noise_rule rules[ORACLE_RULES];
    size_t n_rules;
    double m1p0[32], m0p1[32];
} oracle_noise;

/* out[4^n], row-major, behind all gates. */
void oracle_density(const oracle_noise *noise, const qst_circuit *circuit, const double *weights, const double *x,
                    ref_complex *out);
/* out[K]: the readout's values, bits read with errors. */
void oracle_values(const oracle_noise *noise, const qst_circuit *circuit, const qst_readout *readout,
                   const double *weights, const double *x, double *out);

/* out[K]: the readout's values of a matrix. */
void oracle_read(const oracle_noise *noise, const qst_readout *readout, const ref_complex *rho, double *out);

/* Random rules of all channels, with errors of readout when `misread`; and the library's model of the same. */
void oracle_random(ref_rng *rng, bool misread, oracle_noise *out);
void oracle_model(qst_ctx *ctx, const oracle_noise *noise, qst_noise **out);

#endif

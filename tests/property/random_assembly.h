/* random_assembly.h: random assemblies of everything that OpenQASM can say, and their dense unitary, with which other
 * assemblies are compared. Shares gates' matrices with tests/ref and no code with src/. */
#ifndef QSTILL_TESTS_RANDOM_ASSEMBLY_H
#define QSTILL_TESTS_RANDOM_ASSEMBLY_H

#include <qstill/assembly.h>

#include "ref/ref.h"

#define RANDOM_MAX_QUBITS     5
#define RANDOM_MAX_PARAMETERS 3
#define RANDOM_MAX_STATES     ((size_t)1 << RANDOM_MAX_QUBITS)

typedef struct random_assembly_opts {
    size_t n_qubits; /* 1..RANDOM_MAX_QUBITS, over up to three registers */
    size_t n_parameters;
    size_t n_instructions;
    bool plain;      /* gates alone: no definitions, controls, inverses; angles of any size, also tiny, huge and -0 */
    bool measures;   /* also measurements, resets and barriers */
    bool conditions; /* of instructions on bits */
} random_assembly_opts;

qst_assembly *random_assembly(qst_ctx *ctx, ref_rng *rng, const random_assembly_opts *opts);

/* columns (2^n, 2^n), column by column: the product of all instructions at the values of the parameters, global phase
 * included. A measurement and a reset become rotations that no other bit or kind has, and a condition holds when its
 * value and its register add up to an odd number: so what is not unitary is compared with the rest. */
void assembly_matrix(const qst_assembly *assembly, const double *parameters, ref_complex *columns);

/* max |a - b exp(i phase)| over n x n: exact phase, or the one of their overlap. */
double matrix_distance(const ref_complex *a, const ref_complex *b, size_t n, bool exact_phase);

#endif

/* execution.h: what running an assembly is made of. */
#ifndef QSTI_SIM_EXECUTION_H
#define QSTI_SIM_EXECUTION_H

#include <complex.h>

#include "base/rng.h"
#include "sim/action.h"
#include "sim/outcomes.h"

/* The state of a circuit without features, by a program compiled for it: out[2^n]. */
qst_status qsti_circuit_state(const qst_circuit *circuit, const double *weights, double complex *out);

/* One history of outcomes that still goes on. */
typedef struct qsti_branch {
    double complex *state;
    uint64_t *bits;
    size_t at; /* the next action */
    uint64_t n_shots;
    double probability;
} qsti_branch;

typedef struct qsti_execution {
    qst_ctx *ctx;
    qsti_actions actions;
    qst_outcomes *outcomes;
    uint64_t seed;
    qsti_rng rng; /* of splits */
    qsti_branch *waiting;
    size_t n_waiting, n_reserved;
    size_t n_branches;    /* ended */
    double *marginal;     /* exact: sums of probabilities of the measured qubits */
    uint8_t measured[32]; /* active qubits measured at the end, ascending; or all */
    size_t n_measured;
    uint64_t *key;
    uint32_t *states; /* of the shots of one branch */
    size_t n_states;
} qsti_execution;

static inline void qsti_set_bit(uint64_t *bits, uint32_t bit, bool value)
{
    if (bit == QST_NO_BIT)
        return;
    uint64_t mask = UINT64_C(1) << bit % 64;
    bits[bit / 64] = value ? bits[bit / 64] | mask : bits[bit / 64] & ~mask;
}

/* noisy_execute.c: qst_assembly_execute() with noise. */
qst_status qsti_execute_noisy(const qst_assembly *assembly, const qst_execution_opts *opts, qst_outcomes **out);

/* branch_end.c: which qubits the outcomes are of, and memory for them. Errors: ERR_LIMIT for too many to list,
 * ERR_MEMORY. */
qst_status qsti_execution_prepare_end(qsti_execution *e);
/* Adds what a branch at its end gives to the outcomes. Errors: ERR_LIMIT, ERR_MEMORY. */
qst_status qsti_branch_end(qsti_execution *e, const qsti_branch *b);

#endif

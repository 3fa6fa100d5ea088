/* drawn_case.h: programs with drawn errors beside the circuits that these errors make of theirs; for the tests of
 * trajectories. */
#ifndef QSTILL_TESTS_DRAWN_CASE_H
#define QSTILL_TESTS_DRAWN_CASE_H

#include "property/sim_case.h"
#include "sim/trajectories.h"

/* Takes circuit and readout, not the noise; opts' noise is set to it, and its method to trajectories. */
sim_case drawn_open(qst_ctx *ctx, qst_circuit *circuit, qst_readout *readout, const qst_noise *noise,
                    qst_compile_opts opts);
/* A model of one rule: the channel behind all gates, on each qubit. */
qst_noise *drawn_noise(qst_ctx *ctx, qst_channel channel);

/* The circuit of trajectory `trajectory` of row `row`: behind its gates the drawn Paulis and the coherent rotations, as
 * gates; at strength 1. n_errors: += the number of errors. */
qst_circuit *drawn_circuit(const sim_case *of, size_t row, size_t trajectory, size_t *n_errors);

/* Values and gradients of all rows through these circuits, each in a program of its own without noise; cotangents and x
 * are run's. out_weights, out_x NULL: values alone. */
typedef struct drawn_results {
    double *values, *out_weights, *out_x;
} drawn_results;
drawn_results drawn_explicit(const sim_case *of, const sim_run *run, const qst_readout *readout, size_t *n_errors);
void drawn_results_free(drawn_results *results);

#endif

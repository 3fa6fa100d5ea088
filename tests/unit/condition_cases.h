/* condition_cases.h: models with circuits, noise and devices to train them under, two threads. */
#ifndef QSTILL_TESTS_UNIT_CONDITION_CASES_H
#define QSTILL_TESTS_UNIT_CONDITION_CASES_H

#include "learn_cases.h"

/* Kinds of models that have a circuit: of 3 qubits and 15 weights, circuit and head; networks of one layer. */
typedef enum condition_kind { OF_CIRCUIT, OF_BEFORE, OF_AFTER, OF_PROBE, N_CONDITION_KINDS } condition_kind;

/* Outputs as in qst_readout_parse(): "z", "x", "yy", ... Freed by the caller. */
qst_model *condition_model(qst_ctx *ctx, condition_kind kind, const char *output, qst_precision precision);

/* Depolarizing of `p` on each qubit of every gate, and bits misread. */
qst_noise *condition_noise(qst_ctx *ctx, double p);
/* The same and decay, so that trajectories have jumps. */
qst_noise *condition_decay(qst_ctx *ctx, double p);
/* Four qubits in a line; error 0: no noise at all. */
qst_device *condition_device(qst_ctx *ctx, double error);

#endif

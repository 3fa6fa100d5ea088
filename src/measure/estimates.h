/* estimates.h: outputs and their variances from the outcomes of one circuit. */
#ifndef QSTI_MEASURE_ESTIMATES_H
#define QSTI_MEASURE_ESTIMATES_H

#include "circuit/circuit.h"

/* Distributions of more bits are refused. */
#define QSTI_MEASURE_MAX_BITS 20

/* What one group's outcomes say: part i of them is output outputs[i]'s; outcome b counts plain[i][b] there. For
 * readouts of probabilities there are no tables: part i is outcome i. */
typedef struct qsti_estimator {
    qst_ctx *ctx;
    qst_readout_kind kind;
    size_t n_bits, n_parts;
    uint32_t *outputs; /* (n_parts) */
    double *plain;     /* (n_parts, 2^n_bits) */
    /* Where errors of readout are taken back, else NULL: */
    double *unread;       /* (n_parts, 2^n_bits): what a bit pattern as read counts */
    double (*inverse)[4]; /* (n_bits), readout_inversion.h */
    double (*squares)[4]; /* (n_bits): its elements squared */
} qsti_estimator;

/* `basis` and `of_term`: the group's; `read` (n_bits): errors of readout to be taken back, m[2 * prepared + measured];
 * NULL: none. Errors: ERR_LIMIT (bits, tables), ERR_UNSUPPORTED (nothing to invert), ERR_MEMORY. */
qst_status qsti_estimator_init(qst_ctx *ctx, const qst_readout *readout, const size_t *of_term, size_t group,
                               const double (*read)[4], qsti_estimator *out);
void qsti_estimator_clear(qsti_estimator *estimator);

/* frequencies (2^n_bits), of sum 1, read in n_shots, 0: exact. Adds to values and variances (K). room (2, 2^n_bits). */
void qsti_estimate(const qsti_estimator *estimator, const double *frequencies, uint64_t n_shots, double *room,
                   double *values, double *variances);

/* out (2^n_bits) = what each outcome counts in sum_k cotangent[k] output[k], errors of readout taken back and nothing
 * projected: linear, so without bias. */
void qsti_estimator_combine(const qsti_estimator *estimator, const double *cotangent, double *out);

#endif

/* gate_folding.h: circuits made noisier by folding gates: G -> G G^dagger G. */
#ifndef QSTI_MEASURE_GATE_FOLDING_H
#define QSTI_MEASURE_GATE_FOLDING_H

#include "noise/noise.h"

typedef struct qsti_folding_opts {
    double scale;           /* >= 1: gates after by gates before, of those that are folded */
    const qst_noise *noise; /* gates behind which it puts nothing are left alone; NULL: all are folded */
    /* (n_gates) names of the gates that inverses may be made of; NULL: any */
    const char *const *gates;
    size_t n_gates;
} qsti_folding_opts;

/* out_scale = the scale that was reached; 1 where no gate can be folded. Weights and features stay free. Errors:
 * ERR_UNSUPPORTED (a gate whose inverse cannot be made), those of the builder and of qsti_noise_behind(). Cost
 * O(operations). */
qst_status qsti_circuit_fold(qst_ctx *ctx, const qst_circuit *circuit, const qsti_folding_opts *opts, qst_circuit **out,
                             double *out_scale);

#endif

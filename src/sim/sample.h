/* sample.h: shots from probabilities that come in pieces. */
#ifndef QSTI_SIM_SAMPLE_H
#define QSTI_SIM_SAMPLE_H

#include "sim/program.h"

#define QSTI_SAMPLE_PIECE 256

/* out[n]: the probabilities of the basis states first .. +n-1, n at most QSTI_SAMPLE_PIECE and a divisor of first; from
 * any thread. They need not add up to 1. */
typedef void qsti_probabilities_fn(const void *user, size_t first, size_t n, double *out);

/* out[n_shots]. Errors: ERR_MEMORY. */
qst_status qsti_sample(qst_ctx *ctx, size_t dim, qsti_probabilities_fn *fn, const void *user, uint64_t seed,
                       size_t n_shots, uint32_t *out);

#endif

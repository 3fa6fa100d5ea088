/* fourier_set.h: sets of frequencies: the sums of given vectors with signs, and random members of them. */
#ifndef QSTI_LEARN_FOURIER_SET_H
#define QSTI_LEARN_FOURIER_SET_H

#include "learn/model_fourier.h"

/* Vectors v_r (n_vectors, n_features) whose sums s_r v_r, s_r in {-1, 0, 1}, are the set (circuit/spectrum.h). */
typedef struct qsti_signed_sums {
    const double *vectors;
    size_t n_vectors, n_features;
} qsti_signed_sums;

/* One of every pair of the set but 0, in lexicographic order of rounded entries; *out_n > limit, and *out empty, when
 * there are more than `limit` pairs. Errors: ERR_MEMORY. Cost: at most 3 limit vectors sorted for each v_r. */
qst_status qsti_frequencies_sums(qst_ctx *ctx, const qsti_signed_sums *sums, size_t limit, size_t *out_n,
                                 qsti_frequencies *out);

/* At most n distinct pairs of the set, drawn as s_r = -1, 0, 1 with chances 1/4, 1/2, 1/4: as often as products of
 * rotations give them. Fewer where no new one comes up in 100 n draws. */
qst_status qsti_frequencies_draw(qst_ctx *ctx, const qsti_signed_sums *sums, size_t n, uint64_t seed,
                                 qsti_frequencies *out);

/* n frequencies of independent normal entries with standard deviation `scale`. */
qst_status qsti_frequencies_gaussian(qst_ctx *ctx, size_t n_features, size_t n, double scale, uint64_t seed,
                                     qsti_frequencies *out);

#endif

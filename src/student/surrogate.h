/* surrogate.h: students that are fitted to the teacher's answers in one go: `fourier` and `random_fourier`. */
#ifndef QSTI_STUDENT_SURROGATE_H
#define QSTI_STUDENT_SURROGATE_H

#include "knowledge/knowledge.h"
#include "learn/train.h"

/* A surrogate for a dataset, coefficients 0, with the frequencies that its kind says: `fourier` all those of the
 * teacher's circuit (ERR_MISMATCH when the knowledge has no points of it); `random_fourier` opts->frequencies of them
 * drawn by seed, or, where no circuit is known, Gaussian ones. */
qst_status qsti_surrogate_create(qst_ctx *ctx, const qst_knowledge *knowledge, const qst_model_opts *opts,
                                 size_t n_features, size_t n_scores, uint64_t seed, qst_model **out);

/* Fits it: `fourier` to the knowledge's points, `random_fourier` by ridge regression to the teacher's scores of `train`
 * (as logits where they are probabilities). The outcome has no epochs; its training loss is the mean squared error on
 * what was fitted. What it came to is said to the log. */
qst_status qsti_surrogate_fit(qst_model *model, const qst_knowledge *knowledge, const qst_model_opts *opts,
                              const qst_train_data *train, qsti_train_outcome *out);

#endif

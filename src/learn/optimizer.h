/* optimizer.h: first-order steps on a flat array of weights: forward state, one call a step. */
#ifndef QSTI_LEARN_OPTIMIZER_H
#define QSTI_LEARN_OPTIMIZER_H

#include "base/memory.h"

#include <qstill/model.h>

/* moments: adam, adamw: first and second moment, (2, n); sgd: velocity, (1, n) used. */
typedef struct qsti_optimizer {
    qst_optimizer kind;
    double momentum, weight_decay;
    size_t n_weights;
    uint64_t step; /* steps done */
    double *moments;
} qsti_optimizer;

qst_status qsti_optimizer_init(qst_ctx *ctx, const qst_train_opts *opts, size_t n_weights, qsti_optimizer *out);
void qsti_optimizer_clear(qst_ctx *ctx, qsti_optimizer *optimizer);
void qsti_optimizer_reset(qsti_optimizer *optimizer);

/* weights <- one step against the gradient, spread over the context's threads. */
void qsti_optimizer_step(const qst_ctx *ctx, qsti_optimizer *optimizer, double learning_rate, const double *gradient,
                         double *weights);

/* Whether all are numbers; spread over the context's threads. */
bool qsti_weights_finite(const qst_ctx *ctx, const double *values, size_t n);

/* The learning rate after `done` of `total` steps. */
double qsti_schedule_rate(qst_schedule schedule, double learning_rate, size_t done, size_t total);
/* What goes from `from` in the first of n_epochs to `to` in the last, in epoch `epoch` (from 0). */
double qsti_schedule_between(qst_schedule schedule, double from, double to, size_t epoch, size_t n_epochs);

#endif

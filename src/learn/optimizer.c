/* optimizer.c: Adam [kingma2015], AdamW [loshchilov2019], SGD with momentum, as PyTorch computes them.
 *
 *   adam:  m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2,
 *          w -= rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps);  b1 = 0.9, b2 = 0.999, eps = 1e-8
 *          weight decay: adam g += decay * w;  adamw w -= rate * decay * w first
 *   sgd:   u = momentum * u + g + decay * w,  w -= rate * u
 * L-BFGS is not here: it owns its loop, see train_lbfgs.c.
 */
#include "learn/optimizer.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/finite.h"
#include "base/threads.h"
#include "kernels/optimizer_kernels.h"

#define BETA_1  0.9
#define BETA_2  0.999
#define EPSILON 1e-8

qst_status qsti_optimizer_init(qst_ctx *ctx, const qst_train_opts *opts, size_t n_weights, qsti_optimizer *out)
{
    qsti_optimizer optimizer = {opts->optimizer, opts->momentum, opts->weight_decay, n_weights, 0, NULL};
    size_t n = 0;
    if (!qsti_mul(2, n_weights, &n))
        return qsti_fail(ctx, QST_ERR_LIMIT, "%zu weights are too many", n_weights);
    qst_status status = QSTI_NEW(ctx, n, &optimizer.moments);
    if (status == QST_OK)
        *out = optimizer;
    return status;
}

void qsti_optimizer_clear(qst_ctx *ctx, qsti_optimizer *optimizer)
{
    qsti_free(ctx, optimizer->moments);
    optimizer->moments = NULL;
}

void qsti_optimizer_reset(qsti_optimizer *optimizer)
{
    optimizer->step = 0;
    memset(optimizer->moments, 0, 2 * optimizer->n_weights * sizeof *optimizer->moments);
}

/* --- one step ----------------------------------------------------------------------------------------------------- */

/* Weights at a time: every chunk goes to one thread, and its four arrays fit a cache. Elements do not depend on each
 * other, so bits do not depend on how they are cut. */
#define CHUNK ((size_t)8192)

typedef struct stride {
    const qsti_optimizer *optimizer;
    const qsti_optimizer_kernels *kernels;
    qsti_adam_rule adam;
    double momentum, rate; /* sgd */
    const double *gradient;
    double *weights;
} stride;

static qsti_adam_rule adam_rule(const qsti_optimizer *optimizer, double rate)
{
    double t = (double)optimizer->step, decay = optimizer->weight_decay;
    /* sqrt(v / (1 - b2^t)) + eps, taken times sqrt(1 - b2^t) on both sides of the fraction: one division a weight. */
    double correct_2 = sqrt(1 - pow(BETA_2, t));
    return (qsti_adam_rule){
        .beta_1 = BETA_1,
        .beta_2 = BETA_2,
        .pull = optimizer->kind == QST_OPTIMIZER_adamw ? 0 : decay,
        .keep = optimizer->kind == QST_OPTIMIZER_adamw ? 1 - rate * decay : 1,
        .step = rate / (1 - pow(BETA_1, t)) * correct_2,
        .epsilon = EPSILON * correct_2,
    };
}

static void move_chunk(void *arg, size_t item, int worker)
{
    const stride *work = arg;
    const qsti_optimizer *optimizer = work->optimizer;
    size_t first = item * CHUNK, left = optimizer->n_weights - first, n = left < CHUNK ? left : CHUNK;
    double *moments = optimizer->moments + first;
    (void)worker;
    if (optimizer->kind == QST_OPTIMIZER_sgd)
        work->kernels->sgd(work->momentum, optimizer->weight_decay, work->rate, work->gradient + first, n, moments,
                           work->weights + first);
    else
        work->kernels->adam(&work->adam, work->gradient + first, n, moments, moments + optimizer->n_weights,
                            work->weights + first);
}

void qsti_optimizer_step(const qst_ctx *ctx, qsti_optimizer *optimizer, double learning_rate, const double *gradient,
                         double *weights)
{
    optimizer->step++;
    stride work = {
        .optimizer = optimizer,
        .kernels = qsti_optimizer_kernels_best(),
        .adam = adam_rule(optimizer, learning_rate),
        .momentum = optimizer->step == 1 ? 0 : optimizer->momentum, /* the velocity begins as the gradient */
        .rate = learning_rate,
        .gradient = gradient,
        .weights = weights,
    };
    qsti_parallel_for(ctx, (optimizer->n_weights + CHUNK - 1) / CHUNK, move_chunk, &work);
}

/* --- looking at weights ------------------------------------------------------------------------------------------- */

typedef struct inspection {
    const double *values;
    size_t n;
    atomic_bool has_bad;
} inspection;

static void inspect_chunk(void *arg, size_t item, int worker)
{
    inspection *work = arg;
    size_t first = item * CHUNK, left = work->n - first;
    (void)worker;
    if (!qsti_all_finite(work->values + first, left < CHUNK ? left : CHUNK))
        atomic_store(&work->has_bad, true);
}

bool qsti_weights_finite(const qst_ctx *ctx, const double *values, size_t n)
{
    inspection work = {.values = values, .n = n};
    qsti_parallel_for(ctx, (n + CHUNK - 1) / CHUNK, inspect_chunk, &work);
    return !atomic_load(&work.has_bad);
}

/* --- the learning rate -------------------------------------------------------------------------------------------- */

double qsti_schedule_rate(qst_schedule schedule, double learning_rate, size_t done, size_t total)
{
    double s = (double)done / (double)total;
    switch (schedule) {
    case QST_SCHEDULE_linear:
        return learning_rate * (1 - s);
    case QST_SCHEDULE_cosine:
        return learning_rate * (1 + cos(M_PI * s)) / 2;
    case QST_SCHEDULE_constant:
    case QST_SCHEDULE_COUNT:
        break;
    }
    return learning_rate;
}

double qsti_schedule_between(qst_schedule schedule, double from, double to, size_t epoch, size_t n_epochs)
{
    if (schedule == QST_SCHEDULE_constant || epoch == 0)
        return from;
    if (epoch + 1 >= n_epochs)
        return to;
    return to + (from - to) * qsti_schedule_rate(schedule, 1, epoch, n_epochs - 1);
}

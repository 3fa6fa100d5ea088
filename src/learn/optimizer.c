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
#include <string.h>

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

static void adam(qsti_optimizer *optimizer, double rate, const double *restrict gradient, double *restrict weights)
{
    size_t n = optimizer->n_weights;
    double *restrict m = optimizer->moments, *restrict v = optimizer->moments + n;
    double t = (double)optimizer->step, decay = optimizer->weight_decay;
    /* sqrt(v / (1 - b2^t)) + eps, taken times sqrt(1 - b2^t) on both sides of the fraction: one division a weight. */
    double correct_2 = sqrt(1 - pow(BETA_2, t)), epsilon = EPSILON * correct_2;
    double step = rate / (1 - pow(BETA_1, t)) * correct_2;
    double keep = optimizer->kind == QST_OPTIMIZER_adamw ? 1 - rate * decay : 1;
    double pull = optimizer->kind == QST_OPTIMIZER_adamw ? 0 : decay;
    for (size_t i = 0; i < n; i++) {
        double g = gradient[i] + pull * weights[i];
        m[i] = BETA_1 * m[i] + (1 - BETA_1) * g;
        v[i] = BETA_2 * v[i] + (1 - BETA_2) * g * g;
        weights[i] = keep * weights[i] - step * m[i] / (sqrt(v[i]) + epsilon);
    }
}

static void sgd(qsti_optimizer *optimizer, double rate, const double *gradient, double *weights)
{
    for (size_t i = 0; i < optimizer->n_weights; i++) {
        double g = gradient[i] + optimizer->weight_decay * weights[i];
        optimizer->moments[i] = optimizer->step == 1 ? g : optimizer->momentum * optimizer->moments[i] + g;
        weights[i] -= rate * optimizer->moments[i];
    }
}

void qsti_optimizer_step(qsti_optimizer *optimizer, double learning_rate, const double *gradient, double *weights)
{
    optimizer->step++;
    if (optimizer->kind == QST_OPTIMIZER_sgd)
        sgd(optimizer, learning_rate, gradient, weights);
    else
        adam(optimizer, learning_rate, gradient, weights);
}

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

/* optimizer_lanes.c: one instruction set's table of optimizer_kernels.h; compiled once for each, and without fused
 * multiply-add, so that weights do not depend on the instruction set. */
#include "kernels/optimizer_kernels.h"

#include <math.h>

#include "kernels/per_isa.h"

static void adam(const qsti_adam_rule *rule, const double *restrict gradient, size_t n, double *restrict m,
                 double *restrict v, double *restrict weights)
{
    double beta_1 = rule->beta_1, beta_2 = rule->beta_2, rest_1 = 1 - beta_1, rest_2 = 1 - beta_2;
    double pull = rule->pull, keep = rule->keep, step = rule->step, epsilon = rule->epsilon;
    for (size_t i = 0; i < n; i++) {
        double g = gradient[i] + pull * weights[i];
        m[i] = beta_1 * m[i] + rest_1 * g;
        v[i] = beta_2 * v[i] + rest_2 * g * g;
        weights[i] = keep * weights[i] - step * m[i] / (sqrt(v[i]) + epsilon);
    }
}

static void sgd(double momentum, double decay, double rate, const double *restrict gradient, size_t n,
                double *restrict u, double *restrict weights)
{
    for (size_t i = 0; i < n; i++) {
        double g = gradient[i] + decay * weights[i];
        u[i] = momentum * u[i] + g;
        weights[i] -= rate * u[i];
    }
}

extern const qsti_optimizer_kernels GLUE(qsti_optimizer, _kernels, QSTI_ISA);
const qsti_optimizer_kernels GLUE(qsti_optimizer, _kernels, QSTI_ISA) = {.adam = adam, .sgd = sgd};

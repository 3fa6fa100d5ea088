/* optimizer_kernels.h: first-order steps on arrays of weights, one table per instruction set, all with the same bits:
 * every operation is rounded by itself, none is fused. */
#ifndef QSTI_KERNELS_OPTIMIZER_KERNELS_H
#define QSTI_KERNELS_OPTIMIZER_KERNELS_H

#include <stddef.h>

/* Adam [kingma2015]: g += pull w; m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2;
 * w = keep w - step m / (sqrt(v) + epsilon). */
typedef struct qsti_adam_rule {
    double beta_1, beta_2, pull, keep, step, epsilon;
} qsti_adam_rule;

typedef struct qsti_optimizer_kernels {
    void (*adam)(const qsti_adam_rule *rule, const double *gradient, size_t n, double *m, double *v, double *weights);
    /* g += decay w; u = momentum u + g; w -= rate u */
    void (*sgd)(double momentum, double decay, double rate, const double *gradient, size_t n, double *u,
                double *weights);
} qsti_optimizer_kernels;

/* The table of the instruction set in use (isa.h). */
const qsti_optimizer_kernels *qsti_optimizer_kernels_best(void);

#endif

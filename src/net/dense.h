/* dense.h: a dense layer z = W m + b on batches, forward beside backward.
 *
 * Row by row in a fixed order, so a row's result does not depend on the batch it comes in. W is (C, K), b (C), one
 * after the other in `weights`.
 */
#ifndef QSTI_NET_DENSE_H
#define QSTI_NET_DENSE_H

#include <qstill/base.h>

typedef struct qsti_dense {
    size_t n_in, n_out; /* K, C */
} qsti_dense;

static inline size_t qsti_dense_weights(qsti_dense layer)
{
    return layer.n_out * (layer.n_in + 1);
}

/* out (B, C) from in (B, K); transposed: scratch for K * C doubles. Cost B K C multiply-adds. */
void qsti_dense_forward(qsti_dense layer, const double *weights, const double *in, size_t n_rows, double *transposed,
                        double *out);

/* out_weights += dL/dweights, summed over rows in order; out_in (B, K) = dL/din, NULL: not wanted. */
void qsti_dense_backward(qsti_dense layer, const double *weights, const double *in, const double *cotangent,
                         size_t n_rows, double *out_weights, double *out_in);

#endif

/* dense.h: a dense layer z = W m + b on samples in lanes, forward beside backward.
 *
 * W is (C, K), b (C), one after the other in `weights`; samples are lines (columns, lanes), lanes a multiple of 8. A
 * sample's result does not depend on those beside it. The arithmetic is that of the instruction set in use.
 */
#ifndef QSTI_NET_DENSE_H
#define QSTI_NET_DENSE_H

#include <qstill/base.h>

#include "kernels/score_kernels.h"

typedef struct qsti_dense {
    size_t n_in, n_out; /* K, C */
    const qsti_score_kernels *kernels;
} qsti_dense;

qsti_dense qsti_dense_make(size_t n_in, size_t n_out);

static inline size_t qsti_dense_weights(size_t n_in, size_t n_out)
{
    return n_out * (n_in + 1);
}

/* out (C, lanes) from in (K, lanes). Cost lanes K C multiply-adds. */
void qsti_dense_forward(const qsti_dense *layer, const double *weights, const double *in, size_t lanes, double *out);

/* out_weights += dL/dweights, summed over lanes in order; out_in (K, lanes) = dL/din, NULL: not wanted. */
void qsti_dense_backward(const qsti_dense *layer, const double *weights, const double *in, const double *cotangent,
                         size_t lanes, double *out_weights, double *out_in);

#endif

/* dense.c: see dense.h; the sums are in kernels/scores.c. */
#include "net/dense.h"

qsti_dense qsti_dense_make(size_t n_in, size_t n_out)
{
    return (qsti_dense){n_in, n_out, qsti_score_kernels_best()};
}

void qsti_dense_forward(const qsti_dense *layer, const double *weights, const double *in, size_t lanes, double *out)
{
    layer->kernels->dense(weights, layer->n_in, layer->n_out, lanes, in, out);
}

void qsti_dense_backward(const qsti_dense *layer, const double *weights, const double *in, const double *cotangent,
                         size_t lanes, double *out_weights, double *out_in)
{
    layer->kernels->dense_back(weights, layer->n_in, layer->n_out, lanes, in, cotangent, out_weights, out_in);
}

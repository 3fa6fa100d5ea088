/* dense.c: see dense.h. The inner loops run over independent outputs, so that they vectorise without reordering any
 * sum. */
#include "net/dense.h"

#include <string.h>

void qsti_dense_forward(qsti_dense layer, const double *weights, const double *in, size_t n_rows, double *transposed,
                        double *out)
{
    size_t n_in = layer.n_in, n_out = layer.n_out;
    for (size_t c = 0; c < n_out; c++)
        for (size_t k = 0; k < n_in; k++)
            transposed[k * n_out + c] = weights[c * n_in + k];
    for (size_t row = 0; row < n_rows; row++) {
        double *restrict z = out + row * n_out;
        memcpy(z, weights + n_out * n_in, n_out * sizeof *z);
        for (size_t k = 0; k < n_in; k++) {
            double value = in[row * n_in + k];
            const double *restrict column = transposed + k * n_out;
            for (size_t c = 0; c < n_out; c++)
                z[c] += value * column[c];
        }
    }
}

void qsti_dense_backward(qsti_dense layer, const double *weights, const double *in, const double *cotangent,
                         size_t n_rows, double *out_weights, double *out_in)
{
    size_t n_in = layer.n_in, n_out = layer.n_out;
    for (size_t row = 0; row < n_rows; row++) {
        const double *restrict m = in + row * n_in, *dz = cotangent + row * n_out;
        if (out_in != NULL)
            memset(out_in + row * n_in, 0, n_in * sizeof *out_in);
        for (size_t c = 0; c < n_out; c++) {
            double *restrict dw = out_weights + c * n_in;
            for (size_t k = 0; k < n_in; k++)
                dw[k] += dz[c] * m[k];
            out_weights[n_out * n_in + c] += dz[c];
            if (out_in == NULL)
                continue;
            double *restrict dm = out_in + row * n_in;
            const double *restrict w = weights + c * n_in;
            for (size_t k = 0; k < n_in; k++)
                dm[k] += dz[c] * w[k];
        }
    }
}

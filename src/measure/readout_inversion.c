/* readout_inversion.c: see readout_inversion.h. What is read of a bit follows from it alone, so that the matrix of all
 * bits is the product of one 2x2 matrix each, and so is its inverse. */
#include "measure/readout_inversion.h"

#include <math.h>

qst_status qsti_readout_invert(qst_ctx *ctx, size_t bit, const double matrix[4], double out[4])
{
    double determinant = matrix[0] * matrix[3] - matrix[1] * matrix[2];
    if (!(fabs(determinant) > 1e-6))
        return qsti_fail(ctx, QST_ERR_UNSUPPORTED,
                         "readout mitigation: bit %zu reads 1 with probability %g for 0, %g for 1: nothing to invert",
                         bit, matrix[1], matrix[3]);
    out[0] = matrix[3] / determinant;
    out[1] = -matrix[1] / determinant;
    out[2] = -matrix[2] / determinant;
    out[3] = matrix[0] / determinant;
    return QST_OK;
}

void qsti_readout_tensor(const double (*matrices)[4], size_t n_bits, bool transposed, double *values)
{
    for (size_t k = 0; k < n_bits; k++) {
        const double *m = matrices[k];
        size_t bit = (size_t)1 << k;
        double from_one = transposed ? m[1] : m[2], to_one = transposed ? m[2] : m[1];
        for (size_t high = 0; high < (size_t)1 << n_bits; high += 2 * bit) {
            for (size_t i = high; i < high + bit; i++) {
                double zero = values[i], one = values[i + bit];
                values[i] = m[0] * zero + from_one * one;
                values[i + bit] = to_one * zero + m[3] * one;
            }
        }
    }
}

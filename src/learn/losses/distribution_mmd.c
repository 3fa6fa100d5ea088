/* distribution_mmd.c: maximum mean discrepancy of two distributions over bitstrings.                          [liu2018]
 *
 *   L = (P_S - P_T)^T K (P_S - P_T), K(b, b') = exp(-d(b, b') / (2 width^2)), d the Hamming distance: a Gaussian
 * kernel, for d is the squared distance of b and b' as vectors; dL/dP_S = 2 K (P_S - P_T)
 *
 * K is a product over the bits, [1 e; e 1] each with e = exp(-1 / (2 width^2)), so that it is applied bit by bit in
 * O(n 2^n). C is a power of two (the caller has checked).
 */
#include <math.h>

#include "learn/losses/losses.h"

static void apply_kernel(double *values, size_t n, double e)
{
    for (size_t bit = 1; bit < n; bit *= 2) {
        for (size_t b = 0; b < n; b++) {
            if (b & bit)
                continue;
            double low = values[b], high = values[b | bit];
            values[b] = low + e * high;
            values[b | bit] = e * low + high;
        }
    }
}

void qsti_loss_distribution_mmd(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    size_t n = batch->n_cols;
    double width = batch->parameters->width, e = exp(-0.5 / (width * width)), sum = 0, *spread = batch->work;
    for (size_t i = 0; i < batch->n_rows; i++) {
        const double *q = batch->student + i * n, *p = batch->teacher + i * n;
        for (size_t b = 0; b < n; b++)
            spread[b] = q[b] - p[b];
        apply_kernel(spread, n, e);
        for (size_t b = 0; b < n; b++) {
            sum += (q[b] - p[b]) * spread[b];
            if (batch->gradient != NULL)
                batch->gradient[i * n + b] += batch->weight * batch->per_row * 2 * spread[b];
        }
    }
    *out = (qsti_loss_result){.value = sum * batch->per_row, .unscaled = sum * batch->per_row};
}

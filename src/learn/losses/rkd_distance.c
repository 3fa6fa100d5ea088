/* rkd_distance.c: distances between samples, in units of their mean.                              [park2019]
 *
 *   s_ij = |z_i - z_j| / mu, mu the mean of all distances > 0; L = sum_ij h(s_ij - t_ij) / N^2, h Huber's with delta 1
 *
 * the mean over all N^2 ordered pairs, as the authors' code takes it. With g_ij = h'(s_ij - t_ij) / N^2:
 *   dL/d|z_i - z_j| = (g_ij - sum_kl g_kl s_kl / (number of distances > 0)) / mu
 * Samples at one place have distance 0 and no gradient between them.
 */
#include <math.h>

#include "learn/losses/losses.h"

typedef struct distances {
    double *values; /* (n, n), the upper triangle, over their mean */
    double mean;    /* 0: all samples are at one place */
    size_t n_apart; /* ordered pairs with a distance > 0 */
} distances;

static distances measure(const double *rows, size_t n_rows, size_t n_cols, double *values)
{
    distances out = {values, 0, 0};
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t j = i + 1; j < n_rows; j++) {
            double squares = 0;
            for (size_t c = 0; c < n_cols; c++) {
                double d = rows[i * n_cols + c] - rows[j * n_cols + c];
                squares += d * d;
            }
            values[i * n_rows + j] = sqrt(squares);
            out.mean += 2 * sqrt(squares);
            out.n_apart += squares > 0 ? 2 : 0;
        }
    }
    out.mean = out.n_apart > 0 ? out.mean / (double)out.n_apart : 0;
    for (size_t i = 0; i < n_rows && out.n_apart > 0; i++)
        for (size_t j = i + 1; j < n_rows; j++)
            values[i * n_rows + j] /= out.mean;
    return out;
}

static void pass_back(const qsti_loss_batch *batch, const distances *s, const double *slopes, double along)
{
    size_t n = batch->n_rows, n_cols = batch->n_cols;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            double distance = s->values[i * n + j] * s->mean;
            if (distance == 0)
                continue;
            double share = 2 * batch->weight * (slopes[i * n + j] - along) / (s->mean * distance);
            for (size_t c = 0; c < n_cols; c++) {
                double d = share * (batch->student[i * n_cols + c] - batch->student[j * n_cols + c]);
                batch->gradient[i * n_cols + c] += d;
                batch->gradient[j * n_cols + c] -= d;
            }
        }
    }
}

void qsti_loss_rkd_distance(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    size_t n = batch->n_rows;
    double *slopes = batch->work + 2 * n * n, per_pair = 1 / ((double)n * (double)n), value = 0, along = 0;
    distances s = measure(batch->student, n, batch->n_cols, batch->work);
    distances t = measure(batch->teacher, n, batch->n_cols, batch->work + n * n);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            double d = s.values[i * n + j] - t.values[i * n + j];
            value += 2 * per_pair * qsti_loss_huber_value(d, 1);
            slopes[i * n + j] = per_pair * qsti_loss_huber_slope(d, 1);
            along += 2 * slopes[i * n + j] * s.values[i * n + j];
        }
    }
    *out = (qsti_loss_result){value, value, 0};
    if (batch->gradient != NULL && s.n_apart > 0)
        pass_back(batch, &s, slopes, along / (double)s.n_apart);
}

/* rkd_angle.c: the angle that two samples make at a third.                                       [park2019]
 *
 *   u_ij = (z_i - z_j) / |z_i - z_j|, s_ijk = u_ij . u_kj; L = sum over j and i != k of h(s_ijk - t_ijk) / N^3, h
 * Huber's with delta 1
 *
 * the mean over all N^3 triples, as the authors' code takes it. Two samples at one place make no angle: u = 0. Time
 * O(N^3 C).
 */
#include <math.h>

#include "learn/losses/losses.h"

/* u (n_rows, n_cols): from row j to the others; norms (n_rows). */
static void look_from(const double *rows, size_t j, size_t n_rows, size_t n_cols, double *u, double *norms)
{
    for (size_t i = 0; i < n_rows; i++) {
        double *at = u + i * n_cols;
        for (size_t c = 0; c < n_cols; c++)
            at[c] = rows[i * n_cols + c] - rows[j * n_cols + c];
        norms[i] = sqrt(qsti_loss_dot(at, at, n_cols));
        for (size_t c = 0; c < n_cols && norms[i] > 0; c++)
            at[c] /= norms[i];
    }
}

/* Adds along (n_rows, n_cols) = dL/du to the gradient. */
static void pass_back(const qsti_loss_batch *batch, size_t j, const double *u, const double *norms, const double *along)
{
    size_t n_cols = batch->n_cols;
    for (size_t i = 0; i < batch->n_rows; i++) {
        const double *at = u + i * n_cols, *g = along + i * n_cols;
        if (norms[i] == 0)
            continue;
        double outward = qsti_loss_dot(at, g, n_cols);
        for (size_t c = 0; c < n_cols; c++) {
            double d = batch->weight * (g[c] - outward * at[c]) / norms[i];
            batch->gradient[i * n_cols + c] += d;
            batch->gradient[j * n_cols + c] -= d;
        }
    }
}

void qsti_loss_rkd_angle(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    size_t n = batch->n_rows, n_cols = batch->n_cols, n_all = n * n_cols;
    double *s = batch->work, *t = s + n_all, *along = t + n_all, *norms = along + n_all, *ignored = norms + n;
    double per_triple = 1 / ((double)n * (double)n * (double)n), value = 0;
    for (size_t j = 0; j < n; j++) {
        look_from(batch->student, j, n, n_cols, s, norms);
        look_from(batch->teacher, j, n, n_cols, t, ignored);
        for (size_t i = 0; i < n_all; i++)
            along[i] = 0;
        for (size_t i = 0; i < n; i++) {
            for (size_t k = i + 1; k < n; k++) {
                const double *a = s + i * n_cols, *b = s + k * n_cols;
                double d = qsti_loss_dot(a, b, n_cols) - qsti_loss_dot(t + i * n_cols, t + k * n_cols, n_cols);
                double slope = 2 * per_triple * qsti_loss_huber_slope(d, 1);
                value += 2 * per_triple * qsti_loss_huber_value(d, 1);
                for (size_t c = 0; c < n_cols; c++) {
                    along[i * n_cols + c] += slope * b[c];
                    along[k * n_cols + c] += slope * a[c];
                }
            }
        }
        if (batch->gradient != NULL)
            pass_back(batch, j, s, norms, along);
    }
    *out = (qsti_loss_result){value, value, 0};
}

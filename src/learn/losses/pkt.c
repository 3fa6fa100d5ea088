/* pkt.c: probabilistic knowledge transfer: how probable each sample is as another's neighbour. [passalis2018]
 *
 *   K_ij = (cos(z_i, z_j) + 1) / 2, P_ij = K_ij / sum_k K_ik, L = mean over i of sum_j P^T_ij ln(P^T_ij / P^S_ij)
 *
 * The paper's with the authors' cosine kernel, each sample counted among its own neighbours as in their code;
 * they divide by N once more. dL/dK_ij = (1 - P^T_ij / P^S_ij) / (N sum_k K_ik). A sample whose scores are all 0 has
 * cosine 0 to all, without a gradient.
 */
#include <math.h>

#include "learn/losses/losses.h"

/* u (n_rows, n_cols) = rows of norm 1, or 0; norms (n_rows). Gives how many are 0. */
static size_t unit_rows(const double *rows, size_t n_rows, size_t n_cols, double *u, double *norms)
{
    size_t n_zero = 0;
    for (size_t i = 0; i < n_rows; i++) {
        norms[i] = sqrt(qsti_loss_dot(rows + i * n_cols, rows + i * n_cols, n_cols));
        n_zero += norms[i] == 0;
        for (size_t c = 0; c < n_cols; c++)
            u[i * n_cols + c] = norms[i] > 0 ? rows[i * n_cols + c] / norms[i] : 0;
    }
    return n_zero;
}

/* k (n, n): cosines in, probabilities out; sums (n) of the kernel's rows. */
static void probabilities(double *k, size_t n, double *sums)
{
    for (size_t i = 0; i < n; i++) {
        sums[i] = 0;
        for (size_t j = 0; j < n; j++) {
            double kernel = (k[i * n + j] + 1) / 2;
            k[i * n + j] = kernel > 0 ? kernel : 0;
            sums[i] += k[i * n + j];
        }
        for (size_t j = 0; j < n; j++)
            k[i * n + j] /= sums[i];
    }
}

/* out (n, n_cols) = dL/du (n, n_cols) to the scores, whose lengths do not matter. */
static void pass_back(const qsti_loss_batch *batch, const double *u, const double *norms, const double *along)
{
    size_t n_cols = batch->n_cols;
    for (size_t i = 0; i < batch->n_rows; i++) {
        const double *at = u + i * n_cols, *g = along + i * n_cols;
        double outward = qsti_loss_dot(at, g, n_cols);
        for (size_t c = 0; c < n_cols && norms[i] > 0; c++)
            batch->gradient[i * n_cols + c] += (g[c] - outward * at[c]) / norms[i];
    }
}

void qsti_loss_pkt(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    size_t n = batch->n_rows, n_all = n * batch->n_cols;
    double *s = batch->work, *t = s + n * n, *u_s = t + n * n, *u_t = u_s + n_all, *along = u_t + n_all;
    double *norms = along + n_all, *sums = norms + n, *ignored = sums + n, value = 0;
    *out = (qsti_loss_result){0};
    out->n_skipped += unit_rows(batch->teacher, n, batch->n_cols, u_t, ignored);
    out->n_skipped += unit_rows(batch->student, n, batch->n_cols, u_s, norms);
    qsti_loss_gram(u_t, n, batch->n_cols, t);
    qsti_loss_gram(u_s, n, batch->n_cols, s);
    probabilities(t, n, ignored);
    probabilities(s, n, sums);
    for (size_t i = 0; i < n * n; i++) {
        value += qsti_loss_divergence_term(t[i], s[i]) / (double)n;
        double ratio = t[i] <= 0 ? 0 : s[i] > 0 ? t[i] / s[i] : 1;
        s[i] = batch->weight * (1 - ratio) / (2 * (double)n * sums[i / n]);
    }
    out->value = out->unscaled = value;
    if (batch->gradient == NULL)
        return;
    for (size_t i = 0; i < n_all; i++)
        along[i] = 0;
    qsti_loss_gram_back(u_s, s, n, batch->n_cols, along);
    pass_back(batch, u_s, norms, along);
}

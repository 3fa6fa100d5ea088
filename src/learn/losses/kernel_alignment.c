/* kernel_alignment.c: the linear kernels of both, K = Z Z^T over the batch, are to have one direction.
 *
 *   L = 1 - <K_T, K_S> / (|K_T| |K_S|), Frobenius products                             [cristianini2001]; [liu2025]
 *
 * What turns or scales all scores of a side changes nothing.
 */
#include "learn/losses/losses.h"

void qsti_loss_kernel_alignment(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    size_t n = batch->n_rows;
    double *s = batch->work, *t = s + n * n, *along = t + n * n;
    *out = (qsti_loss_result){0};
    qsti_loss_gram(batch->student, n, batch->n_cols, s);
    qsti_loss_gram(batch->teacher, n, batch->n_cols, t);
    for (size_t i = 0; i < n * n; i++)
        along[i] = 0;
    out->value = qsti_loss_cosine_distance(s, t, n * n, batch->weight, along, &out->n_skipped);
    out->unscaled = out->value;
    if (batch->gradient != NULL)
        qsti_loss_gram_back(batch->student, along, n, batch->n_cols, batch->gradient);
}

/* similarity_preserving.c: samples that are similar to the teacher are to be similar to the student.        [tung2019]
 *
 *   Q = F F^T, G = Q with rows divided by their norm, L = |G_T - G_S|^2 / N^2
 *
 * F are the scores. With E = 2 (G_S - G_T) / N^2 row by row: dL/dQ_i = (E_i - (E_i . G_i) G_i) / |Q_i|. Rows of zeros
 * have no similarity: their part is 0, and they are counted. As the paper has it the sum over N^2 pairs, whose G are of
 * size 1/sqrt N, is divided by N^2: the batch twice over gives half the loss.
 */
#include "learn/losses/losses.h"

void qsti_loss_similarity_preserving(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    size_t n = batch->n_rows;
    double *s = batch->work, *t = s + n * n, *slope = t + n * n;
    *out = (qsti_loss_result){0};
    qsti_loss_gram(batch->student, n, batch->n_cols, s);
    qsti_loss_gram(batch->teacher, n, batch->n_cols, t);
    out->value = out->unscaled = qsti_loss_similarity(s, t, n, batch->weight, slope, &out->n_skipped);
    if (batch->gradient != NULL)
        qsti_loss_gram_back(batch->student, slope, n, batch->n_cols, batch->gradient);
}

/* ce.c: hard-label cross-entropy, -ln softmax(z)_y; d/dz = softmax(z) - onehot(y). Rows without a label have none. */
#include "kernels/score_kernels.h"
#include "learn/losses/losses.h"

void qsti_loss_ce(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    const qsti_score_kernels *kernels = qsti_score_kernels_best();
    size_t n = batch->n_cols;
    const double weight = batch->weight * batch->per_row;
    double sum = 0;
    for (size_t i = 0; i < batch->n_rows && batch->labels != NULL; i++) {
        double value = 0, *gradient = batch->gradient == NULL ? NULL : batch->gradient + i * n;
        if (batch->labels[i] < 0)
            continue;
        kernels->cross_entropy(batch->student + i * n, n, 1, &batch->labels[i], &weight, batch->work, &value, gradient);
        sum += value;
    }
    *out = (qsti_loss_result){.value = sum * batch->per_row, .unscaled = sum * batch->per_row};
}

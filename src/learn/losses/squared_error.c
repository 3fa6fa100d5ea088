/* squared_error.c: logit_mse [kim2021] and expectation_mse: sum_c (z_c - t_c)^2 per sample; d/dz = 2 (z - t). What the
 * numbers mean is the caller's. */
#include "learn/losses/losses.h"

static void squared_error(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    double sum = 0;
    for (size_t i = 0; i < batch->n_rows * batch->n_cols; i++) {
        double d = batch->student[i] - batch->teacher[i];
        sum += d * d;
        if (batch->gradient != NULL)
            batch->gradient[i] += batch->weight * batch->per_row * 2 * d;
    }
    *out = (qsti_loss_result){.value = sum * batch->per_row, .unscaled = sum * batch->per_row};
}

void qsti_loss_logit_mse(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    squared_error(batch, out);
}

void qsti_loss_expectation_mse(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    squared_error(batch, out);
}

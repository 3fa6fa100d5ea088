/* huber.c: the squared error with a straight tail, so that a noisy answer of the teacher pulls no harder than delta:
 * sum_c h(z_c - t_c), h(d) = d^2/2 for |d| <= delta, else delta (|d| - delta/2); h'(d) = d cut to [-delta, delta].
 *                                                                                                          [huber1964]
 */
#include "learn/losses/losses.h"

void qsti_loss_huber(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    double sum = 0, delta = batch->parameters->delta;
    for (size_t i = 0; i < batch->n_rows * batch->n_cols; i++) {
        double d = batch->student[i] - batch->teacher[i];
        sum += qsti_loss_huber_value(d, delta);
        if (batch->gradient != NULL)
            batch->gradient[i] += batch->weight * batch->per_row * qsti_loss_huber_slope(d, delta);
    }
    *out = (qsti_loss_result){.value = sum * batch->per_row, .unscaled = sum * batch->per_row};
}

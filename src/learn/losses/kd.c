/* kd.c: knowledge distillation, T^2 KL(softmax(t/T) || softmax(z/T)) per sample; d/dz = T (softmax(z/T) -
 * softmax(t/T)). [hinton2015]
 */
#include "learn/losses/losses.h"

void qsti_loss_kd(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    size_t n = batch->n_cols;
    double kl = 0, scaled = 0;
    for (size_t i = 0; i < batch->n_rows; i++) {
        double *gradient = batch->gradient == NULL ? NULL : batch->gradient + i * n;
        qsti_soft_row row = qsti_loss_soft_row(batch->teacher + i * n, batch->student + i * n, n, batch->temperature,
                                               batch->weight * batch->per_row, batch->work, gradient);
        kl += row.kl;
        scaled += row.scaled;
    }
    *out = (qsti_loss_result){.value = scaled * batch->per_row, .unscaled = kl * batch->per_row};
}

/* tf_kd.c: distillation from a virtual teacher, made by hand.                                             [yuan2020]
 *
 *   p(c) = a for the label, (1 - a)/(C - 1) for the others; L = T^2 KL(softmax(ln p / T) || softmax(z/T)) per sample
 *
 * A control: soft targets without a teacher. Rows without a label have none.
 */
#include <math.h>

#include "learn/losses/losses.h"

void qsti_loss_tf_kd(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    size_t n = batch->n_cols;
    double confidence = batch->parameters->confidence, *t = batch->work, *work = t + n, kl = 0, scaled = 0;
    double sure = log(confidence), unsure = n > 1 ? log((1 - confidence) / (double)(n - 1)) : sure;
    for (size_t i = 0; i < batch->n_rows && batch->labels != NULL; i++) {
        if (batch->labels[i] < 0)
            continue;
        for (size_t c = 0; c < n; c++)
            t[c] = c == (size_t)batch->labels[i] ? sure : unsure;
        qsti_soft_row row =
            qsti_loss_soft_row(t, batch->student + i * n, n, batch->temperature, batch->weight * batch->per_row, work,
                               batch->gradient == NULL ? NULL : batch->gradient + i * n);
        kl += row.kl;
        scaled += row.scaled;
    }
    *out = (qsti_loss_result){.value = scaled * batch->per_row, .unscaled = kl * batch->per_row};
}

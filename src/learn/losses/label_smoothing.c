/* label_smoothing.c: cross-entropy to the label made less certain, q = (1 - e) onehot(y) + e/C: -sum_c q_c ln
 * softmax(z)_c; d/dz = softmax(z) - q. A control: soft targets without a teacher. Rows without a label have none.
 * [szegedy2016], sec. 7
 */
#include <math.h>

#include "learn/losses/losses.h"
#include "learn/softmax.h"

void qsti_loss_label_smoothing(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    size_t n = batch->n_cols;
    double *log_p = batch->work, sum = 0, rest = batch->parameters->smoothing / (double)n;
    for (size_t i = 0; i < batch->n_rows && batch->labels != NULL; i++) {
        if (batch->labels[i] < 0)
            continue;
        qsti_log_softmax(batch->student + i * n, n, 1, log_p);
        for (size_t c = 0; c < n; c++) {
            double q = rest + (c == (size_t)batch->labels[i] ? 1 - batch->parameters->smoothing : 0);
            sum -= q > 0 ? q * log_p[c] : 0;
            if (batch->gradient != NULL)
                batch->gradient[i * n + c] += batch->weight * batch->per_row * (exp(log_p[c]) - q);
        }
    }
    *out = (qsti_loss_result){.value = sum * batch->per_row, .unscaled = sum * batch->per_row};
}

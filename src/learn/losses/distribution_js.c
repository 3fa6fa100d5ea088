/* distribution_js.c: the Jensen-Shannon divergence, KL(P_T || A) / 2 + KL(P_S || A) / 2 with A = (P_T + P_S) / 2, at
 * most ln 2; d/dP_S = ln(P_S / A) / 2. [lin1991]
 */
#include <math.h>

#include "learn/losses/losses.h"
#include "learn/softmax.h"

void qsti_loss_distribution_js(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    double sum = 0;
    for (size_t i = 0; i < batch->n_rows * batch->n_cols; i++) {
        double p = batch->teacher[i], q = batch->student[i], mean = (p + q) / 2;
        sum += (qsti_loss_divergence_term(p, mean) + qsti_loss_divergence_term(q, mean)) / 2;
        double slope = q > QSTI_PROBABILITY_FLOOR ? log1p((q - p) / (p + q)) / 2 : 0;
        if (batch->gradient != NULL)
            batch->gradient[i] += batch->weight * batch->per_row * slope;
    }
    *out = (qsti_loss_result){.value = sum * batch->per_row, .unscaled = sum * batch->per_row};
}

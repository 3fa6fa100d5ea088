/* distribution_tvd.c: total variation distance, sum_b |P_T(b) - P_S(b)| / 2; d/dP_S = sign(P_S - P_T) / 2, 0 where both
 * are equal. From samples it is biased upwards; here probabilities are exact. [gibbs2002]
 */
#include <math.h>

#include "learn/losses/losses.h"

void qsti_loss_distribution_tvd(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    double sum = 0;
    for (size_t i = 0; i < batch->n_rows * batch->n_cols; i++) {
        double d = batch->student[i] - batch->teacher[i];
        sum += fabs(d) / 2;
        if (batch->gradient != NULL)
            batch->gradient[i] += batch->weight * batch->per_row * ((d > 0) - (d < 0)) / 2;
    }
    *out = (qsti_loss_result){.value = sum * batch->per_row, .unscaled = sum * batch->per_row};
}

/* distribution_hellinger.c: the squared Hellinger distance, sum_b (sqrt P_T - sqrt P_S)^2 / 2 = 1 - sum_b sqrt(P_T
 * P_S); d/dP_S = (1 - sqrt(P_T / P_S)) / 2. Where P_S is below the floor there is no gradient, unless P_T is 0.
 * [gibbs2002]
 */
#include <math.h>

#include "learn/losses/losses.h"
#include "learn/softmax.h"

void qsti_loss_distribution_hellinger(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    double sum = 0;
    for (size_t i = 0; i < batch->n_rows * batch->n_cols; i++) {
        double p = batch->teacher[i], q = batch->student[i], d = sqrt(p) - sqrt(q);
        sum += d * d / 2;
        double slope = p <= 0 ? 0.5 : q > QSTI_PROBABILITY_FLOOR ? (1 - sqrt(p / q)) / 2 : 0;
        if (batch->gradient != NULL)
            batch->gradient[i] += batch->weight * batch->per_row * slope;
    }
    *out = (qsti_loss_result){.value = sum * batch->per_row, .unscaled = sum * batch->per_row};
}

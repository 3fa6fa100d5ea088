/* distribution_kl.c: KL(P_T || P_S) = sum_b P_T(b) ln(P_T(b) / P_S(b)) of distributions over bitstrings, or classes.
 * [kullback1951]
 *
 * Summed as P_T ln(P_T/P_S) - P_T + P_S, which is the same for rows that sum to 1, is never below 0, and is exactly 0
 * where both are equal; d/dP_S = 1 - P_T/P_S, which differs from -P_T/P_S by what no change of a distribution sees.
 * Where P_S is below the floor there is no gradient, unless P_T is 0.
 */
#include "learn/losses/losses.h"
#include "learn/softmax.h"

void qsti_loss_distribution_kl(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    double sum = 0;
    for (size_t i = 0; i < batch->n_rows * batch->n_cols; i++) {
        double p = batch->teacher[i], q = batch->student[i];
        sum += qsti_loss_divergence_term(p, q);
        double slope = p <= 0 ? 1 : q > QSTI_PROBABILITY_FLOOR ? 1 - p / q : 0;
        if (batch->gradient != NULL)
            batch->gradient[i] += batch->weight * batch->per_row * slope;
    }
    *out = (qsti_loss_result){.value = sum * batch->per_row, .unscaled = sum * batch->per_row};
}

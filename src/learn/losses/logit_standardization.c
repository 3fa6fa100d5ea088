/* logit_standardization.c: distillation of standardised scores.                                           [sun2024]
 *
 *   s(z) = (z - mean z) / std z per sample (std over C, not C - 1), L = T^2 KL(softmax(s(t)/T) || softmax(s(z)/T))
 *
 * so the student matches the teacher's order and relations, not its scale and shift. With g = dL/ds:
 *   dL/dz = (g - mean g - s mean(g s)) / std z
 * Rows with equal scores have no s: their term is 0, and they are counted.
 */
#include <math.h>

#include "learn/losses/losses.h"

/* Gives the standard deviation; 0 where all are equal. */
static double standardise(const double *z, size_t n, double *out)
{
    double mean = 0, squares = 0;
    bool equal = true;
    for (size_t c = 0; c < n; c++) {
        mean += z[c] / (double)n;
        equal = equal && z[c] == z[0];
    }
    if (equal)
        return 0;
    for (size_t c = 0; c < n; c++) {
        out[c] = z[c] - mean;
        squares += out[c] * out[c];
    }
    double deviation = sqrt(squares / (double)n);
    for (size_t c = 0; c < n; c++)
        out[c] /= deviation;
    return deviation;
}

static void pass_back(const double *s, const double *g, size_t n, double deviation, double *gradient)
{
    double mean = 0, along = 0;
    for (size_t c = 0; c < n; c++) {
        mean += g[c] / (double)n;
        along += g[c] * s[c] / (double)n;
    }
    for (size_t c = 0; c < n; c++)
        gradient[c] += (g[c] - mean - s[c] * along) / deviation;
}

void qsti_loss_logit_standardization(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    size_t n = batch->n_cols;
    double *t = batch->work, *z = t + n, *g = z + n, *work = g + n, kl = 0, scaled = 0;
    *out = (qsti_loss_result){0};
    for (size_t i = 0; i < batch->n_rows; i++) {
        double deviation = standardise(batch->student + i * n, n, z);
        if (standardise(batch->teacher + i * n, n, t) == 0 || deviation == 0) {
            out->n_skipped++;
            continue;
        }
        for (size_t c = 0; c < n; c++)
            g[c] = 0;
        qsti_soft_row row = qsti_loss_soft_row(t, z, n, batch->temperature, batch->weight * batch->per_row, work, g);
        kl += row.kl;
        scaled += row.scaled;
        if (batch->gradient != NULL)
            pass_back(z, g, n, deviation, batch->gradient + i * n);
    }
    out->value = scaled * batch->per_row;
    out->unscaled = kl * batch->per_row;
}

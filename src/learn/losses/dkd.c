/* dkd.c: decoupled knowledge distillation: KL split at the label's class y.                                [zhao2022]
 *
 *   KL(p_T || p_S) = TCKD + (1 - p_T,y) NCKD
 *   TCKD = KL of (p_y, 1 - p_y); NCKD = KL of the other classes among themselves, p_c / (1 - p_y)
 *   L = T^2 (target TCKD + nontarget NCKD) per sample
 *
 * TCKD is the divergence of two scores, z_y and r = T ln sum_{c != y} e^(z_c/T), so dr/dz_c = softmax over the others;
 * NCKD that of the C - 1 others. A row without a label takes the teacher's best class for y.
 */
#include <math.h>

#include "learn/losses/losses.h"
#include "learn/softmax.h"

/* The scores without that of y. */
static void leave_out(const double *z, size_t n, size_t y, double *out)
{
    for (size_t c = 0; c + 1 < n; c++)
        out[c] = z[c < y ? c : c + 1];
}

/* T ln sum_c e^(z_c/T). */
static double log_sum(const double *z, size_t n, double temperature)
{
    double top = z[0], sum = 0;
    for (size_t c = 1; c < n; c++)
        top = z[c] > top ? z[c] : top;
    for (size_t c = 0; c < n; c++)
        sum += exp((z[c] - top) / temperature);
    return top + temperature * log(sum);
}

typedef struct split_row {
    const double *t, *z;
    size_t n, y;
    double weight;
    double *gradient; /* (n) */
} split_row;

/* One row; work: 2 (n - 1) scores, (n - 1) of a gradient, and that of qsti_loss_soft_row(). */
static void dkd_row(const qsti_loss_batch *batch, const split_row *row, qsti_soft_row *sum)
{
    size_t n = row->n - 1, y = row->y;
    double *t = batch->work, *z = t + n, *g = z + n, *work = g + n;
    double temperature = batch->temperature, target = batch->parameters->target, rest = batch->parameters->nontarget;
    leave_out(row->t, row->n, y, t);
    leave_out(row->z, row->n, y, z);
    double rest_t = log_sum(t, n, temperature), rest_z = log_sum(z, n, temperature);
    const double two_t[2] = {row->t[y], rest_t}, two_z[2] = {row->z[y], rest_z};
    double two_g[2] = {0, 0}, two_work[6];
    for (size_t c = 0; c < n; c++)
        g[c] = 0;
    qsti_soft_row tckd = qsti_loss_soft_row(two_t, two_z, 2, temperature, row->weight * target, two_work, two_g);
    qsti_soft_row nckd = qsti_loss_soft_row(t, z, n, temperature, row->weight * rest, work, g);
    sum->kl += target * tckd.kl + rest * nckd.kl;
    sum->scaled += target * tckd.scaled + rest * nckd.scaled;
    if (row->gradient == NULL)
        return;
    row->gradient[y] += two_g[0];
    for (size_t c = 0; c < n; c++)
        row->gradient[c < y ? c : c + 1] += g[c] + two_g[1] * exp((z[c] - rest_z) / temperature);
}

void qsti_loss_dkd(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    size_t n = batch->n_cols;
    qsti_soft_row sum = {0};
    for (size_t i = 0; i < batch->n_rows; i++) {
        split_row row = {
            .t = batch->teacher + i * n,
            .z = batch->student + i * n,
            .n = n,
            .weight = batch->weight * batch->per_row,
            .gradient = batch->gradient == NULL ? NULL : batch->gradient + i * n,
        };
        bool labelled = batch->labels != NULL && batch->labels[i] >= 0;
        row.y = labelled ? (size_t)batch->labels[i] : qsti_argmax(row.t, n);
        dkd_row(batch, &row, &sum);
    }
    *out = (qsti_loss_result){.value = sum.scaled * batch->per_row, .unscaled = sum.kl * batch->per_row};
}

/* dist.c: the student keeps the teacher's correlations, not its values.                                   [huang2022]
 *
 *   inter = mean over samples of 1 - rho(row of P_T, row of P_S)
 *   intra = mean over classes of 1 - rho(column of P_T, column of P_S)
 *   dist      L = T^2 (w_inter inter + w_intra intra), P = softmax(z/T); T^2 as in the authors' code
 *   dist_raw  the same of the scores themselves, without T: what scales and shifts them changes nothing
 *
 * rho: Pearson's correlation, 1 - rho = |a - b|^2 / 2 of centred vectors of norm 1. Centring is its own transpose, and
 * the gradient is centred already. A row or column of equal numbers has no direction: its term is 0, and it is counted.
 */
#include <math.h>

#include "learn/losses/losses.h"
#include "learn/softmax.h"

/* Centres in place; equal numbers become exactly 0. */
static void centre(double *values, size_t n)
{
    double mean = 0;
    bool equal = true;
    for (size_t i = 0; i < n; i++) {
        mean += values[i] / (double)n;
        equal = equal && values[i] == values[0];
    }
    for (size_t i = 0; i < n; i++)
        values[i] = equal ? 0 : values[i] - mean;
}

/* A line of a matrix, a row or a column. */
typedef struct line {
    size_t first, step, n;
} line;

typedef struct matching {
    const double *student, *teacher;
    double *gradient;      /* NULL: not wanted */
    double *a, *b, *along; /* room for a line each */
    size_t n_skipped;
} matching;

static double match_line(matching *work, line at, double weight)
{
    for (size_t i = 0; i < at.n; i++) {
        work->a[i] = work->student[at.first + i * at.step];
        work->b[i] = work->teacher[at.first + i * at.step];
        work->along[i] = 0;
    }
    centre(work->a, at.n);
    centre(work->b, at.n);
    double value = qsti_loss_cosine_distance(work->a, work->b, at.n, weight, work->along, &work->n_skipped);
    for (size_t i = 0; i < at.n && work->gradient != NULL; i++)
        work->gradient[at.first + i * at.step] += work->along[i];
    return value;
}

/* The loss of two matrices; `scale` is T^2. */
static double match(matching *work, const qsti_loss_batch *batch, double scale)
{
    size_t n_rows = batch->n_rows, n_cols = batch->n_cols;
    double inter = batch->parameters->inter / (double)n_rows, intra = batch->parameters->intra / (double)n_cols;
    double sum = 0;
    for (size_t i = 0; i < n_rows && inter > 0; i++)
        sum += inter * match_line(work, (line){i * n_cols, 1, n_cols}, batch->weight * scale * inter);
    for (size_t c = 0; c < n_cols && intra > 0; c++)
        sum += intra * match_line(work, (line){c, n_cols, n_rows}, batch->weight * scale * intra);
    return sum;
}

static matching prepare(const qsti_loss_batch *batch, double *lines)
{
    size_t longest = batch->n_rows > batch->n_cols ? batch->n_rows : batch->n_cols;
    return (matching){batch->student, batch->teacher, batch->gradient, lines, lines + longest, lines + 2 * longest, 0};
}

void qsti_loss_dist_raw(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    matching work = prepare(batch, batch->work);
    double value = match(&work, batch, 1);
    *out = (qsti_loss_result){value, value, work.n_skipped};
}

void qsti_loss_dist(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    size_t n = batch->n_cols, n_all = batch->n_rows * n;
    double *student = batch->work, *teacher = student + n_all, *along = teacher + n_all, t = batch->temperature;
    matching work = prepare(batch, along + n_all);
    for (size_t i = 0; i < n_all; i += n) {
        qsti_log_softmax(batch->student + i, n, t, student + i);
        qsti_log_softmax(batch->teacher + i, n, t, teacher + i);
    }
    for (size_t i = 0; i < n_all; i++) {
        student[i] = exp(student[i]);
        teacher[i] = exp(teacher[i]);
        along[i] = 0;
    }
    work.student = student;
    work.teacher = teacher;
    work.gradient = along;
    double value = match(&work, batch, t * t);
    *out = (qsti_loss_result){t * t * value, value, work.n_skipped};
    for (size_t i = 0; i < n_all && batch->gradient != NULL; i += n) {
        double mean = qsti_loss_dot(student + i, along + i, n);
        for (size_t c = i; c < i + n; c++)
            batch->gradient[c] += student[c] * (along[c] - mean) / t;
    }
}

/* loss_parts.c: what several losses are made of: the softened divergence of a row, cosines, divergence terms, Huber's
 * function, matrices of all pairs.
 */
#include "learn/losses/losses.h"

#include <math.h>

#include "kernels/score_kernels.h"
#include "learn/softmax.h"

/* --- the table ---------------------------------------------------------------------------------------------------- */

qsti_loss_fn *qsti_loss_function(qst_loss loss)
{
    static qsti_loss_fn *const functions[] = {
#define QST_LOSS(name, ...) qsti_loss_##name,
#include <qstill/losses.def>
#undef QST_LOSS
    };
    return functions[loss];
}

/* A few rows for all, some matrices of the scores' shape for those of a batch, and of pairs for those of pairs. */
bool qsti_loss_work(qst_loss loss, size_t n_rows, size_t n_cols, size_t *out)
{
    qst_loss_level level = qst_loss_describe(loss)->level;
    const size_t limit = SIZE_MAX / 64;
    size_t rows = level == QST_LEVEL_SAMPLE ? 1 : n_rows;
    if (n_rows > limit || n_cols > limit || (n_cols > 0 && rows > limit / n_cols) || rows > limit / rows)
        return false;
    *out = 4 * (rows * n_cols) + 8 * (rows + n_cols) + 16 + (level == QST_LEVEL_PAIRS ? 5 * rows * rows : 0);
    return true;
}

/* --- single rows -------------------------------------------------------------------------------------------------- */

qsti_soft_row qsti_loss_soft_row(const double *t, const double *z, size_t n, double temperature, double weight,
                                 double *work, double *gradient)
{
    const qsti_score_kernels *kernels = qsti_score_kernels_best();
    double *p = work, *top = work + n, *shift = work + n + 1;
    const qsti_tempered teacher = {.t = t, .p = p, .top = top, .shift = shift};
    qsti_soft_row out;
    kernels->temper(t, n, 1, temperature, p, top, shift);
    kernels->divergence(z, &teacher, n, 1, temperature, &weight, work + n + 2, &out.kl, &out.scaled, gradient);
    return out;
}

double qsti_loss_dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* With d = b/|b| - a/|a| and h = |d|^2/2 = 1 - cos: dh/da = -(d + h a/|a|) / |a|. */
double qsti_loss_cosine_distance(const double *a, const double *b, size_t n, double weight, double *gradient,
                                 size_t *n_skipped)
{
    double norm_a = sqrt(qsti_loss_dot(a, a, n)), norm_b = sqrt(qsti_loss_dot(b, b, n)), squares = 0;
    if (norm_a == 0 || norm_b == 0) {
        ++*n_skipped;
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        double d = b[i] / norm_b - a[i] / norm_a;
        squares += d * d;
    }
    double h = squares / 2;
    for (size_t i = 0; i < n && gradient != NULL; i++) {
        double unit = a[i] / norm_a;
        gradient[i] -= weight * ((b[i] / norm_b - unit) + h * unit) / norm_a;
    }
    return h;
}

double qsti_loss_divergence_term(double p, double q)
{
    if (p <= 0)
        return q;
    double least = p < QSTI_PROBABILITY_FLOOR ? p : QSTI_PROBABILITY_FLOOR;
    double floored = q > least ? q : least, r = (floored - p) / p;
    if (fabs(r) < 0.5)
        return p * (r - log1p(r));
    return floored - p - p * log(floored / p);
}

double qsti_loss_huber_value(double d, double delta)
{
    double size = fabs(d);
    return size <= delta ? d * d / 2 : delta * (size - delta / 2);
}

double qsti_loss_huber_slope(double d, double delta)
{
    return d > delta ? delta : d < -delta ? -delta : d;
}

/* --- all pairs ---------------------------------------------------------------------------------------------------- */

void qsti_loss_gram(const double *rows, size_t n_rows, size_t n_cols, double *out)
{
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t j = 0; j <= i; j++) {
            double product = qsti_loss_dot(rows + i * n_cols, rows + j * n_cols, n_cols);
            out[i * n_rows + j] = out[j * n_rows + i] = product;
        }
    }
}

void qsti_loss_gram_back(const double *rows, const double *cotangent, size_t n_rows, size_t n_cols, double *gradient)
{
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t j = 0; j < n_rows; j++) {
            double both = cotangent[i * n_rows + j] + cotangent[j * n_rows + i];
            for (size_t c = 0; c < n_cols; c++)
                gradient[i * n_cols + c] += both * rows[j * n_cols + c];
        }
    }
}

/* Divides a row by its norm, and gives the norm. */
static double normalise(double *row, size_t n)
{
    double norm = sqrt(qsti_loss_dot(row, row, n));
    for (size_t j = 0; j < n && norm > 0; j++)
        row[j] /= norm;
    return norm;
}

/* With E = 2 (G_S - G_T) / n^2 row by row, G the normalised matrices: d/dS_i = (E_i - (E_i . G_i) G_i) / |S_i|. */
double qsti_loss_similarity(double *student, double *teacher, size_t n, double weight, double *slope, size_t *n_skipped)
{
    double per_pair = 1 / ((double)n * (double)n), value = 0;
    for (size_t i = 0; i < n; i++) {
        double *s = student + i * n, *t = teacher + i * n, *e = slope + i * n;
        double norm = normalise(s, n);
        bool there = normalise(t, n) > 0 && norm > 0;
        *n_skipped += !there;
        for (size_t j = 0; j < n; j++) {
            double d = there ? s[j] - t[j] : 0;
            value += per_pair * d * d;
            e[j] = 2 * weight * per_pair * d;
        }
        double along = qsti_loss_dot(e, s, n);
        for (size_t j = 0; j < n && there; j++)
            e[j] = (e[j] - along * s[j]) / norm;
    }
    return value;
}

/* fidelity.c: how closely the student's probabilities follow the teacher's, row by row and class by class.
 *
 * P and Q are (N, C), teacher and student. Divergences are means over rows, in nats; correlations run over the rows of
 * one class and are averaged over the classes in which both models vary. Formulas: docs/verify.md [cohen1960]. */
#include <math.h>
#include <stdlib.h>

#include "verify/metrics.h"
#include "verify/rows.h"

/* --- decisions ---------------------------------------------------------------------------------------------------- */

typedef struct decision_counts {
    size_t n_agree, n_right, n_right_agree;
    double chance; /* sum over classes of (share of T's decisions) x (share of S's) */
} decision_counts;

static qst_status count_decisions(qst_ctx *ctx, const double *teacher, const double *student, const int64_t *labels,
                                  size_t n, size_t n_classes, decision_counts *out)
{
    size_t *chosen = NULL;
    qst_status status = QSTI_NEW(ctx, 2 * n_classes, &chosen);
    if (status != QST_OK) {
        return status;
    }
    decision_counts counts = {0};
    for (size_t i = 0; i < n; i++) {
        size_t of_teacher = qsti_row_argmax(teacher + i * n_classes, n_classes);
        size_t of_student = qsti_row_argmax(student + i * n_classes, n_classes);
        bool agree = of_teacher == of_student, right = of_teacher == (size_t)labels[i];
        chosen[of_teacher]++;
        chosen[n_classes + of_student]++;
        counts.n_agree += agree;
        counts.n_right += right;
        counts.n_right_agree += agree && right;
    }
    for (size_t c = 0; c < n_classes; c++) {
        counts.chance += (double)chosen[c] / (double)n * ((double)chosen[n_classes + c] / (double)n);
    }
    qsti_free(ctx, chosen);
    *out = counts;
    return QST_OK;
}

static double share(size_t k, size_t n)
{
    return n > 0 ? (double)k / (double)n : NAN;
}

static void add_decisions(const decision_counts *counts, size_t n, qsti_fidelity *out)
{
    out->agreement = share(counts->n_agree, n);
    out->kappa = counts->chance < 1 ? (out->agreement - counts->chance) / (1 - counts->chance) : NAN;
    out->n_teacher_right = counts->n_right;
    out->n_teacher_wrong = n - counts->n_right;
    out->agreement_teacher_right = share(counts->n_right_agree, counts->n_right);
    out->agreement_teacher_wrong = share(counts->n_agree - counts->n_right_agree, n - counts->n_right);
}

/* --- distances ---------------------------------------------------------------------------------------------------- */

/* p ln(p/q), 0 where p = 0. */
static double relative_entropy(double p, double q)
{
    return p > 0 ? p * log(p / q) : 0;
}

static void add_row_distances(const double *p, const double *q, size_t n_classes, qsti_fidelity *sums)
{
    for (size_t c = 0; c < n_classes; c++) {
        double error = fabs(p[c] - q[c]), middle = 0.5 * (p[c] + q[c]);
        sums->output_mse += error * error;
        sums->output_mae += error;
        sums->output_max = fmax(sums->output_max, error);
        sums->kl += relative_entropy(p[c], fmax(q[c], QSTI_PROBABILITY_FLOOR));
        sums->n_floored += p[c] > 0 && q[c] < QSTI_PROBABILITY_FLOOR;
        sums->js += 0.5 * (relative_entropy(p[c], middle) + relative_entropy(q[c], middle));
        sums->tvd += 0.5 * error;
    }
}

static void add_distances(const double *teacher, const double *student, size_t n, size_t n_classes, qsti_fidelity *out)
{
    for (size_t i = 0; i < n; i++) {
        add_row_distances(teacher + i * n_classes, student + i * n_classes, n_classes, out);
    }
    double rows = (double)n;
    out->output_mse /= rows * (double)n_classes;
    out->output_mae /= rows * (double)n_classes;
    out->kl /= rows;
    out->js /= rows;
    out->tvd /= rows;
}

/* --- correlations ------------------------------------------------------------------------------------------------- */

typedef struct ranked {
    double value;
    size_t row;
} ranked;

static int compare_ranked(const void *a, const void *b)
{
    const ranked *left = a, *right = b;
    return (left->value > right->value) - (left->value < right->value);
}

/* Replaces the values by their ranks from 1; equal ones share their mean rank. */
static void rank_in_place(double *values, size_t n, ranked *order)
{
    for (size_t i = 0; i < n; i++) {
        order[i] = (ranked){values[i], i};
    }
    qsort(order, n, sizeof *order, compare_ranked);
    for (size_t first = 0, last = 0; first < n; first = last) {
        while (last < n && order[last].value == order[first].value) {
            last++;
        }
        for (size_t i = first; i < last; i++) {
            values[order[i].row] = 0.5 * (double)(first + last + 1);
        }
    }
}

static bool is_constant(const double *values, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (values[i] != values[0]) {
            return false;
        }
    }
    return true;
}

static double mean_of(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
    }
    return sum / (double)n;
}

static double correlation(const double *a, const double *b, size_t n)
{
    double mean_a = mean_of(a, n), mean_b = mean_of(b, n), aa = 0, bb = 0, ab = 0;
    for (size_t i = 0; i < n; i++) {
        aa += (a[i] - mean_a) * (a[i] - mean_a);
        bb += (b[i] - mean_b) * (b[i] - mean_b);
        ab += (a[i] - mean_a) * (b[i] - mean_b);
    }
    double scale = sqrt(aa) * sqrt(bb);
    return scale > 0 ? fmin(1, fmax(-1, ab / scale)) : 0;
}

static qst_status add_correlations(qst_ctx *ctx, const double *teacher, const double *student, size_t n,
                                   size_t n_classes, qsti_fidelity *out)
{
    qst_status status = QST_OK;
    double *a = NULL, *b = NULL, pearson = 0, spearman = 0;
    ranked *order = NULL;
    size_t n_varying = 0;
    QSTI_TRY(QSTI_NEW(ctx, n, &a));
    QSTI_TRY(QSTI_NEW(ctx, n, &b));
    QSTI_TRY(QSTI_NEW(ctx, n, &order));
    for (size_t c = 0; c < n_classes; c++) {
        for (size_t i = 0; i < n; i++) {
            a[i] = teacher[i * n_classes + c];
            b[i] = student[i * n_classes + c];
        }
        if (is_constant(a, n) || is_constant(b, n)) {
            continue;
        }
        n_varying++;
        pearson += correlation(a, b, n);
        rank_in_place(a, n, order);
        rank_in_place(b, n, order);
        spearman += correlation(a, b, n);
    }
    out->pearson = n_varying ? pearson / (double)n_varying : NAN;
    out->spearman = n_varying ? spearman / (double)n_varying : NAN;
done:
    qsti_free(ctx, order);
    qsti_free(ctx, b);
    qsti_free(ctx, a);
    return status;
}

qst_status qsti_fidelity_measure(qst_ctx *ctx, const double *teacher, const double *student, const int64_t *labels,
                                 size_t n, size_t n_classes, qsti_fidelity *out)
{
    qsti_fidelity result = {0};
    decision_counts counts = {0};
    qst_status status = count_decisions(ctx, teacher, student, labels, n, n_classes, &counts);
    if (status == QST_OK) {
        add_decisions(&counts, n, &result);
        add_distances(teacher, student, n, n_classes, &result);
        status = add_correlations(ctx, teacher, student, n, n_classes, &result);
    }
    if (status == QST_OK) {
        *out = result;
    }
    return status;
}

/* metrics.h: how good one model is, and how faithful it is to another, on the same rows.
 *
 * Probabilities are (N, C), rows sum to 1. Sums run in row order, so values depend on nothing else. Definitions and
 * papers: docs/verify.md.
 */
#ifndef QSTI_VERIFY_METRICS_H
#define QSTI_VERIFY_METRICS_H

#include "base/memory.h"

/* One model against the labels. */
typedef struct qsti_quality {
    size_t n, n_correct;
    double accuracy, balanced_accuracy, macro_f1;
    double nll;   /* mean -ln p_y, natural logarithm; p floored at 1e-12 */
    double brier; /* mean sum_c (p_c - [c = y])^2 */
    double ece;   /* 15 equal-width bins of the top probability */
} qsti_quality;

/* One model against the teacher, on the same rows. */
typedef struct qsti_fidelity {
    double agreement, kappa;
    double agreement_teacher_right, agreement_teacher_wrong; /* NaN where there are no such rows */
    size_t n_teacher_right, n_teacher_wrong;
    double output_mse; /* mean over rows and classes of (p_T - p_S)^2 */
    double output_mae, output_max;
    double kl, js, tvd;       /* KL(T||S) etc., means over rows; p_S floored at 1e-12 */
    double pearson, spearman; /* per class over rows, then the mean over classes with variance; NaN when none */
    size_t n_floored;         /* how often the floor was used */
} qsti_fidelity;

/* labels: class indices, every one in 0..C-1. n >= 1. Ties in argmax go to the lowest class. Errors: ERR_MEMORY only.
 */
qst_status qsti_quality_measure(qst_ctx *ctx, const double *probabilities, const int64_t *labels, size_t n,
                                size_t n_classes, qsti_quality *out);
qst_status qsti_fidelity_measure(qst_ctx *ctx, const double *teacher, const double *student, const int64_t *labels,
                                 size_t n, size_t n_classes, qsti_fidelity *out);

#endif

/* losses.h: every loss of losses.def as a function on row-major arrays, one file each beside this one.
 *
 * A function gives its own part alone: for a loss with alpha what alpha multiplies, never the cross-entropy. It runs on
 * the caller's thread, allocates nothing and checks nothing; what is not finite shows in its value. The training loop's
 * fast way for ce, kd and the squared errors is loss_lines.h.
 */
#ifndef QSTI_LEARN_LOSSES_LOSSES_H
#define QSTI_LEARN_LOSSES_LOSSES_H

#include <qstill/loss.h>

/* Scores (n_rows, n_cols), row-major, as the loss takes them; teacher is NULL where it needs none. */
typedef struct qsti_loss_batch {
    size_t n_rows, n_cols;
    size_t n_teacher_cols; /* of losses that take states; others do not read it */
    const double *student, *teacher;
    const int64_t *labels; /* (n_rows), -1: none; NULL: no row has one */
    double temperature;
    const qst_loss_parameters *parameters;
    double per_row;   /* level SAMPLE: 1 / rows in the mean (1 for a sum); others do not read it */
    double weight;    /* of the gradient */
    double *gradient; /* (n_rows, n_cols): weight * dvalue/dstudent is added; NULL: not wanted */
    double *work;     /* qsti_loss_work() numbers */
} qsti_loss_batch;

typedef struct qsti_loss_result {
    double value;     /* what is minimised */
    double unscaled;  /* the same without T^2 */
    size_t n_skipped; /* rows or columns without a direction (all scores equal, no scores but 0): their term is 0 */
} qsti_loss_result;

/* *out is written whole. */
#define QST_LOSS(name, ...) void qsti_loss_##name(const qsti_loss_batch *batch, qsti_loss_result *out);
#include <qstill/losses.def>
#undef QST_LOSS

typedef void qsti_loss_fn(const qsti_loss_batch *batch, qsti_loss_result *out);
qsti_loss_fn *qsti_loss_function(qst_loss loss);

/* How many numbers of work a loss takes; false: too many to count. */
bool qsti_loss_work(qst_loss loss, size_t n_rows, size_t n_cols, size_t *out);

/* --- parts that several losses share: loss_parts.c ---------------------------------------------------------------- */

/* kl = KL(softmax(t/T) || softmax(z/T)) of one row, scaled = T^2 kl; gradient (n) += weight dscaled/dz, NULL: not
 * wanted. work: 2 n + 2 numbers. Right to all digits however near z and t and whatever T is. */
typedef struct qsti_soft_row {
    double kl, scaled;
} qsti_soft_row;
qsti_soft_row qsti_loss_soft_row(const double *t, const double *z, size_t n, double temperature, double weight,
                                 double *work, double *gradient);

/* 1 - cos(a, b) = |a/|a| - b/|b||^2 / 2, and gradient (n) += weight d/da, NULL: not wanted. Exactly 0, with a gradient
 * of exactly 0, where a = b. Where one of them is 0 it is 0 without a gradient, and *n_skipped goes up. */
double qsti_loss_cosine_distance(const double *a, const double *b, size_t n, double weight, double *gradient,
                                 size_t *n_skipped);

/* p ln(p/q) - p + q >= 0: over distributions the sum is KL(p || q), term by term without a difference of nearly equal
 * numbers. q below QSTI_PROBABILITY_FLOOR counts as this, or as p where p is smaller still. */
double qsti_loss_divergence_term(double p, double q);

/* Huber's function of d with bend `delta`: d^2/2 up to there, then delta (|d| - delta/2); and its derivative.
 * [huber1964] */
double qsti_loss_huber_value(double d, double delta);
double qsti_loss_huber_slope(double d, double delta);

/* out (n_rows, n_rows) = F F^T of rows (n_rows, n_cols). */
void qsti_loss_gram(const double *rows, size_t n_rows, size_t n_cols, double *out);
/* gradient (n_rows, n_cols) += (D + D^T) F: what D = dL/d(F F^T) is to F. */
void qsti_loss_gram_back(const double *rows, const double *cotangent, size_t n_rows, size_t n_cols, double *gradient);

/* |norm(T) - norm(S)|^2 / n^2 of matrices (n, n) whose rows are divided by their norms, in place; slope (n, n) = weight
 * d/dS, as S was. A row of zeros on either side counts 0, and *n_skipped goes up. */
double qsti_loss_similarity(double *student, double *teacher, size_t n, double weight, double *slope,
                            size_t *n_skipped);

double qsti_loss_dot(const double *a, const double *b, size_t n);

#endif

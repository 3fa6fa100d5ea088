/* loss.c: the table of losses, their checks, and the two families they come from.
 *
 * Per sample, z the student's scores, t the teacher's, y the label:
 *   hard   CE = -ln softmax(z)_y                           dCE/dz = softmax(z) - onehot(y)
 *   soft   T^2 KL(softmax(t/T) || softmax(z/T))            d/dz = T (softmax(z/T) - softmax(t/T))       [hinton2015]
 *   error  sum_c (t_c - z_c)^2                             d/dz = 2 (z - t)
 * ce = hard; kd = (1 - alpha) hard + alpha soft; logit_mse and expectation_mse = error. The hard term is averaged over
 * the rows that have a label, the others over all rows.
 *
 * The soft term at any T, p and q being the teacher's and the student's softmax:
 *   far apart  T^2 KL = T sum_c p_c (T ln p_c - T ln q_c): nothing overflows, however small T
 *   close      d = (t - z)/T, u = sum_c p_c d_c - d, KL = ln(1 + sum_c p_c (e^u_c - 1 - u_c)),
 *              q_c - p_c = p_c (e^(u_c - KL) - 1): no difference of nearly equal numbers, so T^2 times it has all its
 *              digits, however large T, and is exactly 0 where z = t
 *
 * Not here: what scores mean (the callers convert), and regularisation.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include <qstill/loss.h>

#include "base/status.h"
#include "learn/softmax.h"

#define MAX_CLASSES 4096

/* Up to this |u| teacher and student are close. */
#define CLOSE 0.5

static const qst_loss_info infos[] = {
#define QST_LOSS(name, needs_teacher, needs_labels, about) {#name, needs_teacher, needs_labels, about},
#include <qstill/losses.def>
#undef QST_LOSS
};

const qst_loss_info *qst_loss_describe(qst_loss loss)
{
    return &infos[loss];
}

bool qst_loss_find(const char *name, qst_loss *out)
{
    for (size_t i = 0; i < QST_LOSS_COUNT; i++) {
        if (strcmp(infos[i].name, name) == 0) {
            *out = (qst_loss)i;
            return true;
        }
    }
    return false;
}

/* --- checks ------------------------------------------------------------------------------------------------------- */

static qst_status check_finite(qst_ctx *ctx, const char *who, qst_const_matrix scores)
{
    for (size_t i = 0; i < scores.n_rows * scores.n_cols; i++)
        if (!isfinite(scores.data[i]))
            return qsti_fail(ctx, QST_ERR_INPUT, "%s scores: row %zu, column %zu: %g is not finite", who,
                             i / scores.n_cols, i % scores.n_cols, scores.data[i]);
    return QST_OK;
}

static qst_status check_teacher(qst_ctx *ctx, const qst_loss_info *info, const qst_loss_input *input)
{
    qst_const_matrix t = input->teacher, s = input->student;
    if (t.data == NULL)
        return qsti_fail(ctx, QST_ERR_USAGE, "the loss %s needs the teacher's scores", info->name);
    if (t.n_rows != s.n_rows || t.n_cols != s.n_cols)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "the teacher's scores have shape (%zu, %zu), the student's (%zu, %zu)",
                         t.n_rows, t.n_cols, s.n_rows, s.n_cols);
    return check_finite(ctx, "teacher", t);
}

static qst_status check_labels(qst_ctx *ctx, const qst_loss_info *info, const qst_loss_input *input, bool needed)
{
    if (input->labels == NULL)
        return needed ? qsti_fail(ctx, QST_ERR_USAGE, "the loss %s needs labels", info->name) : QST_OK;
    for (size_t i = 0; i < input->student.n_rows; i++)
        if (input->labels[i] < -1 || input->labels[i] >= (int64_t)input->student.n_cols)
            return qsti_fail(ctx, QST_ERR_INPUT, "label %lld of row %zu is no class: 0..%zu (or -1: no label)",
                             (long long)input->labels[i], i, input->student.n_cols - 1);
    return QST_OK;
}

static qst_status check(qst_ctx *ctx, qst_loss loss, const qst_loss_input *input, qst_matrix gradient)
{
    const qst_loss_info *info = &infos[loss];
    qst_const_matrix s = input->student;
    qst_status status = QST_OK;
    if (s.n_rows == 0 || s.n_cols == 0)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "the student's scores are empty: (%zu, %zu)", s.n_rows, s.n_cols);
    if (s.n_cols > MAX_CLASSES)
        return qsti_fail(ctx, QST_ERR_LIMIT, "%zu columns: at most %d", s.n_cols, MAX_CLASSES);
    if (gradient.data != NULL && (gradient.n_rows != s.n_rows || gradient.n_cols != s.n_cols))
        return qsti_fail(ctx, QST_ERR_MISMATCH, "the gradient has shape (%zu, %zu), the student's scores (%zu, %zu)",
                         gradient.n_rows, gradient.n_cols, s.n_rows, s.n_cols);
    QSTI_TRY(check_finite(ctx, "student", s));
    if (info->needs_teacher)
        QSTI_TRY(check_teacher(ctx, info, input));
    if (info->needs_labels)
        QSTI_TRY(check_labels(ctx, info, input, loss == QST_LOSS_ce || input->alpha < 1));
    if (loss == QST_LOSS_kd)
        QSTI_TRY(qsti_check_temperature(ctx, input->temperature));
    if (loss == QST_LOSS_kd && !(input->alpha >= 0 && input->alpha <= 1))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE, "alpha: %g is not in [0, 1]", input->alpha));
done:
    return status;
}

/* --- terms -------------------------------------------------------------------------------------------------------- */

/* -ln softmax(z)_y; adds weight * (softmax(z) - onehot(y)) to gradient (NULL: not wanted). */
static double hard_term(const double *z, size_t n, size_t label, double weight, double *gradient)
{
    double log_p[MAX_CLASSES];
    qsti_log_softmax(z, n, 1.0, log_p);
    for (size_t c = 0; c < n && gradient != NULL; c++)
        gradient[c] += weight * (exp(log_p[c]) - (c == label));
    return -log_p[label];
}

/* e^u - 1 - u for |u| <= CLOSE: its power series, to the last digit. */
static double exp_beyond_linear(double u)
{
    double sum = 0;
    for (int k = 16; k >= 3; k--)
        sum = (1 + sum) * u / k;
    return (1 + sum) * u * u / 2;
}

typedef struct soft_value {
    double kl, scaled; /* KL(p || q); T^2 KL */
} soft_value;

/* p and u as above. */
static soft_value soft_of_close(const double *p, const double *u, size_t n, double temperature, double weight,
                                double *gradient)
{
    double sum = 0;
    for (size_t c = 0; c < n; c++)
        sum += p[c] * exp_beyond_linear(u[c]);
    double kl = log1p(sum);
    for (size_t c = 0; c < n && gradient != NULL; c++)
        gradient[c] += weight * temperature * p[c] * expm1(u[c] - kl);
    return (soft_value){kl, temperature * temperature * kl};
}

static soft_value soft_of_different(const double *t, const double *z, size_t n, double temperature, double weight,
                                    double *gradient)
{
    double log_t[MAX_CLASSES], log_s[MAX_CLASSES], sum = 0;
    qsti_scaled_log_softmax(t, n, temperature, log_t);
    qsti_scaled_log_softmax(z, n, temperature, log_s);
    for (size_t c = 0; c < n; c++) {
        double p = exp(log_t[c] / temperature);
        if (p > 0)
            sum += p * (log_t[c] - log_s[c]);
        if (gradient != NULL)
            gradient[c] += weight * temperature * (exp(log_s[c] / temperature) - p);
    }
    sum = sum > 0 ? sum : 0; /* rounding may leave -1e-17 */
    return (soft_value){sum / temperature, temperature * sum};
}

/* KL(softmax(t/T) || softmax(z/T)); adds weight * T * (p_S - p_T), the gradient of T^2 KL. */
static soft_value soft_term(const double *t, const double *z, size_t n, double temperature, double weight,
                            double *gradient)
{
    double p[MAX_CLASSES], u[MAX_CLASSES], mean = 0;
    bool close = true;
    qsti_log_softmax(t, n, temperature, p);
    for (size_t c = 0; c < n; c++) {
        p[c] = exp(p[c]);
        u[c] = (t[c] - z[c]) / temperature;
        mean += p[c] * u[c];
    }
    for (size_t c = 0; c < n; c++) {
        u[c] = mean - u[c];
        close = close && fabs(u[c]) <= CLOSE; /* not when it has overflowed */
    }
    return close ? soft_of_close(p, u, n, temperature, weight, gradient)
                 : soft_of_different(t, z, n, temperature, weight, gradient);
}

/* sum_c (t_c - z_c)^2; adds weight * 2 (z - t). */
static double error_term(const double *t, const double *z, size_t n, double weight, double *gradient)
{
    double sum = 0;
    assert(t != NULL);
    for (size_t c = 0; c < n; c++) {
        double difference = z[c] - t[c];
        sum += difference * difference;
        if (gradient != NULL)
            gradient[c] += weight * 2 * difference;
    }
    return sum;
}

/* --- the sum over rows -------------------------------------------------------------------------------------------- */

qst_status qst_loss_evaluate(qst_ctx *ctx, qst_loss loss, const qst_loss_input *input, qst_loss_terms *out,
                             qst_matrix gradient)
{
    qst_status status = check(ctx, loss, input, gradient);
    if (status != QST_OK)
        return status;
    size_t n = input->student.n_rows, n_cols = input->student.n_cols, n_labelled = 0;
    bool squared = loss == QST_LOSS_logit_mse || loss == QST_LOSS_expectation_mse;
    double alpha = loss == QST_LOSS_kd ? input->alpha : 0.0;
    bool has_hard = !squared && input->labels != NULL;
    for (size_t i = 0; i < n && has_hard; i++)
        n_labelled += input->labels[i] >= 0;
    bool mean = input->reduction == QST_REDUCE_MEAN;
    double per_row = mean ? 1.0 / (double)n : 1.0;
    double per_label = mean && n_labelled > 0 ? 1.0 / (double)n_labelled : 1.0;
    double hard = 0, soft = 0, scaled = 0;
    if (gradient.data != NULL)
        memset(gradient.data, 0, n * n_cols * sizeof *gradient.data);
    for (size_t i = 0; i < n; i++) {
        const double *z = input->student.data + i * n_cols;
        const double *t = input->teacher.data == NULL ? NULL : input->teacher.data + i * n_cols;
        double *g = gradient.data == NULL ? NULL : gradient.data + i * n_cols;
        if (squared)
            soft += error_term(t, z, n_cols, per_row, g);
        if (loss == QST_LOSS_kd) {
            soft_value value = soft_term(t, z, n_cols, input->temperature, alpha * per_row, alpha > 0 ? g : NULL);
            soft += value.kl;
            scaled += value.scaled;
        }
        if (has_hard && input->labels[i] >= 0)
            hard += hard_term(z, n_cols, (size_t)input->labels[i], (1 - alpha) * per_label, alpha < 1 ? g : NULL);
    }
    hard *= per_label;
    soft *= per_row;
    scaled *= per_row;
    double value = squared               ? soft
                   : loss == QST_LOSS_ce ? hard
                                         : (alpha > 0 ? alpha * scaled : 0) + (alpha < 1 ? (1 - alpha) * hard : 0);
    if (!isfinite(value))
        return qsti_fail(ctx, QST_ERR_INPUT, "the loss %s is %g: the scores are too large", infos[loss].name, value);
    *out = (qst_loss_terms){
        .loss = value,
        .hard = has_hard ? hard : NAN,
        .soft = squared || loss == QST_LOSS_kd ? soft : NAN,
    };
    return QST_OK;
}

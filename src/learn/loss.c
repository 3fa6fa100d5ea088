/* loss.c: the table of losses, their checks, and their value on plain arrays. ce, kd and the squared errors go by
 * samples in lanes (loss_lines.c), the others by their functions on whole batches (losses/).
 */
#include <math.h>
#include <string.h>

#include <qstill/loss.h>

#include "base/memory.h"
#include "learn/loss_lines.h"
#include "learn/losses/losses.h"
#include "learn/softmax.h"

#define MAX_CLASSES 4096

/* Rows of distributions sum to 1 as near as this. */
#define SUM_TOLERANCE 1e-3

/* --- the tables --------------------------------------------------------------------------------------------------- */

static const qst_loss_info infos[] = {
#define QST_LOSS(name, level, takes, needs_teacher, needs_labels, uses, about) \
    {#name, QST_LEVEL_##level, QST_TAKES_##takes, needs_teacher, needs_labels, uses, about},
#include <qstill/losses.def>
#undef QST_LOSS
};

/* clang-format off */
#define WITHIN(a, b) (a), (b), false, false
#define OVER(a, b)   (a), (b), true, false
#define BELOW(a, b)  (a), (b), false, true
#define OPEN(a, b)   (a), (b), true, true
/* clang-format on */
static const qst_loss_parameter_info parameter_infos[] = {
#define QST_LOSS_PARAMETER(name, bounds, low, high, fallback, about) {#name, bounds(low, high), fallback, about},
#include <qstill/loss_parameters.def>
#undef QST_LOSS_PARAMETER
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

const qst_loss_parameter_info *qst_loss_parameter_describe(qst_loss_parameter parameter)
{
    return &parameter_infos[parameter];
}

double *qst_loss_parameter_at(qst_loss_parameters *parameters, qst_loss_parameter parameter)
{
    double *const fields[] = {
#define QST_LOSS_PARAMETER(name, ...) &parameters->name,
#include <qstill/loss_parameters.def>
#undef QST_LOSS_PARAMETER
    };
    return fields[parameter];
}

qst_loss_parameters qst_loss_parameters_default(void)
{
    return (qst_loss_parameters){
#define QST_LOSS_PARAMETER(name, bounds, low, high, fallback, about) .name = (fallback),
#include <qstill/loss_parameters.def>
#undef QST_LOSS_PARAMETER
    };
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
    if (t.n_rows != s.n_rows || (t.n_cols != s.n_cols && info->takes != QST_TAKES_STATES))
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

static qst_status check_distributions(qst_ctx *ctx, const char *who, qst_const_matrix rows)
{
    for (size_t i = 0; i < rows.n_rows; i++) {
        double sum = 0;
        for (size_t c = 0; c < rows.n_cols; c++) {
            double p = rows.data[i * rows.n_cols + c];
            if (p < 0)
                return qsti_fail(ctx, QST_ERR_INPUT, "%s scores: row %zu, column %zu: %g is not a probability", who, i,
                                 c, p);
            sum += p;
        }
        if (fabs(sum - 1) > SUM_TOLERANCE)
            return qsti_fail(ctx, QST_ERR_INPUT, "%s scores: row %zu sums to %g: probabilities sum to 1", who, i, sum);
    }
    return QST_OK;
}

static qst_status check_parameter(qst_ctx *ctx, qst_loss_parameter parameter, double value)
{
    const qst_loss_parameter_info *info = &parameter_infos[parameter];
    if (!(value >= info->low && (value > info->low || !info->low_open)))
        return qsti_fail(ctx, QST_ERR_USAGE, "%s: %g is not %s %g", info->name, value,
                         info->low_open ? ">" : ">=", info->low);
    if (!(value <= info->high && (value < info->high || !info->high_open)))
        return qsti_fail(ctx, QST_ERR_USAGE, "%s: %g is not %s %g", info->name, value,
                         info->high_open ? "<" : "<=", info->high);
    return QST_OK;
}

qst_status qsti_loss_check_numbers(qst_ctx *ctx, qst_loss loss, double temperature, double alpha,
                                   const qst_loss_parameters *parameters)
{
    qst_status status = QST_OK;
    unsigned uses = infos[loss].uses;
    if ((uses & QST_USES_alpha) && !(alpha >= 0 && alpha <= 1))
        return qsti_fail(ctx, QST_ERR_USAGE, "alpha: %g is not in [0, 1]", alpha);
    for (int i = 0; i < QST_LOSS_PARAMETER_COUNT && parameters != NULL && status == QST_OK; i++) {
        qst_loss_parameters copy = *parameters;
        if (uses >> i & 1u)
            status = check_parameter(ctx, (qst_loss_parameter)i, *qst_loss_parameter_at(&copy, (qst_loss_parameter)i));
    }
    if (status == QST_OK && (uses & QST_USES_temperature))
        status = qsti_check_temperature(ctx, temperature);
    return status;
}

qst_status qsti_loss_check_columns(qst_ctx *ctx, qst_loss loss, const qst_loss_parameters *parameters, size_t n_cols)
{
    const qst_loss_info *info = &infos[loss];
    const qst_loss_parameters defaults = qst_loss_parameters_default();
    double inter = parameters == NULL ? defaults.inter : parameters->inter;
    if ((loss == QST_LOSS_logit_standardization || loss == QST_LOSS_dkd) && n_cols < 3)
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "the loss %s has nothing to say about %zu scores: it takes 3 and more; kd takes any number",
                         info->name, n_cols);
    if ((loss == QST_LOSS_dist || loss == QST_LOSS_dist_raw) && n_cols < 3 && inter > 0)
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "the loss %s: of %zu scores a correlation over classes knows the sign alone: set inter to 0",
                         info->name, n_cols);
    if (loss == QST_LOSS_distribution_mmd && (n_cols & (n_cols - 1)) != 0)
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "the loss %s compares distributions over bitstrings: %zu scores are not 2^n", info->name,
                         n_cols);
    return QST_OK;
}

static qst_status check_states(qst_ctx *ctx, const char *who, qst_const_matrix rows)
{
    if (rows.n_cols % 2 != 0)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "%s states: %zu columns are no pairs of Re and Im", who, rows.n_cols);
    for (size_t i = 0; i < rows.n_rows; i++) {
        double sum = qsti_loss_dot(rows.data + i * rows.n_cols, rows.data + i * rows.n_cols, rows.n_cols);
        if (fabs(sum - 1) > SUM_TOLERANCE)
            return qsti_fail(ctx, QST_ERR_INPUT, "%s states: row %zu has norm %g: states have 1", who, i, sqrt(sum));
    }
    return QST_OK;
}

/* Whether the loss can do without labels. */
static bool takes_no_labels(const qst_loss_info *info, double alpha)
{
    return !info->needs_labels || (info->needs_teacher && (info->uses & QST_USES_alpha) && alpha == 1);
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
        QSTI_TRY(check_labels(ctx, info, input, !takes_no_labels(info, input->alpha)));
    if (info->takes == QST_TAKES_STATES)
        QSTI_TRY(check_states(ctx, "student", s));
    if (info->takes == QST_TAKES_STATES)
        QSTI_TRY(check_states(ctx, "teacher", input->teacher));
    if (info->takes == QST_TAKES_PROBABILITIES)
        QSTI_TRY(check_distributions(ctx, "student", s));
    if (info->takes == QST_TAKES_PROBABILITIES)
        QSTI_TRY(check_distributions(ctx, "teacher", input->teacher));
    QSTI_TRY(qsti_loss_check_numbers(ctx, loss, input->temperature, input->alpha, input->parameters));
    QSTI_TRY(qsti_loss_check_columns(ctx, loss, input->parameters, s.n_cols));
done:
    return status;
}

/* --- by functions on whole batches -------------------------------------------------------------------------------- */

/* The part that stands beside the cross-entropy; scale: 1, or N for the sum of a loss of batches. */
static qsti_loss_result soft_part(qst_loss loss, const qsti_loss_batch *batch, double alpha, double scale)
{
    qsti_loss_batch part = *batch;
    qsti_loss_result result;
    part.weight = alpha * scale;
    part.gradient = alpha > 0 ? batch->gradient : NULL;
    qsti_loss_function(loss)(&part, &result);
    result.value *= scale;
    result.unscaled *= scale;
    return result;
}

static double hard_part(const qsti_loss_batch *batch, double alpha, double per_label)
{
    qsti_loss_batch part = *batch;
    qsti_loss_result result;
    part.per_row = per_label;
    part.weight = 1 - alpha;
    part.gradient = alpha < 1 ? batch->gradient : NULL;
    qsti_loss_ce(&part, &result);
    return result.value;
}

static qst_status evaluate_whole(qst_ctx *ctx, qst_loss loss, const qst_loss_input *input, size_t n_labelled,
                                 qst_loss_terms *out, qst_matrix gradient)
{
    qst_status status = QST_OK;
    const qst_loss_info *info = &infos[loss];
    const qst_loss_parameters defaults = qst_loss_parameters_default();
    size_t n = input->student.n_rows, n_cols = input->student.n_cols, n_work = 0;
    bool mean = input->reduction == QST_REDUCE_MEAN, mixed = info->uses & QST_USES_alpha;
    double per_label = mean && n_labelled > 0 ? 1 / (double)n_labelled : 1, alpha = mixed ? input->alpha : 1;
    double *work = NULL;
    qst_loss_terms terms = {.hard = NAN, .soft = NAN};
    if (!qsti_loss_work(loss, n, n_cols, &n_work))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "the loss %s: %zu rows are too many", info->name, n));
    QSTI_TRY(QSTI_NEW(ctx, n_work, &work));
    const qsti_loss_batch batch = {
        .n_rows = n,
        .n_cols = n_cols,
        .n_teacher_cols = input->teacher.n_cols,
        .student = input->student.data,
        .teacher = input->teacher.data,
        .labels = input->labels,
        .temperature = input->temperature,
        .parameters = input->parameters == NULL ? &defaults : input->parameters,
        .per_row = !info->needs_teacher ? per_label
                   : mean               ? 1 / (double)n
                                        : 1,
        .gradient = gradient.data,
        .work = work,
    };
    if (gradient.data != NULL)
        memset(gradient.data, 0, n * n_cols * sizeof *gradient.data);
    qsti_loss_result soft = soft_part(loss, &batch, alpha, info->level == QST_LEVEL_SAMPLE || mean ? 1 : (double)n);
    terms.loss = alpha > 0 ? alpha * soft.value : 0;
    terms.n_skipped = soft.n_skipped;
    if (info->needs_teacher || mixed)
        terms.soft = soft.unscaled;
    else
        terms.hard = soft.unscaled;
    if (mixed && input->labels != NULL) {
        terms.hard = hard_part(&batch, alpha, per_label);
        terms.loss += alpha < 1 ? (1 - alpha) * terms.hard : 0;
    }
    if (!isfinite(terms.loss))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_INPUT, "the loss %s is %g: the scores are too large", info->name, terms.loss));
    *out = terms;
done:
    qsti_free(ctx, work);
    return status;
}

/* --- row by row: ce, kd and the squared errors -------------------------------------------------------------------- */

static qst_status evaluate_rows(qst_ctx *ctx, qst_loss loss, const qst_loss_input *input, size_t n_labelled,
                                qst_loss_terms *out, qst_matrix gradient)
{
    size_t n = input->student.n_rows, n_cols = input->student.n_cols;
    double work[MAX_CLASSES], teacher[2 * MAX_CLASSES + 2];
    qsti_loss_rule rule = qsti_loss_rule_make(loss, input->temperature, input->alpha);
    qsti_loss_sums sums = {0};
    qsti_loss_rule_count(&rule, input->reduction, n, input->labels != NULL, n_labelled);
    for (size_t i = 0; i < n; i++) {
        qsti_loss_block row = {
            .n_rows = 1,
            .n_cols = n_cols,
            .lanes = 1,
            .student = input->student.data + i * n_cols,
            .teacher = teacher,
            .labels = input->labels == NULL ? NULL : input->labels + i,
            .gradient = gradient.data == NULL ? NULL : gradient.data + i * n_cols,
            .work = work,
        };
        if (infos[loss].needs_teacher)
            qsti_loss_prepare(&rule, input->teacher.data + i * n_cols, n_cols, 1, teacher);
        qsti_loss_lines(&rule, &row, &sums);
    }
    return qsti_loss_terms_of(ctx, &rule, &sums, out);
}

qst_status qst_loss_evaluate(qst_ctx *ctx, qst_loss loss, const qst_loss_input *input, qst_loss_terms *out,
                             qst_matrix gradient)
{
    size_t n_labelled = 0;
    qst_status status = check(ctx, loss, input, gradient);
    if (status != QST_OK)
        return status;
    for (size_t i = 0; i < input->student.n_rows && input->labels != NULL; i++)
        n_labelled += input->labels[i] >= 0;
    return qsti_loss_has_lines(loss) ? evaluate_rows(ctx, loss, input, n_labelled, out, gradient)
                                     : evaluate_whole(ctx, loss, input, n_labelled, out, gradient);
}

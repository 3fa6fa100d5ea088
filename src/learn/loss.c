/* loss.c: the table of losses, their checks, and their value on plain arrays; values and gradients of samples are in
 * loss_lines.c.
 */
#include <math.h>
#include <string.h>

#include <qstill/loss.h>

#include "base/status.h"
#include "learn/loss_lines.h"

#define MAX_CLASSES 4096

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
    QSTI_TRY(qsti_loss_check_numbers(ctx, loss, input->temperature, input->alpha));
done:
    return status;
}

/* --- the sum over rows -------------------------------------------------------------------------------------------- */

qst_status qst_loss_evaluate(qst_ctx *ctx, qst_loss loss, const qst_loss_input *input, qst_loss_terms *out,
                             qst_matrix gradient)
{
    qst_status status = check(ctx, loss, input, gradient);
    if (status != QST_OK)
        return status;
    size_t n = input->student.n_rows, n_cols = input->student.n_cols, n_labelled = 0;
    double work[MAX_CLASSES], teacher[2 * MAX_CLASSES + 2];
    qsti_loss_rule rule = qsti_loss_rule_make(loss, input->temperature, input->alpha);
    qsti_loss_sums sums = {0};
    for (size_t i = 0; i < n && input->labels != NULL; i++)
        n_labelled += input->labels[i] >= 0;
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

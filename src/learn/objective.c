/* objective.c: see objective.h.
 *
 * For ce, kd and logit_mse, scores that are probabilities p enter as z = ln max(p, 1e-12), so dL/dp = dL/dz / p, and 0
 * below the floor; logits and expectation values enter as they are. expectation_mse compares scores as they are.
 */
#include "learn/objective.h"

#include <math.h>
#include <string.h>

#include "learn/softmax.h"

/* --- set-up ------------------------------------------------------------------------------------------------------- */

/* Bad data is found here, before the first step, so that what is not finite later has diverged. */
static qst_status check_finite(qst_ctx *ctx, const char *what, qst_const_matrix values)
{
    for (size_t i = 0; i < values.n_rows * values.n_cols; i++)
        if (!isfinite(values.data[i]))
            return qsti_fail(ctx, QST_ERR_INPUT, "%s: row %zu, column %zu: %g is not finite", what, i / values.n_cols,
                             i % values.n_cols, values.data[i]);
    return QST_OK;
}

static qst_status check_labels(const qst_model *model, const qst_train_data *data)
{
    for (size_t i = 0; i < data->x.n_rows && data->labels != NULL; i++)
        if (data->labels[i] < -1 || data->labels[i] >= (int64_t)model->n_scores)
            return qsti_fail(model->ctx, QST_ERR_INPUT, "label %lld of row %zu is no class: 0..%zu (or -1: no label)",
                             (long long)data->labels[i], i, model->n_scores - 1);
    return QST_OK;
}

static qst_status check_teacher(const qst_model *model, const qst_train_data *data, qst_loss loss)
{
    qst_ctx *ctx = model->ctx;
    const char *name = qst_loss_describe(loss)->name;
    if (data->teacher.data == NULL)
        return qsti_fail(ctx, QST_ERR_USAGE, "the loss %s needs a teacher's scores", name);
    if (data->teacher.n_rows != data->x.n_rows || data->teacher.n_cols != model->n_scores)
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "the teacher's scores have shape (%zu, %zu), the student gives (%zu, %zu)",
                         data->teacher.n_rows, data->teacher.n_cols, data->x.n_rows, model->n_scores);
    if (loss == QST_LOSS_expectation_mse && data->teacher_kind != QST_SCORE_expectation) {
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "the loss expectation_mse needs a teacher whose scores are expectation values (head none): "
                         "these are of kind %s; logit_mse takes those",
                         qst_score_kind_name(data->teacher_kind));
    }
    if (loss == QST_LOSS_logit_mse && data->teacher_kind == QST_SCORE_expectation)
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "the loss logit_mse needs a teacher whose scores are logits: these are expectation values; "
                         "expectation_mse takes those");
    return check_finite(ctx, "the teacher's scores", data->teacher);
}

static qst_status check(const qst_model *model, const qst_train_data *data, const qst_train_opts *opts)
{
    qst_ctx *ctx = model->ctx;
    const qst_loss_info *info = qst_loss_describe(opts->loss);
    if (data->x.n_cols != model->n_features)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "the samples have %zu features, the model takes %zu", data->x.n_cols,
                         model->n_features);
    if (data->x.n_rows == 0)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "there are no rows to train on");
    bool labels_needed = info->needs_labels && !(opts->loss == QST_LOSS_kd && opts->alpha == 1);
    if (labels_needed && data->labels == NULL)
        return qsti_fail(ctx, QST_ERR_USAGE, "the loss %s needs labels", info->name);
    qst_status status = check_finite(ctx, "the samples", data->x);
    if (status == QST_OK)
        status = check_labels(model, data);
    if (status == QST_OK && (info->needs_teacher || data->teacher.data != NULL))
        status = check_teacher(model, data, opts->loss);
    return status;
}

qst_status qsti_objective_init(qst_model *model, const qst_train_data *data, const qst_train_opts *opts, size_t batch,
                               qsti_objective *out)
{
    qst_ctx *ctx = model->ctx;
    qst_status status = QST_OK;
    size_t n_scores = 0, n_x = 0;
    qsti_objective objective = {.model = model,
                                .loss = opts->loss,
                                .temperature = opts->temperature,
                                .alpha = opts->alpha,
                                .data = *data,
                                .batch = batch};
    QSTI_TRY(check(model, data, opts));
    if (!qsti_mul(batch, model->n_scores, &n_scores) || !qsti_mul(batch, model->n_features, &n_x))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "batch: %zu rows are too many", batch));
    QSTI_TRY(QSTI_NEW(ctx, n_x, &objective.x));
    QSTI_TRY(QSTI_NEW(ctx, n_scores, &objective.scores));
    QSTI_TRY(QSTI_NEW(ctx, n_scores, &objective.logits));
    QSTI_TRY(QSTI_NEW(ctx, n_scores, &objective.batch_teacher));
    QSTI_TRY(QSTI_NEW(ctx, n_scores, &objective.cotangent));
    QSTI_TRY(QSTI_NEW(ctx, batch, &objective.labels));
    if (data->teacher.data != NULL) {
        size_t n = data->teacher.n_rows * data->teacher.n_cols;
        QSTI_TRY(QSTI_NEW(ctx, n, &objective.teacher));
        if (opts->loss == QST_LOSS_expectation_mse)
            memcpy(objective.teacher, data->teacher.data, n * sizeof *objective.teacher);
        else
            qsti_scores_to_logits(data->teacher_kind, data->teacher.data, n, objective.teacher);
    }
    *out = objective;
    return QST_OK;
done:
    qsti_objective_clear(&objective);
    return status;
}

void qsti_objective_clear(qsti_objective *objective)
{
    if (objective->model == NULL)
        return;
    qst_ctx *ctx = objective->model->ctx;
    qsti_free(ctx, objective->teacher);
    qsti_free(ctx, objective->x);
    qsti_free(ctx, objective->scores);
    qsti_free(ctx, objective->logits);
    qsti_free(ctx, objective->batch_teacher);
    qsti_free(ctx, objective->cotangent);
    qsti_free(ctx, objective->labels);
    *objective = (qsti_objective){0};
}

/* --- one batch ---------------------------------------------------------------------------------------------------- */

/* The named rows, or with rows NULL the first n_rows. */
static void gather(qsti_objective *objective, const size_t *rows, size_t n_rows)
{
    const qst_train_data *data = &objective->data;
    size_t d = data->x.n_cols, n_cols = objective->model->n_scores;
    for (size_t i = 0; i < n_rows; i++) {
        size_t row = rows ? rows[i] : i;
        memcpy(objective->x + i * d, data->x.data + row * d, d * sizeof *objective->x);
        objective->labels[i] = data->labels ? data->labels[row] : -1;
        if (objective->teacher != NULL)
            memcpy(objective->batch_teacher + i * n_cols, objective->teacher + row * n_cols,
                   n_cols * sizeof *objective->teacher);
    }
}

/* Labels and teacher have been checked: what a loss still refuses are scores beyond all numbers. */
static qst_status diverged_if_input(qst_status status)
{
    return status == QST_ERR_INPUT ? QST_ERR_DIVERGED : status;
}

/* The loss of the gathered rows' scores; the cotangent of the scores when wanted. */
static qst_status score_loss(qsti_objective *objective, size_t n_rows, bool want_gradient, qst_loss_terms *out)
{
    const qst_model *model = objective->model;
    size_t n_cols = model->n_scores;
    bool convert = objective->loss != QST_LOSS_expectation_mse && model->score_kind == QST_SCORE_probability;
    const double *entering = objective->scores;
    if (convert) {
        qsti_scores_to_logits(model->score_kind, objective->scores, n_rows * n_cols, objective->logits);
        entering = objective->logits;
    }
    qst_loss_input input = {
        .student = {entering, n_rows, n_cols},
        .teacher = {objective->teacher ? objective->batch_teacher : NULL, n_rows, n_cols},
        .labels = objective->data.labels ? objective->labels : NULL,
        .temperature = objective->temperature,
        .alpha = objective->alpha,
        .reduction = QST_REDUCE_MEAN,
    };
    qst_matrix gradient = {want_gradient ? objective->cotangent : NULL, n_rows, n_cols};
    qst_status status = diverged_if_input(qst_loss_evaluate(model->ctx, objective->loss, &input, out, gradient));
    for (size_t i = 0; i < n_rows * n_cols && convert && want_gradient; i++)
        objective->cotangent[i] = objective->scores[i] > 1e-12 ? objective->cotangent[i] / objective->scores[i] : 0;
    return status;
}

qst_status qsti_objective_gradient(qsti_objective *objective, const double *weights, const size_t *rows, size_t n_rows,
                                   qst_loss_terms *out, double *gradient)
{
    qst_status status = QST_OK;
    qst_model *model = objective->model;
    qst_const_matrix x = {objective->x, n_rows, model->n_features};
    qst_matrix scores = {objective->scores, n_rows, model->n_scores};
    qst_const_matrix cotangent = {objective->cotangent, n_rows, model->n_scores};
    gather(objective, rows, n_rows);
    QSTI_TRY(model->type->forward(model, weights, x, scores));
    QSTI_TRY(score_loss(objective, n_rows, true, out));
    QSTI_TRY(model->type->backward(model, weights, x, cotangent, gradient));
done:
    return status;
}

/* --- all rows ----------------------------------------------------------------------------------------------------- */

/* Mean cross-entropy of the labelled rows. */
static qst_status cross_entropy_of(qsti_objective *objective, size_t n_rows, double *out)
{
    const qst_model *model = objective->model;
    qst_loss_terms terms;
    qsti_scores_to_logits(model->score_kind, objective->scores, n_rows * model->n_scores, objective->logits);
    qst_loss_input input = {
        .student = {objective->logits, n_rows, model->n_scores},
        .labels = objective->labels,
        .reduction = QST_REDUCE_MEAN,
    };
    qst_status status = diverged_if_input(qst_loss_evaluate(model->ctx, QST_LOSS_ce, &input, &terms, (qst_matrix){0}));
    if (status == QST_OK)
        *out = terms.loss;
    return status;
}

static void count_rows(const qsti_objective *objective, size_t n_rows, qsti_judgement *out)
{
    size_t n_cols = objective->model->n_scores, n_labelled = 0, n_right = 0, n_agree = 0;
    for (size_t i = 0; i < n_rows; i++) {
        size_t best = qsti_argmax(objective->scores + i * n_cols, n_cols);
        n_labelled += objective->labels[i] >= 0;
        n_right += objective->labels[i] >= 0 && best == (size_t)objective->labels[i];
        if (objective->teacher != NULL)
            n_agree += best == qsti_argmax(objective->batch_teacher + i * n_cols, n_cols);
    }
    out->accuracy = n_labelled ? (double)n_right / (double)n_labelled : NAN;
    out->agreement = objective->teacher ? (double)n_agree / (double)n_rows : NAN;
    if (n_labelled == 0)
        out->cross_entropy = NAN;
}

qst_status qsti_objective_judge(qsti_objective *objective, const double *weights, qsti_judgement *out)
{
    qst_status status = QST_OK;
    qst_model *model = objective->model;
    qsti_judgement judgement = {0};
    qst_loss_terms terms;
    size_t n_rows = objective->data.x.n_rows;
    if (objective->batch < n_rows)
        QSTI_TRY(
            qsti_fail(model->ctx, QST_ERR_INTERNAL, "an objective of %zu rows judges %zu", objective->batch, n_rows));
    gather(objective, NULL, n_rows);
    QSTI_TRY(model->type->scores(model, weights, objective->data.x,
                                 (qst_matrix){objective->scores, n_rows, model->n_scores}));
    QSTI_TRY(score_loss(objective, n_rows, false, &terms));
    QSTI_TRY(cross_entropy_of(objective, n_rows, &judgement.cross_entropy));
    judgement.loss = terms.loss;
    count_rows(objective, n_rows, &judgement);
    *out = judgement;
done:
    return status;
}

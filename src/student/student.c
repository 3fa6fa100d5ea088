/* student.c: distillation: the same student for every (temperature, alpha), the best on validation kept; and its
 * control.
 *
 * Every cell, and the control, starts from the same weights, sees the same batches and takes the same number of steps:
 * arms differ in the loss only. Test rows are never read here.
 */
#include "student/student.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "data/model_binding.h"
#include "knowledge/knowledge.h"
#include "learn/softmax.h"

/* --- one student -------------------------------------------------------------------------------------------------- */

/* A student for the dataset with its initial weights, those of the teacher where asked. */
static qst_status make_student(const qst_dataset *dataset, const qst_knowledge *knowledge, const qst_model_opts *opts,
                               uint64_t seed, bool initial_weights, qst_model **out)
{
    qst_status status = QST_OK;
    qst_model *model = NULL;
    QSTI_TRY(qst_model_create(dataset->ctx, opts, dataset->n_features, dataset->n_classes, &model));
    QSTI_TRY(qsti_dataset_bind_model(dataset, model));
    qst_model_initialize(model, seed);
    if (initial_weights) {
        if (knowledge == NULL || knowledge->circuit == NULL)
            QSTI_TRY(qsti_fail(dataset->ctx, QST_ERR_MISMATCH, "initial_weights: the knowledge holds none"));
        qsti_weight_source source = {knowledge->circuit, knowledge->head, knowledge->n_values, knowledge->n_scores,
                                     knowledge->weights};
        if (qsti_model_adopt(model, &source) == 0)
            QSTI_TRY(qsti_fail(dataset->ctx, QST_ERR_MISMATCH,
                               "initial_weights: none of the teacher's weights fit: its circuit must begin with the "
                               "student's, or the heads have one shape"));
    }
    *out = model;
    model = NULL;
done:
    qst_model_free(model);
    return status;
}

/* The rows of the lesson with the teacher's scores. */
typedef struct materials {
    qsti_lesson lesson;
    double *train_scores, *validation_scores;
    qst_train_data train, validation;
} materials;

static qst_status prepare(const qst_dataset *dataset, const qst_knowledge *knowledge, double label_fraction,
                          materials *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = dataset->ctx;
    QSTI_TRY(qsti_lesson_create(dataset, label_fraction, &out->lesson));
    out->train = (qst_train_data){.x = qsti_part_x(&out->lesson.train), .labels = out->lesson.train.labels};
    out->validation =
        (qst_train_data){.x = qsti_part_x(&out->lesson.validation), .labels = out->lesson.validation.labels};
    if (knowledge == NULL)
        goto done;
    QSTI_TRY(qst_knowledge_check(knowledge, dataset));
    qst_const_matrix scores = qst_knowledge_scores(knowledge);
    QSTI_TRY(qsti_part_gather(ctx, &out->lesson.train, scores, &out->train_scores));
    QSTI_TRY(qsti_part_gather(ctx, &out->lesson.validation, scores, &out->validation_scores));
    out->train.teacher = (qst_const_matrix){out->train_scores, out->lesson.train.n, scores.n_cols};
    out->validation.teacher = (qst_const_matrix){out->validation_scores, out->lesson.validation.n, scores.n_cols};
    out->train.teacher_kind = out->validation.teacher_kind = qst_knowledge_kind(knowledge);
done:
    return status;
}

static void materials_clear(qst_ctx *ctx, materials *rows)
{
    qsti_lesson_clear(ctx, &rows->lesson);
    qsti_free(ctx, rows->train_scores);
    qsti_free(ctx, rows->validation_scores);
}

/* --- the grid ----------------------------------------------------------------------------------------------------- */

/* Accuracy and cross-entropy on the labelled validation rows, whatever the student was trained with; NaN without any.
 */
static qst_status judge(qst_model *model, const qst_train_data *validation, qst_distill_cell *cell)
{
    qst_status status = QST_OK;
    qsti_objective objective = {0};
    qsti_judgement judgement = {NAN, NAN, NAN, NAN};
    const qst_train_opts opts = {.loss = QST_LOSS_ce};
    const qst_train_data labels_only = {.x = validation->x, .labels = validation->labels};
    if (validation->x.n_rows > 0) {
        QSTI_TRY(qsti_objective_init(model, &labels_only, &opts, validation->x.n_rows, &objective));
        QSTI_TRY(qsti_objective_judge(&objective, model->weights, &judgement));
    }
    cell->validation_accuracy = judgement.accuracy;
    cell->validation_loss = judgement.cross_entropy;
done:
    qsti_objective_clear(&objective);
    return status;
}

static bool is_better(const qst_distill_cell *cell, const qst_distill_cell *than)
{
    return cell->validation_accuracy > than->validation_accuracy ||
           (cell->validation_accuracy == than->validation_accuracy && cell->validation_loss < than->validation_loss);
}

/* Hooks of one cell, so that progress runs over the whole grid. */
typedef struct cell_watch {
    const qsti_train_hooks *outer;
    double first, share;
} cell_watch;

static void cell_step(void *user, double done, double loss)
{
    const cell_watch *watch = user;
    watch->outer->step(watch->outer->user, watch->first + watch->share * done, loss);
}

static qst_status train_cell(qst_model *model, const materials *rows, const qst_train_opts *train,
                             const qst_distill_opts *opts, size_t index, size_t n_cells, const qsti_train_hooks *hooks,
                             qst_distill_cell *cell, qsti_train_outcome *out)
{
    qst_status status = QST_OK;
    qst_train_opts cell_train = *train;
    cell_watch watch = {hooks, (double)index / (double)n_cells, 1.0 / (double)n_cells};
    qsti_train_hooks cell_hooks = {hooks && hooks->step ? cell_step : NULL, &watch};
    qsti_text checkpoint;
    qsti_text_init(&checkpoint, model->ctx);
    cell_train.loss = opts->loss;
    cell_train.temperature = cell->temperature;
    cell_train.alpha = cell->alpha;
    if (train->checkpoint != NULL) {
        qsti_text_add(&checkpoint, "%s.%zu", train->checkpoint, index);
        QSTI_TRY(checkpoint.status);
        cell_train.checkpoint = checkpoint.bytes;
    }
    QSTI_TRY(qsti_train(model, &rows->train, &rows->validation, &cell_train, &cell_hooks, out));
    QSTI_TRY(judge(model, &rows->validation, cell));
done:
    qsti_text_clear(&checkpoint);
    return status;
}

/* The cells to train: temperatures x alphas for kd, a single one for losses that have neither. All are checked before
 * the first is trained. */
static qst_status make_cells(qst_ctx *ctx, const qst_distill_opts *opts, qst_distill_result *result)
{
    bool grid = opts->loss == QST_LOSS_kd;
    size_t n_temperatures = grid && opts->n_temperatures ? opts->n_temperatures : 1;
    size_t n_alphas = grid && opts->n_alphas ? opts->n_alphas : 1;
    qst_status status = QSTI_NEW(ctx, n_temperatures * n_alphas, &result->cells);
    if (status != QST_OK)
        return status;
    result->n_cells = n_temperatures * n_alphas;
    for (size_t i = 0; i < result->n_cells; i++) {
        result->cells[i].temperature = grid && opts->n_temperatures ? opts->temperatures[i / n_alphas] : 1;
        result->cells[i].alpha = grid && opts->n_alphas ? opts->alphas[i % n_alphas] : 0.5;
    }
    for (size_t i = 0; i < result->n_cells && status == QST_OK; i++) {
        double alpha = result->cells[i].alpha;
        status = qsti_check_temperature(ctx, result->cells[i].temperature);
        if (status == QST_OK && !(alpha >= 0 && alpha <= 1))
            status = qsti_fail(ctx, QST_ERR_USAGE, "alpha: %g is not in [0, 1]", alpha);
    }
    return status;
}

qst_status qsti_student_distill(const qst_dataset *dataset, const qst_knowledge *knowledge,
                                const qst_model_opts *model_opts, const qst_train_opts *train,
                                const qst_distill_opts *opts, const qsti_train_hooks *hooks, qst_model **out,
                                qst_distill_result *out_result, qsti_train_outcome *out_outcome)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = dataset->ctx;
    materials rows = {0};
    qst_distill_result result = {0};
    qst_model *best_model = NULL, *model = NULL;
    qsti_train_outcome best_outcome = {0}, outcome = {0};
    size_t best = 0;
    QSTI_TRY(prepare(dataset, knowledge, opts->label_fraction, &rows));
    QSTI_TRY(make_cells(ctx, opts, &result));
    if (result.n_cells > 1 && rows.lesson.validation.n == 0) {
        QSTI_TRY(
            qsti_fail(ctx, QST_ERR_USAGE,
                      "%zu temperatures and alphas to choose from, but no validation rows: set data.validation > 0",
                      result.n_cells));
    }
    for (size_t i = 0; i < result.n_cells; i++) {
        QSTI_TRY(make_student(dataset, knowledge, model_opts, train->seed, opts->initial_weights, &model));
        QSTI_TRY(train_cell(model, &rows, train, opts, i, result.n_cells, hooks, &result.cells[i], &outcome));
        if (best_model == NULL || is_better(&result.cells[i], &result.cells[best])) {
            qst_model *other_model = best_model;
            qsti_train_outcome other_outcome = best_outcome;
            best_model = model;
            best_outcome = outcome;
            model = other_model;
            outcome = other_outcome;
            best = i;
        }
        qst_model_free(model);
        qsti_train_outcome_clear(ctx, &outcome);
        model = NULL;
    }
    result.cells[best].chosen = true;
    result.temperature = result.cells[best].temperature;
    result.alpha = result.cells[best].alpha;
    result.n_labelled = rows.lesson.n_labelled;
    result.train = best_outcome.result;
    *out = best_model;
    *out_result = result;
    *out_outcome = best_outcome;
    best_model = NULL;
    result = (qst_distill_result){0};
    best_outcome = (qsti_train_outcome){0};
done:
    qst_model_free(model);
    qst_model_free(best_model);
    qsti_train_outcome_clear(ctx, &outcome);
    qsti_train_outcome_clear(ctx, &best_outcome);
    qst_distill_result_clear(ctx, &result);
    materials_clear(ctx, &rows);
    return status;
}

void qst_distill_result_clear(qst_ctx *ctx, qst_distill_result *result)
{
    qsti_free(ctx, result->cells);
    *result = (qst_distill_result){0};
}

/* --- the control -------------------------------------------------------------------------------------------------- */

qst_status qsti_student_control(const qst_dataset *dataset, const qst_knowledge *knowledge,
                                const qst_model_opts *model_opts, const qst_train_opts *train,
                                const qst_distill_opts *opts, const qsti_train_hooks *hooks, qst_model **out,
                                qsti_train_outcome *out_outcome)
{
    qst_status status = QST_OK;
    materials rows = {0};
    qst_model *model = NULL;
    qst_train_opts control_train = *train;
    control_train.loss = QST_LOSS_ce;
    if (knowledge != NULL)
        QSTI_TRY(qst_knowledge_check(knowledge, dataset));
    QSTI_TRY(prepare(dataset, NULL, opts->label_fraction, &rows));
    QSTI_TRY(make_student(dataset, knowledge, model_opts, train->seed, opts->initial_weights, &model));
    QSTI_TRY(qsti_train(model, &rows.train, &rows.validation, &control_train, hooks, out_outcome));
    *out = model;
    model = NULL;
done:
    qst_model_free(model);
    materials_clear(dataset->ctx, &rows);
    return status;
}

/* --- without hooks ------------------------------------------------------------------------------------------------ */

qst_status qst_student_distill(const qst_dataset *dataset, const qst_knowledge *knowledge, const qst_model_opts *model,
                               const qst_train_opts *train, const qst_distill_opts *opts, qst_model **out,
                               qst_distill_result *out_result)
{
    qsti_train_outcome outcome = {0};
    qst_distill_result result = {0};
    qst_status status = qsti_student_distill(dataset, knowledge, model, train, opts, NULL, out, &result, &outcome);
    if (status == QST_OK && out_result != NULL)
        *out_result = result;
    else
        qst_distill_result_clear(dataset->ctx, &result);
    qsti_train_outcome_clear(dataset->ctx, &outcome);
    return status;
}

qst_status qst_student_control(const qst_dataset *dataset, const qst_knowledge *knowledge, const qst_model_opts *model,
                               const qst_train_opts *train, const qst_distill_opts *opts, qst_model **out,
                               qst_train_result *out_result)
{
    qsti_train_outcome outcome = {0};
    qst_status status = qsti_student_control(dataset, knowledge, model, train, opts, NULL, out, &outcome);
    if (status == QST_OK && out_result != NULL)
        *out_result = outcome.result;
    qsti_train_outcome_clear(dataset->ctx, &outcome);
    return status;
}

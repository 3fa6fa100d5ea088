/* distillation.c: see distillation.h.
 *
 * Every cell, and the control, starts from the same weights, sees the same batches and takes the same number of steps:
 * arms differ in the loss only. None waits for another, so each may be trained on a context of its own. An arm leaves
 * numbers, not objects; models are made from them for those that matter. Test rows are never read here.
 */
#include "student/distillation.h"

#include <math.h>
#include <string.h>

#include "base/tasks.h"
#include "base/text.h"
#include "data/model_binding.h"
#include "knowledge/knowledge.h"
#include "learn/softmax.h"

typedef struct arm {
    qsti_distillation *distillation;
    size_t index;
    qst_train_opts train; /* all that it is trained with */
    char *checkpoint;
    double *weights; /* (n_weights) when it is trained, else NULL */
    qsti_train_outcome outcome;
} arm;

/* The teacher's scores lie beside the rows of the lesson. The control sees the same rows without them. */
struct qsti_distillation {
    qsti_distill_plan plan;
    qsti_lesson lesson;
    double *train_scores, *validation_scores; /* NULL: no knowledge */
    qst_train_data train, validation;
    qst_distill_result result;
    arm *arms;
    size_t n_arms;
};

/* --- making one --------------------------------------------------------------------------------------------------- */

static qst_status prepare_rows(qst_ctx *ctx, qsti_distillation *d)
{
    qst_status status = QST_OK;
    const qsti_distill_plan *plan = &d->plan;
    qst_dataset dataset = qsti_dataset_view(plan->dataset, ctx);
    if (plan->knowledge != NULL) {
        qst_knowledge knowledge = qsti_knowledge_view(plan->knowledge, ctx);
        QSTI_TRY(qst_knowledge_check(&knowledge, &dataset));
    }
    QSTI_TRY(qsti_lesson_create(&dataset, plan->opts->label_fraction, &d->lesson));
    d->train = (qst_train_data){.x = qsti_part_x(&d->lesson.train), .labels = d->lesson.train.labels};
    d->validation = (qst_train_data){.x = qsti_part_x(&d->lesson.validation), .labels = d->lesson.validation.labels};
    if (plan->knowledge == NULL || !plan->cells)
        goto done;
    qst_const_matrix scores = qst_knowledge_scores(plan->knowledge);
    QSTI_TRY(qsti_part_gather(ctx, &d->lesson.train, scores, &d->train_scores));
    QSTI_TRY(qsti_part_gather(ctx, &d->lesson.validation, scores, &d->validation_scores));
    d->train.teacher = (qst_const_matrix){d->train_scores, d->lesson.train.n, scores.n_cols};
    d->validation.teacher = (qst_const_matrix){d->validation_scores, d->lesson.validation.n, scores.n_cols};
    d->train.teacher_kind = d->validation.teacher_kind = qst_knowledge_kind(plan->knowledge);
done:
    return status;
}

size_t qsti_distill_cells(const qst_distill_opts *opts)
{
    unsigned uses = qst_loss_describe(opts->loss)->uses;
    size_t n_temperatures = (uses & QST_USES_temperature) && opts->n_temperatures ? opts->n_temperatures : 1;
    size_t n_alphas = (uses & QST_USES_alpha) && opts->n_alphas ? opts->n_alphas : 1;
    return n_temperatures * n_alphas;
}

/* All cells are checked before the first is trained. */
static qst_status make_cells(qst_ctx *ctx, const qst_distill_opts *opts, qst_distill_result *result)
{
    unsigned uses = qst_loss_describe(opts->loss)->uses;
    bool heats = (uses & QST_USES_temperature) && opts->n_temperatures,
         mixes = (uses & QST_USES_alpha) && opts->n_alphas;
    size_t n_cells = qsti_distill_cells(opts), n_alphas = mixes ? opts->n_alphas : 1;
    qst_status status = QSTI_NEW(ctx, n_cells, &result->cells);
    if (status != QST_OK)
        return status;
    result->n_cells = n_cells;
    for (size_t i = 0; i < n_cells; i++) {
        result->cells[i].temperature = heats ? opts->temperatures[i / n_alphas] : 1;
        result->cells[i].alpha = mixes ? opts->alphas[i % n_alphas] : 0.5;
    }
    for (size_t i = 0; i < n_cells && status == QST_OK; i++) {
        double alpha = result->cells[i].alpha;
        status = qsti_check_temperature(ctx, result->cells[i].temperature);
        if (status == QST_OK && !(alpha >= 0 && alpha <= 1))
            status = qsti_fail(ctx, QST_ERR_USAGE, "alpha: %g is not in [0, 1]", alpha);
    }
    return status;
}

static bool is_control(const arm *a)
{
    return a->index == a->distillation->result.n_cells;
}

static qst_status make_arm(qst_ctx *ctx, qsti_distillation *d, size_t index)
{
    const qsti_distill_plan *plan = &d->plan;
    arm *a = &d->arms[index];
    *a = (arm){.distillation = d, .index = index, .train = *plan->train};
    const char *file = is_control(a) ? plan->control_checkpoint : plan->train->checkpoint;
    qsti_text name;
    qsti_text_init(&name, ctx);
    qsti_text_add(&name, "%s", file != NULL ? file : "");
    if (is_control(a)) {
        a->train.loss = QST_LOSS_ce;
        a->train.plan = NULL;
    } else {
        qsti_text_add(&name, ".%zu", index);
        a->train.loss = plan->opts->loss;
        a->train.plan = plan->opts->plan;
        a->train.temperature = d->result.cells[index].temperature;
        a->train.alpha = d->result.cells[index].alpha;
    }
    a->checkpoint = name.bytes;
    a->train.checkpoint = file != NULL ? a->checkpoint : NULL;
    return name.status;
}

qst_status qsti_distillation_create(qst_ctx *ctx, const qsti_distill_plan *plan, qsti_distillation **out)
{
    qst_status status = QST_OK;
    qsti_distillation *d = NULL;
    QSTI_TRY(QSTI_NEW(ctx, 1, &d));
    d->plan = *plan;
    QSTI_TRY(prepare_rows(ctx, d));
    if (plan->cells)
        QSTI_TRY(make_cells(ctx, plan->opts, &d->result));
    if (d->result.n_cells > 1 && d->lesson.validation.n == 0) {
        QSTI_TRY(
            qsti_fail(ctx, QST_ERR_USAGE,
                      "%zu temperatures and alphas to choose from, but no validation rows: set data.validation > 0",
                      d->result.n_cells));
    }
    d->result.n_labelled = d->lesson.n_labelled;
    size_t n_arms = d->result.n_cells + (plan->control ? 1 : 0);
    QSTI_TRY(QSTI_NEW(ctx, n_arms, &d->arms));
    d->n_arms = n_arms;
    for (size_t i = 0; i < n_arms; i++)
        QSTI_TRY(make_arm(ctx, d, i));
    *out = d;
    d = NULL;
done:
    qsti_distillation_free(ctx, d);
    return status;
}

void qsti_distillation_free(qst_ctx *ctx, qsti_distillation *distillation)
{
    if (distillation == NULL)
        return;
    for (size_t i = 0; i < distillation->n_arms; i++) {
        qsti_free(ctx, distillation->arms[i].checkpoint);
        qsti_free(ctx, distillation->arms[i].weights);
        qsti_train_outcome_clear(ctx, &distillation->arms[i].outcome);
    }
    qsti_free(ctx, distillation->arms);
    qsti_lesson_clear(ctx, &distillation->lesson);
    qsti_free(ctx, distillation->train_scores);
    qsti_free(ctx, distillation->validation_scores);
    qst_distill_result_clear(ctx, &distillation->result);
    qsti_free(ctx, distillation);
}

size_t qsti_distillation_arms(const qsti_distillation *distillation)
{
    return distillation->n_arms;
}

/* --- one arm ------------------------------------------------------------------------------------------------------ */

/* A student with its initial weights, those of the teacher where asked. */
static qst_status make_student(qst_ctx *ctx, const qsti_distill_plan *plan, qst_model **out)
{
    qst_status status = QST_OK;
    qst_model *model = NULL;
    const qst_knowledge *knowledge = plan->knowledge;
    qst_dataset dataset = qsti_dataset_view(plan->dataset, ctx);
    QSTI_TRY(qst_model_create(ctx, plan->model, dataset.n_features, dataset.n_classes, &model));
    QSTI_TRY(qsti_dataset_bind_model(&dataset, model));
    qst_model_initialize(model, plan->train->seed);
    if (plan->opts->initial_weights) {
        if (knowledge == NULL || knowledge->circuit == NULL)
            QSTI_TRY(qsti_fail(ctx, QST_ERR_MISMATCH, "initial_weights: the knowledge holds none"));
        qsti_weight_source source = {knowledge->circuit, knowledge->head, knowledge->n_values, knowledge->n_scores,
                                     knowledge->weights};
        if (qsti_model_adopt(model, &source) == 0)
            QSTI_TRY(qsti_fail(ctx, QST_ERR_MISMATCH,
                               "initial_weights: none of the teacher's weights fit: its circuit must begin with the "
                               "student's, or the heads have one shape"));
    }
    *out = model;
    model = NULL;
done:
    qst_model_free(model);
    return status;
}

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

/* The rows without the teacher. */
static qst_train_data labels_of(const qst_train_data *data)
{
    return (qst_train_data){.x = data->x, .labels = data->labels};
}

qst_status qsti_distillation_train(qst_ctx *ctx, qsti_distillation *distillation, size_t index)
{
    qst_status status = QST_OK;
    qsti_distillation *d = distillation;
    arm *a = &d->arms[index];
    qst_model *model = NULL;
    const qsti_train_hooks hooks = qsti_train_progress(ctx);
    QSTI_TRY(make_student(ctx, &d->plan, &model));
    if (is_control(a)) {
        const qst_train_data train = labels_of(&d->train), validation = labels_of(&d->validation);
        QSTI_TRY(qsti_train(model, &train, &validation, &a->train, &hooks, &a->outcome));
    } else {
        QSTI_TRY(qsti_train(model, &d->train, &d->validation, &a->train, &hooks, &a->outcome));
        QSTI_TRY(judge(model, &d->validation, &d->result.cells[index]));
    }
    QSTI_TRY(QSTI_NEW(ctx, model->n_weights, &a->weights));
    memcpy(a->weights, model->weights, model->n_weights * sizeof *a->weights);
done:
    qst_model_free(model);
    return status;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static qst_status train_arm(qst_ctx *ctx, void *arg)
{
    const arm *a = arg;
    return qsti_distillation_train(ctx, a->distillation, a->index);
}

qst_status qsti_distillation_run(qst_ctx *ctx, qsti_distillation *distillation, const char *stage)
{
    qst_status status = QST_OK;
    qsti_tasks *tasks = NULL;
    size_t task;
    QSTI_TRY(qsti_tasks_create(ctx, &tasks));
    for (size_t i = 0; i < distillation->n_arms; i++) {
        const qsti_task one = {.run = train_arm, .arg = &distillation->arms[i], .stage = stage, .cost = 1};
        QSTI_TRY(qsti_tasks_add(tasks, &one, &task));
    }
    QSTI_TRY(qsti_tasks_run(tasks));
done:
    qsti_tasks_free(tasks);
    return status;
}

/* --- the choice --------------------------------------------------------------------------------------------------- */

static bool is_better(const qst_distill_cell *cell, const qst_distill_cell *than)
{
    return cell->validation_accuracy > than->validation_accuracy ||
           (cell->validation_accuracy == than->validation_accuracy && cell->validation_loss < than->validation_loss);
}

size_t qsti_distillation_choose(qsti_distillation *distillation, qst_distill_result *out)
{
    qst_distill_result *result = &distillation->result;
    size_t best = 0;
    for (size_t i = 1; i < result->n_cells; i++)
        if (is_better(&result->cells[i], &result->cells[best]))
            best = i;
    result->cells[best].chosen = true;
    result->temperature = result->cells[best].temperature;
    result->alpha = result->cells[best].alpha;
    result->train = distillation->arms[best].outcome.result;
    *out = *result;
    result->cells = NULL;
    return best;
}

double qsti_distillation_seconds(const qsti_distillation *distillation, size_t index)
{
    return distillation->arms[index].outcome.result.seconds;
}

qst_status qsti_distillation_model(qst_ctx *ctx, qsti_distillation *distillation, size_t index, qst_model **out,
                                   qsti_train_outcome *out_outcome)
{
    arm *a = &distillation->arms[index];
    qst_model *model = NULL;
    qst_status status = make_student(ctx, &distillation->plan, &model);
    if (status != QST_OK)
        return status;
    memcpy(model->weights, a->weights, model->n_weights * sizeof *a->weights);
    *out = model;
    *out_outcome = a->outcome;
    a->outcome = (qsti_train_outcome){0};
    return QST_OK;
}

/* distillation.c: see distillation.h.
 *
 * Every cell, and every control, starts from the same weights (where shapes agree), sees the same batches and takes the
 * same number of steps. Cells and no_teacher differ in the loss only; what the other controls differ in is all in
 * aim_arm(), make_other() and rows_of(). Cells wait for nothing; controls that follow the student wait for the cells,
 * whose choice they take over. Each may be trained on a context of its own. An arm leaves numbers, not objects; models
 * are made from them for those that matter. Test rows are never read here.
 */
#include "student/distillation.h"

#include <math.h>
#include <string.h>

#include "base/tasks.h"
#include "base/text.h"
#include "data/model_binding.h"
#include "device/device.h"
#include "knowledge/knowledge.h"
#include "learn/circuit_states.h"
#include "learn/conditions.h"
#include "learn/model_fourier.h"
#include "learn/softmax.h"
#include "student/matching.h"
#include "student/surrogate.h"

typedef struct arm {
    qsti_distillation *distillation;
    size_t index;
    qst_control control;                /* QST_CONTROL_COUNT: a cell */
    qst_train_opts train;               /* all that it is trained with */
    qst_training_conditions conditions; /* where it is trained through noise or from shots */
    double rate_factor;                 /* on the learning rate */
    char *checkpoint;
    double *weights; /* (n_weights) when it is trained, else NULL */
    qsti_train_outcome outcome;
    qsti_fourier_fit fit; /* of a student that is fitted */
} arm;

/* Rows to learn from and rows to judge by. */
typedef struct rows {
    qst_train_data train, validation;
} rows;

/* The teacher's scores lie beside the rows of the lesson. Controls without a teacher see the same rows without them. */
struct qsti_distillation {
    qsti_distill_plan plan;
    qsti_lesson lesson;
    double *train_scores, *validation_scores;                   /* NULL: no knowledge */
    double *permuted_train_scores, *permuted_validation_scores; /* NULL: not asked for */
    double *train_states;                                       /* of the teacher's circuit; NULL: not asked for */
    rows own, permuted;
    qst_distill_result result;
    arm *arms;
    size_t n_arms;
};

/* --- making one --------------------------------------------------------------------------------------------------- */

/* The states of the teacher's circuit, where a term compares states. */
static qst_status prepare_states(qst_ctx *ctx, qsti_distillation *d)
{
    qst_status status = QST_OK;
    const qst_knowledge *knowledge = d->plan.knowledge;
    const qst_train_opts opts = {.plan = d->plan.opts->plan};
    size_t n_values = 0;
    if (!qsti_loss_plan_needs_states(&opts))
        return QST_OK;
    if (knowledge->circuit == NULL)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "the loss similarity_fidelity: the knowledge holds no circuit");
    QSTI_TRY(
        qsti_circuit_states(ctx, knowledge->circuit, knowledge->weights, d->own.train.x, &d->train_states, &n_values));
    d->own.train.teacher_states = (qst_const_matrix){d->train_states, d->own.train.x.n_rows, n_values};
done:
    return status;
}

/* The same rows, each with the scores that the teacher gave another row of its part. */
static qst_status permute_scores(qst_ctx *ctx, const qsti_distillation *d, qst_split split, const double *scores,
                                 size_t n_rows, size_t n_cols, double **out)
{
    qst_status status = QST_OK;
    size_t *source = NULL;
    QSTI_TRY(QSTI_NEW(ctx, n_rows, &source));
    QSTI_TRY(QSTI_NEW(ctx, n_rows * n_cols, out));
    qsti_permute_rows(d->plan.dataset->seed, (uint32_t)split, n_rows, source);
    for (size_t i = 0; i < n_rows; i++)
        memcpy(*out + i * n_cols, scores + source[i] * n_cols, n_cols * sizeof **out);
done:
    qsti_free(ctx, source);
    return status;
}

static qst_status prepare_permuted(qst_ctx *ctx, qsti_distillation *d)
{
    qst_status status = QST_OK;
    size_t n_cols = d->own.train.teacher.n_cols;
    d->permuted = d->own;
    QSTI_TRY(permute_scores(ctx, d, QST_TRAIN, d->train_scores, d->lesson.train.n, n_cols, &d->permuted_train_scores));
    QSTI_TRY(permute_scores(ctx, d, QST_VALIDATION, d->validation_scores, d->lesson.validation.n, n_cols,
                            &d->permuted_validation_scores));
    d->permuted.train.teacher.data = d->permuted_train_scores;
    d->permuted.validation.teacher.data = d->permuted_validation_scores;
done:
    return status;
}

static qst_status prepare_rows(qst_ctx *ctx, qsti_distillation *d)
{
    qst_status status = QST_OK;
    const qsti_distill_plan *plan = &d->plan;
    qst_dataset dataset = qsti_dataset_view(plan->dataset, ctx);
    if (plan->knowledge != NULL) {
        qst_knowledge knowledge = qsti_knowledge_view(plan->knowledge, ctx);
        QSTI_TRY(qst_knowledge_check(&knowledge, &dataset));
    }
    QSTI_TRY(qsti_lesson_create(&dataset, plan->opts->label_fraction, plan->opts->label_noise, &d->lesson));
    if (plan->knowledge != NULL) {
        qst_knowledge knowledge = qsti_knowledge_view(plan->knowledge, ctx);
        QSTI_TRY(qsti_lesson_add_queries(&knowledge, &d->lesson));
    }
    qst_train_data *train = &d->own.train, *validation = &d->own.validation;
    *train = (qst_train_data){.x = qsti_part_x(&d->lesson.train), .labels = d->lesson.train.labels};
    *validation = (qst_train_data){.x = qsti_part_x(&d->lesson.validation), .labels = d->lesson.validation.labels};
    if (plan->knowledge == NULL || !plan->cells)
        goto done;
    qst_knowledge knowledge = qsti_knowledge_view(plan->knowledge, ctx);
    qst_const_matrix scores = qst_knowledge_scores(&knowledge);
    QSTI_TRY(qsti_lesson_scores(&knowledge, &d->lesson, &d->train_scores));
    QSTI_TRY(qsti_part_gather(ctx, &d->lesson.validation, scores, &d->validation_scores));
    train->teacher = (qst_const_matrix){d->train_scores, d->lesson.train.n, scores.n_cols};
    validation->teacher = (qst_const_matrix){d->validation_scores, d->lesson.validation.n, scores.n_cols};
    train->teacher_kind = validation->teacher_kind = qst_knowledge_kind(plan->knowledge);
    QSTI_TRY(prepare_states(ctx, d));
    if (qsti_controls_have(plan->controls, QST_CONTROL_permuted_scores))
        QSTI_TRY(prepare_permuted(ctx, d));
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

size_t qsti_distill_controls(qst_controls set, qst_control out[QST_CONTROL_COUNT])
{
    size_t n = 0;
    for (int c = 0; c < QST_CONTROL_COUNT; c++)
        if (qsti_controls_have(set, (qst_control)c) && c != QST_CONTROL_floor)
            out[n++] = (qst_control)c;
    return n;
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
    return a->control != QST_CONTROL_COUNT;
}

static void take_cell(arm *a, const qst_distill_cell *cell)
{
    a->train.loss = a->distillation->plan.opts->loss;
    a->train.plan = a->distillation->plan.opts->plan;
    a->train.temperature = cell->temperature;
    a->train.alpha = cell->alpha;
}

static const char *control_file(const qsti_distill_plan *plan, qst_control control)
{
    return plan->control_checkpoints != NULL ? plan->control_checkpoints[control] : NULL;
}

/* The student's noise and shots, but for what a control is there to go without; a perceptron has no circuit. */
static void take_conditions(arm *a, const qst_training_conditions *conditions)
{
    if (conditions == NULL)
        return;
    a->conditions = *conditions;
    if (a->control == QST_CONTROL_noise_unaware) {
        a->conditions.measure.device = NULL;
        a->conditions.measure.noise = NULL;
    }
    bool noisy = a->conditions.measure.device != NULL || a->conditions.measure.noise != NULL;
    bool has_any = noisy || a->conditions.measure.shots > 0;
    a->train.conditions = has_any && a->control != QST_CONTROL_mlp ? &a->conditions : NULL;
}

/* The loss of a control that follows the student is known later: aim_arm(). */
static qst_status make_arm(qst_ctx *ctx, qsti_distillation *d, size_t index, qst_control control)
{
    const qsti_distill_plan *plan = &d->plan;
    arm *a = &d->arms[index];
    *a = (arm){.distillation = d, .index = index, .control = control, .train = *plan->train, .rate_factor = 1};
    take_conditions(a, plan->train->conditions);
    const char *file = is_control(a) ? control_file(plan, control) : plan->train->checkpoint;
    qsti_text name;
    qsti_text_init(&name, ctx);
    qsti_text_add(&name, "%s", file != NULL ? file : "");
    if (is_control(a)) {
        a->train.loss = control == QST_CONTROL_label_smoothing ? QST_LOSS_label_smoothing : QST_LOSS_ce;
        a->train.plan = NULL;
    } else {
        qsti_text_add(&name, ".%zu", index);
        take_cell(a, &d->result.cells[index]);
    }
    a->checkpoint = name.bytes;
    a->train.checkpoint = file != NULL ? a->checkpoint : NULL;
    return name.status;
}

/* Cells, then controls. */
static qst_status make_arms(qst_ctx *ctx, qsti_distillation *d)
{
    qst_status status = QST_OK;
    qst_control controls[QST_CONTROL_COUNT];
    size_t n_cells = d->result.n_cells, n_controls = qsti_distill_controls(d->plan.controls, controls);
    QSTI_TRY(QSTI_NEW(ctx, n_cells + n_controls, &d->arms));
    d->n_arms = n_cells + n_controls;
    for (size_t i = 0; i < d->n_arms; i++)
        QSTI_TRY(make_arm(ctx, d, i, i < n_cells ? QST_CONTROL_COUNT : controls[i - n_cells]));
done:
    return status;
}

/* What a control follows must be there. */
static qst_status check_controls(qst_ctx *ctx, const qsti_distill_plan *plan)
{
    for (int c = 0; c < QST_CONTROL_COUNT; c++) {
        qst_control control = (qst_control)c;
        if (qsti_controls_have(plan->controls, control) && qsti_control_follows_student(control) && !plan->cells)
            return qsti_fail(ctx, QST_ERR_USAGE, "controls: %s needs the student beside it",
                             qst_control_describe(control)->name);
    }
    if (qsti_controls_have(plan->controls, QST_CONTROL_gradient_scale) &&
        !qsti_controls_have(plan->controls, QST_CONTROL_no_teacher))
        return qsti_fail(ctx, QST_ERR_USAGE, "controls: gradient_scale needs no_teacher beside it");
    return QST_OK;
}

qst_status qsti_distillation_create(qst_ctx *ctx, const qsti_distill_plan *plan, qsti_distillation **out)
{
    qst_status status = QST_OK;
    qsti_distillation *d = NULL;
    QSTI_TRY(QSTI_NEW(ctx, 1, &d));
    d->plan = *plan;
    QSTI_TRY(check_controls(ctx, plan));
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
    QSTI_TRY(make_arms(ctx, d));
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
    qsti_free(ctx, distillation->permuted_train_scores);
    qsti_free(ctx, distillation->permuted_validation_scores);
    qsti_free(ctx, distillation->train_states);
    qst_distill_result_clear(ctx, &distillation->result);
    qsti_free(ctx, distillation);
}

size_t qsti_distillation_arms(const qsti_distillation *distillation)
{
    return distillation->n_arms;
}

/* --- models ------------------------------------------------------------------------------------------------------- */

/* A model of these options with the initial weights of the plan's seed. */
static qst_status make_model(qst_ctx *ctx, const qsti_distill_plan *plan, const qst_model_opts *opts, qst_model **out)
{
    qst_status status = QST_OK;
    qst_model *model = NULL;
    qst_dataset dataset = qsti_dataset_view(plan->dataset, ctx);
    if (qsti_model_kind_is_fitted(opts->kind))
        QSTI_TRY(qsti_surrogate_create(ctx, plan->knowledge, opts, dataset.n_features, dataset.n_classes,
                                       plan->train->seed, &model));
    else
        QSTI_TRY(qst_model_create(ctx, opts, dataset.n_features, dataset.n_classes, &model));
    QSTI_TRY(qsti_dataset_bind_model(&dataset, model));
    qst_model_initialize(model, plan->train->seed);
    *out = model;
    model = NULL;
done:
    qst_model_free(model);
    return status;
}

/* A student with its initial weights, those of the teacher where asked. */
static qst_status make_student(qst_ctx *ctx, const qsti_distill_plan *plan, qst_model **out)
{
    qst_status status = QST_OK;
    qst_model *model = NULL;
    const qst_knowledge *knowledge = plan->knowledge;
    QSTI_TRY(make_model(ctx, plan, plan->model, &model));
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

/* A control's model in place of the student's. */
static qst_status make_other(qst_ctx *ctx, const qsti_distill_plan *plan, qst_control control, const qst_model *student,
                             qst_model **out)
{
    qst_model_opts opts = *plan->model;
    qst_model_size size;
    if (control == QST_CONTROL_no_entanglement) {
        opts.circuit.separable = true;
        return make_model(ctx, plan, &opts, out);
    }
    qst_model_measure(student, &size);
    const size_t width = qsti_perceptron_width(size.quantum_parameters + size.classical_parameters, student->n_features,
                                               student->n_scores);
    opts = (qst_model_opts){.kind = "mlp",
                            .network = {.hidden = &width, .n_hidden = 1, .activation = "tanh"},
                            .precision = plan->model->precision};
    return make_model(ctx, plan, &opts, out);
}

/* An arm's model with its initial weights: the student's, where it has as many. */
static qst_status make_arm_model(qst_ctx *ctx, const qsti_distill_plan *plan, qst_control control, qst_model **out)
{
    qst_status status = QST_OK;
    qst_model *student = NULL, *model = NULL;
    QSTI_TRY(make_student(ctx, plan, &student));
    if (control == QST_CONTROL_no_entanglement || control == QST_CONTROL_mlp) {
        QSTI_TRY(make_other(ctx, plan, control, student, &model));
        if (control == QST_CONTROL_no_entanglement && model->n_weights == student->n_weights)
            memcpy(model->weights, student->weights, model->n_weights * sizeof *model->weights);
    } else {
        model = student;
        student = NULL;
    }
    *out = model;
    model = NULL;
done:
    qst_model_free(student);
    qst_model_free(model);
    return status;
}

/* --- one arm ------------------------------------------------------------------------------------------------------ */

/* Accuracy and cross-entropy on the labelled validation rows, whatever loss the student was trained with, but with its
 * noise and shots; NaN without any. */
static qst_status judge(qst_model *model, const qst_train_data *validation, const qst_train_opts *train,
                        qst_distill_cell *cell)
{
    qst_status status = QST_OK;
    qsti_objective objective = {0};
    qsti_judgement judgement = {NAN, NAN, NAN, NAN};
    const qst_train_opts opts = {
        .loss = QST_LOSS_ce, .conditions = train->conditions, .seed = train->seed, .epochs = train->epochs};
    const qst_train_data labels_only = {.x = validation->x, .labels = validation->labels};
    qsti_conditions *conditions = NULL;
    if (validation->x.n_rows > 0 && opts.conditions != NULL) {
        QSTI_TRY(qsti_conditions_create(model, &opts, &conditions));
        QSTI_TRY(qsti_conditions_begin_epoch(conditions, train->epochs - 1, 0));
    }
    if (validation->x.n_rows > 0) {
        QSTI_TRY(qsti_objective_init(model, &labels_only, &opts, validation->x.n_rows, &objective));
        QSTI_TRY(qsti_objective_judge(&objective, model->weights, &judgement));
    }
    cell->validation_accuracy = judgement.accuracy;
    cell->validation_loss = judgement.cross_entropy;
done:
    qsti_conditions_free(conditions);
    qsti_objective_clear(&objective);
    return status;
}

/* The rows without the teacher. */
static qst_train_data labels_of(const qst_train_data *data)
{
    return (qst_train_data){.x = data->x, .labels = data->labels};
}

/* What an arm sees. */
static rows rows_of(const arm *a)
{
    const qsti_distillation *d = a->distillation;
    if (a->control == QST_CONTROL_permuted_scores)
        return d->permuted;
    if (!is_control(a) || qsti_control_is_distilled(a->control))
        return d->own;
    return (rows){labels_of(&d->own.train), labels_of(&d->own.validation)};
}

/* The mean length of a training's steps. */
static double mean_step(const arm *a)
{
    size_t n_steps = a->outcome.result.steps;
    return n_steps > 0 ? a->outcome.path / (double)n_steps : 0;
}

static const arm *arm_of(const qsti_distillation *d, qst_control control)
{
    size_t i = 0;
    while (i < d->n_arms && d->arms[i].control != control)
        i++;
    return i < d->n_arms ? &d->arms[i] : NULL;
}

static bool is_better(const qst_distill_cell *cell, const qst_distill_cell *than)
{
    return cell->validation_accuracy > than->validation_accuracy ||
           (cell->validation_accuracy == than->validation_accuracy && cell->validation_loss < than->validation_loss);
}

/* The cell that validation chooses, once all are judged. */
static size_t best_cell(const qst_distill_result *result)
{
    size_t best = 0;
    for (size_t i = 1; i < result->n_cells; i++)
        if (is_better(&result->cells[i], &result->cells[best]))
            best = i;
    return best;
}

/* How much longer the steps of the distilled student were than those of no_teacher; 1 where one of them never moved. */
static double step_ratio(const qsti_distillation *d)
{
    double distilled = mean_step(&d->arms[best_cell(&d->result)]);
    double alone = mean_step(arm_of(d, QST_CONTROL_no_teacher));
    double ratio = distilled / alone;
    return isfinite(ratio) && ratio > 0 ? ratio : 1;
}

/* What is known once the student is trained. */
static void aim_arm(arm *a)
{
    const qsti_distillation *d = a->distillation;
    if (is_control(a) && qsti_control_is_distilled(a->control))
        take_cell(a, &d->result.cells[best_cell(&d->result)]);
    if (a->control == QST_CONTROL_gradient_scale)
        a->rate_factor = step_ratio(d);
    a->train.learning_rate *= a->rate_factor;
}

/* The terms beside the scores, for arms that learn from the teacher. A perceptron has no part in those of circuits. */
static qst_status make_matching(const qsti_distillation *d, const arm *a, qst_model *model, qsti_matching *out)
{
    const qst_knowledge *knowledge = d->plan.knowledge;
    qst_match_opts opts = d->plan.opts->match;
    if (knowledge == NULL || (is_control(a) && !qsti_control_is_distilled(a->control)))
        return QST_OK;
    if (a->control == QST_CONTROL_mlp)
        opts = (qst_match_opts){.gradients = knowledge->kind == model->score_kind ? opts.gradients : 0};
    if (!qsti_match_opts_any(&opts))
        return QST_OK;
    const qsti_matching_plan plan = {.opts = &opts,
                                     .knowledge = knowledge,
                                     .lesson = &d->lesson,
                                     .train = &a->train,
                                     .precision = d->plan.model->precision,
                                     .permuted = a->control == QST_CONTROL_permuted_scores};
    return qsti_matching_create(model, &plan, out);
}

/* The conditions of a training on this context. */
typedef struct here {
    qst_training_conditions conditions;
    qst_device device;
} here;

static qst_train_opts train_here(const arm *a, qst_ctx *ctx, here *own)
{
    qst_train_opts train = a->train;
    if (train.conditions == NULL)
        return train;
    own->conditions = *train.conditions;
    if (own->conditions.measure.device != NULL) {
        own->device = qsti_device_view(own->conditions.measure.device, ctx);
        own->conditions.measure.device = &own->device;
    }
    train.conditions = &own->conditions;
    return train;
}

qst_status qsti_distillation_train(qst_ctx *ctx, qsti_distillation *distillation, size_t index)
{
    qst_status status = QST_OK;
    qsti_distillation *d = distillation;
    arm *a = &d->arms[index];
    qst_model *model = NULL;
    qsti_train_hooks hooks = qsti_train_progress(ctx);
    hooks.measures_path = qsti_controls_have(d->plan.controls, QST_CONTROL_gradient_scale);
    qsti_matching matching = {0};
    here own;
    aim_arm(a);
    const qst_train_opts train = train_here(a, ctx, &own);
    const rows seen = rows_of(a);
    QSTI_TRY(make_arm_model(ctx, &d->plan, a->control, &model));
    if (qsti_model_kind_is_fitted(d->plan.model->kind) &&
        (!is_control(a) || a->control == QST_CONTROL_permuted_scores)) {
        QSTI_TRY(qsti_surrogate_fit(model, d->plan.knowledge, d->plan.model, &seen.train, &a->outcome));
    } else {
        QSTI_TRY(make_matching(d, a, model, &matching));
        hooks.match = matching.match;
        QSTI_TRY(qsti_train(model, &seen.train, &seen.validation, &train, &hooks, &a->outcome));
    }
    if (!is_control(a))
        QSTI_TRY(judge(model, &d->own.validation, &train, &d->result.cells[index]));
    QSTI_TRY(QSTI_NEW(ctx, model->n_weights, &a->weights));
    memcpy(a->weights, model->weights, model->n_weights * sizeof *a->weights);
    a->fit = qsti_model_fourier_fit(model);
done:
    qsti_matching_clear(ctx, &matching);
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
        for (size_t earlier = 0; earlier < i; earlier++)
            if (qsti_control_waits_for(distillation->arms[i].control, distillation->arms[earlier].control))
                QSTI_TRY(qsti_tasks_order(tasks, i, earlier));
    }
    QSTI_TRY(qsti_tasks_run(tasks));
done:
    qsti_tasks_free(tasks);
    return status;
}

/* --- the choice --------------------------------------------------------------------------------------------------- */

size_t qsti_distillation_choose(qsti_distillation *distillation, qst_distill_result *out)
{
    qst_distill_result *result = &distillation->result;
    size_t best = best_cell(result);
    result->cells[best].chosen = true;
    result->temperature = result->cells[best].temperature;
    result->alpha = result->cells[best].alpha;
    result->train = distillation->arms[best].outcome.result;
    *out = *result;
    result->cells = NULL;
    return best;
}

double qsti_distillation_rate_factor(const qsti_distillation *distillation, size_t index)
{
    return distillation->arms[index].rate_factor;
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
    qst_status status = make_arm_model(ctx, &distillation->plan, a->control, &model);
    if (status != QST_OK)
        return status;
    memcpy(model->weights, a->weights, model->n_weights * sizeof *a->weights);
    qsti_model_fourier_note(model, &a->fit);
    *out = model;
    *out_outcome = a->outcome;
    a->outcome = (qsti_train_outcome){0};
    return QST_OK;
}

/* training_trial.c: a trial as tasks (trainings.c): its rows, its arms, and its end: models are measured and saved. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "run/device_exam.h"
#include "run/trainings.h"

/* --- rows and arms ------------------------------------------------------------------------------------------------ */

qst_status qsti_run_trial_begin(qst_ctx *ctx, void *arg)
{
    qst_status status = QST_OK;
    qsti_run_trial *t = arg;
    char student[40];
    double start = qsti_now();
    qsti_recipe_values *values = qsti_run_values(t->run, t->setting);
    snprintf(student, sizeof student, "student%s", t->run->search != NULL ? t->run->search->suffix : "");
    QSTI_TRY(qsti_run_checkpoint(t->run, ctx, t->name, student, &t->checkpoint));
    for (size_t i = 0; i < t->n_trained; i++) {
        const char *what = qsti_role_name(qsti_role_of(t->trained[i]));
        QSTI_TRY(qsti_run_checkpoint(t->run, ctx, t->name, what, &t->control_checkpoints[t->trained[i]]));
    }
    t->train = qsti_run_train_opts(t->run, values, &values->student, t->base->seed, t->checkpoint);
    t->train.conditions = qsti_device_plan_conditions(&t->run->devices[t->setting]);
    const qsti_distill_plan plan = {.dataset = t->base->dataset,
                                    .knowledge = &t->base->teaching.lessons[t->setting],
                                    .model = &values->student.model,
                                    .train = &t->train,
                                    .opts = &values->distill,
                                    .cells = true,
                                    .controls = t->controls,
                                    .control_checkpoints = (const char *const *)t->control_checkpoints};
    QSTI_TRY(qsti_distillation_create(ctx, &plan, &t->distillation));
    t->seconds_total += qsti_now() - start;
done:
    return status;
}

qst_status qsti_run_arm_train(qst_ctx *ctx, void *arg)
{
    qsti_run_arm *a = arg;
    a->span.begin = qsti_now();
    qst_status status = qsti_distillation_train(ctx, a->trial->distillation, a->index);
    a->span.end = qsti_now();
    if (status != QST_ERR_DIVERGED || a->trial->run->search == NULL)
        return status;
    atomic_store(&a->trial->diverged, true); /* the worst that can become of a trial, not of a search */
    return QST_OK;
}

void qsti_run_arm_note(void *arg, qst_log_level level, const char *message)
{
    const qsti_run_arm *a = arg;
    const qsti_run_trial *t = a->trial;
    if (level != QST_LOG_DEBUG)
        qsti_run_note(&t->run->folder, "%s: %s: %s%s", t->name, qsti_role_name(a->role),
                      level == QST_LOG_WARNING ? "warning: " : "", message);
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

static qst_status keep_grid(qst_ctx *ctx, const qst_distill_result *distilled, qsti_seed_result *out)
{
    if (distilled->n_cells < 2)
        return QST_OK;
    qst_status status = QSTI_NEW(ctx, distilled->n_cells, &out->grid);
    if (status != QST_OK)
        return status;
    out->n_grid = distilled->n_cells;
    for (size_t i = 0; i < distilled->n_cells; i++) {
        const qst_distill_cell *cell = &distilled->cells[i];
        out->grid[i] = (qsti_grid_cell){cell->temperature, cell->alpha, cell->validation_accuracy,
                                        cell->validation_loss, cell->chosen};
    }
    return QST_OK;
}

/* On the device: the student, and those that say what became of it there. */
static qst_status examine_on_device(qst_ctx *ctx, const qsti_run_trial *t, const qsti_exam *exam, qst_model *model,
                                    qsti_role role, qsti_role_result *out)
{
    const qsti_device_plan *plan = &t->run->devices[t->setting];
    bool is_wanted = role == QSTI_STUDENT || role == QSTI_CONTROL || role == qsti_role_of(QST_CONTROL_noise_unaware);
    if (plan->recipe == NULL || !is_wanted || !qsti_device_has_circuit(model))
        return QST_OK;
    return qsti_device_exam(ctx, exam, plan, role, model, out, t->base->teaching.measured[t->setting], &out->device);
}

/* The trained arm `index` as a model, measured and saved. */
static qst_status examine_arm(qst_ctx *ctx, qsti_run_trial *t, size_t index, const qsti_exam *exam,
                              const qst_train_opts *loss, qsti_role role, qsti_role_result *out)
{
    qst_status status = QST_OK;
    double label_fraction = qsti_run_values(t->run, t->setting)->distill.label_fraction;
    double rate_factor = qsti_distillation_rate_factor(t->distillation, index);
    qsti_train_outcome *outcome = &t->outcomes[role];
    qst_model *model = NULL;
    QSTI_TRY(qsti_distillation_model(ctx, t->distillation, index, &model, outcome));
    QSTI_TRY(qsti_exam_model(exam, model, label_fraction, outcome, loss, out));
    out->rate_factor = rate_factor;
    out->training_shots = outcome->result.shots;
    QSTI_TRY(examine_on_device(ctx, t, exam, model, role, out));
    QSTI_TRY(qsti_run_save_model(t->run, model, t->name, qsti_role_name(role)));
    t->sizes[role] = qsti_exam_size(model);
done:
    qst_model_free(model);
    return status;
}

static qst_status examine_floor(qst_ctx *ctx, qsti_run_trial *t, const qsti_exam *exam, qsti_role_result *out)
{
    qst_status status = QST_OK;
    const qst_distill_opts *opts = &qsti_run_values(t->run, t->setting)->distill;
    qst_dataset dataset = qsti_dataset_view(exam->dataset, ctx);
    qst_model *model = NULL;
    QSTI_TRY(qst_student_floor(&dataset, opts, t->base->seed, &model));
    QSTI_TRY(qsti_exam_model(exam, model, opts->label_fraction, NULL, NULL, out));
    QSTI_TRY(qsti_run_save_model(t->run, model, t->name, "floor"));
    t->sizes[QSTI_FLOOR] = qsti_exam_size(model);
done:
    qst_model_free(model);
    return status;
}

/* Student and controls; these are measured by the loss of the student that was chosen. */
static qst_status examine_all(qst_ctx *ctx, qsti_run_trial *t, const qsti_exam *exam, qsti_seed_result *out)
{
    qst_status status = QST_OK;
    const qsti_recipe_values *values = qsti_run_values(t->run, t->setting);
    qst_distill_result distilled = {0};
    qst_train_opts loss = t->train;
    loss.conditions = NULL;
    size_t best = qsti_distillation_choose(t->distillation, &distilled);
    loss.loss = values->distill.loss;
    loss.plan = values->distill.plan;
    const qst_loss_plan plan = qsti_loss_plan_without_terms(&loss);
    loss.plan = &plan;
    loss.temperature = distilled.temperature;
    loss.alpha = distilled.alpha;
    out->n_labelled = distilled.n_labelled;
    QSTI_TRY(keep_grid(ctx, &distilled, out));
    QSTI_TRY(examine_arm(ctx, t, best, exam, &loss, QSTI_STUDENT, &out->roles[QSTI_STUDENT]));
    for (size_t i = 0; i < t->n_trained; i++) {
        qsti_role role = qsti_role_of(t->trained[i]);
        QSTI_TRY(examine_arm(ctx, t, distilled.n_cells + i, exam, &loss, role, &out->roles[role]));
    }
    if (qsti_controls_have(t->controls, QST_CONTROL_floor))
        QSTI_TRY(examine_floor(ctx, t, exam, &out->roles[QSTI_FLOOR]));
done:
    qst_distill_result_clear(ctx, &distilled);
    return status;
}

/* The models between teacher and student, and what was asked. */
static qst_status keep_steps(qst_ctx *ctx, const qsti_run_trial *t, qsti_seed_result *out)
{
    qst_status status = QST_OK;
    const qsti_teaching *teaching = &t->base->teaching;
    const qsti_queries *queries = &teaching->lessons[t->setting].queries;
    QSTI_TRY(QSTI_NEW(ctx, teaching->n_mentors, &out->steps));
    for (size_t i = 0; i < teaching->n_mentors; i++) {
        const qsti_mentor *mentor = &teaching->mentors[i];
        qsti_step_result *step = &out->steps[out->n_steps++];
        *step = (qsti_step_result){.in_chain = mentor->in_chain,
                                   .size = mentor->size,
                                   .accuracy = mentor->result.test.accuracy,
                                   .agreement = mentor->result.fidelity.agreement,
                                   .n_steps = mentor->n_steps};
        memcpy(step->name, mentor->name, sizeof step->name);
    }
    for (size_t origin = 0; origin < QSTI_QUERY_ORIGINS; origin++) {
        out->n_queries_wanted[origin] = queries->wanted[origin];
        out->n_queries[origin] = queries->asked[origin];
    }
    out->calibration = qst_knowledge_calibration(teaching->teacher);
done:
    return status;
}

static void add_seconds(qsti_run_trial *t)
{
    for (size_t i = 0; i < qsti_distillation_arms(t->distillation); i++) {
        double seconds = qsti_distillation_seconds(t->distillation, i);
        t->seconds_student += i < t->n_cells ? seconds : 0;
        t->seconds_total += seconds;
    }
}

void qsti_run_trial_clear(qst_ctx *ctx, qsti_run_trial *t)
{
    qsti_distillation_free(ctx, t->distillation);
    t->distillation = NULL;
    qsti_free(ctx, t->checkpoint);
    t->checkpoint = NULL;
    for (int i = 0; i < QST_CONTROL_COUNT; i++) {
        qsti_free(ctx, t->control_checkpoints[i]);
        t->control_checkpoints[i] = NULL;
    }
}

void qsti_run_trial_leave(qst_ctx *ctx, qsti_run_trial *t)
{
    qsti_run_trial_clear(ctx, t);
    if (atomic_fetch_sub(&t->base->n_left, 1) == 1)
        qsti_run_base_clear(ctx, t->base);
}

qst_status qsti_run_trial_end(qst_ctx *ctx, void *arg)
{
    qst_status status = QST_OK;
    qsti_run_trial *t = arg;
    qsti_run_base *b = t->base;
    qsti_seed_result *out = &t->run->results[t->setting].seeds[t->index];
    qst_dataset dataset = qsti_dataset_view(b->dataset, ctx);
    qst_knowledge knowledge = qsti_knowledge_view(b->teaching.teacher, ctx);
    qsti_exam exam = b->teaching.exam;
    double start = qsti_now();
    exam.dataset = &dataset;
    exam.knowledge = &knowledge;
    exam.label_noise = qsti_run_values(t->run, t->setting)->distill.label_noise;
    out->seed = b->seed;
    out->n_train = exam.parts[QST_TRAIN].n;
    out->n_validation = exam.parts[QST_VALIDATION].n;
    out->n_test = exam.parts[QST_TEST].n;
    add_seconds(t);
    QSTI_TRY(qsti_role_result_copy(ctx, &b->teaching.result, &out->roles[QSTI_TEACHER]));
    if (b->teaching.measured[t->setting] != NULL)
        QSTI_TRY(qsti_device_result_copy(ctx, b->teaching.measured[t->setting], &out->roles[QSTI_TEACHER].device));
    QSTI_TRY(keep_steps(ctx, t, out));
    t->sizes[QSTI_TEACHER] = qsti_exam_teacher_size(&exam);
    QSTI_TRY(examine_all(ctx, t, &exam, out));
    qsti_run_trial_leave(ctx, t);
    t->seconds_total += qsti_now() - start;
done:
    return status;
}

static void tell_queries(qsti_run *run, const char *name, const qsti_seed_result *seed)
{
    size_t asked = 0, wanted = 0;
    for (size_t o = 0; o < QSTI_REPORT_QUERIES; o++) {
        asked += seed->n_queries[o];
        wanted += seed->n_queries_wanted[o];
    }
    if (wanted > 0)
        qsti_run_log(&run->folder, "%s: the teacher was asked %zu rows beyond the dataset, of %zu wanted", name, asked,
                     wanted);
}

static void tell_device(qsti_run *run, const char *name, qsti_role role, const qsti_device_result *result)
{
    const qsti_column_result *columns = result->columns;
    qsti_run_log(&run->folder, "%s: %s: on the device %.2f %%, mitigated %.2f %%", name, qsti_role_name(role),
                 100 * (double)columns[QSTI_DEVICE].n_correct / (double)result->n,
                 100 * (double)columns[QSTI_MITIGATED].n_correct / (double)result->n);
}

qst_status qsti_run_trial_deliver(qst_ctx *ctx, void *arg)
{
    qsti_run_trial *t = arg;
    qsti_run *run = t->run;
    const qsti_recipe_values *values = qsti_run_values(run, t->setting);
    qsti_setting_result *result = &run->results[t->setting];
    const qsti_role_result *roles = result->seeds[t->index].roles;
    uint64_t seed = t->base->seed;
    memcpy(result->sizes, t->sizes, sizeof t->sizes);
    result->seconds_teacher += t->base->seconds;
    result->seconds_student += t->seconds_student;
    result->seconds_total += t->base->seconds + t->seconds_total;
    tell_queries(run, t->name, &result->seeds[t->index]);
    if (roles[QSTI_TEACHER].device != NULL)
        tell_device(run, t->name, QSTI_TEACHER, roles[QSTI_TEACHER].device);
    for (int role = QSTI_STUDENT; role < QSTI_ROLE_COUNT; role++) {
        const char *what = qsti_role_name((qsti_role)role);
        double accuracy = roles[role].test.accuracy;
        if (role == QSTI_FLOOR && roles[role].present)
            qsti_run_log(&run->folder, "%s: floor: test accuracy %.2f %%", t->name, 100 * accuracy);
        else if (roles[role].present)
            qsti_run_tell(run, values->setting, seed, t->name, what, accuracy, &t->outcomes[role]);
        if (roles[role].present && roles[role].device != NULL)
            tell_device(run, t->name, (qsti_role)role, roles[role].device);
        qsti_train_outcome_clear(ctx, &t->outcomes[role]);
    }
    return qsti_run_flush_sometimes(&run->folder);
}

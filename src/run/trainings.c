/* trainings.c: all trainings of a run as tasks (base/tasks.h), which go on side by side.
 *
 * A base is what the settings of a seed with the same data and teacher stand on: dataset, teacher, knowledge. A trial
 * is one setting on it: student and controls, measured on the test rows.
 *
 *     base -> trial: rows -> cell 0, cell 1, ..., no_teacher, ... -> trial: choice, measures, models
 *                                    \-> controls that follow the student -/
 *
 * The order of the list is that of one thread: seed after seed, setting after setting. Tasks leave files, and results
 * in places of their own; lines of log.txt and metrics.csv are delivered in that order. Every training leaves its end
 * as a checkpoint: a resumed run walks the same way, and what was finished takes no steps.
 */
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/tasks.h"
#include "base/text.h"
#include "run/run.h"
#include "run/teachers.h"
#include "student/distillation.h"

bool qsti_run_keeps_weights(const qsti_recipe_values *values)
{
    const qst_train_opts opts = {.plan = values->distill.plan};
    return values->distill.initial_weights || qsti_loss_plan_needs_states(&opts);
}

/* When something was trained, in monotonic seconds; both 0: not at all. */
typedef struct span {
    double begin, end;
} span;

typedef struct base {
    qsti_run *run;
    size_t setting; /* the first one that needs it */
    uint64_t seed;
    char name[256];
    qst_dataset *dataset;
    qsti_teaching teaching;
    atomic_size_t n_left; /* trials that have not ended: the last one clears what stands above, but for the mentors */
    double seconds;
    span span;
    size_t group, task;
} base;

typedef struct trial {
    qsti_run *run;
    base *base;
    size_t setting, index; /* of the seed */
    char name[256];
    qst_controls controls;                  /* those that make sense */
    qst_control trained[QST_CONTROL_COUNT]; /* of them those that are arms, behind the cells */
    size_t n_cells, n_trained;
    char *checkpoint; /* of the student */
    char *control_checkpoints[QST_CONTROL_COUNT];
    qst_train_opts train;
    qsti_distillation *distillation;
    double seconds_student, seconds_total;
    atomic_bool diverged; /* one of its trainings; in a search alone */
    qsti_size sizes[QSTI_ROLE_COUNT];
    qsti_train_outcome outcomes[QSTI_ROLE_COUNT]; /* until they are delivered */
} trial;

typedef struct arm {
    trial *trial;
    size_t index, task;
    qsti_role role;
    span span;
} arm;

typedef struct trainings {
    qsti_run *run;
    qsti_tasks *tasks;
    base *bases; /* (seeds, settings): of each seed those of its groups; run NULL: none */
    trial *trials;
    arm *arms;
    size_t n_bases, n_trials, n_arms; /* n_trials, n_arms: made so far */
    size_t n_groups;
} trainings;

static qsti_recipe_values *values_of(const qsti_run *run, size_t setting)
{
    return &run->recipe->settings[setting];
}

/* --- files -------------------------------------------------------------------------------------------------------- */

/* A trained model's epochs and its line in the log. `setting`: "" when several share it. */
static void tell(qsti_run *run, const char *setting, uint64_t seed, const char *name, const char *what, double accuracy,
                 const qsti_train_outcome *outcome)
{
    qsti_run_metrics(&run->folder, setting, seed, what, outcome);
    if (outcome->result.epochs == 0)
        qsti_run_log(&run->folder, "%s: %s: test accuracy %.2f %%, fitted", name, what, 100 * accuracy);
    else
        qsti_run_log(&run->folder, "%s: %s: test accuracy %.2f %%, epoch %zu of %zu", name, what, 100 * accuracy,
                     outcome->result.selected_epoch, outcome->result.epochs);
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

/* --- a base ------------------------------------------------------------------------------------------------------- */

static void base_clear(qst_ctx *ctx, base *b)
{
    qsti_teaching_release(ctx, &b->teaching);
    qst_dataset_free(b->dataset);
    b->dataset = NULL;
}

/* Dataset, teacher and knowledge of one seed. They belong to the task's context, which is kept. */
static qst_status make_base(qst_ctx *ctx, void *arg)
{
    qst_status status = QST_OK;
    base *b = arg;
    qst_table table = qsti_table_view(b->run->tables[b->setting], ctx);
    char *path = NULL;
    QSTI_TRY(qsti_run_dataset(values_of(b->run, b->setting), &table, b->seed, &b->dataset));
    if (b->run->search == NULL) {
        QSTI_TRY(qsti_run_path(ctx, &b->run->folder, &path, "%s/data", b->name));
        QSTI_TRY(qst_dataset_save(b->dataset, path));
    }
    const qsti_teaching_plan plan = {b->run, b->setting, b->seed, b->name, b->dataset, &table};
    QSTI_TRY(qsti_teaching_make(ctx, &plan, &b->teaching));
    b->seconds = qsti_teaching_seconds(&b->teaching);
    b->span = (span){b->teaching.begin, b->teaching.end};
done:
    qsti_free(ctx, path);
    return status;
}

static qst_status deliver_base(qst_ctx *ctx, void *arg)
{
    base *b = arg;
    const char *setting = b->setting == 0 ? "" : values_of(b->run, b->setting)->setting;
    for (size_t i = 0; i < b->teaching.n_mentors; i++) {
        qsti_mentor *mentor = &b->teaching.mentors[i];
        if (b->run->search == NULL)
            tell(b->run, setting, b->seed, b->name, mentor->name, mentor->result.test.accuracy, &mentor->outcome);
        else
            qsti_run_log(&b->run->folder, "%s: %s: epoch %zu of %zu", b->name, mentor->name,
                         mentor->outcome.result.selected_epoch, mentor->outcome.result.epochs);
        qsti_train_outcome_clear(ctx, &mentor->outcome);
    }
    return QST_OK;
}

static void note_base(void *arg, qst_log_level level, const char *message)
{
    const base *b = arg;
    if (level != QST_LOG_DEBUG)
        qsti_run_note(&b->run->folder, "%s: teacher: %s%s", b->name, level == QST_LOG_WARNING ? "warning: " : "",
                      message);
}

/* --- a trial: its rows, its arms ---------------------------------------------------------------------------------- */

static qst_status begin_trial(qst_ctx *ctx, void *arg)
{
    qst_status status = QST_OK;
    trial *t = arg;
    char student[40];
    double start = qsti_now();
    qsti_recipe_values *values = values_of(t->run, t->setting);
    snprintf(student, sizeof student, "student%s", t->run->search != NULL ? t->run->search->suffix : "");
    QSTI_TRY(qsti_run_checkpoint(t->run, ctx, t->name, student, &t->checkpoint));
    for (size_t i = 0; i < t->n_trained; i++) {
        const char *what = qsti_role_name(qsti_role_of(t->trained[i]));
        QSTI_TRY(qsti_run_checkpoint(t->run, ctx, t->name, what, &t->control_checkpoints[t->trained[i]]));
    }
    t->train = qsti_run_train_opts(t->run, values, &values->student, t->base->seed, t->checkpoint);
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

static qst_status train_arm(qst_ctx *ctx, void *arg)
{
    arm *a = arg;
    a->span.begin = qsti_now();
    qst_status status = qsti_distillation_train(ctx, a->trial->distillation, a->index);
    a->span.end = qsti_now();
    if (status != QST_ERR_DIVERGED || a->trial->run->search == NULL)
        return status;
    atomic_store(&a->trial->diverged, true); /* the worst that can become of a trial, not of a search */
    return QST_OK;
}

static void note_arm(void *arg, qst_log_level level, const char *message)
{
    const arm *a = arg;
    const trial *t = a->trial;
    if (level != QST_LOG_DEBUG)
        qsti_run_note(&t->run->folder, "%s: %s: %s%s", t->name, qsti_role_name(a->role),
                      level == QST_LOG_WARNING ? "warning: " : "", message);
}

/* --- a trial: its end --------------------------------------------------------------------------------------------- */

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

/* The trained arm `index` as a model, measured and saved. */
static qst_status examine_arm(qst_ctx *ctx, trial *t, size_t index, const qsti_exam *exam, const qst_train_opts *loss,
                              qsti_role role, qsti_role_result *out)
{
    qst_status status = QST_OK;
    double label_fraction = values_of(t->run, t->setting)->distill.label_fraction;
    double rate_factor = qsti_distillation_rate_factor(t->distillation, index);
    qsti_train_outcome *outcome = &t->outcomes[role];
    qst_model *model = NULL;
    QSTI_TRY(qsti_distillation_model(ctx, t->distillation, index, &model, outcome));
    QSTI_TRY(qsti_exam_model(exam, model, label_fraction, outcome, loss, out));
    out->rate_factor = rate_factor;
    QSTI_TRY(qsti_run_save_model(t->run, model, t->name, qsti_role_name(role)));
    t->sizes[role] = qsti_exam_size(model);
done:
    qst_model_free(model);
    return status;
}

static qst_status examine_floor(qst_ctx *ctx, trial *t, const qsti_exam *exam, qsti_role_result *out)
{
    qst_status status = QST_OK;
    const qst_distill_opts *opts = &values_of(t->run, t->setting)->distill;
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
static qst_status examine_all(qst_ctx *ctx, trial *t, const qsti_exam *exam, qsti_seed_result *out)
{
    qst_status status = QST_OK;
    const qsti_recipe_values *values = values_of(t->run, t->setting);
    qst_distill_result distilled = {0};
    qst_train_opts loss = t->train;
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
static qst_status keep_steps(qst_ctx *ctx, const trial *t, qsti_seed_result *out)
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

static void add_seconds(trial *t)
{
    for (size_t i = 0; i < qsti_distillation_arms(t->distillation); i++) {
        double seconds = qsti_distillation_seconds(t->distillation, i);
        t->seconds_student += i < t->n_cells ? seconds : 0;
        t->seconds_total += seconds;
    }
}

static void trial_clear(qst_ctx *ctx, trial *t)
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

static qst_status end_trial(qst_ctx *ctx, void *arg)
{
    qst_status status = QST_OK;
    trial *t = arg;
    base *b = t->base;
    qsti_seed_result *out = &t->run->results[t->setting].seeds[t->index];
    qst_dataset dataset = qsti_dataset_view(b->dataset, ctx);
    qst_knowledge knowledge = qsti_knowledge_view(b->teaching.teacher, ctx);
    qsti_exam exam = b->teaching.exam;
    double start = qsti_now();
    exam.dataset = &dataset;
    exam.knowledge = &knowledge;
    exam.label_noise = values_of(t->run, t->setting)->distill.label_noise;
    out->seed = b->seed;
    out->n_train = exam.parts[QST_TRAIN].n;
    out->n_validation = exam.parts[QST_VALIDATION].n;
    out->n_test = exam.parts[QST_TEST].n;
    add_seconds(t);
    QSTI_TRY(qsti_role_result_copy(ctx, &b->teaching.result, &out->roles[QSTI_TEACHER]));
    QSTI_TRY(keep_steps(ctx, t, out));
    t->sizes[QSTI_TEACHER] = qsti_exam_teacher_size(&exam);
    QSTI_TRY(examine_all(ctx, t, &exam, out));
    trial_clear(ctx, t);
    if (atomic_fetch_sub(&b->n_left, 1) == 1)
        base_clear(ctx, b);
    t->seconds_total += qsti_now() - start;
done:
    return status;
}

static qst_status deliver_trial(qst_ctx *ctx, void *arg)
{
    trial *t = arg;
    qsti_run *run = t->run;
    const qsti_recipe_values *values = values_of(run, t->setting);
    qsti_setting_result *result = &run->results[t->setting];
    const qsti_role_result *roles = result->seeds[t->index].roles;
    uint64_t seed = t->base->seed;
    memcpy(result->sizes, t->sizes, sizeof t->sizes);
    result->seconds_teacher += t->base->seconds;
    result->seconds_student += t->seconds_student;
    result->seconds_total += t->base->seconds + t->seconds_total;
    tell_queries(run, t->name, &result->seeds[t->index]);
    for (int role = QSTI_STUDENT; role < QSTI_ROLE_COUNT; role++) {
        const char *what = qsti_role_name((qsti_role)role);
        double accuracy = roles[role].test.accuracy;
        if (role == QSTI_FLOOR && roles[role].present)
            qsti_run_log(&run->folder, "%s: floor: test accuracy %.2f %%", t->name, 100 * accuracy);
        else if (roles[role].present)
            tell(run, values->setting, seed, t->name, what, accuracy, &t->outcomes[role]);
        qsti_train_outcome_clear(ctx, &t->outcomes[role]);
    }
    return qsti_run_flush(&run->folder);
}

/* --- a trial of a search: its end --------------------------------------------------------------------------------- */

static qst_status end_search(qst_ctx *ctx, void *arg)
{
    trial *t = arg;
    base *b = t->base;
    const qsti_search_round *search = t->run->search;
    qst_distill_result distilled = {0};
    qsti_search_score *score = &search->scores[t->setting * search->n_seeds + t->index];
    *score = (qsti_search_score){.diverged = atomic_load(&t->diverged), .accuracy = NAN, .loss = NAN};
    size_t best = qsti_distillation_choose(t->distillation, &distilled);
    if (!score->diverged) {
        const qst_distill_cell *cell = &distilled.cells[best];
        score->accuracy = cell->validation_accuracy;
        score->loss = cell->validation_loss;
        score->epoch = distilled.train.selected_epoch;
    }
    score->temperature = distilled.temperature;
    score->alpha = distilled.alpha;
    for (size_t i = 0; i < b->dataset->n_rows; i++)
        score->n_validation += b->dataset->splits[i] == QST_VALIDATION;
    qst_distill_result_clear(ctx, &distilled);
    trial_clear(ctx, t);
    if (atomic_fetch_sub(&b->n_left, 1) == 1)
        base_clear(ctx, b);
    return QST_OK;
}

static qst_status deliver_search(qst_ctx *ctx, void *arg)
{
    (void)ctx;
    trial *t = arg;
    qsti_run *run = t->run;
    const qsti_search_score *score = &run->search->scores[t->setting * run->search->n_seeds + t->index];
    if (score->diverged)
        qsti_run_log(&run->folder, "%s: diverged", t->name);
    else
        qsti_run_log(&run->folder, "%s: validation accuracy %.2f %%, cross-entropy %.4f, epoch %zu", t->name,
                     100 * score->accuracy, score->loss, score->epoch);
    return run->search->deliver(run->search->user, t->setting, t->index);
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

/* What a rotation of a sample costs beside its amplitudes, in amplitudes: the ratio of 8-qubit to 4-qubit trainings. */
#define FIXED_COST 80

/* The cost of a training in units that compare: amplitudes x weights x epochs. */
static double cost_of(const qsti_recipe_model *model)
{
    if (model->is_table)
        return 0;
    double layers = (double)(model->model.circuit.ansatz.reps ? model->model.circuit.ansatz.reps : 3);
    double qubits = (double)model->model.circuit.qubits;
    double amplitudes = (double)((size_t)1 << (model->model.circuit.qubits < 40 ? model->model.circuit.qubits : 40));
    return (FIXED_COST + amplitudes) * qubits * layers * (double)model->train.epochs *
           (double)(model->train.restarts + 1);
}

/* The cost of all trainings before the student's. */
static double cost_of_base(const qsti_recipe_values *values)
{
    double cost = cost_of(&values->teacher) * (double)values->teacher.ensemble;
    double n_cells = (double)qsti_distill_cells(&values->distill);
    for (size_t i = 0; i < values->n_assistants; i++)
        cost += n_cells * cost_of(&values->assistant_models[i]);
    return cost + n_cells * (double)(values->generations - 1) * cost_of(&values->student);
}

static qst_status add_base(trainings *all, size_t setting, size_t index, base *b)
{
    qsti_run *run = all->run;
    size_t first = run->group[setting];
    const qsti_recipe_values *values = values_of(run, first);
    const char *prefix = first == 0 ? "" : values->setting;
    char stage[160];
    *b = (base){.run = run, .setting = first, .group = all->n_groups++};
    b->seed = values_of(run, setting)->seed + index;
    snprintf(b->name, sizeof b->name, "%.200s%sseed-%llu", prefix, *prefix ? "/" : "", (unsigned long long)b->seed);
    snprintf(stage, sizeof stage, "seed %zu of %zu: teacher", index + 1, values->seeds);
    const qsti_task task = {.run = make_base,
                            .deliver = deliver_base,
                            .note = note_base,
                            .arg = b,
                            .stage = stage,
                            .cost = cost_of_base(values),
                            .group = b->group,
                            .keeps_ctx = true};
    return qsti_tasks_add(all->tasks, &task, &b->task);
}

/* A task of a trial behind one that is there. */
static qst_status add_behind(trainings *all, const trial *t, qsti_task task, size_t earlier, const char *what,
                             size_t *out_task)
{
    const qsti_recipe_values *values = values_of(t->run, t->setting);
    bool one = t->run->recipe->n_settings == 1;
    char stage[160];
    snprintf(stage, sizeof stage, "seed %zu of %zu: %s%s%s", t->index + 1, values->seeds, one ? "" : values->setting,
             one ? "" : ": ", what);
    task.stage = stage;
    task.group = t->base->group;
    qst_status status = qsti_tasks_add(all->tasks, &task, out_task);
    return status == QST_OK ? qsti_tasks_order(all->tasks, *out_task, earlier) : status;
}

static qst_control control_of(const trial *t, size_t index)
{
    return index < t->n_cells ? QST_CONTROL_COUNT : t->trained[index - t->n_cells];
}

/* Arm `index` of a trial, the next one of the list, behind its rows and the arms that it waits for. */
static qst_status add_arm(trainings *all, trial *t, size_t index, size_t rows, size_t *out_task)
{
    qst_status status = QST_OK;
    const qsti_recipe_values *values = values_of(all->run, t->setting);
    arm *a = &all->arms[all->n_arms++], *first = a - index;
    qst_control control = control_of(t, index);
    *a = (arm){.trial = t, .index = index, .role = control == QST_CONTROL_COUNT ? QSTI_STUDENT : qsti_role_of(control)};
    const qsti_task task = {.run = train_arm, .note = note_arm, .arg = a, .cost = cost_of(&values->student)};
    QSTI_TRY(add_behind(all, t, task, rows, qsti_role_name(a->role), &a->task));
    for (size_t i = 0; i < index; i++)
        if (qsti_control_waits_for(control, control_of(t, i)))
            QSTI_TRY(qsti_tasks_order(all->tasks, a->task, first[i].task));
    *out_task = a->task;
done:
    return status;
}

static qst_status add_trial(trainings *all, size_t setting, size_t index, base *b)
{
    qst_status status = QST_OK;
    trial *t = &all->trials[all->n_trials++];
    const qsti_recipe_values *values = values_of(all->run, setting);
    arm *arms = &all->arms[all->n_arms];
    size_t rows = 0, last = 0, task = 0;
    *t = (trial){.run = all->run, .base = b, .setting = setting, .index = index};
    t->controls =
        qsti_controls_fitting(values->controls, &values->student.model, &values->student.train, &values->distill);
    t->n_cells = qsti_distill_cells(&values->distill);
    t->n_trained = qsti_distill_controls(t->controls, t->trained);
    snprintf(t->name, sizeof t->name, "%.200s/seed-%llu", values->setting, (unsigned long long)b->seed);
    atomic_fetch_add(&b->n_left, 1);
    QSTI_TRY(add_behind(all, t, (qsti_task){.run = begin_trial, .arg = t}, b->task, "student", &rows));
    for (size_t i = 0; i < t->n_cells + t->n_trained; i++)
        QSTI_TRY(add_arm(all, t, i, rows, &last));
    bool search = all->run->search != NULL;
    const qsti_task end = {.run = search ? end_search : end_trial,
                           .deliver = search ? deliver_search : deliver_trial,
                           .arg = t,
                           .soon = true};
    QSTI_TRY(add_behind(all, t, end, last, "measures", &task));
    for (size_t i = 0; arms[i].task != last; i++)
        QSTI_TRY(qsti_tasks_order(all->tasks, task, arms[i].task));
done:
    return status;
}

/* Room for all, so that tasks may point into it. */
static qst_status trainings_create(trainings *all)
{
    qst_status status = QST_OK;
    qsti_run *run = all->run;
    size_t n_settings = run->recipe->n_settings, n_seeds = 0, n_trials = 0, n_arms = 0;
    for (size_t s = 0; s < n_settings; s++) {
        const qsti_recipe_values *values = values_of(run, s);
        n_seeds = values->seeds > n_seeds ? values->seeds : n_seeds;
        n_trials += values->seeds;
        n_arms += values->seeds * (qsti_distill_cells(&values->distill) + QST_CONTROL_COUNT);
    }
    all->n_bases = n_seeds * n_settings;
    QSTI_TRY(QSTI_NEW(run->ctx, all->n_bases, &all->bases));
    QSTI_TRY(QSTI_NEW(run->ctx, n_trials, &all->trials));
    QSTI_TRY(QSTI_NEW(run->ctx, n_arms, &all->arms));
    QSTI_TRY(qsti_tasks_create(run->ctx, &all->tasks));
    for (size_t index = 0; index < n_seeds; index++) {
        for (size_t s = 0; s < n_settings; s++) {
            base *b = &all->bases[index * n_settings + run->group[s]];
            if (index >= values_of(run, s)->seeds || (run->search != NULL && run->search->idle[s]))
                continue;
            if (b->run == NULL)
                QSTI_TRY(add_base(all, s, index, b));
            QSTI_TRY(add_trial(all, s, index, b));
        }
    }
done:
    return status;
}

/* Contexts last: what is freed before may borrow them. */
static void trainings_clear(trainings *all)
{
    qst_ctx *ctx = all->run->ctx;
    for (size_t i = 0; i < all->n_trials; i++) {
        trial_clear(ctx, &all->trials[i]);
        for (int role = 0; role < QSTI_ROLE_COUNT; role++)
            qsti_train_outcome_clear(ctx, &all->trials[i].outcomes[role]);
    }
    for (size_t i = 0; i < all->n_bases && all->bases != NULL; i++) {
        base_clear(ctx, &all->bases[i]);
        qsti_mentors_free(ctx, all->bases[i].teaching.mentors, all->bases[i].teaching.n_mentors);
    }
    qsti_tasks_free(all->tasks);
    qsti_free(ctx, all->arms);
    qsti_free(ctx, all->trials);
    qsti_free(ctx, all->bases);
}

/* --- the time of training ----------------------------------------------------------------------------------------- */

static int compare_spans(const void *a, const void *b)
{
    const span *x = a, *y = b;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

/* How long at least one training was under way. */
static qst_status measure_time(const trainings *all, double *out)
{
    size_t n = 0;
    double covered = 0, seconds = 0;
    span *spans = NULL;
    qst_status status = QSTI_NEW(all->run->ctx, all->n_bases + all->n_arms, &spans);
    if (status != QST_OK)
        return status;
    for (size_t i = 0; i < all->n_bases; i++)
        spans[n++] = all->bases[i].span;
    for (size_t i = 0; i < all->n_arms; i++)
        spans[n++] = all->arms[i].span;
    qsort(spans, n, sizeof *spans, compare_spans);
    for (size_t i = 0; i < n; i++) {
        double begin = spans[i].begin > covered ? spans[i].begin : covered;
        seconds += spans[i].end > begin ? spans[i].end - begin : 0;
        covered = spans[i].end > covered ? spans[i].end : covered;
    }
    qsti_free(all->run->ctx, spans);
    *out = seconds;
    return QST_OK;
}

qst_status qsti_run_trainings(qsti_run *run)
{
    qst_status status = QST_OK;
    trainings all = {.run = run};
    char *checkpoints = NULL;
    QSTI_TRY(qsti_run_path(run->ctx, &run->folder, &checkpoints, "checkpoints"));
    QSTI_TRY(qsti_folder_make(run->ctx, checkpoints));
    QSTI_TRY(trainings_create(&all));
    QSTI_TRY(qsti_tasks_run(all.tasks));
    QSTI_TRY(measure_time(&all, &run->seconds_training));
done:
    trainings_clear(&all);
    qsti_free(run->ctx, checkpoints);
    return status;
}

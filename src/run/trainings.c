/* trainings.c: all trainings of a run as tasks (base/tasks.h), which go on side by side.
 *
 * A base is what the settings of a seed with the same data and teacher stand on: dataset, teacher, knowledge. A trial
 * is one setting on it: student, control and floor, measured on the test rows.
 *
 *     base -> trial: rows -> cell 0, cell 1, ..., control -> trial: choice, measures, models
 *
 * The order of the list is that of one thread: seed after seed, setting after setting. Tasks leave files, and results
 * in places of their own; lines of log.txt and metrics.csv are delivered in that order. Every training leaves its end
 * as a checkpoint: a resumed run walks the same way, and what was finished takes no steps.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/tasks.h"
#include "base/text.h"
#include "run/run.h"
#include "student/distillation.h"
#include "teacher/teacher.h"

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
    qst_knowledge *knowledge;
    qsti_exam exam;
    qsti_role_result teacher;
    atomic_size_t n_left; /* trials that have not ended: the last one clears what stands above */
    double seconds, accuracy;
    qsti_train_outcome outcome; /* until it is delivered */
    span span;
    size_t group, task;
} base;

typedef struct trial {
    qsti_run *run;
    base *base;
    size_t setting, index; /* of the seed */
    char name[256];
    char *checkpoints[2]; /* of student and control */
    qst_train_opts train;
    qsti_distillation *distillation;
    double seconds_student, seconds_total;
    qsti_size sizes[QSTI_ROLE_COUNT];
    qsti_train_outcome student, control; /* until they are delivered */
} trial;

typedef struct arm {
    trial *trial;
    size_t index;
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

/* The name of a checkpoint: slashes would be folders. */
static qst_status checkpoint_path(const qsti_run *run, qst_ctx *ctx, const char *name, const char *what, char **out)
{
    char flat[300];
    snprintf(flat, sizeof flat, "%.250s-%.40s", name, what);
    for (char *c = flat; *c != '\0'; c++)
        *c = *c == '/' ? '-' : *c;
    return qsti_run_path(ctx, &run->folder, out, "checkpoints/%s.checkpoint", flat);
}

static qst_train_opts train_opts(const qsti_run *run, size_t setting, const qsti_recipe_model *model, uint64_t seed,
                                 const char *checkpoint)
{
    qst_train_opts opts = model->train;
    opts.seed = seed;
    opts.checkpoint = checkpoint;
    opts.checkpoint_every_s = values_of(run, setting)->checkpoint_every_s;
    opts.resume = run->resume;
    return opts;
}

static qst_status save_model(const qsti_run *run, const qst_model *model, const char *name, const char *what)
{
    char *path = NULL;
    qst_status status = qsti_run_path(model->ctx, &run->folder, &path, "%s/%s", name, what);
    if (status == QST_OK)
        status = qst_model_save(model, path);
    qsti_free(model->ctx, path);
    return status;
}

/* A trained model's epochs and its line in the log. `setting`: "" when several share it. */
static void tell(qsti_run *run, const char *setting, uint64_t seed, const char *name, const char *what, double accuracy,
                 const qsti_train_outcome *outcome)
{
    qsti_run_metrics(&run->folder, setting, seed, what, outcome);
    qsti_run_log(&run->folder, "%s: %s: test accuracy %.2f %%, epoch %zu of %zu", name, what, 100 * accuracy,
                 outcome->result.selected_epoch, outcome->result.epochs);
}

/* --- a base ------------------------------------------------------------------------------------------------------- */

static void base_clear(qst_ctx *ctx, base *b)
{
    qsti_exam_clear(&b->exam);
    qsti_role_result_clear(ctx, &b->teacher);
    qst_knowledge_free(b->knowledge);
    qst_dataset_free(b->dataset);
    b->knowledge = NULL;
    b->dataset = NULL;
}

static qst_status train_teacher(qst_ctx *ctx, base *b)
{
    qst_status status = QST_OK;
    qsti_recipe_values *values = values_of(b->run, b->setting);
    qst_model *teacher = NULL;
    char *checkpoint = NULL;
    const qsti_train_hooks hooks = qsti_train_progress(ctx);
    QSTI_TRY(checkpoint_path(b->run, ctx, b->name, "teacher", &checkpoint));
    qst_train_opts opts = train_opts(b->run, b->setting, &values->teacher, b->seed, checkpoint);
    b->span.begin = qsti_now();
    QSTI_TRY(qsti_teacher_train(b->dataset, &values->teacher.model, &opts, &hooks, &teacher, &b->outcome));
    b->span.end = qsti_now();
    b->seconds = b->outcome.result.seconds;
    QSTI_TRY(qst_knowledge_extract(teacher, b->dataset, &b->knowledge));
    if (values->distill.initial_weights)
        QSTI_TRY(qst_knowledge_add_weights(b->knowledge, teacher));
    QSTI_TRY(qsti_exam_create(b->dataset, b->knowledge, &b->exam));
    QSTI_TRY(qsti_exam_model(&b->exam, teacher, 1.0, &b->outcome, NULL, &b->teacher));
    b->accuracy = b->teacher.test.accuracy;
    QSTI_TRY(save_model(b->run, teacher, b->name, "teacher"));
done:
    qst_model_free(teacher);
    qsti_free(ctx, checkpoint);
    return status;
}

/* Dataset, teacher and knowledge of one seed. They belong to the task's context, which is kept. */
static qst_status make_base(qst_ctx *ctx, void *arg)
{
    qst_status status = QST_OK;
    base *b = arg;
    const qsti_recipe_values *values = values_of(b->run, b->setting);
    qst_table table = qsti_table_view(b->run->tables[b->setting], ctx);
    char *path = NULL;
    QSTI_TRY(qsti_run_dataset(values, &table, b->seed, &b->dataset));
    QSTI_TRY(qsti_run_path(ctx, &b->run->folder, &path, "%s/data", b->name));
    QSTI_TRY(qst_dataset_save(b->dataset, path));
    if (values->teacher.is_table) {
        QSTI_TRY(qsti_run_table_knowledge(values, b->dataset, &b->knowledge));
        QSTI_TRY(qsti_exam_create(b->dataset, b->knowledge, &b->exam));
        QSTI_TRY(qsti_exam_teacher(&b->exam, &b->teacher));
    } else {
        QSTI_TRY(train_teacher(ctx, b));
    }
    qsti_free(ctx, path);
    path = NULL;
    QSTI_TRY(qsti_run_path(ctx, &b->run->folder, &path, "%s/knowledge", b->name));
    QSTI_TRY(qst_knowledge_save(b->knowledge, path));
done:
    qsti_free(ctx, path);
    return status;
}

static qst_status deliver_base(qst_ctx *ctx, void *arg)
{
    base *b = arg;
    const qsti_recipe_values *values = values_of(b->run, b->setting);
    if (!values->teacher.is_table)
        tell(b->run, b->setting == 0 ? "" : values->setting, b->seed, b->name, "teacher", b->accuracy, &b->outcome);
    qsti_train_outcome_clear(ctx, &b->outcome);
    return QST_OK;
}

static void note_base(void *arg, qst_log_level level, const char *message)
{
    const base *b = arg;
    if (level == QST_LOG_WARNING)
        qsti_run_note(&b->run->folder, "%s: teacher: warning: %s", b->name, message);
}

/* --- a trial: its rows, its arms ---------------------------------------------------------------------------------- */

static qst_status begin_trial(qst_ctx *ctx, void *arg)
{
    qst_status status = QST_OK;
    trial *t = arg;
    double start = qsti_now();
    qsti_recipe_values *values = values_of(t->run, t->setting);
    QSTI_TRY(checkpoint_path(t->run, ctx, t->name, "student", &t->checkpoints[0]));
    QSTI_TRY(checkpoint_path(t->run, ctx, t->name, "control", &t->checkpoints[1]));
    t->train = train_opts(t->run, t->setting, &values->student, t->base->seed, t->checkpoints[0]);
    const qsti_distill_plan plan = {t->base->dataset, t->base->knowledge, &values->student.model,
                                    &t->train,        &values->distill,   true,
                                    values->controls, t->checkpoints[1]};
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
    return status;
}

static void note_arm(void *arg, qst_log_level level, const char *message)
{
    const arm *a = arg;
    const trial *t = a->trial;
    size_t n_cells = qsti_distill_cells(&values_of(t->run, t->setting)->distill);
    if (level == QST_LOG_WARNING)
        qsti_run_note(&t->run->folder, "%s: %s: warning: %s", t->name, a->index < n_cells ? "student" : "control",
                      message);
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
                              qsti_role role, qsti_role_result *out, qsti_train_outcome *outcome)
{
    qst_status status = QST_OK;
    double label_fraction = values_of(t->run, t->setting)->distill.label_fraction;
    qst_model *model = NULL;
    QSTI_TRY(qsti_distillation_model(ctx, t->distillation, index, &model, outcome));
    QSTI_TRY(qsti_exam_model(exam, model, label_fraction, outcome, loss, out));
    QSTI_TRY(save_model(t->run, model, t->name, qsti_role_name(role)));
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
    QSTI_TRY(save_model(t->run, model, t->name, "floor"));
    t->sizes[QSTI_FLOOR] = qsti_exam_size(model);
done:
    qst_model_free(model);
    return status;
}

/* Student, control and floor; the control is measured by the loss of the student that was chosen. */
static qst_status examine_all(qst_ctx *ctx, trial *t, const qsti_exam *exam, qsti_seed_result *out)
{
    qst_status status = QST_OK;
    const qsti_recipe_values *values = values_of(t->run, t->setting);
    qst_distill_result distilled = {0};
    qst_train_opts loss = t->train;
    size_t best = qsti_distillation_choose(t->distillation, &distilled);
    loss.loss = values->distill.loss;
    loss.plan = values->distill.plan;
    loss.temperature = distilled.temperature;
    loss.alpha = distilled.alpha;
    out->n_labelled = distilled.n_labelled;
    QSTI_TRY(keep_grid(ctx, &distilled, out));
    QSTI_TRY(examine_arm(ctx, t, best, exam, &loss, QSTI_STUDENT, &out->roles[QSTI_STUDENT], &t->student));
    if (!values->controls)
        goto done;
    QSTI_TRY(examine_arm(ctx, t, distilled.n_cells, exam, &loss, QSTI_CONTROL, &out->roles[QSTI_CONTROL], &t->control));
    QSTI_TRY(examine_floor(ctx, t, exam, &out->roles[QSTI_FLOOR]));
done:
    qst_distill_result_clear(ctx, &distilled);
    return status;
}

/* The teacher's result belongs to the base: a trial gets a copy. */
static qst_status copy_teacher(qst_ctx *ctx, const base *b, qsti_role_result *out)
{
    uint8_t *right = NULL;
    qst_status status = QSTI_NEW(ctx, b->teacher.test.n, &right);
    if (status != QST_OK)
        return status;
    memcpy(right, b->teacher.right, b->teacher.test.n);
    *out = b->teacher;
    out->right = right;
    return QST_OK;
}

static void add_seconds(trial *t)
{
    size_t n_cells = qsti_distill_cells(&values_of(t->run, t->setting)->distill);
    for (size_t i = 0; i < qsti_distillation_arms(t->distillation); i++) {
        double seconds = qsti_distillation_seconds(t->distillation, i);
        t->seconds_student += i < n_cells ? seconds : 0;
        t->seconds_total += seconds;
    }
}

static void trial_clear(qst_ctx *ctx, trial *t)
{
    qsti_distillation_free(ctx, t->distillation);
    t->distillation = NULL;
    for (int i = 0; i < 2; i++) {
        qsti_free(ctx, t->checkpoints[i]);
        t->checkpoints[i] = NULL;
    }
}

static qst_status end_trial(qst_ctx *ctx, void *arg)
{
    qst_status status = QST_OK;
    trial *t = arg;
    base *b = t->base;
    qsti_seed_result *out = &t->run->results[t->setting].seeds[t->index];
    qst_dataset dataset = qsti_dataset_view(b->dataset, ctx);
    qst_knowledge knowledge = qsti_knowledge_view(b->knowledge, ctx);
    qsti_exam exam = b->exam;
    double start = qsti_now();
    exam.dataset = &dataset;
    exam.knowledge = &knowledge;
    out->seed = b->seed;
    out->n_train = exam.parts[QST_TRAIN].n;
    out->n_validation = exam.parts[QST_VALIDATION].n;
    out->n_test = exam.parts[QST_TEST].n;
    add_seconds(t);
    QSTI_TRY(copy_teacher(ctx, b, &out->roles[QSTI_TEACHER]));
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
    tell(run, values->setting, seed, t->name, "student", roles[QSTI_STUDENT].test.accuracy, &t->student);
    if (values->controls) {
        tell(run, values->setting, seed, t->name, "control", roles[QSTI_CONTROL].test.accuracy, &t->control);
        qsti_run_log(&run->folder, "%s: floor: test accuracy %.2f %%", t->name, 100 * roles[QSTI_FLOOR].test.accuracy);
    }
    qsti_train_outcome_clear(ctx, &t->student);
    qsti_train_outcome_clear(ctx, &t->control);
    return qsti_run_flush(&run->folder);
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
                            .cost = cost_of(&values->teacher),
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

static qst_status add_trial(trainings *all, size_t setting, size_t index, base *b)
{
    qst_status status = QST_OK;
    trial *t = &all->trials[all->n_trials++];
    const qsti_recipe_values *values = values_of(all->run, setting);
    size_t n_cells = qsti_distill_cells(&values->distill), n_arms = n_cells + (values->controls ? 1 : 0);
    size_t rows = 0, first = 0, last = 0;
    *t = (trial){.run = all->run, .base = b, .setting = setting, .index = index};
    snprintf(t->name, sizeof t->name, "%.200s/seed-%llu", values->setting, (unsigned long long)b->seed);
    atomic_fetch_add(&b->n_left, 1);
    QSTI_TRY(add_behind(all, t, (qsti_task){.run = begin_trial, .arg = t}, b->task, "student", &rows));
    for (size_t i = 0; i < n_arms; i++) {
        arm *a = &all->arms[all->n_arms++];
        *a = (arm){.trial = t, .index = i};
        const qsti_task task = {.run = train_arm, .note = note_arm, .arg = a, .cost = cost_of(&values->student)};
        QSTI_TRY(add_behind(all, t, task, rows, i < n_cells ? "student" : "control", &last));
        first = i == 0 ? last : first;
    }
    const qsti_task end = {.run = end_trial, .deliver = deliver_trial, .arg = t, .soon = true};
    size_t task = 0;
    QSTI_TRY(add_behind(all, t, end, last, "measures", &task));
    for (size_t i = first; i < last; i++)
        QSTI_TRY(qsti_tasks_order(all->tasks, task, i));
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
        n_arms += values->seeds * (qsti_distill_cells(&values->distill) + 1);
    }
    all->n_bases = n_seeds * n_settings;
    QSTI_TRY(QSTI_NEW(run->ctx, all->n_bases, &all->bases));
    QSTI_TRY(QSTI_NEW(run->ctx, n_trials, &all->trials));
    QSTI_TRY(QSTI_NEW(run->ctx, n_arms, &all->arms));
    QSTI_TRY(qsti_tasks_create(run->ctx, &all->tasks));
    for (size_t index = 0; index < n_seeds; index++) {
        for (size_t s = 0; s < n_settings; s++) {
            base *b = &all->bases[index * n_settings + run->group[s]];
            if (index >= values_of(run, s)->seeds)
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
        qsti_train_outcome_clear(ctx, &all->trials[i].student);
        qsti_train_outcome_clear(ctx, &all->trials[i].control);
    }
    for (size_t i = 0; i < all->n_bases && all->bases != NULL; i++) {
        base_clear(ctx, &all->bases[i]);
        qsti_train_outcome_clear(ctx, &all->bases[i].outcome);
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

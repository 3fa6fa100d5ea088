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
#include <stdio.h>
#include <stdlib.h>

#include "base/tasks.h"
#include "run/trainings.h"

typedef struct trainings {
    qsti_run *run;
    qsti_tasks *tasks;
    qsti_run_base *bases; /* (seeds, settings): of each seed those of its groups; run NULL: none */
    qsti_run_trial *trials;
    qsti_run_arm *arms;
    size_t n_bases, n_trials, n_arms; /* n_trials, n_arms: made so far */
    size_t n_groups;
} trainings;

/* --- the list ----------------------------------------------------------------------------------------------------- */

static qst_status add_base(trainings *all, size_t setting, size_t index, qsti_run_base *b)
{
    qsti_run *run = all->run;
    size_t first = run->group[setting];
    const qsti_recipe_values *values = qsti_run_values(run, first);
    const char *prefix = first == 0 ? "" : values->setting;
    char stage[160];
    *b = (qsti_run_base){.run = run, .setting = first, .group = all->n_groups++};
    b->seed = qsti_run_values(run, setting)->seed + index;
    snprintf(b->name, sizeof b->name, "%.200s%sseed-%llu", prefix, *prefix ? "/" : "", (unsigned long long)b->seed);
    snprintf(stage, sizeof stage, "seed %zu of %zu: teacher", index + 1, values->seeds);
    const qsti_task task = {.run = qsti_run_base_make,
                            .deliver = qsti_run_base_deliver,
                            .note = qsti_run_base_note,
                            .arg = b,
                            .stage = stage,
                            .cost = qsti_base_cost(values),
                            .group = b->group,
                            .keeps_ctx = true};
    return qsti_tasks_add(all->tasks, &task, &b->task);
}

/* A task of a trial behind one that is there. */
static qst_status add_behind(trainings *all, const qsti_run_trial *t, qsti_task task, size_t earlier, const char *what,
                             size_t *out_task)
{
    const qsti_recipe_values *values = qsti_run_values(t->run, t->setting);
    bool one = t->run->recipe->n_settings == 1;
    char stage[160];
    snprintf(stage, sizeof stage, "seed %zu of %zu: %s%s%s", t->index + 1, values->seeds, one ? "" : values->setting,
             one ? "" : ": ", what);
    task.stage = stage;
    task.group = t->base->group;
    qst_status status = qsti_tasks_add(all->tasks, &task, out_task);
    return status == QST_OK ? qsti_tasks_order(all->tasks, *out_task, earlier) : status;
}

static qst_control control_of(const qsti_run_trial *t, size_t index)
{
    return index < t->n_cells ? QST_CONTROL_COUNT : t->trained[index - t->n_cells];
}

/* Arm `index` of a trial, the next one of the list, behind its rows and the arms that it waits for. */
static qst_status add_arm(trainings *all, qsti_run_trial *t, size_t index, size_t rows, size_t *out_task)
{
    qst_status status = QST_OK;
    const qsti_recipe_values *values = qsti_run_values(all->run, t->setting);
    qsti_run_arm *a = &all->arms[all->n_arms++], *first = a - index;
    qst_control control = control_of(t, index);
    *a = (qsti_run_arm){
        .trial = t, .index = index, .role = control == QST_CONTROL_COUNT ? QSTI_STUDENT : qsti_role_of(control)};
    const qsti_task task = {
        .run = qsti_run_arm_train, .note = qsti_run_arm_note, .arg = a, .cost = qsti_training_cost(&values->student)};
    QSTI_TRY(add_behind(all, t, task, rows, qsti_role_name(a->role), &a->task));
    for (size_t i = 0; i < index; i++)
        if (qsti_control_waits_for(control, control_of(t, i)))
            QSTI_TRY(qsti_tasks_order(all->tasks, a->task, first[i].task));
    *out_task = a->task;
done:
    return status;
}

static qst_status add_trial(trainings *all, size_t setting, size_t index, qsti_run_base *b)
{
    qst_status status = QST_OK;
    qsti_run_trial *t = &all->trials[all->n_trials++];
    const qsti_recipe_values *values = qsti_run_values(all->run, setting);
    qsti_run_arm *arms = &all->arms[all->n_arms];
    size_t rows = 0, last = 0, task = 0;
    qst_train_opts train = values->student.train;
    train.conditions = qsti_device_plan_conditions(&all->run->devices[setting]);
    *t = (qsti_run_trial){.run = all->run, .base = b, .setting = setting, .index = index};
    t->controls = qsti_controls_fitting(values->controls, &values->student.model, &train, &values->distill);
    t->n_cells = qsti_distill_cells(&values->distill);
    t->n_trained = qsti_distill_controls(t->controls, t->trained);
    snprintf(t->name, sizeof t->name, "%.200s/seed-%llu", values->setting, (unsigned long long)b->seed);
    atomic_fetch_add(&b->n_left, 1);
    QSTI_TRY(add_behind(all, t, (qsti_task){.run = qsti_run_trial_begin, .arg = t}, b->task, "student", &rows));
    for (size_t i = 0; i < t->n_cells + t->n_trained; i++)
        QSTI_TRY(add_arm(all, t, i, rows, &last));
    bool search = all->run->search != NULL;
    const qsti_task end = {.run = search ? qsti_run_search_end : qsti_run_trial_end,
                           .deliver = search ? qsti_run_search_deliver : qsti_run_trial_deliver,
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
        const qsti_recipe_values *values = qsti_run_values(run, s);
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
            qsti_run_base *b = &all->bases[index * n_settings + run->group[s]];
            if (index >= qsti_run_values(run, s)->seeds || (run->search != NULL && run->search->idle[s]))
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
        qsti_run_trial_clear(ctx, &all->trials[i]);
        for (int role = 0; role < QSTI_ROLE_COUNT; role++)
            qsti_train_outcome_clear(ctx, &all->trials[i].outcomes[role]);
    }
    for (size_t i = 0; i < all->n_bases && all->bases != NULL; i++) {
        qsti_run_base_clear(ctx, &all->bases[i]);
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
    const qsti_run_span *x = a, *y = b;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

/* How long at least one training was under way. */
static qst_status measure_time(const trainings *all, double *out)
{
    size_t n = 0;
    double covered = 0, seconds = 0;
    qsti_run_span *spans = NULL;
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

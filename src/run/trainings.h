/* trainings.h: what the tasks of a run's trainings share, see trainings.c. */
#ifndef QSTI_RUN_TRAININGS_H
#define QSTI_RUN_TRAININGS_H

#include <stdatomic.h>

#include "run/run.h"
#include "run/teachers.h"
#include "student/distillation.h"

/* When something was trained, in monotonic seconds; both 0: not at all. */
typedef struct qsti_run_span {
    double begin, end;
} qsti_run_span;

/* What the settings of a seed with the same data and teacher stand on: dataset, teacher, knowledge. */
typedef struct qsti_run_base {
    qsti_run *run;
    size_t setting; /* the first one that needs it */
    uint64_t seed;
    char name[256];
    qst_dataset *dataset;
    qsti_teaching teaching;
    atomic_size_t n_left; /* trials that have not ended: the last one clears what stands above, but for the mentors */
    double seconds;
    qsti_run_span span;
    size_t group, task;
} qsti_run_base;

/* One setting on a base: student and controls, measured on the test rows. */
typedef struct qsti_run_trial {
    qsti_run *run;
    qsti_run_base *base;
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
} qsti_run_trial;

/* One training of a trial: a cell of its grid, or a control. */
typedef struct qsti_run_arm {
    qsti_run_trial *trial;
    size_t index, task;
    qsti_role role;
    qsti_run_span span;
} qsti_run_arm;

static inline qsti_recipe_values *qsti_run_values(const qsti_run *run, size_t setting)
{
    return &run->recipe->settings[setting];
}

/* training_base.c: the callbacks of a base's task (base/tasks.h), whose context is kept; and freeing all of a base but
 * its mentors. */
qst_status qsti_run_base_make(qst_ctx *ctx, void *arg);
qst_status qsti_run_base_deliver(qst_ctx *ctx, void *arg);
void qsti_run_base_note(void *arg, qst_log_level level, const char *message);
void qsti_run_base_clear(qst_ctx *ctx, qsti_run_base *b);

/* training_trial.c: the callbacks of a trial's tasks: its rows, its arms, its end. */
qst_status qsti_run_trial_begin(qst_ctx *ctx, void *arg);
qst_status qsti_run_trial_end(qst_ctx *ctx, void *arg);
qst_status qsti_run_trial_deliver(qst_ctx *ctx, void *arg);
qst_status qsti_run_arm_train(qst_ctx *ctx, void *arg);
void qsti_run_arm_note(void *arg, qst_log_level level, const char *message);

/* Frees what a trial stands on: all but its outcomes. As the last of its base it clears that too, once. */
void qsti_run_trial_leave(qst_ctx *ctx, qsti_run_trial *t);
void qsti_run_trial_clear(qst_ctx *ctx, qsti_run_trial *t);

/* training_search.c: the end of a trial of a search. */
qst_status qsti_run_search_end(qst_ctx *ctx, void *arg);
qst_status qsti_run_search_deliver(qst_ctx *ctx, void *arg);

#endif

/* teachers.h: all that stands before a student, of one seed: the teacher, one model or several; its answers; assistants
 * and earlier generations between it and the student. */
#ifndef QSTI_RUN_TEACHERS_H
#define QSTI_RUN_TEACHERS_H

#include "run/run.h"

/* What is to be made. All is borrowed. */
typedef struct qsti_teaching_plan {
    const qsti_run *run;
    size_t setting; /* the first of those that share it */
    uint64_t seed;
    const char *name; /* of the base: "seed-1" */
    const qst_dataset *dataset;
    const qst_table *table;
} qsti_teaching_plan;

/* A model that was trained on the way. */
typedef struct qsti_mentor {
    char name[32]; /* "teacher", "teacher-2", "assistant-1", "generation-1" */
    bool in_chain; /* it stands between teacher and student */
    qsti_size size;
    size_t n_steps; /* of its training */
    qsti_role_result result;
    qsti_train_outcome outcome; /* until it is told of */
} qsti_mentor;

typedef struct qsti_teaching {
    qst_knowledge *teacher; /* what the teacher knows: all models are examined by it */
    qsti_exam exam;
    qsti_role_result result; /* the teacher's */
    qst_knowledge *noisy;    /* what it says on the device, where the students learn from that; else NULL */
    const qsti_device_result *
        *measured;        /* (settings): the teacher on the device; those that are measured alike share */
    qsti_mentor *mentors; /* in the order of their training */
    size_t n_mentors;
    qst_knowledge **taught; /* (mentors of the chain, in their order): what each of them knows */
    size_t n_taught;
    qsti_queries *queries;  /* (settings); those that are asked the same lie with the first of them */
    qst_knowledge *lessons; /* (settings): what a setting's students learn from; views, never freed */
    size_t n_settings;
    double begin, end; /* of the trainings, monotonic seconds */
} qsti_teaching;

/* Trains, asks, examines and saves all of it. Objects belong to `ctx`. */
qst_status qsti_teaching_make(qst_ctx *ctx, const qsti_teaching_plan *plan, qsti_teaching *out);

/* Frees all but the mentors, which may be told of later. */
void qsti_teaching_release(qst_ctx *ctx, qsti_teaching *teaching);
void qsti_mentors_free(qst_ctx *ctx, qsti_mentor *mentors, size_t n);

/* Whether a setting stands on what is made by this plan, with the plan's seed among its own. */
bool qsti_teaching_has(const qsti_teaching_plan *plan, size_t setting);

/* teacher_on_device.c: the trained teacher measured for every setting that has a device, once where settings measure it
 * alike; `model` may be NULL where no setting can. And freeing that. */
qst_status qsti_teaching_measure(qst_ctx *ctx, const qsti_teaching_plan *plan, qst_model *model,
                                 qsti_teaching *teaching);
void qsti_teaching_release_measured(qst_ctx *ctx, qsti_teaching *teaching);

/* Seconds of all its trainings, sessions before a resume included. */
double qsti_teaching_seconds(const qsti_teaching *teaching);

/* Whether the knowledge holds the teacher's circuit and weights: to start from, or for its states. */
bool qsti_run_keeps_weights(const qsti_recipe_values *values);

#endif

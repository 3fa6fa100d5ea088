/* distillation.h: the trainings of one distillation, which may go on side by side. */
#ifndef QSTI_STUDENT_DISTILLATION_H
#define QSTI_STUDENT_DISTILLATION_H

#include "student/controls.h"
#include "student/student.h"

/* What to train. All is borrowed until the end. */
typedef struct qsti_distill_plan {
    const qst_dataset *dataset;
    const qst_knowledge *knowledge; /* NULL: none; no_teacher needs it for initial weights only */
    const qst_model_opts *model;
    const qst_train_opts *train; /* its checkpoint gets ".<cell>" behind it, and is for the cells */
    const qst_distill_opts *opts;
    bool cells;
    qst_controls controls;                  /* all of them fit; the floor is no training */
    const char *const *control_checkpoints; /* (QST_CONTROL_COUNT); NULL: none */
} qsti_distill_plan;

typedef struct qsti_distillation qsti_distillation;

/* How many cells the grid has: temperatures x alphas, of what the loss has. */
size_t qsti_distill_cells(const qst_distill_opts *opts);

/* The controls of a set that are trained as arms: all but the floor, in their order. Gives how many. */
size_t qsti_distill_controls(qst_controls set, qst_control out[QST_CONTROL_COUNT]);

/* Prepares the rows and checks all cells. Arms 0..n-1 are the cells, those behind them the controls of
 * qsti_distill_controls(). A control that follows the student needs the cells, gradient_scale no_teacher too. `ctx` is
 * that of the caller; the objects of the plan may be of others. Errors: ERR_USAGE, ERR_MISMATCH, ERR_MEMORY. */
qst_status qsti_distillation_create(qst_ctx *ctx, const qsti_distill_plan *plan, qsti_distillation **out);
void qsti_distillation_free(qst_ctx *ctx, qsti_distillation *distillation);
size_t qsti_distillation_arms(const qsti_distillation *distillation);

/* Trains one arm, once, telling `ctx` how far it has come. Arms may be trained at the same time on several contexts. */
qst_status qsti_distillation_train(qst_ctx *ctx, qsti_distillation *distillation, size_t index);

/* Trains all arms, side by side on the threads of `ctx`. `stage`: for progress. */
qst_status qsti_distillation_run(qst_ctx *ctx, qsti_distillation *distillation, const char *stage);

/* When all cells are trained: which is the best, and what became of all. `result` is moved out. */
size_t qsti_distillation_choose(qsti_distillation *distillation, qst_distill_result *out);

/* A trained arm as a model of `ctx`, and its outcome, which is moved out. */
qst_status qsti_distillation_model(qst_ctx *ctx, qsti_distillation *distillation, size_t index, qst_model **out,
                                   qsti_train_outcome *out_outcome);

/* Seconds that its training took, sessions before a resume included; before qsti_distillation_model(). */
double qsti_distillation_seconds(const qsti_distillation *distillation, size_t index);

/* What an arm's learning rate was multiplied by: 1 but for gradient_scale. */
double qsti_distillation_rate_factor(const qsti_distillation *distillation, size_t index);

#endif

/* loss_plan.h: which parts of an objective count in which epoch, and at which temperature and alpha. */
#ifndef QSTI_LEARN_LOSS_PLAN_H
#define QSTI_LEARN_LOSS_PLAN_H

#include <qstill/model.h>

/* What holds for the loss itself in one epoch. */
typedef struct qsti_loss_state {
    double temperature, alpha;
    bool taught; /* the teacher's part counts; else it is ce */
} qsti_loss_state;

/* In epoch `epoch` (from 0) of opts->epochs; the state that schedules end in, with the teacher's part, by which models
 * are judged. */
qsti_loss_state qsti_loss_plan_state(const qst_train_opts *opts, size_t epoch);
qsti_loss_state qsti_loss_plan_end(const qst_train_opts *opts);

/* Whether epoch `epoch` (from 0) lies in first..last (from 1; last 0: to the end). */
bool qsti_epoch_within(size_t first_epoch, size_t last_epoch, size_t epoch);

/* Whether another set of parts counts in this epoch than in the one before, so that losses cannot be compared. */
bool qsti_loss_plan_turns(const qst_train_opts *opts, size_t epoch);

/* Whether the objective looks at labels that must be there; at the teacher's scores; at the states of its circuit. */
bool qsti_loss_plan_needs_labels(const qst_train_opts *opts);
bool qsti_loss_plan_needs_teacher(const qst_train_opts *opts);
bool qsti_loss_plan_needs_states(const qst_train_opts *opts);

/* Refuses numbers and columns that loss and terms cannot take: ERR_USAGE, ERR_MISMATCH. */
qst_status qsti_loss_plan_check(qst_ctx *ctx, const qst_train_opts *opts, size_t n_cols);

/* The plan, or the default one. */
qst_loss_plan qsti_loss_plan_of(const qst_train_opts *opts);
/* The same without its terms: what models are judged by. */
qst_loss_plan qsti_loss_plan_without_terms(const qst_train_opts *opts);

#endif

/* objective_states.h: terms of an objective that are functions of the student's states. For objective.c alone. */
#ifndef QSTI_LEARN_OBJECTIVE_STATES_H
#define QSTI_LEARN_OBJECTIVE_STATES_H

#include "learn/objective.h"

/* Whether there are such terms, and whether they fit model and data. Errors: ERR_MISMATCH, ERR_USAGE, ERR_INPUT. */
qst_status qsti_objective_states_check(const qst_model *model, const qst_train_data *data, const qst_train_opts *opts);

void qsti_objective_states_free(qst_ctx *ctx, qsti_objective_states *states);

/* Adds the active ones, on the rows in objective->x, to the loss and to the gradient (n_trained). */
qst_status qsti_objective_states_add(qsti_objective *objective, const double *weights, const size_t *rows,
                                     size_t n_rows, qst_loss_terms *terms, double *gradient);

#endif

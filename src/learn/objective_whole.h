/* objective_whole.h: the way of an objective that needs all scores of a batch at once. For objective.c alone. */
#ifndef QSTI_LEARN_OBJECTIVE_WHOLE_H
#define QSTI_LEARN_OBJECTIVE_WHOLE_H

#include "learn/objective.h"

/* Makes objective->whole. Errors: ERR_MEMORY, ERR_LIMIT. */
qst_status qsti_objective_whole_make(qsti_objective *objective);
void qsti_objective_whole_free(qst_ctx *ctx, qsti_objective_whole *whole);

/* As the functions of objective.h; objective->x holds the rows, n_labelled of which have a label. */
qst_status qsti_objective_whole_gradient(qsti_objective *objective, const double *weights, const size_t *rows,
                                         size_t n_rows, size_t n_labelled, qst_loss_terms *out, double *gradient);
qst_status qsti_objective_whole_judge(qsti_objective *objective, const double *weights, size_t n_labelled,
                                      qsti_judgement *out);

#endif

/* objective.h: the loss of a model on rows of a training set, with its gradient in the weights.
 *
 * Converts what scores mean (probabilities to logits) around the bare losses of loss_lines.h, block by block, inside
 * the model's own loop over blocks. All memory is made at the start.
 */
#ifndef QSTI_LEARN_OBJECTIVE_H
#define QSTI_LEARN_OBJECTIVE_H

#include "learn/loss_lines.h"
#include "learn/model.h"

/* The first score of a row that is not finite. */
typedef struct qsti_bad_score {
    bool found;
    size_t column;
    double value;
} qsti_bad_score;

typedef struct qsti_objective {
    qst_model *model;
    qsti_loss_rule rule;
    qst_train_data data; /* the caller's */
    double *teacher;     /* (N, n_teacher): logits for ce and kd, values for the squared errors, prepared; NULL: none */
    size_t n_teacher;    /* numbers a row */
    size_t batch;        /* the largest number of rows in one call */
    double *x;           /* (batch, d) */
    double *lines;       /* (threads, n_teacher + 2 C, QSTI_MAX_LANES) */
    qsti_bad_score *bad; /* (batch), by row of the call; nothing found between calls */
} qsti_objective;

/* Checks that data, model and loss fit. Errors: ERR_MISMATCH (features, scores, rows; expectation_mse with a teacher
 * whose scores are no expectation values), ERR_USAGE (a loss without what it needs), ERR_INPUT (a label out of range, a
 * sample or a teacher's score that is not finite). */
qst_status qsti_objective_init(qst_model *model, const qst_train_data *data, const qst_train_opts *opts, size_t batch,
                               qsti_objective *out);
void qsti_objective_clear(qsti_objective *objective);

/* Loss of the rows at `weights`, and its gradient (n_trained). Errors: ERR_DIVERGED (scores or loss not finite); those
 * of the model for rows it cannot take. */
qst_status qsti_objective_gradient(qsti_objective *objective, const double *weights, const size_t *rows, size_t n_rows,
                                   qst_loss_terms *out, double *gradient);

/* How a model does on all rows of its data; the objective must have been made with batch >= that number. */
typedef struct qsti_judgement {
    double loss;          /* of the objective */
    double cross_entropy; /* on the labelled rows; NaN without */
    double accuracy;      /* on the labelled rows; NaN without */
    double agreement;     /* with the teacher's argmax, on all rows; NaN without a teacher */
} qsti_judgement;
qst_status qsti_objective_judge(qsti_objective *objective, const double *weights, qsti_judgement *out);

#endif

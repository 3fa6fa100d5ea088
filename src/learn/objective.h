/* objective.h: the loss of a model on rows of a training set, with its gradient in the weights.
 *
 * Two ways. ce, kd and the squared errors alone go block by block inside the model's own loop over blocks
 * (loss_lines.h); other losses, and several together, take all scores of a batch between the model's way forward and
 * its way back (objective_whole.c). Both convert what scores mean around the bare losses. All memory is made at the
 * start.
 */
#ifndef QSTI_LEARN_OBJECTIVE_H
#define QSTI_LEARN_OBJECTIVE_H

#include "learn/loss_lines.h"
#include "learn/loss_plan.h"
#include "learn/model.h"

/* The first score of a row that is not finite. */
typedef struct qsti_bad_score {
    bool found;
    size_t column;
    double value;
} qsti_bad_score;

/* The parts of an objective: cross-entropy, the loss' other part, and the terms of its plan in their order. */
enum { QSTI_PART_HARD, QSTI_PART_SOFT, QSTI_PART_TERMS };

typedef struct qsti_objective_part {
    qst_loss_term term; /* hard, soft: loss, temperature and parameters; weight as it stands this epoch, alpha in it */
    bool active;        /* counts in this epoch */
    double value;       /* of the last gradient: unweighted and without T^2; NaN: not part of it */
    double norm; /* of the last gradient that was measured: |weight dvalue/dscores| over the batch; NaN as value */
} qsti_objective_part;

typedef struct qsti_objective_whole qsti_objective_whole;
typedef struct qsti_objective_states qsti_objective_states;

typedef struct qsti_objective {
    qst_model *model;
    qsti_loss_rule rule;        /* this epoch's, by which whole batches go too where there are terms beside it */
    qst_train_opts opts;        /* with `plan` for a plan, or NULL */
    qst_loss_plan plan;         /* without its terms, which are parts */
    qsti_objective_part *parts; /* (n_parts): hard, soft, terms */
    size_t n_parts;
    bool measuring;                /* norms of parts are wanted of the next gradients */
    size_t n_skipped;              /* rows or columns without a direction, in all gradients so far */
    qsti_objective_whole *whole;   /* NULL: never needed */
    qsti_objective_states *states; /* NULL: not needed so far */
    qst_train_data data;           /* the caller's */
    double *teacher;     /* (N, n_teacher): logits for ce and kd, values for the squared errors, prepared; NULL: none */
    size_t n_teacher;    /* numbers a row */
    double tempered;     /* the temperature that they are prepared at */
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

/* Before the first step of an epoch (from 0): temperature, alpha and the parts that count. An objective that this is
 * never said to stands where the schedules end, with all parts of the loss. */
void qsti_objective_begin_epoch(qsti_objective *objective, size_t epoch);

/* Loss of the rows at `weights`, and its gradient (n_trained). Errors: ERR_DIVERGED (scores or loss not finite); those
 * of the model for rows it cannot take. */
qst_status qsti_objective_gradient(qsti_objective *objective, const double *weights, const size_t *rows, size_t n_rows,
                                   qst_loss_terms *out, double *gradient);

/* How a model does on all rows of its data; the objective must have been made with batch >= that number. The loss is
 * that without the plan's terms, where its schedules end; one of batches or pairs is the mean over batches of
 * consecutive rows. */
typedef struct qsti_judgement {
    double loss;          /* of the objective */
    double cross_entropy; /* on the labelled rows; NaN without */
    double accuracy;      /* on the labelled rows; NaN without */
    double agreement;     /* with the teacher's argmax, on all rows; NaN without a teacher */
} qsti_judgement;
qst_status qsti_objective_judge(qsti_objective *objective, const double *weights, qsti_judgement *out);

#endif

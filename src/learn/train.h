/* train.h: the one training loop, with hooks for those who watch it. */
#ifndef QSTI_LEARN_TRAIN_H
#define QSTI_LEARN_TRAIN_H

#include "learn/conditions.h"
#include "learn/match.h"
#include "learn/objective.h"

/* step: called after every step: done is the share of the training, 0..1. measures_path: how far the weights go is
 * measured; it changes nothing else. */
typedef struct qsti_train_hooks {
    void (*step)(void *user, double done, double loss);
    void *user;
    bool measures_path;
    qsti_match *match; /* terms beside the objective; NULL: none */
} qsti_train_hooks;

/* Hooks that tell a context how far its training has come. */
qsti_train_hooks qsti_train_progress(qst_ctx *ctx);

/* One epoch of one restart (both from 0), for learning curves; values that do not apply are NaN. Losses are means over
 * the epoch; hard and soft as in qst_loss_terms, unweighted and without T^2. Norms are those of the epoch's first
 * batch: gradient_norm in the weights, before it is cut; those of the parts in the scores, |weight dpart/dscores| over
 * the batch. */
typedef struct qsti_epoch {
    double restart, epoch, train_loss, validation_loss, validation_accuracy;
    double hard_loss, soft_loss, gradient_norm, hard_gradient, soft_gradient;
} qsti_epoch;
#define QSTI_EPOCH_VALUES 10

/* The same of a term of the plan. */
typedef struct qsti_term_epoch {
    double loss, gradient;
} qsti_term_epoch;
#define QSTI_TERM_VALUES 2

/* What a training leaves behind besides the model's weights. */
typedef struct qsti_train_outcome {
    qst_train_result result;
    qsti_epoch *epochs;
    size_t n_epochs;
    qsti_term_epoch *terms; /* (n_epochs, n_terms) */
    size_t n_terms;
    double *last; /* (n_weights) after the last epoch of the restart that was kept */
    double path;  /* sum over all steps of |weights after - weights before|, 2-norm; 0 when it was not measured */
} qsti_train_outcome;
void qsti_train_outcome_clear(qst_ctx *ctx, qsti_train_outcome *outcome);

/* qst_model_train() with hooks (NULL: none) and all of its outcome. With a checkpoint file, a finished training leaves
 * its end there, so that resuming it gives the same outcome without a step. */
qst_status qsti_train(qst_model *model, const qst_train_data *train, const qst_train_data *validation,
                      const qst_train_opts *opts, const qsti_train_hooks *hooks, qsti_train_outcome *out);

/* The training's own state: all that a checkpoint holds. */
typedef struct qsti_training_state {
    size_t restart, epoch, step; /* where it is: the next step to do */
    size_t stale;                /* epochs without a better validation loss */
    size_t divergences, bad_epochs;
    size_t selected_epoch, selected_restart, n_steps;
    double rate_factor; /* halved by every divergence */
    double epoch_loss;  /* sum over the rows of this epoch so far */
    double lowest_train_loss, lowest_validation_loss;
    double selected_accuracy, selected_cross_entropy, selected_loss, selected_train_loss; /* of this restart */
    double kept_accuracy, kept_cross_entropy, kept_loss, kept_train_loss;                 /* of the best restart */
    size_t kept_epoch;
    size_t n_epochs;   /* entries of the history */
    bool out_of_shots; /* the budget of shots had no room for another step: this was the last */
    double seconds;    /* of the sessions before this one */
    double path;       /* as in the outcome */
} qsti_training_state;

/* A training under way. Arrays are (n_weights) but for the optimiser's moments; of the gradient n_trained are used. */
typedef struct qsti_training {
    qst_model *model;
    const qst_train_opts *opts;
    const qsti_train_hooks *hooks;
    qsti_objective train, validation;
    bool has_validation;
    qsti_conditions *conditions; /* NULL: none */
    size_t n_rows, batch, steps_per_epoch;
    size_t *order; /* (n_rows) */
    double *weights, *gradient, *good, *selected, *kept, *kept_last;
    double *before;                                       /* a step; NULL: its length is not measured */
    double *ahead, *direction, *other_gradient, *shifted; /* SPSA's; NULL: no such steps */
    qsti_epoch *history;                                  /* (restarts + 1) * epochs */
    size_t history_capacity;
    qsti_term_epoch *term_history; /* (history_capacity, n_terms) */
    size_t n_terms;
    double *log;       /* (QSTI_TERM_VALUES n_parts + 1), of this epoch so far: sums over rows and norms of the parts,
                          gradient_norm */
    size_t n_warnings; /* that the context had kept before this training */
    double start;      /* of this session, monotonic seconds */
    double *moments;   /* (2, n_trained), the optimiser's */
    uint64_t *optimizer_step;
    qsti_training_state state;
    char identity[65]; /* SHA-256 of data, options and model: a checkpoint of another training is refused */
} qsti_training;

/* checkpoint.c: atomic; reading checks the identity: ERR_MISMATCH. */
qst_status qsti_checkpoint_identify(qsti_training *training);
qst_status qsti_checkpoint_write(const qsti_training *training);
qst_status qsti_checkpoint_read(qsti_training *training);

/* train_lbfgs.c: full batch; epochs counts evaluations. */
qst_status qsti_train_lbfgs(qsti_training *training);

/* train.c: loss and gradient of rows at the present weights, into training->gradient. Errors: ERR_DIVERGED; ERR_INPUT
 * for rows that the model cannot take at the last good weights either. */
qst_status qsti_training_gradient(qsti_training *training, const size_t *rows, size_t n_rows, qst_loss_terms *out);

/* train_shots.c: room for SPSA's steps, where there are any; loss and gradient of one, as qsti_training_gradient(). */
qst_status qsti_training_spsa_make(qsti_training *training);
qst_status qsti_training_spsa(qsti_training *training, const size_t *rows, size_t n_rows, qst_loss_terms *out);
/* train_shots.c: whether the budget of shots has room for a step of so many rows and the judgement behind it. */
bool qsti_training_affords(const qsti_training *training, size_t n_rows);

/* train_log.c: what the epoch's line of the history is made of. Begun with the epoch, told every step's gradient, ended
 * with the epoch. */
qst_status qsti_training_log_make(qsti_training *training);
void qsti_training_log_begin(qsti_training *training);
size_t qsti_training_log_numbers(const qsti_training *training);
void qsti_training_log_step(qsti_training *training, size_t n_rows);
void qsti_training_log_end(qsti_training *training, double train_loss, const qsti_judgement *judgement);

/* train.c: how many rows of the present epoch have been seen: all of them, but where the shots ran out. */
size_t qsti_training_rows_seen(const qsti_training *training);

/* train.c: judges the present weights on validation and keeps them when they are the best so far. */
qst_status qsti_training_select(qsti_training *training, double train_loss, bool *out_better_loss);

#endif

/* train_log.c: the lines of a training's history: losses and gradient norms of the parts of what is minimised.
 *
 * Losses are summed over the rows of an epoch; norms are taken of its first batch alone, where they cost next to
 * nothing. All of it is in checkpoints: a resumed training leaves the same history.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "learn/train.h"

size_t qsti_training_log_numbers(const qsti_training *training)
{
    return QSTI_TERM_VALUES * training->train.n_parts + 1;
}

qst_status qsti_training_log_make(qsti_training *training)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = training->model->ctx;
    size_t n = 0;
    training->n_terms = training->train.n_parts - QSTI_PART_TERMS;
    if (!qsti_mul(training->history_capacity, training->n_terms, &n))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "epochs: %zu are too many", training->opts->epochs));
    QSTI_TRY(QSTI_NEW(ctx, training->history_capacity, &training->history));
    QSTI_TRY(QSTI_NEW(ctx, n, &training->term_history));
    QSTI_TRY(QSTI_NEW(ctx, qsti_training_log_numbers(training), &training->log));
done:
    return status;
}

void qsti_training_log_begin(qsti_training *training)
{
    memset(training->log, 0, qsti_training_log_numbers(training) * sizeof *training->log);
}

void qsti_training_log_step(qsti_training *training, size_t n_rows)
{
    const qsti_objective *objective = &training->train;
    size_t n_trained = training->model->n_trained;
    for (size_t i = 0; i < objective->n_parts; i++) {
        training->log[QSTI_TERM_VALUES * i] += objective->parts[i].value * (double)n_rows;
        if (objective->measuring)
            training->log[QSTI_TERM_VALUES * i + 1] = objective->parts[i].norm;
    }
    if (!objective->measuring)
        return;
    double squares = 0;
    for (size_t i = 0; i < n_trained; i++)
        squares += training->gradient[i] * training->gradient[i];
    training->log[QSTI_TERM_VALUES * objective->n_parts] = sqrt(squares);
}

void qsti_training_log_end(qsti_training *training, double train_loss, const qsti_judgement *judgement)
{
    qsti_training_state *state = &training->state;
    const double *log = training->log;
    size_t n_parts = training->train.n_parts, at = state->n_epochs;
    double n_rows = (double)qsti_training_rows_seen(training);
    if (at >= training->history_capacity)
        return;
    training->history[at] = (qsti_epoch){
        .restart = (double)state->restart,
        .epoch = (double)state->epoch,
        .train_loss = train_loss,
        .validation_loss = judgement->loss,
        .validation_accuracy = judgement->accuracy,
        .hard_loss = log[QSTI_TERM_VALUES * QSTI_PART_HARD] / n_rows,
        .soft_loss = log[QSTI_TERM_VALUES * QSTI_PART_SOFT] / n_rows,
        .gradient_norm = log[QSTI_TERM_VALUES * n_parts],
        .hard_gradient = log[QSTI_TERM_VALUES * QSTI_PART_HARD + 1],
        .soft_gradient = log[QSTI_TERM_VALUES * QSTI_PART_SOFT + 1],
    };
    for (size_t i = 0; i < training->n_terms; i++) {
        const double *part = log + QSTI_TERM_VALUES * (QSTI_PART_TERMS + i);
        training->term_history[at * training->n_terms + i] = (qsti_term_epoch){part[0] / n_rows, part[1]};
    }
    state->n_epochs++;
}

/* train.c: the one training loop: mini-batches in a seeded order, selection on validation, restarts, checkpoints.
 *
 * The order of epoch e is a shuffle keyed by (seed, e, restart): nothing has to be remembered to go on in the middle. A
 * step is one batch: loss, gradient, optimiser; it allocates nothing and writes nothing (a checkpoint is written
 * between steps, every checkpoint_every_s). A loss, gradient or weight that is not finite takes the weights back to the
 * end of the last good epoch, halves the learning rate and begins the epoch again; so does, from the next epoch on, a
 * loss above 10 x the lowest (and above 0.001) for 3 epochs. The sixth time is the end: ERR_DIVERGED.
 */
#include "learn/train.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "learn/optimizer.h"

#define MAX_DIVERGENCES   5
#define DIVERGENCE_RATIO  10.0
#define DIVERGENCE_EPOCHS 3
#define DIVERGENCE_LEAST  1e-3 /* losses below this are fits, however they jump */

/* --- options ------------------------------------------------------------------------------------------------------ */

static qst_status check_opts(const qst_model *model, const qst_train_opts *opts, size_t n_rows, bool has_match)
{
    qst_ctx *ctx = model->ctx;
    if (!(opts->learning_rate > 0 && isfinite(opts->learning_rate)))
        return qsti_fail(ctx, QST_ERR_USAGE, "learning_rate: %g is not > 0", opts->learning_rate);
    if (opts->epochs < 1)
        return qsti_fail(ctx, QST_ERR_USAGE, "epochs: 0 is not >= 1");
    if (opts->optimizer != QST_OPTIMIZER_lbfgs && (opts->batch < 1 || opts->batch > n_rows))
        return qsti_fail(ctx, QST_ERR_USAGE, "batch: %zu is not in 1..%zu, the number of training rows", opts->batch,
                         n_rows);
    if (opts->optimizer == QST_OPTIMIZER_lbfgs && model->is_random)
        return qsti_fail(ctx, QST_ERR_USAGE,
                         "optimizer: lbfgs needs the same loss at the same weights, which dropout "
                         "and batch_norm do not give");
    if (!(opts->momentum >= 0 && opts->momentum < 1))
        return qsti_fail(ctx, QST_ERR_USAGE, "momentum: %g is not in [0, 1)", opts->momentum);
    if (!(opts->weight_decay >= 0 && isfinite(opts->weight_decay)))
        return qsti_fail(ctx, QST_ERR_USAGE, "weight_decay: %g is not >= 0", opts->weight_decay);
    if (!(opts->clip_norm >= 0 && isfinite(opts->clip_norm)))
        return qsti_fail(ctx, QST_ERR_USAGE, "clip_norm: %g is not >= 0", opts->clip_norm);
    if (opts->conditions != NULL && has_match)
        return qsti_fail(ctx, QST_ERR_UNSUPPORTED,
                         "conditions: what is matched beside the scores is had from exact runs only: no match, or no "
                         "conditions");
    return QST_OK;
}

/* --- selection ---------------------------------------------------------------------------------------------------- */

/* Accuracy first, then cross-entropy; without labels the loss. Of epochs without validation the last is the best. */
static bool is_better(double accuracy, double cross_entropy, double loss, double than_accuracy,
                      double than_cross_entropy, double than_loss)
{
    if (isnan(than_loss))
        return true;
    if (isnan(accuracy))
        return loss < than_loss;
    return accuracy > than_accuracy || (accuracy == than_accuracy && cross_entropy < than_cross_entropy);
}

/* The present weights on all validation rows. Rows that the model takes at the last good weights but not at these are
 * no bad rows: the weights have diverged. */
static qst_status judge(qsti_training *training, qsti_judgement *out)
{
    qst_status status = qsti_objective_judge(&training->validation, training->weights, out);
    if (status != QST_ERR_INPUT)
        return status;
    status = qsti_objective_judge(&training->validation, training->good, out);
    return status == QST_OK ? QST_ERR_DIVERGED : status;
}

qst_status qsti_training_select(qsti_training *training, double train_loss, bool *out_better_loss)
{
    qst_status status = QST_OK;
    qsti_training_state *state = &training->state;
    qsti_judgement judgement = {NAN, NAN, NAN, NAN};
    *out_better_loss = true;
    if (training->has_validation) {
        QSTI_TRY(judge(training, &judgement));
        *out_better_loss = !(judgement.loss >= state->lowest_validation_loss);
        if (*out_better_loss)
            state->lowest_validation_loss = judgement.loss;
    }
    qsti_training_log_end(training, train_loss, &judgement);
    if (!training->has_validation || training->opts->select == QST_SELECT_LAST ||
        is_better(judgement.accuracy, judgement.cross_entropy, judgement.loss, state->selected_accuracy,
                  state->selected_cross_entropy, state->selected_loss)) {
        memcpy(training->selected, training->weights, training->model->n_weights * sizeof *training->selected);
        state->selected_epoch = state->epoch + 1;
        state->selected_accuracy = judgement.accuracy;
        state->selected_cross_entropy = judgement.cross_entropy;
        state->selected_loss = judgement.loss;
        state->selected_train_loss = train_loss;
    }
done:
    return status;
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

static void make_order(qsti_training *training)
{
    qsti_rng rng = qsti_rng_init(training->opts->seed, QSTI_PURPOSE_ORDER, (uint32_t)training->state.epoch,
                                 (uint32_t)training->state.restart);
    for (size_t i = 0; i < training->n_rows; i++)
        training->order[i] = i;
    qsti_rng_shuffle(&rng, training->order, training->n_rows);
}

static qst_status check_finite(const qsti_training *training, const char *what, const double *values, size_t n)
{
    if (qsti_weights_finite(training->model->ctx, values, n))
        return QST_OK;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return qsti_fail(training->model->ctx, QST_ERR_DIVERGED, "%s %zu is %g", what, i, values[i]);
    return QST_OK;
}

/* The terms beside the objective. lbfgs takes the same directions at every evaluation. */
static qst_status add_match(qsti_training *training, const size_t *rows, size_t n_rows, qst_loss_terms *out)
{
    bool same = training->opts->optimizer == QST_OPTIMIZER_lbfgs;
    qst_status status = qsti_match_add(training->hooks->match, training->weights, rows, n_rows,
                                       same ? 0 : training->state.n_steps, &out->loss, training->gradient);
    if (status == QST_OK && !isfinite(out->loss))
        status = qsti_fail(training->model->ctx, QST_ERR_DIVERGED, "the loss is %g", out->loss);
    return status;
}

qst_status qsti_training_gradient(qsti_training *training, const size_t *rows, size_t n_rows, qst_loss_terms *out)
{
    qsti_objective *objective = &training->train;
    qst_status status = training->ahead != NULL ? qsti_training_spsa(training, rows, n_rows, out)
                                                : qsti_objective_gradient(objective, training->weights, rows, n_rows,
                                                                          out, training->gradient);
    if (status == QST_OK && training->hooks->match != NULL)
        status = add_match(training, rows, n_rows, out);
    if (status == QST_OK)
        return check_finite(training, "the gradient of weight", training->gradient, training->model->n_trained);
    if (status != QST_ERR_INPUT)
        return status;
    /* The model does not take these rows at these weights. At the last good ones? Then it is the weights. */
    status = qsti_objective_gradient(objective, training->good, rows, n_rows, out, training->gradient);
    return status == QST_OK ? QST_ERR_DIVERGED : status;
}

static void clip(double *gradient, size_t n, double norm_limit)
{
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += gradient[i] * gradient[i];
    double norm = sqrt(squares);
    for (size_t i = 0; i < n && norm > norm_limit; i++)
        gradient[i] *= norm_limit / norm;
}

static qst_status give_up(const qsti_training *training)
{
    const qst_train_opts *opts = training->opts;
    const qsti_training_state *state = &training->state;
    size_t step = state->step < training->steps_per_epoch ? state->step + 1 : state->step;
    bool kept = opts->checkpoint != NULL && qsti_path_exists(opts->checkpoint);
    return qsti_fail_within(training->model->ctx, QST_ERR_DIVERGED,
                            "training diverged in epoch %zu, step %zu, after %d halvings of the learning rate%s%s%s",
                            state->epoch + 1, step, MAX_DIVERGENCES, kept ? " (the last checkpoint is " : "",
                            kept ? opts->checkpoint : "", kept ? ")" : "");
}

/* Back to the last good weights and the beginning of the epoch, at half the rate. The context's message says why. */
static qst_status step_back(qsti_training *training, qsti_optimizer *optimizer)
{
    qsti_training_state *state = &training->state;
    qst_ctx *ctx = training->model->ctx;
    memcpy(training->weights, training->good, training->model->n_weights * sizeof *training->weights);
    qsti_optimizer_reset(optimizer);
    state->divergences++;
    state->bad_epochs = 0;
    state->rate_factor /= 2;
    if (state->rate_factor < ldexp(1, -MAX_DIVERGENCES))
        return give_up(training);
    qsti_warn(ctx, "epoch %zu: %s: back to the last good weights at half the learning rate", state->epoch + 1,
              qst_ctx_message(ctx));
    state->step = 0;
    state->epoch_loss = 0;
    return QST_OK;
}

/* How long the step was. The sum runs in the order of the weights: it depends on nothing else. */
static double step_length(const qsti_training *training)
{
    double squares = 0;
    for (size_t i = 0; i < training->model->n_trained; i++) {
        double moved = training->weights[i] - training->before[i];
        squares += moved * moved;
    }
    return sqrt(squares);
}

static qst_status move_weights(qsti_training *training, qsti_optimizer *optimizer, size_t done, size_t total)
{
    const qst_train_opts *opts = training->opts;
    double rate = training->state.rate_factor * qsti_schedule_rate(opts->schedule, opts->learning_rate, done, total);
    if (opts->clip_norm > 0)
        clip(training->gradient, training->model->n_trained, opts->clip_norm);
    if (training->before != NULL)
        memcpy(training->before, training->weights, training->model->n_trained * sizeof *training->before);
    qsti_optimizer_step(training->model->ctx, optimizer, rate, training->gradient, training->weights);
    qsti_model_end_step(training->model, training->weights);
    qst_status status = check_finite(training, "weight", training->weights, training->model->n_weights);
    if (status == QST_OK && training->before != NULL)
        training->state.path += step_length(training);
    return status;
}

/* Of the next step. */
static size_t rows_of_step(const qsti_training *training)
{
    size_t left = training->n_rows - training->state.step * training->batch;
    return left < training->batch ? left : training->batch;
}

size_t qsti_training_rows_seen(const qsti_training *training)
{
    size_t n = training->state.step * training->batch;
    return training->state.out_of_shots && n < training->n_rows ? n : training->n_rows;
}

/* One batch; state->step goes on by one, or back to 0. */
static qst_status one_step(qsti_training *training, qsti_optimizer *optimizer)
{
    qsti_training_state *state = &training->state;
    size_t first = state->step * training->batch, n_rows = rows_of_step(training);
    size_t done = state->epoch * training->steps_per_epoch + state->step;
    size_t total = training->opts->epochs * training->steps_per_epoch;
    qst_loss_terms terms = {.loss = NAN, .hard = NAN, .soft = NAN};
    qsti_model_begin_step(training->model, training->opts->seed, state->n_steps);
    training->train.measuring = state->step == 0;
    qst_status status = qsti_training_gradient(training, training->order + first, n_rows, &terms);
    if (status == QST_OK)
        qsti_training_log_step(training, n_rows);
    if (status == QST_OK)
        status = move_weights(training, optimizer, done, total);
    if (status == QST_ERR_DIVERGED)
        return step_back(training, optimizer);
    if (status != QST_OK)
        return status;
    state->epoch_loss += terms.loss * (double)n_rows;
    state->step++;
    state->n_steps++;
    double share =
        ((double)state->restart + (double)(done + 1) / (double)total) / (double)(training->opts->restarts + 1);
    if (training->hooks->step != NULL)
        training->hooks->step(training->hooks->user, share, terms.loss);
    return QST_OK;
}

/* --- epochs ------------------------------------------------------------------------------------------------------- */

/* Notes that no step is left in the budget of shots; one that has no room for the first is an error. */
static qst_status out_of_shots(qsti_training *training)
{
    const qsti_training_state *state = &training->state;
    training->state.out_of_shots = true;
    if (state->n_steps > 0 || state->divergences > 0)
        return QST_OK;
    return qsti_fail(training->model->ctx, QST_ERR_USAGE,
                     "budget_shots: %llu have no room for one step of %zu rows and its validation",
                     (unsigned long long)training->opts->conditions->budget_shots, rows_of_step(training));
}

/* Goes on from state->step to the end of the epoch, with checkpoints; or to the end of the budget of shots. */
static qst_status run_epoch(qsti_training *training, qsti_optimizer *optimizer, double *next_checkpoint)
{
    qst_status status = QST_OK;
    const qst_train_opts *opts = training->opts;
    qsti_training_state *state = &training->state;
    make_order(training);
    qsti_objective_begin_epoch(&training->train, state->epoch);
    if (training->conditions != NULL)
        QSTI_TRY(qsti_conditions_begin_epoch(training->conditions, state->epoch, state->restart));
    if (state->step == 0 && qsti_loss_plan_turns(opts, state->epoch))
        state->lowest_train_loss = INFINITY;
    while (state->step < training->steps_per_epoch && !state->out_of_shots) {
        if (!qsti_training_affords(training, rows_of_step(training))) {
            QSTI_TRY(out_of_shots(training));
            break;
        }
        if (state->step == 0)
            qsti_training_log_begin(training);
        QSTI_TRY(one_step(training, optimizer));
        bool stop = qsti_check_interrupt(training->model->ctx) != QST_OK;
        if (opts->checkpoint != NULL && (stop || qsti_now() >= *next_checkpoint)) {
            QSTI_TRY(qsti_checkpoint_write(training));
            *next_checkpoint = qsti_now() + opts->checkpoint_every_s;
        }
        if (stop)
            QSTI_TRY(qsti_check_interrupt(training->model->ctx));
    }
done:
    return status;
}

/* ERR_DIVERGED when the loss has been far above its lowest for too long. */
static qst_status check_loss(qsti_training *training, double loss)
{
    qsti_training_state *state = &training->state;
    double lowest = state->lowest_train_loss;
    state->bad_epochs = loss > DIVERGENCE_RATIO * lowest && loss > DIVERGENCE_LEAST ? state->bad_epochs + 1 : 0;
    if (loss < lowest)
        state->lowest_train_loss = loss;
    if (state->bad_epochs < DIVERGENCE_EPOCHS)
        return QST_OK;
    return qsti_fail(training->model->ctx, QST_ERR_DIVERGED, "the loss is %g, for %d epochs far above its lowest %g",
                     loss, DIVERGENCE_EPOCHS, lowest);
}

static qst_status end_epoch(qsti_training *training, qsti_optimizer *optimizer, bool *out_stop)
{
    qsti_training_state *state = &training->state;
    bool better = false;
    double loss = state->epoch_loss / (double)qsti_training_rows_seen(training);
    qst_status status = qsti_training_select(training, loss, &better);
    if (status == QST_ERR_DIVERGED)
        return step_back(training, optimizer);
    QSTI_TRY(status);
    state->stale = better ? 0 : state->stale + 1;
    if (check_loss(training, loss) == QST_ERR_DIVERGED)
        QSTI_TRY(step_back(training, optimizer));
    else if (state->bad_epochs == 0)
        memcpy(training->good, training->weights, training->model->n_weights * sizeof *training->good);
    *out_stop = training->opts->patience > 0 && state->stale >= training->opts->patience;
    state->epoch++;
    state->step = 0;
    state->epoch_loss = 0;
done:
    return status;
}

/* --- restarts ----------------------------------------------------------------------------------------------------- */

/* Other initial weights, by way of the model, whose own stay what they are: a resumed training is known by them. */
static void draw_weights(qsti_training *training)
{
    qst_model *model = training->model;
    size_t n_bytes = model->n_weights * sizeof *model->weights;
    uint64_t seed = model->seed;
    qsti_rng rng = qsti_rng_init(training->opts->seed, QSTI_PURPOSE_WEIGHTS, (uint32_t)training->state.restart, 1);
    memcpy(training->gradient, model->weights, n_bytes);
    qst_model_initialize(model, qsti_rng_u64(&rng));
    memcpy(training->weights, model->weights, n_bytes);
    memcpy(model->weights, training->gradient, n_bytes);
    model->seed = seed;
}

static void begin_restart(qsti_training *training, qsti_optimizer *optimizer)
{
    qsti_training_state *state = &training->state;
    size_t n = training->model->n_weights;
    if (state->restart > 0)
        draw_weights(training);
    memcpy(training->good, training->weights, n * sizeof *training->good);
    memcpy(training->selected, training->weights, n * sizeof *training->selected);
    qsti_optimizer_reset(optimizer);
    state->epoch = state->step = state->stale = state->bad_epochs = state->selected_epoch = 0;
    state->rate_factor = 1;
    state->epoch_loss = 0;
    state->lowest_train_loss = state->lowest_validation_loss = INFINITY;
    state->selected_accuracy = state->selected_cross_entropy = NAN;
    state->selected_loss = state->selected_train_loss = NAN;
}

static void end_restart(qsti_training *training)
{
    qsti_training_state *state = &training->state;
    bool better = training->has_validation
                      ? is_better(state->selected_accuracy, state->selected_cross_entropy, state->selected_loss,
                                  state->kept_accuracy, state->kept_cross_entropy, state->kept_loss)
                      : state->selected_train_loss < state->kept_train_loss;
    if (state->restart == 0 || better) {
        memcpy(training->kept, training->selected, training->model->n_weights * sizeof *training->kept);
        memcpy(training->kept_last, training->weights, training->model->n_weights * sizeof *training->kept);
        state->kept_accuracy = state->selected_accuracy;
        state->kept_cross_entropy = state->selected_cross_entropy;
        state->kept_loss = state->selected_loss;
        state->kept_train_loss = state->selected_train_loss;
        state->kept_epoch = state->selected_epoch;
        state->selected_restart = state->restart;
    }
    state->restart++;
}

static qst_status run_restart(qsti_training *training, qsti_optimizer *optimizer, double *next_checkpoint)
{
    qst_status status = QST_OK;
    qsti_training_state *state = &training->state;
    bool stop = false;
    while (state->epoch < training->opts->epochs && !stop) {
        QSTI_TRY(run_epoch(training, optimizer, next_checkpoint));
        if (state->step > 0)
            QSTI_TRY(end_epoch(training, optimizer, &stop));
        stop = stop || state->out_of_shots;
    }
    end_restart(training);
    if (state->out_of_shots)
        state->restart = training->opts->restarts + 1;
done:
    return status;
}

static qst_status run_all(qsti_training *training)
{
    qst_status status = QST_OK;
    const qst_train_opts *opts = training->opts;
    qsti_optimizer optimizer = {0};
    double next_checkpoint = qsti_now() + opts->checkpoint_every_s;
    bool resumed = false;
    QSTI_TRY(qsti_optimizer_init(training->model->ctx, opts, training->model->n_trained, &optimizer));
    training->moments = optimizer.moments;
    training->optimizer_step = &optimizer.step;
    if (opts->checkpoint != NULL)
        QSTI_TRY(qsti_checkpoint_identify(training));
    if (opts->resume && opts->checkpoint != NULL && qsti_path_exists(opts->checkpoint)) {
        QSTI_TRY(qsti_checkpoint_read(training));
        resumed = true;
    }
    while (training->state.restart <= opts->restarts) {
        if (!resumed)
            begin_restart(training, &optimizer);
        resumed = false;
        QSTI_TRY(run_restart(training, &optimizer, &next_checkpoint));
    }
    if (opts->checkpoint != NULL)
        QSTI_TRY(qsti_checkpoint_write(training));
done:
    qsti_optimizer_clear(training->model->ctx, &optimizer);
    return status;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static qst_status training_init(qsti_training *training, const qst_train_data *train, const qst_train_data *validation)
{
    qst_status status = QST_OK;
    qst_model *model = training->model;
    qst_ctx *ctx = model->ctx;
    size_t n = model->n_weights;
    training->n_warnings = qsti_ctx_warnings(ctx, NULL);
    training->n_rows = train->x.n_rows;
    training->batch = training->opts->optimizer == QST_OPTIMIZER_lbfgs ? train->x.n_rows : training->opts->batch;
    training->steps_per_epoch = (training->n_rows + training->batch - 1) / training->batch;
    if (training->opts->conditions != NULL)
        QSTI_TRY(qsti_conditions_create(model, training->opts, &training->conditions));
    QSTI_TRY(qsti_objective_init(model, train, training->opts, training->batch, &training->train));
    training->has_validation = validation != NULL && validation->x.data != NULL && validation->x.n_rows > 0;
    const qst_loss_plan plan = qsti_loss_plan_without_terms(training->opts);
    qst_train_opts judged = *training->opts;
    judged.plan = &plan;
    if (training->has_validation)
        QSTI_TRY(qsti_objective_init(model, validation, &judged, validation->x.n_rows, &training->validation));
    QSTI_TRY(QSTI_NEW(ctx, training->n_rows, &training->order));
    QSTI_TRY(QSTI_NEW(ctx, n, &training->weights));
    QSTI_TRY(QSTI_NEW(ctx, n, &training->gradient));
    QSTI_TRY(QSTI_NEW(ctx, n, &training->good));
    QSTI_TRY(QSTI_NEW(ctx, n, &training->selected));
    QSTI_TRY(QSTI_NEW(ctx, n, &training->kept));
    QSTI_TRY(QSTI_NEW(ctx, n, &training->kept_last));
    if (training->hooks->measures_path)
        QSTI_TRY(QSTI_NEW(ctx, n, &training->before));
    QSTI_TRY(qsti_training_spsa_make(training));
    if (!qsti_mul(training->opts->restarts + 1, training->opts->epochs, &training->history_capacity))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "epochs: %zu are too many", training->opts->epochs));
    QSTI_TRY(qsti_training_log_make(training));
    memcpy(training->weights, model->weights, n * sizeof *training->weights);
done:
    return status;
}

static void training_clear(qsti_training *training)
{
    qst_ctx *ctx = training->model->ctx;
    qsti_objective_clear(&training->train);
    qsti_objective_clear(&training->validation);
    qsti_conditions_free(training->conditions);
    qsti_free(ctx, training->order);
    qsti_free(ctx, training->weights);
    qsti_free(ctx, training->gradient);
    qsti_free(ctx, training->good);
    qsti_free(ctx, training->selected);
    qsti_free(ctx, training->kept);
    qsti_free(ctx, training->kept_last);
    qsti_free(ctx, training->before);
    qsti_free(ctx, training->ahead);
    qsti_free(ctx, training->direction);
    qsti_free(ctx, training->other_gradient);
    qsti_free(ctx, training->shifted);
    qsti_free(ctx, training->history);
    qsti_free(ctx, training->term_history);
    qsti_free(ctx, training->log);
}

/* Hands the history and the last weights over to the caller. */
static void hand_over(qsti_training *training, qsti_train_outcome *out)
{
    const qsti_training_state *state = &training->state;
    *out = (qsti_train_outcome){
        .result = {.epochs = state->epoch,
                   .selected_epoch = state->kept_epoch,
                   .steps = state->n_steps,
                   .train_loss = state->kept_train_loss,
                   .validation_loss = state->kept_loss,
                   .validation_accuracy = state->kept_accuracy,
                   .seconds = state->seconds + qsti_now() - training->start,
                   .divergences = state->divergences,
                   .shots = training->conditions != NULL ? qsti_conditions_used(training->conditions) : 0,
                   .out_of_shots = state->out_of_shots},
        .epochs = training->history,
        .n_epochs = state->n_epochs,
        .terms = training->term_history,
        .n_terms = training->n_terms,
        .last = training->kept_last,
        .path = state->path,
    };
    training->history = NULL;
    training->term_history = NULL;
    training->kept_last = NULL;
}

void qsti_train_outcome_clear(qst_ctx *ctx, qsti_train_outcome *outcome)
{
    qsti_free(ctx, outcome->epochs);
    qsti_free(ctx, outcome->terms);
    qsti_free(ctx, outcome->last);
    *outcome = (qsti_train_outcome){0};
}

qst_status qsti_train(qst_model *model, const qst_train_data *train, const qst_train_data *validation,
                      const qst_train_opts *opts, const qsti_train_hooks *hooks, qsti_train_outcome *out)
{
    static const qsti_train_hooks no_hooks = {0};
    qst_status status = QST_OK;
    qsti_training training = {.model = model, .opts = opts, .hooks = hooks ? hooks : &no_hooks, .start = qsti_now()};
    QSTI_TRY(check_opts(model, opts, train->x.n_rows, training.hooks->match != NULL));
    QSTI_TRY(training_init(&training, train, validation));
    status = opts->optimizer == QST_OPTIMIZER_lbfgs ? qsti_train_lbfgs(&training) : run_all(&training);
    if (status == QST_ERR_DIVERGED)
        memcpy(model->weights, training.good, model->n_weights * sizeof *model->weights);
    if (status != QST_OK)
        goto done;
    memcpy(model->weights, training.kept, model->n_weights * sizeof *model->weights);
    if (training.train.n_skipped > 0)
        qsti_warn(model->ctx,
                  "%zu times a row or column of a batch had no direction (all scores equal, or 0): it counts 0",
                  training.train.n_skipped);
    hand_over(&training, out);
done:
    training_clear(&training);
    return status;
}

static void report_step(void *user, double done, double loss)
{
    qsti_progress(user, &(qst_progress){"training", done, 1.0, loss});
}

qsti_train_hooks qsti_train_progress(qst_ctx *ctx)
{
    return (qsti_train_hooks){.step = report_step, .user = ctx};
}

qst_status qst_model_train(qst_model *model, const qst_train_data *train, const qst_train_data *validation,
                           const qst_train_opts *opts, qst_train_result *out)
{
    const qsti_train_hooks hooks = qsti_train_progress(model->ctx);
    qsti_train_outcome outcome = {0};
    qst_status status = qsti_train(model, train, validation, opts, &hooks, &outcome);
    if (status == QST_OK && out != NULL)
        *out = outcome.result;
    qsti_train_outcome_clear(model->ctx, &outcome);
    return status;
}

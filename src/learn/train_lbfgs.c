/* train_lbfgs.c: full-batch training by NLopt's L-BFGS [liu1989].
 *
 * NLopt owns the loop: every evaluation of loss and gradient counts as an epoch, and is judged on validation. Its
 * history cannot be stored, so an interrupted training starts anew; batch, learning rate and schedule play no part.
 */
#include <math.h>
#include <nlopt.h>
#include <string.h>

#include "learn/train.h"

typedef struct search {
    qsti_training *training;
    nlopt_opt optimiser;
    qst_status status;
} search;

static double evaluate(unsigned n, const double *weights, double *gradient, void *data)
{
    search *work = data;
    qsti_training *training = work->training;
    qsti_training_state *state = &training->state;
    qst_status status = QST_OK;
    qst_loss_terms terms = {.loss = NAN, .hard = NAN, .soft = NAN};
    bool better = false;
    if (state->epoch >= training->opts->epochs) { /* NLopt may ask for one more than its maximum */
        nlopt_force_stop(work->optimiser);
        return state->lowest_train_loss;
    }
    memcpy(training->weights, weights, n * sizeof *weights);
    QSTI_TRY(qsti_check_interrupt(training->model->ctx));
    training->train.measuring = true;
    qsti_training_log_begin(training);
    status = qsti_training_gradient(training, training->order, training->n_rows, &terms);
    if (status == QST_ERR_DIVERGED)
        QSTI_TRY(
            qsti_fail_within(training->model->ctx, status, "training diverged in evaluation %zu", state->epoch + 1));
    QSTI_TRY(status);
    qsti_training_log_step(training, training->n_rows);
    if (gradient != NULL)
        memcpy(gradient, training->gradient, n * sizeof *gradient);
    /* The line search also looks at worse points: without validation the lowest training loss is kept. */
    bool by_validation = training->has_validation && training->opts->select == QST_SELECT_BEST;
    if (by_validation || terms.loss < state->lowest_train_loss)
        QSTI_TRY(qsti_training_select(training, terms.loss, &better));
    if (terms.loss < state->lowest_train_loss)
        state->lowest_train_loss = terms.loss;
    state->epoch++;
    state->n_steps++;
    if (training->hooks->step != NULL)
        training->hooks->step(training->hooks->user, (double)state->epoch / (double)training->opts->epochs, terms.loss);
done:
    work->status = status;
    if (status != QST_OK)
        nlopt_force_stop(work->optimiser);
    return terms.loss;
}

qst_status qsti_train_lbfgs(qsti_training *training)
{
    qst_status status = QST_OK;
    qst_model *model = training->model;
    qsti_training_state *state = &training->state;
    double loss = 0, *variables = NULL;
    search work = {.training = training};
    if (training->opts->restarts > 0)
        return qsti_fail(model->ctx, QST_ERR_USAGE, "restarts: not with the optimizer lbfgs");
    QSTI_TRY(QSTI_NEW(model->ctx, model->n_weights, &variables));
    memcpy(variables, training->weights, model->n_weights * sizeof *variables);
    for (size_t i = 0; i < training->n_rows; i++)
        training->order[i] = i;
    memcpy(training->selected, training->weights, model->n_weights * sizeof *variables);
    memcpy(training->good, training->weights, model->n_weights * sizeof *variables);
    qsti_objective_begin_epoch(&training->train, 0);
    state->lowest_train_loss = state->lowest_validation_loss = INFINITY;
    state->selected_loss = state->selected_accuracy = state->selected_cross_entropy = NAN;
    work.optimiser = nlopt_create(NLOPT_LD_LBFGS, (unsigned)model->n_weights);
    if (work.optimiser == NULL)
        QSTI_TRY(qsti_fail(model->ctx, QST_ERR_MEMORY, "out of memory: NLopt"));
    nlopt_set_min_objective(work.optimiser, evaluate, &work);
    nlopt_set_maxeval(work.optimiser, (int)(training->opts->epochs < 1000000000 ? training->opts->epochs : 1000000000));
    nlopt_result result = nlopt_optimize(work.optimiser, variables, &loss);
    QSTI_TRY(work.status);
    if (result == NLOPT_OUT_OF_MEMORY)
        QSTI_TRY(qsti_fail(model->ctx, QST_ERR_MEMORY, "out of memory: NLopt"));
    if (!isfinite(loss) || state->selected_epoch == 0)
        QSTI_TRY(qsti_fail(model->ctx, QST_ERR_DIVERGED, "training diverged: the loss is %g", loss));
    memcpy(training->kept, training->selected, model->n_weights * sizeof *variables);
    memcpy(training->kept_last, training->weights, model->n_weights * sizeof *variables);
    state->kept_accuracy = state->selected_accuracy;
    state->kept_cross_entropy = state->selected_cross_entropy;
    state->kept_loss = state->selected_loss;
    state->kept_train_loss = state->selected_train_loss;
    state->kept_epoch = state->selected_epoch;
done:
    nlopt_destroy(work.optimiser);
    qsti_free(model->ctx, variables);
    return status;
}

#include "train_cases.h"

qst_ctx *ctx;
learn_rows rows, validation;

int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(2);
    learn_rows_make(&rows, 90, 1);
    learn_rows_make(&validation, 40, 2);
    return 0;
}

int tear_down(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

qst_train_data data_of(const learn_rows *from, qst_loss loss)
{
    return loss == QST_LOSS_ce                ? learn_labelled(from)
           : loss == QST_LOSS_expectation_mse ? learn_taught(from, QST_SCORE_expectation)
                                              : learn_taught(from, QST_SCORE_logit);
}

trained train_in(qst_ctx *own, const char *output, qst_head head, qst_precision precision, const qst_train_opts *opts,
                 bool validated)
{
    trained t = {.model = learn_model(own, output, head, precision)};
    const qst_train_data data = data_of(&rows, opts->loss), judged = data_of(&validation, opts->loss);
    assert_ok(own, qsti_train(t.model, &data, validated ? &judged : NULL, opts, NULL, &t.outcome));
    return t;
}

trained train(const qst_train_opts *opts, bool validated)
{
    return train_in(ctx, "z", QST_HEAD_linear, QST_DOUBLE, opts, validated);
}

void trained_clear(trained *t)
{
    qsti_train_outcome_clear(t->model->ctx, &t->outcome);
    qst_model_free(t->model);
}

void assert_same_weights(const trained *a, const trained *b)
{
    assert_int_equal(a->model->n_weights, b->model->n_weights);
    assert_memory_equal(a->model->weights, b->model->weights, a->model->n_weights * sizeof(double));
}

/* The epoch (1-based) that the curve says is the best: accuracy, then loss, then earlier. For ce the loss is the
 * cross-entropy. */
size_t best_of(const qsti_epoch *epochs, size_t n)
{
    size_t best = 0;
    for (size_t e = 1; e < n; e++) {
        if (epochs[e].validation_accuracy > epochs[best].validation_accuracy ||
            (epochs[e].validation_accuracy == epochs[best].validation_accuracy &&
             epochs[e].validation_loss < epochs[best].validation_loss)) {
            best = e;
        }
    }
    return best + 1;
}

/* test_train_lbfgs.c: training by L-BFGS, full batch. */
#include "train_cases.h"

static void lbfgs_beats_adam_on_a_smooth_problem(void **state)
{
    (void)state;
    const char *const outputs[] = {"logistic", "z"};
    for (size_t o = 0; o < 2; o++) {
        qst_train_opts opts = learn_opts();
        opts.loss = QST_LOSS_logit_mse;
        opts.epochs = 60;
        opts.batch = 90; /* full batch: one evaluation an epoch for both */
        trained adam = train_in(ctx, outputs[o], QST_HEAD_linear, QST_DOUBLE, &opts, false);
        opts.optimizer = QST_OPTIMIZER_lbfgs;
        trained lbfgs = train_in(ctx, outputs[o], QST_HEAD_linear, QST_DOUBLE, &opts, false);
        assert_true(lbfgs.outcome.result.epochs <= 60);
        assert_true(lbfgs.outcome.result.train_loss < adam.outcome.result.train_loss - 1e-4);
        /* What it says it reached is what its weights give. */
        const qst_train_data data = data_of(&rows, opts.loss);
        qsti_objective objective;
        qsti_judgement judgement;
        assert_ok(ctx, qsti_objective_init(lbfgs.model, &data, &opts, 90, &objective));
        assert_ok(ctx, qsti_objective_judge(&objective, lbfgs.model->weights, &judgement));
        assert_close(judgement.loss, lbfgs.outcome.result.train_loss, 1e-13);
        qsti_objective_clear(&objective);
        trained_clear(&adam);
        trained_clear(&lbfgs);
    }
}

typedef struct lowest {
    double loss, last;
} lowest;

static void note_loss(void *user, double done, double loss)
{
    lowest *l = user;
    (void)done;
    l->loss = fmin(l->loss, loss);
    l->last = loss;
}

/* The line search also looks at worse points: wherever it is stopped, the lowest is kept. */
static void lbfgs_keeps_the_lowest(void **state)
{
    (void)state;
    size_t n_worse = 0;
    for (size_t n = 1; n <= 30; n++) {
        lowest l = {INFINITY, NAN};
        const qsti_train_hooks hooks = {.step = note_loss, .user = &l};
        const qst_train_data data = learn_taught(&rows, QST_SCORE_logit);
        qst_train_opts opts = learn_opts();
        qsti_train_outcome outcome;
        qst_model *model = learn_model(ctx, "z", QST_HEAD_scale, QST_DOUBLE);
        model->weights[15] = 3; /* a scale of 20: the first steps are too long */
        opts.loss = QST_LOSS_logit_mse;
        opts.optimizer = QST_OPTIMIZER_lbfgs;
        opts.epochs = n;
        assert_ok(ctx, qsti_train(model, &data, NULL, &opts, &hooks, &outcome));
        assert_in_range(outcome.result.epochs, 1, n);
        assert_close(outcome.result.train_loss, l.loss, 0);
        n_worse += l.last > l.loss;
        qsti_train_outcome_clear(ctx, &outcome);
        qst_model_free(model);
    }
    assert_true(n_worse > 0);
}

static void lbfgs_selects_and_refuses(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    opts.optimizer = QST_OPTIMIZER_lbfgs;
    opts.epochs = 40;
    opts.batch = 0; /* plays no part */
    opts.select = QST_SELECT_BEST;
    trained best = train(&opts, true);
    size_t n = best.outcome.n_epochs;
    assert_true(n > 5 && n == best.outcome.result.epochs);
    size_t expected = best_of(best.outcome.epochs, n);
    assert_int_equal(best.outcome.result.selected_epoch, expected);
    assert_close(best.outcome.result.validation_accuracy, best.outcome.epochs[expected - 1].validation_accuracy, 0);
    trained again = train(&opts, true);
    assert_same_weights(&best, &again);
    opts.restarts = 1;
    const qst_train_data data = learn_labelled(&rows);
    assert_status(ctx, qst_model_train(best.model, &data, NULL, &opts, NULL), QST_ERR_USAGE);
    assert_message(ctx, "restarts: not with the optimizer lbfgs");
    trained_clear(&best);
    trained_clear(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lbfgs_beats_adam_on_a_smooth_problem),
        cmocka_unit_test(lbfgs_keeps_the_lowest),
        cmocka_unit_test(lbfgs_selects_and_refuses),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

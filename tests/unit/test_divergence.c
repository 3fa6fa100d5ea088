/* test_divergence.c: nothing that is not finite goes unseen: every such step is taken back with a warning and half the
 * learning rate, and after five of them training ends with the last good weights. A model whose forward or backward
 * pass can be spoilt at a given call stands in for the accidents. */
#include "learn_cases.h"

#include "base/status.h"

#define STEPS_A_EPOCH 6

static qst_ctx *ctx;
static learn_rows rows, validation;

static int set_up(void **state)
{
    (void)state;
    learn_rows_make(&rows, 90, 1);
    learn_rows_make(&validation, 40, 2);
    return 0;
}

/* Warnings are kept by the context, so every test has its own. */
static int begin(void **state)
{
    (void)state;
    ctx = support_ctx(1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

/* --- a model that can be spoilt ----------------------------------------------------------------------------------- */

typedef enum accident { IN_SCORES, IN_GRADIENT, IN_WEIGHTS, IN_VALIDATION, LOSS_TOO_LARGE } accident;

static struct {
    const qsti_model_type *inner;
    qsti_model_type type;
    accident what;
    double value;
    size_t first, last; /* the calls that are spoilt, from 1 */
    size_t again;       /* and as many from this one; 0: none */
    size_t n_calls;
    const double *weights; /* the array that is trained; others hold what it goes back to */
} spoiler;

static bool spoilt_now(accident what)
{
    if (spoiler.what != what) {
        return false;
    }
    size_t n = ++spoiler.n_calls, length = spoiler.last - spoiler.first;
    return (n >= spoiler.first && n <= spoiler.last) ||
           (spoiler.again > 0 && n >= spoiler.again && n <= spoiler.again + length);
}

/* What is done to the scores of one call on their way to the caller. */
typedef struct detour {
    qst_block_fn *fn;
    void *user;
    size_t n_cols, bad_row, bad_column; /* SIZE_MAX: none */
    double factor;
} detour;

static void detour_block(void *user, const qst_block *block)
{
    const detour *way = user;
    double values[LEARN_CLASSES * 16];
    qst_block changed = *block;
    for (size_t i = 0; i < way->n_cols * block->lanes; i++) {
        values[i] = block->values[i] * way->factor;
    }
    if (way->bad_row >= block->first_row && way->bad_row < block->first_row + block->n_rows) {
        values[way->bad_column * block->lanes + way->bad_row - block->first_row] = spoiler.value;
    }
    changed.values = values;
    way->fn(way->user, &changed);
}

static qst_status gradient(qst_model *model, const qsti_pass *pass)
{
    qsti_pass changed = *pass;
    spoiler.weights = spoiler.weights ? spoiler.weights : pass->weights;
    if (pass->weights == spoiler.weights && spoilt_now(IN_WEIGHTS)) {
        double *writable;
        memcpy(&writable, &pass->weights, sizeof writable);
        writable[2] = spoiler.value;
    }
    detour way = {pass->fn,
                  pass->user,
                  model->n_scores,
                  spoilt_now(IN_SCORES) ? 1 : SIZE_MAX,
                  1,
                  spoilt_now(LOSS_TOO_LARGE) ? spoiler.value : 1};
    changed.fn = detour_block;
    changed.user = &way;
    qst_status status = spoiler.inner->gradient(model, &changed);
    if (spoilt_now(IN_GRADIENT)) {
        pass->out_weights[1] = spoiler.value;
    }
    return status;
}

static qst_status evaluate(qst_model *model, const double *weights, qst_const_matrix x, qst_block_fn *fn, void *user,
                           size_t n_sums, double *out_sums)
{
    detour way = {fn, user, model->n_scores, spoilt_now(IN_VALIDATION) ? 0 : SIZE_MAX, 0, 1};
    return spoiler.inner->evaluate(model, weights, x, detour_block, &way, n_sums, out_sums);
}

static qst_model *spoilt_model(accident what, double value, size_t first, size_t last)
{
    qst_model *model = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
    spoiler.inner = model->type;
    spoiler.type = *model->type;
    spoiler.type.gradient = gradient;
    spoiler.type.evaluate = evaluate;
    spoiler.what = what;
    spoiler.value = value;
    spoiler.first = first;
    spoiler.last = last;
    spoiler.n_calls = 0;
    spoiler.again = 0;
    spoiler.weights = NULL;
    model->type = &spoiler.type;
    return model;
}

static size_t warnings(void)
{
    const char *const *messages;
    return qsti_ctx_warnings(ctx, &messages);
}

/* --- one accident ------------------------------------------------------------------------------------------------- */

static void one_accident_is_survived(void **state)
{
    (void)state;
    const accident places[] = {IN_SCORES, IN_GRADIENT, IN_WEIGHTS};
    const double values[] = {NAN, INFINITY, -INFINITY};
    for (size_t p = 0; p < 3; p++) {
        for (size_t v = 0; v < 3; v++) {
            for (size_t at = 1; at <= (size_t)3 * STEPS_A_EPOCH; at++) {
                qst_ctx *outer = ctx;
                ctx = support_ctx(1);
                qst_train_opts opts = learn_opts();
                qst_model *model = spoilt_model(places[p], values[v], at, at);
                const qst_train_data data = learn_labelled(&rows), judged = learn_labelled(&validation);
                qsti_train_outcome outcome;
                assert_ok(ctx, qsti_train(model, &data, &judged, &opts, NULL, &outcome));
                assert_int_equal(outcome.result.divergences, 1);
                assert_int_equal(warnings(), 1);
                assert_int_equal(outcome.n_epochs, opts.epochs);
                /* The epoch is begun again: every epoch's loss is over all rows. */
                size_t redone = (at - 1) % STEPS_A_EPOCH;
                assert_int_equal(outcome.result.steps, opts.epochs * STEPS_A_EPOCH + redone);
                assert_true(outcome.epochs[0].train_loss > 0.5);
                assert_true(outcome.epochs[5].train_loss < outcome.epochs[0].train_loss);
                for (size_t i = 0; i < model->n_weights; i++) {
                    assert_true(isfinite(model->weights[i]));
                }
                qsti_train_outcome_clear(ctx, &outcome);
                qst_model_free(model);
                qst_ctx_free(ctx);
                ctx = outer;
            }
        }
    }
}

/* A step back is the same as training with half the rate from the last good weights. */
static void the_rate_is_halved(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    opts.epochs = 1;
    qst_model *model = spoilt_model(IN_GRADIENT, NAN, 4, 4);
    const qst_train_data data = learn_labelled(&rows);
    assert_ok(ctx, qst_model_train(model, &data, NULL, &opts, NULL));
    qst_model *expected = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
    opts.learning_rate /= 2;
    assert_ok(ctx, qst_model_train(expected, &data, NULL, &opts, NULL));
    assert_memory_equal(model->weights, expected->weights, model->n_weights * sizeof *model->weights);
    qst_model_free(model);
    qst_model_free(expected);
}

static void validation_that_overflows(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    qst_model *model = spoilt_model(IN_VALIDATION, NAN, 3, 3);
    const qst_train_data data = learn_labelled(&rows), judged = learn_labelled(&validation);
    qsti_train_outcome outcome;
    const char *const *messages;
    assert_ok(ctx, qsti_train(model, &data, &judged, &opts, NULL, &outcome));
    assert_int_equal(outcome.result.divergences, 1);
    assert_int_equal(qsti_ctx_warnings(ctx, &messages), 1);
    assert_non_null(strstr(messages[0], "epoch 3: student scores: row 0, column 0: nan is not finite: back to"));
    assert_int_equal(outcome.n_epochs, opts.epochs);
    assert_int_equal(outcome.result.steps, (opts.epochs + 1) * STEPS_A_EPOCH);
    qsti_train_outcome_clear(ctx, &outcome);
    qst_model_free(model);
}

/* --- one after the other ------------------------------------------------------------------------------------------ */

static void after_five_it_ends_with_the_last_good_weights(void **state)
{
    (void)state;
    const accident places[] = {IN_SCORES, IN_GRADIENT, IN_WEIGHTS};
    for (size_t p = 0; p < 3; p++) {
        qst_train_opts opts = learn_opts();
        opts.checkpoint = support_path("diverged.ckpt");
        qst_model *model = spoilt_model(places[p], NAN, 2 * STEPS_A_EPOCH + 4, SIZE_MAX);
        const qst_train_data data = learn_labelled(&rows);
        qst_train_result untouched = {.steps = 55};
        assert_status(ctx, qst_model_train(model, &data, NULL, &opts, &untouched), QST_ERR_DIVERGED);
        assert_message(ctx, "training diverged in epoch 3, step 1, after 5 halvings of the learning rate (the last "
                            "checkpoint is ");
        assert_message(ctx, p == 0   ? "diverged.ckpt): student scores: row 1, column 1: nan is not finite"
                            : p == 1 ? "diverged.ckpt): the gradient of weight 1 is nan"
                                     : "diverged.ckpt): ");
        assert_int_equal(untouched.steps, 55);
        qst_model *good = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
        opts.epochs = 2;
        opts.checkpoint = NULL;
        assert_ok(ctx, qst_model_train(good, &data, NULL, &opts, NULL));
        assert_memory_equal(model->weights, good->weights, good->n_weights * sizeof *good->weights);
        qst_model_free(model);
        qst_model_free(good);
    }
    assert_int_equal(warnings(), 3); /* equal ones are kept once */
    assert_int_equal(qsti_ctx_warnings_given(ctx), 15);
}

/* Five in the first epoch are survived, six are not; and every restart has its own five. */
static void restarts_begin_with_the_whole_rate(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    const qst_train_data data = learn_labelled(&rows);
    qst_train_result result;
    opts.restarts = 1;
    opts.epochs = 2;
    for (size_t n = 3; n <= 6; n++) {
        qst_model *model = spoilt_model(IN_GRADIENT, NAN, 1, n);
        assert_status(ctx, qst_model_train(model, &data, NULL, &opts, &result), n == 6 ? QST_ERR_DIVERGED : QST_OK);
        assert_int_equal(result.divergences, n == 6 ? 5 : n);
        qst_model_free(model);
    }
    /* Four before the first restart's 12 steps, four before the second's. */
    qst_model *model = spoilt_model(IN_GRADIENT, NAN, 1, 4);
    spoiler.again = 4 + 12 + 1;
    assert_ok(ctx, qst_model_train(model, &data, NULL, &opts, &result));
    assert_int_equal(result.divergences, 8);
    qst_model_free(model);
}

static void a_rate_that_is_far_too_large(void **state)
{
    (void)state;
    const qst_optimizer kinds[] = {QST_OPTIMIZER_adam, QST_OPTIMIZER_sgd};
    for (size_t k = 0; k < 2; k++) {
        qst_train_opts opts = learn_opts();
        opts.optimizer = kinds[k];
        opts.learning_rate = 1e308;
        opts.epochs = 30;
        qst_model *model = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
        const qst_train_data data = learn_labelled(&rows), judged = learn_labelled(&validation);
        assert_status(ctx, qst_model_train(model, &data, &judged, &opts, NULL), QST_ERR_DIVERGED);
        for (size_t i = 0; i < model->n_weights; i++) {
            assert_true(isfinite(model->weights[i]));
        }
        qst_model_free(model);
    }
}

/* The very last step is looked at too: no model leaves with weights that are not finite. */
static void the_last_step_overflows(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    opts.optimizer = QST_OPTIMIZER_sgd;
    opts.learning_rate = 1e300;
    opts.batch = 90;
    opts.epochs = 1;
    qst_model *model = spoilt_model(IN_GRADIENT, 1e20, 1, SIZE_MAX);
    const qst_train_data data = learn_labelled(&rows);
    assert_status(ctx, qst_model_train(model, &data, NULL, &opts, NULL), QST_ERR_DIVERGED);
    assert_message(ctx, "weight 1 is -inf");
    assert_true(isfinite(model->weights[1]));
    qst_model_free(model);
}

/* --- a loss that runs away ---------------------------------------------------------------------------------------- */

static void a_loss_that_runs_away(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    const char *const *messages;
    opts.epochs = 12;
    /* Right for 3 epochs, then scores 100 times as large with the wrong sign: for 3 epochs, and for good. */
    qst_model *model = spoilt_model(LOSS_TOO_LARGE, -100, 3 * STEPS_A_EPOCH + 1, 6 * STEPS_A_EPOCH);
    const qst_train_data data = learn_labelled(&rows);
    qsti_train_outcome outcome;
    assert_ok(ctx, qsti_train(model, &data, NULL, &opts, NULL, &outcome));
    assert_int_equal(outcome.result.divergences, 1);
    assert_int_equal(qsti_ctx_warnings(ctx, &messages), 1);
    assert_non_null(strstr(messages[0], "epoch 6: the loss is "));
    assert_int_equal(outcome.n_epochs, 12);
    /* It goes on where the third epoch ended. */
    assert_true(outcome.epochs[6].train_loss < 1.1 * outcome.epochs[2].train_loss);
    qsti_train_outcome_clear(ctx, &outcome);
    qst_model_free(model);
    opts.epochs = 40;
    model = spoilt_model(LOSS_TOO_LARGE, -100, 3 * STEPS_A_EPOCH + 1, SIZE_MAX);
    assert_status(ctx, qst_model_train(model, &data, NULL, &opts, NULL), QST_ERR_DIVERGED);
    assert_message(ctx, "training diverged in epoch 21, step 6, after 5 halvings of the learning rate: the loss is ");
    qst_model_free(model);
    /* Two epochs are no more than a bad spell. */
    opts.epochs = 12;
    model = spoilt_model(LOSS_TOO_LARGE, -100, 3 * STEPS_A_EPOCH + 1, 5 * STEPS_A_EPOCH);
    qst_train_result result;
    assert_ok(ctx, qst_model_train(model, &data, NULL, &opts, &result));
    assert_int_equal(result.divergences, 0);
    qst_model_free(model);
}

/* From 0, a loss of 1e-6 is endlessly far above its lowest, and still a perfect fit. */
static void jumps_of_a_tiny_loss_are_no_divergence(void **state)
{
    (void)state;
    double own[90 * LEARN_CLASSES];
    qst_train_opts opts = learn_opts();
    opts.loss = QST_LOSS_logit_mse;
    opts.learning_rate = 1e-6;
    opts.epochs = 30;
    qst_model *model = spoilt_model(LOSS_TOO_LARGE, 1.001, 2 * STEPS_A_EPOCH + 1, SIZE_MAX);
    qst_train_data data = learn_labelled(&rows);
    assert_ok(ctx, qst_model_scores(model, data.x, (qst_matrix){own, 90, LEARN_CLASSES}));
    data.teacher = (qst_const_matrix){own, 90, LEARN_CLASSES};
    data.teacher_kind = QST_SCORE_logit;
    qsti_train_outcome outcome;
    assert_ok(ctx, qsti_train(model, &data, NULL, &opts, NULL, &outcome));
    assert_close(outcome.epochs[0].train_loss, 0, 0);
    assert_true(outcome.epochs[5].train_loss > 1e-9);
    assert_int_equal(outcome.result.divergences, 0);
    qsti_train_outcome_clear(ctx, &outcome);
    qst_model_free(model);
}

/* --- what is no divergence ---------------------------------------------------------------------------------------- */

/* Rows a circuit cannot take are the caller's fault, and said at once. */
static void bad_rows_are_bad_input(void **state)
{
    (void)state;
    const char *const output = "z";
    const qst_model_opts model_opts = {
        .circuit = {.qubits = 3, .encoding = {.name = "amplitude"}, .ansatz = {.reps = 1}},
        .outputs = &output,
        .n_outputs = 1,
        .head = QST_HEAD_linear};
    qst_model *model = NULL;
    qst_train_opts opts = learn_opts();
    learn_rows zero = rows;
    memset(zero.x + 30, 0, 3 * sizeof *zero.x);
    const qst_train_data data = learn_labelled(&zero);
    assert_ok(ctx, qst_model_create(ctx, &model_opts, LEARN_FEATURES, LEARN_CLASSES, &model));
    assert_status(ctx, qst_model_train(model, &data, NULL, &opts, NULL), QST_ERR_INPUT);
    assert_int_equal(warnings(), 0);
    qst_model_free(model);
}

static void lbfgs_diverges_too(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    opts.optimizer = QST_OPTIMIZER_lbfgs;
    qst_model *model = spoilt_model(IN_SCORES, NAN, 3, SIZE_MAX);
    const qst_train_data data = learn_labelled(&rows);
    assert_status(ctx, qst_model_train(model, &data, NULL, &opts, NULL), QST_ERR_DIVERGED);
    for (size_t i = 0; i < model->n_weights; i++) {
        assert_true(isfinite(model->weights[i]));
    }
    qst_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_accident_is_survived, begin, end),
        cmocka_unit_test_setup_teardown(the_rate_is_halved, begin, end),
        cmocka_unit_test_setup_teardown(validation_that_overflows, begin, end),
        cmocka_unit_test_setup_teardown(after_five_it_ends_with_the_last_good_weights, begin, end),
        cmocka_unit_test_setup_teardown(restarts_begin_with_the_whole_rate, begin, end),
        cmocka_unit_test_setup_teardown(a_rate_that_is_far_too_large, begin, end),
        cmocka_unit_test_setup_teardown(the_last_step_overflows, begin, end),
        cmocka_unit_test_setup_teardown(a_loss_that_runs_away, begin, end),
        cmocka_unit_test_setup_teardown(jumps_of_a_tiny_loss_are_no_divergence, begin, end),
        cmocka_unit_test_setup_teardown(bad_rows_are_bad_input, begin, end),
        cmocka_unit_test_setup_teardown(lbfgs_diverges_too, begin, end),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}

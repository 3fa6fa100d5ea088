/* test_train.c: the training loop: the loss falls, equal bits for any number of threads, order of rows, selection,
 * early stopping, restarts, clipping, no allocation in a step. Divergence, the log and L-BFGS have files of their own.
 */
#include "train_cases.h"

#include "base/memory.h"

/* --- learning ----------------------------------------------------------------------------------------------------- */

static void the_loss_falls(void **state)
{
    (void)state;
    const qst_optimizer kinds[] = {QST_OPTIMIZER_adam, QST_OPTIMIZER_adamw, QST_OPTIMIZER_sgd};
    for (size_t k = 0; k < 3; k++) {
        for (int loss = QST_LOSS_ce; loss <= QST_LOSS_expectation_mse; loss++) {
            qst_train_opts opts = learn_opts();
            opts.loss = (qst_loss)loss;
            opts.optimizer = kinds[k];
            opts.momentum = 0.9;
            opts.epochs = 25;
            trained t = train(&opts, true);
            assert_int_equal(t.outcome.n_epochs, 25);
            assert_int_equal(t.outcome.result.epochs, 25);
            assert_int_equal(t.outcome.result.steps, 25 * 6);
            double first = t.outcome.epochs[0].train_loss, last = t.outcome.epochs[24].train_loss;
            assert_true(last < 0.9 * first);
            assert_true(t.outcome.epochs[24].validation_loss < t.outcome.epochs[0].validation_loss);
            assert_int_equal(t.outcome.result.divergences, 0);
            trained_clear(&t);
        }
    }
}

/* Every other loss too; three scores are no distribution over bitstrings, and fidelities are a term beside a loss. */
static void every_loss_falls(void **state)
{
    (void)state;
    for (int loss = QST_LOSS_huber; loss < QST_LOSS_COUNT; loss++) {
        qst_train_opts opts = learn_opts();
        opts.loss = (qst_loss)loss;
        opts.temperature = 2;
        opts.epochs = 12;
        if (loss == QST_LOSS_distribution_mmd || loss == QST_LOSS_similarity_fidelity) {
            continue;
        }
        trained t = train(&opts, true);
        double first = t.outcome.epochs[0].train_loss, last = t.outcome.epochs[11].train_loss;
        assert_true(last < 0.97 * first);
        assert_true(t.outcome.epochs[11].validation_loss < t.outcome.epochs[0].validation_loss);
        assert_int_equal(t.outcome.result.divergences, 0);
        trained_clear(&t);
    }
}

/* One epoch with all rows in one batch and a vanishing rate: its loss is that of the weights, over all rows. */
static void epoch_loss_is_the_mean_over_rows(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    opts.epochs = 1;
    opts.learning_rate = 1e-300;
    opts.batch = 90;
    trained whole = train(&opts, false);
    opts.batch = 16; /* 5 batches of 16 and one of 10 */
    trained parts = train(&opts, false);
    assert_close(parts.outcome.epochs[0].train_loss, whole.outcome.epochs[0].train_loss, 1e-14);
    assert_int_equal(whole.outcome.result.steps, 1);
    assert_int_equal(parts.outcome.result.steps, 6);
    assert_close(parts.outcome.result.train_loss, parts.outcome.epochs[0].train_loss, 0);
    assert_true(isnan(parts.outcome.result.validation_loss) && isnan(parts.outcome.epochs[0].validation_accuracy));
    trained_clear(&whole);
    trained_clear(&parts);
}

static void clipping(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    opts.optimizer = QST_OPTIMIZER_sgd;
    opts.learning_rate = 1;
    opts.batch = 90;
    opts.epochs = 1;
    opts.clip_norm = 1e-3;
    trained t = train(&opts, false);
    qst_model *start = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
    double squares = 0;
    for (size_t i = 0; i < start->n_weights; i++) {
        squares += pow(t.model->weights[i] - start->weights[i], 2);
    }
    assert_close(sqrt(squares), 1e-3, 1e-15);
    trained_clear(&t);
    opts.clip_norm = 1e6; /* above the gradient's norm: no change */
    t = train(&opts, false);
    opts.clip_norm = 0;
    trained free_run = train(&opts, false);
    assert_same_weights(&t, &free_run);
    trained_clear(&t);
    trained_clear(&free_run);
    qst_model_free(start);
}

/* --- determinism -------------------------------------------------------------------------------------------------- */

static void threads_change_no_bit(void **state)
{
    (void)state;
    const int threads[] = {1, 2, 3, 7};
    const char *const outputs[] = {"z", "probabilities", "logistic"};
    for (size_t o = 0; o < 3; o++) {
        for (int precision = 0; precision < 2; precision++) {
            qst_train_opts opts = learn_opts();
            opts.loss = QST_LOSS_kd;
            opts.batch = 40;
            trained first = {0};
            for (size_t k = 0; k < 4; k++) {
                qst_ctx *own = support_ctx(threads[k]);
                trained t = train_in(own, outputs[o], QST_HEAD_linear, (qst_precision)precision, &opts, true);
                if (k == 0) {
                    first.model = learn_model(ctx, outputs[o], QST_HEAD_linear, (qst_precision)precision);
                    assert_ok(ctx, qst_model_set_weights(first.model, t.model->weights, t.model->n_weights));
                    first.outcome.epochs = t.outcome.epochs;
                    t.outcome.epochs = NULL;
                } else {
                    assert_same_weights(&t, &first);
                    assert_memory_equal(t.outcome.epochs, first.outcome.epochs, opts.epochs * sizeof *t.outcome.epochs);
                }
                trained_clear(&t);
                qst_ctx_free(own);
            }
            trained_clear(&first);
        }
    }
}

static void the_seed_really_seeds(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    trained a = train(&opts, true), b = train(&opts, true);
    opts.seed++;
    trained other = train(&opts, true);
    assert_same_weights(&a, &b);
    assert_memory_not_equal(a.model->weights, other.model->weights, a.model->n_weights * sizeof(double));
    trained_clear(&a);
    trained_clear(&b);
    trained_clear(&other);
}

/* --- the order of rows -------------------------------------------------------------------------------------------- */

/* A logistic model that notes which rows it sees; feature 0 is the row. */
static qsti_model_type noting;
static const qsti_model_type *noted_type;
static size_t noted[1000], n_noted, n_calls;

static qst_status note_gradient(qst_model *model, const qsti_pass *pass)
{
    n_calls++;
    for (size_t i = 0; i < pass->x.n_rows; i++) {
        assert_true(n_noted < 1000);
        noted[n_noted++] = (size_t)pass->x.data[i * pass->x.n_cols];
    }
    return noted_type->gradient(model, pass);
}

static void note_training(const qst_train_opts *opts, size_t n)
{
    static double x[LEARN_MAX_ROWS * 3];
    for (size_t i = 0; i < n; i++) {
        x[3 * i] = (double)i;
    }
    qst_model *model = learn_model(ctx, "logistic", QST_HEAD_none, QST_DOUBLE);
    const qst_train_data data = {.x = {x, n, 3}, .labels = rows.labels};
    noted_type = model->type;
    noting = *model->type;
    noting.gradient = note_gradient;
    model->type = &noting;
    n_noted = n_calls = 0;
    assert_ok(ctx, qst_model_train(model, &data, NULL, opts, NULL));
    qst_model_free(model);
}

static void every_row_once_an_epoch(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    size_t first_run[300];
    opts.epochs = 3;
    opts.batch = 32;
    note_training(&opts, 90);
    assert_int_equal(n_noted, 270);
    assert_int_equal(n_calls, 9); /* 32 + 32 + 26 rows */
    for (size_t epoch = 0; epoch < 3; epoch++) {
        bool seen[90] = {false};
        size_t n_fixed = 0;
        for (size_t i = 0; i < 90; i++) {
            size_t row = noted[epoch * 90 + i];
            assert_false(seen[row]);
            seen[row] = true;
            n_fixed += row == i;
        }
        assert_true(n_fixed < 15);
        assert_true(epoch == 0 || memcmp(noted, noted + epoch * 90, 90 * sizeof *noted) != 0);
    }
    memcpy(first_run, noted, sizeof first_run);
    opts.batch = 7; /* other batches of the same order */
    note_training(&opts, 90);
    assert_memory_equal(noted, first_run, 270 * sizeof *noted);
    opts.seed = 4;
    note_training(&opts, 90);
    assert_memory_not_equal(noted, first_run, 270 * sizeof *noted);
}

/* --- selection ---------------------------------------------------------------------------------------------------- */

static void select_best_or_last(void **state)
{
    (void)state;
    bool was_earlier = false;
    for (uint64_t seed = 0; seed < 4; seed++) {
        qst_train_opts opts = learn_opts();
        opts.epochs = 30;
        opts.learning_rate = 0.3;
        opts.seed = seed;
        trained last = train(&opts, true);
        opts.select = QST_SELECT_BEST;
        trained best = train(&opts, true);
        size_t expected = best_of(best.outcome.epochs, 30);
        was_earlier |= expected < 30;
        assert_int_equal(last.outcome.result.selected_epoch, 30);
        assert_memory_equal(last.outcome.last, last.model->weights, last.model->n_weights * sizeof(double));
        assert_int_equal(best.outcome.result.selected_epoch, expected);
        assert_close(best.outcome.result.validation_accuracy, best.outcome.epochs[expected - 1].validation_accuracy, 0);
        assert_close(best.outcome.result.validation_loss, best.outcome.epochs[expected - 1].validation_loss, 0);
        assert_close(best.outcome.result.train_loss, best.outcome.epochs[expected - 1].train_loss, 0);
        /* The last weights are handed over beside the best, and the best are those of a run that ends there. */
        assert_memory_equal(best.outcome.last, last.model->weights, last.model->n_weights * sizeof(double));
        opts.epochs = expected;
        opts.select = QST_SELECT_LAST;
        trained shorter = train(&opts, true);
        assert_same_weights(&best, &shorter);
        trained_clear(&last);
        trained_clear(&best);
        trained_clear(&shorter);
    }
    assert_true(was_earlier);
}

static void early_stopping(void **state)
{
    (void)state;
    bool stopped = false;
    for (size_t patience = 1; patience < 8; patience++) {
        qst_train_opts opts = learn_opts();
        opts.epochs = 40;
        opts.learning_rate = 0.3;
        trained whole = train(&opts, true);
        size_t expected = 40, stale = 0;
        double lowest = INFINITY;
        for (size_t e = 0; e < 40 && expected == 40; e++) {
            double loss = whole.outcome.epochs[e].validation_loss;
            stale = loss < lowest ? 0 : stale + 1;
            lowest = fmin(lowest, loss);
            expected = stale == patience ? e + 1 : expected;
        }
        opts.patience = patience;
        trained early = train(&opts, true);
        assert_int_equal(early.outcome.result.epochs, expected);
        assert_int_equal(early.outcome.n_epochs, expected);
        assert_memory_equal(early.outcome.epochs, whole.outcome.epochs, expected * sizeof *whole.outcome.epochs);
        trained without = train(&opts, false);
        assert_int_equal(without.outcome.result.epochs, 40);
        stopped |= expected < 40;
        trained_clear(&whole);
        trained_clear(&early);
        trained_clear(&without);
    }
    assert_true(stopped);
}

/* --- restarts ----------------------------------------------------------------------------------------------------- */

static void the_best_restart_is_kept(void **state)
{
    (void)state;
    size_t n_later = 0;
    for (int validated = 0; validated < 2; validated++) {
        for (uint64_t seed = 0; seed < 4; seed++) {
            qst_train_opts opts = learn_opts();
            opts.restarts = 3;
            opts.seed = seed;
            opts.epochs = 4;
            trained t = train(&opts, validated);
            const qsti_epoch *epochs = t.outcome.epochs;
            size_t best = 0;
            assert_int_equal(t.outcome.n_epochs, 16);
            for (size_t r = 0; r < 4; r++) {
                const qsti_epoch *e = &epochs[4 * r + 3], *b = &epochs[4 * best + 3];
                assert_true(e->restart == (double)r && e->epoch == 3);
                bool better = validated ? e->validation_accuracy > b->validation_accuracy ||
                                              (e->validation_accuracy == b->validation_accuracy &&
                                               e->validation_loss < b->validation_loss)
                                        : e->train_loss < b->train_loss;
                best = r > 0 && better ? r : best;
            }
            n_later += best > 0;
            assert_close(t.outcome.result.train_loss, epochs[4 * best + 3].train_loss, 0);
            assert_int_equal(t.outcome.result.steps, 16 * 6);
            /* The first is the training without restarts. */
            opts.restarts = 0;
            trained alone = train(&opts, validated);
            assert_memory_equal(alone.outcome.epochs, epochs, 4 * sizeof *epochs);
            assert_int_equal(memcmp(alone.model->weights, t.model->weights, alone.model->n_weights * sizeof(double)) ==
                                 0,
                             best == 0);
            assert_true(epochs[4].train_loss != epochs[0].train_loss);
            assert_int_equal(t.model->seed, 5);
            trained_clear(&t);
            trained_clear(&alone);
        }
    }
    assert_true(n_later > 0);
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

typedef struct counting {
    qst_ctx *ctx;
    size_t n_steps, steps_per_epoch;
    uint64_t before; /* allocations at the step before */
    double done;
} counting;

/* Validation makes room once, at the end of the first epoch. */
static void count_step(void *user, double done, double loss)
{
    counting *c = user;
    uint64_t now = qsti_ctx_allocations(c->ctx);
    if (c->n_steps > 0 && c->n_steps != c->steps_per_epoch) {
        assert_int_equal(now, c->before);
    }
    c->before = now;
    c->n_steps++;
    assert_true(done > c->done && done <= 1 && isfinite(loss));
    c->done = done;
}

static void steps_allocate_nothing(void **state)
{
    (void)state;
    const char *const outputs[] = {"z", "probabilities", "logistic"};
    for (size_t o = 0; o < 3; o++) {
        for (int precision = 0; precision < 2; precision++) {
            qst_train_opts opts = learn_opts();
            opts.loss = QST_LOSS_kd;
            opts.restarts = 1;
            counting c = {.ctx = ctx, .steps_per_epoch = 6};
            const qsti_train_hooks hooks = {.step = count_step, .user = &c};
            qst_model *model = learn_model(ctx, outputs[o], QST_HEAD_linear, (qst_precision)precision);
            const qst_train_data data = data_of(&rows, opts.loss), judged = data_of(&validation, opts.loss);
            qsti_train_outcome outcome;
            assert_ok(ctx, qsti_train(model, &data, &judged, &opts, &hooks, &outcome));
            assert_int_equal(c.n_steps, 2 * 6 * 6);
            assert_close(c.done, 1, 1e-15);
            qsti_train_outcome_clear(ctx, &outcome);
            qst_model_free(model);
        }
    }
}

static qst_status create_and_train(qst_ctx *own, void *arg)
{
    qst_status status = QST_OK;
    qst_model *model = NULL;
    const qst_train_opts *opts = arg;
    const char *const output = "z";
    const qst_model_opts model_opts = {
        .circuit = {.qubits = 2, .ansatz = {.reps = 1}}, .outputs = &output, .n_outputs = 1, .head = QST_HEAD_linear};
    const qst_train_data data = learn_labelled(&rows), judged = learn_labelled(&validation);
    QSTI_TRY(qst_model_create(own, &model_opts, LEARN_FEATURES, LEARN_CLASSES, &model));
    QSTI_TRY(qst_model_train(model, &data, &judged, opts, NULL));
done:
    qst_model_free(model);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    opts.epochs = 1;
    opts.checkpoint = support_path("memory.ckpt");
    support_fail_each_allocation(create_and_train, &opts);
    opts.checkpoint = NULL;
    opts.optimizer = QST_OPTIMIZER_lbfgs;
    support_fail_each_allocation(create_and_train, &opts);
}

/* --- options ------------------------------------------------------------------------------------------------------ */

static void wrong_options_are_refused(void **state)
{
    (void)state;
    const double bad_rates[] = {0, -1, NAN, INFINITY};
    qst_model *model = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
    const qst_train_data data = learn_taught(&rows, QST_SCORE_logit);
    qst_train_result untouched = {.steps = 77};
    double weights[64];
    memcpy(weights, model->weights, model->n_weights * sizeof *weights);
    const struct {
        size_t offset;
        double value;
        const char *part;
    } numbers[] = {
        {offsetof(qst_train_opts, momentum), 1, "momentum: 1 is not in [0, 1)"},
        {offsetof(qst_train_opts, momentum), -0.1, "momentum: -0.1 is not in"},
        {offsetof(qst_train_opts, weight_decay), -1, "weight_decay: -1 is not >= 0"},
        {offsetof(qst_train_opts, clip_norm), NAN, "clip_norm: nan is not >= 0"},
        {offsetof(qst_train_opts, temperature), 0, "temperature: 0 is not > 0"},
        {offsetof(qst_train_opts, temperature), 1e308, "temperature: 1e+308 is not <= 1e+06"},
        {offsetof(qst_train_opts, alpha), 1.5, "alpha: 1.5 is not in [0, 1]"},
    };
    for (size_t i = 0; i < 4; i++) {
        qst_train_opts opts = learn_opts();
        opts.learning_rate = bad_rates[i];
        assert_status(ctx, qst_model_train(model, &data, NULL, &opts, &untouched), QST_ERR_USAGE);
        assert_message(ctx, "learning_rate: ");
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        qst_train_opts opts = learn_opts();
        opts.loss = QST_LOSS_kd;
        memcpy((char *)&opts + numbers[i].offset, &numbers[i].value, sizeof(double));
        assert_status(ctx, qst_model_train(model, &data, NULL, &opts, &untouched), QST_ERR_USAGE);
        assert_message(ctx, numbers[i].part);
    }
    qst_train_opts opts = learn_opts();
    opts.epochs = 0;
    assert_status(ctx, qst_model_train(model, &data, NULL, &opts, &untouched), QST_ERR_USAGE);
    assert_message(ctx, "epochs: 0 is not >= 1");
    opts = learn_opts();
    for (size_t batch = 0; batch < 100; batch += 91) {
        opts.batch = batch;
        assert_status(ctx, qst_model_train(model, &data, NULL, &opts, &untouched), QST_ERR_USAGE);
        assert_message(ctx, "is not in 1..90, the number of training rows");
    }
    assert_int_equal(untouched.steps, 77);
    assert_memory_equal(weights, model->weights, model->n_weights * sizeof *weights);
    qst_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loss_falls),
        cmocka_unit_test(every_loss_falls),
        cmocka_unit_test(epoch_loss_is_the_mean_over_rows),
        cmocka_unit_test(clipping),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(the_seed_really_seeds),
        cmocka_unit_test(every_row_once_an_epoch),
        cmocka_unit_test(select_best_or_last),
        cmocka_unit_test(early_stopping),
        cmocka_unit_test(the_best_restart_is_kept),
        cmocka_unit_test(steps_allocate_nothing),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(wrong_options_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* test_shot_training.c: models trained from shots: gradients right in the mean, SPSA, shots counted beforehand and used
 * as counted, budgets, the same bits for any number of threads and after a stop, what is refused. */
#include "condition_cases.h"

#include "learn/conditions.h"

#include <signal.h>

enum { ROWS = 12, JUDGED = 5, BATCH = 4 };

static qst_ctx *ctx;
static learn_rows rows, validation;
static volatile sig_atomic_t stop_flag;

static int set_up(void **state)
{
    (void)state;
    learn_rows_make(&rows, ROWS, 1);
    learn_rows_make(&validation, JUDGED, 2);
    return qst_ctx_create(&(qst_ctx_opts){.n_threads = 2, .interrupt = &stop_flag}, &ctx) != QST_OK;
}

static int tear_down(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

static qst_train_opts opts_of(const qst_training_conditions *conditions)
{
    qst_train_opts opts = learn_opts();
    opts.loss = QST_LOSS_logit_mse;
    opts.batch = 5;
    opts.epochs = 3;
    opts.conditions = conditions;
    return opts;
}

typedef struct trained {
    qst_model *model;
    qsti_train_outcome outcome;
} trained;

static qst_status try_training(qst_model *model, const qst_train_opts *opts, const qsti_train_hooks *hooks,
                               qsti_train_outcome *out)
{
    const qst_train_data data = learn_taught(&rows, QST_SCORE_logit),
                         judged = learn_taught(&validation, QST_SCORE_logit);
    return qsti_train(model, &data, &judged, opts, hooks, out);
}

static trained train_in(qst_ctx *own, condition_kind kind, const qst_train_opts *opts)
{
    trained t = {.model = condition_model(own, kind, "z", QST_DOUBLE)};
    assert_ok(own, try_training(t.model, opts, NULL, &t.outcome));
    return t;
}

static void trained_clear(trained *t)
{
    qsti_train_outcome_clear(t->model->ctx, &t->outcome);
    qst_model_free(t->model);
}

static bool same(const trained *a, const trained *b)
{
    return memcmp(a->model->weights, b->model->weights, a->model->n_weights * sizeof(double)) == 0 &&
           a->outcome.n_epochs == b->outcome.n_epochs &&
           memcmp(a->outcome.epochs, b->outcome.epochs, a->outcome.n_epochs * sizeof *a->outcome.epochs) == 0 &&
           a->outcome.result.shots == b->outcome.result.shots &&
           a->outcome.result.out_of_shots == b->outcome.result.out_of_shots;
}

/* --- gradients ---------------------------------------------------------------------------------------------------- */

/* Gradients of expectation_mse are linear in values and shifted values, which come from shots of their own: their mean
 * is that of the exact loss. */
static void mean_gradients_are_exact(void **state)
{
    (void)state;
    enum { N_STEPS = 400 };
    const size_t batch[BATCH] = {3, 1, 4, 9};
    const qst_training_conditions conditions = {.measure = {.shots = 20}};
    qst_train_opts opts = opts_of(NULL);
    const qst_train_data data = learn_taught(&rows, QST_SCORE_expectation);
    qst_model *model = learn_model(ctx, "z", QST_HEAD_none, QST_DOUBLE);
    double exact[15], gradient[15], sum[15] = {0}, squares[15] = {0};
    qsti_conditions *attached = NULL;
    qsti_objective objective;
    qst_loss_terms terms;
    opts.loss = QST_LOSS_expectation_mse;
    assert_int_equal(model->n_weights, 15);
    assert_ok(ctx, qsti_objective_init(model, &data, &opts, BATCH, &objective));
    assert_ok(ctx, qsti_objective_gradient(&objective, model->weights, batch, BATCH, &terms, exact));
    opts.conditions = &conditions;
    assert_ok(ctx, qsti_conditions_create(model, &opts, &attached));
    for (size_t step = 0; step < N_STEPS; step++) {
        qsti_model_begin_step(model, 17, step);
        assert_ok(ctx, qsti_objective_gradient(&objective, model->weights, batch, BATCH, &terms, gradient));
        for (size_t i = 0; i < 15; i++) {
            sum[i] += gradient[i];
            squares[i] += gradient[i] * gradient[i];
        }
    }
    for (size_t i = 0; i < 15; i++) {
        double mean = sum[i] / N_STEPS, variance = squares[i] / N_STEPS - mean * mean;
        assert_close(mean, exact[i], 5 * sqrt(variance / N_STEPS) + 1e-12);
    }
    qsti_conditions_free(attached);
    qsti_objective_clear(&objective);
    qst_model_free(model);
}

/* Far more shots than noise: near to training without. */
static void many_shots_are_nearly_exact(void **state)
{
    (void)state;
    const qst_training_conditions conditions = {.measure = {.shots = 40000}};
    for (condition_kind kind = OF_CIRCUIT; kind < N_CONDITION_KINDS; kind++) {
        if (kind == OF_BEFORE)
            continue;
        qst_train_opts sampled = opts_of(&conditions), exact = opts_of(NULL);
        sampled.optimizer = exact.optimizer = QST_OPTIMIZER_sgd;
        trained a = train_in(ctx, kind, &sampled), b = train_in(ctx, kind, &exact);
        qst_model *before = condition_model(ctx, kind, "z", QST_DOUBLE);
        double farthest = 0;
        for (size_t i = 0; i < a.model->n_weights; i++) {
            assert_close(a.model->weights[i], b.model->weights[i], 0.03);
            farthest = fmax(farthest, fabs(a.model->weights[i] - before->weights[i]));
        }
        assert_true(farthest > 0.2);
        qst_model_free(before);
        trained_clear(&a);
        trained_clear(&b);
    }
}

/* The loss of a step with so many shots that they hide nothing of its strength. */
static double loss_in_step(qst_model *model, const qst_training_conditions *conditions, uint64_t step)
{
    const size_t batch[BATCH] = {3, 1, 4, 9};
    const qst_train_opts opts = opts_of(conditions);
    const qst_train_data data = learn_taught(&rows, QST_SCORE_logit);
    double ignored[256];
    qsti_conditions *attached = NULL;
    qsti_objective objective;
    qst_loss_terms terms;
    assert_ok(ctx, qsti_conditions_create(model, &opts, &attached));
    assert_ok(ctx, qsti_objective_init(model, &data, &opts, BATCH, &objective));
    qsti_model_begin_step(model, 3, step);
    assert_ok(ctx, qsti_objective_gradient(&objective, model->weights, batch, BATCH, &terms, ignored));
    qsti_objective_clear(&objective);
    qsti_conditions_free(attached);
    return terms.loss;
}

/* Strengths of steps are those that training through noise draws. */
static void strengths_are_drawn(void **state)
{
    (void)state;
    qst_noise *noise = condition_noise(ctx, 0.1);
    qst_training_conditions sampled = {.measure = {.noise = noise, .shots = 1000000},
                                       .strength_low = 0.1,
                                       .strength_high = 3,
                                       .gradient = QST_SHOT_GRADIENT_SPSA};
    qst_training_conditions exact = sampled;
    qst_model *model = condition_model(ctx, OF_CIRCUIT, "z", QST_DOUBLE);
    double lowest = INFINITY, highest = 0;
    exact.measure.shots = 0;
    for (size_t step = 0; step < 4; step++) {
        double loss = loss_in_step(model, &sampled, step);
        assert_close(loss, loss_in_step(model, &exact, step), 0.01);
        lowest = fmin(lowest, loss);
        highest = fmax(highest, loss);
    }
    assert_true(highest - lowest > 0.03);
    qst_model_free(model);
    qst_noise_free(noise);
}

static double judge(qst_model *model)
{
    const qst_train_opts opts = opts_of(NULL);
    const qst_train_data data = learn_taught(&rows, QST_SCORE_logit);
    qsti_objective objective;
    qsti_judgement judgement;
    assert_ok(ctx, qsti_objective_init(model, &data, &opts, ROWS, &objective));
    assert_ok(ctx, qsti_objective_judge(&objective, model->weights, &judgement));
    qsti_objective_clear(&objective);
    return judgement.loss;
}

/* SPSA moves the weights in front of the outputs, too: with a head that is frozen it must lower the loss. */
static void spsa_trains(void **state)
{
    (void)state;
    const qst_training_conditions conditions = {
        .measure = {.shots = 2000}, .gradient = QST_SHOT_GRADIENT_SPSA, .spsa_step = 0.15};
    for (condition_kind kind = OF_CIRCUIT; kind < N_CONDITION_KINDS; kind++) {
        qst_train_opts opts = opts_of(&conditions);
        opts.epochs = 60;
        opts.learning_rate = 0.03;
        qst_model *before = condition_model(ctx, kind, "z", QST_DOUBLE);
        trained t = train_in(ctx, kind, &opts);
        assert_true(judge(t.model) < 0.8 * judge(before));
        trained_clear(&t);
        qst_model_free(before);
    }
    const qst_train_data data = learn_taught(&rows, QST_SCORE_expectation);
    qst_model *bare = learn_model(ctx, "z", QST_HEAD_none, QST_DOUBLE);
    qst_train_opts opts = opts_of(&conditions);
    qst_train_result result;
    opts.loss = QST_LOSS_expectation_mse;
    opts.epochs = 150;
    opts.batch = ROWS;
    opts.learning_rate = 0.02;
    qsti_objective objective;
    qsti_judgement first, last;
    assert_ok(ctx, qsti_objective_init(bare, &data, &opts, ROWS, &objective));
    assert_ok(ctx, qsti_objective_judge(&objective, bare->weights, &first));
    assert_ok(ctx, qst_model_train(bare, &data, &data, &opts, &result));
    assert_ok(ctx, qsti_objective_judge(&objective, bare->weights, &last));
    assert_true(last.loss < 0.9 * first.loss);
    qsti_objective_clear(&objective);
    qst_model_free(bare);
}

/* --- shots -------------------------------------------------------------------------------------------------------- */

static void as_many_shots_as_were_said(void **state)
{
    (void)state;
    const qst_training_conditions conditions[] = {
        {.measure = {.shots = 10}},
        {.measure = {.shots = 10}, .gradient = QST_SHOT_GRADIENT_SPSA},
        {.measure = {.shots = 4}, .shots_schedule = QST_SCHEDULE_linear, .shots_end = 30},
    };
    for (condition_kind kind = OF_CIRCUIT; kind < N_CONDITION_KINDS; kind++) {
        for (size_t i = 0; i < 3; i++) {
            uint64_t said = 0;
            qst_train_opts opts = opts_of(&conditions[i]);
            opts.restarts = 1;
            opts.loss = kind == OF_CIRCUIT ? QST_LOSS_dist : QST_LOSS_logit_mse;
            if (kind == OF_BEFORE && conditions[i].gradient == QST_SHOT_GRADIENT_SHIFT)
                continue;
            trained t = train_in(ctx, kind, &opts);
            assert_ok(ctx, qst_train_shots(t.model, ROWS, JUDGED, &opts, &said));
            assert_true(said > 0);
            assert_int_equal(t.outcome.result.shots, said);
            assert_false(t.outcome.result.out_of_shots);
            trained_clear(&t);
        }
    }
}

/* By hand: one circuit a row for z; two shifted ones for each of 12 angles with weights (3 of encoding, 9 of
 * rotations); SPSA two runs; a probe one. */
static void shots_by_hand(void **state)
{
    (void)state;
    qst_training_conditions conditions = {.measure = {.shots = 7}};
    qst_train_opts opts = opts_of(&conditions);
    qst_model *circuit = condition_model(ctx, OF_CIRCUIT, "z", QST_DOUBLE);
    qst_model *probe = condition_model(ctx, OF_PROBE, "z", QST_DOUBLE);
    uint64_t n = 0;
    assert_ok(ctx, qst_train_shots(circuit, 100, 0, &opts, &n));
    assert_int_equal(n, 3 * 100 * (1 + 2 * 12) * 7);
    assert_ok(ctx, qst_train_shots(probe, 100, 10, &opts, &n));
    assert_int_equal(n, 3 * 110 * 7);
    conditions.gradient = QST_SHOT_GRADIENT_SPSA;
    assert_ok(ctx, qst_train_shots(circuit, 100, 10, &opts, &n));
    assert_int_equal(n, 3 * (200 + 10) * 7);
    conditions.shots_schedule = QST_SCHEDULE_linear;
    conditions.shots_end = 21;
    assert_ok(ctx, qst_train_shots(circuit, 100, 10, &opts, &n));
    assert_int_equal(n, (200 + 10) * (7 + 14 + 21));
    conditions = (qst_training_conditions){0};
    assert_ok(ctx, qst_train_shots(circuit, 100, 10, &opts, &n));
    assert_int_equal(n, 0);
    opts.conditions = NULL;
    assert_ok(ctx, qst_train_shots(circuit, 100, 10, &opts, &n));
    assert_int_equal(n, 0);
    qst_model_free(circuit);
    qst_model_free(probe);
}

/* Batches of 5, 5 and 2 of 12 rows, 25 circuits of 10 shots a row, 5 rows judged at 10: a step of 5 takes 1250, one of
 * 2 takes 500, a judgement 50. */
static void budgets_end_trainings(void **state)
{
    (void)state;
    qst_training_conditions conditions = {.measure = {.shots = 10}};
    const struct {
        uint64_t budget, used;
        size_t steps, epochs;
    } cases[] = {
        {1300, 1250 + 50, 1, 1}, {2549, 1250 + 50, 1, 1},   {2550, 2500 + 50, 2, 1},
        {3050, 3000 + 50, 3, 1}, {3050 + 1299, 3050, 3, 1}, {3050 + 1300, 3050 + 1300, 4, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        conditions.budget_shots = cases[i].budget;
        qst_train_opts opts = opts_of(&conditions);
        opts.restarts = 1;
        trained t = train_in(ctx, OF_CIRCUIT, &opts);
        assert_int_equal(t.outcome.result.shots, cases[i].used);
        assert_int_equal(t.outcome.result.steps, cases[i].steps);
        assert_int_equal(t.outcome.result.epochs, cases[i].epochs);
        assert_int_equal(t.outcome.n_epochs, cases[i].epochs);
        assert_true(t.outcome.result.out_of_shots);
        assert_true(isfinite(t.outcome.result.train_loss));
        assert_memory_equal(t.outcome.last, t.model->weights, t.model->n_weights * sizeof(double));
        trained_clear(&t);
    }
    qst_train_opts opts = opts_of(&conditions);
    qst_model *model = condition_model(ctx, OF_CIRCUIT, "z", QST_DOUBLE),
              *other = condition_model(ctx, OF_CIRCUIT, "z", QST_DOUBLE);
    qsti_train_outcome outcome = {0};
    conditions.budget_shots = 1299;
    assert_status(ctx, try_training(model, &opts, NULL, &outcome), QST_ERR_USAGE);
    assert_message(ctx, "budget_shots: 1299");
    assert_memory_equal(model->weights, other->weights, model->n_weights * sizeof(double));
    qst_model_free(model);
    qst_model_free(other);
}

/* --- the same again ----------------------------------------------------------------------------------------------- */

static void any_number_of_threads(void **state)
{
    (void)state;
    qst_ctx *others[] = {support_ctx(1), support_ctx(3)};
    for (size_t i = 0; i < 8; i++) {
        condition_kind kind = (condition_kind)(i >> 1);
        if (kind == OF_BEFORE && (i & 1) == 0)
            continue;
        trained t[2];
        for (size_t c = 0; c < 2; c++) {
            qst_noise *noise = condition_noise(others[c], 0.02);
            const qst_training_conditions conditions = {
                .measure = {.shots = 10, .noise = noise, .mitigation = {.readout = true}},
                .strength_low = 0.5,
                .strength_high = 2,
                .gradient = i & 1 ? QST_SHOT_GRADIENT_SPSA : QST_SHOT_GRADIENT_SHIFT};
            const qst_train_opts opts = opts_of(&conditions);
            t[c] = train_in(others[c], kind, &opts);
            qst_noise_free(noise);
        }
        assert_true(same(&t[0], &t[1]));
        trained_clear(&t[0]);
        trained_clear(&t[1]);
    }
    qst_ctx_free(others[0]);
    qst_ctx_free(others[1]);
}

typedef struct stopper {
    size_t n_steps, stop_at;
} stopper;

static void count_step(void *user, double done, double loss)
{
    stopper *s = user;
    (void)done;
    (void)loss;
    if (++s->n_steps == s->stop_at)
        stop_flag = 1;
}

/* Stopped behind every step and resumed: the same bits, the same shots, the same end of the budget. */
static void stopped_at_any_step(void **state)
{
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        qst_noise *noise = condition_noise(ctx, 0.02);
        qst_training_conditions conditions = {.measure = {.shots = 6, .noise = noise},
                                              .strength_low = 0.5,
                                              .strength_high = 2,
                                              .gradient = k == 0 ? QST_SHOT_GRADIENT_SHIFT : QST_SHOT_GRADIENT_SPSA,
                                              .shots_schedule = QST_SCHEDULE_linear,
                                              .shots_end = 12};
        qst_train_opts opts = opts_of(&conditions);
        uint64_t all = 0;
        qst_model *model = condition_model(ctx, OF_CIRCUIT, "z", QST_DOUBLE);
        opts.checkpoint_every_s = 1e6;
        opts.restarts = 1;
        assert_ok(ctx, qst_train_shots(model, ROWS, JUDGED, &opts, &all));
        conditions.budget_shots = all * 4 / 5;
        trained whole = train_in(ctx, OF_CIRCUIT, &opts);
        assert_true(whole.outcome.result.out_of_shots);
        for (size_t at = 1; at <= whole.outcome.result.steps; at++) {
            char name[32];
            stopper s = {0, at};
            const qsti_train_hooks hooks = {.step = count_step, .user = &s};
            qsti_train_outcome outcome = {0};
            snprintf(name, sizeof name, "shots-%zu-%zu", k, at);
            opts.checkpoint = support_path(name);
            opts.resume = false;
            assert_status(ctx, try_training(model, &opts, &hooks, &outcome), QST_ERR_INTERRUPTED);
            stop_flag = 0;
            opts.resume = true;
            trained resumed = train_in(ctx, OF_CIRCUIT, &opts), again = train_in(ctx, OF_CIRCUIT, &opts);
            assert_true(same(&whole, &resumed));
            assert_true(same(&whole, &again)); /* of what is done nothing is left to do */
            trained_clear(&resumed);
            trained_clear(&again);
        }
        trained_clear(&whole);
        qst_noise_free(noise);
        qst_model_free(model);
    }
}

static void what_is_refused(void **state)
{
    (void)state;
    const struct {
        condition_kind kind;
        qst_optimizer optimizer;
        qst_training_conditions conditions;
        const char *message;
    } cases[] = {
        {OF_CIRCUIT, QST_OPTIMIZER_lbfgs, {.measure = {.shots = 10}}, "lbfgs"},
        {OF_BEFORE, QST_OPTIMIZER_adam, {.measure = {.shots = 10}}, "before the circuit: spsa"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qst_train_opts opts = opts_of(&cases[i].conditions);
        qsti_train_outcome outcome = {0};
        qst_model *model = condition_model(ctx, cases[i].kind, "z", QST_DOUBLE);
        uint64_t n = 0;
        opts.optimizer = cases[i].optimizer;
        assert_status(ctx, try_training(model, &opts, NULL, &outcome), QST_ERR_UNSUPPORTED);
        assert_message(ctx, cases[i].message);
        assert_status(ctx, qst_train_shots(model, ROWS, JUDGED, &opts, &n), QST_ERR_UNSUPPORTED);
        qst_model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mean_gradients_are_exact),   cmocka_unit_test(many_shots_are_nearly_exact),
        cmocka_unit_test(strengths_are_drawn),        cmocka_unit_test(spsa_trains),
        cmocka_unit_test(as_many_shots_as_were_said), cmocka_unit_test(shots_by_hand),
        cmocka_unit_test(budgets_end_trainings),      cmocka_unit_test(any_number_of_threads),
        cmocka_unit_test(stopped_at_any_step),        cmocka_unit_test(what_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

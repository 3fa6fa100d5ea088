/* test_optimizer.c: one step of each optimiser by hand, what the step number does, schedules. Many steps against
 * PyTorch: tests/golden/test_golden_losses.c. */
#include "support/support.h"

#include "base/memory.h"
#include "learn/optimizer.h"

#define N 3

static qst_ctx *ctx;

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

static const double start[N] = {1, -2, 0.5}, gradient[N] = {0.3, -4, 1e-5};

typedef struct descent {
    qsti_optimizer optimizer;
    double weights[N];
} descent;

static void begin(descent *d, qst_train_opts opts)
{
    assert_ok(ctx, qsti_optimizer_init(ctx, &opts, N, &d->optimizer));
    memcpy(d->weights, start, sizeof start);
}

static void step(descent *d, double rate)
{
    qsti_optimizer_step(ctx, &d->optimizer, rate, gradient, d->weights);
}

static void assert_weights(const descent *d, const double *expected, double tolerance)
{
    for (size_t i = 0; i < N; i++) {
        assert_close(d->weights[i], expected[i], tolerance);
    }
}

/* The corrections make the first step rate * g / (|g| + eps), whatever g. */
static void first_step_of_adam(void **state)
{
    (void)state;
    const qst_optimizer kinds[] = {QST_OPTIMIZER_adam, QST_OPTIMIZER_adamw};
    for (size_t k = 0; k < 2; k++) {
        descent d;
        double expected[N];
        begin(&d, (qst_train_opts){.optimizer = kinds[k]});
        step(&d, 0.1);
        for (size_t i = 0; i < N; i++) {
            expected[i] = start[i] - 0.1 * gradient[i] / (fabs(gradient[i]) + 1e-8);
        }
        assert_weights(&d, expected, 1e-14);
        qsti_optimizer_clear(ctx, &d.optimizer);
    }
}

/* With one gradient over and over both corrected moments stay what they are: equal steps. */
static void constant_gradient_gives_equal_steps(void **state)
{
    (void)state;
    descent d;
    begin(&d, (qst_train_opts){.optimizer = QST_OPTIMIZER_adam});
    double expected[N];
    for (size_t t = 1; t <= 500; t++) {
        step(&d, 0.01);
        for (size_t i = 0; i < N; i++) {
            expected[i] = start[i] - (double)t * 0.01 * gradient[i] / (fabs(gradient[i]) + 1e-8);
        }
        assert_weights(&d, expected, 1e-11);
    }
    qsti_optimizer_clear(ctx, &d.optimizer);
}

/* Decoupled decay shrinks the weight by rate * decay and stays out of the moments. */
static void weight_decay(void **state)
{
    (void)state;
    descent adam, adamw, sgd;
    double coupled[N], decoupled[N], descended[N];
    begin(&adam, (qst_train_opts){.optimizer = QST_OPTIMIZER_adam, .weight_decay = 0.5});
    begin(&adamw, (qst_train_opts){.optimizer = QST_OPTIMIZER_adamw, .weight_decay = 0.5});
    begin(&sgd, (qst_train_opts){.optimizer = QST_OPTIMIZER_sgd, .weight_decay = 0.5});
    step(&adam, 0.1);
    step(&adamw, 0.1);
    step(&sgd, 0.1);
    for (size_t i = 0; i < N; i++) {
        double g = gradient[i] + 0.5 * start[i];
        coupled[i] = start[i] - 0.1 * g / (fabs(g) + 1e-8);
        decoupled[i] = start[i] * (1 - 0.1 * 0.5) - 0.1 * gradient[i] / (fabs(gradient[i]) + 1e-8);
        descended[i] = start[i] - 0.1 * g;
    }
    assert_weights(&adam, coupled, 1e-14);
    assert_weights(&adamw, decoupled, 1e-14);
    assert_weights(&sgd, descended, 1e-15);
    qsti_optimizer_clear(ctx, &adam.optimizer);
    qsti_optimizer_clear(ctx, &adamw.optimizer);
    qsti_optimizer_clear(ctx, &sgd.optimizer);
}

/* u_t = (1 + m + ... + m^(t-1)) g: the first step is a plain one. */
static void momentum(void **state)
{
    (void)state;
    descent d;
    begin(&d, (qst_train_opts){.optimizer = QST_OPTIMIZER_sgd, .momentum = 0.9});
    double velocity = 0, way = 0, expected[N];
    for (size_t t = 1; t <= 20; t++) {
        step(&d, 0.01);
        velocity = 0.9 * velocity + 1;
        way += velocity;
        for (size_t i = 0; i < N; i++) {
            expected[i] = start[i] - 0.01 * way * gradient[i];
        }
        assert_weights(&d, expected, 1e-12);
    }
    qsti_optimizer_clear(ctx, &d.optimizer);
}

static void reset_forgets_everything(void **state)
{
    (void)state;
    for (int kind = 0; kind < QST_OPTIMIZER_lbfgs; kind++) {
        descent fresh, used;
        begin(&fresh, (qst_train_opts){.optimizer = (qst_optimizer)kind, .momentum = 0.9});
        begin(&used, (qst_train_opts){.optimizer = (qst_optimizer)kind, .momentum = 0.9});
        step(&used, 0.3);
        step(&used, 0.3);
        qsti_optimizer_reset(&used.optimizer);
        assert_int_equal(used.optimizer.step, 0);
        memcpy(used.weights, start, sizeof start);
        step(&fresh, 0.1);
        step(&used, 0.1);
        assert_memory_equal(fresh.weights, used.weights, sizeof start);
        qsti_optimizer_clear(ctx, &fresh.optimizer);
        qsti_optimizer_clear(ctx, &used.optimizer);
    }
}

static void steps_allocate_nothing(void **state)
{
    (void)state;
    descent d;
    begin(&d, (qst_train_opts){.optimizer = QST_OPTIMIZER_adamw});
    uint64_t before = qsti_ctx_allocations(ctx);
    step(&d, 0.1);
    step(&d, 0.1);
    assert_int_equal(qsti_ctx_allocations(ctx), before);
    qsti_optimizer_clear(ctx, &d.optimizer);
}

static void too_many_weights(void **state)
{
    (void)state;
    qsti_optimizer untouched = {.n_weights = 17};
    const qst_train_opts opts = {.optimizer = QST_OPTIMIZER_adam};
    assert_status(ctx, qsti_optimizer_init(ctx, &opts, SIZE_MAX / 2 + 1, &untouched), QST_ERR_LIMIT);
    assert_int_equal(untouched.n_weights, 17);
}

static void schedules(void **state)
{
    (void)state;
    for (size_t done = 0; done < 8; done++) {
        assert_close(qsti_schedule_rate(QST_SCHEDULE_constant, 0.2, done, 8), 0.2, 0);
        assert_close(qsti_schedule_rate(QST_SCHEDULE_linear, 0.2, done, 8), 0.2 * (1 - (double)done / 8), 1e-16);
    }
    assert_close(qsti_schedule_rate(QST_SCHEDULE_cosine, 0.2, 0, 8), 0.2, 0);
    assert_close(qsti_schedule_rate(QST_SCHEDULE_cosine, 0.2, 4, 8), 0.1, 1e-16);
    assert_close(qsti_schedule_rate(QST_SCHEDULE_cosine, 0.2, 2, 8), 0.1 * (1 + sqrt(0.5)), 1e-16);
    assert_close(qsti_schedule_rate(QST_SCHEDULE_cosine, 0.2, 8, 8), 0, 1e-16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_step_of_adam),
        cmocka_unit_test(constant_gradient_gives_equal_steps),
        cmocka_unit_test(weight_decay),
        cmocka_unit_test(momentum),
        cmocka_unit_test(reset_forgets_everything),
        cmocka_unit_test(steps_allocate_nothing),
        cmocka_unit_test(too_many_weights),
        cmocka_unit_test(schedules),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

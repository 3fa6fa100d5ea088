/* test_tune.c: the combinations that a search tries. What becomes of them is tested from outside: tests/cli. */
#include "support/support.h"

#include "run/tune.h"

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

static const char recipe_text[] = "data: {source: moons}\nteacher: {qubits: 2}\nstudent: {qubits: 2}\n";

typedef struct made {
    qst_recipe *recipe;
    qsti_pool pool;
    qsti_tune_space space;
    qst_status status;
} made;

/* The space of the recipe with a `tune` section. */
static made make(const char *tune)
{
    char text[1024];
    made m = {.pool = {.ctx = ctx}};
    int n = snprintf(text, sizeof text, "%s%s", recipe_text, tune);
    const char *path = support_write("recipe.yaml", text, (size_t)n);
    m.status = qst_recipe_load(ctx, path, NULL, 0, &m.recipe);
    if (m.status == QST_OK)
        m.status = qsti_tune_space_create(m.recipe, &m.pool, &m.space);
    return m;
}

static void made_clear(made *m)
{
    qsti_pool_clear(&m->pool);
    qst_recipe_free(m->recipe);
}

static void a_grid_has_every_combination_once(void **state)
{
    (void)state;
    made m = make("tune: {over: {distill.temperature: [1, 2, 4], student.layers: [2, 3]}}\n");
    assert_ok(ctx, m.status);
    assert_int_equal(m.space.n_trials, 6);
    for (size_t t = 0; t < 6; t++) {
        const double temperatures[] = {1, 2, 4};
        assert_close(m.space.values[t].distill.temperatures[0], temperatures[t / 2], 0);
        assert_int_equal(m.space.values[t].student.model.circuit.ansatz.reps, 2 + t % 2);
        assert_int_equal(m.space.values[t].teacher.model.circuit.ansatz.reps, 3);
    }
    made_clear(&m);
}

static void ranges_are_spread_evenly_and_rounded(void **state)
{
    (void)state;
    const double logarithmic[] = {0.001, 0.003162, 0.01, 0.03162, 0.1}, linear[] = {0.1, 0.3, 0.5};
    made m = make("tune: {over: {student.train.learning_rate: {log: [0.001, 0.1]}}}\n");
    assert_ok(ctx, m.status);
    assert_int_equal(m.space.n_trials, 5);
    for (size_t t = 0; t < 5; t++)
        assert_close(m.space.values[t].student.train.learning_rate, logarithmic[t], 0);
    made_clear(&m);
    m = make("tune: {over: {distill.alpha: {linear: [0.1, 0.5], steps: 3}}}\n");
    assert_ok(ctx, m.status);
    for (size_t t = 0; t < 3; t++)
        assert_close(m.space.values[t].distill.alphas[0], linear[t], 0);
    made_clear(&m);
    m = make("tune: {over: {student.layers: {linear: [1, 4], steps: 3}}}\n"); /* 1, 2.5, 4: integers */
    assert_ok(ctx, m.status);
    assert_int_equal(m.space.values[1].student.model.circuit.ansatz.reps, 3);
    made_clear(&m);
}

static void what_a_loss_does_not_have_is_left_out(void **state)
{
    (void)state;
    made m =
        make("tune: {over: {distill.loss: [kd, logit_mse], distill.temperature: [1, 2], distill.alpha: [0.5, 1]}}\n");
    assert_ok(ctx, m.status);
    assert_int_equal(m.space.n_trials, 5);
    assert_null(qsti_tune_value(&m.space, 4, 1));
    assert_null(qsti_tune_value(&m.space, 4, 2));
    assert_int_equal(m.space.values[4].distill.loss, QST_LOSS_logit_mse);
    made_clear(&m);
    m = make("tune: {over: {student.train.optimizer: [lbfgs], student.train.learning_rate: [0.1]}}\n");
    assert_int_equal(m.status, QST_ERR_USAGE);
    assert_message(ctx, "tune: student.train.optimizer=lbfgs, student.train.learning_rate=0.1: ");
    made_clear(&m);
}

static void without_keys_it_takes_the_usual_ones(void **state)
{
    (void)state;
    made m = make("");
    assert_ok(ctx, m.status);
    assert_int_equal(m.space.n_keys, 3);
    assert_int_equal(m.space.n_trials, 4 * 2 * 3);
    made_clear(&m);
    m = make("distill: {loss: logit_mse}\n"); /* has neither temperature nor alpha */
    assert_ok(ctx, m.status);
    assert_int_equal(m.space.n_trials, 3);
    made_clear(&m);
}

static void draws_are_distinct_and_of_the_seed(void **state)
{
    (void)state;
    static const char search[] = "tune: {search: random, trials: 12, over: {distill.alpha: [0.1, 0.2, 0.3, 0.4], "
                                 "student.train.learning_rate: {log: [0.001, 0.1]}}}\n";
    made m = make(search), again = make(search), small;
    assert_ok(ctx, m.status);
    assert_int_equal(m.space.n_trials, 12);
    for (size_t t = 0; t < 12; t++) {
        double rate = m.space.values[t].student.train.learning_rate;
        assert_true(rate >= 0.001 && rate <= 0.1);
        assert_close(again.space.values[t].student.train.learning_rate, rate, 0);
        for (size_t other = 0; other < t; other++)
            assert_false(rate == m.space.values[other].student.train.learning_rate &&
                         m.space.values[t].distill.alphas[0] == m.space.values[other].distill.alphas[0]);
    }
    made_clear(&m);
    made_clear(&again);
    small = make("tune: {search: random, trials: 40, over: {distill.alpha: [0.1, 0.2, 0.3, 0.4]}}\n");
    assert_ok(ctx, small.status);
    assert_int_equal(small.space.n_trials, 4);
    made_clear(&small);
}

static void a_best_recipe_can_be_read(void **state)
{
    (void)state;
    made m = make("tune: {over: {distill.alpha: [0.25], student: {layers: [4]}}}\n");
    char *text = NULL;
    qst_recipe *again = NULL;
    assert_ok(ctx, m.status);
    assert_ok(ctx, qsti_recipe_text_of(ctx, &m.space.values[0], &text));
    assert_null(strstr(text, "tune"));
    assert_ok(ctx, qst_recipe_load(ctx, support_write("best.yaml", text, strlen(text)), NULL, 0, &again));
    assert_string_equal(qst_recipe_text(again), text);
    assert_close(again->settings[0].distill.alphas[0], 0.25, 0);
    qsti_free(ctx, text);
    qst_recipe_free(again);
    made_clear(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grid_has_every_combination_once),     cmocka_unit_test(ranges_are_spread_evenly_and_rounded),
        cmocka_unit_test(what_a_loss_does_not_have_is_left_out), cmocka_unit_test(without_keys_it_takes_the_usual_ones),
        cmocka_unit_test(draws_are_distinct_and_of_the_seed),    cmocka_unit_test(a_best_recipe_can_be_read),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* test_pauli_exact.c: exact noise against dense density matrices with Kraus sums, over all gates and channels, and its
 * gradients against central differences of the same. */
#include "noise_oracle.h"
#include "property/sim_case.h"

static int open_ctx(void **state)
{
    *state = support_ctx(1);
    return 0;
}

static int close_ctx(void **state)
{
    qst_ctx_free(*state);
    return 0;
}

typedef struct noisy_case {
    sim_case of;
    oracle_noise noise;
    qst_noise *model;
} noisy_case;

static noisy_case open_case(qst_ctx *ctx, uint64_t seed, size_t n, size_t n_ops, qst_preparation preparation,
                            size_t readout, double memory_limit)
{
    ref_rng rng = {seed};
    noisy_case made;
    qst_circuit *circuit = NULL;
    size_t n_features = preparation == QST_PREPARE_AMPLITUDE ? ((size_t)1 << n) - (n > 1) : n;
    oracle_random(&rng, seed % 2 == 0, &made.noise);
    oracle_model(ctx, &made.noise, &made.model);
    assert_ok(ctx, ref_random_prepared_circuit(ctx, seed, preparation, n, n_features, 5, n_ops, &circuit));
    qst_compile_opts opts = {.noise = made.model, .noise_method = QST_NOISE_EXACT, .memory_limit = memory_limit};
    made.of = sim_open_with(ctx, circuit, sim_readout(ctx, readout % SIM_READOUTS, n, seed), &opts);
    return made;
}

static void close_case(noisy_case *from)
{
    sim_close(&from->of);
    qst_noise_free(from->model);
}

static double values_error(const noisy_case *of, const sim_run *run)
{
    double worst = 0, *expected = sim_allocate(of->of.n_outputs, sizeof *expected);
    for (size_t b = 0; b < run->n_rows; b++) {
        oracle_values(&of->noise, of->of.circuit, of->of.readout, run->weights, run->x + b * of->of.n_features,
                      expected);
        worst = fmax(worst, sim_distance(run->values + b * of->of.n_outputs, expected, of->of.n_outputs));
    }
    free(expected);
    return worst;
}

static void test_values(void **state)
{
    for (size_t n = 1; n <= 5; n++) {
        for (uint64_t i = 0; i < (n < 5 ? 24 : 8); i++) {
            noisy_case of = open_case(*state, 1000 * n + i, n, n < 5 ? 60 : 50, (qst_preparation)(i % 3), i, 0);
            for (size_t rows = 1; rows <= 9; rows += 4) {
                sim_run run = sim_draw(&of.of, i + rows, rows);
                sim_forward(&of.of, &run);
                sim_assert_within(values_error(&of, &run), 1e-12, "%zu qubits, circuit %d, %zu rows", n, (int)i, rows);
                sim_run_free(&run);
                rows = n == 5 && rows == 1 ? 5 : rows;
            }
            close_case(&of);
        }
    }
}

/* --- gradients ---------------------------------------------------------------------------------------------------- */

typedef struct slope {
    const noisy_case *of;
    sim_run *run;
    double *point;
    size_t at;
} slope;

static double loss_at(const slope *work, double value)
{
    double was = work->point[work->at], sum = 0;
    work->point[work->at] = value;
    sim_forward(&work->of->of, work->run);
    for (size_t i = 0; i < work->run->n_rows * work->of->of.n_outputs; i++)
        sum += work->run->cotangent[i] * work->run->values[i];
    work->point[work->at] = was;
    return sum;
}

/* The five-point central difference. */
static double slope_of(const slope *work)
{
    double h = 2e-3, at = work->point[work->at];
    double near = loss_at(work, at + h) - loss_at(work, at - h);
    double far = loss_at(work, at + 2 * h) - loss_at(work, at - 2 * h);
    return (8 * near - far) / (12 * h);
}

static void check_gradients(const noisy_case *of, uint64_t seed, size_t rows)
{
    sim_run run = sim_draw(&of->of, seed, rows), probe = sim_draw(&of->of, seed, rows);
    sim_vjp(&of->of, &run);
    for (size_t w = 0; w < of->of.n_weights; w++) {
        slope work = {of, &probe, probe.weights, w};
        assert_close(run.out_weights[w], slope_of(&work), 1e-8);
    }
    for (size_t i = 0; i < rows * of->of.n_features && of->of.preparation != QST_PREPARE_BASIS; i++) {
        slope work = {of, &probe, probe.x, i};
        assert_close(run.out_x[i], slope_of(&work), 1e-8);
    }
    sim_forward(&of->of, &probe);
    assert_memory_equal(run.values, probe.values, rows * of->of.n_outputs * sizeof *run.values);
    sim_run_free(&run);
    sim_run_free(&probe);
}

static void test_gradients(void **state)
{
    for (size_t n = 1; n <= 4; n++) {
        for (uint64_t i = 0; i < 12; i++) {
            noisy_case of = open_case(*state, 5000 + 100 * n + i, n, 55, (qst_preparation)(i % 3), i, 0);
            check_gradients(&of, i, i % 2 ? 5 : 2);
            close_case(&of);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_gradients, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests_name("pauli_exact", tests, NULL, NULL);
}

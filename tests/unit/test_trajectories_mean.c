/* test_trajectories_mean.c: means over many draws of errors against dense density matrices and the exact engine: within
 * five standard errors, which the rows themselves give. */
#include "drawn_case.h"
#include "noise_oracle.h"

#define N_ROWS 8000

static int open_ctx(void **state)
{
    *state = support_ctx(2);
    return 0;
}

static int close_ctx(void **state)
{
    qst_ctx_free(*state);
    return 0;
}

/* All gates of up to three qubits that a small circuit can hold, twice, with features and weights. */
static qst_circuit *some_circuit(qst_ctx *ctx, uint64_t seed, size_t n_qubits)
{
    qst_circuit *circuit = NULL;
    assert_ok(ctx, ref_random_circuit(ctx, seed, n_qubits, 2, 3, 14, &circuit));
    return circuit;
}

/* A case whose rows are all the same sample. */
static sim_run same_rows(const sim_case *of, uint64_t seed)
{
    sim_run run = sim_draw(of, seed, N_ROWS);
    for (size_t i = 1; i < N_ROWS; i++) {
        memcpy(run.x + i * of->n_features, run.x, of->n_features * sizeof *run.x);
        memcpy(run.cotangent + i * of->n_outputs, run.cotangent, of->n_outputs * sizeof *run.cotangent);
    }
    return run;
}

/* The means of (N_ROWS, n) against n numbers; the scale keeps columns that hardly vary from asking for too much. */
static void assert_means(const double *rows, size_t n, const double *expected, const char *what)
{
    for (size_t k = 0; k < n; k++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < N_ROWS; i++)
            sum += rows[i * n + k];
        double mean = sum / N_ROWS;
        for (size_t i = 0; i < N_ROWS; i++)
            squares += (rows[i * n + k] - mean) * (rows[i * n + k] - mean);
        double error = sqrt(squares / (N_ROWS - 1) / N_ROWS);
        sim_assert_within(fabs(mean - expected[k]), 5 * error + 1e-11, "%s %zu: mean %.6f, exactly %.6f, error %.2g",
                          what, k, mean, expected[k], error);
    }
}

static void check_mean(qst_ctx *ctx, const oracle_noise *oracle, const qst_noise *noise, uint64_t seed, double strength,
                       qst_compile_opts opts)
{
    double expected[64];
    size_t n_qubits = opts.layout == QST_LAYOUT_WIDE ? 4 : 3;
    sim_case of = drawn_open(ctx, some_circuit(ctx, seed, n_qubits),
                             sim_readout(ctx, seed % SIM_READOUTS, n_qubits, seed), noise, opts);
    sim_run run = same_rows(&of, seed);
    assert_true(of.n_outputs <= 64);
    oracle_values(oracle, of.circuit, of.readout, run.weights, run.x, expected);
    assert_ok(ctx, qst_program_set_noise_strength(of.program, strength));
    qst_program_set_draw(of.program, seed);
    sim_forward(&of, &run);
    assert_means(run.values, of.n_outputs, expected, "value");
    sim_run_free(&run);
    sim_close(&of);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static oracle_noise some_noise(uint64_t seed)
{
    static const qst_gate pairs[] = {QST_GATE_cx, QST_GATE_cz, QST_GATE_rxx};
    oracle_noise oracle = {.n_rules = 4};
    oracle.rules[0] = (qst_noise_rule){.channel = {QST_CHANNEL_depolarizing, {0.08}}, .each = true};
    oracle.rules[1] =
        (qst_noise_rule){.channel = {QST_CHANNEL_pauli, {0.03, 0.02, 0.06}}, .gates = pairs, .n_gates = 3};
    oracle.rules[2] = (qst_noise_rule){.channel = {QST_CHANNEL_depolarizing, {0.1}}, .gate_qubits = 2};
    oracle.rules[3] = (qst_noise_rule){.channel = {QST_CHANNEL_rotation_y, {0.1}}, .gate_qubits = 1};
    for (size_t q = 0; q < 4 && seed % 2; q++) {
        oracle.m1p0[q] = 0.05 + 0.01 * (double)q;
        oracle.m0p1[q] = 0.1;
    }
    return oracle;
}

static void means_are_exact_values(void **state)
{
    for (uint64_t seed = 1; seed <= 16; seed++) {
        oracle_noise oracle = some_noise(seed);
        qst_noise *noise = NULL;
        oracle_model(*state, &oracle, &noise);
        check_mean(*state, &oracle, noise, seed, 1,
                   (qst_compile_opts){.noise_seed = seed, .trajectories = 1 + seed / 6});
        qst_noise_free(noise);
    }
}

static void means_of_wide_states(void **state)
{
    for (uint64_t seed = 21; seed <= 24; seed++) {
        oracle_noise oracle = some_noise(seed);
        qst_noise *noise = NULL;
        oracle_model(*state, &oracle, &noise);
        check_mean(*state, &oracle, noise, seed, 1, (qst_compile_opts){.noise_seed = seed, .layout = QST_LAYOUT_WIDE});
        qst_noise_free(noise);
    }
}

/* Depolarizing to the power s is depolarizing with 1 - (1 - p)^s; an error for sure stays one. */
static void strengths(void **state)
{
    static const double values[] = {0, 0.5, 1, 2.5, 7};
    for (size_t i = 0; i < 5; i++) {
        oracle_noise oracle = {.n_rules = 1}, stronger = {.n_rules = 1};
        qst_noise *noise = NULL;
        oracle.rules[0] = (qst_noise_rule){.channel = {QST_CHANNEL_depolarizing, {0.05}}, .gate_qubits = 2};
        stronger.rules[0] = oracle.rules[0];
        stronger.rules[0].channel.numbers[0] = 1 - pow(0.95, values[i]);
        oracle_model(*state, &oracle, &noise);
        check_mean(*state, &stronger, noise, 30 + i, values[i], (qst_compile_opts){0});
        qst_noise_free(noise);
    }
}

static void errors_for_sure(void **state)
{
    oracle_noise oracle = {.n_rules = 2};
    qst_noise *noise = NULL;
    oracle.rules[0] = (qst_noise_rule){.channel = {QST_CHANNEL_bit_flip, {1}}};
    oracle.rules[1] = (qst_noise_rule){.channel = {QST_CHANNEL_pauli, {0.2, 0.3, 0.5}}, .gate_qubits = 1};
    oracle_model(*state, &oracle, &noise);
    for (uint64_t seed = 40; seed < 44; seed++)
        check_mean(*state, &oracle, noise, seed, 1, (qst_compile_opts){.noise_seed = seed});
    qst_noise_free(noise);
}

/* Relaxation by its twirl: Paulis with probabilities a/4, a/4, (2 - a - 2c)/4. */
static void twirls(void **state)
{
    double a = -expm1(-0.2), c = exp(-0.3);
    for (uint64_t seed = 50; seed < 54; seed++) {
        oracle_noise oracle = {.n_rules = 1}, twirled = {.n_rules = 1};
        qst_noise *noise = NULL;
        qst_noise_info info;
        oracle.rules[0] = (qst_noise_rule){.channel = {QST_CHANNEL_thermal_relaxation, {50, 100.0 / 3, 10, 0.1}}};
        twirled.rules[0] = (qst_noise_rule){.channel = {QST_CHANNEL_pauli, {a / 4, a / 4, (2 - a - 2 * c) / 4}}};
        oracle_model(*state, &oracle, &noise);
        check_mean(*state, &twirled, noise, seed, 1, (qst_compile_opts){.twirl = true, .noise_seed = seed});
        sim_case of = drawn_open(*state, some_circuit(*state, seed, 3), sim_words(*state, 3, "z", 0), noise,
                                 (qst_compile_opts){.twirl = true, .trajectories = 7});
        qst_program_describe_noise(of.program, &info);
        assert_true(info.twirled && info.method == QST_NOISE_TRAJECTORIES && info.n_relaxations > 0);
        assert_int_equal(info.n_channels, info.n_relaxations);
        assert_int_equal(info.trajectories, 7);
        sim_close(&of);
        qst_noise_free(noise);
    }
}

/* --- gradients ---------------------------------------------------------------------------------------------------- */

/* Features' gradients of the rows, whose mean is that of the exact engine; and weights', which are summed. */
static void gradients_have_the_exact_mean(void **state)
{
    qst_ctx *ctx = *state;
    for (uint64_t seed = 60; seed < 66; seed++) {
        oracle_noise oracle = some_noise(seed);
        qst_noise *noise = NULL;
        double expected[2];
        oracle_model(ctx, &oracle, &noise);
        qst_compile_opts opts = {.noise = noise, .noise_method = QST_NOISE_EXACT};
        sim_case of =
            sim_open_with(ctx, some_circuit(ctx, seed, 3), sim_readout(ctx, seed % SIM_READOUTS, 3, seed), &opts);
        sim_run run = same_rows(&of, seed);
        run.n_rows = 1;
        sim_vjp(&of, &run);
        memcpy(expected, run.out_x, sizeof expected);
        run.n_rows = N_ROWS;
        opts.noise_method = QST_NOISE_TRAJECTORIES;
        opts.noise_seed = seed;
        opts.trajectories = 1 + seed % 2;
        sim_recompile(&of, &opts);
        sim_vjp(&of, &run);
        assert_means(run.out_x, 2, expected, "feature");
        sim_run_free(&run);
        sim_close(&of);
        qst_noise_free(noise);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_are_exact_values),
        cmocka_unit_test(means_of_wide_states),
        cmocka_unit_test(strengths),
        cmocka_unit_test(errors_for_sure),
        cmocka_unit_test(twirls),
        cmocka_unit_test(gradients_have_the_exact_mean),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}

/* test_wide_states.c: states whose amplitudes lie in the lanes: against the reference, against the small layout, for
 * any number of threads; and shots. */
#include <math.h>

#include "sim_case.h"

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

static const qst_compile_opts wide = {.layout = QST_LAYOUT_WIDE}, small = {.layout = QST_LAYOUT_SMALL};

/* --- against the small layout ------------------------------------------------------------------------------------- */

/* Values, gradients and the first row's state under both layouts. */
static void check_layouts(sim_case *of, uint64_t seed, size_t n_rows, qst_precision precision)
{
    double bound = 1 + sim_readout_bound(seed % SIM_READOUTS), tolerance = precision == QST_SINGLE ? 2e-4 : 5e-12;
    sim_run in_lanes = sim_draw(of, seed, n_rows), across = sim_draw(of, seed, n_rows);
    qst_compile_opts opts = small;
    sim_recompile(of, &opts);
    sim_vjp(of, &in_lanes);
    opts = wide;
    opts.precision = precision;
    sim_recompile(of, &opts);
    assert_int_equal(qst_program_describe(of->program)->layout, QST_LAYOUT_WIDE);
    sim_vjp(of, &across);
    sim_assert_within(sim_distance(across.values, in_lanes.values, n_rows * of->n_outputs), bound * tolerance,
                      "values, seed %llu, %zu qubits", (unsigned long long)seed, of->n_qubits);
    sim_assert_within(sim_relative_distance(across.out_weights, in_lanes.out_weights, of->n_weights),
                      50 * bound * tolerance, "weights, seed %llu, %zu qubits", (unsigned long long)seed, of->n_qubits);
    sim_assert_within(sim_relative_distance(across.out_x, in_lanes.out_x, n_rows * of->n_features),
                      50 * bound * tolerance, "features, seed %llu, %zu qubits", (unsigned long long)seed,
                      of->n_qubits);
    memset(across.values, 0, n_rows * of->n_outputs * sizeof *across.values);
    sim_forward(of, &across);
    sim_assert_within(sim_distance(across.values, in_lanes.values, n_rows * of->n_outputs), bound * tolerance,
                      "forward, seed %llu, %zu qubits", (unsigned long long)seed, of->n_qubits);
    if (of->n_qubits <= 12)
        sim_assert_within(sim_state_error(of, &across), precision == QST_SINGLE ? 1e-4 : 5e-13, "state, seed %llu",
                          (unsigned long long)seed);
    sim_run_free(&in_lanes);
    sim_run_free(&across);
}

/* Gates of all kinds, preparations, outputs. */
static void random_circuits(void **state)
{
    for (uint64_t seed = 0; seed < 64; seed++) {
        size_t n = 6 + seed % 6;
        qst_circuit *circuit = NULL;
        assert_ok(*state, ref_random_prepared_circuit(*state, seed, (qst_preparation)(seed / 2 % 3), n, n, 5,
                                                      10 + 8 * (seed % 9), &circuit));
        sim_case of = sim_open_with(*state, circuit, sim_readout(*state, seed % SIM_READOUTS, n, seed), &small);
        check_layouts(&of, seed, 1 + seed % 3, seed % 5 == 4 ? QST_SINGLE : QST_DOUBLE);
        sim_close(&of);
    }
}

/* What people train, up to widths with several passes. */
static void templates(void **state)
{
    const char *ansatze[] = {"strongly_entangling", "real_amplitudes", "efficient_su2", "two_local", "basic_entangler"};
    const char *encodings[] = {"angle_y", "reupload", "zz", "iqp", "amplitude"};
    for (uint64_t seed = 0; seed < 15; seed++) {
        size_t n = 12 + seed % 5;
        qst_circuit *circuit = NULL;
        qst_circuit_opts opts = {.qubits = n,
                                 .features = n,
                                 .encoding = {.name = encodings[seed % 5]},
                                 .ansatz = {.name = ansatze[seed / 3 % 5], .reps = 2}};
        assert_ok(*state, qst_circuit_template(*state, &opts, &circuit));
        sim_case of = sim_open_with(*state, circuit, sim_words(*state, n, seed % 2 ? "z zz" : "x z", 0), &small);
        check_layouts(&of, seed, 1, QST_DOUBLE);
        sim_close(&of);
    }
}

/* --- against the reference ---------------------------------------------------------------------------------------- */

static void spot_checks(void **state)
{
    for (size_t n = 15; n <= 20; n += n < 17 ? 1 : 3) {
        qst_circuit *circuit = NULL;
        qst_circuit_opts opts = {.qubits = n,
                                 .features = n,
                                 .encoding = {.name = "angle_y"},
                                 .ansatz = {.name = n % 2 ? "efficient_su2" : "strongly_entangling", .reps = 1}};
        assert_ok(*state, qst_circuit_template(*state, &opts, &circuit));
        sim_case of = sim_open(*state, circuit, sim_words(*state, n, "z", 0), QST_DOUBLE);
        assert_int_equal(qst_program_describe(of.program)->layout, QST_LAYOUT_WIDE);
        sim_run run = sim_draw(&of, n, 1);
        double *expected = sim_allocate(of.n_outputs, sizeof *expected);
        sim_forward(&of, &run);
        sim_reference_values(&of, &run, expected);
        sim_assert_within(sim_distance(run.values, expected, of.n_outputs), 1e-12, "%zu qubits", n);
        free(expected);
        sim_run_free(&run);
        sim_close(&of);
    }
}

/* --- threads ------------------------------------------------------------------------------------------------------ */

static void any_number_of_threads(void **state)
{
    (void)state;
    double *first_weights = NULL, *first_values = NULL;
    for (int threads = 1; threads <= 7; threads += threads < 3 ? 1 : 4) {
        qst_ctx *ctx = support_ctx(threads);
        qst_circuit *circuit = NULL;
        assert_ok(ctx, ref_random_circuit(ctx, 3, 15, 15, 5, 120, &circuit));
        sim_case of = sim_open(ctx, circuit, sim_words(ctx, 15, "z xx", 0), QST_DOUBLE);
        sim_run run = sim_draw(&of, 3, 3);
        sim_vjp(&of, &run);
        if (first_weights == NULL) {
            first_weights = sim_allocate(of.n_weights, sizeof(double));
            first_values = sim_allocate(3 * of.n_outputs, sizeof(double));
            memcpy(first_weights, run.out_weights, of.n_weights * sizeof(double));
            memcpy(first_values, run.values, 3 * of.n_outputs * sizeof(double));
        }
        assert_memory_equal(run.out_weights, first_weights, of.n_weights * sizeof(double));
        assert_memory_equal(run.values, first_values, 3 * of.n_outputs * sizeof(double));
        sim_run_free(&run);
        sim_close(&of);
        qst_ctx_free(ctx);
    }
    free(first_weights);
    free(first_values);
}

/* --- shots -------------------------------------------------------------------------------------------------------- */

/* Pearson's statistic over basis states against the probabilities; with k - 1 degrees of freedom its mean is k - 1, its
 * variance 2 (k - 1). The same seed gives the same shots, another others. */
static void check_shots(qst_ctx *ctx, const qst_compile_opts *opts)
{
    enum { N = 6, SHOTS = 60000 };
    qst_circuit *circuit = NULL;
    assert_ok(ctx, ref_random_circuit(ctx, 8, N, N, 3, 60, &circuit));
    sim_case of = sim_open_with(ctx, circuit, sim_words(ctx, N, "z", 0), opts);
    sim_run run = sim_draw(&of, 8, 1);
    double complex amplitudes[1 << N];
    uint32_t *shots = sim_allocate(SHOTS, sizeof *shots), *again = sim_allocate(SHOTS, sizeof *again);
    size_t counts[1 << N] = {0};
    assert_ok(ctx, qst_program_state(of.program, run.weights, run.x, amplitudes));
    assert_ok(ctx, qst_program_sample(of.program, run.weights, run.x, 5, SHOTS, shots));
    assert_ok(ctx, qst_program_sample(of.program, run.weights, run.x, 5, SHOTS, again));
    assert_memory_equal(shots, again, SHOTS * sizeof *shots);
    assert_ok(ctx, qst_program_sample(of.program, run.weights, run.x, 6, SHOTS, again));
    assert_memory_not_equal(shots, again, SHOTS * sizeof *shots);
    for (size_t i = 0; i < SHOTS; i++) {
        assert_true(shots[i] < 1 << N);
        counts[shots[i]]++;
    }
    double statistic = 0, degrees = -1;
    for (size_t b = 0; b < 1 << N; b++) {
        double expected =
            SHOTS * (creal(amplitudes[b]) * creal(amplitudes[b]) + cimag(amplitudes[b]) * cimag(amplitudes[b]));
        if (expected < 5)
            continue;
        statistic += ((double)counts[b] - expected) * ((double)counts[b] - expected) / expected;
        degrees++;
    }
    assert_true(fabs(statistic - degrees) < 5 * sqrt(2 * degrees));
    free(shots);
    free(again);
    sim_run_free(&run);
    sim_close(&of);
}

static void shots_follow_the_probabilities(void **state)
{
    check_shots(*state, &small);
    check_shots(*state, &wide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_circuits, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(templates, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(spot_checks, open_ctx, close_ctx),
        cmocka_unit_test(any_number_of_threads),
        cmocka_unit_test_setup_teardown(shots_follow_the_probabilities, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

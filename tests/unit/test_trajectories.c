/* test_trajectories.c: drawn errors against circuits in which they stand as gates: values, gradients, all gates, all
 * readouts, both layouts; and the same bits for any number of threads. */
#include "drawn_case.h"

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

/* Values and gradients of a noisy case with those of its explicit circuits; gives the number of errors. */
static size_t check_case(const sim_case *of, uint64_t seed, size_t n_rows, double tolerance)
{
    size_t n_errors = 0;
    sim_run run = sim_draw(of, seed, n_rows);
    drawn_results expected = drawn_explicit(of, &run, of->readout, &n_errors);
    sim_forward(of, &run);
    sim_assert_within(sim_relative_distance(run.values, expected.values, n_rows * of->n_outputs), tolerance, "values");
    memset(run.values, 0, n_rows * of->n_outputs * sizeof *run.values);
    sim_vjp(of, &run);
    sim_assert_within(sim_relative_distance(run.values, expected.values, n_rows * of->n_outputs), tolerance, "values");
    sim_assert_within(sim_relative_distance(run.out_weights, expected.out_weights, of->n_weights), tolerance,
                      "weights");
    sim_assert_within(sim_relative_distance(run.out_x, expected.out_x, n_rows * of->n_features), tolerance, "features");
    drawn_results_free(&expected);
    sim_run_free(&run);
    return n_errors;
}

/* --- circuits of all gates ---------------------------------------------------------------------------------------- */

static void check_random(qst_ctx *ctx, uint64_t seed, size_t n_qubits, qst_compile_opts opts, qst_channel channel)
{
    qst_circuit *circuit = NULL;
    qst_noise *noise = drawn_noise(ctx, channel);
    qst_preparation preparation = seed % 3 == 0 ? QST_PREPARE_AMPLITUDE : QST_PREPARE_ZERO;
    assert_ok(ctx, ref_random_prepared_circuit(ctx, seed, preparation, n_qubits, 3, 6, 2 * QST_GATE_COUNT, &circuit));
    sim_case of = drawn_open(ctx, circuit, sim_readout(ctx, seed % SIM_READOUTS, n_qubits, seed), noise, opts);
    size_t n_errors = check_case(&of, seed, 5, opts.precision == QST_SINGLE ? 2e-4 : 2e-12);
    assert_true(n_errors > 5);
    sim_close(&of);
    qst_noise_free(noise);
}

static void every_gate_and_readout(void **state)
{
    for (uint64_t seed = 1; seed <= 24; seed++) {
        qst_channel channel = {QST_CHANNEL_depolarizing, {0.1}};
        if (seed % 4 == 3)
            channel = (qst_channel){QST_CHANNEL_pauli, {0.02, 0.0, 0.05}};
        check_random(*state, seed, 3 + seed % 4, (qst_compile_opts){.noise_seed = seed}, channel);
    }
}

static void every_optimization_off(void **state)
{
    for (unsigned bit = 0; bit < 8; bit++)
        check_random(*state, 30 + bit, 5, (qst_compile_opts){.noise_seed = bit, .optimize_off = 1U << bit},
                     (qst_channel){QST_CHANNEL_depolarizing, {0.1}});
    check_random(*state, 40, 5, (qst_compile_opts){.noise_seed = 3, .optimize_off = QST_OPTIMIZE_ALL},
                 (qst_channel){QST_CHANNEL_depolarizing, {0.1}});
}

static void wide_states(void **state)
{
    for (uint64_t seed = 50; seed < 66; seed++)
        check_random(*state, seed, 4 + seed % 3, (qst_compile_opts){.noise_seed = seed, .layout = QST_LAYOUT_WIDE},
                     (qst_channel){QST_CHANNEL_depolarizing, {0.1}});
}

static void single_precision(void **state)
{
    for (uint64_t seed = 70; seed < 76; seed++)
        check_random(*state, seed, 5, (qst_compile_opts){.noise_seed = seed, .precision = QST_SINGLE},
                     (qst_channel){QST_CHANNEL_depolarizing, {0.1}});
}

static void several_a_sample(void **state)
{
    for (uint64_t seed = 80; seed < 92; seed++) {
        qst_compile_opts opts = {.noise_seed = seed, .trajectories = 2 + seed % 4};
        opts.layout = seed % 4 == 1 ? QST_LAYOUT_WIDE : QST_LAYOUT_AUTO;
        check_random(*state, seed, 4, opts, (qst_channel){QST_CHANNEL_depolarizing, {0.1}});
    }
}

/* --- special circuits --------------------------------------------------------------------------------------------- */

/* Layers of RY, RX, RY, RZ and rings of CX; or, `real`, of RY and CZ. */
static qst_circuit *layers(qst_ctx *ctx, size_t n, size_t n_layers, bool real)
{
    static const qst_gate turns[] = {QST_GATE_ry, QST_GATE_rx, QST_GATE_ry, QST_GATE_rz};
    size_t n_turns = real ? 2 : 4, n_weights = 0;
    sim_builder to = sim_begin(ctx, n, n, n_layers * n * (n_turns - 1), QST_PREPARE_ZERO);
    for (size_t l = 0; l < n_layers; l++) {
        for (size_t q = 0; q < n; q++) {
            for (size_t i = 0; i < n_turns; i++) {
                qst_term term = {1, i == 0 ? QST_FEATURE((int)q) : QST_WEIGHT((int)n_weights++), QST_ONE};
                sim_add(&to, real ? QST_GATE_ry : turns[i], &q, &(qst_angle){&term, 1});
            }
        }
        for (size_t q = 0; q < n; q++)
            sim_add_fixed(&to, real ? QST_GATE_cz : QST_GATE_cx, (const size_t[]){q, (q + 1) % n}, NULL);
    }
    return sim_finish(&to);
}

/* Amplitudes stay real numbers under errors, and Clifford gates keep their tables. */
static void real_amplitudes(void **state)
{
    qst_noise *noise = drawn_noise(*state, (qst_channel){QST_CHANNEL_depolarizing, {0.1}});
    for (uint64_t seed = 0; seed < 4; seed++) {
        sim_case of = drawn_open(*state, layers(*state, 5, 3, true), sim_readout(*state, seed, 5, seed), noise,
                                 (qst_compile_opts){.noise_seed = seed});
        const qsti_trajectories *engine = of.program->engine.inside;
        assert_true(engine->program->real);
        assert_true(check_case(&of, seed, 9, 1e-12) > 0);
        sim_close(&of);
    }
    qst_noise_free(noise);
}

/* One place behind the first gate: nothing in front of it gets a sign, nor what commutes with it. */
static void early_rotations_stay_shared(void **state)
{
    qst_ctx *ctx = *state;
    qst_noise *noise = NULL;
    const size_t zero = 0;
    assert_ok(ctx, qst_noise_create(ctx, &noise));
    assert_ok(ctx, qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_bit_flip, {0.5}},
                                                          .gates = (const qst_gate[]){QST_GATE_rz},
                                                          .n_gates = 1,
                                                          .qubits = &zero,
                                                          .n_qubits = 1}));
    sim_case of = drawn_open(ctx, layers(ctx, 4, 1, false), sim_words(ctx, 4, "z", 0), noise, (qst_compile_opts){0});
    const qsti_trajectories *engine = of.program->engine.inside;
    for (size_t r = 0; r < engine->program->n_rotations; r++)
        assert_false(engine->program->rotations[r].drawn);
    (void)check_case(&of, 1, 12, 1e-12);
    sim_close(&of);
    qst_noise_free(noise);
}

/* Coherent rotations are rotations of the circuit, and follow the strength. */
static void coherent_rotations(void **state)
{
    qst_ctx *ctx = *state;
    static const qst_channel_kind kinds[] = {QST_CHANNEL_rotation_x, QST_CHANNEL_rotation_y, QST_CHANNEL_rotation_z};
    for (size_t i = 0; i < 3; i++) {
        qst_noise *noise = drawn_noise(ctx, (qst_channel){kinds[i], {0.3}});
        assert_ok(ctx,
                  qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_depolarizing, {0.05}}, .each = true}));
        sim_case of =
            drawn_open(ctx, layers(ctx, 4, 2, i == 1), sim_words(ctx, 4, "z xx", 0), noise, (qst_compile_opts){0});
        assert_true(check_case(&of, i, 5, 1e-12) > 0);
        sim_run run = sim_draw(&of, 1, 5), plain = sim_draw(&of, 1, 5);
        assert_ok(ctx, qst_program_set_noise_strength(of.program, 0));
        sim_vjp(&of, &run);
        sim_recompile(&of, &(qst_compile_opts){0});
        sim_vjp(&of, &plain);
        sim_assert_within(sim_distance(run.values, plain.values, 5 * of.n_outputs), 1e-13, "strength 0");
        sim_assert_within(sim_distance(run.out_weights, plain.out_weights, of.n_weights), 1e-12, "strength 0");
        sim_run_free(&run);
        sim_run_free(&plain);
        sim_close(&of);
        qst_noise_free(noise);
    }
}

/* --- gradients ---------------------------------------------------------------------------------------------------- */

typedef struct loss {
    const sim_case *of;
    sim_run *run;
    double *point; /* weights or features of the run */
    size_t n;
} loss;

static double loss_at(void *user, const double *point)
{
    const loss *at = user;
    double sum = 0;
    memcpy(at->point, point, at->n * sizeof *point);
    sim_forward(at->of, at->run);
    for (size_t i = 0; i < at->run->n_rows * at->of->n_outputs; i++)
        sum += at->run->cotangent[i] * at->run->values[i];
    return sum;
}

static double difference_error(const sim_case *of, sim_run *run, double *point, size_t n, const double *gradient)
{
    double *copy = sim_allocate(n, sizeof(double)), *out = sim_allocate(n, sizeof(double));
    loss at = {of, run, point, n};
    memcpy(copy, point, n * sizeof *copy);
    ref_gradient(loss_at, &at, copy, n, out);
    memcpy(point, copy, n * sizeof *copy);
    double worst = sim_distance(out, gradient, n);
    free(copy);
    free(out);
    return worst;
}

/* At a fixed draw the values are a smooth function, bits misread or not. */
static void gradients_against_differences(void **state)
{
    qst_ctx *ctx = *state;
    for (uint64_t i = 0; i < 2 * SIM_READOUTS; i++) {
        qst_noise *noise = drawn_noise(ctx, (qst_channel){QST_CHANNEL_depolarizing, {0.05}});
        if (i % 2)
            assert_ok(ctx, qst_noise_add_readout(noise, QST_EVERY_QUBIT, 0.05, 0.1));
        qst_compile_opts opts = {.noise_seed = i, .trajectories = i % 3 == 0 ? 3 : 1};
        opts.layout = i % 5 == 4 ? QST_LAYOUT_WIDE : QST_LAYOUT_AUTO;
        sim_case of = drawn_open(ctx, layers(ctx, 4, 2, false), sim_readout(ctx, i / 2, 4, i), noise, opts);
        sim_run run = sim_draw(&of, i, 3);
        qst_program_set_draw(of.program, i);
        sim_vjp(&of, &run);
        sim_assert_within(difference_error(&of, &run, run.weights, of.n_weights, run.out_weights), 1e-8, "weights");
        sim_assert_within(difference_error(&of, &run, run.x, 3 * of.n_features, run.out_x), 1e-8, "features");
        sim_run_free(&run);
        sim_close(&of);
        qst_noise_free(noise);
    }
}

/* --- draws -------------------------------------------------------------------------------------------------------- */

static void no_noise_left(void **state)
{
    qst_ctx *ctx = *state;
    qst_noise *noise = drawn_noise(ctx, (qst_channel){QST_CHANNEL_depolarizing, {1e-300}});
    sim_case of = drawn_open(ctx, layers(ctx, 6, 2, false), sim_words(ctx, 6, "z zz", 0), noise, (qst_compile_opts){0});
    sim_run run = sim_draw(&of, 1, 20), plain = sim_draw(&of, 1, 20);
    sim_vjp(&of, &run);
    sim_recompile(&of, &(qst_compile_opts){0});
    sim_vjp(&of, &plain);
    sim_assert_within(sim_distance(run.values, plain.values, 20 * of.n_outputs), 1e-13, "values");
    sim_assert_within(sim_distance(run.out_weights, plain.out_weights, of.n_weights), 1e-12, "weights");
    sim_run_free(&run);
    sim_run_free(&plain);
    sim_close(&of);
    qst_noise_free(noise);
}

static void run_with(int n_threads, size_t trajectories, qst_layout layout, bool misread, const char *words,
                     double *values, double *out_weights, double *sums)
{
    qst_ctx *ctx = support_ctx(n_threads);
    qst_noise *noise = drawn_noise(ctx, (qst_channel){QST_CHANNEL_depolarizing, {0.05}});
    if (misread)
        assert_ok(ctx, qst_noise_add_readout(noise, QST_EVERY_QUBIT, 0.05, 0.1));
    sim_case of = drawn_open(ctx, layers(ctx, 5, 2, false), sim_words(ctx, 5, words, 3), noise,
                             (qst_compile_opts){.trajectories = trajectories, .layout = layout, .noise_seed = 9});
    sim_run run = sim_draw(&of, 4, 37);
    qst_program_set_draw(of.program, 12);
    sim_step(&of, &run, sums);
    memcpy(out_weights, run.out_weights, of.n_weights * sizeof *out_weights);
    sim_forward(&of, &run);
    memcpy(values, run.values, 37 * of.n_outputs * sizeof *values);
    sim_run_free(&run);
    sim_close(&of);
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

static void same_bits_for_any_threads(void **state)
{
    static const char *const words[] = {"z", "probabilities", "grouped"};
    (void)state;
    for (size_t i = 0; i < 12; i++) {
        double values[3][37 * 32], out_weights[3][100], sums[3][SIM_SUMS];
        qst_layout layout = i % 2 ? QST_LAYOUT_WIDE : QST_LAYOUT_SMALL;
        memset(values, 0, sizeof values);
        memset(out_weights, 0, sizeof out_weights);
        for (int t = 0; t < 3; t++)
            run_with(t + 1, i / 2 % 2 ? 3 : 1, layout, i > 5, words[i % 3], values[t], out_weights[t], sums[t]);
        for (int t = 1; t < 3; t++) {
            assert_memory_equal(values[t], values[0], sizeof values[0]);
            assert_memory_equal(out_weights[t], out_weights[0], sizeof out_weights[0]);
            assert_memory_equal(sums[t], sums[0], sizeof sums[0]);
        }
    }
}

/* The same draw is the same function, another one another; and a row's errors do not depend on the batch around it. */
static void draws_are_functions(void **state)
{
    qst_ctx *ctx = *state;
    qst_noise *noise = drawn_noise(ctx, (qst_channel){QST_CHANNEL_depolarizing, {0.05}});
    sim_case of = drawn_open(ctx, layers(ctx, 5, 2, false), sim_words(ctx, 5, "z", 0), noise, (qst_compile_opts){0});
    sim_run run = sim_draw(&of, 1, 40);
    double first[40 * 5], head[11 * 5];
    sim_forward(&of, &run);
    memcpy(first, run.values, sizeof first);
    qst_program_set_draw(of.program, (uint64_t)1 << 40);
    sim_forward(&of, &run);
    assert_true(memcmp(first, run.values, sizeof first) != 0);
    qst_program_set_draw(of.program, 0);
    sim_forward(&of, &run);
    assert_memory_equal(first, run.values, sizeof first);
    assert_ok(
        ctx, qst_program_forward(of.program, run.weights, (qst_const_matrix){run.x, 11, 5}, (qst_matrix){head, 11, 5}));
    assert_memory_equal(first, head, sizeof head);
    sim_run_free(&run);
    sim_close(&of);
    qst_noise_free(noise);
}

static void repeated_steps_allocate_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        support_memory memory = {0};
        qst_ctx *ctx = support_memory_ctx(&memory);
        qst_noise *noise = drawn_noise(ctx, (qst_channel){QST_CHANNEL_depolarizing, {0.2}});
        assert_ok(ctx, qst_noise_add_readout(noise, QST_EVERY_QUBIT, 0.05, 0.1));
        sim_case of = drawn_open(ctx, layers(ctx, 4, 2, false), sim_words(ctx, 4, i % 2 ? "z" : "grouped", 2), noise,
                                 (qst_compile_opts){.trajectories = i > 1 ? 5 : 1});
        sim_run run = sim_draw(&of, 1, 20);
        sim_vjp(&of, &run);
        sim_forward(&of, &run);
        size_t n_calls = memory.n_calls;
        for (uint64_t draw = 1; draw < 5; draw++) {
            qst_program_set_draw(of.program, draw);
            assert_ok(ctx, qst_program_set_noise_strength(of.program, (double)draw / 3));
            sim_vjp(&of, &run);
            sim_forward(&of, &run);
        }
        assert_int_equal(memory.n_calls, n_calls);
        sim_run_free(&run);
        sim_close(&of);
        qst_noise_free(noise);
        qst_ctx_free(ctx);
        assert_int_equal(memory.n_live, 0);
    }
}

/* Compiles, steps, and goes forward. */
static qst_status some_work(qst_ctx *ctx, void *arg)
{
    const qst_compile_opts *opts = arg;
    qst_status status = QST_OK;
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    qst_program *program = NULL;
    const char *words = opts->layout == QST_LAYOUT_WIDE ? "z" : "grouped";
    const double x[4 * 12] = {0.1, 0.2, 0.3}, weights[3] = {1, 2, 3};
    double cotangent[4 * 12] = {1, 1}, values[4 * 12], gradient[3], features[4 * 12];
    size_t n_outputs = opts->layout == QST_LAYOUT_WIDE ? 4 : 2;
    if ((status = ref_random_circuit(ctx, 5, 4, 4, 3, 12, &circuit)) != QST_OK ||
        (status = qst_readout_parse(ctx, 4, &words, 1, n_outputs == 2 ? 2 : 0, &readout)) != QST_OK ||
        (status = qst_program_compile(ctx, circuit, readout, opts, &program)) != QST_OK)
        goto done;
    status =
        qst_program_vjp(program, weights, (qst_const_matrix){x, 12, 4}, (qst_const_matrix){cotangent, 12, n_outputs},
                        gradient, (qst_matrix){features, 12, 4}, (qst_matrix){values, 12, n_outputs});
    if (status == QST_OK)
        status =
            qst_program_forward(program, weights, (qst_const_matrix){x, 12, 4}, (qst_matrix){values, 12, n_outputs});
done:
    qst_program_free(program);
    qst_readout_free(readout);
    qst_circuit_free(circuit);
    return status;
}

static void failing_allocations(void **state)
{
    qst_noise *noise = drawn_noise(*state, (qst_channel){QST_CHANNEL_depolarizing, {0.2}});
    assert_ok(*state, qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_rotation_x, {0.2}}}));
    assert_ok(*state, qst_noise_add_readout(noise, QST_EVERY_QUBIT, 0.05, 0.1));
    for (size_t i = 0; i < 3; i++) {
        qst_compile_opts opts = {.noise = noise, .noise_method = QST_NOISE_TRAJECTORIES, .trajectories = 1 + i};
        opts.layout = i == 2 ? QST_LAYOUT_WIDE : QST_LAYOUT_AUTO;
        support_fail_each_allocation(some_work, &opts);
    }
    qst_noise_free(noise);
}

static void refusals(void **state)
{
    qst_ctx *ctx = *state;
    qst_noise *noise = drawn_noise(ctx, (qst_channel){QST_CHANNEL_pauli, {0.4, 0.1, 0.0}});
    qst_circuit *circuit = layers(ctx, 3, 1, false);
    qst_readout *readout = NULL;
    qst_program *program = NULL;
    qst_compile_opts opts = {.noise = noise, .noise_method = QST_NOISE_TRAJECTORIES};
    assert_ok(ctx, qst_readout_amplitudes(ctx, 3, &readout));
    assert_status(ctx, qst_program_compile(ctx, circuit, readout, &opts, &program), QST_ERR_UNSUPPORTED);
    assert_message(ctx, "amplitudes");
    assert_null(program);
    qst_readout_free(readout);
    readout = sim_words(ctx, 3, "z", 0);
    assert_ok(ctx, qst_program_compile(ctx, circuit, readout, &opts, &program));
    assert_status(ctx, qst_program_set_noise_strength(program, 0.5), QST_ERR_UNSUPPORTED); /* an eigenvalue below 0 */
    assert_status(ctx, qst_program_set_noise_strength(program, -1), QST_ERR_USAGE);
    qst_program_free(program);
    qst_readout_free(readout);
    qst_circuit_free(circuit);
    qst_noise_free(noise);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_gate_and_readout),
        cmocka_unit_test(every_optimization_off),
        cmocka_unit_test(wide_states),
        cmocka_unit_test(single_precision),
        cmocka_unit_test(several_a_sample),
        cmocka_unit_test(real_amplitudes),
        cmocka_unit_test(early_rotations_stay_shared),
        cmocka_unit_test(coherent_rotations),
        cmocka_unit_test(gradients_against_differences),
        cmocka_unit_test(no_noise_left),
        cmocka_unit_test(same_bits_for_any_threads),
        cmocka_unit_test(draws_are_functions),
        cmocka_unit_test(repeated_steps_allocate_nothing),
        cmocka_unit_test(failing_allocations),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}

/* test_pauli_laws.c: exact noise on a real device against density.h, laws of channels, strengths, kept states and their
 * limit, threads, memory. */
#include <qstill/density.h>

#include "base/memory.h"
#include "noise_oracle.h"
#include "property/sim_case.h"
#include "support/assembly_text.h"

#define DEVICES QSTILL_SOURCE_DIR "/tests/golden/devices/"

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

static qst_compile_opts exact(const qst_noise *noise, double memory_limit)
{
    return (qst_compile_opts){.noise = noise, .noise_method = QST_NOISE_EXACT, .memory_limit = memory_limit};
}

/* --- a device ----------------------------------------------------------------------------------------------------- */

static qst_device *manila(qst_ctx *ctx)
{
    const char *paths[] = {DEVICES "conf_manila.json", DEVICES "props_manila.json"};
    qst_device *device = NULL;
    assert_ok(ctx, qst_device_read(ctx, paths, 2, NULL, &device));
    return device;
}

/* The device's gates on its line of five qubits. */
static qst_assembly *native_assembly(qst_ctx *ctx, uint64_t seed)
{
    ref_rng rng = {seed};
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", 5));
    for (int i = 0; i < 120; i++) {
        uint32_t a = (uint32_t)(i < 5 ? (size_t)i : ref_below(&rng, 5)), b = a == 4 || (a > 0 && i % 2) ? a - 1 : a + 1;
        switch (i < 5 ? 0 : ref_below(&rng, 5)) {
        case 0:
            assert_ok(ctx, add(builder, GATE(sx, QUBITS(a))));
            break;
        case 1:
            assert_ok(ctx, add(builder, GATE(rz, QUBITS(a), ANGLES(EXPRESSION(NUMBER(ref_uniform(&rng, -4, 4)))))));
            break;
        case 2:
            assert_ok(ctx, add(builder, GATE(x, QUBITS(a))));
            break;
        case 3:
            assert_ok(ctx, add(builder, GATE(id, QUBITS(a))));
            break;
        default:
            assert_ok(ctx, add(builder, GATE(cx, QUBITS(a, b))));
        }
    }
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    return assembly;
}

static void check_device(qst_ctx *ctx, qst_device *device, uint64_t seed, const char *words)
{
    qst_assembly *assembly = native_assembly(ctx, seed);
    qst_circuit *circuit = NULL;
    qst_noise *model = NULL;
    qst_density *density = NULL;
    oracle_noise misread = {0};
    double expected[32], actual[32], temperature = seed % 2 ? 30 : 0;
    qst_readout *readout = sim_words(ctx, 5, words, 0);
    qst_noise_device_opts device_opts = {.temperature_mk = temperature};
    qst_density_opts density_opts = {.device = device, .temperature_mk = temperature};
    assert_ok(ctx, qst_assembly_circuit(assembly, NULL, &circuit));
    assert_ok(ctx, qst_noise_from_device(ctx, device, &device_opts, &model));
    assert_ok(ctx, qst_density_simulate(assembly, &density_opts, &density));
    for (size_t q = 0; q < 5; q++) {
        double matrix[4];
        qst_noise_readout(model, q, matrix);
        misread.m1p0[q] = matrix[1];
        misread.m0p1[q] = matrix[2];
    }
    oracle_read(&misread, readout, qst_density_matrix(density), expected);
    qst_compile_opts opts = exact(model, 0);
    sim_case of = sim_open_with(ctx, circuit, readout, &opts);
    assert_ok(ctx, qst_program_forward(of.program, NULL, (qst_const_matrix){NULL, 1, 0},
                                       (qst_matrix){actual, 1, of.n_outputs}));
    sim_assert_within(sim_distance(actual, expected, of.n_outputs), 1e-10, "manila, circuit %d", (int)seed);
    sim_close(&of);
    qst_density_free(density);
    qst_noise_free(model);
    qst_assembly_free(assembly);
}

static void test_device(void **state)
{
    qst_device *device = manila(*state);
    for (uint64_t seed = 1; seed <= 4; seed++) {
        check_device(*state, device, seed, "x y z zz");
        check_device(*state, device, seed, "probabilities");
    }
    qst_device_free(device);
}

/* --- laws --------------------------------------------------------------------------------------------------------- */

/* All Paulis of n qubits, each an output. */
static qst_readout *all_paulis(qst_ctx *ctx, size_t n)
{
    qst_pauli paulis[64];
    double ones[64];
    size_t outputs[64], count = (size_t)1 << 2 * n;
    qst_readout *readout = NULL;
    for (size_t i = 0; i < count; i++) {
        paulis[i] = (qst_pauli){(uint32_t)(i & (((size_t)1 << n) - 1)), (uint32_t)(i >> n)};
        ones[i] = 1;
        outputs[i] = i;
    }
    assert_ok(ctx, qst_readout_paulis(ctx, n, paulis, ones, outputs, count, count, &readout));
    return readout;
}

static double purity_at(const sim_case *of, sim_run *run, double strength)
{
    double sum = 0;
    assert_ok(of->ctx, qst_program_set_noise_strength(of->program, strength));
    sim_forward(of, run);
    assert_close(run->values[0], 1, 1e-13); /* the trace */
    for (size_t i = 0; i < of->n_outputs; i++)
        sum += run->values[i] * run->values[i] / 8;
    return sum;
}

/* Unital noise: pure without it, less and less so with more, and at last the centre of all states. */
static void test_laws(void **state)
{
    qst_circuit *circuit = NULL;
    qst_noise *model = NULL;
    oracle_noise noise = {.rules = {{.channel = {QST_CHANNEL_depolarizing, {0.02}}, .gate_qubits = 2},
                                    {.channel = {QST_CHANNEL_pauli, {0.01, 0.002, 0.003}}}},
                          .n_rules = 2};
    oracle_model(*state, &noise, &model);
    assert_ok(*state, ref_random_circuit(*state, 5, 3, 2, 3, 60, &circuit));
    qst_compile_opts opts = exact(model, 0);
    sim_case of = sim_open_with(*state, circuit, all_paulis(*state, 3), &opts);
    sim_run run = sim_draw(&of, 1, 1);
    double last = purity_at(&of, &run, 0);
    assert_close(last, 1, 1e-12);
    for (double strength = 0.5; strength < 40; strength *= 2) {
        double next = purity_at(&of, &run, strength);
        assert_true(next < last);
        last = next;
    }
    assert_close(purity_at(&of, &run, 3000), 0.125, 1e-6);
    sim_run_free(&run);
    sim_close(&of);
    qst_noise_free(model);
}

/* --- strengths ---------------------------------------------------------------------------------------------------- */

static double power(double of, double strength)
{
    return 1 - pow(1 - of, strength);
}

/* The channels of a strength, written down. */
static oracle_noise at_strength(double s)
{
    return (oracle_noise){
        .rules = {{.channel = {QST_CHANNEL_depolarizing, {power(0.03, s)}}, .gate_qubits = 2},
                  {.channel = {QST_CHANNEL_bit_flip, {0.5 * power(2 * 0.02, s)}}},
                  {.channel = {QST_CHANNEL_amplitude_damping, {power(0.05, s), 0.2}}},
                  {.channel = {QST_CHANNEL_thermal_relaxation, {50, 70, 3 * s, 0.1}}, .gate_qubits = 2},
                  {.channel = {QST_CHANNEL_rotation_x, {0.05 * s}}}},
        .n_rules = 5,
        .m1p0 = {0.03, 0.02, 0.01},
        .m0p1 = {0.01, 0.05, 0.1},
    };
}

static void test_strength(void **state)
{
    const double strengths[] = {0.25, 2, 0, 1};
    qst_circuit *circuit = NULL;
    qst_noise *model = NULL;
    oracle_noise noise = at_strength(1);
    oracle_model(*state, &noise, &model);
    assert_ok(*state, ref_random_circuit(*state, 9, 3, 3, 4, 60, &circuit));
    qst_compile_opts opts = exact(model, 0);
    sim_case of = sim_open_with(*state, circuit, sim_words(*state, 3, "x zz z", 0), &opts);
    sim_run first = sim_draw(&of, 1, 4), run = sim_draw(&of, 1, 4);
    sim_vjp(&of, &first);
    for (size_t i = 0; i < 4; i++) {
        noise = at_strength(strengths[i]);
        assert_ok(*state, qst_program_set_noise_strength(of.program, strengths[i]));
        sim_vjp(&of, &run);
        for (size_t b = 0; b < run.n_rows; b++) {
            double expected[16];
            oracle_values(&noise, of.circuit, of.readout, run.weights, run.x + b * of.n_features, expected);
            sim_assert_within(sim_distance(run.values + b * of.n_outputs, expected, of.n_outputs), 1e-12, "strength %g",
                              strengths[i]);
        }
    }
    assert_memory_equal(run.values, first.values, 4 * of.n_outputs * sizeof *run.values);
    assert_memory_equal(run.out_weights, first.out_weights, of.n_weights * sizeof *run.out_weights);
    assert_status(*state, qst_program_set_noise_strength(of.program, -1), QST_ERR_USAGE);
    sim_run_free(&first);
    sim_run_free(&run);
    sim_close(&of);
    qst_noise_free(model);
}

/* A channel that has no powers: the strength stays what it was. */
static void test_no_power(void **state)
{
    qst_circuit *circuit = NULL;
    qst_noise *model = NULL;
    oracle_noise noise = {.rules = {{.channel = {QST_CHANNEL_depolarizing, {1.2}}, .gate_qubits = 1}}, .n_rules = 1};
    oracle_model(*state, &noise, &model);
    assert_ok(*state, ref_random_circuit(*state, 3, 2, 2, 2, 50, &circuit));
    qst_compile_opts opts = exact(model, 0);
    sim_case of = sim_open_with(*state, circuit, sim_words(*state, 2, "z", 0), &opts);
    sim_run run = sim_draw(&of, 1, 1), again = sim_draw(&of, 1, 1);
    sim_forward(&of, &run);
    assert_status(*state, qst_program_set_noise_strength(of.program, 0.5), QST_ERR_UNSUPPORTED);
    sim_forward(&of, &again);
    assert_memory_equal(run.values, again.values, of.n_outputs * sizeof *run.values);
    sim_run_free(&run);
    sim_run_free(&again);
    sim_close(&of);
    qst_noise_free(model);
}

/* --- kept states -------------------------------------------------------------------------------------------------- */

typedef struct limited {
    qst_noise *model;
    qst_circuit *circuit;
    qst_readout *readout;
} limited;

static limited open_limited(qst_ctx *ctx)
{
    limited made;
    ref_rng rng = {4};
    oracle_noise noise;
    oracle_random(&rng, true, &noise);
    oracle_model(ctx, &noise, &made.model);
    assert_ok(ctx, ref_random_circuit(ctx, 11, 4, 4, 6, 120, &made.circuit));
    made.readout = sim_words(ctx, 4, "zz x", 0);
    return made;
}

static void close_limited(const limited *from)
{
    qst_noise_free(from->model);
    qst_circuit_free(from->circuit);
    qst_readout_free(from->readout);
}

/* Values, weights' and features' gradients of 5 rows under a limit; how many states were kept. */
static size_t run_limited(qst_ctx *ctx, const limited *of, double limit, double *out)
{
    qst_program *program = NULL;
    qst_noise_info info;
    ref_rng rng = {8};
    double weights[6], x[5 * 4], cotangent[5 * 10];
    qst_compile_opts opts = exact(of->model, limit);
    ref_fill(&rng, -2, 2, weights, 6);
    ref_fill(&rng, -2, 2, x, 5 * 4);
    ref_fill(&rng, -1, 1, cotangent, 5 * 10);
    assert_ok(ctx, qst_program_compile(ctx, of->circuit, of->readout, &opts, &program));
    assert_ok(ctx, qst_program_vjp(program, weights, (qst_const_matrix){x, 5, 4}, (qst_const_matrix){cotangent, 5, 10},
                                   out, (qst_matrix){out + 6, 5, 4}, (qst_matrix){out + 26, 5, 10}));
    qst_program_describe_noise(program, &info);
    assert_int_equal(info.method, QST_NOISE_EXACT);
    assert_true(info.memory_bytes <= limit || limit == 0);
    qst_program_free(program);
    return info.n_kept;
}

/* With ever less memory the same bits, until one lane is all there is room for; then a clear refusal. */
static void test_checkpoints(void **state)
{
    limited of = open_limited(*state);
    double all[76], some[76], state_bytes = 256 * 8 * 8;
    size_t most = run_limited(*state, &of, 0, all), last = most, n_checked = 0;
    for (double limit = state_bytes * (double)(most + 1);; limit -= 13 * state_bytes) {
        size_t kept = run_limited(*state, &of, limit, some);
        if (kept > last)
            break;
        assert_true(kept < most);
        assert_memory_equal(some, all, sizeof all);
        last = kept;
        n_checked++;
    }
    assert_true(n_checked > 8);
    run_limited(*state, &of, 5 * state_bytes, some);
    sim_assert_within(sim_relative_distance(some, all, 76), 1e-13, "one lane");
    close_limited(&of);
}

static void test_limit(void **state)
{
    limited of = open_limited(*state);
    qst_program *program = NULL;
    double some[76];
    qst_compile_opts opts = exact(of.model, 5000);
    assert_status(*state, qst_program_compile(*state, of.circuit, of.readout, &opts, &program), QST_ERR_LIMIT);
    assert_message(*state, " bytes on 1 thread; memory_limit allows 5000");
    const char *at = strstr(qst_ctx_message(*state), "states: ");
    assert_non_null(at);
    double needed = strtod(at + 8, NULL);
    run_limited(*state, &of, needed, some);
    opts.memory_limit = needed - 1;
    assert_status(*state, qst_program_compile(*state, of.circuit, of.readout, &opts, &program), QST_ERR_LIMIT);
    opts.noise_method = QST_NOISE_AUTO; /* then draws */
    qst_noise_info info;
    assert_ok(*state, qst_program_compile(*state, of.circuit, of.readout, &opts, &program));
    qst_program_describe_noise(program, &info);
    assert_int_equal(info.method, QST_NOISE_TRAJECTORIES);
    qst_program_free(program);
    close_limited(&of);
}

static void test_refused(void **state)
{
    limited of = open_limited(*state);
    qst_program *program = NULL;
    qst_readout *amplitudes = NULL;
    qst_compile_opts opts = exact(of.model, 0);
    assert_ok(*state, qst_readout_amplitudes(*state, 4, &amplitudes));
    assert_status(*state, qst_program_compile(*state, of.circuit, amplitudes, &opts, &program), QST_ERR_UNSUPPORTED);
    assert_message(*state, "amplitudes");
    qst_readout_free(amplitudes);
    close_limited(&of);
}

/* --- threads and memory ------------------------------------------------------------------------------------------- */

/* 37 rows on some threads: values, weights, features. */
static void run_threads(int n_threads, double *out)
{
    qst_ctx *ctx = support_ctx(n_threads);
    limited of = open_limited(ctx);
    qst_compile_opts opts = exact(of.model, 0);
    sim_case made = sim_open_with(ctx, of.circuit, of.readout, &opts);
    sim_run run = sim_draw(&made, 1, 37);
    sim_vjp(&made, &run);
    uint64_t before = qsti_ctx_allocations(ctx);
    assert_ok(ctx, qst_program_set_noise_strength(made.program, 0.5));
    assert_ok(ctx, qst_program_set_noise_strength(made.program, 1));
    assert_ok(ctx, qst_program_vjp(made.program, run.weights, sim_x(&made, &run), sim_cotangent(&made, &run),
                                   run.out_weights, sim_out_x(&made, &run), sim_values(&made, &run)));
    assert_int_equal(qsti_ctx_allocations(ctx), before);
    memcpy(out, run.values, 370 * sizeof *out);
    memcpy(out + 370, run.out_weights, 6 * sizeof *out);
    memcpy(out + 376, run.out_x, 148 * sizeof *out);
    for (size_t b = 0; b < 37; b++) { /* a batch is its samples */
        double alone[10];
        assert_ok(ctx, qst_program_forward(made.program, run.weights, (qst_const_matrix){run.x + 4 * b, 1, 4},
                                           (qst_matrix){alone, 1, 10}));
        assert_memory_equal(alone, run.values + 10 * b, sizeof alone);
    }
    sim_run_free(&run);
    sim_close(&made);
    qst_noise_free(of.model);
    qst_ctx_free(ctx);
}

static void test_threads(void **state)
{
    (void)state;
    double one[524], many[524];
    run_threads(1, one);
    for (int n_threads = 2; n_threads <= 5; n_threads++) {
        run_threads(n_threads, many);
        assert_memory_equal(one, many, sizeof one);
    }
}

static qst_status use_memory(qst_ctx *ctx, void *arg)
{
    const limited *of = arg;
    qst_status status = QST_OK;
    qst_program *program = NULL;
    double weights[6] = {0}, x[5 * 4] = {0}, values[5 * 10], cotangent[5 * 10] = {0};
    qst_compile_opts opts = exact(of->model, 0);
    status = qst_program_compile(ctx, of->circuit, of->readout, &opts, &program);
    for (size_t rows = 1; rows <= 5 && status == QST_OK; rows += 4) {
        status = qst_program_forward(program, weights, (qst_const_matrix){x, rows, 4}, (qst_matrix){values, rows, 10});
        if (status == QST_OK)
            status = qst_program_vjp(program, weights, (qst_const_matrix){x, rows, 4},
                                     (qst_const_matrix){cotangent, rows, 10}, weights, (qst_matrix){NULL, rows, 4},
                                     (qst_matrix){NULL, rows, 10});
    }
    qst_program_free(program);
    return status;
}

static void test_memory(void **state)
{
    limited of = open_limited(*state);
    support_fail_each_allocation(use_memory, &of);
    close_limited(&of);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_device, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_laws, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_strength, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_no_power, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_checkpoints, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_limit, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_refused, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_threads, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_memory, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests_name("pauli_laws", tests, NULL, NULL);
}

/* test_tile.c: product start and passes compute the circuit, obey their rules, and are as few as they should be. */
#include "program_reading.h"

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

/* --- meaning ------------------------------------------------------------------------------------------------------ */

static const unsigned switches[] = {
    0,
    QST_OPTIMIZE_ALL,
#define QST_OPTIMIZATION(name, bit, about) QST_OPTIMIZE_##name,
#include <qstill/optimizations.def>
#undef QST_OPTIMIZATION
    QST_OPTIMIZE_FUSE | QST_OPTIMIZE_START,
    QST_OPTIMIZE_FRAME | QST_OPTIMIZE_MERGE,
};
#define N_SWITCHES (sizeof switches / sizeof *switches)

/* The passes and the items of the whole circuit's program give the reference's state; those of the program of the
 * readout's cone give its values. */
static void check_meaning(const sim_case *of, uint64_t seed, const char *what)
{
    size_t dim = (size_t)1 << of->n_qubits;
    double complex *expected = sim_allocate(dim, sizeof *expected), *actual = sim_allocate(dim, sizeof *actual);
    double *values = sim_allocate(of->n_outputs, sizeof *values), *wanted = sim_allocate(of->n_outputs, sizeof *wanted);
    sim_run run = sim_draw(of, seed, 1);
    ref_state(of->circuit, run.weights, run.x, expected);
    sim_reference_values(of, &run, wanted);
    for (size_t i = 0; i < N_SWITCHES; i++) {
        qst_program *program = NULL, *whole = NULL;
        qst_compile_opts opts = {.layout = QST_LAYOUT_SMALL, .optimize_off = switches[i]};
        assert_ok(of->ctx, qst_program_compile(of->ctx, of->circuit, of->readout, &opts, &program));
        reading_check_items(program);
        reading_check_passes(program);
        reading_of_passes(program, run.weights, run.x, actual);
        double complex *physical = sim_allocate(dim, sizeof *physical);
        reading_physical(program, actual, physical);
        reading_values(program, physical, values);
        sim_assert_within(sim_relative_distance(values, wanted, of->n_outputs), 1e-11,
                          "values of %s, seed %llu, off %#x", what, (unsigned long long)seed, switches[i]);
        free(physical);
        assert_ok(of->ctx, qsti_program_whole(program, &whole));
        assert_int_equal(whole->n_qubits, of->n_qubits);
        reading_check_items(whole);
        reading_check_passes(whole);
        reading_of_passes(whole, run.weights, run.x, actual);
        sim_assert_within(sim_complex_distance(actual, expected, dim), 1e-12, "passes of %s, seed %llu, off %#x", what,
                          (unsigned long long)seed, switches[i]);
        reading_of_items(whole, run.weights, run.x, actual);
        sim_assert_within(sim_complex_distance(actual, expected, dim), 1e-12, "items of %s, seed %llu, off %#x", what,
                          (unsigned long long)seed, switches[i]);
        qst_program_free(program);
    }
    sim_run_free(&run);
    free(values);
    free(wanted);
    free(actual);
    free(expected);
}

static void every_gate_on_every_qubits(void **state)
{
    qst_ctx *ctx = *state;
    ref_rng rng = {1};
    for (int gate = 0; gate < QST_GATE_COUNT; gate++) {
        const qst_gate_info *info = qst_gate_describe((qst_gate)gate);
        size_t k = (size_t)info->n_qubits, n = k < 3 ? 3 : k;
        for (size_t code = 0; code < ref_tuple_codes(n, k); code++) {
            size_t qubits[QST_MAX_GATE_QUBITS];
            double angles[QST_MAX_GATE_ANGLES];
            if (!ref_tuple(n, k, code, qubits) || (k > 3 && ref_below(&rng, 8) != 0))
                continue;
            ref_fill(&rng, -4, 4, angles, QST_MAX_GATE_ANGLES);
            sim_builder to = sim_begin(ctx, n, 0, 0, QST_PREPARE_ZERO);
            sim_scramble(&to, n, &rng);
            sim_add_fixed(&to, (qst_gate)gate, qubits, angles);
            sim_scramble(&to, n, &rng);
            sim_case of =
                sim_open_with(ctx, sim_finish(&to), sim_words(ctx, n, "x", 0), &(qst_compile_opts){.optimize_off = 0});
            check_meaning(&of, code, info->name);
            sim_close(&of);
        }
    }
}

static void random_circuits(void **state)
{
    for (uint64_t seed = 0; seed < 300; seed++) {
        size_t n = 1 + seed % 7, n_features = seed % 11 == 0 ? 0 : n;
        qst_preparation preparation = n_features > 0 ? (qst_preparation)(seed / 2 % 3) : QST_PREPARE_ZERO;
        qst_circuit *circuit = NULL;
        assert_ok(*state, ref_random_prepared_circuit(*state, seed, preparation, n, n_features, 5, 4 + 6 * (seed % 17),
                                                      &circuit));
        sim_case of = sim_open(*state, circuit, sim_readout(*state, seed % SIM_READOUTS, n, seed), QST_DOUBLE);
        check_meaning(&of, seed, "a random circuit");
        sim_close(&of);
    }
}

/* Beyond the windows in which the compiler looks back. */
static void long_circuits(void **state)
{
    for (uint64_t seed = 0; seed < 3; seed++) {
        size_t n = 1 + seed;
        qst_circuit *circuit = NULL;
        assert_ok(*state, ref_random_circuit(*state, seed, n, 0, 5, 800, &circuit));
        sim_case of = sim_open(*state, circuit, sim_readout(*state, seed, n, seed), QST_DOUBLE);
        check_meaning(&of, seed, "a long circuit");
        sim_close(&of);
    }
}

static sim_case template_case(qst_ctx *ctx, size_t n, const char *encoding, const qst_ansatz_opts *ansatz,
                              const char *words)
{
    qst_circuit *circuit = NULL;
    qst_circuit_opts opts = {.qubits = n, .features = n, .encoding = {.name = encoding}, .ansatz = *ansatz};
    assert_ok(ctx, qst_circuit_template(ctx, &opts, &circuit));
    return sim_open_with(ctx, circuit, sim_words(ctx, n, words, 0), &(qst_compile_opts){.layout = QST_LAYOUT_SMALL});
}

static void templates(void **state)
{
    const char *ansatze[] = {"basic_entangler", "strongly_entangling", "real_amplitudes", "efficient_su2", "two_local"};
    const char *encodings[] = {"angle_x", "angle_y", "angle_z", "reupload", "iqp", "zz", "amplitude", "basis"};
    uint64_t seed = 0;
    for (size_t a = 0; a < sizeof ansatze / sizeof *ansatze; a++) {
        for (size_t e = 0; e < sizeof encodings / sizeof *encodings; e++, seed++) {
            sim_case of = template_case(*state, 2 + seed % 6, encodings[e], &(qst_ansatz_opts){.name = ansatze[a]},
                                        seed % 2 ? "z" : "x zz");
            check_meaning(&of, seed, ansatze[a]);
            sim_close(&of);
        }
    }
}

/* --- how few ------------------------------------------------------------------------------------------------------ */

/* Layers of RY(x), RX, RY, RZ and a ring of CX. */
static sim_case training_case(qst_ctx *ctx, size_t n, size_t n_layers)
{
    sim_builder to = sim_begin(ctx, n, n, 3 * n * n_layers, QST_PREPARE_ZERO);
    for (size_t layer = 0; layer < n_layers; layer++) {
        for (size_t q = 0; q < n; q++)
            sim_add(&to, QST_GATE_ry, &q, &QST_ANGLE({1, QST_FEATURE((int32_t)q), QST_ONE}));
        for (size_t q = 0; q < n; q++) {
            int32_t w = (int32_t)(3 * (n * layer + q));
            sim_add(&to, QST_GATE_rx, &q, &QST_ANGLE({1, QST_WEIGHT(w), QST_ONE}));
            sim_add(&to, QST_GATE_ry, &q, &QST_ANGLE({1, QST_WEIGHT(w + 1), QST_ONE}));
            sim_add(&to, QST_GATE_rz, &q, &QST_ANGLE({1, QST_WEIGHT(w + 2), QST_ONE}));
        }
        for (size_t q = 0; q < n && n > 1; q++)
            sim_add(&to, QST_GATE_cx, (size_t[]){q, (q + 1) % n}, NULL);
    }
    return sim_open_with(ctx, sim_finish(&to), sim_words(ctx, n, "z", 0),
                         &(qst_compile_opts){.layout = QST_LAYOUT_SMALL});
}

/* One general gate a qubit and layer, the first layer a product, the others in passes of three across layers. */
static void training_passes(void **state)
{
    for (size_t n = 2; n <= 12; n++) {
        sim_case of = training_case(*state, n, 4);
        const qst_program *program = of.program;
        assert_int_equal(program->n_gates, 4 * n);
        assert_int_equal(program->n_start, n);
        assert_int_equal(program->n_per_lane, n);
        assert_int_equal(reading_passes(program, QSTI_PASS_TILE), program->n_passes);
        assert_int_equal(program->n_passes, n == 2 ? 3 : n == 4 ? 5 : n); /* 3 n gates */
        reading_check_passes(program);
        for (size_t i = 0; i < program->n_passes; i++)
            assert_true(program->passes[i].count >= 2);
        sim_close(&of);
    }
}

/* RY, RZ and a chain of CZ: rotations about Y, and one table a layer, in whichever order they are written. */
static void cz_layers(void **state)
{
    const size_t n = 8, n_layers = 4;
    for (size_t interleaved = 0; interleaved < 2; interleaved++) {
        sim_builder to = sim_begin(*state, n, 0, 2 * n * n_layers, QST_PREPARE_ZERO);
        for (size_t layer = 0; layer < n_layers; layer++) {
            for (size_t i = 0; i < 2 * n; i++) {
                size_t q = interleaved ? i / 2 : i % n, second = interleaved ? i % 2 : i / n;
                sim_add(&to, second ? QST_GATE_rz : QST_GATE_ry, &q,
                        &QST_ANGLE({1, QST_WEIGHT((int32_t)(2 * n * layer + i)), QST_ONE}));
            }
            for (size_t q = 0; q + 1 < n; q++)
                sim_add(&to, QST_GATE_cz, (size_t[]){q, q + 1}, NULL);
        }
        sim_case of = sim_open_with(*state, sim_finish(&to), sim_words(*state, n, "x", 0),
                                    &(qst_compile_opts){.layout = QST_LAYOUT_SMALL});
        const qst_program *program = of.program;
        assert_int_equal(program->n_start, n);
        assert_int_equal(reading_passes(program, QSTI_PASS_TABLE), n_layers);
        assert_int_equal(reading_passes(program, QSTI_PASS_TILE), (n_layers - 1) * 3);
        assert_int_equal(program->n_passes, n_layers + (n_layers - 1) * 3);
        for (size_t g = n; g < program->n_gates; g++)
            assert_int_equal(program->gates[g].form, QSTI_FORM_Y);
        assert_false(program->real);
        sim_close(&of);
    }
}

/* Tiles are balanced: a layer of four gates is two and two. */
static void balanced_tiles(void **state)
{
    const size_t sizes[][4] = {{4, 2, 2}, {5, 3, 2}, {7, 3, 2, 2}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i][0], total = 0;
        sim_builder to = sim_begin(*state, n, n, 0, QST_PREPARE_AMPLITUDE);
        for (size_t q = 0; q < n; q++)
            sim_add_fixed(&to, QST_GATE_rx, &q, (double[]){0.25});
        sim_case of = sim_open_with(*state, sim_finish(&to), sim_words(*state, n, "z", 0),
                                    &(qst_compile_opts){.layout = QST_LAYOUT_SMALL});
        for (size_t p = 0; p < of.program->n_passes; p++) {
            assert_in_range(of.program->passes[p].count, 2, 3);
            total += of.program->passes[p].count;
        }
        assert_int_equal(total, n);
        assert_int_equal(of.program->n_passes, (n + 2) / 3);
        sim_close(&of);
    }
}

/* Runs by sample get a table from QSTI_LANE_TABLE_ROTATIONS on. */
static void tables_by_lane(void **state)
{
    for (size_t n = QSTI_LANE_TABLE_ROTATIONS - 1; n <= QSTI_LANE_TABLE_ROTATIONS; n++) {
        sim_builder to = sim_begin(*state, n + 1, n, 0, QST_PREPARE_ZERO);
        for (size_t q = 0; q <= n; q++)
            sim_add_fixed(&to, QST_GATE_h, &q, NULL);
        for (size_t q = 0; q < n; q++)
            sim_add(&to, QST_GATE_rzz, (size_t[]){q, q + 1}, &QST_ANGLE({1, QST_FEATURE((int32_t)q), QST_ONE}));
        sim_case of = sim_open_with(*state, sim_finish(&to), sim_words(*state, n + 1, "x", 0),
                                    &(qst_compile_opts){.layout = QST_LAYOUT_SMALL});
        bool table = n >= QSTI_LANE_TABLE_ROTATIONS;
        assert_int_equal(of.program->n_start, n + 1);
        assert_int_equal(reading_passes(of.program, QSTI_PASS_LANE_TABLE), table ? 1 : 0);
        assert_int_equal(reading_passes(of.program, QSTI_PASS_PHASE), table ? 0 : n);
        assert_int_equal(of.program->n_lane_tables, table);
        sim_close(&of);
    }
}

/* Tables take no more than QSTI_TABLE_BYTES in all; what is left over is applied one by one, as it is beyond
 * QSTI_TABLE_MAX_QUBITS. */
static void tables_are_bounded(void **state)
{
    const size_t most = QSTI_TABLE_BYTES / (2 * sizeof(double) << QSTI_TABLE_MAX_QUBITS), n_layers = most + 3;
    for (size_t more = 0; more < 2; more++) {
        size_t n = QSTI_TABLE_MAX_QUBITS + more;
        sim_builder to = sim_begin(*state, n, 0, 2, QST_PREPARE_ZERO);
        for (size_t layer = 0; layer < n_layers; layer++) {
            size_t a = layer % n, b = (layer + 1) % n, c = (layer + 2) % n;
            sim_add(&to, QST_GATE_ry, &a, &QST_ANGLE({1, QST_WEIGHT(0), QST_ONE}));
            sim_add(&to, QST_GATE_ry, &b, &QST_ANGLE({1, QST_WEIGHT(0), QST_ONE}));
            sim_add(&to, QST_GATE_rzz, (size_t[]){a, b}, &QST_ANGLE({1, QST_WEIGHT(1), QST_ONE}));
            sim_add(&to, QST_GATE_rzz, (size_t[]){b, c}, &QST_ANGLE({0.5, QST_WEIGHT(1), QST_ONE}));
        }
        sim_case of = sim_open_with(*state, sim_finish(&to), sim_words(*state, n, "x", 0),
                                    &(qst_compile_opts){.layout = QST_LAYOUT_SMALL});
        assert_int_equal(of.program->n_tables, more ? 0 : most);
        assert_true(reading_passes(of.program, QSTI_PASS_PHASE) >= (more ? 2 * n_layers - 2 : 1));
        sim_close(&of);
    }
}

/* Kept states fill QSTI_KEPT_BYTES and no more; none without KEEP. */
static void kept_states(void **state)
{
    for (size_t n = 2; n <= 13; n++) {
        sim_case of = training_case(*state, n, 6);
        const qst_program *program = of.program;
        size_t fit = QSTI_KEPT_BYTES / (program->dim * program->kernels->amplitude_bytes);
        assert_int_equal(program->n_kept, fit < program->n_passes ? fit : program->n_passes);
        sim_recompile(&of, &(qst_compile_opts){.layout = QST_LAYOUT_SMALL, .optimize_off = QST_OPTIMIZE_KEEP});
        assert_int_equal(of.program->n_kept, 0);
        sim_close(&of);
    }
}

static void switched_off(void **state)
{
    sim_case of = training_case(*state, 6, 3);
    sim_recompile(&of, &(qst_compile_opts){.layout = QST_LAYOUT_SMALL, .optimize_off = QST_OPTIMIZE_TILE});
    assert_int_equal(of.program->n_passes, of.program->n_gates - of.program->n_start);
    sim_recompile(&of, &(qst_compile_opts){.layout = QST_LAYOUT_SMALL, .optimize_off = QST_OPTIMIZE_START});
    assert_int_equal(of.program->n_start, 0);
    assert_int_equal(of.program->n_passes, 6);
    sim_recompile(&of, &(qst_compile_opts){.layout = QST_LAYOUT_SMALL, .optimize_off = QST_OPTIMIZE_FRAME});
    for (size_t q = 0; q < 6; q++)
        assert_int_equal(of.program->frame.row[q], 1U << q);
    sim_close(&of);
    of = template_case(*state, 5, "angle_x", &(qst_ansatz_opts){.name = "two_local"}, "x");
    assert_true(of.program->n_tables > 0);
    sim_recompile(&of, &(qst_compile_opts){.layout = QST_LAYOUT_SMALL, .optimize_off = QST_OPTIMIZE_MERGE});
    assert_int_equal(of.program->n_tables, 0);
    assert_true(reading_passes(of.program, QSTI_PASS_PHASE) > 0);
    sim_close(&of);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_gate_on_every_qubits, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(random_circuits, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(long_circuits, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(templates, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(training_passes, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(cz_layers, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(balanced_tiles, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(tables_by_lane, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(tables_are_bounded, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(kept_states, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(switched_off, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

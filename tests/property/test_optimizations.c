/* test_optimizations.c: what the compiler may do changes no number: each optimisation off alone, and all of them, gives
 * the values, gradients and states of the reference, and of each other. */
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

static const unsigned switches[] = {
    QST_OPTIMIZE_ALL,
#define QST_OPTIMIZATION(name, bit, about) QST_OPTIMIZE_##name,
#include <qstill/optimizations.def>
#undef QST_OPTIMIZATION
    QST_OPTIMIZE_FUSE | QST_OPTIMIZE_START,
    QST_OPTIMIZE_FRAME | QST_OPTIMIZE_CONE,
    QST_OPTIMIZE_MERGE | QST_OPTIMIZE_KEEP,
};
#define N_SWITCHES (sizeof switches / sizeof *switches)

/* One case under all switches: values against the reference, the rest against the program with everything on. */
static void check_case(sim_case *of, uint64_t seed, size_t n_rows, qst_precision precision)
{
    double tolerance = precision == QST_SINGLE ? 2e-4 : 2e-12;
    double bound = 1 + sim_readout_bound(seed % SIM_READOUTS);
    sim_run on = sim_draw(of, seed, n_rows);
    double *expected = sim_allocate(n_rows * of->n_outputs, sizeof *expected);
    sim_vjp(of, &on);
    sim_reference_values(of, &on, expected);
    sim_assert_within(sim_distance(on.values, expected, n_rows * of->n_outputs), bound * tolerance, "seed %llu, all on",
                      (unsigned long long)seed);
    for (size_t i = 0; i < N_SWITCHES; i++) {
        sim_run off = sim_draw(of, seed, n_rows);
        sim_recompile(
            of, &(qst_compile_opts){.precision = precision, .layout = QST_LAYOUT_SMALL, .optimize_off = switches[i]});
        sim_vjp(of, &off);
        sim_assert_within(sim_distance(off.values, expected, n_rows * of->n_outputs), bound * tolerance,
                          "values, seed %llu, off %#x", (unsigned long long)seed, switches[i]);
        sim_assert_within(sim_relative_distance(off.out_weights, on.out_weights, of->n_weights), 50 * bound * tolerance,
                          "weights, seed %llu, off %#x", (unsigned long long)seed, switches[i]);
        sim_assert_within(sim_relative_distance(off.out_x, on.out_x, n_rows * of->n_features), 50 * bound * tolerance,
                          "features, seed %llu, off %#x", (unsigned long long)seed, switches[i]);
        sim_assert_within(sim_state_error(of, &off), precision == QST_SINGLE ? 1e-4 : 5e-13,
                          "state, seed %llu, off %#x", (unsigned long long)seed, switches[i]);
        sim_run_free(&off);
    }
    free(expected);
    sim_run_free(&on);
}

/* Gates of all kinds, preparations, outputs. */
static void random_circuits(void **state)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        size_t n = 1 + seed % 7;
        qst_precision precision = seed % 5 == 4 ? QST_SINGLE : QST_DOUBLE;
        qst_circuit *circuit = NULL;
        assert_ok(*state, ref_random_prepared_circuit(*state, seed, (qst_preparation)(seed / 2 % 3), n, n, 5,
                                                      10 + 8 * (seed % 9), &circuit));
        sim_case of = sim_open(*state, circuit, sim_readout(*state, seed % SIM_READOUTS, n, seed), precision);
        check_case(&of, seed, 1 + seed % 19, precision);
        sim_close(&of);
    }
}

/* What people train: every ansatz behind every encoding. */
static void templates(void **state)
{
    const char *ansatze[] = {"basic_entangler", "strongly_entangling", "real_amplitudes", "efficient_su2", "two_local"};
    const char *encodings[] = {"angle_x", "angle_y", "angle_z", "reupload", "iqp", "zz", "amplitude", "basis"};
    uint64_t seed = 0;
    for (size_t a = 0; a < sizeof ansatze / sizeof *ansatze; a++) {
        for (size_t e = 0; e < sizeof encodings / sizeof *encodings; e++, seed++) {
            size_t n = 2 + seed % 7;
            qst_circuit *circuit = NULL;
            qst_circuit_opts opts = {.qubits = n,
                                     .features = n,
                                     .encoding = {.name = encodings[e]},
                                     .ansatz = {.name = ansatze[a], .reps = 2}};
            assert_ok(*state, qst_circuit_template(*state, &opts, &circuit));
            sim_case of = sim_open(*state, circuit, sim_readout(*state, seed % SIM_READOUTS, n, seed), QST_DOUBLE);
            check_case(&of, seed, 3, QST_DOUBLE);
            sim_close(&of);
        }
    }
}

/* Outputs that see a part of the circuit only. */
static void light_cones(void **state)
{
    const char *words[] = {"IIIIIZ", "XIIIII", "IIYIII", "IZZIII", "0.5*ZIIIII-2*IIIIIX", "IIIIII"};
    for (uint64_t seed = 0; seed < 24; seed++) {
        qst_circuit *circuit = NULL;
        qst_circuit_opts opts = {.qubits = 6,
                                 .features = 6,
                                 .encoding = {.name = "angle_y"},
                                 .ansatz = {.name = seed % 2 ? "real_amplitudes" : "efficient_su2",
                                            .reps = 1 + seed % 3,
                                            .entanglement = seed % 4 < 2 ? "linear" : "pairwise"}};
        assert_ok(*state, qst_circuit_template(*state, &opts, &circuit));
        sim_case of = sim_open(*state, circuit, sim_words(*state, 6, words[seed % 6], 0), QST_DOUBLE);
        check_case(&of, seed, 5, QST_DOUBLE);
        sim_close(&of);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_circuits, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(templates, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(light_cones, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

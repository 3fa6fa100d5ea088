/* test_random_states.c: random circuits of all gates on 10 qubits, and on 12 to 14, against the reference: states and
 * every kind of output. Above 12 qubits the simulator has no tables of merged rotations. */
#include "property/sim_case.h"

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

static double reference_state_values(const sim_case *of, const ref_complex *psi, const double *values)
{
    double *expected = sim_allocate(of->n_outputs, sizeof *expected);
    ref_readout *readout = ref_describe_readout(of->readout);
    ref_readout_values(readout, psi, expected);
    double worst = sim_distance(values, expected, of->n_outputs);
    ref_readout_free(readout);
    free(expected);
    return worst;
}

/* One random circuit in both precisions; the reference runs once. */
static void check_circuit(qst_ctx *ctx, uint64_t seed, size_t n_qubits, size_t n_ops)
{
    static const double tolerance[2] = {1e-13, 1e-6};
    qst_preparation preparation = (qst_preparation)(seed % 3);
    size_t n_features = preparation == QST_PREPARE_AMPLITUDE ? ((size_t)1 << n_qubits) - seed % 5 : n_qubits;
    size_t dim = (size_t)1 << n_qubits;
    double complex *actual = sim_allocate(dim, sizeof *actual);
    ref_complex *expected = sim_allocate(dim, sizeof *expected);
    for (int precision = QST_DOUBLE; precision <= QST_SINGLE; precision++) {
        qst_circuit *circuit = NULL;
        assert_ok(ctx, ref_random_prepared_circuit(ctx, seed, preparation, n_qubits, n_features, 8, n_ops, &circuit));
        sim_case of =
            sim_open(ctx, circuit, sim_readout(ctx, seed % SIM_READOUTS, n_qubits, seed), (qst_precision)precision);
        sim_run run = sim_draw(&of, seed, 1);
        if (precision == QST_DOUBLE)
            ref_state(of.circuit, run.weights, run.x, expected);
        assert_ok(ctx, qst_program_state(of.program, run.weights, run.x, actual));
        sim_assert_within(sim_complex_distance(actual, expected, dim), tolerance[precision],
                          "state, seed %llu, %zu qubits, precision %d", (unsigned long long)seed, n_qubits, precision);
        sim_forward(&of, &run);
        sim_assert_within(reference_state_values(&of, expected, run.values),
                          sim_readout_bound(seed % SIM_READOUTS) * tolerance[precision],
                          "values, seed %llu, %zu qubits, precision %d", (unsigned long long)seed, n_qubits, precision);
        sim_run_free(&run);
        sim_close(&of);
    }
    free(actual);
    free(expected);
}

static void ten_qubits(void **state)
{
    for (uint64_t seed = 0; seed < 24; seed++)
        check_circuit(*state, seed, 10, 2 * QST_GATE_COUNT);
}

static void twelve_to_fourteen_qubits(void **state)
{
    for (uint64_t seed = 100; seed < 106; seed++)
        check_circuit(*state, seed, 12 + seed % 3, QST_GATE_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ten_qubits, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(twelve_to_fourteen_qubits, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

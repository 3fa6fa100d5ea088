/* test_cone.c: the light cone: what it drops, that no value changes, and that states and shots still have the whole. */
#include "program_reading.h"

#include "sim/cone.h"

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

/* Layers of RY, RZ and a chain of CZ; weights in the order of qubits from 0 within a layer of n_weights_wide qubits, so
 * that a wider register has the same circuit at its low end. */
static qst_circuit *chain_circuit(qst_ctx *ctx, size_t n, size_t n_layers, size_t widest)
{
    sim_builder to = sim_begin(ctx, n, 0, 2 * widest * n_layers, QST_PREPARE_ZERO);
    for (size_t layer = 0; layer < n_layers; layer++) {
        for (size_t q = 0; q < n; q++) {
            int32_t w = (int32_t)(2 * (widest * layer + q));
            sim_add(&to, QST_GATE_ry, &q, &QST_ANGLE({1, QST_WEIGHT(w), QST_ONE}));
            sim_add(&to, QST_GATE_rz, &q, &QST_ANGLE({1, QST_WEIGHT(w + 1), QST_ONE}));
        }
        for (size_t q = 0; q + 1 < n; q++)
            sim_add(&to, QST_GATE_cz, (size_t[]){q, q + 1}, NULL);
    }
    return sim_finish(&to);
}

static qst_readout *z_of(qst_ctx *ctx, size_t n, size_t qubit)
{
    qst_pauli z = {0, (uint32_t)1 << qubit};
    qst_readout *readout = NULL;
    assert_ok(ctx, qst_readout_paulis(ctx, n, &z, (double[]){1}, (size_t[]){0}, 1, 1, &readout));
    return readout;
}

static double first_value(const qst_program *program, const double *weights)
{
    double complex *state = sim_allocate(program->dim, sizeof *state);
    double complex *physical = sim_allocate(program->dim, sizeof *physical);
    double value = 0;
    assert_int_equal(program->n_outputs, 1);
    reading_of_passes(program, weights, NULL, state);
    reading_physical(program, state, physical);
    reading_values(program, physical, &value);
    free(state);
    free(physical);
    return value;
}

/* <Z_0> behind four layers on 24 qubits reaches qubits 0..3: the last layer of RZ and CZ commutes with it, each of the
 * other three takes one neighbour more. The value is that of the narrow circuit. */
static void chain_of_many_qubits(void **state)
{
    qst_ctx *ctx = *state;
    const size_t n = 24, n_layers = 4, narrow = 5;
    double weights[2 * 24 * 4];
    ref_rng rng = {5};
    ref_fill(&rng, -3, 3, weights, 2 * n * n_layers);
    sim_case of = sim_open(ctx, chain_circuit(ctx, n, n_layers, n), z_of(ctx, n, 0), QST_DOUBLE);
    const qst_program_info *info = qst_program_describe(of.program);
    assert_int_equal(info->n_qubits, n);
    assert_int_equal(info->n_qubits_simulated, n_layers);
    assert_int_equal(info->layout, QST_LAYOUT_SMALL);
    assert_int_equal(of.program->n_weights, 2 * n * n_layers);
    double value = first_value(of.program, weights), expected = 0;
    qst_circuit *few = chain_circuit(ctx, narrow, n_layers, n);
    qst_readout *z = z_of(ctx, narrow, 0);
    ref_values(few, z, weights, NULL, &expected);
    assert_close(value, expected, 1e-13);
    qst_circuit_free(few);
    qst_readout_free(z);
    sim_close(&of);
}

static void chain_from_the_middle(void **state)
{
    qst_ctx *ctx = *state;
    const size_t n = 9;
    for (size_t qubit = 0; qubit < n; qubit++) {
        double weights[2 * 9 * 3], expected = 0;
        ref_rng rng = {qubit};
        ref_fill(&rng, -3, 3, weights, 2 * n * 3);
        sim_case of = sim_open(ctx, chain_circuit(ctx, n, 3, n), z_of(ctx, n, qubit), QST_DOUBLE);
        size_t low = qubit > 2 ? qubit - 2 : 0, high = qubit + 2 < n ? qubit + 2 : n - 1;
        assert_int_equal(of.program->n_qubits, high - low + 1);
        ref_values(of.circuit, of.readout, weights, NULL, &expected);
        assert_close(first_value(of.program, weights), expected, 1e-13);
        sim_close(&of);
    }
}

/* --- rules, one by one -------------------------------------------------------------------------------------------- */

static void expect(qst_ctx *ctx, sim_builder *to, size_t n, const char *pauli, unsigned off, size_t n_steps,
                   size_t n_qubits)
{
    qst_circuit *circuit = sim_finish(to);
    qst_readout *readout = sim_words(ctx, n, pauli, 2);
    qsti_cone cone = {0};
    size_t n_acting = 0;
    assert_ok(ctx, qsti_cone_find(ctx, circuit, readout, NULL, off, &cone));
    for (size_t s = 0; s < cone.n_steps; s++) {
        size_t n_all = 0;
        const qsti_step *steps = qsti_gate_steps((qst_gate)circuit->operations[cone.steps[s].operation].gate, &n_all);
        n_acting += steps[cone.steps[s].step].kind != QSTI_STEP_PHASE;
        for (size_t k = 0; k < QST_MAX_GATE_QUBITS; k++)
            assert_true(cone.steps[s].qubits[k] < n_qubits);
        if (s > 0)
            assert_true(cone.steps[s - 1].operation < cone.steps[s].operation ||
                        (cone.steps[s - 1].operation == cone.steps[s].operation &&
                         cone.steps[s - 1].step < cone.steps[s].step));
    }
    assert_int_equal(n_acting, n_steps);
    assert_int_equal(cone.n_qubits, n_qubits);
    qsti_cone_clear(ctx, &cone);
    qst_circuit_free(circuit);
    qst_readout_free(readout);
}

typedef struct gate_at {
    qst_gate gate;
    size_t qubits[2];
} gate_at;

static sim_builder gates(qst_ctx *ctx, size_t n, qst_preparation preparation, size_t n_gates, const gate_at *list)
{
    sim_builder to = sim_begin(ctx, n, preparation == QST_PREPARE_ZERO ? 0 : n, 0, preparation);
    for (size_t i = 0; i < n_gates; i++)
        sim_add_fixed(&to, list[i].gate, list[i].qubits, (double[]){0.5});
    return to;
}

#define EXPECT(pauli, preparation, off, n_steps, n_qubits, ...)                                 \
    do {                                                                                        \
        const gate_at list_[] = {__VA_ARGS__};                                                  \
        sim_builder to_ = gates(*state, 3, (preparation), sizeof list_ / sizeof *list_, list_); \
        expect(*state, &to_, 3, (pauli), (off), (n_steps), (n_qubits));                         \
    } while (0)
#define G(name, ...) ((gate_at){QST_GATE_##name, {__VA_ARGS__}})

static void rules(void **state)
{
    const qst_preparation zero = QST_PREPARE_ZERO;
    /* Behind the last gate that matters. */
    EXPECT("IIZ", zero, 0, 0, 1, G(rz, 0));
    EXPECT("IIX", zero, 0, 1, 1, G(rz, 0));
    EXPECT("IIX", zero, 0, 0, 1, G(rx, 0));
    EXPECT("IIY", zero, 0, 0, 1, G(ry, 0));
    EXPECT("IIZ", zero, 0, 1, 1, G(ry, 0), G(rz, 0), G(rx, 1));
    EXPECT("IZZ", zero, 0, 0, 2, G(cz, 0, 1), G(rzz, 0, 1));
    EXPECT("IZX", zero, 0, 3, 2, G(cz, 0, 1));
    EXPECT("IIX", zero, 0, 1, 2, G(rzz, 0, 1));
    EXPECT("IXX", zero, 0, 0, 2, G(rxx, 0, 1));
    /* CX takes Z from target to control, X from control to target; and commutes with Z on its control, X on its target.
     */
    EXPECT("IIZ", zero, 0, 0, 1, G(cx, 0, 1));
    EXPECT("IIX", zero, 0, 1, 2, G(cx, 0, 1));
    EXPECT("IZI", zero, 0, 1, 2, G(cx, 0, 1));
    EXPECT("IXI", zero, 0, 0, 1, G(cx, 0, 1));
    EXPECT("IZI", zero, 0, 2, 2, G(ry, 0), G(rz, 0), G(cx, 0, 1));
    EXPECT("IIZ", zero, 0, 1, 1, G(ry, 1), G(ry, 0), G(cx, 0, 1));
    EXPECT("IIX", zero, 0, 0, 1, G(x, 0), G(x, 1));
    EXPECT("IIZ", zero, 0, 1, 1, G(x, 0), G(x, 1));
    /* SWAP renames. */
    EXPECT("IIZ", zero, 0, 1, 1, G(rx, 0), G(rx, 1), G(swap, 0, 1));
    EXPECT("ZIZ", zero, 0, 2, 2, G(rx, 0), G(rx, 1), G(swap, 0, 1), G(rx, 2));
    EXPECT("IIZ", QST_PREPARE_BASIS, 0, 2, 3, G(rx, 0), G(rx, 1), G(swap, 0, 1));
    /* Other preparations keep their qubits; CONE off keeps all. */
    EXPECT("IIZ", QST_PREPARE_AMPLITUDE, 0, 1, 3, G(rx, 0), G(rx, 1), G(rz, 0));
    EXPECT("IIZ", zero, QST_OPTIMIZE_CONE, 4, 3, G(rx, 0), G(rx, 1), G(swap, 0, 1), G(rz, 0));
    /* Probabilities are Zs. */
    EXPECT("probabilities", zero, 0, 1, 3, G(rx, 0), G(rz, 0), G(cz, 1, 2));
    EXPECT("parity", zero, 0, 2, 3, G(rx, 0), G(cx, 0, 1), G(rz, 1));
    /* Nothing is read: one qubit is left. */
    EXPECT("III", zero, 0, 0, 1, G(rx, 0), G(rx, 1));
}

/* --- random circuits ---------------------------------------------------------------------------------------------- */

/* Shallow circuits, one or two Paulis of one or two letters: values are the reference's, states come from the whole
 * program, and dropped or not is seen in it. */
static void sparse_readouts(void **state)
{
    qst_ctx *ctx = *state;
    size_t n_reduced = 0, n_narrow = 0;
    for (uint64_t seed = 0; seed < 400; seed++) {
        size_t n = 2 + seed % 7, n_terms = 1 + seed % 2;
        ref_rng rng = {seed};
        qst_pauli paulis[2] = {{0, 0}, {0, 0}};
        qst_preparation preparation = seed % 4 ? QST_PREPARE_ZERO : (qst_preparation)(1 + seed / 4 % 2);
        qst_circuit *circuit = NULL;
        qst_readout *readout = NULL;
        assert_ok(ctx, ref_random_prepared_circuit(ctx, seed, preparation, n, n, 4, 1 + seed % 23, &circuit));
        for (size_t i = 0; i < n_terms; i++) {
            paulis[i].x = (uint32_t)(1U << ref_below(&rng, n)) * (uint32_t)ref_below(&rng, 2);
            paulis[i].z = (uint32_t)1 << ref_below(&rng, n);
        }
        assert_ok(ctx, qst_readout_paulis(ctx, n, paulis, (double[]){1, -0.5}, (size_t[]){0, 0}, n_terms, 1, &readout));
        sim_case of = sim_open(ctx, circuit, readout, QST_DOUBLE);
        sim_run run = sim_draw(&of, seed, 1);
        qst_program *whole = NULL, *again = NULL;
        double complex *logical = sim_allocate((size_t)1 << n, sizeof *logical);
        double complex *physical = sim_allocate((size_t)1 << n, sizeof *physical);
        double complex *expected = sim_allocate((size_t)1 << n, sizeof *expected);
        double value = 0, wanted = 0;
        reading_check_items(of.program);
        reading_check_passes(of.program);
        reading_of_passes(of.program, run.weights, run.x, logical);
        reading_physical(of.program, logical, physical);
        reading_values(of.program, physical, &value);
        ref_values(circuit, readout, run.weights, run.x, &wanted);
        assert_close(value, wanted, 1e-12);
        assert_ok(ctx, qsti_program_whole(of.program, &whole));
        assert_ok(ctx, qsti_program_whole(of.program, &again));
        assert_ptr_equal(whole, again);
        reading_of_passes(whole, run.weights, run.x, logical);
        ref_state(circuit, run.weights, run.x, expected);
        sim_assert_within(sim_complex_distance(logical, expected, (size_t)1 << n), 1e-12, "seed %llu",
                          (unsigned long long)seed);
        n_reduced += whole != of.program;
        n_narrow += of.program->n_qubits < n;
        if (preparation != QST_PREPARE_ZERO)
            assert_int_equal(of.program->n_qubits, n);
        free(logical);
        free(physical);
        free(expected);
        sim_run_free(&run);
        sim_close(&of);
    }
    assert_true(n_reduced > 200 && n_narrow > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(chain_of_many_qubits, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(chain_from_the_middle, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(rules, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(sparse_readouts, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

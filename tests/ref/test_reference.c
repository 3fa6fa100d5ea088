/* test_reference.c: the reference simulator against values worked out by hand. */
#include "ref/ref.h"
#include "support/support.h"

static const double pi = 3.14159265358979323846;

/* M M^dagger = 1 for every gate of the table, and the reference knows them all. */
static void every_gate_is_unitary(void **state)
{
    (void)state;
    ref_rng rng = {1};
    for (int gate = 0; gate < QST_GATE_COUNT; gate++) {
        const qst_gate_info *info = qst_gate_describe((qst_gate)gate);
        ref_complex m[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
        double angles[QST_MAX_GATE_ANGLES];
        ref_fill(&rng, -7, 7, angles, QST_MAX_GATE_ANGLES);
        assert_int_equal(ref_gate_matrix(info->name, angles, m), info->n_qubits);
        size_t dim = (size_t)1 << info->n_qubits;
        for (size_t row = 0; row < dim; row++) {
            for (size_t column = 0; column < dim; column++) {
                ref_complex sum = 0;
                for (size_t k = 0; k < dim; k++)
                    sum += m[row * dim + k] * conj(m[column * dim + k]);
                assert_close(cabs(sum - (row == column ? 1 : 0)), 0, 1e-15);
            }
        }
    }
}

static void unknown_gate_is_unknown(void **state)
{
    (void)state;
    ref_complex m[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
    assert_int_equal(ref_gate_matrix("CX", NULL, m), -1);
}

/* h on qubit 2, then cx from 2 to 0, of three: (|000> + |101>)/sqrt(2), index 5 = 101 in binary. */
static void bell_pair_of_outer_qubits(void **state)
{
    (void)state;
    ref_operation operations[] = {{.gate = "h", .qubits = {2}}, {.gate = "cx", .qubits = {2, 0}}};
    ref_circuit circuit = {.n_qubits = 3, .operations = operations, .n_operations = 2};
    ref_complex psi[8];
    ref_circuit_state(&circuit, NULL, NULL, psi);
    for (size_t i = 0; i < 8; i++)
        assert_close(cabs(psi[i] - (i == 0 || i == 5 ? sqrt(0.5) : 0)), 0, 1e-15);
    assert_close(ref_expectation(psi, 3, "ZIZ"), 1, 1e-15);
    assert_close(ref_expectation(psi, 3, "XIX"), 1, 1e-15);
    assert_close(ref_expectation(psi, 3, "YIY"), -1, 1e-15);
    assert_close(ref_expectation(psi, 3, "IIZ"), 0, 1e-15);
    assert_close(ref_expectation(psi, 3, "IZI"), 1, 1e-15);
}

/* <Z> after RX(w0 x0 + 2): cos of it; the angle is a polynomial. */
static void angle_is_a_polynomial(void **state)
{
    (void)state;
    ref_term terms[] = {{1, {REF_WEIGHT, REF_FEATURE}, {1, 0}}, {2, {REF_ONE, REF_ONE}, {0, 0}}};
    ref_operation operations[] = {{.gate = "rx", .qubits = {0}, .angles = {{terms, 2}}, .n_angles = 1}};
    ref_circuit circuit = {.n_qubits = 1, .n_features = 1, .n_weights = 2, .operations = operations, .n_operations = 1};
    double weights[] = {99, 0.7}, x[] = {-1.3};
    ref_complex psi[2];
    ref_circuit_state(&circuit, weights, x, psi);
    assert_close(ref_expectation(psi, 1, "Z"), cos(0.7 * -1.3 + 2), 1e-15);
}

static void preparations(void **state)
{
    (void)state;
    ref_circuit circuit = {.n_qubits = 2, .n_features = 2, .preparation = REF_AMPLITUDE};
    ref_complex psi[4];
    ref_circuit_state(&circuit, NULL, (double[]){3, -4}, psi);
    assert_close(creal(psi[0]), 0.6, 1e-15);
    assert_close(creal(psi[1]), -0.8, 1e-15);
    assert_close(cabs(psi[2]) + cabs(psi[3]), 0, 0);
    circuit.preparation = REF_BASIS;
    ref_circuit_state(&circuit, NULL, (double[]){0, 1}, psi);
    assert_close(creal(psi[2]), 1, 0);
}

static void readouts(void **state)
{
    (void)state;
    ref_complex psi[4] = {sqrt(0.1), sqrt(0.2) * I, -sqrt(0.3), sqrt(0.4)};
    ref_readout readout = {.kind = REF_PROBABILITIES, .n_qubits = 2, .n_outputs = 4};
    double out[4];
    ref_readout_values(&readout, psi, out);
    assert_close(out[2], 0.3, 1e-15);
    readout = (ref_readout){.kind = REF_GROUPED, .n_qubits = 2, .n_outputs = 3};
    ref_readout_values(&readout, psi, out);
    assert_close(out[0], 0.5, 1e-15);
    readout = (ref_readout){.kind = REF_PARITY, .n_qubits = 2, .n_outputs = 2};
    ref_readout_values(&readout, psi, out);
    assert_close(out[1], 0.5, 1e-15);
    ref_readout_term terms[] = {{0, 0.5, "IZ"}, {1, 2, "ZI"}, {0, -1, "ZZ"}};
    readout = (ref_readout){.kind = REF_EXPECTATIONS, .n_qubits = 2, .n_outputs = 2, .n_terms = 3, .terms = terms};
    ref_readout_values(&readout, psi, out);
    assert_close(out[0], 0.5 * (0.1 - 0.2 + 0.3 - 0.4) - (0.1 - 0.2 - 0.3 + 0.4), 1e-15);
    assert_close(out[1], 2 * (0.1 + 0.2 - 0.3 - 0.4), 1e-15);
}

static double product_of_sines(void *user, const double *point)
{
    (void)user;
    return sin(point[0]) * cos(2 * point[1]);
}

static void gradient_of_a_known_function(void **state)
{
    (void)state;
    double point[] = {0.4, 1.1}, gradient[2];
    ref_gradient(product_of_sines, NULL, point, 2, gradient);
    assert_close(gradient[0], cos(0.4) * cos(2.2), 1e-12);
    assert_close(gradient[1], -2 * sin(0.4) * sin(2.2), 1e-11);
    assert_close(point[1], 1.1, 0);
}

/* d<Z>/dw and d<Z>/dx of RX(w x), summed over two samples. */
static void vjp_of_one_rotation(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_circuit_builder *builder = NULL;
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    size_t weight;
    assert_ok(ctx, qst_circuit_begin(ctx, 1, 1, QST_PREPARE_ZERO, &builder));
    assert_ok(ctx, qst_circuit_add_weights(builder, 1, QST_WEIGHT_ANGLE, &weight));
    assert_ok(
        ctx, qst_circuit_add(builder, QST_GATE_rx, (size_t[]){0}, &QST_ANGLE({1, QST_WEIGHT(weight), QST_FEATURE(0)})));
    assert_ok(ctx, qst_circuit_finish(builder, &circuit));
    assert_ok(ctx, qst_readout_parse(ctx, 1, (const char *[]){"z"}, 1, 0, &readout));

    double w = 0.8, x[] = {0.5, -1.5}, cotangent[] = {1, 3}, out_w, out_x[2];
    ref_vjp(circuit, readout, &w, (qst_const_matrix){x, 2, 1}, (qst_const_matrix){cotangent, 2, 1}, &out_w, out_x);
    assert_close(out_w, -0.5 * sin(0.4) + 3 * 1.5 * sin(-1.2), 1e-11);
    assert_close(out_x[0], -0.8 * sin(0.4), 1e-11);
    assert_close(out_x[1], -3 * 0.8 * sin(-1.2), 1e-11);
    qst_readout_free(readout);
    qst_circuit_free(circuit);
    qst_ctx_free(ctx);
}

/* Every gate that fits occurs, with products of weights and features among the angles; a seed gives one circuit. */
static void random_circuits_hold_every_gate(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_circuit *circuit = NULL, *again = NULL;
    assert_ok(ctx, ref_random_circuit(ctx, 7, 5, 3, 4, QST_GATE_COUNT, &circuit));
    assert_ok(ctx, ref_random_circuit(ctx, 7, 5, 3, 4, QST_GATE_COUNT, &again));
    ref_circuit *description = ref_describe(circuit);
    bool seen[QST_GATE_COUNT] = {false}, mixed = false;
    for (size_t i = 0; i < description->n_operations; i++) {
        qst_gate gate;
        assert_true(qst_gate_find(description->operations[i].gate, &gate));
        seen[gate] = true;
        for (size_t k = 0; k < description->operations[i].n_angles; k++) {
            ref_angle angle = description->operations[i].angles[k];
            for (size_t t = 0; t < angle.n_terms; t++)
                mixed = mixed || (angle.terms[t].kind[0] + angle.terms[t].kind[1] == REF_WEIGHT + REF_FEATURE &&
                                  angle.terms[t].kind[0] != REF_ONE && angle.terms[t].kind[1] != REF_ONE);
        }
    }
    for (int gate = 0; gate < QST_GATE_COUNT; gate++)
        assert_true(seen[gate]);
    assert_true(mixed);
    double weights[] = {0.1, 0.2, 0.3, 0.4}, x[] = {pi, 1, -1};
    ref_complex psi[32], psi_again[32];
    ref_state(circuit, weights, x, psi);
    ref_state(again, weights, x, psi_again);
    assert_memory_equal(psi, psi_again, sizeof psi);
    double norm = 0;
    for (size_t i = 0; i < 32; i++)
        norm += creal(psi[i] * conj(psi[i]));
    assert_close(norm, 1, 1e-13);
    ref_circuit_free(description);
    qst_circuit_free(circuit);
    qst_circuit_free(again);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_gate_is_unitary),
        cmocka_unit_test(unknown_gate_is_unknown),
        cmocka_unit_test(bell_pair_of_outer_qubits),
        cmocka_unit_test(angle_is_a_polynomial),
        cmocka_unit_test(preparations),
        cmocka_unit_test(readouts),
        cmocka_unit_test(gradient_of_a_known_function),
        cmocka_unit_test(vjp_of_one_rotation),
        cmocka_unit_test(random_circuits_hold_every_gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

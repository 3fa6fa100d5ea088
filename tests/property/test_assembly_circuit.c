/* test_assembly_circuit.c: circuits as assemblies and back, expansions: the same states; what is no circuit is refused.
 */
#include "circuit/circuit.h"
#include "ref/ref.h"
#include "support/assembly_text.h"
#include "support/support.h"

#define MAX_STATES 32

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

/* Every gate once, angles a polynomial of weights and features; preparations of 3 features on 5 qubits. */
static qst_circuit *big_circuit(qst_ctx *ctx, qst_preparation preparation)
{
    qst_circuit_builder *builder = NULL;
    qst_circuit *circuit = NULL;
    size_t first;
    assert_ok(ctx, qst_circuit_begin(ctx, 5, 3, preparation, &builder));
    assert_ok(ctx, qst_circuit_add_weights(builder, 4, QST_WEIGHT_ANGLE, &first));
    for (size_t q = 0; q < 5; q++)
        assert_ok(ctx, qst_circuit_add(builder, QST_GATE_h, &q, NULL));
    for (int gate = 0; gate < QST_GATE_COUNT; gate++) {
        size_t qubits[5];
        for (size_t i = 0; i < 5; i++)
            qubits[i] = (i * 2 + (size_t)gate) % 5;
        qst_angle angles[] = {QST_ANGLE({0.7, QST_WEIGHT(0), QST_FEATURE(2)}, {0.25, QST_ONE, QST_ONE}),
                              QST_ANGLE({1, QST_WEIGHT(1), QST_ONE}, {-1, QST_FEATURE(0), QST_ONE}),
                              {NULL, 0},
                              QST_ANGLE({1, QST_WEIGHT(3), QST_WEIGHT(3)})};
        assert_ok(ctx, qst_circuit_add(builder, (qst_gate)gate, qubits, angles));
    }
    assert_ok(ctx, qst_circuit_finish(builder, &circuit));
    return circuit;
}

static const double weights[] = {0.4, -1.2, 0.9, 2.5}, features[] = {1, 0, 1};
static const double x[] = {0.6, -1.5, 0.3};

static double distance(const ref_complex *a, const ref_complex *b)
{
    double most = 0;
    for (size_t i = 0; i < MAX_STATES; i++)
        most = fmax(most, cabs(a[i] - b[i]));
    return most;
}

static void circuits_survive_the_way_there_and_back(void **state)
{
    qst_ctx *ctx = *state;
    qst_circuit *circuit = big_circuit(ctx, QST_PREPARE_ZERO), *back = NULL;
    qst_assembly *assembly = NULL;
    qst_parameter_role roles[7] = {{false, 0}, {false, 1}, {false, 2}, {false, 3}, {true, 0}, {true, 1}, {true, 2}};
    assert_ok(ctx, qst_circuit_assembly(circuit, &(qst_assembly_opts){.measure = true}, &assembly));
    assert_int_equal(qst_assembly_parameters(assembly), 7);
    assert_string_equal(qst_assembly_parameter(assembly, 3), "weights_3");
    assert_string_equal(qst_assembly_parameter(assembly, 4), "features_0");
    assert_ok(ctx, qst_assembly_circuit(assembly, roles, &back));
    ref_complex wanted[MAX_STATES], got[MAX_STATES];
    ref_state(circuit, weights, x, wanted);
    ref_state(back, weights, x, got);
    assert_close(distance(wanted, got), 0, 0);
    assert_int_equal(qst_circuit_operations(circuit), qst_circuit_operations(back));
    qst_circuit_free(back);
    qst_assembly_free(assembly);
    qst_circuit_free(circuit);
}

static void bound_circuits_have_the_same_state(void **state)
{
    qst_ctx *ctx = *state;
    for (int preparation = QST_PREPARE_ZERO; preparation <= QST_PREPARE_BASIS; preparation++) {
        const double *point = preparation == QST_PREPARE_BASIS ? features : x;
        qst_circuit *circuit = big_circuit(ctx, (qst_preparation)preparation), *back = NULL;
        qst_assembly *assembly = NULL;
        ref_complex wanted[MAX_STATES], got[MAX_STATES];
        assert_ok(
            ctx, qst_circuit_assembly(circuit, &(qst_assembly_opts){.weights = weights, .features = point}, &assembly));
        assert_int_equal(qst_assembly_parameters(assembly), 0);
        assert_ok(ctx, qst_assembly_circuit(assembly, NULL, &back));
        ref_state(circuit, weights, point, wanted);
        ref_state(back, NULL, NULL, got);
        assert_close(distance(wanted, got), 0, 1e-14);
        qst_circuit_free(back);
        qst_assembly_free(assembly);
        qst_circuit_free(circuit);
    }
}

/* Every number of qubits and features; the tree has the size that qst_circuit_count() says. */
static void amplitudes_are_prepared(void **state)
{
    qst_ctx *ctx = *state;
    static const double values[MAX_STATES] = {0.3, -0.2, 0, 0, 1.5, -2, 0, 0.1, -0.7, 0, 0, 0, 0.9, 1, 2, -3, 1};
    for (size_t n = 1; n <= 5; n++) {
        for (size_t n_features = 1; n_features <= (size_t)1 << n; n_features++) {
            qst_circuit_builder *builder = NULL;
            qst_circuit *circuit = NULL, *back = NULL;
            qst_assembly *assembly = NULL;
            ref_complex wanted[MAX_STATES] = {0}, got[MAX_STATES] = {0};
            assert_ok(ctx, qst_circuit_begin(ctx, n, n_features, QST_PREPARE_AMPLITUDE, &builder));
            assert_ok(ctx, qst_circuit_finish(builder, &circuit));
            assert_ok(ctx, qst_circuit_assembly(circuit, &(qst_assembly_opts){.features = values}, &assembly));
            assert_ok(ctx, qst_assembly_circuit(assembly, NULL, &back));
            ref_state(circuit, NULL, values, wanted);
            ref_state(back, NULL, NULL, got);
            assert_close(distance(wanted, got), 0, 1e-15);
            qst_circuit_counts counts;
            qst_assembly_counts size;
            qst_circuit_count(circuit, &counts);
            assert_ok(ctx, qst_assembly_count(assembly, &size));
            assert_int_equal(size.gates, n == 1 ? 1 : counts.gates);
            assert_int_equal(size.two_qubit_gates, counts.two_qubit_gates);
            qst_assembly_counts_clear(assembly, &size);
            qst_circuit_free(back);
            qst_assembly_free(assembly);
            qst_circuit_free(circuit);
        }
    }
}

static void preparations_that_cannot_be_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    qst_circuit *circuit = big_circuit(ctx, QST_PREPARE_AMPLITUDE);
    assert_status(ctx, qst_circuit_assembly(circuit, NULL, &assembly), QST_ERR_UNSUPPORTED);
    assert_message(ctx, "amplitude preparation of free features");
    assert_status(ctx, qst_circuit_assembly(circuit, &(qst_assembly_opts){.features = (double[]){0, 0, 0}}, &assembly),
                  QST_ERR_INPUT);
    assert_message(ctx, "the features' norm is 0");
    qst_circuit_free(circuit);
    circuit = big_circuit(ctx, QST_PREPARE_BASIS);
    assert_status(ctx, qst_circuit_assembly(circuit, &(qst_assembly_opts){.features = x}, &assembly), QST_ERR_INPUT);
    assert_message(ctx, "feature 0 is 0.6, neither 0 nor 1");
    qst_circuit_free(circuit);
}

/* --- what is no circuit ------------------------------------------------------------------------------------------- */

static qst_assembly_builder *begin(qst_ctx *ctx)
{
    qst_assembly_builder *builder = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", 2));
    assert_ok(ctx, qst_assembly_add_bits(builder, "c", 2));
    assert_ok(ctx, add(builder, GATE(h, QUBITS(0))));
    return builder;
}

static void convert(qst_ctx *ctx, qst_assembly_builder *builder, qst_status expected, const char *message)
{
    qst_assembly *assembly = NULL;
    qst_circuit *circuit = NULL;
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    assert_status(ctx, qst_assembly_circuit(assembly, NULL, &circuit), expected);
    if (message)
        assert_message(ctx, message);
    qst_circuit_free(circuit);
    qst_assembly_free(assembly);
}

static void only_what_is_unitary_is_a_circuit(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_builder *builder = begin(ctx);
    assert_ok(ctx, add(builder, OTHER(MEASURE, QUBITS(0), .bit = 1)));
    assert_ok(ctx, add(builder, OTHER(BARRIER, QUBITS(0, 1))));
    assert_ok(ctx, add(builder, GATE(x, QUBITS(1))));
    assert_ok(ctx, add(builder, OTHER(MEASURE, QUBITS(1), .bit = 0)));
    convert(ctx, builder, QST_OK, NULL);

    builder = begin(ctx);
    assert_ok(ctx, add(builder, OTHER(MEASURE, QUBITS(0), .bit = 1)));
    assert_ok(ctx, add(builder, GATE(cx, QUBITS(1, 0))));
    convert(ctx, builder, QST_ERR_UNSUPPORTED, "instruction 1 (measure): a measurement in the middle");

    builder = begin(ctx);
    assert_ok(ctx, add(builder, OTHER(MEASURE, QUBITS(0), .bit = 1)));
    assert_ok(ctx, add(builder, OTHER(MEASURE, QUBITS(0), .bit = 0)));
    convert(ctx, builder, QST_ERR_UNSUPPORTED, "instruction 1 (measure): a measurement in the middle");

    builder = begin(ctx);
    assert_ok(ctx, add(builder, OTHER(RESET, QUBITS(0))));
    convert(ctx, builder, QST_ERR_UNSUPPORTED, "instruction 1 (reset)");

    builder = begin(ctx);
    assert_ok(ctx, add_when(builder, 0, 1, GATE(x, QUBITS(0))));
    convert(ctx, builder, QST_ERR_UNSUPPORTED, "instruction 1 (x): it depends on a measurement");

    builder = begin(ctx);
    assert_ok(ctx, qst_assembly_add_qubits(builder, "r", 29));
    convert(ctx, builder, QST_ERR_LIMIT, "qubits: 31 is not in 1..30");
}

/* --- expansions --------------------------------------------------------------------------------------------------- */

static void an_expansion_has_the_same_state(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_builder *builder = begin(ctx);
    qst_assembly *assembly = NULL, *flat = NULL, *bound = NULL;
    qst_circuit *circuits[3] = {NULL};
    ref_complex states[3][MAX_STATES] = {{0}};
    qst_definition g = {.name = "g",
                        .n_qubits = 1,
                        .n_angles = 1,
                        .qubit_names = (const char *const[]){"a"},
                        .angle_names = (const char *const[]){"t"}};
    assert_ok(ctx, qst_assembly_add_parameter(builder, "p"));
    assert_ok(ctx, qst_assembly_begin_definition(builder, &g));
    assert_ok(ctx, add(builder, GATE(sx, QUBITS(0))));
    assert_ok(ctx, add(builder, GATE(u, QUBITS(0),
                                     ANGLES(EXPRESSION(VARIABLE(0)), EXPRESSION(NUMBER(1)),
                                            EXPRESSION(VARIABLE(0), NUMBER(3), DO(DIVIDE))))));
    assert_ok(ctx, qst_assembly_end_definition(builder));
    assert_ok(ctx, add(builder, CALL(0, QUBITS(0, 1), .n_controls = 1, .inverse = true,
                                     ANGLES(EXPRESSION(VARIABLE(0), VARIABLE(0), DO(MULTIPLY))))));
    assert_ok(ctx, add(builder, OTHER(BARRIER, QUBITS(1))));
    assert_ok(ctx, add(builder, OTHER(MEASURE, QUBITS(1), .bit = 1)));
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    assert_ok(ctx, qst_assembly_expand(assembly, NULL, &flat));
    assert_ok(ctx, qst_assembly_expand(assembly, weights, &bound));
    assert_int_equal(qst_assembly_definitions(flat), 0);
    assert_int_equal(qst_assembly_parameters(flat), 1);
    assert_int_equal(qst_assembly_parameters(bound), 0);
    assert_int_equal(qst_assembly_bits(bound), 2);
    const qst_assembly *all[] = {assembly, flat, bound};
    for (int i = 0; i < 3; i++) {
        assert_ok(ctx, qst_assembly_circuit(all[i], NULL, &circuits[i]));
        ref_state(circuits[i], weights, NULL, states[i]);
        qst_circuit_free(circuits[i]);
    }
    assert_close(distance(states[0], states[1]), 0, 1e-15);
    assert_close(distance(states[0], states[2]), 0, 1e-15);
    qst_assembly_free(assembly);
    qst_assembly_free(flat);
    qst_assembly_free(bound);
}

static qst_status convert_small(qst_ctx *ctx, void *arg)
{
    (void)arg;
    qst_circuit_builder *builder = NULL;
    qst_circuit *circuit = NULL, *back = NULL;
    qst_assembly *assembly = NULL, *flat = NULL;
    qst_assembly_counts counts = {0};
    size_t first;
    qst_status status;
    QSTI_TRY(qst_circuit_begin(ctx, 2, 1, QST_PREPARE_AMPLITUDE, &builder));
    QSTI_TRY(qst_circuit_add_weights(builder, 1, QST_WEIGHT_ANGLE, &first));
    QSTI_TRY(qst_circuit_add(builder, QST_GATE_rx, (size_t[]){1}, &QST_ANGLE({2, QST_WEIGHT(0), QST_FEATURE(0)})));
    status = qst_circuit_finish(builder, &circuit);
    builder = NULL;
    if (status == QST_OK)
        status = qst_circuit_assembly(circuit, &(qst_assembly_opts){.features = x, .measure = true}, &assembly);
    if (status == QST_OK)
        status = qst_assembly_expand(assembly, NULL, &flat);
    if (status == QST_OK)
        status = qst_assembly_circuit(flat, NULL, &back);
    if (status == QST_OK)
        status = qst_assembly_count(flat, &counts);
    if (status == QST_OK)
        qst_assembly_counts_clear(flat, &counts);
done:
    qst_circuit_abandon(builder);
    qst_circuit_free(circuit);
    qst_circuit_free(back);
    qst_assembly_free(assembly);
    qst_assembly_free(flat);
    return status;
}

static void running_out_of_memory_is_survived(void **state)
{
    (void)state;
    support_fail_each_allocation(convert_small, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(circuits_survive_the_way_there_and_back),
        cmocka_unit_test(bound_circuits_have_the_same_state),
        cmocka_unit_test(amplitudes_are_prepared),
        cmocka_unit_test(preparations_that_cannot_be_are_refused),
        cmocka_unit_test(only_what_is_unitary_is_a_circuit),
        cmocka_unit_test(an_expansion_has_the_same_state),
        cmocka_unit_test(running_out_of_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}

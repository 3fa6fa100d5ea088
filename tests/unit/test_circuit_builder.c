/* test_circuit_builder.c: building circuits, and every way in which it is refused. */
#include "circuit/circuit.h"
#include "support/support.h"

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

static qst_circuit_builder *begin(qst_ctx *ctx, size_t n_qubits, size_t n_features, size_t n_weights)
{
    qst_circuit_builder *builder = NULL;
    size_t first;
    assert_ok(ctx, qst_circuit_begin(ctx, n_qubits, n_features, QST_PREPARE_ZERO, &builder));
    assert_ok(ctx, qst_circuit_add_weights(builder, n_weights, QST_WEIGHT_ANGLE, &first));
    return builder;
}

/* --- what works --------------------------------------------------------------------------------------------------- */

static void circuit_keeps_what_was_added(void **state)
{
    qst_ctx *ctx = *state;
    qst_circuit_builder *builder = begin(ctx, 6, 3, 2);
    qst_circuit *circuit = NULL;
    size_t first;
    assert_ok(ctx, qst_circuit_add_weights(builder, 3, QST_WEIGHT_SHIFT, &first));
    assert_int_equal(first, 2);
    assert_ok(ctx, qst_circuit_add(builder, QST_GATE_h, (size_t[]){5}, NULL));
    assert_ok(ctx, qst_circuit_add(builder, QST_GATE_cu3, (size_t[]){4, 1},
                                   (qst_angle[]){QST_ANGLE({0.5, QST_WEIGHT(4), QST_FEATURE(2)}),
                                                 {NULL, 0},
                                                 QST_ANGLE({1, QST_ONE, QST_FEATURE(0)}, {-2, QST_ONE, QST_ONE})}));
    assert_ok(ctx, qst_circuit_add(builder, QST_GATE_gphase, NULL, &QST_ANGLE({1, QST_WEIGHT(0), QST_WEIGHT(0)})));
    assert_ok(ctx, qst_circuit_finish(builder, &circuit));

    assert_int_equal(qst_circuit_qubits(circuit), 6);
    assert_int_equal(qst_circuit_features(circuit), 3);
    assert_int_equal(qst_circuit_weights(circuit), 5);
    assert_int_equal(qst_circuit_operations(circuit), 3);
    assert_int_equal(circuit->roles[1], QST_WEIGHT_ANGLE);
    assert_int_equal(circuit->roles[2], QST_WEIGHT_SHIFT);
    const qsti_operation *cu3 = &circuit->operations[1];
    assert_int_equal(cu3->gate, QST_GATE_cu3);
    assert_int_equal(cu3->qubits[0], 4);
    assert_int_equal(cu3->qubits[1], 1);
    assert_int_equal(cu3->angle[1].count, 0);
    assert_int_equal(cu3->angle[2].count, 2);
    const qst_term *term = &circuit->terms[cu3->angle[2].first];
    assert_int_equal(term->a, QST_FEATURE(0)); /* the constant comes second */
    assert_int_equal(term->b, QST_ONE);
    assert_close(term[1].coefficient, -2, 0);
    qst_circuit_free(circuit);
}

static void empty_circuit_is_a_circuit(void **state)
{
    qst_ctx *ctx = *state;
    qst_circuit *circuit = NULL;
    qst_circuit_builder *builder = begin(ctx, 30, 0, 0);
    assert_ok(ctx, qst_circuit_finish(builder, &circuit));
    assert_int_equal(qst_circuit_operations(circuit), 0);
    qst_circuit_free(circuit);
    qst_circuit_free(NULL);
    qst_circuit_abandon(NULL);
}

static void many_operations_survive_growth(void **state)
{
    qst_ctx *ctx = *state;
    qst_circuit *circuit = NULL;
    qst_circuit_builder *builder = begin(ctx, 2, 0, 5000);
    for (size_t i = 0; i < 5000; i++)
        assert_ok(ctx, qst_circuit_add(builder, QST_GATE_rx, (size_t[]){i % 2},
                                       &QST_ANGLE({(double)i, QST_WEIGHT(i), QST_ONE})));
    assert_ok(ctx, qst_circuit_finish(builder, &circuit));
    for (size_t i = 0; i < 5000; i++) {
        assert_int_equal(circuit->operations[i].qubits[0], i % 2);
        assert_close(circuit->terms[circuit->operations[i].angle[0].first].coefficient, (double)i, 0);
    }
    qst_circuit_free(circuit);
}

/* --- what does not ------------------------------------------------------------------------------------------------ */

static void wrong_beginnings_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    qst_circuit_builder *untouched = (qst_circuit_builder *)1, *builder = untouched;
    assert_status(ctx, qst_circuit_begin(ctx, 0, 0, QST_PREPARE_ZERO, &builder), QST_ERR_USAGE);
    assert_message(ctx, "qubits: 0 is not in 1..30");
    assert_status(ctx, qst_circuit_begin(ctx, 31, 0, QST_PREPARE_ZERO, &builder), QST_ERR_LIMIT);
    assert_message(ctx, "qubits: 31 is not in 1..30");
    assert_status(ctx, qst_circuit_begin(ctx, 2, SIZE_MAX, QST_PREPARE_ZERO, &builder), QST_ERR_LIMIT);
    assert_status(ctx, qst_circuit_begin(ctx, 3, 9, QST_PREPARE_AMPLITUDE, &builder), QST_ERR_USAGE);
    assert_message(ctx, "amplitude preparation of 9 features: 3 qubits hold 1..8");
    assert_status(ctx, qst_circuit_begin(ctx, 3, 0, QST_PREPARE_AMPLITUDE, &builder), QST_ERR_USAGE);
    assert_status(ctx, qst_circuit_begin(ctx, 3, 4, QST_PREPARE_BASIS, &builder), QST_ERR_USAGE);
    assert_message(ctx, "basis preparation of 4 features: 3 qubits hold 1..3");
    assert_status(ctx, qst_circuit_begin(ctx, 3, 4, (qst_preparation)3, &builder), QST_ERR_USAGE);
    assert_message(ctx, "preparation: 3");
    assert_ptr_equal(builder, untouched);
}

static void wrong_qubits_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    qst_circuit_builder *builder = begin(ctx, 6, 0, 0);
    assert_status(ctx, qst_circuit_add(builder, QST_GATE_cx, (size_t[]){0, 7}, NULL), QST_ERR_USAGE);
    assert_string_equal(qst_ctx_message(ctx), "qubit 7 in gate cx: the circuit has 6 qubits (0..5)");
    assert_status(ctx, qst_circuit_add(builder, QST_GATE_ccx, (size_t[]){0, 3, 0}, NULL), QST_ERR_USAGE);
    assert_string_equal(qst_ctx_message(ctx), "qubit 0 twice in gate ccx: its qubits must differ");
    assert_status(ctx, qst_circuit_add(builder, (qst_gate)QST_GATE_COUNT, (size_t[]){0}, NULL), QST_ERR_USAGE);
    assert_message(ctx, "gate 48: there are 48 gates (0..47)");
    assert_int_equal(qsti_circuit_growing(builder)->n_operations, 0);
    qst_circuit_abandon(builder);
}

static void wrong_angles_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    qst_circuit_builder *builder = begin(ctx, 2, 0, 3);
    size_t qubit = 1;
    assert_status(ctx, qst_circuit_add(builder, QST_GATE_rx, &qubit, &QST_ANGLE({1, QST_WEIGHT(5), QST_ONE})),
                  QST_ERR_USAGE);
    assert_string_equal(qst_ctx_message(ctx), "weight 5 in gate rx: the circuit has 3 weights (0..2)");
    assert_status(ctx, qst_circuit_add(builder, QST_GATE_rx, &qubit, &QST_ANGLE({1, QST_WEIGHT(0), QST_FEATURE(0)})),
                  QST_ERR_USAGE);
    assert_string_equal(qst_ctx_message(ctx), "feature 0 in gate rx: the circuit has no features");
    assert_status(ctx, qst_circuit_add(builder, QST_GATE_rx, &qubit, &QST_ANGLE({1, INT32_MIN, QST_ONE})),
                  QST_ERR_USAGE);
    assert_message(ctx, "feature 2147483647 in gate rx");
    assert_status(ctx, qst_circuit_add(builder, QST_GATE_rz, &qubit, &QST_ANGLE({NAN, QST_ONE, QST_ONE})),
                  QST_ERR_USAGE);
    assert_message(ctx, "angle 0 of gate rz: the coefficient");
    assert_message(ctx, "is not finite");
    assert_int_equal(qsti_circuit_growing(builder)->n_terms, 0);
    qst_circuit_abandon(builder);
}

static void wrong_weights_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    qst_circuit_builder *builder = begin(ctx, 2, 0, 3);
    size_t first = 77;
    assert_status(ctx, qst_circuit_add_weights(builder, 1, (qst_weight_role)9, &first), QST_ERR_USAGE);
    assert_message(ctx, "weight role: 9");
    assert_status(ctx, qst_circuit_add_weights(builder, SIZE_MAX, QST_WEIGHT_ANGLE, &first), QST_ERR_LIMIT);
    assert_int_equal(first, 77);
    qst_circuit_abandon(builder);
}

static void too_many_operations_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    qst_circuit_builder *builder = begin(ctx, 1, 0, 0);
    qst_circuit *growing = (qst_circuit *)qsti_circuit_growing(builder);
    growing->n_operations = 10000000; /* as if they were there */
    assert_status(ctx, qst_circuit_add(builder, QST_GATE_x, (size_t[]){0}, NULL), QST_ERR_LIMIT);
    assert_message(ctx, "a circuit holds at most 10000000 operations");
    growing->n_operations = 0;
    qst_circuit_abandon(builder);
}

/* --- out of memory ------------------------------------------------------------------------------------------------ */

/* Fails the call number `fail_at`, counted from 0. */
typedef struct failing {
    size_t calls, fail_at;
} failing;

static void *failing_allocate(void *user, size_t n_bytes)
{
    failing *f = user;
    return f->calls++ == f->fail_at ? NULL : malloc(n_bytes);
}

static void *failing_resize(void *user, void *pointer, size_t n_bytes)
{
    failing *f = user;
    return f->calls++ == f->fail_at ? NULL : realloc(pointer, n_bytes);
}

static void failing_release(void *user, void *pointer)
{
    (void)user;
    free(pointer);
}

static qst_status build_everything(qst_ctx *ctx, qst_circuit **circuit, qst_readout **readout)
{
    qst_circuit_opts opts = {.qubits = 5, .features = 7, .ansatz = {.name = "efficient_su2", .reps = 12}};
    const char *words[] = {"z", "zz", "0.5*XXXXX - ZIIIZ"};
    qst_status status = qst_circuit_template(ctx, &opts, circuit);
    return status == QST_OK ? qst_readout_parse(ctx, 5, words, 3, 0, readout) : status;
}

/* Every allocation fails once: a status, nothing leaks (with the sanitizer), results untouched. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    qst_status status = QST_ERR_MEMORY;
    size_t fail_at = 0;
    for (; status != QST_OK; fail_at++) {
        failing f = {0, fail_at};
        qst_allocator allocator = {failing_allocate, failing_resize, failing_release, &f};
        qst_ctx *ctx = NULL;
        status = qst_ctx_create(&(qst_ctx_opts){.allocator = &allocator, .n_threads = 1}, &ctx);
        if (status != QST_OK)
            continue;
        qst_circuit *circuit = NULL;
        qst_readout *readout = NULL;
        status = build_everything(ctx, &circuit, &readout);
        if (status != QST_OK) {
            assert_int_equal(status, QST_ERR_MEMORY);
            assert_null(readout);
            assert_message(ctx, "out of memory");
        }
        qst_circuit_free(circuit);
        qst_readout_free(readout);
        qst_ctx_free(ctx);
    }
    assert_true(fail_at > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(circuit_keeps_what_was_added, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(empty_circuit_is_a_circuit, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(many_operations_survive_growth, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(wrong_beginnings_are_refused, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(wrong_qubits_are_refused, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(wrong_angles_are_refused, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(wrong_weights_are_refused, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(too_many_operations_are_refused, open_ctx, close_ctx),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

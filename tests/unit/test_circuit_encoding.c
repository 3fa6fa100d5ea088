/* test_circuit_encoding.c: encodings and whole templates, written out for small cases. */
#include "circuit_text.h"

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

static void gates_of_each_encoding(void **state)
{
    const struct {
        size_t n_qubits, n_features;
        qst_encoding_opts opts;
        const char *text;
    } cases[] = {
        {3, 2, {.name = "angle_x"}, "rx0(x0) rx1(x1)"},
        {2, 2, {.name = "angle_y"}, "ry0(x0) ry1(x1)"},
        {2, 2, {.name = "angle_z", .reps = 2}, "rz0(x0) rz1(x1) rz0(x0) rz1(x1)"},
        {2, 5, {.name = "reupload"}, "ry0(w0*x0+w5) ry1(w1*x1+w6) rz0(w2*x2+w7) rz1(w3*x3+w8) ry0(w4*x4+w9)"},
        {2, 1, {.name = "reupload", .reps = 2}, "ry0(w0*x0+w1) ry0(w2*x0+w3)"},
        {3, 3, {.name = "iqp"}, "h0 rz0(x0) h1 rz1(x1) h2 rz2(x2) rzz0,1(x0*x1) rzz0,2(x0*x2) rzz1,2(x1*x2)"},
        {3, 1, {.name = "iqp", .reps = 2}, "h0 rz0(x0) h0 rz0(x0)"},
        {2, 2, {.name = "zz", .reps = 1}, "h0 p0(2*x0) h1 p1(2*x1) cx0,1 p1(2*x0*x1-6.283*x0-6.283*x1+19.74) cx0,1"},
        {1, 1, {.name = "zz"}, "h0 p0(2*x0) h0 p0(2*x0)"}, /* reps: 2 */
    };
    qst_ctx *ctx = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qst_circuit_builder *builder = NULL;
        qst_circuit *circuit = NULL;
        assert_ok(ctx, qst_circuit_begin(ctx, cases[i].n_qubits, cases[i].n_features, QST_PREPARE_ZERO, &builder));
        assert_ok(ctx, qst_circuit_append_encoding(builder, &cases[i].opts));
        assert_ok(ctx, qst_circuit_finish(builder, &circuit));
        assert_string_equal(circuit_text(circuit), cases[i].text);
        qst_circuit_free(circuit);
    }
}

static void wrong_encodings_are_refused(void **state)
{
    const struct {
        size_t n_qubits, n_features;
        qst_encoding_opts opts;
        qst_status status;
        const char *message;
    } cases[] = {
        {2, 2, {.name = NULL}, QST_ERR_USAGE, "encoding: a name is missing"},
        {2, 2, {.name = "angle"}, QST_ERR_USAGE, "encoding \"angle\": unknown"},
        {2, 2, {.name = "reuplod"}, QST_ERR_USAGE, "did you mean reupload?"},
        {2, 2, {.name = "amplitude"}, QST_ERR_USAGE, "encoding amplitude: it prepares the state"},
        {2, 2, {.name = "basis"}, QST_ERR_USAGE, "encoding basis: it prepares the state"},
        {2, 3, {.name = "angle_x"}, QST_ERR_MISMATCH, "encoding angle_x: 3 features do not fit on 2 qubits (1..2)"},
        {1, 3, {.name = "iqp"}, QST_ERR_MISMATCH, "encoding iqp: 3 features do not fit on 1 qubit (1..1)"},
        {2, 3, {.name = "zz"}, QST_ERR_MISMATCH, "encoding zz: 3 features"},
        {2, 0, {.name = "reupload"}, QST_ERR_MISMATCH, "encoding reupload: the circuit has no features"},
    };
    qst_ctx *ctx = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qst_circuit_builder *builder = NULL;
        assert_ok(ctx, qst_circuit_begin(ctx, cases[i].n_qubits, cases[i].n_features, QST_PREPARE_ZERO, &builder));
        assert_status(ctx, qst_circuit_append_encoding(builder, &cases[i].opts), cases[i].status);
        assert_message(ctx, cases[i].message);
        qst_circuit_abandon(builder);
    }
}

/* --- templates ---------------------------------------------------------------------------------------------------- */

static void encoding_stands_where_it_should(void **state)
{
    const struct {
        qst_circuit_opts opts;
        const char *text;
        qst_preparation preparation;
    } cases[] = {
        /* re-uploading: before every layer, the final rotations last */
        {{.qubits = 2, .features = 1, .ansatz = {.name = "real_amplitudes", .reps = 2}},
         "ry0(w0*x0+w1) ry0(w2) ry1(w3) cx0,1 ry0(w4*x0+w5) ry0(w6) ry1(w7) cx0,1 ry0(w8) ry1(w9)",
         QST_PREPARE_ZERO},
        {{.qubits = 2,
          .features = 2,
          .encoding = {.name = "angle_x"},
          .ansatz = {.name = "basic_entangler", .reps = 2}},
         "rx0(x0) rx1(x1) rx0(w0) rx1(w1) cx0,1 rx0(w2) rx1(w3) cx0,1",
         QST_PREPARE_ZERO},
        {{.qubits = 2,
          .features = 2,
          .encoding = {.name = "angle_x"},
          .repeat_encoding = true,
          .ansatz = {.name = "basic_entangler", .reps = 2}},
         "rx0(x0) rx1(x1) rx0(w0) rx1(w1) cx0,1 rx0(x0) rx1(x1) rx0(w2) rx1(w3) cx0,1",
         QST_PREPARE_ZERO},
        {{.qubits = 1,
          .features = 2,
          .encoding = {.name = "amplitude"},
          .ansatz = {.name = "basic_entangler", .reps = 1}},
         "rx0(w0)",
         QST_PREPARE_AMPLITUDE},
        {{.qubits = 1, .features = 1, .encoding = {.name = "basis"}, .ansatz = {.name = "none"}},
         "",
         QST_PREPARE_BASIS},
        {{.qubits = 1, .features = 1, .encoding = {.name = "angle_y"}, .ansatz = {.name = "none"}},
         "ry0(x0)",
         QST_PREPARE_ZERO},
        {{.qubits = 1, .features = 1, .ansatz = {.name = "none", .reps = 2}},
         "ry0(w0*x0+w1) ry0(w2*x0+w3)",
         QST_PREPARE_ZERO},
        /* separable: the same without what acts on pairs */
        {{.qubits = 2, .features = 1, .ansatz = {.name = "real_amplitudes", .reps = 2}, .separable = true},
         "ry0(w0*x0+w1) ry0(w2) ry1(w3) ry0(w4*x0+w5) ry0(w6) ry1(w7) ry0(w8) ry1(w9)",
         QST_PREPARE_ZERO},
        {{.qubits = 2,
          .features = 2,
          .encoding = {.name = "iqp"},
          .ansatz = {.name = "two_local", .reps = 1, .entangler = "crx"},
          .separable = true},
         "h0 rz0(x0) h1 rz1(x1) ry0(w0) ry1(w1) ry0(w2) ry1(w3)",
         QST_PREPARE_ZERO},
        {{.qubits = 2,
          .features = 2,
          .encoding = {.name = "zz", .reps = 1},
          .ansatz = {.name = "none"},
          .separable = true},
         "h0 p0(2*x0) h1 p1(2*x1)",
         QST_PREPARE_ZERO},
        {{.qubits = 2,
          .features = 2,
          .encoding = {.name = "basis"},
          .ansatz = {.name = "strongly_entangling", .reps = 1},
          .separable = true},
         "rz0(w0) ry0(w1) rz0(w2) rz1(w3) ry1(w4) rz1(w5)",
         QST_PREPARE_BASIS},
    };
    qst_ctx *ctx = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qst_circuit *circuit = NULL;
        assert_ok(ctx, qst_circuit_template(ctx, &cases[i].opts, &circuit));
        assert_string_equal(circuit_text(circuit), cases[i].text);
        assert_int_equal(circuit->preparation, cases[i].preparation);
        qst_circuit_free(circuit);
    }
}

/* The default is 3 layers of reupload and strongly_entangling, its weights with their roles layer by layer. */
static void defaults_and_roles(void **state)
{
    qst_ctx *ctx = *state;
    qst_circuit *circuit = NULL;
    assert_ok(ctx, qst_circuit_template(ctx, &(qst_circuit_opts){.qubits = 4, .features = 8}, &circuit));
    assert_int_equal(qst_circuit_weights(circuit), 3 * (2 * 8 + 3 * 4));
    assert_int_equal(qst_circuit_operations(circuit), 3 * (8 + 12 + 4));
    for (size_t i = 0; i < qst_circuit_weights(circuit); i++) {
        size_t at = i % 28;
        assert_int_equal(circuit->roles[i], at < 8 ? QST_WEIGHT_SCALE : at < 16 ? QST_WEIGHT_SHIFT : QST_WEIGHT_ANGLE);
    }
    qst_circuit_free(circuit);
}

static void wrong_templates_are_refused(void **state)
{
    const struct {
        qst_circuit_opts opts;
        qst_status status;
        const char *message;
    } cases[] = {
        {{.qubits = 0, .features = 2}, QST_ERR_USAGE, "qubits: 0"},
        {{.qubits = 2, .features = 0}, QST_ERR_MISMATCH, "encoding reupload: the circuit has no features"},
        {{.qubits = 2, .features = 5, .encoding = {.name = "amplitude"}}, QST_ERR_USAGE, "2 qubits hold 1..4"},
        {{.qubits = 2, .features = 2, .encoding = {.name = "basis"}, .repeat_encoding = true},
         QST_ERR_USAGE,
         "encoding basis: it prepares the state and cannot be repeated"},
        {{.qubits = 2, .features = 2, .encoding = {.name = "amplitude", .reps = 2}},
         QST_ERR_USAGE,
         "encoding amplitude: it prepares the state and cannot be repeated"},
        {{.qubits = 2, .features = 2, .encoding = {.name = "amplitude"}, .separable = true},
         QST_ERR_USAGE,
         "encoding amplitude: the state that it prepares is entangled"},
        {{.qubits = 2, .features = 2, .ansatz = {.name = "hardware"}}, QST_ERR_USAGE, "ansatz \"hardware\": unknown"},
        {{.qubits = 1, .features = 1, .ansatz = {.name = "none", .reps = SIZE_MAX}}, QST_ERR_LIMIT, "at most"},
    };
    qst_ctx *ctx = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qst_circuit *untouched = (qst_circuit *)1, *circuit = untouched;
        assert_status(ctx, qst_circuit_template(ctx, &cases[i].opts, &circuit), cases[i].status);
        assert_message(ctx, cases[i].message);
        assert_ptr_equal(circuit, untouched);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gates_of_each_encoding, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(wrong_encodings_are_refused, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(encoding_stands_where_it_should, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(defaults_and_roles, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(wrong_templates_are_refused, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

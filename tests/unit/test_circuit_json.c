/* test_circuit_json.c: circuits and readouts to JSON and back, and every malformed value refused with its place. */
#include "circuit/circuit.h"
#include "ref/ref.h"
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

/* Through text, as in a file. */
static json_t *through_text(qst_ctx *ctx, json_t *json)
{
    char *text = NULL;
    size_t length = 0;
    json_t *again = NULL;
    assert_ok(ctx, qsti_json_text(ctx, json, &text, &length));
    assert_ok(ctx, qsti_json_parse(ctx, "text", text, length, QST_ERR_DAMAGED, &again));
    json_decref(json);
    free(text);
    return again;
}

/* --- there and back ----------------------------------------------------------------------------------------------- */

static void assert_same_circuit(const qst_circuit *a, const qst_circuit *b)
{
    assert_int_equal(a->n_qubits, b->n_qubits);
    assert_int_equal(a->n_features, b->n_features);
    assert_int_equal(a->n_weights, b->n_weights);
    assert_int_equal(a->preparation, b->preparation);
    assert_int_equal(a->n_operations, b->n_operations);
    assert_int_equal(a->n_terms, b->n_terms);
    assert_memory_equal(a->roles, b->roles, a->n_weights);
    for (size_t i = 0; i < a->n_operations; i++)
        assert_memory_equal(&a->operations[i], &b->operations[i], sizeof a->operations[i]);
    for (size_t i = 0; i < a->n_terms; i++) {
        assert_memory_equal(&a->terms[i].coefficient, &b->terms[i].coefficient, sizeof(double));
        assert_int_equal(a->terms[i].a, b->terms[i].a);
        assert_int_equal(a->terms[i].b, b->terms[i].b);
    }
}

static void check_round_trip(qst_ctx *ctx, const qst_circuit *circuit)
{
    json_t *json = NULL;
    qst_circuit *again = NULL;
    assert_ok(ctx, qsti_circuit_to_json(circuit, &json));
    json = through_text(ctx, json);
    assert_ok(ctx, qsti_circuit_from_json(ctx, "text", json, QST_ERR_DAMAGED, &again));
    assert_same_circuit(circuit, again);
    json_decref(json);
    qst_circuit_free(again);
}

static void random_circuits_come_back(void **state)
{
    qst_ctx *ctx = *state;
    const qst_preparation preparations[] = {QST_PREPARE_ZERO, QST_PREPARE_AMPLITUDE, QST_PREPARE_BASIS};
    for (uint64_t seed = 0; seed < 60; seed++) {
        qst_circuit *circuit = NULL;
        size_t n_qubits = 3 + seed % 4;
        assert_ok(ctx, ref_random_prepared_circuit(ctx, seed, preparations[seed % 3], n_qubits, 3, 12, 100, &circuit));
        check_round_trip(ctx, circuit);
        qst_circuit_free(circuit);
    }
}

static void templates_come_back_with_their_roles(void **state)
{
    qst_ctx *ctx = *state;
    qst_circuit *circuit = NULL;
    assert_ok(ctx, qst_circuit_template(ctx, &(qst_circuit_opts){.qubits = 3, .features = 5}, &circuit));
    assert_int_equal(circuit->roles[5], QST_WEIGHT_SHIFT);
    check_round_trip(ctx, circuit);
    qst_circuit_free(circuit);
}

static void the_form_is_as_documented(void **state)
{
    qst_ctx *ctx = *state;
    qst_circuit *circuit = NULL;
    json_t *json = NULL;
    qst_circuit_opts opts = {.qubits = 2, .features = 1, .ansatz = {.name = "real_amplitudes", .reps = 1}};
    assert_ok(ctx, qst_circuit_template(ctx, &opts, &circuit));
    assert_ok(ctx, qsti_circuit_to_json(circuit, &json));
    char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(3));
    assert_string_equal(text, "{\"format\":\"qstill-circuit/1\",\"n_qubits\":2,\"n_features\":1,\"n_weights\":6,"
                              "\"preparation\":\"zero\",\"weight_roles\":[[\"scale\",1],[\"shift\",1],[\"angle\",4]],"
                              "\"operations\":[[\"ry\",[0],[[[1.0,\"w0\",\"x0\"],[1.0,\"w1\"]]]],"
                              "[\"ry\",[0],[[[1.0,\"w2\"]]]],[\"ry\",[1],[[[1.0,\"w3\"]]]],[\"cx\",[0,1]],"
                              "[\"ry\",[0],[[[1.0,\"w4\"]]]],[\"ry\",[1],[[[1.0,\"w5\"]]]]]}");
    free(text);
    json_decref(json);
    qst_circuit_free(circuit);
}

static void readouts_come_back(void **state)
{
    qst_ctx *ctx = *state;
    for (uint64_t seed = 0; seed < 24; seed++) {
        qst_readout *readout = NULL, *again = NULL;
        json_t *json = NULL;
        const char *word[] = {"probabilities", "grouped", "parity"};
        if (seed % 4 == 3)
            assert_ok(ctx, ref_random_readout(ctx, seed, 5, 7, &readout));
        else
            assert_ok(ctx, qst_readout_parse(ctx, 5, &word[seed % 4], 1, 3, &readout));
        assert_ok(ctx, qsti_readout_to_json(readout, &json));
        json = through_text(ctx, json);
        assert_ok(ctx, qsti_readout_from_json(ctx, "text", json, QST_ERR_DAMAGED, &again));
        assert_int_equal(again->kind, readout->kind);
        assert_int_equal(again->n_qubits, 5);
        assert_int_equal(again->n_outputs, readout->n_outputs);
        assert_int_equal(again->n_terms, readout->n_terms);
        for (size_t i = 0; i < readout->n_terms; i++) {
            assert_int_equal(again->paulis[i].x, readout->paulis[i].x);
            assert_int_equal(again->paulis[i].z, readout->paulis[i].z);
            assert_int_equal(again->outputs[i], readout->outputs[i]);
            assert_memory_equal(&again->coefficients[i], &readout->coefficients[i], sizeof(double));
        }
        json_decref(json);
        qst_readout_free(readout);
        qst_readout_free(again);
    }
}

/* --- malformed ---------------------------------------------------------------------------------------------------- */

/* Pieces of a good circuit, for texts that are wrong in one place. */
#define GOOD_HEAD \
    "\"format\":\"qstill-circuit/1\",\"n_qubits\":2,\"n_features\":1,\"n_weights\":2,\"preparation\":\"zero\","
#define GOOD_ROLES         "\"weight_roles\":[[\"angle\",2]],"
#define CIRCUIT(operation) "{" GOOD_HEAD GOOD_ROLES "\"operations\":[[\"x\",[0]]," operation "]}"

static const struct {
    const char *text, *message;
} bad_circuits[] = {
    {"[]", "m.json: a circuit must be an object"},
    {"{}", "m.json: format: expected \"qstill-circuit/1\", found none"},
    {"{\"format\":\"qstill-circuit/2\"}", "found \"qstill-circuit/2\" (written by another release)"},
    {"{\"format\":\"qstill-circuit/1\",\"colour\":1}", "m.json: colour: there is no such key"},
    {"{\"format\":\"qstill-circuit/1\"}", "m.json: n_qubits: missing"},
    {"{\"format\":\"qstill-circuit/1\",\"n_qubits\":31}", "m.json: n_qubits: 31 is not in 1..30"},
    {"{\"format\":\"qstill-circuit/1\",\"n_qubits\":2.0}", "m.json: n_qubits: expected an integer"},
    {"{\"format\":\"qstill-circuit/1\",\"n_qubits\":2,\"n_features\":-1}", "m.json: n_features: -1"},
    {"{\"format\":\"qstill-circuit/1\",\"n_qubits\":2,\"n_features\":1,\"n_weights\":99999999999}",
     "m.json: n_weights:"},
    {"{\"format\":\"qstill-circuit/1\",\"n_qubits\":2,\"n_features\":1,\"n_weights\":2,\"preparation\":\"warm\","
     "\"weight_roles\":[]}",
     "m.json: preparation: \"warm\" is not zero, amplitude or basis"},
    {"{\"format\":\"qstill-circuit/1\",\"n_qubits\":2,\"n_features\":9,\"n_weights\":2,\"preparation\":\"amplitude\","
     "\"weight_roles\":[]}",
     "m.json: n_features: amplitude preparation of 9 features: 2 qubits hold 1..4"},
    {"{" GOOD_HEAD "\"weight_roles\":[[\"angle\",1]],\"operations\":[]}",
     "m.json: weight_roles: 1 roles for the 2 weights of n_weights"},
    {"{" GOOD_HEAD "\"weight_roles\":[[\"angle\",1],[\"scale\",2]],\"operations\":[]}",
     "m.json: weight_roles[1]: more roles than the 2 weights"},
    {"{" GOOD_HEAD "\"weight_roles\":[[\"angel\",2]],\"operations\":[]}", "m.json: weight_roles[0]: must be"},
    {"{" GOOD_HEAD "\"weight_roles\":[[\"angle\",0]],\"operations\":[]}", "m.json: weight_roles[0]: must be"},
    {"{" GOOD_HEAD "\"weight_roles\":[\"angle\",2],\"operations\":[]}", "m.json: weight_roles[0]: must be"},
    {"{" GOOD_HEAD GOOD_ROLES "\"operations\":{}}", "m.json: operations: expected an array"},
    {"{" GOOD_HEAD "\"weight_roles\":[[\"angle\",2]]}", "m.json: operations: missing"},
    {CIRCUIT("7"), "m.json: operations[1]: an operation must be"},
    {CIRCUIT("[\"x\"]"), "m.json: operations[1]: an operation must be"},
    {CIRCUIT("[\"x\",[0],[],[]]"), "m.json: operations[1]: an operation must be"},
    {CIRCUIT("[\"cnot\",[0,1]]"), "m.json: operations[1][0]: there is no gate \"cnot\""},
    {CIRCUIT("[\"cx\",[0]]"), "m.json: operations[1][1]: gate cx takes a list of 2 qubits"},
    {CIRCUIT("[\"cx\",0]"), "m.json: operations[1][1]: gate cx takes a list of 2 qubits"},
    {CIRCUIT("[\"cx\",[0,-1]]"), "m.json: operations[1][1][1]: a qubit must be an integer >= 0"},
    {CIRCUIT("[\"cx\",[0,1.0]]"), "m.json: operations[1][1][1]: a qubit must be an integer >= 0"},
    {CIRCUIT("[\"cx\",[0,7]]"), "m.json: operations[1]: qubit 7 in gate cx: the circuit has 2 qubits (0..1)"},
    {CIRCUIT("[\"cx\",[1,1]]"), "m.json: operations[1]: qubit 1 twice in gate cx"},
    {CIRCUIT("[\"rx\",[0]]"), "m.json: operations[1][2]: gate rx takes a list of 1 angles"},
    {CIRCUIT("[\"rx\",[0],[[],[]]]"), "m.json: operations[1][2]: gate rx takes a list of 1 angles"},
    {CIRCUIT("[\"x\",[0],[[]]]"), "m.json: operations[1][2]: gate x takes a list of 0 angles"},
    {CIRCUIT("[\"rx\",[0],[0.5]]"), "m.json: operations[1][2][0]: an angle must be a list of terms"},
    {CIRCUIT("[\"rx\",[0],[[0.5]]]"), "m.json: operations[1][2][0][0]: a term must be a number"},
    {CIRCUIT("[\"rx\",[0],[[[1,\"w0\",\"w0\",\"w0\"]]]]"), "m.json: operations[1][2][0][0]: a term must be a number"},
    {CIRCUIT("[\"rx\",[0],[[[1],[\"w0\"]]]]"), "m.json: operations[1][2][0][1]: a term must be a number"},
    {CIRCUIT("[\"rx\",[0],[[[1,\"y0\"]]]]"), "m.json: operations[1][2][0][0]: a variable must be"},
    {CIRCUIT("[\"rx\",[0],[[[1,\"w\"]]]]"), "m.json: operations[1][2][0][0]: a variable must be"},
    {CIRCUIT("[\"rx\",[0],[[[1,\"w00\"]]]]"), "m.json: operations[1][2][0][0]: a variable must be"},
    {CIRCUIT("[\"rx\",[0],[[[1,\"w-1\"]]]]"), "m.json: operations[1][2][0][0]: a variable must be"},
    {CIRCUIT("[\"rx\",[0],[[[1,\"x99999999999999999999\"]]]]"), "m.json: operations[1][2][0][0]: a variable must be"},
    {CIRCUIT("[\"rx\",[0],[[[1,0]]]]"), "m.json: operations[1][2][0][0]: a variable must be"},
    {CIRCUIT("[\"rx\",[0],[[[1,\"w2\"]]]]"),
     "m.json: operations[1]: weight 2 in gate rx: the circuit has 2 weights (0..1)"},
    {CIRCUIT("[\"rx\",[0],[[[1,\"w0\",\"x1\"]]]]"),
     "m.json: operations[1]: feature 1 in gate rx: the circuit has 1 feature"},
};

static void malformed_circuits_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    for (size_t i = 0; i < sizeof bad_circuits / sizeof *bad_circuits; i++) {
        json_t *json = json_loads(bad_circuits[i].text, 0, NULL);
        qst_circuit *untouched = (qst_circuit *)1, *circuit = untouched;
        assert_non_null(json);
        assert_status(ctx, qsti_circuit_from_json(ctx, "m.json", json, QST_ERR_DAMAGED, &circuit), QST_ERR_DAMAGED);
        assert_message(ctx, bad_circuits[i].message);
        assert_ptr_equal(circuit, untouched);
        json_decref(json);
    }
}

static const struct {
    const char *text, *message;
} bad_readouts[] = {
    {"3", "m.json: a readout must be an object"},
    {"{}", "m.json: kind: missing"},
    {"{\"kind\":\"samples\"}", "m.json: kind: \"samples\" is not"},
    {"{\"kind\":\"parity\",\"n_qubits\":0}", "m.json: n_qubits: 0 is not in 1..30"},
    {"{\"kind\":\"parity\",\"n_qubits\":2,\"n_outputs\":9}", "m.json: n_outputs: output parity: 9 classes"},
    {"{\"kind\":\"probabilities\",\"n_qubits\":2,\"n_outputs\":3}",
     "m.json: n_outputs: output probabilities: 3 classes"},
    {"{\"kind\":\"parity\",\"n_qubits\":2,\"n_outputs\":2,\"terms\":[]}", "m.json: terms: there is no such key"},
    {"{\"kind\":\"expectations\",\"n_qubits\":2,\"n_outputs\":1}", "m.json: terms: missing"},
    {"{\"kind\":\"expectations\",\"n_qubits\":2,\"n_outputs\":1,\"terms\":[]}",
     "m.json: terms: readout: 1 outputs of 0"},
    {"{\"kind\":\"expectations\",\"n_qubits\":2,\"n_outputs\":1,\"terms\":[[0,1.0]]}", "m.json: terms[0]: must be"},
    {"{\"kind\":\"expectations\",\"n_qubits\":2,\"n_outputs\":1,\"terms\":[[0,1.0,\"ZIZ\"]]}", "m.json: terms[0][2]:"},
    {"{\"kind\":\"expectations\",\"n_qubits\":2,\"n_outputs\":1,\"terms\":[[0,1.0,\"Zz\"]]}", "m.json: terms[0][2]:"},
    {"{\"kind\":\"expectations\",\"n_qubits\":2,\"n_outputs\":1,\"terms\":[[1,1.0,\"ZZ\"]]}",
     "m.json: terms: readout: output 1 of Pauli term 0 is not in 0..0"},
    {"{\"kind\":\"expectations\",\"n_qubits\":2,\"n_outputs\":2,\"terms\":[[0,1.0,\"ZZ\"],[0,1.0,\"ZI\"]]}",
     "m.json: terms: readout: output 1 has no Pauli term"},
};

static void malformed_readouts_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    for (size_t i = 0; i < sizeof bad_readouts / sizeof *bad_readouts; i++) {
        json_t *json = json_loads(bad_readouts[i].text, JSON_DECODE_ANY, NULL);
        qst_readout *untouched = (qst_readout *)1, *readout = untouched;
        assert_non_null(json);
        assert_status(ctx, qsti_readout_from_json(ctx, "m.json", json, QST_ERR_DAMAGED, &readout), QST_ERR_DAMAGED);
        assert_message(ctx, bad_readouts[i].message);
        assert_ptr_equal(readout, untouched);
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_circuits_come_back, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(templates_come_back_with_their_roles, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(the_form_is_as_documented, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(readouts_come_back, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(malformed_circuits_are_refused, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(malformed_readouts_are_refused, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

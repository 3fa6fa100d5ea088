/* test_golden_circuits.c: gates, ansätze and whole circuits against values that Qiskit and PennyLane gave
 * (circuits.json, made by generate_circuits.py). The reference simulator and the engine are both held to them. */
#include <qstill/simulate.h>

#include "ref/ref.h"
#include "unit/circuit_text.h"

#define TOLERANCE   1e-12
#define MAX_NUMBERS 4096

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

/* --- reading ------------------------------------------------------------------------------------------------------ */

static json_t *section(qst_ctx *ctx, const char *name, json_t **out_document)
{
    json_t *list = NULL;
    assert_ok(ctx, qsti_json_read(ctx, QSTILL_SOURCE_DIR "/tests/golden/circuits.json", QST_ERR_INPUT, out_document));
    assert_ok(ctx, qsti_json_get_array(ctx, "circuits.json", *out_document, name, &list));
    assert_true(json_array_size(list) > 10);
    return list;
}

static const char *text_of(const json_t *entry, const char *key)
{
    return json_string_value(json_object_get(entry, key));
}

static size_t count_of(const json_t *entry, const char *key)
{
    return (size_t)json_integer_value(json_object_get(entry, key));
}

static size_t numbers_of(const json_t *entry, const char *key, double out[MAX_NUMBERS])
{
    const json_t *list = json_object_get(entry, key);
    assert_true(json_is_array(list) && json_array_size(list) <= MAX_NUMBERS);
    for (size_t i = 0; i < json_array_size(list); i++)
        out[i] = json_number_value(json_array_get(list, i));
    return json_array_size(list);
}

/* Options that are missing in the entry stay at their defaults, here and in the tool. */
static qst_ansatz_opts ansatz_of(const json_t *entry, size_t pairs[][2])
{
    const json_t *entanglement = json_object_get(entry, "entanglement");
    qst_ansatz_opts opts = {
        .name = text_of(entry, "ansatz"),
        .reps = count_of(entry, "reps"),
        .entanglement = json_string_value(entanglement),
        .skip_final_rotation_layer = json_is_true(json_object_get(entry, "skip_final_rotation_layer")),
        .rotations = text_of(entry, "rotations"),
        .entangler = text_of(entry, "entangler"),
    };
    if (json_is_array(entanglement)) {
        opts.pairs = (const size_t(*)[2])pairs;
        opts.n_pairs = json_array_size(entanglement);
        for (size_t i = 0; i < opts.n_pairs; i++) {
            for (size_t k = 0; k < 2; k++)
                pairs[i][k] = (size_t)json_integer_value(json_array_get(json_array_get(entanglement, i), k));
        }
    }
    return opts;
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

/* The matrix of a gate as the engine sees it: its columns are the images of the basis states. */
static void matrix_of_engine(qst_ctx *ctx, qst_gate gate, const double *angles, ref_complex *out)
{
    const qst_gate_info *info = qst_gate_describe(gate);
    size_t n = info->n_qubits ? (size_t)info->n_qubits : 1, dim = (size_t)1 << n;
    qst_circuit_builder *builder = NULL;
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    qst_program *program = NULL;
    qst_angle constants[QST_MAX_GATE_ANGLES];
    qst_term terms[QST_MAX_GATE_ANGLES];

    for (int k = 0; k < info->n_angles; k++) {
        terms[k] = (qst_term){angles[k], QST_ONE, QST_ONE};
        constants[k] = (qst_angle){&terms[k], 1};
    }
    assert_ok(ctx, qst_circuit_begin(ctx, n, n, QST_PREPARE_BASIS, &builder));
    assert_ok(ctx, qst_circuit_add(builder, gate, (size_t[]){0, 1, 2, 3, 4}, constants));
    assert_ok(ctx, qst_circuit_finish(builder, &circuit));
    assert_ok(ctx, qst_readout_parse(ctx, n, (const char *[]){"z"}, 1, 0, &readout));
    assert_ok(ctx, qst_program_compile(ctx, circuit, readout, NULL, &program));
    for (size_t column = 0; column < dim; column++) {
        double x[QST_MAX_GATE_QUBITS];
        ref_complex image[REF_MAX_GATE_STATES];
        for (size_t k = 0; k < n; k++)
            x[k] = (double)(column >> k & 1);
        assert_ok(ctx, qst_program_state(program, NULL, x, image));
        for (size_t row = 0; row < dim; row++)
            out[row * dim + column] = image[row];
    }
    qst_program_free(program);
    qst_readout_free(readout);
    qst_circuit_free(circuit);
}

static void gates_are_those_of_qiskit(void **state)
{
    qst_ctx *ctx = *state;
    json_t *document = NULL, *gates = section(ctx, "gates", &document), *entry;
    size_t index;
    bool seen[QST_GATE_COUNT] = {false};

    json_array_foreach(gates, index, entry)
    {
        double angles[MAX_NUMBERS], re[MAX_NUMBERS], im[MAX_NUMBERS];
        ref_complex reference[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
        ref_complex engine[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
        qst_gate gate;
        assert_true(qst_gate_find(text_of(entry, "gate"), &gate));
        const qst_gate_info *info = qst_gate_describe(gate);
        seen[gate] = true;
        assert_int_equal(info->n_qubits, count_of(entry, "n_qubits"));
        assert_int_equal(info->n_angles, numbers_of(entry, "angles", angles));
        assert_true((size_t)info->cx_equivalents <= count_of(entry, "cx"));
        assert_true(info->n_qubits > 2 || (size_t)info->cx_equivalents == count_of(entry, "cx"));
        size_t n = numbers_of(entry, "re", re);
        assert_int_equal(n, numbers_of(entry, "im", im));
        assert_int_equal(n, (size_t)1 << 2 * info->n_qubits);
        ref_gate_matrix(info->name, angles, reference);
        matrix_of_engine(ctx, gate, angles, engine);
        for (size_t i = 0; i < n; i++) {
            assert_close(cabs(reference[i] - (re[i] + I * im[i])), 0, 1e-14);
            assert_close(cabs(engine[i] - (re[i] + I * im[i])), 0, 1e-14);
        }
    }
    for (int gate = 0; gate < QST_GATE_COUNT; gate++)
        assert_true(seen[gate]);
    json_decref(document);
}

/* --- ansätze ------------------------------------------------------------------------------------------------------ */

static void ansatze_have_the_gates_of_their_sources(void **state)
{
    qst_ctx *ctx = *state;
    json_t *document = NULL, *ansatze = section(ctx, "ansatze", &document), *entry;
    size_t index;

    json_array_foreach(ansatze, index, entry)
    {
        size_t pairs[8][2];
        qst_ansatz_opts opts = ansatz_of(entry, pairs);
        qst_circuit_builder *builder = NULL;
        qst_circuit *circuit = NULL;
        assert_ok(ctx, qst_circuit_begin(ctx, count_of(entry, "n_qubits"), 0, QST_PREPARE_ZERO, &builder));
        assert_ok(ctx, qst_circuit_append_ansatz(builder, &opts));
        assert_ok(ctx, qst_circuit_finish(builder, &circuit));
        assert_int_equal(qst_circuit_weights(circuit), count_of(entry, "weights"));
        assert_string_equal(circuit_text(circuit), text_of(entry, "gates"));
        qst_circuit_free(circuit);
    }
    json_decref(document);
}

/* --- whole circuits ----------------------------------------------------------------------------------------------- */

/* What is compared of one circuit; `words` are its Pauli strings. */
typedef struct golden {
    size_t n_qubits, n_words;
    double x[MAX_NUMBERS], weights[MAX_NUMBERS], re[MAX_NUMBERS], im[MAX_NUMBERS], probabilities[MAX_NUMBERS];
    const char *words[64];
    double expectations[64];
} golden;

static qst_circuit *build(qst_ctx *ctx, const json_t *entry, golden *values)
{
    size_t pairs[8][2], n_x = numbers_of(entry, "x", values->x);
    qst_circuit_opts opts = {
        .qubits = count_of(entry, "n_qubits"),
        .features = n_x,
        .encoding = {.name = text_of(entry, "encoding"), .reps = count_of(entry, "encoding_reps")},
        .repeat_encoding = json_is_true(json_object_get(entry, "repeat_encoding")),
        .ansatz = ansatz_of(entry, pairs),
    };
    qst_circuit *circuit = NULL;
    const char *word;
    json_t *number;

    assert_ok(ctx, qst_circuit_template(ctx, &opts, &circuit));
    assert_int_equal(numbers_of(entry, "weights", values->weights), qst_circuit_weights(circuit));
    values->n_qubits = opts.qubits;
    assert_int_equal(numbers_of(entry, "re", values->re), (size_t)1 << opts.qubits);
    numbers_of(entry, "im", values->im);
    numbers_of(entry, "probabilities", values->probabilities);
    values->n_words = 0;
    json_object_foreach(json_object_get(entry, "expectations"), word, number)
    {
        assert_true(values->n_words < 64);
        values->words[values->n_words] = word;
        values->expectations[values->n_words++] = json_number_value(number);
    }
    return circuit;
}

static void check_values(qst_ctx *ctx, const qst_circuit *circuit, const char *const *words, size_t n_words,
                         const golden *values, const double *expected)
{
    qst_readout *readout = NULL;
    qst_program *program = NULL;
    double by_reference[256], by_engine[256];

    assert_ok(ctx, qst_readout_parse(ctx, values->n_qubits, words, n_words, 0, &readout));
    size_t n = qst_readout_outputs(readout), n_x = qst_circuit_features(circuit);
    ref_values(circuit, readout, values->weights, values->x, by_reference);
    assert_ok(ctx, qst_program_compile(ctx, circuit, readout, NULL, &program));
    assert_ok(ctx, qst_program_forward(program, values->weights, (qst_const_matrix){values->x, 1, n_x},
                                       (qst_matrix){by_engine, 1, n}));
    for (size_t k = 0; k < n; k++) {
        assert_close(by_reference[k], expected[k], TOLERANCE);
        assert_close(by_engine[k], expected[k], TOLERANCE);
    }
    qst_program_free(program);
    qst_readout_free(readout);
}

static void check_state(qst_ctx *ctx, const qst_circuit *circuit, const golden *values)
{
    qst_readout *readout = NULL;
    qst_program *program = NULL;
    ref_complex by_reference[64], by_engine[64];

    assert_ok(ctx, qst_readout_parse(ctx, values->n_qubits, (const char *[]){"z"}, 1, 0, &readout));
    assert_ok(ctx, qst_program_compile(ctx, circuit, readout, NULL, &program));
    ref_state(circuit, values->weights, values->x, by_reference);
    assert_ok(ctx, qst_program_state(program, values->weights, values->x, by_engine));
    for (size_t i = 0; i < (size_t)1 << values->n_qubits; i++) {
        ref_complex expected = values->re[i] + I * values->im[i];
        assert_close(cabs(by_reference[i] - expected), 0, TOLERANCE);
        assert_close(cabs(by_engine[i] - expected), 0, TOLERANCE);
    }
    qst_program_free(program);
    qst_readout_free(readout);
}

static void circuits_have_the_values_of_their_sources(void **state)
{
    qst_ctx *ctx = *state;
    json_t *document = NULL, *states = section(ctx, "states", &document), *entry;
    golden *values = malloc(sizeof *values);
    size_t index;

    assert_non_null(values);
    json_array_foreach(states, index, entry)
    {
        qst_circuit *circuit = build(ctx, entry, values);
        check_state(ctx, circuit, values);
        check_values(ctx, circuit, values->words, values->n_words, values, values->expectations);
        check_values(ctx, circuit, (const char *[]){"probabilities"}, 1, values, values->probabilities);
        qst_circuit_free(circuit);
    }
    free(values);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gates_are_those_of_qiskit, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(ansatze_have_the_gates_of_their_sources, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(circuits_have_the_values_of_their_sources, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

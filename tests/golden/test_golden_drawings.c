/* test_golden_drawings.c: drawings against those of Qiskit and PennyLane, character by character (drawings.json, made
 * by make_drawings.py). */
#include <qstill/draw.h>

#include "base/json.h"
#include "support/support.h"

#define MAX_LIST 64

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

static const char *text_of(const json_t *entry, const char *key)
{
    return json_string_value(json_object_get(entry, key));
}

static size_t count_of(const json_t *entry, const char *key)
{
    return (size_t)json_integer_value(json_object_get(entry, key));
}

/* --- circuits ----------------------------------------------------------------------------------------------------- */

/* [["q", 3], ...] */
static void add_registers(qst_ctx *ctx, qst_assembly_builder *builder, const json_t *list, bool quantum)
{
    for (size_t r = 0; r < json_array_size(list); r++) {
        const char *name = json_string_value(json_array_get(json_array_get(list, r), 0));
        size_t size = (size_t)json_integer_value(json_array_get(json_array_get(list, r), 1));
        assert_ok(ctx,
                  quantum ? qst_assembly_add_qubits(builder, name, size) : qst_assembly_add_bits(builder, name, size));
    }
}

/* {"name": "foo", "qubits": 2, "angles": 1}, without a body: a drawing shows the call alone. */
static void add_definition(qst_ctx *ctx, qst_assembly_builder *builder, const json_t *entry)
{
    static const char *const qubit_names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
    static const char *const angle_names[] = {"t", "u", "v"};
    qst_definition definition = {
        .name = text_of(entry, "name"),
        .n_qubits = count_of(entry, "qubits"),
        .n_angles = count_of(entry, "angles"),
        .qubit_names = qubit_names,
        .angle_names = angle_names,
        .opaque = true,
    };
    assert_true(definition.n_qubits <= 12 && definition.n_angles <= 3);
    assert_ok(ctx, qst_assembly_begin_definition(builder, &definition));
}

/* What "do" names: a kind, a gate, or one of the definitions. */
static void find_kind(const char *name, const json_t *definitions, qst_instruction *out)
{
    if (strcmp(name, "measure") == 0 || strcmp(name, "reset") == 0 || strcmp(name, "barrier") == 0) {
        out->kind = name[0] == 'm'   ? QST_INSTRUCTION_MEASURE
                    : name[0] == 'r' ? QST_INSTRUCTION_RESET
                                     : QST_INSTRUCTION_BARRIER;
        return;
    }
    for (size_t d = 0; d < json_array_size(definitions); d++) {
        if (strcmp(name, text_of(json_array_get(definitions, d), "name")) == 0) {
            out->kind = QST_INSTRUCTION_CALL;
            out->definition = d;
            return;
        }
    }
    out->kind = QST_INSTRUCTION_GATE;
    assert_true(qst_gate_find(name, &out->gate));
}

/* {"do": "rx", "angles": [0.5], "qubits": [0], "bit": 1, "if": [register, value], "controls": 1, "inverse": true} */
static void add_instruction(qst_ctx *ctx, qst_assembly_builder *builder, const json_t *entry, const json_t *definitions)
{
    uint32_t qubits[MAX_LIST];
    qst_token tokens[MAX_LIST];
    qst_expression angles[MAX_LIST];
    const json_t *qubit_list = json_object_get(entry, "qubits"), *angle_list = json_object_get(entry, "angles");
    const json_t *condition = json_object_get(entry, "if"), *bit = json_object_get(entry, "bit");
    qst_instruction instruction = {
        .qubits = qubits,
        .n_qubits = json_array_size(qubit_list),
        .angles = angles,
        .n_angles = json_array_size(angle_list),
        .n_controls = (uint32_t)count_of(entry, "controls"),
        .inverse = json_is_true(json_object_get(entry, "inverse")),
        .bit = bit ? (uint32_t)json_integer_value(bit) : QST_NO_BIT,
        .condition = condition ? (size_t)json_integer_value(json_array_get(condition, 0)) : QST_NO_CONDITION,
        .condition_value = (uint64_t)json_integer_value(json_array_get(condition, 1)),
    };
    assert_true(instruction.n_qubits <= MAX_LIST && instruction.n_angles <= MAX_LIST);
    for (size_t q = 0; q < instruction.n_qubits; q++)
        qubits[q] = (uint32_t)json_integer_value(json_array_get(qubit_list, q));
    for (size_t a = 0; a < instruction.n_angles; a++) {
        tokens[a] = (qst_token){QST_OPERATOR_NUMBER, 0, json_number_value(json_array_get(angle_list, a))};
        angles[a] = (qst_expression){&tokens[a], 1};
    }
    find_kind(text_of(entry, "do"), definitions, &instruction);
    assert_ok(ctx, qst_assembly_add(builder, &instruction));
}

static qst_assembly *make_assembly(qst_ctx *ctx, const json_t *circuit)
{
    const json_t *definitions = json_object_get(circuit, "definitions");
    const json_t *instructions = json_object_get(circuit, "instructions");
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    add_registers(ctx, builder, json_object_get(circuit, "qubits"), true);
    add_registers(ctx, builder, json_object_get(circuit, "bits"), false);
    for (size_t d = 0; d < json_array_size(definitions); d++)
        add_definition(ctx, builder, json_array_get(definitions, d));
    for (size_t i = 0; i < json_array_size(instructions); i++)
        add_instruction(ctx, builder, json_array_get(instructions, i), definitions);
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    return assembly;
}

/* --- drawings ----------------------------------------------------------------------------------------------------- */

static bool is_equal(const json_t *entry, const char *drawing, size_t n_bytes)
{
    const char *expected = text_of(entry, "text");
    size_t n_expected = strlen(expected);
    if (n_bytes == n_expected + 1 && memcmp(drawing, expected, n_expected) == 0 && drawing[n_expected] == '\n')
        return true;
    printf("%s:\n%.*sbut the tool draws:\n%s\n", text_of(entry, "name"), (int)n_bytes, drawing, expected);
    return false;
}

static void each_drawing_is_the_tools_own(void **state)
{
    qst_ctx *ctx = *state;
    json_t *document = NULL, *list = NULL;
    size_t n_different = 0;
    assert_ok(ctx, qsti_json_read(ctx, QSTILL_SOURCE_DIR "/tests/golden/drawings.json", QST_ERR_INPUT, &document));
    assert_ok(ctx, qsti_json_get_array(ctx, "drawings.json", document, "drawings", &list));
    assert_true(json_array_size(list) > 100);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        qst_draw_opts opts = {.fold = count_of(entry, "fold"),
                              .of_qasm2 = json_is_true(json_object_get(entry, "of_qasm2"))};
        qst_assembly *assembly = make_assembly(ctx, json_object_get(entry, "circuit"));
        char *drawing = NULL;
        size_t n_bytes = 0;
        assert_true(qst_draw_style_find(text_of(entry, "style"), &opts.style));
        assert_ok(ctx, qst_assembly_draw(assembly, &opts, &drawing, &n_bytes));
        n_different += !is_equal(entry, drawing, n_bytes);
        qst_drawing_free(assembly, drawing);
        qst_assembly_free(assembly);
    }
    json_decref(document);
    assert_int_equal(n_different, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_drawing_is_the_tools_own, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

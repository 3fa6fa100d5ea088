/* assembly_json_read.c: an assembly from its JSON form, "qstill-assembly/1" (docs/formats.md).
 *
 * What the JSON says is handed to a builder, which checks it; here is checked that it says so with the right keys and
 * types. A failure names the place: "FILE: instructions[3]: ...". */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assembly/assembly.h"
#include "assembly/expression.h"
#include "base/file.h"
#include "base/json.h"

#define MOST_BYTES ((size_t)64 << 20)

#define FORMAT "qstill-assembly/1"

/* One reading; `at` is where. The arrays are those of the instruction that is read. */
typedef struct reader {
    qst_ctx *ctx;
    const char *name;
    char at[96];
    qst_assembly_builder *builder;
    uint32_t *qubits;
    size_t qubits_capacity;
    qst_expression *angles;
    size_t angles_capacity;
    qst_token *tokens;
    size_t n_tokens, tokens_capacity;
    const char **names;
    size_t names_capacity;
} reader;

#define FAIL(in, ...) \
    qsti_fail_within((in)->ctx, qsti_fail((in)->ctx, QST_ERR_INPUT, __VA_ARGS__), "%s: %s", (in)->name, (in)->at)

/* What a builder refused, with the place. */
static qst_status placed(const reader *in, qst_status status)
{
    return status == QST_OK ? status : qsti_fail_within(in->ctx, status, "%s: %s", in->name, in->at);
}

static qst_status reserve(const reader *in, size_t needed, size_t item_bytes, size_t *capacity, void **items)
{
    if (needed <= *capacity)
        return QST_OK;
    size_t grown = needed + needed / 2 + 16;
    qst_status status = qsti_resize(in->ctx, grown, item_bytes, items);
    if (status == QST_OK)
        *capacity = grown;
    return status;
}

#define RESERVE(in, array, n) reserve((in), (n), sizeof *(in)->array, &(in)->array##_capacity, (void **)&(in)->array)

/* Every key of an object is one of keys[0..n). */
static qst_status check_keys(const reader *in, const json_t *object, const char *const *keys, size_t n)
{
    for (void *at = json_object_iter((json_t *)object); at; at = json_object_iter_next((json_t *)object, at)) {
        const char *key = json_object_iter_key(at);
        size_t i = 0;
        while (i < n && strcmp(keys[i], key) != 0)
            i++;
        if (i == n)
            return FAIL(in, "there is no key \"%.40s\"", key);
    }
    return QST_OK;
}

/* --- expressions -------------------------------------------------------------------------------------------------- */

/* "$3", "0.5", "+", "sin": one token. */
static bool read_token(const char *text, size_t n, qst_token *out)
{
    uint64_t variable;

    *out = (qst_token){.kind = QST_OPERATOR_NUMBER};
    if (n > 1 && text[0] == '$') {
        if (!qsti_parse_u64(text + 1, n - 1, &variable) || variable > UINT32_MAX)
            return false;
        *out = (qst_token){.kind = QST_OPERATOR_VARIABLE, .variable = (uint32_t)variable};
        return true;
    }
    for (int kind = QST_OPERATOR_ADD; qsti_operator_operands((qst_operator)kind) > 0; kind++) {
        const char *name = qsti_operator_name((qst_operator)kind);
        if (strlen(name) == n && strncmp(name, text, n) == 0) {
            out->kind = (qst_operator)kind;
            return true;
        }
    }
    return qsti_parse_double(text, n, &out->number);
}

/* A number, or a string of tokens with one blank between; appended to in->tokens. */
static qst_status read_angle(reader *in, const json_t *json, size_t index)
{
    qst_token token = {.kind = QST_OPERATOR_NUMBER};
    const char *text = json_string_value(json);
    qst_status status = QST_OK;

    if (json_is_number(json)) {
        token.number = json_number_value(json);
        QSTI_TRY(RESERVE(in, tokens, in->n_tokens + 1));
        in->tokens[in->n_tokens++] = token;
        return QST_OK;
    }
    if (!text)
        return FAIL(in, "angles[%zu] must be a number or a string in postfix order, such as \"$0 2 /\"", index);
    while (true) {
        size_t n = strcspn(text, " ");
        if (!read_token(text, n, &token))
            return FAIL(in, "angles[%zu]: \"%.*s\" is no number, $variable or operator", index, n < 40 ? (int)n : 40,
                        text);
        QSTI_TRY(RESERVE(in, tokens, in->n_tokens + 1));
        in->tokens[in->n_tokens++] = token;
        if (!text[n])
            return QST_OK;
        text += n + 1;
    }
done:
    return status;
}

static qst_status read_angles(reader *in, const json_t *json, qst_instruction *out)
{
    size_t n = json_array_size(json);
    qst_status status;

    if (json && !json_is_array(json))
        return FAIL(in, "angles must be a list");
    QSTI_TRY(RESERVE(in, angles, n));
    in->n_tokens = 0;
    for (size_t i = 0; i < n; i++) {
        size_t first = in->n_tokens;
        QSTI_TRY(read_angle(in, json_array_get(json, i), i));
        in->angles[i] = (qst_expression){NULL, in->n_tokens - first};
    }
    const qst_token *next = in->tokens; /* which no longer moves */
    for (size_t i = 0; i < n; i++) {
        in->angles[i].tokens = next;
        next += in->angles[i].n_tokens;
    }
    out->angles = in->angles;
    out->n_angles = n;
done:
    return status;
}

/* --- instructions ------------------------------------------------------------------------------------------------- */

static qst_status read_index(const reader *in, const json_t *json, const char *what, uint32_t *out)
{
    if (!json_is_integer(json) || json_integer_value(json) < 0 || json_integer_value(json) >= UINT32_MAX)
        return FAIL(in, "%s must be an integer >= 0", what);
    *out = (uint32_t)json_integer_value(json);
    return QST_OK;
}

static qst_status read_qubits(reader *in, const json_t *json, const char *what, qst_instruction *out)
{
    size_t n = json_array_size(json);
    qst_status status;

    if (!json_is_array(json))
        return FAIL(in, "%s must be a list of qubits", what);
    QSTI_TRY(RESERVE(in, qubits, n));
    for (size_t i = 0; i < n; i++)
        QSTI_TRY(read_index(in, json_array_get(json, i), "a qubit", &in->qubits[i]));
    out->qubits = in->qubits;
    out->n_qubits = n;
done:
    return status;
}

static qst_status read_qubit(reader *in, const json_t *json, const char *what, qst_instruction *out)
{
    qst_status status;

    QSTI_TRY(RESERVE(in, qubits, 1));
    QSTI_TRY(read_index(in, json, what, in->qubits));
    out->qubits = in->qubits;
    out->n_qubits = 1;
done:
    return status;
}

static qst_status read_condition(const reader *in, const json_t *json, qst_instruction *out)
{
    const char *name = json_string_value(json_array_get(json, 0));
    const json_t *value = json_array_get(json, 1);
    const char *digits = json_string_value(value);
    size_t index = 0;

    if (!json)
        return QST_OK;
    bool is_value = digits ? qsti_parse_u64(digits, strlen(digits), &out->condition_value)
                           : json_is_integer(value) && json_integer_value(value) >= 0;
    if (json_array_size(json) != 2 || !name || !is_value)
        return FAIL(in, "if must be a register of bits and a value >= 0, such as [\"c\", 3]");
    if (qsti_assembly_find(qsti_assembly_growing(in->builder), name, &index) != QSTI_NAMED_BITS)
        return FAIL(in, "if: there is no register of bits \"%.80s\"", name);
    if (!digits)
        out->condition_value = (uint64_t)json_integer_value(value);
    out->condition = index;
    return QST_OK;
}

/* What gates and calls have in common. */
static qst_status read_modified(reader *in, const json_t *json, qst_instruction *out)
{
    const json_t *controls = json_object_get(json, "controls"), *inverse = json_object_get(json, "inverse");
    qst_status status;

    QSTI_TRY(read_qubits(in, json_object_get(json, "qubits"), "qubits", out));
    QSTI_TRY(read_angles(in, json_object_get(json, "angles"), out));
    if (controls)
        QSTI_TRY(read_index(in, controls, "controls", &out->n_controls));
    if (inverse && !json_is_boolean(inverse))
        return FAIL(in, "inverse must be true or false");
    out->inverse = json_is_true(inverse);
    status = read_condition(in, json_object_get(json, "if"), out);
done:
    return status;
}

#define KEYS(...) (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)

static qst_status read_gate(reader *in, const json_t *json, qst_instruction *out)
{
    const char *name = json_string_value(json_object_get(json, "gate"));
    qst_status status;

    QSTI_TRY(check_keys(in, json, KEYS("gate", "qubits", "angles", "controls", "inverse", "if")));
    if (!name || !qst_gate_find(name, &out->gate))
        return FAIL(in, "there is no gate \"%.80s\"", name ? name : "");
    out->kind = QST_INSTRUCTION_GATE;
    status = read_modified(in, json, out);
done:
    return status;
}

static qst_status read_call(reader *in, const json_t *json, qst_instruction *out)
{
    const char *name = json_string_value(json_object_get(json, "call"));
    qst_status status;

    QSTI_TRY(check_keys(in, json, KEYS("call", "qubits", "angles", "controls", "inverse", "if")));
    if (!name ||
        qsti_assembly_find(qsti_assembly_growing(in->builder), name, &out->definition) != QSTI_NAMED_DEFINITION)
        return FAIL(in, "there is no definition \"%.80s\" before it", name ? name : "");
    out->kind = QST_INSTRUCTION_CALL;
    status = read_modified(in, json, out);
done:
    return status;
}

static qst_status read_other(reader *in, const json_t *json, qst_instruction *out)
{
    const json_t *measure = json_object_get(json, "measure"), *reset = json_object_get(json, "reset");
    const json_t *barrier = json_object_get(json, "barrier"), *bit = json_object_get(json, "bit");
    qst_status status;

    if (measure) {
        out->kind = QST_INSTRUCTION_MEASURE;
        QSTI_TRY(check_keys(in, json, KEYS("measure", "bit", "if")));
        QSTI_TRY(read_qubit(in, measure, "measure", out));
        if (bit)
            QSTI_TRY(read_index(in, bit, "bit", &out->bit));
    } else if (reset) {
        out->kind = QST_INSTRUCTION_RESET;
        QSTI_TRY(check_keys(in, json, KEYS("reset", "if")));
        QSTI_TRY(read_qubit(in, reset, "reset", out));
    } else if (barrier) {
        out->kind = QST_INSTRUCTION_BARRIER;
        QSTI_TRY(check_keys(in, json, KEYS("barrier", "if")));
        QSTI_TRY(read_qubits(in, barrier, "barrier", out));
    } else {
        return FAIL(in, "an instruction must be an object with gate, call, measure, reset or barrier");
    }
    status = read_condition(in, json_object_get(json, "if"), out);
done:
    return status;
}

static qst_status read_instruction(reader *in, const json_t *json)
{
    qst_instruction instruction = {.bit = QST_NO_BIT, .condition = QST_NO_CONDITION};
    qst_status status;

    if (json_object_get(json, "gate"))
        QSTI_TRY(read_gate(in, json, &instruction));
    else if (json_object_get(json, "call"))
        QSTI_TRY(read_call(in, json, &instruction));
    else
        QSTI_TRY(read_other(in, json, &instruction));
    status = placed(in, qst_assembly_add(in->builder, &instruction));
done:
    return status;
}

/* --- the rest ----------------------------------------------------------------------------------------------------- */

static qst_status read_registers(reader *in, const json_t *list, const char *key,
                                 qst_status add(qst_assembly_builder *, const char *, size_t))
{
    qst_status status = QST_OK;

    (void)snprintf(in->at, sizeof in->at, "%s", key);
    if (list && !json_is_array(list))
        return FAIL(in, "it must be a list of registers");
    for (size_t i = 0; status == QST_OK && i < json_array_size(list); i++) {
        const json_t *pair = json_array_get(list, i);
        const char *name = json_string_value(json_array_get(pair, 0));
        const json_t *size = json_array_get(pair, 1);
        (void)snprintf(in->at, sizeof in->at, "%s[%zu]", key, i);
        if (json_array_size(pair) != 2 || !name || !json_is_integer(size) || json_integer_value(size) < 0)
            return FAIL(in, "a register must be a name and a size, such as [\"q\", 4]");
        status = placed(in, add(in->builder, name, (size_t)json_integer_value(size)));
    }
    return status;
}

static qst_status read_parameters(reader *in, const json_t *list)
{
    qst_status status = QST_OK;

    (void)snprintf(in->at, sizeof in->at, "parameters");
    if (list && !json_is_array(list))
        return FAIL(in, "it must be a list of names");
    for (size_t i = 0; status == QST_OK && i < json_array_size(list); i++) {
        (void)snprintf(in->at, sizeof in->at, "parameters[%zu]", i);
        status = placed(in, qst_assembly_add_parameter(in->builder, json_string_value(json_array_get(list, i))));
    }
    return status;
}

/* Names of a definition's qubits and angles, behind each other in in->names. */
static qst_status read_names(reader *in, const json_t *qubits, const json_t *angles, qst_definition *out)
{
    size_t n_qubits = json_array_size(qubits), n_angles = json_array_size(angles);
    qst_status status = RESERVE(in, names, n_qubits + n_angles + 1);

    if (status != QST_OK)
        return status;
    if (!json_is_array(qubits) || (angles && !json_is_array(angles)))
        return FAIL(in, "qubits and angles must be lists of names");
    for (size_t i = 0; i < n_qubits + n_angles; i++)
        in->names[i] =
            json_string_value(i < n_qubits ? json_array_get(qubits, i) : json_array_get(angles, i - n_qubits));
    out->qubit_names = in->names;
    out->n_qubits = n_qubits;
    out->angle_names = in->names + n_qubits;
    out->n_angles = n_angles;
    return QST_OK;
}

static qst_status read_definition(reader *in, const json_t *json, size_t index)
{
    const json_t *opaque = json_object_get(json, "opaque"), *body = json_object_get(json, "body");
    qst_definition definition = {.name = json_string_value(json_object_get(json, "name")),
                                 .opaque = json_is_true(opaque)};
    qst_status status;

    (void)snprintf(in->at, sizeof in->at, "definitions[%zu]", index);
    QSTI_TRY(check_keys(in, json, KEYS("name", "qubits", "angles", "opaque", "body")));
    if ((opaque && !json_is_boolean(opaque)) || (definition.opaque ? body != NULL : !json_is_array(body)))
        return FAIL(in, "a definition must have \"body\": a list of instructions, or \"opaque\": true");
    QSTI_TRY(read_names(in, json_object_get(json, "qubits"), json_object_get(json, "angles"), &definition));
    QSTI_TRY(placed(in, qst_assembly_begin_definition(in->builder, &definition)));
    if (definition.opaque)
        return QST_OK;
    for (size_t i = 0; i < json_array_size(body); i++) {
        (void)snprintf(in->at, sizeof in->at, "definitions[%zu].body[%zu]", index, i);
        QSTI_TRY(read_instruction(in, json_array_get(body, i)));
    }
    status = qst_assembly_end_definition(in->builder);
done:
    return status;
}

static qst_status read_lists(reader *in, const json_t *definitions, const json_t *instructions)
{
    qst_status status = QST_OK;

    (void)snprintf(in->at, sizeof in->at, "definitions");
    if (definitions && !json_is_array(definitions))
        return FAIL(in, "it must be a list of definitions");
    for (size_t i = 0; i < json_array_size(definitions); i++)
        QSTI_TRY(read_definition(in, json_array_get(definitions, i), i));
    (void)snprintf(in->at, sizeof in->at, "instructions");
    if (!json_is_array(instructions))
        return FAIL(in, "it must be a list of instructions");
    for (size_t i = 0; i < json_array_size(instructions); i++) {
        (void)snprintf(in->at, sizeof in->at, "instructions[%zu]", i);
        QSTI_TRY(read_instruction(in, json_array_get(instructions, i)));
    }
done:
    return status;
}

static qst_status read_all(reader *in, const json_t *root)
{
    const char *format = json_string_value(json_object_get(root, "format"));
    qst_status status;

    (void)snprintf(in->at, sizeof in->at, "format");
    if (!format || strcmp(format, FORMAT) != 0)
        return FAIL(in, "expected \"" FORMAT "\", found \"%.40s\"", format ? format : "");
    (void)snprintf(in->at, sizeof in->at, "assembly");
    QSTI_TRY(check_keys(in, root, KEYS("format", "qubits", "bits", "parameters", "definitions", "instructions")));
    QSTI_TRY(read_registers(in, json_object_get(root, "qubits"), "qubits", qst_assembly_add_qubits));
    QSTI_TRY(read_registers(in, json_object_get(root, "bits"), "bits", qst_assembly_add_bits));
    QSTI_TRY(read_parameters(in, json_object_get(root, "parameters")));
    status = read_lists(in, json_object_get(root, "definitions"), json_object_get(root, "instructions"));
done:
    return status;
}

qst_status qst_assembly_json_read(qst_ctx *ctx, const char *name, const char *text, size_t n_bytes, qst_assembly **out)
{
    reader in = {.ctx = ctx, .name = name};
    json_t *root = NULL;
    qst_status status;

    QSTI_TRY(qsti_json_parse(ctx, name, text, n_bytes, QST_ERR_INPUT, &root));
    QSTI_TRY(qst_assembly_begin(ctx, &in.builder));
    QSTI_TRY(read_all(&in, root));
    status = qst_assembly_finish(in.builder, out);
    in.builder = NULL;
done:
    qst_assembly_abandon(in.builder);
    json_decref(root);
    qsti_free(ctx, in.qubits);
    qsti_free(ctx, in.angles);
    qsti_free(ctx, in.tokens);
    qsti_free(ctx, in.names);
    return status;
}

qst_status qst_assembly_json_load(qst_ctx *ctx, const char *path, qst_assembly **out)
{
    char *bytes = NULL;
    size_t n_bytes;
    qst_status status = qsti_file_read(ctx, path, MOST_BYTES, &bytes, &n_bytes);
    if (status == QST_OK)
        status = qst_assembly_json_read(ctx, strcmp(path, "-") == 0 ? "(standard input)" : path, bytes, n_bytes, out);
    qsti_free(ctx, bytes);
    return status;
}

/* circuit_json.c: circuits as JSON, "qstill-circuit/1", written and read back without loss.
 *
 *   {"format": "qstill-circuit/1", "n_qubits": 2, "n_features": 1, "n_weights": 2, "preparation": "zero",
 *    "weight_roles": [["scale", 1], ["shift", 1]],
 *    "operations": [["ry", [0], [[[1.0, "w0", "x0"], [1.0, "w1"]]]], ["cx", [0, 1]]]}
 *
 * An operation is [gate, qubits] or [gate, qubits, angles]; an angle is a list of terms; a term is a coefficient and up
 * to two variables, "w" or "x" with a number. Roles are run lengths. Reading goes through the builder, so that the
 * checks are the same for everybody; what it says is put behind the place in the file. */
#include <string.h>

#include "base/text.h"
#include "circuit/circuit.h"

#define FORMAT "qstill-circuit/1"

static const char *const preparation_names[] = {"zero", "amplitude", "basis"};
static const char *const role_names[] = {"angle", "scale", "shift"};
static const char *const keys[] = {"format",      "n_qubits",     "n_features", "n_weights",
                                   "preparation", "weight_roles", "operations"};

/* The place of a word in a list, or `n`. */
static size_t place_of(const char *word, const char *const *words, size_t n)
{
    size_t i = 0;
    while (i < n && strcmp(words[i], word) != 0)
        i++;
    return i;
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* --- writing ------------------------------------------------------------------------------------------------------ */
/* Out of memory is NULL all the way up: jansson's setters take NULL, free the rest, and say so. */

static bool push(json_t *array, json_t *value)
{
    return json_array_append_new(array, value) == 0;
}

/* Ends building of an array: itself, or NULL when something went wrong. */
static json_t *whole(json_t *array, bool ok)
{
    if (ok)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *variable_to_json(qst_variable variable)
{
    bool is_weight = variable > 0;
    return json_sprintf("%c%d", is_weight ? 'w' : 'x', is_weight ? variable - 1 : -(variable + 1));
}

static json_t *angle_to_json(const qst_term *terms, size_t n_terms)
{
    json_t *angle = json_array();
    bool ok = true;

    for (size_t i = 0; ok && i < n_terms; i++) {
        json_t *term = json_array();
        ok = push(term, json_real(terms[i].coefficient));
        if (terms[i].a != QST_ONE)
            ok = ok && push(term, variable_to_json(terms[i].a));
        if (terms[i].b != QST_ONE)
            ok = ok && push(term, variable_to_json(terms[i].b));
        ok = push(angle, whole(term, ok));
    }
    return whole(angle, ok);
}

static json_t *operation_to_json(const qst_circuit *circuit, const qsti_operation *operation)
{
    const qst_gate_info *gate = qst_gate_describe((qst_gate)operation->gate);
    json_t *list = json_array(), *qubits = json_array();
    bool ok = push(list, json_string(gate->name));

    for (int k = 0; k < gate->n_qubits; k++)
        ok = ok && push(qubits, json_integer(operation->qubits[k]));
    ok = push(list, whole(qubits, ok)) && ok;
    if (gate->n_angles > 0) {
        json_t *angles = json_array();
        for (int k = 0; k < gate->n_angles; k++) {
            qsti_span span = operation->angle[k];
            ok = ok && push(angles, angle_to_json(circuit->terms + span.first, span.count));
        }
        ok = push(list, whole(angles, ok)) && ok;
    }
    return whole(list, ok);
}

static json_t *roles_to_json(const qst_circuit *circuit)
{
    json_t *runs = json_array();
    bool ok = true;

    for (size_t first = 0, end; ok && first < circuit->n_weights; first = end) {
        for (end = first; end < circuit->n_weights && circuit->roles[end] == circuit->roles[first];)
            end++;
        ok = push(runs, json_pack("[s, I]", role_names[circuit->roles[first]], (json_int_t)(end - first)));
    }
    return whole(runs, ok);
}

qst_status qsti_circuit_to_json(const qst_circuit *circuit, json_t **out)
{
    json_t *object = json_object(), *operations = json_array();
    bool ok = json_object_set_new(object, "format", json_string(FORMAT)) == 0;

    ok = ok && json_object_set_new(object, "n_qubits", json_integer((json_int_t)circuit->n_qubits)) == 0;
    ok = ok && json_object_set_new(object, "n_features", json_integer((json_int_t)circuit->n_features)) == 0;
    ok = ok && json_object_set_new(object, "n_weights", json_integer((json_int_t)circuit->n_weights)) == 0;
    ok = ok && json_object_set_new(object, "preparation", json_string(preparation_names[circuit->preparation])) == 0;
    ok = ok && json_object_set_new(object, "weight_roles", roles_to_json(circuit)) == 0;
    for (size_t i = 0; ok && i < circuit->n_operations; i++)
        ok = push(operations, operation_to_json(circuit, &circuit->operations[i]));
    ok = json_object_set_new(object, "operations", whole(operations, ok)) == 0 && ok;
    object = whole(object, ok);
    if (!object)
        return qsti_fail(circuit->ctx, QST_ERR_MEMORY, "out of memory while writing a circuit as JSON");
    *out = object;
    return QST_OK;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* One reading: `where` names the file, `at` the operation that is read, `terms` is scratch for its angles. */
typedef struct reader {
    qst_ctx *ctx;
    const char *where;
    qst_status bad;
    qst_circuit_builder *builder;
    size_t at;
    qst_term *terms;
    size_t n_terms, capacity;
} reader;

/* What the typed getters and the builder call wrong input is `bad` here. */
static qst_status as_bad(const reader *in, qst_status status)
{
    return status == QST_ERR_INPUT || status == QST_ERR_USAGE || status == QST_ERR_LIMIT ? in->bad : status;
}

static qst_status read_variable(const reader *in, const json_t *json, size_t angle, size_t term, qst_variable *out)
{
    const char *text = json_string_value(json);
    uint64_t index = 0;

    if (text && (text[0] == 'w' || text[0] == 'x')) {
        size_t n_digits = strlen(text + 1);
        bool is_plain = strspn(text + 1, "0123456789") == n_digits && (text[1] != '0' || n_digits == 1);
        if (is_plain && qsti_parse_u64(text + 1, n_digits, &index) && index < INT32_MAX) {
            *out = text[0] == 'w' ? QST_WEIGHT(index) : QST_FEATURE((qst_variable)index);
            return QST_OK;
        }
    }
    return qsti_fail(in->ctx, in->bad,
                     "%s: operations[%zu][2][%zu][%zu]: a variable must be \"w\" or \"x\" and a number, such as \"w0\"",
                     in->where, in->at, angle, term);
}

static qst_status read_term(reader *in, const json_t *json, size_t angle, size_t index)
{
    size_t length = json_array_size(json);
    qst_term term = {0.0, QST_ONE, QST_ONE};
    qst_status status = QST_OK;

    if (length < 1 || length > 3 || !json_is_number(json_array_get(json, 0)))
        return qsti_fail(in->ctx, in->bad,
                         "%s: operations[%zu][2][%zu][%zu]: a term must be a number and at most two variables",
                         in->where, in->at, angle, index);
    term.coefficient = json_number_value(json_array_get(json, 0));
    if (length > 1)
        QSTI_TRY(read_variable(in, json_array_get(json, 1), angle, index, &term.a));
    if (length > 2)
        QSTI_TRY(read_variable(in, json_array_get(json, 2), angle, index, &term.b));
    if (in->n_terms == in->capacity) {
        size_t capacity = in->capacity < 16 ? 16 : 2 * in->capacity;
        QSTI_TRY(QSTI_GROW(in->ctx, capacity, &in->terms));
        in->capacity = capacity;
    }
    in->terms[in->n_terms++] = term;
done:
    return status;
}

/* All angles of an operation into in->terms; how many each has into counts[]. */
static qst_status read_angles(reader *in, const qst_gate_info *gate, const json_t *json,
                              size_t counts[QST_MAX_GATE_ANGLES])
{
    qst_status status = QST_OK;

    if (json ? !json_is_array(json) || json_array_size(json) != (size_t)gate->n_angles : gate->n_angles > 0)
        return qsti_fail(in->ctx, in->bad, "%s: operations[%zu][2]: gate %s takes a list of %d angles", in->where,
                         in->at, gate->name, gate->n_angles);
    in->n_terms = 0;
    for (size_t k = 0; k < (size_t)gate->n_angles; k++) {
        const json_t *angle = json_array_get(json, k);
        if (!json_is_array(angle))
            return qsti_fail(in->ctx, in->bad, "%s: operations[%zu][2][%zu]: an angle must be a list of terms",
                             in->where, in->at, k);
        counts[k] = json_array_size(angle);
        for (size_t i = 0; i < counts[k]; i++)
            QSTI_TRY(read_term(in, json_array_get(angle, i), k, i));
    }
done:
    return status;
}

static qst_status read_qubits(const reader *in, const qst_gate_info *gate, const json_t *json,
                              size_t qubits[QST_MAX_GATE_QUBITS])
{
    if (!json_is_array(json) || json_array_size(json) != (size_t)gate->n_qubits)
        return qsti_fail(in->ctx, in->bad, "%s: operations[%zu][1]: gate %s takes a list of %d qubits", in->where,
                         in->at, gate->name, gate->n_qubits);
    for (size_t k = 0; k < (size_t)gate->n_qubits; k++) {
        const json_t *qubit = json_array_get(json, k);
        if (!json_is_integer(qubit) || json_integer_value(qubit) < 0)
            return qsti_fail(in->ctx, in->bad, "%s: operations[%zu][1][%zu]: a qubit must be an integer >= 0",
                             in->where, in->at, k);
        qubits[k] = (size_t)json_integer_value(qubit);
    }
    return QST_OK;
}

static qst_status read_operation(reader *in, const json_t *json)
{
    const char *name = json_string_value(json_array_get(json, 0));
    size_t length = json_array_size(json);
    size_t qubits[QST_MAX_GATE_QUBITS], counts[QST_MAX_GATE_ANGLES];
    qst_angle angles[QST_MAX_GATE_ANGLES];
    qst_gate gate;
    qst_status status;

    if (!name || length < 2 || length > 3)
        return qsti_fail(in->ctx, in->bad,
                         "%s: operations[%zu]: an operation must be [gate, qubits] or [gate, qubits, angles]",
                         in->where, in->at);
    if (!qst_gate_find(name, &gate))
        return qsti_fail(in->ctx, in->bad, "%s: operations[%zu][0]: there is no gate \"%.40s\"", in->where, in->at,
                         name);
    const qst_gate_info *info = qst_gate_describe(gate);
    QSTI_TRY(read_qubits(in, info, json_array_get(json, 1), qubits));
    QSTI_TRY(read_angles(in, info, json_array_get(json, 2), counts));
    size_t first = 0;
    for (int k = 0; k < info->n_angles; k++) {
        angles[k] = (qst_angle){in->terms ? in->terms + first : NULL, counts[k]};
        first += counts[k];
    }
    status = qst_circuit_add(in->builder, gate, qubits, angles);
    if (status != QST_OK)
        status = qsti_fail_within(in->ctx, as_bad(in, status), "%s: operations[%zu]", in->where, in->at);
done:
    return status;
}

static qst_status read_roles(const reader *in, const json_t *runs, size_t n_weights)
{
    size_t sum = 0;

    for (size_t i = 0; i < json_array_size(runs); i++) {
        const json_t *run = json_array_get(runs, i);
        const char *name = json_string_value(json_array_get(run, 0));
        size_t role = name ? place_of(name, role_names, COUNT(role_names)) : COUNT(role_names);
        json_int_t count = json_integer_value(json_array_get(run, 1));
        if (json_array_size(run) != 2 || role == COUNT(role_names) || count < 1)
            return qsti_fail(in->ctx, in->bad,
                             "%s: weight_roles[%zu]: must be [\"angle\" or \"scale\" or \"shift\", how many]",
                             in->where, i);
        if ((uint64_t)count > n_weights - sum)
            return qsti_fail(in->ctx, in->bad, "%s: weight_roles[%zu]: more roles than the %zu weights of n_weights",
                             in->where, i, n_weights);
        size_t weight;
        qst_status status = qst_circuit_add_weights(in->builder, (size_t)count, (qst_weight_role)role, &weight);
        if (status != QST_OK)
            return qsti_fail_within(in->ctx, as_bad(in, status), "%s: weight_roles[%zu]", in->where, i);
        sum += (size_t)count;
    }
    if (sum != n_weights)
        return qsti_fail(in->ctx, in->bad, "%s: weight_roles: %zu roles for the %zu weights of n_weights", in->where,
                         sum, n_weights);
    return QST_OK;
}

static qst_status check_keys(const reader *in, const json_t *json)
{
    const char *format = json_string_value(json_object_get(json, "format"));

    if (!json_is_object(json))
        return qsti_fail(in->ctx, in->bad, "%s: a circuit must be an object", in->where);
    if (!format || strcmp(format, FORMAT) != 0)
        return qsti_fail(in->ctx, in->bad, "%s: format: expected \"" FORMAT "\", found %s%.40s%s", in->where,
                         format ? "\"" : "", format ? format : "none", format ? "\" (written by another release)" : "");
    for (void *at = json_object_iter((json_t *)json); at; at = json_object_iter_next((json_t *)json, at)) {
        if (place_of(json_object_iter_key(at), keys, COUNT(keys)) == COUNT(keys))
            return qsti_fail(in->ctx, in->bad, "%s: %.40s: there is no such key", in->where, json_object_iter_key(at));
    }
    return QST_OK;
}

/* Everything but the operations; begins the circuit. */
static qst_status read_head(reader *in, const json_t *json)
{
    int64_t n_qubits = 0, n_features = 0, n_weights = 0;
    const char *preparation = NULL;
    json_t *roles = NULL;
    qst_status status;

    QSTI_TRY(check_keys(in, json));
    QSTI_TRY(qsti_json_get_i64(in->ctx, in->where, json, "n_qubits", 1, 30, &n_qubits));
    QSTI_TRY(qsti_json_get_i64(in->ctx, in->where, json, "n_features", 0, INT32_MAX - 1, &n_features));
    QSTI_TRY(qsti_json_get_i64(in->ctx, in->where, json, "n_weights", 0, INT32_MAX - 1, &n_weights));
    QSTI_TRY(qsti_json_get_string(in->ctx, in->where, json, "preparation", &preparation));
    QSTI_TRY(qsti_json_get_array(in->ctx, in->where, json, "weight_roles", &roles));
    size_t kind = place_of(preparation, preparation_names, COUNT(preparation_names));
    if (kind == COUNT(preparation_names)) {
        status = qsti_fail(in->ctx, in->bad, "%s: preparation: \"%.40s\" is not zero, amplitude or basis", in->where,
                           preparation);
        goto done;
    }
    status = qst_circuit_begin(in->ctx, (size_t)n_qubits, (size_t)n_features, (qst_preparation)kind, &in->builder);
    if (status != QST_OK) {
        status = qsti_fail_within(in->ctx, status, "%s: n_features", in->where);
        goto done;
    }
    QSTI_TRY(read_roles(in, roles, (size_t)n_weights));
done:
    return as_bad(in, status);
}

qst_status qsti_circuit_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_status bad,
                                  qst_circuit **out)
{
    reader in = {.ctx = ctx, .where = where, .bad = bad};
    json_t *operations = NULL;
    qst_status status;

    QSTI_TRY(read_head(&in, json));
    QSTI_TRY(as_bad(&in, qsti_json_get_array(ctx, where, json, "operations", &operations)));
    for (in.at = 0; in.at < json_array_size(operations); in.at++)
        QSTI_TRY(read_operation(&in, json_array_get(operations, in.at)));
    status = qst_circuit_finish(in.builder, out);
    in.builder = NULL;
done:
    qst_circuit_abandon(in.builder);
    qsti_free(ctx, in.terms);
    return status;
}

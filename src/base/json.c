/* json.c: reading JSON through jansson, behind a gate, and typed access to what was read. Writing is in json_write.c.
 *
 * jansson accepts 2,048 levels and any number of values, so one pass over the bytes counts both before it sees them.
 * That pass knows strings, brackets and commas only; whether the text is JSON is for jansson to say. Its messages end
 * in " near '...'"; that part is dropped, because the file may not be what the user meant to show. jansson takes its
 * memory from malloc: its allocator belongs to the process, not to us. */
#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* --- the gate ----------------------------------------------------------------------------------------------------- */

/* `column` counts characters, as jansson does, not bytes. */
typedef struct gate {
    size_t line, column, depth, n_values;
    bool in_string, escaped;
} gate;

static void advance_place(gate *state, char byte)
{
    if (byte == '\n') {
        state->line++;
        state->column = 0;
    } else if (((unsigned char)byte & 0xc0) != 0x80) {
        state->column++;
    }
}

static void advance_string(gate *state, char byte)
{
    if (state->escaped) {
        state->escaped = false;
    } else if (byte == '\\') {
        state->escaped = true;
    } else if (byte == '"') {
        state->in_string = false;
    }
}

static void advance_structure(gate *state, char byte)
{
    switch (byte) {
    case '"':
        state->in_string = true;
        break;
    case '[':
    case '{':
        state->depth++;
        state->n_values++;
        break;
    case ']':
    case '}':
        state->depth -= state->depth > 0;
        break;
    case ',':
        state->n_values++;
        break;
    default:
        break;
    }
}

static qst_status check_bounds(qst_ctx *ctx, const char *name, const char *text, size_t n, qst_status bad)
{
    if (n > QSTI_JSON_MAX_BYTES) {
        return qsti_fail(ctx, QST_ERR_LIMIT, "%s: %zu bytes are more than the limit of %zu for JSON", name, n,
                         QSTI_JSON_MAX_BYTES);
    }
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        return qsti_fail_at(ctx, bad, (qsti_place){name, 1, 1}, "JSON may not begin with a byte order mark");
    }
    gate state = {.line = 1};
    for (size_t i = 0; i < n; i++) {
        advance_place(&state, text[i]);
        if (state.in_string) {
            advance_string(&state, text[i]);
        } else {
            advance_structure(&state, text[i]);
        }
        qsti_place place = {name, state.line, state.column};
        if (state.depth > QSTI_JSON_MAX_DEPTH) {
            return qsti_fail_at(ctx, bad, place, "nested deeper than %d levels", QSTI_JSON_MAX_DEPTH);
        }
        if (state.n_values > QSTI_JSON_MAX_VALUES) {
            return qsti_fail_at(ctx, QST_ERR_LIMIT, place, "more than %zu values", QSTI_JSON_MAX_VALUES);
        }
    }
    return QST_OK;
}

/* --- parsing ------------------------------------------------------------------------------------------------------ */

static qst_status fail_parse(qst_ctx *ctx, const char *name, qst_status bad, const json_error_t *error)
{
    if (json_error_code(error) == json_error_out_of_memory) {
        return qsti_fail(ctx, QST_ERR_MEMORY, "%s: out of memory while parsing JSON", name);
    }
    const char *near = strstr(error->text, " near ");
    size_t length = near ? (size_t)(near - error->text) : strlen(error->text);
    qsti_place place = {name, error->line > 0 ? (size_t)error->line : 1, error->column > 0 ? (size_t)error->column : 1};
    return qsti_fail_at(ctx, bad, place, "not JSON: %.*s", (int)length, error->text);
}

qst_status qsti_json_parse(qst_ctx *ctx, const char *name, const char *text, size_t n, qst_status bad, json_t **out)
{
    qst_status status = check_bounds(ctx, name, text, n, bad);
    if (status != QST_OK) {
        return status;
    }
    json_error_t error = {.line = -1};
    json_t *json = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        return fail_parse(ctx, name, bad, &error);
    }
    *out = json;
    return QST_OK;
}

qst_status qsti_json_read(qst_ctx *ctx, const char *path, qst_status bad, json_t **out)
{
    char *text = NULL;
    size_t length = 0;
    qst_status status = qsti_file_read(ctx, path, QSTI_JSON_MAX_BYTES, &text, &length);
    if (status == QST_OK) {
        status = qsti_json_parse(ctx, path, text, length, bad, out);
        qsti_free(ctx, text);
    }
    return status;
}

/* --- building ----------------------------------------------------------------------------------------------------- */

json_t *qsti_json_real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* The object under key[0..n) of `object`, made when missing. NULL when it cannot be. */
static json_t *object_within(json_t *object, const char *key, size_t n)
{
    json_t *inner = json_object_getn(object, key, n);
    if (inner) {
        return json_is_object(inner) ? inner : NULL;
    }
    inner = json_object();
    return json_object_setn_new(object, key, n, inner) == 0 ? inner : NULL;
}

bool qsti_json_put(json_t *object, const char *dotted_path, json_t *value)
{
    const char *part = dotted_path;
    for (const char *dot = strchr(part, '.'); object && dot; dot = strchr(part, '.')) {
        object = dot > part ? object_within(object, part, (size_t)(dot - part)) : NULL;
        part = dot + 1;
    }
    if (!json_is_object(object) || *part == '\0') {
        json_decref(value);
        return false;
    }
    return json_object_set_new(object, part, value) == 0;
}

/* --- typed access ------------------------------------------------------------------------------------------------- */

static const char *type_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a real number";
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    default:
        return "null";
    }
}

static qst_status get(qst_ctx *ctx, const char *where, const json_t *object, const char *key,
                      bool is_type(const json_t *), const char *expected, json_t **out)
{
    json_t *value = json_object_get(object, key);
    if (value == NULL) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: %s: missing, expected %s", where, key, expected);
    }
    if (!is_type(value)) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: %s: expected %s, found %s", where, key, expected, type_name(value));
    }
    *out = value;
    return QST_OK;
}

static bool is_string(const json_t *value)
{
    return json_is_string(value);
}

static bool is_integer(const json_t *value)
{
    return json_is_integer(value);
}

static bool is_number(const json_t *value)
{
    return json_is_number(value);
}

static bool is_array(const json_t *value)
{
    return json_is_array(value);
}

static bool is_object(const json_t *value)
{
    return json_is_object(value);
}

qst_status qsti_json_get_string(qst_ctx *ctx, const char *where, const json_t *object, const char *key,
                                const char **out)
{
    json_t *value = NULL;
    qst_status status = get(ctx, where, object, key, is_string, "a string", &value);
    if (status == QST_OK) {
        *out = json_string_value(value);
    }
    return status;
}

qst_status qsti_json_get_i64(qst_ctx *ctx, const char *where, const json_t *object, const char *key, int64_t min,
                             int64_t max, int64_t *out)
{
    json_t *value = NULL;
    qst_status status = get(ctx, where, object, key, is_integer, "an integer", &value);
    if (status != QST_OK) {
        return status;
    }
    int64_t number = json_integer_value(value);
    if (number < min || number > max) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: %s: %" PRId64 " is not in %" PRId64 "..%" PRId64, where, key, number,
                         min, max);
    }
    *out = number;
    return QST_OK;
}

qst_status qsti_json_get_double(qst_ctx *ctx, const char *where, const json_t *object, const char *key, double *out)
{
    json_t *value = NULL;
    qst_status status = get(ctx, where, object, key, is_number, "a number", &value);
    if (status == QST_OK) {
        *out = json_number_value(value);
    }
    return status;
}

qst_status qsti_json_get_array(qst_ctx *ctx, const char *where, const json_t *object, const char *key, json_t **out)
{
    return get(ctx, where, object, key, is_array, "an array", out);
}

qst_status qsti_json_get_object(qst_ctx *ctx, const char *where, const json_t *object, const char *key, json_t **out)
{
    return get(ctx, where, object, key, is_object, "an object", out);
}

/* json_write.c: JSON values as text whose bytes depend on the values alone.
 *
 * jansson prints reals with 17 digits; here they are the shortest that read back exactly, and arrays stay on one line
 * where they fit, so that a circuit or a list of weights can be read. Whether something fits is tried: it is written in
 * one line, and taken back at the first column too many, which costs at most a line. */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"

#define COLUMNS 120

/* --- scalars ------------------------------------------------------------------------------------------------------ */

void qsti_json_add_string(qsti_text *text, const char *bytes, size_t n)
{
    static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    qsti_text_add_bytes(text, "\"", 1);
    size_t plain = 0;
    for (size_t i = 0; i < n; i++) {
        const char *found = bytes[i] ? strchr(special, bytes[i]) : NULL;
        if (found == NULL && (unsigned char)bytes[i] >= 0x20) {
            continue;
        }
        qsti_text_add_bytes(text, bytes + plain, i - plain);
        if (found) {
            qsti_text_add(text, "\\%c", letters[found - special]);
        } else {
            qsti_text_add(text, "\\u%04x", (unsigned)(unsigned char)bytes[i]);
        }
        plain = i + 1;
    }
    qsti_text_add_bytes(text, bytes + plain, n - plain);
    qsti_text_add_bytes(text, "\"", 1);
}

/* A real keeps a point or an exponent, so that it is read as a real again. */
static void add_real(qsti_text *text, double value)
{
    char number[32];
    qsti_format_double(value, number);
    bool looks_whole = strpbrk(number, ".e") == NULL;
    qsti_text_add(text, "%s%s", number, looks_whole ? ".0" : "");
}

static bool is_scalar(const json_t *value)
{
    return !json_is_array(value) && !json_is_object(value);
}

static void add_scalar(qsti_text *text, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        qsti_json_add_string(text, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        qsti_text_add(text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        add_real(text, json_real_value(value));
        break;
    case JSON_TRUE:
        qsti_text_add(text, "true");
        break;
    case JSON_FALSE:
        qsti_text_add(text, "false");
        break;
    default:
        qsti_text_add(text, "null");
        break;
    }
}

static void add_key(qsti_text *text, const char *key)
{
    qsti_json_add_string(text, key, strlen(key));
    qsti_text_add_bytes(text, ": ", 2);
}

/* jansson takes objects that may change as the handle of an iteration. */
static json_t *changeable(const json_t *value)
{
    return (json_t *)value;
}

/* --- one line ----------------------------------------------------------------------------------------------------- */

/* Appends in one line; false as soon as the text is longer than `limit`. */
static bool add_line(qsti_text *text, const json_t *value, size_t limit, size_t depth)
{
    if (is_scalar(value)) {
        add_scalar(text, value);
        return text->length <= limit;
    }
    if (depth == 0) {
        return false;
    }
    bool array = json_is_array(value);
    const char *separator = array ? "[" : "{";
    if (array) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            qsti_text_add(text, "%s", separator);
            separator = ", ";
            if (!add_line(text, json_array_get(value, i), limit, depth - 1)) {
                return false;
            }
        }
    } else {
        const char *key;
        json_t *member;
        json_object_foreach(changeable(value), key, member)
        {
            qsti_text_add(text, "%s", separator);
            separator = ", ";
            add_key(text, key);
            if (!add_line(text, member, limit, depth - 1)) {
                return false;
            }
        }
    }
    bool empty = separator[0] != ',';
    qsti_text_add(text, "%s%s", empty ? separator : "", array ? "]" : "}");
    return text->length <= limit;
}

static void take_back(qsti_text *text, size_t length)
{
    if (text->status == QST_OK) {
        text->length = length;
        text->bytes[length] = '\0';
    }
}

/* --- several lines ------------------------------------------------------------------------------------------------ */

/* `start`: where the current line begins in the text. */
typedef struct writer {
    qsti_text *text;
    size_t start;
    bool too_deep;
} writer;

static void add_break(writer *to, size_t indent)
{
    qsti_text_add_bytes(to->text, "\n", 1);
    to->start = to->text->length;
    qsti_text_add(to->text, "%*s", (int)indent, "");
}

/* Writes the value where it is when this line holds it and a comma. */
static bool add_on_line(writer *to, const json_t *value, size_t depth)
{
    size_t length = to->text->length;
    if (add_line(to->text, value, to->start + COLUMNS - 1, QSTI_JSON_MAX_DEPTH - depth)) {
        return true;
    }
    take_back(to->text, length);
    return false;
}

static void add_value(writer *to, const json_t *value, size_t depth, bool in_array);

static bool has_scalars_only(const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (!is_scalar(json_array_get(array, i))) {
            return false;
        }
    }
    return true;
}

/* As many scalars to a line as it holds. */
static void add_filled(writer *to, const json_t *array, size_t depth)
{
    add_break(to, 2 * depth);
    size_t first = to->text->length;
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        size_t length = to->text->length;
        if (length > first) {
            qsti_text_add_bytes(to->text, ", ", 2);
        }
        add_scalar(to->text, item);
        if (length > first && to->text->length >= to->start + COLUMNS) {
            take_back(to->text, length);
            qsti_text_add_bytes(to->text, ",", 1);
            add_break(to, 2 * depth);
            first = to->text->length;
            add_scalar(to->text, item);
        }
    }
}

static void add_array(writer *to, const json_t *array, size_t depth)
{
    qsti_text_add_bytes(to->text, "[", 1);
    if (has_scalars_only(array)) {
        add_filled(to, array, depth + 1);
    } else {
        for (size_t i = 0; i < json_array_size(array); i++) {
            if (i > 0) {
                qsti_text_add_bytes(to->text, ",", 1);
            }
            add_break(to, 2 * (depth + 1));
            add_value(to, json_array_get(array, i), depth + 1, true);
        }
    }
    add_break(to, 2 * depth);
    qsti_text_add_bytes(to->text, "]", 1);
}

static void add_object(writer *to, const json_t *object, size_t depth)
{
    const char *key;
    json_t *member;
    bool first = true;
    qsti_text_add_bytes(to->text, "{", 1);
    json_object_foreach(changeable(object), key, member)
    {
        if (!first) {
            qsti_text_add_bytes(to->text, ",", 1);
        }
        first = false;
        add_break(to, 2 * (depth + 1));
        add_key(to->text, key);
        add_value(to, member, depth + 1, false);
    }
    add_break(to, 2 * depth);
    qsti_text_add_bytes(to->text, "}", 1);
}

static void add_value(writer *to, const json_t *value, size_t depth, bool in_array)
{
    if (is_scalar(value)) {
        add_scalar(to->text, value);
    } else if (depth >= QSTI_JSON_MAX_DEPTH) {
        to->too_deep = true;
    } else if (json_is_array(value)) {
        if (!add_on_line(to, value, depth)) {
            add_array(to, value, depth);
        }
    } else if (json_object_size(value) == 0) {
        qsti_text_add_bytes(to->text, "{}", 2);
    } else if (!in_array || !add_on_line(to, value, depth)) {
        add_object(to, value, depth);
    }
}

qst_status qsti_json_text(qst_ctx *ctx, const json_t *json, char **out, size_t *out_length)
{
    qsti_text text;
    qsti_text_init(&text, ctx);
    writer to = {.text = &text};
    add_value(&to, json, 0, false);
    qsti_text_add_bytes(&text, "\n", 1);
    qst_status status = text.status;
    if (status == QST_OK && to.too_deep) {
        status = qsti_fail(ctx, QST_ERR_INTERNAL, "JSON to write: nested deeper than %d levels", QSTI_JSON_MAX_DEPTH);
    }
    if (status != QST_OK) {
        qsti_text_clear(&text);
        return status;
    }
    *out = text.bytes;
    *out_length = text.length;
    return QST_OK;
}

qst_status qsti_json_write(qst_ctx *ctx, const char *path, const json_t *json)
{
    char *text = NULL;
    size_t length = 0;
    qst_status status = qsti_json_text(ctx, json, &text, &length);
    if (status == QST_OK) {
        status = qsti_file_write(ctx, path, text, length);
        qsti_free(ctx, text);
    }
    return status;
}

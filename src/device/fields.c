/* fields.c: see fields.h. */
#include "device/fields.h"

#include <math.h>
#include <string.h>

typedef struct unit {
    const char *name;
    qsti_unit_kind kind;
    double factor;
} unit;

static const unit units[] = {
#define QSTI_UNIT(name, kind, factor) {name, QSTI_UNIT_##kind, factor},
#include "device/units.def"
#undef QSTI_UNIT
};

qst_status qsti_convert_unit(qst_ctx *ctx, const char *where, const char *unit_name, qsti_unit_kind kind, double *value)
{
    const char *given = unit_name ? unit_name : "";
    if (kind == QSTI_UNIT_NONE) {
        return given[0] == '\0'
                   ? QST_OK
                   : qsti_fail(ctx, QST_ERR_INPUT, "%s: unit: \"%s\": this is a number without a unit", where, given);
    }
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        if (units[u].kind == kind && strcmp(units[u].name, given) == 0) {
            *value *= units[u].factor;
            return isfinite(*value) ? QST_OK : qsti_fail(ctx, QST_ERR_INPUT, "%s: the value is too large", where);
        }
    }
    return qsti_fail(ctx, QST_ERR_INPUT, "%s: unit: \"%s\" is none of %s", where, given,
                     kind == QSTI_UNIT_TIME ? "ns, us, \xc2\xb5s, ms, s" : "Hz, KHz, MHz, GHz, THz");
}

const char *qsti_place_text(char place[QSTI_PLACE_BYTES], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    qsti_vformat(place, QSTI_PLACE_BYTES, format, args);
    va_end(args);
    return place;
}

/* --- optional keys ------------------------------------------------------------------------------------------------ */

static bool is_absent(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return value == NULL || json_is_null(value);
}

qst_status qsti_maybe_string(qst_ctx *ctx, const char *where, const json_t *object, const char *key, const char **out)
{
    return is_absent(object, key) ? QST_OK : qsti_json_get_string(ctx, where, object, key, out);
}

qst_status qsti_maybe_number(qst_ctx *ctx, const char *where, const json_t *object, const char *key, double *out)
{
    return is_absent(object, key) ? QST_OK : qsti_json_get_double(ctx, where, object, key, out);
}

qst_status qsti_maybe_array(qst_ctx *ctx, const char *where, const json_t *object, const char *key, json_t **out)
{
    return is_absent(object, key) ? QST_OK : qsti_json_get_array(ctx, where, object, key, out);
}

qst_status qsti_maybe_object(qst_ctx *ctx, const char *where, const json_t *object, const char *key, json_t **out)
{
    return is_absent(object, key) ? QST_OK : qsti_json_get_object(ctx, where, object, key, out);
}

qst_status qsti_maybe_flag(qst_ctx *ctx, const char *where, const json_t *object, const char *key, bool *out)
{
    const json_t *value = json_object_get(object, key);
    if (is_absent(object, key)) {
        return QST_OK;
    }
    if (json_is_boolean(value)) {
        *out = json_is_true(value);
        return QST_OK;
    }
    double number = json_number_value(value);
    if (!json_is_number(value) || (number != 0 && number != 1)) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: %s: expected true, false, 0 or 1", where, key);
    }
    *out = number == 1;
    return QST_OK;
}

qst_status qsti_maybe_number_in(qst_ctx *ctx, const char *where, const json_t *object, const char *key, double low,
                                double high, double *out)
{
    double value = *out;
    qst_status status = qsti_maybe_number(ctx, where, object, key, &value);
    if (status == QST_OK && !is_absent(object, key) && !(value >= low && value <= high)) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: %s: %g is not in %g..%g", where, key, value, low, high);
    }
    if (status == QST_OK) {
        *out = value;
    }
    return status;
}

qst_status qsti_maybe_positive(qst_ctx *ctx, const char *where, const json_t *object, const char *key, double *out)
{
    double value = *out;
    qst_status status = qsti_maybe_number(ctx, where, object, key, &value);
    if (status == QST_OK && !is_absent(object, key) && !(value > 0)) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: %s: %g is not > 0", where, key, value);
    }
    if (status == QST_OK) {
        *out = value;
    }
    return status;
}

/* --- qubits ------------------------------------------------------------------------------------------------------- */

qst_status qsti_read_qubit(qst_ctx *ctx, const char *where, const json_t *value, size_t *out)
{
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || number >= QSTI_DEVICE_MAX_QUBITS) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: expected the number of a qubit, 0..%d", where,
                         QSTI_DEVICE_MAX_QUBITS - 1);
    }
    *out = (size_t)number;
    return QST_OK;
}

qst_status qsti_read_qubits(qst_ctx *ctx, const char *where, const json_t *array, size_t most, size_t *out,
                            size_t *out_n)
{
    size_t n = json_array_size(array);
    if (!json_is_array(array) || n > most) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: expected a list of at most %zu qubits", where, most);
    }
    for (size_t k = 0; k < n; k++) {
        qst_status status = qsti_read_qubit(ctx, where, json_array_get(array, k), &out[k]);
        if (status != QST_OK) {
            return status;
        }
    }
    *out_n = n;
    return QST_OK;
}

bool qsti_read_digits(const char *text, size_t n, size_t *out)
{
    size_t value = 0;
    if (n == 0 || n > 8) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        value = 10 * value + (size_t)(text[i] - '0');
    }
    *out = value;
    return true;
}

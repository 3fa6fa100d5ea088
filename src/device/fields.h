/* fields.h: fields of calibrations read from JSON, with the place in messages and units converted. */
#ifndef QSTI_DEVICE_FIELDS_H
#define QSTI_DEVICE_FIELDS_H

#include "base/json.h"
#include "device/device.h"

#define QSTI_PLACE_BYTES 512

typedef enum qsti_unit_kind { QSTI_UNIT_NONE, QSTI_UNIT_TIME, QSTI_UNIT_FREQUENCY } qsti_unit_kind;

/* *value (a time: to ns, a frequency: to Hz). `unit_name` NULL or "" is right for QSTI_UNIT_NONE alone. Errors:
 * ERR_INPUT for an unknown unit, with those that there are. */
qst_status qsti_convert_unit(qst_ctx *ctx, const char *where, const char *unit_name, qsti_unit_kind kind,
                             double *value);

/* "FORMAT" into place[QSTI_PLACE_BYTES], what does not fit cut off; returns place. */
const char *qsti_place_text(char place[QSTI_PLACE_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Keys that may be absent or null: *out stays as it is. Otherwise as qsti_json_get_*(): another type is ERR_INPUT.
 * Numbers are finite. */
qst_status qsti_maybe_string(qst_ctx *ctx, const char *where, const json_t *object, const char *key, const char **out);
qst_status qsti_maybe_number(qst_ctx *ctx, const char *where, const json_t *object, const char *key, double *out);
qst_status qsti_maybe_array(qst_ctx *ctx, const char *where, const json_t *object, const char *key, json_t **out);
qst_status qsti_maybe_object(qst_ctx *ctx, const char *where, const json_t *object, const char *key, json_t **out);
/* true, false, 0 or 1 */
qst_status qsti_maybe_flag(qst_ctx *ctx, const char *where, const json_t *object, const char *key, bool *out);
/* low <= *out <= high, where a number is there. */
qst_status qsti_maybe_number_in(qst_ctx *ctx, const char *where, const json_t *object, const char *key, double low,
                                double high, double *out);
/* A number > 0 */
qst_status qsti_maybe_positive(qst_ctx *ctx, const char *where, const json_t *object, const char *key, double *out);

/* Qubit numbers in an array: 0..QSTI_DEVICE_MAX_QUBITS - 1 each, at most `most`. */
qst_status qsti_read_qubits(qst_ctx *ctx, const char *where, const json_t *array, size_t most, size_t *out,
                            size_t *out_n);
/* The same for one of them. */
qst_status qsti_read_qubit(qst_ctx *ctx, const char *where, const json_t *value, size_t *out);

/* A number written in decimal digits only, at most 8 of them. */
bool qsti_read_digits(const char *text, size_t n, size_t *out);

#endif

/* json.h: JSON through jansson, with the limits it lacks: depth, size, duplicate keys, finite numbers. */
#ifndef QSTI_BASE_JSON_H
#define QSTI_BASE_JSON_H

#include <jansson.h>

#include "base/file.h"
#include "base/text.h"

#define QSTI_JSON_MAX_DEPTH  64
#define QSTI_JSON_MAX_BYTES  ((size_t)64 << 20)
#define QSTI_JSON_MAX_VALUES ((size_t)4 << 20)

/* Parses a text / a file, whose root is an object or an array. Errors carry file:line:column: `bad` (ERR_INPUT, or
 * ERR_DAMAGED for our own files) for anything malformed, duplicate keys and depth included; ERR_LIMIT above the numbers
 * of bytes or values; ERR_MEMORY. Free with json_decref(). */
qst_status qsti_json_parse(qst_ctx *ctx, const char *name, const char *text, size_t n, qst_status bad, json_t **out);
qst_status qsti_json_read(qst_ctx *ctx, const char *path, qst_status bad, json_t **out);

/* Canonical text: 2 spaces, keys in insertion order, doubles that read back exactly (a real stays a real: "1.0"),
 * newline at the end. Arrays, and objects inside arrays, stand on one line where 120 columns hold them; longer lists of
 * scalars fill lines. Errors: ERR_MEMORY; ERR_INTERNAL when nested deeper than what can be read back. */
qst_status qsti_json_text(qst_ctx *ctx, const json_t *json, char **out, size_t *out_length);
qst_status qsti_json_write(qst_ctx *ctx, const char *path, const json_t *json);

/* Appends a string in quotes, escaped; bytes[0..n) are UTF-8. */
void qsti_json_add_string(qsti_text *text, const char *bytes, size_t n);

/* Puts a value (stolen, may be NULL after out-of-memory) under a dotted path, making objects on the way:
 * qsti_json_put(report, "student.accuracy", json_real(0.9)). False on out-of-memory, and when the path goes through
 * something that is not an object or has an empty part. NaN and infinity become null by qsti_json_real(). */
bool qsti_json_put(json_t *object, const char *dotted_path, json_t *value);
json_t *qsti_json_real(double value);

/* Typed access with messages "file: key: expected ...": `where` names the file. A missing key, another type or a value
 * outside min..max is ERR_INPUT. get_double takes integers too. What is given is borrowed from `object`. */
qst_status qsti_json_get_string(qst_ctx *ctx, const char *where, const json_t *object, const char *key,
                                const char **out);
qst_status qsti_json_get_i64(qst_ctx *ctx, const char *where, const json_t *object, const char *key, int64_t min,
                             int64_t max, int64_t *out);
qst_status qsti_json_get_double(qst_ctx *ctx, const char *where, const json_t *object, const char *key, double *out);
qst_status qsti_json_get_array(qst_ctx *ctx, const char *where, const json_t *object, const char *key, json_t **out);
qst_status qsti_json_get_object(qst_ctx *ctx, const char *where, const json_t *object, const char *key, json_t **out);

#endif

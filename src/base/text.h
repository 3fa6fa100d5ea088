/* text.h: a growing string, and exact conversion between numbers and text in the C locale. */
#ifndef QSTI_BASE_TEXT_H
#define QSTI_BASE_TEXT_H

#include <stdarg.h>

#include "base/memory.h"

/* A growing, always NUL-terminated string (bytes may hold NUL too: use length). Begin with qsti_text_init(); a failed
 * append is remembered in `status` and makes later appends do nothing, so that only the end needs a check. `bytes` may
 * be kept instead of cleared; it is then freed by qsti_free(). Numbers are written as in the C locale. */
typedef struct qsti_text {
    qst_ctx *ctx;
    char *bytes;
    size_t length, capacity;
    qst_status status;
} qsti_text;

void qsti_text_init(qsti_text *text, qst_ctx *ctx);
void qsti_text_clear(qsti_text *text);
void qsti_text_add(qsti_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void qsti_text_add_bytes(qsti_text *text, const void *bytes, size_t n_bytes);

/* vsnprintf() in the C locale, whatever the caller's. */
int qsti_vformat(char *out, size_t n_bytes, const char *format, va_list args) __attribute__((format(printf, 3, 0)));

/* The bytes of the well-formed UTF-8 character at the start of bytes[0..n_bytes): 1..4, or 0 when there is none. */
size_t qsti_utf8_step(const char *bytes, size_t n_bytes);
bool qsti_utf8_is_valid(const char *bytes, size_t n_bytes);

/* Numbers are decimal: sign, digits, point, exponent; nothing else ("0x10", "1_000", "nan", "inf", " 1" are refused).
 * The whole of text[0..n) must be the number. Values that overflow to infinity are refused; underflow is fine. */
bool qsti_parse_double(const char *text, size_t n, double *out);
bool qsti_parse_i64(const char *text, size_t n, int64_t *out);
bool qsti_parse_u64(const char *text, size_t n, uint64_t *out);

/* The decimal text with the fewest digits of 15, 16 or 17 that reads back as exactly `value`, without trailing zeros
 * ("1" not "1.0"; at most 32 bytes with the NUL). "nan", "inf" and "-inf" are not readable by qsti_parse_double(). */
void qsti_format_double(double value, char out[32]);

/* A number as a further field of a line of CSV, ",0.5"; "," alone where it is not finite: it does not apply. */
void qsti_text_add_field(qsti_text *text, double value);

/* The nearest of `n` names to `word` by edit distance, or NULL when none is near; for "did you mean". */
const char *qsti_nearest(const char *word, const char *const *names, size_t n);

#endif

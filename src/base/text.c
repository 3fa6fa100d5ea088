/* text.c: the growing string, formatting in the C locale, UTF-8 steps, and the nearest name.
 *
 * Numbers to and from text are in number.c. */
#include "base/text.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --- formatting --------------------------------------------------------------------------------------------------- */

/* glibc gives a static object for "C", so this neither allocates nor costs much. */
int qsti_vformat(char *out, size_t n_bytes, const char *format, va_list args)
{
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0) {
        return vsnprintf(out, n_bytes, format, args);
    }
    locale_t caller_locale = uselocale(c_locale);
    int length = vsnprintf(out, n_bytes, format, args);
    uselocale(caller_locale);
    freelocale(c_locale);
    return length;
}

/* --- growing string ----------------------------------------------------------------------------------------------- */

#define FIRST_CAPACITY 64

/* Makes room for n_more bytes and the NUL. */
static bool make_room(qsti_text *text, size_t n_more)
{
    size_t needed;
    if (text->status != QST_OK) {
        return false;
    }
    if (!qsti_add(text->length, n_more, &needed) || !qsti_add(needed, 1, &needed)) {
        text->status =
            qsti_fail(text->ctx, QST_ERR_MEMORY, "out of memory: a text of more bytes than can be addressed");
        return false;
    }
    if (needed <= text->capacity) {
        return true;
    }
    size_t capacity = text->capacity ? text->capacity : FIRST_CAPACITY;
    while (capacity < needed) {
        capacity = capacity <= SIZE_MAX / 2 ? capacity * 2 : needed;
    }
    text->status = QSTI_GROW(text->ctx, capacity, &text->bytes);
    if (text->status != QST_OK) {
        return false;
    }
    text->capacity = capacity;
    text->bytes[text->length] = '\0';
    return true;
}

void qsti_text_init(qsti_text *text, qst_ctx *ctx)
{
    *text = (qsti_text){.ctx = ctx};
    make_room(text, 0);
}

void qsti_text_clear(qsti_text *text)
{
    if (text->bytes) {
        qsti_free(text->ctx, text->bytes);
    }
    *text = (qsti_text){.ctx = text->ctx};
}

void qsti_text_add(qsti_text *text, const char *format, ...)
{
    if (!make_room(text, 0)) {
        return;
    }
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = qsti_vformat(text->bytes + text->length, text->capacity - text->length, format, args);
    if (length < 0) {
        text->bytes[text->length] = '\0';
        text->status = qsti_fail(text->ctx, QST_ERR_INTERNAL, "text: a format that printf refuses");
    } else if ((size_t)length < text->capacity - text->length) {
        text->length += (size_t)length;
    } else if (make_room(text, (size_t)length)) {
        qsti_vformat(text->bytes + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    } else {
        text->bytes[text->length] = '\0';
    }
    va_end(again);
    va_end(args);
}

void qsti_text_add_bytes(qsti_text *text, const void *bytes, size_t n_bytes)
{
    if (n_bytes && make_room(text, n_bytes)) {
        memcpy(text->bytes + text->length, bytes, n_bytes);
        text->length += n_bytes;
        text->bytes[text->length] = '\0';
    }
}

/* --- UTF-8 -------------------------------------------------------------------------------------------------------- */

static bool is_tail(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Table 3-7 of the Unicode standard: the second byte decides about overlong forms, surrogates and the upper end. */
size_t qsti_utf8_step(const char *bytes, size_t n_bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (n_bytes >= 1 && b[0] < 0x80) {
        return 1;
    }
    if (n_bytes >= 2 && b[0] >= 0xc2 && b[0] <= 0xdf && is_tail(b[1])) {
        return 2;
    }
    if (n_bytes >= 3 && (b[0] & 0xf0) == 0xe0 && is_tail(b[1]) && is_tail(b[2])) {
        bool overlong = b[0] == 0xe0 && b[1] < 0xa0;
        bool surrogate = b[0] == 0xed && b[1] > 0x9f;
        return overlong || surrogate ? 0 : 3;
    }
    if (n_bytes >= 4 && b[0] >= 0xf0 && b[0] <= 0xf4 && is_tail(b[1]) && is_tail(b[2]) && is_tail(b[3])) {
        bool overlong = b[0] == 0xf0 && b[1] < 0x90;
        bool beyond = b[0] == 0xf4 && b[1] > 0x8f;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
}

bool qsti_utf8_is_valid(const char *bytes, size_t n_bytes)
{
    for (size_t at = 0; at < n_bytes;) {
        size_t step = qsti_utf8_step(bytes + at, n_bytes - at);
        if (step == 0) {
            return false;
        }
        at += step;
    }
    return true;
}

/* --- did you mean ------------------------------------------------------------------------------------------------- */

#define MAX_WORD 64

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static size_t min_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours that make b of a, upper and lower case alike; both are
 * shorter than MAX_WORD. rows[i % 3][j]: the distance between the first i letters of a and the first j of b. */
static size_t edit_distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t rows[3][MAX_WORD];
    for (size_t j = 0; j <= n_b; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= n_a; i++) {
        size_t *row = rows[i % 3], *above = rows[(i - 1) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = min_of(above[j - 1] + !same, min_of(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
                row[j] = min_of(row[j], above2[j - 2] + 1);
            }
        }
    }
    return rows[n_a % 3][n_b];
}

const char *qsti_nearest(const char *word, const char *const *names, size_t n)
{
    size_t word_length = strnlen(word, MAX_WORD);
    if (word_length == MAX_WORD) {
        return NULL;
    }
    const char *nearest = NULL;
    size_t nearest_distance = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        size_t name_length = strnlen(names[i], MAX_WORD);
        if (name_length == MAX_WORD) {
            continue;
        }
        size_t distance = edit_distance(word, word_length, names[i], name_length);
        size_t longer = word_length > name_length ? word_length : name_length;
        if (distance * 3 <= longer && distance < nearest_distance) {
            nearest = names[i];
            nearest_distance = distance;
        }
    }
    return nearest;
}

void qsti_text_add_field(qsti_text *text, double value)
{
    char number[32] = "";
    if (isfinite(value)) {
        qsti_format_double(value, number);
    }
    qsti_text_add(text, ",%s", number);
}

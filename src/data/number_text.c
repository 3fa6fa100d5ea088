/* number_text.c: see number_text.h. Reading numbers is in base/number.c; here is only what to say when it refuses. */
#include "data/number_text.h"

#include <string.h>

#define SHOWN_BYTES 40

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_sign(char byte)
{
    return byte == '+' || byte == '-';
}

bool qsti_is_not_finite(const char *text, size_t n_bytes)
{
    static const char *const words[] = {"nan", "inf", "infinity"};
    size_t sign = n_bytes > 0 && is_sign(text[0]);
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        size_t length = strlen(words[w]), i = 0;
        while (i < length && sign + i < n_bytes && lower(text[sign + i]) == words[w][i]) {
            i++;
        }
        if (i == length && sign + i == n_bytes) {
            return true;
        }
    }
    return false;
}

bool qsti_looks_numeric(const char *text, size_t n_bytes)
{
    size_t i = n_bytes > 0 && is_sign(text[0]);
    i += i < n_bytes && (text[i] == '.' || text[i] == ',');
    return (i < n_bytes && is_digit(text[i])) || qsti_is_not_finite(text, n_bytes);
}

/* "3,5" */
static bool has_decimal_comma(const char *text, size_t n_bytes, char point[SHOWN_BYTES])
{
    const char *comma = memchr(text, ',', n_bytes);
    double number;
    if (comma == NULL || n_bytes >= SHOWN_BYTES) {
        return false;
    }
    memcpy(point, text, n_bytes);
    point[n_bytes] = '\0';
    point[comma - text] = '.';
    return qsti_parse_double(point, n_bytes, &number);
}

/* "1e999", or more digits than fit: the same text with an exponent of 0 is a number. */
static bool is_too_large(const char *text, size_t n_bytes)
{
    size_t mantissa = 0;
    double number;
    int64_t exponent;
    while (mantissa < n_bytes && lower(text[mantissa]) != 'e') {
        mantissa++;
    }
    if (mantissa == n_bytes) {
        for (size_t i = is_sign(text[0]); i < n_bytes; i++) {
            if (!is_digit(text[i]) && text[i] != '.') {
                return false;
            }
        }
        return n_bytes > 300;
    }
    size_t sign = mantissa + 1 < n_bytes && is_sign(text[mantissa + 1]);
    const char *digits = text + mantissa + 1 + sign;
    size_t n_digits = n_bytes - mantissa - 1 - sign;
    if (n_digits > 15) {
        n_digits = 15;
    }
    return qsti_parse_double(text, mantissa, &number) && n_digits > 0 && is_digit(digits[0]) &&
           qsti_parse_i64(digits, n_digits, &exponent);
}

qst_status qsti_fail_number(qst_ctx *ctx, qsti_place place, const char *what, const char *text, size_t n_bytes)
{
    int shown = (int)(n_bytes < SHOWN_BYTES ? n_bytes : SHOWN_BYTES);
    const char *dots = n_bytes > SHOWN_BYTES ? "..." : "";
    char point[SHOWN_BYTES];
    if (n_bytes == 0) {
        return qsti_fail_at(ctx, QST_ERR_INPUT, place, "%s: the cell is empty, a number is needed", what);
    }
    if (qsti_is_not_finite(text, n_bytes)) {
        return qsti_fail_at(ctx, QST_ERR_INPUT, place, "%s: \"%.*s\" is not finite", what, shown, text);
    }
    if (has_decimal_comma(text, n_bytes, point)) {
        return qsti_fail_at(ctx, QST_ERR_INPUT, place, "%s: \"%.*s\" has a decimal comma: write %s", what, shown, text,
                            point);
    }
    if (is_too_large(text, n_bytes)) {
        return qsti_fail_at(ctx, QST_ERR_INPUT, place, "%s: \"%.*s%s\" is beyond the range of a double", what, shown,
                            text, dots);
    }
    return qsti_fail_at(ctx, QST_ERR_INPUT, place, "%s: \"%.*s%s\" is not a number", what, shown, text, dots);
}

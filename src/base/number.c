/* number.c: exact conversion between numbers and text, the same in every locale.
 *
 * Reading: a decimal is taken as digits * 10^exponent. Up to 2^53 the digits are exact in a double, and so is 10^k for
 * k <= 22; one IEEE multiplication or division of the two is then the correctly rounded value [clinger1990]. Nearly all
 * numbers in data files are of this kind. The others are written anew, with the point removed, for strtod: glibc rounds
 * correctly, and text without a decimal point reads alike in every locale. A double's value never depends on more than
 * 768 digits beyond knowing whether any of the rest is non-zero. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MAX_EXACT_POWER 22
#define MAX_DIGITS      800
#define MAX_EXPONENT    1000000000

/* sign * digits * 10^exponent; leading zeros are dropped, digits beyond MAX_DIGITS too (`sticky`: one was not zero). */
typedef struct decimal {
    bool negative, sticky;
    size_t n_digits;
    char digits[MAX_DIGITS];
    int64_t exponent;
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void add_digit(decimal *number, char digit, bool after_point)
{
    if (number->n_digits == 0 && digit == '0') {
        number->exponent -= after_point;
    } else if (number->n_digits < MAX_DIGITS) {
        number->digits[number->n_digits++] = digit;
        number->exponent -= after_point;
    } else {
        number->sticky |= digit != '0';
        number->exponent += !after_point;
    }
}

/* "e-12" at text[*at]; saturates, since beyond MAX_EXPONENT only the sign matters. */
static bool read_exponent(const char *text, size_t n, size_t *at, int64_t *out)
{
    size_t i = *at + 1;
    bool negative = i < n && text[i] == '-';
    if (i < n && (text[i] == '-' || text[i] == '+')) {
        i++;
    }
    size_t first = i;
    int64_t exponent = 0;
    for (; i < n && is_digit(text[i]); i++) {
        if (exponent < MAX_EXPONENT) {
            exponent = exponent * 10 + (text[i] - '0');
        }
    }
    *out = negative ? -exponent : exponent;
    *at = i;
    return i > first;
}

static bool read_decimal(const char *text, size_t n, decimal *number)
{
    number->negative = n > 0 && text[0] == '-';
    number->sticky = false;
    number->n_digits = 0;
    number->exponent = 0;
    size_t i = n > 0 && (text[0] == '-' || text[0] == '+');
    bool after_point = false, any_digit = false;
    for (; i < n; i++) {
        if (is_digit(text[i])) {
            any_digit = true;
            add_digit(number, text[i], after_point);
        } else if (text[i] == '.' && !after_point) {
            after_point = true;
        } else {
            break;
        }
    }
    if (!any_digit) {
        return false;
    }
    if (i < n && (text[i] == 'e' || text[i] == 'E')) {
        int64_t exponent;
        if (!read_exponent(text, n, &i, &exponent)) {
            return false;
        }
        number->exponent += exponent;
    }
    return i == n;
}

/* The exact short cut; false when it does not apply. */
static bool convert_small(const decimal *number, double *out)
{
    static const double powers[MAX_EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (number->n_digits > 15 || number->exponent < -MAX_EXACT_POWER || number->exponent > MAX_EXACT_POWER) {
        return false;
    }
    uint64_t digits = 0;
    for (size_t d = 0; d < number->n_digits; d++) {
        digits = digits * 10 + (uint64_t)(number->digits[d] - '0');
    }
    double value = (double)digits;
    value = number->exponent < 0 ? value / powers[-number->exponent] : value * powers[number->exponent];
    *out = number->negative ? -value : value;
    return true;
}

static bool convert_any(const decimal *number, double *out)
{
    char text[MAX_DIGITS + 32];
    size_t length = 0;
    text[length++] = number->negative ? '-' : '+';
    memcpy(text + length, number->digits, number->n_digits);
    length += number->n_digits;
    int64_t exponent = number->exponent;
    if (number->sticky) {
        text[length++] = '1';
        exponent--;
    }
    if (exponent > MAX_EXPONENT) {
        exponent = MAX_EXPONENT;
    } else if (exponent < -MAX_EXPONENT) {
        exponent = -MAX_EXPONENT;
    }
    snprintf(text + length, sizeof text - length, "e%lld", (long long)exponent);
    double value = strtod(text, NULL);
    if (value > 0 ? value * 0 != 0 : -value * 0 != 0) {
        return false;
    }
    *out = value;
    return true;
}

bool qsti_parse_double(const char *text, size_t n, double *out)
{
    decimal number;
    if (!read_decimal(text, n, &number)) {
        return false;
    }
    if (number.n_digits == 0) {
        *out = number.negative ? -0.0 : 0.0;
        return true;
    }
    int saved_errno = errno;
    bool fits = convert_small(&number, out) || convert_any(&number, out);
    errno = saved_errno;
    return fits;
}

bool qsti_parse_u64(const char *text, size_t n, uint64_t *out)
{
    size_t first = n > 0 && text[0] == '+';
    uint64_t value = 0;
    for (size_t i = first; i < n; i++) {
        if (!is_digit(text[i]) || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value)) {
            return false;
        }
    }
    if (n == first) {
        return false;
    }
    *out = value;
    return true;
}

bool qsti_parse_i64(const char *text, size_t n, int64_t *out)
{
    bool negative = n > 1 && text[0] == '-' && is_digit(text[1]);
    uint64_t magnitude;
    if (!qsti_parse_u64(text + negative, n - negative, &magnitude) || magnitude > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    *out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

/* printf writes the decimal point of the locale, which may have several bytes ("\u066b"): a '.' for all that is there
 * between the digits. */
static void use_point(char *text)
{
    char *write = text;
    bool in_point = false;
    for (const char *read = text; *read; read++) {
        bool plain = is_digit(*read) || *read == '-' || *read == '+' || *read == 'e';
        if (plain) {
            *write++ = *read;
        } else if (!in_point) {
            *write++ = '.';
        }
        in_point = !plain;
    }
    *write = '\0';
}

static bool reads_back(const char *text, double value)
{
    double back;
    return qsti_parse_double(text, strlen(text), &back) && back == value;
}

void qsti_format_double(double value, char out[32])
{
    if (value != value) {
        memcpy(out, "nan", sizeof "nan");
        return;
    }
    if (value - value != 0) {
        memcpy(out, value < 0 ? "-inf" : "inf", value < 0 ? sizeof "-inf" : sizeof "inf");
        return;
    }
    /* 15 digits are always exact in the other direction; subnormals have fewer, so their search starts at 1. */
    bool subnormal = value != 0 && value > -0x1p-1022 && value < 0x1p-1022;
    for (int n_digits = subnormal ? 1 : 15; n_digits <= 17; n_digits++) {
        snprintf(out, 32, "%.*g", n_digits, value);
        use_point(out);
        if (reads_back(out, value)) {
            return;
        }
    }
}

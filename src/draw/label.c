/* label.c: names, and numbers as Qiskit's drawings write them. What an expression looks like is in label_angle.c. */
#include "draw/label.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MAX_NAME_CHARACTERS 64

/* --- names -------------------------------------------------------------------------------------------------------- */

static uint32_t code_point(const char *bytes, size_t n_bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t value = b[0] & masks[n_bytes];
    for (size_t i = 1; i < n_bytes; i++) {
        value = value << 6 | (b[i] & 0x3f);
    }
    return value;
}

/* Controls, marks of direction and of no width, separators of lines: what would not take one column. */
static bool is_invisible(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || c == 0xfffe || c == 0xffff;
}

void qsti_label_name(qsti_text *out, const char *name, bool ascii)
{
    size_t n_bytes = strlen(name), at = 0, n_characters = 0;
    while (at < n_bytes && n_characters < MAX_NAME_CHARACTERS) {
        size_t step = qsti_utf8_step(name + at, n_bytes - at);
        uint32_t c = step ? code_point(name + at, step) : 0;
        if (is_invisible(c)) {
            qsti_text_add_bytes(out, "?", 1);
        } else if (ascii && c >= 0x80) {
            qsti_text_add(out, "u%04x", c);
        } else {
            qsti_text_add_bytes(out, name + at, step);
        }
        at += step ? step : 1;
        n_characters++;
    }
    if (at < n_bytes) {
        qsti_text_add_bytes(out, "...", 3);
    }
}

size_t qsti_label_width(const char *text, size_t n_bytes)
{
    size_t width = 0;
    for (size_t at = 0; at < n_bytes; at++) {
        width += ((unsigned char)text[at] & 0xc0) != 0x80;
    }
    return width;
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

#define PI       3.14159265358979323846
#define NEARNESS 1e-9
#define MAX_TERM 99

/* The fraction within NEARNESS of value > 0, in lowest terms. Two fractions of such terms are more than 1e-4 apart, so
 * the first that is near enough is the only one. */
static bool find_fraction(double value, int *out_numerator, int *out_denominator)
{
    for (int denominator = 1; denominator <= MAX_TERM; denominator++) {
        double numerator = round(value * denominator);
        if (numerator > MAX_TERM) {
            return false;
        }
        if (numerator >= 1 && fabs(value - numerator / denominator) < NEARNESS) {
            *out_numerator = (int)numerator;
            *out_denominator = denominator;
            return true;
        }
    }
    return false;
}

void qsti_label_number(qsti_text *out, double value, const qsti_number_form *form)
{
    if (form->decimals >= 0) {
        qsti_text_add(out, "%.*f", form->decimals, value);
        return;
    }
    const char *pi = form->ascii ? "pi" : "π", *sign = value < 0 ? "-" : "";
    double size = fabs(value);
    int numerator, denominator;
    if (size < NEARNESS) {
        qsti_text_add(out, "0");
        return;
    }
    for (int power = 2; power <= 4; power++) {
        if (fabs(size - pow(PI, power)) < NEARNESS) {
            qsti_text_add(out, "%s%s**%d", sign, pi, power);
            return;
        }
    }
    char digits[16] = "";
    if (find_fraction(size / PI, &numerator, &denominator)) {
        if (numerator != 1) {
            snprintf(digits, sizeof digits, "%d", numerator);
        }
        qsti_text_add(out, "%s%s%s", sign, digits, pi);
        if (denominator != 1) {
            qsti_text_add(out, "/%d", denominator);
        }
    } else if (find_fraction(size * PI, &numerator, &denominator)) {
        if (denominator != 1) {
            snprintf(digits, sizeof digits, "%d", denominator);
        }
        qsti_text_add(out, "%s%d/%s%s", sign, numerator, digits, pi);
    } else {
        qsti_text_add(out, "%.*g", form->digits, value);
    }
}

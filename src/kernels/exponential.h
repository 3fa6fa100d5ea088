/* exponential.h: exponentials and logarithms of many numbers at once, in native vectors. Included by scores.c alone.
 *
 * e^x: x = k ln 2 + r, |r| <= ln(2)/2, with ln 2 in two parts so that k times the first is exact; Taylor's series of
 * e^r to r^13, whose remainder lies below 1e-17. Results below 3e-308 are 0, so that 2^k is always a number.
 *
 * ln u: u = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), s = f / (2 + f), ln(1 + f) = 2 artanh s = f - s (f - R) with
 * R = 2 s^2 (1/3 + s^2/5 + s^4/7 + ...), to s^22.
 */
#include <stdint.h>
#include <string.h>

#define N_DOUBLES  ((size_t)(QSTI_VECTOR_BYTES / 8))
#define INLINE     static inline __attribute__((always_inline))
#define MAGIC      0x1.8p52 /* adding it rounds to an integer, which is then in the low bits */
#define LN_2_HIGH  0x1.62e42feep-1
#define LN_2_LOW   0x1.a39ef35793c76p-33
#define SQRT_HALF  0x3fe6a09e00000000 /* the bits of about sqrt(1/2) */
#define EXP_LOWEST (-708.0)           /* below, e^x counts as 0 */

typedef double vec __attribute__((vector_size(QSTI_VECTOR_BYTES)));
typedef int64_t bits __attribute__((vector_size(QSTI_VECTOR_BYTES)));
typedef uint64_t ubits __attribute__((vector_size(QSTI_VECTOR_BYTES)));

INLINE vec fill(double value)
{
    return (vec){0} + value;
}

/* mask ? a : b, bit by bit. */
INLINE vec choose(bits mask, vec a, vec b)
{
    return (vec)(((bits)a & mask) | ((bits)b & ~mask));
}

/* The first `count` <= N_DOUBLES numbers, zeros behind them. */
INLINE vec load(const double *from, size_t count)
{
    vec out = {0};
    if (count >= N_DOUBLES)
        memcpy(&out, from, sizeof out);
    else
        memcpy(&out, from, count * sizeof *from);
    return out;
}

INLINE void store(double *to, vec value, size_t count)
{
    if (count >= N_DOUBLES)
        memcpy(to, &value, sizeof value);
    else
        memcpy(to, &value, count * sizeof *to);
}

/* e^x for x <= 0; NaN stays. */
INLINE vec exp_vector(vec x)
{
    bits vanishes = x < EXP_LOWEST; /* whatever becomes of those is not used */
    vec shifted = x * 0x1.71547652b82fep0 + MAGIC;
    vec k = shifted - MAGIC;
    vec r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    vec sum = r * (1.0 / 6227020800.0) + 1.0 / 479001600.0;
    sum = sum * r + 1.0 / 39916800.0;
    sum = sum * r + 1.0 / 3628800.0;
    sum = sum * r + 1.0 / 362880.0;
    sum = sum * r + 1.0 / 40320.0;
    sum = sum * r + 1.0 / 5040.0;
    sum = sum * r + 1.0 / 720.0;
    sum = sum * r + 1.0 / 120.0;
    sum = sum * r + 1.0 / 24.0;
    sum = sum * r + 1.0 / 6.0;
    sum = sum * r + 0.5;
    vec power = 1.0 + (r + (r * r) * sum);
    vec scale = (vec)((ubits)((bits)shifted + 1023) << 52); /* 2^k; MAGIC's own bits leave on the left */
    return (vec)((bits)(power * scale) & ~vanishes);
}

/* ln u + more, for normal u > 0 and a small `more`. */
INLINE vec log_vector(vec u, vec more)
{
    ubits raised = (ubits)u + (0x3ff0000000000000 - SQRT_HALF);
    bits exponent = (bits)(raised >> 52) - 1023;
    vec k = (vec)(exponent + (bits)fill(MAGIC)) - MAGIC;
    vec f = (vec)((raised & 0x000fffffffffffff) + SQRT_HALF) - 1.0;
    vec s = f / (2.0 + f), s2 = s * s, half = 0.5 * f * f;
    vec sum = s2 * (2.0 / 23.0) + 2.0 / 21.0;
    sum = sum * s2 + 2.0 / 19.0;
    sum = sum * s2 + 2.0 / 17.0;
    sum = sum * s2 + 2.0 / 15.0;
    sum = sum * s2 + 2.0 / 13.0;
    sum = sum * s2 + 2.0 / 11.0;
    sum = sum * s2 + 2.0 / 9.0;
    sum = sum * s2 + 2.0 / 7.0;
    sum = sum * s2 + 2.0 / 5.0;
    sum = sum * s2 + 2.0 / 3.0;
    return k * LN_2_HIGH - ((half - (s * (half + s2 * sum) + (k * LN_2_LOW + more))) - f);
}

/* ln(1 + x), x >= 0: u + c = 1 + x exactly, and ln(u + c) = ln u + c/u. */
INLINE vec log1p_vector(vec x)
{
    vec u = 1.0 + x, x_of_u = u - 1.0, one_of_u = u - x_of_u;
    vec c = (x - x_of_u) + (1.0 - one_of_u);
    return log_vector(u, c / u);
}

/* e^u - 1 - u, |u| <= 0.75: its power series, to the last digit. */
INLINE vec exp_rest_vector(vec u)
{
    vec sum = u * (1.0 / 6402373705728000.0) + 1.0 / 355687428096000.0;
    sum = sum * u + 1.0 / 20922789888000.0;
    sum = sum * u + 1.0 / 1307674368000.0;
    sum = sum * u + 1.0 / 87178291200.0;
    sum = sum * u + 1.0 / 6227020800.0;
    sum = sum * u + 1.0 / 479001600.0;
    sum = sum * u + 1.0 / 39916800.0;
    sum = sum * u + 1.0 / 3628800.0;
    sum = sum * u + 1.0 / 362880.0;
    sum = sum * u + 1.0 / 40320.0;
    sum = sum * u + 1.0 / 5040.0;
    sum = sum * u + 1.0 / 720.0;
    sum = sum * u + 1.0 / 120.0;
    sum = sum * u + 1.0 / 24.0;
    sum = sum * u + 1.0 / 6.0;
    sum = sum * u + 0.5;
    return (u * u) * sum;
}

/* trigonometry.h: sine and cosine of many angles at once, in native vectors. Included by lanes.c alone.
 *
 * x = k pi/2 + r, |r| <= pi/4, with pi/2 in parts of 33, 33 and 53 bits, so that k times the first two is exact; then
 * Taylor's series, whose remainders (pi/4)^17/17! and (pi/4)^18/18! lie below 1e-16. Errors stay within 2 units in the
 * last place for |x| <= LARGE; larger angles go to the C library.
 */
#include <math.h>

#define LARGE     1e5
#define N_DOUBLES ((size_t)(QSTI_VECTOR_BYTES / 8))

/* Of any alignment that doubles have. */
typedef double double_vec __attribute__((vector_size(QSTI_VECTOR_BYTES), aligned(8)));
typedef int64_t bits_vec __attribute__((vector_size(QSTI_VECTOR_BYTES)));

static inline __attribute__((always_inline)) double_vec series_sine(double_vec r, double_vec r2)
{
    double_vec sum = r2 * (-1.0 / 1307674368000.0) + 1.0 / 6227020800.0;
    sum = sum * r2 - 1.0 / 39916800.0;
    sum = sum * r2 + 1.0 / 362880.0;
    sum = sum * r2 - 1.0 / 5040.0;
    sum = sum * r2 + 1.0 / 120.0;
    sum = sum * r2 - 1.0 / 6.0;
    return r + r * (r2 * sum);
}

static inline __attribute__((always_inline)) double_vec series_cosine(double_vec r2)
{
    double_vec sum = r2 * (1.0 / 20922789888000.0) - 1.0 / 87178291200.0;
    sum = sum * r2 + 1.0 / 479001600.0;
    sum = sum * r2 - 1.0 / 3628800.0;
    sum = sum * r2 + 1.0 / 40320.0;
    sum = sum * r2 - 1.0 / 720.0;
    sum = sum * r2 + 1.0 / 24.0;
    return 1.0 - (r2 * 0.5 - r2 * (r2 * sum));
}

/* mask ? a : b, bit by bit. */
static inline __attribute__((always_inline)) bits_vec choose(bits_vec mask, double_vec a, double_vec b)
{
    return ((bits_vec)a & mask) | ((bits_vec)b & ~mask);
}

static inline __attribute__((always_inline)) void sincos_vector(double_vec x, double_vec *sine, double_vec *cosine)
{
    const double magic = 0x1.8p52; /* adding it rounds to an integer, which is then in the low bits */
    double_vec shifted = x * 0x1.45f306dc9c883p-1 + magic;
    double_vec k = shifted - magic;
    bits_vec quadrant = (bits_vec)shifted;
    double_vec r = ((x - k * 0x1.921fb544p0) - k * 0x1.0b4611a6p-34) - k * 0x1.3198a2e037073p-69;
    double_vec r2 = r * r, s = series_sine(r, r2), c = series_cosine(r2);
    bits_vec odd = -(quadrant & 1), sign = (quadrant & 2) << 62, sign_next = ((quadrant + 1) & 2) << 62;
    *sine = (double_vec)(choose(odd, c, s) ^ sign);
    *cosine = (double_vec)(choose(odd, s, c) ^ sign_next);
}

#define FEW ((size_t)64)

/* Some |angle| is above LARGE, or NaN. */
static bool any_large(const double *angles, size_t n)
{
    bits_vec bad = {0};
    int64_t any = 0;
    for (size_t i = 0; i < n; i += N_DOUBLES) {
        double_vec x = *(const double_vec *)(angles + i);
        bad |= ~((x <= LARGE) & (x >= -LARGE));
    }
    for (size_t j = 0; j < N_DOUBLES; j++)
        any |= bad[j];
    return any != 0;
}

/* sine[i], cosine[i] of angles[i]; n is a multiple of 8; cosine may be angles. Each angle goes its own way whatever its
 * neighbours are, so that a sample's bits do not depend on the batch it is in. */
static void sincos_lines(const double *angles, size_t n, double *sine, double *cosine)
{
    for (size_t first = 0; first < n; first += FEW) {
        size_t end = n - first < FEW ? n : first + FEW;
        double kept[FEW];
        bool large = any_large(angles + first, end - first);
        if (large)
            memcpy(kept, angles + first, (end - first) * sizeof *kept);
        for (size_t i = first; i < end; i += N_DOUBLES) {
            double_vec s, c;
            sincos_vector(*(const double_vec *)(angles + i), &s, &c);
            *(double_vec *)(sine + i) = s;
            *(double_vec *)(cosine + i) = c;
        }
        for (size_t i = first; i < end && large; i++) {
            if (!(fabs(kept[i - first]) <= LARGE))
                sincos(kept[i - first], &sine[i], &cosine[i]);
        }
    }
}

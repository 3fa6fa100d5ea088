/* trigonometry.h: sine and cosine of many angles at once, in native vectors. Included by lanes.c alone.
 *
 * x = k pi/2 + r, |r| <= pi/4, with pi/2 in parts of 33, 33 and 53 bits, so that k times the first two is exact; then
 * Taylor's series, whose remainders (pi/4)^17/17! and (pi/4)^18/18! lie below 1e-16. Errors stay within 2 units in the
 * last place for |x| <= LARGE; larger angles go to the C library.
 */
#include <math.h>

#define LARGE     1e5
#define N_DOUBLES ((size_t)(QSTI_VECTOR_BYTES / 8))

typedef double trig_vec __attribute__((vector_size(QSTI_VECTOR_BYTES)));
typedef int64_t trig_bits __attribute__((vector_size(QSTI_VECTOR_BYTES)));

static inline __attribute__((always_inline)) trig_vec series_sine(trig_vec r, trig_vec r2)
{
    trig_vec sum = r2 * (-1.0 / 1307674368000.0) + 1.0 / 6227020800.0;
    sum = sum * r2 - 1.0 / 39916800.0;
    sum = sum * r2 + 1.0 / 362880.0;
    sum = sum * r2 - 1.0 / 5040.0;
    sum = sum * r2 + 1.0 / 120.0;
    sum = sum * r2 - 1.0 / 6.0;
    return r + r * (r2 * sum);
}

static inline __attribute__((always_inline)) trig_vec series_cosine(trig_vec r2)
{
    trig_vec sum = r2 * (1.0 / 20922789888000.0) - 1.0 / 87178291200.0;
    sum = sum * r2 + 1.0 / 479001600.0;
    sum = sum * r2 - 1.0 / 3628800.0;
    sum = sum * r2 + 1.0 / 40320.0;
    sum = sum * r2 - 1.0 / 720.0;
    sum = sum * r2 + 1.0 / 24.0;
    return 1.0 - (r2 * 0.5 - r2 * (r2 * sum));
}

/* mask ? a : b, bit by bit. */
static inline __attribute__((always_inline)) trig_bits choose(trig_bits mask, trig_vec a, trig_vec b)
{
    return ((trig_bits)a & mask) | ((trig_bits)b & ~mask);
}

static inline __attribute__((always_inline)) void sincos_vector(trig_vec x, trig_vec *sine, trig_vec *cosine)
{
    const double magic = 0x1.8p52; /* adding it rounds to an integer, which is then in the low bits */
    trig_vec shifted = x * 0x1.45f306dc9c883p-1 + magic;
    trig_vec k = shifted - magic;
    trig_bits quadrant = (trig_bits)shifted;
    trig_vec r = ((x - k * 0x1.921fb544p0) - k * 0x1.0b4611a6p-34) - k * 0x1.3198a2e037073p-69;
    trig_vec r2 = r * r, s = series_sine(r, r2), c = series_cosine(r2);
    trig_bits odd = -(quadrant & 1), sign = (quadrant & 2) << 62, sign_next = ((quadrant + 1) & 2) << 62;
    *sine = (trig_vec)(choose(odd, c, s) ^ sign);
    *cosine = (trig_vec)(choose(odd, s, c) ^ sign_next);
}

/* sine[i], cosine[i] of angles[i]; n is a multiple of 8; cosine may be angles. Each angle goes its own way whatever its
 * neighbours are, so that a sample's bits do not depend on the batch it is in. */
static void sincos_lines(const double *angles, size_t n, double *sine, double *cosine)
{
    for (size_t i = 0; i < n; i += N_DOUBLES) {
        trig_vec x, s, c;
        double few[N_DOUBLES];
        bool large = false;
        memcpy(&x, angles + i, sizeof x);
        memcpy(few, angles + i, sizeof few);
        for (size_t j = 0; j < N_DOUBLES; j++)
            large |= !(fabs(few[j]) <= LARGE);
        sincos_vector(x, &s, &c);
        memcpy(sine + i, &s, sizeof s);
        memcpy(cosine + i, &c, sizeof c);
        for (size_t j = 0; j < N_DOUBLES && large; j++) {
            if (!(fabs(few[j]) <= LARGE))
                sincos(few[j], &sine[i + j], &cosine[i + j]);
        }
    }
}

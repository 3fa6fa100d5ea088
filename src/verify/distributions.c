/* distributions.c: beta, binomial, Student's t and normal distributions, and their quantiles.
 *
 *   x^a y^b / B(a,b) = sqrt(ab / (2 pi n)) exp(s(n) - s(a) - s(b) - D(a, nx) - D(b, ny)),   n = a + b, y = 1 - x
 *
 * with the remainder s of Stirling's formula and the deviance D(x, m) = x ln(x/m) + m - x [loader2000]: no large
 * numbers cancel, so that n = 10^6 is as exact as n = 10. The incomplete beta is that times the continued fraction of
 * [dlmf8.17.22], evaluated forwards by Lentz' method in Thompson and Barnett's form [thompson1986]. Student's t is
 *
 *   P(T > t) = I_x(v/2, 1/2) / 2,   x = v / (v + t^2).
 *
 * Quantiles are found by Newton's method inside a shrinking bracket, to the last digits that the function itself has.
 * Not a general library: arguments are checked by those who call. */
#include "verify/distributions.h"

#include <math.h>
#include <stdbool.h>

#include "verify/statistics.h"

#define MAX_TERMS 1000000
#define MAX_STEPS 400

static const double pi = 3.14159265358979323846;

/* --- beta --------------------------------------------------------------------------------------------------------- */

/* ln Gamma(z + 1) - [(z + 1/2) ln z - z + ln(2 pi) / 2], z > 0. From 16 on six terms of the series give all digits. */
static double stirling_remainder(double z)
{
    if (z < 16) {
        int sign = 0;
        return lgamma_r(z + 1, &sign) - (z + 0.5) * log(z) + z - 0.5 * log(2 * pi);
    }
    static const double terms[] = {1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360.0};
    double sum = 0;
    for (size_t i = sizeof terms / sizeof terms[0]; i-- > 0;) {
        sum = sum / (z * z) + terms[i];
    }
    return sum / z;
}

/* x ln(x/mean) + mean - x, by its series in (x - mean) / (x + mean) where the two are close. */
static double deviance(double x, double mean)
{
    double v = (x - mean) / (x + mean);
    if (fabs(v) >= 0.1) {
        return x * log(x / mean) + mean - x;
    }
    double sum = (x - mean) * v;
    double term = 2 * x * v;
    for (int i = 1; i < 100; i++) {
        term *= v * v;
        double next = sum + term / (2 * i + 1);
        if (next == sum) {
            break;
        }
        sum = next;
    }
    return sum;
}

/* x^a y^b / B(a, b). */
static double beta_power(double x, double y, double a, double b)
{
    double n = a + b;
    double exponent =
        stirling_remainder(n) - stirling_remainder(a) - stirling_remainder(b) - deviance(a, n * x) - deviance(b, n * y);
    return sqrt(a / n * b / (2 * pi)) * exp(exponent);
}

static double away_from_zero(double value)
{
    return fabs(value) < 1e-300 ? 1e-300 : value;
}

/* The continued fraction b0 + a1/(b1 + a2/(b2 + ...)) of [didonato1992], eq. 9, with excess = a y - b x:
 *   a_n = (a+n-1) (a+b+n-1) n (b-n) x^2 / (a+2n-1)^2
 *   b_n = n + n (b-n) x / (a+2n-1) + (a+n) / (a+2n+1) * (excess + 1 + n (1+y)) */
static double beta_fraction(double x, double y, double a, double b)
{
    double excess = a * y - b * x;
    double product = away_from_zero(a / (a + 1) * (excess + 1)), c = product, d = 0;
    for (int i = 1; i < MAX_TERMS; i++) {
        double n = i, place = a + 2 * n - 1, weight = n * (b - n) * x / place;
        double over = (a + n - 1) * (a + b + n - 1) / place * weight * x;
        double under = n + weight + (a + n) / (place + 2) * (excess + 1 + n * (1 + y));
        d = 1 / away_from_zero(under + over * d);
        c = away_from_zero(under + over / c);
        product *= d * c;
        if (fabs(d * c - 1) < 1e-16) {
            break;
        }
    }
    return product;
}

double qsti_beta_cdf(double x, double y, double a, double b)
{
    if (x <= 0 || y <= 0) {
        return x <= 0 ? 0 : 1;
    }
    double power = beta_power(x, y, a, b);
    if (a * y - b * x > x - y) {
        return power / beta_fraction(x, y, a, b);
    }
    return 1 - power / beta_fraction(y, x, b, a);
}

/* --- quantiles ---------------------------------------------------------------------------------------------------- */

typedef struct point {
    double value, slope;
} point;
typedef point curve(double x, const double *arguments);

/* The root of an increasing function between lo and hi. */
static double solve(curve *function, const double *arguments, double lo, double hi)
{
    double x = 0.5 * (lo + hi), last_step = hi - lo;
    for (int i = 0; i < MAX_STEPS; i++) {
        point here = function(x, arguments);
        double next = x - here.value / here.slope;
        if (here.value == 0 || fabs(next - x) <= 0x1p-53 * fabs(x)) {
            break;
        }
        if (here.value < 0) {
            lo = x;
        } else {
            hi = x;
        }
        bool newton = next > lo && next < hi && fabs(next - x) < 0.5 * last_step;
        if (!newton) {
            next = 0.5 * (lo + hi);
        }
        if (next <= lo || next >= hi) {
            break;
        }
        last_step = fabs(next - x);
        x = next;
    }
    return x;
}

/* arguments: a, b, p. */
static point beta_excess(double x, const double *arguments)
{
    double a = arguments[0], b = arguments[1];
    return (point){qsti_beta_cdf(x, 1 - x, a, b) - arguments[2], beta_power(x, 1 - x, a, b) / (x * (1 - x))};
}

double qsti_beta_quantile(double p, double a, double b)
{
    return solve(beta_excess, (const double[]){a, b, p}, 0, 1);
}

/* arguments: the wanted tail, degrees. The density is (x^a y^b / B(a,b)) / t. */
static point t_excess(double t, const double *arguments)
{
    double degrees = arguments[1], x = 1 / (1 + t * t / degrees), y = 1 / (1 + degrees / (t * t));
    return (point){arguments[0] - 0.5 * qsti_beta_cdf(x, y, 0.5 * degrees, 0.5),
                   beta_power(x, y, 0.5 * degrees, 0.5) / t};
}

/* arguments: the wanted tail. */
static point normal_excess(double z, const double *arguments)
{
    return (point){arguments[0] - 0.5 * erfc(z / sqrt(2)), exp(-0.5 * z * z) / sqrt(2 * pi)};
}

/* The quantile of a distribution that is symmetric about 0, from its upper tail. 1 - p is exact where p > 1/2. */
static double symmetric_quantile(curve *function, double p, double degrees)
{
    double tail = p < 0.5 ? p : 1 - p;
    if (tail >= 0.5) {
        return 0;
    }
    const double arguments[] = {tail, degrees};
    double lo = 0, hi = 1;
    while (function(hi, arguments).value < 0) {
        lo = hi;
        hi *= 2;
    }
    double t = solve(function, arguments, lo, hi);
    return p < 0.5 ? -t : t;
}

double qsti_t_quantile(double p, double degrees)
{
    return symmetric_quantile(t_excess, p, degrees);
}

double qsti_normal_quantile(double p)
{
    return symmetric_quantile(normal_excess, p, 0);
}

/* --- distribution functions --------------------------------------------------------------------------------------- */

double qsti_t_cdf(double t, double degrees)
{
    double x = 1 / (1 + t * t / degrees), y = 1 / (1 + degrees / (t * t));
    double tail = 0.5 * qsti_beta_cdf(x, y, 0.5 * degrees, 0.5);
    return t > 0 ? 1 - tail : tail;
}

double qsti_binomial_pmf(size_t k, size_t n, double p)
{
    double successes = (double)k, failures = (double)(n - k), trials = (double)n;
    if (k == 0 || k == n) {
        return k == n ? (n == 0 ? 1 : pow(p, trials)) : exp(trials * log1p(-p));
    }
    if (p <= 0 || p >= 1) {
        return 0;
    }
    return beta_power(p, 1 - p, successes, failures) * trials / (successes * failures);
}

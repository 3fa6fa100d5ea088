/* extrapolation.c: zero-noise extrapolation [temme2017]: a weighted sum of the values v_s at scales s.
 *
 *   linear       least squares a + b s:   w_s = 1/n - mean (s - mean) / sum (s - mean)^2
 *   polynomial   through all points:      w_s = prod over t != s of t / (t - s)
 *   exponential  v_s = c + a r^s, c where noise leads to: a = +-exp(sum w_s ln |v_s - c|)
 *
 * Variances of independent values: sum w_s^2 var_s; exponentially dv/dv_s = a w_s / (v_s - c).
 */
#include "measure/extrapolation.h"

#include <math.h>

static double linear_weight(const double *scales, size_t n, size_t i)
{
    double mean = 0, spread = 0;
    for (size_t j = 0; j < n; j++)
        mean += scales[j] / (double)n;
    for (size_t j = 0; j < n; j++)
        spread += (scales[j] - mean) * (scales[j] - mean);
    return 1 / (double)n - mean * (scales[i] - mean) / spread;
}

static double polynomial_weight(const double *scales, size_t n, size_t i)
{
    double weight = 1;
    for (size_t j = 0; j < n; j++)
        weight *= j == i ? 1 : scales[j] / (scales[j] - scales[i]);
    return weight;
}

void qsti_extrapolation_weights(qst_extrapolation kind, const double *scales, size_t n, double *weights)
{
    for (size_t i = 0; i < n; i++)
        weights[i] = kind == QST_EXTRAPOLATE_POLYNOMIAL ? polynomial_weight(scales, n, i) : linear_weight(scales, n, i);
}

/* a of centre + a r^s by least squares on logarithms; 0 where the values do not all lie on one side of the centre, each
 * nearer than the one before, or where a would be impossible. */
static double decay(const double *weights, size_t n, const double *values, size_t stride, qsti_output_range range)
{
    double logarithm = 0, before = INFINITY, first = values[0] - range.centre;
    for (size_t s = 0; s < n; s++) {
        double off = values[s * stride] - range.centre;
        if (!(off * first > 0 && fabs(off) < before))
            return 0;
        before = fabs(off);
        logarithm += weights[s] * log(before);
    }
    double a = copysign(exp(logarithm), first);
    return fabs(a) <= range.bound ? a : 0;
}

void qsti_extrapolate(qst_extrapolation kind, const double *scales, size_t n, const double *values,
                      const double *variances, size_t stride, qsti_output_range range, double *out_value,
                      double *out_variance)
{
    double weights[QSTI_MOST_SCALES] = {1}, value = 0, variance = 0;
    if (n > 1)
        qsti_extrapolation_weights(kind, scales, n, weights);
    double a = kind == QST_EXTRAPOLATE_EXPONENTIAL && n > 1 ? decay(weights, n, values, stride, range) : 0;
    for (size_t s = 0; s < n; s++) {
        double slope = a != 0 ? a * weights[s] / (values[s * stride] - range.centre) : weights[s];
        value += weights[s] * values[s * stride];
        variance += slope * slope * variances[s * stride];
    }
    *out_value = a != 0 ? range.centre + a : value;
    *out_variance = variance;
}

/* margin.c: whether sampled values say enough: of which class a row is, and where a value lies. */
#include <math.h>

#include <qstill/measure.h>

#define Z_95 1.959963984540054

/* P(Z > z). */
static double tail(double z)
{
    return 0.5 * erfc(z / sqrt(2));
}

/* The error of a difference is at most the sum of both errors, however the two are correlated. */
bool qst_decided_by_margin(void *margin, size_t row, const double *values, const double *variances)
{
    const qst_margin *of = margin;
    size_t best = 0, n_others = of->n_outputs > 1 ? of->n_outputs - 1 : 1;
    double chance = of->alpha / (double)(of->n_looks * n_others);
    bool decided = true;
    (void)row;
    if (of->n_outputs == 1)
        return tail(fabs(values[0]) / sqrt(variances[0])) <= chance;
    for (size_t k = 1; k < of->n_outputs; k++)
        best = values[k] > values[best] ? k : best;
    for (size_t k = 0; k < of->n_outputs && decided; k++) {
        double off = values[best] - values[k], error = sqrt(variances[best]) + sqrt(variances[k]);
        decided = k == best || (off > 0 && tail(off / error) <= chance);
    }
    return decided;
}

/* Wilson's interval of the share (1 + value) / 2, as an interval of the value. */
void qst_value_interval(double value, double variance, uint64_t sign_shots, double *out_low, double *out_high)
{
    double middle = value, half = Z_95 * sqrt(variance);
    if (sign_shots > 0) {
        double n = (double)sign_shots, scale = 1 / (1 + Z_95 * Z_95 / n);
        double spread = 1 - value * value;
        middle = value * scale;
        half = Z_95 * scale * sqrt((spread > 0 ? spread : 0) / n + Z_95 * Z_95 / (n * n));
    }
    *out_low = middle - half;
    *out_high = middle + half;
}

/* softmax.c: ln softmax(z/T)_c = (z_c - m)/T - ln sum_j exp((z_j - m)/T), m = max z: finite for any finite z. */
#include "learn/softmax.h"

#include <math.h>

#include <qstill/loss.h>

qst_status qsti_check_temperature(qst_ctx *ctx, double temperature)
{
    if (!(temperature > 0))
        return qsti_fail(ctx, QST_ERR_USAGE, "temperature: %g is not > 0", temperature);
    if (temperature > QST_TEMPERATURE_MAX)
        return qsti_fail(ctx, QST_ERR_USAGE, "temperature: %g is not <= %g", temperature, QST_TEMPERATURE_MAX);
    return QST_OK;
}

/* ln sum_j exp((z_j - m) / T), to the last digit also where one term is all of it: ln(1 + the others). */
static double log_of_sum(const double *z, size_t n, double temperature, size_t highest)
{
    double others = 0;
    for (size_t c = 0; c < n; c++)
        others += c == highest ? 0 : exp((z[c] - z[highest]) / temperature);
    return log1p(others);
}

void qsti_log_softmax(const double *z, size_t n, double temperature, double *out)
{
    size_t highest = qsti_argmax(z, n);
    double top = z[highest], shift = log_of_sum(z, n, temperature, highest);
    for (size_t c = 0; c < n; c++)
        out[c] = (z[c] - top) / temperature - shift;
}

void qsti_scaled_log_softmax(const double *z, size_t n, double temperature, double *out)
{
    size_t highest = qsti_argmax(z, n);
    double top = z[highest], shift = temperature * log_of_sum(z, n, temperature, highest);
    for (size_t c = 0; c < n; c++)
        out[c] = z[c] - top - shift;
}

size_t qsti_argmax(const double *values, size_t n)
{
    size_t best = 0;
    for (size_t c = 1; c < n; c++)
        if (values[c] > values[best])
            best = c;
    return best;
}

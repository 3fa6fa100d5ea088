/* softmax.c: ln softmax(z/T)_c = z_c/T - m - ln sum_j exp(z_j/T - m), m = max z/T: finite for any finite z. */
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

void qsti_log_softmax(const double *z, size_t n, double temperature, double *out)
{
    double highest = z[0];
    for (size_t c = 1; c < n; c++)
        highest = z[c] > highest ? z[c] : highest;
    double sum = 0;
    for (size_t c = 0; c < n; c++) {
        out[c] = (z[c] - highest) / temperature;
        sum += exp(out[c]);
    }
    double shift = log(sum);
    for (size_t c = 0; c < n; c++)
        out[c] -= shift;
}

size_t qsti_argmax(const double *values, size_t n)
{
    size_t best = 0;
    for (size_t c = 1; c < n; c++)
        if (values[c] > values[best])
            best = c;
    return best;
}

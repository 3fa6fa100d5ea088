/* temperature.c: see temperature.h. p is not taken below 1e-12. */
#include "learn/temperature.h"

#include <math.h>

#include "learn/model.h"
#include "learn/softmax.h"

static double log_probability(double probability)
{
    return log(fmax(probability, QSTI_PROBABILITY_FLOOR));
}

/* ln sum_c exp(l_c / T), by max-shift. */
static double log_sum(const double *row, size_t n_classes, double temperature)
{
    double largest = log_probability(row[qsti_argmax(row, n_classes)]) / temperature, sum = 0;
    for (size_t c = 0; c < n_classes; c++) {
        sum += exp(log_probability(row[c]) / temperature - largest);
    }
    return largest + log(sum);
}

static double scaled_nll(const double *probabilities, const int64_t *labels, size_t n, size_t n_classes,
                         double temperature)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double *row = probabilities + i * n_classes;
        sum += log_sum(row, n_classes, temperature) - log_probability(row[labels[i]]) / temperature;
    }
    return sum;
}

/* Golden section: the NLL is convex in 1/T, hence has one minimum in ln T. */
double qsti_temperature_fit(const double *probabilities, const int64_t *labels, size_t n, size_t n_classes)
{
    const double golden = 0.6180339887498949;
    double lo = -3, hi = 3, left = hi - golden * (hi - lo), right = lo + golden * (hi - lo);
    double at_left = scaled_nll(probabilities, labels, n, n_classes, exp(left));
    double at_right = scaled_nll(probabilities, labels, n, n_classes, exp(right));
    while (hi - lo > 1e-8) {
        if (at_left <= at_right) {
            hi = right;
            right = left;
            at_right = at_left;
            left = hi - golden * (hi - lo);
            at_left = scaled_nll(probabilities, labels, n, n_classes, exp(left));
        } else {
            lo = left;
            left = right;
            at_left = at_right;
            right = lo + golden * (hi - lo);
            at_right = scaled_nll(probabilities, labels, n, n_classes, exp(right));
        }
    }
    return exp(0.5 * (lo + hi));
}

void qsti_temperature_apply(const double *probabilities, size_t n, size_t n_classes, double temperature, double *out)
{
    for (size_t i = 0; i < n; i++) {
        const double *row = probabilities + i * n_classes;
        double total = log_sum(row, n_classes, temperature);
        for (size_t c = 0; c < n_classes; c++) {
            out[i * n_classes + c] = exp(log_probability(row[c]) / temperature - total);
        }
    }
}

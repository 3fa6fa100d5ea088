/* temperature.h: calibration by one temperature: probabilities p become softmax(ln p / T) [guo2017]. */
#ifndef QSTI_LEARN_TEMPERATURE_H
#define QSTI_LEARN_TEMPERATURE_H

#include <stddef.h>
#include <stdint.h>

/* The temperature T > 0 that minimises the NLL of softmax(ln p / T) on rows (n, C) with labels 0..C-1 (golden section
 * on ln T in [-3, 3]). */
double qsti_temperature_fit(const double *probabilities, const int64_t *labels, size_t n, size_t n_classes);

/* out = softmax(ln p / T), row by row; out may be p. */
void qsti_temperature_apply(const double *probabilities, size_t n, size_t n_classes, double temperature, double *out);

#endif

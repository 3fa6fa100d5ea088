/* softmax.h: the one softmax and its logarithm. */
#ifndef QSTI_LEARN_SOFTMAX_H
#define QSTI_LEARN_SOFTMAX_H

#include "base/status.h"

/* Below this a probability counts as this: never the logarithm of 0. */
#define QSTI_PROBABILITY_FLOOR 1e-12

/* out[c] = ln softmax(z / T)_c, shifted by the maximum; T > 0. out may be z. */
void qsti_log_softmax(const double *z, size_t n, double temperature, double *out);

/* out[c] = T ln softmax(z / T)_c: finite where z/T overflows. out may be z. */
void qsti_scaled_log_softmax(const double *z, size_t n, double temperature, double *out);

/* Refuses a temperature that is not in (0, QST_TEMPERATURE_MAX]: ERR_USAGE. */
qst_status qsti_check_temperature(qst_ctx *ctx, double temperature);

/* The lowest index of the largest value. */
size_t qsti_argmax(const double *values, size_t n);

#endif

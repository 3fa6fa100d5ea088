/* extrapolation.h: values at several strengths of noise -> the value at none. */
#ifndef QSTI_MEASURE_EXTRAPOLATION_H
#define QSTI_MEASURE_EXTRAPOLATION_H

#include <qstill/measure.h>

/* More scales are refused when a measurement is made. */
#define QSTI_MOST_SCALES 16

/* weights (n): the value at scale 0 is their sum with the values at the scales, which are distinct, n >= 2. kind LINEAR
 * or POLYNOMIAL; else as LINEAR. */
void qsti_extrapolation_weights(qst_extrapolation kind, const double *scales, size_t n, double *weights);

/* What is known of an output beforehand. */
typedef struct qsti_output_range {
    double centre; /* its value where nothing is known of the state: what noise leads to */
    double bound;  /* no value is further from that */
} qsti_output_range;

/* One output: values and variances (n), those at scale s at [s * stride]. n = 1: as it is. */
void qsti_extrapolate(qst_extrapolation kind, const double *scales, size_t n, const double *values,
                      const double *variances, size_t stride, qsti_output_range range, double *out_value,
                      double *out_variance);

#endif

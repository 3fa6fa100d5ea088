/* simplex.h: the nearest probabilities. */
#ifndef QSTI_MEASURE_SIMPLEX_H
#define QSTI_MEASURE_SIMPLEX_H

#include <stddef.h>

/* values (n) -> the probabilities p >= 0, sum p = 1, with the smallest sum (p - value)^2, in place. n > 0. Cost O(n)
 * times at most the number of entries that become 0; in practice O(n) a few times. */
void qsti_simplex_project(double *values, size_t n);

#endif

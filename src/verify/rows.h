/* rows.h: what the metrics agree on about a row of probabilities. */
#ifndef QSTI_VERIFY_ROWS_H
#define QSTI_VERIFY_ROWS_H

#include <stddef.h>

/* Probabilities below this count as this inside a logarithm. */
#define QSTI_PROBABILITY_FLOOR 1e-12

/* The largest entry's place; ties go to the lowest. */
size_t qsti_row_argmax(const double *row, size_t n);

#endif

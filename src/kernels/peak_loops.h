/* peak_loops.h: loops that do nothing but keep the processor at its limit, one table per instruction set and precision:
 * what a percentage of the peak refers to.
 */
#ifndef QSTI_KERNELS_PEAK_LOOPS_H
#define QSTI_KERNELS_PEAK_LOOPS_H

#include <stddef.h>

typedef struct qsti_peak_loops {
    size_t multiply_adds; /* real ones, of one repetition of multiply_add() */
    /* a[i] <- a[i] * factor + step, n_repetitions times, on registers alone: as many independent chains as are needed
     * to keep every port busy. Returns the sum of all a, so that nothing can be left out. */
    double (*multiply_add)(size_t n_repetitions, double factor, double step);
    /* values[i] <- values[i] * factor, in place: reads and writes n_bytes, a multiple of 256, aligned to 64. */
    void (*scale)(void *values, size_t n_bytes, double factor);
} qsti_peak_loops;

/* Of the instruction set that qsti_kernels_double() and qsti_kernels_single() are of. */
const qsti_peak_loops *qsti_peak_loops_double(void);
const qsti_peak_loops *qsti_peak_loops_single(void);

#endif

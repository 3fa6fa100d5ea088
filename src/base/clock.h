/* clock.h: monotonic time, for progress and reports; no result depends on it. */
#ifndef QSTI_BASE_CLOCK_H
#define QSTI_BASE_CLOCK_H

#include <time.h>

/* Seconds since some fixed point. */
static inline double qsti_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif

/* finite.h: whether an array holds numbers only, and how large they are; without early ends, so that it is quick where
 * all are well. */
#ifndef QSTI_BASE_FINITE_H
#define QSTI_BASE_FINITE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* 0 times a number is 0, 0 times anything else is not. */
static inline bool qsti_all_finite(const double *values, size_t n)
{
    double zero[8] = {0}, sum = 0;
    size_t whole = n - n % 8;
    for (size_t i = 0; i < whole; i += 8)
        for (size_t j = 0; j < 8; j++)
            zero[j] += 0 * values[i + j];
    for (size_t i = whole; i < n; i++)
        zero[0] += 0 * values[i];
    for (size_t j = 0; j < 8; j++)
        sum += zero[j];
    return sum == 0;
}

/* The largest |value|; numbers only. */
static inline double qsti_largest(const double *values, size_t n)
{
    double most[8] = {0}, out = 0;
    size_t whole = n - n % 8;
    for (size_t i = 0; i < whole; i += 8)
        for (size_t j = 0; j < 8; j++)
            most[j] = fabs(values[i + j]) > most[j] ? fabs(values[i + j]) : most[j];
    for (size_t i = whole; i < n; i++)
        most[0] = fabs(values[i]) > most[0] ? fabs(values[i]) : most[0];
    for (size_t j = 0; j < 8; j++)
        out = most[j] > out ? most[j] : out;
    return out;
}

#endif

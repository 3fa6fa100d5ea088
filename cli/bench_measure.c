/* bench_measure.c: times by repetition, the machine's peaks, and random numbers that anybody can make again.
 *
 * The fastest repetition counts, since other work on the machine only ever slows one down; the median says how steady
 * they were. */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"

#define WARM_SHARE       0.1
#define LEAST_REPEATS    3
#define MOST_REPEATS     65536
#define PEAKS_SECONDS    0.6
#define RANDOM_INCREMENT 0x9e3779b97f4a7c15u

double bench_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

/* --- peaks -------------------------------------------------------------------------------------------------------- */

qst_status bench_peaks(bench_call *call, qst_precision precision, const qst_peaks **out)
{
    qst_status status = QST_OK;
    if (!call->has_peaks[precision]) {
        double seconds = fmin(PEAKS_SECONDS, PEAKS_SECONDS * call->seconds);
        status = qst_machine_peaks(call->session->ctx, precision, seconds, &call->peaks[precision]);
        call->has_peaks[precision] = status == QST_OK;
    }
    if (status == QST_OK) {
        *out = &call->peaks[precision];
    }
    return status;
}

/* --- times -------------------------------------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static qst_status check_interrupt(const bench_call *call)
{
    if (call->session->interrupt && *call->session->interrupt) {
        return cli_fail(&call->session->message, QST_ERR_INTERRUPTED, "stopped by request");
    }
    return QST_OK;
}

static qst_status timed(const bench_call *call, bench_work_fn *work, void *arg, double *out_ms)
{
    double start = bench_now_ms();
    qst_status status = work(arg);
    *out_ms = bench_now_ms() - start;
    return status == QST_OK ? check_interrupt(call) : status;
}

qst_status bench_repeat(const bench_call *call, bench_work_fn *work, void *arg, bench_time *out)
{
    qst_status status = QST_OK;
    double *times = malloc(MOST_REPEATS * sizeof *times), one = 0, start = bench_now_ms();
    size_t n = 0;
    if (times == NULL) {
        return cli_fail(&call->session->message, QST_ERR_MEMORY, "out of memory");
    }
    do {
        CLI_TRY(timed(call, work, arg, &one));
    } while (bench_now_ms() - start < 1e3 * WARM_SHARE * call->seconds);
    start = bench_now_ms();
    while (n < MOST_REPEATS && (n < LEAST_REPEATS || bench_now_ms() - start < 1e3 * call->seconds)) {
        CLI_TRY(timed(call, work, arg, &times[n]));
        n++;
    }
    qsort(times, n, sizeof *times, compare_numbers);
    *out = (bench_time){times[0], n % 2 ? times[n / 2] : 0.5 * (times[n / 2 - 1] + times[n / 2]), n};
done:
    free(times);
    return status;
}

/* --- random numbers ----------------------------------------------------------------------------------------------- */

uint64_t bench_random_next(uint64_t *state)
{
    uint64_t z = *state += RANDOM_INCREMENT;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void bench_random(uint64_t seed, double low, double high, double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        values[i] = low + (high - low) * ldexp((double)(bench_random_next(&seed) >> 11), -53);
    }
}

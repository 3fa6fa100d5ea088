/* machine.c: what this machine does at best: multiply-adds a second, and bytes a second in place, in the second-level
 * cache and in memory.
 *
 * Every thread of the context runs the same loop at once (kernels/peak_loops.h) for a fraction of a millisecond, again
 * and again, and the fastest repetition counts: other work on the machine only ever takes away. Half of a core's
 * second-level cache is one thread's buffer there; in memory all buffers together are four times the last level, within
 * 256 and 512 MiB and within a quarter of the machine's memory, and a repetition walks on from where the last one
 * ended, so that it finds nothing in a cache. Measured for percentages: nothing that the library computes depends on
 * it.
 */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/threads.h"
#include "kernels/peak_loops.h"
#include "sim/program.h"

#define MIB              ((size_t)1 << 20)
#define PIECE_BYTES      (2 * MIB)
#define LEAST_REPEATS    5
#define REPETITION_S     3e-4 /* long beside telling the threads, short beside what interrupts them */
#define BUFFER_MULTIPLE  256
#define ASSUMED_L2_BYTES MIB

/* One loop on all threads. */
typedef struct peak_run {
    const qsti_peak_loops *loops;
    char *buffers; /* one a thread, one behind the other; NULL: multiply-adds alone */
    size_t buffer_bytes, piece_bytes;
    size_t first_piece, n_passes; /* each over one piece of the buffer, then the next */
    double *sums;                 /* one a thread, a line apart */
} peak_run;

/* --- sizes -------------------------------------------------------------------------------------------------------- */

static size_t cache_bytes(int name, size_t assumed)
{
    long bytes = sysconf(name);
    return bytes > 0 ? (size_t)bytes : assumed;
}

static size_t l2_buffer_bytes(void)
{
    size_t bytes = cache_bytes(_SC_LEVEL2_CACHE_SIZE, ASSUMED_L2_BYTES) / 2;
    return bytes - bytes % BUFFER_MULTIPLE;
}

/* Of each thread. */
static size_t memory_pieces(size_t n_threads)
{
    size_t bytes = 4 * cache_bytes(_SC_LEVEL3_CACHE_SIZE, 0);
    bytes = bytes < 256 * MIB ? 256 * MIB : bytes;
    bytes = bytes > 512 * MIB ? 512 * MIB : bytes;
    long n_pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
    size_t quarter = n_pages > 0 && page_bytes > 0 ? (size_t)n_pages / 4 * (size_t)page_bytes : bytes;
    size_t n_pieces = (bytes > quarter ? quarter : bytes) / n_threads / PIECE_BYTES;
    return n_pieces ? n_pieces : 1;
}

/* --- measuring ---------------------------------------------------------------------------------------------------- */

static void multiply_add(void *arg, size_t item, int worker)
{
    (void)worker;
    const peak_run *run = arg;
    run->sums[item * QSTI_LINE_BYTES / sizeof(double)] = run->loops->multiply_add(run->n_passes, 0.5, 0.5);
}

static void scale(void *arg, size_t item, int worker)
{
    (void)worker;
    const peak_run *run = arg;
    char *buffer = run->buffers + item * run->buffer_bytes;
    size_t n_pieces = run->buffer_bytes / run->piece_bytes;
    for (size_t pass = 0; pass < run->n_passes; pass++)
        run->loops->scale(buffer + (run->first_piece + pass) % n_pieces * run->piece_bytes, run->piece_bytes, 1.0);
}

/* Each thread is the first to touch its pages. */
static void clear(void *arg, size_t item, int worker)
{
    (void)worker;
    const peak_run *run = arg;
    memset(run->buffers + item * run->buffer_bytes, 0, run->buffer_bytes);
}

/* Passes a second and thread. The first repetitions warm up and find how many passes are worth timing. */
static double best_rate(const qst_ctx *ctx, peak_run *run, double seconds)
{
    qsti_work_fn *fn = run->buffers ? scale : multiply_add;
    size_t n_threads = (size_t)qst_ctx_threads(ctx);
    double best = 0, begin = qsti_now();
    run->n_passes = 1;
    for (size_t n = 0; n < LEAST_REPEATS || qsti_now() - begin < seconds;) {
        double start = qsti_now();
        qsti_parallel_for(ctx, n_threads, fn, run);
        double taken = qsti_now() - start;
        run->first_piece += run->n_passes;
        if (taken < REPETITION_S) {
            run->n_passes *= 2;
            continue;
        }
        double rate = (double)run->n_passes / taken;
        best = rate > best ? rate : best;
        n++;
    }
    return best;
}

/* Bytes a second of all threads together. */
static qst_status measure_bytes(qst_ctx *ctx, peak_run run, size_t piece_bytes, size_t n_pieces, double seconds,
                                double *out)
{
    size_t n_threads = (size_t)qst_ctx_threads(ctx), buffer_bytes = piece_bytes * n_pieces;
    void *buffers = NULL;
    qst_status status = qsti_alloc_pages(ctx, n_threads, buffer_bytes, &buffers);
    if (status != QST_OK)
        return status;
    run.buffers = buffers;
    run.buffer_bytes = buffer_bytes;
    run.piece_bytes = piece_bytes;
    qsti_parallel_for(ctx, n_threads, clear, &run);
    *out = 2 * (double)(n_threads * piece_bytes) * best_rate(ctx, &run, seconds);
    qsti_free_lines(ctx, buffers);
    return QST_OK;
}

qst_status qst_machine_peaks(qst_ctx *ctx, qst_precision precision, double seconds, qst_peaks *out)
{
    qst_status status = QST_OK;
    size_t n_threads = (size_t)qst_ctx_threads(ctx);
    qst_peaks peaks = {.multiply_adds = 0};
    peak_run run = {.loops = precision == QST_SINGLE ? qsti_peak_loops_single() : qsti_peak_loops_double()};
    if (!(seconds > 0))
        return qsti_fail(ctx, QST_ERR_USAGE, "the peaks of the machine: %g seconds are not > 0", seconds);
    QSTI_TRY(qsti_alloc_lines(ctx, n_threads, QSTI_LINE_BYTES, (void **)&run.sums));
    peaks.multiply_adds = (double)(n_threads * run.loops->multiply_adds) * best_rate(ctx, &run, seconds / 3);
    QSTI_TRY(measure_bytes(ctx, run, l2_buffer_bytes(), 1, seconds / 3, &peaks.bytes_l2));
    QSTI_TRY(measure_bytes(ctx, run, PIECE_BYTES, memory_pieces(n_threads), seconds / 3, &peaks.bytes_memory));
    *out = peaks;
done:
    qsti_free_lines(ctx, run.sums);
    return status;
}

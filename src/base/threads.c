/* threads.c: work over threads with OpenMP, and sums whose bits do not depend on how many there are.
 *
 * Items are handed out in order of demand; their results may not depend on who does them, so this is invisible. The sum
 * over rows is a binary tree by stride doubling: row r takes row r + s for s = 1, 2, 4, ...; columns are independent,
 * and the threads share those.
 *
 * fork(): the worker threads of OpenMP do not exist in a child process, and waiting for them would never end. A child
 * of a process that has used them works on one thread, which gives the same bits. */
#include "base/threads.h"

#include <omp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/context.h"

/* --- after fork --------------------------------------------------------------------------------------------------- */

/* Facts about the process, not about a context: whether OpenMP has started threads in it, and whether they were lost.
 */
static atomic_bool workers_were_started;
static atomic_bool workers_were_lost;

static void note_fork(void)
{
    if (atomic_load(&workers_were_started)) {
        atomic_store(&workers_were_lost, true);
    }
}

static void watch_fork(void)
{
    pthread_atfork(NULL, NULL, note_fork);
}

static bool may_start_workers(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_fork);
    if (atomic_load(&workers_were_lost) || omp_in_parallel()) {
        return false;
    }
    atomic_store(&workers_were_started, true);
    return true;
}

/* --- loops -------------------------------------------------------------------------------------------------------- */

void qsti_parallel_for(const qst_ctx *ctx, size_t n_items, qsti_work_fn *fn, void *arg)
{
    size_t n_workers = (size_t)ctx->n_threads;
    if (n_workers > n_items) {
        n_workers = n_items;
    }
    if (n_workers <= 1 || !may_start_workers()) {
        for (size_t item = 0; item < n_items; item++) {
            fn(arg, item, 0);
        }
        return;
    }
    /* Pieces: few enough that handing them out costs nothing, enough of them that the last thread is not late. */
#pragma omp parallel for num_threads((int)n_workers) schedule(dynamic, 1 + n_items / (n_workers * 16))
    for (size_t item = 0; item < n_items; item++) {
        fn(arg, item, omp_get_thread_num());
    }
}

/* --- sums --------------------------------------------------------------------------------------------------------- */

#define COLUMNS_A_PIECE 512
#define WORTH_THREADS   32768

typedef struct reduction {
    double *parts;
    size_t n_rows, n_cols;
    double *out;
} reduction;

static void reduce_columns(void *arg, size_t piece, int worker)
{
    (void)worker;
    const reduction *sum = arg;
    size_t first = piece * COLUMNS_A_PIECE;
    size_t n = sum->n_cols - first < COLUMNS_A_PIECE ? sum->n_cols - first : COLUMNS_A_PIECE;
    for (size_t stride = 1; stride < sum->n_rows; stride *= 2) {
        for (size_t row = 0; row + stride < sum->n_rows; row += 2 * stride) {
            double *restrict into = sum->parts + row * sum->n_cols + first;
            const double *restrict from = sum->parts + (row + stride) * sum->n_cols + first;
            for (size_t c = 0; c < n; c++) {
                into[c] += from[c];
            }
        }
    }
    memmove(sum->out + first, sum->parts + first, n * sizeof(double));
}

void qsti_reduce_rows(const qst_ctx *ctx, double *parts, size_t n_rows, size_t n_cols, double *out)
{
    if (n_rows == 0) {
        for (size_t c = 0; c < n_cols; c++) {
            out[c] = 0;
        }
        return;
    }
    reduction sum = {parts, n_rows, n_cols, out};
    size_t n_pieces = n_cols / COLUMNS_A_PIECE + (n_cols % COLUMNS_A_PIECE != 0);
    if (n_cols < WORTH_THREADS / n_rows) {
        for (size_t piece = 0; piece < n_pieces; piece++) {
            reduce_columns(&sum, piece, 0);
        }
        return;
    }
    qsti_parallel_for(ctx, n_pieces, reduce_columns, &sum);
}

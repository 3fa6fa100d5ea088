/* threads.c: loops over threads, and sums whose bits do not depend on how many there are.
 *
 * Items are handed out in order of demand (workers.c); their results may not depend on who does them, so this is
 * invisible. The sum over rows is a binary tree by stride doubling: row r takes row r + s for s = 1, 2, 4, ...; columns
 * are independent, and the threads share those. */
#include "base/threads.h"

#include <string.h>

#include "base/context.h"
#include "base/workers.h"

void qsti_parallel_for(const qst_ctx *ctx, size_t n_items, qsti_work_fn *fn, void *arg)
{
    qsti_workers_run(ctx->workers, n_items, fn, arg);
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

void qsti_row_tree_begin(qsti_row_tree *tree)
{
    for (size_t row = 0; row < tree->n_rows; row++)
        atomic_init(&tree->arrived[row], 0);
}

/* `row` heads a complete subtree of `stride` rows; the place of its right one names a pair of them. */
void qsti_row_tree_add(const qsti_row_tree *tree, size_t row)
{
    for (size_t stride = 1; stride < tree->n_rows; stride *= 2) {
        size_t left = row & ~stride, right = left + stride;
        if (right >= tree->n_rows)
            continue;
        if (atomic_fetch_add(&tree->arrived[right], 1) == 0)
            return;
        double *restrict into = tree->parts + left * tree->n_cols;
        const double *restrict from = tree->parts + right * tree->n_cols;
        for (size_t c = 0; c < tree->n_cols; c++)
            into[c] += from[c];
        row = left;
    }
}

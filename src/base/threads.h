/* threads.h: the one place where work is spread over threads. */
#ifndef QSTI_BASE_THREADS_H
#define QSTI_BASE_THREADS_H

#include <stdatomic.h>

#include "base/status.h"

/* Work on item `item`; `worker` is 0..n_threads-1 and names the scratch memory to use. Must not allocate, log or fail
 * through the context; results go to places that depend on `item` only. */
typedef void qsti_work_fn(void *arg, size_t item, int worker);

/* Runs fn for items 0..n-1 over the context's threads, and waits. With one item or one thread, from inside an
 * item, and in a forked child it runs inline. The number of workers is min(n, threads). */
void qsti_parallel_for(const qst_ctx *ctx, size_t n_items, qsti_work_fn *fn, void *arg);

/* out[c] = sum over rows r of parts[r*n_cols + c], by a binary tree whose shape depends on n_rows alone, in place:
 * parts is overwritten. Same bits for any number of threads. */
void qsti_reduce_rows(const qst_ctx *ctx, double *parts, size_t n_rows, size_t n_cols, double *out);

/* The same sum, made while the rows are: whoever finishes the later of two neighbours adds them, so that most are added
 * in the cache that they were made in. To the same bits, whoever it is. */
typedef struct qsti_row_tree {
    double *parts; /* (n_rows, n_cols) */
    size_t n_rows, n_cols;
    atomic_uchar *arrived; /* (n_rows) */
} qsti_row_tree;
/* Before the first row is made. */
void qsti_row_tree_begin(qsti_row_tree *tree);
/* Row `row` is complete; from any thread, once for each. When all are, row 0 holds the sum. */
void qsti_row_tree_add(const qsti_row_tree *tree, size_t row);

#endif

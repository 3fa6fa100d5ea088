/* row_blocks.c: see row_blocks.h. */
#include "learn/row_blocks.h"

#include <string.h>

#include "base/threads.h"

typedef struct section {
    double *parts;
    size_t n_rows, n_sums, n_blocks, blocks_a_part;
    qsti_row_block_fn *fn;
    void *arg;
} section;

static void run_part(void *arg, size_t part, int worker)
{
    const section *work = arg;
    double *sums = work->parts + part * work->n_sums;
    size_t begin = part * work->blocks_a_part, end = begin + work->blocks_a_part;
    memset(sums, 0, work->n_sums * sizeof *sums);
    for (size_t i = begin; i < end && i < work->n_blocks; i++) {
        size_t first = i * QSTI_BLOCK_ROWS, left = work->n_rows - first;
        qsti_row_block block = {first, left < QSTI_BLOCK_ROWS ? left : QSTI_BLOCK_ROWS, sums, worker};
        work->fn(work->arg, &block);
    }
}

qst_status qsti_row_blocks_run(qsti_row_blocks *blocks, size_t n_rows, qsti_row_block_fn *fn, void *arg, size_t n_sums,
                               double *out_sums)
{
    qst_status status = QST_OK;
    section work = {.n_rows = n_rows, .n_sums = n_sums, .fn = fn, .arg = arg};
    size_t n_values = 0;
    if (!qsti_mul(QSTI_BLOCK_PARTS, n_sums, &n_values))
        return qsti_fail(blocks->ctx, QST_ERR_LIMIT, "%zu sums are too many", n_sums);
    if (blocks->parts == NULL || blocks->n_values < n_values) {
        blocks->n_values = 0;
        QSTI_TRY(QSTI_GROW(blocks->ctx, n_values, &blocks->parts));
        blocks->n_values = n_values;
    }
    work.parts = blocks->parts;
    work.n_blocks = n_rows / QSTI_BLOCK_ROWS + (n_rows % QSTI_BLOCK_ROWS != 0);
    work.blocks_a_part = work.n_blocks / QSTI_BLOCK_PARTS + (work.n_blocks % QSTI_BLOCK_PARTS != 0);
    size_t n_parts = n_rows == 0 ? 0 : (work.n_blocks + work.blocks_a_part - 1) / work.blocks_a_part;
    qsti_parallel_for(blocks->ctx, n_parts, run_part, &work);
    qsti_reduce_rows(blocks->ctx, blocks->parts, n_parts, n_sums, out_sums);
done:
    return status;
}

void qsti_row_blocks_clear(qsti_row_blocks *blocks)
{
    qsti_free(blocks->ctx, blocks->parts);
    blocks->parts = NULL;
    blocks->n_values = 0;
}

/* row_blocks.h: a loop over blocks of rows, spread over threads, with sums that do not depend on their number.
 *
 * A block is QSTI_BLOCK_ROWS rows. Blocks one after the other share a part, at most QSTI_BLOCK_PARTS of them, so that
 * memory does not grow with the number of rows; parts are summed by a tree. What is a part depends on the number of
 * rows alone.
 */
#ifndef QSTI_LEARN_ROW_BLOCKS_H
#define QSTI_LEARN_ROW_BLOCKS_H

#include "base/memory.h"

#define QSTI_BLOCK_ROWS  8
#define QSTI_BLOCK_PARTS 64

/* Memory, kept from loop to loop. */
typedef struct qsti_row_blocks {
    qst_ctx *ctx;
    double *parts; /* (QSTI_BLOCK_PARTS, n_sums) */
    size_t n_values;
} qsti_row_blocks;

/* Rows first_row .. +n_rows; what belongs to them is added to sums (n_sums). */
typedef struct qsti_row_block {
    size_t first_row, n_rows;
    double *sums;
    int worker;
} qsti_row_block;

/* Called from any thread, for several blocks at once. */
typedef void qsti_row_block_fn(void *arg, const qsti_row_block *block);

/* out_sums (n_sums) = sum over blocks of what fn adds. Allocates only when n_sums is larger than in any call before.
 * Errors: ERR_MEMORY. */
qst_status qsti_row_blocks_run(qsti_row_blocks *blocks, size_t n_rows, qsti_row_block_fn *fn, void *arg, size_t n_sums,
                               double *out_sums);
void qsti_row_blocks_clear(qsti_row_blocks *blocks);

#endif

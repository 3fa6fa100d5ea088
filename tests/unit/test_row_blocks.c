/* test_row_blocks.c: every row is in one block; sums are right, have the same bits for any number of threads, and need
 * no memory twice. */
#include <stdatomic.h>

#include "support/support.h"

#include "base/memory.h"
#include "learn/row_blocks.h"

#define MAX_ROWS 3000
#define N_SUMS   3

static unsigned char seen[MAX_ROWS];
static atomic_bool wrong;

/* Terms of very different sizes: another order of additions has other bits. */
static void take_rows(void *arg, const qsti_row_block *block)
{
    (void)arg;
    bool right = block->n_rows >= 1 && block->n_rows <= QSTI_BLOCK_ROWS && block->first_row % QSTI_BLOCK_ROWS == 0;
    if (!right || block->first_row + block->n_rows > MAX_ROWS) {
        atomic_store(&wrong, true);
        return;
    }
    for (size_t row = block->first_row; row < block->first_row + block->n_rows; row++) {
        seen[row]++;
        block->sums[0] += 1;
        block->sums[1] += (double)row;
        block->sums[2] += sin((double)row) * pow(10, (double)(row % 13));
    }
}

static void check_rows(qsti_row_blocks *blocks, size_t n_rows, double *sums)
{
    memset(seen, 0, sizeof seen);
    assert_ok(blocks->ctx, qsti_row_blocks_run(blocks, n_rows, take_rows, NULL, N_SUMS, sums));
    assert_false(wrong);
    for (size_t row = 0; row < MAX_ROWS; row++) {
        assert_int_equal(seen[row], row < n_rows);
    }
    assert_true(sums[0] == (double)n_rows && sums[1] == (double)n_rows * ((double)n_rows - 1) / 2);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    const size_t n_rows[] = {0, 1, 7, 8, 9, 64, 511, 512, 513, 520, 1025, 2999, 3000, 16};
    const int threads[] = {1, 2, 3, 7};
    double first[14][N_SUMS];
    for (size_t t = 0; t < 4; t++) {
        qst_ctx *ctx = support_ctx(threads[t]);
        qsti_row_blocks blocks = {.ctx = ctx};
        for (size_t i = 0; i < 14; i++) {
            double sums[N_SUMS];
            check_rows(&blocks, n_rows[i], sums);
            if (t == 0) {
                memcpy(first[i], sums, sizeof sums);
            }
            assert_memory_equal(first[i], sums, sizeof sums);
        }
        qsti_row_blocks_clear(&blocks);
        qst_ctx_free(ctx);
    }
}

static void memory_is_kept(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(2);
    qsti_row_blocks blocks = {.ctx = ctx};
    double sums[N_SUMS];
    check_rows(&blocks, 10, sums);
    uint64_t before = qsti_ctx_allocations(ctx);
    check_rows(&blocks, 3000, sums);
    check_rows(&blocks, 3, sums);
    assert_int_equal(qsti_ctx_allocations(ctx), before);
    assert_status(ctx, qsti_row_blocks_run(&blocks, 10, take_rows, NULL, SIZE_MAX / 2, sums), QST_ERR_LIMIT);
    check_rows(&blocks, 100, sums);
    qsti_row_blocks_clear(&blocks);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(memory_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

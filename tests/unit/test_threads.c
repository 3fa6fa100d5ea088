/* test_threads.c: every item once, sums with the same bits for any number of threads, and forked processes. */
#include "support/support.h"

#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/threads.h"

static const int thread_counts[] = {1, 2, 3, 7, 16};
#define N_THREAD_COUNTS (sizeof thread_counts / sizeof thread_counts[0])

typedef struct loop {
    atomic_int *visits;
    int n_threads;
    atomic_int n_wrong_workers;
    atomic_int busy[16];
} loop;

static void visit(void *arg, size_t item, int worker)
{
    loop *l = arg;
    if (worker < 0 || worker >= l->n_threads || atomic_fetch_add(&l->busy[worker], 1) != 0) {
        atomic_fetch_add(&l->n_wrong_workers, 1);
        return;
    }
    atomic_fetch_add(&l->visits[item], 1);
    atomic_fetch_sub(&l->busy[worker], 1);
}

static void every_item_is_done_once(void **state)
{
    (void)state;
    static const size_t item_counts[] = {0, 1, 2, 5, 1000, 100003};
    static atomic_int visits[100003];
    for (size_t t = 0; t < N_THREAD_COUNTS; t++) {
        qst_ctx *ctx = support_ctx(thread_counts[t]);
        for (size_t c = 0; c < sizeof item_counts / sizeof item_counts[0]; c++) {
            loop l = {.visits = visits, .n_threads = thread_counts[t]};
            memset(visits, 0, sizeof visits);
            qsti_parallel_for(ctx, item_counts[c], visit, &l);
            for (size_t i = 0; i < 100003; i++) {
                assert_int_equal(visits[i], i < item_counts[c]);
            }
            assert_int_equal(l.n_wrong_workers, 0);
        }
        qst_ctx_free(ctx);
    }
}

typedef struct outer {
    const qst_ctx *ctx;
    atomic_int sum;
} outer;

static void add_one(void *arg, size_t item, int worker)
{
    (void)item;
    if (worker == 0) {
        atomic_fetch_add(&((outer *)arg)->sum, 1);
    }
}

static void run_inner(void *arg, size_t item, int worker)
{
    (void)item;
    (void)worker;
    qsti_parallel_for(((outer *)arg)->ctx, 10, add_one, arg);
}

static void inner_loops_run_inline(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(3);
    outer o = {.ctx = ctx};
    qsti_parallel_for(ctx, 20, run_inner, &o);
    assert_int_equal(o.sum, 200);
    qst_ctx_free(ctx);
}

/* The tree by its definition: rows [first, first + span) with span a power of two, split in the middle. */
static double tree_sum(const double *parts, size_t n_rows, size_t n_cols, size_t col, size_t first, size_t span)
{
    if (first >= n_rows) {
        return 0;
    }
    if (span == 1) {
        return parts[first * n_cols + col];
    }
    size_t middle = first + span / 2;
    double left = tree_sum(parts, n_rows, n_cols, col, first, span / 2);
    return middle < n_rows ? left + tree_sum(parts, n_rows, n_cols, col, middle, span / 2) : left;
}

static void add_row(void *arg, size_t item, int worker)
{
    (void)worker;
    qsti_row_tree_add(arg, item);
}

/* Twice, as a training's steps do. */
static void sum_as_rows_come(qst_ctx *ctx, const double *values, double *parts, size_t n_rows, size_t n_cols)
{
    atomic_uchar arrived[256];
    qsti_row_tree tree = {parts, n_rows, n_cols, arrived};
    for (int time = 0; time < 2; time++) {
        memcpy(parts, values, n_rows * n_cols * sizeof *parts);
        qsti_row_tree_begin(&tree);
        qsti_parallel_for(ctx, n_rows, add_row, &tree);
    }
}

static void sums_have_the_same_bits(void **state)
{
    (void)state;
    static const size_t shapes[][2] = {{1, 1}, {2, 3}, {3, 1}, {7, 5}, {8, 513}, {33, 2000}, {100, 4096}, {129, 1}};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        size_t n_rows = shapes[s][0], n_cols = shapes[s][1], span = 1;
        double *values = calloc(n_rows * n_cols, sizeof *values), *parts = calloc(n_rows * n_cols, sizeof *parts);
        double *out = calloc(n_cols, sizeof *out);
        assert_true(values && parts && out);
        qsti_rng rng = qsti_rng_init(8, QSTI_PURPOSE_TEST, 0, 0);
        for (size_t i = 0; i < n_rows * n_cols; i++) {
            values[i] = qsti_rng_normal(&rng) * ldexp(1, (int)qsti_rng_below(&rng, 60));
        }
        while (span < n_rows) {
            span *= 2;
        }
        for (size_t t = 0; t < N_THREAD_COUNTS; t++) {
            qst_ctx *ctx = support_ctx(thread_counts[t]);
            memcpy(parts, values, n_rows * n_cols * sizeof *parts);
            qsti_reduce_rows(ctx, parts, n_rows, n_cols, t % 2 ? parts : out);
            for (size_t c = 0; c < n_cols; c++) {
                assert_close(t % 2 ? parts[c] : out[c], tree_sum(values, n_rows, n_cols, c, 0, span), 0);
            }
            sum_as_rows_come(ctx, values, parts, n_rows, n_cols);
            for (size_t c = 0; c < n_cols; c++) {
                assert_close(parts[c], tree_sum(values, n_rows, n_cols, c, 0, span), 0);
            }
            qst_ctx_free(ctx);
        }
        free(values);
        free(parts);
        free(out);
    }
}

static void a_sum_of_nothing_is_zero(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(2);
    double out[3] = {1, 2, 3};
    qsti_reduce_rows(ctx, NULL, 0, 3, out);
    for (size_t c = 0; c < 3; c++) {
        assert_close(out[c], 0, 0);
    }
    qsti_reduce_rows(ctx, out, 3, 0, NULL);
    qst_ctx_free(ctx);
}

/* The threads of the parent do not exist in the child; it must not wait for them, with an old or a new context. */
static void a_forked_process_can_work(void **state)
{
    (void)state;
    static atomic_int visits[1000];
    qst_ctx *ctx = support_ctx(4);
    loop l = {.visits = visits, .n_threads = 4};
    qsti_parallel_for(ctx, 1000, visit, &l);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(20);
        qst_ctx *own = support_ctx(4);
        qsti_parallel_for(ctx, 1000, visit, &l);
        qsti_parallel_for(own, 1000, visit, &l);
        bool done = true;
        for (size_t i = 0; i < 1000; i++) {
            done = done && visits[i] == 3;
        }
        _exit(done ? 0 : 1);
    }
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result));
    assert_int_equal(WEXITSTATUS(result), 0);
    qsti_parallel_for(ctx, 1000, visit, &l);
    assert_int_equal(visits[999], 2);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_done_once),   cmocka_unit_test(inner_loops_run_inline),
        cmocka_unit_test(sums_have_the_same_bits),   cmocka_unit_test(a_sum_of_nothing_is_zero),
        cmocka_unit_test(a_forked_process_can_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_memory.c: checked sizes, zeroed and aligned memory, counting, and what happens when there is none. */
#include "support/support.h"

#include "base/memory.h"

static void products_and_sums_are_checked(void **state)
{
    (void)state;
    size_t out = 7;
    assert_true(qsti_mul(1000, 1000, &out));
    assert_int_equal(out, 1000000);
    assert_true(qsti_mul(0, SIZE_MAX, &out));
    assert_int_equal(out, 0);
    assert_true(qsti_mul(SIZE_MAX, 1, &out));
    assert_false(qsti_mul(SIZE_MAX / 2 + 1, 2, &out));
    assert_false(qsti_mul((size_t)1 << 32, (size_t)1 << 32, &out));
    assert_true(qsti_add(SIZE_MAX - 1, 1, &out));
    assert_false(qsti_add(SIZE_MAX, 1, &out));
}

static void memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    support_memory memory = {.n_live = 0};
    qst_ctx *ctx = support_memory_ctx(&memory);
    size_t n_own = memory.n_live;
    for (size_t count = 0; count < 100; count++) {
        unsigned char *bytes = NULL;
        double *lines = NULL;
        assert_ok(ctx, QSTI_NEW(ctx, count, &bytes));
        assert_ok(ctx, QSTI_NEW_LINES(ctx, count, &lines));
        assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
        assert_int_equal((uintptr_t)lines % 64, 0);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(bytes[i], 0);
            assert_true(lines[i] == 0);
            lines[i] = 1;
        }
        qsti_free(ctx, bytes);
        qsti_free_lines(ctx, lines);
    }
    qsti_free(ctx, NULL);
    qsti_free_lines(ctx, NULL);
    assert_int_equal(memory.n_live, n_own);
    qst_ctx_free(ctx);
    assert_int_equal(memory.n_live, 0);
}

static void the_default_allocator_zeroes_too(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    for (int round = 0; round < 2; round++) {
        unsigned char *bytes = NULL;
        assert_ok(ctx, QSTI_NEW(ctx, 1000, &bytes));
        for (size_t i = 0; i < 1000; i++) {
            assert_int_equal(bytes[i], 0);
        }
        memset(bytes, 1, 1000);
        qsti_free(ctx, bytes);
    }
    qst_ctx_free(ctx);
}

static void growing_keeps_what_was_there(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    size_t *items = NULL;
    for (size_t count = 1; count <= 1000; count++) {
        assert_ok(ctx, QSTI_GROW(ctx, count, &items));
        items[count - 1] = count;
    }
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(items[i], i + 1);
    }
    assert_ok(ctx, QSTI_GROW(ctx, 0, &items));
    assert_non_null(items);
    qsti_free(ctx, items);
    qst_ctx_free(ctx);
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    double *items = (double *)&ctx;
    assert_status(ctx, QSTI_NEW(ctx, SIZE_MAX / 8 + 1, &items), QST_ERR_MEMORY);
    assert_message(ctx, "2305843009213693952 items of 8 bytes");
    assert_status(ctx, QSTI_NEW(ctx, (size_t)PTRDIFF_MAX / 8 + 1, &items), QST_ERR_MEMORY);
    assert_status(ctx, QSTI_NEW_LINES(ctx, SIZE_MAX / 4, &items), QST_ERR_MEMORY);
    assert_status(ctx, qsti_strndup(ctx, "", SIZE_MAX, (char **)&items), QST_ERR_MEMORY);
    assert_ptr_equal(items, &ctx);
    items = NULL;
    assert_status(ctx, QSTI_GROW(ctx, SIZE_MAX / 2, &items), QST_ERR_MEMORY);
    assert_null(items);
    qst_ctx_free(ctx);
}

static void running_out_is_reported(void **state)
{
    (void)state;
    support_memory memory = {.n_live = 0};
    qst_ctx *ctx = support_memory_ctx(&memory);
    char *text = NULL;
    assert_ok(ctx, qsti_strdup(ctx, "abc", &text));
    memory.fail_at = memory.n_calls + 1;
    memory.fail_on = true;
    void *pointer = text;
    assert_status(ctx, qsti_alloc(ctx, 3, 5, &pointer), QST_ERR_MEMORY);
    assert_message(ctx, "out of memory: 15 bytes");
    assert_status(ctx, qsti_alloc_lines(ctx, 3, 5, &pointer), QST_ERR_MEMORY);
    assert_status(ctx, qsti_resize(ctx, 30, 5, &pointer), QST_ERR_MEMORY);
    assert_status(ctx, qsti_strdup(ctx, "abc", (char **)&pointer), QST_ERR_MEMORY);
    assert_ptr_equal(pointer, text);
    assert_string_equal(text, "abc");
    qsti_free(ctx, text);
    qst_ctx_free(ctx);
    assert_int_equal(memory.n_live, 0);
}

static void strings_are_copied(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    char *copy = NULL;
    assert_ok(ctx, qsti_strndup(ctx, "abcdef", 3, &copy));
    assert_string_equal(copy, "abc");
    qsti_free(ctx, copy);
    assert_ok(ctx, qsti_strdup(ctx, "", &copy));
    assert_string_equal(copy, "");
    qsti_free(ctx, copy);
    qst_ctx_free(ctx);
}

static void allocations_are_counted(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    assert_int_equal(qsti_ctx_allocations(ctx), 0);
    char *text = NULL;
    double *lines = NULL;
    assert_ok(ctx, qsti_strdup(ctx, "abc", &text));
    assert_ok(ctx, QSTI_GROW(ctx, 100, &text));
    assert_ok(ctx, QSTI_NEW_LINES(ctx, 100, &lines));
    assert_int_equal(qsti_ctx_allocations(ctx), 3);
    qsti_free(ctx, text);
    qsti_free_lines(ctx, lines);
    assert_int_equal(qsti_ctx_allocations(ctx), 3);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_and_sums_are_checked),
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(the_default_allocator_zeroes_too),
        cmocka_unit_test(growing_keeps_what_was_there),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(running_out_is_reported),
        cmocka_unit_test(strings_are_copied),
        cmocka_unit_test(allocations_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

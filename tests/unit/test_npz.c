/* test_npz.c: archives: keys, arrays chosen for tables, truncation and flipped bits. */
#include <qstill/data.h>

#include "data/npz.h"
#include "support/support.h"

#define STORED   QSTILL_SOURCE_DIR "/tests/golden/data_arrays.npz"
#define DEFLATED QSTILL_SOURCE_DIR "/tests/golden/data_arrays_compressed.npz"

static void test_keys(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qsti_npz *npz = NULL;
    size_t index = 0;
    assert_ok(ctx, qsti_npz_open(ctx, STORED, &npz));
    assert_int_equal(qsti_npz_n_keys(npz), 25);
    assert_ok(ctx, qsti_npz_find(npz, "fortran", &index));
    assert_string_equal(qsti_npz_key(npz, index), "fortran");
    assert_status(ctx, qsti_npz_find(npz, "Fortran", &index), QST_ERR_INPUT);
    assert_message(ctx, "has no array \"Fortran\", but \"bool\", \"little_f2\"");
    qsti_npz_close(npz);
    qst_matrix array = {NULL, 0, 0};
    assert_status(ctx, qst_array_read(ctx, STORED, &array), QST_ERR_USAGE);
    assert_message(ctx, "holds 25 arrays: name one");
    qst_ctx_free(ctx);
}

static char *read_all(qst_ctx *ctx, const char *path, size_t *out_n)
{
    char *bytes = NULL;
    assert_ok(ctx, qsti_file_read(ctx, path, 1 << 20, &bytes, out_n));
    return bytes;
}

/* Every shorter file is refused. */
static void test_truncated(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    size_t n = 0;
    char *bytes = read_all(ctx, DEFLATED, &n), path[600];
    for (size_t length = 0; length < n; length += 1 + length / 300) {
        qst_matrix array = {NULL, 0, 0};
        snprintf(path, sizeof path, "%s:fortran", support_write("short.npz", bytes, length));
        assert_status(ctx, qst_array_read(ctx, path, &array), QST_ERR_INPUT);
    }
    qsti_free(ctx, bytes);
    qst_ctx_free(ctx);
}

/* A flipped bit is refused, or it does not matter: then the array is what it was. */
static void test_flipped(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    size_t n = 0, n_refused = 0, n_tried = 0;
    char *bytes = read_all(ctx, DEFLATED, &n), path[600];
    qst_matrix good = {NULL, 0, 0};
    assert_ok(ctx, qst_array_read(ctx, DEFLATED ":fortran", &good));
    for (size_t bit = 0; bit < 8 * n; bit += 41) {
        qst_matrix array = {NULL, 0, 0};
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        snprintf(path, sizeof path, "%s:fortran", support_write("flipped.npz", bytes, n));
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        qst_status status = qst_array_read(ctx, path, &array);
        n_tried++;
        if (status == QST_OK) {
            assert_memory_equal(array.data, good.data, 12 * sizeof(double));
            qst_array_free(ctx, &array);
        } else {
            assert_true(status == QST_ERR_INPUT || status == QST_ERR_UNSUPPORTED);
            n_refused++;
        }
    }
    assert_true(n_refused * 5 > n_tried);
    qst_array_free(ctx, &good);
    qsti_free(ctx, bytes);
    qst_ctx_free(ctx);
}

/* Two matrices; values are what numpy.savez() would write, which tests/cli/test_cli_device.py reads. */
static qst_status write_two(qst_ctx *ctx, void *path)
{
    static const double _Complex values[] = {1, 2, 3, 4};
    const qst_complex_array arrays[] = {{"a", values, 2, {2, 2}}, {"b_0_1", values, 1, {3}}};
    return qst_complex_archive_write(ctx, path, arrays, 2);
}

static void test_complex_archives(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    const char *path = support_path("complex.npz");
    qsti_npz *npz = NULL;
    qst_matrix array = {NULL, 0, 0};
    assert_ok(ctx, write_two(ctx, (void *)path));
    assert_ok(ctx, qsti_npz_open(ctx, path, &npz));
    assert_int_equal(qsti_npz_n_keys(npz), 2);
    assert_string_equal(qsti_npz_key(npz, 0), "a");
    assert_string_equal(qsti_npz_key(npz, 1), "b_0_1");
    qsti_npz_close(npz);
    char source[1200];
    snprintf(source, sizeof source, "%s:a", path);
    assert_status(ctx, qst_array_read(ctx, source, &array), QST_ERR_UNSUPPORTED);
    assert_message(ctx, "complex");
    assert_status(ctx, write_two(ctx, "complex.npy"), QST_ERR_USAGE);
    assert_message(ctx, "the name must end in .npz");
    qst_ctx_free(ctx);
    support_fail_each_allocation(write_two, (void *)path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_flipped),
        cmocka_unit_test(test_complex_archives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

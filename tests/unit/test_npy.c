/* test_npy.c: .npy files: headers in all their spellings, round trips, Fortran order. Types:
 * tests/golden/test_golden_data.c. */
#include <qstill/data.h>

#include "data/npy.h"
#include "support/support.h"

/* "\x93NUMPY", version, header padded to `n_header` bytes, values 0, 1, 2, ... as f8. Returns the length. */
static size_t make_npy(char *out, unsigned version, const char *header, size_t n_header, size_t n_values)
{
    size_t at = 0, n_length = version == 1 ? 2 : 4;
    memcpy(out, "\x93NUMPY", 6);
    out[6] = (char)version;
    out[7] = 0;
    at = 8;
    for (size_t i = 0; i < n_length; i++) {
        out[at++] = (char)(n_header >> (8 * i));
    }
    memset(out + at, ' ', n_header);
    memcpy(out + at, header, strlen(header));
    at += n_header;
    out[at - 1] = '\n';
    for (size_t i = 0; i < n_values; i++) {
        double value = (double)i;
        memcpy(out + at, &value, 8);
        at += 8;
    }
    return at;
}

typedef struct good_npy {
    unsigned version;
    const char *header;
    size_t n_header, n_values, n_rows, n_cols;
} good_npy;

static const good_npy good[] = {
    {1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", 118, 6, 2, 3},
    {2, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", 118, 6, 2, 3},
    {3, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", 118, 6, 2, 3},
    {1, "{\"shape\":(2,3),\"fortran_order\":False,\"descr\":\"<f8\"}", 60, 6, 2, 3},
    {1, "{'descr': '<f8', 'fortran_order': False, 'shape': (6,)}", 60, 6, 6, 1},
    {1, "{'descr': '<f8', 'fortran_order': True, 'shape': (6,)}", 60, 6, 6, 1},
    {1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2L, 3L)}", 70, 6, 2, 3},
    {1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3,)}", 65000, 6, 2, 3},
    {2, "  {  'descr' : '=f8' , 'fortran_order' : False , 'shape' : ( 1 , 6 ) , }", 65536, 6, 1, 6},
    {1, "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1)}", 90, 1, 1, 1},
};

static void test_headers(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    char *bytes = malloc(100000);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        const good_npy *g = &good[i];
        size_t n = make_npy(bytes, g->version, g->header, g->n_header, g->n_values);
        qsti_stream *stream = NULL;
        qsti_npy npy;
        double values[6];
        assert_ok(ctx, qsti_stream_open_bytes(ctx, "t.npy", bytes, n, &stream));
        assert_ok(ctx, qsti_npy_read_header(stream, &npy));
        assert_int_equal(npy.n_rows, g->n_rows);
        assert_int_equal(npy.n_cols, g->n_cols);
        assert_ok(ctx, qsti_npy_read_values(stream, &npy, values));
        for (size_t v = 0; v < g->n_values; v++) {
            assert_true(values[v] == (double)v);
        }
        qsti_stream_close(stream);
    }
    free(bytes);
    qst_ctx_free(ctx);
}

/* Fortran order of any number of dimensions, over more values than are read at a time: the value at an index is that
 * index in C order, computed here by division. */
static void test_fortran(void **state)
{
    (void)state;
    enum { A = 7, B = 30, C = 41, N = A * B * C };
    qst_ctx *ctx = support_ctx(1);
    char *bytes = malloc(200 + 8 * N);
    size_t n = make_npy(bytes, 1, "{'descr': '<f8', 'fortran_order': True, 'shape': (7, 30, 41), }", 118, 0);
    for (size_t f = 0; f < N; f++) {
        size_t a = f % A, b = f / A % B, c = f / (A * B);
        double value = (double)(a * B * C + b * C + c);
        memcpy(bytes + n + 8 * f, &value, 8);
    }
    qsti_stream *stream = NULL;
    qsti_npy npy;
    double *values = calloc(N, sizeof *values);
    assert_ok(ctx, qsti_stream_open_bytes(ctx, "t.npy", bytes, n + 8 * N, &stream));
    assert_ok(ctx, qsti_npy_read_header(stream, &npy));
    assert_ok(ctx, qsti_npy_read_values(stream, &npy, values));
    for (size_t i = 0; i < N; i++) {
        assert_true(values[i] == (double)i);
    }
    qsti_stream_close(stream);
    double nan = (double)NAN;
    memcpy(bytes + n + 8 * (3 + A * (5 + B * 40)), &nan, 8);
    assert_ok(ctx, qsti_stream_open_bytes(ctx, "t.npy", bytes, n + 8 * N, &stream));
    assert_ok(ctx, qsti_npy_read_header(stream, &npy));
    assert_status(ctx, qsti_npy_read_values(stream, &npy, NULL), QST_ERR_INPUT);
    assert_string_equal(qst_ctx_message(ctx), "t.npy: the value in row 3, column 245 (from 0) is NaN");
    qsti_stream_close(stream);
    free(values);
    free(bytes);
    qst_ctx_free(ctx);
}

/* --- the public functions ----------------------------------------------------------------------------------------- */

static const double values[6] = {1, -2.5, 1e-300, 0.1, 1e300, -0.0};

static void check_back(qst_ctx *ctx, const char *path)
{
    qst_matrix back = {NULL, 0, 0};
    assert_ok(ctx, qst_array_read(ctx, path, &back));
    assert_int_equal(back.n_rows, 2);
    assert_int_equal(back.n_cols, 3);
    assert_memory_equal(back.data, values, sizeof values);
    qst_array_free(ctx, &back);
}

static void test_round_trip(void **state)
{
    (void)state;
    static const char *const names[] = {"plain", "with,comma \"quoted\"", "=formula"};
    qst_ctx *ctx = support_ctx(1);
    qst_const_matrix array = {values, 2, 3};
    const char *npy = support_path("a.npy"), *csv = support_path("a.csv"), *bare = support_path("bare.csv");
    assert_ok(ctx, qst_array_write(ctx, npy, array, NULL));
    assert_ok(ctx, qst_array_write(ctx, csv, array, names));
    assert_ok(ctx, qst_array_write(ctx, bare, array, NULL));
    check_back(ctx, npy);
    check_back(ctx, csv);
    check_back(ctx, bare);
    char *text = NULL;
    size_t n = 0;
    assert_ok(ctx, qsti_file_read(ctx, csv, 10000, &text, &n));
    assert_string_equal(text, "plain,\"with,comma \"\"quoted\"\"\",'=formula\n1,-2.5,1e-300\n0.1,1e+300,-0\n");
    qsti_free(ctx, text);
    qst_ctx_free(ctx);
}

static void test_tensors(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    double numbers[24];
    for (size_t i = 0; i < 24; i++) {
        numbers[i] = 0.1 * (double)i;
    }
    const qst_tensor shapes[] = {
        {numbers, 1, {24}}, {numbers, 2, {4, 6}}, {numbers, 3, {4, 2, 3}}, {numbers, 8, {1, 2, 1, 3, 1, 2, 1, 2}}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        qst_tensor back = {.n_dims = 0};
        const char *npy = support_path("t.npy"), *csv = support_path("t.csv");
        assert_ok(ctx, qst_tensor_write(ctx, npy, &shapes[s]));
        assert_ok(ctx, qst_tensor_read(ctx, npy, &back));
        assert_int_equal(back.n_dims, shapes[s].n_dims);
        assert_memory_equal(back.shape, shapes[s].shape, back.n_dims * sizeof *back.shape);
        assert_memory_equal(back.data, numbers, sizeof numbers);
        qst_tensor_free(ctx, &back);
        assert_null(back.data);
        assert_ok(ctx, qst_tensor_write(ctx, csv, &shapes[s]));
        assert_ok(ctx, qst_tensor_read(ctx, csv, &back));
        assert_int_equal(back.n_dims, 2);
        assert_int_equal(back.shape[0], shapes[s].shape[0]);
        assert_memory_equal(back.data, numbers, sizeof numbers);
        qst_tensor_free(ctx, &back);
    }
    qst_matrix matrix;
    assert_ok(ctx, qst_tensor_write(ctx, support_path("cube.npy"), &shapes[2]));
    assert_status(ctx, qst_array_read(ctx, support_path("cube.npy"), &matrix), QST_ERR_UNSUPPORTED);
    assert_status(ctx, qst_tensor_write(ctx, support_path("no.npy"), &(qst_tensor){numbers, 9, {1}}), QST_ERR_USAGE);
    assert_status(ctx, qst_tensor_write(ctx, support_path("no.npy"), &(qst_tensor){numbers, 3, {2, 0, 3}}),
                  QST_ERR_USAGE);
    assert_false(qsti_path_exists(support_path("no.npy")));
    qst_ctx_free(ctx);
}

static void test_not_written(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    const double bad[2] = {0, (double)NAN};
    const char *path = support_path("not.npy");
    assert_status(ctx, qst_array_write(ctx, path, (qst_const_matrix){bad, 2, 1}, NULL), QST_ERR_INPUT);
    assert_message(ctx, "row 1, column 0 (from 0) is NaN");
    assert_status(ctx, qst_array_write(ctx, path, (qst_const_matrix){bad, 0, 1}, NULL), QST_ERR_USAGE);
    assert_status(ctx, qst_array_write(ctx, support_path("not.txt"), (qst_const_matrix){values, 2, 3}, NULL),
                  QST_ERR_USAGE);
    assert_status(ctx, qst_array_write(ctx, support_path("none/not.npy"), (qst_const_matrix){values, 2, 3}, NULL),
                  QST_ERR_SYSTEM);
    assert_false(qsti_path_exists(path));
    assert_false(qsti_path_exists(support_path("not.txt")));
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers), cmocka_unit_test(test_fortran),     cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_tensors), cmocka_unit_test(test_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_csv.c: what a CSV text means: cells, header, labels; and that the place of a cell does not depend on buffers. */
#include "data/csv.h"
#include "support/support.h"

static qst_status read_text(qst_ctx *ctx, const char *text, size_t n, qsti_csv_want want, const char *label,
                            qsti_csv *out)
{
    qsti_stream *stream = NULL;
    qsti_csv_opts opts = {want, label};
    assert_ok(ctx, qsti_stream_open_bytes(ctx, "t.csv", text, n, &stream));
    qst_status status = qsti_csv_read(stream, &opts, out);
    qsti_stream_close(stream);
    return status;
}

/* --- good files --------------------------------------------------------------------------------------------------- */

typedef struct good_csv {
    const char *text, *label;
    qsti_csv_want want;
    size_t n_rows, n_features;
    const char *expected; /* features by %g, then labels by class name, blanks between */
} good_csv;

#define NUMBERS QSTI_CSV_NUMBERS
#define BOTH    QSTI_CSV_NUMBERS_AND_LABELS

static const good_csv good[] = {
    {"1,2\n3,4\n", NULL, NUMBERS, 2, 2, "1 2 3 4"},
    {"1,2\r\n3,4", NULL, NUMBERS, 2, 2, "1 2 3 4"},
    {"a,b\n1,2\n", NULL, NUMBERS, 1, 2, "1 2"},
    {"\xef\xbb\xbf"
     "a,b\n1,2\n",
     NULL, NUMBERS, 1, 2, "1 2"},
    {"\xef\xbb\xbf"
     "1,2\n",
     NULL, NUMBERS, 1, 2, "1 2"},
    {" 1 ,\t2\n-3e2 , +.5\n", NULL, NUMBERS, 2, 2, "1 2 -300 0.5"},
    {"\"a\"\"b\",\"c\nd\"\n\"1\",2\n", NULL, NUMBERS, 1, 2, "1 2"},
    {"1,2\n3,4\n\n\n", NULL, NUMBERS, 2, 2, "1 2 3 4"},
    {"\n\n1,2\n", NULL, NUMBERS, 1, 2, "1 2"},
    {"7\n8\n9", NULL, NUMBERS, 3, 1, "7 8 9"},
    {"x,y,label\n1,2,0\n3,4,1\n", NULL, BOTH, 2, 2, "1 2 3 4 0 1"},
    {"label,x,y\n5,1,2\n3,3,4\n", NULL, BOTH, 2, 2, "1 2 3 4 5 3"},
    {"x,kind,y\n1,b,2\n3,a,4\n", "kind", BOTH, 2, 2, "1 2 3 4 b a"},
    {"x,kind,y\n1,b,2\n3,a,4\n", "1", BOTH, 2, 2, "1 2 3 4 b a"},
    {"x,kind,y\n1,b,2\n3,a,4\n", "-2", BOTH, 2, 2, "1 2 3 4 b a"},
    {"5.1,3.5,setosa\n4.9,3,other\n", NULL, BOTH, 2, 2, "5.1 3.5 4.9 3 setosa other"},
    {"0,1,species\n5.1,3.5,setosa\n4.9,3,other\n", NULL, BOTH, 2, 2, "5.1 3.5 4.9 3 setosa other"},
    {"1,2,a\n3,4,b\n5,6,a\n", NULL, BOTH, 3, 2, "1 2 3 4 5 6 a b a"},
    {"a,1,2\nb,3,4\na,5,6\n", "0", BOTH, 3, 2, "1 2 3 4 5 6 a b a"},
    {"1,2,kind\n3,4,b\n5,6,a\n", NULL, BOTH, 2, 2, "3 4 5 6 b a"},
    {"1,2,kind\n3,4,1\n5,6,0\n", NULL, BOTH, 2, 2, "3 4 5 6 1 0"},
    {"kind,1,2\n1,3,4\n0,5,6\n", "0", BOTH, 2, 2, "3 4 5 6 1 0"},
    {"1,2,kind\n3,4,b\n5,6,kind\n", "kind", BOTH, 2, 2, "3 4 5 6 b kind"},
    {"label,1x1,1x2\n5,0,255\n4,1,2\n", NULL, BOTH, 2, 2, "0 255 1 2 5 4"},
    {"1,2,3.000e+00\n3,4,10.0\n", NULL, BOTH, 2, 2, "1 2 3 4 3 10"},
    {"1.5,2,\"a,b\"\n3,4,\"Stra\xc3\x9f"
     "e\"\n",
     NULL, BOTH, 2, 2,
     "1.5 2 3 4 a,b Stra\xc3\x9f"
     "e"},
    {"1,2,-0\n3,4,1\n", NULL, BOTH, 2, 2, "1 2 3 4 0 1"},
    {"label\nb\na\n", NULL, QSTI_CSV_LABELS, 3, 0, "label b a"},
    {"label\n1\n0\n", NULL, QSTI_CSV_LABELS, 2, 0, "1 0"},
    {"1\n0\n", NULL, QSTI_CSV_LABELS, 2, 0, "1 0"},
    {"b\n\n", NULL, QSTI_CSV_LABELS, 1, 0, "b"},
};

static void describe(const qsti_csv *csv, char *out, size_t n_bytes)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < csv->n_rows * csv->n_features; i++) {
        at += (size_t)snprintf(out + at, n_bytes - at, "%s%g", at ? " " : "", csv->features[i]);
    }
    for (size_t i = 0; i < csv->labels.n; i++) {
        at += (size_t)snprintf(out + at, n_bytes - at, "%s%s", at ? " " : "", csv->labels.names[csv->labels.values[i]]);
    }
}

static void test_good(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        qsti_csv csv;
        char found[512];
        assert_ok(ctx, read_text(ctx, good[i].text, strlen(good[i].text), good[i].want, good[i].label, &csv));
        assert_int_equal(csv.n_rows, good[i].n_rows);
        assert_int_equal(csv.n_features, good[i].n_features);
        if (csv.labels.n) {
            assert_ok(ctx, qsti_labels_finish(&csv.labels));
        }
        describe(&csv, found, sizeof found);
        assert_string_equal(found, good[i].expected);
        qsti_csv_clear(ctx, &csv);
    }
    qst_ctx_free(ctx);
}

/* Classes: numbers ascending by value, text by bytes. */
static void test_class_order(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qsti_csv csv;
    const char numbers[] = "1,10\n1,9\n1,100\n1,9\n", text[] = "1,b\n1,B\n1,a\n1,b\n";
    assert_ok(ctx, read_text(ctx, numbers, sizeof numbers - 1, BOTH, NULL, &csv));
    assert_ok(ctx, qsti_labels_finish(&csv.labels));
    assert_int_equal(csv.labels.n_classes, 3);
    assert_string_equal(csv.labels.names[0], "9");
    assert_string_equal(csv.labels.names[2], "100");
    assert_int_equal(csv.labels.values[0], 1);
    assert_int_equal(csv.labels.values[3], 0);
    qsti_csv_clear(ctx, &csv);
    assert_ok(ctx, read_text(ctx, text, sizeof text - 1, BOTH, NULL, &csv));
    assert_ok(ctx, qsti_labels_finish(&csv.labels));
    assert_string_equal(csv.labels.names[0], "B");
    assert_string_equal(csv.labels.names[1], "a");
    assert_string_equal(csv.labels.names[2], "b");
    assert_int_equal(csv.labels.values[0], 2);
    qsti_csv_clear(ctx, &csv);
    qst_ctx_free(ctx);
}

static void test_header_of_numbers_warns(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qsti_csv csv;
    const char text[] = "0,1,label\n5,6,1\n";
    assert_ok(ctx, read_text(ctx, text, sizeof text - 1, BOTH, NULL, &csv));
    qsti_csv_clear(ctx, &csv);
    const char *const *warnings;
    assert_int_equal(qsti_ctx_warnings(ctx, &warnings), 1);
    assert_non_null(strstr(warnings[0], "the first line is read as the header"));
    qst_ctx_free(ctx);
}

/* --- buffers ------------------------------------------------------------------------------------------------------ */

#define N_LONG 3000

/* Rows whose cells come to lie across every border of the buffer: value, padded with quotes, blanks and digits. */
static size_t write_long(char *text, size_t broken_row)
{
    size_t at = 0;
    for (size_t row = 0; row < N_LONG; row++) {
        at += (size_t)sprintf(text + at, "%zu.%0*d", row, (int)(row % 97) + 1, 0);
        at += (size_t)sprintf(text + at, ",\"%s%zu\"", row == broken_row ? "x" : "", row * 3);
        at += (size_t)sprintf(text + at, ",%*s%zu%s", (int)(row % 53), "", row * 7, row % 2 ? "\r\n" : "\n");
    }
    return at;
}

static void test_across_buffers(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    char *text = malloc(1 << 20);
    size_t n = write_long(text, SIZE_MAX);
    assert_true(n > 3 * 65536);
    qsti_csv csv;
    assert_ok(ctx, read_text(ctx, text, n, NUMBERS, NULL, &csv));
    assert_int_equal(csv.n_rows, N_LONG);
    assert_int_equal(csv.n_features, 3);
    for (size_t row = 0; row < N_LONG; row++) {
        assert_true(csv.features[3 * row] == (double)row);
        assert_true(csv.features[3 * row + 1] == (double)(3 * row));
        assert_true(csv.features[3 * row + 2] == (double)(7 * row));
    }
    qsti_csv_clear(ctx, &csv);
    n = write_long(text, 2345);
    const char *cell = strstr(text, "\"x7035\""), *line = cell;
    while (line[-1] != '\n') {
        line--;
    }
    char place[64];
    snprintf(place, sizeof place, "t.csv:2346:%d: column 1: \"x7035\" is not a number", (int)(cell - line) + 1);
    assert_status(ctx, read_text(ctx, text, n, NUMBERS, NULL, &csv), QST_ERR_INPUT);
    assert_string_equal(qst_ctx_message(ctx), place);
    free(text);
    qst_ctx_free(ctx);
}

/* A quoted cell longer than the buffer, with newlines and doubled quotes; the lines behind it count on. */
static void test_long_cell(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    size_t n_cell = 300000, at = 0;
    char *text = malloc(n_cell * 2 + 100);
    at += (size_t)sprintf(text, "a,\"");
    for (size_t i = 0; i < n_cell; i++) {
        const char *piece = i % 1000 == 0 ? "\n" : i % 1000 == 500 ? "\"\"" : "z";
        at += (size_t)sprintf(text + at, "%s", piece);
    }
    at += (size_t)sprintf(text + at, "\",c\n1,2,3\n4,5,oops\n");
    qsti_csv csv;
    assert_status(ctx, read_text(ctx, text, at, NUMBERS, NULL, &csv), QST_ERR_INPUT);
    assert_message(ctx, "t.csv:303:5: column \"c\": \"oops\" is not a number");
    free(text);
    qst_ctx_free(ctx);
}

/* Every allocation fails once: a clean error, or success where it was not needed. */
typedef struct failing {
    size_t left;
} failing;

static void *failing_resize(void *user, void *pointer, size_t n)
{
    failing *f = user;
    return f->left-- == 0 ? NULL : realloc(pointer, n);
}
static void *failing_allocate(void *user, size_t n)
{
    return failing_resize(user, NULL, n);
}
static void failing_release(void *user, void *pointer)
{
    (void)user;
    free(pointer);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    const char text[] = "x,y,label\n1,2,b\n3,4,a\n";
    bool whole = false;
    for (size_t n = 0; !whole; n++) {
        failing f = {SIZE_MAX};
        qst_allocator allocator = {failing_allocate, failing_resize, failing_release, &f};
        qst_ctx *ctx = NULL;
        assert_int_equal(qst_ctx_create(&(qst_ctx_opts){.allocator = &allocator, .n_threads = 1}, &ctx), QST_OK);
        qsti_stream *stream = NULL;
        assert_ok(ctx, qsti_stream_open_bytes(ctx, "t.csv", text, sizeof text - 1, &stream));
        f.left = n;
        qsti_csv csv;
        qst_status status = qsti_csv_read(stream, &(qsti_csv_opts){BOTH, NULL}, &csv);
        whole = status == QST_OK;
        f.left = SIZE_MAX;
        if (whole) {
            qsti_csv_clear(ctx, &csv);
        } else {
            assert_int_equal(status, QST_ERR_MEMORY);
        }
        qsti_stream_close(stream);
        qst_ctx_free(ctx);
        assert_true(n < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_class_order),
        cmocka_unit_test(test_header_of_numbers_warns),
        cmocka_unit_test(test_across_buffers),
        cmocka_unit_test(test_long_cell),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

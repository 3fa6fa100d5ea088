/* test_bad_csv.c: every CSV row of the list of bad inputs, and more, with its whole message. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "data/stream.h"
#include "fault/bad_file.h"

#define IN QST_ERR_INPUT

/* name is t.csv; text without NUL bytes. */
#define TEXT(row, text, status, message)                                 \
    {                                                                    \
        row, "t.csv", text, sizeof text - 1, status, message, NULL, NULL \
    }
#define LABEL(row, text, label, status, message)                          \
    {                                                                     \
        row, "t.csv", text, sizeof text - 1, status, message, label, NULL \
    }

static const bad_file bad[] = {
    TEXT(1, "", IN, "t.csv: the file is empty"),
    TEXT(1, "\xef\xbb\xbf", IN, "t.csv: the file holds no rows"),
    TEXT(1, "\n\n", IN, "t.csv: the file holds no rows"),
    TEXT(2, "x,y,label\n", IN, "t.csv: the file holds a header and no rows"),
    TEXT(2, "x,y,label\n\n\n", IN, "t.csv: the file holds a header and no rows"),
    TEXT(3, "x,y,label\n1,2,0\n1,2\n", IN, "t.csv:3:4: 2 cells in this row, 3 are needed"),
    TEXT(3, "x,y,label\n1,2,0\n\n1,2,1\n", IN, "t.csv:3:1: an empty line between rows"),
    TEXT(4, "x,y,label\n1.5,2,0,4\n", IN, "t.csv:2:9: more than 3 cells in this row"),
    TEXT(4, "x,y,label\n1.5,2,0,\n", IN, "t.csv:2:9: more than 3 cells in this row"),
    TEXT(5, "x,y,label\n1,nan,0\n", IN, "t.csv:2:3: column \"y\": \"nan\" is not finite"),
    TEXT(5, "nan,1.5,0\n", IN, "t.csv:1:1: column 0: \"nan\" is not finite"),
    TEXT(5, "x,y,label\n1,inf,0\n", IN, "t.csv:2:3: column \"y\": \"inf\" is not finite"),
    TEXT(5, "x,y,label\n1,-INFINITY,0\n", IN, "t.csv:2:3: column \"y\": \"-INFINITY\" is not finite"),
    TEXT(5, "x,y,label\n1,1e999,0\n", IN, "t.csv:2:3: column \"y\": \"1e999\" is beyond the range of a double"),
    TEXT(6, "x,pixel_6,label\n1,2,0\n1,x,0\n", IN, "t.csv:3:3: column \"pixel_6\": \"x\" is not a number"),
    TEXT(6, "x,y,label\n1,,0\n", IN, "t.csv:2:3: column \"y\": the cell is empty, a number is needed"),
    TEXT(6, "x,y,label\n1,  ,0\n", IN, "t.csv:2:3: column \"y\": the cell is empty, a number is needed"),
    TEXT(6, "5.1,x,3,0\n", IN, "t.csv:1:5: column 1: \"x\" is not a number"),
    TEXT(6, "x,y,label\n1,\033[31mred\xff,0\n", IN, "t.csv:2:3: column \"y\": \"?[31mred?\" is not a number"),
    TEXT(7, "x,y,label\n\"3,5\",2,0\n", IN, "t.csv:2:1: column \"x\": \"3,5\" has a decimal comma: write 3.5"),
    TEXT(7, "x,y,label\n3,5,2,1,0\n", IN,
         "t.csv:2:7: more than 3 cells in this row (a decimal comma? numbers need a point)"),
    TEXT(7, "x;y;label\n3,5;2,1;0\n", IN,
         "t.csv:1:1: cells are separated by semicolons: commas are needed, and points in numbers (no decimal comma)"),
    TEXT(7, "x\ty\n1\t2\n", IN,
         "t.csv:1:1: cells are separated by tabs: commas are needed, and points in numbers (no decimal comma)"),
    {9, "t.csv",
     "\xff\xfe"
     "1\0,\0",
     6, IN, "t.csv:1:1: UTF-16 text: save it as UTF-8", NULL, NULL},
    {9, "t.csv",
     "\xfe\xff"
     "\0"
     "1\0,",
     6, IN, "t.csv:1:1: UTF-16 text: save it as UTF-8", NULL, NULL},
    {9, "t.csv",
     "1\0,\0"
     "2\0",
     6, IN, "t.csv:1:1: UTF-16 text: save it as UTF-8", NULL, NULL},
    TEXT(10, "x,y,label\r1,2,0\r", IN,
         "t.csv:1:10: a carriage return without a line feed: lines must end in LF or CRLF"),
    {12, "t.csv", "x,y,label\n1,\0,0\n", 16, IN, "t.csv:2:3: a NUL byte: this is no text file", NULL, NULL},
    {12, "t.csv", "x,y,label\n1,\"\0\",0\n", 18, IN, "t.csv:2:4: a NUL byte: this is no text file", NULL, NULL},
    TEXT(13, "x,y,label\n1,\"2,0\n3,4,1\n", IN, "t.csv:2:3: this quote is not closed"),
    TEXT(13, "x,y,label\n1,2\"2,0\n", IN, "t.csv:2:4: a quote inside a cell that does not begin with one"),
    TEXT(13, "x,y,label\n1,\"2\"2,0\n", IN,
         "t.csv:2:6: text behind a closing quote: a comma or the end of the line is needed"),
    LABEL(16, "x,y,kind\n1,2,0\n", "knid", IN, "t.csv: label \"knid\": no column has this name; is it \"kind\"?"),
    LABEL(16, "x,y,kind\n1,2,0\n", "species", IN,
          "t.csv: label \"species\": none of the 3 columns, \"x\" to \"kind\", has this name"),
    LABEL(16, "1,2,0\n", "species", IN,
          "t.csv: label \"species\": the file has no header: give the number of a column, 0..2"),
    LABEL(16, "1,2,0\n", "3", IN, "t.csv: label 3: the columns have the numbers 0..2 or -3..-1"),
    LABEL(16, "1,2,0\n", "-4", IN, "t.csv: label -4: the columns have the numbers 0..2 or -3..-1"),
    TEXT(16, "x,y,label\n1,2,0\n1,2,-1\n", IN,
         "t.csv:3:5: label \"-1\" is negative: labels are whole numbers from 0, or text"),
    TEXT(16, "x,y,label\n1,2,3.5\n", IN,
         "t.csv:2:5: label \"3.5\" is not whole: labels are whole numbers from 0, or text"),
    TEXT(16, "x,y,label\n1,2,nan\n", IN,
         "t.csv:2:5: label \"nan\" is not finite: labels are whole numbers from 0, or text"),
    TEXT(16, "x,y,label\n1,2,1e300\n", IN,
         "t.csv:2:5: label \"1e300\" is too large: labels are whole numbers up to 2^53, or text"),
    TEXT(16, "x,y,label\n1,2,\n", IN, "t.csv:2:5: the label is empty"),
    TEXT(16, "x,y,label\n1,2,0\n1,2,a\n", IN, "t.csv:3:5: label \"a\" is no number, and the labels before it are"),
    TEXT(16, "x,y,label\n1,2,a\n1,2,0\n", IN, "t.csv:3:5: label \"0\" is a number, and the labels before it are text"),
    TEXT(16, "x,y,label\n1,2,a\xff\n", IN, "t.csv:2:5: label \"a?\" is not UTF-8"),
    TEXT(16, "label\n1\n2\n", IN, "t.csv: the file has one column: labels, and no features"),
    TEXT(19, "x,y,x,label\n1,2,3,0\n", IN, "t.csv:1:5: the header gives two columns the name \"x\""),
    TEXT(19, ",x,label\n0,1,0\n", IN,
         "t.csv:1:1: the header gives column 0 no name (pandas writes its index so: use index=False)"),
    TEXT(21, "x,y,label\n1,0x10,0\n", IN, "t.csv:2:3: column \"y\": \"0x10\" is not a number"),
    TEXT(21, "x,y,label\n1,1_000,0\n", IN, "t.csv:2:3: column \"y\": \"1_000\" is not a number"),
    TEXT(21, "x,y,label\n1,\xef\xbc\x91,0\n", IN, "t.csv:2:3: column \"y\": \"\xef\xbc\x91\" is not a number"),
    TEXT(0, "\x1f\x8b\x08", IN, "t.csv:1:1: a gzip file: its name must end in .csv.gz"),
    {0, "t.csv.gz", "x,y\n1,2\n", 8, IN, "t.csv.gz: byte 0: this is no gzip file", NULL, NULL},
    {0, "t.csv.gz", "", 0, IN, "t.csv.gz: the file is empty", NULL, NULL},
};

static void test_table(void **state)
{
    (void)state;
    size_t n_wrong = 0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        n_wrong += !bad_file_is_refused(&bad[i]);
    }
    assert_int_equal(n_wrong, 0);
}

/* --- large files -------------------------------------------------------------------------------------------------- */

static bool is_refused(int row, const char *name, const char *bytes, size_t n, const char *message)
{
    return bad_file_is_refused(&(bad_file){row, name, bytes, n, QST_ERR_INPUT, message, NULL, NULL});
}

static void test_long_lines(void **state)
{
    (void)state;
    size_t n = 100000000;
    char *text = malloc(n);
    memset(text, '7', n);
    bool one_cell = is_refused(14, "t.csv", text, n, "t.csv:1:1: a row of more than 16777216 bytes");
    text[0] = '"';
    bool quoted =
        is_refused(14, "t.csv", text, n,
                   "t.csv:1:1: a quoted cell, or a quote that is not closed, in a row of more than 16777216 bytes");
    for (size_t i = 0; i < n; i++) {
        text[i] = i % 2 ? ',' : '7';
    }
    bool cells = is_refused(14, "t.csv", text, n, "t.csv:1:2000001: more than 1000000 columns");
    for (size_t i = 0; i < n; i++) {
        text[i] = i % 100 == 99 ? ',' : '7';
    }
    bool wide = is_refused(14, "t.csv", text, n, "t.csv:1:168...: a row of more than 16777216 bytes");
    text[0] = '1';
    text[1] = ',';
    text[2] = '2';
    text[3] = '\n';
    bool second = is_refused(14, "t.csv", text, n,
                             "t.csv:2:97: label \"7777777777777777777777777777777777777777...\" is too large: labels "
                             "are whole numbers up to 2^53, or text");
    free(text);
    assert_true(one_cell && quoted && cells && wide && second);
}

static void test_columns(void **state)
{
    (void)state;
    enum { MOST = 1000000 };
    char *text = malloc(4 * MOST + 16);
    for (size_t i = 0; i <= MOST; i++) {
        text[2 * i] = '1';
        text[2 * i + 1] = ',';
    }
    text[2 * MOST + 1] = '\n';
    assert_true(is_refused(15, "t.csv", text, 2 * MOST + 2, "t.csv:1:2000001: more than 1000000 columns"));
    qst_ctx *ctx = support_ctx(1);
    qst_matrix array = {NULL, 0, 0};
    text[2 * MOST - 1] = '\n';
    assert_ok(ctx, qst_array_read(ctx, support_write("wide.csv", text, 2 * MOST), &array));
    assert_int_equal(array.n_cols, MOST);
    qst_array_free(ctx, &array);
    qst_ctx_free(ctx);
    free(text);
}

static void test_many_labels(void **state)
{
    (void)state;
    char *text = malloc(100000);
    size_t n = 0;
    for (int i = 0; i < 5000; i++) {
        n += (size_t)sprintf(text + n, "1,%d\n", i);
    }
    assert_true(is_refused(16, "t.csv", text, n,
                           "t.csv:4097:3: more than 4096 different labels: is this the column of labels?"));
    free(text);
}

/* A bomb: blanks and rows that shrink to a thousandth. */
static void test_bomb(void **state)
{
    (void)state;
    char *piece = malloc(1 << 20);
    for (size_t i = 0; i < 1 << 20; i++) {
        piece[i] = "0,0\n"[i % 4];
    }
    const char *path = support_path("bomb.csv.gz");
    gzFile file = gzopen(path, "wb9");
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(gzwrite(file, piece, 1 << 20), 1 << 20);
    }
    assert_int_equal(gzclose(file), Z_OK);
    free(piece);
    assert_true(bad_path_is_refused(
        &(bad_file){0, "bomb.csv.gz", NULL, 0, QST_ERR_INPUT,
                    "bomb.csv.gz: expands to more than 200 times its size: unpack it with gunzip if it can be trusted",
                    NULL, NULL},
        path));
}

/* --- the system --------------------------------------------------------------------------------------------------- */

static bool path_is_refused(const char *path, const char *message)
{
    return bad_path_is_refused(&(bad_file){20, path, NULL, 0, QST_ERR_SYSTEM, message, NULL, NULL}, path);
}

static void test_no_regular_files(void **state)
{
    (void)state;
    const char *folder = support_path("folder.csv"), *fifo = support_path("fifo.csv"),
               *locked = support_path("locked.csv");
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_true(path_is_refused(folder, "folder.csv: is a folder, not a regular file"));
    assert_true(path_is_refused(fifo, "fifo.csv: is a FIFO, not a regular file"));
    assert_true(path_is_refused("/dev/zero", "/dev/zero: is a device, not a regular file"));
    assert_true(path_is_refused(support_path("none.csv"), "none.csv: cannot be opened: No such file or directory"));
    assert_true(path_is_refused(support_path("none"), "none: cannot be opened: No such file or directory"));
    support_write("locked.csv", "1,2\n", 4);
    assert_int_equal(chmod(locked, 0), 0);
    if (access(locked, R_OK) != 0) {
        assert_true(path_is_refused(locked, "locked.csv: cannot be opened: Permission denied"));
    }
}

/* A file that changes its length while it is read. */
static void test_changes(void **state)
{
    (void)state;
    static const off_t lengths[] = {5, 20};
    for (size_t i = 0; i < 2; i++) {
        qst_ctx *ctx = support_ctx(1);
        qsti_stream *stream = NULL;
        char bytes[30];
        size_t got = 0;
        const char *path = support_write("changes.csv", "1,2\n3,4\n5,6\n", 12);
        assert_ok(ctx, qsti_stream_open_file(ctx, path, false, &stream));
        assert_ok(ctx, qsti_stream_read(stream, bytes, 4, &got));
        assert_int_equal(truncate(path, lengths[i]), 0);
        assert_status(ctx, qsti_stream_read(stream, bytes, sizeof bytes, &got), QST_ERR_SYSTEM);
        assert_message(ctx, "changes.csv: changed while it was read");
        qsti_stream_close(stream);
        qst_ctx_free(ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),       cmocka_unit_test(test_long_lines), cmocka_unit_test(test_columns),
        cmocka_unit_test(test_many_labels), cmocka_unit_test(test_bomb),       cmocka_unit_test(test_no_regular_files),
        cmocka_unit_test(test_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

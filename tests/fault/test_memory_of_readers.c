/* test_memory_of_readers.c: reading takes no more memory than 1.25 times the array and 64 MiB, for each format, on
 * arrays of 160 MiB: none is held twice. Each file is read in a process of its own. */
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "fault/bad_file.h"

#define N_COLS    ((size_t)1024)
#define N_ROWS    ((size_t)20480)
#define ARRAY_KIB (N_ROWS * N_COLS * sizeof(double) / 1024)

static void write_pieces(const char *path, const char *header, size_t n_header, const char *row, size_t n_row,
                         bool packed)
{
    gzFile file = gzopen(path, packed ? "wb1" : "wbT");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, header, (unsigned)n_header), n_header);
    for (size_t i = 0; i < N_ROWS; i++) {
        assert_int_equal(gzwrite(file, row, (unsigned)n_row), n_row);
    }
    assert_int_equal(gzclose(file), Z_OK);
}

/* Kibibytes at the highest, of a process that reads the array (the table). */
static long read_alone(const char *path)
{
    struct rusage usage;
    int exit_status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        qst_ctx *ctx = support_ctx(1);
        qst_table *table = NULL;
        qst_status status = qst_table_load(ctx, &(qst_table_opts){.source = path, .unlabelled = true}, &table);
        bool right = status == QST_OK && qst_table_features(table).n_rows == N_ROWS &&
                     qst_table_features(table).n_cols == N_COLS;
        _exit(right ? 0 : 1);
    }
    assert_int_equal(wait4(child, &exit_status, 0, &usage), child);
    assert_int_equal(exit_status, 0);
    unlink(path);
    return usage.ru_maxrss;
}

static void check(const char *path)
{
    long used = read_alone(path), most = (long)(ARRAY_KIB * 5 / 4 + 64 * 1024);
    if (used > most) {
        print_error("%s: %ld KiB, at most %ld\n", path, used, most);
    }
    assert_true(CHECKED || used <= most);
}

static char row_of_text[N_COLS * 25];

static size_t make_row_of_text(const char *cell)
{
    size_t n = 0;
    for (size_t c = 0; c < N_COLS; c++) {
        n += (size_t)snprintf(row_of_text + n, sizeof row_of_text - n, "%s%c", cell, c + 1 < N_COLS ? ',' : '\n');
    }
    return n;
}

static void test_csv(void **state)
{
    (void)state;
    const char *path = support_path("a.csv"), *packed = support_path("a.csv.gz");
    write_pieces(path, "", 0, row_of_text, make_row_of_text("7"), false);
    check(path);
    write_pieces(path, "", 0, row_of_text, make_row_of_text("-0.12345678"), false);
    check(path);
    write_pieces(packed, "", 0, row_of_text, make_row_of_text("7"), true);
    check(packed);
}

static void test_binary(void **state)
{
    (void)state;
    static const char fortran[] =
        "\x93NUMPY\x01\x00\x4a\x00{'descr': '<f4', 'fortran_order': True, 'shape': (20480, 1024)}          \n";
    static const char idx[] = "\0\0\x08\x02\0\0\x50\0\0\0\x04\0";
    static char zeros[8 * N_COLS];
    const char *npy = support_path("a.npy"), *packed = support_path("a.idx.gz");
    assert_int_equal(sizeof fortran - 1, 10 + 0x4a);
    write_pieces(npy, fortran, sizeof fortran - 1, zeros, 4 * N_COLS, false);
    check(npy);
    for (size_t i = 0; i < N_COLS; i++) {
        zeros[i] = (char)(i * i);
    }
    write_pieces(packed, idx, sizeof idx - 1, zeros, N_COLS, true);
    check(packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_binary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

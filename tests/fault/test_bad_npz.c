/* test_bad_npz.c: every NPZ row of the list of bad inputs: archives made right, then spoiled in one place. */
#include "data/npy.h"
#include "fault/bad_file.h"
#include "fault/make_zip.h"

#define IN QST_ERR_INPUT
#define NO QST_ERR_UNSUPPORTED

#define N_VALUES         100
#define NPY_HEADER_BYTES 128
#define NPY_BYTES        (NPY_HEADER_BYTES + 8 * N_VALUES)
#define LOCAL_FLAGS      6
#define LOCAL_METHOD     8
#define LOCAL_PACKED     18
#define LOCAL_SIZE       22
#define CENTRAL_FLAGS    8
#define CENTRAL_METHOD   10
#define CENTRAL_PACKED   20
#define CENTRAL_SIZE     24
#define CENTRAL_OFFSET   42
#define END_ENTRIES      8
#define END_SIZE         12
#define END_OFFSET       16

static char npy[NPY_BYTES];

static void make_npy(void)
{
    qsti_npy_format_header("<f8", (const size_t[]){10, 10}, 2, npy);
    for (size_t i = 0; i < N_VALUES; i++) {
        double value = (double)(i % 3);
        memcpy(npy + NPY_HEADER_BYTES + 8 * i, &value, 8);
    }
}

/* X.npy, by deflate, and y.npy, stored. */
static void make(made_zip *zip)
{
    make_npy();
    const zip_part parts[] = {{"X.npy", npy, NPY_BYTES, 1}, {"y.npy", npy, NPY_BYTES, 0}};
    zip_make(parts, 2, zip);
}

static bool is_refused(int row, const made_zip *zip, qst_status status, const char *message)
{
    return bad_file_is_refused(&(bad_file){row, "t.npz", zip->bytes, zip->n_bytes, status, message, "-", ":X"});
}

static void test_good(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    made_zip zip;
    char path[600];
    make(&zip);
    for (int i = 0; i < 2; i++) {
        qst_matrix array = {NULL, 0, 0};
        snprintf(path, sizeof path, "%s:%s", support_write("good.npz", zip.bytes, zip.n_bytes), i ? "X" : "y");
        assert_ok(ctx, qst_array_read(ctx, path, &array));
        assert_int_equal(array.n_rows, 10);
        assert_true(array.data[99] == 0 && array.data[98] == 2);
        qst_array_free(ctx, &array);
    }
    qst_ctx_free(ctx);
}

static void test_no_zip(void **state)
{
    (void)state;
    made_zip zip;
    assert_true(
        bad_file_is_refused(&(bad_file){44, "t.npz", "no zip, but text of some length", 31, IN,
                                        "t.npz: byte 0: this is no ZIP archive: it has no end record", "-", NULL}));
    assert_true(
        bad_file_is_refused(&(bad_file){44, "t.npz", "", 0, IN, "t.npz: byte 0: the file is empty", "-", NULL}));
    assert_true(
        bad_file_is_refused(&(bad_file){44, "t.npz", "PK", 2, IN, "t.npz: byte 0: this is no ZIP archive", "-", NULL}));
    make(&zip);
    zip.n_bytes = zip.central[0];
    assert_true(is_refused(50, &zip, IN, "t.npz: byte 0: this is no ZIP archive: it has no end record"));
    make(&zip);
    zip_put(&zip, zip.end + END_ENTRIES, 4, 0);
    assert_true(is_refused(50, &zip, IN, "t.npz: byte ...: the archive has no entries"));
}

static void test_names(void **state)
{
    (void)state;
    static const char *const names[] = {"../../x.npy", "/x.npy", "a/../x.npy", "..", "a\\x.npy", "x\xff.npy"};
    make_npy();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const zip_part parts[] = {{"X.npy", npy, NPY_BYTES, 0}, {names[i], npy, NPY_BYTES, 0}};
        made_zip zip;
        char message[200];
        zip_make(parts, 2, &zip);
        snprintf(
            message, sizeof message,
            "t.npz: byte %zu: the name of an entry is empty, no UTF-8, longer than 1024 bytes, or leads out of the "
            "folder",
            zip.central[1]);
        assert_true(is_refused(45, &zip, IN, message));
    }
    const zip_part twice[] = {{"X.npy", npy, NPY_BYTES, 0}, {"X.npy", npy, NPY_BYTES, 1}};
    made_zip zip;
    zip_make(twice, 2, &zip);
    assert_true(is_refused(48, &zip, IN, "t.npz: two entries have the name \"X.npy\""));
    const zip_part others[] = {{"a.txt", npy, 10, 0}, {".npy", npy, 10, 0}};
    zip_make(others, 2, &zip);
    assert_true(is_refused(51, &zip, IN, "t.npz: the archive holds no .npy arrays"));
}

/* A stored entry whose data hold a second entry. */
static void test_overlap(void **state)
{
    (void)state;
    made_zip inner, zip;
    char message[200];
    make_npy();
    zip_make(&(zip_part){"y.npy", npy, NPY_BYTES, 1}, 1, &inner);
    const zip_part parts[] = {{"X.npy", inner.bytes, inner.central[0], 0}, {"y.npy", npy, NPY_BYTES, 1}};
    zip_make(parts, 2, &zip);
    zip_put(&zip, zip.central[1] + CENTRAL_OFFSET, 4, zip.data[0]);
    snprintf(message, sizeof message, "t.npz: byte %zu: the entries \"X.npy\" and \"y.npy\" overlap", zip.data[0]);
    assert_true(is_refused(46, &zip, IN, message));
    make(&zip);
    zip_put(&zip, zip.central[1] + CENTRAL_OFFSET, 4, zip.local[0]);
    assert_true(is_refused(46, &zip, IN, "t.npz: byte 0: the header of an entry is not that of the directory"));
    make(&zip);
    zip_put(&zip, zip.central[1] + CENTRAL_OFFSET, 4, zip.n_bytes);
    assert_true(is_refused(46, &zip, IN, "t.npz: byte ..."));
}

/* Puts a number into the local and the central header of X.npy. */
static void put_both(made_zip *zip, size_t local, size_t central, size_t n, unsigned long long value)
{
    zip_put(zip, zip->local[0] + local, n, value);
    zip_put(zip, zip->central[0] + central, n, value);
}

static void test_sizes(void **state)
{
    (void)state;
    made_zip zip;
    make(&zip);
    put_both(&zip, LOCAL_SIZE, CENTRAL_SIZE, 4, NPY_BYTES + 8);
    assert_true(is_refused(47, &zip, IN, "t.npz:X: byte 128: 10 rows of 10 values need 800 bytes, 808 are there"));
    make(&zip);
    put_both(&zip, LOCAL_SIZE, CENTRAL_SIZE, 4, NPY_BYTES - 8);
    assert_true(is_refused(47, &zip, IN, "t.npz:X: byte 128: 10 rows of 10 values need 800 bytes, 792 are there"));
    /* the header of the array promises what the directory does, the data are shorter, or longer */
    for (int longer = 0; longer < 2; longer++) {
        size_t n_real = longer ? NPY_BYTES : NPY_BYTES - 8 * 10;
        make_npy();
        qsti_npy_format_header("<f8", (const size_t[]){longer ? 9 : 10, 10}, 2, npy);
        zip_make(&(zip_part){"X.npy", npy, n_real, 1}, 1, &zip);
        put_both(&zip, LOCAL_SIZE, CENTRAL_SIZE, 4, longer ? NPY_BYTES - 80 : NPY_BYTES);
        assert_true(is_refused(47, &zip, IN, "t.npz:X: byte ..."));
    }
    make(&zip);
    zip_put(&zip, zip.central[0] + CENTRAL_SIZE, 4, 5);
    assert_true(is_refused(47, &zip, IN, "t.npz: byte 0: the header of an entry is not that of the directory"));
    make(&zip);
    zip_put(&zip, zip.local[1] + LOCAL_SIZE, 4, 5);
    zip_put(&zip, zip.central[1] + CENTRAL_SIZE, 4, 5);
    assert_true(is_refused(47, &zip, IN, "t.npz: entry \"y.npy\" is stored, and its two sizes differ"));
    make(&zip);
    put_both(&zip, LOCAL_PACKED, CENTRAL_PACKED, 4, 0x7fffffff);
    assert_true(is_refused(47, &zip, IN, "t.npz: byte 0: an entry is larger than the archive"));
    make(&zip);
    put_both(&zip, LOCAL_SIZE, CENTRAL_SIZE, 4, 0x7fffffff);
    assert_true(is_refused(0, &zip, IN, "t.npz: entry \"X.npy\" expands to more than 1000 times its size"));
    make(&zip);
    zip.bytes[zip.data[1] + 200] ^= 1;
    assert_true(bad_file_is_refused(
        &(bad_file){0, "t.npz", zip.bytes, zip.n_bytes, IN, "t.npz:y: byte 928: CRC error", "-", ":y"}));
}

static void test_methods(void **state)
{
    (void)state;
    made_zip zip;
    make(&zip);
    put_both(&zip, LOCAL_METHOD, CENTRAL_METHOD, 2, 14);
    assert_true(is_refused(49, &zip, NO,
                           "t.npz: entry \"X.npy\" is compressed by method 14: stored (0) and deflate (8) are read"));
    make(&zip);
    put_both(&zip, LOCAL_FLAGS, CENTRAL_FLAGS, 2, 1);
    assert_true(is_refused(49, &zip, NO, "t.npz: entry \"X.npy\" is encrypted"));
    make(&zip);
    zip_put(&zip, zip.end + 4, 2, 1);
    assert_true(is_refused(50, &zip, NO, "t.npz: an archive in several parts"));
}

/* The zip64 field of an entry, put behind the names, with sizes of 2^63; the records of zip64 missing or damaged. */
static void test_zip64(void **state)
{
    (void)state;
    made_zip zip;
    make_npy();
    zip_make(&(zip_part){"X.npy", npy, NPY_BYTES, 1}, 1, &zip);
    size_t extra = zip.central[0] + 46 + 5;
    memmove(zip.bytes + extra + 20, zip.bytes + extra, zip.n_bytes - extra);
    zip.n_bytes += 20;
    zip.end += 20;
    zip_put(&zip, extra, 2, 1);
    zip_put(&zip, extra + 2, 2, 16);
    zip_put(&zip, extra + 4, 8, 1ULL << 63);
    zip_put(&zip, extra + 12, 8, 1ULL << 63);
    zip_put(&zip, zip.central[0] + CENTRAL_PACKED, 8, ~0ULL);
    zip_put(&zip, zip.central[0] + 30, 2, 20);
    zip_put(&zip, zip.end + END_SIZE, 4, zip.end - zip.central[0]);
    assert_true(is_refused(50, &zip, IN, "t.npz: byte 0: an entry is larger than the archive"));
    zip_put(&zip, extra + 12, 8, NPY_BYTES);
    assert_true(is_refused(50, &zip, IN, "t.npz: entry \"X.npy\" expands to more than 1000 times its size"));
    zip_put(&zip, extra + 2, 2, 8);
    assert_true(is_refused(50, &zip, IN, "t.npz: byte ...: the zip64 field of an entry is damaged"));
    make(&zip);
    zip_put(&zip, zip.end + END_OFFSET, 4, 0xffffffff);
    assert_true(is_refused(50, &zip, IN, "t.npz: byte ...: the zip64 locator is damaged"));
    make(&zip);
    zip_put(&zip, zip.end + END_SIZE, 4, 5);
    assert_true(
        is_refused(50, &zip, IN, "t.npz: byte ...: the directory of the archive is not where its end record says"));
    make(&zip);
    zip_put(&zip, zip.end + END_ENTRIES, 4, 0x03000300);
    assert_true(is_refused(50, &zip, IN, "t.npz: byte ...: the directory of the archive is damaged"));
    make(&zip);
    zip_put(&zip, zip.end + END_ENTRIES, 4, 0x20002000);
    assert_true(is_refused(50, &zip, IN, "t.npz: 8192 entries: 4096 are the limit"));
}

static void test_keys(void **state)
{
    (void)state;
    made_zip zip;
    make(&zip);
    assert_true(bad_file_is_refused(&(bad_file){51, "t.npz", zip.bytes, zip.n_bytes, IN,
                                                "t.npz: has no array \"Z\", but \"X\", \"y\"", "-", ":Z"}));
    assert_true(bad_file_is_refused(&(bad_file){51, "t.npz", zip.bytes, zip.n_bytes, IN,
                                                "t.npz: has no array \"z\", but \"X\", \"y\"", "z", NULL}));
    assert_true(bad_file_is_refused(&(bad_file){51, "t.npz", zip.bytes, zip.n_bytes, IN,
                                                "t.npz: 10 values in each row: labels are one a row", NULL, NULL}));
    const zip_part parts[] = {{"a.npy", npy, NPY_BYTES, 0}, {"b.npy", npy, NPY_BYTES, 0}};
    zip_make(parts, 2, &zip);
    assert_true(bad_file_is_refused(&(bad_file){
        51, "t.npz", zip.bytes, zip.n_bytes, IN,
        "t.npz: which array holds the features? None is named X, x or data, and 2 have two dimensions: name "
        "one, as in ...t.npz:a",
        "-", NULL}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),    cmocka_unit_test(test_no_zip), cmocka_unit_test(test_names),
        cmocka_unit_test(test_overlap), cmocka_unit_test(test_sizes),  cmocka_unit_test(test_methods),
        cmocka_unit_test(test_zip64),   cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

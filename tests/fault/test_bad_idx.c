/* test_bad_idx.c: every IDX row of the list of bad inputs, with its whole message. */
#include <zlib.h>

#include "fault/bad_file.h"

#define IN QST_ERR_INPUT

typedef struct bad_idx {
    int row;
    size_t n_bytes;
    const char *bytes, *message;
} bad_idx;

#define IDX(row, bytes, message)              \
    {                                         \
        row, sizeof bytes - 1, bytes, message \
    }

static const bad_idx bad[] = {
    IDX(22, "", "t.idx: the file is empty"),
    IDX(22, "\0\0\x08", "t.idx: byte 3: the file ends within the first 4 bytes"),
    IDX(22, "PK\x08\x01\0\0\0\x02\x01\x02", "t.idx: byte 0: an IDX file begins with two bytes 0, not 50 4b"),
    IDX(23, "\0\0\x07\x01\0\0\0\x02\x01\x02", "t.idx: byte 2: type 07: 08, 09, 0b, 0c, 0d and 0e are known"),
    IDX(24, "\0\0\x08\0\0\0\0\x02\x01\x02", "t.idx: byte 3: 0 dimensions: 1 to 8 are allowed"),
    IDX(24, "\0\0\x08\xff\0\0\0\x02\x01\x02", "t.idx: byte 3: 255 dimensions: 1 to 8 are allowed"),
    IDX(25, "\0\0\x08\x04\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0",
        "t.idx: byte 4: the sizes promise more values than can be counted"),
    IDX(25, "\0\0\x0e\x02\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",
        "t.idx: byte 4: the sizes promise more values than can be counted"),
    IDX(26, "\0\0\x08\x02\0\0\0\x02\0\0\0\x02\x01\x02\x03",
        "t.idx: byte 12: the sizes promise 4 bytes of values, 3 are there"),
    IDX(26, "\0\0\x08\x02\0\0\0\x02\0", "t.idx: byte 9: the file ends within the sizes"),
    IDX(27, "\0\0\x08\x02\0\0\0\x02\0\0\0\x02\x01\x02\x03\x04\x05",
        "t.idx: byte 12: the sizes promise 4 bytes of values, 5 are there"),
    IDX(29, "\0\0\x08\x01\0\0\0\x02\x01\x02",
        "t.idx: has one dimension, as files of labels have: features need at least two"),
    IDX(32, "\0\0\x08\x02\x02\0\0\0\x02\0\0\0\x01\x02\x03\x04",
        "t.idx: byte 4: the sizes are little-endian: IDX files are big-endian"),
    IDX(32, "\x02\x08\0\0\x02\0\0\0\x02\0\0\0\x01\x02\x03\x04",
        "t.idx: byte 0: an IDX file begins with two bytes 0, not 02 08 (a little-endian header?)"),
    IDX(40, "\0\0\x08\x02\0\0\0\x00\0\0\0\x02", "t.idx: byte 4: dimension 0 is 0: there are no values"),
    IDX(43, "\0\0\x0d\x02\0\0\0\x01\0\0\0\x02\x7f\x80\0\0\0\0\0\0",
        "t.idx: the value in row 0, column 0 (from 0) is infinite"),
    IDX(0, "\x1f\x8b\x08\x01\0\0\0\x02\x01\x02", "t.idx: byte 0: a gzip file: its name must end in .gz"),
};

static void test_table(void **state)
{
    (void)state;
    size_t n_wrong = 0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        n_wrong += !bad_file_is_refused(
            &(bad_file){bad[i].row, "t.idx", bad[i].bytes, bad[i].n_bytes, IN, bad[i].message, "-", NULL});
    }
    assert_int_equal(n_wrong, 0);
}

/* --- labels ------------------------------------------------------------------------------------------------------- */

static const char images[16] = "\0\0\x08\x02\0\0\0\x02\0\0\0\x02\x01\x02\x03\x04";

static bool labels_are_refused(int row, const char *name, const char *bytes, size_t n, qst_status status,
                               const char *message)
{
    char path[600];
    snprintf(path, sizeof path, "%s", support_write(name, bytes, n));
    return bad_file_is_refused(&(bad_file){row, "t.idx", images, sizeof images, status, message, path, NULL});
}

static void test_labels(void **state)
{
    (void)state;
    assert_true(labels_are_refused(28, "y.idx", "\0\0\x08\x01\0\0\0\x03\x01\x02\x03", 11, QST_ERR_MISMATCH,
                                   "y.idx: 3 labels for 2 rows of features"));
    assert_true(labels_are_refused(29, "y.idx", images, sizeof images, IN,
                                   "y.idx: 2 values in each row: labels are one a row"));
    assert_true(labels_are_refused(
        16, "y.idx", "\0\0\x09\x01\0\0\0\x02\x01\xff", 10, IN,
        "y.idx: row 1 (from 0): label \"-1\" is negative: labels are whole numbers from 0, or text"));
    assert_true(
        labels_are_refused(28, "y.csv", "label\n1\n", 8, QST_ERR_MISMATCH, "y.csv: 1 labels for 2 rows of features"));
    assert_true(labels_are_refused(29, "y.csv", "a,b\n1,2\n", 8, IN, "y.csv: a file of labels has one column"));
    assert_true(
        bad_file_is_refused(&(bad_file){0, "t.idx", images, sizeof images, QST_ERR_USAGE,
                                        "t.idx: holds features only: label must name a second file", NULL, NULL}));
    assert_true(
        bad_file_is_refused(&(bad_file){0, "t.idx", images, sizeof images, QST_ERR_SYSTEM,
                                        "nowhere: cannot be opened: No such file or directory", "nowhere", NULL}));
}

/* --- gzip --------------------------------------------------------------------------------------------------------- */

static size_t pack(const char *bytes, size_t n, char *out, size_t room)
{
    z_stream z = {
        .next_in = (Bytef *)bytes, .avail_in = (unsigned)n, .next_out = (Bytef *)out, .avail_out = (unsigned)room};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

static bool gzip_is_refused(int row, const char *bytes, size_t n, const char *message)
{
    return bad_file_is_refused(&(bad_file){row, "t.idx.gz", bytes, n, IN, message, "-", NULL});
}

static void test_gzip(void **state)
{
    (void)state;
    char packed[1000], message[200];
    size_t n = pack(images, sizeof images, packed, sizeof packed);
    packed[n - 8] = (char)(packed[n - 8] ^ 1);
    assert_true(gzip_is_refused(30, packed, n, "t.idx.gz: byte ...: incorrect data check"));
    packed[n - 8] = (char)(packed[n - 8] ^ 1);
    packed[n - 1] = (char)(packed[n - 1] ^ 1);
    assert_true(gzip_is_refused(30, packed, n, "t.idx.gz: byte ...: incorrect length check"));
    packed[n - 1] = (char)(packed[n - 1] ^ 1);
    packed[n] = 'x';
    snprintf(message, sizeof message, "t.idx.gz: byte %zu: bytes that are not gzip follow the compressed data", n);
    assert_true(gzip_is_refused(30, packed, n + 1, message));
    snprintf(message, sizeof message, "t.idx.gz: byte %zu: the file ends within the compressed data", n - 9);
    assert_true(gzip_is_refused(30, packed, n - 9, message));
    size_t second = n + pack("more", 4, packed + n, sizeof packed - n);
    assert_true(gzip_is_refused(31, packed, second, "t.idx.gz: byte 16: more bytes follow where the file should end"));
}

/* Zeros that shrink to a thousandth behind a header that states their number, one that states less, and one that states
 * far more. */
static void test_bombs(void **state)
{
    (void)state;
    static const struct {
        const char *header, *message;
    } cases[] = {
        {"\0\0\x08\x02\x0c\x80\0\0\0\0\0\x01",
         "bomb.idx.gz: expands to more than 200 times its size: unpack it with gunzip if it can be trusted"},
        {"\0\0\x08\x02\0\0\0\x02\0\0\0\x02", "bomb.idx.gz: byte 16: more bytes follow where the file should end"},
        {"\0\0\x08\x02\x7f\xff\xff\xff\0\0\0\x05", "bomb.idx.gz: byte 4: the sizes promise 10737418235 bytes of "
                                                   "values, 1073741824 is the limit for a compressed file"},
        {"\0\0\x0e\x02\x08\0\0\0\0\0\0\x01",
         "bomb.idx.gz: expands to more than 200 times its size: unpack it with gunzip if it can be trusted"},
    };
    char *zeros = calloc(1, 1 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *path = support_path("bomb.idx.gz");
        gzFile file = gzopen(path, "wb9");
        assert_int_equal(gzwrite(file, cases[i].header, 12), 12);
        for (size_t piece = 0; piece < 200; piece++) {
            assert_int_equal(gzwrite(file, zeros, 1 << 20), 1 << 20);
        }
        assert_int_equal(gzclose(file), Z_OK);
        assert_true(
            bad_path_is_refused(&(bad_file){31, "bomb.idx.gz", NULL, 0, IN, cases[i].message, "-", NULL}, path));
    }
    free(zeros);
}

/* Pixels enough for 512 MiB of doubles, the check sum wrong: refused before the array is held. */
static void test_late_damage(void **state)
{
    (void)state;
    const char *path = support_path("late.idx.gz");
    char *noise = malloc(1 << 20);
    uint32_t state32 = 1;
    for (size_t i = 0; i < 1 << 20; i++) {
        state32 = state32 * 1664525 + 1013904223;
        noise[i] = (char)(state32 >> 24 & 15 ? 0 : state32 >> 16);
    }
    gzFile file = gzopen(path, "wb1");
    assert_int_equal(gzwrite(file, "\0\0\x08\x02\x02\0\0\0\0\0\0\x01", 12), 12);
    for (size_t piece = 0; piece < 32; piece++) {
        assert_int_equal(gzwrite(file, noise, 1 << 20), 1 << 20);
    }
    assert_int_equal(gzclose(file), Z_OK);
    free(noise);
    FILE *damaged = fopen(path, "r+b");
    assert_int_equal(fseek(damaged, -8, SEEK_END), 0);
    int byte = fgetc(damaged);
    assert_int_equal(fseek(damaged, -8, SEEK_END), 0);
    assert_int_equal(fputc(byte ^ 1, damaged), byte ^ 1);
    assert_int_equal(fclose(damaged), 0);
    assert_true(bad_path_is_refused(
        &(bad_file){30, "late.idx.gz", NULL, 0, IN, "late.idx.gz: byte ...: incorrect data check", "-", NULL}, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table), cmocka_unit_test(test_labels),      cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_bombs), cmocka_unit_test(test_late_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

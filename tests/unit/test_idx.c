/* test_idx.c: IDX files of every type, plain and in gzip, and gzip as a stream. */
#include <zlib.h>

#include <qstill/data.h>

#include "data/idx.h"
#include "support/support.h"

/* Packs bytes as one gzip member; returns its length. */
static size_t pack(const void *bytes, size_t n, unsigned char *out, size_t room)
{
    z_stream z = {
        .next_in = (unsigned char *)bytes, .avail_in = (unsigned)n, .next_out = out, .avail_out = (unsigned)room};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t length = room - z.avail_out;
    deflateEnd(&z);
    return length;
}

typedef struct type_case {
    unsigned char code;
    size_t n_bytes;
    unsigned char bytes[8]; /* of one value, big-endian */
    double value;
} type_case;

static const type_case types[] = {
    {0x08, 1, {200}, 200},
    {0x09, 1, {0x80}, -128},
    {0x0b, 2, {0xff, 0xfe}, -2},
    {0x0c, 4, {0x80, 0, 0, 0}, -2147483648.0},
    {0x0d, 4, {0x3f, 0x80, 0, 0}, 1},
    {0x0e, 8, {0xbf, 0xe0, 0, 0, 0, 0, 0, 0}, -0.5},
};

static void test_types(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
        unsigned char bytes[64] = {0, 0, types[t].code, 1, 0, 0, 0, 2};
        memcpy(bytes + 8, types[t].bytes, types[t].n_bytes);
        memcpy(bytes + 8 + types[t].n_bytes, types[t].bytes, types[t].n_bytes);
        const char *path = support_write("t.idx", bytes, 8 + 2 * types[t].n_bytes);
        qst_matrix array = {NULL, 0, 0};
        assert_ok(ctx, qst_array_read(ctx, path, &array));
        assert_int_equal(array.n_rows, 2);
        assert_int_equal(array.n_cols, 1);
        assert_true(array.data[0] == types[t].value && array.data[1] == types[t].value);
        qst_array_free(ctx, &array);
    }
    qst_ctx_free(ctx);
}

/* Three dimensions, flattened; in one gzip member and in three. */
static void test_gzip(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    unsigned char bytes[16 + 3 * 20 * 30] = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 20, 0, 0, 0, 30}, packed[5000];
    for (size_t i = 0; i < 1800; i++) {
        bytes[16 + i] = (unsigned char)(i * 37);
    }
    for (int n_members = 1; n_members <= 3; n_members += 2) {
        size_t n = 0, first = 0;
        for (int m = 0; m < n_members; m++) {
            size_t end = m + 1 < n_members ? (size_t)(m + 1) * 7 : sizeof bytes;
            n += pack(bytes + first, end - first, packed + n, sizeof packed - n);
            first = end;
        }
        const char *path = support_write("t.idx.gz", packed, n);
        qst_matrix array = {NULL, 0, 0};
        assert_ok(ctx, qst_array_read(ctx, path, &array));
        assert_int_equal(array.n_rows, 3);
        assert_int_equal(array.n_cols, 600);
        for (size_t i = 0; i < 1800; i++) {
            assert_true(array.data[i] == (double)(unsigned char)(i * 37));
        }
        qst_array_free(ctx, &array);
    }
    qst_ctx_free(ctx);
}

/* However it is cut, the inside of a gzip comes out the same. */
static void test_stream(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    size_t n_plain = 300000;
    unsigned char *plain = malloc(n_plain), *packed = malloc(n_plain + 1000), *found = malloc(n_plain);
    for (size_t i = 0; i < n_plain; i++) {
        plain[i] = (unsigned char)(i * i >> 7);
    }
    size_t n_packed = pack(plain, n_plain, packed, n_plain + 1000);
    for (size_t step = 1; step < 400000; step = step * 5 + 2) {
        qsti_stream *stream = NULL;
        size_t n_read = 0, got = 1;
        assert_ok(ctx, qsti_stream_open_bytes(ctx, "t.gz", packed, n_packed, &stream));
        assert_ok(ctx, qsti_stream_open_gzip(stream, &stream));
        while (got) {
            size_t wanted = n_plain - n_read < step ? n_plain - n_read : step;
            unsigned char extra;
            assert_ok(ctx, qsti_stream_read(stream, wanted ? found + n_read : &extra, wanted ? wanted : 1, &got));
            n_read += got;
        }
        assert_int_equal(n_read, n_plain);
        assert_memory_equal(found, plain, n_plain);
        qsti_stream_close(stream);
    }
    free(plain);
    free(packed);
    free(found);
    qst_ctx_free(ctx);
}

/* Whatever the byte, a truncated gzip is refused. */
static void test_truncated(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    unsigned char bytes[8 + 50] = {0, 0, 8, 1, 0, 0, 0, 50}, packed[200];
    size_t n = pack(bytes, sizeof bytes, packed, sizeof packed);
    for (size_t length = 0; length < n; length++) {
        qst_matrix array = {NULL, 0, 0};
        const char *path = support_write("short.idx.gz", packed, length);
        assert_status(ctx, qst_array_read(ctx, path, &array), QST_ERR_INPUT);
        assert_null(array.data);
    }
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_truncated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

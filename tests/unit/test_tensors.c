/* test_tensors.c: arrays come back bit for bit, and every file that was changed is refused.
 *
 * Files against the layout's rules are made by hand with a checksum that holds, so that the rule itself must see them.
 */
#include "support/support.h"

#include "base/tensors.h"

static qst_ctx *ctx;

static int create_ctx(void **state)
{
    (void)state;
    ctx = support_ctx(1);
    return 0;
}

static int free_ctx(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

/* --- a small file ------------------------------------------------------------------------------------------------- */

#define FORMAT "qstill-test/2"

static const double weights[2][3] = {{1.5, -0.0, 3}, {NAN, INFINITY, 5e-324}};
static const int64_t labels[2] = {INT64_MIN, 7};
static const uint8_t split[5] = {0, 1, 2, 255, 4};
static const double scalar = 0.1;

static const qsti_tensor tensors[] = {
    {"split", QSTI_U8, 1, {5}, split},          {"net.0/weights", QSTI_F64, 2, {2, 3}, weights},
    {"labels", QSTI_I64, 1, {2}, labels},       {"none", QSTI_U8, 2, {0, 9}, NULL},
    {"scalar", QSTI_F64, 0, {0}, &scalar},      {"four", QSTI_U8, 4, {1, 2, 1, 2}, split},
    {"empty", QSTI_F64, 3, {4, 0, 2}, weights},
};
#define N_TENSORS (sizeof tensors / sizeof tensors[0])

static const qsti_meta metas[] = {{"seed", "7"}, {"note", "\"quotes\" \xc2\xb5 \n"}};

static qst_status write_small(qst_ctx *c, const char *path)
{
    return qsti_tensors_write(c, path, FORMAT, tensors, N_TENSORS, metas, 2);
}

static char *read_bytes(const char *path, size_t *out_length)
{
    char *bytes = NULL;
    assert_ok(ctx, qsti_file_read(ctx, path, SIZE_MAX, &bytes, out_length));
    return bytes;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    const char *path = support_path("small.safetensors");
    assert_ok(ctx, write_small(ctx, path));
    qsti_tensors *file = NULL;
    assert_ok(ctx, qsti_tensors_read(ctx, path, FORMAT, &file));
    for (size_t t = 0; t < N_TENSORS; t++) {
        const qsti_tensor *found = NULL;
        assert_ok(ctx, qsti_tensors_get(ctx, file, tensors[t].name, tensors[t].dtype, tensors[t].n_dims, &found));
        size_t n_bytes = tensors[t].dtype == QSTI_U8 ? 1 : 8;
        for (size_t d = 0; d < tensors[t].n_dims; d++) {
            assert_int_equal(found->shape[d], tensors[t].shape[d]);
            n_bytes *= found->shape[d];
        }
        assert_int_equal((uintptr_t)found->data % (found->dtype == QSTI_U8 ? 1 : 8), 0);
        if (n_bytes) {
            assert_memory_equal(found->data, tensors[t].data, n_bytes);
        }
    }
    assert_string_equal(qsti_tensors_meta(file, "seed"), "7");
    assert_string_equal(qsti_tensors_meta(file, "note"), metas[1].value);
    assert_string_equal(qsti_tensors_meta(file, "format"), FORMAT);
    assert_null(qsti_tensors_meta(file, "missing"));

    const qsti_tensor *found = NULL;
    assert_status(ctx, qsti_tensors_get(ctx, file, "missing", QSTI_F64, 1, &found), QST_ERR_DAMAGED);
    assert_message(ctx, "small.safetensors: array missing: missing");
    assert_status(ctx, qsti_tensors_get(ctx, file, "labels", QSTI_F64, 1, &found), QST_ERR_DAMAGED);
    assert_message(ctx, "array labels: I64 with 1 dimensions, expected F64 with 1");
    assert_status(ctx, qsti_tensors_get(ctx, file, "labels", QSTI_I64, 2, &found), QST_ERR_DAMAGED);
    assert_null(found);
    qsti_tensors_free(ctx, file);
    qsti_tensors_free(ctx, NULL);
}

static void a_file_without_arrays_works(void **state)
{
    (void)state;
    assert_ok(ctx, qsti_tensors_write(ctx, support_path("none"), FORMAT, NULL, 0, NULL, 0));
    qsti_tensors *file = NULL;
    assert_ok(ctx, qsti_tensors_read(ctx, support_path("none"), FORMAT, &file));
    qsti_tensors_free(ctx, file);
}

/* The bytes are part of the format: a change here is a new version. */
static void bytes_are_fixed(void **state)
{
    (void)state;
    const double x[2] = {1, 2};
    const qsti_tensor one[] = {{"b", QSTI_U8, 1, {3}, "abc"}, {"x", QSTI_F64, 1, {2}, x}};
    const qsti_meta meta = {"seed", "1"};
    assert_ok(ctx, qsti_tensors_write(ctx, support_path("fixed"), "qstill-test/1", one, 2, &meta, 1));
    size_t length = 0, again_length = 0;
    char *bytes = read_bytes(support_path("fixed"), &length);
    static const char header[] = "{\"__metadata__\":{\"format\":\"qstill-test/1\",\"seed\":\"1\",\"sha256\":\"";
    static const char entries[] = "\"},\"x\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]},"
                                  "\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[16,19]}}";
    assert_memory_equal(bytes + 8, header, sizeof header - 1);
    assert_memory_equal(bytes + 8 + sizeof header - 1 + 64, entries, sizeof entries - 1);
    size_t header_bytes = (unsigned char)bytes[0] + 256u * (unsigned char)bytes[1];
    assert_int_equal(header_bytes % 8, 0);
    assert_int_equal(length, 8 + header_bytes + 19);
    assert_memory_equal(bytes + 8 + header_bytes, x, 16);
    assert_memory_equal(bytes + 8 + header_bytes + 16, "abc", 3);

    char hash[QSTI_HASH_CHARS], stored[QSTI_HASH_CHARS] = "";
    memcpy(stored, bytes + 8 + sizeof header - 1, 64);
    memset(bytes + 8 + sizeof header - 1, '0', 64);
    qsti_hash_bytes(bytes, length, hash);
    assert_string_equal(stored, hash);
    memcpy(bytes + 8 + sizeof header - 1, stored, 64);

    assert_ok(ctx, qsti_tensors_write(ctx, support_path("again"), "qstill-test/1", one, 2, &meta, 1));
    char *again = read_bytes(support_path("again"), &again_length);
    assert_int_equal(again_length, length);
    assert_memory_equal(again, bytes, length);
    qsti_free(ctx, bytes);
    qsti_free(ctx, again);
}

/* --- damage ------------------------------------------------------------------------------------------------------- */

static void assert_damaged(const char *bytes, size_t length, const char *part)
{
    qsti_tensors *file = NULL;
    const char *path = support_write("damaged", bytes, length);
    assert_status(ctx, qsti_tensors_read(ctx, path, FORMAT, &file), QST_ERR_DAMAGED);
    assert_message(ctx, "damaged: ");
    assert_message(ctx, part);
    assert_null(file);
}

static void every_flipped_bit_is_refused(void **state)
{
    (void)state;
    assert_ok(ctx, write_small(ctx, support_path("small")));
    size_t length = 0;
    char *bytes = read_bytes(support_path("small"), &length);
    for (size_t bit = 0; bit < 8 * length; bit++) {
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        assert_damaged(bytes, length, "");
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
    }
    qsti_free(ctx, bytes);
}

static void every_other_length_is_refused(void **state)
{
    (void)state;
    assert_ok(ctx, write_small(ctx, support_path("small")));
    size_t length = 0;
    char *bytes = read_bytes(support_path("small"), &length);
    for (size_t kept = 0; kept < length; kept++) {
        assert_damaged(bytes, kept, "");
    }
    static char longer[8192];
    memcpy(longer, bytes, length);
    assert_damaged(longer, length + 1, "1 bytes after the last array");
    assert_damaged(longer, length + 100, "100 bytes after the last array");
    assert_damaged("", 0, "byte 0: the file ends inside the header length");
    qsti_free(ctx, bytes);
}

/* Writes a file with this header, whose 64 '#' become a checksum that holds, and n_data bytes of data. */
static const char *write_signed(const char *header, size_t n_data)
{
    static char bytes[8192];
    size_t n_header = strlen(header), padded = (n_header + 7) / 8 * 8;
    assert_true(8 + padded + n_data < sizeof bytes);
    memset(bytes, 0, 8);
    bytes[0] = (char)(padded % 256);
    bytes[1] = (char)(padded / 256);
    memcpy(bytes + 8, header, n_header + 1);
    memset(bytes + 8 + n_header, ' ', padded - n_header);
    memset(bytes + 8 + padded, 1, n_data);
    char *digits = memchr(bytes, '#', 8 + padded);
    if (digits) {
        char hash[QSTI_HASH_CHARS];
        memset(digits, '0', 64);
        qsti_hash_bytes(bytes, 8 + padded + n_data, hash);
        memcpy(digits, hash, 64);
    }
    return support_write("signed", bytes, 8 + padded + n_data);
}

#define SIXTEEN "################"
#define META    "\"__metadata__\":{\"format\":\"" FORMAT "\",\"sha256\":\"" SIXTEEN SIXTEEN SIXTEEN SIXTEEN "\"}"

static void layouts_against_the_rules_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        size_t n_data;
        const char *message;
    } rows[] = {
        {"{" META "}", 0, NULL},
        {"{" META ",\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}", 3, NULL},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}," META "}", 3, NULL},
        {"{" META "}", 1, "1 bytes after the last array"},
        {"{" META ",\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[1,4]}}", 4,
         "array a: data_offsets leave a hole"},
        {"{" META
         ",\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},\"b\":{\"dtype\":\"U8\",\"shape\":[3],"
         "\"data_offsets\":[2,5]}}",
         5, "array b: data_offsets overlap"},
        {"{" META
         ",\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},\"b\":{\"dtype\":\"U8\",\"shape\":[3],"
         "\"data_offsets\":[4,7]}}",
         7, "array b: data_offsets leave a hole"},
        {"{" META ",\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,4]}}", 4, "as many bytes as the shape"},
        {"{" META ",\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,-3]}}", 4, "not a list of two sizes"},
        {"{" META ",\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0]}}", 3, "not a list of two sizes"},
        {"{" META ",\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3.0]}}", 3, "not a list of two sizes"},
        {"{" META ",\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}}", 3, "beyond the end of the file"},
        {"{" META ",\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0, "a size"},
        {"{" META ",\"a\":{\"dtype\":\"F64\",\"shape\":[2305843009213693952],\"data_offsets\":[0,0]}}", 0, "a size"},
        {"{" META ",\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,0]}}", 0, "a size"},
        {"{" META ",\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1],\"data_offsets\":[0,1]}}", 1, "0 to 4 sizes"},
        {"{" META ",\"a\":{\"dtype\":\"U8\",\"shape\":3,\"data_offsets\":[0,3]}}", 3, "0 to 4 sizes"},
        {"{" META ",\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype is not F64, I64 or U8"},
        {"{" META ",\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype is not"},
        {"{" META ",\"a\":{\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", 4, "dtype is not"},
        {"{" META ",\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":1}}", 1,
         "expected an object of"},
        {"{" META ",\"a\":[]}", 0, "expected an object of"},
        {"{" META ",\"A b\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0, "array A b: the name"},
        {"{" META ",\"\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0, "the name"},
        {"{" META
         ",\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"F64\",\"shape\":[1],"
         "\"data_offsets\":[1,9]}}",
         9, "array b: data_offsets are not a multiple"},
        {"{" META
         ",\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},\"a\":{\"dtype\":\"U8\",\"shape\":[0],"
         "\"data_offsets\":[0,0]}}",
         0, "duplicate object key"},
        {"{\"__metadata__\":{\"n\":1}}", 0, "__metadata__: n: is not a string"},
        {"{\"__metadata__\":[]}", 0, "__metadata__: missing"},
        {"{}", 0, "__metadata__: missing"},
        {"[1]", 0, "header: is not an object"},
        {"nonsense", 0, "header:1:8: not JSON"},
        {"", 0, "not JSON"},
        {"{\"__metadata__\":{\"format\":\"" FORMAT "\"}}", 0, "sha256: missing"},
        {"{\"__metadata__\":{\"format\":\"" FORMAT "\",\"sha256\":\"12\"}}", 0, "sha256: is not 64 hex digits"},
        {"{\"__metadata__\":{\"format\":\"" FORMAT "\",\"sha256\": \"" SIXTEEN SIXTEEN SIXTEEN SIXTEEN "\"}}", 0,
         "sha256: is not 64 hex digits"},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        qsti_tensors *file = NULL;
        qst_status status = qsti_tensors_read(ctx, write_signed(rows[r].header, rows[r].n_data), FORMAT, &file);
        if (rows[r].message == NULL) {
            assert_ok(ctx, status);
            qsti_tensors_free(ctx, file);
            continue;
        }
        assert_status(ctx, status, QST_ERR_DAMAGED);
        assert_message(ctx, "signed: ");
        assert_message(ctx, rows[r].message);
        assert_null(file);
    }
}

/* 2^63, the bytes of a big-endian writer, just over the limit, longer than the file, not padded. */
static void header_lengths_are_checked(void **state)
{
    (void)state;
    assert_damaged("\0\0\0\0\0\0\0\x80{}", 10, "header length 9223372036854775808, the limit is 16777216");
    assert_damaged("\0\0\0\0\0\0\0\x08{      }", 16, "header length 576460752303423488");
    assert_damaged("\x08\0\0\x01\0\0\0\0{}", 10, "header length 16777224, the limit");
    assert_damaged("\0\0\0\x01\0\0\0\0{}", 10, "header length 16777216, but only 2 bytes follow");
    assert_damaged("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10, "header length 18446744073709551615");
    assert_damaged("\x02\0\0\0\0\0\0\0{}", 10, "header length 2 is not a multiple of 8");
}

static void formats_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *written, *expected, *message;
    } rows[] = {
        {"qstill-model/1", "qstill-model/1", NULL},
        {"qstill-model/1", "qstill-model/2", NULL},
        {"qstill-model/3", "qstill-model/2",
         "written by a newer release: format qstill-model/3, this release reads up to "
         "qstill-model/2"},
        {"qstill-data/1", "qstill-model/1", "format: \"qstill-data/1\", expected \"qstill-model/1\""},
        {"qstill-model", "qstill-model/1", "format: \"qstill-model\""},
        {"qstill-model/x", "qstill-model/1", "format: \"qstill-model/x\""},
        {"qstill-mod/1", "qstill-model/1", "format: \"qstill-mod/1\""},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        qsti_tensors *file = NULL;
        const char *path = support_path("format");
        assert_ok(ctx, qsti_tensors_write(ctx, path, rows[r].written, tensors, N_TENSORS, NULL, 0));
        qst_status status = qsti_tensors_read(ctx, path, rows[r].expected, &file);
        assert_int_equal(status, rows[r].message ? QST_ERR_DAMAGED : QST_OK);
        if (rows[r].message) {
            assert_message(ctx, rows[r].message);
        }
        qsti_tensors_free(ctx, file);
    }
    qsti_tensors *file = NULL;
    const char *newer = write_signed("{\"__metadata__\":{\"format\":\"qstill-test/3\",\"blake3\":\"00\"}}", 0);
    assert_status(ctx, qsti_tensors_read(ctx, newer, FORMAT, &file), QST_ERR_DAMAGED);
    assert_message(ctx, "written by a newer release");
    assert_status(ctx, qsti_tensors_read(ctx, support_path("missing"), FORMAT, &file), QST_ERR_SYSTEM);
}

static void what_cannot_be_written_is_refused(void **state)
{
    (void)state;
    const char *path = support_path("refused");
    const qsti_tensor bad[] = {{"Name", QSTI_U8, 1, {1}, split},
                               {"", QSTI_U8, 1, {1}, split},
                               {"a b", QSTI_U8, 0, {0}, split},
                               {"a", QSTI_U8, 5, {1}, split},
                               {"a", QSTI_F64, 2, {SIZE_MAX / 4, 1}, split}};
    for (size_t b = 0; b < sizeof bad / sizeof bad[0]; b++) {
        assert_status(ctx, qsti_tensors_write(ctx, path, FORMAT, &bad[b], 1, NULL, 0), QST_ERR_INTERNAL);
    }
    const qsti_tensor twins[] = {tensors[0], tensors[0]};
    assert_status(ctx, qsti_tensors_write(ctx, path, FORMAT, twins, 2, NULL, 0), QST_ERR_INTERNAL);
    const qsti_tensor huge[] = {{"a", QSTI_U8, 1, {SIZE_MAX - 1}, split}, {"b", QSTI_U8, 1, {SIZE_MAX - 1}, split}};
    assert_status(ctx, qsti_tensors_write(ctx, path, FORMAT, huge, 2, NULL, 0), QST_ERR_INTERNAL);
    const qsti_meta bad_metas[][2] = {{{"format", "x"}, {"y", "z"}},
                                      {{"sha256", "x"}, {"y", "z"}},
                                      {{"y", "x"}, {"y", "z"}},
                                      {{"y", "x"}, {"z", "\xff"}}};
    for (size_t b = 0; b < sizeof bad_metas / sizeof bad_metas[0]; b++) {
        assert_status(ctx, qsti_tensors_write(ctx, path, FORMAT, NULL, 0, bad_metas[b], 2), QST_ERR_INTERNAL);
    }
    char *long_value = malloc(QSTI_TENSORS_MAX_HEADER_BYTES + 1);
    assert_non_null(long_value);
    memset(long_value, 'a', QSTI_TENSORS_MAX_HEADER_BYTES);
    long_value[QSTI_TENSORS_MAX_HEADER_BYTES] = '\0';
    const qsti_meta long_meta = {"long", long_value};
    assert_status(ctx, qsti_tensors_write(ctx, path, FORMAT, NULL, 0, &long_meta, 1), QST_ERR_LIMIT);
    free(long_value);
    qsti_tensors *file = NULL;
    assert_status(ctx, qsti_tensors_read(ctx, path, FORMAT, &file), QST_ERR_SYSTEM);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static qst_status write_and_read(qst_ctx *failing, void *arg)
{
    (void)arg;
    qst_status status = write_small(failing, support_path("memory"));
    if (status == QST_OK) {
        qsti_tensors *file = NULL;
        status = qsti_tensors_read(failing, support_path("memory"), FORMAT, &file);
        qsti_tensors_free(failing, file);
    }
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    support_fail_each_allocation(write_and_read, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_file_without_arrays_works),
        cmocka_unit_test(bytes_are_fixed),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(every_other_length_is_refused),
        cmocka_unit_test(layouts_against_the_rules_are_refused),
        cmocka_unit_test(header_lengths_are_checked),
        cmocka_unit_test(formats_are_told_apart),
        cmocka_unit_test(what_cannot_be_written_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, create_ctx, free_ctx);
}

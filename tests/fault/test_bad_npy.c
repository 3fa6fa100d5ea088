/* test_bad_npy.c: every NPY row of the list of bad inputs, with its whole message. */
#include "data/npy.h"
#include "fault/bad_file.h"

#define IN QST_ERR_INPUT
#define NO QST_ERR_UNSUPPORTED

typedef struct bad_npy {
    long row;
    const char *start; /* "\x93NUMPY" and version */
    size_t n_start;
    long long said_length; /* of the header; -1: the real one */
    const char *header;    /* padded to 118 bytes and a newline */
    size_t n_values;       /* 8 bytes each */
    qst_status status;
    const char *message;
} bad_npy;

#define V1 "\x93NUMPY\x01\x00", 8, -1
#define V2 "\x93NUMPY\x02\x00", 8

#define DESCR(descr) "{'descr': " descr ", 'fortran_order': False, 'shape': (2, 2), }"
#define SHAPE(shape) "{'descr': '<f8', 'fortran_order': False, 'shape': " shape ", }"

static const bad_npy bad[] = {
    {33, "\x93NUMPX\x01\x00", 8, -1, SHAPE("(2, 2)"), 4, IN, "t.npy: byte 0: this is no .npy file"},
    {33, "\x93NUMPY\x09\x09", 8, -1, SHAPE("(2, 2)"), 4, IN, "t.npy: byte 6: version 9.9: 1.0, 2.0 and 3.0 are known"},
    {33, "\x93NUMPY\x01\x01", 8, -1, SHAPE("(2, 2)"), 4, IN, "t.npy: byte 6: version 1.1: 1.0, 2.0 and 3.0 are known"},
    {34, V2, 4294967295LL, SHAPE("(2, 2)"), 0, IN,
     "t.npy: byte 8: a header of 4294967295 bytes: 1 to 65536 are allowed"},
    {34, V2, 0, SHAPE("(2, 2)"), 0, IN, "t.npy: byte 8: a header of 0 bytes: 1 to 65536 are allowed"},
    {34, V2, 60000, SHAPE("(2, 2)"), 0, IN, "t.npy: byte 130: the file ends within the header"},
    {35, V1, SHAPE("(65536, 65536)"), 0, IN,
     "t.npy: byte 128: 65536 rows of 65536 values need 34359738368 bytes, 0 are there"},
    {36, V1, SHAPE("(4294967296, 4294967296, 2)"), 0, IN, "t.npy: the shape has more values than can be counted"},
    {36, V1, SHAPE("(2305843009213693952,)"), 0, IN, "t.npy: the shape has more values than can be counted"},
    {36, V1, SHAPE("(18446744073709551616,)"), 0, IN,
     "t.npy: byte 80: header: expected a dimension from 0 to 2^64 - 1"},
    {36, V1, SHAPE("(-1, 2)"), 0, IN, "t.npy: byte 61: header: expected a dimension from 0 to 2^64 - 1"},
    {37, V1, DESCR("'|O'"), 4, NO,
     "t.npy: an array of Python objects, which only pickle can read (|O): save it with numpy.save(path, "
     "array.astype(\"float64\"))"},
    {37, V1, DESCR("'<U8'"), 4, NO,
     "t.npy: an array of text (<U8): save it with whole numbers for the classes, or as CSV"},
    {37, V1, DESCR("'|S8'"), 4, NO,
     "t.npy: an array of text (|S8): save it with whole numbers for the classes, or as CSV"},
    {37, V1, DESCR("'<c16'"), 4, NO,
     "t.npy: an array of complex numbers (<c16): save it with real and imaginary part as columns"},
    {37, V1, DESCR("[('a', '<f8'), ('b', '<i4')]"), 4, NO,
     "t.npy: an array of records (a list of fields): save it with ..."},
    {37, V1, DESCR("'|V8'"), 4, NO, "t.npy: an array of records (|V8): save it with ..."},
    {37, V1, DESCR("'<M8[ns]'"), 4, NO, "t.npy: an array of times (<M8[ns]): save it with ..."},
    {37, V1, DESCR("'<f16'"), 4, NO, "t.npy: an array of extended precision (<f16): save it with ..."},
    {37, V1, DESCR("'<f3'"), 4, IN, "t.npy: byte 20: header: expected a type such as '<f8'"},
    {37, V1, DESCR("'<f88'"), 4, IN, "t.npy: byte 20: header: expected a type such as '<f8'"},
    {37, V1, DESCR("'f8'"), 4, IN, "t.npy: byte 20: header: expected a type such as '<f8'"},
    {37, V1, DESCR("''"), 4, IN, "t.npy: byte 20: header: expected a type such as '<f8'"},
    {37, V1, DESCR("'<x8'"), 4, IN, "t.npy: byte 20: header: expected a type such as '<f8'"},
    {37, V1, DESCR("'<f8abcdefghijklmnop'"), 4, IN, "t.npy: byte 20: header: expected a type such as '<f8'"},
    {39, V1, "{'descr': __import__('os').system('true')}", 4, IN,
     "t.npy: byte 20: header: expected a type such as '<f8'"},
    {39, V1, "__import__('os')", 4, IN, "t.npy: byte 10: header: expected '{'"},
    {39, V1, "{'descr': '<f8', 'fortran_order': False, 'shape': (1 + 1, 2), }", 4, IN,
     "t.npy: byte 63: header: expected a comma behind the dimension"},
    {39, V1, "{'descr': '<f8', 'fortran_order': 0, 'shape': (2, 2), }", 4, IN,
     "t.npy: byte 44: header: expected True or False"},
    {39, V1, "{'descr': '<f8', 'shape': (2, 2), }", 4, IN,
     "t.npy: byte 45: header: expected all of the keys 'descr', 'fortran_order', 'shape'"},
    {39, V1, "{'descr': '<f8', 'descr': '<f8', }", 4, IN,
     "t.npy: byte 27: header: expected each of the keys 'descr', 'fortran_order', 'shape' once, and no other"},
    {39, V1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), 'x': 1}", 4, IN,
     "t.npy: byte 68: header: expected each of the keys 'descr', 'fortran_order', 'shape' once, and no other"},
    {39, V1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2)} x", 4, IN,
     "t.npy: byte 68: header: expected nothing but spaces and one newline up to the end of the header"},
    {39, V1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2)", 4, IN,
     "t.npy: byte 127: header: expected ',' or '}'"},
    {39, V1, "{'descr': '<f8, 'fortran_order': False, 'shape': (2, 2), }", 4, IN,
     "t.npy: byte 20: header: expected..."},
    {39, V1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2), }", 4, IN,
     "t.npy: byte 62: header: expected a comma behind the dimension"},
    {40, V1, SHAPE("()"), 1, IN, "t.npy: shape (): a single number, not an array"},
    {40, V1, SHAPE("(0, 4)"), 0, IN, "t.npy: dimension 0 of the shape is 0: there are no values"},
    {40, V1, SHAPE("(4, 0)"), 0, IN, "t.npy: dimension 1 of the shape is 0: there are no values"},
    {40, V1, SHAPE("(1, 1, 1, 1, 1, 1, 1, 1, 1)"), 1, NO, "t.npy: more than 8 dimensions"},
    {41, V1, SHAPE("(2, 2)"), 3, IN, "t.npy: byte 128: 2 rows of 2 values need 32 bytes, 24 are there"},
    {42, V1, SHAPE("(2, 2)"), 5, IN, "t.npy: byte 128: 2 rows of 2 values need 32 bytes, 40 are there"},
};

/* Makes the file in `out` and returns its length. */
static size_t make(const bad_npy *npy, char *out, bool newline)
{
    size_t at = npy->n_start, n_length = npy->start[6] == 2 ? 4 : 2, n_header = 118;
    size_t said = npy->said_length < 0 ? n_header : (size_t)npy->said_length;
    memcpy(out, npy->start, at);
    for (size_t i = 0; i < n_length; i++) {
        out[at++] = (char)(said >> (8 * i));
    }
    memset(out + at, ' ', n_header);
    memcpy(out + at, npy->header, strlen(npy->header));
    at += n_header;
    out[at - 1] = newline ? '\n' : ' ';
    for (size_t i = 0; i < npy->n_values; i++, at += 8) {
        memset(out + at, 0, 8);
    }
    return at;
}

static bool is_refused(long row, const char *bytes, size_t n, qst_status status, const char *message)
{
    return bad_file_is_refused(&(bad_file){row, "t.npy", bytes, n, status, message, "-", NULL});
}

static void test_table(void **state)
{
    (void)state;
    size_t n_wrong = 0;
    char bytes[1000];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        size_t n = make(&bad[i], bytes, true);
        n_wrong += !is_refused(bad[i].row, bytes, n, bad[i].status, bad[i].message);
    }
    assert_int_equal(n_wrong, 0);
}

static void test_no_newline(void **state)
{
    (void)state;
    char bytes[1000];
    bad_npy npy = {39, V1, SHAPE("(2, 2)"), 4, IN, NULL};
    size_t n = make(&npy, bytes, false);
    assert_true(
        is_refused(39, bytes, n, IN,
                   "t.npy: byte 128: header: expected nothing but spaces and one newline up to the end of the header"));
}

/* Every prefix of a good file. */
static void test_truncated(void **state)
{
    (void)state;
    char bytes[1000];
    bad_npy npy = {41, V1, SHAPE("(2, 2)"), 4, IN, NULL};
    size_t n = make(&npy, bytes, true);
    qst_ctx *ctx = support_ctx(1);
    for (size_t length = 0; length < n; length++) {
        qst_matrix array = {NULL, 0, 0};
        assert_status(ctx, qst_array_read(ctx, support_write("t.npy", bytes, length), &array), IN);
    }
    qst_matrix array = {NULL, 0, 0};
    assert_ok(ctx, qst_array_read(ctx, support_write("t.npy", bytes, n), &array));
    qst_array_free(ctx, &array);
    qst_ctx_free(ctx);
}

/* Not finite, not exact, not boolean: the place is in the message. */
static void test_values(void **state)
{
    (void)state;
    static const struct {
        int row;
        const char *descr;
        size_t n_bytes;
        uint64_t bits; /* of the value in row 1, column 0 */
        const char *message;
    } cases[] = {
        {43, "<f8", 8, 0x7ff8000000000000, "is NaN"},
        {43, "<f8", 8, 0x7ff0000000000001, "is NaN"},
        {43, "<f8", 8, 0xfff0000000000000, "is infinite"},
        {43, "<f4", 4, 0x7f800000, "is infinite"},
        {43, "<f4", 4, 0xffc00000, "is NaN"},
        {43, "<f2", 2, 0x7c00, "is infinite"},
        {43, "<f2", 2, 0x7e01, "is NaN"},
        {0, "<i8", 8, 0x0020000000000001,
         "is a whole number beyond 2^53, which double precision does not hold exactly"},
        {0, "<i8", 8, 0x8000000000000000,
         "is a whole number beyond 2^53, which double precision does not hold exactly"},
        {0, "<u8", 8, 0xffffffffffffffff,
         "is a whole number beyond 2^53, which double precision does not hold exactly"},
        {0, "|b1", 1, 2, "is a boolean that is neither 0 nor 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char bytes[300], header[120], message[200];
        snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (2, 2), }", cases[i].descr);
        bad_npy npy = {cases[i].row, V1, header, 0, IN, NULL};
        size_t n = make(&npy, bytes, true);
        memset(bytes + n, 0, 4 * cases[i].n_bytes);
        memcpy(bytes + n + 2 * cases[i].n_bytes, &cases[i].bits, cases[i].n_bytes);
        snprintf(message, sizeof message, "t.npy: the value in row 1, column 0 (from 0) %s", cases[i].message);
        assert_true(is_refused(cases[i].row, bytes, n + 4 * cases[i].n_bytes, IN, message));
    }
}

/* Half precision, all of its 63,488 finite values, against the definition. */
static void test_half(void **state)
{
    (void)state;
    for (uint32_t bits = 0; bits < 65536; bits++) {
        const unsigned char bytes[2] = {(unsigned char)bits, (unsigned char)(bits >> 8)};
        int exponent = (int)(bits >> 10 & 31);
        double fraction = (double)(bits & 1023) / 1024, value;
        double expected = exponent ? ldexp(1 + fraction, exponent - 15) : ldexp(fraction, -14);
        qst_ctx *ctx = bits ? NULL : support_ctx(1);
        static qst_ctx *shared;
        shared = ctx ? ctx : shared;
        qsti_stream *stream = NULL;
        qsti_number_problem problem;
        size_t n_fine = 0;
        assert_ok(shared, qsti_stream_open_bytes(shared, "half", bytes, 2, &stream));
        assert_ok(shared, qsti_numbers_read(stream, (qsti_number_format){QSTI_NUMBER_FLOAT, 2, false}, 1, &value,
                                            &n_fine, &problem));
        assert_int_equal(n_fine, exponent == 31 ? 0 : 1);
        assert_true(exponent == 31 || value == (bits >> 15 ? -expected : expected));
        qsti_stream_close(stream);
        if (bits == 65535) {
            qst_ctx_free(shared);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),  cmocka_unit_test(test_no_newline), cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_values), cmocka_unit_test(test_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

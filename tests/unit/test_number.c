/* test_number.c: numbers to and from text, against glibc's strtod in the C locale. */
#include "support/support.h"

#include "base/rng.h"
#include "base/text.h"

static bool parse(const char *text, double *out)
{
    return qsti_parse_double(text, strlen(text), out);
}

static bool same_bits(double a, double b)
{
    uint64_t a_bits, b_bits;
    memcpy(&a_bits, &a, sizeof a);
    memcpy(&b_bits, &b, sizeof b);
    return a_bits == b_bits;
}

static double random_double(qsti_rng *rng)
{
    double value;
    do {
        uint64_t bits = qsti_rng_u64(rng);
        memcpy(&value, &bits, sizeof value);
    } while (!isfinite(value));
    return value;
}

static void assert_as_strtod(const char *text)
{
    double value = 123;
    double expected = strtod(text, NULL);
    bool parsed = parse(text, &value);
    if (parsed != isfinite(expected) || (parsed && !same_bits(value, expected))) {
        print_error("\"%s\" gives %d %.17g, expected %.17g\n", text, parsed, value, expected);
        fail();
    }
}

static void decimals_are_read(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "+1",
        "1.",
        ".5",
        "-.5e1",
        "1e3",
        "1E+3",
        "1e-3",
        "00012.500",
        "9007199254740993",
        "9007199254740992.5",
        "1e22",
        "1e23",
        "123456789012345e22",
        "123456789012345e-22",
        "1e-400",
        "-1e-400",
        "4.9e-324",
        "2.47e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "0e999999999999999999999",
        "0.0000000000000000000000000000000000000000000000001e49",
        "1e-99999999999999999999",
    };
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
        assert_as_strtod(texts[t]);
    }
    double value;
    assert_true(parse("-0", &value) && signbit(value));
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "+",
        "-",
        ".",
        "e5",
        "1e",
        "1e+",
        "1e5.0",
        "--1",
        "+-1",
        " 1",
        "1 ",
        "1,5",
        "0x10",
        "1_000",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "infinity",
        "1d5",
        "1.2.3",
        "1f",
        "1e999",
        "-1e999",
        "1e309",
        "1.8e308",
        "\xef\xbc\x91",
        "1e99999999999999999999",
        "0x1p3",
        "1e5e5",
        "١",
        "1\t",
        "\n1",
    };
    double value = 42;
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
        if (parse(texts[t], &value)) {
            print_error("\"%s\" was read as %g\n", texts[t], value);
            fail();
        }
    }
    assert_close(value, 42, 0);
    assert_false(qsti_parse_double("1\0002", 3, &value));
    assert_true(qsti_parse_double("12345", 2, &value));
    assert_close(value, 12, 0);
}

static void random_decimals_are_read_exactly(void **state)
{
    (void)state;
    qsti_rng rng = qsti_rng_init(1, QSTI_PURPOSE_TEST, 0, 0);
    char text[128];
    for (int i = 0; i < 200000; i++) {
        int n_digits = 1 + (int)qsti_rng_below(&rng, 25);
        int n_whole = (int)qsti_rng_below(&rng, (uint64_t)n_digits + 1);
        int length = 0;
        for (int d = 0; d < n_digits; d++) {
            if (d == n_whole) {
                text[length++] = '.';
            }
            text[length++] = (char)('0' + qsti_rng_below(&rng, 10));
        }
        int exponent = (int)qsti_rng_below(&rng, i % 2 ? 60 : 700) - (i % 2 ? 30 : 350);
        snprintf(text + length, sizeof text - (size_t)length, "e%d", exponent);
        assert_as_strtod(text);
    }
}

/* Exactly between two doubles, and a hair above and below it, with up to 1,100 digits. */
static void long_decimals_are_read_exactly(void **state)
{
    (void)state;
    qsti_rng rng = qsti_rng_init(2, QSTI_PURPOSE_TEST, 0, 0);
    static char text[4000];
    for (int i = 0; i < 2000; i++) {
        double low = fabs(random_double(&rng));
        long double middle = ((long double)low + (long double)nextafter(low, INFINITY)) / 2;
        int length = snprintf(text, sizeof text, "%.*Le", 1100, middle);
        char *exponent = strchr(text, 'e');
        assert_non_null(exponent);
        assert_true(length > 1100);
        assert_as_strtod(text);
        exponent[-1] = '1';
        assert_as_strtod(text);
    }
    memset(text, '0', 3000);
    text[1] = '.';
    memcpy(text + 3000, "1e2999", 7);
    assert_as_strtod(text);
    memset(text, '9', 3000);
    memcpy(text + 3000, "e-2900", 7);
    assert_as_strtod(text);
}

static void integers_are_read(void **state)
{
    (void)state;
    int64_t i = 0;
    uint64_t u = 0;
    assert_true(qsti_parse_i64("9223372036854775807", 19, &i) && i == INT64_MAX);
    assert_true(qsti_parse_i64("-9223372036854775808", 20, &i) && i == INT64_MIN);
    assert_true(qsti_parse_i64("+7", 2, &i) && i == 7);
    assert_true(qsti_parse_i64("-0", 2, &i) && i == 0);
    assert_true(qsti_parse_u64("18446744073709551615", 20, &u) && u == UINT64_MAX);
    i = 42;
    u = 42;
    static const char *const texts[] = {"9223372036854775808",
                                        "-9223372036854775809",
                                        "",
                                        "-",
                                        "+",
                                        "--1",
                                        "-+1",
                                        "1.0",
                                        "1e3",
                                        " 1",
                                        "1 ",
                                        "0x1",
                                        "1_0",
                                        "99999999999999999999999"};
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
        assert_false(qsti_parse_i64(texts[t], strlen(texts[t]), &i));
    }
    static const char *const unsigned_texts[] = {"18446744073709551616", "-1", "-0", "", "+", "1.0", "a"};
    for (size_t t = 0; t < sizeof unsigned_texts / sizeof unsigned_texts[0]; t++) {
        assert_false(qsti_parse_u64(unsigned_texts[t], strlen(unsigned_texts[t]), &u));
    }
    assert_int_equal(i, 42);
    assert_int_equal(u, 42);
}

static void doubles_are_written_short(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {-2.5, "-2.5"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {1e15, "1e+15"},
        {123456, "123456"},
        {1e100, "1e+100"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {NAN, "nan"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
    };
    char text[32];
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        qsti_format_double(rows[r].value, text);
        assert_string_equal(text, rows[r].text);
    }
}

static void doubles_read_back_exactly(void **state)
{
    (void)state;
    qsti_rng rng = qsti_rng_init(3, QSTI_PURPOSE_TEST, 0, 0);
    for (int i = 0; i < 100000; i++) {
        double value = i % 3 == 0   ? random_double(&rng)
                       : i % 3 == 1 ? qsti_rng_normal(&rng)
                                    : ldexp(1, i % 2098 - 1074);
        char text[32];
        double back;
        qsti_format_double(value, text);
        assert_true(strlen(text) < 32);
        assert_true(parse(text, &back));
        assert_true(same_bits(back, value));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_are_read),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(random_decimals_are_read_exactly),
        cmocka_unit_test(long_decimals_are_read_exactly),
        cmocka_unit_test(integers_are_read),
        cmocka_unit_test(doubles_are_written_short),
        cmocka_unit_test(doubles_read_back_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

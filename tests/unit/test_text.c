/* test_text.c: the growing string, UTF-8, and the nearest name. Numbers are in test_number.c. */
#include "support/support.h"

#include <locale.h>

#include "base/text.h"

static void text_grows(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qsti_text text;
    qsti_text_init(&text, ctx);
    assert_string_equal(text.bytes, "");
    char expected[4000] = "";
    for (int i = 0; i < 500; i++) {
        qsti_text_add(&text, "%d,", i);
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%d,", i);
        assert_int_equal(strlen(text.bytes), text.length);
    }
    assert_int_equal(text.status, QST_OK);
    assert_string_equal(text.bytes, expected);
    qsti_text_add_bytes(&text, "a\0b", 3);
    assert_memory_equal(text.bytes + text.length - 3, "a\0b", 4);
    qsti_text_add_bytes(&text, NULL, 0);
    qsti_text_clear(&text);
    assert_int_equal(text.length, 0);
    qsti_text_clear(&text);
    qst_ctx_free(ctx);
}

/* Lengths around the capacity: the last byte is the NUL. */
static void fields_are_empty_where_nothing_applies(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qsti_text text;
    qsti_text_init(&text, ctx);
    qsti_text_add(&text, "a");
    qsti_text_add_field(&text, 0.1);
    qsti_text_add_field(&text, NAN);
    qsti_text_add_field(&text, -INFINITY);
    assert_string_equal(text.bytes, "a,0.1,,");
    qsti_text_clear(&text);
    qst_ctx_free(ctx);
}

static void every_length_fits(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    for (int length = 0; length < 300; length++) {
        qsti_text text;
        qsti_text_init(&text, ctx);
        qsti_text_add(&text, "%*s", length, "");
        assert_int_equal(text.length, length);
        qsti_text_add_bytes(&text, "xyz", 3);
        assert_string_equal(text.bytes + length, "xyz");
        qsti_text_clear(&text);
    }
    qst_ctx_free(ctx);
}

static void a_failed_append_is_remembered(void **state)
{
    (void)state;
    support_memory memory = {.n_live = 0};
    qst_ctx *ctx = support_memory_ctx(&memory);
    qsti_text text;
    qsti_text_init(&text, ctx);
    qsti_text_add(&text, "kept");
    memory.fail_at = memory.n_calls + 1;
    qsti_text_add(&text, "%1000s", "lost");
    assert_int_equal(text.status, QST_ERR_MEMORY);
    qsti_text_add(&text, "ignored");
    qsti_text_add_bytes(&text, "ignored", 7);
    assert_string_equal(text.bytes, "kept");
    assert_int_equal(text.length, 4);
    qsti_text_clear(&text);
    qst_ctx_free(ctx);
    assert_int_equal(memory.n_live, 0);
}

static void utf8_is_judged(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t step;
    } rows[] = {
        {"a", 1},
        {"\x7f", 1},
        {"\xc2\x80", 2},
        {"\xdf\xbf", 2},
        {"\xe0\xa0\x80", 3},
        {"\xed\x9f\xbf", 3},
        {"\xee\x80\x80", 3},
        {"\xef\xbf\xbf", 3},
        {"\xf0\x90\x80\x80", 4},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\x80", 0},
        {"\xbf", 0},
        {"\xc0\x80", 0},
        {"\xc1\xbf", 0},
        {"\xc2", 0},
        {"\xc2z", 0},
        {"\xe0\x9f\xbf", 0},
        {"\xed\xa0\x80", 0},
        {"\xe2\x82", 0},
        {"\xe2(\xa1", 0},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xf4\x90\x80\x80", 0},
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
        {"", 0},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        assert_int_equal(qsti_utf8_step(rows[r].bytes, strlen(rows[r].bytes)), rows[r].step);
    }
    assert_true(qsti_utf8_is_valid("\xc2\xb5s", 3));
    assert_false(qsti_utf8_is_valid("\xc2\xb5s", 1));
    assert_false(qsti_utf8_is_valid("abc\xff", 4));
    assert_true(qsti_utf8_is_valid("", 0));
}

static void the_nearest_name_is_found(void **state)
{
    (void)state;
    static const char *const names[] = {"temperature", "alpha", "learning_rate", "batch", "optimizer", "lr"};
    static const struct {
        const char *word, *nearest;
    } rows[] = {
        {"temprature", "temperature"},
        {"Temperature", "temperature"},
        {"leraning_rate", "learning_rate"},
        {"optimiser", "optimizer"},
        {"bacth", "batch"},
        {"alhpa", "alpha"},
        {"alpha", "alpha"},
        {"quantum", NULL},
        {"", NULL},
        {"x", NULL},
        {"rl", NULL},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        const char *nearest = qsti_nearest(rows[r].word, names, 6);
        if (rows[r].nearest) {
            assert_non_null(nearest);
            assert_string_equal(nearest, rows[r].nearest);
        } else {
            assert_null(nearest);
        }
    }
    static char long_word[200001];
    memset(long_word, 'a', sizeof long_word - 1);
    assert_null(qsti_nearest(long_word, names, 6));
    const char *long_names[] = {long_word};
    assert_null(qsti_nearest("aaa", long_names, 1));
}

/* The points of other countries stay out of files and messages. */
static void the_locale_does_not_matter(void **state)
{
    (void)state;
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ps_AF.UTF-8", "tr_TR.UTF-8"};
    qst_ctx *ctx = support_ctx(1);
    size_t n_tried = 0;
    for (size_t l = 0; l < sizeof locales / sizeof locales[0]; l++) {
        if (setlocale(LC_ALL, locales[l]) == NULL) {
            continue;
        }
        n_tried++;
        qsti_text text;
        qsti_text_init(&text, ctx);
        qsti_text_add(&text, "%g", 0.5);
        assert_string_equal(text.bytes, "0.5");
        qsti_text_clear(&text);
        qsti_fail(ctx, QST_ERR_USAGE, "%g", 0.5);
        assert_string_equal(qst_ctx_message(ctx), "0.5");
        char number[32];
        qsti_format_double(0.1, number);
        assert_string_equal(number, "0.1");
        double value;
        assert_true(qsti_parse_double("0.12345678901234567890", 22, &value));
        assert_close(value, 0.12345678901234567890, 0);
        assert_false(qsti_parse_double("0,5", 3, &value));
    }
    setlocale(LC_ALL, "C");
    qst_ctx_free(ctx);
    if (n_tried == 0) {
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_grows),
        cmocka_unit_test(fields_are_empty_where_nothing_applies),
        cmocka_unit_test(every_length_fits),
        cmocka_unit_test(a_failed_append_is_remembered),
        cmocka_unit_test(utf8_is_judged),
        cmocka_unit_test(the_nearest_name_is_found),
        cmocka_unit_test(the_locale_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

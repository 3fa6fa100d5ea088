/* test_json.c: what JSON is accepted, where errors are reported, and text that reads back exactly. */
#include "support/support.h"

#include "base/json.h"
#include "base/rng.h"

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

static json_t *parse(const char *text)
{
    json_t *json = NULL;
    assert_ok(ctx, qsti_json_parse(ctx, "t.json", text, strlen(text), QST_ERR_INPUT, &json));
    return json;
}

static void assert_text(const json_t *json, const char *expected)
{
    char *text = NULL;
    size_t length = 0;
    assert_ok(ctx, qsti_json_text(ctx, json, &text, &length));
    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(text));
    qsti_free(ctx, text);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void malformed_texts_are_refused_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", "t.json:1:"},
        {"{", "t.json:1:1: not JSON"},
        {"{\"a\": 1,}", "t.json:1:9: not JSON"},
        {"[1,\n 2\n 3]", "t.json:3:2: not JSON: ']' expected"},
        {"{\"a\": 1, \"a\": 2}", "t.json:1:12: not JSON: duplicate object key"},
        {"[NaN]", "not JSON"},
        {"[Infinity]", "not JSON"},
        {"[1e400]", "real number overflow"},
        {"[123456789012345678901234567890]", "too big integer"},
        {"[01]", "not JSON"},
        {"['a']", "not JSON"},
        {"[1] x", "end of file expected"},
        {"[1] // comment", "not JSON"},
        {"\xef\xbb\xbf[1]", "t.json:1:1: JSON may not begin with a byte order mark"},
        {"[\"\\ud800\"]", "not JSON"},
        {"[\"\\u0000\"]", "not JSON"},
        {"[\"\xff\"]", "not JSON"},
        {"[\"a\nb\"]", "not JSON"},
        {"\"scalar\"", "not JSON"},
        {"7", "not JSON"},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        json_t *json = NULL;
        qst_status status = qsti_json_parse(ctx, "t.json", rows[r].text, strlen(rows[r].text), QST_ERR_DAMAGED, &json);
        assert_status(ctx, status, QST_ERR_DAMAGED);
        assert_message(ctx, rows[r].message);
        assert_null(json);
    }
    json_t *json = NULL;
    assert_status(ctx, qsti_json_parse(ctx, "t.json", "[1]\0[", 5, QST_ERR_INPUT, &json), QST_ERR_INPUT);
    assert_message(ctx, "t.json:1:");
}

/* The file may be one that the user did not mean to show. */
static void messages_do_not_quote_the_text(void **state)
{
    (void)state;
    json_t *json = NULL;
    assert_status(ctx, qsti_json_parse(ctx, "t.json", "[secret]", 8, QST_ERR_INPUT, &json), QST_ERR_INPUT);
    assert_null(strstr(qst_ctx_message(ctx), "secret"));
}

static void depth_is_limited(void **state)
{
    (void)state;
    static char text[200002];
    json_t *json = NULL;
    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    assert_ok(ctx, qsti_json_parse(ctx, "t.json", text, 128, QST_ERR_INPUT, &json));
    char *written = NULL;
    size_t length = 0;
    assert_ok(ctx, qsti_json_text(ctx, json, &written, &length));
    qsti_free(ctx, written);
    json_decref(json);
    json = NULL;
    for (size_t depth = 65; depth <= 100000; depth = depth == 65 ? 100000 : depth + 1) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_status(ctx, qsti_json_parse(ctx, "t.json", text, 2 * depth, QST_ERR_INPUT, &json), QST_ERR_INPUT);
        assert_message(ctx, "t.json:1:65: nested deeper than 64 levels");
    }
    /* Brackets in strings, escaped quotes included, are not nesting. */
    memset(text, '[', 1000);
    static const char head[4] = {'[', '"', '\\', '"'};
    memcpy(text, head, sizeof head);
    text[1000] = '"';
    text[1001] = ']';
    assert_ok(ctx, qsti_json_parse(ctx, "t.json", text, 1002, QST_ERR_INPUT, &json));
    json_decref(json);
}

static void size_is_limited(void **state)
{
    (void)state;
    json_t *json = NULL;
    size_t n = QSTI_JSON_MAX_BYTES + 1;
    char *text = malloc(n);
    assert_non_null(text);
    memset(text, ' ', n);
    assert_status(ctx, qsti_json_parse(ctx, "t.json", text, n, QST_ERR_INPUT, &json), QST_ERR_LIMIT);
    size_t n_commas = QSTI_JSON_MAX_VALUES + 1;
    memset(text, ',', n_commas);
    text[0] = '[';
    assert_status(ctx, qsti_json_parse(ctx, "t.json", text, n_commas, QST_ERR_INPUT, &json), QST_ERR_LIMIT);
    assert_message(ctx, "more than 4194304 values");
    free(text);
}

static void files_are_read_and_written(void **state)
{
    (void)state;
    json_t *json = parse("{\"b\": 1, \"a\": [1.0, true, null, \"x\"]}");
    assert_ok(ctx, qsti_json_write(ctx, support_path("a.json"), json));
    json_t *back = NULL;
    assert_ok(ctx, qsti_json_read(ctx, support_path("a.json"), QST_ERR_INPUT, &back));
    assert_true(json_equal(json, back));
    json_decref(back);
    json_decref(json);
    assert_status(ctx, qsti_json_read(ctx, support_path("missing"), QST_ERR_INPUT, &back), QST_ERR_SYSTEM);
    support_write("bad.json", "{]", 2);
    assert_status(ctx, qsti_json_read(ctx, support_path("bad.json"), QST_ERR_DAMAGED, &back), QST_ERR_DAMAGED);
    assert_message(ctx, "bad.json:1:2: ");
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void text_is_canonical(void **state)
{
    (void)state;
    json_t *json =
        parse("{\"z\":1,\"a\":{\"x\":[1,2.0,-0.0,1e300],\"e\":{},\"f\":[]},\"ops\":[{\"gate\":\"cx\",\"qubits\":"
              "[0,1]},{\"gate\":\"rx\",\"angle\":0.1}],\"s\":\"\\u0001\\\"\\\\\\n\\t/\xc2\xb5\",\"t\":[true,"
              "false,null]}");
    const char *expected = "{\n"
                           "  \"z\": 1,\n"
                           "  \"a\": {\n"
                           "    \"x\": [1, 2.0, -0.0, 1e+300],\n"
                           "    \"e\": {},\n"
                           "    \"f\": []\n"
                           "  },\n"
                           "  \"ops\": [{\"gate\": \"cx\", \"qubits\": [0, 1]}, {\"gate\": \"rx\", \"angle\": 0.1}],\n"
                           "  \"s\": \"\\u0001\\\"\\\\\\n\\t/\xc2\xb5\",\n"
                           "  \"t\": [true, false, null]\n"
                           "}\n";
    assert_text(json, expected);
    json_t *back = parse(expected);
    assert_true(json_equal(json, back));
    json_decref(json);
    json_decref(back);
}

static void lines_are_filled_and_not_overfull(void **state)
{
    (void)state;
    for (size_t n = 20; n < 60; n++) {
        char name[] = "numbersnumbers";
        name[n % 14 + 1] = '\0';
        json_t *root = json_object(), *numbers = json_array(), *objects = json_array();
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(json_array_append_new(numbers, json_integer((json_int_t)(i * i % 97))), 0);
            json_t *object = json_object();
            assert_int_equal(json_object_set_new(object, "weights", json_deep_copy(numbers)), 0);
            assert_int_equal(json_array_append_new(objects, object), 0);
        }
        assert_int_equal(json_object_set_new(root, name, numbers), 0);
        assert_int_equal(json_object_set_new(root, "objects", objects), 0);
        char *text = NULL;
        size_t length = 0, longest = 0;
        assert_ok(ctx, qsti_json_text(ctx, root, &text, &length));
        for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
            size_t columns = strcspn(line, "\n");
            assert_true(columns == 0 || line[columns - 1] != ' ');
            longest = columns > longest ? columns : longest;
        }
        assert_true(longest <= 120);
        assert_true(n < 40 || longest >= 110);
        json_t *back = parse(text);
        assert_true(json_equal(back, root));
        assert_text(back, text);
        qsti_free(ctx, text);
        json_decref(back);
        json_decref(root);
    }
}

/* Lists one column longer each: the last that stays on its line leaves room for just the comma. */
static void a_line_may_be_full(void **state)
{
    (void)state;
    size_t longest = 0;
    for (size_t n_digits = 1; n_digits <= 30; n_digits++) {
        char text[200], digits[32];
        memset(digits, '7', n_digits);
        digits[n_digits] = '\0';
        snprintf(text, sizeof text, "{\n  \"key\": [\"%080d\", \"%s\"],\n  \"end\": 1\n}\n", 0, digits);
        json_t *json = parse(text);
        char *written = NULL;
        size_t written_length = 0;
        assert_ok(ctx, qsti_json_text(ctx, json, &written, &written_length));
        size_t columns = strcspn(strchr(text, '\n') + 1, "\n");
        if (columns <= 120) {
            assert_string_equal(written, text);
            longest = columns;
        } else {
            assert_string_not_equal(written, text);
        }
        qsti_free(ctx, written);
        json_decref(json);
    }
    assert_int_equal(longest, 120);
}

static void doubles_read_back_exactly(void **state)
{
    (void)state;
    qsti_rng rng = qsti_rng_init(9, QSTI_PURPOSE_TEST, 0, 0);
    json_t *list = json_array();
    for (int i = 0; i < 20000; i++) {
        double value = i % 2 ? qsti_rng_normal(&rng) : ldexp(qsti_rng_normal(&rng), i / 10 - 1000);
        assert_int_equal(json_array_append_new(list, qsti_json_real(i % 5 ? value : floor(value))), 0);
    }
    char *text = NULL;
    size_t length = 0;
    assert_ok(ctx, qsti_json_text(ctx, list, &text, &length));
    json_t *back = parse(text);
    for (size_t i = 0; i < 20000; i++) {
        assert_true(json_is_real(json_array_get(back, i)));
        assert_close(json_real_value(json_array_get(back, i)), json_real_value(json_array_get(list, i)), 0);
    }
    qsti_free(ctx, text);
    json_decref(back);
    json_decref(list);
}

static void text_nested_too_deep_is_refused(void **state)
{
    (void)state;
    json_t *json = json_integer(1);
    for (int level = 0; level < 65; level++) {
        json_t *list = json_array();
        assert_int_equal(json_array_append_new(list, json), 0);
        json = list;
    }
    char *text = NULL;
    size_t length = 0;
    assert_status(ctx, qsti_json_text(ctx, json, &text, &length), QST_ERR_INTERNAL);
    assert_null(text);
    json_decref(json);
}

/* --- building and access ------------------------------------------------------------------------------------------ */

static void values_are_put_at_paths(void **state)
{
    (void)state;
    json_t *root = json_object();
    assert_true(qsti_json_put(root, "student.accuracy", qsti_json_real(0.9)));
    assert_true(qsti_json_put(root, "student.ci", json_pack("[ff]", 0.8, 1.0)));
    assert_true(qsti_json_put(root, "student.accuracy", qsti_json_real(NAN)));
    assert_true(qsti_json_put(root, "a.b.c", qsti_json_real(-INFINITY)));
    assert_true(qsti_json_put(root, "top", json_integer(1)));
    assert_false(qsti_json_put(root, "top.below", json_integer(1)));
    assert_false(qsti_json_put(root, "x", NULL));
    assert_false(qsti_json_put(root, "", json_integer(1)));
    assert_false(qsti_json_put(root, "y.", json_integer(1)));
    assert_false(qsti_json_put(root, ".y", json_integer(1)));
    assert_false(qsti_json_put(NULL, "y", json_integer(1)));
    json_object_del(root, "y");
    assert_text(root, "{\n"
                      "  \"student\": {\n"
                      "    \"accuracy\": null,\n"
                      "    \"ci\": [0.8, 1.0]\n"
                      "  },\n"
                      "  \"a\": {\n"
                      "    \"b\": {\n"
                      "      \"c\": null\n"
                      "    }\n"
                      "  },\n"
                      "  \"top\": 1\n"
                      "}\n");
    json_decref(root);
}

static void access_is_typed(void **state)
{
    (void)state;
    json_t *json = parse("{\"s\": \"text\", \"i\": 7, \"r\": 0.5, \"a\": [1], \"o\": {\"x\": 1}, \"n\": null}");
    const char *text = NULL;
    int64_t integer = 0;
    double real = 0;
    json_t *inner = NULL;
    assert_ok(ctx, qsti_json_get_string(ctx, "f", json, "s", &text));
    assert_string_equal(text, "text");
    assert_ok(ctx, qsti_json_get_i64(ctx, "f", json, "i", 7, 7, &integer));
    assert_int_equal(integer, 7);
    assert_ok(ctx, qsti_json_get_double(ctx, "f", json, "r", &real));
    assert_close(real, 0.5, 0);
    assert_ok(ctx, qsti_json_get_double(ctx, "f", json, "i", &real));
    assert_close(real, 7, 0);
    assert_ok(ctx, qsti_json_get_array(ctx, "f", json, "a", &inner));
    assert_int_equal(json_array_size(inner), 1);
    assert_ok(ctx, qsti_json_get_object(ctx, "f", json, "o", &inner));

    assert_status(ctx, qsti_json_get_string(ctx, "f", json, "i", &text), QST_ERR_INPUT);
    assert_string_equal(qst_ctx_message(ctx), "f: i: expected a string, found an integer");
    assert_status(ctx, qsti_json_get_string(ctx, "f", json, "missing", &text), QST_ERR_INPUT);
    assert_string_equal(qst_ctx_message(ctx), "f: missing: missing, expected a string");
    assert_status(ctx, qsti_json_get_i64(ctx, "f", json, "i", 0, 6, &integer), QST_ERR_INPUT);
    assert_string_equal(qst_ctx_message(ctx), "f: i: 7 is not in 0..6");
    assert_status(ctx, qsti_json_get_i64(ctx, "f", json, "i", 8, 9, &integer), QST_ERR_INPUT);
    assert_status(ctx, qsti_json_get_i64(ctx, "f", json, "r", 0, 6, &integer), QST_ERR_INPUT);
    assert_string_equal(qst_ctx_message(ctx), "f: r: expected an integer, found a real number");
    assert_status(ctx, qsti_json_get_double(ctx, "f", json, "n", &real), QST_ERR_INPUT);
    assert_string_equal(qst_ctx_message(ctx), "f: n: expected a number, found null");
    assert_status(ctx, qsti_json_get_array(ctx, "f", json, "o", &inner), QST_ERR_INPUT);
    assert_status(ctx, qsti_json_get_object(ctx, "f", json, "a", &inner), QST_ERR_INPUT);
    assert_string_equal(qst_ctx_message(ctx), "f: a: expected an object, found an array");
    json_decref(json);
}

static qst_status write_text(qst_ctx *failing, void *arg)
{
    char *text = NULL;
    size_t length = 0;
    qst_status status = qsti_json_text(failing, arg, &text, &length);
    qsti_free(failing, text);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    json_t *json = json_array();
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(json_array_append_new(json, i % 100 ? json_integer(i) : json_pack("{s[i]}", "key", i)), 0);
    }
    support_fail_each_allocation(write_text, json);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_texts_are_refused_with_their_place),
        cmocka_unit_test(messages_do_not_quote_the_text),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(size_is_limited),
        cmocka_unit_test(files_are_read_and_written),
        cmocka_unit_test(text_is_canonical),
        cmocka_unit_test(lines_are_filled_and_not_overfull),
        cmocka_unit_test(a_line_may_be_full),
        cmocka_unit_test(doubles_read_back_exactly),
        cmocka_unit_test(text_nested_too_deep_is_refused),
        cmocka_unit_test(values_are_put_at_paths),
        cmocka_unit_test(access_is_typed),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, create_ctx, free_ctx);
}

/* test_yaml.c: trees with their places, what is refused and where, setting by path, and text that reads back. */
#include "support/support.h"

#include "base/yaml.h"

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

static qsti_yaml *parse(const char *name, const char *text)
{
    qsti_yaml *root = NULL;
    assert_ok(ctx, qsti_yaml_parse(ctx, name, text, strlen(text), QST_ERR_USAGE, &root));
    return root;
}

static void assert_place(qsti_place place, const char *file, size_t line, size_t column)
{
    assert_string_equal(place.file, file);
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void assert_same_tree(const qsti_yaml *a, const qsti_yaml *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->quoted, b->quoted);
    assert_int_equal(a->n_children, b->n_children);
    assert_int_equal(a->key == NULL, b->key == NULL);
    assert_int_equal(a->scalar == NULL, b->scalar == NULL);
    if (a->key) {
        assert_string_equal(a->key, b->key);
    }
    if (a->scalar) {
        assert_string_equal(a->scalar, b->scalar);
    }
    for (size_t c = 0; c < a->n_children; c++) {
        assert_same_tree(&a->children[c], &b->children[c]);
    }
}

static void assert_text(const qsti_yaml *root, const char *expected)
{
    qsti_text text;
    qsti_text_init(&text, ctx);
    assert_ok(ctx, qsti_yaml_write(ctx, root, &text));
    assert_string_equal(text.bytes, expected);
    qsti_text_clear(&text);
}

static const char recipe[] = "# a recipe\n"
                             "name: digits-8q-to-4q\n"
                             "seed: 1                # seeds\n"
                             "data:\n"
                             "  source: digits\n"
                             "  classes: [3, '5']\n"
                             "  preprocess: [{pca: 8}, standardize, {scale: 0.3}]\n"
                             "teacher: {model: circuit,\n"
                             "          outputs: [z, zz]}\n"
                             "nothing:\n"
                             "tilde: ~\n"
                             "word: \"null\"\n"
                             "text: |\n"
                             "  two\n"
                             "  lines\n"
                             "settings:\n"
                             "  - {name: all-labels}\n"
                             "  - name: few\n"
                             "    set: {distill.label_fraction: 0.1}\n";

/* --- parsing ------------------------------------------------------------------------------------------------------ */

static void a_recipe_becomes_a_tree(void **state)
{
    (void)state;
    char name[] = "recipe.yaml";
    qsti_yaml *root = NULL;
    assert_ok(ctx, qsti_yaml_parse(ctx, name, recipe, sizeof recipe - 1, QST_ERR_USAGE, &root));
    memset(name, 'x', sizeof name - 1);
    assert_int_equal(root->kind, QSTI_YAML_MAP);
    assert_int_equal(root->n_children, 9);
    assert_null(root->key);
    assert_place(root->place, "recipe.yaml", 2, 1);

    const qsti_yaml *seed = qsti_yaml_child(root, "seed");
    assert_int_equal(seed->kind, QSTI_YAML_SCALAR);
    assert_string_equal(seed->scalar, "1");
    assert_false(seed->quoted);
    assert_place(seed->key_place, "recipe.yaml", 3, 1);
    assert_place(seed->place, "recipe.yaml", 3, 7);

    const qsti_yaml *classes = qsti_yaml_child(qsti_yaml_child(root, "data"), "classes");
    assert_int_equal(classes->kind, QSTI_YAML_LIST);
    assert_int_equal(classes->n_children, 2);
    assert_false(classes->children[0].quoted);
    assert_true(classes->children[1].quoted);
    assert_string_equal(classes->children[1].scalar, "5");
    assert_place(classes->children[1].place, "recipe.yaml", 6, 16);

    const qsti_yaml *steps = qsti_yaml_child(qsti_yaml_child(root, "data"), "preprocess");
    assert_string_equal(qsti_yaml_child(&steps->children[2], "scale")->scalar, "0.3");
    assert_place(qsti_yaml_child(&steps->children[2], "scale")->key_place, "recipe.yaml", 7, 40);
    assert_string_equal(steps->children[1].scalar, "standardize");
    assert_null(qsti_yaml_child(&steps->children[1], "scale"));
    assert_null(qsti_yaml_child(NULL, "scale"));

    assert_place(qsti_yaml_child(qsti_yaml_child(root, "teacher"), "outputs")->place, "recipe.yaml", 9, 20);
    assert_int_equal(qsti_yaml_child(root, "nothing")->kind, QSTI_YAML_NULL);
    assert_int_equal(qsti_yaml_child(root, "tilde")->kind, QSTI_YAML_NULL);
    assert_null(qsti_yaml_child(root, "tilde")->scalar);
    assert_string_equal(qsti_yaml_child(root, "word")->scalar, "null");
    assert_true(qsti_yaml_child(root, "word")->quoted);
    assert_string_equal(qsti_yaml_child(root, "text")->scalar, "two\nlines\n");
    assert_true(qsti_yaml_child(root, "text")->quoted);
    assert_null(qsti_yaml_child(root, "sett"));
    assert_null(qsti_yaml_child(root, "settings2"));
    const qsti_yaml *set = qsti_yaml_child(&qsti_yaml_child(root, "settings")->children[1], "set");
    assert_string_equal(set->children[0].key, "distill.label_fraction");
    qsti_yaml_free(ctx, root);
    qsti_yaml_free(ctx, NULL);
}

static void small_documents_work(void **state)
{
    (void)state;
    static const char *const empty[] = {"", "\n", "# only a comment\n", "---\n", "---\n...\n", "~", "\xef\xbb\xbf"};
    for (size_t e = 0; e < sizeof empty / sizeof empty[0]; e++) {
        qsti_yaml *root = parse("e", empty[e]);
        assert_int_equal(root->kind, QSTI_YAML_NULL);
        assert_string_equal(root->place.file, "e");
        assert_true(root->place.line >= 1 && root->place.column >= 1);
        qsti_yaml_free(ctx, root);
    }
    qsti_yaml *root = parse("--set seed", "[1, 2]");
    assert_int_equal(root->kind, QSTI_YAML_LIST);
    assert_place(root->children[1].place, "--set seed", 1, 5);
    qsti_yaml_free(ctx, root);
    root = parse("s", "0.1");
    assert_string_equal(root->scalar, "0.1");
    qsti_yaml_free(ctx, root);
    root = parse("crlf", "\xef\xbb\xbf"
                         "a: 1\r\n\xc2\xb5\xc2\xb5: 2\r\n");
    assert_place(root->children[1].place, "crlf", 2, 5);
    assert_string_equal(root->children[1].key, "\xc2\xb5\xc2\xb5");
    qsti_yaml_free(ctx, root);
    root = parse("directive", "%YAML 1.1\n---\na: 1\n");
    assert_string_equal(root->children[0].scalar, "1");
    qsti_yaml_free(ctx, root);
}

static void other_yaml_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"a: 1\nb: &x 2\n", "r.yaml:2:4: &x: anchors are not supported"},
        {"a: &x [1]\n", "r.yaml:1:4: &x: anchors are not supported"},
        {"a: &x {b: 1}\n", "r.yaml:1:4: &x: anchors"},
        {"a: *x\n", "r.yaml:1:4: *x: aliases are not supported"},
        {"a: !!int 2\n", "r.yaml:1:4: tag:yaml.org,2002:int: tags are not supported"},
        {"a: ! 2\n", "tags are not supported"},
        {"a: !x {}\n", "r.yaml:1:4: !x: tags are not supported"},
        {"a: 1\n---\nb: 2\n", "r.yaml:2:1: a second document, expected one"},
        {"a: 1\nb: 2\n\na: 3\n", "r.yaml:4:1: a: the key stands in line 1 already"},
        {"x:\n  - {b: 1, a: 1, b: 2, c: 3}\n", "r.yaml:2:18: b: the key stands in line 2 already"},
        {"[1]: 2\n", "r.yaml:1:1: a key that is not a plain word"},
        {"? {a: 1}\n: 2\n", "a key that is not a plain word"},
        {": 2\n", "r.yaml:1:1: not YAML"},
        {"? \n: 2\n", "r.yaml:1:2: an empty key"},
        {"'': 2\n", "r.yaml:1:1: an empty key"},
        {"a: \"x\\0y\"\n", "r.yaml:1:4: a NUL character in a string"},
        {"a: [1, 2\nb: 3\n", "r.yaml:2:"},
        {"a: 'open\n", "not YAML"},
        {"a: 1\n b: 2\n", "r.yaml:2:3: not YAML"},
        {"a:\t1\n\tb: 2\n", "r.yaml:2:1: not YAML"},
        {"a: @x\n", "r.yaml:1:4: not YAML"},
        {"a: 1\n\xc2\xb5\xff\n", "r.yaml:2:2: byte 0xff: not UTF-8 text"},
        {"a: \x01\n", "r.yaml:1:4: not YAML"},
        {"\xff\xfe"
         "a",
         "r.yaml:1:1: byte 0xff: not UTF-8 text"},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        qsti_yaml *root = NULL;
        qst_status status = qsti_yaml_parse(ctx, "r.yaml", rows[r].text, strlen(rows[r].text), QST_ERR_USAGE, &root);
        assert_status(ctx, status, QST_ERR_USAGE);
        assert_message(ctx, rows[r].message);
        assert_null(root);
    }
    qsti_yaml *root = NULL;
    assert_status(ctx, qsti_yaml_parse(ctx, "r", "a: 1\nb\0: 2", 11, QST_ERR_INPUT, &root), QST_ERR_INPUT);
    assert_message(ctx, "r:2:2: a NUL byte: not UTF-8 text");
}

static void nesting_is_limited(void **state)
{
    (void)state;
    static char text[400001];
    qsti_yaml *root = NULL;
    memset(text, '[', 32);
    memset(text + 32, ']', 32);
    assert_ok(ctx, qsti_yaml_parse(ctx, "d", text, 64, QST_ERR_USAGE, &root));
    qsti_text written;
    qsti_text_init(&written, ctx);
    assert_ok(ctx, qsti_yaml_write(ctx, root, &written));
    qsti_yaml *back = parse("w", written.bytes);
    assert_same_tree(back, root);
    qsti_text_clear(&written);
    qsti_yaml_free(ctx, back);
    qsti_yaml_free(ctx, root);
    root = NULL;
    memset(text, '[', 200000);
    memset(text + 200000, ']', 200000);
    assert_status(ctx, qsti_yaml_parse(ctx, "d", text, 400000, QST_ERR_USAGE, &root), QST_ERR_USAGE);
    assert_message(ctx, "d:1:33: nested deeper than 32 levels");
    for (size_t i = 0; i < 200000; i++) {
        text[2 * i] = '-';
        text[2 * i + 1] = ' ';
    }
    assert_status(ctx, qsti_yaml_parse(ctx, "d", text, 400000, QST_ERR_USAGE, &root), QST_ERR_USAGE);
    assert_message(ctx, "d:1:65: nested deeper than 32 levels");
    assert_null(root);
}

static void size_is_limited(void **state)
{
    (void)state;
    qsti_yaml *root = NULL;
    size_t n = QSTI_YAML_MAX_BYTES + 1;
    char *text = malloc(n);
    assert_non_null(text);
    memset(text, '\n', n);
    assert_status(ctx, qsti_yaml_parse(ctx, "s", text, n, QST_ERR_USAGE, &root), QST_ERR_LIMIT);
    static const char item[4] = {'-', ' ', '1', '\n'};
    size_t n_values = QSTI_YAML_MAX_NODES;
    for (size_t i = 0; i < n_values; i++) {
        memcpy(text + 4 * i, item, sizeof item);
    }
    assert_ok(ctx, qsti_yaml_parse(ctx, "s", text, 4 * (n_values - 1), QST_ERR_USAGE, &root));
    qsti_yaml_free(ctx, root);
    root = NULL;
    assert_status(ctx, qsti_yaml_parse(ctx, "s", text, 4 * n_values, QST_ERR_USAGE, &root), QST_ERR_USAGE);
    assert_message(ctx, "s:524288:3: more than 524288 values");
    free(text);
}

/* --- setting ------------------------------------------------------------------------------------------------------ */

static qst_status set(qsti_yaml *root, const char *path, const char *text)
{
    char name[] = "--set";
    qsti_yaml *value = parse(name, text);
    qst_status status = qsti_yaml_set(ctx, root, path, value);
    qsti_yaml_free(ctx, value);
    return status;
}

static void values_are_set_by_path(void **state)
{
    (void)state;
    qsti_yaml *root = parse("r", "a: 1\nb: {c: [1, 2], d: 3}\ne:\n");
    assert_ok(ctx, set(root, "a", "[7, 8]"));
    assert_ok(ctx, set(root, "b.d", "{x: 1}"));
    assert_ok(ctx, set(root, "b.d.y.z", "'2'"));
    assert_ok(ctx, set(root, "b.c", "~"));
    assert_ok(ctx, set(root, "e.f", "new"));
    assert_ok(ctx, set(root, "g.h", "0.1"));
    assert_text(root, "a: [7, 8]\n"
                      "b:\n"
                      "  c: null\n"
                      "  d:\n"
                      "    x: 1\n"
                      "    y:\n"
                      "      z: '2'\n"
                      "e:\n"
                      "  f: new\n"
                      "g:\n"
                      "  h: 0.1\n");
    assert_place(qsti_yaml_child(root, "a")->place, "--set", 1, 1);
    assert_place(qsti_yaml_child(root, "a")->key_place, "--set", 1, 1);
    assert_place(qsti_yaml_child(root, "g")->place, "--set", 1, 1);
    assert_place(qsti_yaml_child(root, "b")->place, "r", 2, 4);
    assert_ok(ctx, qsti_yaml_set(ctx, root, "b", qsti_yaml_child(root, "g")));
    assert_string_equal(qsti_yaml_child(qsti_yaml_child(root, "b"), "h")->scalar, "0.1");
    qsti_yaml_free(ctx, root);

    root = parse("r", "");
    assert_ok(ctx, set(root, "a.b", "1"));
    assert_text(root, "a:\n  b: 1\n");
    qsti_yaml_free(ctx, root);
}

static void paths_that_lead_nowhere_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *path, *message;
    } rows[] = {
        {"a.x", "--set:1:1: a.x: a is a single value, not a map of keys"},
        {"b.c.x", "b.c.x: b.c is a list, not a map of keys"},
        {"", "\"\": a key is empty"},
        {".a", "a key is empty"},
        {"a.", "a key is empty"},
        {"b..c", "a key is empty"},
        {"k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k", "nested deeper than 32 levels"},
    };
    qsti_yaml *root = parse("r", "a: 1\nb: {c: [1, 2]}\n");
    qsti_yaml *before = NULL;
    assert_ok(ctx, qsti_yaml_copy(ctx, root, &before));
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        assert_status(ctx, set(root, rows[r].path, "[1]"), QST_ERR_USAGE);
        assert_message(ctx, rows[r].message);
        assert_same_tree(root, before);
    }
    assert_ok(ctx, set(root, "k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k", "[1]"));
    qsti_yaml_free(ctx, root);
    qsti_yaml_free(ctx, before);
    root = parse("r", "[1]");
    assert_status(ctx, set(root, "a", "1"), QST_ERR_USAGE);
    assert_message(ctx, "a: the root is a list, not a map of keys");
    qsti_yaml_free(ctx, root);
}

static void copies_stand_alone(void **state)
{
    (void)state;
    qsti_yaml *root = parse("r", recipe);
    assert_ok(ctx, set(root, "data.source", "iris"));
    qsti_yaml *copy = NULL, *part = NULL;
    assert_ok(ctx, qsti_yaml_copy(ctx, root, &copy));
    assert_ok(ctx, qsti_yaml_copy(ctx, qsti_yaml_child(root, "data"), &part));
    assert_same_tree(copy, root);
    qsti_yaml_free(ctx, root);
    assert_place(qsti_yaml_child(qsti_yaml_child(copy, "data"), "source")->place, "--set", 1, 1);
    assert_place(qsti_yaml_child(copy, "name")->place, "r", 2, 7);
    assert_null(part->key);
    assert_string_equal(qsti_yaml_child(part, "source")->scalar, "iris");
    qsti_yaml_free(ctx, copy);
    qsti_yaml_free(ctx, part);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void text_is_readable(void **state)
{
    (void)state;
    qsti_yaml *root = parse("r", recipe);
    assert_text(root, "name: digits-8q-to-4q\n"
                      "seed: 1\n"
                      "data:\n"
                      "  source: digits\n"
                      "  classes: [3, '5']\n"
                      "  preprocess:\n"
                      "  - pca: 8\n"
                      "  - standardize\n"
                      "  - scale: 0.3\n"
                      "teacher:\n"
                      "  model: circuit\n"
                      "  outputs: [z, zz]\n"
                      "nothing: null\n"
                      "tilde: null\n"
                      "word: 'null'\n"
                      "text: |\n"
                      "  two\n"
                      "  lines\n"
                      "settings:\n"
                      "- name: all-labels\n"
                      "- name: few\n"
                      "  set:\n"
                      "    distill.label_fraction: 0.1\n");
    qsti_yaml_free(ctx, root);
}

static void text_reads_back(void **state)
{
    (void)state;
    static const char long_plain[] =
        "long: a plain scalar of many words that goes on and on and on and on and on and on "
        "and on and on and on and on and on and on and on\n";
    static const char long_quoted[] =
        "long: 'quoted   with   runs   of   spaces that goes on and on   and on and on and "
        "on and on and on and on and on and on    and on and on'\n";
    static const char *const texts[] = {
        recipe,
        "",
        "word",
        "several\n\nlines",
        "'word'",
        "''",
        "[]",
        "{}",
        "a: []\nb: {}\nc: [[], {}]\n",
        "[~, 'null', '~', '', 1, '1', \"a\\tb\", \"\\x01\", \"\\u00b5\", \"a\\nb\", ' lead', 'trail ', \"\\r\"]",
        "{'a: b': '- x', 'c #d': '# e', '*f': '&g', '!h': '%i', '? j': '@k', 'l,m': '[n', 'o': '{p}', '\"q': \"'r\"}",
        long_plain,
        long_quoted,
        "\"\xc2\xb5\xe2\x9f\xa9\xf0\x9f\x98\x80\": \xe2\x82\xac\n",
        "a: |\n  block\n\n    indented\n\nb: >\n  folded\n  text\n\nc: |+\n  keep\n\n",
        "null: 1\ntrue: 2\n12: 3\n~: 4\n",
        "? |\n  key of\n  two lines\n: 1\n",
        "http://x.y/z: a:b\nt: 12:30:45\nd: 2024-01-01\n",
    };
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
        qsti_yaml *root = parse("r", texts[t]);
        qsti_text text;
        qsti_text_init(&text, ctx);
        assert_ok(ctx, qsti_yaml_write(ctx, root, &text));
        qsti_yaml *back = parse("back", text.bytes);
        assert_same_tree(back, root);
        assert_text(back, text.bytes);
        qsti_text_clear(&text);
        qsti_yaml_free(ctx, root);
        qsti_yaml_free(ctx, back);
    }
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static qst_status parse_set_and_write(qst_ctx *failing, void *arg)
{
    (void)arg;
    qsti_yaml *root = NULL, *copy = NULL;
    qsti_text text;
    qsti_text_init(&text, failing);
    qst_status status = text.status;
    if (status == QST_OK) {
        status = qsti_yaml_parse(failing, "r", recipe, sizeof recipe - 1, QST_ERR_USAGE, &root);
    }
    if (status == QST_OK) {
        status = qsti_yaml_copy(failing, root, &copy);
    }
    if (status == QST_OK) {
        status = qsti_yaml_set(failing, copy, "new.path.here", qsti_yaml_child(root, "data"));
        if (status != QST_OK) {
            assert_same_tree(copy, root);
        }
    }
    if (status == QST_OK) {
        status = qsti_yaml_set(failing, copy, "teacher", qsti_yaml_child(root, "settings"));
    }
    if (status == QST_OK) {
        status = qsti_yaml_write(failing, copy, &text);
    }
    qsti_text_clear(&text);
    qsti_yaml_free(failing, copy);
    qsti_yaml_free(failing, root);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    support_fail_each_allocation(parse_set_and_write, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recipe_becomes_a_tree),
        cmocka_unit_test(small_documents_work),
        cmocka_unit_test(other_yaml_is_refused_with_its_place),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(size_is_limited),
        cmocka_unit_test(values_are_set_by_path),
        cmocka_unit_test(paths_that_lead_nowhere_are_refused),
        cmocka_unit_test(copies_stand_alone),
        cmocka_unit_test(text_is_readable),
        cmocka_unit_test(text_reads_back),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, create_ctx, free_ctx);
}

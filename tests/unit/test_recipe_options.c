/* test_recipe_options.c: the option table against the parser: every key of the table is read, has its default, refuses
 * what is outside its domain, and comes back from the resolved text. Nothing here names a key but where a rule binds it
 * to others.
 */
#include "support/support.h"

#include "recipe/option_value.h"
#include "recipe/pool.h"

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

/* A recipe in which every key of a table, of circuits, or of networks may stand. */
static const char circuits[] = "data: {source: moons}\n"
                               "teacher: {qubits: 4, ansatz: two_local, train: {optimizer: sgd}}\n"
                               "student: {qubits: 4, ansatz: two_local, train: {optimizer: sgd}}\n";
static const char networks[] = "data: {source: moons}\n"
                               "teacher: {model: network, network: [relu]}\n"
                               "student: {model: network, network: [relu]}\n";
static const char short_forms[] = "data: {source: moons}\nteacher: {model: cnn}\nstudent: {model: cnn}\n";
static const char probes[] = "data: {source: moons}\n"
                             "teacher: {model: linear_probe, qubits: 4}\nstudent: {model: linear_probe, qubits: 4}\n";
static const char fitted[] = "data: {source: moons}\nteacher: {qubits: 4}\nstudent: {model: random_fourier}\n";
static const char fitted_teacher[] =
    "data: {source: moons}\nteacher: {model: random_fourier}\nstudent: {model: logistic}\n";
static const char table[] =
    "data: {source: moons}\nteacher: {scores: t.npy, kind: logit}\nstudent: {model: logistic}\n";

static const char devices[] = "data: {source: moons}\nteacher: {qubits: 4}\nstudent: {qubits: 4}\n"
                              "device: {qubits: 5}\n";

#define TEXT_BYTES 16384
static qst_status load(const char *text, const char *set, char out_text[TEXT_BYTES])
{
    qst_recipe *recipe = NULL;
    const char *path = support_write("recipe.yaml", text, strlen(text));
    qst_status status = qst_recipe_load(ctx, path, &set, set ? 1 : 0, &recipe);
    if (status == QST_OK && out_text)
        assert_true(snprintf(out_text, TEXT_BYTES, "%s", qst_recipe_text(recipe)) < TEXT_BYTES);
    qst_recipe_free(recipe);
    return status;
}

/* Values of a type that are inside the domain: (type, i) -> YAML, or NULL when there are no more. */
static const char *good_value(const qsti_option *option, size_t i, char out[64])
{
    static const char *const lists[] = {[QSTI_TEXT] = "some text",
                                        [QSTI_NAME] = "a-name.1",
                                        [QSTI_WORD] = "cz",
                                        [QSTI_GATES] = "[ry, rz]",
                                        [QSTI_SEED] = "12345678901234567890",
                                        [QSTI_COUNTS] = "[2, 14, 7]",
                                        [QSTI_LAYERS] = "[{conv: {channels: 4, kernel: [3, 1], stride: 2}}, {conv: 3}, "
                                                        "relu, {max_pool: 2}, {dense: 8}, {leaky_relu: 0.3}, "
                                                        "{avg_pool: {kernel: 3, stride: [1, 2]}}, leaky_relu]",
                                        [QSTI_WORDS] = "[z, xx]",
                                        [QSTI_CLASSES] = "[3, five]",
                                        [QSTI_ENTANGLEMENT] = "[[0, 1], [3, 2]]",
                                        [QSTI_REQUIREMENTS] = "{a.b: 0.5, c: {max: 2}}",
                                        [QSTI_EPOCHS] = "[2, 30]",
                                        [QSTI_CHANNELS] = "[{channel: phase_flip, p: 0.25, gates: [cx, rz]}]",
                                        [QSTI_TERMS] = "[{loss: huber, delta: 2, epochs: [1, 4]}, {loss: kd}]",
                                        [QSTI_MAPS] = "[{layers: 2}, {train.epochs: 3}]",
                                        [QSTI_STEPS] = "[{pool: 4}, {range: [-1, 1]}, standardize]",
                                        [QSTI_AXES] = "{distill.alpha: [0, 1], student: {layers: {linear: [1, 4]}}}",
                                        [QSTI_PATCH] = NULL};
    const qsti_domain *domain = &option->domain;
    if (domain->names) {
        if (i >= domain->n_names)
            return NULL;
        snprintf(out, 64, option->type == QSTI_CONTROLS ? "[%s]" : "%s", domain->names[i]);
        return out;
    }
    if ((size_t)option->type < sizeof lists / sizeof *lists && lists[option->type])
        return i == 0 ? lists[option->type] : NULL;
    double width = domain->high - domain->low;
    double values[] = {domain->low + (domain->low_open ? width / 4 : 0),
                       domain->high - (domain->high_open ? width / 4 : 0), domain->low + width / 2};
    bool whole = option->type == QSTI_COUNT || option->type == QSTI_QUBITS;
    if (i >= 3)
        return NULL;
    qsti_format_double(whole ? floor(values[i]) : values[i], out);
    return out;
}

static const char *bad_value(const qsti_option *option, size_t i, char out[64])
{
    static const char *const numbers[] = {"nan", ".inf", "0x10", "'1'", "1_0", "[[1]]", "{a: 1}", "1e999", "ten", "''"};
    const qsti_domain *domain = &option->domain;
    bool is_number = !domain->names && domain->high > 0;
    if (domain->names)
        return i == 0 ? "nonsense" : i == 1 ? "[[]]" : i == 2 ? "''" : NULL;
    if (!is_number)
        return i == 0 ? "[[{}]]" : i == 1 ? "[]" : NULL;
    if (i == 0 || i == 1) {
        double outside = i == 0 ? (domain->low_open ? domain->low : domain->low - 1)
                                : (domain->high_open ? domain->high : domain->high * 2);
        qsti_format_double(outside, out);
        return out;
    }
    return i - 2 < sizeof numbers / sizeof *numbers ? numbers[i - 2] : NULL;
}

typedef void visit_fn(const qsti_option *option, const char *path, const char *text);

static const char *recipe_for(const qsti_recipe_spot *spot)
{
    switch (spot->section) {
    case QSTI_SECTION_linear_probe:
        return probes;
    case QSTI_SECTION_random_fourier:
        return spot->owner == QSTI_OWNER_STUDENT ? fitted : fitted_teacher;
    case QSTI_SECTION_table:
        return table;
    case QSTI_SECTION_image:
    case QSTI_SECTION_network:
        return networks;
    case QSTI_SECTION_cnn:
    case QSTI_SECTION_mlp:
        return short_forms;
    case QSTI_SECTION_device:
    case QSTI_SECTION_mitigation:
        return devices;
    default:
        return circuits;
    }
}

/* Visits every option at every place, with a recipe in which it may stand. */
static void visit_all(visit_fn *visit)
{
    size_t n_options, n_spots;
    const qsti_option *options = qsti_options(&n_options);
    const qsti_recipe_spot *spots = qsti_recipe_spots(&n_spots);
    for (size_t s = 0; s < n_spots; s++) {
        for (size_t i = 0; i < n_options; i++) {
            char path[QSTI_PATH_BYTES];
            if (options[i].section != spots[s].section)
                continue;
            qsti_option_path(&spots[s], &options[i], path);
            visit(&options[i], path, recipe_for(&spots[s]));
        }
    }
}

/* Whether a failure is a rule between keys, which has its own tests. */
static bool is_rule(void)
{
    const char *message = qst_ctx_message(ctx);
    return strstr(message, "contradicts") || strstr(message, "given, but") || strstr(message, "is not given") ||
           strstr(message, "needs no_teacher") || strstr(message, "is no gate on");
}

static size_t n_read, n_rules;

static void check_good(const qsti_option *option, const char *path, const char *text)
{
    char buffer[64], set[256];
    const char *value;
    for (size_t i = 0; (value = good_value(option, i, buffer)); i++) {
        static char resolved[TEXT_BYTES], again[TEXT_BYTES];
        snprintf(set, sizeof set, "%s=%s", path, value);
        qst_status status = load(text, set, resolved);
        if (status == QST_ERR_USAGE && (is_rule() || strstr(qst_ctx_message(ctx), ": missing"))) {
            n_rules++;
            continue;
        }
        assert_ok(ctx, status);
        assert_ok(ctx, load(resolved, NULL, again));
        assert_string_equal(resolved, again);
        n_read++;
    }
}

static void test_good_values(void **state)
{
    (void)state;
    visit_all(check_good);
    assert_true(n_read > 100);
    assert_true(n_rules < 150);
}

static void check_bad(const qsti_option *option, const char *path, const char *text)
{
    char buffer[64], set[256], expected[128];
    const char *value;
    for (size_t i = 0; (value = bad_value(option, i, buffer)); i++) {
        bool is_list = option->type == QSTI_STEPS || option->type == QSTI_REQUIREMENTS || option->type == QSTI_LAYERS ||
                       option->type == QSTI_TERMS || option->type == QSTI_MAPS;
        if (is_list && strcmp(value, "[]") == 0)
            continue;
        snprintf(set, sizeof set, "%s=%s", path, value);
        qst_status status = load(text, set, NULL);
        bool limit = option->type == QSTI_QUBITS && status == QST_ERR_LIMIT;
        if (!limit)
            assert_status(ctx, status, QST_ERR_USAGE);
        snprintf(expected, sizeof expected, "--set %s: ", path);
        assert_message(ctx, expected);
        assert_false(is_rule());
    }
}

static void test_bad_values(void **state)
{
    (void)state;
    visit_all(check_bad);
}

/* Each fallback is a value of its option, and shows as itself. */
static void test_fallbacks(void **state)
{
    (void)state;
    size_t n_options;
    const qsti_option *options = qsti_options(&n_options);
    qsti_pool pool = {.ctx = ctx};
    for (size_t i = 0; i < n_options; i++) {
        qsti_recipe_values values = {.seed = 0};
        qsti_yaml shown, *given = NULL;
        bool is_shown;
        if (!options[i].fallback[0] || options[i].type == QSTI_PATCH)
            continue;
        assert_ok(ctx, qsti_option_read_fallback(&pool, &options[i], &values));
        assert_ok(ctx, qsti_option_show(&pool, &options[i], &values, &shown, &is_shown));
        assert_ok(ctx, qsti_yaml_parse(ctx, "fallback", options[i].fallback, strlen(options[i].fallback),
                                       QST_ERR_INTERNAL, &given));
        assert_true(is_shown);
        assert_true(qsti_yaml_same(given, &shown));
        qsti_yaml_free(ctx, given);
    }
    qsti_pool_clear(&pool);
}

static void test_keys(void **state)
{
    (void)state;
    const qst_recipe_key *keys;
    size_t n_options, n = qst_recipe_keys(&keys);
    const qsti_option *options = qsti_options(&n_options);
    assert_int_equal(n, n_options);
    for (size_t i = 0; i < n; i++) {
        const char *dot = strrchr(keys[i].path, '.');
        assert_string_equal(dot ? dot + 1 : keys[i].path, options[i].key);
        assert_true(keys[i].type[0] && keys[i].about[0]);
        assert_string_equal(keys[i].fallback, options[i].fallback);
        for (size_t name = 0; name < options[i].domain.n_names; name++)
            assert_non_null(strstr(keys[i].type, options[i].domain.names[name]));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(keys[i].path, keys[j].path);
    }
}

static void test_suggestions(void **state)
{
    (void)state;
    char hint[256];
    qsti_suggest("", "distil", false, hint, sizeof hint);
    assert_string_equal(hint, "; did you mean distill?");
    qsti_suggest("teacher.", "epochs", false, hint, sizeof hint);
    assert_string_equal(hint, "; did you mean teacher.train.epochs or student.train.epochs?");
    qsti_suggest("data.", "preproces", false, hint, sizeof hint);
    assert_string_equal(hint, "; did you mean preprocess?");
    qsti_suggest("", "quite_another_thing", false, hint, sizeof hint);
    assert_string_equal(hint, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_values), cmocka_unit_test(test_bad_values),  cmocka_unit_test(test_fallbacks),
        cmocka_unit_test(test_keys),        cmocka_unit_test(test_suggestions),
    };
    return cmocka_run_group_tests(tests, create_ctx, free_ctx);
}

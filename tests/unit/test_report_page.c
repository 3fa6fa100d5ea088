/* test_report_page.c: the page of a report for people, and the documentation of its keys. */
#include "support/support.h"

#include "unit/report_cases.h"

#define DOCS QSTILL_SOURCE_DIR "/docs/report.md"

/* --- the page ----------------------------------------------------------------------------------------------------- */

static size_t longest_line(const char *page)
{
    size_t longest = 0, width = 0;
    for (const char *c = page; *c; c++) {
        width = *c == '\n' ? 0 : width + (((unsigned char)*c & 0xc0) != 0x80);
        longest = width > longest ? width : longest;
    }
    return longest;
}

/* Every occurrence of `word` begins in the same column. */
static void assert_aligned(const char *page, const char *word)
{
    size_t expected = 0, n = 0;
    for (const char *found = strstr(page, word); found; found = strstr(found + 1, word), n++) {
        size_t column = 0;
        for (const char *c = found; c > page && c[-1] != '\n'; c--) {
            column += ((unsigned char)c[-1] & 0xc0) != 0x80;
        }
        assert_true(n == 0 || column == expected);
        expected = column;
    }
    assert_true(n > 1);
}

static void page_as_it_is(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 2);
    json_t *report = NULL;
    bool holds = true;
    assert_ok(ctx, report_require(ctx, all, (qsti_requirement){"student.accuracy", 0.93, NAN, NULL}, &report, &holds));
    char *page = report_page_of(ctx, report);
    assert_string_equal(
        page, "digits-8q-to-4q · digits: 1,797 rows, 64 features, 10 classes; pca 8, standardize, scale 0.3\n"
              "  5 seeds · 2 threads, AVX-512\n"
              "\n"
              "              qubits   CX   depth   parameters   accuracy              agrees with teacher\n"
              "  all-labels\n"
              "    teacher        8   48      36    288 + 370   95.1 % [94.7, 95.5]\n"
              "    student        4   16      22    112 + 170   93.3 % [92.9, 93.8]   95.3 %\n"
              "    control        4   16      22    112 + 170   93.1 % [92.7, 93.5]   95.1 %\n"
              "    floor          -    -       -           90   90.4 % [90.0, 90.7]\n"
              "  few-labels · 10 % of the labels\n"
              "    student                                      92.0 % [91.6, 92.4]   94.0 %\n"
              "    control                                      84.0 % [83.6, 84.4]   86.0 %\n"
              "    floor                                        84.8 % [84.5, 85.1]\n"
              "  parameters: quantum + classical · accuracy: on test rows, mean over seeds, [95 % interval]\n"
              "  control: same student, labels only · floor: logistic regression\n"
              "\n"
              "  all-labels   student against control  +0.2 points [-0.4, +0.9]     NO DIFFERENCE\n"
              "               student against floor    +3.0 points [+2.5, +3.5]     BEATS\n"
              "               student against teacher  -1.8 points [-2.2, -1.4]     within 2.2 points\n"
              "               chosen on validation: T 1, alpha 0.5 (3 seeds); T 1, alpha 0.9 (2 seeds)\n"
              "  few-labels   student against control  +8.0 points [+7.4, +8.6]     BEATS\n"
              "               student against floor    +7.2 points [+6.7, +7.7]     BEATS\n"
              "               student against teacher  -3.1 points [-3.5, -2.7]     within 3.6 points\n"
              "               chosen on validation: T 1, alpha 0.5 (3 seeds); T 1, alpha 0.9 (2 seeds)\n"
              "\n"
              "  2× fewer qubits, 3× fewer CX, 2.6× fewer quantum parameters, 2.2× fewer classical parameters\n"
              "  14 s, 9.9 s of it training · runs/digits-8q-to-4q-001/report.json\n"
              "\n"
              "  required: student.accuracy ≥ 0.93: 0.9333, 0.92 DOES NOT HOLD\n");
    report_clean_up(ctx, all, report, page);
}

/* One line each, below the verdicts, and 80 columns. */
static void further_controls(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 2);
    report_fill_control(all, 0, QST_CONTROL_permuted_scores, 40);
    report_fill_control(all, 0, QST_CONTROL_gradient_scale, 418);
    report_fill_control(all, 1, QST_CONTROL_gradient_scale, 380);
    all->settings[1].left_out[QST_CONTROL_no_entanglement] = "the student's circuit has no gates between qubits";
    json_t *report = report_of(ctx, all);
    char *page = report_page_of(ctx, report);
    const char *block = strstr(page, "\n\n  controls ");
    assert_non_null(block);
    assert_true(strstr(page, "student against teacher") < block);
    static const char expected[] = "\n\n"
                                   "  controls           accuracy             student minus it      the student\n"
                                   "  all-labels\n"
                                   "    permuted_scores  9.2 % [8.9, 9.5]     +84.1 [+83.6, +84.6]  BEATS\n"
                                   "    gradient_scale   93.2 % [92.9, 93.5]  +0.1 [-0.4, +0.6]     NO DIFFERENCE\n"
                                   "  few-labels\n"
                                   "    gradient_scale   84.8 % [84.4, 85.1]  +7.2 [+6.7, +7.7]     BEATS\n"
                                   "    no_entanglement  left out: the student's circuit has no gates between qubits\n"
                                   "  permuted_scores: same student, each row with the teacher's scores of another\n"
                                   "  gradient_scale: same student, labels only, steps as long as with the teacher\n"
                                   "\n";
    char shown[sizeof expected] = "";
    memcpy(shown, block, strnlen(block, sizeof expected - 1));
    assert_string_equal(shown, expected);
    report_clean_up(ctx, all, report, page);
}

/* Long names, many settings, changed sizes: still 100 columns. What is read back from a file prints the same. */
static void page_keeps_its_width(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(10, 3);
    all->settings[0].name = "eine sehr lange Einstellung mit Umläuten und mehr";
    all->settings[2].name = "\xf0\x9f\x94\xac\xf0\x9f\x94\xac\xf0\x9f\x94\xac\xf0\x9f\x94\xac";
    all->settings[2].sizes[QSTI_STUDENT] = (qsti_size){true, 12, 123456, 99999, 123456, 123456, 1234567};
    all->facts.inputs = "1,797 rows, 64 features, 10 classes; pool to 4 x 4, amplitude, pca 8, standardize, scale 0.3, "
                        "and then much more of the same until the line must be broken between two words";
    qsti_warn(ctx, "a warning that is so long that it cannot stand on one line of the page, which is why it is broken "
                   "between two of its words");
    json_t *report = report_of(ctx, all), *again = NULL;
    char *page = report_page_of(ctx, report), *text = report_text_of(ctx, report);
    assert_true(longest_line(page) <= 100);
    assert_aligned(page, "student against ");
    assert_aligned(page, " points [");
    assert_true(qsti_utf8_is_valid(page, strlen(page)));
    assert_non_null(strstr(page, "eine sehr lange Ein…"));
    assert_non_null(strstr(page, "123456 + 1234567"));
    assert_ok(ctx, qsti_json_parse(ctx, "report.json", text, strlen(text), QST_ERR_INPUT, &again));
    char *other = report_page_of(ctx, again);
    assert_string_equal(page, other);
    qsti_free(ctx, other);
    qsti_free(ctx, text);
    json_decref(again);
    report_clean_up(ctx, all, report, page);
}

static void pages_of_other_documents(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    char *page = NULL;
    json_t *other = json_pack("{s:s}", "format", "qstill-report/2");
    assert_status(ctx, qsti_report_page(ctx, other, &page), QST_ERR_DAMAGED);
    assert_message(ctx, "newer release");
    json_decref(other);
    other = json_pack("{s:s}", "format", "qstill-model/1");
    assert_status(ctx, qsti_report_page(ctx, other, &page), QST_ERR_INPUT);
    json_object_set_new(other, "format", json_string("qstill-report/1"));
    assert_status(ctx, qsti_report_page(ctx, other, &page), QST_ERR_INPUT);
    assert_message(ctx, "settings");
    json_object_set_new(other, "settings", json_pack("[i]", 3));
    assert_ok(ctx, qsti_report_page(ctx, other, &page));
    qsti_free(ctx, page);
    json_decref(other);
    qst_ctx_free(ctx);
}

/* --- the documentation -------------------------------------------------------------------------------------------- */

enum { MAX_KEYS = 320, KEY_BYTES = 96 };

typedef struct key_set {
    char keys[MAX_KEYS][KEY_BYTES];
    size_t n;
} key_set;

static bool has_key(const key_set *set, const char *key)
{
    for (size_t i = 0; i < set->n; i++) {
        if (strcmp(set->keys[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static void add_key(key_set *set, const char *key)
{
    if (!has_key(set, key)) {
        assert_true(set->n < MAX_KEYS && strlen(key) < KEY_BYTES);
        memcpy(set->keys[set->n++], key, strlen(key) + 1);
    }
}

/* The name under which docs/report.md has a member of the object at `path`. */
static const char *documented_name(const char *path, const char *key)
{
    static const char *const models[] = {"teacher", "student", "control", "floor"};
    static const char *const comparisons[] = {"gain", "over_floor", "drop"};
    for (size_t i = 0; i < 4; i++) {
        if (strcmp(key, models[i]) == 0 && strncmp(path, "compression", 11) == 0) {
            return "{teacher, student}";
        }
        if (strcmp(key, models[i]) == 0 && *path == '\0') {
            return "MODEL";
        }
        if (i < 3 && strcmp(key, comparisons[i]) == 0) {
            return "COMPARISON";
        }
    }
    return strcmp(path, "MODEL.details") == 0 ? "METRIC" : key;
}

static bool is_one_of(const char *key, const char *const *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(key, keys[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* On a device: models, their conditions, and comparisons; false: something else. */
static bool device_path(const char *path, const char *key, char out[2 * KEY_BYTES])
{
    static const char *const models[] = {"teacher", "student", "control", "noise_unaware"},
                             *const conditions[] = {"ideal", "shots", "device", "mitigated"},
                             *const comparisons[] = {"over_teacher", "over_noise_unaware", "over_control",
                                                     "teacher_loss", "student_loss"};
    bool compared = is_one_of(key, comparisons, 5);
    if (strcmp(path, "device") == 0 && (compared || is_one_of(key, models, 4))) {
        snprintf(out, 2 * KEY_BYTES, "%s", compared ? "COMPARISON" : "device.MODEL");
        return true;
    }
    if (strcmp(path, "device.MODEL") == 0 && is_one_of(key, conditions, 4)) {
        snprintf(out, 2 * KEY_BYTES, "device.MODEL.CONDITION");
        return true;
    }
    return false;
}

/* The path of a member. A further control is a comparison that holds a model. */
static void documented_path(const char *path, const char *key, char out[2 * KEY_BYTES])
{
    if (device_path(path, key, out)) {
        return;
    }
    if (strcmp(path, "controls") == 0) {
        snprintf(out, 2 * KEY_BYTES, "COMPARISON");
    } else if (strcmp(path, "COMPARISON") == 0 && strcmp(key, "model") == 0) {
        snprintf(out, 2 * KEY_BYTES, "MODEL");
    } else {
        snprintf(out, 2 * KEY_BYTES, "%s%s%s", path, *path ? "." : "", documented_name(path, key));
    }
}

/* All paths to values that are no objects; settings repeat the top level. */
static void collect_keys(key_set *set, json_t *value, const char *path)
{
    char inner[2 * KEY_BYTES];
    if (strcmp(path, "settings") == 0) {
        add_key(set, path);
        collect_keys(set, json_array_get(value, 0), "");
        return;
    }
    if (json_is_array(value) && json_is_object(json_array_get(value, 0))) {
        snprintf(inner, sizeof inner, "%s[]", path);
        collect_keys(set, json_array_get(value, 0), inner);
        return;
    }
    if (!json_is_object(value)) {
        add_key(set, path);
        return;
    }
    const char *key;
    json_t *member;
    json_object_foreach(value, key, member)
    {
        documented_path(path, key, inner);
        collect_keys(set, member, inner);
    }
}

/* The first cell of each row of a table, where it is code. */
static void read_documented_keys(key_set *set)
{
    FILE *file = fopen(DOCS, "r");
    char line[1024], key[KEY_BYTES];
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "| `%95[^`]`", key) == 1) {
            assert_false(has_key(set, key));
            add_key(set, key);
        }
    }
    fclose(file);
}

/* A page tells of members, calibration, chain and queries, each where there is one. */
static void what_stands_before_the_student(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 2);
    qsti_step_result steps[] = {{.name = "teacher", .accuracy = 0.95, .agreement = 1},
                                {.name = "teacher-2", .accuracy = 0.9, .agreement = 0.5},
                                {"assistant-1", true, {true, 6, 30, 90, 24, 160, 200}, 0.925, 0.75, 10}};
    char *page = NULL;
    for (size_t s = 0; s < 5; s++) {
        all->seeds[0][s].steps = steps;
        all->seeds[0][s].n_steps = 3;
        all->seeds[0][s].calibration = 1.5;
        all->seeds[1][s].n_queries[1] = 30;
        all->seeds[1][s].n_queries[2] = 10;
        all->seeds[1][s].n_queries_wanted[1] = 50;
        all->seeds[1][s].n_queries_wanted[2] = 10;
    }
    json_t *report = report_of(ctx, all);
    assert_close(report_number(report, "chain.0.accuracy"), 0.925, 1e-15);
    assert_close(report_number(report, "chain.0.agreement"), 0.75, 1e-15);
    assert_close(report_number(report, "chain.0.steps"), 50, 0);
    assert_close(report_number(report, "members.1.accuracy"), 0.9, 1e-15);
    assert_close(report_number(report, "calibration"), 1.5, 1e-15);
    assert_close(report_number(report, "settings.1.queries.asked"), 200, 0);
    assert_close(report_number(report, "settings.1.queries.wanted"), 300, 0);
    assert_true(report_is_null(report, "settings.1.calibration"));
    assert_ok(ctx, qsti_report_page(ctx, report, &page));
    static const char *const lines[] = {
        "  all-labels: teacher of 2 members: 95.0, 90.0 % each \u00b7 teacher calibrated at T = 1.5\n",
        ("  all-labels: teacher (8 qubits) 95.1 % \u2192 assistant-1 (6 qubits) 92.5 % \u2192 student (4 qubits) 93.3 "
         "%\n"),
        "  few-labels: the teacher was asked 200 further rows in all seeds: mixup 150",
    };
    for (size_t i = 0; i < 3; i++)
        if (strstr(page, lines[i]) == NULL)
            fail_msg("not on the page: %s\n%s", lines[i], page);
    report_clean_up(ctx, all, report, page);
}

static void every_key_is_documented(void **state)
{
    (void)state;
    static key_set in_report, in_docs;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 1);
    json_t *report = NULL;
    bool holds = true;
    qsti_step_result steps[] = {{.name = "teacher", .size = {true, 8, 36, 192, 48, 288, 370}},
                                {.name = "teacher-2", .size = {true, 8, 36, 192, 48, 288, 370}},
                                {.name = "assistant-1", .in_chain = true, .size = {true, 6, 30, 90, 24, 160, 200}}};
    for (size_t s = 0; s < 5; s++) {
        all->seeds[0][s].steps = steps;
        all->seeds[0][s].n_steps = 3;
    }
    for (int c = QST_CONTROL_floor + 1; c < QST_CONTROL_COUNT; c++) {
        report_fill_control(all, 0, (qst_control)c, 400);
    }
    report_fill_device(all, 0, (const size_t[]){300, 360, 350, 340});
    all->settings[0].left_out[QST_CONTROL_no_entanglement] = "as an example";
    assert_ok(ctx, report_require(ctx, all, (qsti_requirement){"gain.points", -1, NAN, NULL}, &report, &holds));
    collect_keys(&in_report, report, "");
    read_documented_keys(&in_docs);
    size_t n_missing = 0;
    for (size_t i = 0; i < in_report.n; i++) {
        if (!has_key(&in_docs, in_report.keys[i])) {
            print_error("not in docs/report.md: %s\n", in_report.keys[i]);
            n_missing++;
        }
    }
    for (size_t i = 0; i < in_docs.n; i++) {
        if (!has_key(&in_report, in_docs.keys[i])) {
            print_error("docs/report.md has what no report has: %s\n", in_docs.keys[i]);
            n_missing++;
        }
    }
    assert_int_equal(n_missing, 0);
    report_clean_up(ctx, all, report, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_as_it_is),
        cmocka_unit_test(further_controls),
        cmocka_unit_test(page_keeps_its_width),
        cmocka_unit_test(pages_of_other_documents),
        cmocka_unit_test(what_stands_before_the_student),
        cmocka_unit_test(every_key_is_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

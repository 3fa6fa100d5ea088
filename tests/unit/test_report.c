/* test_report.c: the report of invented results: its numbers, sentences, determinism, requirements, page and docs. */
#include "support/support.h"

#include "base/rng.h"
#include "verify/report.h"

#define DOCS QSTILL_SOURCE_DIR "/docs/report.md"

enum { MAX_SEEDS = 10, MAX_SETTINGS = 3, ROWS = 450, CLASSES = 10 };

/* --- invented results --------------------------------------------------------------------------------------------- */

typedef struct sample {
    qsti_setting_result settings[MAX_SETTINGS];
    qsti_seed_result seeds[MAX_SETTINGS][MAX_SEEDS];
    qsti_grid_cell grids[MAX_SETTINGS][MAX_SEEDS][4];
    uint8_t right[MAX_SETTINGS][MAX_SEEDS][QSTI_ROLE_COUNT][ROWS];
    qsti_run_facts facts;
    size_t n_settings;
} sample;

/* A role with `n_right` of its rows right, and metrics that follow from it in some way. */
static void fill_role(qsti_role_result *role, uint8_t *right, size_t n_right, uint64_t seed)
{
    size_t order[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        order[i] = i;
    }
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_TEST, 0, 0);
    qsti_rng_shuffle(&rng, order, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        right[order[i]] = i < n_right;
    }
    double accuracy = (double)n_right / ROWS;
    *role = (qsti_role_result){
        .present = true,
        .test = {ROWS, n_right, accuracy, accuracy - 0.002, accuracy - 0.003, 1.1 - accuracy, 0.2, 0.05},
        .fidelity = {.agreement = accuracy + 0.02,
                     .kappa = accuracy,
                     .agreement_teacher_right = 0.97,
                     .agreement_teacher_wrong = 0.4,
                     .n_teacher_right = 428,
                     .n_teacher_wrong = 22,
                     .output_mse = 0.004,
                     .output_mae = 0.02,
                     .output_max = 0.7,
                     .kl = 0.1,
                     .js = 0.03,
                     .tvd = 0.1,
                     .pearson = 0.95,
                     .spearman = 0.9,
                     .n_floored = 0},
        .train_accuracy = accuracy + 0.01,
        .validation_accuracy = accuracy - 0.001,
        .ece_scaled = 0.02,
        .right = right,
        .epochs = 60,
        .selected_epoch = 40 + seed % 20,
        .last_epoch_accuracy = accuracy - 0.004,
        .knowledge_loss = 0.3,
    };
}

static void fill_grid(qsti_grid_cell *grid, size_t s)
{
    for (size_t i = 0; i < 4; i++) {
        grid[i] = (qsti_grid_cell){i < 2 ? 1 : 2, i % 2 ? 0.9 : 0.5, 0.9 + 0.001 * (double)(i + s), 0.3, i == s % 2};
    }
}

/* n_right[role] plus some spread by seed. Teacher and floor come out the same in every setting, as in a run. */
static void fill_setting(sample *all, size_t which, const char *name, size_t n_seeds, const size_t *n_right)
{
    static const size_t spread[QSTI_ROLE_COUNT][MAX_SEEDS] = {{0, 2, 4, 1, 3, 2, 0, 1, 2, 3},
                                                              {1, 0, 3, 2, 4, 0, 2, 1, 0, 1},
                                                              {3, 1, 0, 4, 2, 1, 1, 0, 3, 2},
                                                              {2, 2, 1, 0, 3, 2, 1, 1, 0, 2}};
    qsti_setting_result *setting = all->settings + which;
    *setting = (qsti_setting_result){
        .name = name,
        .loss = "kd",
        .label_fraction = which == 1 ? 0.1 : 1,
        .seeds = all->seeds[which],
        .n_seeds = n_seeds,
        .sizes = {{true, 8, 36, 192, 48, 288, 370},
                  {true, 4, 22, 60, 16, 112, 170},
                  {true, 4, 22, 60, 16, 112, 170},
                  {.classical_parameters = 90}},
        .seconds_teacher = 5.5,
        .seconds_student = 3.25,
        .seconds_total = 12,
    };
    for (size_t s = 0; s < n_seeds; s++) {
        qsti_seed_result *seed = setting->seeds + s;
        *seed = (qsti_seed_result){.seed = s + 1,
                                   .n_train = 1145,
                                   .n_validation = 202,
                                   .n_test = ROWS,
                                   .n_labelled = which == 1 ? 115 : 1145,
                                   .grid = all->grids[which][s],
                                   .n_grid = 4};
        fill_grid(seed->grid, s);
        for (size_t role = 0; role < QSTI_ROLE_COUNT; role++) {
            fill_role(seed->roles + role, all->right[which][s][role], n_right[role] + spread[role][s],
                      100 * s + role + 10 * n_right[role]);
        }
    }
}

static sample *sample_create(size_t n_seeds, size_t n_settings)
{
    sample *all = calloc(1, sizeof *all);
    assert_non_null(all);
    all->n_settings = n_settings;
    fill_setting(all, 0, "all-labels", n_seeds, (const size_t[]){426, 418, 417, 405});
    fill_setting(all, 1, "few-labels", n_seeds, (const size_t[]){426, 412, 376, 380});
    fill_setting(all, 2, "warm", n_seeds, (const size_t[]){426, 427, 417, 405});
    all->facts = (qsti_run_facts){
        .name = "digits-8q-to-4q",
        .data_name = "digits",
        .inputs = "1,797 rows, 64 features, 10 classes; pca 8, standardize, scale 0.3",
        .isa = "AVX-512",
        .version = "0.1.0",
        .n_threads = 2,
        .n_classes = CLASSES,
        .recipe_hash = "0011",
        .data_hash = "2233",
        .seconds = 14.2,
        .folder = "runs/digits-8q-to-4q-001",
    };
    return all;
}

static json_t *build(qst_ctx *ctx, const sample *all)
{
    json_t *report = NULL;
    bool required = false;
    assert_ok(ctx, qsti_report_build(ctx, &all->facts, all->settings, all->n_settings, NULL, 0, &report, &required));
    assert_true(required);
    return report;
}

static char *page_of(qst_ctx *ctx, const json_t *report)
{
    char *page = NULL;
    assert_ok(ctx, qsti_report_page(ctx, report, &page));
    return page;
}

static void clean_up(qst_ctx *ctx, sample *all, json_t *report, char *page)
{
    qsti_free(ctx, page);
    json_decref(report);
    free(all);
    qst_ctx_free(ctx);
}

/* --- looking into a report ---------------------------------------------------------------------------------------- */

static json_t *at(const json_t *report, const char *path)
{
    json_t *value = NULL;
    for (const json_t *outer = report; outer && *path; outer = value) {
        char part[64];
        size_t n = strcspn(path, ".");
        assert_true(n < sizeof part);
        memcpy(part, path, n);
        part[n] = '\0';
        value = json_is_array(outer) ? json_array_get(outer, strtoul(part, NULL, 10)) : json_object_get(outer, part);
        path += n + (path[n] == '.');
    }
    return value;
}

static double number(const json_t *report, const char *path)
{
    const json_t *value = at(report, path);
    if (!json_is_number(value)) {
        print_error("%s is no number\n", path);
        fail();
    }
    return json_number_value(value);
}

static const char *string(const json_t *report, const char *path)
{
    const char *text = json_string_value(at(report, path));
    assert_non_null(text);
    return text;
}

static bool is_null(const json_t *report, const char *path)
{
    return json_is_null(at(report, path));
}

static char *text_of(qst_ctx *ctx, const json_t *report)
{
    char *text = NULL;
    size_t length = 0;
    assert_ok(ctx, qsti_json_text(ctx, report, &text, &length));
    return text;
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static void means_and_intervals(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(5, 2);
    json_t *report = build(ctx, all);
    /* Teacher: 426, 428, 430, 427, 429 of 450. */
    double half = 2.7764451051977935 * sqrt(2.5) / sqrt(5) / ROWS;
    assert_close(number(report, "teacher.accuracy"), 428.0 / ROWS, 1e-15);
    assert_close(number(report, "teacher.accuracy_ci.0"), 428.0 / ROWS - half, 1e-14);
    assert_close(number(report, "teacher.accuracy_ci.1"), 428.0 / ROWS + half, 1e-14);
    assert_string_equal(string(report, "teacher.accuracy_ci_method"), "t over seeds");
    assert_close(number(report, "teacher.details.accuracy.sd"), sqrt(2.5) / ROWS, 1e-15);
    assert_close(number(report, "teacher.details.accuracy.seeds.2"), 430.0 / ROWS, 1e-15);
    assert_null(at(report, "teacher.agreement"));
    assert_null(at(report, "floor.output_mse"));
    assert_close(number(report, "student.agreement"), 420.0 / ROWS + 0.02, 1e-14);
    assert_close(number(report, "control.agreement"), 419.0 / ROWS + 0.02, 1e-14);
    assert_close(number(report, "student.output_mse"), 0.004, 1e-17);
    assert_close(number(report, "student.train_test_gap"), 0.01, 1e-14);
    /* Student - control: -1, 0, 4, -1, 3 rows. */
    assert_close(number(report, "gain.points"), 100.0 / ROWS, 1e-13);
    assert_close(number(report, "gain.sd"), 100 * sqrt(5.5) / ROWS, 1e-13);
    assert_close(number(report, "gain.ci.1"), 100 * (1 + 2.7764451051977935 * sqrt(1.1)) / ROWS, 1e-12);
    assert_close(number(report, "gain.seeds.2"), 400.0 / ROWS, 1e-13);
    assert_close(number(report, "drop.points"), 800.0 / ROWS, 1e-12);
    assert_close(number(report, "drop.within_points"), number(report, "drop.ci.1"), 0);
    assert_close(number(report, "recovered_gap.value"), 1.0 / 9, 1e-12);
    assert_close(number(report, "compression.qubits.teacher"), 8, 0);
    assert_close(number(report, "compression.two_qubit_gates.student"), 16, 0);
    assert_close(number(report, "compression.parameters.student.classical"), 170, 0);
    assert_close(number(report, "floor.size.parameters.classical"), 90, 0);
    assert_true(is_null(report, "floor.size.qubits"));
    assert_close(number(report, "seeds"), 5, 0);
    assert_close(number(report, "time_s.run"), 14.2, 0);
    clean_up(ctx, all, report, NULL);
}

static void mcnemar_counts_rows(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(5, 1);
    memset(all->right[0][0], 0, sizeof all->right[0][0]);
    memset(all->right[0][0][QSTI_STUDENT], 1, 12);
    memset(all->right[0][0][QSTI_CONTROL] + 2, 1, 13);
    json_t *report = build(ctx, all);
    assert_close(number(report, "gain.mcnemar.0.first_only"), 2, 0);
    assert_close(number(report, "gain.mcnemar.0.second_only"), 3, 0);
    assert_close(number(report, "gain.mcnemar.0.p"), 1, 1e-15);
    assert_close(number(report, "drop.mcnemar.0.second_only"), 12, 0);
    assert_close(number(report, "drop.mcnemar.0.p"), 0x1p-11, 1e-16);
    clean_up(ctx, all, report, NULL);
}

static void grid_over_seeds(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(5, 1);
    json_t *report = build(ctx, all);
    assert_int_equal(json_array_size(at(report, "grid.cells")), 4);
    assert_close(number(report, "grid.cells.1.temperature"), 1, 0);
    assert_close(number(report, "grid.cells.1.alpha"), 0.9, 0);
    assert_close(number(report, "grid.cells.1.chosen"), 2, 0);
    assert_close(number(report, "grid.cells.1.validation_accuracy"), 0.903, 1e-15);
    assert_true(json_is_true(at(report, "grid.temperature_searched")));
    assert_int_equal(json_array_size(at(report, "notes")), 1);
    json_decref(report);
    for (size_t s = 0; s < 5; s++) {
        all->settings[0].seeds[s].n_grid = 1;
    }
    report = build(ctx, all);
    assert_true(json_is_false(at(report, "grid.temperature_searched")));
    assert_string_equal(string(report, "notes.1"), "The temperature was given, not searched.");
    clean_up(ctx, all, report, NULL);
}

static void top_level_repeats_the_first_setting(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(5, 3);
    json_t *report = build(ctx, all), *value;
    const char *key;
    assert_string_equal(string(report, "format"), "qstill-report/1");
    assert_int_equal(json_array_size(at(report, "settings")), 3);
    assert_string_equal(string(report, "setting"), "all-labels");
    assert_string_equal(string(report, "settings.1.name"), "few-labels");
    json_object_foreach(at(report, "settings.0"), key, value)
    {
        if (strcmp(key, "name") != 0 && strcmp(key, "time_s") != 0) {
            assert_true(json_equal(value, json_object_get(report, key)));
        }
        assert_non_null(json_object_get(at(report, "settings.2"), key));
    }
    assert_close(number(report, "time_s.total"), number(report, "settings.0.time_s.total"), 0);
    assert_null(at(report, "settings.0.time_s.run"));
    clean_up(ctx, all, report, NULL);
}

/* --- verdicts ----------------------------------------------------------------------------------------------------- */

static void verdicts_and_sentences(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(5, 2);
    json_t *report = build(ctx, all);
    assert_string_equal(string(report, "verdict"), "NO DIFFERENCE");
    assert_string_equal(string(report, "verdict_text"),
                        "no difference shown (−0.4 to +0.9 points) between student and control (same student, labels "
                        "only): test accuracy on digits, 5 paired seeds");
    assert_string_equal(string(report, "settings.1.verdict"), "BEATS");
    assert_string_equal(string(report, "settings.1.verdict_text"),
                        "student beats control (same student, labels only) by +8.0 points (+7.4 to +8.6): test "
                        "accuracy on digits with 10 % of the labels, 5 paired seeds; against the floor (logistic "
                        "regression) +7.2 points (+6.7 to +7.7)");
    assert_string_equal(string(report, "settings.1.over_floor.verdict"), "BEATS");
    assert_null(at(report, "drop.verdict"));
    json_decref(report);
    fill_setting(all, 0, "all-labels", 5, (const size_t[]){426, 376, 412, 405});
    report = build(ctx, all);
    assert_string_equal(string(report, "verdict"), "WORSE");
    assert_string_equal(string(report, "verdict_text"),
                        "student is worse than control (same student, labels only) by −8.0 points (−8.6 to −7.4): "
                        "test accuracy on digits, 5 paired seeds");
    clean_up(ctx, all, report, NULL);
}

/* Settings 0 and 2 have the same control and floor, setting 1 has its own. */
static void holm_runs_over_the_same_control(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(5, 3);
    json_t *report = build(ctx, all);
    double p_first = number(report, "settings.0.gain.p_t"), p_last = number(report, "settings.2.gain.p_t");
    assert_true(p_last < p_first);
    assert_close(number(report, "settings.2.gain.p_holm"), 2 * p_last, 1e-18);
    assert_close(number(report, "settings.0.gain.p_holm"), p_first, 0);
    assert_close(number(report, "settings.1.gain.p_holm"), number(report, "settings.1.gain.p_t"), 0);
    assert_close(number(report, "settings.0.gain.n_holm"), 2, 0);
    assert_close(number(report, "settings.1.gain.n_holm"), 1, 0);
    assert_close(number(report, "settings.2.over_floor.n_holm"), 2, 0);
    assert_null(at(report, "drop.p_holm"));
    clean_up(ctx, all, report, NULL);
}

/* An interval above 0 does not suffice when the corrected p does not. */
static void correction_takes_a_verdict_back(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(5, 1);
    qsti_seed_result *seeds = all->settings[0].seeds;
    const size_t student[] = {420, 421, 426, 419, 422}, control[] = {418, 416, 417, 417, 419}; /* 2, 5, 9, 2, 3 */
    for (size_t s = 0; s < 5; s++) {
        fill_role(&seeds[s].roles[QSTI_STUDENT], all->right[0][s][QSTI_STUDENT], student[s], s);
        fill_role(&seeds[s].roles[QSTI_CONTROL], all->right[0][s][QSTI_CONTROL], control[s], s + 50);
    }
    json_t *report = build(ctx, all);
    assert_true(number(report, "gain.ci.0") > 0 && number(report, "gain.p_holm") < 0.05);
    assert_string_equal(string(report, "verdict"), "BEATS");
    json_decref(report);
    all->n_settings = 2;
    all->settings[1] = all->settings[0];
    report = build(ctx, all);
    assert_true(number(report, "gain.ci.0") > 0 && number(report, "gain.p_holm") > 0.05);
    assert_string_equal(string(report, "verdict"), "NO DIFFERENCE");
    clean_up(ctx, all, report, NULL);
}

/* --- what is missing ---------------------------------------------------------------------------------------------- */

static void one_seed(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(1, 1);
    json_t *report = build(ctx, all);
    qsti_interval wilson = qsti_wilson(426, ROWS, 0.95);
    assert_string_equal(string(report, "teacher.accuracy_ci_method"), "Wilson");
    assert_close(number(report, "teacher.accuracy_ci.0"), wilson.lo, 0);
    assert_close(number(report, "teacher.accuracy_ci.1"), wilson.hi, 0);
    assert_true(is_null(report, "teacher.details.nll.ci") && is_null(report, "teacher.details.nll.ci_method"));
    assert_true(is_null(report, "gain.ci") && is_null(report, "gain.p_holm") && is_null(report, "drop.within_points"));
    assert_close(number(report, "gain.points"), -100.0 / ROWS, 1e-13);
    assert_string_equal(string(report, "verdict"), "TOO FEW RUNS");
    assert_string_equal(string(report, "verdict_text"),
                        "too few runs (1 of 5) for a verdict between student and control (same student, labels only): "
                        "test accuracy on digits, 1 paired seed");
    clean_up(ctx, all, report, NULL);
}

static void no_controls_and_a_table_as_teacher(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(5, 1);
    all->settings[0].sizes[QSTI_TEACHER] = (qsti_size){0};
    all->facts.folder = NULL;
    for (size_t s = 0; s < 5; s++) {
        all->settings[0].seeds[s].roles[QSTI_CONTROL].present = false;
        all->settings[0].seeds[s].roles[QSTI_FLOOR].present = false;
        all->settings[0].seeds[s].roles[QSTI_TEACHER].last_epoch_accuracy = NAN;
        all->settings[0].seeds[s].roles[QSTI_STUDENT].fidelity.agreement_teacher_wrong = s == 1 ? 0.5 : NAN;
    }
    json_t *report = build(ctx, all);
    assert_true(is_null(report, "control") && is_null(report, "floor"));
    assert_true(is_null(report, "gain.points") && is_null(report, "gain.seeds.0") && is_null(report, "gain.mcnemar.0"));
    assert_true(is_null(report, "gain.bootstrap_ci") && is_null(report, "recovered_gap.value"));
    assert_string_equal(string(report, "verdict"), "TOO FEW RUNS");
    assert_true(is_null(report, "compression.qubits.teacher") && is_null(report, "compression.parameters.teacher"));
    assert_close(number(report, "compression.depth.student"), 22, 0);
    assert_true(is_null(report, "teacher.last_epoch_accuracy"));
    assert_close(number(report, "student.agreement_teacher_wrong"), 0.5, 0);
    assert_string_equal(string(report, "student.details.agreement_teacher_wrong.ci_method"), "Wilson");
    assert_true(is_null(report, "student.details.agreement_teacher_wrong.seeds.0"));
    char *page = page_of(ctx, report);
    assert_non_null(strstr(page, "no floor was fitted"));
    assert_null(strstr(page, "against control"));
    clean_up(ctx, all, report, page);
}

static void foreign_bytes_and_large_seeds(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(5, 1);
    all->facts.folder = "runs/\xff-001";
    all->facts.data_name = "\xc3(.csv";
    all->settings[0].seeds[0].seed = UINT64_MAX;
    json_t *report = build(ctx, all);
    assert_string_equal(string(report, "machine.folder"), "runs/?-001");
    assert_string_equal(string(report, "data.name"), "?(.csv");
    assert_string_equal(string(report, "runs.0.seed"), "18446744073709551615");
    assert_non_null(strstr(string(report, "verdict_text"), "test accuracy on ?(.csv, 5"));
    clean_up(ctx, all, report, NULL);
}

static void warnings_are_listed(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(5, 1);
    qsti_warn(ctx, "column 3 is constant");
    json_t *report = build(ctx, all);
    assert_string_equal(string(report, "warnings.0"), "column 3 is constant");
    char *page = page_of(ctx, report);
    assert_non_null(strstr(page, "  warning: column 3 is constant\n"));
    clean_up(ctx, all, report, page);
}

/* --- equal work, equal bytes -------------------------------------------------------------------------------------- */

static void forget_the_machine(json_t *report)
{
    json_object_del(report, "machine");
    json_object_del(report, "time_s");
    for (size_t i = 0; i < json_array_size(at(report, "settings")); i++) {
        json_object_del(json_array_get(at(report, "settings"), i), "time_s");
    }
}

static void only_time_and_machine_differ(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(5, 3);
    json_t *report = build(ctx, all);
    char *before = text_of(ctx, report);
    all->facts.n_threads = 7;
    all->facts.isa = "SSE2";
    all->facts.folder = "/elsewhere";
    all->facts.seconds = 99;
    for (size_t i = 0; i < 3; i++) {
        all->settings[i].seconds_total = all->settings[i].seconds_student = all->settings[i].seconds_teacher = 1;
    }
    json_t *other = build(ctx, all);
    char *after = text_of(ctx, other);
    assert_string_not_equal(before, after);
    qsti_free(ctx, before);
    qsti_free(ctx, after);
    forget_the_machine(report);
    forget_the_machine(other);
    before = text_of(ctx, report);
    after = text_of(ctx, other);
    assert_string_equal(before, after);
    qsti_free(ctx, before);
    qsti_free(ctx, after);
    json_decref(other);
    clean_up(ctx, all, report, NULL);
}

/* --- requirements ------------------------------------------------------------------------------------------------- */

static qst_status require(qst_ctx *ctx, const sample *all, qsti_requirement requirement, json_t **report, bool *holds)
{
    return qsti_report_build(ctx, &all->facts, all->settings, all->n_settings, &requirement, 1, report, holds);
}

static void requirements_are_judged(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(5, 2);
    const struct {
        qsti_requirement requirement;
        bool holds;
    } cases[] = {
        {{"student.accuracy", 0.9, NAN, NULL}, true},
        {{"student.accuracy", 0.93, NAN, NULL}, false},
        {{"student.accuracy", 0.93, NAN, "all-labels"}, true},
        {{"drop.points", 2.5, NAN, NULL}, false},
        {{"drop.points", 2.5, NAN, "few-labels"}, true},
        {{"drop.within_points", NAN, 2.5, "all-labels"}, true},
        {{"drop.within_points", NAN, 2.0, "all-labels"}, false},
        {{"compression.two_qubit_gates.student", 16, 16, NULL}, true},
        {{"gain.ci.0", 0, NAN, "few-labels"}, true},
        {{"gain.ci.0", 0, NAN, "all-labels"}, false},
        {{"student.details.accuracy.sd", NAN, 0.1, NULL}, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *report = NULL;
        bool holds = !cases[i].holds;
        assert_ok(ctx, require(ctx, all, cases[i].requirement, &report, &holds));
        assert_int_equal(holds, cases[i].holds);
        assert_int_equal(json_is_true(at(report, "requirements_hold")), holds);
        assert_int_equal(json_is_true(at(report, "requirements.0.holds")), holds);
        assert_int_equal(json_array_size(at(report, "requirements.0.values")), cases[i].requirement.setting ? 1 : 2);
        json_decref(report);
    }
    clean_up(ctx, all, NULL, NULL);
}

/* An interval that one seed cannot have, a control that was not trained: no number, so the condition does not hold. */
static void missing_values_do_not_hold(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(1, 1);
    all->settings[0].seeds[0].roles[QSTI_CONTROL].present = false;
    const char *const paths[] = {"gain.ci.0", "control.accuracy", "gain.points"};
    for (size_t i = 0; i < 3; i++) {
        json_t *report = NULL;
        bool holds = true;
        assert_ok(ctx, require(ctx, all, (qsti_requirement){paths[i], -1e9, NAN, NULL}, &report, &holds));
        assert_false(holds);
        assert_true(is_null(report, "requirements.0.values.0"));
        char *page = page_of(ctx, report);
        assert_non_null(strstr(page, ": none DOES NOT HOLD\n"));
        qsti_free(ctx, page);
        json_decref(report);
    }
    clean_up(ctx, all, NULL, NULL);
}

static void slips_in_requirements(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(5, 2);
    json_t *report = NULL;
    bool holds = true;
    qsti_requirement slip = {"student.acuracy", 0.9, NAN, NULL};
    assert_status(ctx, require(ctx, all, slip, &report, &holds), QST_ERR_USAGE);
    assert_message(ctx, "verify.require: \"student.acuracy\" is no number of the report; did you mean "
                        "\"student.accuracy\"?");
    slip = (qsti_requirement){"student.accuracy", 0.9, NAN, "few-label"};
    assert_status(ctx, require(ctx, all, slip, &report, &holds), QST_ERR_USAGE);
    assert_message(ctx, "no setting \"few-label\"; did you mean \"few-labels\"?");
    assert_null(report);
    assert_true(holds);
    assert_ok(ctx, qsti_report_check_path(ctx, "gain.points"));
    assert_ok(ctx, qsti_report_check_path(ctx, "recovered_gap.value"));
    const char *const none[] = {"gain",  "gain.ci",      "verdict",   "",          ".",
                                "gain.", "gain..points", "gain.ci.2", "settings.0"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_status(ctx, qsti_report_check_path(ctx, none[i]), QST_ERR_USAGE);
    }
    clean_up(ctx, all, NULL, NULL);
}

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
    sample *all = sample_create(5, 2);
    json_t *report = NULL;
    bool holds = true;
    assert_ok(ctx, require(ctx, all, (qsti_requirement){"student.accuracy", 0.93, NAN, NULL}, &report, &holds));
    char *page = page_of(ctx, report);
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
              "  14 s · runs/digits-8q-to-4q-001/report.json\n"
              "\n"
              "  required: student.accuracy ≥ 0.93: 0.9333, 0.92 DOES NOT HOLD\n");
    clean_up(ctx, all, report, page);
}

/* Long names, many settings, changed sizes: still 100 columns. What is read back from a file prints the same. */
static void page_keeps_its_width(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(10, 3);
    all->settings[0].name = "eine sehr lange Einstellung mit Umläuten und mehr";
    all->settings[2].name = "\xf0\x9f\x94\xac\xf0\x9f\x94\xac\xf0\x9f\x94\xac\xf0\x9f\x94\xac";
    all->settings[2].sizes[QSTI_STUDENT] = (qsti_size){true, 12, 123456, 99999, 123456, 123456, 1234567};
    all->facts.inputs = "1,797 rows, 64 features, 10 classes; pool to 4 x 4, amplitude, pca 8, standardize, scale 0.3, "
                        "and then much more of the same until the line must be broken between two words";
    qsti_warn(ctx, "a warning that is so long that it cannot stand on one line of the page, which is why it is broken "
                   "between two of its words");
    json_t *report = build(ctx, all), *again = NULL;
    char *page = page_of(ctx, report), *text = text_of(ctx, report);
    assert_true(longest_line(page) <= 100);
    assert_aligned(page, "student against ");
    assert_aligned(page, " points [");
    assert_true(qsti_utf8_is_valid(page, strlen(page)));
    assert_non_null(strstr(page, "eine sehr lange Ein…"));
    assert_non_null(strstr(page, "123456 + 1234567"));
    assert_ok(ctx, qsti_json_parse(ctx, "report.json", text, strlen(text), QST_ERR_INPUT, &again));
    char *other = page_of(ctx, again);
    assert_string_equal(page, other);
    qsti_free(ctx, other);
    qsti_free(ctx, text);
    json_decref(again);
    clean_up(ctx, all, report, page);
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

/* --- out of memory ------------------------------------------------------------------------------------------------ */

typedef struct quota {
    size_t left;
} quota;

static void *quota_allocate(void *user, size_t n_bytes)
{
    quota *q = user;
    return q->left > 0 && q->left-- ? malloc(n_bytes) : NULL;
}

static void *quota_resize(void *user, void *pointer, size_t n_bytes)
{
    quota *q = user;
    return q->left > 0 && q->left-- ? realloc(pointer, n_bytes) : NULL;
}

static void quota_release(void *user, void *pointer)
{
    (void)user;
    free(pointer);
}

/* Every allocation of the context fails once; what is left behind is found by the sanitizer build. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    sample *all = sample_create(2, 1);
    quota q = {1000};
    const qst_allocator allocator = {quota_allocate, quota_resize, quota_release, &q};
    qst_ctx *ctx = NULL;
    json_t *report = NULL;
    char *page = NULL;
    bool holds = true;
    assert_int_equal(qst_ctx_create(&(qst_ctx_opts){.allocator = &allocator, .n_threads = 1}, &ctx), QST_OK);
    size_t n_build = 0, n_page = 0;
    for (qst_status status = QST_ERR_MEMORY; status != QST_OK; n_build++) {
        q.left = n_build;
        status = require(ctx, all, (qsti_requirement){"gain.points", -1, NAN, NULL}, &report, &holds);
        assert_true(status == QST_OK || status == QST_ERR_MEMORY);
        assert_true((status == QST_OK) == (report != NULL));
    }
    for (qst_status status = QST_ERR_MEMORY; status != QST_OK; n_page++) {
        q.left = n_page;
        status = qsti_report_page(ctx, report, &page);
        assert_true(status == QST_OK || status == QST_ERR_MEMORY);
        assert_true((status == QST_OK) == (page != NULL));
    }
    assert_true(n_build > 20 && n_page > 5);
    size_t left = 0;
    for (qst_status status = QST_ERR_MEMORY; status != QST_ERR_USAGE; left += 11) {
        q.left = left;
        status = qsti_report_check_path(ctx, "gain");
        assert_true(status == QST_ERR_USAGE || status == QST_ERR_MEMORY);
    }
    q.left = 1000;
    clean_up(ctx, all, report, page);
}

/* --- the documentation -------------------------------------------------------------------------------------------- */

enum { MAX_KEYS = 256, KEY_BYTES = 96 };

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
        snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", documented_name(path, key));
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

static void every_key_is_documented(void **state)
{
    (void)state;
    static key_set in_report, in_docs;
    qst_ctx *ctx = support_ctx(1);
    sample *all = sample_create(5, 1);
    json_t *report = NULL;
    bool holds = true;
    assert_ok(ctx, require(ctx, all, (qsti_requirement){"gain.points", -1, NAN, NULL}, &report, &holds));
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
    clean_up(ctx, all, report, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_and_intervals),
        cmocka_unit_test(mcnemar_counts_rows),
        cmocka_unit_test(grid_over_seeds),
        cmocka_unit_test(top_level_repeats_the_first_setting),
        cmocka_unit_test(verdicts_and_sentences),
        cmocka_unit_test(holm_runs_over_the_same_control),
        cmocka_unit_test(correction_takes_a_verdict_back),
        cmocka_unit_test(one_seed),
        cmocka_unit_test(no_controls_and_a_table_as_teacher),
        cmocka_unit_test(foreign_bytes_and_large_seeds),
        cmocka_unit_test(warnings_are_listed),
        cmocka_unit_test(only_time_and_machine_differ),
        cmocka_unit_test(requirements_are_judged),
        cmocka_unit_test(missing_values_do_not_hold),
        cmocka_unit_test(slips_in_requirements),
        cmocka_unit_test(page_as_it_is),
        cmocka_unit_test(page_keeps_its_width),
        cmocka_unit_test(pages_of_other_documents),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(every_key_is_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_report.c: the report of invented results: its numbers, sentences, determinism and requirements. */
#include "support/support.h"

#include "unit/report_cases.h"

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static void means_and_intervals(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 2);
    json_t *report = report_of(ctx, all);
    /* Teacher: 426, 428, 430, 427, 429 of 450. */
    double half = 2.7764451051977935 * sqrt(2.5) / sqrt(5) / ROWS;
    assert_close(report_number(report, "teacher.accuracy"), 428.0 / ROWS, 1e-15);
    assert_close(report_number(report, "teacher.accuracy_ci.0"), 428.0 / ROWS - half, 1e-14);
    assert_close(report_number(report, "teacher.accuracy_ci.1"), 428.0 / ROWS + half, 1e-14);
    assert_string_equal(report_string(report, "teacher.accuracy_ci_method"), "t over seeds");
    assert_close(report_number(report, "teacher.details.accuracy.sd"), sqrt(2.5) / ROWS, 1e-15);
    assert_close(report_number(report, "teacher.details.accuracy.seeds.2"), 430.0 / ROWS, 1e-15);
    assert_null(report_at(report, "teacher.agreement"));
    assert_null(report_at(report, "floor.output_mse"));
    assert_close(report_number(report, "student.agreement"), 420.0 / ROWS + 0.02, 1e-14);
    assert_close(report_number(report, "control.agreement"), 419.0 / ROWS + 0.02, 1e-14);
    assert_close(report_number(report, "student.output_mse"), 0.004, 1e-17);
    assert_close(report_number(report, "student.train_test_gap"), 0.01, 1e-14);
    /* Student - control: -1, 0, 4, -1, 3 rows. */
    assert_close(report_number(report, "gain.points"), 100.0 / ROWS, 1e-13);
    assert_close(report_number(report, "gain.sd"), 100 * sqrt(5.5) / ROWS, 1e-13);
    assert_close(report_number(report, "gain.ci.1"), 100 * (1 + 2.7764451051977935 * sqrt(1.1)) / ROWS, 1e-12);
    assert_close(report_number(report, "gain.seeds.2"), 400.0 / ROWS, 1e-13);
    assert_close(report_number(report, "drop.points"), 800.0 / ROWS, 1e-12);
    assert_close(report_number(report, "drop.within_points"), report_number(report, "drop.ci.1"), 0);
    assert_close(report_number(report, "recovered_gap.value"), 1.0 / 9, 1e-12);
    assert_close(report_number(report, "compression.qubits.teacher"), 8, 0);
    assert_close(report_number(report, "compression.two_qubit_gates.student"), 16, 0);
    assert_close(report_number(report, "compression.parameters.student.classical"), 170, 0);
    assert_close(report_number(report, "floor.size.parameters.classical"), 90, 0);
    assert_true(report_is_null(report, "floor.size.qubits"));
    assert_close(report_number(report, "seeds"), 5, 0);
    assert_close(report_number(report, "time_s.run"), 14.2, 0);
    assert_close(report_number(report, "time_s.training"), 9.87, 0);
    report_clean_up(ctx, all, report, NULL);
}

static void mcnemar_counts_rows(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 1);
    memset(all->right[0][0], 0, sizeof all->right[0][0]);
    memset(all->right[0][0][QSTI_STUDENT], 1, 12);
    memset(all->right[0][0][QSTI_CONTROL] + 2, 1, 13);
    json_t *report = report_of(ctx, all);
    assert_close(report_number(report, "gain.mcnemar.0.first_only"), 2, 0);
    assert_close(report_number(report, "gain.mcnemar.0.second_only"), 3, 0);
    assert_close(report_number(report, "gain.mcnemar.0.p"), 1, 1e-15);
    assert_close(report_number(report, "drop.mcnemar.0.second_only"), 12, 0);
    assert_close(report_number(report, "drop.mcnemar.0.p"), 0x1p-11, 1e-16);
    report_clean_up(ctx, all, report, NULL);
}

static void grid_over_seeds(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 1);
    json_t *report = report_of(ctx, all);
    assert_int_equal(json_array_size(report_at(report, "grid.cells")), 4);
    assert_close(report_number(report, "grid.cells.1.temperature"), 1, 0);
    assert_close(report_number(report, "grid.cells.1.alpha"), 0.9, 0);
    assert_close(report_number(report, "grid.cells.1.chosen"), 2, 0);
    assert_close(report_number(report, "grid.cells.1.validation_accuracy"), 0.903, 1e-15);
    assert_true(json_is_true(report_at(report, "grid.temperature_searched")));
    assert_int_equal(json_array_size(report_at(report, "notes")), 1);
    json_decref(report);
    for (size_t s = 0; s < 5; s++) {
        all->settings[0].seeds[s].n_grid = 1;
    }
    report = report_of(ctx, all);
    assert_true(json_is_false(report_at(report, "grid.temperature_searched")));
    assert_string_equal(report_string(report, "notes.1"), "The temperature was given, not searched.");
    report_clean_up(ctx, all, report, NULL);
}

static void top_level_repeats_the_first_setting(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 3);
    json_t *report = report_of(ctx, all), *value;
    const char *key;
    assert_string_equal(report_string(report, "format"), "qstill-report/1");
    assert_int_equal(json_array_size(report_at(report, "settings")), 3);
    assert_string_equal(report_string(report, "setting"), "all-labels");
    assert_string_equal(report_string(report, "settings.1.name"), "few-labels");
    json_object_foreach(report_at(report, "settings.0"), key, value)
    {
        if (strcmp(key, "name") != 0 && strcmp(key, "time_s") != 0) {
            assert_true(json_equal(value, json_object_get(report, key)));
        }
        assert_non_null(json_object_get(report_at(report, "settings.2"), key));
    }
    assert_close(report_number(report, "time_s.total"), report_number(report, "settings.0.time_s.total"), 0);
    assert_null(report_at(report, "settings.0.time_s.run"));
    report_clean_up(ctx, all, report, NULL);
}

/* --- verdicts ----------------------------------------------------------------------------------------------------- */

static void verdicts_and_sentences(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 2);
    json_t *report = report_of(ctx, all);
    assert_string_equal(report_string(report, "verdict"), "NO DIFFERENCE");
    assert_string_equal(report_string(report, "verdict_text"),
                        "no difference shown (−0.4 to +0.9 points) between student and control (same student, labels "
                        "only): test accuracy on digits, 5 paired seeds");
    assert_string_equal(report_string(report, "settings.1.verdict"), "BEATS");
    assert_string_equal(report_string(report, "settings.1.verdict_text"),
                        "student beats control (same student, labels only) by +8.0 points (+7.4 to +8.6): test "
                        "accuracy on digits with 10 % of the labels, 5 paired seeds; against the floor (logistic "
                        "regression) +7.2 points (+6.7 to +7.7)");
    assert_string_equal(report_string(report, "settings.1.over_floor.verdict"), "BEATS");
    assert_null(report_at(report, "drop.verdict"));
    json_decref(report);
    report_fill_setting(all, 0, "all-labels", 5, (const size_t[]){426, 376, 412, 405});
    report = report_of(ctx, all);
    assert_string_equal(report_string(report, "verdict"), "WORSE");
    assert_string_equal(report_string(report, "verdict_text"),
                        "student is worse than control (same student, labels only) by −8.0 points (−8.6 to −7.4): "
                        "test accuracy on digits, 5 paired seeds");
    report_clean_up(ctx, all, report, NULL);
}

/* Settings 0 and 2 have the same control and floor, setting 1 has its own. */
static void holm_runs_over_the_same_control(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 3);
    json_t *report = report_of(ctx, all);
    double p_first = report_number(report, "settings.0.gain.p_t"),
           p_last = report_number(report, "settings.2.gain.p_t");
    assert_true(p_last < p_first);
    assert_close(report_number(report, "settings.2.gain.p_holm"), 2 * p_last, 1e-18);
    assert_close(report_number(report, "settings.0.gain.p_holm"), p_first, 0);
    assert_close(report_number(report, "settings.1.gain.p_holm"), report_number(report, "settings.1.gain.p_t"), 0);
    assert_close(report_number(report, "settings.0.gain.n_holm"), 2, 0);
    assert_close(report_number(report, "settings.1.gain.n_holm"), 1, 0);
    assert_close(report_number(report, "settings.2.over_floor.n_holm"), 2, 0);
    assert_null(report_at(report, "drop.p_holm"));
    report_clean_up(ctx, all, report, NULL);
}

/* An interval above 0 does not suffice when the corrected p does not. */
static void correction_takes_a_verdict_back(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 1);
    qsti_seed_result *seeds = all->settings[0].seeds;
    const size_t student[] = {420, 421, 426, 419, 422}, control[] = {418, 416, 417, 417, 419}; /* 2, 5, 9, 2, 3 */
    for (size_t s = 0; s < 5; s++) {
        report_fill_role(&seeds[s].roles[QSTI_STUDENT], all->right[0][s][QSTI_STUDENT], student[s], s);
        report_fill_role(&seeds[s].roles[QSTI_CONTROL], all->right[0][s][QSTI_CONTROL], control[s], s + 50);
    }
    json_t *report = report_of(ctx, all);
    assert_true(report_number(report, "gain.ci.0") > 0 && report_number(report, "gain.p_holm") < 0.05);
    assert_string_equal(report_string(report, "verdict"), "BEATS");
    json_decref(report);
    all->n_settings = 2;
    all->settings[1] = all->settings[0];
    report = report_of(ctx, all);
    assert_true(report_number(report, "gain.ci.0") > 0 && report_number(report, "gain.p_holm") > 0.05);
    assert_string_equal(report_string(report, "verdict"), "NO DIFFERENCE");
    assert_string_equal(report_string(report, "verdict_text"),
                        "no difference shown (+0.1 to +1.7 points) between student and control (same student, labels "
                        "only): test accuracy on digits, 5 paired seeds; the interval is without 0, but p = 0.07 after "
                        "correction for 2 comparisons");
    report_clean_up(ctx, all, report, NULL);
}

/* --- further controls --------------------------------------------------------------------------------------------- */

/* Each holds its model and the student's comparison with it; what has a place of its own is not among them. */
static void further_controls(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 1);
    report_fill_control(all, 0, QST_CONTROL_permuted_scores, 40);
    report_fill_control(all, 0, QST_CONTROL_gradient_scale, 418);
    all->settings[0].left_out[QST_CONTROL_no_entanglement] = "the student has no circuit";
    json_t *report = report_of(ctx, all);
    assert_int_equal(json_object_size(report_at(report, "controls")), QSTI_ROLE_COUNT - QSTI_FIRST_FURTHER);
    assert_true(report_is_null(report, "controls.no_entanglement"));
    assert_null(report_at(report, "controls.no_teacher"));
    /* The student has 419, 418, 421, 420, 422 rows right, permuted_scores 42, 40, 41, 43, 41. */
    assert_close(report_number(report, "controls.permuted_scores.model.accuracy"), 41.4 / ROWS, 1e-15);
    assert_close(report_number(report, "controls.permuted_scores.model.agreement"), 41.4 / ROWS + 0.02, 1e-14);
    assert_close(report_number(report, "controls.permuted_scores.points"), 100 * 378.6 / ROWS, 1e-12);
    assert_close(report_number(report, "controls.permuted_scores.seeds.2"), 100.0 * 380 / ROWS, 1e-12);
    assert_string_equal(report_string(report, "controls.permuted_scores.verdict"), "BEATS");
    assert_string_equal(report_string(report, "controls.permuted_scores.verdict_text"),
                        "student beats permuted scores (same student, each row with the teacher's scores of another) "
                        "by +84.1 points (+83.6 to +84.6): test accuracy on digits, 5 paired seeds");
    assert_string_equal(report_string(report, "controls.gradient_scale.verdict"), "NO DIFFERENCE");
    assert_close(report_number(report, "controls.gradient_scale.rate_factors.1"), 2.25, 0);
    assert_null(report_at(report, "controls.permuted_scores.rate_factors"));
    assert_string_equal(report_string(report, "left_out.0.control"), "no_entanglement");
    assert_string_equal(report_string(report, "left_out.0.why"), "the student has no circuit");
    assert_string_equal(report_string(report, "notes.1"),
                        "Control no_entanglement left out: the student has no circuit.");
    report_clean_up(ctx, all, report, NULL);
}

/* Three controls of one setting: p_holm is 3, 2 and 1 times p_t, not falling; the gain is no member of their family. */
static void holm_runs_over_the_further_controls(void **state)
{
    (void)state;
    static const char *const names[] = {"permuted_scores", "gradient_scale", "no_entanglement"};
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 1);
    json_t *report = report_of(ctx, all);
    double alone = report_number(report, "gain.p_holm"), previous = 0;
    json_decref(report);
    report_fill_control(all, 0, QST_CONTROL_permuted_scores, 40);
    report_fill_control(all, 0, QST_CONTROL_gradient_scale, 416);
    report_fill_control(all, 0, QST_CONTROL_no_entanglement, 418);
    report = report_of(ctx, all);
    for (size_t i = 0; i < 3; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "controls.%s.p_t", names[i]);
        double p = report_number(report, path);
        (void)snprintf(path, sizeof path, "controls.%s.p_holm", names[i]);
        double expected = fmin(1, fmax(previous, (double)(3 - i) * p));
        assert_close(report_number(report, path), expected, 1e-15);
        (void)snprintf(path, sizeof path, "controls.%s.n_holm", names[i]);
        assert_close(report_number(report, path), 3, 0);
        previous = expected;
    }
    assert_close(report_number(report, "gain.p_holm"), alone, 0);
    assert_close(report_number(report, "gain.n_holm"), 1, 0);
    assert_close(report_number(report, "over_floor.n_holm"), 1, 0);
    report_clean_up(ctx, all, report, NULL);
}

/* Two methods against the same control, which each setting has beside another one: the larger of both corrections. */
static void both_families_count(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 3);
    for (size_t i = 0; i < 3; i++) {
        report_fill_control(all, i, QST_CONTROL_gradient_scale, 416);
    }
    report_fill_control(all, 0, QST_CONTROL_permuted_scores, 40);
    json_t *report = report_of(ctx, all);
    double p = report_number(report, "settings.2.controls.gradient_scale.p_t");
    assert_true(p < report_number(report, "settings.0.controls.gradient_scale.p_t"));
    assert_close(report_number(report, "settings.2.controls.gradient_scale.n_holm"), 3, 0);
    assert_close(report_number(report, "settings.2.controls.gradient_scale.p_holm"), 3 * p, 1e-15);
    assert_close(report_number(report, "settings.0.controls.permuted_scores.n_holm"), 2, 0);
    report_clean_up(ctx, all, report, NULL);
}

static void requirements_on_controls(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 1);
    report_fill_control(all, 0, QST_CONTROL_permuted_scores, 40);
    const struct {
        qsti_requirement requirement;
        bool holds;
    } cases[] = {
        {{"controls.permuted_scores.points", 80, NAN, NULL}, true},
        {{"controls.permuted_scores.ci.0", 84, NAN, NULL}, false},
        {{"controls.permuted_scores.model.accuracy", NAN, 0.2, NULL}, true},
        {{"controls.gradient_scale.points", -100, NAN, NULL}, false}, /* not there */
        {{"controls.gradient_scale.rate_factors.0", 0, NAN, NULL}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *report = NULL;
        bool holds = !cases[i].holds;
        assert_ok(ctx, report_require(ctx, all, cases[i].requirement, &report, &holds));
        assert_int_equal(holds, cases[i].holds);
        json_decref(report);
    }
    assert_status(ctx, qsti_report_check_path(ctx, "controls.permuted_score.points"), QST_ERR_USAGE);
    assert_message(ctx, "did you mean \"controls.permuted_scores.points\"?");
    report_clean_up(ctx, all, NULL, NULL);
}

/* --- what is missing ---------------------------------------------------------------------------------------------- */

static void one_seed(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(1, 1);
    json_t *report = report_of(ctx, all);
    qsti_interval wilson = qsti_wilson(426, ROWS, 0.95);
    assert_string_equal(report_string(report, "teacher.accuracy_ci_method"), "Wilson");
    assert_close(report_number(report, "teacher.accuracy_ci.0"), wilson.lo, 0);
    assert_close(report_number(report, "teacher.accuracy_ci.1"), wilson.hi, 0);
    assert_true(report_is_null(report, "teacher.details.nll.ci") &&
                report_is_null(report, "teacher.details.nll.ci_method"));
    assert_true(report_is_null(report, "gain.ci") && report_is_null(report, "gain.p_holm") &&
                report_is_null(report, "drop.within_points"));
    assert_close(report_number(report, "gain.points"), -100.0 / ROWS, 1e-13);
    assert_string_equal(report_string(report, "verdict"), "TOO FEW RUNS");
    assert_string_equal(report_string(report, "verdict_text"),
                        "too few runs (1 of 5) for a verdict between student and control (same student, labels only): "
                        "test accuracy on digits, 1 paired seed");
    report_clean_up(ctx, all, report, NULL);
}

static void no_controls_and_a_table_as_teacher(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 1);
    all->settings[0].sizes[QSTI_TEACHER] = (qsti_size){0};
    all->facts.folder = NULL;
    for (size_t s = 0; s < 5; s++) {
        all->settings[0].seeds[s].roles[QSTI_CONTROL].present = false;
        all->settings[0].seeds[s].roles[QSTI_FLOOR].present = false;
        all->settings[0].seeds[s].roles[QSTI_TEACHER].last_epoch_accuracy = NAN;
        all->settings[0].seeds[s].roles[QSTI_STUDENT].fidelity.agreement_teacher_wrong = s == 1 ? 0.5 : NAN;
    }
    json_t *report = report_of(ctx, all);
    assert_true(report_is_null(report, "control") && report_is_null(report, "floor"));
    assert_true(report_is_null(report, "gain.points") && report_is_null(report, "gain.seeds.0") &&
                report_is_null(report, "gain.mcnemar.0"));
    assert_true(report_is_null(report, "gain.bootstrap_ci") && report_is_null(report, "recovered_gap.value"));
    assert_string_equal(report_string(report, "verdict"), "TOO FEW RUNS");
    assert_true(report_is_null(report, "compression.qubits.teacher") &&
                report_is_null(report, "compression.parameters.teacher"));
    assert_close(report_number(report, "compression.depth.student"), 22, 0);
    assert_true(report_is_null(report, "teacher.last_epoch_accuracy"));
    assert_close(report_number(report, "student.agreement_teacher_wrong"), 0.5, 0);
    assert_string_equal(report_string(report, "student.details.agreement_teacher_wrong.ci_method"), "Wilson");
    assert_true(report_is_null(report, "student.details.agreement_teacher_wrong.seeds.0"));
    char *page = report_page_of(ctx, report);
    assert_non_null(strstr(page, "no floor was fitted"));
    assert_null(strstr(page, "against control"));
    report_clean_up(ctx, all, report, page);
}

static void foreign_bytes_and_large_seeds(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 1);
    all->facts.folder = "runs/\xff-001";
    all->facts.data_name = "\xc3(.csv";
    all->settings[0].seeds[0].seed = UINT64_MAX;
    json_t *report = report_of(ctx, all);
    assert_string_equal(report_string(report, "machine.folder"), "runs/?-001");
    assert_string_equal(report_string(report, "data.name"), "?(.csv");
    assert_string_equal(report_string(report, "runs.0.seed"), "18446744073709551615");
    assert_non_null(strstr(report_string(report, "verdict_text"), "test accuracy on ?(.csv, 5"));
    report_clean_up(ctx, all, report, NULL);
}

static void warnings_are_listed(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 1);
    qsti_warn(ctx, "column 3 is constant");
    json_t *report = report_of(ctx, all);
    assert_string_equal(report_string(report, "warnings.0"), "column 3 is constant");
    char *page = report_page_of(ctx, report);
    assert_non_null(strstr(page, "  warning: column 3 is constant\n"));
    report_clean_up(ctx, all, report, page);
}

/* --- equal work, equal bytes -------------------------------------------------------------------------------------- */

static void forget_the_machine(json_t *report)
{
    json_object_del(report, "machine");
    json_object_del(report, "time_s");
    for (size_t i = 0; i < json_array_size(report_at(report, "settings")); i++) {
        json_object_del(json_array_get(report_at(report, "settings"), i), "time_s");
    }
}

static void only_time_and_machine_differ(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 3);
    json_t *report = report_of(ctx, all);
    char *before = report_text_of(ctx, report);
    all->facts.n_threads = 7;
    all->facts.isa = "SSE2";
    all->facts.folder = "/elsewhere";
    all->facts.seconds = 99;
    for (size_t i = 0; i < 3; i++) {
        all->settings[i].seconds_total = all->settings[i].seconds_student = all->settings[i].seconds_teacher = 1;
    }
    json_t *other = report_of(ctx, all);
    char *after = report_text_of(ctx, other);
    assert_string_not_equal(before, after);
    qsti_free(ctx, before);
    qsti_free(ctx, after);
    forget_the_machine(report);
    forget_the_machine(other);
    before = report_text_of(ctx, report);
    after = report_text_of(ctx, other);
    assert_string_equal(before, after);
    qsti_free(ctx, before);
    qsti_free(ctx, after);
    json_decref(other);
    report_clean_up(ctx, all, report, NULL);
}

/* --- requirements ------------------------------------------------------------------------------------------------- */

static void requirements_are_judged(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 2);
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
        assert_ok(ctx, report_require(ctx, all, cases[i].requirement, &report, &holds));
        assert_int_equal(holds, cases[i].holds);
        assert_int_equal(json_is_true(report_at(report, "requirements_hold")), holds);
        assert_int_equal(json_is_true(report_at(report, "requirements.0.holds")), holds);
        assert_int_equal(json_array_size(report_at(report, "requirements.0.values")),
                         cases[i].requirement.setting ? 1 : 2);
        json_decref(report);
    }
    report_clean_up(ctx, all, NULL, NULL);
}

/* An interval that one seed cannot have, a control that was not trained: no number, so the condition does not hold. */
static void missing_values_do_not_hold(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(1, 1);
    all->settings[0].seeds[0].roles[QSTI_CONTROL].present = false;
    const char *const paths[] = {"gain.ci.0", "control.accuracy", "gain.points"};
    for (size_t i = 0; i < 3; i++) {
        json_t *report = NULL;
        bool holds = true;
        assert_ok(ctx, report_require(ctx, all, (qsti_requirement){paths[i], -1e9, NAN, NULL}, &report, &holds));
        assert_false(holds);
        assert_true(report_is_null(report, "requirements.0.values.0"));
        char *page = report_page_of(ctx, report);
        assert_non_null(strstr(page, ": none DOES NOT HOLD\n"));
        qsti_free(ctx, page);
        json_decref(report);
    }
    report_clean_up(ctx, all, NULL, NULL);
}

static void slips_in_requirements(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 2);
    json_t *report = NULL;
    bool holds = true;
    qsti_requirement slip = {"student.acuracy", 0.9, NAN, NULL};
    assert_status(ctx, report_require(ctx, all, slip, &report, &holds), QST_ERR_USAGE);
    assert_message(ctx, "verify.require: \"student.acuracy\" is no number of the report; did you mean "
                        "\"student.accuracy\"?");
    slip = (qsti_requirement){"student.accuracy", 0.9, NAN, "few-label"};
    assert_status(ctx, report_require(ctx, all, slip, &report, &holds), QST_ERR_USAGE);
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
    report_clean_up(ctx, all, NULL, NULL);
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
    report_sample *all = report_sample_create(2, 1);
    memset(all->right, 1, sizeof all->right); /* no row differs: quick bootstraps */
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
        status = report_require(ctx, all, (qsti_requirement){"gain.points", -1, NAN, NULL}, &report, &holds);
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
    report_clean_up(ctx, all, report, page);
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
        cmocka_unit_test(further_controls),
        cmocka_unit_test(holm_runs_over_the_further_controls),
        cmocka_unit_test(both_families_count),
        cmocka_unit_test(requirements_on_controls),
        cmocka_unit_test(one_seed),
        cmocka_unit_test(no_controls_and_a_table_as_teacher),
        cmocka_unit_test(foreign_bytes_and_large_seeds),
        cmocka_unit_test(warnings_are_listed),
        cmocka_unit_test(only_time_and_machine_differ),
        cmocka_unit_test(requirements_are_judged),
        cmocka_unit_test(missing_values_do_not_hold),
        cmocka_unit_test(slips_in_requirements),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

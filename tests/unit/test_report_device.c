/* test_report_device.c: the report and the page of what was measured on a device, from invented numbers. */
#include "support/support.h"

#include "unit/report_cases.h"

static report_sample *sample(size_t n_seeds, const size_t n_right[4])
{
    report_sample *all = report_sample_create(n_seeds, 1);
    report_fill_device(all, 0, n_right);
    return all;
}

static const size_t ahead[] = {300, 360, 350, 358};

static void numbers_of_models(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = sample(5, ahead);
    json_t *report = report_of(ctx, all);
    /* Teacher: 300, 304, 302, 306, 303 of 450. */
    double half = 2.7764451051977935 * sqrt(5) / sqrt(5) / ROWS;
    assert_close(report_number(report, "device.teacher.device.accuracy"), 303.0 / ROWS, 1e-15);
    assert_close(report_number(report, "device.teacher.device.accuracy_ci.0"), 303.0 / ROWS - half, 1e-14);
    assert_close(report_number(report, "device.teacher.device.seeds.3"), 306.0 / ROWS, 1e-15);
    assert_close(report_number(report, "device.teacher.mitigated.accuracy"), 323.0 / ROWS, 1e-15);
    assert_close(report_number(report, "device.teacher.ideal.accuracy"), 428.0 / ROWS, 1e-15);
    assert_close(report_number(report, "device.teacher.shots.accuracy"), 425.0 / ROWS, 1e-15);
    assert_close(report_number(report, "device.student.device.agreement"), 0.625, 1e-15);
    assert_close(report_number(report, "device.noise_unaware.device.agreement"), 0.875, 1e-15);
    assert_close(report_number(report, "device.student.device.corrected_accuracy"), 0.75, 1e-15);
    assert_null(report_at(report, "device.student.shots.corrected_accuracy"));
    assert_close(report_number(report, "device.student.shots.distance"), 2.5, 1e-15);
    assert_close(report_number(report, "device.student.ideal.distance_corrected"), 2.25, 1e-15);
    assert_close(report_number(report, "device.student.device.distance_corrected_seeds.4"), 4.25, 1e-15);
    assert_null(report_at(report, "device.teacher.device.distance"));
    assert_close(report_number(report, "device.student.placement.qubits.3"), 3, 0);
    assert_close(report_number(report, "device.student.placement.edges.2.0"), 2, 0);
    assert_close(report_number(report, "device.teacher.placement.depth"), 200, 0);
    assert_close(report_number(report, "device.student.placement.fidelity"), 0.75, 0);
    assert_close(report_number(report, "device.student.shots_per_row"), 2048, 0);
    assert_close(report_number(report, "device.student.training_shots"), 5000, 0);
    assert_close(report_number(report, "device.teacher.curve.4.accuracy"), 0.3, 1e-15);
    assert_null(report_at(report, "device.control.curve"));
    assert_string_equal(report_string(report, "device.name"), "fake_manila");
    report_clean_up(ctx, all, report, NULL);
}

static void comparisons_on_the_device(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = sample(5, ahead);
    json_t *report = report_of(ctx, all);
    /* Student - teacher: 63, 56, 64, 56, 61 rows. */
    assert_close(report_number(report, "device.over_teacher.points"), 100 * 60.0 / ROWS, 1e-12);
    assert_close(report_number(report, "device.over_teacher.seeds.1"), 100 * 56.0 / ROWS, 1e-12);
    assert_string_equal(report_string(report, "device.over_teacher.verdict"), "BEATS");
    assert_string_equal(report_string(report, "device.over_noise_unaware.verdict"), "NO DIFFERENCE");
    assert_non_null(strstr(report_string(report, "device.over_teacher.verdict_text"),
                           "on the device, student beats teacher by +13.3 points"));
    assert_non_null(
        strstr(report_string(report, "device.over_teacher.verdict_text"), "on fake_manila with 1024 shots a circuit"));
    /* Teacher: 426..429 of 450 without noise. */
    assert_close(report_number(report, "device.teacher_loss.points"), 100 * 125.0 / ROWS, 1e-12);
    assert_null(report_at(report, "device.teacher_loss.verdict"));
    assert_close(report_number(report, "device.over_teacher.n_holm"), 1, 0);
    /* The comparisons without noise are what they were. */
    assert_close(report_number(report, "gain.points"), 100.0 / ROWS, 1e-13);
    json_decref(report);
    free(all);
    all = sample(4, ahead);
    report = report_of(ctx, all);
    assert_string_equal(report_string(report, "device.over_teacher.verdict"), "TOO FEW RUNS");
    report_clean_up(ctx, all, report, NULL);
}

static void crossover_is_where_lines_cross(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    static const struct {
        double student[STRENGTHS], strength;
        const char *found;
    } cases[] = {{{0.93, 0.88, 0.80, 0.7, 0.6}, 0.1, "crosses"},
                 {{0.96, 0.88, 0.80, 0.7, 0.6}, 0, "ahead throughout"},
                 {{0.96, 0.88, 0.64, 0.7, 0.6}, 1 + 0.02 / 0.22, "crosses"}, /* ahead, behind, ahead for good */
                 {{0.96, 0.88, 0.80, 0.7, 0.3}, NAN, "none"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        report_sample *all = sample(5, ahead);
        memcpy(all->measured.curves[1], cases[i].student, sizeof cases[i].student);
        json_t *report = report_of(ctx, all);
        assert_string_equal(report_string(report, "device.crossover.found"), cases[i].found);
        if (isnan(cases[i].strength)) {
            assert_true(report_is_null(report, "device.crossover.strength"));
            assert_true(report_is_null(report, "device.crossover.depth"));
        } else {
            assert_close(report_number(report, "device.crossover.strength"), cases[i].strength, 1e-12);
            assert_close(report_number(report, "device.crossover.depth"), 200 * cases[i].strength, 1e-10);
        }
        json_decref(report);
        free(all);
    }
    qst_ctx_free(ctx);
}

static void nothing_without_a_device(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = report_sample_create(5, 1);
    json_t *report = report_of(ctx, all);
    char *page = report_page_of(ctx, report);
    assert_true(report_is_null(report, "device"));
    assert_null(strstr(page, "on the device"));
    report_clean_up(ctx, all, report, page);
}

/* A teacher that is no circuit of this device. */
static void without_a_teacher(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = sample(5, ahead);
    for (size_t s = 0; s < 5; s++) {
        all->seeds[0][s].roles[QSTI_TEACHER].device = NULL;
    }
    all->measured.facts.without_teacher = "it has 8 qubits, the device 5";
    json_t *report = report_of(ctx, all);
    char *page = report_page_of(ctx, report);
    assert_true(report_is_null(report, "device.teacher"));
    assert_true(report_is_null(report, "device.over_teacher"));
    assert_true(report_is_null(report, "device.crossover.strength"));
    assert_string_equal(report_string(report, "device.over_control.verdict"), "BEATS");
    assert_null(strstr(page, "student against teacher, on"));
    char *text = report_text_of(ctx, report);
    assert_non_null(strstr(text, "The teacher is not measured on the device: it has 8 qubits, the device 5."));
    qsti_free(ctx, text);
    report_clean_up(ctx, all, report, page);
}

static void page_at_a_glance(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    report_sample *all = sample(5, ahead);
    json_t *report = report_of(ctx, all);
    char *page = report_page_of(ctx, report);
    static const char *const lines[] = {
        "  on the device  ideal       shots only  device      mitigated   corrected   agrees\n",
        "  teacher        95.1 \u00b1 0.4  94.4 \u00b1 0.4  67.3 \u00b1 0.6  71.8 \u00b1 0.6  75.0 \u00b1 0.0  50.0",
        "  student        93.3 \u00b1 0.4",
        "  device: fake_manila, 5 qubits, 1024 shots a circuit",
        "  student: qubits 0 1 2 3, depth 40, 16 gates on two qubits, 6.4 us, expected fidelity 0.75",
        "  student against teacher        +13.3 points [+12.3, +14.4]  BEATS\n",
        "  teacher, from ideal to device  -27.8 points [",
        "  noise of strength 0: teacher 95.0, student 93.0 \u00b7 0.5: teacher 80.0, student 88.0",
        "  crossover: the student is ahead from strength 0.1 on: a teacher of depth 20 on this device\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (strstr(page, lines[i]) == NULL) {
            fail_msg("not on the page: %s\n%s", lines[i], page);
        }
    }
    report_clean_up(ctx, all, report, page);
}

static void requirements_on_the_device(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    static const char *const paths[] = {"device.over_teacher.points",     "device.over_noise_unaware.ci.0",
                                        "device.student.device.accuracy", "device.teacher_loss.points",
                                        "device.crossover.depth",         "device.student.placement.fidelity",
                                        "device.student.curve.4.accuracy"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_ok(ctx, qsti_report_check_path(ctx, paths[i]));
    }
    assert_status(ctx, qsti_report_check_path(ctx, "device.over_teachers.points"), QST_ERR_USAGE);
    assert_message(ctx, "did you mean \"device.over_teacher.points\"?");
    report_sample *all = sample(5, ahead);
    json_t *report = NULL;
    bool holds = true;
    assert_ok(ctx, report_require(ctx, all, (qsti_requirement){paths[0], 14, NAN, NULL}, &report, &holds));
    assert_false(holds);
    report_clean_up(ctx, all, report, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_models),
        cmocka_unit_test(comparisons_on_the_device),
        cmocka_unit_test(crossover_is_where_lines_cross),
        cmocka_unit_test(nothing_without_a_device),
        cmocka_unit_test(without_a_teacher),
        cmocka_unit_test(page_at_a_glance),
        cmocka_unit_test(requirements_on_the_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

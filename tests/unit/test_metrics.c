/* test_metrics.c: quality, calibration and fidelity on rows small enough to work out by hand, and their laws. */
#include "support/support.h"

#include "base/rng.h"
#include "learn/temperature.h"
#include "verify/metrics.h"

enum { MANY = 200, CLASSES = 5 };

static qsti_quality quality_of(const double *probabilities, const int64_t *labels, size_t n, size_t n_classes)
{
    qst_ctx *ctx = support_ctx(1);
    qsti_quality result;
    assert_ok(ctx, qsti_quality_measure(ctx, probabilities, labels, n, n_classes, &result));
    qst_ctx_free(ctx);
    return result;
}

static qsti_fidelity fidelity_of(const double *teacher, const double *student, const int64_t *labels, size_t n,
                                 size_t n_classes)
{
    qst_ctx *ctx = support_ctx(1);
    qsti_fidelity result;
    assert_ok(ctx, qsti_fidelity_measure(ctx, teacher, student, labels, n, n_classes, &result));
    qst_ctx_free(ctx);
    return result;
}

/* Rows of random probabilities and random labels. */
static void draw_rows(uint64_t seed, double *probabilities, int64_t *labels, size_t n)
{
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_TEST, 0, 0);
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t c = 0; c < CLASSES; c++) {
            probabilities[i * CLASSES + c] = exp(2 * qsti_rng_normal(&rng));
            sum += probabilities[i * CLASSES + c];
        }
        for (size_t c = 0; c < CLASSES; c++) {
            probabilities[i * CLASSES + c] /= sum;
        }
        labels[i] = (int64_t)qsti_rng_below(&rng, CLASSES);
    }
}

/* --- quality ------------------------------------------------------------------------------------------------------ */

static void quality_by_hand(void **state)
{
    (void)state;
    const double p[] = {0.7, 0.2, 0.1, 0.4, 0.5, 0.1, 0.1, 0.3, 0.6, 0.25, 0.5, 0.25};
    const int64_t y[] = {0, 0, 2, 1};
    qsti_quality q = quality_of(p, y, 4, 3);
    assert_int_equal(q.n, 4);
    assert_int_equal(q.n_correct, 3);
    assert_close(q.accuracy, 0.75, 0);
    assert_close(q.balanced_accuracy, (0.5 + 1 + 1) / 3, 1e-15);
    assert_close(q.macro_f1, (2.0 / 3 + 2.0 / 3 + 1) / 3, 1e-15);
    assert_close(q.nll, -(log(0.7) + log(0.4) + log(0.6) + log(0.5)) / 4, 1e-15);
    assert_close(q.brier, (0.14 + 0.62 + 0.26 + 0.375) / 4, 1e-15);
    /* Bins (2/3 - 1/15, 2/3 + 1/15] and so on: 0.7 alone, 0.6 alone, the two of 0.5 with one right. */
    assert_close(q.ece, (0.3 + 0.4 + fabs(1 - 1.0)) / 4, 1e-15);
}

/* 0.6 = 9/15 is the upper end of a bin, 0.62 lies in the next. */
static void bins_are_closed_above(void **state)
{
    (void)state;
    const double p[] = {0.6, 0.4, 0.62, 0.38};
    assert_close(quality_of(p, (const int64_t[]){0, 1}, 2, 2).ece, (0.4 + 0.62) / 2, 1e-15);
}

static void ties_go_to_the_lowest_class(void **state)
{
    (void)state;
    const double p[] = {0.5, 0.5, 0.5, 0.5};
    const int64_t y[] = {0, 1};
    assert_int_equal(quality_of(p, y, 2, 2).n_correct, 1);
    const double q[] = {0.2, 0.4, 0.4};
    assert_close(quality_of(q, (const int64_t[]){1}, 1, 3).accuracy, 1, 0);
}

static void impossible_label_costs_the_floor(void **state)
{
    (void)state;
    const double p[] = {1, 0};
    qsti_quality q = quality_of(p, (const int64_t[]){1}, 1, 2);
    assert_close(q.nll, -log(1e-12), 1e-12);
    assert_close(q.ece, 1, 0);
    q = quality_of(p, (const int64_t[]){0}, 1, 2);
    assert_close(q.nll, 0, 0);
    assert_close(q.brier, 0, 0);
    assert_close(q.ece, 0, 0);
}

static void repeating_the_rows_changes_nothing(void **state)
{
    (void)state;
    static double p[2 * MANY * CLASSES];
    static int64_t y[2 * MANY];
    draw_rows(1, p, y, MANY);
    memcpy(p + MANY * CLASSES, p, sizeof p / 2);
    memcpy(y + MANY, y, sizeof y / 2);
    qsti_quality once = quality_of(p, y, MANY, CLASSES), twice = quality_of(p, y, 2 * MANY, CLASSES);
    assert_close(once.nll, twice.nll, 1e-13);
    assert_close(once.brier, twice.brier, 1e-13);
    assert_close(once.ece, twice.ece, 1e-13);
    assert_close(once.macro_f1, twice.macro_f1, 1e-13);
}

/* --- temperature -------------------------------------------------------------------------------------------------- */

static void temperature_one_is_the_identity(void **state)
{
    (void)state;
    static double p[MANY * CLASSES], q[MANY * CLASSES];
    static int64_t y[MANY];
    draw_rows(2, p, y, MANY);
    qsti_temperature_apply(p, MANY, CLASSES, 1, q);
    for (size_t i = 0; i < MANY * CLASSES; i++) {
        assert_close(q[i], p[i], 1e-14);
    }
    qsti_temperature_apply(p, 1, CLASSES, 2, p);
    double sum = 0;
    for (size_t c = 0; c < CLASSES; c++) {
        sum += sqrt(q[c]);
    }
    for (size_t c = 0; c < CLASSES; c++) {
        assert_close(p[c], sqrt(q[c]) / sum, 1e-14);
    }
}

/* Labels drawn from p itself: T = 1 fits; p sharpened by T = 1/3: T = 3 fits. */
static void temperature_is_found(void **state)
{
    (void)state;
    enum { ROWS = 20000 };
    double *p = calloc((size_t)ROWS * CLASSES, sizeof *p);
    int64_t *y = calloc(ROWS, sizeof *y);
    assert_true(p && y);
    draw_rows(3, p, y, ROWS);
    qsti_rng rng = qsti_rng_init(4, QSTI_PURPOSE_TEST, 0, 0);
    for (size_t i = 0; i < ROWS; i++) {
        double uniform = qsti_rng_uniform(&rng);
        y[i] = 0;
        while (y[i] < CLASSES - 1 && (uniform -= p[i * CLASSES + (size_t)y[i]]) >= 0) {
            y[i]++;
        }
    }
    assert_close(qsti_temperature_fit(p, y, ROWS, CLASSES), 1, 0.05);
    qsti_temperature_apply(p, ROWS, CLASSES, 1.0 / 3, p);
    double temperature = qsti_temperature_fit(p, y, ROWS, CLASSES);
    assert_close(temperature, 3, 0.15);
    double before = quality_of(p, y, ROWS, CLASSES).ece;
    qsti_temperature_apply(p, ROWS, CLASSES, temperature, p);
    double after = quality_of(p, y, ROWS, CLASSES).ece;
    assert_true(before > 0.1 && after < 0.02);
    free(p);
    free(y);
}

/* --- fidelity ----------------------------------------------------------------------------------------------------- */

static void divergences_by_hand(void **state)
{
    (void)state;
    const double p[] = {0.9, 0.1}, q[] = {0.5, 0.5};
    qsti_fidelity f = fidelity_of(p, q, (const int64_t[]){0}, 1, 2);
    assert_close(f.kl, 0.368064, 5e-7);
    assert_close(fidelity_of(q, p, (const int64_t[]){0}, 1, 2).kl, 0.510826, 5e-7);
    assert_close(f.tvd, 0.4, 1e-15);
    assert_close(f.output_mse, 0.16, 1e-15);
    assert_close(f.output_mae, 0.4, 1e-15);
    assert_close(f.output_max, 0.4, 1e-15);
    assert_true(isnan(f.pearson) && isnan(f.spearman) && isnan(f.agreement_teacher_wrong));
    assert_close(f.agreement_teacher_right, 1, 0);
}

static void floor_is_counted(void **state)
{
    (void)state;
    const double p[] = {0.5, 0.5, 0}, q[] = {1, 0, 0};
    qsti_fidelity f = fidelity_of(p, q, (const int64_t[]){0}, 1, 3);
    assert_int_equal(f.n_floored, 1);
    assert_close(f.kl, 0.5 * log(0.5) + 0.5 * log(0.5 / 1e-12), 1e-12);
    assert_close(f.js, 0.5 * (0.5 * log(0.5 / 0.75) + 0.5 * log(2) + log(1 / 0.75)), 1e-15);
}

static void oneself_is_followed_perfectly(void **state)
{
    (void)state;
    static double p[MANY * CLASSES];
    static int64_t y[MANY];
    draw_rows(5, p, y, MANY);
    qsti_fidelity f = fidelity_of(p, p, y, MANY, CLASSES);
    assert_close(f.agreement, 1, 0);
    assert_close(f.kappa, 1, 1e-15);
    assert_close(f.output_mse + f.output_mae + f.output_max + f.kl + f.js + f.tvd, 0, 0);
    assert_close(f.pearson, 1, 1e-14);
    assert_close(f.spearman, 1, 1e-14);
    assert_close(f.agreement_teacher_right + f.agreement_teacher_wrong, 2, 0);
}

static void bounds_hold(void **state)
{
    (void)state;
    static double p[MANY * CLASSES], q[MANY * CLASSES];
    static int64_t y[MANY];
    for (uint64_t seed = 10; seed < 40; seed++) {
        draw_rows(seed, p, y, MANY);
        draw_rows(seed + 1000, q, y, MANY);
        qsti_fidelity f = fidelity_of(p, q, y, MANY, CLASSES), back = fidelity_of(q, p, y, MANY, CLASSES);
        assert_true(f.kl >= 0 && f.js >= 0 && f.js <= log(2) && f.tvd >= 0 && f.tvd <= 1);
        assert_true(f.kl >= 2 * f.tvd * f.tvd); /* Pinsker, with Jensen */
        assert_close(f.js, back.js, 1e-15);
        assert_close(f.agreement, back.agreement, 0);
        assert_close(f.kappa, back.kappa, 1e-15);
        assert_true(fabs(f.kappa) < 0.3 && fabs(f.pearson) < 0.3 && fabs(f.spearman) < 0.3);
        double joined = (f.agreement_teacher_right * (double)f.n_teacher_right +
                         f.agreement_teacher_wrong * (double)f.n_teacher_wrong) /
                        MANY;
        assert_close(joined, f.agreement, 1e-14);
    }
}

static void kappa_needs_two_decisions(void **state)
{
    (void)state;
    const double p[] = {0.9, 0.1, 0.8, 0.2}, q[] = {0.6, 0.4, 0.1, 0.9};
    const int64_t y[] = {0, 1};
    qsti_fidelity same = fidelity_of(p, p, y, 2, 2), other = fidelity_of(p, q, y, 2, 2);
    assert_true(isnan(same.kappa));
    assert_close(same.agreement, 1, 0);
    assert_close(other.kappa, 0, 0);
    assert_close(other.agreement_teacher_right, 1, 0);
    assert_close(other.agreement_teacher_wrong, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quality_by_hand),
        cmocka_unit_test(bins_are_closed_above),
        cmocka_unit_test(ties_go_to_the_lowest_class),
        cmocka_unit_test(impossible_label_costs_the_floor),
        cmocka_unit_test(repeating_the_rows_changes_nothing),
        cmocka_unit_test(temperature_one_is_the_identity),
        cmocka_unit_test(temperature_is_found),
        cmocka_unit_test(divergences_by_hand),
        cmocka_unit_test(floor_is_counted),
        cmocka_unit_test(oneself_is_followed_perfectly),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(kappa_needs_two_decisions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_statistics.c: laws, edges and coverage of the statistics; their values are checked in test_verify_golden.c.
 *
 * The simulations draw with fixed seeds; their bounds are 6 standard errors from what is promised, so that another seed
 * would pass too. */
#include "support/support.h"

#include "base/rng.h"
#include "verify/distributions.h"
#include "verify/statistics.h"

/* --- distributions ------------------------------------------------------------------------------------------------ */

static void quantiles_invert(void **state)
{
    (void)state;
    const double degrees[] = {1, 2, 4, 9, 30, 1000};
    for (size_t i = 0; i < sizeof degrees / sizeof degrees[0]; i++) {
        for (int step = 0; step < 96; step++) {
            double p = 0.0005 + 0.0105 * step;
            assert_close(qsti_t_cdf(qsti_t_quantile(p, degrees[i]), degrees[i]), p, 1e-15);
        }
    }
    assert_close(qsti_t_quantile(0.975, 4), 2.7764451051977935, 4e-15);
    assert_close(qsti_t_quantile(0.75, 1), 1, 4e-15);
    assert_close(qsti_normal_quantile(0.975), 1.9599639845400545, 1e-15);
    assert_close(qsti_t_cdf(0, 3), 0.5, 0);
    assert_close(qsti_t_cdf(INFINITY, 3), 1, 0);
    assert_close(qsti_t_cdf(-INFINITY, 3), 0, 0);
}

static void beta_is_symmetric(void **state)
{
    (void)state;
    qsti_rng rng = qsti_rng_init(1, QSTI_PURPOSE_TEST, 0, 0);
    for (int i = 0; i < 2000; i++) {
        double a = exp(6 * qsti_rng_uniform(&rng) - 1), b = exp(6 * qsti_rng_uniform(&rng) - 1);
        double x = qsti_rng_uniform(&rng);
        assert_close(qsti_beta_cdf(x, 1 - x, a, b) + qsti_beta_cdf(1 - x, x, b, a), 1, 1e-13);
        assert_close(qsti_beta_cdf(x, 1 - x, a, 1), pow(x, a), 1e-13);
    }
    assert_close(qsti_beta_cdf(0, 1, 2, 3), 0, 0);
    assert_close(qsti_beta_cdf(1, 0, 2, 3), 1, 0);
}

static void binomial_sums_to_one(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 7, 450, 10000};
    for (size_t i = 0; i < 4; i++) {
        for (int step = 0; step <= 8; step++) {
            double p = 0.125 * step, sum = 0, mean = 0;
            for (size_t k = 0; k <= sizes[i]; k++) {
                double pmf = qsti_binomial_pmf(k, sizes[i], p);
                sum += pmf;
                mean += (double)k * pmf;
            }
            assert_close(sum, 1, 1e-12);
            assert_close(mean, (double)sizes[i] * p, 1e-12 * (double)sizes[i]);
        }
    }
    assert_close(qsti_binomial_pmf(0, 0, 0.3), 1, 0);
}

/* --- intervals ---------------------------------------------------------------------------------------------------- */

static double coverage(qsti_interval interval_of(size_t, size_t, double), size_t n, double p)
{
    double covered = 0;
    for (size_t k = 0; k <= n; k++) {
        qsti_interval interval = interval_of(k, n, 0.95);
        covered += interval.lo <= p && p <= interval.hi ? qsti_binomial_pmf(k, n, p) : 0;
    }
    return covered;
}

/* Summed exactly over all outcomes, mean over p in [0.5, 0.99]. */
static void wilson_covers_95_percent_on_average(void **state)
{
    (void)state;
    const size_t sizes[] = {50, 150, 450, 1000};
    for (size_t i = 0; i < 4; i++) {
        double sum = 0;
        for (int step = 0; step <= 140; step++) {
            sum += coverage(qsti_wilson, sizes[i], 0.5 + 0.0035 * step);
        }
        assert_true(sum / 141 > 0.94 && sum / 141 < 0.96);
    }
}

static void clopper_pearson_covers_95_percent_always(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 10, 60};
    for (size_t i = 0; i < 3; i++) {
        for (int step = 0; step < 132; step++) {
            assert_true(coverage(qsti_clopper_pearson, sizes[i], 0.005 + 0.0075 * step) >= 0.95);
        }
    }
}

static void share_intervals_stay_in_range(void **state)
{
    (void)state;
    for (size_t n = 1; n < 30; n++) {
        for (size_t k = 0; k <= n; k++) {
            qsti_interval wilson = qsti_wilson(k, n, 0.95), exact = qsti_clopper_pearson(k, n, 0.95);
            double share = (double)k / (double)n;
            assert_true(0 <= wilson.lo && wilson.lo <= share && share <= wilson.hi && wilson.hi <= 1);
            assert_true(0 <= exact.lo && exact.lo <= share && share <= exact.hi && exact.hi <= 1);
            assert_true((k > 0) == (wilson.lo > 0) && (k < n) == (wilson.hi < 1));
        }
    }
}

static void means_of_few(void **state)
{
    (void)state;
    qsti_mean none = qsti_mean_interval(NULL, 0, 0.95), one = qsti_mean_interval((const double[]){3}, 1, 0.95);
    assert_true(none.n == 0 && isnan(none.mean) && isnan(none.interval.lo));
    assert_true(one.mean == 3 && isnan(one.sd) && isnan(one.interval.lo) && isnan(one.interval.hi));
    qsti_mean two = qsti_mean_interval((const double[]){1, 3}, 2, 0.95);
    assert_close(two.sd, sqrt(2), 1e-15);
    assert_close(two.interval.hi, 2 + 12.706204736174694, 1e-13);
}

/* --- paired tests ------------------------------------------------------------------------------------------------- */

static void smallest_p_of_exact_tests(void **state)
{
    (void)state;
    const double five[] = {1, 2, 3, 4, 5}, ten[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    assert_close(qsti_paired_test(five, 5, 1).p_wilcoxon, 0.0625, 0);
    assert_close(qsti_paired_test(five, 5, 1).p_sign_flip, 0.0625, 0);
    assert_close(qsti_paired_test(ten, 10, 1).p_wilcoxon, 0x1p-9, 0);
    assert_close(qsti_paired_test(ten, 10, 1).p_sign_flip, 0x1p-9, 0);
}

static void differences_without_spread(void **state)
{
    (void)state;
    const double zero[5] = {0}, equal[] = {0.5, 0.5, 0.5, 0.5, 0.5};
    qsti_paired none = qsti_paired_test(zero, 5, 1), all = qsti_paired_test(equal, 5, 1);
    assert_true(none.p_t == 1 && none.p_wilcoxon == 1 && none.p_sign_flip == 1 && isnan(none.effect_size));
    assert_true(all.p_t == 0 && isnan(all.effect_size));
    assert_close(all.p_wilcoxon, 0.0625, 0);
    qsti_paired one = qsti_paired_test(equal, 1, 1);
    assert_true(isnan(one.p_t) && one.p_wilcoxon == 1 && one.p_sign_flip == 1 && isnan(one.effect_size));
    qsti_paired empty = qsti_paired_test(NULL, 0, 1);
    assert_true(isnan(empty.p_t) && isnan(empty.p_wilcoxon) && isnan(empty.p_sign_flip));
}

/* Differences of accuracies k/N are equal up to rounding: ties must be seen through it. */
static void rounding_does_not_break_ties(void **state)
{
    (void)state;
    const double rounded[] = {0.9 - 0.8, 0.8 - 0.7, 0.6 - 0.7, 0.3 - 0.1, 0.5 - 0.4, 1e-17};
    const double exact[] = {1, 1, -1, 2, 1, 0};
    assert_true(rounded[0] != rounded[1]);
    assert_close(qsti_paired_test(rounded, 6, 1).p_wilcoxon, qsti_paired_test(exact, 6, 1).p_wilcoxon, 0);
    assert_close(qsti_paired_test(rounded, 6, 1).p_sign_flip, qsti_paired_test(exact, 6, 1).p_sign_flip, 0);
}

static void turning_the_sign_turns_nothing_else(void **state)
{
    (void)state;
    qsti_rng rng = qsti_rng_init(2, QSTI_PURPOSE_TEST, 0, 0);
    for (size_t n = 2; n < 30; n++) {
        double d[30], minus[30];
        for (size_t i = 0; i < n; i++) {
            d[i] = qsti_rng_normal(&rng) + 0.2;
            minus[i] = -d[i];
        }
        qsti_paired a = qsti_paired_test(d, n, 1), b = qsti_paired_test(minus, n, 1);
        assert_close(a.p_t, b.p_t, 0);
        assert_close(a.p_wilcoxon, b.p_wilcoxon, 0);
        assert_close(a.p_sign_flip, b.p_sign_flip, 0);
        assert_close(a.effect_size, -b.effect_size, 0);
        assert_close(a.difference.interval.lo, -b.difference.interval.hi, 0);
    }
}

/* At n = 21 signs are drawn; the mean of 21 numbers is nearly normal, so all three tests agree roughly. */
static void drawn_signs_agree(void **state)
{
    (void)state;
    qsti_rng rng = qsti_rng_init(3, QSTI_PURPOSE_TEST, 0, 0);
    double d[21];
    for (size_t i = 0; i < 21; i++) {
        d[i] = qsti_rng_normal(&rng) + 0.4;
    }
    qsti_paired result = qsti_paired_test(d, 21, 9);
    assert_close(result.p_sign_flip, result.p_t, 0.02);
    assert_close(result.p_sign_flip, qsti_paired_test(d, 21, 9).p_sign_flip, 0);
    assert_true(result.p_sign_flip != qsti_paired_test(d, 21, 10).p_sign_flip);
}

static void mcnemar_edges(void **state)
{
    (void)state;
    assert_close(qsti_mcnemar(0, 0), 1, 0);
    assert_close(qsti_mcnemar(4, 4), 1, 0);
    assert_close(qsti_mcnemar(0, 10), 0x1p-9, 1e-16);
    assert_close(qsti_mcnemar(3, 12), qsti_mcnemar(12, 3), 0);
}

static void holm_leaves_out_what_was_not_tested(void **state)
{
    (void)state;
    double p[] = {0.04, NAN, 0.03, 0};
    qsti_holm(p, 4);
    assert_close(p[0], 0.06, 1e-16);
    assert_true(isnan(p[1]));
    assert_close(p[2], 0.06, 1e-16);
    assert_close(p[3], 0, 0);
    assert_false(signbit(p[3]));
    double one[] = {0.3};
    qsti_holm(one, 1);
    assert_close(one[0], 0.3, 0);
    qsti_holm(NULL, 0);
}

/* --- verdict ------------------------------------------------------------------------------------------------------ */

static void verdict_rule(void **state)
{
    (void)state;
    qsti_mean above = {5, 1, 1, {0.1, 1.9}}, below = {5, -1, 1, {-1.9, -0.1}}, around = {5, 0.1, 1, {-0.9, 1.1}};
    qsti_mean touching = {5, 1, 1, {0, 2}}, few = {4, 1, 0.1, {0.9, 1.1}};
    assert_int_equal(qsti_verdict_of(&above, 0.049), QSTI_VERDICT_BEATS);
    assert_int_equal(qsti_verdict_of(&above, 0.05), QSTI_VERDICT_NO_DIFFERENCE);
    assert_int_equal(qsti_verdict_of(&above, NAN), QSTI_VERDICT_NO_DIFFERENCE);
    assert_int_equal(qsti_verdict_of(&below, 0.049), QSTI_VERDICT_WORSE);
    assert_int_equal(qsti_verdict_of(&below, 0.06), QSTI_VERDICT_NO_DIFFERENCE);
    assert_int_equal(qsti_verdict_of(&around, 0.01), QSTI_VERDICT_NO_DIFFERENCE);
    assert_int_equal(qsti_verdict_of(&touching, 0.01), QSTI_VERDICT_NO_DIFFERENCE);
    assert_int_equal(qsti_verdict_of(&few, 1e-9), QSTI_VERDICT_TOO_FEW_RUNS);
    assert_string_equal(qsti_verdict_word(QSTI_VERDICT_BEATS), "BEATS");
    assert_string_equal(qsti_verdict_word(QSTI_VERDICT_NO_DIFFERENCE), "NO DIFFERENCE");
    assert_string_equal(qsti_verdict_word(QSTI_VERDICT_WORSE), "WORSE");
    assert_string_equal(qsti_verdict_word(QSTI_VERDICT_TOO_FEW_RUNS), "TOO FEW RUNS");
}

/* Test accuracy of one model on n_rows rows, each right with probability p. */
static double draw_accuracy(qsti_rng *rng, size_t n_rows, double p)
{
    size_t right = 0;
    for (size_t i = 0; i < n_rows; i++) {
        right += qsti_rng_uniform(rng) < p;
    }
    return (double)right / (double)n_rows;
}

/* What is simulated: both models equally good on average, with a spread between seeds and the noise of 100 test rows.
 * *beats, *worse: shares of the verdicts; *within: share of false claims "within 2 points" when 2 points are lost. */
static void simulate_verdicts(size_t n_seeds, uint64_t seed, double *beats, double *worse, double *within)
{
    enum { REPEATS = 20000, ROWS = 100 };
    const double lost = 0.02;
    size_t n_beats = 0, n_worse = 0, n_within = 0;
    for (uint32_t repeat = 0; repeat < REPEATS; repeat++) {
        qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_TEST, 1, repeat);
        double gain[16], drop[16];
        for (size_t s = 0; s < n_seeds; s++) {
            double student = draw_accuracy(&rng, ROWS, 0.9 + 0.03 * (2 * qsti_rng_uniform(&rng) - 1));
            double control = draw_accuracy(&rng, ROWS, 0.9 + 0.03 * (2 * qsti_rng_uniform(&rng) - 1));
            double teacher = draw_accuracy(&rng, ROWS, 0.9 + lost + 0.03 * (2 * qsti_rng_uniform(&rng) - 1));
            gain[s] = student - control;
            drop[s] = teacher - student;
        }
        qsti_mean of_gain = qsti_mean_interval(gain, n_seeds, 0.95), of_drop = qsti_mean_interval(drop, n_seeds, 0.95);
        double t = of_gain.mean / (of_gain.sd / sqrt((double)n_seeds));
        double p = of_gain.sd > 0 ? 2 * qsti_t_cdf(-fabs(t), (double)n_seeds - 1) : 1;
        qsti_verdict verdict = qsti_verdict_of(&of_gain, p);
        n_beats += verdict == QSTI_VERDICT_BEATS;
        n_worse += verdict == QSTI_VERDICT_WORSE;
        n_within += of_drop.interval.hi < lost;
    }
    *beats = (double)n_beats / REPEATS;
    *worse = (double)n_worse / REPEATS;
    *within = (double)n_within / REPEATS;
}

/* Each tail is 2.5 %; 6 standard errors of 20,000 repeats are 0.7 %. */
static void false_verdicts_are_rare(void **state)
{
    (void)state;
    const size_t n_seeds[] = {5, 10};
    for (size_t i = 0; i < 2; i++) {
        double beats = 0, worse = 0, within = 0;
        simulate_verdicts(n_seeds[i], 20 + i, &beats, &worse, &within);
        print_message("%zu seeds: false BEATS %.4f, WORSE %.4f, \"within\" %.4f\n", n_seeds[i], beats, worse, within);
        assert_true(beats > 0.018 && beats < 0.032);
        assert_true(worse > 0.018 && worse < 0.032);
        assert_true(within > 0.016 && within < 0.034); /* the drop is a little skewed */
    }
}

/* Four methods no better than the one control they share: with Holm's correction a false BEATS of any stays below 5 %.
 */
static void false_verdicts_of_several_methods(void **state)
{
    (void)state;
    enum { REPEATS = 20000, METHODS = 4, SEEDS = 5 };
    size_t n_families = 0, n_uncorrected = 0;
    for (uint32_t repeat = 0; repeat < REPEATS; repeat++) {
        qsti_rng rng = qsti_rng_init(30, QSTI_PURPOSE_TEST, 2, repeat);
        double control[SEEDS], p[METHODS];
        qsti_mean means[METHODS];
        for (size_t s = 0; s < SEEDS; s++) {
            control[s] = qsti_rng_normal(&rng);
        }
        bool any = false, any_uncorrected = false;
        for (size_t m = 0; m < METHODS; m++) {
            double d[SEEDS];
            for (size_t s = 0; s < SEEDS; s++) {
                d[s] = qsti_rng_normal(&rng) - control[s];
            }
            qsti_paired result = qsti_paired_test(d, SEEDS, 0);
            means[m] = result.difference;
            p[m] = result.p_t;
            any_uncorrected |= qsti_verdict_of(&means[m], p[m]) == QSTI_VERDICT_BEATS;
        }
        qsti_holm(p, METHODS);
        for (size_t m = 0; m < METHODS; m++) {
            any |= qsti_verdict_of(&means[m], p[m]) == QSTI_VERDICT_BEATS;
        }
        n_families += any;
        n_uncorrected += any_uncorrected;
    }
    print_message("false BEATS among 4 methods: %.4f (%.4f without correction)\n", (double)n_families / REPEATS,
                  (double)n_uncorrected / REPEATS);
    assert_true((double)n_families / REPEATS < 0.05);
    assert_true((double)n_uncorrected / REPEATS > 0.05);
}

/* --- bootstrap ---------------------------------------------------------------------------------------------------- */

enum { BOOT_SEEDS = 4, BOOT_ROWS = 120 };

static void draw_right(uint8_t right[BOOT_SEEDS][BOOT_ROWS], uint64_t seed, double p)
{
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_TEST, 3, 0);
    for (size_t s = 0; s < BOOT_SEEDS; s++) {
        for (size_t row = 0; row < BOOT_ROWS; row++) {
            right[s][row] = qsti_rng_uniform(&rng) < p + 0.03 * (double)s;
        }
    }
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* The same bootstrap, row by row as it is defined. */
static qsti_interval bootstrap_by_rows(const uint8_t *const *a, const uint8_t *const *b, const size_t *n_rows)
{
    enum { DRAWS = 40000 };
    double *means = calloc(DRAWS, sizeof *means);
    assert_non_null(means);
    for (uint32_t draw = 0; draw < DRAWS; draw++) {
        qsti_rng rng = qsti_rng_init(77, QSTI_PURPOSE_TEST, 4, draw);
        for (size_t s = 0; s < BOOT_SEEDS; s++) {
            size_t seed = (size_t)qsti_rng_below(&rng, BOOT_SEEDS);
            int sum = 0;
            for (size_t i = 0; i < n_rows[seed]; i++) {
                size_t row = (size_t)qsti_rng_below(&rng, n_rows[seed]);
                sum += a[seed][row] - b[seed][row];
            }
            means[draw] += (double)sum / (double)n_rows[seed] / BOOT_SEEDS;
        }
    }
    qsort(means, DRAWS, sizeof *means, compare);
    qsti_interval interval = {means[DRAWS / 40], means[DRAWS - DRAWS / 40]};
    free(means);
    return interval;
}

static void bootstrap_resamples_rows(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    static uint8_t a[BOOT_SEEDS][BOOT_ROWS], b[BOOT_SEEDS][BOOT_ROWS];
    const uint8_t *right_a[BOOT_SEEDS], *right_b[BOOT_SEEDS];
    const size_t n_rows[BOOT_SEEDS] = {BOOT_ROWS, BOOT_ROWS, 40, 97};
    draw_right(a, 1, 0.8);
    draw_right(b, 2, 0.7);
    for (size_t s = 0; s < BOOT_SEEDS; s++) {
        right_a[s] = a[s];
        right_b[s] = b[s];
    }
    qsti_interval fast, again, naive = bootstrap_by_rows(right_a, right_b, n_rows);
    assert_ok(ctx, qsti_bootstrap_difference(ctx, right_a, right_b, n_rows, BOOT_SEEDS, 5, &fast));
    assert_ok(ctx, qsti_bootstrap_difference(ctx, right_a, right_b, n_rows, BOOT_SEEDS, 5, &again));
    assert_close(fast.lo, again.lo, 0);
    assert_close(fast.hi, again.hi, 0);
    double width = naive.hi - naive.lo;
    assert_close(fast.lo, naive.lo, 0.03 * width);
    assert_close(fast.hi, naive.hi, 0.03 * width);
    qst_ctx_free(ctx);
}

static void bootstrap_of_equal_models_is_a_point(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    const uint8_t right[] = {1, 0, 1}, none[] = {0, 0, 0}, all[] = {1, 1, 1};
    const size_t n = 3;
    qsti_interval interval;
    const uint8_t *a = right, *b = right;
    assert_ok(ctx, qsti_bootstrap_difference(ctx, &a, &b, &n, 1, 1, &interval));
    assert_true(interval.lo == 0 && interval.hi == 0);
    a = all;
    b = none;
    assert_ok(ctx, qsti_bootstrap_difference(ctx, &a, &b, &n, 1, 1, &interval));
    assert_true(interval.lo == 1 && interval.hi == 1);
    assert_ok(ctx, qsti_bootstrap_difference(ctx, &b, &a, &n, 1, 1, &interval));
    assert_true(interval.lo == -1 && interval.hi == -1);
    qst_ctx_free(ctx);
}

static void recovered_gap_by_hand(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    const double teacher[] = {0.95, 0.96, 0.94, 0.95, 0.95}, control[] = {0.85, 0.86, 0.84, 0.85, 0.85};
    const double student[] = {0.90, 0.91, 0.89, 0.90, 0.90};
    double gap = 0;
    qsti_interval interval;
    bool valid = false;
    assert_ok(ctx, qsti_recovered_gap(ctx, student, control, teacher, 5, 1, &gap, &interval, &valid));
    assert_true(valid);
    assert_close(gap, 0.5, 1e-12);
    assert_close(interval.lo, 0.5, 1e-12);
    assert_close(interval.hi, 0.5, 1e-12);
    assert_ok(ctx, qsti_recovered_gap(ctx, student, teacher, control, 5, 1, &gap, &interval, &valid));
    assert_false(valid);
    assert_true(isnan(gap) && isnan(interval.lo));
    assert_ok(ctx, qsti_recovered_gap(ctx, student, control, teacher, 1, 1, &gap, &interval, &valid));
    assert_false(valid);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_invert),
        cmocka_unit_test(beta_is_symmetric),
        cmocka_unit_test(binomial_sums_to_one),
        cmocka_unit_test(wilson_covers_95_percent_on_average),
        cmocka_unit_test(clopper_pearson_covers_95_percent_always),
        cmocka_unit_test(share_intervals_stay_in_range),
        cmocka_unit_test(means_of_few),
        cmocka_unit_test(smallest_p_of_exact_tests),
        cmocka_unit_test(differences_without_spread),
        cmocka_unit_test(rounding_does_not_break_ties),
        cmocka_unit_test(turning_the_sign_turns_nothing_else),
        cmocka_unit_test(drawn_signs_agree),
        cmocka_unit_test(mcnemar_edges),
        cmocka_unit_test(holm_leaves_out_what_was_not_tested),
        cmocka_unit_test(verdict_rule),
        cmocka_unit_test(false_verdicts_are_rare),
        cmocka_unit_test(false_verdicts_of_several_methods),
        cmocka_unit_test(bootstrap_resamples_rows),
        cmocka_unit_test(bootstrap_of_equal_models_is_a_point),
        cmocka_unit_test(recovered_gap_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_verify_golden.c: metrics and statistics against mpmath, SciPy, scikit-learn, statsmodels (make_statistics.py).
 */
#include "support/support.h"

#include "base/json.h"
#include "learn/temperature.h"
#include "verify/distributions.h"
#include "verify/metrics.h"
#include "verify/statistics.h"

static qst_ctx *ctx;
static json_t *golden;

static int load(void **state)
{
    (void)state;
    ctx = support_ctx(1);
    return qsti_json_read(ctx, QSTILL_SOURCE_DIR "/tests/golden/statistics.json", QST_ERR_INPUT, &golden) != QST_OK;
}

static int unload(void **state)
{
    (void)state;
    json_decref(golden);
    qst_ctx_free(ctx);
    return 0;
}

static double entry(const json_t *row, size_t i)
{
    return json_number_value(json_array_get(row, i));
}

static size_t entry_count(const json_t *row, size_t i)
{
    return (size_t)json_integer_value(json_array_get(row, i));
}

static double member(const json_t *object, const char *key)
{
    assert_non_null(json_object_get(object, key));
    return json_number_value(json_object_get(object, key));
}

/* Relative to the larger of 1 and the value. */
static void assert_near(double actual, double expected, double tolerance)
{
    assert_close(actual, expected, tolerance * fmax(1, fabs(expected)));
}

static void numbers_of(const json_t *list, double *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        out[i] = entry(list, i);
    }
}

static json_t *rows_of(const char *section, const char *key)
{
    json_t *rows = json_object_get(golden, section);
    rows = key ? json_object_get(rows, key) : rows;
    assert_true(json_array_size(rows) > 0);
    return rows;
}

/* --- distributions ------------------------------------------------------------------------------------------------ */

static void t_distribution(void **state)
{
    (void)state;
    size_t i;
    json_t *row;
    json_array_foreach(rows_of("distributions", "t_cdf"), i, row)
    {
        assert_close(qsti_t_cdf(entry(row, 0), entry(row, 1)), entry(row, 2), 1e-13);
    }
    json_array_foreach(rows_of("distributions", "t_quantile"), i, row)
    {
        assert_near(qsti_t_quantile(entry(row, 0), entry(row, 1)), entry(row, 2), 1e-13);
    }
    json_array_foreach(rows_of("distributions", "normal_quantile"), i, row)
    {
        assert_near(qsti_normal_quantile(entry(row, 0)), entry(row, 1), 1e-14);
    }
}

static void beta_and_binomial(void **state)
{
    (void)state;
    size_t i;
    json_t *row;
    json_array_foreach(rows_of("distributions", "beta_cdf"), i, row)
    {
        double a = entry(row, 0), b = entry(row, 1), x = entry(row, 2), p = entry(row, 3);
        assert_close(qsti_beta_cdf(x, 1 - x, a, b), p, 1e-13);
        assert_close(qsti_beta_quantile(p, a, b), x, 1e-14);
    }
    json_array_foreach(rows_of("distributions", "binomial_pmf"), i, row)
    {
        double pmf = entry(row, 3);
        assert_close(qsti_binomial_pmf(entry_count(row, 0), entry_count(row, 1), entry(row, 2)), pmf, 2e-14 * pmf);
    }
}

/* --- statistics --------------------------------------------------------------------------------------------------- */

static void share_intervals(void **state)
{
    (void)state;
    size_t i;
    json_t *row;
    json_array_foreach(rows_of("shares", NULL), i, row)
    {
        size_t k = entry_count(row, 0), n = entry_count(row, 1);
        qsti_interval wilson = qsti_wilson(k, n, entry(row, 2)), exact = qsti_clopper_pearson(k, n, entry(row, 2));
        assert_close(wilson.lo, entry(row, 3), 1e-14);
        assert_close(wilson.hi, entry(row, 4), 1e-14);
        assert_close(exact.lo, entry(row, 5), 1e-13);
        assert_close(exact.hi, entry(row, 6), 1e-13);
    }
}

static void paired_tests(void **state)
{
    (void)state;
    size_t i;
    json_t *row;
    json_array_foreach(rows_of("paired", NULL), i, row)
    {
        double differences[64];
        const json_t *list = json_object_get(row, "differences"), *interval = json_object_get(row, "interval");
        assert_true(json_array_size(list) <= 64);
        numbers_of(list, differences);
        qsti_paired result = qsti_paired_test(differences, json_array_size(list), 7);
        assert_close(result.difference.mean, member(row, "mean"), 1e-14);
        assert_close(result.difference.sd, member(row, "sd"), 1e-14);
        assert_near(result.difference.interval.lo, entry(interval, 0), 1e-13);
        assert_near(result.difference.interval.hi, entry(interval, 1), 1e-13);
        assert_close(result.p_t, member(row, "p_t"), 1e-13);
        assert_close(result.p_wilcoxon, member(row, "p_wilcoxon"), 1e-13);
        if (json_is_number(json_object_get(row, "p_sign_flip"))) {
            assert_close(result.p_sign_flip, member(row, "p_sign_flip"), 1e-13);
        }
    }
}

static void mcnemar_and_holm(void **state)
{
    (void)state;
    size_t i;
    json_t *row;
    json_array_foreach(rows_of("mcnemar", NULL), i, row)
    {
        assert_close(qsti_mcnemar(entry_count(row, 0), entry_count(row, 1)), entry(row, 2), 1e-13);
    }
    json_array_foreach(rows_of("holm", NULL), i, row)
    {
        double p_values[8];
        const json_t *expected = json_array_get(row, 1);
        numbers_of(json_array_get(row, 0), p_values);
        qsti_holm(p_values, json_array_size(expected));
        for (size_t k = 0; k < json_array_size(expected); k++) {
            assert_close(p_values[k], entry(expected, k), 1e-14 * entry(expected, k));
        }
    }
}

/* --- metrics ------------------------------------------------------------------------------------------------------ */

enum { ROWS = 80, CLASSES = 4 };

typedef struct models {
    int64_t labels[ROWS];
    double teacher[ROWS * CLASSES], student[ROWS * CLASSES];
    const json_t *section;
} models;

static models load_models(void)
{
    models m = {.section = json_object_get(golden, "models")};
    assert_int_equal(json_integer_value(json_object_get(m.section, "n")), ROWS);
    assert_int_equal(json_integer_value(json_object_get(m.section, "classes")), CLASSES);
    for (size_t i = 0; i < ROWS; i++) {
        m.labels[i] = json_integer_value(json_array_get(json_object_get(m.section, "labels"), i));
        numbers_of(json_array_get(json_object_get(m.section, "teacher"), i), m.teacher + i * CLASSES);
        numbers_of(json_array_get(json_object_get(m.section, "student"), i), m.student + i * CLASSES);
    }
    return m;
}

static void quality(void **state)
{
    (void)state;
    models m = load_models();
    for (size_t which = 0; which < 2; which++) {
        const double *probabilities = which ? m.student : m.teacher;
        const json_t *expected = json_array_get(json_object_get(m.section, "quality"), which);
        qsti_quality q;
        assert_ok(ctx, qsti_quality_measure(ctx, probabilities, m.labels, ROWS, CLASSES, &q));
        assert_close(q.accuracy, member(expected, "accuracy"), 1e-15);
        assert_close(q.balanced_accuracy, member(expected, "balanced_accuracy"), 1e-14);
        assert_close(q.macro_f1, member(expected, "macro_f1"), 1e-14);
        assert_close(q.nll, member(expected, "nll"), 1e-13);
        assert_close(q.nll, member(expected, "log_loss"), 1e-11);
        assert_close(q.brier, member(expected, "brier"), 1e-11);
        assert_close(q.ece, member(expected, "ece"), 1e-13);
        double temperature = qsti_temperature_fit(probabilities, m.labels, ROWS, CLASSES);
        assert_close(temperature, member(expected, "temperature"), 1e-6);
    }
}

static void fidelity(void **state)
{
    (void)state;
    models m = load_models();
    const json_t *expected = json_object_get(m.section, "fidelity");
    qsti_fidelity f;
    assert_ok(ctx, qsti_fidelity_measure(ctx, m.teacher, m.student, m.labels, ROWS, CLASSES, &f));
    const struct {
        const char *key;
        double value;
    } values[] = {{"agreement", f.agreement},
                  {"kappa", f.kappa},
                  {"agreement_teacher_right", f.agreement_teacher_right},
                  {"agreement_teacher_wrong", f.agreement_teacher_wrong},
                  {"n_teacher_right", (double)f.n_teacher_right},
                  {"output_mse", f.output_mse},
                  {"output_mae", f.output_mae},
                  {"output_max", f.output_max},
                  {"kl", f.kl},
                  {"js", f.js},
                  {"tvd", f.tvd},
                  {"pearson", f.pearson},
                  {"spearman", f.spearman}};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        /* SciPy normalises the rows, whose sums differ from 1 by the rounding of the file, 1e-12. */
        assert_close(values[i].value, member(expected, values[i].key), 1e-11);
    }
    assert_int_equal(f.n_teacher_right + f.n_teacher_wrong, ROWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_distribution), cmocka_unit_test(beta_and_binomial), cmocka_unit_test(share_intervals),
        cmocka_unit_test(paired_tests),   cmocka_unit_test(mcnemar_and_holm),  cmocka_unit_test(quality),
        cmocka_unit_test(fidelity),
    };
    return cmocka_run_group_tests(tests, load, unload);
}

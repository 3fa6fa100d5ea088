/* test_golden_loss_methods.c: the losses beyond ce, kd and the squared errors against PyTorch (make_loss_methods.py):
 * values, unweighted terms and gradients, to 1e-12 of the larger of 1 and the number. */
#include "support/support.h"

#include "base/json.h"
#include "learn/losses/losses.h"

#define MAX_VALUES 1024
#define TOLERANCE  1e-12

static qst_ctx *ctx;
static json_t *golden;

static int load(void **state)
{
    (void)state;
    ctx = support_ctx(1);
    return qsti_json_read(ctx, QSTILL_SOURCE_DIR "/tests/golden/loss_methods.json", QST_ERR_INPUT, &golden) != QST_OK;
}

static int unload(void **state)
{
    (void)state;
    json_decref(golden);
    qst_ctx_free(ctx);
    return 0;
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    assert_non_null(value);
    return json_is_null(value) ? NAN : json_number_value(value);
}

static size_t numbers(const json_t *object, const char *key, double *out)
{
    const json_t *list = json_object_get(object, key);
    size_t n = json_array_size(list);
    assert_in_range(n, 1, MAX_VALUES);
    for (size_t i = 0; i < n; i++) {
        out[i] = json_number_value(json_array_get(list, i));
    }
    return n;
}

/* NaN goes with NaN. */
static void assert_near(double actual, double expected)
{
    assert_int_equal(isnan(actual), isnan(expected));
    if (!isnan(expected)) {
        assert_close(actual, expected, TOLERANCE * fmax(1, fabs(expected)));
    }
}

static qst_loss_parameters parameters_of(const json_t *entry)
{
    qst_loss_parameters parameters = qst_loss_parameters_default();
    const json_t *given = json_object_get(entry, "numbers");
    for (int i = 0; i < QST_LOSS_PARAMETER_COUNT; i++) {
        qst_loss_parameter which = (qst_loss_parameter)i;
        *qst_loss_parameter_at(&parameters, which) = number(given, qst_loss_parameter_describe(which)->name);
    }
    return parameters;
}

static void check_entry(const json_t *entry, bool seen[QST_LOSS_COUNT])
{
    double teacher[MAX_VALUES] = {0}, student[MAX_VALUES] = {0}, expected[MAX_VALUES] = {0}, gradient[MAX_VALUES] = {0},
           labels[MAX_VALUES] = {0};
    int64_t classes[MAX_VALUES];
    size_t n_rows = numbers(entry, "labels", labels), n = numbers(entry, "student", student);
    qst_loss loss = QST_LOSS_COUNT;
    assert_true(qst_loss_find(json_string_value(json_object_get(entry, "loss")), &loss));
    seen[loss] = true;
    size_t n_teacher = numbers(entry, "teacher", teacher);
    assert_true(n_teacher == n || loss == QST_LOSS_similarity_fidelity);
    assert_int_equal(numbers(entry, "gradient", expected), n);
    for (size_t i = 0; i < n_rows; i++) {
        classes[i] = (int64_t)labels[i];
    }
    const qst_loss_info *info = qst_loss_describe(loss);
    const qst_loss_parameters parameters = parameters_of(entry);
    const char *reduction = json_string_value(json_object_get(entry, "reduction"));
    const qst_loss_input input = {
        .student = {student, n_rows, n / n_rows},
        .teacher = {info->needs_teacher ? teacher : NULL, n_rows, n_teacher / n_rows},
        .labels = info->needs_labels ? classes : NULL,
        .temperature = number(entry, "temperature"),
        .alpha = number(entry, "alpha"),
        .reduction = strcmp(reduction, "mean") == 0 ? QST_REDUCE_MEAN : QST_REDUCE_SUM,
        .parameters = &parameters,
    };
    qst_loss_terms terms;
    assert_ok(ctx, qst_loss_evaluate(ctx, loss, &input, &terms, (qst_matrix){gradient, n_rows, n / n_rows}));
    assert_near(terms.loss, number(entry, "value"));
    assert_near(terms.hard, number(entry, "hard"));
    assert_near(terms.soft, number(entry, "soft"));
    for (size_t i = 0; i < n; i++) {
        assert_near(gradient[i], expected[i]);
    }
}

/* Every loss of losses.def stands in this file or in losses.json. */
static void pytorch_losses(void **state)
{
    (void)state;
    json_t *list = json_object_get(golden, "losses"), *entry;
    bool seen[QST_LOSS_COUNT] = {false};
    size_t i;
    assert_true(json_array_size(list) >= 150);
    json_array_foreach(list, i, entry)
    {
        check_entry(entry, seen);
    }
    seen[QST_LOSS_ce] = seen[QST_LOSS_kd] = seen[QST_LOSS_logit_mse] = seen[QST_LOSS_expectation_mse] = true;
    for (i = 0; i < QST_LOSS_COUNT; i++) {
        assert_true(seen[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pytorch_losses),
    };
    return cmocka_run_group_tests(tests, load, unload);
}

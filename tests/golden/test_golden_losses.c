/* test_golden_losses.c: losses, optimisers, schedules and logistic regression against PyTorch, mpmath and scikit-learn
 * (make_losses.py). */
#include "support/support.h"

#include "base/json.h"
#include "base/memory.h"
#include "learn/model_logistic.h"
#include "learn/optimizer.h"

#define MAX_VALUES 1024

static qst_ctx *ctx;
static json_t *golden;

static int load(void **state)
{
    (void)state;
    ctx = support_ctx(1);
    return qsti_json_read(ctx, QSTILL_SOURCE_DIR "/tests/golden/losses.json", QST_ERR_INPUT, &golden) != QST_OK;
}

static int unload(void **state)
{
    (void)state;
    json_decref(golden);
    qst_ctx_free(ctx);
    return 0;
}

static json_t *section(const char *key, size_t n_least)
{
    json_t *list = json_object_get(golden, key);
    assert_true(json_array_size(list) >= n_least);
    return list;
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    assert_non_null(value);
    return json_is_null(value) ? NAN : json_number_value(value);
}

static const char *word(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    assert_non_null(value);
    return value;
}

/* Values into an array of MAX_VALUES; gives their number. */
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

static size_t integers(const json_t *object, const char *key, int64_t *out)
{
    const json_t *list = json_object_get(object, key);
    size_t n = json_array_size(list);
    assert_in_range(n, 1, MAX_VALUES);
    for (size_t i = 0; i < n; i++) {
        out[i] = json_integer_value(json_array_get(list, i));
    }
    return n;
}

/* Relative to the larger of 1 and the expected value; NaN goes with NaN. */
static void assert_near(double actual, double expected, double tolerance)
{
    if (isnan(expected)) {
        assert_true(isnan(actual));
        return;
    }
    assert_close(actual, expected, tolerance * fmax(1, fabs(expected)));
}

static void assert_all_near(const double *actual, const double *expected, size_t n, double tolerance)
{
    for (size_t i = 0; i < n; i++) {
        assert_near(actual[i], expected[i], tolerance);
    }
}

/* --- losses ------------------------------------------------------------------------------------------------------- */

static void pytorch_losses(void **state)
{
    (void)state;
    size_t i;
    json_t *entry;
    json_array_foreach(section("losses", 50), i, entry)
    {
        double teacher[MAX_VALUES] = {0}, student[MAX_VALUES] = {0}, expected[MAX_VALUES] = {0},
               gradient[MAX_VALUES] = {0};
        int64_t labels[MAX_VALUES] = {0};
        size_t n_rows = integers(entry, "labels", labels), n = numbers(entry, "student", student);
        qst_loss loss = QST_LOSS_COUNT;
        assert_true(qst_loss_find(word(entry, "loss"), &loss));
        assert_int_equal(numbers(entry, "teacher", teacher), n);
        assert_int_equal(numbers(entry, "gradient", expected), n);
        const qst_loss_info *info = qst_loss_describe(loss);
        qst_loss_input input = {
            .student = {student, n_rows, n / n_rows},
            .teacher = {info->needs_teacher ? teacher : NULL, n_rows, n / n_rows},
            .labels = info->needs_labels ? labels : NULL,
            .temperature = number(entry, "temperature"),
            .alpha = number(entry, "alpha"),
            .reduction = strcmp(word(entry, "reduction"), "mean") == 0 ? QST_REDUCE_MEAN : QST_REDUCE_SUM,
        };
        qst_loss_terms terms;
        assert_ok(ctx, qst_loss_evaluate(ctx, loss, &input, &terms, (qst_matrix){gradient, n_rows, n / n_rows}));
        assert_near(terms.loss, number(entry, "value"), 1e-12);
        assert_near(terms.hard, number(entry, "hard"), 1e-12);
        assert_near(terms.soft, number(entry, "soft"), 1e-12);
        assert_all_near(gradient, expected, n, 1e-12);
    }
}

/* Relative errors, however small the number: T^2 KL of 1e-14 at T = 10^6 has its digits too. What limits them is the
 * rounding of t - z, hence the term with the scores' size. */
static void soft_term_keeps_its_digits(void **state)
{
    (void)state;
    size_t i;
    json_t *entry;
    json_array_foreach(section("exact", 30), i, entry)
    {
        double teacher[MAX_VALUES] = {0}, student[MAX_VALUES] = {0}, expected[MAX_VALUES] = {0},
               gradient[MAX_VALUES] = {0};
        size_t n = numbers(entry, "student", student);
        double value = number(entry, "value"), largest = 0, steepest = 0, nearest = INFINITY;
        assert_int_equal(numbers(entry, "teacher", teacher), n);
        assert_int_equal(numbers(entry, "gradient", expected), n);
        qst_loss_input input = {.student = {student, 1, n},
                                .teacher = {teacher, 1, n},
                                .temperature = number(entry, "temperature"),
                                .alpha = 1};
        qst_loss_terms terms;
        assert_ok(ctx, qst_loss_evaluate(ctx, QST_LOSS_kd, &input, &terms, (qst_matrix){gradient, 1, n}));
        for (size_t c = 0; c < n; c++) {
            largest = fmax(largest, fabs(teacher[c]));
            nearest = fmin(nearest, fabs(teacher[c] - student[c]));
            steepest = fmax(steepest, fabs(expected[c]));
        }
        double rounding = 1e-13 + 4e-16 * largest / fmin(input.temperature, nearest);
        assert_close(terms.loss, value, rounding * value);
        for (size_t c = 0; c < n; c++) {
            assert_close(gradient[c], expected[c], rounding * steepest + 4e-16 * fmin(input.temperature, 1));
        }
    }
}

/* --- optimisers --------------------------------------------------------------------------------------------------- */

static void pytorch_optimizers(void **state)
{
    (void)state;
    size_t i;
    json_t *entry;
    json_array_foreach(section("optimizers", 7), i, entry)
    {
        double weights[MAX_VALUES] = {0}, gradients[MAX_VALUES] = {0}, path[MAX_VALUES] = {0};
        size_t n = numbers(entry, "start", weights), n_path = numbers(entry, "path", path);
        assert_int_equal(numbers(entry, "gradients", gradients), n_path);
        assert_int_equal(n_path, 50 * n);
        qst_train_opts opts = {.momentum = number(entry, "momentum"), .weight_decay = number(entry, "weight_decay")};
        bool found = false;
        for (int kind = 0; kind < QST_OPTIMIZER_COUNT; kind++) {
            static const char *const names[] = {
#define QST_OPTIMIZER(name, about) #name,
#include <qstill/optimizers.def>
#undef QST_OPTIMIZER
            };
            if (strcmp(names[kind], word(entry, "optimizer")) == 0) {
                opts.optimizer = (qst_optimizer)kind;
                found = true;
            }
        }
        assert_true(found);
        qsti_optimizer optimizer;
        assert_ok(ctx, qsti_optimizer_init(ctx, &opts, n, &optimizer));
        for (size_t step = 0; step < 50; step++) {
            qsti_optimizer_step(ctx, &optimizer, number(entry, "learning_rate"), gradients + step * n, weights);
            assert_all_near(weights, path + step * n, n, 1e-12);
        }
        qsti_optimizer_clear(ctx, &optimizer);
    }
}

static void pytorch_schedules(void **state)
{
    (void)state;
    static const char *const names[] = {
#define QST_SCHEDULE(name, about) #name,
#include <qstill/schedules.def>
#undef QST_SCHEDULE
    };
    json_t *list = section("schedules", QST_SCHEDULE_COUNT);
    for (size_t i = 0; i < QST_SCHEDULE_COUNT; i++) {
        const json_t *entry = json_array_get(list, i);
        double rates[MAX_VALUES] = {0};
        size_t n = numbers(entry, "rates", rates);
        assert_string_equal(word(entry, "schedule"), names[i]);
        for (size_t step = 0; step < n; step++) {
            assert_close(qsti_schedule_rate((qst_schedule)i, number(entry, "learning_rate"), step, n), rates[step],
                         1e-13);
        }
    }
}

/* --- logistic regression ------------------------------------------------------------------------------------------ */

/* Per standard deviation of a feature, as scikit-learn fits them. */
static void standard_weights(const double *weights, qst_const_matrix x, size_t n_classes, double *out)
{
    size_t d = x.n_cols;
    memcpy(out, weights, n_classes * (d + 1) * sizeof *out);
    for (size_t j = 0; j < d; j++) {
        double mean = 0, squares = 0;
        for (size_t i = 0; i < x.n_rows; i++) {
            mean += x.data[i * d + j] / (double)x.n_rows;
        }
        for (size_t i = 0; i < x.n_rows; i++) {
            squares += (x.data[i * d + j] - mean) * (x.data[i * d + j] - mean) / (double)x.n_rows;
        }
        for (size_t c = 0; c < n_classes; c++) {
            out[c * d + j] *= sqrt(squares);
            out[n_classes * d + c] += weights[c * d + j] * mean;
        }
    }
}

static void compare_fit(qst_model *model, const json_t *entry, qst_const_matrix x)
{
    double expected[MAX_VALUES] = {0}, intercepts[MAX_VALUES] = {0}, weights[MAX_VALUES] = {0};
    size_t n_classes = qst_model_scores_count(model), d = x.n_cols, rows = n_classes == 2 ? 1 : n_classes;
    standard_weights(qst_model_weights(model), x, n_classes, weights);
    const double *fitted = weights + (n_classes - rows) * d, *shifts = weights + n_classes * d + (n_classes - rows);
    assert_int_equal(numbers(entry, "coefficients", expected), rows * d);
    assert_int_equal(numbers(entry, "intercepts", intercepts), rows);
    assert_all_near(fitted, expected, rows * d, 1e-4);
    assert_all_near(shifts, intercepts, rows, 1e-4);
    if (n_classes == 2) {
        double zeros[MAX_VALUES] = {0};
        assert_all_near(weights, zeros, d, 0);
        assert_close(weights[2 * d], 0, 0);
    }
    qst_model_size size;
    qst_model_measure(model, &size);
    assert_int_equal(size.classical_parameters, rows * (d + 1));
}

static size_t best_of(const double *values, size_t n)
{
    size_t best = 0;
    for (size_t c = 1; c < n; c++) {
        best = values[c] > values[best] ? c : best;
    }
    return best;
}

static void compare_predictions(qst_model *model, const json_t *entry, qst_const_matrix x, const int64_t *labels)
{
    double queries[MAX_VALUES] = {0}, scores[MAX_VALUES] = {0}, probabilities[MAX_VALUES] = {0},
           expected[MAX_VALUES] = {0};
    int64_t predictions[MAX_VALUES] = {0};
    size_t n_classes = qst_model_scores_count(model), n = integers(entry, "predictions", predictions), n_right = 0;
    assert_int_equal(numbers(entry, "queries", queries), n * x.n_cols);
    assert_int_equal(numbers(entry, "probabilities", expected), n * n_classes);
    qst_matrix out = {scores, n, n_classes}, p = {probabilities, n, n_classes};
    assert_ok(ctx, qst_model_scores(model, (qst_const_matrix){queries, n, x.n_cols}, out));
    assert_ok(ctx, qst_scores_to_probabilities(ctx, QST_SCORE_logit, qst_const_view(out), 1, p));
    assert_all_near(probabilities, expected, n * n_classes, 1e-5);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(best_of(scores + i * n_classes, n_classes), predictions[i]);
    }
    out.n_rows = x.n_rows;
    assert_ok(ctx, qst_model_scores(model, x, out));
    for (size_t i = 0; i < x.n_rows; i++) {
        n_right += best_of(scores + i * n_classes, n_classes) == (size_t)labels[i];
    }
    assert_close((double)n_right / (double)x.n_rows, number(entry, "accuracy"), 1e-12);
    assert_close((double)n_right / (double)x.n_rows, number(entry, "default_accuracy"), 1e-12);
}

static void scikit_learn_logistic(void **state)
{
    (void)state;
    size_t i;
    json_t *entry;
    json_array_foreach(section("logistic", 3), i, entry)
    {
        double x[MAX_VALUES] = {0};
        int64_t labels[MAX_VALUES] = {0};
        size_t d = (size_t)number(entry, "features"), n_classes = (size_t)number(entry, "classes");
        size_t n_rows = integers(entry, "labels", labels);
        assert_int_equal(numbers(entry, "x", x), n_rows * d);
        qst_const_matrix rows = {x, n_rows, d};
        qst_model *model = NULL;
        assert_ok(ctx, qsti_model_logistic_create(ctx, d, n_classes, &model));
        assert_ok(ctx, qsti_logistic_fit(model, rows, labels, 1));
        compare_fit(model, entry, rows);
        compare_predictions(model, entry, rows, labels);
        qst_model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pytorch_losses),        cmocka_unit_test(soft_term_keeps_its_digits),
        cmocka_unit_test(pytorch_optimizers),    cmocka_unit_test(pytorch_schedules),
        cmocka_unit_test(scikit_learn_logistic),
    };
    return cmocka_run_group_tests(tests, load, unload);
}

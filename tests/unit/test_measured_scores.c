/* test_measured_scores.c: scores of models whose circuit is measured; the affine correction of outputs. */
#include "condition_cases.h"

#include "learn/circuit_parts.h"

enum { ROWS = 20 };

static qst_ctx *ctx;
static learn_rows rows;

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(2);
    learn_rows_make(&rows, ROWS, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

static qst_const_matrix samples(void)
{
    return (qst_const_matrix){rows.x, ROWS, LEARN_FEATURES};
}

/* --- scores ------------------------------------------------------------------------------------------------------- */

static const char *const outputs[] = {"z", "x", "yy", "probabilities", "grouped", "parity", "ZZI + 0.5*IXX - 0.25*YII"};

static qst_model *model_of(condition_kind kind, const char *output)
{
    qst_model *model = NULL;
    if (strcmp(output, "grouped") != 0 && strcmp(output, "parity") != 0)
        return condition_model(ctx, kind, output, QST_DOUBLE);
    const qst_model_opts opts = {
        .circuit = {.qubits = 3, .ansatz = {.reps = 1}}, .outputs = &output, .n_outputs = 1, .head = QST_HEAD_none};
    assert_ok(ctx, qst_model_create(ctx, &opts, LEARN_FEATURES, LEARN_CLASSES, &model));
    return model;
}

/* Without noise and shots, on a device or not, measuring changes nothing. */
static void exact_measurements_give_the_scores(void **state)
{
    (void)state;
    qst_device *device = condition_device(ctx, 0);
    double expected[ROWS * LEARN_CLASSES], scores[ROWS * LEARN_CLASSES];
    for (condition_kind kind = OF_CIRCUIT; kind < N_CONDITION_KINDS; kind++) {
        for (size_t i = 0; i < 2 * sizeof outputs / sizeof *outputs; i++) {
            const qst_measure_opts opts = {.device = i & 1 ? device : NULL};
            qst_model *model = model_of(kind, outputs[i >> 1]);
            qst_measurement *measurement = NULL;
            qst_matrix out = {scores, ROWS, LEARN_CLASSES};
            assert_ok(ctx, qst_model_scores(model, samples(), (qst_matrix){expected, ROWS, LEARN_CLASSES}));
            assert_ok(ctx, qst_model_measurement(model, &opts, &measurement));
            assert_ok(ctx, qst_model_measured_scores(model, measurement, samples(), 1, 0, out));
            for (size_t k = 0; k < ROWS * LEARN_CLASSES; k++)
                assert_close(scores[k], expected[k], 1e-12);
            qst_measurement_free(measurement);
            qst_model_free(model);
        }
    }
    qst_device_free(device);
}

/* Rows' shots are those of (seed, first_row + row). */
static void shots_belong_to_rows(void **state)
{
    (void)state;
    const qst_measure_opts opts = {.shots = 50};
    double all[ROWS * LEARN_CLASSES], part[ROWS * LEARN_CLASSES], exact[ROWS * LEARN_CLASSES], worst = 0;
    qst_model *model = model_of(OF_AFTER, "z");
    qst_measurement *measurement = NULL;
    assert_ok(ctx, qst_model_measurement(model, &opts, &measurement));
    assert_ok(ctx, qst_model_scores(model, samples(), (qst_matrix){exact, ROWS, LEARN_CLASSES}));
    assert_ok(ctx,
              qst_model_measured_scores(model, measurement, samples(), 3, 0, (qst_matrix){all, ROWS, LEARN_CLASSES}));
    const qst_const_matrix rest = {rows.x + 7 * LEARN_FEATURES, ROWS - 7, LEARN_FEATURES};
    assert_ok(ctx,
              qst_model_measured_scores(model, measurement, rest, 3, 7, (qst_matrix){part, ROWS - 7, LEARN_CLASSES}));
    assert_memory_equal(part, all + 7 * LEARN_CLASSES, (ROWS - 7) * LEARN_CLASSES * sizeof(double));
    for (size_t k = 0; k < ROWS * LEARN_CLASSES; k++)
        worst = fmax(worst, fabs(all[k] - exact[k]));
    assert_true(worst > 1e-3 && worst < 2);
    qst_measurement_free(measurement);
    qst_model_free(model);
}

/* The way behind the outputs alone. */
static void scores_from_values(void **state)
{
    (void)state;
    for (condition_kind kind = OF_CIRCUIT; kind < N_CONDITION_KINDS; kind++) {
        qst_model *model = model_of(kind, "z");
        qst_measurement *measurement = NULL;
        double values[3 * LEARN_FEATURES], expected[3 * LEARN_CLASSES], scores[LEARN_CLASSES];
        const qst_const_matrix x = {rows.x, 3, LEARN_FEATURES};
        qst_matrix features = {values, 3, LEARN_FEATURES};
        double measured[9];
        assert_ok(ctx, qst_model_measurement(model, &(qst_measure_opts){0}, &measurement));
        assert_ok(ctx, qst_model_scores(model, x, (qst_matrix){expected, 3, LEARN_CLASSES}));
        qsti_circuit_parts parts;
        assert_true(qsti_model_circuit_parts(model, &parts));
        assert_ok(ctx, qsti_model_circuit_features(model, x, features));
        assert_ok(ctx, qst_measurement_values(measurement, parts.weights, qst_const_view(features), 0, 0,
                                              (qst_matrix){measured, 3, 3}, (qst_matrix){0}));
        for (size_t row = 0; row < 3; row++) {
            assert_ok(ctx, qst_model_scores_from_values(model, measured + 3 * row, scores));
            for (size_t c = 0; c < LEARN_CLASSES; c++)
                assert_close(scores[c], expected[row * LEARN_CLASSES + c], 1e-12);
        }
        qst_measurement_free(measurement);
        qst_model_free(model);
    }
}

static void what_is_refused(void **state)
{
    (void)state;
    qst_model *logistic = learn_model(ctx, "logistic", QST_HEAD_linear, QST_DOUBLE), *model = model_of(OF_CIRCUIT, "z");
    qst_measurement *measurement = NULL;
    double scores[ROWS * LEARN_CLASSES], values[3] = {0};
    assert_status(ctx, qst_model_measurement(logistic, &(qst_measure_opts){0}, &measurement), QST_ERR_UNSUPPORTED);
    assert_message(ctx, "kind logistic has no circuit");
    assert_null(measurement);
    assert_status(ctx, qst_model_scores_from_values(logistic, values, scores), QST_ERR_UNSUPPORTED);
    assert_ok(ctx, qst_model_measurement(model, &(qst_measure_opts){0}, &measurement));
    assert_status(
        ctx,
        qst_model_measured_scores(logistic, measurement, samples(), 0, 0, (qst_matrix){scores, ROWS, LEARN_CLASSES}),
        QST_ERR_UNSUPPORTED);
    assert_status(ctx, qst_model_measured_scores(model, measurement, samples(), 0, 0, (qst_matrix){scores, ROWS, 2}),
                  QST_ERR_MISMATCH);
    assert_status(ctx,
                  qst_model_measured_scores(model, measurement, (qst_const_matrix){rows.x, ROWS, 2}, 0, 0,
                                            (qst_matrix){scores, ROWS, LEARN_CLASSES}),
                  QST_ERR_MISMATCH);
    qst_measurement_free(measurement);
    qst_model_free(logistic);
    qst_model_free(model);
}

/* --- the affine correction ---------------------------------------------------------------------------------------- */

/* A student that is the teacher, shrunk and shifted, is set right. */
static void a_shrunk_student_is_set_right(void **state)
{
    (void)state;
    const double shrink[] = {0.5, 0.9, -0.2}, shift[] = {0.1, -3, 0};
    double student[ROWS * 3], a[3], b[3];
    for (size_t i = 0; i < ROWS * 3; i++)
        student[i] = shrink[i % 3] * rows.logits[i] + shift[i % 3];
    assert_ok(
        ctx, qst_affine_fit(ctx, (qst_const_matrix){rows.logits, ROWS, 3}, (qst_const_matrix){student, ROWS, 3}, a, b));
    for (size_t k = 0; k < 3; k++) {
        assert_close(a[k], 1 / shrink[k], 1e-12 / fabs(shrink[k]));
        assert_close(b[k], -shift[k] / shrink[k], 1e-11);
    }
}

static double squared_distance(const double *student, double a, double b)
{
    double sum = 0;
    for (size_t i = 0; i < ROWS; i++) {
        double off = a * student[3 * i] + b - rows.logits[3 * i];
        sum += off * off;
    }
    return sum;
}

/* No step away from it is better. */
static void it_is_the_least(void **state)
{
    (void)state;
    double student[ROWS * 3], a[3], b[3];
    for (size_t i = 0; i < ROWS * 3; i++)
        student[i] = 0.4 * rows.logits[i] + 0.3 * rows.x[i];
    assert_ok(
        ctx, qst_affine_fit(ctx, (qst_const_matrix){rows.logits, ROWS, 3}, (qst_const_matrix){student, ROWS, 3}, a, b));
    for (int i = -1; i <= 1; i += 2) {
        assert_true(squared_distance(student, a[0] + 1e-3 * i, b[0]) > squared_distance(student, a[0], b[0]));
        assert_true(squared_distance(student, a[0], b[0] + 1e-3 * i) > squared_distance(student, a[0], b[0]));
    }
}

static void columns_without_a_slope(void **state)
{
    (void)state;
    double teacher[] = {1, 5, 2, 7, 6, 9}, student[] = {0.1, 3, 0.1, 4, 0.1, 5}, a[2], b[2];
    assert_ok(ctx, qst_affine_fit(ctx, (qst_const_matrix){teacher, 3, 2}, (qst_const_matrix){student, 3, 2}, a, b));
    assert_close(a[0], 1, 0);
    assert_close(b[0], 3 - 0.1, 1e-14);
    assert_close(a[1], 2, 1e-14);
    assert_close(b[1], -1, 1e-14);
    assert_ok(ctx, qst_affine_fit(ctx, (qst_const_matrix){teacher, 1, 2}, (qst_const_matrix){student, 1, 2}, a, b));
    assert_close(a[1], 1, 0);
    assert_close(b[1], 2, 0);
    student[3] = NAN;
    assert_status(ctx, qst_affine_fit(ctx, (qst_const_matrix){teacher, 3, 2}, (qst_const_matrix){student, 3, 2}, a, b),
                  QST_ERR_INPUT);
    assert_message(ctx, "row 1, column 1");
    assert_status(ctx, qst_affine_fit(ctx, (qst_const_matrix){teacher, 3, 2}, (qst_const_matrix){student, 2, 2}, a, b),
                  QST_ERR_MISMATCH);
    assert_status(ctx, qst_affine_fit(ctx, (qst_const_matrix){teacher, 0, 2}, (qst_const_matrix){student, 0, 2}, a, b),
                  QST_ERR_MISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_measurements_give_the_scores),
        cmocka_unit_test(shots_belong_to_rows),
        cmocka_unit_test(scores_from_values),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(a_shrunk_student_is_set_right),
        cmocka_unit_test(it_is_the_least),
        cmocka_unit_test(columns_without_a_slope),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

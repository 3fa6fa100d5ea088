/* test_predictor.c: scores of raw rows from measured circuits: the same as those of the measurement itself, with
 * variances that hold the covariances of outputs. */
#include "condition_cases.h"

#include "learn/circuit_parts.h"

enum { ROWS = 12, SHOTS = 300, STATES = 8 };

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

static qst_matrix table(double *data)
{
    return (qst_matrix){data, ROWS, LEARN_CLASSES};
}

/* More outputs behind the readout's change neither its groups nor its shots. */
static void scores_are_those_of_the_measurement(void **state)
{
    (void)state;
    static const char *const outputs[] = {"z", "x", "yy", "probabilities", "ZZI + 0.5*IXX - 0.25*YII"};
    qst_noise *noise = condition_noise(ctx, 0.02);
    const double scales[] = {1, 3};
    const qst_measure_opts ways[] = {
        {0},
        {.shots = SHOTS},
        {.shots = SHOTS, .noise = noise, .mitigation = {.readout = true, .scales = scales, .n_scales = 2}},
        {.shots = SHOTS, .noise = noise, .mitigation = {.scales = scales, .n_scales = 2, .choose_scales = true}}};
    double expected[ROWS * LEARN_CLASSES], scores[ROWS * LEARN_CLASSES];
    uint64_t shots[ROWS];
    for (condition_kind kind = OF_CIRCUIT; kind < N_CONDITION_KINDS; kind++) {
        for (size_t i = 0; i < sizeof outputs / sizeof *outputs * 4; i++) {
            const qst_predictor_opts opts = {.measure = ways[i & 3], .seed = 5};
            qst_model *model = condition_model(ctx, kind, outputs[i >> 2], QST_DOUBLE);
            qst_measurement *measurement = NULL;
            qst_predictor *predictor = NULL;
            qst_measurement_info info;
            assert_ok(ctx, qst_model_measurement(model, &opts.measure, &measurement));
            assert_ok(ctx, qst_model_measured_scores(model, measurement, samples(), 5, 2, table(expected)));
            assert_ok(ctx, qst_predictor_create(model, &opts, &predictor));
            assert_ok(ctx, qst_predictor_scores(predictor, samples(), 2, table(scores), (qst_matrix){0}, shots));
            assert_memory_equal(scores, expected, sizeof scores);
            qst_measurement_describe(measurement, &info);
            assert_int_equal(shots[ROWS - 1], info.shots);
            qst_predictor_free(predictor);
            qst_measurement_free(measurement);
            qst_model_free(model);
        }
    }
    qst_noise_free(noise);
}

/* What outcome b counts in output k: of `z` the sign of qubit k, of probabilities whether it is k. */
static double counts_for(bool is_z, size_t b, size_t k)
{
    if (is_z)
        return b >> k & 1 ? -1 : 1;
    return b == k;
}

/* The shots of a circuit are the same for every readout of one group: with all frequencies f the variance of a score
 * that outcome b counts a_b in is (sum f a^2 - (sum f a)^2) / (R - 1). */
static void check_variances(bool is_z)
{
    qst_model *model = condition_model(ctx, OF_CIRCUIT, is_z ? "z" : "probabilities", QST_DOUBLE);
    const char *const all = "probabilities";
    double scores[ROWS * LEARN_CLASSES], variances[ROWS * LEARN_CLASSES], frequencies[ROWS * STATES];
    qst_predictor *predictor = NULL;
    qst_measurement *measurement = NULL;
    qst_readout *readout = NULL;
    qsti_circuit_parts parts;
    assert_true(qsti_model_circuit_parts(model, &parts));
    assert_int_equal(parts.head, QST_HEAD_linear);
    assert_ok(ctx, qst_predictor_create(model, &(qst_predictor_opts){.measure = {.shots = SHOTS}}, &predictor));
    assert_true(qst_predictor_has_variances(predictor));
    assert_ok(ctx, qst_predictor_scores(predictor, samples(), 0, table(scores), table(variances), NULL));
    assert_ok(ctx, qst_readout_parse(ctx, 3, &all, 1, 0, &readout));
    assert_ok(ctx,
              qst_measurement_create(ctx, parts.circuit, readout, &(qst_measure_opts){.shots = SHOTS}, &measurement));
    assert_ok(ctx, qst_measurement_values(measurement, parts.weights, samples(), 0, 0,
                                          (qst_matrix){frequencies, ROWS, STATES}, (qst_matrix){0}));
    size_t n_values = qst_readout_outputs(parts.readout);
    for (size_t i = 0; i < ROWS * LEARN_CLASSES; i++) {
        const double *slopes = parts.head_weights + i % LEARN_CLASSES * n_values;
        double mean = 0, square = 0;
        for (size_t b = 0; b < STATES; b++) {
            double f = frequencies[i / LEARN_CLASSES * STATES + b], a = 0;
            for (size_t k = 0; k < n_values; k++)
                a += slopes[k] * counts_for(is_z, b, k);
            mean += f * a;
            square += f * a * a;
        }
        assert_close(variances[i], (square - mean * mean) / (SHOTS - 1), 1e-14);
        assert_close(scores[i], mean + parts.head_weights[LEARN_CLASSES * n_values + i % LEARN_CLASSES], 1e-12);
    }
    qst_predictor_free(predictor);
    qst_measurement_free(measurement);
    qst_readout_free(readout);
    qst_model_free(model);
}

static void variances_of_sums(void **state)
{
    (void)state;
    check_variances(true);
}

static void variances_of_shares(void **state)
{
    (void)state;
    check_variances(false);
}

static void one_shot_says_nothing(void **state)
{
    (void)state;
    static const char *const outputs[] = {"z", "probabilities"};
    double scores[ROWS * LEARN_CLASSES], variances[ROWS * LEARN_CLASSES];
    for (size_t o = 0; o < 2; o++) {
        qst_model *model = condition_model(ctx, OF_CIRCUIT, outputs[o], QST_DOUBLE);
        qst_predictor *predictor = NULL;
        assert_ok(ctx, qst_predictor_create(model, &(qst_predictor_opts){.measure = {.shots = 1}}, &predictor));
        assert_ok(ctx, qst_predictor_scores(predictor, samples(), 0, table(scores), table(variances), NULL));
        assert_true(isinf(variances[0]));
        qst_predictor_free(predictor);
        qst_model_free(model);
    }
}

/* A row that is left has a class whose score stands above the others'; one that is not has all shots. */
static void rows_are_left_when_decided(void **state)
{
    (void)state;
    const qst_predictor_opts opts = {.measure = {.shots = 2000}, .n_looks = 8, .alpha = 0.05};
    qst_margin margin = {.alpha = 0.05, .n_looks = 8, .n_outputs = LEARN_CLASSES};
    qst_model *model = condition_model(ctx, OF_CIRCUIT, "z", QST_DOUBLE);
    double scores[ROWS * LEARN_CLASSES], variances[ROWS * LEARN_CLASSES];
    uint64_t shots[ROWS], n_left = 0;
    qst_predictor *predictor = NULL;
    assert_ok(ctx, qst_predictor_create(model, &opts, &predictor));
    assert_ok(ctx, qst_predictor_scores(predictor, samples(), 0, table(scores), table(variances), shots));
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(shots[i] % 250, 0);
        if (shots[i] == 2000)
            continue;
        n_left++;
        assert_true(qst_decided_by_margin(&margin, i, scores + i * LEARN_CLASSES, variances + i * LEARN_CLASSES));
    }
    assert_true(n_left > 0);
    qst_predictor_free(predictor);
    qst_model_free(model);
}

static void what_is_refused(void **state)
{
    (void)state;
    const double scales[] = {1, 3};
    qst_model *logistic = learn_model(ctx, "logistic", QST_HEAD_linear, QST_DOUBLE);
    qst_model *model = condition_model(ctx, OF_CIRCUIT, "z", QST_DOUBLE);
    qst_model *after = condition_model(ctx, OF_AFTER, "z", QST_DOUBLE);
    qst_predictor *predictor = NULL;
    double scores[ROWS * LEARN_CLASSES], variances[ROWS * LEARN_CLASSES];
    qst_predictor_opts opts = {.measure = {.shots = 100}, .n_looks = 4, .alpha = 0.05};
    assert_status(ctx, qst_predictor_create(logistic, &(qst_predictor_opts){0}, &predictor), QST_ERR_UNSUPPORTED);
    assert_status(ctx, qst_predictor_create(after, &opts, &predictor), QST_ERR_UNSUPPORTED);
    opts.n_looks = 101;
    assert_status(ctx, qst_predictor_create(model, &opts, &predictor), QST_ERR_USAGE);
    opts.n_looks = 4;
    opts.alpha = 1;
    assert_status(ctx, qst_predictor_create(model, &opts, &predictor), QST_ERR_USAGE);
    opts.alpha = 0.05;
    opts.measure.shots = 0;
    assert_status(ctx, qst_predictor_create(model, &opts, &predictor), QST_ERR_USAGE);
    opts.measure.shots = 100;
    opts.measure.mitigation =
        (qst_mitigation){.scales = scales, .n_scales = 2, .extrapolation = QST_EXTRAPOLATE_EXPONENTIAL};
    assert_status(ctx, qst_predictor_create(model, &opts, &predictor), QST_ERR_UNSUPPORTED);
    assert_null(predictor);
    opts.n_looks = 0;
    assert_ok(ctx, qst_predictor_create(model, &opts, &predictor));
    assert_false(qst_predictor_has_variances(predictor));
    assert_ok(ctx, qst_predictor_scores(predictor, samples(), 0, table(scores), (qst_matrix){0}, NULL));
    assert_status(ctx, qst_predictor_scores(predictor, samples(), 0, table(scores), table(variances), NULL),
                  QST_ERR_UNSUPPORTED);
    assert_status(
        ctx,
        qst_predictor_scores(predictor, (qst_const_matrix){rows.x, ROWS, 2}, 0, table(scores), (qst_matrix){0}, NULL),
        QST_ERR_MISMATCH);
    assert_status(ctx,
                  qst_predictor_scores(predictor, samples(), 0, (qst_matrix){scores, ROWS, 2}, (qst_matrix){0}, NULL),
                  QST_ERR_MISMATCH);
    qst_predictor_free(predictor);
    qst_model_free(logistic);
    qst_model_free(after);
    qst_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_the_measurement),
        cmocka_unit_test(variances_of_sums),
        cmocka_unit_test(variances_of_shares),
        cmocka_unit_test(one_shot_says_nothing),
        cmocka_unit_test(rows_are_left_when_decided),
        cmocka_unit_test(what_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

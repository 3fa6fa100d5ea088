/* test_lesson.c: which labels a student learns from when only a share of them is used, and logistic regression on the
 * same labels: the floor. */
#include "lesson_cases.h"

#include "student/student.h"

static qst_ctx *ctx;
static qst_table *table;
static qst_dataset *dataset;

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(1);
    table = lesson_table(ctx);
    dataset = lesson_dataset(table);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    qst_dataset_free(dataset);
    qst_table_free(table);
    qst_ctx_free(ctx);
    return 0;
}

static bool same_weights(const qst_model *a, const qst_model *b)
{
    return a->n_weights == b->n_weights && memcmp(a->weights, b->weights, a->n_weights * sizeof(double)) == 0;
}

/* --- few labels --------------------------------------------------------------------------------------------------- */

static void labels_are_drawn_within_classes(void **state)
{
    (void)state;
    const double fractions[] = {0.001, 0.1, 0.25, 0.5, 0.9, 1};
    const size_t n_class[] = {100, 33, 7, 1};
    int64_t all[141], masked[6][141];
    for (size_t c = 0, i = 0; c < 4; c++) {
        for (size_t k = 0; k < n_class[c]; k++) {
            all[(i++ * 50) % 141] = (int64_t)c; /* 50 and 141 have no common factor */
        }
    }
    for (size_t f = 0; f < 6; f++) {
        size_t kept = 0, expected = 0;
        memcpy(masked[f], all, sizeof all);
        assert_ok(ctx, qsti_labels_mask(ctx, masked[f], 141, 4, fractions[f], 3, 0, &kept));
        for (size_t c = 0; c < 4; c++) {
            size_t n = 0, keep = (size_t)fmax(1, round(fractions[f] * (double)n_class[c]));
            for (size_t i = 0; i < 141; i++) {
                n += masked[f][i] == (int64_t)c;
            }
            assert_int_equal(n, keep);
            expected += keep;
        }
        assert_int_equal(kept, expected);
        for (size_t i = 0; i < 141; i++) {
            assert_true(masked[f][i] == all[i] || masked[f][i] == -1);
            /* What few labels hold, more labels hold too. */
            assert_true(f == 0 || masked[f - 1][i] == -1 || masked[f][i] == all[i]);
        }
    }
    int64_t again[141], other_seed[141], other_stream[141];
    memcpy(again, all, sizeof all);
    memcpy(other_seed, all, sizeof all);
    memcpy(other_stream, all, sizeof all);
    assert_ok(ctx, qsti_labels_mask(ctx, again, 141, 4, 0.25, 3, 0, NULL));
    assert_ok(ctx, qsti_labels_mask(ctx, other_seed, 141, 4, 0.25, 4, 0, NULL));
    assert_ok(ctx, qsti_labels_mask(ctx, other_stream, 141, 4, 0.25, 3, 1, NULL));
    assert_memory_equal(again, masked[2], sizeof again);
    assert_memory_not_equal(other_seed, masked[2], sizeof again);
    assert_memory_not_equal(other_stream, masked[2], sizeof again);
}

static void lessons_mask_training_and_validation(void **state)
{
    (void)state;
    qsti_lesson lesson, whole;
    assert_ok(ctx, qsti_lesson_create(dataset, 0.25, 0, &lesson));
    assert_ok(ctx, qsti_lesson_create(dataset, 1, 0, &whole));
    assert_int_equal(lesson.train.n, 84);
    assert_int_equal(lesson.validation.n, 21);
    assert_int_equal(lesson.n_labelled, 21); /* 7 of 28 a class */
    assert_int_equal(whole.n_labelled, 84);
    size_t n_validated = 0;
    for (size_t i = 0; i < 21; i++) {
        n_validated += lesson.validation.labels[i] >= 0;
        assert_true(whole.validation.labels[i] >= 0);
    }
    assert_int_equal(n_validated, 6); /* 2 of 7 a class */
    assert_memory_equal(lesson.train.x, whole.train.x, (size_t)84 * 4 * sizeof(double));
    qsti_lesson_clear(ctx, &lesson);
    qsti_lesson_clear(ctx, &whole);
    for (int i = 0; i < 4; i++) {
        const double wrong[] = {0, -0.1, 1.0001, NAN};
        assert_status(ctx, qsti_lesson_create(dataset, wrong[i], 0, &lesson), QST_ERR_USAGE);
        assert_message(ctx, "is not in (0, 1]");
    }
}

/* --- wrong labels ------------------------------------------------------------------------------------------------- */

static void labels_are_disturbed_within_classes(void **state)
{
    (void)state;
    const double shares[] = {0, 0.1, 0.25, 0.5, 0.9};
    int64_t clean[300], noisy[300], again[300];
    for (size_t i = 0; i < 300; i++)
        clean[i] = i % 10 == 9 ? -1 : (int64_t)((i * 7) % 3);
    size_t n_class[3] = {0};
    for (size_t i = 0; i < 300; i++)
        if (clean[i] >= 0)
            n_class[clean[i]]++;
    for (size_t s = 0; s < 5; s++) {
        size_t n_wrong[3] = {0}, n_to[3] = {0};
        memcpy(noisy, clean, sizeof clean);
        memcpy(again, clean, sizeof clean);
        assert_ok(ctx, qsti_labels_disturb(ctx, noisy, 300, 3, shares[s], 3, 0));
        assert_ok(ctx, qsti_labels_disturb(ctx, again, 300, 3, shares[s], 3, 0));
        assert_memory_equal(noisy, again, sizeof noisy);
        for (size_t i = 0; i < 300; i++) {
            assert_true((clean[i] == -1) == (noisy[i] == -1) && noisy[i] < 3);
            if (clean[i] >= 0 && noisy[i] != clean[i]) {
                n_wrong[clean[i]]++;
                n_to[noisy[i]]++;
            }
        }
        for (size_t c = 0; c < 3; c++) {
            assert_int_equal(n_wrong[c], (size_t)round(shares[s] * (double)n_class[c]));
            assert_true(shares[s] < 0.5 || n_to[c] > 20); /* each other class as likely */
        }
    }
    memcpy(again, clean, sizeof clean);
    assert_ok(ctx, qsti_labels_disturb(ctx, again, 300, 3, 0.9, 4, 0));
    assert_memory_not_equal(noisy, again, sizeof noisy);
    assert_status(ctx, qsti_labels_disturb(ctx, again, 300, 3, 1, 3, 0), QST_ERR_USAGE);
    assert_message(ctx, "label_noise: 1 is not in [0, 1)");
}

/* The same labels are masked with noise as without; of those that are left the share is wrong, test rows never. */
static void lessons_have_wrong_labels(void **state)
{
    (void)state;
    qsti_lesson clean, noisy;
    const qst_distill_opts opts = {.label_fraction = 1}, wrong = {.label_fraction = 1, .label_noise = 0.9};
    qst_model *floor = NULL, *misled = NULL;
    assert_ok(ctx, qsti_lesson_create(dataset, 0.5, 0, &clean));
    assert_ok(ctx, qsti_lesson_create(dataset, 0.5, 0.25, &noisy));
    assert_int_equal(noisy.n_labelled, clean.n_labelled);
    size_t n_wrong = 0, n_validation = 0;
    for (size_t i = 0; i < clean.train.n; i++) {
        assert_true((clean.train.labels[i] < 0) == (noisy.train.labels[i] < 0));
        n_wrong += clean.train.labels[i] != noisy.train.labels[i];
    }
    for (size_t i = 0; i < clean.validation.n; i++)
        n_validation += clean.validation.labels[i] != noisy.validation.labels[i];
    assert_int_equal(n_wrong, 12);     /* of each class 4 of 14 */
    assert_int_equal(n_validation, 3); /* 1 of 4 */
    assert_ok(ctx, qst_student_floor(dataset, &opts, 1, &floor));
    assert_ok(ctx, qst_student_floor(dataset, &wrong, 1, &misled));
    assert_false(same_weights(floor, misled));
    qst_model_free(floor);
    qst_model_free(misled);
    qsti_lesson_clear(ctx, &clean);
    qsti_lesson_clear(ctx, &noisy);
}

/* --- the floor ---------------------------------------------------------------------------------------------------- */

static void the_floor_is_logistic_regression(void **state)
{
    (void)state;
    const qst_distill_opts opts = {.label_fraction = 1};
    qst_model *floor = NULL, *other_seed = NULL;
    double scores[450], of_raw[450];
    size_t n_right = 0, n_test = 0;
    assert_ok(ctx, qst_student_floor(dataset, &opts, 1, &floor));
    assert_ok(ctx, qst_student_floor(dataset, &opts, 2, &other_seed));
    assert_true(same_weights(floor, other_seed));
    assert_ok(ctx, qst_model_scores(floor, qst_dataset_features(dataset), (qst_matrix){scores, 150, 3}));
    for (size_t i = 0; i < 150; i++) {
        const double *z = scores + 3 * i;
        if (dataset->splits[i] == QST_TEST) {
            n_test++;
            n_right += z[dataset->labels[i]] >= fmax(z[0], fmax(z[1], z[2]));
        }
    }
    assert_int_equal(n_test, 45);
    assert_true(n_right >= 40);
    assert_string_equal(qst_model_class_name(floor, 2), "virginica");
    assert_ok(ctx, qst_model_predict(floor, qst_table_features(table), (qst_matrix){of_raw, 150, 3}));
    assert_memory_equal(of_raw + 3 * dataset->ids[149], scores + 447, 3 * sizeof(double));
    qst_model_free(floor);
    qst_model_free(other_seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_drawn_within_classes),     cmocka_unit_test(lessons_mask_training_and_validation),
        cmocka_unit_test(labels_are_disturbed_within_classes), cmocka_unit_test(lessons_have_wrong_labels),
        cmocka_unit_test(the_floor_is_logistic_regression),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* test_golden_networks.c: trainings of networks by the public API against PyTorch's, from the same weights with the
 * same batches (make_networks.py). */
#include "support/support.h"

#include "base/json.h"
#include "base/memory.h"
#include "learn/model_network.h"

#define TOLERANCE 1e-9 /* of every weight after 50 steps; 1e-6 is asked for */

static qst_ctx *ctx;
static json_t *golden;

static int load(void **state)
{
    (void)state;
    ctx = support_ctx(2);
    return qsti_json_read(ctx, QSTILL_SOURCE_DIR "/tests/golden/networks.json", QST_ERR_INPUT, &golden) != QST_OK;
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
    assert_true(json_is_number(value));
    return json_number_value(value);
}

/* A list of numbers, to be freed. */
static double *numbers(const json_t *object, const char *key, size_t *out_n)
{
    const json_t *list = json_object_get(object, key);
    size_t n = json_array_size(list);
    double *values = NULL;
    assert_true(n > 0);
    assert_ok(ctx, QSTI_NEW(ctx, n, &values));
    for (size_t i = 0; i < n; i++) {
        values[i] = json_number_value(json_array_get(list, i));
    }
    *out_n = n;
    return values;
}

static void assert_all_near(const double *actual, const double *expected, size_t n, double tolerance)
{
    for (size_t i = 0; i < n; i++) {
        assert_close(actual[i], expected[i], tolerance * (1 + fabs(expected[i])));
    }
}

static qst_model *model_of(const json_t *entry, qst_precision precision)
{
    qsti_network_spec spec = {0};
    qst_layer *layers = NULL;
    qst_model *model = NULL;
    assert_ok(ctx, qsti_network_from_json(ctx, "networks.json", entry, &spec, &layers));
    assert_ok(ctx, qsti_model_network_create(ctx, &spec, precision, &model));
    qsti_free(ctx, layers);
    return model;
}

/* What a training gives against what it shall give, and the scores of the trained model. */
static void repeat_training(const json_t *entry, qst_precision precision, double tolerance)
{
    size_t n_x = 0, n_labels = 0, n = 0, n_after = 0, n_scores = 0;
    double *x = numbers(entry, "x", &n_x), *label_values = numbers(entry, "labels", &n_labels), *found = NULL;
    double *before = numbers(entry, "before", &n), *after = numbers(entry, "after", &n_after);
    double *scores = numbers(entry, "scores", &n_scores);
    int64_t *labels = NULL;
    qst_model *model = model_of(entry, precision);
    bool is_sgd = strcmp(json_string_value(json_object_get(entry, "optimizer")), "sgd") == 0;
    const qst_train_opts opts = {
        .loss = QST_LOSS_ce,
        .temperature = 1,
        .alpha = 0.5,
        .optimizer = is_sgd ? QST_OPTIMIZER_sgd : QST_OPTIMIZER_adam,
        .learning_rate = number(entry, "learning_rate"),
        .momentum = number(entry, "momentum"),
        .weight_decay = number(entry, "weight_decay"),
        .batch = (size_t)number(entry, "batch"),
        .epochs = (size_t)number(entry, "epochs"),
        .seed = (uint64_t)number(entry, "seed"),
    };
    assert_ok(ctx, QSTI_NEW(ctx, n_labels, &labels));
    assert_ok(ctx, QSTI_NEW(ctx, n_scores, &found));
    for (size_t i = 0; i < n_labels; i++) {
        labels[i] = (int64_t)label_values[i];
    }
    assert_int_equal(n, n_after);
    assert_int_equal(n, qst_model_weights_count(model));
    assert_ok(ctx, qst_model_set_weights(model, before, n));
    const qst_train_data data = {.x = {x, n_labels, n_x / n_labels}, .labels = labels};
    qst_train_result result;
    assert_ok(ctx, qst_model_train(model, &data, NULL, &opts, &result));
    assert_int_equal(result.steps, 50);
    assert_all_near(qst_model_weights(model), after, n, tolerance);
    assert_ok(ctx, qst_model_scores(model, data.x, (qst_matrix){found, n_labels, n_scores / n_labels}));
    assert_all_near(found, scores, n_scores, tolerance);
    qst_model_free(model);
    void *all[] = {x, label_values, before, after, scores, labels, found};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        qsti_free(ctx, all[i]);
    }
}

static void trainings(void **state)
{
    (void)state;
    size_t i;
    json_t *entry;
    assert_int_equal(json_array_size(json_object_get(golden, "trainings")), 2);
    json_array_foreach(json_object_get(golden, "trainings"), i, entry)
    {
        repeat_training(entry, QST_DOUBLE, TOLERANCE);
        repeat_training(entry, QST_SINGLE, 2e-2); /* 50 steps of single precision, which an Adam step can blow up */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(trainings)};
    return cmocka_run_group_tests(tests, load, unload);
}

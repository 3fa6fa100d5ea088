/* test_model_file.c: models saved and loaded with the same bits, preprocessing included; every damaged, foreign or
 * newer file is refused. */
#include "learn_cases.h"

#include <fcntl.h>
#include <unistd.h>

static qst_ctx *ctx;
static learn_rows rows;

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(2);
    learn_rows_make(&rows, 50, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

/* Scores of the 50 rows. */
static void score(qst_model *model, double out[50 * LEARN_CLASSES])
{
    assert_ok(model->ctx, qst_model_scores(model, (qst_const_matrix){rows.x, 50, LEARN_FEATURES},
                                           (qst_matrix){out, 50, LEARN_CLASSES}));
}

/* --- the same bits ------------------------------------------------------------------------------------------------ */

/* Standardised and scaled: constants that the file must hold. */
static void give_preprocess(qst_model *model)
{
    const qst_preprocess_step steps[] = {
        {QST_PREPROCESS_pca, {3}}, {QST_PREPROCESS_standardize, {0}}, {QST_PREPROCESS_scale, {0.3}}};
    size_t all[50];
    qsti_preprocess *preprocess = NULL;
    for (size_t i = 0; i < 50; i++) {
        all[i] = i;
    }
    assert_ok(ctx, qsti_preprocess_fit(ctx, steps, 3, (qst_const_matrix){rows.x, 50, 3}, all, 50, &preprocess));
    assert_ok(ctx, qsti_model_set_preprocess(model, preprocess));
    qsti_preprocess_free(preprocess);
}

static void predict(qst_model *model, double out[150])
{
    assert_ok(ctx, qst_model_predict(model, (qst_const_matrix){rows.x, 50, 3}, (qst_matrix){out, 50, 3}));
}

static void saved_models_are_the_same(void **state)
{
    (void)state;
    const char *const outputs[] = {"z", "grouped", "0.5*ZZI - 1.5*IXY", "probabilities", "logistic"};
    const qst_head heads[] = {QST_HEAD_scale, QST_HEAD_none, QST_HEAD_linear, QST_HEAD_linear, QST_HEAD_none};
    for (size_t i = 0; i < 5; i++) {
        for (int precision = 0; precision < 2; precision++) {
            qst_model *model = learn_model(ctx, outputs[i], heads[i], (qst_precision)precision), *loaded = NULL;
            const char *const names[] = {"0", "zwei", "\xc3\xa9"};
            double before[150], after[150];
            char hash[65], loaded_hash[65];
            for (size_t k = 0; k < model->n_weights; k++) {
                model->weights[k] += 1e-3 * (double)k;
            }
            if (i % 2 == 0) {
                give_preprocess(model);
                assert_ok(ctx, qsti_model_set_classes(model, names, 3));
                memset(model->data_hash, 'a', 64);
            }
            model->seed = UINT64_MAX;
            assert_ok(ctx, qst_model_save(model, support_path("saved")));
            assert_ok(ctx, qst_model_load(ctx, support_path("saved"), &loaded));
            assert_memory_equal(model->weights, loaded->weights, model->n_weights * sizeof(double));
            predict(model, before);
            predict(loaded, after);
            assert_memory_equal(before, after, sizeof before);
            assert_ok(ctx, qst_model_hash(model, hash));
            assert_ok(ctx, qst_model_hash(loaded, loaded_hash));
            assert_string_equal(hash, loaded_hash);
            assert_string_equal(model->data_hash, loaded->data_hash);
            assert_true(loaded->seed == UINT64_MAX);
            if (i % 2 == 0) {
                assert_string_equal(qst_model_class_name(loaded, 1), "zwei");
            }
            qst_model_size size, loaded_size;
            qst_model_measure(model, &size);
            qst_model_measure(loaded, &loaded_size);
            assert_memory_equal(&size, &loaded_size, sizeof size);
            qst_model_free(model);
            qst_model_free(loaded);
        }
    }
}

/* Raw rows go through the stored preprocessing. */
static void predictions_are_of_raw_rows(void **state)
{
    (void)state;
    qst_model *model = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
    double raw[150], x[150], expected[150], found[150];
    predict(model, found);
    score(model, raw);
    assert_memory_equal(found, raw, sizeof raw); /* none: rows are features */
    give_preprocess(model);
    assert_ok(ctx,
              qsti_preprocess_apply(ctx, model->preprocess, (qst_const_matrix){rows.x, 50, 3}, (qst_matrix){x, 50, 3}));
    assert_ok(ctx, qst_model_scores(model, (qst_const_matrix){x, 50, 3}, (qst_matrix){expected, 50, 3}));
    predict(model, found);
    assert_memory_equal(found, expected, sizeof expected);
    assert_memory_not_equal(found, raw, sizeof raw);
    assert_status(ctx, qst_model_predict(model, (qst_const_matrix){rows.x, 30, 5}, (qst_matrix){found, 30, 3}),
                  QST_ERR_MISMATCH);
    qst_model_free(model);
}

/* --- refused ------------------------------------------------------------------------------------------------------ */

/* A model of one qubit in `folder`. */
static void save_small(const char *folder)
{
    const char *const output = "z";
    const qst_model_opts opts = {
        .circuit = {.qubits = 1, .ansatz = {.reps = 1}}, .outputs = &output, .n_outputs = 1, .head = QST_HEAD_linear};
    qst_model *model = NULL;
    assert_ok(ctx, qst_model_create(ctx, &opts, 1, 2, &model));
    assert_ok(ctx, qst_model_save(model, folder));
    qst_model_free(model);
}

static void assert_refused(const char *folder, qst_status expected, const char *part)
{
    qst_model *model = NULL;
    assert_status(ctx, qst_model_load(ctx, folder, &model), expected);
    assert_message(ctx, part);
    assert_null(model);
}

static void path_in(const char *folder, const char *name, char out[1200])
{
    (void)snprintf(out, 1200, "%s/%s", folder, name);
}

static const char *const file_names[] = {"model.json", "model.safetensors"};

static void every_flipped_bit_is_refused(void **state)
{
    (void)state;
    char folder[1024], path[1200], *bytes = NULL;
    size_t n = 0;
    (void)snprintf(folder, sizeof folder, "%s", support_path("flipped"));
    save_small(folder);
    for (size_t f = 0; f < 2; f++) {
        path_in(folder, file_names[f], path);
        assert_ok(ctx, qsti_file_read(ctx, path, 1 << 20, &bytes, &n));
        int file = open(path, O_RDWR);
        for (size_t i = 0; i < n; i++) {
            for (int bit = 0; bit < 8; bit++) {
                char flipped = (char)(bytes[i] ^ (1 << bit));
                assert_int_equal(pwrite(file, &flipped, 1, (off_t)i), 1);
                assert_refused(folder, QST_ERR_DAMAGED, "/model.");
            }
            assert_int_equal(pwrite(file, &bytes[i], 1, (off_t)i), 1);
        }
        close(file);
        qsti_free(ctx, bytes);
    }
    qst_model *model = NULL;
    assert_ok(ctx, qst_model_load(ctx, folder, &model));
    qst_model_free(model);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    char folder[1024], path[1200], *bytes = NULL;
    size_t n = 0;
    (void)snprintf(folder, sizeof folder, "%s", support_path("cut"));
    for (size_t f = 0; f < 2; f++) {
        save_small(folder);
        path_in(folder, file_names[f], path);
        assert_ok(ctx, qsti_file_read(ctx, path, 1 << 20, &bytes, &n));
        for (size_t length = n; length-- > 0;) {
            assert_int_equal(truncate(path, (off_t)length), 0);
            assert_refused(folder, QST_ERR_DAMAGED, "/model.");
        }
        qsti_free(ctx, bytes);
    }
}

static void missing_and_foreign_files(void **state)
{
    (void)state;
    char folder[1024], path[1200];
    (void)snprintf(folder, sizeof folder, "%s", support_path("foreign"));
    assert_refused(folder, QST_ERR_SYSTEM, "there is no model in this folder (model.json is missing)");
    save_small(folder);
    path_in(folder, "model.safetensors", path);
    assert_int_equal(unlink(path), 0);
    assert_refused(folder, QST_ERR_SYSTEM, "model.safetensors");
    path_in(folder, "model.json", path);
    const char *const texts[] = {"{\"format\": \"qstill-model/2\"}\n", "{\"format\": \"qstill-dataset/1\"}\n",
                                 "{\"format\": \"qstill-model/1\"", "[1]\n"};
    const char *const parts[] = {"format qstill-model/2 was written by a newer release: this one reads qstill-model/1",
                                 "format is \"qstill-dataset/1\", \"qstill-model/1\" is needed",
                                 "model.json:1:", "model.json"};
    for (size_t i = 0; i < 4; i++) {
        assert_ok(ctx, qsti_file_write(ctx, path, texts[i], strlen(texts[i])));
        assert_refused(folder, QST_ERR_DAMAGED, parts[i]);
    }
}

/* Whole, sound files with values that no model of ours has. */
static void sound_files_with_wrong_values(void **state)
{
    (void)state;
    const struct {
        const char *key;
        json_t *value;
        const char *part;
    } cases[] = {
        {"kind", json_string("forest"), "kind: \"forest\" is not a kind of model"},
        {"kind", json_integer(1), "kind"},
        {"head", json_string("dense"), "head: \"dense\" is not a head"},
        {"precision", json_string("half"), "precision: \"half\" is not single or double"},
        {"score_kind", json_string("expectation"), "score_kind: \"expectation\", the model gives \"logit\""},
        {"seed", json_string("-1"), "seed: \"-1\" is not a number"},
        {"data_sha256", json_string("0123456789012345678901234567890123456789012345678901234567890123456"),
         "data_sha256 is no SHA-256"},
        {"class_names", json_pack("[s,i]", "a", 1), "class_names[1] is not a string"},
        {"class_names", json_pack("[s]", "a"), "1 class names for a model of 2 scores"},
        {"n_scores", json_integer(1 << 30), "n_weights is 9: the model has 2147483653"},
        {"n_scores", json_integer(0), "n_scores"},
        {"n_weights", json_integer(10), "n_weights is 10: there are 9 weights"},
        {"readout", json_pack("{s:s,s:i,s:i}", "kind", "parity", "n_qubits", 2, "n_outputs", 2), "/model.json: "},
        {"circuit", json_object(), "circuit"},
        {"readout", json_null(), "readout"},
        {"preprocess", json_integer(3), "preprocess"},
    };
    char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s", support_path("values"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *json = NULL;
        qsti_tensors *tensors = NULL;
        const qsti_tensor *weights = NULL;
        save_small(folder);
        assert_ok(ctx, qsti_artefact_read(ctx, folder, "model", &json, &tensors));
        assert_ok(ctx, qsti_tensors_get(ctx, tensors, "weights", QSTI_F64, 1, &weights));
        assert_int_equal(json_object_set_new(json, cases[i].key, cases[i].value), 0);
        assert_int_equal(json_object_del(json, "format"), 0);
        assert_ok(ctx, qsti_artefact_write(ctx, folder, "model", json, weights, 1));
        assert_refused(folder, QST_ERR_DAMAGED, cases[i].part);
        json_decref(json);
        qsti_tensors_free(ctx, tensors);
    }
}

static void weights_that_are_not_finite(void **state)
{
    (void)state;
    json_t *json = NULL;
    qsti_tensors *tensors = NULL;
    const double weights[9] = {0, 0, 0, NAN};
    const qsti_tensor tensor = {"weights", QSTI_F64, 1, {9}, weights};
    char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s", support_path("nan"));
    save_small(folder);
    assert_ok(ctx, qsti_artefact_read(ctx, folder, "model", &json, &tensors));
    assert_int_equal(json_object_del(json, "format"), 0);
    assert_ok(ctx, qsti_artefact_write(ctx, folder, "model", json, &tensor, 1));
    assert_refused(folder, QST_ERR_DAMAGED, "weight 3: nan is not finite");
    json_decref(json);
    qsti_tensors_free(ctx, tensors);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static qst_status make_save_load(qst_ctx *own, void *arg)
{
    qst_status status = QST_OK;
    qst_model *model = NULL, *loaded = NULL;
    const char *const output = arg;
    const char *const names[] = {"a", "b", "c"};
    double out[150];
    char hash[65];
    const qst_model_opts opts = {.kind = strcmp(output, "logistic") == 0 ? "logistic" : NULL,
                                 .circuit = {.qubits = 2, .ansatz = {.reps = 1}},
                                 .outputs = &output,
                                 .n_outputs = 1,
                                 .head = QST_HEAD_linear,
                                 .precision = QST_SINGLE};
    QSTI_TRY(qst_model_create(own, &opts, 3, 3, &model));
    QSTI_TRY(qsti_model_set_classes(model, names, 3));
    QSTI_TRY(qst_model_hash(model, hash));
    QSTI_TRY(qst_model_save(model, support_path("memory")));
    QSTI_TRY(qst_model_load(own, support_path("memory"), &loaded));
    QSTI_TRY(qst_model_predict(loaded, (qst_const_matrix){rows.x, 50, 3}, (qst_matrix){out, 50, 3}));
done:
    qst_model_free(model);
    qst_model_free(loaded);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char z[] = "z", logistic[] = "logistic";
    support_fail_each_allocation(make_save_load, z);
    support_fail_each_allocation(make_save_load, logistic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(saved_models_are_the_same),    cmocka_unit_test(predictions_are_of_raw_rows),
        cmocka_unit_test(every_flipped_bit_is_refused), cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(missing_and_foreign_files),    cmocka_unit_test(sound_files_with_wrong_values),
        cmocka_unit_test(weights_that_are_not_finite),  cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* test_golden_models.c: models of PyTorch, Keras and scikit-learn against onnxruntime and TensorFlow (make_models.py):
 * through the reader of our own, and, where OpenVINO is installed, through it. */
#include "support/support.h"

#include <unistd.h>

#include <qstill/import.h>

#include "base/json.h"
#include "base/memory.h"

#define FOLDER    QSTILL_SOURCE_DIR "/tests/golden/models"
#define TOLERANCE 1e-5

static qst_ctx *ctx;
static json_t *golden;

static int load(void **state)
{
    (void)state;
    ctx = support_ctx(2);
    return qsti_json_read(ctx, FOLDER "/models.json", QST_ERR_INPUT, &golden) != QST_OK;
}

static int unload(void **state)
{
    (void)state;
    json_decref(golden);
    qst_ctx_free(ctx);
    return 0;
}

/* --- one model ---------------------------------------------------------------------------------------------------- */

typedef struct golden_model {
    char path[512];
    qst_matrix x, scores;
    qst_score_kind kind;
} golden_model;

static double *numbers(const json_t *entry, const char *key, size_t *out_n)
{
    const json_t *list = json_object_get(entry, key);
    double *values = NULL;
    *out_n = json_array_size(list);
    assert_ok(ctx, QSTI_NEW(ctx, *out_n, &values));
    for (size_t i = 0; i < *out_n; i++)
        values[i] = json_number_value(json_array_get(list, i));
    return values;
}

static golden_model read_model(const json_t *entry)
{
    golden_model model = {.x.n_rows = 5, .scores.n_rows = 5};
    size_t n = 0;
    snprintf(model.path, sizeof model.path, FOLDER "/%s", json_string_value(json_object_get(entry, "file")));
    assert_true(qst_score_kind_find(json_string_value(json_object_get(entry, "kind")), &model.kind));
    model.x.data = numbers(entry, "x", &n);
    model.x.n_cols = n / 5;
    model.scores.data = numbers(entry, "scores", &n);
    model.scores.n_cols = n / 5;
    return model;
}

static const json_t *find_model(const char *file)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(golden, "models"), i, entry)
    {
        if (strcmp(json_string_value(json_object_get(entry, "file")), file) == 0)
            return entry;
    }
    fail_msg("%s is not there", file);
    return NULL;
}

static void clear_model(golden_model *model)
{
    qsti_free(ctx, model->x.data);
    qsti_free(ctx, model->scores.data);
}

/* The scores are the golden ones, of the kind that is said. */
static void compare(const golden_model *model, qst_import *import)
{
    qst_import_info info;
    qst_score_kind kind = QST_SCORE_COUNT;
    qst_matrix out = {NULL, model->scores.n_rows, model->scores.n_cols};
    size_t n = out.n_rows * out.n_cols;
    qst_import_describe(import, &info);
    assert_int_equal(info.n_inputs, model->x.n_cols);
    assert_int_equal(info.n_scores, model->scores.n_cols);
    assert_int_equal(strlen(info.sha256), 64);
    assert_ok(ctx, QSTI_NEW(ctx, n, &out.data));
    assert_ok(ctx, qst_import_scores(import, qst_const_view(model->x), QST_SCORE_COUNT, out, &kind));
    for (size_t i = 0; i < n; i++) {
        if (!(fabs(out.data[i] - model->scores.data[i]) <= TOLERANCE * fmax(1, fabs(model->scores.data[i]))))
            print_error("%s: score %zu\n", model->path, i);
        assert_close(out.data[i], model->scores.data[i], TOLERANCE * fmax(1, fabs(model->scores.data[i])));
    }
    /* One score cannot be told by its numbers: such a model says what it is, or its graph does. */
    if (kind != model->kind)
        print_error("%s: kind %s\n", model->path, qst_score_kind_name(kind));
    assert_int_equal(kind, model->kind);
    qsti_free(ctx, out.data);
}

/* --- through our own reader --------------------------------------------------------------------------------------- */

static void own_reader(void **state)
{
    (void)state;
    size_t i, n_read = 0;
    json_t *entry;
    json_array_foreach(json_object_get(golden, "models"), i, entry)
    {
        golden_model model = read_model(entry);
        qst_import *import = NULL;
        qst_status status = qst_import_open(ctx, model.path, QST_THROUGH_QSTILL, &import);
        if (json_is_true(json_object_get(entry, "own"))) {
            if (status != QST_OK)
                print_error("%s\n", qst_ctx_message(ctx));
            assert_int_equal(status, QST_OK);
            compare(&model, import);
            n_read++;
        } else {
            assert_int_equal(status, QST_ERR_UNSUPPORTED);
        }
        qst_import_free(import);
        clear_model(&model);
    }
    assert_in_range(n_read, 20, 1000);
}

/* The operator that is not covered stands in the message. */
static void what_is_not_covered_is_named(void **state)
{
    static const struct {
        const char *file, *message;
    } cases[] = {
        {FOLDER "/torch_residual.onnx", "(Add): otherwise than of data and a constant"},
        {FOLDER "/torch_groups.onnx", "(Conv): in groups"},
        {FOLDER "/keras_same.onnx", "(Conv): padding of 0 on one side and 1 on the other"},
        {FOLDER "/mlp.tflite", "is run by OpenVINO only"},
        {FOLDER "/saved_model", "is run by OpenVINO only"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        qst_import *import = NULL;
        assert_status(ctx, qst_import_open(ctx, cases[i].file, QST_THROUGH_QSTILL, &import), QST_ERR_UNSUPPORTED);
        assert_message(ctx, cases[i].message);
        assert_null(import);
    }
}

/* As a model of our own the logits give the golden probabilities, also from a folder that it was saved to. */
static void trainable_models(void **state)
{
    (void)state;
    size_t i, n_taken = 0;
    json_t *entry;
    json_array_foreach(json_object_get(golden, "models"), i, entry)
    {
        golden_model golden_one = read_model(entry);
        qst_model *model = NULL, *back = NULL;
        bool own = json_is_true(json_object_get(entry, "own"));
        bool classes = golden_one.kind == QST_SCORE_probability && golden_one.scores.n_cols > 1;
        if (own && classes && qst_model_import(ctx, golden_one.path, &model) == QST_OK) {
            qst_matrix out = {NULL, golden_one.scores.n_rows, golden_one.scores.n_cols};
            char name[32];
            snprintf(name, sizeof name, "m%zu", i);
            assert_ok(ctx, qst_model_save(model, support_path(name)));
            assert_ok(ctx, qst_model_load(ctx, support_path(name), &back));
            assert_ok(ctx, QSTI_NEW(ctx, out.n_rows * out.n_cols, &out.data));
            assert_int_equal(qst_model_scores_count(back), out.n_cols);
            assert_ok(ctx, qst_model_scores(back, qst_const_view(golden_one.x), out));
            assert_int_equal(qst_model_score_kind(back), QST_SCORE_logit);
            assert_ok(ctx, qst_scores_to_probabilities(ctx, QST_SCORE_logit, qst_const_view(out), 1, out));
            for (size_t j = 0; j < out.n_rows * out.n_cols; j++)
                assert_close(out.data[j], golden_one.scores.data[j], TOLERANCE);
            qsti_free(ctx, out.data);
            n_taken++;
        }
        qst_model_free(model);
        qst_model_free(back);
        clear_model(&golden_one);
    }
    assert_in_range(n_taken, 6, 1000);
}

/* --- through OpenVINO --------------------------------------------------------------------------------------------- */

/* AddressSanitizer ends the program for what OpenVINO does by itself: it loads a library in a way that it cannot
 * follow, and asks for memory that nobody has. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

/* Whether there is one: where scripts/setup --test puts it, or anywhere it is looked for. */
static bool find_openvino(void)
{
    qst_import *import = NULL;
    if (SANITIZED) {
        print_message("skipped: OpenVINO does not run under AddressSanitizer\n");
        return false;
    }
    if (getenv("QSTILL_OPENVINO") == NULL && access(QSTILL_SOURCE_DIR "/build/openvino", F_OK) == 0)
        setenv("QSTILL_OPENVINO", QSTILL_SOURCE_DIR "/build/openvino", 1);
    qst_status status = qst_import_open(ctx, FOLDER "/torch_mlp.onnx", QST_THROUGH_OPENVINO, &import);
    bool found = status == QST_OK || strstr(qst_ctx_message(ctx), "is not found") == NULL;
    if (!found)
        print_message("skipped: %s\n", qst_ctx_message(ctx));
    else
        assert_ok(ctx, status);
    qst_import_free(import);
    return found;
}

static void through_openvino(void **state)
{
    (void)state;
    size_t i, n_run = 0;
    json_t *entry;
    if (!find_openvino())
        skip();
    json_array_foreach(json_object_get(golden, "models"), i, entry)
    {
        golden_model model = read_model(entry);
        qst_import *import = NULL;
        qst_status status = qst_import_open(ctx, model.path, QST_THROUGH_OPENVINO, &import);
        if (json_is_true(json_object_get(entry, "openvino"))) {
            if (status != QST_OK)
                print_error("%s\n", qst_ctx_message(ctx));
            assert_int_equal(status, QST_OK);
            compare(&model, import);
            n_run++;
        } else {
            assert_int_equal(status, QST_ERR_UNSUPPORTED);
            assert_message(ctx, "OpenVINO says: ");
        }
        qst_import_free(import);
        clear_model(&model);
    }
    assert_in_range(n_run, 20, 1000);
}

/* Rows are scored alone as they are among others, by any number of threads, to the same bits. */
static void openvino_repeats(void **state)
{
    (void)state;
    if (!find_openvino())
        skip();
    golden_model model = read_model(find_model("torch_cnn.onnx"));
    enum { ROWS = 301, MOST = 64 };
    double x[ROWS * MOST], first[ROWS * 8];
    size_t d = model.x.n_cols, c = model.scores.n_cols;
    assert_true(d <= MOST && c <= 8);
    for (size_t i = 0; i < ROWS * d; i++)
        x[i] = model.x.data[i % (5 * d)] + (double)(i % 97) / 97;
    for (int threads = 1; threads <= 3; threads++) {
        double out[ROWS * 8], alone[8];
        qst_score_kind kind;
        qst_ctx *own = support_ctx(threads);
        qst_import *import = NULL;
        assert_ok(own, qst_import_open(own, model.path, QST_THROUGH_OPENVINO, &import));
        assert_ok(own, qst_import_scores(import, (qst_const_matrix){x, ROWS, d}, QST_SCORE_COUNT,
                                         (qst_matrix){out, ROWS, c}, &kind));
        if (threads == 1)
            memcpy(first, out, sizeof first);
        assert_memory_equal(out, first, ROWS * c * sizeof *out);
        assert_ok(own, qst_import_scores(import, (qst_const_matrix){x + 300 * d, 1, d}, QST_SCORE_COUNT,
                                         (qst_matrix){alone, 1, c}, &kind));
        assert_memory_equal(alone, out + 300 * c, c * sizeof *alone);
        qst_import_free(import);
        qst_ctx_free(own);
    }
    clear_model(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_reader),       cmocka_unit_test(what_is_not_covered_is_named),
        cmocka_unit_test(trainable_models), cmocka_unit_test(through_openvino),
        cmocka_unit_test(openvino_repeats),
    };
    return cmocka_run_group_tests(tests, load, unload);
}

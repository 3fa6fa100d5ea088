/* test_golden_data.c: preprocessing against scikit-learn, arrays as numpy writes them. */
#include <jansson.h>

#include "base/artefact.h"
#include "data/dataset.h"
#include "support/support.h"

#define FOLDER QSTILL_SOURCE_DIR "/tests/golden/"

/* --- preprocessing ------------------------------------------------------------------------------------------------ */

static void assert_all_close(const double *actual, const json_t *expected, size_t n, const char *what)
{
    assert_int_equal(json_array_size(expected), n);
    for (size_t i = 0; i < n; i++) {
        double value = json_number_value(json_array_get(expected, i));
        if (!(fabs(actual[i] - value) <= 1e-10)) {
            print_error("%s [%zu]: %.17g, expected %.17g\n", what, i, actual[i], value);
        }
        assert_true(fabs(actual[i] - value) <= 1e-10);
    }
}

/* The steps of a chain as the API takes them. */
static size_t read_steps(const json_t *chain, qst_preprocess_step *out)
{
    const json_t *steps = json_object_get(chain, "steps");
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        bool pca = strcmp(json_string_value(json_object_get(step, "step")), "pca") == 0;
        out[i] = (qst_preprocess_step){pca ? QST_PREPROCESS_pca : QST_PREPROCESS_standardize,
                                       {json_number_value(json_object_get(step, "argument"))}};
    }
    return json_array_size(steps);
}

static void check_chain(qst_ctx *ctx, const json_t *chain)
{
    const char *name = json_string_value(json_object_get(chain, "name"));
    qst_preprocess_step steps[4];
    size_t n_steps = read_steps(chain, steps), n_train = 0, n_shown = 0;
    qst_table *table = NULL;
    assert_ok(ctx, qst_table_load(ctx, &(qst_table_opts){.source = name}, &table));
    qst_const_matrix x = qst_table_features(table);
    size_t *train = calloc(x.n_rows, sizeof *train);
    double *shown = calloc(x.n_rows * x.n_cols, sizeof *shown);
    for (size_t row = 0; row < x.n_rows; row++) {
        if (row * 7919 % 10 < 7) {
            train[n_train++] = row;
        }
        if (row % 17 == 0) {
            memcpy(shown + n_shown++ * x.n_cols, x.data + row * x.n_cols, x.n_cols * sizeof *shown);
        }
    }
    qsti_preprocess *fitted = NULL;
    assert_ok(ctx, qsti_preprocess_fit(ctx, steps, n_steps, x, train, n_train, &fitted));
    qsti_tensor tensors[16];
    assert_int_equal(qsti_preprocess_to_tensors(fitted, tensors), 2 * n_steps);
    for (size_t i = 0; i < n_steps; i++) {
        const json_t *step = json_array_get(json_object_get(chain, "steps"), i);
        const qsti_tensor *second = &tensors[2 * i + 1];
        assert_all_close(tensors[2 * i].data, json_object_get(step, "mean"), tensors[2 * i].shape[0], "mean");
        assert_all_close(second->data, json_object_get(step, "second"),
                         second->shape[0] * (second->n_dims == 2 ? second->shape[1] : 1), "second");
    }
    size_t n_out = qsti_preprocess_outputs(fitted);
    double *made = calloc(n_shown * n_out, sizeof *made);
    assert_ok(ctx, qsti_preprocess_apply(ctx, fitted, (qst_const_matrix){shown, n_shown, x.n_cols},
                                         (qst_matrix){made, n_shown, n_out}));
    assert_all_close(made, json_object_get(chain, "rows"), n_shown * n_out, "rows");
    free(made);
    free(shown);
    free(train);
    qsti_preprocess_free(fitted);
    qst_table_free(table);
}

static void test_preprocess(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(0);
    json_t *golden = json_load_file(FOLDER "data_preprocess.json", 0, NULL);
    const json_t *chains = json_object_get(golden, "chains");
    assert_int_equal(json_array_size(chains), 2);
    for (size_t i = 0; i < json_array_size(chains); i++) {
        check_chain(ctx, json_array_get(chains, i));
    }
    json_decref(golden);
    qst_ctx_free(ctx);
}

/* --- arrays ------------------------------------------------------------------------------------------------------- */

static void check_array(qst_ctx *ctx, const char *file, const char *key)
{
    char path[512];
    qst_matrix array = {NULL, 0, 0};
    snprintf(path, sizeof path, FOLDER "%s:%s", file, key);
    assert_ok(ctx, qst_array_read(ctx, path, &array));
    assert_int_equal(array.n_rows, 3);
    assert_int_equal(array.n_cols, 4);
    for (size_t i = 0; i < 12; i++) {
        double expected = strcmp(key, "bool") == 0                ? (double)(i % 2)
                          : strchr(key, '_') && strstr(key, "_u") ? (double)i
                                                                  : (double)i - 5;
        if (array.data[i] != expected) {
            print_error("%s [%zu]: %g, expected %g\n", path, i, array.data[i], expected);
        }
        assert_true(array.data[i] == expected);
    }
    qst_array_free(ctx, &array);
    assert_null(array.data);
}

static void test_arrays(void **state)
{
    static const char *const files[] = {"data_arrays.npz", "data_arrays_compressed.npz"};
    static const char *const keys[] = {"bool",      "fortran",   "little_f2", "little_f4", "little_f8", "little_i1",
                                       "little_i2", "little_i4", "little_i8", "little_u1", "little_u2", "little_u4",
                                       "little_u8", "big_f2",    "big_f4",    "big_f8",    "big_i1",    "big_i2",
                                       "big_i4",    "big_i8",    "big_u1",    "big_u2",    "big_u4",    "big_u8"};
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    for (size_t f = 0; f < 2; f++) {
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
            check_array(ctx, files[f], keys[k]);
        }
    }
    qst_ctx_free(ctx);
}

/* Three dimensions: refused as an array, flattened as a table. */
static void test_cube(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_matrix array = {NULL, 0, 0};
    assert_status(ctx, qst_array_read(ctx, FOLDER "data_arrays.npz:cube", &array), QST_ERR_UNSUPPORTED);
    assert_message(ctx, "3 dimensions");
    qst_table *table = NULL;
    assert_ok(ctx, qst_table_load(ctx, &(qst_table_opts){.source = FOLDER "data_arrays.npz:cube", .unlabelled = true},
                                  &table));
    qst_const_matrix x = qst_table_features(table);
    assert_int_equal(x.n_rows, 2);
    assert_int_equal(x.n_cols, 6);
    for (size_t i = 0; i < 12; i++) {
        assert_true(x.data[i] == (double)i);
    }
    qst_table_free(table);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_preprocess),
        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_cube),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_preprocess.c: each step by its definition; the same bits for any threads and any company; storing and reading
 * back. Against scikit-learn: tests/golden/test_golden_data.c. */
#include "base/rng.h"
#include "learn/preprocess.h"
#include "support/support.h"

#define N_ROWS ((size_t)700)
#define N_COLS ((size_t)9)

/* Correlated columns, the last one constant. */
static void fill(double *x, size_t n_rows, size_t n_cols)
{
    qsti_rng rng = qsti_rng_init(11, QSTI_PURPOSE_TEST, 0, 0);
    for (size_t row = 0; row < n_rows; row++) {
        double common = qsti_rng_normal(&rng);
        for (size_t c = 0; c < n_cols; c++) {
            x[row * n_cols + c] = c + 1 == n_cols ? 0.1 : 3 + (double)c * common + qsti_rng_normal(&rng);
        }
    }
}

static size_t *all_rows(size_t n)
{
    size_t *rows = calloc(n, sizeof *rows);
    for (size_t i = 0; i < n; i++) {
        rows[i] = i;
    }
    return rows;
}

static qsti_preprocess *fit(qst_ctx *ctx, const qst_preprocess_step *steps, size_t n_steps, const double *x,
                            size_t n_rows, size_t n_cols)
{
    size_t *rows = all_rows(n_rows);
    qsti_preprocess *made = NULL;
    assert_ok(ctx,
              qsti_preprocess_fit(ctx, steps, n_steps, (qst_const_matrix){x, n_rows, n_cols}, rows, n_rows, &made));
    free(rows);
    return made;
}

static void apply(qst_ctx *ctx, const qsti_preprocess *made, const double *x, size_t n_rows, double *out)
{
    assert_ok(ctx, qsti_preprocess_apply(ctx, made, (qst_const_matrix){x, n_rows, qsti_preprocess_inputs(made)},
                                         (qst_matrix){out, n_rows, qsti_preprocess_outputs(made)}));
}

/* One step on one or a few rows. */
static void one_step(qst_preprocess_step step, const double *x, size_t n_rows, size_t n_cols, double *out)
{
    qst_ctx *ctx = support_ctx(1);
    qsti_preprocess *made = fit(ctx, &step, 1, x, n_rows, n_cols);
    apply(ctx, made, x, n_rows, out);
    qsti_preprocess_free(made);
    qst_ctx_free(ctx);
}

/* --- definitions -------------------------------------------------------------------------------------------------- */

static void test_small_steps(void **state)
{
    (void)state;
    const double x[8] = {1, 5, 2, 5, 3, 5, 6, 5};
    double out[8];
    one_step((qst_preprocess_step){QST_PREPROCESS_standardize, {0}}, x, 4, 2, out);
    for (size_t row = 0; row < 4; row++) {
        assert_close(out[2 * row], (x[2 * row] - 3) / sqrt(3.5), 1e-15);
        assert_true(out[2 * row + 1] == 0);
    }
    one_step((qst_preprocess_step){QST_PREPROCESS_scale, {-0.25}}, x, 4, 2, out);
    assert_true(out[0] == -0.25 && out[7] == -1.25);
    one_step((qst_preprocess_step){QST_PREPROCESS_binarize, {2}}, x, 4, 2, out);
    assert_true(out[0] == 0 && out[1] == 1 && out[2] == 0 && out[4] == 1);
    one_step((qst_preprocess_step){QST_PREPROCESS_range, {-1, 3}}, x, 4, 2, out);
    assert_close(out[0], -1, 0);
    assert_close(out[2], -1 + 4 * 0.2, 1e-15);
    assert_close(out[6], 3, 0);
    assert_close(out[1], 1, 0);
}

/* What lies beyond the training range is clipped. */
static void test_range_clips(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    const double x[3] = {0, 1, 2}, beyond[4] = {-5, 0.5, 2, 99};
    double out[4];
    qst_preprocess_step step = {QST_PREPROCESS_range, {0, 10}};
    qsti_preprocess *made = fit(ctx, &step, 1, x, 3, 1);
    apply(ctx, made, beyond, 4, out);
    assert_true(out[0] == 0 && out[1] == 2.5 && out[2] == 10 && out[3] == 10);
    qsti_preprocess_free(made);
    qst_ctx_free(ctx);
}

/* A pixel lands in its window and nowhere else: all pixels, for both image sizes. */
static void test_pool(void **state)
{
    (void)state;
    static const struct {
        size_t side, margin, window, k;
    } cases[] = {{28, 2, 6, 4}, {28, 2, 12, 2}, {8, 0, 2, 4}, {6, 0, 2, 3}, {5, 0, 1, 5}, {4, 0, 4, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t side = cases[i].side, k = cases[i].k, window = cases[i].window, margin = cases[i].margin;
        qst_ctx *ctx = support_ctx(1);
        double *x = calloc(side * side, sizeof *x), out[25];
        qst_preprocess_step step = {QST_PREPROCESS_pool, {(double)k}};
        qsti_preprocess *made = fit(ctx, &step, 1, x, 1, side * side);
        assert_int_equal(qsti_preprocess_outputs(made), k * k);
        for (size_t pixel = 0; pixel < side * side; pixel++) {
            size_t r = pixel / side, c = pixel % side;
            bool inside = r >= margin && c >= margin && r < side - margin && c < side - margin;
            size_t place = inside ? (r - margin) / window * k + (c - margin) / window : k * k;
            x[pixel] = 1;
            apply(ctx, made, x, 1, out);
            x[pixel] = 0;
            for (size_t o = 0; o < k * k; o++) {
                assert_true(out[o] == (o == place ? 1.0 / (double)(window * window) : 0));
            }
        }
        free(x);
        qsti_preprocess_free(made);
        qst_ctx_free(ctx);
    }
}

/* Orthonormal, uncorrelated, variances falling, largest entry positive; k = d keeps the distances. */
static void check_components(const double *x, size_t n, size_t d, size_t k)
{
    qst_ctx *ctx = support_ctx(2);
    double *out = calloc(n * k, sizeof *out), previous = INFINITY, largest_variance = 0;
    qst_preprocess_step step = {QST_PREPROCESS_pca, {(double)k}};
    qsti_preprocess *made = fit(ctx, &step, 1, x, n, d);
    qsti_tensor tensors[4];
    assert_int_equal(qsti_preprocess_to_tensors(made, tensors), 2);
    const double *v = tensors[1].data;
    assert_string_equal(tensors[1].name, "preprocess.0.components");
    assert_int_equal(tensors[1].shape[0], k);
    assert_int_equal(tensors[1].shape[1], d);
    apply(ctx, made, x, n, out);
    for (size_t a = 0; a < k; a++) {
        size_t largest = 0;
        for (size_t c = 1; c < d; c++) {
            largest = fabs(v[a * d + c]) > fabs(v[a * d + largest]) ? c : largest;
        }
        assert_true(v[a * d + largest] > 0);
        for (size_t b = a; b < k; b++) {
            double product = 0, covariance = 0;
            for (size_t c = 0; c < d; c++) {
                product += v[a * d + c] * v[b * d + c];
            }
            for (size_t row = 0; row < n; row++) {
                covariance += out[row * k + a] * out[row * k + b] / (double)n;
            }
            assert_close(product, a == b, 1e-13);
            if (a == b) {
                assert_true(covariance <= previous);
                previous = covariance;
                largest_variance = fmax(largest_variance, covariance);
            } else {
                assert_close(covariance, 0, 1e-13 * largest_variance);
            }
        }
    }
    free(out);
    qsti_preprocess_free(made);
    qst_ctx_free(ctx);
}

static void test_pca(void **state)
{
    (void)state;
    double *x = calloc(N_ROWS * N_COLS, sizeof *x);
    fill(x, N_ROWS, N_COLS);
    check_components(x, N_ROWS, N_COLS, 4);
    check_components(x, N_ROWS, N_COLS, N_COLS - 1);
    fill(x, 12, 50);
    check_components(x, 12, 50, 6);
    fill(x, 20, 21);
    check_components(x, 20, 21, 19);
    free(x);
}

/* Fewer rows than columns or more: one row more or less does not change the directions much; both ways agree on the
 * same data. */
static void test_pca_both_ways(void **state)
{
    (void)state;
    enum { N = 40, D = 39 };
    qst_ctx *ctx = support_ctx(1);
    double *x = calloc(N * (D + 2), sizeof *x), *wide = calloc(N * (D + 2), sizeof *x), a[N * 3], b[N * 3];
    fill(x, N, D);
    for (size_t row = 0; row < N; row++) {
        memcpy(wide + row * (D + 2), x + row * D, D * sizeof *x);
    }
    qst_preprocess_step step = {QST_PREPROCESS_pca, {3}};
    qsti_preprocess *by_columns = fit(ctx, &step, 1, x, N, D), *by_rows = fit(ctx, &step, 1, wide, N, D + 2);
    apply(ctx, by_columns, x, N, a);
    apply(ctx, by_rows, wide, N, b);
    for (size_t i = 0; i < N * 3; i++) {
        assert_close(a[i], b[i], 1e-10);
    }
    qsti_preprocess_free(by_columns);
    qsti_preprocess_free(by_rows);
    free(x);
    free(wide);
    qst_ctx_free(ctx);
}

/* More components than dimensions: the surplus is 0, with a warning. */
static void test_pca_without_rank(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    const double x[8] = {1, 2, 2, 4, 3, 6, 5, 10};
    double out[8];
    const char *const *warnings = NULL;
    qst_preprocess_step steps[] = {{QST_PREPROCESS_pca, {2}}, {QST_PREPROCESS_standardize, {0}}};
    qsti_preprocess *made = fit(ctx, steps, 2, x, 4, 2);
    apply(ctx, made, x, 4, out);
    for (size_t row = 0; row < 4; row++) {
        assert_true(out[2 * row] != 0 && out[2 * row + 1] == 0);
    }
    assert_int_equal(qsti_ctx_warnings(ctx, &warnings), 2);
    assert_string_equal(warnings[0],
                        "preprocess: pca: the training rows span 1 dimensions: the 1 features behind them are 0");
    qsti_preprocess_free(made);
    qst_ctx_free(ctx);
}

/* --- bits --------------------------------------------------------------------------------------------------------- */

static const qst_preprocess_step chain[] = {{QST_PREPROCESS_standardize, {0}},
                                            {QST_PREPROCESS_pca, {5}},
                                            {QST_PREPROCESS_range, {-1, 1}},
                                            {QST_PREPROCESS_scale, {0.3}}};

static void test_same_bits(void **state)
{
    (void)state;
    static const int threads[] = {1, 2, 3, 7};
    double *x = calloc(N_ROWS * N_COLS, sizeof *x), *out = calloc(N_ROWS * 5, sizeof *out);
    double *first = calloc(N_ROWS * 5, sizeof *out), row_alone[5];
    fill(x, N_ROWS, N_COLS);
    for (size_t t = 0; t < 4; t++) {
        qst_ctx *ctx = support_ctx(threads[t]);
        qsti_preprocess *made = fit(ctx, chain, 4, x, N_ROWS, N_COLS);
        apply(ctx, made, x, N_ROWS, t ? out : first);
        if (t) {
            assert_memory_equal(out, first, N_ROWS * 5 * sizeof *out);
        }
        for (size_t row = 0; row < N_ROWS; row += 101) {
            apply(ctx, made, x + row * N_COLS, 1, row_alone);
            assert_memory_equal(row_alone, first + 5 * row, sizeof row_alone);
        }
        qsti_preprocess_free(made);
        qst_ctx_free(ctx);
    }
    free(x);
    free(out);
    free(first);
}

/* What is fitted depends on the given rows only. */
static void test_fitted_on_training_rows(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    double *x = calloc(N_ROWS * N_COLS, sizeof *x);
    fill(x, N_ROWS, N_COLS);
    char hashes[2][QSTI_HASH_CHARS];
    for (int round = 0; round < 2; round++) {
        size_t rows[100];
        for (size_t i = 0; i < 100; i++) {
            rows[i] = 2 * i;
        }
        qsti_preprocess *made = NULL;
        qsti_hasher *hasher = NULL;
        assert_ok(ctx, qsti_preprocess_fit(ctx, chain, 4, (qst_const_matrix){x, N_ROWS, N_COLS}, rows, 100, &made));
        assert_ok(ctx, qsti_hasher_create(ctx, &hasher));
        qsti_preprocess_hash(made, hasher);
        qsti_hasher_finish(ctx, hasher, hashes[round]);
        qsti_preprocess_free(made);
        for (size_t row = 1; row < N_ROWS; row += row < 199 ? 2 : 1) {
            x[row * N_COLS] = 1e6;
        }
    }
    assert_string_equal(hashes[0], hashes[1]);
    free(x);
    qst_ctx_free(ctx);
}

/* --- storing ------------------------------------------------------------------------------------------------------ */

static void hash_of(qst_ctx *ctx, const qsti_preprocess *made, char out[QSTI_HASH_CHARS])
{
    qsti_hasher *hasher = NULL;
    assert_ok(ctx, qsti_hasher_create(ctx, &hasher));
    qsti_preprocess_hash(made, hasher);
    qsti_hasher_finish(ctx, hasher, out);
}

static void store(qst_ctx *ctx, const qsti_preprocess *made, const char *path, json_t **out_json)
{
    qsti_tensor tensors[16];
    size_t n = qsti_preprocess_to_tensors(made, tensors);
    assert_ok(ctx, qsti_preprocess_to_json(made, out_json));
    assert_ok(ctx, qsti_tensors_write(ctx, path, "qstill-test/1", tensors, n, NULL, 0));
}

static void test_stored(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    double *x = calloc(N_ROWS * N_COLS, sizeof *x), *a = calloc(N_ROWS * N_COLS, sizeof *x);
    double *b = calloc(N_ROWS * N_COLS, sizeof *x);
    fill(x, N_ROWS, N_COLS);
    for (size_t n_steps = 0; n_steps <= 4; n_steps += 4) {
        json_t *json = NULL;
        qsti_tensors *tensors = NULL;
        qsti_preprocess *made = fit(ctx, chain, n_steps, x, N_ROWS, N_COLS), *back = NULL, *copy = NULL;
        const char *path = support_path("p.safetensors");
        char hashes[3][QSTI_HASH_CHARS];
        store(ctx, made, path, &json);
        assert_ok(ctx, qsti_tensors_read(ctx, path, "qstill-test/1", &tensors));
        assert_ok(ctx, qsti_preprocess_from_artefact(ctx, "p.json", json, tensors, &back));
        assert_ok(ctx, qsti_preprocess_copy(ctx, made, &copy));
        hash_of(ctx, made, hashes[0]);
        hash_of(ctx, back, hashes[1]);
        hash_of(ctx, copy, hashes[2]);
        assert_string_equal(hashes[0], hashes[1]);
        assert_string_equal(hashes[0], hashes[2]);
        apply(ctx, made, x, N_ROWS, a);
        qsti_preprocess_free(made);
        apply(ctx, back, x, N_ROWS, b);
        assert_memory_equal(a, b, N_ROWS * (n_steps ? 5 : N_COLS) * sizeof *a);
        apply(ctx, copy, x, N_ROWS, b);
        assert_memory_equal(a, b, N_ROWS * (n_steps ? 5 : N_COLS) * sizeof *a);
        qsti_preprocess_free(back);
        qsti_preprocess_free(copy);
        qsti_tensors_free(ctx, tensors);
        json_decref(json);
    }
    free(x);
    free(a);
    free(b);
    qst_ctx_free(ctx);
}

/* Each of these changes to what is stored is noticed. */
static void test_damaged(void **state)
{
    (void)state;
    static const struct {
        size_t step;
        const char *key, *value;
    } changes[] = {
        {0, "step", "\"whiten\""},   {0, "inputs", "8"},
        {0, "inputs", "0"},          {0, "outputs", "4"},
        {1, "inputs", "10"},         {1, "outputs", "6"},
        {1, "arguments", "[6.0]"},   {1, "arguments", "[]"},
        {1, "arguments", "[\"5\"]"}, {2, "arguments", "[1.0, -1.0]"},
        {3, "step", "\"none\""},     {1, "step", "7"},
    };
    qst_ctx *ctx = support_ctx(1);
    double *x = calloc(N_ROWS * N_COLS, sizeof *x);
    fill(x, N_ROWS, N_COLS);
    json_t *json = NULL;
    qsti_tensors *tensors = NULL;
    qsti_preprocess *made = fit(ctx, chain, 4, x, N_ROWS, N_COLS), *back = NULL;
    store(ctx, made, support_path("p.safetensors"), &json);
    assert_ok(ctx, qsti_tensors_read(ctx, support_path("p.safetensors"), "qstill-test/1", &tensors));
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        json_t *changed = json_deep_copy(json), *value = json_loads(changes[i].value, JSON_DECODE_ANY, NULL);
        assert_int_equal(json_object_set_new(json_array_get(changed, changes[i].step), changes[i].key, value), 0);
        assert_status(ctx, qsti_preprocess_from_artefact(ctx, "p.json", changed, tensors, &back), QST_ERR_DAMAGED);
        assert_message(ctx, "p.json");
        json_decref(changed);
    }
    json_t *empty = json_array();
    assert_status(ctx, qsti_preprocess_from_artefact(ctx, "p.json", empty, tensors, &back), QST_ERR_DAMAGED);
    assert_null(back);
    json_decref(empty);
    json_decref(json);
    qsti_tensors_free(ctx, tensors);
    qsti_preprocess_free(made);
    free(x);
    qst_ctx_free(ctx);
}

/* --- errors ------------------------------------------------------------------------------------------------------- */

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        qst_preprocess_step step;
        qst_status status;
        const char *message;
    } cases[] = {
        {{QST_PREPROCESS_pca, {0}}, QST_ERR_USAGE, "pca: 0 is not a whole number"},
        {{QST_PREPROCESS_pca, {2.5}}, QST_ERR_USAGE, "pca: 2.5 is not a whole number"},
        {{QST_PREPROCESS_pca, {17}}, QST_ERR_MISMATCH, "pca: 17 components of 16 features"},
        {{QST_PREPROCESS_pca, {4}}, QST_ERR_MISMATCH, "pca: 4 components of 3 training rows"},
        {{QST_PREPROCESS_pool, {3}},
         QST_ERR_MISMATCH,
         "pool: 3: 16 features are no square image whose side it divides"},
        {{QST_PREPROCESS_pool, {-1}}, QST_ERR_USAGE, "pool: -1 is not a whole number"},
        {{QST_PREPROCESS_scale, {0}}, QST_ERR_USAGE, "scale: 0 would leave nothing"},
        {{QST_PREPROCESS_scale, {(double)NAN}}, QST_ERR_USAGE, "scale: finite numbers are needed"},
        {{QST_PREPROCESS_range, {1, 1}}, QST_ERR_USAGE, "range: [1, 1]: the first must be less"},
        {{QST_PREPROCESS_binarize, {(double)INFINITY}}, QST_ERR_USAGE, "binarize: finite numbers are needed"},
        {{QST_PREPROCESS_COUNT, {0}}, QST_ERR_USAGE, "step 0 is of no known kind"},
    };
    qst_ctx *ctx = support_ctx(1);
    double x[3 * 16];
    const size_t rows[3] = {0, 1, 2};
    fill(x, 3, 16);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        qsti_preprocess *made = NULL;
        qst_const_matrix raw = {x, 3, 16};
        assert_status(ctx, qsti_preprocess_fit(ctx, &cases[i].step, 1, raw, rows, 3, &made), cases[i].status);
        assert_message(ctx, cases[i].message);
        assert_null(made);
    }
    qst_preprocess_step pool = {QST_PREPROCESS_pool, {2}};
    qsti_preprocess *made = NULL;
    assert_status(ctx, qsti_preprocess_fit(ctx, &pool, 1, (qst_const_matrix){x, 3, 15}, rows, 3, &made),
                  QST_ERR_MISMATCH);
    assert_message(ctx, "pool: 2: 15 features are no square image");
    made = fit(ctx, &pool, 1, x, 3, 16);
    double out[12];
    assert_status(ctx, qsti_preprocess_apply(ctx, made, (qst_const_matrix){x, 3, 9}, (qst_matrix){out, 3, 4}),
                  QST_ERR_MISMATCH);
    assert_message(ctx, "the data have 9 features, the preprocessing takes 16");
    qsti_preprocess_free(made);
    qst_ctx_free(ctx);
}

/* Finite or refused. */
static void test_overflow(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    const double x[4] = {1e308, -1e308, 1e308, 1e308};
    const size_t rows[4] = {0, 1, 2, 3};
    double out[4];
    qsti_preprocess *made = NULL;
    qst_preprocess_step standardize = {QST_PREPROCESS_standardize, {0}}, scale = {QST_PREPROCESS_scale, {10}};
    assert_status(ctx, qsti_preprocess_fit(ctx, &standardize, 1, (qst_const_matrix){x, 4, 1}, rows, 4, &made),
                  QST_ERR_INPUT);
    assert_message(ctx, "standardize: the values are too large");
    made = fit(ctx, &scale, 1, x, 4, 1);
    assert_status(ctx, qsti_preprocess_apply(ctx, made, (qst_const_matrix){x, 4, 1}, (qst_matrix){out, 4, 1}),
                  QST_ERR_INPUT);
    assert_message(ctx, "feature 0 of row 0");
    qsti_preprocess_free(made);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_steps),   cmocka_unit_test(test_range_clips),
        cmocka_unit_test(test_pool),          cmocka_unit_test(test_pca),
        cmocka_unit_test(test_pca_both_ways), cmocka_unit_test(test_pca_without_rank),
        cmocka_unit_test(test_same_bits),     cmocka_unit_test(test_fitted_on_training_rows),
        cmocka_unit_test(test_stored),        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_refused),       cmocka_unit_test(test_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

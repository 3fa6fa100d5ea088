/* preprocess_fit.c: fitting the steps of a chain, each on what the ones before it make of the training rows.
 *
 * pca [jolliffe2016]: with X the centred rows (n, d), the components are the eigenvectors of X^T X, or, where n < d,
 * X^T u for the eigenvectors u of X X^T; those with the largest eigenvalues, unit length, entry of largest magnitude
 * positive (the first of equals). An eigenvalue that is 0 within rounding has no direction: its component is 0, and so
 * is the feature.
 *
 * X^T X is summed over blocks of 256 rows by BLAS, the eigenvectors are LAPACK's dsyevr, both on one thread, so that
 * the bits do not depend on how many there are. */
#include <cblas.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "learn/blas_claim.h"
#include "learn/preprocess_parts.h"

#define ROWS_A_BLOCK 256
#define MAX_PCA_SIDE 8192

/* --- columns ------------------------------------------------------------------------------------------------------ */

/* The mean of each column; a second pass takes the rounding out of the first. sum (n_cols): scratch. */
static void fit_mean(qst_const_matrix x, double *mean, double *sum)
{
    memset(mean, 0, x.n_cols * sizeof mean[0]);
    for (int pass = 0; pass < 2; pass++) {
        memset(sum, 0, x.n_cols * sizeof sum[0]);
        for (size_t row = 0; row < x.n_rows; row++) {
            for (size_t c = 0; c < x.n_cols; c++) {
                sum[c] += x.data[row * x.n_cols + c] - mean[c];
            }
        }
        for (size_t c = 0; c < x.n_cols; c++) {
            mean[c] += sum[c] / (double)x.n_rows;
        }
    }
}

static void fit_bounds(qst_const_matrix x, double *minimum, double *maximum)
{
    memcpy(minimum, x.data, x.n_cols * sizeof minimum[0]);
    memcpy(maximum, x.data, x.n_cols * sizeof maximum[0]);
    for (size_t row = 1; row < x.n_rows; row++) {
        for (size_t c = 0; c < x.n_cols; c++) {
            double value = x.data[row * x.n_cols + c];
            minimum[c] = value < minimum[c] ? value : minimum[c];
            maximum[c] = value > maximum[c] ? value : maximum[c];
        }
    }
}

static void warn_constant(qst_ctx *ctx, const qsti_step *s, const char *what, size_t n_constant, size_t first)
{
    if (n_constant) {
        qsti_warn(ctx,
                  "preprocess: %s: %zu of %zu features are constant over the training rows and become %s, the first "
                  "is feature %zu",
                  qsti_step_describe(s->kind)->label, n_constant, s->n_in, what, first);
    }
}

/* The deviation of a constant column is rounding, if anything; so is that of one that varies by less than its mean's
 * rounding. */
static qst_status fit_standardize(qst_ctx *ctx, qsti_step *s, qst_const_matrix x)
{
    double *mean = s->tensors[0], *deviation = s->tensors[1], *sum = NULL;
    double n = (double)x.n_rows;
    qst_status status = QSTI_NEW(ctx, x.n_cols, &sum);
    if (status != QST_OK) {
        return status;
    }
    fit_mean(x, mean, sum);
    memset(sum, 0, x.n_cols * sizeof sum[0]);
    for (size_t row = 0; row < x.n_rows; row++) {
        for (size_t c = 0; c < x.n_cols; c++) {
            double difference = x.data[row * x.n_cols + c] - mean[c];
            sum[c] += difference * difference;
        }
    }
    size_t n_constant = 0, first = 0;
    for (size_t c = x.n_cols; c-- > 0;) {
        double noise = n * fabs(mean[c]) * DBL_EPSILON;
        deviation[c] = sqrt(sum[c] / n);
        if (deviation[c] <= noise) {
            deviation[c] = 0;
            n_constant++;
            first = c;
        }
    }
    qsti_free(ctx, sum);
    warn_constant(ctx, s, "0", n_constant, first);
    return QST_OK;
}

static qst_status fit_range(qst_ctx *ctx, const qsti_step *s, qst_const_matrix x)
{
    size_t n_constant = 0, first = 0;
    fit_bounds(x, s->tensors[0], s->tensors[1]);
    for (size_t c = x.n_cols; c-- > 0;) {
        if (!(s->tensors[1][c] > s->tensors[0][c])) {
            n_constant++;
            first = c;
        }
    }
    warn_constant(ctx, s, "the middle", n_constant, first);
    return QST_OK;
}

/* --- principal components ----------------------------------------------------------------------------------------- */

/* product (d, d), upper triangle = X^T X of the centred rows; block (ROWS_A_BLOCK, d): scratch. */
static void multiply_columns(qst_const_matrix x, const double *mean, double *block, double *product)
{
    int d = (int)x.n_cols;
    for (size_t first = 0; first < x.n_rows; first += ROWS_A_BLOCK) {
        size_t n = x.n_rows - first < ROWS_A_BLOCK ? x.n_rows - first : ROWS_A_BLOCK;
        for (size_t i = 0; i < n; i++) {
            for (size_t c = 0; c < x.n_cols; c++) {
                block[i * x.n_cols + c] = x.data[(first + i) * x.n_cols + c] - mean[c];
            }
        }
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, d, (int)n, 1, block, d, 1, product, d);
    }
}

/* product (n, n), upper triangle = X X^T of the centred rows. */
static void multiply_rows(qst_const_matrix x, const double *mean, double *product)
{
    for (size_t i = 0; i < x.n_rows; i++) {
        for (size_t j = i; j < x.n_rows; j++) {
            const double *a = x.data + i * x.n_cols, *b = x.data + j * x.n_cols;
            double sum = 0;
            for (size_t c = 0; c < x.n_cols; c++) {
                sum += (a[c] - mean[c]) * (b[c] - mean[c]);
            }
            product[i * x.n_rows + j] = sum;
        }
    }
}

/* The k largest eigenvalues, ascending, and vectors (k, m) of a symmetric matrix, which is overwritten. A row-major
 * upper triangle is a column-major lower one. */
static qst_status find_vectors(qst_ctx *ctx, size_t m, size_t k, double *matrix, double *values, double *vectors)
{
    qst_status status = QST_OK;
    lapack_int n_found = 0, *support = NULL, side = (lapack_int)m;
    QSTI_TRY(qsti_alloc(ctx, 2 * k, sizeof(lapack_int), (void **)&support));
    lapack_int info = LAPACKE_dsyevr(LAPACK_COL_MAJOR, 'V', 'I', 'L', side, matrix, side, 0, 0,
                                     side - (lapack_int)k + 1, side, 0, &n_found, values, vectors, side, support);
    if (info == LAPACK_WORK_MEMORY_ERROR) {
        status = qsti_fail(ctx, QST_ERR_MEMORY, "preprocess: pca: out of memory");
    } else if (info != 0 || n_found != (lapack_int)k) {
        status = qsti_fail(ctx, QST_ERR_INPUT,
                           "preprocess: pca: the eigenvectors cannot be found (LAPACK: %lld): are "
                           "some values extremely large?",
                           (long long)info);
    }
done:
    qsti_free(ctx, support);
    return status;
}

/* Unit length, entry of largest magnitude positive. */
static void orient(double *vector, size_t n)
{
    double length = 0;
    size_t largest = 0;
    for (size_t i = 0; i < n; i++) {
        length += vector[i] * vector[i];
        largest = fabs(vector[i]) > fabs(vector[largest]) ? i : largest;
    }
    double factor = (vector[largest] < 0 ? -1 : 1) / sqrt(length);
    for (size_t i = 0; i < n; i++) {
        vector[i] *= factor;
    }
}

/* Component j from its eigenvector u: u itself; or X^T u, made orthogonal to those before it, which rounding leaves it
 * not quite. */
static void make_component(const qsti_step *s, qst_const_matrix x, const double *vector, bool of_rows, size_t j)
{
    const double *mean = s->tensors[0];
    double *component = s->tensors[1] + j * s->n_in;
    if (!of_rows) {
        memcpy(component, vector, s->n_in * sizeof component[0]);
    }
    for (size_t row = 0; of_rows && row < x.n_rows; row++) {
        for (size_t c = 0; c < x.n_cols; c++) {
            component[c] += vector[row] * (x.data[row * x.n_cols + c] - mean[c]);
        }
    }
    for (size_t before = 0; of_rows && before < j; before++) {
        const double *other = s->tensors[1] + before * s->n_in;
        double overlap = 0;
        for (size_t c = 0; c < s->n_in; c++) {
            overlap += component[c] * other[c];
        }
        for (size_t c = 0; c < s->n_in; c++) {
            component[c] -= overlap * other[c];
        }
    }
    orient(component, s->n_in);
}

static qst_status fit_pca(qst_ctx *ctx, qsti_step *s, qst_const_matrix x)
{
    qst_status status = QST_OK;
    double *mean = s->tensors[0], *block = NULL, *product = NULL, *values = NULL, *vectors = NULL;
    size_t n = x.n_rows, d = x.n_cols, k = s->n_out, n_null = 0;
    bool of_rows = n < d;
    size_t side = of_rows ? n : d;
    if (k > n) {
        return qsti_fail(ctx, QST_ERR_MISMATCH, "preprocess: pca: %zu components of %zu training rows", k, n);
    }
    if (side > MAX_PCA_SIDE) {
        return qsti_fail(ctx, QST_ERR_LIMIT,
                         "preprocess: pca: %zu rows and %zu features: one of the two must be at most %d", n, d,
                         MAX_PCA_SIDE);
    }
    QSTI_TRY(qsti_alloc(ctx, d, (of_rows ? 1 : ROWS_A_BLOCK) * sizeof(double), (void **)&block));
    QSTI_TRY(QSTI_NEW(ctx, side * side, &product));
    QSTI_TRY(QSTI_NEW(ctx, side, &values));
    QSTI_TRY(QSTI_NEW(ctx, side * k, &vectors));
    fit_mean(x, mean, block);
    int n_threads = qsti_blas_claim();
    if (of_rows) {
        multiply_rows(x, mean, product);
    } else {
        multiply_columns(x, mean, block, product);
    }
    status = find_vectors(ctx, side, k, product, values, vectors);
    qsti_blas_release(n_threads);
    if (status != QST_OK) {
        goto done;
    }
    double null = values[k - 1] * DBL_EPSILON * (double)(n > d ? n : d);
    for (size_t j = 0; j < k; j++) {
        if (values[k - 1 - j] > null) {
            make_component(s, x, vectors + (k - 1 - j) * side, of_rows, j);
        } else {
            n_null++;
        }
    }
    if (n_null) {
        qsti_warn(ctx, "preprocess: pca: the training rows span %zu dimensions: the %zu features behind them are 0",
                  k - n_null, n_null);
    }
done:
    qsti_free(ctx, block);
    qsti_free(ctx, product);
    qsti_free(ctx, values);
    qsti_free(ctx, vectors);
    return status;
}

/* --- the chain ---------------------------------------------------------------------------------------------------- */

qst_status qsti_step_fit(qst_ctx *ctx, qsti_step *s, qst_const_matrix x)
{
    qst_status status = QST_OK;
    if (s->kind == QST_PREPROCESS_pca) {
        status = fit_pca(ctx, s, x);
    } else if (s->kind == QST_PREPROCESS_standardize) {
        status = fit_standardize(ctx, s, x);
    } else if (s->kind == QST_PREPROCESS_range) {
        status = fit_range(ctx, s, x);
    }
    if (status != QST_OK) {
        return status;
    }
    for (size_t t = 0; t < qsti_step_describe(s->kind)->n_tensors; t++) {
        for (size_t i = 0; i < qsti_step_tensor_size(s, t); i++) {
            if (!isfinite(s->tensors[t][i])) {
                return qsti_fail(ctx, QST_ERR_INPUT, "preprocess: %s: the values are too large to fit it",
                                 qsti_step_describe(s->kind)->label);
            }
        }
    }
    qsti_step_finish(s);
    return QST_OK;
}

static qst_status gather(qst_ctx *ctx, qst_const_matrix raw, const size_t *rows, size_t n_rows, qst_matrix *out)
{
    *out = (qst_matrix){NULL, n_rows, raw.n_cols};
    qst_status status = qsti_alloc(ctx, n_rows, raw.n_cols * sizeof(double), (void **)&out->data);
    for (size_t i = 0; status == QST_OK && i < n_rows; i++) {
        memcpy(out->data + i * raw.n_cols, raw.data + rows[i] * raw.n_cols, raw.n_cols * sizeof(double));
    }
    return status;
}

/* Replaces the rows by what a step makes of them. */
static qst_status advance(qst_ctx *ctx, const qsti_step *s, qst_matrix *x)
{
    qst_matrix y = {NULL, x->n_rows, s->n_out};
    qst_status status = qsti_alloc(ctx, y.n_rows, y.n_cols * sizeof(double), (void **)&y.data);
    if (status == QST_OK) {
        status = qsti_steps_apply(ctx, s, 1, qst_const_view(*x), y);
    }
    if (status != QST_OK) {
        qsti_free(ctx, y.data);
        return status;
    }
    qsti_free(ctx, x->data);
    *x = y;
    return QST_OK;
}

qst_status qsti_preprocess_fit(qst_ctx *ctx, const qst_preprocess_step *steps, size_t n_steps, qst_const_matrix raw,
                               const size_t *rows, size_t n_rows, qsti_preprocess **out)
{
    qst_status status = QST_OK;
    qsti_preprocess *preprocess = NULL;
    qst_matrix x = {NULL, 0, 0};
    size_t n_in = raw.n_cols;
    if (n_steps > QSTI_MAX_STEPS) {
        return qsti_fail(ctx, QST_ERR_USAGE, "preprocess: %zu steps: %d are the limit", n_steps, QSTI_MAX_STEPS);
    }
    if (n_rows == 0 || n_in == 0) {
        return qsti_fail(ctx, QST_ERR_MISMATCH, "preprocess: there are no training rows, or no features");
    }
    QSTI_TRY(qsti_preprocess_create(ctx, n_in, n_steps, &preprocess));
    for (size_t i = 0; i < n_steps; i++) {
        qsti_step *s = &preprocess->steps[i];
        if (steps[i].kind >= QST_PREPROCESS_COUNT) {
            QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE, "preprocess: step %zu is of no known kind", i));
        }
        s->kind = steps[i].kind;
        memcpy(s->arguments, steps[i].arguments, qsti_step_describe(s->kind)->n_arguments * sizeof(double));
        s->n_in = n_in;
        QSTI_TRY(qsti_step_check(ctx, s));
        n_in = s->n_out;
    }
    if (n_steps) {
        QSTI_TRY(gather(ctx, raw, rows, n_rows, &x));
    }
    for (size_t i = 0; i < n_steps; i++) {
        QSTI_TRY(qsti_check_interrupt(ctx));
        QSTI_TRY(qsti_step_allocate(ctx, i, &preprocess->steps[i]));
        QSTI_TRY(qsti_step_fit(ctx, &preprocess->steps[i], qst_const_view(x)));
        if (i + 1 < n_steps) {
            QSTI_TRY(advance(ctx, &preprocess->steps[i], &x));
        }
    }
    *out = preprocess;
    preprocess = NULL;
done:
    qsti_free(ctx, x.data);
    qsti_preprocess_free(preprocess);
    return status;
}

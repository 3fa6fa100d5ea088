/* model_fourier.c: see model_fourier.h: a dense layer on the cosines and sines of given frequencies.
 *
 * Features of a block of rows are lines (2 n, lanes): cos(w_h . x), sin(w_h . x) one after the other.
 */
#include "learn/model_fourier.h"

#include <math.h>
#include <string.h>

#include "learn/linear_rows.h"

typedef struct fourier_model {
    qsti_linear_rows rows;
    size_t n_frequencies;
    qsti_fourier_fit fit;
} fourier_model;

static const char *const kinds[] = {"fourier", "random_fourier"};

bool qsti_model_kind_is_fitted(const char *kind)
{
    return kind != NULL && (strcmp(kind, kinds[0]) == 0 || strcmp(kind, kinds[1]) == 0);
}

void qsti_frequencies_clear(qst_ctx *ctx, qsti_frequencies *frequencies)
{
    qsti_free(ctx, frequencies->rows);
    *frequencies = (qsti_frequencies){0};
}

/* Convex, as logistic regression is: every start ends at the same place. The frequencies stay. */
static void fourier_initialize(qst_model *model, uint64_t seed)
{
    (void)seed;
    memset(model->weights, 0, model->n_trained * sizeof *model->weights);
}

/* --- features and passes ------------------------------------------------------------------------------------------ */

static void make_features(const qst_model *model, const double *weights, const double *x, double *out)
{
    const fourier_model *inside = model->inside;
    const double *frequencies = weights + model->n_trained;
    size_t d = model->n_features;
    for (size_t h = 0; h < inside->n_frequencies; h++) {
        double *cosines = out + 2 * h * QSTI_BLOCK_ROWS, *sines = cosines + QSTI_BLOCK_ROWS;
        for (size_t lane = 0; lane < QSTI_BLOCK_ROWS; lane++) {
            double angle = 0;
            for (size_t j = 0; j < d; j++)
                angle += frequencies[h * d + j] * x[j * QSTI_BLOCK_ROWS + lane];
            sincos(angle, &sines[lane], &cosines[lane]);
        }
    }
}

/* d cos = -sin w dx, d sin = cos w dx. */
static void features_back(const qst_model *model, const double *weights, const double *features,
                          const double *cotangents, double *out)
{
    const fourier_model *inside = model->inside;
    const double *frequencies = weights + model->n_trained;
    size_t d = model->n_features;
    memset(out, 0, d * QSTI_BLOCK_ROWS * sizeof *out);
    for (size_t h = 0; h < inside->n_frequencies; h++) {
        size_t at = 2 * h * QSTI_BLOCK_ROWS;
        for (size_t lane = 0; lane < QSTI_BLOCK_ROWS; lane++) {
            size_t c = at + lane, s = c + QSTI_BLOCK_ROWS;
            double slope = features[c] * cotangents[s] - features[s] * cotangents[c];
            for (size_t j = 0; j < d; j++)
                out[j * QSTI_BLOCK_ROWS + lane] += slope * frequencies[h * d + j];
        }
    }
}

static qst_status fourier_evaluate(qst_model *model, const double *weights, qst_const_matrix x, qst_block_fn *fn,
                                   void *user, size_t n_sums, double *out_sums)
{
    fourier_model *inside = model->inside;
    return qsti_linear_rows_evaluate(&inside->rows, model, weights, x, fn, user, n_sums, out_sums);
}

static qst_status fourier_gradient(qst_model *model, const qsti_pass *of)
{
    fourier_model *inside = model->inside;
    return qsti_linear_rows_gradient(&inside->rows, model, of);
}

static qst_status fourier_gradient_whole(qst_model *model, const double *weights, qst_const_matrix x, qsti_batch_fn *fn,
                                         void *user, double *out_weights, qst_matrix out_x)
{
    return qsti_model_two_passes(model, fourier_evaluate, weights, x, fn, user, out_weights, out_x);
}

/* --- the rest of the interface ------------------------------------------------------------------------------------ */

static void fourier_measure(const qst_model *model, qst_model_size *out)
{
    out->classical_parameters = model->n_trained;
}

static qst_status fourier_describe(const qst_model *model, json_t *json)
{
    const fourier_model *inside = model->inside;
    bool ok = qsti_json_put(json, "n_frequencies", json_integer((json_int_t)inside->n_frequencies));
    if (ok && inside->fit.n_points > 0)
        ok = qsti_json_put(json, "fit.points", json_integer((json_int_t)inside->fit.n_points)) &&
             qsti_json_put(json, "fit.rms_error", qsti_json_real(inside->fit.rms_error)) &&
             qsti_json_put(json, "fit.max_error", qsti_json_real(inside->fit.max_error));
    if (!ok)
        return qsti_fail(model->ctx, QST_ERR_MEMORY, "out of memory");
    return QST_OK;
}

static void fourier_release(qst_model *model)
{
    fourier_model *inside = model->inside;
    qsti_linear_rows_clear(model->ctx, &inside->rows);
    qsti_free(model->ctx, inside);
}

/* One type a kind: the kind is a name alone. */
#define FOURIER_TYPE(name)                                                                                          \
    {                                                                                                               \
        .kind = name, .initialize = fourier_initialize, .evaluate = fourier_evaluate, .gradient = fourier_gradient, \
        .gradient_whole = fourier_gradient_whole, .measure = fourier_measure, .describe = fourier_describe,         \
        .release = fourier_release                                                                                  \
    }
static const qsti_model_type fourier_types[] = {FOURIER_TYPE("fourier"), FOURIER_TYPE("random_fourier")};

static bool is_fourier(const qst_model *model)
{
    return model->type == &fourier_types[0] || model->type == &fourier_types[1];
}

qsti_frequencies qsti_model_frequencies(const qst_model *model)
{
    const fourier_model *inside = model->inside;
    if (!is_fourier(model))
        return (qsti_frequencies){0};
    return (qsti_frequencies){model->weights + model->n_trained, inside->n_frequencies, model->n_features};
}

void qsti_model_fourier_note(qst_model *model, const qsti_fourier_fit *fit)
{
    if (is_fourier(model))
        ((fourier_model *)model->inside)->fit = *fit;
}

qsti_fourier_fit qsti_model_fourier_fit(const qst_model *model)
{
    return is_fourier(model) ? ((const fourier_model *)model->inside)->fit : (qsti_fourier_fit){0};
}

/* --- making one --------------------------------------------------------------------------------------------------- */

/* [trained | buffers]; false on overflow. */
static bool count_weights(size_t n_frequencies, size_t n_features, size_t n_scores, size_t *out_trained, size_t *out)
{
    size_t n_columns = 0, n_buffers = 0;
    return qsti_mul(2, n_frequencies, &n_columns) && qsti_add(n_columns, 1, &n_columns) &&
           qsti_mul(n_columns, n_scores, out_trained) && qsti_mul(n_frequencies, n_features, &n_buffers) &&
           qsti_add(*out_trained, n_buffers, out);
}

static qst_status create(qst_ctx *ctx, const char *kind, size_t n_frequencies, size_t n_features, size_t n_scores,
                         qst_score_kind score_kind, qst_model **out)
{
    qst_status status = QST_OK;
    qst_model *model = NULL;
    fourier_model *inside = NULL;
    size_t n_trained = 0, n_weights = 0;
    const qsti_model_type *type = &fourier_types[strcmp(kind, kinds[1]) == 0];
    if (!count_weights(n_frequencies, n_features, n_scores, &n_trained, &n_weights))
        return qsti_fail(ctx, QST_ERR_LIMIT, "%zu frequencies are too many", n_frequencies);
    QSTI_TRY(qsti_model_allocate(ctx, type, n_features, n_scores, n_weights, score_kind, &model));
    model->n_trained = n_trained;
    QSTI_TRY(QSTI_NEW(ctx, 1, &inside));
    model->inside = inside;
    inside->n_frequencies = n_frequencies;
    const qsti_row_features features = {2 * n_frequencies, make_features, features_back};
    QSTI_TRY(qsti_linear_rows_init(ctx, n_features, n_scores, &features, &inside->rows));
    *out = model;
    model = NULL;
done:
    qst_model_free(model);
    return status;
}

qst_status qsti_model_fourier_create(qst_ctx *ctx, const char *kind, const qsti_frequencies *frequencies,
                                     size_t n_scores, qst_score_kind score_kind, qst_model **out)
{
    qst_model *model = NULL;
    qst_status status = create(ctx, kind, frequencies->n, frequencies->n_features, n_scores, score_kind, &model);
    if (status != QST_OK)
        return status;
    if (frequencies->n > 0)
        memcpy(model->weights + model->n_trained, frequencies->rows,
               frequencies->n * frequencies->n_features * sizeof *frequencies->rows);
    *out = model;
    return QST_OK;
}

static qst_status read_fit(qst_ctx *ctx, const char *where, const json_t *json, qsti_fourier_fit *out)
{
    qst_status status = QST_OK;
    int64_t n_points = 0;
    const json_t *fit = json_object_get(json, "fit");
    if (fit == NULL)
        return QST_OK;
    QSTI_TRY(qsti_json_get_i64(ctx, where, fit, "points", 1, INT64_MAX, &n_points));
    QSTI_TRY(qsti_json_get_double(ctx, where, fit, "rms_error", &out->rms_error));
    QSTI_TRY(qsti_json_get_double(ctx, where, fit, "max_error", &out->max_error));
    out->n_points = (size_t)n_points;
done:
    return status;
}

qst_status qsti_model_fourier_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_model **out)
{
    qst_status status = QST_OK;
    int64_t n_features = 0, n_scores = 0, n_frequencies = 0;
    qsti_fourier_fit fit = {0};
    size_t n_trained = 0, n_weights = 0;
    const char *kind = NULL, *score_name = NULL;
    qst_score_kind score_kind = QST_SCORE_logit;
    QSTI_TRY(qsti_json_get_string(ctx, where, json, "kind", &kind));
    QSTI_TRY(qsti_json_get_string(ctx, where, json, "score_kind", &score_name));
    QSTI_TRY(qsti_json_get_i64(ctx, where, json, "n_features", 1, 1 << 30, &n_features));
    QSTI_TRY(qsti_json_get_i64(ctx, where, json, "n_scores", 1, 1 << 30, &n_scores));
    QSTI_TRY(qsti_json_get_i64(ctx, where, json, "n_frequencies", 0, 1 << 30, &n_frequencies));
    if (!qst_score_kind_find(score_name, &score_kind))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: score_kind: \"%s\" is not a kind of score", where, score_name));
    if (!count_weights((size_t)n_frequencies, (size_t)n_features, (size_t)n_scores, &n_trained, &n_weights))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: n_frequencies is too large", where));
    QSTI_TRY(qsti_model_check_weights(ctx, where, json, n_weights));
    QSTI_TRY(read_fit(ctx, where, json, &fit));
    QSTI_TRY(create(ctx, kind, (size_t)n_frequencies, (size_t)n_features, (size_t)n_scores, score_kind, out));
    qsti_model_fourier_note(*out, &fit);
done:
    return status;
}

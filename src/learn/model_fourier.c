/* model_fourier.c: see model_fourier.h: a dense layer on the cosines and sines of given frequencies.
 *
 * A block of rows becomes lines of features (2 n, lanes): cos(w_h . x), sin(w_h . x) one after the other, then scores.
 */
#include "learn/model_fourier.h"

#include <math.h>
#include <string.h>

#include "kernels/lines.h"
#include "learn/row_blocks.h"
#include "net/dense.h"

typedef struct fourier_model {
    qsti_dense layer;
    size_t n_frequencies;
    qsti_fourier_fit fit;
    double *lines; /* (threads, room_of()) */
    double *sums;  /* (n_trained + n_sums) of a step */
    size_t n_sums;
    qsti_row_blocks blocks;
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

/* --- blocks ------------------------------------------------------------------------------------------------------- */

typedef struct pass {
    const qst_model *model;
    const double *weights;
    qst_const_matrix x;
    bool want_gradient;
    qst_block_fn *fn;
    void *user;
    qst_matrix out_x; /* data NULL: not wanted */
} pass;

/* Numbers of one worker: inputs, features, scores, cotangents, and the gradients of features and inputs. */
static size_t room_of(const qst_model *model)
{
    const fourier_model *inside = model->inside;
    return 2 * QSTI_BLOCK_ROWS * (model->n_features + 2 * inside->n_frequencies + model->n_scores);
}

static void make_features(const qst_model *model, const double *frequencies, const double *x, double *out)
{
    const fourier_model *inside = model->inside;
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
static void features_back(const qst_model *model, const double *frequencies, const double *features,
                          const double *cotangents, double *out)
{
    const fourier_model *inside = model->inside;
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

static void run_block(void *arg, const qsti_row_block *block)
{
    const pass *work = arg;
    const qst_model *model = work->model;
    const fourier_model *inside = model->inside;
    size_t d = model->n_features, n = 2 * inside->n_frequencies, n_out = model->n_scores;
    const double *frequencies = work->weights + model->n_trained;
    double *x = inside->lines + (size_t)block->worker * room_of(model), *features = x + d * QSTI_BLOCK_ROWS;
    double *scores = features + n * QSTI_BLOCK_ROWS, *cotangents = scores + n_out * QSTI_BLOCK_ROWS;
    double *d_features = cotangents + n_out * QSTI_BLOCK_ROWS, *d_x = d_features + n * QSTI_BLOCK_ROWS;
    qsti_rows_to_lines(work->x.data, work->x.n_rows, d, block->first_row, QSTI_BLOCK_ROWS, x);
    make_features(model, frequencies, x, features);
    qsti_dense_forward(&inside->layer, work->weights, features, QSTI_BLOCK_ROWS, scores);
    qst_block scored = {.first_row = block->first_row,
                        .n_rows = block->n_rows,
                        .lanes = QSTI_BLOCK_ROWS,
                        .values = scores,
                        .cotangents = work->want_gradient ? cotangents : NULL,
                        .sums = block->sums + (work->want_gradient ? model->n_trained : 0),
                        .worker = block->worker};
    work->fn(work->user, &scored);
    if (!work->want_gradient)
        return;
    bool want_x = work->out_x.data != NULL;
    qsti_dense_backward(&inside->layer, work->weights, features, cotangents, QSTI_BLOCK_ROWS, block->sums,
                        want_x ? d_features : NULL);
    if (want_x) {
        features_back(model, frequencies, features, d_features, d_x);
        qsti_lines_to_rows(d_x, work->x.n_rows, d, block->first_row, QSTI_BLOCK_ROWS, work->out_x.data);
    }
}

static qst_status fourier_evaluate(qst_model *model, const double *weights, qst_const_matrix x, qst_block_fn *fn,
                                   void *user, size_t n_sums, double *out_sums)
{
    fourier_model *inside = model->inside;
    pass work = {model, weights, x, false, fn, user, {0}};
    return qsti_row_blocks_run(&inside->blocks, x.n_rows, run_block, &work, n_sums, out_sums);
}

static qst_status fourier_gradient(qst_model *model, const qsti_pass *of)
{
    qst_status status = QST_OK;
    fourier_model *inside = model->inside;
    size_t n = model->n_trained, n_sums = of->n_sums;
    pass work = {model, of->weights, of->x, true, of->fn, of->user, of->out_x};
    if (inside->sums == NULL || inside->n_sums < n_sums) {
        inside->n_sums = 0;
        QSTI_TRY(QSTI_GROW(model->ctx, n + n_sums, &inside->sums));
        inside->n_sums = n_sums;
    }
    QSTI_TRY(qsti_row_blocks_run(&inside->blocks, of->x.n_rows, run_block, &work, n + n_sums, inside->sums));
    memcpy(of->out_weights, inside->sums, n * sizeof *of->out_weights);
    if (n_sums > 0)
        memcpy(of->out_sums, inside->sums + n, n_sums * sizeof *of->out_sums);
done:
    return status;
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
    qsti_free_lines(model->ctx, inside->lines);
    qsti_free(model->ctx, inside->sums);
    qsti_row_blocks_clear(&inside->blocks);
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
    size_t n_trained = 0, n_weights = 0, n_room = 0;
    const qsti_model_type *type = &fourier_types[strcmp(kind, kinds[1]) == 0];
    if (!count_weights(n_frequencies, n_features, n_scores, &n_trained, &n_weights))
        return qsti_fail(ctx, QST_ERR_LIMIT, "%zu frequencies are too many", n_frequencies);
    QSTI_TRY(qsti_model_allocate(ctx, type, n_features, n_scores, n_weights, score_kind, &model));
    model->n_trained = n_trained;
    QSTI_TRY(QSTI_NEW(ctx, 1, &inside));
    model->inside = inside;
    inside->n_frequencies = n_frequencies;
    inside->layer = qsti_dense_make(2 * n_frequencies, n_scores);
    inside->blocks.ctx = ctx;
    if (!qsti_mul((size_t)qst_ctx_threads(ctx), room_of(model), &n_room))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "%zu frequencies are too many", n_frequencies));
    QSTI_TRY(QSTI_NEW_LINES(ctx, n_room, &inside->lines));
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

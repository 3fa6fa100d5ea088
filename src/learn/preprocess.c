/* preprocess.c: the chain of preprocessing steps, and how it is applied. Fitting is in preprocess_fit.c, storing in
 * preprocess_file.c.
 *
 *   pca          y = V (x - mean), the rows of V are principal components
 *   standardize  y = (x - mean) / deviation; 0 where the column is constant
 *   scale        y = f x
 *   range        y = lo + (hi - lo) (x - min) / (max - min), clipped to [lo, hi]; the middle where the column is
 * constant pool         y = means over the windows that divide a square image into k x k binarize     y = 1 if x > t,
 * else 0
 *
 * Plain sums in a fixed order, not BLAS, whose result for a row may depend on how many rows come with it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/threads.h"
#include "learn/preprocess_parts.h"

#define ROWS_A_BLOCK 256
#define MNIST_SIDE   28
#define MNIST_CROP   24

/* --- what a step is ----------------------------------------------------------------------------------------------- */

const qsti_step_info *qsti_step_describe(qst_step_kind kind)
{
    static const qsti_step_info infos[] = {
#define QST_PREPROCESS(name, label, n_arguments, about) [QST_PREPROCESS_##name] = {label, n_arguments, TENSORS_##name},
#define TENSORS_pca          \
    2,                       \
    {                        \
        "mean", "components" \
    }
#define TENSORS_standardize \
    2,                      \
    {                       \
        "mean", "deviation" \
    }
#define TENSORS_scale \
    0,                \
    {                 \
        NULL, NULL    \
    }
#define TENSORS_range        \
    2,                       \
    {                        \
        "minimum", "maximum" \
    }
#define TENSORS_pool \
    0,               \
    {                \
        NULL, NULL   \
    }
#define TENSORS_binarize \
    0,                   \
    {                    \
        NULL, NULL       \
    }
#include <qstill/preprocess.def>
#undef QST_PREPROCESS
    };
    return &infos[kind];
}

static size_t side_of(size_t n_pixels)
{
    size_t side = (size_t)llround(sqrt((double)n_pixels));
    return side * side == n_pixels ? side : 0;
}

/* The side of the part of an image that is pooled: images of MNIST have an empty border. */
static size_t crop_of(size_t side)
{
    return side == MNIST_SIDE ? MNIST_CROP : side;
}

/* A whole number from 1. */
static bool is_count(double number)
{
    return number >= 1 && number <= 1e9 && number == floor(number);
}

static qst_status check_arguments(qst_ctx *ctx, const qsti_step *s)
{
    const qsti_step_info *info = qsti_step_describe(s->kind);
    for (size_t a = 0; a < info->n_arguments; a++) {
        if (!isfinite(s->arguments[a])) {
            return qsti_fail(ctx, QST_ERR_USAGE, "preprocess: %s: finite numbers are needed", info->label);
        }
    }
    if ((s->kind == QST_PREPROCESS_pca || s->kind == QST_PREPROCESS_pool) && !is_count(s->arguments[0])) {
        return qsti_fail(ctx, QST_ERR_USAGE, "preprocess: %s: %g is not a whole number from 1", info->label,
                         s->arguments[0]);
    }
    if (s->kind == QST_PREPROCESS_scale && s->arguments[0] == 0) {
        return qsti_fail(ctx, QST_ERR_USAGE, "preprocess: scale: 0 would leave nothing of the data");
    }
    if (s->kind == QST_PREPROCESS_range && !(s->arguments[0] < s->arguments[1])) {
        return qsti_fail(ctx, QST_ERR_USAGE, "preprocess: range: [%g, %g]: the first must be less than the second",
                         s->arguments[0], s->arguments[1]);
    }
    return QST_OK;
}

qst_status qsti_step_check(qst_ctx *ctx, qsti_step *s)
{
    qst_status status = check_arguments(ctx, s);
    size_t k = status == QST_OK && is_count(s->arguments[0]) ? (size_t)s->arguments[0] : 0, n_values;
    if (status != QST_OK) {
        return status;
    }
    s->n_out = s->n_in;
    if (s->kind == QST_PREPROCESS_pca) {
        s->n_out = k;
        if (k > s->n_in) {
            return qsti_fail(ctx, QST_ERR_MISMATCH, "preprocess: pca: %zu components of %zu features", k, s->n_in);
        }
    } else if (s->kind == QST_PREPROCESS_pool) {
        size_t side = side_of(s->n_in);
        s->n_out = k * k;
        if (side == 0 || k == 0 || k > crop_of(side) || crop_of(side) % k != 0) {
            return qsti_fail(ctx, QST_ERR_MISMATCH, "preprocess: pool: %zu: %zu features are no square image%s", k,
                             s->n_in, side ? " whose side it divides" : "");
        }
    }
    if (!qsti_mul(s->n_in, s->n_out, &n_values) || !qsti_mul(n_values, sizeof(double), &n_values)) {
        return qsti_fail(ctx, QST_ERR_LIMIT, "preprocess: %s: a matrix of %zu x %zu numbers cannot be addressed",
                         qsti_step_describe(s->kind)->label, s->n_in, s->n_out);
    }
    return QST_OK;
}

size_t qsti_step_tensor_size(const qsti_step *s, size_t tensor)
{
    return s->kind == QST_PREPROCESS_pca && tensor == 1 ? s->n_in * s->n_out : s->n_in;
}

qst_status qsti_step_allocate(qst_ctx *ctx, size_t index, qsti_step *s)
{
    qst_status status = QST_OK;
    const qsti_step_info *info = qsti_step_describe(s->kind);
    for (size_t t = 0; t < info->n_tensors; t++) {
        QSTI_TRY(QSTI_NEW(ctx, qsti_step_tensor_size(s, t), &s->tensors[t]));
        snprintf(s->names[t], sizeof s->names[t], QSTI_STEP_PREFIX "%zu.%s", index, info->tensors[t]);
    }
    if (s->kind == QST_PREPROCESS_pca) {
        QSTI_TRY(QSTI_NEW(ctx, s->n_in * s->n_out, &s->by_input));
    }
done:
    return status;
}

void qsti_step_finish(qsti_step *s)
{
    for (size_t j = 0; s->by_input && j < s->n_out; j++) {
        for (size_t i = 0; i < s->n_in; i++) {
            s->by_input[i * s->n_out + j] = s->tensors[1][j * s->n_in + i];
        }
    }
}

/* --- the chain ---------------------------------------------------------------------------------------------------- */

qst_status qsti_preprocess_create(qst_ctx *ctx, size_t n_in, size_t n_steps, qsti_preprocess **out)
{
    qsti_preprocess *preprocess = NULL;
    qst_status status = QSTI_NEW(ctx, 1, &preprocess);
    if (status != QST_OK) {
        return status;
    }
    preprocess->ctx = ctx;
    preprocess->n_in = n_in;
    preprocess->n_steps = n_steps;
    status = QSTI_NEW(ctx, n_steps, &preprocess->steps);
    if (status != QST_OK) {
        qsti_preprocess_free(preprocess);
        return status;
    }
    *out = preprocess;
    return QST_OK;
}

void qsti_preprocess_free(qsti_preprocess *preprocess)
{
    if (preprocess == NULL) {
        return;
    }
    qst_ctx *ctx = preprocess->ctx;
    for (size_t i = 0; preprocess->steps && i < preprocess->n_steps; i++) {
        for (size_t t = 0; t < QSTI_MAX_STEP_TENSORS; t++) {
            qsti_free(ctx, preprocess->steps[i].tensors[t]);
        }
        qsti_free(ctx, preprocess->steps[i].by_input);
    }
    qsti_free(ctx, preprocess->steps);
    qsti_free(ctx, preprocess);
}

qst_status qsti_preprocess_copy(qst_ctx *ctx, const qsti_preprocess *preprocess, qsti_preprocess **out)
{
    qst_status status = QST_OK;
    qsti_preprocess *copy = NULL;
    QSTI_TRY(qsti_preprocess_create(ctx, preprocess->n_in, preprocess->n_steps, &copy));
    for (size_t i = 0; i < copy->n_steps; i++) {
        const qsti_step *from = &preprocess->steps[i];
        qsti_step *to = &copy->steps[i];
        to->kind = from->kind;
        memcpy(to->arguments, from->arguments, sizeof to->arguments);
        to->n_in = from->n_in;
        to->n_out = from->n_out;
        QSTI_TRY(qsti_step_allocate(copy->ctx, i, to));
        for (size_t t = 0; t < qsti_step_describe(to->kind)->n_tensors; t++) {
            memcpy(to->tensors[t], from->tensors[t], qsti_step_tensor_size(to, t) * sizeof(double));
        }
        qsti_step_finish(to);
    }
    *out = copy;
    copy = NULL;
done:
    qsti_preprocess_free(copy);
    return status;
}

size_t qsti_preprocess_inputs(const qsti_preprocess *preprocess)
{
    return preprocess->n_in;
}

bool qsti_preprocess_changes(const qsti_preprocess *preprocess)
{
    return preprocess->n_steps > 0;
}

size_t qsti_preprocess_outputs(const qsti_preprocess *preprocess)
{
    return preprocess->n_steps ? preprocess->steps[preprocess->n_steps - 1].n_out : preprocess->n_in;
}

/* --- one row ------------------------------------------------------------------------------------------------------ */

static void apply_pool(const qsti_step *s, const double *in, double *out)
{
    size_t side = side_of(s->n_in), n = side_of(s->n_out);
    size_t window = n ? crop_of(side) / n : 0;
    size_t margin = (side - crop_of(side)) / 2;
    for (size_t r = 0; r < n; r++) {
        for (size_t c = 0; c < n; c++) {
            double sum = 0;
            for (size_t i = 0; i < window; i++) {
                for (size_t j = 0; j < window; j++) {
                    sum += in[(margin + r * window + i) * side + margin + c * window + j];
                }
            }
            out[r * n + c] = sum / (double)(window * window);
        }
    }
}

static void apply_pca(const qsti_step *s, const double *in, double *restrict out)
{
    for (size_t j = 0; j < s->n_out; j++) {
        out[j] = 0;
    }
    for (size_t i = 0; i < s->n_in; i++) {
        double centred = in[i] - s->tensors[0][i];
        const double *restrict weights = s->by_input + i * s->n_out;
        for (size_t j = 0; j < s->n_out; j++) {
            out[j] += centred * weights[j];
        }
    }
}

static double into_range(double x, double min, double max, double lo, double hi)
{
    if (!(max > min)) {
        return lo + (hi - lo) / 2;
    }
    double y = lo + (hi - lo) * ((x - min) / (max - min));
    return y < lo ? lo : y > hi ? hi : y;
}

static void apply_one(const qsti_step *s, const double *in, double *out)
{
    const double *a = s->tensors[0], *b = s->tensors[1];
    switch (s->kind) {
    case QST_PREPROCESS_pca:
        apply_pca(s, in, out);
        return;
    case QST_PREPROCESS_pool:
        apply_pool(s, in, out);
        return;
    case QST_PREPROCESS_standardize:
        for (size_t i = 0; i < s->n_in; i++) {
            out[i] = b[i] > 0 ? (in[i] - a[i]) / b[i] : 0;
        }
        return;
    case QST_PREPROCESS_scale:
        for (size_t i = 0; i < s->n_in; i++) {
            out[i] = in[i] * s->arguments[0];
        }
        return;
    case QST_PREPROCESS_range:
        for (size_t i = 0; i < s->n_in; i++) {
            out[i] = into_range(in[i], a[i], b[i], s->arguments[0], s->arguments[1]);
        }
        return;
    case QST_PREPROCESS_binarize:
        for (size_t i = 0; i < s->n_in; i++) {
            out[i] = in[i] > s->arguments[0] ? 1 : 0;
        }
        return;
    case QST_PREPROCESS_COUNT:
        break;
    }
}

/* --- many rows ---------------------------------------------------------------------------------------------------- */

/* scratch (workers, 2, width): what one step gives and the next takes. */
typedef struct application {
    const qsti_step *steps;
    size_t n_steps, width;
    qst_const_matrix in;
    qst_matrix out;
    double *scratch;
} application;

static void apply_block(void *arg, size_t block, int worker)
{
    const application *work = arg;
    double *scratch = work->scratch + (size_t)worker * 2 * work->width;
    size_t first = block * ROWS_A_BLOCK;
    size_t end = first + ROWS_A_BLOCK < work->in.n_rows ? first + ROWS_A_BLOCK : work->in.n_rows;
    for (size_t row = first; row < end; row++) {
        const double *x = work->in.data + row * work->in.n_cols;
        for (size_t i = 0; i < work->n_steps; i++) {
            double *y = scratch + (i % 2) * work->width;
            apply_one(&work->steps[i], x, y);
            x = y;
        }
        memcpy(work->out.data + row * work->out.n_cols, x, work->out.n_cols * sizeof(double));
    }
}

qst_status qsti_steps_apply(qst_ctx *ctx, const qsti_step *steps, size_t n_steps, qst_const_matrix in, qst_matrix out)
{
    application work = {.steps = steps, .n_steps = n_steps, .width = 1, .in = in, .out = out};
    for (size_t i = 0; i < n_steps; i++) {
        work.width = steps[i].n_out > work.width ? steps[i].n_out : work.width;
    }
    size_t n_workers = (size_t)qst_ctx_threads(ctx);
    qst_status status = qsti_alloc(ctx, 2 * n_workers, work.width * sizeof(double), (void **)&work.scratch);
    if (status != QST_OK) {
        return status;
    }
    qsti_parallel_for(ctx, (in.n_rows + ROWS_A_BLOCK - 1) / ROWS_A_BLOCK, apply_block, &work);
    qsti_free(ctx, work.scratch);
    for (size_t i = 0; i < out.n_rows * out.n_cols; i++) {
        if (!isfinite(out.data[i])) {
            return qsti_fail(ctx, QST_ERR_INPUT, "preprocessing gives feature %zu of row %zu no finite value",
                             i % out.n_cols, i / out.n_cols);
        }
    }
    return QST_OK;
}

qst_status qsti_preprocess_apply(qst_ctx *ctx, const qsti_preprocess *preprocess, qst_const_matrix raw, qst_matrix out)
{
    size_t n_out = qsti_preprocess_outputs(preprocess);
    if (raw.n_cols != preprocess->n_in) {
        return qsti_fail(ctx, QST_ERR_MISMATCH, "the data have %zu features, the preprocessing takes %zu", raw.n_cols,
                         preprocess->n_in);
    }
    if (out.n_cols != n_out || out.n_rows != raw.n_rows) {
        return qsti_fail(ctx, QST_ERR_MISMATCH, "room for %zu x %zu values, and preprocessing gives %zu x %zu",
                         out.n_rows, out.n_cols, raw.n_rows, n_out);
    }
    return qsti_steps_apply(ctx, preprocess->steps, preprocess->n_steps, raw, out);
}

/* linear_rows.c: see linear_rows.h. A block's rows become lines (columns, lanes), lane = row of the block. */
#include "learn/linear_rows.h"

#include <string.h>

#include "kernels/lines.h"

/* One pass over a batch; with a gradient the layer's is the first part of the sums. */
typedef struct batch_pass {
    const qsti_linear_rows *rows;
    const qst_model *model;
    const double *weights;
    qst_const_matrix x;
    bool want_gradient;
    qst_block_fn *fn;
    void *user;
    qst_matrix out_x; /* data NULL: not wanted */
} batch_pass;

/* Lines of one worker: inputs, features, scores, and the cotangents of each. */
static size_t lines_of_worker(const qsti_linear_rows *rows, size_t n_features)
{
    return 2 * (n_features + rows->features.n + rows->layer.n_out);
}

static void run_block(void *arg, const qsti_row_block *block)
{
    const batch_pass *work = arg;
    const qsti_linear_rows *rows = work->rows;
    const qsti_row_features *features = &rows->features;
    const size_t lanes = QSTI_BLOCK_ROWS, d = work->x.n_cols, n_out = rows->layer.n_out;
    double *x = rows->lines + (size_t)block->worker * lines_of_worker(rows, d) * lanes;
    double *made = x + d * lanes, *scores = made + features->n * lanes, *d_scores = scores + n_out * lanes;
    double *d_made = d_scores + n_out * lanes, *d_x = d_made + features->n * lanes;
    const bool is_made = features->make != NULL;
    const double *in = is_made ? made : x;
    const bool want_x = work->want_gradient && work->out_x.data != NULL;
    qsti_rows_to_lines(work->x.data, work->x.n_rows, d, block->first_row, lanes, x);
    if (is_made)
        features->make(work->model, work->weights, x, made);
    qsti_dense_forward(&rows->layer, work->weights, in, lanes, scores);
    size_t n_before = work->want_gradient ? qsti_dense_weights(rows->layer.n_in, n_out) : 0;
    qst_block scored = {.first_row = block->first_row,
                        .n_rows = block->n_rows,
                        .lanes = lanes,
                        .values = scores,
                        .cotangents = work->want_gradient ? d_scores : NULL,
                        .sums = block->sums + n_before,
                        .worker = block->worker};
    work->fn(work->user, &scored);
    if (!work->want_gradient)
        return;
    double *d_in = is_made ? d_made : d_x;
    qsti_dense_backward(&rows->layer, work->weights, in, d_scores, lanes, block->sums, want_x ? d_in : NULL);
    if (want_x && is_made)
        features->back(work->model, work->weights, made, d_made, d_x);
    if (want_x)
        qsti_lines_to_rows(d_x, work->x.n_rows, d, block->first_row, lanes, work->out_x.data);
}

qst_status qsti_linear_rows_evaluate(qsti_linear_rows *rows, const qst_model *model, const double *weights,
                                     qst_const_matrix x, qst_block_fn *fn, void *user, size_t n_sums, double *out_sums)
{
    batch_pass work = {.rows = rows, .model = model, .weights = weights, .x = x, .fn = fn, .user = user};
    return qsti_row_blocks_run(&rows->blocks, x.n_rows, run_block, &work, n_sums, out_sums);
}

qst_status qsti_linear_rows_gradient(qsti_linear_rows *rows, const qst_model *model, const qsti_pass *pass)
{
    qst_status status = QST_OK;
    size_t n = qsti_dense_weights(rows->layer.n_in, rows->layer.n_out), n_sums = pass->n_sums;
    batch_pass work = {rows, model, pass->weights, pass->x, true, pass->fn, pass->user, pass->out_x};
    if (rows->sums == NULL || rows->n_sums < n_sums) {
        rows->n_sums = 0;
        QSTI_TRY(QSTI_GROW(model->ctx, n + n_sums, &rows->sums));
        rows->n_sums = n_sums;
    }
    QSTI_TRY(qsti_row_blocks_run(&rows->blocks, pass->x.n_rows, run_block, &work, n + n_sums, rows->sums));
    memcpy(pass->out_weights, rows->sums, n * sizeof *pass->out_weights);
    if (n_sums > 0)
        memcpy(pass->out_sums, rows->sums + n, n_sums * sizeof *pass->out_sums);
done:
    return status;
}

qst_status qsti_linear_rows_init(qst_ctx *ctx, size_t n_features, size_t n_scores, const qsti_row_features *features,
                                 qsti_linear_rows *out)
{
    qst_status status = QST_OK;
    qsti_linear_rows rows = {.blocks = {.ctx = ctx}};
    size_t n_lines = 0;
    if (features != NULL)
        rows.features = *features;
    rows.layer = qsti_dense_make(features != NULL ? features->n : n_features, n_scores);
    if (!qsti_mul((size_t)qst_ctx_threads(ctx), lines_of_worker(&rows, n_features), &n_lines))
        return qsti_fail(ctx, QST_ERR_LIMIT, "%zu features are too many", rows.layer.n_in);
    QSTI_TRY(qsti_alloc_lines(ctx, n_lines, QSTI_BLOCK_ROWS * sizeof *rows.lines, (void **)&rows.lines));
    *out = rows;
done:
    return status;
}

void qsti_linear_rows_clear(qst_ctx *ctx, qsti_linear_rows *rows)
{
    qsti_free_lines(ctx, rows->lines);
    qsti_free(ctx, rows->sums);
    qsti_row_blocks_clear(&rows->blocks);
    *rows = (qsti_linear_rows){0};
}

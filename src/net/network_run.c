/* network_run.c: passes of a network over a batch.
 *
 * A training pass is at most: weights packed (parallel over panels); for every section forward over tiles of rows; in
 * the last section the blocks' cotangents and the way back follow while a tile is in the cache; then the other sections
 * back; then dL/dW of dense layers (parallel over blocks of weights) and of convolutions (a tree over parts).
 */
#include <string.h>

#include "base/threads.h"
#include "net/network_parts.h"

#define BLOCK_ROWS ((size_t)8) /* rows in a block; a tile is a multiple */

/* --- layers ------------------------------------------------------------------------------------------------------- */

typedef struct layer_type {
    qsti_layer_fn *forward, *back; /* NULL: nothing to do */
} layer_type;

static const layer_type types[QST_LAYER_COUNT] = {
    [QST_LAYER_dense] = {qsti_dense_rows, qsti_dense_rows_back},
    [QST_LAYER_conv] = {qsti_conv_rows, qsti_conv_rows_back},
    [QST_LAYER_max_pool] = {qsti_pool_rows, qsti_pool_rows_back},
    [QST_LAYER_avg_pool] = {qsti_pool_rows, qsti_pool_rows_back},
    [QST_LAYER_global_avg_pool] = {qsti_pool_rows, qsti_pool_rows_back},
    [QST_LAYER_relu] = {qsti_activation_rows, qsti_activation_rows_back},
    [QST_LAYER_leaky_relu] = {qsti_activation_rows, qsti_activation_rows_back},
    [QST_LAYER_gelu] = {qsti_activation_rows, qsti_activation_rows_back},
    [QST_LAYER_tanh] = {qsti_activation_rows, qsti_activation_rows_back},
    [QST_LAYER_sigmoid] = {qsti_activation_rows, qsti_activation_rows_back},
    [QST_LAYER_dropout] = {qsti_dropout_rows, qsti_dropout_rows_back},
    [QST_LAYER_batch_norm] = {qsti_norm_rows, qsti_norm_rows_back},
};

/* --- a pass ------------------------------------------------------------------------------------------------------- */

/* What is done with each tile, in this order. */
typedef struct stage {
    size_t first, end;          /* layers forward: [first, end) */
    bool begins, gathers, ends; /* rows in; statistics for layer `end`; rows out, to fn and outputs */
    bool goes_back;
    size_t back_end, back_first;     /* layers back: [back_first, back_end), the last first */
    bool takes, gathers_back, gives; /* cotangents in; statistics for layer back_first - 1; dL/dx out */
} stage;

typedef struct run {
    qsti_engine *engine;
    qsti_network_weights weights;
    qst_const_matrix x;
    qst_block_fn *fn; /* NULL: none */
    void *user;
    bool wants_cotangents;
    size_t n_sums;
    qst_matrix outputs;          /* data NULL: not wanted */
    qst_const_matrix cotangents; /* of all rows; data NULL: fn's */
    double *out_weights;
    qst_matrix out_x;
    stage now;
    size_t n_tiles, tiles_a_part, n_parts;
} run;

/* A tile of rows under way. */
typedef struct tile {
    const run *work;
    size_t first_row, n_rows, part;
    int worker;
} tile;

static qsti_layer_call call_of(const tile *of, size_t index)
{
    const qsti_engine *engine = of->work->engine;
    const qsti_engine_layer *layer = &engine->layers[index];
    return (qsti_layer_call){
        .engine = engine,
        .layer = layer,
        .first_row = of->first_row,
        .n_rows = of->n_rows,
        .worker = of->worker,
        .in = qsti_engine_values(engine, layer->in, of->first_row, of->worker),
        .out = qsti_engine_values(engine, layer->out, of->first_row, of->worker),
        .sums = engine->parts + of->part * (engine->n_conv + of->work->n_sums),
    };
}

static void go_forward(const tile *of)
{
    const run *work = of->work;
    const qsti_engine *engine = work->engine;
    if (work->now.begins) {
        unsigned char *to = qsti_engine_values(engine, 0, of->first_row, of->worker);
        for (size_t row = 0; row < of->n_rows; row++)
            engine->kernels->from_doubles(work->x.data + (of->first_row + row) * work->x.n_cols, work->x.n_cols,
                                          qsti_at(engine, to, row * engine->groups[0].stride));
    }
    for (size_t i = work->now.first; i < work->now.end; i++) {
        qsti_layer_call call = call_of(of, i);
        qsti_layer_fn *forward = types[call.layer->at.layer.kind].forward;
        if (forward != NULL)
            forward(&call);
    }
    if (work->now.gathers) {
        qsti_layer_call call = call_of(of, work->now.end);
        qsti_norm_gather(&call, of->part);
    }
}

/* Rows out to fn block by block, and its cotangents in. */
static void ask(const tile *of)
{
    const run *work = of->work;
    const qsti_engine *engine = work->engine;
    size_t last = engine->n_groups - 1, n = qsti_shape_size(engine->layers[engine->n_layers - 1].at.out);
    size_t stride = engine->groups[last].stride;
    const void *rows = qsti_engine_values(engine, last, of->first_row, of->worker);
    void *gradients = work->wants_cotangents ? qsti_engine_gradients(engine, last, of->first_row, of->worker) : NULL;
    double *lines = engine->lines + (size_t)of->worker * 2 * n * BLOCK_ROWS, *cotangents = lines + n * BLOCK_ROWS;
    for (size_t row = 0; row < of->n_rows && work->fn != NULL; row += BLOCK_ROWS) {
        size_t n_rows = of->n_rows - row < BLOCK_ROWS ? of->n_rows - row : BLOCK_ROWS;
        engine->kernels->rows_to_lines(qsti_at(engine, rows, row * stride), stride, n_rows, n, BLOCK_ROWS, lines);
        const qst_block block = {
            .first_row = of->first_row + row,
            .n_rows = n_rows,
            .lanes = BLOCK_ROWS,
            .values = lines,
            .cotangents = work->wants_cotangents ? cotangents : NULL,
            .sums = engine->parts + of->part * (engine->n_conv + work->n_sums) + engine->n_conv,
            .worker = of->worker,
        };
        work->fn(work->user, &block);
        if (work->wants_cotangents)
            engine->kernels->lines_to_rows(cotangents, n_rows, n, BLOCK_ROWS, stride,
                                           qsti_at(engine, gradients, row * stride));
    }
    for (size_t row = 0; row < of->n_rows && work->outputs.data != NULL; row++)
        engine->kernels->to_doubles(qsti_at(engine, rows, row * stride), n,
                                    work->outputs.data + (of->first_row + row) * n);
}

static void take_cotangents(const tile *of)
{
    const run *work = of->work;
    const qsti_engine *engine = work->engine;
    size_t last = engine->n_groups - 1, n = work->cotangents.n_cols;
    void *to = qsti_engine_gradients(engine, last, of->first_row, of->worker);
    for (size_t row = 0; row < of->n_rows; row++)
        engine->kernels->from_doubles(work->cotangents.data + (of->first_row + row) * n, n,
                                      qsti_at(engine, to, row * engine->groups[last].stride));
}

static void go_back(const tile *of)
{
    const run *work = of->work;
    const qsti_engine *engine = work->engine;
    if (work->now.takes)
        take_cotangents(of);
    for (size_t i = work->now.back_end; i > work->now.back_first; i--) {
        qsti_layer_call call = call_of(of, i - 1);
        qsti_layer_fn *back = types[call.layer->at.layer.kind].back;
        bool is_wanted = call.layer->in > 0 || work->out_x.data != NULL;
        call.d_out = qsti_engine_gradients(engine, call.layer->out, of->first_row, of->worker);
        call.d_in = is_wanted ? qsti_engine_gradients(engine, call.layer->in, of->first_row, of->worker) : NULL;
        if (back != NULL)
            back(&call);
    }
    if (work->now.gathers_back) {
        qsti_layer_call call = call_of(of, work->now.back_first - 1);
        call.d_out = qsti_engine_gradients(engine, call.layer->out, of->first_row, of->worker);
        qsti_norm_gather_back(&call, of->part);
    }
    if (!work->now.gives || work->out_x.data == NULL)
        return;
    const void *from = qsti_engine_gradients(engine, 0, of->first_row, of->worker);
    for (size_t row = 0; row < of->n_rows; row++)
        engine->kernels->to_doubles(qsti_at(engine, from, row * engine->groups[0].stride), work->out_x.n_cols,
                                    work->out_x.data + (of->first_row + row) * work->out_x.n_cols);
}

static void run_part(void *arg, size_t part, int worker)
{
    const run *work = arg;
    size_t rows = work->engine->tile_rows, begin = part * work->tiles_a_part, end = begin + work->tiles_a_part;
    for (size_t i = begin; i < end && i < work->n_tiles; i++) {
        size_t first = i * rows, left = work->x.n_rows - first;
        const tile of = {work, first, left < rows ? left : rows, part, worker};
        go_forward(&of);
        if (work->now.ends)
            ask(&of);
        if (work->now.goes_back)
            go_back(&of);
    }
}

/* --- stages ------------------------------------------------------------------------------------------------------- */

static void pack_weights(void *arg, size_t item, int worker)
{
    const run *work = arg;
    const qsti_engine_task *task = &work->engine->packing[item];
    (void)worker;
    if (work->engine->layers[task->layer].at.layer.kind == QST_LAYER_dense)
        qsti_dense_pack(work->engine, task, work->weights.trained);
    else
        qsti_conv_pack(work->engine, task, work->weights.trained);
}

static void finish_weights(void *arg, size_t item, int worker)
{
    const run *work = arg;
    (void)worker;
    qsti_dense_finish(work->engine, &work->engine->finishing[item], work->x.n_rows, work->out_weights);
}

static qst_status begin(run *work)
{
    qst_status status = QST_OK;
    qsti_engine *engine = work->engine;
    if (engine->is_training)
        QSTI_TRY(qsti_engine_reserve(engine, work->x.n_rows));
    QSTI_TRY(qsti_engine_reserve_sums(engine, work->n_sums));
    work->n_tiles = (work->x.n_rows + engine->tile_rows - 1) / engine->tile_rows;
    work->tiles_a_part = (work->n_tiles + QSTI_ENGINE_PARTS - 1) / QSTI_ENGINE_PARTS;
    work->n_parts = work->n_tiles == 0 ? 0 : (work->n_tiles + work->tiles_a_part - 1) / work->tiles_a_part;
    memset(engine->parts, 0, work->n_parts * (engine->n_conv + work->n_sums) * sizeof *engine->parts);
done:
    return status;
}

static void run_stage(run *work, stage now)
{
    work->now = now;
    qsti_parallel_for(work->engine->ctx, work->n_parts, run_part, work);
}

/* Forward through all sections; the last one with `last` besides, whose part forward is filled in here. */
static void run_forward(run *work, stage last)
{
    qsti_engine *engine = work->engine;
    size_t first = 0;
    qsti_parallel_for(engine->ctx, engine->n_packing, pack_weights, work);
    for (size_t i = 0; i < engine->n_breaks; i++) {
        const qsti_engine_layer *norm = &engine->layers[engine->breaks[i]];
        qsti_norm_clear_parts(engine, norm);
        run_stage(work, (stage){.first = first, .end = engine->breaks[i], .begins = i == 0, .gathers = true});
        qsti_norm_finish(engine, norm, work->n_parts, work->weights.trained);
        first = engine->breaks[i];
    }
    last.first = first;
    last.end = engine->n_layers;
    last.begins = engine->n_breaks == 0;
    last.ends = true;
    for (size_t i = 0; i < engine->n_breaks; i++)
        qsti_norm_clear_parts(engine, &engine->layers[engine->breaks[i]]);
    run_stage(work, last);
}

/* The part of the last section on the way back. */
static stage last_back(const run *work)
{
    size_t n = work->engine->n_breaks, first = n == 0 ? 0 : work->engine->breaks[n - 1] + 1;
    return (stage){
        .goes_back = true,
        .back_first = first,
        .back_end = work->engine->n_layers,
        .gathers_back = n > 0,
        .gives = n == 0,
    };
}

/* What follows the last section's way back. */
static void finish_back(run *work)
{
    qsti_engine *engine = work->engine;
    for (size_t i = engine->n_breaks; i > 0; i--) {
        size_t at = engine->breaks[i - 1], first = i == 1 ? 0 : engine->breaks[i - 2] + 1;
        qsti_norm_finish_back(engine, &engine->layers[at], work->n_parts, work->weights.trained, work->out_weights);
        run_stage(
            work,
            (stage){
                .goes_back = true, .back_first = first, .back_end = at + 1, .gathers_back = i > 1, .gives = i == 1});
    }
    qsti_parallel_for(engine->ctx, engine->n_finishing, finish_weights, work);
}

/* Adds up the parts: gradients of convolutions into their places, what blocks have left into out_sums. */
static void add_parts(run *work, double *out_sums)
{
    qsti_engine *engine = work->engine;
    size_t n = engine->n_conv + work->n_sums;
    qsti_reduce_rows(engine->ctx, engine->parts, work->n_parts, n, engine->sums);
    for (size_t i = 0; i < engine->n_layers && work->out_weights != NULL; i++) {
        const qsti_engine_layer *layer = &engine->layers[i];
        if (layer->at.layer.kind == QST_LAYER_conv)
            memcpy(work->out_weights + layer->at.weights, engine->sums + layer->sums,
                   layer->at.n_weights * sizeof *engine->sums);
    }
    if (out_sums != NULL && work->n_sums > 0)
        memcpy(out_sums, engine->sums + engine->n_conv, work->n_sums * sizeof *out_sums);
}

/* --- passes ------------------------------------------------------------------------------------------------------- */

qst_status qsti_network_infer(qsti_network *network, qsti_network_weights weights, qst_const_matrix x, qst_block_fn *fn,
                              void *user, size_t n_sums, double *out_sums)
{
    qsti_engine *engine = network->inference;
    run work = {.engine = engine, .weights = weights, .x = x, .fn = fn, .user = user, .n_sums = n_sums};
    qst_status status = begin(&work);
    if (status != QST_OK)
        return status;
    for (size_t i = 0; i < engine->n_layers; i++)
        if (engine->layers[i].at.layer.kind == QST_LAYER_batch_norm)
            qsti_norm_use_running(engine, &engine->layers[i], weights.trained, weights.buffers);
    run_forward(&work, (stage){0});
    add_parts(&work, out_sums);
    return QST_OK;
}

qst_status qsti_network_step(qsti_network *network, qsti_network_weights weights, qst_const_matrix x, qst_block_fn *fn,
                             void *user, size_t n_sums, double *out_sums, double *out_weights, qst_matrix out_x)
{
    run work = {
        .engine = network->training,
        .weights = weights,
        .x = x,
        .fn = fn,
        .user = user,
        .wants_cotangents = true,
        .n_sums = n_sums,
        .out_weights = out_weights,
        .out_x = out_x,
    };
    qst_status status = begin(&work);
    if (status != QST_OK)
        return status;
    run_forward(&work, last_back(&work));
    finish_back(&work);
    add_parts(&work, out_sums);
    return QST_OK;
}

qst_status qsti_network_forward(qsti_network *network, qsti_network_weights weights, qst_const_matrix x,
                                qst_matrix outputs)
{
    run work = {.engine = network->training, .weights = weights, .x = x, .outputs = outputs};
    qst_status status = begin(&work);
    if (status != QST_OK)
        return status;
    run_forward(&work, (stage){0});
    return QST_OK;
}

qst_status qsti_network_backward(qsti_network *network, qsti_network_weights weights, qst_const_matrix x,
                                 qst_const_matrix cotangents, double *out_weights, qst_matrix out_x)
{
    run work = {
        .engine = network->training,
        .weights = weights,
        .x = x,
        .cotangents = cotangents,
        .out_weights = out_weights,
        .out_x = out_x,
    };
    qst_status status = begin(&work);
    if (status != QST_OK)
        return status;
    stage last = last_back(&work);
    last.takes = true;
    run_stage(&work, last);
    finish_back(&work);
    add_parts(&work, NULL);
    return QST_OK;
}

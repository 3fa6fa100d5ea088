/* layer_dense.c: a dense layer on rows: z = W x + b forward, dx = W^T dz back, and dW = sum over rows of dz x^T.
 *
 * W (out, in) is packed twice before a pass: panels of columns of W^T (in, columns), and of W (out, columns), so that
 * both products read it in order. dW waits until dz of all rows is there: its blocks then are sums over the whole
 * batch, and nothing has to be added up between tiles.
 */
#include <string.h>

#include "net/engine.h"

void qsti_dense_pack(const qsti_engine *engine, const qsti_engine_task *task, const double *weights)
{
    const qsti_engine_layer *layer = &engine->layers[task->layer];
    const qsti_network_kernels *kernels = engine->kernels;
    size_t n_in = qsti_shape_size(layer->at.in), n_out = layer->at.layer.size, first = task->first;
    size_t n = task->is_back ? n_in : n_out, width = qsti_panel_width(engine, n, first);
    size_t count = n - first < width ? n - first : width;
    const double *w = weights + layer->at.weights;
    if (task->is_back) {
        kernels->pack(w + first, n_in, 1, n_out, count, width,
                      qsti_at(engine, engine->packed, layer->packed_back + first * n_out));
        return;
    }
    kernels->pack(w + first * n_in, 1, n_in, n_in, count, width,
                  qsti_at(engine, engine->packed, layer->packed + first * n_in));
    kernels->pack(w + n_out * n_in + first, 0, 1, 1, count, width,
                  qsti_at(engine, engine->packed, layer->start + first));
}

void qsti_dense_rows(const qsti_layer_call *call)
{
    const qsti_engine *engine = call->engine;
    const qsti_engine_layer *layer = call->layer;
    size_t n_in = qsti_shape_size(layer->at.in), n_out = layer->at.layer.size;
    for (size_t first = 0; first < n_out; first += engine->kernels->columns) {
        size_t width = qsti_panel_width(engine, n_out, first);
        const qsti_product product = {
            .n_rows = call->n_rows,
            .n_inner = n_in,
            .n_columns = width,
            .a = call->in,
            .a_row = engine->groups[layer->in].stride,
            .a_step = 1,
            .b = qsti_at(engine, engine->packed, layer->packed + first * n_in),
            .b_step = width,
            .column_start = qsti_at(engine, engine->packed, layer->start + first),
            .out = qsti_at(engine, call->out, first),
            .out_row = engine->groups[layer->out].stride,
        };
        engine->kernels->product(&product);
    }
}

void qsti_dense_rows_back(const qsti_layer_call *call)
{
    const qsti_engine *engine = call->engine;
    const qsti_engine_layer *layer = call->layer;
    size_t n_in = qsti_shape_size(layer->at.in), n_out = layer->at.layer.size;
    for (size_t first = 0; first < n_in && call->d_in != NULL; first += engine->kernels->columns) {
        size_t width = qsti_panel_width(engine, n_in, first);
        const qsti_product product = {
            .n_rows = call->n_rows,
            .n_inner = n_out,
            .n_columns = width,
            .a = call->d_out,
            .a_row = engine->groups[layer->out].stride,
            .a_step = 1,
            .b = qsti_at(engine, engine->packed, layer->packed_back + first * n_out),
            .b_step = width,
            .out = qsti_at(engine, call->d_in, first),
            .out_row = engine->groups[layer->in].stride,
        };
        engine->kernels->product(&product);
    }
}

void qsti_dense_finish(const qsti_engine *engine, const qsti_engine_task *task, size_t n_rows, double *out_weights)
{
    const qsti_engine_layer *layer = &engine->layers[task->layer];
    const qsti_network_kernels *kernels = engine->kernels;
    _Alignas(64) unsigned char tile[QSTI_DENSE_BLOCK * 256]; /* a panel is at most 4 lines wide */
    size_t n_in = qsti_shape_size(layer->at.in), n_out = layer->at.layer.size;
    size_t width = qsti_panel_width(engine, n_in, task->first), left = n_in - task->first;
    size_t count = left < width ? left : width, below = n_out - task->row;
    size_t n = below < QSTI_DENSE_BLOCK ? below : QSTI_DENSE_BLOCK;
    const void *d_out = qsti_at(engine, qsti_engine_gradients(engine, layer->out, 0, 0), task->row);
    const qsti_product product = {
        .n_rows = n,
        .n_inner = n_rows,
        .n_columns = width,
        .a = d_out,
        .a_row = 1,
        .a_step = engine->groups[layer->out].stride,
        .b = qsti_at(engine, qsti_engine_values(engine, layer->in, 0, 0), task->first),
        .b_step = engine->groups[layer->in].stride,
        .out = tile,
        .out_row = width,
    };
    kernels->product(&product);
    double *out = out_weights + layer->at.weights;
    for (size_t r = 0; r < n; r++)
        kernels->to_doubles(qsti_at(engine, tile, r * width), count, out + (task->row + r) * n_in + task->first);
    if (task->first > 0)
        return;
    double *out_start = out + n_out * n_in + task->row;
    memset(out_start, 0, n * sizeof *out_start);
    kernels->channel_sums(d_out, NULL, NULL, n_rows, engine->groups[layer->out].stride, n, 1, out_start, NULL);
}

/* layer_simple.c: pools, activations and dropout on rows.
 *
 * The mask of dropout is word u of Philox4x32-10 [salmon2011] at counter (purpose and layer, step, row in the batch,
 * u / 4), key seed: drawn again on the way back instead of kept, and the same for any number of threads.
 */
#include <string.h>

#include "base/rng.h"
#include "net/engine.h"

/* --- pools -------------------------------------------------------------------------------------------------------- */

void qsti_pool_rows(const qsti_layer_call *call)
{
    const qsti_engine *engine = call->engine;
    const qsti_engine_layer *layer = call->layer;
    bool is_max = layer->at.layer.kind == QST_LAYER_max_pool;
    for (size_t row = 0; row < call->n_rows; row++) {
        const void *in = qsti_at(engine, call->in, row * engine->groups[layer->in].stride);
        void *out = qsti_at(engine, call->out, row * engine->groups[layer->out].stride);
        if (is_max)
            engine->kernels->max_pool(in, &layer->window, out);
        else
            engine->kernels->avg_pool(in, &layer->window, out);
    }
}

void qsti_pool_rows_back(const qsti_layer_call *call)
{
    const qsti_engine *engine = call->engine;
    const qsti_engine_layer *layer = call->layer;
    bool is_max = layer->at.layer.kind == QST_LAYER_max_pool;
    for (size_t row = 0; row < call->n_rows && call->d_in != NULL; row++) {
        size_t in = row * engine->groups[layer->in].stride, out = row * engine->groups[layer->out].stride;
        const void *d_out = qsti_at(engine, call->d_out, out);
        void *d_in = qsti_at(engine, call->d_in, in);
        if (is_max)
            engine->kernels->max_pool_back(qsti_at(engine, call->in, in), qsti_at(engine, call->out, out), d_out,
                                           &layer->window, d_in);
        else
            engine->kernels->avg_pool_back(d_out, &layer->window, d_in);
    }
}

/* --- activations -------------------------------------------------------------------------------------------------- */

static qsti_activation activation_of(qst_layer_kind kind)
{
    switch (kind) {
    case QST_LAYER_leaky_relu:
        return QSTI_ACTIVATION_LEAKY_RELU;
    case QST_LAYER_gelu:
        return QSTI_ACTIVATION_GELU;
    case QST_LAYER_tanh:
        return QSTI_ACTIVATION_TANH;
    case QST_LAYER_sigmoid:
        return QSTI_ACTIVATION_SIGMOID;
    default:
        return QSTI_ACTIVATION_RELU;
    }
}

/* Rows stand one after the other, and both groups have one stride: all of a tile at once. */
void qsti_activation_rows(const qsti_layer_call *call)
{
    const qst_layer *layer = &call->layer->at.layer;
    size_t n = call->n_rows * call->engine->groups[call->layer->in].stride;
    call->engine->kernels->activate[activation_of(layer->kind)](call->in, n, layer->rate, call->out);
}

void qsti_activation_rows_back(const qsti_layer_call *call)
{
    const qst_layer *layer = &call->layer->at.layer;
    size_t n = call->n_rows * call->engine->groups[call->layer->in].stride;
    if (call->d_in != NULL)
        call->engine->kernels->activate_back[activation_of(layer->kind)](call->in, call->out, call->d_out, n,
                                                                         layer->rate, call->d_in);
}

/* --- dropout ------------------------------------------------------------------------------------------------------ */

static void drop_rows(const qsti_layer_call *call, const void *in, void *out)
{
    const qsti_engine *engine = call->engine;
    size_t stride = engine->groups[call->layer->in].stride, n = qsti_shape_size(call->layer->at.in);
    double rate = call->layer->at.layer.rate;
    uint32_t *words = engine->words + (size_t)call->worker * engine->n_words;
    const uint32_t key[2] = {(uint32_t)engine->seed, (uint32_t)(engine->seed >> 32)};
    uint32_t number = (uint32_t)(call->layer - engine->layers);
    for (size_t row = 0; row < call->n_rows; row++) {
        for (size_t block = 0; 4 * block < n; block++) {
            const uint32_t counter[4] = {QSTI_PURPOSE_DROPOUT | number << 16, (uint32_t)engine->step,
                                         (uint32_t)(call->first_row + row), (uint32_t)block};
            qsti_philox(counter, key, words + 4 * block);
        }
        engine->kernels->drop(qsti_at(engine, in, row * stride), words, n, (uint32_t)(rate * 0x1p32), 1 / (1 - rate),
                              qsti_at(engine, out, row * stride));
    }
}

void qsti_dropout_rows(const qsti_layer_call *call)
{
    if (call->engine->is_training)
        drop_rows(call, call->in, call->out);
    else if (call->in != call->out)
        memcpy(call->out, call->in,
               call->n_rows * call->engine->groups[call->layer->in].stride * call->engine->kernels->real_bytes);
}

void qsti_dropout_rows_back(const qsti_layer_call *call)
{
    if (call->d_in != NULL)
        drop_rows(call, call->d_out, call->d_in);
}

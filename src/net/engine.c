/* engine.c: see engine.h: where everything of a network lies in memory, and what becomes of its weights. */
#include "net/engine.h"

#include <string.h>

#include "kernels/kernels.h"

/* --- groups ------------------------------------------------------------------------------------------------------- */

static bool is_activation(qst_layer_kind kind)
{
    return kind == QST_LAYER_relu || kind == QST_LAYER_leaky_relu || kind == QST_LAYER_gelu || kind == QST_LAYER_tanh ||
           kind == QST_LAYER_sigmoid;
}

/* Whether a layer that wrote these values can go back when another has changed them in place: max_pool looks for them
 * among its inputs, where zeros for what is below 0 do no harm; relu and leaky_relu look at their sign alone; tanh and
 * sigmoid at the values. */
static bool may_change(qst_layer_kind writer, qst_layer_kind kind)
{
    switch (writer) {
    case QST_LAYER_max_pool:
        return kind == QST_LAYER_relu;
    case QST_LAYER_relu:
    case QST_LAYER_leaky_relu:
    case QST_LAYER_gelu:
        return kind == QST_LAYER_dropout;
    case QST_LAYER_tanh:
    case QST_LAYER_sigmoid:
    case QST_LAYER_dropout:
        return false;
    default:
        return true;
    }
}

/* Whether layer `index` writes over its input, the engine's last group so far. The batch itself is not written over. */
static bool works_in_place(const qsti_engine *engine, const qsti_layer_place *places, size_t index)
{
    size_t group = engine->n_groups - 1;
    qst_layer_kind kind = places[index].layer.kind;
    if (kind == QST_LAYER_flatten)
        return true;
    if (group == 0 || kind == QST_LAYER_gelu || !(is_activation(kind) || kind == QST_LAYER_dropout))
        return false;
    for (size_t i = index; i > 0 && engine->layers[i - 1].out == group; i--)
        if (!may_change(places[i - 1].layer.kind, kind))
            return false;
    return true;
}

/* Whole lines, with an odd number of them where rows would lie whole KiB apart. */
static size_t stride_of(const qsti_engine *engine, qsti_shape shape)
{
    size_t stride = qsti_round_up(qsti_shape_size(shape), engine->kernels->lanes);
    return stride * engine->kernels->real_bytes % 1024 == 0 ? stride + engine->kernels->lanes : stride;
}

static void add_group(qsti_engine *engine, qsti_shape shape)
{
    qsti_group *group = &engine->groups[engine->n_groups++];
    *group = (qsti_group){.stride = stride_of(engine, shape), .values = engine->n_values};
    engine->n_values += group->stride;
    if (group->stride > engine->slot)
        engine->slot = group->stride;
}

static void lay_out_groups(qsti_engine *engine, const qsti_layer_place *places)
{
    add_group(engine, places[0].in);
    for (size_t i = 0; i < engine->n_layers; i++) {
        qsti_engine_layer *layer = &engine->layers[i];
        layer->at = places[i];
        layer->in = engine->n_groups - 1;
        if (!works_in_place(engine, places, i))
            add_group(engine, places[i].out);
        layer->out = engine->n_groups - 1;
        bool is_norm = places[i].layer.kind == QST_LAYER_batch_norm;
        if (places[i].layer.kind == QST_LAYER_dense || is_norm)
            engine->groups[layer->out].is_kept = true;
        if (is_norm && engine->is_training)
            engine->breaks[engine->n_breaks++] = i;
    }
    for (size_t g = 0; g < engine->n_groups; g++) {
        engine->groups[g].gradients = engine->n_gradients;
        engine->n_gradients += engine->groups[g].is_kept ? engine->groups[g].stride : 0;
    }
}

void *qsti_engine_values(const qsti_engine *engine, size_t index, size_t first_row, int worker)
{
    const qsti_group *group = &engine->groups[index];
    if (engine->is_training)
        return qsti_at(engine, engine->values, group->values * engine->capacity + first_row * group->stride);
    return qsti_at(engine, qsti_arena(engine, worker), index % 2 * engine->slot * engine->tile_rows);
}

void *qsti_engine_gradients(const qsti_engine *engine, size_t index, size_t first_row, int worker)
{
    const qsti_group *group = &engine->groups[index];
    if (group->is_kept)
        return qsti_at(engine, engine->gradients, group->gradients * engine->capacity + first_row * group->stride);
    return qsti_at(engine, qsti_arena(engine, worker), index % 2 * engine->slot * engine->tile_rows);
}

/* --- layers ------------------------------------------------------------------------------------------------------- */

/* Takes n numbers, whole lines; gives where they begin. */
static size_t take(const qsti_engine *engine, size_t *total, size_t n)
{
    size_t first = *total;
    *total += qsti_round_up(n, engine->kernels->lanes);
    return first;
}

/* Numbers of all panels over n columns of n_rows. */
static size_t panels_size(const qsti_engine *engine, size_t n, size_t n_rows)
{
    return qsti_round_up(n, engine->kernels->lanes) * n_rows;
}

static void plan_window(qsti_engine_layer *layer)
{
    const qst_layer *of = &layer->at.layer;
    qsti_shape in = layer->at.in, out = layer->at.out;
    qsti_window *window = &layer->window;
    *window =
        (qsti_window){in.channels, in.height, in.width, out.height, out.width, {in.height, in.width}, {1, 1}, {0}};
    if (of->kind == QST_LAYER_global_avg_pool)
        return;
    memcpy(window->kernel, of->kernel, sizeof window->kernel);
    memcpy(window->stride, of->stride, sizeof window->stride);
    memcpy(window->padding, of->padding, sizeof window->padding);
}

typedef struct totals {
    size_t packed, offsets, arena, n_packing, n_finishing;
} totals;

static void plan_dense(qsti_engine *engine, qsti_engine_layer *layer, totals *t)
{
    size_t n_in = qsti_shape_size(layer->at.in), n_out = layer->at.layer.size, columns = engine->kernels->columns;
    layer->packed = take(engine, &t->packed, panels_size(engine, n_out, n_in));
    layer->start = take(engine, &t->packed, n_out);
    t->n_packing += (n_out + columns - 1) / columns;
    if (!engine->is_training)
        return;
    size_t n_panels = (n_in + columns - 1) / columns;
    layer->packed_back = take(engine, &t->packed, panels_size(engine, n_in, n_out));
    t->n_packing += n_panels;
    t->n_finishing += n_panels * ((n_out + QSTI_DENSE_BLOCK - 1) / QSTI_DENSE_BLOCK);
}

static void plan_conv(qsti_engine *engine, qsti_engine_layer *layer, totals *t)
{
    qsti_conv_plan *plan = &layer->conv;
    size_t rows = QSTI_CONV_SAMPLES, n_out = layer->at.out.channels, n_in = layer->at.in.channels;
    qsti_conv_plan_sizes(engine, layer);
    layer->packed = take(engine, &t->packed, n_out * plan->n_inner);
    layer->packed_back = take(engine, &t->packed, n_in * plan->n_back);
    layer->start = take(engine, &t->packed, n_out);
    plan->offsets = t->offsets;
    plan->patch_offsets = plan->offsets + plan->n_inner;
    plan->back_offsets = plan->patch_offsets + plan->n_inner;
    t->offsets = plan->back_offsets + plan->n_back;
    plan->images = take(engine, &t->arena, rows * plan->image_size);
    plan->patches = take(engine, &t->arena, plan->is_strided ? rows * plan->patch_size : 0);
    plan->gradients = take(engine, &t->arena, engine->is_training ? rows * plan->gradient_size : 0);
    size_t forward = n_out * plan->product_row, back = n_in * plan->back_row;
    size_t product = qsti_round_up(forward > back ? forward : back, engine->kernels->lanes);
    engine->product = product > engine->product ? product : engine->product;
    t->n_packing += engine->is_training ? 2 : 1;
    layer->sums = engine->n_conv;
    engine->n_conv += layer->at.n_weights;
}

/* Where everything lies; conv layers take their part of the arena behind the slots. */
static void plan_layers(qsti_engine *engine, totals *t)
{
    t->arena = 2 * engine->slot * engine->tile_rows;
    for (size_t i = 0; i < engine->n_layers; i++) {
        qsti_engine_layer *layer = &engine->layers[i];
        switch (layer->at.layer.kind) {
        case QST_LAYER_dense:
            plan_dense(engine, layer, t);
            break;
        case QST_LAYER_conv:
            plan_conv(engine, layer, t);
            break;
        case QST_LAYER_max_pool:
        case QST_LAYER_avg_pool:
        case QST_LAYER_global_avg_pool:
            plan_window(layer);
            break;
        case QST_LAYER_batch_norm:
            layer->channels = engine->norms.n;
            engine->norms.n += layer->at.in.channels;
            break;
        default:
            break;
        }
    }
    engine->product = take(engine, &t->arena, engine->product);
    engine->arena = t->arena;
}

static void list_tasks(qsti_engine *engine)
{
    size_t columns = engine->kernels->columns;
    for (size_t i = 0; i < engine->n_layers; i++) {
        const qsti_engine_layer *layer = &engine->layers[i];
        bool is_dense = layer->at.layer.kind == QST_LAYER_dense;
        if (!is_dense && layer->at.layer.kind != QST_LAYER_conv)
            continue;
        size_t n_out = is_dense ? layer->at.layer.size : 1, n_in = is_dense ? qsti_shape_size(layer->at.in) : 1;
        for (size_t first = 0; first < n_out; first += columns)
            engine->packing[engine->n_packing++] = (qsti_engine_task){i, first, 0, false};
        for (size_t first = 0; first < n_in && engine->is_training; first += columns)
            engine->packing[engine->n_packing++] = (qsti_engine_task){i, first, 0, true};
        for (size_t first = 0; first < n_in && is_dense && engine->is_training; first += columns)
            for (size_t row = 0; row < n_out; row += QSTI_DENSE_BLOCK)
                engine->finishing[engine->n_finishing++] = (qsti_engine_task){i, first, row, false};
    }
}

/* --- life --------------------------------------------------------------------------------------------------------- */

#define TILE_ROWS      32 /* rows of a tile */
#define TILE_ROWS_CONV 16 /* with convolutions, whose rows are longer */

static qst_status create_norms(qsti_engine *engine)
{
    qst_status status = QST_OK;
    qsti_norms *norms = &engine->norms;
    double **arrays[] = {&norms->count, &norms->mean,        &norms->variance,   &norms->factor,
                         &norms->shift, &norms->back_factor, &norms->back_other, &norms->back_shift};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        QSTI_TRY(QSTI_NEW(engine->ctx, norms->n, arrays[i]));
    QSTI_TRY(QSTI_NEW(engine->ctx, QSTI_ENGINE_PARTS * 3 * norms->n, &norms->parts));
    QSTI_TRY(QSTI_NEW(engine->ctx, (size_t)qst_ctx_threads(engine->ctx) * 3 * norms->n, &norms->scratch));
done:
    return status;
}

qst_status qsti_engine_create(qst_ctx *ctx, const qsti_layer_place *places, size_t n_layers,
                              const qsti_network_kernels *kernels, bool is_training, qsti_engine **out)
{
    qst_status status = QST_OK;
    qsti_engine *engine = NULL;
    totals t = {0};
    size_t n_threads = (size_t)qst_ctx_threads(ctx), bytes = kernels->real_bytes;
    QSTI_TRY(QSTI_NEW(ctx, 1, &engine));
    engine->ctx = ctx;
    engine->kernels = kernels;
    engine->is_training = is_training;
    engine->n_layers = n_layers;
    engine->tile_rows = TILE_ROWS;
    for (size_t i = 0; i < n_layers; i++)
        if (places[i].layer.kind == QST_LAYER_conv)
            engine->tile_rows = TILE_ROWS_CONV;
    QSTI_TRY(QSTI_NEW(ctx, n_layers, &engine->layers));
    QSTI_TRY(QSTI_NEW(ctx, n_layers + 1, &engine->groups));
    QSTI_TRY(QSTI_NEW(ctx, n_layers, &engine->breaks));
    lay_out_groups(engine, places);
    plan_layers(engine, &t);
    engine->n_words = qsti_round_up(engine->slot, 4);
    QSTI_TRY(QSTI_NEW(ctx, t.offsets, &engine->offsets));
    QSTI_TRY(QSTI_NEW(ctx, t.n_packing, &engine->packing));
    QSTI_TRY(QSTI_NEW(ctx, t.n_finishing, &engine->finishing));
    QSTI_TRY(QSTI_NEW(ctx, n_threads * engine->n_words, &engine->words));
    QSTI_TRY(qsti_alloc_lines(ctx, t.packed, bytes, (void **)&engine->packed));
    QSTI_TRY(qsti_alloc_lines(ctx, n_threads * engine->arena, bytes, (void **)&engine->arenas));
    QSTI_TRY(qsti_alloc_lines(ctx, n_threads * 2 * qsti_shape_size(places[n_layers - 1].out), QSTI_LINE_BYTES,
                              (void **)&engine->lines));
    QSTI_TRY(create_norms(engine));
    list_tasks(engine);
    for (size_t i = 0; i < n_layers; i++)
        if (places[i].layer.kind == QST_LAYER_conv)
            qsti_conv_plan_offsets(engine, &engine->layers[i]);
    *out = engine;
    engine = NULL;
done:
    qsti_engine_free(engine);
    return status;
}

void qsti_engine_free(qsti_engine *engine)
{
    if (engine == NULL)
        return;
    qst_ctx *ctx = engine->ctx;
    qsti_norms *norms = &engine->norms;
    void *plain[] = {engine->layers,    engine->groups,    engine->breaks, engine->offsets, engine->packing,
                     engine->finishing, engine->words,     engine->parts,  engine->sums,    norms->count,
                     norms->mean,       norms->variance,   norms->factor,  norms->shift,    norms->back_factor,
                     norms->back_other, norms->back_shift, norms->parts,   norms->scratch};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        qsti_free(ctx, plain[i]);
    qsti_free_lines(ctx, engine->lines);
    qsti_free_lines(ctx, engine->packed);
    qsti_free_lines(ctx, engine->arenas);
    qsti_free_lines(ctx, engine->values);
    qsti_free_lines(ctx, engine->gradients);
    qsti_free(ctx, engine);
}

/* --- room --------------------------------------------------------------------------------------------------------- */

qst_status qsti_engine_reserve(qsti_engine *engine, size_t n_rows)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = engine->ctx;
    size_t n_values = 0, n_gradients = 0;
    if (n_rows <= engine->capacity)
        return QST_OK;
    if (!qsti_mul(n_rows, engine->n_values, &n_values) || !qsti_mul(n_rows, engine->n_gradients, &n_gradients))
        return qsti_fail(ctx, QST_ERR_LIMIT, "%zu rows are too many", n_rows);
    engine->capacity = 0;
    qsti_free_lines(ctx, engine->values);
    qsti_free_lines(ctx, engine->gradients);
    engine->values = engine->gradients = NULL;
    QSTI_TRY(qsti_alloc_lines(ctx, n_values, engine->kernels->real_bytes, (void **)&engine->values));
    QSTI_TRY(qsti_alloc_lines(ctx, n_gradients, engine->kernels->real_bytes, (void **)&engine->gradients));
    engine->capacity = n_rows;
done:
    return status;
}

qst_status qsti_engine_reserve_sums(qsti_engine *engine, size_t n_sums)
{
    qst_status status = QST_OK;
    size_t n = engine->n_conv + n_sums, n_parts = 0;
    if (engine->parts != NULL && n <= engine->n_part_values)
        return QST_OK;
    if (!qsti_mul(QSTI_ENGINE_PARTS, n, &n_parts))
        return qsti_fail(engine->ctx, QST_ERR_LIMIT, "%zu sums are too many", n_sums);
    engine->n_part_values = 0;
    QSTI_TRY(QSTI_GROW(engine->ctx, n_parts, &engine->parts));
    QSTI_TRY(QSTI_GROW(engine->ctx, n, &engine->sums));
    engine->n_part_values = n;
done:
    return status;
}

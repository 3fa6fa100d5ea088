/* network_places.c: what each layer of a network takes and gives, and where its weights lie. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "net/network.h"

/* Rows between layers and weights of a network are below this many numbers. */
#define MAX_NUMBERS ((size_t)1 << 30)

static const char *const names[] = {
#define QST_LAYER(name, argument, about) #name,
#include <qstill/layers.def>
#undef QST_LAYER
};

const char *qst_layer_kind_name(qst_layer_kind kind)
{
    return names[kind];
}

bool qst_layer_kind_find(const char *name, qst_layer_kind *out)
{
    for (size_t i = 0; i < QST_LAYER_COUNT; i++) {
        if (strcmp(names[i], name) == 0) {
            *out = (qst_layer_kind)i;
            return true;
        }
    }
    return false;
}

/* A layer that is being placed; `index` from 0. */
typedef struct placing {
    qst_ctx *ctx;
    size_t index;
    qsti_layer_place *place;
} placing;

#define FAIL(p, status, format, ...) \
    qsti_fail((p)->ctx, (status), "layer %zu (%s): " format, (p)->index + 1, names[(p)->place->layer.kind], __VA_ARGS__)

/* The product of three counts, when it stays below MAX_NUMBERS. */
static bool multiply(size_t a, size_t b, size_t c, size_t *out)
{
    size_t ab = 0;
    return qsti_mul(a, b, &ab) && qsti_mul(ab, c, out) && *out < MAX_NUMBERS;
}

/* --- windows ------------------------------------------------------------------------------------------------------ */

static qst_status place_window(const placing *p, size_t default_stride[2])
{
    qst_layer *layer = &p->place->layer;
    const size_t sides[2] = {p->place->in.height, p->place->in.width};
    size_t out[2];
    for (size_t i = 0; i < 2; i++) {
        const char *side = i == 0 ? "height" : "width";
        if (layer->kernel[i] == 0)
            return FAIL(p, QST_ERR_USAGE, "kernel %s: 0 is not >= 1", side);
        if (layer->stride[i] == 0)
            layer->stride[i] = default_stride[i];
        if (layer->padding[i] >= layer->kernel[i])
            return FAIL(p, QST_ERR_USAGE, "padding %zu is not below the kernel's %s %zu", layer->padding[i], side,
                        layer->kernel[i]);
        if (layer->kernel[i] > sides[i] + 2 * layer->padding[i])
            return FAIL(p, QST_ERR_USAGE, "a kernel of %s %zu does not fit an image of %s %zu with padding %zu", side,
                        layer->kernel[i], side, sides[i], layer->padding[i]);
        out[i] = (sides[i] + 2 * layer->padding[i] - layer->kernel[i]) / layer->stride[i] + 1;
    }
    p->place->out = (qsti_shape){p->place->in.channels, out[0], out[1]};
    return QST_OK;
}

static qst_status place_conv(const placing *p)
{
    qst_layer *layer = &p->place->layer;
    size_t unit[2] = {1, 1}, taps = 0;
    qst_status status = place_window(p, unit);
    if (status != QST_OK)
        return status;
    if (layer->size == 0)
        return FAIL(p, QST_ERR_USAGE, "channels: %d is not >= 1", 0);
    p->place->out.channels = layer->size;
    if (!multiply(layer->kernel[0], layer->kernel[1], p->place->in.channels, &taps) ||
        !multiply(layer->size, taps + 1, 1, &p->place->n_weights))
        return FAIL(p, QST_ERR_LIMIT, "%zu channels are too many", layer->size);
    return QST_OK;
}

static qst_status place_pool(const placing *p)
{
    qst_layer *layer = &p->place->layer;
    if (layer->kind == QST_LAYER_avg_pool && (layer->padding[0] > 0 || layer->padding[1] > 0))
        return FAIL(p, QST_ERR_USAGE, "padding: %zu is not 0",
                    layer->padding[0] > 0 ? layer->padding[0] : layer->padding[1]);
    return place_window(p, layer->kernel);
}

/* --- the others --------------------------------------------------------------------------------------------------- */

static qst_status place_dense(const placing *p)
{
    qsti_layer_place *place = p->place;
    size_t n_in = qsti_shape_size(place->in);
    if (place->layer.size == 0)
        return FAIL(p, QST_ERR_USAGE, "outputs: %d is not >= 1", 0);
    place->out = (qsti_shape){place->layer.size, 1, 1};
    if (!multiply(place->layer.size, n_in + 1, 1, &place->n_weights))
        return FAIL(p, QST_ERR_LIMIT, "%zu outputs of %zu inputs are too many", place->layer.size, n_in);
    return QST_OK;
}

static qst_status place_batch_norm(const placing *p)
{
    qst_layer *layer = &p->place->layer;
    if (layer->epsilon == 0)
        layer->epsilon = 1e-5;
    if (layer->momentum == 0)
        layer->momentum = 0.1;
    if (!(layer->epsilon > 0 && isfinite(layer->epsilon)))
        return FAIL(p, QST_ERR_USAGE, "epsilon: %g is not > 0", layer->epsilon);
    if (!(layer->momentum > 0 && layer->momentum <= 1))
        return FAIL(p, QST_ERR_USAGE, "momentum: %g is not in (0, 1]", layer->momentum);
    p->place->n_weights = p->place->n_buffers = 2 * p->place->in.channels;
    return QST_OK;
}

static qst_status check_rate(const placing *p)
{
    double rate = p->place->layer.rate;
    bool is_dropout = p->place->layer.kind == QST_LAYER_dropout;
    if (is_dropout && !(rate >= 0 && rate < 1))
        return FAIL(p, QST_ERR_USAGE, "rate: %g is not in [0, 1)", rate);
    if (!is_dropout && !(rate >= 0 && isfinite(rate)))
        return FAIL(p, QST_ERR_USAGE, "rate: %g is not >= 0", rate);
    return QST_OK;
}

static qst_status place_layer(const placing *p)
{
    qsti_layer_place *place = p->place;
    place->out = place->in;
    switch (place->layer.kind) {
    case QST_LAYER_dense:
        return place_dense(p);
    case QST_LAYER_conv:
        return place_conv(p);
    case QST_LAYER_max_pool:
    case QST_LAYER_avg_pool:
        return place_pool(p);
    case QST_LAYER_global_avg_pool:
        place->out = (qsti_shape){place->in.channels, 1, 1};
        break;
    case QST_LAYER_flatten:
        place->out = (qsti_shape){qsti_shape_size(place->in), 1, 1};
        break;
    case QST_LAYER_batch_norm:
        return place_batch_norm(p);
    case QST_LAYER_dropout:
    case QST_LAYER_leaky_relu:
        return check_rate(p);
    case QST_LAYER_relu:
    case QST_LAYER_gelu:
    case QST_LAYER_tanh:
    case QST_LAYER_sigmoid:
    case QST_LAYER_COUNT:
        break;
    }
    return QST_OK;
}

qst_status qsti_network_places(qst_ctx *ctx, const qsti_network_spec *spec, qsti_layer_place **out_places,
                               size_t *out_n_trained, size_t *out_n_buffers)
{
    qst_status status = QST_OK;
    qsti_layer_place *places = NULL;
    size_t n_trained = 0, n_buffers = 0, size = 0;
    qsti_shape shape = spec->input;
    if (spec->n_layers == 0)
        return qsti_fail(ctx, QST_ERR_USAGE, "a network has at least one layer");
    if (!multiply(shape.channels, shape.height, shape.width, &size) || size == 0)
        return qsti_fail(ctx, QST_ERR_USAGE, "an image of %zu channels, %zu x %zu is none", shape.channels,
                         shape.height, shape.width);
    QSTI_TRY(QSTI_NEW(ctx, spec->n_layers, &places));
    for (size_t i = 0; i < spec->n_layers; i++) {
        placing p = {ctx, i, &places[i]};
        places[i] =
            (qsti_layer_place){.layer = spec->layers[i], .in = shape, .weights = n_trained, .buffers = n_buffers};
        QSTI_TRY(place_layer(&p));
        shape = places[i].out;
        n_trained += places[i].n_weights;
        n_buffers += places[i].n_buffers;
        if (!multiply(shape.channels, shape.height, shape.width, &size) || n_trained >= MAX_NUMBERS)
            QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "layer %zu: a row of %zu x %zu x %zu is too large", i + 1,
                               shape.channels, shape.height, shape.width));
    }
    *out_places = places;
    *out_n_trained = n_trained;
    *out_n_buffers = n_buffers;
    places = NULL;
done:
    qsti_free(ctx, places);
    return status;
}

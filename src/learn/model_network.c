/* model_network.c: a classical network as a model: logits are the outputs of its last layer. What it computes is in
 * src/net; here is the interface of models and the network as JSON:
 *
 *   "input": [channels, height, width], "precision": "double" | "single",
 *   "layers": [{"kind": "conv", "size": 16, "kernel": [3, 3], "stride": [1, 1], "padding": [1, 1]}, ...]
 */
#include "learn/model_network.h"

#include <string.h>

typedef struct network_model {
    qsti_network *network;
} network_model;

static qsti_network *network_of(const qst_model *model)
{
    return ((const network_model *)model->inside)->network;
}

static qsti_network_weights parts_of(const qst_model *model, const double *weights)
{
    return (qsti_network_weights){weights, weights + model->n_trained};
}

/* --- the interface ------------------------------------------------------------------------------------------------ */

static void network_initialize(qst_model *model, uint64_t seed)
{
    qsti_network_initialize(network_of(model), seed, model->weights, model->weights + model->n_trained);
}

static qst_status network_evaluate(qst_model *model, const double *weights, qst_const_matrix x, qst_block_fn *fn,
                                   void *user, size_t n_sums, double *out_sums)
{
    return qsti_network_infer(network_of(model), parts_of(model, weights), x, fn, user, n_sums, out_sums);
}

static qst_status network_gradient(qst_model *model, const qsti_pass *pass)
{
    return qsti_network_step(network_of(model), parts_of(model, pass->weights), pass->x, pass->fn, pass->user,
                             pass->n_sums, pass->out_sums, pass->out_weights, pass->out_x);
}

static qst_status network_gradient_whole(qst_model *model, const double *weights, qst_const_matrix x, qsti_batch_fn *fn,
                                         void *user, double *out_weights, qst_matrix out_x)
{
    qst_status status = QST_OK;
    qst_matrix scores, cotangents;
    QSTI_TRY(qsti_model_reserve_whole(model, x.n_rows, &scores, &cotangents));
    QSTI_TRY(qsti_network_forward(network_of(model), parts_of(model, weights), x, scores));
    QSTI_TRY(fn(user, qst_const_view(scores), cotangents));
    QSTI_TRY(qsti_network_backward(network_of(model), parts_of(model, weights), x, qst_const_view(cotangents),
                                   out_weights, out_x));
done:
    return status;
}

static void network_begin_step(qst_model *model, uint64_t seed, uint64_t step)
{
    qsti_network_begin_step(network_of(model), seed, step);
}

static void network_end_step(qst_model *model, double *weights)
{
    qsti_network_settle(network_of(model), weights + model->n_trained);
}

static void network_measure(const qst_model *model, qst_model_size *out)
{
    out->classical_parameters = model->n_trained;
}

static void network_release(qst_model *model)
{
    qsti_network_free(network_of(model));
    qsti_free(model->ctx, model->inside);
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static bool put_pair(json_t *to, const char *key, const size_t pair[2])
{
    return qsti_json_put(to, key, json_pack("[I, I]", (json_int_t)pair[0], (json_int_t)pair[1]));
}

/* What its kind uses, see layers.def and qst_layer. */
static bool describe_layer(const qst_layer *layer, json_t *json)
{
    qst_layer_kind kind = layer->kind;
    bool is_conv = kind == QST_LAYER_conv, ok = qsti_json_put(json, "kind", json_string(qst_layer_kind_name(kind)));
    if (kind == QST_LAYER_dense || is_conv)
        ok = ok && qsti_json_put(json, "size", json_integer((json_int_t)layer->size));
    if (is_conv || kind == QST_LAYER_max_pool || kind == QST_LAYER_avg_pool)
        ok = ok && put_pair(json, "kernel", layer->kernel) && put_pair(json, "stride", layer->stride) &&
             put_pair(json, "padding", layer->padding);
    if (kind == QST_LAYER_dropout || kind == QST_LAYER_leaky_relu)
        ok = ok && qsti_json_put(json, "rate", json_real(layer->rate));
    if (kind == QST_LAYER_batch_norm)
        ok = ok && qsti_json_put(json, "epsilon", json_real(layer->epsilon)) &&
             qsti_json_put(json, "momentum", json_real(layer->momentum));
    return ok;
}

qst_status qsti_network_to_json(qst_ctx *ctx, const qsti_network_spec *spec, json_t **out)
{
    json_t *layers = json_array();
    bool ok = layers != NULL;
    for (size_t i = 0; i < spec->n_layers && ok; i++) {
        json_t *layer = json_object();
        ok = layer != NULL && describe_layer(&spec->layers[i], layer) && json_array_append(layers, layer) == 0;
        json_decref(layer);
    }
    *out = !ok ? NULL
               : json_pack("{s: [I, I, I], s: O}", "input", (json_int_t)spec->input.channels,
                           (json_int_t)spec->input.height, (json_int_t)spec->input.width, "layers", layers);
    json_decref(layers);
    return *out != NULL ? QST_OK : qsti_fail(ctx, QST_ERR_MEMORY, "out of memory");
}

/* A list of n whole numbers. */
static qst_status read_counts(qst_ctx *ctx, const char *where, const json_t *json, const char *key, size_t n,
                              size_t *out)
{
    json_t *list = NULL;
    qst_status status = qsti_json_get_array(ctx, where, json, key, &list);
    if (status == QST_OK && json_array_size(list) != n)
        return qsti_fail(ctx, QST_ERR_DAMAGED, "%s: %s has %zu values, not %zu", where, key, json_array_size(list), n);
    for (size_t i = 0; i < n && status == QST_OK; i++) {
        const json_t *item = json_array_get(list, i);
        json_int_t value = json_integer_value(item);
        if (!json_is_integer(item) || value < 0 || value > (json_int_t)1 << 30)
            return qsti_fail(ctx, QST_ERR_DAMAGED, "%s: %s[%zu] is not an integer in 0..2^30", where, key, i);
        out[i] = (size_t)value;
    }
    return status;
}

static qst_status read_layer(qst_ctx *ctx, const char *where, const json_t *json, qst_layer *out)
{
    qst_status status = QST_OK;
    const char *name = NULL;
    int64_t size = 0;
    qst_layer layer = {0};
    QSTI_TRY(qsti_json_get_string(ctx, where, json, "kind", &name));
    if (!qst_layer_kind_find(name, &layer.kind))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: layers: \"%s\" is not a kind of layer", where, name));
    bool is_conv = layer.kind == QST_LAYER_conv;
    if (layer.kind == QST_LAYER_dense || is_conv)
        QSTI_TRY(qsti_json_get_i64(ctx, where, json, "size", 1, 1 << 30, &size));
    layer.size = (size_t)size;
    if (is_conv || layer.kind == QST_LAYER_max_pool || layer.kind == QST_LAYER_avg_pool) {
        QSTI_TRY(read_counts(ctx, where, json, "kernel", 2, layer.kernel));
        QSTI_TRY(read_counts(ctx, where, json, "stride", 2, layer.stride));
        QSTI_TRY(read_counts(ctx, where, json, "padding", 2, layer.padding));
    }
    if (layer.kind == QST_LAYER_dropout || layer.kind == QST_LAYER_leaky_relu)
        QSTI_TRY(qsti_json_get_double(ctx, where, json, "rate", &layer.rate));
    if (layer.kind == QST_LAYER_batch_norm) {
        QSTI_TRY(qsti_json_get_double(ctx, where, json, "epsilon", &layer.epsilon));
        QSTI_TRY(qsti_json_get_double(ctx, where, json, "momentum", &layer.momentum));
    }
    *out = layer;
done:
    return status;
}

qst_status qsti_network_from_json(qst_ctx *ctx, const char *where, const json_t *json, qsti_network_spec *out,
                                  qst_layer **out_layers)
{
    qst_status status = QST_OK;
    json_t *list = NULL;
    qst_layer *layers = NULL;
    size_t input[3];
    QSTI_TRY(read_counts(ctx, where, json, "input", 3, input));
    QSTI_TRY(qsti_json_get_array(ctx, where, json, "layers", &list));
    size_t n = json_array_size(list);
    QSTI_TRY(QSTI_NEW(ctx, n, &layers));
    for (size_t i = 0; i < n; i++)
        QSTI_TRY(read_layer(ctx, where, json_array_get(list, i), &layers[i]));
    *out = (qsti_network_spec){{input[0], input[1], input[2]}, layers, n};
    *out_layers = layers;
    layers = NULL;
done:
    qsti_free(ctx, layers);
    return status;
}

static qst_status network_describe(const qst_model *model, json_t *json)
{
    qst_status status = QST_OK;
    json_t *network = NULL;
    bool single = qsti_network_precision(network_of(model)) == QST_SINGLE;
    QSTI_TRY(qsti_network_to_json(model->ctx, qsti_network_spec_of(network_of(model)), &network));
    if (!qsti_json_put(json, "precision", json_string(single ? "single" : "double")) ||
        !qsti_json_put(json, "network", json_incref(network)))
        QSTI_TRY(qsti_fail(model->ctx, QST_ERR_MEMORY, "out of memory"));
done:
    json_decref(network);
    return status;
}

static const qsti_model_type network_type = {
    .kind = "network",
    .initialize = network_initialize,
    .evaluate = network_evaluate,
    .gradient = network_gradient,
    .gradient_whole = network_gradient_whole,
    .begin_step = network_begin_step,
    .end_step = network_end_step,
    .measure = network_measure,
    .describe = network_describe,
    .release = network_release,
};

const qsti_network_spec *qsti_model_network(const qst_model *model)
{
    return model->type == &network_type ? qsti_network_spec_of(network_of(model)) : NULL;
}

/* --- making one --------------------------------------------------------------------------------------------------- */

qst_status qsti_model_network_create(qst_ctx *ctx, const qsti_network_spec *spec, qst_precision precision,
                                     qst_model **out)
{
    qst_status status = QST_OK;
    qst_model *model = NULL;
    network_model *inside = NULL;
    qsti_network *network = NULL;
    QSTI_TRY(qsti_network_create(ctx, spec, precision, &network));
    size_t n_trained = qsti_network_trained(network), n_buffers = qsti_network_buffers(network);
    QSTI_TRY(qsti_model_allocate(ctx, &network_type, qsti_network_inputs(network), qsti_network_outputs(network),
                                 n_trained + n_buffers, QST_SCORE_logit, &model));
    model->n_trained = n_trained;
    model->is_random = qsti_network_is_random(network);
    QSTI_TRY(QSTI_NEW(ctx, 1, &inside));
    inside->network = network;
    model->inside = inside;
    network = NULL;
    qst_model_initialize(model, 0);
    *out = model;
    model = NULL;
done:
    qsti_network_free(network);
    qst_model_free(model);
    return status;
}

qst_status qsti_model_network_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_model **out)
{
    qst_status status = QST_OK;
    const char *precision = NULL;
    qsti_network_spec spec = {0};
    qst_layer *layers = NULL;
    qsti_layer_place *places = NULL;
    size_t n_trained = 0, n_buffers = 0;
    QSTI_TRY(qsti_json_get_string(ctx, where, json, "precision", &precision));
    if (strcmp(precision, "single") != 0 && strcmp(precision, "double") != 0)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: precision: \"%s\" is not single or double", where, precision));
    QSTI_TRY(qsti_network_from_json(ctx, where, json_object_get(json, "network"), &spec, &layers));
    status = qsti_network_places(ctx, &spec, &places, &n_trained, &n_buffers);
    if (status == QST_ERR_USAGE || status == QST_ERR_LIMIT)
        status = qsti_fail_within(ctx, QST_ERR_DAMAGED, "%s", where);
    QSTI_TRY(status);
    QSTI_TRY(qsti_model_check_weights(ctx, where, json, n_trained + n_buffers));
    QSTI_TRY(qsti_model_network_create(ctx, &spec, strcmp(precision, "single") == 0 ? QST_SINGLE : QST_DOUBLE, out));
done:
    qsti_free(ctx, places);
    qsti_free(ctx, layers);
    return status;
}

/* model_create.c: models by options: the layers that `mlp` and `cnn` stand for, and the parts of a hybrid. */
#include <math.h>
#include <string.h>

#include "learn/model_fourier.h"
#include "learn/model_probe.h"

/* --- lists of layers ---------------------------------------------------------------------------------------------- */

/* Layers one after the other, with room for all that are added. */
typedef struct layer_list {
    qst_layer *layers;
    size_t n;
} layer_list;

static void add_layer(layer_list *list, qst_layer layer)
{
    list->layers[list->n++] = layer;
}

/* What follows a layer with weights. */
static void add_tail(layer_list *list, const qst_network_opts *opts, double dropout)
{
    qst_layer_kind activation = QST_LAYER_relu;
    if (opts->activation != NULL)
        qst_layer_kind_find(opts->activation, &activation);
    if (opts->batch_norm)
        add_layer(list, (qst_layer){.kind = QST_LAYER_batch_norm});
    add_layer(list,
              (qst_layer){.kind = activation, .rate = activation == QST_LAYER_leaky_relu ? QST_LEAKY_RELU_RATE : 0});
    if (dropout > 0)
        add_layer(list, (qst_layer){.kind = QST_LAYER_dropout, .rate = dropout});
}

static void add_hidden(layer_list *list, const qst_network_opts *opts)
{
    for (size_t i = 0; i < opts->n_hidden; i++) {
        add_layer(list, (qst_layer){.kind = QST_LAYER_dense, .size = opts->hidden[i]});
        add_tail(list, opts, opts->dropout);
    }
}

static void add_convolutions(layer_list *list, const qst_network_opts *opts)
{
    for (size_t i = 0; i < opts->n_channels; i++) {
        size_t side = opts->kernel, padding = side / 2;
        add_layer(list, (qst_layer){.kind = QST_LAYER_conv,
                                    .size = opts->channels[i],
                                    .kernel = {side, side},
                                    .padding = {padding, padding}});
        add_tail(list, opts, 0);
        add_layer(list, (qst_layer){.kind = QST_LAYER_max_pool, .kernel = {2, 2}});
    }
    add_layer(list, (qst_layer){.kind = QST_LAYER_flatten});
}

static qst_status check_activation(qst_ctx *ctx, const char *name)
{
    static const char *const names[] = {"relu", "leaky_relu", "gelu", "tanh", "sigmoid"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (name == NULL || strcmp(name, names[i]) == 0)
            return QST_OK;
    return qsti_fail(ctx, QST_ERR_USAGE, "activation: \"%s\" is not one of relu, leaky_relu, gelu, tanh, sigmoid",
                     name);
}

static bool has_images(const qst_layer *layers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (layers[i].kind == QST_LAYER_conv || layers[i].kind == QST_LAYER_max_pool ||
            layers[i].kind == QST_LAYER_avg_pool || layers[i].kind == QST_LAYER_global_avg_pool)
            return true;
    return false;
}

/* The shape of a row: as the options say, for layers that look at images a square of one channel, else features. */
static qst_status input_shape(qst_ctx *ctx, const qst_network_opts *opts, size_t n_features, bool images,
                              qsti_shape *out)
{
    if (opts->n_image > 0 && opts->n_image != 3)
        return qsti_fail(ctx, QST_ERR_USAGE, "image: %zu values are not [channels, height, width]", opts->n_image);
    if (opts->n_image > 0) {
        qsti_shape shape = {opts->image[0], opts->image[1], opts->image[2]};
        size_t rows = 0, size = 0;
        if (!qsti_mul(shape.channels, shape.height, &rows) || !qsti_mul(rows, shape.width, &size) || size != n_features)
            return qsti_fail(ctx, QST_ERR_MISMATCH, "image: [%zu, %zu, %zu] does not have %zu values, the features",
                             shape.channels, shape.height, shape.width, n_features);
        *out = shape;
        return QST_OK;
    }
    size_t side = (size_t)llround(sqrt((double)n_features));
    if (images && side * side != n_features) {
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "image: %zu features are no square image: [channels, height, width] "
                         "says what they are",
                         n_features);
    }
    *out = images ? (qsti_shape){1, side, side} : (qsti_shape){n_features, 1, 1};
    return QST_OK;
}

/* --- networks ----------------------------------------------------------------------------------------------------- */

static qst_status create_network(qst_ctx *ctx, const qst_model_opts *opts, size_t n_features, size_t n_scores,
                                 qst_model **out)
{
    qst_status status = QST_OK;
    const qst_network_opts *network = &opts->network;
    bool is_cnn = strcmp(opts->kind, "cnn") == 0, is_mlp = strcmp(opts->kind, "mlp") == 0;
    layer_list list = {0};
    qsti_network_spec spec = {0};
    QSTI_TRY(check_activation(ctx, network->activation));
    QSTI_TRY(QSTI_NEW(ctx, network->n_layers + 5 * (network->n_hidden + network->n_channels) + 2, &list.layers));
    if (is_cnn)
        add_convolutions(&list, network);
    if (is_cnn || is_mlp)
        add_hidden(&list, network);
    for (size_t i = 0; i < network->n_layers && !is_cnn && !is_mlp; i++)
        add_layer(&list, network->layers[i]);
    add_layer(&list, (qst_layer){.kind = QST_LAYER_dense, .size = n_scores});
    spec.layers = list.layers;
    spec.n_layers = list.n;
    QSTI_TRY(input_shape(ctx, network, n_features, has_images(list.layers, list.n), &spec.input));
    QSTI_TRY(qsti_model_network_create(ctx, &spec, opts->precision, out));
done:
    qsti_free(ctx, list.layers);
    return status;
}

/* --- circuits and hybrids ----------------------------------------------------------------------------------------- */

static qst_status create_before(qst_ctx *ctx, const qst_model_opts *opts, size_t n_features, qsti_network **out)
{
    qsti_network_spec spec = {.layers = opts->before, .n_layers = opts->n_before};
    qst_status status =
        input_shape(ctx, &opts->network, n_features, has_images(opts->before, opts->n_before), &spec.input);
    return status == QST_OK ? qsti_network_create(ctx, &spec, opts->precision, out) : status;
}

static qst_status create_after(qst_ctx *ctx, const qst_model_opts *opts, size_t n_values, size_t n_scores,
                               qsti_network **out)
{
    qst_status status = QST_OK;
    layer_list list = {0};
    QSTI_TRY(QSTI_NEW(ctx, opts->n_after + 1, &list.layers));
    for (size_t i = 0; i < opts->n_after; i++)
        add_layer(&list, opts->after[i]);
    add_layer(&list, (qst_layer){.kind = QST_LAYER_dense, .size = n_scores});
    const qsti_network_spec spec = {{n_values, 1, 1}, list.layers, list.n};
    QSTI_TRY(qsti_network_create(ctx, &spec, opts->precision, out));
done:
    qsti_free(ctx, list.layers);
    return status;
}

/* The circuit with its readout and head; with a network behind it the outputs are the scores. */
static qst_status create_circuit(qst_ctx *ctx, const qst_model_opts *opts, size_t n_features, size_t n_scores,
                                 qst_model **out)
{
    static const char *const default_outputs[] = {"z"};
    qst_status status = QST_OK;
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    qst_circuit_opts circuit_opts = opts->circuit;
    circuit_opts.features = n_features;
    QSTI_TRY(qst_circuit_template(ctx, &circuit_opts, &circuit));
    QSTI_TRY(qst_readout_parse(ctx, circuit_opts.qubits, opts->outputs ? opts->outputs : default_outputs,
                               opts->outputs ? opts->n_outputs : 1, n_scores, &readout));
    bool is_cut = opts->n_after > 0;
    QSTI_TRY(qst_model_from_circuit(ctx, circuit, readout, is_cut ? QST_HEAD_none : opts->head,
                                    is_cut ? qst_readout_outputs(readout) : n_scores, opts->precision, out));
    circuit = NULL;
    readout = NULL;
done:
    qst_circuit_free(circuit);
    qst_readout_free(readout);
    return status;
}

static qst_status create_hybrid(qst_ctx *ctx, const qst_model_opts *opts, size_t n_features, size_t n_scores,
                                qst_model **out)
{
    qst_status status = QST_OK;
    qst_model *core = NULL;
    qsti_network *before = NULL, *after = NULL;
    if (opts->n_before > 0) {
        QSTI_TRY(create_before(ctx, opts, n_features, &before));
        n_features = qsti_network_outputs(before);
    }
    QSTI_TRY(create_circuit(ctx, opts, n_features, n_scores, &core));
    if (opts->n_after > 0)
        QSTI_TRY(create_after(ctx, opts, core->n_scores, n_scores, &after));
    QSTI_TRY(qsti_model_hybrid_create(ctx, core, before, after, out));
    core = NULL;
    before = after = NULL;
done:
    qst_model_free(core);
    qsti_network_free(before);
    qsti_network_free(after);
    return status;
}

/* The model inside, then the probe around it. */
static qst_status create_probe(qst_ctx *ctx, const qst_model_opts *opts, size_t n_features, size_t n_scores,
                               qst_model **out)
{
    qst_model_opts inside = *opts;
    qst_model *inner = NULL;
    inside.kind = opts->inner != NULL ? opts->inner : "circuit";
    if (strcmp(inside.kind, "linear_probe") == 0)
        return qsti_fail(ctx, QST_ERR_USAGE, "linear_probe: inner: a probe has no probe inside");
    qst_status status = qst_model_create(ctx, &inside, n_features, n_scores, &inner);
    if (status == QST_OK)
        status = qsti_model_probe_create(inner, out);
    if (status != QST_OK)
        qst_model_free(inner);
    return status;
}

qst_status qst_model_create(qst_ctx *ctx, const qst_model_opts *opts, size_t n_features, size_t n_scores,
                            qst_model **out)
{
    static const char *const networks[] = {"network", "mlp", "cnn"};
    const char *kind = opts->kind != NULL ? opts->kind : "circuit";
    if (strcmp(kind, "logistic") == 0)
        return qsti_model_logistic_create(ctx, n_features, n_scores, out);
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
        if (strcmp(kind, networks[i]) == 0)
            return create_network(ctx, opts, n_features, n_scores, out);
    if (strcmp(kind, "linear_probe") == 0)
        return create_probe(ctx, opts, n_features, n_scores, out);
    if (qsti_model_kind_is_fitted(kind))
        return qsti_fail(ctx, QST_ERR_USAGE, "model: %s is made from what a teacher says, as a student", kind);
    if (strcmp(kind, "circuit") != 0)
        return qsti_fail(ctx, QST_ERR_USAGE,
                         "model: \"%s\" is not one of circuit, logistic, network, mlp, cnn, linear_probe", kind);
    return opts->n_before + opts->n_after > 0 ? create_hybrid(ctx, opts, n_features, n_scores, out)
                                              : create_circuit(ctx, opts, n_features, n_scores, out);
}

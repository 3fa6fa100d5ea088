/* network.c: networks: their two engines, one that trains and one that infers in double, and their running statistics.
 * Passes are in network_run.c. */
#include "net/network_parts.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"

/* --- life --------------------------------------------------------------------------------------------------------- */

qst_status qsti_network_create(qst_ctx *ctx, const qsti_network_spec *spec, qst_precision precision, qsti_network **out)
{
    qst_status status = QST_OK;
    qsti_network *network = NULL;
    qst_layer *layers = NULL;
    QSTI_TRY(QSTI_NEW(ctx, 1, &network));
    network->ctx = ctx;
    network->precision = precision;
    QSTI_TRY(qsti_network_places(ctx, spec, &network->places, &network->n_trained, &network->n_buffers));
    QSTI_TRY(QSTI_NEW(ctx, spec->n_layers, &layers));
    for (size_t i = 0; i < spec->n_layers; i++) {
        layers[i] = network->places[i].layer;
        network->is_random =
            network->is_random || layers[i].kind == QST_LAYER_dropout || layers[i].kind == QST_LAYER_batch_norm;
    }
    network->spec = (qsti_network_spec){spec->input, layers, spec->n_layers};
    network->layers = layers;
    layers = NULL;
    QSTI_TRY(qsti_engine_create(ctx, network->places, spec->n_layers, qsti_network_kernels_double(), false,
                                &network->inference));
    QSTI_TRY(qsti_engine_create(ctx, network->places, spec->n_layers,
                                precision == QST_SINGLE ? qsti_network_kernels_single() : qsti_network_kernels_double(),
                                true, &network->training));
    *out = network;
    network = NULL;
done:
    qsti_free(ctx, layers);
    qsti_network_free(network);
    return status;
}

void qsti_network_free(qsti_network *network)
{
    if (network == NULL)
        return;
    qsti_engine_free(network->inference);
    qsti_engine_free(network->training);
    qsti_free(network->ctx, network->places);
    qsti_free(network->ctx, network->layers);
    qsti_free(network->ctx, network);
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

const qsti_network_spec *qsti_network_spec_of(const qsti_network *network)
{
    return &network->spec;
}

qst_precision qsti_network_precision(const qsti_network *network)
{
    return network->precision;
}

size_t qsti_network_inputs(const qsti_network *network)
{
    return qsti_shape_size(network->spec.input);
}

size_t qsti_network_outputs(const qsti_network *network)
{
    return qsti_shape_size(network->places[network->spec.n_layers - 1].out);
}

size_t qsti_network_trained(const qsti_network *network)
{
    return network->n_trained;
}

size_t qsti_network_buffers(const qsti_network *network)
{
    return network->n_buffers;
}

bool qsti_network_is_random(const qsti_network *network)
{
    return network->is_random;
}

/* --- initial weights ---------------------------------------------------------------------------------------------- */

/* Whether values that come out of layer `index` are cut or bent at 0 before other weights take them. */
static bool is_rectified(const qsti_network *network, size_t index)
{
    for (size_t i = index + 1; i < network->spec.n_layers; i++) {
        switch (network->layers[i].kind) {
        case QST_LAYER_relu:
        case QST_LAYER_leaky_relu:
        case QST_LAYER_gelu:
            return true;
        case QST_LAYER_dense:
        case QST_LAYER_conv:
        case QST_LAYER_tanh:
        case QST_LAYER_sigmoid:
            return false;
        default:
            break;
        }
    }
    return false;
}

void qsti_network_initialize(const qsti_network *network, uint64_t seed, double *trained, double *buffers)
{
    for (size_t i = 0; i < network->spec.n_layers; i++) {
        const qsti_layer_place *place = &network->places[i];
        double *w = trained + place->weights;
        size_t n_out = place->layer.size;
        if (place->layer.kind == QST_LAYER_batch_norm) {
            for (size_t c = 0; c < place->in.channels; c++) {
                w[c] = 1;
                w[place->in.channels + c] = 0;
                buffers[place->buffers + c] = 0;
                buffers[place->buffers + place->in.channels + c] = 1;
            }
            continue;
        }
        if (place->n_weights == 0)
            continue;
        qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_NETWORK, (uint32_t)i, 0);
        size_t n_in = place->n_weights / n_out - 1;
        double width = sqrt((is_rectified(network, i) ? 6.0 : 1.0) / (double)n_in), start = sqrt(1.0 / (double)n_in);
        for (size_t k = 0; k < n_out * n_in; k++)
            w[k] = width * (2 * qsti_rng_uniform(&rng) - 1);
        for (size_t k = 0; k < n_out; k++)
            w[n_out * n_in + k] = start * (2 * qsti_rng_uniform(&rng) - 1);
    }
}

/* --- running statistics ------------------------------------------------------------------------------------------- */

void qsti_network_settle(const qsti_network *network, double *buffers)
{
    const qsti_engine *engine = network->training;
    const qsti_norms *norms = &engine->norms;
    for (size_t i = 0; i < engine->n_layers; i++) {
        const qsti_engine_layer *layer = &engine->layers[i];
        if (layer->at.layer.kind != QST_LAYER_batch_norm || norms->count[layer->channels] == 0)
            continue;
        size_t channels = layer->at.in.channels;
        double *mean = buffers + layer->at.buffers, *variance = mean + channels, share = layer->at.layer.momentum;
        for (size_t c = 0; c < channels; c++) {
            double count = norms->count[layer->channels + c];
            double correction = count > 1 ? count / (count - 1) : 1;
            mean[c] += share * (norms->mean[layer->channels + c] - mean[c]);
            variance[c] += share * (correction * norms->variance[layer->channels + c] - variance[c]);
        }
    }
}

void qsti_network_begin_step(qsti_network *network, uint64_t seed, uint64_t step)
{
    network->training->seed = seed;
    network->training->step = step;
}

/* onnx_network.c: see onnx_network.h. Weights lie [trained | buffers], each part in the order of the layers. */
#include "import/onnx_network.h"

#include <string.h>

#include "learn/softmax.h"

#define ROWS_AT_A_TIME 4096

/* --- from a chain to a model -------------------------------------------------------------------------------------- */

static qst_status set_weights(const qsti_onnx_chain *chain, qst_model *model)
{
    qst_status status = QST_OK;
    double *weights = NULL;
    size_t trained = 0, buffers = model->n_trained;
    QSTI_TRY(QSTI_NEW(chain->ctx, model->n_weights, &weights));
    for (size_t i = 0; i < chain->n_layers; i++) {
        const qsti_onnx_layer *layer = &chain->layers[i];
        if (layer->n_trained > model->n_trained - trained || layer->n_buffers > model->n_weights - buffers)
            QSTI_TRY(qsti_fail(chain->ctx, QST_ERR_INTERNAL, "%s: layer %zu has more weights than its network",
                               chain->graph->onnx->path, i));
        if (layer->n_trained > 0)
            memcpy(weights + trained, layer->trained, layer->n_trained * sizeof *weights);
        if (layer->n_buffers > 0)
            memcpy(weights + buffers, layer->buffers, layer->n_buffers * sizeof *weights);
        trained += layer->n_trained;
        buffers += layer->n_buffers;
    }
    if (trained != model->n_trained || buffers != model->n_weights)
        QSTI_TRY(qsti_fail(chain->ctx, QST_ERR_INTERNAL, "%s: %zu weights for a network of %zu",
                           chain->graph->onnx->path, trained, model->n_trained));
    QSTI_TRY(qst_model_set_weights(model, weights, model->n_weights));
done:
    qsti_free(chain->ctx, weights);
    return status;
}

static qst_status make_model(const qsti_onnx_chain *chain, qst_model **out)
{
    qst_status status = QST_OK;
    qst_layer *layers = NULL;
    qst_model *model = NULL;
    QSTI_TRY(QSTI_NEW(chain->ctx, chain->n_layers, &layers));
    for (size_t i = 0; i < chain->n_layers; i++)
        layers[i] = chain->layers[i].layer;
    const qsti_network_spec spec = {.input = chain->input, .layers = layers, .n_layers = chain->n_layers};
    status = qsti_model_network_create(chain->ctx, &spec, QST_DOUBLE, &model);
    if (status == QST_ERR_USAGE) /* a network that we cannot have, in somebody else's file */
        status = qsti_fail_within(chain->ctx, QST_ERR_UNSUPPORTED, "%s", chain->graph->onnx->path);
    QSTI_TRY(status);
    QSTI_TRY(set_weights(chain, model));
    *out = model;
    model = NULL;
done:
    qst_model_free(model);
    qsti_free(chain->ctx, layers);
    return status;
}

qst_status qsti_onnx_network_create(const qsti_onnx_graph *graph, qsti_onnx_network *out)
{
    qst_status status = QST_OK;
    qsti_onnx_chain chain = {.ctx = NULL};
    QSTI_TRY(qsti_onnx_chain_build(graph, &chain));
    qsti_onnx_network network = {
        .n_raw = chain.n_raw, .n_scores = qsti_onnx_chain_scores(&chain), .final = chain.final};
    QSTI_TRY(make_model(&chain, &network.model));
    network.input_order = chain.input_order;
    chain.input_order = NULL;
    *out = network;
done:
    qsti_onnx_chain_clear(&chain);
    return status;
}

void qsti_onnx_network_clear(qst_ctx *ctx, qsti_onnx_network *network)
{
    qst_model_free(network->model);
    qsti_free(ctx, network->input_order);
    *network = (qsti_onnx_network){0};
}

/* --- scores ------------------------------------------------------------------------------------------------------- */

/* What the graph's end makes of a row of the network's outputs, in place; BINARY makes two numbers of one. */
static void finish_row(qsti_final final, double *row, size_t n_scores)
{
    switch (final) {
    case QSTI_FINAL_SOFTMAX:
    case QSTI_FINAL_LOG_SOFTMAX:
        qsti_log_softmax(row, n_scores, 1.0, row);
        for (size_t c = 0; c < n_scores && final == QSTI_FINAL_SOFTMAX; c++)
            row[c] = exp(row[c]);
        break;
    case QSTI_FINAL_SIGMOID:
        row[0] = 1 / (1 + exp(-row[0]));
        break;
    case QSTI_FINAL_BINARY: {
        double z = row[0];
        row[0] = 1 / (1 + exp(z));
        row[1] = 1 / (1 + exp(-z));
        break;
    }
    case QSTI_FINAL_NONE:
        break;
    }
}

static void gather_rows(const qsti_onnx_network *network, qst_const_matrix raw, size_t first, qst_matrix rows)
{
    size_t n = network->n_raw;
    for (size_t i = 0; i < rows.n_rows; i++) {
        const double *from = raw.data + (first + i) * n;
        for (size_t j = 0; j < n; j++)
            rows.data[i * n + j] = from[network->input_order != NULL ? network->input_order[j] : j];
    }
}

qst_status qsti_onnx_network_scores(qsti_onnx_network *network, qst_const_matrix raw, qst_matrix out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = network->model->ctx;
    size_t n_most = raw.n_rows < ROWS_AT_A_TIME ? raw.n_rows : ROWS_AT_A_TIME, n_outputs = network->model->n_scores;
    double *rows = NULL, *outputs = NULL;
    QSTI_TRY(QSTI_NEW(ctx, n_most * network->n_raw, &rows));
    QSTI_TRY(QSTI_NEW(ctx, n_most * n_outputs, &outputs));
    for (size_t first = 0; first < raw.n_rows; first += n_most) {
        size_t n = raw.n_rows - first < n_most ? raw.n_rows - first : n_most;
        qst_matrix x = {rows, n, network->n_raw}, y = {outputs, n, n_outputs};
        QSTI_TRY(qsti_check_interrupt(ctx));
        gather_rows(network, raw, first, x);
        QSTI_TRY(qst_model_scores(network->model, qst_const_view(x), y));
        for (size_t i = 0; i < n; i++) {
            double *row = out.data + (first + i) * network->n_scores;
            memcpy(row, outputs + i * n_outputs, n_outputs * sizeof *row);
            finish_row(network->final, row, network->n_scores);
        }
        qsti_progress(ctx, &(qst_progress){"scores", (double)(first + n), (double)raw.n_rows, NAN});
    }
done:
    qsti_free(ctx, rows);
    qsti_free(ctx, outputs);
    return status;
}

/* --- to be trained on --------------------------------------------------------------------------------------------- */

/* The last layer w x + b, of one output, gives two: 0, and what it gave. */
static qst_status make_two(qsti_onnx_chain *chain)
{
    qsti_onnx_layer *last = &chain->layers[chain->n_layers - 1];
    double *trained = NULL;
    if (last->layer.kind != QST_LAYER_dense)
        return qsti_fail(chain->ctx, QST_ERR_UNSUPPORTED, "%s: cannot be trained on: its one score is no dense layer's",
                         chain->graph->onnx->path);
    qst_status status = QSTI_NEW(chain->ctx, 2 * last->n_trained, &trained);
    if (status != QST_OK)
        return status;
    size_t n_in = last->n_trained - 1;
    memcpy(trained + n_in, last->trained, n_in * sizeof *trained);
    trained[2 * n_in + 1] = last->trained[n_in];
    qsti_free(chain->ctx, last->trained);
    last->trained = trained;
    last->n_trained *= 2;
    last->layer.size = 2;
    return QST_OK;
}

qst_status qsti_onnx_network_trainable(const qsti_onnx_graph *graph, qst_model **out)
{
    qst_status status = QST_OK;
    qsti_onnx_chain chain = {.ctx = NULL};
    QSTI_TRY(qsti_onnx_chain_build(graph, &chain));
    if (chain.input_order != NULL)
        QSTI_TRY(qsti_fail(chain.ctx, QST_ERR_UNSUPPORTED,
                           "%s: cannot be trained on: its images have their channels last, ours have them first",
                           graph->onnx->path));
    if (qsti_shape_size(chain.end) == 1)
        QSTI_TRY(make_two(&chain));
    QSTI_TRY(make_model(&chain, out));
done:
    qsti_onnx_chain_clear(&chain);
    return status;
}

/* onnx_network.h: an ONNX graph as a network of our own. */
#ifndef QSTI_IMPORT_ONNX_NETWORK_H
#define QSTI_IMPORT_ONNX_NETWORK_H

#include "import/onnx_chain.h"
#include "learn/model.h"

typedef struct qsti_onnx_network {
    qst_model *model; /* its scores are what the graph has before `final` */
    size_t n_raw, n_scores;
    size_t *input_order; /* (n_raw): feature i of the model is raw feature input_order[i]; NULL: the same */
    qsti_final final;
} qsti_onnx_network;

/* What the file's weights make. Errors: ERR_UNSUPPORTED with the operator that is not covered, ERR_INPUT, ERR_SYSTEM,
 * ERR_MEMORY. Cost: the weights once as doubles. */
qst_status qsti_onnx_network_create(const qsti_onnx_graph *graph, qsti_onnx_network *out);
void qsti_onnx_network_clear(qst_ctx *ctx, qsti_onnx_network *network);

/* The graph's own scores (N, n_scores) of raw inputs (N, n_raw). */
qst_status qsti_onnx_network_scores(qsti_onnx_network *network, qst_const_matrix raw, qst_matrix out);

/* A model whose scores are logits, one a class, so that it can be trained on: of one output z, scores (0, z). The
 * caller's. Errors: also ERR_UNSUPPORTED for inputs in another order than ours. */
qst_status qsti_onnx_network_trainable(const qsti_onnx_graph *graph, qst_model **out);

#endif

/* onnx_prune.h: an ONNX model cut down to what its scores need, for a runtime that would refuse the rest. */
#ifndef QSTI_IMPORT_ONNX_PRUNE_H
#define QSTI_IMPORT_ONNX_PRUNE_H

#include "import/onnx_chain.h"

/* The model as bytes with the live nodes and the scores alone, where a list of dictionaries is a tensor again;
 * *out_bytes NULL: it has nothing to cut, or cannot be cut (subgraphs, weights in further files). Free with
 * qsti_free(). Errors: ERR_MEMORY. */
qst_status qsti_onnx_prune(const qsti_onnx_graph *graph, unsigned char **out_bytes, size_t *out_n_bytes);

/* What the graph's last node makes of the scores, seen from the node alone. */
qsti_final qsti_onnx_ending(const qsti_onnx_graph *graph);

#endif

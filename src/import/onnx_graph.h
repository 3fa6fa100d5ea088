/* onnx_graph.h: which node of an ONNX graph makes what, and which of them the scores need. */
#ifndef QSTI_IMPORT_ONNX_GRAPH_H
#define QSTI_IMPORT_ONNX_GRAPH_H

#include "import/onnx_file.h"

/* Where a value comes from. */
typedef enum qsti_onnx_origin {
    QSTI_ONNX_INPUT,
    QSTI_ONNX_INITIALIZER,
    QSTI_ONNX_SPARSE, /* a sparse initializer */
    QSTI_ONNX_NODE
} qsti_onnx_origin;

typedef struct qsti_onnx_name {
    const char *name;
    qsti_onnx_origin origin;
    size_t index;  /* of the input, the initializer or the node */
    size_t slot;   /* of the node's outputs */
    size_t n_uses; /* by live nodes, and as the graph's output */
} qsti_onnx_name;

#define QSTI_ONNX_MAX_AXES 8

/* Everything is borrowed from the file but for the two arrays. */
typedef struct qsti_onnx_graph {
    const qsti_onnx *onnx;
    const QstiOnnx__GraphProto *proto;
    qsti_onnx_name *names; /* (n_names), by name */
    size_t n_names;
    bool *is_live;               /* (n_node): the scores need it */
    const qsti_onnx_name *input; /* the one input of the live nodes */
    const qsti_onnx_name *scores;
    size_t n_axes;                    /* of the input, the batch among them; 0: not said */
    int64_t axes[QSTI_ONNX_MAX_AXES]; /* -1: not fixed */
    int32_t element;                  /* the input's element type */
} qsti_onnx_graph;

/* Errors: ERR_INPUT (a value that nobody makes, or that is used before it is made, or made twice), ERR_UNSUPPORTED (not
 * one input; several outputs that may be scores), ERR_MEMORY. */
qst_status qsti_onnx_graph_create(const qsti_onnx *onnx, qsti_onnx_graph *out);
void qsti_onnx_graph_clear(qsti_onnx_graph *graph);

/* The value of a name; NULL: there is none. */
const qsti_onnx_name *qsti_onnx_graph_find(const qsti_onnx_graph *graph, const char *name);

/* "Conv", and outside ai.onnx "ai.onnx.ml.Scaler". */
#define QSTI_ONNX_OPERATOR_BYTES 128
void qsti_onnx_operator(const QstiOnnx__NodeProto *node, char out[QSTI_ONNX_OPERATOR_BYTES]);

/* An attribute of a node, NULL: not given. */
const QstiOnnx__AttributeProto *qsti_onnx_attribute(const QstiOnnx__NodeProto *node, const char *name);

#endif

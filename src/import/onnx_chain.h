/* onnx_chain.h: an ONNX graph as a chain of layers of our own, built node by node.
 *
 * Each value of the graph is a constant, a shape (whole numbers, with a mark for the batch), or data: what the first
 * n_layers layers of the chain give, seen through a view, and perhaps something small on top that has not become a
 * layer yet: a scaling and a shift, or an error function on its way to a GELU. Only the end of the chain can be built
 * on: graphs that branch are refused, with the operator's name.
 */
#ifndef QSTI_IMPORT_ONNX_CHAIN_H
#define QSTI_IMPORT_ONNX_CHAIN_H

#include <math.h>

#include "import/onnx_graph.h"
#include "import/onnx_tensor.h"
#include "import/onnx_view.h"
#include "net/network.h"

typedef enum qsti_value_kind {
    QSTI_VALUE_NONE,
    QSTI_VALUE_DATA,
    QSTI_VALUE_CONSTANT,
    QSTI_VALUE_SHAPE
} qsti_value_kind;

/* What the last node makes of the network's outputs. */
typedef enum qsti_final {
    QSTI_FINAL_NONE,
    QSTI_FINAL_SOFTMAX,
    QSTI_FINAL_LOG_SOFTMAX,
    QSTI_FINAL_SIGMOID, /* of one output z: p = sigmoid(z) */
    QSTI_FINAL_BINARY   /* of one output z: (1 - p, p) */
} qsti_final;

#define QSTI_BATCH INT64_MIN /* in shapes: the number of rows */

typedef struct qsti_onnx_value {
    qsti_value_kind kind;
    size_t slot; /* which of its node's outputs it is */

    /* DATA, from x, what the chain's first n_layers give:
     *   is_erf false: scale x + shift (scalars, or where `scales` is given one for each place in the row)
     *   is_erf true:  scale erf(inner x) + shift */
    size_t n_layers;
    qsti_onnx_view view;
    bool is_erf, is_shared; /* is_shared: other values stand on the same x */
    double scale, shift, inner;
    double *scales, *shifts; /* (places); freed with the chain */
    qsti_final final;

    qsti_onnx_tensor tensor;             /* CONSTANT */
    size_t n_numbers;                    /* SHAPE */
    int64_t numbers[QSTI_ONNX_MAX_AXES]; /* SHAPE */
} qsti_onnx_value;

typedef struct qsti_onnx_layer {
    qst_layer layer;
    double *trained, *buffers;
    size_t n_trained, n_buffers;
} qsti_onnx_layer;

typedef struct qsti_onnx_chain {
    qst_ctx *ctx;
    const qsti_onnx_graph *graph;
    qsti_onnx_value *values; /* by the index of graph->names */
    qsti_onnx_layer *layers;
    size_t n_layers, n_raw; /* n_raw: features of a raw input */
    qsti_shape input, end;  /* of the network's input, and of what its last layer gives */
    size_t *input_order;    /* (n_raw): feature i of the network is raw feature input_order[i]; NULL: the same */
    qsti_final final;
    size_t node; /* the one under way */
} qsti_onnx_chain;

/* Errors: ERR_UNSUPPORTED with the operator that does not fit; ERR_INPUT; ERR_SYSTEM; ERR_MEMORY. */
qst_status qsti_onnx_chain_build(const qsti_onnx_graph *graph, qsti_onnx_chain *out);
void qsti_onnx_chain_clear(qsti_onnx_chain *chain);

/* Number of scores that the model gives. */
size_t qsti_onnx_chain_scores(const qsti_onnx_chain *chain);

/* --- for operators ------------------------------------------------------------------------------------------------ */

/* "model.onnx: node 3 (Conv): ..." */
qst_status qsti_onnx_fail(const qsti_onnx_chain *chain, qst_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What clang's analyzer cannot see across files: it never returns QST_OK. */
#ifdef __clang_analyzer__
#define qsti_onnx_fail(...) ((void)qsti_onnx_fail(__VA_ARGS__), QST_ERR_INTERNAL)
#endif

static inline const QstiOnnx__NodeProto *qsti_onnx_node(const qsti_onnx_chain *chain)
{
    return chain->graph->proto->node[chain->node];
}

/* Attributes of the node under way. */
int64_t qsti_onnx_integer(const qsti_onnx_chain *chain, const char *name, int64_t fallback);
double qsti_onnx_number(const qsti_onnx_chain *chain, const char *name, double fallback);
const char *qsti_onnx_word(const qsti_onnx_chain *chain, const char *name, char out[64], const char *fallback);
/* A list of whole numbers; *out_n 0: not given. Errors: ERR_UNSUPPORTED above `max`. */
qst_status qsti_onnx_integers(const qsti_onnx_chain *chain, const char *name, size_t max, int64_t *out, size_t *out_n);

/* A whole number of a constant; what is far too large for one stays large. */
static inline int64_t qsti_onnx_whole(double value)
{
    return value > 4e18 ? INT64_MAX / 2 : value < -4e18 ? -(INT64_MAX / 2) : (int64_t)value;
}

/* Inputs of the node under way. */
bool qsti_onnx_has_input(const qsti_onnx_chain *chain, size_t index);
qst_status qsti_onnx_value_of(qsti_onnx_chain *chain, size_t index, const qsti_onnx_value **out);
/* Data that is not behind a softmax. */
qst_status qsti_onnx_data(qsti_onnx_chain *chain, size_t index, const qsti_onnx_value **out);
qst_status qsti_onnx_constant(qsti_onnx_chain *chain, size_t index, const qsti_onnx_tensor **out);
/* The same data or shape for what comes behind. Errors: ERR_MEMORY. */
qst_status qsti_onnx_pass(const qsti_onnx_chain *chain, size_t index, const qsti_onnx_value *in, qsti_onnx_value *out);

/* Whether nothing lies between the chain's end and the value. */
static inline bool qsti_onnx_is_bare(const qsti_onnx_value *value)
{
    return !value->is_erf && value->scales == NULL && value->scale == 1 && value->shift == 0;
}

/* The value is what the chain ends in, and bare: a layer may follow. Decides the shape of the network's input when
 * there is no layer yet. */
qst_status qsti_onnx_settle(qsti_onnx_chain *chain, qsti_onnx_value *value);

/* Adds a layer that gives `end`; takes the arrays, also on failure. *out is its data, seen through `view`. */
qst_status qsti_onnx_add_layer(qsti_onnx_chain *chain, qsti_onnx_layer layer, qsti_shape end,
                               const qsti_onnx_view *view, qsti_onnx_value *out);

#define QSTI_ONNX_OPERATOR(domain, name, function, about) \
    qst_status qsti_onnx_##function(qsti_onnx_chain *chain, qsti_onnx_value *out);
#include "import/onnx_operators.def"
#undef QSTI_ONNX_OPERATOR

/* onnx_layers.c: z = W x + b of the node's data, W (n_out, inputs) as the graph orders the inputs; takes `trained`
 * = [W | b], also on failure. */
qst_status qsti_onnx_add_dense(qsti_onnx_chain *chain, const qsti_onnx_value *in, double *trained, size_t n_out,
                               qsti_onnx_value *out);

/* onnx_elementwise.c: m x + t for each place of the row (arrays), which are taken, also on failure; or, where they are
 * NULL, for all of them. `index`: which input of the node x is. */
qst_status qsti_onnx_rescale(qsti_onnx_chain *chain, size_t index, const qsti_onnx_value *in, double *ms, double *ts,
                             double m, double t, qsti_onnx_value *out);

/* onnx_constants.c: constants by other shapes and orders. */
qst_status qsti_onnx_constant_copy(const qsti_onnx_chain *chain, const qsti_onnx_tensor *in, const size_t *dims,
                                   size_t n_dims, qsti_onnx_value *out);
qst_status qsti_onnx_constant_transpose(const qsti_onnx_chain *chain, const qsti_onnx_tensor *in,
                                        const size_t *permutation, qsti_onnx_value *out);

#endif

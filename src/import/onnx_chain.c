/* onnx_chain.c: see onnx_chain.h. The operators are in onnx_layers.c, onnx_elementwise.c, onnx_shapes.c,
 * onnx_constants.c and onnx_learning.c. */
#include "import/onnx_chain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* --- operators by name -------------------------------------------------------------------------------------------- */

typedef struct operation {
    const char *domain, *name;
    qst_status (*run)(qsti_onnx_chain *chain, qsti_onnx_value *out);
} operation;

static const operation operations[] = {
#define QSTI_ONNX_OPERATOR(domain, name, function, about) {domain, #name, qsti_onnx_##function},
#include "import/onnx_operators.def"
#undef QSTI_ONNX_OPERATOR
};

static const operation *find_operation(const QstiOnnx__NodeProto *node)
{
    const char *domain = qsti_onnx_text(node->domain), *name = qsti_onnx_text(node->op_type);
    if (strcmp(domain, "ai.onnx") == 0)
        domain = "";
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        if (strcmp(operations[i].domain, domain) == 0 && strcmp(operations[i].name, name) == 0)
            return &operations[i];
    return NULL;
}

qst_status(qsti_onnx_fail)(const qsti_onnx_chain *chain, qst_status status, const char *format, ...)
{
    char what[512], name[QSTI_ONNX_OPERATOR_BYTES];
    va_list list;
    va_start(list, format);
    qsti_vformat(what, sizeof what, format, list);
    va_end(list);
    qsti_onnx_operator(qsti_onnx_node(chain), name);
    return qsti_fail(chain->ctx, status, "%s: node %zu (%s): %s", chain->graph->onnx->path, chain->node, name, what);
}

/* --- attributes --------------------------------------------------------------------------------------------------- */

int64_t qsti_onnx_integer(const qsti_onnx_chain *chain, const char *name, int64_t fallback)
{
    const QstiOnnx__AttributeProto *attribute = qsti_onnx_attribute(qsti_onnx_node(chain), name);
    return attribute != NULL && attribute->has_i ? attribute->i : fallback;
}

double qsti_onnx_number(const qsti_onnx_chain *chain, const char *name, double fallback)
{
    const QstiOnnx__AttributeProto *attribute = qsti_onnx_attribute(qsti_onnx_node(chain), name);
    return attribute != NULL && attribute->has_f ? (double)attribute->f : fallback;
}

const char *qsti_onnx_word(const qsti_onnx_chain *chain, const char *name, char out[64], const char *fallback)
{
    const QstiOnnx__AttributeProto *attribute = qsti_onnx_attribute(qsti_onnx_node(chain), name);
    if (attribute == NULL || !attribute->has_s)
        return fallback;
    size_t n = attribute->s.len < 63 ? attribute->s.len : 63;
    if (n > 0)
        memcpy(out, attribute->s.data, n);
    out[n] = '\0';
    return out;
}

qst_status qsti_onnx_integers(const qsti_onnx_chain *chain, const char *name, size_t max, int64_t *out, size_t *out_n)
{
    const QstiOnnx__AttributeProto *attribute = qsti_onnx_attribute(qsti_onnx_node(chain), name);
    *out_n = 0;
    if (attribute == NULL)
        return QST_OK;
    if (attribute->n_ints > max)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "%s has %zu numbers, at most %zu are read", name,
                              attribute->n_ints, max);
    *out_n = attribute->n_ints;
    for (size_t i = 0; i < attribute->n_ints; i++)
        out[i] = attribute->ints[i];
    return QST_OK;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static const qsti_onnx_name *input_name(const qsti_onnx_chain *chain, size_t index)
{
    return qsti_onnx_graph_find(chain->graph, qsti_onnx_node(chain)->input[index]);
}

bool qsti_onnx_has_input(const qsti_onnx_chain *chain, size_t index)
{
    const QstiOnnx__NodeProto *node = qsti_onnx_node(chain);
    return index < node->n_input && qsti_onnx_text(node->input[index])[0] != '\0';
}

qst_status qsti_onnx_value_of(qsti_onnx_chain *chain, size_t index, const qsti_onnx_value **out)
{
    if (!qsti_onnx_has_input(chain, index))
        return qsti_onnx_fail(chain, QST_ERR_INPUT, "input %zu is missing", index);
    const qsti_onnx_name *name = input_name(chain, index);
    qsti_onnx_value *value = &chain->values[name - chain->graph->names];
    if (value->kind == QSTI_VALUE_NONE && name->origin == QSTI_ONNX_INITIALIZER) {
        qst_status status =
            qsti_onnx_tensor_read(chain->graph->onnx, chain->graph->proto->initializer[name->index], &value->tensor);
        if (status != QST_OK)
            return status;
        value->kind = QSTI_VALUE_CONSTANT;
    }
    if (value->kind == QSTI_VALUE_NONE)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "what its input \"%s\" is cannot be followed", name->name);
    *out = value;
    return QST_OK;
}

qst_status qsti_onnx_data(qsti_onnx_chain *chain, size_t index, const qsti_onnx_value **out)
{
    const qsti_onnx_value *value = NULL;
    qst_status status = qsti_onnx_value_of(chain, index, &value);
    if (status != QST_OK)
        return status;
    if (value->kind != QSTI_VALUE_DATA)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "its input does not depend on the model's");
    if (value->final != QSTI_FINAL_NONE)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "comes behind a softmax");
    *out = value;
    return QST_OK;
}

qst_status qsti_onnx_constant(qsti_onnx_chain *chain, size_t index, const qsti_onnx_tensor **out)
{
    const qsti_onnx_value *value = NULL;
    qst_status status = qsti_onnx_value_of(chain, index, &value);
    if (status != QST_OK)
        return status;
    if (value->kind != QSTI_VALUE_CONSTANT)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "input %zu is not constant", index);
    *out = &value->tensor;
    return QST_OK;
}

qst_status qsti_onnx_pass(const qsti_onnx_chain *chain, size_t index, const qsti_onnx_value *in, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    size_t n = qsti_onnx_view_size(&in->view);
    qsti_onnx_value value = *in;
    value.slot = 0;
    value.scales = NULL;
    value.shifts = NULL;
    value.is_shared = in->is_shared || input_name(chain, index)->n_uses > 1;
    if (in->scales != NULL) {
        QSTI_TRY(QSTI_NEW(chain->ctx, n, &value.scales));
        QSTI_TRY(QSTI_NEW(chain->ctx, n, &value.shifts));
        memcpy(value.scales, in->scales, n * sizeof *value.scales);
        memcpy(value.shifts, in->shifts, n * sizeof *value.shifts);
    }
    *out = value;
    return QST_OK;
done:
    qsti_free(chain->ctx, value.scales);
    return status;
}

/* --- layers ------------------------------------------------------------------------------------------------------- */

/* The network's input is what the first layer takes it for. */
static qst_status decide_input(qsti_onnx_chain *chain, qsti_onnx_value *value)
{
    const qsti_onnx_view *view = &value->view;
    size_t n_axes = qsti_onnx_view_axes(view), dims[3] = {0};
    if (n_axes < 1 || n_axes > 3)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "its input has %zu dimensions behind the batch", n_axes);
    for (size_t a = 0; a < n_axes; a++)
        dims[a] = qsti_onnx_view_dim(view, a);
    if (!qsti_onnx_view_is_plain(view)) {
        qst_status status = QSTI_NEW(chain->ctx, chain->n_raw, &chain->input_order);
        if (status != QST_OK)
            return status;
        qsti_onnx_view_order(view, chain->input_order);
    }
    chain->input = (qsti_shape){dims[0], n_axes == 3 ? dims[1] : 1, n_axes == 3 ? dims[2] : n_axes == 2 ? dims[1] : 1};
    chain->end = chain->input;
    value->view = qsti_onnx_view_make(dims, n_axes);
    return QST_OK;
}

qst_status qsti_onnx_settle(qsti_onnx_chain *chain, qsti_onnx_value *value)
{
    if (value->n_layers != chain->n_layers)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "the graph branches here");
    if (!qsti_onnx_is_bare(value))
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "what comes before it is no layer of its own");
    return chain->n_layers == 0 && chain->input.channels == 0 ? decide_input(chain, value) : QST_OK;
}

qst_status qsti_onnx_add_layer(qsti_onnx_chain *chain, qsti_onnx_layer layer, qsti_shape end,
                               const qsti_onnx_view *view, qsti_onnx_value *out)
{
    qst_status status = QSTI_GROW(chain->ctx, chain->n_layers + 1, &chain->layers);
    if (status != QST_OK) {
        qsti_free(chain->ctx, layer.trained);
        qsti_free(chain->ctx, layer.buffers);
        return status;
    }
    chain->layers[chain->n_layers++] = layer;
    chain->end = end;
    *out = (qsti_onnx_value){.kind = QSTI_VALUE_DATA, .n_layers = chain->n_layers, .view = *view, .scale = 1};
    return QST_OK;
}

/* --- begin and end ------------------------------------------------------------------------------------------------ */

static qst_status refuse_model(const qsti_onnx_chain *chain, const char *what)
{
    return qsti_fail(chain->ctx, QST_ERR_UNSUPPORTED, "%s: %s", chain->graph->onnx->path, what);
}

/* Before any weights are read. */
static qst_status check_operators(qsti_onnx_chain *chain)
{
    const qsti_onnx_graph *graph = chain->graph;
    int64_t opset = graph->onnx->opset;
    if (opset == 0)
        return qsti_fail(chain->ctx, QST_ERR_INPUT, "%s: does not say which version its operators are of",
                         graph->onnx->path);
    if (opset < QSTI_ONNX_OLDEST || opset > QSTI_ONNX_NEWEST)
        return qsti_fail(chain->ctx, QST_ERR_UNSUPPORTED, "%s: operators of version %lld: %d..%d are read",
                         graph->onnx->path, (long long)opset, QSTI_ONNX_OLDEST, QSTI_ONNX_NEWEST);
    for (chain->node = 0; chain->node < graph->proto->n_node; chain->node++) {
        char name[QSTI_ONNX_OPERATOR_BYTES];
        if (!graph->is_live[chain->node] || find_operation(qsti_onnx_node(chain)) != NULL)
            continue;
        qsti_onnx_operator(qsti_onnx_node(chain), name);
        return qsti_fail(chain->ctx, QST_ERR_UNSUPPORTED, "%s: the operator %s is not one that qstill reads itself",
                         graph->onnx->path, name);
    }
    return QST_OK;
}

static qst_status begin(qsti_onnx_chain *chain)
{
    const qsti_onnx_graph *graph = chain->graph;
    size_t dims[QSTI_VIEW_MAX_AXES] = {0};
    bool is_float = graph->element == QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT ||
                    graph->element == QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE;
    if (!is_float)
        return refuse_model(chain, "its input is neither float nor double");
    if (graph->n_axes < 2)
        return refuse_model(chain, "its input has no dimensions behind the batch");
    chain->n_raw = 1;
    for (size_t a = 1; a < graph->n_axes; a++) {
        if (graph->axes[a] < 0)
            return refuse_model(chain, "a dimension of its input behind the batch is not fixed");
        dims[a - 1] = (size_t)graph->axes[a];
        if (!qsti_mul(chain->n_raw, dims[a - 1], &chain->n_raw) || chain->n_raw > INT32_MAX)
            return refuse_model(chain, "its input is too large");
    }
    chain->values[graph->input - graph->names] =
        (qsti_onnx_value){.kind = QSTI_VALUE_DATA, .view = qsti_onnx_view_make(dims, graph->n_axes - 1), .scale = 1};
    return QST_OK;
}

static qst_status run_nodes(qsti_onnx_chain *chain)
{
    const qsti_onnx_graph *graph = chain->graph;
    for (chain->node = 0; chain->node < graph->proto->n_node; chain->node++) {
        const QstiOnnx__NodeProto *node = qsti_onnx_node(chain);
        qsti_onnx_value out = {.kind = QSTI_VALUE_NONE};
        if (!graph->is_live[chain->node])
            continue;
        qst_status status = find_operation(node)->run(chain, &out);
        if (status != QST_OK)
            return status;
        const qsti_onnx_name *name =
            out.slot < node->n_output ? qsti_onnx_graph_find(graph, qsti_onnx_text(node->output[out.slot])) : NULL;
        if (name == NULL) {
            qsti_free(chain->ctx, out.scales);
            qsti_free(chain->ctx, out.shifts);
            qsti_free(chain->ctx, out.tensor.values);
        } else {
            chain->values[name - graph->names] = out;
        }
    }
    return QST_OK;
}

/* The value of the scores is what the chain ends in. */
static qst_status end(qsti_onnx_chain *chain)
{
    const qsti_onnx_value *value = &chain->values[chain->graph->scores - chain->graph->names];
    qsti_onnx_value flat;
    if (value->kind != QSTI_VALUE_DATA || chain->n_layers == 0)
        return refuse_model(chain, "its scores are not what a chain of layers gives");
    if (value->n_layers != chain->n_layers)
        return refuse_model(chain, "its graph branches");
    if (!qsti_onnx_is_bare(value) || !qsti_onnx_view_is_plain(&value->view))
        return refuse_model(chain, "its scores are not what its last layer gives");
    chain->final = value->final;
    qsti_onnx_layer *last = &chain->layers[chain->n_layers - 1];
    if (chain->final == QSTI_FINAL_NONE && last->layer.kind == QST_LAYER_sigmoid && qsti_shape_size(chain->end) == 1) {
        chain->final = QSTI_FINAL_SIGMOID;
        chain->n_layers--;
    }
    if (chain->n_layers == 0)
        return refuse_model(chain, "it has no weights");
    if (chain->end.height * chain->end.width > 1)
        return qsti_onnx_add_layer(chain, (qsti_onnx_layer){.layer = {.kind = QST_LAYER_flatten}},
                                   (qsti_shape){qsti_shape_size(chain->end), 1, 1}, &value->view, &flat);
    return QST_OK;
}

size_t qsti_onnx_chain_scores(const qsti_onnx_chain *chain)
{
    return chain->final == QSTI_FINAL_BINARY ? 2 : qsti_shape_size(chain->end);
}

qst_status qsti_onnx_chain_build(const qsti_onnx_graph *graph, qsti_onnx_chain *out)
{
    qst_status status = QST_OK;
    qsti_onnx_chain chain = {.ctx = graph->onnx->ctx, .graph = graph};
    QSTI_TRY(check_operators(&chain));
    QSTI_TRY(QSTI_NEW(chain.ctx, graph->n_names, &chain.values));
    QSTI_TRY(begin(&chain));
    QSTI_TRY(run_nodes(&chain));
    QSTI_TRY(end(&chain));
    *out = chain;
    return QST_OK;
done:
    qsti_onnx_chain_clear(&chain);
    return status;
}

void qsti_onnx_chain_clear(qsti_onnx_chain *chain)
{
    if (chain->ctx == NULL)
        return;
    for (size_t i = 0; chain->values != NULL && i < chain->graph->n_names; i++) {
        qsti_free(chain->ctx, chain->values[i].scales);
        qsti_free(chain->ctx, chain->values[i].shifts);
        qsti_free(chain->ctx, chain->values[i].tensor.values);
    }
    for (size_t i = 0; i < chain->n_layers; i++) {
        qsti_free(chain->ctx, chain->layers[i].trained);
        qsti_free(chain->ctx, chain->layers[i].buffers);
    }
    qsti_free(chain->ctx, chain->values);
    qsti_free(chain->ctx, chain->layers);
    qsti_free(chain->ctx, chain->input_order);
    *chain = (qsti_onnx_chain){0};
}

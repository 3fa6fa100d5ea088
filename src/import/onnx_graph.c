/* onnx_graph.c: see onnx_graph.h.
 *
 * ONNX wants nodes in an order in which each uses only what stands before it, so one pass backwards from the scores
 * finds all that they need, and a cycle shows as a node that uses something later. Classifiers of scikit-learn's
 * converters give labels beside the scores, by operators of another domain: whatever only the labels need is dead. */
#include "import/onnx_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- nodes -------------------------------------------------------------------------------------------------------- */

void qsti_onnx_operator(const QstiOnnx__NodeProto *node, char out[QSTI_ONNX_OPERATOR_BYTES])
{
    const char *domain = qsti_onnx_text(node->domain);
    bool standard = domain[0] == '\0' || strcmp(domain, "ai.onnx") == 0;
    snprintf(out, QSTI_ONNX_OPERATOR_BYTES, "%.60s%s%.60s", standard ? "" : domain, standard ? "" : ".",
             qsti_onnx_text(node->op_type));
}

const QstiOnnx__AttributeProto *qsti_onnx_attribute(const QstiOnnx__NodeProto *node, const char *name)
{
    for (size_t i = 0; i < node->n_attribute; i++)
        if (strcmp(qsti_onnx_text(node->attribute[i]->name), name) == 0)
            return node->attribute[i];
    return NULL;
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    const qsti_onnx_name *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : (x->origin > y->origin) - (x->origin < y->origin);
}

static int compare_to_name(const void *key, const void *item)
{
    return strcmp(key, ((const qsti_onnx_name *)item)->name);
}

const qsti_onnx_name *qsti_onnx_graph_find(const qsti_onnx_graph *graph, const char *name)
{
    return bsearch(name, graph->names, graph->n_names, sizeof *graph->names, compare_to_name);
}

static void add_name(qsti_onnx_graph *graph, const char *name, qsti_onnx_origin origin, size_t index, size_t slot)
{
    if (qsti_onnx_text(name)[0] != '\0')
        graph->names[graph->n_names++] = (qsti_onnx_name){name, origin, index, slot, 0};
}

static void collect_names(qsti_onnx_graph *graph)
{
    const QstiOnnx__GraphProto *proto = graph->proto;
    for (size_t i = 0; i < proto->n_input; i++)
        add_name(graph, proto->input[i]->name, QSTI_ONNX_INPUT, i, 0);
    for (size_t i = 0; i < proto->n_initializer; i++)
        add_name(graph, proto->initializer[i]->name, QSTI_ONNX_INITIALIZER, i, 0);
    for (size_t i = 0; i < proto->n_sparse_initializer; i++)
        if (proto->sparse_initializer[i]->values != NULL)
            add_name(graph, proto->sparse_initializer[i]->values->name, QSTI_ONNX_SPARSE, i, 0);
    for (size_t i = 0; i < proto->n_node; i++)
        for (size_t j = 0; j < proto->node[i]->n_output; j++)
            add_name(graph, proto->node[i]->output[j], QSTI_ONNX_NODE, i, j);
}

/* Old files list initializers among the inputs too; any other name that comes twice is wrong. */
static qst_status drop_doubles(qsti_onnx_graph *graph)
{
    size_t n = 0;
    for (size_t i = 0; i < graph->n_names; i++) {
        if (n == 0 || strcmp(graph->names[n - 1].name, graph->names[i].name) != 0) {
            graph->names[n++] = graph->names[i];
        } else if (graph->names[n - 1].origin == QSTI_ONNX_INPUT &&
                   (graph->names[i].origin == QSTI_ONNX_INITIALIZER || graph->names[i].origin == QSTI_ONNX_SPARSE)) {
            graph->names[n - 1] = graph->names[i];
        } else {
            return qsti_fail(graph->onnx->ctx, QST_ERR_INPUT, "%s: two values are called \"%s\"", graph->onnx->path,
                             graph->names[i].name);
        }
    }
    graph->n_names = n;
    return QST_OK;
}

static qst_status make_names(qsti_onnx_graph *graph)
{
    const QstiOnnx__GraphProto *proto = graph->proto;
    size_t n = proto->n_input + proto->n_initializer + proto->n_sparse_initializer;
    for (size_t i = 0; i < proto->n_node; i++)
        n += proto->node[i]->n_output;
    qst_status status = QSTI_NEW(graph->onnx->ctx, n, &graph->names);
    if (status != QST_OK)
        return status;
    collect_names(graph);
    qsort(graph->names, graph->n_names, sizeof *graph->names, compare_names);
    return drop_doubles(graph);
}

/* --- which output holds the scores -------------------------------------------------------------------------------- */

static bool is_float(int32_t element)
{
    return element == QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT ||
           element == QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE ||
           element == QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16 ||
           element == QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16;
}

/* Tensors of floats, and the lists of dictionaries that scikit-learn's converters make of them. */
static bool may_be_scores(const QstiOnnx__ValueInfoProto *info)
{
    if (info->type == NULL)
        return true;
    return info->type->value_case == QSTI_ONNX__TYPE_PROTO__VALUE_SEQUENCE_TYPE ||
           (info->type->value_case == QSTI_ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE &&
            is_float(info->type->tensor_type->elem_type));
}

static qst_status choose_scores(qsti_onnx_graph *graph)
{
    const QstiOnnx__GraphProto *proto = graph->proto;
    const char *chosen = NULL;
    for (size_t i = 0; i < proto->n_output; i++) {
        if (proto->n_output > 1 && !may_be_scores(proto->output[i]))
            continue;
        if (chosen != NULL) {
            return qsti_fail(graph->onnx->ctx, QST_ERR_UNSUPPORTED,
                             "%s: has several outputs that may be the scores, such as \"%s\" and \"%s\": export it "
                             "with one",
                             graph->onnx->path, chosen, qsti_onnx_text(proto->output[i]->name));
        }
        chosen = qsti_onnx_text(proto->output[i]->name);
    }
    if (chosen == NULL)
        return qsti_fail(graph->onnx->ctx, QST_ERR_INPUT, "%s: has no output of numbers", graph->onnx->path);
    graph->scores = qsti_onnx_graph_find(graph, chosen);
    return graph->scores != NULL ? QST_OK
                                 : qsti_fail(graph->onnx->ctx, QST_ERR_INPUT, "%s: nothing makes the output \"%s\"",
                                             graph->onnx->path, chosen);
}

/* --- what they need ----------------------------------------------------------------------------------------------- */

static qst_status use(qsti_onnx_graph *graph, size_t node, const char *name)
{
    qsti_onnx_name *value = (qsti_onnx_name *)qsti_onnx_graph_find(graph, name);
    if (value == NULL || (value->origin == QSTI_ONNX_NODE && value->index >= node)) {
        char operation[QSTI_ONNX_OPERATOR_BYTES];
        qsti_onnx_operator(graph->proto->node[node], operation);
        return qsti_fail(graph->onnx->ctx, QST_ERR_INPUT,
                         "%s: node %zu (%s) uses \"%s\", which nothing before it makes", graph->onnx->path, node,
                         operation, name);
    }
    value->n_uses++;
    if (value->origin == QSTI_ONNX_NODE)
        graph->is_live[value->index] = true;
    return QST_OK;
}

static qst_status mark_live(qsti_onnx_graph *graph)
{
    qst_status status = QSTI_NEW(graph->onnx->ctx, graph->proto->n_node, &graph->is_live);
    ((qsti_onnx_name *)graph->scores)->n_uses++;
    if (status == QST_OK && graph->scores->origin == QSTI_ONNX_NODE)
        graph->is_live[graph->scores->index] = true;
    for (size_t i = graph->proto->n_node; i-- > 0 && status == QST_OK;) {
        const QstiOnnx__NodeProto *node = graph->proto->node[i];
        for (size_t j = 0; graph->is_live[i] && j < node->n_input && status == QST_OK; j++)
            if (qsti_onnx_text(node->input[j])[0] != '\0') /* "": an input that is left out */
                status = use(graph, i, node->input[j]);
    }
    return status;
}

/* --- the input ---------------------------------------------------------------------------------------------------- */

static qst_status read_axes(qsti_onnx_graph *graph, const QstiOnnx__ValueInfoProto *info)
{
    if (info->type == NULL || info->type->value_case != QSTI_ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE)
        return QST_OK;
    const QstiOnnx__TensorShapeProto *shape = info->type->tensor_type->shape;
    graph->element = info->type->tensor_type->elem_type;
    if (shape == NULL)
        return QST_OK;
    if (shape->n_dim > QSTI_ONNX_MAX_AXES)
        return qsti_fail(graph->onnx->ctx, QST_ERR_UNSUPPORTED, "%s: its input has more than %d dimensions",
                         graph->onnx->path, QSTI_ONNX_MAX_AXES);
    graph->n_axes = shape->n_dim;
    for (size_t d = 0; d < shape->n_dim; d++) {
        bool fixed = shape->dim[d]->value_case == QSTI_ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE &&
                     shape->dim[d]->dim_value > 0;
        graph->axes[d] = fixed ? shape->dim[d]->dim_value : -1;
    }
    return QST_OK;
}

static qst_status find_input(qsti_onnx_graph *graph)
{
    for (size_t i = 0; i < graph->n_names; i++) {
        const qsti_onnx_name *value = &graph->names[i];
        if (value->origin != QSTI_ONNX_INPUT || value->n_uses == 0)
            continue;
        if (graph->input != NULL)
            return qsti_fail(graph->onnx->ctx, QST_ERR_UNSUPPORTED,
                             "%s: has several inputs, such as \"%s\" and \"%s\": a teacher has one", graph->onnx->path,
                             graph->input->name, value->name);
        graph->input = value;
    }
    if (graph->input == NULL)
        return qsti_fail(graph->onnx->ctx, QST_ERR_UNSUPPORTED, "%s: its scores depend on no input", graph->onnx->path);
    return read_axes(graph, graph->proto->input[graph->input->index]);
}

qst_status qsti_onnx_graph_create(const qsti_onnx *onnx, qsti_onnx_graph *out)
{
    qst_status status = QST_OK;
    qsti_onnx_graph graph = {.onnx = onnx, .proto = onnx->model->graph};
    QSTI_TRY(make_names(&graph));
    QSTI_TRY(choose_scores(&graph));
    QSTI_TRY(mark_live(&graph));
    QSTI_TRY(find_input(&graph));
    *out = graph;
    return QST_OK;
done:
    qsti_onnx_graph_clear(&graph);
    return status;
}

void qsti_onnx_graph_clear(qsti_onnx_graph *graph)
{
    if (graph->onnx == NULL)
        return;
    qsti_free(graph->onnx->ctx, graph->names);
    qsti_free(graph->onnx->ctx, graph->is_live);
    *graph = (qsti_onnx_graph){0};
}

/* onnx_prune.c: see onnx_prune.h. The cut model borrows all its parts from the whole one; only the lists are new. */
#include "import/onnx_prune.h"

#include <string.h>

static const QstiOnnx__NodeProto *maker_of(const qsti_onnx_graph *graph, const qsti_onnx_name *value)
{
    return value != NULL && value->origin == QSTI_ONNX_NODE ? graph->proto->node[value->index] : NULL;
}

static bool is_operator(const QstiOnnx__NodeProto *node, const char *name)
{
    char operation[QSTI_ONNX_OPERATOR_BYTES];
    qsti_onnx_operator(node, operation);
    return strcmp(operation, name) == 0;
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

qsti_final qsti_onnx_ending(const qsti_onnx_graph *graph)
{
    static const char *const passing[] = {"Identity", "Cast", "Reshape", "Squeeze", "Flatten", "ai.onnx.ml.ZipMap"};
    static const struct {
        const char *name;
        qsti_final final;
    } endings[] = {
        {"Softmax", QSTI_FINAL_SOFTMAX}, {"LogSoftmax", QSTI_FINAL_LOG_SOFTMAX}, {"Sigmoid", QSTI_FINAL_SIGMOID}};
    const QstiOnnx__NodeProto *node = maker_of(graph, graph->scores);
    while (node != NULL) {
        bool passes = false;
        for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
            if (is_operator(node, endings[i].name))
                return endings[i].final;
        for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
            passes |= is_operator(node, passing[i]);
        node = passes && node->n_input > 0
                   ? maker_of(graph, qsti_onnx_graph_find(graph, qsti_onnx_text(node->input[0])))
                   : NULL;
    }
    return QSTI_FINAL_NONE;
}

/* --- cutting ------------------------------------------------------------------------------------------------------ */

static bool has_subgraph(const qsti_onnx_graph *graph)
{
    for (size_t i = 0; i < graph->proto->n_node; i++)
        for (size_t j = 0; j < graph->proto->node[i]->n_attribute; j++)
            if (graph->proto->node[i]->attribute[j]->g != NULL || graph->proto->node[i]->attribute[j]->n_graphs > 0)
                return true;
    return false;
}

static qst_status pack(const qsti_onnx_graph *graph, const QstiOnnx__GraphProto *cut, unsigned char **out_bytes,
                       size_t *out_n_bytes)
{
    QstiOnnx__ModelProto model = *graph->onnx->model;
    unsigned char *bytes = NULL;
    model.graph = (QstiOnnx__GraphProto *)cut;
    size_t n = qsti_onnx__model_proto__get_packed_size(&model);
    qst_status status = QSTI_NEW(graph->onnx->ctx, n, &bytes);
    if (status != QST_OK)
        return status;
    *out_n_bytes = qsti_onnx__model_proto__pack(&model, bytes);
    *out_bytes = bytes;
    return QST_OK;
}

qst_status qsti_onnx_prune(const qsti_onnx_graph *graph, unsigned char **out_bytes, size_t *out_n_bytes)
{
    qst_status status = QST_OK;
    const QstiOnnx__GraphProto *whole = graph->proto;
    const QstiOnnx__NodeProto *last = maker_of(graph, graph->scores);
    bool dictionary = last != NULL && last->n_input > 0 && is_operator(last, "ai.onnx.ml.ZipMap");
    QstiOnnx__GraphProto cut = *whole;
    QstiOnnx__TypeProto__Tensor tensor = QSTI_ONNX__TYPE_PROTO__TENSOR__INIT;
    QstiOnnx__TypeProto type = QSTI_ONNX__TYPE_PROTO__INIT;
    QstiOnnx__ValueInfoProto named = QSTI_ONNX__VALUE_INFO_PROTO__INIT, *output = &named;
    *out_bytes = NULL;
    *out_n_bytes = 0;
    if ((whole->n_output == 1 && !dictionary) || graph->onnx->n_companions > 0 || has_subgraph(graph))
        return QST_OK;
    cut.node = NULL;
    cut.n_node = 0;
    QSTI_TRY(QSTI_NEW(graph->onnx->ctx, whole->n_node, &cut.node));
    for (size_t i = 0; i < whole->n_node; i++)
        if (graph->is_live[i] && !(dictionary && whole->node[i] == last))
            cut.node[cut.n_node++] = whole->node[i];
    tensor.has_elem_type = 1;
    tensor.elem_type = QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    type.value_case = QSTI_ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    type.tensor_type = &tensor;
    named.name = (char *)(dictionary ? last->input[0] : graph->scores->name);
    named.type = &type;
    for (size_t i = 0; i < whole->n_output && !dictionary; i++)
        if (strcmp(qsti_onnx_text(whole->output[i]->name), graph->scores->name) == 0)
            output = whole->output[i];
    cut.output = &output;
    cut.n_output = 1;
    QSTI_TRY(pack(graph, &cut, out_bytes, out_n_bytes));
done:
    qsti_free(graph->onnx->ctx, cut.node);
    return status;
}

/* import_model.c: an ONNX model as a model of our own. */
#include <qstill/import.h>

#include "import/onnx_network.h"

qst_status qst_model_import(qst_ctx *ctx, const char *path, qst_model **out)
{
    qst_status status = QST_OK;
    qsti_onnx *onnx = NULL;
    qsti_onnx_graph graph = {.onnx = NULL};
    QSTI_TRY(qsti_onnx_open(ctx, path, &onnx));
    QSTI_TRY(qsti_onnx_graph_create(onnx, &graph));
    QSTI_TRY(qsti_onnx_network_trainable(&graph, out));
done:
    qsti_onnx_graph_clear(&graph);
    qsti_onnx_free(onnx);
    return status;
}

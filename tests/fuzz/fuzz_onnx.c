/* fuzz_onnx.c: ONNX files: the check of the wire, unpacking, the graph, and our networks made of it. What comes out
 * gives finite scores or says that they are not; what is cut down can be read again. Weights in further files are not
 * there. */
#include "fuzz/fuzz.h"
#include "import/onnx_network.h"
#include "import/onnx_prune.h"

#define MOST_INPUTS 4096

static void check(const qst_ctx *ctx, qst_status status)
{
    const char *message = qst_ctx_message(ctx);
    FUZZ_ASSERT(status == QST_ERR_INPUT || status == QST_ERR_UNSUPPORTED || status == QST_ERR_MEMORY ||
                status == QST_ERR_LIMIT || status == QST_ERR_SYSTEM);
    FUZZ_ASSERT(message[0] != '\0' && strchr(message, '\n') == NULL);
}

static void check_scores(qst_ctx *ctx, qsti_onnx_network *network)
{
    double *numbers = NULL;
    size_t n_scores = 2 * network->n_scores;
    if (network->n_raw > MOST_INPUTS || n_scores > MOST_INPUTS)
        return;
    FUZZ_ASSERT(QSTI_NEW(ctx, 2 * network->n_raw + n_scores, &numbers) == QST_OK);
    for (size_t i = 0; i < 2 * network->n_raw; i++)
        numbers[i] = (double)(i % 7) - 3;
    const qst_const_matrix raw = {numbers, 2, network->n_raw};
    qst_status status =
        qsti_onnx_network_scores(network, raw, (qst_matrix){numbers + 2 * network->n_raw, 2, network->n_scores});
    if (status != QST_OK)
        check(ctx, status);
    qsti_free(ctx, numbers);
}

static void check_pruned(qst_ctx *ctx, const qsti_onnx_graph *graph)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    qsti_onnx *again = NULL;
    qst_status status = qsti_onnx_prune(graph, &bytes, &n_bytes);
    if (status == QST_OK && bytes != NULL)
        status = qsti_onnx_unpack(ctx, "again", bytes, n_bytes, &again);
    if (status != QST_OK)
        check(ctx, status);
    qsti_onnx_free(again);
    qsti_free(ctx, bytes);
}

static void check_model(qst_ctx *ctx, const uint8_t *bytes, size_t n)
{
    qsti_onnx *onnx = NULL;
    qsti_onnx_graph graph = {.onnx = NULL};
    qsti_onnx_network network = {.model = NULL};
    qst_status status = qsti_onnx_unpack(ctx, "/nowhere/fuzz.onnx", bytes, n, &onnx);
    if (status == QST_OK)
        status = qsti_onnx_graph_create(onnx, &graph);
    if (status == QST_OK) {
        qsti_onnx_ending(&graph);
        check_pruned(ctx, &graph);
        status = qsti_onnx_network_create(&graph, &network);
    }
    if (status == QST_OK)
        check_scores(ctx, &network);
    else
        check(ctx, status);
    qsti_onnx_network_clear(ctx, &network);
    qsti_onnx_graph_clear(&graph);
    qsti_onnx_free(onnx);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    qst_ctx *ctx = fuzz_ctx();
    check_model(ctx, bytes, n);
    qst_ctx_free(ctx);
    return 0;
}

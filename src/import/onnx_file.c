/* onnx_file.c: see onnx_file.h.
 *
 * The bytes are walked (wire_check.h) before protobuf-c unpacks them into memory of the context. Weights may lie in
 * further files, as exporters write them by default for any size of model: such a file must lie beside the model under
 * a plain name and be no link, since the name stands in a file of somebody else's. */
#include "import/onnx_file.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "import/wire_check.h"

#define MAX_COMPANIONS 16
#define HASHED_BYTES   ((size_t)1 << 20)

/* --- unpacking ---------------------------------------------------------------------------------------------------- */

/* What protobuf-c allocates with. */
typedef struct memory_source {
    qst_ctx *ctx;
    bool failed;
} memory_source;

static void *allocate(void *user, size_t n_bytes)
{
    memory_source *source = user;
    void *memory = NULL;
    if (qsti_alloc(source->ctx, n_bytes, 1, &memory) != QST_OK) {
        source->failed = true;
        return NULL;
    }
    return memory;
}

static void release(void *user, void *memory)
{
    const memory_source *source = user;
    qsti_free(source->ctx, memory);
}

void qsti_onnx_free(qsti_onnx *onnx)
{
    if (onnx == NULL)
        return;
    qst_ctx *ctx = onnx->ctx;
    memory_source source = {ctx, false};
    ProtobufCAllocator allocator = {allocate, release, &source};
    if (onnx->model != NULL)
        qsti_onnx__model_proto__free_unpacked(onnx->model, &allocator);
    qsti_free(ctx, onnx->companions);
    qsti_free(ctx, onnx->path);
    qsti_free(ctx, onnx->folder);
    qsti_free(ctx, onnx);
}

static qst_status unpack(qsti_onnx *onnx, const void *bytes, size_t n_bytes)
{
    memory_source source = {onnx->ctx, false};
    ProtobufCAllocator allocator = {allocate, release, &source};
    qst_status status = qsti_wire_check(onnx->ctx, onnx->path, bytes, n_bytes, &qsti_onnx__model_proto__descriptor);
    if (status != QST_OK)
        return status;
    onnx->model = qsti_onnx__model_proto__unpack(&allocator, n_bytes, bytes);
    if (onnx->model != NULL)
        return QST_OK;
    return source.failed
               ? QST_ERR_MEMORY
               : qsti_fail(onnx->ctx, QST_ERR_INPUT, "%s: not a well-formed model: values of wrong types", onnx->path);
}

/* --- versions ----------------------------------------------------------------------------------------------------- */

static void read_versions(qsti_onnx *onnx)
{
    for (size_t i = 0; i < onnx->model->n_opset_import; i++) {
        const QstiOnnx__OperatorSetIdProto *set = onnx->model->opset_import[i];
        const char *domain = qsti_onnx_text(set->domain);
        if (domain[0] == '\0' || strcmp(domain, "ai.onnx") == 0)
            onnx->opset = set->version;
        else if (strcmp(domain, "ai.onnx.ml") == 0)
            onnx->learning_opset = set->version;
    }
}

/* --- further files ------------------------------------------------------------------------------------------------ */

const char *qsti_onnx_external(const QstiOnnx__TensorProto *tensor, const char *key)
{
    for (size_t i = 0; i < tensor->n_external_data; i++)
        if (strcmp(qsti_onnx_text(tensor->external_data[i]->key), key) == 0)
            return qsti_onnx_text(tensor->external_data[i]->value);
    return NULL;
}

static qst_status add_companion(qsti_onnx *onnx, const char *name)
{
    for (size_t i = 0; i < onnx->n_companions; i++)
        if (strcmp(onnx->companions[i], name) == 0)
            return QST_OK;
    if (onnx->n_companions == MAX_COMPANIONS)
        return qsti_fail(onnx->ctx, QST_ERR_LIMIT, "%s: its weights lie in more than %d further files", onnx->path,
                         MAX_COMPANIONS);
    qst_status status = QSTI_GROW(onnx->ctx, onnx->n_companions + 1, &onnx->companions);
    if (status == QST_OK)
        onnx->companions[onnx->n_companions++] = name;
    return status;
}

/* A tensor's file, where it has one. `inner`: the tensor stands inside a subgraph. */
static qst_status note_tensor(qsti_onnx *onnx, const QstiOnnx__TensorProto *tensor, bool inner)
{
    if (tensor == NULL || tensor->data_location != QSTI_ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL)
        return QST_OK;
    const char *name = qsti_onnx_external(tensor, "location");
    if (inner)
        return qsti_fail(onnx->ctx, QST_ERR_UNSUPPORTED, "%s: a subgraph has its weights in another file", onnx->path);
    if (name == NULL)
        return qsti_fail(onnx->ctx, QST_ERR_INPUT, "%s: tensor \"%s\": its data lie elsewhere, but where is not said",
                         onnx->path, qsti_onnx_text(tensor->name));
    return add_companion(onnx, name);
}

/* All tensors of a graph and of the graphs in its nodes; wire_check.h bounds how deep they are. */
static qst_status note_graph(qsti_onnx *onnx, const QstiOnnx__GraphProto *graph, bool inner);

static qst_status note_nodes(qsti_onnx *onnx, QstiOnnx__NodeProto *const *nodes, size_t n, bool inner)
{
    qst_status status = QST_OK;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < nodes[i]->n_attribute; j++) {
            const QstiOnnx__AttributeProto *attribute = nodes[i]->attribute[j];
            QSTI_TRY(note_tensor(onnx, attribute->t, inner));
            for (size_t k = 0; k < attribute->n_tensors; k++)
                QSTI_TRY(note_tensor(onnx, attribute->tensors[k], inner));
            if (attribute->g != NULL)
                QSTI_TRY(note_graph(onnx, attribute->g, true));
            for (size_t k = 0; k < attribute->n_graphs; k++)
                QSTI_TRY(note_graph(onnx, attribute->graphs[k], true));
        }
    }
done:
    return status;
}

static qst_status note_graph(qsti_onnx *onnx, const QstiOnnx__GraphProto *graph, bool inner)
{
    qst_status status = QST_OK;
    for (size_t i = 0; i < graph->n_initializer; i++)
        QSTI_TRY(note_tensor(onnx, graph->initializer[i], inner));
    for (size_t i = 0; i < graph->n_sparse_initializer; i++) {
        QSTI_TRY(note_tensor(onnx, graph->sparse_initializer[i]->values, true));
        QSTI_TRY(note_tensor(onnx, graph->sparse_initializer[i]->indices, true));
    }
    QSTI_TRY(note_nodes(onnx, graph->node, graph->n_node, inner));
done:
    return status;
}

static qst_status note_companions(qsti_onnx *onnx)
{
    qst_status status = note_graph(onnx, onnx->model->graph, false);
    for (size_t i = 0; i < onnx->model->n_functions && status == QST_OK; i++)
        status = note_nodes(onnx, onnx->model->functions[i]->node, onnx->model->functions[i]->n_node, true);
    for (size_t i = 0; i < onnx->model->n_training_info && status == QST_OK; i++) {
        const QstiOnnx__TrainingInfoProto *info = onnx->model->training_info[i];
        if (info->initialization != NULL)
            status = note_graph(onnx, info->initialization, true);
        if (status == QST_OK && info->algorithm != NULL)
            status = note_graph(onnx, info->algorithm, true);
    }
    return status;
}

/* --- hashes ------------------------------------------------------------------------------------------------------- */

static qst_status hash_companion(qsti_onnx *onnx, const char *name, qsti_hasher *hasher)
{
    qst_status status = QST_OK;
    int descriptor = -1;
    size_t length = 0;
    char *bytes = NULL;
    status = qsti_file_open_inside(onnx->ctx, onnx->folder, name, &descriptor, &length);
    if (status != QST_OK)
        return qsti_fail_within(onnx->ctx, status, "%s: its weights", onnx->path);
    QSTI_TRY(QSTI_NEW(onnx->ctx, HASHED_BYTES, &bytes));
    qsti_hasher_add(hasher, name, strlen(name) + 1);
    while (length > 0) {
        size_t n = length < HASHED_BYTES ? length : HASHED_BYTES;
        QSTI_TRY(qsti_file_read_exactly(onnx->ctx, name, descriptor, bytes, n));
        qsti_hasher_add(hasher, bytes, n);
        length -= n;
    }
done:
    qsti_free(onnx->ctx, bytes);
    close(descriptor);
    return status;
}

/* The hash of the bytes where they are all; else of this hash, and each further file's name and bytes. */
static qst_status hash_all(qsti_onnx *onnx, const void *bytes, size_t n_bytes)
{
    qst_status status = QST_OK;
    qsti_hasher *hasher = NULL;
    qsti_hash_bytes(bytes, n_bytes, onnx->hash);
    if (onnx->n_companions == 0)
        return QST_OK;
    QSTI_TRY(qsti_hasher_create(onnx->ctx, &hasher));
    qsti_hasher_add(hasher, onnx->hash, QSTI_HASH_CHARS);
    for (size_t i = 0; i < onnx->n_companions; i++)
        QSTI_TRY(hash_companion(onnx, onnx->companions[i], hasher));
done:
    if (hasher != NULL)
        qsti_hasher_finish(onnx->ctx, hasher, status == QST_OK ? onnx->hash : NULL);
    return status;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static qst_status make(qst_ctx *ctx, const char *path, const void *bytes, size_t n_bytes, bool has_folder,
                       qsti_onnx **out)
{
    qst_status status = QST_OK;
    qsti_onnx *onnx = NULL;
    const char *slash = strrchr(path, '/');
    QSTI_TRY(QSTI_NEW(ctx, 1, &onnx));
    onnx->ctx = ctx;
    QSTI_TRY(qsti_strdup(ctx, path, &onnx->path));
    QSTI_TRY(qsti_strndup(ctx, path, slash != NULL ? (size_t)(slash - path) + 1 : 0, &onnx->folder));
    QSTI_TRY(unpack(onnx, bytes, n_bytes));
    if (onnx->model->graph == NULL)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_INPUT, "%s: has no graph: is it an ONNX model?", path));
    read_versions(onnx);
    QSTI_TRY(note_companions(onnx));
    if (has_folder)
        QSTI_TRY(hash_all(onnx, bytes, n_bytes));
    else
        qsti_hash_bytes(bytes, n_bytes, onnx->hash);
    *out = onnx;
    onnx = NULL;
done:
    qsti_onnx_free(onnx);
    return status;
}

qst_status qsti_onnx_unpack(qst_ctx *ctx, const char *path, const void *bytes, size_t n_bytes, qsti_onnx **out)
{
    return make(ctx, path, bytes, n_bytes, false, out);
}

qst_status qsti_onnx_open(qst_ctx *ctx, const char *path, qsti_onnx **out)
{
    char *bytes = NULL;
    size_t n_bytes = 0;
    qst_status status = qsti_file_read(ctx, path, QSTI_ONNX_MAX_BYTES, &bytes, &n_bytes);
    if (status == QST_OK)
        status = make(ctx, path, bytes, n_bytes, true, out);
    qsti_free(ctx, bytes);
    return status;
}

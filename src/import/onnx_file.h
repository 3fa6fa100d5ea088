/* onnx_file.h: an ONNX file, checked and unpacked, with the files its weights may lie in. */
#ifndef QSTI_IMPORT_ONNX_FILE_H
#define QSTI_IMPORT_ONNX_FILE_H

#include "base/hash.h"
#include "base/memory.h"
#include "onnx.pb-c.h"

#define QSTI_ONNX_MAX_BYTES ((size_t)2 << 30) /* what protobuf itself allows */

/* The operators' versions that are known here; newer ones may mean something else by the same name. */
#define QSTI_ONNX_OLDEST 7
#define QSTI_ONNX_NEWEST 24

typedef struct qsti_onnx {
    qst_ctx *ctx;
    char *path, *folder;         /* as in messages; where further files lie */
    QstiOnnx__ModelProto *model; /* model->graph is there */
    const char **companions;     /* distinct names of further files, borrowed from the model */
    size_t n_companions;
    int64_t opset, learning_opset; /* of ai.onnx and ai.onnx.ml; 0: not in use */
    char hash[QSTI_HASH_CHARS];    /* of the file, or where there are further ones of all of them */
} qsti_onnx;

/* Checks and unpacks a model's bytes. Errors: ERR_INPUT, ERR_LIMIT, ERR_UNSUPPORTED (weights in further files inside a
 * subgraph), ERR_MEMORY. Cost: about twice the bytes in memory. */
qst_status qsti_onnx_unpack(qst_ctx *ctx, const char *path, const void *bytes, size_t n_bytes, qsti_onnx **out);
/* The same from a file; further files are opened, and hashed. Errors: also ERR_SYSTEM. */
qst_status qsti_onnx_open(qst_ctx *ctx, const char *path, qsti_onnx **out);
void qsti_onnx_free(qsti_onnx *onnx);

/* A text field, "" where it is not given. */
static inline const char *qsti_onnx_text(const char *text)
{
    return text != NULL ? text : "";
}

/* An entry of a tensor's external_data, NULL: none. */
const char *qsti_onnx_external(const QstiOnnx__TensorProto *tensor, const char *key);

#endif

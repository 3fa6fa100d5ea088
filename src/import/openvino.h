/* openvino.h: a model that OpenVINO runs: ONNX, a TensorFlow SavedModel, TFLite. */
#ifndef QSTI_IMPORT_OPENVINO_H
#define QSTI_IMPORT_OPENVINO_H

#include "import/openvino_library.h"

#define QSTI_OPENVINO_MAX_AXES 8

typedef struct qsti_openvino qsti_openvino;

/* Compiles the model at `path` (a file or a folder), or where `bytes` is given that one, for the CPU in single
 * precision, which is pinned: by default OpenVINO computes in bfloat16 where the processor can. Errors: ERR_UNSUPPORTED
 * (no OpenVINO; what OpenVINO says; not one input and one output of rows; axes of no fixed length), ERR_SYSTEM,
 * ERR_MEMORY. */
qst_status qsti_openvino_open(qst_ctx *ctx, const char *path, const void *bytes, size_t n_bytes, qsti_openvino **out);
void qsti_openvino_free(qsti_openvino *openvino);

size_t qsti_openvino_inputs(const qsti_openvino *openvino);
size_t qsti_openvino_scores_count(const qsti_openvino *openvino);
/* The axes of its input behind the batch. */
size_t qsti_openvino_axes(const qsti_openvino *openvino, size_t out[QSTI_OPENVINO_MAX_AXES]);
/* "2025.4.0-..." */
const char *qsti_openvino_version(const qsti_openvino *openvino);
/* The precision that it says it computes in: "f32". */
const char *qsti_openvino_precision(const qsti_openvino *openvino);

/* Scores (N, C) of raw inputs (N, d), in batches of a fixed size, each on one thread: a row's scores depend on neither
 * the number of rows nor that of threads. Errors: ERR_INPUT (a number that the model's type of inputs does not hold; a
 * score that is not finite), ERR_UNSUPPORTED, ERR_INTERRUPTED. */
qst_status qsti_openvino_scores(qsti_openvino *openvino, qst_const_matrix raw, qst_matrix out);

#endif

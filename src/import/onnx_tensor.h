/* onnx_tensor.h: the numbers of an ONNX tensor as doubles. */
#ifndef QSTI_IMPORT_ONNX_TENSOR_H
#define QSTI_IMPORT_ONNX_TENSOR_H

#include "import/onnx_file.h"

#define QSTI_ONNX_MAX_DIMS 8

typedef struct qsti_onnx_tensor {
    size_t n_dims, dims[QSTI_ONNX_MAX_DIMS]; /* n_dims 0: a single number */
    size_t n;                                /* their product */
    double *values;                          /* row-major; freed by qsti_free() */
    bool is_whole;                           /* of an integer type */
} qsti_onnx_tensor;

/* Reads all values, from wherever they lie. Errors: ERR_INPUT (shape, number of bytes, both raw and typed data, a value
 * that is not finite), ERR_UNSUPPORTED (an element type that is no number), ERR_SYSTEM (a further file), ERR_MEMORY. */
qst_status qsti_onnx_tensor_read(const qsti_onnx *onnx, const QstiOnnx__TensorProto *proto, qsti_onnx_tensor *out);

#endif

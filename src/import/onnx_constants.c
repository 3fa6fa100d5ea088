/* onnx_constants.c: constants of an ONNX graph: as nodes, and by other shapes, orders and types. */
#include <string.h>

#include "import/onnx_chain.h"

static qst_status copy_tensor(const qsti_onnx_chain *chain, const qsti_onnx_tensor *in, qsti_onnx_value *out)
{
    double *values = NULL;
    qst_status status = QSTI_NEW(chain->ctx, in->n, &values);
    if (status != QST_OK)
        return status;
    memcpy(values, in->values, in->n * sizeof *values);
    *out = (qsti_onnx_value){.kind = QSTI_VALUE_CONSTANT, .tensor = *in};
    out->tensor.values = values;
    return QST_OK;
}

qst_status qsti_onnx_constant_copy(const qsti_onnx_chain *chain, const qsti_onnx_tensor *in, const size_t *dims,
                                   size_t n_dims, qsti_onnx_value *out)
{
    qst_status status = copy_tensor(chain, in, out);
    if (status != QST_OK)
        return status;
    out->tensor.n_dims = n_dims;
    memcpy(out->tensor.dims, dims, n_dims * sizeof *dims);
    return QST_OK;
}

qst_status qsti_onnx_constant_transpose(const qsti_onnx_chain *chain, const qsti_onnx_tensor *in,
                                        const size_t *permutation, qsti_onnx_value *out)
{
    size_t strides[QSTI_ONNX_MAX_DIMS], stride = 1;
    qst_status status = copy_tensor(chain, in, out);
    if (status != QST_OK)
        return status;
    for (size_t d = in->n_dims; d-- > 0;) {
        strides[d] = stride;
        stride *= in->dims[d];
    }
    for (size_t d = 0; d < in->n_dims; d++)
        out->tensor.dims[d] = in->dims[permutation[d]];
    for (size_t i = 0; i < in->n; i++) {
        size_t rest = i, from = 0;
        for (size_t d = in->n_dims; d-- > 0;) {
            from += rest % out->tensor.dims[d] * strides[permutation[d]];
            rest /= out->tensor.dims[d];
        }
        out->tensor.values[i] = in->values[from];
    }
    return QST_OK;
}

static qst_status number_list(qsti_onnx_chain *chain, size_t n, bool is_list, bool is_whole, qsti_onnx_value *out)
{
    qsti_onnx_tensor tensor = {.n_dims = is_list ? 1 : 0, .dims = {n}, .n = n, .is_whole = is_whole};
    qst_status status = QSTI_NEW(chain->ctx, n, &tensor.values);
    if (status == QST_OK)
        *out = (qsti_onnx_value){.kind = QSTI_VALUE_CONSTANT, .tensor = tensor};
    return status;
}

qst_status qsti_onnx_constant_node(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    const QstiOnnx__NodeProto *node = qsti_onnx_node(chain);
    const QstiOnnx__AttributeProto *value = qsti_onnx_attribute(node, "value");
    const QstiOnnx__AttributeProto *one_float = qsti_onnx_attribute(node, "value_float");
    const QstiOnnx__AttributeProto *one_int = qsti_onnx_attribute(node, "value_int");
    const QstiOnnx__AttributeProto *floats = qsti_onnx_attribute(node, "value_floats");
    const QstiOnnx__AttributeProto *ints = qsti_onnx_attribute(node, "value_ints");
    qst_status status = QST_OK;
    if (value != NULL && value->t != NULL) {
        qsti_onnx_tensor tensor;
        QSTI_TRY(qsti_onnx_tensor_read(chain->graph->onnx, value->t, &tensor));
        *out = (qsti_onnx_value){.kind = QSTI_VALUE_CONSTANT, .tensor = tensor};
    } else if (one_float != NULL) {
        QSTI_TRY(number_list(chain, 1, false, false, out));
        out->tensor.values[0] = (double)one_float->f;
    } else if (one_int != NULL) {
        QSTI_TRY(number_list(chain, 1, false, true, out));
        out->tensor.values[0] = (double)one_int->i;
    } else if (floats != NULL) {
        QSTI_TRY(number_list(chain, floats->n_floats, true, false, out));
        for (size_t i = 0; i < floats->n_floats; i++)
            out->tensor.values[i] = (double)floats->floats[i];
    } else if (ints != NULL) {
        QSTI_TRY(number_list(chain, ints->n_ints, true, true, out));
        for (size_t i = 0; i < ints->n_ints; i++)
            out->tensor.values[i] = (double)ints->ints[i];
    } else {
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "a constant that is no number"));
    }
    for (size_t i = 0; i < out->tensor.n && status == QST_OK; i++)
        if (!isfinite(out->tensor.values[i]))
            status = qsti_onnx_fail(chain, QST_ERR_INPUT, "a constant that is not finite");
    if (status != QST_OK)
        qsti_free(chain->ctx, out->tensor.values);
done:
    return status;
}

qst_status qsti_onnx_identity(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    const qsti_onnx_value *in = NULL;
    qst_status status = qsti_onnx_value_of(chain, 0, &in);
    if (status != QST_OK)
        return status;
    if (in->kind == QSTI_VALUE_CONSTANT)
        return copy_tensor(chain, &in->tensor, out);
    return qsti_onnx_pass(chain, 0, in, out);
}

/* Numbers stay what they are; to whole numbers only what is whole. */
qst_status qsti_onnx_cast(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    const qsti_onnx_value *in = NULL;
    qst_status status = qsti_onnx_value_of(chain, 0, &in);
    int64_t to = qsti_onnx_integer(chain, "to", 0);
    bool to_float = to == QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT || to == QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE;
    if (status != QST_OK)
        return status;
    if (in->kind == QSTI_VALUE_DATA && !to_float)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "to a type in which numbers are rounded");
    status = qsti_onnx_identity(chain, out);
    if (status == QST_OK && out->kind == QSTI_VALUE_CONSTANT && !to_float) {
        for (size_t i = 0; i < out->tensor.n; i++)
            out->tensor.values[i] = trunc(out->tensor.values[i]);
        out->tensor.is_whole = true;
    }
    return status;
}

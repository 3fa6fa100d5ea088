/* onnx_learning.c: operators of ai.onnx.ml, by which scikit-learn's converters write scalers and classifiers. */
#include <string.h>

#include "import/onnx_chain.h"

static const QstiOnnx__AttributeProto *floats_of(const qsti_onnx_chain *chain, const char *name, size_t *out_n)
{
    const QstiOnnx__AttributeProto *attribute = qsti_onnx_attribute(qsti_onnx_node(chain), name);
    *out_n = attribute != NULL ? attribute->n_floats : 0;
    return attribute;
}

/* y = (x - offset) scale, both of one number or of one a feature. */
qst_status qsti_onnx_scaler(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *in = NULL;
    size_t n_offsets, n_scales, *order = NULL;
    double *ms = NULL, *ts = NULL;
    const QstiOnnx__AttributeProto *offsets = floats_of(chain, "offset", &n_offsets);
    const QstiOnnx__AttributeProto *scales = floats_of(chain, "scale", &n_scales);
    QSTI_TRY(qsti_onnx_data(chain, 0, &in));
    size_t n = qsti_onnx_view_size(&in->view);
    if (qsti_onnx_view_axes(&in->view) != 1 || (n_offsets != n && n_offsets != 1) || (n_scales != n && n_scales != 1))
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_INPUT, "%zu offsets and %zu scales for %zu features", n_offsets,
                                n_scales, n));
    QSTI_TRY(QSTI_NEW(chain->ctx, n, &order));
    QSTI_TRY(QSTI_NEW(chain->ctx, n, &ms));
    QSTI_TRY(QSTI_NEW(chain->ctx, n, &ts));
    qsti_onnx_view_order(&in->view, order);
    for (size_t i = 0; i < n; i++) {
        double offset = (double)offsets->floats[n_offsets == 1 ? 0 : i],
               scale = (double)scales->floats[n_scales == 1 ? 0 : i];
        if (!isfinite(offset) || !isfinite(scale))
            QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_INPUT, "a number that is not finite"));
        ms[order[i]] = scale;
        ts[order[i]] = -offset * scale;
    }
    status = qsti_onnx_rescale(chain, 0, in, ms, ts, 1, 0, out);
    ms = ts = NULL;
done:
    qsti_free(chain->ctx, order);
    qsti_free(chain->ctx, ms);
    qsti_free(chain->ctx, ts);
    return status;
}

/* Of two classes with logistic functions: sigmoid(-z) and sigmoid(z) are the softmax of -z/2 and z/2. */
static bool is_mirrored(const double *trained, size_t n_in)
{
    for (size_t i = 0; i < n_in; i++)
        if (trained[i] != -trained[n_in + i])
            return false;
    return trained[2 * n_in] == -trained[2 * n_in + 1];
}

static qst_status classifier_end(qsti_onnx_chain *chain, size_t n_in, size_t n_out, double *trained, qsti_final *out)
{
    char word[64];
    const char *transform = qsti_onnx_word(chain, "post_transform", word, "NONE");
    *out = strcmp(transform, "NONE") == 0 ? QSTI_FINAL_NONE : QSTI_FINAL_SOFTMAX;
    if (strcmp(transform, "NONE") == 0 || strcmp(transform, "SOFTMAX") == 0)
        return QST_OK;
    if (strcmp(transform, "LOGISTIC") != 0 || n_out != 2 || !is_mirrored(trained, n_in))
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "with post_transform %s", transform);
    for (size_t i = 0; i < 2 * (n_in + 1); i++)
        trained[i] /= 2;
    return QST_OK;
}

/* The scores, its second output: z = W x + b. */
qst_status qsti_onnx_linear_classifier(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *in = NULL;
    size_t n_weights, n_out;
    double *trained = NULL;
    qsti_final final = QSTI_FINAL_NONE;
    const QstiOnnx__AttributeProto *weights = floats_of(chain, "coefficients", &n_weights);
    const QstiOnnx__AttributeProto *shifts = floats_of(chain, "intercepts", &n_out);
    QSTI_TRY(qsti_onnx_data(chain, 0, &in));
    size_t n_in = qsti_onnx_view_size(&in->view);
    if (qsti_onnx_view_axes(&in->view) != 1 || n_out == 0 || n_weights % n_out != 0 || n_weights / n_out != n_in)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_INPUT, "%zu coefficients for %zu features and %zu classes", n_weights,
                                n_in, n_out));
    if (n_out == 1)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "with one set of coefficients for two classes"));
    QSTI_TRY(QSTI_NEW(chain->ctx, n_weights + n_out, &trained));
    for (size_t i = 0; i < n_weights + n_out; i++) {
        trained[i] = (double)(i < n_weights ? weights->floats[i] : shifts->floats[i - n_weights]);
        if (!isfinite(trained[i]))
            QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_INPUT, "a number that is not finite"));
    }
    QSTI_TRY(classifier_end(chain, n_in, n_out, trained, &final));
    double *taken = trained;
    trained = NULL;
    QSTI_TRY(qsti_onnx_add_dense(chain, in, taken, n_out, out));
    out->slot = 1;
    out->final = final;
done:
    qsti_free(chain->ctx, trained);
    return status;
}

/* What sums to 1 with no entry below 0 stays as it is when its sum is made 1. */
qst_status qsti_onnx_normalizer(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    const qsti_onnx_value *in = NULL;
    char word[64];
    qst_status status = qsti_onnx_value_of(chain, 0, &in);
    if (status != QST_OK)
        return status;
    bool distribution = in->final == QSTI_FINAL_SOFTMAX || in->final == QSTI_FINAL_BINARY;
    if (!distribution || strcmp(qsti_onnx_word(chain, "norm", word, "MAX"), "L1") != 0)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "of what are no probabilities");
    return qsti_onnx_pass(chain, 0, in, out);
}

/* Each row as a dictionary from classes to scores: the scores, in the order of the classes. */
qst_status qsti_onnx_zip_map(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    const qsti_onnx_value *in = NULL;
    qst_status status = qsti_onnx_value_of(chain, 0, &in);
    if (status != QST_OK)
        return status;
    if (in->kind != QSTI_VALUE_DATA)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "its input does not depend on the model's");
    return qsti_onnx_pass(chain, 0, in, out);
}

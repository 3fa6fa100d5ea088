/* onnx_layers.c: operators that are layers of our own networks: dense, normalisation, activations, and the softmax at
 * the end. Windows are in onnx_windows.c.
 *
 * A pending scaling x' = m x + t in front of a dense layer goes into its weights, W' = W m and b' = b + W t, so that
 * the standardisation in a model's front costs nothing. */
#include <string.h>

#include "import/onnx_chain.h"

/* --- dense -------------------------------------------------------------------------------------------------------- */

/* W's columns from the order of the graph to that of the row, with what is pending on it. */
static qst_status arrange_columns(const qsti_onnx_chain *chain, const qsti_onnx_value *in, double *trained,
                                  size_t n_out, size_t n_in)
{
    qst_status status = QST_OK;
    size_t *order = NULL;
    double *row = NULL, *biases = trained + n_out * n_in;
    QSTI_TRY(QSTI_NEW(chain->ctx, n_in, &order));
    QSTI_TRY(QSTI_NEW(chain->ctx, n_in, &row));
    qsti_onnx_view_order(&in->view, order);
    for (size_t o = 0; o < n_out; o++) {
        double *w = trained + o * n_in;
        for (size_t i = 0; i < n_in; i++) {
            size_t place = order[i];
            double scale = in->scales != NULL ? in->scales[place] : in->scale;
            row[place] = w[i] * scale;
            biases[o] += w[i] * (in->scales != NULL ? in->shifts[place] : in->shift);
        }
        memcpy(w, row, n_in * sizeof *w);
    }
done:
    qsti_free(chain->ctx, order);
    qsti_free(chain->ctx, row);
    return status;
}

qst_status qsti_onnx_add_dense(qsti_onnx_chain *chain, const qsti_onnx_value *in, double *trained, size_t n_out,
                               qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    size_t n_in = qsti_onnx_view_size(&in->view);
    const qsti_onnx_view view = qsti_onnx_view_make(&n_out, 1);
    if (in->n_layers != chain->n_layers)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "the graph branches here"));
    if (in->is_erf)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "comes behind an Erf"));
    if (n_out == 0)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_INPUT, "it has no outputs"));
    QSTI_TRY(arrange_columns(chain, in, trained, n_out, n_in));
    if (chain->n_layers == 0 && chain->input.channels == 0)
        chain->input = (qsti_shape){n_in, 1, 1};
    qsti_onnx_layer layer = {
        .layer = {.kind = QST_LAYER_dense, .size = n_out}, .trained = trained, .n_trained = n_out * (n_in + 1)};
    trained = NULL;
    QSTI_TRY(qsti_onnx_add_layer(chain, layer, (qsti_shape){n_out, 1, 1}, &view, out));
done:
    qsti_free(chain->ctx, trained);
    return status;
}

/* Room for [W | b] of a dense layer on the data, which must be rows of as many features as the matrix has. */
static qst_status dense_room(qsti_onnx_chain *chain, const qsti_onnx_value *in, size_t n_in, size_t n_out,
                             double **out_trained)
{
    size_t n = 0;
    if (qsti_onnx_view_axes(&in->view) != 1)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "of data with %zu dimensions behind the batch",
                              qsti_onnx_view_axes(&in->view));
    if (qsti_onnx_view_size(&in->view) != n_in)
        return qsti_onnx_fail(chain, QST_ERR_INPUT, "a matrix for %zu features, the data have %zu", n_in,
                              qsti_onnx_view_size(&in->view));
    if (!qsti_add(n_in, 1, &n) || !qsti_mul(n, n_out, &n))
        return qsti_onnx_fail(chain, QST_ERR_INPUT, "more weights than can be counted");
    return QSTI_NEW(chain->ctx, n, out_trained);
}

/* W (n_out, n_in) from a matrix that is W or, when `turned`, its transpose. */
static void copy_matrix(const qsti_onnx_tensor *from, bool turned, double factor, size_t n_out, size_t n_in,
                        double *out)
{
    for (size_t o = 0; o < n_out; o++)
        for (size_t i = 0; i < n_in; i++)
            out[o * n_in + i] = factor * from->values[turned ? i * n_out + o : o * n_in + i];
}

qst_status qsti_onnx_gemm(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *in = NULL;
    const qsti_onnx_tensor *b = NULL, *c = NULL;
    double *trained = NULL, alpha = qsti_onnx_number(chain, "alpha", 1), beta = qsti_onnx_number(chain, "beta", 1);
    bool turned = qsti_onnx_integer(chain, "transB", 0) == 0;
    QSTI_TRY(qsti_onnx_data(chain, 0, &in));
    QSTI_TRY(qsti_onnx_constant(chain, 1, &b));
    if (qsti_onnx_has_input(chain, 2))
        QSTI_TRY(qsti_onnx_constant(chain, 2, &c));
    if (qsti_onnx_integer(chain, "transA", 0) != 0)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "the data would be transposed"));
    if (b->n_dims != 2)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_INPUT, "a matrix of %zu dimensions", b->n_dims));
    size_t n_in = b->dims[turned ? 0 : 1], n_out = b->dims[turned ? 1 : 0];
    if (c != NULL && c->n != n_out && c->n != 1)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "%zu shifts for %zu outputs", c->n, n_out));
    QSTI_TRY(dense_room(chain, in, n_in, n_out, &trained));
    copy_matrix(b, turned, alpha, n_out, n_in, trained);
    for (size_t o = 0; o < n_out && c != NULL; o++)
        trained[n_out * n_in + o] = beta * c->values[c->n == 1 ? 0 : o];
    status = qsti_onnx_add_dense(chain, in, trained, n_out, out);
done:
    return status;
}

qst_status qsti_onnx_matmul(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *in = NULL;
    const qsti_onnx_tensor *b = NULL;
    double *trained = NULL;
    QSTI_TRY(qsti_onnx_data(chain, 0, &in));
    QSTI_TRY(qsti_onnx_constant(chain, 1, &b));
    if (b->n_dims != 2)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "by a matrix of %zu dimensions", b->n_dims));
    QSTI_TRY(dense_room(chain, in, b->dims[0], b->dims[1], &trained));
    copy_matrix(b, true, 1, b->dims[1], b->dims[0], trained);
    status = qsti_onnx_add_dense(chain, in, trained, b->dims[1], out);
done:
    return status;
}

/* --- normalisation and activations -------------------------------------------------------------------------------- */

/* A layer that leaves shape and order as they are. */
static qst_status add_elementwise(qsti_onnx_chain *chain, qst_layer layer, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *given = NULL;
    QSTI_TRY(qsti_onnx_data(chain, 0, &given));
    qsti_onnx_value in = *given;
    QSTI_TRY(qsti_onnx_settle(chain, &in));
    QSTI_TRY(qsti_onnx_add_layer(chain, (qsti_onnx_layer){.layer = layer}, chain->end, &in.view, out));
done:
    return status;
}

/* y = scale (x - mean) / sqrt(variance + epsilon) + shift by channel: inputs 1..4 are scale, shift, mean, variance. */
qst_status qsti_onnx_batch_normalization(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *given = NULL;
    qsti_onnx_layer layer = {.layer = {.kind = QST_LAYER_batch_norm}};
    QSTI_TRY(qsti_onnx_data(chain, 0, &given));
    qsti_onnx_value in = *given;
    QSTI_TRY(qsti_onnx_settle(chain, &in));
    size_t n = chain->end.channels;
    bool plain = qsti_onnx_view_is_plain(&in.view) && qsti_onnx_view_dim(&in.view, 0) == n;
    if (!plain || qsti_onnx_integer(chain, "training_mode", 0) != 0 || qsti_onnx_integer(chain, "spatial", 1) != 1)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "of other than channels, or as in training"));
    layer.layer.epsilon = qsti_onnx_number(chain, "epsilon", 1e-5);
    layer.layer.momentum = 1 - qsti_onnx_number(chain, "momentum", 0.9);
    if (!(layer.layer.epsilon > 0))
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "epsilon is not above 0"));
    if (!(layer.layer.momentum > 0) || !(layer.layer.momentum < 1))
        layer.layer.momentum = 0; /* inference does not use it: our default for training on */
    layer.n_trained = layer.n_buffers = 2 * n;
    QSTI_TRY(QSTI_NEW(chain->ctx, 2 * n, &layer.trained));
    QSTI_TRY(QSTI_NEW(chain->ctx, 2 * n, &layer.buffers));
    for (size_t i = 0; i < 4; i++) {
        const qsti_onnx_tensor *tensor = NULL;
        QSTI_TRY(qsti_onnx_constant(chain, i + 1, &tensor));
        if (tensor->n != n)
            QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_INPUT, "%zu numbers for %zu channels", tensor->n, n));
        memcpy((i < 2 ? layer.trained : layer.buffers) + i % 2 * n, tensor->values, n * sizeof(double));
    }
    for (size_t i = n; i < 2 * n; i++)
        if (!(layer.buffers[i] >= 0))
            QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_INPUT, "a variance below 0"));
    qsti_onnx_layer made = layer;
    layer = (qsti_onnx_layer){.trained = NULL};
    QSTI_TRY(qsti_onnx_add_layer(chain, made, chain->end, &in.view, out));
done:
    qsti_free(chain->ctx, layer.trained);
    qsti_free(chain->ctx, layer.buffers);
    return status;
}

qst_status qsti_onnx_relu(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    return add_elementwise(chain, (qst_layer){.kind = QST_LAYER_relu}, out);
}

qst_status qsti_onnx_tanh(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    return add_elementwise(chain, (qst_layer){.kind = QST_LAYER_tanh}, out);
}

qst_status qsti_onnx_sigmoid(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    return add_elementwise(chain, (qst_layer){.kind = QST_LAYER_sigmoid}, out);
}

qst_status qsti_onnx_leaky_relu(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    double slope = qsti_onnx_number(chain, "alpha", 0.01);
    if (!(slope >= 0) || !isfinite(slope))
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "with a slope below 0");
    return add_elementwise(chain, (qst_layer){.kind = QST_LAYER_leaky_relu, .rate = slope}, out);
}

qst_status qsti_onnx_gelu(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    char word[64];
    if (strcmp(qsti_onnx_word(chain, "approximate", word, "none"), "none") != 0)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "by tanh");
    return add_elementwise(chain, (qst_layer){.kind = QST_LAYER_gelu}, out);
}

qst_status qsti_onnx_dropout(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    const qsti_onnx_tensor *ratio = NULL;
    double rate = qsti_onnx_number(chain, "ratio", 0.5);
    if (qsti_onnx_has_input(chain, 1)) {
        qst_status status = qsti_onnx_constant(chain, 1, &ratio);
        if (status != QST_OK)
            return status;
        rate = ratio->n == 1 ? ratio->values[0] : -1;
    }
    if (!(rate >= 0 && rate < 1))
        return qsti_onnx_fail(chain, QST_ERR_INPUT, "a share of %g", rate);
    return add_elementwise(chain, (qst_layer){.kind = QST_LAYER_dropout, .rate = rate}, out);
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

static qst_status add_final(qsti_onnx_chain *chain, qsti_final final, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *given = NULL;
    QSTI_TRY(qsti_onnx_data(chain, 0, &given));
    qsti_onnx_value in = *given;
    QSTI_TRY(qsti_onnx_settle(chain, &in));
    int64_t axis = qsti_onnx_integer(chain, "axis", chain->graph->onnx->opset >= 13 ? -1 : 1);
    if (qsti_onnx_view_axes(&in.view) != 1 || (axis != 1 && axis != -1))
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "not over the scores of a row"));
    QSTI_TRY(qsti_onnx_pass(chain, 0, &in, out));
    out->final = final;
done:
    return status;
}

qst_status qsti_onnx_softmax(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    return add_final(chain, QSTI_FINAL_SOFTMAX, out);
}

qst_status qsti_onnx_log_softmax(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    return add_final(chain, QSTI_FINAL_LOG_SOFTMAX, out);
}

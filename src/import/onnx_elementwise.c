/* onnx_elementwise.c: sums and products with constants, and the GELU that is spelled out with them.
 *
 * A scaling and a shift go into the weights of the layer before where nobody else sees that layer; else they wait for
 * the layer behind. GELU is x (1 + erf(x / sqrt 2)) / 2: exporters write it in any order of its factors,
 * so x and its error function are followed as a x + b and a erf(s x) + b until both meet in a product. */
#include <string.h>

#include "import/onnx_chain.h"

#define GELU_TOLERANCE 1e-6 /* of constants in single precision */

/* --- scalings ----------------------------------------------------------------------------------------------------- */

/* Whether the chain's last layer has weights that a scaling can go into, and only this node sees what it gives. */
static bool can_fold(const qsti_onnx_chain *chain, size_t index, const qsti_onnx_value *in)
{
    const char *name = qsti_onnx_node(chain)->input[index];
    if (chain->n_layers == 0 || in->n_layers != chain->n_layers || !qsti_onnx_is_bare(in) || in->is_shared ||
        qsti_onnx_graph_find(chain->graph, name)->n_uses > 1)
        return false;
    qst_layer_kind kind = chain->layers[chain->n_layers - 1].layer.kind;
    return kind == QST_LAYER_dense || kind == QST_LAYER_conv;
}

/* Whether all places of a channel have the same factor and shift. */
static bool is_by_channel(const double *ms, const double *ts, size_t channels, size_t n_places)
{
    for (size_t i = 0; ms != NULL && i < channels * n_places; i++)
        if (ms[i] != ms[i / n_places * n_places] || ts[i] != ts[i / n_places * n_places])
            return false;
    return true;
}

/* [W | b] of the last layer becomes [m W | m b + t]. */
static void fold(qsti_onnx_chain *chain, const double *ms, const double *ts, double m, double t)
{
    qsti_onnx_layer *layer = &chain->layers[chain->n_layers - 1];
    size_t channels = chain->end.channels, n_places = chain->end.height * chain->end.width;
    size_t n_in = layer->n_trained / channels - 1;
    for (size_t c = 0; c < channels; c++) {
        double factor = ms != NULL ? ms[c * n_places] : m, shift = ms != NULL ? ts[c * n_places] : t;
        double *bias = &layer->trained[channels * n_in + c];
        for (size_t i = 0; i < n_in; i++)
            layer->trained[c * n_in + i] *= factor;
        *bias = *bias * factor + shift;
    }
}

/* *value gets arrays of its scale and shift. */
static qst_status spread(const qsti_onnx_chain *chain, qsti_onnx_value *value)
{
    size_t n = qsti_onnx_view_size(&value->view);
    qst_status status = QSTI_NEW(chain->ctx, n, &value->scales);
    if (status == QST_OK)
        status = QSTI_NEW(chain->ctx, n, &value->shifts);
    for (size_t i = 0; status == QST_OK && i < n; i++) {
        value->scales[i] = value->scale;
        value->shifts[i] = value->shift;
    }
    return status;
}

/* What is pending on *value, and then m x + t. */
static qst_status compose(const qsti_onnx_chain *chain, const double *ms, const double *ts, double m, double t,
                          qsti_onnx_value *value)
{
    if (ms == NULL && value->scales == NULL) {
        value->scale *= m;
        value->shift = value->shift * m + t;
        return QST_OK;
    }
    qst_status status = value->scales == NULL ? spread(chain, value) : QST_OK;
    for (size_t i = 0; status == QST_OK && i < qsti_onnx_view_size(&value->view); i++) {
        double factor = ms != NULL ? ms[i] : m;
        value->scales[i] *= factor;
        value->shifts[i] = value->shifts[i] * factor + (ms != NULL ? ts[i] : t);
    }
    return status;
}

qst_status qsti_onnx_rescale(qsti_onnx_chain *chain, size_t index, const qsti_onnx_value *in, double *ms, double *ts,
                             double m, double t, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    qsti_onnx_value value = {.kind = QSTI_VALUE_NONE};
    if (in->is_erf && ms != NULL)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "comes behind an Erf"));
    QSTI_TRY(qsti_onnx_pass(chain, index, in, &value));
    if (can_fold(chain, index, in) && is_by_channel(ms, ts, chain->end.channels, chain->end.height * chain->end.width))
        fold(chain, ms, ts, m, t);
    else
        QSTI_TRY(compose(chain, ms, ts, m, t, &value));
    *out = value;
    value.scales = value.shifts = NULL;
done:
    qsti_free(chain->ctx, value.scales);
    qsti_free(chain->ctx, value.shifts);
    qsti_free(chain->ctx, ms);
    qsti_free(chain->ctx, ts);
    return status;
}

/* --- with constants ----------------------------------------------------------------------------------------------- */

typedef enum arithmetic { ADD, SUBTRACT, MULTIPLY, DIVIDE } arithmetic;

/* x OP c, or when `turned` c OP x, as factor x + shift. False where it is none. */
static bool as_scaling(arithmetic operation, bool turned, double c, double *factor, double *shift)
{
    switch (operation) {
    case ADD:
        *factor = 1;
        *shift = c;
        return true;
    case SUBTRACT:
        *factor = turned ? -1 : 1;
        *shift = turned ? c : -c;
        return true;
    case MULTIPLY:
        *factor = c;
        *shift = 0;
        return true;
    case DIVIDE:
        *factor = 1 / c;
        *shift = 0;
        return !turned && c != 0;
    }
    return false;
}

/* out[place in the row] = the constant's element there; the constant's axes are those of the data, from the last on. */
static qst_status broadcast(const qsti_onnx_chain *chain, const qsti_onnx_tensor *tensor, const qsti_onnx_view *view,
                            double *out)
{
    qst_status status = QST_OK;
    size_t n_axes = qsti_onnx_view_axes(view), n = qsti_onnx_view_size(view), *order = NULL;
    size_t strides[QSTI_ONNX_MAX_DIMS + 1] = {0}, stride = 1;
    bool fits = tensor->n_dims <= n_axes + 1;
    for (size_t d = tensor->n_dims; fits && d-- > 0;) {
        size_t axis = d + n_axes + 1 - tensor->n_dims; /* 0: the batch */
        fits = tensor->dims[d] == 1 || (axis > 0 && tensor->dims[d] == qsti_onnx_view_dim(view, axis - 1));
        strides[axis] = tensor->dims[d] == 1 ? 0 : stride;
        stride *= tensor->dims[d];
    }
    if (!fits)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "with a constant of another shape than the data"));
    QSTI_TRY(QSTI_NEW(chain->ctx, n, &order));
    qsti_onnx_view_order(view, order);
    for (size_t i = 0; i < n; i++) {
        size_t rest = i, from = 0;
        for (size_t a = n_axes; a-- > 0;) {
            from += rest % qsti_onnx_view_dim(view, a) * strides[a + 1];
            rest /= qsti_onnx_view_dim(view, a);
        }
        out[order[i]] = tensor->values[from];
    }
done:
    qsti_free(chain->ctx, order);
    return status;
}

static qst_status with_constant(qsti_onnx_chain *chain, arithmetic operation, size_t index, const qsti_onnx_value *in,
                                const qsti_onnx_tensor *tensor, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    bool turned = index == 1;
    size_t n = qsti_onnx_view_size(&in->view);
    double *ms = NULL, *ts = NULL, m = 1, t = 0;
    if (tensor->n == 1) {
        if (tensor->n_dims > qsti_onnx_view_axes(&in->view) + 1 ||
            !as_scaling(operation, turned, tensor->values[0], &m, &t))
            return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "is no scaling or shift of the data");
        return qsti_onnx_rescale(chain, index, in, NULL, NULL, m, t, out);
    }
    QSTI_TRY(QSTI_NEW(chain->ctx, n, &ms));
    QSTI_TRY(QSTI_NEW(chain->ctx, n, &ts));
    QSTI_TRY(broadcast(chain, tensor, &in->view, ts));
    for (size_t i = 0; i < n; i++)
        if (!as_scaling(operation, turned, ts[i], &ms[i], &ts[i]))
            QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "is no scaling or shift of the data"));
    status = qsti_onnx_rescale(chain, index, in, ms, ts, 1, 0, out);
    ms = ts = NULL;
done:
    qsti_free(chain->ctx, ms);
    qsti_free(chain->ctx, ts);
    return status;
}

/* --- GELU --------------------------------------------------------------------------------------------------------- */

/* (a x)(c erf(x / sqrt 2) + c) = 2 a c gelu(x). */
static qst_status add_gelu(qsti_onnx_chain *chain, const qsti_onnx_value *x, const qsti_onnx_value *erf_x,
                           qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    qsti_onnx_value in = *x;
    double factor = 2 * x->scale * erf_x->scale;
    bool same = x->n_layers == erf_x->n_layers && x->view.n_axes == erf_x->view.n_axes &&
                memcmp(x->view.dims, erf_x->view.dims, x->view.n_axes * sizeof *x->view.dims) == 0 &&
                memcmp(x->view.strides, erf_x->view.strides, x->view.n_axes * sizeof *x->view.strides) == 0;
    bool gelu = !x->is_erf && erf_x->is_erf && x->scales == NULL && x->shift == 0 &&
                fabs(erf_x->inner * sqrt(2) - 1) <= GELU_TOLERANCE &&
                fabs(erf_x->scale - erf_x->shift) <= GELU_TOLERANCE * fabs(erf_x->scale);
    if (!same || !gelu)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "of two values that depend on the data"));
    in.scale = 1;
    QSTI_TRY(qsti_onnx_settle(chain, &in));
    QSTI_TRY(
        qsti_onnx_add_layer(chain, (qsti_onnx_layer){.layer = {.kind = QST_LAYER_gelu}}, chain->end, &in.view, out));
    out->scale = fabs(factor - 1) <= GELU_TOLERANCE ? 1 : factor;
done:
    return status;
}

qst_status qsti_onnx_erf(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    const qsti_onnx_value *in = NULL;
    qst_status status = qsti_onnx_data(chain, 0, &in);
    if (status != QST_OK)
        return status;
    if (in->is_erf || in->scales != NULL || in->shift != 0)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "otherwise than as a part of Gelu");
    status = qsti_onnx_pass(chain, 0, in, out);
    if (status != QST_OK)
        return status;
    out->is_erf = true;
    out->inner = in->scale;
    out->scale = 1;
    return QST_OK;
}

/* --- the operators ------------------------------------------------------------------------------------------------ */

static qst_status run(qsti_onnx_chain *chain, arithmetic operation, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *left = NULL, *right = NULL;
    QSTI_TRY(qsti_onnx_value_of(chain, 0, &left));
    QSTI_TRY(qsti_onnx_value_of(chain, 1, &right));
    if (left->final != QSTI_FINAL_NONE || right->final != QSTI_FINAL_NONE)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "comes behind a softmax"));
    if (left->kind == QSTI_VALUE_DATA && right->kind == QSTI_VALUE_CONSTANT)
        return with_constant(chain, operation, 0, left, &right->tensor, out);
    if (left->kind == QSTI_VALUE_CONSTANT && right->kind == QSTI_VALUE_DATA)
        return with_constant(chain, operation, 1, right, &left->tensor, out);
    if (left->kind != QSTI_VALUE_DATA || right->kind != QSTI_VALUE_DATA || operation != MULTIPLY)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "otherwise than of data and a constant"));
    status = left->is_erf ? add_gelu(chain, right, left, out) : add_gelu(chain, left, right, out);
done:
    return status;
}

qst_status qsti_onnx_add(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    return run(chain, ADD, out);
}

qst_status qsti_onnx_subtract(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    return run(chain, SUBTRACT, out);
}

qst_status qsti_onnx_multiply(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    return run(chain, MULTIPLY, out);
}

qst_status qsti_onnx_divide(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    return run(chain, DIVIDE, out);
}

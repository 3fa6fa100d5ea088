/* onnx_windows.c: operators that go over images in windows: convolutions and pools.
 *
 * Images are (channels, height, width); rows (channels, length) are images of height 1. A pending scaling x' = m x + t
 * of a channel goes into a convolution's weights, W' = W m and b' = b + t sum W, where nothing is padded: the padding's
 * zeros are not scaled. */
#include <string.h>

#include "import/onnx_chain.h"

/* --- windows ------------------------------------------------------------------------------------------------------ */

/* Of a convolution or a pool over `n_spatial` axes, 1 or 2; our layers have two, the first of length 1 for rows. */
typedef struct window {
    size_t n_spatial, kernel[2], stride[2], padding[2], in[2], out[2];
} window;

/* Attribute `name` as two numbers, the first `fallback` where there is one axis only. */
static qst_status window_numbers(const qsti_onnx_chain *chain, const char *name, size_t n_spatial, int64_t fallback,
                                 size_t out[2])
{
    int64_t given[2];
    size_t n = 0;
    qst_status status = qsti_onnx_integers(chain, name, 2, given, &n);
    if (status != QST_OK)
        return status;
    if (n != 0 && n != n_spatial)
        return qsti_onnx_fail(chain, QST_ERR_INPUT, "%s has %zu numbers for %zu axes", name, n, n_spatial);
    for (size_t a = 0; a < 2; a++) {
        bool is_there = a >= 2 - n_spatial;
        int64_t value = n == 0 || !is_there ? fallback : given[a - (2 - n_spatial)];
        if (value < 0 || value > INT32_MAX)
            return qsti_onnx_fail(chain, QST_ERR_INPUT, "%s: %lld", name, (long long)value);
        out[a] = is_there ? (size_t)value : 1;
    }
    return QST_OK;
}

/* pads is [begin of each axis, end of each axis]. */
static qst_status window_pads(const qsti_onnx_chain *chain, window *w, size_t begin[2], size_t end[2])
{
    int64_t pads[4] = {0};
    size_t n = 0;
    qst_status status = qsti_onnx_integers(chain, "pads", 4, pads, &n);
    if (status != QST_OK)
        return status;
    if (n != 0 && n != 2 * w->n_spatial)
        return qsti_onnx_fail(chain, QST_ERR_INPUT, "pads has %zu numbers for %zu axes", n, w->n_spatial);
    for (size_t a = 0; a < w->n_spatial; a++) {
        size_t to = a + 2 - w->n_spatial;
        if (pads[a] < 0 || pads[a + w->n_spatial] < 0 || pads[a] > INT32_MAX || pads[a + w->n_spatial] > INT32_MAX)
            return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "pads below 0 or far above");
        begin[to] = (size_t)pads[a];
        end[to] = (size_t)pads[a + w->n_spatial];
    }
    return QST_OK;
}

/* Pads that auto_pad asks for: as many outputs as ceil(in / stride). */
static void same_pads(const window *w, bool upper, size_t begin[2], size_t end[2])
{
    for (size_t a = 2 - w->n_spatial; a < 2; a++) {
        size_t stride = w->stride[a] > 0 ? w->stride[a] : 1;
        size_t n_out = (w->in[a] + stride - 1) / stride;
        size_t needed = (n_out - 1) * stride + w->kernel[a];
        size_t pad = needed > w->in[a] ? needed - w->in[a] : 0;
        begin[a] = upper ? pad / 2 : pad - pad / 2;
        end[a] = pad - begin[a];
    }
}

static qst_status window_fit(const qsti_onnx_chain *chain, window *w, const size_t begin[2], const size_t end[2])
{
    for (size_t a = 0; a < 2; a++) {
        if (begin[a] != end[a])
            return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "padding of %zu on one side and %zu on the other",
                                  begin[a], end[a]);
        w->padding[a] = begin[a];
        size_t length = w->in[a] + 2 * begin[a];
        if (w->kernel[a] == 0 || w->stride[a] == 0 || w->kernel[a] > length)
            return qsti_onnx_fail(chain, QST_ERR_INPUT, "a window of %zu with steps of %zu over %zu", w->kernel[a],
                                  w->stride[a], length);
        if (w->padding[a] >= w->kernel[a])
            return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "as much padding as kernel");
        w->out[a] = (length - w->kernel[a]) / w->stride[a] + 1;
    }
    return QST_OK;
}

/* Reads all of it for data of the chain's present shape; w->kernel and w->n_spatial are there. */
static qst_status window_read(const qsti_onnx_chain *chain, window *w)
{
    qst_status status = QST_OK;
    size_t begin[2] = {0}, end[2] = {0}, dilation[2];
    char word[64];
    const char *automatic = qsti_onnx_word(chain, "auto_pad", word, "NOTSET");
    bool upper = strcmp(automatic, "SAME_UPPER") == 0, lower = strcmp(automatic, "SAME_LOWER") == 0;
    w->in[0] = chain->end.height;
    w->in[1] = chain->end.width;
    QSTI_TRY(window_numbers(chain, "strides", w->n_spatial, 1, w->stride));
    QSTI_TRY(window_numbers(chain, "dilations", w->n_spatial, 1, dilation));
    if (dilation[0] != 1 || dilation[1] != 1 || qsti_onnx_integer(chain, "ceil_mode", 0) != 0)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "with dilation or ceil_mode"));
    if (w->stride[0] == 0 || w->stride[1] == 0)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_INPUT, "steps of 0"));
    if (upper || lower)
        same_pads(w, upper, begin, end);
    else if (strcmp(automatic, "VALID") != 0)
        QSTI_TRY(window_pads(chain, w, begin, end));
    QSTI_TRY(window_fit(chain, w, begin, end));
done:
    return status;
}

/* Data as images (C, H, W), or as rows (C, W): settled, and seen as they lie. */
static qst_status image_data(qsti_onnx_chain *chain, qsti_onnx_value *in, window *w)
{
    qst_status status = qsti_onnx_settle(chain, in);
    if (status != QST_OK)
        return status;
    size_t n_axes = qsti_onnx_view_axes(&in->view);
    const size_t dims[] = {chain->end.channels, n_axes == 3 ? chain->end.height : chain->end.width, chain->end.width};
    w->n_spatial = n_axes - 1;
    bool fits = (n_axes == 3 || (n_axes == 2 && chain->end.height == 1)) && qsti_onnx_view_is_plain(&in->view);
    for (size_t a = 0; fits && a < n_axes; a++)
        fits = qsti_onnx_view_dim(&in->view, a) == dims[a];
    return fits ? QST_OK
                : qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "its data are no images as the layer before gives them");
}

static qsti_onnx_view image_view(const window *w, size_t channels)
{
    const size_t dims[] = {channels, w->n_spatial == 2 ? w->out[0] : w->out[1], w->out[1]};
    return qsti_onnx_view_make(dims, w->n_spatial + 1);
}

static qst_layer window_layer(qst_layer_kind kind, const window *w)
{
    return (qst_layer){.kind = kind,
                       .kernel = {w->kernel[0], w->kernel[1]},
                       .stride = {w->stride[0], w->stride[1]},
                       .padding = {w->padding[0], w->padding[1]}};
}

/* --- convolutions ------------------------------------------------------------------------------------------------- */

/* What is pending on a convolution's data, one pair a channel; false where a channel has several. */
static bool channel_scales(const qsti_onnx_chain *chain, const qsti_onnx_value *in, size_t channel, double *out_scale,
                           double *out_shift)
{
    size_t n = chain->end.height * chain->end.width;
    *out_scale = in->scales != NULL ? in->scales[channel * n] : in->scale;
    *out_shift = in->scales != NULL ? in->shifts[channel * n] : in->shift;
    for (size_t i = channel * n; in->scales != NULL && i < (channel + 1) * n; i++)
        if (in->scales[i] != *out_scale || in->shifts[i] != *out_shift)
            return false;
    return true;
}

/* Puts it into [W | b], W (n_out, channels, n_kernel). */
static qst_status scale_kernels(const qsti_onnx_chain *chain, const qsti_onnx_value *in, const window *w, size_t n_out,
                                double *trained)
{
    size_t n_kernel = w->kernel[0] * w->kernel[1], channels = chain->end.channels;
    double *biases = trained + n_out * channels * n_kernel;
    for (size_t c = 0; c < channels; c++) {
        double scale, shift;
        bool one = channel_scales(chain, in, c, &scale, &shift);
        if (!one || (shift != 0 && (w->padding[0] > 0 || w->padding[1] > 0)))
            return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "what comes before it is no layer of its own");
        for (size_t o = 0; o < n_out; o++) {
            for (size_t k = 0; k < n_kernel; k++) {
                double *weight = &trained[(o * channels + c) * n_kernel + k];
                biases[o] += *weight * shift;
                *weight *= scale;
            }
        }
    }
    return QST_OK;
}

/* A scaling that waits on the network's input goes by the place in a raw row: by the place in the image from here on.
 */
static qst_status take_input(qsti_onnx_chain *chain, qsti_onnx_value *in, double **out_scales, double **out_shifts)
{
    qst_status status = QST_OK;
    size_t n = qsti_onnx_view_size(&in->view), *order = NULL;
    const qsti_onnx_value pending = *in;
    in->is_erf = false;
    in->scale = 1;
    in->shift = 0;
    in->scales = NULL;
    QSTI_TRY(QSTI_NEW(chain->ctx, n, &order));
    qsti_onnx_view_order(&pending.view, order);
    QSTI_TRY(QSTI_NEW(chain->ctx, n, out_scales));
    QSTI_TRY(QSTI_NEW(chain->ctx, n, out_shifts));
    for (size_t i = 0; i < n; i++) {
        (*out_scales)[i] = pending.scales != NULL ? pending.scales[order[i]] : pending.scale;
        (*out_shifts)[i] = pending.scales != NULL ? pending.shifts[order[i]] : pending.shift;
    }
done:
    qsti_free(chain->ctx, order);
    return status;
}

static qst_status conv_weights(qsti_onnx_chain *chain, const qsti_onnx_value *pending, const window *w,
                               const qsti_onnx_tensor *kernel, double **out)
{
    qst_status status = QST_OK;
    const qsti_onnx_tensor *bias = NULL;
    size_t n_out = kernel->dims[0], n = 0;
    double *trained = NULL;
    if (qsti_onnx_has_input(chain, 2))
        QSTI_TRY(qsti_onnx_constant(chain, 2, &bias));
    if (bias != NULL && bias->n != n_out)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_INPUT, "%zu shifts for %zu channels", bias->n, n_out));
    if (!qsti_add(kernel->n, n_out, &n))
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_INPUT, "more weights than can be counted"));
    QSTI_TRY(QSTI_NEW(chain->ctx, n, &trained));
    memcpy(trained, kernel->values, kernel->n * sizeof *trained);
    if (bias != NULL)
        memcpy(trained + kernel->n, bias->values, n_out * sizeof *trained);
    QSTI_TRY(scale_kernels(chain, pending, w, n_out, trained));
    *out = trained;
    trained = NULL;
done:
    qsti_free(chain->ctx, trained);
    return status;
}

qst_status qsti_onnx_conv(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *given = NULL;
    const qsti_onnx_tensor *kernel = NULL;
    qsti_onnx_value in, pending = {.scale = 1};
    window w = {0};
    double *trained = NULL;
    QSTI_TRY(qsti_onnx_data(chain, 0, &given));
    QSTI_TRY(qsti_onnx_constant(chain, 1, &kernel));
    in = *given;
    if (in.is_erf)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "comes behind an Erf"));
    QSTI_TRY(take_input(chain, &in, &pending.scales, &pending.shifts));
    QSTI_TRY(image_data(chain, &in, &w));
    if (qsti_onnx_integer(chain, "group", 1) != 1)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "in groups"));
    if (kernel->n_dims != w.n_spatial + 2 || kernel->dims[1] != chain->end.channels || kernel->n == 0)
        QSTI_TRY(
            qsti_onnx_fail(chain, QST_ERR_INPUT, "its kernels do not fit data of %zu channels", chain->end.channels));
    w.kernel[0] = w.n_spatial == 2 ? kernel->dims[2] : 1;
    w.kernel[1] = kernel->dims[w.n_spatial + 1];
    QSTI_TRY(window_read(chain, &w));
    QSTI_TRY(conv_weights(chain, &pending, &w, kernel, &trained));
    size_t channels = kernel->dims[0];
    qsti_onnx_view view = image_view(&w, channels);
    qsti_onnx_layer layer = {
        .layer = window_layer(QST_LAYER_conv, &w), .trained = trained, .n_trained = kernel->n + channels};
    layer.layer.size = channels;
    QSTI_TRY(qsti_onnx_add_layer(chain, layer, (qsti_shape){channels, w.out[0], w.out[1]}, &view, out));
done:
    qsti_free(chain->ctx, pending.scales);
    qsti_free(chain->ctx, pending.shifts);
    return status;
}

/* --- pools -------------------------------------------------------------------------------------------------------- */

static qst_status add_pool(qsti_onnx_chain *chain, qst_layer_kind kind, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *given = NULL;
    window w = {0};
    QSTI_TRY(qsti_onnx_data(chain, 0, &given));
    qsti_onnx_value in = *given;
    QSTI_TRY(image_data(chain, &in, &w));
    QSTI_TRY(window_numbers(chain, "kernel_shape", w.n_spatial, 0, w.kernel));
    QSTI_TRY(window_read(chain, &w));
    if (kind == QST_LAYER_avg_pool && (w.padding[0] > 0 || w.padding[1] > 0))
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "with padding"));
    qsti_onnx_view view = image_view(&w, chain->end.channels);
    QSTI_TRY(qsti_onnx_add_layer(chain, (qsti_onnx_layer){.layer = window_layer(kind, &w)},
                                 (qsti_shape){chain->end.channels, w.out[0], w.out[1]}, &view, out));
done:
    return status;
}

qst_status qsti_onnx_max_pool(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    return add_pool(chain, QST_LAYER_max_pool, out);
}

qst_status qsti_onnx_average_pool(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    return add_pool(chain, QST_LAYER_avg_pool, out);
}

/* The means of channels, seen through `view`. */
static qst_status add_global_pool(qsti_onnx_chain *chain, const qsti_onnx_view *view, qsti_onnx_value *out)
{
    return qsti_onnx_add_layer(chain, (qsti_onnx_layer){.layer = {.kind = QST_LAYER_global_avg_pool}},
                               (qsti_shape){chain->end.channels, 1, 1}, view, out);
}

qst_status qsti_onnx_global_average_pool(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *given = NULL;
    window w = {0};
    QSTI_TRY(qsti_onnx_data(chain, 0, &given));
    qsti_onnx_value in = *given;
    QSTI_TRY(image_data(chain, &in, &w));
    const size_t dims[] = {chain->end.channels, 1, 1};
    qsti_onnx_view view = qsti_onnx_view_make(dims, w.n_spatial + 1);
    QSTI_TRY(add_global_pool(chain, &view, out));
done:
    return status;
}

/* Bit a: the mean is over axis a, 0 the batch; bit 0 also for axes that are none. */
static qst_status mean_axes(qsti_onnx_chain *chain, size_t n_axes, size_t *out)
{
    const qsti_onnx_tensor *tensor = NULL;
    int64_t axes[QSTI_ONNX_MAX_AXES];
    size_t n = 0, bits = 0;
    qst_status status = QST_OK;
    if (qsti_onnx_has_input(chain, 1)) {
        QSTI_TRY(qsti_onnx_constant(chain, 1, &tensor));
        if (tensor->n > QSTI_ONNX_MAX_AXES)
            QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "over more than %d axes", QSTI_ONNX_MAX_AXES));
        for (n = 0; n < tensor->n; n++)
            axes[n] = qsti_onnx_whole(tensor->values[n]);
    } else {
        QSTI_TRY(qsti_onnx_integers(chain, "axes", QSTI_ONNX_MAX_AXES, axes, &n));
    }
    for (size_t i = 0; i < n; i++) {
        int64_t axis = axes[i] < 0 ? axes[i] + (int64_t)n_axes : axes[i];
        bits |= (size_t)1 << (axis > 0 && axis < (int64_t)n_axes && axis <= QSTI_VIEW_MAX_AXES ? axis : 0);
    }
    *out = bits;
done:
    return status;
}

/* Of images, with their channels first or last. */
qst_status qsti_onnx_reduce_mean(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *given = NULL;
    bool keep = qsti_onnx_integer(chain, "keepdims", 1) != 0;
    size_t bits = 0, kept = 0, n_kept = 0, dims[QSTI_VIEW_MAX_AXES];
    QSTI_TRY(qsti_onnx_data(chain, 0, &given));
    qsti_onnx_value in = *given;
    QSTI_TRY(qsti_onnx_settle(chain, &in));
    size_t n_axes = qsti_onnx_view_axes(&in.view), n_places = chain->end.height * chain->end.width;
    QSTI_TRY(mean_axes(chain, n_axes + 1, &bits));
    for (size_t a = 0; a < n_axes; a++) {
        dims[a] = 1;
        if ((bits >> (a + 1) & 1) == 0) {
            kept = a;
            n_kept++;
        }
    }
    if ((bits & 1) != 0 || n_kept != 1 || n_axes < 2 || in.view.is_flat || in.view.dims[kept] != chain->end.channels ||
        in.view.strides[kept] != n_places)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "over other axes than all but batch and channels"));
    dims[kept] = chain->end.channels;
    qsti_onnx_view view = qsti_onnx_view_make(keep ? dims : &dims[kept], keep ? n_axes : 1);
    QSTI_TRY(add_global_pool(chain, &view, out));
done:
    return status;
}

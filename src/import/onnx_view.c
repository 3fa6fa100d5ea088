/* onnx_view.c: see onnx_view.h. */
#include "import/onnx_view.h"

#include <string.h>

qsti_onnx_view qsti_onnx_view_make(const size_t *dims, size_t n_axes)
{
    qsti_onnx_view view = {.n_axes = n_axes};
    size_t stride = 1;
    for (size_t a = n_axes; a-- > 0;) {
        view.dims[a] = dims[a];
        view.strides[a] = stride;
        stride *= dims[a];
    }
    return view;
}

size_t qsti_onnx_view_size(const qsti_onnx_view *view)
{
    size_t size = 1;
    for (size_t a = 0; a < view->n_axes; a++)
        size *= view->dims[a];
    return size;
}

size_t qsti_onnx_view_axes(const qsti_onnx_view *view)
{
    return view->is_flat ? 1 : view->n_axes;
}

size_t qsti_onnx_view_dim(const qsti_onnx_view *view, size_t axis)
{
    return view->is_flat ? qsti_onnx_view_size(view) : view->dims[axis];
}

bool qsti_onnx_view_is_plain(const qsti_onnx_view *view)
{
    size_t stride = 1;
    for (size_t a = view->n_axes; a-- > 0;) {
        if (view->dims[a] != 1 && view->strides[a] != stride)
            return false;
        stride *= view->dims[a];
    }
    return true;
}

void qsti_onnx_view_order(const qsti_onnx_view *view, size_t *out)
{
    size_t size = qsti_onnx_view_size(view);
    for (size_t i = 0; i < size; i++) {
        size_t rest = i;
        out[i] = 0;
        for (size_t a = view->n_axes; a-- > 0;) {
            out[i] += rest % view->dims[a] * view->strides[a];
            rest /= view->dims[a];
        }
    }
}

bool qsti_onnx_view_transpose(const qsti_onnx_view *view, const size_t *permutation, qsti_onnx_view *out)
{
    if (view->is_flat) {
        *out = *view;
        return true;
    }
    qsti_onnx_view turned = {.n_axes = view->n_axes};
    for (size_t a = 0; a < view->n_axes; a++) {
        turned.dims[a] = view->dims[permutation[a]];
        turned.strides[a] = view->strides[permutation[a]];
    }
    *out = turned;
    return true;
}

/* The view without its axes of length 1. */
static qsti_onnx_view squeeze(const qsti_onnx_view *view)
{
    qsti_onnx_view out = {.n_axes = 0};
    for (size_t a = 0; a < view->n_axes; a++) {
        if (view->dims[a] != 1) {
            out.dims[out.n_axes] = view->dims[a];
            out.strides[out.n_axes++] = view->strides[a];
        }
    }
    return out;
}

bool qsti_onnx_view_reshape(const qsti_onnx_view *view, const size_t *dims, size_t n_axes, qsti_onnx_view *out)
{
    qsti_onnx_view plain = qsti_onnx_view_make(dims, n_axes), from = squeeze(view), to = squeeze(&plain);
    if (qsti_onnx_view_is_plain(view)) {
        *out = plain;
        return true;
    }
    if (to.n_axes == 1 && n_axes == 1) {
        *out = *view;
        out->is_flat = true;
        return true;
    }
    if (view->is_flat || from.n_axes != to.n_axes || memcmp(from.dims, to.dims, to.n_axes * sizeof *to.dims) != 0)
        return false;
    for (size_t a = 0, next = 0; a < n_axes; a++)
        if (plain.dims[a] != 1)
            plain.strides[a] = from.strides[next++];
    *out = plain;
    return true;
}

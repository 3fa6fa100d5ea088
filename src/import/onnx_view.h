/* onnx_view.h: how a value of an ONNX graph lies in a row of our own networks.
 *
 * A graph moves and merges axes; our networks keep a row as (channels, height, width). A view says where each of the
 * graph's elements stands in that row: element (i, j, ...) at i * strides[0] + j * strides[1] + ... The axis of the
 * batch is not part of it.
 */
#ifndef QSTI_IMPORT_ONNX_VIEW_H
#define QSTI_IMPORT_ONNX_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#define QSTI_VIEW_MAX_AXES 7

typedef struct qsti_onnx_view {
    size_t n_axes, dims[QSTI_VIEW_MAX_AXES], strides[QSTI_VIEW_MAX_AXES];
    bool is_flat; /* for the graph these axes are a single one, in this order */
} qsti_onnx_view;

/* A row as it lies. */
qsti_onnx_view qsti_onnx_view_make(const size_t *dims, size_t n_axes);

size_t qsti_onnx_view_size(const qsti_onnx_view *view);
/* Number of axes for the graph, and one of them. */
size_t qsti_onnx_view_axes(const qsti_onnx_view *view);
size_t qsti_onnx_view_dim(const qsti_onnx_view *view, size_t axis);
/* Whether element i of the graph is element i of the row. */
bool qsti_onnx_view_is_plain(const qsti_onnx_view *view);
/* out[i] = place in the row of element i of the graph. */
void qsti_onnx_view_order(const qsti_onnx_view *view, size_t *out);

/* False where the row would have to be moved about. */
bool qsti_onnx_view_transpose(const qsti_onnx_view *view, const size_t *permutation, qsti_onnx_view *out);
bool qsti_onnx_view_reshape(const qsti_onnx_view *view, const size_t *dims, size_t n_axes, qsti_onnx_view *out);

#endif

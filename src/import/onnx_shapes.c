/* onnx_shapes.c: operators that move axes about and leave every number as it is, and the arithmetic of shapes by which
 * exporters say "as many rows as there are".
 *
 * Axis 0 is the batch and stays where it is. Axes may be negative: counted from the end. */
#include <string.h>

#include "import/onnx_chain.h"

#define MAX_AXES QSTI_ONNX_MAX_AXES

/* --- axes --------------------------------------------------------------------------------------------------------- */

/* 0 <= *axis < n_axes. */
static qst_status resolve_axis(const qsti_onnx_chain *chain, size_t n_axes, int64_t given, size_t *axis)
{
    int64_t n = (int64_t)n_axes;
    if (given < -n || given >= n)
        return qsti_onnx_fail(chain, QST_ERR_INPUT, "axis %lld of %zu", (long long)given, n_axes);
    *axis = (size_t)(given < 0 ? given + n : given);
    return QST_OK;
}

/* Whole numbers from an input or, in older versions, from an attribute. *out_n 0: not given. */
static qst_status axes_of(qsti_onnx_chain *chain, const char *name, size_t input, int64_t *out, size_t *out_n)
{
    const qsti_onnx_tensor *tensor = NULL;
    if (!qsti_onnx_has_input(chain, input))
        return qsti_onnx_integers(chain, name, MAX_AXES, out, out_n);
    qst_status status = qsti_onnx_constant(chain, input, &tensor);
    if (status != QST_OK)
        return status;
    if (tensor->n > MAX_AXES)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "more than %d axes", MAX_AXES);
    *out_n = tensor->n;
    for (size_t i = 0; i < tensor->n; i++)
        out[i] = qsti_onnx_whole(tensor->values[i]);
    return QST_OK;
}

/* --- data, constants and shapes by other axes ----------------------------------------------------------------------
 */

/* The axes of any value, the batch of data among them as 1. */
static size_t dims_of(const qsti_onnx_value *value, size_t dims[MAX_AXES])
{
    if (value->kind == QSTI_VALUE_CONSTANT) {
        memcpy(dims, value->tensor.dims, value->tensor.n_dims * sizeof *dims);
        return value->tensor.n_dims;
    }
    size_t n_axes = qsti_onnx_view_axes(&value->view);
    dims[0] = 1;
    for (size_t a = 0; a < n_axes; a++)
        dims[a + 1] = qsti_onnx_view_dim(&value->view, a);
    return n_axes + 1;
}

/* The value with these axes, of which data's first is the batch. */
static qst_status give_axes(qsti_onnx_chain *chain, const qsti_onnx_value *in, const size_t *dims, size_t n_dims,
                            qsti_onnx_value *out)
{
    qsti_onnx_view view;
    if (in->kind == QSTI_VALUE_CONSTANT)
        return qsti_onnx_constant_copy(chain, &in->tensor, dims, n_dims, out);
    if (n_dims < 2 || n_dims > QSTI_VIEW_MAX_AXES)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "to %zu dimensions", n_dims);
    if (!qsti_onnx_view_reshape(&in->view, dims + 1, n_dims - 1, &view))
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "numbers would have to be moved about");
    qst_status status = qsti_onnx_pass(chain, 0, in, out);
    if (status == QST_OK)
        out->view = view;
    return status;
}

/* Behind a softmax only what leaves the classes as they are. */
static qst_status movable(qsti_onnx_chain *chain, const qsti_onnx_value **out)
{
    qst_status status = qsti_onnx_value_of(chain, 0, out);
    if (status == QST_OK && (*out)->kind == QSTI_VALUE_SHAPE)
        status = qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "of a shape");
    return status;
}

qst_status qsti_onnx_squeeze(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *in = NULL;
    size_t dims[MAX_AXES], left[MAX_AXES], n_dims, n_left = 0, n_axes = 0, axis = 0;
    int64_t axes[MAX_AXES];
    bool gone[MAX_AXES] = {false};
    QSTI_TRY(qsti_onnx_value_of(chain, 0, &in));
    if (in->kind == QSTI_VALUE_SHAPE)
        return qsti_onnx_pass(chain, 0, in, out);
    QSTI_TRY(axes_of(chain, "axes", 1, axes, &n_axes));
    n_dims = dims_of(in, dims);
    for (size_t i = 0; i < n_axes; i++) {
        QSTI_TRY(resolve_axis(chain, n_dims, axes[i], &axis));
        gone[axis] = true;
    }
    for (size_t a = 0; a < n_dims; a++) {
        bool batch = in->kind == QSTI_VALUE_DATA && a == 0;
        bool drop = n_axes == 0 ? dims[a] == 1 && !batch : gone[a];
        if (drop && (batch || dims[a] != 1))
            QSTI_TRY(
                qsti_onnx_fail(chain, batch ? QST_ERR_UNSUPPORTED : QST_ERR_INPUT, "axis %zu is not of length 1", a));
        if (!drop)
            left[n_left++] = dims[a];
    }
    QSTI_TRY(give_axes(chain, in, left, n_left, out));
done:
    return status;
}

qst_status qsti_onnx_unsqueeze(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *in = NULL;
    size_t dims[MAX_AXES], more[MAX_AXES], n_dims, n_axes = 0, axis = 0;
    int64_t axes[MAX_AXES];
    bool is_new[MAX_AXES] = {false};
    QSTI_TRY(qsti_onnx_value_of(chain, 0, &in));
    if (in->kind == QSTI_VALUE_SHAPE)
        return qsti_onnx_pass(chain, 0, in, out);
    QSTI_TRY(axes_of(chain, "axes", 1, axes, &n_axes));
    n_dims = dims_of(in, dims);
    if (n_dims + n_axes > MAX_AXES)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "to more than %d dimensions", MAX_AXES));
    for (size_t i = 0; i < n_axes; i++) {
        QSTI_TRY(resolve_axis(chain, n_dims + n_axes, axes[i], &axis));
        is_new[axis] = true;
    }
    if (is_new[0] && in->kind == QSTI_VALUE_DATA)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "in front of the batch"));
    for (size_t a = 0, next = 0; a < n_dims + n_axes; a++) {
        if (!is_new[a] && next == n_dims)
            QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_INPUT, "an axis is given twice"));
        more[a] = is_new[a] ? 1 : dims[next++];
    }
    QSTI_TRY(give_axes(chain, in, more, n_dims + n_axes, out));
done:
    return status;
}

qst_status qsti_onnx_transpose(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *in = NULL;
    int64_t given[MAX_AXES];
    size_t dims[MAX_AXES], permutation[MAX_AXES] = {0}, behind[MAX_AXES], n_given = 0;
    bool seen[MAX_AXES] = {false};
    QSTI_TRY(movable(chain, &in));
    size_t n_dims = dims_of(in, dims);
    QSTI_TRY(qsti_onnx_integers(chain, "perm", MAX_AXES, given, &n_given));
    if (n_given != 0 && n_given != n_dims)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_INPUT, "%zu axes for %zu dimensions", n_given, n_dims));
    for (size_t d = 0; d < n_dims; d++) {
        int64_t from = n_given ? given[d] : (int64_t)(n_dims - 1 - d);
        if (from < 0 || from >= (int64_t)n_dims || seen[from])
            QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_INPUT, "perm is no permutation"));
        seen[from] = true;
        permutation[d] = (size_t)from;
    }
    if (in->kind == QSTI_VALUE_CONSTANT)
        return qsti_onnx_constant_transpose(chain, &in->tensor, permutation, out);
    if (permutation[0] != 0)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "the batch would move"));
    for (size_t d = 1; d < n_dims; d++)
        behind[d - 1] = permutation[d] - 1;
    QSTI_TRY(qsti_onnx_pass(chain, 0, in, out));
    qsti_onnx_view_transpose(&in->view, behind, &out->view);
done:
    return status;
}

qst_status qsti_onnx_flatten(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    const qsti_onnx_value *in = NULL;
    qst_status status = movable(chain, &in);
    if (status != QST_OK)
        return status;
    if (in->kind != QSTI_VALUE_DATA || qsti_onnx_integer(chain, "axis", 1) != 1)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "otherwise than each row as one");
    const size_t dims[] = {1, qsti_onnx_view_size(&in->view)};
    return give_axes(chain, in, dims, 2, out);
}

/* --- Reshape ------------------------------------------------------------------------------------------------------ */

/* The shape that is wanted: -1 for what follows, QSTI_BATCH for as many rows as there are. */
static qst_status wanted_shape(qsti_onnx_chain *chain, int64_t out[MAX_AXES], size_t *out_n)
{
    const qsti_onnx_value *shape = NULL;
    qst_status status = qsti_onnx_value_of(chain, 1, &shape);
    if (status != QST_OK)
        return status;
    size_t n = shape->kind == QSTI_VALUE_SHAPE ? shape->n_numbers : shape->tensor.n;
    if (shape->kind == QSTI_VALUE_DATA || n > MAX_AXES)
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "to a shape that cannot be followed");
    for (size_t i = 0; i < n; i++)
        out[i] = shape->kind == QSTI_VALUE_SHAPE ? shape->numbers[i] : qsti_onnx_whole(shape->tensor.values[i]);
    *out_n = n;
    return QST_OK;
}

/* Zeros are what was there; one -1 is what is left of `size`. Gives the product. */
static qst_status fill_shape(const qsti_onnx_chain *chain, const int64_t *wanted, const size_t *before, size_t n_before,
                             size_t first, size_t n, size_t size, size_t *out)
{
    size_t known = 1, open = SIZE_MAX;
    for (size_t d = first; d < n; d++) {
        if (wanted[d] == -1 && open == SIZE_MAX) {
            open = d;
            continue;
        }
        bool same = wanted[d] == 0 && d < n_before;
        if (!same && wanted[d] <= 0)
            return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "to a shape that does not keep each row for itself");
        out[d] = same ? before[d] : (size_t)wanted[d];
        if (!qsti_mul(known, out[d], &known))
            return qsti_onnx_fail(chain, QST_ERR_INPUT, "to a shape that is too large");
    }
    if (open != SIZE_MAX && known > 0 && size % known == 0) {
        out[open] = size / known;
        known = size;
    }
    return known == size ? QST_OK
                         : qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "to a shape of another size, %zu instead of %zu",
                                          known, size);
}

qst_status qsti_onnx_reshape(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *in = NULL;
    int64_t wanted[MAX_AXES];
    size_t before[MAX_AXES], dims[MAX_AXES] = {1}, n = 0;
    QSTI_TRY(movable(chain, &in));
    QSTI_TRY(wanted_shape(chain, wanted, &n));
    size_t n_before = dims_of(in, before);
    if (in->kind == QSTI_VALUE_CONSTANT) {
        QSTI_TRY(fill_shape(chain, wanted, before, n_before, 0, n, in->tensor.n, dims));
        return give_axes(chain, in, dims, n, out);
    }
    int64_t rows = n > 0 ? wanted[0] : 1, batch = chain->graph->axes[0];
    if (rows != 0 && rows != -1 && rows != QSTI_BATCH && !(batch > 0 && rows == batch))
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "to a shape that does not keep each row for itself"));
    for (size_t d = 1; rows == -1 && d < n; d++) /* only one may be left open */
        if (wanted[d] == -1)
            QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_INPUT, "two dimensions are left open"));
    QSTI_TRY(fill_shape(chain, wanted, before, n_before, 1, n, qsti_onnx_view_size(&in->view), dims));
    QSTI_TRY(give_axes(chain, in, dims, n, out));
done:
    return status;
}

/* --- arithmetic of shapes ----------------------------------------------------------------------------------------- */

static qst_status shape_input(qsti_onnx_chain *chain, const qsti_onnx_value **out)
{
    qst_status status = qsti_onnx_value_of(chain, 0, out);
    if (status == QST_OK && (*out)->kind != QSTI_VALUE_SHAPE)
        status = qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "of what is no shape");
    return status;
}

qst_status qsti_onnx_shape(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    const qsti_onnx_value *in = NULL;
    qsti_onnx_value shape = {.kind = QSTI_VALUE_SHAPE};
    size_t dims[MAX_AXES];
    qst_status status = qsti_onnx_data(chain, 0, &in);
    if (status != QST_OK)
        return status;
    int64_t n = (int64_t)dims_of(in, dims);
    int64_t start = qsti_onnx_integer(chain, "start", 0), stop = qsti_onnx_integer(chain, "end", n);
    start = start < 0 ? start + n : start;
    stop = stop < 0 ? stop + n : stop;
    for (int64_t d = start < 0 ? 0 : start; d < n && d < stop; d++)
        shape.numbers[shape.n_numbers++] = d == 0 ? QSTI_BATCH : (int64_t)dims[d];
    *out = shape;
    return QST_OK;
}

qst_status qsti_onnx_gather(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *in = NULL;
    const qsti_onnx_tensor *indices = NULL;
    qsti_onnx_value shape = {.kind = QSTI_VALUE_SHAPE};
    QSTI_TRY(shape_input(chain, &in));
    QSTI_TRY(qsti_onnx_constant(chain, 1, &indices));
    if (indices->n > MAX_AXES)
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "of more than %d numbers", MAX_AXES));
    for (size_t i = 0; i < indices->n; i++) {
        size_t axis = 0;
        QSTI_TRY(resolve_axis(chain, in->n_numbers, qsti_onnx_whole(indices->values[i]), &axis));
        shape.numbers[shape.n_numbers++] = in->numbers[axis];
    }
    *out = shape;
done:
    return status;
}

static int64_t clamp(int64_t value, int64_t n)
{
    value = value < 0 ? value + n : value;
    return value < 0 ? 0 : value > n ? n : value;
}

qst_status qsti_onnx_slice(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    qst_status status = QST_OK;
    const qsti_onnx_value *in = NULL;
    int64_t starts[MAX_AXES], ends[MAX_AXES], steps[MAX_AXES];
    size_t n_starts = 0, n_ends = 0, n_steps = 0;
    qsti_onnx_value shape = {.kind = QSTI_VALUE_SHAPE};
    QSTI_TRY(shape_input(chain, &in));
    QSTI_TRY(axes_of(chain, "starts", 1, starts, &n_starts));
    QSTI_TRY(axes_of(chain, "ends", 2, ends, &n_ends));
    if (qsti_onnx_has_input(chain, 4))
        QSTI_TRY(axes_of(chain, "steps", 4, steps, &n_steps));
    if (n_starts != 1 || n_ends != 1 || (n_steps != 0 && steps[0] != 1))
        QSTI_TRY(qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "otherwise than of neighbours in a shape"));
    int64_t n = (int64_t)in->n_numbers;
    for (int64_t i = clamp(starts[0], n); i < clamp(ends[0], n); i++)
        shape.numbers[shape.n_numbers++] = in->numbers[i];
    *out = shape;
done:
    return status;
}

/* Shapes and whole numbers, one behind the other. */
static qst_status concat_shapes(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    qsti_onnx_value shape = {.kind = QSTI_VALUE_SHAPE};
    for (size_t i = 0; i < qsti_onnx_node(chain)->n_input; i++) {
        const qsti_onnx_value *in = NULL;
        qst_status status = qsti_onnx_value_of(chain, i, &in);
        if (status != QST_OK)
            return status;
        size_t n = in->kind == QSTI_VALUE_SHAPE ? in->n_numbers : in->tensor.n;
        if (in->kind == QSTI_VALUE_DATA || n > MAX_AXES - shape.n_numbers)
            return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "of a shape and something else");
        for (size_t j = 0; j < n; j++)
            shape.numbers[shape.n_numbers++] =
                in->kind == QSTI_VALUE_SHAPE ? in->numbers[j] : qsti_onnx_whole(in->tensor.values[j]);
    }
    *out = shape;
    return QST_OK;
}

/* (1 - p, p) of p = sigmoid(z): two probabilities of one output. */
static qst_status concat_binary(qsti_onnx_chain *chain, const qsti_onnx_value *first, qsti_onnx_value *out)
{
    const qsti_onnx_value *second = NULL;
    const size_t two = 2;
    int64_t axis = qsti_onnx_integer(chain, "axis", 0);
    qst_status status = qsti_onnx_data(chain, 1, &second);
    if (status != QST_OK)
        return status;
    bool same = first->n_layers == chain->n_layers && second->n_layers == chain->n_layers &&
                qsti_onnx_view_axes(&first->view) == 1 && qsti_onnx_view_size(&first->view) == 1;
    bool negative = !first->is_erf && first->scales == NULL && first->scale == -1 && first->shift == 1;
    bool sigmoid = chain->n_layers > 0 && chain->layers[chain->n_layers - 1].layer.kind == QST_LAYER_sigmoid;
    if (qsti_onnx_node(chain)->n_input != 2 || !same || !negative || !qsti_onnx_is_bare(second) || !sigmoid ||
        (axis != 1 && axis != -1))
        return qsti_onnx_fail(chain, QST_ERR_UNSUPPORTED, "the graph branches here");
    chain->n_layers--;
    *out = (qsti_onnx_value){.kind = QSTI_VALUE_DATA,
                             .n_layers = chain->n_layers,
                             .view = qsti_onnx_view_make(&two, 1),
                             .scale = 1,
                             .final = QSTI_FINAL_BINARY};
    return QST_OK;
}

qst_status qsti_onnx_concat(qsti_onnx_chain *chain, qsti_onnx_value *out)
{
    const qsti_onnx_value *first = NULL;
    qst_status status = qsti_onnx_value_of(chain, 0, &first);
    if (status != QST_OK)
        return status;
    return first->kind == QSTI_VALUE_DATA ? concat_binary(chain, first, out) : concat_shapes(chain, out);
}

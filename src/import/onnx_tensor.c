/* onnx_tensor.c: see onnx_tensor.h. Items lie in raw_data (little-endian), in a typed list, or in a file beside the
 * model. What is announced is compared with what is there before memory is taken for it. */
#include "import/onnx_tensor.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

/* --- types -------------------------------------------------------------------------------------------------------- */

typedef struct item_type {
    size_t n_bytes;
    const char *list; /* name of the typed field */
    int32_t type;
    bool is_whole;
} item_type;

static const item_type types[] = {
#define QSTI_ONNX_TYPE(name, bytes, list, is_whole) \
    {bytes, #list, QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__##name, is_whole},
#include "import/onnx_types.def"
#undef QSTI_ONNX_TYPE
};

static const item_type *find_type(int32_t type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].type == type)
            return &types[i];
    return NULL;
}

/* sign, exponent (n_exponent bits), fraction (n_fraction bits). */
static double small_float(uint32_t bits, int n_exponent, int n_fraction)
{
    int exponent = (int)(bits >> n_fraction & ((1U << n_exponent) - 1)), bias = (1 << (n_exponent - 1)) - 1;
    double fraction = ldexp((double)(bits & ((1U << n_fraction) - 1)), -n_fraction), value;
    if (exponent == (1 << n_exponent) - 1)
        value = fraction == 0 ? INFINITY : NAN;
    else
        value = exponent == 0 ? ldexp(fraction, 1 - bias) : ldexp(1 + fraction, exponent - bias);
    return bits >> (n_exponent + n_fraction) & 1 ? -value : value;
}

/* One item of raw data. */
static double raw_item(int32_t type, const unsigned char *bytes, size_t n_bytes)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < n_bytes; i++)
        bits |= (uint64_t)bytes[i] << (8 * i);
    switch (type) {
    case QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT: {
        uint32_t narrow = (uint32_t)bits;
        float value;
        memcpy(&value, &narrow, sizeof value);
        return (double)value;
    }
    case QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE: {
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    case QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16:
        return small_float((uint32_t)bits, 5, 10);
    case QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16:
        return small_float((uint32_t)bits, 8, 7);
    case QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__INT8:
        return (double)(int8_t)bits;
    case QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__INT16:
        return (double)(int16_t)bits;
    case QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__INT32:
        return (double)(int32_t)bits;
    case QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__INT64:
        return (double)(int64_t)bits;
    default:
        return (double)bits;
    }
}

/* One item of a list of int32, which holds the bits of small floats. */
static double listed_item(int32_t type, int32_t item)
{
    switch (type) {
    case QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16:
        return small_float((uint32_t)item & 0xffff, 5, 10);
    case QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16:
        return small_float((uint32_t)item & 0xffff, 8, 7);
    default:
        return (double)item;
    }
}

/* --- what is announced -------------------------------------------------------------------------------------------- */

typedef struct reading {
    const qsti_onnx *onnx;
    const QstiOnnx__TensorProto *proto;
    const item_type *type;
    qsti_onnx_tensor tensor;
} reading;

static qst_status refuse(const reading *r, qst_status status, const char *what)
{
    return qsti_fail(r->onnx->ctx, status, "%s: tensor \"%s\": %s", r->onnx->path, qsti_onnx_text(r->proto->name),
                     what);
}

static qst_status read_shape(reading *r)
{
    qsti_onnx_tensor *tensor = &r->tensor;
    if (r->proto->n_dims > QSTI_ONNX_MAX_DIMS)
        return refuse(r, QST_ERR_UNSUPPORTED, "more than 8 dimensions");
    tensor->n_dims = r->proto->n_dims;
    tensor->n = 1;
    for (size_t d = 0; d < tensor->n_dims; d++) {
        int64_t dim = r->proto->dims[d];
        if (dim < 0)
            return refuse(r, QST_ERR_INPUT, "a negative dimension");
        tensor->dims[d] = (size_t)dim;
        if (!qsti_mul(tensor->n, (size_t)dim, &tensor->n))
            return refuse(r, QST_ERR_INPUT, "more values than can be counted");
    }
    return QST_OK;
}

static size_t n_listed(const reading *r)
{
    const QstiOnnx__TensorProto *proto = r->proto;
    const struct {
        const char *name;
        size_t n;
    } lists[] = {
        {"float_data", proto->n_float_data}, {"double_data", proto->n_double_data}, {"int32_data", proto->n_int32_data},
        {"int64_data", proto->n_int64_data}, {"uint64_data", proto->n_uint64_data},
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (strcmp(lists[i].name, r->type->list) == 0)
            return lists[i].n;
    return 0;
}

static bool has_lists(const QstiOnnx__TensorProto *proto)
{
    return proto->n_float_data > 0 || proto->n_double_data > 0 || proto->n_int32_data > 0 || proto->n_int64_data > 0 ||
           proto->n_uint64_data > 0 || proto->n_string_data > 0;
}

static qst_status refuse_count(const reading *r, size_t n_there)
{
    return qsti_fail(r->onnx->ctx, QST_ERR_INPUT, "%s: tensor \"%s\": %zu values are announced, %zu are there",
                     r->onnx->path, qsti_onnx_text(r->proto->name), r->tensor.n, n_there);
}

/* --- where the values lie ----------------------------------------------------------------------------------------- */

static void convert_raw(reading *r, const unsigned char *bytes)
{
    for (size_t i = 0; i < r->tensor.n; i++)
        r->tensor.values[i] = raw_item(r->type->type, bytes + i * r->type->n_bytes, r->type->n_bytes);
}

static qst_status read_raw(reading *r)
{
    if (r->proto->raw_data.len / r->type->n_bytes != r->tensor.n || r->proto->raw_data.len % r->type->n_bytes != 0)
        return refuse_count(r, r->proto->raw_data.len / r->type->n_bytes);
    qst_status status = QSTI_NEW(r->onnx->ctx, r->tensor.n, &r->tensor.values);
    if (status == QST_OK)
        convert_raw(r, r->proto->raw_data.data);
    return status;
}

static qst_status read_list(reading *r)
{
    const QstiOnnx__TensorProto *proto = r->proto;
    if (n_listed(r) != r->tensor.n)
        return refuse_count(r, n_listed(r));
    qst_status status = QSTI_NEW(r->onnx->ctx, r->tensor.n, &r->tensor.values);
    for (size_t i = 0; status == QST_OK && i < r->tensor.n; i++) {
        double *out = &r->tensor.values[i];
        if (proto->n_float_data > 0)
            *out = (double)proto->float_data[i];
        else if (proto->n_double_data > 0)
            *out = proto->double_data[i];
        else if (proto->n_int64_data > 0)
            *out = (double)proto->int64_data[i];
        else if (proto->n_uint64_data > 0)
            *out = (double)proto->uint64_data[i];
        else
            *out = listed_item(r->type->type, proto->int32_data[i]);
    }
    return status;
}

/* A number of external_data; 0 where it is not given. */
static qst_status external_number(const reading *r, const char *key, uint64_t *out)
{
    const char *text = qsti_onnx_external(r->proto, key);
    *out = 0;
    if (text != NULL && !qsti_parse_u64(text, strlen(text), out))
        return refuse(r, QST_ERR_INPUT, "where its data lie is no number");
    return QST_OK;
}

static qst_status skip_to(const reading *r, int descriptor, size_t length, size_t n_bytes)
{
    uint64_t offset = 0, announced = 0;
    qst_status status = external_number(r, "offset", &offset);
    if (status == QST_OK)
        status = external_number(r, "length", &announced);
    if (status != QST_OK)
        return status;
    if (announced != 0 && announced != n_bytes)
        return refuse_count(r, (size_t)announced / r->type->n_bytes);
    if (offset > length || n_bytes > length - offset)
        return refuse(r, QST_ERR_INPUT, "its data lie beyond the end of their file");
    if (lseek(descriptor, (off_t)offset, SEEK_SET) < 0)
        return qsti_fail_errno(r->onnx->ctx, "%s: its weights cannot be read", r->onnx->path);
    return QST_OK;
}

static qst_status read_external(reading *r)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = r->onnx->ctx;
    const char *name = qsti_onnx_external(r->proto, "location");
    int descriptor = -1;
    size_t length = 0, n_bytes = 0;
    unsigned char *bytes = NULL;
    if (name == NULL)
        return refuse(r, QST_ERR_INPUT, "where its data lie is not said");
    if (!qsti_mul(r->tensor.n, r->type->n_bytes, &n_bytes))
        return refuse(r, QST_ERR_INPUT, "more values than can be counted");
    status = qsti_file_open_inside(ctx, r->onnx->folder, name, &descriptor, &length);
    if (status != QST_OK)
        return qsti_fail_within(ctx, status, "%s: its weights", r->onnx->path);
    QSTI_TRY(skip_to(r, descriptor, length, n_bytes));
    QSTI_TRY(QSTI_NEW(ctx, n_bytes, &bytes));
    QSTI_TRY(qsti_file_read_exactly(ctx, name, descriptor, bytes, n_bytes));
    QSTI_TRY(QSTI_NEW(ctx, r->tensor.n, &r->tensor.values));
    convert_raw(r, bytes);
done:
    qsti_free(ctx, bytes);
    close(descriptor);
    return status;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static qst_status check_finite(const reading *r)
{
    for (size_t i = 0; i < r->tensor.n; i++)
        if (!isfinite(r->tensor.values[i]))
            return qsti_fail(r->onnx->ctx, QST_ERR_INPUT, "%s: tensor \"%s\": value %zu (from 0) is %s", r->onnx->path,
                             qsti_onnx_text(r->proto->name), i, isnan(r->tensor.values[i]) ? "NaN" : "infinite");
    return QST_OK;
}

qst_status qsti_onnx_tensor_read(const qsti_onnx *onnx, const QstiOnnx__TensorProto *proto, qsti_onnx_tensor *out)
{
    qst_status status = QST_OK;
    reading r = {.onnx = onnx, .proto = proto, .type = find_type(proto->data_type)};
    if (r.type == NULL)
        return qsti_fail(onnx->ctx, QST_ERR_UNSUPPORTED, "%s: tensor \"%s\": elements of type %d are not read",
                         onnx->path, qsti_onnx_text(proto->name), proto->data_type);
    r.tensor.is_whole = r.type->is_whole;
    bool raw = proto->has_raw_data && proto->raw_data.len > 0, listed = has_lists(proto);
    bool external = proto->data_location == QSTI_ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    if (raw + listed + external > 1)
        QSTI_TRY(refuse(&r, QST_ERR_INPUT, "its values are there twice"));
    QSTI_TRY(read_shape(&r));
    if (external)
        QSTI_TRY(read_external(&r));
    else if (listed)
        QSTI_TRY(read_list(&r));
    else
        QSTI_TRY(read_raw(&r));
    QSTI_TRY(check_finite(&r));
    *out = r.tensor;
    r.tensor.values = NULL;
done:
    qsti_free(onnx->ctx, r.tensor.values);
    return status;
}

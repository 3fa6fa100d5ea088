/* idx.c: the IDX format of the MNIST files.
 *
 *   0, 0, type, number of dimensions, sizes (4 bytes big-endian each), values (big-endian), nothing more
 *
 * Types: 08 u8, 09 i8, 0b i16, 0c i32, 0d f32, 0e f64. All of it comes from a stream that may be a gzip; there the size
 * in the header is the limit of what is unpacked. */
#include "data/idx.h"

static bool find_type(unsigned char code, qsti_number_format *out)
{
    static const struct {
        unsigned char code;
        qsti_number_format format;
    } types[] = {
        {0x08, {QSTI_NUMBER_UINT, 1, true}}, {0x09, {QSTI_NUMBER_INT, 1, true}},   {0x0b, {QSTI_NUMBER_INT, 2, true}},
        {0x0c, {QSTI_NUMBER_INT, 4, true}},  {0x0d, {QSTI_NUMBER_FLOAT, 4, true}}, {0x0e, {QSTI_NUMBER_FLOAT, 8, true}},
    };
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
        if (types[t].code == code) {
            *out = types[t].format;
            return true;
        }
    }
    return false;
}

static size_t size_at(const unsigned char *bytes, bool big_endian)
{
    size_t size = 0;
    for (size_t i = 0; i < 4; i++) {
        size = size << 8 | bytes[big_endian ? i : 3 - i];
    }
    return size;
}

/* The bytes of all values; false when they cannot be counted. */
static bool size_of_values(const unsigned char *sizes, size_t n_dims, size_t item_bytes, bool big_endian, size_t *out)
{
    *out = item_bytes;
    for (size_t d = 0; d < n_dims; d++) {
        if (!qsti_mul(*out, size_at(sizes + 4 * d, big_endian), out)) {
            return false;
        }
    }
    return true;
}

static qst_status check_magic(const qsti_stream *stream, const unsigned char magic[4], qsti_idx *idx)
{
    if (magic[0] == 0x1f && magic[1] == 0x8b) {
        return qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: byte 0: a gzip file: its name must end in .gz", stream->name);
    }
    if (magic[0] != 0 || magic[1] != 0) {
        return qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: byte 0: an IDX file begins with two bytes 0, not %02x %02x%s",
                         stream->name, magic[0], magic[1],
                         magic[2] == 0 && magic[3] == 0 ? " (a little-endian header?)" : "");
    }
    if (!find_type(magic[2], &idx->format)) {
        return qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: byte 2: type %02x: 08, 09, 0b, 0c, 0d and 0e are known",
                         stream->name, magic[2]);
    }
    idx->n_dims = magic[3];
    if (idx->n_dims < 1 || idx->n_dims > QSTI_IDX_MAX_DIMS) {
        return qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: byte 3: %zu dimensions: 1 to %d are allowed", stream->name,
                         idx->n_dims, QSTI_IDX_MAX_DIMS);
    }
    return QST_OK;
}

/* Compares what the sizes promise with what there is. */
static qst_status check_sizes(const qsti_stream *stream, const unsigned char *sizes, qsti_idx *idx)
{
    qst_ctx *ctx = stream->ctx;
    size_t n_bytes, swapped, item_bytes = idx->format.n_bytes, left = stream->length - stream->offset;
    bool known = stream->length != QSTI_LENGTH_UNKNOWN;
    bool counted = size_of_values(sizes, idx->n_dims, item_bytes, true, &n_bytes);
    for (size_t d = 0; d < idx->n_dims; d++) {
        idx->shape[d] = size_at(sizes + 4 * d, true);
        if (idx->shape[d] == 0) {
            return qsti_fail(ctx, QST_ERR_INPUT, "%s: byte %zu: dimension %zu is 0: there are no values", stream->name,
                             4 + 4 * d, d);
        }
    }
    if (known && (!counted || n_bytes != left) && size_of_values(sizes, idx->n_dims, item_bytes, false, &swapped) &&
        swapped == left) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: byte 4: the sizes are little-endian: IDX files are big-endian",
                         stream->name);
    }
    if (!counted) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: byte 4: the sizes promise more values than can be counted",
                         stream->name);
    }
    if (known && n_bytes != left) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: byte %zu: the sizes promise %zu bytes of values, %zu are there",
                         stream->name, stream->offset, n_bytes, left);
    }
    if (!known && n_bytes > QSTI_GZIP_MAX_BYTES) {
        return qsti_fail(ctx, QST_ERR_INPUT,
                         "%s: byte 4: the sizes promise %zu bytes of values, %zu is the limit for a compressed file",
                         stream->name, n_bytes, QSTI_GZIP_MAX_BYTES);
    }
    idx->n_rows = idx->shape[0];
    idx->n_cols = n_bytes / item_bytes / idx->n_rows;
    return QST_OK;
}

qst_status qsti_idx_read_header(qsti_stream *stream, qsti_idx *out)
{
    qst_status status = QST_OK;
    unsigned char magic[4], sizes[4 * QSTI_IDX_MAX_DIMS];
    qsti_idx idx = {.n_dims = 0};
    QSTI_TRY(qsti_stream_read_exactly(stream, magic, sizeof magic, "the first 4 bytes"));
    QSTI_TRY(check_magic(stream, magic, &idx));
    QSTI_TRY(qsti_stream_read_exactly(stream, sizes, 4 * idx.n_dims, "the sizes"));
    QSTI_TRY(check_sizes(stream, sizes, &idx));
    *out = idx;
done:
    return status;
}

qst_status qsti_idx_read_values(qsti_stream *stream, const qsti_idx *idx, double *out)
{
    size_t n_values = idx->n_rows * idx->n_cols, n_fine = 0;
    qsti_number_problem problem;
    qst_status status = qsti_numbers_read(stream, idx->format, n_values, out, &n_fine, &problem);
    if (status != QST_OK) {
        return status;
    }
    if (n_fine < n_values) {
        return qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: the value in row %zu, column %zu (from 0) %s", stream->name,
                         n_fine / idx->n_cols, n_fine % idx->n_cols, qsti_number_problem_text(problem));
    }
    return qsti_stream_expect_end(stream);
}

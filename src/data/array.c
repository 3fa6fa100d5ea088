/* array.c: numeric arrays from and to files, by the ending of the name. The formats are in csv.c, npy.c, npz.c, idx.c.
 */
#include <math.h>
#include <string.h>

#include <qstill/data.h>

#include "base/text.h"
#include "data/csv.h"
#include "data/source.h"

/* --- reading ------------------------------------------------------------------------------------------------------ */

static qst_status read_csv(const qsti_source *source, qsti_array *out)
{
    qsti_stream *stream = NULL;
    qst_status status = qsti_source_open(source, &stream);
    if (status != QST_OK) {
        return status;
    }
    qsti_csv csv;
    status = qsti_csv_read(stream, &(qsti_csv_opts){QSTI_CSV_NUMBERS, NULL}, &csv);
    qsti_stream_close(stream);
    if (status == QST_OK) {
        *out = (qsti_array){csv.features, csv.n_rows, csv.n_features, 2, {csv.n_rows, csv.n_features}};
        csv.features = NULL;
        qsti_csv_clear(source->ctx, &csv);
    }
    return status;
}

/* The entry of the key, or the only one. */
static qst_status read_npz(const qsti_source *source, qsti_array *out)
{
    qst_status status = QST_OK;
    qsti_npz *npz = NULL;
    size_t index = 0;
    QSTI_TRY(qsti_npz_open(source->ctx, source->path, &npz));
    if (source->key) {
        QSTI_TRY(qsti_npz_find(npz, source->key, &index));
    } else if (qsti_npz_n_keys(npz) != 1) {
        QSTI_TRY(qsti_fail(source->ctx, QST_ERR_USAGE, "%s: holds %zu arrays: name one, as in %s:%s", source->path,
                           qsti_npz_n_keys(npz), source->path, qsti_npz_key(npz, 0)));
    }
    QSTI_TRY(qsti_array_load_entry(npz, index, out));
done:
    qsti_npz_close(npz);
    return status;
}

/* Any source; out_kind says which it was. */
static qst_status read_array(qst_ctx *ctx, const char *path, qsti_array *out, qsti_file_kind *out_kind)
{
    qst_status status = QST_OK;
    qsti_source source = {.ctx = NULL};
    QSTI_TRY(qsti_source_parse(ctx, path, &source));
    *out_kind = source.kind;
    if (source.kind == QSTI_FILE_CSV) {
        QSTI_TRY(read_csv(&source, out));
    } else if (source.kind == QSTI_FILE_NPZ) {
        QSTI_TRY(read_npz(&source, out));
    } else {
        QSTI_TRY(qsti_array_load(&source, out));
    }
done:
    qsti_source_clear(&source);
    return status;
}

qst_status qst_array_read(qst_ctx *ctx, const char *path, qst_matrix *out)
{
    qsti_array array = {.values = NULL};
    qsti_file_kind kind = QSTI_FILE_CSV;
    qst_status status = read_array(ctx, path, &array, &kind);
    if (status == QST_OK && kind != QSTI_FILE_IDX && array.n_dims > 2) {
        qsti_free(ctx, array.values);
        status = qsti_fail(ctx, QST_ERR_UNSUPPORTED,
                           "%s: %zu dimensions: save it with two, array.reshape(len(array), -1)", path, array.n_dims);
    }
    if (status == QST_OK) {
        *out = (qst_matrix){array.values, array.n_rows, array.n_cols};
    }
    return status;
}

qst_status qst_tensor_read(qst_ctx *ctx, const char *path, qst_tensor *out)
{
    qsti_array array = {.values = NULL};
    qsti_file_kind kind = QSTI_FILE_CSV;
    qst_status status = read_array(ctx, path, &array, &kind);
    if (status == QST_OK) {
        *out = (qst_tensor){.data = array.values, .n_dims = array.n_dims};
        memcpy(out->shape, array.shape, array.n_dims * sizeof *array.shape);
    }
    return status;
}

void qst_array_free(qst_ctx *ctx, qst_matrix *array)
{
    if (array) {
        qsti_free(ctx, array->data);
        *array = (qst_matrix){NULL, 0, 0};
    }
}

void qst_tensor_free(qst_ctx *ctx, qst_tensor *tensor)
{
    if (tensor) {
        qsti_free(ctx, tensor->data);
        *tensor = (qst_tensor){.data = NULL};
    }
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

/* A name as a cell: in quotes where RFC 4180 needs them. Spreadsheets run what begins with = + - @ or a tab: an
 * apostrophe in front makes text of it; numbers are left alone. */
static void add_name(qsti_text *text, const char *name)
{
    double number;
    size_t n = strlen(name);
    bool formula = n && strchr("=+-@\t\r", name[0]) && !qsti_parse_double(name, n, &number);
    bool quoted = strpbrk(name, ",\"\r\n") || (n && (strchr(" \t", name[0]) || strchr(" \t", name[n - 1]))) || n == 0;
    qsti_text_add(text, "%s%s", quoted ? "\"" : "", formula ? "'" : "");
    for (const char *c = name; *c; c++) {
        qsti_text_add_bytes(text, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    }
    qsti_text_add(text, "%s", quoted ? "\"" : "");
}

static qst_status write_csv(qst_ctx *ctx, const char *path, qst_const_matrix array, const char *const *column_names)
{
    qst_status status = QST_OK;
    qsti_text text;
    qsti_text_init(&text, ctx);
    for (size_t col = 0; column_names && col < array.n_cols; col++) {
        add_name(&text, column_names[col]);
        qsti_text_add_bytes(&text, col + 1 < array.n_cols ? "," : "\n", 1);
    }
    for (size_t row = 0; row < array.n_rows; row++) {
        for (size_t col = 0; col < array.n_cols; col++) {
            char number[32];
            qsti_format_double(array.data[row * array.n_cols + col], number);
            qsti_text_add_bytes(&text, number, strlen(number));
            qsti_text_add_bytes(&text, col + 1 < array.n_cols ? "," : "\n", 1);
        }
    }
    QSTI_TRY(text.status);
    QSTI_TRY(qsti_file_write(ctx, path, text.bytes, text.length));
done:
    qsti_text_clear(&text);
    return status;
}

static qst_status write_npy(qst_ctx *ctx, const char *path, qst_const_matrix array, const size_t *shape, size_t n_dims)
{
    char header[QSTI_NPY_HEADER_BYTES];
    size_t n_header = qsti_npy_format_header("<f8", shape, n_dims, header);
    qsti_piece pieces[] = {{header, n_header}, {array.data, array.n_rows * array.n_cols * sizeof(double)}};
    return qsti_file_write_pieces(ctx, path, pieces, 2);
}

/* What we write can be read again: there is something, and it is finite. */
static qst_status check_values(qst_ctx *ctx, const char *path, qst_const_matrix array)
{
    size_t n_values = array.n_rows * array.n_cols;
    if (n_values == 0) {
        return qsti_fail(ctx, QST_ERR_USAGE, "%s: an array of %zu rows and %zu columns holds nothing to write", path,
                         array.n_rows, array.n_cols);
    }
    for (size_t i = 0; i < n_values; i++) {
        if (!isfinite(array.data[i])) {
            return qsti_fail(ctx, QST_ERR_INPUT, "%s: not written: the value in row %zu, column %zu (from 0) is %s",
                             path, i / array.n_cols, i % array.n_cols, isnan(array.data[i]) ? "NaN" : "infinite");
        }
    }
    return QST_OK;
}

/* `array` is what `shape` is when all dimensions behind the first are one. */
static qst_status write_array(qst_ctx *ctx, const char *path, qst_const_matrix array, const size_t *shape,
                              size_t n_dims, const char *const *column_names)
{
    size_t n = strlen(path);
    const char *ending = n >= 4 ? path + n - 4 : "";
    bool npy = strcmp(ending, ".npy") == 0, csv = strcmp(ending, ".csv") == 0 || strcmp(path, "-") == 0;
    if (!npy && !csv) {
        return qsti_fail(ctx, QST_ERR_USAGE, "%s: the name must end in .npy or .csv, or be - for CSV on stdout", path);
    }
    qst_status status = check_values(ctx, path, array);
    if (status != QST_OK) {
        return status;
    }
    return npy ? write_npy(ctx, path, array, shape, n_dims) : write_csv(ctx, path, array, column_names);
}

qst_status qst_array_write(qst_ctx *ctx, const char *path, qst_const_matrix array, const char *const *column_names)
{
    const size_t shape[] = {array.n_rows, array.n_cols};
    return write_array(ctx, path, array, shape, 2, column_names);
}

qst_status qst_tensor_write(qst_ctx *ctx, const char *path, const qst_tensor *tensor)
{
    if (tensor->n_dims < 1 || tensor->n_dims > QST_MAX_DIMS) {
        return qsti_fail(ctx, QST_ERR_USAGE, "%s: an array of %zu dimensions: 1..%d can be written", path,
                         tensor->n_dims, QST_MAX_DIMS);
    }
    qst_const_matrix array = {tensor->data, tensor->shape[0], 1};
    for (size_t d = 1; d < tensor->n_dims; d++) {
        array.n_cols *= tensor->shape[d];
    }
    return write_array(ctx, path, array, tensor->shape, tensor->n_dims, NULL);
}

/* --- complex numbers ---------------------------------------------------------------------------------------------- */

qst_status qst_complex_write(qst_ctx *ctx, const char *path, const double _Complex *values, const size_t *shape,
                             size_t n_dims)
{
    char header[QSTI_NPY_HEADER_BYTES];
    size_t n = strlen(path), n_values = 1;
    if (n < 4 || strcmp(path + n - 4, ".npy") != 0) {
        return qsti_fail(ctx, QST_ERR_USAGE, "%s: the name must end in .npy", path);
    }
    for (size_t d = 0; d < n_dims; d++) {
        n_values *= shape[d];
    }
    size_t n_header = qsti_npy_format_header("<c16", shape, n_dims, header);
    qsti_piece pieces[] = {{header, n_header}, {values, n_values * sizeof *values}};
    return qsti_file_write_pieces(ctx, path, pieces, 2);
}

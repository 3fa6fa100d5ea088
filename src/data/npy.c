/* npy.c: NumPy's array files (numpy/lib/format.py).
 *
 *   "\x93NUMPY", major, minor, header length (2 bytes little-endian; from version 2.0 on 4), header, values
 *
 * The header is the text of a Python dictionary with the keys descr, fortran_order and shape, padded with spaces,
 * newline at its end. It is read by the small parser below, never evaluated: nothing but these three keys with a
 * string, True or False, and a tuple of whole numbers is understood. The limit of its length is checked before it is
 * read, the size that shape and type promise before anything is allocated. No pickle: arrays of objects are refused. */
#include "data/npy.h"

#include <stdio.h>
#include <string.h>

#define MAX_DESCR 16

/* --- the dictionary ----------------------------------------------------------------------------------------------- */

typedef struct dict_reader {
    qsti_stream *stream;
    const char *text;
    size_t n, at;
    size_t offset; /* of text[0] in the file */
} dict_reader;

static qst_status fail_expected(const dict_reader *dict, const char *expected)
{
    return qsti_fail(dict->stream->ctx, QST_ERR_INPUT, "%s: byte %zu: header: expected %s", dict->stream->name,
                     dict->offset + dict->at, expected);
}

static void skip_blanks(dict_reader *dict)
{
    while (dict->at < dict->n && (dict->text[dict->at] == ' ' || dict->text[dict->at] == '\t')) {
        dict->at++;
    }
}

static bool accept(dict_reader *dict, char byte)
{
    skip_blanks(dict);
    if (dict->at < dict->n && dict->text[dict->at] == byte) {
        dict->at++;
        return true;
    }
    return false;
}

static bool accept_word(dict_reader *dict, const char *word)
{
    skip_blanks(dict);
    size_t length = strlen(word);
    if (dict->n - dict->at >= length && memcmp(dict->text + dict->at, word, length) == 0) {
        dict->at += length;
        return true;
    }
    return false;
}

/* 'text' or "text" of less than n_bytes, without escapes. */
static bool accept_string(dict_reader *dict, char *out, size_t n_bytes)
{
    skip_blanks(dict);
    if (dict->at == dict->n || (dict->text[dict->at] != '\'' && dict->text[dict->at] != '"')) {
        return false;
    }
    const char *text = dict->text + dict->at + 1;
    const char *end = memchr(text, dict->text[dict->at], dict->n - dict->at - 1);
    if (end == NULL || (size_t)(end - text) >= n_bytes || memchr(text, '\\', (size_t)(end - text))) {
        return false;
    }
    memcpy(out, text, (size_t)(end - text));
    out[end - text] = '\0';
    dict->at = (size_t)(end + 1 - dict->text);
    return true;
}

/* A whole number from 0; Python 2 wrote an L behind long ones. */
static bool accept_size(dict_reader *dict, size_t *out)
{
    skip_blanks(dict);
    size_t value = 0, first = dict->at;
    while (dict->at < dict->n && dict->text[dict->at] >= '0' && dict->text[dict->at] <= '9') {
        if (!qsti_mul(value, 10, &value) || !qsti_add(value, (size_t)(dict->text[dict->at] - '0'), &value)) {
            return false;
        }
        dict->at++;
    }
    bool any = dict->at > first;
    if (any) {
        accept(dict, 'L');
    }
    *out = value;
    return any;
}

/* (3,) or (3, 4) or () */
static qst_status read_shape(dict_reader *dict, qsti_npy *npy)
{
    if (!accept(dict, '(')) {
        return fail_expected(dict, "a tuple of dimensions such as (3, 4)");
    }
    npy->n_dims = 0;
    while (!accept(dict, ')')) {
        size_t size = 0;
        if (!accept_size(dict, &size)) {
            return fail_expected(dict, "a dimension from 0 to 2^64 - 1");
        }
        if (npy->n_dims == QSTI_NPY_MAX_DIMS) {
            return qsti_fail(dict->stream->ctx, QST_ERR_UNSUPPORTED, "%s: more than %d dimensions", dict->stream->name,
                             QSTI_NPY_MAX_DIMS);
        }
        npy->shape[npy->n_dims++] = size;
        if (!accept(dict, ',')) {
            if (npy->n_dims == 1 || !accept(dict, ')')) {
                return fail_expected(dict, "a comma behind the dimension");
            }
            break;
        }
    }
    return QST_OK;
}

/* --- the type ----------------------------------------------------------------------------------------------------- */

static qst_status fail_type(const dict_reader *dict, const char *what, const char *descr, const char *remedy)
{
    return qsti_fail(dict->stream->ctx, QST_ERR_UNSUPPORTED, "%s: %s (%s): save it with %s", dict->stream->name, what,
                     descr, remedy);
}

/* "<f8": byte order, kind, bytes of an item. */
static qst_status parse_descr(const dict_reader *dict, const char *descr, qsti_number_format *out)
{
    static const char numeric[] = "numpy.save(path, array.astype(\"float64\"))";
    char order = descr[0], kind = descr[0] ? descr[1] : '\0';
    bool one_digit = kind && descr[2] >= '1' && descr[2] <= '8' && descr[3] == '\0';
    if (strchr("<>|=", order) == NULL || order == '\0') {
        return fail_expected(dict, "a type such as '<f8'");
    }
    switch (kind) {
    case 'O':
        return fail_type(dict, "an array of Python objects, which only pickle can read", descr, numeric);
    case 'U':
    case 'S':
    case 'a':
        return fail_type(dict, "an array of text", descr, "whole numbers for the classes, or as CSV");
    case 'c':
        return fail_type(dict, "an array of complex numbers", descr, "real and imaginary part as columns");
    case 'V':
        return fail_type(dict, "an array of records", descr, numeric);
    case 'M':
    case 'm':
        return fail_type(dict, "an array of times", descr, numeric);
    case 'f':
        out->kind = QSTI_NUMBER_FLOAT;
        break;
    case 'i':
        out->kind = QSTI_NUMBER_INT;
        break;
    case 'u':
        out->kind = QSTI_NUMBER_UINT;
        break;
    case 'b':
        out->kind = QSTI_NUMBER_BOOL;
        break;
    default:
        return fail_expected(dict, "a type such as '<f8'");
    }
    if (kind == 'f' && (strcmp(descr + 2, "16") == 0 || strcmp(descr + 2, "12") == 0)) {
        return fail_type(dict, "an array of extended precision", descr, numeric);
    }
    out->n_bytes = one_digit ? (size_t)(descr[2] - '0') : 0;
    bool is_power = out->n_bytes == 1 || out->n_bytes == 2 || out->n_bytes == 4 || out->n_bytes == 8;
    if (!is_power || (kind == 'f' && out->n_bytes == 1) || (kind == 'b' && out->n_bytes != 1) ||
        (order == '|' && out->n_bytes != 1)) {
        return fail_expected(dict, "a type such as '<f8'");
    }
    out->big_endian = order == '>';
    return QST_OK;
}

static qst_status read_type(dict_reader *dict, qsti_npy *npy)
{
    char descr[MAX_DESCR];
    dict_reader before = *dict;
    if (accept(dict, '[')) {
        return fail_type(dict, "an array of records", "a list of fields",
                         "numpy.lib.recfunctions.structured_to_unstructured() applied to it");
    }
    if (!accept_string(dict, descr, sizeof descr)) {
        return fail_expected(dict, "a type such as '<f8'");
    }
    skip_blanks(&before);
    return parse_descr(&before, descr, &npy->format);
}

/* --- the header --------------------------------------------------------------------------------------------------- */

typedef enum dict_key { KEY_DESCR = 1, KEY_ORDER = 2, KEY_SHAPE = 4, ALL_KEYS = 7 } dict_key;

static qst_status read_item(dict_reader *dict, qsti_npy *npy, unsigned *seen)
{
    char name[MAX_DESCR];
    dict_reader before = *dict;
    skip_blanks(&before);
    if (!accept_string(dict, name, sizeof name)) {
        return fail_expected(dict, "one of the keys 'descr', 'fortran_order', 'shape'");
    }
    unsigned key = strcmp(name, "descr") == 0           ? KEY_DESCR
                   : strcmp(name, "fortran_order") == 0 ? KEY_ORDER
                   : strcmp(name, "shape") == 0         ? KEY_SHAPE
                                                        : 0;
    if (key == 0 || (*seen & key)) {
        return fail_expected(&before, "each of the keys 'descr', 'fortran_order', 'shape' once, and no other");
    }
    *seen |= key;
    if (!accept(dict, ':')) {
        return fail_expected(dict, "a colon behind the key");
    }
    if (key == KEY_DESCR) {
        return read_type(dict, npy);
    }
    if (key == KEY_SHAPE) {
        return read_shape(dict, npy);
    }
    npy->fortran_order = accept_word(dict, "True");
    return npy->fortran_order || accept_word(dict, "False") ? QST_OK : fail_expected(dict, "True or False");
}

static qst_status read_dict(dict_reader *dict, qsti_npy *npy)
{
    unsigned seen = 0;
    if (!accept(dict, '{')) {
        return fail_expected(dict, "'{'");
    }
    while (!accept(dict, '}')) {
        qst_status status = read_item(dict, npy, &seen);
        if (status != QST_OK) {
            return status;
        }
        if (!accept(dict, ',')) {
            if (!accept(dict, '}')) {
                return fail_expected(dict, "',' or '}'");
            }
            break;
        }
    }
    if (seen != ALL_KEYS) {
        return fail_expected(dict, "all of the keys 'descr', 'fortran_order', 'shape'");
    }
    skip_blanks(dict);
    if (dict->at + 1 != dict->n || dict->text[dict->at] != '\n') {
        return fail_expected(dict, "nothing but spaces and one newline up to the end of the header");
    }
    return QST_OK;
}

/* The number of values, their bytes, rows and columns; compared with what the stream has left. */
static qst_status check_shape(const qsti_stream *stream, qsti_npy *npy)
{
    size_t n_values = 1, n_bytes;
    if (npy->n_dims == 0) {
        return qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: shape (): a single number, not an array", stream->name);
    }
    bool fits = true;
    for (size_t d = 0; d < npy->n_dims; d++) {
        if (npy->shape[d] == 0) {
            return qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: dimension %zu of the shape is 0: there are no values",
                             stream->name, d);
        }
        fits = fits && qsti_mul(n_values, npy->shape[d], &n_values);
    }
    if (!fits || !qsti_mul(n_values, npy->format.n_bytes, &n_bytes)) {
        return qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: the shape has more values than can be counted", stream->name);
    }
    npy->n_rows = npy->shape[0];
    npy->n_cols = n_values / npy->n_rows;
    size_t left = stream->length - stream->offset;
    if (stream->length != QSTI_LENGTH_UNKNOWN && left != n_bytes) {
        return qsti_fail(stream->ctx, QST_ERR_INPUT,
                         "%s: byte %zu: %zu rows of %zu values need %zu bytes, %zu are there", stream->name,
                         stream->offset, npy->n_rows, npy->n_cols, n_bytes, left);
    }
    return QST_OK;
}

qst_status qsti_npy_read_header(qsti_stream *stream, qsti_npy *out)
{
    qst_status status = QST_OK;
    unsigned char start[12];
    char *text = NULL;
    qsti_npy npy = {.n_rows = 0};
    QSTI_TRY(qsti_stream_read_exactly(stream, start, 8, "the first 8 bytes"));
    if (memcmp(start, "\x93NUMPY", 6) != 0) {
        QSTI_TRY(qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: byte 0: this is no .npy file", stream->name));
    }
    if (start[6] < 1 || start[6] > 3 || start[7] != 0) {
        QSTI_TRY(qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: byte 6: version %u.%u: 1.0, 2.0 and 3.0 are known",
                           stream->name, (unsigned)start[6], (unsigned)start[7]));
    }
    size_t n_length_bytes = start[6] == 1 ? 2 : 4, length = 0;
    QSTI_TRY(qsti_stream_read_exactly(stream, start + 8, n_length_bytes, "the length of the header"));
    for (size_t i = 0; i < n_length_bytes; i++) {
        length |= (size_t)start[8 + i] << (8 * i);
    }
    if (length > QSTI_NPY_MAX_HEADER_BYTES || length == 0) {
        QSTI_TRY(qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: byte 8: a header of %zu bytes: 1 to %d are allowed",
                           stream->name, length, QSTI_NPY_MAX_HEADER_BYTES));
    }
    QSTI_TRY(QSTI_NEW(stream->ctx, length, &text));
    dict_reader dict = {stream, text, length, 0, stream->offset};
    QSTI_TRY(qsti_stream_read_exactly(stream, text, length, "the header"));
    QSTI_TRY(read_dict(&dict, &npy));
    QSTI_TRY(check_shape(stream, &npy));
    *out = npy;
done:
    qsti_free(stream->ctx, text);
    return status;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

/* Where values in file order go: a counter over the dimensions, the fastest first. */
typedef struct walk {
    size_t n_dims;
    size_t shape[QSTI_NPY_MAX_DIMS], stride[QSTI_NPY_MAX_DIMS], index[QSTI_NPY_MAX_DIMS];
    size_t place; /* in C order */
} walk;

/* Fortran order: the first dimension is the fastest in the file, the last one in C order. */
static walk walk_fortran(const qsti_npy *npy)
{
    walk w = {.n_dims = npy->n_dims};
    size_t stride = 1;
    for (size_t d = npy->n_dims; d-- > 0;) {
        w.shape[d] = npy->shape[d];
        w.stride[d] = stride;
        stride *= npy->shape[d];
    }
    return w;
}

static void walk_on(walk *w)
{
    for (size_t d = 0; d < w->n_dims; d++) {
        w->place += w->stride[d];
        if (++w->index[d] < w->shape[d]) {
            return;
        }
        w->place -= w->stride[d] * w->shape[d];
        w->index[d] = 0;
    }
}

static qst_status fail_value(const qsti_stream *stream, const qsti_npy *npy, size_t place, qsti_number_problem problem)
{
    return qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: the value in row %zu, column %zu (from 0) %s", stream->name,
                     place / npy->n_cols, place % npy->n_cols, qsti_number_problem_text(problem));
}

static qst_status read_fortran(qsti_stream *stream, const qsti_npy *npy, double *out)
{
    enum { PIECE = 2048 };
    double values[PIECE];
    size_t n_values = npy->n_rows * npy->n_cols;
    walk w = walk_fortran(npy);
    for (size_t first = 0; first < n_values; first += PIECE) {
        size_t n = n_values - first < PIECE ? n_values - first : PIECE, n_fine = 0;
        qsti_number_problem problem;
        qst_status status = qsti_numbers_read(stream, npy->format, n, values, &n_fine, &problem);
        if (status != QST_OK) {
            return status;
        }
        for (size_t i = 0; i < n_fine; i++, walk_on(&w)) {
            if (out) {
                out[w.place] = values[i];
            }
        }
        if (n_fine < n) {
            return fail_value(stream, npy, w.place, problem);
        }
    }
    return QST_OK;
}

qst_status qsti_npy_read_values(qsti_stream *stream, const qsti_npy *npy, double *out)
{
    qst_status status = QST_OK;
    if (npy->fortran_order && npy->n_dims > 1) {
        status = read_fortran(stream, npy, out);
    } else {
        size_t n_values = npy->n_rows * npy->n_cols, n_fine = 0;
        qsti_number_problem problem;
        status = qsti_numbers_read(stream, npy->format, n_values, out, &n_fine, &problem);
        if (status == QST_OK && n_fine < n_values) {
            status = fail_value(stream, npy, n_fine, problem);
        }
    }
    return status == QST_OK ? qsti_stream_expect_end(stream) : status;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

size_t qsti_npy_format_header(const char *type, const size_t *shape, size_t n_dims, char out[QSTI_NPY_HEADER_BYTES])
{
    const size_t start = 10, alignment = 64;
    memcpy(out, "\x93NUMPY\x01\x00", 8);
    size_t end = start;
    end += (size_t)snprintf(out + end, QSTI_NPY_HEADER_BYTES - end,
                            "{'descr': '%s', 'fortran_order': False, 'shape': (", type);
    for (size_t d = 0; d < n_dims; d++) {
        const char *behind = n_dims == 1 ? "," : d + 1 < n_dims ? ", " : "";
        end += (size_t)snprintf(out + end, QSTI_NPY_HEADER_BYTES - end, "%zu%s", shape[d], behind);
    }
    end += (size_t)snprintf(out + end, QSTI_NPY_HEADER_BYTES - end, "), }");
    size_t length = (end + 1 + alignment - 1) / alignment * alignment;
    memset(out + end, ' ', length - end);
    out[length - 1] = '\n';
    out[8] = (char)(length - start);
    out[9] = '\0';
    return length;
}

/* tensors_read.c: reading named arrays, refusing every file that is not exactly what was written.
 *
 * Order of checks: header length against a limit and against the file; the header's JSON; arrays that follow each other
 * without hole or overlap, each as long as its shape says, the last one ending the file; only then is memory taken for
 * the data and the checksum compared; then the format's name and version. The data
 * lies in memory once, at an address that is a multiple of 64; the arrays point into it, so their items are aligned. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/tensors.h"
#include "base/tensors_layout.h"

#define PREFIX_BYTES 8

struct qsti_tensors {
    char *file_name; /* for messages */
    char *data;      /* data section, aligned */
    json_t *header;  /* owns the names and the metadata */
    json_t *metas;   /* inside header */
    qsti_tensor *items;
    size_t n_items;
};

/* The file while it is being checked. */
typedef struct reader {
    qst_ctx *ctx;
    const char *path;
    int descriptor;
    size_t file_bytes, header_bytes, data_bytes;
    unsigned char prefix[PREFIX_BYTES];
    char *header_text;
} reader;

/* --- header ------------------------------------------------------------------------------------------------------- */

static uint64_t load_u64(const unsigned char bytes[8])
{
    uint64_t value = 0;
    for (size_t b = 8; b-- > 0;) {
        value = value << 8 | bytes[b];
    }
    return value;
}

static qst_status read_header(reader *file)
{
    if (file->file_bytes < PREFIX_BYTES) {
        return qsti_fail(file->ctx, QST_ERR_DAMAGED, "%s: byte %zu: the file ends inside the header length", file->path,
                         file->file_bytes);
    }
    qst_status status = qsti_file_read_exactly(file->ctx, file->path, file->descriptor, file->prefix, PREFIX_BYTES);
    if (status != QST_OK) {
        return status;
    }
    uint64_t n_bytes = load_u64(file->prefix);
    if (n_bytes > QSTI_TENSORS_MAX_HEADER_BYTES) {
        return qsti_fail(file->ctx, QST_ERR_DAMAGED, "%s: byte 0: header length %" PRIu64 ", the limit is %zu",
                         file->path, n_bytes, QSTI_TENSORS_MAX_HEADER_BYTES);
    }
    file->header_bytes = (size_t)n_bytes;
    if (file->header_bytes > file->file_bytes - PREFIX_BYTES) {
        return qsti_fail(file->ctx, QST_ERR_DAMAGED, "%s: byte 0: header length %zu, but only %zu bytes follow",
                         file->path, file->header_bytes, file->file_bytes - PREFIX_BYTES);
    }
    if (file->header_bytes % 8 != 0) {
        return qsti_fail(file->ctx, QST_ERR_DAMAGED, "%s: byte 0: header length %zu is not a multiple of 8", file->path,
                         file->header_bytes);
    }
    file->data_bytes = file->file_bytes - PREFIX_BYTES - file->header_bytes;
    status = QSTI_NEW(file->ctx, file->header_bytes + 1, &file->header_text);
    if (status != QST_OK) {
        return status;
    }
    return qsti_file_read_exactly(file->ctx, file->path, file->descriptor, file->header_text, file->header_bytes);
}

static qst_status parse_header(reader *file, json_t **out)
{
    qst_status status =
        qsti_json_parse(file->ctx, "header", file->header_text, file->header_bytes, QST_ERR_DAMAGED, out);
    if (status != QST_OK) {
        qst_status reported = status == QST_ERR_LIMIT ? QST_ERR_DAMAGED : status;
        return qsti_fail_within(file->ctx, reported, "%s", file->path);
    }
    if (!json_is_object(*out)) {
        return qsti_fail(file->ctx, QST_ERR_DAMAGED, "%s: header: is not an object", file->path);
    }
    return QST_OK;
}

/* --- arrays ------------------------------------------------------------------------------------------------------- */

static qst_status fail_entry(const reader *file, const char *name, const char *what)
{
    return qsti_fail(file->ctx, QST_ERR_DAMAGED, "%s: header: array %.80s: %s", file->path, name, what);
}

static bool to_size(const json_t *value, size_t *out)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        return false;
    }
    *out = (size_t)json_integer_value(value);
    return true;
}

static bool find_dtype(const json_t *value, qsti_dtype *out)
{
    const char *name = json_string_value(value);
    for (size_t d = 0; name && d < QSTI_N_DTYPES; d++) {
        if (strcmp(name, qsti_dtypes[d].name) == 0) {
            *out = (qsti_dtype)d;
            return true;
        }
    }
    return false;
}

/* Fills *out from the header's entry; the array must begin at *offset, which is moved to its end. `data` is not set. */
static qst_status read_entry(const reader *file, const char *name, const json_t *entry, size_t *offset,
                             qsti_tensor *out)
{
    if (!qsti_tensor_name_is_valid(name)) {
        return fail_entry(file, name, "the name is not of [a-z0-9_./]");
    }
    *out = (qsti_tensor){.name = name};
    if (!json_is_object(entry) || json_object_size(entry) != 3) {
        return fail_entry(file, name, "expected an object of dtype, shape and data_offsets");
    }
    if (!find_dtype(json_object_get(entry, "dtype"), &out->dtype)) {
        return fail_entry(file, name, "dtype is not F64, I64 or U8");
    }
    size_t n_bytes = qsti_dtypes[out->dtype].n_bytes;
    const json_t *shape = json_object_get(entry, "shape");
    out->n_dims = json_array_size(shape);
    if (!json_is_array(shape) || out->n_dims > 4) {
        return fail_entry(file, name, "shape is not a list of 0 to 4 sizes");
    }
    for (size_t d = 0; d < out->n_dims; d++) {
        if (!to_size(json_array_get(shape, d), &out->shape[d]) || !qsti_mul(n_bytes, out->shape[d], &n_bytes)) {
            return fail_entry(file, name,
                              "shape holds something that is not a size, or sizes beyond what can be addressed");
        }
    }
    const json_t *offsets = json_object_get(entry, "data_offsets");
    size_t begin, end;
    if (json_array_size(offsets) != 2 || !to_size(json_array_get(offsets, 0), &begin) ||
        !to_size(json_array_get(offsets, 1), &end)) {
        return fail_entry(file, name, "data_offsets is not a list of two sizes");
    }
    if (begin != *offset) {
        return fail_entry(file, name,
                          begin < *offset ? "data_offsets overlap the array before"
                                          : "data_offsets leave a hole after the array before");
    }
    if (begin % qsti_dtypes[out->dtype].n_bytes != 0) {
        return fail_entry(file, name, "data_offsets are not a multiple of the item's size");
    }
    if (end < begin || end - begin != n_bytes) {
        return fail_entry(file, name, "data_offsets do not hold as many bytes as the shape");
    }
    if (end > file->data_bytes) {
        return fail_entry(file, name, "data_offsets reach beyond the end of the file");
    }
    *offset = end;
    return QST_OK;
}

static qst_status read_metas(const reader *file, json_t *header, json_t **out)
{
    json_t *metas = json_object_get(header, "__metadata__");
    if (!json_is_object(metas)) {
        return qsti_fail(file->ctx, QST_ERR_DAMAGED, "%s: header: __metadata__: missing, not written by qstill",
                         file->path);
    }
    const char *key;
    json_t *value;
    json_object_foreach(metas, key, value)
    {
        if (!json_is_string(value)) {
            return qsti_fail(file->ctx, QST_ERR_DAMAGED, "%s: header: __metadata__: %.80s: is not a string", file->path,
                             key);
        }
    }
    *out = metas;
    return QST_OK;
}

static qst_status read_entries(const reader *file, qsti_tensors *tensors)
{
    qst_status status = QSTI_NEW(file->ctx, json_object_size(tensors->header), &tensors->items);
    size_t offset = 0;
    const char *name;
    json_t *entry;
    json_object_foreach(tensors->header, name, entry)
    {
        if (status != QST_OK) {
            return status;
        }
        if (entry != tensors->metas) {
            status = read_entry(file, name, entry, &offset, &tensors->items[tensors->n_items++]);
        }
    }
    if (status == QST_OK && offset != file->data_bytes) {
        size_t header_end = PREFIX_BYTES + file->header_bytes;
        status = qsti_fail(file->ctx, QST_ERR_DAMAGED, "%s: byte %zu: %zu bytes after the last array", file->path,
                           header_end + offset, file->data_bytes - offset);
    }
    return status;
}

/* --- data and checksum -------------------------------------------------------------------------------------------- */

static qst_status read_data(const reader *file, qsti_tensors *tensors)
{
    qst_status status = QSTI_NEW_LINES(file->ctx, file->data_bytes, &tensors->data);
    if (status == QST_OK) {
        status = qsti_file_read_exactly(file->ctx, file->path, file->descriptor, tensors->data, file->data_bytes);
    }
    const char *next = tensors->data;
    for (size_t t = 0; t < tensors->n_items && status == QST_OK; t++) {
        qsti_tensor *tensor = &tensors->items[t];
        tensor->data = next;
        size_t n_bytes = qsti_dtypes[tensor->dtype].n_bytes;
        for (size_t d = 0; d < tensor->n_dims; d++) {
            n_bytes *= tensor->shape[d];
        }
        next += n_bytes;
    }
    return status;
}

/* The digits in the header's text, or NULL. */
static char *find_hash(const reader *file, const char *hash)
{
    char entry[sizeof QSTI_TENSORS_HASH_PREFIX + QSTI_HASH_CHARS];
    size_t length = sizeof QSTI_TENSORS_HASH_PREFIX - 1 + QSTI_HASH_CHARS - 1;
    if (strlen(hash) != QSTI_HASH_CHARS - 1) {
        return NULL;
    }
    memcpy(entry, QSTI_TENSORS_HASH_PREFIX, sizeof QSTI_TENSORS_HASH_PREFIX);
    memcpy(entry + sizeof QSTI_TENSORS_HASH_PREFIX - 1, hash, QSTI_HASH_CHARS);
    char *found = memmem(file->header_text, file->header_bytes, entry, length);
    return found ? found + sizeof QSTI_TENSORS_HASH_PREFIX - 1 : NULL;
}

static qst_status check_hash(reader *file, const qsti_tensors *tensors, const char *expected)
{
    char *digits = find_hash(file, expected);
    if (digits == NULL) {
        return qsti_fail(file->ctx, QST_ERR_DAMAGED, "%s: header: sha256: is not 64 hex digits", file->path);
    }
    qsti_hasher *hasher = NULL;
    qst_status status = qsti_hasher_create(file->ctx, &hasher);
    if (status != QST_OK) {
        return status;
    }
    char actual[QSTI_HASH_CHARS];
    memset(digits, '0', QSTI_HASH_CHARS - 1);
    qsti_hasher_add(hasher, file->prefix, PREFIX_BYTES);
    qsti_hasher_add(hasher, file->header_text, file->header_bytes);
    qsti_hasher_add(hasher, tensors->data, file->data_bytes);
    qsti_hasher_finish(file->ctx, hasher, actual);
    if (strcmp(actual, expected) != 0) {
        return qsti_fail(file->ctx, QST_ERR_DAMAGED, "%s: the checksum does not hold: the file was changed",
                         file->path);
    }
    return QST_OK;
}

/* --- format ------------------------------------------------------------------------------------------------------- */

/* "qstill-model/1" -> length of the name, version. */
static bool split_format(const char *format, size_t *name_length, uint64_t *version)
{
    const char *slash = strrchr(format, '/');
    if (slash == NULL || !qsti_parse_u64(slash + 1, strlen(slash + 1), version)) {
        return false;
    }
    *name_length = (size_t)(slash - format);
    return true;
}

static qst_status check_format(const reader *file, const char *found, const char *expected)
{
    size_t expected_length = 0, found_length = 0;
    uint64_t expected_version = 0, found_version = 0;
    if (!split_format(expected, &expected_length, &expected_version)) {
        return qsti_fail(file->ctx, QST_ERR_INTERNAL, "format \"%s\" is not NAME/VERSION", expected);
    }
    if (found == NULL || !split_format(found, &found_length, &found_version) || found_length != expected_length ||
        memcmp(found, expected, expected_length) != 0) {
        return qsti_fail(file->ctx, QST_ERR_DAMAGED, "%s: header: format: \"%.80s\", expected \"%s\"", file->path,
                         found ? found : "", expected);
    }
    if (found_version > expected_version) {
        return qsti_fail(file->ctx, QST_ERR_DAMAGED,
                         "%s: written by a newer release: format %.80s, this release reads up to %s", file->path, found,
                         expected);
    }
    return QST_OK;
}

/* A file that a newer release signs in another way is better called newer than damaged. */
static qst_status check_origin(reader *file, const qsti_tensors *tensors, const char *format)
{
    const char *hash = qsti_tensors_meta(tensors, "sha256");
    qst_status status = hash ? check_hash(file, tensors, hash) : QST_OK;
    if (status == QST_OK) {
        status = check_format(file, qsti_tensors_meta(tensors, "format"), format);
    }
    if (status == QST_OK && hash == NULL) {
        status = qsti_fail(file->ctx, QST_ERR_DAMAGED, "%s: header: sha256: missing", file->path);
    }
    return status;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

qst_status qsti_tensors_read(qst_ctx *ctx, const char *path, const char *format, qsti_tensors **out)
{
    qst_status status = QST_OK;
    reader file = {.ctx = ctx, .path = path, .descriptor = -1};
    qsti_tensors *tensors = NULL;

    QSTI_TRY(qsti_file_open(ctx, path, &file.descriptor, &file.file_bytes));
    QSTI_TRY(QSTI_NEW(ctx, 1, &tensors));
    QSTI_TRY(qsti_strdup(ctx, path, &tensors->file_name));
    QSTI_TRY(read_header(&file));
    QSTI_TRY(parse_header(&file, &tensors->header));
    QSTI_TRY(read_metas(&file, tensors->header, &tensors->metas));
    QSTI_TRY(read_entries(&file, tensors));
    QSTI_TRY(read_data(&file, tensors));
    QSTI_TRY(check_origin(&file, tensors, format));
    *out = tensors;
    tensors = NULL;
done:
    qsti_tensors_free(ctx, tensors);
    qsti_free(ctx, file.header_text);
    if (file.descriptor >= 0) {
        close(file.descriptor);
    }
    return status;
}

void qsti_tensors_free(qst_ctx *ctx, qsti_tensors *tensors)
{
    if (tensors == NULL) {
        return;
    }
    json_decref(tensors->header);
    qsti_free_lines(ctx, tensors->data);
    qsti_free(ctx, tensors->items);
    qsti_free(ctx, tensors->file_name);
    qsti_free(ctx, tensors);
}

/* --- access ------------------------------------------------------------------------------------------------------- */

qst_status qsti_tensors_get(qst_ctx *ctx, const qsti_tensors *tensors, const char *name, qsti_dtype dtype,
                            size_t n_dims, const qsti_tensor **out)
{
    for (size_t t = 0; t < tensors->n_items; t++) {
        const qsti_tensor *tensor = &tensors->items[t];
        if (strcmp(tensor->name, name) != 0) {
            continue;
        }
        if (tensor->dtype != dtype || tensor->n_dims != n_dims) {
            return qsti_fail(ctx, QST_ERR_DAMAGED, "%s: array %s: %s with %zu dimensions, expected %s with %zu",
                             tensors->file_name, name, qsti_dtypes[tensor->dtype].name, tensor->n_dims,
                             qsti_dtypes[dtype].name, n_dims);
        }
        *out = tensor;
        return QST_OK;
    }
    return qsti_fail(ctx, QST_ERR_DAMAGED, "%s: array %s: missing", tensors->file_name, name);
}

const char *qsti_tensors_meta(const qsti_tensors *tensors, const char *key)
{
    return json_string_value(json_object_get(tensors->metas, key));
}

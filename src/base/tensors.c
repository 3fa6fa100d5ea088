/* tensors.c: writing named arrays in the safetensors layout. Reading is in tensors_read.c.
 *
 * The header is written with 64 zeros for the checksum; the hash of the whole file with those zeros then takes their
 * place. A reader puts the zeros back, so that every bit of the file, padding included, is covered. */
#include "base/tensors.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "base/tensors_layout.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "arrays are written as they lie in memory");

/* --- what may be written ------------------------------------------------------------------------------------------ */

bool qsti_tensor_name_is_valid(const char *name)
{
    return name[0] != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_./")] == '\0';
}

static bool tensor_bytes(const qsti_tensor *tensor, size_t *out)
{
    size_t n_bytes = qsti_dtypes[tensor->dtype].n_bytes;
    for (size_t d = 0; d < tensor->n_dims; d++) {
        if (!qsti_mul(n_bytes, tensor->shape[d], &n_bytes)) {
            return false;
        }
    }
    *out = n_bytes;
    return true;
}

static qst_status check_tensors(qst_ctx *ctx, const char *path, const qsti_tensor *tensors, size_t n_tensors)
{
    for (size_t t = 0; t < n_tensors; t++) {
        size_t n_bytes;
        if (!qsti_tensor_name_is_valid(tensors[t].name)) {
            return qsti_fail(ctx, QST_ERR_INTERNAL, "%s: \"%s\" is not a name of an array, expected [a-z0-9_./]+", path,
                             tensors[t].name);
        }
        if (tensors[t].n_dims > 4 || !tensor_bytes(&tensors[t], &n_bytes)) {
            return qsti_fail(ctx, QST_ERR_INTERNAL, "%s: array %s: more than 4 dimensions or too many items", path,
                             tensors[t].name);
        }
        for (size_t other = 0; other < t; other++) {
            if (strcmp(tensors[t].name, tensors[other].name) == 0) {
                return qsti_fail(ctx, QST_ERR_INTERNAL, "%s: two arrays are called %s", path, tensors[t].name);
            }
        }
    }
    return QST_OK;
}

static qst_status check_metas(qst_ctx *ctx, const char *path, const qsti_meta *metas, size_t n_metas)
{
    for (size_t m = 0; m < n_metas; m++) {
        const char *key = metas[m].key, *value = metas[m].value;
        bool taken = strcmp(key, "format") == 0 || strcmp(key, "sha256") == 0;
        for (size_t other = 0; other < m; other++) {
            taken |= strcmp(key, metas[other].key) == 0;
        }
        if (taken) {
            return qsti_fail(ctx, QST_ERR_INTERNAL, "%s: metadata key %s: is used already", path, key);
        }
        if (!qsti_utf8_is_valid(key, strlen(key)) || !qsti_utf8_is_valid(value, strlen(value))) {
            return qsti_fail(ctx, QST_ERR_INTERNAL, "%s: metadata key %s: is not UTF-8", path, key);
        }
    }
    return QST_OK;
}

/* --- header ------------------------------------------------------------------------------------------------------- */

static void add_metas(qsti_text *header, const char *format, const qsti_meta *metas, size_t n_metas)
{
    qsti_text_add(header, "{\"__metadata__\":{\"format\":");
    qsti_json_add_string(header, format, strlen(format));
    for (size_t m = 0; m < n_metas; m++) {
        qsti_text_add(header, ",");
        qsti_json_add_string(header, metas[m].key, strlen(metas[m].key));
        qsti_text_add(header, ":");
        qsti_json_add_string(header, metas[m].value, strlen(metas[m].value));
    }
    qsti_text_add(header, "," QSTI_TENSORS_HASH_PREFIX "%064d\"}", 0);
}

/* Appends the entry of one array; false when the file would be larger than can be addressed. */
static bool add_entry(qsti_text *header, const qsti_tensor *tensor, size_t *offset)
{
    size_t n_bytes, end;
    if (!tensor_bytes(tensor, &n_bytes) || !qsti_add(*offset, n_bytes, &end)) {
        return false;
    }
    qsti_text_add(header, ",\"%s\":{\"dtype\":\"%s\",\"shape\":[", tensor->name, qsti_dtypes[tensor->dtype].name);
    for (size_t d = 0; d < tensor->n_dims; d++) {
        qsti_text_add(header, "%s%zu", d ? "," : "", tensor->shape[d]);
    }
    qsti_text_add(header, "],\"data_offsets\":[%zu,%zu]}", *offset, end);
    *offset = end;
    return true;
}

static void store_u64(unsigned char out[8], uint64_t value)
{
    for (size_t b = 0; b < 8; b++) {
        out[b] = (unsigned char)(value >> (8 * b));
    }
}

/* --- file --------------------------------------------------------------------------------------------------------- */

/* Pieces of the file: header length, header, arrays. Items of 8 bytes come before items of 1. */
static qst_status lay_out(qst_ctx *ctx, const char *path, const qsti_tensor *tensors, size_t n_tensors,
                          unsigned char length[8], qsti_text *header, qsti_piece *pieces)
{
    size_t offset = 0, n_pieces = 2;
    for (size_t n_bytes = QSTI_DTYPE_MAX_BYTES; n_bytes > 0; n_bytes /= 2) {
        for (size_t t = 0; t < n_tensors; t++) {
            if (qsti_dtypes[tensors[t].dtype].n_bytes != n_bytes) {
                continue;
            }
            size_t begin = offset;
            if (!add_entry(header, &tensors[t], &offset)) {
                return qsti_fail(ctx, QST_ERR_INTERNAL, "%s: arrays of more bytes than can be addressed", path);
            }
            pieces[n_pieces++] = (qsti_piece){tensors[t].data, offset - begin};
        }
    }
    qsti_text_add(header, "}");
    qsti_text_add(header, "%*s", (int)((8 - header->length % 8) % 8), "");
    if (header->status != QST_OK) {
        return header->status;
    }
    if (header->length > QSTI_TENSORS_MAX_HEADER_BYTES) {
        return qsti_fail(ctx, QST_ERR_LIMIT, "%s: a header of %zu bytes, the limit is %zu", path, header->length,
                         QSTI_TENSORS_MAX_HEADER_BYTES);
    }
    store_u64(length, header->length);
    pieces[0] = (qsti_piece){length, 8};
    pieces[1] = (qsti_piece){header->bytes, header->length};
    return QST_OK;
}

static qst_status hash_pieces(qst_ctx *ctx, const qsti_piece *pieces, size_t n_pieces, char out[QSTI_HASH_CHARS])
{
    qsti_hasher *hasher = NULL;
    qst_status status = qsti_hasher_create(ctx, &hasher);
    if (status != QST_OK) {
        return status;
    }
    for (size_t p = 0; p < n_pieces; p++) {
        if (pieces[p].n_bytes) {
            qsti_hasher_add(hasher, pieces[p].bytes, pieces[p].n_bytes);
        }
    }
    qsti_hasher_finish(ctx, hasher, out);
    return QST_OK;
}

qst_status qsti_tensors_write(qst_ctx *ctx, const char *path, const char *format, const qsti_tensor *tensors,
                              size_t n_tensors, const qsti_meta *metas, size_t n_metas)
{
    qst_status status = QST_OK;
    qsti_piece *pieces = NULL;
    unsigned char length[8];
    char hash[QSTI_HASH_CHARS];
    qsti_text header;
    qsti_text_init(&header, ctx);

    QSTI_TRY(check_tensors(ctx, path, tensors, n_tensors));
    QSTI_TRY(check_metas(ctx, path, metas, n_metas));
    QSTI_TRY(QSTI_NEW(ctx, n_tensors + 2, &pieces));
    add_metas(&header, format, metas, n_metas);
    size_t hash_end = header.length - strlen("\"}");
    QSTI_TRY(lay_out(ctx, path, tensors, n_tensors, length, &header, pieces));
    QSTI_TRY(hash_pieces(ctx, pieces, n_tensors + 2, hash));
    memcpy(header.bytes + hash_end - (QSTI_HASH_CHARS - 1), hash, QSTI_HASH_CHARS - 1);
    QSTI_TRY(qsti_file_write_pieces(ctx, path, pieces, n_tensors + 2));
done:
    qsti_text_clear(&header);
    qsti_free(ctx, pieces);
    return status;
}

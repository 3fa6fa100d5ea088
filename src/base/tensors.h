/* tensors.h: named arrays in one file, in the safetensors layout, with checksums.
 *
 * 8 bytes little-endian header length, JSON header {"name": {"dtype", "shape", "data_offsets"}, "__metadata__": {...}},
 * then the raw little-endian data, in the order of the header, without holes. The header is padded with spaces to a
 * multiple of 8 bytes, and arrays of wider items stand before those of narrower ones, so every item is aligned.
 * __metadata__ holds strings only: "format" (the artefact kind and version), the caller's own in the caller's order,
 * and "sha256", the SHA-256 of the whole file with the 64 digits of this value written as '0'. Equal arrays and
 * metadata give equal bytes.
 */
#ifndef QSTI_BASE_TENSORS_H
#define QSTI_BASE_TENSORS_H

#include "base/file.h"

typedef enum qsti_dtype { QSTI_F64, QSTI_I64, QSTI_U8 } qsti_dtype;

/* One array to write, or as read. Names are [a-z0-9_./]+, ndim 0..4. */
typedef struct qsti_tensor {
    const char *name;
    qsti_dtype dtype;
    size_t n_dims;
    size_t shape[4];
    const void *data;
} qsti_tensor;

typedef struct qsti_meta {
    const char *key, *value;
} qsti_meta;

#define QSTI_TENSORS_MAX_HEADER_BYTES ((size_t)16 << 20)

/* Writes atomically. `format` e.g. "qstill-model/1". Names and keys are distinct; keys may not be "format" or "sha256";
 * text is UTF-8. Arrays of no items are fine. Errors: ERR_INTERNAL (names, keys, dimensions against these rules),
 * ERR_LIMIT (header), ERR_MEMORY, ERR_SYSTEM. */
qst_status qsti_tensors_write(qst_ctx *ctx, const char *path, const char *format, const qsti_tensor *tensors,
                              size_t n_tensors, const qsti_meta *metas, size_t n_metas);

typedef struct qsti_tensors qsti_tensors;

/* Reads and checks all of it: layout, bounds, overlaps, checksum, format. Errors: ERR_SYSTEM; ERR_DAMAGED (with the
 * byte offset or the field); ERR_DAMAGED with "written by a newer release" when the version in `format` is higher. */
qst_status qsti_tensors_read(qst_ctx *ctx, const char *path, const char *format, qsti_tensors **out);
void qsti_tensors_free(qst_ctx *ctx, qsti_tensors *tensors);

/* A tensor by name, of the given type and number of dimensions. ERR_DAMAGED when missing or other. Borrowed. */
qst_status qsti_tensors_get(qst_ctx *ctx, const qsti_tensors *tensors, const char *name, qsti_dtype dtype,
                            size_t n_dims, const qsti_tensor **out);
/* NULL when missing. */
const char *qsti_tensors_meta(const qsti_tensors *tensors, const char *key);

#endif

/* source.h: what a text such as "digits.csv.gz" or "scores.npz:teacher" names, and the arrays in binary files. */
#ifndef QSTI_DATA_SOURCE_H
#define QSTI_DATA_SOURCE_H

#include <qstill/data.h>

#include "data/npz.h"

typedef enum qsti_file_kind { QSTI_FILE_CSV, QSTI_FILE_NPY, QSTI_FILE_NPZ, QSTI_FILE_IDX } qsti_file_kind;

typedef struct qsti_source {
    qst_ctx *ctx;
    qsti_file_kind kind;
    bool gzip;
    char *path;
    char *key; /* NPZ: behind the colon; NULL: none */
} qsti_source;

/* By its ending: .csv .csv.gz .npy .npz .npz:KEY .idx .idx.gz, and -idx3-ubyte(.gz) as the MNIST files have it; "-" is
 * CSV. Errors: ERR_SYSTEM when the path with another ending is missing or no regular file; ERR_UNSUPPORTED, with how to
 * convert. */
qst_status qsti_source_parse(qst_ctx *ctx, const char *text, qsti_source *out);
void qsti_source_clear(qsti_source *source);

/* Whether the ending is one of these. */
bool qsti_source_is_known(const char *text);

/* The bytes of a CSV, NPY or IDX source, unpacked. */
qst_status qsti_source_open(const qsti_source *source, qsti_stream **out);

typedef struct qsti_array {
    double *values; /* (n_rows, n_cols); freed by qsti_free() */
    size_t n_rows, n_cols;
    size_t n_dims, shape[QST_MAX_DIMS]; /* in the file; those behind the first are flattened into columns */
} qsti_array;

/* An NPY or IDX source, or entry `index` of an archive. What would take more than QSTI_CHECK_FIRST_BYTES is read twice,
 * the first time only to check it, so that a damaged file is refused before its array is held. */
#define QSTI_CHECK_FIRST_BYTES ((size_t)128 << 20)
qst_status qsti_array_load(const qsti_source *source, qsti_array *out);
qst_status qsti_array_load_entry(qsti_npz *npz, size_t index, qsti_array *out);

#endif

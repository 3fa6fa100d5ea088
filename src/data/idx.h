/* idx.h: the IDX files of MNIST and its like. */
#ifndef QSTI_DATA_IDX_H
#define QSTI_DATA_IDX_H

#include "data/numbers.h"

#define QSTI_IDX_MAX_DIMS 8

typedef struct qsti_idx {
    qsti_number_format format;
    size_t n_dims;
    size_t shape[QSTI_IDX_MAX_DIMS];
    size_t n_rows, n_cols; /* dimensions behind the first are flattened into columns */
} qsti_idx;

/* Reads the header; the size that it promises is compared with the stream's, where that is known, and with
 * QSTI_GZIP_MAX_BYTES otherwise. Errors: ERR_INPUT with byte offset. */
qst_status qsti_idx_read_header(qsti_stream *stream, qsti_idx *out);

/* Reads all values into out (n_rows, n_cols), up to the end of the stream; out NULL: checks only. */
qst_status qsti_idx_read_values(qsti_stream *stream, const qsti_idx *idx, double *out);

#endif

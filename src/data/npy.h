/* npy.h: NumPy's .npy files, versions 1.0, 2.0 and 3.0. */
#ifndef QSTI_DATA_NPY_H
#define QSTI_DATA_NPY_H

#include "data/numbers.h"

#define QSTI_NPY_MAX_HEADER_BYTES 65536
#define QSTI_NPY_MAX_DIMS         8

typedef struct qsti_npy {
    qsti_number_format format;
    bool fortran_order;
    size_t n_dims;
    size_t shape[QSTI_NPY_MAX_DIMS];
    size_t n_rows, n_cols; /* further dimensions are flattened into columns, in C order */
} qsti_npy;

/* Reads the header and compares the size that it promises with the stream's, where that is known. Errors: ERR_INPUT
 * (with byte offset), ERR_UNSUPPORTED (objects, text, complex, structured; with how to convert). */
qst_status qsti_npy_read_header(qsti_stream *stream, qsti_npy *out);

/* Reads all values into out (n_rows, n_cols) in C order, up to the end of the stream; out NULL: checks only. Errors:
 * ERR_INPUT for a value that is not finite or not exact in f64 (with row and column), and for more bytes behind the
 * last. */
qst_status qsti_npy_read_values(qsti_stream *stream, const qsti_npy *npy, double *out);

/* The header of version 1.0 for a C-order array of f64 ("<f8") or complex numbers of two ("<c16"), as numpy.save()
 * writes it; returns its length. */
#define QSTI_NPY_HEADER_BYTES 256
size_t qsti_npy_format_header(const char *type, const size_t *shape, size_t n_dims, char out[QSTI_NPY_HEADER_BYTES]);

#endif

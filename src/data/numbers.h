/* numbers.h: binary numbers of NPY and IDX files, read as f64, exactly or not at all. */
#ifndef QSTI_DATA_NUMBERS_H
#define QSTI_DATA_NUMBERS_H

#include "data/stream.h"

typedef enum qsti_number_kind {
    QSTI_NUMBER_FLOAT,
    QSTI_NUMBER_INT,
    QSTI_NUMBER_UINT,
    QSTI_NUMBER_BOOL
} qsti_number_kind;

typedef struct qsti_number_format {
    qsti_number_kind kind;
    size_t n_bytes; /* float 2 4 8, int and uint 1 2 4 8, bool 1 */
    bool big_endian;
} qsti_number_format;

typedef enum qsti_number_problem {
    QSTI_NUMBERS_FINE,
    QSTI_NUMBERS_NAN,
    QSTI_NUMBERS_INFINITE,
    QSTI_NUMBERS_INEXACT, /* an integer beyond 2^53 that f64 does not hold */
    QSTI_NUMBERS_NO_BOOL  /* neither 0 nor 1 */
} qsti_number_problem;

/* Reads n numbers from the stream. Stops at the first that is not fine: *out_bad is its index, with `problem`; else n.
 * out may be NULL: check only. Errors: those of reading. */
qst_status qsti_numbers_read(qsti_stream *stream, qsti_number_format format, size_t n, double *out, size_t *out_bad,
                             qsti_number_problem *out_problem);

const char *qsti_number_problem_text(qsti_number_problem problem);

#endif

/* csv.h: tables of numbers, with a column of labels or without, as CSV text (RFC 4180). */
#ifndef QSTI_DATA_CSV_H
#define QSTI_DATA_CSV_H

#include "data/labels.h"
#include "data/stream.h"

#define QSTI_CSV_MAX_COLUMNS 1000000

typedef enum qsti_csv_want {
    QSTI_CSV_NUMBERS,            /* every column is a feature */
    QSTI_CSV_NUMBERS_AND_LABELS, /* one column holds labels */
    QSTI_CSV_LABELS              /* there is one column, and it holds labels */
} qsti_csv_want;

typedef struct qsti_csv_opts {
    qsti_csv_want want;
    const char *label; /* name or number of the column of labels; NULL: "label", else the last */
} qsti_csv_opts;

typedef struct qsti_csv {
    size_t n_rows, n_features;
    double *features;         /* (n_rows, n_features) */
    qsti_labels labels;       /* not finished; empty where none were wanted */
    bool first_may_be_header; /* LABELS: the first label is text, like all others; it may be the name of the column */
} qsti_csv;

/* Reads all of a stream. The first line is a header when one of its cells is text and those that are numbers, if any,
 * are whole and increasing, as exports number columns. Where the only text stands in the column of labels, it is a row
 * if the same label comes again. Errors, with line and byte column: see docs/data.md. */
qst_status qsti_csv_read(qsti_stream *stream, const qsti_csv_opts *opts, qsti_csv *out);
void qsti_csv_clear(qst_ctx *ctx, qsti_csv *csv);

#endif

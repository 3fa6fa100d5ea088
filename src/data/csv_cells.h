/* csv_cells.h: a stream of CSV text cut into cells, with the place of each. For csv.c. */
#ifndef QSTI_DATA_CSV_CELLS_H
#define QSTI_DATA_CSV_CELLS_H

#include "data/stream.h"

#define QSTI_CSV_MAX_ROW_BYTES ((size_t)16 << 20)

typedef enum qsti_csv_after { QSTI_CSV_AFTER_CELL, QSTI_CSV_AFTER_ROW } qsti_csv_after;

typedef struct qsti_csv_cells {
    qsti_stream *stream;

    /* The cell that was read last: bytes[0..length), without quotes, and without blanks around it when it had none.
     * Valid until the next. */
    const char *bytes;
    size_t length;
    bool quoted;
    qsti_place place;     /* of its first byte, or opening quote; columns count bytes */
    qsti_place end_place; /* of what stands behind it */
    qsti_csv_after after; /* what that is: a comma, or the end of the row or file */

    /* buffer[start..end) is the cell, buffer[at..filled) is not yet read. */
    char *buffer;
    size_t capacity, start, end, at, filled;
    bool ended;
    size_t dropped;    /* bytes of the file before buffer[0] */
    size_t line;       /* 1-based */
    size_t line_start; /* offset in the file where the line begins */
    size_t row_start;  /* offset in the file where the row begins */
} qsti_csv_cells;

/* Skips a byte order mark; refuses UTF-16 by name and an empty file. Borrows the stream. Clear also after failure. */
qst_status qsti_csv_cells_begin(qsti_csv_cells *cells, qsti_stream *stream);
void qsti_csv_cells_clear(qsti_csv_cells *cells);

/* Reads the next cell; *out_any: there was one. An empty line is a row of one empty cell. Errors: ERR_INPUT with place:
 * a NUL byte, a carriage return alone, a quote in the wrong place or never closed, a row above QSTI_CSV_MAX_ROW_BYTES.
 */
qst_status qsti_csv_cells_next(qsti_csv_cells *cells, bool *out_any);

#endif

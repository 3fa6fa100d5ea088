/* csv_cells.c: RFC 4180 in one pass. A cell never leaves the buffer: when that is filled again, what is still needed
 * moves to the front; quotes are taken out in place. What RFC 4180 leaves open: a byte order mark is skipped, lines end
 * in LF or CRLF and a CR alone is refused, blanks around a cell without quotes do not count. */
#include "data/csv_cells.h"

#include <string.h>

#define FIRST_CAPACITY 65536

/* --- the buffer --------------------------------------------------------------------------------------------------- */

static qsti_place place_of(const qsti_csv_cells *cells, size_t index)
{
    return (qsti_place){cells->stream->name, cells->line, cells->dropped + index - cells->line_start + 1};
}

static qst_status fail_here(const qsti_csv_cells *cells, size_t index, const char *problem)
{
    return qsti_fail_at(cells->stream->ctx, QST_ERR_INPUT, place_of(cells, index), "%s", problem);
}

/* Moves the cell and what follows to the front and reads more behind it. */
static qst_status fill(qsti_csv_cells *cells)
{
    qst_status status = qsti_check_interrupt(cells->stream->ctx);
    if (status != QST_OK) {
        return status;
    }
    size_t moved = cells->start;
    if (moved) {
        memmove(cells->buffer, cells->buffer + moved, cells->filled - moved);
        cells->dropped += moved;
        cells->start = 0;
        cells->end -= moved;
        cells->at -= moved;
        cells->filled -= moved;
    }
    if (cells->filled > cells->capacity / 2) {
        size_t capacity = cells->capacity * 2;
        status = QSTI_GROW(cells->stream->ctx, capacity, &cells->buffer);
        if (status != QST_OK) {
            return status;
        }
        cells->capacity = capacity;
    }
    size_t got = 0;
    status = qsti_stream_read(cells->stream, cells->buffer + cells->filled, cells->capacity - cells->filled, &got);
    cells->ended = got == 0;
    cells->filled += got;
    return status;
}

/* Whether there is a byte at `at`; reads on when the buffer is used up. */
static qst_status look(qsti_csv_cells *cells, bool *out_any)
{
    if (cells->at == cells->filled && !cells->ended) {
        if (cells->dropped + cells->at - cells->row_start > QSTI_CSV_MAX_ROW_BYTES) {
            return qsti_fail_at(cells->stream->ctx, QST_ERR_INPUT, cells->place, "%s of more than %zu bytes",
                                cells->quoted ? "a quoted cell, or a quote that is not closed, in a row" : "a row",
                                QSTI_CSV_MAX_ROW_BYTES);
        }
        qst_status status = fill(cells);
        if (status != QST_OK) {
            return status;
        }
    }
    *out_any = cells->at < cells->filled;
    return QST_OK;
}

/* --- cells -------------------------------------------------------------------------------------------------------- */

typedef enum byte_kind { ORDINARY, COMMA, LINE_FEED, CARRIAGE_RETURN, QUOTE, NUL } byte_kind;

static byte_kind kind_of(char byte)
{
    static const unsigned char kinds[256] = {
        [','] = COMMA, ['\n'] = LINE_FEED, ['\r'] = CARRIAGE_RETURN, ['"'] = QUOTE, ['\0'] = NUL};
    return (byte_kind)kinds[(unsigned char)byte];
}

static void begin_line(qsti_csv_cells *cells)
{
    cells->line++;
    cells->line_start = cells->dropped + cells->at;
}

/* Reads up to a byte that ends a cell without quotes. */
static qst_status read_plain(qsti_csv_cells *cells)
{
    bool any = true;
    while (any) {
        while (cells->at < cells->filled && kind_of(cells->buffer[cells->at]) == ORDINARY) {
            cells->at++;
        }
        cells->end = cells->at;
        if (cells->at < cells->filled) {
            break;
        }
        qst_status status = look(cells, &any);
        if (status != QST_OK) {
            return status;
        }
    }
    if (any && kind_of(cells->buffer[cells->at]) == QUOTE) {
        return fail_here(cells, cells->at, "a quote inside a cell that does not begin with one");
    }
    return QST_OK;
}

/* Reads from behind the opening quote to behind the closing one; doubled quotes become single ones. The cell's bytes
 * move forward over the quotes taken out: buffer[start..end) is done, buffer[at..) is to come. */
static qst_status read_quoted(qsti_csv_cells *cells)
{
    for (;;) {
        bool any = false;
        qst_status status = look(cells, &any);
        if (status != QST_OK) {
            return status;
        }
        if (!any) {
            return qsti_fail_at(cells->stream->ctx, QST_ERR_INPUT, cells->place, "this quote is not closed");
        }
        char byte = cells->buffer[cells->at];
        if (byte == '\0') {
            return fail_here(cells, cells->at, "a NUL byte: this is no text file");
        }
        cells->at++;
        if (byte == '"') {
            status = look(cells, &any);
            if (status != QST_OK) {
                return status;
            }
            if (!any || cells->buffer[cells->at] != '"') {
                return QST_OK;
            }
            cells->at++;
        }
        cells->buffer[cells->end++] = byte;
        if (byte == '\n') {
            begin_line(cells);
        }
    }
}

/* What stands behind the cell: a comma, the end of the line, or the end of the file. */
static qst_status read_after(qsti_csv_cells *cells)
{
    bool any = false;
    qst_status status = look(cells, &any);
    if (status != QST_OK) {
        return status;
    }
    cells->end_place = place_of(cells, cells->at);
    cells->after = QSTI_CSV_AFTER_ROW;
    if (!any) {
        return QST_OK;
    }
    switch (kind_of(cells->buffer[cells->at++])) {
    case COMMA:
        cells->after = QSTI_CSV_AFTER_CELL;
        return QST_OK;
    case CARRIAGE_RETURN:
        status = look(cells, &any);
        if (status != QST_OK) {
            return status;
        }
        if (!any || cells->buffer[cells->at] != '\n') {
            return qsti_fail_at(cells->stream->ctx, QST_ERR_INPUT, cells->end_place,
                                "a carriage return without a line feed: lines must end in LF or CRLF");
        }
        cells->at++;
        begin_line(cells);
        return QST_OK;
    case LINE_FEED:
        begin_line(cells);
        return QST_OK;
    case NUL:
        return qsti_fail_at(cells->stream->ctx, QST_ERR_INPUT, cells->end_place, "a NUL byte: this is no text file");
    case QUOTE:
    case ORDINARY:
        break;
    }
    return qsti_fail_at(cells->stream->ctx, QST_ERR_INPUT, cells->end_place,
                        "text behind a closing quote: a comma or the end of the line is needed");
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

qst_status qsti_csv_cells_next(qsti_csv_cells *cells, bool *out_any)
{
    qst_status status = QST_OK;
    bool any = false;
    cells->start = cells->end = cells->at;
    cells->quoted = false;
    cells->place = place_of(cells, cells->at);
    if (cells->after == QSTI_CSV_AFTER_ROW) {
        cells->row_start = cells->dropped + cells->at;
    }
    QSTI_TRY(look(cells, &any));
    if (!any && cells->after == QSTI_CSV_AFTER_ROW) {
        *out_any = false;
        return QST_OK;
    }
    cells->quoted = any && cells->buffer[cells->at] == '"';
    if (cells->quoted) {
        cells->at++;
        QSTI_TRY(read_quoted(cells));
    } else {
        QSTI_TRY(read_plain(cells));
    }
    QSTI_TRY(read_after(cells));
    cells->bytes = cells->buffer + cells->start;
    cells->length = cells->end - cells->start;
    while (!cells->quoted && cells->length && is_blank(cells->bytes[cells->length - 1])) {
        cells->length--;
    }
    while (!cells->quoted && cells->length && is_blank(cells->bytes[0])) {
        cells->bytes++;
        cells->length--;
        cells->place.column++;
    }
    *out_any = true;
done:
    return status;
}

/* --- begin and end ------------------------------------------------------------------------------------------------ */

static bool begins_with(const qsti_csv_cells *cells, const char *bytes, size_t n_bytes)
{
    return cells->filled >= n_bytes && memcmp(cells->buffer, bytes, n_bytes) == 0;
}

qst_status qsti_csv_cells_begin(qsti_csv_cells *cells, qsti_stream *stream)
{
    *cells = (qsti_csv_cells){.stream = stream, .capacity = FIRST_CAPACITY, .line = 1, .after = QSTI_CSV_AFTER_ROW};
    qst_status status = QSTI_GROW(stream->ctx, cells->capacity, &cells->buffer);
    if (status == QST_OK) {
        status = fill(cells);
    }
    if (status != QST_OK) {
        return status;
    }
    if (cells->filled == 0) {
        return qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: the file is empty", stream->name);
    }
    bool marked = begins_with(cells, "\xff\xfe", 2) || begins_with(cells, "\xfe\xff", 2);
    const char *b = cells->buffer;
    bool padded = cells->filled >= 4 && !b[0] == !b[2] && !b[1] == !b[3] && !b[0] != !b[1];
    if (marked || padded) {
        return qsti_fail_at(stream->ctx, QST_ERR_INPUT, place_of(cells, 0), "UTF-16 text: save it as UTF-8");
    }
    if (begins_with(cells, "\x1f\x8b", 2)) {
        return qsti_fail_at(stream->ctx, QST_ERR_INPUT, place_of(cells, 0),
                            "a gzip file: its name must end in .csv.gz");
    }
    if (begins_with(cells, "\xef\xbb\xbf", 3)) {
        cells->at = cells->line_start = 3;
    }
    return QST_OK;
}

void qsti_csv_cells_clear(qsti_csv_cells *cells)
{
    qsti_free(cells->stream->ctx, cells->buffer);
    cells->buffer = NULL;
}

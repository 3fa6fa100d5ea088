/* csv.c: what the cells of a CSV file mean: header, column of labels, numbers. Cutting the text into cells is
 * csv_cells.c.
 *
 * Numbers go straight into the array of the result, which grows by doubling; besides it only the first row and one
 * buffer of text are held. */
#include "data/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/csv_cells.h"
#include "data/number_text.h"

#define NO_LABEL      SIZE_MAX
#define FIRST_NUMBERS 4096

typedef struct first_cell {
    size_t begin, length; /* in the text of the first row */
    bool quoted;
    qsti_place place;
} first_cell;

typedef struct csv_reader {
    qst_ctx *ctx;
    const char *name;
    const qsti_csv_opts *opts;
    qsti_csv_cells cells;

    qsti_text first_text; /* the first row's cells, each with a NUL */
    first_cell *first;    /* (n_cols) */
    size_t n_cols, first_capacity;
    bool has_header;
    bool may_be_header; /* the first row was taken as data, and may turn out to be the header */
    size_t label_col;   /* or NO_LABEL */

    qsti_csv result;
    size_t capacity; /* numbers that result.features holds */
    size_t n_stored; /* numbers that are there */
    bool row_whole;  /* all cells of the row so far are whole numbers */
} csv_reader;

static const char *first_name(const csv_reader *reader, size_t col)
{
    return reader->first_text.bytes + reader->first[col].begin;
}

static qst_status fail_file(const csv_reader *reader, const char *problem)
{
    return qsti_fail(reader->ctx, QST_ERR_INPUT, "%s: %s", reader->name, problem);
}

static void warn_numbers(const csv_reader *reader)
{
    qsti_warn(reader->ctx, "%s: the first line is read as the header, although it holds numbers", reader->name);
}

/* --- one cell of data --------------------------------------------------------------------------------------------- */

static qst_status fail_cell(const csv_reader *reader, size_t col, const char *bytes, size_t length, qsti_place place)
{
    char what[64];
    if (!reader->has_header) {
        snprintf(what, sizeof what, "column %zu", col);
    } else if (reader->first[col].length > 40) {
        snprintf(what, sizeof what, "column \"%.40s...\"", first_name(reader, col));
    } else {
        snprintf(what, sizeof what, "column \"%s\"", first_name(reader, col));
    }
    return qsti_fail_number(reader->ctx, place, what, bytes, length);
}

static qst_status store_number(csv_reader *reader, double number)
{
    if (reader->n_stored == reader->capacity) {
        size_t capacity = reader->capacity ? reader->capacity * 2 : FIRST_NUMBERS;
        qst_status status = QSTI_GROW(reader->ctx, capacity, &reader->result.features);
        if (status != QST_OK) {
            return status;
        }
        reader->capacity = capacity;
    }
    reader->result.features[reader->n_stored++] = number;
    return QST_OK;
}

/* The first row was the header after all: what was stored of it goes. */
static void drop_first_row(csv_reader *reader)
{
    size_t n_features = reader->n_cols - 1;
    reader->n_stored -= n_features;
    memmove(reader->result.features, reader->result.features + n_features, reader->n_stored * sizeof(double));
    qsti_labels_drop_first(&reader->result.labels);
    reader->result.n_rows--;
    reader->has_header = true;
    reader->may_be_header = false;
    warn_numbers(reader);
}

static qst_status take_cell(csv_reader *reader, size_t col, const char *bytes, size_t length, qsti_place place)
{
    double number;
    if (col == reader->label_col) {
        if (reader->may_be_header && reader->result.n_rows == 1 && qsti_parse_double(bytes, length, &number)) {
            drop_first_row(reader);
        }
        qst_status status = qsti_labels_add_text(&reader->result.labels, bytes, length);
        return status == QST_OK
                   ? status
                   : qsti_fail_within(reader->ctx, status, "%s:%zu:%zu", place.file, place.line, place.column);
    }
    if (!qsti_parse_double(bytes, length, &number)) {
        return fail_cell(reader, col, bytes, length, place);
    }
    reader->row_whole = reader->row_whole && !memchr(bytes, '.', length);
    return store_number(reader, number);
}

/* --- the first row ------------------------------------------------------------------------------------------------ */

static qst_status keep_first_cell(csv_reader *reader)
{
    const qsti_csv_cells *cells = &reader->cells;
    if (reader->n_cols == QSTI_CSV_MAX_COLUMNS) {
        return qsti_fail_at(reader->ctx, QST_ERR_INPUT, cells->place, "more than %d columns", QSTI_CSV_MAX_COLUMNS);
    }
    if (reader->n_cols == reader->first_capacity) {
        size_t capacity = reader->first_capacity ? reader->first_capacity * 2 : 64;
        qst_status status = QSTI_GROW(reader->ctx, capacity, &reader->first);
        if (status != QST_OK) {
            return status;
        }
        reader->first_capacity = capacity;
    }
    reader->first[reader->n_cols++] =
        (first_cell){reader->first_text.length, cells->length, cells->quoted, cells->place};
    qsti_text_add_bytes(&reader->first_text, cells->bytes, cells->length);
    qsti_text_add_bytes(&reader->first_text, "", 1);
    return reader->first_text.status;
}

/* The cell is empty and alone in its row. */
static bool is_blank_row(const qsti_csv_cells *cells)
{
    return cells->length == 0 && !cells->quoted && cells->after == QSTI_CSV_AFTER_ROW;
}

/* Reads it whole; empty lines before it are skipped. */
static qst_status read_first_row(csv_reader *reader)
{
    qsti_csv_cells *cells = &reader->cells;
    do {
        bool any = false;
        qst_status status = qsti_csv_cells_next(cells, &any);
        if (status != QST_OK) {
            return status;
        }
        if (!any) {
            return fail_file(reader, "the file holds no rows");
        }
        status = reader->n_cols == 0 && is_blank_row(cells) ? QST_OK : keep_first_cell(reader);
        if (status != QST_OK) {
            return status;
        }
    } while (reader->n_cols == 0 || cells->after != QSTI_CSV_AFTER_ROW);
    const char *only = first_name(reader, 0);
    char separator = strchr(only, ';') ? ';' : strchr(only, '\t') ? '\t' : '\0';
    if (reader->n_cols == 1 && separator && !reader->first[0].quoted) {
        return qsti_fail_at(reader->ctx, QST_ERR_INPUT, reader->first[0].place,
                            "cells are separated by %s: commas are needed, and points in numbers (no decimal comma)",
                            separator == ';' ? "semicolons" : "tabs");
    }
    return QST_OK;
}

/* Text cells make a header, unless its numbers are not such as number columns (0,1,2 or 1,2,3); a cell that is a number
 * gone wrong
 * ("nan", "3,5") is no text. */
static bool is_header(const csv_reader *reader)
{
    size_t n_text = 0;
    double previous = -1, number;
    for (size_t col = 0; col < reader->n_cols; col++) {
        const char *bytes = first_name(reader, col);
        size_t length = reader->first[col].length;
        if (!qsti_parse_double(bytes, length, &number)) {
            n_text += !qsti_looks_numeric(bytes, length);
            continue;
        }
        if (memchr(bytes, '.', length) || number <= previous) {
            return false;
        }
        previous = number;
    }
    return n_text > 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The column whose name stands here in the text of the first row. */
static size_t column_of(const csv_reader *reader, const char *name)
{
    size_t col = 0;
    while (first_name(reader, col) != name) {
        col++;
    }
    return col;
}

/* Every column has a name, and its own. */
static qst_status check_names(const csv_reader *reader)
{
    qst_status status = QST_OK;
    const char **names = NULL;
    QSTI_TRY(qsti_alloc(reader->ctx, reader->n_cols, sizeof(char *), (void **)&names));
    for (size_t col = 0; col < reader->n_cols; col++) {
        names[col] = first_name(reader, col);
        if (reader->first[col].length == 0) {
            QSTI_TRY(qsti_fail_at(reader->ctx, QST_ERR_INPUT, reader->first[col].place,
                                  "the header gives column %zu no name (pandas writes its index so: use index=False)",
                                  col));
        }
    }
    qsort(names, reader->n_cols, sizeof(char *), compare_names);
    for (size_t col = 1; col < reader->n_cols; col++) {
        if (strcmp(names[col], names[col - 1]) == 0) {
            const char *later = names[col] > names[col - 1] ? names[col] : names[col - 1];
            QSTI_TRY(qsti_fail_at(reader->ctx, QST_ERR_INPUT, reader->first[column_of(reader, later)].place,
                                  "the header gives two columns the name \"%.40s\"", later));
        }
    }
done:
    qsti_free(reader->ctx, names);
    return status;
}

/* --- the column of labels ----------------------------------------------------------------------------------------- */

static bool find_column(const csv_reader *reader, const char *name, size_t *out)
{
    for (size_t col = 0; reader->has_header && col < reader->n_cols; col++) {
        if (strcmp(first_name(reader, col), name) == 0) {
            *out = col;
            return true;
        }
    }
    return false;
}

static qst_status fail_no_column(const csv_reader *reader, const char *label)
{
    const char **names = NULL;
    if (!reader->has_header) {
        return qsti_fail(reader->ctx, QST_ERR_INPUT,
                         "%s: label \"%s\": the file has no header: give the number of a column, 0..%zu", reader->name,
                         label, reader->n_cols - 1);
    }
    qst_status status = qsti_alloc(reader->ctx, reader->n_cols, sizeof(char *), (void **)&names);
    if (status != QST_OK) {
        return status;
    }
    for (size_t col = 0; col < reader->n_cols; col++) {
        names[col] = first_name(reader, col);
    }
    const char *nearest = qsti_nearest(label, names, reader->n_cols);
    if (nearest) {
        status = qsti_fail(reader->ctx, QST_ERR_INPUT, "%s: label \"%s\": no column has this name; is it \"%s\"?",
                           reader->name, label, nearest);
    } else {
        status = qsti_fail(reader->ctx, QST_ERR_INPUT,
                           "%s: label \"%s\": none of the %zu columns, \"%.40s\" to \"%.40s\", has this name",
                           reader->name, label, reader->n_cols, names[0], names[reader->n_cols - 1]);
    }
    qsti_free(reader->ctx, names);
    return status;
}

static qst_status find_label(csv_reader *reader)
{
    const char *label = reader->opts->label;
    int64_t number, n_cols = (int64_t)reader->n_cols;
    reader->label_col = NO_LABEL;
    if (reader->opts->want == QSTI_CSV_NUMBERS) {
        return QST_OK;
    }
    if (reader->opts->want == QSTI_CSV_LABELS) {
        reader->label_col = 0;
        return reader->n_cols == 1 ? QST_OK : fail_file(reader, "a file of labels has one column");
    }
    if (reader->n_cols == 1) {
        return fail_file(reader, "the file has one column: labels, and no features");
    }
    if (label == NULL) {
        if (!find_column(reader, "label", &reader->label_col)) {
            reader->label_col = reader->n_cols - 1;
        }
        return QST_OK;
    }
    bool is_number = qsti_parse_i64(label, strlen(label), &number);
    if (is_number && number >= -n_cols && number < n_cols) {
        reader->label_col = (size_t)(number < 0 ? number + n_cols : number);
        return QST_OK;
    }
    if (find_column(reader, label, &reader->label_col)) {
        return QST_OK;
    }
    if (!is_number) {
        return fail_no_column(reader, label);
    }
    return qsti_fail(reader->ctx, QST_ERR_INPUT, "%s: label %lld: the columns have the numbers 0..%lld or -%lld..-1",
                     reader->name, (long long)number, (long long)n_cols - 1, (long long)n_cols);
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static qst_status take_first_row(csv_reader *reader)
{
    reader->row_whole = true;
    for (size_t col = 0; col < reader->n_cols; col++) {
        const first_cell *cell = &reader->first[col];
        qst_status status = take_cell(reader, col, first_name(reader, col), cell->length, cell->place);
        if (status != QST_OK) {
            return status;
        }
    }
    reader->result.n_rows = 1;
    return QST_OK;
}

/* The cells of a row, the first of which is read already. */
static qst_status read_row(csv_reader *reader)
{
    qsti_csv_cells *cells = &reader->cells;
    reader->row_whole = true;
    for (size_t col = 0;; col++) {
        if (col == reader->n_cols) {
            return qsti_fail_at(reader->ctx, QST_ERR_INPUT, cells->place, "more than %zu cells in this row%s",
                                reader->n_cols, reader->row_whole ? " (a decimal comma? numbers need a point)" : "");
        }
        qst_status status = take_cell(reader, col, cells->bytes, cells->length, cells->place);
        if (status != QST_OK) {
            return status;
        }
        if (cells->after == QSTI_CSV_AFTER_ROW) {
            reader->result.n_rows++;
            return col + 1 == reader->n_cols
                       ? QST_OK
                       : qsti_fail_at(reader->ctx, QST_ERR_INPUT, cells->end_place,
                                      "%zu cells in this row, %zu are needed", col + 1, reader->n_cols);
        }
        bool any = false;
        status = qsti_csv_cells_next(cells, &any);
        if (status != QST_OK) {
            return status;
        }
    }
}

/* All rows up to the end; `waiting`: the first cell is read already. Empty lines are allowed at the end of the file
 * only. */
static qst_status read_rows(csv_reader *reader, bool waiting)
{
    qsti_csv_cells *cells = &reader->cells;
    qsti_place blank = {NULL, 0, 0};
    for (;; waiting = false) {
        bool any = waiting;
        qst_status status = waiting ? QST_OK : qsti_csv_cells_next(cells, &any);
        if (status != QST_OK || !any) {
            return status;
        }
        if (is_blank_row(cells)) {
            blank = blank.line ? blank : cells->place;
            continue;
        }
        if (blank.line) {
            return qsti_fail_at(reader->ctx, QST_ERR_INPUT, blank, "an empty line between rows");
        }
        status = read_row(reader);
        if (status != QST_OK) {
            return status;
        }
    }
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

/* Text in the first line of a file of labels is the first label or the column's name: the second line decides when it
 * is a number, otherwise the caller, who knows how many labels there should be. */
static qst_status read_labels(csv_reader *reader)
{
    qsti_csv_cells *cells = &reader->cells;
    double number;
    bool any = false, is_text = !qsti_parse_double(first_name(reader, 0), reader->first[0].length, &number);
    qst_status status = qsti_csv_cells_next(cells, &any);
    if (status != QST_OK) {
        return status;
    }
    reader->has_header = is_text && any && qsti_parse_double(cells->bytes, cells->length, &number);
    reader->result.first_may_be_header = is_text && !reader->has_header;
    if (!reader->has_header) {
        status = take_first_row(reader);
    }
    return status == QST_OK && any ? read_rows(reader, true) : status;
}

/* Numbers and one text, in the column of labels: the names "0,1,kind", or a row of a file without header. When the text
 * is no name that was asked for, it is taken for a row; it turns out to be the header when the next label is a number,
 * or no other row has this label. */
static bool is_ambiguous(const csv_reader *reader)
{
    const char *label = reader->opts->label ? reader->opts->label : "label";
    double number;
    size_t n_numbers = 0;
    for (size_t col = 0; col < reader->n_cols; col++) {
        bool is_number = qsti_parse_double(first_name(reader, col), reader->first[col].length, &number);
        n_numbers += is_number;
        if (is_number == (col == reader->label_col)) {
            return false;
        }
    }
    return n_numbers > 0 && strcmp(first_name(reader, reader->label_col), label) != 0;
}

static bool first_label_is_alone(const csv_reader *reader)
{
    const qsti_labels *labels = &reader->result.labels;
    for (size_t i = 1; i < labels->n; i++) {
        if (labels->values[i] == labels->values[0]) {
            return false;
        }
    }
    return true;
}

static bool holds_numbers(const csv_reader *reader)
{
    double number;
    for (size_t col = 0; col < reader->n_cols; col++) {
        if (qsti_parse_double(first_name(reader, col), reader->first[col].length, &number)) {
            return true;
        }
    }
    return false;
}

static qst_status read_table(csv_reader *reader)
{
    qst_status status = QST_OK;
    reader->has_header = is_header(reader);
    QSTI_TRY(find_label(reader));
    if (reader->has_header && reader->label_col != NO_LABEL && is_ambiguous(reader)) {
        reader->has_header = false;
        reader->may_be_header = true;
    }
    if (reader->has_header) {
        QSTI_TRY(check_names(reader));
        if (holds_numbers(reader)) {
            warn_numbers(reader);
        }
    } else {
        QSTI_TRY(take_first_row(reader));
    }
    QSTI_TRY(read_rows(reader, false));
    if (reader->may_be_header && first_label_is_alone(reader)) {
        drop_first_row(reader);
    }
done:
    return status;
}

qst_status qsti_csv_read(qsti_stream *stream, const qsti_csv_opts *opts, qsti_csv *out)
{
    qst_status status = QST_OK;
    csv_reader reader = {.ctx = stream->ctx, .name = stream->name, .opts = opts};
    qsti_labels_init(&reader.result.labels, stream->ctx);
    qsti_text_init(&reader.first_text, stream->ctx);
    QSTI_TRY(qsti_csv_cells_begin(&reader.cells, stream));
    QSTI_TRY(read_first_row(&reader));
    if (opts->want == QSTI_CSV_LABELS) {
        QSTI_TRY(find_label(&reader));
        QSTI_TRY(read_labels(&reader));
    } else {
        QSTI_TRY(read_table(&reader));
    }
    if (reader.result.n_rows == 0) {
        QSTI_TRY(fail_file(&reader, "the file holds a header and no rows"));
    }
    reader.result.n_features = reader.n_stored / reader.result.n_rows;
    if (reader.n_stored) {
        QSTI_TRY(QSTI_GROW(stream->ctx, reader.n_stored, &reader.result.features));
    }
    *out = reader.result;
    reader.result = (qsti_csv){.labels = {.ctx = stream->ctx}};
done:
    qsti_csv_clear(stream->ctx, &reader.result);
    qsti_csv_cells_clear(&reader.cells);
    qsti_text_clear(&reader.first_text);
    qsti_free(stream->ctx, reader.first);
    return status;
}

void qsti_csv_clear(qst_ctx *ctx, qsti_csv *csv)
{
    qsti_free(ctx, csv->features);
    qsti_labels_clear(&csv->labels);
    *csv = (qsti_csv){.labels = {.ctx = ctx}};
}

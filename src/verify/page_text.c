/* page_text.c: words in lines and cells in columns, counted in characters, for the page of a report. */
#include <math.h>
#include <string.h>

#include "verify/page_text.h"
#include "verify/report_parts.h"

#define NAME_WIDTH 20

/* --- reading ------------------------------------------------------------------------------------------------------ */

double qsti_page_number(const json_t *object, const char *path)
{
    const json_t *value = qsti_report_at(object, path);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

const char *qsti_page_string(const json_t *object, const char *path)
{
    const char *text = json_string_value(qsti_report_at(object, path));
    return text ? text : "";
}

/* --- characters and lines ----------------------------------------------------------------------------------------- */

size_t qsti_page_width(const char *text, size_t n_bytes)
{
    size_t width = 0;
    for (size_t i = 0; i < n_bytes; i++) {
        width += ((unsigned char)text[i] & 0xc0) != 0x80;
    }
    return width;
}

static void add_spaces(qsti_text *page, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        qsti_text_add_bytes(page, " ", 1);
    }
}

/* Where the next line ends is decided item by item (" \u00b7 " between them), and word by word in an item that is
 * longer than a line. */
typedef struct setter {
    qsti_text *page;
    size_t column, margin; /* margin: where the lines after the first begin */
    bool at_start;
} setter;

static void set_piece(setter *line, const char *separator, const char *piece, size_t n_bytes)
{
    size_t width = qsti_page_width(piece, n_bytes), gap = qsti_page_width(separator, strlen(separator));
    if (!line->at_start && line->column + gap + width > QSTI_PAGE_COLUMNS) {
        qsti_text_add(line->page, "\n");
        add_spaces(line->page, line->margin);
        line->column = line->margin;
        line->at_start = true;
    }
    if (!line->at_start) {
        qsti_text_add(line->page, "%s", separator);
        line->column += gap;
    }
    qsti_text_add_bytes(line->page, piece, n_bytes);
    line->column += width;
    line->at_start = false;
}

static void add_wrapped(qsti_text *page, size_t indent, size_t hang, const char *text)
{
    static const char dot[] = " \u00b7 ";
    setter line = {page, indent, indent + hang, true};
    add_spaces(page, indent);
    for (const char *item = text; item != NULL;) {
        const char *next = strstr(item, dot), *separator = dot;
        size_t n_bytes = next ? (size_t)(next - item) : strlen(item);
        bool whole = qsti_page_width(item, n_bytes) + line.margin <= QSTI_PAGE_COLUMNS;
        for (size_t at = 0; at < n_bytes; separator = " ") {
            size_t word = whole ? n_bytes : strcspn(item + at, " ");
            word = word < n_bytes - at ? word : n_bytes - at;
            set_piece(&line, separator, item + at, word);
            at += word + 1;
        }
        item = next ? next + sizeof dot - 1 : NULL;
    }
    qsti_text_add(page, "\n");
}

void qsti_page_finish(qsti_text *page, qsti_text *line, size_t indent, size_t hang)
{
    if (line->status != QST_OK) {
        page->status = line->status;
    } else if (line->length > 0) {
        add_wrapped(page, indent, hang, line->bytes);
    }
    qsti_text_clear(line);
}

/* --- cells -------------------------------------------------------------------------------------------------------- */

qsti_cell qsti_cell_of(const char *format, ...)
{
    qsti_cell result = {""};
    va_list args;
    va_start(args, format);
    qsti_vformat(result.text, sizeof result.text, format, args);
    va_end(args);
    return result;
}

/* A name, cut to NAME_WIDTH characters. */
qsti_cell qsti_cell_name(const char *name)
{
    size_t n_bytes = 0, width = 0, total = strlen(name);
    if (qsti_page_width(name, total) <= NAME_WIDTH && total < QSTI_CELL_BYTES) {
        return qsti_cell_of("%s", name);
    }
    while (n_bytes < total && width < NAME_WIDTH - 1) {
        size_t step = qsti_utf8_step(name + n_bytes, total - n_bytes);
        n_bytes += step ? step : 1;
        width++;
    }
    return qsti_cell_of("%.*s\u2026", (int)(n_bytes < QSTI_CELL_BYTES - 4 ? n_bytes : QSTI_CELL_BYTES - 4), name);
}

qsti_cell qsti_cell_signed(double points)
{
    double rounded = round(points * 10) / 10;
    return qsti_cell_of("%s%.1f", rounded < 0 ? "-" : "+", fabs(rounded));
}

static double as_share(double value)
{
    return 100 * fmin(1, fmax(0, value));
}

/* An interval that passes 0 or 100 % is cut there. */
qsti_cell qsti_cell_accuracy(const json_t *model)
{
    double mean = qsti_page_number(model, "accuracy"), lo = qsti_page_number(model, "accuracy_ci.0"),
           hi = qsti_page_number(model, "accuracy_ci.1");
    if (isnan(mean)) {
        return qsti_cell_of("-");
    }
    if (isnan(lo) || isnan(hi)) {
        return qsti_cell_of("%.1f %%", 100 * mean);
    }
    return qsti_cell_of("%.1f %% [%.1f, %.1f]", 100 * mean, as_share(lo), as_share(hi));
}

qsti_cell qsti_cell_verdict(const json_t *comparison)
{
    const char *word = qsti_page_string(comparison, "verdict");
    if (strcmp(word, qsti_verdict_word(QSTI_VERDICT_TOO_FEW_RUNS)) == 0) {
        return qsti_cell_of("%s (%.0f of %d)", word, qsti_page_number(comparison, "pairs"), QSTI_VERDICT_MIN_SEEDS);
    }
    return qsti_cell_of("%s", word);
}

void qsti_page_widen(const qsti_cell *cells, size_t n, size_t *widths)
{
    for (size_t c = 0; c < n; c++) {
        size_t width = qsti_page_width(cells[c].text, strlen(cells[c].text));
        widths[c] = width > widths[c] ? width : widths[c];
    }
}

void qsti_page_add_cell(qsti_text *page, const qsti_cell *content, size_t width, bool to_the_right)
{
    size_t own = qsti_page_width(content->text, strlen(content->text)), padding = width > own ? width - own : 0;
    add_spaces(page, to_the_right ? padding : 0);
    qsti_text_add(page, "%s", content->text);
    add_spaces(page, to_the_right ? 0 : padding);
}

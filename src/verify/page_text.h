/* page_text.h: what the page of a report is set with: numbers read leniently, lines broken between words, cells of a
 * table. For reports, and the page of a search. */
#ifndef QSTI_VERIFY_PAGE_TEXT_H
#define QSTI_VERIFY_PAGE_TEXT_H

#include "base/json.h"

#define QSTI_PAGE_COLUMNS 100
#define QSTI_CELL_BYTES   128

/* The number at a dotted path, NaN when there is none; the string, "" when there is none. */
double qsti_page_number(const json_t *object, const char *path);
const char *qsti_page_string(const json_t *object, const char *path);

/* Characters in the first n_bytes of UTF-8 text. */
size_t qsti_page_width(const char *text, size_t n_bytes);

/* Appends the line, broken at 100 columns, and clears it: the first line begins at column `indent`, the others `hang`
 * further right. It breaks between items (" · "), within them only where one is longer than a line. An empty line adds
 * nothing. */
void qsti_page_finish(qsti_text *page, qsti_text *line, size_t indent, size_t hang);

/* A short piece of text; what does not fit is cut. */
typedef struct qsti_cell {
    char text[QSTI_CELL_BYTES];
} qsti_cell;

qsti_cell qsti_cell_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
qsti_cell qsti_cell_name(const char *name);            /* cut to 20 characters, with an ellipsis */
qsti_cell qsti_cell_signed(double points);             /* "+0.4", "-0.4", never "-0.0" */
qsti_cell qsti_cell_accuracy(const json_t *model);     /* "95.1 % [94.2, 96.0]" */
qsti_cell qsti_cell_verdict(const json_t *comparison); /* "BEATS", "TOO FEW RUNS (1 of 5)" */
void qsti_page_add_cell(qsti_text *page, const qsti_cell *content, size_t width, bool to_the_right);
/* widths[c] becomes the larger of itself and what cell c takes. */
void qsti_page_widen(const qsti_cell *cells, size_t n, size_t *widths);

/* --- what stands before the student: page_teaching.c -------------------------------------------------------------- */

/* Lines on members, calibration, chain and queries, and an empty one behind them; nothing where there are none. */
void qsti_page_add_teaching(qsti_text *page, const json_t *settings);

/* --- the lower half of the page: page_verdict.c ------------------------------------------------------------------- */

/* A line for each comparison of each setting. */
void qsti_page_add_verdicts(qsti_text *page, const json_t *settings);
/* page_controls.c: a line for each of the further controls of each setting; nothing where there are none. */
void qsti_page_add_controls(qsti_text *page, const json_t *settings);
/* page_device.c: what is measured on a device, for each setting that has one. */
void qsti_page_add_device(qsti_text *page, const json_t *settings);
/* The conditions of verify.require, and the warnings. */
void qsti_page_add_requirements(qsti_text *page, const json_t *report);
void qsti_page_add_warnings(qsti_text *page, const json_t *report);

#endif

/* canvas.h: a grid of characters, three rows for each wire, of which the last and the next wire's first become one
 * line.
 */
#ifndef QSTI_DRAW_CANVAS_H
#define QSTI_DRAW_CANVAS_H

#include "base/text.h"

#define QSTI_ROWS 3 /* of a wire: above it, on it, below it */

typedef struct qsti_canvas {
    qst_ctx *ctx;
    size_t n_wires, n_quantum, n_columns;
    uint32_t *cells; /* [n_wires][QSTI_ROWS][n_columns] code points */
} qsti_canvas;

/* Empty wires, single lines for the first n_quantum and double ones for the others. */
qst_status qsti_canvas_make(qst_ctx *ctx, size_t n_wires, size_t n_quantum, size_t n_columns, qsti_canvas *out);
void qsti_canvas_clear(qsti_canvas *canvas);

/* One row of an element: left, then `text` centred in `width` characters of `pad`, then right. `shifted`: one pad in
 * front of the text when the width is even. */
typedef struct qsti_row {
    const char *left, *text, *right; /* UTF-8 */
    uint32_t pad;
    bool shifted;
} qsti_row;

/* Where an element stands: centred in columns first .. first + n_columns of a wire. */
typedef struct qsti_cell {
    size_t wire, first, n_columns;
} qsti_cell;

/* Three rows, each as wide as `width` and what stands left and right of it, then filled on the right up to `fill`. */
void qsti_canvas_put(qsti_canvas *canvas, qsti_cell cell, const qsti_row rows[QSTI_ROWS], size_t width, size_t fill);
/* Text at a place of one row, as it is. */
void qsti_canvas_write(qsti_canvas *canvas, size_t wire, size_t row, size_t column, const char *text, size_t n_bytes);

/* Appends the wires' own rows alone, each with `behind` after it. */
qst_status qsti_canvas_print_wires(const qsti_canvas *canvas, const char *behind, qsti_text *out);
/* Appends the lines: 2 n_wires + 1, and one more wherever two wires would get in each other's way. */
qst_status qsti_canvas_print(const qsti_canvas *canvas, bool ascii, qsti_text *out);

#endif

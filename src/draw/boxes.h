/* boxes.h: how each instruction looks in boxes of text. */
#ifndef QSTI_DRAW_BOXES_H
#define QSTI_DRAW_BOXES_H

#include "draw/canvas.h"
#include "draw/drawing.h"

/* An instruction with a condition takes four columns: the left end of a frame with the condition below it, the
 * instruction, the right end, and a character of empty wires. */
typedef enum qsti_part { QSTI_PART_PLAIN, QSTI_PART_IF, QSTI_PART_END, QSTI_PART_GAP } qsti_part;

/* Columns that a part of an instruction needs. `label` is for scratch. */
size_t qsti_boxes_width(const qsti_drawing *drawing, size_t instruction, qsti_part part, qsti_text *label);
/* Draws it in columns first .. first + n_columns. */
void qsti_boxes_put(qsti_canvas *canvas, const qsti_drawing *drawing, size_t instruction, qsti_part part, size_t first,
                    size_t n_columns, qsti_text *label);

#endif

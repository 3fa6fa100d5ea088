/* drawing.h: what all styles share. */
#ifndef QSTI_DRAW_DRAWING_H
#define QSTI_DRAW_DRAWING_H

#include <qstill/draw.h>

#include "base/text.h"

#include "assembly/assembly.h"
#include "draw/label.h"
#include "draw/layers.h"

/* A drawing in the making. */
typedef struct qsti_drawing {
    const qst_assembly *assembly;
    qst_ctx *ctx;
    qst_draw_opts opts;
    size_t n_cells; /* drawn so far */
    qsti_text out;
} qsti_drawing;

/* The styles: each appends its picture to drawing->out. */
qst_status qsti_draw_boxes(qsti_drawing *drawing); /* qiskit, ascii */
qst_status qsti_draw_lines(qsti_drawing *drawing); /* pennylane */
qst_status qsti_draw_svg(qsti_drawing *drawing);

/* ERR_LIMIT when `n_more` characters would be too many. */
qst_status qsti_drawing_reserve(qsti_drawing *drawing, size_t n_lines, size_t n_columns);

/* The names of wires: of qubits "q_0: ", or "q: " when it is alone in its register; of registers of bits "c: 2/". They
 * stand in one text, name w at first[w] .. first[w + 1]. */
typedef struct qsti_wire_names {
    qsti_text text;
    size_t *first;         /* [n_wires + 1] */
    size_t n_wires, width; /* width: of the longest */
} qsti_wire_names;
qst_status qsti_wire_names_make(const qsti_drawing *drawing, bool with_bits, qsti_wire_names *out);
void qsti_wire_names_clear(qsti_wire_names *names);

/* Appends lines for the phases of the whole state: "global phase: pi/3". */
qst_status qsti_draw_phases(qsti_drawing *drawing);

/* What a box says, with its angles in Qiskit's manner: "Rx(pi/2)". */
void qsti_label_box(qsti_text *out, const qsti_drawing *drawing, const qsti_action *action);

/* A register of bits and the place of a bit in it. */
size_t qsti_register_of_bit(const qst_assembly *assembly, size_t bit, size_t *out_place);

#endif

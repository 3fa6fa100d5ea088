/* qstill/draw.h: circuits as pictures, of text or as SVG. docs/drawing.md shows them. */
#ifndef QSTILL_DRAW_H
#define QSTILL_DRAW_H

#include <qstill/assembly.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum qst_draw_style {
#define QST_DRAW_STYLE(name, about) QST_DRAW_##name,
#include <qstill/draw_styles.def>
#undef QST_DRAW_STYLE
    QST_DRAW_STYLE_COUNT
} qst_draw_style;

/* "qiskit", and what it looks like. Never NULL for a style of the table. */
QST_API const char *qst_draw_style_name(qst_draw_style style);
QST_API const char *qst_draw_style_about(qst_draw_style style);
/* The style of a name; false when there is none. */
QST_API bool qst_draw_style_find(const char *name, qst_draw_style *out);

/* All members may be zero: Qiskit's boxes, never folded. */
typedef struct qst_draw_opts {
    qst_draw_style style;
    size_t fold;   /* columns of characters after which the drawing goes on below; 0: never */
    bool of_qasm2; /* definitions as Qiskit draws those of OpenQASM 2: one with the name of a gate of its qelib1.inc as
                      that gate, the others with a capital: my_Gate is My_gate; else all as they are named */
} qst_draw_opts;

#define QST_DRAW_MAX_CELLS 16777216 /* characters of a text, or the same area of a picture */

/* Draws an assembly as it is written: a call of a definition is one box. UTF-8, every line ends in a newline; control
 * characters and broken UTF-8 in names become '?', names beyond 64 characters end in "...". Qiskit's boxes are those of
 * QuantumCircuit.draw("text") of Qiskit 2.6, character by character; docs/drawing.md names the exceptions. *out is a
 * string of *out_bytes bytes, released with qst_drawing_free(). opts may be NULL. Errors: ERR_USAGE (no such style),
 * ERR_LIMIT (more than QST_DRAW_MAX_CELLS), ERR_MEMORY. Cost O(instructions + characters). */
QST_API qst_status qst_assembly_draw(const qst_assembly *assembly, const qst_draw_opts *opts, char **out,
                                     size_t *out_bytes);
QST_API void qst_drawing_free(const qst_assembly *assembly, char *drawing);

#ifdef __cplusplus
}
#endif
#endif

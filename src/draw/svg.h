/* svg.h: the parts of a picture in SVG. */
#ifndef QSTI_DRAW_SVG_H
#define QSTI_DRAW_SVG_H

#include "draw/drawing.h"

/* Lengths are in pixels of the picture. */
#define QSTI_SVG_CHARACTER 8.4 /* width of a character of 14 px, monospace */
#define QSTI_SVG_WIRE      44  /* from one wire to the next */
#define QSTI_SVG_BOX       30  /* height, and least width, of a box */
#define QSTI_SVG_GAP       14  /* between two columns */
#define QSTI_SVG_MARGIN    16  /* around the picture */

#define QSTI_SVG_BASELINE 5 /* from the middle of a line of text down to its baseline */

/* Attributes. Styles are attributes of each element, which every program that shows SVG understands. */
#define QSTI_SVG_GREY      "#7d8590" /* can be read on white and on black */
#define QSTI_SVG_BIT       "stroke=\"" QSTI_SVG_GREY "\" stroke-width=\"1\""
#define QSTI_SVG_WIRE_LINE "stroke=\"" QSTI_SVG_GREY "\" stroke-width=\"1.2\""

/* A column of a page: its middle, and the height of its first wire. */
typedef struct qsti_svg_spot {
    double x, y;
} qsti_svg_spot;

/* The width that an instruction needs. `label` is for scratch. */
double qsti_svg_width(const qsti_drawing *drawing, size_t instruction, qsti_text *label);
/* Appends the elements of an instruction. */
void qsti_svg_instruction(qsti_drawing *drawing, size_t instruction, qsti_svg_spot spot, qsti_text *label);

/* Text as the content of an element: & < > " and ' are written as entities. */
void qsti_svg_text(qsti_text *out, const char *text, size_t n_bytes);

#endif

/* svg_marks.c: how each instruction looks in SVG. */
#include <stdio.h>
#include <string.h>

#include "draw/svg.h"

#define BLUE     "#3b73d1"
#define LINE     "stroke=\"" BLUE "\" stroke-width=\"1.6\""
#define BOX      "fill=\"#dde8fb\" stroke=\"" BLUE "\" rx=\"3\""
#define GREY_BOX "fill=\"#e6e6e6\" stroke=\"" QSTI_SVG_GREY "\" rx=\"3\""
#define BARRIER  "fill=\"" QSTI_SVG_GREY "\" fill-opacity=\"0.35\""
#define LABEL    "fill=\"#10203a\""
#define NUMBER   "fill=\"#3b5f9e\" font-size=\"11\""
#define NOTE     "fill=\"" QSTI_SVG_GREY "\" font-size=\"11\""

typedef struct pencil {
    qsti_drawing *drawing;
    qsti_text *out, *label;
    qsti_svg_spot spot;
} pencil;

static double height_of(const pencil *p, size_t wire)
{
    return p->spot.y + (double)wire * QSTI_SVG_WIRE;
}

void qsti_svg_text(qsti_text *out, const char *text, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++) {
        const char *entity = text[i] == '&'    ? "&amp;"
                             : text[i] == '<'  ? "&lt;"
                             : text[i] == '>'  ? "&gt;"
                             : text[i] == '"'  ? "&quot;"
                             : text[i] == '\'' ? "&apos;"
                                               : NULL;
        qsti_text_add_bytes(out, entity ? entity : text + i, entity ? strlen(entity) : 1);
    }
}

/* --- labels ------------------------------------------------------------------------------------------------------- */

static void describe(const qsti_drawing *drawing, const qsti_action *action, qsti_text *label)
{
    label->length = 0;
    switch (action->instruction.kind) {
    case QST_INSTRUCTION_MEASURE:
        qsti_text_add(label, "M");
        break;
    case QST_INSTRUCTION_RESET:
        qsti_text_add(label, "|0>");
        break;
    case QST_INSTRUCTION_BARRIER:
        break;
    default:
        qsti_label_box(label, drawing, action);
    }
}

static bool is_dots(const qsti_action *action)
{
    return action->is_gate && action->gate == QST_GATE_z && action->n_controls > 0;
}

static size_t targets_of(const qsti_action *action)
{
    return action->instruction.n_qubits - action->n_controls;
}

static bool is_tall(const qsti_action *action)
{
    return action->instruction.kind <= QST_INSTRUCTION_CALL && targets_of(action) > 1 && !is_dots(action) &&
           !(action->is_gate && action->gate == QST_GATE_swap);
}

/* The width of the box, 0 for what has none. */
static double box_width(const qsti_action *action, const qsti_text *label)
{
    double width = QSTI_SVG_CHARACTER * (double)qsti_label_width(label->bytes, label->length) + 16;
    if (is_tall(action)) {
        width += 22; /* the numbers of the qubits */
    }
    return width < QSTI_SVG_BOX ? QSTI_SVG_BOX : width;
}

double qsti_svg_width(const qsti_drawing *drawing, size_t instruction, qsti_text *label)
{
    qsti_action action;
    qsti_action_of(drawing->assembly, drawing->opts.of_qasm2, instruction, &action);
    describe(drawing, &action, label);
    return label->status == QST_OK ? box_width(&action, label) : 0;
}

/* --- elements ----------------------------------------------------------------------------------------------------- */

static void put_line(const pencil *p, const char *look, double x1, double y1, double x2, double y2)
{
    qsti_text_add(p->out, "<line %s x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", look, x1, y1, x2, y2);
}

static void put_rectangle(const pencil *p, const char *look, double x, double y, double width, double height)
{
    qsti_text_add(p->out, "<rect %s x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", look, x, y, width,
                  height);
}

static void put_text(const pencil *p, const char *look, double x, double y, const char *text, size_t n_bytes)
{
    qsti_text_add(p->out, "<text %s x=\"%.1f\" y=\"%.1f\">", look, x, y);
    qsti_svg_text(p->out, text, n_bytes);
    qsti_text_add(p->out, "</text>\n");
}

static void put_dot(const pencil *p, double x, double y)
{
    qsti_text_add(p->out, "<circle fill=\"" BLUE "\" cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\"/>\n", x, y);
}

/* A double line down to a wire of bits. */
static void put_double_line(const pencil *p, double y1, double y2)
{
    put_line(p, QSTI_SVG_BIT, p->spot.x - 1.5, y1, p->spot.x - 1.5, y2);
    put_line(p, QSTI_SVG_BIT, p->spot.x + 1.5, y1, p->spot.x + 1.5, y2);
}

static void put_cross(const pencil *p, double y)
{
    const double arm = 5.5;
    put_line(p, LINE, p->spot.x - arm, y - arm, p->spot.x + arm, y + arm);
    put_line(p, LINE, p->spot.x - arm, y + arm, p->spot.x + arm, y - arm);
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

static void put_box(const pencil *p, const qsti_action *action, const char *look)
{
    const uint32_t *targets = action->instruction.qubits + action->n_controls;
    double width = box_width(action, p->label), left = p->spot.x - width / 2;
    size_t n_targets = targets_of(action);
    uint32_t top = targets[0], bottom = targets[0];
    for (size_t t = 1; t < n_targets; t++) {
        top = targets[t] < top ? targets[t] : top;
        bottom = targets[t] > bottom ? targets[t] : bottom;
    }
    double y1 = height_of(p, top), y2 = height_of(p, bottom);
    put_rectangle(p, look, left, y1 - QSTI_SVG_BOX / 2.0, width, y2 - y1 + QSTI_SVG_BOX);
    put_text(p, LABEL, p->spot.x + (n_targets > 1 ? 11 : 0), (y1 + y2) / 2 + QSTI_SVG_BASELINE, p->label->bytes,
             p->label->length);
    for (size_t t = 0; n_targets > 1 && t < n_targets; t++) {
        char number[24];
        int n = snprintf(number, sizeof number, "%zu", t);
        put_text(p, NUMBER, left + 12, height_of(p, targets[t]) + 4, number, (size_t)n);
    }
}

static void put_gate(const pencil *p, const qsti_action *action)
{
    const qst_instruction *instruction = &action->instruction;
    qsti_span_of_wires span = qsti_span_of(instruction);
    double width = box_width(action, p->label);
    bool is_swap = action->is_gate && action->gate == QST_GATE_swap;
    if (span.last > span.first) {
        put_line(p, LINE, p->spot.x, height_of(p, span.first), p->spot.x, height_of(p, span.last));
    }
    for (size_t t = action->n_controls; t < instruction->n_qubits; t++) {
        double y = height_of(p, instruction->qubits[t]);
        if (is_swap) {
            put_cross(p, y);
        } else if (is_dots(action)) {
            put_dot(p, p->spot.x, y);
        }
    }
    if (!is_swap && !is_dots(action)) {
        put_box(p, action, BOX);
    }
    for (size_t c = 0; c < action->n_controls; c++) {
        double y = height_of(p, instruction->qubits[c]);
        const uint32_t *targets = instruction->qubits + action->n_controls;
        uint32_t top = targets[0], bottom = targets[0];
        for (size_t t = 1; t < targets_of(action); t++) {
            top = targets[t] < top ? targets[t] : top;
            bottom = targets[t] > bottom ? targets[t] : bottom;
        }
        bool is_inside = is_tall(action) && instruction->qubits[c] > top && instruction->qubits[c] < bottom;
        put_dot(p, is_inside ? p->spot.x - width / 2 : p->spot.x, y);
    }
}

/* --- the others --------------------------------------------------------------------------------------------------- */

static void put_measurement(const pencil *p, const qsti_action *action)
{
    const qst_instruction *instruction = &action->instruction;
    char number[24];
    size_t place;
    if (instruction->bit != QST_NO_BIT) {
        size_t bits = qsti_register_of_bit(p->drawing->assembly, instruction->bit, &place);
        double y = height_of(p, p->drawing->assembly->n_qubits + bits);
        int n = snprintf(number, sizeof number, "%zu", place);
        put_double_line(p, height_of(p, instruction->qubits[0]), y - 8);
        qsti_text_add(p->out, "<path fill=\"" BLUE "\" d=\"M%.1f %.1fl-5.5 -9h11z\"/>\n", p->spot.x, y);
        put_text(p, NOTE, p->spot.x, y + 17, number, (size_t)n);
    }
    put_box(p, action, GREY_BOX);
}

static void put_barrier(const pencil *p, const qst_instruction *instruction)
{
    for (size_t q = 0; q < instruction->n_qubits; q++) {
        double y = height_of(p, instruction->qubits[q]);
        put_rectangle(p, BARRIER, p->spot.x - 5, y - QSTI_SVG_WIRE / 2.0, 10, QSTI_SVG_WIRE);
    }
}

static void put_condition(const pencil *p, const qst_instruction *instruction)
{
    char value[32];
    double y = height_of(p, p->drawing->assembly->n_qubits + instruction->condition);
    int n = snprintf(value, sizeof value, "=0x%llx", (unsigned long long)instruction->condition_value);
    put_double_line(p, height_of(p, qsti_span_of(instruction).last), y);
    put_dot(p, p->spot.x, y);
    put_text(p, NOTE, p->spot.x, y + 19, value, (size_t)n);
}

void qsti_svg_instruction(qsti_drawing *drawing, size_t instruction, qsti_svg_spot spot, qsti_text *label)
{
    pencil p = {drawing, &drawing->out, label, spot};
    qsti_action action;
    qsti_action_of(drawing->assembly, drawing->opts.of_qasm2, instruction, &action);
    describe(drawing, &action, label);
    if (label->status != QST_OK) {
        return; /* remembered there */
    }
    if (action.instruction.condition != QST_NO_CONDITION) {
        put_condition(&p, &action.instruction);
    }
    switch (action.instruction.kind) {
    case QST_INSTRUCTION_MEASURE:
        put_measurement(&p, &action);
        break;
    case QST_INSTRUCTION_RESET:
        put_box(&p, &action, GREY_BOX);
        break;
    case QST_INSTRUCTION_BARRIER:
        put_barrier(&p, &action.instruction);
        break;
    default:
        put_gate(&p, &action);
    }
}

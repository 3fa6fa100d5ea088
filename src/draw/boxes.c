/* boxes.c: how each instruction looks in boxes of text.
 *
 *      ┌───┐ ┌──────┐                 ░  ┌─┐
 *    ──┤ H ├─┤0     ├──■───────■─────X─ ─░─ ┤M├─ ─|0>─
 *      └───┘ │  Foo │┌─┴─┐     │     │   ░  └╥┘
 *    ────────┤1     ├┤ X ├     ■     X ...   ║
 *            └──────┘└───┘    with a label beside it: cp, cu1, rzz
 *
 * A box over several wires numbers its qubits on the left; a wire that only passes through has no number. */
#include "draw/boxes.h"

#include <stdio.h>
#include <string.h>

#define ACROSS_LINE 0x2500u /* ─ */
#define MAX_SIDE    48      /* bytes of what stands left of a label, with the number of a qubit */

typedef enum look_kind {
    LOOK_BOX,
    LOOK_DOTS,   /* of which the label stands beside: "P(pi/2)", "ZZ(0.3)", or nothing for cz */
    LOOK_CROSSES /* swap */
} look_kind;

static look_kind look_of(const qsti_action *action)
{
    if (!action->is_gate) {
        return LOOK_BOX;
    }
    if (action->gate == QST_GATE_swap) {
        return LOOK_CROSSES;
    }
    bool is_phase = action->gate == QST_GATE_z || action->gate == QST_GATE_p || action->gate == QST_GATE_u1;
    return action->gate == QST_GATE_rzz || (action->n_controls && is_phase) ? LOOK_DOTS : LOOK_BOX;
}

/* Clears `label` and puts what is written in or beside the instruction there. */
static void describe(const qsti_drawing *drawing, const qsti_action *action, qsti_text *label)
{
    label->length = 0;
    if (look_of(action) == LOOK_DOTS && action->gate == QST_GATE_z) {
        qsti_text_add(label, "%s", "");
        return;
    }
    if (look_of(action) == LOOK_DOTS && action->gate == QST_GATE_rzz) {
        bool ascii = drawing->opts.style == QST_DRAW_ascii;
        qsti_text_add(label, "ZZ");
        qsti_label_angles(label, drawing->assembly, action, ",",
                          &(qsti_number_form){.ascii = ascii, .digits = 5, .decimals = -1});
        return;
    }
    qsti_label_box(label, drawing, action);
}

static size_t digits_of(size_t number)
{
    size_t n = 1;
    for (; number >= 10; number /= 10) {
        n++;
    }
    return n;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void condition_value(const qst_instruction *instruction, char out[24])
{
    snprintf(out, 24, "0x%llx", (unsigned long long)instruction->condition_value);
}

/* --- widths ------------------------------------------------------------------------------------------------------- */

static size_t measure_width(const qsti_drawing *drawing, const qst_instruction *instruction)
{
    size_t place = 0;
    if (instruction->bit == QST_NO_BIT) {
        return 3;
    }
    qsti_register_of_bit(drawing->assembly, instruction->bit, &place);
    return larger(3, digits_of(place));
}

static size_t plain_width(const qsti_drawing *drawing, const qsti_action *action, qsti_text *label)
{
    switch (action->instruction.kind) {
    case QST_INSTRUCTION_MEASURE:
        return measure_width(drawing, &action->instruction);
    case QST_INSTRUCTION_RESET:
        return 5;
    case QST_INSTRUCTION_BARRIER:
        return 3;
    default:
        break;
    }
    size_t n_targets = action->instruction.n_qubits - action->n_controls;
    describe(drawing, action, label);
    size_t width = label->status == QST_OK ? qsti_label_width(label->bytes, label->length) : 0;
    switch (look_of(action)) {
    case LOOK_CROSSES:
        return 3;
    case LOOK_DOTS:
        return width + 3;
    default:
        return width + 4 + (n_targets > 1 ? digits_of(n_targets - 1) : 0);
    }
}

#define IF_WIDTH  8 /* "If-0" with its frame */
#define END_WIDTH 9 /* "End-0" */

size_t qsti_boxes_width(const qsti_drawing *drawing, size_t instruction, qsti_part part, qsti_text *label)
{
    qsti_action action;
    char value[24];
    qsti_action_of(drawing->assembly, drawing->opts.of_qasm2, instruction, &action);
    switch (part) {
    case QSTI_PART_IF:
        condition_value(&action.instruction, value);
        return larger(IF_WIDTH, strlen(value) + 4);
    case QSTI_PART_END:
        return END_WIDTH;
    case QSTI_PART_GAP:
        return 1;
    default:
        return plain_width(drawing, &action, label);
    }
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

typedef struct brush {
    qsti_canvas *canvas;
    const qsti_drawing *drawing;
    size_t first, n_columns;
} brush;

static void put(const brush *pen, size_t wire, const qsti_row rows[QSTI_ROWS], size_t width, size_t fill)
{
    qsti_canvas_put(pen->canvas, (qsti_cell){wire, pen->first, pen->n_columns}, rows, width, fill);
}

/* What a line comes to from above, or goes from below. */
typedef struct line_ends {
    bool up, down;
} line_ends;

static void put_box(const brush *pen, size_t wire, const char *text, line_ends ends)
{
    const qsti_row rows[QSTI_ROWS] = {
        {"┌─", ends.up ? "┴" : "─", "─┐", ACROSS_LINE, false},
        {"┤ ", text, " ├", ' ', false},
        {"└─", ends.down ? "┬" : "─", "─┘", ACROSS_LINE, false},
    };
    put(pen, wire, rows, qsti_label_width(text, strlen(text)), 0);
}

/* A dot or a cross on a wire; `beside` stands right of the line above it. */
static void put_mark(const brush *pen, size_t wire, const char *mark, const char *beside, size_t fill, line_ends ends)
{
    const qsti_row rows[QSTI_ROWS] = {
        {" ", ends.up ? "│" : " ", *beside ? beside : " ", ' ', false},
        {"─", mark, "─", ACROSS_LINE, false},
        {" ", ends.down ? "│" : " ", " ", ' ', false},
    };
    put(pen, wire, rows, 1, fill);
}

/* --- boxes over several wires ------------------------------------------------------------------------------------- */

/* A box is whole, or one end of a frame around what has a condition. */
typedef enum frame_part { FRAME_WHOLE, FRAME_LEFT, FRAME_RIGHT } frame_part;

typedef struct tall_box {
    const char *text;
    frame_part frame;
    uint32_t top, bottom;      /* its wires */
    size_t n_digits;           /* columns for the numbers of its qubits */
    const char *above, *below; /* what stands in the middle of its upper and lower side */
} tall_box;

/* n lines across in front of or behind a corner. */
static const char *across(size_t n, const char *before, const char *behind, char out[MAX_SIDE])
{
    size_t used = (size_t)snprintf(out, MAX_SIDE, "%s", before);
    for (size_t i = 0; i < n; i++) {
        used += (size_t)snprintf(out + used, MAX_SIDE - used, "─");
    }
    snprintf(out + used, MAX_SIDE - used, "%s", behind);
    return out;
}

/* The row of a box's upper or lower side. */
static qsti_row side_row(const tall_box *box, bool is_upper, char left[MAX_SIDE], char right[MAX_SIDE])
{
    const char *middle = is_upper ? box->above : box->below;
    const char *corner = is_upper ? "┌" : "└", *other = is_upper ? "┐" : "┘";
    size_t n_left = box->n_digits / 2;
    switch (box->frame) {
    case FRAME_LEFT:
        return (qsti_row){across(1, corner, "", left), middle, across(1, "", " ", right), ACROSS_LINE, false};
    case FRAME_RIGHT:
        return (qsti_row){is_upper ? "" : " ", middle, across(2, "", other, right), ACROSS_LINE, false};
    default:
        return (qsti_row){across(1 + n_left, corner, "", left), middle,
                          across(1 + box->n_digits - n_left, "", other, right), ACROSS_LINE, box->n_digits % 2 == 1};
    }
}

/* One wire of a box: `number` has n_digits columns; `edge` is where the wire enters. The text stands half-way down: in
 * a box of h wires in the upper row of wire h/2, or on that wire when h is odd. */
static void put_tall_wire(const brush *pen, const tall_box *box, uint32_t wire, const char *number, const char *edge)
{
    char left[MAX_SIDE], blank[MAX_SIDE], side_left[MAX_SIDE], side_right[MAX_SIDE];
    bool opens_left = box->frame == FRAME_RIGHT, opens_right = box->frame == FRAME_LEFT;
    size_t height = box->bottom - box->top + 1, place = wire - box->top;
    snprintf(left, sizeof left, "%s%s ", opens_left ? " " : edge, number);
    snprintf(blank, sizeof blank, "%s%*s ", opens_left ? " " : "│", (int)box->n_digits, "");
    const char *right = opens_right ? "  " : " │";
    qsti_row rows[QSTI_ROWS] = {
        {blank, height == 2 * place ? box->text : "", right, ' ', false},
        {left, height == 2 * place + 1 ? box->text : "", opens_right ? "  " : " ├", ' ', false},
        {blank, "", right, ' ', false},
    };
    if (wire == box->top) {
        rows[0] = side_row(box, true, side_left, side_right);
    } else if (wire == box->bottom) {
        rows[2] = side_row(box, false, side_left, side_right);
    }
    put(pen, wire, rows, qsti_label_width(box->text, strlen(box->text)), 0);
}

static void bound(const uint32_t *qubits, size_t n_qubits, tall_box *box)
{
    box->top = box->bottom = qubits[0];
    for (size_t q = 1; q < n_qubits; q++) {
        box->top = qubits[q] < box->top ? qubits[q] : box->top;
        box->bottom = qubits[q] > box->bottom ? qubits[q] : box->bottom;
    }
}

/* A box on several qubits, some of whose wires may be controls that lie between. */
static void put_tall_box(const brush *pen, const qsti_action *action, const char *text)
{
    const uint32_t *qubits = action->instruction.qubits, *targets = qubits + action->n_controls;
    size_t n_targets = action->instruction.n_qubits - action->n_controls;
    char number[24];
    tall_box box = {.text = text, .n_digits = digits_of(n_targets - 1), .above = "─", .below = "─"};
    bound(targets, n_targets, &box);
    for (size_t c = 0; c < action->n_controls; c++) {
        box.above = qubits[c] < box.top ? "┴" : box.above;
        box.below = qubits[c] > box.bottom ? "┬" : box.below;
    }
    snprintf(number, sizeof number, "%*s", (int)box.n_digits, "");
    for (uint32_t wire = box.top; wire <= box.bottom; wire++) {
        put_tall_wire(pen, &box, wire, number, "┤");
    }
    for (size_t c = 0; c < action->n_controls; c++) {
        if (qubits[c] > box.top && qubits[c] < box.bottom) {
            put_tall_wire(pen, &box, qubits[c], number, "■");
        }
    }
    for (size_t t = 0; t < n_targets; t++) {
        snprintf(number, sizeof number, "%-*zu", (int)box.n_digits, t);
        put_tall_wire(pen, &box, targets[t], number, "┤");
    }
}

/* --- gates with controls ------------------------------------------------------------------------------------------ */

/* Where the lines of an instruction begin and end. */
static line_ends ends_at(const qsti_action *action, uint32_t wire)
{
    qsti_span_of_wires span = qsti_span_of(&action->instruction);
    return (line_ends){wire > span.first, wire < span.last};
}

static void put_controls(const brush *pen, const qsti_action *action, const tall_box *box)
{
    for (size_t c = 0; c < action->n_controls; c++) {
        uint32_t wire = action->instruction.qubits[c];
        if (!box || wire < box->top || wire > box->bottom) {
            put_mark(pen, wire, "■", "", 0, ends_at(action, wire));
        }
    }
}

/* Dots on every qubit. What stands beside goes to the right of the last one's line. */
static void put_dots(const brush *pen, const qsti_action *action, const qsti_text *label)
{
    qsti_span_of_wires span = qsti_span_of(&action->instruction);
    size_t n_label = qsti_label_width(label->bytes, label->length);
    for (size_t q = 0; q < action->instruction.n_qubits; q++) {
        uint32_t wire = action->instruction.qubits[q];
        put_mark(pen, wire, "■", wire == span.last ? label->bytes : "", n_label ? n_label + 3 : 0,
                 ends_at(action, wire));
    }
}

static void put_gate(const brush *pen, const qsti_action *action, qsti_text *label)
{
    const uint32_t *qubits = action->instruction.qubits;
    size_t n_targets = action->instruction.n_qubits - action->n_controls;
    describe(pen->drawing, action, label);
    if (label->status != QST_OK) {
        return; /* remembered there */
    }
    if (look_of(action) == LOOK_DOTS) {
        put_dots(pen, action, label);
        return;
    }
    if (look_of(action) == LOOK_CROSSES) {
        put_controls(pen, action, NULL);
        for (size_t t = action->n_controls; t < action->instruction.n_qubits; t++) {
            put_mark(pen, qubits[t], "X", "", 0, ends_at(action, qubits[t]));
        }
        return;
    }
    if (n_targets == 1) {
        put_controls(pen, action, NULL);
        put_box(pen, qubits[action->n_controls], label->bytes, ends_at(action, qubits[action->n_controls]));
        return;
    }
    tall_box box = {0};
    bound(qubits + action->n_controls, n_targets, &box);
    put_controls(pen, action, &box);
    put_tall_box(pen, action, label->bytes);
}

/* --- the others --------------------------------------------------------------------------------------------------- */

static void put_measurement(const brush *pen, const qst_instruction *instruction)
{
    const qsti_row box[QSTI_ROWS] = {
        {"", "┌─┐", "", ' ', false}, {"", "┤M├", "", ACROSS_LINE, false}, {"", "└╥┘", "", ' ', false}};
    const qsti_row open_box[QSTI_ROWS] = {
        {"", "┌─┐", "", ' ', false}, {"", "┤M├", "", ACROSS_LINE, false}, {"", "└─┘", "", ' ', false}};
    if (instruction->bit == QST_NO_BIT) {
        put(pen, instruction->qubits[0], open_box, 3, 0);
        return;
    }
    char number[24];
    size_t place, bits = qsti_register_of_bit(pen->drawing->assembly, instruction->bit, &place);
    snprintf(number, sizeof number, "%zu", place);
    const qsti_row target[QSTI_ROWS] = {
        {"", " ║ ", "", ' ', false}, {"", "═╩═", "", ' ', false}, {"", number, "", ' ', false}};
    put(pen, instruction->qubits[0], box, 3, 0);
    put(pen, pen->drawing->assembly->n_qubits + bits, target, 3, 0);
}

static void put_barrier(const brush *pen, const qst_instruction *instruction)
{
    const qsti_row rows[QSTI_ROWS] = {
        {" ", "░", " ", ' ', false}, {"─", "░", "─", ACROSS_LINE, false}, {" ", "░", " ", ' ', false}};
    for (size_t q = 0; q < instruction->n_qubits; q++) {
        put(pen, instruction->qubits[q], rows, 1, 0);
    }
}

/* One end of the frame around an instruction with a condition; the condition hangs below the left one. */
static void put_frame(const brush *pen, const qst_instruction *instruction, frame_part frame)
{
    char value[24];
    tall_box box = {.text = frame == FRAME_LEFT ? "If-0" : "End-0", .frame = frame, .above = "─", .below = "─"};
    if (frame == FRAME_LEFT) {
        condition_value(instruction, value);
        const qsti_row rows[QSTI_ROWS] = {{"┌─", "╨", "─┐", ACROSS_LINE, false},
                                          {"╡ ", value, " ╞", ' ', false},
                                          {"└─", "─", "─┘", ACROSS_LINE, false}};
        put(pen, pen->drawing->assembly->n_qubits + instruction->condition, rows, strlen(value), 0);
        box.below = "╥";
    }
    bound(instruction->qubits, instruction->n_qubits, &box);
    if (box.top == box.bottom) {
        const qsti_row left[QSTI_ROWS] = {{"┌─", "─", "─ ", ACROSS_LINE, false},
                                          {"┤ ", box.text, "  ", ' ', false},
                                          {"└─", "╥", "─ ", ACROSS_LINE, false}};
        const qsti_row right[QSTI_ROWS] = {{" ─", "─", "─┐", ACROSS_LINE, false},
                                           {"  ", box.text, " ├", ' ', false},
                                           {" ─", "─", "─┘", ACROSS_LINE, false}};
        put(pen, box.top, frame == FRAME_LEFT ? left : right, strlen(box.text), 0);
        return;
    }
    for (uint32_t wire = box.top; wire <= box.bottom; wire++) {
        put_tall_wire(pen, &box, wire, "", "┤");
    }
}

void qsti_boxes_put(qsti_canvas *canvas, const qsti_drawing *drawing, size_t instruction, qsti_part part, size_t first,
                    size_t n_columns, qsti_text *label)
{
    brush pen = {canvas, drawing, first, n_columns};
    qsti_action action;
    if (part == QSTI_PART_GAP) {
        return;
    }
    qsti_action_of(drawing->assembly, drawing->opts.of_qasm2, instruction, &action);
    if (part != QSTI_PART_PLAIN) {
        put_frame(&pen, &action.instruction, part == QSTI_PART_IF ? FRAME_LEFT : FRAME_RIGHT);
        return;
    }
    switch (action.instruction.kind) {
    case QST_INSTRUCTION_MEASURE:
        put_measurement(&pen, &action.instruction);
        break;
    case QST_INSTRUCTION_RESET: {
        const qsti_row rows[QSTI_ROWS] = {
            {" ", " ", " ", ' ', false}, {"─", "|0>", "─", ' ', false}, {" ", " ", " ", ' ', false}};
        put(&pen, action.instruction.qubits[0], rows, 3, 0);
        break;
    }
    case QST_INSTRUCTION_BARRIER:
        put_barrier(&pen, &action.instruction);
        break;
    default:
        put_gate(&pen, &action, label);
    }
}

/* lines.c: one line of text for each qubit, as PennyLane draws:
 *
 *     0: ──H─╭●──RX(0.50)─┤
 *     1: ────╰X──┤↗├──────┤
 *
 * A gate on several qubits is held together by ╭ ├ ╰ in front of its labels, with │ where it passes a wire. Names are
 * PennyLane's where it has the gate. What its lines cannot show is written behind the name: a condition as "X[c=1]". */
#include <stdio.h>
#include <string.h>

#include "draw/canvas.h"
#include "draw/drawing.h"

/* Names that are not OpenQASM's in capitals. */
static const struct name {
    qst_gate gate;
    const char *text;
} names[] = {
    {QST_GATE_id, "I"},        {QST_GATE_u, "U3"},     {QST_GATE_p, "Rϕ"},        {QST_GATE_sdg, "S†"},
    {QST_GATE_tdg, "T†"},      {QST_GATE_sxdg, "SX†"}, {QST_GATE_rxx, "IsingXX"}, {QST_GATE_ryy, "IsingYY"},
    {QST_GATE_rzz, "IsingZZ"}, {QST_GATE_rzx, "RZX"},
};

typedef struct line_art {
    qsti_drawing *drawing;
    qsti_layers layers;
    size_t *widths; /* [n_layers]: columns of the labels */
    qsti_text label;
    size_t name_width;
} line_art;

/* --- labels ------------------------------------------------------------------------------------------------------- */

static void add_gate_name(qsti_text *out, const qsti_action *action)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool is_cu = action->gate == QST_GATE_u && action->instruction.n_angles == QST_MAX_GATE_ANGLES;
        if (names[i].gate == action->gate && !is_cu) {
            qsti_text_add(out, "%s", names[i].text);
            return;
        }
    }
    for (const char *c = qst_gate_describe(action->gate)->name; *c; c++) {
        char capital = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
        qsti_text_add_bytes(out, &capital, 1);
    }
}

/* Puts into `label` what stands on the qubits that are no controls. */
static void describe(const qsti_drawing *drawing, const qsti_action *action, qsti_text *label)
{
    const qst_instruction *instruction = &action->instruction;
    label->length = 0;
    switch (instruction->kind) {
    case QST_INSTRUCTION_MEASURE:
        qsti_text_add(label, "┤↗├");
        break;
    case QST_INSTRUCTION_RESET:
        qsti_text_add(label, "|0⟩");
        break;
    case QST_INSTRUCTION_BARRIER:
        qsti_text_add(label, "||");
        break;
    default:
        if (action->is_gate) {
            add_gate_name(label, action);
            break;
        }
        qsti_label_name(label, qst_instruction_name(drawing->assembly, instruction), false);
    }
    qsti_text_add(label, action->dagger ? "†" : "");
    qsti_label_angles(label, drawing->assembly, action, ",", &(qsti_number_form){.decimals = 2});
    if (instruction->condition != QST_NO_CONDITION) {
        qsti_text_add(label, "[");
        qsti_label_name(label, drawing->assembly->bit_registers[instruction->condition].name, false);
        qsti_text_add(label, "=%llu]", (unsigned long long)instruction->condition_value);
    }
}

static qst_status measure_layers(line_art *l)
{
    qst_status status = QSTI_NEW(l->drawing->ctx, l->layers.n_layers, &l->widths);
    if (status != QST_OK) {
        return status;
    }
    for (size_t layer = 0; layer < l->layers.n_layers; layer++) {
        for (size_t i = l->layers.first[layer]; i < l->layers.first[layer + 1]; i++) {
            qsti_action action;
            qsti_action_of(l->drawing->assembly, l->drawing->opts.of_qasm2, l->layers.order[i], &action);
            describe(l->drawing, &action, &l->label);
            if (l->label.status != QST_OK) {
                return l->label.status;
            }
            size_t width = qsti_label_width(l->label.bytes, l->label.length);
            l->widths[layer] = width > l->widths[layer] ? width : l->widths[layer];
        }
    }
    return QST_OK;
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

static void put_text(qsti_canvas *canvas, size_t wire, size_t column, const char *text)
{
    qsti_canvas_write(canvas, wire, 1, column, text, strlen(text));
}

/* The symbol that holds an instruction together stands in `column`, its labels behind. */
static void put_instruction(line_art *l, qsti_canvas *canvas, size_t index, size_t column)
{
    qsti_action action;
    qsti_action_of(l->drawing->assembly, l->drawing->opts.of_qasm2, index, &action);
    qsti_span_of_wires span = qsti_span_of(&action.instruction);
    describe(l->drawing, &action, &l->label);
    for (size_t wire = span.first + 1; wire < span.last; wire++) {
        put_text(canvas, wire, column, "│");
    }
    for (size_t q = 0; q < action.instruction.n_qubits && l->label.status == QST_OK; q++) {
        uint32_t wire = action.instruction.qubits[q];
        if (span.first != span.last) {
            put_text(canvas, wire, column, wire == span.first ? "╭" : wire == span.last ? "╰" : "├");
        }
        put_text(canvas, wire, column + 1, q < action.n_controls ? "●" : l->label.bytes);
    }
}

static void put_names(const line_art *l, qsti_canvas *canvas, bool is_first)
{
    for (size_t wire = 0; wire < canvas->n_wires; wire++) {
        char name[48];
        int n_digits = (int)l->name_width - 2;
        snprintf(name, sizeof name, "%*zu: %s", n_digits, wire, is_first ? "" : "··· ");
        put_text(canvas, wire, 0, name);
    }
}

static qst_status print_page(line_art *l, size_t begin, size_t end, size_t n_columns)
{
    qsti_drawing *drawing = l->drawing;
    size_t n_wires = drawing->assembly->n_qubits, at = l->name_width + (begin > 0 ? 4 : 0);
    bool is_last = end == l->layers.n_layers;
    qsti_canvas canvas = {0};
    qst_status status;
    QSTI_TRY(qsti_drawing_reserve(drawing, n_wires, n_columns + 4));
    QSTI_TRY(qsti_canvas_make(drawing->ctx, n_wires, n_wires, n_columns, &canvas));
    put_names(l, &canvas, begin == 0);
    for (size_t layer = begin; layer < end; layer++) {
        for (size_t i = l->layers.first[layer]; i < l->layers.first[layer + 1]; i++) {
            put_instruction(l, &canvas, l->layers.order[i], at + 1);
        }
        at += l->widths[layer] + 2;
    }
    QSTI_TRY(l->label.status);
    QSTI_TRY(qsti_canvas_print_wires(&canvas, is_last ? "─┤  " : " ···", &drawing->out));
    qsti_text_add(&drawing->out, is_last ? "" : "\n");
done:
    qsti_canvas_clear(&canvas);
    return status;
}

/* A page takes layers while it leaves room for the dots behind it, and at least one. */
static qst_status print_pages(line_art *l)
{
    size_t fold = l->drawing->opts.fold, begin = 0;
    do {
        size_t width = l->name_width + (begin > 0 ? 4 : 0), end = begin;
        while (end < l->layers.n_layers && (!fold || end == begin || width + l->widths[end] + 1 + 4 < fold)) {
            width += l->widths[end++] + 2;
        }
        qst_status status = print_page(l, begin, end, width);
        if (status != QST_OK) {
            return status;
        }
        begin = end;
    } while (begin < l->layers.n_layers);
    return QST_OK;
}

#define LEAST_LAYER 3 /* characters of the narrowest layer */

qst_status qsti_draw_lines(qsti_drawing *drawing)
{
    line_art l = {.drawing = drawing};
    size_t n_wires = drawing->assembly->n_qubits;
    char last[32];
    qst_status status;
    qsti_text_init(&l.label, drawing->ctx);
    QSTI_TRY(l.label.status);
    QSTI_TRY(qsti_draw_phases(drawing));
    if (n_wires > 0) {
        l.name_width = (size_t)snprintf(last, sizeof last, "%zu: ", n_wires - 1);
        QSTI_TRY(qsti_layers_by_order(drawing->assembly, QST_DRAW_MAX_CELLS / (n_wires * LEAST_LAYER), &l.layers));
        QSTI_TRY(measure_layers(&l));
        QSTI_TRY(print_pages(&l));
    }
done:
    qsti_layers_clear(&l.layers);
    qsti_text_clear(&l.label);
    qsti_free(drawing->ctx, l.widths);
    return status;
}

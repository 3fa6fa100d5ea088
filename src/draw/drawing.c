/* drawing.c: the entry, and what all styles share: names of wires, labels of boxes, phases of the whole state. */
#include "draw/drawing.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* --- styles ------------------------------------------------------------------------------------------------------- */

static const char *const style_names[] = {
#define QST_DRAW_STYLE(name, about) #name,
#include <qstill/draw_styles.def>
#undef QST_DRAW_STYLE
};
static const char *const style_abouts[] = {
#define QST_DRAW_STYLE(name, about) about,
#include <qstill/draw_styles.def>
#undef QST_DRAW_STYLE
};

const char *qst_draw_style_name(qst_draw_style style)
{
    return style_names[style];
}

const char *qst_draw_style_about(qst_draw_style style)
{
    return style_abouts[style];
}

bool qst_draw_style_find(const char *name, qst_draw_style *out)
{
    for (int s = 0; s < QST_DRAW_STYLE_COUNT; s++) {
        if (strcmp(name, style_names[s]) == 0) {
            *out = (qst_draw_style)s;
            return true;
        }
    }
    return false;
}

/* --- size --------------------------------------------------------------------------------------------------------- */

qst_status qsti_drawing_reserve(qsti_drawing *drawing, size_t n_lines, size_t n_columns)
{
    size_t n_cells;
    if (!qsti_mul(n_lines, n_columns, &n_cells) || !qsti_add(n_cells, drawing->n_cells, &n_cells) ||
        n_cells > QST_DRAW_MAX_CELLS) {
        return qsti_fail(drawing->ctx, QST_ERR_LIMIT,
                         "drawing: %zu qubits and %zu instructions give a picture of more than %d characters: too "
                         "large to read, draw a part of the circuit",
                         drawing->assembly->n_qubits, drawing->assembly->n_instructions, QST_DRAW_MAX_CELLS);
    }
    drawing->n_cells = n_cells;
    return QST_OK;
}

/* --- names of wires ----------------------------------------------------------------------------------------------- */

size_t qsti_register_of_bit(const qst_assembly *assembly, size_t bit, size_t *out_place)
{
    size_t low = 0, high = assembly->n_bit_registers;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (assembly->bit_registers[middle].first <= bit) {
            low = middle;
        } else {
            high = middle;
        }
    }
    *out_place = bit - assembly->bit_registers[low].first;
    return low;
}

static void add_name(qsti_wire_names *names, size_t *wire)
{
    size_t begin = names->first[*wire];
    names->first[++*wire] = names->text.length;
    if (names->text.status == QST_OK) {
        size_t width = qsti_label_width(names->text.bytes + begin, names->text.length - begin);
        names->width = width > names->width ? width : names->width;
    }
}

qst_status qsti_wire_names_make(const qsti_drawing *drawing, bool with_bits, qsti_wire_names *out)
{
    const qst_assembly *assembly = drawing->assembly;
    bool ascii = drawing->opts.style == QST_DRAW_ascii;
    qsti_wire_names names = {.n_wires = assembly->n_qubits + (with_bits ? assembly->n_bit_registers : 0)};
    size_t wire = 0;
    qsti_text_init(&names.text, drawing->ctx);
    qst_status status = QSTI_NEW(drawing->ctx, names.n_wires + 1, &names.first);
    if (status != QST_OK) {
        qsti_text_clear(&names.text);
        return status;
    }
    for (size_t r = 0; r < assembly->n_qubit_registers; r++) {
        const qst_register *qubits = &assembly->qubit_registers[r];
        for (size_t q = 0; q < qubits->size; q++) {
            qsti_label_name(&names.text, qubits->name, ascii);
            if (qubits->size > 1) {
                qsti_text_add(&names.text, "_%zu", q);
            }
            qsti_text_add(&names.text, ": ");
            add_name(&names, &wire);
        }
    }
    for (size_t r = 0; with_bits && r < assembly->n_bit_registers; r++) {
        qsti_label_name(&names.text, assembly->bit_registers[r].name, ascii);
        qsti_text_add(&names.text, ": %zu/", assembly->bit_registers[r].size);
        add_name(&names, &wire);
    }
    if (names.text.status != QST_OK) {
        status = names.text.status;
        qsti_wire_names_clear(&names);
        return status;
    }
    *out = names;
    return QST_OK;
}

void qsti_wire_names_clear(qsti_wire_names *names)
{
    if (names->first) {
        qsti_free(names->text.ctx, names->first);
    }
    qsti_text_clear(&names->text);
    *names = (qsti_wire_names){0};
}

/* --- labels ------------------------------------------------------------------------------------------------------- */

/* The first letter large, the others small, as Python's capitalize(); letters of ASCII only. */
static void capitalize(qsti_text *text, size_t begin)
{
    for (size_t at = begin; text->status == QST_OK && at < text->length; at++) {
        char c = text->bytes[at];
        if (c >= 'a' && c <= 'z' && at == begin) {
            text->bytes[at] = (char)(c - 'a' + 'A');
        } else if (c >= 'A' && c <= 'Z' && at != begin) {
            text->bytes[at] = (char)(c - 'A' + 'a');
        }
    }
}

void qsti_label_box(qsti_text *out, const qsti_drawing *drawing, const qsti_action *action)
{
    bool ascii = drawing->opts.style == QST_DRAW_ascii;
    size_t begin = out->length;
    bool is_root = action->gate == QST_GATE_sx || action->gate == QST_GATE_sxdg;
    if (!action->is_gate) {
        qsti_label_name(out, qst_instruction_name(drawing->assembly, &action->instruction), ascii);
    } else if (action->n_controls == 0 && action->gate == QST_GATE_id) {
        qsti_text_add(out, "I");
    } else if (action->n_controls == 0 && is_root && !ascii) {
        qsti_text_add(out, action->gate == QST_GATE_sx ? "√X" : "√Xdg");
        begin = out->length;
    } else if (action->gate == QST_GATE_rc3x) {
        qsti_text_add(out, "rcccx");
    } else {
        qsti_text_add(out, "%s", qst_gate_describe(action->gate)->name);
    }
    if (action->dagger) {
        qsti_text_add(out, "_dg");
    } else if (action->is_gate || drawing->opts.of_qasm2) {
        capitalize(out, begin);
    }
    qsti_label_angles(out, drawing->assembly, action, ",",
                      &(qsti_number_form){.ascii = ascii, .digits = 5, .decimals = -1});
}

/* --- phases of the whole state ------------------------------------------------------------------------------------ */

/* Phases that are numbers are added up modulo 2 pi; the others, and those under a condition, are told one by one. */
qst_status qsti_draw_phases(qsti_drawing *drawing)
{
    const qst_assembly *assembly = drawing->assembly;
    const qsti_number_form form = {.ascii = drawing->opts.style == QST_DRAW_ascii, .digits = 5, .decimals = -1};
    const double turn = 6.283185307179586;
    double sum = 0;
    qsti_text others;
    qsti_text_init(&others, drawing->ctx);
    for (size_t i = 0; i < assembly->n_instructions; i++) {
        qsti_action action;
        if (assembly->instructions[i].n_qubits > 0) {
            continue;
        }
        qsti_action_of(assembly, drawing->opts.of_qasm2, i, &action);
        const qst_expression *angle = action.instruction.angles;
        bool is_number = angle->n_tokens == 1 && angle->tokens[0].kind == QST_OPERATOR_NUMBER;
        if (!qsti_action_is_phase(&action)) {
            continue;
        }
        if (is_number && action.instruction.condition == QST_NO_CONDITION) {
            sum = fmod(sum + fmod(action.angles[0].sign * angle->tokens[0].number, turn) + turn, turn);
            continue;
        }
        qsti_text_add(&others, "global phase");
        if (action.instruction.condition != QST_NO_CONDITION) {
            qsti_text_add(&others, " if ");
            qsti_label_name(&others, assembly->bit_registers[action.instruction.condition].name, form.ascii);
            qsti_text_add(&others, " = 0x%llx", (unsigned long long)action.instruction.condition_value);
        }
        qsti_text_add(&others, ": ");
        qsti_label_angle(&others, assembly, &action, 0, &form);
        qsti_text_add(&others, "\n");
    }
    if (sum != 0) {
        qsti_text_add(&drawing->out, "global phase: ");
        qsti_label_number(&drawing->out, sum, &form);
        qsti_text_add(&drawing->out, "\n");
    }
    qst_status status = others.status;
    if (status == QST_OK) {
        status = qsti_drawing_reserve(drawing, 1, others.length);
        qsti_text_add_bytes(&drawing->out, others.bytes, others.length);
    }
    qsti_text_clear(&others);
    return status;
}

/* --- the entry ---------------------------------------------------------------------------------------------------- */

qst_status qst_assembly_draw(const qst_assembly *assembly, const qst_draw_opts *opts, char **out, size_t *out_bytes)
{
    static qst_status (*const draw[])(qsti_drawing *) = {
        [QST_DRAW_qiskit] = qsti_draw_boxes,
        [QST_DRAW_pennylane] = qsti_draw_lines,
        [QST_DRAW_ascii] = qsti_draw_boxes,
        [QST_DRAW_svg] = qsti_draw_svg,
    };
    qsti_drawing drawing = {.assembly = assembly, .ctx = assembly->ctx, .opts = opts ? *opts : (qst_draw_opts){0}};
    if ((unsigned)drawing.opts.style >= QST_DRAW_STYLE_COUNT) {
        return qsti_fail(drawing.ctx, QST_ERR_USAGE, "drawing: there is no style %d (0..%d)", (int)drawing.opts.style,
                         QST_DRAW_STYLE_COUNT - 1);
    }
    qsti_text_init(&drawing.out, drawing.ctx);
    qst_status status = drawing.out.status;
    if (status == QST_OK) {
        status = draw[drawing.opts.style](&drawing);
    }
    if (status == QST_OK) {
        status = drawing.out.status;
    }
    if (status != QST_OK) {
        qsti_text_clear(&drawing.out);
        return status;
    }
    *out = drawing.out.bytes;
    *out_bytes = drawing.out.length;
    return QST_OK;
}

void qst_drawing_free(const qst_assembly *assembly, char *drawing)
{
    if (drawing) {
        qsti_free(assembly->ctx, drawing);
    }
}

/* boxes_pages.c: columns of boxes, put side by side on pages as wide as the terminal. A page that is not the last ends
 * in », the next begins with « and the names of the wires again, as Qiskit's do. */
#include "draw/boxes.h"

/* A column of the drawing: a part of the instructions of a layer. */
typedef struct part_column {
    size_t layer, width;
    qsti_part part;
} part_column;

typedef struct pages {
    qsti_drawing *drawing;
    const qsti_layers *layers;
    qsti_wire_names names;
    qsti_text label;
    part_column *columns;
    size_t n_columns, capacity;
} pages;

/* --- columns ------------------------------------------------------------------------------------------------------ */

static qst_status add_column(pages *p, size_t layer, qsti_part part)
{
    part_column column = {layer, 0, part};
    for (size_t i = p->layers->first[layer]; i < p->layers->first[layer + 1]; i++) {
        size_t width = qsti_boxes_width(p->drawing, p->layers->order[i], part, &p->label);
        column.width = width > column.width ? width : column.width;
    }
    if (p->n_columns == p->capacity) {
        size_t capacity = p->capacity ? 2 * p->capacity : 64;
        qst_status status = QSTI_GROW(p->drawing->ctx, capacity, &p->columns);
        if (status != QST_OK) {
            return status;
        }
        p->capacity = capacity;
    }
    p->columns[p->n_columns++] = column;
    return p->label.status;
}

/* An instruction with a condition is alone in its layer, which becomes four columns. */
static qst_status make_columns(pages *p)
{
    static const qsti_part parts[] = {QSTI_PART_IF, QSTI_PART_PLAIN, QSTI_PART_END, QSTI_PART_GAP};
    for (size_t layer = 0; layer < p->layers->n_layers; layer++) {
        qst_instruction first;
        qst_status status = QST_OK;
        qst_assembly_instruction(p->drawing->assembly, p->layers->order[p->layers->first[layer]], &first);
        if (first.condition == QST_NO_CONDITION) {
            status = add_column(p, layer, QSTI_PART_PLAIN);
        }
        for (size_t part = 0; first.condition != QST_NO_CONDITION && part < 4 && status == QST_OK; part++) {
            status = add_column(p, layer, parts[part]);
        }
        if (status != QST_OK) {
            return status;
        }
    }
    return QST_OK;
}

/* --- pages -------------------------------------------------------------------------------------------------------- */

static void put_names(const pages *p, qsti_canvas *canvas, size_t begin)
{
    for (size_t wire = 0; wire < p->names.n_wires; wire++) {
        const char *name = p->names.text.bytes + p->names.first[wire];
        size_t n_bytes = p->names.first[wire + 1] - p->names.first[wire];
        size_t margin = p->names.width - qsti_label_width(name, n_bytes);
        for (size_t c = 0; c < p->names.width; c++) {
            qsti_canvas_write(canvas, wire, 1, begin + c, " ", 1);
        }
        qsti_canvas_write(canvas, wire, 1, begin + margin, name, n_bytes);
    }
}

static void put_break(qsti_canvas *canvas, size_t column, const char *mark)
{
    for (size_t wire = 0; wire < canvas->n_wires; wire++) {
        for (size_t row = 0; row < QSTI_ROWS; row++) {
            qsti_canvas_write(canvas, wire, row, column, mark, sizeof "«" - 1);
        }
    }
}

/* The columns from begin to end as one page of n_columns characters. */
static qst_status print_page(pages *p, bool is_first, size_t begin, size_t end, size_t n_columns)
{
    qsti_drawing *drawing = p->drawing;
    qsti_canvas canvas = {0};
    bool is_last = end == p->n_columns;
    size_t at = p->names.width + !is_first;
    qst_status status;
    QSTI_TRY(qsti_drawing_reserve(drawing, 2 * p->names.n_wires + 1, n_columns));
    QSTI_TRY(qsti_canvas_make(drawing->ctx, p->names.n_wires, drawing->assembly->n_qubits, n_columns, &canvas));
    put_names(p, &canvas, !is_first);
    for (size_t c = begin; c < end; c++) {
        size_t layer = p->columns[c].layer;
        for (size_t i = p->layers->first[layer]; i < p->layers->first[layer + 1]; i++) {
            qsti_boxes_put(&canvas, drawing, p->layers->order[i], p->columns[c].part, at, p->columns[c].width,
                           &p->label);
        }
        at += p->columns[c].width;
    }
    if (!is_first) {
        put_break(&canvas, 0, "«");
    }
    if (!is_last) {
        put_break(&canvas, n_columns - 1, "»");
    }
    QSTI_TRY(p->label.status);
    QSTI_TRY(qsti_canvas_print(&canvas, drawing->opts.style == QST_DRAW_ascii, &drawing->out));
done:
    qsti_canvas_clear(&canvas);
    return status;
}

/* A page takes columns while it stays narrower than the fold, and at least one; the first may have names alone. */
static qst_status print_pages(pages *p)
{
    size_t fold = p->drawing->opts.fold, begin = 0;
    bool is_first = true;
    do {
        size_t width = p->names.width + !is_first, end = begin;
        while (end < p->n_columns && (!fold || width + p->columns[end].width < fold || (end == begin && !is_first))) {
            width += p->columns[end++].width;
        }
        qst_status status = print_page(p, is_first, begin, end, width + (end < p->n_columns));
        if (status != QST_OK) {
            return status;
        }
        begin = end;
        is_first = false;
    } while (begin < p->n_columns);
    return QST_OK;
}

#define LEAST_COLUMN 3 /* characters of the narrowest column */

qst_status qsti_draw_boxes(qsti_drawing *drawing)
{
    const qst_assembly *assembly = drawing->assembly;
    size_t n_lines = 2 * (assembly->n_qubits + assembly->n_bit_registers) + 1;
    qsti_layers layers = {0};
    pages p = {.drawing = drawing, .layers = &layers};
    qst_status status;
    qsti_text_init(&p.label, drawing->ctx);
    QSTI_TRY(p.label.status);
    QSTI_TRY(qsti_draw_phases(drawing));
    QSTI_TRY(qsti_wire_names_make(drawing, true, &p.names));
    QSTI_TRY(qsti_layers_by_dependency(assembly, QST_DRAW_MAX_CELLS / (n_lines * LEAST_COLUMN), &layers));
    QSTI_TRY(make_columns(&p));
    if (p.names.n_wires > 0) {
        QSTI_TRY(print_pages(&p));
    }
done:
    qsti_layers_clear(&layers);
    qsti_wire_names_clear(&p.names);
    qsti_text_clear(&p.label);
    qsti_free(drawing->ctx, p.columns);
    return status;
}

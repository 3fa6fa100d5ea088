/* svg.c: a picture of an assembly in Scalable Vector Graphics 1.1: wires, names, columns, and pages below each other.
 *
 * Its colours can be read on white and on black: lines and names are of a middle grey, boxes have a colour of their own
 * behind their text. It needs nothing but a font of one width. */
#include "draw/svg.h"

#include <string.h>

#define FONT "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"

typedef struct pages_of_picture {
    qsti_drawing *drawing;
    qsti_layers layers;
    qsti_wire_names names;
    qsti_text label;
    double *widths; /* [n_layers] */
    size_t *ends;   /* [n_pages]: the layer behind the last of a page */
    size_t n_pages;
    double width, page_height, names_width, top;
} pages_of_picture;

/* --- measuring ---------------------------------------------------------------------------------------------------- */

static qst_status measure_layers(pages_of_picture *p)
{
    qst_status status = QSTI_NEW(p->drawing->ctx, p->layers.n_layers, &p->widths);
    for (size_t layer = 0; status == QST_OK && layer < p->layers.n_layers; layer++) {
        for (size_t i = p->layers.first[layer]; i < p->layers.first[layer + 1]; i++) {
            double width = qsti_svg_width(p->drawing, p->layers.order[i], &p->label);
            p->widths[layer] = width > p->widths[layer] ? width : p->widths[layer];
        }
        p->widths[layer] += QSTI_SVG_GAP;
        status = p->label.status;
    }
    return status;
}

/* Which layers stand on which page, and how wide the widest is. */
static qst_status measure_pages(pages_of_picture *p)
{
    double limit = (double)p->drawing->opts.fold * QSTI_SVG_CHARACTER;
    size_t layer = 0;
    qst_status status = QSTI_NEW(p->drawing->ctx, p->layers.n_layers + 1, &p->ends);
    if (status != QST_OK) {
        return status;
    }
    do {
        double width = p->names_width;
        size_t begin = layer;
        while (layer < p->layers.n_layers &&
               (p->drawing->opts.fold == 0 || layer == begin || width + p->widths[layer] < limit)) {
            width += p->widths[layer++];
        }
        width += QSTI_SVG_GAP;
        p->width = width > p->width ? width : p->width;
        p->ends[p->n_pages++] = layer;
    } while (layer < p->layers.n_layers);
    p->page_height = (double)(p->names.n_wires + 1) * QSTI_SVG_WIRE;
    size_t n_columns = (size_t)(p->width / QSTI_SVG_CHARACTER) + 1;
    return qsti_drawing_reserve(p->drawing, p->n_pages * (2 * p->names.n_wires + 1), n_columns);
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

static void put_wires(const pages_of_picture *p, double y, double right)
{
    qsti_text *out = &p->drawing->out;
    for (size_t wire = 0; wire < p->names.n_wires; wire++) {
        double height = y + (double)wire * QSTI_SVG_WIRE, left = p->names_width;
        const char *name = p->names.text.bytes + p->names.first[wire];
        size_t n_bytes = p->names.first[wire + 1] - p->names.first[wire];
        bool is_bits = wire >= p->drawing->assembly->n_qubits;
        while (n_bytes > 0 && (name[n_bytes - 1] == ' ' || name[n_bytes - 1] == ':')) {
            n_bytes--;
        }
        qsti_text_add(out, "<text fill=\"" QSTI_SVG_GREY "\" text-anchor=\"end\" x=\"%.1f\" y=\"%.1f\">", left - 8,
                      height + QSTI_SVG_BASELINE);
        qsti_svg_text(out, name, n_bytes);
        qsti_text_add(out, "</text>\n");
        for (int side = is_bits ? -1 : 0; side <= (is_bits ? 1 : 0); side += 2) {
            qsti_text_add(out, "<line %s x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                          is_bits ? QSTI_SVG_BIT : QSTI_SVG_WIRE_LINE, left, height + 1.5 * side, right,
                          height + 1.5 * side);
        }
    }
}

static void put_page(pages_of_picture *p, size_t begin, size_t end, double y)
{
    double x = p->names_width + QSTI_SVG_GAP / 2.0, right = x + QSTI_SVG_GAP / 2.0;
    for (size_t layer = begin; layer < end; layer++) {
        right += p->widths[layer];
    }
    put_wires(p, y, right);
    for (size_t layer = begin; layer < end; layer++) {
        qsti_svg_spot spot = {x + p->widths[layer] / 2, y};
        for (size_t i = p->layers.first[layer]; i < p->layers.first[layer + 1]; i++) {
            qsti_svg_instruction(p->drawing, p->layers.order[i], spot, &p->label);
        }
        x += p->widths[layer];
    }
}

/* The phases of the whole state, one line of text each, which qsti_draw_phases() appends as text. */
static qst_status put_phases(pages_of_picture *p, const qsti_text *phases)
{
    qsti_text *out = &p->drawing->out;
    double y = QSTI_SVG_MARGIN + 6;
    for (const char *line = phases->bytes; *line; y += 20) {
        size_t n_bytes = strcspn(line, "\n");
        qsti_text_add(out, "<text fill=\"" QSTI_SVG_GREY "\" text-anchor=\"start\" x=\"%d\" y=\"%.1f\">",
                      QSTI_SVG_MARGIN, y);
        qsti_svg_text(out, line, n_bytes);
        qsti_text_add(out, "</text>\n");
        line += n_bytes + 1;
    }
    return out->status;
}

static void put_head(pages_of_picture *p, const qsti_text *phases)
{
    const qst_assembly *assembly = p->drawing->assembly;
    qsti_text *out = &p->drawing->out;
    size_t n_lines = 0;
    for (const char *c = phases->bytes; *c; c++) {
        n_lines += *c == '\n';
    }
    p->top = QSTI_SVG_MARGIN + 20.0 * (double)n_lines + QSTI_SVG_BOX / 2.0;
    double width = p->width + QSTI_SVG_MARGIN, height = p->top + (double)p->n_pages * p->page_height;
    qsti_text_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    qsti_text_add(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%.0f\" height=\"%.0f\" "
                  "viewBox=\"0 0 %.0f %.0f\">\n",
                  width, height, width, height);
    qsti_text_add(out, "<title>Quantum circuit: qubits %zu, bits %zu, instructions %zu</title>\n", assembly->n_qubits,
                  assembly->n_bits, assembly->n_instructions);
    qsti_text_add(out, "<g font-family=\"" FONT
                       "\" font-size=\"14\" stroke=\"none\" text-anchor=\"middle\" xml:space=\"preserve\">\n");
}

static qst_status put_picture(pages_of_picture *p)
{
    qsti_text phases;
    qsti_text picture = p->drawing->out;
    qsti_text_init(&phases, p->drawing->ctx);
    p->drawing->out = phases;
    qst_status status = qsti_draw_phases(p->drawing);
    phases = p->drawing->out;
    p->drawing->out = picture;
    if (status == QST_OK) {
        status = phases.status;
    }
    if (status == QST_OK) {
        put_head(p, &phases);
        status = put_phases(p, &phases);
    }
    for (size_t page = 0; status == QST_OK && page < p->n_pages; page++) {
        put_page(p, page ? p->ends[page - 1] : 0, p->ends[page], p->top + (double)page * p->page_height);
        status = p->label.status;
    }
    qsti_text_add(&p->drawing->out, "</g>\n</svg>\n");
    qsti_text_clear(&phases);
    return status;
}

#define LEAST_CHARACTERS 5 /* of the narrowest column */

qst_status qsti_draw_svg(qsti_drawing *drawing)
{
    const qst_assembly *assembly = drawing->assembly;
    size_t n_lines = 2 * (assembly->n_qubits + assembly->n_bit_registers) + 1;
    pages_of_picture p = {.drawing = drawing};
    qst_status status;
    qsti_text_init(&p.label, drawing->ctx);
    QSTI_TRY(p.label.status);
    QSTI_TRY(qsti_wire_names_make(drawing, true, &p.names));
    QSTI_TRY(qsti_layers_by_dependency(assembly, QST_DRAW_MAX_CELLS / (n_lines * LEAST_CHARACTERS), &p.layers));
    p.names_width = QSTI_SVG_MARGIN + QSTI_SVG_CHARACTER * (double)p.names.width;
    QSTI_TRY(measure_layers(&p));
    QSTI_TRY(measure_pages(&p));
    QSTI_TRY(put_picture(&p));
done:
    qsti_layers_clear(&p.layers);
    qsti_wire_names_clear(&p.names);
    qsti_text_clear(&p.label);
    qsti_free(drawing->ctx, p.widths);
    qsti_free(drawing->ctx, p.ends);
    return status;
}

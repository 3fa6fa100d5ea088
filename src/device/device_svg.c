/* device_svg.c: the coupling map as SVG: the darker a qubit the worse its readout, the darker an edge the larger its
 * error; what is dead is dashed. Figures stand in titles, which browsers show under the pointer. */
#include <math.h>

#include "base/text.h"
#include "device/device_layout.h"

#define SPACING 64.0
#define MARGIN  36.0
#define RADIUS  15.0

/* Five blues, from light to dark; errors are put among them by their logarithm between 1e-3 and 1e-1. */
static const char *const shades[] = {"#c6dbef", "#9ecae1", "#6baed6", "#3182bd", "#08519c"};
#define UNKNOWN_SHADE "#d9d9d9"
#define DEAD_SHADE    "#969696"
#define MARK_SHADE    "#fd8d3c"

static size_t shade_of(double error)
{
    double place = (log10(fmax(error, 1e-12)) + 3) / 2 * 5;
    return place < 0 ? 0 : place > 4 ? 4 : (size_t)place;
}

static void add_xml(qsti_text *text, const char *bytes)
{
    for (const char *c = bytes; *c != '\0'; c++) {
        if (*c == '&' || *c == '<' || *c == '>' || *c == '"') {
            qsti_text_add(text, "&#%d;", *c);
        } else {
            unsigned char value = (unsigned char)*c;
            qsti_text_add_bytes(text, value < 0x20 ? " " : c, 1);
        }
    }
}

/* How far the least distance between two joined qubits, and the whole, are: drawings in other units are scaled. */
static double find_scale(const qst_device *device, const double *positions, double low[2], double high[2])
{
    double least = INFINITY;
    for (size_t k = 0; k < 2; k++) {
        low[k] = INFINITY;
        high[k] = -INFINITY;
    }
    for (size_t i = 0; i < 2 * device->n_qubits; i++) {
        low[i % 2] = fmin(low[i % 2], positions[i]);
        high[i % 2] = fmax(high[i % 2], positions[i]);
    }
    for (size_t e = 0; e < device->n_edges; e++) {
        const double *a = positions + 2 * device->edges[e].a, *b = positions + 2 * device->edges[e].b;
        double length = hypot(a[0] - b[0], a[1] - b[1]);
        least = length > 1e-6 ? fmin(least, length) : least;
    }
    least = isinf(least) ? 1 : fmax(least, 1e-3 * fmax(high[0] - low[0], high[1] - low[1]));
    return SPACING / least;
}

static void add_edge(const qst_device *device, const qst_device_edge *edge, const double *places, qsti_text *text)
{
    const double *a = places + 2 * edge->a, *b = places + 2 * edge->b;
    double error = edge->gate == SIZE_MAX ? NAN : device->gates[edge->gate].error;
    const char *shade = edge->dead ? DEAD_SHADE : isnan(error) ? UNKNOWN_SHADE : shades[shade_of(error)];
    qsti_text_add(text, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"%s><title>%zu-%zu", a[0],
                  a[1], b[0], b[1], shade, edge->dead ? " stroke-dasharray=\"4 4\"" : "", edge->a, edge->b);
    if (edge->gate != SIZE_MAX) {
        qsti_text_add(text, " %s error %.3g", device->gates[edge->gate].name, error);
    }
    qsti_text_add(text, "%s</title></line>\n", edge->dead ? " dead" : "");
}

static void add_qubit(const qst_device *device, size_t q, const double *places, qsti_text *text)
{
    const qst_device_qubit *qubit = &device->qubits[q];
    double matrix[4] = {1, 0, 0, 1};
    (void)qst_device_readout(device, q, QST_READOUT_MODEL_PROPERTIES, matrix); /* the qubit is there */
    double error = (matrix[1] + matrix[2]) / 2;
    size_t shade = shade_of(error);
    const double *p = places + 2 * q;
    qsti_text_add(text, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.0f\" fill=\"%s\"%s><title>qubit %zu", p[0], p[1], RADIUS,
                  qubit->operational ? shades[shade] : "#ffffff", qubit->operational ? "" : " stroke-dasharray=\"4 4\"",
                  q);
    qsti_text_add(text, " (");
    add_xml(text, qubit->id);
    qsti_text_add(text, ") T1 %.4g us, T2 %.4g us, readout error %.3g</title></circle>\n", qubit->t1_ns / 1e3,
                  qubit->t2_ns / 1e3, error);
    qsti_text_add(text, "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\">%zu</text>\n", p[0], p[1] + 4,
                  shade > 2 && qubit->operational ? "#ffffff" : "#000000", q);
}

/* Under everything else: wide lines and rings. */
static void add_mark(const qst_device *device, const qst_device_mark *mark, const double *places, qsti_text *text)
{
    qsti_text_add(text, "<g stroke=\"" MARK_SHADE "\" stroke-width=\"13\" fill=\"" MARK_SHADE "\">\n");
    for (size_t e = 0; e < mark->n_edges; e++) {
        const size_t a = mark->edges[e][0], b = mark->edges[e][1];
        if (a < device->n_qubits && b < device->n_qubits) {
            const double *from = places + 2 * a, *to = places + 2 * b;
            qsti_text_add(text, "<path d=\"M%.1f %.1fL%.1f %.1f\"/>\n", from[0], from[1], to[0], to[1]);
        }
    }
    for (size_t i = 0; i < mark->n_qubits; i++) {
        if (mark->qubits[i] < device->n_qubits) {
            const double *at = places + 2 * mark->qubits[i];
            qsti_text_add(text, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.0f\" stroke=\"none\"/>\n", at[0], at[1],
                          RADIUS + 5);
        }
    }
    qsti_text_add(text, "</g>\n");
}

static void add_all(const qst_device *device, const qst_device_mark *mark, double *places, qsti_text *text)
{
    double low[2], high[2], scale = find_scale(device, places, low, high);
    for (size_t i = 0; i < 2 * device->n_qubits; i++) {
        places[i] = MARGIN + scale * (places[i] - low[i % 2]);
    }
    double width = 2 * MARGIN + scale * (high[0] - low[0]), height = 2 * MARGIN + scale * (high[1] - low[1]);
    qsti_text_add(text,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" "
                  "font-family=\"sans-serif\" font-size=\"12\" text-anchor=\"middle\">\n<title>",
                  width, height, width, height);
    add_xml(text, device->name[0] ? device->name : "device");
    qsti_text_add(text, "</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n");
    if (mark) {
        add_mark(device, mark, places, text);
    }
    qsti_text_add(text, "<g stroke-width=\"5\">\n");
    for (size_t e = 0; e < device->n_edges; e++) {
        add_edge(device, &device->edges[e], places, text);
    }
    qsti_text_add(text, "</g>\n");
    for (size_t q = 0; q < device->n_qubits; q++) {
        add_qubit(device, q, places, text);
    }
    qsti_text_add(text, "</svg>\n");
}

qst_status qst_device_draw_svg(const qst_device *device, char **out, size_t *out_bytes)
{
    return qst_device_draw_svg_marked(device, NULL, out, out_bytes);
}

qst_status qst_device_draw_svg_marked(const qst_device *device, const qst_device_mark *mark, char **out,
                                      size_t *out_bytes)
{
    double *places = NULL;
    qsti_text text;
    qst_status status = QST_OK;
    qsti_text_init(&text, device->ctx);
    QSTI_TRY(qsti_device_layout(device, &places));
    add_all(device, mark, places, &text);
    QSTI_TRY(text.status);
    *out = text.bytes;
    *out_bytes = text.length;
    text.bytes = NULL;
done:
    qsti_free(device->ctx, places);
    if (status != QST_OK) {
        qsti_text_clear(&text);
    }
    return status;
}

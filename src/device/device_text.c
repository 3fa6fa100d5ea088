/* device_text.c: the coupling map as text: a grid where every edge is a straight line along it, else a list. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "device/device_layout.h"

#define MOST_CHARACTERS ((size_t)1 << 20)

/* Each place of the grid is `step` characters wide and 2 lines high. */
typedef struct sheet {
    size_t n_columns, n_lines, step, width; /* places across, lines, characters of a place and of a line */
    const size_t *cells;                    /* (n_qubits, 2): column and row */
    char *bytes;                            /* (n_lines, width) */
} sheet;

/* Whole numbers from 0 in cells (n_qubits, 2), with the numbers of columns and rows; false when the positions are none,
 * or too far apart. */
static bool find_cells(const qst_device *device, const double *positions, size_t *cells, size_t *columns, size_t *rows)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < 2 * device->n_qubits; i++) {
        if (positions[i] != floor(positions[i])) {
            return false;
        }
        low[i % 2] = fmin(low[i % 2], positions[i]);
        high[i % 2] = fmax(high[i % 2], positions[i]);
    }
    if (!((high[0] - low[0] + 1) * (high[1] - low[1] + 1) <= (double)MOST_CHARACTERS / 32)) {
        return false;
    }
    for (size_t i = 0; i < 2 * device->n_qubits; i++) {
        cells[i] = (size_t)(positions[i] - low[i % 2]);
    }
    *columns = (size_t)(high[0] - low[0]) + 1;
    *rows = (size_t)(high[1] - low[1]) + 1;
    return true;
}

static char *at(const sheet *s, size_t line, size_t character)
{
    return s->bytes + line * s->width + character;
}

/* Right-aligned in the first step - 3 characters; false when something is there already. */
static bool put_qubit(const sheet *s, const size_t cell[2], size_t qubit)
{
    char number[24];
    int n = snprintf(number, sizeof number, "%zu", qubit);
    char *place = at(s, 2 * cell[1], cell[0] * s->step + (s->step - 3) - (size_t)n);
    bool is_free = place[n - 1] == ' ';
    memcpy(place, number, (size_t)n);
    return is_free;
}

/* A straight line between two places that nothing crosses. */
static bool put_edge(const sheet *s, const size_t a[2], const size_t b[2], bool dead)
{
    size_t axis = a[0] == b[0] ? 1 : 0;
    if (a[1 - axis] != b[1 - axis] || a[axis] == b[axis]) {
        return false;
    }
    size_t low = a[axis] < b[axis] ? a[axis] : b[axis], high = a[axis] < b[axis] ? b[axis] : a[axis];
    size_t digits = s->step - 3;
    size_t from = axis ? 2 * low + 1 : low * s->step + digits, to = axis ? 2 * high : high * s->step + digits - 1;
    for (size_t i = from; i < to; i++) {
        char *place = axis ? at(s, i, a[0] * s->step + digits - 1) : at(s, 2 * a[1], i);
        if (*place != ' ') { /* digits of a longer number at the end of a line are no obstacle */
            bool is_end = !axis && i + digits > to && *place >= '0' && *place <= '9';
            if (!is_end) {
                return false;
            }
            continue;
        }
        *place = axis ? '|' : '-';
    }
    if (dead) {
        *(axis ? at(s, from, a[0] * s->step + digits - 1) : at(s, 2 * a[1], from + 1)) = 'x';
    }
    return true;
}

static bool fill(const qst_device *device, const sheet *s)
{
    for (size_t q = 0; q < device->n_qubits; q++) {
        if (!put_qubit(s, s->cells + 2 * q, q)) {
            return false;
        }
    }
    for (size_t e = 0; e < device->n_edges; e++) {
        const qst_device_edge *edge = &device->edges[e];
        if (!put_edge(s, s->cells + 2 * edge->a, s->cells + 2 * edge->b, edge->dead)) {
            return false;
        }
    }
    return true;
}

static void add_lines(const sheet *s, qsti_text *text)
{
    for (size_t line = 0; line < s->n_lines; line++) {
        size_t n = s->width;
        while (n > 0 && *at(s, line, n - 1) == ' ') {
            n--;
        }
        qsti_text_add_bytes(text, at(s, line, 0), n);
        qsti_text_add(text, "\n");
    }
}

/* *out_done: whether the map can be drawn so. */
static qst_status draw_grid(const qst_device *device, const double *positions, qsti_text *text, bool *out_done)
{
    size_t *cells = NULL, columns = 0, rows = 0;
    char number[24];
    sheet s = {.step = 3 + (size_t)snprintf(number, sizeof number, "%zu", device->n_qubits - 1)};
    qst_status status = QST_OK;
    *out_done = false;
    QSTI_TRY(QSTI_NEW(device->ctx, 2 * device->n_qubits, &cells));
    if (!find_cells(device, positions, cells, &columns, &rows)) {
        goto done;
    }
    s.cells = cells;
    s.n_lines = 2 * rows - 1;
    s.width = columns * s.step;
    QSTI_TRY(QSTI_NEW(device->ctx, s.n_lines * s.width, &s.bytes));
    memset(s.bytes, ' ', s.n_lines * s.width);
    *out_done = fill(device, &s);
    if (*out_done) {
        add_lines(&s, text);
    }
done:
    qsti_free(device->ctx, cells);
    qsti_free(device->ctx, s.bytes);
    return status;
}

/* "3: 2 5 7x", each edge once, at its smaller end. */
static void draw_list(const qst_device *device, qsti_text *text)
{
    for (size_t e = 0; e < device->n_edges; e++) {
        const qst_device_edge *edge = &device->edges[e];
        if (e == 0 || device->edges[e - 1].a != edge->a) {
            qsti_text_add(text, "%s%zu:", e ? "\n" : "", edge->a);
        }
        qsti_text_add(text, " %zu%s", edge->b, edge->dead ? "x" : "");
    }
    qsti_text_add(text, device->n_edges ? "\n" : "");
}

qst_status qst_device_draw_text(const qst_device *device, char **out, size_t *out_bytes)
{
    double *positions = NULL;
    bool is_done = false;
    qsti_text text;
    qst_status status = QST_OK;
    qsti_text_init(&text, device->ctx);
    QSTI_TRY(qsti_device_layout(device, &positions));
    QSTI_TRY(draw_grid(device, positions, &text, &is_done));
    if (!is_done) {
        draw_list(device, &text);
    }
    qsti_text_add_bytes(&text, "", 0);
    QSTI_TRY(text.status);
    *out = text.bytes;
    *out_bytes = text.length;
    text.bytes = NULL;
done:
    qsti_free(device->ctx, positions);
    if (status != QST_OK) {
        qsti_text_clear(&text);
    }
    return status;
}

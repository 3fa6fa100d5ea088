/* canvas.c: characters that join: boxes touch, and a line that goes down crosses the wires below.
 *
 * Elements only draw themselves. What goes down from one, a corner or a line, is carried on while the lines are put
 * together: below it follows what the character above and the one here make of each other. So a line ends where an
 * element of the same column takes it up. The rules give the same characters as Qiskit's text drawings. */
#include "draw/canvas.h"

#include <string.h>

/* --- characters --------------------------------------------------------------------------------------------------- */

/* Box drawing, as code points. */
enum {
    SPACE = ' ',
    ACROSS = 0x2500,           /* ─ */
    DOWN = 0x2502,             /* │ */
    TOP_LEFT = 0x250c,         /* ┌ */
    TOP_RIGHT = 0x2510,        /* ┐ */
    BOTTOM_LEFT = 0x2514,      /* └ */
    BOTTOM_RIGHT = 0x2518,     /* ┘ */
    OUT_RIGHT = 0x251c,        /* ├ */
    OUT_LEFT = 0x2524,         /* ┤ */
    OUT_DOWN = 0x252c,         /* ┬ */
    OUT_UP = 0x2534,           /* ┴ */
    CROSS = 0x253c,            /* ┼ */
    DOUBLE_ACROSS = 0x2550,    /* ═ */
    DOUBLE_DOWN = 0x2551,      /* ║ */
    BIT_RIGHT = 0x255e,        /* ╞ */
    BIT_LEFT = 0x2561,         /* ╡ */
    OUT_DOUBLE_DOWN = 0x2565,  /* ╥ */
    OUT_DOUBLE_UP = 0x2568,    /* ╨ */
    BIT_TARGET = 0x2569,       /* ╩ */
    DOWN_BIT = 0x256a,         /* ╪ */
    DOUBLE_DOWN_WIRE = 0x256b, /* ╫ */
    DOUBLE_DOWN_BIT = 0x256c,  /* ╬ */
    SHADE = 0x2591,            /* ░ */
    DOT = 0x25a0,              /* ■ */
    GOES_ON = 0xbb,            /* » */
    WENT_ON = 0xab             /* « */
};

static uint32_t decode(const char *bytes, size_t *out_step)
{
    const unsigned char *b = (const unsigned char *)bytes;
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t step = qsti_utf8_step(bytes, strnlen(bytes, 4));
    if (step == 0) {
        *out_step = 1;
        return '?';
    }
    uint32_t value = b[0] & masks[step];
    for (size_t i = 1; i < step; i++) {
        value = value << 6 | (b[i] & 0x3f);
    }
    *out_step = step;
    return value;
}

static size_t encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1;) {
        out[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    out[0] = (char)(marks[n] | c);
    return n;
}

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++) {
        n += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return n;
}

/* --- drawing on it ------------------------------------------------------------------------------------------------ */

static uint32_t *row_of(const qsti_canvas *canvas, size_t wire, size_t row)
{
    return canvas->cells + (wire * QSTI_ROWS + row) * canvas->n_columns;
}

static uint32_t wire_of(const qsti_canvas *canvas, size_t wire)
{
    return wire < canvas->n_quantum ? ACROSS : DOUBLE_ACROSS;
}

qst_status qsti_canvas_make(qst_ctx *ctx, size_t n_wires, size_t n_quantum, size_t n_columns, qsti_canvas *out)
{
    qsti_canvas canvas = {ctx, n_wires, n_quantum, n_columns, NULL};
    size_t n_cells;
    if (!qsti_mul(n_wires * QSTI_ROWS, n_columns, &n_cells)) {
        return qsti_fail(ctx, QST_ERR_MEMORY, "out of memory: a drawing of %zu wires and %zu columns", n_wires,
                         n_columns);
    }
    qst_status status = QSTI_NEW(ctx, n_cells, &canvas.cells);
    if (status != QST_OK) {
        return status;
    }
    for (size_t wire = 0; wire < n_wires; wire++) {
        for (size_t row = 0; row < QSTI_ROWS; row++) {
            uint32_t *cells = row_of(&canvas, wire, row), blank = row == 1 ? wire_of(&canvas, wire) : SPACE;
            for (size_t c = 0; c < n_columns; c++) {
                cells[c] = blank;
            }
        }
    }
    *out = canvas;
    return QST_OK;
}

void qsti_canvas_clear(qsti_canvas *canvas)
{
    if (canvas->ctx) {
        qsti_free(canvas->ctx, canvas->cells);
    }
    *canvas = (qsti_canvas){0};
}

/* Where something of n characters begins that stands in the middle of `width`: an odd rest goes left when the width is
 * odd, else right. */
static size_t centre(size_t n, size_t width)
{
    size_t rest = width > n ? width - n : 0;
    return rest / 2 + (rest & width & 1);
}

static uint32_t *write_text(uint32_t *cells, const uint32_t *end, const char *text)
{
    for (size_t step; *text && cells < end; text += step) {
        *cells++ = decode(text, &step);
    }
    return cells;
}

static uint32_t *write_pads(uint32_t *cells, const uint32_t *end, size_t n, uint32_t pad)
{
    while (n-- > 0 && cells < end) {
        *cells++ = pad;
    }
    return cells;
}

static void put_row(uint32_t *cells, size_t n_columns, const qsti_row *row, size_t width, size_t fill, uint32_t blank)
{
    size_t n_text = characters(row->text), shift = row->shifted && width % 2 == 0;
    size_t n_inside = n_text + shift > width ? n_text + shift : width;
    size_t n_all = characters(row->left) + n_inside + characters(row->right);
    size_t before = centre(n_text + shift, width) + shift;
    const uint32_t *end = cells + n_columns;
    size_t rest = fill > n_all ? fill - n_all : 0, first = centre(n_all + rest, n_columns);
    write_pads(cells, end, n_columns, blank);
    cells = write_text(cells + first, end, row->left);
    cells = write_pads(cells, end, before, row->pad);
    cells = write_text(cells, end, row->text);
    cells = write_pads(cells, end, n_inside - before - n_text, row->pad);
    cells = write_text(cells, end, row->right);
    write_pads(cells, end, rest, blank);
}

void qsti_canvas_put(qsti_canvas *canvas, qsti_cell cell, const qsti_row rows[QSTI_ROWS], size_t width, size_t fill)
{
    for (size_t row = 0; row < QSTI_ROWS; row++) {
        put_row(row_of(canvas, cell.wire, row) + cell.first, cell.n_columns, &rows[row], width, fill,
                row == 1 ? wire_of(canvas, cell.wire) : SPACE);
    }
}

void qsti_canvas_write(qsti_canvas *canvas, size_t wire, size_t row, size_t column, const char *text, size_t n_bytes)
{
    uint32_t *cells = row_of(canvas, wire, row);
    for (size_t at = 0, step; at < n_bytes && column < canvas->n_columns; at += step) {
        cells[column++] = decode(text + at, &step);
    }
}

/* --- joining ------------------------------------------------------------------------------------------------------ */

/* What goes on downwards from a character, or a space. */
static uint32_t goes_down(uint32_t c)
{
    switch (c) {
    case DOWN:
    case CROSS:
    case DOWN_BIT:
    case OUT_DOWN:
        return DOWN;
    case DOUBLE_DOWN:
    case DOUBLE_DOWN_WIRE:
    case DOUBLE_DOWN_BIT:
    case OUT_DOUBLE_DOWN:
        return DOUBLE_DOWN;
    default:
        return SPACE;
    }
}

/* What goes down over a wire. A crossing above ends there. */
static uint32_t over_wire(uint32_t above, uint32_t wire)
{
    if (above == OUT_DOWN || above == DOWN) {
        return wire == ACROSS ? CROSS : DOWN_BIT;
    }
    if (above == OUT_DOUBLE_DOWN || above == DOUBLE_DOWN) {
        return wire == ACROSS ? DOUBLE_DOWN_WIRE : DOUBLE_DOWN_BIT;
    }
    return wire;
}

/* The character of a line below the line of `above`. */
static uint32_t follow(uint32_t above, uint32_t here)
{
    if (here == SPACE) {
        return goes_down(above);
    }
    return here == ACROSS || here == DOUBLE_ACROSS ? over_wire(above, here) : here;
}

/* The character of a line in which the last row of one wire and the first of the next meet. */
static uint32_t meet(uint32_t upper, uint32_t lower)
{
    bool is_bottom = upper == BOTTOM_LEFT || upper == BOTTOM_RIGHT;
    if (upper == lower || lower == SPACE) {
        bool is_crossing = upper == CROSS || upper == DOWN_BIT || upper == DOUBLE_DOWN_WIRE || upper == DOUBLE_DOWN_BIT;
        return is_crossing && lower == SPACE ? goes_down(upper) : upper;
    }
    if (upper == SPACE) {
        return lower;
    }
    if ((upper == OUT_DOWN || upper == OUT_DOUBLE_DOWN) && (lower == DOWN || lower == DOUBLE_DOWN)) {
        return upper;
    }
    if (upper == BOTTOM_LEFT && lower == TOP_LEFT) {
        return OUT_RIGHT;
    }
    if (upper == BOTTOM_RIGHT && lower == TOP_RIGHT) {
        return OUT_LEFT;
    }
    if (lower == TOP_LEFT || lower == TOP_RIGHT) {
        return OUT_DOWN;
    }
    if (is_bottom && lower == ACROSS) {
        return OUT_UP;
    }
    return lower == ACROSS || lower == DOUBLE_ACROSS ? over_wire(upper, lower) : lower;
}

/* A letter or digit. Beyond ASCII everything counts but punctuation and symbols, so also the lines above. */
static bool is_letter(uint32_t c)
{
    if (c < 0x80) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    }
    return c >= 0xc0 && c != 0xd7 && c != 0xf7 && (c < 0x2000 || c >= 0x2c00);
}

/* Whether two wires need a line more between them: text would be lost in the common one, or two lines would look like
 * one. */
static bool is_crowded(const uint32_t *upper, const uint32_t *lower, size_t n_columns)
{
    for (size_t c = 0; c < n_columns; c++) {
        bool is_through =
            (upper[c] == OUT_DOWN || upper[c] == OUT_DOUBLE_DOWN) && (lower[c] == OUT_UP || lower[c] == OUT_DOUBLE_UP);
        bool is_over_text = (is_letter(upper[c]) && lower[c] != SPACE) || (is_letter(lower[c]) && upper[c] != SPACE);
        if (is_through || is_over_text) {
            return true;
        }
    }
    return false;
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

/* on_wire: the line is a wire's own, where sides of boxes stand; else corners do. */
static char to_ascii(uint32_t c, bool on_wire)
{
    switch (c) {
    case ACROSS:
        return '-';
    case DOUBLE_ACROSS:
        return '=';
    case DOWN:
    case DOUBLE_DOWN:
        return '|';
    case OUT_LEFT:
    case OUT_RIGHT:
    case BIT_LEFT:
    case BIT_RIGHT:
        return on_wire ? '|' : '+';
    case BIT_TARGET:
        return 'v';
    case SHADE:
        return ':';
    case DOT:
        return '@';
    case GOES_ON:
        return '>';
    case WENT_ON:
        return '<';
    default:
        return c < 0x80 ? (char)c : '+';
    }
}

static void print_characters(const uint32_t *line, size_t n_columns, bool ascii, bool on_wire, qsti_text *out)
{
    char bytes[512];
    size_t n = 0;
    for (size_t c = 0; c < n_columns; c++) {
        if (ascii) {
            bytes[n++] = to_ascii(line[c], on_wire);
        } else {
            n += encode(line[c], bytes + n);
        }
        if (n > sizeof bytes - 8) {
            qsti_text_add_bytes(out, bytes, n);
            n = 0;
        }
    }
    qsti_text_add_bytes(out, bytes, n);
}

static void print_line(const uint32_t *line, size_t n_columns, bool ascii, bool on_wire, qsti_text *out)
{
    print_characters(line, n_columns, ascii, on_wire, out);
    qsti_text_add_bytes(out, "\n", 1);
}

qst_status qsti_canvas_print_wires(const qsti_canvas *canvas, const char *behind, qsti_text *out)
{
    for (size_t wire = 0; wire < canvas->n_wires; wire++) {
        print_characters(row_of(canvas, wire, 1), canvas->n_columns, false, true, out);
        qsti_text_add(out, "%s\n", behind);
    }
    return out->status;
}

/* The line that follows `line` in the row `here`. */
static void go_down(uint32_t *line, const uint32_t *here, size_t n_columns)
{
    for (size_t c = 0; c < n_columns; c++) {
        line[c] = follow(line[c], here[c]);
    }
}

/* From the last line of the wire above to the first of this one. */
static void go_to_wire(const qsti_canvas *canvas, size_t wire, uint32_t *line, bool ascii, qsti_text *out)
{
    const uint32_t *upper = row_of(canvas, wire - 1, 2), *here = row_of(canvas, wire, 0);
    if (is_crowded(upper, here, canvas->n_columns)) {
        print_line(line, canvas->n_columns, ascii, false, out);
        go_down(line, here, canvas->n_columns);
        return;
    }
    for (size_t c = 0; c < canvas->n_columns; c++) {
        line[c] = meet(line[c], here[c]);
    }
}

qst_status qsti_canvas_print(const qsti_canvas *canvas, bool ascii, qsti_text *out)
{
    size_t n_columns = canvas->n_columns;
    uint32_t *line = NULL;
    qst_status status = QSTI_NEW(canvas->ctx, n_columns, &line);
    if (status != QST_OK) {
        return status;
    }
    for (size_t wire = 0; wire < canvas->n_wires; wire++) {
        if (wire == 0) {
            memcpy(line, row_of(canvas, 0, 0), n_columns * sizeof *line);
        } else {
            go_to_wire(canvas, wire, line, ascii, out);
        }
        print_line(line, n_columns, ascii, false, out);
        go_down(line, row_of(canvas, wire, 1), n_columns);
        print_line(line, n_columns, ascii, true, out);
        go_down(line, row_of(canvas, wire, 2), n_columns);
    }
    if (canvas->n_wires > 0) {
        print_line(line, n_columns, ascii, false, out);
    }
    qsti_free(canvas->ctx, line);
    return out->status;
}

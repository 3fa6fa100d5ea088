/* page_controls.c: the further controls on a report's page: one line each, 80 columns where the numbers allow it, with
 * how good it is, how the student stands against it, and the verdict; and what was left out. */
#include <math.h>
#include <string.h>

#include "verify/page_text.h"
#include "verify/report_parts.h"

enum { COLUMN_CONTROL, COLUMN_ACCURACY, COLUMN_DIFFERENCE, COLUMN_VERDICT, N_COLUMNS };

typedef struct line {
    qsti_cell cells[N_COLUMNS];
} line;

enum { MAX_LINES = 2 * QST_CONTROL_COUNT };

static const char *const names[QST_CONTROL_COUNT] = {
#define QST_CONTROL(name, label, about, excludes) #name,
#include <qstill/controls.def>
#undef QST_CONTROL
};

static const char *const abouts[QST_CONTROL_COUNT] = {
#define QST_CONTROL(name, label, about, excludes) about,
#include <qstill/controls.def>
#undef QST_CONTROL
};

static const json_t *control_of(const json_t *setting, int control)
{
    return json_object_get(json_object_get(setting, "controls"), names[control]);
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

/* "+0.2 [-0.4, +0.9]" */
static qsti_cell difference_cell(const json_t *control)
{
    double points = qsti_page_number(control, "points"), lo = qsti_page_number(control, "ci.0"),
           hi = qsti_page_number(control, "ci.1");
    if (isnan(points)) {
        return qsti_cell_of("-");
    }
    qsti_cell middle = qsti_cell_signed(points);
    if (isnan(lo) || isnan(hi)) {
        return middle;
    }
    return qsti_cell_of("%s [%s, %s]", middle.text, qsti_cell_signed(lo).text, qsti_cell_signed(hi).text);
}

/* The lines of a setting: the controls that are there, then those left out. */
static size_t setting_lines(const json_t *setting, bool below_heading, line lines[MAX_LINES])
{
    const json_t *left_out = json_object_get(setting, "left_out");
    const char *indent = below_heading ? "  " : "";
    size_t n = 0;
    for (int c = 0; c < QST_CONTROL_COUNT; c++) {
        const json_t *control = control_of(setting, c);
        if (json_is_object(control)) {
            lines[n++] =
                (line){{qsti_cell_of("%s%s", indent, names[c]), qsti_cell_accuracy(json_object_get(control, "model")),
                        difference_cell(control), qsti_cell_verdict(control)}};
        }
    }
    for (size_t i = 0; i < json_array_size(left_out) && n < MAX_LINES; i++) {
        const json_t *entry = json_array_get(left_out, i);
        lines[n++] = (line){{qsti_cell_of("%s%.20s", indent, qsti_page_string(entry, "control")),
                             qsti_cell_of("left out: %.100s", qsti_page_string(entry, "why"))}};
    }
    return n;
}

static bool is_left_out(const line *content)
{
    return content->cells[COLUMN_DIFFERENCE].text[0] == '\0';
}

/* What is said of one that was left out may run over the columns. */
static void measure_lines(const line *lines, size_t n, size_t *widths)
{
    for (size_t i = 0; i < n; i++)
        qsti_page_widen(lines[i].cells, is_left_out(lines + i) ? COLUMN_ACCURACY : N_COLUMNS, widths);
}

static void add_line(qsti_text *page, const line *content, const size_t *widths)
{
    size_t last = is_left_out(content) ? COLUMN_ACCURACY : COLUMN_VERDICT;
    for (size_t c = 0; c <= last; c++) {
        qsti_text_add(page, "  ");
        qsti_page_add_cell(page, content->cells + c, c < last ? widths[c] : 0, false);
    }
    qsti_text_add(page, "\n");
}

/* --- the block ---------------------------------------------------------------------------------------------------- */

/* What the names mean: those that some setting has. */
static void add_legend(qsti_text *page, const json_t *settings)
{
    qsti_text legend;
    qsti_text_init(&legend, page->ctx);
    for (int c = 0; c < QST_CONTROL_COUNT; c++) {
        const json_t *control = NULL;
        for (size_t i = 0; i < json_array_size(settings) && !json_is_object(control); i++) {
            control = control_of(json_array_get(settings, i), c);
        }
        if (json_is_object(control)) {
            qsti_text_add(&legend, "%s%s: %s", legend.length ? " \u00b7 " : "", names[c], abouts[c]);
        }
    }
    qsti_page_finish(page, &legend, 2, 0);
}

void qsti_page_add_controls(qsti_text *page, const json_t *settings)
{
    const line header = {{qsti_cell_of("controls"), qsti_cell_of("accuracy"), qsti_cell_of("student minus it"),
                          qsti_cell_of("the student")}};
    line lines[MAX_LINES];
    size_t n_settings = json_array_size(settings), widths[N_COLUMNS] = {0}, n_all = 0;
    measure_lines(&header, 1, widths);
    for (size_t i = 0; i < n_settings; i++) {
        size_t n = setting_lines(json_array_get(settings, i), n_settings > 1, lines);
        measure_lines(lines, n, widths);
        n_all += n;
    }
    if (n_all == 0) {
        return;
    }
    qsti_text_add(page, "\n");
    add_line(page, &header, widths);
    for (size_t i = 0; i < n_settings; i++) {
        size_t n = setting_lines(json_array_get(settings, i), n_settings > 1, lines);
        if (n > 0 && n_settings > 1) {
            qsti_text_add(page, "  %s\n", qsti_cell_name(qsti_page_string(json_array_get(settings, i), "name")).text);
        }
        for (size_t j = 0; j < n; j++) {
            add_line(page, lines + j, widths);
        }
    }
    add_legend(page, settings);
}

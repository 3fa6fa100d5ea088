/* tune_plot.c: the heat map of a search as a script for gnuplot, data inside; `gnuplot heatmap.gnuplot` in its folder
 * writes heatmap.svg. */
#include <math.h>
#include <string.h>

#include "run/tune.h"
#include "verify/page_text.h"

/* In double quotes, as gnuplot reads them. */
static void add_quoted(qsti_text *out, const char *text)
{
    qsti_text_add(out, "\"");
    for (; *text; text++)
        if ((unsigned char)*text >= 0x20)
            qsti_text_add(out, strchr("\"\\", *text) != NULL ? "\\%c" : "%c", *text);
    qsti_text_add(out, "\"");
}

static void add_ticks(qsti_text *out, const char *which, const json_t *labels)
{
    qsti_text_add(out, "set %stics (", which);
    for (size_t i = 0; i < json_array_size(labels); i++) {
        qsti_text_add(out, i ? ", " : "");
        add_quoted(out, json_string_value(json_array_get(labels, i)));
        qsti_text_add(out, " %zu", i);
    }
    qsti_text_add(out, ")\n");
}

static void add_label(qsti_text *out, const char *which, const char *text)
{
    qsti_text_add(out, "set %slabel ", which);
    add_quoted(out, text);
    qsti_text_add(out, "\n");
}

qst_status qsti_tune_plot(const json_t *result, qsti_text *out)
{
    const json_t *map = json_object_get(result, "heat_map"), *rows = json_object_get(map, "row_labels");
    const json_t *columns = json_object_get(map, "column_labels"), *cells = json_object_get(map, "accuracy");
    size_t n_rows = json_array_size(rows), n_columns = columns ? json_array_size(columns) : 1;
    if (map == NULL)
        return QST_OK;
    qsti_text_add(out, "$accuracy << EOD\n");
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t c = 0; c < n_columns; c++) {
            const json_t *value = json_array_get(json_array_get(cells, r), c);
            if (json_is_number(value))
                qsti_text_add(out, "%zu %zu %.4f\n", c, r, 100 * json_number_value(value));
        }
    }
    qsti_text_add(out,
                  "EOD\nset terminal svg size %zu,%zu noenhanced background \"white\"\nset output \"heatmap.svg\"\n",
                  260 + 90 * n_columns, 180 + 50 * n_rows);
    qsti_text_add(out, "set title ");
    add_quoted(out, qsti_page_string(result, "name"));
    qsti_text_add(out, "\n");
    add_label(out, "x", qsti_page_string(map, "columns"));
    add_label(out, "y", qsti_page_string(map, "rows"));
    add_label(out, "cb", "validation accuracy, %");
    if (columns)
        add_ticks(out, "x", columns);
    else
        qsti_text_add(out, "unset xtics\n");
    add_ticks(out, "y", rows);
    qsti_text_add(out, "set xrange [-0.5:%zu.5]\nset yrange [%zu.5:-0.5]\nset rmargin 11\nunset key\n", n_columns - 1,
                  n_rows - 1);
    qsti_text_add(out, "set palette defined (0 \"#f7fcf0\", 1 \"#7bccc4\")\n"
                       "plot $accuracy using 1:2:3 with image pixels, "
                       "$accuracy using 1:2:(sprintf(\"%%.2f\", $3)) with labels\n");
    return out->status;
}

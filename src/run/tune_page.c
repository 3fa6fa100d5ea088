/* tune_page.c: what a search found, for people: the trials, best first, and the heat map in text. Works from the
 * document alone. */
#include <math.h>
#include <string.h>

#include "run/tune.h"
#include "verify/page_text.h"

#define MAX_SHOWN   20
#define MAX_COLUMNS 12

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

/* A value of the document as a cell; "-" where the key was left out. */
static qsti_cell value_cell(const json_t *value)
{
    char number[32];
    if (json_is_string(value))
        return qsti_cell_name(json_string_value(value));
    if (json_is_number(value)) {
        qsti_format_double(json_number_value(value), number);
        return qsti_cell_of("%s", number);
    }
    return qsti_cell_of(value == NULL ? "-" : "...");
}

static size_t wider(size_t width, const qsti_cell *cell)
{
    size_t own = qsti_page_width(cell->text, strlen(cell->text));
    return own > width ? own : width;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

static double bound_of(const json_t *trial, const char *key, size_t i)
{
    const json_t *value = json_array_get(json_object_get(trial, key), i);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static qsti_cell accuracy_cell(const json_t *trial)
{
    double mean = qsti_page_number(trial, "accuracy"), low = bound_of(trial, "accuracy_ci", 0),
           high = bound_of(trial, "accuracy_ci", 1);
    if (json_is_true(json_object_get(trial, "diverged")))
        return qsti_cell_of("diverged");
    if (isnan(low))
        return qsti_cell_of("%.2f %%", 100 * mean);
    return qsti_cell_of("%.2f %% [%.2f, %.2f]", 100 * mean, 100 * fmax(low, 0), 100 * fmin(high, 1));
}

/* Points behind the best, "~" before them where the paired interval reaches 0. */
static qsti_cell behind_cell(const json_t *trial)
{
    double behind = qsti_page_number(trial, "behind_best"), low = bound_of(trial, "behind_best_ci", 0);
    if (isnan(behind))
        return qsti_cell_of("%s", "");
    return qsti_cell_of("%s%.2f", isnan(low) || low <= 0 ? "~" : "", 100 * behind);
}

/* Cell `column` of a trial, or of the head when `trial` is NULL. */
static qsti_cell table_cell(const json_t *result, const json_t *trial, size_t column)
{
    const json_t *keys = json_object_get(result, "keys");
    size_t n_keys = json_array_size(keys);
    bool halving = qsti_page_number(result, "rounds") > 1;
    if (column == 0)
        return trial ? value_cell(json_object_get(trial, "trial")) : qsti_cell_of("trial");
    if (column <= n_keys) {
        const char *key = json_string_value(json_array_get(keys, column - 1));
        return trial ? value_cell(json_object_get(json_object_get(trial, "values"), key))
                     : qsti_cell_name(last_part(key));
    }
    switch (column - n_keys) {
    case 1:
        return trial ? accuracy_cell(trial) : qsti_cell_of("validation accuracy");
    case 2:
        if (trial && isnan(qsti_page_number(trial, "cross_entropy")))
            return qsti_cell_of("%s", "");
        return trial ? qsti_cell_of("%.4f", qsti_page_number(trial, "cross_entropy")) : qsti_cell_of("cross-entropy");
    case 3:
        return trial ? behind_cell(trial) : qsti_cell_of("behind");
    default:
        if (!halving)
            return qsti_cell_of("%s", "");
        return trial ? value_cell(json_object_get(trial, "epochs")) : qsti_cell_of("epochs");
    }
}

static void add_table(qsti_text *page, const json_t *result)
{
    const json_t *trials = json_object_get(result, "trials");
    size_t n_keys = json_array_size(json_object_get(result, "keys")), n_trials = json_array_size(trials);
    size_t n_columns = n_keys + 5, n_shown = n_trials < MAX_SHOWN ? n_trials : MAX_SHOWN;
    for (size_t row = 0; row <= n_shown; row++) {
        const json_t *trial = row ? json_array_get(trials, row - 1) : NULL;
        qsti_text_add(page, " ");
        for (size_t column = 0; column < n_columns; column++) {
            size_t width = 0;
            for (size_t r = 0; r <= n_shown; r++) {
                qsti_cell other = table_cell(result, r ? json_array_get(trials, r - 1) : NULL, column);
                width = wider(width, &other);
            }
            qsti_cell cell = table_cell(result, trial, column);
            qsti_text_add(page, width ? "  " : "");
            qsti_page_add_cell(page, &cell, width, column == 0 || column > n_keys + 1);
        }
        qsti_text_add(page, "\n");
    }
    if (n_shown < n_trials)
        qsti_text_add(page, "  ... and %zu more in trials.csv\n", n_trials - n_shown);
}

/* --- the heat map ------------------------------------------------------------------------------------------------- */

/* Which of five shades: the lowest of the map to the highest. */
static const char *shade(double value, double low, double high)
{
    static const char *const shades[] = {"  ", "\u2591\u2591", "\u2592\u2592", "\u2593\u2593", "\u2588\u2588"};
    if (isnan(value))
        return "  ";
    size_t level = high > low ? (size_t)(4.999 * (value - low) / (high - low)) : 4;
    return shades[level > 4 ? 4 : level];
}

static double heat(const json_t *map, size_t row, size_t column)
{
    const json_t *value = json_array_get(json_array_get(json_object_get(map, "accuracy"), row), column);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static qsti_cell heat_cell(const json_t *map, size_t row, size_t column, double low, double high)
{
    double value = heat(map, row, column);
    if (isnan(value))
        return qsti_cell_of("%s", "");
    return qsti_cell_of("%s %.2f%s", shade(value, low, high), 100 * value, value == high ? "*" : " ");
}

static void add_heat_title(qsti_text *page, const json_t *map)
{
    const json_t *over = json_object_get(map, "best_over");
    const char *columns = qsti_page_string(map, "columns");
    qsti_text_add(page, "\n  validation accuracy, %%: %s down%s%s%s", qsti_page_string(map, "rows"),
                  *columns ? ", " : "", columns, *columns ? " across" : "");
    for (size_t i = 0; i < json_array_size(over); i++)
        qsti_text_add(page, "%s%s", i == 0 ? "; the best over " : ", ",
                      last_part(json_string_value(json_array_get(over, i))));
    qsti_text_add(page, "\n");
}

static void add_heat_map(qsti_text *page, const json_t *map)
{
    const json_t *rows = json_object_get(map, "row_labels"), *columns = json_object_get(map, "column_labels");
    size_t n_rows = json_array_size(rows), n_columns = columns ? json_array_size(columns) : 1, label = 0, width = 10;
    double low = INFINITY, high = -INFINITY;
    if (n_columns > MAX_COLUMNS)
        return;
    for (size_t r = 0; r < n_rows; r++) {
        qsti_cell name = value_cell(json_array_get(rows, r));
        label = wider(label, &name);
        for (size_t c = 0; c < n_columns; c++) {
            double value = heat(map, r, c);
            low = value < low ? value : low;
            high = value > high ? value : high;
        }
    }
    add_heat_title(page, map);
    for (size_t c = 0; columns && c < n_columns; c++) {
        qsti_cell name = value_cell(json_array_get(columns, c));
        width = wider(width, &name);
    }
    for (size_t r = columns ? 0 : 1; r <= n_rows; r++) {
        qsti_cell name = r ? value_cell(json_array_get(rows, r - 1)) : qsti_cell_of("%s", "");
        qsti_text_add(page, "  ");
        qsti_page_add_cell(page, &name, label, true);
        for (size_t c = 0; c < n_columns; c++) {
            qsti_cell cell = r ? heat_cell(map, r - 1, c, low, high) : value_cell(json_array_get(columns, c));
            qsti_text_add(page, "  ");
            qsti_page_add_cell(page, &cell, width, true);
        }
        qsti_text_add(page, "\n");
    }
}

/* --- the page ----------------------------------------------------------------------------------------------------- */

qst_status qsti_tune_page(qst_ctx *ctx, const json_t *result, const char *folder, char **out_text)
{
    qsti_text page, line;
    const json_t *map = json_object_get(result, "heat_map");
    size_t n_trials = json_array_size(json_object_get(result, "trials"));
    size_t seeds = (size_t)qsti_page_number(result, "seeds");
    qsti_text_init(&page, ctx);
    qsti_text_init(&line, ctx);
    qsti_text_add(&page,
                  "%s \u00b7 %s search \u00b7 %zu trials \u00b7 %zu seed%s \u00b7 judged on %.0f validation rows\n\n",
                  qsti_page_string(result, "name"), qsti_page_string(result, "search"), n_trials, seeds,
                  seeds == 1 ? "" : "s", qsti_page_number(result, "validation_rows"));
    add_table(&page, result);
    if (map != NULL)
        add_heat_map(&page, map);
    qsti_text_add(&page, "\n");
    qsti_text_add(&line,
                  "Intervals are 95 %% over seeds; behind: points behind the best, ~ where the paired interval "
                  "reaches 0. The best of many is chosen on these rows, so its accuracy flatters it: qstill run "
                  "%s/best.yaml measures it on the test rows",
                  folder);
    qsti_page_finish(&page, &line, 2, 0);
    if (page.status != QST_OK) {
        qst_status status = page.status;
        qsti_text_clear(&page);
        return status;
    }
    *out_text = page.bytes;
    return QST_OK;
}

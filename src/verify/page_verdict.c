/* page_verdict.c: the lower half of a report's page: who did better than whom, the conditions, the warnings. */
#include <math.h>
#include <string.h>

#include "verify/page_text.h"
#include "verify/report_parts.h"

/* --- verdicts ----------------------------------------------------------------------------------------------------- */

/* "+0.4 points [-0.6, +1.4]" of a comparison whose sign is turned where `sign` is -1. */
static qsti_cell difference_cell(const json_t *comparison, double sign)
{
    double points = qsti_page_number(comparison, "points"), lo = qsti_page_number(comparison, "ci.0"),
           hi = qsti_page_number(comparison, "ci.1");
    if (isnan(points)) {
        return qsti_cell_of("-");
    }
    qsti_cell middle = qsti_cell_signed(sign * points);
    if (isnan(lo) || isnan(hi)) {
        return qsti_cell_of("%s points", middle.text);
    }
    qsti_cell low = qsti_cell_signed(sign > 0 ? lo : -hi), high = qsti_cell_signed(sign > 0 ? hi : -lo);
    return qsti_cell_of("%s points [%s, %s]", middle.text, low.text, high.text);
}

static qsti_cell within_cell(const json_t *drop)
{
    double within = qsti_page_number(drop, "within_points");
    if (isnan(within)) {
        return qsti_cell_of("%s", "");
    }
    if (within > 0)
        return qsti_cell_of("within %.1f points", ceil(within * 10) / 10);
    return qsti_cell_of(within < 0 ? "above the teacher" : "not below the teacher");
}

static void add_comparison(qsti_text *page, qsti_cell name, const char *against, qsti_cell difference,
                           qsti_cell verdict, size_t name_width)
{
    qsti_cell pair = qsti_cell_of("student against %s", against);
    qsti_text_add(page, "  ");
    qsti_page_add_cell(page, &name, name_width, false);
    qsti_text_add(page, "%s", name_width ? "   " : "");
    qsti_page_add_cell(page, &pair, sizeof "student against teacher" - 1, false);
    qsti_text_add(page, "  ");
    qsti_page_add_cell(page, &difference, verdict.text[0] ? sizeof "+10.0 points [-10.0, +10.0]" - 1 : 0, false);
    qsti_text_add(page, "%s%s\n", verdict.text[0] ? "  " : "", verdict.text);
}

/* "chosen on validation: T 1, alpha 0.9 (4 seeds); T 2, alpha 0.5 (1 seed)" */
static void add_choice(qsti_text *page, const json_t *setting, size_t indent)
{
    const json_t *grid = json_object_get(setting, "grid"), *cells = json_object_get(grid, "cells");
    if (!json_is_true(json_object_get(grid, "temperature_searched")) &&
        !json_is_true(json_object_get(grid, "alpha_searched"))) {
        return;
    }
    qsti_text line;
    qsti_text_init(&line, page->ctx);
    const char *separator = "chosen on validation: ";
    for (size_t i = 0; i < json_array_size(cells); i++) {
        const json_t *chosen = json_array_get(cells, i);
        double times = qsti_page_number(chosen, "chosen");
        if (times > 0) {
            qsti_text_add(&line, "%sT %g, alpha %g (%.0f seed%s)", separator, qsti_page_number(chosen, "temperature"),
                          qsti_page_number(chosen, "alpha"), times, times == 1 ? "" : "s");
            separator = "; ";
        }
    }
    qsti_page_finish(page, &line, indent, 2);
}

void qsti_page_add_verdicts(qsti_text *page, const json_t *settings)
{
    size_t n_settings = json_array_size(settings), name_width = 0;
    for (size_t i = 0; n_settings > 1 && i < n_settings; i++) {
        qsti_cell name = qsti_cell_name(qsti_page_string(json_array_get(settings, i), "name"));
        size_t width = qsti_page_width(name.text, strlen(name.text));
        name_width = width > name_width ? width : name_width;
    }
    for (size_t i = 0; i < n_settings; i++) {
        const json_t *setting = json_array_get(settings, i);
        const json_t *gain = json_object_get(setting, "gain"), *over_floor = json_object_get(setting, "over_floor"),
                     *drop = json_object_get(setting, "drop");
        qsti_cell name = n_settings > 1 ? qsti_cell_name(qsti_page_string(setting, "name")) : qsti_cell_of("%s", "");
        qsti_cell nameless = qsti_cell_of("%s", "");
        if (json_is_object(json_object_get(setting, "control"))) {
            add_comparison(page, name, "control", difference_cell(gain, 1), qsti_cell_verdict(gain), name_width);
            name = nameless;
        }
        if (json_is_object(json_object_get(setting, "floor"))) {
            add_comparison(page, name, "floor", difference_cell(over_floor, 1), qsti_cell_verdict(over_floor),
                           name_width);
        } else {
            add_comparison(page, name, "floor", qsti_cell_of("no floor was fitted"), nameless, name_width);
        }
        name = nameless;
        if (json_is_object(json_object_get(setting, "teacher"))) {
            add_comparison(page, name, "teacher", difference_cell(drop, -1), within_cell(drop), name_width);
        }
        add_choice(page, setting, name_width ? name_width + 5 : 2);
    }
}

/* --- conditions and warnings -------------------------------------------------------------------------------------- */

static void add_bound(qsti_text *line, const json_t *requirement, const char *key, const char *sign)
{
    double bound = qsti_page_number(requirement, key);
    if (!isnan(bound)) {
        qsti_text_add(line, " %s %g", sign, bound);
    }
}

void qsti_page_add_requirements(qsti_text *page, const json_t *report)
{
    const json_t *requirements = json_object_get(report, "requirements");
    for (size_t i = 0; i < json_array_size(requirements); i++) {
        const json_t *requirement = json_array_get(requirements, i), *values = json_object_get(requirement, "values");
        const char *setting = qsti_page_string(requirement, "setting"), *separator = ": ";
        qsti_text line;
        qsti_text_init(&line, page->ctx);
        qsti_text_add(&line, "required: %s%s%s", setting, *setting ? ": " : "", qsti_page_string(requirement, "path"));
        add_bound(&line, requirement, "minimum", "\u2265");
        add_bound(&line, requirement, "maximum", "\u2264");
        for (size_t v = 0; v < json_array_size(values); v++) {
            const json_t *value = json_array_get(values, v);
            qsti_text_add(&line, "%s%s", separator,
                          qsti_cell_of(json_is_number(value) ? "%.4g" : "none", json_number_value(value)).text);
            separator = ", ";
        }
        qsti_text_add(&line, " %s", json_is_true(json_object_get(requirement, "holds")) ? "holds" : "DOES NOT HOLD");
        qsti_text_add(page, "%s", i ? "" : "\n");
        qsti_page_finish(page, &line, 2, 2);
    }
}

void qsti_page_add_warnings(qsti_text *page, const json_t *report)
{
    const json_t *warnings = json_object_get(report, "warnings");
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        const char *warning = json_string_value(json_array_get(warnings, i));
        qsti_text line;
        qsti_text_init(&line, page->ctx);
        qsti_text_add(&line, "warning: %s", warning ? warning : "");
        qsti_text_add(page, "%s", i ? "" : "\n");
        qsti_page_finish(page, &line, 2, 2);
    }
}

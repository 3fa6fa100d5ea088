/* page_teaching.c: the lines of a report's page on what stands before the student: a teacher of several members or a
 * calibrated one, the chain from teacher to student, and what the teacher was asked beyond the dataset. */
#include <math.h>
#include <string.h>

#include "verify/page_text.h"
#include "verify/report_parts.h"

/* "assistant-1 (8 qubits) 94.2 %" */
static void add_model(qsti_text *line, const json_t *model, const char *name)
{
    double qubits = qsti_page_number(model, "size.qubits"), accuracy = qsti_page_number(model, "accuracy");
    qsti_text_add(line, "%s", name);
    if (qubits > 0) {
        qsti_text_add(line, " (%.0f qubit%s)", qubits, qubits == 1 ? "" : "s");
    }
    qsti_text_add(line, " %.1f %%", 100 * accuracy);
}

static void add_members(qsti_text *line, const json_t *setting)
{
    const json_t *members = json_object_get(setting, "members");
    size_t n = json_array_size(members);
    if (n > 1) {
        qsti_text_add(line, "teacher of %zu members:", n);
        for (size_t i = 0; i < n; i++) {
            double accuracy = qsti_page_number(json_array_get(members, i), "accuracy");
            qsti_text_add(line, "%s %.1f", i ? "," : "", 100 * accuracy);
        }
        qsti_text_add(line, " %% each");
    }
    double temperature = qsti_page_number(setting, "calibration");
    if (temperature > 0) {
        qsti_text_add(line, "%steacher calibrated at T = %.3g", line->length ? " \u00b7 " : "", temperature);
    }
}

static void add_chain(qsti_text *line, const json_t *setting)
{
    const json_t *chain = json_object_get(setting, "chain");
    size_t n = json_array_size(chain);
    if (n == 0) {
        return;
    }
    add_model(line, json_object_get(setting, "teacher"), "teacher");
    for (size_t i = 0; i < n; i++) {
        const json_t *model = json_array_get(chain, i);
        qsti_text_add(line, " \u2192 ");
        add_model(line, model, qsti_page_string(model, "name"));
    }
    qsti_text_add(line, " \u2192 ");
    add_model(line, json_object_get(setting, "student"), "student");
}

static void add_queries(qsti_text *line, const json_t *setting)
{
    static const char *const origins[QSTI_REPORT_QUERIES] = {"file", "mixup", "noise"};
    double asked = qsti_page_number(setting, "queries.asked"), wanted = qsti_page_number(setting, "queries.wanted");
    if (!(asked > 0)) {
        return;
    }
    qsti_text_add(line, "the teacher was asked %.0f further rows", asked);
    for (size_t o = 0, n = 0; o < QSTI_REPORT_QUERIES; o++) {
        qsti_cell path = qsti_cell_of("queries.%s", origins[o]);
        double of_origin = qsti_page_number(setting, path.text);
        if (of_origin > 0) {
            qsti_text_add(line, "%s %s %.0f", n++ ? "," : " in all seeds:", origins[o], of_origin);
        }
    }
    if (wanted > asked) {
        qsti_text_add(line, "; %.0f were wanted, the budget allowed no more", wanted);
    }
}

void qsti_page_add_teaching(qsti_text *page, const json_t *settings)
{
    typedef void add_fn(qsti_text *, const json_t *);
    static add_fn *const parts[] = {add_members, add_chain, add_queries};
    size_t n_settings = json_array_size(settings), before = page->length;
    for (size_t i = 0; i < n_settings; i++) {
        const json_t *setting = json_array_get(settings, i);
        for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
            qsti_text part, line;
            qsti_text_init(&part, page->ctx);
            qsti_text_init(&line, page->ctx);
            parts[p](&part, setting);
            if (part.length > 0 && n_settings > 1) {
                qsti_text_add(&line, "%s: ", qsti_cell_name(qsti_page_string(setting, "name")).text);
            }
            if (part.length > 0) {
                qsti_text_add(&line, "%s", part.bytes);
            }
            qsti_page_finish(page, &line, 2, 2);
            qsti_text_clear(&part);
        }
    }
    qsti_text_add(page, "%s", page->length > before ? "\n" : "");
}

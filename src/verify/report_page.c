/* report_page.c: a report as a page for people: who took part, how large and how good each is, and what may be said.
 *
 * Everything is read from the JSON, and what is missing or null is left out or shown as "-". Widths are counted in
 * characters. A line has at most 100 columns; only a longer single word (a path) passes them. Plain text, no colours.
 * The lower half is in page_verdict.c. */
#include <math.h>
#include <string.h>

#include "verify/page_text.h"
#include "verify/report_parts.h"

/* --- cells -------------------------------------------------------------------------------------------------------- */

static qsti_cell count_cell(double count)
{
    return isnan(count) ? qsti_cell_of("-") : qsti_cell_of("%.0f", count);
}

/* "288 + 370", quantum and classical apart; "90" of a model without quantum ones. */
static qsti_cell parameters_cell(const json_t *model)
{
    double quantum = qsti_page_number(model, "size.parameters.quantum"),
           classical = qsti_page_number(model, "size.parameters.classical");
    if (isnan(quantum) || isnan(classical)) {
        return qsti_cell_of("-");
    }
    return quantum > 0 ? qsti_cell_of("%.0f + %.0f", quantum, classical) : qsti_cell_of("%.0f", classical);
}

static qsti_cell agreement_cell(const json_t *model)
{
    double agreement = qsti_page_number(model, "agreement");
    return isnan(agreement) ? qsti_cell_of("%s", "") : qsti_cell_of("%.1f %%", 100 * agreement);
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

enum {
    COLUMN_MODEL,
    COLUMN_QUBITS,
    COLUMN_CX,
    COLUMN_DEPTH,
    COLUMN_PARAMETERS,
    COLUMN_ACCURACY,
    COLUMN_AGREEMENT,
    N_COLUMNS
};

typedef struct row {
    qsti_cell cells[N_COLUMNS];
} row;

static const struct {
    const char *title;
    bool to_the_right;
} columns[N_COLUMNS] = {{"", false},
                        {"qubits", true},
                        {"CX", true},
                        {"depth", true},
                        {"parameters", true},
                        {"accuracy", false},
                        {"agrees with teacher", false}};

static row model_row(qsti_cell title, const json_t *model, bool with_size)
{
    row result = {0};
    result.cells[COLUMN_MODEL] = title;
    if (with_size) {
        result.cells[COLUMN_QUBITS] = count_cell(qsti_page_number(model, "size.qubits"));
        result.cells[COLUMN_CX] = count_cell(qsti_page_number(model, "size.two_qubit_gates"));
        result.cells[COLUMN_DEPTH] = count_cell(qsti_page_number(model, "size.depth"));
        result.cells[COLUMN_PARAMETERS] = parameters_cell(model);
    }
    result.cells[COLUMN_ACCURACY] = qsti_cell_accuracy(model);
    result.cells[COLUMN_AGREEMENT] = agreement_cell(model);
    return result;
}

/* The rows of a setting, below its heading. Sizes, and a teacher, that are as in the first setting are not repeated. */
static size_t setting_rows(const json_t *setting, const json_t *first, bool below_heading, row *rows)
{
    size_t n = 0;
    for (int role = 0; role < QSTI_FIRST_FURTHER; role++) {
        const char *name = qsti_role_name((qsti_role)role);
        const json_t *model = json_object_get(setting, name), *before = json_object_get(first, name);
        bool same_size = json_equal(qsti_report_at(model, "size"), qsti_report_at(before, "size"));
        if (!json_is_object(model) || (role == QSTI_TEACHER && setting != first && json_equal(model, before))) {
            continue;
        }
        qsti_cell title = qsti_cell_of("%s%s", below_heading ? "  " : "", name);
        rows[n++] = model_row(title, model, setting == first || !same_size);
    }
    return n;
}

static void measure_rows(const row *rows, size_t n, size_t *widths)
{
    for (size_t i = 0; i < n; i++)
        qsti_page_widen(rows[i].cells, N_COLUMNS, widths);
}

static void add_row(qsti_text *page, const row *content, const size_t *widths, const char *gap)
{
    qsti_text_add(page, "  ");
    size_t last = 0;
    for (size_t c = 0; c < N_COLUMNS; c++) {
        last = content->cells[c].text[0] ? c : last;
    }
    for (size_t c = 0; c <= last; c++) {
        qsti_text_add(page, "%s", c ? gap : "");
        bool pad = c < last || columns[c].to_the_right;
        qsti_page_add_cell(page, content->cells + c, pad ? widths[c] : 0, columns[c].to_the_right);
    }
    qsti_text_add(page, "\n");
}

static void add_heading(qsti_text *page, const json_t *setting)
{
    double fraction = qsti_page_number(setting, "label_fraction"), noise = qsti_page_number(setting, "label_noise");
    qsti_text_add(page, "  %s", qsti_cell_name(qsti_page_string(setting, "name")).text);
    if (fraction < 1) {
        qsti_text_add(page, " \u00b7 %g %% of the labels", 100 * fraction);
    }
    if (noise > 0) {
        qsti_text_add(page, " \u00b7 %g %% of the labels are wrong", 100 * noise);
    }
    qsti_text_add(page, "\n");
}

static void add_tables(qsti_text *page, const json_t *settings)
{
    const json_t *first = json_array_get(settings, 0);
    size_t n_settings = json_array_size(settings), widths[N_COLUMNS] = {0};
    bool with_headings =
        n_settings > 1 || qsti_page_number(first, "label_fraction") < 1 || qsti_page_number(first, "label_noise") > 0;
    row header, rows[QSTI_FIRST_FURTHER];
    for (size_t c = 0; c < N_COLUMNS; c++) {
        header.cells[c] = qsti_cell_of("%s", columns[c].title);
    }
    measure_rows(&header, 1, widths);
    for (size_t i = 0; i < n_settings; i++) {
        measure_rows(rows, setting_rows(json_array_get(settings, i), first, with_headings, rows), widths);
    }
    size_t total = 2 + 3 * (N_COLUMNS - 1);
    for (size_t c = 0; c < N_COLUMNS; c++) {
        total += widths[c];
    }
    const char *gap = total > QSTI_PAGE_COLUMNS ? "  " : "   ";
    add_row(page, &header, widths, gap);
    for (size_t i = 0; i < n_settings; i++) {
        const json_t *setting = json_array_get(settings, i);
        if (with_headings) {
            add_heading(page, setting);
        }
        size_t n = setting_rows(setting, first, with_headings, rows);
        for (size_t r = 0; r < n; r++) {
            add_row(page, rows + r, widths, gap);
        }
    }
}

/* What the words and brackets of the table mean. */
static void add_legend(qsti_text *page, const json_t *report)
{
    bool many = qsti_page_number(report, "seeds") > 1;
    qsti_text line;
    qsti_text_init(&line, page->ctx);
    qsti_text_add(&line, "parameters: quantum + classical \u00b7 accuracy: on test rows%s, [95 %% interval]",
                  many ? ", mean over seeds" : "");
    if (json_is_object(json_object_get(report, "control"))) {
        qsti_text_add(&line, " \u00b7 control: same student, labels only");
    }
    if (json_is_object(json_object_get(report, "floor"))) {
        qsti_text_add(&line, " \u00b7 floor: logistic regression");
    }
    qsti_page_finish(page, &line, 2, 0);
}

/* --- the line at the end ------------------------------------------------------------------------------------------ */

/* "2.3", "2", "48" */
static qsti_cell ratio_cell(double ratio)
{
    qsti_cell number = ratio < 9.95 ? qsti_cell_of("%.1f", ratio) : qsti_cell_of("%.0f", ratio);
    size_t n = strlen(number.text);
    if (n > 2 && strcmp(number.text + n - 2, ".0") == 0) {
        number.text[n - 2] = '\0';
    }
    return number;
}

/* "2× fewer qubits"; nothing where one side is unknown or the teacher has none. */
static void add_ratio(qsti_text *line, const json_t *compression, const char *path, const char *part, const char *what)
{
    qsti_cell of_teacher = qsti_cell_of("%s.teacher%s", path, part),
              of_student = qsti_cell_of("%s.student%s", path, part);
    double teacher = qsti_page_number(compression, of_teacher.text),
           student = qsti_page_number(compression, of_student.text);
    if (!(teacher > 0) || isnan(student)) {
        return;
    }
    qsti_text_add(line, "%s", line->length ? ", " : "");
    if (student == 0) {
        qsti_text_add(line, "no %s", what);
    } else if (student == teacher) {
        qsti_text_add(line, "as many %s", what);
    } else {
        double ratio = student < teacher ? teacher / student : student / teacher;
        qsti_text_add(line, "%s\u00d7 %s %s", ratio_cell(ratio).text, student < teacher ? "fewer" : "more", what);
    }
}

static void add_end(qsti_text *page, const json_t *report)
{
    const json_t *compression = json_object_get(report, "compression");
    const char *folder = qsti_page_string(report, "machine.folder");
    double seconds = qsti_page_number(report, "time_s.run"), training = qsti_page_number(report, "time_s.training");
    qsti_text line;
    qsti_text_init(&line, page->ctx);
    add_ratio(&line, compression, "qubits", "", "qubits");
    add_ratio(&line, compression, "two_qubit_gates", "", "CX");
    add_ratio(&line, compression, "parameters", ".quantum", "quantum parameters");
    add_ratio(&line, compression, "parameters", ".classical", "classical parameters");
    if (!isnan(seconds)) {
        qsti_text_add(&line, "%s%.*f s", line.length ? " \u00b7 " : "", seconds < 10 ? 1 : 0, seconds);
    }
    if (training > 0) {
        qsti_text_add(&line, ", %.*f s of it training", training < 10 ? 1 : 0, training);
    }
    if (*folder) {
        size_t n = strlen(folder);
        qsti_text_add(&line, "%s%s%sreport.json", line.length ? " \u00b7 " : "", folder,
                      folder[n - 1] == '/' ? "" : "/");
    }
    qsti_text_add(page, "%s", line.length ? "\n" : "");
    qsti_page_finish(page, &line, 2, 0);
}

/* --- the page ----------------------------------------------------------------------------------------------------- */

/* "name · data: inputs · 5 seeds · 2 threads, AVX-512" */
static void add_title(qsti_text *page, const json_t *report)
{
    double seeds = qsti_page_number(report, "seeds"), threads = qsti_page_number(report, "machine.threads");
    const char *isa = qsti_page_string(report, "machine.isa"), *inputs = qsti_page_string(report, "data.inputs");
    qsti_text line;
    qsti_text_init(&line, page->ctx);
    qsti_text_add(&line, "%s \u00b7 %s%s%s \u00b7 %.0f seed%s", qsti_page_string(report, "name"),
                  qsti_page_string(report, "data.name"), *inputs ? ": " : "", inputs, seeds, seeds == 1 ? "" : "s");
    if (!isnan(threads)) {
        qsti_text_add(&line, " \u00b7 %.0f thread%s%s%s", threads, threads == 1 ? "" : "s", *isa ? ", " : "", isa);
    }
    qsti_page_finish(page, &line, 0, 2);
}

static qst_status check_format(qst_ctx *ctx, const json_t *report)
{
    static const char prefix[] = "qstill-report/";
    const char *format = qsti_page_string(report, "format");
    if (strcmp(format, QSTI_REPORT_FORMAT) == 0) {
        return QST_OK;
    }
    if (strncmp(format, prefix, sizeof prefix - 1) == 0) {
        return qsti_fail(ctx, QST_ERR_DAMAGED, "format: \"%s\" was written by a newer release; this one reads %s",
                         format, QSTI_REPORT_FORMAT);
    }
    return qsti_fail(ctx, QST_ERR_INPUT, "format: \"%s\" is not %s", format, QSTI_REPORT_FORMAT);
}

qst_status qsti_report_page(qst_ctx *ctx, const json_t *report, char **out_text)
{
    const json_t *settings = json_object_get(report, "settings");
    qst_status status = check_format(ctx, report);
    if (status != QST_OK) {
        return status;
    }
    if (json_array_size(settings) == 0) {
        return qsti_fail(ctx, QST_ERR_INPUT, "settings: expected a list with at least one entry");
    }
    qsti_text page;
    qsti_text_init(&page, ctx);
    add_title(&page, report);
    qsti_text_add(&page, "\n");
    add_tables(&page, settings);
    add_legend(&page, report);
    qsti_text_add(&page, "\n");
    qsti_page_add_teaching(&page, settings);
    qsti_page_add_verdicts(&page, settings);
    qsti_page_add_controls(&page, settings);
    qsti_page_add_device(&page, settings);
    add_end(&page, report);
    qsti_page_add_requirements(&page, report);
    qsti_page_add_warnings(&page, report);
    status = page.status;
    if (status != QST_OK) {
        qsti_text_clear(&page);
        return status;
    }
    *out_text = page.bytes;
    return QST_OK;
}

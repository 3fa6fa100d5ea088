/* page_device.c: what a report's page says of the device: a table of models and conditions, where the circuits stand,
 * who is ahead there, and from which strength of the noise on the student is.
 */
#include <math.h>
#include <string.h>

#include "verify/page_text.h"
#include "verify/report_parts.h"

#define N_ROLES 4
static const struct {
    const char *key;
} roles[N_ROLES] = {{"teacher"}, {"student"}, {"control"}, {"noise_unaware"}};

enum { COLUMN_MODEL, COLUMN_FIRST_CONDITION, COLUMN_CORRECTED = COLUMN_FIRST_CONDITION + QSTI_COLUMN_COUNT };
enum { COLUMN_AGREES = COLUMN_CORRECTED + 1, N_COLUMNS };

typedef struct row {
    qsti_cell cells[N_COLUMNS];
} row;

static const json_t *role_of(const json_t *device, size_t role)
{
    return json_object_get(device, roles[role].key);
}

/* "71.2 ± 2.1": a mean and half of its interval. */
static qsti_cell spread_cell(const json_t *object, const char *key)
{
    qsti_cell low = qsti_cell_of("%s_ci.0", key), high = qsti_cell_of("%s_ci.1", key);
    double mean = qsti_page_number(object, key), lo = qsti_page_number(object, low.text),
           hi = qsti_page_number(object, high.text);
    if (isnan(mean))
        return qsti_cell_of("-");
    if (isnan(lo) || isnan(hi))
        return qsti_cell_of("%.1f", 100 * mean);
    return qsti_cell_of("%.1f \u00b1 %.1f", 100 * mean, 50 * (hi - lo));
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

static row header_row(const json_t *device)
{
    bool from_shots = qsti_page_number(device, "circuit_shots") > 0;
    return (row){{qsti_cell_of("on the device"), qsti_cell_of("ideal"),
                  qsti_cell_of(from_shots ? "shots only" : "exact values"), qsti_cell_of("device"),
                  qsti_cell_of("mitigated"), qsti_cell_of("corrected"), qsti_cell_of("agrees")}};
}

static row model_row(const json_t *device, size_t role)
{
    const json_t *model = role_of(device, role), *noisy = json_object_get(model, "device");
    row result = {{qsti_cell_of("%s", roles[role].key)}};
    for (int c = 0; c < QSTI_COLUMN_COUNT; c++)
        result.cells[COLUMN_FIRST_CONDITION + c] =
            spread_cell(json_object_get(model, qsti_column_name((qsti_column)c)), "accuracy");
    result.cells[COLUMN_CORRECTED] = spread_cell(noisy, "corrected_accuracy");
    result.cells[COLUMN_AGREES] = spread_cell(noisy, "agreement");
    return result;
}

static void add_row(qsti_text *page, const row *content, const size_t *widths)
{
    for (size_t c = 0; c < N_COLUMNS; c++) {
        qsti_text_add(page, "  ");
        qsti_page_add_cell(page, content->cells + c, c + 1 < N_COLUMNS ? widths[c] : 0, false);
    }
    qsti_text_add(page, "\n");
}

static void add_table(qsti_text *page, const json_t *device)
{
    row rows[N_ROLES + 1] = {header_row(device)};
    size_t n = 1, widths[N_COLUMNS] = {0};
    for (size_t r = 0; r < N_ROLES; r++)
        if (json_is_object(role_of(device, r)))
            rows[n++] = model_row(device, r);
    for (size_t i = 0; i < n; i++)
        qsti_page_widen(rows[i].cells, N_COLUMNS, widths);
    for (size_t i = 0; i < n; i++)
        add_row(page, rows + i, widths);
}

/* What the device is, and what the words of the table mean. */
static void add_legend(qsti_text *page, const json_t *device)
{
    double n_qubits = qsti_page_number(device, "qubits"), shots = qsti_page_number(device, "circuit_shots");
    const json_t *scales = qsti_report_at(device, "mitigation.scales");
    bool readout = json_is_true(qsti_report_at(device, "mitigation.readout"));
    qsti_text line;
    qsti_text_init(&line, page->ctx);
    qsti_text_add(&line, "device: %s", qsti_page_string(device, "name"));
    if (!isnan(n_qubits))
        qsti_text_add(&line, ", %.0f qubits", n_qubits);
    if (shots > 0)
        qsti_text_add(&line, ", %.0f shots a circuit", shots);
    qsti_text_add(&line, " \u00b7 accuracy on test rows in %%, \u00b1 half of the 95 %% interval \u00b7 mitigated: %s",
                  readout ? "errors of readout undone" : "");
    if (json_array_size(scales) > 0)
        qsti_text_add(&line, "%szero-noise extrapolation from ", readout ? "; " : "");
    for (size_t i = 0; i < json_array_size(scales); i++)
        qsti_text_add(&line, "%s%g", i > 0 ? ", " : "", json_number_value(json_array_get(scales, i)));
    if (!readout && json_array_size(scales) == 0)
        qsti_text_add(&line, "nothing");
    qsti_text_add(&line, " \u00b7 corrected: on the device, through a line for each score, fitted on validation \u00b7 "
                         "agrees: on the device, with the teacher without noise");
    if (json_is_object(json_object_get(device, "noise_unaware")))
        qsti_text_add(&line, " \u00b7 noise_unaware: same student, trained without noise");
    qsti_page_finish(page, &line, 2, 0);
}

/* --- placement ---------------------------------------------------------------------------------------------------- */

/* "student: qubits 0 1 3, depth 40, 12 gates on two qubits, 3.2 us, expected fidelity 0.87 (best of 24)" */
static void add_placement(qsti_text *page, const json_t *device, size_t role)
{
    const json_t *placement = json_object_get(role_of(device, role), "placement");
    const json_t *qubits = json_object_get(placement, "qubits");
    if (!json_is_object(placement))
        return;
    qsti_text line;
    qsti_text_init(&line, page->ctx);
    qsti_text_add(&line, "%s: qubits", roles[role].key);
    for (size_t i = 0; i < json_array_size(qubits); i++)
        qsti_text_add(&line, " %lld", (long long)json_integer_value(json_array_get(qubits, i)));
    double pairs = qsti_page_number(placement, "two_qubit_gates");
    qsti_text_add(&line, ", depth %.0f, %.0f gate%s on two qubits", qsti_page_number(placement, "depth"), pairs,
                  pairs == 1 ? "" : "s");
    double exchanges = qsti_page_number(placement, "exchanges"), time = qsti_page_number(placement, "duration_ns");
    if (exchanges > 0)
        qsti_text_add(&line, ", %.0f exchange%s", exchanges, exchanges == 1 ? "" : "s");
    if (time > 0)
        qsti_text_add(&line, ", %.3g us", time / 1000);
    double compared = qsti_page_number(placement, "compared");
    bool complete = json_is_true(json_object_get(placement, "complete"));
    qsti_text_add(&line, ", expected fidelity %.3g", qsti_page_number(placement, "fidelity"));
    if (compared > 1)
        qsti_text_add(&line, ", %s of %.0f placements", complete ? "best" : "best found", compared);
    qsti_page_finish(page, &line, 2, 2);
}

/* --- who is ahead ------------------------------------------------------------------------------------------------- */

/* "+12.3 points [+8.0, +16.6]" */
static qsti_cell points_cell(const json_t *comparison, double sign)
{
    double points = qsti_page_number(comparison, "points"), lo = qsti_page_number(comparison, "ci.0"),
           hi = qsti_page_number(comparison, "ci.1");
    qsti_cell middle = qsti_cell_signed(sign * points);
    if (isnan(lo) || isnan(hi))
        return qsti_cell_of("%s points", middle.text);
    qsti_cell low = qsti_cell_signed(sign > 0 ? lo : -hi), high = qsti_cell_signed(sign > 0 ? hi : -lo);
    return qsti_cell_of("%s points [%s, %s]", middle.text, low.text, high.text);
}

static void add_comparisons(qsti_text *page, const json_t *device)
{
    static const struct {
        const char *key, *words;
        double sign;
    } lines[] = {{"over_teacher", "student against teacher", 1},
                 {"over_noise_unaware", "student against noise_unaware", 1},
                 {"over_control", "student against control", 1},
                 {"teacher_loss", "teacher, from ideal to device", -1},
                 {"student_loss", "student, from ideal to device", -1}};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const json_t *comparison = json_object_get(device, lines[i].key);
        if (!json_is_object(comparison))
            continue;
        qsti_cell words = qsti_cell_of("%s", lines[i].words), points = points_cell(comparison, lines[i].sign);
        qsti_cell verdict = qsti_cell_verdict(comparison);
        qsti_text_add(page, "  ");
        qsti_page_add_cell(page, &words, sizeof "student against noise_unaware" - 1, false);
        qsti_text_add(page, "  ");
        qsti_page_add_cell(page, &points, verdict.text[0] ? sizeof "+10.0 points [-10.0, +10.0]" - 1 : 0, false);
        qsti_text_add(page, "%s%s\n", verdict.text[0] ? "  " : "", verdict.text);
    }
}

/* "outputs, squared distance from the teacher's, without that of the shots: ideal 0.01, shots 0.01, ..." */
static void add_distances(qsti_text *page, const json_t *device)
{
    const json_t *student = json_object_get(device, "student");
    if (isnan(qsti_page_number(student, "device.distance")))
        return;
    qsti_text line;
    qsti_text_init(&line, page->ctx);
    qsti_text_add(&line, "student's outputs, mean squared distance from the teacher's in the same column, without what "
                         "shots add:");
    for (int c = 0; c < QSTI_COLUMN_COUNT; c++) {
        const json_t *column = json_object_get(student, qsti_column_name((qsti_column)c));
        qsti_text_add(&line, "%s%s %.3g", c > 0 ? ", " : " ", qsti_column_name((qsti_column)c),
                      qsti_page_number(column, "distance_corrected"));
        if (c > QSTI_IDEAL)
            qsti_text_add(&line, " (with %.3g)", qsti_page_number(column, "distance"));
    }
    qsti_page_finish(page, &line, 2, 2);
}

/* "strength of the noise 0: teacher 95.1, student 94.0 · 0.5: ..." */
static void add_curves(qsti_text *page, const json_t *device)
{
    const json_t *teacher = qsti_report_at(device, "teacher.curve"), *student = qsti_report_at(device, "student.curve");
    qsti_text line;
    qsti_text_init(&line, page->ctx);
    for (size_t i = 0; i < json_array_size(student); i++) {
        const json_t *point = json_array_get(student, i), *other = json_array_get(teacher, i);
        qsti_text_add(&line, "%s%g: ", i > 0 ? " \u00b7 " : "noise of strength ", qsti_page_number(point, "strength"));
        if (json_is_object(other))
            qsti_text_add(&line, "teacher %.1f, ", 100 * qsti_page_number(other, "accuracy"));
        qsti_text_add(&line, "student %.1f", 100 * qsti_page_number(point, "accuracy"));
    }
    qsti_page_finish(page, &line, 2, 2);
}

static void add_crossover(qsti_text *page, const json_t *device)
{
    double strength = qsti_page_number(device, "crossover.strength"),
           depth = qsti_page_number(device, "crossover.depth");
    bool throughout = strcmp(qsti_page_string(device, "crossover.found"), "ahead throughout") == 0;
    if (json_array_size(qsti_report_at(device, "teacher.curve")) == 0)
        return;
    qsti_text line;
    qsti_text_init(&line, page->ctx);
    if (isnan(strength)) {
        qsti_text_add(&line, "crossover: none, the student is not ahead at the largest strength");
    } else if (throughout) {
        qsti_text_add(&line, "crossover: none, the student is ahead at every strength");
    } else {
        qsti_text_add(&line, "crossover: the student is ahead from strength %.2g on", strength);
        if (!isnan(depth))
            qsti_text_add(&line, ": a teacher of depth %.0f on this device", depth);
    }
    qsti_page_finish(page, &line, 2, 2);
}

/* --- the block ---------------------------------------------------------------------------------------------------- */

void qsti_page_add_device(qsti_text *page, const json_t *settings)
{
    size_t n_settings = json_array_size(settings);
    for (size_t i = 0; i < n_settings; i++) {
        const json_t *setting = json_array_get(settings, i), *device = json_object_get(setting, "device");
        if (!json_is_object(device))
            continue;
        qsti_text_add(page, "\n");
        if (n_settings > 1)
            qsti_text_add(page, "  %s\n", qsti_cell_name(qsti_page_string(setting, "name")).text);
        add_table(page, device);
        add_legend(page, device);
        for (size_t r = 0; r < 2; r++)
            add_placement(page, device, r);
        add_comparisons(page, device);
        add_distances(page, device);
        add_curves(page, device);
        add_crossover(page, device);
    }
}

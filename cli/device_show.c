/* device_show.c: `qstill device show`: a calibration for people, or as JSON. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "device_input.h"

/* --- sums over entries of one gate -------------------------------------------------------------------------------- */

typedef struct gate_sum {
    const char *name;
    size_t n_entries, n_dead;
    double error, least, most, time_ns; /* of entries that work: median, smallest, largest; median */
} gate_sum;

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* NaN of none. Sorts the values. */
static double median(double *values, size_t n)
{
    if (n == 0) {
        return NAN;
    }
    qsort(values, n, sizeof *values, compare_doubles);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* values has room for two numbers an entry. */
static gate_sum sum_gate(const qst_device *device, size_t n_gates, const char *name, double *values)
{
    const qst_device_gate *gates = qst_device_gates(device);
    gate_sum sum = {.name = name};
    size_t n_errors = 0, n_times = 0;
    double *errors = values, *times = values + n_gates;
    for (size_t g = 0; g < n_gates; g++) {
        if (strcmp(gates[g].name, name) != 0) {
            continue;
        }
        bool dead = qst_device_gate_dead(device, g);
        sum.n_entries++;
        sum.n_dead += dead;
        if (!dead && !isnan(gates[g].error)) {
            errors[n_errors++] = gates[g].error;
        }
        if (!isnan(gates[g].time_ns)) {
            times[n_times++] = gates[g].time_ns;
        }
    }
    sum.error = median(errors, n_errors);
    sum.least = n_errors ? errors[0] : NAN;
    sum.most = n_errors ? errors[n_errors - 1] : NAN;
    sum.time_ns = median(times, n_times);
    return sum;
}

/* The gates by name, in the order of the file, on the heap. */
static qst_status sum_gates(cli_session *session, const qst_device *device, gate_sum **out, size_t *out_n)
{
    qst_device_info info;
    qst_device_describe(device, &info);
    const qst_device_gate *gates = qst_device_gates(device);
    double *values = calloc(2 * info.n_gates + 1, sizeof *values);
    gate_sum *sums = calloc(info.n_gates + 1, sizeof *sums);
    size_t n = 0;
    if (values == NULL || sums == NULL) {
        free(values);
        free(sums);
        return cli_fail(&session->message, QST_ERR_MEMORY, "out of memory");
    }
    for (size_t g = 0; g < info.n_gates; g++) {
        bool is_new = true;
        for (size_t s = 0; s < n && is_new; s++) {
            is_new = sums[s].name != gates[g].name; /* a name is the same text in all entries */
        }
        if (is_new) {
            sums[n++] = sum_gate(device, info.n_gates, gates[g].name, values);
        }
    }
    free(values);
    *out = sums;
    *out_n = n;
    return QST_OK;
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static void print_member(cli_result *out, const char *name, double value)
{
    cli_print(out, ", \"%s\": ", name);
    cli_print_number(out, value);
}

static void print_text_member(cli_result *out, const char *before, const char *name, const char *value)
{
    cli_print(out, "%s\"%s\": ", before, name);
    if (value[0] == '\0') {
        cli_print(out, "null");
    } else {
        cli_print_json_string(out, value);
    }
}

static void print_json_qubits(cli_result *out, const qst_device *device, const qst_device_info *info)
{
    const qst_device_qubit *qubits = qst_device_qubits(device);
    for (size_t q = 0; q < info->n_qubits; q++) {
        cli_print(out, "%s\n  {\"index\": %zu", q ? "," : "", q);
        print_text_member(out, ", ", "id", qubits[q].id);
        print_member(out, "t1_ns", qubits[q].t1_ns);
        print_member(out, "t2_ns", qubits[q].t2_ns);
        print_member(out, "frequency_hz", qubits[q].frequency_hz);
        print_member(out, "m1p0", qubits[q].m1p0);
        print_member(out, "m0p1", qubits[q].m0p1);
        print_member(out, "readout_error", qubits[q].readout_error);
        cli_print(out, ", \"operational\": %s}", qubits[q].operational ? "true" : "false");
    }
}

static void print_json_edges(cli_result *out, const qst_device *device, const qst_device_info *info)
{
    const qst_device_edge *edges = qst_device_edges(device);
    for (size_t e = 0; e < info->n_edges; e++) {
        const qst_device_gate *gate = edges[e].gate == SIZE_MAX ? NULL : &qst_device_gates(device)[edges[e].gate];
        cli_print(out, "%s\n  {\"qubits\": [%zu, %zu], \"directions\": [", e ? "," : "", edges[e].a, edges[e].b);
        if (edges[e].forward) {
            cli_print(out, "[%zu, %zu]%s", edges[e].a, edges[e].b, edges[e].backward ? ", " : "");
        }
        if (edges[e].backward) {
            cli_print(out, "[%zu, %zu]", edges[e].b, edges[e].a);
        }
        print_text_member(out, "], ", "gate", gate ? gate->name : "");
        print_member(out, "error", gate ? gate->error : NAN);
        print_member(out, "time_ns", gate ? gate->time_ns : NAN);
        cli_print(out, ", \"dead\": %s}", edges[e].dead ? "true" : "false");
    }
}

static void print_json_gates(cli_result *out, const gate_sum *sums, size_t n_sums)
{
    for (size_t s = 0; s < n_sums; s++) {
        cli_print(out, "%s\n  {\"name\": \"%s\", \"entries\": %zu, \"dead\": %zu", s ? "," : "", sums[s].name,
                  sums[s].n_entries, sums[s].n_dead);
        print_member(out, "error_median", sums[s].error);
        print_member(out, "error_min", sums[s].least);
        print_member(out, "error_max", sums[s].most);
        print_member(out, "time_ns_median", sums[s].time_ns);
        cli_print(out, "}");
    }
}

static void print_json(cli_result *out, const qst_device *device, const gate_sum *sums, size_t n_sums)
{
    qst_device_info info;
    qst_device_describe(device, &info);
    print_text_member(out, "{", "name", info.name);
    print_text_member(out, ", ", "kind", info.kind);
    print_text_member(out, ", ", "calibrated", info.calibrated);
    print_text_member(out, ",\n ", "sha256", info.sha256);
    cli_print(out, ",\n \"n_qubits\": %zu, \"n_edges\": %zu, \"n_gates\": %zu, \"max_shots\": ", info.n_qubits,
              info.n_edges, info.n_gates);
    cli_print_number(out, info.max_shots ? (double)info.max_shots : NAN);
    print_member(out, "dt_ns", info.dt_ns);
    cli_print(out, ",\n \"basis_gates\": [");
    for (size_t b = 0; b < info.n_basis; b++) {
        cli_print(out, "%s\"%s\"", b ? ", " : "", info.basis[b]);
    }
    cli_print(out, "],\n \"gates\": [");
    print_json_gates(out, sums, n_sums);
    cli_print(out, "],\n \"qubits\": [");
    print_json_qubits(out, device, &info);
    cli_print(out, "],\n \"edges\": [");
    print_json_edges(out, device, &info);
    cli_print(out, "]}\n");
}

/* --- the page ----------------------------------------------------------------------------------------------------- */

/* "-" where nothing is known. */
static void print_cell(cli_result *out, int width, const char *format, double value)
{
    char cell[40];
    snprintf(cell, sizeof cell, "-");
    if (!isnan(value)) {
        snprintf(cell, sizeof cell, format, value);
    }
    cli_print(out, "%*s", width, cell);
}

static void print_head(cli_result *out, const qst_device_info *info)
{
    cli_print(out, "%s  (%s%s%s)\n", info->name[0] ? info->name : "device", info->kind,
              info->calibrated[0] ? ", calibrated " : "", info->calibrated);
    cli_print(out, "%zu qubits, %zu edges, basis:", info->n_qubits, info->n_edges);
    for (size_t b = 0; b < info->n_basis; b++) {
        cli_print(out, " %s", info->basis[b]);
    }
    cli_print(out, "\n");
}

static void print_gates(cli_result *out, const gate_sum *sums, size_t n_sums)
{
    cli_print(out, "\n%-12s%8s%6s%12s%12s%12s%10s\n", "gate", "entries", "dead", "error", "smallest", "largest",
              "time/ns");
    for (size_t s = 0; s < n_sums; s++) {
        cli_print(out, "%-12s%8zu%6zu", sums[s].name, sums[s].n_entries, sums[s].n_dead);
        print_cell(out, 12, "%.3g", sums[s].error);
        print_cell(out, 12, "%.3g", sums[s].least);
        print_cell(out, 12, "%.3g", sums[s].most);
        print_cell(out, 10, "%.5g", sums[s].time_ns);
        cli_print(out, "\n");
    }
}

static void print_qubits(cli_result *out, const qst_device *device, const qst_device_info *info)
{
    const qst_device_qubit *qubits = qst_device_qubits(device);
    cli_print(out, "\n%5s  %-8s%11s%11s%10s%10s\n", "qubit", "name", "T1/us", "T2/us", "P(1|0)", "P(0|1)");
    for (size_t q = 0; q < info->n_qubits; q++) {
        double matrix[4];
        (void)qst_device_readout(device, q, QST_READOUT_MODEL_PROPERTIES, matrix); /* the qubit is there */
        bool is_known = !isnan(qubits[q].readout_error) || !isnan(qubits[q].m1p0 + qubits[q].m0p1);
        cli_print(out, "%5zu  %-8s", q, qubits[q].id);
        print_cell(out, 11, "%.1f", qubits[q].t1_ns / 1e3);
        print_cell(out, 11, "%.1f", qubits[q].t2_ns / 1e3);
        print_cell(out, 10, "%.4f", is_known ? matrix[1] : NAN);
        print_cell(out, 10, "%.4f", is_known ? matrix[2] : NAN);
        cli_print(out, "%s\n", qubits[q].operational ? "" : "  switched off");
    }
}

static void print_edges(cli_result *out, const qst_device *device, const qst_device_info *info)
{
    const qst_device_edge *edges = qst_device_edges(device);
    if (info->n_edges > 0) {
        cli_print(out, "\n%-12s%-12s%12s%10s\n", "edge", "gate", "error", "time/ns");
    }
    for (size_t e = 0; e < info->n_edges; e++) {
        const qst_device_gate *gate = edges[e].gate == SIZE_MAX ? NULL : &qst_device_gates(device)[edges[e].gate];
        char edge[48];
        const char *arrow = !edges[e].backward ? "->" : !edges[e].forward ? "<-" : "--";
        snprintf(edge, sizeof edge, "%zu %s %zu", edges[e].a, arrow, edges[e].b);
        cli_print(out, "%-12s%-12s", edge, gate ? gate->name : "-");
        print_cell(out, 12, "%.3g", gate ? gate->error : NAN);
        print_cell(out, 10, "%.5g", gate ? gate->time_ns : NAN);
        cli_print(out, "%s\n", gate == NULL ? "  not calibrated" : edges[e].dead ? "  dead" : "");
    }
}

static qst_status print_page(cli_session *session, const qst_device *device, const gate_sum *sums, size_t n_sums)
{
    cli_result *out = &session->out;
    qst_device_info info;
    char *drawing = NULL;
    size_t n_bytes = 0;
    qst_status status = qst_device_draw_text(device, &drawing, &n_bytes);
    if (status == QST_OK) {
        qst_device_describe(device, &info);
        print_head(out, &info);
        cli_print(out, "%s%s", n_bytes ? "\n" : "", drawing);
        print_gates(out, sums, n_sums);
        print_qubits(out, device, &info);
        print_edges(out, device, &info);
    }
    qst_device_text_free(device, drawing);
    return status;
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static qst_status write_svg(cli_session *session, const qst_device *device)
{
    char *svg = NULL;
    size_t n_bytes = 0;
    qst_status status = qst_device_draw_svg(device, &svg, &n_bytes);
    if (status == QST_OK) {
        status = qst_file_write(session->ctx, cli_text(&session->line, CLI_OPT_device_svg), svg, n_bytes);
    }
    qst_device_text_free(device, svg);
    return status;
}

qst_status cmd_device_show(cli_session *session)
{
    qst_device *device = NULL;
    gate_sum *sums = NULL;
    size_t n_sums = 0;
    qst_status status = QST_OK;
    CLI_TRY(cli_check_device_output(session, CLI_OPT_device_svg, ".svg"));
    CLI_TRY(cli_read_device(session, &device));
    if (cli_given(&session->line, CLI_OPT_device_svg)) {
        CLI_TRY(write_svg(session, device));
    }
    CLI_TRY(sum_gates(session, device, &sums, &n_sums));
    if (cli_given(&session->line, CLI_OPT_json)) {
        print_json(&session->out, device, sums, n_sums);
    } else {
        CLI_TRY(print_page(session, device, sums, n_sums));
    }
done:
    free(sums);
    qst_device_free(device);
    return status;
}

/* device_place.c: `qstill device place`: on which qubits of a device a circuit is best, and what it becomes there. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <qstill/place.h>

#include "circuit_input.h"
#include "circuit_output.h"
#include "device_input.h"

typedef struct placing {
    qst_model *model;     /* NULL: of a file */
    qst_circuit *circuit; /* of a file; NULL: the model's */
    qst_device *device;
    qst_placed *placed;
    size_t *layout, *region;
    const double *weights; /* of a stored model; NULL: free */
} placing;

static void placing_clear(placing *all)
{
    qst_placed_free(all->placed);
    qst_device_free(all->device);
    qst_circuit_free(all->circuit);
    qst_model_free(all->model);
    free(all->layout);
    free(all->region);
}

/* --- input -------------------------------------------------------------------------------------------------------- */

static bool ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path), n_ending = strlen(ending);
    return n > n_ending && strcmp(path + n - n_ending, ending) == 0;
}

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static qst_status read_file(cli_session *session, const char *path, qst_circuit **out)
{
    qst_assembly *assembly = NULL, *bound = NULL;
    double *parameters = NULL;
    qst_status status = QST_OK;
    CLI_TRY(cli_read_assembly(session, path, NULL, &assembly));
    if (cli_given(&session->line, CLI_OPT_bind)) {
        CLI_TRY(cli_bind_parameters(session, assembly, &parameters));
        CLI_TRY(qst_assembly_expand(assembly, parameters, &bound));
    }
    CLI_TRY(qst_assembly_circuit(bound ? bound : assembly, NULL, out));
done:
    free(parameters);
    qst_assembly_free(bound);
    qst_assembly_free(assembly);
    return status;
}

static const qst_circuit *circuit_of(const placing *all)
{
    return all->circuit ? all->circuit : qst_model_circuit(all->model);
}

/* A folder or a recipe (.yaml) has a model, everything else is a circuit. */
static qst_status read_input(cli_session *session, placing *all)
{
    const char *path = session->line.argument;
    if (!is_folder(path) && !ends_in(path, ".yaml") && !ends_in(path, ".yml")) {
        return read_file(session, path, &all->circuit);
    }
    if (cli_given(&session->line, CLI_OPT_bind)) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--bind: belongs to an OpenQASM file");
    }
    qst_status status = cli_read_model(session, path, &all->model);
    if (status == QST_OK && qst_model_circuit(all->model) == NULL) {
        return cli_fail(&session->message, QST_ERR_UNSUPPORTED, "%.400s: the model has no circuit", path);
    }
    if (status == QST_OK && is_folder(path)) {
        all->weights = qst_model_weights(all->model);
    }
    return status;
}

static qst_status check_outputs(cli_session *session)
{
    const cli_line *line = &session->line;
    const char *path = cli_text(line, CLI_OPT_circuit_out);
    const cli_value *devices = &line->values[CLI_OPT_place_device];
    if (path && strcmp(path, "-") == 0) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--out -: standard output has the report");
    }
    if (path == NULL && (cli_given(line, CLI_OPT_to) || cli_given(line, CLI_OPT_flavour))) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--%s belongs to --out, which is not given",
                        cli_given(line, CLI_OPT_to) ? "to" : "flavour");
    }
    qst_status status = QST_OK;
    CLI_TRY(cli_check_assembly_output(session));
    CLI_TRY(cli_check_device_output(session, CLI_OPT_place_svg, ".svg"));
    CLI_TRY(cli_check_new_file(session, CLI_OPT_circuit_out, (const char *const *)devices->items, devices->n_items));
    CLI_TRY(cli_check_new_file(session, CLI_OPT_place_svg, (const char *const *)devices->items, devices->n_items));
done:
    return status;
}

/* --- output ------------------------------------------------------------------------------------------------------- */

static void print_list(cli_result *out, const char *between, const size_t *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        cli_print(out, "%s%zu", i ? between : "", items[i]);
    }
}

/* As numbers of the device. */
static void print_places(cli_result *out, const char *between, const qst_placed_info *info, const size_t *places)
{
    for (size_t k = 0; k < info->n_circuit_qubits; k++) {
        cli_print(out, "%s%zu", k ? between : "", info->qubits[places[k]]);
    }
}

static void print_member(cli_result *out, const char *name, double value)
{
    cli_print(out, ", \"%s\": ", name);
    cli_print_number(out, value);
}

static void print_json(cli_result *out, const qst_device *device, const qst_placed_info *info)
{
    qst_device_info about;
    qst_device_describe(device, &about);
    cli_print(out, "{\"device\": ");
    cli_print_json_string(out, about.name);
    cli_print(out, ", \"calibrated\": ");
    cli_print_json_string(out, about.calibrated);
    cli_print(out, ", \"sha256\": \"%s\",\n \"qubits\": [", about.sha256);
    print_list(out, ", ", info->qubits, info->n_qubits);
    cli_print(out, "], \"edges\": [");
    for (size_t e = 0; e < info->n_edges; e++) {
        cli_print(out, "%s[%zu, %zu]", e ? ", " : "", info->edges[e][0], info->edges[e][1]);
    }
    cli_print(out, "],\n \"layout\": [");
    print_places(out, ", ", info, info->initial);
    cli_print(out, "], \"final_layout\": [");
    print_places(out, ", ", info, info->final);
    cli_print(out,
              "],\n \"gates\": %zu, \"two_qubit_gates\": %zu, \"depth\": %zu, \"exchanges\": %zu, \"placements\": %zu, "
              "\"complete\": %s",
              info->gates, info->two_qubit_gates, info->depth, info->exchanges, info->n_scored,
              info->complete ? "true" : "false");
    print_member(out, "duration_ns", info->duration_ns);
    print_member(out, "fidelity", info->fidelity);
    print_member(out, "runner_up", info->runner_up);
    cli_print(out, "}\n");
}

static void print_page(cli_result *out, const qst_device *device, const qst_placed_info *info, bool is_given)
{
    qst_device_info about;
    qst_device_describe(device, &about);
    cli_print(out, "on %s, qubits ", about.name[0] ? about.name : "the device");
    print_list(out, ", ", info->qubits, info->n_qubits);
    cli_print(out, "\nedges ");
    for (size_t e = 0; e < info->n_edges; e++) {
        cli_print(out, "%s%zu-%zu", e ? ", " : "", info->edges[e][0], info->edges[e][1]);
    }
    cli_print(out, "%s\nq[i] begins on ", info->n_edges ? "" : "none");
    print_places(out, ", ", info, info->initial);
    cli_print(out, ", ends on ");
    print_places(out, ", ", info, info->final);
    cli_print(out, "\n%zu gates, %zu of them on two qubits, depth %zu", info->gates, info->two_qubit_gates,
              info->depth);
    if (!isnan(info->duration_ns)) {
        cli_print(out, ", %.4g us", info->duration_ns / 1e3);
    }
    if (info->exchanges > 0) {
        cli_print(out, "; routed, with %zu exchanges", info->exchanges);
    }
    cli_print(out, "\nexpected fidelity %.4f, readout included\n", info->fidelity);
    if (is_given) {
        return;
    }
    cli_print(out, "%zu placements compared%s", info->n_scored, info->complete ? ": no other is better" : "");
    if (!isnan(info->runner_up)) {
        cli_print(out, "; the next best on other qubits %.4f", info->runner_up);
    }
    cli_print(out, "\n");
}

static qst_status write_circuit(cli_session *session, const placing *all)
{
    const qst_assembly_opts opts = {.weights = all->weights};
    qst_assembly *assembly = NULL;
    qst_status status = qst_circuit_assembly(qst_placed_circuit(all->placed), &opts, &assembly);
    if (status == QST_OK) {
        status = cli_write_assembly(session, assembly, NULL);
    }
    qst_assembly_free(assembly);
    return status;
}

static qst_status write_map(cli_session *session, const placing *all, const qst_placed_info *info)
{
    const qst_device_mark mark = {
        .qubits = info->qubits, .n_qubits = info->n_qubits, .edges = info->edges, .n_edges = info->n_edges};
    char *svg = NULL;
    size_t n_bytes = 0;
    qst_status status = qst_device_draw_svg_marked(all->device, &mark, &svg, &n_bytes);
    if (status == QST_OK) {
        status = qst_file_write(session->ctx, cli_text(&session->line, CLI_OPT_place_svg), svg, n_bytes);
    }
    qst_device_text_free(all->device, svg);
    return status;
}

qst_status cmd_device_place(cli_session *session)
{
    const cli_line *line = &session->line;
    const cli_value *files = &line->values[CLI_OPT_place_device];
    placing all = {.model = NULL};
    qst_placed_info info;
    qst_place_opts opts = {.allow_dead_edges = cli_given(line, CLI_OPT_place_dead),
                           .readout = (qst_readout_model)line->values[CLI_OPT_place_readout].whole,
                           .seed = cli_given(line, CLI_OPT_place_seed) ? line->values[CLI_OPT_place_seed].whole : 0};
    qst_status status = QST_OK;
    CLI_TRY(check_outputs(session));
    CLI_TRY(cli_read_qubits(session, CLI_OPT_place_layout, &all.layout, &opts.n_layout));
    CLI_TRY(cli_read_qubits(session, CLI_OPT_place_region, &all.region, &opts.n_region));
    opts.layout = all.layout;
    opts.region = all.region;
    CLI_TRY(read_input(session, &all));
    CLI_TRY(cli_read_device_files(session, (const char *const *)files->items, files->n_items, &all.device));
    CLI_TRY(qst_place(session->ctx, circuit_of(&all), all.device, &opts, &all.placed));
    qst_placed_describe(all.placed, &info);
    if (cli_given(line, CLI_OPT_circuit_out)) {
        CLI_TRY(write_circuit(session, &all));
    }
    if (cli_given(line, CLI_OPT_place_svg)) {
        CLI_TRY(write_map(session, &all, &info));
    }
    if (cli_given(line, CLI_OPT_json)) {
        print_json(&session->out, all.device, &info);
    } else {
        print_page(&session->out, all.device, &info, all.layout != NULL);
    }
done:
    placing_clear(&all);
    return status;
}

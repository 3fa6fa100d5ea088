/* circuit_transpile.c: `qstill circuit transpile`: a circuit for a device. */
#include <stdlib.h>
#include <string.h>

#include <qstill/transpile.h>

#include "circuit_counts.h"
#include "circuit_input.h"
#include "circuit_output.h"

typedef struct result {
    qst_assembly *in, *out;
    qst_assembly_counts before, after;
    qst_placement placement;
} result;

static void print_places(cli_result *out, const char *name, const uint32_t *places, size_t n)
{
    cli_print(out, ",\n \"%s\": [", name);
    for (size_t k = 0; k < n; k++) {
        cli_print(out, k ? ", %u" : "%u", places[k]);
    }
    cli_print(out, "]");
}

static void print_json(cli_result *out, const qst_transpile_opts *opts, const result *made)
{
    const qst_placement *placement = &made->placement;
    cli_print(out, "{\"basis\": ");
    cli_print_json_string(out, opts->basis);
    cli_print(out, ", \"coupling\": ");
    cli_print_json_string(out, opts->coupling);
    cli_print(out, ", \"seed\": %llu, \"optimize\": %d, \"trials\": %zu,\n \"qubits\": %zu, \"device_qubits\": %zu",
              (unsigned long long)opts->seed, (int)opts->level, placement->trials, placement->n_qubits,
              placement->n_device_qubits);
    cli_print(out, ",\n \"before\": ");
    cli_print_counts(out, &made->before);
    cli_print(out, ",\n \"after\": ");
    cli_print_counts(out, &made->after);
    print_places(out, "initial_layout", placement->initial, placement->n_qubits);
    print_places(out, "final_layout", placement->final, placement->n_qubits);
    print_places(out, "idle_initial", placement->initial + placement->n_qubits,
                 placement->n_device_qubits - placement->n_qubits);
    print_places(out, "idle_final", placement->final + placement->n_qubits,
                 placement->n_device_qubits - placement->n_qubits);
    cli_print(out, "}\n");
}

static void print_row(cli_result *out, const char *what, size_t before, size_t after)
{
    cli_print(out, "%-20s%10zu%10zu\n", what, before, after);
}

static size_t count_of(const qst_assembly_counts *counts, const char *name)
{
    for (size_t n = 0; n < counts->n_names; n++) {
        if (strcmp(counts->by_name[n].name, name) == 0) {
            return counts->by_name[n].count;
        }
    }
    return 0;
}

static void print_page(cli_result *out, const result *made)
{
    const qst_placement *placement = &made->placement;
    cli_print(out, "%-20s%10s%10s\n", "", "before", "after");
    print_row(out, "qubits", made->before.qubits, made->after.qubits);
    print_row(out, "depth", made->before.depth, made->after.depth);
    print_row(out, "gates", made->before.gates, made->after.gates);
    print_row(out, "two-qubit gates", made->before.two_qubit_gates, made->after.two_qubit_gates);
    for (size_t n = 0; n < made->after.n_names; n++) {
        const char *name = made->after.by_name[n].name;
        cli_print(out, "  %-18s%10zu%10zu\n", name, count_of(&made->before, name), made->after.by_name[n].count);
    }
    cli_print(out, "qubit: begins on, ends on");
    for (size_t k = 0; k < placement->n_qubits; k++) {
        cli_print(out, "%s%zu: %u, %u", k % 6 ? "    " : "\n  ", k, placement->initial[k], placement->final[k]);
    }
    cli_print(out, "\n");
}

/* A page on standard output would stand in the circuit that is written there. */
static void report(cli_session *session, const qst_transpile_opts *opts, const result *made)
{
    const char *path = cli_text(&session->line, CLI_OPT_circuit_out);
    if (cli_given(&session->line, CLI_OPT_json)) {
        print_json(&session->out, opts, made);
    } else if (path && strcmp(path, "-") != 0) {
        print_page(&session->out, made);
    }
}

/* With --json standard output has room for the report alone: the circuit goes to a file, or nowhere. */
static bool writes(const cli_line *line)
{
    return !cli_given(line, CLI_OPT_json) || cli_given(line, CLI_OPT_circuit_out);
}

static qst_status check_output(cli_session *session)
{
    const char *path = cli_text(&session->line, CLI_OPT_circuit_out);
    if (cli_given(&session->line, CLI_OPT_json) && path && strcmp(path, "-") == 0) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--out -: standard output has the report of --json");
    }
    return cli_check_assembly_output(session);
}

qst_status cmd_circuit_transpile(cli_session *session)
{
    const cli_line *line = &session->line;
    const char *basis = cli_text(line, CLI_OPT_basis), *coupling = cli_text(line, CLI_OPT_coupling_map);
    const qst_transpile_opts opts = {
        .basis = basis ? basis : "rz,sx,x,cx",
        .coupling = coupling ? coupling : "full",
        .seed = cli_given(line, CLI_OPT_route_seed) ? line->values[CLI_OPT_route_seed].whole : 0,
        .level = cli_given(line, CLI_OPT_level) ? (qst_transpile_level)line->values[CLI_OPT_level].whole
                                                : QST_TRANSPILE_SEARCH};
    result made = {.in = NULL};
    qst_assembly *bound = NULL;
    double *parameters = NULL;
    qst_status status = QST_OK;
    CLI_TRY(check_output(session));
    CLI_TRY(cli_read_assembly(session, line->argument, NULL, &made.in));
    if (cli_given(line, CLI_OPT_bind)) {
        CLI_TRY(cli_bind_parameters(session, made.in, &parameters));
        CLI_TRY(qst_assembly_expand(made.in, parameters, &bound));
    }
    CLI_TRY(qst_assembly_count(made.in, &made.before));
    CLI_TRY(qst_transpile(bound ? bound : made.in, &opts, &made.out, &made.placement));
    CLI_TRY(qst_assembly_count(made.out, &made.after));
    if (writes(line)) {
        CLI_TRY(cli_write_assembly(session, made.out, NULL));
    }
    report(session, &opts, &made);
done:
    free(parameters);
    if (made.in) {
        qst_assembly_counts_clear(made.in, &made.before);
        qst_placement_clear(made.in, &made.placement);
    }
    if (made.out) {
        qst_assembly_counts_clear(made.out, &made.after);
    }
    qst_assembly_free(made.out);
    qst_assembly_free(bound);
    qst_assembly_free(made.in);
    return status;
}

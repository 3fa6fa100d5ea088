/* circuit_device.c: a circuit on a device: where its qubits are, what it becomes with --transpile, its density matrix.
 */
#include "circuit_device.h"

#include <stdlib.h>
#include <string.h>

#include <qstill/data.h>

#include "device_input.h"

#define PAIR_BYTES 24 /* of "4095>4095," in a coupling map */
#define NAME_BYTES 32 /* of a gate and a comma */

/* Gates on two qubits that the transpiler writes circuits in. */
static const char *const entanglers[] = {"cx", "cz", "ecr", "rzz", "rxx", "ryy", "rzx", "cp", "cu1"};

static qst_status out_of_memory(cli_session *session)
{
    return cli_fail(&session->message, QST_ERR_MEMORY, "out of memory");
}

/* --- options ------------------------------------------------------------------------------------------------------ */

qst_status cli_check_device_run(cli_session *session)
{
    const cli_line *line = &session->line;
    const cli_option alone[] = {CLI_OPT_layout,         CLI_OPT_density,        CLI_OPT_device_temperature,
                                CLI_OPT_readout_model,  CLI_OPT_transpile,      CLI_OPT_device_conf,
                                CLI_OPT_device_time_1q, CLI_OPT_device_time_2q, CLI_OPT_device_age};
    const cli_option ideal[] = {CLI_OPT_statevector, CLI_OPT_unitary};
    const cli_value *devices = &line->values[CLI_OPT_device];
    if (!devices->given) {
        for (size_t o = 0; o < sizeof alone / sizeof *alone; o++) {
            if (cli_given(line, alone[o])) {
                return cli_fail(&session->message, QST_ERR_USAGE, "--%s belongs to --device, which is not given",
                                cli_options[alone[o]].name);
            }
        }
        return QST_OK;
    }
    for (size_t o = 0; o < sizeof ideal / sizeof *ideal; o++) {
        if (cli_given(line, ideal[o])) {
            return cli_fail(&session->message, QST_ERR_USAGE, "--%s is of the circuit without noise: not with --device",
                            cli_options[ideal[o]].name);
        }
    }
    qst_status status = cli_check_device_output(session, CLI_OPT_density, ".npy");
    return status == QST_OK
               ? cli_check_new_file(session, CLI_OPT_density, (const char *const *)devices->items, devices->n_items)
               : status;
}

/* --- for the transpiler ------------------------------------------------------------------------------------------- */

static bool is_entangler(const char *name)
{
    for (size_t e = 0; e < sizeof entanglers / sizeof *entanglers; e++) {
        if (strcmp(entanglers[e], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Where a qubit of the device stands among those that may be used; SIZE_MAX: it may not. */
static size_t position(const cli_device_run *run, size_t qubit)
{
    for (size_t i = 0; run->layout && i < run->n_layout; i++) {
        if (run->layout[i] == qubit) {
            return i;
        }
    }
    return run->layout ? SIZE_MAX : qubit;
}

/* The pairs of a gate's entries that are not dead, "0>1,2>1". Returns how many. */
static size_t write_pairs(const cli_device_run *run, size_t n_gates, const char *name, char *out)
{
    const qst_device_gate *gates = qst_device_gates(run->device);
    size_t n = 0, used = 0, turned;
    for (size_t g = 0; g < n_gates; g++) {
        if (gates[g].n_qubits != 2 || strcmp(gates[g].name, name) != 0 || qst_device_gate_dead(run->device, g)) {
            continue;
        }
        size_t a = position(run, gates[g].qubits[0]), b = position(run, gates[g].qubits[1]);
        if (a == SIZE_MAX || b == SIZE_MAX) {
            continue;
        }
        /* one entry stands for both orders of a gate that does not care */
        size_t other[] = {gates[g].qubits[1], gates[g].qubits[0]};
        bool both = qst_device_find(run->device, name, other, 2, &turned) == QST_OK && turned == g;
        used += (size_t)snprintf(out + used, PAIR_BYTES, "%s%zu%c%zu", n ? "," : "", a, both ? '-' : '>', b);
        n++;
    }
    return n;
}

/* The device's basis and pairs as the transpiler takes them; both are on the heap, in every case. */
static qst_status describe_target(cli_session *session, const cli_device_run *run, char **basis, char **coupling)
{
    qst_device_info info;
    qst_gate gate;
    qst_device_describe(run->device, &info);
    *basis = calloc(info.n_basis + 1, NAME_BYTES);
    *coupling = calloc(info.n_gates + 2, PAIR_BYTES);
    if (*basis == NULL || *coupling == NULL) {
        return out_of_memory(session);
    }
    size_t used = 0, n_pairs = 0;
    for (size_t b = 0; b < info.n_basis; b++) {
        const char *name = info.basis[b];
        if (!qst_gate_find(name, &gate) || strlen(name) + 2 > NAME_BYTES) {
            continue;
        }
        bool is_pair = n_pairs == 0 && is_entangler(name);
        if (is_pair) {
            n_pairs = write_pairs(run, info.n_gates, name, *coupling);
        }
        if (qst_gate_describe(gate)->n_qubits == 1 || (is_pair && n_pairs > 0)) {
            used += (size_t)snprintf(*basis + used, NAME_BYTES, "%s%s", used ? "," : "", name);
        }
    }
    if (n_pairs == 0) {
        memcpy(*coupling, "full", sizeof "full");
    }
    return QST_OK;
}

static qst_status check_layout(cli_session *session, const cli_device_run *run)
{
    qst_device_info info;
    qst_device_describe(run->device, &info);
    for (size_t i = 0; i < run->n_layout; i++) {
        for (size_t other = 0; other < i; other++) {
            if (run->layout[other] == run->layout[i]) {
                return cli_fail(&session->message, QST_ERR_USAGE, "--layout: qubit %zu is there twice", run->layout[i]);
            }
        }
        if (run->layout[i] >= info.n_qubits) {
            return cli_fail(&session->message, QST_ERR_USAGE,
                            "--layout: %zu is no qubit of device %s, which has 0..%zu", run->layout[i], info.name,
                            info.n_qubits - 1);
        }
    }
    if (run->layout && run->n_layout < run->n_qubits) {
        return cli_fail(&session->message, QST_ERR_MISMATCH, "--layout has %zu qubits, and the circuit %zu",
                        run->n_layout, run->n_qubits);
    }
    return QST_OK;
}

static qst_status transpile(cli_session *session, const qst_assembly *assembly, const double *parameters,
                            cli_device_run *run)
{
    char *basis = NULL, *coupling = NULL;
    qst_status status = QST_OK;
    CLI_TRY(check_layout(session, run));
    CLI_TRY(describe_target(session, run, &basis, &coupling));
    CLI_TRY(qst_assembly_expand(assembly, parameters, &run->bound));
    const qst_transpile_opts opts = {.basis = basis, .coupling = coupling, .level = QST_TRANSPILE_SEARCH};
    CLI_TRY(qst_transpile(run->bound, &opts, &run->transpiled, &run->placement));
done:
    free(basis);
    free(coupling);
    return status;
}

/* --- the run ------------------------------------------------------------------------------------------------------ */

static size_t on_device(const cli_device_run *run, size_t qubit)
{
    return run->layout ? run->layout[qubit] : qubit;
}

static qst_status find_places(cli_session *session, cli_device_run *run)
{
    size_t n = run->n_qubits ? run->n_qubits : 1;
    run->initial = calloc(n, sizeof *run->initial);
    run->final = calloc(n, sizeof *run->final);
    run->measured = calloc(n, sizeof *run->measured);
    if (run->initial == NULL || run->final == NULL || run->measured == NULL) {
        return out_of_memory(session);
    }
    for (size_t q = 0; q < run->n_qubits; q++) {
        size_t begins = run->transpiled ? run->placement.initial[q] : q;
        run->measured[q] = run->transpiled ? run->placement.final[q] : q;
        run->initial[q] = on_device(run, begins);
        run->final[q] = on_device(run, run->measured[q]);
    }
    return QST_OK;
}

static qst_status simulate(cli_session *session, const qst_assembly *assembly, const double *parameters,
                           cli_device_run *run)
{
    const cli_line *line = &session->line;
    const qst_assembly *what = run->transpiled ? run->transpiled : assembly;
    const qst_density_opts opts = {
        .device = run->device,
        .parameters = run->transpiled ? NULL : parameters,
        .layout = run->layout,
        .n_layout = run->transpiled && run->layout ? qst_assembly_qubits(what) : run->n_layout,
        .measured = run->measured,
        .n_measured = run->n_qubits,
        .temperature_mk =
            cli_given(line, CLI_OPT_device_temperature) ? line->values[CLI_OPT_device_temperature].number : 0,
        .readout = (qst_readout_model)line->values[CLI_OPT_readout_model].whole,
    };
    qst_status status = qst_density_simulate(what, &opts, &run->density);
    if (status == QST_ERR_MISMATCH && !run->transpiled) {
        return cli_fail(&session->message, status, "%s; --transpile rewrites it in the device's gates and couplings",
                        qst_ctx_message(session->ctx));
    }
    return status;
}

qst_status cli_device_run_make(cli_session *session, const qst_assembly *assembly, const double *parameters,
                               cli_device_run *out)
{
    const cli_value *files = &session->line.values[CLI_OPT_device];
    qst_status status = QST_OK;
    CLI_TRY(cli_read_device_files(session, (const char *const *)files->items, files->n_items, &out->device));
    CLI_TRY(cli_read_qubits(session, CLI_OPT_layout, &out->layout, &out->n_layout));
    out->n_qubits = qst_assembly_qubits(assembly);
    if (cli_given(&session->line, CLI_OPT_transpile)) {
        CLI_TRY(transpile(session, assembly, parameters, out));
    } else if (out->layout && out->n_layout != out->n_qubits) {
        return cli_fail(&session->message, QST_ERR_MISMATCH, "--layout has %zu qubits, and the circuit %zu",
                        out->n_layout, out->n_qubits);
    }
    CLI_TRY(find_places(session, out));
    CLI_TRY(simulate(session, assembly, parameters, out));
done:
    return status;
}

void cli_device_run_clear(cli_device_run *run)
{
    qst_density_free(run->density);
    if (run->transpiled) {
        qst_placement_clear(run->bound, &run->placement);
    }
    qst_assembly_free(run->transpiled);
    qst_assembly_free(run->bound);
    qst_device_free(run->device);
    free(run->layout);
    free(run->initial);
    free(run->final);
    free(run->measured);
}

/* --- results ------------------------------------------------------------------------------------------------------ */

qst_status cli_write_density(cli_session *session, const cli_device_run *run)
{
    const size_t *qubits = NULL;
    size_t dim = (size_t)1 << qst_density_qubits(run->density, &qubits), shape[] = {dim, dim};
    return qst_complex_write(session->ctx, cli_text(&session->line, CLI_OPT_density), qst_density_matrix(run->density),
                             shape, 2);
}

double cli_device_expectation(const cli_device_run *run, const qst_outcomes *outcomes, size_t q)
{
    return qst_outcomes_expectations(outcomes)[run->measured[q]];
}

static void print_list(cli_result *out, const size_t *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        cli_print(out, i ? ", %zu" : "%zu", items[i]);
    }
}

static const char *readout_name(const cli_session *session)
{
    return session->line.values[CLI_OPT_readout_model].whole ? "symmetric" : "properties";
}

void cli_print_device_json(cli_session *session, const cli_device_run *run)
{
    cli_result *out = &session->out;
    const size_t *touched = NULL;
    size_t n_touched = qst_density_qubits(run->density, &touched);
    qst_device_info info;
    qst_device_describe(run->device, &info);
    cli_print(out, ",\n \"device\": ");
    cli_print_json_string(out, info.name);
    cli_print(out, ", \"qubits\": [");
    print_list(out, touched, n_touched);
    cli_print(out, "], \"readout\": \"%s\", \"temperature_mk\": ", readout_name(session));
    cli_print_number(out, session->line.values[CLI_OPT_device_temperature].number);
    cli_print(out, ",\n \"layout\": [");
    print_list(out, run->initial, run->n_qubits);
    cli_print(out, "], \"final_layout\": [");
    print_list(out, run->final, run->n_qubits);
    cli_print(out, "], \"transpiled\": %s", run->transpiled ? "true" : "false");
}

void cli_print_device_page(cli_session *session, const cli_device_run *run)
{
    cli_result *out = &session->out;
    const size_t *touched = NULL;
    size_t n_touched = qst_density_qubits(run->density, &touched);
    qst_device_info info;
    qst_device_describe(run->device, &info);
    cli_print(out, "on %s, qubits ", info.name);
    print_list(out, touched, n_touched);
    cli_print(out, "; readout: %s\n", readout_name(session));
    if (run->transpiled || run->layout) {
        cli_print(out, "q[i] begins on ");
        print_list(out, run->initial, run->n_qubits);
        cli_print(out, ", ends on ");
        print_list(out, run->final, run->n_qubits);
        cli_print(out, "\n");
    }
    cli_print(out, "not in the model: crosstalk, leakage, coherent errors, qubits that wait\n");
}

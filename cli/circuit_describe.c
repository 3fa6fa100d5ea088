/* circuit_describe.c: `qstill circuit describe`: qst_program_describe() as a page or as JSON. Figures are per sample; a
 * multiply-add is one of real numbers. */
#include <stdlib.h>
#include <string.h>

#include "circuit_input.h"

static const char *layout_name(qst_layout layout)
{
    return layout == QST_LAYOUT_WIDE ? "wide" : "small";
}

/* "cx 0 1" without the name: "0 1" */
static void list_qubits(const qst_operation *operation, const char *between, char out[64])
{
    size_t used = 0;
    out[0] = '\0';
    for (int q = 0; q < qst_gate_describe(operation->gate)->n_qubits; q++) {
        used += (size_t)snprintf(out + used, 64 - used, "%s%zu", q ? between : "", operation->qubits[q]);
    }
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static void put(cli_result *out, const char *name, double value)
{
    cli_print(out, "\"%s\": ", name);
    cli_print_number(out, value);
    cli_print(out, ", ");
}

static void print_totals(cli_result *out, const qst_program_info *info, qst_precision precision)
{
    cli_print(out, "{\"qubits\": %zu, \"qubits_simulated\": %zu, \"layout\": \"%s\", \"real\": %s, ", info->n_qubits,
              info->n_qubits_simulated, layout_name(info->layout), info->real ? "true" : "false");
    cli_print(out, "\"precision\": \"%s\", \"isa\": \"%s\",\n ", precision == QST_SINGLE ? "single" : "double",
              qst_isa_name());
    cli_print(out, "\"n_operations\": %zu, \"n_rotations\": %zu, \"n_gates\": %zu, \"n_passes\": %zu,\n ",
              info->n_operations, info->n_rotations, info->n_gates, info->n_passes);
    put(out, "multiply_adds_forward", info->multiply_adds_forward);
    put(out, "multiply_adds_backward", info->multiply_adds_backward);
    put(out, "bytes_forward", info->bytes_forward);
    put(out, "bytes_backward", info->bytes_backward);
    put(out, "state_bytes", info->state_bytes);
    put(out, "memory_bytes", info->memory_bytes);
}

static void print_json(cli_result *out, const qst_circuit *circuit, const qst_program_info *info,
                       qst_precision precision)
{
    print_totals(out, info, precision);
    cli_print(out, "\n \"passes\": [");
    for (size_t p = 0; p < info->n_passes; p++) {
        const qst_pass_info *pass = &info->passes[p];
        cli_print(out, "%s{\"kind\": \"%s\", \"gates\": %zu, \"rotations\": %zu, ", p ? ",\n  " : "\n  ", pass->kind,
                  pass->n_gates, pass->n_rotations);
        put(out, "multiply_adds", pass->multiply_adds);
        cli_print(out, "\"bytes\": ");
        cli_print_number(out, pass->bytes);
        cli_print(out, "}");
    }
    cli_print(out, "],\n \"operations\": [");
    for (size_t o = 0; o < info->n_operations; o++) {
        const qst_gate_fate *fate = &info->fates[o];
        qst_operation operation;
        char qubits[64];
        qst_circuit_operation(circuit, fate->operation, &operation);
        list_qubits(&operation, ", ", qubits);
        cli_print(out, "%s{\"gate\": \"%s\", \"qubits\": [%s], \"fate\": \"%s\", ", o ? ",\n  " : "\n  ",
                  qst_gate_describe(operation.gate)->name, qubits, qst_fate_name(fate->fate));
        if (fate->first_pass == SIZE_MAX) {
            cli_print(out, "\"first_pass\": null, \"last_pass\": null}");
        } else {
            cli_print(out, "\"first_pass\": %zu, \"last_pass\": %zu}", fate->first_pass, fate->last_pass);
        }
    }
    cli_print(out, "]}\n");
}

/* --- the page ----------------------------------------------------------------------------------------------------- */

static void print_summary(cli_result *out, const qst_program_info *info, qst_precision precision)
{
    cli_print(out, "%zu qubits", info->n_qubits);
    if (info->n_qubits_simulated != info->n_qubits) {
        cli_print(out, ", %zu of them simulated", info->n_qubits_simulated);
    }
    cli_print(out, "; %s layout, %s %s amplitudes\n", layout_name(info->layout),
              precision == QST_SINGLE ? "single" : "double", info->real ? "real" : "complex");
    cli_print(out, "%zu operations -> %zu rotations -> %zu gates -> %zu passes\n", info->n_operations,
              info->n_rotations, info->n_gates, info->n_passes);
    cli_print(out, "per sample   multiply-adds         bytes\n");
    cli_print(out, "forward     %14.0f %13.0f\n", info->multiply_adds_forward, info->bytes_forward);
    cli_print(out, "backward    %14.0f %13.0f\n", info->multiply_adds_backward, info->bytes_backward);
    cli_print(out, "state                      %13.0f\n", info->state_bytes);
    cli_print(out, "memory of a gradient, one block on one thread: %.0f bytes\n", info->memory_bytes);
}

static void print_passes(cli_result *out, const qst_program_info *info)
{
    cli_print(out, "\n  pass  %-16s  gates  rotations  multiply-adds         bytes\n", "kind");
    for (size_t p = 0; p < info->n_passes; p++) {
        const qst_pass_info *pass = &info->passes[p];
        cli_print(out, "%6zu  %-16s %6zu %10zu %14.0f %13.0f\n", p, pass->kind, pass->n_gates, pass->n_rotations,
                  pass->multiply_adds, pass->bytes);
    }
}

static void print_operations(cli_result *out, const qst_circuit *circuit, const qst_program_info *info)
{
    cli_print(out, "\n  gate  %-8s %-12s  %-8s  passes\n", "name", "qubits", "fate");
    for (size_t o = 0; o < info->n_operations; o++) {
        const qst_gate_fate *fate = &info->fates[o];
        qst_operation operation;
        char qubits[64];
        qst_circuit_operation(circuit, fate->operation, &operation);
        list_qubits(&operation, " ", qubits);
        cli_print(out, "%6zu  %-8s %-12s  %-8s  ", fate->operation, qst_gate_describe(operation.gate)->name, qubits,
                  qst_fate_name(fate->fate));
        if (fate->first_pass == SIZE_MAX) {
            cli_print(out, "-\n");
        } else if (fate->first_pass == fate->last_pass) {
            cli_print(out, "%zu\n", fate->first_pass);
        } else {
            cli_print(out, "%zu..%zu\n", fate->first_pass, fate->last_pass);
        }
    }
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static qst_status describe(cli_session *session, const qst_model *model)
{
    const cli_line *line = &session->line;
    const qst_circuit *circuit = qst_model_circuit(model);
    if (circuit == NULL) {
        return cli_fail(&session->message, QST_ERR_UNSUPPORTED, "%.400s: this model has no circuit", line->argument);
    }
    qst_program *program = NULL;
    qst_compile_opts opts = {
        .precision = line->values[CLI_OPT_precision].whole ? QST_SINGLE : QST_DOUBLE,
        .optimize_off = cli_optimize_off(line),
    };
    qst_status status = qst_program_compile(session->ctx, circuit, qst_model_readout(model), &opts, &program);
    if (status != QST_OK) {
        return status;
    }
    const qst_program_info *info = qst_program_describe(program);
    if (cli_given(line, CLI_OPT_json)) {
        print_json(&session->out, circuit, info, opts.precision);
    } else {
        print_summary(&session->out, info, opts.precision);
        print_passes(&session->out, info);
        print_operations(&session->out, circuit, info);
    }
    qst_program_free(program);
    return QST_OK;
}

qst_status cmd_circuit_describe(cli_session *session)
{
    qst_model *model = NULL;
    qst_status status = cli_read_model(session, session->line.argument, &model);
    if (status == QST_OK) {
        status = describe(session, model);
    }
    qst_model_free(model);
    return status;
}

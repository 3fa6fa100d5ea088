/* circuit_check.c: `qstill circuit check`: whether a file is OpenQASM that is read here, and if not, where and why. */
#include "circuit_input.h"

static const char *verdict_of(qst_status status)
{
    switch (status) {
    case QST_OK:
        return "valid";
    case QST_ERR_UNSUPPORTED:
        return "unsupported";
    case QST_ERR_LIMIT:
        return "limit";
    default:
        return "invalid";
    }
}

static void print_count(cli_result *out, const char *name, bool is_known, size_t n)
{
    if (is_known) {
        cli_print(out, ", \"%s\": %zu", name, n);
    } else {
        cli_print(out, ", \"%s\": null", name);
    }
}

static void print_json(cli_result *out, qst_status status, const qst_qasm_place *place, const qst_assembly *assembly)
{
    cli_print(out, "{\"valid\": %s, \"status\": \"%s\"", assembly ? "true" : "false", verdict_of(status));
    print_count(out, "line", place->line > 0, place->line);
    print_count(out, "column", place->column > 0, place->column);
    cli_print(out, ", \"message\": ");
    if (place->message[0]) {
        cli_print_json_string(out, place->message);
    } else {
        cli_print(out, "null");
    }
    print_count(out, "version", place->version > 0, (size_t)place->version);
    print_count(out, "qubits", assembly != NULL, assembly ? qst_assembly_qubits(assembly) : 0);
    print_count(out, "bits", assembly != NULL, assembly ? qst_assembly_bits(assembly) : 0);
    cli_print(out, "}\n");
}

static void print_line(cli_result *out, const char *path, const qst_qasm_place *place, const qst_assembly *assembly)
{
    size_t n_qubits = qst_assembly_qubits(assembly), n_bits = qst_assembly_bits(assembly);
    cli_print(out, "%s: valid OpenQASM %d, %zu qubit%s, %zu bit%s\n", path, place->version, n_qubits,
              n_qubits == 1 ? "" : "s", n_bits, n_bits == 1 ? "" : "s");
}

qst_status cmd_circuit_check(cli_session *session)
{
    const char *path = session->line.argument;
    qst_qasm_place place = {.line = 0};
    qst_assembly *assembly = NULL;
    qst_status status = cli_read_assembly(session, path, &place, &assembly);
    /* A verdict is about the text: a file that cannot be read has none. */
    if (cli_given(&session->line, CLI_OPT_json) && (assembly || place.line > 0)) {
        print_json(&session->out, status, &place, assembly);
    } else if (assembly) {
        print_line(&session->out, path, &place, assembly);
    }
    qst_assembly_free(assembly);
    return status;
}

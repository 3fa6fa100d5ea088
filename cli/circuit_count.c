/* circuit_count.c: `qstill circuit count`: how large the circuit in an OpenQASM file is. */
#include "circuit_counts.h"
#include "circuit_input.h"

static void print_line(cli_result *out, const char *what, size_t n)
{
    if (n > 0) {
        cli_print(out, "%-20s%zu\n", what, n);
    }
}

static void print_page(cli_result *out, const qst_assembly_counts *counts)
{
    cli_print(out, "%-20s%zu\n", "qubits", counts->qubits);
    print_line(out, "bits", counts->bits);
    print_line(out, "parameters", counts->parameters);
    cli_print(out, "%-20s%zu\n", "depth", counts->depth);
    cli_print(out, "%-20s%zu\n", "gates", counts->gates);
    for (size_t n = 0; n < counts->n_names; n++) {
        cli_print(out, "  %-18s%zu\n", counts->by_name[n].name, counts->by_name[n].count);
    }
    cli_print(out, "%-20s%zu\n", "two-qubit gates", counts->two_qubit_gates);
    print_line(out, "measurements", counts->measurements);
    print_line(out, "resets", counts->resets);
    print_line(out, "barriers", counts->barriers);
    print_line(out, "conditions", counts->conditions);
}

qst_status cmd_circuit_count(cli_session *session)
{
    qst_assembly *assembly = NULL;
    qst_assembly_counts counts = {.n_names = 0};
    qst_status status = cli_read_assembly(session, session->line.argument, NULL, &assembly);
    if (status == QST_OK) {
        status = qst_assembly_count(assembly, &counts);
    }
    if (status == QST_OK && cli_given(&session->line, CLI_OPT_json)) {
        cli_print_counts(&session->out, &counts);
        cli_print(&session->out, "\n");
    } else if (status == QST_OK) {
        print_page(&session->out, &counts);
    }
    if (assembly) {
        qst_assembly_counts_clear(assembly, &counts);
    }
    qst_assembly_free(assembly);
    return status;
}

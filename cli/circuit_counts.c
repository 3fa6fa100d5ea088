/* circuit_counts.c: see circuit_counts.h. */
#include "circuit_counts.h"

void cli_print_counts(cli_result *out, const qst_assembly_counts *counts)
{
    cli_print(out, "{\"qubits\": %zu, \"bits\": %zu, \"depth\": %zu, \"gates\": {", counts->qubits, counts->bits,
              counts->depth);
    for (size_t n = 0; n < counts->n_names; n++) {
        cli_print(out, n ? ", " : "");
        cli_print_json_string(out, counts->by_name[n].name);
        cli_print(out, ": %zu", counts->by_name[n].count);
    }
    cli_print(out, "},\n \"total_gates\": %zu, \"two_qubit_gates\": %zu, \"parameters\": %zu, ", counts->gates,
              counts->two_qubit_gates, counts->parameters);
    cli_print(out, "\"measurements\": %zu, \"resets\": %zu, \"barriers\": %zu, \"conditions\": %zu}",
              counts->measurements, counts->resets, counts->barriers, counts->conditions);
}

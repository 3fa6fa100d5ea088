/* circuit_counts.h: the size of a circuit as JSON. */
#ifndef CLI_CIRCUIT_COUNTS_H
#define CLI_CIRCUIT_COUNTS_H

#include <qstill/assembly.h>

#include "session.h"

/* {"qubits": ..., "depth": ..., "gates": {NAME: COUNT}, "two_qubit_gates": ..., ...}, without a newline behind it. */
void cli_print_counts(cli_result *out, const qst_assembly_counts *counts);

#endif

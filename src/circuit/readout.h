/* readout.h: making readouts, for the parser and the JSON reader. */
#ifndef QSTI_CIRCUIT_READOUT_H
#define QSTI_CIRCUIT_READOUT_H

#include "circuit/circuit.h"

#define QSTI_PAULI_CHARS 33 /* 32 letters and a NUL */

/* "IXYZ" of exactly n_qubits letters, qubit 0 right-most; false when it is anything else. And back. */
bool qsti_pauli_parse(const char *text, size_t length, size_t n_qubits, qst_pauli *out);
void qsti_pauli_format(qst_pauli pauli, size_t n_qubits, char out[QSTI_PAULI_CHARS]);

/* A readout of probabilities (n_outputs = 2^n), grouped (2..2^n) or parity (2..n+1). Errors: ERR_USAGE. */
qst_status qsti_readout_outcomes(qst_ctx *ctx, qst_readout_kind kind, size_t n_qubits, size_t n_outputs,
                                 qst_readout **out);

/* "expectations", "probabilities", "grouped", "parity". */
const char *qsti_readout_kind_name(qst_readout_kind kind);

#endif

/* basis_change.h: a circuit with a change of basis behind it. */
#ifndef QSTI_MEASURE_BASIS_CHANGE_H
#define QSTI_MEASURE_BASIS_CHANGE_H

#include "circuit/circuit.h"

/* The circuit, and behind it the change to the basis in which the Pauli's letters are measured as Z: h for X, sdg and h
 * for Y. {0, 0}: a copy. All here is made in `ctx`, which need not be the circuit's. Errors: those of the builder. */
qst_status qsti_circuit_in_basis(qst_ctx *ctx, const qst_circuit *circuit, qst_pauli basis, qst_circuit **out);

#endif

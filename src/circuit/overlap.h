/* overlap.h: one circuit behind the inverse of another: how alike they are, as expectation values. */
#ifndef QSTI_CIRCUIT_OVERLAP_H
#define QSTI_CIRCUIT_OVERLAP_H

#include "circuit/circuit.h"

/* Which likeness, of U(x) with weights and V(x) at fixed weights, both on n qubits:
 *
 *   states     |<0|V(x)^+ U(x)|0>|^2, the fidelity of the two states
 *   processes  |Tr V(x)^+ U(x)|^2 / 4^n, on 2 n qubits: both halves of n Bell pairs agree again           [khatri2019]
 *
 * or their local forms, in which each qubit (pair) is asked alone and the mean is taken: their gradients do not vanish
 * with n.
 */
typedef enum qsti_overlap_kind { QSTI_OVERLAP_STATES, QSTI_OVERLAP_PROCESSES } qsti_overlap_kind;

/* Circuits have at most this many qubits. */
#define QSTI_OVERLAP_QUBITS 15

/* A circuit with U's weights and the features of both, V's angles at `fixed` weights, and its readout. Global: the
 * probabilities of all 2^n (4^n) basis states, of which the first is the likeness. Local: n outputs, the likeness of
 * qubit (pair) j is output j + 1/2 (+ 1/4 for pairs). Errors: ERR_MISMATCH (qubits or features differ, or a circuit
 * begins with features as amplitudes or bits), ERR_UNSUPPORTED (a gate of V without an inverse here), ERR_LIMIT. */
qst_status qsti_circuit_overlap(qst_ctx *ctx, const qst_circuit *u, const qst_circuit *v, const double *fixed,
                                qsti_overlap_kind kind, bool local, qst_circuit **out_circuit,
                                qst_readout **out_readout);

#endif

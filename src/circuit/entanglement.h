/* entanglement.h: which pairs of qubits a layer entangles. */
#ifndef QSTI_CIRCUIT_ENTANGLEMENT_H
#define QSTI_CIRCUIT_ENTANGLEMENT_H

#include <qstill/circuit.h>

typedef enum qsti_entanglement {
#define QSTI_ENTANGLEMENT(name, about) QSTI_ENTANGLEMENT_##name,
#include "circuit/entanglements.def"
#undef QSTI_ENTANGLEMENT
    QSTI_ENTANGLEMENT_COUNT, /* what follows has no name for users */
    QSTI_ENTANGLEMENT_RING = QSTI_ENTANGLEMENT_COUNT,
    QSTI_ENTANGLEMENT_SHIFTED_RING
} qsti_entanglement;

/* 30 * 29 / 2: the pairs of the largest circuit. */
#define QSTI_MAX_PAIRS 435

/* Writes the pairs (first, second qubit) of `n_qubits` in repetition `rep` = 0, 1, ... in order; gives how many. */
size_t qsti_entanglement_pairs(qsti_entanglement entanglement, size_t n_qubits, size_t rep,
                               size_t out[QSTI_MAX_PAIRS][2]);

/* The entanglement of a name. Errors: ERR_USAGE with the names that there are. */
qst_status qsti_entanglement_find(qst_ctx *ctx, const char *name, qsti_entanglement *out);

#endif

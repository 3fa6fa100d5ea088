/* pauli_groups.h: which Pauli terms are measured together: those that agree in their letter on every qubit where both
 * have one. */
#ifndef QSTI_MEASURE_PAULI_GROUPS_H
#define QSTI_MEASURE_PAULI_GROUPS_H

#include "circuit/circuit.h"

typedef struct qsti_pauli_groups {
    qst_pauli *bases; /* (n_bases): the letter that is measured on each qubit; none: any */
    size_t *of_term;  /* (n_terms): its group */
    size_t n_bases;
} qsti_pauli_groups;

/* Each term goes to the first group that takes it; readouts of probabilities are one group without letters, whose
 * qubits are measured as they are. Cost O(terms * groups). Errors: ERR_MEMORY. */
qst_status qsti_pauli_groups_find(const qst_readout *readout, qsti_pauli_groups *out);
void qsti_pauli_groups_clear(qst_ctx *ctx, qsti_pauli_groups *groups);

#endif

/* dag.h: the order that a sequence's nodes must keep, as groups along wires.
 *
 * A wire is a qubit, a classical bit that is measured, or a register of bits that conditions ask for. Along a wire the
 * nodes stand in groups: those of one group commute with each other on this wire, and a node may run when it is in the
 * current group of every wire it is on. Entries of wire w: first[w] .. first[w+1]. */
#ifndef QSTI_TRANSPILE_DAG_H
#define QSTI_TRANSPILE_DAG_H

#include "transpile/sequence.h"

typedef struct qsti_dag {
    const qsti_sequence *sequence; /* borrowed */
    size_t n_qubits, n_wires;
    uint32_t *first;      /* (n_wires + 1) */
    uint32_t *entries;    /* nodes */
    uint32_t *groups;     /* beside entries: number of the group along its wire */
    uint32_t *node_first; /* (n_nodes + 1) into node_wires */
    uint32_t *node_wires;
    uint8_t *cx, *mirror; /* (n_nodes): CX gates of a PAIR, and of it with a SWAP */
    size_t n_pairs;
} qsti_dag;

/* n_bits: of the assembly, whose registers of bits are in `assembly`. */
qst_status qsti_dag_create(const qsti_sequence *sequence, const qst_assembly *assembly, bool commute, qsti_dag *out);
void qsti_dag_clear(qsti_dag *dag);

#endif

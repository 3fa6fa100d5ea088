/* placed.h: a circuit that has found its place, on the way to what is handed out. */
#ifndef QSTI_PLACE_PLACED_H
#define QSTI_PLACE_PLACED_H

#include "place/embedding.h"

/* A native circuit on qubits of the device. All arrays are owned. */
typedef struct qsti_candidate {
    qst_assembly *assembly;    /* NULL: none */
    uint32_t *place;           /* (its qubits) the device's */
    uint32_t *initial, *final; /* (n_circuit) the assembly's qubit on which each of the circuit's begins and ends */
    size_t n_circuit, exchanges, n_scored;
    double log, second;
    bool complete;
} qsti_candidate;

void qsti_candidate_clear(qst_ctx *ctx, qsti_candidate *candidate);

/* A form as it was embedded; its native assembly is taken out of the form. */
qst_status qsti_candidate_embedded(qsti_form *form, const qsti_embedding *embedding, qsti_candidate *out);

/* The pairs of wires that are joined on the device, for the transpiler: wire w is the device's qubit qubits[w]. One of
 * the first n_needed without a neighbour is tied to wire 0. Free with qsti_free(). */
qst_status qsti_wires_map(const qsti_target *target, const uint32_t *qubits, size_t n_wires, size_t n_needed,
                          char **out);

/* regions.c: the circuit routed in the best connected regions; out->assembly stays NULL when there is no region. The
 * assembly is borrowed. */
qst_status qsti_place_routed(const qsti_target *target, const qst_assembly *assembly, qsti_candidate *out);

struct qst_placed {
    qst_ctx *ctx;
    qst_circuit *circuit;
    qst_noise *noise;
    qst_placed_info info; /* its arrays are owned */
    size_t *qubits, *initial, *final, (*edges)[2];
};

/* placed_circuit.c: the candidate as a circuit with the weights, roles and features of `circuit`; wires (the
 * candidate's qubits) = the placed circuit's, UINT32_MAX for those that are not used. Turns about Z that stand beside
 * each other become one, those in front of everything else nothing. */
qst_status qsti_placed_circuit(const qst_circuit *circuit, const qst_assembly *native, const uint32_t *wires,
                               size_t n_qubits, qst_circuit **out);

/* placed.c */
qst_status qsti_placed_create(const qsti_target *target, const qst_circuit *circuit, const qsti_candidate *candidate,
                              qst_placed **out);

#endif

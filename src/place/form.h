/* form.h: a circuit whose interactions are to lie on edges of the device, and what it becomes there.
 *
 * Wires 0..n_wires-1 are still to be put on qubits. Which gates are written depends on the directions in which the
 * device has its entangler: for each interaction one of three kinds, QSTI_THERE | QSTI_BACK. For each list of kinds the
 * circuit is transpiled once (a native form), and the gates are counted by wire and by edge. */
#ifndef QSTI_PLACE_FORM_H
#define QSTI_PLACE_FORM_H

#include <qstill/transpile.h>

#include "place/target.h"

enum { QSTI_THERE = 1, QSTI_BACK = 2 };

typedef struct qsti_native {
    uint8_t *kinds; /* (n_edges) */
    qst_assembly *assembly;
    uint32_t *final;      /* (n_wires) where each wire ends */
    uint32_t *locals;     /* (n_wires, n_locals) gates by wire */
    uint32_t (*pairs)[2]; /* (n_edges) entanglers there and back */
} qsti_native;

typedef struct qsti_form {
    const qsti_target *target;
    qst_assembly *assembly; /* owned */
    qst_transpile_level level;
    size_t n_wires, n_circuit;
    uint32_t *initial, *final; /* (n_circuit) the wire on which each of the circuit's qubits begins and ends */
    size_t exchanges;
    uint32_t (*edges)[2]; /* (n_edges) a < b, ascending */
    size_t n_edges;
    uint32_t *weights; /* (n_edges) entanglers, whatever their directions */
    qsti_native *natives;
    size_t n_natives, natives_capacity;
} qsti_form;

/* Takes the assembly over, in every case. initial and final (n_circuit); NULL: k. Errors: those of qst_transpile(). */
qst_status qsti_form_create(const qsti_target *target, qst_assembly *assembly, qst_transpile_level level,
                            size_t n_circuit, const uint32_t *initial, const uint32_t *final, size_t exchanges,
                            qsti_form *out);
void qsti_form_clear(qsti_form *form);

/* The native form of a list of kinds, made when it is asked for first; its number, good as long as the form is. */
qst_status qsti_form_native(qsti_form *form, const uint8_t *kinds, size_t *out);

/* The same circuit with qubit q as wires[q] of n_wires; those that are UINT32_MAX must have no gates. */
qst_status qsti_assembly_renumber(qst_ctx *ctx, const qst_assembly *assembly, const uint32_t *wires, size_t n_wires,
                                  qst_assembly **out);

#endif

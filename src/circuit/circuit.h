/* circuit.h: the circuit and readout structs, for the modules above; and their JSON form.
 *
 * Operations lie in one array; the terms of all angles in a pool. Angle a of operation o is
 * terms[o.angle[a].first .. +o.angle[a].count).
 */
#ifndef QSTI_CIRCUIT_CIRCUIT_H
#define QSTI_CIRCUIT_CIRCUIT_H

#include <qstill/circuit.h>

#include "base/json.h"
#include "base/memory.h"

typedef struct qsti_span {
    uint32_t first, count;
} qsti_span;

typedef struct qsti_operation {
    uint16_t gate; /* qst_gate */
    uint8_t qubits[QST_MAX_GATE_QUBITS];
    qsti_span angle[QST_MAX_GATE_ANGLES];
} qsti_operation;

struct qst_circuit {
    qst_ctx *ctx;
    size_t n_qubits, n_features, n_weights;
    qst_preparation preparation;
    uint8_t *roles; /* qst_weight_role [n_weights] */
    qsti_operation *operations;
    size_t n_operations;
    qst_term *terms;
    size_t n_terms;
};

struct qst_readout {
    qst_ctx *ctx;
    qst_readout_kind kind;
    size_t n_qubits, n_outputs;
    /* expectations: terms in ascending order of output */
    qst_pauli *paulis;
    double *coefficients;
    uint32_t *outputs;
    size_t n_terms;
};

/* The circuit that a builder has so far; its arrays move when the builder grows. */
const qst_circuit *qsti_circuit_growing(const qst_circuit_builder *builder);

/* JSON, format "qstill-circuit/1" (docs/formats.md). Reading checks everything the builder checks; a failure is `bad`
 * with `where` and the key path. */
qst_status qsti_circuit_to_json(const qst_circuit *circuit, json_t **out);
qst_status qsti_circuit_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_status bad,
                                  qst_circuit **out);
qst_status qsti_readout_to_json(const qst_readout *readout, json_t **out);
qst_status qsti_readout_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_status bad,
                                  qst_readout **out);

/* The group of basis state `index` for grouped and parity readouts. */
static inline size_t qsti_readout_group(const qst_readout *readout, size_t index)
{
    size_t code = readout->kind == QST_READOUT_PARITY ? (size_t)__builtin_popcountll(index) : index;
    return code % readout->n_outputs;
}

#endif

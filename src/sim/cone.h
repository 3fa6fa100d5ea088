/* cone.h: the light cone of a readout: which steps of a circuit can reach it. */
#ifndef QSTI_SIM_CONE_H
#define QSTI_SIM_CONE_H

#include "circuit/circuit.h"
#include "circuit/steps.h"
#include "sim/program.h"
#include "sim/sites.h"

#define QSTI_NO_SITE UINT32_MAX

/* A step that is kept, with the simulated qubits of its gate's qubits (those that the step leaves alone: any); or a
 * site behind an operation (of its qubits those where errors cannot reach the readout: QSTI_OUTSIDE). */
typedef struct qsti_cone_step {
    uint32_t operation;
    uint32_t site; /* QSTI_NO_SITE: a step */
    uint8_t step;
    uint8_t qubits[QST_MAX_GATE_QUBITS];
} qsti_cone_step;

struct qsti_cone {
    qsti_cone_step *steps; /* in order of application */
    size_t n_steps;
    size_t n_qubits;                   /* simulated */
    uint8_t qubit_of[QSTI_MAX_QUBITS]; /* the simulated qubit that a qubit of the readout is on; outside: 0 */
    bool reduced;                      /* something that acts was dropped: the state is not the circuit's */
};

/* optimize_off CONE: all steps, all qubits. sites NULL: none. ERR_MEMORY. Cost O(steps). */
qst_status qsti_cone_find(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout, const qsti_sites *sites,
                          unsigned optimize_off, qsti_cone *out);
void qsti_cone_clear(qst_ctx *ctx, qsti_cone *cone);

/* A Pauli of the readout in simulated qubits. */
qst_pauli qsti_cone_pauli(const qsti_cone *cone, size_t n_qubits, qst_pauli pauli);

#endif

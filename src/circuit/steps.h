/* steps.h: every gate as Pauli rotations and Clifford moves, exact including the global phase.
 *
 * A rotation is exp(-i t P / 2) with P a Pauli on the gate's own qubits: bit k of x, z is for the gate's k-th qubit.
 * t = constant + sum_i coefficient[i] * angle_i of the gate. CX, SWAP and X permute amplitudes. PHASE multiplies the
 * state by exp(i t). The simulator compiles circuits from these steps; the test suite holds them against matrices.
 */
#ifndef QSTI_CIRCUIT_STEPS_H
#define QSTI_CIRCUIT_STEPS_H

#include <qstill/circuit.h>

typedef enum qsti_step_kind {
    QSTI_STEP_ROTATION,
    QSTI_STEP_CX,   /* control a, target b */
    QSTI_STEP_SWAP, /* a, b */
    QSTI_STEP_X,    /* a */
    QSTI_STEP_PHASE
} qsti_step_kind;

typedef struct qsti_step {
    uint8_t kind; /* qsti_step_kind */
    uint8_t x, z; /* rotation */
    uint8_t a, b;
    double constant;
    double coefficient[QST_MAX_GATE_ANGLES];
} qsti_step;

/* The steps of a gate, in order of application; static storage. */
const qsti_step *qsti_gate_steps(qst_gate gate, size_t *out_n);

#endif

/* noise.h: a model of noise as the simulators want it: the elementary channels behind each gate of a circuit.
 *
 * Every channel is one of three: a Pauli channel on 1..3 qubits, the relaxation of one qubit, a rotation about a Pauli
 * by a fixed angle.
 */
#ifndef QSTI_NOISE_NOISE_H
#define QSTI_NOISE_NOISE_H

#include <qstill/noise.h>

#include "circuit/circuit.h"

typedef enum qsti_noise_kind {
    QSTI_NOISE_PAULI,      /* rho -> sum_P probability[P] P rho P */
    QSTI_NOISE_RELAXATION, /* device.h: a, c, excited */
    QSTI_NOISE_ROTATION    /* exp(-i angle P / 2) */
} qsti_noise_kind;

/* One elementary channel; qubits are the circuit's. */
typedef struct qsti_noise_event {
    qsti_noise_kind kind;
    size_t n_qubits, qubits[QST_DEVICE_GATE_QUBITS];
    double probability[64]; /* PAULI: [4^n], index sum_k P_k 4^k over qubits[k], P = 0 1 2 3 for I X Y Z */
    qst_relaxation relaxation;
    uint8_t x, z; /* ROTATION: bit k for qubits[k]: x alone X, z alone Z, both Y */
    double angle;
} qsti_noise_event;

/* Called for each channel behind an operation, in the order in which they act. */
typedef qst_status qsti_noise_fn(void *user, const qsti_noise_event *event);

/* The channels behind operation `index` of the circuit at a strength >= 0; those that do nothing are left out. A pure
 * function. Errors: ERR_MISMATCH (a gate that the device does not have there, more qubits than the layout),
 * ERR_UNSUPPORTED (over_rotation behind a gate that consists of no rotations, or whose rotations are no fixed rotations
 * behind it; depolarizing together on more than 3 qubits; features prepared by a device; a strength other than 0 and 1
 * for a Pauli channel whose power is no channel), ERR_USAGE (depolarizing by more than there is on so many qubits),
 * those of fn. */
qst_status qsti_noise_behind(const qst_noise *noise, double strength, const qst_circuit *circuit, size_t index,
                             qsti_noise_fn *fn, void *user);

/* The same model with another context for messages and memory. */
qst_status qsti_noise_copy(qst_ctx *ctx, const qst_noise *noise, qst_noise **out);

/* The same for circuits whose qubit i is the model's qubit qubits[i], i < n. Errors besides ERR_MEMORY: ERR_MISMATCH
 * (a qubit outside the layout on a device). */
qst_status qsti_noise_select(qst_ctx *ctx, const qst_noise *noise, const size_t *qubits, size_t n, qst_noise **out);

/* eigenvalue[Q] = sum_P probability[P] (-1)^(P and Q anticommute), in the same index; n qubits. */
void qsti_pauli_eigenvalues(const double *probability, size_t n, double *out);

/* The Pauli channel with the relaxation's diagonal in the Pauli basis, on the same qubit. */
void qsti_noise_twirl(const qsti_noise_event *relaxation, qsti_noise_event *out);

#endif

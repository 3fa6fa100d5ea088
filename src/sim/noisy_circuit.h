/* noisy_circuit.h: an assembly as gates of a device. */
#ifndef QSTI_SIM_NOISY_CIRCUIT_H
#define QSTI_SIM_NOISY_CIRCUIT_H

#include <qstill/density.h>

#define QSTI_NO_ENTRY   SIZE_MAX /* a gate without noise */
#define QSTI_NOT_ACTIVE UINT8_MAX

typedef struct qsti_noisy_gate {
    qst_gate gate;
    size_t qubits[QST_DEVICE_GATE_QUBITS]; /* of the device */
    double angles[QST_MAX_GATE_ANGLES];
    size_t entry; /* of the device */
} qsti_noisy_gate;

/* What is measured at the end, into which bit. */
typedef struct qsti_noisy_final {
    size_t qubit; /* of the device */
    uint32_t bit;
} qsti_noisy_final;

typedef struct qsti_noisy_circuit {
    qst_ctx *ctx;
    size_t *places; /* (n_places) of the assembly's qubits on the device */
    size_t n_places;
    qsti_noisy_gate *gates;
    size_t n_gates, gates_capacity;
    qsti_noisy_final *finals; /* each bit and each qubit at most once */
    size_t n_finals, finals_capacity;
    bool measures;                          /* the assembly does; else the finals are those of the options */
    size_t touched[QST_DENSITY_MAX_QUBITS]; /* ascending */
    size_t n_touched;
} qsti_noisy_circuit;

/* Errors: those of qst_density_simulate(). Clear in every case. */
qst_status qsti_noisy_circuit_make(qst_ctx *ctx, const qst_assembly *assembly, const qst_density_opts *opts,
                                   qsti_noisy_circuit *out);
void qsti_noisy_circuit_clear(qsti_noisy_circuit *circuit);

/* The place of a qubit of the device among the touched ones, or QSTI_NOT_ACTIVE. */
uint8_t qsti_noisy_place(const qsti_noisy_circuit *circuit, size_t qubit);

#endif

/* action.h: an assembly made ready to run: its steps with numbers for angles, on the qubits that gates touch alone. */
#ifndef QSTI_SIM_ACTION_H
#define QSTI_SIM_ACTION_H

#include <qstill/assembly.h>

#define QSTI_UNTOUCHED UINT8_MAX

typedef struct qsti_action {
    uint8_t kind; /* qst_instruction_kind: GATE, MEASURE or RESET */
    uint8_t gate; /* qst_gate */
    uint8_t
        qubits[QST_MAX_GATE_QUBITS]; /* active numbers; of MEASURE and RESET the first may be QSTI_UNTOUCHED: a |0> */
    uint32_t first_angle;
    uint32_t bit;       /* MEASURE; QST_NO_BIT: not kept */
    uint32_t condition; /* number of the register, or QSTI_ALWAYS */
    uint64_t value;
} qsti_action;

#define QSTI_ALWAYS UINT32_MAX

/* What is measured at the end, into which bit. */
typedef struct qsti_final {
    uint8_t qubit; /* active number, or QSTI_UNTOUCHED */
    uint32_t bit;
} qsti_final;

typedef struct qsti_actions {
    qst_ctx *ctx;
    qsti_action *items; /* without measurements at the end */
    size_t n_items;
    size_t n_prefix; /* so many at first are gates without a condition */
    double *angles;
    size_t n_angles;
    qsti_final *finals; /* in the order of the assembly */
    size_t n_finals;
    uint8_t *active; /* (n_qubits): active number, or QSTI_UNTOUCHED */
    size_t n_qubits, n_active;
    size_t n_bits;
    qst_register *registers; /* of bits */
    size_t n_registers;
    bool measures; /* anything into a bit */
} qsti_actions;

/* Errors: those of qst_assembly_walk(); ERR_LIMIT for more than 30 active qubits. Clear in every case. */
qst_status qsti_actions_collect(qst_ctx *ctx, const qst_assembly *assembly, const double *parameters,
                                qsti_actions *out);
void qsti_actions_clear(qsti_actions *actions);

/* The gates of the prefix as a circuit on the active qubits, of which there is at least one. */
qst_status qsti_actions_circuit(const qsti_actions *actions, qst_circuit **out);

#endif

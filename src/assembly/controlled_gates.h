/* controlled_gates.h: what gates.def has no gate for: its cores under any number of controls, by gates of it.
 *
 * Angles are linear forms in the angles of the gate that is expanded.
 */
#ifndef QSTI_ASSEMBLY_CONTROLLED_GATES_H
#define QSTI_ASSEMBLY_CONTROLLED_GATES_H

#include "assembly/gate_expansion.h"

/* --- linear forms ------------------------------------------------------------------------------------------------- */

static inline qsti_linear qsti_linear_number(double value)
{
    return (qsti_linear){.constant = value};
}

static inline qsti_linear qsti_linear_angle(size_t index)
{
    qsti_linear form = {0};
    form.coefficient[index] = 1;
    return form;
}

static inline qsti_linear qsti_linear_scaled(qsti_linear form, double factor)
{
    form.constant *= factor;
    for (size_t i = 0; i < QST_MAX_GATE_ANGLES; i++)
        form.coefficient[i] *= factor;
    return form;
}

static inline qsti_linear qsti_linear_minus(qsti_linear form)
{
    return qsti_linear_scaled(form, -1);
}

static inline qsti_linear qsti_linear_sum(qsti_linear a, qsti_linear b)
{
    a.constant += b.constant;
    for (size_t i = 0; i < QST_MAX_GATE_ANGLES; i++)
        a.coefficient[i] += b.coefficient[i];
    return a;
}

/* --- cores under controls ----------------------------------------------------------------------------------------- */

/* Where gates go; the first error stays. */
typedef struct qsti_sink {
    qsti_gate_fn *fn;
    void *user;
    qst_status status;
} qsti_sink;

/* Qubits that must be 1, with room for a few more. */
typedef struct qsti_qubit_list {
    size_t n;
    uint32_t qubits[QSTI_MAX_CONTROLS + QST_MAX_GATE_QUBITS + 1];
} qsti_qubit_list;

typedef enum qsti_axis { QSTI_AXIS_X, QSTI_AXIS_Y, QSTI_AXIS_Z } qsti_axis;
typedef enum qsti_pair { QSTI_PAIR_XX, QSTI_PAIR_YY, QSTI_PAIR_ZZ, QSTI_PAIR_ZX } qsti_pair;

/* One gate. */
void qsti_put(qsti_sink *to, qst_gate gate, const uint32_t *qubits, const qsti_linear *angles);
/* RX, RY or RZ of the target. */
void qsti_controlled_turn(qsti_sink *to, qsti_axis axis, const qsti_qubit_list *controls, uint32_t target,
                          qsti_linear form);
/* exp(i form) when all qubits are 1. */
void qsti_controlled_phase(qsti_sink *to, const qsti_qubit_list *qubits, qsti_linear form);
/* -1 when all qubits are 1; there is at least one. */
void qsti_controlled_sign(qsti_sink *to, const qsti_qubit_list *qubits);
/* exp(i c/2) RX(c), c a number. */
void qsti_controlled_root(qsti_sink *to, const qsti_qubit_list *controls, uint32_t target, double constant);
/* X, Y, H of the target. */
void qsti_controlled_x(qsti_sink *to, const qsti_qubit_list *controls, uint32_t target);
void qsti_controlled_y(qsti_sink *to, const qsti_qubit_list *controls, uint32_t target);
void qsti_controlled_h(qsti_sink *to, const qsti_qubit_list *controls, uint32_t target);
/* exp(i g) u(t,f,l), angles[] = t, f, l, g; without controls g is a global phase when has_phase. */
void qsti_controlled_u(qsti_sink *to, const qsti_qubit_list *controls, uint32_t target, const qsti_linear angles[4],
                       bool has_phase);
/* Exchanges a and b. */
void qsti_controlled_swap(qsti_sink *to, const qsti_qubit_list *controls, uint32_t a, uint32_t b);
/* The rotation about two Paulis of q[0], q[1]. */
void qsti_controlled_pair(qsti_sink *to, qsti_pair which, const qsti_qubit_list *controls, const uint32_t *q,
                          qsti_linear form);
/* rccx of q[0..3), rc3x of q[0..4). */
void qsti_controlled_relative_x2(qsti_sink *to, const qsti_qubit_list *controls, const uint32_t *q);
void qsti_controlled_relative_x3(qsti_sink *to, const qsti_qubit_list *controls, const uint32_t *q, bool inverse);

#endif

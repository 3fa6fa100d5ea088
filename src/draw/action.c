/* action.c: an instruction with its controls and its inverse taken apart, as drawings show it. */
#include <string.h>

#include "draw/label.h"

#define PI 3.14159265358979323846

#define LAST_OF_QELIB1 QST_GATE_c4x /* gates.def lists those of the file first */

/* What stands behind the control dots of a controlled gate. */
static const struct controlled {
    qst_gate gate, base;
    size_t n_controls;
} controlled_gates[] = {
    {QST_GATE_cx, QST_GATE_x, 1},       {QST_GATE_cy, QST_GATE_y, 1},   {QST_GATE_cz, QST_GATE_z, 1},
    {QST_GATE_ch, QST_GATE_h, 1},       {QST_GATE_csx, QST_GATE_sx, 1}, {QST_GATE_crx, QST_GATE_rx, 1},
    {QST_GATE_cry, QST_GATE_ry, 1},     {QST_GATE_crz, QST_GATE_rz, 1}, {QST_GATE_cp, QST_GATE_p, 1},
    {QST_GATE_cu1, QST_GATE_u1, 1},     {QST_GATE_cu3, QST_GATE_u3, 1}, {QST_GATE_cu, QST_GATE_u, 1},
    {QST_GATE_cswap, QST_GATE_swap, 1}, {QST_GATE_ccx, QST_GATE_x, 2},  {QST_GATE_c3x, QST_GATE_x, 3},
    {QST_GATE_c3sqrtx, QST_GATE_sx, 3}, {QST_GATE_c4x, QST_GATE_x, 4},
};

static const struct pair {
    qst_gate gate, inverse;
} pairs[] = {
    {QST_GATE_s, QST_GATE_sdg}, {QST_GATE_sdg, QST_GATE_s},   {QST_GATE_t, QST_GATE_tdg},
    {QST_GATE_tdg, QST_GATE_t}, {QST_GATE_sx, QST_GATE_sxdg}, {QST_GATE_sxdg, QST_GATE_sx},
};

/* Takes the controls off that are in the gate's name. A phase with controls is p on the last of them. */
static void take_controls(qsti_action *action)
{
    for (size_t i = 0; i < sizeof controlled_gates / sizeof *controlled_gates; i++) {
        if (controlled_gates[i].gate == action->gate) {
            action->gate = controlled_gates[i].base;
            action->n_controls += controlled_gates[i].n_controls;
            return;
        }
    }
    if (action->gate == QST_GATE_gphase && action->n_controls) {
        action->gate = QST_GATE_p;
        action->n_controls--;
    }
}

/* The angles of u(theta,phi,lambda)^-1 = u(-theta,-lambda,-phi), u2 = u(pi/2,phi,lambda) with theta kept; of the others
 * that have angles every one is negated, but for the axis of r. */
static void invert_angles(qsti_action *action)
{
    for (size_t a = 0; a < QST_MAX_GATE_ANGLES; a++) {
        action->angles[a].sign = -1;
    }
    switch (action->gate) {
    case QST_GATE_u:
    case QST_GATE_u3:
        action->angles[1].from = 2;
        action->angles[2].from = 1;
        break;
    case QST_GATE_u2:
        action->angles[0] = (qsti_action_angle){1, -1, -PI};
        action->angles[1] = (qsti_action_angle){0, -1, PI};
        break;
    case QST_GATE_r:
        action->angles[1].sign = 1;
        break;
    default:
        break;
    }
}

static void invert(qsti_action *action)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (pairs[i].gate == action->gate) {
            action->gate = pairs[i].inverse;
            return;
        }
    }
    if (action->gate == QST_GATE_iswap || action->gate == QST_GATE_rccx || action->gate == QST_GATE_rc3x) {
        action->dagger = true;
    } else if (action->gate != QST_GATE_u0) { /* an identity, however long */
        invert_angles(action);
    }
}

/* Whether a call is one of a gate of Qiskit's qelib1.inc, which the file defines itself. */
static bool is_known(const qst_assembly *assembly, const qst_instruction *instruction, qst_gate *out)
{
    const char *name = qst_instruction_name(assembly, instruction);
    qst_gate gate;
    if (!qst_gate_find(name, &gate) || gate > LAST_OF_QELIB1) {
        return false;
    }
    const qst_gate_info *info = qst_gate_describe(gate);
    *out = gate;
    return strcmp(name, info->name) == 0 && (size_t)info->n_angles == instruction->n_angles &&
           (size_t)info->n_qubits + instruction->n_controls == instruction->n_qubits;
}

void qsti_action_of(const qst_assembly *assembly, bool of_qasm2, size_t index, qsti_action *out)
{
    *out = (qsti_action){0};
    qst_assembly_instruction(assembly, index, &out->instruction);
    for (size_t a = 0; a < QST_MAX_GATE_ANGLES; a++) {
        out->angles[a] = (qsti_action_angle){a, 1, 0};
    }
    bool is_call = out->instruction.kind == QST_INSTRUCTION_CALL;
    if (out->instruction.kind == QST_INSTRUCTION_GATE) {
        out->is_gate = true;
        out->gate = out->instruction.gate;
    } else if (is_call && of_qasm2) {
        out->is_gate = is_known(assembly, &out->instruction, &out->gate);
    }
    if (out->is_gate) {
        out->n_controls = out->instruction.n_controls;
        take_controls(out);
        if (out->instruction.inverse) {
            invert(out);
        }
    } else if (is_call) {
        out->n_controls = out->instruction.n_controls;
        out->dagger = out->instruction.inverse;
    }
}

bool qsti_action_is_phase(const qsti_action *action)
{
    return action->is_gate && action->gate == QST_GATE_gphase;
}

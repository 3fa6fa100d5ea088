/* gate.c: one fused gate of one sample: its matrix from its rotations, and their gradients from the gate's inner
 * products.
 *
 * A gate is U = R_m ... R_1 with R_i = exp(-i t_i P_i / 2), P_i an axis of the gate's virtual qubit, +t or -t by the
 * control's parity. U = [a -b*; b a*] is known by its first column, which each rotation turns.
 *
 * Backward: with g_Q = Im<lambda|Q|psi> behind rotation R about P, dL/dt = g_P; and in front of it, where psi and
 * lambda are R^-1 of what they were, g_Q becomes Im<lambda|R Q R^-1|psi>: with (P, Q, S) in cyclic order
 *
 *   g_Q <- cos t g_Q + sin t g_S,   g_S <- cos t g_S - sin t g_Q,   g_P stays.
 */
#include "sim/program.h"

/* The column (a, b) of four numbers times exp(-i t P / 2), c and s of t/2. */
static void turn_column(qsti_axis axis, double c, double s, double column[4])
{
    double ar = column[0], ai = column[1], br = column[2], bi = column[3];
    switch (axis) {
    case QSTI_AXIS_X:
        column[0] = c * ar + s * bi;
        column[1] = c * ai - s * br;
        column[2] = c * br + s * ai;
        column[3] = c * bi - s * ar;
        break;
    case QSTI_AXIS_Y:
        column[0] = c * ar - s * br;
        column[1] = c * ai - s * bi;
        column[2] = c * br + s * ar;
        column[3] = c * bi + s * ai;
        break;
    case QSTI_AXIS_Z:
        column[0] = c * ar + s * ai;
        column[1] = c * ai - s * ar;
        column[2] = c * br - s * bi;
        column[3] = c * bi + s * br;
        break;
    }
}

void qsti_gate_matrix(const qst_program *program, const qsti_gate *gate, const double *cosine, const double *sine,
                      unsigned set, double out[4])
{
    out[0] = 1;
    out[1] = out[2] = out[3] = 0;
    for (size_t i = 0; i < gate->count; i++) {
        const qsti_rotation *rotation = &program->rotations[gate->first + i];
        double sign = set && qsti_rotation_controlled(gate, rotation) ? -1.0 : 1.0;
        turn_column(qsti_rotation_axis(rotation), cosine[i], sign * sine[i], out);
    }
}

void qsti_gate_gradients(const qst_program *program, const qsti_gate *gate, const double *cosine, const double *sine,
                         double sums[2][3], double *gradient)
{
    size_t n_sets = gate->control ? 2 : 1;
    for (size_t i = gate->count; i-- > 0;) {
        const qsti_rotation *rotation = &program->rotations[gate->first + i];
        qsti_axis axis = qsti_rotation_axis(rotation);
        size_t q = (axis + 1) % 3, s = (axis + 2) % 3;
        double cos_t = cosine[i] * cosine[i] - sine[i] * sine[i], sin_t = 2 * cosine[i] * sine[i];
        gradient[i] = 0;
        for (size_t set = 0; set < n_sets; set++) {
            double sign = set && qsti_rotation_controlled(gate, rotation) ? -1.0 : 1.0, *g = sums[set];
            gradient[i] += sign * g[axis];
            double along_q = cos_t * g[q] + sign * sin_t * g[s];
            g[s] = cos_t * g[s] - sign * sin_t * g[q];
            g[q] = along_q;
        }
    }
}

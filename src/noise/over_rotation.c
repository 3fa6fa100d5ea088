/* over_rotation.c: the error of a gate whose rotations all turn too far, as rotations behind the gate.
 *
 * A gate is S_m ... S_1 (circuit/steps.h). If rotation step k about P turns by `angle` more in its own direction, the
 * gate is followed by R_Q(angle), Q = V P V^dagger, V = S_m ... S_(k+1). Q is a Pauli with a sign when each step of V
 * is a move, commutes with the Pauli, or is a rotation by a fixed multiple of pi/2:
 *
 *   exp(-i t R/2) P exp(i t R/2) = cos(t) P - i sin(t) R P,   R and P anticommuting
 *
 * Gates of which this is not so, such as u, are refused. The own direction is that of the sign of the step's constant,
 * or of its first angle's coefficient.
 */
#include <math.h>

#include "circuit/steps.h"
#include "noise/noise_model.h"

#define QUARTER 1.57079632679489661923

/* +-P on the gate's places. */
typedef struct signed_pauli {
    unsigned x, z;
    bool minus;
} signed_pauli;

static bool anticommute(const signed_pauli *p, const qsti_step *step)
{
    return __builtin_parity((p->x & step->z) ^ (p->z & step->x)) != 0;
}

/* The power of i in R P, place by place: X Y = i Z and so on around, -i the other way. */
static int phase_of_product(const qsti_step *r, const signed_pauli *p)
{
    static const int order[4] = {0, 1, 3, 2}; /* by x + 2 z: I X Z Y, X = 1, Y = 2, Z = 3 */
    int phase = 0;
    for (unsigned q = 0; q < QST_MAX_GATE_QUBITS; q++) {
        int first = order[(r->x >> q & 1) + 2 * (r->z >> q & 1)], second = order[(p->x >> q & 1) + 2 * (p->z >> q & 1)];
        if (first != 0 && second != 0 && first != second)
            phase += (second - first + 3) % 3 == 1 ? 1 : -1;
    }
    return phase & 3;
}

/* P behind a rotation; false when it is no Pauli there. */
static bool cross_rotation(const qsti_step *step, signed_pauli *p)
{
    if (!anticommute(p, step))
        return true;
    for (size_t a = 0; a < QST_MAX_GATE_ANGLES; a++) {
        if (step->coefficient[a] != 0)
            return false;
    }
    double quarters = step->constant / QUARTER;
    int turns = (int)lround(quarters);
    if (fabs(quarters - turns) > 1e-12)
        return false;
    if ((turns & 1) != 0) { /* -i R P = +-(the product without its phase) */
        bool positive = phase_of_product(step, p) == 1;
        p->x ^= step->x;
        p->z ^= step->z;
        p->minus ^= !positive;
    }
    p->minus ^= (turns & 3) >= 2; /* 2: cos; 3: sin */
    return true;
}

static bool cross(const qsti_step *step, signed_pauli *p)
{
    unsigned xa = p->x >> step->a & 1, za = p->z >> step->a & 1, xb = p->x >> step->b & 1, zb = p->z >> step->b & 1;
    switch ((qsti_step_kind)step->kind) {
    case QSTI_STEP_ROTATION:
        return cross_rotation(step, p);
    case QSTI_STEP_CX:
        p->minus ^= (xa & zb & (xb ^ za ^ 1)) != 0;
        p->x ^= xa << step->b;
        p->z ^= zb << step->a;
        return true;
    case QSTI_STEP_SWAP:
        p->x ^= (xa ^ xb) << step->a | (xa ^ xb) << step->b;
        p->z ^= (za ^ zb) << step->a | (za ^ zb) << step->b;
        return true;
    case QSTI_STEP_X:
        p->minus ^= za != 0;
        return true;
    case QSTI_STEP_PHASE:
        return true;
    }
    return true;
}

/* Whether a rotation's own direction is backwards. */
static bool turns_back(const qsti_step *step)
{
    for (size_t a = 0; a < QST_MAX_GATE_ANGLES; a++) {
        if (step->coefficient[a] != 0)
            return step->coefficient[a] < 0;
    }
    return step->constant < 0;
}

qst_status qsti_over_rotation(qst_ctx *ctx, qst_gate gate, size_t step, unsigned places, double angle, bool *out_none,
                              qsti_noise_event *out)
{
    size_t n = 0;
    const qsti_step *steps = qsti_gate_steps(gate, &n);
    signed_pauli p = {steps[step].x, steps[step].z, turns_back(&steps[step])};
    *out_none = steps[step].kind != QSTI_STEP_ROTATION || ((p.x | p.z) & ~places) != 0;
    if (*out_none)
        return QST_OK;
    for (size_t s = step + 1; s < n; s++) {
        if (!cross(&steps[s], &p)) {
            return qsti_fail(ctx, QST_ERR_UNSUPPORTED,
                             "over_rotation behind gate %s: its rotations about different axes do not commute; write "
                             "the gate as rx, ry, rz",
                             qst_gate_describe(gate)->name);
        }
    }
    *out = (qsti_noise_event){.kind = QSTI_NOISE_ROTATION, .angle = p.minus ? -angle : angle};
    for (unsigned q = 0; q < QST_MAX_GATE_QUBITS; q++) {
        if (((p.x | p.z) >> q & 1) == 0)
            continue;
        if (out->n_qubits == QST_DEVICE_GATE_QUBITS)
            return qsti_fail(ctx, QST_ERR_UNSUPPORTED, "over_rotation behind gate %s: it turns more than %d qubits",
                             qst_gate_describe(gate)->name, QST_DEVICE_GATE_QUBITS);
        out->x |= (uint8_t)((p.x >> q & 1) << out->n_qubits);
        out->z |= (uint8_t)((p.z >> q & 1) << out->n_qubits);
        out->qubits[out->n_qubits++] = q;
    }
    return QST_OK;
}

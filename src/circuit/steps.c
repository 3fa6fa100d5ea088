/* steps.c: the table of steps.h: each gate as Pauli rotations, moves (CX, SWAP, X) and a phase.
 *
 *   P_l  = e^{il/2} RZ(l)                 Z = P_pi, S = P_{pi/2}, T = P_{pi/4}
 *   X    is a move; Y = -X RZ(pi);        H = X RY(pi/2);   sqrt(X) = e^{i pi/4} RX(pi/2)
 *   u(t,f,l) = e^{i(f+l)/2} RZ(f) RY(t) RZ(l)                                                   [cross2017]
 *   controlled R_P(t)  = R_P(t/2) R_{ZP}(-t/2), Z on the control
 *   phase l on |1...1> of k qubits = e^{il/2^k} prod over non-empty S of R_{Z_S}(-(-1)^|S| l/2^{k-1})
 *   controlled X = RY(pi/2) (controlled Z) RY(-pi/2) on the target, and so for sqrt(X) and S
 *
 * The last but one is (1-Z_1)...(1-Z_k)/2^k multiplied out. Diagonal rotations commute and merge, moves are free in the
 * simulator: so bodies prefer them to rotations about X and Y. Bodies stand in order of application, first step first.
 *
 * Not here: matrices (the tests' reference simulator has its own) and inverses. */
#include "circuit/steps.h"

#define PI 3.14159265358979323846

/* The gate's own qubits as masks. */
#define Q0 1U
#define Q1 2U
#define Q2 4U
#define Q3 8U

/* clang-format off */
#define ROTATE(x_mask, z_mask, ...) {.kind = QSTI_STEP_ROTATION, .x = (x_mask), .z = (z_mask), __VA_ARGS__}
#define PHASE(...) {.kind = QSTI_STEP_PHASE, __VA_ARGS__}
#define CX(control, target) {.kind = QSTI_STEP_CX, .a = (control), .b = (target)}
#define SWAP(first, second) {.kind = QSTI_STEP_SWAP, .a = (first), .b = (second)}
#define X(qubit) {.kind = QSTI_STEP_X, .a = (qubit)}
/* clang-format on */
#define RX(mask, ...) ROTATE(mask, 0, __VA_ARGS__)
#define RY(mask, ...) ROTATE(mask, mask, __VA_ARGS__)
#define RZ(mask, ...) ROTATE(0, mask, __VA_ARGS__)

/* How large the angle is: a constant, or a combination of the gate's angles. */
#define BY(value)   .constant = (value)
#define ANGLES(...) .coefficient = {__VA_ARGS__}

/* Hadamard on one qubit. */
#define H(qubit) RY(1U << (qubit), BY(PI / 2)), X(qubit)

/* The factor of R_{Z_S} in a phase of 1 on k qubits. */
#define SHARE(k, mask)             ((__builtin_popcount(mask) % 2 ? 1.0 : -1.0) / (double)(1U << ((k)-1)))
#define PHASE_PART(k, mask, phase) RZ(mask, BY(SHARE(k, mask) * (phase)))

/* A phase on |11>, |111>, ... of the qubits 0..k-1, by subsets. */
#define PHASE_ON_2(k, phase) PHASE_PART(k, 1, phase), PHASE_PART(k, 2, phase), PHASE_PART(k, 3, phase)
#define PHASE_ON_3(k, phase)                                                                         \
    PHASE_ON_2(k, phase), PHASE_PART(k, 4, phase), PHASE_PART(k, 5, phase), PHASE_PART(k, 6, phase), \
        PHASE_PART(k, 7, phase)
#define PHASE_ON_4(k, phase)                                                                                    \
    PHASE_ON_3(k, phase), PHASE_PART(k, 8, phase), PHASE_PART(k, 9, phase), PHASE_PART(k, 10, phase),           \
        PHASE_PART(k, 11, phase), PHASE_PART(k, 12, phase), PHASE_PART(k, 13, phase), PHASE_PART(k, 14, phase), \
        PHASE_PART(k, 15, phase)
#define PHASE_ON_5(k, phase)                                                                                    \
    PHASE_ON_4(k, phase), PHASE_PART(k, 16, phase), PHASE_PART(k, 17, phase), PHASE_PART(k, 18, phase),         \
        PHASE_PART(k, 19, phase), PHASE_PART(k, 20, phase), PHASE_PART(k, 21, phase), PHASE_PART(k, 22, phase), \
        PHASE_PART(k, 23, phase), PHASE_PART(k, 24, phase), PHASE_PART(k, 25, phase), PHASE_PART(k, 26, phase), \
        PHASE_PART(k, 27, phase), PHASE_PART(k, 28, phase), PHASE_PART(k, 29, phase), PHASE_PART(k, 30, phase), \
        PHASE_PART(k, 31, phase)
#define PHASE_ON(k, phase) PHASE(BY((phase) / (double)(1U << (k)))), PHASE_ON_##k(k, phase)

/* A controlled rotation about the Pauli (x, z) of the target, qubit 1; the control is qubit 0. */
#define CONTROLLED(x_mask, z_mask) ROTATE(x_mask, z_mask, ANGLES(0.5)), ROTATE(x_mask, (z_mask) | Q0, ANGLES(-0.5))

/* Bodies that have two names. */
#define BODY_P  PHASE(ANGLES(0.5)), RZ(Q0, ANGLES(1))
#define BODY_U  RZ(Q0, ANGLES(0, 0, 1)), RY(Q0, ANGLES(1)), RZ(Q0, ANGLES(0, 1)), PHASE(ANGLES(0, 0.5, 0.5))
#define BODY_CP PHASE(ANGLES(0.25)), RZ(Q0, ANGLES(0.5)), RZ(Q1, ANGLES(0.5)), RZ(Q0 | Q1, ANGLES(-0.5))
/* u = e^{i(f+l)/2} A X B X C with A B C = 1 [barenco1995]; g, the phase of cu, goes to the control. */
#define BODY_CU(g)                                                                                         \
    RZ(Q1, ANGLES(0, -0.5, 0.5)), CX(0, 1), RZ(Q1, ANGLES(0, -0.5, -0.5)), RY(Q1, ANGLES(-0.5)), CX(0, 1), \
        RY(Q1, ANGLES(0.5)), RZ(Q1, ANGLES(0, 1)), RZ(Q0, ANGLES(0, 0.5, 0.5, (g))),                       \
        PHASE(ANGLES(0, 0.25, 0.25, 0.5 * (g)))

/* --- one qubit ---------------------------------------------------------------------------------------------------- */

static const qsti_step steps_id[] = {PHASE(BY(0))};
static const qsti_step steps_u0[] = {PHASE(BY(0))};
static const qsti_step steps_x[] = {X(0)};
static const qsti_step steps_y[] = {RZ(Q0, BY(PI)), X(0), PHASE(BY(PI))};
static const qsti_step steps_z[] = {PHASE(BY(PI / 2)), RZ(Q0, BY(PI))};
static const qsti_step steps_h[] = {H(0)};
static const qsti_step steps_s[] = {PHASE(BY(PI / 4)), RZ(Q0, BY(PI / 2))};
static const qsti_step steps_sdg[] = {PHASE(BY(-PI / 4)), RZ(Q0, BY(-PI / 2))};
static const qsti_step steps_t[] = {PHASE(BY(PI / 8)), RZ(Q0, BY(PI / 4))};
static const qsti_step steps_tdg[] = {PHASE(BY(-PI / 8)), RZ(Q0, BY(-PI / 4))};
static const qsti_step steps_sx[] = {PHASE(BY(PI / 4)), RX(Q0, BY(PI / 2))};
static const qsti_step steps_sxdg[] = {PHASE(BY(-PI / 4)), RX(Q0, BY(-PI / 2))};
static const qsti_step steps_rx[] = {RX(Q0, ANGLES(1))};
static const qsti_step steps_ry[] = {RY(Q0, ANGLES(1))};
static const qsti_step steps_rz[] = {RZ(Q0, ANGLES(1))};
static const qsti_step steps_r[] = {RZ(Q0, ANGLES(0, -1)), RX(Q0, ANGLES(1)), RZ(Q0, ANGLES(0, 1))};
static const qsti_step steps_p[] = {BODY_P};
static const qsti_step steps_u1[] = {BODY_P};
static const qsti_step steps_u2[] = {RZ(Q0, ANGLES(0, 1)), RY(Q0, BY(PI / 2)), RZ(Q0, ANGLES(1)),
                                     PHASE(ANGLES(0.5, 0.5))};
static const qsti_step steps_u3[] = {BODY_U};
static const qsti_step steps_u[] = {BODY_U};

/* --- two qubits: 0 is the control --------------------------------------------------------------------------------- */

static const qsti_step steps_cx[] = {CX(0, 1)};
static const qsti_step steps_cy[] = {RZ(Q1, BY(-PI / 2)), CX(0, 1), RZ(Q1, BY(PI / 2))};
static const qsti_step steps_cz[] = {PHASE_ON(2, PI)};
static const qsti_step steps_ch[] = {RY(Q1, BY(PI / 4)), CX(0, 1), RY(Q1, BY(-PI / 4))};
static const qsti_step steps_csx[] = {PHASE(BY(PI / 8)), RZ(Q0, BY(PI / 4)), RX(Q1, BY(PI / 4)),
                                      ROTATE(Q1, Q0, BY(-PI / 4))};
static const qsti_step steps_crx[] = {CONTROLLED(Q1, 0)};
static const qsti_step steps_cry[] = {CONTROLLED(Q1, Q1)};
static const qsti_step steps_crz[] = {CONTROLLED(0, Q1)};
static const qsti_step steps_cp[] = {BODY_CP};
static const qsti_step steps_cu1[] = {BODY_CP};
static const qsti_step steps_cu3[] = {BODY_CU(0)};
static const qsti_step steps_cu[] = {BODY_CU(1)};
static const qsti_step steps_swap[] = {SWAP(0, 1)};
static const qsti_step steps_iswap[] = {PHASE(BY(PI / 4)), RZ(Q0 | Q1, BY(PI / 2)), SWAP(0, 1)};
static const qsti_step steps_ecr[] = {ROTATE(Q1, Q0, BY(PI / 2)), X(0)};
static const qsti_step steps_rxx[] = {RX(Q0 | Q1, ANGLES(1))};
static const qsti_step steps_ryy[] = {RY(Q0 | Q1, ANGLES(1))};
static const qsti_step steps_rzz[] = {RZ(Q0 | Q1, ANGLES(1))};
static const qsti_step steps_rzx[] = {ROTATE(Q1, Q0, ANGLES(1))};

/* --- three to five qubits ----------------------------------------------------------------------------------------- */

static const qsti_step steps_ccx[] = {RY(Q2, BY(-PI / 2)), PHASE_ON(3, PI), RY(Q2, BY(PI / 2))};
static const qsti_step steps_cswap[] = {CX(2, 1), RY(Q2, BY(-PI / 2)), PHASE_ON(3, PI), RY(Q2, BY(PI / 2)), CX(2, 1)};
static const qsti_step steps_c3x[] = {RY(Q3, BY(-PI / 2)), PHASE_ON(4, PI), RY(Q3, BY(PI / 2))};
static const qsti_step steps_c3sqrtx[] = {RY(Q3, BY(-PI / 2)), PHASE_ON(4, PI / 2), RY(Q3, BY(PI / 2))};
static const qsti_step steps_c4x[] = {RY(1U << 4, BY(-PI / 2)), PHASE_ON(5, PI), RY(1U << 4, BY(PI / 2))};
/* The bodies of qelib1.inc; their t and tdg come in pairs, so that rz(+-pi/4) is exact. */
#define T_OF(mask)   RZ(mask, BY(PI / 4))
#define TDG_OF(mask) RZ(mask, BY(-PI / 4))
static const qsti_step steps_rccx[] = {H(2),     T_OF(Q2), CX(1, 2),   TDG_OF(Q2), CX(0, 2),
                                       T_OF(Q2), CX(1, 2), TDG_OF(Q2), H(2)};
static const qsti_step steps_rc3x[] = {H(3),       T_OF(Q3), CX(2, 3),   TDG_OF(Q3), H(3),       CX(0, 3),
                                       T_OF(Q3),   CX(1, 3), TDG_OF(Q3), CX(0, 3),   T_OF(Q3),   CX(1, 3),
                                       TDG_OF(Q3), H(3),     T_OF(Q3),   CX(2, 3),   TDG_OF(Q3), H(3)};

static const qsti_step steps_gphase[] = {PHASE(ANGLES(1))};

/* --- the table ---------------------------------------------------------------------------------------------------- */

static const struct {
    const qsti_step *steps;
    size_t n;
} bodies[] = {
#define QST_GATE(name, n_qubits, n_angles, cx_equivalents, about) \
    {steps_##name, sizeof steps_##name / sizeof *steps_##name},
#include <qstill/gates.def>
#undef QST_GATE
};

const qsti_step *qsti_gate_steps(qst_gate gate, size_t *out_n)
{
    *out_n = bodies[gate].n;
    return bodies[gate].steps;
}

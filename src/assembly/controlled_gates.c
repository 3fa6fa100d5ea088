/* controlled_gates.c: the cores of gates under controls.
 *
 *   R_P(t)       under C: product over subsets S of C, in Gray-code order, of R_{P Z_S}((-1)^|S| t / 2^k), each a
 *                rotation of the target between gates that anticommute with P and so flip its sign   [mottonen2005];
 *                many controls in two halves, a commutator of X under one half with R_P(t/4) under the other
 *   phase l      on m qubits: R_Z(l) of the last under the others, and a phase l/2 on the others
 *   X            RY(pi/2) (phase pi) RY(-pi/2); with a spare qubit four X under half the controls   [barenco1995]
 *   Y, H         S X S^-1, RY(-pi/4) X RY(pi/4), as matrices
 *   u(t,f,l)     e^{i(f+l)/2} A X B X C with A B C = 1, and only X and the phase are controlled     [barenco1995]
 *   R_PP(t)      a conjugation that makes it a rotation of one qubit; conjugations need no controls
 *   rccx, rc3x   A X_C A^-1, and commutators V W V W with V^2 = W^2 = 1, where controlling V is enough
 *
 * Every angle is linear in the gate's, so symbols pass through. A core under k controls takes O(k^3) gates. */
#include "assembly/controlled_gates.h"

#define PI 3.14159265358979323846

/* --- gates handed out --------------------------------------------------------------------------------------------- */

void qsti_put(qsti_sink *to, qst_gate gate, const uint32_t *qubits, const qsti_linear *angles)
{
    if (to->status == QST_OK)
        to->status = to->fn(to->user, gate, qubits, angles);
}

static void put_one(qsti_sink *to, qst_gate gate, uint32_t qubit)
{
    qsti_put(to, gate, &qubit, NULL);
}

static void put_two(qsti_sink *to, qst_gate gate, uint32_t first, uint32_t second)
{
    qsti_put(to, gate, (const uint32_t[]){first, second}, NULL);
}

static void put_turn(qsti_sink *to, qst_gate gate, uint32_t qubit, qsti_linear form)
{
    qsti_put(to, gate, &qubit, &form);
}

/* --- cores under controls ----------------------------------------------------------------------------------------- */

static qsti_qubit_list with(const qsti_qubit_list *list, uint32_t qubit)
{
    qsti_qubit_list longer = *list;
    longer.qubits[longer.n++] = qubit;
    return longer;
}

static const qst_gate x_gates[] = {QST_GATE_x, QST_GATE_cx, QST_GATE_ccx, QST_GATE_c3x, QST_GATE_c4x};
#define MAX_X_CONTROLS    4
#define MAX_GRAY_CONTROLS 5 /* 2^k CX up to here, beyond it 4 X under k/2 controls cost less */

/* X of the target under controls; `spare` is any other qubit, and is as before at the end: t ^= ab as d ^= a, t ^= bd,
 * twice. */
static void flip_beside(qsti_sink *to, const qsti_qubit_list *controls, uint32_t target, uint32_t spare)
{
    qsti_qubit_list first = {.n = 0}, second = {.n = 0};

    if (controls->n <= MAX_X_CONTROLS) {
        qsti_qubit_list all = with(controls, target);
        qsti_put(to, x_gates[controls->n], all.qubits, NULL);
        return;
    }
    for (size_t i = 0; i < controls->n; i++) {
        qsti_qubit_list *half = i < (controls->n + 1) / 2 ? &first : &second;
        half->qubits[half->n++] = controls->qubits[i];
    }
    second.qubits[second.n++] = spare;
    for (int i = 0; i < 2; i++) {
        flip_beside(to, &first, spare, target);
        flip_beside(to, &second, target, first.qubits[0]);
    }
}

/* A rotation under many controls: X_a A^-1 X_b A, twice, with A a quarter of the rotation, X anticommuting with it, and
 * a, b the halves of the controls; each half has the other to spare. */
static void turn_halves(qsti_sink *to, qst_gate plain, const qsti_qubit_list *controls, uint32_t target,
                        qsti_linear form)
{
    qsti_qubit_list first = {.n = 0}, second = {.n = 0};

    for (size_t i = 0; i < controls->n; i++) {
        qsti_qubit_list *half = i < controls->n / 2 ? &first : &second;
        half->qubits[half->n++] = controls->qubits[i];
    }
    for (int i = 0; i < 2; i++) {
        put_turn(to, plain, target, qsti_linear_scaled(form, 0.25));
        flip_beside(to, &first, target, second.qubits[0]);
        put_turn(to, plain, target, qsti_linear_scaled(form, -0.25));
        flip_beside(to, &second, target, first.qubits[0]);
    }
}

/* RX, RY or RZ of the target under controls. */
void qsti_controlled_turn(qsti_sink *to, qsti_axis axis, const qsti_qubit_list *controls, uint32_t target,
                          qsti_linear form)
{
    bool about_x = axis == QSTI_AXIS_X, about_y = axis == QSTI_AXIS_Y;
    qst_gate plain = about_x ? QST_GATE_rx : about_y ? QST_GATE_ry : QST_GATE_rz;
    qst_gate controlled = about_x ? QST_GATE_crx : about_y ? QST_GATE_cry : QST_GATE_crz;
    size_t k = controls->n;

    if (k == 0) {
        put_turn(to, plain, target, form);
    } else if (k == 1) {
        qsti_put(to, controlled, (const uint32_t[]){controls->qubits[0], target}, &form);
    } else if (k > MAX_GRAY_CONTROLS && about_x) {
        put_one(to, QST_GATE_h, target);
        turn_halves(to, QST_GATE_rz, controls, target, form);
        put_one(to, QST_GATE_h, target);
    } else if (k > MAX_GRAY_CONTROLS) {
        turn_halves(to, plain, controls, target, form);
    } else {
        size_t n_parts = (size_t)1 << k;
        for (size_t i = 0; i < n_parts; i++) {
            size_t code = i ^ (i >> 1);
            size_t flipped = i + 1 < n_parts ? (size_t)__builtin_ctzll(i + 1) : k - 1;
            double sign = __builtin_popcountll(code) % 2 ? -1 : 1;
            put_turn(to, plain, target, qsti_linear_scaled(form, sign / (double)n_parts));
            put_two(to, about_x ? QST_GATE_cz : QST_GATE_cx, controls->qubits[flipped], target);
        }
    }
}

/* exp(i form) when all qubits are 1. */
void qsti_controlled_phase(qsti_sink *to, const qsti_qubit_list *qubits, qsti_linear form)
{
    qsti_qubit_list rest = *qubits;

    for (; rest.n > 2; form = qsti_linear_scaled(form, 0.5)) {
        uint32_t last = rest.qubits[--rest.n];
        qsti_controlled_turn(to, QSTI_AXIS_Z, &rest, last, form);
    }
    qsti_put(to, rest.n == 2 ? QST_GATE_cp : rest.n == 1 ? QST_GATE_p : QST_GATE_gphase, rest.qubits, &form);
}

/* exp(i c/2) RX(c), c a number. */
void qsti_controlled_root(qsti_sink *to, const qsti_qubit_list *controls, uint32_t target, double constant)
{
    qsti_qubit_list all = with(controls, target);
    bool forwards = constant > 0;

    if (controls->n == 0) {
        put_one(to, forwards ? QST_GATE_sx : QST_GATE_sxdg, target);
    } else if (controls->n == 1 && !forwards) {
        const qsti_linear angles[] = {qsti_linear_number(constant), qsti_linear_number(-PI / 2),
                                      qsti_linear_number(PI / 2), qsti_linear_number(constant / 2)};
        qsti_put(to, QST_GATE_cu, all.qubits, angles);
    } else if ((controls->n == 1 || controls->n == 3) && forwards) {
        qsti_put(to, controls->n == 1 ? QST_GATE_csx : QST_GATE_c3sqrtx, all.qubits, NULL);
    } else {
        put_turn(to, QST_GATE_ry, target, qsti_linear_number(-PI / 2));
        qsti_controlled_phase(to, &all, qsti_linear_number(constant));
        put_turn(to, QST_GATE_ry, target, qsti_linear_number(PI / 2));
    }
}

void qsti_controlled_x(qsti_sink *to, const qsti_qubit_list *controls, uint32_t target)
{
    qsti_qubit_list all = with(controls, target);

    if (controls->n <= MAX_X_CONTROLS) {
        qsti_put(to, x_gates[controls->n], all.qubits, NULL);
        return;
    }
    put_turn(to, QST_GATE_ry, target, qsti_linear_number(-PI / 2));
    qsti_controlled_phase(to, &all, qsti_linear_number(PI));
    put_turn(to, QST_GATE_ry, target, qsti_linear_number(PI / 2));
}

/* -1 when all qubits are 1; there is at least one. */
void qsti_controlled_sign(qsti_sink *to, const qsti_qubit_list *qubits)
{
    qsti_qubit_list rest = *qubits;

    if (rest.n <= 2) {
        qsti_put(to, rest.n == 1 ? QST_GATE_z : QST_GATE_cz, rest.qubits, NULL);
    } else if (rest.n - 1 <= MAX_X_CONTROLS) {
        uint32_t last = rest.qubits[--rest.n];
        put_one(to, QST_GATE_h, last);
        qsti_controlled_x(to, &rest, last);
        put_one(to, QST_GATE_h, last);
    } else {
        qsti_controlled_phase(to, qubits, qsti_linear_number(PI));
    }
}

void qsti_controlled_y(qsti_sink *to, const qsti_qubit_list *controls, uint32_t target)
{
    if (controls->n <= 1) {
        qsti_qubit_list all = with(controls, target);
        qsti_put(to, controls->n ? QST_GATE_cy : QST_GATE_y, all.qubits, NULL);
        return;
    }
    put_one(to, QST_GATE_sdg, target);
    qsti_controlled_x(to, controls, target);
    put_one(to, QST_GATE_s, target);
}

void qsti_controlled_h(qsti_sink *to, const qsti_qubit_list *controls, uint32_t target)
{
    if (controls->n <= 1) {
        qsti_qubit_list all = with(controls, target);
        qsti_put(to, controls->n ? QST_GATE_ch : QST_GATE_h, all.qubits, NULL);
        return;
    }
    put_turn(to, QST_GATE_ry, target, qsti_linear_number(PI / 4));
    qsti_controlled_x(to, controls, target);
    put_turn(to, QST_GATE_ry, target, qsti_linear_number(-PI / 4));
}

/* exp(i g) u(t,f,l): forms[] = t, f, l, g. */
void qsti_controlled_u(qsti_sink *to, const qsti_qubit_list *controls, uint32_t target, const qsti_linear angles[4],
                       bool has_phase)
{
    qsti_linear theta = angles[0], phi = angles[1], lambda = angles[2];
    qsti_linear half_sum = qsti_linear_scaled(qsti_linear_sum(phi, lambda), 0.5);

    if (controls->n == 0) {
        qsti_put(to, QST_GATE_u, &target, angles);
        if (has_phase)
            qsti_put(to, QST_GATE_gphase, NULL, &angles[3]);
        return;
    }
    if (controls->n == 1) {
        qsti_put(to, QST_GATE_cu, (const uint32_t[]){controls->qubits[0], target}, angles);
        return;
    }
    put_turn(to, QST_GATE_rz, target, qsti_linear_scaled(qsti_linear_sum(lambda, qsti_linear_minus(phi)), 0.5));
    qsti_controlled_x(to, controls, target);
    put_turn(to, QST_GATE_rz, target, qsti_linear_minus(half_sum));
    put_turn(to, QST_GATE_ry, target, qsti_linear_scaled(theta, -0.5));
    qsti_controlled_x(to, controls, target);
    put_turn(to, QST_GATE_ry, target, qsti_linear_scaled(theta, 0.5));
    put_turn(to, QST_GATE_rz, target, phi);
    qsti_controlled_phase(to, controls, qsti_linear_sum(half_sum, angles[3]));
}

void qsti_controlled_swap(qsti_sink *to, const qsti_qubit_list *controls, uint32_t a, uint32_t b)
{
    if (controls->n == 0) {
        put_two(to, QST_GATE_swap, a, b);
    } else if (controls->n == 1) {
        qsti_put(to, QST_GATE_cswap, (const uint32_t[]){controls->qubits[0], a, b}, NULL);
    } else {
        qsti_qubit_list longer = with(controls, a);
        put_two(to, QST_GATE_cx, b, a);
        qsti_controlled_x(to, &longer, b);
        put_two(to, QST_GATE_cx, b, a);
    }
}

void qsti_controlled_pair(qsti_sink *to, qsti_pair which, const qsti_qubit_list *controls, const uint32_t *q,
                          qsti_linear form)
{
    static const struct {
        qst_gate plain, by;
        qsti_axis axis;
        size_t place;
    } rules[] = {
        [QSTI_PAIR_XX] = {QST_GATE_rxx, QST_GATE_cx, QSTI_AXIS_X, 0},
        [QSTI_PAIR_YY] = {QST_GATE_ryy, QST_GATE_cy, QSTI_AXIS_Y, 0},
        [QSTI_PAIR_ZZ] = {QST_GATE_rzz, QST_GATE_cx, QSTI_AXIS_Z, 1},
        [QSTI_PAIR_ZX] = {QST_GATE_rzx, QST_GATE_cz, QSTI_AXIS_X, 1},
    };
    size_t rule = (size_t)which;

    if (controls->n == 0) {
        qsti_put(to, rules[rule].plain, q, &form);
        return;
    }
    qsti_put(to, rules[rule].by, q, NULL);
    qsti_controlled_turn(to, rules[rule].axis, controls, q[rules[rule].place], form);
    qsti_put(to, rules[rule].by, q, NULL);
}

/* The matrix T^-1 CX T, which is its own inverse. */
static void relative_half(qsti_sink *to, uint32_t control, uint32_t target)
{
    put_one(to, QST_GATE_t, target);
    put_two(to, QST_GATE_cx, control, target);
    put_one(to, QST_GATE_tdg, target);
}

/* ccx up to phases: H W V W H with W = T^-1 CX(1,2) T and V = CX(0,2), the only one to control. */
void qsti_controlled_relative_x2(qsti_sink *to, const qsti_qubit_list *controls, const uint32_t *q)
{
    qsti_qubit_list longer = with(controls, q[0]);

    put_one(to, QST_GATE_h, q[2]);
    relative_half(to, q[1], q[2]);
    qsti_controlled_x(to, &longer, q[2]);
    relative_half(to, q[1], q[2]);
    put_one(to, QST_GATE_h, q[2]);
}

/* c3x up to phases: B (V W V W) B with B = H T^-1 CX(2,3) T H, V = CX(0,3), W = T^-1 CX(1,3) T. */
void qsti_controlled_relative_x3(qsti_sink *to, const qsti_qubit_list *controls, const uint32_t *q, bool inverse)
{
    qsti_qubit_list longer = with(controls, q[0]);

    put_one(to, QST_GATE_h, q[3]);
    relative_half(to, q[2], q[3]);
    put_one(to, QST_GATE_h, q[3]);
    for (int i = 0; i < 2; i++) {
        if (inverse)
            relative_half(to, q[1], q[3]);
        qsti_controlled_x(to, &longer, q[3]);
        if (!inverse)
            relative_half(to, q[1], q[3]);
    }
    put_one(to, QST_GATE_h, q[3]);
    relative_half(to, q[2], q[3]);
    put_one(to, QST_GATE_h, q[3]);
}

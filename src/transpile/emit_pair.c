/* emit_pair.c: interactions in a basis.
 *
 *   E = exp(i pi/4 ZX) is CX, CZ or ECR but for local gates:
 *     CX  = e^{i pi/4} (RZ(pi/2) x RX(pi/2)) E,   CZ the same with ZZ and RZ,   ECR = X exp(-i pi/4 ZX)
 *   exp(i c XX)            = CX (1 x RZ(-2c)) CX between the turns of X to Z                            2 CX
 *   exp(i (a XX + c ZZ))   = CX (RX(-2a) x RZ(-2c)) CX                                                  2 CX
 *   exp(i (a XX + b YY + c ZZ)) = e^{i pi/4} RZ_1(-pi/2) CX_01 RY_0(2b - pi/2) CX_10
 *                                 RZ_1(pi/2 - 2c) RY_0(pi/2 - 2a) CX_01 RZ_0(pi/2)                      3 CX
 * [vatan2004]
 *
 * With an entangler that has an angle each coordinate is one gate. */
#include "transpile/emitter.h"

static void pend(qsti_emitter *e, uint32_t wire, qsti_su2 u)
{
    e->pending[wire] = qsti_su2_product(u, e->pending[wire]);
}

/* --- entanglers without angle ------------------------------------------------------------------------------------- */

static bool is_forward(const qsti_emitter *e, uint32_t a, uint32_t b)
{
    return e->coupling->n_qubits == 0 || e->basis->entangler == QST_GATE_cz || qsti_coupling_forward(e->coupling, a, b);
}

/* E on a (Z) and b (X), behind what is pending, in the direction a to b; an RX on b may stay behind it. */
static qst_status emit_zx(qsti_emitter *e, uint32_t a, uint32_t b, bool keep_x)
{
    const uint32_t wires[2] = {a, b};
    const qst_gate gate = e->basis->entangler;
    const qsti_su2 hadamard = qsti_su2_hadamard();
    qst_status status = QST_OK;
    if (gate == QST_GATE_cz)
        pend(e, b, hadamard);
    QSTI_TRY(qsti_emit_pending(e, a, QSTI_KEEP_Z));
    QSTI_TRY(qsti_emit_pending(e, b, gate == QST_GATE_cz ? QSTI_KEEP_Z : keep_x ? QSTI_KEEP_X : QSTI_KEEP_NOTHING));
    QSTI_TRY(qsti_emit_gate(e, gate, wires, NULL));
    /* What was kept commutes with E, and stands behind it. */
    if (gate == QST_GATE_ecr) { /* E = (i Z x X) (X x 1) ECR, and the four i are 1 */
        const qsti_su2 behind = qsti_su2_product(qsti_su2_pauli(2), qsti_su2_pauli(0));
        e->pending[a] = qsti_su2_product(e->pending[a], behind);
        e->pending[b] = qsti_su2_product(e->pending[b], qsti_su2_pauli(0));
        return QST_OK;
    }
    e->pending[a] = qsti_su2_product(e->pending[a], qsti_su2_rz(-QSTI_PI / 2));
    if (gate == QST_GATE_cz) {
        e->pending[b] = qsti_su2_product(e->pending[b], qsti_su2_rz(-QSTI_PI / 2));
        pend(e, b, hadamard);
        return qsti_emit_phase(e, QSTI_NUMBER(-QSTI_PI / 4 + QSTI_PI)); /* two H are -(-i H)^2 */
    }
    e->pending[b] = qsti_su2_product(e->pending[b], qsti_su2_rx(-QSTI_PI / 2));
    return qsti_emit_phase(e, QSTI_NUMBER(-QSTI_PI / 4));
done:
    return status;
}

/* CX in the direction that the map has; against it with H on all four sides. With keep_x an RX on the target may stay
 * behind it: that saves where a turn is to come there anyway. */
static qst_status emit_cx(qsti_emitter *e, uint32_t control, uint32_t target, bool keep_x)
{
    qst_status status = QST_OK;
    if (is_forward(e, control, target) || !is_forward(e, target, control)) {
        QSTI_TRY(emit_zx(e, control, target, keep_x));
    } else {
        const qsti_su2 hadamard = qsti_su2_hadamard();
        pend(e, control, hadamard);
        pend(e, target, hadamard);
        QSTI_TRY(emit_zx(e, target, control, keep_x));
        pend(e, control, hadamard);
        pend(e, target, hadamard); /* (-i H)^4 = 1 */
    }
    pend(e, control, qsti_su2_rz(QSTI_PI / 2));
    pend(e, target, qsti_su2_rx(QSTI_PI / 2));
    QSTI_TRY(qsti_emit_phase(e, QSTI_NUMBER(QSTI_PI / 4)));
done:
    return status;
}

/* How well the axis that k sends to X suits a control (Z) or a target (X) in front of what is pending. */
static int suits(const qsti_emitter *e, uint32_t wire, qsti_su2 k, int axis)
{
    const qsti_axis n = qsti_su2_axis(qsti_su2_product(k, e->pending[wire]), 0);
    return qsti_axis_parallel(n, (qsti_axis){axis == 0, axis == 1, axis == 2}, 1e-9) != 0;
}

/* What the node that follows on a wire needs in front of it when `behind` is pending there: SX gates, at the best. */
static int quarters_before(const qsti_emitter *e, uint32_t i, uint32_t wire, qsti_su2 behind)
{
    if (i == UINT32_MAX)
        return qsti_quarters(behind);
    const qsti_node *node = &e->nodes[i];
    const int slot = node->kind == QSTI_NODE_PAIR && node->wires[1] == wire;
    const qsti_su2 there = qsti_su2_product(node->k[slot], behind);
    if (node->condition != 0 || (node->kind != QSTI_NODE_PAIR && node->kind != QSTI_NODE_LOCAL))
        return qsti_quarters(behind);
    if (node->kind == QSTI_NODE_LOCAL)
        return qsti_quarters(there);
    if (qsti_weyl_cx(node->c) == 2) {
        const qsti_su2 turn = node->c[1] == 0 ? qsti_su2_ry(-QSTI_PI / 2) : qsti_su2_rx(QSTI_PI / 2);
        return qsti_quarters(qsti_su2_product(turn, there));
    }
    if (qsti_weyl_cx(node->c) == 3)
        return qsti_quarters(there);
    int as_target, as_control = qsti_quarters(qsti_su2_product(qsti_su2_hadamard(), there));
    (void)qsti_but_rx(there, &as_target);
    return as_target < as_control ? as_target : as_control;
}

/* How one CX stands between what is pending on its sides: at_a and at_b turn the axes to Z of the control and X of the
 * target. */
typedef struct qsti_stand {
    qsti_su2 at_a, at_b;
    bool turned; /* one axis is turned round: E becomes its inverse */
    bool keep_x; /* an RX stays behind the target */
    int cost;    /* SX gates in front and, at the best, behind */
} qsti_stand;

/* What stays pending of u when RZ may stay behind it: RZ(a) of U = RZ(a) RY(b) RZ(c). */
static qsti_su2 kept_rz(qsti_su2 u)
{
    if (hypot(u.x, u.y) < 1e-9)
        return u;
    double sum = hypot(u.w, u.z) < 1e-9 ? 0 : atan2(u.z, u.w), difference = atan2(-u.x, u.y);
    return qsti_su2_rz(hypot(u.w, u.z) < 1e-9 ? 2 * difference : sum + difference);
}

/* Fills in what follows from at_a, at_b and turned; a and b are the sides `first` and the other one of the pair. */
static void judge(const qsti_emitter *e, const qsti_node *pair, int first, qsti_stand *stand)
{
    const uint32_t a = pair->wires[first], b = pair->wires[1 - first];
    const uint32_t *next = e->next[e->at];
    const qsti_su2 in_a = qsti_su2_product(stand->at_a, e->pending[a]);
    const qsti_su2 in_b = qsti_su2_product(stand->at_b, e->pending[b]);
    const qsti_su2 turn_a = stand->turned ? qsti_su2_pauli(2) : qsti_su2_one();
    const qsti_su2 turn_b = stand->turned ? qsti_su2_pauli(0) : qsti_su2_one();
    const qsti_su2 behind_a =
        qsti_su2_product(qsti_su2_inverse(stand->at_a), qsti_su2_product(turn_a, qsti_su2_rz(-QSTI_PI / 2)));
    const qsti_su2 behind_b =
        qsti_su2_product(qsti_su2_inverse(stand->at_b), qsti_su2_product(turn_b, qsti_su2_rx(-QSTI_PI / 2)));
    int but_rx;
    const qsti_su2 rest = qsti_but_rx(in_b, &but_rx);
    const int kept = but_rx + quarters_before(e, next[1 - first], b, qsti_su2_product(behind_b, rest));
    const int all = qsti_quarters(in_b) + quarters_before(e, next[1 - first], b, behind_b);
    stand->keep_x = kept < all;
    stand->cost = qsti_quarters(in_a) + (kept < all ? kept : all) +
                  quarters_before(e, next[first], a, qsti_su2_product(behind_a, kept_rz(in_a)));
}

/* Of the four ways to turn the axes of a CX round, the one with the fewest SX gates about it; else that in which no
 * half turn stands in front. */
static qsti_stand choose_stand(const qsti_emitter *e, const qsti_node *pair, int first)
{
    const qsti_su2 at_a = qsti_su2_product(qsti_su2_hadamard(), pair->k[first]), at_b = pair->k[1 - first];
    qsti_stand best = {.cost = 100};
    for (int way = 0; way < 4; way++) {
        const bool flip_a = way & 1, flip_b = way & 2;
        qsti_stand stand = {.at_a = flip_a ? qsti_su2_product(qsti_su2_pauli(0), at_a) : at_a,
                            .at_b = flip_b ? qsti_su2_product(qsti_su2_pauli(2), at_b) : at_b,
                            .turned = flip_a != flip_b};
        judge(e, pair, first, &stand);
        if (stand.cost < best.cost)
            best = stand;
    }
    return best;
}

/* One CX. */
static qst_status emit_one(qsti_emitter *e, const qsti_node *pair)
{
    int first = 0;
    bool free_direction =
        is_forward(e, pair->wires[0], pair->wires[1]) && is_forward(e, pair->wires[1], pair->wires[0]);
    if (!free_direction)
        first = is_forward(e, pair->wires[0], pair->wires[1]) ? 0 : 1;
    else if (suits(e, pair->wires[0], pair->k[0], 0) + suits(e, pair->wires[1], pair->k[1], 2) >
             suits(e, pair->wires[0], pair->k[0], 2) + suits(e, pair->wires[1], pair->k[1], 0))
        first = 1;
    const uint32_t a = pair->wires[first], b = pair->wires[1 - first];
    const qsti_stand stand = choose_stand(e, pair, first);
    pend(e, a, stand.at_a);
    pend(e, b, stand.at_b);
    qst_status status = emit_zx(e, a, b, stand.keep_x);
    if (stand.turned && status == QST_OK) { /* E^-1 = E exp(-i pi/2 ZX) = E i (Z/i x X/i) */
        pend(e, a, qsti_su2_pauli(2));
        pend(e, b, qsti_su2_pauli(0));
        status = qsti_emit_phase(e, QSTI_NUMBER(QSTI_PI / 2));
    }
    pend(e, a, qsti_su2_inverse(stand.at_a));
    pend(e, b, qsti_su2_inverse(stand.at_b));
    return status;
}

/* exp(i c XX), two CX. An RZ in front of either, once X is turned to Z, commutes with the whole and stays behind it; an
 * axis that is turned round turns the sign of c. */
static qst_status emit_phase_pair(qsti_emitter *e, const qsti_node *pair)
{
    qsti_su2 k[2], kept[2];
    double c = pair->c[0];
    qst_status status = QST_OK;
    for (int side = 0; side < 2; side++) {
        const uint32_t wire = pair->wires[side];
        k[side] = qsti_su2_product(qsti_su2_ry(-QSTI_PI / 2), pair->k[side]);
        const qsti_su2 there = qsti_su2_product(k[side], e->pending[wire]);
        if (hypot(there.w, there.z) < 1e-9) {
            k[side] = qsti_su2_product(qsti_su2_pauli(0), k[side]);
            c = -c;
        }
        pend(e, wire, k[side]);
        QSTI_TRY(qsti_emit_pending(e, wire, QSTI_KEEP_Z));
        kept[side] = e->pending[wire];
        e->pending[wire] = qsti_su2_one();
    }
    QSTI_TRY(emit_cx(e, pair->wires[0], pair->wires[1], false));
    pend(e, pair->wires[1], qsti_su2_rz(-2 * c));
    QSTI_TRY(emit_cx(e, pair->wires[0], pair->wires[1], false));
    for (int side = 0; side < 2; side++)
        pend(e, pair->wires[side], qsti_su2_product(qsti_su2_inverse(k[side]), kept[side]));
done:
    return status;
}

/* exp(i (a XX + b YY)), two CX: Y turned to Z. */
static qst_status emit_two(qsti_emitter *e, const qsti_node *pair)
{
    const uint32_t a = pair->wires[0], b = pair->wires[1];
    qst_status status = QST_OK;
    qsti_su2 k[2];
    for (int side = 0; side < 2; side++) {
        k[side] = qsti_su2_product(qsti_su2_rx(QSTI_PI / 2), pair->k[side]);
        pend(e, pair->wires[side], k[side]);
    }
    QSTI_TRY(emit_cx(e, a, b, false));
    pend(e, a, qsti_su2_rx(-2 * pair->c[0]));
    pend(e, b, qsti_su2_rz(-2 * pair->c[1]));
    QSTI_TRY(emit_cx(e, a, b, false));
    for (int side = 0; side < 2; side++)
        pend(e, pair->wires[side], qsti_su2_inverse(k[side]));
done:
    return status;
}

/* A turn of both axes about Z in front of exp(i pi/4 (XX + YY)) may be chosen. This is the one for which the control
 * `a` has nothing but an RZ in front of its gate (of_b: the target b nothing but an RX), if there is one; else none. */
static qsti_su2 free_turn(const qsti_emitter *e, const uint32_t wires[2], const qsti_su2 k[2], bool of_b)
{
    const qsti_su2 there = qsti_su2_product(k[of_b], e->pending[wires[of_b]]);
    const qsti_axis u = qsti_su2_rotate(there, (qsti_axis){of_b, 0, !of_b});
    if (fabs(u.z) > 1e-9)
        return qsti_su2_one();
    return qsti_su2_rz(QSTI_PI / 2 - atan2(u.y, u.x));
}

/* What stands in front of the two gates of emit_exchanged(), and its SX gates. */
static int exchanged_front(const qsti_emitter *e, const uint32_t wires[2], const qsti_su2 k[2], qsti_su2 turn,
                           qsti_su2 out[2])
{
    const qsti_su2 to_z = qsti_su2_product(qsti_su2_rx(QSTI_PI / 2), turn);
    int of_b;
    out[0] = qsti_su2_product(to_z, k[0]);
    out[1] = qsti_su2_product(qsti_su2_hadamard(), qsti_su2_product(to_z, k[1]));
    (void)qsti_but_rx(qsti_su2_product(out[1], e->pending[wires[1]]), &of_b);
    return of_b + qsti_quarters(qsti_su2_product(out[0], e->pending[wires[0]]));
}

/* The class of iSWAP, which SWAP CX is in, as two CX in opposite directions and no turn between them:
 *   CX_ba CX_ab = i (RX_a(pi/2) RZ_b(pi/2)) exp(i pi/4 (XZ + ZX)) (RZ_a(pi/2) RX_b(pi/2)) */
static qst_status emit_exchanged(qsti_emitter *e, const qsti_node *pair)
{
    uint32_t wires[2] = {0, 0};
    qsti_su2 front[2] = {qsti_su2_one(), qsti_su2_one()};
    int least = 100;
    for (int way = 0; way < 6; way++) { /* either first, the turn by either one or none */
        const int first = way % 2;
        const uint32_t order[2] = {pair->wires[first], pair->wires[1 - first]};
        const qsti_su2 k[2] = {pair->k[first], pair->k[1 - first]};
        const qsti_su2 turn = way < 4 ? free_turn(e, order, k, way >= 2) : qsti_su2_one();
        qsti_su2 here[2];
        int quarters = exchanged_front(e, order, k, turn, here);
        if (quarters < least) {
            least = quarters;
            for (int side = 0; side < 2; side++) {
                wires[side] = order[side];
                front[side] = here[side];
            }
        }
    }
    const uint32_t a = wires[0], b = wires[1];
    qst_status status = QST_OK;
    pend(e, a, qsti_su2_product(qsti_su2_rz(-QSTI_PI / 2), front[0]));
    pend(e, b, qsti_su2_product(qsti_su2_rx(-QSTI_PI / 2), front[1]));
    QSTI_TRY(emit_cx(e, a, b, false));
    QSTI_TRY(emit_cx(e, b, a, false));
    pend(e, a, qsti_su2_rx(-QSTI_PI / 2));
    pend(e, b, qsti_su2_rz(-QSTI_PI / 2));
    pend(e, a, qsti_su2_inverse(front[0]));
    pend(e, b, qsti_su2_inverse(front[1]));
    QSTI_TRY(qsti_emit_phase(e, QSTI_NUMBER(-QSTI_PI / 2))); /* 1 / i; the H are inverse to each other */
done:
    return status;
}

/* SWAP: (k_0 x k_1)^-1 SWAP (k_0 x k_1) is SWAP and then local gates; what is pending changes its side. */
static qst_status emit_swap(qsti_emitter *e, const qsti_node *pair)
{
    const uint32_t a = pair->wires[0], b = pair->wires[1];
    const qsti_su2 before[2] = {e->pending[a], e->pending[b]};
    qst_status status = QST_OK;
    e->pending[a] = e->pending[b] = qsti_su2_one();
    QSTI_TRY(emit_cx(e, a, b, false));
    QSTI_TRY(emit_cx(e, b, a, false));
    QSTI_TRY(emit_cx(e, a, b, false));
    for (int side = 0; side < 2; side++) {
        const qsti_su2 turn = qsti_su2_product(qsti_su2_inverse(pair->k[side]), pair->k[1 - side]);
        pend(e, pair->wires[side], qsti_su2_product(turn, before[1 - side]));
    }
    QSTI_TRY(qsti_emit_phase(e, QSTI_NUMBER(-QSTI_SWAP_PHASE)));
done:
    return status;
}

static qst_status emit_three(qsti_emitter *e, const qsti_node *pair)
{
    const uint32_t a = pair->wires[0], b = pair->wires[1];
    const double *c = pair->c;
    qst_status status = QST_OK;
    pend(e, a, pair->k[0]);
    pend(e, b, pair->k[1]);
    pend(e, a, qsti_su2_rz(QSTI_PI / 2));
    QSTI_TRY(emit_cx(e, a, b, false));
    pend(e, b, qsti_su2_rz(QSTI_PI / 2 - 2 * c[2]));
    pend(e, a, qsti_su2_ry(QSTI_PI / 2 - 2 * c[0]));
    QSTI_TRY(emit_cx(e, b, a, true));
    pend(e, a, qsti_su2_ry(2 * c[1] - QSTI_PI / 2));
    QSTI_TRY(emit_cx(e, a, b, true));
    pend(e, b, qsti_su2_rz(-QSTI_PI / 2));
    QSTI_TRY(qsti_emit_phase(e, QSTI_NUMBER(QSTI_PI / 4)));
    pend(e, a, qsti_su2_inverse(pair->k[0]));
    pend(e, b, qsti_su2_inverse(pair->k[1]));
done:
    return status;
}

/* --- entanglers with an angle ------------------------------------------------------------------------------------- */

/* The turn that takes the Pauli `from` to `to`, both 0..2. */
static qsti_su2 turn_to(int from, int to)
{
    if (from == to)
        return qsti_su2_one();
    int about = 3 - from - to;
    bool cyclic = (from + 1) % 3 == to; /* a quarter turn about the third takes from to +to */
    double angle = cyclic ? QSTI_PI / 2 : -QSTI_PI / 2;
    return about == 0 ? qsti_su2_rx(angle) : about == 1 ? qsti_su2_ry(angle) : qsti_su2_rz(angle);
}

static qst_status emit_rotations(qsti_emitter *e, const qsti_node *pair)
{
    const qst_gate gate = e->basis->entangler;
    const int axis = gate == QST_GATE_rxx ? 0 : gate == QST_GATE_ryy ? 1 : 2, other = gate == QST_GATE_rzx ? 0 : axis;
    bool phases = gate == QST_GATE_cp || gate == QST_GATE_cu1;
    int first = is_forward(e, pair->wires[0], pair->wires[1]) ? 0 : 1;
    const qsti_keep keep[3] = {QSTI_KEEP_X, QSTI_KEEP_NOTHING, QSTI_KEEP_Z};
    const uint32_t wires[2] = {pair->wires[first], pair->wires[1 - first]};
    qst_status status = QST_OK;
    for (int j = 0; j < 3; j++) {
        if (pair->c[j] == 0)
            continue;
        const qsti_su2 k[2] = {qsti_su2_product(turn_to(j, axis), pair->k[first]),
                               qsti_su2_product(turn_to(j, other), pair->k[1 - first])};
        const double c = pair->c[j];
        pend(e, wires[0], k[0]);
        pend(e, wires[1], k[1]);
        QSTI_TRY(qsti_emit_pending(e, wires[0], keep[axis]));
        QSTI_TRY(qsti_emit_pending(e, wires[1], keep[other]));
        if (phases) { /* exp(i c ZZ) = e^{-ic} (RZ(-2c) x RZ(-2c)) CP(4c) */
            QSTI_TRY(qsti_emit_gate(e, gate, wires, &QSTI_NUMBER(4 * c)));
            QSTI_TRY(qsti_emit_phase(e, QSTI_NUMBER(-c)));
            e->pending[wires[0]] = qsti_su2_product(e->pending[wires[0]], qsti_su2_rz(-2 * c));
            e->pending[wires[1]] = qsti_su2_product(e->pending[wires[1]], qsti_su2_rz(-2 * c));
        } else {
            QSTI_TRY(qsti_emit_gate(e, gate, wires, &QSTI_NUMBER(-2 * c)));
        }
        pend(e, wires[0], qsti_su2_inverse(k[0]));
        pend(e, wires[1], qsti_su2_inverse(k[1]));
    }
done:
    return status;
}

qst_status qsti_emit_pair(qsti_emitter *e, const qsti_node *pair)
{
    if (e->basis->entangler == QST_GATE_COUNT) {
        return qsti_fail(
            e->ctx, QST_ERR_USAGE,
            "basis: qubits interact in the circuit, and no gate on two qubits is there; add cx, cz, ecr, rzz, "
            "rxx, ryy, rzx or cp");
    }
    if (e->basis->is_rotation)
        return emit_rotations(e, pair);
    switch (qsti_weyl_cx(pair->c)) {
    case 1:
        return emit_one(e, pair);
    case 2:
        return pair->c[1] == 0             ? emit_phase_pair(e, pair)
               : pair->c[1] == QSTI_PI / 4 ? emit_exchanged(e, pair)
                                           : emit_two(e, pair);
    case 3:
        return pair->c[2] == QSTI_PI / 4 ? emit_swap(e, pair) : emit_three(e, pair);
    default:
        return QST_OK;
    }
}

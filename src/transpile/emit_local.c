/* emit_local.c: unitaries of one qubit in a basis.
 *
 *   U = RZ(a) RY(b) RZ(c):  w = cos b/2 cos (a+c)/2,  z = cos b/2 sin (a+c)/2,
 *                           y = sin b/2 cos (a-c)/2,  x = -sin b/2 sin (a-c)/2
 *   RY(b) = RZ(pi) RX(pi/2) RZ(b - pi) RX(pi/2),      RY(pi/2) = RZ(pi/2) RX(pi/2) RZ(-pi/2)        [mckay2017]
 *   U = RX(g) RY(b) RZ(c) = RX(g') RZ(b) RX(pi/2) RZ(c) with U^-1 x = (cos b cos c, -cos b sin c, sin b)
 *
 * The second and third hold exactly, signs included, so that the phase is kept by counting that of each gate. */
#include "transpile/emitter.h"

#define SMALL 1e-13 /* of an angle that counts as 0 */

/* Pulls an angle next to a multiple of pi/4 on it. */
static double snapped(double angle)
{
    double steps = nearbyint(angle / (QSTI_PI / 4));
    return fabs(angle - steps * (QSTI_PI / 4)) < SMALL ? steps * (QSTI_PI / 4) : angle;
}

static double wrapped(double angle)
{
    double inside = snapped(remainder(angle, 2 * QSTI_PI));
    return inside <= -QSTI_PI ? QSTI_PI : inside;
}

/* --- single gates ------------------------------------------------------------------------------------------------- */

/* RX, RY or RZ (axis 0..2) by a number, in whatever the basis has for it; nothing for 0. Taking 2 pi off changes the
 * sign. */
static qst_status emit_turn(qsti_emitter *e, uint32_t wire, int axis, double angle)
{
    static const qst_gate gates[] = {QST_GATE_rx, QST_GATE_ry, QST_GATE_rz};
    double inside = wrapped(angle);
    qst_status status = qsti_emit_phase(e, QSTI_NUMBER((inside - angle) / 2));
    if (status != QST_OK || inside == 0)
        return status;
    qst_gate gate = axis == 2 ? e->basis->diagonal : gates[axis];
    if (gate == QST_GATE_p || gate == QST_GATE_u1)
        status = qsti_emit_phase(e, QSTI_NUMBER(-inside / 2));
    return status == QST_OK ? qsti_emit_gate(e, gate, &wire, &QSTI_NUMBER(inside)) : status;
}

/* RX(pi/2) as SX, or as H RZ(pi/2) H without one. */
static qst_status emit_quarter(qsti_emitter *e, uint32_t wire)
{
    qst_status status = QST_OK;
    if (e->basis->local == QSTI_LOCAL_ZSX) {
        QSTI_TRY(qsti_emit_phase(e, QSTI_NUMBER(-QSTI_PI / 4)));
        return qsti_emit_gate(e, QST_GATE_sx, &wire, NULL);
    }
    QSTI_TRY(qsti_emit_gate(e, QST_GATE_h, &wire, NULL));
    QSTI_TRY(emit_turn(e, wire, 2, QSTI_PI / 2));
    QSTI_TRY(qsti_emit_gate(e, QST_GATE_h, &wire, NULL));
done:
    return status;
}

static qst_status emit_u(qsti_emitter *e, uint32_t wire, double theta, double phi, double lambda)
{
    theta = snapped(theta);
    double first = wrapped(phi), last = wrapped(lambda); /* RZ(phi) RY RZ(lambda) = exp(-i (phi + lambda) / 2) u */
    qst_status status = qsti_emit_phase(e, QSTI_NUMBER(-(phi + lambda) / 2));
    if (status != QST_OK || (theta == 0 && wrapped(first + last) == 0))
        return status;
    const qsti_angle angles[] = {QSTI_NUMBER(theta), QSTI_NUMBER(first), QSTI_NUMBER(last)};
    return qsti_emit_gate(e, e->basis->universal, &wire, angles);
}

/* R(theta, phi) = exp(-i theta (X cos phi + Y sin phi) / 2), theta in 0..2 pi */
static qst_status emit_r(qsti_emitter *e, uint32_t wire, double theta, double phi)
{
    const qsti_angle angles[] = {QSTI_NUMBER(snapped(theta)), QSTI_NUMBER(wrapped(phi))};
    return angles[0].number == 0 ? QST_OK : qsti_emit_gate(e, QST_GATE_r, &wire, angles);
}

/* --- Euler's angles ----------------------------------------------------------------------------------------------- */

typedef struct euler {
    double a, b, c; /* U = RZ(a) RY(b) RZ(c), 0 <= b <= pi; c = 0 where only a sum or difference counts */
} euler;

static euler euler_zyz(qsti_su2 u)
{
    double flat = hypot(u.x, u.y), upright = hypot(u.w, u.z);
    double sum = atan2(u.z, u.w), difference = atan2(-u.x, u.y);
    if (flat < SMALL / 2)
        return (euler){2 * sum, 0, 0};
    if (upright < SMALL / 2)
        return (euler){2 * difference, QSTI_PI, 0};
    return (euler){sum + difference, snapped(2 * atan2(flat, upright)), sum - difference};
}

/* About X, Y, X and about X, Z, X: the same with the axes renamed, right-handed. */
static euler euler_xyx(qsti_su2 u)
{
    return euler_zyz((qsti_su2){u.w, -u.z, u.y, u.x});
}
static euler euler_xzx(qsti_su2 u)
{
    return euler_zyz((qsti_su2){u.w, u.y, u.z, u.x});
}

int qsti_quarters(qsti_su2 u)
{
    const euler t = euler_zyz(u);
    return t.b == 0 ? 0 : t.b == QSTI_PI / 2 || t.b == QSTI_PI ? 1 : 2;
}

qsti_su2 qsti_but_rx(qsti_su2 u, int *out_quarters)
{
    const qsti_axis n = qsti_su2_axis(u, 0);
    double flat = hypot(n.x, n.y), b = atan2(n.z, flat), c = flat < SMALL ? 0 : atan2(-n.y, n.x);
    *out_quarters = fabs(b) > SMALL;
    qsti_su2 written = qsti_su2_rz(c);
    if (fabs(b) > SMALL)
        written = qsti_su2_product(qsti_su2_rz(b), qsti_su2_product(qsti_su2_rx(QSTI_PI / 2), written));
    return qsti_su2_product(u, qsti_su2_inverse(written));
}

/* --- schemes ------------------------------------------------------------------------------------------------------ */

/* RZ(c), then RY(b), and gives in *a by what RZ is still to turn beyond a. For ZSX and ZH. */
static qst_status emit_tilt(qsti_emitter *e, uint32_t wire, double b, double c, double *a)
{
    qst_status status = QST_OK;
    if (b == 0) {
        *a += c;
    } else if (b == QSTI_PI / 2) {
        QSTI_TRY(emit_turn(e, wire, 2, c - QSTI_PI / 2));
        QSTI_TRY(emit_quarter(e, wire));
        *a += QSTI_PI / 2;
    } else if (b == QSTI_PI && e->basis->has[QST_GATE_x]) { /* RX(pi) = -i X; what stands before it goes behind it */
        QSTI_TRY(qsti_emit_phase(e, QSTI_NUMBER(-QSTI_PI / 2)));
        QSTI_TRY(qsti_emit_gate(e, QST_GATE_x, &wire, NULL));
        *a += QSTI_PI - c;
    } else {
        QSTI_TRY(emit_turn(e, wire, 2, c));
        QSTI_TRY(emit_quarter(e, wire));
        QSTI_TRY(emit_turn(e, wire, 2, b - QSTI_PI));
        QSTI_TRY(emit_quarter(e, wire));
        *a += QSTI_PI;
    }
done:
    return status;
}

/* U = RZ(*out) V with V written, for everything that has RZ in some way. */
static qst_status emit_but_z(qsti_emitter *e, uint32_t wire, qsti_su2 u, double *out)
{
    euler t = euler_zyz(u);
    qst_status status = QST_OK;
    switch (e->basis->local) {
    case QSTI_LOCAL_ZSX:
    case QSTI_LOCAL_ZH:
        QSTI_TRY(emit_tilt(e, wire, t.b, t.c, &t.a));
        break;
    case QSTI_LOCAL_ZX:       /* RY(b) = RZ(pi/2) RX(b) RZ(-pi/2) */
        if (t.b == QSTI_PI) { /* what stands before RX(pi) goes behind it, turned round; c is 0 */
            QSTI_TRY(emit_turn(e, wire, 0, t.b));
            t.a += QSTI_PI;
        } else if (t.b != 0) {
            QSTI_TRY(emit_turn(e, wire, 2, t.c - QSTI_PI / 2));
            QSTI_TRY(emit_turn(e, wire, 0, t.b));
            t.a += QSTI_PI / 2;
        }
        break;
    case QSTI_LOCAL_ZY:
        QSTI_TRY(emit_turn(e, wire, 2, t.c));
        QSTI_TRY(emit_turn(e, wire, 1, t.b));
        break;
    case QSTI_LOCAL_R: /* RZ(a) RY(b) RZ(c) = RZ(a + c) R(b, pi/2 - c) */
        QSTI_TRY(emit_r(e, wire, t.b, QSTI_PI / 2 - t.c));
        t.a += t.c;
        break;
    case QSTI_LOCAL_U:
        if (t.b != 0)
            QSTI_TRY(emit_u(e, wire, t.b, 0, t.c));
        break;
    case QSTI_LOCAL_XY:
        break;
    }
    *out = t.a;
done:
    return status;
}

/* U = RX(*out) V with V written. */
static qst_status emit_but_x(qsti_emitter *e, uint32_t wire, qsti_su2 u, double *out)
{
    qst_status status = QST_OK;
    const qsti_axis n = qsti_su2_axis(u, 0);
    double flat = hypot(n.x, n.y), b = atan2(n.z, flat), c = flat < SMALL ? 0 : atan2(-n.y, n.x);
    bool quarter = e->basis->local == QSTI_LOCAL_ZSX && fabs(b) > SMALL;
    if (e->basis->local == QSTI_LOCAL_ZX || e->basis->local == QSTI_LOCAL_XY) {
        bool about_y = e->basis->local == QSTI_LOCAL_XY;
        const euler t = about_y ? euler_xyx(u) : euler_xzx(u);
        QSTI_TRY(emit_turn(e, wire, 0, t.c));
        QSTI_TRY(emit_turn(e, wire, about_y ? 1 : 2, t.b));
        *out = t.a;
        return QST_OK;
    }
    QSTI_TRY(emit_turn(e, wire, 2, c));
    qsti_su2 written = qsti_su2_rz(c);
    if (quarter) {
        QSTI_TRY(emit_quarter(e, wire));
        QSTI_TRY(emit_turn(e, wire, 2, b));
        written = qsti_su2_product(qsti_su2_rz(b), qsti_su2_product(qsti_su2_rx(QSTI_PI / 2), written));
    } else if (fabs(b) > SMALL) {
        QSTI_TRY(emit_turn(e, wire, 1, b));
        written = qsti_su2_product(qsti_su2_ry(b), written);
    }
    const qsti_su2 rest = qsti_su2_product(u, qsti_su2_inverse(written));
    *out = 2 * atan2(rest.x, rest.w);
done:
    return status;
}

/* A gate of the basis without angles that is U. */
static qst_status emit_named(qsti_emitter *e, uint32_t wire, qsti_su2 u, bool *out_done)
{
    static const double half = 0.70710678118654752440;
    static const double eighth_cos = 0.92387953251128675613, eighth_sin = 0.38268343236508977173;
    const struct {
        qst_gate gate;
        double phase; /* gate = exp(i phase) quaternion */
        qsti_su2 u;
    } named[] = {{QST_GATE_x, QSTI_PI / 2, {0, 1, 0, 0}},
                 {QST_GATE_y, QSTI_PI / 2, {0, 0, 1, 0}},
                 {QST_GATE_z, QSTI_PI / 2, {0, 0, 0, 1}},
                 {QST_GATE_h, QSTI_PI / 2, {0, half, 0, half}},
                 {QST_GATE_s, QSTI_PI / 4, {half, 0, 0, half}},
                 {QST_GATE_sdg, -QSTI_PI / 4, {half, 0, 0, -half}},
                 {QST_GATE_sx, QSTI_PI / 4, {half, half, 0, 0}},
                 {QST_GATE_sxdg, -QSTI_PI / 4, {half, -half, 0, 0}},
                 {QST_GATE_t, QSTI_PI / 8, {eighth_cos, 0, 0, eighth_sin}},
                 {QST_GATE_tdg, -QSTI_PI / 8, {eighth_cos, 0, 0, -eighth_sin}}};
    *out_done = false;
    for (size_t i = 0; i < sizeof named / sizeof *named && !*out_done; i++) {
        const qsti_su2 rest = qsti_su2_product(u, qsti_su2_inverse(named[i].u));
        if (!e->basis->has[named[i].gate] || fabs(rest.x) + fabs(rest.y) + fabs(rest.z) > SMALL)
            continue;
        *out_done = true;
        qst_status status = qsti_emit_phase(e, QSTI_NUMBER(-named[i].phase + (rest.w < 0 ? QSTI_PI : 0)));
        return status == QST_OK ? qsti_emit_gate(e, named[i].gate, &wire, NULL) : status;
    }
    return QST_OK;
}

static qst_status emit_whole(qsti_emitter *e, uint32_t wire, qsti_su2 u)
{
    qst_status status = QST_OK;
    bool done = false;
    double rest = 0;
    QSTI_TRY(emit_named(e, wire, u, &done));
    if (done)
        return QST_OK;
    if (e->basis->local == QSTI_LOCAL_U) {
        const euler t = euler_zyz(u);
        return emit_u(e, wire, t.b, t.a, t.c);
    }
    if (e->basis->local == QSTI_LOCAL_XY) {
        QSTI_TRY(emit_but_x(e, wire, u, &rest));
        return emit_turn(e, wire, 0, rest);
    }
    if (e->basis->local == QSTI_LOCAL_R && e->basis->diagonal == QST_GATE_COUNT) {
        double flat = hypot(u.x, u.y);
        if (fabs(u.z) < SMALL) /* R alone */
            return emit_r(e, wire, 2 * atan2(flat, u.w), flat < SMALL ? 0 : atan2(u.y, u.x));
        double phi = flat < SMALL ? 0 : atan2(u.y, u.x); /* R(pi, phi)^-1 U has no Z */
        const qsti_su2 first = qsti_su2_product((qsti_su2){0, -cos(phi), -sin(phi), 0}, u);
        QSTI_TRY(emit_r(e, wire, 2 * atan2(hypot(first.x, first.y), first.w), atan2(first.y, first.x)));
        return emit_r(e, wire, QSTI_PI, phi);
    }
    QSTI_TRY(emit_but_z(e, wire, u, &rest));
    status = emit_turn(e, wire, 2, rest);
done:
    return status;
}

/* Whether U is a turn about Z (2) or X (0). */
static bool is_turn(qsti_su2 u, int axis)
{
    return axis == 2 ? fabs(u.x) + fabs(u.y) < SMALL : fabs(u.y) + fabs(u.z) < SMALL;
}

qst_status qsti_emit_pending(qsti_emitter *e, uint32_t wire, qsti_keep keep)
{
    const qsti_su2 u = e->pending[wire];
    const bool keeps_z = keep == QSTI_KEEP_Z, keeps_x = keep == QSTI_KEEP_X;
    double rest = 0;
    if ((keeps_z && is_turn(u, 2)) || (keeps_x && is_turn(u, 0)))
        return QST_OK;
    e->pending[wire] = qsti_su2_one();
    if (fabs(u.x) + fabs(u.y) + fabs(u.z) < SMALL)
        return u.w < 0 ? qsti_emit_phase(e, QSTI_NUMBER(QSTI_PI)) : QST_OK;
    if (keeps_z && e->basis->local != QSTI_LOCAL_XY && e->basis->local != QSTI_LOCAL_U) {
        qst_status status = emit_but_z(e, wire, u, &rest);
        e->pending[wire] = qsti_su2_rz(rest);
        return status;
    }
    if (keeps_x && e->basis->local != QSTI_LOCAL_U && e->basis->local != QSTI_LOCAL_R &&
        e->basis->local != QSTI_LOCAL_ZH) {
        qst_status status = emit_but_x(e, wire, u, &rest);
        e->pending[wire] = qsti_su2_rx(rest);
        return status;
    }
    return emit_whole(e, wire, u);
}

/* --- free angles -------------------------------------------------------------------------------------------------- */

/* exp(-i (number + sign polynomial) P / 2), P of the axis, in what the basis has; false in *out_done: not there. */
static qst_status emit_free(qsti_emitter *e, uint32_t wire, int axis, qsti_angle t, bool *out_done)
{
    static const qst_gate gates[] = {QST_GATE_rx, QST_GATE_ry, QST_GATE_rz};
    qst_gate gate = gates[axis];
    qst_status status = QST_OK;
    const qsti_angle half = {-t.number / 2, -t.factor / 2, t.polynomial}, zero = QSTI_NUMBER(0);
    *out_done = true;
    if (e->basis->has[gate])
        return qsti_emit_gate(e, gate, &wire, &t);
    if (axis == 2 && e->basis->diagonal != QST_GATE_COUNT) {
        QSTI_TRY(qsti_emit_phase(e, half));
        return qsti_emit_gate(e, e->basis->diagonal, &wire, &t);
    }
    if (e->basis->local == QSTI_LOCAL_U) {
        const qsti_angle angles[3][3] = {
            {t, QSTI_NUMBER(-QSTI_PI / 2), QSTI_NUMBER(QSTI_PI / 2)}, {t, zero, zero}, {zero, zero, t}};
        if (axis == 2)
            QSTI_TRY(qsti_emit_phase(e, half));
        return qsti_emit_gate(e, e->basis->universal, &wire, angles[axis]);
    }
    if (e->basis->local == QSTI_LOCAL_R) {
        const qsti_angle straight[2] = {t, QSTI_NUMBER(axis == 0 ? 0 : QSTI_PI / 2)};
        if (axis != 2)
            return qsti_emit_gate(e, QST_GATE_r, &wire, straight);
        /* RZ(t) = -R(pi, t/2) R(pi, 0) */
        const qsti_angle first[2] = {QSTI_NUMBER(QSTI_PI), zero};
        const qsti_angle second[2] = {QSTI_NUMBER(QSTI_PI), {t.number / 2, t.factor / 2, t.polynomial}};
        QSTI_TRY(qsti_emit_phase(e, QSTI_NUMBER(QSTI_PI)));
        QSTI_TRY(qsti_emit_gate(e, QST_GATE_r, &wire, first));
        return qsti_emit_gate(e, QST_GATE_r, &wire, second);
    }
    *out_done = false;
done:
    return status;
}

qst_status qsti_emit_spin(qsti_emitter *e, const qsti_node *spin)
{
    uint32_t wire = spin->wires[0];
    const qsti_su2 q = qsti_su2_product(spin->k[0], e->pending[wire]);
    const qsti_axis n = qsti_su2_axis(q, 2);
    qst_status status = QST_OK;
    bool done = false;
    for (int axis = 2; axis >= 0; axis--) {
        int sign = qsti_axis_parallel(n, (qsti_axis){axis == 0, axis == 1, axis == 2}, SMALL);
        if (sign != 0) {
            QSTI_TRY(emit_free(e, wire, axis, (qsti_angle){0, sign, spin->extra}, &done));
            if (done) /* the turn stands before what is pending, and is written now */
                return QST_OK;
        }
    }
    bool about_x = e->basis->local == QSTI_LOCAL_XY;
    const qsti_su2 turn = about_x ? qsti_su2_ry(QSTI_PI / 2) : qsti_su2_one(); /* Z to X */
    e->pending[wire] = qsti_su2_product(turn, q);
    QSTI_TRY(qsti_emit_pending(e, wire, about_x ? QSTI_KEEP_X : QSTI_KEEP_Z));
    const qsti_su2 kept = e->pending[wire];
    e->pending[wire] = qsti_su2_product(qsti_su2_inverse(spin->k[0]), qsti_su2_inverse(turn));
    double number = 2 * atan2(about_x ? kept.x : kept.z, kept.w), inside = wrapped(number);
    QSTI_TRY(qsti_emit_phase(e, QSTI_NUMBER((inside - number) / 2)));
    QSTI_TRY(emit_free(e, wire, about_x ? 0 : 2, (qsti_angle){inside, 1, spin->extra}, &done));
done:
    return status;
}

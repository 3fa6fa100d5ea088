/* gate_expansion.c: controls and inverses of every gate, exact including the global phase.
 *
 * A gate is a core under controls: ccx is X under two. More controls lengthen that list, an inverse changes the core,
 * and each core knows its form under controls (controlled_gates.c). Where gates.def has the result, it is that one
 * gate.
 *
 *   iswap = RXX(-pi/2) RYY(-pi/2);   ecr = X_0 RZX(pi/2);   r(t,f) = RZ(f) RX(t) RZ(-f)
 *
 * Not here: the names of modifiers, and angles that are more than linear forms (assembly_walk.c). */
#include "assembly/controlled_gates.h"

#define PI 3.14159265358979323846

/* --- the table ---------------------------------------------------------------------------------------------------- */

typedef enum core_kind {
    CORE_NOTHING,
    CORE_PHASE, /* exp(i angle) when all qubits are 1 */
    CORE_SIGN,  /* -1 when all qubits are 1 */
    CORE_X,
    CORE_Y,
    CORE_H,
    CORE_ROOT, /* exp(i c/2) RX(c) */
    CORE_ROTATION_X,
    CORE_ROTATION_Y,
    CORE_ROTATION_Z,
    CORE_EULER,      /* exp(i g) u(t,f,l) */
    CORE_HALF_EULER, /* u(pi/2,f,l) */
    CORE_TILTED,     /* RZ(f) RX(t) RZ(-f) */
    CORE_SWAP,
    CORE_PAIR_XX,
    CORE_PAIR_YY,
    CORE_PAIR_ZZ,
    CORE_PAIR_ZX,
    CORE_ISWAP,
    CORE_ECR,
    CORE_RELATIVE_X2,
    CORE_RELATIVE_X3
} core_kind;

typedef enum inverse_rule {
    INVERSE_CORE,
    INVERSE_SELF,
    INVERSE_NEGATE,
    INVERSE_FIRST,
    INVERSE_EULER,
    INVERSE_IS
} inverse_rule;

#define SELF     INVERSE_SELF, 0
#define NEGATE   INVERSE_NEGATE, 0
#define FIRST    INVERSE_FIRST, 0
#define EULER    INVERSE_EULER, 0
#define CORE     INVERSE_CORE, 0
#define IS(name) INVERSE_IS, QST_GATE_##name

static const struct {
    core_kind core;
    unsigned own_controls;
    double constant;
    inverse_rule rule;
    qst_gate inverse;
} forms[QST_GATE_COUNT] = {
#define FORM(name, core, own_controls, constant, ...) \
    [QST_GATE_##name] = {CORE_##core, (own_controls), (constant), __VA_ARGS__},
#include "assembly/gate_forms.def"
#undef FORM
};

#undef SELF
#undef NEGATE
#undef FIRST
#undef EULER
#undef CORE
#undef IS

/* --- a gate ------------------------------------------------------------------------------------------------------- */

/* The angles of the core of a gate, or of its inverse. */
static void angles_of(qst_gate gate, bool inverse, qsti_linear out[4])
{
    const qst_gate_info *info = qst_gate_describe(gate);
    core_kind core = forms[gate].core;
    bool is_number = info->n_angles == 0;
    qsti_linear second = qsti_linear_angle(0), third = qsti_linear_angle(1);

    out[0] = is_number ? qsti_linear_number(forms[gate].constant) : qsti_linear_angle(0);
    if (core == CORE_EULER || core == CORE_HALF_EULER) {
        if (core == CORE_HALF_EULER) {
            out[0] = qsti_linear_number(PI / 2);
        } else {
            second = qsti_linear_angle(1);
            third = qsti_linear_angle(2);
        }
        out[1] = inverse ? qsti_linear_minus(third) : second;
        out[2] = inverse ? qsti_linear_minus(second) : third;
        out[3] = info->n_angles == 4 ? qsti_linear_angle(3) : qsti_linear_number(0);
        out[3] = inverse ? qsti_linear_minus(out[3]) : out[3];
    } else {
        out[1] = qsti_linear_angle(1);
        out[2] = out[3] = qsti_linear_number(0);
    }
    if (inverse)
        out[0] = qsti_linear_minus(out[0]);
}

static void expand_pairs(qsti_sink *to, core_kind core, bool inverse, const qsti_qubit_list *controls,
                         const uint32_t *q)
{
    qsti_linear quarter = qsti_linear_number(inverse ? PI / 2 : -PI / 2);

    if (core == CORE_ISWAP) {
        qsti_controlled_pair(to, QSTI_PAIR_XX, controls, q, quarter);
        qsti_controlled_pair(to, QSTI_PAIR_YY, controls, q, quarter);
    } else { /* ECR, which is its own inverse */
        qsti_controlled_pair(to, QSTI_PAIR_ZX, controls, q, qsti_linear_number(PI / 2));
        qsti_controlled_x(to, controls, q[0]);
    }
}

static void expand_core(qsti_sink *to, qst_gate gate, bool inverse, const qsti_qubit_list *controls, const uint32_t *q)
{
    core_kind core = forms[gate].core;
    qsti_qubit_list none = {.n = 0};
    qsti_linear angles[4];

    angles_of(gate, inverse, angles);
    switch (core) {
    case CORE_NOTHING:
        break;
    case CORE_PHASE:
        qsti_controlled_phase(to, controls, angles[0]);
        break;
    case CORE_SIGN:
        qsti_controlled_sign(to, controls);
        break;
    case CORE_X:
        qsti_controlled_x(to, controls, q[0]);
        break;
    case CORE_Y:
        qsti_controlled_y(to, controls, q[0]);
        break;
    case CORE_H:
        qsti_controlled_h(to, controls, q[0]);
        break;
    case CORE_ROOT:
        qsti_controlled_root(to, controls, q[0], angles[0].constant);
        break;
    case CORE_ROTATION_X:
    case CORE_ROTATION_Y:
    case CORE_ROTATION_Z:
        qsti_controlled_turn(to, (qsti_axis)(core - CORE_ROTATION_X), controls, q[0], angles[0]);
        break;
    case CORE_EULER:
    case CORE_HALF_EULER:
        qsti_controlled_u(to, controls, q[0], angles, gate == QST_GATE_cu);
        break;
    case CORE_TILTED:
        qsti_controlled_turn(to, QSTI_AXIS_Z, &none, q[0], qsti_linear_minus(angles[1]));
        qsti_controlled_turn(to, QSTI_AXIS_X, controls, q[0], angles[0]);
        qsti_controlled_turn(to, QSTI_AXIS_Z, &none, q[0], angles[1]);
        break;
    case CORE_SWAP:
        qsti_controlled_swap(to, controls, q[0], q[1]);
        break;
    case CORE_PAIR_XX:
    case CORE_PAIR_YY:
    case CORE_PAIR_ZZ:
    case CORE_PAIR_ZX:
        qsti_controlled_pair(to, (qsti_pair)(core - CORE_PAIR_XX), controls, q, angles[0]);
        break;
    case CORE_ISWAP:
    case CORE_ECR:
        expand_pairs(to, core, inverse, controls, q);
        break;
    case CORE_RELATIVE_X2:
        qsti_controlled_relative_x2(to, controls, q);
        break;
    case CORE_RELATIVE_X3:
        qsti_controlled_relative_x3(to, controls, q, inverse);
        break;
    }
}

/* The inverse as one gate of the list; false when there is none. */
static bool put_inverse(qsti_sink *to, qst_gate gate, const uint32_t *targets)
{
    int n_angles = qst_gate_describe(gate)->n_angles;
    inverse_rule rule = forms[gate].rule;
    qsti_linear angles[QST_MAX_GATE_ANGLES];

    if (rule == INVERSE_CORE)
        return false;
    for (int i = 0; i < n_angles; i++) {
        size_t from = rule == INVERSE_EULER && (i == 1 || i == 2) ? (size_t)(3 - i) : (size_t)i;
        bool keep = rule == INVERSE_SELF || (rule == INVERSE_FIRST && i > 0);
        angles[i] = keep ? qsti_linear_angle(from) : qsti_linear_minus(qsti_linear_angle(from));
    }
    qsti_put(to, rule == INVERSE_IS ? forms[gate].inverse : gate, targets, angles);
    return true;
}

qst_status qsti_gate_expand(qst_gate gate, bool inverse, const uint32_t *controls, size_t n_controls,
                            const uint32_t *targets, qsti_gate_fn *fn, void *user)
{
    qsti_sink to = {fn, user, QST_OK};
    qsti_qubit_list all = {.n = 0};

    if (n_controls == 0 && !inverse) {
        qsti_linear angles[QST_MAX_GATE_ANGLES];
        for (size_t i = 0; i < QST_MAX_GATE_ANGLES; i++)
            angles[i] = qsti_linear_angle(i);
        qsti_put(&to, gate, targets, angles);
        return to.status;
    }
    if (n_controls == 0 && put_inverse(&to, gate, targets))
        return to.status;
    for (size_t i = 0; i < n_controls; i++)
        all.qubits[all.n++] = controls[i];
    for (size_t i = 0; i < forms[gate].own_controls; i++)
        all.qubits[all.n++] = targets[i];
    expand_core(&to, gate, inverse, &all, targets + forms[gate].own_controls);
    return to.status;
}

/* gate_folding.c: gates repeated forth and back, so that noise acts longer and nothing else changes [giurgica2020].
 *
 *   scale s: of d gates each is folded m = floor((s - 1) / 2) times, and round(((s - 1) / 2 - m) d) once more
 *
 * Those with one fold more are spread evenly over the circuit, gates on one qubit and on several each by themselves:
 * number j of a sort with share f has it where floor((j + 1) f + 1/2) > floor(j f + 1/2). Inverses: angles negated;
 * self-inverse gates repeated; roots by the gate of the other sign, or between rz(pi) where the device has no such
 * gate, Z sqrt(X) Z = sqrt(X)^dagger; iswap between Z on one qubit. All up to a phase of the state.
 *
 * Virtual gates (no noise) are left alone: folding them would change nothing, and cost.
 */
#include "measure/gate_folding.h"

#include <math.h>
#include <string.h>

#include "circuit/circuit_copy.h"

#define PI 3.14159265358979323846

/* How the inverse of a gate is made. */
typedef enum inversion {
    INVERSE_NONE,
    INVERSE_SELF,
    INVERSE_NEGATE,      /* all angles */
    INVERSE_NEGATE_ONE,  /* the first of them */
    INVERSE_EULER,       /* (t, f, l) -> (-t, -l, -f), a fourth negated */
    INVERSE_EULER_RIGHT, /* u2(f, l) -> u2(-l - pi, pi - f) */
    INVERSE_OTHER,       /* the gate `other` */
    INVERSE_SQUARED,     /* `other`, the gate's square and its own inverse, and the gate */
    INVERSE_BETWEEN_Z    /* between Z on its first qubit */
} inversion;

typedef struct rule {
    inversion how;
    qst_gate other;
    double turn; /* OTHER: the inverse as rz(turn), or 0: as itself between rz(pi) */
} rule;

/* clang-format off */
static const rule rules[QST_GATE_COUNT] = {
#define SELF(gate) [QST_GATE_##gate] = {.how = INVERSE_SELF}
#define NEGATE(gate) [QST_GATE_##gate] = {.how = INVERSE_NEGATE}
#define EULER(gate) [QST_GATE_##gate] = {.how = INVERSE_EULER}
#define OTHER(gate, other_gate, by) [QST_GATE_##gate] = {INVERSE_OTHER, QST_GATE_##other_gate, (by)}
#define SQUARED(gate, other_gate) [QST_GATE_##gate] = {.how = INVERSE_SQUARED, .other = QST_GATE_##other_gate}
    SELF(id), SELF(u0), SELF(x), SELF(y), SELF(z), SELF(h), SELF(cx), SELF(cy), SELF(cz), SELF(ch), SELF(swap),
    SELF(ecr), SELF(ccx), SELF(cswap), SELF(rccx), SELF(c3x), SELF(c4x),
    NEGATE(rx), NEGATE(ry), NEGATE(rz), NEGATE(p), NEGATE(u1), NEGATE(crx), NEGATE(cry), NEGATE(crz), NEGATE(cp),
    NEGATE(cu1), NEGATE(rxx), NEGATE(ryy), NEGATE(rzz), NEGATE(rzx), NEGATE(gphase),
    EULER(u), EULER(u3), EULER(cu3), EULER(cu),
    OTHER(s, sdg, -PI / 2), OTHER(sdg, s, PI / 2), OTHER(t, tdg, -PI / 4), OTHER(tdg, t, PI / 4),
    OTHER(sx, sxdg, 0), OTHER(sxdg, sx, 0),
    SQUARED(csx, cx), SQUARED(c3sqrtx, c3x),
    [QST_GATE_r] = {.how = INVERSE_NEGATE_ONE},
    [QST_GATE_u2] = {.how = INVERSE_EULER_RIGHT},
    [QST_GATE_iswap] = {.how = INVERSE_BETWEEN_Z},
#undef SELF
#undef NEGATE
#undef EULER
#undef OTHER
#undef SQUARED
};
/* clang-format on */

typedef struct folding {
    qst_ctx *ctx;
    const qst_circuit *circuit;
    const qsti_folding_opts *opts;
    qst_circuit_builder *builder;
    qst_term *terms; /* room for the negated terms of a gate's angles, and one constant each */
    size_t n_room;
} folding;

static bool allowed(const qsti_folding_opts *opts, qst_gate gate)
{
    bool found = opts->gates == NULL;
    for (size_t i = 0; i < opts->n_gates && !found; i++)
        found = strcmp(opts->gates[i], qst_gate_describe(gate)->name) == 0;
    return found;
}

/* out = constant - angle, its terms in the next free room. */
static void negate(folding *of, qst_angle angle, double constant, qst_angle *out)
{
    qst_term *terms = of->terms + of->n_room;
    size_t n = 0;
    for (size_t i = 0; i < angle.n_terms; i++)
        terms[n++] = (qst_term){-angle.terms[i].coefficient, angle.terms[i].a, angle.terms[i].b};
    if (constant != 0)
        terms[n++] = (qst_term){constant, QST_ONE, QST_ONE};
    *out = (qst_angle){terms, n};
    of->n_room += n;
}

static qst_status add_rz(folding *of, const size_t *qubits, double angle)
{
    return qst_circuit_add(of->builder, QST_GATE_rz, qubits, &QST_ANGLE({angle, QST_ONE, QST_ONE}));
}

/* The inverse of a root: by its own gate, as a rotation about Z, or turned over by Z. */
static qst_status add_root(folding *of, const qst_operation *operation)
{
    const rule *by = &rules[operation->gate];
    qst_status status = QST_OK;
    if (allowed(of->opts, by->other))
        return qst_circuit_add(of->builder, by->other, operation->qubits, NULL);
    if (!allowed(of->opts, QST_GATE_rz))
        return qsti_fail(of->ctx, QST_ERR_UNSUPPORTED,
                         "folding: no inverse of %s: neither %s nor rz is among the device's gates",
                         qst_gate_describe(operation->gate)->name, qst_gate_describe(by->other)->name);
    if (by->turn != 0)
        return add_rz(of, operation->qubits, by->turn);
    QSTI_TRY(add_rz(of, operation->qubits, PI));
    QSTI_TRY(qst_circuit_add(of->builder, operation->gate, operation->qubits, NULL));
    QSTI_TRY(add_rz(of, operation->qubits, -PI));
done:
    return status;
}

static qst_status add_between(folding *of, const qst_operation *operation)
{
    qst_status status = QST_OK;
    if (!allowed(of->opts, QST_GATE_rz))
        return qsti_fail(of->ctx, QST_ERR_UNSUPPORTED,
                         "folding: no inverse of %s without rz, which is not among the device's gates",
                         qst_gate_describe(operation->gate)->name);
    QSTI_TRY(add_rz(of, operation->qubits, PI));
    QSTI_TRY(qst_circuit_add(of->builder, operation->gate, operation->qubits, operation->angles));
    QSTI_TRY(add_rz(of, operation->qubits, -PI));
done:
    return status;
}

static void invert_angles(folding *of, inversion how, const qst_operation *operation, qst_angle *out)
{
    size_t n = (size_t)qst_gate_describe(operation->gate)->n_angles;
    const qst_angle *angles = operation->angles;
    of->n_room = 0;
    for (size_t a = 0; a < n; a++) {
        if (how == INVERSE_EULER && (a == 1 || a == 2))
            negate(of, angles[3 - a], 0, &out[a]);
        else if (how == INVERSE_EULER_RIGHT)
            negate(of, angles[1 - a], a == 0 ? -PI : PI, &out[a]);
        else if (how == INVERSE_NEGATE_ONE && a > 0)
            out[a] = angles[a];
        else
            negate(of, angles[a], 0, &out[a]);
    }
}

static qst_status add_inverse(folding *of, const qst_operation *operation)
{
    qst_status status = QST_OK;
    const rule *by = &rules[operation->gate];
    qst_angle angles[QST_MAX_GATE_ANGLES];
    switch (by->how) {
    case INVERSE_SELF:
        return qst_circuit_add(of->builder, operation->gate, operation->qubits, operation->angles);
    case INVERSE_OTHER:
        return add_root(of, operation);
    case INVERSE_BETWEEN_Z:
        return add_between(of, operation);
    case INVERSE_SQUARED:
        if (!allowed(of->opts, by->other))
            break;
        QSTI_TRY(qst_circuit_add(of->builder, by->other, operation->qubits, NULL));
        return qst_circuit_add(of->builder, operation->gate, operation->qubits, NULL);
    case INVERSE_NEGATE:
    case INVERSE_NEGATE_ONE:
    case INVERSE_EULER:
    case INVERSE_EULER_RIGHT:
        invert_angles(of, by->how, operation, angles);
        return qst_circuit_add(of->builder, operation->gate, operation->qubits, angles);
    case INVERSE_NONE:
    default:
        break;
    }
    status = qsti_fail(of->ctx, QST_ERR_UNSUPPORTED, "folding: %s has no inverse among the gates",
                       qst_gate_describe(operation->gate)->name);
done:
    return status;
}

/* --- which gates -------------------------------------------------------------------------------------------------- */

static qst_status see_channel(void *user, const qsti_noise_event *event)
{
    (void)event;
    *(bool *)user = true;
    return QST_OK;
}

/* noisy (n_operations): which gates are folded; n[0], n[1]: how many on one qubit, on several. */
static qst_status find_noisy(const qst_circuit *circuit, const qst_noise *noise, bool *noisy, size_t n[2])
{
    qst_status status = QST_OK;
    n[0] = n[1] = 0;
    for (size_t i = 0; i < circuit->n_operations; i++) {
        const qst_gate_info *gate = qst_gate_describe((qst_gate)circuit->operations[i].gate);
        noisy[i] = noise == NULL && gate->n_qubits > 0;
        if (noise != NULL)
            QSTI_TRY(qsti_noise_behind(noise, 1, circuit, i, see_channel, &noisy[i]));
        if (noisy[i])
            n[gate->n_qubits > 1]++;
    }
done:
    return status;
}

/* Whether number `index` of a sort of `n` gates, n > index, is one of the `n_chosen` spread over them. */
static bool is_chosen(size_t index, size_t n, size_t n_chosen)
{
    return n > 0 && (2 * (index + 1) * n_chosen + n) / (2 * n) > (2 * index * n_chosen + n) / (2 * n);
}

static qst_status fold_all(folding *of, const bool *noisy, const size_t n[2], size_t times, const size_t n_more[2])
{
    qst_status status = QST_OK;
    size_t index[2] = {0, 0};
    for (size_t i = 0; i < of->circuit->n_operations; i++) {
        qst_operation operation;
        qst_circuit_operation(of->circuit, i, &operation);
        QSTI_TRY(qst_circuit_add(of->builder, operation.gate, operation.qubits, operation.angles));
        if (!noisy[i])
            continue;
        bool sort = qst_gate_describe(operation.gate)->n_qubits > 1;
        size_t n_folds = times + is_chosen(index[sort]++, n[sort], n_more[sort]);
        for (size_t f = 0; f < n_folds; f++) {
            QSTI_TRY(add_inverse(of, &operation));
            QSTI_TRY(qst_circuit_add(of->builder, operation.gate, operation.qubits, operation.angles));
        }
    }
done:
    return status;
}

qst_status qsti_circuit_fold(qst_ctx *ctx, const qst_circuit *circuit, const qsti_folding_opts *opts, qst_circuit **out,
                             double *out_scale)
{
    qst_status status = QST_OK;
    folding of = {.ctx = ctx, .circuit = circuit, .opts = opts};
    bool *noisy = NULL;
    size_t n[2], n_more[2], times = (size_t)floor((opts->scale - 1) / 2);
    double rest = (opts->scale - 1) / 2 - (double)times;
    QSTI_TRY(QSTI_NEW(ctx, circuit->n_operations, &noisy));
    QSTI_TRY(QSTI_NEW(ctx, circuit->n_terms + QST_MAX_GATE_ANGLES, &of.terms));
    QSTI_TRY(find_noisy(circuit, opts->noise, noisy, n));
    for (size_t sort = 0; sort < 2; sort++)
        n_more[sort] = (size_t)floor(rest * (double)n[sort] + 0.5);
    QSTI_TRY(qsti_circuit_begin_like(ctx, circuit, 0, &of.builder));
    QSTI_TRY(fold_all(&of, noisy, n, times, n_more));
    size_t folded = n[0] + n[1], more = n_more[0] + n_more[1];
    status = qst_circuit_finish(of.builder, out);
    of.builder = NULL;
    if (status == QST_OK)
        *out_scale = folded > 0 ? 1 + 2 * ((double)times + (double)more / (double)folded) : 1;
done:
    qst_circuit_abandon(of.builder);
    qsti_free(ctx, noisy);
    qsti_free(ctx, of.terms);
    return status;
}

/* overlap.c: see overlap.h. V's gates are taken in reverse, each by its inverse: rotations by the opposite angle, roots
 * of unity by their other powers. V's weights become constants of its angles, so what is left to train are U's. */
#include "circuit/overlap.h"

#include <string.h>

#include "circuit/circuit_copy.h"

/* --- angles ------------------------------------------------------------------------------------------------------- */

/* A weight as a constant: its value goes into the coefficient. */
static qst_variable fix(qst_variable variable, const double *fixed, double *coefficient)
{
    if (variable <= 0)
        return variable;
    *coefficient *= fixed[variable - 1];
    return QST_ONE;
}

/* The terms of `angle` at fixed weights, times `sign`, in `terms` (room for as many). */
static qst_angle fixed_angle(const qst_angle *angle, const double *fixed, double sign, qst_term *terms)
{
    for (size_t i = 0; i < angle->n_terms; i++) {
        double coefficient = sign * angle->terms[i].coefficient;
        qst_variable a = fix(angle->terms[i].a, fixed, &coefficient), b = fix(angle->terms[i].b, fixed, &coefficient);
        terms[i] = (qst_term){coefficient, a, b};
    }
    return (qst_angle){terms, angle->n_terms};
}

/* --- inverses ----------------------------------------------------------------------------------------------------- */

typedef enum inverse_kind {
    INVERSE_SELF,
    INVERSE_OTHER,  /* another gate without angles */
    INVERSE_NEGATE, /* the first angle, or the only one, turned round */
    INVERSE_EULER,  /* (theta, phi, lambda) -> (-theta, -lambda, -phi), further ones turned round */
    INVERSE_U2,     /* (phi, lambda): u3(-pi/2, -lambda, -phi) */
    INVERSE_CUBE,   /* its fourth power is the identity */
    INVERSE_NONE
} inverse_kind;

typedef struct inverse {
    inverse_kind kind;
    qst_gate gate; /* of INVERSE_OTHER */
} inverse;

static inverse inverse_of(qst_gate gate)
{
    switch (gate) {
    case QST_GATE_s:
        return (inverse){INVERSE_OTHER, QST_GATE_sdg};
    case QST_GATE_sdg:
        return (inverse){INVERSE_OTHER, QST_GATE_s};
    case QST_GATE_t:
        return (inverse){INVERSE_OTHER, QST_GATE_tdg};
    case QST_GATE_tdg:
        return (inverse){INVERSE_OTHER, QST_GATE_t};
    case QST_GATE_sx:
        return (inverse){INVERSE_OTHER, QST_GATE_sxdg};
    case QST_GATE_sxdg:
        return (inverse){INVERSE_OTHER, QST_GATE_sx};
    case QST_GATE_u3:
    case QST_GATE_u:
    case QST_GATE_cu3:
    case QST_GATE_cu:
        return (inverse){INVERSE_EULER, gate};
    case QST_GATE_u2:
        return (inverse){INVERSE_U2, QST_GATE_u3};
    case QST_GATE_csx:
    case QST_GATE_c3sqrtx:
    case QST_GATE_iswap:
        return (inverse){INVERSE_CUBE, gate};
    case QST_GATE_rc3x:
        return (inverse){INVERSE_NONE, gate};
    case QST_GATE_u0:
        return (inverse){INVERSE_SELF, gate};
    default:
        return (inverse){qst_gate_describe(gate)->n_angles > 0 ? INVERSE_NEGATE : INVERSE_SELF, gate};
    }
}

/* Appends the inverse of one gate of V. terms: room for QST_MAX_GATE_ANGLES * n_most of them. */
static qst_status add_inverse(qst_ctx *ctx, qst_circuit_builder *builder, const qst_operation *operation,
                              const double *fixed, qst_term *terms, size_t n_most)
{
    static const size_t turned[QST_MAX_GATE_ANGLES] = {0, 2, 1, 3};
    const qst_gate_info *info = qst_gate_describe(operation->gate);
    inverse how = inverse_of(operation->gate);
    qst_status status = QST_OK;
    qst_angle angles[QST_MAX_GATE_ANGLES] = {{0}};
    qst_term quarter = {-1.57079632679489661923, QST_ONE, QST_ONE};
    for (int a = 0; a < info->n_angles; a++) {
        bool turns = how.kind != INVERSE_SELF && (how.kind != INVERSE_NEGATE || a == 0);
        angles[how.kind == INVERSE_EULER ? turned[a] : (size_t)a] =
            fixed_angle(&operation->angles[a], fixed, turns ? -1 : 1, terms + (size_t)a * n_most);
    }
    if (how.kind == INVERSE_NONE)
        return qsti_fail(ctx, QST_ERR_UNSUPPORTED, "the teacher's gate %s has no inverse here", info->name);
    if (how.kind == INVERSE_U2) {
        angles[2] = angles[0];
        angles[0] = (qst_angle){&quarter, 1};
    }
    for (int times = how.kind == INVERSE_CUBE ? 3 : 1; times > 0 && status == QST_OK; times--)
        status = qst_circuit_add(builder, how.gate, operation->qubits, angles);
    return status;
}

/* --- the circuit -------------------------------------------------------------------------------------------------- */

static qst_status check_pair(qst_ctx *ctx, const qst_circuit *u, const qst_circuit *v)
{
    if (u->n_qubits != v->n_qubits) {
        return qsti_fail(
            ctx, QST_ERR_MISMATCH,
            "the student's circuit has %zu qubits, the teacher's %zu: states and processes are compared on "
            "equal numbers of qubits",
            u->n_qubits, v->n_qubits);
    }
    if (u->n_features != v->n_features)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "the student's circuit takes %zu features, the teacher's %zu",
                         u->n_features, v->n_features);
    if (u->preparation != QST_PREPARE_ZERO || v->preparation != QST_PREPARE_ZERO) {
        return qsti_fail(
            ctx, QST_ERR_MISMATCH,
            "states and processes are compared between circuits that begin at |0...0>, not with features as "
            "amplitudes or bits");
    }
    if (u->n_qubits > QSTI_OVERLAP_QUBITS)
        return qsti_fail(ctx, QST_ERR_LIMIT, "circuits of %zu qubits are compared, at most %d can be", u->n_qubits,
                         QSTI_OVERLAP_QUBITS);
    return QST_OK;
}

/* Bell pairs of qubits j and n + j, or back. */
static qst_status add_bell(qst_circuit_builder *builder, size_t n_qubits, bool back)
{
    qst_status status = QST_OK;
    for (size_t j = 0; j < n_qubits && status == QST_OK; j++) {
        const size_t pair[2] = {n_qubits + j, j};
        if (!back)
            status = qst_circuit_add(builder, QST_GATE_h, pair, NULL);
        if (status == QST_OK)
            status = qst_circuit_add(builder, QST_GATE_cx, pair, NULL);
        if (back && status == QST_OK)
            status = qst_circuit_add(builder, QST_GATE_h, pair, NULL);
    }
    return status;
}

static qst_status add_inverses(qst_ctx *ctx, qst_circuit_builder *builder, const qst_circuit *v, const double *fixed)
{
    qst_status status = QST_OK;
    qst_term *terms = NULL;
    QSTI_TRY(QSTI_NEW(ctx, QST_MAX_GATE_ANGLES * (v->n_terms + 1), &terms));
    for (size_t o = v->n_operations; o-- > 0;) {
        qst_operation operation;
        qst_circuit_operation(v, o, &operation);
        QSTI_TRY(add_inverse(ctx, builder, &operation, fixed, terms, v->n_terms + 1));
    }
done:
    qsti_free(ctx, terms);
    return status;
}

/* Of qubit j: P(0) - 1/2 = Z_j / 2; of pair j: P(00) - 1/4 = (Z_j + Z_{n+j} + Z_j Z_{n+j}) / 4. */
static qst_status local_readout(qst_ctx *ctx, size_t n, bool processes, qst_readout **out)
{
    qst_pauli paulis[3 * QSTI_OVERLAP_QUBITS];
    double coefficients[3 * QSTI_OVERLAP_QUBITS];
    size_t outputs[3 * QSTI_OVERLAP_QUBITS], n_terms = 0;
    for (size_t j = 0; j < n; j++) {
        const uint32_t own = (uint32_t)1 << j, other = processes ? (uint32_t)1 << (n + j) : 0;
        const uint32_t masks[3] = {own, other, own | other};
        for (size_t t = 0; t < (processes ? 3 : 1); t++) {
            paulis[n_terms] = (qst_pauli){.x = 0, .z = masks[t]};
            coefficients[n_terms] = processes ? 0.25 : 0.5;
            outputs[n_terms++] = j;
        }
    }
    return qst_readout_paulis(ctx, processes ? 2 * n : n, paulis, coefficients, outputs, n_terms, n, out);
}

static qst_status make_readout(qst_ctx *ctx, size_t n, bool processes, bool local, qst_readout **out)
{
    const char *const word = "probabilities";
    if (local)
        return local_readout(ctx, n, processes, out);
    return qst_readout_parse(ctx, processes ? 2 * n : n, &word, 1, 0, out);
}

qst_status qsti_circuit_overlap(qst_ctx *ctx, const qst_circuit *u, const qst_circuit *v, const double *fixed,
                                qsti_overlap_kind kind, bool local, qst_circuit **out_circuit,
                                qst_readout **out_readout)
{
    qst_status status = QST_OK;
    qst_circuit_builder *builder = NULL;
    qst_circuit *circuit = NULL;
    bool processes = kind == QSTI_OVERLAP_PROCESSES;
    size_t n = u->n_qubits, n_all = processes ? 2 * n : n;
    QSTI_TRY(check_pair(ctx, u, v));
    QSTI_TRY(qst_circuit_begin(ctx, n_all, u->n_features, QST_PREPARE_ZERO, &builder));
    if (processes)
        QSTI_TRY(add_bell(builder, n, false));
    QSTI_TRY(qsti_circuit_add_weights_of(builder, u));
    QSTI_TRY(qsti_circuit_add_operations_of(builder, u));
    QSTI_TRY(add_inverses(ctx, builder, v, fixed));
    if (processes)
        QSTI_TRY(add_bell(builder, n, true));
    status = qst_circuit_finish(builder, &circuit);
    builder = NULL;
    QSTI_TRY(status);
    QSTI_TRY(make_readout(ctx, n, processes, local, out_readout));
    *out_circuit = circuit;
    circuit = NULL;
done:
    qst_circuit_abandon(builder);
    qst_circuit_free(circuit);
    return status;
}

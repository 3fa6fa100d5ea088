/* ansatz.c: layers of rotations and entanglers, with the weights in the order of their sources.
 *
 * A layer of n_local (real_amplitudes, efficient_su2, two_local) has its weights gate by gate: all n of the first
 * rotation, then all n of the second, then those of the entanglers; the layers of PennyLane have them qubit by qubit,
 * shape (n) or (n,3). Rot(a,b,c) of strongly_entangling is RZ(a), RY(b), RZ(c) in this order of application.
 *
 * Sources: [bergholm2018] (BasicEntanglerLayers, StronglyEntanglingLayers), [schuld2020], [javadi2024] (n_local,
 * real_amplitudes, efficient_su2). Where n_local refuses a single qubit, ours has no entanglers there. */
#include "circuit/ansatz.h"

#include <string.h>

#include "circuit/names.h"

#define DEFAULT_REPS 3

/* Options that an ansatz takes. */
#define QSTI_MAY_ENTANGLE    1U  /* entanglement, pairs */
#define QSTI_MAY_END         2U  /* skip_final_rotation_layer; there is a final layer of rotations otherwise */
#define QSTI_MAY_ROTATE      4U  /* rotations */
#define QSTI_MAY_ROTATE_ONCE 8U  /* rotations, one */
#define QSTI_MAY_REPLACE     16U /* entangler */

static const struct {
    const char *name, *rotations;
    qst_gate entangler;
    qsti_entanglement entanglement;
    unsigned options;
} ansatze[] = {
#define QSTI_ANSATZ(name, rotations, entangler, entanglement, options, about) \
    {#name, rotations, QST_GATE_##entangler, QSTI_ENTANGLEMENT_##entanglement, options},
#include "circuit/ansatze.def"
#undef QSTI_ANSATZ
};

/* --- options ------------------------------------------------------------------------------------------------------ */

static qst_status find_kind(qst_ctx *ctx, const char *name, qsti_ansatz_kind *out)
{
    const char *names[QSTI_ANSATZ_COUNT];
    size_t index = 0;

    if (!name)
        return qsti_fail(ctx, QST_ERR_USAGE, "ansatz: a name is missing");
    for (size_t i = 0; i < QSTI_ANSATZ_COUNT; i++)
        names[i] = ansatze[i].name;
    qst_status status = qsti_name_find(ctx, "ansatz", name, names, QSTI_ANSATZ_COUNT, &index);
    if (status == QST_OK)
        *out = (qsti_ansatz_kind)index;
    return status;
}

/* Refuses what this ansatz would have to ignore. */
static qst_status check_options(qst_ctx *ctx, qsti_ansatz_kind kind, const qst_ansatz_opts *opts)
{
    unsigned allowed = ansatze[kind].options;
    const char *name = ansatze[kind].name, *option = NULL;

    if ((opts->entanglement || opts->pairs) && !(allowed & QSTI_MAY_ENTANGLE))
        option = "entanglement";
    else if (opts->skip_final_rotation_layer && !(allowed & QSTI_MAY_END))
        option = "skip_final_rotation_layer";
    else if (opts->rotations && !(allowed & (QSTI_MAY_ROTATE | QSTI_MAY_ROTATE_ONCE)))
        option = "rotations";
    else if (opts->entangler && !(allowed & QSTI_MAY_REPLACE))
        option = "entangler";
    if (option)
        return qsti_fail(ctx, QST_ERR_USAGE, "ansatz %s: takes no option %s", name, option);
    if (opts->entanglement && opts->pairs)
        return qsti_fail(ctx, QST_ERR_USAGE, "ansatz %s: entanglement is a name or a list of pairs, not both", name);
    return QST_OK;
}

static qst_status check_pairs(qst_ctx *ctx, const char *name, size_t n_qubits, const qst_ansatz_opts *opts)
{
    for (size_t i = 0; i < opts->n_pairs; i++) {
        const size_t *pair = opts->pairs[i];
        size_t highest = pair[0] > pair[1] ? pair[0] : pair[1];
        if (highest >= n_qubits)
            return qsti_fail(ctx, QST_ERR_USAGE, "ansatz %s: pair %zu (%zu,%zu): the circuit has %zu qubits (0..%zu)",
                             name, i, pair[0], pair[1], n_qubits, n_qubits - 1);
        if (pair[0] == pair[1])
            return qsti_fail(ctx, QST_ERR_USAGE, "ansatz %s: pair %zu (%zu,%zu): the qubits must differ", name, i,
                             pair[0], pair[1]);
    }
    return QST_OK;
}

static qst_status parse_gate(qst_ctx *ctx, const char *name, const char *what, const char *word, size_t length,
                             int n_qubits, int min_angles, qst_gate *out)
{
    char gate_name[32];
    qst_gate gate;

    if (length < sizeof gate_name) {
        memcpy(gate_name, word, length);
        gate_name[length] = '\0';
        if (qst_gate_find(gate_name, &gate)) {
            const qst_gate_info *info = qst_gate_describe(gate);
            if (info->n_qubits == n_qubits && info->n_angles >= min_angles && info->n_angles <= 1) {
                *out = gate;
                return QST_OK;
            }
        }
    }
    return qsti_fail(ctx, QST_ERR_USAGE, "ansatz %s: %s \"%.*s\" is not a %s", name, what,
                     (int)(length > 40 ? 40 : length), word,
                     n_qubits == 1 ? "gate of one qubit and one angle (rx ry rz p ...)"
                                   : "gate of two qubits and at most one angle (cx cz rzz crx ...)");
}

static qst_status parse_rotations(qst_ctx *ctx, const char *name, const char *words, qsti_ansatz *out)
{
    size_t n = 0;
    for (const char *word = words + strspn(words, " "); *word; n++) {
        size_t length = strcspn(word, " ");
        if (n == QSTI_MAX_ROTATIONS)
            return qsti_fail(ctx, QST_ERR_USAGE, "ansatz %s: more than %d rotations", name, QSTI_MAX_ROTATIONS);
        qst_status status = parse_gate(ctx, name, "rotation", word, length, 1, 1, &out->rotations[n]);
        if (status != QST_OK)
            return status;
        word += length;
        word += strspn(word, " ");
    }
    out->n_rotations = n;
    return QST_OK;
}

qst_status qsti_ansatz_plan(qst_ctx *ctx, size_t n_qubits, const qst_ansatz_opts *opts, qsti_ansatz *out)
{
    qsti_ansatz plan = {.reps = opts->reps ? opts->reps : DEFAULT_REPS};
    qst_status status;

    QSTI_TRY(find_kind(ctx, opts->name, &plan.kind));
    const char *name = ansatze[plan.kind].name;
    unsigned allowed = ansatze[plan.kind].options;

    QSTI_TRY(check_options(ctx, plan.kind, opts));
    plan.entanglement = ansatze[plan.kind].entanglement;
    plan.entangler = ansatze[plan.kind].entangler;
    plan.has_final_rotations = (allowed & QSTI_MAY_END) && !opts->skip_final_rotation_layer;
    if (opts->pairs) {
        QSTI_TRY(check_pairs(ctx, name, n_qubits, opts));
        plan.pairs = opts->pairs;
        plan.n_pairs = opts->n_pairs;
    } else if (opts->entanglement) {
        QSTI_TRY(qsti_entanglement_find(ctx, opts->entanglement, &plan.entanglement));
    }
    QSTI_TRY(parse_rotations(ctx, name, opts->rotations ? opts->rotations : ansatze[plan.kind].rotations, &plan));
    if (opts->rotations && (plan.n_rotations == 0 || ((allowed & QSTI_MAY_ROTATE_ONCE) && plan.n_rotations > 1))) {
        status = qsti_fail(ctx, QST_ERR_USAGE, "ansatz %s: %zu rotations: %s", name, plan.n_rotations,
                           plan.n_rotations == 0 ? "at least one is needed" : "there is exactly one");
        goto done;
    }
    if (opts->entangler)
        QSTI_TRY(parse_gate(ctx, name, "entangler", opts->entangler, strlen(opts->entangler), 2, 0, &plan.entangler));
    *out = plan;
done:
    return status;
}

/* --- layers ------------------------------------------------------------------------------------------------------- */

static qst_status append_rotation(qst_circuit_builder *builder, qst_gate gate, size_t qubit, size_t weight)
{
    qst_angle angle = QST_ANGLE({1.0, QST_WEIGHT(weight), QST_ONE});
    return qst_circuit_add(builder, gate, &qubit, &angle);
}

static qst_status append_rotations(qst_circuit_builder *builder, const qsti_ansatz *ansatz)
{
    size_t n_qubits = qsti_circuit_growing(builder)->n_qubits, n_rotations = ansatz->n_rotations;
    bool by_qubit = ansatz->kind == QSTI_ANSATZ_strongly_entangling;
    size_t n_outer = by_qubit ? n_qubits : n_rotations, n_inner = by_qubit ? n_rotations : n_qubits;
    size_t weight = 0;
    qst_status status;

    QSTI_TRY(qst_circuit_add_weights(builder, n_qubits * n_rotations, QST_WEIGHT_ANGLE, &weight));
    for (size_t outer = 0; outer < n_outer; outer++) {
        for (size_t inner = 0; inner < n_inner; inner++) {
            qst_gate gate = ansatz->rotations[by_qubit ? inner : outer];
            QSTI_TRY(append_rotation(builder, gate, by_qubit ? outer : inner, weight++));
        }
    }
done:
    return status;
}

static qst_status append_entanglers(qst_circuit_builder *builder, const qsti_ansatz *ansatz, size_t rep)
{
    size_t named[QSTI_MAX_PAIRS][2];
    const size_t(*pairs)[2] = ansatz->pairs;
    size_t n_pairs = ansatz->n_pairs, weight = 0;
    size_t n_angles = (size_t)qst_gate_describe(ansatz->entangler)->n_angles;
    qst_status status;

    if (!pairs) {
        n_pairs = qsti_entanglement_pairs(ansatz->entanglement, qsti_circuit_growing(builder)->n_qubits, rep, named);
        pairs = (const size_t(*)[2])named;
    }
    QSTI_TRY(qst_circuit_add_weights(builder, n_pairs * n_angles, QST_WEIGHT_ANGLE, &weight));
    for (size_t i = 0; i < n_pairs; i++) {
        qst_angle angle = QST_ANGLE({1.0, QST_WEIGHT(weight + i * n_angles), QST_ONE});
        QSTI_TRY(qst_circuit_add(builder, ansatz->entangler, pairs[i], n_angles ? &angle : NULL));
    }
done:
    return status;
}

qst_status qsti_ansatz_append_rep(qst_circuit_builder *builder, const qsti_ansatz *ansatz, size_t rep)
{
    qst_status status = QST_OK;

    if (ansatz->kind == QSTI_ANSATZ_none)
        goto done;
    QSTI_TRY(append_rotations(builder, ansatz));
    if (!ansatz->separable)
        QSTI_TRY(append_entanglers(builder, ansatz, rep));
done:
    return status;
}

qst_status qsti_ansatz_append_end(qst_circuit_builder *builder, const qsti_ansatz *ansatz)
{
    return ansatz->has_final_rotations ? append_rotations(builder, ansatz) : QST_OK;
}

qst_status qst_circuit_append_ansatz(qst_circuit_builder *builder, const qst_ansatz_opts *opts)
{
    const qst_circuit *circuit = qsti_circuit_growing(builder);
    qsti_ansatz ansatz;
    qst_status status;

    QSTI_TRY(qsti_ansatz_plan(circuit->ctx, circuit->n_qubits, opts, &ansatz));
    for (size_t rep = 0; rep < ansatz.reps && ansatz.kind != QSTI_ANSATZ_none; rep++)
        QSTI_TRY(qsti_ansatz_append_rep(builder, &ansatz, rep));
    QSTI_TRY(qsti_ansatz_append_end(builder, &ansatz));
done:
    return status;
}

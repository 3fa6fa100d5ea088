/* circuit.c: building circuits, and what can be asked of a finished one.
 *
 * A builder is a circuit that still grows: its arrays double. Everything that enters is checked here, and here alone,
 * so whoever holds a qst_circuit need not check again. Terms are kept as given, but for one normal form: when one of a
 * term's two variables is the constant, it is the second.
 *
 * Not here: what the gates mean (steps.c), and which circuits people want (encoding.c, ansatz.c). */
#include "circuit/circuit.h"

#include <math.h>
#include <string.h>

#define MAX_QUBITS     30
#define MAX_OPERATIONS ((size_t)10000000)
#define MAX_VARIABLES  ((size_t)INT32_MAX - 1)

struct qst_circuit_builder {
    qst_circuit *circuit;
    size_t roles_capacity, operations_capacity, terms_capacity;
};

/* --- beginning and ending ----------------------------------------------------------------------------------------- */

static qst_status check_shape(qst_ctx *ctx, size_t n_qubits, size_t n_features, qst_preparation preparation)
{
    if (n_qubits == 0)
        return qsti_fail(ctx, QST_ERR_USAGE, "qubits: 0 is not in 1..%d", MAX_QUBITS);
    if (n_qubits > MAX_QUBITS)
        return qsti_fail(ctx, QST_ERR_LIMIT, "qubits: %zu is not in 1..%d", n_qubits, MAX_QUBITS);
    if (n_features > MAX_VARIABLES)
        return qsti_fail(ctx, QST_ERR_LIMIT, "features: %zu is above %zu", n_features, MAX_VARIABLES);
    size_t most = MAX_VARIABLES;
    const char *name = NULL;
    switch (preparation) {
    case QST_PREPARE_ZERO:
        return QST_OK;
    case QST_PREPARE_AMPLITUDE:
        name = "amplitude";
        most = (size_t)1 << n_qubits;
        break;
    case QST_PREPARE_BASIS:
        name = "basis";
        most = n_qubits;
        break;
    default:
        return qsti_fail(ctx, QST_ERR_USAGE, "preparation: %d is not in 0..2", (int)preparation);
    }
    if (n_features < 1 || n_features > most)
        return qsti_fail(ctx, QST_ERR_USAGE, "%s preparation of %zu features: %zu qubits hold 1..%zu", name, n_features,
                         n_qubits, most);
    return QST_OK;
}

qst_status qst_circuit_begin(qst_ctx *ctx, size_t n_qubits, size_t n_features, qst_preparation preparation,
                             qst_circuit_builder **out)
{
    qst_circuit_builder *builder = NULL;
    qst_status status;

    QSTI_TRY(check_shape(ctx, n_qubits, n_features, preparation));
    QSTI_TRY(QSTI_NEW(ctx, 1, &builder));
    status = QSTI_NEW(ctx, 1, &builder->circuit);
    if (status != QST_OK) {
        qsti_free(ctx, builder);
        goto done;
    }
    *builder->circuit =
        (qst_circuit){.ctx = ctx, .n_qubits = n_qubits, .n_features = n_features, .preparation = preparation};
    *out = builder;
done:
    return status;
}

qst_status qst_circuit_finish(qst_circuit_builder *builder, qst_circuit **out)
{
    qst_circuit *circuit = builder->circuit;
    qst_ctx *ctx = circuit->ctx;
    qst_status status;

    QSTI_TRY(QSTI_GROW(ctx, circuit->n_weights, &circuit->roles));
    QSTI_TRY(QSTI_GROW(ctx, circuit->n_operations, &circuit->operations));
    QSTI_TRY(QSTI_GROW(ctx, circuit->n_terms, &circuit->terms));
    *out = circuit;
    builder->circuit = NULL;
done:
    if (status != QST_OK)
        qst_circuit_abandon(builder);
    else
        qsti_free(ctx, builder);
    return status;
}

void qst_circuit_abandon(qst_circuit_builder *builder)
{
    if (!builder)
        return;
    qst_ctx *ctx = builder->circuit->ctx;
    qst_circuit_free(builder->circuit);
    qsti_free(ctx, builder);
}

void qst_circuit_free(qst_circuit *circuit)
{
    if (!circuit)
        return;
    qst_ctx *ctx = circuit->ctx;
    qsti_free(ctx, circuit->roles);
    qsti_free(ctx, circuit->operations);
    qsti_free(ctx, circuit->terms);
    qsti_free(ctx, circuit);
}

/* --- adding ------------------------------------------------------------------------------------------------------- */

/* Makes room for `extra` more items behind `used`. */
static qst_status reserve(qst_ctx *ctx, size_t used, size_t extra, size_t item_bytes, size_t *capacity, void **items)
{
    size_t needed;
    if (!qsti_add(used, extra, &needed))
        return qsti_fail(ctx, QST_ERR_LIMIT, "circuit: %zu + %zu items are too many", used, extra);
    if (needed <= *capacity)
        return QST_OK;
    size_t grown = *capacity < 16 ? 16 : *capacity + *capacity / 2;
    if (grown < needed)
        grown = needed;
    qst_status status = qsti_resize(ctx, grown, item_bytes, items);
    if (status == QST_OK)
        *capacity = grown;
    return status;
}

#define RESERVE(builder, array, used, extra)                                                                           \
    reserve((builder)->circuit->ctx, (used), (extra), sizeof *(builder)->circuit->array, &(builder)->array##_capacity, \
            (void **)&(builder)->circuit->array)

qst_status qst_circuit_add_weights(qst_circuit_builder *builder, size_t n, qst_weight_role role, size_t *out_first)
{
    qst_circuit *circuit = builder->circuit;

    if (role != QST_WEIGHT_ANGLE && role != QST_WEIGHT_SCALE && role != QST_WEIGHT_SHIFT)
        return qsti_fail(circuit->ctx, QST_ERR_USAGE, "weight role: %d is not in 0..2", (int)role);
    if (n > MAX_VARIABLES - circuit->n_weights)
        return qsti_fail(circuit->ctx, QST_ERR_LIMIT, "weights: %zu + %zu is above %zu", circuit->n_weights, n,
                         MAX_VARIABLES);
    qst_status status = RESERVE(builder, roles, circuit->n_weights, n);
    if (status != QST_OK)
        return status;
    if (n > 0)
        memset(circuit->roles + circuit->n_weights, (int)role, n);
    *out_first = circuit->n_weights;
    circuit->n_weights += n;
    return QST_OK;
}

static qst_status check_qubits(const qst_circuit *circuit, const qst_gate_info *gate, const size_t *qubits)
{
    for (int i = 0; i < gate->n_qubits; i++) {
        if (qubits[i] >= circuit->n_qubits)
            return qsti_fail(circuit->ctx, QST_ERR_USAGE, "qubit %zu in gate %s: the circuit has %zu qubit%s (0..%zu)",
                             qubits[i], gate->name, circuit->n_qubits, circuit->n_qubits == 1 ? "" : "s",
                             circuit->n_qubits - 1);
        for (int j = 0; j < i; j++) {
            if (qubits[i] == qubits[j])
                return qsti_fail(circuit->ctx, QST_ERR_USAGE, "qubit %zu twice in gate %s: its qubits must differ",
                                 qubits[i], gate->name);
        }
    }
    return QST_OK;
}

static qst_status check_variable(const qst_circuit *circuit, const char *gate, qst_variable variable)
{
    bool is_weight = variable > 0;
    size_t index = is_weight ? (size_t)variable - 1 : (size_t)(-((int64_t)variable + 1));
    size_t n = is_weight ? circuit->n_weights : circuit->n_features;

    if (variable == QST_ONE || index < n)
        return QST_OK;
    const char *noun = is_weight ? "weight" : "feature";
    if (n == 0)
        return qsti_fail(circuit->ctx, QST_ERR_USAGE, "%s %zu in gate %s: the circuit has no %ss", noun, index, gate,
                         noun);
    return qsti_fail(circuit->ctx, QST_ERR_USAGE, "%s %zu in gate %s: the circuit has %zu %s%s (0..%zu)", noun, index,
                     gate, n, noun, n == 1 ? "" : "s", n - 1);
}

static qst_status check_angles(const qst_circuit *circuit, const qst_gate_info *gate, const qst_angle *angles)
{
    for (int i = 0; i < gate->n_angles; i++) {
        for (size_t j = 0; j < angles[i].n_terms; j++) {
            const qst_term *term = &angles[i].terms[j];
            if (!isfinite(term->coefficient))
                return qsti_fail(circuit->ctx, QST_ERR_USAGE, "angle %d of gate %s: the coefficient %g is not finite",
                                 i, gate->name, term->coefficient);
            qst_status status = check_variable(circuit, gate->name, term->a);
            if (status == QST_OK)
                status = check_variable(circuit, gate->name, term->b);
            if (status != QST_OK)
                return status;
        }
    }
    return QST_OK;
}

qst_status qst_circuit_add(qst_circuit_builder *builder, qst_gate gate, const size_t *qubits, const qst_angle *angles)
{
    qst_circuit *circuit = builder->circuit;
    const qst_gate_info *info = qst_gate_describe(gate);
    qsti_operation operation = {.gate = (uint16_t)gate};
    size_t n_terms = 0;
    qst_status status;

    if (!info)
        return qsti_fail(circuit->ctx, QST_ERR_USAGE, "gate %d: there are %d gates (0..%d)", (int)gate, QST_GATE_COUNT,
                         QST_GATE_COUNT - 1);
    if (circuit->n_operations >= MAX_OPERATIONS)
        return qsti_fail(circuit->ctx, QST_ERR_LIMIT, "gate %s: a circuit holds at most %zu operations", info->name,
                         MAX_OPERATIONS);
    QSTI_TRY(check_qubits(circuit, info, qubits));
    QSTI_TRY(check_angles(circuit, info, angles));
    for (int i = 0; i < info->n_angles; i++) {
        if (angles[i].n_terms > UINT32_MAX - circuit->n_terms - n_terms)
            return qsti_fail(circuit->ctx, QST_ERR_LIMIT, "gate %s: a circuit holds at most %u terms of angles",
                             info->name, UINT32_MAX);
        operation.angle[i] = (qsti_span){(uint32_t)(circuit->n_terms + n_terms), (uint32_t)angles[i].n_terms};
        n_terms += angles[i].n_terms;
    }
    QSTI_TRY(RESERVE(builder, operations, circuit->n_operations, 1));
    QSTI_TRY(RESERVE(builder, terms, circuit->n_terms, n_terms));

    for (int i = 0; i < info->n_qubits; i++)
        operation.qubits[i] = (uint8_t)qubits[i];
    for (int i = 0; i < info->n_angles; i++) {
        for (size_t j = 0; j < angles[i].n_terms; j++) {
            qst_term term = angles[i].terms[j];
            if (term.a == QST_ONE) {
                term.a = term.b;
                term.b = QST_ONE;
            }
            circuit->terms[circuit->n_terms++] = term;
        }
    }
    circuit->operations[circuit->n_operations++] = operation;
done:
    return status;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

size_t qst_circuit_qubits(const qst_circuit *circuit)
{
    return circuit->n_qubits;
}

size_t qst_circuit_features(const qst_circuit *circuit)
{
    return circuit->n_features;
}

size_t qst_circuit_weights(const qst_circuit *circuit)
{
    return circuit->n_weights;
}

size_t qst_circuit_operations(const qst_circuit *circuit)
{
    return circuit->n_operations;
}

void qst_circuit_operation(const qst_circuit *circuit, size_t index, qst_operation *out)
{
    const qsti_operation *operation = &circuit->operations[index];
    const qst_gate_info *info = qst_gate_describe((qst_gate)operation->gate);
    *out = (qst_operation){.gate = (qst_gate)operation->gate};
    for (int q = 0; q < info->n_qubits; q++) {
        out->qubits[q] = operation->qubits[q];
    }
    for (int a = 0; a < info->n_angles; a++) {
        out->angles[a] = (qst_angle){circuit->terms + operation->angle[a].first, operation->angle[a].count};
    }
}

const qst_circuit *qsti_circuit_growing(const qst_circuit_builder *builder)
{
    return builder->circuit;
}

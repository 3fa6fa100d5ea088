/* pauli_compile.c: circuit and noise -> elements -> ops.
 *
 * An element joins the latest op that takes it and that everything since commutes with (acts on other qubits): maps
 * take all elements on their qubit; tables take moves, quarter turns and Pauli channels; rotations about Paulis of
 * several qubits take those about the same. Else it begins an op of its own. */
#include "pauli/pauli_engine.h"

#include <math.h>
#include <string.h>

#include "circuit/steps.h"

#define PI 3.14159265358979323846

/* All tables that are not local may take so much. */
#define TABLE_BYTES ((size_t)256 << 20)

/* --- ops ---------------------------------------------------------------------------------------------------------- */

static unsigned count_of(uint32_t mask)
{
    return (unsigned)__builtin_popcount(mask);
}

static bool is_diagonal_or_move(const qsti_pauli_element *element)
{
    return element->kind != QSTI_PAULI_ROTATION && element->kind != QSTI_PAULI_RELAXATION;
}

/* Whether one more table that is not local may be had. */
static bool room_for_table(const qsti_pauli_engine *engine)
{
    size_t bytes = engine->n_coefficients * (sizeof(uint32_t) + sizeof(double));
    return (engine->n_wide_tables + 1) * bytes <= TABLE_BYTES;
}

static bool takes(const qsti_pauli_engine *engine, const qsti_pauli_op *op, const qsti_pauli_element *element,
                  uint32_t qubits)
{
    bool one = count_of(qubits) == 1;
    switch ((qsti_pauli_op_kind)op->kind) {
    case QSTI_OP_MAP:
        return one && op->qubits == qubits;
    case QSTI_OP_ROTATION:
        return element->kind == QSTI_PAULI_ROTATION && op->pauli == element->pauli;
    case QSTI_OP_TABLE:
        if (!is_diagonal_or_move(element) || (one && !(op->qubits & qubits)))
            return false;
        return count_of(op->qubits | qubits) <= QSTI_LOCAL_QUBITS || count_of(op->qubits) > QSTI_LOCAL_QUBITS ||
               room_for_table(engine);
    }
    return false;
}

static qst_status begin_op(qsti_pauli_engine *engine, const qsti_pauli_element *element, uint32_t qubits)
{
    qst_status status = QST_OK;
    bool one = count_of(qubits) == 1;
    QSTI_TRY(QSTI_GROW(engine->ctx, engine->n_ops + 1, &engine->ops));
    qsti_pauli_op_kind kind = one                                    ? QSTI_OP_MAP
                              : element->kind == QSTI_PAULI_ROTATION ? QSTI_OP_ROTATION
                                                                     : QSTI_OP_TABLE;
    engine->ops[engine->n_ops++] = (qsti_pauli_op){.kind = (uint8_t)kind,
                                                   .qubit = (uint8_t)__builtin_ctz(qubits),
                                                   .pauli = element->pauli,
                                                   .first = QSTI_PAULI_NONE,
                                                   .count = QSTI_PAULI_NONE};
done:
    return status;
}

qst_status qsti_pauli_place(qsti_pauli_engine *engine, const qsti_pauli_element *element, uint32_t qubits)
{
    qst_status status = QST_OK;
    size_t at = engine->n_ops;
    uint32_t index = (uint32_t)engine->n_elements;
    while (at > 0 && !takes(engine, &engine->ops[at - 1], element, qubits))
        at = engine->ops[at - 1].qubits & qubits ? 0 : at - 1;
    if (at == 0) {
        QSTI_TRY(begin_op(engine, element, qubits));
        at = engine->n_ops;
    }
    QSTI_TRY(QSTI_GROW(engine->ctx, engine->n_elements + 1, &engine->elements));
    qsti_pauli_op *op = &engine->ops[at - 1];
    engine->elements[index] = *element;
    engine->elements[index].next = QSTI_PAULI_NONE;
    engine->n_elements++;
    if (op->first == QSTI_PAULI_NONE)
        op->first = index;
    else
        engine->elements[op->count].next = index;
    op->count = index;
    if (count_of(op->qubits) <= QSTI_LOCAL_QUBITS && count_of(op->qubits | qubits) > QSTI_LOCAL_QUBITS)
        engine->n_wide_tables++;
    op->qubits |= qubits;
    if (element->kind == QSTI_PAULI_ROTATION) {
        op->per_lane |= engine->rotations[element->index].per_lane;
        op->wanted |= engine->rotations[element->index].terms.count > 0;
    }
done:
    return status;
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

/* The rotation's angle: constant and terms, in which the constant 1 times itself does not occur. */
static qst_status add_angle(qsti_pauli_engine *engine, const qst_operation *operation, const qsti_step *step,
                            qsti_pauli_rotation *out)
{
    qst_status status = QST_OK;
    *out = (qsti_pauli_rotation){.constant = step->constant, .terms.first = (uint32_t)engine->n_terms};
    for (int a = 0; a < qst_gate_describe(operation->gate)->n_angles; a++) {
        const qst_angle *angle = &operation->angles[a];
        for (size_t i = 0; i < angle->n_terms && step->coefficient[a] != 0; i++) {
            qst_term term = angle->terms[i];
            term.coefficient *= step->coefficient[a];
            if (term.a == QST_ONE && term.b == QST_ONE) {
                out->constant += term.coefficient;
                continue;
            }
            QSTI_TRY(QSTI_GROW(engine->ctx, engine->n_terms + 1, &engine->terms));
            engine->terms[engine->n_terms++] = term;
            out->terms.count++;
            out->per_lane |= term.a < 0 || term.b < 0;
        }
    }
done:
    return status;
}

/* Whether t is a multiple of pi / 2, but for its own rounding. */
static bool is_quarter(double t, uint8_t *out_turns)
{
    double turns = t / (PI / 2), whole = nearbyint(turns);
    *out_turns = (uint8_t)((int64_t)fmod(whole, 4) & 3);
    return fabs(turns - whole) <= 1e-15 * fmax(1, fabs(turns));
}

static qst_status add_rotation(qsti_pauli_engine *engine, const qst_operation *operation, const qsti_step *step)
{
    qst_status status = QST_OK;
    qsti_pauli_element element = {.kind = QSTI_PAULI_ROTATION, .index = (uint32_t)engine->n_rotations};
    qsti_pauli_rotation rotation;
    uint32_t qubits = 0;
    for (size_t k = 0; k < QST_MAX_GATE_QUBITS; k++) {
        uint32_t digit = (uint32_t)((step->x >> k & 1) | (step->z >> k & 1) << 1);
        element.pauli |= digit ? digit << 2 * operation->qubits[k] : 0;
        qubits |= digit ? (uint32_t)1 << operation->qubits[k] : 0;
    }
    QSTI_TRY(add_angle(engine, operation, step, &rotation));
    if (rotation.terms.count == 0 && is_quarter(rotation.constant, &element.a)) {
        element.kind = QSTI_PAULI_QUARTER;
        return element.a == 0 ? QST_OK : qsti_pauli_place(engine, &element, qubits);
    }
    QSTI_TRY(QSTI_GROW(engine->ctx, engine->n_rotations + 1, &engine->rotations));
    rotation.slot = (uint32_t)(rotation.per_lane ? engine->n_per_lane++ : engine->n_shared++);
    engine->rotations[engine->n_rotations++] = rotation;
    QSTI_TRY(qsti_pauli_place(engine, &element, qubits));
done:
    return status;
}

static qst_status add_step(qsti_pauli_engine *engine, const qst_operation *operation, const qsti_step *step)
{
    uint8_t a = (uint8_t)operation->qubits[step->a], b = (uint8_t)operation->qubits[step->b];
    qsti_pauli_element element = {.kind = QSTI_PAULI_CX, .a = a, .b = b};
    switch ((qsti_step_kind)step->kind) {
    case QSTI_STEP_ROTATION:
        return add_rotation(engine, operation, step);
    case QSTI_STEP_X:
        element = (qsti_pauli_element){.kind = QSTI_PAULI_QUARTER, .a = 2, .pauli = (uint32_t)1 << 2 * a};
        return qsti_pauli_place(engine, &element, (uint32_t)1 << a);
    case QSTI_STEP_SWAP:
        element.kind = QSTI_PAULI_SWAP;
        return qsti_pauli_place(engine, &element, (uint32_t)1 << a | (uint32_t)1 << b);
    case QSTI_STEP_CX:
        return qsti_pauli_place(engine, &element, (uint32_t)1 << a | (uint32_t)1 << b);
    case QSTI_STEP_PHASE:
        break;
    }
    return QST_OK;
}

qst_status qsti_pauli_compile(qsti_pauli_engine *engine, const qst_circuit *circuit)
{
    qst_status status = QST_OK;
    for (size_t o = 0; o < circuit->n_operations; o++) {
        qst_operation operation;
        size_t n_steps = 0;
        qst_circuit_operation(circuit, o, &operation);
        const qsti_step *steps = qsti_gate_steps(operation.gate, &n_steps);
        for (size_t s = 0; s < n_steps; s++)
            QSTI_TRY(add_step(engine, &operation, &steps[s]));
        QSTI_TRY(qsti_pauli_add_noise(engine, o));
    }
done:
    return status;
}

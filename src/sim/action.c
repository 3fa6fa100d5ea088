/* action.c: from the steps of an assembly to actions on active qubits; which measurements stand at the end.
 *
 * A measurement is at the end when nothing acts on its qubit behind it, no condition behind it looks at the register of
 * its bit, and nothing in the middle writes that bit behind it. Such measurements can be taken from the last state
 * together, in their order, and are taken out of the list.
 */
#include "sim/action.h"

#include <string.h>

#include "base/memory.h"

#define MOST_ACTIVE 30

/* --- first walk: which qubits are active, and how much there is --------------------------------------------------- */

typedef struct collection {
    qsti_actions *out;
    size_t n_items, n_angles; /* counted in the first walk, filled in the second */
    bool is_counted;          /* the first walk is over */
} collection;

static bool is_touched_by(const qst_step *step)
{
    return step->kind == QST_INSTRUCTION_GATE;
}

static qst_status activate(qsti_actions *out, size_t qubit)
{
    if (out->active[qubit] != QSTI_UNTOUCHED)
        return QST_OK;
    if (out->n_active == MOST_ACTIVE)
        return qsti_fail(out->ctx, QST_ERR_LIMIT, "gates act on more than %d qubits: no state of so many is simulated",
                         MOST_ACTIVE);
    out->active[qubit] = (uint8_t)out->n_active++;
    return QST_OK;
}

static qst_status count_step(collection *to, const qst_step *step)
{
    qst_status status = QST_OK;
    if (step->kind == QST_INSTRUCTION_BARRIER)
        return QST_OK;
    to->n_items++;
    if (!is_touched_by(step))
        return QST_OK;
    const qst_gate_info *gate = qst_gate_describe(step->operation.gate);
    to->n_angles += (size_t)gate->n_angles;
    for (int q = 0; q < gate->n_qubits && status == QST_OK; q++)
        status = activate(to->out, step->operation.qubits[q]);
    return status;
}

/* --- second walk: the actions ------------------------------------------------------------------------------------- */

static double number_of(const qst_angle *angle)
{
    double sum = 0;
    for (size_t t = 0; t < angle->n_terms; t++)
        sum += angle->terms[t].coefficient;
    return sum;
}

static void put_step(collection *to, const qst_step *step)
{
    qsti_actions *out = to->out;
    if (step->kind == QST_INSTRUCTION_BARRIER)
        return;
    qsti_action *action = &out->items[out->n_items++];
    *action = (qsti_action){.kind = (uint8_t)step->kind,
                            .bit = QST_NO_BIT,
                            .condition = QSTI_ALWAYS,
                            .value = step->condition_value,
                            .first_angle = (uint32_t)out->n_angles};
    if (step->condition != QST_NO_CONDITION)
        action->condition = (uint32_t)step->condition;
    if (step->kind != QST_INSTRUCTION_GATE) {
        action->qubits[0] = out->active[step->qubits[0]];
        action->bit = step->kind == QST_INSTRUCTION_MEASURE ? step->bit : QST_NO_BIT;
        out->measures |= action->bit != QST_NO_BIT;
        return;
    }
    const qst_gate_info *gate = qst_gate_describe(step->operation.gate);
    action->gate = (uint8_t)step->operation.gate;
    for (int q = 0; q < gate->n_qubits; q++)
        action->qubits[q] = out->active[step->operation.qubits[q]];
    for (int a = 0; a < gate->n_angles; a++)
        out->angles[out->n_angles++] = number_of(&step->operation.angles[a]);
}

static qst_status take_step(void *user, const qst_step *step)
{
    collection *to = user;
    if (!to->is_counted)
        return count_step(to, step);
    put_step(to, step);
    return QST_OK;
}

/* --- measurements at the end -------------------------------------------------------------------------------------- */

/* What actions behind the one that is looked at do. */
typedef struct behind {
    bool qubit[MOST_ACTIVE];
    bool *is_read;    /* (n_registers) */
    bool *is_written; /* (n_bits): in the middle */
} behind;

static size_t register_of(const qsti_actions *actions, size_t bit)
{
    size_t low = 0, high = actions->n_registers;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (actions->registers[middle].first <= bit)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static bool is_at_the_end(const qsti_actions *actions, const qsti_action *action, const behind *later)
{
    if (action->kind != QST_INSTRUCTION_MEASURE || action->condition != QSTI_ALWAYS)
        return false;
    if (action->qubits[0] != QSTI_UNTOUCHED && later->qubit[action->qubits[0]])
        return false;
    return action->bit == QST_NO_BIT ||
           (!later->is_read[register_of(actions, action->bit)] && !later->is_written[action->bit]);
}

static void look_back_past(const qsti_action *action, behind *later)
{
    int n_qubits = action->kind == QST_INSTRUCTION_GATE ? qst_gate_describe((qst_gate)action->gate)->n_qubits : 1;
    for (int q = 0; q < n_qubits; q++)
        if (action->qubits[q] != QSTI_UNTOUCHED)
            later->qubit[action->qubits[q]] = true;
    if (action->condition != QSTI_ALWAYS)
        later->is_read[action->condition] = true;
    if (action->bit != QST_NO_BIT)
        later->is_written[action->bit] = true;
}

static void take_finals(qsti_actions *actions, behind *later)
{
    size_t kept = actions->n_items, final = actions->n_items;
    for (size_t i = actions->n_items; i-- > 0;) {
        const qsti_action *action = &actions->items[i];
        if (is_at_the_end(actions, action, later)) {
            actions->finals[--final] = (qsti_final){action->qubits[0], action->bit};
        } else {
            look_back_past(action, later);
            actions->items[--kept] = *action;
        }
    }
    actions->n_finals = actions->n_items - final;
    memmove(actions->finals, actions->finals + final, actions->n_finals * sizeof *actions->finals);
    actions->n_items -= kept;
    memmove(actions->items, actions->items + kept, actions->n_items * sizeof *actions->items);
    while (actions->n_prefix < actions->n_items && actions->items[actions->n_prefix].kind == QST_INSTRUCTION_GATE &&
           actions->items[actions->n_prefix].condition == QSTI_ALWAYS)
        actions->n_prefix++;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static qst_status describe_registers(qsti_actions *out, const qst_assembly *assembly)
{
    qst_status status = QST_OK;
    out->n_qubits = qst_assembly_qubits(assembly);
    out->n_bits = qst_assembly_bits(assembly);
    out->n_registers = qst_assembly_bit_registers(assembly);
    QSTI_TRY(QSTI_NEW(out->ctx, out->n_qubits, &out->active));
    QSTI_TRY(QSTI_NEW(out->ctx, out->n_registers, &out->registers));
    memset(out->active, QSTI_UNTOUCHED, out->n_qubits);
    for (size_t r = 0; r < out->n_registers; r++)
        qst_assembly_bit_register(assembly, r, &out->registers[r]);
done:
    return status;
}

qst_status qsti_actions_collect(qst_ctx *ctx, const qst_assembly *assembly, const double *parameters, qsti_actions *out)
{
    qst_status status = QST_OK;
    behind later = {.is_read = NULL};
    collection to = {.out = out};
    *out = (qsti_actions){.ctx = ctx};
    QSTI_TRY(describe_registers(out, assembly));
    QSTI_TRY(qst_assembly_walk(assembly, parameters, 0, take_step, &to));
    if (to.n_angles > UINT32_MAX)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "%zu angles: at most 4294967295 are taken", to.n_angles));
    QSTI_TRY(QSTI_NEW(ctx, to.n_items, &out->items));
    QSTI_TRY(QSTI_NEW(ctx, to.n_items, &out->finals));
    QSTI_TRY(QSTI_NEW(ctx, to.n_angles, &out->angles));
    QSTI_TRY(QSTI_NEW(ctx, out->n_registers, &later.is_read));
    QSTI_TRY(QSTI_NEW(ctx, out->n_bits, &later.is_written));
    to.is_counted = true;
    QSTI_TRY(qst_assembly_walk(assembly, parameters, 0, take_step, &to));
    take_finals(out, &later);
done:
    qsti_free(ctx, later.is_read);
    qsti_free(ctx, later.is_written);
    return status;
}

void qsti_actions_clear(qsti_actions *actions)
{
    qsti_free(actions->ctx, actions->items);
    qsti_free(actions->ctx, actions->angles);
    qsti_free(actions->ctx, actions->finals);
    qsti_free(actions->ctx, actions->active);
    qsti_free(actions->ctx, actions->registers);
    *actions = (qsti_actions){.ctx = NULL};
}

qst_status qsti_actions_circuit(const qsti_actions *actions, qst_circuit **out)
{
    qst_circuit_builder *builder = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(qst_circuit_begin(actions->ctx, actions->n_active, 0, QST_PREPARE_ZERO, &builder));
    for (size_t i = 0; i < actions->n_prefix; i++) {
        const qsti_action *action = &actions->items[i];
        const qst_gate_info *gate = qst_gate_describe((qst_gate)action->gate);
        qst_term terms[QST_MAX_GATE_ANGLES];
        qst_angle angles[QST_MAX_GATE_ANGLES];
        size_t qubits[QST_MAX_GATE_QUBITS];
        for (int a = 0; a < gate->n_angles; a++) {
            terms[a] = (qst_term){actions->angles[action->first_angle + (size_t)a], QST_ONE, QST_ONE};
            angles[a] = (qst_angle){&terms[a], 1};
        }
        for (int q = 0; q < gate->n_qubits; q++)
            qubits[q] = action->qubits[q];
        QSTI_TRY(qst_circuit_add(builder, (qst_gate)action->gate, qubits, angles));
    }
    status = qst_circuit_finish(builder, out);
    builder = NULL;
done:
    qst_circuit_abandon(builder);
    return status;
}

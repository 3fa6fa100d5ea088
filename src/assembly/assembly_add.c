/* assembly_add.c: instructions, checked and added.
 *
 * Two equal qubits of one instruction are found by a mark on each qubit: the number of the instruction that touched it
 * last. So an instruction costs what it is long, however many qubits there are. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assembly/assembly_builder.h"
#include "assembly/expression.h"

#define FEW_QUBITS 8 /* compared pair by pair */

/* --- what is checked -----------------------------------------------------------------------------------------------
 */

/* How many qubits and angles an instruction must have, and what its message calls it. */
typedef struct demand {
    const char *name;
    size_t n_qubits, n_angles;
} demand;

/* The definition whose body is open, or NULL. */
static qst_definition *open_definition(const qst_assembly_builder *builder)
{
    qst_assembly *assembly = builder->assembly;
    return builder->in_definition ? &assembly->definitions[assembly->n_definitions - 1].about : NULL;
}

static qst_status find_demand(const qst_assembly_builder *builder, const qst_instruction *instruction, demand *out)
{
    const qst_assembly *assembly = builder->assembly;
    qst_ctx *ctx = assembly->ctx;

    switch (instruction->kind) {
    case QST_INSTRUCTION_GATE: {
        const qst_gate_info *gate = qst_gate_describe(instruction->gate);
        if (!gate)
            return qsti_fail(ctx, QST_ERR_INPUT, "gate %d: there are %d gates (0..%d)", (int)instruction->gate,
                             QST_GATE_COUNT, QST_GATE_COUNT - 1);
        *out = (demand){gate->name, (size_t)gate->n_qubits, (size_t)gate->n_angles};
        return QST_OK;
    }
    case QST_INSTRUCTION_CALL: {
        size_t n = assembly->n_definitions - (builder->in_definition ? 1 : 0);
        if (instruction->definition == n && builder->in_definition)
            return qsti_fail(ctx, QST_ERR_INPUT, "gate %s calls itself", assembly->definitions[n].about.name);
        if (instruction->definition >= n)
            return qsti_fail(ctx, QST_ERR_INPUT, "definition %zu: there %s %zu", instruction->definition,
                             n == 1 ? "is" : "are", n);
        const qst_definition *about = &assembly->definitions[instruction->definition].about;
        *out = (demand){about->name, about->n_qubits, about->n_angles};
        return QST_OK;
    }
    case QST_INSTRUCTION_MEASURE:
        *out = (demand){"measure", 1, 0};
        return QST_OK;
    case QST_INSTRUCTION_RESET:
        *out = (demand){"reset", 1, 0};
        return QST_OK;
    case QST_INSTRUCTION_BARRIER:
        *out = (demand){"barrier", instruction->n_qubits, 0};
        return QST_OK;
    }
    return qsti_fail(ctx, QST_ERR_INPUT, "there is no kind of instruction %d", (int)instruction->kind);
}

static qst_status check_numbers(qst_ctx *ctx, const qst_instruction *instruction, const demand *wanted)
{
    bool is_gate = instruction->kind == QST_INSTRUCTION_GATE || instruction->kind == QST_INSTRUCTION_CALL;

    if (!is_gate && (instruction->n_controls > 0 || instruction->inverse))
        return qsti_fail(ctx, QST_ERR_INPUT, "%s has neither controls nor an inverse", wanted->name);
    if (instruction->n_qubits > QST_ASSEMBLY_MAX_QUBITS ||
        instruction->n_qubits != wanted->n_qubits + instruction->n_controls) {
        return instruction->n_controls
                   ? qsti_fail(ctx, QST_ERR_INPUT, "%s%.80s with %u control%s takes %zu qubits, not %zu",
                               is_gate ? "gate " : "", wanted->name, instruction->n_controls,
                               instruction->n_controls == 1 ? "" : "s", wanted->n_qubits + instruction->n_controls,
                               instruction->n_qubits)
                   : qsti_fail(ctx, QST_ERR_INPUT, "%s%.80s takes %zu qubit%s, not %zu", is_gate ? "gate " : "",
                               wanted->name, wanted->n_qubits, wanted->n_qubits == 1 ? "" : "s", instruction->n_qubits);
    }
    if (instruction->n_angles != wanted->n_angles)
        return qsti_fail(ctx, QST_ERR_INPUT, "%s%.80s takes %zu angle%s, not %zu", is_gate ? "gate " : "", wanted->name,
                         wanted->n_angles, wanted->n_angles == 1 ? "" : "s", instruction->n_angles);
    return QST_OK;
}

/* Room for a mark on each of n qubits. */
static qst_status reserve_marks(qst_assembly_builder *builder, size_t n)
{
    if (builder->n_marks >= n && builder->mark < UINT32_MAX)
        return QST_OK;
    if (builder->n_marks < n) {
        qst_status status = QSTI_GROW(builder->assembly->ctx, n, &builder->marks);
        if (status != QST_OK)
            return status;
        builder->n_marks = n;
    }
    memset(builder->marks, 0, builder->n_marks * sizeof *builder->marks);
    builder->mark = 0;
    return QST_OK;
}

static qst_status say_twice(const qst_assembly_builder *builder, const char *name, uint32_t qubit)
{
    return qsti_fail(builder->assembly->ctx, QST_ERR_INPUT, "qubit %u twice in %.80s: its qubits must differ", qubit,
                     name);
}

static qst_status check_qubits(qst_assembly_builder *builder, const qst_instruction *instruction, const char *name)
{
    const qst_definition *body = open_definition(builder);
    size_t n = body ? body->n_qubits : builder->assembly->n_qubits;
    const uint32_t *qubits = instruction->qubits;

    for (size_t i = 0; i < instruction->n_qubits; i++) {
        if (qubits[i] >= n)
            return qsti_fail(builder->assembly->ctx, QST_ERR_INPUT, "qubit %u in %.80s: %s has %zu qubit%s", qubits[i],
                             name, body ? "the definition" : "the circuit", n, n == 1 ? "" : "s");
    }
    if (instruction->n_qubits <= FEW_QUBITS) {
        for (size_t i = 1; i < instruction->n_qubits; i++) {
            for (size_t j = 0; j < i; j++) {
                if (qubits[i] == qubits[j])
                    return say_twice(builder, name, qubits[i]);
            }
        }
        return QST_OK;
    }
    qst_status status = reserve_marks(builder, n);
    if (status != QST_OK)
        return status;
    builder->mark++;
    for (size_t i = 0; i < instruction->n_qubits; i++) {
        if (builder->marks[qubits[i]] == builder->mark)
            return say_twice(builder, name, qubits[i]);
        builder->marks[qubits[i]] = builder->mark;
    }
    return QST_OK;
}

/* Measurements and conditions. */
static qst_status check_bits(const qst_assembly_builder *builder, const qst_instruction *instruction, const char *name)
{
    const qst_assembly *assembly = builder->assembly;
    const qst_definition *body = open_definition(builder);
    bool measures = instruction->kind == QST_INSTRUCTION_MEASURE;

    if (body && (measures || instruction->kind == QST_INSTRUCTION_RESET))
        return qsti_fail(assembly->ctx, QST_ERR_INPUT, "%s in the definition of gate %.80s: a gate is unitary", name,
                         body->name);
    if (body && instruction->condition != QST_NO_CONDITION)
        return qsti_fail(assembly->ctx, QST_ERR_INPUT, "a condition in the definition of gate %.80s: a gate is unitary",
                         body->name);
    if (measures && instruction->bit != QST_NO_BIT && instruction->bit >= assembly->n_bits)
        return qsti_fail(assembly->ctx, QST_ERR_INPUT, "bit %u in measure: the circuit has %zu bit%s", instruction->bit,
                         assembly->n_bits, assembly->n_bits == 1 ? "" : "s");
    if (instruction->condition != QST_NO_CONDITION && instruction->condition >= assembly->n_bit_registers)
        return qsti_fail(assembly->ctx, QST_ERR_INPUT,
                         "the condition of %.80s: register of bits %zu: the circuit has %zu of them", name,
                         instruction->condition, assembly->n_bit_registers);
    return QST_OK;
}

/* Angles into tokens of the arena; `out` has room for them. */
static qst_status copy_angle(qst_assembly_builder *builder, const char *name, size_t index, const qst_expression *angle,
                             qst_expression *out)
{
    qst_assembly *assembly = builder->assembly;
    const qst_definition *body = open_definition(builder);
    char what[128];
    bool is_free = false;
    qst_token *tokens = NULL;
    qst_token number = {.kind = QST_OPERATOR_NUMBER};
    qst_status status = QST_OK;

    if (angle->n_tokens == 1 && angle->tokens[0].kind == QST_OPERATOR_NUMBER && isfinite(angle->tokens[0].number)) {
        number.number = angle->tokens[0].number;
    } else {
        (void)snprintf(what, sizeof what, "angle %zu of %.80s", index, name);
        QSTI_TRY(qsti_expression_check(assembly->ctx, what, angle, body ? body->n_angles : assembly->n_parameters,
                                       &is_free));
        number.number = is_free ? 0 : qst_expression_value(angle, NULL);
        if (!isfinite(number.number))
            return qsti_fail(assembly->ctx, QST_ERR_INPUT, "%s is %g, which is not finite", what, number.number);
    }
    size_t n_tokens = is_free ? angle->n_tokens : 1;
    QSTI_TRY(qsti_arena_take(assembly->ctx, &assembly->arena, n_tokens, sizeof *tokens, (void **)&tokens));
    memcpy(tokens, is_free ? angle->tokens : &number, n_tokens * sizeof *tokens);
    *out = (qst_expression){tokens, n_tokens};
done:
    return status;
}

/* --- added -------------- ------------------------------------------------------------------------------------------
 */

static qst_status check_room(const qst_assembly *assembly, const qst_instruction *instruction, const char *name)
{
    if (assembly->n_instructions + assembly->n_bodies >= QST_ASSEMBLY_MAX_INSTRUCTIONS)
        return qsti_fail(assembly->ctx, QST_ERR_LIMIT, "%.80s: there are at most %d instructions", name,
                         QST_ASSEMBLY_MAX_INSTRUCTIONS);
    if (instruction->n_angles > UINT32_MAX - assembly->n_pool_angles)
        return qsti_fail(assembly->ctx, QST_ERR_LIMIT, "%.80s: there are at most %u angles", name, UINT32_MAX);
    return QST_OK;
}

/* Room for the instruction in every array. */
static qst_status reserve_all(qst_assembly_builder *builder, const qst_instruction *instruction)
{
    qst_assembly *assembly = builder->assembly;
    qst_status status;

    if (builder->in_definition)
        QSTI_TRY(QSTI_BUILDER_RESERVE(builder, bodies, assembly->n_bodies, 1));
    else
        QSTI_TRY(QSTI_BUILDER_RESERVE(builder, instructions, assembly->n_instructions, 1));
    QSTI_TRY(QSTI_BUILDER_RESERVE(builder, qubits, assembly->n_pool_qubits, instruction->n_qubits));
    QSTI_TRY(QSTI_BUILDER_RESERVE(builder, angles, assembly->n_pool_angles, instruction->n_angles));
    QSTI_TRY(QSTI_BUILDER_RESERVE(builder, conditions, assembly->n_conditions, 1));
done:
    return status;
}

/* The number of a condition; that of the last one when it is the same. */
static uint32_t add_condition(qst_assembly *assembly, const qst_instruction *instruction)
{
    if (instruction->condition == QST_NO_CONDITION)
        return QSTI_NONE;
    qsti_condition condition = {instruction->condition, instruction->condition_value};
    size_t n = assembly->n_conditions;
    if (n == 0 || assembly->conditions[n - 1].bit_register != condition.bit_register ||
        assembly->conditions[n - 1].value != condition.value)
        assembly->conditions[assembly->n_conditions++] = condition;
    return (uint32_t)(assembly->n_conditions - 1);
}

/* What `what` of the stored form is. */
static uint32_t what_of(const qst_instruction *instruction)
{
    switch (instruction->kind) {
    case QST_INSTRUCTION_GATE:
        return (uint32_t)instruction->gate;
    case QST_INSTRUCTION_CALL:
        return (uint32_t)instruction->definition;
    case QST_INSTRUCTION_MEASURE:
        return instruction->bit;
    case QST_INSTRUCTION_RESET:
    case QST_INSTRUCTION_BARRIER:
        break;
    }
    return 0;
}

static void append(qst_assembly_builder *builder, const qst_instruction *instruction)
{
    qst_assembly *assembly = builder->assembly;
    qsti_instruction entry = {
        .kind = (uint8_t)instruction->kind,
        .inverse = instruction->inverse,
        .what = what_of(instruction),
        .n_controls = instruction->n_controls,
        .n_qubits = (uint32_t)instruction->n_qubits,
        .n_angles = (uint32_t)instruction->n_angles,
        .first_angle = (uint32_t)assembly->n_pool_angles,
        .condition = add_condition(assembly, instruction),
        .first_qubit = assembly->n_pool_qubits,
    };
    if (instruction->n_qubits > 0)
        memcpy(assembly->qubits + assembly->n_pool_qubits, instruction->qubits,
               instruction->n_qubits * sizeof *assembly->qubits);
    assembly->n_pool_qubits += instruction->n_qubits;
    assembly->n_pool_angles += instruction->n_angles;
    if (builder->in_definition) {
        assembly->bodies[assembly->n_bodies++] = entry;
        open_definition(builder)->n_instructions++;
    } else {
        assembly->instructions[assembly->n_instructions++] = entry;
    }
}

qst_status qst_assembly_add(qst_assembly_builder *builder, const qst_instruction *instruction)
{
    qst_assembly *assembly = builder->assembly;
    demand wanted = {NULL, 0, 0};
    qst_status status;

    QSTI_TRY(find_demand(builder, instruction, &wanted));
    QSTI_TRY(check_numbers(assembly->ctx, instruction, &wanted));
    QSTI_TRY(check_qubits(builder, instruction, wanted.name));
    QSTI_TRY(check_bits(builder, instruction, wanted.name));
    QSTI_TRY(check_room(assembly, instruction, wanted.name));
    QSTI_TRY(reserve_all(builder, instruction));
    for (size_t i = 0; i < instruction->n_angles; i++)
        QSTI_TRY(copy_angle(builder, wanted.name, i, &instruction->angles[i],
                            &assembly->angles[assembly->n_pool_angles + i]));
    append(builder, instruction);
done:
    return status;
}

/* write_lower.c: from any assembly to one that holds only what a dialect can say.
 *
 * Instructions are taken over one by one. A gate that the dialect lacks becomes a call of a definition, made of the
 * library's body when it is first needed. A call of a definition of the assembly itself stays one when everything in
 * its body can be said ("plain"); otherwise, and with controls or as an inverse, the instruction is replaced by its
 * steps, which one walk over the whole assembly gives in the same order.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assembly/assembly.h"
#include "qasm/lowering.h"

#define PI 3.14159265358979323846

/* --- angles ------------------------------------------------------------------------------------------------------- */

/* Whether angle `a` of a gate turns its sign after 2 pi under a control of its own, so that no phase of the state says
 * the same. */
static bool is_controlled_rotation(qst_gate gate, size_t a)
{
    return a == 0 && (gate == QST_GATE_crx || gate == QST_GATE_cry || gate == QST_GATE_crz || gate == QST_GATE_cu ||
                      gate == QST_GATE_cu3);
}

/* Angle `a` of a gate, reduced modulo 4 pi, or 2 pi, by sine and cosine: they know pi to all digits. */
static double reduce(const qsti_lowering *l, qst_gate gate, size_t a, double angle)
{
    if (l->opts->wrap && l->at_top && !is_controlled_rotation(gate, a))
        return fabs(angle) > PI ? atan2(sin(angle), cos(angle)) : angle;
    if (fabs(angle) > (l->opts->wrap && l->at_top ? 2 * PI : 4 * PI))
        return 2 * atan2(sin(angle / 2), cos(angle / 2));
    return angle;
}

/* in_body: other tools know no functions of a gate's own parameters. */
static bool can_say(const qst_expression *angle, bool in_body)
{
    for (size_t t = 0; t < angle->n_tokens; t++) {
        qst_operator kind = angle->tokens[t].kind;
        if (kind == QST_OPERATOR_POWER || kind == QST_OPERATOR_ARCSIN || kind == QST_OPERATOR_ARCCOS ||
            kind == QST_OPERATOR_ARCTAN || (in_body && kind > QST_OPERATOR_NEGATE))
            return false;
    }
    return true;
}

/* --- gates ---------------------------------------------------------------------------------------------------------
 */

/* `instruction` with `n` angles, zeros behind those that it has. gate: whose periods are known; NULL: a definition's,
 * of which nothing is known. */
static qst_status add_with_angles(qsti_lowering *l, qst_instruction *instruction, const qst_gate *gate, size_t n)
{
    static const qst_token zero = {.kind = QST_OPERATOR_NUMBER};
    size_t most = n > instruction->n_angles ? n : instruction->n_angles;
    qst_status status = QST_OK;
    if (most > l->angles_capacity) {
        QSTI_TRY(QSTI_GROW(l->ctx, most, &l->angles));
        QSTI_TRY(QSTI_GROW(l->ctx, most, &l->numbers));
        l->angles_capacity = most;
    }
    for (size_t a = 0; a < n; a++) {
        l->angles[a] = a < instruction->n_angles ? instruction->angles[a] : (qst_expression){&zero, 1};
        bool is_bound = l->at_top && l->opts->parameters;
        if (is_bound || (l->angles[a].n_tokens == 1 && l->angles[a].tokens[0].kind == QST_OPERATOR_NUMBER)) {
            double value = qst_expression_value(&l->angles[a], l->opts->parameters);
            value = gate ? reduce(l, *gate, a, value) : value;
            l->numbers[a] = (qst_token){.kind = QST_OPERATOR_NUMBER, .number = value};
            l->angles[a] = (qst_expression){&l->numbers[a], 1};
        }
    }
    instruction->angles = l->angles;
    instruction->n_angles = n;
    status = qst_assembly_add(l->builder, instruction);
done:
    return status;
}

/* The body of a gate in its place, its angles numbers. */
static qst_status take_inline(qsti_lowering *l, const qst_instruction *instruction)
{
    double values[QST_MAX_GATE_ANGLES] = {0};
    const qst_assembly *library;
    qst_definition definition;
    size_t found = 0;
    qst_status status = QST_OK;
    QSTI_TRY(qsti_qasm_find_body(l, instruction->gate, &library, &found));
    qst_assembly_definition(library, found, &definition);
    for (size_t a = 0; a < instruction->n_angles && a < definition.n_angles; a++)
        values[a] = reduce(l, instruction->gate, a, qst_expression_value(&instruction->angles[a], l->opts->parameters));
    for (size_t i = 0; i < definition.n_instructions; i++) {
        qst_instruction inner;
        qst_token tokens[QST_MAX_GATE_ANGLES];
        qst_expression angles[QST_MAX_GATE_ANGLES];
        uint32_t qubits[QST_MAX_GATE_QUBITS];
        qst_definition_instruction(library, found, i, &inner);
        for (size_t a = 0; a < inner.n_angles; a++) {
            tokens[a] = (qst_token){.number = qst_expression_value(&inner.angles[a], values)};
            angles[a] = (qst_expression){&tokens[a], 1};
        }
        for (size_t q = 0; q < inner.n_qubits; q++)
            qubits[q] = instruction->qubits[inner.qubits[q]];
        inner.qubits = qubits;
        inner.angles = angles;
        inner.condition = instruction->condition;
        inner.condition_value = instruction->condition_value;
        QSTI_TRY(qsti_qasm_take(l, library, &inner));
    }
done:
    return status;
}

static qst_status take_gate(qsti_lowering *l, const qst_instruction *instruction)
{
    qst_instruction out = *instruction;
    while (qsti_spelling_of(l, out.gate)->how == QSTI_SPELLED_AS)
        out.gate = qsti_spelling_of(l, out.gate)->as;
    const qsti_spelling *spelling = qsti_spelling_of(l, out.gate);
    if (spelling->how == QSTI_SPELLED_DROP)
        return QST_OK;
    if (spelling->how == QSTI_SPELLED_INLINE)
        return take_inline(l, &out);
    const qst_gate gate = out.gate;
    size_t n_angles = (size_t)qst_gate_describe(gate)->n_angles;
    if (spelling->how == QSTI_SPELLED_DEFINE) {
        if (l->gates[out.gate] == QSTI_NOT_DEFINED)
            return qsti_fail(l->ctx, QST_ERR_INTERNAL, "%s is not defined yet", qst_gate_describe(out.gate)->name);
        out.kind = QST_INSTRUCTION_CALL;
        out.definition = l->gates[out.gate];
    }
    return add_with_angles(l, &out, &gate, n_angles);
}

/* Takes over what can be said as it is: an instruction of the source, or of a body. */
qst_status qsti_qasm_take(qsti_lowering *l, const qst_assembly *from, const qst_instruction *instruction)
{
    qst_instruction out = *instruction;
    switch (instruction->kind) {
    case QST_INSTRUCTION_GATE:
        return take_gate(l, instruction);
    case QST_INSTRUCTION_CALL:
        out.definition = from == l->source ? l->definitions[instruction->definition] : QSTI_NOT_DEFINED;
        return add_with_angles(l, &out, NULL, instruction->n_angles);
    case QST_INSTRUCTION_BARRIER:
        return l->opts->barriers ? qst_assembly_add(l->builder, &out) : QST_OK;
    case QST_INSTRUCTION_MEASURE:
        if (instruction->bit == QST_NO_BIT && l->opts->dialect == QST_QASM2)
            return qsti_fail(l->ctx, QST_ERR_UNSUPPORTED,
                             "qubit %u is measured into no bit, which OpenQASM 2 cannot say", instruction->qubits[0]);
        break;
    case QST_INSTRUCTION_RESET:
        break;
    }
    return qst_assembly_add(l->builder, &out);
}

/* --- what is plain --------------------------------------------------------------------------------------------------
 */

/* Whether an instruction of the source, or of a body, can be said as it is. */
static bool is_plain(const qsti_lowering *l, const qst_instruction *instruction, bool in_body)
{
    if (instruction->n_controls > 0 || instruction->inverse)
        return false;
    if (instruction->kind == QST_INSTRUCTION_CALL && l->definitions[instruction->definition] == QSTI_NOT_PLAIN)
        return false;
    for (size_t a = 0; a < instruction->n_angles; a++)
        if (!can_say(&instruction->angles[a], in_body))
            return false;
    return true;
}

/* A body with functions is kept where its parameters may be free ones, of which steps could not have them. In OpenQASM
 * 2 bodies have one qubit, unless definitions are asked for: see INLINE in spellings.def. */
static bool body_is_plain(const qsti_lowering *l, size_t index, const qst_definition *definition)
{
    bool is_free = l->source->n_parameters > 0 && l->opts->parameters == NULL;
    if (l->opts->dialect == QST_QASM2 && definition->n_qubits != 1 && !l->opts->definitions)
        return false;
    for (size_t i = 0; i < definition->n_instructions; i++) {
        qst_instruction inner;
        qst_definition_instruction(l->source, index, i, &inner);
        if (!is_plain(l, &inner, !is_free))
            return false;
    }
    return true;
}

/* Names of a body's parameters and qubits: a0 a1 ... q0 q1 ..., which are free everywhere; a00 where there are more
 * than ten, as Qiskit's importer of OpenQASM 3 hands arguments to parameters in the order of their names. */
static qst_status number_names(qsti_lowering *l, size_t n, char letter, char (**out_bytes)[24], const char ***out)
{
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(l->ctx, n, out_bytes));
    QSTI_TRY(QSTI_NEW(l->ctx, n, out));
    int width = n > 100 ? 8 : n > 10 ? 2 : 1;
    for (size_t i = 0; i < n; i++) {
        snprintf((*out_bytes)[i], 24, "%c%0*zu", letter, width, i);
        (*out)[i] = (*out_bytes)[i];
    }
done:
    return status;
}

static qst_status take_definition(qsti_lowering *l, size_t index)
{
    char chosen[64], (*angle_bytes)[24] = NULL, (*qubit_bytes)[24] = NULL;
    const char **angle_names = NULL, **qubit_names = NULL;
    qst_definition definition;
    qst_gate gate;
    qst_status status = QST_OK;
    qst_assembly_definition(l->source, index, &definition);
    if (definition.opaque)
        return qsti_fail(l->ctx, QST_ERR_UNSUPPORTED, "gate %s is opaque: without a body it cannot be written",
                         definition.name);
    if (qsti_qasm_is_of_library(l, index, &gate)) {
        status = qsti_qasm_need_gate(l, gate);
        l->definitions[index] = l->gates[gate];
        return status;
    }
    if (!body_is_plain(l, index, &definition)) {
        l->definitions[index] = QSTI_NOT_PLAIN;
        return QST_OK;
    }
    for (size_t i = 0; i < definition.n_instructions; i++) {
        qst_instruction inner;
        qst_definition_instruction(l->source, index, i, &inner);
        if (inner.kind == QST_INSTRUCTION_GATE)
            QSTI_TRY(qsti_qasm_need_gate(l, inner.gate));
    }
    QSTI_TRY(number_names(l, definition.n_angles, 'a', &angle_bytes, &angle_names));
    QSTI_TRY(number_names(l, definition.n_qubits, 'q', &qubit_bytes, &qubit_names));
    qsti_qasm_choose_name(l, definition.name, false, chosen);
    definition.name = chosen;
    definition.angle_names = angle_names;
    definition.qubit_names = qubit_names;
    QSTI_TRY(qst_assembly_begin_definition(l->builder, &definition));
    for (size_t i = 0; i < definition.n_instructions; i++) {
        qst_instruction inner;
        qst_definition_instruction(l->source, index, i, &inner);
        QSTI_TRY(qsti_qasm_take(l, l->source, &inner));
    }
    QSTI_TRY(qst_assembly_end_definition(l->builder));
    l->definitions[index] = (uint32_t)l->n_definitions++;
done:
    qsti_free(l->ctx, angle_bytes);
    qsti_free(l->ctx, qubit_bytes);
    qsti_free(l->ctx, angle_names);
    qsti_free(l->ctx, qubit_names);
    return status;
}

/* --- the instructions --------------------------------------------------------------------------------------------- */

static qst_status check_condition(const qsti_lowering *l, const qst_instruction *instruction)
{
    if (instruction->condition == QST_NO_CONDITION || l->opts->dialect == QST_QASM2)
        return QST_OK;
    return qsti_fail(l->ctx, QST_ERR_UNSUPPORTED, "a condition on register %s: only OpenQASM 2 is written with `if`",
                     l->source->bit_registers[instruction->condition].name);
}

/* Takes the instructions before `end` that can be said as they are; the others have had their steps. */
static qst_status take_until(qsti_lowering *l, size_t end)
{
    qst_status status = QST_OK;
    for (; l->next < end && status == QST_OK; l->next++) {
        qst_instruction instruction;
        qst_assembly_instruction(l->source, l->next, &instruction);
        status = check_condition(l, &instruction);
        if (status == QST_OK && is_plain(l, &instruction, false))
            status = qsti_qasm_take(l, l->source, &instruction);
    }
    return status;
}

static qst_status take_step(void *user, const qst_step *step)
{
    qsti_lowering *l = user;
    qst_instruction instruction;
    qst_status status = take_until(l, step->instruction);
    if (status != QST_OK)
        return status;
    qst_assembly_instruction(l->source, step->instruction, &instruction);
    if (is_plain(l, &instruction, false) || step->kind != QST_INSTRUCTION_GATE)
        return QST_OK;
    status = qsti_step_to_instruction(&l->room, step, &instruction);
    return status == QST_OK ? take_gate(l, &instruction) : status;
}

/* Definitions stand in front, so what the steps of a walk need is made before the first instruction. */
static qst_status need_step(void *user, const qst_step *step)
{
    qsti_lowering *l = user;
    qst_instruction instruction;
    qst_assembly_instruction(l->source, step->instruction, &instruction);
    return is_plain(l, &instruction, false) || step->kind != QST_INSTRUCTION_GATE
               ? QST_OK
               : qsti_qasm_need_gate(l, step->operation.gate);
}

static qst_status take_definitions(qsti_lowering *l, bool *out_walks)
{
    qst_status status = QST_OK;
    l->at_top = false;
    for (size_t d = 0; d < l->source->n_definitions; d++) {
        qst_definition definition;
        qst_assembly_definition(l->source, d, &definition);
        QSTI_TRY(definition.opaque ? QST_OK : take_definition(l, d));
    }
    l->at_top = true;
    for (size_t i = 0; i < l->source->n_instructions; i++) {
        qst_instruction instruction;
        qst_assembly_instruction(l->source, i, &instruction);
        if (instruction.kind == QST_INSTRUCTION_CALL && l->definitions[instruction.definition] == QSTI_NOT_DEFINED)
            QSTI_TRY(take_definition(l, instruction.definition)); /* opaque: refused */
        if (!is_plain(l, &instruction, false))
            *out_walks = true;
        else if (instruction.kind == QST_INSTRUCTION_GATE)
            QSTI_TRY(qsti_qasm_need_gate(l, instruction.gate));
    }
done:
    return status;
}

static qst_status declare(qsti_lowering *l)
{
    const qst_assembly *source = l->source;
    char name[64];
    qst_status status = QST_OK;
    if (source->n_qubits > 0)
        QSTI_TRY(qst_assembly_add_qubits(l->builder, "q", source->n_qubits));
    for (size_t r = 0; r < source->n_bit_registers; r++) {
        qsti_qasm_choose_name(l, source->bit_registers[r].name, false, name);
        QSTI_TRY(qst_assembly_add_bits(l->builder, name, source->bit_registers[r].size));
    }
    for (size_t p = 0; p < source->n_parameters && l->opts->parameters == NULL; p++) {
        qsti_qasm_choose_name(l, source->parameters[p], false, name);
        QSTI_TRY(qst_assembly_add_parameter(l->builder, name));
    }
done:
    return status;
}

static qst_status check_parameters(const qsti_lowering *l)
{
    if (l->opts->dialect != QST_QASM2 || l->source->n_parameters == 0 || l->opts->parameters)
        return QST_OK;
    return qsti_fail(l->ctx, QST_ERR_UNSUPPORTED, "input %s is free, which OpenQASM 2 cannot say: give it a value",
                     l->source->parameters[0]);
}

qst_status qsti_qasm_lower(const qst_assembly *assembly, const qst_qasm_write_opts *opts, qst_assembly **out)
{
    qsti_lowering l = {.ctx = assembly->ctx, .room = {.ctx = assembly->ctx}, .source = assembly, .opts = opts};
    bool walks = false;
    qst_status status = QST_OK;
    memset(l.gates, 0xff, sizeof l.gates);
    QSTI_TRY(check_parameters(&l));
    QSTI_TRY(QSTI_NEW(l.ctx, assembly->n_definitions, &l.definitions));
    memset(l.definitions, 0xff, assembly->n_definitions * sizeof *l.definitions);
    QSTI_TRY(qsti_qasm_library(l.ctx, opts->dialect, false, &l.libraries[0]));
    if (opts->dialect == QST_QASM3_STANDALONE)
        QSTI_TRY(qsti_qasm_library(l.ctx, opts->dialect, true, &l.libraries[1]));
    QSTI_TRY(qst_assembly_begin(l.ctx, &l.builder));
    QSTI_TRY(declare(&l));
    QSTI_TRY(take_definitions(&l, &walks));
    if (walks) {
        QSTI_TRY(qst_assembly_walk(assembly, opts->parameters, 0, need_step, &l));
        QSTI_TRY(qst_assembly_walk(assembly, opts->parameters, 0, take_step, &l));
    }
    QSTI_TRY(take_until(&l, assembly->n_instructions));
    status = qst_assembly_finish(l.builder, out);
    l.builder = NULL;
done:
    qst_assembly_abandon(l.builder);
    qst_assembly_free(l.libraries[0]);
    qst_assembly_free(l.libraries[1]);
    qsti_free(l.ctx, l.definitions);
    qsti_free(l.ctx, l.angles);
    qsti_free(l.ctx, l.numbers);
    qsti_term_tokens_clear(&l.room);
    return status;
}

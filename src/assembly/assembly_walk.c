/* assembly_walk.c: an assembly step by step, with every call, control and inverse replaced by gates.
 *
 * A stack of bodies. Each has the numbers of its qubits in the assembly behind those of its controls, and the values of
 * its angles; all lie on stacks that shrink when the body ends, so memory is that of the deepest nesting. An inverse
 * body is walked from its end. Bodies that expand to nothing are not entered: every body on the stack leads to a step.
 *
 * Not here: what a gate under controls is (gate_expansion.c), how many steps there are (expansion_size.c). */
#include <string.h>

#include "assembly/expansion_size.h"
#include "assembly/polynomial.h"

#define MAX_WORK 2000000000U /* qubits, tokens, calls and steps */

typedef struct body {
    const qsti_instruction *instructions;
    size_t n, next;
    bool inverse;
    size_t first_qubit, n_controls; /* controls, then the body's qubits, on the stack of qubits */
    size_t first_value;             /* its angles on the stack of values */
    size_t n_terms;                 /* terms in use before its angles */
} body;

typedef struct walk {
    const qst_assembly *assembly;
    const double *parameters;
    const qsti_sizes *sizes;
    qst_step_fn *fn;
    void *user;
    body *bodies;
    size_t n_bodies, bodies_capacity;
    uint32_t *qubits;
    size_t n_qubits, qubits_capacity;
    qsti_value *values;
    size_t n_values, values_capacity;
    qsti_polynomials pool;
    size_t instruction; /* of the assembly */
    qst_status handed;  /* what the callback said */
} walk;

/* --- room --------------------------------------------------------------------------------------------------------- */

static qst_status reserve(qst_ctx *ctx, size_t needed, size_t item_bytes, size_t *capacity, void **items)
{
    if (needed <= *capacity && *capacity > 0) /* never NULL afterwards */
        return QST_OK;
    size_t grown = needed + needed / 2 + 16;
    qst_status status = qsti_resize(ctx, grown, item_bytes, items);
    if (status == QST_OK)
        *capacity = grown;
    return status;
}

#define RESERVE(at, array, extra)                                                                         \
    reserve((at)->assembly->ctx, (at)->n_##array + (extra), sizeof *(at)->array, &(at)->array##_capacity, \
            (void **)&(at)->array)

/* --- steps -------------------------------------------------------------------------------------------------------- */

static qst_step step_of(const walk *at, qst_instruction_kind kind)
{
    qst_step step = {.kind = kind, .bit = QST_NO_BIT, .condition = QST_NO_CONDITION, .instruction = at->instruction};
    const qsti_instruction *outer = &at->assembly->instructions[at->instruction];

    if (outer->condition != QSTI_NONE) {
        step.condition = at->assembly->conditions[outer->condition].bit_register;
        step.condition_value = at->assembly->conditions[outer->condition].value;
    }
    return step;
}

/* A gate that is being handed out: where, and the angles of the gate that it comes from. */
typedef struct source {
    walk *at;
    qsti_value values[QST_MAX_GATE_ANGLES];
    size_t n_values;
} source;

static qst_status hand_out(void *user, qst_gate gate, const uint32_t *qubits, const qsti_linear *angles)
{
    source *from = user;
    walk *at = from->at;
    const qst_gate_info *info = qst_gate_describe(gate);
    qst_step step = step_of(at, QST_INSTRUCTION_GATE);
    qsti_value values[QST_MAX_GATE_ANGLES];
    qst_term numbers[QST_MAX_GATE_ANGLES];
    size_t n_terms = at->pool.n_terms;
    qst_status status = QST_OK;

    step.operation.gate = gate;
    for (int i = 0; i < info->n_qubits; i++)
        step.operation.qubits[i] = qubits[i];
    for (int i = 0; i < info->n_angles; i++)
        QSTI_TRY(qsti_polynomial_combine(&at->pool, from->values, angles[i].coefficient, from->n_values,
                                         angles[i].constant, &values[i]));
    for (int i = 0; i < info->n_angles; i++) { /* now that the terms no longer move */
        numbers[i] = (qst_term){values[i].number, QST_ONE, QST_ONE};
        step.operation.angles[i] = values[i].is_number
                                       ? (qst_angle){&numbers[i], 1}
                                       : (qst_angle){at->pool.terms + values[i].first, values[i].n_terms};
    }
    status = at->handed = at->fn(at->user, &step);
done:
    at->pool.n_terms = n_terms;
    return status;
}

static qst_status hand_out_other(walk *at, const qsti_instruction *instruction, const uint32_t *qubits)
{
    qst_step step = step_of(at, (qst_instruction_kind)instruction->kind);

    step.qubits = qubits;
    step.n_qubits = instruction->n_qubits;
    if (step.kind == QST_INSTRUCTION_MEASURE)
        step.bit = instruction->what;
    return at->handed = at->fn(at->user, &step);
}

/* --- bodies ------------------------------------------------------------------------------------------------------- */

/* The qubits of an instruction, as the assembly numbers them, on top of the stack of qubits but not kept there, behind
 * the controls of its body: *out_controls of these in all. */
static qst_status map_qubits(walk *at, const body *inside, const qsti_instruction *instruction, size_t *out_controls)
{
    const uint32_t *own = at->assembly->qubits + instruction->first_qubit;
    size_t n_outer = inside ? inside->n_controls : 0;
    qst_status status = RESERVE(at, qubits, n_outer + instruction->n_qubits);

    if (status != QST_OK)
        return status;
    uint32_t *out = at->qubits + at->n_qubits;
    if (inside) {
        const uint32_t *outer = at->qubits + inside->first_qubit;
        memcpy(out, outer, n_outer * sizeof *out);
        for (size_t i = 0; i < instruction->n_qubits; i++)
            out[n_outer + i] = outer[n_outer + own[i]];
    } else if (instruction->n_qubits > 0) {
        memcpy(out, own, instruction->n_qubits * sizeof *out);
    }
    *out_controls = n_outer + instruction->n_controls;
    return QST_OK;
}

/* The angles of an instruction. */
static qst_status evaluate(walk *at, const body *inside, const qsti_instruction *instruction, qsti_value *out)
{
    qsti_scope scope = {inside ? at->values + inside->first_value : NULL, inside ? NULL : at->parameters};

    for (size_t i = 0; i < instruction->n_angles; i++) {
        qst_status status =
            qsti_polynomial_of(&at->pool, &at->assembly->angles[instruction->first_angle + i], scope, &out[i]);
        if (status != QST_OK) {
            qst_instruction shown;
            qsti_instruction_show(at->assembly, instruction, &shown);
            return qsti_fail_within(at->assembly->ctx, status, "angle %zu of %.80s", i,
                                    qst_instruction_name(at->assembly, &shown));
        }
    }
    return QST_OK;
}

static qst_status enter(walk *at, const body *inside, const qsti_instruction *call, bool inverse)
{
    const qsti_definition *definition = &at->assembly->definitions[call->what];
    body next = {.instructions = at->assembly->bodies + definition->first,
                 .n = definition->about.n_instructions,
                 .inverse = inverse,
                 .first_qubit = at->n_qubits,
                 .first_value = at->n_values,
                 .n_terms = at->pool.n_terms};
    body outer = {.n = 0}; /* a copy: the stack may move */
    qst_status status;

    if (inside)
        outer = *inside;
    QSTI_TRY(map_qubits(at, inside ? &outer : NULL, call, &next.n_controls));
    QSTI_TRY(RESERVE(at, values, call->n_angles + 1)); /* never a null pointer */
    QSTI_TRY(evaluate(at, inside ? &outer : NULL, call, at->values + at->n_values));
    QSTI_TRY(RESERVE(at, bodies, 1));
    at->n_qubits += (inside ? outer.n_controls : 0) + call->n_qubits;
    at->n_values += call->n_angles;
    at->bodies[at->n_bodies++] = next;
done:
    return status;
}

static void leave(walk *at)
{
    const body *last = &at->bodies[--at->n_bodies];
    at->n_qubits = last->first_qubit;
    at->n_values = last->first_value;
    at->pool.n_terms = last->n_terms;
}

static qst_status do_gate(walk *at, const body *inside, const qsti_instruction *instruction, bool inverse)
{
    source from = {.at = at, .n_values = instruction->n_angles};
    size_t n_terms = at->pool.n_terms, n_controls = 0;
    qst_status status;

    QSTI_TRY(map_qubits(at, inside, instruction, &n_controls));
    QSTI_TRY(evaluate(at, inside, instruction, from.values));
    const uint32_t *qubits = at->qubits + at->n_qubits;
    status = qsti_gate_expand((qst_gate)instruction->what, inverse, qubits, n_controls, qubits + n_controls, hand_out,
                              &from);
done:
    at->pool.n_terms = n_terms;
    return status;
}

/* One instruction of a body, or of the assembly when inside is NULL. */
static qst_status do_instruction(walk *at, const body *inside, const qsti_instruction *instruction)
{
    bool inverse = (inside && inside->inverse) != instruction->inverse;
    size_t n_controls = (inside ? inside->n_controls : 0) + instruction->n_controls;
    qst_status status;

    switch (instruction->kind) {
    case QST_INSTRUCTION_GATE:
        return do_gate(at, inside, instruction, inverse);
    case QST_INSTRUCTION_CALL:
        if (qsti_sizes_body(at->sizes, instruction->what, n_controls, inverse).steps == 0)
            return QST_OK;
        return enter(at, inside, instruction, inverse);
    default:
        status = map_qubits(at, inside, instruction, &n_controls);
        if (status != QST_OK)
            return status;
        return hand_out_other(at, instruction, at->qubits + at->n_qubits + n_controls);
    }
}

/* An instruction of the assembly, to its end. */
static qst_status do_whole(walk *at, const qsti_instruction *instruction)
{
    qst_status status;

    QSTI_TRY(do_instruction(at, NULL, instruction));
    while (at->n_bodies > 0) {
        body *last = &at->bodies[at->n_bodies - 1];
        if (last->next == last->n) {
            leave(at);
            continue;
        }
        size_t index = last->inverse ? last->n - 1 - last->next : last->next;
        last->next++;
        QSTI_TRY(do_instruction(at, last, &last->instructions[index]));
    }
done:
    return status;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static qst_status check_size(const qst_assembly *assembly, qsti_sizes *sizes, size_t max_steps)
{
    qsti_size size = {0, 0};
    qst_status status = qsti_sizes_count(sizes, &size);

    if (status != QST_OK)
        return status;
    if (max_steps == 0)
        max_steps = QST_ASSEMBLY_MAX_INSTRUCTIONS;
    if (size.steps > max_steps)
        return qsti_fail(assembly->ctx, QST_ERR_LIMIT, "the circuit expands to %s%llu gates; at most %zu are allowed",
                         size.steps == UINT64_MAX ? "at least " : "", (unsigned long long)size.steps, max_steps);
    if (size.work > MAX_WORK)
        return qsti_fail(assembly->ctx, QST_ERR_LIMIT, "the circuit's definitions are nested too deep to be expanded");
    return QST_OK;
}

qst_status qst_assembly_walk(const qst_assembly *assembly, const double *parameters, size_t max_steps, qst_step_fn *fn,
                             void *user)
{
    qst_ctx *ctx = assembly->ctx;
    walk at = {.assembly = assembly, .parameters = parameters, .fn = fn, .user = user, .pool = {.ctx = ctx}};
    qsti_sizes *sizes = NULL;
    qst_status status;

    QSTI_TRY(qsti_sizes_create(assembly, &sizes));
    QSTI_TRY(check_size(assembly, sizes, max_steps));
    at.sizes = sizes;
    for (; at.instruction < assembly->n_instructions; at.instruction++) {
        const qsti_instruction *instruction = &assembly->instructions[at.instruction];
        status = do_whole(&at, instruction);
        if (status != QST_OK && at.handed == QST_OK) {
            qst_instruction shown;
            qsti_instruction_show(assembly, instruction, &shown);
            status = qsti_fail_within(ctx, status, "instruction %zu (%.80s)", at.instruction,
                                      qst_instruction_name(assembly, &shown));
        }
        if (status != QST_OK)
            break;
    }
done:
    qsti_free(ctx, at.bodies);
    qsti_free(ctx, at.qubits);
    qsti_free(ctx, at.values);
    qsti_polynomials_clear(&at.pool);
    qsti_sizes_free(sizes);
    return status;
}

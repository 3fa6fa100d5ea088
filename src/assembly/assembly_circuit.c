/* assembly_circuit.c: the unitary part of an assembly as a circuit.
 *
 * A measurement may stand where nothing acts on its qubit any more: which instruction measured a qubit is kept, and a
 * gate that comes later is refused in its name. */
#include <math.h>

#include "assembly/assembly.h"
#include "circuit/circuit.h"

#define NOT_MEASURED SIZE_MAX

typedef struct conversion {
    const qst_assembly *assembly;
    const qst_parameter_role *roles;
    qst_circuit_builder *builder;
    size_t *measured; /* (n_qubits): by which instruction */
    qst_term *terms;  /* of one gate */
    size_t capacity;
} conversion;

static qst_status refuse(const conversion *to, size_t index, const char *why)
{
    const qst_assembly *assembly = to->assembly;
    qst_instruction instruction;

    qst_assembly_instruction(assembly, index, &instruction);
    return qsti_fail(assembly->ctx, QST_ERR_UNSUPPORTED, "instruction %zu (%.80s): %s", index,
                     qst_instruction_name(assembly, &instruction), why);
}

static qst_variable variable_of(const conversion *to, qst_variable parameter)
{
    if (parameter == QST_ONE || !to->roles)
        return parameter;
    const qst_parameter_role *role = &to->roles[parameter - 1];
    return role->is_feature ? QST_FEATURE((qst_variable)role->index) : QST_WEIGHT((qst_variable)role->index);
}

/* The angles with parameters replaced by what they are to the circuit. */
static qst_status map_angles(conversion *to, const qst_operation *operation, size_t n_angles, qst_angle *out)
{
    size_t n_terms = 0;

    for (size_t i = 0; i < n_angles; i++)
        n_terms += operation->angles[i].n_terms;
    if (n_terms > to->capacity) {
        qst_status status = QSTI_GROW(to->assembly->ctx, 2 * n_terms, &to->terms);
        if (status != QST_OK)
            return status;
        to->capacity = 2 * n_terms;
    }
    qst_term *term = to->terms;
    for (size_t i = 0; i < n_angles; i++) {
        out[i] = (qst_angle){term, operation->angles[i].n_terms};
        for (size_t j = 0; j < out[i].n_terms; j++) {
            const qst_term *from = &operation->angles[i].terms[j];
            *term++ = (qst_term){from->coefficient, variable_of(to, from->a), variable_of(to, from->b)};
        }
    }
    return QST_OK;
}

static qst_status add_gate(conversion *to, const qst_step *step)
{
    const qst_gate_info *gate = qst_gate_describe(step->operation.gate);
    qst_angle angles[QST_MAX_GATE_ANGLES];

    for (int i = 0; i < gate->n_qubits; i++) {
        size_t by = to->measured[step->operation.qubits[i]];
        if (by != NOT_MEASURED)
            return refuse(to, by, "a measurement in the middle: gates follow on its qubit");
    }
    qst_status status = map_angles(to, &step->operation, (size_t)gate->n_angles, angles);
    if (status == QST_OK)
        status = qst_circuit_add(to->builder, step->operation.gate, step->operation.qubits, angles);
    return status;
}

static qst_status add_step(void *user, const qst_step *step)
{
    conversion *to = user;

    if (step->condition != QST_NO_CONDITION && step->kind != QST_INSTRUCTION_BARRIER)
        return refuse(to, step->instruction, "it depends on a measurement, and a circuit is unitary");
    switch (step->kind) {
    case QST_INSTRUCTION_GATE:
        return add_gate(to, step);
    case QST_INSTRUCTION_RESET:
        return refuse(to, step->instruction, "a circuit is unitary");
    case QST_INSTRUCTION_MEASURE:
        if (to->measured[step->qubits[0]] != NOT_MEASURED)
            return refuse(to, to->measured[step->qubits[0]],
                          "a measurement in the middle: its qubit is measured again");
        to->measured[step->qubits[0]] = step->instruction;
        return QST_OK;
    default: /* a barrier; calls are not handed out */
        return QST_OK;
    }
}

/* How many weights or features the roles name. */
static size_t count_roles(const conversion *to, bool features)
{
    size_t n = 0, n_parameters = to->assembly->n_parameters;

    if (!to->roles)
        return features ? 0 : n_parameters;
    for (size_t i = 0; i < n_parameters; i++) {
        if (to->roles[i].is_feature == features && to->roles[i].index >= n)
            n = to->roles[i].index + 1;
    }
    return n;
}

qst_status qst_assembly_circuit(const qst_assembly *assembly, const qst_parameter_role *roles, qst_circuit **out)
{
    qst_ctx *ctx = assembly->ctx;
    conversion to = {.assembly = assembly, .roles = roles};
    size_t first;
    qst_status status;

    QSTI_TRY(qst_circuit_begin(ctx, assembly->n_qubits, count_roles(&to, true), QST_PREPARE_ZERO, &to.builder));
    QSTI_TRY(qst_circuit_add_weights(to.builder, count_roles(&to, false), QST_WEIGHT_ANGLE, &first));
    QSTI_TRY(QSTI_NEW(ctx, assembly->n_qubits, &to.measured));
    for (size_t i = 0; i < assembly->n_qubits; i++)
        to.measured[i] = NOT_MEASURED;
    QSTI_TRY(qst_assembly_walk(assembly, NULL, 0, add_step, &to));
    status = qst_circuit_finish(to.builder, out);
    to.builder = NULL;
done:
    qst_circuit_abandon(to.builder);
    qsti_free(ctx, to.measured);
    qsti_free(ctx, to.terms);
    return status;
}

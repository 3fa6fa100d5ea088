/* assembly.c: what can be asked of an assembly, and its end.
 *
 * Not here: building (assembly_build.c) and expansion (assembly_walk.c). */
#include "assembly/assembly.h"

void qst_assembly_free(qst_assembly *assembly)
{
    if (!assembly)
        return;
    qst_ctx *ctx = assembly->ctx;
    qsti_free(ctx, assembly->qubit_registers);
    qsti_free(ctx, assembly->bit_registers);
    qsti_free(ctx, assembly->parameters);
    qsti_free(ctx, assembly->definitions);
    qsti_free(ctx, assembly->instructions);
    qsti_free(ctx, assembly->bodies);
    qsti_free(ctx, assembly->qubits);
    qsti_free(ctx, assembly->angles);
    qsti_free(ctx, assembly->conditions);
    qsti_arena_clear(ctx, &assembly->arena);
    qsti_name_table_clear(ctx, &assembly->names);
    qsti_free(ctx, assembly);
}

size_t qst_assembly_qubits(const qst_assembly *assembly)
{
    return assembly->n_qubits;
}

size_t qst_assembly_bits(const qst_assembly *assembly)
{
    return assembly->n_bits;
}

size_t qst_assembly_qubit_registers(const qst_assembly *assembly)
{
    return assembly->n_qubit_registers;
}

size_t qst_assembly_bit_registers(const qst_assembly *assembly)
{
    return assembly->n_bit_registers;
}

void qst_assembly_qubit_register(const qst_assembly *assembly, size_t index, qst_register *out)
{
    *out = assembly->qubit_registers[index];
}

void qst_assembly_bit_register(const qst_assembly *assembly, size_t index, qst_register *out)
{
    *out = assembly->bit_registers[index];
}

size_t qst_assembly_parameters(const qst_assembly *assembly)
{
    return assembly->n_parameters;
}

const char *qst_assembly_parameter(const qst_assembly *assembly, size_t index)
{
    return assembly->parameters[index];
}

size_t qst_assembly_definitions(const qst_assembly *assembly)
{
    return assembly->n_definitions;
}

void qst_assembly_definition(const qst_assembly *assembly, size_t index, qst_definition *out)
{
    *out = assembly->definitions[index].about;
}

size_t qst_assembly_instructions(const qst_assembly *assembly)
{
    return assembly->n_instructions;
}

void qsti_instruction_show(const qst_assembly *assembly, const qsti_instruction *instruction, qst_instruction *out)
{
    *out = (qst_instruction){
        .kind = (qst_instruction_kind)instruction->kind,
        .inverse = instruction->inverse,
        .n_controls = instruction->n_controls,
        .qubits = instruction->n_qubits ? assembly->qubits + instruction->first_qubit : NULL,
        .n_qubits = instruction->n_qubits,
        .angles = instruction->n_angles ? assembly->angles + instruction->first_angle : NULL,
        .n_angles = instruction->n_angles,
        .bit = QST_NO_BIT,
        .condition = QST_NO_CONDITION,
    };
    if (out->kind == QST_INSTRUCTION_GATE)
        out->gate = (qst_gate)instruction->what;
    else if (out->kind == QST_INSTRUCTION_CALL)
        out->definition = instruction->what;
    else if (out->kind == QST_INSTRUCTION_MEASURE)
        out->bit = instruction->what;
    if (instruction->condition != QSTI_NONE) {
        out->condition = assembly->conditions[instruction->condition].bit_register;
        out->condition_value = assembly->conditions[instruction->condition].value;
    }
}

void qst_assembly_instruction(const qst_assembly *assembly, size_t index, qst_instruction *out)
{
    qsti_instruction_show(assembly, &assembly->instructions[index], out);
}

void qst_definition_instruction(const qst_assembly *assembly, size_t definition, size_t index, qst_instruction *out)
{
    qsti_instruction_show(assembly, &assembly->bodies[assembly->definitions[definition].first + index], out);
}

const char *qst_instruction_name(const qst_assembly *assembly, const qst_instruction *instruction)
{
    switch (instruction->kind) {
    case QST_INSTRUCTION_GATE:
        return qst_gate_describe(instruction->gate)->name;
    case QST_INSTRUCTION_CALL:
        return assembly->definitions[instruction->definition].about.name;
    case QST_INSTRUCTION_MEASURE:
        return "measure";
    case QST_INSTRUCTION_RESET:
        return "reset";
    case QST_INSTRUCTION_BARRIER:
        return "barrier";
    }
    return "";
}

qsti_named qsti_assembly_find(const qst_assembly *assembly, const char *name, size_t *out_index)
{
    return qsti_name_table_find(&assembly->names, name, out_index);
}

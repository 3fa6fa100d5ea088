/* writing.c: gates into a builder, with the first failure kept. */
#include "algorithms/writing.h"

#include "base/memory.h"

void qsti_writing_begin(qsti_writing *writing, qst_ctx *ctx, size_t n_qubits, size_t n_bits)
{
    *writing = (qsti_writing){.ctx = ctx};
    writing->status = qst_assembly_begin(ctx, &writing->builder);
    if (writing->status == QST_OK)
        writing->status = qst_assembly_add_qubits(writing->builder, "q", n_qubits);
    if (writing->status == QST_OK && n_bits > 0)
        writing->status = qst_assembly_add_bits(writing->builder, "c", n_bits);
}

qst_status qsti_writing_end(qsti_writing *writing, qst_assembly **out)
{
    qst_status status = writing->status;
    if (status == QST_OK)
        status = qst_assembly_finish(writing->builder, out);
    else
        qst_assembly_abandon(writing->builder);
    writing->builder = NULL;
    return status;
}

static void add(qsti_writing *writing, const qst_instruction *instruction)
{
    if (writing->status == QST_OK)
        writing->status = qst_assembly_add(writing->builder, instruction);
}

void qsti_write_gate(qsti_writing *writing, qst_gate gate, size_t q0, size_t q1, double angle)
{
    const qst_gate_info *info = qst_gate_describe(gate);
    qst_token token = {.kind = QST_OPERATOR_NUMBER, .number = angle};
    add(writing, &(qst_instruction){
                     .kind = QST_INSTRUCTION_GATE,
                     .gate = gate,
                     .qubits = (const uint32_t[]){(uint32_t)q0, (uint32_t)q1},
                     .n_qubits = (size_t)info->n_qubits,
                     .angles = &(qst_expression){&token, 1},
                     .n_angles = (size_t)info->n_angles,
                     .bit = QST_NO_BIT,
                     .condition = QST_NO_CONDITION,
                 });
}

void qsti_write_controlled(qsti_writing *writing, qst_gate gate, const uint32_t *controls, size_t n, uint32_t target)
{
    uint32_t *qubits = NULL;
    if (writing->status != QST_OK)
        return;
    writing->status = QSTI_NEW(writing->ctx, n + 1, &qubits);
    if (writing->status != QST_OK)
        return;
    for (size_t i = 0; i < n; i++)
        qubits[i] = controls[i];
    qubits[n] = target;
    add(writing, &(qst_instruction){
                     .kind = QST_INSTRUCTION_GATE,
                     .gate = gate,
                     .n_controls = (uint32_t)n,
                     .qubits = qubits,
                     .n_qubits = n + 1,
                     .bit = QST_NO_BIT,
                     .condition = QST_NO_CONDITION,
                 });
    qsti_free(writing->ctx, qubits);
}

void qsti_write_measurements(qsti_writing *writing, size_t n)
{
    for (uint32_t q = 0; q < n; q++) {
        add(writing, &(qst_instruction){
                         .kind = QST_INSTRUCTION_MEASURE,
                         .qubits = &q,
                         .n_qubits = 1,
                         .bit = q,
                         .condition = QST_NO_CONDITION,
                     });
    }
}

void qsti_write_barrier(qsti_writing *writing, size_t n_qubits)
{
    uint32_t *qubits = NULL;
    if (writing->status != QST_OK)
        return;
    writing->status = QSTI_NEW(writing->ctx, n_qubits, &qubits);
    if (writing->status != QST_OK)
        return;
    for (uint32_t q = 0; q < n_qubits; q++)
        qubits[q] = q;
    add(writing, &(qst_instruction){
                     .kind = QST_INSTRUCTION_BARRIER,
                     .qubits = qubits,
                     .n_qubits = n_qubits,
                     .bit = QST_NO_BIT,
                     .condition = QST_NO_CONDITION,
                 });
    qsti_free(writing->ctx, qubits);
}

void qsti_write_assembly(qsti_writing *writing, const qst_assembly *what)
{
    qst_assembly *flat = NULL;
    if (writing->status == QST_OK)
        writing->status = qst_assembly_expand(what, NULL, &flat);
    for (size_t i = 0; writing->status == QST_OK && i < qst_assembly_instructions(flat); i++) {
        qst_instruction instruction;
        qst_assembly_instruction(flat, i, &instruction);
        if (instruction.kind == QST_INSTRUCTION_GATE)
            add(writing, &instruction);
        else if (instruction.kind != QST_INSTRUCTION_BARRIER)
            writing->status =
                qsti_fail(writing->ctx, QST_ERR_UNSUPPORTED, "an oracle has gates only: no measurement, no reset");
    }
    qst_assembly_free(flat);
}

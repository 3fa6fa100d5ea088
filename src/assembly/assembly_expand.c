/* assembly_expand.c: the expansion of an assembly as an assembly of its own. */
#include "assembly/assembly.h"
#include "assembly/term_tokens.h"

typedef struct expansion {
    qst_assembly_builder *builder;
    qsti_term_tokens tokens;
} expansion;

static qst_status add_step(void *user, const qst_step *step)
{
    expansion *to = user;
    qst_instruction instruction;
    qst_status status = qsti_step_to_instruction(&to->tokens, step, &instruction);
    return status == QST_OK ? qst_assembly_add(to->builder, &instruction) : status;
}

/* Registers and parameters of `from`. */
static qst_status copy_head(const qst_assembly *from, bool with_parameters, qst_assembly_builder *to)
{
    qst_status status = QST_OK;

    for (size_t i = 0; i < from->n_qubit_registers; i++)
        QSTI_TRY(qst_assembly_add_qubits(to, from->qubit_registers[i].name, from->qubit_registers[i].size));
    for (size_t i = 0; i < from->n_bit_registers; i++)
        QSTI_TRY(qst_assembly_add_bits(to, from->bit_registers[i].name, from->bit_registers[i].size));
    for (size_t i = 0; with_parameters && i < from->n_parameters; i++)
        QSTI_TRY(qst_assembly_add_parameter(to, from->parameters[i]));
done:
    return status;
}

qst_status qst_assembly_expand(const qst_assembly *assembly, const double *parameters, qst_assembly **out)
{
    expansion to = {.tokens = {.ctx = assembly->ctx}};
    qst_status status;

    QSTI_TRY(qst_assembly_begin(assembly->ctx, &to.builder));
    QSTI_TRY(copy_head(assembly, !parameters, to.builder));
    QSTI_TRY(qst_assembly_walk(assembly, parameters, 0, add_step, &to));
    status = qst_assembly_finish(to.builder, out);
    to.builder = NULL;
done:
    qst_assembly_abandon(to.builder);
    qsti_term_tokens_clear(&to.tokens);
    return status;
}

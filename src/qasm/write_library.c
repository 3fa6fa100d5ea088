/* write_library.c: definitions of gates that a dialect lacks, made of the bodies of spellings.def when they are first
 * needed; and recognised in what is read, so that a file that was written stays as it is when it is written again. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assembly/assembly.h"
#include "qasm/lowering.h"

/* --- making ------------------------------------------------------------------------------------------------------- */

static const qst_assembly *library_of(const qsti_lowering *l, qst_gate gate)
{
    return l->libraries[l->opts->dialect == QST_QASM3_STANDALONE && qsti_gate_spellings[gate].alone[0] != '\0'];
}

qst_status qsti_qasm_find_body(const qsti_lowering *l, qst_gate gate, const qst_assembly **out_library, size_t *out)
{
    const char *name = qst_gate_describe(gate)->name;
    char entry[40];
    *out_library = library_of(l, gate);
    snprintf(entry, sizeof entry, "lib_%s", name);
    if (qsti_assembly_find(*out_library, entry, out) != QSTI_NAMED_DEFINITION)
        return qsti_fail(l->ctx, QST_ERR_INTERNAL, "%s has no body to write", name);
    return QST_OK;
}

/* Sees to all gates of a body. */
static qst_status need_gates_of(qsti_lowering *l, const qst_assembly *library, size_t found)
{
    qst_definition definition;
    qst_status status = QST_OK;
    qst_assembly_definition(library, found, &definition);
    for (size_t i = 0; i < definition.n_instructions && status == QST_OK; i++) {
        qst_instruction inner;
        qst_definition_instruction(library, found, i, &inner);
        if (inner.n_controls == 0)
            status = qsti_qasm_need_gate(l, inner.gate);
    }
    return status;
}

/* The body of a gate from the library, as a definition of the same name. */
static qst_status define_gate(qsti_lowering *l, qst_gate gate, const qst_assembly *library, size_t found)
{
    char chosen[64];
    qst_definition definition;
    qst_status status = QST_OK;
    bool at_top = l->at_top;
    l->at_top = false;
    qst_assembly_definition(library, found, &definition);
    qsti_qasm_choose_name(l, qst_gate_describe(gate)->name, true, chosen);
    definition.name = chosen;
    QSTI_TRY(qst_assembly_begin_definition(l->builder, &definition));
    for (size_t i = 0; i < definition.n_instructions; i++) {
        qst_instruction inner;
        qst_definition_instruction(library, found, i, &inner);
        QSTI_TRY(qsti_qasm_take(l, library, &inner));
    }
    QSTI_TRY(qst_assembly_end_definition(l->builder));
    l->gates[gate] = (uint32_t)l->n_definitions++;
done:
    l->at_top = at_top;
    return status;
}

qst_status qsti_qasm_need_gate(qsti_lowering *l, qst_gate gate)
{
    const qst_assembly *library;
    size_t found = 0;
    qst_status status = QST_OK;
    while (qsti_spelling_of(l, gate)->how == QSTI_SPELLED_AS)
        gate = qsti_spelling_of(l, gate)->as;
    qsti_spelled how = qsti_spelling_of(l, gate)->how;
    if ((how != QSTI_SPELLED_DEFINE && how != QSTI_SPELLED_INLINE) || l->gates[gate] != QSTI_NOT_DEFINED)
        return QST_OK;
    QSTI_TRY(qsti_qasm_find_body(l, gate, &library, &found));
    QSTI_TRY(need_gates_of(l, library, found));
    if (how == QSTI_SPELLED_DEFINE)
        status = define_gate(l, gate, library, found);
done:
    return status;
}

/* --- recognising -------------------------------------------------------------------------------------------------- */

static bool same_token(const qst_token *x, const qst_token *y)
{
    if (x->kind == QST_OPERATOR_NUMBER && y->kind == QST_OPERATOR_NUMBER)
        return x->number == y->number && signbit(x->number) == signbit(y->number);
    return x->kind == y->kind && (x->kind != QST_OPERATOR_VARIABLE || x->variable == y->variable);
}

static bool same_tokens(const qst_expression *a, const qst_expression *b)
{
    for (size_t t = 0; t < a->n_tokens && a->n_tokens == b->n_tokens; t++)
        if (!same_token(&a->tokens[t], &b->tokens[t]))
            return false;
    return a->n_tokens == b->n_tokens;
}

/* What a gate of a library's body is written as. */
static qst_gate written_as(const qsti_lowering *l, qst_gate gate)
{
    while (qsti_spelling_of(l, gate)->how == QSTI_SPELLED_AS)
        gate = qsti_spelling_of(l, gate)->as;
    return gate;
}

/* mine: of a definition of the source; body: of the library's. */
static bool same_step(const qsti_lowering *l, const qst_instruction *mine, const qst_instruction *body)
{
    qst_gate gate = written_as(l, body->gate);
    bool same = mine->kind == QST_INSTRUCTION_GATE
                    ? mine->gate == gate
                    : mine->kind == QST_INSTRUCTION_CALL && l->gates[gate] != QSTI_NOT_DEFINED &&
                          l->definitions[mine->definition] == l->gates[gate];
    if (!same || mine->n_controls != body->n_controls || mine->inverse != body->inverse ||
        mine->n_qubits != body->n_qubits || mine->n_angles != body->n_angles)
        return false;
    if (mine->n_qubits > 0 && memcmp(mine->qubits, body->qubits, mine->n_qubits * sizeof *mine->qubits) != 0)
        return false;
    for (size_t a = 0; a < mine->n_angles; a++)
        if (!same_tokens(&mine->angles[a], &body->angles[a]))
            return false;
    return true;
}

bool qsti_qasm_is_of_library(const qsti_lowering *l, size_t definition, qst_gate *out)
{
    qst_definition mine, body;
    const qst_assembly *library;
    size_t found = 0;
    qst_assembly_definition(l->source, definition, &mine);
    if (!qst_gate_find(mine.name, out) || qsti_spelling_of(l, *out)->how != QSTI_SPELLED_DEFINE ||
        qsti_qasm_find_body(l, *out, &library, &found) != QST_OK)
        return false;
    qst_assembly_definition(library, found, &body);
    if (mine.n_qubits != body.n_qubits || mine.n_angles != body.n_angles || mine.n_instructions != body.n_instructions)
        return false;
    for (size_t i = 0; i < mine.n_instructions; i++) {
        qst_instruction x, y;
        qst_definition_instruction(l->source, definition, i, &x);
        qst_definition_instruction(library, found, i, &y);
        if (!same_step(l, &x, &y))
            return false;
    }
    return true;
}

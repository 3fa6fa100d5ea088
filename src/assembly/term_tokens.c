/* term_tokens.c: c a b + d e + ... in postfix order, each term and each sum of terms from left to right. */
#include "assembly/term_tokens.h"

#define TOKENS_OF_TERM 6 /* c a * b * + */

static size_t write_term(qst_token *out, const qst_term *term)
{
    qst_variable variables[2] = {term->a, term->b};
    size_t n = 0;
    bool is_one = term->coefficient == 1 && (term->a != QST_ONE || term->b != QST_ONE);

    if (!is_one)
        out[n++] = (qst_token){.kind = QST_OPERATOR_NUMBER, .number = term->coefficient};
    for (int i = 0; i < 2; i++) {
        if (variables[i] == QST_ONE)
            continue;
        out[n++] = (qst_token){.kind = QST_OPERATOR_VARIABLE, .variable = (uint32_t)(variables[i] - 1)};
        if (n > 1)
            out[n++] = (qst_token){.kind = QST_OPERATOR_MULTIPLY};
    }
    return n;
}

qst_status qsti_term_tokens_write(qsti_term_tokens *out, const qst_angle *angles, size_t n_angles)
{
    size_t n = 0, needed = n_angles;

    for (size_t i = 0; i < n_angles; i++)
        needed += TOKENS_OF_TERM * angles[i].n_terms;
    if (needed > out->capacity) {
        qst_status status = QSTI_GROW(out->ctx, 2 * needed, &out->tokens);
        if (status != QST_OK)
            return status;
        out->capacity = 2 * needed;
    }
    for (size_t i = 0; i < n_angles; i++) {
        size_t first = n;
        if (angles[i].n_terms == 0)
            out->tokens[n++] = (qst_token){.kind = QST_OPERATOR_NUMBER};
        for (size_t j = 0; j < angles[i].n_terms; j++) {
            n += write_term(out->tokens + n, &angles[i].terms[j]);
            if (j > 0)
                out->tokens[n++] = (qst_token){.kind = QST_OPERATOR_ADD};
        }
        out->angles[i] = (qst_expression){out->tokens + first, n - first};
    }
    return QST_OK;
}

qst_status qsti_step_to_instruction(qsti_term_tokens *room, const qst_step *step, qst_instruction *out)
{
    qst_instruction made = {.kind = step->kind,
                            .gate = step->operation.gate,
                            .qubits = step->qubits,
                            .n_qubits = step->n_qubits,
                            .bit = step->bit,
                            .condition = step->condition,
                            .condition_value = step->condition_value};
    qst_status status = QST_OK;

    if (step->kind == QST_INSTRUCTION_GATE) {
        const qst_gate_info *gate = qst_gate_describe(step->operation.gate);
        made.n_angles = (size_t)gate->n_angles;
        QSTI_TRY(qsti_term_tokens_write(room, step->operation.angles, made.n_angles));
        made.angles = room->angles;
        made.n_qubits = (size_t)gate->n_qubits;
        for (size_t i = 0; i < made.n_qubits; i++)
            room->qubits[i] = (uint32_t)step->operation.qubits[i];
        made.qubits = room->qubits;
    }
    *out = made;
done:
    return status;
}

void qsti_term_tokens_clear(qsti_term_tokens *tokens)
{
    qsti_free(tokens->ctx, tokens->tokens);
    *tokens = (qsti_term_tokens){.ctx = tokens->ctx};
}

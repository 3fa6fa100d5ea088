/* term_tokens.h: polynomials written as expressions. */
#ifndef QSTI_ASSEMBLY_TERM_TOKENS_H
#define QSTI_ASSEMBLY_TERM_TOKENS_H

#include <qstill/assembly.h>

#include "base/memory.h"

/* Tokens of the angles of one gate, one after the other. Zero it to begin, but for ctx. */
typedef struct qsti_term_tokens {
    qst_ctx *ctx;
    qst_token *tokens;
    size_t capacity;
    qst_expression angles[QST_MAX_GATE_ANGLES];
    uint32_t qubits[QST_MAX_GATE_QUBITS];
} qsti_term_tokens;

/* Fills out->angles[0..n_angles) from polynomials in weights, weight i being variable i; valid until the next call. The
 * coefficient 1 is left out, and no terms are the number 0. */
qst_status qsti_term_tokens_write(qsti_term_tokens *out, const qst_angle *angles, size_t n_angles);
/* A step of a walk as an instruction, with the same; what it points to is valid until the next call, and as long as the
 * step. */
qst_status qsti_step_to_instruction(qsti_term_tokens *room, const qst_step *step, qst_instruction *out);
void qsti_term_tokens_clear(qsti_term_tokens *tokens);

#endif

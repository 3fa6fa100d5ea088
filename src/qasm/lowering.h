/* lowering.h: an assembly on its way to one that a dialect can say, shared by write_lower.c, write_library.c and
 * write_names.c. */
#ifndef QSTI_QASM_LOWERING_H
#define QSTI_QASM_LOWERING_H

#include "assembly/term_tokens.h"
#include "qasm/write.h"

#define QSTI_NOT_DEFINED UINT32_MAX
#define QSTI_NOT_PLAIN   (UINT32_MAX - 1)

typedef struct qsti_lowering {
    qst_ctx *ctx;
    const qst_assembly *source;
    const qst_qasm_write_opts *opts;
    qst_assembly_builder *builder;
    qst_assembly *libraries[2];     /* bodies in OpenQASM 2, standalone bodies */
    uint32_t gates[QST_GATE_COUNT]; /* number of the definition of a gate, or NOT_DEFINED */
    uint32_t *definitions;          /* of the source: number, NOT_DEFINED or NOT_PLAIN */
    size_t n_definitions;           /* made so far */
    size_t next;                    /* instruction of the source that has not been taken yet */
    qst_expression *angles;         /* room for those of one instruction */
    qst_token *numbers;
    qsti_term_tokens room; /* for a step as an instruction */
    size_t angles_capacity;
    bool at_top; /* now: instructions of the assembly itself, not of bodies */
} qsti_lowering;

static inline const qsti_spelling *qsti_spelling_of(const qsti_lowering *l, qst_gate gate)
{
    static const qsti_spelling as_definition = {.how = QSTI_SPELLED_DEFINE};
    const qsti_spelling *found = &qsti_gate_spellings[gate].in[l->opts->dialect];
    return l->opts->definitions && found->how == QSTI_SPELLED_INLINE ? &as_definition : found;
}

/* write_names.c: a name like `name` that every tool takes, is no word of the language, and free. own: it may be that of
 * a gate, which it defines. */
void qsti_qasm_choose_name(const qsti_lowering *l, const char *name, bool own, char out[64]);

/* write_library.c: sees to the definition of a gate that the dialect lacks. */
qst_status qsti_qasm_need_gate(qsti_lowering *l, qst_gate gate);
/* The body of a gate: a definition of *out_library. */
qst_status qsti_qasm_find_body(const qsti_lowering *l, qst_gate gate, const qst_assembly **out_library, size_t *out);
/* Whether a definition of the source is that of a gate in the library, token for token; then it needs no other one. */
bool qsti_qasm_is_of_library(const qsti_lowering *l, size_t definition, qst_gate *out);

/* write_lower.c: takes over what can be said as it is: an instruction of the source, or of a body. */
qst_status qsti_qasm_take(qsti_lowering *l, const qst_assembly *from, const qst_instruction *instruction);

#endif

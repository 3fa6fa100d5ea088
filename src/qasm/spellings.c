/* spellings.c: the table of spellings.def, and its bodies as assemblies, by the readers of this module. */
#include "qasm/write.h"

#define SELF                     \
    {                            \
        .how = QSTI_SPELLED_SELF \
    }
#define AS(gate)                                      \
    {                                                 \
        .how = QSTI_SPELLED_AS, .as = QST_GATE_##gate \
    }
#define DEFINE                     \
    {                              \
        .how = QSTI_SPELLED_DEFINE \
    }
#define INLINE                     \
    {                              \
        .how = QSTI_SPELLED_INLINE \
    }
#define DROP                     \
    {                            \
        .how = QSTI_SPELLED_DROP \
    }
const qsti_spellings qsti_gate_spellings[QST_GATE_COUNT] = {
#define QSTI_SPELLING(gate, in_2, in_3, in_3_alone, parameters, body, alone) \
    [QST_GATE_##gate] = {{in_2, in_3, in_3_alone}, parameters, body, alone},
#include "qasm/spellings.def"
#undef QSTI_SPELLING
};

/* Bodies in OpenQASM 2 are read as such, those of the standalone flavour as OpenQASM 3; each names the gates of its
 * language's file only, so that bodies do not depend on each other here. */
static void add_bodies(qst_qasm_dialect dialect, bool alone, qsti_text *text)
{
    qsti_text_add(text,
                  alone ? "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n" : "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n");
    for (int g = 0; g < QST_GATE_COUNT; g++) {
        const qsti_spellings *row = &qsti_gate_spellings[g];
        const char *body = alone ? row->alone : row->body;
        bool is_other = dialect == QST_QASM3_STANDALONE && (row->alone[0] != '\0') != alone;
        bool has_body = row->in[dialect].how == QSTI_SPELLED_DEFINE || row->in[dialect].how == QSTI_SPELLED_INLINE;
        if (has_body && body[0] != '\0' && !is_other)
            qsti_text_add(text, "gate lib_%s%s { %s }\n", qst_gate_describe((qst_gate)g)->name, row->parameters, body);
    }
}

qst_status qsti_qasm_library(qst_ctx *ctx, qst_qasm_dialect dialect, bool alone, qst_assembly **out)
{
    qsti_text text;
    qsti_text_init(&text, ctx);
    add_bodies(dialect, alone, &text);
    qst_status status = text.status;
    if (status == QST_OK)
        status = qst_qasm_parse(ctx, "definitions", text.bytes, text.length, NULL, NULL, out);
    qsti_text_clear(&text);
    return status;
}

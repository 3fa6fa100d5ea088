/* write.c: OpenQASM from an assembly: lowered, printed, and read again before anybody gets it. */
#include "qasm/write.h"

#include "assembly/assembly.h"

qst_status qst_qasm_write(const qst_assembly *assembly, const qst_qasm_write_opts *opts, char **out, size_t *out_bytes)
{
    static const qst_qasm_write_opts defaults = {.dialect = QST_QASM2};
    qst_assembly *lowered = NULL, *again = NULL;
    qsti_text text;
    qst_status status = QST_OK;
    opts = opts ? opts : &defaults;
    qsti_text_init(&text, assembly->ctx);
    QSTI_TRY(qsti_qasm_lower(assembly, opts, &lowered));
    qsti_qasm_print(lowered, opts->dialect, &text);
    QSTI_TRY(text.status);
    QSTI_TRY(qst_qasm_parse(assembly->ctx, "what was written", text.bytes, text.length, NULL, NULL, &again));
    QSTI_TRY(qsti_qasm_compare(lowered, again));
    *out = text.bytes;
    *out_bytes = text.length;
    qsti_text_init(&text, assembly->ctx);
done:
    qst_assembly_free(lowered);
    qst_assembly_free(again);
    qsti_text_clear(&text);
    return status;
}

void qst_qasm_text_free(const qst_assembly *assembly, char *text)
{
    qsti_free(assembly->ctx, text);
}

/* write.h: an assembly on its way to text: lowered to what a dialect can say, printed, read again and compared. */
#ifndef QSTI_QASM_WRITE_H
#define QSTI_QASM_WRITE_H

#include <string.h>

#include <qstill/qasm.h>

#include "base/text.h"

/* How a dialect writes a gate: spellings.def. */
typedef enum qsti_spelled {
    QSTI_SPELLED_SELF,
    QSTI_SPELLED_AS,
    QSTI_SPELLED_DEFINE,
    QSTI_SPELLED_INLINE,
    QSTI_SPELLED_DROP
} qsti_spelled;

typedef struct qsti_spelling {
    qsti_spelled how;
    qst_gate as;
} qsti_spelling;

typedef struct qsti_spellings {
    qsti_spelling in[3];                   /* by qst_qasm_dialect */
    const char *parameters, *body, *alone; /* of the definition */
} qsti_spellings;

extern const qsti_spellings qsti_gate_spellings[QST_GATE_COUNT];

/* spellings.c: the bodies of a dialect's definitions as an assembly, definition `lib_NAME` for gate NAME: those in
 * OpenQASM 2, or those of the standalone flavour alone. */
qst_status qsti_qasm_library(qst_ctx *ctx, qst_qasm_dialect dialect, bool alone, qst_assembly **out);

/* write_lower.c: the same circuit with one register of qubits, q, names that the dialect takes, and of gates only those
 * that it has or that are defined; what has controls, or is an inverse, is expanded. Errors: ERR_UNSUPPORTED. */
qst_status qsti_qasm_lower(const qst_assembly *assembly, const qst_qasm_write_opts *opts, qst_assembly **out);

/* write_print.c: a lowered assembly as text. */
void qsti_qasm_print(const qst_assembly *lowered, qst_qasm_dialect dialect, qsti_text *out);

/* Whether two numbers are the same to the bit. */
static inline bool qsti_same_bits(double a, double b)
{
    uint64_t p, q;
    memcpy(&p, &a, sizeof p);
    memcpy(&q, &b, sizeof q);
    return p == q;
}

/* write_check.c: whether two assemblies say the same in the same words; else ERR_INTERNAL with the first difference. */
qst_status qsti_qasm_compare(const qst_assembly *written, const qst_assembly *read);

#endif

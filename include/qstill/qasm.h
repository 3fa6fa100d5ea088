/* qstill/qasm.h: OpenQASM 2 [cross2017] and OpenQASM 3 [cross2022], read and written. docs/qasm.md says what is
 * accepted. */
#ifndef QSTILL_QASM_H
#define QSTILL_QASM_H

#include <qstill/assembly.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which U an OpenQASM 3 file means: QISKIT's, for which U(pi,0,pi) = X, or the specification's, with a factor exp(i
 * theta/2) more. */
typedef enum qst_u_phase { QST_U_PHASE_QISKIT, QST_U_PHASE_SPEC } qst_u_phase;

/* All members may be zero. */
typedef struct qst_qasm_opts {
    const char *const *include_dirs; /* where `include` looks for what is not built in; nowhere else */
    size_t n_include_dirs;
    qst_u_phase u_phase;
} qst_qasm_opts;

/* Where and why a text is not OpenQASM, or is more of it than is read. */
typedef struct qst_qasm_place {
    size_t line, column; /* from 1, in bytes; 0: nowhere in particular */
    char message[512];   /* without the place */
    int version;         /* 2 or 3: of the text, as soon as it is known; else 0 */
} qst_qasm_place;

/* Reads a file; "-" is standard input. The version comes from its first line; without one it is OpenQASM 2. Warnings go
 * to the log. out_place may be NULL; it is filled on ERR_INPUT and ERR_UNSUPPORTED, its version also on success. A
 * mistake in an included file is placed at the include statement, and the message begins with the place inside. Errors:
 * ERR_INPUT (invalid), ERR_UNSUPPORTED (valid OpenQASM 3, not read here), both "FILE:LINE:COLUMN: what"; ERR_SYSTEM;
 * ERR_LIMIT (a file above 64 MiB). Cost O(bytes). */
QST_API qst_status qst_qasm_read(qst_ctx *ctx, const char *path, const qst_qasm_opts *opts, qst_qasm_place *out_place,
                                 qst_assembly **out);
/* The same from memory; `name` stands for the file in messages. */
QST_API qst_status qst_qasm_parse(qst_ctx *ctx, const char *name, const char *text, size_t n_bytes,
                                  const qst_qasm_opts *opts, qst_qasm_place *out_place, qst_assembly **out);

typedef enum qst_qasm_dialect {
    QST_QASM2,           /* the portable subset: loads in Qiskit (default, strict, legacy), Cirq, PennyLane, pytket */
    QST_QASM3_QISKIT,    /* with stdgates.inc: Qiskit, Cirq */
    QST_QASM3_STANDALONE /* without any include: Qiskit, Braket */
} qst_qasm_dialect;

typedef struct qst_qasm_write_opts {
    qst_qasm_dialect dialect;
    const double *parameters; /* values of all parameters of the assembly; NULL: they stay free */
    bool barriers;            /* keep them, though Cirq refuses them */
    bool definitions; /* QASM2: keep gates on several qubits that the file defines, though PennyLane reads their qubits
                       * in reverse order; else their bodies stand in their place */
    bool wrap; /* angles of gates into (-pi, pi], the first one of crx cry crz cu cu3 into (-2 pi, 2 pi]: the state
                  changes by a phase alone */
} qst_qasm_write_opts;

/* The text, a string of *out_bytes bytes, that must be released with qst_qasm_text_free(). It is parsed again and
 * compared with `assembly` before it is given. Errors: ERR_UNSUPPORTED (free parameters in QASM2; an opaque gate; what
 * the dialect cannot say), ERR_INTERNAL (it does not read back equal). */
QST_API qst_status qst_qasm_write(const qst_assembly *assembly, const qst_qasm_write_opts *opts, char **out,
                                  size_t *out_bytes);
QST_API void qst_qasm_text_free(const qst_assembly *assembly, char *text);

#ifdef __cplusplus
}
#endif
#endif

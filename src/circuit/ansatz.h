/* ansatz.h: ansätze and encodings in pieces, so that a template can put an encoding before every layer. */
#ifndef QSTI_CIRCUIT_ANSATZ_H
#define QSTI_CIRCUIT_ANSATZ_H

#include "circuit/circuit.h"
#include "circuit/entanglement.h"

typedef enum qsti_encoding_kind {
#define QSTI_ENCODING(name, reps, about) QSTI_ENCODING_##name,
#include "circuit/encodings.def"
#undef QSTI_ENCODING
    QSTI_ENCODING_COUNT
} qsti_encoding_kind;

typedef struct qsti_encoding {
    qsti_encoding_kind kind;
    const char *name;
    size_t reps;
    bool separable; /* no gates on pairs */
} qsti_encoding;

/* Fills in the defaults. Errors: ERR_USAGE (unknown name). */
qst_status qsti_encoding_plan(qst_ctx *ctx, const qst_encoding_opts *opts, qsti_encoding *out);
/* How the state is prepared under this encoding: ZERO but for amplitude and basis. */
qst_preparation qsti_encoding_preparation(qsti_encoding_kind kind);
/* Appends all its repetitions. Errors as qst_circuit_append_encoding(). */
qst_status qsti_encoding_append(qst_circuit_builder *builder, const qsti_encoding *encoding);

typedef enum qsti_ansatz_kind {
#define QSTI_ANSATZ(name, rotations, entangler, entanglement, options, about) QSTI_ANSATZ_##name,
#include "circuit/ansatze.def"
#undef QSTI_ANSATZ
    QSTI_ANSATZ_COUNT
} qsti_ansatz_kind;

#define QSTI_MAX_ROTATIONS 8

/* Borrows the pairs of the options it was made from. */
typedef struct qsti_ansatz {
    qsti_ansatz_kind kind;
    size_t reps;
    qst_gate rotations[QSTI_MAX_ROTATIONS];
    size_t n_rotations;
    qst_gate entangler;
    qsti_entanglement entanglement;
    const size_t (*pairs)[2]; /* instead of the entanglement; or NULL */
    size_t n_pairs;
    bool has_final_rotations;
    bool separable; /* no entanglers, and none of their weights */
} qsti_ansatz;

/* Fills in the defaults and checks. Errors: ERR_USAGE. */
qst_status qsti_ansatz_plan(qst_ctx *ctx, size_t n_qubits, const qst_ansatz_opts *opts, qsti_ansatz *out);
/* Appends repetition `rep` = 0, 1, ... with new weights; what stands after the last. */
qst_status qsti_ansatz_append_rep(qst_circuit_builder *builder, const qsti_ansatz *ansatz, size_t rep);
qst_status qsti_ansatz_append_end(qst_circuit_builder *builder, const qsti_ansatz *ansatz);

#endif

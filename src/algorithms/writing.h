/* writing.h: gates into an assembly in few words. */
#ifndef QSTI_ALGORITHMS_WRITING_H
#define QSTI_ALGORITHMS_WRITING_H

#include <qstill/algorithms.h>

#include "base/status.h"

/* The first failure is kept and nothing is added after it: code that builds asks once, at the end. */
typedef struct qsti_writing {
    qst_ctx *ctx;
    qst_assembly_builder *builder;
    qst_status status;
} qsti_writing;

/* Begins an assembly of n_qubits qubits `q` and n_bits bits `c` (0: none). */
void qsti_writing_begin(qsti_writing *writing, qst_ctx *ctx, size_t n_qubits, size_t n_bits);
/* The assembly, or the first failure; the builder is freed in every case. */
qst_status qsti_writing_end(qsti_writing *writing, qst_assembly **out);

/* A gate of at most two qubits and one angle; what it does not have is not looked at. */
void qsti_write_gate(qsti_writing *writing, qst_gate gate, size_t q0, size_t q1, double angle);
/* A gate on one qubit, controlled by `controls` of n. */
void qsti_write_controlled(qsti_writing *writing, qst_gate gate, const uint32_t *controls, size_t n, uint32_t target);
void qsti_write_measurements(qsti_writing *writing, size_t n);
void qsti_write_barrier(qsti_writing *writing, size_t n_qubits);
/* All instructions of `what`, expanded, on the qubits of the same numbers. It has no parameters. */
void qsti_write_assembly(qsti_writing *writing, const qst_assembly *what);

/* One for each row of algorithms.def: checks the options that it uses, and builds. */
#define QST_ALGORITHM(name, about) \
    qst_status qsti_build_##name(qst_ctx *ctx, const qst_algorithm_opts *opts, qst_assembly **out);
#include <qstill/algorithms.def>
#undef QST_ALGORITHM

/* fourier.c: on the qubits 0..n-1. */
void qsti_write_qft(qsti_writing *writing, size_t n, bool swaps, bool inverse);

/* Refuses a number of qubits outside least..most. */
qst_status qsti_check_qubits(qst_ctx *ctx, const qst_algorithm_opts *opts, size_t least, size_t most);

#endif

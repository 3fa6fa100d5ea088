/* draw_case.h: small assemblies for tests of drawings. */
#ifndef QSTILL_TESTS_DRAW_CASE_H
#define QSTILL_TESTS_DRAW_CASE_H

#include <qstill/draw.h>

#include "support/support.h"

/* A builder with registers q of qubits and, when n_bits > 0, c of bits. */
qst_assembly_builder *draw_case_begin(qst_ctx *ctx, size_t n_qubits, size_t n_bits);
/* A gate on n qubits, with one angle when there is one in the table. */
void draw_case_gate(qst_ctx *ctx, qst_assembly_builder *builder, qst_gate gate, double angle, size_t n,
                    const uint32_t *qubits);
#define DRAW_GATE(ctx, builder, gate, angle, ...)              \
    draw_case_gate((ctx), (builder), QST_GATE_##gate, (angle), \
                   sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), (const uint32_t[]){__VA_ARGS__})
void draw_case_measure(qst_ctx *ctx, qst_assembly_builder *builder, uint32_t qubit, uint32_t bit);
/* Finishes and draws; the string is the test's to free() . */
char *draw_case_finish(qst_ctx *ctx, qst_assembly_builder *builder, const qst_draw_opts *opts);

#endif

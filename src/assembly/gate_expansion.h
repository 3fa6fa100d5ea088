/* gate_expansion.h: a gate under controls, or its inverse, as gates without either. */
#ifndef QSTI_ASSEMBLY_GATE_EXPANSION_H
#define QSTI_ASSEMBLY_GATE_EXPANSION_H

#include <qstill/assembly.h>

#define QSTI_MAX_CONTROLS 64 /* on one gate, besides its own */

/* constant + sum_i coefficient[i] * angle i of the gate that is expanded. */
typedef struct qsti_linear {
    double constant;
    double coefficient[QST_MAX_GATE_ANGLES];
} qsti_linear;

/* Takes one gate with its qubits and angles. An error ends the expansion and is handed on. */
typedef qst_status qsti_gate_fn(void *user, qst_gate gate, const uint32_t *qubits, const qsti_linear *angles);

/* Hands out what is exactly (global phase included) `gate`, or its inverse, on `targets` when all `controls` are 1 and
 * nothing else. At most QSTI_MAX_CONTROLS of them. Angles stay linear, so they may be symbols. */
qst_status qsti_gate_expand(qst_gate gate, bool inverse, const uint32_t *controls, size_t n_controls,
                            const uint32_t *targets, qsti_gate_fn *fn, void *user);

#endif

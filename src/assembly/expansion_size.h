/* expansion_size.h: how many steps an expansion has, counted without making it. */
#ifndef QSTI_ASSEMBLY_EXPANSION_SIZE_H
#define QSTI_ASSEMBLY_EXPANSION_SIZE_H

#include "assembly/assembly.h"
#include "assembly/gate_expansion.h"

/* Both stop at UINT64_MAX. */
typedef struct qsti_size {
    uint64_t steps; /* handed out */
    uint64_t work;  /* steps, calls, and what belongs to each: qubits, tokens */
} qsti_size;

/* Sizes of bodies and gates by number of controls and whether inverted, each computed once. */
typedef struct qsti_sizes {
    const qst_assembly *assembly;
    qsti_size *layers[2 * (QSTI_MAX_CONTROLS + 1)];              /* (n_definitions) or NULL; work 0: not yet known */
    uint64_t gates[QST_GATE_COUNT][2 * (QSTI_MAX_CONTROLS + 1)]; /* steps + 1; 0: not yet known */
} qsti_sizes;

qst_status qsti_sizes_create(const qst_assembly *assembly, qsti_sizes **out);
void qsti_sizes_free(qsti_sizes *sizes);

/* *out = the size of the whole expansion; afterwards those of all bodies in it are known. Errors: ERR_UNSUPPORTED for a
 * call of an opaque gate and for too many controls, with the instruction; ERR_MEMORY. */
qst_status qsti_sizes_count(qsti_sizes *sizes, qsti_size *out);

/* The size of a body that the count has met. */
qsti_size qsti_sizes_body(const qsti_sizes *sizes, size_t definition, size_t n_controls, bool inverse);

#endif

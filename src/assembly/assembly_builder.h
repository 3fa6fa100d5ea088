/* assembly_builder.h: the builder struct, for the files that build. */
#ifndef QSTI_ASSEMBLY_ASSEMBLY_BUILDER_H
#define QSTI_ASSEMBLY_ASSEMBLY_BUILDER_H

#include "assembly/assembly.h"

struct qst_assembly_builder {
    qst_assembly *assembly;
    size_t qubit_registers_capacity, bit_registers_capacity, parameters_capacity, definitions_capacity,
        instructions_capacity, bodies_capacity, qubits_capacity, angles_capacity, conditions_capacity;
    bool in_definition; /* the last one has no end yet */
    uint32_t *marks;
    size_t n_marks;
    uint32_t mark;
};

/* Makes room for `extra` more items behind `used`. */
qst_status qsti_builder_reserve(qst_ctx *ctx, size_t used, size_t extra, size_t item_bytes, size_t *capacity,
                                void **items);

/* QSTI_BUILDER_RESERVE(builder, parameters, n_used, n_more) */
#define QSTI_BUILDER_RESERVE(builder, array, used, extra)                                               \
    qsti_builder_reserve((builder)->assembly->ctx, (used), (extra), sizeof *(builder)->assembly->array, \
                         &(builder)->array##_capacity, (void **)&(builder)->assembly->array)

#endif

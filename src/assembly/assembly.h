/* assembly.h: the assembly struct, for the modules above.
 *
 * Instructions lie in two arrays: those of the assembly, and those of all bodies, definition after definition. Their
 * qubits are numbers in one pool, their angles expressions in another; tokens and names lie in an arena, so that what
 * points to them stays true while the pools grow.
 */
#ifndef QSTI_ASSEMBLY_ASSEMBLY_H
#define QSTI_ASSEMBLY_ASSEMBLY_H

#include <qstill/assembly.h>

#include "assembly/arena.h"
#include "assembly/name_table.h"

#define QSTI_NONE UINT32_MAX

typedef struct qsti_instruction {
    uint8_t kind; /* qst_instruction_kind */
    bool inverse;
    uint32_t what;       /* GATE: qst_gate; CALL: number of the definition; MEASURE: bit */
    uint32_t n_controls; /* GATE, CALL */
    uint32_t n_qubits;   /* qubits[first_qubit .. + n_qubits) */
    uint32_t n_angles;   /* angles[first_angle .. + n_angles) */
    uint32_t first_angle;
    uint32_t condition; /* conditions[condition]; QSTI_NONE */
    uint64_t first_qubit;
} qsti_instruction;

typedef struct qsti_condition {
    size_t bit_register;
    uint64_t value;
} qsti_condition;

typedef struct qsti_definition {
    qst_definition about;
    size_t first; /* bodies[first .. + about.n_instructions) */
} qsti_definition;

/* Each array has its number of items beside it. */
struct qst_assembly {
    qst_ctx *ctx;
    size_t n_qubits, n_bits;
    qst_register *qubit_registers, *bit_registers;
    size_t n_qubit_registers, n_bit_registers;
    const char **parameters;
    size_t n_parameters;
    qsti_definition *definitions;
    size_t n_definitions;
    qsti_instruction *instructions, *bodies;
    size_t n_instructions, n_bodies;
    uint32_t *qubits;
    size_t n_pool_qubits;
    qst_expression *angles;
    size_t n_pool_angles;
    qsti_condition *conditions;
    size_t n_conditions;
    qsti_arena arena;
    qsti_name_table names;
};

/* What a builder has so far: everything that can be read of an assembly can be read of it; its arrays move when the
 * builder grows. */
const qst_assembly *qsti_assembly_growing(const qst_assembly_builder *builder);

/* What a name of the assembly names, and its number. */
qsti_named qsti_assembly_find(const qst_assembly *assembly, const char *name, size_t *out_index);

/* The public form of an instruction. */
void qsti_instruction_show(const qst_assembly *assembly, const qsti_instruction *instruction, qst_instruction *out);

#endif

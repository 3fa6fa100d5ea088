/* assembly_text.h: instructions and angles of assemblies, written down in a test.
 *
 * add(builder, GATE(rx, QUBITS(0, 1), .n_controls = 1, ANGLES(EXPRESSION(VARIABLE(0), NUMBER(2), DO(DIVIDE))))) is
 * ctrl @ rx(p0 / 2) q[0], q[1].
 */
#ifndef QSTILL_TESTS_ASSEMBLY_TEXT_H
#define QSTILL_TESTS_ASSEMBLY_TEXT_H

#include <qstill/assembly.h>

/* Initialisers of a qst_token. */
/* clang-format off */
#define NUMBER(value)   {.kind = QST_OPERATOR_NUMBER, .number = (value)}
#define VARIABLE(index) {.kind = QST_OPERATOR_VARIABLE, .variable = (index)}
#define DO(name)        {.kind = QST_OPERATOR_##name}
/* clang-format on */
#define EXPRESSION(...) \
    ((qst_expression){(const qst_token[]){__VA_ARGS__}, sizeof((const qst_token[]){__VA_ARGS__}) / sizeof(qst_token)})
#define QUBITS(...) \
    .qubits = (const uint32_t[]){__VA_ARGS__}, .n_qubits = sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)
#define ANGLES(...)                                  \
    .angles = (const qst_expression[]){__VA_ARGS__}, \
    .n_angles = sizeof((const qst_expression[]){__VA_ARGS__}) / sizeof(qst_expression)
#define GATE(name, ...)   ((qst_instruction){.kind = QST_INSTRUCTION_GATE, .gate = QST_GATE_##name, __VA_ARGS__})
#define CALL(number, ...) ((qst_instruction){.kind = QST_INSTRUCTION_CALL, .definition = (number), __VA_ARGS__})
#define OTHER(what, ...)  ((qst_instruction){.kind = QST_INSTRUCTION_##what, __VA_ARGS__})

static inline qst_status add(qst_assembly_builder *builder, qst_instruction instruction)
{
    instruction.condition = QST_NO_CONDITION;
    return qst_assembly_add(builder, &instruction);
}

static inline qst_status add_when(qst_assembly_builder *builder, size_t bits, uint64_t value,
                                  qst_instruction instruction)
{
    instruction.condition = bits;
    instruction.condition_value = value;
    return qst_assembly_add(builder, &instruction);
}

#endif

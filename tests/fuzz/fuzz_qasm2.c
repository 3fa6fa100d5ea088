/* fuzz_qasm2.c: OpenQASM 2. What is read is a whole assembly whose every number is in range and whose walk, as far as
 * it is taken, hands out gates of the table; what is not has a place in the text and one line to say. Reading twice is
 * reading the same. */
#include <qstill/qasm.h>

#include "fuzz/fuzz.h"

#define MAX_STEPS 10000

static void check_instruction(const qst_assembly *assembly, const qst_instruction *instruction, size_t n_qubits,
                              size_t n_definitions, const double *variables)
{
    FUZZ_ASSERT(instruction->n_qubits > 0);
    for (size_t q = 0; q < instruction->n_qubits; q++)
        FUZZ_ASSERT(instruction->qubits[q] < n_qubits);
    for (size_t a = 0; a < instruction->n_angles; a++) {
        double value = qst_expression_value(&instruction->angles[a], variables);
        FUZZ_ASSERT(variables || isfinite(value));
    }
    bool is_gate = instruction->kind == QST_INSTRUCTION_GATE || instruction->kind == QST_INSTRUCTION_CALL;
    FUZZ_ASSERT(!is_gate || qst_instruction_name(assembly, instruction) != NULL);
    FUZZ_ASSERT(instruction->kind != QST_INSTRUCTION_CALL || instruction->definition < n_definitions);
    FUZZ_ASSERT(instruction->kind != QST_INSTRUCTION_MEASURE || instruction->bit < qst_assembly_bits(assembly));
    FUZZ_ASSERT(instruction->condition == QST_NO_CONDITION ||
                instruction->condition < qst_assembly_bit_registers(assembly));
    FUZZ_ASSERT(instruction->n_controls == 0 && !instruction->inverse);
}

static void check_definition(const qst_assembly *assembly, size_t index)
{
    qst_definition definition;
    qst_assembly_definition(assembly, index, &definition);
    double *values = calloc(definition.n_angles + 1, sizeof *values);
    FUZZ_ASSERT(values && definition.n_qubits > 0);
    for (size_t i = 0; i < definition.n_instructions; i++) {
        qst_instruction instruction;
        qst_definition_instruction(assembly, index, i, &instruction);
        check_instruction(assembly, &instruction, definition.n_qubits, index, values);
    }
    free(values);
}

static qst_status take_step(void *user, const qst_step *step)
{
    const qst_assembly *assembly = *(const qst_assembly *const *)user;
    FUZZ_ASSERT(step->kind != QST_INSTRUCTION_CALL);
    FUZZ_ASSERT(step->instruction < qst_assembly_instructions(assembly));
    FUZZ_ASSERT(step->kind != QST_INSTRUCTION_GATE || qst_gate_describe(step->operation.gate) != NULL);
    return QST_OK;
}

static void check_assembly(const qst_ctx *ctx, const qst_assembly *assembly)
{
    for (size_t d = 0; d < qst_assembly_definitions(assembly); d++)
        check_definition(assembly, d);
    for (size_t i = 0; i < qst_assembly_instructions(assembly); i++) {
        qst_instruction instruction;
        qst_assembly_instruction(assembly, i, &instruction);
        check_instruction(assembly, &instruction, qst_assembly_qubits(assembly), qst_assembly_definitions(assembly),
                          NULL);
    }
    qst_status status = qst_assembly_walk(assembly, NULL, MAX_STEPS, take_step, &assembly);
    if (status != QST_OK && status != QST_ERR_LIMIT) {
        fuzz_check_failure(ctx, status);
    }
}

static void check_place(const qst_qasm_place *place, const uint8_t *bytes, size_t n)
{
    size_t line = 1;
    for (size_t i = 0; i < n; i++)
        line += bytes[i] == '\n';
    FUZZ_ASSERT(place->line >= 1 && place->line <= line);
    FUZZ_ASSERT(place->column >= 1 && place->column <= n + 1);
    FUZZ_ASSERT(place->message[0] != '\0' && strchr(place->message, '\n') == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    qst_ctx *ctx = fuzz_ctx();
    qst_qasm_place place = {0}, again_place = {0};
    qst_assembly *assembly = NULL, *again = NULL;
    qst_status status = qst_qasm_parse(ctx, "fuzz", (const char *)bytes, n, NULL, &place, &assembly);
    qst_status second = qst_qasm_parse(ctx, "fuzz", (const char *)bytes, n, NULL, &again_place, &again);
    bool is_comparable = place.version != 3 && status != QST_ERR_MEMORY && second != QST_ERR_MEMORY;
    if (is_comparable && status == QST_OK) {
        FUZZ_ASSERT(second == QST_OK && qst_assembly_instructions(assembly) == qst_assembly_instructions(again));
        qst_assembly_free(again);
        again = NULL;
        check_assembly(ctx, assembly);
    } else if (is_comparable) {
        FUZZ_ASSERT(status == second && assembly == NULL);
        FUZZ_ASSERT(status == QST_ERR_LIMIT || status == QST_ERR_INPUT || status == QST_ERR_UNSUPPORTED);
        FUZZ_ASSERT(place.line == again_place.line && place.column == again_place.column);
        check_place(&place, bytes, n);
    }
    qst_assembly_free(assembly);
    qst_assembly_free(again);
    qst_ctx_free(ctx);
    return 0;
}

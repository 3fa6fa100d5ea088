/* fuzz_qasm3.c: OpenQASM 3. The first byte chooses which U is meant, the rest follows the version statement. What is
 * read names only qubits, bits and parameters that there are, and finite numbers; what is refused has a place in the
 * text. */
#include <qstill/qasm.h>

#include "fuzz/fuzz.h"

#define HEAD "OPENQASM 3.0;\n"

static void check_instruction(const qst_instruction *instruction, size_t n_qubits, size_t n_bits, size_t n_variables)
{
    for (size_t q = 0; q < instruction->n_qubits; q++) {
        FUZZ_ASSERT(instruction->qubits[q] < n_qubits);
    }
    for (size_t a = 0; a < instruction->n_angles; a++) {
        for (size_t t = 0; t < instruction->angles[a].n_tokens; t++) {
            const qst_token *token = &instruction->angles[a].tokens[t];
            FUZZ_ASSERT(token->kind != QST_OPERATOR_NUMBER || isfinite(token->number));
            FUZZ_ASSERT(token->kind != QST_OPERATOR_VARIABLE || token->variable < n_variables);
        }
    }
    FUZZ_ASSERT(instruction->kind != QST_INSTRUCTION_MEASURE || instruction->bit == QST_NO_BIT ||
                instruction->bit < n_bits);
    FUZZ_ASSERT(instruction->n_controls <= instruction->n_qubits && instruction->condition == QST_NO_CONDITION);
}

static void check_assembly(const qst_assembly *assembly)
{
    qst_instruction instruction;
    for (size_t d = 0; d < qst_assembly_definitions(assembly); d++) {
        qst_definition definition;
        qst_assembly_definition(assembly, d, &definition);
        for (size_t i = 0; i < definition.n_instructions; i++) {
            qst_definition_instruction(assembly, d, i, &instruction);
            check_instruction(&instruction, definition.n_qubits, 0, definition.n_angles);
        }
    }
    for (size_t i = 0; i < qst_assembly_instructions(assembly); i++) {
        qst_assembly_instruction(assembly, i, &instruction);
        check_instruction(&instruction, qst_assembly_qubits(assembly), qst_assembly_bits(assembly),
                          qst_assembly_parameters(assembly));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0) {
        return 0;
    }
    char *text = malloc(sizeof HEAD - 1 + n - 1 + 1);
    FUZZ_ASSERT(text);
    memcpy(text, HEAD, sizeof HEAD - 1);
    memcpy(text + sizeof HEAD - 1, bytes + 1, n - 1);
    qst_ctx *ctx = fuzz_ctx();
    const qst_qasm_opts opts = {.u_phase = bytes[0] & 1 ? QST_U_PHASE_SPEC : QST_U_PHASE_QISKIT};
    qst_qasm_place place = {0};
    qst_assembly *assembly = NULL;
    qst_status status = qst_qasm_parse(ctx, "fuzz", text, sizeof HEAD - 1 + n - 1, &opts, &place, &assembly);
    if (status == QST_OK) {
        check_assembly(assembly);
        qst_assembly_free(assembly);
    } else if (status == QST_ERR_LIMIT) {
        FUZZ_ASSERT(qst_ctx_message(ctx)[0] != '\0');
    } else {
        fuzz_check_failure(ctx, status);
        FUZZ_ASSERT(status == QST_ERR_MEMORY || (place.line > 0 && place.column > 0 && place.message[0] != '\0'));
    }
    free(text);
    qst_ctx_free(ctx);
    return 0;
}

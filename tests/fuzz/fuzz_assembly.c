/* fuzz_assembly.c: the JSON form of assemblies. What is read is written, and reads back as the same text; it can be
 * counted, walked, expanded and made a circuit, within limits, and each of these ends well or says why not. */
#include <qstill/assembly.h>

#include "fuzz/fuzz.h"

#define MAX_STEPS 20000

/* A step names only what there is. */
static qst_status look(void *user, const qst_step *step)
{
    const qst_assembly *assembly = user;
    FUZZ_ASSERT(step->instruction < qst_assembly_instructions(assembly));
    FUZZ_ASSERT(step->kind != QST_INSTRUCTION_CALL);
    if (step->kind != QST_INSTRUCTION_GATE) {
        for (size_t i = 0; i < step->n_qubits; i++) {
            FUZZ_ASSERT(step->qubits[i] < qst_assembly_qubits(assembly));
        }
        return QST_OK;
    }
    const qst_gate_info *gate = qst_gate_describe(step->operation.gate);
    FUZZ_ASSERT(gate);
    for (int i = 0; i < gate->n_qubits; i++) {
        FUZZ_ASSERT(step->operation.qubits[i] < qst_assembly_qubits(assembly));
    }
    for (int i = 0; i < gate->n_angles; i++) {
        for (size_t j = 0; j < step->operation.angles[i].n_terms; j++) {
            const qst_term *term = &step->operation.angles[i].terms[j];
            FUZZ_ASSERT(isfinite(term->coefficient));
            FUZZ_ASSERT((size_t)term->a <= qst_assembly_parameters(assembly) && term->a >= 0);
            FUZZ_ASSERT((size_t)term->b <= qst_assembly_parameters(assembly) && term->b >= 0);
        }
    }
    return QST_OK;
}

static void check_text(qst_ctx *ctx, const qst_assembly *assembly)
{
    qst_assembly *again = NULL;
    char *first = NULL, *second = NULL;
    size_t n_first, n_second;
    FUZZ_ASSERT(qst_assembly_json_write(assembly, &first, &n_first) == QST_OK);
    FUZZ_ASSERT(qst_assembly_json_read(ctx, "again", first, n_first, &again) == QST_OK);
    FUZZ_ASSERT(qst_assembly_json_write(again, &second, &n_second) == QST_OK);
    FUZZ_ASSERT(n_first == n_second && memcmp(first, second, n_first) == 0);
    qst_assembly_json_free(assembly, first);
    qst_assembly_json_free(again, second);
    qst_assembly_free(again);
}

/* Everything else that can be done with it. */
static void use(qst_ctx *ctx, const qst_assembly *assembly)
{
    qst_assembly_counts counts;
    qst_assembly *flat = NULL;
    qst_circuit *circuit = NULL;
    FUZZ_ASSERT(qst_assembly_count(assembly, &counts) == QST_OK);
    FUZZ_ASSERT(counts.depth <= qst_assembly_instructions(assembly));
    qst_assembly_counts_clear(assembly, &counts);
    qst_status status = qst_assembly_walk(assembly, NULL, MAX_STEPS, look, (void *)assembly);
    if (status != QST_OK) {
        FUZZ_ASSERT(qst_ctx_message(ctx)[0] != '\0');
        return;
    }
    FUZZ_ASSERT(qst_assembly_expand(assembly, NULL, &flat) == QST_OK);
    check_text(ctx, flat);
    FUZZ_ASSERT(qst_assembly_walk(flat, NULL, 0, look, flat) == QST_OK);
    if (qst_assembly_circuit(flat, NULL, &circuit) == QST_OK) {
        FUZZ_ASSERT(qst_circuit_operations(circuit) <= qst_assembly_instructions(flat));
    }
    qst_circuit_free(circuit);
    qst_assembly_free(flat);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    qst_ctx *ctx = fuzz_ctx();
    qst_assembly *assembly = NULL;
    qst_status status = qst_assembly_json_read(ctx, "input", (const char *)bytes, n, &assembly);
    if (status == QST_OK) {
        check_text(ctx, assembly);
        use(ctx, assembly);
    } else if (status != QST_ERR_LIMIT) {
        fuzz_check_failure(ctx, status);
    }
    qst_assembly_free(assembly);
    qst_ctx_free(ctx);
    return 0;
}

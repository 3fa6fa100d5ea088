/* draw_case.c: small assemblies for tests of drawings. */
#include "draw_case.h"

qst_assembly_builder *draw_case_begin(qst_ctx *ctx, size_t n_qubits, size_t n_bits)
{
    qst_assembly_builder *builder = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", n_qubits));
    if (n_bits > 0)
        assert_ok(ctx, qst_assembly_add_bits(builder, "c", n_bits));
    return builder;
}

void draw_case_gate(qst_ctx *ctx, qst_assembly_builder *builder, qst_gate gate, double angle, size_t n,
                    const uint32_t *qubits)
{
    const qst_token token = {QST_OPERATOR_NUMBER, 0, angle};
    const qst_expression expression = {&token, 1};
    const qst_instruction instruction = {
        .kind = QST_INSTRUCTION_GATE,
        .gate = gate,
        .qubits = qubits,
        .n_qubits = n,
        .angles = &expression,
        .n_angles = (size_t)qst_gate_describe(gate)->n_angles,
        .condition = QST_NO_CONDITION,
    };
    assert_ok(ctx, qst_assembly_add(builder, &instruction));
}

void draw_case_measure(qst_ctx *ctx, qst_assembly_builder *builder, uint32_t qubit, uint32_t bit)
{
    const qst_instruction instruction = {
        .kind = QST_INSTRUCTION_MEASURE, .qubits = &qubit, .n_qubits = 1, .bit = bit, .condition = QST_NO_CONDITION};
    assert_ok(ctx, qst_assembly_add(builder, &instruction));
}

char *draw_case_finish(qst_ctx *ctx, qst_assembly_builder *builder, const qst_draw_opts *opts)
{
    qst_assembly *assembly = NULL;
    char *drawing = NULL;
    size_t n_bytes = 0;
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    assert_ok(ctx, qst_assembly_draw(assembly, opts, &drawing, &n_bytes));
    assert_int_equal(strlen(drawing), n_bytes);
    char *copy = strdup(drawing);
    assert_non_null(copy);
    qst_drawing_free(assembly, drawing);
    qst_assembly_free(assembly);
    return copy;
}

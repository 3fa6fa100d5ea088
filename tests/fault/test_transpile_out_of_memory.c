/* test_transpile_out_of_memory.c: every allocation of transpiling fails once; nothing is lost, nothing is left. */
#include <qstill/transpile.h>

#include "support/assembly_text.h"
#include "support/support.h"

static qst_status build(qst_ctx *ctx, qst_assembly **out)
{
    qst_assembly_builder *builder = NULL;
    qst_status status = qst_assembly_begin(ctx, &builder);
    if (status != QST_OK)
        return status;
    if ((status = qst_assembly_add_qubits(builder, "q", 3)) != QST_OK ||
        (status = qst_assembly_add_bits(builder, "c", 2)) != QST_OK ||
        (status = qst_assembly_add_parameter(builder, "a")) != QST_OK ||
        (status = add(builder, GATE(h, QUBITS(0)))) != QST_OK ||
        (status = add(builder, GATE(rzz, QUBITS(0, 1), ANGLES(EXPRESSION(VARIABLE(0)))))) != QST_OK ||
        (status = add(builder, GATE(ccx, QUBITS(2, 0, 1)))) != QST_OK ||
        (status = add(builder, OTHER(BARRIER, QUBITS(0, 1, 2), .bit = QST_NO_BIT))) != QST_OK ||
        (status = add(builder, GATE(iswap, QUBITS(0, 2)))) != QST_OK ||
        (status = add(builder, OTHER(MEASURE, QUBITS(0), .bit = 0))) != QST_OK ||
        (status = add_when(builder, 0, 1, GATE(cp, QUBITS(1, 2), ANGLES(EXPRESSION(NUMBER(0.3)))))) != QST_OK) {
        qst_assembly_abandon(builder);
        return status;
    }
    return qst_assembly_finish(builder, out);
}

static qst_status work(qst_ctx *ctx, void *arg)
{
    const qst_transpile_opts *opts = arg;
    qst_assembly *in = NULL, *out = NULL;
    qst_placement placement = {0};
    qst_status status = build(ctx, &in);
    if (status == QST_OK) {
        status = qst_transpile(in, opts, &out, &placement);
        if (status != QST_OK) {
            assert_null(out);
            assert_null(placement.initial);
        }
        qst_placement_clear(in, &placement);
    }
    qst_assembly_free(out);
    qst_assembly_free(in);
    return status;
}

static void allocations_fail(void **state)
{
    (void)state;
    qst_transpile_opts on_a_line = {
        .basis = "rz,sx,x,cx", .coupling = "line:4", .seed = 1, .level = QST_TRANSPILE_BLOCKS};
    qst_transpile_opts anywhere = {.basis = "r,cz", .coupling = "full", .seed = 1, .level = QST_TRANSPILE_COMMUTE};
    support_fail_each_allocation(work, &on_a_line);
    support_fail_each_allocation(work, &anywhere);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(allocations_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

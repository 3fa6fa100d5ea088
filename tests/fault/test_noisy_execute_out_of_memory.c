/* test_noisy_execute_out_of_memory.c: every allocation of running an assembly with noise fails once; nothing is lost,
 * nothing is left. */
#include <qstill/execute.h>

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
        (status = add(builder, GATE(h, QUBITS(0)))) != QST_OK ||
        (status = add(builder, GATE(cx, QUBITS(0, 2)))) != QST_OK ||
        (status = add(builder, OTHER(MEASURE, QUBITS(2), .bit = 0))) != QST_OK ||
        (status = add(builder, OTHER(MEASURE, QUBITS(1), .bit = 1))) != QST_OK) {
        qst_assembly_abandon(builder);
        return status;
    }
    return qst_assembly_finish(builder, out);
}

static qst_status make_noise(qst_ctx *ctx, qst_noise **out)
{
    static const size_t qubits[] = {2};
    const qst_noise_rule rule = {.channel = {QST_CHANNEL_amplitude_damping, {0.1}}, .qubits = qubits, .n_qubits = 1};
    qst_status status = qst_noise_create(ctx, out);
    if (status == QST_OK)
        status = qst_noise_add(*out, &rule);
    return status != QST_OK ? status : qst_noise_add_readout(*out, 1, 0.1, 0.2);
}

static qst_status work(qst_ctx *ctx, void *arg)
{
    qst_assembly *assembly = NULL;
    qst_noise *noise = NULL;
    qst_outcomes *outcomes = NULL;
    qst_status status = build(ctx, &assembly);
    if (status == QST_OK)
        status = make_noise(ctx, &noise);
    if (status == QST_OK) {
        const qst_execution_opts opts = {.noise = noise, .n_shots = *(size_t *)arg};
        status = qst_assembly_execute(assembly, &opts, &outcomes);
        if (status != QST_OK)
            assert_null(outcomes);
    }
    qst_outcomes_free(outcomes);
    qst_noise_free(noise);
    qst_assembly_free(assembly);
    return status;
}

static void allocations_fail(void **state)
{
    (void)state;
    size_t n_shots = 0;
    support_fail_each_allocation(work, &n_shots);
    n_shots = 100;
    support_fail_each_allocation(work, &n_shots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(allocations_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_noise_out_of_memory.c: every allocation of a model of noise fails once; nothing is lost, nothing is left. */
#include "noise/engine.h"
#include "support/support.h"

static qst_status fill(qst_noise *noise)
{
    static const qst_gate gates[] = {QST_GATE_cx};
    static const size_t qubits[] = {0, 1};
    const qst_noise_rule rule = {
        .channel = {QST_CHANNEL_depolarizing, {0.1}}, .gates = gates, .n_gates = 1, .qubits = qubits, .n_qubits = 2};
    qst_status status = qst_noise_add(noise, &rule);
    if (status == QST_OK)
        status = qst_noise_add_readout(noise, 1, 0.1, 0.2);
    return status != QST_OK ? status : qst_noise_add_readout(noise, 0, 0.1, 0);
}

static qst_status use(qst_ctx *ctx, const qst_noise *noise)
{
    const char *word = "zz";
    qst_readout *readout = NULL, *misread = NULL;
    qst_noise *copy = NULL;
    qst_status status = qst_noise_copy(noise, &copy);
    if (status == QST_OK)
        status = qst_readout_parse(ctx, 3, &word, 1, 0, &readout);
    if (status == QST_OK)
        status = qsti_noise_readout_apply(copy, readout, &misread);
    qst_readout_free(misread);
    qst_readout_free(readout);
    qst_noise_free(copy);
    return status;
}

static qst_status work(qst_ctx *ctx, void *arg)
{
    static const size_t layout[] = {2, 0, 1};
    const qst_device_generic_opts opts = {.n_qubits = 3, .error_1q = 0.01, .error_2q = 0.02, .readout = 0.05};
    const qst_noise_device_opts device_opts = {.layout = layout, .n_layout = 3};
    bool on_device = *(bool *)arg;
    qst_device *device = NULL;
    qst_noise *noise = NULL;
    qst_status status = on_device ? qst_device_generic(ctx, &opts, &device) : QST_OK;
    if (status == QST_OK)
        status = on_device ? qst_noise_from_device(ctx, device, &device_opts, &noise) : qst_noise_create(ctx, &noise);
    if (status == QST_OK)
        status = fill(noise);
    if (status == QST_OK)
        status = use(ctx, noise);
    qst_noise_free(noise);
    qst_device_free(device);
    return status;
}

static void allocations_fail(void **state)
{
    (void)state;
    bool on_device = false;
    support_fail_each_allocation(work, &on_device);
    on_device = true;
    support_fail_each_allocation(work, &on_device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(allocations_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_measure_out_of_memory.c: every allocation of a measurement fails once: of making one, of values, gradients and
 * counts; nothing is lost, nothing is left. */
#include <qstill/measure.h>

#include "support/support.h"

static qst_status build(qst_ctx *ctx, qst_circuit **out)
{
    qst_circuit_builder *builder = NULL;
    size_t first = 0;
    qst_status status = qst_circuit_begin(ctx, 2, 1, QST_PREPARE_ZERO, &builder);
    if (status != QST_OK)
        return status;
    if ((status = qst_circuit_add_weights(builder, 2, QST_WEIGHT_ANGLE, &first)) != QST_OK ||
        (status = qst_circuit_add(builder, QST_GATE_ry, (size_t[]){0},
                                  &QST_ANGLE({1, QST_WEIGHT(0), QST_FEATURE(0)}))) != QST_OK ||
        (status = qst_circuit_add(builder, QST_GATE_cx, (size_t[]){0, 1}, NULL)) != QST_OK ||
        (status = qst_circuit_add(builder, QST_GATE_crx, (size_t[]){1, 0}, &QST_ANGLE({1, QST_WEIGHT(1), QST_ONE}))) !=
            QST_OK) {
        qst_circuit_abandon(builder);
        return status;
    }
    return qst_circuit_finish(builder, out);
}

static qst_status use(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout,
                      const qst_measure_opts *opts)
{
    static const uint64_t outcomes[] = {0, 3}, numbers[] = {5, 6};
    static const qst_counts counts[2] = {{outcomes, numbers, 2}, {outcomes, numbers, 2}};
    const double weights[2] = {0.4, 1.2}, x[2] = {0.3, -2}, cotangent[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    const qst_const_matrix rows = {x, 2, 1};
    double values[8], variances[8], gradient[2];
    uint64_t shots = 0;
    qst_measurement *measurement = NULL;
    qst_status status = qst_measurement_create(ctx, circuit, readout, opts, &measurement);
    if (status != QST_OK) {
        assert_null(measurement);
        return status;
    }
    if ((status = qst_measurement_values(measurement, weights, rows, 1, 0, (qst_matrix){values, 2, 4},
                                         (qst_matrix){variances, 2, 4})) == QST_OK &&
        (status = qst_measurement_shift(measurement, weights, rows, (qst_const_matrix){cotangent, 2, 4}, 1, 0, gradient,
                                        &shots)) == QST_OK)
        status = qst_measurement_from_counts(measurement, counts, values, variances);
    qst_measurement_free(measurement);
    return status;
}

static qst_status work(qst_ctx *ctx, void *arg)
{
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    qst_status status = build(ctx, &circuit);
    if (status == QST_OK)
        status = qst_readout_parse(ctx, 2, (const char *[]){"x", "z"}, 2, 0, &readout);
    if (status == QST_OK)
        status = use(ctx, circuit, readout, arg);
    qst_readout_free(readout);
    qst_circuit_free(circuit);
    return status;
}

static void allocations_fail(void **state)
{
    const double scales[] = {1, 3};
    qst_ctx *ctx = support_ctx(1);
    qst_noise *noise = NULL;
    (void)state;
    assert_ok(ctx, qst_noise_create(ctx, &noise));
    assert_ok(ctx, qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_depolarizing, {0.01}}}));
    assert_ok(ctx, qst_noise_add_readout(noise, QST_EVERY_QUBIT, 0.01, 0.02));
    qst_measure_opts exact = {0}, shots = {.shots = 20};
    qst_measure_opts all = {
        .noise = noise, .shots = 20, .mitigation = {.readout = true, .scales = scales, .n_scales = 2}};
    support_fail_each_allocation(work, &exact);
    support_fail_each_allocation(work, &shots);
    support_fail_each_allocation(work, &all);
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(allocations_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

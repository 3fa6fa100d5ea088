/* condition_cases.c: see condition_cases.h. */
#include "condition_cases.h"

qst_model *condition_model(qst_ctx *ctx, condition_kind kind, const char *output, qst_precision precision)
{
    const qst_layer before[] = {{.kind = QST_LAYER_dense, .size = 3}, {.kind = QST_LAYER_tanh}};
    const qst_layer after[] = {{.kind = QST_LAYER_dense, .size = 4}, {.kind = QST_LAYER_tanh}};
    qst_model *model = NULL;
    const qst_model_opts opts = {
        .kind = kind == OF_PROBE ? "linear_probe" : "circuit",
        .circuit = {.qubits = 3, .ansatz = {.reps = 1}},
        .outputs = &output,
        .n_outputs = 1,
        .head = QST_HEAD_linear,
        .before = before,
        .n_before = kind == OF_BEFORE ? 2 : 0,
        .after = after,
        .n_after = kind == OF_AFTER ? 2 : 0,
        .precision = precision,
    };
    assert_ok(ctx, qst_model_create(ctx, &opts, LEARN_FEATURES, LEARN_CLASSES, &model));
    qst_model_initialize(model, 5);
    return model;
}

qst_noise *condition_noise(qst_ctx *ctx, double p)
{
    qst_noise *noise = NULL;
    assert_ok(ctx, qst_noise_create(ctx, &noise));
    assert_ok(ctx, qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_depolarizing, {p}}, .each = true}));
    assert_ok(ctx, qst_noise_add_readout(noise, QST_EVERY_QUBIT, 0.02, 0.05));
    return noise;
}

qst_noise *condition_decay(qst_ctx *ctx, double p)
{
    qst_noise *noise = condition_noise(ctx, p);
    assert_ok(ctx, qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_amplitude_damping, {p}}}));
    return noise;
}

qst_device *condition_device(qst_ctx *ctx, double error)
{
    qst_device *device = NULL;
    bool noisy = error > 0;
    assert_ok(ctx, qst_device_generic(ctx,
                                      &(qst_device_generic_opts){.n_qubits = 4,
                                                                 .topology = QST_TOPOLOGY_line,
                                                                 .error_1q = error / 10,
                                                                 .error_2q = error,
                                                                 .t1_us = noisy ? 100 : 0,
                                                                 .t2_us = noisy ? 80 : 0,
                                                                 .time_1q_ns = noisy ? 35 : 0,
                                                                 .time_2q_ns = noisy ? 300 : 0,
                                                                 .readout = error},
                                      &device));
    return device;
}

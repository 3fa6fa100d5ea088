/* test_conditions_out_of_memory.c: every allocation of a training through noise, on a device, and from shots fails
 * once: nothing is left, and the model stays as it was. */
#include "support/support.h"

#include <qstill/model.h>

enum { ROWS = 3, WEIGHTS = 6 };

static const double x[ROWS * 2] = {0.3, -0.4, 0.9, 0.1, -0.7, 0.5};
static const int64_t labels[ROWS] = {0, 1, 1};

/* How a training goes; the measure options' pointers are made anew by every run. */
typedef struct way {
    qst_training_conditions conditions;
    bool on_device, noisy;
} way;

static qst_status train(qst_model *model, const qst_training_conditions *conditions)
{
    const qst_train_opts opts = {
        .loss = QST_LOSS_ce, .temperature = 1, .learning_rate = 0.1, .batch = 2, .epochs = 1, .conditions = conditions};
    const qst_train_data data = {.x = {x, ROWS, 2}, .labels = labels};
    qst_train_result result;
    double before[WEIGHTS];
    assert_int_equal(qst_model_weights_count(model), WEIGHTS);
    memcpy(before, qst_model_weights(model), sizeof before);
    qst_status status = qst_model_train(model, &data, &data, &opts, &result);
    if (status != QST_OK)
        assert_memory_equal(qst_model_weights(model), before, sizeof before);
    return status;
}

static qst_status work(qst_ctx *ctx, void *arg)
{
    const way *how = arg;
    static const char *const outputs[] = {"ZX + 0.5*XI", "IY"};
    const qst_model_opts opts = {
        .circuit = {.qubits = 2, .encoding = {.name = "angle_y"}, .ansatz = {.name = "real_amplitudes", .reps = 2}},
        .outputs = outputs,
        .n_outputs = 2,
        .head = QST_HEAD_none};
    const qst_device_generic_opts device_opts = {
        .n_qubits = 3, .topology = QST_TOPOLOGY_line, .error_1q = 0.01, .error_2q = 0.02, .readout = 0.05};
    const qst_noise_rule rule = {.channel = {QST_CHANNEL_depolarizing, {0.01}}, .each = true};
    qst_training_conditions conditions = how->conditions;
    qst_model *model = NULL;
    qst_device *device = NULL;
    qst_noise *noise = NULL;
    qst_status status = qst_model_create(ctx, &opts, 2, 2, &model);
    if (status == QST_OK && how->on_device)
        status = qst_device_generic(ctx, &device_opts, &device);
    if (status == QST_OK && how->noisy)
        status = qst_noise_create(ctx, &noise);
    if (status == QST_OK && how->noisy)
        status = qst_noise_add(noise, &rule);
    conditions.measure.device = device;
    conditions.measure.noise = noise;
    if (status == QST_OK)
        status = train(model, &conditions);
    qst_model_free(model);
    qst_noise_free(noise);
    qst_device_free(device);
    return status;
}

static void allocations_fail(void **state)
{
    (void)state;
    way ways[] = {
        {.noisy = true},
        {.conditions = {.measure = {.noise_method = QST_NOISE_TRAJECTORIES}}, .noisy = true},
        {.on_device = true},
        {.conditions = {.measure = {.shots = 5}}},
        {.conditions = {.measure = {.shots = 5, .mitigation = {.readout = true}},
                        .gradient = QST_SHOT_GRADIENT_SPSA,
                        .strength_low = 0.5,
                        .strength_high = 0.5},
         .on_device = true},
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        support_fail_each_allocation(work, &ways[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(allocations_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

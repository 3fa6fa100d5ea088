/* test_golden_devices.c: the noise of every gate of manila and sherbrooke as Qiskit Aer makes it (devices.json, from
 * make_devices.py). Aer agrees with the closed form to 1e-14; 1e-8 is what is promised. */
#include <qstill/device.h>

#include "base/json.h"
#include "support/support.h"

#define TOLERANCE 1e-8
#define GOLDEN    QSTILL_SOURCE_DIR "/tests/golden/"

static qst_device *read_device(qst_ctx *ctx, const char *name)
{
    char conf[1024], props[1024];
    snprintf(conf, sizeof conf, GOLDEN "devices/conf_%s.json", name);
    snprintf(props, sizeof props, GOLDEN "devices/props_%s.json", name);
    const char *paths[] = {conf, props};
    qst_device *device = NULL;
    assert_ok(ctx, qst_device_read(ctx, paths, 2, NULL, &device));
    return device;
}

/* The largest difference to the elements that are given and to 0 elsewhere. */
static double compare(const qst_gate_noise *noise, const json_t *elements)
{
    size_t dim = (size_t)1 << (2 * noise->n_qubits);
    double _Complex *matrix = calloc(dim * dim, sizeof *matrix);
    double worst = 0;
    assert_non_null(matrix);
    qst_noise_superoperator(noise, matrix);
    for (size_t e = 0; e < json_array_size(elements); e++) {
        const json_t *element = json_array_get(elements, e);
        size_t row = (size_t)json_integer_value(json_array_get(element, 0));
        size_t column = (size_t)json_integer_value(json_array_get(element, 1));
        assert_true(row < dim && column < dim);
        matrix[row * dim + column] -= json_number_value(json_array_get(element, 2));
    }
    for (size_t i = 0; i < dim * dim; i++) {
        worst = fmax(worst, cabs(matrix[i]));
    }
    free(matrix);
    return worst;
}

static void check_case(qst_ctx *ctx, const json_t *item, size_t *n_channels)
{
    qst_device *device = read_device(ctx, json_string_value(json_object_get(item, "device")));
    double temperature = json_number_value(json_object_get(item, "temperature_mk"));
    const json_t *channels = json_object_get(item, "channels");
    for (size_t c = 0; c < json_array_size(channels); c++) {
        const json_t *channel = json_array_get(channels, c), *list = json_object_get(channel, "qubits");
        size_t qubits[QST_DEVICE_GATE_QUBITS] = {0}, n = json_array_size(list);
        qst_gate_noise noise;
        for (size_t k = 0; k < n; k++) {
            qubits[k] = (size_t)json_integer_value(json_array_get(list, k));
        }
        assert_ok(ctx, qst_device_gate_noise(device, json_string_value(json_object_get(channel, "gate")), qubits, n,
                                             temperature, &noise));
        assert_close(compare(&noise, json_object_get(channel, "elements")), 0, TOLERANCE);
        ++*n_channels;
    }
    qst_device_free(device);
}

static void channels_are_those_of_aer(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    json_t *document = NULL;
    size_t n_channels = 0;
    assert_ok(ctx, qsti_json_read(ctx, GOLDEN "devices.json", QST_ERR_INPUT, &document));
    const json_t *cases = json_object_get(document, "cases");
    assert_int_equal(json_array_size(cases), 3);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        check_case(ctx, json_array_get(cases, i), &n_channels);
    }
    assert_true(n_channels > 700);
    json_decref(document);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(channels_are_those_of_aer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

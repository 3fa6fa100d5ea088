/* test_golden_densities.c: whole circuits on manila and on five qubits of sherbrooke as Qiskit Aer runs them
 * (densities.json, from make_densities.py): density matrices within 1e-8, counts within 5 sigma. */
#include <qstill/density.h>
#include <qstill/qasm.h>

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

static size_t read_numbers(const json_t *list, size_t *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        out[i] = (size_t)json_integer_value(json_array_get(list, i));
    }
    return json_array_size(list);
}

static void check_density(const qst_density *density, const json_t *item)
{
    size_t expected[QST_DENSITY_MAX_QUBITS], n = read_numbers(json_object_get(item, "qubits"), expected);
    const size_t *qubits = NULL;
    const json_t *parts = json_object_get(item, "density");
    const double _Complex *rho = qst_density_matrix(density);
    assert_int_equal(qst_density_qubits(density, &qubits), n);
    assert_memory_equal(qubits, expected, n * sizeof *qubits);
    assert_int_equal(json_array_size(parts), (size_t)2 << (2 * n));
    for (size_t i = 0; i < (size_t)1 << (2 * n); i++) {
        assert_close(creal(rho[i]), json_number_value(json_array_get(parts, 2 * i)), TOLERANCE);
        assert_close(cimag(rho[i]), json_number_value(json_array_get(parts, 2 * i + 1)), TOLERANCE);
    }
}

/* Every count by itself, and the total variation: its mean is about sum sqrt(2 p q / (pi n)) / 2, its deviation below
 * 1 / (2 sqrt(n)). */
static void check_counts(qst_ctx *ctx, const qst_density *density, const json_t *counts, double n)
{
    qst_outcomes *outcomes = NULL;
    double distance = 0, usual = 0, sum = 0;
    assert_ok(ctx, qst_density_outcomes(density, 0, 0, &outcomes));
    for (size_t i = 0; i < qst_outcomes_number(outcomes); i++) {
        char key[64];
        qst_outcomes_key(outcomes, i, key);
        double p = qst_outcomes_probability(outcomes, i), found = json_number_value(json_object_get(counts, key)) / n;
        assert_close(found, p, 5 * sqrt(p * (1 - p) / n) + 1 / n);
        distance += fabs(found - p) / 2;
        usual += sqrt(2 * p * (1 - p) / (acos(-1) * n)) / 2;
        sum += p;
    }
    assert_close(sum, 1, 1e-12);
    assert_true(distance < usual + 5 / (2 * sqrt(n)));
    qst_outcomes_free(outcomes);
}

static void check_case(qst_ctx *ctx, const json_t *item, double n_shots)
{
    qst_device *device = read_device(ctx, json_string_value(json_object_get(item, "device")));
    const char *text = json_string_value(json_object_get(item, "qasm"));
    size_t layout[QST_DENSITY_MAX_QUBITS], n_layout = read_numbers(json_object_get(item, "layout"), layout);
    qst_assembly *assembly = NULL;
    qst_density *density = NULL;
    const qst_density_opts opts = {.device = device,
                                   .layout = n_layout ? layout : NULL,
                                   .n_layout = n_layout,
                                   .temperature_mk = json_number_value(json_object_get(item, "temperature_mk"))};
    assert_ok(ctx, qst_qasm_parse(ctx, "golden", text, strlen(text), NULL, NULL, &assembly));
    assert_ok(ctx, qst_density_simulate(assembly, &opts, &density));
    check_density(density, item);
    check_counts(ctx, density, json_object_get(item, "counts"), n_shots);
    qst_density_free(density);
    qst_assembly_free(assembly);
    qst_device_free(device);
}

static void circuits_are_those_of_aer(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    json_t *document = NULL;
    assert_ok(ctx, qsti_json_read(ctx, GOLDEN "densities.json", QST_ERR_INPUT, &document));
    const json_t *cases = json_object_get(document, "cases");
    assert_int_equal(json_array_size(cases), 5);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        check_case(ctx, json_array_get(cases, i), json_number_value(json_object_get(document, "shots")));
    }
    json_decref(document);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(circuits_are_those_of_aer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

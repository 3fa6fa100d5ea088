/* test_place.c: circuits on devices: values and gradients stay, gates are the device's, figures by hand, refusals. */
#include <qstill/density.h>

#include "circuit/circuit.h"
#include "place_cases.h"

static const char *const z[] = {"z"}, *const mixed[] = {"x", "y", "zz"}, *const probabilities[] = {"probabilities"},
                         *const grouped[] = {"grouped"}, *const parity[] = {"parity"};

static void check(qst_ctx *ctx, const qst_circuit *circuit, const qst_device *device, const qst_place_opts *opts)
{
    qst_placed *placed = NULL;
    assert_ok(ctx, qst_place(ctx, circuit, device, opts, &placed));
    cases_assert_fits(device, placed);
    cases_assert_same(ctx, circuit, placed, z, 1, 0);
    cases_assert_same(ctx, circuit, placed, mixed, qst_circuit_qubits(circuit) > 1 ? 3 : 2, 0);
    cases_assert_same(ctx, circuit, placed, probabilities, 1, 0);
    cases_assert_same(ctx, circuit, placed, grouped, 1, 2);
    cases_assert_same(ctx, circuit, placed, parity, 1, 2);
    qst_placed_free(placed);
}

static void values_stay(void **state)
{
    (void)state;
    static const char *const bases[][5] = {
        {"rz", "sx", "x", "cx"},   {"rz", "sx", "x", "cz"}, {"rz", "sx", "x", "ecr"}, {"u3", "cx"},
        {"rx", "ry", "rz", "rzz"}, {"r", "rz", "cz"},       {"p", "h", "cx"}};
    static const size_t n_basis[] = {4, 4, 4, 2, 4, 3, 3};
    qst_ctx *ctx = support_ctx(1);
    for (size_t b = 0; b < sizeof n_basis / sizeof *n_basis; b++) {
        for (size_t n = 1; n <= 4; n++) {
            qst_circuit *circuit = cases_circuit(ctx, n, b % 2 ? "linear" : "circular", 2);
            qst_device *device = NULL;
            const qst_device_generic_opts opts = {.n_qubits = 6,
                                                  .topology = b % 2 ? QST_TOPOLOGY_line : QST_TOPOLOGY_grid,
                                                  .error_1q = 1e-3,
                                                  .error_2q = 1e-2,
                                                  .time_1q_ns = 50,
                                                  .time_2q_ns = 300,
                                                  .readout = 0.02,
                                                  .basis = bases[b],
                                                  .n_basis = n_basis[b]};
            assert_ok(ctx, qst_device_generic(ctx, &opts, &device));
            check(ctx, circuit, device, NULL);
            qst_device_free(device);
            qst_circuit_free(circuit);
        }
    }
    qst_ctx_free(ctx);
}

static void real_devices(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_device *manila = cases_ibm(ctx, "manila"), *sherbrooke = cases_ibm(ctx, "sherbrooke");
    for (size_t n = 2; n <= 5; n++) {
        qst_circuit *circuit = cases_circuit(ctx, n, "linear", 2);
        check(ctx, circuit, manila, NULL);
        check(ctx, circuit, sherbrooke, NULL);
        qst_circuit_free(circuit);
    }
    qst_device_free(manila);
    qst_device_free(sherbrooke);
    qst_ctx_free(ctx);
}

/* Roles stay: a scale is a scale. */
static void roles_stay(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_device *device = cases_ibm(ctx, "manila");
    qst_circuit *circuit = cases_circuit(ctx, 3, "linear", 1);
    qst_placed *placed = NULL;
    assert_ok(ctx, qst_place(ctx, circuit, device, NULL, &placed));
    const qst_circuit *made = qst_placed_circuit(placed);
    assert_int_equal(qst_circuit_weights(made), qst_circuit_weights(circuit));
    assert_memory_equal(made->roles, circuit->roles, circuit->n_weights);
    qst_placed_free(placed);
    qst_circuit_free(circuit);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

/* <Z> of a qubit of the placed circuit by the density matrix of the device, read with its errors. */
static double read_z(const qst_device *device, const qst_density *density, size_t qubit)
{
    const size_t *touched = NULL;
    const size_t k = qst_density_qubits(density, &touched), dim = (size_t)1 << k;
    double value = 1, read[4];
    for (size_t bit = 0; bit < k; bit++) {
        if (touched[bit] == qubit) {
            value = 0;
            for (size_t i = 0; i < dim; i++)
                value += (i >> bit & 1 ? -1 : 1) * creal(qst_density_matrix(density)[i * dim + i]);
        }
    }
    assert_int_equal(qst_device_readout(device, qubit, QST_READOUT_MODEL_PROPERTIES, read), QST_OK);
    return read[2] - read[1] + (1 - read[1] - read[2]) * value;
}

/* The placed circuit with its noise, as a program, is the bound circuit on the device, as a density matrix. */
static void check_noise(qst_ctx *ctx, const char *name, size_t n, const char *entanglement, double temperature_mk)
{
    qst_device *device = cases_ibm(ctx, name);
    qst_circuit *circuit = cases_circuit(ctx, n, entanglement, 1);
    const size_t d = qst_circuit_features(circuit), n_weights = qst_circuit_weights(circuit);
    double weights[128], x[16], values[16];
    qst_placed *placed = NULL;
    qst_placed_info info;
    qst_readout *readout = NULL, *there = NULL;
    qst_program *program = NULL;
    qst_assembly *assembly = NULL;
    qst_density *density = NULL;
    for (size_t i = 0; i < n_weights; i++)
        weights[i] = sin(1.7 * (double)i + 0.3);
    for (size_t i = 0; i < d; i++)
        x[i] = cos(2.1 * (double)i);
    assert_ok(ctx, qst_place(ctx, circuit, device, &(qst_place_opts){.temperature_mk = temperature_mk}, &placed));
    qst_placed_describe(placed, &info);
    assert_ok(ctx, qst_readout_parse(ctx, n, z, 1, 0, &readout));
    assert_ok(ctx, qst_placed_readout(placed, readout, &there));
    const qst_compile_opts noisy = {.noise = qst_placed_noise(placed), .noise_method = QST_NOISE_EXACT};
    assert_ok(ctx, qst_program_compile(ctx, qst_placed_circuit(placed), there, &noisy, &program));
    assert_ok(ctx, qst_program_forward(program, weights, (qst_const_matrix){x, 1, d}, (qst_matrix){values, 1, n}));
    const qst_assembly_opts bound = {.weights = weights, .features = x};
    assert_ok(ctx, qst_circuit_assembly(qst_placed_circuit(placed), &bound, &assembly));
    const qst_density_opts opts = {
        .device = device, .layout = info.qubits, .n_layout = info.n_qubits, .temperature_mk = temperature_mk};
    assert_ok(ctx, qst_density_simulate(assembly, &opts, &density));
    for (size_t k = 0; k < n; k++)
        assert_close(values[k], read_z(device, density, info.qubits[info.final[k]]), 1e-12);
    qst_density_free(density);
    qst_assembly_free(assembly);
    qst_program_free(program);
    qst_readout_free(readout);
    qst_readout_free(there);
    qst_placed_free(placed);
    qst_circuit_free(circuit);
    qst_device_free(device);
}

static void noise_is_the_calibration(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    check_noise(ctx, "manila", 3, "linear", 0);
    check_noise(ctx, "manila", 3, "circular", 15);
    check_noise(ctx, "sherbrooke", 5, "linear", 0);
    check_noise(ctx, "sherbrooke", 4, "circular", 20);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_stay), cmocka_unit_test(real_devices),
                                       cmocka_unit_test(roles_stay), cmocka_unit_test(noise_is_the_calibration)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

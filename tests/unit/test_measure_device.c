/* test_measure_device.c: measuring on a device: each group's placed circuit run by the density matrices of
 * qst_density_simulate(), mitigation that helps there, gradients, and all groups on the same qubits. */
#include <qstill/density.h>
#include <qstill/measure.h>

#include "place_cases.h"
#include "property/sim_case.h"

#define N 4

typedef struct device_case {
    qst_ctx *ctx;
    qst_device *device;
    qst_circuit *circuit;
    double weights[64], x[N + 1];
} device_case;

static device_case open_case(const char *device, const char *entanglement)
{
    device_case of = {.ctx = support_ctx(1)};
    ref_rng rng = {3};
    of.device = cases_ibm(of.ctx, device);
    of.circuit = cases_circuit(of.ctx, N, entanglement, 1);
    assert_true(qst_circuit_weights(of.circuit) <= 64 && qst_circuit_features(of.circuit) == N + 1);
    ref_fill(&rng, -2, 2, of.weights, 64);
    ref_fill(&rng, -1, 1, of.x, N + 1);
    return of;
}

static void close_case(device_case *of)
{
    qst_circuit_free(of->circuit);
    qst_device_free(of->device);
    qst_ctx_free(of->ctx);
}

static void measure(const device_case *of, const qst_readout *readout, const qst_measure_opts *opts, double *values)
{
    qst_measurement *measurement = NULL;
    assert_ok(of->ctx, qst_measurement_create(of->ctx, of->circuit, readout, opts, &measurement));
    assert_ok(of->ctx,
              qst_measurement_values(measurement, of->weights, (qst_const_matrix){of->x, 1, N + 1}, 1, 0,
                                     (qst_matrix){values, 1, qst_readout_outputs(readout)}, (qst_matrix){NULL, 0, 0}));
    qst_measurement_free(measurement);
}

/* p (2^N): what one group's circuit gives, by another engine. */
static void distribution_by_density(const device_case *of, const qst_measurement *measurement, size_t group, double *p)
{
    const size_t *bits = NULL;
    qst_measurement_info info;
    qst_placed_info placed;
    qst_assembly *assembly = NULL;
    qst_density *density = NULL;
    qst_outcomes *outcomes = NULL;
    char key[64];
    const qst_circuit *circuit = qst_measurement_circuit(measurement, group, &bits);
    qst_measurement_describe(measurement, &info);
    qst_placed_describe(info.placed, &placed);
    assert_int_equal(qst_circuit_qubits(circuit), placed.n_qubits);
    const qst_assembly_opts opts = {.weights = of->weights, .features = of->x, .measure = true};
    assert_ok(of->ctx, qst_circuit_assembly(circuit, &opts, &assembly));
    const qst_density_opts there = {.device = of->device, .layout = placed.qubits, .n_layout = placed.n_qubits};
    assert_ok(of->ctx, qst_density_simulate(assembly, &there, &density));
    assert_ok(of->ctx, qst_density_outcomes(density, 0, 0, &outcomes));
    assert_true(qst_outcomes_key_bytes(outcomes) == placed.n_qubits);
    memset(p, 0, (1U << N) * sizeof *p);
    for (size_t i = 0; i < qst_outcomes_number(outcomes); i++) {
        size_t outcome = 0;
        qst_outcomes_key(outcomes, i, key);
        for (size_t k = 0; k < N; k++)
            outcome |= (size_t)(key[placed.n_qubits - 1 - bits[k]] == '1') << k;
        p[outcome] += qst_outcomes_probability(outcomes, i);
    }
    qst_outcomes_free(outcomes);
    qst_density_free(density);
    qst_assembly_free(assembly);
}

static double mean_of(const double *p, unsigned letters)
{
    double mean = 0;
    for (unsigned b = 0; b < 1U << N; b++)
        mean += __builtin_popcount(b & letters) & 1 ? -p[b] : p[b];
    return mean;
}

/* Z, X and ZZ: two groups. `moved`: the circuit's qubits do not end in their order, or others are used too. */
static void check_values(const char *entanglement, const qst_place_opts *place, bool moved)
{
    device_case of = open_case("manila", entanglement);
    qst_readout *readout = sim_words(of.ctx, N, "z x zz", 0);
    qst_measurement *measurement = NULL;
    double p[2][1 << N], values[2 * N + N * (N - 1) / 2];
    const size_t *bits = NULL;
    size_t k = 0;
    const qst_measure_opts opts = {.device = of.device, .place = *place};
    assert_ok(of.ctx, qst_measurement_create(of.ctx, of.circuit, readout, &opts, &measurement));
    bool in_place = qst_circuit_qubits(qst_measurement_circuit(measurement, 0, &bits)) == N;
    for (size_t q = 0; q < N; q++)
        in_place = in_place && bits[q] == q;
    assert_true(in_place != moved);
    assert_ok(of.ctx,
              qst_measurement_values(measurement, of.weights, (qst_const_matrix){of.x, 1, N + 1}, 1, 0,
                                     (qst_matrix){values, 1, qst_readout_outputs(readout)}, (qst_matrix){NULL, 0, 0}));
    for (size_t g = 0; g < 2; g++)
        distribution_by_density(&of, measurement, g, p[g]);
    for (size_t q = 0; q < N; q++)
        assert_close(values[k++], mean_of(p[0], 1U << q), 1e-10);
    for (size_t q = 0; q < N; q++)
        assert_close(values[k++], mean_of(p[1], 1U << q), 1e-10);
    for (size_t q = 0; q < N; q++)
        for (size_t r = q + 1; r < N; r++)
            assert_close(values[k++], mean_of(p[0], 1U << q | 1U << r), 1e-10);
    qst_measurement_free(measurement);
    qst_readout_free(readout);
    close_case(&of);
}

static void values_by_density_matrices(void **state)
{
    (void)state;
    check_values("linear", &(qst_place_opts){.layout = (const size_t[]){1, 2, 3, 4}, .n_layout = N}, false);
    check_values("linear", &(qst_place_opts){.layout = (const size_t[]){4, 3, 2, 1}, .n_layout = N}, true);
    check_values("circular", &(qst_place_opts){0}, true);
}

static void probabilities_by_density_matrices(void **state)
{
    device_case of = open_case("manila", "linear");
    static const char *const words[] = {"probabilities", "grouped", "parity"};
    (void)state;
    for (size_t w = 0; w < 3; w++) {
        qst_readout *readout = sim_words(of.ctx, N, words[w], 3);
        qst_measurement *measurement = NULL;
        double p[1 << N], values[1 << N], expected[1 << N] = {0};
        size_t n = qst_readout_outputs(readout);
        measure(&of, readout, &(qst_measure_opts){.device = of.device}, values);
        assert_ok(of.ctx, qst_measurement_create(of.ctx, of.circuit, readout, &(qst_measure_opts){.device = of.device},
                                                 &measurement));
        distribution_by_density(&of, measurement, 0, p);
        for (unsigned b = 0; b < 1U << N; b++)
            expected[w == 0 ? b : (w == 1 ? b : (unsigned)__builtin_popcount(b)) % 3] += p[b];
        sim_assert_within(sim_distance(values, expected, n), 1e-10, "%s", words[w]);
        qst_measurement_free(measurement);
        qst_readout_free(readout);
    }
    close_case(&of);
}

/* Z alone, where no change of basis is needed: by a program of the readout, on the circuit where it was routed to. */
static void directly(void **state)
{
    device_case of = open_case("manila", "circular");
    qst_readout *readout = sim_words(of.ctx, N, "z", 0);
    const qst_measure_opts opts = {.device = of.device};
    qst_measurement *measurement = NULL;
    double p[1 << N], values[N];
    (void)state;
    assert_ok(of.ctx, qst_measurement_create(of.ctx, of.circuit, readout, &opts, &measurement));
    distribution_by_density(&of, measurement, 0, p);
    measure(&of, readout, &opts, values);
    for (size_t q = 0; q < N; q++)
        assert_close(values[q], mean_of(p, 1U << q), 1e-10);
    qst_measurement_free(measurement);
    qst_readout_free(readout);
    close_case(&of);
}

static void mitigation_helps(void **state)
{
    const double scales[] = {1, 1.5, 2};
    device_case of = open_case("manila", "linear");
    qst_readout *readout = sim_words(of.ctx, N, "z x", 0);
    double ideal[2 * N], values[2 * N], off[4] = {0};
    (void)state;
    measure(&of, readout, NULL, ideal);
    for (int way = 0; way < 4; way++) {
        const qst_measure_opts opts = {
            .device = of.device, .mitigation = {.readout = way & 1, .scales = scales, .n_scales = way & 2 ? 3 : 0}};
        measure(&of, readout, &opts, values);
        for (size_t k = 0; k < 2 * N; k++)
            off[way] += (values[k] - ideal[k]) * (values[k] - ideal[k]);
    }
    assert_true(off[3] < off[0] / 4);
    assert_true(off[3] < off[1] && off[3] < off[2] && off[1] < off[0] && off[2] < off[0]);
    qst_readout_free(readout);
    close_case(&of);
}

/* Gradients of the placed circuit's native angles are those of the weights. */
static void gradient_on_the_device(void **state)
{
    device_case of = open_case("manila", "linear");
    qst_readout *readout = sim_words(of.ctx, N, "z x", 0);
    const double scales[] = {1, 3}, cotangent[2 * N] = {1, -0.5, 0.3, 0.2, -1, 0.7, 0.1, 0.4};
    const qst_measure_opts opts = {.device = of.device,
                                   .mitigation = {.readout = true, .scales = scales, .n_scales = 2}};
    qst_measurement *measurement = NULL;
    double gradient[64], values[2 * N];
    uint64_t shots = 0, circuits = 0, each = 0;
    (void)state;
    assert_ok(of.ctx, qst_measurement_create(of.ctx, of.circuit, readout, &opts, &measurement));
    assert_ok(of.ctx, qst_measurement_shift(measurement, of.weights, (qst_const_matrix){of.x, 1, N + 1},
                                            (qst_const_matrix){cotangent, 1, 2 * N}, 1, 0, gradient, &shots));
    qst_measurement_shift_cost(measurement, &circuits, &each);
    assert_true(circuits > 0 && each == 0 && shots == 0);
    for (size_t w = 0; w < qst_circuit_weights(of.circuit); w += 3) {
        double sums[2] = {0, 0}, step = 1e-5, middle = of.weights[w];
        for (int side = 0; side < 2; side++) {
            of.weights[w] = middle + (side ? step : -step);
            assert_ok(of.ctx, qst_measurement_values(measurement, of.weights, (qst_const_matrix){of.x, 1, N + 1}, 1, 0,
                                                     (qst_matrix){values, 1, 2 * N}, (qst_matrix){NULL, 0, 0}));
            for (size_t k = 0; k < 2 * N; k++)
                sums[side] += cotangent[k] * values[k];
        }
        of.weights[w] = middle;
        assert_close(gradient[w], (sums[1] - sums[0]) / (2 * step), 1e-8);
    }
    qst_measurement_free(measurement);
    qst_readout_free(readout);
    close_case(&of);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_by_density_matrices),
        cmocka_unit_test(probabilities_by_density_matrices),
        cmocka_unit_test(directly),
        cmocka_unit_test(mitigation_helps),
        cmocka_unit_test(gradient_on_the_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

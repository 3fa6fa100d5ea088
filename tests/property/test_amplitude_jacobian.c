/* test_amplitude_jacobian.c: gradients of amplitude features by the dense analytic Jacobian.
 *
 *   value_k = psi^T M_k psi,  psi = x / |x| real,  M_k = Re(U^dagger O_k U)
 *   d value_k / dx = (2/|x|) (M_k psi - (psi^T M_k psi) psi)
 *
 * U comes column by column from the reference: amplitude features e_j give U |j>. */
#include "property/sim_case.h"

#define MAX_DIM 16

static int open_ctx(void **state)
{
    *state = support_ctx(1);
    return 0;
}

static int close_ctx(void **state)
{
    qst_ctx_free(*state);
    return 0;
}

/* A random circuit whose angles hold weights only, so that features act through the preparation alone. */
static qst_circuit *weights_only(qst_ctx *ctx, uint64_t seed, size_t n, size_t n_features, size_t n_weights)
{
    ref_rng rng = {seed};
    sim_builder to = sim_begin(ctx, n, n_features, n_weights, QST_PREPARE_AMPLITUDE);
    for (size_t i = 0; i < 12; i++) {
        size_t a = ref_below(&rng, n), pair[2] = {a, n > 1 ? (a + 1 + ref_below(&rng, n - 1)) % n : a};
        qst_angle angle = QST_ANGLE({1, QST_WEIGHT(i % n_weights), QST_WEIGHT(0)});
        sim_scramble(&to, n, &rng);
        sim_add(&to, (qst_gate[]){QST_GATE_rx, QST_GATE_ry, QST_GATE_rz}[i % 3], &a, &angle);
        if (n > 1)
            sim_add(&to, (qst_gate[]){QST_GATE_crx, QST_GATE_rxx, QST_GATE_cp}[i % 3], pair, &angle);
    }
    return sim_finish(&to);
}

/* value_k of a state that is not normalised, for the bilinear form by polarisation. */
static void quadratic(const sim_case *of, const double *weights, const double *x, const ref_circuit *circuit,
                      const ref_readout *readout, double *out)
{
    ref_complex psi[MAX_DIM];
    double norm = 0;
    for (size_t j = 0; j < of->n_features; j++)
        norm += x[j] * x[j];
    ref_circuit_state(circuit, weights, x, psi);
    ref_readout_values(readout, psi, out);
    for (size_t k = 0; k < of->n_outputs; k++)
        out[k] *= norm;
}

/* M[k][i][j] = (Q(e_i + e_j) - Q(e_i) - Q(e_j)) / 2 with Q(v) = v^T M_k v. */
static void dense_forms(const sim_case *of, const double *weights, double *m)
{
    size_t d = of->n_features, n_outputs = of->n_outputs;
    ref_circuit *circuit = ref_describe(of->circuit);
    ref_readout *readout = ref_describe_readout(of->readout);
    double *single = sim_allocate(d * n_outputs, sizeof *single), *both = sim_allocate(n_outputs, sizeof *both);
    for (size_t i = 0; i < d; i++) {
        double x[MAX_DIM] = {0};
        x[i] = 1;
        quadratic(of, weights, x, circuit, readout, single + i * n_outputs);
    }
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++) {
            double x[MAX_DIM] = {0};
            x[i] = x[j] = 1;
            quadratic(of, weights, x, circuit, readout, both);
            for (size_t k = 0; k < n_outputs; k++)
                m[(k * d + i) * d + j] = i == j ? single[i * n_outputs + k]
                                                : (both[k] - single[i * n_outputs + k] - single[j * n_outputs + k]) / 2;
        }
    }
    free(single);
    free(both);
    ref_circuit_free(circuit);
    ref_readout_free(readout);
}

/* sum_k c_k d value_k / dx of one row. */
static void dense_gradient(const sim_case *of, const double *m, const double *x, const double *cotangent, double *out)
{
    size_t d = of->n_features;
    double norm = 0, along = 0, image[MAX_DIM] = {0};
    for (size_t j = 0; j < d; j++)
        norm += x[j] * x[j];
    norm = sqrt(norm);
    for (size_t k = 0; k < of->n_outputs; k++)
        for (size_t i = 0; i < d; i++)
            for (size_t j = 0; j < d; j++)
                image[i] += cotangent[k] * m[(k * d + i) * d + j] * x[j] / norm;
    for (size_t j = 0; j < d; j++)
        along += image[j] * x[j] / norm;
    for (size_t j = 0; j < d; j++)
        out[j] = 2 / norm * (image[j] - along * x[j] / norm);
}

static void check_seed(qst_ctx *ctx, uint64_t seed)
{
    size_t n = 1 + seed % 4, d = 1 + seed / 4 % ((size_t)1 << n), n_rows = 11;
    sim_case of =
        sim_open(ctx, weights_only(ctx, seed, n, d, 3), sim_readout(ctx, seed % SIM_READOUTS, n, seed), QST_DOUBLE);
    sim_run run = sim_draw(&of, seed, n_rows);
    double *m = sim_allocate(of.n_outputs * d * d, sizeof *m);
    for (size_t j = 0; j < d && d > 1; j++)
        run.x[j] *= 1024;
    dense_forms(&of, run.weights, m);
    sim_vjp(&of, &run);
    for (size_t b = 0; b < n_rows; b++) {
        double expected[MAX_DIM];
        dense_gradient(&of, m, run.x + b * d, run.cotangent + b * of.n_outputs, expected);
        sim_assert_within(sim_relative_distance(run.out_x + b * d, expected, d), 1e-12,
                          "seed %llu, %zu qubits, %zu features, row %zu", (unsigned long long)seed, n, d, b);
    }
    free(m);
    sim_run_free(&run);
    sim_close(&of);
}

static void amplitude_gradients(void **state)
{
    for (uint64_t seed = 0; seed < 128; seed++)
        check_seed(*state, seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(amplitude_gradients, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

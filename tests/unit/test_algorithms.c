/* test_algorithms.c: each algorithm gives its known result, run by this library's simulator. */
#include <complex.h>

#include <qstill/algorithms.h>

#include "support/execution_text.h"

#define PI 3.14159265358979323846

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

static qst_assembly *build(qst_ctx *ctx, qst_algorithm_opts opts)
{
    qst_assembly *assembly = NULL;
    assert_ok(ctx, qst_algorithm(ctx, &opts, &assembly));
    return assembly;
}

static double complex *unitary_of(qst_ctx *ctx, qst_algorithm_opts opts, size_t *out_dim)
{
    qst_assembly *assembly = build(ctx, opts);
    *out_dim = (size_t)1 << qst_assembly_qubits(assembly);
    double complex *out = calloc(*out_dim * *out_dim, sizeof *out);
    assert_ok(ctx, qst_assembly_unitary(assembly, NULL, out));
    qst_assembly_free(assembly);
    return out;
}

/* That of the outcome which is written as `key`. */
static double probability_in(qst_ctx *ctx, qst_algorithm_opts opts, const char *key)
{
    qst_assembly *assembly = build(ctx, opts);
    qst_outcomes *outcomes = NULL;
    assert_ok(ctx, qst_assembly_execute(assembly, NULL, &outcomes));
    double found = probability(outcomes, key);
    qst_outcomes_free(outcomes);
    qst_assembly_free(assembly);
    return found;
}

/* --- the Fourier transform ---------------------------------------------------------------------------------------- */

static size_t reversed(size_t index, size_t n)
{
    size_t out = 0;
    for (size_t b = 0; b < n; b++) {
        out |= (index >> b & 1) << (n - 1 - b);
    }
    return out;
}

static void fourier_transform_is_its_matrix(void **state)
{
    for (size_t n = 1; n <= 6; n++) {
        for (int inverse = 0; inverse < 2; inverse++) {
            for (int no_swaps = 0; no_swaps < 2; no_swaps++) {
                size_t dim;
                double complex *u = unitary_of(
                    *state, (qst_algorithm_opts){.name = inverse ? "iqft" : "qft", .qubits = n, .no_swaps = no_swaps},
                    &dim);
                for (size_t j = 0; j < dim; j++) {
                    for (size_t k = 0; k < dim; k++) {
                        double complex value =
                            cexp((inverse ? -2 : 2) * PI * I * (double)(j * k % dim) / (double)dim) / sqrt((double)dim);
                        size_t row = no_swaps && !inverse ? reversed(k, n) : k;
                        size_t column = no_swaps && inverse ? reversed(j, n) : j;
                        assert_close(cabs(u[row * dim + column] - value), 0, 1e-14);
                    }
                }
                free(u);
            }
        }
    }
}

/* --- phase estimation --------------------------------------------------------------------------------------------- */

static void phases_of_n_bits_are_certain(void **state)
{
    for (size_t n = 1; n <= 6; n++) {
        for (size_t m = 0; m < (size_t)1 << n; m++) {
            char key[16] = "";
            for (size_t b = 0; b < n; b++) {
                key[n - 1 - b] = m >> b & 1 ? '1' : '0';
            }
            key[n] = '\0';
            assert_close(
                probability_in(
                    *state, (qst_algorithm_opts){.name = "qpe", .qubits = n, .phase = ldexp((double)m, -(int)n)}, key),
                1, 1e-13);
        }
    }
}

/* |1/2^n sum_k exp(2 pi i k (phase - m/2^n))|^2 */
static void other_phases_have_the_known_distribution(void **state)
{
    const double phase = 0.3;
    for (size_t m = 0; m < 8; m++) {
        double complex sum = 0;
        for (size_t k = 0; k < 8; k++) {
            sum += cexp(2 * PI * I * (double)k * (phase - (double)m / 8));
        }
        char key[] = {m & 4 ? '1' : '0', m & 2 ? '1' : '0', m & 1 ? '1' : '0', '\0'};
        assert_close(probability_in(*state, (qst_algorithm_opts){.name = "qpe", .qubits = 3, .phase = phase}, key),
                     creal(sum * conj(sum)) / 64, 1e-14);
    }
}

/* --- search ------------------------------------------------------------------------------------------------------- */

static void search_succeeds_as_often_as_it_should(void **state)
{
    const uint64_t one[] = {5}, three[] = {1, 6, 7};
    for (size_t rounds = 1; rounds <= 4; rounds++) {
        qst_algorithm_opts opts = {.name = "grover", .qubits = 4, .marked = one, .n_marked = 1, .iterations = rounds};
        assert_close(probability_in(*state, opts, "0101"), qst_grover_success(4, 1, rounds), 1e-13);
        opts =
            (qst_algorithm_opts){.name = "grover", .qubits = 5, .marked = three, .n_marked = 3, .iterations = rounds};
        assert_close(probability_in(*state, opts, "00111"), qst_grover_success(5, 3, rounds) / 3, 1e-13);
    }
    assert_int_equal(qst_grover_iterations(2, 1), 1);
    assert_int_equal(qst_grover_iterations(10, 1), 25);
    assert_close(qst_grover_success(2, 1, 1), 1, 1e-15);
    assert_true(qst_grover_success(10, 1, 25) > 0.999);
}

/* The oracle for 11 is cz, here with an ancilla that comes back to |0>. */
static void search_by_an_oracle(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_builder *builder = NULL;
    qst_assembly *oracle = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", 3));
    const struct {
        qst_gate gate;
        uint32_t qubits[3];
        size_t n;
    } gates[] = {{QST_GATE_ccx, {0, 1, 2}, 3}, {QST_GATE_z, {2}, 1}, {QST_GATE_ccx, {0, 1, 2}, 3}};
    for (size_t g = 0; g < 3; g++) {
        assert_ok(ctx, qst_assembly_add(builder, &(qst_instruction){.kind = QST_INSTRUCTION_GATE,
                                                                    .gate = gates[g].gate,
                                                                    .qubits = gates[g].qubits,
                                                                    .n_qubits = gates[g].n,
                                                                    .bit = QST_NO_BIT,
                                                                    .condition = QST_NO_CONDITION}));
    }
    assert_ok(ctx, qst_assembly_finish(builder, &oracle));
    assert_close(probability_in(ctx, (qst_algorithm_opts){.name = "grover", .qubits = 2, .oracle = oracle}, "11"), 1,
                 1e-14);
    qst_assembly_free(oracle);
}

/* --- GHZ, Bernstein-Vazirani -------------------------------------------------------------------------------------- */

static void ghz_is_all_or_nothing(void **state)
{
    assert_close(probability_in(*state, (qst_algorithm_opts){.name = "ghz", .qubits = 5}, "00000"), 0.5, 1e-15);
    assert_close(probability_in(*state, (qst_algorithm_opts){.name = "ghz", .qubits = 5}, "11111"), 0.5, 1e-15);
}

static void secrets_are_found(void **state)
{
    const char *const secrets[] = {"0", "1", "1011", "0000", "1100101"};
    for (size_t s = 0; s < sizeof secrets / sizeof *secrets; s++) {
        assert_close(probability_in(*state, (qst_algorithm_opts){.name = "bv", .secret = secrets[s]}, secrets[s]), 1,
                     1e-13);
    }
}

/* --- the Ising model ---------------------------------------------------------------------------------------------- */

#define ISING_QUBITS 3
#define ISING_DIM    8

/* out = exp(-i t H) by its series, H written down term by term. */
static void evolve_exactly(double t, double coupling, double field, bool periodic, double complex out[][ISING_DIM])
{
    double h[ISING_DIM][ISING_DIM] = {{0}};
    double complex power[ISING_DIM][ISING_DIM] = {{0}}, next[ISING_DIM][ISING_DIM];
    for (size_t k = 0; k < ISING_DIM; k++) {
        for (size_t q = 0; q < ISING_QUBITS; q++) {
            size_t r = (q + 1) % ISING_QUBITS;
            h[k ^ (size_t)1 << q][k] -= field;
            if (r > q || periodic) {
                h[k][k] -= (k >> q & 1) == (k >> r & 1) ? coupling : -coupling;
            }
        }
        power[k][k] = 1;
    }
    for (size_t i = 0; i < ISING_DIM; i++) {
        for (size_t j = 0; j < ISING_DIM; j++) {
            out[i][j] = i == j;
        }
    }
    for (int order = 1; order < 60; order++) {
        for (size_t i = 0; i < ISING_DIM; i++) {
            for (size_t j = 0; j < ISING_DIM; j++) {
                next[i][j] = 0;
                for (size_t k = 0; k < ISING_DIM; k++) {
                    next[i][j] += -I * t * h[i][k] * power[k][j] / order;
                }
            }
        }
        memcpy(power, next, sizeof power);
        for (size_t i = 0; i < ISING_DIM; i++) {
            for (size_t j = 0; j < ISING_DIM; j++) {
                out[i][j] += power[i][j];
            }
        }
    }
}

static double ising_error(qst_ctx *ctx, int order, size_t steps, bool periodic)
{
    double complex exact[ISING_DIM][ISING_DIM];
    double worst = 0;
    size_t dim;
    evolve_exactly(0.8, 1.1, 0.7, periodic, exact);
    double complex *u = unitary_of(ctx,
                                   (qst_algorithm_opts){.name = "tfim",
                                                        .qubits = ISING_QUBITS,
                                                        .time = 0.8,
                                                        .coupling = 1.1,
                                                        .field = 0.7,
                                                        .steps = steps,
                                                        .order = order,
                                                        .periodic = periodic},
                                   &dim);
    for (size_t i = 0; i < dim * dim; i++) {
        worst = fmax(worst, cabs(u[i] - exact[i / dim][i % dim]));
    }
    free(u);
    return worst;
}

/* The error falls with the first or second power of the step. */
static void ising_steps_converge_by_their_order(void **state)
{
    for (int periodic = 0; periodic < 2; periodic++) {
        for (int order = 1; order <= 2; order++) {
            double coarse = ising_error(*state, order, 50, periodic), fine = ising_error(*state, order, 100, periodic);
            assert_true(coarse < (order == 1 ? 0.05 : 0.001));
            assert_close(log2(coarse / fine), order, 0.1);
        }
    }
}

/* --- refused ------------------------------------------------------------------------------------------------------ */

static void refuse(qst_ctx *ctx, qst_algorithm_opts opts, qst_status expected, const char *part)
{
    qst_assembly *assembly = NULL;
    assert_status(ctx, qst_algorithm(ctx, &opts, &assembly), expected);
    assert_message(ctx, part);
    assert_null(assembly);
}

static void bad_options_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    const uint64_t marked[] = {3, 3};
    refuse(ctx, (qst_algorithm_opts){.name = "qtf", .qubits = 2}, QST_ERR_USAGE, "qft");
    refuse(ctx, (qst_algorithm_opts){.name = "qft"}, QST_ERR_USAGE, "0 qubits");
    refuse(ctx, (qst_algorithm_opts){.name = "grover", .qubits = 3}, QST_ERR_USAGE, "marked");
    refuse(ctx, (qst_algorithm_opts){.name = "grover", .qubits = 3, .marked = marked, .n_marked = 2}, QST_ERR_USAGE,
           "twice");
    refuse(ctx, (qst_algorithm_opts){.name = "grover", .qubits = 1, .marked = marked, .n_marked = 1}, QST_ERR_USAGE,
           "0..1");
    refuse(ctx, (qst_algorithm_opts){.name = "qpe", .qubits = 3, .phase = 1}, QST_ERR_USAGE, "phase 1");
    refuse(ctx, (qst_algorithm_opts){.name = "bv", .secret = "12"}, QST_ERR_USAGE, "12");
    refuse(ctx, (qst_algorithm_opts){.name = "bv", .secret = "10", .qubits = 3}, QST_ERR_MISMATCH, "2 bits");
    refuse(ctx, (qst_algorithm_opts){.name = "tfim", .qubits = 3, .time = 1}, QST_ERR_USAGE, "steps");
    refuse(ctx, (qst_algorithm_opts){.name = "tfim", .qubits = 2, .time = 1, .steps = 1, .periodic = true},
           QST_ERR_USAGE, "ring");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fourier_transform_is_its_matrix),
        cmocka_unit_test(phases_of_n_bits_are_certain),
        cmocka_unit_test(other_phases_have_the_known_distribution),
        cmocka_unit_test(search_succeeds_as_often_as_it_should),
        cmocka_unit_test(search_by_an_oracle),
        cmocka_unit_test(ghz_is_all_or_nothing),
        cmocka_unit_test(secrets_are_found),
        cmocka_unit_test(ising_steps_converge_by_their_order),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}

/* test_kernel_lines.c: what kernels make of states besides turning them: probabilities, Paulis, overlaps, product
 * states and moves, on every table that the processor has, against a few lines of naive code. */
#include "kernel_cases.h"

#define MAX_DIM 512

static double *doubles(size_t n)
{
    double *out = calloc(n, sizeof *out);
    assert_non_null(out);
    return out;
}

/* --- probabilities ------------------------------------------------------------------------------------------------ */

/* probabilities, walsh and weigh: lines are doubles in either precision, and so is the arithmetic on them. */
static void check_lines(kernel_table *t, size_t dim, uint64_t *seed)
{
    size_t n = dim * t->lanes;
    twin psi = twin_random(t, dim, seed), lambda = twin_random(t, dim, seed);
    double *lines = lines_allocate(t, dim * (t->single ? 2 : 1)), *expected = doubles(n);
    for (size_t i = 0; i < n; i++)
        expected[i] = creal(psi.value[i] * conj(psi.value[i]));
    t->kernels->probabilities(psi.state, dim, lines);
    kernel_record(t, lines, n * sizeof *lines);
    assert_within(t, kernel_distance(lines, expected, n), 1e-15, "probabilities, dim %zu", dim);

    for (size_t i = 0; i < n; i++)
        expected[i] = 0;
    for (size_t z = 0; z < dim; z++)
        for (size_t p = 0; p < dim; p++)
            for (size_t lane = 0; lane < t->lanes; lane++)
                expected[z * t->lanes + lane] += kernel_sign(p, z) * lines[p * t->lanes + lane];
    t->kernels->walsh(lines, dim);
    kernel_record(t, lines, n * sizeof *lines);
    assert_within(t, kernel_distance(lines, expected, n), 4e-15 * (double)dim, "walsh, dim %zu", dim);

    for (size_t i = 0; i < n; i++) {
        lines[i] = kernel_coarse(seed);
        lambda.value[i] = lines[i] * psi.value[i];
    }
    t->kernels->weigh(psi.state, dim, lines, lambda.state);
    assert_within(t, twin_distance(t, &lambda), 2 * t->epsilon, "weigh, dim %zu", dim);
    assert_within(t, twin_distance(t, &psi), 0, "psi is left alone, dim %zu", dim);
    free(lines);
    free(expected);
    twin_free(&psi);
    twin_free(&lambda);
}

static void check_all_lines(kernel_table *t)
{
    uint64_t seed = 1;
    for (size_t dim = 1; dim <= 2 * MAX_DIM; dim *= 2)
        check_lines(t, dim, &seed);
}

static void probabilities_walsh_and_weigh(void **state)
{
    (void)state;
    kernel_each_table(check_all_lines);
}

/* --- Paulis ------------------------------------------------------------------------------------------------------- */

static size_t ones(size_t bits)
{
    size_t n = 0;
    for (; bits != 0; bits >>= 1)
        n += bits & 1;
    return n;
}

/* Of real amplitudes, an imaginary Pauli has the value 0 and adds nothing. */
static void check_pauli(kernel_table *t, size_t dim, size_t x, size_t z, uint64_t *seed)
{
    const qsti_mask pauli = {(uint32_t)x, (uint32_t)z, ones(x & z) % 2 == 1};
    const double complex k = !pauli.imaginary ? 1 : t->parts == 2 ? I : 0;
    twin psi = twin_random(t, dim, seed), lambda = twin_random(t, dim, seed);
    double value[MAX_LANES], expected[MAX_LANES] = {0}, weight[MAX_LANES];
    for (size_t lane = 0; lane < t->lanes; lane++) {
        weight[lane] = kernel_coarse(seed);
        for (size_t p = 0; p < dim; p++) {
            double complex image = k * kernel_sign(p, z) * psi.value[p * t->lanes + lane];
            size_t to = (p ^ x) * t->lanes + lane;
            expected[lane] += creal(conj(psi.value[to]) * image);
            lambda.value[to] += weight[lane] * image;
        }
    }
    t->kernels->pauli_value(psi.state, dim, pauli, value);
    kernel_record(t, value, t->lanes * sizeof *value);
    assert_within(t, kernel_distance(value, expected, t->lanes), 4 * t->epsilon * (double)dim,
                  "value, dim %zu, x %zu, z %zu", dim, x, z);
    t->kernels->pauli_add(psi.state, dim, pauli, weight, lambda.state);
    assert_within(t, twin_distance(t, &lambda), 8 * t->epsilon, "add, dim %zu, x %zu, z %zu", dim, x, z);
    assert_within(t, twin_distance(t, &psi), 0, "psi is left alone, dim %zu, x %zu, z %zu", dim, x, z);
    twin_free(&psi);
    twin_free(&lambda);
}

/* Every Pauli on up to 3 qubits, and random ones on more. */
static void check_paulis(kernel_table *t)
{
    uint64_t seed = 2;
    for (size_t dim = 1; dim <= 8; dim *= 2)
        for (size_t x = 0; x < dim; x++)
            for (size_t z = 0; z < dim; z++)
                check_pauli(t, dim, x, z, &seed);
    for (size_t dim = 16; dim <= MAX_DIM; dim *= 2)
        for (size_t i = 0; i < 16; i++)
            check_pauli(t, dim, i < 4 ? 0 : kernel_below(&seed, dim), kernel_below(&seed, dim), &seed);
}

static void pauli_values_and_sums(void **state)
{
    (void)state;
    kernel_each_table(check_paulis);
}

static void check_overlaps(kernel_table *t)
{
    uint64_t seed = 3;
    for (size_t n = 1; n <= 200; n += n / 8 + 1) {
        twin a = twin_random(t, n, &seed), b = twin_random(t, n, &seed);
        double value[MAX_LANES], expected[MAX_LANES] = {0};
        for (size_t i = 0; i < n * t->lanes; i++)
            expected[i % t->lanes] += creal(conj(a.value[i]) * b.value[i]);
        t->kernels->overlap(a.state, b.state, n, value);
        kernel_record(t, value, t->lanes * sizeof *value);
        assert_within(t, kernel_distance(value, expected, t->lanes), 4 * t->epsilon * (double)n, "%zu lines", n);
        twin_free(&a);
        twin_free(&b);
    }
}

static void overlaps(void **state)
{
    (void)state;
    kernel_each_table(check_overlaps);
}

/* --- product states ----------------------------------------------------------------------------------------------- */

/* From n lines to 2n and back; grown in place when `same`. */
static void check_product(kernel_table *t, size_t n, bool same, uint64_t *seed)
{
    size_t lanes = t->lanes, n_sums = 2 * t->parts * lanes;
    twin in = twin_random(t, 2 * n, seed), out = twin_random(t, 2 * n, seed), w = twin_random(t, 2 * n, seed);
    twin a = twin_random(t, 1, seed), b = twin_random(t, 1, seed);
    double sums[4 * MAX_LANES], expected[4 * MAX_LANES];
    for (size_t i = 0; i < n_sums; i++)
        sums[i] = expected[i] = kernel_coarse(seed);
    for (size_t i = 0; i < n * lanes; i++) {
        size_t lane = i % lanes, j = i + n * lanes;
        double complex low = conj(w.value[i]) * in.value[i], high = conj(w.value[j]) * in.value[i];
        double part[4] = {creal(low), cimag(low), creal(high), cimag(high)};
        for (size_t s = 0; s < 2 * t->parts; s++)
            expected[s * lanes + lane] += part[t->parts == 2 ? s : 2 * s];
        out.value[i] = a.value[lane] * in.value[i];
        out.value[j] = b.value[lane] * in.value[i];
        w.value[i] = conj(a.value[lane]) * w.value[i] + conj(b.value[lane]) * w.value[j];
    }
    t->kernels->shrink(in.state, w.state, n, a.state, b.state, sums);
    kernel_record(t, sums, n_sums * sizeof *sums);
    assert_within(t, kernel_distance(sums, expected, n_sums), 4 * t->epsilon * (double)(n + 1), "sums, %zu lines", n);
    assert_within(t, twin_distance(t, &w), 8 * t->epsilon, "shrunk, %zu lines", n);
    t->kernels->grow(in.state, same ? in.state : out.state, n, a.state, b.state);
    if (same)
        memcpy(in.value, out.value, 2 * n * lanes * sizeof *in.value);
    assert_within(t, twin_distance(t, &in), 4 * t->epsilon, "in, %zu lines, in place %d", n, same);
    if (!same)
        assert_within(t, twin_distance(t, &out), 4 * t->epsilon, "grown, %zu lines", n);
    twin_free(&in);
    twin_free(&out);
    twin_free(&w);
    twin_free(&a);
    twin_free(&b);
}

static void check_products(kernel_table *t)
{
    uint64_t seed = 4;
    for (size_t n = 1; n <= 256; n *= 2) {
        check_product(t, n, false, &seed);
        check_product(t, n, true, &seed);
    }
}

static void product_states(void **state)
{
    (void)state;
    kernel_each_table(check_products);
}

/* --- moves -------------------------------------------------------------------------------------------------------- */

static void check_scatter(kernel_table *t)
{
    uint64_t seed = 8;
    uint32_t place[40];
    for (size_t n = 1; n <= 40; n++) {
        twin in = twin_random(t, n, &seed), wide = twin_random(t, 40, &seed), back = twin_random(t, n, &seed);
        for (uint32_t j = 0; j < 40; j++) {
            size_t at = kernel_below(&seed, j + 1);
            place[j] = place[at];
            place[at] = j;
        }
        for (size_t j = 0; j < n; j++)
            memcpy(wide.value + place[j] * t->lanes, in.value + j * t->lanes, t->lanes * sizeof *in.value);
        t->kernels->scatter(in.state, wide.state, n, place);
        assert_within(t, twin_distance(t, &wide), 0, "scatter, %zu lines", n);
        memcpy(back.value, in.value, n * t->lanes * sizeof *in.value);
        t->kernels->gather(wide.state, back.state, n, place);
        assert_within(t, twin_distance(t, &back), 0, "gather, %zu lines", n);
        twin_free(&in);
        twin_free(&wide);
        twin_free(&back);
    }
}

static void scatter_and_gather(void **state)
{
    (void)state;
    kernel_each_table(check_scatter);
}

static void check_coefficient_lines(kernel_table *t)
{
    uint64_t seed = 9;
    for (size_t n = 1; n < 10; n++) {
        double *values = doubles(n * t->lanes);
        void *lines = lines_allocate(t, n), *spread = lines_allocate(t, n);
        for (size_t i = 0; i < n * t->lanes; i++)
            values[i] = kernel_uniform(&seed, -4, 4);
        t->kernels->to_lines(values, n, lines);
        t->kernels->spread(values, n, spread);
        for (size_t i = 0; i < n; i++) {
            for (size_t lane = 0; lane < t->lanes; lane++) {
                double own = lines_get(t, lines, i, lane) - kernel_round(t, values[i * t->lanes + lane]);
                double shared = lines_get(t, spread, i, lane) - kernel_round(t, values[i]);
                assert_within(t, fabs(own) + fabs(shared), 0, "line %zu of %zu, lane %zu", i, n, lane);
            }
        }
        free(values);
        free(lines);
        free(spread);
    }
}

static void coefficient_lines(void **state)
{
    (void)state;
    kernel_each_table(check_coefficient_lines);
}

static void check_moves(kernel_table *t)
{
    uint64_t seed = 10;
    twin psi = twin_random(t, 8, &seed);
    double re[8], im[8];
    assert_true(t->kernels->real == (t->parts == 1));
    for (size_t lane = 0; lane < t->lanes; lane++) {
        t->kernels->get_lane(psi.state, 8, lane, re, im);
        for (size_t p = 0; p < 8; p++) {
            assert_within(t, cabs(complex_of(re[p], im[p]) - psi.value[p * t->lanes + lane]), 0, "lane %zu got", lane);
            re[p] = kernel_coarse(&seed);
            psi.value[p * t->lanes + lane] = re[p];
        }
        t->kernels->set_lane(psi.state, 8, lane, re);
        assert_within(t, twin_distance(t, &psi), 0, "lane %zu set", lane);
    }
    twin_free(&psi);
}

static void lanes_in_and_out(void **state)
{
    (void)state;
    kernel_each_table(check_moves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probabilities_walsh_and_weigh),
        cmocka_unit_test(pauli_values_and_sums),
        cmocka_unit_test(overlaps),
        cmocka_unit_test(product_states),
        cmocka_unit_test(scatter_and_gather),
        cmocka_unit_test(coefficient_lines),
        cmocka_unit_test(lanes_in_and_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_kernels.c: every kernel of the table in use, in both precisions, against a few lines of naive code.
 *
 * Which instruction set runs is the environment's choice (QSTILL_ISA); the build registers this program once for each.
 * States are written and read through the layout that kernels.h promises, not through the kernels. Random numbers have
 * 24 bits, so that both precisions hold them exactly. */
#include "kernels/kernels.h"
#include "property/sim_case.h"

#define MAX_DIM   512
#define MAX_LANES QSTI_MAX_LANES

/* One table and what its arithmetic owes. */
typedef struct table {
    const qsti_kernels *kernels;
    bool single;
    size_t lanes, amplitude_bytes;
    double epsilon;
} table;

static table double_table(void)
{
    const qsti_kernels *kernels = qsti_kernels_double();
    return (table){kernels, false, kernels->lanes, kernels->amplitude_bytes, 2.3e-16};
}

static table single_table(void)
{
    const qsti_kernels *kernels = qsti_kernels_single();
    return (table){kernels, true, kernels->lanes, kernels->amplitude_bytes, 1.2e-7};
}

/* --- states through the layout ------------------------------------------------------------------------------------ */

/* A state for the kernels, and the same as plain complex numbers: value[p * lanes + lane]. */
typedef struct twin {
    void *state;
    ref_complex *value;
} twin;

static size_t place_of(const table *t, size_t p, size_t part, size_t lane)
{
    return (p * 2 + part) * t->lanes + lane;
}

static double get(const table *t, const void *state, size_t p, size_t part, size_t lane)
{
    size_t at = place_of(t, p, part, lane);
    return t->single ? (double)((const float *)state)[at] : ((const double *)state)[at];
}

static void put(const table *t, void *state, size_t p, size_t part, size_t lane, double value)
{
    size_t at = place_of(t, p, part, lane);
    if (t->single)
        ((float *)state)[at] = (float)value;
    else
        ((double *)state)[at] = value;
}

static double coarse(ref_rng *rng)
{
    return (double)(float)ref_uniform(rng, -1, 1);
}

static twin twin_create(const table *t, size_t dim, ref_rng *rng)
{
    twin out = {aligned_alloc(QSTI_LINE_BYTES, dim * t->amplitude_bytes),
                sim_allocate(dim * t->lanes, sizeof(ref_complex))};
    assert_non_null(out.state);
    for (size_t p = 0; p < dim; p++) {
        for (size_t lane = 0; lane < t->lanes; lane++) {
            double re = coarse(rng), im = coarse(rng);
            put(t, out.state, p, 0, lane, re);
            put(t, out.state, p, 1, lane, im);
            out.value[p * t->lanes + lane] = re + I * im;
        }
    }
    return out;
}

static void twin_free(twin *of)
{
    free(of->state);
    free(of->value);
}

/* How far the two have come apart. */
static double twin_distance(const table *t, const twin *of, size_t dim)
{
    double worst = 0;
    for (size_t p = 0; p < dim; p++) {
        for (size_t lane = 0; lane < t->lanes; lane++) {
            ref_complex value = get(t, of->state, p, 0, lane) + I * get(t, of->state, p, 1, lane);
            double difference = cabs(value - of->value[p * t->lanes + lane]);
            worst = difference > worst || isnan(difference) ? difference : worst;
        }
    }
    return worst;
}

/* --- naive code --------------------------------------------------------------------------------------------------- */

static double sign_of(size_t p, size_t z)
{
    double sign = 1;
    for (size_t both = p & z; both != 0; both >>= 1)
        sign = both & 1 ? -sign : sign;
    return sign;
}

/* out = P in for one lane's column, P = i^k X^x Z^z. */
static void naive_pauli(qsti_mask pauli, size_t dim, size_t lanes, size_t lane, const ref_complex *in, ref_complex *out)
{
    for (size_t p = 0; p < dim; p++)
        out[p ^ pauli.x] = (pauli.imaginary ? I : 1.0) * sign_of(p, pauli.z) * in[p * lanes + lane];
}

/* values <- exp(-i t P / 2) values in every lane, half[lane] = t/2. */
static void naive_rotate(qsti_mask pauli, size_t dim, size_t lanes, const double *half, ref_complex *values)
{
    ref_complex image[MAX_DIM];
    for (size_t lane = 0; lane < lanes; lane++) {
        naive_pauli(pauli, dim, lanes, lane, values, image);
        for (size_t p = 0; p < dim; p++) {
            ref_complex *value = &values[p * lanes + lane];
            *value = cos(half[lane]) * *value - I * sin(half[lane]) * image[p];
        }
    }
}

/* <a|P|b> of one lane. */
static ref_complex naive_overlap(qsti_mask pauli, size_t dim, size_t lanes, size_t lane, const ref_complex *a,
                                 const ref_complex *b)
{
    ref_complex image[MAX_DIM], sum = 0;
    naive_pauli(pauli, dim, lanes, lane, b, image);
    for (size_t p = 0; p < dim; p++)
        sum += conj(a[p * lanes + lane]) * image[p];
    return sum;
}

static size_t ones(size_t bits)
{
    size_t n = 0;
    for (; bits != 0; bits >>= 1)
        n += bits & 1;
    return n;
}

static qsti_mask mask_of(size_t x, size_t z)
{
    return (qsti_mask){.x = (uint32_t)x, .z = (uint32_t)z, .imaginary = ones(x & z) % 2 == 1};
}

/* Calls `check` for every Pauli on up to 4 qubits and for 48 random ones on 5 to 9; dimensions beyond a kernel's chunk
 * of 64 pairs are among them. `diagonal` chooses between Paulis with x = 0 and with x != 0. */
static void for_each_pauli(const table *t, bool diagonal, void (*check)(const table *, size_t, qsti_mask, ref_rng *))
{
    ref_rng rng = {11};
    for (size_t dim = 2; dim <= 16; dim *= 2)
        for (size_t x = diagonal ? 0 : 1; x < (diagonal ? 1 : dim); x++)
            for (size_t z = 0; z < dim; z++)
                check(t, dim, mask_of(x, z), &rng);
    for (size_t dim = 32; dim <= MAX_DIM; dim *= 2) {
        for (size_t i = 0; i < 48; i++) {
            size_t x = diagonal ? 0 : 1 + ref_below(&rng, dim - 1);
            check(t, dim, mask_of(x, ref_below(&rng, dim)), &rng);
        }
    }
}

/* A random rotation, shared or per lane; half[] says its half angle in every lane. */
static qsti_rotor random_rotor(const table *t, qsti_mask pauli, ref_rng *rng, double *half, double *cosine,
                               double *sine)
{
    qsti_rotor rotor = {pauli, ref_below(rng, 2) == 1, cosine, sine};
    half[0] = ref_uniform(rng, -4, 4);
    for (size_t lane = 0; lane < t->lanes; lane++) {
        half[lane] = rotor.per_lane ? ref_uniform(rng, -4, 4) : half[0];
        cosine[lane] = rotor.per_lane || lane == 0 ? cos(half[lane]) : NAN;
        sine[lane] = rotor.per_lane || lane == 0 ? sin(half[lane]) : NAN;
    }
    return rotor;
}

/* --- sines and cosines -------------------------------------------------------------------------------------------- */

/* Angles of every size, and near the zeros of sine and cosine. */
static double angle_of_kind(size_t kind, ref_rng *rng)
{
    const double sign = ref_below(rng, 2) ? 1 : -1;
    switch (kind) {
    case 0:
        return ref_uniform(rng, -7, 7);
    case 1:
        return ref_uniform(rng, -1e5, 1e5);
    case 2:
        return (double)ref_below(rng, 60000) * (SIM_PI / 2) * (1 + ref_uniform(rng, -1e-12, 1e-12));
    case 3:
        return sign * (double)ref_below(rng, 60000) * (SIM_PI / 2);
    case 4:
        return sign * exp2(ref_uniform(rng, -1074, 1023));
    case 5:
        return sign * ref_uniform(rng, 0.99999e5, 1.00001e5);
    default:
        return sign * (double[]){0, 1e5, SIM_PI / 4, 0x1p-1074}[ref_below(rng, 4)];
    }
}

/* |actual - expected| in units in the last place of expected. */
static double units(double actual, long double expected)
{
    double near = (double)expected, unit = nextafter(fabs(near), INFINITY) - fabs(near);
    return (double)fabsl((long double)actual - expected) / unit;
}

/* Against the C library in long double, and each place of a line on its own: its neighbours do not matter. */
static void sines_and_cosines(void **state)
{
    (void)state;
    ref_rng rng = {13};
    const qsti_kernels *tables[2] = {qsti_kernels_double(), qsti_kernels_single()};
    for (size_t i = 0; i < 40000; i++) {
        double angles[16], sine[16], cosine[16], alone[8] = {0}, lone_sine[8], lone_cosine[8];
        const qsti_kernels *kernels = tables[i % 2];
        for (size_t j = 0; j < 16; j++)
            angles[j] = angle_of_kind(i % 3 ? i % 7 : ref_below(&rng, 7), &rng);
        kernels->sincos(angles, 16, sine, cosine);
        for (size_t j = 0; j < 16; j++) {
            sim_assert_within(units(sine[j], sinl(angles[j])), 3, "sin(%a)", angles[j]);
            sim_assert_within(units(cosine[j], cosl(angles[j])), 3, "cos(%a)", angles[j]);
        }
        double kept[16], in_place[16];
        memcpy(kept, angles, sizeof kept);
        kernels->sincos(angles, 16, in_place, angles);
        assert_memory_equal(in_place, sine, sizeof sine);
        assert_memory_equal(angles, cosine, sizeof cosine);
        memcpy(angles, kept, sizeof kept);
        size_t j = ref_below(&rng, 16);
        alone[j % 8] = angles[j];
        kernels->sincos(alone, 8, lone_sine, lone_cosine);
        assert_memory_equal(&lone_sine[j % 8], &sine[j], sizeof(double));
        assert_memory_equal(&lone_cosine[j % 8], &cosine[j], sizeof(double));
    }
}

/* --- rotations ---------------------------------------------------------------------------------------------------- */

static void check_forward(const table *t, size_t dim, qsti_mask pauli, ref_rng *rng)
{
    twin psi = twin_create(t, dim, rng);
    double half[MAX_LANES], cosine[MAX_LANES], sine[MAX_LANES];
    qsti_rotor rotor = random_rotor(t, pauli, rng, half, cosine, sine);
    (pauli.x == 0 ? t->kernels->phase : t->kernels->rotate)(psi.state, dim, &rotor);
    naive_rotate(pauli, dim, t->lanes, half, psi.value);
    sim_assert_within(twin_distance(t, &psi, dim), 8 * t->epsilon, "dim %zu, x %u, z %u, per lane %d", dim, pauli.x,
                      pauli.z, rotor.per_lane);
    twin_free(&psi);
}

static void check_backward(const table *t, size_t dim, qsti_mask pauli, ref_rng *rng)
{
    twin psi = twin_create(t, dim, rng), lambda = twin_create(t, dim, rng);
    double half[MAX_LANES], cosine[MAX_LANES], sine[MAX_LANES], gradient[MAX_LANES], expected[MAX_LANES];
    qsti_rotor rotor = random_rotor(t, pauli, rng, half, cosine, sine);
    for (size_t lane = 0; lane < t->lanes; lane++) {
        gradient[lane] = NAN;
        expected[lane] = cimag(naive_overlap(pauli, dim, t->lanes, lane, lambda.value, psi.value));
        half[lane] = -half[lane];
    }
    naive_rotate(pauli, dim, t->lanes, half, psi.value);
    naive_rotate(pauli, dim, t->lanes, half, lambda.value);
    (pauli.x == 0 ? t->kernels->unphase : t->kernels->unrotate)(psi.state, lambda.state, dim, &rotor, gradient);
    sim_assert_within(twin_distance(t, &psi, dim), 8 * t->epsilon, "psi, dim %zu, x %u, z %u", dim, pauli.x, pauli.z);
    sim_assert_within(twin_distance(t, &lambda, dim), 8 * t->epsilon, "lambda, dim %zu, x %u, z %u", dim, pauli.x,
                      pauli.z);
    sim_assert_within(sim_distance(gradient, expected, t->lanes), 4 * t->epsilon * (double)dim,
                      "gradient, dim %zu, x %u, z %u", dim, pauli.x, pauli.z);
    twin_free(&psi);
    twin_free(&lambda);
}

static void rotate_and_phase(void **state)
{
    (void)state;
    table tables[2] = {double_table(), single_table()};
    for (size_t i = 0; i < 2; i++) {
        for_each_pauli(&tables[i], false, check_forward);
        for_each_pauli(&tables[i], true, check_forward);
    }
}

static void unrotate_and_unphase(void **state)
{
    (void)state;
    table tables[2] = {double_table(), single_table()};
    for (size_t i = 0; i < 2; i++) {
        for_each_pauli(&tables[i], false, check_backward);
        for_each_pauli(&tables[i], true, check_backward);
    }
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

static void check_tables(const table *t, size_t dim)
{
    ref_rng rng = {dim};
    twin psi = twin_create(t, dim, &rng), lambda = twin_create(t, dim, &rng);
    double cosine[MAX_DIM], sine[MAX_DIM], sums[MAX_DIM], expected[MAX_DIM];
    for (size_t p = 0; p < dim; p++) {
        double angle = ref_uniform(&rng, -4, 4);
        cosine[p] = cos(angle);
        sine[p] = sin(angle);
        for (size_t lane = 0; lane < t->lanes; lane++)
            psi.value[p * t->lanes + lane] *= cosine[p] - I * sine[p];
    }
    t->kernels->table(psi.state, dim, cosine, sine);
    sim_assert_within(twin_distance(t, &psi, dim), 8 * t->epsilon, "table, dim %zu", dim);
    for (size_t p = 0; p < dim; p++) {
        expected[p] = 0;
        for (size_t lane = 0; lane < t->lanes; lane++) {
            size_t at = p * t->lanes + lane;
            expected[p] += cimag(conj(lambda.value[at]) * psi.value[at]);
            psi.value[at] *= cosine[p] + I * sine[p];
            lambda.value[at] *= cosine[p] + I * sine[p];
        }
    }
    t->kernels->untable(psi.state, lambda.state, dim, cosine, sine, sums);
    sim_assert_within(twin_distance(t, &psi, dim), 16 * t->epsilon, "psi, dim %zu", dim);
    sim_assert_within(twin_distance(t, &lambda, dim), 8 * t->epsilon, "lambda, dim %zu", dim);
    sim_assert_within(sim_distance(sums, expected, dim), 64 * t->epsilon, "sums, dim %zu", dim);
    twin_free(&psi);
    twin_free(&lambda);
}

static void tables_and_back(void **state)
{
    (void)state;
    table tables[2] = {double_table(), single_table()};
    for (size_t i = 0; i < 2; i++)
        for (size_t dim = 2; dim <= MAX_DIM; dim *= 2)
            check_tables(&tables[i], dim);
}

/* --- outputs ------------------------------------------------------------------------------------------------------ */

/* probabilities, walsh and weigh: lines are doubles in either precision, and so is the arithmetic on them. */
static void check_lines(const table *t, size_t dim)
{
    ref_rng rng = {dim + 1};
    size_t n = dim * t->lanes;
    twin psi = twin_create(t, dim, &rng), lambda = twin_create(t, dim, &rng);
    double *lines = sim_allocate(n, sizeof *lines), *expected = sim_allocate(n, sizeof *expected);
    for (size_t i = 0; i < n; i++)
        expected[i] = creal(psi.value[i] * conj(psi.value[i]));
    t->kernels->probabilities(psi.state, dim, lines);
    sim_assert_within(sim_distance(lines, expected, n), 1e-15, "probabilities, dim %zu", dim);

    for (size_t i = 0; i < n; i++)
        expected[i] = 0;
    for (size_t z = 0; z < dim; z++)
        for (size_t p = 0; p < dim; p++)
            for (size_t lane = 0; lane < t->lanes; lane++)
                expected[z * t->lanes + lane] += sign_of(p, z) * lines[p * t->lanes + lane];
    t->kernels->walsh(lines, dim);
    sim_assert_within(sim_distance(lines, expected, n), 4e-15 * (double)dim, "walsh, dim %zu", dim);

    for (size_t i = 0; i < n; i++) {
        lines[i] = coarse(&rng);
        lambda.value[i] = lines[i] * psi.value[i];
    }
    t->kernels->weigh(psi.state, dim, lines, lambda.state);
    sim_assert_within(twin_distance(t, &lambda, dim), 2 * t->epsilon, "weigh, dim %zu", dim);
    sim_assert_within(twin_distance(t, &psi, dim), 0, "psi is left alone, dim %zu", dim);
    free(lines);
    free(expected);
    twin_free(&psi);
    twin_free(&lambda);
}

static void probabilities_walsh_and_weigh(void **state)
{
    (void)state;
    table tables[2] = {double_table(), single_table()};
    for (size_t i = 0; i < 2; i++)
        for (size_t dim = 2; dim <= MAX_DIM; dim *= 2)
            check_lines(&tables[i], dim);
}

static void check_observable(const table *t, size_t dim, qsti_mask pauli, ref_rng *rng)
{
    twin psi = twin_create(t, dim, rng), lambda = twin_create(t, dim, rng);
    double value[MAX_LANES], expected[MAX_LANES], weight[MAX_LANES];
    for (size_t lane = 0; lane < t->lanes; lane++) {
        ref_complex image[MAX_DIM];
        value[lane] = NAN;
        weight[lane] = coarse(rng);
        expected[lane] = creal(naive_overlap(pauli, dim, t->lanes, lane, psi.value, psi.value));
        naive_pauli(pauli, dim, t->lanes, lane, psi.value, image);
        for (size_t p = 0; p < dim; p++)
            lambda.value[p * t->lanes + lane] += weight[lane] * image[p];
    }
    t->kernels->pauli_value(psi.state, dim, pauli, value);
    sim_assert_within(sim_distance(value, expected, t->lanes), 4 * t->epsilon * (double)dim,
                      "value, dim %zu, x %u, z %u", dim, pauli.x, pauli.z);
    t->kernels->pauli_add(psi.state, dim, pauli, weight, lambda.state);
    sim_assert_within(twin_distance(t, &lambda, dim), 8 * t->epsilon, "add, dim %zu, x %u, z %u", dim, pauli.x,
                      pauli.z);
    sim_assert_within(twin_distance(t, &psi, dim), 0, "psi is left alone, dim %zu", dim);
    twin_free(&psi);
    twin_free(&lambda);
}

static void pauli_values_and_sums(void **state)
{
    (void)state;
    table tables[2] = {double_table(), single_table()};
    for (size_t i = 0; i < 2; i++) {
        for_each_pauli(&tables[i], false, check_observable);
        for_each_pauli(&tables[i], true, check_observable);
    }
}

/* --- lanes -------------------------------------------------------------------------------------------------------- */

static void check_moves(const table *t)
{
    ref_rng rng = {3};
    size_t dim = 8;
    twin psi = twin_create(t, dim, &rng);
    double re[8], im[8];
    assert_int_equal(t->lanes * (t->single ? sizeof(float) : sizeof(double)), QSTI_LINE_BYTES);
    assert_int_equal(t->amplitude_bytes, 2 * QSTI_LINE_BYTES);
    for (size_t lane = 0; lane < t->lanes; lane++) {
        t->kernels->get_lane(psi.state, dim, lane, re, im);
        for (size_t p = 0; p < dim; p++) {
            assert_close(cabs(re[p] + I * im[p] - psi.value[p * t->lanes + lane]), 0, 0);
            re[p] = coarse(&rng);
            psi.value[p * t->lanes + lane] = re[p];
        }
        t->kernels->set_lane(psi.state, dim, lane, re);
        sim_assert_within(twin_distance(t, &psi, dim), 0, "lane %zu set", lane);
    }
    twin_free(&psi);
}

static void lanes_in_and_out(void **state)
{
    (void)state;
    table tables[2] = {double_table(), single_table()};
    check_moves(&tables[0]);
    check_moves(&tables[1]);
}

/* --- which table -------------------------------------------------------------------------------------------------- */

/* The table that runs is the one asked for, or the best when the processor lacks that. */
static void instruction_set_in_use(void **state)
{
    (void)state;
    const char *forced = getenv("QSTILL_ISA"), *used = qst_isa_name();
    print_message("instruction set: %s\n", used);
    if (forced == NULL || qsti_isa_forced_wrongly() != NULL)
        assert_true(strcmp(used, "baseline") == 0 || strcmp(used, "avx2") == 0 || strcmp(used, "avx512") == 0);
    else
        assert_string_equal(used, forced);
}

static void unknown_instruction_set_is_ignored(void **state)
{
    (void)state;
    const char *forced = getenv("QSTILL_ISA");
    char *kept = forced ? strdup(forced) : NULL;
    assert_int_equal(unsetenv("QSTILL_ISA"), 0);
    char *best = strdup(qst_isa_name());
    assert_null(qsti_isa_forced_wrongly());
    assert_int_equal(setenv("QSTILL_ISA", "avx9", 1), 0);
    assert_string_equal(qst_isa_name(), best);
    assert_string_equal(qsti_isa_forced_wrongly(), "avx9");
    assert_int_equal(setenv("QSTILL_ISA", "", 1), 0);
    assert_null(qsti_isa_forced_wrongly());
    assert_int_equal(setenv("QSTILL_ISA", "baseline", 1), 0);
    assert_string_equal(qst_isa_name(), "baseline");
    assert_null(qsti_isa_forced_wrongly());
    assert_int_equal(kept ? setenv("QSTILL_ISA", kept, 1) : unsetenv("QSTILL_ISA"), 0);
    free(kept);
    free(best);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instruction_set_in_use),
        cmocka_unit_test(sines_and_cosines),
        cmocka_unit_test(rotate_and_phase),
        cmocka_unit_test(unrotate_and_unphase),
        cmocka_unit_test(tables_and_back),
        cmocka_unit_test(probabilities_walsh_and_weigh),
        cmocka_unit_test(pauli_values_and_sums),
        cmocka_unit_test(lanes_in_and_out),
        cmocka_unit_test(unknown_instruction_set_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

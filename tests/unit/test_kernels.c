/* test_kernels.c: gates on tiles, diagonal rotations and tables, forward and backward, on every table of kernels that
 * the processor has, against a few lines of naive code. The other kernels: test_kernel_lines.c.
 *
 * States are written and read through the layout that kernels.h promises, not through the kernels. Random numbers have
 * 24 bits, so that both precisions hold them exactly. */
#include <qstill/simulate.h>

#include "kernel_cases.h"
#include "kernels/isa.h"

#define MAX_DIM 512

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

/* --- sines and cosines -------------------------------------------------------------------------------------------- */

/* Angles of every size, and near the zeros of sine and cosine. */
static double angle_of_kind(size_t kind, uint64_t *seed)
{
    const double sign = kernel_below(seed, 2) ? 1 : -1, quarter = acos(-1.0) / 2;
    switch (kind) {
    case 0:
        return kernel_uniform(seed, -7, 7);
    case 1:
        return kernel_uniform(seed, -1e5, 1e5);
    case 2:
        return (double)kernel_below(seed, 60000) * quarter * (1 + kernel_uniform(seed, -1e-12, 1e-12));
    case 3:
        return sign * (double)kernel_below(seed, 60000) * quarter;
    case 4:
        return sign * exp2(kernel_uniform(seed, -1074, 1023));
    case 5:
        return sign * kernel_uniform(seed, 0.99999e5, 1.00001e5);
    default:
        return sign * (double[]){0, 1e5, quarter / 2, 0x1p-1074}[kernel_below(seed, 4)];
    }
}

/* |actual - expected| in units in the last place of expected. */
static double units(double actual, long double expected)
{
    double near = (double)expected, unit = nextafter(fabs(near), INFINITY) - fabs(near);
    return (double)fabsl((long double)actual - expected) / unit;
}

/* Against the C library in long double, and each place of a line on its own: its neighbours do not matter. */
static void check_sines(kernel_table *t)
{
    uint64_t seed = 13;
    for (size_t i = 0; i < 8000; i++) {
        double angles[16], sine[16], cosine[16], alone[8] = {0}, lone_sine[8], lone_cosine[8];
        for (size_t j = 0; j < 16; j++)
            angles[j] = angle_of_kind(i % 3 ? i % 7 : kernel_below(&seed, 7), &seed);
        t->kernels->sincos(angles, 16, sine, cosine);
        for (size_t j = 0; j < 16; j++) {
            assert_within(t, units(sine[j], sinl(angles[j])), 3, "sin(%a)", angles[j]);
            assert_within(t, units(cosine[j], cosl(angles[j])), 3, "cos(%a)", angles[j]);
        }
        kernel_record(t, sine, sizeof sine);
        kernel_record(t, cosine, sizeof cosine);
        double kept[16], in_place[16];
        memcpy(kept, angles, sizeof kept);
        t->kernels->sincos(angles, 16, in_place, angles);
        assert_memory_equal(in_place, sine, sizeof sine);
        assert_memory_equal(angles, cosine, sizeof cosine);
        memcpy(angles, kept, sizeof kept);
        size_t j = kernel_below(&seed, 16);
        alone[j % 8] = angles[j];
        t->kernels->sincos(alone, 8, lone_sine, lone_cosine);
        assert_memory_equal(&lone_sine[j % 8], &sine[j], sizeof(double));
        assert_memory_equal(&lone_cosine[j % 8], &cosine[j], sizeof(double));
    }
}

static void sines_and_cosines(void **state)
{
    (void)state;
    kernel_each_table(check_sines);
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

/* A tile with what the naive code needs: the matrix of gate g in each lane, and which line is line j of coset c. */
typedef struct tile_case {
    qsti_form form;
    qsti_tile tile;
    uint32_t *bases;
    void *lines[QSTI_MAX_TILE], *turn;
    double complex a[QSTI_MAX_TILE][MAX_LANES], b[QSTI_MAX_TILE][MAX_LANES]; /* [a -b*; b a*] */
} tile_case;

/* Cosets of `n_gates` random independent masks in random order, each based on a random one of its lines. */
static void random_cosets(tile_case *out, size_t dim, size_t n_gates, uint64_t *seed)
{
    size_t n = 1;
    out->tile.offset[0] = 0;
    while (n < (size_t)1 << n_gates) {
        uint32_t x = (uint32_t)kernel_below(seed, dim);
        bool inside = false;
        for (size_t j = 0; j < n; j++)
            inside |= out->tile.offset[j] == x;
        for (size_t j = 0; j < n && !inside; j++)
            out->tile.offset[n + j] = out->tile.offset[j] ^ x;
        n = inside ? n : 2 * n;
    }
    bool *seen = calloc(dim, sizeof *seen);
    assert_non_null(seen);
    out->bases = malloc(dim * sizeof *out->bases);
    assert_non_null(out->bases);
    out->tile.n_bases = 0;
    for (uint32_t p = 0; p < dim; p++) {
        if (seen[p])
            continue;
        for (size_t j = 0; j < n; j++)
            seen[p ^ out->tile.offset[j]] = true;
        size_t at = kernel_below(seed, ++out->tile.n_bases);
        out->bases[out->tile.n_bases - 1] = out->bases[at];
        out->bases[at] = p ^ out->tile.offset[kernel_below(seed, n)];
    }
    out->tile.bases = out->bases;
    free(seen);
}

/* Angles of all kinds: anything, 0, pi, and within rounding of pi, where a gate's diagonal is as good as 0. */
static double random_half(uint64_t *seed)
{
    switch (kernel_below(seed, 8)) {
    case 0:
        return 0;
    case 1:
        return acos(-1.0) / 2;
    case 2:
        return acos(-1.0) / 2 + exp2(kernel_uniform(seed, -50, -5));
    default:
        return kernel_uniform(seed, -4, 4);
    }
}

static void random_gate(const kernel_table *t, tile_case *out, size_t g, uint64_t *seed)
{
    double part[4] = {0}, half = 0, alpha = 0, beta = 0;
    bool per_lane = kernel_below(seed, 2) == 1, exact = kernel_below(seed, 6) == 0;
    for (size_t lane = 0; lane < t->lanes; lane++) {
        if (lane == 0 || per_lane) {
            half = random_half(seed);
            alpha = kernel_uniform(seed, -4, 4);
            beta = kernel_uniform(seed, -4, 4);
        }
        double c = exact ? 0 : kernel_round(t, cos(half)), s = kernel_round(t, exact ? 1 : sin(half));
        part[0] = out->form == QSTI_FORM_GENERAL ? kernel_round(t, c * cos(alpha)) : c;
        part[1] = out->form == QSTI_FORM_GENERAL ? kernel_round(t, c * sin(alpha)) : s;
        part[2] = kernel_round(t, s * cos(beta));
        part[3] = kernel_round(t, s * sin(beta));
        for (size_t i = 0; i < qsti_form_lines(out->form); i++)
            lines_put(t, out->lines[g], i, lane, part[i]);
        out->a[g][lane] = out->form == QSTI_FORM_GENERAL ? complex_of(part[0], part[1]) : c;
        out->b[g][lane] = out->form == QSTI_FORM_GENERAL ? complex_of(part[2], part[3])
                          : out->form == QSTI_FORM_Y     ? complex_of(s, 0)
                                                         : complex_of(0, -s);
    }
}

static tile_case random_tile(const kernel_table *t, qsti_form form, size_t n_gates, size_t dim, uint64_t *seed)
{
    tile_case out = {.form = form, .tile.n_gates = n_gates};
    random_cosets(&out, dim, n_gates, seed);
    for (size_t g = 0; g < n_gates; g++) {
        out.lines[g] = lines_allocate(t, qsti_form_lines(form));
        out.tile.coefficients[g] = out.lines[g];
        random_gate(t, &out, g, seed);
    }
    out.turn = lines_allocate(t, QSTI_TURN_LINES);
    t->kernels->prepare[form][n_gates - 1](out.tile.coefficients, out.turn);
    return out;
}

static void tile_free(tile_case *of)
{
    free(of->bases);
    free(of->turn);
    for (size_t g = 0; g < of->tile.n_gates; g++)
        free(of->lines[g]);
}

/* One of a tile's pairs in one lane: gate g's line with bit clear. */
typedef void pair_function(void *user, size_t g, size_t lane, size_t p0, size_t p1);

static void each_pair(const kernel_table *t, const tile_case *of, size_t g, pair_function *function, void *user)
{
    for (size_t c = 0; c < of->tile.n_bases; c++)
        for (size_t j = 0; j < (size_t)1 << of->tile.n_gates; j++)
            for (size_t lane = 0; lane < t->lanes && !(j >> g & 1); lane++)
                function(user, g, lane, of->bases[c] ^ of->tile.offset[j],
                         of->bases[c] ^ of->tile.offset[j | (size_t)1 << g]);
}

/* What each_pair() works on. */
typedef struct naive_gate {
    const kernel_table *table;
    const tile_case *tile;
    bool inverse;
    double complex *psi;
    const double complex *lambda;
    double *sums;
} naive_gate;

static void naive_turn(void *user, size_t g, size_t lane, size_t p0, size_t p1)
{
    const naive_gate *to = user;
    double complex *first = &to->psi[p0 * to->table->lanes + lane], *second = &to->psi[p1 * to->table->lanes + lane];
    double complex s0 = *first, s1 = *second, a = to->tile->a[g][lane], b = to->tile->b[g][lane];
    if (to->inverse) {
        *first = conj(a) * s0 + conj(b) * s1;
        *second = -b * s0 + a * s1;
    } else {
        *first = a * s0 - conj(b) * s1;
        *second = b * s0 + conj(a) * s1;
    }
}

static void naive_triple(void *user, size_t g, size_t lane, size_t p0, size_t p1)
{
    const naive_gate *to = user;
    size_t lanes = to->table->lanes, n = qsti_form_sums(to->tile->form);
    double complex s0 = to->psi[p0 * lanes + lane], s1 = to->psi[p1 * lanes + lane];
    double complex l0 = conj(to->lambda[p0 * lanes + lane]), l1 = conj(to->lambda[p1 * lanes + lane]);
    double xyz[3] = {cimag(l0 * s1 + l1 * s0), cimag(l0 * -I * s1 + l1 * I * s0), cimag(l0 * s0 - l1 * s1)};
    for (size_t i = 0; i < n; i++)
        to->sums[(g * n + i) * lanes + lane] += xyz[n == 3 ? i : to->tile->form == QSTI_FORM_Y];
}

static void naive_tile(const kernel_table *t, const tile_case *of, bool inverse, double complex *psi)
{
    naive_gate user = {.table = t, .tile = of, .inverse = inverse, .psi = psi};
    for (size_t g = 0; g < of->tile.n_gates; g++)
        each_pair(t, of, g, naive_turn, &user);
}

/* The same on the first n cosets alone: one line in, another out, and in place. */
static void check_tile(kernel_table *t, const tile_case *of, size_t dim, uint64_t *seed)
{
    twin in = twin_random(t, dim, seed), out = twin_random(t, dim, seed), same = twin_copy(t, &in);
    naive_tile(t, of, false, same.value);
    for (size_t c = 0; c < of->tile.n_bases; c++)
        for (size_t j = 0; j < (size_t)1 << of->tile.n_gates; j++) {
            size_t p = of->bases[c] ^ of->tile.offset[j];
            memcpy(out.value + p * t->lanes, same.value + p * t->lanes, t->lanes * sizeof *out.value);
        }
    size_t k = of->tile.n_gates - 1;
    t->kernels->tile[of->form][k](in.state, out.state, &of->tile);
    t->kernels->tile[of->form][k](same.state, same.state, &of->tile);
    const char *what = "form %d, %zu gates, %zu cosets of dim %zu, %s";
    assert_within(t, twin_distance(t, &in), 0, what, of->form, k + 1, of->tile.n_bases, dim, "in");
    assert_within(t, twin_distance(t, &out), 16 * t->epsilon, what, of->form, k + 1, of->tile.n_bases, dim, "out");
    assert_within(t, twin_distance(t, &same), 16 * t->epsilon, what, of->form, k + 1, of->tile.n_bases, dim, "same");
    twin_free(&in);
    twin_free(&out);
    twin_free(&same);
}

/* Where psi_out goes. */
typedef enum way_back { PSI_LEFT, PSI_ELSEWHERE, PSI_IN_PLACE, WAYS_BACK } way_back;

static void check_untile(kernel_table *t, const tile_case *of, size_t dim, way_back way, uint64_t *seed)
{
    size_t n_gates = of->tile.n_gates, n_sums = n_gates * qsti_form_sums(of->form) * t->lanes;
    twin psi = twin_random(t, dim, seed), lambda = twin_random(t, dim, seed), psi_out = twin_copy(t, &psi);
    double sums[3 * 3 * MAX_LANES], expected[3 * 3 * MAX_LANES];
    for (size_t i = 0; i < n_sums; i++)
        sums[i] = expected[i] = kernel_coarse(seed);
    naive_gate user = {.table = t, .tile = of, .psi = psi.value, .lambda = lambda.value, .sums = expected};
    for (size_t g = 0; g < n_gates; g++)
        each_pair(t, of, g, naive_triple, &user);
    naive_tile(t, of, true, lambda.value);
    if (way == PSI_ELSEWHERE)
        naive_tile(t, of, true, psi_out.value);
    if (way == PSI_IN_PLACE)
        naive_tile(t, of, true, psi.value);
    void *to = way == PSI_LEFT ? NULL : way == PSI_ELSEWHERE ? psi_out.state : psi.state;
    t->kernels->untile[of->form][n_gates - 1](psi.state, to, lambda.state, &of->tile, sums);
    kernel_record(t, sums, n_sums * sizeof *sums);
    const char *what = "%s, form %d, %zu gates, %zu cosets of dim %zu, way %d";
    double bound = 16 * t->epsilon, sum_bound = 2 * t->epsilon * (double)(of->tile.n_bases << n_gates);
    assert_within(t, kernel_distance(sums, expected, n_sums), sum_bound, what, "sums", of->form, n_gates,
                  of->tile.n_bases, dim, way);
    assert_within(t, twin_distance(t, &lambda), bound, what, "lambda", of->form, n_gates, of->tile.n_bases, dim, way);
    assert_within(t, twin_distance(t, &psi), bound, what, "psi", of->form, n_gates, of->tile.n_bases, dim, way);
    assert_within(t, twin_distance(t, &psi_out), bound, what, "out", of->form, n_gates, of->tile.n_bases, dim, way);
    twin_free(&psi);
    twin_free(&psi_out);
    twin_free(&lambda);
}

/* All cosets, and only the first few, as a segment has them; prepared, and not: then without coefficients. */
static void check_tiles_of(kernel_table *t, qsti_form form, size_t n_gates, size_t dim, uint64_t *seed)
{
    tile_case tile = random_tile(t, form, n_gates, dim, seed);
    size_t all = tile.tile.n_bases, counts[4] = {all, all < 3 ? all : 3, 1 + kernel_below(seed, all), all};
    for (size_t i = 0; i < 4; i++) {
        tile.tile.n_bases = counts[i];
        tile.tile.turn = i % 2 == 1 ? tile.turn : NULL;
        for (size_t g = 0; g < n_gates; g++)
            tile.tile.coefficients[g] = i % 2 == 1 ? NULL : tile.lines[g];
        check_tile(t, &tile, dim, seed);
        check_untile(t, &tile, dim, (way_back)kernel_below(seed, WAYS_BACK), seed);
    }
    tile_free(&tile);
}

static void check_tiles(kernel_table *t)
{
    uint64_t seed = 7;
    for (qsti_form form = 0; form < QSTI_FORMS; form++) {
        for (size_t n_gates = 1; n_gates <= QSTI_MAX_TILE; n_gates++) {
            bool there = t->parts == 2 || form == QSTI_FORM_Y;
            assert_true((t->kernels->tile[form][n_gates - 1] != NULL) == there);
            assert_true((t->kernels->untile[form][n_gates - 1] != NULL) == there);
            assert_true((t->kernels->prepare[form][n_gates - 1] != NULL) == there);
            for (size_t dim = (size_t)1 << n_gates; dim <= MAX_DIM && there; dim *= 2)
                for (size_t i = 0; i < (dim <= 64 ? 6 : 2); i++)
                    check_tiles_of(t, form, n_gates, dim, &seed);
        }
    }
}

static void gates_on_tiles(void **state)
{
    (void)state;
    kernel_each_table(check_tiles);
}

/* --- diagonal rotations ------------------------------------------------------------------------------------------- */

/* What multiplies amplitude p in a lane. Of real amplitudes a rotation by a multiple of pi is known up to a phase. */
static double complex factor_of(const kernel_table *t, double half, double sign)
{
    return t->parts == 2 ? complex_of(cos(half), -sign * sin(half)) : complex_of(cos(half) + sign * sin(half), 0);
}

static void check_phase(kernel_table *t, size_t dim, uint32_t z, bool per_lane, way_back way, uint64_t *seed)
{
    twin psi = twin_random(t, dim, seed), lambda = twin_random(t, dim, seed), out = twin_random(t, dim, seed);
    double half[MAX_LANES], cosine[MAX_LANES], sine[MAX_LANES], gradient[MAX_LANES], expected[MAX_LANES] = {0};
    for (size_t lane = 0; lane < t->lanes; lane++) {
        double turn = t->parts == 2 ? kernel_uniform(seed, -4, 4) : (double)kernel_below(seed, 4) * acos(-1.0) / 2;
        half[lane] = lane == 0 || per_lane ? turn : half[0];
        cosine[lane] = lane == 0 || per_lane ? cos(half[lane]) : NAN;
        sine[lane] = lane == 0 || per_lane ? sin(half[lane]) : NAN;
    }
    const qsti_rotor rotor = {.pauli.z = z, .per_lane = per_lane, .cosine = cosine, .sine = sine};
    memcpy(out.value, psi.value, dim * t->lanes * sizeof *psi.value);
    for (size_t i = 0; i < dim * t->lanes; i++)
        out.value[i] *= factor_of(t, half[i % t->lanes], kernel_sign(i / t->lanes, z));
    t->kernels->phase(psi.state, out.state, dim, &rotor);
    assert_within(t, twin_distance(t, &psi), 0, "psi, dim %zu, z %u", dim, z);
    assert_within(t, twin_distance(t, &out), 8 * t->epsilon, "phase, dim %zu, z %u, per lane %d", dim, z, per_lane);
    for (size_t i = 0; i < dim * t->lanes; i++) {
        double sign = kernel_sign(i / t->lanes, z);
        double complex factor = conj(factor_of(t, half[i % t->lanes], sign));
        expected[i % t->lanes] += sign * cimag(conj(lambda.value[i]) * out.value[i]);
        lambda.value[i] *= factor;
        psi.value[i] = out.value[i] * factor;
        out.value[i] = way == PSI_IN_PLACE ? psi.value[i] : out.value[i];
    }
    void *to = way == PSI_LEFT ? NULL : way == PSI_ELSEWHERE ? psi.state : out.state;
    t->kernels->unphase(out.state, to, lambda.state, dim, &rotor, gradient);
    kernel_record(t, gradient, t->lanes * sizeof *gradient);
    assert_within(t, kernel_distance(gradient, expected, t->lanes), 4 * t->epsilon * (double)dim,
                  "gradient, dim %zu, z %u", dim, z);
    assert_within(t, twin_distance(t, &lambda), 8 * t->epsilon, "lambda, dim %zu, z %u", dim, z);
    assert_within(t, twin_distance(t, &out), 16 * t->epsilon, "psi behind, dim %zu, z %u", dim, z);
    assert_within(t, twin_distance(t, &psi), 16 * t->epsilon, "psi before, dim %zu, z %u", dim, z);
    twin_free(&psi);
    twin_free(&out);
    twin_free(&lambda);
}

static void check_phases(kernel_table *t)
{
    uint64_t seed = 5;
    for (size_t dim = 2; dim <= MAX_DIM; dim *= 2) {
        for (size_t i = 0; i < 12; i++) {
            uint32_t z = (uint32_t)(dim <= 8 ? i % dim : kernel_below(&seed, dim));
            check_phase(t, dim, z, i % 2 == 1, (way_back)(i % WAYS_BACK), &seed);
        }
    }
}

static void phases_and_back(void **state)
{
    (void)state;
    kernel_each_table(check_phases);
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

/* A merged run of diagonal rotations, in place and elsewhere; `per_lane`: its table is of lines. */
static void check_table(kernel_table *t, size_t n, bool per_lane, way_back way, uint64_t *seed)
{
    size_t lanes = t->lanes, n_entries = per_lane ? n * lanes : n;
    twin psi = twin_random(t, n, seed), lambda = twin_random(t, n, seed), out = twin_random(t, n, seed);
    double *cosine = calloc(n_entries, sizeof *cosine), *sine = calloc(n_entries, sizeof *sine);
    double *sums = calloc(n_entries, sizeof *sums), *expected = calloc(n_entries, sizeof *expected);
    assert_true(cosine && sine && sums && expected);
    for (size_t i = 0; i < n_entries; i++) {
        double half = kernel_uniform(seed, -4, 4);
        cosine[i] = t->parts == 2 ? cos(half) : kernel_sign(kernel_below(seed, 2), 1);
        sine[i] = t->parts == 2 ? sin(half) : NAN;
    }
    for (size_t i = 0; i < n * lanes; i++) {
        size_t entry = per_lane ? i : i / lanes;
        double complex factor = complex_of(cosine[entry], t->parts == 2 ? -sine[entry] : 0);
        out.value[i] = psi.value[i] * factor;
        expected[entry] += cimag(conj(lambda.value[i]) * out.value[i]);
        lambda.value[i] *= conj(factor);
    }
    (per_lane ? t->kernels->lane_table : t->kernels->table)(psi.state, out.state, n, cosine, sine);
    assert_within(t, twin_distance(t, &psi), 0, "in, %zu lines", n);
    assert_within(t, twin_distance(t, &out), 8 * t->epsilon, "table, %zu lines, per lane %d", n, per_lane);
    if (way == PSI_IN_PLACE)
        memcpy(out.value, psi.value, n * lanes * sizeof *psi.value);
    void *to = way == PSI_LEFT ? NULL : way == PSI_ELSEWHERE ? psi.state : out.state;
    (per_lane ? t->kernels->lane_untable : t->kernels->untable)(out.state, to, lambda.state, n, cosine, sine, sums);
    kernel_record(t, sums, n_entries * sizeof *sums);
    assert_within(t, kernel_distance(sums, expected, n_entries), 64 * t->epsilon, "sums, %zu lines, %d", n, per_lane);
    assert_within(t, twin_distance(t, &lambda), 8 * t->epsilon, "lambda, %zu lines, per lane %d", n, per_lane);
    assert_within(t, twin_distance(t, &out), 16 * t->epsilon, "psi behind, %zu lines, per lane %d", n, per_lane);
    assert_within(t, twin_distance(t, &psi), 16 * t->epsilon, "psi before, %zu lines, per lane %d", n, per_lane);
    free(cosine);
    free(sine);
    free(sums);
    free(expected);
    twin_free(&psi);
    twin_free(&out);
    twin_free(&lambda);
}

static void check_tables(kernel_table *t)
{
    uint64_t seed = 6;
    for (size_t n = 1; n <= 40; n++)
        for (size_t way = 0; way < 2 * WAYS_BACK; way++)
            check_table(t, n, way % 2 == 1, (way_back)(way / 2), &seed);
    check_table(t, MAX_DIM, false, PSI_LEFT, &seed);
    check_table(t, MAX_DIM, true, PSI_IN_PLACE, &seed);
}

static void tables_and_back(void **state)
{
    (void)state;
    kernel_each_table(check_tables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instruction_set_in_use), cmocka_unit_test(unknown_instruction_set_is_ignored),
        cmocka_unit_test(sines_and_cosines),      cmocka_unit_test(gates_on_tiles),
        cmocka_unit_test(phases_and_back),        cmocka_unit_test(tables_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

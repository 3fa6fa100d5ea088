/* test_program.c: moves that become bookkeeping, what costs nothing; and the law of the backward sweep, seen from
 * inside. What circuits compile to is in test_fuse.c, test_tile.c, test_cone.c and test_describe.c, memory in
 * test_program_memory.c. */
#include "sim/frame.h"

#include "property/sim_case.h"

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

/* --- moves -------------------------------------------------------------------------------------------------------- */

/* Adds a random CX, SWAP or X and does the same to the bits of an index. */
static size_t add_move(sim_builder *to, size_t n, size_t index, ref_rng *rng)
{
    size_t a = ref_below(rng, n), b = (a + 1 + ref_below(rng, n - 1)) % n, bit_a = index >> a & 1,
           bit_b = index >> b & 1;
    switch (ref_below(rng, 3)) {
    case 0:
        sim_add(to, QST_GATE_cx, (size_t[]){a, b}, NULL);
        return index ^ bit_a << b;
    case 1:
        sim_add(to, QST_GATE_swap, (size_t[]){a, b}, NULL);
        return (index & ~((size_t)1 << a) & ~((size_t)1 << b)) | bit_a << b | bit_b << a;
    default:
        sim_add(to, QST_GATE_x, &a, NULL);
        return index ^ (size_t)1 << a;
    }
}

/* CX, SWAP and X alone: no pass, and each basis state goes where the bits go. */
static void moves_touch_no_data(void **state)
{
    qst_ctx *ctx = *state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        ref_rng rng = {seed};
        size_t n = 2 + seed % 7, index = (size_t)ref_u64(&rng) & (((size_t)1 << n) - 1), moved = index;
        double bits[8], probabilities[256];
        for (size_t q = 0; q < n; q++)
            bits[q] = (double)(index >> q & 1);
        sim_builder to = sim_begin(ctx, n, n, 0, QST_PREPARE_BASIS);
        for (size_t i = 0; i < 3 * n; i++)
            moved = add_move(&to, n, moved, &rng);
        sim_case of = sim_open(ctx, sim_finish(&to), sim_words(ctx, n, "probabilities", 0), QST_DOUBLE);
        assert_int_equal(of.program->n_passes, 0);
        assert_ok(ctx, qst_program_forward(of.program, NULL, (qst_const_matrix){bits, 1, n},
                                           (qst_matrix){probabilities, 1, of.n_outputs}));
        for (size_t i = 0; i < of.n_outputs; i++)
            sim_assert_within(fabs(probabilities[i] - (i == moved)), 0, "seed %llu, basis state %zu",
                              (unsigned long long)seed, i);
        double complex amplitudes[256];
        assert_ok(ctx, qst_program_state(of.program, NULL, bits, amplitudes));
        assert_true(amplitudes[moved] == 1);
        sim_close(&of);
    }
}

/* row and column are inverse to each other after any moves: X on q flips the logical bit q and no other. */
static void frame_stays_inverse(void **state)
{
    (void)state;
    ref_rng rng = {9};
    qsti_frame frame;
    const size_t n = 11;
    qsti_frame_init(&frame, n);
    for (size_t i = 0; i < 1000; i++) {
        size_t a = ref_below(&rng, n), b = (a + 1 + ref_below(&rng, n - 1)) % n;
        if (i % 3 == 0)
            qsti_frame_swap(&frame, a, b);
        else if (i % 3 == 1)
            qsti_frame_cx(&frame, a, b);
        else
            qsti_frame_x(&frame, a);
        uint32_t p = (uint32_t)ref_below(&rng, (size_t)1 << n), logical = qsti_frame_logical(&frame, n, p);
        for (size_t q = 0; q < n; q++)
            assert_int_equal(qsti_frame_logical(&frame, n, p ^ frame.column[q]), logical ^ 1U << q);
    }
}

/* Angles that are 0 for good cost nothing; nor does what is diagonal on |0...0>. */
static void nothing_for_nothing(void **state)
{
    qst_ctx *ctx = *state;
    sim_builder to = sim_begin(ctx, 2, 1, 1, QST_PREPARE_ZERO);
    sim_add_fixed(&to, QST_GATE_id, (size_t[]){0}, NULL);
    sim_add_fixed(&to, QST_GATE_u0, (size_t[]){0}, (double[]){3});
    sim_add(&to, QST_GATE_gphase, NULL, &QST_ANGLE({1, QST_WEIGHT(0), QST_FEATURE(0)}));
    sim_add(&to, QST_GATE_rx, (size_t[]){0}, &(qst_angle){NULL, 0});
    sim_add_fixed(&to, QST_GATE_rz, (size_t[]){1}, (double[]){0});
    sim_add(&to, QST_GATE_rzz, (size_t[]){0, 1}, &QST_ANGLE({1, QST_WEIGHT(0), QST_ONE}));
    sim_add_fixed(&to, QST_GATE_swap, (size_t[]){0, 1}, NULL);
    sim_add(&to, QST_GATE_p, (size_t[]){1}, &QST_ANGLE({1, QST_FEATURE(0), QST_ONE}));
    sim_case of = sim_open(ctx, sim_finish(&to), sim_words(ctx, 2, "x", 0), QST_DOUBLE);
    assert_int_equal(of.program->n_rotations, 0);
    assert_int_equal(of.program->n_passes, 0);
    sim_run run = sim_draw(&of, 3, 1);
    sim_assert_within(sim_state_error(&of, &run), 1e-15, "phases");
    sim_run_free(&run);
    sim_close(&of);
}

static void walsh_transform(void **state)
{
    (void)state;
    ref_rng rng = {4};
    for (size_t dim = 1; dim <= 64; dim *= 2) {
        double values[64], expected[64] = {0};
        ref_fill(&rng, -1, 1, values, dim);
        for (size_t z = 0; z < dim; z++)
            for (size_t p = 0; p < dim; p++)
                expected[z] += (__builtin_popcountll(p & z) % 2 ? -1 : 1) * values[p];
        qsti_walsh(values, dim);
        assert_close(sim_distance(values, expected, dim), 0, 1e-14);
    }
}

/* QSTILL_ISA that this processor does not have: a warning, and the best there is. */
static void unknown_instruction_set_warns(void **state)
{
    qst_ctx *ctx = *state;
    const char *forced = getenv("QSTILL_ISA"), *const *warnings = NULL;
    char *kept = forced ? strdup(forced) : NULL;
    size_t before = qsti_ctx_warnings(ctx, &warnings);
    assert_int_equal(setenv("QSTILL_ISA", "avx9", 1), 0);
    sim_builder to = sim_begin(ctx, 1, 0, 0, QST_PREPARE_ZERO);
    sim_case of = sim_open(ctx, sim_finish(&to), sim_words(ctx, 1, "z", 0), QST_DOUBLE);
    assert_int_equal(kept ? setenv("QSTILL_ISA", kept, 1) : unsetenv("QSTILL_ISA"), 0);
    assert_int_equal(qsti_ctx_warnings(ctx, &warnings), before + 1);
    assert_non_null(strstr(warnings[before], "QSTILL_ISA=avx9 is not an instruction set of this processor"));
    free(kept);
    sim_close(&of);
}

/* --- the backward sweep ------------------------------------------------------------------------------------------- */

/* One block forward and back, between the two lambda of one lane set to 0 where `spoil`; how far <lambda|psi> is from
 * sum_k c_k o_k where the sweep ends. */
static double meet(const sim_case *of, uint64_t seed, bool spoil)
{
    qst_program *program = of->program;
    size_t lanes = program->kernels->lanes;
    double *sums = sim_allocate(program->n_sum_lines * lanes, sizeof *sums);
    double *zeros = sim_allocate(program->dim, sizeof *zeros);
    sim_run run = sim_draw(of, seed, lanes);
    assert_ok(of->ctx, qsti_program_reserve(program, 1, true, 0));
    qsti_scratch *scratch = &program->scratch[0];
    scratch->worst = 0;
    qsti_program_bind(program, run.weights, QSTI_NO_SHIFT);
    qsti_program_load(program, sim_x(of, &run), 0, scratch);
    qsti_program_bind_lanes(program, run.weights, QSTI_NO_SHIFT, scratch);
    const void *psi = qsti_program_run(program, scratch);
    qsti_program_values(program, psi, scratch);
    for (size_t k = 0; k < program->n_outputs; k++)
        for (size_t lane = 0; lane < lanes; lane++)
            scratch->cotangents[k * lanes + lane] = run.cotangent[lane * program->n_outputs + k];
    qsti_program_seed(program, psi, scratch);
    if (spoil)
        program->kernels->set_lane(scratch->lambda, program->dim, lanes - 1, zeros);
    qsti_program_unrun(program, run.weights, true, sums, run.out_weights, scratch);
    sim_run_free(&run);
    free(zeros);
    free(sums);
    return scratch->worst;
}

static void sweeps_meet(void **state)
{
    qst_ctx *ctx = *state;
    const unsigned off[] = {0, QST_OPTIMIZE_KEEP, QST_OPTIMIZE_START | QST_OPTIMIZE_FUSE, QST_OPTIMIZE_ALL};
    for (uint64_t seed = 0; seed < 60; seed++) {
        size_t n = 1 + seed % 5;
        qst_precision precision = seed % 4 == 3 ? QST_SINGLE : QST_DOUBLE;
        qst_preparation preparation = (qst_preparation)(seed / 2 % 3);
        qst_circuit *circuit = NULL;
        assert_ok(ctx, ref_random_prepared_circuit(ctx, seed, preparation, n, n, 3, 16, &circuit));
        sim_case of = sim_open(ctx, circuit, sim_readout(ctx, seed % SIM_READOUTS, n, seed), precision);
        for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
            sim_recompile(&of, &(qst_compile_opts){.precision = precision, .optimize_off = off[i]});
            sim_assert_within(meet(&of, seed, false), precision == QST_SINGLE ? 3e-5 : 1e-13, "seed %llu, off %#x",
                              (unsigned long long)seed, off[i]);
        }
        sim_close(&of);
    }
}

/* Sweeps that do not meet are noticed. */
static void distance_is_seen(void **state)
{
    qst_ctx *ctx = *state;
    for (int preparation = QST_PREPARE_ZERO; preparation <= QST_PREPARE_BASIS; preparation++) {
        qst_circuit *circuit = NULL;
        assert_ok(ctx, ref_random_prepared_circuit(ctx, 3, (qst_preparation)preparation, 3, 3, 3, 16, &circuit));
        sim_case of = sim_open(ctx, circuit, sim_words(ctx, 3, "probabilities", 0), QST_DOUBLE);
        assert_true(meet(&of, 1, true) > 1e-3);
        assert_true(meet(&of, 1, false) < 1e-13);
        sim_close(&of);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(moves_touch_no_data, open_ctx, close_ctx),
        cmocka_unit_test(frame_stays_inverse),
        cmocka_unit_test_setup_teardown(nothing_for_nothing, open_ctx, close_ctx),
        cmocka_unit_test(walsh_transform),
        cmocka_unit_test_setup_teardown(unknown_instruction_set_warns, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(sweeps_meet, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(distance_is_seen, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

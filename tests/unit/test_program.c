/* test_program.c: what circuits compile to: moves that become bookkeeping, diagonal runs that merge; and the laws of
 * the backward sweep, seen from inside. Memory is in test_program_memory.c. */
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

/* CX, SWAP and X alone: no instruction, and each basis state goes where the bits go. */
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
        assert_int_equal(of.program->n_instructions, 0);
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

/* --- runs --------------------------------------------------------------------------------------------------------- */

static size_t count_of(const qst_program *program, qsti_instruction_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < program->n_instructions; i++)
        n += program->instructions[i].kind == kind;
    return n;
}

static void assert_instructions(const qst_program *program, size_t n_tables, size_t n_phases, size_t n_rotates)
{
    assert_int_equal(count_of(program, QSTI_RUN_TABLE), n_tables);
    assert_int_equal(count_of(program, QSTI_RUN_PHASE), n_phases);
    assert_int_equal(count_of(program, QSTI_RUN_ROTATE), n_rotates);
    assert_int_equal(program->n_tables, n_tables);
}

/* A run with shared and per-lane diagonal rotations, and moves between them. */
static sim_case diagonal_run(qst_ctx *ctx, size_t n)
{
    sim_builder to = sim_begin(ctx, n, 2, 3, QST_PREPARE_ZERO);
    for (size_t q = 0; q < n; q++)
        sim_add_fixed(&to, QST_GATE_h, &q, NULL);
    sim_add(&to, QST_GATE_rz, (size_t[]){0}, &QST_ANGLE({1, QST_WEIGHT(0), QST_ONE}));
    sim_add(&to, QST_GATE_rz, (size_t[]){1}, &QST_ANGLE({2, QST_FEATURE(0), QST_ONE}));
    sim_add(&to, QST_GATE_cx, (size_t[]){0, 1}, NULL);
    sim_add(&to, QST_GATE_rzz, (size_t[]){0, 2}, &QST_ANGLE({3, QST_WEIGHT(1), QST_WEIGHT(0)}));
    sim_add(&to, QST_GATE_cp, (size_t[]){1, 2}, &QST_ANGLE({4, QST_WEIGHT(2), QST_ONE}));
    sim_add(&to, QST_GATE_x, (size_t[]){1}, NULL);
    sim_add(&to, QST_GATE_rz, (size_t[]){1}, &QST_ANGLE({5, QST_FEATURE(1), QST_WEIGHT(2)}));
    sim_add_fixed(&to, QST_GATE_t, (size_t[]){1}, NULL);
    for (size_t q = 0; q < n; q++)
        sim_add_fixed(&to, QST_GATE_h, &q, NULL);
    return sim_open(ctx, sim_finish(&to), sim_words(ctx, n, "z", 0), QST_DOUBLE);
}

/* Six shared rotations become one table; the per-lane ones stand behind it, each sort in its order. */
static void diagonal_runs_merge(void **state)
{
    sim_case of = diagonal_run(*state, 3);
    const qst_program *program = of.program;
    assert_instructions(program, 1, 2, 6);
    const qsti_instruction *table = &program->instructions[3];
    assert_int_equal(table->kind, QSTI_RUN_TABLE);
    assert_int_equal(table->count, 6);
    const double coefficients[8] = {1, 3, 2, 2, -2, SIM_PI / 4, 2, 5};
    for (size_t i = 0; i < 8; i++) {
        const qsti_rotation *rotation = &program->rotations[table->first + i];
        assert_close(fabs(program->terms[rotation->terms.first].coefficient), fabs(coefficients[i]), 1e-15);
        assert_int_equal(rotation->per_lane, i >= 6);
        assert_int_equal(rotation->pauli.x, 0);
    }
    sim_run run = sim_draw(&of, 1, 1);
    sim_assert_within(sim_state_error(&of, &run), 1e-14, "merged run");
    sim_run_free(&run);
    sim_close(&of);
}

/* Above QSTI_TABLE_MAX_QUBITS the same rotations are applied one by one. */
static void wide_circuits_have_no_tables(void **state)
{
    sim_case narrow = diagonal_run(*state, QSTI_TABLE_MAX_QUBITS),
             wide = diagonal_run(*state, QSTI_TABLE_MAX_QUBITS + 1);
    assert_instructions(narrow.program, 1, 2, 2 * QSTI_TABLE_MAX_QUBITS);
    assert_instructions(wide.program, 0, 8, 2 * QSTI_TABLE_MAX_QUBITS + 2);
    sim_run run = sim_draw(&wide, 1, 1);
    sim_assert_within(sim_state_error(&wide, &run), 1e-13, "wide run");
    sim_run_free(&run);
    sim_close(&narrow);
    sim_close(&wide);
}

/* Tables take no more than QSTI_TABLE_BYTES in all; what is left over is applied one by one. */
static void tables_are_bounded(void **state)
{
    qst_ctx *ctx = *state;
    const size_t n = QSTI_TABLE_MAX_QUBITS, most = QSTI_TABLE_BYTES / (2 * sizeof(double) << n), n_layers = most + 3;
    sim_builder to = sim_begin(ctx, n, 0, 2, QST_PREPARE_ZERO);
    for (size_t layer = 0; layer < n_layers; layer++) {
        size_t a = layer % n, b = (layer + 1) % n;
        sim_add(&to, QST_GATE_rx, &a, &QST_ANGLE({1, QST_WEIGHT(0), QST_ONE}));
        sim_add(&to, QST_GATE_rz, &a, &QST_ANGLE({1, QST_WEIGHT(1), QST_ONE}));
        sim_add(&to, QST_GATE_rz, &b, &QST_ANGLE({0.5, QST_WEIGHT(1), QST_ONE}));
    }
    sim_case of = sim_open(ctx, sim_finish(&to), sim_words(ctx, n, "z", 0), QST_DOUBLE);
    assert_instructions(of.program, most, 6, n_layers);
    sim_run run = sim_draw(&of, 2, 1);
    sim_assert_within(sim_state_error(&of, &run), 1e-13, "bounded tables");
    sim_run_free(&run);
    sim_close(&of);
}

/* Angles that are 0 for good cost nothing; a lone diagonal rotation needs no table. */
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
    sim_case of = sim_open(ctx, sim_finish(&to), sim_words(ctx, 2, "z", 0), QST_DOUBLE);
    assert_instructions(of.program, 0, 1, 0);
    sim_run run = sim_draw(&of, 3, 1);
    sim_assert_within(sim_state_error(&of, &run), 1e-15, "gphase");
    sim_run_free(&run);
    sim_close(&of);
}

/* Two commuting diagonal runs with a rotation about X between them do not merge. */
static void rotation_ends_a_run(void **state)
{
    qst_ctx *ctx = *state;
    sim_builder to = sim_begin(ctx, 2, 0, 0, QST_PREPARE_ZERO);
    for (size_t i = 0; i < 3; i++) {
        sim_add_fixed(&to, QST_GATE_cz, (size_t[]){0, 1}, NULL);
        sim_add_fixed(&to, QST_GATE_rxx, (size_t[]){0, 1}, (double[]){0.5});
    }
    sim_case of = sim_open(ctx, sim_finish(&to), sim_words(ctx, 2, "z", 0), QST_DOUBLE);
    assert_instructions(of.program, 3, 0, 3);
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
    sim_case of = diagonal_run(ctx, 3);
    assert_int_equal(kept ? setenv("QSTILL_ISA", kept, 1) : unsetenv("QSTILL_ISA"), 0);
    assert_int_equal(qsti_ctx_warnings(ctx, &warnings), before + 1);
    assert_non_null(strstr(warnings[before], "QSTILL_ISA=avx9 is not an instruction set of this processor"));
    free(kept);
    sim_close(&of);
}

/* --- the backward sweep ------------------------------------------------------------------------------------------- */

/* <lambda|psi> of one lane. */
static double complex overlap(const qst_program *program, const qsti_scratch *scratch, size_t lane)
{
    const qsti_kernels *kernels = program->kernels;
    double complex sum = 0;
    for (size_t p = 0; p < program->dim; p++) {
        double a[2], b[2];
        kernels->get_lane((char *)scratch->lambda + p * kernels->amplitude_bytes, 1, lane, &a[0], &a[1]);
        kernels->get_lane((char *)scratch->psi + p * kernels->amplitude_bytes, 1, lane, &b[0], &b[1]);
        sum += (a[0] - I * a[1]) * (b[0] + I * b[1]);
    }
    return sum;
}

/* Fills the scratch of a program with a forward run of `run` and the seed of lambda; one block. */
static qsti_scratch *start_backward(const sim_case *of, const sim_run *run)
{
    qst_program *program = of->program;
    size_t lanes = program->kernels->lanes;
    assert_ok(of->ctx, qsti_program_reserve(program, 1, true));
    qsti_scratch *scratch = &program->scratch[0];
    qsti_program_bind(program, run->weights, QSTI_NO_SHIFT);
    qsti_program_load(program, sim_x(of, run), 0, scratch);
    qsti_program_bind_lanes(program, run->weights, QSTI_NO_SHIFT, scratch);
    qsti_program_run(program, scratch);
    qsti_program_values(program, scratch);
    for (size_t k = 0; k < program->n_outputs; k++)
        for (size_t lane = 0; lane < lanes; lane++)
            scratch->cotangents[k * lanes + lane] = run->cotangent[lane * program->n_outputs + k];
    qsti_program_seed(program, scratch);
    return scratch;
}

/* <lambda|psi> = sum_k c_k o_k, real, before the sweep and after every prefix of it: the sweep over the last i
 * instructions is that of a program whose first ones are hidden. Then psi is back at its start. */
static void check_overlap(const sim_case *of, uint64_t seed, double tolerance)
{
    qst_program *program = of->program;
    size_t lanes = program->kernels->lanes, n_instructions = program->n_instructions, n_hidden = 0;
    qsti_instruction *instructions = program->instructions;
    sim_run run = sim_draw(of, seed, lanes);
    for (;;) {
        qsti_scratch *scratch = start_backward(of, &run);
        program->instructions = instructions + n_hidden;
        program->n_instructions = n_instructions - n_hidden;
        scratch->worst = 0;
        qsti_program_unrun(program, run.weights, run.out_weights, true, scratch);
        program->instructions = instructions;
        program->n_instructions = n_instructions;
        for (size_t lane = 0; lane < lanes; lane++) {
            double expected = 0;
            for (size_t k = 0; k < of->n_outputs; k++)
                expected += run.cotangent[lane * of->n_outputs + k] * scratch->values[k * lanes + lane];
            sim_assert_within(cabs(overlap(program, scratch, lane) - expected), tolerance,
                              "seed %llu, %zu of %zu instructions hidden, lane %zu", (unsigned long long)seed, n_hidden,
                              n_instructions, lane);
        }
        if (n_hidden == 0)
            sim_assert_within(scratch->worst, tolerance, "seed %llu: back at the start", (unsigned long long)seed);
        if (n_hidden == n_instructions)
            break;
        n_hidden = n_hidden + 5 < n_instructions ? n_hidden + 5 : n_instructions;
    }
    sim_run_free(&run);
}

static void overlap_is_constant(void **state)
{
    qst_ctx *ctx = *state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        size_t n = 1 + seed % 5, preparation = seed / 2 % 3;
        bool single = seed % 4 == 3;
        qst_circuit *circuit = NULL;
        assert_ok(ctx, ref_random_prepared_circuit(ctx, seed, (qst_preparation)preparation, n, n, 3, 16, &circuit));
        sim_case of =
            sim_open(ctx, circuit, sim_readout(ctx, seed % SIM_READOUTS, n, seed), single ? QST_SINGLE : QST_DOUBLE);
        check_overlap(&of, seed, single ? 3e-5 : 1e-13);
        sim_close(&of);
    }
}

/* A state that does not come back is noticed. */
static void distance_from_the_start_is_seen(void **state)
{
    qst_ctx *ctx = *state;
    for (int preparation = QST_PREPARE_ZERO; preparation <= QST_PREPARE_BASIS; preparation++) {
        qst_circuit *circuit = NULL;
        assert_ok(ctx, ref_random_prepared_circuit(ctx, 3, (qst_preparation)preparation, 3, 3, 3, 16, &circuit));
        sim_case of = sim_open(ctx, circuit, sim_words(ctx, 3, "z", 0), QST_DOUBLE);
        sim_run run = sim_draw(&of, 1, of.program->kernels->lanes);
        qsti_scratch *scratch = start_backward(&of, &run);
        double zeros[8] = {0};
        of.program->kernels->set_lane(scratch->psi, of.program->dim, of.program->kernels->lanes - 1, zeros);
        scratch->worst = 0;
        qsti_program_unrun(of.program, run.weights, run.out_weights, false, scratch);
        assert_close(scratch->worst, 1, 1e-12);
        sim_run_free(&run);
        sim_close(&of);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(moves_touch_no_data, open_ctx, close_ctx),
        cmocka_unit_test(frame_stays_inverse),
        cmocka_unit_test_setup_teardown(diagonal_runs_merge, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(wide_circuits_have_no_tables, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(tables_are_bounded, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(nothing_for_nothing, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(rotation_ends_a_run, open_ctx, close_ctx),
        cmocka_unit_test(walsh_transform),
        cmocka_unit_test_setup_teardown(unknown_instruction_set_warns, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(overlap_is_constant, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(distance_from_the_start_is_seen, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_batches.c: bits that may not depend on company: a sample's results are the same alone and in any batch, whether
 * cotangents are there before or made on the way, and for any number of threads. */
#include "sim/program.h"

#include "sim_case.h"

static int open_ctx(void **state)
{
    *state = support_ctx(2);
    return 0;
}

static int close_ctx(void **state)
{
    qst_ctx_free(*state);
    return 0;
}

/* Circuits of all gates, preparations, outputs and both precisions, by seed. */
static sim_case seeded_case(qst_ctx *ctx, uint64_t seed)
{
    size_t n = 1 + seed % 6;
    qst_preparation preparation = (qst_preparation)(seed / 2 % 3);
    qst_circuit *circuit = NULL;
    assert_ok(ctx, ref_random_prepared_circuit(ctx, seed, preparation, n, n, 4, 24, &circuit));
    return sim_open(ctx, circuit, sim_readout(ctx, seed % SIM_READOUTS, n, seed),
                    seed % 3 == 2 ? QST_SINGLE : QST_DOUBLE);
}

/* --- one sample --------------------------------------------------------------------------------------------------- */

/* Row `row` of the batch alone: the same values, the same input gradient, and the weight gradient of a batch in which
 * only this row has a cotangent. */
static void check_row(const sim_case *of, const sim_run *batch, size_t row, uint64_t seed)
{
    size_t d = of->n_features, n_outputs = of->n_outputs;
    sim_run alone = sim_draw(of, seed, 1), masked = sim_draw(of, seed, batch->n_rows);
    memcpy(alone.x, batch->x + row * d, d * sizeof(double));
    memcpy(alone.cotangent, batch->cotangent + row * n_outputs, n_outputs * sizeof(double));
    memcpy(masked.x, batch->x, batch->n_rows * d * sizeof(double));
    for (size_t i = 0; i < batch->n_rows * n_outputs; i++)
        masked.cotangent[i] *= i / n_outputs == row ? 1 : 0;
    sim_vjp(of, &alone);
    sim_vjp(of, &masked);
    assert_memory_equal(alone.values, batch->values + row * n_outputs, n_outputs * sizeof(double));
    assert_memory_equal(alone.out_x, batch->out_x + row * d, d * sizeof(double));
    sim_assert_within(sim_distance(alone.out_weights, masked.out_weights, of->n_weights), 0,
                      "seed %llu, row %zu of %zu", (unsigned long long)seed, row, batch->n_rows);
    sim_run_free(&alone);
    sim_run_free(&masked);
}

/* The sum over rows alone, within the rounding of its order. */
static void check_sum(const sim_case *of, const sim_run *batch, uint64_t seed)
{
    bool single = of->program->opts.precision == QST_SINGLE;
    double *sum = sim_allocate(of->n_weights, sizeof *sum);
    for (size_t row = 0; row < batch->n_rows; row++) {
        sim_run alone = sim_draw(of, seed, 1);
        memcpy(alone.x, batch->x + row * of->n_features, of->n_features * sizeof(double));
        memcpy(alone.cotangent, batch->cotangent + row * of->n_outputs, of->n_outputs * sizeof(double));
        sim_vjp(of, &alone);
        for (size_t w = 0; w < of->n_weights; w++)
            sum[w] += alone.out_weights[w];
        sim_run_free(&alone);
    }
    sim_assert_within(sim_relative_distance(batch->out_weights, sum, of->n_weights), single ? 1e-5 : 1e-13,
                      "seed %llu, sum over %zu rows", (unsigned long long)seed, batch->n_rows);
    free(sum);
}

/* In every fourth row angles so large that they take another way to their sines. */
static void enlarge_rows(const sim_case *of, sim_run *run)
{
    for (size_t i = 0; i < run->n_rows * of->n_features && of->preparation == QST_PREPARE_ZERO; i++)
        run->x[i] *= i / of->n_features % 4 == 3 ? 1e6 : 1;
}

/* B = 1..2 lanes + 1. */
static void batches_are_their_samples(void **state)
{
    for (uint64_t seed = 0; seed < 24; seed++) {
        sim_case of = seeded_case(*state, seed);
        size_t most = 2 * of.program->kernels->lanes + 1;
        for (size_t n_rows = 1; n_rows <= most; n_rows++) {
            sim_run batch = sim_draw(&of, seed, n_rows);
            enlarge_rows(&of, &batch);
            sim_vjp(&of, &batch);
            for (size_t row = 0; row < n_rows; row++)
                check_row(&of, &batch, row, seed);
            check_sum(&of, &batch, seed);
            sim_run forward = sim_draw(&of, seed, n_rows);
            enlarge_rows(&of, &forward);
            sim_forward(&of, &forward);
            assert_memory_equal(forward.values, batch.values, n_rows * of.n_outputs * sizeof(double));
            sim_run_free(&forward);
            sim_run_free(&batch);
        }
        sim_close(&of);
    }
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

/* A step whose cotangents are made block by block: the bits of a vjp, and sums over all rows, once each. */
static void check_step(const sim_case *of, uint64_t seed, size_t n_rows)
{
    sim_run run = sim_draw(of, seed, n_rows), step = sim_draw(of, seed, n_rows);
    double sums[SIM_SUMS], expected = 0;
    size_t lanes = of->program->kernels->lanes, n_blocks = (n_rows + lanes - 1) / lanes;
    sim_vjp(of, &run);
    sim_step(of, &step, sums);
    assert_memory_equal(run.values, step.values, n_rows * of->n_outputs * sizeof(double));
    assert_memory_equal(run.out_weights, step.out_weights, of->n_weights * sizeof(double));
    assert_memory_equal(run.out_x, step.out_x, n_rows * of->n_features * sizeof(double));
    for (size_t i = 0; i < n_rows * of->n_outputs; i++)
        expected += run.cotangent[i] * run.values[i];
    assert_true(sums[0] == (double)(n_rows * of->n_outputs));
    assert_close(sums[1], expected, 1e-12 * (double)(n_rows * of->n_outputs));
    assert_true(sums[2] == (double)n_blocks);
    sim_run_free(&run);
    sim_run_free(&step);
}

static void steps_have_the_bits_of_a_vjp(void **state)
{
    const size_t n_rows[] = {1, 40, 3, 17, 8, 64, 16, 5};
    for (uint64_t seed = 0; seed < 24; seed++) {
        sim_case of = seeded_case(*state, seed);
        for (size_t i = 0; i < sizeof n_rows / sizeof *n_rows; i++)
            check_step(&of, seed, n_rows[i]);
        sim_close(&of);
    }
}

/* --- threads ------------------------------------------------------------------------------------------------------ */

static const int n_threads[] = {1, 2, 3, 7};

/* A circuit with so many weights that the sum over blocks, too, is spread over threads. */
static sim_case many_weights(qst_ctx *ctx)
{
    const size_t n_weights = 3000;
    sim_builder to = sim_begin(ctx, 2, 1, n_weights, QST_PREPARE_ZERO);
    for (size_t w = 0; w < n_weights; w++) {
        sim_add(&to, w % 2 ? QST_GATE_ry : QST_GATE_rx, (size_t[]){w % 2},
                &QST_ANGLE({1, QST_WEIGHT(w), QST_FEATURE(0)}));
        if (w % 7 == 0)
            sim_add(&to, QST_GATE_cx, (size_t[]){0, 1}, NULL);
    }
    return sim_open(ctx, sim_finish(&to), sim_words(ctx, 2, "z zz", 0), QST_DOUBLE);
}

/* Everything a training step computes, in one array of numbers. */
static double *step_of(int threads, uint64_t seed, bool in_blocks, size_t *out_n)
{
    qst_ctx *ctx = support_ctx(threads);
    sim_case of = seed == 999 ? many_weights(ctx) : seeded_case(ctx, seed);
    sim_run run = sim_draw(&of, seed, 19 * of.program->kernels->lanes - 3);
    enlarge_rows(&of, &run);
    double sums[SIM_SUMS] = {0};
    if (in_blocks)
        sim_step(&of, &run, sums);
    else
        sim_vjp(&of, &run);
    size_t n_values = run.n_rows * of.n_outputs, n_x = run.n_rows * of.n_features;
    *out_n = n_values + of.n_weights + n_x + SIM_SUMS;
    double *all = sim_allocate(*out_n, sizeof *all);
    memcpy(all, run.values, n_values * sizeof *all);
    memcpy(all + n_values, run.out_weights, of.n_weights * sizeof *all);
    memcpy(all + n_values + of.n_weights, run.out_x, n_x * sizeof *all);
    memcpy(all + n_values + of.n_weights + n_x, sums, sizeof sums);
    sim_run_free(&run);
    sim_close(&of);
    qst_ctx_free(ctx);
    return all;
}

static void check_threads(uint64_t seed)
{
    for (int in_blocks = 0; in_blocks < 2; in_blocks++) {
        size_t n = 0, n_other = 0;
        double *one = step_of(1, seed, in_blocks, &n);
        for (size_t i = 0; i < sizeof n_threads / sizeof *n_threads; i++) {
            double *other = step_of(n_threads[i], seed, in_blocks, &n_other);
            assert_int_equal(n, n_other);
            assert_memory_equal(one, other, n * sizeof *one);
            free(other);
        }
        free(one);
    }
}

static void threads_do_not_matter(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 24; seed++)
        check_threads(seed);
    check_threads(999);
}

/* --- instruction sets --------------------------------------------------------------------------------------------- */

/* lanes.c promises the same bits wherever there is a fused multiply-add. */
static void fused_instruction_sets_agree(void **state)
{
    (void)state;
    const char *forced = getenv("QSTILL_ISA");
    char *kept = forced ? strdup(forced) : NULL;
    setenv("QSTILL_ISA", "avx512", 1);
    bool has_both = strcmp(qst_isa_name(), "avx512") == 0;
    for (uint64_t seed = 0; seed < 24 && has_both; seed++) {
        size_t n = 0, n_other = 0;
        setenv("QSTILL_ISA", "avx512", 1);
        double *wide = step_of(1, seed, false, &n);
        setenv("QSTILL_ISA", "avx2", 1);
        double *narrow = step_of(1, seed, false, &n_other);
        assert_int_equal(n, n_other);
        assert_memory_equal(wide, narrow, n * sizeof *wide);
        free(wide);
        free(narrow);
    }
    assert_int_equal(kept ? setenv("QSTILL_ISA", kept, 1) : unsetenv("QSTILL_ISA"), 0);
    free(kept);
    if (!has_both)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(batches_are_their_samples, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(steps_have_the_bits_of_a_vjp, open_ctx, close_ctx),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(fused_instruction_sets_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

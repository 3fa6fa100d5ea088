/* test_program_memory.c: what programs allocate: nothing in repeated steps, nothing that leaks when memory runs out,
 * nothing beyond the machine. */
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "sim/program.h"

#include "property/sim_case.h"

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

static sim_case random_case(qst_ctx *ctx, uint64_t seed, size_t n_qubits, qst_precision precision)
{
    qst_circuit *circuit = NULL;
    assert_ok(ctx, ref_random_circuit(ctx, seed, n_qubits, 3, 4, 20, &circuit));
    return sim_open(ctx, circuit, sim_readout(ctx, seed % SIM_READOUTS, n_qubits, seed), precision);
}

/* A training step refuses shapes that do not fit. */
static void steps_check_shapes(void **state)
{
    qst_ctx *ctx = *state;
    sim_case of = random_case(ctx, 1, 3, QST_DOUBLE);
    sim_run run = sim_draw(&of, 1, 4);
    sim_step_work work = {&of, &run};
    qst_const_matrix x = sim_x(&of, &run);
    qst_matrix out_x = sim_out_x(&of, &run);
    double sums[SIM_SUMS] = {5, 6, 7};
    out_x.n_cols++;
    assert_status(
        ctx,
        qst_program_step(of.program, run.weights, x, sim_step_block, &work, SIM_SUMS, sums, run.out_weights, out_x),
        QST_ERR_MISMATCH);
    assert_message(ctx, "out_x has shape (4, 4): (4, 3) is needed");
    out_x.n_cols--;
    x.n_cols++;
    assert_status(
        ctx,
        qst_program_step(of.program, run.weights, x, sim_step_block, &work, SIM_SUMS, sums, run.out_weights, out_x),
        QST_ERR_MISMATCH);
    assert_true(sums[0] == 5 && sums[1] == 6 && sums[2] == 7);
    sim_run_free(&run);
    sim_close(&of);
}

/* --- no allocation ------------------------------------------------------------------------------------------------ */

static void every_call(const sim_case *of, sim_run *run)
{
    double complex amplitudes[64];
    double sums[SIM_SUMS];
    sim_forward(of, run);
    sim_vjp(of, run);
    sim_shift(of, run, true);
    assert_ok(of->ctx, qst_program_state(of->program, run->weights, run->x, amplitudes));
    sim_step(of, run, sums);
}

/* After the largest batch has been seen once, no call allocates. */
static void repeated_calls_allocate_nothing(void **state)
{
    qst_ctx *ctx = *state;
    sim_case of = random_case(ctx, 6, 5, QST_DOUBLE);
    sim_run largest = sim_draw(&of, 1, 50), smaller = sim_draw(&of, 2, 13);
    every_call(&of, &largest);
    uint64_t before = qsti_ctx_allocations(ctx);
    for (size_t i = 0; i < 3; i++) {
        every_call(&of, &smaller);
        every_call(&of, &largest);
    }
    assert_int_equal(qsti_ctx_allocations(ctx), before);
    sim_run_free(&largest);
    sim_run_free(&smaller);
    sim_close(&of);
}

/* --- memory that runs out ----------------------------------------------------------------------------------------- */

/* Numbers that need no allocation of the context. */
typedef struct numbers {
    double weights[4], x[60], cotangent[60], values[60], out_weights[4], out_x[60], sums[SIM_SUMS];
} numbers;

static numbers some_numbers(void)
{
    numbers out;
    ref_rng rng = {77};
    ref_fill(&rng, -1, 1, out.weights, 4);
    ref_fill(&rng, -1, 1, out.x, 60);
    ref_fill(&rng, -1, 1, out.cotangent, 60);
    return out;
}

/* Every call on 20 samples of a program with 3 features and 3 outputs; stops at the first failure. */
static qst_status all_calls(qst_program *program, numbers *n)
{
    qst_status status = QST_OK;
    double complex amplitudes[8];
    qst_const_matrix x = {n->x, 20, 3}, cotangent = {n->cotangent, 20, 3};
    qst_matrix values = {n->values, 20, 3}, out_x = {n->out_x, 20, 3};
    sim_case of = {.n_outputs = 3};
    sim_run run = {.cotangent = n->cotangent, .values = n->values};
    sim_step_work work = {&of, &run};
    QSTI_TRY(qst_program_state(program, n->weights, n->x, amplitudes));
    QSTI_TRY(qst_program_forward(program, n->weights, x, values));
    QSTI_TRY(qst_program_parameter_shift(program, n->weights, x, cotangent, n->out_weights, out_x));
    QSTI_TRY(qst_program_vjp(program, n->weights, x, cotangent, n->out_weights, out_x, values));
    QSTI_TRY(qst_program_step(program, n->weights, x, sim_step_block, &work, SIM_SUMS, n->sums, n->out_weights, out_x));
done:
    return status;
}

/* Sixty gates of all kinds on 3 qubits; three outputs, diagonal and not, or grouped probabilities. */
static qst_status build(qst_ctx *ctx, bool probabilities, qst_circuit **circuit, qst_readout **readout)
{
    const char *words[] = {"0.5*ZZI - 1.5*IXY", "ZII", "XYX"};
    qst_status status = ref_random_circuit(ctx, 8, 3, 3, 4, 60, circuit);
    if (status == QST_OK && probabilities)
        status = qst_readout_parse(ctx, 3, (const char *[]){"grouped"}, 1, 3, readout);
    else if (status == QST_OK)
        status = qst_readout_parse(ctx, 3, words, 3, 0, readout);
    return status;
}

static qst_status compile_and_run(qst_ctx *ctx, void *arg)
{
    qst_status status = QST_OK;
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    qst_program *program = NULL;
    numbers n = some_numbers();
    QSTI_TRY(build(ctx, *(const bool *)arg, &circuit, &readout));
    QSTI_TRY(qst_program_compile(ctx, circuit, readout, NULL, &program));
    QSTI_TRY(all_calls(program, &n));
done:
    if (status != QST_OK)
        assert_true(program == NULL || (circuit != NULL && readout != NULL));
    qst_program_free(program);
    qst_readout_free(readout);
    qst_circuit_free(circuit);
    return status;
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    bool probabilities = false;
    support_fail_each_allocation(compile_and_run, &probabilities);
    probabilities = true;
    support_fail_each_allocation(compile_and_run, &probabilities);
}

/* After a call that ran out of memory the same program works, with the same bits as one that never failed. */
static void failed_calls_can_be_repeated(void **state)
{
    (void)state;
    size_t n_failures = 0;
    for (size_t fail_at = 1;; fail_at++) {
        support_memory memory = {0};
        qst_ctx *ctx = support_memory_ctx(&memory);
        qst_circuit *circuit = NULL;
        qst_readout *readout = NULL;
        qst_program *program = NULL, *other = NULL;
        assert_ok(ctx, build(ctx, false, &circuit, &readout));
        assert_ok(ctx, qst_program_compile(ctx, circuit, readout, NULL, &program));
        assert_ok(ctx, qst_program_compile(ctx, circuit, readout, NULL, &other));
        numbers n = some_numbers(), expected = some_numbers();
        memory.n_calls = 0;
        memory.fail_at = fail_at;
        qst_status status = all_calls(program, &n);
        memory.fail_at = 0;
        n_failures += status == QST_ERR_MEMORY;
        assert_ok(ctx, all_calls(program, &n));
        assert_ok(ctx, all_calls(other, &expected));
        assert_memory_equal(n.values, expected.values, sizeof n.values);
        assert_memory_equal(n.out_weights, expected.out_weights, sizeof n.out_weights);
        assert_memory_equal(n.out_x, expected.out_x, sizeof n.out_x);
        assert_memory_equal(n.sums, expected.sums, sizeof n.sums);
        qst_program_free(program);
        qst_program_free(other);
        qst_readout_free(readout);
        qst_circuit_free(circuit);
        qst_ctx_free(ctx);
        assert_int_equal(memory.n_live, 0);
        if (status == QST_OK)
            break;
        assert_int_equal(status, QST_ERR_MEMORY);
    }
    assert_true(n_failures > 10);
}

/* --- the machine's limit ------------------------------------------------------------------------------------------ */

static double physical_memory(void)
{
    return (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGE_SIZE);
}

/* 30 qubits are 2^30 amplitudes of 128 bytes and lines of 64 or 128 bytes beside them: more than this machine has,
 * unless it is a very large one. Nothing of that is allocated. */
static void large_circuits_are_refused_with_their_bytes(void **state)
{
    qst_ctx *ctx = *state;
    if (physical_memory() > 190e9)
        skip();
    sim_builder to = sim_begin(ctx, 30, 0, 0, QST_PREPARE_ZERO);
    qst_circuit *circuit = sim_finish(&to);
    qst_readout *words[2] = {sim_words(ctx, 30, "z", 0), NULL};
    assert_ok(ctx, qst_readout_parse(ctx, 30, (const char *[]){"parity"}, 1, 2, &words[1]));
    for (int precision = QST_DOUBLE; precision <= QST_SINGLE; precision++) {
        for (size_t i = 0; i < 2; i++) {
            qst_program *program = NULL;
            qst_compile_opts opts = {.precision = (qst_precision)precision, .layout = QST_LAYOUT_SMALL};
            assert_status(ctx, qst_program_compile(ctx, circuit, words[i], &opts, &program), QST_ERR_LIMIT);
            assert_message(ctx, "30 qubits need ");
            assert_message(ctx, " bytes of memory");
            assert_null(program);
            double need = strtod(strstr(qst_ctx_message(ctx), "need ") + 5, NULL);
            assert_true(need >= 0x1p30 * (128 + 64));
        }
    }
    qst_readout_free(words[0]);
    qst_readout_free(words[1]);
    qst_circuit_free(circuit);
}

/* malloc that has no more than 1 GiB in one piece. */
static void *small_allocate(void *user, size_t n_bytes)
{
    (void)user;
    return n_bytes > (size_t)1 << 30 ? NULL : malloc(n_bytes);
}

static void *small_resize(void *user, void *pointer, size_t n_bytes)
{
    (void)user;
    return n_bytes > (size_t)1 << 30 ? NULL : realloc(pointer, n_bytes);
}

static void small_release(void *user, void *pointer)
{
    (void)user;
    free(pointer);
}

/* One state just fits, one for each of 64 threads does not: compiled, and refused when the batch asks for them, before
 * anything is allocated. */
static void large_batches_are_refused_with_their_bytes(void **state)
{
    (void)state;
    qst_ctx *ctx = NULL;
    qst_allocator allocator = {small_allocate, small_resize, small_release, NULL};
    assert_int_equal(qst_ctx_create(&(qst_ctx_opts){.allocator = &allocator, .n_threads = 64}, &ctx), QST_OK);
    size_t n = 10;
    while (n < 30 && ldexp(192 + 8, (int)n + 1) <= 0.9 * physical_memory())
        n++;
    sim_builder to = sim_begin(ctx, n, 0, 1, QST_PREPARE_ZERO);
    sim_case of =
        sim_open_with(ctx, sim_finish(&to), sim_words(ctx, n, "z", 0), &(qst_compile_opts){.layout = QST_LAYOUT_SMALL});
    sim_run run = sim_draw(&of, 1, 64 * of.program->kernels->lanes);
    assert_status(ctx, qst_program_forward(of.program, run.weights, sim_x(&of, &run), sim_values(&of, &run)),
                  QST_ERR_LIMIT);
    assert_message(ctx, " bytes of memory");
    assert_message(ctx, "64 threads");
    assert_status(ctx,
                  qst_program_vjp(of.program, run.weights, sim_x(&of, &run), sim_cotangent(&of, &run), run.out_weights,
                                  sim_out_x(&of, &run), sim_values(&of, &run)),
                  QST_ERR_LIMIT);
    sim_run_free(&run);
    sim_close(&of);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(steps_check_shapes, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(repeated_calls_allocate_nothing, open_ctx, close_ctx),
        cmocka_unit_test(each_allocation_may_fail),
        cmocka_unit_test(failed_calls_can_be_repeated),
        cmocka_unit_test_setup_teardown(large_circuits_are_refused_with_their_bytes, open_ctx, close_ctx),
        cmocka_unit_test(large_batches_are_refused_with_their_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

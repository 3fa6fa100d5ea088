/* wide.c: samples one after the other through a wide program, and the memory that it takes.
 *
 * A large state has all threads working on it. Of small ones, up to SAMPLE_BYTES, every thread runs a sample of its
 * own: the numbers are the same, as all sums have fixed shapes. Bytes, with N = 2^n amplitudes of b bytes (16 or 8),
 * and for each thread a block of up to K amplitudes:
 *
 *   forward    N b + threads (K b + tables)
 *   gradient   2 N b + threads (1.5 K b + tables)      psi and lambda
 *
 * and small change: 2 MiB a state, so that it can begin at a large page; angles, coefficients, rows of sums. All of it
 * is kept from call to call.
 */
#include <complex.h>
#include <math.h>
#include <string.h>

#include "sim/sample.h"
#include "sim/wide_run.h"

#define SAMPLE_BYTES ((size_t)4 << 20)
#define PAGE_BYTES   ((size_t)2 << 20)

/* --- memory ------------------------------------------------------------------------------------------------------- */

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t state_bytes(const qst_program *program)
{
    return program->dim / program->kernels->lanes * program->kernels->amplitude_bytes;
}

/* Sizes of what runs and workers have, by the larger of both routes. */
typedef struct sizes {
    size_t block_bytes[2], table_lines, factor_lines, factors, gates, lists, rows, totals;
} sizes;

static sizes sizes_of(const qst_program *program, bool gradient)
{
    sizes out = {.totals = program->n_outputs};
    for (size_t i = 0; i < (gradient ? 2U : 1U); i++) {
        const qsti_wide_route *route = &program->wide->routes[i];
        size_t bytes = program->kernels->amplitude_bytes << route->max_bits;
        out.block_bytes[0] = larger(out.block_bytes[0], bytes);
        out.block_bytes[1] = i == QSTI_WIDE_BACKWARD ? bytes : 0;
        out.table_lines = larger(out.table_lines, route->max_table_lines);
        out.factor_lines = larger(out.factor_lines, route->max_factor_lines);
        out.factors = larger(out.factors, route->max_factors);
        out.gates = larger(out.gates, route->max_gates);
        out.lists = larger(out.lists, route->max_lists);
        out.rows = larger(out.rows, route->max_rows);
        out.totals = larger(out.totals, route->max_sums);
    }
    if (program->readout == QST_READOUT_GROUPED || program->readout == QST_READOUT_PARITY)
        out.rows = larger(out.rows, qsti_wide_pieces(program) * program->n_outputs);
    return out;
}

static void run_clear(qst_ctx *ctx, qsti_wide_run *run)
{
    void *const lines[] = {run->psi,  run->lambda, run->coefficients, run->half,      run->cosine,     run->sine,
                           run->rows, run->totals, run->gradient,     run->values,    run->cotangents, run->out_weights,
                           run->sums, run->signs,  run->observed,     run->sign_words};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        qsti_free_lines(ctx, lines[i]);
}

static void worker_clear(qst_ctx *ctx, qsti_wide_worker *worker)
{
    void *const lines[] = {worker->psi,       worker->lambda, worker->tables, worker->angles, worker->sines,
                           worker->marginals, worker->keys,   worker->signs,  worker->turns,  worker->turn_keys};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        qsti_free_lines(ctx, lines[i]);
}

static void route_clear(qst_ctx *ctx, qsti_wide_route *route)
{
    void *const arrays[] = {route->passes, route->actions, route->gates, route->lists,   route->factors, route->entries,
                            route->paulis, route->lines,   route->swaps, route->indices, route->sources, route->live};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        qsti_free(ctx, arrays[i]);
}

static void memory_clear(qst_ctx *ctx, qsti_wide *wide)
{
    for (size_t i = 0; i < wide->n_runs; i++)
        run_clear(ctx, &wide->runs[i]);
    for (size_t i = 0; i < wide->n_workers; i++)
        worker_clear(ctx, &wide->workers[i]);
    qsti_free(ctx, wide->runs);
    qsti_free(ctx, wide->workers);
    wide->runs = NULL;
    wide->workers = NULL;
    wide->n_runs = wide->n_workers = 0;
}

void qsti_wide_free(qst_program *program)
{
    qsti_wide *wide = program->wide;
    if (wide == NULL)
        return;
    memory_clear(program->ctx, wide);
    route_clear(program->ctx, &wide->routes[0]);
    route_clear(program->ctx, &wide->routes[1]);
    qsti_free(program->ctx, wide->coefficient_lines);
    qsti_free(program->ctx, wide);
    program->wide = NULL;
}

#define FILL(member, count) \
    if (member == NULL)     \
        QSTI_TRY(qsti_alloc_lines(ctx, (count), sizeof *(member), (void **)&(member)))

static qst_status run_fill(qst_program *program, const sizes *need, size_t n_sums, bool gradient, qsti_wide_run *run)
{
    qst_ctx *ctx = program->ctx;
    qst_status status = QST_OK;
    run->program = program;
    if (run->psi == NULL)
        QSTI_TRY(qsti_alloc_pages(ctx, state_bytes(program), 1, &run->psi));
    if (run->lambda == NULL && gradient)
        QSTI_TRY(qsti_alloc_pages(ctx, state_bytes(program), 1, &run->lambda));
    if (run->coefficients == NULL)
        QSTI_TRY(qsti_alloc_lines(ctx, program->wide->n_coefficient_lines, QSTI_LINE_BYTES, &run->coefficients));
    FILL(run->half, program->n_rotations);
    FILL(run->cosine, program->n_rotations);
    FILL(run->sine, program->n_rotations);
    FILL(run->signs, program->n_rotations);
    FILL(run->observed, program->n_observables);
    FILL(run->sign_words, program->draws ? program->n_rotations : 0);
    FILL(run->gradient, program->n_rotations);
    FILL(run->values, program->n_outputs);
    FILL(run->cotangents, program->n_outputs);
    FILL(run->rows, need->rows);
    FILL(run->totals, need->totals);
    FILL(run->out_weights, program->n_weights);
    FILL(run->sums, n_sums);
done:
    return status;
}

static qst_status worker_fill(qst_program *program, const sizes *need, bool gradient, qsti_wide_worker *worker)
{
    qst_ctx *ctx = program->ctx;
    qst_status status = QST_OK;
    size_t lanes = program->kernels->lanes;
    FILL(worker->psi, need->block_bytes[0]);
    if (gradient)
        FILL(worker->lambda, need->block_bytes[1]);
    FILL(worker->tables, need->table_lines * program->kernels->amplitude_bytes);
    FILL(worker->angles, need->factor_lines * lanes);
    FILL(worker->sines, need->factor_lines * lanes);
    FILL(worker->marginals, need->table_lines * lanes);
    FILL(worker->keys, need->factors);
    FILL(worker->signs, need->gates);
    FILL(worker->turns, need->lists * QSTI_TURN_LINES * QSTI_LINE_BYTES);
    FILL(worker->turn_keys, need->lists);
done:
    return status;
}

/* Memory for n_runs samples at once; what is there stays, but for what the gradient needs more of. */
static qst_status reserve(qst_program *program, size_t n_runs, size_t n_sums, bool gradient)
{
    qst_ctx *ctx = program->ctx;
    qsti_wide *wide = program->wide;
    qst_status status = QST_OK;
    size_t n_workers = (size_t)qst_ctx_threads(ctx);
    sizes need = sizes_of(program, gradient);
    QSTI_TRY(qsti_program_fits(program, 1, gradient));
    if (n_sums > wide->n_sums || (gradient && !wide->has_gradient)) {
        memory_clear(ctx, wide);
        wide->n_sums = larger(n_sums, wide->n_sums);
        wide->has_gradient |= gradient;
    }
    need = sizes_of(program, wide->has_gradient);
    if (wide->n_runs < n_runs) {
        QSTI_TRY(QSTI_GROW(ctx, n_runs, &wide->runs));
        memset(wide->runs + wide->n_runs, 0, (n_runs - wide->n_runs) * sizeof *wide->runs);
        wide->n_runs = n_runs;
    }
    if (wide->n_workers < n_workers) {
        QSTI_TRY(QSTI_GROW(ctx, n_workers, &wide->workers));
        memset(wide->workers + wide->n_workers, 0, (n_workers - wide->n_workers) * sizeof *wide->workers);
        wide->n_workers = n_workers;
    }
    for (size_t i = 0; i < n_runs; i++)
        QSTI_TRY(run_fill(program, &need, wide->n_sums, wide->has_gradient, &wide->runs[i]));
    for (size_t i = 0; i < n_workers; i++)
        QSTI_TRY(worker_fill(program, &need, wide->has_gradient, &wide->workers[i]));
done:
    return status;
}

double qsti_wide_bytes(const qst_program *program, bool gradient)
{
    sizes need = sizes_of(program, gradient);
    double lanes = (double)program->kernels->lanes, amplitude = (double)program->kernels->amplitude_bytes;
    double worker = (double)need.block_bytes[0] + (double)need.block_bytes[1] +
                    (double)need.table_lines * (amplitude + lanes * sizeof(double)) +
                    2 * (double)need.factor_lines * lanes * sizeof(double) +
                    (double)(need.lists * QSTI_TURN_LINES * QSTI_LINE_BYTES);
    double run = (double)(state_bytes(program) + PAGE_BYTES) * (gradient ? 2 : 1) +
                 (double)(need.rows + need.totals + 5 * program->n_rotations) * sizeof(double) +
                 (double)program->wide->n_coefficient_lines * QSTI_LINE_BYTES;
    return run + (double)qst_ctx_threads(program->ctx) * worker;
}

/* How many samples to run at once. */
static size_t at_once(const qst_program *program, size_t n_rows)
{
    size_t threads = (size_t)qst_ctx_threads(program->ctx);
    if (state_bytes(program) > SAMPLE_BYTES)
        return 1;
    return n_rows < threads ? (n_rows > 0 ? n_rows : 1) : threads;
}

/* --- forward ------------------------------------------------------------------------------------------------------ */

/* Some samples at once. */
typedef struct batch {
    qst_program *program;
    const double *weights;
    qst_const_matrix x;
    size_t first, n_at_once;
    qst_block_fn *fn;
    void *user;
    size_t n_sums;
    double *values, *out_x;
} batch;

static qsti_wide_run *run_of(const batch *of, size_t item, int worker)
{
    qsti_wide_run *run = &of->program->wide->runs[item];
    run->weights = of->weights;
    run->row = of->first + item;
    run->x = of->x.data + run->row * of->program->n_features;
    run->worker = of->n_at_once > 1 ? worker : -1;
    run->out_x = NULL;
    return run;
}

static void forward_sample(void *arg, size_t item, int worker)
{
    const batch *of = arg;
    qsti_wide_run *run = run_of(of, item, worker);
    size_t n_outputs = of->program->n_outputs;
    qsti_wide_bind(run, QSTI_NO_SHIFT);
    qsti_wide_go(run, QSTI_WIDE_FORWARD, true, false);
    memcpy(of->values + (of->first + item) * n_outputs, run->values, n_outputs * sizeof *of->values);
}

static size_t samples_left(const batch *of)
{
    return of->x.n_rows - of->first < of->n_at_once ? of->x.n_rows - of->first : of->n_at_once;
}

/* Samples through fn: several at once over the threads, or one by one. */
static void for_samples(const batch *of, qsti_work_fn *fn)
{
    if (of->n_at_once > 1)
        qsti_parallel_for(of->program->ctx, samples_left(of), fn, (void *)of);
    else
        fn((void *)of, 0, 0);
}

qst_status qsti_wide_forward(qst_program *program, const double *weights, qst_const_matrix x, qst_matrix out)
{
    qst_status status = QST_OK;
    batch of = {
        .program = program, .weights = weights, .x = x, .n_at_once = at_once(program, x.n_rows), .values = out.data};
    QSTI_TRY(reserve(program, of.n_at_once, 0, false));
    for (; of.first < x.n_rows; of.first += of.n_at_once)
        for_samples(&of, forward_sample);
done:
    return status;
}

/* --- a training step ---------------------------------------------------------------------------------------------- */

static void step_sample(void *arg, size_t item, int worker)
{
    const batch *of = arg;
    const qst_program *program = of->program;
    qsti_wide_run *run = run_of(of, item, worker);
    qst_block block = {of->first + item, 1, 1, run->values, run->cotangents, run->sums, worker};
    if (of->out_x != NULL) {
        run->out_x = of->out_x + (of->first + item) * program->n_features;
        memset(run->out_x, 0, program->n_features * sizeof *run->out_x);
    }
    memset(run->out_weights, 0, program->n_weights * sizeof *run->out_weights);
    memset(run->sums, 0, of->n_sums * sizeof *run->sums);
    qsti_wide_bind(run, QSTI_NO_SHIFT);
    qsti_wide_go(run, QSTI_WIDE_FORWARD, true, true);
    of->fn(of->user, &block);
    qsti_wide_return(run);
    qsti_wide_chain(run);
}

/* Adds the samples' sums in their order. */
static qst_status add_samples(const batch *of, double *out_sums, double *out_weights)
{
    const qst_program *program = of->program;
    double bound = program->opts.precision == QST_SINGLE ? 1e-3 : 1e-9;
    for (size_t i = 0; i < samples_left(of); i++) {
        const qsti_wide_run *run = &program->wide->runs[i];
        if (!(run->distance <= bound))
            return qsti_fail(program->ctx, QST_ERR_INTERNAL,
                             "a state did not come back to its start: distance %g, bound %g; please report",
                             run->distance, bound);
        for (size_t w = 0; w < program->n_weights; w++)
            out_weights[w] += run->out_weights[w];
        for (size_t s = 0; s < of->n_sums; s++)
            out_sums[s] += run->sums[s];
    }
    return QST_OK;
}

qst_status qsti_wide_step(qst_program *program, const double *weights, qst_const_matrix x, qst_block_fn *fn, void *user,
                          size_t n_sums, double *out_sums, double *out_weights, qst_matrix out_x)
{
    qst_status status = QST_OK;
    batch of = {.program = program,
                .weights = weights,
                .x = x,
                .n_at_once = at_once(program, x.n_rows),
                .fn = fn,
                .user = user,
                .n_sums = n_sums,
                .out_x = out_x.data};
    QSTI_TRY(reserve(program, of.n_at_once, n_sums, true));
    if (program->n_weights > 0)
        memset(out_weights, 0, program->n_weights * sizeof *out_weights);
    if (n_sums > 0)
        memset(out_sums, 0, n_sums * sizeof *out_sums);
    for (; of.first < x.n_rows; of.first += of.n_at_once) {
        for_samples(&of, step_sample);
        QSTI_TRY(add_samples(&of, out_sums, out_weights));
    }
done:
    return status;
}

/* --- the parameter-shift rule --------------------------------------------------------------------------------------
 */

/* sum_k c_k value_k with one rotation shifted. */
static double shifted_loss(qsti_wide_run *run, const double *cotangent, size_t rotation, double angle)
{
    double loss = 0;
    qsti_wide_bind(run, (qsti_shift){rotation, angle});
    qsti_wide_go(run, QSTI_WIDE_FORWARD, true, false);
    for (size_t k = 0; k < run->program->n_outputs; k++)
        loss += cotangent[k] * run->values[k];
    return loss;
}

qst_status qsti_wide_parameter_shift(qst_program *program, const double *weights, qst_const_matrix x,
                                     qst_const_matrix cotangent, double *out_weights, qst_matrix out_x)
{
    qst_status status = QST_OK;
    batch of = {.program = program, .weights = weights, .x = x, .n_at_once = 1};
    QSTI_TRY(reserve(program, 1, 0, false));
    memset(out_weights, 0, program->n_weights * sizeof *out_weights);
    for (; of.first < x.n_rows; of.first++) {
        qsti_wide_run *run = run_of(&of, 0, 0);
        const double *c = cotangent.data + of.first * program->n_outputs;
        memset(run->out_weights, 0, program->n_weights * sizeof *run->out_weights);
        if (out_x.data != NULL) {
            run->out_x = out_x.data + of.first * program->n_features;
            memset(run->out_x, 0, program->n_features * sizeof *run->out_x);
        }
        for (size_t r = 0; r < program->n_rotations; r++)
            run->gradient[r] = (shifted_loss(run, c, r, M_PI_2) - shifted_loss(run, c, r, -M_PI_2)) / 2;
        qsti_wide_chain(run);
        for (size_t w = 0; w < program->n_weights; w++)
            out_weights[w] += run->out_weights[w];
    }
done:
    return status;
}

/* --- one state ---------------------------------------------------------------------------------------------------- */

static qst_status run_one(qst_program *program, const double *weights, const double *x, qsti_wide_run **out)
{
    qst_status status = QST_OK;
    batch of = {.program = program, .weights = weights, .x = {x, 1, program->n_features}, .n_at_once = 1};
    QSTI_TRY(reserve(program, 1, 0, false));
    *out = run_of(&of, 0, 0);
    qsti_wide_bind(*out, QSTI_NO_SHIFT);
    qsti_wide_go(*out, QSTI_WIDE_FORWARD, false, true);
done:
    return status;
}

#define PIECE 256

typedef struct copy {
    const qsti_wide_run *run;
    double _Complex *out;
} copy;

static void copy_piece(void *arg, size_t piece, int worker)
{
    const copy *of = arg;
    size_t n = of->run->program->dim < PIECE ? of->run->program->dim : PIECE;
    (void)worker;
    qsti_wide_amplitudes(of->run, piece * n, n, of->out + piece * n);
}

qst_status qsti_wide_state(qst_program *program, const double *weights, const double *x, double _Complex *out)
{
    qst_status status = QST_OK;
    qsti_wide_run *run = NULL;
    QSTI_TRY(run_one(program, weights, x, &run));
    copy of = {run, out};
    qsti_wide_loop(run, program->dim < PIECE ? 1 : program->dim / PIECE, copy_piece, &of);
done:
    return status;
}

static void probabilities(const void *user, size_t first, size_t n, double *out)
{
    qsti_wide_probabilities(user, first, n, out);
}

qst_status qsti_wide_sample(qst_program *program, const double *weights, const double *x, uint64_t seed, size_t n_shots,
                            uint32_t *out)
{
    qst_status status = QST_OK;
    qsti_wide_run *run = NULL;
    QSTI_TRY(run_one(program, weights, x, &run));
    QSTI_TRY(qsti_sample(program->ctx, program->dim, probabilities, run, seed, n_shots, out));
done:
    return status;
}

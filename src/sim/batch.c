/* batch.c: batches of samples: memory, and blocks spread over threads.
 *
 * A block is as many samples as a line has lanes, whatever the number of threads. Each block leaves a row of `parts`:
 *
 *   inner products (n_sum_lines, lanes) | weights (n_weights) | the caller's sums (n_sums)
 *
 * and the rows are summed by a tree of fixed shape; the chain rule from inner products to weights runs once, behind it.
 * Batches whose parts would take more than PARTS_BYTES go in groups of blocks, one after the other. Scratch memory
 * grows with the largest batch seen and is kept, so repeated calls allocate nothing.
 */
#include <math.h>
#include <string.h>

#include "base/threads.h"
#include "kernels/lines.h"
#include "sim/draws.h"
#include "sim/wide.h"

#define PARTS_BYTES ((size_t)64 << 20)

/* --- memory ------------------------------------------------------------------------------------------------------- */

/* What is there stays: a call that ran out of memory on the way can be repeated. */
static qst_status scratch_fill(const qst_program *program, bool lambda, qsti_scratch *scratch)
{
    qst_ctx *ctx = program->ctx;
    const qsti_kernels *kernels = program->kernels;
    qst_status status = QST_OK;
    size_t lanes = kernels->lanes, dim = program->dim, line = lanes * sizeof(double);
#define FILL(member, count, item_bytes) \
    if (scratch->member == NULL)        \
        QSTI_TRY(qsti_alloc_lines(ctx, (count), (item_bytes), (void **)&scratch->member))
    FILL(psi, dim, kernels->amplitude_bytes);
    FILL(lines, dim, line);
    FILL(x, program->n_features, line);
    FILL(out_x, program->n_features, line);
    FILL(norm, 1, line);
    FILL(halves, program->n_per_lane, line);
    FILL(cosine, program->n_per_lane + 1, line);
    FILL(sine, program->n_per_lane + 1, line);
    FILL(values, program->n_outputs, line);
    FILL(cotangents, program->n_outputs, line);
    FILL(lane_lines, program->n_lane_lines, QSTI_LINE_BYTES);
    FILL(lane_turns, program->n_lane_turns, QSTI_TURN_LINES * QSTI_LINE_BYTES);
    FILL(lane_tables, 2 * program->n_lane_tables, dim * line);
    if (program->draws != NULL) {
        FILL(sign_words, program->n_rotations, sizeof(uint32_t));
        FILL(signs, program->draws->n_signed, line);
        FILL(observable_signs, program->n_observables, line);
    }
    FILL(tree, program->n_start ? (size_t)2 << program->n_start : 0, kernels->amplitude_bytes);
    if (lambda) {
        FILL(lambda, dim, kernels->amplitude_bytes);
        FILL(sums, dim, sizeof(double));
        if (program->n_kept > 0)
            FILL(kept, program->n_kept, dim * kernels->amplitude_bytes);
    }
#undef FILL
done:
    return status;
}

/* Values of one row of parts, in whole lines. */
static size_t row_of(const qst_program *program, size_t n_sums)
{
    size_t n = program->n_sum_lines * program->kernels->lanes + program->n_weights + n_sums;
    return (n + 7) / 8 * 8;
}

/* The number of blocks whose parts are held at a time. */
static size_t group_of(const qst_program *program, size_t n_sums, size_t n_blocks)
{
    size_t fit = PARTS_BYTES / sizeof(double) / (row_of(program, n_sums) + 1) + 1;
    return fit < n_blocks ? fit : n_blocks;
}

qst_status qsti_program_reserve(qst_program *program, size_t n_blocks, bool lambda, size_t n_sums)
{
    qst_ctx *ctx = program->ctx;
    qst_status status = QST_OK;
    size_t n_workers = (size_t)qst_ctx_threads(ctx), row = row_of(program, n_sums);
    if (n_workers > n_blocks)
        n_workers = n_blocks;
    QSTI_TRY(qsti_program_fits(program, n_workers, lambda));
    if (program->n_scratch < n_workers) {
        QSTI_TRY(QSTI_GROW(ctx, n_workers, &program->scratch));
        memset(program->scratch + program->n_scratch, 0, (n_workers - program->n_scratch) * sizeof *program->scratch);
        program->n_scratch = n_workers;
    }
    for (size_t i = 0; i < n_workers; i++)
        QSTI_TRY(scratch_fill(program, lambda, &program->scratch[i]));
    if (!lambda)
        goto done;
    size_t n_rows = group_of(program, n_sums, n_blocks), n_values = n_rows * row;
    if (program->n_arrived < n_rows) {
        program->n_arrived = 0;
        QSTI_TRY(QSTI_GROW(ctx, n_rows, &program->arrived));
        program->n_arrived = n_rows;
    }
    if (program->n_total < row) {
        qsti_free_lines(ctx, program->total);
        program->total = NULL;
        program->n_total = 0;
        QSTI_TRY(qsti_alloc_lines(ctx, row, sizeof(double), (void **)&program->total));
        program->n_total = row;
    }
    if (program->n_parts < n_values) {
        program->n_parts = 0;
        qsti_free_lines(ctx, program->parts);
        program->parts = NULL;
        QSTI_TRY(qsti_alloc_lines(ctx, n_values, sizeof(double), (void **)&program->parts));
        program->n_parts = n_values;
    }
done:
    return status;
}

/* --- blocks ------------------------------------------------------------------------------------------------------- */

void qsti_program_load(const qst_program *program, qst_const_matrix x, size_t block, qsti_scratch *scratch)
{
    size_t lanes = program->kernels->lanes;
    qsti_rows_to_lines(x.data, x.n_rows, program->n_features, block * lanes, lanes, scratch->x);
}

static size_t blocks_of(const qst_program *program, size_t n_rows)
{
    return n_rows / program->kernels->lanes + (n_rows % program->kernels->lanes != 0);
}

/* Features -> state -> scratch->values; gives the state. */
static const void *run_block(qst_program *program, const double *weights, qst_const_matrix x, size_t block,
                             qsti_scratch *scratch)
{
    size_t lanes = program->kernels->lanes, first = block * lanes;
    qsti_program_load(program, x, block, scratch);
    if (program->draws != NULL)
        qsti_draws_lanes(program, first, x.n_rows - first < lanes ? x.n_rows - first : lanes, scratch);
    qsti_program_bind_lanes(program, weights, QSTI_NO_SHIFT, scratch);
    const void *psi = qsti_program_run(program, scratch);
    qsti_program_values(program, psi, scratch);
    return psi;
}

/* --- forward ------------------------------------------------------------------------------------------------------ */

typedef struct batch {
    qst_program *program;
    const double *weights;
    qst_const_matrix x;
    double *out_values;
} batch;

static void forward_block(void *arg, size_t block, int worker)
{
    const batch *work = arg;
    qst_program *program = work->program;
    qsti_scratch *scratch = &program->scratch[worker];
    size_t lanes = program->kernels->lanes;
    run_block(program, work->weights, work->x, block, scratch);
    qsti_lines_to_rows(scratch->values, work->x.n_rows, program->n_outputs, block * lanes, lanes, work->out_values);
}

qst_status qst_program_forward(qst_program *program, const double *weights, qst_const_matrix x, qst_matrix out)
{
    qst_status status = QST_OK;
    batch work = {program, weights, x, out.data};
    QSTI_TRY(qsti_program_check_shape(program, "out", out.n_rows, out.n_cols, x.n_rows, program->n_outputs));
    QSTI_TRY(qsti_program_check(program, weights, x));
    if (program->engine.type != NULL)
        return program->engine.type->forward(program->engine.inside, weights, x, out);
    if (program->wide != NULL)
        return qsti_wide_forward(program, weights, x, out);
    size_t n_blocks = blocks_of(program, x.n_rows);
    QSTI_TRY(qsti_program_reserve(program, n_blocks, false, 0));
    qsti_program_bind(program, weights, QSTI_NO_SHIFT);
    qsti_parallel_for(program->ctx, n_blocks, forward_block, &work);
done:
    return status;
}

/* --- a training step ---------------------------------------------------------------------------------------------- */

typedef struct step {
    qst_program *program;
    const double *weights;
    qst_const_matrix x;
    qst_block_fn *fn;
    void *user;
    size_t n_sums, row;
    size_t first_block; /* of the group */
    qsti_row_tree tree; /* of the group's parts */
    double *out_x;
} step;

static void step_block(void *arg, size_t item, int worker)
{
    const step *work = arg;
    qst_program *program = work->program;
    qsti_scratch *scratch = &program->scratch[worker];
    size_t lanes = program->kernels->lanes, block = work->first_block + item, first = block * lanes;
    size_t n_rows = work->x.n_rows - first < lanes ? work->x.n_rows - first : lanes;
    double *sums = program->parts + item * work->row, *out_weights = sums + program->n_sum_lines * lanes;
    if (work->row > 0)
        memset(sums, 0, work->row * sizeof *sums);
    const void *psi = run_block(program, work->weights, work->x, block, scratch);
    qst_block out = {first, n_rows, lanes, scratch->values, scratch->cotangents, out_weights + program->n_weights,
                     worker};
    work->fn(work->user, &out);
    qsti_program_seed(program, psi, scratch);
    qsti_program_unrun(program, work->weights, work->out_x != NULL, sums, out_weights, scratch);
    if (work->out_x != NULL)
        qsti_lines_to_rows(scratch->out_x, work->x.n_rows, program->n_features, first, lanes, work->out_x);
    qsti_row_tree_add(&work->tree, item);
}

/* An error of the engine, not of its caller: the sweeps did not meet. */
static qst_status check_worst(qst_program *program)
{
    double bound = program->opts.precision == QST_SINGLE ? 1e-3 : 1e-9;
    for (size_t i = 0; i < program->n_scratch; i++) {
        if (!(program->scratch[i].worst <= bound))
            return qsti_fail(program->ctx, QST_ERR_INTERNAL,
                             "the way back did not meet the way forward: distance %g, bound %g; please report",
                             program->scratch[i].worst, bound);
    }
    return QST_OK;
}

/* The group's blocks, and their sum into total[0 .. row). */
static void run_group(qst_program *program, step *work, size_t n_blocks)
{
    work->tree = (qsti_row_tree){program->parts, n_blocks, work->row, program->arrived};
    qsti_row_tree_begin(&work->tree);
    qsti_parallel_for(program->ctx, n_blocks, step_block, work);
    for (size_t i = 0; i < work->row; i++)
        program->total[i] = work->first_block > 0 ? program->total[i] + program->parts[i] : program->parts[i];
}

qst_status qst_program_step(qst_program *program, const double *weights, qst_const_matrix x, qst_block_fn *fn,
                            void *user, size_t n_sums, double *out_sums, double *out_weights, qst_matrix out_x)
{
    qst_status status = QST_OK;
    step work = {.program = program,
                 .weights = weights,
                 .x = x,
                 .fn = fn,
                 .user = user,
                 .n_sums = n_sums,
                 .row = row_of(program, n_sums),
                 .out_x = out_x.data};
    if (out_x.data != NULL)
        QSTI_TRY(qsti_program_check_shape(program, "out_x", out_x.n_rows, out_x.n_cols, x.n_rows, program->n_features));
    QSTI_TRY(qsti_program_check(program, weights, x));
    if (program->engine.type != NULL)
        return program->engine.type->step(program->engine.inside, weights, x, fn, user, n_sums, out_sums, out_weights,
                                          out_x);
    if (program->wide != NULL)
        return qsti_wide_step(program, weights, x, fn, user, n_sums, out_sums, out_weights, out_x);
    size_t n_blocks = blocks_of(program, x.n_rows), group = group_of(program, n_sums, n_blocks);
    QSTI_TRY(qsti_program_reserve(program, n_blocks, true, n_sums));
    qsti_program_bind(program, weights, QSTI_NO_SHIFT);
    for (size_t i = 0; i < program->n_scratch; i++)
        program->scratch[i].worst = 0;
    if (work.row > 0)
        memset(program->total, 0, work.row * sizeof *program->total);
    for (; work.first_block < n_blocks; work.first_block += group) {
        size_t n = n_blocks - work.first_block < group ? n_blocks - work.first_block : group;
        run_group(program, &work, n);
    }
    QSTI_TRY(check_worst(program));
    double *total_weights = program->total + program->n_sum_lines * program->kernels->lanes;
    qsti_program_chain_batch(program, weights, program->total, total_weights);
    if (program->n_weights > 0)
        memcpy(out_weights, total_weights, program->n_weights * sizeof *out_weights);
    if (n_sums > 0)
        memcpy(out_sums, total_weights + program->n_weights, n_sums * sizeof *out_sums);
done:
    return status;
}

/* --- vector-Jacobian products ------------------------------------------------------------------------------------- */

typedef struct given {
    qst_const_matrix cotangent;
    double *out_values;
} given;

/* A block whose cotangents are there already. */
static void take_cotangents(void *user, const qst_block *block)
{
    const given *from = user;
    size_t n_rows = block->first_row + block->n_rows, n_outputs = from->cotangent.n_cols;
    if (from->out_values != NULL)
        qsti_lines_to_rows(block->values, n_rows, n_outputs, block->first_row, block->lanes, from->out_values);
    qsti_rows_to_lines(from->cotangent.data, n_rows, n_outputs, block->first_row, block->lanes, block->cotangents);
}

qst_status qst_program_vjp(qst_program *program, const double *weights, qst_const_matrix x, qst_const_matrix cotangent,
                           double *out_weights, qst_matrix out_x, qst_matrix out_values)
{
    qst_status status = QST_OK;
    given from = {cotangent, out_values.data};
    QSTI_TRY(qsti_program_check_shape(program, "cotangent", cotangent.n_rows, cotangent.n_cols, x.n_rows,
                                      program->n_outputs));
    if (out_values.data != NULL)
        QSTI_TRY(qsti_program_check_shape(program, "out_values", out_values.n_rows, out_values.n_cols, x.n_rows,
                                          program->n_outputs));
    QSTI_TRY(qst_program_step(program, weights, x, take_cotangents, &from, 0, NULL, out_weights, out_x));
done:
    return status;
}

/* batch.c: batches of samples: checks, memory, and blocks spread over threads.
 *
 * A block is as many samples as a line has lanes, whatever the number of threads; each block leaves its weight gradient
 * in a row of `parts`, and the rows are summed by a tree of fixed shape. Scratch memory grows with the largest batch
 * seen and is kept, so repeated calls allocate nothing.
 */
#include <math.h>
#include <string.h>

#include "base/threads.h"
#include "sim/keep.h"
#include "sim/program.h"

/* --- checks ------------------------------------------------------------------------------------------------------- */

qst_status qsti_program_check_shape(const qst_program *program, const char *what, size_t n_rows, size_t n_cols,
                                    size_t want_rows, size_t want_cols)
{
    if (n_rows == want_rows && n_cols == want_cols)
        return QST_OK;
    return qsti_fail(program->ctx, QST_ERR_MISMATCH, "%s has shape (%zu, %zu): (%zu, %zu) is needed", what, n_rows,
                     n_cols, want_rows, want_cols);
}

/* Raises *largest to the largest |feature|. */
static qst_status check_row(const qst_program *program, qst_const_matrix x, size_t row, double *largest)
{
    const double *values = x.data + row * x.n_cols;
    double most = 0;
    for (size_t j = 0; j < x.n_cols; j++) {
        if (!isfinite(values[j]))
            return qsti_fail(program->ctx, QST_ERR_INPUT, "row %zu, feature %zu: %g is not finite", row, j, values[j]);
        if (program->preparation == QST_PREPARE_BASIS && values[j] != 0 && values[j] != 1)
            return qsti_fail(program->ctx, QST_ERR_INPUT,
                             "row %zu, feature %zu: %g: basis encoding takes exactly 0 or 1 (preprocess with binarize)",
                             row, j, values[j]);
        most = fmax(most, fabs(values[j]));
    }
    if (most == 0 && program->preparation == QST_PREPARE_AMPLITUDE)
        return qsti_fail(program->ctx, QST_ERR_INPUT,
                         "row %zu: all features are 0: amplitude encoding needs a norm > 0", row);
    *largest = fmax(*largest, most);
    return QST_OK;
}

qst_status qsti_program_check(qst_program *program, const double *weights, qst_const_matrix x)
{
    qst_status status = QST_OK;
    double largest_weight = 1, largest_feature = 0;
    if (x.n_cols != program->n_features)
        return qsti_fail(program->ctx, QST_ERR_MISMATCH, "the samples have %zu features, the circuit takes %zu",
                         x.n_cols, program->n_features);
    for (size_t w = 0; w < program->n_weights; w++) {
        if (!isfinite(weights[w]))
            return qsti_fail(program->ctx, QST_ERR_INPUT, "weight %zu: %g is not finite", w, weights[w]);
        largest_weight = fmax(largest_weight, fabs(weights[w]));
    }
    for (size_t row = 0; row < x.n_rows && program->n_features > 0 && status == QST_OK; row++)
        status = check_row(program, x, row, &largest_feature);
    double largest = program->features_in_angles ? fmax(largest_weight, largest_feature) : largest_weight;
    if (status == QST_OK && !isfinite(program->angle_bound * largest * largest))
        status =
            qsti_fail(program->ctx, QST_ERR_INPUT, "with weights up to %g and features up to %g an angle is not finite",
                      largest_weight, largest_feature);
    return status;
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

/* What is there stays: a call that ran out of memory on the way can be repeated. */
static qst_status scratch_fill(const qst_program *program, bool lambda, qsti_scratch *scratch)
{
    qst_ctx *ctx = program->ctx;
    const qsti_kernels *kernels = program->kernels;
    qst_status status = QST_OK;
    size_t lanes = kernels->lanes;
#define FILL(member, count, item_bytes) \
    if (scratch->member == NULL)        \
        QSTI_TRY(qsti_alloc_lines(ctx, (count), (item_bytes), (void **)&scratch->member))
    FILL(psi, program->dim, kernels->amplitude_bytes);
    FILL(lines, program->dim, lanes * sizeof(double));
    FILL(sums, program->dim, sizeof(double));
    FILL(x, program->n_features, lanes * sizeof(double));
    FILL(out_x, program->n_features, lanes * sizeof(double));
    FILL(norm, lanes, sizeof(double));
    FILL(cosine, program->n_per_lane, lanes * sizeof(double));
    FILL(sine, program->n_per_lane, lanes * sizeof(double));
    FILL(values, program->n_outputs, lanes * sizeof(double));
    FILL(cotangents, program->n_outputs, lanes * sizeof(double));
    if (lambda)
        FILL(lambda, program->dim, kernels->amplitude_bytes);
#undef FILL
done:
    return status;
}

qst_status qsti_program_reserve(qst_program *program, size_t n_blocks, bool lambda)
{
    qst_ctx *ctx = program->ctx;
    qst_status status = QST_OK;
    size_t n_workers = (size_t)qst_ctx_threads(ctx), n_values = 0;
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
    if (lambda && program->n_parts < n_blocks) {
        if (!qsti_mul(n_blocks, program->n_weights, &n_values))
            QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "a batch of %zu blocks is too large", n_blocks));
        qsti_free(ctx, program->parts);
        program->parts = NULL;
        program->n_parts = 0;
        QSTI_TRY(QSTI_NEW(ctx, n_values, &program->parts));
        program->n_parts = n_blocks;
    }
done:
    return status;
}

/* --- blocks ------------------------------------------------------------------------------------------------------- */

/* (B, k) rows of one block <-> lines (k, lanes). */
static void rows_to_lines(const double *rows, size_t n_rows, size_t n_cols, size_t first, size_t lanes, double *lines)
{
    for (size_t lane = 0; lane < lanes; lane++)
        for (size_t j = 0; j < n_cols; j++)
            lines[j * lanes + lane] = first + lane < n_rows ? rows[(first + lane) * n_cols + j] : 0.0;
}

static void lines_to_rows(const double *lines, size_t n_rows, size_t n_cols, size_t first, size_t lanes, double *rows)
{
    for (size_t lane = 0; lane < lanes && first + lane < n_rows; lane++)
        for (size_t j = 0; j < n_cols; j++)
            rows[(first + lane) * n_cols + j] = lines[j * lanes + lane];
}

void qsti_program_load(const qst_program *program, qst_const_matrix x, size_t block, qsti_scratch *scratch)
{
    size_t lanes = program->kernels->lanes;
    rows_to_lines(x.data, x.n_rows, program->n_features, block * lanes, lanes, scratch->x);
}

typedef struct batch {
    qst_program *program;
    const double *weights;
    qst_const_matrix x, cotangent;
    double *out_x, *out_values;
    bool keep;     /* forward: leave state and coefficients of each block in the program's kept_ arrays */
    bool has_kept; /* backward: they are there */
} batch;

/* A thread's scratch for one block: with its state and coefficients in the block's own place when they are kept. */
static qsti_scratch scratch_for(const batch *work, size_t block, int worker)
{
    const qst_program *program = work->program;
    qsti_scratch scratch = program->scratch[worker];
    if (work->keep || work->has_kept) {
        size_t n_coefficients = program->n_per_lane * program->kernels->lanes;
        scratch.psi = program->kept_states + block * program->dim * program->kernels->amplitude_bytes;
        scratch.cosine = program->kept_coefficients + block * 2 * n_coefficients;
        scratch.sine = scratch.cosine + n_coefficients;
    }
    return scratch;
}

static void run_block(const batch *work, size_t block, qsti_scratch *scratch)
{
    const qst_program *program = work->program;
    qsti_program_load(program, work->x, block, scratch);
    if (work->has_kept)
        return;
    qsti_program_bind_lanes(program, work->weights, QSTI_NO_SHIFT, scratch);
    qsti_program_run(program, scratch);
}

static void put_values(const batch *work, size_t block, qsti_scratch *scratch)
{
    const qst_program *program = work->program;
    size_t lanes = program->kernels->lanes;
    qsti_program_values(program, scratch);
    lines_to_rows(scratch->values, work->x.n_rows, program->n_outputs, block * lanes, lanes, work->out_values);
}

static void forward_block(void *arg, size_t block, int worker)
{
    const batch *work = arg;
    qsti_scratch scratch = scratch_for(work, block, worker);
    run_block(work, block, &scratch);
    put_values(work, block, &scratch);
}

static void backward_block(void *arg, size_t block, int worker)
{
    const batch *work = arg;
    qst_program *program = work->program;
    qsti_scratch scratch = scratch_for(work, block, worker);
    size_t lanes = program->kernels->lanes, first = block * lanes;
    double *part = program->parts + block * program->n_weights;
    memset(part, 0, program->n_weights * sizeof *part);
    run_block(work, block, &scratch);
    if (work->out_values != NULL)
        put_values(work, block, &scratch);
    rows_to_lines(work->cotangent.data, work->x.n_rows, program->n_outputs, first, lanes, scratch.cotangents);
    qsti_program_seed(program, &scratch);
    qsti_program_unrun(program, work->weights, part, work->out_x != NULL, &scratch);
    if (work->out_x != NULL)
        lines_to_rows(scratch.out_x, work->x.n_rows, program->n_features, first, lanes, work->out_x);
    if (!(scratch.worst <= program->scratch[worker].worst))
        program->scratch[worker].worst = scratch.worst;
}

static size_t blocks_of(const qst_program *program, size_t n_rows)
{
    return n_rows / program->kernels->lanes + (n_rows % program->kernels->lanes != 0);
}

/* --- forward ------------------------------------------------------------------------------------------------------ */

static qst_status forward(batch *work, qst_matrix out)
{
    qst_status status = QST_OK;
    qst_program *program = work->program;
    size_t n_blocks = blocks_of(program, work->x.n_rows);
    QSTI_TRY(qsti_program_check_shape(program, "out", out.n_rows, out.n_cols, work->x.n_rows, program->n_outputs));
    QSTI_TRY(qsti_program_check(program, work->weights, work->x));
    QSTI_TRY(qsti_program_reserve(program, n_blocks, false));
    qsti_program_bind(program, work->weights, QSTI_NO_SHIFT);
    qsti_parallel_for(program->ctx, n_blocks, forward_block, work);
done:
    return status;
}

qst_status qst_program_forward(qst_program *program, const double *weights, qst_const_matrix x, qst_matrix out)
{
    batch work = {.program = program, .weights = weights, .x = x, .out_values = out.data};
    return forward(&work, out);
}

/* Whether the states of n_blocks fit under the limit. */
static bool may_keep(const qst_program *program, size_t n_blocks)
{
    size_t bytes = 0;
    return qsti_mul(program->dim * program->kernels->amplitude_bytes, n_blocks, &bytes) && bytes <= QSTI_KEEP_BYTES;
}

static qst_status reserve_kept(qst_program *program, size_t n_blocks)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = program->ctx;
    if (program->n_kept >= n_blocks)
        return QST_OK;
    qsti_free_lines(ctx, program->kept_states);
    qsti_free_lines(ctx, program->kept_coefficients);
    program->kept_states = NULL;
    program->kept_coefficients = NULL;
    program->n_kept = 0;
    QSTI_TRY(qsti_alloc_lines(ctx, n_blocks, program->dim * program->kernels->amplitude_bytes,
                              (void **)&program->kept_states));
    QSTI_TRY(qsti_alloc_lines(ctx, n_blocks, 2 * program->n_per_lane * program->kernels->lanes * sizeof(double),
                              (void **)&program->kept_coefficients));
    program->n_kept = n_blocks;
done:
    return status;
}

qst_status qsti_program_forward_keep(qst_program *program, const double *weights, qst_const_matrix x, qst_matrix out)
{
    batch work = {.program = program, .weights = weights, .x = x, .out_values = out.data};
    size_t n_blocks = blocks_of(program, x.n_rows);
    work.keep = may_keep(program, n_blocks);
    qst_status status = work.keep ? reserve_kept(program, n_blocks) : QST_OK;
    return status == QST_OK ? forward(&work, out) : status;
}

/* --- backward ----------------------------------------------------------------------------------------------------- */

static qst_status backward(batch *work, double *out_weights)
{
    qst_status status = QST_OK;
    qst_program *program = work->program;
    size_t n_blocks = blocks_of(program, work->x.n_rows);
    QSTI_TRY(qsti_program_reserve(program, n_blocks, true));
    for (size_t i = 0; i < program->n_scratch; i++)
        program->scratch[i].worst = 0;
    qsti_parallel_for(program->ctx, n_blocks, backward_block, work);
    double bound = program->precision == QST_SINGLE ? 1e-3 : 1e-9;
    for (size_t i = 0; i < program->n_scratch; i++) {
        if (!(program->scratch[i].worst <= bound))
            QSTI_TRY(qsti_fail(program->ctx, QST_ERR_INTERNAL,
                               "a state did not come back to its start: distance %g, bound %g; please report",
                               program->scratch[i].worst, bound));
    }
    qsti_reduce_rows(program->ctx, program->parts, n_blocks, program->n_weights, out_weights);
done:
    return status;
}

qst_status qst_program_vjp(qst_program *program, const double *weights, qst_const_matrix x, qst_const_matrix cotangent,
                           double *out_weights, qst_matrix out_x, qst_matrix out_values)
{
    qst_status status = QST_OK;
    batch work = {program, weights, x, cotangent, out_x.data, out_values.data, false, false};
    QSTI_TRY(qsti_program_check_shape(program, "cotangent", cotangent.n_rows, cotangent.n_cols, x.n_rows,
                                      program->n_outputs));
    if (out_x.data != NULL)
        QSTI_TRY(qsti_program_check_shape(program, "out_x", out_x.n_rows, out_x.n_cols, x.n_rows, program->n_features));
    if (out_values.data != NULL)
        QSTI_TRY(qsti_program_check_shape(program, "out_values", out_values.n_rows, out_values.n_cols, x.n_rows,
                                          program->n_outputs));
    QSTI_TRY(qsti_program_check(program, weights, x));
    qsti_program_bind(program, weights, QSTI_NO_SHIFT);
    QSTI_TRY(backward(&work, out_weights));
done:
    return status;
}

qst_status qsti_program_backward_kept(qst_program *program, const double *weights, qst_const_matrix x,
                                      qst_const_matrix cotangent, double *out_weights, qst_matrix out_x)
{
    batch work = {program, weights, x, cotangent, out_x.data, NULL, false, false};
    qst_status status = qsti_program_check_shape(program, "cotangent", cotangent.n_rows, cotangent.n_cols, x.n_rows,
                                                 program->n_outputs);
    if (status == QST_OK && out_x.data != NULL)
        status = qsti_program_check_shape(program, "out_x", out_x.n_rows, out_x.n_cols, x.n_rows, program->n_features);
    work.has_kept = may_keep(program, blocks_of(program, x.n_rows));
    return status == QST_OK ? backward(&work, out_weights) : status;
}

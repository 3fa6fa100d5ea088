/* jump_batch.c: batches of samples: means over trajectories, a training step, threads (jump_engine.h has the layout).
 *
 * With several passes a block: values of all passes, their mean, the caller's cotangents, and all passes again, there
 * and back. Sums run over passes in their order, then over chunks, then over blocks by a tree.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "jumps/jump_engine.h"
#include "kernels/lines.h"

#define LANES       QSTI_JUMP_LANES
#define ITEMS       ((size_t)64) /* as many as threads can share well */
#define PARTS_BYTES ((size_t)64 << 20)

typedef struct batch {
    qsti_jump_engine *engine;
    const double *weights;
    qst_const_matrix x;
    qst_block_fn *fn; /* NULL: forward alone */
    void *user;
    size_t n_sums, n_chunks;
    bool at_once; /* one pass a block */
    double *out_values, *out_x;
    size_t first_block, first_item; /* of the group; of the call */
} batch;

/* --- blocks and lanes --------------------------------------------------------------------------------------------- */

static size_t rows_of(const batch *work, size_t block)
{
    size_t left = work->x.n_rows - block * LANES;
    return left < LANES ? left : LANES;
}

/* Rows side by side in a pass: a power of two. */
static size_t spread_of(size_t n_rows)
{
    size_t spread = 1;
    while (spread < n_rows)
        spread *= 2;
    return spread;
}

static size_t passes_of(const batch *work, size_t block)
{
    size_t a_pass = LANES / spread_of(rows_of(work, block)), n = work->engine->trajectories;
    return n / a_pass + (n % a_pass != 0);
}

/* The block's rows, angles; nothing that depends on the pass. */
static void enter(const batch *work, size_t block, qsti_jump_scratch *scratch)
{
    const qsti_jump_engine *engine = work->engine;
    size_t n_rows = rows_of(work, block), spread = spread_of(n_rows), n_features = engine->machine.n_features;
    for (size_t lane = 0; lane < LANES; lane++) {
        size_t row = lane % spread < n_rows ? lane % spread : 0;
        for (size_t j = 0; j < n_features; j++)
            scratch->x[j * LANES + lane] = work->x.data[(block * LANES + row) * n_features + j];
        scratch->row[lane] = (uint32_t)(block * LANES + row);
    }
    qsti_jump_angles(&engine->machine, work->weights, scratch);
}

static qsti_jump_held held_of(const batch *work, size_t block, size_t pass)
{
    const qsti_jump_engine *engine = work->engine;
    qsti_jump_held held = engine->held;
    size_t one = engine->machine.plan.n_relaxes * QSTI_JUMP_COLUMN + LANES;
    size_t number = block * engine->trajectories + pass;
    held.record = held.record != NULL && number < engine->n_held ? held.record + number * one : NULL;
    return held;
}

/* One pass there. */
static void run_pass(const batch *work, size_t block, size_t pass, bool back, qsti_jump_scratch *scratch)
{
    const qsti_jump_engine *engine = work->engine;
    size_t n_rows = rows_of(work, block), spread = spread_of(n_rows);
    qsti_jump_held held = held_of(work, block, pass);
    for (size_t lane = 0; lane < LANES; lane++) {
        size_t trajectory = pass * (LANES / spread) + lane / spread;
        scratch->trajectory[lane] = (uint32_t)trajectory;
        scratch->valid[lane] = lane % spread < n_rows && trajectory < engine->trajectories;
    }
    qsti_jump_tape(&engine->machine, scratch);
    qsti_jump_forward(&engine->machine, scratch, back, &held);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static double *values_of(const batch *work, size_t block, size_t chunk)
{
    const qsti_jump_engine *engine = work->engine;
    return engine->parts.values +
           ((block - work->first_block) * work->n_chunks + chunk) * engine->machine.n_inside * LANES;
}

/* The block's values; its cotangents stand behind them, then those inside. */
static double *block_of(const batch *work, size_t block)
{
    const qsti_jump_engine *engine = work->engine;
    return engine->parts.block +
           (block - work->first_block) * (2 * engine->n_outputs + engine->machine.n_inside) * LANES;
}

/* Sums of chunks and of a row's lanes -> means, in the first lanes of `inside` (n_inside, lanes). */
static void average(const batch *work, size_t block, double *inside)
{
    const qsti_jump_engine *engine = work->engine;
    size_t n_rows = rows_of(work, block), spread = spread_of(n_rows), n_inside = engine->machine.n_inside;
    memset(inside, 0, n_inside * LANES * sizeof *inside);
    for (size_t chunk = 0; chunk < work->n_chunks; chunk++) {
        const double *from = values_of(work, block, chunk);
        for (size_t i = 0; i < n_inside; i++)
            for (size_t lane = 0; lane < LANES; lane++)
                inside[i * LANES + lane % spread] += from[i * LANES + lane];
    }
    for (size_t i = 0; i < n_inside; i++)
        for (size_t row = 0; row < LANES; row++)
            inside[i * LANES + row] = row < n_rows ? inside[i * LANES + row] / (double)engine->trajectories : 0;
}

/* The caller's values of a block. */
static void finish_values(const batch *work, size_t block)
{
    const qsti_jump_engine *engine = work->engine;
    const qsti_jump_machine *machine = &engine->machine;
    double *values = block_of(work, block), *inside = values + 2 * engine->n_outputs * LANES;
    average(work, block, inside);
    if (machine->paulis) {
        memcpy(values, inside, engine->n_outputs * LANES * sizeof *values);
        return;
    }
    qsti_noise_misread(engine->noise, machine->plan.n_qubits, LANES, false, inside);
    memset(values, 0, engine->n_outputs * LANES * sizeof *values);
    for (size_t i = 0; i < machine->dim; i++)
        for (size_t lane = 0; lane < LANES; lane++)
            values[qsti_readout_group(&engine->readout, i) * LANES + lane] += inside[i * LANES + lane];
}

/* From cotangents to those inside. */
static void begin_back(const batch *work, size_t block)
{
    const qsti_jump_engine *engine = work->engine;
    const qsti_jump_machine *machine = &engine->machine;
    const double *cotangents = block_of(work, block) + engine->n_outputs * LANES;
    double *inside = block_of(work, block) + 2 * engine->n_outputs * LANES;
    for (size_t i = 0; i < machine->n_inside; i++) {
        size_t from = machine->paulis ? i : qsti_readout_group(&engine->readout, i);
        for (size_t lane = 0; lane < LANES; lane++)
            inside[i * LANES + lane] = cotangents[from * LANES + lane] / (double)engine->trajectories;
    }
    if (!machine->paulis)
        qsti_noise_misread(engine->noise, machine->plan.n_qubits, LANES, true, inside);
}

/* The caller's part. */
static void ask(const batch *work, size_t block, int worker)
{
    const qsti_jump_engine *engine = work->engine;
    double *values = block_of(work, block), *cotangents = values + engine->n_outputs * LANES;
    double *sums = engine->parts.sums + (block - work->first_block) * work->n_sums;
    qst_block out = {block * LANES, rows_of(work, block), LANES, values, cotangents, sums, worker};
    memset(cotangents, 0, engine->n_outputs * LANES * sizeof *cotangents);
    if (work->n_sums > 0)
        memset(sums, 0, work->n_sums * sizeof *sums);
    work->fn(work->user, &out);
    begin_back(work, block);
}

/* --- the way back ------------------------------------------------------------------------------------------------- */

/* From the state at the end: gradients of the angles, and features. */
static void back_pass(const batch *work, size_t block, qsti_jump_scratch *scratch)
{
    const qsti_jump_engine *engine = work->engine;
    size_t spread = spread_of(rows_of(work, block));
    const double *inside = block_of(work, block) + 2 * engine->n_outputs * LANES;
    for (size_t i = 0; i < engine->machine.n_inside; i++)
        for (size_t lane = 0; lane < LANES; lane++)
            scratch->cotangents[i * LANES + lane] = scratch->valid[lane] ? inside[i * LANES + lane % spread] : 0;
    qsti_jump_seed(&engine->machine, scratch);
    qsti_jump_back(&engine->machine, scratch, work->out_x != NULL);
}

static void clear_gradients(const qsti_jump_machine *machine, qsti_jump_scratch *scratch)
{
    if (machine->plan.n_rotations > 0)
        memset(scratch->gradient, 0, machine->plan.n_rotations * LANES * sizeof *scratch->gradient);
    if (machine->n_features > 0)
        memset(scratch->out_x, 0, machine->n_features * LANES * sizeof *scratch->out_x);
}

/* Into the item's place of the parts. */
static void leave_gradients(const batch *work, size_t block, size_t chunk, qsti_jump_scratch *scratch)
{
    const qsti_jump_engine *engine = work->engine;
    const qsti_jump_machine *machine = &engine->machine;
    size_t item = (block - work->first_block) * work->n_chunks + chunk, n_x = machine->n_features * LANES;
    double *weights = engine->parts.weights + item * machine->n_weights;
    if (machine->n_weights > 0)
        memset(weights, 0, machine->n_weights * sizeof *weights);
    qsti_jump_chain(machine, work->weights, weights, scratch);
    if (n_x > 0)
        memcpy(engine->parts.x + item * n_x, scratch->out_x, n_x * sizeof *scratch->out_x);
}

/* The features' gradients of a block's rows: sums over chunks and lanes. */
static void finish_features(const batch *work, size_t block)
{
    const qsti_jump_engine *engine = work->engine;
    size_t n_rows = rows_of(work, block), spread = spread_of(n_rows), n = engine->machine.n_features;
    double *out = work->out_x + block * LANES * n;
    if (n == 0)
        return;
    memset(out, 0, n_rows * n * sizeof *out);
    for (size_t chunk = 0; chunk < work->n_chunks; chunk++) {
        size_t item = (block - work->first_block) * work->n_chunks + chunk;
        const double *from = engine->parts.x + item * n * LANES;
        for (size_t lane = 0; lane < LANES; lane++)
            for (size_t j = 0; j < n && lane % spread < n_rows; j++)
                out[lane % spread * n + j] += from[j * LANES + lane];
    }
}

/* --- items -------------------------------------------------------------------------------------------------------- */

typedef struct span {
    size_t block, chunk, first, end; /* passes */
} span;

static span span_of(const batch *work, size_t item)
{
    span out = {work->first_block + item / work->n_chunks, item % work->n_chunks, 0, 0};
    size_t n = passes_of(work, out.block);
    out.first = n * out.chunk / work->n_chunks;
    out.end = n * (out.chunk + 1) / work->n_chunks;
    return out;
}

static void values_item(void *arg, size_t index, int worker)
{
    const batch *work = arg;
    qsti_jump_scratch *scratch = &work->engine->scratch[worker];
    span at = span_of(work, work->first_item + index);
    double *values = values_of(work, at.block, at.chunk);
    memset(values, 0, work->engine->machine.n_inside * LANES * sizeof *values);
    enter(work, at.block, scratch);
    for (size_t pass = at.first; pass < at.end; pass++) {
        run_pass(work, at.block, pass, work->at_once, scratch);
        qsti_jump_values(&work->engine->machine, scratch, values);
    }
    if (!work->at_once)
        return;
    finish_values(work, at.block);
    ask(work, at.block, worker);
    clear_gradients(&work->engine->machine, scratch);
    back_pass(work, at.block, scratch);
    leave_gradients(work, at.block, 0, scratch);
}

static void block_item(void *arg, size_t index, int worker)
{
    const batch *work = arg;
    const qsti_jump_engine *engine = work->engine;
    size_t block = work->first_block + work->first_item + index;
    finish_values(work, block);
    if (work->fn != NULL)
        ask(work, block, worker);
    if (work->out_values != NULL)
        qsti_lines_to_rows(block_of(work, block), work->x.n_rows, engine->n_outputs, block * LANES, LANES,
                           work->out_values);
}

static void gradient_item(void *arg, size_t index, int worker)
{
    const batch *work = arg;
    qsti_jump_scratch *scratch = &work->engine->scratch[worker];
    span at = span_of(work, work->first_item + index);
    enter(work, at.block, scratch);
    clear_gradients(&work->engine->machine, scratch);
    for (size_t pass = at.first; pass < at.end; pass++) {
        run_pass(work, at.block, pass, true, scratch);
        back_pass(work, at.block, scratch);
    }
    leave_gradients(work, at.block, at.chunk, scratch);
}

/* --- batches ------------------------------------------------------------------------------------------------------ */

/* On so many workers at most. */
static void share(batch *work, size_t n_workers, size_t n_items, qsti_work_fn *fn)
{
    const qst_ctx *ctx = work->engine->ctx;
    work->first_item = 0;
    if (n_workers >= (size_t)qst_ctx_threads(ctx)) {
        qsti_parallel_for(ctx, n_items, fn, work);
        return;
    }
    for (; work->first_item < n_items; work->first_item += n_workers) {
        size_t left = n_items - work->first_item;
        qsti_parallel_for(ctx, left < n_workers ? left : n_workers, fn, work);
    }
    work->first_item = 0;
}

static size_t blocks_of(const batch *work)
{
    return work->x.n_rows / LANES + (work->x.n_rows % LANES != 0);
}

/* Values of the parts of a block with so many chunks. */
static size_t block_values(const batch *work, size_t n_chunks)
{
    const qsti_jump_machine *machine = &work->engine->machine;
    size_t back = work->fn != NULL ? machine->n_weights + machine->n_features * LANES : 0;
    return n_chunks * (machine->n_inside * LANES + back) + (2 * work->engine->n_outputs + machine->n_inside) * LANES +
           work->n_sums;
}

/* How passes are dealt out; and the number of blocks of a group. */
static size_t choose_chunks(batch *work)
{
    double bytes = fmin((double)PARTS_BYTES, qsti_jump_memory_limit(work->engine) / 8);
    size_t n_blocks = blocks_of(work), most = 1, fit = (size_t)(bytes / sizeof(double));
    for (size_t block = 0; block<n_blocks; block += n_blocks> 1 ? n_blocks - 1 : 1)
        most = passes_of(work, block) > most ? passes_of(work, block) : most;
    work->n_chunks = n_blocks > 0 && n_blocks < ITEMS ? ITEMS / n_blocks : 1;
    work->n_chunks = work->n_chunks < most ? work->n_chunks : most;
    while (work->n_chunks > 1 && block_values(work, work->n_chunks) > fit / (n_blocks < 8 ? n_blocks : 8))
        work->n_chunks /= 2;
    work->at_once = work->fn != NULL && most == 1;
    size_t group = fit / block_values(work, work->n_chunks);
    group = group > 0 ? group : 1;
    return group < n_blocks ? group : n_blocks;
}

static qst_status reserve(batch *work, size_t group, size_t *n_workers)
{
    qst_status status = QST_OK;
    qsti_jump_engine *engine = work->engine;
    const qsti_jump_machine *machine = &engine->machine;
    qsti_jump_parts *parts = &engine->parts;
    size_t n_items = group * work->n_chunks, n_total = machine->n_weights + work->n_sums;
    double bytes = (double)group * (double)block_values(work, work->n_chunks) * sizeof(double);
    QSTI_TRY(qsti_jump_memory_reserve(engine, work->fn != NULL, bytes, n_workers));
    QSTI_TRY(qsti_jump_memory_part(engine, n_items * machine->n_inside * LANES, 0, &parts->values));
    QSTI_TRY(
        qsti_jump_memory_part(engine, group * (2 * engine->n_outputs + machine->n_inside) * LANES, 1, &parts->block));
    if (work->fn == NULL)
        goto done;
    QSTI_TRY(qsti_jump_memory_part(engine, n_items * machine->n_weights, 2, &parts->weights));
    QSTI_TRY(qsti_jump_memory_part(engine, n_items * machine->n_features * LANES, 3, &parts->x));
    QSTI_TRY(qsti_jump_memory_part(engine, group * work->n_sums, 4, &parts->sums));
    QSTI_TRY(qsti_jump_memory_part(engine, 2 * n_total, 5, &parts->total));
done:
    return status;
}

/* total += the sum over rows of part (n_rows, n_cols). */
static void add_rows(const qsti_jump_engine *engine, double *part, size_t n_rows, size_t n_cols, double *sum,
                     double *total)
{
    if (n_cols == 0)
        return;
    qsti_reduce_rows(engine->ctx, part, n_rows, n_cols, sum);
    for (size_t i = 0; i < n_cols; i++)
        total[i] += sum[i];
}

static void run_group(batch *work, size_t n_blocks, size_t n_workers)
{
    const qsti_jump_engine *engine = work->engine;
    size_t n_items = n_blocks * work->n_chunks, n_weights = engine->machine.n_weights;
    double *total = engine->parts.total, *sum = total + n_weights + work->n_sums;
    share(work, n_workers, n_items, values_item);
    if (!work->at_once)
        share(work, n_workers, n_blocks, block_item);
    if (work->fn == NULL)
        return;
    if (!work->at_once)
        share(work, n_workers, n_items, gradient_item);
    add_rows(engine, engine->parts.weights, n_items, n_weights, sum, total);
    add_rows(engine, engine->parts.sums, n_blocks, work->n_sums, sum, total + n_weights);
    for (size_t block = 0; block < n_blocks && work->out_x != NULL; block++)
        finish_features(work, work->first_block + block);
}

static qst_status run(batch *work)
{
    qst_status status = QST_OK;
    const qsti_jump_engine *engine = work->engine;
    size_t n_blocks = blocks_of(work), group = choose_chunks(work), n_items = group * work->n_chunks;
    size_t threads = (size_t)qst_ctx_threads(engine->ctx), n_workers = n_items < threads ? n_items : threads;
    QSTI_TRY(reserve(work, group, &n_workers));
    if (work->fn != NULL && engine->machine.n_weights + work->n_sums > 0)
        memset(engine->parts.total, 0, (engine->machine.n_weights + work->n_sums) * sizeof(double));
    for (; work->first_block < n_blocks; work->first_block += group) {
        size_t left = n_blocks - work->first_block;
        run_group(work, left < group ? left : group, n_workers);
    }
done:
    return status;
}

qst_status qsti_jump_forward_batch(void *engine, const double *weights, qst_const_matrix x, qst_matrix out)
{
    batch work = {.engine = engine, .weights = weights, .x = x, .out_values = out.data};
    return run(&work);
}

qst_status qsti_jump_step_batch(void *engine, const double *weights, qst_const_matrix x, qst_block_fn *fn, void *user,
                                size_t n_sums, double *out_sums, double *out_weights, qst_matrix out_x)
{
    qst_status status = QST_OK;
    const qsti_jump_engine *inside = engine;
    size_t n_weights = inside->machine.n_weights;
    batch work = {
        .engine = engine, .weights = weights, .x = x, .fn = fn, .user = user, .n_sums = n_sums, .out_x = out_x.data};
    QSTI_TRY(run(&work));
    if (n_weights > 0)
        memcpy(out_weights, inside->parts.total, n_weights * sizeof *out_weights);
    if (n_sums > 0)
        memcpy(out_sums, inside->parts.total + n_weights, n_sums * sizeof *out_sums);
done:
    return status;
}

/* --- for tests ---------------------------------------------------------------------------------------------------- */

qst_status qsti_jumps_hold(void *inside, size_t n_rows, bool given)
{
    qst_status status = QST_OK;
    qsti_jump_engine *engine = inside;
    size_t one = engine->machine.plan.n_relaxes * QSTI_JUMP_COLUMN + LANES;
    size_t n = (n_rows + LANES - 1) / LANES * engine->trajectories;
    engine->held.given = given;
    if (n == engine->n_held)
        return QST_OK;
    qsti_free(engine->ctx, engine->held.record);
    engine->held.record = NULL;
    engine->n_held = n;
    if (n > 0)
        QSTI_TRY(QSTI_NEW(engine->ctx, n * one, &engine->held.record));
done:
    return status;
}

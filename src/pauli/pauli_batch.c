/* pauli_batch.c: batches: memory, passes forward and back, blocks over threads.
 *
 * The way back needs the state before every pass of maps, and channels are not undone: states are kept. Rotations about
 * Paulis of several qubits are undone, on the state behind them. A stage is a pass of maps or a table and the rotations
 * behind it. Stages go in segments; the state before each segment is kept, and those inside the present one. When the
 * way back enters a segment it is run again. With segments of k stages of N that is ceil(N/k) + k states, one forward
 * run more in all, and the same bits. k is the largest that memory_limit allows; N of them (one segment, nothing run
 * twice) if it can be.
 *
 * A block has 8 lanes, or 1: of up to three samples, of many qubits (a state of one sample then fits a cache that eight
 * do not), and where memory_limit allows no more. Blocks depend on the batch alone, and rows of gradients are summed by
 * a tree of fixed shape: the same bits for any number of threads. */
#include "pauli/pauli_engine.h"

#include <string.h>
#include <unistd.h>

#include "kernels/lines.h"

#define PARTS_BYTES  ((size_t)64 << 20)
#define FEW_ROWS     4
#define LANES_QUBITS 6 /* above, lanes are 1 */

/* --- how much is kept --------------------------------------------------------------------------------------------- */

static double bytes_with(const qsti_pauli_engine *engine, size_t n_states, size_t lanes)
{
    return (double)(n_states + 2) * (double)(engine->n_coefficients * lanes * sizeof(double));
}

double qsti_pauli_bytes(const qsti_pauli_engine *engine)
{
    return bytes_with(engine, engine->n_checkpoints + engine->segment, engine->most_lanes);
}

static double half_of_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGE_SIZE);
    return 0.5 * (double)pages * (double)page_bytes;
}

/* The longest segments that fit; false: none do, and the fewest states there can be. */
static bool plan_segments(qsti_pauli_engine *engine, size_t lanes, double limit, size_t *out_fewest)
{
    *out_fewest = SIZE_MAX;
    for (size_t k = engine->n_stages > 0 ? engine->n_stages : 1; k > 0; k--) {
        size_t n = engine->n_stages > 0 ? (engine->n_stages + k - 1) / k + k : 2;
        *out_fewest = n < *out_fewest ? n : *out_fewest;
        if (bytes_with(engine, n, lanes) > limit)
            continue;
        engine->segment = k;
        engine->n_checkpoints = n - k;
        engine->most_lanes = lanes;
        return true;
    }
    return false;
}

qst_status qsti_pauli_plan_memory(qsti_pauli_engine *engine, double limit)
{
    double share = (limit > 0 ? limit : half_of_memory()) / qst_ctx_threads(engine->ctx);
    size_t fewest = 0;
    if (engine->n_qubits <= LANES_QUBITS && plan_segments(engine, QSTI_PAULI_LANES, share, &fewest))
        return QST_OK;
    if (plan_segments(engine, 1, share, &fewest))
        return QST_OK;
    return qsti_fail(engine->ctx, QST_ERR_LIMIT,
                     "a gradient through the noise of %zu qubits keeps at least %zu states: %.0f bytes on %d thread%s; "
                     "memory_limit allows %.0f",
                     engine->n_qubits, fewest, bytes_with(engine, fewest, 1) * qst_ctx_threads(engine->ctx),
                     qst_ctx_threads(engine->ctx), qst_ctx_threads(engine->ctx) == 1 ? "" : "s",
                     share * qst_ctx_threads(engine->ctx));
}

/* --- scratch ------------------------------------------------------------------------------------------------------ */

void qsti_pauli_scratch_clear(qst_ctx *ctx, qsti_pauli_scratch *scratch)
{
    void *const lines[] = {scratch->state[0],   scratch->state[1], scratch->kept,  scratch->lambda[0],
                           scratch->lambda[1],  scratch->x,        scratch->out_x, scratch->values,
                           scratch->cotangents, scratch->lines,    scratch->norm,  scratch->angles,
                           scratch->cosine,     scratch->sine,     scratch->maps,  scratch->starts,
                           scratch->prefix};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        qsti_free_lines(ctx, lines[i]);
    *scratch = (qsti_pauli_scratch){0};
}

/* What is there for fewer lanes goes; what is there for as many stays. */
static qst_status scratch_fill(const qsti_pauli_engine *engine, size_t lanes, bool backward,
                               qsti_pauli_scratch *scratch)
{
    qst_ctx *ctx = engine->ctx;
    qst_status status = QST_OK;
    size_t dim = (size_t)1 << engine->n_qubits;
    if (scratch->lanes < lanes)
        qsti_pauli_scratch_clear(ctx, scratch);
    scratch->lanes = lanes > scratch->lanes ? lanes : scratch->lanes;
    size_t line = scratch->lanes * sizeof(double), state = engine->n_coefficients * line;
#define FILL(member, count, bytes) \
    if (scratch->member == NULL)   \
        QSTI_TRY(qsti_alloc_lines(ctx, (count), (bytes), (void **)&scratch->member))
    FILL(x, engine->n_features, line);
    FILL(out_x, engine->n_features, line);
    FILL(norm, 1, line);
    FILL(values, engine->n_outputs, line);
    FILL(cotangents, engine->n_outputs, line);
    FILL(lines, 3 * dim, line);
    FILL(angles, engine->n_per_lane + 8, line);
    FILL(cosine, engine->n_per_lane + 8, line);
    FILL(sine, engine->n_per_lane + 8, line);
    FILL(maps, engine->n_lane_maps, QSTI_MAP_DOUBLES * sizeof(double));
    FILL(starts, engine->n_qubits, 3 * QSTI_PAULI_LANES * sizeof(double));
    if (backward)
        FILL(prefix, engine->most_elements + 1, QSTI_MAP_DOUBLES * sizeof(double));
#undef FILL
#define FILL_STATES(member, count) \
    if (scratch->member == NULL)   \
        QSTI_TRY(qsti_alloc_pages(ctx, (count), state, (void **)&scratch->member))
    if (!backward) {
        FILL_STATES(state[0], 1);
        FILL_STATES(state[1], 1);
    } else {
        FILL_STATES(kept, engine->n_checkpoints + engine->segment);
        FILL_STATES(lambda[0], 1);
        FILL_STATES(lambda[1], 1);
    }
#undef FILL_STATES
done:
    return status;
}

static qst_status reserve(qsti_pauli_engine *engine, size_t lanes, size_t n_blocks, bool backward)
{
    qst_status status = QST_OK;
    size_t n_workers = (size_t)qst_ctx_threads(engine->ctx);
    n_workers = n_workers > n_blocks ? n_blocks : n_workers;
    if (engine->n_scratch < n_workers) {
        QSTI_TRY(QSTI_GROW(engine->ctx, n_workers, &engine->scratch));
        memset(engine->scratch + engine->n_scratch, 0, (n_workers - engine->n_scratch) * sizeof *engine->scratch);
        engine->n_scratch = n_workers;
    }
    for (size_t i = 0; i < n_workers; i++)
        QSTI_TRY(scratch_fill(engine, lanes, backward, &engine->scratch[i]));
done:
    return status;
}

static qst_status reserve_parts(qsti_pauli_engine *engine, size_t n_rows, size_t row)
{
    qst_status status = QST_OK;
    if (engine->n_arrived < n_rows) {
        engine->n_arrived = 0;
        QSTI_TRY(QSTI_GROW(engine->ctx, n_rows, &engine->arrived));
        engine->n_arrived = n_rows;
    }
    if (engine->n_total < row) {
        qsti_free_lines(engine->ctx, engine->total);
        engine->total = NULL;
        engine->n_total = 0;
        QSTI_TRY(QSTI_NEW_LINES(engine->ctx, row, &engine->total));
        engine->n_total = row;
    }
    if (engine->n_parts < n_rows * row) {
        qsti_free_lines(engine->ctx, engine->parts);
        engine->parts = NULL;
        engine->n_parts = 0;
        QSTI_TRY(QSTI_NEW_LINES(engine->ctx, n_rows * row, &engine->parts));
        engine->n_parts = n_rows * row;
    }
done:
    return status;
}

/* --- passes ------------------------------------------------------------------------------------------------------- */

/* A pair of maps whose lines are shorter than vectors goes one by one. */
static bool in_one_walk(const qsti_pauli_pass *pass, size_t low_stride)
{
    return pass->n_ops == 2 && low_stride >= QSTI_PAULI_LANES;
}

static void run_maps(const qsti_pauli_engine *engine, const qsti_pauli_pass *pass, size_t lanes,
                     const qsti_pauli_scratch *scratch, const double *in, double *out)
{
    const qsti_pauli_op *low = &engine->ops[pass->op[0]], *high = &engine->ops[pass->op[1]];
    size_t n = engine->n_coefficients * lanes, stride = lanes << 2 * low->qubit, above = lanes << 2 * high->qubit;
    const double *map = qsti_pauli_map(engine, low, scratch), *map_above = qsti_pauli_map(engine, high, scratch);
    if (in_one_walk(pass, stride)) {
        engine->kernels->map_two(in, out, n, stride, above, map, map_above);
        return;
    }
    engine->kernels->map(in, out, n, stride, map);
    if (pass->n_ops == 2)
        engine->kernels->map(out, out, n, above, map_above);
}

/* Maps or a table; out may be in for maps. */
static void run_pass(const qsti_pauli_engine *engine, const qsti_pauli_pass *pass, size_t lanes,
                     const qsti_pauli_scratch *scratch, const double *in, double *out)
{
    if (pass->kind == QSTI_OP_MAP)
        run_maps(engine, pass, lanes, scratch, in, out);
    else
        qsti_pauli_table_run(engine, &engine->ops[pass->op[0]], lanes, false, in, out);
}

/* Rotations, passes first .. +count, in place. */
static void rotate(const qsti_pauli_engine *engine, size_t first, size_t count, size_t lanes,
                   const qsti_pauli_scratch *scratch, double *state)
{
    double cosine[QSTI_PAULI_LANES], sine[QSTI_PAULI_LANES];
    for (size_t i = first; i < first + count; i++) {
        const qsti_pauli_op *op = &engine->ops[engine->passes[i].op[0]];
        qsti_pauli_turn(engine, op, lanes, scratch, cosine, sine);
        engine->kernels->rotate(state, engine->n_coefficients * lanes, lanes, op->pauli, cosine, sine);
    }
}

/* The same back, on the state behind them and lambda. */
static void unrotate(const qsti_pauli_chain *chain, size_t first, size_t count, double *state, double *lambda)
{
    const qsti_pauli_engine *engine = chain->engine;
    double cosine[QSTI_PAULI_LANES], sine[QSTI_PAULI_LANES], gradient[QSTI_PAULI_LANES];
    for (size_t i = first + count; i-- > first;) {
        const qsti_pauli_op *op = &engine->ops[engine->passes[i].op[0]];
        qsti_pauli_turn(engine, op, chain->lanes, chain->scratch, cosine, sine);
        engine->kernels->unrotate(state, lambda, engine->n_coefficients * chain->lanes, chain->lanes, op->pauli, cosine,
                                  sine, gradient);
        for (size_t lane = 1; lane < QSTI_PAULI_LANES && chain->lanes == 1; lane++)
            gradient[0] += gradient[lane];
        qsti_pauli_chain_rotation(chain, op, gradient);
    }
}

/* lambda[0] is that behind the pass, and that before it then. */
static void unrun_maps(const qsti_pauli_chain *chain, const qsti_pauli_pass *pass, const double *in, double **lambda)
{
    const qsti_pauli_engine *engine = chain->engine;
    const qsti_pauli_op *low = &engine->ops[pass->op[0]], *high = &engine->ops[pass->op[1]];
    size_t n = engine->n_coefficients * chain->lanes, stride = chain->lanes << 2 * low->qubit;
    size_t above = chain->lanes << 2 * high->qubit;
    const double *map = qsti_pauli_map(engine, low, chain->scratch);
    const double *map_above = qsti_pauli_map(engine, high, chain->scratch);
    double sums[QSTI_MAP_DOUBLES] = {0}, sums_above[QSTI_MAP_DOUBLES] = {0};
    if (in_one_walk(pass, stride)) {
        engine->kernels->unmap_two(in, lambda[0], n, stride, above, map, map_above, sums, sums_above);
    } else {
        if (pass->n_ops == 2) {
            engine->kernels->map(in, lambda[1], n, stride, map);
            engine->kernels->unmap(lambda[1], lambda[0], n, above, map_above, sums_above);
        }
        engine->kernels->unmap(in, lambda[0], n, stride, map, sums);
    }
    if (pass->n_ops == 2)
        qsti_pauli_chain_map(chain, high, sums_above);
    qsti_pauli_chain_map(chain, low, sums);
}

/* Stage i, from its states before and behind; the latter is overwritten. */
static void unrun_stage(const qsti_pauli_chain *chain, size_t i, const double *in, double *out, double **lambda)
{
    const qsti_pauli_engine *engine = chain->engine;
    const qsti_pauli_stage *stage = &engine->stages[i];
    const qsti_pauli_pass *pass = &engine->passes[stage->first];
    double *was = lambda[0];
    unrotate(chain, stage->first + 1, stage->count - 1, out, lambda[0]);
    if (pass->kind == QSTI_OP_MAP) {
        unrun_maps(chain, pass, in, lambda);
        return;
    }
    qsti_pauli_table_run(engine, &engine->ops[pass->op[0]], chain->lanes, true, lambda[0], lambda[1]);
    lambda[0] = lambda[1];
    lambda[1] = was;
}

/* --- blocks ------------------------------------------------------------------------------------------------------- */

static size_t lanes_of(const qsti_pauli_engine *engine, size_t n_rows)
{
    return n_rows < FEW_ROWS ? 1 : engine->most_lanes;
}

static void load(const qsti_pauli_engine *engine, const double *weights, qst_const_matrix x, size_t first, size_t lanes,
                 qsti_pauli_scratch *scratch)
{
    qsti_rows_to_lines(x.data, x.n_rows, engine->n_features, first, lanes, scratch->x);
    qsti_pauli_bind_lanes(engine, weights, lanes, scratch);
}

typedef struct batch {
    qsti_pauli_engine *engine;
    const double *weights;
    qst_const_matrix x;
    size_t lanes;
    double *out;
} batch;

static void forward_block(void *arg, size_t block, int worker)
{
    const batch *work = arg;
    const qsti_pauli_engine *engine = work->engine;
    qsti_pauli_scratch *scratch = &engine->scratch[worker];
    double *state = scratch->state[0], *other = scratch->state[1];
    load(engine, work->weights, work->x, block * work->lanes, work->lanes, scratch);
    qsti_pauli_start(engine, work->lanes, scratch, state);
    rotate(engine, 0, engine->n_first, work->lanes, scratch, state);
    for (size_t i = 0; i < engine->n_stages; i++) {
        const qsti_pauli_stage *stage = &engine->stages[i];
        bool table = engine->passes[stage->first].kind == QSTI_OP_TABLE;
        run_pass(engine, &engine->passes[stage->first], work->lanes, scratch, state, table ? other : state);
        if (table) {
            double *was = state;
            state = other;
            other = was;
        }
        rotate(engine, stage->first + 1, stage->count - 1, work->lanes, scratch, state);
    }
    qsti_pauli_values(engine, work->lanes, state, scratch);
    qsti_lines_to_rows(scratch->values, work->x.n_rows, engine->n_outputs, block * work->lanes, work->lanes, work->out);
}

qst_status qsti_pauli_forward(void *inside, const double *weights, qst_const_matrix x, qst_matrix out)
{
    qst_status status = QST_OK;
    qsti_pauli_engine *engine = inside;
    batch work = {engine, weights, x, lanes_of(engine, x.n_rows), out.data};
    size_t n_blocks = (x.n_rows + work.lanes - 1) / work.lanes;
    QSTI_TRY(reserve(engine, work.lanes, n_blocks, false));
    qsti_pauli_bind(engine, weights);
    qsti_parallel_for(engine->ctx, n_blocks, forward_block, &work);
done:
    return status;
}

/* --- a training step ---------------------------------------------------------------------------------------------- */

typedef struct step {
    qsti_pauli_engine *engine;
    const double *weights;
    qst_const_matrix x;
    qst_block_fn *fn;
    void *user;
    size_t lanes, n_sums, row, first_block;
    qsti_row_tree tree;
    double *out_x;
} step;

/* The state before stage i, kept while the segment is that of i, or the first of its segment. */
static double *state_at(const qsti_pauli_engine *engine, const qsti_pauli_scratch *scratch, size_t lanes, size_t i,
                        size_t segment)
{
    size_t size = engine->n_coefficients * lanes, inside = i - segment * engine->segment;
    return scratch->kept + (inside == 0 ? segment : engine->n_checkpoints + inside - 1) * size;
}

/* The state behind stage i: behind a segment it is the next one's first. */
static double *state_behind(const qsti_pauli_engine *engine, const qsti_pauli_scratch *scratch, size_t lanes, size_t i,
                            size_t segment)
{
    bool next = i + 1 == (segment + 1) * engine->segment && i + 1 < engine->n_stages;
    return state_at(engine, scratch, lanes, i + 1, next ? segment + 1 : segment);
}

static void run_segment(const qsti_pauli_engine *engine, size_t lanes, size_t segment, size_t end,
                        qsti_pauli_scratch *scratch)
{
    for (size_t i = segment * engine->segment; i < end; i++) {
        const qsti_pauli_stage *stage = &engine->stages[i];
        double *out = state_behind(engine, scratch, lanes, i, segment);
        run_pass(engine, &engine->passes[stage->first], lanes, scratch, state_at(engine, scratch, lanes, i, segment),
                 out);
        rotate(engine, stage->first + 1, stage->count - 1, lanes, scratch, out);
    }
}

static size_t end_of(const qsti_pauli_engine *engine, size_t segment)
{
    size_t end = (segment + 1) * engine->segment;
    return end < engine->n_stages ? end : engine->n_stages;
}

static const double *run_all(const qsti_pauli_engine *engine, size_t lanes, qsti_pauli_scratch *scratch)
{
    size_t n_segments = engine->n_checkpoints;
    double *start = state_at(engine, scratch, lanes, 0, 0);
    qsti_pauli_start(engine, lanes, scratch, start);
    rotate(engine, 0, engine->n_first, lanes, scratch, start);
    for (size_t s = 0; s < n_segments; s++)
        run_segment(engine, lanes, s, end_of(engine, s), scratch);
    return state_at(engine, scratch, lanes, engine->n_stages, n_segments - 1);
}

static void unrun_all(const qsti_pauli_chain *chain)
{
    const qsti_pauli_engine *engine = chain->engine;
    qsti_pauli_scratch *scratch = chain->scratch;
    double *lambda[2] = {scratch->lambda[0], scratch->lambda[1]},
           *start = state_at(engine, scratch, chain->lanes, 0, 0);
    qsti_pauli_seed(engine, chain->lanes, lambda[0], scratch);
    for (size_t s = engine->n_checkpoints; s-- > 0;) {
        size_t end = end_of(engine, s);
        if (s + 1 < engine->n_checkpoints)
            run_segment(engine, chain->lanes, s, end - 1, scratch);
        for (size_t i = end; i-- > s * engine->segment;)
            unrun_stage(chain, i, state_at(engine, scratch, chain->lanes, i, s),
                        state_behind(engine, scratch, chain->lanes, i, s), lambda);
    }
    unrotate(chain, 0, engine->n_first, start, lambda[0]);
    qsti_pauli_unstart(chain, start, lambda[0]);
}

static void step_block(void *arg, size_t item, int worker)
{
    const step *work = arg;
    qsti_pauli_engine *engine = work->engine;
    qsti_pauli_scratch *scratch = &engine->scratch[worker];
    size_t lanes = work->lanes, first = (work->first_block + item) * lanes, rest = work->x.n_rows - first;
    double *out_weights = engine->parts + item * work->row;
    qsti_pauli_chain chain = {engine, scratch, lanes, work->weights, work->out_x != NULL, out_weights};
    if (work->row > 0)
        memset(out_weights, 0, work->row * sizeof *out_weights);
    load(engine, work->weights, work->x, first, lanes, scratch);
    if (engine->n_features > 0)
        memset(scratch->out_x, 0, engine->n_features * lanes * sizeof *scratch->out_x);
    qsti_pauli_values(engine, lanes, run_all(engine, lanes, scratch), scratch);
    qst_block block = {first,           rest < lanes ? rest : lanes, lanes,
                       scratch->values, scratch->cotangents,         out_weights + engine->n_weights,
                       worker};
    work->fn(work->user, &block);
    unrun_all(&chain);
    if (work->out_x != NULL)
        qsti_lines_to_rows(scratch->out_x, work->x.n_rows, engine->n_features, first, lanes, work->out_x);
    qsti_row_tree_add(&work->tree, item);
}

static void run_group(qsti_pauli_engine *engine, step *work, size_t n_blocks)
{
    work->tree = (qsti_row_tree){engine->parts, n_blocks, work->row, engine->arrived};
    qsti_row_tree_begin(&work->tree);
    qsti_parallel_for(engine->ctx, n_blocks, step_block, work);
    for (size_t i = 0; i < work->row; i++)
        engine->total[i] += engine->parts[i];
}

qst_status qsti_pauli_step(void *inside, const double *weights, qst_const_matrix x, qst_block_fn *fn, void *user,
                           size_t n_sums, double *out_sums, double *out_weights, qst_matrix out_x)
{
    qst_status status = QST_OK;
    qsti_pauli_engine *engine = inside;
    size_t lanes = lanes_of(engine, x.n_rows), row = (engine->n_weights + n_sums + 7) / 8 * 8;
    step work = {engine, weights, x, fn, user, .lanes = lanes, .n_sums = n_sums, .row = row, .out_x = out_x.data};
    size_t n_blocks = (x.n_rows + lanes - 1) / lanes, fit = PARTS_BYTES / sizeof(double) / (row + 1) + 1;
    size_t group = fit < n_blocks ? fit : n_blocks;
    QSTI_TRY(reserve(engine, lanes, n_blocks, true));
    QSTI_TRY(reserve_parts(engine, group, row));
    qsti_pauli_bind(engine, weights);
    if (row > 0)
        memset(engine->total, 0, row * sizeof *engine->total);
    for (; work.first_block < n_blocks; work.first_block += group) {
        size_t rest = n_blocks - work.first_block;
        run_group(engine, &work, rest < group ? rest : group);
    }
    if (engine->n_weights > 0)
        memcpy(out_weights, engine->total, engine->n_weights * sizeof *out_weights);
    if (n_sums > 0)
        memcpy(out_sums, engine->total + engine->n_weights, n_sums * sizeof *out_sums);
done:
    return status;
}

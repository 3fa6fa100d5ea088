/* wide_run.c: a wide state forward through its passes, and back with lambda.
 *
 * An item of work is a group of consecutive blocks, the same for any number of threads; it leaves its sums in a row of
 * its own, and the rows are added by a tree of fixed shape.
 *
 * On the way back both states are gathered, un-applied and scattered pass by pass; the gates' inner products are taken
 * behind each gate, those of diagonal rotations from sums over the block (wide_factors.c). Lambda is needed on the
 * state's support only: what a pass has still to un-apply maps the support in front of it to itself. So the early
 * passes are as cheap on the way back as forward. The first pass of the way back makes lambda in the block from psi and
 * the cotangents; the last one, where it ends at |0...0>, leaves nothing in memory.
 */
#include <math.h>
#include <string.h>

#include "sim/wide_run.h"

void qsti_wide_loop(const qsti_wide_run *run, size_t n_items, qsti_work_fn *fn, void *arg)
{
    if (run->worker < 0) {
        qsti_parallel_for(run->program->ctx, n_items, fn, arg);
        return;
    }
    for (size_t item = 0; item < n_items; item++)
        fn(arg, item, run->worker);
}

/* One pass over memory. */
typedef struct walk {
    qsti_wide_run *run;
    const qsti_wide_route *route;
    const qsti_wide_pass *pass;
    bool measures;    /* forward: rows of outputs */
    bool seeds, adds; /* back: lambda from psi and cotangents; added to what is in memory */
    bool acts;        /* there are actions */
    bool keeps;       /* what it makes goes to memory */
} walk;

static qsti_block_map map_of(const walk *of)
{
    const qsti_wide_route *route = of->route;
    const qsti_wide_pass *pass = of->pass;
    return (qsti_block_map){.source = route->sources + pass->source,
                            .swap = pass->swaps ? route->swaps + pass->source : NULL,
                            .live = pass->all_live ? NULL : route->live + pass->source,
                            .n_lines = (size_t)1 << pass->n_bits};
}

/* The first line of a block in memory. */
static size_t line_of(const walk *of, uint32_t base)
{
    return qsti_wide_place(base / (uint32_t)of->run->program->kernels->lanes);
}

/* The start amplitude, alone in its block. */
static void put_start(const walk *of, qsti_wide_worker *worker)
{
    const qsti_kernels *kernels = of->run->program->kernels;
    double one = 1;
    memset(worker->psi, 0, ((size_t)1 << of->pass->n_bits) * kernels->amplitude_bytes);
    kernels->set_lane(worker->psi, 1, of->run->start % kernels->lanes, &one);
}

static uint32_t base_of(const walk *of, size_t block)
{
    uint32_t lanes = (uint32_t)of->run->program->kernels->lanes;
    return qsti_wide_base(of->pass, of->run->start / lanes * lanes, block);
}

/* Nothing that the worker has made is for this pass. One block is worked on by all. */
static void forget(const walk *of, qsti_wide_worker *worker)
{
    qsti_wide *wide = of->run->program->wide;
    bool all = of->pass->n_free == 0 && of->run->worker < 0;
    memset(worker->keys, 0, (of->pass->n_factors + of->pass->n_weights) * sizeof *worker->keys);
    for (size_t i = 0; i < wide->n_workers; i++)
        if (all || worker == &wide->workers[i])
            memset(wide->workers[i].turn_keys, 0, of->pass->n_lists * sizeof *worker->turn_keys);
}

/* The blocks of an item. */
static size_t blocks_in_group(const qsti_wide_pass *pass)
{
    return ((size_t)1 << pass->n_free) / qsti_wide_groups(pass);
}

static size_t row_length(const walk *of)
{
    return of->measures ? of->run->program->n_outputs : of->pass->n_sums;
}

/* --- forward ------------------------------------------------------------------------------------------------------ */

static void go_group(void *arg, size_t group, int number)
{
    const walk *of = arg;
    const qsti_wide_run *run = of->run;
    const qsti_wide_pass *pass = of->pass;
    qsti_wide *wide = run->program->wide;
    qsti_wide_worker *worker = &wide->workers[number];
    size_t n = blocks_in_group(pass), n_row = of->measures ? row_length(of) : 0;
    qsti_block_map map = map_of(of), all = map;
    double *row = run->rows + group * n_row;
    all.live = NULL;
    memset(row, 0, n_row * sizeof *row);
    forget(of, worker);
    for (size_t block = group * n; block < (group + 1) * n; block++) {
        uint32_t base = base_of(of, block);
        if (pass->empty)
            put_start(of, worker);
        else
            wide->kernels->gather(run->psi, line_of(of, base), &map, worker->psi);
        if (of->acts) {
            qsti_wide_turn_tables(run, of->route, pass, block, base, worker);
            qsti_wide_act(run, of->route, pass, base, worker);
        }
        if (of->measures)
            qsti_wide_measure(run, of->route, pass, base, worker, row);
        if (of->keeps)
            wide->scatter(worker->psi, line_of(of, base), &all, run->psi);
    }
}

/* Where an amplitude's line begins, in bytes. */
static size_t offset_of(const qst_program *program, size_t p)
{
    return qsti_wide_place((uint32_t)(p / program->kernels->lanes)) * program->kernels->amplitude_bytes;
}

static void put_amplitude(qsti_wide_run *run, size_t p, double value)
{
    const qsti_kernels *kernels = run->program->kernels;
    kernels->set_lane((char *)run->psi + offset_of(run->program, p), 1, p % kernels->lanes, &value);
}

/* A power of two that takes the largest |feature| into 1/2..1, or as near as it can: squares of what it scales neither
 * overflow nor all vanish, and scaling by it rounds nothing that counts. */
static double scale_of(const qsti_wide_run *run)
{
    double largest = 0;
    int exponent = 0;
    for (size_t j = 0; j < run->program->n_features; j++)
        largest = fmax(largest, fabs(run->x[j]));
    (void)frexp(largest, &exponent);
    exponent = exponent > 1000 ? 1000 : exponent < -1000 ? -1000 : exponent;
    return ldexp(1.0, -exponent);
}

/* The start amplitudes: in memory, where they are more than one block. */
static void prepare(qsti_wide_run *run, const qsti_wide_route *route)
{
    const qst_program *program = run->program;
    size_t amplitude_bytes = program->kernels->amplitude_bytes / program->kernels->lanes;
    run->start = 0;
    if (program->preparation == QST_PREPARE_BASIS)
        for (size_t j = 0; j < program->n_features; j++)
            run->start |= (uint32_t)(run->x[j] != 0) << j;
    if (!route->whole)
        memset(run->psi, 0, program->dim * amplitude_bytes);
    if (route->n_start_bits == 0)
        return;
    memset(run->psi, 0, amplitude_bytes << route->n_start_bits);
    if (program->preparation != QST_PREPARE_AMPLITUDE) {
        put_amplitude(run, run->start, 1.0);
        return;
    }
    double scale = scale_of(run), norm = 0;
    for (size_t j = 0; j < program->n_features; j++)
        norm += run->x[j] * scale * (run->x[j] * scale);
    norm = sqrt(norm);
    run->norm = norm / scale;
    for (size_t j = 0; j < program->n_features; j++)
        put_amplitude(run, j, run->x[j] * scale / norm);
}

void qsti_wide_go(qsti_wide_run *run, qsti_wide_direction direction, bool values, bool keep)
{
    const qst_program *program = run->program;
    const qsti_wide_route *route = &program->wide->routes[direction];
    bool expectations = program->readout == QST_READOUT_EXPECTATIONS;
    prepare(run, route);
    memset(run->values, 0, program->n_outputs * sizeof *run->values);
    for (size_t i = 0; i < (values && expectations ? route->n_all : route->n_passes); i++) {
        walk of = {.run = run, .route = route, .pass = &route->passes[i]};
        of.acts = i < route->n_passes;
        of.measures = values && expectations && i + 1 >= route->n_passes;
        of.keeps =
            i + 1 < route->n_passes || (i + 1 == route->n_passes && (keep || !expectations || i + 1 < route->n_all));
        qsti_wide_loop(run, qsti_wide_groups(of.pass), go_group, &of);
        if (!of.measures)
            continue;
        qsti_reduce_rows(program->ctx, run->rows, qsti_wide_groups(of.pass), program->n_outputs, run->totals);
        for (size_t k = 0; k < program->n_outputs; k++)
            run->values[k] += run->totals[k];
    }
    if (values && !expectations)
        qsti_wide_outcomes(run);
}

/* --- where it ends -------------------------------------------------------------------------------------------------
 */

static void get_amplitude(const qsti_wide_run *run, const void *state, size_t p, double *re, double *im)
{
    const qsti_kernels *kernels = run->program->kernels;
    kernels->get_lane((const char *)state + offset_of(run->program, p), 1, p % kernels->lanes, re, im);
}

/* How far psi is from the start, and the gradient of start amplitudes psi = x / |x|:
 * dL/dx_j = (2/|x|) (Re lambda_j - psi_j sum_i psi_i Re lambda_i). */
static void meet_amplitudes(qsti_wide_run *run)
{
    size_t n = run->program->n_features;
    double re = 0, im = 0, a = 0, b = 0, along = 0, scale = scale_of(run), norm = run->norm * scale;
    for (size_t j = 0; j < n; j++) {
        double start = run->x[j] * scale / norm;
        get_amplitude(run, run->psi, j, &a, &b);
        re += start * a;
        im += start * b;
        get_amplitude(run, run->lambda, j, &a, &b);
        along += start * a;
    }
    run->distance = fabs(1 - re * re - im * im);
    for (size_t j = 0; j < n && run->out_x != NULL; j++) {
        get_amplitude(run, run->lambda, j, &a, &b);
        run->out_x[j] += 2 / run->norm * (a - run->x[j] * scale / norm * along);
    }
}

static void meet_start(qsti_wide_run *run, const void *psi, size_t p)
{
    double re = 0, im = 0;
    get_amplitude(run, psi, p, &re, &im);
    run->distance = fabs(1 - re * re - im * im);
}

/* --- back --------------------------------------------------------------------------------------------------------- */

/* Lambda's part of Paulis that the last pass of actions has not in its space. */
static void seed_group(void *arg, size_t group, int number)
{
    const walk *of = arg;
    const qsti_wide_run *run = of->run;
    qsti_wide *wide = run->program->wide;
    qsti_wide_worker *worker = &wide->workers[number];
    size_t n = blocks_in_group(of->pass), block_bytes = run->program->kernels->amplitude_bytes << of->pass->n_bits;
    qsti_block_map map = map_of(of);
    forget(of, worker);
    for (size_t block = group * n; block < (group + 1) * n; block++) {
        uint32_t base = base_of(of, block);
        wide->kernels->gather(run->psi, line_of(of, base), &map, worker->psi);
        if (of->adds)
            wide->kernels->gather(run->lambda, line_of(of, base), &map, worker->lambda);
        else
            memset(worker->lambda, 0, block_bytes);
        qsti_wide_seed(run, of->route, of->pass, block, base, worker, true);
        wide->kernels->scatter(worker->lambda, line_of(of, base), &map, run->lambda);
    }
}

static void return_group(void *arg, size_t group, int number)
{
    const walk *of = arg;
    const qsti_wide_run *run = of->run;
    const qsti_wide_pass *pass = of->pass;
    qsti_wide *wide = run->program->wide;
    qsti_wide_worker *worker = &wide->workers[number];
    size_t n = blocks_in_group(pass), lanes = run->program->kernels->lanes;
    qsti_block_map map = map_of(of), all = map;
    double *row = run->rows + group * pass->n_sums;
    all.live = NULL;
    memset(row, 0, pass->n_sums * sizeof *row);
    forget(of, worker);
    for (size_t block = group * n; block < (group + 1) * n; block++) {
        uint32_t base = base_of(of, block);
        wide->kernels->gather(run->psi, line_of(of, base), &all, worker->psi);
        if (!of->seeds || of->adds)
            wide->kernels->gather(run->lambda, line_of(of, base), &all, worker->lambda);
        if (of->seeds)
            qsti_wide_seed(run, of->route, pass, block, base, worker, of->adds);
        memset(worker->marginals, 0, pass->n_table_lines * lanes * sizeof *worker->marginals);
        qsti_wide_turn_tables(run, of->route, pass, block, base, worker);
        qsti_wide_unact(run, of->route, pass, base, worker, row);
        qsti_wide_turn_sums(run, of->route, pass, base, worker, row + (pass->n_sums - pass->n_entries));
        if (of->keeps) {
            wide->scatter(worker->psi, line_of(of, base), &map, run->psi);
            wide->scatter(worker->lambda, line_of(of, base), &map, run->lambda);
        }
        if (pass->empty)
            meet_start(of->run, worker->psi, run->start % lanes);
    }
}

/* dL/dt of a pass's rotations from its sums. */
static void take_gradients(qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass)
{
    const qst_program *program = run->program;
    for (size_t g = pass->first_gate; g < pass->first_gate + pass->n_gates; g++) {
        const qsti_gate *gate = &program->gates[route->gates[g].gate];
        double sums[2][3] = {{0, 0, 0}, {0, 0, 0}};
        memcpy(sums, run->totals + route->gates[g].sums, (gate->control ? 6 : 3) * sizeof sums[0][0]);
        qsti_gate_gradients(program, gate, run->cosine + gate->first, run->sine + gate->first, sums,
                            run->gradient + gate->first);
    }
    const double *entries = run->totals + (pass->n_sums - pass->n_entries);
    for (size_t i = 0; i < pass->n_entries; i++)
        run->gradient[route->entries[pass->first_entry + i].what] = entries[i];
}

void qsti_wide_return(qsti_wide_run *run)
{
    const qst_program *program = run->program;
    const qsti_wide_route *route = &program->wide->routes[QSTI_WIDE_BACKWARD];
    bool expectations = program->readout == QST_READOUT_EXPECTATIONS, there = !expectations;
    if (!expectations)
        qsti_wide_seed_outcomes(run);
    for (size_t i = route->n_passes; i < (expectations ? route->n_all : 0); i++) {
        walk of = {.run = run, .route = route, .pass = &route->passes[i], .adds = there};
        qsti_wide_loop(run, qsti_wide_groups(of.pass), seed_group, &of);
        there = true;
    }
    for (size_t i = route->n_passes; i-- > 0;) {
        walk of = {.run = run, .route = route, .pass = &route->passes[i], .acts = true};
        of.seeds = expectations && i + 1 == route->n_passes;
        of.adds = there;
        of.keeps = !of.pass->empty;
        qsti_wide_loop(run, qsti_wide_groups(of.pass), return_group, &of);
        qsti_reduce_rows(program->ctx, run->rows, qsti_wide_groups(of.pass), of.pass->n_sums, run->totals);
        take_gradients(run, route, of.pass);
    }
    if (program->preparation == QST_PREPARE_AMPLITUDE)
        meet_amplitudes(run);
    else if (route->n_start_bits > 0)
        meet_start(run, run->psi, run->start);
}

/* wide_plan.c: the items of a wide program -> passes over memory.
 *
 * List scheduling: a pass walks over what is left, in order, and takes each item that commutes with all it has passed
 * by: diagonal rotations always, gates whose x lies in the pass's space V or for which V can still grow. V begins as
 * the lowest bits, so that whatever else is in it memory is read and written in runs of amplitudes. So a
 * pass goes as deep into the circuit as its light cone allows, layers of gates on some qubits while others wait.
 * Diagonals that no later gate of the pass needs are left to the next pass, where they merge with others.
 *
 * The support of the state is followed from |0...0> on: pass i works on start ^ (support + V) only.
 */
#include "sim/wide_plan.h"

#include <string.h>

/* Blocks of 1 MiB, on the way back two of half of it: half of a second-level cache. Parts of the block are to fit a
 * first-level cache of 48 KiB with what else is needed. Constants, so that results are the same on all machines. */
#define BLOCK_BITS        16
#define PART_BYTES        ((size_t)32 << 10)
#define PAST_CACHES_BYTES ((size_t)8 << 20) /* a state from this size on is not in a cache when it is read again */

qst_status qsti_wide_room(qst_ctx *ctx, size_t used, size_t more, size_t item_bytes, void **pointer)
{
    size_t capacity = used == 0 ? 0 : 64, want = 64, sum = 0;
    while (capacity != 0 && capacity < used)
        capacity *= 2;
    if (!qsti_add(used, more, &sum))
        return qsti_fail(ctx, QST_ERR_LIMIT, "the circuit is too large for wide states");
    while (want < sum)
        want *= 2;
    return want > capacity ? qsti_resize(ctx, want, item_bytes, pointer) : QST_OK;
}

/* --- commuting ---------------------------------------------------------------------------------------------------- */

/* A gate, or a diagonal rotation as one without x. */
static qsti_gate as_gate(const qst_program *program, qsti_item item)
{
    if (item.is_gate)
        return program->gates[item.index];
    return (qsti_gate){.z = program->rotations[item.index].pauli.z};
}

bool qsti_wide_commute(const qsti_wide_planner *planner, uint32_t a, uint32_t b)
{
    const qst_program *program = planner->program;
    qsti_item first = program->items[a], second = program->items[b];
    if (!first.is_gate && !second.is_gate)
        return true;
    qsti_gate g = as_gate(program, first), h = as_gate(program, second);
    if ((g.x & (h.z | h.control)) == 0 && (h.x & (g.z | g.control)) == 0)
        return true;
    if (!first.is_gate)
        return qsti_kinds_commute(h.x, h.z, h.control, planner->kinds[second.index], (qsti_mask){0, g.z, false});
    if (!second.is_gate)
        return qsti_kinds_commute(g.x, g.z, g.control, planner->kinds[first.index], (qsti_mask){0, h.z, false});
    return qsti_gates_commute(&g, planner->kinds[first.index], &h, planner->kinds[second.index]);
}

/* Whether an item commutes with all that the pass has gone by. */
static bool may_move(const qsti_wide_planner *planner, uint32_t item)
{
    for (size_t i = 0; i < planner->n_passed; i++)
        if (!qsti_wide_commute(planner, item, planner->passed[i]))
            return false;
    return true;
}

/* --- choosing a pass's items -------------------------------------------------------------------------------------- */

/* Planning a pass takes the square of its items, so that a deep circuit on few qubits is cut into several. */
#define MOST_TAKEN 1024

static void choose_items(qsti_wide_planner *planner)
{
    const qst_program *program = planner->program;
    qsti_subspace space = qsti_wide_low_space(planner);
    size_t limit = qsti_search_window(program), max_rank = planner->max_bits - planner->lane_bits;
    planner->n_taken = planner->n_passed = 0;
    for (size_t i = 0; i < planner->n_left; i++) {
        uint32_t item = planner->left[i];
        bool take = planner->n_taken < MOST_TAKEN && planner->n_passed < limit && may_move(planner, item);
        if (take && program->items[item].is_gate) {
            uint32_t x = qsti_wide_without_lanes(planner, program->gates[program->items[item].index].x);
            take = space.rank < max_rank || qsti_subspace_reduce(&space, x) == 0;
            if (take)
                (void)qsti_subspace_add(&space, x);
        }
        if (take)
            planner->taken[planner->n_taken++] = item;
        else
            planner->passed[planner->n_passed++] = item;
    }
}

/* Leaves diagonal rotations that no later gate of the pass waits for to later passes, if there are any. `left` becomes
 * what is then left, in order. */
static void drop_trailing(qsti_wide_planner *planner)
{
    const qst_program *program = planner->program;
    bool later = false;
    for (size_t i = 0; i < planner->n_passed; i++)
        later |= program->items[planner->passed[i]].is_gate;
    for (size_t i = planner->n_taken; i-- > 0 && later;) {
        uint32_t item = planner->taken[i];
        bool needed = program->items[item].is_gate;
        for (size_t k = i + 1; k < planner->n_taken && !needed; k++)
            needed = planner->taken[k] != UINT32_MAX && !qsti_wide_commute(planner, item, planner->taken[k]);
        if (!needed) {
            planner->passed[planner->n_passed++] = item;
            planner->taken[i] = UINT32_MAX;
        }
    }
    size_t n_taken = 0;
    for (size_t i = 0; i < planner->n_taken; i++)
        if (planner->taken[i] != UINT32_MAX)
            planner->taken[n_taken++] = planner->taken[i];
    planner->n_taken = n_taken;
    /* what is left: the items not taken, in order */
    memset(planner->done, 0, program->n_items);
    for (size_t i = 0; i < n_taken; i++)
        planner->done[planner->taken[i]] = 1;
    size_t n_left = 0;
    for (size_t i = 0; i < planner->n_left; i++)
        if (!planner->done[planner->left[i]])
            planner->left[n_left++] = planner->left[i];
    planner->n_left = n_left;
}

/* --- the plan ----------------------------------------------------------------------------------------------------- */

/* The next pass, with as many of the items that are left as it can take. */
static qst_status add_pass(qsti_wide_planner *planner, uint32_t *x)
{
    const qst_program *program = planner->program;
    qsti_wide_route *route = planner->route;
    qst_status status = QST_OK;
    qsti_wide_pass *pass = NULL;
    size_t n_x = 0;
    choose_items(planner);
    drop_trailing(planner);
    for (size_t i = 0; i < planner->n_taken; i++) {
        qsti_item item = program->items[planner->taken[i]];
        if (item.is_gate)
            x[n_x++] = program->gates[item.index].x;
    }
    QSTI_TRY(qsti_wide_make_pass(planner, x, n_x, true, &pass));
    QSTI_TRY(qsti_wide_make_actions(planner, pass));
    route->n_all++;
    route->n_passes++;
done:
    return status;
}

/* Paulis with x != 0 that are not measured yet and whose x lie in the pass's space. */
static qst_status add_paulis(qsti_wide_planner *planner, qsti_wide_pass *pass, uint8_t *measured)
{
    const qst_program *program = planner->program;
    qsti_wide_route *route = planner->route;
    qst_status status = QST_OK;
    pass->first_pauli = (uint32_t)route->n_paulis;
    for (size_t i = 0; i < program->n_observables; i++) {
        qsti_mask pauli = program->observables[i].pauli;
        uint32_t lines = 0;
        if (measured[i] || !qsti_wide_solve(planner, pass, pauli.x, &lines))
            continue;
        uint32_t swap = pauli.x & ((uint32_t)program->kernels->lanes - 1);
        for (size_t j = 0; j < pass->n_bits; j++)
            swap ^= lines >> j & 1 ? pass->vectors[j] & ((uint32_t)program->kernels->lanes - 1) : 0;
        QSTI_TRY(QSTI_WIDE_ROOM(program->ctx, route->n_paulis, 1, &route->paulis));
        route->paulis[route->n_paulis++] = (qsti_wide_pauli){
            .observable = (uint32_t)i,
            .lane = pauli.z & ((uint32_t)program->kernels->lanes - 1),
            .pauli = {lines, swap, qsti_wide_lines_of(pass, pauli.z), pauli.imaginary},
        };
        measured[i] = 1;
    }
    pass->n_paulis = (uint32_t)route->n_paulis - pass->first_pauli;
done:
    return status;
}

/* The readout: what can be measured where the last pass ends, and passes for Paulis whose x lie elsewhere. */
static qst_status add_observables(qsti_wide_planner *planner, uint32_t *x)
{
    const qst_program *program = planner->program;
    qsti_wide_route *route = planner->route;
    qst_status status = QST_OK;
    uint8_t *measured = NULL;
    size_t n = 0, n_left = 0;
    const qsti_wide_cost cost = {.apply = 2, .make = 2};
    qsti_wide_pass *pass = &route->passes[route->n_all - 1];
    QSTI_TRY(QSTI_NEW(program->ctx, program->n_observables, &measured));
    QSTI_TRY(qsti_wide_entry_room(planner, program->n_observables));
    for (size_t i = 0; i < program->n_observables; i++) {
        measured[i] = program->observables[i].pauli.x == 0;
        if (measured[i])
            planner->entries[n++] = (qsti_wide_entry){.what = (uint32_t)i, .z = program->observables[i].pauli.z};
    }
    pass->first_weight = (uint32_t)route->n_factors;
    QSTI_TRY(qsti_wide_make_factors(planner, pass, n, true, cost, &pass->n_weight_lines));
    pass->n_weights = (uint32_t)route->n_factors - pass->first_weight;
    planner->n_taken = 0;
    for (;;) {
        qsti_subspace space = qsti_wide_low_space(planner);
        QSTI_TRY(add_paulis(planner, pass, measured));
        n_left = 0;
        for (size_t i = 0; i < program->n_observables; i++) {
            uint32_t mask = qsti_wide_without_lanes(planner, program->observables[i].pauli.x);
            if (measured[i])
                continue;
            if (space.rank < planner->max_bits - planner->lane_bits || qsti_subspace_reduce(&space, mask) == 0) {
                (void)qsti_subspace_add(&space, mask);
                x[n_left++] = mask;
            }
        }
        if (n_left == 0)
            break;
        QSTI_TRY(qsti_wide_make_pass(planner, x, n_left, false, &pass));
        route->n_all++;
    }
done:
    qsti_free(program->ctx, measured);
    return status;
}

/* The largest of what the passes need. */
static void measure(const qst_program *program, qsti_wide_route *route)
{
    for (size_t i = 0; i < route->n_all; i++) {
        const qsti_wide_pass *pass = &route->passes[i];
        size_t lines = pass->n_table_lines + pass->n_weight_lines;
        size_t row = pass->n_sums;
        if (program->readout == QST_READOUT_EXPECTATIONS && row < program->n_outputs)
            row = program->n_outputs;
        row *= qsti_wide_groups(pass);
        route->max_table_lines = lines > route->max_table_lines ? lines : route->max_table_lines;
        route->max_rows = row > route->max_rows ? row : route->max_rows;
        size_t n_factors = pass->n_factors + pass->n_weights;
        route->max_factors = n_factors > route->max_factors ? n_factors : route->max_factors;
        route->max_lists = pass->n_lists > route->max_lists ? pass->n_lists : route->max_lists;
        route->max_gates = pass->n_gates > route->max_gates ? pass->n_gates : route->max_gates;
        route->max_sums = pass->n_sums > route->max_sums ? pass->n_sums : route->max_sums;
    }
}

/* What the state's support is before the first pass. */
static void start_support(qsti_wide_planner *planner)
{
    const qst_program *program = planner->program;
    size_t n_bits = 0;
    planner->support = (qsti_subspace){0};
    if (program->preparation == QST_PREPARE_AMPLITUDE) {
        while ((size_t)1 << n_bits < program->n_features || n_bits < planner->lane_bits)
            n_bits++;
    }
    if (program->opts.optimize_off & QST_OPTIMIZE_START)
        n_bits = program->n_qubits;
    for (size_t bit = 0; bit < n_bits; bit++)
        (void)qsti_subspace_add(&planner->support, (uint32_t)1 << bit);
    planner->route->n_start_bits = n_bits;
}

static qst_status plan_direction(qsti_wide_planner *planner, qsti_wide_direction direction, uint32_t *x)
{
    qst_program *program = planner->program;
    qsti_wide_route *route = &program->wide->routes[direction];
    qst_status status = QST_OK;
    size_t line_bytes = program->kernels->amplitude_bytes * (direction == QSTI_WIDE_BACKWARD ? 2 : 1);
    size_t most = (size_t)BLOCK_BITS + (program->opts.precision == QST_SINGLE) - (direction == QSTI_WIDE_BACKWARD);
    planner->route = route;
    planner->max_bits = most < program->n_qubits ? most : program->n_qubits;
    if (program->n_qubits > QSTI_WIDE_LOW_BITS + 3 && planner->max_bits > program->n_qubits - 3)
        planner->max_bits = program->n_qubits - 3; /* something for all threads */
    while (((size_t)2 << route->n_low) * line_bytes <= PART_BYTES)
        route->n_low++;
    planner->n_left = program->n_items;
    for (size_t i = 0; i < program->n_items; i++)
        planner->left[i] = (uint32_t)i;
    start_support(planner);
    do
        QSTI_TRY(add_pass(planner, x));
    while (planner->n_left > 0);
    route->whole = planner->support.rank == program->n_qubits;
    if (program->readout == QST_READOUT_EXPECTATIONS)
        QSTI_TRY(add_observables(planner, x));
    measure(program, route);
done:
    return status;
}

/* Where each gate's coefficient lines begin: for each set, of each control's parity, two versions, see wide_bind.c. */
static qst_status number_coefficients(qst_program *program)
{
    qsti_wide *wide = program->wide;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(program->ctx, program->n_gates, &wide->coefficient_lines));
    for (size_t g = 0; g < program->n_gates; g++) {
        const qsti_gate *gate = &program->gates[g];
        wide->coefficient_lines[g] = wide->n_coefficient_lines;
        wide->n_coefficient_lines += (gate->control ? 4 : 2) * qsti_form_lines((qsti_form)gate->form);
    }
done:
    return status;
}

qst_status qsti_wide_plan(qst_program *program)
{
    qst_ctx *ctx = program->ctx;
    qst_status status = QST_OK;
    qsti_wide_planner planner = {.program = program};
    uint32_t *x = NULL;
    size_t n_x = program->n_gates > program->n_observables ? program->n_gates : program->n_observables;
    QSTI_TRY(QSTI_NEW(ctx, 1, &program->wide));
    qsti_wide *wide = program->wide;
    wide->kernels = program->opts.precision == QST_SINGLE ? qsti_wide_kernels_single() : qsti_wide_kernels_double();
    bool large = program->dim / program->kernels->lanes * program->kernels->amplitude_bytes >= PAST_CACHES_BYTES;
    wide->scatter = large ? wide->kernels->scatter_past : wide->kernels->scatter;
    for (uint32_t mask = 0; mask < QSTI_MAX_LANES; mask++)
        for (uint32_t lane = 0; lane < QSTI_MAX_LANES; lane++)
            wide->signs[mask][lane] = qsti_parity(mask, lane) ? -1 : 1;
    while ((size_t)1 << planner.lane_bits < program->kernels->lanes)
        planner.lane_bits++;
    QSTI_TRY(QSTI_NEW(ctx, program->n_gates, &planner.kinds));
    QSTI_TRY(QSTI_NEW(ctx, program->n_items, &planner.left));
    QSTI_TRY(QSTI_NEW(ctx, program->n_items, &planner.taken));
    QSTI_TRY(QSTI_NEW(ctx, program->n_items, &planner.passed));
    QSTI_TRY(QSTI_NEW(ctx, program->n_items, &planner.done));
    QSTI_TRY(QSTI_NEW(ctx, program->n_items, &planner.ready));
    QSTI_TRY(QSTI_NEW(ctx, program->n_items, &planner.n_before));
    QSTI_TRY(QSTI_NEW(ctx, n_x, &x));
    qsti_all_gate_kinds(program, planner.kinds);
    QSTI_TRY(number_coefficients(program));
    QSTI_TRY(plan_direction(&planner, QSTI_WIDE_FORWARD, x));
    QSTI_TRY(plan_direction(&planner, QSTI_WIDE_BACKWARD, x));
done:
    qsti_free(ctx, planner.kinds);
    qsti_free(ctx, planner.left);
    qsti_free(ctx, planner.taken);
    qsti_free(ctx, planner.passed);
    qsti_free(ctx, planner.done);
    qsti_free(ctx, planner.ready);
    qsti_free(ctx, planner.n_before);
    qsti_free(ctx, planner.entries);
    qsti_free(ctx, planner.chosen);
    qsti_free(ctx, planner.best);
    qsti_free(ctx, x);
    return status;
}

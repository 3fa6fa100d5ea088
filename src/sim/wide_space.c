/* wide_space.c: the space V of a pass: its basis, the blocks it cuts the support into, and where their lines are.
 *
 * V holds the lanes, the lowest bits, the x of the pass's gates, and unit vectors up to the size of a block. Its basis
 * are the x, as far as they are independent: so most gates flip one bit of a block's line. Blocks are numbered by
 * vectors of the support that V lacks.
 */
#include "sim/wide_plan.h"

qsti_subspace qsti_wide_low_space(const qsti_wide_planner *planner)
{
    qsti_subspace space = {0};
    for (size_t bit = planner->lane_bits; bit < QSTI_WIDE_LOW_BITS && bit < planner->program->n_qubits; bit++)
        (void)qsti_subspace_add(&space, (uint32_t)1 << bit);
    return space;
}

bool qsti_wide_solve(const qsti_wide_planner *planner, const qsti_wide_pass *pass, uint32_t mask, uint32_t *out_lines)
{
    uint32_t basis[QSTI_MAX_QUBITS] = {0}, combination[QSTI_MAX_QUBITS] = {0}, lines = 0;
    for (uint32_t j = 0; j <= pass->n_bits; j++) {
        uint32_t rest = (j < pass->n_bits ? pass->vectors[j] : mask) >> planner->lane_bits;
        uint32_t made_of = j < pass->n_bits ? (uint32_t)1 << j : 0;
        while (rest != 0) {
            int bit = 31 - __builtin_clz(rest);
            if (basis[bit] == 0) {
                basis[bit] = rest;
                combination[bit] = made_of;
                if (j == pass->n_bits)
                    return false;
                break;
            }
            rest ^= basis[bit];
            made_of ^= combination[bit];
        }
        lines = made_of;
    }
    *out_lines = lines;
    return true;
}

/* Of the x that have this one's lines, the one that most of them are; rather one that leaves the lanes alone. */
static uint32_t most_common(const qsti_wide_planner *planner, const uint32_t *x, size_t n_x, uint32_t like)
{
    uint32_t best = like;
    size_t most = 0;
    for (size_t i = 0; i < n_x; i++) {
        size_t n = 0;
        if (qsti_wide_without_lanes(planner, x[i] ^ like) != 0)
            continue;
        for (size_t k = 0; k < n_x; k++)
            n += x[k] == x[i];
        if (n > most || (n == most && x[i] == qsti_wide_without_lanes(planner, x[i])))
            best = x[i];
        most = n > most ? n : most;
    }
    return best;
}

/* The block's vectors: the gates' x, as far as they are independent, then unit vectors; those within a run of memory
 * first, so that a block is gathered run by run. */
static void choose_vectors(const qsti_wide_planner *planner, const uint32_t *x, size_t n_x, qsti_wide_pass *pass)
{
    size_t n_bits = planner->program->n_qubits < planner->max_bits ? planner->program->n_qubits : planner->max_bits;
    uint32_t low = ((uint32_t)1 << QSTI_WIDE_LOW_BITS) - 1, vectors[QSTI_MAX_QUBITS];
    qsti_subspace space = {0}, all = qsti_wide_low_space(planner);
    size_t n = 0;
    for (size_t i = 0; i < n_x; i++)
        (void)qsti_subspace_add(&all, qsti_wide_without_lanes(planner, x[i]));
    for (size_t bit = planner->lane_bits; all.rank < n_bits - planner->lane_bits; bit++)
        (void)qsti_subspace_add(&all, (uint32_t)1 << bit);
    for (size_t i = 0; i < n_x; i++)
        if (qsti_subspace_add(&space, qsti_wide_without_lanes(planner, x[i])))
            vectors[n++] = most_common(planner, x, n_x, x[i]);
    for (size_t bit = planner->lane_bits; bit < planner->program->n_qubits; bit++) {
        uint32_t unit = (uint32_t)1 << bit;
        if (qsti_subspace_reduce(&all, unit) == 0 && qsti_subspace_add(&space, unit))
            vectors[n++] = unit;
    }
    for (size_t bit = 0; bit < QSTI_MAX_QUBITS; bit++)
        if (all.basis[bit] != 0 && qsti_subspace_add(&space, all.basis[bit]))
            vectors[n++] = all.basis[bit];
    pass->n_bits = 0;
    for (int turn = 0; turn < 2; turn++)
        for (size_t i = 0; i < n; i++)
            if (((vectors[i] & ~low) != 0) == turn)
                pass->vectors[pass->n_bits++] = vectors[i];
}

/* How many of the taken diagonal rotations have their sign turned by a step of `base` to the next block. */
static size_t turns(const qsti_wide_planner *planner, uint32_t base)
{
    const qst_program *program = planner->program;
    size_t n = 0;
    for (size_t i = 0; i < planner->n_taken; i++) {
        qsti_item item = program->items[planner->taken[i]];
        n += !item.is_gate && qsti_parity(program->rotations[item.index].pauli.z, base);
    }
    return n;
}

/* The numbering of the blocks in start ^ (support + V): vectors of the support, without lanes, that V lacks; those that
 * change no tables first. The support then takes V in. */
static void choose_bases(qsti_wide_planner *planner, qsti_wide_pass *pass)
{
    qsti_subspace space = {0}, *support = &planner->support;
    size_t cost[QSTI_MAX_QUBITS];
    pass->n_free = 0;
    for (size_t j = 0; j < pass->n_bits; j++)
        (void)qsti_subspace_add(&space, qsti_wide_without_lanes(planner, pass->vectors[j]));
    for (size_t turn = 0; turn < 2; turn++) {
        for (size_t bit = 0; bit < QSTI_MAX_QUBITS; bit++) {
            uint32_t unit = (uint32_t)1 << bit, vector = turn == 0 ? unit : support->basis[bit];
            if (qsti_subspace_reduce(support, vector) != 0)
                continue;
            vector = qsti_wide_without_lanes(planner, vector);
            if (vector != 0 && qsti_subspace_add(&space, vector))
                pass->bases[pass->n_free++] = vector;
        }
    }
    for (size_t j = 0; j < pass->n_free; j++)
        cost[j] = turns(planner, pass->bases[j]);
    for (size_t j = 1; j < pass->n_free; j++) {
        for (size_t k = j; k > 0 && cost[k] < cost[k - 1]; k--) {
            uint32_t base = pass->bases[k];
            size_t more = cost[k];
            pass->bases[k] = pass->bases[k - 1];
            cost[k] = cost[k - 1];
            pass->bases[k - 1] = base;
            cost[k - 1] = more;
        }
    }
}

/* The map of a block, and which of its lines are in the support in front of the pass. */
static qst_status make_map(qsti_wide_planner *planner, qsti_wide_pass *pass)
{
    qst_ctx *ctx = planner->program->ctx;
    qsti_wide_route *route = planner->route;
    qst_status status = QST_OK;
    size_t n_lines = (size_t)1 << pass->n_bits;
    uint32_t lanes = (uint32_t)planner->program->kernels->lanes;
    pass->source = route->n_sources;
    pass->all_live = true;
    QSTI_TRY(QSTI_WIDE_ROOM(ctx, route->n_sources, n_lines, &route->sources));
    QSTI_TRY(QSTI_WIDE_ROOM(ctx, route->n_sources, n_lines, &route->swaps));
    QSTI_TRY(QSTI_WIDE_ROOM(ctx, route->n_sources, n_lines, &route->live));
    for (size_t u = 0; u < n_lines; u++) {
        uint32_t index = 0;
        for (size_t j = 0; j < pass->n_bits; j++)
            index ^= u >> j & 1 ? pass->vectors[j] : 0;
        bool live = qsti_subspace_reduce(&planner->support, index) == 0;
        route->sources[pass->source + u] = qsti_wide_place(index >> planner->lane_bits);
        route->swaps[pass->source + u] = (uint8_t)(index & (lanes - 1));
        route->live[pass->source + u] = live;
        pass->swaps |= (index & (lanes - 1)) != 0;
        pass->all_live &= live;
    }
    route->n_sources += n_lines;
done:
    return status;
}

qst_status qsti_wide_make_pass(qsti_wide_planner *planner, const uint32_t *x, size_t n_x, bool acts,
                               qsti_wide_pass **out)
{
    qsti_wide_route *route = planner->route;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_WIDE_ROOM(planner->program->ctx, route->n_all, 1, &route->passes));
    qsti_wide_pass *pass = &route->passes[route->n_all];
    *pass = (qsti_wide_pass){.empty = planner->support.rank == 0};
    choose_vectors(planner, x, n_x, pass);
    choose_bases(planner, pass);
    QSTI_TRY(make_map(planner, pass));
    for (size_t j = 0; j < pass->n_bits && acts; j++)
        (void)qsti_subspace_add(&planner->support, pass->vectors[j]);
    for (size_t bit = 0; bit < planner->lane_bits && acts; bit++)
        (void)qsti_subspace_add(&planner->support, (uint32_t)1 << bit);
    if (route->max_bits < pass->n_bits)
        route->max_bits = pass->n_bits;
    *out = pass;
done:
    return status;
}

/* wide_factors.c: functions of the form f(p) = sum_r v_r (-1)^parity(p & z_r) on the lines of a block, in factors.
 *
 * Within a block a mask z acts through `line`, its parities with the block's vectors, `lane`, its bits in the lanes,
 * and one sign. A factor takes the masks whose lines lie in a space of a few dimensions, with basis w_1 .. w_d: its
 * part of f depends on the d parities of u & w_j and on the lane, so it is a table of 2^d lines, one Walsh-Hadamard
 * transform over d bits away from the v_r; and what is summed over u for each of these parities is one transform away
 * from the sums over p with the signs of each z_r. Phases multiply, weights add. A chain of CZ and RZ on a block of
 * 2^11 lines is two factors of 2^7 and 2^5 lines; what cannot be parted so ends as one table for the whole block.
 */
#include <string.h>

#include "sim/wide_plan.h"

/* Tables above this share the first-level cache with nothing else. */
#define LARGE_TABLE_LINES 128

qst_status qsti_wide_entry_room(qsti_wide_planner *planner, size_t n)
{
    qst_ctx *ctx = planner->program->ctx;
    qst_status status = QST_OK;
    if (n <= planner->n_entries_room)
        return QST_OK;
    n *= 2;
    QSTI_TRY(QSTI_GROW(ctx, n, &planner->entries));
    QSTI_TRY(QSTI_GROW(ctx, n, &planner->chosen));
    QSTI_TRY(QSTI_GROW(ctx, n, &planner->best));
    planner->n_entries_room = n;
done:
    return status;
}

/* --- choosing ----------------------------------------------------------------------------------------------------- */

/* Bits of a block's number that turn the sign of Z^z. */
static uint32_t dependence(const qsti_wide_pass *pass, uint32_t z)
{
    uint32_t bits = 0;
    for (uint32_t j = 0; j < pass->n_free; j++)
        bits |= (uint32_t)qsti_parity(z, pass->bases[j]) << j;
    return bits;
}

#define UNCHOSEN UINT32_MAX

/* Puts entries into factors of at most max_bits dimensions, first come first served; gives what that costs. */
static double choose(const qsti_wide_planner *planner, const qsti_wide_pass *pass, size_t n, size_t max_bits,
                     qsti_wide_cost cost, uint32_t *chosen)
{
    const qsti_wide_entry *entries = planner->entries;
    double total = 0, n_lines = (double)((size_t)1 << pass->n_bits);
    size_t n_chosen = 0;
    for (size_t i = 0; i < n; i++)
        chosen[i] = UNCHOSEN;
    for (uint32_t factor = 0; n_chosen < n; factor++) {
        qsti_subspace space = {0};
        bool depends = false;
        for (size_t i = 0; i < n; i++) {
            uint32_t rest = qsti_subspace_reduce(&space, entries[i].line);
            if (chosen[i] != UNCHOSEN || (rest != 0 && space.rank == max_bits))
                continue;
            (void)qsti_subspace_add(&space, entries[i].line);
            depends |= dependence(pass, entries[i].z) != 0;
            chosen[i] = factor;
            n_chosen++;
        }
        size_t lines = (size_t)1 << space.rank;
        total += cost.apply * (lines > LARGE_TABLE_LINES ? 1.5 : 1.0);
        total += (cost.make + (double)space.rank) * (double)lines / n_lines * (depends ? 1.0 : 1.0 / 16);
    }
    return total;
}

static void choose_best(qsti_wide_planner *planner, const qsti_wide_pass *pass, size_t n, bool merge,
                        qsti_wide_cost cost)
{
    double least = 0;
    if (!merge) {
        for (size_t i = 0; i < n; i++)
            planner->best[i] = (uint32_t)i;
        return;
    }
    for (size_t max_bits = 1; max_bits <= (pass->n_bits > 1 ? pass->n_bits : 1); max_bits++) {
        double total = choose(planner, pass, n, max_bits, cost, planner->chosen);
        if (max_bits > 1 && total >= least)
            continue;
        least = total;
        memcpy(planner->best, planner->chosen, n * sizeof *planner->best);
    }
}

/* --- laying out --------------------------------------------------------------------------------------------------- */

/* Line masks that are independent, and each line's coordinates in them. */
typedef struct frame {
    uint32_t basis[QSTI_MAX_QUBITS],
        combination[QSTI_MAX_QUBITS]; /* by highest bit: reduced, and made of which masks */
    uint32_t masks[QSTI_MAX_QUBITS];
    uint32_t n;
} frame;

/* The coordinates of a mask, which is added as a new one where it is independent. */
static uint32_t coordinates(frame *of, uint32_t mask)
{
    uint32_t rest = mask, place = 0;
    while (rest != 0) {
        int bit = 31 - __builtin_clz(rest);
        if (of->basis[bit] == 0) {
            of->basis[bit] = rest;
            of->combination[bit] = place ^ (uint32_t)1 << of->n;
            of->masks[of->n] = mask;
            return (uint32_t)1 << of->n++;
        }
        rest ^= of->basis[bit];
        place ^= of->combination[bit];
    }
    return place;
}

static qst_status lay_out(qsti_wide_planner *planner, const qsti_wide_pass *pass, size_t n, uint32_t number,
                          size_t *n_table_lines)
{
    qst_ctx *ctx = planner->program->ctx;
    qsti_wide_route *route = planner->route;
    qst_status status = QST_OK;
    size_t n_lines = (size_t)1 << pass->n_bits;
    qsti_wide_factor factor = {
        .first = (uint32_t)route->n_entries, .table = (uint32_t)*n_table_lines, .index = route->n_indices};
    frame of = {0};
    QSTI_TRY(QSTI_WIDE_ROOM(ctx, route->n_factors, 1, &route->factors));
    QSTI_TRY(QSTI_WIDE_ROOM(ctx, route->n_entries, n, &route->entries));
    QSTI_TRY(QSTI_WIDE_ROOM(ctx, route->n_indices, n_lines, &route->indices));
    for (size_t i = 0; i < n; i++) {
        if (planner->best[i] != number)
            continue;
        qsti_wide_entry entry = planner->entries[i];
        entry.place = coordinates(&of, entry.line);
        factor.depends |= dependence(pass, entry.z);
        route->entries[route->n_entries++] = entry;
    }
    factor.count = (uint32_t)route->n_entries - factor.first;
    factor.n_bits = of.n;
    for (uint32_t u = 0; u < n_lines; u++) {
        unsigned index = 0;
        for (uint32_t j = 0; j < of.n; j++)
            index |= qsti_parity(u, of.masks[j]) << j;
        route->indices[route->n_indices++] = (uint16_t)index;
    }
    *n_table_lines += (size_t)1 << factor.n_bits;
    route->factors[route->n_factors++] = factor;
    if (route->max_factor_lines < (size_t)1 << factor.n_bits)
        route->max_factor_lines = (size_t)1 << factor.n_bits;
done:
    return status;
}

qst_status qsti_wide_make_factors(qsti_wide_planner *planner, const qsti_wide_pass *pass, size_t n, bool merge,
                                  qsti_wide_cost cost, size_t *n_table_lines)
{
    qst_status status = QST_OK;
    uint32_t lanes = (uint32_t)planner->program->kernels->lanes;
    size_t n_factors = 0;
    for (size_t i = 0; i < n; i++) {
        qsti_wide_entry *entry = &planner->entries[i];
        entry->line = qsti_wide_lines_of(pass, entry->z);
        entry->lane = entry->z & (lanes - 1);
    }
    choose_best(planner, pass, n, merge, cost);
    for (size_t i = 0; i < n; i++)
        n_factors = planner->best[i] >= n_factors ? (size_t)planner->best[i] + 1 : n_factors;
    for (size_t f = 0; f < n_factors; f++)
        QSTI_TRY(lay_out(planner, pass, n, (uint32_t)f, n_table_lines));
done:
    return status;
}

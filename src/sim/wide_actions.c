/* wide_actions.c: the items of one pass -> actions on the gathered block.
 *
 * In rounds: all gates for which nothing that does not commute with them is outstanding; again, until there is none;
 * then all such diagonal rotations, as one run. The gates of a round commute: those on lanes alone go into chains, the
 * others into tiles of up to three of one form whose virtual qubits are independent. Actions that keep to parts of the
 * block come first in a round, to run part by part with those of the round before.
 */
#include <string.h>

#include "sim/wide_plan.h"

/* --- coordinates -------------------------------------------------------------------------------------------------- */

static qsti_wide_gate localize(const qsti_wide_planner *planner, const qsti_wide_pass *pass, uint32_t number)
{
    const qsti_gate *gate = &planner->program->gates[number];
    uint32_t lanes = (uint32_t)planner->program->kernels->lanes - 1;
    qsti_wide_gate local = {.gate = number,
                            .z = qsti_wide_lines_of(pass, gate->z),
                            .control = qsti_wide_lines_of(pass, gate->control),
                            .swap = gate->x & lanes};
    (void)qsti_wide_solve(planner, pass, gate->x, &local.x);
    for (uint32_t j = 0; j < pass->n_bits; j++)
        local.swap ^= local.x >> j & 1 ? pass->vectors[j] & lanes : 0;
    if (gate->form == QSTI_FORM_X)
        local.z = 0; /* both its rows are the same */
    return local;
}

/* --- lists of lines ----------------------------------------------------------------------------------------------- */

/* Bits of gates g = 0 .. n-1: the parities of line & z, or of line & control. */
static uint8_t bits_of(const qsti_wide_gate *gates, size_t n, uint32_t line)
{
    unsigned bits = 0;
    for (size_t g = 0; g < n; g++)
        bits |= qsti_parity(line, gates[g].z) << g;
    return (uint8_t)bits;
}

static uint8_t sets_of(const qsti_wide_gate *gates, size_t n, uint32_t line)
{
    unsigned sets = 0;
    for (size_t g = 0; g < n; g++)
        sets |= qsti_parity(line, gates[g].control) << g;
    return (uint8_t)sets;
}

/* Whether of the coset of the gates' x this is the line with the least bits, and the first of these. */
static bool leads_coset(const qsti_wide_gate *gates, size_t n, const uint32_t *offset, uint32_t line)
{
    uint8_t bits = bits_of(gates, n, line);
    for (size_t j = 1; j < (size_t)1 << n; j++) {
        uint32_t other = line ^ offset[j];
        uint8_t its = bits_of(gates, n, other);
        if (its < bits || (its == bits && other < line))
            return false;
    }
    return true;
}

static qst_status make_lists(qsti_wide_planner *planner, const qsti_wide_pass *pass, qsti_wide_action *action)
{
    qst_ctx *ctx = planner->program->ctx;
    qsti_wide_route *route = planner->route;
    qst_status status = QST_OK;
    const qsti_wide_gate *gates = &route->gates[action->first];
    size_t n_bits = action->low && route->n_low < pass->n_bits ? route->n_low : pass->n_bits, n = action->count;
    uint32_t n_lines = (uint32_t)1 << n_bits, *leading = NULL, n_leading = 0, n_listed = 0;
    action->first_list = (uint32_t)route->n_lists;
    QSTI_TRY(QSTI_NEW(ctx, n_lines, &leading));
    for (uint32_t line = 0; line < n_lines; line++)
        if (action->kind != QSTI_WIDE_TILE || leads_coset(gates, n, action->offset, line))
            leading[n_leading++] = line;
    QSTI_TRY(QSTI_WIDE_ROOM(ctx, route->n_lines, n_leading, &route->lines));
    for (uint32_t next = 0; n_listed < n_leading; next++) {
        qsti_wide_list list = {.first = (uint32_t)route->n_lines};
        while (leading[next] == UINT32_MAX)
            next++;
        list.bits = bits_of(gates, n, leading[next]);
        list.sets = sets_of(gates, n, leading[next]);
        for (uint32_t i = next; i < n_leading; i++) {
            if (leading[i] == UINT32_MAX || bits_of(gates, n, leading[i]) != list.bits ||
                sets_of(gates, n, leading[i]) != list.sets)
                continue;
            route->lines[route->n_lines++] = leading[i];
            leading[i] = UINT32_MAX;
        }
        list.count = (uint32_t)route->n_lines - list.first;
        n_listed += list.count;
        QSTI_TRY(QSTI_WIDE_ROOM(ctx, route->n_lists, 1, &route->lists));
        route->lists[route->n_lists++] = list;
    }
    action->n_lists = (uint32_t)route->n_lists - action->first_list;
done:
    qsti_free(ctx, leading);
    return status;
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

static qsti_wide_kind kind_of(const qsti_wide_gate *gate)
{
    if (gate->x != 0)
        return QSTI_WIDE_TILE;
    return gate->z == 0 && gate->control == 0 ? QSTI_WIDE_CHAIN : QSTI_WIDE_LANE;
}

static uint32_t bit_mask(const qsti_gate *gate)
{
    return gate->form == QSTI_FORM_X ? 0 : gate->z; /* both rows are the same */
}

/* Whether two gates that commute can share a tile: are on different virtual qubits. */
static bool independent(const qst_program *program, const qsti_wide_gate *a, const qsti_wide_gate *b)
{
    const qsti_gate *g = &program->gates[a->gate], *h = &program->gates[b->gate];
    return !qsti_parity(g->x, bit_mask(h)) && !qsti_parity(h->x, bit_mask(g)) && !qsti_parity(g->x, h->control) &&
           !qsti_parity(h->x, g->control) && a->x != b->x;
}

static size_t most_gates(const qst_program *program, qsti_wide_kind kind)
{
    if (kind == QSTI_WIDE_TILE)
        return program->opts.optimize_off & QST_OPTIMIZE_TILE ? 1 : QSTI_MAX_TILE;
    return kind == QSTI_WIDE_CHAIN ? QSTI_MAX_CHAIN : 1;
}

static bool fits_action(const qsti_wide_planner *planner, const qsti_wide_action *action, const qsti_wide_gate *gate)
{
    const qsti_wide_route *route = planner->route;
    const qst_program *program = planner->program;
    uint32_t sum = 0;
    if (action->kind != kind_of(gate) || action->form != program->gates[gate->gate].form ||
        action->count == most_gates(program, kind_of(gate)) || action->low != gate->low)
        return false;
    for (size_t i = 0; i < action->count && action->kind == QSTI_WIDE_TILE; i++) {
        if (!independent(program, &route->gates[action->first + i], gate))
            return false;
        sum ^= route->gates[action->first + i].x;
    }
    return action->kind != QSTI_WIDE_TILE || action->count < 2 || sum != gate->x;
}

/* The lines of a coset, and what is exchanged in them. */
static void find_offsets(const qsti_wide_route *route, qsti_wide_action *action)
{
    for (uint32_t j = 0; j < (uint32_t)1 << action->count; j++) {
        for (size_t g = 0; g < action->count; g++) {
            const qsti_wide_gate *gate = &route->gates[action->first + g];
            action->offset[j] ^= j >> g & 1 ? gate->x : 0;
            action->swap[j] ^= (uint8_t)(j >> g & 1 ? gate->swap : 0);
        }
        action->swaps |= action->swap[j] != 0;
    }
}

/* Adds an action with the first gate that is left and as many of the n as fit; their `gate` becomes UINT32_MAX. */
static qst_status add_gates(qsti_wide_planner *planner, qsti_wide_pass *pass, qsti_wide_gate *gates, size_t n)
{
    qsti_wide_route *route = planner->route;
    qst_ctx *ctx = planner->program->ctx;
    qst_status status = QST_OK;
    size_t first = 0;
    while (gates[first].gate == UINT32_MAX)
        first++;
    qsti_wide_action action = {.kind = (uint8_t)kind_of(&gates[first]),
                               .form = planner->program->gates[gates[first].gate].form,
                               .low = gates[first].low,
                               .first = (uint32_t)route->n_gates};
    for (size_t i = first; i < n; i++) {
        if (gates[i].gate == UINT32_MAX || !fits_action(planner, &action, &gates[i]))
            continue;
        gates[i].sums = (uint32_t)pass->n_sums;
        pass->n_sums += planner->program->gates[gates[i].gate].control ? 6 : 3;
        QSTI_TRY(QSTI_WIDE_ROOM(ctx, route->n_gates, 1, &route->gates));
        route->gates[route->n_gates++] = gates[i];
        gates[i].gate = UINT32_MAX;
        action.count++;
    }
    if (action.kind == QSTI_WIDE_TILE)
        find_offsets(route, &action);
    if (action.kind != QSTI_WIDE_CHAIN)
        QSTI_TRY(make_lists(planner, pass, &action));
    QSTI_TRY(QSTI_WIDE_ROOM(ctx, route->n_actions, 1, &route->actions));
    route->actions[route->n_actions++] = action;
done:
    return status;
}

/* Where tiles on the whole block have room to spare, gates that would be left over in tiles on parts go into them. */
static void fill_high(const qst_program *program, qsti_wide_gate *gates, size_t n)
{
    size_t most = most_gates(program, QSTI_WIDE_TILE);
    for (unsigned form = 0; form < QSTI_FORMS; form++) {
        size_t n_low = 0, n_high = 0;
        for (size_t i = 0; i < n; i++) {
            bool counts = kind_of(&gates[i]) == QSTI_WIDE_TILE && program->gates[gates[i].gate].form == form;
            n_low += counts && gates[i].low;
            n_high += counts && !gates[i].low;
        }
        size_t left_over = n_low % most, spare = (most - n_high % most) % most;
        for (size_t i = n; i-- > 0 && left_over > 0 && left_over <= spare;) {
            if (kind_of(&gates[i]) != QSTI_WIDE_TILE || program->gates[gates[i].gate].form != form || !gates[i].low)
                continue;
            gates[i].low = false;
            left_over--;
            spare--;
        }
    }
}

/* The actions of n gates that commute: those on lanes, on parts, on the whole block. */
static qst_status add_round(qsti_wide_planner *planner, qsti_wide_pass *pass, qsti_wide_gate *gates, size_t n)
{
    qst_status status = QST_OK;
    size_t n_done = 0, n_sorted = 0;
    for (size_t i = 0; i < n; i++)
        gates[i].low = gates[i].x >> planner->route->n_low == 0;
    fill_high(planner->program, gates, n);
    for (int turn = 0; turn < 3; turn++) {
        for (size_t i = n_sorted; i < n; i++) {
            int rank = kind_of(&gates[i]) != QSTI_WIDE_TILE ? 0 : gates[i].low ? 1 : 2;
            if (rank != turn)
                continue;
            qsti_wide_gate gate = gates[i];
            memmove(&gates[n_sorted + 1], &gates[n_sorted], (i - n_sorted) * sizeof *gates);
            gates[n_sorted++] = gate;
        }
    }
    while (n_done < n) {
        QSTI_TRY(add_gates(planner, pass, gates, n));
        n_done += planner->route->actions[planner->route->n_actions - 1].count;
    }
done:
    return status;
}

/* --- rounds ------------------------------------------------------------------------------------------------------- */

/* An item is ready when it commutes with all before it that are outstanding. */
static void count_before(const qsti_wide_planner *planner)
{
    for (size_t i = 0; i < planner->n_taken; i++) {
        planner->n_before[i] = 0;
        for (size_t k = 0; k < i; k++)
            planner->n_before[i] += !qsti_wide_commute(planner, planner->taken[k], planner->taken[i]);
    }
}

/* Marks the gates, or the diagonals, that are ready; gives how many. */
static size_t mark_ready(qsti_wide_planner *planner, bool gates)
{
    size_t n = 0;
    for (size_t i = 0; i < planner->n_taken; i++)
        if (!planner->done[i] && planner->n_before[i] == 0 &&
            planner->program->items[planner->taken[i]].is_gate == gates)
            n++, planner->ready[i] = 1;
    return n;
}

/* What was marked is done. */
static void finish_ready(qsti_wide_planner *planner)
{
    for (size_t k = 0; k < planner->n_taken; k++) {
        if (!planner->ready[k])
            continue;
        planner->done[k] = 1;
        for (size_t i = k + 1; i < planner->n_taken; i++)
            if (!planner->done[i])
                planner->n_before[i] -= !qsti_wide_commute(planner, planner->taken[k], planner->taken[i]);
    }
}

static qst_status add_turn(qsti_wide_planner *planner, qsti_wide_pass *pass, size_t n)
{
    const qst_program *program = planner->program;
    qsti_wide_route *route = planner->route;
    qst_status status = QST_OK;
    const qsti_wide_cost cost = {.apply = 5, .make = 40};
    qsti_wide_action action = {.kind = QSTI_WIDE_TURN, .low = true, .first = (uint32_t)route->n_factors};
    size_t n_entries = 0;
    QSTI_TRY(qsti_wide_entry_room(planner, n));
    for (size_t i = 0; i < planner->n_taken; i++) {
        if (!planner->ready[i])
            continue;
        uint32_t rotation = program->items[planner->taken[i]].index;
        planner->entries[n_entries++] = (qsti_wide_entry){.what = rotation, .z = program->rotations[rotation].pauli.z};
    }
    QSTI_TRY(qsti_wide_make_factors(planner, pass, n, !(program->opts.optimize_off & QST_OPTIMIZE_MERGE), cost,
                                    &pass->n_table_lines));
    action.count = (uint32_t)route->n_factors - action.first;
    QSTI_TRY(QSTI_WIDE_ROOM(program->ctx, route->n_actions, 1, &route->actions));
    route->actions[route->n_actions++] = action;
done:
    return status;
}

/* All that is ready, gates or diagonals, as actions; *out_n is how much that was. */
static qst_status add_ready(qsti_wide_planner *planner, qsti_wide_pass *pass, bool gates, size_t *out_n)
{
    const qst_program *program = planner->program;
    qst_status status = QST_OK;
    qsti_wide_gate *round = NULL;
    memset(planner->ready, 0, planner->n_taken);
    size_t n = mark_ready(planner, gates), n_round = 0;
    *out_n = n;
    if (n == 0)
        goto done;
    if (gates) {
        QSTI_TRY(QSTI_NEW(program->ctx, n, &round));
        for (size_t i = 0; i < planner->n_taken; i++)
            if (planner->ready[i])
                round[n_round++] = localize(planner, pass, program->items[planner->taken[i]].index);
        QSTI_TRY(add_round(planner, pass, round, n));
    } else {
        QSTI_TRY(add_turn(planner, pass, n));
    }
    finish_ready(planner);
done:
    qsti_free(program->ctx, round);
    return status;
}

qst_status qsti_wide_make_actions(qsti_wide_planner *planner, qsti_wide_pass *pass)
{
    qsti_wide_route *route = planner->route;
    qst_status status = QST_OK;
    size_t n_done = 0, n = 0;
    pass->first_action = (uint32_t)route->n_actions;
    pass->first_gate = (uint32_t)route->n_gates;
    pass->first_list = (uint32_t)route->n_lists;
    pass->first_factor = (uint32_t)route->n_factors;
    pass->first_entry = (uint32_t)route->n_entries;
    memset(planner->done, 0, planner->n_taken);
    count_before(planner);
    while (n_done < planner->n_taken) {
        do {
            QSTI_TRY(add_ready(planner, pass, true, &n));
            n_done += n;
        } while (n > 0);
        QSTI_TRY(add_ready(planner, pass, false, &n));
        n_done += n;
    }
    pass->n_actions = (uint32_t)route->n_actions - pass->first_action;
    pass->n_gates = (uint32_t)route->n_gates - pass->first_gate;
    pass->n_lists = (uint32_t)route->n_lists - pass->first_list;
    pass->n_factors = (uint32_t)route->n_factors - pass->first_factor;
    pass->n_entries = (uint32_t)route->n_entries - pass->first_entry;
    pass->n_sums += pass->n_entries;
done:
    return status;
}

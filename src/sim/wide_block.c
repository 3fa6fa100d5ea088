/* wide_block.c: the actions of a pass on one gathered block, forward and back.
 *
 * Actions that keep to parts of the block run one after the other on each part while it is in the first-level cache. A
 * pass that is one block is worked on by all threads, part by part, or each on its share of an action's lines.
 * The signs of a gate's masks: on the block's base from worker->signs, on the part's first line, on a list's lines; and
 * in the lanes, which its coefficient lines have in them.
 */
#include <string.h>

#include "sim/wide_run.h"

/* Where an action acts. */
typedef struct place {
    const qsti_wide_run *run;
    const qsti_wide_route *route;
    const qsti_wide_pass *pass;
    qsti_wide_worker *worker; /* whose block it is */
    qsti_wide_worker *self;   /* who does it */
    size_t piece, n_pieces;   /* which share of the action's lines */
    uint32_t part;            /* its first line */
    size_t n_lines;           /* of it */
    char *psi, *lambda;       /* from there on */
} place;

/* --- signs -------------------------------------------------------------------------------------------------------- */

static void find_signs(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass,
                       uint32_t base, qsti_wide_worker *worker)
{
    for (size_t g = 0; g < pass->n_gates; g++) {
        const qsti_gate *gate = &run->program->gates[route->gates[pass->first_gate + g].gate];
        worker->signs[g] = (uint8_t)(qsti_parity(base, gate->z) | qsti_parity(base, gate->control) << 1);
    }
}

/* The bit of the gate on lines with these parities of their own, and its set. */
static unsigned bit_at(const place *at, size_t g, unsigned parity)
{
    return (at->worker->signs[g - at->pass->first_gate] & 1U) ^ qsti_parity(at->part, at->route->gates[g].z) ^ parity;
}

static unsigned set_at(const place *at, size_t g, unsigned parity)
{
    return at->worker->signs[g - at->pass->first_gate] >> 1 ^ qsti_parity(at->part, at->route->gates[g].control) ^
           parity;
}

/* --- the calls of kernels ----------------------------------------------------------------------------------------- */

/* A tile on list number `number`; it is prepared again only when its gates' bits or sets have changed. */
static qsti_swap_tile tile_of(const place *at, const qsti_wide_action *action, size_t number)
{
    const qsti_kernels *kernels = at->run->program->kernels;
    const qsti_wide_list *list = &at->route->lists[number];
    size_t first = list->count * at->piece / at->n_pieces, end = list->count * (at->piece + 1) / at->n_pieces;
    qsti_swap_tile out = {
        .tile = {.n_gates = action->count, .bases = at->route->lines + list->first + first, .n_bases = end - first}};
    size_t slot = number - at->pass->first_list;
    char *turn = at->self->turns + slot * QSTI_TURN_LINES * QSTI_LINE_BYTES;
    unsigned key = 0;
    memcpy(out.tile.offset, action->offset, sizeof out.tile.offset);
    memcpy(out.swap, action->swap, sizeof out.swap);
    for (size_t g = 0; g < action->count; g++) {
        unsigned bit = bit_at(at, action->first + g, list->bits >> g & 1);
        unsigned set = set_at(at, action->first + g, list->sets >> g & 1);
        out.tile.coefficients[g] = qsti_wide_coefficients(at->run, at->route->gates[action->first + g].gate, bit, set);
        key = 4 * key + 2 * set + bit;
    }
    if (at->self->turn_keys[slot] != key + 1)
        kernels->prepare[action->form][action->count - 1](out.tile.coefficients, turn);
    at->self->turn_keys[slot] = (uint8_t)(key + 1);
    out.tile.turn = turn;
    return out;
}

static void chain_of(const place *at, const qsti_wide_action *action, const qsti_wide_list *list, qsti_lane_gate *chain)
{
    for (size_t g = 0; g < action->count; g++) {
        size_t number = action->first + g;
        const qsti_wide_gate *gate = &at->route->gates[number];
        chain[g] = (qsti_lane_gate){gate->swap,
                                    qsti_wide_coefficients(at->run, gate->gate, bit_at(at, number, list->bits >> g & 1),
                                                           set_at(at, number, list->sets >> g & 1))};
    }
}

/* An action's list, or, of a chain, all lines. */
static qsti_wide_list list_of(const place *at, const qsti_wide_action *action, size_t i)
{
    if (action->kind == QSTI_WIDE_CHAIN)
        return (qsti_wide_list){.count = (uint32_t)at->n_lines};
    return at->route->lists[action->first_list + i];
}

static size_t lists_of(const qsti_wide_action *action)
{
    return action->kind == QSTI_WIDE_CHAIN ? 1 : action->n_lists;
}

static const uint32_t *lines_of(const place *at, const qsti_wide_action *action, const qsti_wide_list *list)
{
    return action->kind == QSTI_WIDE_CHAIN ? NULL : at->route->lines + list->first;
}

/* Factors first .. +n of an action, n at most QSTI_MAX_FACTORS. */
static qsti_factors factors_of(const place *at, const qsti_wide_action *action, size_t first, size_t n,
                               double **marginals)
{
    const qsti_kernels *kernels = at->run->program->kernels;
    qsti_factors factors = {.n = n};
    for (size_t f = 0; f < n; f++) {
        const qsti_wide_factor *factor = &at->route->factors[action->first + first + f];
        factors.tables[f] = at->worker->tables + factor->table * kernels->amplitude_bytes;
        factors.index[f] = at->route->indices + factor->index + at->part;
        marginals[f] = at->worker->marginals + factor->table * kernels->lanes;
    }
    return factors;
}

static size_t at_once(size_t first, size_t count)
{
    return count - first < QSTI_MAX_FACTORS ? count - first : QSTI_MAX_FACTORS;
}

/* --- forward ------------------------------------------------------------------------------------------------------ */

static void act(const place *at, const qsti_wide_action *action)
{
    const qst_program *program = at->run->program;
    const qsti_wide_kernels *kernels = program->wide->kernels;
    qsti_lane_gate chain[QSTI_MAX_CHAIN];
    double *marginals[QSTI_MAX_FACTORS];
    switch ((qsti_wide_kind)action->kind) {
    case QSTI_WIDE_TILE:
        for (size_t i = 0; i < action->n_lists; i++) {
            qsti_swap_tile tile = tile_of(at, action, action->first_list + i);
            if (action->swaps)
                kernels->swap_tile[action->form][action->count - 1](at->psi, &tile);
            else
                program->kernels->tile[action->form][action->count - 1](at->psi, at->psi, &tile.tile);
        }
        break;
    case QSTI_WIDE_CHAIN:
    case QSTI_WIDE_LANE:
        for (size_t i = 0; i < lists_of(action); i++) {
            qsti_wide_list list = list_of(at, action, i);
            chain_of(at, action, &list, chain);
            kernels->lane_gates[action->form](at->psi, lines_of(at, action, &list), list.count, chain, action->count);
        }
        break;
    case QSTI_WIDE_TURN:
        for (size_t first = 0; first < action->count; first += QSTI_MAX_FACTORS) {
            qsti_factors factors = factors_of(at, action, first, at_once(first, action->count), marginals);
            kernels->turn(at->psi, at->n_lines, &factors);
        }
        break;
    }
}

/* --- back --------------------------------------------------------------------------------------------------------- */

/* Adds a gate's inner products, kernel's lines for bit `bit` and set `set` of lane 0, to its sums in a row. */
static void fold(const place *at, size_t number, unsigned bit, unsigned set, const double *lines, double *row)
{
    const qst_program *program = at->run->program;
    const qsti_wide_gate *local = &at->route->gates[number];
    const qsti_gate *gate = &program->gates[local->gate];
    size_t lanes = program->kernels->lanes, n_sums = qsti_form_sums((qsti_form)gate->form);
    size_t first_axis = gate->form == QSTI_FORM_Y ? QSTI_AXIS_Y : QSTI_AXIS_X;
    for (size_t s = 0; s < n_sums; s++) {
        size_t axis = first_axis + s;
        uint32_t mask = axis == QSTI_AXIS_X ? 0 : gate->z;
        for (uint32_t lane = 0; lane < lanes; lane++) {
            double value = lines[s * lanes + lane];
            bool minus = axis != QSTI_AXIS_X && (bit ^ qsti_parity(lane, mask));
            row[local->sums + 3 * (set ^ qsti_parity(lane, gate->control)) + axis] += minus ? -value : value;
        }
    }
}

/* The same for all gates of an action on a list, n_sums values each. */
static void fold_all(const place *at, const qsti_wide_action *action, const qsti_wide_list *list, const double *sums,
                     double *row)
{
    size_t n_sums = qsti_form_sums((qsti_form)action->form) * at->run->program->kernels->lanes;
    for (size_t g = 0; g < action->count; g++) {
        size_t number = action->first + g;
        fold(at, number, bit_at(at, number, list->bits >> g & 1), set_at(at, number, list->sets >> g & 1),
             sums + g * n_sums, row);
    }
}

static void untile(const place *at, const qsti_wide_action *action, double *row)
{
    const qst_program *program = at->run->program;
    double sums[QSTI_MAX_TILE * 3 * QSTI_MAX_LANES];
    for (size_t i = 0; i < action->n_lists; i++) {
        const qsti_wide_list *list = &at->route->lists[action->first_list + i];
        qsti_swap_tile tile = tile_of(at, action, action->first_list + i);
        memset(sums, 0, sizeof sums);
        if (action->swaps)
            program->wide->kernels->swap_untile[action->form][action->count - 1](at->psi, at->lambda, &tile, sums);
        else
            program->kernels->untile[action->form][action->count - 1](at->psi, at->psi, at->lambda, &tile.tile, sums);
        fold_all(at, action, list, sums, row);
    }
}

static void unchain(const place *at, const qsti_wide_action *action, double *row)
{
    const qsti_wide_kernels *kernels = at->run->program->wide->kernels;
    qsti_lane_gate chain[QSTI_MAX_CHAIN];
    double sums[QSTI_MAX_CHAIN * 3 * QSTI_MAX_LANES];
    for (size_t i = 0; i < lists_of(action); i++) {
        qsti_wide_list list = list_of(at, action, i);
        memset(sums, 0, sizeof sums);
        chain_of(at, action, &list, chain);
        kernels->lane_ungates[action->form](at->psi, at->lambda, lines_of(at, action, &list), list.count, chain,
                                            action->count, sums);
        fold_all(at, action, &list, sums, row);
    }
}

static void unact(const place *at, const qsti_wide_action *action, double *row)
{
    const qsti_wide_kernels *kernels = at->run->program->wide->kernels;
    double *marginals[QSTI_MAX_FACTORS];
    switch ((qsti_wide_kind)action->kind) {
    case QSTI_WIDE_TILE:
        untile(at, action, row);
        break;
    case QSTI_WIDE_CHAIN:
    case QSTI_WIDE_LANE:
        unchain(at, action, row);
        break;
    case QSTI_WIDE_TURN:
        for (size_t first = 0; first < action->count; first += QSTI_MAX_FACTORS) {
            qsti_factors factors = factors_of(at, action, first, at_once(first, action->count), marginals);
            kernels->unturn(at->psi, at->lambda, at->n_lines, &factors, marginals);
        }
        break;
    }
}

/* --- blocks ------------------------------------------------------------------------------------------------------- */

/* Some actions of a pass: those that keep to parts, or one that does not. */
typedef struct stretch {
    place at; /* the block */
    size_t first, end;
    double *row; /* on the way back */
} stretch;

static size_t lines_of_part(const qsti_wide_route *route, const qsti_wide_pass *pass)
{
    return (size_t)1 << (route->n_low < pass->n_bits ? route->n_low : pass->n_bits);
}

/* The actions on one part; on the way back in reverse. */
static void run_part(const stretch *of, size_t part, qsti_wide_worker *self)
{
    size_t line_bytes = of->at.run->program->kernels->amplitude_bytes;
    place at = of->at;
    at.self = self;
    at.part = (uint32_t)(part * lines_of_part(at.route, at.pass));
    at.n_lines = lines_of_part(at.route, at.pass);
    at.psi += at.part * line_bytes;
    at.lambda += at.part * line_bytes;
    for (size_t i = of->first; i < of->end; i++) {
        if (of->row == NULL)
            act(&at, &at.route->actions[i]);
        else
            unact(&at, &at.route->actions[of->first + (of->end - 1 - i)], of->row);
    }
}

static void run_part_item(void *arg, size_t part, int number)
{
    const stretch *of = arg;
    run_part(of, part, &of->at.run->program->wide->workers[number]);
}

#define PIECES 16

/* A share of an action on the whole block. */
static void run_piece_item(void *arg, size_t piece, int number)
{
    const stretch *of = arg;
    place at = of->at;
    at.self = &at.run->program->wide->workers[number];
    at.piece = piece;
    at.n_pieces = PIECES;
    act(&at, &at.route->actions[of->first]);
}

/* `alone`: nothing of the block outside its first part is there yet. */
static void run_stretch(const stretch *of, bool alone)
{
    const qsti_wide_run *run = of->at.run;
    const qsti_wide_pass *pass = of->at.pass;
    bool low = of->at.route->actions[of->first].low;
    size_t n_parts = ((size_t)1 << pass->n_bits) / lines_of_part(of->at.route, pass);
    bool spread = pass->n_free == 0 && n_parts > 1 && run->worker < 0 && of->row == NULL;
    if (low && spread && !alone) {
        qsti_wide_loop(run, n_parts, run_part_item, (void *)of);
    } else if (low) {
        for (size_t part = 0; part < (alone ? 1 : n_parts); part++)
            run_part(of, part, of->at.self);
    } else if (spread) {
        qsti_wide_loop(run, PIECES, run_piece_item, (void *)of);
    } else if (of->row == NULL) {
        act(&of->at, &of->at.route->actions[of->first]);
    } else {
        unact(&of->at, &of->at.route->actions[of->first], of->row);
    }
}

static stretch whole_block(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass,
                           qsti_wide_worker *worker, double *row)
{
    return (stretch){.at = {.run = run,
                            .route = route,
                            .pass = pass,
                            .worker = worker,
                            .self = worker,
                            .n_pieces = 1,
                            .n_lines = (size_t)1 << pass->n_bits,
                            .psi = worker->psi,
                            .lambda = row ? worker->lambda : worker->psi},
                     .row = row};
}

void qsti_wide_act(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass, uint32_t base,
                   qsti_wide_worker *worker)
{
    size_t stop = pass->first_action + pass->n_actions;
    bool alone = pass->empty;
    stretch of = whole_block(run, route, pass, worker, NULL);
    find_signs(run, route, pass, base, worker);
    for (of.first = pass->first_action; of.first < stop; of.first = of.end) {
        of.end = of.first + 1;
        while (of.end < stop && route->actions[of.first].low && route->actions[of.end].low)
            of.end++;
        alone &= route->actions[of.first].low;
        run_stretch(&of, alone);
    }
}

void qsti_wide_unact(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass, uint32_t base,
                     qsti_wide_worker *worker, double *row)
{
    stretch of = whole_block(run, route, pass, worker, row);
    find_signs(run, route, pass, base, worker);
    for (of.end = pass->first_action + pass->n_actions; of.end > pass->first_action; of.end = of.first) {
        of.first = of.end - 1;
        while (of.first > pass->first_action && route->actions[of.end - 1].low && route->actions[of.first - 1].low)
            of.first--;
        run_stretch(&of, false);
    }
}

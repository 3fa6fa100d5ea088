/* tile.c: gates and diagonal rotations -> product start and passes, of a small state.
 *
 * 1. Order. By turns all gates that nothing holds back, then all diagonal rotations: so diagonals of a layer come
 *    together however the circuit interleaves them with gates.
 * 2. Start. On |0...0> gates with independent x, and z_i.x_j = 1 for i = j and 0 else, make a product of virtual
 *    qubits. All of the first gates that are so, and whose controls are even with every x: these see a 0.
 * 3. Passes. Each gate goes into the earliest tile of its form that has room, that it is compatible with, and that it
 *    reaches past what it commutes with; each diagonal rotation so into the earliest run of its sort. Then a tile of
 *    one gate takes one from a tile of three: a pass loads and stores each amplitude once whatever it computes, so
 *    balanced tiles overlap the two best.
 * 4. Cosets of each tile (cosets.c).
 *
 * z of a gate about X alone is free: it is chosen when its tile is complete. Circuits with real amplitudes keep the
 * diagonals of one operation together, since only all of them are +-1.
 */
#include <string.h>

#include "sim/algebra.h"
#include "sim/cosets.h"

/* What is placed as a whole: a gate, or diagonal rotations. */
typedef struct unit {
    uint32_t first, count; /* items */
    bool is_gate, done;
} unit;

typedef enum bin_kind { BIN_TILE, BIN_SHARED, BIN_LANE } bin_kind;

/* A pass in the making. */
typedef struct bin {
    uint8_t kind;
    uint8_t n_gates;
    uint32_t gates[QSTI_MAX_TILE];
    uint32_t first, last, count; /* diagonal rotations: a list by tiler.next */
    qsti_subspace masks;         /* theirs */
} bin;

#define NONE UINT32_MAX

typedef struct tiler {
    qst_program *program;
    uint8_t *kinds; /* (n_gates) */
    unit *units;
    size_t n_units;
    uint32_t *order; /* (n_units) */
    uint32_t *held;  /* (n_units): room for one turn of ordering */
    bool *started;   /* (n_gates) */
    uint32_t *start; /* (n_qubits): gates */
    uint32_t *next;  /* (n_rotations) */
    bin *bins;
    size_t n_bins;
    size_t window, max_tile;
} tiler;

static const qsti_rotation *rotation_of(const tiler *t, uint32_t item)
{
    return &t->program->rotations[t->program->items[item].index];
}

static qsti_gate *gate_of(const tiler *t, uint32_t item)
{
    return &t->program->gates[t->program->items[item].index];
}

/* --- order -------------------------------------------------------------------------------------------------------- */

static bool gates_commute(const tiler *t, uint32_t a, uint32_t b)
{
    const qsti_gate *gates = t->program->gates;
    return qsti_gates_commute(&gates[a], t->kinds[a], &gates[b], t->kinds[b]);
}

static bool units_commute(const tiler *t, const unit *a, const unit *b)
{
    const qsti_item *items = t->program->items;
    if (!a->is_gate && !b->is_gate)
        return true;
    if (a->is_gate && b->is_gate)
        return gates_commute(t, items[a->first].index, items[b->first].index);
    const unit *gate = a->is_gate ? a : b, *diagonal = a->is_gate ? b : a;
    for (uint32_t i = diagonal->first; i < diagonal->first + diagonal->count; i++)
        if (qsti_parity(rotation_of(t, i)->pauli.z, gate_of(t, gate->first)->x))
            return false;
    return true;
}

/* Whether item i goes together with the one in front of it. */
static bool joins(const tiler *t, uint32_t i)
{
    const qsti_item *items = t->program->items;
    return t->program->real && i > 0 && !items[i].is_gate && !items[i - 1].is_gate &&
           rotation_of(t, i)->operation == rotation_of(t, i - 1)->operation;
}

static void make_units(tiler *t)
{
    for (uint32_t i = 0; i < t->program->n_items; i++) {
        if (joins(t, i))
            t->units[t->n_units - 1].count++;
        else
            t->units[t->n_units++] = (unit){.first = i, .count = 1, .is_gate = t->program->items[i].is_gate};
    }
}

/* One turn: appends to `order` all units of a sort, from unit `first` on, that commute with all they would overtake;
 * gives how many of `order` there are then. */
static size_t take_turn(tiler *t, size_t first, bool gates, size_t n_ordered)
{
    size_t n_held = 0;
    for (size_t u = first; u < t->n_units && n_held < t->window; u++) {
        unit *at = &t->units[u];
        bool free = at->is_gate == gates;
        if (at->done)
            continue;
        for (size_t h = 0; h < n_held && free; h++)
            free = units_commute(t, &t->units[t->held[h]], at);
        if (free) {
            at->done = true;
            t->order[n_ordered++] = (uint32_t)u;
        } else {
            t->held[n_held++] = (uint32_t)u;
        }
    }
    return n_ordered;
}

static void order_units(tiler *t)
{
    size_t n = 0, first = 0;
    for (bool gates = true; n < t->n_units; gates = !gates) {
        n = take_turn(t, first, gates, n);
        while (first < t->n_units && t->units[first].done)
            first++;
    }
}

/* --- the product start -------------------------------------------------------------------------------------------- */

/* Whether z and control of gate a leave x of gate b alone. */
static bool leaves_alone(const qsti_gate *a, const qsti_gate *b)
{
    bool free = a->form == QSTI_FORM_X;
    return (free || !qsti_parity(a->z, b->x)) && !qsti_parity(a->control, b->x);
}

/* Whether a gate and n others, which are so with each other, are independent virtual qubits; for gates about X, whether
 * they can be. */
static bool compatible(const tiler *t, uint32_t gate, const uint32_t *others, size_t n)
{
    const qsti_gate *gates = t->program->gates;
    qsti_subspace span = {0};
    for (size_t i = 0; i < n; i++) {
        if (!leaves_alone(&gates[gate], &gates[others[i]]) || !leaves_alone(&gates[others[i]], &gates[gate]))
            return false;
        (void)qsti_subspace_add(&span, gates[others[i]].x);
    }
    return qsti_subspace_add(&span, gates[gate].x);
}

/* The z of those of n gates that are about X, with z_i.x_j = 1 for i = j and 0 else; the x are independent. Gauss and
 * Jordan: sum over i in sums[k] of x_i sees pivot k and no other, so z_i = sum over k with i in sums[k] of pivot k. */
static void choose_free_z(qsti_gate **gates, size_t n)
{
    uint32_t x[QSTI_MAX_QUBITS], sums[QSTI_MAX_QUBITS], pivot[QSTI_MAX_QUBITS];
    for (size_t i = 0; i < n; i++) {
        x[i] = gates[i]->x;
        sums[i] = (uint32_t)1 << i;
    }
    for (size_t i = 0; i < n; i++) {
        pivot[i] = x[i] & (~x[i] + 1);
        for (size_t j = 0; j < n; j++) {
            if (j == i || !(x[j] & pivot[i]))
                continue;
            x[j] ^= x[i];
            sums[j] ^= sums[i];
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (gates[i]->form != QSTI_FORM_X)
            continue;
        gates[i]->z = 0;
        for (size_t k = 0; k < n; k++)
            gates[i]->z ^= sums[k] >> i & 1 ? pivot[k] : 0;
    }
}

static void find_start(tiler *t)
{
    qst_program *program = t->program;
    size_t n_held = 0;
    if (program->preparation != QST_PREPARE_ZERO || program->opts.optimize_off & QST_OPTIMIZE_START)
        return;
    for (size_t o = 0; o < t->n_units && n_held < t->window && program->n_start < program->n_qubits; o++) {
        const unit *at = &t->units[t->order[o]];
        uint32_t g = program->items[at->first].index;
        bool free = at->is_gate;
        for (size_t h = 0; h < n_held && free; h++)
            free = units_commute(t, &t->units[t->held[h]], at);
        if (free && compatible(t, g, t->start, program->n_start)) {
            t->started[g] = true;
            t->start[program->n_start++] = g;
        } else {
            t->held[n_held++] = t->order[o];
        }
    }
}

/* --- passes ------------------------------------------------------------------------------------------------------- */

static bool gate_passes(const tiler *t, uint32_t gate, const bin *at)
{
    if (at->kind != BIN_TILE)
        return qsti_subspace_even(&at->masks, t->program->gates[gate].x);
    for (size_t i = 0; i < at->n_gates; i++)
        if (!gates_commute(t, gate, at->gates[i]))
            return false;
    return true;
}

static bool gate_fits(const tiler *t, uint32_t gate, const bin *at)
{
    const qsti_gate *gates = t->program->gates;
    return at->kind == BIN_TILE && at->n_gates < t->max_tile && gates[at->gates[0]].form == gates[gate].form &&
           compatible(t, gate, at->gates, at->n_gates);
}

static void place_gate(tiler *t, uint32_t gate)
{
    bin *into = NULL;
    size_t stop = t->n_bins > t->window ? t->n_bins - t->window : 0;
    for (size_t b = t->n_bins; b-- > stop;) {
        bin *at = &t->bins[b];
        if (gate_fits(t, gate, at))
            into = at;
        if (!gate_passes(t, gate, at))
            break;
    }
    if (into == NULL) {
        into = &t->bins[t->n_bins++];
        *into = (bin){.kind = BIN_TILE};
    }
    into->gates[into->n_gates++] = gate;
}

static bool diagonals_pass(const tiler *t, const unit *diagonals, const bin *at)
{
    for (uint32_t i = diagonals->first; i < diagonals->first + diagonals->count && at->kind == BIN_TILE; i++)
        for (size_t g = 0; g < at->n_gates; g++)
            if (qsti_parity(rotation_of(t, i)->pauli.z, t->program->gates[at->gates[g]].x))
                return false;
    return true;
}

static void place_diagonals(tiler *t, const unit *diagonals)
{
    const qst_program *program = t->program;
    uint8_t kind = rotation_of(t, diagonals->first)->per_lane ? BIN_LANE : BIN_SHARED;
    bin *into = NULL;
    size_t stop = t->n_bins > t->window ? t->n_bins - t->window : 0;
    for (size_t b = t->n_bins; b-- > stop;) {
        if (t->bins[b].kind == kind)
            into = &t->bins[b];
        if (!diagonals_pass(t, diagonals, &t->bins[b]))
            break;
    }
    if (into == NULL) {
        into = &t->bins[t->n_bins++];
        *into = (bin){.kind = kind, .first = NONE};
    }
    for (uint32_t i = diagonals->first; i < diagonals->first + diagonals->count; i++) {
        uint32_t r = program->items[i].index;
        t->next[r] = NONE;
        if (into->first == NONE)
            into->first = r;
        else
            t->next[into->last] = r;
        into->last = r;
        into->count++;
        (void)qsti_subspace_add(&into->masks, program->rotations[r].pauli.z);
    }
}

/* Whether a gate can leave bin `from` for tile `to`, past all between them. */
static bool may_move(const tiler *t, uint32_t gate, size_t from, size_t to)
{
    size_t low = from < to ? from : to, high = from < to ? to : from;
    for (size_t b = low + 1; b < high; b++)
        if (!gate_passes(t, gate, &t->bins[b]))
            return false;
    return gate_fits(t, gate, &t->bins[to]);
}

/* Fills tile b, which has one gate, from a tile of three within reach. */
static void balance_tile(tiler *t, size_t b)
{
    bin *to = &t->bins[b];
    size_t reach = 2 * t->program->n_qubits, low = b > reach ? b - reach : 0;
    for (size_t from = low; from < t->n_bins && from <= b + reach; from++) {
        bin *donor = &t->bins[from];
        if (donor->kind != BIN_TILE || donor->n_gates < QSTI_MAX_TILE)
            continue;
        for (size_t g = QSTI_MAX_TILE; g-- > 0;) {
            if (!may_move(t, donor->gates[g], from, b))
                continue;
            to->gates[to->n_gates++] = donor->gates[g];
            donor->gates[g] = donor->gates[--donor->n_gates];
            return;
        }
    }
}

static void place_all(tiler *t)
{
    const qst_program *program = t->program;
    for (size_t o = 0; o < t->n_units; o++) {
        const unit *at = &t->units[t->order[o]];
        uint32_t index = program->items[at->first].index;
        if (!at->is_gate)
            place_diagonals(t, at);
        else if (!t->started[index])
            place_gate(t, index);
    }
    for (size_t b = 0; b < t->n_bins; b++)
        if (t->bins[b].kind == BIN_TILE && t->bins[b].n_gates == 1)
            balance_tile(t, b);
}

/* --- the program -------------------------------------------------------------------------------------------------- */

/* Gates, rotations and items in their new order. */
typedef struct writer {
    qst_program *program;
    const tiler *from;
    qsti_gate *gates;
    qsti_rotation *rotations;
    size_t n_gates, n_rotations, n_items;
    qsti_coset_table table;
} writer;

static void write_gate(writer *w, uint32_t old)
{
    const qst_program *program = w->program;
    qsti_gate gate = program->gates[old];
    memcpy(&w->rotations[w->n_rotations], &program->rotations[gate.first], gate.count * sizeof *w->rotations);
    gate.first = (uint32_t)w->n_rotations;
    w->n_rotations += gate.count;
    w->program->items[w->n_items++] = (qsti_item){true, (uint32_t)w->n_gates};
    w->gates[w->n_gates++] = gate;
}

static qst_status write_tile(writer *w, const bin *tile)
{
    qst_program *program = w->program;
    qsti_gate *gates[QSTI_MAX_TILE];
    qsti_pass *pass = &program->passes[program->n_passes++];
    *pass = (qsti_pass){.kind = QSTI_PASS_TILE, .first = (uint32_t)w->n_gates, .count = tile->n_gates};
    for (size_t g = 0; g < tile->n_gates; g++)
        write_gate(w, tile->gates[g]);
    for (size_t g = 0; g < tile->n_gates; g++)
        gates[g] = &w->gates[pass->first + g];
    choose_free_z(gates, tile->n_gates);
    return qsti_cosets_of(program, &w->gates[pass->first], tile->n_gates, &w->table, &pass->cosets);
}

/* Whether a run of diagonals becomes a table. */
static bool takes_table(const qst_program *program, const bin *run)
{
    size_t bytes = 2 * sizeof(double) * program->dim, most = QSTI_TABLE_BYTES;
    if (program->real)
        return true;
    if (program->opts.optimize_off & QST_OPTIMIZE_MERGE || program->n_qubits > QSTI_TABLE_MAX_QUBITS)
        return false;
    if (run->kind == BIN_LANE)
        return run->count >= QSTI_LANE_TABLE_ROTATIONS &&
               program->n_lane_tables < most / (bytes * program->kernels->lanes);
    return run->count > 1 && program->n_tables < most / bytes;
}

static void write_run(writer *w, const bin *run)
{
    qst_program *program = w->program;
    qsti_pass pass = {.kind = QSTI_PASS_PHASE, .first = (uint32_t)w->n_rotations, .count = 1};
    bool table = takes_table(program, run);
    for (uint32_t r = run->first; r != NONE; r = w->from->next[r]) {
        w->program->items[w->n_items++] = (qsti_item){false, (uint32_t)w->n_rotations};
        if (!table) {
            pass.first = (uint32_t)w->n_rotations;
            program->passes[program->n_passes++] = pass;
        }
        w->rotations[w->n_rotations++] = program->rotations[r];
    }
    if (!table)
        return;
    pass.count = run->count;
    pass.kind = run->kind == BIN_LANE ? QSTI_PASS_LANE_TABLE : QSTI_PASS_TABLE;
    pass.table = (uint32_t)(run->kind == BIN_LANE ? program->n_lane_tables++ : program->n_tables++);
    program->passes[program->n_passes++] = pass;
}

static qst_status write_start(writer *w)
{
    qst_program *program = w->program;
    qst_status status = QST_OK;
    qsti_gate *gates[QSTI_MAX_QUBITS];
    if (program->n_start == 0)
        return QST_OK;
    for (size_t g = 0; g < program->n_start; g++)
        write_gate(w, w->from->start[g]);
    for (size_t g = 0; g < program->n_start; g++)
        gates[g] = &w->gates[g];
    choose_free_z(gates, program->n_start);
    QSTI_TRY(QSTI_NEW(program->ctx, (size_t)1 << program->n_start, &program->start_to));
    for (size_t g = 0; g < program->n_start; g++)
        for (size_t j = 0; j < (size_t)1 << g; j++)
            program->start_to[j + ((size_t)1 << g)] = program->start_to[j] ^ w->gates[g].x;
done:
    return status;
}

static qst_status write_program(tiler *t)
{
    qst_program *program = t->program;
    qst_ctx *ctx = program->ctx;
    qst_status status = QST_OK;
    writer w = {.program = program, .from = t};
    size_t n_passes = 0;
    for (size_t b = 0; b < t->n_bins; b++)
        n_passes += t->bins[b].kind == BIN_TILE ? 1 : t->bins[b].count;
    QSTI_TRY(QSTI_NEW(ctx, program->n_gates, &w.gates));
    QSTI_TRY(QSTI_NEW(ctx, program->n_rotations, &w.rotations));
    QSTI_TRY(qsti_coset_table_init(ctx, t->n_bins, &w.table));
    QSTI_TRY(QSTI_NEW(ctx, n_passes, &program->passes));
    QSTI_TRY(QSTI_NEW(ctx, t->n_bins, &program->cosets));
    QSTI_TRY(write_start(&w));
    for (size_t b = 0; b < t->n_bins; b++) {
        if (t->bins[b].kind == BIN_TILE)
            QSTI_TRY(write_tile(&w, &t->bins[b]));
        else
            write_run(&w, &t->bins[b]);
    }
    qsti_free(ctx, program->gates);
    qsti_free(ctx, program->rotations);
    program->gates = w.gates;
    program->rotations = w.rotations;
    w.gates = NULL;
    w.rotations = NULL;
    QSTI_TRY(qsti_program_number(program));
done:
    qsti_free(ctx, w.gates);
    qsti_free(ctx, w.rotations);
    qsti_free(ctx, w.table.places);
    return status;
}

qst_status qsti_program_tile(qst_program *program)
{
    qst_ctx *ctx = program->ctx;
    qst_status status = QST_OK;
    tiler t = {.program = program,
               .window = qsti_search_window(program),
               .max_tile = program->opts.optimize_off & QST_OPTIMIZE_TILE ? 1 : QSTI_MAX_TILE};
    QSTI_TRY(QSTI_NEW(ctx, program->n_gates, &t.kinds));
    QSTI_TRY(QSTI_NEW(ctx, program->n_gates, &t.started));
    QSTI_TRY(QSTI_NEW(ctx, program->n_items, &t.units));
    QSTI_TRY(QSTI_NEW(ctx, program->n_items, &t.order));
    QSTI_TRY(QSTI_NEW(ctx, program->n_items, &t.held));
    QSTI_TRY(QSTI_NEW(ctx, program->n_items, &t.bins));
    QSTI_TRY(QSTI_NEW(ctx, program->n_qubits, &t.start));
    QSTI_TRY(QSTI_NEW(ctx, program->n_rotations, &t.next));
    qsti_all_gate_kinds(program, t.kinds);
    make_units(&t);
    order_units(&t);
    find_start(&t);
    place_all(&t);
    QSTI_TRY(write_program(&t));
    if (!(program->opts.optimize_off & QST_OPTIMIZE_KEEP)) {
        size_t fit = QSTI_KEPT_BYTES / (program->dim * program->kernels->amplitude_bytes);
        program->n_kept = fit < program->n_passes ? fit : program->n_passes;
    }
done:
    qsti_free(ctx, t.kinds);
    qsti_free(ctx, t.started);
    qsti_free(ctx, t.units);
    qsti_free(ctx, t.order);
    qsti_free(ctx, t.held);
    qsti_free(ctx, t.bins);
    qsti_free(ctx, t.start);
    qsti_free(ctx, t.next);
    return status;
}

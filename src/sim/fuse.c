/* fuse.c: rotations -> gates on virtual qubits and diagonal rotations.
 *
 * Each rotation in turn walks back over what stands so far, past all it commutes with, to a gate in whose algebra it
 * is: then it joins that gate's chain; else it is appended. A gate settles on its z when a rotation about Y (or Z)
 * joins, on its control when the first Pauli off X, Y, Z does: RXX and RYY on a pair are one gate controlled by ZZ, CRX
 * and all of CU are one gate. (But rotations about Y of different operations bring no control: where moves of the frame
 * have changed a qubit's z alone, two gates are cheaper than one that fits few tiles and no product start.) A diagonal
 * rotation joins only where its mask is the gate's own z, or, while that is open, the Z of the qubit that the circuit
 * turned.
 *
 * Then every chain gets a form. What a form costs, in real multiply-adds an amplitude:
 *
 *                      forward   backward: inner products, lambda, psi where it is not kept
 *   GENERAL               8       4-6      8       8
 *   Y, X                  4        2       4       4
 *   a table               4        2       4       4     whatever the number of rotations in it
 *   one phase             4        2       4       4
 *   a table by lane    4 + n + ~30 for its sines; the way back 2 + n, 4, 4
 *   a pass               ~1 by itself: loads and stores
 *
 * So a chain that turns about Y alone, or X alone, but for shared diagonals at its end keeps the cheap form, and these
 * go into a table with all the others of the layer. Any other chain is GENERAL, and takes in the diagonals at both its
 * ends. Diagonals that differ by lane are better inside a gate than in a table of their own; but where a run of many is
 * next to the gate, they are better there.
 *
 * Circuits of rotations about Y and diagonals of +-1 (CZ) keep real amplitudes: there nothing diagonal joins a chain.
 */
#include "sim/algebra.h"

#include <math.h>

/* A gate in the making, or a diagonal rotation: its mask is z, its rotation first. */
typedef struct node {
    bool is_gate, gone, settled; /* settled: z is */
    uint8_t kinds;
    uint32_t x, z, control;
    uint32_t partner;     /* a good z while it is not settled; 0: none */
    uint32_t first, last; /* of its rotations, see fuser.next */
} node;

typedef struct fuser {
    qst_program *program;
    uint32_t *next; /* (n_rotations): the next in the same chain */
    node *nodes;    /* as they were collected */
    size_t n_nodes;
    node *out; /* as they will be */
    size_t n_out;
    size_t window; /* how far back a rotation walks */
    bool fuse, real;
} fuser;

#define NONE UINT32_MAX

/* --- collecting chains -------------------------------------------------------------------------------------------- */

static bool commutes(const node *at, qsti_mask pauli)
{
    if (!at->is_gate)
        return qsti_parity(at->z, pauli.x) == 0;
    return qsti_kinds_commute(at->x, at->z, at->control, at->kinds, pauli);
}

/* Whether a rotation about X or Y is in the gate's algebra, or can be with a control that it may bring; then joins its
 * kind. */
static bool join_core(node *at, qsti_mask pauli, bool brings)
{
    qsti_axis axis = pauli.imaginary ? QSTI_AXIS_Y : QSTI_AXIS_X;
    if (at->x != pauli.x)
        return false;
    if (axis == QSTI_AXIS_Y && !at->settled) {
        at->settled = true;
        at->z = pauli.z;
    }
    uint32_t control = pauli.z ^ (axis == QSTI_AXIS_Y ? at->z : 0);
    if (control != 0 && at->control == 0 && (brings || axis == QSTI_AXIS_X))
        at->control = control;
    if (control != 0 && at->control != control)
        return false;
    at->kinds |= QSTI_KIND(axis, control != 0);
    return true;
}

/* The same for a diagonal rotation, which brings no control of its own. */
static bool join_diagonal(node *at, uint32_t z)
{
    uint32_t own = at->settled ? at->z : at->partner;
    if (own == 0 || (z != own && (at->control == 0 || z != (own ^ at->control))))
        return false;
    at->settled = true;
    at->z = own;
    at->kinds |= QSTI_KIND(QSTI_AXIS_Z, z != own);
    return true;
}

static node new_node(const qsti_rotation *rotation, uint32_t r)
{
    qsti_mask pauli = rotation->pauli;
    node made = {.first = r, .last = r, .x = pauli.x, .z = pauli.z};
    if (pauli.x == 0)
        return made;
    made.is_gate = true;
    made.partner = rotation->partner;
    made.z = 0;
    (void)join_core(&made, pauli, true);
    return made;
}

static void collect(fuser *f)
{
    const qst_program *program = f->program;
    for (size_t r = 0; r < program->n_rotations; r++) {
        const qsti_rotation *rotation = &program->rotations[r];
        bool diagonal = rotation->pauli.x == 0, joined = false;
        size_t stop = f->n_nodes > f->window ? f->n_nodes - f->window : 0;
        f->next[r] = NONE;
        if (!f->fuse || (diagonal && f->real))
            stop = f->n_nodes;
        for (size_t k = f->n_nodes; k-- > stop && !joined;) {
            node *at = &f->nodes[k];
            bool same = program->rotations[at->last].operation == rotation->operation;
            joined =
                at->is_gate && (diagonal ? join_diagonal(at, rotation->pauli.z) : join_core(at, rotation->pauli, same));
            if (joined) {
                f->next[at->last] = (uint32_t)r;
                at->last = (uint32_t)r;
            } else if (!commutes(at, rotation->pauli)) {
                break;
            }
        }
        if (!joined)
            f->nodes[f->n_nodes++] = new_node(rotation, (uint32_t)r);
    }
}

/* --- settling forms ----------------------------------------------------------------------------------------------- */

static bool is_diagonal(const fuser *f, uint32_t r)
{
    return f->program->rotations[r].pauli.x == 0;
}

/* The last rotation of a chain that is not diagonal. */
static uint32_t core_end(const fuser *f, const node *gate)
{
    uint32_t end = gate->first;
    for (uint32_t r = gate->first; r != NONE; r = f->next[r])
        if (!is_diagonal(f, r))
            end = r;
    return end;
}

/* Whether a chain, up to `end`, turns about one axis alone. */
static bool is_pure(const fuser *f, const node *gate, uint32_t end)
{
    for (uint32_t r = gate->first; r != end; r = f->next[r])
        if (is_diagonal(f, r))
            return false;
    return !(gate->kinds & QSTI_KINDS(QSTI_AXIS_X)) || !(gate->kinds & QSTI_KINDS(QSTI_AXIS_Y));
}

/* Diagonal rotations directly in front of a gate that are in its algebra, by place in `out`, and how many of them
 * differ by lane; gives how many. */
static size_t heads_of(const fuser *f, const node *gate, size_t room, size_t *heads, size_t *out_n_lane)
{
    uint32_t own = gate->settled ? gate->z : gate->partner, masks[2] = {own, own ^ gate->control};
    bool open[2] = {own != 0, own != 0 && gate->control != 0};
    size_t n = 0, stop = f->n_out > f->window ? f->n_out - f->window : 0;
    *out_n_lane = 0;
    for (size_t k = f->n_out; k-- > stop && n < room && (open[0] || open[1]);) {
        const node *at = &f->out[k];
        for (size_t m = 0; m < 2; m++) {
            if (at->is_gate) {
                open[m] = open[m] && commutes(at, (qsti_mask){0, masks[m], false});
            } else if (!at->gone && open[m] && at->z == masks[m]) {
                heads[n++] = k;
                *out_n_lane += f->program->rotations[at->first].per_lane;
                break;
            }
        }
    }
    return n;
}

/* Whether there is a run of many per-lane diagonals around place k of `nodes`, on one side: step +1 or -1. */
static bool near_lane_run(const fuser *f, size_t k, int step)
{
    size_t n = 0;
    const node *gate = &f->nodes[k];
    qsti_mask own = {0, gate->settled ? gate->z : gate->partner, false};
    for (size_t i = 1; i <= f->window && n < QSTI_LANE_TABLE_ROTATIONS; i++) {
        size_t at = step > 0 ? k + i : k - i;
        if (at >= f->n_nodes || (f->nodes[at].is_gate && !commutes(&f->nodes[at], own)))
            break;
        n += !f->nodes[at].is_gate && f->program->rotations[f->nodes[at].first].per_lane;
    }
    return n >= QSTI_LANE_TABLE_ROTATIONS;
}

/* Whether nothing that acts stands in front of a gate: it can be part of a product start. */
static bool is_leading(const fuser *f, const node *gate)
{
    const qst_program *program = f->program;
    if (program->preparation != QST_PREPARE_ZERO || program->opts.optimize_off & QST_OPTIMIZE_START ||
        program->info.layout == QST_LAYOUT_WIDE || f->n_out > f->window)
        return false;
    qsti_gate one = {.x = gate->x, .z = gate->z, .control = gate->control};
    for (size_t k = 0; k < f->n_out; k++) {
        const node *at = &f->out[k];
        qsti_gate other = {.x = at->x, .z = at->z, .control = at->control};
        if (at->gone)
            continue;
        if (!at->is_gate && qsti_parity(at->z, gate->x))
            return false;
        if (at->is_gate && !qsti_gates_commute(&one, gate->kinds, &other, at->kinds))
            return false;
    }
    return true;
}

/* Cuts the diagonals behind a chain's core off and appends them to `out`. */
static void put_stripped(fuser *f, node gate, uint32_t end)
{
    uint32_t r = f->next[end];
    gate.last = end;
    gate.kinds &= (uint8_t)~QSTI_KINDS(QSTI_AXIS_Z);
    f->next[end] = NONE;
    f->out[f->n_out++] = gate;
    while (r != NONE) {
        uint32_t after = f->next[r];
        f->next[r] = NONE;
        f->out[f->n_out++] = new_node(&f->program->rotations[r], r);
        r = after;
    }
}

/* Takes diagonals in front of a gate into it, and appends it. */
static void put_general(fuser *f, node gate, const size_t *heads, size_t n_heads)
{
    if (n_heads > 0) {
        gate.z = gate.settled ? gate.z : gate.partner;
        gate.settled = true;
    }
    for (size_t h = 0; h < n_heads; h++) {
        node *at = &f->out[heads[h]];
        at->gone = true;
        gate.kinds |= QSTI_KIND(QSTI_AXIS_Z, at->z != gate.z);
        f->next[at->first] = gate.first;
        gate.first = at->first;
    }
    f->out[f->n_out++] = gate;
}

#define MAX_HEADS 64

static void settle(fuser *f, size_t k)
{
    node gate = f->nodes[k];
    size_t heads[MAX_HEADS], n_lane_heads = 0, n_heads = 0;
    uint32_t end = core_end(f, &gate);
    bool lane_tail = false, tail = f->next[end] != NONE;
    if (!f->fuse || f->real) {
        f->out[f->n_out++] = gate;
        return;
    }
    n_heads = heads_of(f, &gate, MAX_HEADS, heads, &n_lane_heads);
    for (uint32_t r = f->next[end]; r != NONE; r = f->next[r])
        lane_tail |= f->program->rotations[r].per_lane;
    bool general = !is_pure(f, &gate, end);
    general |= lane_tail && !near_lane_run(f, k, 1);
    general |= n_lane_heads > 0 && !near_lane_run(f, k, -1);
    general |= tail && (f->program->n_qubits < 3 || is_leading(f, &gate));
    if (general)
        put_general(f, gate, heads, n_heads);
    else
        put_stripped(f, gate, end);
}

/* --- real amplitudes ---------------------------------------------------------------------------------------------- */

/* Whether the diagonal rotations [first, end), of constant angles, are +-1 up to a phase: the sum of the angles with
 * odd overlap with p must be a multiple of pi, for every p. Sums of the bits that lead in a basis of the masks give
 * every pattern of overlaps. False as well for masks of high rank. */
static bool is_sign(const qst_program *program, size_t first, size_t end)
{
    qsti_subspace masks = {0};
    uint32_t points[QST_MAX_GATE_QUBITS];
    size_t n_points = 0;
    for (size_t r = first; r < end; r++)
        (void)qsti_subspace_add(&masks, program->rotations[r].pauli.z);
    if (masks.rank > QST_MAX_GATE_QUBITS)
        return false;
    for (int bit = 0; bit < QSTI_MAX_QUBITS; bit++)
        if (masks.basis[bit] != 0)
            points[n_points++] = (uint32_t)1 << bit;
    for (uint32_t code = 0; code < (uint32_t)1 << n_points; code++) {
        uint32_t p = 0;
        double sum = 0;
        for (size_t i = 0; i < n_points; i++)
            p ^= code >> i & 1 ? points[i] : 0;
        for (size_t r = first; r < end; r++)
            for (size_t t = 0; t < program->rotations[r].terms.count && qsti_parity(p, program->rotations[r].pauli.z);
                 t++)
                sum += program->terms[program->rotations[r].terms.first + t].coefficient;
        if (fabs(sum / M_PI - round(sum / M_PI)) > 1e-12)
            return false;
    }
    return true;
}

static bool is_constant(const qst_program *program, const qsti_rotation *rotation)
{
    for (size_t t = 0; t < rotation->terms.count; t++) {
        qst_term term = program->terms[rotation->terms.first + t];
        if (term.a != QST_ONE || term.b != QST_ONE)
            return false;
    }
    return true;
}

/* Whether amplitudes stay real: see the file's comment. */
static bool is_real(const qst_program *program)
{
    size_t n_signs = 0;
    if (program->opts.optimize_off & QST_OPTIMIZE_REAL || program->info.layout == QST_LAYOUT_WIDE)
        return false;
    for (size_t r = 0; r < program->n_rotations; r++) {
        const qsti_rotation *rotation = &program->rotations[r];
        if (rotation->pauli.x != 0 ? !rotation->pauli.imaginary : rotation->drawn || !is_constant(program, rotation))
            return false;
    }
    for (size_t r = 0; r < program->n_rotations;) {
        size_t end = r + 1;
        if (program->rotations[r].pauli.x != 0) {
            r++;
            continue;
        }
        while (end < program->n_rotations && program->rotations[end].pauli.x == 0 &&
               program->rotations[end].operation == program->rotations[r].operation)
            end++;
        if (!is_sign(program, r, end))
            return false;
        n_signs++;
        r = end;
    }
    return n_signs == 0 ||
           (!(program->opts.optimize_off & QST_OPTIMIZE_MERGE) && program->n_qubits <= QSTI_TABLE_MAX_QUBITS &&
            n_signs <= QSTI_TABLE_BYTES / (2 * sizeof(double) * program->dim));
}

/* --- the program -------------------------------------------------------------------------------------------------- */

static qsti_form form_of(uint8_t kinds)
{
    if (!(kinds & (QSTI_KINDS(QSTI_AXIS_X) | QSTI_KINDS(QSTI_AXIS_Z))))
        return QSTI_FORM_Y;
    if (!(kinds & (QSTI_KINDS(QSTI_AXIS_Y) | QSTI_KINDS(QSTI_AXIS_Z))))
        return QSTI_FORM_X;
    return QSTI_FORM_GENERAL;
}

/* Writes gates, items, and the rotations in their order. */
static void emit(fuser *f, qsti_rotation *rotations)
{
    qst_program *program = f->program;
    uint32_t n_rotations = 0;
    for (size_t k = 0; k < f->n_out; k++) {
        const node *at = &f->out[k];
        if (at->gone)
            continue;
        uint32_t first = n_rotations;
        bool per_lane = false;
        for (uint32_t r = at->first; r != NONE; r = f->next[r]) {
            per_lane |= program->rotations[r].per_lane;
            rotations[n_rotations++] = program->rotations[r];
        }
        program->items[program->n_items++] = (qsti_item){at->is_gate, at->is_gate ? (uint32_t)program->n_gates : first};
        if (!at->is_gate)
            continue;
        qsti_gate *gate = &program->gates[program->n_gates++];
        *gate = (qsti_gate){.x = at->x,
                            .z = at->z,
                            .control = at->control,
                            .form = (uint8_t)form_of(at->kinds),
                            .per_lane = per_lane,
                            .first = first,
                            .count = n_rotations - first};
        if (gate->form == QSTI_FORM_X)
            gate->z = gate->x & (~gate->x + 1);
    }
}

qst_status qsti_program_fuse(qst_program *program)
{
    qst_ctx *ctx = program->ctx;
    qst_status status = QST_OK;
    size_t n = program->n_rotations;
    qsti_rotation *rotations = NULL;
    fuser f = {.program = program,
               .window = qsti_search_window(program),
               .fuse = !(program->opts.optimize_off & QST_OPTIMIZE_FUSE),
               .real = is_real(program)};
    QSTI_TRY(QSTI_NEW(ctx, n, &f.next));
    QSTI_TRY(QSTI_NEW(ctx, n, &f.nodes));
    QSTI_TRY(QSTI_NEW(ctx, n, &f.out));
    QSTI_TRY(QSTI_NEW(ctx, n, &rotations));
    collect(&f);
    for (size_t k = 0; k < f.n_nodes; k++) {
        if (f.nodes[k].is_gate)
            settle(&f, k);
        else
            f.out[f.n_out++] = f.nodes[k];
    }
    QSTI_TRY(QSTI_NEW(ctx, f.n_out, &program->items));
    QSTI_TRY(QSTI_NEW(ctx, f.n_out, &program->gates));
    emit(&f, rotations);
    program->real = f.real;
    qsti_free(ctx, program->rotations);
    program->rotations = rotations;
    rotations = NULL;
    QSTI_TRY(qsti_program_number(program));
done:
    qsti_free(ctx, f.next);
    qsti_free(ctx, f.nodes);
    qsti_free(ctx, f.out);
    qsti_free(ctx, rotations);
    return status;
}

/* jump_tape.c: from the plan to what acts on eight trajectories.
 *
 * Gates that wait (`pending`) commute with each other. A rotation joins the one of its virtual qubit, or opens one when
 * those that do not commute with it have gone to the tape, up to three in a tile. A place of noise where no lane draws
 * an event leaves them waiting: Paulis change the signs of the rotations behind them, lane by lane.
 */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "jumps/jump_run.h"

#define NONE UINT32_MAX
/* States are kept anew before inverse dampings in a row could magnify rounding errors by more than e^9. */
#define DAMPING_LIMIT 9.0
#define LANES         QSTI_JUMP_LANES

typedef struct tape {
    const qsti_jump_machine *machine;
    qsti_jump_scratch *scratch;
    uint32_t pending[QSTI_JUMP_MAX_QUBITS];
    size_t n_pending;
    size_t n_saved;
    double damping; /* logarithm of what inverse dampings magnify since the last states were kept */
} tape;

/* --- angles ------------------------------------------------------------------------------------------------------- */

static double value_of(qst_variable variable, const double *weights, const double *x, size_t lane)
{
    if (variable == QST_ONE)
        return 1;
    return variable > 0 ? weights[variable - 1] : x[(size_t)(-variable - 1) * LANES + lane];
}

void qsti_jump_angles(const qsti_jump_machine *machine, const double *weights, qsti_jump_scratch *scratch)
{
    const qsti_jump_plan *plan = &machine->plan;
    for (size_t r = 0; r < plan->n_rotations; r++) {
        const qsti_jump_rotation *rotation = &plan->rotations[r];
        for (size_t lane = 0; lane < LANES; lane++) {
            double angle = 0;
            for (size_t i = 0; i < rotation->terms.count; i++) {
                qst_term term = plan->terms[rotation->terms.first + i];
                angle += term.coefficient * value_of(term.a, weights, scratch->x, lane) *
                         value_of(term.b, weights, scratch->x, lane);
            }
            scratch->cosine[r * LANES + lane] = angle / 2;
        }
    }
    machine->kernels->sincos(scratch->cosine, plan->n_rotations * LANES, scratch->sine, scratch->cosine);
}

static void add_variable(qst_variable variable, double value, size_t lane, double *out_weights, double *out_x)
{
    if (variable > 0)
        out_weights[variable - 1] += value;
    else if (variable < 0)
        out_x[(size_t)(-variable - 1) * LANES + lane] += value;
}

void qsti_jump_chain(const qsti_jump_machine *machine, const double *weights, double *out_weights,
                     qsti_jump_scratch *scratch)
{
    const qsti_jump_plan *plan = &machine->plan;
    for (size_t r = 0; r < plan->n_rotations; r++) {
        const qsti_jump_rotation *rotation = &plan->rotations[r];
        for (size_t i = 0; i < rotation->terms.count; i++) {
            qst_term term = plan->terms[rotation->terms.first + i];
            for (size_t lane = 0; lane < LANES; lane++) {
                double gradient = term.coefficient * scratch->gradient[r * LANES + lane];
                double a = value_of(term.a, weights, scratch->x, lane);
                double b = value_of(term.b, weights, scratch->x, lane);
                add_variable(term.a, gradient * b, lane, out_weights, scratch->out_x);
                add_variable(term.b, gradient * a, lane, out_weights, scratch->out_x);
            }
        }
    }
}

/* --- the tape ----------------------------------------------------------------------------------------------------- */

static qsti_jump_act *new_act(tape *to, qsti_jump_act_kind kind)
{
    qsti_jump_act *act = &to->scratch->acts[to->scratch->n_acts++];
    *act = (qsti_jump_act){.kind = (uint8_t)kind};
    return act;
}

/* The waiting gates that are named, by threes. */
static void write_tiles(tape *to, const uint32_t *gates, size_t n)
{
    for (size_t first = 0; first < n; first += QSTI_MAX_TILE) {
        qsti_jump_act *act = new_act(to, QSTI_ACT_TILE);
        act->count = (uint8_t)(n - first < QSTI_MAX_TILE ? n - first : QSTI_MAX_TILE);
        memcpy(act->gates, gates + first, act->count * sizeof *gates);
    }
}

static bool clashes(const qsti_jump_gate *gate, uint32_t x, uint32_t z)
{
    return __builtin_parity(gate->x & z) || __builtin_parity(gate->z & x);
}

/* Writes the waiting gates that do not commute with X^x and Z^z, and fills their last tile with such as wait for
 * nothing. */
static void make_way(tape *to, uint32_t x, uint32_t z)
{
    uint32_t leaving[QSTI_JUMP_MAX_QUBITS];
    size_t n = 0, n_left = 0;
    for (size_t i = 0; i < to->n_pending; i++) {
        if (clashes(&to->scratch->gates[to->pending[i]], x, z))
            leaving[n++] = to->pending[i];
        else
            to->pending[n_left++] = to->pending[i];
    }
    to->n_pending = n_left;
    if (n == 0)
        return;
    n_left = 0;
    for (size_t i = 0; i < to->n_pending; i++) {
        if (n % QSTI_MAX_TILE != 0 && to->scratch->gates[to->pending[i]].dead)
            leaving[n++] = to->pending[i];
        else
            to->pending[n_left++] = to->pending[i];
    }
    to->n_pending = n_left;
    write_tiles(to, leaving, n);
}

static uint8_t signs_of(const qsti_jump_scratch *scratch, uint32_t x, uint32_t z, bool minus)
{
    unsigned out = minus ? (1U << LANES) - 1 : 0;
    for (size_t lane = 0; lane < LANES; lane++)
        out ^= (unsigned)__builtin_parity((x & scratch->z_frame[lane]) ^ (z & scratch->x_frame[lane])) << lane;
    return (uint8_t)out;
}

/* The rotation's sines with the lanes' signs. */
static void sines_of(const qsti_jump_scratch *scratch, const qsti_jump_entry *entry, double *sine)
{
    const double *from = scratch->sine + entry->rotation * LANES;
    for (size_t lane = 0; lane < LANES; lane++)
        sine[lane] = entry->minus >> lane & 1 ? -from[lane] : from[lane];
}

static uint32_t open_gate(tape *to, const qsti_jump_rotation *rotation)
{
    uint32_t g = (uint32_t)to->scratch->n_gates++;
    to->scratch->gates[g] = (qsti_jump_gate){rotation->x, rotation->z, rotation->control, NONE, false};
    return g;
}

static void join(tape *to, uint32_t g, size_t r, uint8_t minus)
{
    qsti_jump_scratch *scratch = to->scratch;
    const qsti_jump_rotation *rotation = &to->machine->plan.rotations[r];
    const qsti_lane_algebra *algebra = to->machine->algebra;
    qsti_jump_gate *gate = &scratch->gates[g];
    uint32_t e = (uint32_t)scratch->n_entries++;
    double sine[QSTI_JUMP_LANES], *column = scratch->columns + g * QSTI_JUMP_COLUMN;
    const double *cosine = scratch->cosine + r * LANES;
    scratch->entries[e] = (qsti_jump_entry){(uint32_t)r, gate->entry, minus};
    sines_of(scratch, &scratch->entries[e], sine);
    if (gate->entry == NONE)
        algebra->begin_column[rotation->axis](column, LANES, false, cosine, sine);
    else
        algebra->turn_column[rotation->axis](column, LANES, false, cosine, sine);
    gate->entry = e;
    gate->dead = rotation->last;
}

/* A rotation that does not wait. */
static void write_alone(tape *to, size_t r, uint8_t minus)
{
    const qsti_jump_rotation *rotation = &to->machine->plan.rotations[r];
    make_way(to, rotation->pauli.x, rotation->pauli.z);
    uint32_t g = open_gate(to, rotation);
    qsti_jump_act *act = new_act(to, rotation->sort == QSTI_JUMP_PHASE ? QSTI_ACT_PHASE : QSTI_ACT_ALONE);
    act->count = 1;
    act->gates[0] = g;
    join(to, g, r, minus);
    if (rotation->sort == QSTI_JUMP_PHASE) { /* kernels want cosine and sine */
        double *column = to->scratch->columns + g * QSTI_JUMP_COLUMN;
        memcpy(column, to->scratch->cosine + r * LANES, LANES * sizeof *column);
        sines_of(to->scratch, &to->scratch->entries[to->scratch->gates[g].entry], column + LANES);
    }
}

static void rotate(tape *to, size_t r)
{
    const qsti_jump_rotation *rotation = &to->machine->plan.rotations[r];
    uint8_t minus = signs_of(to->scratch, rotation->pauli.x, rotation->pauli.z, rotation->minus);
    if (rotation->sort != QSTI_JUMP_TURN) {
        write_alone(to, r, minus);
        return;
    }
    for (size_t i = 0; i < to->n_pending; i++) {
        const qsti_jump_gate *gate = &to->scratch->gates[to->pending[i]];
        if (gate->x == rotation->x && gate->z == rotation->z) {
            join(to, to->pending[i], r, minus);
            return;
        }
    }
    make_way(to, rotation->x, rotation->z);
    uint32_t g = open_gate(to, rotation);
    to->pending[to->n_pending++] = g;
    join(to, g, r, minus);
}

/* --- noise -------------------------------------------------------------------------------------------------------- */

static void draw_paulis(tape *to, const qsti_jump_step *step)
{
    const qsti_jump_pauli *paulis = to->machine->plan.paulis + step->first;
    const double *u = to->scratch->drawn + step->place * LANES;
    for (size_t lane = 0; lane < LANES; lane++) {
        size_t i = 0;
        while (i + 1 < step->count && u[lane] >= paulis[i].upto)
            i++;
        to->scratch->x_frame[lane] ^= paulis[i].x;
        to->scratch->z_frame[lane] ^= paulis[i].z;
    }
}

static void write_event(tape *to, const qsti_jump_step *step, unsigned chosen)
{
    qsti_jump_scratch *scratch = to->scratch;
    const qsti_jump_relax *relax = &to->machine->plan.relaxes[step->first];
    unsigned saved = chosen;
    if (relax->damps) {
        to->damping -= log(fmin(relax->damp[0], relax->damp[1]));
        if (!(to->damping < DAMPING_LIMIT)) {
            saved = (1U << LANES) - 1;
            to->damping = 0;
        }
    }
    make_way(to, chosen ? relax->x : 0, relax->z);
    qsti_jump_act *act = new_act(to, QSTI_ACT_EVENT);
    act->chosen = (uint8_t)chosen;
    act->saved = (uint8_t)saved;
    for (size_t lane = 0; lane < LANES; lane++)
        act->turned |= (uint8_t)(__builtin_parity(scratch->x_frame[lane] & relax->z) << lane);
    act->gates[0] = step->first;
    act->gates[1] = (uint32_t)scratch->n_events++;
    act->slot = (uint32_t)to->n_saved;
    to->n_saved += (size_t)__builtin_popcount(saved);
    memcpy(scratch->event_numbers + act->gates[1] * LANES, scratch->drawn + step->place * LANES,
           LANES * sizeof *scratch->event_numbers);
}

static void draw_relaxation(tape *to, const qsti_jump_step *step)
{
    qsti_jump_scratch *scratch = to->scratch;
    const qsti_jump_relax *relax = &to->machine->plan.relaxes[step->first];
    const double *u = scratch->drawn + step->place * LANES;
    unsigned chosen = 0;
    for (size_t lane = 0; lane < LANES; lane++) {
        if (!scratch->valid[lane] || u[lane] < relax->no_change)
            continue;
        if (u[lane] < relax->no_event)
            scratch->z_frame[lane] ^= relax->z;
        else
            chosen |= 1U << lane;
    }
    if (chosen != 0 || relax->damps)
        write_event(to, step, chosen);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

/* Runs of acts whose kept states fill the slots at most. */
static void cut(const qsti_jump_machine *machine, qsti_jump_scratch *scratch)
{
    size_t first_slot = 0;
    scratch->n_segments = 0;
    scratch->segments[scratch->n_segments++] = 0;
    for (size_t i = 0; i < scratch->n_acts; i++) {
        const qsti_jump_act *act = &scratch->acts[i];
        if (act->kind != QSTI_ACT_EVENT)
            continue;
        if (act->slot + (size_t)__builtin_popcount(act->saved) - first_slot > machine->n_slots) {
            scratch->segments[scratch->n_segments++] = (uint32_t)i;
            first_slot = act->slot;
        }
    }
    scratch->segments[scratch->n_segments] = (uint32_t)scratch->n_acts;
}

void qsti_jump_tape(const qsti_jump_machine *machine, qsti_jump_scratch *scratch)
{
    const qsti_jump_plan *plan = &machine->plan;
    tape to = {.machine = machine, .scratch = scratch};
    scratch->n_acts = scratch->n_gates = scratch->n_entries = scratch->n_events = 0;
    machine->jumps->uniforms(machine->key, QSTI_PURPOSE_JUMPS, scratch->row, scratch->trajectory, plan->n_places,
                             scratch->drawn);
    for (size_t lane = 0; lane < LANES; lane++) {
        scratch->x_frame[lane] = scratch->z_frame[lane] = 0;
        for (size_t q = 0; q < machine->n_features && machine->preparation == QST_PREPARE_BASIS; q++)
            scratch->x_frame[lane] |= (scratch->x[q * LANES + lane] != 0 ? UINT32_C(1) : 0) << q;
    }
    for (size_t i = 0; i < plan->n_steps; i++) {
        const qsti_jump_step *step = &plan->steps[i];
        switch ((qsti_jump_kind)step->kind) {
        case QSTI_JUMP_ROTATE:
            rotate(&to, step->first);
            break;
        case QSTI_JUMP_FLIP:
            for (size_t lane = 0; lane < LANES; lane++)
                scratch->x_frame[lane] ^= step->first;
            break;
        case QSTI_JUMP_PAULI:
            draw_paulis(&to, step);
            break;
        case QSTI_JUMP_RELAX:
            draw_relaxation(&to, step);
            break;
        }
    }
    write_tiles(&to, to.pending, to.n_pending);
    cut(machine, scratch);
}

/* jump_sweep.c: the state along the tape, and lambda back along it.
 *
 * Gradient. Let j be the operators that were drawn, psi_j = ... K_j2 U2 K_j1 U1 |0> not normalised, and q_j =
 * <psi_j|psi_j> at the weights as they are, the probability (density) of j given what does not depend on the state. The
 * noisy expectation is sum_j <psi_j|O|psi_j> = E_j[<psi_j|O|psi_j> / q_j]; for any other weights w the same holds with
 * the draws of the present ones, q_j held fixed: sum_j q_j <psi_j(w)|O|psi_j(w)> / q_j. So the gradient of
 * <psi_j|O|psi_j> / q_j, q_j being a constant, has the exact gradient as its mean. (A j with q_j = 0 has psi_j = 0,
 * where <psi_j|O|psi_j> is of second order: none is missing.) psi_j is a linear circuit, so one sweep with K^T for K
 * and U^-1 for U gives the gradient [jones2020]; at the present weights the value is the normalised expectation.
 *
 * Events scale the state to norm 1: factors held constant, which drop out. Unitaries and dampings are undone; where an
 * operator was drawn the lane's state in front is kept. When there are more of those than slots, the states of a
 * segment of the tape are made again, from the nearest checkpoint in front of it.
 */
#include <math.h>
#include <string.h>

#include "jumps/jump_run.h"

#define NONE      UINT32_MAX
#define LANES     QSTI_JUMP_LANES
#define AMPLITUDE (2 * LANES)

/* --- the state at first ------------------------------------------------------------------------------------------- */

/* |x| by lane. */
static void norms_of(const qsti_jump_machine *machine, const qsti_jump_scratch *scratch, double *out)
{
    for (size_t lane = 0; lane < LANES; lane++) {
        double sum = 0;
        for (size_t j = 0; j < machine->n_features; j++)
            sum += scratch->x[j * LANES + lane] * scratch->x[j * LANES + lane];
        out[lane] = sqrt(sum);
    }
}

static void start(const qsti_jump_machine *machine, qsti_jump_scratch *scratch)
{
    double norm[QSTI_JUMP_LANES];
    memset(scratch->psi, 0, machine->dim * AMPLITUDE * sizeof *scratch->psi);
    if (machine->preparation != QST_PREPARE_AMPLITUDE) {
        for (size_t lane = 0; lane < LANES; lane++)
            scratch->psi[lane] = 1;
        return;
    }
    norms_of(machine, scratch, norm);
    for (size_t j = 0; j < machine->n_features; j++)
        for (size_t lane = 0; lane < LANES; lane++)
            scratch->psi[j * AMPLITUDE + lane] = scratch->x[j * LANES + lane] / norm[lane];
}

/* Amplitudes that are features: with g_j = 2 Re lambda_j, dL/dx_j = (g_j - psi_j sum_k g_k psi_k) / |x|. */
static void unstart(const qsti_jump_machine *machine, qsti_jump_scratch *scratch)
{
    double norm[QSTI_JUMP_LANES], along[QSTI_JUMP_LANES] = {0};
    norms_of(machine, scratch, norm);
    for (size_t j = 0; j < machine->n_features; j++)
        for (size_t lane = 0; lane < LANES; lane++)
            along[lane] += 2 * scratch->lambda[j * AMPLITUDE + lane] * scratch->x[j * LANES + lane] / norm[lane];
    for (size_t j = 0; j < machine->n_features; j++) {
        for (size_t lane = 0; lane < LANES; lane++) {
            double psi = scratch->x[j * LANES + lane] / norm[lane];
            scratch->out_x[j * LANES + lane] +=
                (2 * scratch->lambda[j * AMPLITUDE + lane] - along[lane] * psi) / norm[lane];
        }
    }
}

/* --- cosets ------------------------------------------------------------------------------------------------------- */

/* All p with parity(p & rows[i]) = target[i], as `first` plus the span of vectors[n_vectors]. */
typedef struct solution {
    uint32_t first, vectors[QSTI_JUMP_MAX_QUBITS];
    size_t n_vectors;
} solution;

static void solve(size_t n_qubits, uint32_t *rows, bool *targets, size_t n_rows, solution *out)
{
    uint32_t pivots = 0, pivot[QSTI_MAX_TILE + 1];
    for (size_t i = 0; i < n_rows; i++) { /* pivots are high bits: low ones run through memory in order */
        pivot[i] = UINT32_C(1) << (31 - __builtin_clz(rows[i]));
        pivots |= pivot[i];
        for (size_t k = 0; k < n_rows; k++) {
            if (k == i || !(rows[k] & pivot[i]))
                continue;
            rows[k] ^= rows[i];
            targets[k] ^= targets[i];
        }
    }
    out->first = 0;
    out->n_vectors = 0;
    for (size_t i = 0; i < n_rows; i++)
        out->first |= targets[i] ? pivot[i] : 0;
    for (size_t b = 0; b < n_qubits; b++) {
        uint32_t vector = UINT32_C(1) << b;
        if (pivots & vector)
            continue;
        for (size_t i = 0; i < n_rows; i++)
            vector |= rows[i] >> b & 1 ? pivot[i] : 0;
        out->vectors[out->n_vectors++] = vector;
    }
}

/* Calls of a tile's kernel: bases by doubling, at most QSTI_JUMP_BASES at a time. */
static void each_call(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, const solution *where,
                      qsti_tile *tile, double (*sums)[3][QSTI_JUMP_LANES])
{
    const qsti_kernels *kernels = machine->kernels;
    size_t n_low = 0, form = QSTI_FORM_GENERAL, kind = tile->n_gates - 1;
    while (n_low < where->n_vectors && (QSTI_JUMP_BASES >> (n_low + 1)) > 0)
        n_low++;
    tile->bases = scratch->bases;
    tile->n_bases = (size_t)1 << n_low;
    for (size_t high = 0; high < (size_t)1 << (where->n_vectors - n_low); high++) {
        uint32_t *bases = scratch->bases;
        bases[0] = where->first;
        for (size_t b = n_low; b < where->n_vectors; b++)
            bases[0] ^= high >> (b - n_low) & 1 ? where->vectors[b] : 0;
        for (size_t b = 0; b < n_low; b++)
            for (size_t i = 0; i < (size_t)1 << b; i++)
                bases[((size_t)1 << b) + i] = bases[i] ^ where->vectors[b];
        if (sums == NULL)
            kernels->tile[form][kind](scratch->psi, scratch->psi, tile);
        else
            kernels->untile[form][kind](scratch->psi, scratch->psi, scratch->lambda, tile, &sums[0][0][0]);
    }
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

static double *column_of(const qsti_jump_scratch *scratch, uint32_t g)
{
    return scratch->columns + g * QSTI_JUMP_COLUMN;
}

/* sums NULL: forward; else back. */
static void run_tile(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, const qsti_jump_act *act,
                     double (*sums)[3][QSTI_JUMP_LANES])
{
    qsti_tile tile = {.n_gates = act->count};
    uint32_t rows[QSTI_MAX_TILE + 1];
    bool targets[QSTI_MAX_TILE + 1] = {false};
    solution where;
    for (size_t g = 0; g < act->count; g++) {
        const qsti_jump_gate *gate = &scratch->gates[act->gates[g]];
        rows[g] = gate->z;
        tile.coefficients[g] = column_of(scratch, act->gates[g]);
        for (size_t j = 0; j < (size_t)1 << g; j++)
            tile.offset[((size_t)1 << g) + j] = tile.offset[j] ^ gate->x;
    }
    solve(machine->plan.n_qubits, rows, targets, act->count, &where);
    each_call(machine, scratch, &where, &tile, sums);
}

/* A rotation with a control: the other way round where parity(p & control) is 1, and so is its inner product. */
static void run_alone(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, const qsti_jump_act *act,
                      double (*sums)[3][QSTI_JUMP_LANES])
{
    const qsti_jump_gate *gate = &scratch->gates[act->gates[0]];
    const double *column = column_of(scratch, act->gates[0]);
    _Alignas(64) double other[QSTI_JUMP_COLUMN];
    _Alignas(64) double part[1][3][QSTI_JUMP_LANES];
    for (size_t i = 0; i < QSTI_JUMP_COLUMN; i++)
        other[i] = i < LANES ? column[i] : -column[i];
    for (size_t segment = 0; segment < (gate->control ? 2U : 1U); segment++) {
        uint32_t rows[QSTI_MAX_TILE + 1] = {gate->z, gate->control};
        bool targets[QSTI_MAX_TILE + 1] = {false, segment == 1};
        qsti_tile tile = {.n_gates = 1, .offset = {0, gate->x}, .coefficients = {segment ? other : column}};
        solution where;
        solve(machine->plan.n_qubits, rows, targets, gate->control ? 2 : 1, &where);
        memset(part, 0, sizeof part);
        each_call(machine, scratch, &where, &tile, sums == NULL ? NULL : part);
        for (size_t axis = 0; axis < 3 && sums != NULL; axis++)
            for (size_t lane = 0; lane < LANES; lane++)
                sums[0][axis][lane] += segment ? -part[0][axis][lane] : part[0][axis][lane];
    }
}

static qsti_rotor rotor_of(const qsti_jump_scratch *scratch, const qsti_jump_act *act)
{
    const double *column = column_of(scratch, act->gates[0]);
    return (qsti_rotor){{0, scratch->gates[act->gates[0]].z, false}, true, column, column + LANES};
}

/* The gradients of a gate's rotations, from its inner products behind it. */
static void take_gate(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, uint32_t g,
                      double triple[3][QSTI_JUMP_LANES])
{
    for (uint32_t e = scratch->gates[g].entry; e != NONE; e = scratch->entries[e].before) {
        const qsti_jump_entry *entry = &scratch->entries[e];
        const qsti_jump_rotation *rotation = &machine->plan.rotations[entry->rotation];
        double *to = scratch->gradient + entry->rotation * LANES, sine[QSTI_JUMP_LANES];
        for (size_t lane = 0; lane < LANES; lane++) {
            bool minus = entry->minus >> lane & 1;
            double value = triple[rotation->axis][lane], from = scratch->sine[entry->rotation * LANES + lane];
            to[lane] += minus ? -value : value;
            sine[lane] = minus ? -from : from;
        }
        if (entry->before != NONE)
            machine->algebra->unturn_triple[rotation->axis](triple[0], LANES, false,
                                                            scratch->cosine + entry->rotation * LANES, sine);
    }
}

/* --- events ------------------------------------------------------------------------------------------------------- */

/* The operator of a lane, in the order of its bits in memory, and the norm that it leaves. */
static void choose(const qsti_jump_relax *relax, bool chosen, bool turned, double number, const double p[2],
                   double k[4], double *out_norm)
{
    double p0 = p[turned], p1 = p[!turned], rest = (number - relax->no_event) * (p0 + p1);
    double k00 = relax->damps ? relax->damp[0] : 1, k01 = 0, k10 = 0, k11 = relax->damps ? relax->damp[1] : 1;
    const qsti_jump_kraus *picked = NULL;
    for (size_t i = 0; i < 4 && chosen && rest >= 0; i++) {
        double weight = relax->kraus[i].weight0 * p0 + relax->kraus[i].weight1 * p1;
        picked = weight > 0 ? &relax->kraus[i] : picked; /* the last that can be, should rounding leave a rest */
        rest -= weight;
    }
    if (picked != NULL) {
        k00 = picked->k00;
        k01 = picked->k01;
        k10 = picked->k10;
        k11 = picked->k11;
    }
    *out_norm = (k00 * k00 + k10 * k10) * p0 + (k01 * k01 + k11 * k11) * p1;
    k[0] = turned ? k11 : k00;
    k[1] = turned ? k10 : k01;
    k[2] = turned ? k01 : k10;
    k[3] = turned ? k00 : k11;
}

/* What acts at an event, into its place of scratch->operators. */
static void make_operator(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, const qsti_jump_act *act)
{
    const qsti_jump_relax *relax = &machine->plan.relaxes[act->gates[0]];
    double populations[2][QSTI_JUMP_LANES] = {{0}}, *k = scratch->operators + act->gates[1] * QSTI_JUMP_COLUMN;
    const double *numbers = scratch->event_numbers + act->gates[1] * LANES;
    _Alignas(64) double sums[2 * QSTI_JUMP_LANES];
    if (act->saved != 0) {
        machine->jumps->populations(scratch->psi, machine->dim, relax->z, sums);
        memcpy(populations, sums, sizeof sums);
    }
    for (size_t lane = 0; lane < LANES; lane++) {
        double part[4], norm = 1, p[2] = {populations[0][lane], populations[1][lane]};
        choose(relax, act->chosen >> lane & 1, act->turned >> lane & 1, numbers[lane], p, part, &norm);
        double scale = act->saved >> lane & 1 && norm > 0 ? 1 / sqrt(norm) : 1;
        for (size_t i = 0; i < 4; i++)
            k[i * LANES + lane] = scale * part[i];
    }
}

static void move_lane(double *psi, size_t dim, size_t lane, double *slot, bool back)
{
    for (size_t i = 0; i < 2 * dim; i++) {
        double *at = psi + i * LANES + lane;
        if (back)
            *at = slot[i];
        else
            slot[i] = *at;
    }
}

static void move_lanes(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, const qsti_jump_act *act,
                       size_t first_slot, bool back)
{
    double *slot = scratch->slots + (act->slot - first_slot) * 2 * machine->dim;
    for (size_t lane = 0; lane < LANES; lane++) {
        if (!(act->saved >> lane & 1))
            continue;
        move_lane(scratch->psi, machine->dim, lane, slot, back);
        slot += 2 * machine->dim;
    }
}

static void diagonal_of(const double *k, bool inverse, double *out)
{
    for (size_t lane = 0; lane < LANES; lane++) {
        out[lane] = inverse ? 1 / k[lane] : k[lane];
        out[LANES + lane] = inverse ? 1 / k[3 * LANES + lane] : k[3 * LANES + lane];
    }
}

/* On lambda the transposed one. */
static void apply(const qsti_jump_machine *machine, const qsti_jump_relax *relax, const qsti_jump_act *act,
                  const double *k, bool transposed, double *state)
{
    _Alignas(64) double other[QSTI_JUMP_COLUMN];
    if (act->chosen == 0) {
        diagonal_of(k, false, other);
        machine->jumps->diagonal(state, machine->dim, relax->z, other);
        return;
    }
    memcpy(other, k, sizeof other);
    if (transposed) {
        memcpy(other + LANES, k + 2 * LANES, LANES * sizeof *other);
        memcpy(other + 2 * LANES, k + LANES, LANES * sizeof *other);
    }
    machine->jumps->pairs(state, machine->dim, relax->x, relax->z, other);
}

static void unrun_event(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, const qsti_jump_act *act,
                        size_t first_slot)
{
    const qsti_jump_relax *relax = &machine->plan.relaxes[act->gates[0]];
    const double *k = scratch->operators + act->gates[1] * QSTI_JUMP_COLUMN;
    _Alignas(64) double inverse[2 * QSTI_JUMP_LANES];
    apply(machine, relax, act, k, true, scratch->lambda);
    if (relax->damps && act->saved != (1U << LANES) - 1) {
        diagonal_of(k, true, inverse);
        for (size_t lane = 0; lane < LANES; lane++)
            if (act->saved >> lane & 1)
                inverse[lane] = inverse[LANES + lane] = 0;
        machine->jumps->diagonal(scratch->psi, machine->dim, relax->z, inverse);
    }
    move_lanes(machine, scratch, act, first_slot, true);
}

/* --- along the tape ----------------------------------------------------------------------------------------------- */

static size_t first_slot_of(const qsti_jump_scratch *scratch, size_t segment)
{
    for (size_t i = scratch->segments[segment]; i < scratch->n_acts; i++)
        if (scratch->acts[i].kind == QSTI_ACT_EVENT)
            return scratch->acts[i].slot;
    return 0;
}

/* draws: operators are chosen; else they are there. */
static void run_segment(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, size_t segment, bool draws,
                        bool keeps)
{
    size_t first_slot = first_slot_of(scratch, segment);
    for (size_t i = scratch->segments[segment]; i < scratch->segments[segment + 1]; i++) {
        const qsti_jump_act *act = &scratch->acts[i];
        qsti_rotor rotor;
        switch ((qsti_jump_act_kind)act->kind) {
        case QSTI_ACT_TILE:
            run_tile(machine, scratch, act, NULL);
            break;
        case QSTI_ACT_ALONE:
            run_alone(machine, scratch, act, NULL);
            break;
        case QSTI_ACT_PHASE:
            rotor = rotor_of(scratch, act);
            machine->kernels->phase(scratch->psi, scratch->psi, machine->dim, &rotor);
            break;
        case QSTI_ACT_EVENT:
            if (draws)
                make_operator(machine, scratch, act);
            if (keeps)
                move_lanes(machine, scratch, act, first_slot, false);
            apply(machine, &machine->plan.relaxes[act->gates[0]], act,
                  scratch->operators + act->gates[1] * QSTI_JUMP_COLUMN, false, scratch->psi);
            break;
        }
    }
}

static void unrun_segment(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, size_t segment)
{
    size_t first_slot = first_slot_of(scratch, segment);
    for (size_t i = scratch->segments[segment + 1]; i-- > scratch->segments[segment];) {
        const qsti_jump_act *act = &scratch->acts[i];
        _Alignas(64) double sums[QSTI_MAX_TILE][3][QSTI_JUMP_LANES] = {{{0}}};
        qsti_rotor rotor;
        switch ((qsti_jump_act_kind)act->kind) {
        case QSTI_ACT_TILE:
            run_tile(machine, scratch, act, sums);
            break;
        case QSTI_ACT_ALONE:
            run_alone(machine, scratch, act, sums);
            break;
        case QSTI_ACT_PHASE:
            rotor = rotor_of(scratch, act);
            machine->kernels->unphase(scratch->psi, scratch->psi, scratch->lambda, machine->dim, &rotor, sums[0][2]);
            break;
        case QSTI_ACT_EVENT:
            unrun_event(machine, scratch, act, first_slot);
            break;
        }
        for (size_t g = 0; g < act->count; g++)
            take_gate(machine, scratch, act->gates[g], sums[g]);
    }
}

/* Segments from one checkpoint to the next; segment 0 starts from the start. */
static size_t stride_of(const qsti_jump_machine *machine, const qsti_jump_scratch *scratch)
{
    return (scratch->n_segments + machine->n_checkpoints) / (machine->n_checkpoints + 1);
}

static double *checkpoint_of(const qsti_jump_machine *machine, const qsti_jump_scratch *scratch, size_t number)
{
    return scratch->checkpoints + (number - 1) * machine->dim * AMPLITUDE;
}

void qsti_jump_forward(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, bool back,
                       const qsti_jump_held *held)
{
    size_t stride = stride_of(machine, scratch), n_operators = machine->plan.n_relaxes * QSTI_JUMP_COLUMN;
    size_t bytes = machine->dim * AMPLITUDE * sizeof *scratch->psi;
    bool given = held != NULL && held->record != NULL && held->given;
    if (given)
        memcpy(scratch->operators, held->record, n_operators * sizeof *scratch->operators);
    start(machine, scratch);
    for (size_t s = 0; s < scratch->n_segments; s++) {
        if (back && s > 0 && s % stride == 0)
            memcpy(checkpoint_of(machine, scratch, s / stride), scratch->psi, bytes);
        run_segment(machine, scratch, s, !given, back && s + 1 == scratch->n_segments);
    }
    machine->kernels->overlap(scratch->psi, scratch->psi, machine->dim, scratch->norm);
    if (given)
        memcpy(scratch->norm, held->record + n_operators, sizeof scratch->norm);
    if (held != NULL && held->record != NULL && !given) {
        memcpy(held->record, scratch->operators, n_operators * sizeof *scratch->operators);
        memcpy(held->record + n_operators, scratch->norm, sizeof scratch->norm);
    }
}

void qsti_jump_back(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, bool want_x)
{
    size_t stride = stride_of(machine, scratch), bytes = machine->dim * AMPLITUDE * sizeof *scratch->psi;
    for (size_t s = scratch->n_segments; s-- > 0;) {
        if (s + 1 < scratch->n_segments) { /* its states again */
            size_t from = s - s % stride;
            if (from == 0)
                start(machine, scratch);
            else
                memcpy(scratch->psi, checkpoint_of(machine, scratch, from / stride), bytes);
            for (; from <= s; from++)
                run_segment(machine, scratch, from, false, from == s);
        }
        unrun_segment(machine, scratch, s);
    }
    if (want_x && machine->preparation == QST_PREPARE_AMPLITUDE)
        unstart(machine, scratch);
}

/* draws.c: see draws.h.
 *
 * Drawing: place i has an error with probability q_i. Instead of a number a place, a lane has a clock: with H_i =
 * sum_{j
 * <= i} -log(1 - q_j), the next error behind place k is at the first i with H_i > H_k - log u, u uniform in (0, 1]. So
 * a lane takes one block of random numbers (and a logarithm and a search) an error, and one more. The numbers depend on
 * (seed, draw, row, trajectory, number of the error) alone.
 *
 * Walking: all lanes of a block at once. Errors so far are words x[j], z[j], bit l for lane l; a rotation's signs are
 * the exclusive or of those that its Pauli meets. Cost O(rotations * n) a block, whatever the number of errors, and
 * nothing in front of the first.
 */
#include "sim/draws.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "sim/frame.h"

/* --- compiling ---------------------------------------------------------------------------------------------------- */

qst_status qsti_draws_add_place(qst_program *program, uint32_t site, const uint8_t *qubits)
{
    qsti_draws *draws = program->draws;
    const qsti_site *at = &draws->sites->all[site];
    qsti_noise_place place = {.site = site, .cut = (uint32_t)program->n_rotations};
    bool inside = false;
    for (size_t k = 0; k < at->n_qubits; k++) {
        if (qubits[k] == QSTI_OUTSIDE)
            continue;
        inside = true;
        place.x[k] = program->frame.column[qubits[k]];
        place.z[k] = program->frame.row[qubits[k]];
        if (at->x >> k & 1)
            (void)qsti_subspace_add(&draws->error_x, place.x[k]);
        if (at->z >> k & 1)
            (void)qsti_subspace_add(&draws->error_z, place.z[k]);
    }
    if (!inside)
        return QST_OK;
    if (draws->n_places == draws->place_capacity) {
        size_t more = draws->place_capacity ? 2 * draws->place_capacity : 64;
        qst_status status = QSTI_GROW(program->ctx, more, &draws->places);
        if (status != QST_OK)
            return status;
        draws->place_capacity = more;
    }
    draws->places[draws->n_places++] = place;
    return QST_OK;
}

/* Whether the angle is a fixed multiple of pi/2, and if so of which parity. */
static bool is_quarter(const qst_program *program, const qsti_rotation *rotation, bool *out_odd)
{
    double angle = 0;
    for (size_t t = rotation->terms.first; t < rotation->terms.first + rotation->terms.count; t++) {
        qst_term term = program->terms[t];
        if (term.a != QST_ONE || term.b != QST_ONE)
            return false;
        angle += term.coefficient;
    }
    double quarters = round(angle / M_PI_2);
    *out_odd = fmod(fabs(quarters), 2) == 1;
    return fabs(angle - quarters * M_PI_2) <= 1e-14 * (1 + fabs(angle));
}

void qsti_draws_meet(qst_program *program, qsti_rotation *rotation, bool scaled)
{
    qsti_draws *draws = program->draws;
    bool odd = false;
    if (qsti_subspace_even(&draws->error_x, rotation->pauli.z) &&
        qsti_subspace_even(&draws->error_z, rotation->pauli.x))
        return;
    if (scaled || !is_quarter(program, rotation, &odd)) {
        rotation->drawn = true;
        return;
    }
    rotation->clifford = odd;
    if (odd && rotation->pauli.x != 0)
        (void)qsti_subspace_add(&draws->error_x, rotation->pauli.x);
    if (odd && rotation->pauli.z != 0)
        (void)qsti_subspace_add(&draws->error_z, rotation->pauli.z);
}

qst_status qsti_draws_finish(qst_program *program)
{
    qst_ctx *ctx = program->ctx;
    qsti_draws *draws = program->draws;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, program->n_rotations, &draws->track));
    QSTI_TRY(QSTI_NEW(ctx, program->n_rotations, &draws->signed_rotations));
    QSTI_TRY(QSTI_NEW(ctx, draws->n_places, &draws->hazard));
    for (size_t r = 0; r < program->n_rotations; r++) {
        const qsti_rotation *rotation = &program->rotations[r];
        draws->track[rotation->order] = (qsti_track){.x = rotation->pauli.x,
                                                     .z = rotation->pauli.z,
                                                     .kind = rotation->drawn      ? QSTI_TRACK_SIGN
                                                             : rotation->clifford ? QSTI_TRACK_CLIFFORD
                                                                                  : QSTI_TRACK_NONE,
                                                     .rotation = (uint32_t)r};
        if (rotation->drawn)
            draws->signed_rotations[draws->n_signed++] = (uint32_t)r;
    }
    draws->n_trajectories = 1;
done:
    return status;
}

void qsti_draws_free(qst_program *program)
{
    qsti_draws *draws = program->draws;
    if (draws == NULL)
        return;
    qsti_free(program->ctx, draws->places);
    qsti_free(program->ctx, draws->terms);
    qsti_free(program->ctx, draws->track);
    qsti_free(program->ctx, draws->signed_rotations);
    qsti_free(program->ctx, draws->hazard);
    qsti_free(program->ctx, draws);
    program->draws = NULL;
}

void qsti_draws_set_tables(qst_program *program, const qsti_error_table *tables)
{
    qsti_draws *draws = program->draws;
    double sum = 0;
    draws->tables = tables;
    for (size_t i = 0; i < draws->n_places; i++) {
        sum += tables[draws->sites->all[draws->places[i].site].channel].hazard;
        draws->hazard[i] = sum;
    }
    draws->clean = exp(-sum) * (1 - 1e-12);
}

void qsti_draws_set_seed(qst_program *program, uint64_t seed, uint64_t draw)
{
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_ERRORS, (uint32_t)draw, (uint32_t)(draw >> 32));
    program->draws->key = qsti_rng_u64(&rng);
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

/* One lane's next error. */
typedef struct cursor {
    qsti_rng rng;
    uint32_t place, cut; /* cut UINT32_MAX: there is none */
} cursor;

/* The first place from `first` on whose hazard is above `clock`; n_places: none. Halving without branches: what is
 * drawn cannot be foretold. */
static size_t find_place(const qsti_draws *draws, size_t first, double clock)
{
    size_t n = draws->n_places - first;
    const double *from = draws->hazard + first;
    if (n == 0)
        return first;
    while (n > 1) {
        size_t half = n / 2;
        from += from[half - 1] <= clock ? half : 0;
        n -= half;
    }
    return (size_t)(from - draws->hazard) + (*from <= clock);
}

static void next_error(const qsti_draws *draws, size_t first, cursor *at)
{
    double uniform = (double)((qsti_rng_u64(&at->rng) >> 11) + 1) * 0x1p-53;
    at->cut = UINT32_MAX;
    if (first == 0 && uniform < draws->clean)
        return;
    double clock = (first > 0 ? draws->hazard[first - 1] : 0) - log(uniform);
    at->place = (uint32_t)find_place(draws, first, clock);
    if (at->place < draws->n_places)
        at->cut = draws->places[at->place].cut;
}

static void first_error(const qsti_draws *draws, size_t row, cursor *at)
{
    size_t of = draws->first_row + row / draws->n_trajectories;
    size_t trajectory = draws->first_trajectory + row % draws->n_trajectories;
    at->rng = qsti_rng_init(draws->key, QSTI_PURPOSE_ERRORS, (uint32_t)of, (uint32_t)trajectory);
    next_error(draws, 0, at);
}

/* Which error it is. */
static unsigned take_code(const qsti_draws *draws, cursor *at)
{
    const qsti_error_table *table = &draws->tables[draws->sites->all[draws->places[at->place].site].channel];
    double uniform = qsti_rng_uniform(&at->rng);
    uint32_t i = 0;
    while (i + 1 < table->n && uniform >= table->share[i])
        i++;
    return table->code[i];
}

void qsti_draws_errors(const qst_program *program, size_t row, qsti_error_fn *fn, void *user)
{
    const qsti_draws *draws = program->draws;
    cursor at;
    for (first_error(draws, row, &at); at.cut != UINT32_MAX; next_error(draws, at.place + 1, &at)) {
        unsigned code = take_code(draws, &at);
        fn(user, &draws->sites->all[draws->places[at.place].site], code);
    }
}

/* --- walking ------------------------------------------------------------------------------------------------------ */

static void flip(uint32_t *words, uint32_t mask, uint32_t lanes)
{
    for (; mask != 0; mask &= mask - 1)
        words[__builtin_ctz(mask)] ^= lanes;
}

/* All errors of a lane up to rotation `cut`. */
static void take_errors(const qsti_draws *draws, size_t lane, uint32_t cut, cursor *at, uint32_t *x, uint32_t *z)
{
    while (at->cut <= cut) {
        const qsti_noise_place *place = &draws->places[at->place];
        unsigned code = take_code(draws, at);
        for (size_t k = 0; code != 0; k++, code >>= 2) {
            unsigned letter = code & 3;
            if (letter == 1 || letter == 2)
                flip(x, place->x[k], (uint32_t)1 << lane);
            if (letter >= 2)
                flip(z, place->z[k], (uint32_t)1 << lane);
        }
        next_error(draws, at->place + 1, at);
    }
}

/* The exclusive or of some of the words, which is remembered: gates on a qubit have masks in common. */
typedef struct remembered {
    uint32_t mask, word;
} remembered;

static inline uint32_t sum_words(const uint32_t *words, uint32_t mask, remembered *last)
{
    if (mask == 0)
        return 0;
    if (mask != last->mask) {
        last->mask = mask;
        last->word = 0;
        for (uint32_t rest = mask; rest != 0; rest &= rest - 1)
            last->word ^= words[__builtin_ctz(rest)];
    }
    return last->word;
}

/* Past the rotations first .. end-1. */
static void pass_rotations(const qsti_draws *draws, size_t first, size_t end, uint32_t *words, uint32_t *x, uint32_t *z)
{
    remembered by_x = {0, 0}, by_z = {0, 0};
    for (size_t r = first; r < end; r++) {
        const qsti_track *at = &draws->track[r];
        if (at->kind == QSTI_TRACK_NONE)
            continue;
        uint32_t word = sum_words(x, at->z, &by_x) ^ sum_words(z, at->x, &by_z);
        if (at->kind == QSTI_TRACK_SIGN) {
            words[r] = word;
        } else if (word != 0) {
            flip(x, at->x, word);
            flip(z, at->z, word);
            by_x.mask = by_z.mask = 0;
        }
    }
}

static uint32_t nearest(const cursor *cursors, size_t n)
{
    uint32_t cut = UINT32_MAX;
    for (size_t lane = 0; lane < n; lane++)
        cut = cursors[lane].cut < cut ? cursors[lane].cut : cut;
    return cut;
}

void qsti_draws_walk(const qst_program *program, size_t first, size_t n, uint32_t *words, uint32_t *x, uint32_t *z)
{
    const qsti_draws *draws = program->draws;
    cursor cursors[QSTI_MAX_LANES];
    memset(x, 0, program->n_qubits * sizeof *x);
    memset(z, 0, program->n_qubits * sizeof *z);
    for (size_t lane = 0; lane < n; lane++)
        first_error(draws, first + lane, &cursors[lane]);
    uint32_t cut = nearest(cursors, n);
    size_t clean = cut < program->n_rotations ? cut : program->n_rotations;
    if (clean > 0)
        memset(words, 0, clean * sizeof *words);
    while (cut != UINT32_MAX) {
        for (size_t lane = 0; lane < n; lane++)
            take_errors(draws, lane, cut, &cursors[lane], x, z);
        uint32_t next = nearest(cursors, n);
        pass_rotations(draws, cut, next < program->n_rotations ? next : program->n_rotations, words, x, z);
        cut = next;
    }
}

/* --- lanes -------------------------------------------------------------------------------------------------------- */

/* line[l] = -1 where bit l of word is set, else 1; lanes is a multiple of 4. */
static inline void spread_signs(uint32_t word, size_t lanes, double *line)
{
    static const double fours[16][4] = {{1, 1, 1, 1},   {-1, 1, 1, 1},   {1, -1, 1, 1},   {-1, -1, 1, 1},
                                        {1, 1, -1, 1},  {-1, 1, -1, 1},  {1, -1, -1, 1},  {-1, -1, -1, 1},
                                        {1, 1, 1, -1},  {-1, 1, 1, -1},  {1, -1, 1, -1},  {-1, -1, 1, -1},
                                        {1, 1, -1, -1}, {-1, 1, -1, -1}, {1, -1, -1, -1}, {-1, -1, -1, -1}};
    for (size_t lane = 0; lane < lanes; lane += 4)
        memcpy(line + lane, fours[word >> lane & 15], sizeof fours[0]);
}

void qsti_draws_lanes(const qst_program *program, size_t first, size_t n, qsti_scratch *scratch)
{
    const qsti_draws *draws = program->draws;
    size_t lanes = program->kernels->lanes;
    uint32_t x[QSTI_MAX_QUBITS], z[QSTI_MAX_QUBITS];
    qsti_draws_walk(program, first, n, scratch->sign_words, x, z);
    for (size_t i = 0; i < draws->n_signed; i++)
        spread_signs(scratch->sign_words[program->rotations[draws->signed_rotations[i]].order], lanes,
                     scratch->signs + i * lanes);
    for (size_t i = 0; i < program->n_observables; i++) {
        qsti_mask pauli = program->observables[i].pauli;
        spread_signs(qsti_draws_sign(x, z, pauli.x, pauli.z), lanes, scratch->observable_signs + i * lanes);
    }
    scratch->any_flip = false;
    for (size_t lane = 0; lane < lanes && program->readout != QST_READOUT_EXPECTATIONS; lane++) {
        uint32_t mask = 0;
        for (size_t j = 0; j < program->n_qubits; j++)
            mask |= (x[j] >> lane & 1) << j;
        scratch->flips[lane] = mask;
        scratch->any_flip |= mask != 0;
    }
}

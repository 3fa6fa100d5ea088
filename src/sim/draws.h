/* draws.h: Pauli errors drawn at the places of noise of a program, and what they do: signs.
 *
 * An error E between two rotations moves to the end of the circuit: E exp(-i t P / 2) = exp(-+ i t P / 2) E, with +
 * where E and P anticommute. So the angles behind it, and the observables, get signs, and nothing else changes. Moves
 * of the frame (CX, SWAP, X) do not change E in physical coordinates. A rotation by an odd multiple of pi/2, a Clifford
 * gate, keeps its sign, and E becomes E P where they anticommute: so circuits of H, S, CZ keep their shared tables, and
 * real amplitudes stay real.
 */
#ifndef QSTI_SIM_DRAWS_H
#define QSTI_SIM_DRAWS_H

#include "sim/algebra.h"
#include "sim/sites.h"

/* Where a channel acts: behind the first `cut` rotations in the order of the circuit. */
typedef struct qsti_noise_place {
    uint32_t site, cut;
    uint32_t x[QSTI_SITE_QUBITS], z[QSTI_SITE_QUBITS]; /* of X, and of Z, on each of its qubits; outside: 0 */
} qsti_noise_place;

/* A rotation that is a site, and its angle's term. */
typedef struct qsti_site_term {
    uint32_t site, term;
    double coefficient; /* at strength 1 */
} qsti_site_term;

typedef enum qsti_track_kind {
    QSTI_TRACK_NONE,    /* commutes with all errors in front of it */
    QSTI_TRACK_SIGN,    /* gets a sign */
    QSTI_TRACK_CLIFFORD /* changes the error */
} qsti_track_kind;

/* One rotation of the circuit, as errors see it. */
typedef struct qsti_track {
    uint32_t x, z;
    uint8_t kind;
    uint32_t rotation; /* of the program */
} qsti_track;

/* A hazard that no clock of drawn errors goes past: an error for sure. */
#define QSTI_CERTAIN 64.0

/* The conditional distribution of a channel's errors: share[i] = P(one of the first i + 1 | an error). */
typedef struct qsti_error_table {
    double hazard; /* -log P(no error), at most QSTI_CERTAIN */
    uint32_t n;
    uint8_t code[63]; /* sum_k P_k 4^k, P = 0 1 2 3 for I X Y Z on qubits[k] */
    double share[63];
} qsti_error_table;

struct qsti_draws {
    const qsti_sites *sites; /* borrowed */
    qsti_noise_place *places;
    size_t n_places, place_capacity;
    qsti_site_term *terms;
    size_t n_terms, term_capacity;
    qsti_subspace error_x, error_z; /* while compiling: what errors so far span */
    qsti_track *track;              /* (n_rotations), in the order of the circuit */
    uint32_t *signed_rotations;     /* (n_signed): that get a sign, in the order of the program */
    size_t n_signed;
    double *hazard; /* (n_places): summed up to each */
    double clean;   /* a first uniform number below this means no error at all: a bit below exp(-all hazards) */
    const qsti_error_table *tables;

    /* Row v of a batch is the trajectory first_trajectory + v % n_trajectories of row first_row + v / n_trajectories.
     */
    uint64_t key;
    size_t first_row, first_trajectory, n_trajectories;
};

/* rotate.c: a channel where `n` of the circuit's rotations have acted, on simulated qubits or QSTI_OUTSIDE. */
qst_status qsti_draws_add_place(qst_program *program, uint32_t site, const uint8_t *qubits);
/* rotate.c: sets rotation's drawn and clifford; scaled: its angle is not fixed. */
void qsti_draws_meet(qst_program *program, qsti_rotation *rotation, bool scaled);
/* When the program is complete. ERR_MEMORY. */
qst_status qsti_draws_finish(qst_program *program);
void qsti_draws_free(qst_program *program);

/* New tables: of each channel, (channels), borrowed. */
void qsti_draws_set_tables(qst_program *program, const qsti_error_table *tables);
void qsti_draws_set_seed(qst_program *program, uint64_t seed, uint64_t draw);

/* The errors of n <= 16 rows of the batch from `first` on: words[o], for the o-th rotation of the circuit: bit l: its
 * sign is - in lane l; x[j], z[j]: bit l: the error at the end of lane l flips physical bit j, has a Z on it. */
void qsti_draws_walk(const qst_program *program, size_t first, size_t n, uint32_t *words, uint32_t *x, uint32_t *z);
/* Lane by lane whether an error x, z, as left by qsti_draws_walk(), anticommutes with a Pauli. */
static inline uint32_t qsti_draws_sign(const uint32_t *x, const uint32_t *z, uint32_t pauli_x, uint32_t pauli_z)
{
    uint32_t word = 0;
    for (uint32_t rest = pauli_z; rest != 0; rest &= rest - 1)
        word ^= x[__builtin_ctz(rest)];
    for (uint32_t rest = pauli_x; rest != 0; rest &= rest - 1)
        word ^= z[__builtin_ctz(rest)];
    return word;
}
/* Small states: the same into scratch: lines of signs, and flips of outcomes. */
void qsti_draws_lanes(const qst_program *program, size_t first, size_t n, qsti_scratch *scratch);

/* One drawn error. */
typedef void qsti_error_fn(void *user, const qsti_site *site, unsigned code);
/* The errors of one row of a batch, in their order: for tests. */
void qsti_draws_errors(const qst_program *program, size_t row, qsti_error_fn *fn, void *user);

#endif

/* jump_engine.h: the engine: a machine, its workers' memory, and the parts of a batch.
 *
 * A block is up to 8 rows, spread over the lanes so that lane l has row l mod s, s the power of two from the number of
 * rows on, and trajectory (8 / s) pass + l / s of pass 0, 1, ... Passes of a block are dealt out in chunks, their
 * number a function of the batch and the number of trajectories alone; a block with one pass goes there and back at
 * once. Groups of blocks whose parts would take more than 64 MiB go one after the other.
 */
#ifndef QSTI_JUMPS_JUMP_ENGINE_H
#define QSTI_JUMPS_JUMP_ENGINE_H

#include "base/threads.h"
#include "jumps/jump_run.h"

/* Parts of a group of blocks. */
typedef struct qsti_jump_parts {
    double *values;     /* (blocks, chunks, n_inside, lanes) */
    double *block;      /* (blocks, 2 n_outputs + n_inside, lanes): values, cotangents, cotangents inside */
    double *weights;    /* (blocks * chunks, n_weights) */
    double *x;          /* (blocks * chunks, features, lanes) */
    double *sums;       /* (blocks, n_sums) */
    double *total;      /* (max(n_weights, n_sums)) */
    size_t capacity[6]; /* values of each */
} qsti_jump_parts;

typedef struct qsti_jump_engine {
    qsti_jump_machine machine;
    qst_ctx *ctx;
    qst_circuit *circuit; /* a copy */
    qst_noise *noise;
    qst_readout readout; /* its kind and numbers alone */
    double strength, limit;
    size_t trajectories, n_outputs;
    uint64_t seed, draw;
    qsti_jump_scratch *scratch; /* (n_scratch) */
    size_t n_scratch;
    /* What each of them has room for. */
    size_t room_rotations, room_relaxes, room_places, room_slots, room_checkpoints;
    bool room_back;
    qsti_jump_parts parts;
    qsti_jump_held held; /* for tests: of passes; block b has them from b T on */
    size_t n_held;
} qsti_jump_engine;

/* jump_memory.c: opts.memory_limit, or half of the machine. */
double qsti_jump_memory_limit(const qsti_jump_engine *engine);
/* jump_memory.c: how many states are kept; bytes of one worker. */
void qsti_jump_memory_plan(qsti_jump_engine *engine);
double qsti_jump_memory_bytes(const qsti_jump_engine *engine, bool back);
/* jump_memory.c: scratch for *n_workers workers, or fewer when the limit less the bytes of `parts` has not room for
 * more. Errors: ERR_LIMIT with the bytes that one needs, ERR_MEMORY. */
qst_status qsti_jump_memory_reserve(qsti_jump_engine *engine, bool back, double parts, size_t *n_workers);
void qsti_jump_memory_clear(qsti_jump_engine *engine);
/* An array of the parts with room for so many values. */
qst_status qsti_jump_memory_part(qsti_jump_engine *engine, size_t n, size_t part, double **array);

/* jump_batch.c: as qst_program_step() and qst_program_forward(). */
qst_status qsti_jump_step_batch(void *engine, const double *weights, qst_const_matrix x, qst_block_fn *fn, void *user,
                                size_t n_sums, double *out_sums, double *out_weights, qst_matrix out_x);
qst_status qsti_jump_forward_batch(void *engine, const double *weights, qst_const_matrix x, qst_matrix out);

/* For tests: what the next batch of n_rows rows draws, and its norms, are kept, and with `given` taken in all later
 * ones; n_rows 0: no more. */
qst_status qsti_jumps_hold(void *inside, size_t n_rows, bool given);

#endif

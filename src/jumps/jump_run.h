/* jump_run.h: eight trajectories side by side: what is drawn, the tape of what acts on the state, and the way there and
 * back.
 *
 *   jump_tape.c     the plan and the numbers drawn -> a tape: which gates fuse depends on where events are drawn
 *   jump_sweep.c    the state along the tape, lambda back along it
 *   jump_values.c   values of the readout from the state, lambda from cotangents
 *   jumps.c         the engine: batches, averages, threads
 *
 * Lane l belongs to row row[l] and trajectory trajectory[l]; lanes that are not `valid` draw nothing and count nothing.
 */
#ifndef QSTI_JUMPS_JUMP_RUN_H
#define QSTI_JUMPS_JUMP_RUN_H

#include "jumps/jump_plan.h"
#include "kernels/jump_kernels.h"
#include "kernels/lane_algebra.h"

#define QSTI_JUMP_BASES  ((size_t)1024) /* cosets of one call */
#define QSTI_JUMP_COLUMN (4 * QSTI_JUMP_LANES)

typedef enum qsti_jump_act_kind { QSTI_ACT_TILE, QSTI_ACT_PHASE, QSTI_ACT_ALONE, QSTI_ACT_EVENT } qsti_jump_act_kind;

typedef struct qsti_jump_act {
    uint8_t kind, count;           /* of TILE: gates */
    uint8_t chosen, saved, turned; /* of EVENT: lanes that draw an operator; whose state is kept; with bits exchanged */
    uint32_t gates[QSTI_MAX_TILE]; /* EVENT: gates[0] is the relaxation, gates[1] the number of the event */
    uint32_t slot;                 /* EVENT: states kept by those in front of it */
} qsti_jump_act;

/* Rotations of one virtual qubit, in one matrix a lane. */
typedef struct qsti_jump_gate {
    uint32_t x, z, control;
    uint32_t entry; /* its last rotation */
    bool dead;      /* no later rotation can join */
} qsti_jump_gate;

typedef struct qsti_jump_entry {
    uint32_t rotation, before; /* UINT32_MAX: the first */
    uint8_t minus;             /* lanes */
} qsti_jump_entry;

/* The memory of one worker. */
typedef struct qsti_jump_scratch {
    double *psi, *lambda;        /* (dim, 2, lanes) */
    double *lines;               /* (dim, lanes) */
    double *slots, *checkpoints; /* (n_slots, dim, 2), (n_checkpoints, dim, 2, lanes) */
    double *drawn;               /* (places + 1, lanes) */
    double *cosine, *sine;       /* (rotations, lanes), of half angles */
    double *gradient;            /* (rotations, lanes) */
    double *x, *out_x;           /* (features, lanes) */
    double *cotangents;          /* (outputs inside, lanes) */
    double *columns;             /* (rotations, 4, lanes): one for each gate, at most so many */
    double *operators;           /* (relaxations, 4, lanes): what acted at each event */
    double *event_numbers;       /* (relaxations, lanes) */
    qsti_jump_act *acts;         /* (rotations + relaxations) */
    qsti_jump_gate *gates;       /* (rotations) */
    qsti_jump_entry *entries;    /* (rotations) */
    uint32_t *segments;          /* (relaxations + 2): first act of each */
    uint32_t *bases;             /* (QSTI_JUMP_BASES) */
    size_t n_acts, n_gates, n_entries, n_events, n_segments;
    uint32_t row[QSTI_JUMP_LANES], trajectory[QSTI_JUMP_LANES];
    bool valid[QSTI_JUMP_LANES];
    uint32_t x_frame[QSTI_JUMP_LANES], z_frame[QSTI_JUMP_LANES]; /* the lane's Pauli */
    double norm[QSTI_JUMP_LANES];                                /* <psi|psi> at the end */
} qsti_jump_scratch;

/* An observable in the plan's coordinates. */
typedef struct qsti_jump_observable {
    qsti_mask pauli;
    double coefficient;
    uint32_t output;
} qsti_jump_observable;

/* What a worker needs to know. */
typedef struct qsti_jump_machine {
    qst_ctx *ctx;
    qsti_jump_plan plan;
    const qsti_kernels *kernels;
    const qsti_jump_kernels *jumps;
    const qsti_lane_algebra *algebra;
    size_t dim, n_features, n_weights;
    qst_preparation preparation;
    bool paulis;     /* observables; else probabilities */
    size_t n_inside; /* values before grouping and errors of readout */
    qsti_jump_observable *observables;
    size_t n_observables;
    bool any_diagonal;
    uint32_t *logical; /* (dim): A p; of probabilities */
    size_t n_slots, n_checkpoints;
    uint64_t key; /* of the numbers drawn */
} qsti_jump_machine;

/* What a trajectory went through, for tests that hold it fixed: operators[relaxations][4][lanes], then norm[lanes]. */
typedef struct qsti_jump_held {
    double *record; /* NULL: none */
    bool given;     /* taken from here, not drawn */
} qsti_jump_held;

/* jump_tape.c: numbers, Paulis and fused gates of the scratch's lanes; the angles are there. */
void qsti_jump_tape(const qsti_jump_machine *machine, qsti_jump_scratch *scratch);
/* jump_tape.c: half angles' cosines and sines from the weights and the scratch's x. */
void qsti_jump_angles(const qsti_jump_machine *machine, const double *weights, qsti_jump_scratch *scratch);
/* jump_tape.c: adds the gradient of angles up to weights (n_weights) and scratch->out_x; the valid lanes' alone. */
void qsti_jump_chain(const qsti_jump_machine *machine, const double *weights, double *out_weights,
                     qsti_jump_scratch *scratch);

/* jump_sweep.c: the state at the end, keeping what the way back needs when `back`. */
void qsti_jump_forward(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, bool back,
                       const qsti_jump_held *held);
/* jump_sweep.c: scratch->gradient += that of the angles, and of amplitudes into out_x, from lambda at the end. */
void qsti_jump_back(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, bool want_x);

/* jump_values.c: values (n_inside, lanes) += those of the valid lanes, divided by the norm. */
void qsti_jump_values(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, double *values);
/* jump_values.c: lambda from scratch->cotangents, which are 0 in lanes that do not count. */
void qsti_jump_seed(const qsti_jump_machine *machine, qsti_jump_scratch *scratch);

#endif

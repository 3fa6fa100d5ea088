/* program.h: the compiled form of a circuit with its readout, shared by the files of this folder.
 *
 * Amplitude p in memory belongs to the basis state A p ^ flip (the frame: an invertible matrix A over GF(2)); CX, SWAP
 * and X change the frame and touch no data. What is left are rotations exp(-i t P / 2) about Paulis P = i^k X^x Z^z in
 * physical coordinates, with t a polynomial in weights and features into which P's sign is folded.
 *
 *   rotations (rotate.c)   the circuit in the frame
 *   items (fuse.c)         gates and diagonal rotations: rotations that lie in the algebra of one virtual qubit fuse
 *   passes (tile.c)        small states: walks over the state, each up to three gates or one run of diagonals
 *   wide (wide_plan.c)     wide states: walks over memory, each many gates on blocks that fit the cache
 *
 * A virtual qubit is a pair (x, z) with parity(x & z) = 1: its bit of amplitude p is parity(p & z), flipping it takes p
 * to p ^ x. X^x, i X^x Z^z and Z^z are its X, Y and Z. With a control mask c, parity(x & c) = 0, the same Paulis times
 * Z^c are in its algebra too: the gate then has two matrices, by parity(p & c). Two gates commute, and may share a
 * tile, when x and z of one have even overlap with z, c and x of the other.
 */
#ifndef QSTI_SIM_PROGRAM_H
#define QSTI_SIM_PROGRAM_H

#include <qstill/simulate.h>

#include "base/memory.h"
#include "base/threads.h"
#include "circuit/circuit.h"
#include "kernels/kernels.h"
#include "kernels/lane_algebra.h"
#include "noise/engine.h"

#define QSTI_MAX_QUBITS 30
/* Small states of more qubits apply diagonal rotations one by one: a table a run would cost more memory than the state.
 * So do runs whose tables would take a program's above QSTI_TABLE_BYTES. */
#define QSTI_TABLE_MAX_QUBITS 14
#define QSTI_TABLE_BYTES      ((size_t)64 << 20)
/* From this many per-lane diagonal rotations on a run gets a table. */
#define QSTI_LANE_TABLE_ROTATIONS 9
/* States kept for the way back, per thread: half of a second-level cache. A constant, so that results are the same on
 * all machines. */
#define QSTI_KEPT_BYTES ((size_t)1 << 20)

typedef struct qsti_rotation {
    qsti_mask pauli;
    qsti_span terms; /* of the angle */
    bool featured;   /* the angle depends on features */
    bool drawn;      /* drawn errors turn its sign round (draws.h) */
    bool clifford;   /* drawn errors change there */
    bool per_lane;   /* its sine differs by lane: featured, or drawn and the state is small */
    uint32_t slot; /* its cosine and sine among those of its sort (shared, per lane); equal per-lane angles share one */
    uint32_t angle_slot; /* drawn and per lane: where those of the angle without sign are, among those of its sort
                          * (shared, featured) */
    uint32_t order;      /* among the circuit's rotations */
    uint32_t operation;  /* of the circuit */
    uint32_t partner;    /* about X on one qubit of the circuit: the mask of that qubit's Z; else 0 */
} qsti_rotation;

/* Which Pauli of a gate's virtual qubit a rotation is about. */
typedef enum qsti_axis { QSTI_AXIS_X, QSTI_AXIS_Y, QSTI_AXIS_Z } qsti_axis;

typedef struct qsti_gate {
    uint32_t x, z, control; /* control 0: none */
    uint8_t form;           /* qsti_form */
    bool per_lane;          /* some angle is */
    uint32_t first, count;  /* its rotations, in order of application, one behind the other */
    uint32_t line; /* the first of its coefficient lines among those of its sort (shared, per lane); a controlled
                    * gate has two sets, the second for parity(p & control) = 1 */
    /* set by qsti_program_bind_init() */
    uint32_t sum;      /* the first of its lines of inner products; a controlled gate has two sets */
    uint32_t tail;     /* how many of its last rotations have shared angles */
    bool head_weights; /* a weight is in an angle before those */
} qsti_gate;

static inline qsti_axis qsti_rotation_axis(const qsti_rotation *rotation)
{
    return rotation->pauli.x == 0 ? QSTI_AXIS_Z : rotation->pauli.imaginary ? QSTI_AXIS_Y : QSTI_AXIS_X;
}

/* Whether the rotation's sign changes where parity(p & control) = 1. */
static inline bool qsti_rotation_controlled(const qsti_gate *gate, const qsti_rotation *rotation)
{
    return rotation->pauli.z != (qsti_rotation_axis(rotation) == QSTI_AXIS_X ? 0 : gate->z);
}

/* Gates and diagonal rotations in an order that gives the circuit. */
typedef struct qsti_item {
    bool is_gate;
    uint32_t index; /* of the gate, or of the diagonal rotation */
} qsti_item;

typedef enum qsti_pass_kind {
    QSTI_PASS_TILE,      /* gates first .. +count, all of one form, which commute */
    QSTI_PASS_PHASE,     /* one diagonal rotation */
    QSTI_PASS_TABLE,     /* a merged run of diagonal rotations, angles shared */
    QSTI_PASS_LANE_TABLE /* a merged run, angles per lane */
} qsti_pass_kind;

typedef struct qsti_pass {
    uint8_t kind;
    uint32_t first, count; /* gates of a tile, else rotations */
    uint32_t table;        /* TABLE: its number; LANE_TABLE: its number among those */
    uint32_t cosets;       /* TILE: its number */
    /* set by qsti_program_bind_init() */
    bool per_lane; /* TILE: some gate is */
    uint32_t turn; /* TILE: the first of its turns, one a segment, among those of its sort (shared, per lane) */
} qsti_pass;

/* The cosets of a tile, by segment: segment s holds those with parity(p & control_g) = bit g of s for its gates; a gate
 * without control has bit 0 always. Tiles with the same masks share them. */
typedef struct qsti_cosets {
    uint32_t x[QSTI_MAX_TILE], z[QSTI_MAX_TILE], control[QSTI_MAX_TILE];
    uint32_t n_gates, n_segments;             /* segments that are not empty */
    uint8_t segment[1 << QSTI_MAX_TILE];      /* (n_segments): s */
    uint32_t first[(1 << QSTI_MAX_TILE) + 1]; /* (n_segments + 1): into bases */
    uint32_t offset[1 << QSTI_MAX_TILE];
    uint32_t *bases; /* (2^(n - n_gates)) */
} qsti_cosets;

/* One Pauli of a readout: adds coefficient <P> to output `output`; the sign of the frame is in the coefficient. */
typedef struct qsti_observable {
    qsti_mask pauli;
    double coefficient;
    uint32_t output;
} qsti_observable;

typedef struct qsti_frame {
    uint32_t row[QSTI_MAX_QUBITS];    /* row[q]: which physical bits make logical bit q */
    uint32_t column[QSTI_MAX_QUBITS]; /* column[q] of the inverse: the physical bits that flip with logical bit q */
    uint32_t flip;
} qsti_frame;

typedef struct qsti_wide qsti_wide;   /* wide.h */
typedef struct qsti_draws qsti_draws; /* draws.h */
typedef struct qsti_sites qsti_sites; /* sites.h */

/* What one thread works with. */
typedef struct qsti_scratch {
    void *psi, *lambda;               /* states */
    char *kept;                       /* (n_kept) states: what the last n_kept passes made */
    void *tree;                       /* (2^n_start) amplitudes: the product start, level by level */
    void *lane_lines;                 /* (n_lane_lines): coefficients of per-lane gates */
    char *lane_turns;                 /* (n_lane_turns): what these come down to, tile by tile */
    double *lane_tables;              /* (n_lane_tables, cosine | sine, dim, lanes) */
    double *lines;                    /* (dim, lanes) */
    double *halves;                   /* (n_per_lane, lanes): half angles */
    double *sums;                     /* (dim), tables' gradients */
    double *x;                        /* (features, lanes) */
    double *out_x;                    /* (features, lanes) */
    double *norm;                     /* (lanes), amplitude preparation */
    double *cosine, *sine;            /* (n_per_lane + 1, lanes), of these */
    double *values, *cotangents;      /* (outputs, lanes) */
    uint32_t *sign_words;             /* (rotations), with draws: draws.h */
    double *signs, *observable_signs; /* (signed rotations, lanes), (observables, lanes): 1 or -1 */
    uint32_t flips[QSTI_MAX_LANES];   /* of physical bits at the end */
    bool any_flip;
    bool want_x;    /* features' gradients are wanted, in out_x */
    size_t shifted; /* PHASE pass whose slot is the spare one, n_per_lane, for a shifted angle */
    double worst;   /* largest uncomputation error seen */
} qsti_scratch;

struct qst_program {
    qst_ctx *ctx;
    size_t n_qubits, dim; /* of what is simulated: fewer than the circuit has inside a light cone */
    size_t n_features, n_weights, n_outputs;
    qst_compile_opts opts;
    qst_preparation preparation;
    bool real; /* amplitudes are real: all gates of form Y, all tables +-1 up to one phase each */
    const qsti_kernels *kernels;
    const qsti_lane_algebra *algebra;
    /* Where the light cone has dropped something: the circuit, and, once asked for, the program of all of it. */
    qst_circuit *whole_circuit;
    qst_readout *whole_readout;
    qst_program *whole;

    /* noisy.c; without noise none of it is set */
    qst_noise *noise;
    qst_noise_method noise_method; /* EXACT or TRAJECTORIES */
    qsti_engine engine;

    /* compile.c */
    qst_term *terms;
    size_t n_terms;
    qsti_span global_phase; /* terms; its angle t multiplies the state by exp(i t) */
    double angle_bound;     /* no angle is larger when no weight or feature in one is larger than 1 */
    bool features_in_angles;
    qsti_frame frame;
    qsti_rotation *rotations;
    size_t n_rotations, n_shared, n_per_lane; /* the latter two count slots */
    size_t n_featured;                        /* the first of the per-lane slots; behind them one for each drawn sign */
    qsti_draws *draws;                        /* NULL: nothing is drawn */

    /* fuse.c */
    qsti_gate *gates;
    size_t n_gates, n_shared_lines, n_lane_lines;
    qsti_item *items;
    size_t n_items;

    /* tile.c; small states only. Gates 0 .. n_start-1 make the product start: amplitude start_to[j] of it is the
     * product over g of the first (bit g of j clear) or second entry of gate g's first column; all others are 0. */
    size_t n_start;
    uint32_t *start_to; /* (2^n_start) */
    qsti_pass *passes;
    size_t n_passes, n_tables, n_lane_tables;
    qsti_cosets *cosets;
    size_t n_cosets;
    size_t n_kept; /* the states behind the last n_kept passes are kept for the way back */

    qsti_wide *wide; /* wide_plan.c; NULL: small */

    qst_readout_kind readout;
    qsti_observable *observables;
    size_t n_observables;
    bool any_diagonal;   /* some observable has x = 0 */
    double *output_norm; /* (outputs): no value is larger */
    uint32_t *output_of; /* (dim): which output physical amplitude p counts for; probability readouts, small */

    qst_program_info info; /* describe.c */

    /* bind.c */
    uint32_t *slot_rotation; /* (n_per_lane): a rotation that has the slot's angle */
    size_t n_sum_lines;      /* of inner products, of all gates */
    double *cosine, *sine;   /* (n_shared, padded to lines), of half angles */
    double *half;            /* (n_shared), with draws: half angles */
    double *quaternions;     /* (n_rotations, 2, 4): of each run of shared rotations in a per-lane gate, at its
                              * first, by control's parity: a.re, a.im, b.re, b.im */
    size_t n_shared_turns, n_lane_turns;
    char *shared_turns;                /* (n_shared_turns) */
    void *shared_lines;                /* (n_shared_lines): coefficients of shared gates */
    double *table_cosine, *table_sine; /* (n_tables, dim) */
    double real_phase;                 /* of the tables of real programs: they are exp(-i real_phase) times signs */
    double *table_angles;              /* (dim), while a table is made */
    double *table_stretch;             /* (dim), while weights are bound: bind.c */

    qsti_scratch *scratch; /* [n_scratch] */
    size_t n_scratch;
    double *parts;         /* (blocks, row): gradients and sums before they are summed, see batch.c */
    size_t n_parts;        /* values there is room for */
    atomic_uchar *arrived; /* (n_arrived): of the tree of their sum */
    size_t n_arrived;
    double *total; /* (row) */
    size_t n_total;
};

/* The value of a variable that is no feature. */
static inline double qsti_variable_value(qst_variable v, const double *weights)
{
    return v == QST_ONE ? 1.0 : weights[v - 1];
}

/* The parity of the bits of p & mask. */
static inline unsigned qsti_parity(uint32_t p, uint32_t mask)
{
    return (unsigned)__builtin_parity(p & mask);
}

/* Whether two Paulis commute. */
static inline bool qsti_commute(qsti_mask a, qsti_mask b)
{
    return qsti_parity(a.x, b.z) == qsti_parity(a.z, b.x);
}

/* --- one gate ----------------------------------------------------------------------------------------------------- */

/* gate.c: the matrix of a gate for one sample, (a.re, a.im, b.re, b.im) of [a -b*; b a*], where parity(p & control) =
 * set. cosine[i], sine[i]: of the half angle of the gate's i-th rotation. */
void qsti_gate_matrix(const qst_program *program, const qsti_gate *gate, const double *cosine, const double *sine,
                      unsigned set, double out[4]);
/* gate.c: dL/dt of each of the gate's rotations from sums[set][axis] = Im<lambda|P|psi> behind the gate, over the
 * amplitudes with parity(p & control) = set; sums are overwritten. */
void qsti_gate_gradients(const qst_program *program, const qsti_gate *gate, const double *cosine, const double *sine,
                         double sums[2][3], double *gradient);

/* --- compiling ---------------------------------------------------------------------------------------------------- */

typedef struct qsti_cone qsti_cone; /* cone.h */

/* compile.c: qst_program_compile() without noise, but for the sites, whose errors are drawn (draws.h); sites, borrowed
 * as long as the program, may be NULL. */
qst_status qsti_program_compile(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout,
                                const qst_compile_opts *opts, const qsti_sites *sites, qst_program **out);

/* rotate.c: the steps that the cone left -> rotations, frame, global phase, terms. */
qst_status qsti_program_rotate(qst_program *program, const qst_circuit *circuit, const qsti_cone *cone);
/* fuse.c: rotations -> gates and items; sets slots, lines, `real`, and moves each gate's rotations together. */
qst_status qsti_program_fuse(qst_program *program);
/* number.c: slots of rotations and coefficient lines of gates, in the order in which they stand. */
qst_status qsti_program_number(qst_program *program);
/* tile.c: items -> passes and product start, of a small program. */
qst_status qsti_program_tile(qst_program *program);
/* describe.c: fills program->info. */
qst_status qsti_program_account(qst_program *program, const qst_circuit *circuit, const qsti_cone *cone);

/* A half angle's shift for the parameter-shift rule: rotation `rotation` gets `angle` more. */
typedef struct qsti_shift {
    size_t rotation;
    double angle;
} qsti_shift;
#define QSTI_NO_SHIFT ((qsti_shift){SIZE_MAX, 0.0})

/* --- running: small states ---------------------------------------------------------------------------------------- */

/* bind.c: memory for what binding makes, and what gates need for the way back; after qsti_program_tile(). ERR_MEMORY.
 */
qst_status qsti_program_bind_init(qst_program *program);
/* bind.c: computes the shared coefficients and tables for these weights. */
void qsti_program_bind(qst_program *program, const double *weights, qsti_shift shift);
/* bind_lanes.c: the per-lane coefficients of one block, from scratch->x. */
void qsti_program_bind_lanes(const qst_program *program, const double *weights, qsti_shift shift,
                             qsti_scratch *scratch);
/* bind.c: where the coefficients of a tile's gates are in one segment of its cosets; lane_lines are scratch's, and not
 * looked at when all gates are shared. */
void qsti_program_coefficients(const qst_program *program, const void *lane_lines, const qsti_pass *pass,
                               size_t segment, const void *out[QSTI_MAX_TILE]);
/* What they come down to; lane_turns likewise. */
static inline char *qsti_program_turn(const qst_program *program, char *lane_turns, const qsti_pass *pass,
                                      size_t segment)
{
    char *turns = pass->per_lane ? lane_turns : program->shared_turns;
    return turns + (pass->turn + segment) * QSTI_TURN_LINES * QSTI_LINE_BYTES;
}
/* bind.c: rounds coefficients to the state's precision so that their stretch, carried in stretch[i], stays within one
 * rounding of 1: values (n_components, n). */
void qsti_round_coefficients(qst_precision precision, size_t n_components, size_t n, double *stretch, double *values);

/* chain.c: adds what dL/dt = gradient[lane] of a rotation means for weights and scratch->out_x. */
void qsti_program_chain(const qst_program *program, const qsti_rotation *rotation, const double *weights,
                        const double *gradient, double *out_weights, qsti_scratch *scratch);
/* chain.c: the same for a shared rotation whose gradient is summed over lanes already. */
void qsti_program_chain_shared(const qst_program *program, const qsti_rotation *rotation, const double *weights,
                               double gradient, double *out_weights);
/* chain.c: from a gate's inner products (sets, forms' sums, lanes) of one block what concerns single samples: gradients
 * of features, and of weights in angles in front of a per-lane one. */
void qsti_program_chain_lanes(const qst_program *program, const qsti_gate *gate, const double *weights,
                              const double *sums, bool want_x, double *out_weights, qsti_scratch *scratch);
/* chain.c: the rest, from the inner products of all gates summed over the blocks (lines, lanes). */
void qsti_program_chain_batch(const qst_program *program, const double *weights, const double *sums,
                              double *out_weights);
/* bind.c: Walsh-Hadamard transform in place: values[z] <- sum_p (-1)^(p.z) values[p]. */
void qsti_walsh(double *values, size_t dim);

/* start.c: the state before the first pass, in scratch->psi. */
void qsti_program_start(const qst_program *program, qsti_scratch *scratch);
/* start.c: from lambda at the start: the inner products of the product start's gates, the gradient of amplitudes that
 * are features, and overlap[lane] = Re <lambda|psi>. */
void qsti_program_unstart(const qst_program *program, bool want_x, double *sums, double *overlap,
                          qsti_scratch *scratch);

/* sweep.c: the passes of a block, from scratch->psi; gives where the state is then. */
void *qsti_program_run(const qst_program *program, qsti_scratch *scratch);
/* sweep.c: and back, lambda having been made: sums (lines of all gates, lanes) += inner products, out_weights += what
 * is known already. */
void qsti_program_unrun(const qst_program *program, const double *weights, bool want_x, double *sums,
                        double *out_weights, qsti_scratch *scratch);

/* outputs.c: scratch->values from a state; lambda from it and scratch->cotangents. */
void qsti_program_values(const qst_program *program, const void *psi, qsti_scratch *scratch);
void qsti_program_seed(const qst_program *program, const void *psi, qsti_scratch *scratch);

/* whole.c: the program that has the circuit's state: this one, or where the light cone has dropped something another
 * one of all of it, compiled when it is first asked for; borrowed. Errors: those of qst_program_compile(). */
qst_status qsti_program_whole(qst_program *program, qst_program **out);
/* whole.c: copies what qsti_program_whole() compiles from. ERR_MEMORY. */
qst_status qsti_program_keep_whole(qst_program *program, const qst_circuit *circuit, const qst_readout *readout);
/* describe.c: bytes that so many threads take, with or without gradients: the documented formula. */
double qsti_program_bytes(const qst_program *program, size_t n_workers, bool lambda);
/* compile.c: ERR_LIMIT when scratch for so many threads, with or without lambda, is more than the machine has. */
qst_status qsti_program_fits(const qst_program *program, size_t n_workers, bool lambda);

/* batch.c: checks shapes and values, and makes scratch for n_blocks blocks. */
qst_status qsti_program_check_shape(const qst_program *program, const char *what, size_t n_rows, size_t n_cols,
                                    size_t want_rows, size_t want_cols);
qst_status qsti_program_check(qst_program *program, const double *weights, qst_const_matrix x);
qst_status qsti_program_reserve(qst_program *program, size_t n_blocks, bool lambda, size_t n_sums);
/* batch.c: the lanes of block `block` of x, zeros behind the last row. */
void qsti_program_load(const qst_program *program, qst_const_matrix x, size_t block, qsti_scratch *scratch);

#endif

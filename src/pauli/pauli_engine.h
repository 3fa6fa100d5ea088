/* pauli_engine.h: the compiled form of a circuit with its noise, shared by the files of this folder.
 *
 *   elements  (pauli_compile.c)  rotations, Clifford moves and channels, in the order of the circuit
 *   ops       (pauli_compile.c)  what elements join: a map of one qubit, a rotation about a Pauli of several, or a
 * table (permutation with scales) passes    (pauli_compile.c)  walks over the state: one or two maps, a rotation, a
 * table; qubits whose first op is a map begin in a product state, and tables behind which nothing comes go into the
 * readout
 *
 * Coefficients are indexed as in kernels/pauli_kernels.h.
 */
#ifndef QSTI_PAULI_PAULI_ENGINE_H
#define QSTI_PAULI_PAULI_ENGINE_H

#include "base/memory.h"
#include "base/threads.h"
#include "kernels/kernels.h"
#include "kernels/pauli_kernels.h"
#include "pauli/pauli.h"

#define QSTI_PAULI_MOST_QUBITS 10
#define QSTI_MAP_DOUBLES       ((size_t)(QSTI_MAP_LINES * QSTI_PAULI_LANES))
#define QSTI_PAULI_NONE        UINT32_MAX
/* Tables of at most so many qubits hold their own digits alone; no gate has more. */
#define QSTI_LOCAL_QUBITS 5

typedef enum qsti_pauli_kind {
    QSTI_PAULI_ROTATION,  /* about `pauli` by the angle of rotation `index` */
    QSTI_PAULI_QUARTER,   /* about `pauli` by `a` quarter turns */
    QSTI_PAULI_CX,        /* control a, target b */
    QSTI_PAULI_SWAP,      /* a, b */
    QSTI_PAULI_CHANNEL,   /* event `index`, diagonal */
    QSTI_PAULI_RELAXATION /* event `index` */
} qsti_pauli_kind;

typedef struct qsti_pauli_element {
    uint8_t kind, a, b;
    uint32_t pauli, index;
    uint32_t next; /* of the same op, while compiling */
} qsti_pauli_element;

/* exp(-i t P / 2), t = constant + the terms. */
typedef struct qsti_pauli_rotation {
    double constant;
    qsti_span terms;
    bool per_lane;
    uint32_t slot; /* of its sort: shared, per lane */
} qsti_pauli_rotation;

/* A channel behind operation `operation`; its numbers are those of the present strength. */
typedef struct qsti_pauli_event {
    uint32_t operation;
    uint8_t kind; /* qsti_noise_kind */
    uint8_t n_qubits, qubits[QST_DEVICE_GATE_QUBITS];
    uint32_t pauli;    /* ROTATION */
    uint32_t rotation; /* ROTATION */
    uint32_t values;   /* first of `numbers`: PAULI: eigenvalues by our digits, (4^n_qubits); RELAXATION: see below */
} qsti_pauli_event;
/* RELAXATION: X and Y <- coherence X, Y; Z <- decay Z + pull I. */
enum { QSTI_COHERENCE, QSTI_DECAY, QSTI_PULL, QSTI_RELAXATION_NUMBERS };

typedef enum qsti_pauli_op_kind { QSTI_OP_MAP, QSTI_OP_ROTATION, QSTI_OP_TABLE } qsti_pauli_op_kind;

typedef struct qsti_pauli_op {
    uint8_t kind;
    uint8_t qubit;         /* MAP */
    uint32_t qubits;       /* mask */
    uint32_t pauli;        /* ROTATION */
    uint32_t first, count; /* elements; while compiling: first and last of the list */
    bool per_lane;
    bool wanted;   /* some angle has weights or features */
    uint32_t slot; /* MAP: of its sort */
    /* TABLE, pauli_table.c; none of it of those that have gone into the readout */
    size_t n; /* entries: 4^n, or 4^(its qubits) when it is local */
    bool local;
    uint32_t *from; /* not local */
    double *scale;
    size_t *offsets;                             /* local: to, from for 8 lanes; to, from for 1; (4, n) */
    uint8_t n_digits, digits[QSTI_LOCAL_QUBITS]; /* local: its qubits, ascending */
} qsti_pauli_op;

typedef struct qsti_pauli_pass {
    uint8_t kind;
    uint32_t op[2]; /* two for a pair of maps, low qubit first */
    uint8_t n_ops;
} qsti_pauli_pass;

/* What one state is kept for: a pass of maps or a table, and the rotations behind it, which are undone on the way back.
 */
typedef struct qsti_pauli_stage {
    uint32_t first, count; /* passes */
} qsti_pauli_stage;

/* A coefficient that the readout looks at: output (Pauli sums) or z (outcomes) and its factor. */
typedef struct qsti_pauli_entry {
    uint32_t index, output;
    double factor;
    uint32_t given_index; /* before tables went into it */
    double given_factor;
} qsti_pauli_entry;

typedef struct qsti_pauli_scratch {
    size_t lanes; /* that memory is for; 0: none */
    double *state[2];
    double *kept; /* (n_checkpoints + segment) states */
    double *lambda[2];
    double *x, *out_x, *values, *cotangents, *lines, *norm;
    double *angles, *cosine, *sine; /* per lane */
    double *maps;                   /* (n_lane_maps) */
    double *starts;                 /* (n_qubits, 3, 8) */
    double *prefix;                 /* (most elements of a map, 12, 8) */
} qsti_pauli_scratch;

typedef struct qsti_pauli_engine {
    qst_ctx *ctx;
    const qsti_pauli_kernels *kernels;
    const qsti_kernels *lines; /* for sincos */
    qst_circuit *circuit;      /* a copy, which events are asked from */
    qst_noise *noise;
    double strength;
    size_t n_qubits, n_coefficients, n_features, n_weights, n_outputs;
    qst_preparation preparation;

    qst_term *terms;
    size_t n_terms;
    qsti_pauli_rotation *rotations;
    size_t n_rotations, n_shared, n_per_lane;
    qsti_pauli_event *events;
    size_t n_events;
    double *numbers;
    size_t n_numbers;
    qsti_pauli_element *elements;
    size_t n_elements, most_elements; /* the latter of one map */
    qsti_pauli_op *ops;
    size_t n_ops;
    uint32_t start[QSTI_PAULI_MOST_QUBITS]; /* the op that makes qubit q's start; QSTI_PAULI_NONE: none */
    size_t n_shared_maps, n_lane_maps;
    qsti_pauli_pass *passes;
    size_t n_passes, n_first; /* the latter: rotations behind the start */
    qsti_pauli_stage *stages;
    size_t n_stages;
    uint32_t *trailing; /* (n_trailing): tables that have gone into the readout, last first */
    size_t n_trailing;
    size_t n_wide_tables; /* not local */

    qst_readout_kind readout;
    qst_readout groups; /* kind and number of outputs alone */
    qsti_pauli_entry *entries;
    size_t n_entries;

    size_t most_lanes;             /* 8, or 1 */
    size_t segment, n_checkpoints; /* states kept: see pauli_batch.c */
    size_t n_relaxations;

    double *shared_angles, *shared_cosine, *shared_sine; /* (n_shared, padded) */
    double *shared_maps;                                 /* (n_shared_maps, 12, 8) */

    qsti_pauli_scratch *scratch;
    size_t n_scratch;
    double *parts, *total;
    size_t n_parts, n_total;
    atomic_uchar *arrived;
    size_t n_arrived;
} qsti_pauli_engine;
/* --- pauli_compile.c ---------------------------------------------------------------------------------------------- */

/* Elements, ops, passes; tables have no memory yet. */
qst_status qsti_pauli_compile(qsti_pauli_engine *engine, const qst_circuit *circuit);
/* Adds an element behind all that are there; qubits: the mask of those that it acts on. */
qst_status qsti_pauli_place(qsti_pauli_engine *engine, const qsti_pauli_element *element, uint32_t qubits);
/* pauli_schedule.c: lists become spans, ops become passes. */
qst_status qsti_pauli_schedule(qsti_pauli_engine *engine);

/* --- pauli_noise.c ------------------------------------------------------------------------------------------------ */

/* The channels behind an operation at strength 1, as events and elements. */
qst_status qsti_pauli_add_noise(qsti_pauli_engine *engine, size_t operation);
/* Numbers of all events, tables and readout at another strength. */
qst_status qsti_pauli_set_strength(void *inside, double strength);

/* --- pauli_table.c ------------------------------------------------------------------------------------------------ */

/* Where coefficient p behind the op's elements comes from; *scale is multiplied. */
uint32_t qsti_pauli_source(const qsti_pauli_engine *engine, const qsti_pauli_op *op, uint32_t p, double *scale);
/* Memory of the tables; then their entries, and those of the readout. */
qst_status qsti_pauli_tables_create(qsti_pauli_engine *engine);
void qsti_pauli_tables_fill(qsti_pauli_engine *engine);
void qsti_pauli_table_run(const qsti_pauli_engine *engine, const qsti_pauli_op *op, size_t lanes, bool back,
                          const double *in, double *out);

/* --- pauli_bind.c ------------------------------------------------------------------------------------------------- */

/* Cosines, sines and maps that all samples share; those of a block, from scratch->x. */
void qsti_pauli_bind(qsti_pauli_engine *engine, const double *weights);
void qsti_pauli_bind_lanes(const qsti_pauli_engine *engine, const double *weights, size_t lanes,
                           qsti_pauli_scratch *scratch);
/* The map of an op, lines (12, 8). */
const double *qsti_pauli_map(const qsti_pauli_engine *engine, const qsti_pauli_op *op,
                             const qsti_pauli_scratch *scratch);
/* The cosine and sine of a rotation op, lines. */
void qsti_pauli_turn(const qsti_pauli_engine *engine, const qsti_pauli_op *op, size_t lanes,
                     const qsti_pauli_scratch *scratch, double *cosine, double *sine);

/* Gradients of one block: what they are added to. */
typedef struct qsti_pauli_chain {
    const qsti_pauli_engine *engine;
    qsti_pauli_scratch *scratch;
    size_t lanes;
    const double *weights;
    bool want_x;
    double *out_weights;
} qsti_pauli_chain;
/* pauli_chain.c: from sums (12, 8) of a map; from dL/dt of a rotation op. */
void qsti_pauli_chain_map(const qsti_pauli_chain *chain, const qsti_pauli_op *op, const double *sums);
void qsti_pauli_chain_rotation(const qsti_pauli_chain *chain, const qsti_pauli_op *op, const double *gradient);
/* pauli_bind.c: the product of the first 1, 2, .. count elements of a map, each `step` doubles behind the last. */
void qsti_pauli_products(const qsti_pauli_engine *engine, const qsti_pauli_op *op, size_t lanes,
                         const qsti_pauli_scratch *scratch, double *products, size_t step);
/* pauli_bind.c: what an element in a map does: rows first, second turn by cosine and sine (lane * step), or rows scale.
 */
typedef struct qsti_pauli_action {
    bool turns;
    size_t first, second, step;
    const double *cosine, *sine;
    double scale[3], pull;
} qsti_pauli_action;
void qsti_pauli_act(const qsti_pauli_engine *engine, const qsti_pauli_op *op, const qsti_pauli_element *element,
                    size_t lanes, const qsti_pauli_scratch *scratch, qsti_pauli_action *out);

/* --- pauli_start.c, pauli_readout.c ------------------------------------------------------------------------------- */

/* Sums and differences over every bit of p of lines (dim, lanes), each times `scale`. */
void qsti_pauli_walsh(double *values, size_t dim, size_t lanes, double scale);
void qsti_pauli_start(const qsti_pauli_engine *engine, size_t lanes, qsti_pauli_scratch *scratch, double *state);
/* From the state and lambda at the start; lambda is overwritten. */
void qsti_pauli_unstart(const qsti_pauli_chain *chain, const double *state, double *lambda);

qst_status qsti_pauli_readout_create(qsti_pauli_engine *engine, const qst_readout *readout);
void qsti_pauli_values(const qsti_pauli_engine *engine, size_t lanes, const double *state, qsti_pauli_scratch *scratch);
/* lambda from scratch->cotangents. */
void qsti_pauli_seed(const qsti_pauli_engine *engine, size_t lanes, double *lambda, qsti_pauli_scratch *scratch);

/* --- pauli_batch.c ------------------------------------------------------------------------------------------------ */

/* How many states are kept. Errors: ERR_LIMIT. */
qst_status qsti_pauli_plan_memory(qsti_pauli_engine *engine, double limit);
double qsti_pauli_bytes(const qsti_pauli_engine *engine); /* of a gradient on one thread */
qst_status qsti_pauli_forward(void *inside, const double *weights, qst_const_matrix x, qst_matrix out);
qst_status qsti_pauli_step(void *inside, const double *weights, qst_const_matrix x, qst_block_fn *fn, void *user,
                           size_t n_sums, double *out_sums, double *out_weights, qst_matrix out_x);
void qsti_pauli_scratch_clear(qst_ctx *ctx, qsti_pauli_scratch *scratch);

#endif

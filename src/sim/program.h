/* program.h: the compiled form of a circuit with its readout, shared by the files of this folder.
 *
 * Amplitude p in memory belongs to the basis state A p ^ flip (the frame: an invertible matrix A over GF(2)); CX, SWAP
 * and X change the frame and touch no data. What is left are rotations exp(-i t P / 2) about Paulis P in physical
 * coordinates, with t a polynomial in weights and features into which P's sign is folded. Runs of diagonal rotations
 * whose angles are the same for all samples merge into one table of phases.
 */
#ifndef QSTI_SIM_PROGRAM_H
#define QSTI_SIM_PROGRAM_H

#include <qstill/simulate.h>

#include "base/memory.h"
#include "circuit/circuit.h"
#include "kernels/kernels.h"

#define QSTI_MAX_QUBITS 30
/* Wider states apply diagonal rotations one by one: a table a run would cost more memory than the state. So do runs
 * whose tables would take a program's above QSTI_TABLE_BYTES. */
#define QSTI_TABLE_MAX_QUBITS 12
#define QSTI_TABLE_BYTES      ((size_t)64 << 20)

typedef enum qsti_instruction_kind {
    QSTI_RUN_ROTATE, /* one rotation, x != 0 */
    QSTI_RUN_PHASE,  /* one diagonal rotation */
    QSTI_RUN_TABLE   /* a merged run of diagonal rotations, angles shared */
} qsti_instruction_kind;

typedef struct qsti_instruction {
    uint8_t kind;
    uint32_t first, count; /* rotations; count is 1 but for tables */
    uint32_t table;
} qsti_instruction;

typedef struct qsti_rotation {
    qsti_mask pauli;
    qsti_span terms; /* of the angle */
    bool per_lane;   /* the angle depends on features */
    uint32_t slot;   /* its place among the rotations of its sort (shared or per lane) */
} qsti_rotation;

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

/* What one thread works with. */
typedef struct qsti_scratch {
    void *psi, *lambda;          /* states */
    double *lines;               /* (dim, lanes) */
    double *sums;                /* (dim), tables' gradients */
    double *x;                   /* (features, lanes) */
    double *out_x;               /* (features, lanes) */
    double *norm;                /* (lanes), amplitude preparation */
    double *cosine, *sine;       /* (per-lane rotations, lanes), of half angles */
    double *values, *cotangents; /* (outputs, lanes) */
    double worst;                /* largest uncomputation error seen */
} qsti_scratch;

struct qst_program {
    qst_ctx *ctx;
    size_t n_qubits, dim, n_features, n_weights, n_outputs;
    qst_precision precision;
    qst_preparation preparation;
    const qsti_kernels *kernels;

    qsti_rotation *rotations;
    size_t n_rotations, n_shared, n_per_lane;
    qsti_instruction *instructions;
    size_t n_instructions, n_tables;
    qst_term *terms;
    size_t n_terms;
    qsti_span global_phase; /* terms; its angle t multiplies the state by exp(i t) */
    double angle_bound;     /* no angle is larger when no weight or feature in one is larger than 1 */
    bool features_in_angles;
    qsti_frame frame;

    qst_readout_kind readout;
    qsti_observable *observables;
    size_t n_observables;
    bool any_diagonal;   /* some observable has x = 0 */
    uint32_t *output_of; /* (dim): which output physical amplitude p counts for; probability readouts */

    /* bound weights */
    double *cosine, *sine;             /* (n_shared), of half angles */
    double *table_cosine, *table_sine; /* (n_tables, dim) */
    double *table_angles;              /* (dim), while a table is made */
    double *table_stretch;             /* (dim), while weights are bound: bind.c */

    qsti_scratch *scratch; /* [n_scratch] */
    size_t n_scratch;
    double *parts; /* (blocks, n_weights): gradients before they are summed */
    size_t n_parts;

    /* keep.h: the states and per-lane coefficients of a batch, block by block */
    char *kept_states;
    double *kept_coefficients;
    size_t n_kept; /* blocks there is room for */
};

/* The value of a variable that is no feature. */
static inline double qsti_variable_value(qst_variable v, const double *weights)
{
    return v == QST_ONE ? 1.0 : weights[v - 1];
}

/* A half angle's shift for the parameter-shift rule: rotation `rotation` gets `angle` more. */
typedef struct qsti_shift {
    size_t rotation;
    double angle;
} qsti_shift;
#define QSTI_NO_SHIFT ((qsti_shift){SIZE_MAX, 0.0})

/* bind.c: computes the shared coefficients and tables for these weights. */
void qsti_program_bind(qst_program *program, const double *weights, qsti_shift shift);
/* bind.c: the per-lane coefficients of one block, from scratch->x. */
void qsti_program_bind_lanes(const qst_program *program, const double *weights, qsti_shift shift,
                             qsti_scratch *scratch);
/* bind.c: adds what dL/dt = gradient[lane] of a rotation means for weights and scratch->out_x. */
void qsti_program_chain(const qst_program *program, const qsti_rotation *rotation, const double *weights,
                        const double *gradient, double *out_weights, qsti_scratch *scratch);
/* bind.c: the same for a shared rotation whose gradient is summed over lanes already. */
void qsti_program_chain_shared(const qst_program *program, const qsti_rotation *rotation, const double *weights,
                               double gradient, double *out_weights);

/* bind.c: Walsh-Hadamard transform in place: values[z] <- sum_p (-1)^(p.z) values[p]. */
void qsti_walsh(double *values, size_t dim);

/* sweep.c: prepares and runs the state of a block; and the way back, with gradients. */
void qsti_program_run(const qst_program *program, qsti_scratch *scratch);
void qsti_program_unrun(const qst_program *program, const double *weights, double *out_weights, bool want_x,
                        qsti_scratch *scratch);

/* outputs.c: scratch->values from psi; lambda from psi and scratch->cotangents. */
void qsti_program_values(const qst_program *program, qsti_scratch *scratch);
void qsti_program_seed(const qst_program *program, qsti_scratch *scratch);

/* compile.c: ERR_LIMIT when scratch for so many threads, with or without lambda, is more than the machine has. */
qst_status qsti_program_fits(const qst_program *program, size_t n_workers, bool lambda);

/* batch.c: checks shapes and values, and makes scratch for n_blocks blocks. */
qst_status qsti_program_check_shape(const qst_program *program, const char *what, size_t n_rows, size_t n_cols,
                                    size_t want_rows, size_t want_cols);
qst_status qsti_program_check(qst_program *program, const double *weights, qst_const_matrix x);
qst_status qsti_program_reserve(qst_program *program, size_t n_blocks, bool lambda);
/* batch.c: the lanes of block `block` of x, zeros behind the last row. */
void qsti_program_load(const qst_program *program, qst_const_matrix x, size_t block, qsti_scratch *scratch);

#endif

/* trajectories.h: circuits with Pauli noise by trajectories: drawn errors are signs of the angles behind them
 * (draws.h).
 */
#ifndef QSTI_SIM_TRAJECTORIES_H
#define QSTI_SIM_TRAJECTORIES_H

#include "noise/engine.h"
#include "sim/draws.h"

/* Relaxations are twirled. Errors: ERR_UNSUPPORTED for amplitudes; those of qsti_noise_behind() and of compiling. */
qsti_engine_create_fn qsti_trajectories_create;

/* What one thread reads bits with errors with; see trajectories_run.c. */
typedef struct qsti_reading {
    double *outcomes, *values, *cotangents; /* (2^n, lanes), (outputs, lanes) twice */
} qsti_reading;

typedef struct qsti_trajectories {
    qst_ctx *ctx;
    qst_program *program; /* of the circuit with its sites; where bits are misread, of all probabilities */
    qst_noise *noise;
    qsti_sites sites;
    size_t site_capacity;
    qsti_noise_event *channels; /* (n_channels): that differ, at strength 1 */
    size_t n_channels, channel_capacity;
    qsti_error_table *tables; /* (n_channels) */
    size_t n_qubits, n_features, n_weights, n_outputs, n_trajectories;
    uint64_t seed;
    bool misread;        /* probabilities whose bits are read with errors */
    uint32_t *output_of; /* (2^n), misread: the output that a basis state counts for */
    qst_noise_info info;

    /* trajectories_run.c */
    qsti_reading *readings; /* (n_readings) */
    size_t n_readings;
    double *x, *out_x;          /* of trajectories: (rows, features) */
    double *values;             /* (rows, the program's outputs) */
    double *means, *cotangents; /* by sample: (samples, the program's outputs) */
    double *lines;              /* (blocks of samples, 2, the program's outputs, lanes) */
    double *sums;               /* (blocks of samples, sums) */
    double *weights;            /* (weights): of a part */
    size_t room[8];             /* values there is room for in these */
} qsti_trajectories;

qst_status qsti_trajectories_forward(void *engine, const double *weights, qst_const_matrix x, qst_matrix out);
qst_status qsti_trajectories_step(void *engine, const double *weights, qst_const_matrix x, qst_block_fn *fn, void *user,
                                  size_t n_sums, double *out_sums, double *out_weights, qst_matrix out_x);
void qsti_trajectories_run_free(qsti_trajectories *self);

#endif

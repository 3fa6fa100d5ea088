/* measurement.h: what a measurement consists of.
 *
 *   groups   sets of Paulis read from one basis: the circuit with its change of basis, placed; what its outcomes count
 *   runs     circuits that are simulated: run (g, s) is group g's folded to scale s, number g * n_scales + s
 *
 * Where values are exact, no errors of readout are to be taken back, and a change of basis would not be noisy, the runs
 * are one a scale, `direct`: programs whose outputs are the readout's. All others give distributions: (B, 2^m) over the
 * circuit's m qubits, then (B, 2^n) over the readout's n.
 */
#ifndef QSTI_MEASURE_MEASUREMENT_H
#define QSTI_MEASURE_MEASUREMENT_H

#include <qstill/measure.h>

#include "measure/estimates.h"
#include "measure/extrapolation.h"
#include "measure/pauli_groups.h"
#include "measure/shift_rules.h"

typedef struct qsti_measured_group {
    qst_placed *placed;         /* NULL: no device */
    qst_circuit *made;          /* without a device: the circuit with its change of basis */
    const qst_circuit *circuit; /* of `placed`, or `made` */
    const qst_noise *noise;     /* borrowed; NULL: none */
    size_t *bits;               /* (n): the circuit's qubit for each of the readout's */
    bool in_place;              /* bits[k] = k for all of the circuit's qubits */
    bool has_estimator;
    qsti_estimator estimator;
} qsti_measured_group;

typedef struct qsti_measured_run {
    size_t group;
    qst_circuit *circuit; /* folded */
    const qst_noise *noise;
    size_t n_qubits;
    qst_program *program;
    qsti_shifts shifts;   /* for gradients */
    qst_program *shifted; /* with one more weight for each of them; NULL until it is asked for */
} qsti_measured_run;

struct qst_measurement {
    qst_ctx *ctx;
    qst_measure_opts opts; /* without borrowed arrays but the device */
    qst_noise *noise;      /* opts.noise copied */
    qst_circuit *circuit;  /* copied */
    qst_readout *readout;  /* copied */
    size_t n_bits, n_outputs;
    qsti_pauli_groups found;
    qsti_measured_group *groups; /* (n_groups) */
    size_t n_groups;
    double scales[QSTI_MOST_SCALES]; /* those reached */
    size_t n_scales;                 /* 1 without extrapolation */
    bool direct;
    qsti_measured_run *runs; /* (n_runs) */
    size_t n_runs;
    qsti_output_range *ranges; /* (K) */
    /* Rows are worked on in chunks of so many; trajectories of a row are those of its place in its chunk. */
    size_t chunk;
    /* Scratch memory of measured_rows.c, of measured_shift.c; kept. */
    double *room;
    size_t n_room;
};

/* The program of a circuit as a run of this measurement, over its outcomes; direct: with the readout's outputs. */
qst_status qsti_measurement_compile(const qst_measurement *measurement, const qst_circuit *circuit,
                                    const qsti_measured_group *group, const qst_noise *noise, qst_program **out);

/* Readies room for n values; their content is lost. */
qst_status qsti_measurement_room(qst_measurement *measurement, size_t n);

/* x's rows first .. +n through a program, into out (n, program's outputs); trajectories' errors are those of (seed,
 * absolute row). first + first_row .. +n lies in one chunk. room: (chunk, features) and (chunk, outputs). */
qst_status qsti_measurement_forward(qst_measurement *measurement, qst_program *program, const double *weights,
                                    qst_const_matrix x, size_t first, size_t n, uint64_t seed, uint64_t first_row,
                                    uint32_t run, double *room, double *out);
/* How many of the rows left from `first` of n are in one chunk. */
size_t qsti_measurement_chunk(const qst_measurement *measurement, uint64_t first_row, size_t first, size_t n);

/* outcomes (2^m) of a group's circuit -> (2^n) of the readout's qubits. */
void qsti_measured_outcomes(const qsti_measured_group *group, size_t n_circuit_qubits, size_t n_bits,
                            const double *outcomes, double *out);

/* Shapes and values that a call comes with. */
qst_status qsti_measurement_check(const qst_measurement *measurement, const double *weights, qst_const_matrix x);
qst_status qsti_measurement_check_shape(const qst_measurement *measurement, const char *what, size_t n_rows,
                                        size_t n_cols, size_t want_rows);

#endif

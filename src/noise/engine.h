/* engine.h: what runs a circuit with noise, behind a program (sim/noisy.c): three engines, one interface.
 *
 * Programs check shapes, weights and features before they ask an engine; what is drawn depends on rows, never on
 * threads.
 */
#ifndef QSTI_NOISE_ENGINE_H
#define QSTI_NOISE_ENGINE_H

#include <qstill/simulate.h>

#include "noise/noise.h"

typedef struct qsti_engine_type {
    const char *name;
    /* As qst_program_step(). fn NULL: never. */
    qst_status (*step)(void *engine, const double *weights, qst_const_matrix x, qst_block_fn *fn, void *user,
                       size_t n_sums, double *out_sums, double *out_weights, qst_matrix out_x);
    qst_status (*forward)(void *engine, const double *weights, qst_const_matrix x, qst_matrix out);
    void (*set_draw)(void *engine, uint64_t draw); /* NULL: nothing is drawn */
    qst_status (*set_strength)(void *engine, double strength);
    /* All members but method. */
    void (*describe)(const void *engine, qst_noise_info *out);
    void (*release)(void *engine);
} qsti_engine_type;

typedef struct qsti_engine {
    const qsti_engine_type *type; /* NULL: none */
    void *inside;
} qsti_engine;

/* What engines are made from, borrowed for the call; the noise is not none. opts' noise_method is that of the engine.
 */
typedef struct qsti_engine_source {
    qst_ctx *ctx;
    const qst_circuit *circuit;
    const qst_readout *readout; /* errors of readout are not in it */
    const qst_noise *noise;
    const qst_compile_opts *opts;
} qsti_engine_source;

typedef qst_status qsti_engine_create_fn(const qsti_engine_source *source, qsti_engine *out);

/* How much of each sort of elementary channel a circuit has at strength 1. */
typedef struct qsti_noise_sorts {
    size_t n_paulis, n_relaxations, n_rotations;
} qsti_noise_sorts;
/* Errors: those of qsti_noise_behind(). */
qst_status qsti_noise_count(const qst_noise *noise, const qst_circuit *circuit, qsti_noise_sorts *out);

/* The sums of Paulis whose values without errors of readout are the given ones' with them (a Z on a qubit becomes
 * (m0p1 - m1p0) + (1 - m0p1 - m1p0) Z, an X or a Y likewise). For readouts of Paulis. */
qst_status qsti_noise_readout_apply(const qst_noise *noise, const qst_readout *readout, qst_readout **out);
/* For readouts of probabilities: lines (2^n, lanes) of true outcomes -> of those that are read, in place; and back: the
 * transposed map, for cotangents. Cost O(n 2^n lanes). */
void qsti_noise_misread(const qst_noise *noise, size_t n_qubits, size_t lanes, bool transposed, double *lines);

#endif

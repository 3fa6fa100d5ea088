/* noisy_runs.h: the values of a circuit's readout through noise, on a device or not, with their gradients.
 *
 * One program; or, where Paulis with X or Y are read behind noisy changes of basis, one for each of the groups that one
 * such change serves: values are then sums over the groups.
 */
#ifndef QSTI_LEARN_NOISY_RUNS_H
#define QSTI_LEARN_NOISY_RUNS_H

#include <qstill/measure.h>

#include "base/hash.h"

typedef struct qsti_noisy_runs qsti_noisy_runs;

/* Training in the given precision, judging in double. opts: without shots. Errors: those of qst_place() and
 * qst_program_compile(). */
qst_status qsti_noisy_runs_create(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout,
                                  const qst_measure_opts *opts, qst_precision precision, uint64_t seed,
                                  qsti_noisy_runs **out);
void qsti_noisy_runs_free(qsti_noisy_runs *runs);

/* What the next calls of that kind run under. Errors: those of qst_program_set_noise_strength(). */
qst_status qsti_noisy_runs_set(qsti_noisy_runs *runs, bool judging, uint64_t draw, double strength);

/* out (B, K). */
qst_status qsti_noisy_runs_values(qsti_noisy_runs *runs, bool judging, const double *weights, qst_const_matrix x,
                                  qst_matrix out);
/* The program of training where it is the only one; NULL: there are several. */
qst_program *qsti_noisy_runs_program(const qsti_noisy_runs *runs);
/* As qst_program_vjp(), of training. */
qst_status qsti_noisy_runs_vjp(qsti_noisy_runs *runs, const double *weights, qst_const_matrix x,
                               qst_const_matrix cotangent, double *out_weights, qst_matrix out_x);

/* Whether anything is drawn. */
bool qsti_noisy_runs_drawn(const qsti_noisy_runs *runs);
/* Adds the circuits as they run and their noise to a hash. */
qst_status qsti_noisy_runs_hash(const qsti_noisy_runs *runs, qsti_hasher *hasher);
/* The same of one circuit with its noise; NULL: none. */
qst_status qsti_noise_hash(const qst_noise *noise, const qst_circuit *circuit, qsti_hasher *hasher);

#endif

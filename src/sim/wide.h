/* wide.h: programs whose state is one sample's, its amplitudes in the lanes and in blocks that fit the cache.
 *
 * What batch.c, state.c and sample.c call for a program with `wide`; arguments have been checked.
 */
#ifndef QSTI_SIM_WIDE_H
#define QSTI_SIM_WIDE_H

#include "sim/program.h"

/* AUTO: from this number of qubits on states are wide, whatever the batch is. */
#define QSTI_WIDE_QUBITS 14
/* The fewest that a wide state can have: those of the lanes of either precision. Below, states are small. */
#define QSTI_WIDE_LEAST 4

/* wide_plan.c: items -> passes over memory. ERR_MEMORY. */
qst_status qsti_wide_plan(qst_program *program);
void qsti_wide_free(qst_program *program);
/* For describe.c: the plan's passes, and the numbers of each: passes (n) of kind "blocks"; pass_of[r], for each
 * rotation of the program, the pass it is in; per sample, of the way back, multiply-adds and bytes. */
size_t qsti_wide_passes(const qst_program *program);
void qsti_wide_describe(const qst_program *program, qst_pass_info *passes, uint32_t *pass_of,
                        double *multiply_adds_backward, double *bytes_backward);
/* Bytes that a forward run, or one with gradients, takes: the documented formula. */
double qsti_wide_bytes(const qst_program *program, bool gradient);

qst_status qsti_wide_forward(qst_program *program, const double *weights, qst_const_matrix x, qst_matrix out);
/* As qst_program_step(). */
qst_status qsti_wide_step(qst_program *program, const double *weights, qst_const_matrix x, qst_block_fn *fn, void *user,
                          size_t n_sums, double *out_sums, double *out_weights, qst_matrix out_x);
/* As qst_program_parameter_shift(). */
qst_status qsti_wide_parameter_shift(qst_program *program, const double *weights, qst_const_matrix x,
                                     qst_const_matrix cotangent, double *out_weights, qst_matrix out_x);
/* Amplitudes in logical order, without the global phase. */
qst_status qsti_wide_state(qst_program *program, const double *weights, const double *x, double _Complex *out);
qst_status qsti_wide_sample(qst_program *program, const double *weights, const double *x, uint64_t seed, size_t n_shots,
                            uint32_t *out);

#endif

/* circuit_states.h: the states of a circuit's samples, as rows of amplitudes: Re and Im by turns, each row up to a
 * phase. */
#ifndef QSTI_LEARN_CIRCUIT_STATES_H
#define QSTI_LEARN_CIRCUIT_STATES_H

#include <qstill/simulate.h>

/* A program whose outputs are the amplitudes, in double; *out_values of them. Errors: those of qst_program_compile().
 */
qst_status qsti_circuit_states_compile(qst_ctx *ctx, const qst_circuit *circuit, qst_program **out, size_t *out_values);

/* States (N, *out_values) of rows x (N, d), allocated. Errors: those of qst_program_forward(). */
qst_status qsti_circuit_states(qst_ctx *ctx, const qst_circuit *circuit, const double *weights, qst_const_matrix x,
                               double **out, size_t *out_values);

#endif

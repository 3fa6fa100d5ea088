/* keep.h: a training step's two halves: forward, which keeps every block's state, and backward from what was kept.
 *
 * Between the two the caller turns values into cotangents. Batches whose states would take more than QSTI_KEEP_BYTES
 * are run again in the second half instead: the same bits, one forward sweep more.
 */
#ifndef QSTI_SIM_KEEP_H
#define QSTI_SIM_KEEP_H

#include <qstill/simulate.h>

#define QSTI_KEEP_BYTES ((size_t)256 << 20)

/* As qst_program_forward(), keeping states. */
qst_status qsti_program_forward_keep(qst_program *program, const double *weights, qst_const_matrix x, qst_matrix out);

/* As qst_program_vjp() without values; weights and x must be those of the qsti_program_forward_keep() just before. */
qst_status qsti_program_backward_kept(qst_program *program, const double *weights, qst_const_matrix x,
                                      qst_const_matrix cotangent, double *out_weights, qst_matrix out_x);

#endif

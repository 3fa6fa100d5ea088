/* frame.h: the invertible map between amplitudes in memory and basis states.
 *
 * Logical index = A physical + flip over GF(2). row[q] is row q of A; column[q] is column q of the inverse of A. A
 * logical Z on q is a physical Z on the bits of row[q], with sign (-1)^flip_q; a logical X on q flips the bits of
 * column[q].
 */
#ifndef QSTI_SIM_FRAME_H
#define QSTI_SIM_FRAME_H

#include "sim/program.h"

void qsti_frame_init(qsti_frame *frame, size_t n_qubits);
void qsti_frame_cx(qsti_frame *frame, size_t control, size_t target);
void qsti_frame_swap(qsti_frame *frame, size_t a, size_t b);
void qsti_frame_x(qsti_frame *frame, size_t q);

/* A logical Pauli in physical coordinates; *out_sign is +1 or -1. */
qsti_mask qsti_frame_pauli(const qsti_frame *frame, size_t n_qubits, uint32_t x, uint32_t z, double *out_sign);

/* The basis state that physical amplitude p stands for. */
uint32_t qsti_frame_logical(const qsti_frame *frame, size_t n_qubits, uint32_t p);

#endif

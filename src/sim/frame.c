/* frame.c: Clifford moves as bookkeeping, see frame.h.
 *
 * CX(c, t) maps logical bit t to t ^ c: row_t ^= row_c, flip_t ^= flip_c; for the inverse, flipping logical c then also
 * flips t, so column_c ^= column_t.
 */
#include "sim/frame.h"

void qsti_frame_init(qsti_frame *frame, size_t n_qubits)
{
    *frame = (qsti_frame){0};
    for (size_t q = 0; q < n_qubits; q++)
        frame->row[q] = frame->column[q] = (uint32_t)1 << q;
}

void qsti_frame_cx(qsti_frame *frame, size_t control, size_t target)
{
    frame->row[target] ^= frame->row[control];
    frame->flip ^= (frame->flip >> control & 1) << target;
    frame->column[control] ^= frame->column[target];
}

void qsti_frame_swap(qsti_frame *frame, size_t a, size_t b)
{
    uint32_t row = frame->row[a], column = frame->column[a], differ = (frame->flip >> a ^ frame->flip >> b) & 1;
    frame->row[a] = frame->row[b];
    frame->row[b] = row;
    frame->column[a] = frame->column[b];
    frame->column[b] = column;
    frame->flip ^= differ << a | differ << b;
}

void qsti_frame_x(qsti_frame *frame, size_t q)
{
    frame->flip ^= (uint32_t)1 << q;
}

qsti_mask qsti_frame_pauli(const qsti_frame *frame, size_t n_qubits, uint32_t x, uint32_t z, double *out_sign)
{
    qsti_mask mask = {0};
    for (size_t q = 0; q < n_qubits; q++) {
        if (x >> q & 1)
            mask.x ^= frame->column[q];
        if (z >> q & 1)
            mask.z ^= frame->row[q];
    }
    /* P = i^k X^x Z^z with k = number of Ys; i^2 = -1 and the frame's flips go into the sign. */
    int k = __builtin_popcount(x & z);
    mask.imaginary = k & 1;
    *out_sign = (k >> 1 & 1) ^ __builtin_parity(frame->flip & z) ? -1.0 : 1.0;
    return mask;
}

uint32_t qsti_frame_logical(const qsti_frame *frame, size_t n_qubits, uint32_t p)
{
    uint32_t index = frame->flip;
    for (size_t q = 0; q < n_qubits; q++)
        index ^= (uint32_t)__builtin_parity(p & frame->row[q]) << q;
    return index;
}

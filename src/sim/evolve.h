/* evolve.h: gates on a dense state, one after the other, in place; for what a compiled program does not do. */
#ifndef QSTI_SIM_EVOLVE_H
#define QSTI_SIM_EVOLVE_H

#include <complex.h>

#include <qstill/circuit.h>

/* amplitudes[2^n_bits]; the gate's k-th qubit is bit qubits[k] of an index. Cost O(2^n_bits) for each step of the gate.
 */
void qsti_evolve(double complex *amplitudes, size_t n_bits, qst_gate gate, const size_t *qubits, const double *angles);

/* The same with the complex conjugate of the gate's matrix. */
void qsti_evolve_conjugate(double complex *amplitudes, size_t n_bits, qst_gate gate, const size_t *qubits,
                           const double *angles);

/* The weight of the amplitudes in which the bit is 1. */
double qsti_weight_of_one(const double complex *amplitudes, size_t n_bits, size_t bit);

/* Keeps the amplitudes in which the bit is `value`, times `factor`; the others become 0. */
void qsti_collapse(double complex *amplitudes, size_t n_bits, size_t bit, bool value, double factor);

#endif

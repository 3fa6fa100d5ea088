/* program_reading.h: what a compiled program means, read off its lists in plain complex arithmetic, without any kernel;
 * and the rules that these lists obey. For the tests of the program compiler; n is small. */
#ifndef QSTILL_TESTS_PROGRAM_READING_H
#define QSTILL_TESTS_PROGRAM_READING_H

#include "property/sim_case.h"
#include "sim/algebra.h"

/* The state of one sample: by its items, one rotation after the other; and by product start and passes. Logical order,
 * global phase included: out[2^n_qubits] of the program. Simulated qubits only. */
void reading_of_items(const qst_program *program, const double *weights, const double *x, double complex *out);
void reading_of_passes(const qst_program *program, const double *weights, const double *x, double complex *out);

/* The readout's values in a state in physical order (as the above, before the frame is undone). */
void reading_values(const qst_program *program, const double complex *state, double *out);
/* Physical <- logical order. */
void reading_physical(const qst_program *program, const double complex *logical, double complex *out);

/* Fails the test where a list is not what program.h says. */
void reading_check_items(const qst_program *program);
void reading_check_passes(const qst_program *program);

/* How many passes of a kind there are. */
size_t reading_passes(const qst_program *program, qsti_pass_kind kind);

#endif

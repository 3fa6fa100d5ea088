/* noisy.h: programs with noise: which engine runs them. */
#ifndef QSTI_SIM_NOISY_H
#define QSTI_SIM_NOISY_H

#include "sim/program.h"

/* EXACT holds 4^n numbers a sample. */
#define QSTI_EXACT_MAX_QUBITS 10

/* Gives a compiled program the engine that its options ask for; none where there is no noise. */
qst_status qsti_noisy_compile(qst_program *program, const qst_circuit *circuit, const qst_readout *readout);
void qsti_noisy_free(qst_program *program);

/* ERR_UNSUPPORTED where a program with noise has no `what` (a pure state, say). */
qst_status qsti_noisy_refuse(const qst_program *program, const char *what);

#endif

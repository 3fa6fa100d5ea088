/* qstill/execute.h: run an assembly: its state, its unitary, exact probabilities, and counts of shots.
 *
 * Qubit q is bit q of an index, bit b of the classical registers is bit b of a key. Measurements at the end, behind
 * which nothing acts on their qubit or depends on their bit, are taken from the last state; measurements in the middle,
 * resets and conditions make branches of the state, each with its shots or its probability. With noise there are
 * measurements at the end alone.
 */
#ifndef QSTILL_EXECUTE_H
#define QSTILL_EXECUTE_H

#include <complex.h>

#include <qstill/assembly.h>
#include <qstill/noise.h>

#ifdef __cplusplus
extern "C" {
#endif

/* out[2^n] = the state behind all gates on n = qst_assembly_qubits() qubits, from |0...0>, global phase included;
 * measurements at the end are left out. parameters (as many as the assembly has) may be NULL when it has none. Errors:
 * those of qst_assembly_circuit() and qst_program_state(). Cost: that of the simulator. */
QST_API qst_status qst_assembly_state(const qst_assembly *assembly, const double *parameters, double _Complex *out);

/* out (2^n, 2^n) row-major: column j is what becomes of basis state j. Cost O(gates * 4^n). */
QST_API qst_status qst_assembly_unitary(const qst_assembly *assembly, const double *parameters, double _Complex *out);

/* All members may be zero. */
typedef struct qst_execution_opts {
    const double *parameters; /* as many as the assembly has */
    size_t n_shots;           /* 0: exact probabilities */
    uint64_t seed;            /* of the shots */
    /* Noise behind the gates of the expanded assembly, exactly, and bits read with its errors; the model's qubit i is
     * the assembly's. NULL: none. */
    const qst_noise *noise;
} qst_execution_opts;

typedef struct qst_outcomes qst_outcomes;

/* Runs the assembly. An outcome is the content of all classical registers or, when the assembly measures nothing, a
 * basis state of all qubits. A pure function of (assembly, parameters, shots, seed). Qubits that no gate touches cost
 * nothing. Errors: those of qst_assembly_walk(); ERR_LIMIT for more than 30 qubits with gates, with the bytes when
 * branches need more memory than the machine has, and for more than 2^20 branches or 2^24 outcomes with exact
 * probabilities. With noise besides those of compiling a program with it (simulate.h), and ERR_UNSUPPORTED for a
 * measurement in the middle, a reset or a condition. Cost O(branches * gates * 2^n), with noise O(gates * 4^n). */
QST_API qst_status qst_assembly_execute(const qst_assembly *assembly, const qst_execution_opts *opts,
                                        qst_outcomes **out);
QST_API void qst_outcomes_free(qst_outcomes *outcomes);

/* Outcomes with a count, or with a probability above 1e-15, ascending by key. */
QST_API size_t qst_outcomes_number(const qst_outcomes *outcomes);
/* Bytes that a key takes as text, without the NUL. */
QST_API size_t qst_outcomes_key_bytes(const qst_outcomes *outcomes);
/* The key as Qiskit writes it: bit 0 right-most, registers separated by blanks, the first declared right-most. `out`
 * takes qst_outcomes_key_bytes() + 1. */
QST_API void qst_outcomes_key(const qst_outcomes *outcomes, size_t index, char *out);
/* How many shots gave it; 0 without shots. */
QST_API uint64_t qst_outcomes_count(const qst_outcomes *outcomes, size_t index);
/* Exact without shots, else the count's share. */
QST_API double qst_outcomes_probability(const qst_outcomes *outcomes, size_t index);
/* (n_qubits): <Z> of each qubit behind all gates, before measurements at the end and so without errors of readout; the
 * mean over the branches that were gone, so exact where there is only one. Borrowed. */
QST_API const double *qst_outcomes_expectations(const qst_outcomes *outcomes);
/* Whether the assembly measures in the middle, resets or has conditions. */
QST_API bool qst_outcomes_branched(const qst_outcomes *outcomes);

#ifdef __cplusplus
}
#endif
#endif

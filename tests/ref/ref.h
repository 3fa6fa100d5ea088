/* ref.h: the reference simulator: slow, dense, obviously right, and without any code of src/.
 *
 * Gates are complex matrices written down from their textbook formulas, angles are evaluated term by term, a gate is
 * applied by summing over its matrix. Index convention everywhere: bit k of an index belongs to qubit k; in a gate's
 * matrix to the gate's k-th qubit. For tests only: it aborts when memory runs out and believes its input.
 */
#ifndef QSTILL_TESTS_REF_H
#define QSTILL_TESTS_REF_H

#include <complex.h>
#include <stddef.h>
#include <stdint.h>

#include <qstill/circuit.h>

typedef double complex ref_complex;

#define REF_MAX_GATE_STATES 32

/* --- its own description of a circuit ----------------------------------------------------------------------------- */

typedef enum ref_variable { REF_ONE, REF_WEIGHT, REF_FEATURE } ref_variable;
typedef enum ref_preparation { REF_ZERO, REF_AMPLITUDE, REF_BASIS } ref_preparation;
typedef enum ref_output { REF_EXPECTATIONS, REF_PROBABILITIES, REF_GROUPED, REF_PARITY } ref_output;

/* coefficient * v0 * v1; v = 1, weight[index] or feature[index]. */
typedef struct ref_term {
    double coefficient;
    ref_variable kind[2];
    size_t index[2];
} ref_term;

typedef struct ref_angle {
    const ref_term *terms;
    size_t n_terms;
} ref_angle;

typedef struct ref_operation {
    const char *gate;
    size_t qubits[5];
    ref_angle angles[4];
    size_t n_angles;
} ref_operation;

typedef struct ref_circuit {
    size_t n_qubits, n_features, n_weights;
    ref_preparation preparation;
    ref_operation *operations;
    size_t n_operations;
    ref_term *terms; /* what the angles point into */
} ref_circuit;

/* The sum of coefficient * Pauli string over terms with the same output. */
typedef struct ref_readout_term {
    size_t output;
    double coefficient;
    char letters[33]; /* I X Y Z, qubit 0 right-most */
} ref_readout_term;

typedef struct ref_readout {
    ref_output kind;
    size_t n_qubits, n_outputs, n_terms;
    ref_readout_term *terms;
} ref_readout;

/* Translate the library's objects; free with the functions below. */
ref_circuit *ref_describe(const qst_circuit *circuit);
ref_readout *ref_describe_readout(const qst_readout *readout);
void ref_circuit_free(ref_circuit *circuit);
void ref_readout_free(ref_readout *readout);

/* --- matrices and states ------------------------------------------------------------------------------------------ */

/* Writes the matrix of a gate, row-major (2^k, 2^k), and gives k; -1 for a name that it does not know. */
int ref_gate_matrix(const char *name, const double *angles, ref_complex out[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES]);

/* state = M state, M (2^k, 2^k) on the qubits[0..k) of a state of n. */
void ref_apply(ref_complex *state, size_t n_qubits, const ref_complex *matrix, size_t k, const size_t *qubits);

double ref_angle_value(const ref_angle *angle, const double *weights, const double *x);

/* out[2^n]: the final state, global phase included. */
void ref_circuit_state(const ref_circuit *circuit, const double *weights, const double *x, ref_complex *out);

/* <state| P |state> for a string of letters I X Y Z, qubit 0 right-most. */
double ref_expectation(const ref_complex *state, size_t n_qubits, const char *letters);

/* out[n_outputs] */
void ref_readout_values(const ref_readout *readout, const ref_complex *state, double *out);

/* --- straight from the library's circuits ------------------------------------------------------------------------- */

void ref_state(const qst_circuit *circuit, const double *weights, const double *x, ref_complex *out);
void ref_values(const qst_circuit *circuit, const qst_readout *readout, const double *weights, const double *x,
                double *out);

/* All tuples of k distinct qubits of n: for code = 0..n^k-1, the code-th tuple; false for one with a qubit twice. */
size_t ref_tuple_codes(size_t n_qubits, size_t k);
bool ref_tuple(size_t n_qubits, size_t k, size_t code, size_t *qubits);

/* --- numerical gradients ------------------------------------------------------------------------------------------ */

/* out[i] = d f / d point_i by the five-point central difference with step 1e-3: error about 1e-12 for smooth functions
 * of unit scale. `point` is changed on the way and put back. */
typedef double ref_function(void *user, const double *point);
void ref_gradient(ref_function *function, void *user, double *point, size_t n, double *out);

/* out_weights (P) and out_x (B, d) = gradient of sum_bk cotangent_bk value_bk, by ref_gradient(). Either may be NULL.
 */
void ref_vjp(const qst_circuit *circuit, const qst_readout *readout, const double *weights, qst_const_matrix x,
             qst_const_matrix cotangent, double *out_weights, double *out_x);

/* --- random objects ----------------------------------------------------------------------------------------------- */

/* A sequence of numbers of its own (splitmix64); initialise with {seed}. */
typedef struct ref_rng {
    uint64_t state;
} ref_rng;
uint64_t ref_u64(ref_rng *rng);
size_t ref_below(ref_rng *rng, size_t bound);
double ref_uniform(ref_rng *rng, double low, double high);
void ref_fill(ref_rng *rng, double low, double high, double *out, size_t n);

/* A circuit of n_ops gates: in every run of as many operations as there are gates that fit, each occurs once, on random
 * qubits, with random polynomials of degree <= 2 for angles, products of weights and features among them. The same seed
 * gives the same circuit. Features of amplitude and basis preparation also occur in angles. */
qst_status ref_random_circuit(qst_ctx *ctx, uint64_t seed, size_t n_qubits, size_t n_features, size_t n_weights,
                              size_t n_ops, qst_circuit **out);
qst_status ref_random_prepared_circuit(qst_ctx *ctx, uint64_t seed, qst_preparation preparation, size_t n_qubits,
                                       size_t n_features, size_t n_weights, size_t n_ops, qst_circuit **out);

/* Pauli sums of 1 to 3 random terms each. */
qst_status ref_random_readout(qst_ctx *ctx, uint64_t seed, size_t n_qubits, size_t n_outputs, qst_readout **out);

#endif

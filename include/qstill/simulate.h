/* qstill/simulate.h: run circuits on batches of samples, exactly; values, states and gradients.
 *
 * A circuit with its readout is compiled once into a program; running it is a pure function of weights and features.
 * Values have the same bits for any number of threads.
 */
#ifndef QSTILL_SIMULATE_H
#define QSTILL_SIMULATE_H

#include <complex.h>

#include <qstill/circuit.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum qst_precision { QST_DOUBLE, QST_SINGLE } qst_precision;

typedef struct qst_program qst_program;

/* Compiles. Borrows nothing: circuit and readout may be freed. Errors: ERR_MISMATCH (qubits differ), ERR_LIMIT (with
 * the bytes that would be needed), ERR_MEMORY. Cost O(operations). */
QST_API qst_status qst_program_compile(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout,
                                       qst_precision precision, qst_program **out);
QST_API void qst_program_free(qst_program *program);

/* out (B, K) = the readout's K values for B samples. x (B, d) features in radians, weights (P). Errors: ERR_MISMATCH on
 * shapes; ERR_INPUT for a feature or weight that is not finite, or so large that an angle would not be, an all-zero row
 * under amplitude, a value other than 0 and 1 under basis preparation (with row and column); ERR_LIMIT (with the bytes)
 * when the states of all threads need more memory than the machine has. Cost O(B * rotations * 2^n) time. */
QST_API qst_status qst_program_forward(qst_program *program, const double *weights, qst_const_matrix x, qst_matrix out);

/* Vector-Jacobian product by the adjoint method [jones2020]: with cotangent c (B, K) = dL/dvalues,
 * out_weights (P) = sum_b sum_k c_bk dvalue_bk/dweight, out_x (B, d) = sum_k c_bk dvalue_bk/dx_b. out_x.data and
 * out_values.data may be NULL. One forward and one backward sweep whatever K is. Basis preparation has no gradient:
 * what out_x holds is the features' part in angles. */
QST_API qst_status qst_program_vjp(qst_program *program, const double *weights, qst_const_matrix x,
                                   qst_const_matrix cotangent, double *out_weights, qst_matrix out_x,
                                   qst_matrix out_values);

/* The same by the two-term parameter-shift rule [schuld2019] on every Pauli rotation: an independent check of the
 * adjoint sweep, 2 runs a rotation. Amplitude features are not covered: ERR_UNSUPPORTED when out_x is asked for. */
QST_API qst_status qst_program_parameter_shift(qst_program *program, const double *weights, qst_const_matrix x,
                                               qst_const_matrix cotangent, double *out_weights, qst_matrix out_x);

/* The state of one sample, global phase included: out[2^n], qubit 0 = least significant bit. x (d) may be NULL when the
 * circuit has no features. */
QST_API qst_status qst_program_state(qst_program *program, const double *weights, const double *x,
                                     double _Complex *out);

/* Which kernels run here: "baseline", "avx2" or "avx512" (QSTILL_ISA forces one that the processor has). */
QST_API const char *qst_isa_name(void);

#ifdef __cplusplus
}
#endif
#endif

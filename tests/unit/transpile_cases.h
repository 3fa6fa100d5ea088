/* transpile_cases.h: what the tests of transpiling share: random circuits, and whether two circuits are the same. */
#ifndef QSTILL_TESTS_TRANSPILE_CASES_H
#define QSTILL_TESTS_TRANSPILE_CASES_H

#include <qstill/transpile.h>

#include "ref/ref.h"
#include "support/support.h"

/* A circuit of n_gates random gates, any of gates.def that fits; with `plain` only h, rz, cx, cp, swap and the like. */
qst_assembly *cases_random(qst_ctx *ctx, uint64_t seed, size_t n_qubits, size_t n_gates, bool plain);

/* Runs an assembly without calls and modifiers, with the values `parameters`, on a state (2^n): gates as they are; a
 * measurement or reset as a matrix that commutes with no gate, so that its place shows; what is conditioned when it
 * asks for the value `conditioned`. */
void cases_apply(const qst_assembly *assembly, const double *parameters, uint64_t conditioned, size_t n_qubits,
                 ref_complex *state);

/* The largest difference of amplitudes between U_out P_initial and P_final (U_in x 1) on random states. */
double cases_distance(const qst_assembly *in, const qst_assembly *out, const qst_placement *layout,
                      const double *parameters, uint64_t conditioned);

/* All gates on two qubits are of `basis` (a list with commas) and on neighbours of `pairs`; NULL: anywhere. */
void cases_assert_fits(const qst_assembly *out, const char *basis, const uint32_t (*pairs)[2], size_t n_pairs,
                       bool directed);

/* Gates on two qubits. */
size_t cases_two_qubit_gates(const qst_assembly *assembly);

#endif

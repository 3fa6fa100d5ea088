/* spectrum.h: the frequencies of a circuit's expectation values as functions of its features.
 *
 * A rotation exp(-i t P / 2) whose angle t depends on the features by the vector v = dt/dx multiplies states by
 * e^{+-i v.x/2}; expectation values hold a state twice, so one rotation gives the frequencies 0 and +-v, and all of
 * them together the sums  omega = sum_r s_r v_r,  s_r in {-1, 0, 1}  [schuld2021]. With every entry of v a multiple of
 * a unit u_j, these lie on the lattice omega_j = u_j n_j, n_j = -N_j..N_j, N_j = sum_r |v_rj| / u_j.
 *
 * The set is that of the circuit's form: frequencies that cancel are counted too.
 */
#ifndef QSTI_CIRCUIT_SPECTRUM_H
#define QSTI_CIRCUIT_SPECTRUM_H

#include "circuit/circuit.h"

typedef struct qsti_spectrum {
    size_t n_features, n_rotations;
    double *vectors; /* (n_rotations, n_features): rotations that depend on the features */
    bool is_lattice; /* what follows is filled in */
    double *units;   /* (n_features) > 0 */
    size_t *counts;  /* (n_features): N_j */
} qsti_spectrum;

/* The spectrum at given weights (n_weights of the circuit). Errors: ERR_USAGE, with the reason, for circuits that have
 * none: amplitude and basis encodings, angles with products of features. */
qst_status qsti_spectrum_create(qst_ctx *ctx, const qst_circuit *circuit, const double *weights, qsti_spectrum *out);
void qsti_spectrum_clear(qst_ctx *ctx, qsti_spectrum *spectrum);

/* Whether an angle has a product of features: then there is no spectrum. */
bool qsti_circuit_has_products(const qst_circuit *circuit);

/* Points of the grid on which a lattice spectrum is determined: prod_j (2 N_j + 1); SIZE_MAX when that is more. */
size_t qsti_spectrum_grid(const qsti_spectrum *spectrum);

#endif

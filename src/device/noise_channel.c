/* noise_channel.c: noise as a superoperator, as a Pauli channel, as Kraus operators.
 *
 * Relaxation of one qubit takes the element (r, s) of rho to (i, j) with weight m(i, j; r, s):
 *     m(0,0; 0,0) = 1 - p1 a   m(0,0; 1,1) = p0 a   m(1,1; 0,0) = p1 a   m(1,1; 1,1) = 1 - p0 a   m(i,j; i,j) = c, i !=
 * j. Of several qubits the weights multiply. Depolarizing before it leaves (1 - p) of rho and adds p tr(rho) I/d, which
 * relaxation then takes to the product of diag(1/2 + (p0 - p1) a/2, 1/2 - (p0 - p1) a/2).
 */
#include <math.h>
#include <string.h>

#include "device/device.h"

/* --- superoperator ------------------------------------------------------------------------------------------------ */

/* The weight with which element (r, s) of one qubit's rho goes to (i, j); all 0 or 1. */
static double weight(const qst_relaxation *q, unsigned i, unsigned j, unsigned r, unsigned s)
{
    if (i != j) {
        return i == r && j == s ? q->c : 0;
    }
    if (r != s) {
        return 0;
    }
    double up = q->excited * q->a, down = (1 - q->excited) * q->a; /* 0 -> 1, 1 -> 0 */
    if (r == 0) {
        return i == 0 ? 1 - up : up;
    }
    return i == 0 ? down : 1 - down;
}

void qst_noise_superoperator(const qst_gate_noise *noise, double _Complex *out)
{
    unsigned n = (unsigned)noise->n_qubits, dim = 1U << n;
    double kept = 1 - noise->depolarizing, spread = noise->depolarizing / dim;
    for (unsigned row = 0; row < dim * dim; row++) {
        unsigned i = row % dim, j = row / dim;
        double mixed = i == j ? spread : 0; /* where I/d goes, times p */
        for (unsigned k = 0; i == j && k < n; k++) {
            const qst_relaxation *q = &noise->relaxation[k];
            mixed *= weight(q, i >> k & 1, i >> k & 1, 0, 0) + weight(q, i >> k & 1, i >> k & 1, 1, 1);
        }
        for (unsigned column = 0; column < dim * dim; column++) {
            unsigned r = column % dim, s = column / dim;
            double value = kept;
            for (unsigned k = 0; k < n; k++) {
                value *= weight(&noise->relaxation[k], i >> k & 1, j >> k & 1, r >> k & 1, s >> k & 1);
            }
            out[row * dim * dim + column] = value + (r == s ? mixed : 0);
        }
    }
}

/* --- Pauli twirl -------------------------------------------------------------------------------------------------- */

/* A relaxation multiplies X and Y by c and Z by 1 - a; these are the probabilities of I, X, Y, Z that do the same. */
void qst_noise_pauli_twirl(const qst_gate_noise *noise, double *out)
{
    size_t n_paulis = (size_t)1 << (2 * noise->n_qubits);
    for (size_t index = 0; index < n_paulis; index++) {
        double product = 1;
        for (size_t k = 0; k < noise->n_qubits; k++) {
            const qst_relaxation *q = &noise->relaxation[k];
            const double shares[] = {(2 - q->a + 2 * q->c) / 4, q->a / 4, q->a / 4, (2 - q->a - 2 * q->c) / 4};
            product *= shares[index >> (2 * k) & 3];
        }
        double share = (1 - noise->depolarizing) * product + noise->depolarizing / (double)n_paulis;
        out[index] = share > 0 ? share : 0; /* rounding, at the largest depolarizing there is */
    }
}

/* --- Kraus operators ---------------------------------------------------------------------------------------------- */

/* Two jumps, and the diagonal part by the Cholesky factor of [[1 - p1 a, c], [c, 1 - p0 a]], which is positive: its
 * determinant is 1 - a + p0 p1 a^2 - c^2 >= 0, since c^2 <= 1 - a. */
size_t qst_relaxation_kraus(const qst_relaxation *relaxation, double _Complex out[4][4])
{
    double up = relaxation->excited * relaxation->a, down = (1 - relaxation->excited) * relaxation->a;
    double first = sqrt(fmax(0, 1 - up)), second = first > 0 ? relaxation->c / first : 0;
    double rest = 1 - down - second * second;
    const struct {
        double value;
        size_t row, column;
    } others[] = {{rest > 0 ? sqrt(rest) : 0, 1, 1}, {sqrt(down), 0, 1}, {sqrt(up), 1, 0}};
    size_t n = 1;
    memset(out, 0, 16 * sizeof out[0][0]);
    out[0][0] = first;
    out[0][3] = second;
    for (size_t o = 0; o < 3; o++) {
        if (others[o].value > 0) {
            out[n++][2 * others[o].row + others[o].column] = others[o].value;
        }
    }
    return n;
}

/* out (d, d) = the product over the qubits of relaxation operator chosen[k] times Pauli `pauli`, times `factor`. A
 * Pauli's only element in column b stands in row b ^ flips and is 1, or -1 (Z) or i, -i (Y) by the bit. */
static void product(const qst_gate_noise *noise, double _Complex kraus[][4][4], const size_t *chosen, size_t pauli,
                    double factor, double _Complex *out)
{
    size_t n = noise->n_qubits, dim = (size_t)1 << n;
    for (size_t row = 0; row < dim; row++) {
        for (size_t column = 0; column < dim; column++) {
            double _Complex value = factor;
            for (size_t k = 0; k < n; k++) {
                size_t letter = pauli >> (2 * k) & 3, bit = column >> k & 1, flips = letter == 1 || letter == 2;
                value *= kraus[k][chosen[k]][2 * (row >> k & 1) + (bit ^ flips)];
                value *= letter == 2 ? (bit ? -I : I) : letter == 3 && bit ? -1 : 1;
            }
            out[row * dim + column] = value;
        }
    }
}

/* The probability of a Pauli of the depolarizing part. */
static double pauli_share(const qst_gate_noise *noise, size_t pauli)
{
    double n_paulis = (double)((size_t)1 << (2 * noise->n_qubits));
    double share = noise->depolarizing / n_paulis;
    return pauli == 0 ? fmax(0, 1 - noise->depolarizing + share) : share;
}

qst_status qst_noise_kraus(qst_ctx *ctx, const qst_gate_noise *noise, double _Complex **out, size_t *out_n)
{
    double _Complex relaxations[QST_DEVICE_GATE_QUBITS][4][4];
    size_t counts[QST_DEVICE_GATE_QUBITS] = {1, 1, 1}, n_products = 1, n_shares = 0, n = 0;
    size_t n_paulis = (size_t)1 << (2 * noise->n_qubits), dim = (size_t)1 << noise->n_qubits;
    double _Complex *operators = NULL;
    for (size_t k = 0; k < noise->n_qubits; k++) {
        counts[k] = qst_relaxation_kraus(&noise->relaxation[k], relaxations[k]);
        n_products *= counts[k];
    }
    for (size_t pauli = 0; pauli < n_paulis; pauli++) {
        n_shares += pauli_share(noise, pauli) > 0;
    }
    qst_status status = QSTI_NEW(ctx, n_products * n_shares * dim * dim, &operators);
    for (size_t pauli = 0; status == QST_OK && pauli < n_paulis; pauli++) {
        double share = pauli_share(noise, pauli);
        for (size_t p = 0; share > 0 && p < n_products; p++) {
            const size_t chosen[] = {p % counts[0], p / counts[0] % counts[1], p / counts[0] / counts[1]};
            product(noise, relaxations, chosen, pauli, sqrt(share), operators + n++ * dim * dim);
        }
    }
    if (status == QST_OK) {
        *out = operators;
        *out_n = n;
    }
    return status;
}

void qst_kraus_free(qst_ctx *ctx, double _Complex *kraus)
{
    qsti_free(ctx, kraus);
}

/* pauli_start.c: coefficients before the first pass, and what is left to do when the way back has come there.
 *
 * |0..0> and |x> are products of (1, 0, +-1, 0) by digits I X Z Y; with each qubit's first map M that is v = M (1, 0,
 * +-1, 0), and the state is grown qubit by qubit. As v_I = 1, the lower qubits' product stays where it is, as the first
 * part of the state, and the way back finds it there. Of real amplitudes
 *
 *   c_{x,z} = (-1)^(|x&z|/2) sum_p (-1)^(p.z) psi_p psi_{p^x},  0 for odd |x&z|:
 *
 * a Walsh-Hadamard transform for each x. */
#include "pauli/pauli_engine.h"

#include <math.h>
#include <string.h>

#define LANES QSTI_PAULI_LANES

/* --- products ----------------------------------------------------------------------------------------------------- */

/* c_Z of the qubit before the circuit. */
static double sign_of(const qsti_pauli_engine *engine, size_t qubit, size_t lanes, size_t lane,
                      const qsti_pauli_scratch *scratch)
{
    if (engine->preparation != QST_PREPARE_BASIS || qubit >= engine->n_features)
        return 1;
    return 1 - 2 * scratch->x[qubit * lanes + (lanes == 1 ? 0 : lane)];
}

static void start_vectors(const qsti_pauli_engine *engine, size_t lanes, qsti_pauli_scratch *scratch)
{
    memset(scratch->starts, 0, engine->n_qubits * 3 * LANES * sizeof *scratch->starts);
    for (size_t q = 0; q < engine->n_qubits; q++) {
        double *v = scratch->starts + q * 3 * LANES;
        const double *map = NULL;
        if (engine->start[q] != QSTI_PAULI_NONE)
            map = qsti_pauli_map(engine, &engine->ops[engine->start[q]], scratch);
        for (size_t lane = 0; lane < LANES; lane++) {
            double z = sign_of(engine, q, lanes, lane, scratch);
            v[LANES + lane] = z;
            for (size_t r = 0; r < 3 && map != NULL; r++)
                v[r * LANES + lane] = map[4 * r * LANES + lane] + z * map[(4 * r + 2) * LANES + lane];
        }
    }
}

static void product_start(const qsti_pauli_engine *engine, size_t lanes, qsti_pauli_scratch *scratch, double *state)
{
    start_vectors(engine, lanes, scratch);
    for (size_t lane = 0; lane < lanes; lane++)
        state[lane] = 1;
    for (size_t q = 0; q < engine->n_qubits; q++)
        engine->kernels->grow(state, lanes << 2 * q, scratch->starts + q * 3 * LANES);
}

static void product_unstart(const qsti_pauli_chain *chain, const double *state, double *lambda)
{
    const qsti_pauli_engine *engine = chain->engine;
    qsti_pauli_scratch *scratch = chain->scratch;
    for (size_t q = engine->n_qubits; q-- > 0;) {
        double met[3 * LANES] = {0}, sums[QSTI_MAP_DOUBLES] = {0};
        engine->kernels->shrink(state, lambda, chain->lanes << 2 * q, scratch->starts + q * 3 * LANES, met);
        if (engine->start[q] == QSTI_PAULI_NONE)
            continue;
        for (size_t r = 0; r < 3; r++) {
            for (size_t lane = 0; lane < LANES; lane++) {
                sums[4 * r * LANES + lane] = met[r * LANES + lane];
                sums[(4 * r + 2) * LANES + lane] =
                    met[r * LANES + lane] * sign_of(engine, q, chain->lanes, lane, scratch);
            }
        }
        qsti_pauli_chain_map(chain, &engine->ops[engine->start[q]], sums);
    }
}

/* --- amplitudes that are features --------------------------------------------------------------------------------- */

/* One lane of x / |x| into psi, and |x|; a lane without a sample is |0..0>, with norm 0. Scaled by a power of two on
 * the way, so that squares neither overflow nor vanish. */
static void normalise(const qsti_pauli_engine *engine, size_t lanes, size_t lane, qsti_pauli_scratch *scratch)
{
    double largest = 0, norm = 0, *psi = scratch->lines;
    int exponent = 0;
    for (size_t j = 0; j < engine->n_features; j++)
        largest = fmax(largest, fabs(scratch->x[j * lanes + lane]));
    (void)frexp(largest, &exponent);
    double scale = ldexp(1.0, exponent > 1000 ? -1000 : exponent < -1000 ? 1000 : -exponent);
    for (size_t j = 0; j < engine->n_features; j++) {
        double x = scratch->x[j * lanes + lane] * scale;
        norm += x * x;
    }
    norm = sqrt(norm);
    scratch->norm[lane] = norm / scale;
    for (size_t j = 0; j < engine->n_features && norm != 0; j++)
        psi[j * lanes + lane] = scratch->x[j * lanes + lane] * scale / norm;
    if (norm == 0)
        psi[lane] = 1;
}

static void amplitudes(const qsti_pauli_engine *engine, size_t lanes, qsti_pauli_scratch *scratch)
{
    memset(scratch->lines, 0, (lanes << engine->n_qubits) * sizeof *scratch->lines);
    for (size_t lane = 0; lane < lanes; lane++)
        normalise(engine, lanes, lane, scratch);
}

void qsti_pauli_walsh(double *values, size_t dim, size_t lanes, double scale)
{
    for (size_t bit = 1; bit < dim; bit *= 2) {
        for (size_t p = 0; p < dim; p++) {
            for (size_t lane = 0; lane < lanes && !(p & bit); lane++) {
                double a = values[p * lanes + lane], b = values[(p + bit) * lanes + lane];
                values[p * lanes + lane] = scale * (a + b);
                values[(p + bit) * lanes + lane] = scale * (a - b);
            }
        }
    }
}

/* Bits of a mask to every second bit. */
static uint32_t every_second(size_t mask)
{
    uint32_t out = 0;
    for (size_t q = 0; q < QSTI_PAULI_MOST_QUBITS; q++)
        out |= (uint32_t)(mask >> q & 1) << 2 * q;
    return out;
}

/* The sign of coefficient (x, z) of a real state; 0: it is 0. */
static double real_sign(size_t x, size_t z)
{
    int n = __builtin_popcountll(x & z);
    return n % 2 ? 0 : n % 4 == 0 ? 1 : -1;
}

static void amplitude_start(const qsti_pauli_engine *engine, size_t lanes, qsti_pauli_scratch *scratch, double *state)
{
    size_t dim = (size_t)1 << engine->n_qubits;
    double *psi = scratch->lines, *product = scratch->lines + dim * lanes;
    amplitudes(engine, lanes, scratch);
    for (size_t x = 0; x < dim; x++) {
        for (size_t p = 0; p < dim; p++)
            for (size_t lane = 0; lane < lanes; lane++)
                product[p * lanes + lane] = psi[p * lanes + lane] * psi[(p ^ x) * lanes + lane];
        qsti_pauli_walsh(product, dim, lanes, 1);
        for (size_t z = 0; z < dim; z++) {
            double sign = real_sign(x, z), *to = state + (every_second(x) | every_second(z) << 1) * lanes;
            for (size_t lane = 0; lane < lanes; lane++)
                to[lane] = sign * product[z * lanes + lane];
        }
    }
}

/* With h_x[p] = sum_z (-1)^(p.z) sign lambda_{x,z}: dL/dpsi_p = sum_x (h_x[p] + h_x[p^x]) psi_{p^x}; and of psi = x /
 * |x|: dL/dx = (dL/dpsi - psi (psi . dL/dpsi)) / |x|. */
static void amplitude_unstart(const qsti_pauli_chain *chain, const double *lambda)
{
    qsti_pauli_scratch *scratch = chain->scratch;
    size_t dim = (size_t)1 << chain->engine->n_qubits, lanes = chain->lanes;
    double *psi = scratch->lines, *h = psi + dim * lanes, *gradient = h + dim * lanes;
    amplitudes(chain->engine, lanes, scratch);
    memset(gradient, 0, dim * lanes * sizeof *gradient);
    for (size_t x = 0; x < dim; x++) {
        for (size_t z = 0; z < dim; z++) {
            const double *from = lambda + (every_second(x) | every_second(z) << 1) * lanes;
            for (size_t lane = 0; lane < lanes; lane++)
                h[z * lanes + lane] = real_sign(x, z) * from[lane];
        }
        qsti_pauli_walsh(h, dim, lanes, 1);
        for (size_t p = 0; p < dim; p++)
            for (size_t lane = 0; lane < lanes; lane++)
                gradient[p * lanes + lane] +=
                    (h[p * lanes + lane] + h[(p ^ x) * lanes + lane]) * psi[(p ^ x) * lanes + lane];
    }
    for (size_t lane = 0; lane < lanes; lane++) {
        double along = 0;
        for (size_t p = 0; p < dim; p++)
            along += gradient[p * lanes + lane] * psi[p * lanes + lane];
        for (size_t j = 0; j < chain->engine->n_features && scratch->norm[lane] != 0; j++)
            scratch->out_x[j * lanes + lane] +=
                (gradient[j * lanes + lane] - along * psi[j * lanes + lane]) / scratch->norm[lane];
    }
}

/* --- both --------------------------------------------------------------------------------------------------------- */

void qsti_pauli_start(const qsti_pauli_engine *engine, size_t lanes, qsti_pauli_scratch *scratch, double *state)
{
    if (engine->preparation == QST_PREPARE_AMPLITUDE)
        amplitude_start(engine, lanes, scratch, state);
    else
        product_start(engine, lanes, scratch, state);
}

void qsti_pauli_unstart(const qsti_pauli_chain *chain, const double *state, double *lambda)
{
    if (chain->engine->preparation != QST_PREPARE_AMPLITUDE)
        product_unstart(chain, state, lambda);
    else if (chain->want_x)
        amplitude_unstart(chain, lambda);
}

/* placed_readout.c: what is read of a circuit, read of the placed one.
 *
 * A Pauli goes with its qubits. Outcomes in the order of the circuit's qubits are the same kind of readout where these
 * are the placed circuit's in their order; else they are sums of Paulis,
 *
 *   sum_{b in G} P(b) = 2^-n sum_S (sum_{b in G} (-1)^|b & S|) <Z_S>,
 *
 * the inner sums by a Walsh-Hadamard transform of the indicator of the group G. */
#include <string.h>

#include "circuit/readout.h"
#include "place/placed.h"

#define MOST_TERMS ((size_t)1 << 22)

/* The bits of a Pauli on the circuit's qubits, on the placed ones. */
static uint32_t moved(const qst_placed *placed, uint32_t bits)
{
    uint32_t out = 0;
    for (size_t k = 0; k < placed->info.n_circuit_qubits; k++)
        out |= (bits >> k & 1U) << placed->final[k];
    return out;
}

/* The terms of a readout that is made, before they are handed over. */
typedef struct sums {
    qst_pauli *paulis;
    double *coefficients;
    size_t *outputs, n;
} sums;

static void sums_clear(qst_ctx *ctx, sums *all)
{
    qsti_free(ctx, all->paulis);
    qsti_free(ctx, all->coefficients);
    qsti_free(ctx, all->outputs);
}

static qst_status sums_reserve(qst_ctx *ctx, size_t n, sums *out)
{
    qst_status status = QSTI_NEW(ctx, n, &out->paulis);
    if (status == QST_OK)
        status = QSTI_NEW(ctx, n, &out->coefficients);
    return status == QST_OK ? QSTI_NEW(ctx, n, &out->outputs) : status;
}

static qst_status finish(const qst_placed *placed, const sums *all, size_t n_outputs, qst_readout **out)
{
    return qst_readout_paulis(placed->ctx, placed->info.n_qubits, all->paulis, all->coefficients, all->outputs, all->n,
                              n_outputs, out);
}

static qst_status move_paulis(const qst_placed *placed, const qst_readout *readout, qst_readout **out)
{
    sums all = {.n = 0};
    qst_status status = sums_reserve(placed->ctx, readout->n_terms, &all);
    for (size_t i = 0; i < readout->n_terms && status == QST_OK; i++) {
        all.paulis[i] = (qst_pauli){moved(placed, readout->paulis[i].x), moved(placed, readout->paulis[i].z)};
        all.coefficients[i] = readout->coefficients[i];
        all.outputs[i] = readout->outputs[i];
        all.n++;
    }
    if (status == QST_OK)
        status = finish(placed, &all, readout->n_outputs, out);
    sums_clear(placed->ctx, &all);
    return status;
}

/* --- outcomes ----------------------------------------------------------------------------------------------------- */

static bool in_order(const qst_placed *placed)
{
    bool same = placed->info.n_qubits == placed->info.n_circuit_qubits;
    for (size_t k = 0; k < placed->info.n_circuit_qubits; k++)
        same = same && placed->final[k] == k;
    return same;
}

static size_t group_of(const qst_readout *readout, size_t outcome)
{
    return readout->kind == QST_READOUT_PROBABILITIES ? outcome : qsti_readout_group(readout, outcome);
}

/* In place, not scaled. */
static void transform(double *values, size_t n)
{
    for (size_t half = 1; half < n; half *= 2) {
        for (size_t at = 0; at < n; at += 2 * half) {
            for (size_t i = at; i < at + half; i++) {
                const double a = values[i], b = values[i + half];
                values[i] = a + b;
                values[i + half] = a - b;
            }
        }
    }
}

static void add_group(const qst_placed *placed, const double *spectrum, size_t n_outcomes, size_t output, sums *all)
{
    for (size_t s = 0; s < n_outcomes; s++) {
        if (spectrum[s] == 0)
            continue;
        all->paulis[all->n] = (qst_pauli){0, moved(placed, (uint32_t)s)};
        all->coefficients[all->n] = spectrum[s] / (double)n_outcomes;
        all->outputs[all->n++] = output;
    }
}

static qst_status sum_outcomes(const qst_placed *placed, const qst_readout *readout, qst_readout **out)
{
    const size_t n_outcomes = (size_t)1 << readout->n_qubits;
    double *spectrum = NULL;
    sums all = {.n = 0};
    qst_status status = QST_OK;
    if (readout->n_outputs > MOST_TERMS / n_outcomes)
        return qsti_fail(placed->ctx, QST_ERR_LIMIT,
                         "readout: %zu outputs over %zu outcomes in another order are above %zu Pauli terms",
                         readout->n_outputs, n_outcomes, MOST_TERMS);
    QSTI_TRY(QSTI_NEW(placed->ctx, n_outcomes, &spectrum));
    QSTI_TRY(sums_reserve(placed->ctx, readout->n_outputs * n_outcomes, &all));
    for (size_t output = 0; output < readout->n_outputs; output++) {
        for (size_t b = 0; b < n_outcomes; b++)
            spectrum[b] = group_of(readout, b) == output;
        transform(spectrum, n_outcomes);
        add_group(placed, spectrum, n_outcomes, output, &all);
    }
    status = finish(placed, &all, readout->n_outputs, out);
done:
    qsti_free(placed->ctx, spectrum);
    sums_clear(placed->ctx, &all);
    return status;
}

qst_status qst_placed_readout(const qst_placed *placed, const qst_readout *readout, qst_readout **out)
{
    if (readout->n_qubits != placed->info.n_circuit_qubits)
        return qsti_fail(placed->ctx, QST_ERR_MISMATCH, "readout: of %zu qubits, and the circuit has %zu",
                         readout->n_qubits, placed->info.n_circuit_qubits);
    if (readout->kind == QST_READOUT_EXPECTATIONS)
        return move_paulis(placed, readout, out);
    if (readout->kind == QST_READOUT_AMPLITUDES)
        return qsti_fail(placed->ctx, QST_ERR_UNSUPPORTED, "readout: a device has no amplitudes to read");
    if (in_order(placed))
        return qsti_readout_outcomes(placed->ctx, readout->kind, readout->n_qubits, readout->n_outputs, out);
    return sum_outcomes(placed, readout, out);
}

/* noise_readout.c: bits that are read wrongly, by a 2 x 2 matrix for each qubit.
 *
 * With e = P(read 1 | 0) and f = P(read 0 | 1), a Z on the qubit reads as (f - e) + (1 - e - f) Z, so a product of k
 * Paulis becomes a sum of up to 2^k. Probabilities of outcomes go through one 2 x 2 matrix a qubit.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "noise/engine.h"
#include "noise/noise_model.h"

/* More terms than this in a readout are refused. */
#define MOST_TERMS ((size_t)1 << 22)

void qst_noise_readout(const qst_noise *noise, size_t qubit, double out[4])
{
    static const double identity[4] = {1, 0, 0, 1};
    memcpy(out, identity, sizeof identity);
    for (size_t m = noise->n_misreadings; m-- > 0;) {
        const qsti_noise_misreading *found = &noise->misreadings[m];
        if (found->qubit == qubit || found->qubit == QST_EVERY_QUBIT) {
            out[0] = 1 - found->m1p0;
            out[1] = found->m1p0;
            out[2] = found->m0p1;
            out[3] = 1 - found->m0p1;
            return;
        }
    }
    if (noise->device != NULL && qubit < noise->n_layout)
        qsti_device_confusion(noise->device, noise->layout[qubit], noise->readout, noise->temperature_mk, out);
}

/* --- sums of Paulis ----------------------------------------------------------------------------------------------- */

typedef struct reading {
    double shift[32], factor[32]; /* a Z on qubit q reads as shift + factor Z */
} reading;

typedef struct term {
    uint64_t pauli; /* z high, x low */
    double coefficient;
    size_t output;
} term;

static void fill_reading(const qst_noise *noise, size_t n_qubits, reading *out)
{
    for (size_t q = 0; q < n_qubits; q++) {
        double matrix[4];
        qst_noise_readout(noise, q, matrix);
        out->shift[q] = matrix[2] - matrix[1];
        out->factor[q] = 1 - matrix[1] - matrix[2];
    }
}

/* The qubits of a term of which it may lose its letter. */
static uint32_t shifted(const qst_readout *readout, size_t t, const reading *reads)
{
    uint32_t support = readout->paulis[t].x | readout->paulis[t].z, out = 0;
    for (size_t q = 0; q < readout->n_qubits; q++)
        out |= (uint32_t)((support >> q & 1) != 0 && reads->shift[q] != 0) << q;
    return out;
}

static qst_status count_terms(const qst_noise *noise, const qst_readout *readout, const reading *reads, size_t *out)
{
    *out = 0;
    for (size_t t = 0; t < readout->n_terms; t++) {
        *out += (size_t)1 << __builtin_popcount(shifted(readout, t, reads));
        if (*out > MOST_TERMS) {
            return qsti_fail(noise->ctx, QST_ERR_LIMIT,
                             "errors of readout: the observables become sums of more than %zu Paulis: read "
                             "probabilities, or Paulis on fewer qubits",
                             MOST_TERMS);
        }
    }
    return QST_OK;
}

/* All products of a term: every subset of the shifted qubits loses its letter. Returns how many. */
static size_t expand(const qst_readout *readout, size_t t, const reading *reads, term *out)
{
    qst_pauli pauli = readout->paulis[t];
    uint32_t lost = shifted(readout, t, reads), support = pauli.x | pauli.z, subset = 0;
    size_t n = 0;
    do {
        double coefficient = readout->coefficients[t];
        for (size_t q = 0; q < readout->n_qubits; q++) {
            if (support >> q & 1)
                coefficient *= subset >> q & 1 ? reads->shift[q] : reads->factor[q];
        }
        out[n++] = (term){(uint64_t)(pauli.z & ~subset) << 32 | (pauli.x & ~subset), coefficient, readout->outputs[t]};
        subset = (subset - lost) & lost;
    } while (subset != 0);
    return n;
}

static int compare_terms(const void *a, const void *b)
{
    const term *first = a, *second = b;
    if (first->output != second->output)
        return first->output < second->output ? -1 : 1;
    if (first->pauli != second->pauli)
        return first->pauli < second->pauli ? -1 : 1;
    return (first->coefficient > second->coefficient) - (first->coefficient < second->coefficient);
}

/* Equal Paulis of an output become one; returns how many are left. */
static size_t merge(term *terms, size_t n)
{
    size_t kept = 0;
    qsort(terms, n, sizeof *terms, compare_terms);
    for (size_t t = 0; t < n; t++) {
        if (kept > 0 && terms[kept - 1].output == terms[t].output && terms[kept - 1].pauli == terms[t].pauli)
            terms[kept - 1].coefficient += terms[t].coefficient;
        else
            terms[kept++] = terms[t];
    }
    return kept;
}

static qst_status make_readout(const qst_readout *readout, const term *terms, size_t n, qst_readout **out)
{
    qst_ctx *ctx = readout->ctx;
    qst_pauli *paulis = NULL;
    double *coefficients = NULL;
    size_t *outputs = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, n, &paulis));
    QSTI_TRY(QSTI_NEW(ctx, n, &coefficients));
    QSTI_TRY(QSTI_NEW(ctx, n, &outputs));
    for (size_t t = 0; t < n; t++) {
        paulis[t] = (qst_pauli){.x = (uint32_t)terms[t].pauli, .z = (uint32_t)(terms[t].pauli >> 32)};
        coefficients[t] = terms[t].coefficient;
        outputs[t] = terms[t].output;
    }
    status = qst_readout_paulis(ctx, readout->n_qubits, paulis, coefficients, outputs, n, readout->n_outputs, out);
done:
    qsti_free(ctx, paulis);
    qsti_free(ctx, coefficients);
    qsti_free(ctx, outputs);
    return status;
}

qst_status qsti_noise_readout_apply(const qst_noise *noise, const qst_readout *readout, qst_readout **out)
{
    reading reads;
    term *terms = NULL;
    size_t n = 0, at = 0;
    qst_status status = QST_OK;
    if (readout->kind != QST_READOUT_EXPECTATIONS)
        return qsti_fail(noise->ctx, QST_ERR_INTERNAL, "errors of readout: the readout has no Paulis");
    fill_reading(noise, readout->n_qubits, &reads);
    QSTI_TRY(count_terms(noise, readout, &reads, &n));
    QSTI_TRY(QSTI_NEW(noise->ctx, n, &terms));
    for (size_t t = 0; t < readout->n_terms; t++)
        at += expand(readout, t, &reads, terms + at);
    status = make_readout(readout, terms, merge(terms, n), out);
done:
    qsti_free(noise->ctx, terms);
    return status;
}

/* --- probabilities ------------------------------------------------------------------------------------------------ */

/* (a, b) <- (m[0] a + m[2] b, m[1] a + m[3] b), lane by lane. */
static void mix(const double m[4], size_t lanes, double *restrict a, double *restrict b)
{
    for (size_t lane = 0; lane < lanes; lane++) {
        double zero = m[0] * a[lane] + m[2] * b[lane], one = m[1] * a[lane] + m[3] * b[lane];
        a[lane] = zero;
        b[lane] = one;
    }
}

void qsti_noise_misread(const qst_noise *noise, size_t n_qubits, size_t lanes, bool transposed, double *lines)
{
    for (size_t q = 0; q < n_qubits; q++) {
        double matrix[4];
        size_t bit = (size_t)1 << q;
        qst_noise_readout(noise, q, matrix);
        if (matrix[1] == 0 && matrix[2] == 0)
            continue;
        if (transposed) {
            double kept = matrix[1];
            matrix[1] = matrix[2];
            matrix[2] = kept;
        }
        for (size_t index = 0; index < (size_t)1 << n_qubits; index++) {
            if ((index & bit) == 0)
                mix(matrix, lanes, lines + index * lanes, lines + (index | bit) * lanes);
        }
    }
}

/* readout.c: what is read from the final state.
 *
 * A readout is K real numbers: expectations of K Pauli sums, or probabilities of basis states, as they are or summed
 * into classes. Pauli terms are kept sorted by output, in the order given within an output. Words and sums are parsed
 * in readout_parse.c. Not here: computing them (sim). */
#include "circuit/readout.h"

#include <math.h>
#include <string.h>

#define MAX_QUBITS 30

static const char *const kind_names[] = {
    [QST_READOUT_EXPECTATIONS] = "expectations", [QST_READOUT_PROBABILITIES] = "probabilities",
    [QST_READOUT_GROUPED] = "grouped",           [QST_READOUT_PARITY] = "parity",
    [QST_READOUT_AMPLITUDES] = "amplitudes",
};

const char *qsti_readout_kind_name(qst_readout_kind kind)
{
    return kind_names[kind];
}

/* --- Pauli strings ------------------------------------------------------------------------------------------------ */

bool qsti_pauli_parse(const char *text, size_t length, size_t n_qubits, qst_pauli *out)
{
    qst_pauli pauli = {0, 0};

    if (length != n_qubits)
        return false;
    for (size_t i = 0; i < length; i++) {
        uint32_t bit = (uint32_t)1 << (length - 1 - i);
        switch (text[i]) {
        case 'I':
            break;
        case 'X':
            pauli.x |= bit;
            break;
        case 'Y':
            pauli.x |= bit;
            pauli.z |= bit;
            break;
        case 'Z':
            pauli.z |= bit;
            break;
        default:
            return false;
        }
    }
    *out = pauli;
    return true;
}

void qsti_pauli_format(qst_pauli pauli, size_t n_qubits, char out[QSTI_PAULI_CHARS])
{
    for (size_t i = 0; i < n_qubits; i++) {
        size_t qubit = n_qubits - 1 - i;
        out[i] = "IXZY"[(pauli.x >> qubit & 1) | (pauli.z >> qubit & 1) << 1];
    }
    out[n_qubits] = '\0';
}

/* --- making ------------------------------------------------------------------------------------------------------- */

static qst_status check_qubits(qst_ctx *ctx, size_t n_qubits)
{
    if (n_qubits < 1 || n_qubits > MAX_QUBITS)
        return qsti_fail(ctx, n_qubits < 1 ? QST_ERR_USAGE : QST_ERR_LIMIT, "readout: %zu qubits are not in 1..%d",
                         n_qubits, MAX_QUBITS);
    return QST_OK;
}

qst_status qsti_readout_outcomes(qst_ctx *ctx, qst_readout_kind kind, size_t n_qubits, size_t n_outputs,
                                 qst_readout **out)
{
    qst_readout *readout = NULL;
    qst_status status;

    QSTI_TRY(check_qubits(ctx, n_qubits));
    size_t n_states = (size_t)1 << n_qubits;
    size_t least = kind == QST_READOUT_PROBABILITIES ? n_states : 2;
    size_t most = kind == QST_READOUT_PARITY ? n_qubits + 1 : n_states;
    if (n_outputs < least || n_outputs > most) {
        status =
            qsti_fail(ctx, QST_ERR_USAGE, "output %s: %zu classes are not in %zu..%zu, what %zu qubit%s can tell apart",
                      kind_names[kind], n_outputs, least, most, n_qubits, n_qubits == 1 ? "" : "s");
        goto done;
    }
    QSTI_TRY(QSTI_NEW(ctx, 1, &readout));
    *readout = (qst_readout){.ctx = ctx, .kind = kind, .n_qubits = n_qubits, .n_outputs = n_outputs};
    *out = readout;
done:
    return status;
}

qst_status qst_readout_amplitudes(qst_ctx *ctx, size_t n_qubits, qst_readout **out)
{
    qst_readout *readout = NULL;
    qst_status status = check_qubits(ctx, n_qubits);
    if (status == QST_OK)
        status = QSTI_NEW(ctx, 1, &readout);
    if (status != QST_OK)
        return status;
    *readout = (qst_readout){
        .ctx = ctx, .kind = QST_READOUT_AMPLITUDES, .n_qubits = n_qubits, .n_outputs = (size_t)2 << n_qubits};
    *out = readout;
    return QST_OK;
}

static qst_status check_terms(qst_ctx *ctx, size_t n_qubits, const qst_pauli *paulis, const double *coefficients,
                              const size_t *outputs, size_t n_terms, size_t n_outputs)
{
    uint32_t all = ((uint32_t)1 << n_qubits) - 1;

    if (n_outputs < 1 || n_outputs > n_terms)
        return qsti_fail(ctx, QST_ERR_USAGE, "readout: %zu outputs of %zu Pauli terms: each needs at least one",
                         n_outputs, n_terms);
    if (n_terms > UINT32_MAX)
        return qsti_fail(ctx, QST_ERR_LIMIT, "readout: %zu Pauli terms are more than %u", n_terms, UINT32_MAX);
    for (size_t i = 0; i < n_terms; i++) {
        if ((paulis[i].x | paulis[i].z) & ~all)
            return qsti_fail(ctx, QST_ERR_USAGE,
                             "readout: Pauli term %zu is on qubit %d: there are %zu qubits (0..%zu)", i,
                             31 - __builtin_clz(paulis[i].x | paulis[i].z), n_qubits, n_qubits - 1);
        if (!isfinite(coefficients[i]))
            return qsti_fail(ctx, QST_ERR_USAGE, "readout: the coefficient %g of Pauli term %zu is not finite",
                             coefficients[i], i);
        if (outputs[i] >= n_outputs)
            return qsti_fail(ctx, QST_ERR_USAGE, "readout: output %zu of Pauli term %zu is not in 0..%zu", outputs[i],
                             i, n_outputs - 1);
    }
    return QST_OK;
}

/* Stable counting sort by output: next[k] is where the next term of output k goes. */
static qst_status sort_terms(qst_readout *readout, const qst_pauli *paulis, const double *coefficients,
                             const size_t *outputs, size_t *next)
{
    for (size_t i = 0; i < readout->n_terms; i++)
        next[outputs[i]]++;
    size_t first = 0;
    for (size_t k = 0; k < readout->n_outputs; k++) {
        size_t count = next[k];
        if (count == 0)
            return qsti_fail(readout->ctx, QST_ERR_USAGE, "readout: output %zu has no Pauli term", k);
        next[k] = first;
        first += count;
    }
    for (size_t i = 0; i < readout->n_terms; i++) {
        size_t place = next[outputs[i]]++;
        readout->paulis[place] = paulis[i];
        readout->coefficients[place] = coefficients[i];
        readout->outputs[place] = (uint32_t)outputs[i];
    }
    return QST_OK;
}

qst_status qst_readout_paulis(qst_ctx *ctx, size_t n_qubits, const qst_pauli *paulis, const double *coefficients,
                              const size_t *outputs, size_t n_terms, size_t n_outputs, qst_readout **out)
{
    qst_readout *readout = NULL;
    size_t *next = NULL;
    qst_status status;

    QSTI_TRY(check_qubits(ctx, n_qubits));
    QSTI_TRY(check_terms(ctx, n_qubits, paulis, coefficients, outputs, n_terms, n_outputs));
    QSTI_TRY(QSTI_NEW(ctx, 1, &readout));
    *readout = (qst_readout){
        .ctx = ctx, .kind = QST_READOUT_EXPECTATIONS, .n_qubits = n_qubits, .n_outputs = n_outputs, .n_terms = n_terms};
    QSTI_TRY(QSTI_NEW(ctx, n_terms, &readout->paulis));
    QSTI_TRY(QSTI_NEW(ctx, n_terms, &readout->coefficients));
    QSTI_TRY(QSTI_NEW(ctx, n_terms, &readout->outputs));
    QSTI_TRY(QSTI_NEW(ctx, n_outputs, &next));
    QSTI_TRY(sort_terms(readout, paulis, coefficients, outputs, next));
    *out = readout;
    readout = NULL;
done:
    qst_readout_free(readout);
    qsti_free(ctx, next);
    return status;
}

void qst_readout_free(qst_readout *readout)
{
    if (!readout)
        return;
    qst_ctx *ctx = readout->ctx;
    qsti_free(ctx, readout->paulis);
    qsti_free(ctx, readout->coefficients);
    qsti_free(ctx, readout->outputs);
    qsti_free(ctx, readout);
}

size_t qst_readout_outputs(const qst_readout *readout)
{
    return readout->n_outputs;
}

qst_readout_kind qst_readout_what(const qst_readout *readout)
{
    return readout->kind;
}

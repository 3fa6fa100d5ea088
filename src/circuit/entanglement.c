/* entanglement.c: the pairs of qubits of a layer, by the rules of Qiskit's n_local and of PennyLane's layers.
 *
 * sca ("shifted circular alternating") is circuit 14 of [sim2019] made general: in repetition r the list of circular is
 * rotated to begin with its entry (n - r) mod n, and in odd repetitions every pair is turned round. A shifted ring of
 * repetition r is (i, i + d mod n) with d = (r mod (n-1)) + 1: so the code of PennyLane, not its docstring.
 *
 * Order matters, because CX gates on a common qubit do not commute. */
#include "circuit/entanglement.h"

#include <string.h>

#include "base/text.h"
#include "circuit/names.h"

static size_t put(size_t out[QSTI_MAX_PAIRS][2], size_t count, size_t first, size_t second)
{
    out[count][0] = first;
    out[count][1] = second;
    return count + 1;
}

static size_t put_full(size_t n, size_t out[QSTI_MAX_PAIRS][2])
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++)
            count = put(out, count, i, j);
    }
    return count;
}

/* Neighbours (i, i+1) from i = first in steps of `step`. */
static size_t put_neighbours(size_t n, size_t first, size_t step, size_t out[QSTI_MAX_PAIRS][2], size_t count)
{
    for (size_t i = first; i + 1 < n; i += step)
        count = put(out, count, i, i + 1);
    return count;
}

static size_t put_circular(size_t n, size_t out[QSTI_MAX_PAIRS][2])
{
    size_t count = n > 2 ? put(out, 0, n - 1, 0) : 0;
    return put_neighbours(n, 0, 1, out, count);
}

static size_t put_sca(size_t n, size_t rep, size_t out[QSTI_MAX_PAIRS][2])
{
    size_t circular[QSTI_MAX_PAIRS][2];
    size_t n_pairs = put_circular(n, circular);
    size_t shift = (n - rep % n) % n;

    for (size_t i = 0; i < n_pairs; i++) {
        const size_t *pair = circular[(i + shift) % n_pairs];
        put(out, i, pair[rep % 2], pair[1 - rep % 2]);
    }
    return n_pairs;
}

static size_t put_ring(size_t n, size_t distance, size_t out[QSTI_MAX_PAIRS][2])
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count = put(out, count, i, (i + distance) % n);
    return count;
}

size_t qsti_entanglement_pairs(qsti_entanglement entanglement, size_t n, size_t rep, size_t out[QSTI_MAX_PAIRS][2])
{
    if (n < 2)
        return 0;
    switch (entanglement) {
    case QSTI_ENTANGLEMENT_full:
        return put_full(n, out);
    case QSTI_ENTANGLEMENT_linear:
        return put_neighbours(n, 0, 1, out, 0);
    case QSTI_ENTANGLEMENT_reverse_linear:
        for (size_t i = 0; i + 1 < n; i++)
            put(out, i, n - 2 - i, n - 1 - i);
        return n - 1;
    case QSTI_ENTANGLEMENT_circular:
        return put_circular(n, out);
    case QSTI_ENTANGLEMENT_sca:
        return put_sca(n, rep, out);
    case QSTI_ENTANGLEMENT_pairwise:
        return put_neighbours(n, 1, 2, out, put_neighbours(n, 0, 2, out, 0));
    case QSTI_ENTANGLEMENT_RING:
        return n == 2 ? put(out, 0, 0, 1) : put_ring(n, 1, out);
    case QSTI_ENTANGLEMENT_SHIFTED_RING:
        return put_ring(n, rep % (n - 1) + 1, out);
    }
    return 0;
}

qst_status qsti_entanglement_find(qst_ctx *ctx, const char *name, qsti_entanglement *out)
{
    static const char *const names[] = {
#define QSTI_ENTANGLEMENT(name, about) #name,
#include "circuit/entanglements.def"
#undef QSTI_ENTANGLEMENT
    };
    size_t index = 0;
    qst_status status = qsti_name_find(ctx, "entanglement", name, names, QSTI_ENTANGLEMENT_COUNT, &index);
    if (status == QST_OK)
        *out = (qsti_entanglement)index;
    return status;
}

/* layout.c: initial layouts: trivial, random regions, greedy; see layout.h. The search for a perfect one is in
 * layout_perfect.c. */
#include "transpile/layout.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* --- interactions ------------------------------------------------------------------------------------------------- */

static int compare_pairs(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

void qsti_interactions_clear(qsti_interactions *interactions)
{
    qsti_free(interactions->ctx, interactions->first);
    qsti_free(interactions->ctx, interactions->others);
    qsti_free(interactions->ctx, interactions->counts);
    *interactions = (qsti_interactions){.ctx = interactions->ctx};
}

qst_status qsti_interactions_create(const qsti_dag *dag, qsti_interactions *out)
{
    const qsti_sequence *sequence = dag->sequence;
    qsti_interactions made = {.ctx = sequence->store->ctx, .n_wires = sequence->n_wires};
    uint64_t *pairs = NULL;
    size_t n = 0;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(made.ctx, 2 * dag->n_pairs + 1, &pairs));
    QSTI_TRY(QSTI_NEW(made.ctx, made.n_wires + 1, &made.first));
    QSTI_TRY(QSTI_NEW(made.ctx, 2 * dag->n_pairs + 1, &made.others));
    QSTI_TRY(QSTI_NEW(made.ctx, 2 * dag->n_pairs + 1, &made.counts));
    for (size_t i = 0; i < sequence->n_nodes; i++) {
        const qsti_node *node = &sequence->nodes[i];
        if (node->kind != QSTI_NODE_PAIR)
            continue;
        pairs[n++] = (uint64_t)node->wires[0] << 32 | node->wires[1];
        pairs[n++] = (uint64_t)node->wires[1] << 32 | node->wires[0];
    }
    qsort(pairs, n, sizeof *pairs, compare_pairs);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && pairs[i] == pairs[i - 1]) {
            made.counts[kept - 1]++;
            continue;
        }
        uint32_t wire = (uint32_t)(pairs[i] >> 32);
        made.n_active += made.first[wire + 1] == 0;
        made.first[wire + 1]++;
        made.others[kept] = (uint32_t)pairs[i];
        made.counts[kept++] = 1;
    }
    for (size_t w = 0; w < made.n_wires; w++)
        made.first[w + 1] += made.first[w];
    *out = made;
    made = (qsti_interactions){.ctx = made.ctx};
done:
    qsti_free(made.ctx, pairs);
    qsti_interactions_clear(&made);
    return status;
}

static bool is_active(const qsti_interactions *interactions, uint32_t wire)
{
    return interactions->first[wire] != interactions->first[wire + 1];
}

/* --- completing --------------------------------------------------------------------------------------------------- */

/* Wires without a place (NONE), idle ones included, get the qubits that are left, in order. taken (n_qubits). */
static void complete(const qsti_coupling *coupling, const bool *taken, uint32_t *place)
{
    uint32_t next = 0;
    for (size_t wire = 0; wire < coupling->n_qubits; wire++) {
        if (place[wire] != NONE)
            continue;
        while (taken[next])
            next++;
        place[wire] = next++;
    }
}

qst_status qsti_layout_trivial(const qsti_interactions *interactions, const qsti_coupling *coupling, uint32_t *place)
{
    bool *taken = NULL;
    qst_status status = QSTI_NEW(interactions->ctx, coupling->n_qubits, &taken);
    if (status != QST_OK)
        return status;
    memset(place, 0xff, coupling->n_qubits * sizeof *place);
    bool fits = true;
    for (uint32_t wire = 0; wire < interactions->n_wires; wire++)
        fits = fits && (!is_active(interactions, wire) || coupling->part[wire] == 0);
    uint32_t next = 0;
    for (uint32_t wire = 0; wire < interactions->n_wires; wire++) {
        if (!is_active(interactions, wire))
            continue;
        while (coupling->part[next] != 0)
            next++;
        place[wire] = fits ? wire : next++;
        taken[place[wire]] = true;
    }
    complete(coupling, taken, place);
    qsti_free(interactions->ctx, taken);
    return QST_OK;
}

/* --- a region ----------------------------------------------------------------------------------------------------- */

/* `wanted` qubits around a random one, into region; how many. taken is where the search has been. */
static size_t grow_region(const qsti_coupling *coupling, qsti_rng *rng, size_t wanted, bool *taken, size_t *region)
{
    uint32_t start;
    do
        start = (uint32_t)qsti_rng_below(rng, coupling->n_qubits);
    while (coupling->part[start] != 0);
    size_t n = 1;
    region[0] = start;
    taken[start] = true;
    for (size_t at = 0; at < n && n < wanted; at++) {
        size_t pick = at + (size_t)qsti_rng_below(rng, n - at < 4 ? n - at : 4);
        size_t held = region[at];
        region[at] = region[pick];
        region[pick] = held;
        for (uint32_t j = coupling->first[region[at]]; j < coupling->first[region[at] + 1] && n < wanted; j++) {
            uint32_t there = coupling->neighbours[j];
            if (!taken[there]) {
                taken[there] = true;
                region[n++] = there;
            }
        }
    }
    return n;
}

qst_status qsti_layout_region(const qsti_interactions *interactions, const qsti_coupling *coupling, qsti_rng *rng,
                              uint32_t *place)
{
    qst_ctx *ctx = interactions->ctx;
    bool *taken = NULL;
    size_t *region = NULL, slack = interactions->n_active / 4;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, coupling->n_qubits, &taken));
    QSTI_TRY(QSTI_NEW(ctx, coupling->n_qubits, &region));
    size_t wanted = interactions->n_active + (size_t)qsti_rng_below(rng, slack + 1);
    wanted = wanted < coupling->n_largest ? wanted : coupling->n_largest;
    size_t n = grow_region(coupling, rng, wanted, taken, region);
    qsti_rng_shuffle(rng, region, n);
    memset(taken, 0, coupling->n_qubits * sizeof *taken);
    memset(place, 0xff, coupling->n_qubits * sizeof *place);
    size_t next = 0;
    for (uint32_t wire = 0; wire < interactions->n_wires; wire++) {
        if (is_active(interactions, wire)) {
            place[wire] = (uint32_t)region[next++];
            taken[place[wire]] = true;
        }
    }
    complete(coupling, taken, place);
done:
    qsti_free(ctx, taken);
    qsti_free(ctx, region);
    return status;
}

/* --- greedy ------------------------------------------------------------------------------------------------------- */

/* The wire that is not placed and is tied most to those that are; a random one of the free ones at the start. */
static uint32_t next_wire(const qsti_interactions *interactions, const double *ties, const uint32_t *place)
{
    uint32_t best = NONE;
    for (uint32_t wire = 0; wire < interactions->n_wires; wire++) {
        if (is_active(interactions, wire) && place[wire] == NONE && (best == NONE || ties[wire] > ties[best]))
            best = wire;
    }
    return best;
}

static uint32_t best_qubit(const qsti_interactions *interactions, const qsti_coupling *coupling, const uint32_t *place,
                           const bool *taken, uint32_t wire, qsti_rng *rng)
{
    uint32_t best = NONE;
    double least = 0;
    for (uint32_t q = 0; q < coupling->n_qubits; q++) {
        if (taken[q] || coupling->part[q] != 0)
            continue;
        double sum = 0.2 * qsti_rng_uniform(rng);
        for (uint32_t j = interactions->first[wire]; j < interactions->first[wire + 1]; j++) {
            uint32_t there = place[interactions->others[j]];
            if (there != NONE)
                sum += interactions->counts[j] * (double)qsti_distance(coupling, q, there);
        }
        if (best == NONE || sum < least) {
            best = q;
            least = sum;
        }
    }
    return best;
}

qst_status qsti_layout_greedy(const qsti_interactions *interactions, const qsti_coupling *coupling, qsti_rng *rng,
                              uint32_t *place)
{
    qst_ctx *ctx = interactions->ctx;
    bool *taken = NULL;
    double *ties = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, coupling->n_qubits, &taken));
    QSTI_TRY(QSTI_NEW(ctx, interactions->n_wires, &ties));
    memset(place, 0xff, coupling->n_qubits * sizeof *place);
    for (size_t w = 0; w < interactions->n_wires; w++)
        ties[w] = qsti_rng_uniform(rng) * 0.5;
    for (size_t n = 0; n < interactions->n_active; n++) {
        uint32_t wire = next_wire(interactions, ties, place);
        place[wire] = best_qubit(interactions, coupling, place, taken, wire, rng);
        taken[place[wire]] = true;
        for (uint32_t j = interactions->first[wire]; j < interactions->first[wire + 1]; j++)
            ties[interactions->others[j]] += interactions->counts[j];
    }
    complete(coupling, taken, place);
done:
    qsti_free(ctx, taken);
    qsti_free(ctx, ties);
    return status;
}

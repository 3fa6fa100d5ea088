/* layout_perfect.c: a layout that needs no exchange, by backtracking.
 *
 * Wires stand in an order in which each is tied to an earlier one where that is possible, the one with most partners
 * first; a wire is tried on the free neighbours of its earlier partner, and must be next to all its earlier partners.
 * An own stack: as deep as there are wires. */
#include <string.h>

#include "transpile/layout.h"

#define NONE UINT32_MAX

typedef struct search {
    const qsti_interactions *interactions;
    const qsti_coupling *coupling;
    uint32_t *order, *anchor; /* (n_active): the wire, and an earlier partner of it or NONE */
    uint32_t *choice;         /* (n_active): how many places have been tried */
    uint32_t *place;
    bool *taken;
    size_t looks; /* at pairs, so far */
} search;

static uint32_t degree(const qsti_interactions *interactions, uint32_t wire)
{
    return interactions->first[wire + 1] - interactions->first[wire];
}

/* Fills order and anchor; ties (n_wires) counts placed partners. */
static void arrange(search *s, uint32_t *ties)
{
    const qsti_interactions *in = s->interactions;
    for (size_t n = 0; n < in->n_active; n++) {
        uint32_t best = NONE;
        for (uint32_t wire = 0; wire < in->n_wires; wire++) {
            if (degree(in, wire) == 0 || ties[wire] == NONE)
                continue;
            if (best == NONE || ties[wire] > ties[best] ||
                (ties[wire] == ties[best] && degree(in, wire) > degree(in, best)))
                best = wire;
        }
        s->order[n] = best;
        s->anchor[n] = NONE;
        for (uint32_t j = in->first[best]; j < in->first[best + 1]; j++) {
            uint32_t other = in->others[j];
            if (ties[other] == NONE)
                s->anchor[n] = other;
            else
                ties[other]++;
        }
        ties[best] = NONE;
    }
}

static bool fits(search *s, uint32_t wire, uint32_t qubit)
{
    const qsti_interactions *in = s->interactions;
    const qsti_coupling *c = s->coupling;
    s->looks++;
    if (s->taken[qubit] || c->first[qubit + 1] - c->first[qubit] < degree(in, wire))
        return false;
    for (uint32_t j = in->first[wire]; j < in->first[wire + 1]; j++) {
        uint32_t there = s->place[in->others[j]];
        s->looks++;
        if (there != NONE && qsti_distance(c, qubit, there) != 1)
            return false;
    }
    return true;
}

/* The next place for the n-th wire, NONE when there is no more. */
static uint32_t advance(search *s, size_t n)
{
    const qsti_coupling *c = s->coupling;
    uint32_t wire = s->order[n], anchor = s->anchor[n];
    uint32_t first = anchor == NONE ? 0 : c->first[s->place[anchor]];
    uint32_t end = anchor == NONE ? (uint32_t)c->n_qubits : c->first[s->place[anchor] + 1];
    while (first + s->choice[n] < end) {
        uint32_t at = first + s->choice[n]++, qubit = anchor == NONE ? at : c->neighbours[at];
        if (fits(s, wire, qubit))
            return qubit;
    }
    return NONE;
}

static bool backtrack(search *s, size_t most)
{
    size_t n = 0, n_active = s->interactions->n_active;
    while (n < n_active) {
        if (++s->looks > most)
            return false;
        uint32_t qubit = advance(s, n);
        if (qubit != NONE) {
            s->place[s->order[n]] = qubit;
            s->taken[qubit] = true;
            if (++n < n_active)
                s->choice[n] = 0;
            continue;
        }
        if (n == 0)
            return false;
        uint32_t wire = s->order[--n];
        s->taken[s->place[wire]] = false;
        s->place[wire] = NONE;
    }
    return true;
}

qst_status qsti_layout_perfect(const qsti_interactions *interactions, const qsti_coupling *coupling, size_t most,
                               uint32_t *place, bool *out_found)
{
    qst_ctx *ctx = interactions->ctx;
    search s = {.interactions = interactions, .coupling = coupling, .place = place};
    uint32_t *ties = NULL;
    qst_status status = QST_OK;
    *out_found = false;
    QSTI_TRY(QSTI_NEW(ctx, interactions->n_wires, &ties));
    QSTI_TRY(QSTI_NEW(ctx, interactions->n_active + 1, &s.order));
    QSTI_TRY(QSTI_NEW(ctx, interactions->n_active + 1, &s.anchor));
    QSTI_TRY(QSTI_NEW(ctx, interactions->n_active + 1, &s.choice));
    QSTI_TRY(QSTI_NEW(ctx, coupling->n_qubits, &s.taken));
    memset(place, 0xff, coupling->n_qubits * sizeof *place);
    arrange(&s, ties);
    *out_found = backtrack(&s, most);
    if (*out_found) {
        uint32_t next = 0;
        for (size_t wire = 0; wire < coupling->n_qubits; wire++) {
            while (place[wire] == NONE && s.taken[next])
                next++;
            if (place[wire] == NONE)
                place[wire] = next++;
        }
    }
done:
    qsti_free(ctx, ties);
    qsti_free(ctx, s.order);
    qsti_free(ctx, s.anchor);
    qsti_free(ctx, s.choice);
    qsti_free(ctx, s.taken);
    return status;
}

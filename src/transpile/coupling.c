/* coupling.c: maps as graphs: neighbours, distances by breadth-first search, connected parts. */
#include "transpile/coupling.h"

#include <stdlib.h>
#include <string.h>

void qsti_coupling_clear(qst_ctx *ctx, qsti_coupling *coupling)
{
    qsti_free(ctx, coupling->first);
    qsti_free(ctx, coupling->neighbours);
    qsti_free(ctx, coupling->forward);
    qsti_free(ctx, coupling->distance);
    qsti_free(ctx, coupling->part);
    *coupling = (qsti_coupling){0};
}

bool qsti_coupling_forward(const qsti_coupling *coupling, uint32_t a, uint32_t b)
{
    for (uint32_t i = coupling->first[a]; i < coupling->first[a + 1]; i++) {
        if (coupling->neighbours[i] == b)
            return coupling->forward[i];
    }
    return false;
}

/* --- from pairs --------------------------------------------------------------------------------------------------- */

typedef struct arc {
    uint32_t from, to;
    bool forward;
} arc;

static int compare_arcs(const void *a, const void *b)
{
    const arc *left = a, *right = b;
    if (left->from != right->from)
        return left->from < right->from ? -1 : 1;
    return left->to < right->to ? -1 : left->to > right->to;
}

/* Every pair both ways, sorted, each once; forward where any of its mentions says so. */
static size_t sort_arcs(arc *arcs, const uint32_t (*pairs)[2], size_t n_pairs, bool directed)
{
    for (size_t i = 0; i < n_pairs; i++) {
        arcs[2 * i] = (arc){pairs[i][0], pairs[i][1], true};
        arcs[2 * i + 1] = (arc){pairs[i][1], pairs[i][0], !directed};
    }
    qsort(arcs, 2 * n_pairs, sizeof *arcs, compare_arcs);
    size_t n = 0;
    for (size_t i = 0; i < 2 * n_pairs; i++) {
        if (n > 0 && arcs[n - 1].from == arcs[i].from && arcs[n - 1].to == arcs[i].to)
            arcs[n - 1].forward = arcs[n - 1].forward || arcs[i].forward;
        else
            arcs[n++] = arcs[i];
    }
    return n;
}

/* Distances from every qubit. `queue` has room for all. */
static void search(qsti_coupling *c, uint32_t *queue)
{
    memset(c->distance, 0xff, c->n_qubits * c->n_qubits * sizeof *c->distance);
    for (uint32_t from = 0; from < c->n_qubits; from++) {
        uint16_t *distance = c->distance + (size_t)from * c->n_qubits;
        size_t n = 1;
        queue[0] = from;
        distance[from] = 0;
        for (size_t i = 0; i < n; i++) {
            for (uint32_t j = c->first[queue[i]]; j < c->first[queue[i] + 1]; j++) {
                uint32_t to = c->neighbours[j];
                if (distance[to] == QSTI_NO_WAY) {
                    distance[to] = (uint16_t)(distance[queue[i]] + 1);
                    queue[n++] = to;
                }
            }
        }
        c->diameter = distance[queue[n - 1]] > c->diameter ? distance[queue[n - 1]] : c->diameter;
    }
}

static void find_parts(qsti_coupling *c)
{
    uint32_t n_parts = 0, largest = 0;
    for (uint32_t q = 0; q < c->n_qubits; q++)
        c->part[q] = UINT32_MAX;
    for (uint32_t q = 0; q < c->n_qubits; q++) {
        if (c->part[q] != UINT32_MAX)
            continue;
        size_t n = 0;
        for (uint32_t other = 0; other < c->n_qubits; other++) {
            if (qsti_distance(c, q, other) != QSTI_NO_WAY) {
                c->part[other] = n_parts;
                n++;
            }
        }
        if (n > c->n_largest) {
            c->n_largest = n;
            largest = n_parts;
        }
        n_parts++;
    }
    for (uint32_t q = 0; q < c->n_qubits; q++)
        c->part[q] = c->part[q] == largest ? 0 : c->part[q] == 0 ? largest : c->part[q];
}

qst_status qsti_coupling_of(qst_ctx *ctx, size_t n_qubits, const uint32_t (*pairs)[2], size_t n_pairs, bool directed,
                            qsti_coupling *out)
{
    qsti_coupling c = {.n_qubits = n_qubits};
    arc *arcs = NULL;
    uint32_t *queue = NULL;
    qst_status status = QST_OK;
    if (n_qubits < 1 || n_qubits > QSTI_COUPLING_MOST)
        return qsti_fail(ctx, QST_ERR_LIMIT, "coupling: %zu qubits, not in 1..%d", n_qubits, QSTI_COUPLING_MOST);
    for (size_t i = 0; i < n_pairs; i++) {
        if (pairs[i][0] >= n_qubits || pairs[i][1] >= n_qubits || pairs[i][0] == pairs[i][1]) {
            return qsti_fail(ctx, QST_ERR_USAGE, "coupling: %u-%u is not a pair of the qubits 0..%zu", pairs[i][0],
                             pairs[i][1], n_qubits - 1);
        }
    }
    QSTI_TRY(QSTI_NEW(ctx, 2 * n_pairs + 1, &arcs));
    QSTI_TRY(QSTI_NEW(ctx, n_qubits, &queue));
    size_t n = sort_arcs(arcs, pairs, n_pairs, directed);
    QSTI_TRY(QSTI_NEW(ctx, n_qubits + 1, &c.first));
    QSTI_TRY(QSTI_NEW(ctx, n + 1, &c.neighbours));
    QSTI_TRY(QSTI_NEW(ctx, n + 1, &c.forward));
    QSTI_TRY(QSTI_NEW(ctx, n_qubits, &c.part));
    QSTI_TRY(QSTI_NEW(ctx, n_qubits * n_qubits, &c.distance));
    for (size_t i = 0; i < n; i++) {
        c.first[arcs[i].from + 1]++;
        c.neighbours[i] = arcs[i].to;
        c.forward[i] = arcs[i].forward;
    }
    for (size_t q = 0; q < n_qubits; q++)
        c.first[q + 1] += c.first[q];
    c.n_edges = n / 2;
    search(&c, queue);
    find_parts(&c);
    *out = c;
    c = (qsti_coupling){0};
done:
    qsti_free(ctx, arcs);
    qsti_free(ctx, queue);
    qsti_coupling_clear(ctx, &c);
    return status;
}

/* regions.c: circuits that do not lie on edges: routed in the best connected regions, and put where they then lie best.
 *
 * Regions grow from every qubit, each time by the neighbour that is coupled best (the link's, the readout's and the
 * gates' logarithms added up); those of the largest sum are tried, with none and with some qubits to spare. What comes
 * out of routing is a circuit whose interactions lie on edges: it is embedded anew (embedding.c), so that a region only
 * says what shape the route has. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "place/placed.h"

#define MOST_SPARE 2 /* qubits more than the circuit has */
#define ROUTES     2 /* seeds for each region */

/* How many regions are tried with so many qubits to spare. */
static const size_t n_regions[MOST_SPARE + 1] = {3, 1, 1};

typedef struct region {
    uint32_t *qubits; /* (size) ascending */
    double sum;
} region;

/* --- maps --------------------------------------------------------------------------------------------------------- */

qst_status qsti_wires_map(const qsti_target *target, const uint32_t *qubits, size_t n_wires, size_t n_needed,
                          char **out)
{
    qsti_text text;
    uint32_t *wire_of = NULL;
    qst_status status = QSTI_NEW(target->ctx, target->n_qubits, &wire_of);
    if (status != QST_OK)
        return status;
    qsti_text_init(&text, target->ctx);
    memset(wire_of, 0xff, target->n_qubits * sizeof *wire_of);
    for (uint32_t w = 0; w < n_wires; w++)
        wire_of[qubits[w]] = w;
    for (uint32_t w = 0; w < n_wires; w++) {
        bool alone = true;
        for (size_t i = target->first[qubits[w]]; i < target->first[qubits[w] + 1]; i++) {
            const qsti_link *link = &target->links[i];
            const uint32_t there = wire_of[link->qubit];
            const bool both = link->out > -INFINITY && link->in > -INFINITY;
            alone = alone && there == UINT32_MAX;
            if (there == UINT32_MAX || (both ? there < w : !(link->out > -INFINITY)))
                continue;
            qsti_text_add(&text, "%s%u%c%u", text.length ? "," : "", w, both ? '-' : '>', there);
        }
        if (alone && w > 0 && w < n_needed)
            qsti_text_add(&text, "%s0-%u", text.length ? "," : "", w);
    }
    qsti_free(target->ctx, wire_of);
    if (text.length == 0)
        qsti_text_add(&text, "full");
    if (text.status != QST_OK) {
        status = text.status;
        qsti_text_clear(&text);
        return status;
    }
    *out = text.bytes;
    return QST_OK;
}

/* --- regions ------------------------------------------------------------------------------------------------------ */

/* What a qubit has in itself: its readout and one of each gate. */
static double worth(const qsti_target *target, size_t qubit)
{
    double sum = target->readout[qubit];
    for (size_t l = 0; l < target->n_locals; l++)
        sum += target->local[l * target->n_qubits + qubit];
    return sum;
}

/* Grows a region from a qubit; inside (n_qubits) is clean before and behind. False when it does not become so large. */
static bool grow(const qsti_target *target, uint32_t start, size_t size, bool *inside, region *out)
{
    size_t n = 1;
    out->qubits[0] = start;
    out->sum = worth(target, start);
    inside[start] = true;
    while (n < size) {
        double best = -INFINITY;
        uint32_t found = UINT32_MAX;
        for (size_t i = 0; i < n; i++) {
            for (size_t l = target->first[out->qubits[i]]; l < target->first[out->qubits[i] + 1]; l++) {
                const qsti_link *link = &target->links[l];
                double here = qsti_link_best(link) + worth(target, link->qubit);
                if (!inside[link->qubit] && here > best) {
                    best = here;
                    found = link->qubit;
                }
            }
        }
        if (found == UINT32_MAX)
            break;
        out->qubits[n++] = found;
        out->sum += best;
        inside[found] = true;
    }
    for (size_t i = 0; i < n; i++)
        inside[out->qubits[i]] = false;
    return n == size && out->sum > -INFINITY;
}

static int compare_qubits(const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* Puts a region among the best (most), unless it is there; what is left over lands in *spare. */
static void keep_region(region *best, size_t *n, size_t most, region *spare, size_t size)
{
    qsort(spare->qubits, size, sizeof *spare->qubits, compare_qubits);
    for (size_t i = 0; i < *n; i++) {
        if (memcmp(best[i].qubits, spare->qubits, size * sizeof *spare->qubits) == 0)
            return;
    }
    region coming = *spare;
    for (size_t i = 0; i < most; i++) {
        if (i < *n && best[i].sum >= coming.sum)
            continue;
        const region held = best[i];
        best[i] = coming;
        coming = held;
        if (i == *n) {
            ++*n;
            break;
        }
    }
    *spare = coming;
}

/* --- routes ------------------------------------------------------------------------------------------------------- */

/* The routed assembly on the wires that it uses; initial and final follow. */
static qst_status compact(qst_ctx *ctx, qst_assembly **assembly, size_t n_circuit, uint32_t *initial, uint32_t *final)
{
    const size_t n_wires = qst_assembly_qubits(*assembly);
    uint32_t *wires = NULL, n = 0;
    qst_assembly *smaller = NULL;
    qst_status status = QSTI_NEW(ctx, n_wires, &wires);
    if (status != QST_OK)
        return status;
    for (size_t i = 0; i < qst_assembly_instructions(*assembly); i++) {
        qst_instruction instruction;
        qst_assembly_instruction(*assembly, i, &instruction);
        for (size_t q = 0; q < instruction.n_qubits; q++)
            wires[instruction.qubits[q]] = 1;
    }
    for (size_t k = 0; k < n_circuit; k++)
        wires[initial[k]] = wires[final[k]] = 1;
    for (size_t w = 0; w < n_wires; w++)
        wires[w] = wires[w] ? n++ : UINT32_MAX;
    QSTI_TRY(qsti_assembly_renumber(ctx, *assembly, wires, n, &smaller));
    for (size_t k = 0; k < n_circuit; k++) {
        initial[k] = wires[initial[k]];
        final[k] = wires[final[k]];
    }
    qst_assembly_free(*assembly);
    *assembly = smaller;
done:
    qsti_free(ctx, wires);
    return status;
}

/* One route in one region; the better of what comes out and *best is kept. */
static qst_status try_route(const qsti_target *target, const qst_assembly *assembly, const char *map, uint64_t seed,
                            qsti_candidate *best)
{
    const size_t n = qst_assembly_qubits(assembly);
    const qst_transpile_opts opts = {
        .basis = target->basis, .coupling = map, .seed = seed, .level = QST_TRANSPILE_SEARCH};
    qst_assembly *routed = NULL;
    qst_placement placement = {0};
    qsti_form form = {.target = NULL};
    qsti_embedding embedding = {.place = NULL};
    qsti_candidate made = {.assembly = NULL};
    qst_status status = QST_OK;
    QSTI_TRY(qst_transpile(assembly, &opts, &routed, &placement));
    QSTI_TRY(compact(target->ctx, &routed, n, placement.initial, placement.final));
    /* no mirrors: they would take the exchanges out again */
    status = qsti_form_create(target, routed, QST_TRANSPILE_BLOCKS, n, placement.initial, placement.final,
                              placement.exchanges, &form);
    routed = NULL;
    QSTI_TRY(status);
    QSTI_TRY(qsti_embed(&form, &embedding));
    if (embedding.place) {
        size_t n_scored = best->n_scored + embedding.n_scored;
        double second = fmax(best->assembly ? fmin(best->log, embedding.log) : -INFINITY, embedding.second);
        if (best->assembly == NULL || embedding.log > best->log) {
            QSTI_TRY(qsti_candidate_embedded(&form, &embedding, &made));
            qsti_candidate_clear(target->ctx, best);
            *best = made;
        }
        best->n_scored = n_scored;
        best->second = fmax(best->second, second);
        best->complete = false;
    }
done:
    qst_placement_clear(assembly, &placement);
    qst_assembly_free(routed);
    qsti_free(target->ctx, embedding.place);
    qsti_form_clear(&form);
    return status;
}

static qst_status try_size(const qsti_target *target, const qst_assembly *assembly, size_t spare_qubits, bool *inside,
                           qsti_candidate *best)
{
    const size_t size = qst_assembly_qubits(assembly) + spare_qubits, most = n_regions[spare_qubits];
    region regions[8], spare = {.qubits = NULL};
    size_t n = 0;
    qst_status status = QST_OK;
    memset(regions, 0, sizeof regions);
    for (size_t i = 0; i < most; i++)
        QSTI_TRY(QSTI_NEW(target->ctx, size, &regions[i].qubits));
    QSTI_TRY(QSTI_NEW(target->ctx, size, &spare.qubits));
    for (uint32_t q = 0; q < target->n_qubits; q++) {
        if (target->allowed[q] && grow(target, q, size, inside, &spare))
            keep_region(regions, &n, most, &spare, size);
    }
    for (size_t i = 0; i < n; i++) {
        char *map = NULL;
        QSTI_TRY(qsti_wires_map(target, regions[i].qubits, size, 0, &map));
        for (uint64_t route = 0; route < ROUTES && status == QST_OK; route++)
            status = try_route(target, assembly, map, target->opts.seed + route, best);
        qsti_free(target->ctx, map);
        QSTI_TRY(status);
    }
done:
    for (size_t i = 0; i < most; i++)
        qsti_free(target->ctx, regions[i].qubits);
    qsti_free(target->ctx, spare.qubits);
    return status;
}

qst_status qsti_place_routed(const qsti_target *target, const qst_assembly *assembly, qsti_candidate *out)
{
    bool *inside = NULL;
    qsti_candidate best = {.assembly = NULL};
    qst_status status = QSTI_NEW(target->ctx, target->n_qubits, &inside);
    for (size_t spare = 0; spare <= MOST_SPARE && status == QST_OK; spare++) {
        if (qst_assembly_qubits(assembly) + spare <= target->n_allowed)
            status = try_size(target, assembly, spare, inside, &best);
    }
    qsti_free(target->ctx, inside);
    if (status == QST_OK)
        *out = best;
    else
        qsti_candidate_clear(target->ctx, &best);
    return status;
}

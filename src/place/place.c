/* place.c: a circuit's place on a device: as it is where its interactions lie on edges, else routed; docs/placing.md.
 *
 * A first form is the circuit transpiled for any pair; if its interactions lie nowhere, a second one without the
 * exchanges that transpiling turns into names; then routes (regions.c). */
#include <qstill/place.h>

#include <math.h>
#include <string.h>

#include "circuit/circuit.h"
#include "place/placed.h"

typedef struct job {
    qst_ctx *ctx;
    const qst_circuit *circuit;
    qsti_target target;
    qst_assembly *assembly; /* weights and features free */
    size_t n;               /* qubits of the circuit */
    qsti_candidate best;
} job;

/* --- no layout given ---------------------------------------------------------------------------------------------- */

static qst_status refuse(const job *j)
{
    const qsti_target *t = &j->target;
    return qsti_fail(
        j->ctx, QST_ERR_MISMATCH,
        "device %s: the circuit's %zu qubits do not fit on it: %zu of %zu qubits and %zu of %zu edges may be "
        "used%s",
        t->info.name, j->n, t->n_allowed, t->n_qubits, t->n_live, t->info.n_edges,
        t->opts.region ? " in the region" : "");
}

static qst_status make_form(job *j, qst_transpile_level level, qsti_form *out)
{
    qst_assembly *assembly = NULL;
    qst_status status = qst_circuit_assembly(j->circuit, NULL, &assembly);
    return status == QST_OK ? qsti_form_create(&j->target, assembly, level, j->n, NULL, NULL, 0, out) : status;
}

static qst_status place_on_edges(job *j)
{
    static const qst_transpile_level levels[] = {QST_TRANSPILE_SEARCH, QST_TRANSPILE_BLOCKS};
    qst_status status = QST_OK;
    for (size_t i = 0; i < sizeof levels / sizeof *levels && status == QST_OK && !j->best.assembly; i++) {
        qsti_form form = {.target = NULL};
        qsti_embedding embedding = {.place = NULL};
        status = make_form(j, levels[i], &form);
        if (status == QST_OK)
            status = qsti_embed(&form, &embedding);
        if (status == QST_OK && embedding.place)
            status = qsti_candidate_embedded(&form, &embedding, &j->best);
        qsti_free(j->ctx, embedding.place);
        qsti_form_clear(&form);
    }
    return status;
}

static qst_status place_anywhere(job *j)
{
    qst_status status = QST_OK;
    if (j->n > j->target.n_allowed)
        return refuse(j);
    QSTI_TRY(place_on_edges(j));
    if (j->best.assembly == NULL)
        QSTI_TRY(qsti_place_routed(&j->target, j->assembly, &j->best));
    if (j->best.assembly == NULL)
        status = refuse(j);
done:
    return status;
}

/* --- a layout ----------------------------------------------------------------------------------------------------- */

/* A dead edge between the two qubits; NULL: there is none. */
static const qst_device_edge *dead_edge(const qsti_target *target, size_t a, size_t b)
{
    const qst_device_edge *edges = qst_device_edges(target->device);
    for (size_t e = 0; e < target->info.n_edges; e++) {
        if (edges[e].dead && ((edges[e].a == a && edges[e].b == b) || (edges[e].a == b && edges[e].b == a)))
            return &edges[e];
    }
    return NULL;
}

/* The form at the layout, where all its interactions lie on edges. Refuses, if asked to, where one lies on a dead edge.
 */
static qst_status place_form(job *j, qsti_form *form, bool refuses, bool *out_done)
{
    const size_t *layout = j->target.opts.layout;
    uint8_t *kinds = NULL;
    qsti_embedding embedding = {.second = -INFINITY, .n_scored = 1, .complete = true};
    qst_status status = QST_OK;
    *out_done = false;
    QSTI_TRY(QSTI_NEW(j->ctx, form->n_edges + 1, &kinds));
    QSTI_TRY(QSTI_NEW(j->ctx, j->n, &embedding.place));
    for (size_t k = 0; k < j->n; k++)
        embedding.place[k] = (uint32_t)layout[k];
    for (size_t e = 0; e < form->n_edges; e++) {
        const size_t a = layout[form->edges[e][0]], b = layout[form->edges[e][1]];
        const qsti_link *link = qsti_target_link(&j->target, a, b);
        if (link == NULL && refuses && dead_edge(&j->target, a, b)) {
            QSTI_TRY(
                qsti_fail(j->ctx, QST_ERR_USAGE,
                          "layout: the edge %zu-%zu of device %s is dead, and the circuit needs it; another layout, or "
                          "allow_dead_edges",
                          a, b, j->target.info.name));
        }
        if (link == NULL)
            goto done;
        kinds[e] = (uint8_t)((link->out > -INFINITY ? QSTI_THERE : 0) | (link->in > -INFINITY ? QSTI_BACK : 0));
    }
    QSTI_TRY(qsti_form_native(form, kinds, &embedding.native));
    QSTI_TRY(qsti_candidate_embedded(form, &embedding, &j->best));
    *out_done = true;
done:
    qsti_free(j->ctx, kinds);
    qsti_free(j->ctx, embedding.place);
    return status;
}

/* The layout's qubits, then those that may be used and can be reached from them; how many. */
static size_t reach(const qsti_target *target, bool *seen, uint32_t *qubits)
{
    size_t n = target->opts.n_layout;
    for (size_t k = 0; k < n; k++) {
        qubits[k] = (uint32_t)target->opts.layout[k];
        seen[qubits[k]] = true;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t l = target->first[qubits[i]]; l < target->first[qubits[i] + 1]; l++) {
            const uint32_t there = target->links[l].qubit;
            if (!seen[there]) {
                seen[there] = true;
                qubits[n++] = there;
            }
        }
    }
    return n;
}

static qst_status route_layout(job *j)
{
    const size_t n_qubits = j->target.n_qubits;
    bool *seen = NULL;
    char *map = NULL;
    qsti_candidate made = {.n_circuit = j->n, .n_scored = 1, .second = -INFINITY, .complete = false};
    qst_placement placement = {0};
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(j->ctx, n_qubits, &seen));
    QSTI_TRY(QSTI_NEW(j->ctx, n_qubits, &made.place));
    QSTI_TRY(QSTI_NEW(j->ctx, j->n, &made.initial));
    QSTI_TRY(QSTI_NEW(j->ctx, j->n, &made.final));
    size_t n_wires = reach(&j->target, seen, made.place);
    QSTI_TRY(qsti_wires_map(&j->target, made.place, n_wires, j->n, &map));
    const qst_transpile_opts opts = {.basis = j->target.basis,
                                     .coupling = map,
                                     .seed = j->target.opts.seed,
                                     .level = QST_TRANSPILE_SEARCH,
                                     .keep_layout = true};
    QSTI_TRY(qst_transpile(j->assembly, &opts, &made.assembly, &placement));
    for (size_t k = 0; k < j->n; k++) {
        made.initial[k] = placement.initial[k];
        made.final[k] = placement.final[k];
    }
    made.exchanges = placement.exchanges;
    j->best = made;
    made = (qsti_candidate){.assembly = NULL};
done:
    qst_placement_clear(j->assembly, &placement);
    qsti_free(j->ctx, seen);
    qsti_free(j->ctx, map);
    qsti_candidate_clear(j->ctx, &made);
    return status;
}

static qst_status place_layout(job *j)
{
    static const qst_transpile_level levels[] = {QST_TRANSPILE_SEARCH, QST_TRANSPILE_BLOCKS};
    qst_status status = QST_OK;
    bool done = false;
    if (j->target.opts.n_layout != j->n)
        return qsti_fail(j->ctx, QST_ERR_MISMATCH, "layout: %zu qubits for a circuit of %zu", j->target.opts.n_layout,
                         j->n);
    for (size_t i = 0; i < sizeof levels / sizeof *levels && status == QST_OK && !done; i++) {
        qsti_form form = {.target = NULL};
        status = make_form(j, levels[i], &form);
        if (status == QST_OK)
            status = place_form(j, &form, i > 0, &done);
        qsti_form_clear(&form);
    }
    return status == QST_OK && !done ? route_layout(j) : status;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

qst_status qst_place(qst_ctx *ctx, const qst_circuit *circuit, const qst_device *device, const qst_place_opts *opts,
                     qst_placed **out)
{
    const qst_place_opts usual = {.layout = NULL};
    job j = {.ctx = ctx, .circuit = circuit, .n = qst_circuit_qubits(circuit)};
    qst_status status = QST_OK;
    j.target.ctx = ctx;
    QSTI_TRY(qsti_target_create(ctx, device, opts ? opts : &usual, &j.target));
    QSTI_TRY(qst_circuit_assembly(circuit, NULL, &j.assembly));
    QSTI_TRY(j.target.opts.layout ? place_layout(&j) : place_anywhere(&j));
    QSTI_TRY(qsti_placed_create(&j.target, circuit, &j.best, out));
done:
    qsti_candidate_clear(ctx, &j.best);
    qst_assembly_free(j.assembly);
    qsti_target_clear(&j.target);
    return status;
}

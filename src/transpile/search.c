/* search.c: many trials of layout and route.
 *
 * A trial places the wires, routes the circuit forwards and backwards a few times, each run beginning where the other
 * ended, so that the layout grows to the circuit [li2019], and then once more for the estimate. Trials differ in how
 * they place and in what the router weighs, drawn from (seed, trial); so one can be made again, and only its number and
 * its estimate are kept. The finalists are folded on the device's wires, which merges exchanges with what stands beside
 * them, and the one with the fewest CX gates wins, the shallower of two. */
#include "transpile/search.h"

#include <string.h>

#define PERFECT_LOOKS 1000000 /* at pairs, in the search for a layout without exchanges */

typedef struct trial {
    size_t number, cx;
} trial;

typedef struct search {
    qst_ctx *ctx;
    const qsti_sequence *sequence;
    const qsti_coupling *coupling;
    const qsti_search_opts *opts;
    qsti_dag dag;
    qsti_interactions interactions;
    qsti_router *router;
    uint32_t *perfect; /* a layout that needs no exchange; NULL */
    uint32_t *place;   /* (n_qubits): of the trial, on the way */
    uint32_t *start;   /* where its last run began */
    trial *finalists;  /* best first */
    size_t n_finalists;
} search;

/* --- trials ------------------------------------------------------------------------------------------------------- */

static qsti_route_weights draw_weights(qsti_rng *rng)
{
    return (qsti_route_weights){.ahead = 0.2 + 0.6 * qsti_rng_uniform(rng),
                                .fading = 0.5 + 0.4 * qsti_rng_uniform(rng),
                                .depth = 2 + (uint32_t)qsti_rng_below(rng, 6),
                                .cost = 1.2 * qsti_rng_uniform(rng),
                                .tiredness = 0.01 + 0.3 * qsti_rng_uniform(rng),
                                .noise = 0.3 * qsti_rng_uniform(rng) * qsti_rng_uniform(rng)};
}

/* The layout with which trial `number` begins. Trial 0 is the perfect one where there is one, 1 the trivial one. */
static qst_status begin_layout(search *s, size_t number, qsti_rng *rng)
{
    size_t bytes = s->coupling->n_qubits * sizeof *s->place;
    if (number == 0 && s->perfect != NULL) {
        memcpy(s->place, s->perfect, bytes);
        return QST_OK;
    }
    if (number <= 1 || s->opts->trivial)
        return qsti_layout_trivial(&s->interactions, s->coupling, s->place);
    if (number % 3 == 0 && s->interactions.n_active <= 64)
        return qsti_layout_greedy(&s->interactions, s->coupling, rng, s->place);
    return qsti_layout_region(&s->interactions, s->coupling, rng, s->place);
}

/* Makes a trial: s->start is where it begins, s->place where it ends, the router has its steps. */
static qst_status make_trial(search *s, size_t number, size_t *out_cx)
{
    qsti_rng rng = qsti_rng_init(s->opts->seed, QSTI_PURPOSE_ROUTE, (uint32_t)number, 0);
    const qsti_route_weights weights = draw_weights(&rng);
    size_t rounds = number == 0 || s->opts->trivial ? 0 : (size_t)qsti_rng_below(&rng, 4);
    qst_status status = QST_OK;
    QSTI_TRY(begin_layout(s, number, &rng));
    for (size_t round = 0; round < rounds; round++) {
        QSTI_TRY(qsti_router_run(s->router, s->place, false, &weights, qsti_rng_u64(&rng), out_cx));
        QSTI_TRY(qsti_router_run(s->router, s->place, true, &weights, qsti_rng_u64(&rng), out_cx));
    }
    memcpy(s->start, s->place, s->coupling->n_qubits * sizeof *s->start);
    QSTI_TRY(qsti_router_run(s->router, s->place, false, &weights, qsti_rng_u64(&rng), out_cx));
done:
    return status;
}

static void keep_trial(search *s, trial made)
{
    size_t at = s->n_finalists;
    if (at == s->opts->finalists) {
        if (made.cx >= s->finalists[at - 1].cx)
            return;
        at--;
    } else {
        s->n_finalists++;
    }
    for (; at > 0 && s->finalists[at - 1].cx > made.cx; at--)
        s->finalists[at] = s->finalists[at - 1];
    s->finalists[at] = made;
}

/* --- finalists ---------------------------------------------------------------------------------------------------- */

qst_status qsti_sequence_cost(const qsti_sequence *sequence, size_t *out_cx, size_t *out_depth)
{
    qst_ctx *ctx = sequence->store->ctx;
    size_t *level = NULL;
    qst_status status = QSTI_NEW(ctx, sequence->n_wires, &level);
    if (status != QST_OK)
        return status;
    *out_cx = *out_depth = 0;
    for (size_t i = 0; i < sequence->n_nodes; i++) {
        const qsti_node *node = &sequence->nodes[i];
        if (node->kind != QSTI_NODE_PAIR)
            continue;
        size_t cx = (size_t)qsti_weyl_cx(node->c), *a = &level[node->wires[0]], *b = &level[node->wires[1]];
        *a = *b = (*a > *b ? *a : *b) + cx;
        *out_cx += cx;
        *out_depth = *a > *out_depth ? *a : *out_depth;
    }
    qsti_free(ctx, level);
    return QST_OK;
}

static size_t count_exchanges(const search *s)
{
    size_t n_steps, n = 0;
    const qsti_route_step *steps = qsti_router_steps(s->router, &n_steps);
    for (size_t i = 0; i < n_steps; i++)
        n += steps[i].b != QSTI_ROUTE_NODE;
    return n;
}

/* The latest route as a sequence on the device; s->start is moved along to the end. */
static qst_status realise(search *s, qsti_sequence *out)
{
    const size_t n_qubits = s->coupling->n_qubits;
    qsti_fold *fold = NULL;
    uint32_t *wire_at = NULL;
    size_t n_steps;
    const qsti_route_step *steps = qsti_router_steps(s->router, &n_steps);
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(s->ctx, n_qubits, &wire_at));
    for (uint32_t wire = 0; wire < n_qubits; wire++)
        wire_at[s->start[wire]] = wire;
    QSTI_TRY(qsti_fold_begin(s->sequence->store, n_qubits, s->opts->fold, &fold));
    qsti_fold_phase(fold, s->sequence->phase);
    for (size_t i = 0; i < n_steps; i++) {
        uint32_t p = steps[i].a, q = steps[i].b;
        qsti_node node;
        if (q == QSTI_ROUTE_NODE) {
            QSTI_TRY(qsti_node_move(s->sequence->store, &s->sequence->nodes[p], s->start, &node));
        } else {
            node = qsti_node_swap(p, q);
            qsti_fold_phase(fold, QSTI_SWAP_PHASE);
            uint32_t a = wire_at[p], b = wire_at[q];
            wire_at[p] = b;
            wire_at[q] = a;
            s->start[a] = q;
            s->start[b] = p;
        }
        QSTI_TRY(qsti_fold_add(fold, &node));
    }
    status = qsti_fold_finish(fold, out, NULL);
    fold = NULL;
    QSTI_TRY(status);
    QSTI_TRY(qsti_fold_until_stable(out, s->opts->fold));
done:
    qsti_fold_abandon(fold);
    qsti_free(s->ctx, wire_at);
    return status;
}

static qst_status choose_finalist(search *s, qsti_sequence *out, uint32_t *initial, uint32_t *final,
                                  size_t *out_exchanges)
{
    const size_t bytes = s->coupling->n_qubits * sizeof *initial;
    size_t best_cx = SIZE_MAX, best_depth = SIZE_MAX;
    qsti_sequence made = {.store = s->sequence->store};
    qst_status status = QST_OK;
    for (size_t i = 0; i < s->n_finalists; i++) {
        size_t estimate, cx, depth;
        QSTI_TRY(make_trial(s, s->finalists[i].number, &estimate));
        memcpy(s->place, s->start, bytes); /* the run is over: now the place where it began */
        QSTI_TRY(realise(s, &made));
        QSTI_TRY(qsti_sequence_cost(&made, &cx, &depth));
        if (cx < best_cx || (cx == best_cx && depth < best_depth)) {
            best_cx = cx;
            best_depth = depth;
            *out_exchanges = count_exchanges(s);
            memcpy(initial, s->place, bytes);
            memcpy(final, s->start, bytes);
            qsti_sequence_clear(out);
            *out = made;
            made = (qsti_sequence){.store = s->sequence->store};
        }
        qsti_sequence_clear(&made);
    }
done:
    qsti_sequence_clear(&made);
    return status;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static qst_status check_fit(const search *s)
{
    const qsti_coupling *c = s->coupling;
    if (s->sequence->n_wires > c->n_qubits) {
        return qsti_fail(s->ctx, QST_ERR_MISMATCH, "the circuit has %zu qubits, the coupling map %zu",
                         s->sequence->n_wires, c->n_qubits);
    }
    if (s->interactions.n_active > c->n_largest) {
        return qsti_fail(
            s->ctx, QST_ERR_MISMATCH,
            "%zu qubits of the circuit interact, and the largest connected part of the coupling map has %zu",
            s->interactions.n_active, c->n_largest);
    }
    for (uint32_t wire = 0; s->opts->keep && wire < s->sequence->n_wires; wire++) {
        if (s->interactions.first[wire] != s->interactions.first[wire + 1] && c->part[wire] != 0)
            return qsti_fail(s->ctx, QST_ERR_MISMATCH,
                             "layout: qubit %u interacts, and is not in the largest connected part of the coupling map",
                             wire);
    }
    return QST_OK;
}

static qst_status find_perfect(search *s)
{
    bool found = false;
    qst_status status = QSTI_NEW(s->ctx, s->coupling->n_qubits, &s->perfect);
    if (status == QST_OK)
        status = qsti_layout_perfect(&s->interactions, s->coupling, PERFECT_LOOKS, s->perfect, &found);
    if (!found) {
        qsti_free(s->ctx, s->perfect);
        s->perfect = NULL;
    }
    return status;
}

static qst_status prepare(search *s, const qst_assembly *assembly)
{
    qst_status status = QST_OK;
    QSTI_TRY(qsti_dag_create(s->sequence, assembly, s->opts->fold.commute, &s->dag));
    QSTI_TRY(qsti_interactions_create(&s->dag, &s->interactions));
    QSTI_TRY(check_fit(s));
    QSTI_TRY(qsti_router_create(s->ctx, &s->dag, s->coupling, &s->router));
    QSTI_TRY(QSTI_NEW(s->ctx, s->coupling->n_qubits, &s->place));
    QSTI_TRY(QSTI_NEW(s->ctx, s->coupling->n_qubits, &s->start));
    QSTI_TRY(QSTI_NEW(s->ctx, s->opts->finalists, &s->finalists));
    if (!s->opts->trivial)
        QSTI_TRY(find_perfect(s));
done:
    return status;
}

qst_status qsti_search(const qsti_sequence *sequence, const qst_assembly *assembly, const qsti_coupling *coupling,
                       const qsti_search_opts *opts, qsti_sequence *out, uint32_t *initial, uint32_t *final,
                       size_t *out_trials, size_t *out_exchanges)
{
    search s = {.ctx = sequence->store->ctx, .sequence = sequence, .coupling = coupling, .opts = opts};
    s.interactions.ctx = s.ctx;
    qst_status status = QST_OK;
    QSTI_TRY(prepare(&s, assembly));
    size_t number = 0;
    while (number < opts->most_trials && (number == 0 || qsti_router_work(s.router) < opts->budget)) {
        trial made = {number, 0};
        QSTI_TRY(qsti_check_interrupt(s.ctx));
        QSTI_TRY(make_trial(&s, number, &made.cx));
        keep_trial(&s, made);
        number++;
        if (opts->trivial && count_exchanges(&s) == 0)
            break;
    }
    *out_trials = number;
    QSTI_TRY(choose_finalist(&s, out, initial, final, out_exchanges));
done:
    qsti_router_free(s.router);
    qsti_dag_clear(&s.dag);
    qsti_interactions_clear(&s.interactions);
    qsti_free(s.ctx, s.perfect);
    qsti_free(s.ctx, s.place);
    qsti_free(s.ctx, s.start);
    qsti_free(s.ctx, s.finalists);
    return status;
}

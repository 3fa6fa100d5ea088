/* embedding.c: the search for the best embedding of a form's interactions in the device's coupling graph.
 *
 * The score of a way f to put wires on qubits is the logarithm of the expected fidelity,
 *
 *   sum_w [ sum_g count_g(w) log(1 - error_g(f(w))) + log(1 - readout error(f(w))) ]
 * + sum_(a,b) [ there log(1 - error(f(a), f(b))) + back log(1 - error(f(b), f(a))) ].
 *
 * The counts depend on f only by the directions that the device has on the edges. Branch and bound: wires are placed in
 * an order in which each is tied to an earlier one where that is possible; for what is placed an upper bound is summed
 * up (the best counts of all native forms that were made, the better direction), for what is not the best there is on
 * the device; the best qubit is tried first. The KEPT ways with the best bounds are then scored as they are, in the
 * order of their bounds, until no bound is above the second best score. Ways that are cut are worse than all that are
 * kept. */
#include "place/embedding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

#define NONE         UINT32_MAX
#define KEPT         256
#define MOST_LOOKS   4000000
#define MOST_NATIVES 128   /* forms that are made in advance */
#define MOST_GATES   60000 /* in all of these */

typedef struct tie {
    uint32_t edge, other; /* an edge to a wire that is placed earlier */
} tie;

typedef struct option {
    double sum; /* bound of all that is placed with the wire there */
    uint32_t qubit;
} option;

typedef struct search {
    qsti_form *form;
    const qsti_target *target;
    uint32_t *order;            /* (n_wires) */
    size_t *first;              /* (n_wires + 1) of ties, by depth */
    tie *ties;                  /* (n_edges) */
    double *on_qubit;           /* (n_wires, n_qubits) bound of a wire's share */
    double *rest;               /* (n_wires + 1) bound of what is placed at a depth or later */
    double *sum;                /* (n_wires + 1) */
    option *options;            /* (n_wires, n_qubits) where the wire at a depth can stand, best first */
    size_t *n_options, *choice; /* (n_wires) */
    uint32_t *place;
    bool *taken; /* (n_qubits) */
    size_t looks, n_scored;
    bool cut;        /* by the number of looks */
    bool overflowed; /* a way was not kept, or not looked at, because KEPT others are as good */
    double bounds[KEPT];
    uint32_t *kept; /* (KEPT, n_wires) */
    size_t n_kept;
} search;

/* --- scores ------------------------------------------------------------------------------------------------------- */

static double locals_score(const search *s, const qsti_native *native, uint32_t wire, size_t qubit)
{
    const qsti_target *t = s->target;
    double sum = 0;
    for (size_t l = 0; l < t->n_locals; l++) {
        uint32_t n = native->locals[wire * t->n_locals + l];
        sum += n ? n * t->local[l * t->n_qubits + qubit] : 0;
    }
    return sum;
}

static double times(uint32_t n, double log)
{
    return n ? n * log : 0;
}

/* The readout of wires on which one of the circuit's qubits ends. */
static double readout_score(const search *s, const qsti_native *native, const uint32_t *place)
{
    double sum = 0;
    for (size_t k = 0; k < s->form->n_circuit; k++)
        sum += s->target->readout[place[native->final[s->form->final[k]]]];
    return sum;
}

static double score(const search *s, const qsti_native *native, const uint32_t *place)
{
    double sum = readout_score(s, native, place);
    for (uint32_t wire = 0; wire < s->form->n_wires; wire++)
        sum += locals_score(s, native, wire, place[wire]);
    for (size_t e = 0; e < s->form->n_edges; e++) {
        const qsti_link *link = qsti_target_link(s->target, place[s->form->edges[e][0]], place[s->form->edges[e][1]]);
        sum += times(native->pairs[e][0], link->out) + times(native->pairs[e][1], link->in);
    }
    return sum;
}

/* --- native forms ------------------------------------------------------------------------------------------------- */

/* The kinds of links that there are, seen from either side; how many. */
static size_t find_kinds(const qsti_target *t, uint8_t out[3])
{
    bool there[4] = {false};
    size_t n = 0;
    for (size_t i = 0; i < t->first[t->n_qubits]; i++)
        there[(t->links[i].out > -INFINITY ? QSTI_THERE : 0) | (t->links[i].in > -INFINITY ? QSTI_BACK : 0)] = true;
    for (uint8_t kind = 1; kind < 4; kind++) {
        if (there[kind])
            out[n++] = kind;
    }
    return n;
}

/* Forms for all lists of kinds when these are few, else for some. */
static qst_status make_natives(search *s)
{
    const size_t n_edges = s->form->n_edges;
    uint8_t kinds[3], *list = NULL;
    size_t n_kinds = find_kinds(s->target, kinds), n_all = 1, native;
    size_t most = MOST_GATES / (qst_assembly_instructions(s->form->assembly) + 1);
    most = most < 4 ? 4 : most > MOST_NATIVES ? MOST_NATIVES : most;
    qsti_rng rng = qsti_rng_init(s->target->opts.seed, QSTI_PURPOSE_PLACE, 0, 0);
    if (n_edges > 0 && n_kinds == 0)
        return QST_OK;
    qst_status status = QSTI_NEW(s->target->ctx, n_edges + 1, &list);
    for (size_t e = 0; e < n_edges && n_all <= most; e++)
        n_all *= n_kinds;
    for (size_t i = 0; i < (n_all < most ? n_all : most) && status == QST_OK; i++) {
        size_t digits = i;
        for (size_t e = 0; e < n_edges; e++) {
            list[e] = kinds[n_all <= most ? digits % n_kinds : (size_t)qsti_rng_below(&rng, n_kinds)];
            digits /= n_kinds;
        }
        status = qsti_form_native(s->form, list, &native);
    }
    qsti_free(s->target->ctx, list);
    return status;
}

/* --- preparation -------------------------------------------------------------------------------------------------- */

static bool touches(const uint32_t edge[2], uint32_t wire)
{
    return edge[0] == wire || edge[1] == wire;
}

/* The order of the wires, and the ties of each to earlier ones; done (n_wires). */
static void arrange(search *s, bool *done)
{
    const qsti_form *form = s->form;
    size_t n_ties = 0;
    for (size_t depth = 0; depth < form->n_wires; depth++) {
        uint32_t best = NONE;
        size_t best_ties = 0, best_degree = 0;
        for (uint32_t wire = 0; wire < form->n_wires; wire++) {
            size_t tied = 0, degree = 0;
            for (size_t e = 0; e < form->n_edges && !done[wire]; e++) {
                bool here = touches(form->edges[e], wire);
                degree += here;
                tied += here && done[form->edges[e][form->edges[e][0] == wire]];
            }
            if (!done[wire] && (best == NONE || tied > best_ties || (tied == best_ties && degree > best_degree))) {
                best = wire;
                best_ties = tied;
                best_degree = degree;
            }
        }
        s->order[depth] = best;
        s->first[depth] = n_ties;
        done[best] = true;
        for (uint32_t e = 0; e < form->n_edges; e++) {
            const uint32_t other = form->edges[e][form->edges[e][0] == best];
            if (touches(form->edges[e], best) && done[other])
                s->ties[n_ties++] = (tie){e, other};
        }
    }
    s->first[form->n_wires] = n_ties;
}

/* Bounds of a wire on a qubit, and of everything from a depth on. */
static void bound_shares(search *s)
{
    const qsti_form *form = s->form;
    const qsti_target *t = s->target;
    double best_link = -INFINITY;
    for (size_t i = 0; i < t->first[t->n_qubits]; i++)
        best_link = fmax(best_link, t->links[i].out);
    for (uint32_t wire = 0; wire < form->n_wires; wire++) {
        bool ends = false;
        for (size_t k = 0; k < form->n_circuit; k++)
            ends = ends || form->natives[0].final[form->final[k]] == wire;
        for (size_t q = 0; q < t->n_qubits; q++) {
            double best = -INFINITY;
            for (size_t i = 0; i < form->n_natives && t->allowed[q]; i++)
                best = fmax(best, locals_score(s, &form->natives[i], wire, q));
            s->on_qubit[wire * t->n_qubits + q] = best + (ends ? t->readout[q] : 0);
        }
    }
    for (size_t depth = form->n_wires; depth-- > 0;) {
        double best = -INFINITY;
        for (size_t q = 0; q < t->n_qubits; q++)
            best = fmax(best, s->on_qubit[s->order[depth] * t->n_qubits + q]);
        for (size_t i = s->first[depth]; i < s->first[depth + 1]; i++)
            best += form->weights[s->ties[i].edge] * best_link;
        s->rest[depth] = s->rest[depth + 1] + best;
    }
}

static qst_status prepare(search *s)
{
    qst_ctx *ctx = s->target->ctx;
    const size_t n = s->form->n_wires, n_qubits = s->target->n_qubits;
    bool *done = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(make_natives(s));
    QSTI_TRY(QSTI_NEW(ctx, n, &done));
    QSTI_TRY(QSTI_NEW(ctx, n, &s->order));
    QSTI_TRY(QSTI_NEW(ctx, n + 1, &s->first));
    QSTI_TRY(QSTI_NEW(ctx, s->form->n_edges, &s->ties));
    QSTI_TRY(QSTI_NEW(ctx, n * n_qubits, &s->on_qubit));
    QSTI_TRY(QSTI_NEW(ctx, n + 1, &s->rest));
    QSTI_TRY(QSTI_NEW(ctx, n + 1, &s->sum));
    QSTI_TRY(QSTI_NEW(ctx, n * n_qubits, &s->options));
    QSTI_TRY(QSTI_NEW(ctx, n, &s->n_options));
    QSTI_TRY(QSTI_NEW(ctx, n, &s->choice));
    QSTI_TRY(QSTI_NEW(ctx, n, &s->place));
    QSTI_TRY(QSTI_NEW(ctx, n_qubits, &s->taken));
    QSTI_TRY(QSTI_NEW(ctx, KEPT * n, &s->kept));
    arrange(s, done);
    if (s->form->n_natives > 0)
        bound_shares(s);
done:
    qsti_free(ctx, done);
    return status;
}

/* --- branch and bound --------------------------------------------------------------------------------------------- */

static void keep(search *s, double bound)
{
    const size_t n = s->form->n_wires;
    size_t at = s->n_kept;
    s->n_scored++;
    if (at == KEPT) {
        s->overflowed = true;
        at--;
    } else {
        s->n_kept++;
    }
    for (; at > 0 && s->bounds[at - 1] < bound; at--) {
        s->bounds[at] = s->bounds[at - 1];
        memcpy(s->kept + at * n, s->kept + (at - 1) * n, n * sizeof *s->kept);
    }
    s->bounds[at] = bound;
    memcpy(s->kept + at * n, s->place, n * sizeof *s->kept);
}

/* The bound with the wire at this depth on a qubit; -INFINITY: it cannot stand there. */
static double step(search *s, size_t depth, size_t qubit)
{
    double sum = s->sum[depth] + s->on_qubit[s->order[depth] * s->target->n_qubits + qubit];
    s->looks++;
    if (s->taken[qubit] || !(sum > -INFINITY))
        return -INFINITY;
    for (size_t i = s->first[depth]; i < s->first[depth + 1]; i++) {
        const qsti_link *link = qsti_target_link(s->target, qubit, s->place[s->ties[i].other]);
        s->looks++;
        if (link == NULL)
            return -INFINITY;
        sum += s->form->weights[s->ties[i].edge] * qsti_link_best(link);
    }
    return sum;
}

static int compare_options(const void *a, const void *b)
{
    const option *left = a, *right = b;
    if (left->sum != right->sum)
        return left->sum > right->sum ? -1 : 1;
    return (left->qubit > right->qubit) - (left->qubit < right->qubit);
}

/* Finds where the wire at this depth can stand. */
static void enter(search *s, size_t depth)
{
    const qsti_target *t = s->target;
    const bool tied = s->first[depth] < s->first[depth + 1];
    const uint32_t anchor = tied ? s->place[s->ties[s->first[depth]].other] : 0;
    const size_t first = tied ? t->first[anchor] : 0, end = tied ? t->first[anchor + 1] : t->n_qubits;
    option *options = s->options + depth * t->n_qubits;
    size_t n = 0;
    for (size_t at = first; at < end; at++) {
        const uint32_t qubit = tied ? t->links[at].qubit : (uint32_t)at;
        const double sum = step(s, depth, qubit);
        if (sum > -INFINITY)
            options[n++] = (option){sum, qubit};
    }
    qsort(options, n, sizeof *options, compare_options);
    s->n_options[depth] = n;
    s->choice[depth] = 0;
}

/* The next qubit for the wire at this depth, NONE when no more can be good enough; its bound goes to
 * s->sum[depth + 1]. */
static uint32_t advance(search *s, size_t depth)
{
    if (s->choice[depth] == s->n_options[depth])
        return NONE;
    const option next = s->options[depth * s->target->n_qubits + s->choice[depth]++];
    if (s->n_kept == KEPT && next.sum + s->rest[depth + 1] <= s->bounds[KEPT - 1]) {
        s->overflowed = true;
        return NONE;
    }
    s->sum[depth + 1] = next.sum;
    return next.qubit;
}

static void run(search *s)
{
    const size_t n = s->form->n_wires;
    size_t depth = 0;
    enter(s, 0);
    for (;;) {
        if (s->looks > MOST_LOOKS) {
            s->cut = true;
            return;
        }
        uint32_t qubit = advance(s, depth);
        if (qubit != NONE) {
            s->place[s->order[depth]] = qubit;
            if (depth + 1 == n) {
                keep(s, s->sum[n]);
                continue;
            }
            s->taken[qubit] = true;
            enter(s, ++depth);
            continue;
        }
        if (depth == 0)
            return;
        s->taken[s->place[s->order[--depth]]] = false;
    }
}

/* --- the best ----------------------------------------------------------------------------------------------------- */

static bool same_qubits(search *s, const uint32_t *a, const uint32_t *b)
{
    const size_t n = s->form->n_wires;
    bool same = true;
    for (size_t i = 0; i < n; i++)
        s->taken[a[i]] = true;
    for (size_t i = 0; i < n; i++)
        same = same && s->taken[b[i]];
    for (size_t i = 0; i < n; i++)
        s->taken[a[i]] = false;
    return same;
}

/* Scores what was kept. kinds (n_edges). */
static qst_status choose(search *s, uint8_t *kinds, qsti_embedding *out)
{
    const size_t n = s->form->n_wires;
    const uint32_t *best = NULL;
    bool done = false;
    memset(s->taken, 0, s->target->n_qubits * sizeof *s->taken);
    for (size_t i = 0; i < s->n_kept && !done; i++) {
        const uint32_t *place = s->kept + i * n;
        size_t native;
        done = s->bounds[i] <= out->second;
        for (size_t e = 0; e < s->form->n_edges; e++) {
            const qsti_link *link =
                qsti_target_link(s->target, place[s->form->edges[e][0]], place[s->form->edges[e][1]]);
            kinds[e] = (uint8_t)((link->out > -INFINITY ? QSTI_THERE : 0) | (link->in > -INFINITY ? QSTI_BACK : 0));
        }
        if (done)
            break;
        qst_status status = qsti_form_native(s->form, kinds, &native);
        if (status != QST_OK)
            return status;
        double log = score(s, &s->form->natives[native], place);
        bool other = best && !same_qubits(s, best, place);
        if (log > out->log) {
            out->second = other ? out->log : out->second;
            out->log = log;
            out->native = native;
            best = place;
        } else if (other) {
            out->second = fmax(out->second, log);
        }
    }
    out->n_scored = s->n_scored;
    /* what was not kept has no better bound than the last of those that were */
    out->complete = !s->cut && (!s->overflowed || out->log >= s->bounds[KEPT - 1]);
    if (best)
        memcpy(out->place, best, n * sizeof *best);
    return QST_OK;
}

qst_status qsti_embed(qsti_form *form, qsti_embedding *out)
{
    qst_ctx *ctx = form->target->ctx;
    search s = {.form = form, .target = form->target};
    qsti_embedding found = {.log = -INFINITY, .second = -INFINITY};
    uint8_t *kinds = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(prepare(&s));
    QSTI_TRY(QSTI_NEW(ctx, form->n_edges + 1, &kinds));
    QSTI_TRY(QSTI_NEW(ctx, form->n_wires, &found.place));
    if (form->n_natives > 0 && form->n_wires <= form->target->n_allowed)
        run(&s);
    QSTI_TRY(choose(&s, kinds, &found));
    if (s.n_kept == 0 || !(found.log > -INFINITY)) {
        qsti_free(ctx, found.place);
        found.place = NULL;
    }
    *out = found;
    found.place = NULL;
done:
    qsti_free(ctx, found.place);
    qsti_free(ctx, kinds);
    qsti_free(ctx, s.order);
    qsti_free(ctx, s.first);
    qsti_free(ctx, s.ties);
    qsti_free(ctx, s.on_qubit);
    qsti_free(ctx, s.rest);
    qsti_free(ctx, s.sum);
    qsti_free(ctx, s.options);
    qsti_free(ctx, s.n_options);
    qsti_free(ctx, s.choice);
    qsti_free(ctx, s.place);
    qsti_free(ctx, s.taken);
    qsti_free(ctx, s.kept);
    return status;
}

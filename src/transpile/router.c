/* router.c: one run of routing; see router.h.
 *
 * The score of an exchange is the sum of the changes of distance of all pairs that wait (weight 1) and that come
 * (weights fading with every step), plus the CX gates that it costs. Pairs hang on their qubits in lists, so that a
 * score looks at the partners of two qubits only. When nothing has run for long, the nearest pair is brought together
 * along a shortest path; so a run ends. */
#include "transpile/router.h"

#include <string.h>

#define NONE     UINT32_MAX
#define FARTHEST 64 /* entries of a wire that a look ahead passes */
#define WINDOW   32 /* waiting pairs that are looked at, the ones that have waited longest; */
#define WIDE     64 /* and a fourth of them where a circuit has more wires than this */

/* A pair's qubit as seen from the other one. */
typedef struct partner {
    uint32_t next, other;
    double weight;
} partner;

/* What ran last on a pair of neighbours, and still stands open for a SWAP. */
typedef struct block {
    uint8_t cx, mirror;
    bool bare; /* SWAPs alone */
} block;

struct qsti_router {
    qst_ctx *ctx;
    const qsti_dag *dag;
    const qsti_coupling *coupling;
    /* progress */
    uint32_t *waiting; /* (n_nodes): wires on which it is not its turn yet */
    uint32_t *cursor;  /* (n_wires): the next entry that is not open */
    uint32_t *left;    /* (n_wires): nodes of the current group that have not run */
    uint32_t *ready, *front;
    size_t n_ready, n_front;
    bool backwards;
    uint8_t *state; /* (n_nodes): 1 when it has run, 2 when it waits in front */
    /* places */
    uint32_t *place, *wire_at; /* (n_qubits of the device) */
    /* scores */
    uint32_t *head; /* (n_qubits): partners of a wire */
    partner *partners;
    size_t n_partners, partners_capacity;
    uint32_t *seen; /* (n_nodes): stamp */
    uint32_t stamp;
    double *tired; /* (n_qubits) */
    uint64_t random;
    /* costs */
    uint32_t *open; /* (n_qubits): block */
    block *blocks;
    size_t n_blocks, blocks_capacity;
    size_t cx;
    /* the route */
    qsti_route_step *steps;
    size_t n_steps, steps_capacity;
    size_t work; /* scores and looks ahead, over all runs */
};

static size_t window(const qsti_router *r)
{
    size_t most = r->dag->n_qubits > WIDE ? WINDOW / 4 : WINDOW;
    return r->n_front < most ? r->n_front : most;
}

static double draw(qsti_router *r) /* splitmix64, [0, 1) */
{
    r->random += 0x9e3779b97f4a7c15U;
    uint64_t z = r->random;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

/* --- running nodes ------------------------------------------------------------------------------------------------ */

static void open_group(qsti_router *r, uint32_t wire)
{
    const qsti_dag *dag = r->dag;
    uint32_t at = r->cursor[wire], begin = dag->first[wire], end = dag->first[wire + 1];
    if (at == end || at + 1 == begin)
        return;
    uint32_t group = dag->groups[at];
    while (at != end && at + 1 != begin && dag->groups[at] == group) {
        uint32_t node = dag->entries[at];
        r->left[wire]++;
        if (--r->waiting[node] == 0)
            r->ready[r->n_ready++] = node;
        at = r->backwards ? at - 1 : at + 1;
    }
    r->cursor[wire] = at;
}

static qst_status add_step(qsti_router *r, uint32_t a, uint32_t b)
{
    if (r->n_steps == r->steps_capacity) {
        size_t capacity = 2 * r->steps_capacity + 256;
        qst_status status = QSTI_GROW(r->ctx, capacity, &r->steps);
        if (status != QST_OK)
            return status;
        r->steps_capacity = capacity;
    }
    r->steps[r->n_steps++] = (qsti_route_step){a, b};
    return QST_OK;
}

static qst_status add_block(qsti_router *r, uint32_t p, uint32_t q, block what)
{
    if (r->n_blocks == r->blocks_capacity) {
        size_t capacity = 2 * r->blocks_capacity + 256;
        qst_status status = QSTI_GROW(r->ctx, capacity, &r->blocks);
        if (status != QST_OK)
            return status;
        r->blocks_capacity = capacity;
    }
    r->blocks[r->n_blocks] = what;
    r->open[p] = r->open[q] = (uint32_t)r->n_blocks++;
    r->cx += what.cx;
    return QST_OK;
}

/* The block that is open on both, or NULL. */
static block *shared_block(qsti_router *r, uint32_t p, uint32_t q)
{
    return r->open[p] != NONE && r->open[p] == r->open[q] ? &r->blocks[r->open[p]] : NULL;
}

static qst_status account(qsti_router *r, uint32_t i)
{
    const qsti_node *node = &r->dag->sequence->nodes[i];
    size_t n;
    const uint32_t *wires = qsti_node_wires(r->dag->sequence->store, node, &n);
    if (node->kind != QSTI_NODE_PAIR || node->condition != 0) {
        for (size_t j = 0; j < n && (node->kind != QSTI_NODE_LOCAL || node->condition != 0); j++)
            r->open[r->place[wires[j]]] = NONE;
        if (node->kind == QSTI_NODE_PAIR)
            r->cx += r->dag->cx[i];
        return QST_OK;
    }
    uint32_t p = r->place[wires[0]], q = r->place[wires[1]];
    block *shared = shared_block(r, p, q), now = {r->dag->cx[i], r->dag->mirror[i], false};
    if (shared == NULL)
        return add_block(r, p, q, now);
    r->cx -= shared->cx;
    if (shared->bare)
        *shared = shared->cx == 0 ? now : (block){now.mirror, now.cx, false};
    else
        *shared = (block){(uint8_t)(shared->cx + now.cx < 3 ? shared->cx + now.cx : 3), 3, false};
    r->cx += shared->cx;
    return QST_OK;
}

static qst_status run_node(qsti_router *r, uint32_t i)
{
    r->work++;
    qst_status status = account(r, i);
    if (status == QST_OK)
        status = add_step(r, i, QSTI_ROUTE_NODE);
    r->state[i] = 1;
    for (uint32_t j = r->dag->node_first[i]; j < r->dag->node_first[i + 1]; j++) {
        uint32_t wire = r->dag->node_wires[j];
        if (--r->left[wire] == 0)
            open_group(r, wire);
    }
    return status;
}

static uint16_t distance_of(const qsti_router *r, uint32_t i)
{
    const qsti_node *node = &r->dag->sequence->nodes[i];
    return qsti_distance(r->coupling, r->place[node->wires[0]], r->place[node->wires[1]]);
}

/* Runs what can run; true in *out_ran when something did. */
static qst_status drain(qsti_router *r, bool *out_ran)
{
    qst_status status = QST_OK;
    size_t n = 0, n_near = 0;
    for (size_t i = 0; i < window(r); i++) {
        if (distance_of(r, r->front[i]) == 1) {
            r->ready[r->n_ready++] = r->front[i];
            n_near++;
        } else {
            r->front[n++] = r->front[i];
        }
    }
    if (n_near > 0) {
        memmove(r->front + n, r->front + n + n_near, (r->n_front - n - n_near) * sizeof *r->front);
        r->n_front -= n_near;
    }
    *out_ran = false;
    while (r->n_ready > 0 && status == QST_OK) {
        uint32_t i = r->ready[--r->n_ready];
        if (r->dag->sequence->nodes[i].kind == QSTI_NODE_PAIR && distance_of(r, i) > 1) {
            r->front[r->n_front++] = i;
            r->state[i] = 2;
            continue;
        }
        status = run_node(r, i);
        *out_ran = true;
    }
    return status;
}

/* --- scores ------------------------------------------------------------------------------------------------------- */

static qst_status hang(qsti_router *r, uint32_t i, double weight)
{
    const qsti_node *node = &r->dag->sequence->nodes[i];
    r->seen[i] = r->stamp;
    r->work++;
    if (r->n_partners + 2 > r->partners_capacity) {
        size_t capacity = 2 * r->partners_capacity + 64;
        qst_status status = QSTI_GROW(r->ctx, capacity, &r->partners);
        if (status != QST_OK)
            return status;
        r->partners_capacity = capacity;
    }
    for (int side = 0; side < 2; side++) {
        uint32_t wire = node->wires[side];
        r->partners[r->n_partners] = (partner){r->head[wire], node->wires[1 - side], weight};
        r->head[wire] = (uint32_t)r->n_partners++;
    }
    return QST_OK;
}

/* Hangs up the next interactions on a wire. */
static qst_status look_ahead(qsti_router *r, uint32_t wire, const qsti_route_weights *weights)
{
    const qsti_dag *dag = r->dag;
    uint32_t begin = dag->first[wire], end = dag->first[wire + 1], at = r->cursor[wire];
    /* back to the start of the current group */
    for (uint32_t group = NONE, steps = 0; !r->backwards && at > begin && steps < FARTHEST; at--, steps++) {
        if (group != NONE && dag->groups[at - 1] != group)
            break;
        group = dag->groups[at - 1];
    }
    for (uint32_t group = NONE, steps = 0; r->backwards && at + 1 < end && steps < FARTHEST; at++, steps++) {
        if (group != NONE && dag->groups[at + 1] != group)
            break;
        group = dag->groups[at + 1];
    }
    double weight = weights->ahead;
    for (uint32_t n = 0, steps = 0; n < weights->depth && at != end && at + 1 != begin && steps < 2 * FARTHEST;
         steps++) {
        uint32_t i = dag->entries[at];
        at = r->backwards ? at - 1 : at + 1;
        if (dag->sequence->nodes[i].kind != QSTI_NODE_PAIR || r->state[i] == 1)
            continue;
        n++;
        if (r->seen[i] == r->stamp || r->state[i] == 2)
            continue;
        qst_status status = hang(r, i, weight);
        if (status != QST_OK)
            return status;
        weight *= weights->fading;
    }
    return QST_OK;
}

/* The lists of partners, anew. */
static qst_status hang_all(qsti_router *r, const qsti_route_weights *weights)
{
    qst_status status = QST_OK;
    r->stamp++;
    for (size_t i = 0; i < r->n_partners; i++)
        r->head[r->partners[i].other] = NONE;
    r->n_partners = 0;
    for (size_t i = 0; i < window(r); i++)
        QSTI_TRY(hang(r, r->front[i], 1));
    if (r->dag->n_qubits <= 32) {
        for (uint32_t wire = 0; wire < r->dag->n_qubits; wire++)
            QSTI_TRY(look_ahead(r, wire, weights));
    } else {
        for (size_t i = 0; i < window(r); i++) {
            const qsti_node *node = &r->dag->sequence->nodes[r->front[i]];
            QSTI_TRY(look_ahead(r, node->wires[0], weights));
            QSTI_TRY(look_ahead(r, node->wires[1], weights));
        }
    }
done:
    return status;
}

/* The change of distance of the pairs of the wire at p when it goes to q. */
static double change(const qsti_router *r, uint32_t p, uint32_t q)
{
    double sum = 0;
    for (uint32_t i = r->head[r->wire_at[p]]; i != NONE; i = r->partners[i].next) {
        uint32_t other = r->place[r->partners[i].other];
        if (other != q)
            sum += r->partners[i].weight *
                   ((double)qsti_distance(r->coupling, q, other) - (double)qsti_distance(r->coupling, p, other));
    }
    return sum;
}

static double score(qsti_router *r, uint32_t p, uint32_t q, const qsti_route_weights *weights)
{
    const block *shared = shared_block(r, p, q);
    r->work++;
    double cx = shared == NULL ? 3 : (double)shared->mirror - (double)shared->cx;
    return change(r, p, q) + change(r, q, p) + weights->cost * cx / 3 +
           weights->tiredness * (r->tired[p] + r->tired[q]) + weights->noise * draw(r);
}

static qst_status exchange(qsti_router *r, uint32_t p, uint32_t q)
{
    uint32_t a = r->wire_at[p], b = r->wire_at[q];
    r->wire_at[p] = b;
    r->wire_at[q] = a;
    r->place[a] = q;
    r->place[b] = p;
    r->tired[p] += 1;
    r->tired[q] += 1;
    block *shared = shared_block(r, p, q);
    if (shared != NULL) {
        uint8_t held = shared->cx;
        r->cx += (size_t)shared->mirror - held;
        shared->cx = shared->mirror;
        shared->mirror = held;
    } else {
        qst_status status = add_block(r, p, q, (block){3, 0, true});
        if (status != QST_OK)
            return status;
    }
    return add_step(r, p, q);
}

/* The best exchange, not the one just made. */
static void choose(qsti_router *r, const qsti_route_weights *weights, uint32_t not_p, uint32_t not_q, uint32_t out[2])
{
    double best = 0;
    out[0] = out[1] = NONE;
    for (size_t i = 0; i < window(r); i++) {
        const qsti_node *node = &r->dag->sequence->nodes[r->front[i]];
        for (int side = 0; side < 2; side++) {
            uint32_t p = r->place[node->wires[side]];
            for (uint32_t j = r->coupling->first[p]; j < r->coupling->first[p + 1]; j++) {
                uint32_t q = r->coupling->neighbours[j];
                if ((p == not_p && q == not_q) || (p == not_q && q == not_p))
                    continue;
                double here = score(r, p, q, weights);
                if (out[0] == NONE || here < best) {
                    best = here;
                    out[0] = p;
                    out[1] = q;
                }
            }
        }
    }
}

/* Brings the nearest pair that waits together. */
static qst_status force(qsti_router *r)
{
    uint32_t nearest = r->front[0];
    qst_status status = QST_OK;
    for (size_t i = 1; i < window(r); i++)
        nearest = distance_of(r, r->front[i]) < distance_of(r, nearest) ? r->front[i] : nearest;
    const qsti_node *node = &r->dag->sequence->nodes[nearest];
    while (distance_of(r, nearest) > 1 && status == QST_OK) {
        uint32_t p = r->place[node->wires[0]], goal = r->place[node->wires[1]], q = NONE;
        for (uint32_t j = r->coupling->first[p]; j < r->coupling->first[p + 1]; j++) {
            uint32_t there = r->coupling->neighbours[j];
            if (qsti_distance(r->coupling, there, goal) < qsti_distance(r->coupling, p, goal))
                q = there;
        }
        status = exchange(r, p, q);
    }
    return status;
}

/* --- the run ------------------------------------------------------------------------------------------------------ */

static void restart(qsti_router *r, bool backwards, uint64_t seed)
{
    const qsti_dag *dag = r->dag;
    r->backwards = backwards;
    r->random = seed;
    r->n_ready = r->n_front = r->n_blocks = r->n_steps = r->n_partners = r->cx = 0;
    for (uint32_t i = 0; i < dag->sequence->n_nodes; i++) {
        r->waiting[i] = dag->node_first[i + 1] - dag->node_first[i];
        r->state[i] = 0;
        if (r->waiting[i] == 0) /* a phase under no condition does not occur; nodes taken out do not wait */
            r->state[i] = 1;
    }
    for (uint32_t p = 0; p < r->coupling->n_qubits; p++) {
        r->wire_at[r->place[p]] = p;
        r->open[p] = r->head[p] = NONE;
        r->tired[p] = 0;
    }
    for (uint32_t wire = 0; wire < dag->n_wires; wire++) {
        r->left[wire] = 0;
        r->cursor[wire] = backwards ? dag->first[wire + 1] - 1 : dag->first[wire];
        open_group(r, wire);
    }
}

qst_status qsti_router_run(qsti_router *r, uint32_t *place, bool backwards, const qsti_route_weights *weights,
                           uint64_t seed, size_t *out_cx)
{
    qst_status status = QST_OK;
    uint32_t last[2] = {NONE, NONE};
    size_t idle = 0, patience = 10 + 3 * (size_t)r->coupling->diameter;
    bool ran;
    r->place = place;
    restart(r, backwards, seed);
    QSTI_TRY(drain(r, &ran));
    ran = true;
    while (r->n_front > 0) {
        if (ran) {
            QSTI_TRY(hang_all(r, weights));
            memset(r->tired, 0, r->coupling->n_qubits * sizeof *r->tired);
            idle = 0;
            last[0] = last[1] = NONE;
        }
        uint32_t next[2];
        choose(r, weights, last[0], last[1], next);
        if (idle++ > patience || next[0] == NONE) {
            QSTI_TRY(force(r));
        } else {
            QSTI_TRY(exchange(r, next[0], next[1]));
            memcpy(last, next, sizeof last);
        }
        QSTI_TRY(drain(r, &ran));
    }
    *out_cx = r->cx;
done:
    return status;
}

const qsti_route_step *qsti_router_steps(const qsti_router *router, size_t *out_n)
{
    *out_n = router->n_steps;
    return router->steps;
}

size_t qsti_router_work(const qsti_router *router)
{
    return router->work;
}

qst_status qsti_router_create(qst_ctx *ctx, const qsti_dag *dag, const qsti_coupling *coupling, qsti_router **out)
{
    size_t n_nodes = dag->sequence->n_nodes, n_qubits = coupling->n_qubits;
    qsti_router *r = NULL;
    qst_status status = QSTI_NEW(ctx, 1, &r);
    if (status != QST_OK)
        return status;
    r->ctx = ctx;
    r->dag = dag;
    r->coupling = coupling;
    QSTI_TRY(QSTI_NEW(ctx, n_nodes, &r->waiting));
    QSTI_TRY(QSTI_NEW(ctx, n_nodes, &r->state));
    QSTI_TRY(QSTI_NEW(ctx, n_nodes, &r->ready));
    QSTI_TRY(QSTI_NEW(ctx, n_nodes, &r->front));
    QSTI_TRY(QSTI_NEW(ctx, n_nodes, &r->seen));
    QSTI_TRY(QSTI_NEW(ctx, dag->n_wires, &r->cursor));
    QSTI_TRY(QSTI_NEW(ctx, dag->n_wires, &r->left));
    QSTI_TRY(QSTI_NEW(ctx, n_qubits, &r->wire_at));
    QSTI_TRY(QSTI_NEW(ctx, n_qubits, &r->head));
    QSTI_TRY(QSTI_NEW(ctx, n_qubits, &r->open));
    QSTI_TRY(QSTI_NEW(ctx, n_qubits, &r->tired));
    *out = r;
    return QST_OK;
done:
    qsti_router_free(r);
    return status;
}

void qsti_router_free(qsti_router *r)
{
    if (r == NULL)
        return;
    void *arrays[] = {r->waiting, r->state, r->ready, r->front, r->seen,     r->cursor, r->left,
                      r->wire_at, r->head,  r->open,  r->tired, r->partners, r->blocks, r->steps};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        qsti_free(r->ctx, arrays[i]);
    qsti_free(r->ctx, r);
}

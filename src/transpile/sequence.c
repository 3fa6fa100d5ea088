/* sequence.c: lists of nodes, and the store of what has no fixed size. See sequence.h. */
#include "transpile/sequence.h"

#include <string.h>

/* --- the store ---------------------------------------------------------------------------------------------------- */

void qsti_store_clear(qsti_store *store)
{
    qsti_free(store->ctx, store->terms);
    qsti_free(store->ctx, store->polynomials);
    qsti_free(store->ctx, store->wires);
    qsti_free(store->ctx, store->conditions);
    qsti_free(store->ctx, store->phase);
    *store = (qsti_store){.ctx = store->ctx};
}

/* Room for `more` items behind `n`; the capacity doubles. */
static qst_status room(qst_ctx *ctx, size_t n, size_t more, size_t item_bytes, size_t *capacity, void **items)
{
    if (n + more <= *capacity)
        return QST_OK;
    size_t wanted = 2 * *capacity + more + 16;
    qst_status status = qsti_resize(ctx, wanted, item_bytes, items);
    if (status == QST_OK)
        *capacity = wanted;
    return status;
}
#define ROOM(store, name, more)                                                                     \
    room((store)->ctx, (store)->n_##name, (more), sizeof *(store)->name, &(store)->name##_capacity, \
         (void **)&(store)->name)

static bool same_variables(const qst_term *a, const qst_term *b)
{
    return (a->a == b->a && a->b == b->b) || (a->a == b->b && a->b == b->a);
}

/* Adds a term to the n terms at `terms`, behind which there is room; the new n. */
static size_t add_term(qst_term *terms, size_t n, qst_term term)
{
    for (size_t i = 0; i < n; i++) {
        if (same_variables(&terms[i], &term)) {
            terms[i].coefficient += term.coefficient;
            if (terms[i].coefficient == 0)
                terms[i] = terms[--n];
            return n;
        }
    }
    if (term.coefficient != 0)
        terms[n++] = term;
    return n;
}

static qst_status close_polynomial(qsti_store *store, size_t n, uint32_t *out)
{
    qst_status status = ROOM(store, polynomials, 1);
    if (status != QST_OK)
        return status;
    *out = (uint32_t)store->n_polynomials;
    store->polynomials[store->n_polynomials++] = (qsti_range){store->n_terms, n};
    store->n_terms += n;
    return QST_OK;
}

qst_status qsti_store_polynomial(qsti_store *store, const qst_term *terms, size_t n_terms, uint32_t *out)
{
    qst_status status = ROOM(store, terms, n_terms);
    if (status != QST_OK)
        return status;
    size_t n = 0;
    for (size_t i = 0; i < n_terms; i++)
        n = add_term(store->terms + store->n_terms, n, terms[i]);
    return close_polynomial(store, n, out);
}

qst_status qsti_store_sum(qsti_store *store, double sign, size_t a, size_t b, uint32_t *out)
{
    const qsti_range first = store->polynomials[a];
    const qsti_range second = b == SIZE_MAX ? (qsti_range){0, 0} : store->polynomials[b];
    qst_status status = ROOM(store, terms, first.count + second.count);
    if (status != QST_OK)
        return status;
    size_t n = 0;
    qst_term *terms = store->terms + store->n_terms;
    for (size_t i = 0; i < first.count; i++) {
        qst_term term = store->terms[first.first + i];
        term.coefficient *= sign;
        n = add_term(terms, n, term);
    }
    for (size_t i = 0; i < second.count; i++)
        n = add_term(terms, n, store->terms[second.first + i]);
    return close_polynomial(store, n, out);
}

qst_status qsti_store_terms(qsti_store *store, size_t n, qst_term **out)
{
    qst_status status = ROOM(store, terms, n);
    if (status == QST_OK)
        *out = store->terms + store->n_terms;
    return status;
}

qst_status qsti_store_phase(qsti_store *store, double factor, const qst_term *terms, size_t n_terms)
{
    qst_status status = ROOM(store, phase, n_terms);
    if (status != QST_OK)
        return status;
    for (size_t i = 0; i < n_terms; i++) {
        qst_term term = terms[i];
        term.coefficient *= factor;
        size_t before = store->n_phase < QSTI_MOST_TERMS ? 0 : store->n_phase - QSTI_MOST_TERMS; /* looked at */
        store->n_phase = before + add_term(store->phase + before, store->n_phase - before, term);
    }
    return QST_OK;
}

qst_status qsti_store_condition(qsti_store *store, size_t bits, uint64_t value, uint32_t *out)
{
    qst_status status = ROOM(store, conditions, 1);
    if (status != QST_OK)
        return status;
    size_t n = store->n_conditions;
    if (n == 0 || store->conditions[n - 1].bits != bits || store->conditions[n - 1].value != value)
        store->conditions[store->n_conditions++] = (qsti_guard){bits, value};
    *out = (uint32_t)store->n_conditions;
    return QST_OK;
}

qst_status qsti_store_wires(qsti_store *store, size_t n, uint32_t *out_first)
{
    qst_status status = ROOM(store, wires, n);
    if (status != QST_OK)
        return status;
    *out_first = (uint32_t)store->n_wires;
    store->n_wires += n;
    return QST_OK;
}

/* --- sequences ---------------------------------------------------------------------------------------------------- */

void qsti_sequence_clear(qsti_sequence *sequence)
{
    if (sequence->store != NULL)
        qsti_free(sequence->store->ctx, sequence->nodes);
    *sequence = (qsti_sequence){.store = sequence->store};
}

qst_status qsti_sequence_append(qsti_sequence *sequence, const qsti_node *node)
{
    if (sequence->n_nodes >= UINT32_MAX - 1)
        return qsti_fail(sequence->store->ctx, QST_ERR_LIMIT, "more than %u gates", UINT32_MAX - 1);
    qst_status status = room(sequence->store->ctx, sequence->n_nodes, 1, sizeof *sequence->nodes, &sequence->capacity,
                             (void **)&sequence->nodes);
    if (status == QST_OK)
        sequence->nodes[sequence->n_nodes++] = *node;
    return status;
}

const uint32_t *qsti_node_wires(const qsti_store *store, const qsti_node *node, size_t *out_n)
{
    switch ((qsti_node_kind)node->kind) {
    case QSTI_NODE_PAIR:
        *out_n = 2;
        return node->wires;
    case QSTI_NODE_BARRIER:
        *out_n = node->wires[1];
        return store->wires + node->wires[0];
    case QSTI_NODE_NONE:
    case QSTI_NODE_PHASE:
        *out_n = 0;
        return node->wires;
    case QSTI_NODE_SPIN:
    case QSTI_NODE_LOCAL:
    case QSTI_NODE_MEASURE:
    case QSTI_NODE_RESET:
        break;
    }
    *out_n = 1;
    return node->wires;
}

qst_status qsti_node_move(qsti_store *store, const qsti_node *node, const uint32_t *place, qsti_node *out)
{
    *out = *node;
    if (node->kind == QSTI_NODE_PHASE)
        return QST_OK;
    if (node->kind != QSTI_NODE_BARRIER) {
        out->wires[0] = place[node->wires[0]];
        out->wires[1] = place[node->wires[1]];
        return QST_OK;
    }
    qst_status status = qsti_store_wires(store, node->wires[1], &out->wires[0]);
    for (uint32_t i = 0; i < node->wires[1] && status == QST_OK; i++)
        store->wires[out->wires[0] + i] = place[store->wires[node->wires[0] + i]];
    return status;
}

bool qsti_node_axis(const qsti_node *node, int slot, qsti_axis *out)
{
    if (node->condition != 0)
        return false;
    if (node->kind == QSTI_NODE_SPIN) {
        *out = qsti_su2_axis(node->k[0], 2);
        return true;
    }
    if (node->kind != QSTI_NODE_PAIR || node->c[1] != 0)
        return false;
    *out = qsti_su2_axis(node->k[slot], 0);
    return true;
}

qsti_node qsti_node_swap(uint32_t a, uint32_t b)
{
    return (qsti_node){.kind = QSTI_NODE_PAIR,
                       .wires = {a, b},
                       .k = {qsti_su2_one(), qsti_su2_one()},
                       .c = {QSTI_PI / 4, QSTI_PI / 4, QSTI_PI / 4}};
}

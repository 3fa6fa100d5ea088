/* branch_end.c: what a branch gives at its end: outcomes with counts or probabilities, and <Z> of every qubit. */
#include <stdlib.h>
#include <string.h>

#include "sim/evolve.h"
#include "sim/execution.h"
#include "sim/sample.h"

#define MOST_EXACT_BRANCHES ((size_t)1 << 20)
#define MOST_EXACT_OUTCOMES ((size_t)1 << 24)

/* The key of a basis state of the active qubits. */
static void make_key(qsti_execution *e, const qsti_branch *b, size_t state)
{
    const qsti_actions *actions = &e->actions;
    if (!actions->measures) {
        memset(e->key, 0, e->outcomes->n_words * sizeof *e->key);
        for (size_t q = 0; q < actions->n_qubits; q++)
            if (actions->active[q] != QSTI_UNTOUCHED)
                qsti_set_bit(e->key, (uint32_t)q, state >> actions->active[q] & 1);
        return;
    }
    memcpy(e->key, b->bits, e->outcomes->n_words * sizeof *e->key);
    for (size_t f = 0; f < actions->n_finals; f++) {
        uint8_t qubit = actions->finals[f].qubit;
        qsti_set_bit(e->key, actions->finals[f].bit, qubit != QSTI_UNTOUCHED && (state >> qubit & 1));
    }
}

static void probabilities_of(const void *user, size_t first, size_t n, double *out)
{
    const double complex *state = user;
    for (size_t i = 0; i < n; i++)
        out[i] = creal(state[first + i]) * creal(state[first + i]) + cimag(state[first + i]) * cimag(state[first + i]);
}

static int compare_states(const void *a, const void *b)
{
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return p < q ? -1 : p > q;
}

static qst_status end_with_shots(qsti_execution *e, const qsti_branch *b)
{
    qst_status status = QST_OK;
    uint64_t seed = e->seed;
    if (e->n_branches > 0) {
        qsti_rng rng = qsti_rng_init(e->seed, QSTI_PURPOSE_SHOTS, 2, (uint32_t)e->n_branches);
        seed = qsti_rng_u64(&rng);
    }
    if (b->n_shots > e->n_states) {
        QSTI_TRY(QSTI_GROW(e->ctx, b->n_shots, &e->states));
        e->n_states = b->n_shots;
    }
    QSTI_TRY(
        qsti_sample(e->ctx, (size_t)1 << e->actions.n_active, probabilities_of, b->state, seed, b->n_shots, e->states));
    qsort(e->states, b->n_shots, sizeof *e->states, compare_states);
    for (size_t first = 0, next; first < b->n_shots; first = next) {
        for (next = first + 1; next < b->n_shots && e->states[next] == e->states[first];)
            next++;
        make_key(e, b, e->states[first]);
        QSTI_TRY(qsti_outcomes_add(e->outcomes, e->key, next - first, 0));
    }
done:
    return status;
}

static size_t gather(const qsti_execution *e, size_t state)
{
    size_t out = 0;
    for (size_t i = 0; i < e->n_measured; i++)
        out |= (state >> e->measured[i] & 1) << i;
    return out;
}

static size_t scatter(const qsti_execution *e, size_t index)
{
    size_t out = 0;
    for (size_t i = 0; i < e->n_measured; i++)
        out |= (index >> i & 1) << e->measured[i];
    return out;
}

static qst_status end_exactly(qsti_execution *e, const qsti_branch *b)
{
    qst_status status = QST_OK;
    size_t dim = (size_t)1 << e->actions.n_active, n = (size_t)1 << e->n_measured;
    memset(e->marginal, 0, n * sizeof *e->marginal);
    for (size_t k = 0; k < dim; k++) {
        double p;
        probabilities_of(b->state, k, 1, &p);
        e->marginal[e->n_measured == e->actions.n_active ? k : gather(e, k)] += p;
    }
    for (size_t i = 0; i < n; i++) {
        double p = e->marginal[i] * b->probability;
        if (p == 0)
            continue;
        make_key(e, b, scatter(e, i));
        QSTI_TRY(qsti_outcomes_add(e->outcomes, e->key, 0, p));
        if (e->outcomes->n > 2 * MOST_EXACT_OUTCOMES)
            QSTI_TRY(qsti_outcomes_finish(e->outcomes));
        if (e->outcomes->n > MOST_EXACT_OUTCOMES + n)
            QSTI_TRY(qsti_fail(e->ctx, QST_ERR_LIMIT, "more than %zu outcomes: ask for shots", MOST_EXACT_OUTCOMES));
    }
done:
    return status;
}

static void add_expectations(qsti_execution *e, const qsti_branch *b)
{
    double share = e->outcomes->n_shots ? (double)b->n_shots / (double)e->outcomes->n_shots : b->probability;
    double z[32];
    for (size_t a = 0; a < e->actions.n_active; a++)
        z[a] = 1 - 2 * qsti_weight_of_one(b->state, e->actions.n_active, a);
    for (size_t q = 0; q < e->actions.n_qubits; q++)
        e->outcomes->expectations[q] += share * (e->actions.active[q] == QSTI_UNTOUCHED ? 1 : z[e->actions.active[q]]);
}

qst_status qsti_branch_end(qsti_execution *e, const qsti_branch *b)
{
    qst_status status = e->outcomes->n_shots ? end_with_shots(e, b) : end_exactly(e, b);
    add_expectations(e, b);
    e->n_branches++;
    if (status == QST_OK && e->outcomes->n_shots == 0 && e->n_branches > MOST_EXACT_BRANCHES)
        return qsti_fail(e->ctx, QST_ERR_LIMIT, "more than %zu branches: ask for shots", MOST_EXACT_BRANCHES);
    return status;
}

/* --- before the first ----------------------------------------------------------------------------------------------
 */

qst_status qsti_execution_prepare_end(qsti_execution *e)
{
    qst_status status = QST_OK;
    bool is_measured[32] = {false};
    for (size_t f = 0; f < e->actions.n_finals; f++)
        if (e->actions.finals[f].qubit != QSTI_UNTOUCHED)
            is_measured[e->actions.finals[f].qubit] = true;
    for (size_t a = 0; a < e->actions.n_active; a++)
        if (is_measured[a] || !e->actions.measures)
            e->measured[e->n_measured++] = (uint8_t)a;
    QSTI_TRY(QSTI_NEW(e->ctx, e->outcomes->n_words, &e->key));
    if (e->outcomes->n_shots == 0) {
        size_t n = (size_t)1 << e->n_measured;
        if (n > MOST_EXACT_OUTCOMES)
            QSTI_TRY(qsti_fail(e->ctx, QST_ERR_LIMIT, "2^%zu outcomes: at most 2^24 are listed; ask for shots",
                               e->n_measured));
        QSTI_TRY(QSTI_NEW(e->ctx, n, &e->marginal));
    }
done:
    return status;
}

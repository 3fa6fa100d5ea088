/* final_outcomes.c: see final_outcomes.h.
 *
 * Errors of readout of measured places act on the vector of probabilities; a measured qubit without a place is a bit of
 * its own, 1 with a fixed probability. */
#include "sim/final_outcomes.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "sim/outcomes.h"
#include "sim/sample.h"

#define MOST_EXACT_BITS 24
#define MOST_PENDING    ((size_t)1 << 22) /* outcomes before equal ones become one */

/* A measured qubit without a place that can be read as 1. */
typedef struct free_bit {
    uint32_t bit;
    double one;
} free_bit;

typedef struct reading {
    const qsti_final_source *from;
    double *probabilities; /* (2^n), errors of readout in it */
    uint32_t place_bit[QSTI_FINAL_PLACES];
    size_t n_measured; /* of the places */
    free_bit *free_bits;
    size_t n_free;
    qst_outcomes *outcomes;
    uint64_t *key;
    uint32_t *states;
} reading;

/* --- errors ------------------------------------------------------------------------------------------------------- */

static void confuse(double *probabilities, size_t dim, size_t place, const double confusion[4])
{
    size_t bit = (size_t)1 << place;
    for (size_t i = 0; i < dim; i++) {
        if (i & bit)
            continue;
        double zero = probabilities[i], one = probabilities[i | bit];
        probabilities[i] = confusion[0] * zero + confusion[2] * one;
        probabilities[i | bit] = confusion[1] * zero + confusion[3] * one;
    }
}

static qst_status prepare(reading *r)
{
    const qsti_final_source *from = r->from;
    size_t dim = (size_t)1 << from->n_places;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(from->ctx, dim, &r->probabilities));
    QSTI_TRY(QSTI_NEW(from->ctx, from->n_finals, &r->free_bits));
    for (size_t i = 0; i < dim; i++)
        r->probabilities[i] = from->probabilities[i] > 0 ? from->probabilities[i] : 0;
    for (size_t i = 0; i < from->n_places; i++)
        r->place_bit[i] = QST_NO_BIT;
    for (size_t f = 0; f < from->n_finals; f++) {
        const qsti_misread_final *final = &from->finals[f];
        if (final->place == QSTI_NO_PLACE) {
            if (final->confusion[1] > 0)
                r->free_bits[r->n_free++] = (free_bit){final->bit, final->confusion[1]};
            continue;
        }
        r->place_bit[final->place] = final->bit;
        r->n_measured++;
        confuse(r->probabilities, dim, final->place, final->confusion);
    }
done:
    return status;
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

static void put_bit(uint64_t *key, uint32_t bit, bool value)
{
    uint64_t mask = UINT64_C(1) << bit % 64;
    key[bit / 64] = value ? key[bit / 64] | mask : key[bit / 64] & ~mask;
}

static void put_state(reading *r, size_t state)
{
    for (size_t i = 0; i < r->from->n_places; i++) {
        if (r->place_bit[i] != QST_NO_BIT)
            put_bit(r->key, r->place_bit[i], state >> i & 1);
    }
}

/* --- exact -------------------------------------------------------------------------------------------------------- */

/* Adds up what the measured qubits do not show: their outcomes stand where the others are 0. */
static void add_up(reading *r)
{
    size_t k = r->from->n_places;
    for (size_t place = 0; place < k; place++) {
        if (r->place_bit[place] == QST_NO_BIT)
            confuse(r->probabilities, (size_t)1 << k, place, (double[4]){1, 0, 1, 0});
    }
}

static qst_status list_outcomes(reading *r)
{
    qst_status status = QST_OK;
    size_t dim = (size_t)1 << r->from->n_places;
    if (r->n_measured + r->n_free > MOST_EXACT_BITS)
        return qsti_fail(r->from->ctx, QST_ERR_LIMIT, "2^%zu outcomes: at most 2^%d are listed; ask for shots",
                         r->n_measured + r->n_free, MOST_EXACT_BITS);
    add_up(r);
    for (size_t state = 0; state < dim; state++) {
        if (r->probabilities[state] == 0)
            continue;
        put_state(r, state);
        for (size_t free = 0; free < (size_t)1 << r->n_free; free++) {
            double p = r->probabilities[state];
            for (size_t b = 0; b < r->n_free; b++) {
                bool one = free >> b & 1;
                put_bit(r->key, r->free_bits[b].bit, one);
                p *= one ? r->free_bits[b].one : 1 - r->free_bits[b].one;
            }
            QSTI_TRY(qsti_outcomes_add(r->outcomes, r->key, 0, p));
        }
    }
done:
    return status;
}

/* --- shots -------------------------------------------------------------------------------------------------------- */

static void some_probabilities(const void *user, size_t first, size_t n, double *out)
{
    memcpy(out, (const double *)user + first, n * sizeof *out);
}

static int compare_states(const void *a, const void *b)
{
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return p < q ? -1 : p > q;
}

/* The shots of one state, whose bits stand in the key. */
static qst_status add_shots(reading *r, size_t n_shots, qsti_rng *rng)
{
    qst_status status = QST_OK;
    if (r->n_free == 0)
        return qsti_outcomes_add(r->outcomes, r->key, n_shots, 0);
    for (size_t s = 0; s < n_shots; s++) {
        for (size_t b = 0; b < r->n_free; b++)
            put_bit(r->key, r->free_bits[b].bit, qsti_rng_uniform(rng) < r->free_bits[b].one);
        QSTI_TRY(qsti_outcomes_add(r->outcomes, r->key, 1, 0));
        if (r->outcomes->n % MOST_PENDING == 0)
            QSTI_TRY(qsti_outcomes_finish(r->outcomes));
    }
done:
    return status;
}

static qst_status draw_outcomes(reading *r, size_t n_shots, uint64_t seed)
{
    qst_ctx *ctx = r->from->ctx;
    size_t dim = (size_t)1 << r->from->n_places;
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_SHOTS, 3, 0);
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, n_shots, &r->states));
    QSTI_TRY(qsti_sample(ctx, dim, some_probabilities, r->probabilities, seed, n_shots, r->states));
    qsort(r->states, n_shots, sizeof *r->states, compare_states);
    for (size_t first = 0, next; first < n_shots; first = next) {
        for (next = first + 1; next < n_shots && r->states[next] == r->states[first];)
            next++;
        put_state(r, r->states[first]);
        QSTI_TRY(add_shots(r, next - first, &rng));
    }
done:
    return status;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* <Z> of each place, before errors of readout; a qubit without a place is |0>. */
static void fill_expectations(const qsti_final_source *from, double *out)
{
    size_t dim = (size_t)1 << from->n_places;
    for (size_t q = 0; q < from->n_qubits; q++) {
        uint8_t place = from->qubit_places[q];
        out[q] = place == QSTI_NO_PLACE ? 1 : 0;
        for (size_t i = 0; i < dim && place != QSTI_NO_PLACE; i++)
            out[q] += (i >> place & 1) ? -from->probabilities[i] : from->probabilities[i];
    }
}

qst_status qsti_final_outcomes(const qsti_final_source *from, size_t n_shots, uint64_t seed, qst_outcomes **out)
{
    reading r = {.from = from};
    qst_status status = QST_OK;
    QSTI_TRY(prepare(&r));
    QSTI_TRY(qsti_outcomes_create(from->ctx, from->assembly, !from->measures, n_shots, &r.outcomes));
    if (!from->measures) {
        r.outcomes->n_bits = from->n_finals;
        r.outcomes->n_words = (r.outcomes->n_bits + 63) / 64;
    }
    QSTI_TRY(QSTI_NEW(from->ctx, r.outcomes->n_words, &r.key));
    fill_expectations(from, r.outcomes->expectations);
    if (n_shots > 0)
        QSTI_TRY(draw_outcomes(&r, n_shots, seed));
    else
        QSTI_TRY(list_outcomes(&r));
    QSTI_TRY(qsti_outcomes_finish(r.outcomes));
    *out = r.outcomes;
    r.outcomes = NULL;
done:
    qst_outcomes_free(r.outcomes);
    qsti_free(from->ctx, r.probabilities);
    qsti_free(from->ctx, r.free_bits);
    qsti_free(from->ctx, r.key);
    qsti_free(from->ctx, r.states);
    return status;
}

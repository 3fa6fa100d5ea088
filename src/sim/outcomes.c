/* outcomes.c: the table of outcomes. Keys may have many words; the table is sorted by an index. */
#include "sim/outcomes.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define LEAST_PROBABILITY 1e-15

/* --- filling ------------------------------------------------------------------------------------------------------ */

static qst_status find_ends(qst_outcomes *outcomes, const qst_assembly *assembly, bool of_qubits)
{
    size_t n_registers = of_qubits ? 0 : qst_assembly_bit_registers(assembly);
    qst_status status = QSTI_NEW(outcomes->ctx, n_registers, &outcomes->ends);
    for (size_t r = 0; r + 1 < n_registers && status == QST_OK; r++) {
        qst_register bits;
        qst_assembly_bit_register(assembly, r, &bits);
        outcomes->ends[outcomes->n_ends++] = bits.first + bits.size;
    }
    return status;
}

qst_status qsti_outcomes_create(qst_ctx *ctx, const qst_assembly *assembly, bool of_qubits, uint64_t n_shots,
                                qst_outcomes **out)
{
    qst_outcomes *made = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, 1, &made));
    made->ctx = ctx;
    made->n_shots = n_shots;
    made->n_bits = of_qubits ? qst_assembly_qubits(assembly) : qst_assembly_bits(assembly);
    made->n_words = (made->n_bits + 63) / 64;
    QSTI_TRY(find_ends(made, assembly, of_qubits));
    QSTI_TRY(QSTI_NEW(ctx, qst_assembly_qubits(assembly), &made->expectations));
    *out = made;
    made = NULL;
done:
    qst_outcomes_free(made);
    return status;
}

void qst_outcomes_free(qst_outcomes *outcomes)
{
    if (outcomes == NULL)
        return;
    qsti_free(outcomes->ctx, outcomes->keys);
    qsti_free(outcomes->ctx, outcomes->counts);
    qsti_free(outcomes->ctx, outcomes->probabilities);
    qsti_free(outcomes->ctx, outcomes->expectations);
    qsti_free(outcomes->ctx, outcomes->ends);
    qsti_free(outcomes->ctx, outcomes);
}

static qst_status grow(qst_outcomes *outcomes)
{
    size_t n = outcomes->n_reserved ? 2 * outcomes->n_reserved : 64;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_GROW(outcomes->ctx, n * (outcomes->n_words ? outcomes->n_words : 1), &outcomes->keys));
    QSTI_TRY(QSTI_GROW(outcomes->ctx, n, &outcomes->counts));
    QSTI_TRY(QSTI_GROW(outcomes->ctx, n, &outcomes->probabilities));
    outcomes->n_reserved = n;
done:
    return status;
}

qst_status qsti_outcomes_add(qst_outcomes *outcomes, const uint64_t *key, uint64_t count, double probability)
{
    qst_status status = outcomes->n == outcomes->n_reserved ? grow(outcomes) : QST_OK;
    if (status != QST_OK)
        return status;
    memcpy(outcomes->keys + outcomes->n * outcomes->n_words, key, outcomes->n_words * sizeof *key);
    outcomes->counts[outcomes->n] = count;
    outcomes->probabilities[outcomes->n++] = probability;
    return QST_OK;
}

/* --- sorting ------------------------------------------------------------------------------------------------------ */

static int compare_keys(const void *a, const void *b, void *user)
{
    const qst_outcomes *outcomes = user;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    const uint64_t *p = outcomes->keys + i * outcomes->n_words, *q = outcomes->keys + j * outcomes->n_words;
    for (size_t w = outcomes->n_words; w-- > 0;)
        if (p[w] != q[w])
            return p[w] < q[w] ? -1 : 1;
    return i < j ? -1 : i > j; /* sums of equal keys are taken in the order that they came in */
}

static bool is_same_key(const qst_outcomes *outcomes, size_t i, size_t j)
{
    size_t n = outcomes->n_words;
    return memcmp(outcomes->keys + i * n, outcomes->keys + j * n, n * sizeof *outcomes->keys) == 0;
}

static void drop_unlikely(qst_outcomes *sorted)
{
    size_t kept = 0;
    for (size_t i = 0; i < sorted->n; i++) {
        if (sorted->n_shots == 0 && sorted->probabilities[i] <= LEAST_PROBABILITY)
            continue;
        memmove(sorted->keys + kept * sorted->n_words, sorted->keys + i * sorted->n_words,
                sorted->n_words * sizeof *sorted->keys);
        sorted->counts[kept] = sorted->counts[i];
        sorted->probabilities[kept++] = sorted->probabilities[i];
    }
    sorted->n = kept;
}

/* Moves the table of `from` into `to` in the order of `order`. */
static qst_status merge(const qst_outcomes *from, const size_t *order, qst_outcomes *to)
{
    qst_status status = QST_OK;
    for (size_t i = 0; i < from->n && status == QST_OK; i++) {
        if (i > 0 && is_same_key(from, order[i], order[i - 1])) {
            to->counts[to->n - 1] += from->counts[order[i]];
            to->probabilities[to->n - 1] += from->probabilities[order[i]];
        } else {
            status = qsti_outcomes_add(to, from->keys + order[i] * from->n_words, from->counts[order[i]],
                                       from->probabilities[order[i]]);
        }
    }
    return status;
}

qst_status qsti_outcomes_finish(qst_outcomes *outcomes)
{
    size_t *order = NULL;
    qst_outcomes sorted = {.ctx = outcomes->ctx, .n_words = outcomes->n_words, .n_shots = outcomes->n_shots};
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(outcomes->ctx, outcomes->n, &order));
    for (size_t i = 0; i < outcomes->n; i++)
        order[i] = i;
    if (outcomes->n > 0)
        qsort_r(order, outcomes->n, sizeof *order, compare_keys, outcomes);
    QSTI_TRY(merge(outcomes, order, &sorted));
    drop_unlikely(&sorted);
    qsti_free(outcomes->ctx, outcomes->keys);
    qsti_free(outcomes->ctx, outcomes->counts);
    qsti_free(outcomes->ctx, outcomes->probabilities);
    outcomes->keys = sorted.keys;
    outcomes->counts = sorted.counts;
    outcomes->probabilities = sorted.probabilities;
    outcomes->n = sorted.n;
    sorted = (qst_outcomes){.ctx = outcomes->ctx};
done:
    qsti_free(outcomes->ctx, order);
    qsti_free(sorted.ctx, sorted.keys);
    qsti_free(sorted.ctx, sorted.counts);
    qsti_free(sorted.ctx, sorted.probabilities);
    return status;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

size_t qst_outcomes_number(const qst_outcomes *outcomes)
{
    return outcomes->n;
}

size_t qst_outcomes_key_bytes(const qst_outcomes *outcomes)
{
    return outcomes->n_bits + outcomes->n_ends;
}

void qst_outcomes_key(const qst_outcomes *outcomes, size_t index, char *out)
{
    const uint64_t *key = outcomes->keys + index * outcomes->n_words;
    size_t blank = 0;
    char *at = out + qst_outcomes_key_bytes(outcomes);
    *at = '\0';
    for (size_t bit = 0; bit < outcomes->n_bits; bit++) {
        if (blank < outcomes->n_ends && outcomes->ends[blank] == bit) {
            *--at = ' ';
            blank++;
        }
        *--at = key[bit / 64] >> bit % 64 & 1 ? '1' : '0';
    }
}

uint64_t qst_outcomes_count(const qst_outcomes *outcomes, size_t index)
{
    return outcomes->counts[index];
}

double qst_outcomes_probability(const qst_outcomes *outcomes, size_t index)
{
    return outcomes->n_shots ? (double)outcomes->counts[index] / (double)outcomes->n_shots
                             : outcomes->probabilities[index];
}

const double *qst_outcomes_expectations(const qst_outcomes *outcomes)
{
    return outcomes->expectations;
}

bool qst_outcomes_branched(const qst_outcomes *outcomes)
{
    return outcomes->branched;
}

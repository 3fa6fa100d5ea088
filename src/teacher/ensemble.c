/* ensemble.c: several teachers as one, p(c) = 1/M sum_m softmax(z_m)_c.
 *
 * The mean is of probabilities, not of logits: the mean of logits is a geometric mean, another model, in which one sure
 * member outvotes all the others.
 */
#include "teacher/ensemble.h"

#include <string.h>

typedef struct ensemble {
    size_t n;
    qsti_oracle **members; /* (n) */
} ensemble;

static qst_status ensemble_scores(qsti_oracle *oracle, qst_const_matrix raw, qst_matrix out)
{
    qst_status status = QST_OK;
    const ensemble *inside = oracle->inside;
    qst_matrix p = {NULL, out.n_rows, out.n_cols};
    size_t n_values = out.n_rows * out.n_cols;
    QSTI_TRY(qsti_alloc(oracle->ctx, out.n_rows, out.n_cols * sizeof *p.data, (void **)&p.data));
    memset(out.data, 0, n_values * sizeof *out.data);
    for (size_t m = 0; m < inside->n; m++) {
        qsti_oracle *member = inside->members[m];
        QSTI_TRY(qsti_oracle_ask(member, raw, NULL, p));
        QSTI_TRY(qst_scores_to_probabilities(oracle->ctx, member->kind, qst_const_view(p), 1.0, p));
        for (size_t i = 0; i < n_values; i++)
            out.data[i] += p.data[i] / (double)inside->n;
    }
done:
    qsti_free(oracle->ctx, p.data);
    return status;
}

static void ensemble_release(qsti_oracle *oracle)
{
    ensemble *inside = oracle->inside;
    for (size_t m = 0; m < inside->n && inside->members != NULL; m++)
        qsti_oracle_free(inside->members[m]);
    qsti_free(oracle->ctx, inside->members);
    qsti_free(oracle->ctx, inside);
}

static const qsti_oracle_type ensemble_type = {
    .name = "ensemble", .scores = ensemble_scores, .release = ensemble_release};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void add_size(qst_model_size *sum, const qst_model_size *size)
{
    sum->has_circuit |= size->has_circuit;
    sum->circuit.qubits = larger(sum->circuit.qubits, size->circuit.qubits);
    sum->circuit.depth = larger(sum->circuit.depth, size->circuit.depth);
    sum->circuit.gates += size->circuit.gates;
    sum->circuit.two_qubit_gates += size->circuit.two_qubit_gates;
    sum->circuit.weights += size->circuit.weights;
    sum->quantum_parameters += size->quantum_parameters;
    sum->classical_parameters += size->classical_parameters;
}

/* The members' hashes, in their order. */
static qst_status hash_members(qst_ctx *ctx, qsti_oracle *const *members, size_t n, char out[QSTI_HASH_CHARS])
{
    static const char what[] = "qstill-ensemble/1";
    qsti_hasher *hasher = NULL;
    qst_status status = qsti_hasher_create(ctx, &hasher);
    if (status != QST_OK)
        return status;
    qsti_hasher_add(hasher, what, sizeof what);
    for (size_t m = 0; m < n; m++)
        qsti_hasher_add(hasher, members[m]->hash, QSTI_HASH_CHARS);
    qsti_hasher_finish(ctx, hasher, out);
    return QST_OK;
}

qst_status qsti_ensemble_create(qst_ctx *ctx, qsti_oracle *const *members, size_t n, qsti_oracle **out)
{
    qst_status status = QST_OK;
    qsti_oracle *oracle = NULL;
    ensemble *inside = NULL;
    const qsti_oracle *first = members[0];
    for (size_t m = 1; m < n; m++) {
        if (members[m]->n_inputs == first->n_inputs && members[m]->n_scores == first->n_scores)
            continue;
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MISMATCH,
                           "member %zu of the ensemble takes %zu inputs and gives %zu scores, the first takes %zu and "
                           "gives %zu",
                           m + 1, members[m]->n_inputs, members[m]->n_scores, first->n_inputs, first->n_scores));
    }
    QSTI_TRY(
        qsti_oracle_allocate(ctx, &ensemble_type, first->n_inputs, first->n_scores, QST_SCORE_probability, &oracle));
    QSTI_TRY(hash_members(ctx, members, n, oracle->hash));
    QSTI_TRY(QSTI_NEW(ctx, 1, &inside));
    QSTI_TRY(QSTI_NEW(ctx, n, &inside->members));
    inside->n = n;
    for (size_t m = 0; m < n; m++) {
        inside->members[m] = members[m];
        add_size(&oracle->size, &members[m]->size);
    }
    oracle->inside = inside;
    *out = oracle;
    return QST_OK;
done:
    qsti_free(ctx, inside);
    qsti_oracle_free(oracle);
    return status;
}

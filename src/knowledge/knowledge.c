/* knowledge.c: what crosses from teacher to student: frozen scores, and if wanted weights to start from. */
#include "knowledge/knowledge.h"

#include <math.h>
#include <string.h>

/* --- life --------------------------------------------------------------------------------------------------------- */

qst_status qsti_knowledge_allocate(const qst_dataset *dataset, qst_score_kind kind, size_t n_scores,
                                   qst_knowledge **out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = dataset->ctx;
    qst_knowledge *knowledge = NULL;
    size_t n = 0;
    QSTI_TRY(QSTI_NEW(ctx, 1, &knowledge));
    knowledge->ctx = ctx;
    knowledge->kind = kind;
    knowledge->n_rows = dataset->n_rows;
    knowledge->n_scores = n_scores;
    if (!qsti_mul(dataset->n_rows, n_scores, &n))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "%zu rows are too many", dataset->n_rows));
    QSTI_TRY(QSTI_NEW(ctx, n, &knowledge->scores));
    QSTI_TRY(QSTI_NEW(ctx, dataset->n_rows, &knowledge->ids));
    memcpy(knowledge->ids, dataset->ids, dataset->n_rows * sizeof *knowledge->ids);
    memcpy(knowledge->data_hash, dataset->hash, sizeof knowledge->data_hash);
    *out = knowledge;
    knowledge = NULL;
done:
    qst_knowledge_free(knowledge);
    return status;
}

void qsti_observables_clear(qst_ctx *ctx, qsti_observables *observables)
{
    for (size_t i = 0; i < observables->n_words; i++)
        qsti_free(ctx, observables->words[i]);
    qsti_free(ctx, observables->words);
    qsti_free(ctx, observables->values);
    *observables = (qsti_observables){0};
}

void qst_knowledge_free(qst_knowledge *knowledge)
{
    if (knowledge == NULL)
        return;
    qst_ctx *ctx = knowledge->ctx;
    qsti_free(ctx, knowledge->scores);
    qsti_free(ctx, knowledge->ids);
    qsti_queries_clear(ctx, &knowledge->queries);
    qsti_observables_clear(ctx, &knowledge->observables);
    qsti_free(ctx, knowledge->states.amplitudes);
    qsti_free(ctx, knowledge->input_gradients.values);
    qsti_free(ctx, knowledge->weights);
    qst_circuit_free(knowledge->circuit);
    qsti_fourier_knowledge_clear(ctx, &knowledge->fourier);
    qsti_free(ctx, knowledge);
}

/* --- questions and checks ----------------------------------------------------------------------------------------- */

qst_score_kind qst_knowledge_kind(const qst_knowledge *knowledge)
{
    return knowledge->kind;
}

qst_const_matrix qst_knowledge_scores(const qst_knowledge *knowledge)
{
    return (qst_const_matrix){knowledge->scores, knowledge->n_rows, knowledge->n_scores};
}

size_t qst_knowledge_queries(const qst_knowledge *knowledge)
{
    return knowledge->queries.n;
}

double qst_knowledge_calibration(const qst_knowledge *knowledge)
{
    return knowledge->calibration > 0 ? knowledge->calibration : NAN;
}

qst_status qst_knowledge_check(const qst_knowledge *knowledge, const qst_dataset *dataset)
{
    if (strcmp(knowledge->data_hash, dataset->hash) == 0 && knowledge->n_rows == dataset->n_rows &&
        knowledge->n_scores == dataset->n_classes &&
        memcmp(knowledge->ids, dataset->ids, dataset->n_rows * sizeof *dataset->ids) == 0)
        return QST_OK;
    if (strcmp(knowledge->data_hash, dataset->hash) == 0) {
        return qsti_fail(knowledge->ctx, QST_ERR_MISMATCH,
                         "the knowledge has %zu rows of %zu scores that are not those of its dataset, %zu rows and %zu "
                         "classes: extract it again",
                         knowledge->n_rows, knowledge->n_scores, dataset->n_rows, dataset->n_classes);
    }
    return qsti_fail(knowledge->ctx, QST_ERR_MISMATCH,
                     "the knowledge was made from the dataset with SHA-256 %.16s..., this one has %.16s...: extract it "
                     "again",
                     knowledge->data_hash, dataset->hash);
}

qst_status qst_knowledge_check_teacher(const qst_knowledge *knowledge, const qst_model *teacher)
{
    char hash[QSTI_HASH_CHARS];
    qst_status status = qst_model_hash(teacher, hash);
    if (status != QST_OK)
        return status;
    if (strcmp(knowledge->teacher_hash, hash) == 0)
        return QST_OK;
    return qsti_fail(knowledge->ctx, QST_ERR_MISMATCH,
                     "the knowledge came from the teacher with SHA-256 %.16s..., this one has %.16s...",
                     knowledge->teacher_hash[0] ? knowledge->teacher_hash : "(a table)", hash);
}

/* --- initial weights ---------------------------------------------------------------------------------------------- */

qst_status qst_knowledge_add_weights(qst_knowledge *knowledge, const qst_model *teacher)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = knowledge->ctx;
    qsti_weight_source source;
    json_t *json = NULL;
    qst_circuit *circuit = NULL;
    double *weights = NULL;
    QSTI_TRY(qst_knowledge_check_teacher(knowledge, teacher));
    if (!qsti_model_weight_source(teacher, &source))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MISMATCH, "initial_weights: the teacher is no circuit"));
    /* By way of its file form, so that the knowledge holds a circuit of its own. */
    QSTI_TRY(qsti_circuit_to_json(source.circuit, &json));
    QSTI_TRY(qsti_circuit_from_json(ctx, "teacher", json, QST_ERR_INTERNAL, &circuit));
    QSTI_TRY(QSTI_NEW(ctx, teacher->n_weights, &weights));
    memcpy(weights, source.weights, teacher->n_weights * sizeof *weights);
    qst_circuit_free(knowledge->circuit);
    qsti_free(ctx, knowledge->weights);
    knowledge->circuit = circuit;
    knowledge->weights = weights;
    knowledge->n_weights = teacher->n_weights;
    knowledge->head = source.head;
    knowledge->n_values = source.n_values;
    circuit = NULL;
    weights = NULL;
done:
    json_decref(json);
    qst_circuit_free(circuit);
    qsti_free(ctx, weights);
    return status;
}

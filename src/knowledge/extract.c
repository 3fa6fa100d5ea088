/* extract.c: a teacher's scores for every row of a dataset. The one place where the teacher is asked for those;
 * students may not include its header. */
#include "knowledge/extract.h"

#include <string.h>

#include "data/model_binding.h"
#include "knowledge/scores_table.h"

qst_status qst_knowledge_extract(qst_model *teacher, const qst_dataset *dataset, qst_knowledge **out)
{
    qst_status status = QST_OK;
    qst_knowledge *knowledge = NULL;
    QSTI_TRY(qsti_dataset_check_model(dataset, teacher, "teacher"));
    QSTI_TRY(qsti_knowledge_allocate(dataset, qst_model_score_kind(teacher), dataset->n_classes, &knowledge));
    QSTI_TRY(qst_model_scores(teacher, qst_dataset_features(dataset),
                              (qst_matrix){knowledge->scores, knowledge->n_rows, knowledge->n_scores}));
    QSTI_TRY(qst_model_hash(teacher, knowledge->teacher_hash));
    qst_model_measure(teacher, &knowledge->teacher_size);
    *out = knowledge;
    knowledge = NULL;
done:
    qst_knowledge_free(knowledge);
    return status;
}

/* Rows of the table that the dataset has. */
static qst_status source_rows(const qst_dataset *dataset, size_t **out)
{
    size_t *rows = NULL;
    qst_status status = QSTI_NEW(dataset->ctx, dataset->n_rows, &rows);
    for (size_t i = 0; status == QST_OK && i < dataset->n_rows; i++)
        rows[i] = (size_t)dataset->ids[i];
    *out = rows;
    return status;
}

qst_status qsti_knowledge_from_oracle(qsti_oracle *oracle, const qst_table *table, const qst_dataset *dataset,
                                      qst_knowledge **out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = dataset->ctx;
    qst_knowledge *knowledge = NULL;
    size_t *rows = NULL;
    qst_matrix answers = {NULL, dataset->n_rows, oracle->n_scores};
    QSTI_TRY(qsti_scores_check_columns(dataset, oracle->n_scores, "teacher's output"));
    QSTI_TRY(source_rows(dataset, &rows));
    QSTI_TRY(qsti_alloc(ctx, answers.n_rows, answers.n_cols * sizeof(double), (void **)&answers.data));
    QSTI_TRY(qsti_oracle_ask(oracle, qst_table_features(table), rows, answers));
    QSTI_TRY(qsti_knowledge_allocate(dataset, oracle->kind, dataset->n_classes, &knowledge));
    qsti_answers_take(dataset, qst_const_view(answers), oracle->kind, knowledge->scores);
    memcpy(knowledge->teacher_hash, oracle->hash, sizeof knowledge->teacher_hash);
    knowledge->teacher_size = oracle->size;
    *out = knowledge;
    knowledge = NULL;
done:
    qst_knowledge_free(knowledge);
    qsti_free(ctx, rows);
    qsti_free(ctx, answers.data);
    return status;
}

/* --- the public face of queries ----------------------------------------------------------------------------------- */

qst_status qst_knowledge_query(qst_knowledge *knowledge, qst_model *teacher, const qst_table *table,
                               const qst_dataset *dataset, const qst_query_opts *opts)
{
    qst_status status = QST_OK;
    qsti_oracle *oracle = NULL;
    qsti_queries queries = {0};
    QSTI_TRY(qst_knowledge_check(knowledge, dataset));
    QSTI_TRY(qst_knowledge_check_teacher(knowledge, teacher));
    QSTI_TRY(qsti_oracle_borrow_model(teacher, &oracle));
    QSTI_TRY(qsti_queries_make(oracle, table, dataset, opts, &queries));
    if (knowledge->calibration > 0)
        qsti_queries_calibrate(oracle->kind, knowledge->calibration, &queries);
    qsti_queries_clear(knowledge->ctx, &knowledge->queries);
    knowledge->queries = queries;
done:
    qsti_oracle_free(oracle);
    return status;
}

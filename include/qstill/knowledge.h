/* qstill/knowledge.h: stage 3: what crosses from teacher to student: frozen scores with their provenance. */
#ifndef QSTILL_KNOWLEDGE_H
#define QSTILL_KNOWLEDGE_H

#include <qstill/data.h>
#include <qstill/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct qst_knowledge qst_knowledge;

/* Further inputs for the teacher to answer, beside the rows of the dataset: made in the space of the data source's
 * rows, by the dataset's seed, then preprocessed; the student sees them as rows without a label. */
typedef struct qst_query_opts {
    double mixup;       /* this many between two training rows, for each training row: l a + (1 - l) b [zhang2018] */
    double mixup_least; /* l is uniform between this and 1; 0..1 */
    double noise;       /* this many beside a training row, for each training row: a + Gaussian noise */
    double noise_sd;    /* its standard deviation, in units of the column's over the training rows; > 0 */
    const char *file;   /* rows of the user's, as qst_array_read() takes them; NULL: none */
    size_t budget;      /* at most this many, shared in the ratio of what is wanted; 0: no limit */
} qst_query_opts;
#define QST_QUERY_MOST      1000                /* of mixup and noise */
#define QST_QUERY_ROWS_MOST ((size_t)100000000) /* of all queries */

/* Knowledge from a user's table of outputs: row i belongs to row i of the data's source (before any filter); columns
 * are the source's classes in ascending order, or those of the dataset. Probabilities and log-probabilities are cut to
 * the dataset's classes and renormalised. temperature: the one at which probabilities were taken (they are brought back
 * to 1). Errors: ERR_MISMATCH (rows, columns; both numbers), ERR_INPUT (a row of probabilities that does not sum to 1
 * within 1e-6, or is negative; rows declared as logits that are all probabilities), ERR_USAGE (temperature). */
QST_API qst_status qst_knowledge_from_table(const qst_dataset *dataset, qst_const_matrix scores, qst_score_kind kind,
                                            double temperature, qst_knowledge **out);
/* Adds weights of the teacher for the student to start from (an `initial_weights` knowledge). */
QST_API qst_status qst_knowledge_add_weights(qst_knowledge *knowledge, const qst_model *teacher);
QST_API void qst_knowledge_free(qst_knowledge *knowledge);

QST_API qst_score_kind qst_knowledge_kind(const qst_knowledge *knowledge);
/* (N, C): row i belongs to row i of the dataset. */
QST_API qst_const_matrix qst_knowledge_scores(const qst_knowledge *knowledge);
/* How many rows beyond the dataset have been answered: qst_knowledge_query(). */
QST_API size_t qst_knowledge_queries(const qst_knowledge *knowledge);
/* The temperature that the teacher was calibrated by; NaN: it was not. */
QST_API double qst_knowledge_calibration(const qst_knowledge *knowledge);

/* Refuses a dataset other than the one the knowledge was made from: ERR_MISMATCH with both hashes. */
QST_API qst_status qst_knowledge_check(const qst_knowledge *knowledge, const qst_dataset *dataset);
/* Refuses a teacher other than the one it came from. */
QST_API qst_status qst_knowledge_check_teacher(const qst_knowledge *knowledge, const qst_model *teacher);

/* The artefact: FOLDER/knowledge.json and FOLDER/knowledge.safetensors. */
QST_API qst_status qst_knowledge_save(const qst_knowledge *knowledge, const char *folder);
QST_API qst_status qst_knowledge_load(qst_ctx *ctx, const char *folder, qst_knowledge **out);

#ifdef __cplusplus
}
#endif
#endif

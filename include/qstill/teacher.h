/* qstill/teacher.h: stage 2: a model trained on the labels, and what it knows about a dataset. */
#ifndef QSTILL_TEACHER_H
#define QSTILL_TEACHER_H

#include <qstill/data.h>
#include <qstill/knowledge.h>
#include <qstill/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Makes a model for the dataset (its features, classes, class names and preprocessing), draws its weights by
 * train->seed and trains it on the training rows. */
QST_API qst_status qst_teacher_train(const qst_dataset *dataset, const qst_model_opts *model,
                                     const qst_train_opts *train, qst_model **out, qst_train_result *out_result);

/* A teacher that was made elsewhere, from its description, a YAML file (docs/teachers.md): a circuit in OpenQASM, which
 * it names or which is given besides, or a template of PennyLane or Qiskit; its weights, outputs and head; the classes,
 * or the folder of the dataset that it belongs to. Its weights are a model's, so that it can be saved and trained on.
 * Errors: ERR_USAGE (the description, with place), ERR_MISMATCH (arrays of another shape, with the right one),
 * ERR_UNSUPPORTED (a circuit with measurements in the middle), those of the files. */
QST_API qst_status qst_teacher_import(qst_ctx *ctx, const char *description, const char *circuit, qst_model **out);

/* The teacher's scores for every row of the dataset. Errors: ERR_MISMATCH when features or classes differ. */
QST_API qst_status qst_knowledge_extract(qst_model *teacher, const qst_dataset *dataset, qst_knowledge **out);
/* Has the teacher answer rows beyond the dataset, for students to learn from; they replace earlier ones. The dataset
 * was made from the table. Errors: ERR_MISMATCH (parts that do not belong together; columns of the file), ERR_USAGE
 * (numbers out of range), ERR_LIMIT, those of reading the file. Cost: the teacher's scores of all queries. */
QST_API qst_status qst_knowledge_query(qst_knowledge *knowledge, qst_model *teacher, const qst_table *table,
                                       const qst_dataset *dataset, const qst_query_opts *opts);

#ifdef __cplusplus
}
#endif
#endif

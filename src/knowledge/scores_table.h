/* scores_table.h: rows of outputs that have a column for every class of the source, or of the dataset. */
#ifndef QSTI_KNOWLEDGE_SCORES_TABLE_H
#define QSTI_KNOWLEDGE_SCORES_TABLE_H

#include "data/dataset.h"
#include "learn/model.h"

/* Refuses a number of columns that is neither that of the source's classes nor of the dataset's: ERR_MISMATCH. `what`
 * gives them: "table of scores", "teacher". */
qst_status qsti_scores_check_columns(const qst_dataset *dataset, size_t n_cols, const char *what);

/* out (the dataset's classes) from one row: the dataset's columns are taken; probabilities are renormalised when some
 * are left out, and brought back from `temperature` to 1. */
void qsti_scores_take(const qst_dataset *dataset, const double *row, size_t n_cols, qst_score_kind kind,
                      double temperature, double *out);

/* The same for a teacher's answers (n, its scores), at temperature 1; as they are when the teacher knows the dataset's
 * classes alone. out: (n, the dataset's classes). */
void qsti_answers_take(const qst_dataset *dataset, qst_const_matrix answers, qst_score_kind kind, double *out);

#endif

/* exam.h: one seed's models measured on the rows that nobody learned from. */
#ifndef QSTI_RUN_EXAM_H
#define QSTI_RUN_EXAM_H

#include "data/part.h"
#include "knowledge/knowledge.h"
#include "learn/train.h"
#include "student/student.h"
#include "verify/report.h"

/* A dataset with its teacher's answers, by split. */
typedef struct qsti_exam {
    const qst_dataset *dataset;
    const qst_knowledge *knowledge;
    qsti_part parts[3];   /* by qst_split */
    double *teacher_p[3]; /* (n, C) probabilities at T = 1 */
    double label_noise;   /* of the labels that models may know; 0 unless set */
} qsti_exam;

qst_status qsti_exam_create(const qst_dataset *dataset, const qst_knowledge *knowledge, qsti_exam *out);
void qsti_exam_clear(qsti_exam *exam);

/* The teacher, from its scores alone. `right` is allocated. */
qst_status qsti_exam_teacher(const qsti_exam *exam, qsti_role_result *out);

/* A model that may know label_fraction of the labels: quality on test, fidelity to the teacher, accuracy on the other
 * splits. outcome (NULL: not trained here) gives epochs and the last epoch's weights; loss (with its temperature and
 * alpha) is measured on test rows against the teacher unless NULL. */
qst_status qsti_exam_model(const qsti_exam *exam, qst_model *model, double label_fraction,
                           const qsti_train_outcome *outcome, const qst_train_opts *loss, qsti_role_result *out);

/* A copy with a `right` of its own, and without what was measured on a device. */
qst_status qsti_role_result_copy(qst_ctx *ctx, const qsti_role_result *result, qsti_role_result *out);
void qsti_role_result_clear(qst_ctx *ctx, qsti_role_result *result);

/* A model's size as reports have it; and that of the knowledge's teacher. */
qsti_size qsti_exam_size(const qst_model *model);
qsti_size qsti_exam_teacher_size(const qsti_exam *exam);

#endif

/* student.h: distilling, with all of its outcome. Knows the teacher through knowledge only. */
#ifndef QSTI_STUDENT_STUDENT_H
#define QSTI_STUDENT_STUDENT_H

#include <qstill/student.h>

#include "data/part.h"
#include "learn/train.h"

/* qst_student_distill() with the whole outcome of the chosen cell. */
qst_status qsti_student_distill(const qst_dataset *dataset, const qst_knowledge *knowledge, const qst_model_opts *model,
                                const qst_train_opts *train, const qst_distill_opts *opts, qst_model **out,
                                qst_distill_result *out_result, qsti_train_outcome *out_outcome);

qst_status qsti_student_control(const qst_dataset *dataset, const qst_knowledge *knowledge, const qst_model_opts *model,
                                const qst_train_opts *train, const qst_distill_opts *opts, qst_model **out,
                                qsti_train_outcome *out_outcome);

/* The rows a student learns from: labels that are not used are -1 (label_fraction). */
typedef struct qsti_lesson {
    qsti_part train, validation;
    size_t n_labelled; /* training rows with a label */
} qsti_lesson;
qst_status qsti_lesson_create(const qst_dataset *dataset, double label_fraction, qsti_lesson *out);
void qsti_lesson_clear(qst_ctx *ctx, qsti_lesson *lesson);

/* Masks all but a share of the labels, drawn within each class by seed; every class keeps at least one. *out_kept may
 * be NULL. */
qst_status qsti_labels_mask(qst_ctx *ctx, int64_t *labels, size_t n, size_t n_classes, double fraction, uint64_t seed,
                            uint32_t stream, size_t *out_kept);

#endif

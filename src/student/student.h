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

/* The rows a student learns from: labels that are not used are -1 (label_fraction), some of the others may be wrong
 * (label_noise). Queries stand behind the training rows: train.rows counts them on from the rows of the dataset. */
typedef struct qsti_lesson {
    qsti_part train, validation;
    size_t n_labelled; /* training rows with a label */
} qsti_lesson;
qst_status qsti_lesson_create(const qst_dataset *dataset, double label_fraction, double label_noise, qsti_lesson *out);
/* Puts the knowledge's queries behind the training rows, without labels; nothing when it has none. */
qst_status qsti_lesson_add_queries(const qst_knowledge *knowledge, qsti_lesson *lesson);
/* *out (train.n, C) = the teacher's scores of all training rows, queries included; freed by the caller. */
qst_status qsti_lesson_scores(const qst_knowledge *knowledge, const qsti_lesson *lesson, double **out);
void qsti_lesson_clear(qst_ctx *ctx, qsti_lesson *lesson);

/* Masks all but a share of the labels, drawn within each class by seed; every class keeps at least one. *out_kept may
 * be NULL. */
qst_status qsti_labels_mask(qst_ctx *ctx, int64_t *labels, size_t n, size_t n_classes, double fraction, uint64_t seed,
                            uint32_t stream, size_t *out_kept);

/* Replaces a share of the labels (those that are not -1), drawn within each class by seed, by another class, each as
 * likely. */
qst_status qsti_labels_disturb(qst_ctx *ctx, int64_t *labels, size_t n, size_t n_classes, double noise, uint64_t seed,
                               uint32_t stream);

#endif

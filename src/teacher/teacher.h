/* teacher.h: training a teacher, with hooks for the run. */
#ifndef QSTI_TEACHER_TEACHER_H
#define QSTI_TEACHER_TEACHER_H

#include <qstill/teacher.h>

#include "learn/train.h"

/* qst_teacher_train() with hooks (NULL: none) and the whole outcome. */
qst_status qsti_teacher_train(const qst_dataset *dataset, const qst_model_opts *opts, const qst_train_opts *train,
                              const qsti_train_hooks *hooks, qst_model **out, qsti_train_outcome *out_outcome);

/* Whether a path names a description for qst_teacher_import(): it ends in .yaml. */
bool qsti_teacher_is_described(const char *path);

#endif

/* lesson_cases.h: iris as a dataset, a small student and a small teacher, for the tests of knowledge and students. */
#ifndef QSTILL_TESTS_UNIT_LESSON_CASES_H
#define QSTILL_TESTS_UNIT_LESSON_CASES_H

#include "support/support.h"

#include "data/dataset.h"
#include "learn/train.h"

/* The 150 rows of iris, 4 features, 3 classes. Freed by the caller. */
qst_table *lesson_table(qst_ctx *ctx);

/* All classes, or versicolor and virginica; standardised and scaled; test 0.3, validation 0.2 of the rest; seed 1. */
qst_dataset *lesson_dataset(const qst_table *table);
qst_dataset *lesson_dataset_of_two(const qst_table *table);

/* Circuits of 2 qubits (student) and 3 (teacher); head linear. Borrow static words. */
qst_model_opts lesson_student(void);
qst_model_opts lesson_teacher(void);

/* Adam, rate 0.05, batches of 16, 3 epochs, the last is taken; cross-entropy. */
qst_train_opts lesson_train(void);

/* Logits for every row of a table that mostly follow its labels; (150, 3), static. */
qst_const_matrix lesson_logits(const qst_table *table);

#endif

/* train_cases.h: trainings of a small model for the tests of the training loop: 90 rows, 40 for validation, two
 * threads. */
#ifndef QSTILL_TESTS_UNIT_TRAIN_CASES_H
#define QSTILL_TESTS_UNIT_TRAIN_CASES_H

#include "learn_cases.h"

/* Made by set_up(), freed by tear_down(). */
extern qst_ctx *ctx;
extern learn_rows rows, validation;

/* A model trained on rows and validation; all of it. */
typedef struct trained {
    qst_model *model;
    qsti_train_outcome outcome;
} trained;

int set_up(void **state);
int tear_down(void **state);
qst_train_data data_of(const learn_rows *from, qst_loss loss);
trained train_in(qst_ctx *own, const char *output, qst_head head, qst_precision precision, const qst_train_opts *opts,
                 bool validated);
trained train(const qst_train_opts *opts, bool validated);
void trained_clear(trained *t);
void assert_same_weights(const trained *a, const trained *b);
/* The epoch (1-based) that the curve says is the best: accuracy, then loss, then earlier. For ce the loss is the
 * cross-entropy. */
size_t best_of(const qsti_epoch *epochs, size_t n);

#endif

/* learn_cases.h: small models, and rows to train them on: three features, three classes. */
#ifndef QSTILL_TESTS_UNIT_LEARN_CASES_H
#define QSTILL_TESTS_UNIT_LEARN_CASES_H

#include "support/support.h"

#include "learn/train.h"

#define LEARN_FEATURES 3
#define LEARN_CLASSES  3
#define LEARN_MAX_ROWS 256

/* Features in [-1, 1], labels by a rule that no plane separates, and outputs of an imagined teacher that mostly follows
 * it, as logits, probabilities and expectation values. */
typedef struct learn_rows {
    size_t n;
    double x[LEARN_MAX_ROWS * LEARN_FEATURES];
    int64_t labels[LEARN_MAX_ROWS];
    double logits[LEARN_MAX_ROWS * LEARN_CLASSES];
    double probabilities[LEARN_MAX_ROWS * LEARN_CLASSES];
    double expectations[LEARN_MAX_ROWS * LEARN_CLASSES];
} learn_rows;

/* Other rows for every stream. */
void learn_rows_make(learn_rows *rows, size_t n, uint32_t stream);

/* Rows with labels alone; with labels and the teacher's scores of a kind. */
qst_train_data learn_labelled(const learn_rows *rows);
qst_train_data learn_taught(const learn_rows *rows, qst_score_kind kind);

/* 3 qubits, 1 layer of re-uploading and strongly entangling: 6 + 9 circuit weights. `output` as in qst_readout_parse();
 * "logistic" instead gives that kind of model. Freed by the caller. */
qst_model *learn_model(qst_ctx *ctx, const char *output, qst_head head, qst_precision precision);

/* Cross-entropy, Adam, rate 0.05, batches of 16, 6 epochs. */
qst_train_opts learn_opts(void);

#endif

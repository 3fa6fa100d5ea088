/* split.h: seeded, stratified splits. For dataset.c. */
#ifndef QSTI_DATA_SPLIT_H
#define QSTI_DATA_SPLIT_H

#include "base/memory.h"

typedef struct qsti_split_plan {
    size_t n_rows, n_classes;
    const int64_t *labels;    /* (n_rows) 0..n_classes-1 */
    const char *const *names; /* (n_classes), for messages */
    const uint8_t *official;  /* (n_rows) qst_split, or NULL: draw the test part */
    double test, validation;  /* shares of all and of the rest */
    uint64_t seed;
} qsti_split_plan;

/* out (n_rows): the qst_split of each row. The test part has round(test * n_rows) rows, the validation part
 * round(validation * rest), each class in its share of them by largest remainder (ties: the lower class), but every
 * part of a non-zero share, and training, at least one row of every class. Errors: ERR_INPUT when a class has too few
 * rows for that. */
qst_status qsti_split_draw(qst_ctx *ctx, const qsti_split_plan *plan, uint8_t *out);

/* The share of each class: n_classes counts whose sum is `total` where lowest <= counts[c] <= sizes[c] - kept allows
 * it. quota_c = total * sizes[c] / sum of sizes. Exposed for tests. */
void qsti_split_apportion(const size_t *sizes, size_t n_classes, size_t total, size_t kept, size_t *counts);

#endif

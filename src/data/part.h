/* part.h: the rows of one split, gathered. */
#ifndef QSTI_DATA_PART_H
#define QSTI_DATA_PART_H

#include "data/dataset.h"

typedef struct qsti_part {
    size_t n, n_features;
    size_t *rows;    /* (n) of the dataset */
    double *x;       /* (n, n_features) */
    int64_t *labels; /* (n) */
} qsti_part;

qst_status qsti_part_create(const qst_dataset *dataset, qst_split split, qsti_part *out);
void qsti_part_clear(qst_ctx *ctx, qsti_part *part);

/* *out (n, all.n_cols) = the part's rows of an array that has a row for every row of the dataset; freed by the caller.
 */
qst_status qsti_part_gather(qst_ctx *ctx, const qsti_part *part, qst_const_matrix all, double **out);

static inline qst_const_matrix qsti_part_x(const qsti_part *part)
{
    return (qst_const_matrix){part->x, part->n, part->n_features};
}

#endif

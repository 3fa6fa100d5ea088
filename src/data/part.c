/* part.c: see part.h. */
#include "data/part.h"

#include <string.h>

qst_status qsti_part_create(const qst_dataset *dataset, qst_split split, qsti_part *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = dataset->ctx;
    qsti_part part = {.n_features = dataset->n_features};
    QSTI_TRY(qsti_dataset_rows(dataset, split, &part.rows, &part.n));
    qst_const_matrix all = {dataset->features, dataset->n_rows, dataset->n_features};
    QSTI_TRY(qsti_part_gather(ctx, &part, all, &part.x));
    QSTI_TRY(QSTI_NEW(ctx, part.n, &part.labels));
    for (size_t i = 0; i < part.n; i++)
        part.labels[i] = dataset->labels[part.rows[i]];
    *out = part;
    return QST_OK;
done:
    qsti_part_clear(ctx, &part);
    return status;
}

void qsti_part_clear(qst_ctx *ctx, qsti_part *part)
{
    qsti_free(ctx, part->rows);
    qsti_free(ctx, part->x);
    qsti_free(ctx, part->labels);
    *part = (qsti_part){0};
}

qst_status qsti_part_gather(qst_ctx *ctx, const qsti_part *part, qst_const_matrix all, double **out)
{
    size_t n_values = 0;
    double *values = NULL;
    if (!qsti_mul(part->n, all.n_cols, &n_values))
        return qsti_fail(ctx, QST_ERR_LIMIT, "%zu rows are too many", part->n);
    qst_status status = QSTI_NEW(ctx, n_values, &values);
    if (status != QST_OK)
        return status;
    for (size_t i = 0; i < part->n; i++)
        memcpy(values + i * all.n_cols, all.data + part->rows[i] * all.n_cols, all.n_cols * sizeof *values);
    *out = values;
    return QST_OK;
}

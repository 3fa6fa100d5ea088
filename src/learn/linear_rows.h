/* linear_rows.h: z = W m + b on rows x, m = x or features made from x: what the models `logistic` and `fourier` share.
 *
 * weights = W (C, K), b (C), then whatever the features stand on. Scores and gradients come block by block of rows, as
 * the interface of models has it (learn/model.h).
 */
#ifndef QSTI_LEARN_LINEAR_ROWS_H
#define QSTI_LEARN_LINEAR_ROWS_H

#include "learn/model.h"
#include "learn/row_blocks.h"
#include "net/dense.h"

/* Features m (K, QSTI_BLOCK_ROWS) of a block of rows x (d, QSTI_BLOCK_ROWS), and out (d, QSTI_BLOCK_ROWS) = dL/dx from
 * cotangents = dL/dm. `weights` are all of the model's. */
typedef struct qsti_row_features {
    size_t n; /* K */
    void (*make)(const qst_model *model, const double *weights, const double *x, double *out);
    void (*back)(const qst_model *model, const double *weights, const double *features, const double *cotangents,
                 double *out);
} qsti_row_features;

typedef struct qsti_linear_rows {
    qsti_dense layer;
    qsti_row_features features; /* make NULL: x itself */
    double *lines;              /* (threads, room of a worker, QSTI_BLOCK_ROWS) */
    double *sums;               /* (weights of the layer + n_sums) of a step */
    size_t n_sums;
    qsti_row_blocks blocks;
} qsti_linear_rows;

/* For rows of n_features numbers; features NULL: the layer takes them as they are. Errors: ERR_LIMIT, ERR_MEMORY. */
qst_status qsti_linear_rows_init(qst_ctx *ctx, size_t n_features, size_t n_scores, const qsti_row_features *features,
                                 qsti_linear_rows *out);
void qsti_linear_rows_clear(qst_ctx *ctx, qsti_linear_rows *rows);

/* evaluate() and gradient() of a model that is such a layer. */
qst_status qsti_linear_rows_evaluate(qsti_linear_rows *rows, const qst_model *model, const double *weights,
                                     qst_const_matrix x, qst_block_fn *fn, void *user, size_t n_sums, double *out_sums);
qst_status qsti_linear_rows_gradient(qsti_linear_rows *rows, const qst_model *model, const qsti_pass *pass);

#endif

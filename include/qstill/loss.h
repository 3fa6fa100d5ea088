/* qstill/loss.h: the losses, on plain arrays.
 *
 * Scores are (N, C). ce and kd take logits; expectation_mse takes expectation values. Sums run over outputs, means over
 * samples. Softmax is shifted by the maximum; terms with p_T = 0 are 0. Papers and equations: docs/losses.md.
 */
#ifndef QSTILL_LOSS_H
#define QSTILL_LOSS_H

#include <qstill/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum qst_loss {
#define QST_LOSS(name, needs_teacher, needs_labels, about) QST_LOSS_##name,
#include <qstill/losses.def>
#undef QST_LOSS
    QST_LOSS_COUNT
} qst_loss;

/* Temperatures are > 0 and at most this: T^2 KL keeps all its digits and is finite for every one of them. */
#define QST_TEMPERATURE_MAX 1e6

typedef enum qst_reduction { QST_REDUCE_MEAN, QST_REDUCE_SUM } qst_reduction;

typedef struct qst_loss_info {
    const char *name;
    bool needs_teacher, needs_labels;
    const char *about;
} qst_loss_info;

QST_API const qst_loss_info *qst_loss_describe(qst_loss loss);
QST_API bool qst_loss_find(const char *name, qst_loss *out);

typedef struct qst_loss_input {
    qst_const_matrix student; /* (N, C) */
    qst_const_matrix teacher; /* (N, C); data NULL where the loss needs none */
    const int64_t *labels; /* (N), 0..C-1, or -1: this row has no label (its hard term is left out, and the hard term is
                              the mean over the rows that have one); NULL: none has */
    double temperature;    /* kd: > 0, at most QST_TEMPERATURE_MAX */
    double alpha;          /* kd: 0..1 */
    qst_reduction reduction; /* over samples */
} qst_loss_input;

typedef struct qst_loss_terms {
    double loss; /* what is minimised */
    double hard; /* cross-entropy, unweighted; NaN when not part of the loss */
    double soft; /* KL at temperature T without T^2, or the squared error, unweighted; NaN when not part of the loss */
} qst_loss_terms;

/* Value and gradient dL/dstudent (N, C); gradient.data may be NULL. Allocates nothing.
 *   kd per sample: (1-alpha)(softmax(z) - onehot) + alpha T (p_S - p_T);  mse: 2 (student - teacher)      [hinton2015]
 * Errors: ERR_MISMATCH (shapes), ERR_USAGE (temperature, alpha, a missing part), ERR_INPUT (label out of range, value
 * not finite, a loss too large for a number), ERR_LIMIT (more than 4096 columns). Cost O(N C). */
QST_API qst_status qst_loss_evaluate(qst_ctx *ctx, qst_loss loss, const qst_loss_input *input, qst_loss_terms *out,
                                     qst_matrix gradient);

#ifdef __cplusplus
}
#endif
#endif

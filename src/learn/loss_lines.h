/* loss_lines.h: ce, kd and the squared errors on a block of samples in lanes: what a training step with one of them
 * alone takes. The others are functions on whole batches (losses/losses.h).
 *
 * A batch is evaluated block by block, in any order and on any thread; what it has to know beforehand is how many rows
 * and labels it has, for the means. Nothing is checked and nothing fails here: what is not finite shows in the sums.
 */
#ifndef QSTI_LEARN_LOSS_LINES_H
#define QSTI_LEARN_LOSS_LINES_H

#include <qstill/loss.h>

#include "kernels/kernels.h"
#include "kernels/score_kernels.h"

/* A loss over a batch. per_row, per_label: 1 / rows and 1 / labels for a mean, 1 for a sum. */
typedef struct qsti_loss_rule {
    const qsti_score_kernels *kernels;
    qst_loss loss;
    double temperature, alpha;
    double per_row, per_label;
    bool has_labels;
} qsti_loss_rule;

/* Whether the loss is one of those here. */
bool qsti_loss_has_lines(qst_loss loss);

/* Refuses numbers that the loss uses and cannot take: ERR_USAGE. parameters NULL: the defaults. */
qst_status qsti_loss_check_numbers(qst_ctx *ctx, qst_loss loss, double temperature, double alpha,
                                   const qst_loss_parameters *parameters);
/* Refuses a number of columns that the loss cannot take: ERR_MISMATCH. */
qst_status qsti_loss_check_columns(qst_ctx *ctx, qst_loss loss, const qst_loss_parameters *parameters, size_t n_cols);

qsti_loss_rule qsti_loss_rule_make(qst_loss loss, double temperature, double alpha);
/* Sets the means: for n_rows rows, n_labelled of which have a label; has_labels: there are labels at all. */
void qsti_loss_rule_count(qsti_loss_rule *rule, qst_reduction reduction, size_t n_rows, bool has_labels,
                          size_t n_labelled);

/* What a loss needs of a teacher is the same in every epoch, and made once: lines [t (n_cols)], for kd followed by
 * [softmax(t/T) (n_cols)] [2 more]. So many lines a teacher has: */
size_t qsti_loss_teacher_lines(const qsti_loss_rule *rule, size_t n_cols);
/* lines (teacher lines, lanes) from scores t (n_cols, lanes), which may be its beginning. */
void qsti_loss_prepare(const qsti_loss_rule *rule, const double *t, size_t n_cols, size_t lanes, double *lines);

/* A block: student (n_cols, lanes); teacher, prepared, NULL where the loss needs none; labels (n_rows), read when
 * rule->has_labels; gradient (n_cols, lanes) is written, 0 in lanes >= n_rows; NULL: not wanted. */
typedef struct qsti_loss_block {
    size_t n_rows, n_cols, lanes;
    const double *student, *teacher;
    const int64_t *labels;
    double *gradient;
    double *work; /* (n_cols, lanes) */
} qsti_loss_block;

/* Sums over rows, without the means and weights of the rule. */
typedef struct qsti_loss_sums {
    double hard;   /* cross-entropy, over the rows with a label */
    double soft;   /* KL at T, or the squared error */
    double scaled; /* T^2 KL */
} qsti_loss_sums;

/* Adds the block's rows to sums. */
void qsti_loss_lines(const qsti_loss_rule *rule, const qsti_loss_block *block, qsti_loss_sums *sums);

/* The terms of a batch from the sums over its rows. Errors: ERR_INPUT (not finite). */
qst_status qsti_loss_terms_of(qst_ctx *ctx, const qsti_loss_rule *rule, const qsti_loss_sums *sums,
                              qst_loss_terms *out);

#endif

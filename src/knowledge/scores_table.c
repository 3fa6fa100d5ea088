/* scores_table.c: knowledge from a user's table of outputs: rows of the source, columns of its classes.
 *
 * Probabilities p taken at temperature T are brought back to T = 1: p^T renormalised, since softmax(ln p^T) =
 * softmax(z) when p = softmax(z/T). Cut to some classes they are renormalised; logits are just cut.
 */
#include "knowledge/scores_table.h"

#include <math.h>
#include <string.h>

#include "knowledge/knowledge.h"
#include "learn/softmax.h"

#define SUM_TOLERANCE 1e-6

qst_status qsti_scores_check_columns(const qst_dataset *dataset, size_t n_cols, const char *what)
{
    if (n_cols == dataset->n_source_classes || n_cols == dataset->n_classes)
        return QST_OK;
    return qsti_fail(dataset->ctx, QST_ERR_MISMATCH,
                     "the %s has %zu columns: the source has %zu classes, of which %zu are used", what, n_cols,
                     dataset->n_source_classes, dataset->n_classes);
}

/* --- checks of the table as it is --------------------------------------------------------------------------------- */

static qst_status check_shape(const qst_dataset *dataset, qst_const_matrix scores)
{
    if (scores.n_rows != dataset->n_source_rows)
        return qsti_fail(dataset->ctx, QST_ERR_MISMATCH, "the table of scores has %zu rows, the data source %zu",
                         scores.n_rows, dataset->n_source_rows);
    return qsti_scores_check_columns(dataset, scores.n_cols, "table of scores");
}

/* Whether a row sums to 1 with no entry below 0. */
static bool is_distribution(const double *row, size_t n)
{
    double sum = 0;
    bool negative = false;
    for (size_t c = 0; c < n; c++) {
        sum += row[c];
        negative |= row[c] < 0;
    }
    return !negative && fabs(sum - 1) <= SUM_TOLERANCE;
}

static qst_status check_row(qst_ctx *ctx, const double *row, size_t n, size_t index, qst_score_kind kind)
{
    double sum = 0;
    for (size_t c = 0; c < n; c++) {
        if (!isfinite(row[c]))
            return qsti_fail(ctx, QST_ERR_INPUT, "scores: row %zu, column %zu: %g is not finite", index, c, row[c]);
        if (kind == QST_SCORE_expectation && fabs(row[c]) > 1 + SUM_TOLERANCE)
            return qsti_fail(ctx, QST_ERR_INPUT, "scores: row %zu, column %zu: %g is no expectation value in [-1, 1]",
                             index, c, row[c]);
        sum += exp(row[c]);
    }
    if (kind == QST_SCORE_probability && !is_distribution(row, n))
        return qsti_fail(ctx, QST_ERR_INPUT, "scores: row %zu is no probability distribution (>= 0, sum 1)", index);
    if (kind == QST_SCORE_log_probability && fabs(sum - 1) > SUM_TOLERANCE)
        return qsti_fail(ctx, QST_ERR_INPUT, "scores: row %zu: the exponentials sum to %g: log-probabilities give 1",
                         index, sum);
    return QST_OK;
}

static qst_status check_values(qst_ctx *ctx, qst_const_matrix scores, qst_score_kind kind)
{
    size_t n_distributions = 0;
    for (size_t i = 0; i < scores.n_rows; i++) {
        const double *row = scores.data + i * scores.n_cols;
        qst_status status = check_row(ctx, row, scores.n_cols, i, kind);
        if (status != QST_OK)
            return status;
        n_distributions += is_distribution(row, scores.n_cols);
    }
    if (kind == QST_SCORE_logit && n_distributions == scores.n_rows && scores.n_cols > 1)
        return qsti_fail(ctx, QST_ERR_INPUT,
                         "scores: every row is >= 0 and sums to 1: these are probabilities, not logits (kind: "
                         "probability)");
    return QST_OK;
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

void qsti_scores_take(const qst_dataset *dataset, const double *row, size_t n_cols, qst_score_kind kind,
                      double temperature, double *out)
{
    size_t n = dataset->n_classes;
    bool all_classes = n_cols == dataset->n_source_classes;
    for (size_t c = 0; c < n; c++)
        out[c] = row[all_classes ? dataset->source_classes[c] : c];
    if (kind != QST_SCORE_probability && kind != QST_SCORE_log_probability)
        return;
    qsti_scores_to_logits(kind, out, n, out);
    for (size_t c = 0; c < n; c++)
        out[c] *= temperature;
    qsti_log_softmax(out, n, 1.0, out);
    for (size_t c = 0; c < n && kind == QST_SCORE_probability; c++)
        out[c] = exp(out[c]);
}

void qsti_answers_take(const qst_dataset *dataset, qst_const_matrix answers, qst_score_kind kind, double *out)
{
    size_t n = dataset->n_classes;
    for (size_t i = 0; i < answers.n_rows; i++) {
        const double *row = answers.data + i * answers.n_cols;
        if (answers.n_cols == n)
            memcpy(out + i * n, row, n * sizeof *out);
        else
            qsti_scores_take(dataset, row, answers.n_cols, kind, 1.0, out + i * n);
    }
}

qst_status qst_knowledge_from_table(const qst_dataset *dataset, qst_const_matrix scores, qst_score_kind kind,
                                    double temperature, qst_knowledge **out)
{
    qst_status status = QST_OK;
    qst_knowledge *knowledge = NULL;
    qst_ctx *ctx = dataset->ctx;
    bool probabilities = kind == QST_SCORE_probability || kind == QST_SCORE_log_probability;
    QSTI_TRY(qsti_check_temperature(ctx, temperature));
    if (!probabilities && temperature != 1) {
        QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE,
                           "temperature: %g: only probabilities have been taken at a temperature, "
                           "these are of kind %s",
                           temperature, qst_score_kind_name(kind)));
    }
    QSTI_TRY(check_shape(dataset, scores));
    QSTI_TRY(check_values(ctx, scores, kind));
    QSTI_TRY(qsti_knowledge_allocate(dataset, kind, dataset->n_classes, &knowledge));
    for (size_t i = 0; i < dataset->n_rows; i++)
        qsti_scores_take(dataset, scores.data + (size_t)dataset->ids[i] * scores.n_cols, scores.n_cols, kind,
                         temperature, knowledge->scores + i * knowledge->n_scores);
    *out = knowledge;
    knowledge = NULL;
done:
    qst_knowledge_free(knowledge);
    return status;
}

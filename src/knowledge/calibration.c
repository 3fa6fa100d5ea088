/* calibration.c: a teacher calibrated by one temperature before it teaches [guo2017].
 *
 *   scores z  ->  z / T,   T = argmin NLL of softmax(z / T) on the validation rows
 *
 * for logits; probabilities p become softmax(ln p / T), log-probabilities their logarithm; expectation values m become
 * the logits m / T, for m / T is no expectation value.
 */
#include <math.h>

#include "data/part.h"
#include "knowledge/extract.h"
#include "learn/softmax.h"
#include "learn/temperature.h"

/* What calibrated scores are. */
static qst_score_kind calibrated_kind(qst_score_kind kind)
{
    return kind == QST_SCORE_expectation ? QST_SCORE_logit : kind;
}

/* In place, (n, n_cols). */
static void divide(qst_score_kind kind, double temperature, double *scores, size_t n, size_t n_cols)
{
    for (size_t i = 0; i < n; i++) {
        double *row = scores + i * n_cols;
        if (kind == QST_SCORE_logit || kind == QST_SCORE_expectation) {
            for (size_t c = 0; c < n_cols; c++)
                row[c] /= temperature;
            continue;
        }
        qsti_scores_to_logits(kind, row, n_cols, row);
        qsti_log_softmax(row, n_cols, temperature, row);
        for (size_t c = 0; c < n_cols && kind == QST_SCORE_probability; c++)
            row[c] = exp(row[c]);
    }
}

void qsti_queries_calibrate(qst_score_kind kind, double temperature, qsti_queries *queries)
{
    divide(kind, temperature, queries->scores, queries->n, queries->n_scores);
}

qst_status qsti_knowledge_calibrate(qst_knowledge *knowledge, const qst_dataset *dataset)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = knowledge->ctx;
    qsti_part part = {0};
    qst_matrix p = {NULL, 0, knowledge->n_scores};
    QSTI_TRY(qst_knowledge_check(knowledge, dataset));
    QSTI_TRY(qsti_part_create(dataset, QST_VALIDATION, &part));
    if (part.n == 0)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE, "calibrate: there are no validation rows to fit a temperature on"));
    QSTI_TRY(qsti_part_gather(ctx, &part, qst_knowledge_scores(knowledge), &p.data));
    p.n_rows = part.n;
    QSTI_TRY(qst_scores_to_probabilities(ctx, knowledge->kind, qst_const_view(p), 1.0, p));
    double temperature = qsti_temperature_fit(p.data, part.labels, part.n, knowledge->n_scores);
    divide(knowledge->kind, temperature, knowledge->scores, knowledge->n_rows, knowledge->n_scores);
    qsti_queries_calibrate(knowledge->kind, temperature, &knowledge->queries);
    knowledge->kind = calibrated_kind(knowledge->kind);
    knowledge->calibration = temperature;
done:
    qsti_free(ctx, p.data);
    qsti_part_clear(dataset->ctx, &part);
    return status;
}

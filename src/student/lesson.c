/* lesson.c: the rows a student learns from: with few labels which of them are used, with wrong ones which are wrong,
 * and the queries that the teacher has answered behind them.
 *
 * Within each class the rows are shuffled by (seed, stream, class) and the first round(fraction n_c), at least one,
 * keep their label; the others get -1, which the losses leave out of the hard term. Of the labels that are left the
 * first round(noise n_c) of another shuffle become another class. The same draws serve student, control and floor.
 */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "knowledge/knowledge.h"
#include "student/student.h"

qst_status qsti_labels_mask(qst_ctx *ctx, int64_t *labels, size_t n, size_t n_classes, double fraction, uint64_t seed,
                            uint32_t stream, size_t *out_kept)
{
    qst_status status = QST_OK;
    size_t *rows = NULL, kept = 0;
    if (!(fraction > 0 && fraction <= 1))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE, "label_fraction: %g is not in (0, 1]", fraction));
    QSTI_TRY(QSTI_NEW(ctx, n, &rows));
    for (size_t c = 0; c < n_classes; c++) {
        size_t n_rows = 0;
        for (size_t i = 0; i < n; i++)
            if (labels[i] == (int64_t)c)
                rows[n_rows++] = i;
        qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_LABEL_MASK, stream, (uint32_t)c);
        qsti_rng_shuffle(&rng, rows, n_rows);
        size_t keep = (size_t)llround(fraction * (double)n_rows);
        keep = keep == 0 && n_rows > 0 ? 1 : keep;
        for (size_t i = keep; i < n_rows; i++)
            labels[rows[i]] = -1;
        kept += keep;
    }
    if (out_kept != NULL)
        *out_kept = kept;
done:
    qsti_free(ctx, rows);
    return status;
}

/* One of the other classes. */
static int64_t another_class(qsti_rng *rng, size_t n_classes, size_t label)
{
    size_t other = (size_t)qsti_rng_below(rng, n_classes - 1);
    return (int64_t)(other + (other >= label));
}

qst_status qsti_labels_disturb(qst_ctx *ctx, int64_t *labels, size_t n, size_t n_classes, double noise, uint64_t seed,
                               uint32_t stream)
{
    qst_status status = QST_OK;
    size_t *rows = NULL;
    int64_t *clean = NULL;
    if (!(noise >= 0 && noise < 1))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE, "label_noise: %g is not in [0, 1)", noise));
    if (noise == 0)
        goto done;
    QSTI_TRY(QSTI_NEW(ctx, n, &rows));
    QSTI_TRY(QSTI_NEW(ctx, n, &clean));
    memcpy(clean, labels, n * sizeof *clean);
    for (size_t c = 0; c < n_classes; c++) {
        size_t n_rows = 0;
        for (size_t i = 0; i < n; i++)
            if (clean[i] == (int64_t)c)
                rows[n_rows++] = i;
        qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_LABEL_NOISE, stream, (uint32_t)c);
        qsti_rng_shuffle(&rng, rows, n_rows);
        size_t n_wrong = (size_t)llround(noise * (double)n_rows);
        for (size_t i = 0; i < n_wrong; i++)
            labels[rows[i]] = another_class(&rng, n_classes, c);
    }
done:
    qsti_free(ctx, rows);
    qsti_free(ctx, clean);
    return status;
}

/* --- lessons ------------------------------------------------------------------------------------------------------ */

/* Masks, then disturbs, the labels of one part; the same seeds for whoever asks. */
static qst_status use_labels(const qst_dataset *dataset, qsti_part *part, qst_split split, double fraction,
                             double noise, size_t *out_kept)
{
    qst_status status = qsti_labels_mask(dataset->ctx, part->labels, part->n, dataset->n_classes, fraction,
                                         dataset->seed, (uint32_t)split, out_kept);
    if (status != QST_OK)
        return status;
    return qsti_labels_disturb(dataset->ctx, part->labels, part->n, dataset->n_classes, noise, dataset->seed,
                               (uint32_t)split);
}

qst_status qsti_lesson_create(const qst_dataset *dataset, double label_fraction, double label_noise, qsti_lesson *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = dataset->ctx;
    qsti_lesson lesson = {0};
    QSTI_TRY(qsti_part_create(dataset, QST_TRAIN, &lesson.train));
    QSTI_TRY(qsti_part_create(dataset, QST_VALIDATION, &lesson.validation));
    QSTI_TRY(use_labels(dataset, &lesson.train, QST_TRAIN, label_fraction, label_noise, &lesson.n_labelled));
    QSTI_TRY(use_labels(dataset, &lesson.validation, QST_VALIDATION, label_fraction, label_noise, NULL));
    *out = lesson;
    return QST_OK;
done:
    qsti_lesson_clear(ctx, &lesson);
    return status;
}

qst_status qsti_lesson_add_queries(const qst_knowledge *knowledge, qsti_lesson *lesson)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = knowledge->ctx;
    const qsti_queries *queries = &knowledge->queries;
    qsti_part *train = &lesson->train;
    size_t d = train->n_features, n = 0, n_values = 0;
    if (queries->n == 0)
        return QST_OK;
    if (queries->n_features != d)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "the knowledge's queries have %zu features, the dataset has %zu",
                         queries->n_features, d);
    if (!qsti_add(train->n, queries->n, &n) || !qsti_mul(n, d, &n_values))
        return qsti_fail(ctx, QST_ERR_LIMIT, "%zu queries are too many", queries->n);
    QSTI_TRY(QSTI_GROW(ctx, n_values, &train->x));
    QSTI_TRY(QSTI_GROW(ctx, n, &train->labels));
    QSTI_TRY(QSTI_GROW(ctx, n, &train->rows));
    memcpy(train->x + train->n * d, queries->x, queries->n * d * sizeof *train->x);
    for (size_t i = 0; i < queries->n; i++) {
        train->labels[train->n + i] = -1;
        train->rows[train->n + i] = knowledge->n_rows + i;
    }
    train->n = n;
done:
    return status;
}

qst_status qsti_lesson_scores(const qst_knowledge *knowledge, const qsti_lesson *lesson, double **out)
{
    const qsti_part *train = &lesson->train;
    size_t n_cols = knowledge->n_scores, n_values = 0;
    double *scores = NULL;
    if (!qsti_mul(train->n, n_cols, &n_values))
        return qsti_fail(knowledge->ctx, QST_ERR_LIMIT, "%zu rows are too many", train->n);
    qst_status status = QSTI_NEW(knowledge->ctx, n_values, &scores);
    if (status != QST_OK)
        return status;
    for (size_t i = 0; i < train->n; i++) {
        size_t row = train->rows[i];
        const double *from = row < knowledge->n_rows ? knowledge->scores + row * n_cols
                                                     : knowledge->queries.scores + (row - knowledge->n_rows) * n_cols;
        memcpy(scores + i * n_cols, from, n_cols * sizeof *scores);
    }
    *out = scores;
    return QST_OK;
}

void qsti_lesson_clear(qst_ctx *ctx, qsti_lesson *lesson)
{
    qsti_part_clear(ctx, &lesson->train);
    qsti_part_clear(ctx, &lesson->validation);
}

/* lesson.c: the rows a student learns from, and with few labels which of them are used.
 *
 * Within each class the rows are shuffled by (seed, stream, class) and the first round(fraction n_c), at least one,
 * keep their label; the others get -1, which the losses leave out of the hard term. The same draw serves student,
 * control and floor.
 */
#include <math.h>

#include "base/rng.h"
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

qst_status qsti_lesson_create(const qst_dataset *dataset, double label_fraction, qsti_lesson *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = dataset->ctx;
    qsti_lesson lesson = {0};
    QSTI_TRY(qsti_part_create(dataset, QST_TRAIN, &lesson.train));
    QSTI_TRY(qsti_part_create(dataset, QST_VALIDATION, &lesson.validation));
    QSTI_TRY(qsti_labels_mask(ctx, lesson.train.labels, lesson.train.n, dataset->n_classes, label_fraction,
                              dataset->seed, QST_TRAIN, &lesson.n_labelled));
    QSTI_TRY(qsti_labels_mask(ctx, lesson.validation.labels, lesson.validation.n, dataset->n_classes, label_fraction,
                              dataset->seed, QST_VALIDATION, NULL));
    *out = lesson;
    return QST_OK;
done:
    qsti_lesson_clear(ctx, &lesson);
    return status;
}

void qsti_lesson_clear(qst_ctx *ctx, qsti_lesson *lesson)
{
    qsti_part_clear(ctx, &lesson->train);
    qsti_part_clear(ctx, &lesson->validation);
}

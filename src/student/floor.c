/* floor.c: what a linear model makes of the same inputs and the same labels: no distillation is worth much below it. */
#include "data/model_binding.h"
#include "learn/model_logistic.h"
#include "student/student.h"

/* scikit-learn's default strength: 1/2 |W|^2 + C sum CE with C = 1. */
#define FLOOR_C 1.0

/* Moves the labelled rows to the front; gives their number. */
static size_t gather_labelled(qsti_part *part)
{
    size_t n = 0;
    for (size_t i = 0; i < part->n; i++) {
        if (part->labels[i] < 0)
            continue;
        for (size_t j = 0; j < part->n_features; j++)
            part->x[n * part->n_features + j] = part->x[i * part->n_features + j];
        part->labels[n++] = part->labels[i];
    }
    return n;
}

qst_status qst_student_floor(const qst_dataset *dataset, const qst_distill_opts *opts, uint64_t seed, qst_model **out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = dataset->ctx;
    qsti_lesson lesson = {0};
    qst_model *model = NULL;
    QSTI_TRY(qsti_lesson_create(dataset, opts->label_fraction, opts->label_noise, &lesson));
    QSTI_TRY(qsti_model_logistic_create(ctx, dataset->n_features, dataset->n_classes, &model));
    QSTI_TRY(qsti_dataset_bind_model(dataset, model));
    qst_model_initialize(model, seed);
    size_t n = gather_labelled(&lesson.train);
    QSTI_TRY(qsti_logistic_fit(model, (qst_const_matrix){lesson.train.x, n, dataset->n_features}, lesson.train.labels,
                               FLOOR_C));
    *out = model;
    model = NULL;
done:
    qst_model_free(model);
    qsti_lesson_clear(ctx, &lesson);
    return status;
}

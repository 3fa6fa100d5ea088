/* teacher.c: a model for a dataset, trained on its labels. Importing teachers from elsewhere has files of its own. */
#include "teacher/teacher.h"

#include "data/model_binding.h"
#include "data/part.h"

qst_status qsti_teacher_train(const qst_dataset *dataset, const qst_model_opts *opts, const qst_train_opts *train,
                              const qsti_train_hooks *hooks, qst_model **out, qsti_train_outcome *out_outcome)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = dataset->ctx;
    qst_model *model = NULL;
    qsti_part rows = {0}, validation_rows = {0};
    const qst_loss_info *loss = qst_loss_describe(train->loss);
    if (loss->needs_teacher)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE, "a teacher cannot be trained with the loss %s, which needs a teacher",
                           loss->name));
    QSTI_TRY(qst_model_create(ctx, opts, dataset->n_features, dataset->n_classes, &model));
    QSTI_TRY(qsti_dataset_bind_model(dataset, model));
    qst_model_initialize(model, train->seed);
    QSTI_TRY(qsti_part_create(dataset, QST_TRAIN, &rows));
    QSTI_TRY(qsti_part_create(dataset, QST_VALIDATION, &validation_rows));
    qst_train_data data = {.x = qsti_part_x(&rows), .labels = rows.labels};
    qst_train_data validation = {.x = qsti_part_x(&validation_rows), .labels = validation_rows.labels};
    QSTI_TRY(qsti_train(model, &data, &validation, train, hooks, out_outcome));
    *out = model;
    model = NULL;
done:
    qst_model_free(model);
    qsti_part_clear(ctx, &rows);
    qsti_part_clear(ctx, &validation_rows);
    return status;
}

qst_status qst_teacher_train(const qst_dataset *dataset, const qst_model_opts *model, const qst_train_opts *train,
                             qst_model **out, qst_train_result *out_result)
{
    qsti_train_outcome outcome = {0};
    qst_status status = qsti_teacher_train(dataset, model, train, NULL, out, &outcome);
    if (status == QST_OK && out_result != NULL)
        *out_result = outcome.result;
    qsti_train_outcome_clear(dataset->ctx, &outcome);
    return status;
}

/* recipe_model.c: the models that a recipe describes, made but not trained. */
#include "run/run.h"

#include "data/dataset.h"

qst_status qst_recipe_model(const qst_recipe *recipe, qst_role role, qst_model **out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = recipe->ctx;
    const qsti_recipe_values *values = &recipe->settings[0];
    const qsti_recipe_model *model = role == QST_TEACHER ? &values->teacher : &values->student;
    qst_table *table = NULL;
    qst_dataset *dataset = NULL;
    qst_table_opts opts = values->table;
    opts.seed = values->seed;
    if (model->file != NULL)
        QSTI_TRY(
            qsti_fail(ctx, QST_ERR_USAGE, "teacher.file: %s: a model from a file is not described here", model->file));
    if (model->is_table)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE, "the recipe's teacher is a table of scores: it has no model"));
    QSTI_TRY(qst_table_load(ctx, &opts, &table));
    QSTI_TRY(qsti_run_dataset(values, table, values->seed, &dataset));
    QSTI_TRY(qst_model_create(ctx, &model->model, dataset->n_features, dataset->n_classes, out));
    qst_model_initialize(*out, values->seed);
done:
    qst_dataset_free(dataset);
    qst_table_free(table);
    return status;
}

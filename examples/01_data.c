/* 01_data.c: stage 1: from a table to a dataset.
 *
 *     01_data WORK
 *
 * Loads the irises, splits them, fits the preprocessing on the training part, and keeps the result in WORK/data. */
#include <stdio.h>

#include <qstill/qstill.h>

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: 01_data WORK\n");
        return 2;
    }
    char folder[512];
    snprintf(folder, sizeof folder, "%s/data", argv[1]);

    qst_ctx *ctx = NULL;
    qst_table *table = NULL;
    qst_dataset *dataset = NULL;
    QST_TRY_MAIN(ctx, qst_ctx_create(NULL, &ctx));
    QST_TRY_MAIN(ctx, qst_table_load(ctx, &(qst_table_opts){.source = "iris"}, &table));

    const qst_preprocess_step steps[] = {{.kind = QST_PREPROCESS_standardize},
                                         {.kind = QST_PREPROCESS_scale, .arguments = {0.5}}};
    const qst_dataset_opts opts = {.test = 0.25, .validation = 0.15, .preprocess = steps, .n_preprocess = 2, .seed = 1};
    QST_TRY_MAIN(ctx, qst_dataset_create(table, &opts, &dataset));
    QST_TRY_MAIN(ctx, qst_dataset_save(dataset, folder));

    qst_const_matrix x = qst_dataset_features(dataset);
    const uint8_t *splits = qst_dataset_splits(dataset);
    int n_rows[3] = {0, 0, 0};
    for (size_t i = 0; i < x.n_rows; i++)
        n_rows[splits[i]]++;
    printf("%s: %zu features, %zu classes; %d rows to train on, %d to choose by, %d for the test\n",
           qst_table_name(table), x.n_cols, qst_dataset_classes(dataset), n_rows[QST_TRAIN], n_rows[QST_VALIDATION],
           n_rows[QST_TEST]);

    qst_dataset_free(dataset);
    qst_table_free(table);
    qst_ctx_free(ctx);
    return 0;
}

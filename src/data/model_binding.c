/* model_binding.c: see model_binding.h. */
#include "data/model_binding.h"

#include <string.h>

qst_status qsti_dataset_check_model(const qst_dataset *dataset, const qst_model *model, const char *what)
{
    if (model->n_features != dataset->n_features)
        return qsti_fail(dataset->ctx, QST_ERR_MISMATCH, "the %s takes %zu features, the dataset has %zu", what,
                         model->n_features, dataset->n_features);
    if (model->n_scores != dataset->n_classes)
        return qsti_fail(dataset->ctx, QST_ERR_MISMATCH, "the %s gives %zu scores, the dataset has %zu classes", what,
                         model->n_scores, dataset->n_classes);
    return QST_OK;
}

qst_status qsti_dataset_bind_model(const qst_dataset *dataset, qst_model *model)
{
    qst_status status = QST_OK;
    QSTI_TRY(qsti_dataset_check_model(dataset, model, "model"));
    QSTI_TRY(qsti_model_set_classes(model, (const char *const *)dataset->class_names, dataset->n_classes));
    QSTI_TRY(qsti_model_set_preprocess(model, dataset->preprocess));
    memcpy(model->data_hash, dataset->hash, sizeof model->data_hash);
done:
    return status;
}

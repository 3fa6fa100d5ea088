/* model_binding.h: ties a model to the dataset it is for. */
#ifndef QSTI_DATA_MODEL_BINDING_H
#define QSTI_DATA_MODEL_BINDING_H

#include "data/dataset.h"
#include "learn/model.h"

/* Gives the model the dataset's class names, preprocessing and hash. Errors: ERR_MISMATCH (features, classes). */
qst_status qsti_dataset_bind_model(const qst_dataset *dataset, qst_model *model);

/* Refuses a model whose features or scores are not the dataset's. `what` names it in the message. */
qst_status qsti_dataset_check_model(const qst_dataset *dataset, const qst_model *model, const char *what);

#endif

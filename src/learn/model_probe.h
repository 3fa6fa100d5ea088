/* model_probe.h: a linear probe: another model whose inner weights stay as they are; only its last linear layer is
 * trained. */
#ifndef QSTI_LEARN_MODEL_PROBE_H
#define QSTI_LEARN_MODEL_PROBE_H

#include "learn/model.h"

/* Takes the inner model. weights = [last layer | all weights of the inner model]. Errors: ERR_USAGE for a model whose
 * last layer is not linear, or whose passes are random (dropout, batch_norm): a frozen one has none. */
qst_status qsti_model_probe_create(qst_model *inner, qst_model **out);
qst_status qsti_model_probe_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_model **out);

/* The inner model, borrowed, with its weights as they are; NULL for other kinds. After they have changed,
 * qsti_model_probe_refresh() takes them over. */
qst_model *qsti_model_probe_inner(const qst_model *model);
void qsti_model_probe_refresh(qst_model *model);

#endif

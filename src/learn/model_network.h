/* model_network.h: networks in the files of models. */
#ifndef QSTI_LEARN_MODEL_NETWORK_H
#define QSTI_LEARN_MODEL_NETWORK_H

#include "learn/model.h"

/* {"input": [c, h, w], "layers": [...]}; *out belongs to the caller. */
qst_status qsti_network_to_json(qst_ctx *ctx, const qsti_network_spec *spec, json_t **out);

/* The same back: the spec's layers are *out_layers, which the caller frees. What does not fit together is found when
 * the network is placed. Errors: ERR_DAMAGED, with `where`. */
qst_status qsti_network_from_json(qst_ctx *ctx, const char *where, const json_t *json, qsti_network_spec *out,
                                  qst_layer **out_layers);

#endif

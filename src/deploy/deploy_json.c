/* deploy_json.c: the form "qstill-student/1": everything that decides a prediction, as numbers (docs/deploy.md). */
#include "circuit/readout.h"
#include "deploy/deploy.h"
#include "learn/model_network.h"
#include "measure/pauli_groups.h"

static json_t *numbers(const double *values, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < n; i++) {
        if (json_array_append_new(list, json_real(values[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static qst_status put(qst_ctx *ctx, json_t *json, const char *key, json_t *value)
{
    return qsti_json_put(json, key, value) ? QST_OK : qsti_fail(ctx, QST_ERR_MEMORY, "out of memory");
}

/* --- parts -------------------------------------------------------------------------------------------------------- */

static qst_status put_model(const qst_model *model, json_t *json)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = model->ctx;
    json_t *names = NULL;
    QSTI_TRY(put(ctx, json, "format", json_string("qstill-student/1")));
    QSTI_TRY(put(ctx, json, "bit_order", json_string("q0-right")));
    QSTI_TRY(put(ctx, json, "n_inputs", json_integer((json_int_t)qsti_deploy_inputs(model))));
    QSTI_TRY(put(ctx, json, "n_classes", json_integer((json_int_t)model->n_scores)));
    names = json_array();
    for (size_t c = 0; names != NULL && model->class_names != NULL && c < model->n_scores; c++) {
        if (json_array_append_new(names, json_string(model->class_names[c])) != 0)
            QSTI_TRY(qsti_fail(ctx, QST_ERR_MEMORY, "out of memory"));
    }
    QSTI_TRY(put(ctx, json, "class_names", json_incref(names)));
    QSTI_TRY(put(ctx, json, "score_kind", json_string(qst_score_kind_name(model->score_kind))));
done:
    json_decref(names);
    return status;
}

/* The steps, and what they were fitted to by the names that they give. */
static qst_status put_preprocess(const qst_model *model, json_t *json)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = model->ctx;
    qsti_tensor tensors[256];
    json_t *steps = NULL, *values = NULL;
    if (model->preprocess == NULL)
        return QST_OK;
    QSTI_TRY(qsti_preprocess_to_json(model->preprocess, &steps));
    QSTI_TRY(put(ctx, json, "preprocess", json_incref(steps)));
    values = json_object();
    size_t n = qsti_preprocess_to_tensors(model->preprocess, tensors);
    for (size_t t = 0; t < n; t++) {
        size_t size = tensors[t].shape[0] * (tensors[t].n_dims > 1 ? tensors[t].shape[1] : 1);
        if (json_object_set_new(values, tensors[t].name, numbers(tensors[t].data, size)) != 0)
            QSTI_TRY(qsti_fail(ctx, QST_ERR_MEMORY, "out of memory"));
    }
    QSTI_TRY(put(ctx, json, "preprocess_tensors", json_incref(values)));
done:
    json_decref(steps);
    json_decref(values);
    return status;
}

static qst_status put_network(qst_ctx *ctx, const char *key, const qsti_network_spec *spec,
                              qsti_network_weights weights, json_t *json)
{
    qst_status status = QST_OK;
    qsti_layer_place *places = NULL;
    size_t n_trained = 0, n_buffers = 0;
    json_t *described = NULL;
    if (spec == NULL)
        return QST_OK;
    QSTI_TRY(qsti_network_places(ctx, spec, &places, &n_trained, &n_buffers));
    QSTI_TRY(qsti_network_to_json(ctx, spec, &described));
    QSTI_TRY(put(ctx, described, "weights", numbers(weights.trained, n_trained)));
    QSTI_TRY(put(ctx, described, "running_statistics", numbers(weights.buffers, n_buffers)));
    QSTI_TRY(put(ctx, json, key, json_incref(described)));
done:
    json_decref(described);
    qsti_free(ctx, places);
    return status;
}

static qst_status put_circuit(const qsti_deployment *deployment, json_t *json)
{
    qst_status status = QST_OK;
    const qsti_circuit_parts *parts = &deployment->parts;
    qst_ctx *ctx = deployment->model->ctx;
    json_t *circuit = NULL, *readout = NULL, *bases = NULL;
    qsti_pauli_groups groups = {NULL, NULL, 0};
    char letters[QSTI_PAULI_CHARS];
    QSTI_TRY(qsti_circuit_to_json(parts->circuit, &circuit));
    QSTI_TRY(put(ctx, json, "circuit", json_incref(circuit)));
    QSTI_TRY(put(ctx, json, "weights", numbers(parts->weights, qst_circuit_weights(parts->circuit))));
    QSTI_TRY(qsti_readout_to_json(parts->readout, &readout));
    QSTI_TRY(put(ctx, json, "readout", json_incref(readout)));
    QSTI_TRY(qsti_pauli_groups_find(parts->readout, &groups));
    bases = json_array();
    for (size_t g = 0; bases != NULL && g < groups.n_bases; g++) {
        qsti_pauli_format(groups.bases[g], parts->readout->n_qubits, letters);
        if (json_array_append_new(bases, json_string(letters)) != 0)
            QSTI_TRY(qsti_fail(ctx, QST_ERR_MEMORY, "out of memory"));
    }
    QSTI_TRY(put(ctx, json, "measured_bases", json_incref(bases)));
done:
    qsti_pauli_groups_clear(ctx, &groups);
    json_decref(bases);
    json_decref(readout);
    json_decref(circuit);
    return status;
}

/* linear: W (n_scores, n_values) row by row, b; scale: s, b. */
static qst_status put_head(const qsti_deployment *deployment, json_t *json)
{
    qst_status status = QST_OK;
    const qsti_circuit_parts *parts = &deployment->parts;
    qst_ctx *ctx = deployment->model->ctx;
    size_t n_values = qst_readout_outputs(parts->readout), n_scores = deployment->model->n_scores;
    if (parts->after != NULL)
        return QST_OK;
    QSTI_TRY(put(ctx, json, "head.kind", json_string(qsti_head_name(parts->head))));
    if (parts->head == QST_HEAD_linear) {
        QSTI_TRY(put(ctx, json, "head.W", numbers(parts->head_weights, n_scores * n_values)));
        QSTI_TRY(put(ctx, json, "head.b", numbers(parts->head_weights + n_scores * n_values, n_scores)));
    } else if (parts->head == QST_HEAD_scale) {
        QSTI_TRY(put(ctx, json, "head.s", json_real(parts->head_weights[0])));
        QSTI_TRY(put(ctx, json, "head.b", numbers(parts->head_weights + 1, n_values)));
    }
done:
    return status;
}

/* What goes in, what the circuit sees, and what must come out, so that what is built elsewhere can be checked. */
static qst_status put_sample(const qsti_deployment *deployment, json_t *json)
{
    qst_status status = QST_OK;
    qst_model *model = deployment->model;
    qst_ctx *ctx = model->ctx;
    double *scores = NULL, *probabilities = NULL;
    size_t n = model->n_scores;
    if (deployment->inputs == NULL)
        return QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, n, &scores));
    QSTI_TRY(QSTI_NEW(ctx, n, &probabilities));
    const qst_matrix row = {scores, 1, n}, out = {probabilities, 1, n};
    QSTI_TRY(qst_model_scores(model, (qst_const_matrix){deployment->x, 1, model->n_features}, row));
    QSTI_TRY(qst_scores_to_probabilities(ctx, model->score_kind, qst_const_view(row), 1, out));
    QSTI_TRY(put(ctx, json, "sample.inputs", numbers(deployment->inputs, qsti_deploy_inputs(model))));
    QSTI_TRY(put(ctx, json, "sample.features",
                 numbers(deployment->features, qst_circuit_features(deployment->parts.circuit))));
    QSTI_TRY(put(ctx, json, "sample.scores", numbers(scores, n)));
    QSTI_TRY(put(ctx, json, "sample.probabilities", numbers(probabilities, n)));
done:
    qsti_free(ctx, scores);
    qsti_free(ctx, probabilities);
    return status;
}

qst_status qsti_deploy_json(const qsti_deployment *deployment, char **out, size_t *out_bytes)
{
    qst_status status = QST_OK;
    const qsti_circuit_parts *parts = &deployment->parts;
    qst_ctx *ctx = deployment->model->ctx;
    json_t *json = json_object();
    QSTI_TRY(put_model(deployment->model, json));
    QSTI_TRY(put_preprocess(deployment->model, json));
    QSTI_TRY(put_network(ctx, "before", parts->before, parts->before_weights, json));
    QSTI_TRY(put_circuit(deployment, json));
    QSTI_TRY(put_head(deployment, json));
    QSTI_TRY(put_network(ctx, "after", parts->after, parts->after_weights, json));
    QSTI_TRY(put_sample(deployment, json));
    QSTI_TRY(qsti_json_text(ctx, json, out, out_bytes));
done:
    json_decref(json);
    return status;
}

/* model_file.c: models as artefacts: model.json and model.safetensors, and beside them circuit.qasm, which is never
 * read (docs/formats.md). */
#include <string.h>

#include "base/text.h"
#include "learn/model.h"
#include "learn/model_fourier.h"
#include "learn/model_probe.h"
#include "learn/model_qasm.h"

#define MAX_PREPROCESS_TENSORS 256

/* --- out ---------------------------------------------------------------------------------------------------------- */

static qst_status describe(const qst_model *model, json_t **out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = model->ctx;
    json_t *json = json_object(), *names = json_array(), *steps = NULL;
    char seed[32];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)model->seed);
    bool ok = json != NULL && names != NULL;
    for (size_t c = 0; ok && model->class_names != NULL && c < model->n_scores; c++)
        ok = json_array_append_new(names, json_string(model->class_names[c])) == 0;
    ok = ok && qsti_json_put(json, "kind", json_string(model->type->kind)) &&
         qsti_json_put(json, "n_features", json_integer((json_int_t)model->n_features)) &&
         qsti_json_put(json, "n_scores", json_integer((json_int_t)model->n_scores)) &&
         qsti_json_put(json, "n_weights", json_integer((json_int_t)model->n_weights)) &&
         qsti_json_put(json, "score_kind", json_string(qst_score_kind_name(model->score_kind))) &&
         qsti_json_put(json, "seed", json_string(seed)) &&
         qsti_json_put(json, "data_sha256", json_string(model->data_hash)) &&
         qsti_json_put(json, "class_names", json_incref(names));
    if (!ok)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MEMORY, "out of memory"));
    if (model->preprocess != NULL) {
        QSTI_TRY(qsti_preprocess_to_json(model->preprocess, &steps));
        if (!qsti_json_put(json, "preprocess", json_incref(steps)))
            QSTI_TRY(qsti_fail(ctx, QST_ERR_MEMORY, "out of memory"));
    }
    QSTI_TRY(model->type->describe(model, json));
    *out = json;
    json = NULL;
done:
    json_decref(json);
    json_decref(names);
    json_decref(steps);
    return status;
}

qst_status qst_model_save(const qst_model *model, const char *folder)
{
    qst_status status = QST_OK;
    json_t *json = NULL;
    qsti_tensor tensors[1 + MAX_PREPROCESS_TENSORS];
    size_t n_tensors = 1;
    tensors[0] = (qsti_tensor){"weights", QSTI_F64, 1, {model->n_weights, 0, 0, 0}, model->weights};
    if (model->preprocess != NULL)
        n_tensors += qsti_preprocess_to_tensors(model->preprocess, tensors + 1);
    QSTI_TRY(describe(model, &json));
    QSTI_TRY(qsti_artefact_write(model->ctx, folder, "model", json, tensors, n_tensors));
    QSTI_TRY(qsti_model_write_qasm(model, folder));
done:
    json_decref(json);
    return status;
}

qst_status qst_model_hash(const qst_model *model, char out[65])
{
    qst_status status = QST_OK;
    json_t *json = NULL;
    char *text = NULL;
    size_t length = 0;
    qsti_hasher *hasher = NULL;
    QSTI_TRY(describe(model, &json));
    QSTI_TRY(qsti_json_text(model->ctx, json, &text, &length));
    QSTI_TRY(qsti_hasher_create(model->ctx, &hasher));
    qsti_hasher_add(hasher, text, length);
    qsti_hasher_add(hasher, model->weights, model->n_weights * sizeof *model->weights);
    if (model->preprocess != NULL)
        qsti_preprocess_hash(model->preprocess, hasher);
    qsti_hasher_finish(model->ctx, hasher, out);
done:
    qsti_free(model->ctx, text);
    json_decref(json);
    return status;
}

/* --- in ----------------------------------------------------------------------------------------------------------- */

static qst_status read_classes(qst_model *model, const char *where, const json_t *json)
{
    qst_status status = QST_OK;
    json_t *names = NULL;
    const char **list = NULL;
    QSTI_TRY(qsti_json_get_array(model->ctx, where, json, "class_names", &names));
    size_t n = json_array_size(names);
    if (n == 0)
        goto done;
    QSTI_TRY(QSTI_NEW(model->ctx, n, &list));
    for (size_t c = 0; c < n; c++) {
        list[c] = json_string_value(json_array_get(names, c));
        if (list[c] == NULL)
            QSTI_TRY(qsti_fail(model->ctx, QST_ERR_DAMAGED, "%s: class_names[%zu] is not a string", where, c));
    }
    QSTI_TRY(qsti_model_set_classes(model, list, n));
done:
    qsti_free(model->ctx, list);
    return status;
}

static qst_status read_facts(qst_model *model, const char *where, const json_t *json)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = model->ctx;
    const char *kind = NULL, *seed = NULL, *hash = NULL;
    QSTI_TRY(qsti_json_get_string(ctx, where, json, "score_kind", &kind));
    QSTI_TRY(qsti_json_get_string(ctx, where, json, "seed", &seed));
    QSTI_TRY(qsti_json_get_string(ctx, where, json, "data_sha256", &hash));
    if (strcmp(kind, qst_score_kind_name(model->score_kind)) != 0)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: score_kind: \"%s\", the model gives \"%s\"", where, kind,
                           qst_score_kind_name(model->score_kind)));
    if (!qsti_parse_u64(seed, strlen(seed), &model->seed))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: seed: \"%s\" is not a number", where, seed));
    if (strlen(hash) >= sizeof model->data_hash)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: data_sha256 is no SHA-256", where));
    memcpy(model->data_hash, hash, strlen(hash) + 1);
    QSTI_TRY(read_classes(model, where, json));
done:
    return status;
}

/* Before anything is made by the counts in the JSON: they are those of the weights that are there. */
static qst_status check_counts(qst_ctx *ctx, const char *where, const json_t *json, const qsti_tensors *tensors)
{
    const qsti_tensor *weights = NULL;
    int64_t n_weights = 0;
    qst_status status = qsti_tensors_get(ctx, tensors, "weights", QSTI_F64, 1, &weights);
    if (status == QST_OK)
        status = qsti_json_get_i64(ctx, where, json, "n_weights", 0, INT64_MAX, &n_weights);
    if (status == QST_OK && (size_t)n_weights != weights->shape[0])
        return qsti_fail(ctx, QST_ERR_DAMAGED, "%s: n_weights is %lld: there are %zu weights", where,
                         (long long)n_weights, weights->shape[0]);
    return status;
}

qst_status qsti_model_check_weights(qst_ctx *ctx, const char *where, const json_t *json, size_t n)
{
    int64_t n_weights = 0;
    qst_status status = qsti_json_get_i64(ctx, where, json, "n_weights", 0, INT64_MAX, &n_weights);
    if (status == QST_OK && (size_t)n_weights != n)
        return qsti_fail(ctx, QST_ERR_DAMAGED, "%s: n_weights is %lld: the model has %zu", where, (long long)n_weights,
                         n);
    return status;
}

static qst_status read_arrays(qst_model *model, const char *where, const json_t *json, const qsti_tensors *tensors)
{
    qst_status status = QST_OK;
    const qsti_tensor *weights = NULL;
    QSTI_TRY(qsti_tensors_get(model->ctx, tensors, "weights", QSTI_F64, 1, &weights));
    status = qst_model_set_weights(model, weights->data, model->n_weights);
    if (status != QST_OK)
        QSTI_TRY(qsti_fail_within(model->ctx, QST_ERR_DAMAGED, "%s", where));
    const json_t *steps = json_object_get(json, "preprocess");
    if (steps != NULL)
        QSTI_TRY(qsti_preprocess_from_artefact(model->ctx, where, steps, tensors, &model->preprocess));
    if (model->preprocess != NULL && qsti_preprocess_outputs(model->preprocess) != model->n_features)
        QSTI_TRY(qsti_fail(model->ctx, QST_ERR_DAMAGED, "%s: preprocessing gives %zu features, the model takes %zu",
                           where, qsti_preprocess_outputs(model->preprocess), model->n_features));
done:
    return status;
}

qst_status qst_model_load(qst_ctx *ctx, const char *folder, qst_model **out)
{
    qst_status status = QST_OK;
    json_t *json = NULL;
    qsti_tensors *tensors = NULL;
    qst_model *model = NULL;
    char *where = NULL;
    const char *kind = NULL;
    QSTI_TRY(qsti_path_join(ctx, folder, "model.json", &where));
    QSTI_TRY(qsti_artefact_read(ctx, folder, "model", &json, &tensors));
    QSTI_TRY(qsti_json_get_string(ctx, where, json, "kind", &kind));
    QSTI_TRY(check_counts(ctx, where, json, tensors));
    if (strcmp(kind, "circuit") == 0)
        QSTI_TRY(qsti_model_circuit_from_json(ctx, where, json, &model));
    else if (strcmp(kind, "logistic") == 0)
        QSTI_TRY(qsti_model_logistic_from_json(ctx, where, json, &model));
    else if (strcmp(kind, "network") == 0)
        QSTI_TRY(qsti_model_network_from_json(ctx, where, json, &model));
    else if (qsti_model_kind_is_fitted(kind))
        QSTI_TRY(qsti_model_fourier_from_json(ctx, where, json, &model));
    else if (strcmp(kind, "linear_probe") == 0)
        QSTI_TRY(qsti_model_probe_from_json(ctx, where, json, &model));
    else if (strcmp(kind, "hybrid") == 0)
        QSTI_TRY(qsti_model_hybrid_from_json(ctx, where, json, &model));
    else
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: kind: \"%s\" is not a kind of model", where, kind));
    QSTI_TRY(read_facts(model, where, json));
    QSTI_TRY(read_arrays(model, where, json, tensors));
    *out = model;
    model = NULL;
done:
    if (status == QST_ERR_MISMATCH) /* parts of our own file that do not fit together */
        status = qsti_fail_within(ctx, QST_ERR_DAMAGED, "%s", where);
    if (status == QST_ERR_INPUT) /* a value in it that is not as it was written */
        status = QST_ERR_DAMAGED;
    qst_model_free(model);
    json_decref(json);
    qsti_tensors_free(ctx, tensors);
    qsti_free(ctx, where);
    return status;
}

/* knowledge_file.c: knowledge as an artefact (docs/formats.md). */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "knowledge/knowledge.h"

/* --- the teacher's size ------------------------------------------------------------------------------------------- */

/* One entry of "teacher_size" and its place in a qst_model_size. */
static const struct {
    const char *key;
    size_t offset;
} size_entries[] = {
    {"qubits", offsetof(qst_model_size, circuit.qubits)},
    {"depth", offsetof(qst_model_size, circuit.depth)},
    {"gates", offsetof(qst_model_size, circuit.gates)},
    {"two_qubit_gates", offsetof(qst_model_size, circuit.two_qubit_gates)},
    {"weights", offsetof(qst_model_size, circuit.weights)},
    {"quantum_parameters", offsetof(qst_model_size, quantum_parameters)},
    {"classical_parameters", offsetof(qst_model_size, classical_parameters)},
};
#define N_SIZE_ENTRIES (sizeof size_entries / sizeof size_entries[0])

static bool put_size(json_t *json, const qst_model_size *size)
{
    bool ok = qsti_json_put(json, "teacher_size.has_circuit", json_boolean(size->has_circuit));
    for (size_t i = 0; ok && i < N_SIZE_ENTRIES; i++) {
        char path[64];
        size_t value = 0;
        memcpy(&value, (const char *)size + size_entries[i].offset, sizeof value);
        snprintf(path, sizeof path, "teacher_size.%s", size_entries[i].key);
        ok = qsti_json_put(json, path, json_integer((json_int_t)value));
    }
    return ok;
}

static qst_status read_size(qst_ctx *ctx, const char *where, const json_t *json, qst_model_size *out)
{
    json_t *entries = NULL;
    qst_status status = qsti_json_get_object(ctx, where, json, "teacher_size", &entries);
    for (size_t i = 0; status == QST_OK && i < N_SIZE_ENTRIES; i++) {
        int64_t value = 0;
        status = qsti_json_get_i64(ctx, where, entries, size_entries[i].key, 0, INT64_MAX, &value);
        size_t number = (size_t)value;
        memcpy((char *)out + size_entries[i].offset, &number, sizeof number);
    }
    if (status == QST_OK)
        out->has_circuit = json_is_true(json_object_get(entries, "has_circuit"));
    return status;
}

/* --- out ---------------------------------------------------------------------------------------------------------- */

qst_status qst_knowledge_save(const qst_knowledge *knowledge, const char *folder)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = knowledge->ctx;
    json_t *json = json_object(), *circuit = NULL;
    qsti_tensor tensors[3] = {
        {"scores", QSTI_F64, 2, {knowledge->n_rows, knowledge->n_scores}, knowledge->scores},
        {"id", QSTI_I64, 1, {knowledge->n_rows}, knowledge->ids},
        {"weights", QSTI_F64, 1, {knowledge->n_weights}, knowledge->weights},
    };
    if (json == NULL || !qsti_json_put(json, "kind", json_string("scores")) ||
        !qsti_json_put(json, "score_kind", json_string(qst_score_kind_name(knowledge->kind))) ||
        !qsti_json_put(json, "data_sha256", json_string(knowledge->data_hash)) ||
        !qsti_json_put(json, "teacher_sha256", json_string(knowledge->teacher_hash)) ||
        !put_size(json, &knowledge->teacher_size))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MEMORY, "out of memory"));
    if (knowledge->circuit != NULL) {
        QSTI_TRY(qsti_circuit_to_json(knowledge->circuit, &circuit));
        if (!qsti_json_put(json, "initial_weights.head", json_string(qsti_head_name(knowledge->head))) ||
            !qsti_json_put(json, "initial_weights.n_values", json_integer((json_int_t)knowledge->n_values)) ||
            !qsti_json_put(json, "initial_weights.circuit", json_incref(circuit)))
            QSTI_TRY(qsti_fail(ctx, QST_ERR_MEMORY, "out of memory"));
    }
    QSTI_TRY(qsti_artefact_write(ctx, folder, "knowledge", json, tensors, knowledge->circuit != NULL ? 3 : 2));
done:
    json_decref(json);
    json_decref(circuit);
    return status;
}

/* --- in ----------------------------------------------------------------------------------------------------------- */

static qst_status copy_hash(qst_ctx *ctx, const char *where, const json_t *json, const char *key,
                            char out[QSTI_HASH_CHARS])
{
    const char *text = NULL;
    qst_status status = qsti_json_get_string(ctx, where, json, key, &text);
    if (status != QST_OK)
        return status;
    if (strlen(text) >= QSTI_HASH_CHARS)
        return qsti_fail(ctx, QST_ERR_DAMAGED, "%s: %s is no SHA-256", where, key);
    memcpy(out, text, strlen(text) + 1);
    return QST_OK;
}

static qst_status read_scores(qst_knowledge *knowledge, const char *where, const qsti_tensors *tensors)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = knowledge->ctx;
    const qsti_tensor *scores = NULL, *ids = NULL;
    QSTI_TRY(qsti_tensors_get(ctx, tensors, "scores", QSTI_F64, 2, &scores));
    QSTI_TRY(qsti_tensors_get(ctx, tensors, "id", QSTI_I64, 1, &ids));
    if (ids->shape[0] != scores->shape[0])
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: %zu ids for %zu rows", where, ids->shape[0], scores->shape[0]));
    knowledge->n_rows = scores->shape[0];
    knowledge->n_scores = scores->shape[1];
    QSTI_TRY(QSTI_NEW(ctx, knowledge->n_rows * knowledge->n_scores, &knowledge->scores));
    QSTI_TRY(QSTI_NEW(ctx, knowledge->n_rows, &knowledge->ids));
    memcpy(knowledge->scores, scores->data, knowledge->n_rows * knowledge->n_scores * sizeof(double));
    memcpy(knowledge->ids, ids->data, knowledge->n_rows * sizeof(int64_t));
done:
    return status;
}

static qst_status read_initial_weights(qst_knowledge *knowledge, const char *where, const json_t *json,
                                       const qsti_tensors *tensors)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = knowledge->ctx;
    const qsti_tensor *weights = NULL;
    const char *head = NULL;
    int64_t n_values = 0;
    QSTI_TRY(qsti_json_get_string(ctx, where, json, "head", &head));
    QSTI_TRY(qsti_json_get_i64(ctx, where, json, "n_values", 1, 1 << 30, &n_values));
    if (!qsti_head_find(head, &knowledge->head))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: head: \"%s\" is not a head", where, head));
    QSTI_TRY(
        qsti_circuit_from_json(ctx, where, json_object_get(json, "circuit"), QST_ERR_DAMAGED, &knowledge->circuit));
    QSTI_TRY(qsti_tensors_get(ctx, tensors, "weights", QSTI_F64, 1, &weights));
    knowledge->n_values = (size_t)n_values;
    size_t needed =
        knowledge->circuit->n_weights + qsti_head_weights(knowledge->head, knowledge->n_values, knowledge->n_scores);
    if (weights->shape[0] != needed)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: %zu weights for a circuit and head of %zu", where,
                           weights->shape[0], needed));
    knowledge->n_weights = weights->shape[0];
    QSTI_TRY(QSTI_NEW(ctx, knowledge->n_weights, &knowledge->weights));
    memcpy(knowledge->weights, weights->data, knowledge->n_weights * sizeof(double));
done:
    return status;
}

qst_status qst_knowledge_load(qst_ctx *ctx, const char *folder, qst_knowledge **out)
{
    qst_status status = QST_OK;
    json_t *json = NULL;
    qsti_tensors *tensors = NULL;
    qst_knowledge *knowledge = NULL;
    char *where = NULL;
    const char *kind = NULL;
    QSTI_TRY(qsti_path_join(ctx, folder, "knowledge.json", &where));
    QSTI_TRY(qsti_artefact_read(ctx, folder, "knowledge", &json, &tensors));
    QSTI_TRY(QSTI_NEW(ctx, 1, &knowledge));
    knowledge->ctx = ctx;
    QSTI_TRY(qsti_json_get_string(ctx, where, json, "score_kind", &kind));
    if (!qst_score_kind_find(kind, &knowledge->kind))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: score_kind: \"%s\" is not a kind of score", where, kind));
    QSTI_TRY(copy_hash(ctx, where, json, "data_sha256", knowledge->data_hash));
    QSTI_TRY(copy_hash(ctx, where, json, "teacher_sha256", knowledge->teacher_hash));
    QSTI_TRY(read_size(ctx, where, json, &knowledge->teacher_size));
    QSTI_TRY(read_scores(knowledge, where, tensors));
    const json_t *initial = json_object_get(json, "initial_weights");
    if (initial != NULL)
        QSTI_TRY(read_initial_weights(knowledge, where, initial, tensors));
    *out = knowledge;
    knowledge = NULL;
done:
    if (status == QST_ERR_INPUT) /* a value of our own file that is not as it was written */
        status = QST_ERR_DAMAGED;
    qst_knowledge_free(knowledge);
    json_decref(json);
    qsti_tensors_free(ctx, tensors);
    qsti_free(ctx, where);
    return status;
}

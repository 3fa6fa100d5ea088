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

/* scores, id, weights, query_x, query_scores, observables, states, input_gradients */
#define MAX_TENSORS (8 + QSTI_FOURIER_TENSORS)

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

/* --- queries ------------------------------------------------------------------------------------------------------ */

/* How many there are of each origin, and the rows with their scores; nothing where there are none. */
static bool put_queries(json_t *json, const qsti_queries *queries, qsti_tensor *tensors, size_t *n)
{
    bool ok = true;
    if (queries->n == 0)
        return true;
    tensors[(*n)++] = (qsti_tensor){"query_x", QSTI_F64, 2, {queries->n, queries->n_features}, queries->x};
    tensors[(*n)++] = (qsti_tensor){"query_scores", QSTI_F64, 2, {queries->n, queries->n_scores}, queries->scores};
    for (int origin = 0; ok && origin < QSTI_QUERY_ORIGINS; origin++) {
        char path[64];
        snprintf(path, sizeof path, "queries.%s.wanted", qsti_query_origin_name((qsti_query_origin)origin));
        ok = qsti_json_put(json, path, json_integer((json_int_t)queries->wanted[origin]));
        snprintf(path, sizeof path, "queries.%s.asked", qsti_query_origin_name((qsti_query_origin)origin));
        ok = ok && qsti_json_put(json, path, json_integer((json_int_t)queries->asked[origin]));
    }
    return ok;
}

static qst_status read_counts(qst_ctx *ctx, const char *where, const json_t *json, qsti_queries *out)
{
    qst_status status = QST_OK;
    for (int origin = 0; origin < QSTI_QUERY_ORIGINS; origin++) {
        json_t *counts = NULL;
        int64_t wanted = 0, asked = 0;
        QSTI_TRY(qsti_json_get_object(ctx, where, json, qsti_query_origin_name((qsti_query_origin)origin), &counts));
        QSTI_TRY(qsti_json_get_i64(ctx, where, counts, "wanted", 0, INT64_MAX, &wanted));
        QSTI_TRY(qsti_json_get_i64(ctx, where, counts, "asked", 0, INT64_MAX, &asked));
        out->wanted[origin] = (size_t)wanted;
        out->asked[origin] = (size_t)asked;
    }
done:
    return status;
}

static qst_status read_queries(qst_knowledge *knowledge, const char *where, const json_t *json,
                               const qsti_tensors *tensors)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = knowledge->ctx;
    qsti_queries *queries = &knowledge->queries;
    const qsti_tensor *x = NULL, *scores = NULL;
    QSTI_TRY(read_counts(ctx, where, json, queries));
    QSTI_TRY(qsti_tensors_get(ctx, tensors, "query_x", QSTI_F64, 2, &x));
    QSTI_TRY(qsti_tensors_get(ctx, tensors, "query_scores", QSTI_F64, 2, &scores));
    if (x->shape[0] != scores->shape[0] || scores->shape[1] != knowledge->n_scores)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: scores of shape (%zu, %zu) for %zu queries and %zu classes",
                           where, scores->shape[0], scores->shape[1], x->shape[0], knowledge->n_scores));
    size_t n_x = x->shape[0] * x->shape[1], n_values = scores->shape[0] * scores->shape[1];
    queries->n = x->shape[0];
    queries->n_features = x->shape[1];
    queries->n_scores = scores->shape[1];
    QSTI_TRY(QSTI_NEW(ctx, n_x, &queries->x));
    QSTI_TRY(QSTI_NEW(ctx, n_values, &queries->scores));
    memcpy(queries->x, x->data, n_x * sizeof(double));
    memcpy(queries->scores, scores->data, n_values * sizeof(double));
done:
    return status;
}

/* --- further kinds ------------------------------------------------------------------------------------------------ */

/* What there is beside scores, as tensors; the words of observables as JSON. */
static bool put_kinds(json_t *json, const qst_knowledge *knowledge, qsti_tensor *tensors, size_t *n)
{
    size_t n_rows = knowledge->n_rows;
    const qsti_observables *observables = &knowledge->observables;
    const qsti_states *states = &knowledge->states;
    const qsti_input_gradients *gradients = &knowledge->input_gradients;
    bool ok = true;
    if (observables->values != NULL) {
        json_t *words = json_array();
        ok = qsti_json_put(json, "observables", words);
        for (size_t i = 0; ok && i < observables->n_words; i++)
            ok = json_array_append_new(words, json_string(observables->words[i])) == 0;
        tensors[(*n)++] =
            (qsti_tensor){"observables", QSTI_F64, 2, {n_rows, observables->n_values}, observables->values};
    }
    if (states->amplitudes != NULL) {
        ok = ok && qsti_json_put(json, "states.qubits", json_integer((json_int_t)states->n_qubits));
        tensors[(*n)++] =
            (qsti_tensor){"states", QSTI_F64, 2, {n_rows, (size_t)2 << states->n_qubits}, states->amplitudes};
    }
    if (gradients->values != NULL) {
        ok = ok && qsti_json_put(json, "input_gradients.features", json_integer((json_int_t)gradients->n_features));
        tensors[(*n)++] = (qsti_tensor){
            "input_gradients", QSTI_F64, 2, {n_rows, knowledge->n_scores * gradients->n_features}, gradients->values};
    }
    return ok;
}

/* An array with a row for each of the knowledge's, of n_cols numbers (0: any). */
static qst_status read_rows(const qst_knowledge *knowledge, const char *where, const qsti_tensors *tensors,
                            const char *name, size_t n_cols, size_t *out_n_cols, double **out)
{
    qst_status status = QST_OK;
    const qsti_tensor *tensor = NULL;
    double *values = NULL;
    QSTI_TRY(qsti_tensors_get(knowledge->ctx, tensors, name, QSTI_F64, 2, &tensor));
    if (tensor->shape[0] != knowledge->n_rows || tensor->shape[1] == 0 || (n_cols != 0 && tensor->shape[1] != n_cols))
        QSTI_TRY(qsti_fail(knowledge->ctx, QST_ERR_DAMAGED, "%s: %s has shape (%zu, %zu), for %zu rows", where, name,
                           tensor->shape[0], tensor->shape[1], knowledge->n_rows));
    QSTI_TRY(QSTI_NEW(knowledge->ctx, tensor->shape[0] * tensor->shape[1], &values));
    memcpy(values, tensor->data, tensor->shape[0] * tensor->shape[1] * sizeof *values);
    *out_n_cols = tensor->shape[1];
    *out = values;
done:
    return status;
}

static qst_status read_words(qst_knowledge *knowledge, const char *where, const json_t *json)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = knowledge->ctx;
    qsti_observables *observables = &knowledge->observables;
    json_t *words = NULL;
    QSTI_TRY(qsti_json_get_array(ctx, where, json, "observables", &words));
    QSTI_TRY(QSTI_NEW(ctx, json_array_size(words), &observables->words));
    for (size_t i = 0; i < json_array_size(words); i++) {
        const char *word = json_string_value(json_array_get(words, i));
        if (word == NULL)
            QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: observables: entry %zu is no text", where, i));
        QSTI_TRY(qsti_strdup(ctx, word, &observables->words[i]));
        observables->n_words++;
    }
done:
    return status;
}

static qst_status read_states(qst_knowledge *knowledge, const char *where, json_t *json, const qsti_tensors *tensors)
{
    qst_status status = QST_OK;
    int64_t n_qubits = 0;
    size_t n_cols = 0;
    QSTI_TRY(qsti_json_get_i64(knowledge->ctx, where, json, "qubits", 1, 30, &n_qubits));
    QSTI_TRY(
        read_rows(knowledge, where, tensors, "states", (size_t)2 << n_qubits, &n_cols, &knowledge->states.amplitudes));
    knowledge->states.n_qubits = (size_t)n_qubits;
done:
    return status;
}

static qst_status read_gradients(qst_knowledge *knowledge, const char *where, json_t *json, const qsti_tensors *tensors)
{
    qst_status status = QST_OK;
    int64_t n_features = 0;
    size_t n_cols = 0;
    QSTI_TRY(qsti_json_get_i64(knowledge->ctx, where, json, "features", 1, INT32_MAX, &n_features));
    QSTI_TRY(read_rows(knowledge, where, tensors, "input_gradients", knowledge->n_scores * (size_t)n_features, &n_cols,
                       &knowledge->input_gradients.values));
    knowledge->input_gradients.n_features = (size_t)n_features;
done:
    return status;
}

static qst_status read_kinds(qst_knowledge *knowledge, const char *where, const json_t *json,
                             const qsti_tensors *tensors)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = knowledge->ctx;
    qsti_observables *observables = &knowledge->observables;
    json_t *entry = NULL;
    if (json_object_get(json, "observables") != NULL) {
        QSTI_TRY(read_words(knowledge, where, json));
        QSTI_TRY(read_rows(knowledge, where, tensors, "observables", 0, &observables->n_values, &observables->values));
    }
    if (json_object_get(json, "states") != NULL) {
        QSTI_TRY(qsti_json_get_object(ctx, where, json, "states", &entry));
        QSTI_TRY(read_states(knowledge, where, entry, tensors));
    }
    if (json_object_get(json, "input_gradients") != NULL) {
        QSTI_TRY(qsti_json_get_object(ctx, where, json, "input_gradients", &entry));
        QSTI_TRY(read_gradients(knowledge, where, entry, tensors));
    }
done:
    return status;
}

/* --- out ---------------------------------------------------------------------------------------------------------- */

/* The circuit and weights to start from. */
static qst_status put_initial_weights(const qst_knowledge *knowledge, json_t *json, qsti_tensor *out)
{
    json_t *circuit = NULL;
    qst_status status = qsti_circuit_to_json(knowledge->circuit, &circuit);
    if (status != QST_OK)
        return status;
    bool ok = qsti_json_put(json, "initial_weights.head", json_string(qsti_head_name(knowledge->head))) &&
              qsti_json_put(json, "initial_weights.n_values", json_integer((json_int_t)knowledge->n_values)) &&
              qsti_json_put(json, "initial_weights.circuit", json_incref(circuit));
    json_decref(circuit);
    *out = (qsti_tensor){"weights", QSTI_F64, 1, {knowledge->n_weights}, knowledge->weights};
    return ok ? QST_OK : qsti_fail(knowledge->ctx, QST_ERR_MEMORY, "out of memory");
}

static bool put_origin(json_t *json, const qst_knowledge *knowledge)
{
    return qsti_json_put(json, "kind", json_string("scores")) &&
           qsti_json_put(json, "score_kind", json_string(qst_score_kind_name(knowledge->kind))) &&
           qsti_json_put(json, "data_sha256", json_string(knowledge->data_hash)) &&
           qsti_json_put(json, "teacher_sha256", json_string(knowledge->teacher_hash)) &&
           put_size(json, &knowledge->teacher_size) &&
           (!(knowledge->calibration > 0) ||
            qsti_json_put(json, "calibration", qsti_json_real(knowledge->calibration)));
}

qst_status qst_knowledge_save(const qst_knowledge *knowledge, const char *folder)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = knowledge->ctx;
    json_t *json = json_object();
    qsti_tensor tensors[MAX_TENSORS] = {
        {"scores", QSTI_F64, 2, {knowledge->n_rows, knowledge->n_scores}, knowledge->scores},
        {"id", QSTI_I64, 1, {knowledge->n_rows}, knowledge->ids},
    };
    size_t n_tensors = 2, n_fourier = 0;
    if (json == NULL || !put_origin(json, knowledge))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MEMORY, "out of memory"));
    if (knowledge->circuit != NULL)
        QSTI_TRY(put_initial_weights(knowledge, json, &tensors[n_tensors++]));
    if (!put_queries(json, &knowledge->queries, tensors, &n_tensors) ||
        !put_kinds(json, knowledge, tensors, &n_tensors))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MEMORY, "out of memory"));
    QSTI_TRY(qsti_fourier_knowledge_put(ctx, &knowledge->fourier, json, tensors + n_tensors, &n_fourier));
    n_tensors += n_fourier;
    QSTI_TRY(qsti_artefact_write(ctx, folder, "knowledge", json, tensors, n_tensors));
done:
    json_decref(json);
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
    const json_t *initial = json_object_get(json, "initial_weights"), *queries = json_object_get(json, "queries");
    if (initial != NULL)
        QSTI_TRY(read_initial_weights(knowledge, where, initial, tensors));
    if (queries != NULL)
        QSTI_TRY(read_queries(knowledge, where, queries, tensors));
    QSTI_TRY(read_kinds(knowledge, where, json, tensors));
    if (json_object_get(json, "fourier") != NULL)
        QSTI_TRY(
            qsti_fourier_knowledge_get(ctx, where, json_object_get(json, "fourier"), tensors, &knowledge->fourier));
    if (json_object_get(json, "calibration") != NULL)
        QSTI_TRY(qsti_json_get_double(ctx, where, json, "calibration", &knowledge->calibration));
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

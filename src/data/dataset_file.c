/* dataset_file.c: the dataset artefact, dataset.json and dataset.safetensors (docs/data.md).
 *
 * What is read back is checked in full: shapes against each other, classes, splits, ids, finite features, and the hash
 * of it all. */
#include <math.h>
#include <string.h>

#include "base/artefact.h"
#include "data/dataset.h"

#define KIND            "dataset"
#define N_OWN_TENSORS   4
#define TENSORS_A_STEP  4
#define MAX_STORED_SIZE ((int64_t)1 << 48)

/* --- writing ------------------------------------------------------------------------------------------------------ */

static json_t *describe_classes(const qst_dataset *dataset)
{
    json_t *list = json_array();
    for (size_t c = 0; list && c < dataset->n_classes; c++) {
        json_t *entry = json_pack("{s:s, s:I}", "name", dataset->class_names[c], "source_class",
                                  (json_int_t)dataset->source_classes[c]);
        if (entry == NULL || json_array_append_new(list, entry) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static qst_status describe(const qst_dataset *dataset, json_t **out)
{
    qst_status status = QST_OK;
    json_t *json = json_object(), *steps = NULL;
    size_t n_part[3] = {0, 0, 0};
    for (size_t i = 0; i < dataset->n_rows; i++) {
        n_part[dataset->splits[i]]++;
    }
    QSTI_TRY(qsti_preprocess_to_json(dataset->preprocess, &steps));
    bool made = qsti_json_put(json, "name", json_string(dataset->name)) &&
                qsti_json_put(json, "rows.train", json_integer((json_int_t)n_part[QST_TRAIN])) &&
                qsti_json_put(json, "rows.validation", json_integer((json_int_t)n_part[QST_VALIDATION])) &&
                qsti_json_put(json, "rows.test", json_integer((json_int_t)n_part[QST_TEST])) &&
                qsti_json_put(json, "features", json_integer((json_int_t)dataset->n_features)) &&
                qsti_json_put(json, "classes", describe_classes(dataset)) &&
                qsti_json_put(json, "seed", json_sprintf("%llu", (unsigned long long)dataset->seed)) &&
                qsti_json_put(json, "source.rows", json_integer((json_int_t)dataset->n_source_rows)) &&
                qsti_json_put(json, "source.features", json_integer((json_int_t)dataset->n_raw_features)) &&
                qsti_json_put(json, "source.classes", json_integer((json_int_t)dataset->n_source_classes)) &&
                qsti_json_put(json, "source.sha256", json_string(dataset->table_hash)) &&
                qsti_json_put(json, "preprocess", json_incref(steps)) &&
                qsti_json_put(json, "sha256", json_string(dataset->hash));
    if (!made) {
        QSTI_TRY(qsti_fail(dataset->ctx, QST_ERR_MEMORY, "out of memory"));
    }
    *out = json;
    json = NULL;
done:
    json_decref(steps);
    json_decref(json);
    return status;
}

static qst_status check_folder(qst_ctx *ctx, const char *folder)
{
    char *path = NULL;
    if (qsti_folder_is_empty(folder)) {
        return QST_OK;
    }
    qst_status status = qsti_path_join(ctx, folder, KIND ".json", &path);
    if (status == QST_OK && !qsti_path_exists(path)) {
        status = qsti_fail(ctx, QST_ERR_SYSTEM, "%s: exists, is not empty, and holds no dataset: name another folder",
                           folder);
    }
    qsti_free(ctx, path);
    return status;
}

qst_status qst_dataset_save(const qst_dataset *dataset, const char *folder)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = dataset->ctx;
    json_t *json = NULL;
    qsti_tensor *tensors = NULL;
    size_t n = dataset->n_rows, n_steps = 0;
    QSTI_TRY(check_folder(ctx, folder));
    QSTI_TRY(describe(dataset, &json));
    n_steps = json_array_size(json_object_get(json, "preprocess"));
    QSTI_TRY(QSTI_NEW(ctx, N_OWN_TENSORS + TENSORS_A_STEP * n_steps, &tensors));
    tensors[0] = (qsti_tensor){"x", QSTI_F64, 2, {n, dataset->n_features}, dataset->features};
    tensors[1] = (qsti_tensor){"y", QSTI_I64, 1, {n}, dataset->labels};
    tensors[2] = (qsti_tensor){"id", QSTI_I64, 1, {n}, dataset->ids};
    tensors[3] = (qsti_tensor){"split", QSTI_U8, 1, {n}, dataset->splits};
    size_t n_tensors = N_OWN_TENSORS + qsti_preprocess_to_tensors(dataset->preprocess, tensors + N_OWN_TENSORS);
    QSTI_TRY(qsti_artefact_write(ctx, folder, KIND, json, tensors, n_tensors));
done:
    json_decref(json);
    qsti_free(ctx, tensors);
    return status;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

typedef struct dataset_reader {
    qst_ctx *ctx;
    const char *where;
    const json_t *json;
    const qsti_tensors *tensors;
    qst_dataset *dataset;
} dataset_reader;

static qst_status fail_damaged(const dataset_reader *reader, const char *problem)
{
    return qsti_fail(reader->ctx, QST_ERR_DAMAGED, "%s: %s", reader->where, problem);
}

static qst_status get_size(const dataset_reader *reader, const json_t *object, const char *key, size_t *out)
{
    int64_t value;
    qst_status status = qsti_json_get_i64(reader->ctx, reader->where, object, key, 0, MAX_STORED_SIZE, &value);
    if (status == QST_OK) {
        *out = (size_t)value;
    }
    return status == QST_ERR_INPUT ? QST_ERR_DAMAGED : status;
}

/* 64 hex digits. */
static qst_status get_hash(const dataset_reader *reader, const json_t *object, char out[QSTI_HASH_CHARS])
{
    const char *text = NULL;
    qst_status status = qsti_json_get_string(reader->ctx, reader->where, object, "sha256", &text);
    if (status != QST_OK) {
        return status == QST_ERR_INPUT ? QST_ERR_DAMAGED : status;
    }
    if (strlen(text) != QSTI_HASH_CHARS - 1 || strspn(text, "0123456789abcdef") != QSTI_HASH_CHARS - 1) {
        return fail_damaged(reader, "sha256: 64 hex digits are expected");
    }
    memcpy(out, text, QSTI_HASH_CHARS);
    return QST_OK;
}

static qst_status read_classes(const dataset_reader *reader)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = reader->ctx;
    qst_dataset *dataset = reader->dataset;
    json_t *classes = NULL;
    QSTI_TRY(qsti_json_get_array(ctx, reader->where, reader->json, "classes", &classes));
    size_t n = json_array_size(classes);
    if (n < 2 || n > dataset->n_source_classes) {
        QSTI_TRY(fail_damaged(reader, "classes: at least two, and no more than the source has, are expected"));
    }
    QSTI_TRY(QSTI_NEW(ctx, n, &dataset->class_names));
    QSTI_TRY(QSTI_NEW(ctx, n, &dataset->source_classes));
    dataset->n_classes = n;
    for (size_t c = 0; c < n; c++) {
        const json_t *entry = json_array_get(classes, c);
        const char *name = NULL;
        if (!json_is_object(entry)) {
            QSTI_TRY(fail_damaged(reader, "classes: objects are expected"));
        }
        QSTI_TRY(qsti_json_get_string(ctx, reader->where, entry, "name", &name));
        QSTI_TRY(qsti_strdup(ctx, name, &dataset->class_names[c]));
        QSTI_TRY(get_size(reader, entry, "source_class", &dataset->source_classes[c]));
        if (dataset->source_classes[c] >= dataset->n_source_classes ||
            (c && dataset->source_classes[c] <= dataset->source_classes[c - 1])) {
            QSTI_TRY(fail_damaged(reader, "classes: source_class must ascend and be one of the source's"));
        }
    }
done:
    return status == QST_ERR_INPUT ? QST_ERR_DAMAGED : status;
}

static qst_status read_description(const dataset_reader *reader)
{
    qst_status status = QST_OK;
    qst_dataset *dataset = reader->dataset;
    const char *name = NULL, *seed = NULL;
    json_t *source = NULL;
    QSTI_TRY(qsti_json_get_string(reader->ctx, reader->where, reader->json, "name", &name));
    QSTI_TRY(qsti_strdup(reader->ctx, name, &dataset->name));
    QSTI_TRY(get_size(reader, reader->json, "features", &dataset->n_features));
    QSTI_TRY(qsti_json_get_string(reader->ctx, reader->where, reader->json, "seed", &seed));
    if (!qsti_parse_u64(seed, strlen(seed), &dataset->seed)) {
        QSTI_TRY(fail_damaged(reader, "seed: a whole number below 2^64 is expected"));
    }
    QSTI_TRY(qsti_json_get_object(reader->ctx, reader->where, reader->json, "source", &source));
    QSTI_TRY(get_size(reader, source, "rows", &dataset->n_source_rows));
    QSTI_TRY(get_size(reader, source, "features", &dataset->n_raw_features));
    QSTI_TRY(get_size(reader, source, "classes", &dataset->n_source_classes));
    QSTI_TRY(get_hash(reader, source, dataset->table_hash));
    QSTI_TRY(get_hash(reader, reader->json, dataset->hash));
    QSTI_TRY(read_classes(reader));
done:
    return status == QST_ERR_INPUT ? QST_ERR_DAMAGED : status;
}

/* Copies a tensor whose first dimension is the number of rows. */
static qst_status copy_tensor(const dataset_reader *reader, const char *name, qsti_dtype type, size_t n_cols,
                              size_t item_bytes, void *out)
{
    const qsti_tensor *tensor = NULL;
    qst_dataset *dataset = reader->dataset;
    size_t n_dims = n_cols ? 2 : 1, n_items;
    qst_status status = qsti_tensors_get(reader->ctx, reader->tensors, name, type, n_dims, &tensor);
    if (status != QST_OK) {
        return status;
    }
    if (dataset->n_rows == 0) {
        dataset->n_rows = tensor->shape[0];
    }
    if (tensor->shape[0] != dataset->n_rows || dataset->n_rows == 0 || (n_cols && tensor->shape[1] != n_cols) ||
        !qsti_mul(dataset->n_rows, n_cols ? n_cols : 1, &n_items)) {
        return qsti_fail(reader->ctx, QST_ERR_DAMAGED, "%s: tensor %s has another shape than the dataset",
                         reader->where, name);
    }
    void *copy = NULL;
    status = qsti_alloc(reader->ctx, n_items, item_bytes, &copy);
    if (status == QST_OK) {
        memcpy(copy, tensor->data, n_items * item_bytes);
        memcpy(out, &copy, sizeof copy);
    }
    return status;
}

static qst_status check_rows(const dataset_reader *reader)
{
    const qst_dataset *dataset = reader->dataset;
    for (size_t i = 0; i < dataset->n_rows; i++) {
        if (dataset->labels[i] < 0 || (uint64_t)dataset->labels[i] >= dataset->n_classes) {
            return fail_damaged(reader, "y: a label that is no class");
        }
        if (dataset->ids[i] < 0 || (uint64_t)dataset->ids[i] >= dataset->n_source_rows ||
            (i && dataset->ids[i] <= dataset->ids[i - 1])) {
            return fail_damaged(reader, "id: rows of the source in ascending order are expected");
        }
        if (dataset->splits[i] > QST_TEST) {
            return fail_damaged(reader, "split: 0, 1 and 2 are expected");
        }
    }
    for (size_t i = 0; i < dataset->n_rows * dataset->n_features; i++) {
        if (!isfinite(dataset->features[i])) {
            return fail_damaged(reader, "x: a value that is not finite");
        }
    }
    return QST_OK;
}

static qst_status read_all(const dataset_reader *reader)
{
    qst_status status = QST_OK;
    qst_dataset *dataset = reader->dataset;
    json_t *steps = NULL;
    char hash[QSTI_HASH_CHARS];
    QSTI_TRY(read_description(reader));
    if (dataset->n_features == 0) {
        QSTI_TRY(fail_damaged(reader, "features: at least one is expected"));
    }
    QSTI_TRY(copy_tensor(reader, "x", QSTI_F64, dataset->n_features, sizeof(double), &dataset->features));
    QSTI_TRY(copy_tensor(reader, "y", QSTI_I64, 0, sizeof(int64_t), &dataset->labels));
    QSTI_TRY(copy_tensor(reader, "id", QSTI_I64, 0, sizeof(int64_t), &dataset->ids));
    QSTI_TRY(copy_tensor(reader, "split", QSTI_U8, 0, 1, &dataset->splits));
    QSTI_TRY(check_rows(reader));
    QSTI_TRY(qsti_json_get_array(reader->ctx, reader->where, reader->json, "preprocess", &steps));
    QSTI_TRY(qsti_preprocess_from_artefact(reader->ctx, reader->where, steps, reader->tensors, &dataset->preprocess));
    if (qsti_preprocess_inputs(dataset->preprocess) != dataset->n_raw_features ||
        qsti_preprocess_outputs(dataset->preprocess) != dataset->n_features) {
        QSTI_TRY(fail_damaged(reader, "preprocess: does not lead from the source's features to the dataset's"));
    }
    QSTI_TRY(qsti_dataset_hash(dataset, hash));
    if (strcmp(hash, dataset->hash) != 0) {
        QSTI_TRY(fail_damaged(reader, "sha256: is not that of the contents"));
    }
done:
    return status == QST_ERR_INPUT ? QST_ERR_DAMAGED : status;
}

qst_status qst_dataset_load(qst_ctx *ctx, const char *folder, qst_dataset **out)
{
    qst_status status = QST_OK;
    json_t *json = NULL;
    qsti_tensors *tensors = NULL;
    qst_dataset *dataset = NULL;
    char *where = NULL;
    QSTI_TRY(qsti_path_join(ctx, folder, KIND ".json", &where));
    QSTI_TRY(qsti_artefact_read(ctx, folder, KIND, &json, &tensors));
    QSTI_TRY(QSTI_NEW(ctx, 1, &dataset));
    dataset->ctx = ctx;
    QSTI_TRY(read_all(&(dataset_reader){ctx, where, json, tensors, dataset}));
    *out = dataset;
    dataset = NULL;
done:
    qst_dataset_free(dataset);
    json_decref(json);
    qsti_tensors_free(ctx, tensors);
    qsti_free(ctx, where);
    return status;
}

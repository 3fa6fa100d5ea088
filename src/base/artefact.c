/* artefact.c: see artefact.h. The JSON is written first, the tensors with its hash behind it: a crash in between leaves
 * a pair that does not match, never one that looks whole. */
#include "base/artefact.h"

#include <stdio.h>
#include <string.h>

/* "qstill-model/1" */
static void format_of(const char *kind, char out[64])
{
    snprintf(out, 64, "qstill-%s/1", kind);
}

static qst_status file_of(qst_ctx *ctx, const char *folder, const char *kind, const char *ending, char **out)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s", kind, ending);
    return qsti_path_join(ctx, folder, name, out);
}

qst_status qsti_artefact_write(qst_ctx *ctx, const char *folder, const char *kind, const json_t *json,
                               const qsti_tensor *tensors, size_t n_tensors)
{
    qst_status status = QST_OK;
    char *json_path = NULL, *tensors_path = NULL, *text = NULL;
    char format[64], hash[QSTI_HASH_CHARS];
    size_t length = 0;
    json_t *whole = json_object();
    format_of(kind, format);
    if (whole == NULL || json_object_set_new(whole, "format", json_string(format)) != 0 ||
        json_object_update(whole, (json_t *)json) != 0)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MEMORY, "out of memory"));
    QSTI_TRY(file_of(ctx, folder, kind, "json", &json_path));
    QSTI_TRY(file_of(ctx, folder, kind, "safetensors", &tensors_path));
    QSTI_TRY(qsti_json_text(ctx, whole, &text, &length));
    qsti_hash_bytes(text, length, hash);
    QSTI_TRY(qsti_folder_make(ctx, folder));
    QSTI_TRY(qsti_file_write(ctx, json_path, text, length));
    qsti_meta meta = {"json_sha256", hash};
    QSTI_TRY(qsti_tensors_write(ctx, tensors_path, format, tensors, n_tensors, &meta, 1));
done:
    json_decref(whole);
    qsti_free(ctx, text);
    qsti_free(ctx, json_path);
    qsti_free(ctx, tensors_path);
    return status;
}

/* "qstill-model/7" of a file whose kind is ours but whose version is not. */
static qst_status check_format(qst_ctx *ctx, const char *path, const json_t *json, const char *format)
{
    const char *found = NULL;
    qst_status status = qsti_json_get_string(ctx, path, json, "format", &found);
    if (status != QST_OK)
        return QST_ERR_DAMAGED;
    if (strcmp(found, format) == 0)
        return QST_OK;
    size_t kind_length = (size_t)(strrchr(format, '/') - format) + 1;
    if (strncmp(found, format, kind_length) == 0)
        return qsti_fail(ctx, QST_ERR_DAMAGED, "%s: format %s was written by a newer release: this one reads %s", path,
                         found, format);
    return qsti_fail(ctx, QST_ERR_DAMAGED, "%s: format is \"%s\", \"%s\" is needed", path, found, format);
}

qst_status qsti_artefact_read(qst_ctx *ctx, const char *folder, const char *kind, json_t **out_json,
                              qsti_tensors **out_tensors)
{
    qst_status status = QST_OK;
    char *json_path = NULL, *tensors_path = NULL, *text = NULL;
    char format[64], hash[QSTI_HASH_CHARS];
    size_t length = 0;
    json_t *json = NULL;
    qsti_tensors *tensors = NULL;
    format_of(kind, format);
    QSTI_TRY(file_of(ctx, folder, kind, "json", &json_path));
    QSTI_TRY(file_of(ctx, folder, kind, "safetensors", &tensors_path));
    if (!qsti_path_exists(json_path))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_SYSTEM, "%s: there is no %s in this folder (%s.json is missing)", folder, kind,
                           kind));
    QSTI_TRY(qsti_file_read(ctx, json_path, QSTI_JSON_MAX_BYTES, &text, &length));
    QSTI_TRY(qsti_json_parse(ctx, json_path, text, length, QST_ERR_DAMAGED, &json));
    QSTI_TRY(check_format(ctx, json_path, json, format));
    QSTI_TRY(qsti_tensors_read(ctx, tensors_path, format, &tensors));
    qsti_hash_bytes(text, length, hash);
    const char *recorded = qsti_tensors_meta(tensors, "json_sha256");
    if (recorded == NULL || strcmp(recorded, hash) != 0)
        QSTI_TRY(
            qsti_fail(ctx, QST_ERR_DAMAGED, "%s: its SHA-256 is not the one recorded in %s", json_path, tensors_path));
    *out_json = json;
    *out_tensors = tensors;
    json = NULL;
    tensors = NULL;
done:
    json_decref(json);
    qsti_tensors_free(ctx, tensors);
    qsti_free(ctx, text);
    qsti_free(ctx, json_path);
    qsti_free(ctx, tensors_path);
    return status;
}

qst_status qsti_folder_claim(qst_ctx *ctx, const char *folder)
{
    if (!qsti_folder_is_empty(folder))
        return qsti_fail(ctx, QST_ERR_SYSTEM, "%s: exists and is not an empty folder: name another one", folder);
    return qsti_folder_make(ctx, folder);
}

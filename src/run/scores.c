/* scores.c: any teacher's scores for any inputs: SCORES.npy, and SCORES.json beside it (docs/formats.md). */
#include "run/run.h"

#include <string.h>

#include <qstill/import.h>

#include "base/artefact.h"
#include "base/text.h"

/* --- inputs ------------------------------------------------------------------------------------------------------- */

/* "1 x 28 x 28" */
static void add_shape(qsti_text *text, const size_t *dims, size_t n)
{
    for (size_t d = 0; d < n; d++)
        qsti_text_add(text, "%s%zu", d > 0 ? " x " : "", dims[d]);
}

/* Lengths other than 1, from the second on. */
static size_t lengths_of(const size_t *dims, size_t n_dims, size_t out[QST_MAX_DIMS])
{
    size_t n = 0;
    for (size_t d = 0; d < n_dims; d++)
        if (dims[d] != 1)
            out[n++] = dims[d];
    return n;
}

/* Rows as the model takes them; rows that keep their dimensions must have those of the model, but for lengths of 1, so
 * that channels first and channels last are not mixed up. */
static qst_status check_inputs(qst_ctx *ctx, const char *path, const qst_tensor *inputs, const qst_import_info *info)
{
    size_t given[QST_MAX_DIMS], taken[QST_MAX_DIMS], n_cols = 1;
    for (size_t d = 1; d < inputs->n_dims; d++)
        n_cols *= inputs->shape[d];
    size_t n_given = lengths_of(inputs->shape + 1, inputs->n_dims - 1, given);
    size_t n_taken = lengths_of(info->shape, info->n_dims, taken);
    bool flat = inputs->n_dims <= 2;
    if (n_cols == info->n_inputs &&
        (flat || (n_given == n_taken && memcmp(given, taken, n_given * sizeof *given) == 0)))
        return QST_OK;
    qsti_text text;
    qsti_text_init(&text, ctx);
    qsti_text_add(&text, "%s: rows of ", path);
    add_shape(&text, inputs->shape + 1, inputs->n_dims > 1 ? inputs->n_dims - 1 : 0);
    qsti_text_add(&text, "%s: the model takes ", inputs->n_dims > 1 ? "" : "1");
    add_shape(&text, info->shape, info->n_dims);
    if (inputs->n_dims == 1 && inputs->shape[0] == info->n_inputs)
        qsti_text_add(&text, "; a single row is an array of 1 x %zu", info->n_inputs);
    qst_status status = text.status;
    if (status == QST_OK)
        status = qsti_fail(ctx, QST_ERR_MISMATCH, "%s", text.bytes);
    qsti_text_clear(&text);
    return status;
}

/* --- the description ---------------------------------------------------------------------------------------------- */

static qst_status describe(qst_ctx *ctx, const qst_import_info *info, qst_score_kind kind, qst_const_matrix raw,
                           qst_const_matrix scores, json_t **out)
{
    char hash[QSTI_HASH_CHARS];
    bool by_openvino = info->through == QST_THROUGH_OPENVINO;
    json_t *json = json_object(), *shape = json_array();
    bool ok = json != NULL && shape != NULL;
    for (size_t d = 0; ok && d < info->n_dims; d++)
        ok = json_array_append_new(shape, json_integer((json_int_t)info->shape[d])) == 0;
    ok = ok && qsti_json_put(json, "format", json_string("qstill-scores/1")) &&
         qsti_json_put(json, "kind", json_string(qst_score_kind_name(kind))) &&
         qsti_json_put(json, "rows", json_integer((json_int_t)scores.n_rows)) &&
         qsti_json_put(json, "scores", json_integer((json_int_t)scores.n_cols));
    qsti_hash_bytes(scores.data, scores.n_rows * scores.n_cols * sizeof(double), hash);
    ok = ok && qsti_json_put(json, "scores_sha256", json_string(hash));
    qsti_hash_bytes(raw.data, raw.n_rows * raw.n_cols * sizeof(double), hash);
    ok = ok && qsti_json_put(json, "inputs_sha256", json_string(hash)) &&
         qsti_json_put(json, "teacher.sha256", json_string(info->sha256)) &&
         qsti_json_put(json, "teacher.format", json_string(info->format)) &&
         qsti_json_put(json, "teacher.inputs", json_incref(shape)) &&
         qsti_json_put(json, "teacher.run_by", json_string(by_openvino ? "openvino" : "qstill")) &&
         qsti_json_put(json, "teacher.version", json_string(by_openvino ? info->version : qst_version()));
    json_decref(shape);
    if (!ok) {
        json_decref(json);
        return qsti_fail(ctx, QST_ERR_MEMORY, "out of memory");
    }
    *out = json;
    return QST_OK;
}

/* "a/scores.npy" -> "a/scores.json" */
static qst_status json_path(qst_ctx *ctx, const char *path, char **out)
{
    size_t n = strlen(path);
    qsti_text text;
    if (n <= 4 || (strcmp(path + n - 4, ".npy") != 0 && strcmp(path + n - 4, ".csv") != 0))
        return qsti_fail(ctx, QST_ERR_USAGE, "%s: the name must end in .npy or .csv", path);
    qsti_text_init(&text, ctx);
    qsti_text_add_bytes(&text, path, n - 4);
    qsti_text_add(&text, ".json");
    if (text.status != QST_OK)
        return text.status;
    *out = text.bytes;
    return QST_OK;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

qst_status qst_stage_scores(qst_ctx *ctx, const char *teacher, const char *inputs, qst_score_kind kind,
                            const char *out_file, qst_scores_made *out_made, char **out_json)
{
    qst_status status = QST_OK;
    qst_import *import = NULL;
    qst_import_info info;
    qst_tensor raw = {.data = NULL};
    qst_matrix scores = {.data = NULL};
    json_t *json = NULL;
    char *path = NULL;
    size_t n_values = 0, length = 0;
    QSTI_TRY(json_path(ctx, out_file, &path));
    QSTI_TRY(qst_import_open(ctx, teacher, QST_THROUGH_ANY, &import));
    qst_import_describe(import, &info);
    QSTI_TRY(qst_tensor_read(ctx, inputs, &raw));
    QSTI_TRY(check_inputs(ctx, inputs, &raw, &info));
    const qst_const_matrix rows = {raw.data, raw.shape[0], info.n_inputs};
    if (!qsti_mul(rows.n_rows, info.n_scores, &n_values))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "%zu rows are too many", rows.n_rows));
    QSTI_TRY(QSTI_NEW(ctx, n_values, &scores.data));
    scores.n_rows = rows.n_rows;
    scores.n_cols = info.n_scores;
    status = qst_import_scores(import, rows, kind, scores, &kind);
    if (status == QST_ERR_INPUT)
        qsti_fail_within(ctx, status, "%s", inputs);
    QSTI_TRY(status);
    QSTI_TRY(describe(ctx, &info, kind, rows, qst_const_view(scores), &json));
    QSTI_TRY(qst_array_write(ctx, out_file, qst_const_view(scores), NULL));
    QSTI_TRY(qsti_json_write(ctx, path, json));
    QSTI_TRY(qsti_json_text(ctx, json, out_json, &length));
    *out_made = (qst_scores_made){scores.n_rows, scores.n_cols, kind};
done:
    json_decref(json);
    qsti_free(ctx, path);
    qsti_free(ctx, scores.data);
    qst_tensor_free(ctx, &raw);
    qst_import_free(import);
    return status;
}

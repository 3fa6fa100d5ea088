/* import.c: imported models as one kind of thing: what they are, who runs them, and what their scores are. */
#include <qstill/import.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "import/import_oracle.h"
#include "import/onnx_network.h"
#include "import/onnx_prune.h"
#include "import/openvino.h"
#include "import/tree_hash.h"

#define SEEN_TOLERANCE     1e-3 /* how far from 1 rows of probabilities may sum, to be seen as such */
#define DECLARED_TOLERANCE 2e-2 /* and when somebody says that they are: 8-bit models are this coarse */

struct qst_import {
    qst_ctx *ctx;
    char *path;
    const char *format;
    qst_model *own; /* of a folder of ours; else one of the two below */
    qsti_onnx_network network;
    qsti_openvino *openvino;
    qsti_final ending; /* of an ONNX graph that OpenVINO runs */
    size_t n_inputs, n_scores, n_axes, axes[QSTI_ONNX_MAX_AXES];
    char hash[QSTI_HASH_CHARS];
};

void qst_import_free(qst_import *import)
{
    if (import == NULL)
        return;
    qst_ctx *ctx = import->ctx;
    qst_model_free(import->own);
    qsti_onnx_network_clear(ctx, &import->network);
    qsti_openvino_free(import->openvino);
    qsti_free(ctx, import->path);
    qsti_free(ctx, import);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static void take_openvino(qst_import *import)
{
    import->n_inputs = qsti_openvino_inputs(import->openvino);
    import->n_scores = qsti_openvino_scores_count(import->openvino);
    import->n_axes = qsti_openvino_axes(import->openvino, import->axes);
}

/* By OpenVINO, from the file, or from a copy without what only other outputs need. */
static qst_status run_onnx(qst_import *import, const qsti_onnx_graph *graph)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    qst_status status = graph != NULL ? qsti_onnx_prune(graph, &bytes, &n_bytes) : QST_OK;
    if (status == QST_OK)
        status = qsti_openvino_open(import->ctx, import->path, bytes, n_bytes, &import->openvino);
    qsti_free(import->ctx, bytes);
    if (status == QST_OK)
        take_openvino(import);
    return status;
}

static void take_network(qst_import *import, const qsti_onnx_graph *graph)
{
    import->n_inputs = import->network.n_raw;
    import->n_scores = import->network.n_scores;
    import->n_axes = graph->n_axes - 1;
    for (size_t a = 0; a < import->n_axes; a++)
        import->axes[a] = (size_t)graph->axes[a + 1];
}

/* What our own reader said, and why OpenVINO does not help. */
static qst_status join_messages(const qst_import *import, qst_status status, const char *own)
{
    char second[512];
    size_t n_path = strlen(import->path);
    const char *message = qst_ctx_message(import->ctx);
    if (strncmp(message, import->path, n_path) == 0 && strncmp(message + n_path, ": ", 2) == 0)
        message += n_path + 2;
    snprintf(second, sizeof second, "%s", message);
    return qsti_fail(import->ctx, status, "%s; %s", own, second);
}

static qst_status open_onnx(qst_import *import, qst_import_through through)
{
    qst_status status = QST_OK;
    qsti_onnx *onnx = NULL;
    qsti_onnx_graph graph = {.onnx = NULL};
    char own[600] = "";
    QSTI_TRY(qsti_onnx_open(import->ctx, import->path, &onnx));
    memcpy(import->hash, onnx->hash, sizeof import->hash);
    status = qsti_onnx_graph_create(onnx, &graph);
    bool is_read = status == QST_OK;
    if (is_read && through != QST_THROUGH_OPENVINO) {
        status = qsti_onnx_network_create(&graph, &import->network);
        if (status == QST_OK) {
            take_network(import, &graph);
            goto done;
        }
    }
    if (status != QST_OK && (status != QST_ERR_UNSUPPORTED || through == QST_THROUGH_QSTILL))
        goto done;
    if (status != QST_OK)
        snprintf(own, sizeof own, "%s", qst_ctx_message(import->ctx));
    import->ending = is_read ? qsti_onnx_ending(&graph) : QSTI_FINAL_NONE;
    status = run_onnx(import, is_read ? &graph : NULL);
    if (status == QST_ERR_UNSUPPORTED && own[0] != '\0')
        status = join_messages(import, status, own);
done:
    qsti_onnx_graph_clear(&graph);
    qsti_onnx_free(onnx);
    return status;
}

/* What there is to know of a model of our own. */
static qst_status take_own(qst_import *import)
{
    qst_status status = qst_model_hash(import->own, import->hash);
    if (status != QST_OK)
        return status;
    import->n_inputs =
        import->own->preprocess != NULL ? qsti_preprocess_inputs(import->own->preprocess) : import->own->n_features;
    import->n_scores = import->own->n_scores;
    import->n_axes = 1;
    import->axes[0] = import->n_inputs;
    return QST_OK;
}

static qst_status open_own(qst_import *import)
{
    qst_status status = qst_model_load(import->ctx, import->path, &import->own);
    return status == QST_OK ? take_own(import) : status;
}

static qst_status open_other(qst_import *import, bool is_folder)
{
    qst_status status = QST_OK;
    char *bytes = NULL;
    size_t n_bytes = 0;
    if (is_folder) {
        QSTI_TRY(qsti_tree_hash(import->ctx, import->path, import->hash));
    } else {
        QSTI_TRY(qsti_file_read(import->ctx, import->path, QSTI_ONNX_MAX_BYTES, &bytes, &n_bytes));
        qsti_hash_bytes(bytes, n_bytes, import->hash);
    }
    QSTI_TRY(qsti_openvino_open(import->ctx, import->path, NULL, 0, &import->openvino));
    take_openvino(import);
done:
    qsti_free(import->ctx, bytes);
    return status;
}

static bool ends_in(const char *path, const char *ending)
{
    size_t n_path = strlen(path), n_ending = strlen(ending);
    return n_path > n_ending && strcmp(path + n_path - n_ending, ending) == 0;
}

static bool has_file(qst_ctx *ctx, const char *folder, const char *name)
{
    char *path = NULL;
    bool there = qsti_path_join(ctx, folder, name, &path) == QST_OK && qsti_path_exists(path);
    qsti_free(ctx, path);
    return there;
}

static qst_status find_format(qst_import *import)
{
    struct stat info;
    if (stat(import->path, &info) != 0)
        return qsti_fail_errno(import->ctx, "%s: cannot be opened", import->path);
    bool is_folder = S_ISDIR(info.st_mode);
    if (is_folder && has_file(import->ctx, import->path, "model.json"))
        import->format = "qstill";
    else if (is_folder && has_file(import->ctx, import->path, "saved_model.pb"))
        import->format = "saved_model";
    else if (!is_folder && ends_in(import->path, ".onnx"))
        import->format = "onnx";
    else if (!is_folder && ends_in(import->path, ".tflite"))
        import->format = "tflite";
    if (import->format != NULL)
        return QST_OK;
    if (is_folder && has_file(import->ctx, import->path, "report.json")) {
        return qsti_fail(import->ctx, QST_ERR_SYSTEM,
                         "%s: is the folder of a run, not of a model: name one in it, such as seed-1/teacher",
                         import->path);
    }
    if (is_folder) {
        return qsti_fail(import->ctx, QST_ERR_SYSTEM,
                         "%s: holds neither model.json, as a model folder of qstill does, nor saved_model.pb, as a "
                         "TensorFlow SavedModel does",
                         import->path);
    }
    return qsti_fail(
        import->ctx, QST_ERR_USAGE,
        "%s: is no model that is read: .onnx, .tflite, a TensorFlow SavedModel folder, or a model folder "
        "of qstill; PyTorch's .pt can be exported with torch.onnx.export(), and `qstill teacher import` makes a "
        "folder of an OpenQASM file",
        import->path);
}

qst_status qsti_import_from_model(qst_ctx *ctx, const char *path, qst_model *model, qst_import **out)
{
    qst_import *import = NULL;
    qst_status status = QSTI_NEW(ctx, 1, &import);
    if (status != QST_OK) {
        qst_model_free(model);
        return status;
    }
    *import = (qst_import){.ctx = ctx, .format = "qstill", .own = model};
    QSTI_TRY(qsti_strdup(ctx, path, &import->path));
    QSTI_TRY(take_own(import));
    *out = import;
    import = NULL;
done:
    qst_import_free(import);
    return status;
}

qst_status qst_import_open(qst_ctx *ctx, const char *path, qst_import_through through, qst_import **out)
{
    qst_status status = QST_OK;
    qst_import *import = NULL;
    QSTI_TRY(QSTI_NEW(ctx, 1, &import));
    import->ctx = ctx;
    QSTI_TRY(qsti_strdup(ctx, path, &import->path));
    QSTI_TRY(find_format(import));
    bool is_onnx = strcmp(import->format, "onnx") == 0, is_own = strcmp(import->format, "qstill") == 0;
    if ((is_own && through == QST_THROUGH_OPENVINO) || (!is_own && !is_onnx && through == QST_THROUGH_QSTILL))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_UNSUPPORTED, "%s: is run by %s only", path, is_own ? "qstill" : "OpenVINO"));
    if (is_own)
        QSTI_TRY(open_own(import));
    else if (is_onnx)
        QSTI_TRY(open_onnx(import, through));
    else
        QSTI_TRY(open_other(import, strcmp(import->format, "saved_model") == 0));
    *out = import;
    import = NULL;
done:
    qst_import_free(import);
    return status;
}

void qst_import_describe(const qst_import *import, qst_import_info *out)
{
    qst_import_info info = {
        .format = import->format,
        .through = import->openvino != NULL ? QST_THROUGH_OPENVINO : QST_THROUGH_QSTILL,
        .version = import->openvino != NULL ? qsti_openvino_version(import->openvino) : "",
        .n_inputs = import->n_inputs,
        .n_scores = import->n_scores,
        .n_dims = import->n_axes,
        .sha256 = import->hash,
    };
    for (size_t a = 0; a < import->n_axes; a++)
        info.shape[a] = import->axes[a];
    if (import->own != NULL)
        qst_model_measure(import->own, &info.size);
    else if (import->network.model != NULL)
        qst_model_measure(import->network.model, &info.size);
    *out = info;
}

/* --- what the scores are ------------------------------------------------------------------------------------------ */

/* Sum of a row as probabilities of this kind; NaN where an entry cannot be one. A single column is the second of two.
 */
static double sum_of(qst_score_kind kind, const double *row, size_t n)
{
    double sum = 0;
    for (size_t c = 0; c < n; c++) {
        double p = kind == QST_SCORE_log_probability ? exp(row[c]) : row[c];
        if (!(p >= 0) || p > 1 + DECLARED_TOLERANCE)
            return NAN;
        sum += p;
    }
    return n == 1 ? 1 : sum;
}

/* The first row that is no distribution of this kind; the number of rows: all are. */
static size_t first_other(qst_score_kind kind, qst_matrix scores, double tolerance)
{
    size_t row = 0;
    while (row < scores.n_rows && fabs(sum_of(kind, scores.data + row * scores.n_cols, scores.n_cols) - 1) <= tolerance)
        row++;
    return row;
}

/* By the graph's end, or by the numbers. */
static qst_score_kind kind_of(const qst_import *import, qst_matrix scores)
{
    qsti_final ending = import->network.model != NULL ? import->network.final : import->ending;
    if (import->own != NULL)
        return import->own->score_kind;
    if (ending == QSTI_FINAL_LOG_SOFTMAX)
        return QST_SCORE_log_probability;
    if (ending == QSTI_FINAL_SOFTMAX || ending == QSTI_FINAL_BINARY)
        return QST_SCORE_probability;
    if (ending == QSTI_FINAL_SIGMOID && scores.n_cols == 1)
        return QST_SCORE_probability;
    bool by_numbers = import->openvino != NULL && scores.n_cols > 1;
    return by_numbers && first_other(QST_SCORE_probability, scores, SEEN_TOLERANCE) == scores.n_rows
               ? QST_SCORE_probability
               : QST_SCORE_logit;
}

static qst_status check_kind(const qst_import *import, qst_score_kind kind, qst_matrix scores)
{
    size_t n = scores.n_rows * scores.n_cols;
    if (kind == QST_SCORE_probability || kind == QST_SCORE_log_probability) {
        size_t row = first_other(kind, scores, DECLARED_TOLERANCE);
        return row == scores.n_rows
                   ? QST_OK
                   : qsti_fail(import->ctx, QST_ERR_INPUT, "%s: kind: its scores are no %s: row %zu (from 0) is none",
                               import->path, kind == QST_SCORE_probability ? "probabilities" : "log-probabilities",
                               row);
    }
    for (size_t i = 0; i < n && kind == QST_SCORE_expectation; i++) {
        if (fabs(scores.data[i]) > 1 + 1e-6)
            return qsti_fail(import->ctx, QST_ERR_INPUT,
                             "%s: kind: its scores are no expectation values: row %zu (from 0) has %g", import->path,
                             i / scores.n_cols, scores.data[i]);
    }
    if (kind == QST_SCORE_logit && scores.n_cols > 1 &&
        first_other(QST_SCORE_probability, scores, SEEN_TOLERANCE) == scores.n_rows)
        return qsti_fail(import->ctx, QST_ERR_INPUT,
                         "%s: kind: every row is >= 0 and sums to 1: these are probabilities, not logits",
                         import->path);
    return QST_OK;
}

/* Single precision leaves sums a little off 1. */
static void make_sums_one(qst_score_kind kind, qst_matrix scores)
{
    for (size_t row = 0; row < scores.n_rows && scores.n_cols > 1; row++) {
        double *p = scores.data + row * scores.n_cols, sum = sum_of(kind, p, scores.n_cols);
        for (size_t c = 0; c < scores.n_cols; c++)
            p[c] = kind == QST_SCORE_probability ? p[c] / sum : p[c] - log(sum);
    }
}

static qst_status compute(qst_import *import, qst_const_matrix raw, qst_matrix out)
{
    if (import->own != NULL)
        return qst_model_predict(import->own, raw, out);
    return import->openvino != NULL ? qsti_openvino_scores(import->openvino, raw, out)
                                    : qsti_onnx_network_scores(&import->network, raw, out);
}

qst_status qst_import_scores(qst_import *import, qst_const_matrix raw, qst_score_kind declared, qst_matrix out,
                             qst_score_kind *out_kind)
{
    qst_ctx *ctx = import->ctx;
    if (raw.n_cols != import->n_inputs)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "%s: the inputs have %zu columns, the model takes %zu", import->path,
                         raw.n_cols, import->n_inputs);
    if (out.n_rows != raw.n_rows || out.n_cols != import->n_scores)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "scores have shape (%zu, %zu): (%zu, %zu) is needed", out.n_rows,
                         out.n_cols, raw.n_rows, import->n_scores);
    if (import->own != NULL && declared != QST_SCORE_COUNT && declared != import->own->score_kind)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "%s: its scores are of kind %s, not %s", import->path,
                         qst_score_kind_name(import->own->score_kind), qst_score_kind_name(declared));
    qst_status status = compute(import, raw, out);
    if (status != QST_OK)
        return status;
    qst_score_kind kind = declared != QST_SCORE_COUNT ? declared : kind_of(import, out);
    if (import->own == NULL) {
        status = check_kind(import, kind, out);
        if (status == QST_OK && (kind == QST_SCORE_probability || kind == QST_SCORE_log_probability))
            make_sums_one(kind, out);
    }
    if (status == QST_OK)
        *out_kind = kind;
    return status;
}

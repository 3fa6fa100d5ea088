/* import_oracle.c: see import_oracle.h. */
#include "import/import_oracle.h"

#include <math.h>
#include <string.h>

#include "learn/softmax.h"

#define ROWS_LOOKED_AT 256

typedef struct imported {
    qst_import *import;
    double temperature;
    bool is_single; /* one score for two classes */
} imported;

/* --- answers ------------------------------------------------------------------------------------------------------ */

/* p^T renormalised: softmax(ln p^T) = softmax(z) when p = softmax(z / T). */
static void cool(qst_score_kind kind, double temperature, qst_matrix out)
{
    for (size_t row = 0; row < out.n_rows; row++) {
        double *p = out.data + row * out.n_cols;
        qsti_scores_to_logits(kind, p, out.n_cols, p);
        for (size_t c = 0; c < out.n_cols; c++)
            p[c] *= temperature;
        qsti_log_softmax(p, out.n_cols, 1.0, p);
        for (size_t c = 0; c < out.n_cols && kind == QST_SCORE_probability; c++)
            p[c] = exp(p[c]);
    }
}

static qst_status imported_scores(qsti_oracle *oracle, qst_const_matrix raw, qst_matrix out)
{
    qst_status status = QST_OK;
    const imported *inside = oracle->inside;
    qst_score_kind kind;
    qst_matrix given = {out.data, out.n_rows, inside->is_single ? 1 : out.n_cols};
    QSTI_TRY(qst_import_scores(inside->import, raw, oracle->kind, given, &kind));
    for (size_t row = out.n_rows; inside->is_single && row-- > 0;) {
        double score = out.data[row];
        out.data[2 * row] = kind == QST_SCORE_probability ? 1 - score : 0;
        out.data[2 * row + 1] = score;
    }
    if (inside->temperature != 1)
        cool(kind, inside->temperature, out);
done:
    return status;
}

static void imported_release(qsti_oracle *oracle)
{
    imported *inside = oracle->inside;
    qst_import_free(inside->import);
    qsti_free(oracle->ctx, inside);
}

static const qsti_oracle_type imported_type = {.name = "file", .scores = imported_scores, .release = imported_release};

/* --- making ------------------------------------------------------------------------------------------------------- */

/* What the scores of the first rows are. */
static qst_status find_kind(qst_ctx *ctx, qst_import *import, const qst_import_info *info, qst_score_kind declared,
                            qst_const_matrix raw, qst_score_kind *out)
{
    qst_matrix scores = {NULL, raw.n_rows < ROWS_LOOKED_AT ? raw.n_rows : ROWS_LOOKED_AT, info->n_scores};
    size_t n = 0;
    if (!qsti_mul(scores.n_rows, scores.n_cols, &n))
        return qsti_fail(ctx, QST_ERR_LIMIT, "%zu scores a row are too many", info->n_scores);
    qst_status status = QSTI_NEW(ctx, n, &scores.data);
    if (status == QST_OK)
        status =
            qst_import_scores(import, (qst_const_matrix){raw.data, scores.n_rows, raw.n_cols}, declared, scores, out);
    qsti_free(ctx, scores.data);
    return status;
}

static qst_status check_kind(qst_ctx *ctx, const char *path, qst_score_kind kind, double temperature, bool is_single)
{
    bool is_probability = kind == QST_SCORE_probability || kind == QST_SCORE_log_probability;
    if (temperature != 1 && !is_probability) {
        return qsti_fail(
            ctx, QST_ERR_USAGE,
            "temperature: %g: only probabilities have been taken at a temperature, those of %s are of kind "
            "%s",
            temperature, path, qst_score_kind_name(kind));
    }
    if (is_single && kind != QST_SCORE_logit && kind != QST_SCORE_probability)
        return qsti_fail(ctx, QST_ERR_UNSUPPORTED,
                         "%s: gives one score of kind %s: two classes can be told from one logit or one probability",
                         path, qst_score_kind_name(kind));
    return QST_OK;
}

/* Takes the import. */
static qst_status make_oracle(qst_ctx *ctx, const char *path, qst_import *import, qst_score_kind declared,
                              double temperature, qst_const_matrix raw, qsti_oracle **out)
{
    qst_status status = QST_OK;
    qst_import_info info;
    qsti_oracle *oracle = NULL;
    imported *inside = NULL;
    qst_score_kind kind = declared;
    qst_import_describe(import, &info);
    QSTI_TRY(find_kind(ctx, import, &info, declared, raw, &kind));
    bool is_single = info.n_scores == 1;
    QSTI_TRY(check_kind(ctx, path, kind, temperature, is_single));
    QSTI_TRY(QSTI_NEW(ctx, 1, &inside));
    QSTI_TRY(qsti_oracle_allocate(ctx, &imported_type, info.n_inputs, is_single ? 2 : info.n_scores, kind, &oracle));
    *inside = (imported){import, temperature, is_single};
    memcpy(oracle->hash, info.sha256, sizeof oracle->hash);
    oracle->size = info.size;
    oracle->inside = inside;
    import = NULL;
    inside = NULL;
    *out = oracle;
done:
    qsti_free(ctx, inside);
    qst_import_free(import);
    return status;
}

qst_status qsti_import_oracle(qst_ctx *ctx, const char *path, qst_score_kind declared, double temperature,
                              qst_const_matrix raw, qsti_oracle **out)
{
    qst_import *import = NULL;
    qst_status status = qst_import_open(ctx, path, QST_THROUGH_ANY, &import);
    return status == QST_OK ? make_oracle(ctx, path, import, declared, temperature, raw, out) : status;
}

qst_status qsti_model_oracle(qst_ctx *ctx, const char *path, qst_model *model, qst_score_kind declared,
                             double temperature, qst_const_matrix raw, qsti_oracle **out)
{
    qst_import *import = NULL;
    qst_status status = qsti_import_from_model(ctx, path, model, &import);
    return status == QST_OK ? make_oracle(ctx, path, import, declared, temperature, raw, out) : status;
}

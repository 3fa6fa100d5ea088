/* fourier_knowledge.c: the `fourier` part of a knowledge artefact (docs/formats.md). */
#include "knowledge/fourier_knowledge.h"

#include <math.h>
#include <string.h>

void qsti_fourier_knowledge_clear(qst_ctx *ctx, qsti_fourier_knowledge *fourier)
{
    qsti_free(ctx, fourier->vectors);
    qsti_free(ctx, fourier->units);
    qsti_free(ctx, fourier->counts);
    qsti_free(ctx, fourier->points);
    qsti_free(ctx, fourier->scores);
    qsti_free(ctx, fourier->probes);
    qsti_free(ctx, fourier->probe_scores);
    *fourier = (qsti_fourier_knowledge){0};
}

/* --- out ---------------------------------------------------------------------------------------------------------- */

qst_status qsti_fourier_knowledge_put(qst_ctx *ctx, const qsti_fourier_knowledge *fourier, json_t *json,
                                      qsti_tensor tensors[QSTI_FOURIER_TENSORS], size_t *out_n)
{
    size_t n = 0, d = fourier->n_features, c = fourier->n_scores;
    *out_n = 0;
    if (!fourier->given)
        return QST_OK;
    tensors[n++] = (qsti_tensor){"fourier.vectors", QSTI_F64, 2, {fourier->n_vectors, d}, fourier->vectors};
    if (fourier->is_grid) {
        tensors[n++] = (qsti_tensor){"fourier.units", QSTI_F64, 1, {d}, fourier->units};
        tensors[n++] = (qsti_tensor){"fourier.counts", QSTI_I64, 1, {d}, fourier->counts};
    } else if (fourier->n_points > 0) {
        tensors[n++] = (qsti_tensor){"fourier.points", QSTI_F64, 2, {fourier->n_points, d}, fourier->points};
    }
    if (fourier->n_points > 0) {
        tensors[n++] = (qsti_tensor){"fourier.scores", QSTI_F64, 2, {fourier->n_points, c}, fourier->scores};
        tensors[n++] = (qsti_tensor){"fourier.probes", QSTI_F64, 2, {fourier->n_probes, d}, fourier->probes};
        tensors[n++] =
            (qsti_tensor){"fourier.probe_scores", QSTI_F64, 2, {fourier->n_probes, c}, fourier->probe_scores};
    }
    if (!qsti_json_put(json, "fourier.kind", json_string(fourier->is_grid ? "grid" : "sampled")) ||
        !qsti_json_put(json, "fourier.points", json_integer((json_int_t)fourier->n_points)))
        return qsti_fail(ctx, QST_ERR_MEMORY, "out of memory");
    *out_n = n;
    return QST_OK;
}

/* --- in ----------------------------------------------------------------------------------------------------------- */

typedef struct reader {
    qst_ctx *ctx;
    const char *where;
    const qsti_tensors *tensors;
} reader;

/* A copy of an (n_rows, n_cols) array; SIZE_MAX: any number of rows. */
static qst_status read_rows(const reader *r, const char *name, size_t n_rows, size_t n_cols, size_t *out_n,
                            double **out)
{
    const qsti_tensor *tensor = NULL;
    double *copy = NULL;
    qst_status status = qsti_tensors_get(r->ctx, r->tensors, name, QSTI_F64, 2, &tensor);
    if (status != QST_OK)
        return status;
    if ((n_rows != SIZE_MAX && tensor->shape[0] != n_rows) || tensor->shape[1] != n_cols)
        return qsti_fail(r->ctx, QST_ERR_DAMAGED, "%s: %s has shape (%zu, %zu)", r->where, name, tensor->shape[0],
                         tensor->shape[1]);
    size_t n = tensor->shape[0] * n_cols;
    const double *data = tensor->data;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(data[i]))
            return qsti_fail(r->ctx, QST_ERR_DAMAGED, "%s: %s: %g is not finite", r->where, name, data[i]);
    status = QSTI_NEW(r->ctx, n, &copy);
    if (status != QST_OK)
        return status;
    memcpy(copy, data, n * sizeof *copy);
    *out_n = tensor->shape[0];
    *out = copy;
    return QST_OK;
}

static qst_status read_lattice(const reader *r, qsti_fourier_knowledge *fourier)
{
    qst_status status = QST_OK;
    const qsti_tensor *units = NULL, *counts = NULL;
    size_t d = fourier->n_features, n_points = 1;
    QSTI_TRY(qsti_tensors_get(r->ctx, r->tensors, "fourier.units", QSTI_F64, 1, &units));
    QSTI_TRY(qsti_tensors_get(r->ctx, r->tensors, "fourier.counts", QSTI_I64, 1, &counts));
    if (units->shape[0] != d || counts->shape[0] != d)
        QSTI_TRY(
            qsti_fail(r->ctx, QST_ERR_DAMAGED, "%s: fourier.units and counts are not of %zu features", r->where, d));
    QSTI_TRY(QSTI_NEW(r->ctx, d, &fourier->units));
    QSTI_TRY(QSTI_NEW(r->ctx, d, &fourier->counts));
    memcpy(fourier->units, units->data, d * sizeof *fourier->units);
    memcpy(fourier->counts, counts->data, d * sizeof *fourier->counts);
    for (size_t j = 0; j < d; j++) {
        if (!(fourier->units[j] > 0) || fourier->counts[j] < 0 || (uint64_t)fourier->counts[j] > 1000000000u ||
            !qsti_mul(n_points, 2 * (size_t)fourier->counts[j] + 1, &n_points))
            QSTI_TRY(qsti_fail(r->ctx, QST_ERR_DAMAGED, "%s: fourier: feature %zu has no grid", r->where, j));
    }
    if (fourier->n_points > 0 && fourier->n_points != n_points)
        QSTI_TRY(qsti_fail(r->ctx, QST_ERR_DAMAGED, "%s: fourier: %zu points on a grid of %zu", r->where,
                           fourier->n_points, n_points));
done:
    return status;
}

qst_status qsti_fourier_knowledge_get(qst_ctx *ctx, const char *where, const json_t *json, const qsti_tensors *tensors,
                                      qsti_fourier_knowledge *out)
{
    qst_status status = QST_OK;
    const reader r = {ctx, where, tensors};
    const qsti_tensor *vectors = NULL, *scores = NULL;
    qsti_fourier_knowledge fourier = {.given = true};
    const char *kind = NULL;
    int64_t n_points = 0;
    size_t n = 0;
    QSTI_TRY(qsti_json_get_string(ctx, where, json, "kind", &kind));
    QSTI_TRY(qsti_json_get_i64(ctx, where, json, "points", 0, (int64_t)QSTI_FOURIER_MAX_POINTS, &n_points));
    fourier.is_grid = strcmp(kind, "grid") == 0;
    fourier.n_points = (size_t)n_points;
    QSTI_TRY(qsti_tensors_get(ctx, tensors, "fourier.vectors", QSTI_F64, 2, &vectors));
    fourier.n_features = vectors->shape[1];
    QSTI_TRY(read_rows(&r, "fourier.vectors", SIZE_MAX, fourier.n_features, &fourier.n_vectors, &fourier.vectors));
    if (fourier.is_grid)
        QSTI_TRY(read_lattice(&r, &fourier));
    if (fourier.n_points > 0) {
        QSTI_TRY(qsti_tensors_get(ctx, tensors, "fourier.scores", QSTI_F64, 2, &scores));
        fourier.n_scores = scores->shape[1];
        QSTI_TRY(read_rows(&r, "fourier.scores", fourier.n_points, fourier.n_scores, &n, &fourier.scores));
        QSTI_TRY(read_rows(&r, "fourier.probes", SIZE_MAX, fourier.n_features, &fourier.n_probes, &fourier.probes));
        QSTI_TRY(read_rows(&r, "fourier.probe_scores", fourier.n_probes, fourier.n_scores, &n, &fourier.probe_scores));
        if (!fourier.is_grid)
            QSTI_TRY(read_rows(&r, "fourier.points", fourier.n_points, fourier.n_features, &n, &fourier.points));
    }
    *out = fourier;
    return QST_OK;
done:
    qsti_fourier_knowledge_clear(ctx, &fourier);
    return status;
}

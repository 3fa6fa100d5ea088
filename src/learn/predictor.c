/* predictor.c: scores of raw rows from a measured circuit, with what they took and the variances that shots leave.
 *
 *   raw rows -> preprocessing -> before -> circuit, measured: values m (B, K) -> head or after -> scores z (B, C)
 *
 * Everything but the circuit is classical and exact. Where it is affine behind the circuit, z = W m + b, the variance
 * of a score needs the covariances of the values, which qst_measurement_values() does not give. It comes by one of
 *
 *   EXACT    no shots: 0
 *   SINGLE   every score has one value: W_ck^2 var m_k, however these are mitigated
 *   SUMS     Pauli sums: the circuit is measured with C outputs more, sum_k W_ck m_k, whose terms stand in the order of
 *            the readout's own; so the groups, the shots and the first K outputs are the same. Not where what
 *            mitigation does to a sum is not the sum of what it does
 *   SHARES   probabilities of disjoint outcomes, not mitigated: (sum_k W_ck^2 m_k - z_c^2) / (R - 1), z without b
 *
 * W and b are found by asking: scores of the values 0 and of every unit vector. Behind a network there are none.
 */
#include <math.h>
#include <string.h>

#include "circuit/circuit.h"
#include "learn/circuit_parts.h"

typedef enum variance_way {
    NO_VARIANCES,
    EXACT,
    SINGLE,
    SUMS,
    SHARES,
} variance_way;

struct qst_predictor {
    qst_ctx *ctx;
    qst_model *model; /* borrowed */
    qst_predictor_opts opts;
    qst_measurement *measurement;
    size_t n_values, n_outputs, n_scores; /* K; of the measurement: K, or K + C; C */
    variance_way way;
    double *shift;     /* (C) = b */
    double *slopes;    /* (C, K) = W */
    double *decisions; /* (2, C): scores and variances of a row that may be decided */
};

/* --- z = W m + b -------------------------------------------------------------------------------------------------- */

static qst_status find_slopes(qst_predictor *predictor)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = predictor->ctx;
    qst_model *model = predictor->model;
    size_t n_values = predictor->n_values, n_scores = predictor->n_scores;
    qst_matrix asked = {NULL, n_values + 1, n_values}, told = {NULL, n_values + 1, n_scores};
    QSTI_TRY(QSTI_NEW(ctx, asked.n_rows * asked.n_cols, &asked.data));
    QSTI_TRY(QSTI_NEW(ctx, told.n_rows * told.n_cols, &told.data));
    for (size_t k = 0; k < n_values; k++)
        asked.data[(k + 1) * n_values + k] = 1;
    QSTI_TRY(
        model->type->evaluate_values(model, model->weights, qst_const_view(asked), qsti_model_store_scores, &told));
    for (size_t c = 0; c < n_scores; c++) {
        predictor->shift[c] = told.data[c];
        for (size_t k = 0; k < n_values; k++)
            predictor->slopes[c * n_values + k] = told.data[(k + 1) * n_scores + c] - told.data[c];
    }
done:
    qsti_free(ctx, asked.data);
    qsti_free(ctx, told.data);
    return status;
}

static bool has_single_slopes(const qst_predictor *predictor)
{
    for (size_t c = 0; c < predictor->n_scores; c++) {
        size_t n = 0;
        for (size_t k = 0; k < predictor->n_values; k++)
            n += predictor->slopes[c * predictor->n_values + k] != 0;
        if (n > 1)
            return false;
    }
    return true;
}

static variance_way choose_way(const qst_predictor *predictor, const qsti_circuit_parts *parts)
{
    const qst_measure_opts *opts = &predictor->opts.measure;
    const qst_mitigation *mitigation = &opts->mitigation;
    bool bends = mitigation->n_scales > 0 &&
                 (mitigation->choose_scales || mitigation->extrapolation == QST_EXTRAPOLATE_EXPONENTIAL);
    bool mitigated = mitigation->readout || mitigation->n_scales > 0;
    if (opts->shots == 0)
        return EXACT;
    if (parts->after != NULL)
        return NO_VARIANCES;
    if (has_single_slopes(predictor))
        return SINGLE;
    if (parts->readout->kind == QST_READOUT_EXPECTATIONS)
        return bends ? NO_VARIANCES : SUMS;
    return mitigated ? NO_VARIANCES : SHARES;
}

/* --- SUMS --------------------------------------------------------------------------------------------------------- */

/* The readout's outputs, and behind them the sums of them that are the scores without b. */
static qst_status readout_with_sums(const qst_predictor *predictor, const qst_readout *readout, qst_readout **out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = predictor->ctx;
    size_t n = readout->n_terms, n_values = predictor->n_values, n_all = 0;
    qst_pauli *paulis = NULL;
    double *coefficients = NULL;
    size_t *outputs = NULL;
    if (!qsti_mul(n, 1 + predictor->n_scores, &n_all))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "%zu terms are too many for the variances of %zu scores", n,
                           predictor->n_scores));
    QSTI_TRY(QSTI_NEW(ctx, n_all, &paulis));
    QSTI_TRY(QSTI_NEW(ctx, n_all, &coefficients));
    QSTI_TRY(QSTI_NEW(ctx, n_all, &outputs));
    for (size_t i = 0; i < n_all; i++) {
        size_t t = i % n, copy = i / n;
        paulis[i] = readout->paulis[t];
        outputs[i] = copy == 0 ? readout->outputs[t] : n_values + copy - 1;
        coefficients[i] = readout->coefficients[t];
        if (copy > 0)
            coefficients[i] *= predictor->slopes[(copy - 1) * n_values + readout->outputs[t]];
    }
    QSTI_TRY(qst_readout_paulis(ctx, readout->n_qubits, paulis, coefficients, outputs, n_all,
                                n_values + predictor->n_scores, out));
done:
    qsti_free(ctx, paulis);
    qsti_free(ctx, coefficients);
    qsti_free(ctx, outputs);
    return status;
}

/* --- making ------------------------------------------------------------------------------------------------------- */

static qst_status check_opts(qst_ctx *ctx, const qst_predictor_opts *opts, const qsti_circuit_parts *parts)
{
    if (opts->n_looks == 0)
        return QST_OK;
    if (opts->measure.shots == 0)
        return qsti_fail(ctx, QST_ERR_USAGE, "adaptive shots: there are none, values are exact");
    if (opts->n_looks > opts->measure.shots)
        return qsti_fail(ctx, QST_ERR_USAGE, "looks: %zu is not in 1..%zu, the shots of a circuit", opts->n_looks,
                         opts->measure.shots);
    if (!(opts->alpha > 0 && opts->alpha < 1))
        return qsti_fail(ctx, QST_ERR_USAGE, "adaptive shots: a significance of %g is not between 0 and 1",
                         opts->alpha);
    if (parts->after != NULL)
        return qsti_fail(ctx, QST_ERR_UNSUPPORTED,
                         "adaptive shots: the scores come from a network behind the circuit, which leaves no variances "
                         "to decide by");
    return QST_OK;
}

static qst_status make_measurement(qst_predictor *predictor, const qsti_circuit_parts *parts)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = predictor->ctx;
    qst_readout *extended = NULL;
    if (predictor->way == SUMS)
        QSTI_TRY(readout_with_sums(predictor, parts->readout, &extended));
    QSTI_TRY(qst_measurement_create(ctx, parts->circuit, extended != NULL ? extended : parts->readout,
                                    &predictor->opts.measure, &predictor->measurement));
    predictor->n_outputs = predictor->n_values + (predictor->way == SUMS ? predictor->n_scores : 0);
done:
    qst_readout_free(extended);
    return status;
}

qst_status qst_predictor_create(qst_model *model, const qst_predictor_opts *opts, qst_predictor **out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = model->ctx;
    qst_predictor *predictor = NULL;
    qsti_circuit_parts parts;
    size_t n_slopes = 0;
    if (!qsti_model_circuit_parts(model, &parts))
        return qsti_fail(ctx, QST_ERR_UNSUPPORTED, "a model of kind %s has no circuit whose outputs are measured",
                         model->type->kind);
    QSTI_TRY(check_opts(ctx, opts, &parts));
    QSTI_TRY(QSTI_NEW(ctx, 1, &predictor));
    *predictor = (qst_predictor){
        .ctx = ctx, .model = model, .opts = *opts, .n_values = parts.readout->n_outputs, .n_scores = model->n_scores};
    if (!qsti_mul(predictor->n_values + 1, predictor->n_values + predictor->n_scores, &n_slopes))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "%zu values for %zu scores are too many", predictor->n_values,
                           predictor->n_scores));
    if (parts.after == NULL && opts->measure.shots > 0) {
        QSTI_TRY(QSTI_NEW(ctx, predictor->n_scores, &predictor->shift));
        QSTI_TRY(QSTI_NEW(ctx, predictor->n_scores * predictor->n_values, &predictor->slopes));
        QSTI_TRY(QSTI_NEW(ctx, 2 * predictor->n_scores, &predictor->decisions));
        QSTI_TRY(find_slopes(predictor));
    }
    predictor->way = choose_way(predictor, &parts);
    if (opts->n_looks > 0 && predictor->way == NO_VARIANCES)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_UNSUPPORTED,
                           "adaptive shots: with this mitigation there are no variances of scores that are sums of "
                           "several outputs"));
    QSTI_TRY(make_measurement(predictor, &parts));
    *out = predictor;
    predictor = NULL;
done:
    qst_predictor_free(predictor);
    return status;
}

void qst_predictor_free(qst_predictor *predictor)
{
    if (predictor == NULL)
        return;
    qst_ctx *ctx = predictor->ctx;
    qst_measurement_free(predictor->measurement);
    qsti_free(ctx, predictor->shift);
    qsti_free(ctx, predictor->slopes);
    qsti_free(ctx, predictor->decisions);
    qsti_free(ctx, predictor);
}

const qst_measurement *qst_predictor_measurement(const qst_predictor *predictor)
{
    return predictor->measurement;
}

bool qst_predictor_has_variances(const qst_predictor *predictor)
{
    return predictor->way != NO_VARIANCES;
}

/* --- a row -------------------------------------------------------------------------------------------------------- */

/* Of every value, its variance is v (1 - v) / (R - 1): that is where 1 / (R - 1) is from. */
static double share_variance(const qst_predictor *predictor, const double *slopes, const double *values,
                             const double *variances)
{
    double mean = 0, square = 0, spread = 0, total = 0;
    for (size_t k = 0; k < predictor->n_values; k++) {
        mean += slopes[k] * values[k];
        square += slopes[k] * slopes[k] * values[k];
        spread += values[k] * (1 - values[k]);
        total += variances[k];
    }
    double off = square - mean * mean;
    if (!isfinite(total))
        return total;
    return spread > 0 && off > 0 ? off * total / spread : 0;
}

/* out (C) from the outputs of a row and their variances. */
static void score_variances(const qst_predictor *predictor, const double *values, const double *variances, double *out)
{
    size_t n_values = predictor->n_values;
    for (size_t c = 0; c < predictor->n_scores; c++) {
        const double *slopes = predictor->slopes + c * n_values;
        out[c] = predictor->way == SUMS ? variances[n_values + c] : 0;
        if (predictor->way == SHARES)
            out[c] = share_variance(predictor, slopes, values, variances);
        for (size_t k = 0; k < n_values && predictor->way == SINGLE; k++)
            if (slopes[k] != 0)
                out[c] = slopes[k] * slopes[k] * variances[k];
    }
}

typedef struct decision {
    const qst_predictor *predictor;
    qst_margin margin;
} decision;

static bool is_decided(void *user, size_t row, const double *values, const double *variances)
{
    decision *of = user;
    const qst_predictor *predictor = of->predictor;
    double *scores = predictor->decisions, *errors = scores + predictor->n_scores;
    for (size_t c = 0; c < predictor->n_scores; c++) {
        scores[c] = predictor->shift[c];
        for (size_t k = 0; k < predictor->n_values; k++)
            scores[c] += predictor->slopes[c * predictor->n_values + k] * values[k];
    }
    score_variances(predictor, values, variances, errors);
    return qst_decided_by_margin(&of->margin, row, scores, errors);
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

/* Of a call. */
typedef struct rows {
    qst_matrix features, circuit_features, outputs, variances;
    qst_matrix values; /* (B, K): the outputs, or their first columns */
} rows;

static qst_status new_matrix(qst_ctx *ctx, size_t n_rows, size_t n_cols, qst_matrix *out)
{
    size_t n = 0;
    if (!qsti_mul(n_rows, n_cols, &n))
        return qsti_fail(ctx, QST_ERR_LIMIT, "%zu rows are too many", n_rows);
    *out = (qst_matrix){NULL, n_rows, n_cols};
    return QSTI_NEW(ctx, n, &out->data);
}

static qst_status make_rows(const qst_predictor *predictor, qst_const_matrix raw, const qsti_circuit_parts *parts,
                            rows *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = predictor->ctx;
    qst_model *model = predictor->model;
    qst_const_matrix x = raw;
    if (model->preprocess != NULL) {
        QSTI_TRY(new_matrix(ctx, raw.n_rows, model->n_features, &out->features));
        QSTI_TRY(qsti_preprocess_apply(ctx, model->preprocess, raw, out->features));
        x = qst_const_view(out->features);
    }
    if (x.n_cols != model->n_features)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MISMATCH, "samples have %zu columns: the model takes %zu features", x.n_cols,
                           model->n_features));
    QSTI_TRY(new_matrix(ctx, raw.n_rows, parts->circuit->n_features, &out->circuit_features));
    QSTI_TRY(new_matrix(ctx, raw.n_rows, predictor->n_outputs, &out->outputs));
    QSTI_TRY(new_matrix(ctx, raw.n_rows, predictor->n_outputs, &out->variances));
    QSTI_TRY(qsti_model_circuit_features(model, x, out->circuit_features));
    out->values = out->outputs;
    if (predictor->n_outputs > predictor->n_values)
        QSTI_TRY(new_matrix(ctx, raw.n_rows, predictor->n_values, &out->values));
done:
    return status;
}

static void free_rows(qst_ctx *ctx, rows *work)
{
    if (work->values.data != work->outputs.data)
        qsti_free(ctx, work->values.data);
    qsti_free(ctx, work->features.data);
    qsti_free(ctx, work->circuit_features.data);
    qsti_free(ctx, work->outputs.data);
    qsti_free(ctx, work->variances.data);
}

static qst_status measure(const qst_predictor *predictor, const double *weights, uint64_t first_row, rows *work,
                          uint64_t *out_shots)
{
    const qst_predictor_opts *opts = &predictor->opts;
    qst_const_matrix features = qst_const_view(work->circuit_features);
    qst_measurement_info info;
    if (opts->n_looks > 0) {
        decision how = {predictor, {opts->alpha, opts->n_looks, predictor->n_scores}};
        return qst_measurement_adaptive(predictor->measurement, weights, features, opts->seed, first_row, opts->n_looks,
                                        is_decided, &how, work->outputs, work->variances, out_shots);
    }
    qst_measurement_describe(predictor->measurement, &info);
    for (size_t i = 0; i < features.n_rows && out_shots != NULL; i++)
        out_shots[i] = info.shots;
    return qst_measurement_values(predictor->measurement, weights, features, opts->seed, first_row, work->outputs,
                                  work->variances);
}

qst_status qst_predictor_scores(qst_predictor *predictor, qst_const_matrix raw, uint64_t first_row, qst_matrix out,
                                qst_matrix variances, uint64_t *out_shots)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = predictor->ctx;
    qst_model *model = predictor->model;
    qsti_circuit_parts parts;
    rows work = {.features = {0}};
    size_t n_values = predictor->n_values, n_outputs = predictor->n_outputs;
    bool wants = variances.data != NULL, same = variances.n_rows == raw.n_rows && variances.n_cols == out.n_cols;
    (void)qsti_model_circuit_parts(model, &parts);
    if (out.n_rows != raw.n_rows || out.n_cols != predictor->n_scores || (wants && !same))
        return qsti_fail(ctx, QST_ERR_MISMATCH, "scores have shape (%zu, %zu): (%zu, %zu) is needed", out.n_rows,
                         out.n_cols, raw.n_rows, predictor->n_scores);
    if (wants && predictor->way == NO_VARIANCES)
        return qsti_fail(ctx, QST_ERR_UNSUPPORTED, "there are no variances of this model's scores");
    QSTI_TRY(make_rows(predictor, raw, &parts, &work));
    QSTI_TRY(measure(predictor, parts.weights, first_row, &work, out_shots));
    for (size_t i = 0; i < raw.n_rows && n_outputs > n_values; i++)
        memcpy(work.values.data + i * n_values, work.outputs.data + i * n_outputs, n_values * sizeof *out.data);
    QSTI_TRY(model->type->evaluate_values(model, model->weights, qst_const_view(work.values), qsti_model_store_scores,
                                          &out));
    if (wants && predictor->way == EXACT)
        memset(variances.data, 0, variances.n_rows * variances.n_cols * sizeof *variances.data);
    for (size_t i = 0; i < raw.n_rows && wants && predictor->way != EXACT; i++)
        score_variances(predictor, work.outputs.data + i * n_outputs, work.variances.data + i * n_outputs,
                        variances.data + i * predictor->n_scores);
done:
    free_rows(ctx, &work);
    return status;
}

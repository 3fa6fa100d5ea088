/* model.c: what all kinds of models share. The kinds are model_circuit.c and model_logistic.c; files are model_file.c.
 */
#include "learn/model.h"

#include <math.h>
#include <string.h>

#include "kernels/lines.h"
#include "learn/softmax.h"

/* --- names -------------------------------------------------------------------------------------------------------- */

static const char *const score_names[] = {
#define QST_SCORE(name, about) #name,
#include <qstill/scores.def>
#undef QST_SCORE
};

const char *qst_score_kind_name(qst_score_kind kind)
{
    return score_names[kind];
}

bool qst_score_kind_find(const char *name, qst_score_kind *out)
{
    for (size_t i = 0; i < QST_SCORE_COUNT; i++) {
        if (strcmp(score_names[i], name) == 0) {
            *out = (qst_score_kind)i;
            return true;
        }
    }
    return false;
}

static const char *const head_names[] = {
#define QST_HEAD(name, about) #name,
#include <qstill/heads.def>
#undef QST_HEAD
};

const char *qsti_head_name(qst_head head)
{
    return head_names[head];
}

bool qsti_head_find(const char *name, qst_head *out)
{
    for (size_t i = 0; i < QST_HEAD_COUNT; i++) {
        if (strcmp(head_names[i], name) == 0) {
            *out = (qst_head)i;
            return true;
        }
    }
    return false;
}

/* --- scores ------------------------------------------------------------------------------------------------------- */

void qsti_scores_to_logits(qst_score_kind kind, const double *scores, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = kind != QST_SCORE_probability
                     ? scores[i]
                     : log(scores[i] > QSTI_PROBABILITY_FLOOR ? scores[i] : QSTI_PROBABILITY_FLOOR);
}

qst_status qst_scores_to_probabilities(qst_ctx *ctx, qst_score_kind kind, qst_const_matrix scores, double temperature,
                                       qst_matrix out)
{
    if (out.n_rows != scores.n_rows || out.n_cols != scores.n_cols)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "probabilities have shape (%zu, %zu), scores (%zu, %zu)", out.n_rows,
                         out.n_cols, scores.n_rows, scores.n_cols);
    qst_status status = qsti_check_temperature(ctx, temperature);
    if (status != QST_OK)
        return status;
    size_t n = scores.n_cols;
    for (size_t row = 0; row < scores.n_rows; row++) {
        double *p = out.data + row * n;
        qsti_scores_to_logits(kind, scores.data + row * n, n, p);
        qsti_log_softmax(p, n, temperature, p);
        for (size_t c = 0; c < n; c++)
            p[c] = exp(p[c]);
    }
    return QST_OK;
}

/* --- life --------------------------------------------------------------------------------------------------------- */

qst_status qsti_model_allocate(qst_ctx *ctx, const qsti_model_type *type, size_t n_features, size_t n_scores,
                               size_t n_weights, qst_score_kind kind, qst_model **out)
{
    qst_status status = QST_OK;
    qst_model *model = NULL;
    QSTI_TRY(QSTI_NEW(ctx, 1, &model));
    model->ctx = ctx;
    model->type = type;
    model->n_features = n_features;
    model->n_scores = n_scores;
    model->n_weights = n_weights;
    model->score_kind = kind;
    QSTI_TRY(QSTI_NEW(ctx, n_weights, &model->weights));
    *out = model;
    model = NULL;
done:
    qsti_free(ctx, model);
    return status;
}

static void class_names_free(qst_model *model)
{
    for (size_t c = 0; c < model->n_scores && model->class_names != NULL; c++)
        qsti_free(model->ctx, model->class_names[c]);
    qsti_free(model->ctx, model->class_names);
    model->class_names = NULL;
}

void qst_model_free(qst_model *model)
{
    if (model == NULL)
        return;
    if (model->inside != NULL)
        model->type->release(model);
    class_names_free(model);
    qsti_preprocess_free(model->preprocess);
    qsti_free(model->ctx, model->weights);
    qsti_free(model->ctx, model);
}

void qst_model_initialize(qst_model *model, uint64_t seed)
{
    model->seed = seed;
    model->type->initialize(model, seed);
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

size_t qst_model_features(const qst_model *model)
{
    return model->n_features;
}

size_t qst_model_scores_count(const qst_model *model)
{
    return model->n_scores;
}

qst_score_kind qst_model_score_kind(const qst_model *model)
{
    return model->score_kind;
}

size_t qst_model_weights_count(const qst_model *model)
{
    return model->n_weights;
}

const double *qst_model_weights(const qst_model *model)
{
    return model->weights;
}

qst_status qst_model_set_weights(qst_model *model, const double *weights, size_t n)
{
    if (n != model->n_weights)
        return qsti_fail(model->ctx, QST_ERR_MISMATCH, "%zu weights given, the model has %zu", n, model->n_weights);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(weights[i]))
            return qsti_fail(model->ctx, QST_ERR_INPUT, "weight %zu: %g is not finite", i, weights[i]);
    memcpy(model->weights, weights, n * sizeof *weights);
    return QST_OK;
}

const char *qst_model_class_name(const qst_model *model, size_t class_index)
{
    return model->class_names != NULL && class_index < model->n_scores ? model->class_names[class_index] : NULL;
}

void qst_model_measure(const qst_model *model, qst_model_size *out)
{
    *out = (qst_model_size){0};
    model->type->measure(model, out);
}

/* --- what it belongs to ------------------------------------------------------------------------------------------- */

qst_status qsti_model_set_classes(qst_model *model, const char *const *names, size_t n)
{
    qst_status status = QST_OK;
    if (n != model->n_scores)
        return qsti_fail(model->ctx, QST_ERR_MISMATCH, "%zu class names for a model of %zu scores", n, model->n_scores);
    class_names_free(model);
    QSTI_TRY(QSTI_NEW(model->ctx, n, &model->class_names));
    for (size_t c = 0; c < n; c++)
        QSTI_TRY(qsti_strdup(model->ctx, names[c], &model->class_names[c]));
done:
    return status;
}

qst_status qsti_model_set_preprocess(qst_model *model, const qsti_preprocess *preprocess)
{
    qsti_preprocess *copy = NULL;
    qst_status status = qsti_preprocess_copy(model->ctx, preprocess, &copy);
    if (status != QST_OK)
        return status;
    qsti_preprocess_free(model->preprocess);
    model->preprocess = copy;
    return QST_OK;
}

/* --- scores ------------------------------------------------------------------------------------------------------- */

static void store_scores(void *user, const qst_block *block)
{
    const qst_matrix *out = user;
    qsti_lines_to_rows(block->values, out->n_rows, out->n_cols, block->first_row, block->lanes, out->data);
}

qst_status qst_model_scores(qst_model *model, qst_const_matrix x, qst_matrix out)
{
    if (x.n_cols != model->n_features)
        return qsti_fail(model->ctx, QST_ERR_MISMATCH, "the samples have %zu features, the model takes %zu", x.n_cols,
                         model->n_features);
    if (out.n_rows != x.n_rows || out.n_cols != model->n_scores)
        return qsti_fail(model->ctx, QST_ERR_MISMATCH, "scores have shape (%zu, %zu): (%zu, %zu) is needed", out.n_rows,
                         out.n_cols, x.n_rows, model->n_scores);
    return model->type->evaluate(model, model->weights, x, store_scores, &out, 0, NULL);
}

qst_status qst_model_predict(qst_model *model, qst_const_matrix raw, qst_matrix out)
{
    qst_status status = QST_OK;
    qst_matrix x = {NULL, raw.n_rows, model->n_features};
    if (model->preprocess == NULL)
        return qst_model_scores(model, raw, out);
    size_t n_values = 0;
    if (!qsti_mul(raw.n_rows, model->n_features, &n_values))
        return qsti_fail(model->ctx, QST_ERR_LIMIT, "%zu rows are too many", raw.n_rows);
    QSTI_TRY(QSTI_NEW(model->ctx, n_values, &x.data));
    QSTI_TRY(qsti_preprocess_apply(model->ctx, model->preprocess, raw, x));
    QSTI_TRY(qst_model_scores(model, qst_const_view(x), out));
done:
    qsti_free(model->ctx, x.data);
    return status;
}

/* --- by options --------------------------------------------------------------------------------------------------- */

qst_status qst_model_create(qst_ctx *ctx, const qst_model_opts *opts, size_t n_features, size_t n_scores,
                            qst_model **out)
{
    qst_status status = QST_OK;
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    static const char *const default_outputs[] = {"z"};
    if (opts->kind != NULL && strcmp(opts->kind, "logistic") == 0)
        return qsti_model_logistic_create(ctx, n_features, n_scores, out);
    if (opts->kind != NULL && strcmp(opts->kind, "circuit") != 0)
        return qsti_fail(ctx, QST_ERR_USAGE, "model: \"%s\" is not one of circuit, logistic", opts->kind);
    qst_circuit_opts circuit_opts = opts->circuit;
    circuit_opts.features = n_features;
    QSTI_TRY(qst_circuit_template(ctx, &circuit_opts, &circuit));
    QSTI_TRY(qst_readout_parse(ctx, circuit_opts.qubits, opts->outputs ? opts->outputs : default_outputs,
                               opts->outputs ? opts->n_outputs : 1, n_scores, &readout));
    QSTI_TRY(qst_model_from_circuit(ctx, circuit, readout, opts->head, n_scores, opts->precision, out));
    circuit = NULL;
    readout = NULL;
done:
    qst_circuit_free(circuit);
    qst_readout_free(readout);
    return status;
}

/* model.c: what all kinds of models share. The kinds are model_circuit.c, model_logistic.c, model_network.c and
 * model_hybrid.c; model_create.c makes them by options; files are model_file.c. */
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
    model->n_trained = model->n_weights = n_weights;
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
    qsti_free(model->ctx, model->whole);
    qsti_free(model->ctx, model);
}

void qst_model_initialize(qst_model *model, uint64_t seed)
{
    model->seed = seed;
    model->type->initialize(model, seed);
}

void qsti_model_begin_step(qst_model *model, uint64_t seed, uint64_t step)
{
    if (model->type->begin_step != NULL)
        model->type->begin_step(model, seed, step);
}

void qsti_model_end_step(qst_model *model, double *weights)
{
    if (model->type->end_step != NULL)
        model->type->end_step(model, weights);
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

const char *qst_model_kind(const qst_model *model)
{
    return model->type->kind;
}

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

void qsti_model_store_scores(void *user, const qst_block *block)
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
    return model->type->evaluate(model, model->weights, x, qsti_model_store_scores, &out, 0, NULL);
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

/* --- losses over a whole batch ------------------------------------------------------------------------------------ */

void qsti_model_give_cotangents(void *user, const qst_block *block)
{
    const qst_matrix *from = user;
    qsti_rows_to_lines(from->data, from->n_rows, from->n_cols, block->first_row, block->lanes, block->cotangents);
}

qst_status qsti_model_reserve_whole(qst_model *model, size_t n_rows, qst_matrix *out_scores, qst_matrix *out_cotangents)
{
    qst_status status = QST_OK;
    size_t n = 0, n_both = 0;
    if (!qsti_mul(n_rows, model->n_scores, &n) || !qsti_mul(2, n, &n_both))
        return qsti_fail(model->ctx, QST_ERR_LIMIT, "%zu rows are too many", n_rows);
    if (n_both > model->n_whole) {
        model->n_whole = 0;
        QSTI_TRY(QSTI_GROW(model->ctx, n_both, &model->whole));
        model->n_whole = n_both;
    }
    *out_scores = (qst_matrix){model->whole, n_rows, model->n_scores};
    *out_cotangents = (qst_matrix){model->whole + n, n_rows, model->n_scores};
done:
    return status;
}

qst_status qsti_model_two_passes(qst_model *model, qsti_forward_fn *forward, const double *weights, qst_const_matrix x,
                                 qsti_batch_fn *fn, void *user, double *out_weights, qst_matrix out_x)
{
    qst_status status = QST_OK;
    qst_matrix scores, cotangents;
    QSTI_TRY(qsti_model_reserve_whole(model, x.n_rows, &scores, &cotangents));
    QSTI_TRY(forward(model, weights, x, qsti_model_store_scores, &scores, 0, NULL));
    QSTI_TRY(fn(user, qst_const_view(scores), cotangents));
    const qsti_pass pass = {
        .weights = weights,
        .x = x,
        .fn = qsti_model_give_cotangents,
        .user = &cotangents,
        .out_weights = out_weights,
        .out_x = out_x,
    };
    QSTI_TRY(model->type->gradient(model, &pass));
done:
    return status;
}

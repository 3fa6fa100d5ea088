/* model_logistic.c: z = W x + b: the classical floor under every distillation.
 *
 * weights = W (C, d), b (C). Fitted by L-BFGS from NLopt on all rows at once. With two classes the fit leaves the first
 * row of W and b at 0, the usual single logit; trained like any other model (a student of kind `logistic`) both rows
 * move. Softmax sees their difference alone, so the count is d + 1 parameters either way.
 */
#include "learn/model_logistic.h"

#include <math.h>
#include <nlopt.h>
#include <string.h>

#include "learn/linear_rows.h"
#include "learn/loss_lines.h"

#define MAX_EVALUATIONS 2000

static void logistic_initialize(qst_model *model, uint64_t seed)
{
    (void)seed; /* the objective is convex: every start ends at the same place */
    memset(model->weights, 0, model->n_weights * sizeof *model->weights);
}

/* --- passes ------------------------------------------------------------------------------------------------------- */

static qst_status logistic_evaluate(qst_model *model, const double *weights, qst_const_matrix x, qst_block_fn *fn,
                                    void *user, size_t n_sums, double *out_sums)
{
    return qsti_linear_rows_evaluate(model->inside, model, weights, x, fn, user, n_sums, out_sums);
}

static qst_status logistic_gradient(qst_model *model, const qsti_pass *of)
{
    return qsti_linear_rows_gradient(model->inside, model, of);
}

static qst_status logistic_gradient_whole(qst_model *model, const double *weights, qst_const_matrix x,
                                          qsti_batch_fn *fn, void *user, double *out_weights, qst_matrix out_x)
{
    return qsti_model_two_passes(model, logistic_evaluate, weights, x, fn, user, out_weights, out_x);
}

/* --- the rest of the interface ------------------------------------------------------------------------------------ */

static void logistic_measure(const qst_model *model, qst_model_size *out)
{
    size_t rows = model->n_scores == 2 ? 1 : model->n_scores;
    out->classical_parameters = rows * (model->n_features + 1);
}

static qst_status logistic_describe(const qst_model *model, json_t *json)
{
    (void)model;
    (void)json;
    return QST_OK;
}

static void logistic_release(qst_model *model)
{
    qsti_linear_rows_clear(model->ctx, model->inside);
    qsti_free(model->ctx, model->inside);
}

static const qsti_model_type logistic_type = {
    .kind = "logistic",
    .initialize = logistic_initialize,
    .evaluate = logistic_evaluate,
    .gradient = logistic_gradient,
    .gradient_whole = logistic_gradient_whole,
    .measure = logistic_measure,
    .describe = logistic_describe,
    .release = logistic_release,
};

qst_status qsti_model_logistic_create(qst_ctx *ctx, size_t n_features, size_t n_scores, qst_model **out)
{
    qst_status status = QST_OK;
    qst_model *model = NULL;
    qsti_linear_rows *inside = NULL;
    size_t n_weights = qsti_dense_weights(n_features, n_scores);
    QSTI_TRY(qsti_model_allocate(ctx, &logistic_type, n_features, n_scores, n_weights, QST_SCORE_logit, &model));
    QSTI_TRY(QSTI_NEW(ctx, 1, &inside));
    model->inside = inside;
    QSTI_TRY(qsti_linear_rows_init(ctx, n_features, n_scores, NULL, inside));
    *out = model;
    model = NULL;
done:
    qst_model_free(model);
    return status;
}

qst_status qsti_model_logistic_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_model **out)
{
    int64_t n_features = 0, n_scores = 0;
    qst_status status = qsti_json_get_i64(ctx, where, json, "n_features", 1, 1 << 30, &n_features);
    if (status == QST_OK)
        status = qsti_json_get_i64(ctx, where, json, "n_scores", 1, 1 << 30, &n_scores);
    if (status == QST_OK)
        status = qsti_model_check_weights(ctx, where, json, qsti_dense_weights((size_t)n_features, (size_t)n_scores));
    if (status == QST_OK)
        status = qsti_model_logistic_create(ctx, (size_t)n_features, (size_t)n_scores, out);
    return status;
}

/* --- fitting ------------------------------------------------------------------------------------------------------ */

typedef struct fit {
    qst_model *model;
    qst_const_matrix x; /* standardised */
    const int64_t *labels;
    double strength;
    qsti_loss_rule rule;        /* cross-entropy, summed */
    double *lines;              /* (threads, C, QSTI_BLOCK_ROWS) */
    double *weights, *gradient; /* of the whole layer */
    nlopt_opt optimiser;
    qst_status status; /* of the last evaluation */
} fit;

/* NLopt's variables are the layer's weights, or for two classes those of the second row alone. */
static void spread(const fit *work, const double *variables)
{
    size_t d = work->x.n_cols, n_out = work->model->n_scores;
    if (n_out != 2) {
        memcpy(work->weights, variables, work->model->n_weights * sizeof *variables);
        return;
    }
    memset(work->weights, 0, work->model->n_weights * sizeof *variables);
    memcpy(work->weights + d, variables, d * sizeof *variables);
    work->weights[2 * d + 1] = variables[d];
}

static void fit_block(void *user, const qst_block *block)
{
    const fit *work = user;
    size_t n_out = work->model->n_scores;
    qsti_loss_block lines = {
        .n_rows = block->n_rows,
        .n_cols = n_out,
        .lanes = block->lanes,
        .student = block->values,
        .labels = work->labels + block->first_row,
        .gradient = block->cotangents,
        .work = work->lines + (size_t)block->worker * n_out * QSTI_BLOCK_ROWS,
    };
    qsti_loss_sums sums = {0};
    qsti_loss_lines(&work->rule, &lines, &sums);
    block->sums[0] += sums.hard;
}

static double objective(unsigned n, const double *variables, double *gradient, void *data)
{
    fit *work = data;
    qst_model *model = work->model;
    size_t d = work->x.n_cols, n_out = model->n_scores;
    double loss = 0;
    (void)n;
    spread(work, variables);
    const qsti_pass step = {
        .weights = work->weights,
        .x = work->x,
        .fn = fit_block,
        .user = work,
        .n_sums = 1,
        .out_sums = &loss,
        .out_weights = work->gradient,
    };
    work->status = logistic_gradient(model, &step);
    if (work->status != QST_OK) {
        nlopt_force_stop(work->optimiser);
        return NAN;
    }
    loss *= work->strength;
    for (size_t i = 0; i < d * n_out; i++) {
        loss += 0.5 * work->weights[i] * work->weights[i];
        work->gradient[i] = work->strength * work->gradient[i] + work->weights[i];
    }
    if (gradient != NULL && n_out != 2)
        memcpy(gradient, work->gradient, model->n_weights * sizeof *gradient);
    if (gradient != NULL && n_out == 2) {
        memcpy(gradient, work->gradient + d, d * sizeof *gradient);
        gradient[d] = work->gradient[2 * d + 1];
    }
    return loss;
}

static void standardize(qst_const_matrix x, double *mean, double *deviation, double *out)
{
    for (size_t j = 0; j < x.n_cols; j++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < x.n_rows; i++)
            sum += x.data[i * x.n_cols + j];
        mean[j] = sum / (double)x.n_rows;
        for (size_t i = 0; i < x.n_rows; i++) {
            double difference = x.data[i * x.n_cols + j] - mean[j];
            squares += difference * difference;
        }
        deviation[j] = sqrt(squares / (double)x.n_rows);
        if (!(deviation[j] > 0))
            deviation[j] = 1;
        for (size_t i = 0; i < x.n_rows; i++)
            out[i * x.n_cols + j] = (x.data[i * x.n_cols + j] - mean[j]) / deviation[j];
    }
}

/* Weights for standardised features -> for the features as they are. */
static void unstandardize(qst_model *model, const double *mean, const double *deviation)
{
    size_t d = model->n_features, n_out = model->n_scores;
    for (size_t c = 0; c < n_out; c++) {
        for (size_t j = 0; j < d; j++) {
            double *w = &model->weights[c * d + j];
            *w /= deviation[j];
            model->weights[n_out * d + c] -= *w * mean[j];
        }
    }
}

static qst_status minimise(fit *work, double *variables)
{
    qst_model *model = work->model;
    size_t n = model->n_scores == 2 ? model->n_features + 1 : model->n_weights;
    double loss = 0;
    work->optimiser = nlopt_create(NLOPT_LD_LBFGS, (unsigned)n);
    if (work->optimiser == NULL)
        return qsti_fail(model->ctx, QST_ERR_MEMORY, "out of memory: NLopt");
    nlopt_set_min_objective(work->optimiser, objective, work);
    nlopt_set_ftol_rel(work->optimiser, 1e-12);
    nlopt_set_maxeval(work->optimiser, MAX_EVALUATIONS);
    nlopt_result result = nlopt_optimize(work->optimiser, variables, &loss);
    nlopt_destroy(work->optimiser);
    if (work->status != QST_OK)
        return work->status;
    /* A failed line search at the minimum ends in NLOPT_FAILURE with the best point in place: the loss says if it is
     * one. */
    if (result == NLOPT_OUT_OF_MEMORY)
        return qsti_fail(model->ctx, QST_ERR_MEMORY, "out of memory: NLopt");
    if (!isfinite(loss) || result == NLOPT_INVALID_ARGS)
        return qsti_fail(model->ctx, QST_ERR_DIVERGED, "logistic regression did not converge (loss %g)", loss);
    spread(work, variables);
    memcpy(model->weights, work->weights, model->n_weights * sizeof *model->weights);
    return QST_OK;
}

/* Without rows a class would have its best b at minus infinity. */
static qst_status check_classes(const qst_model *model, const int64_t *labels, size_t n_rows)
{
    for (size_t c = 0; c < model->n_scores; c++) {
        bool found = false;
        for (size_t i = 0; i < n_rows && !found; i++)
            found = labels[i] == (int64_t)c;
        if (!found)
            return qsti_fail(model->ctx, QST_ERR_INPUT, "logistic regression: no row of class %zu", c);
    }
    for (size_t i = 0; i < n_rows; i++) {
        if (labels[i] < 0 || labels[i] >= (int64_t)model->n_scores)
            return qsti_fail(model->ctx, QST_ERR_INPUT,
                             "logistic regression: label %lld of row %zu is no class: 0..%zu", (long long)labels[i], i,
                             model->n_scores - 1);
    }
    return QST_OK;
}

qst_status qsti_logistic_fit(qst_model *model, qst_const_matrix x, const int64_t *labels, double c_inverse_strength)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = model->ctx;
    size_t d = x.n_cols;
    double *standard = NULL, *mean = NULL, *deviation = NULL, *variables = NULL;
    fit work = {.model = model, .labels = labels, .strength = c_inverse_strength};
    work.rule = qsti_loss_rule_make(QST_LOSS_ce, 1, 0);
    qsti_loss_rule_count(&work.rule, QST_REDUCE_SUM, x.n_rows, true, x.n_rows);
    if (d != model->n_features || x.n_rows == 0)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "logistic regression: %zu rows of %zu features for a model of %zu",
                         x.n_rows, d, model->n_features);
    QSTI_TRY(check_classes(model, labels, x.n_rows));
    QSTI_TRY(QSTI_NEW(ctx, x.n_rows * d, &standard));
    QSTI_TRY(QSTI_NEW(ctx, d, &mean));
    QSTI_TRY(QSTI_NEW(ctx, d, &deviation));
    QSTI_TRY(QSTI_NEW(ctx, model->n_weights, &variables));
    QSTI_TRY(QSTI_NEW(ctx, model->n_weights, &work.weights));
    QSTI_TRY(QSTI_NEW(ctx, model->n_weights, &work.gradient));
    QSTI_TRY(qsti_alloc_lines(ctx, (size_t)qst_ctx_threads(ctx) * model->n_scores, QSTI_BLOCK_ROWS * sizeof *work.lines,
                              (void **)&work.lines));
    standardize(x, mean, deviation, standard);
    work.x = (qst_const_matrix){standard, x.n_rows, d};
    QSTI_TRY(minimise(&work, variables));
    unstandardize(model, mean, deviation);
done:
    qsti_free(ctx, standard);
    qsti_free(ctx, mean);
    qsti_free(ctx, deviation);
    qsti_free(ctx, variables);
    qsti_free(ctx, work.weights);
    qsti_free(ctx, work.gradient);
    qsti_free_lines(ctx, work.lines);
    return status;
}

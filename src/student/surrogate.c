/* surrogate.c: see surrogate.h; the arithmetic is learn/fourier_fit.c.
 *
 * `fourier` [schreiber2023]: on the grid of a lattice spectrum the fit is exact; with trained scales it is least
 * squares on random points, and what is left is measured on others. `random_fourier` [landman2022] fits few frequencies
 * to the rows that the teacher has answered.
 */
#include "student/surrogate.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "learn/fourier_set.h"

static bool is_random(const qst_model_opts *opts)
{
    return strcmp(opts->kind, "random_fourier") == 0;
}

/* --- frequencies -------------------------------------------------------------------------------------------------- */

static qst_status copy_counts(qst_ctx *ctx, const qsti_fourier_knowledge *fourier, size_t **out)
{
    size_t *counts = NULL;
    qst_status status = QSTI_NEW(ctx, fourier->n_features, &counts);
    for (size_t j = 0; status == QST_OK && j < fourier->n_features; j++)
        counts[j] = (size_t)fourier->counts[j];
    *out = counts;
    return status;
}

static qst_status all_of_lattice(qst_ctx *ctx, const qsti_fourier_knowledge *fourier, size_t n_points,
                                 qsti_frequencies *out)
{
    size_t *counts = NULL;
    qst_status status = copy_counts(ctx, fourier, &counts);
    if (status == QST_OK)
        status = qsti_fourier_lattice(ctx, fourier->units, counts, fourier->n_features, n_points, out);
    qsti_free(ctx, counts);
    return status;
}

static qst_status all_of_sums(qst_ctx *ctx, const qsti_fourier_knowledge *fourier, qsti_frequencies *out)
{
    const qsti_signed_sums sums = qsti_fourier_sums(fourier);
    size_t n = 0;
    qst_status status = qsti_frequencies_sums(ctx, &sums, QSTI_FOURIER_MAX_SUMS, &n, out);
    if (status == QST_OK && n > QSTI_FOURIER_MAX_SUMS)
        return qsti_fail(ctx, QST_ERR_LIMIT, "fourier: more than %zu pairs of frequencies", QSTI_FOURIER_MAX_SUMS);
    return status;
}

static qst_status whole_spectrum(qst_ctx *ctx, const qst_knowledge *knowledge, qsti_frequencies *out)
{
    const qsti_fourier_knowledge *fourier = &knowledge->fourier;
    if (fourier->n_points == 0) {
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "fourier: the knowledge has no points of a circuit's grid: `qstill knowledge` asks a circuit "
                         "for at most 10,000, `qstill run` for all");
    }
    return fourier->is_grid ? all_of_lattice(ctx, fourier, fourier->n_points, out) : all_of_sums(ctx, fourier, out);
}

/* How many pairs the spectrum has; 0: more than can be counted. */
static qst_status count_pairs(qst_ctx *ctx, const qsti_fourier_knowledge *fourier, size_t *out)
{
    qst_status status = QST_OK;
    const qsti_signed_sums sums = qsti_fourier_sums(fourier);
    qsti_frequencies frequencies = {0};
    size_t n = 1;
    *out = 0;
    for (size_t j = 0; fourier->is_grid && j < fourier->n_features; j++)
        if (!qsti_mul(n, 2 * (size_t)fourier->counts[j] + 1, &n))
            return QST_OK;
    if (fourier->is_grid) {
        *out = (n - 1) / 2;
        return QST_OK;
    }
    status = qsti_frequencies_sums(ctx, &sums, QSTI_FOURIER_MAX_SUMS, &n, &frequencies);
    *out = n <= QSTI_FOURIER_MAX_SUMS ? n : 0;
    qsti_frequencies_clear(ctx, &frequencies);
    return status;
}

static qst_status some_of_spectrum(qst_ctx *ctx, const qsti_fourier_knowledge *fourier, size_t n, uint64_t seed,
                                   qsti_frequencies *out)
{
    qst_status status = QST_OK;
    const qsti_signed_sums sums = qsti_fourier_sums(fourier);
    size_t n_pairs = 0;
    QSTI_TRY(count_pairs(ctx, fourier, &n_pairs));
    if (n_pairs > 0 && n >= n_pairs && fourier->is_grid)
        QSTI_TRY(all_of_lattice(ctx, fourier, 2 * n_pairs + 1, out));
    else if (n_pairs > 0 && n >= n_pairs)
        QSTI_TRY(all_of_sums(ctx, fourier, out));
    else
        QSTI_TRY(qsti_frequencies_draw(ctx, &sums, n, seed, out));
    if (n_pairs > 0)
        qsti_log(ctx, QST_LOG_INFO, "random_fourier: %zu of %zu frequencies of the spectrum (%.1f %%)", out->n, n_pairs,
                 100 * (double)out->n / (double)n_pairs);
    else
        qsti_log(ctx, QST_LOG_INFO, "random_fourier: %zu frequencies of a spectrum too large to count", out->n);
done:
    return status;
}

qst_status qsti_surrogate_create(qst_ctx *ctx, const qst_knowledge *knowledge, const qst_model_opts *opts,
                                 size_t n_features, size_t n_scores, uint64_t seed, qst_model **out)
{
    qst_status status = QST_OK;
    qsti_frequencies frequencies = {0};
    qst_score_kind kind = knowledge != NULL ? knowledge->kind : QST_SCORE_logit;
    if (knowledge == NULL)
        QSTI_TRY(
            qsti_fail(ctx, QST_ERR_MISMATCH, "%s: is fitted to a teacher's knowledge, and there is none", opts->kind));
    bool known = knowledge->fourier.given && knowledge->fourier.n_features == n_features;
    if (!is_random(opts))
        QSTI_TRY(whole_spectrum(ctx, knowledge, &frequencies));
    else if (known)
        QSTI_TRY(some_of_spectrum(ctx, &knowledge->fourier, opts->frequencies, seed, &frequencies));
    else
        QSTI_TRY(
            qsti_frequencies_gaussian(ctx, n_features, opts->frequencies, opts->frequency_scale, seed, &frequencies));
    if (frequencies.n_features != n_features)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MISMATCH, "%s: frequencies of %zu features, the dataset has %zu", opts->kind,
                           frequencies.n_features, n_features));
    if (is_random(opts) && (kind == QST_SCORE_probability || kind == QST_SCORE_log_probability))
        kind = QST_SCORE_logit;
    QSTI_TRY(qsti_model_fourier_create(ctx, opts->kind, &frequencies, n_scores, kind, out));
done:
    qsti_frequencies_clear(ctx, &frequencies);
    return status;
}

/* --- fitting ------------------------------------------------------------------------------------------------------ */

/* How far the model is from scores (N, C). */
static qst_status measure(qst_model *model, qst_const_matrix x, const double *scores, double *out_mse, double *out_max)
{
    qst_status status = QST_OK;
    double *own = NULL, sum = 0, largest = 0;
    size_t n = x.n_rows * model->n_scores;
    QSTI_TRY(QSTI_NEW(model->ctx, n, &own));
    QSTI_TRY(qst_model_scores(model, x, (qst_matrix){own, x.n_rows, model->n_scores}));
    for (size_t i = 0; i < n; i++) {
        double error = fabs(own[i] - scores[i]);
        sum += error * error;
        largest = error > largest ? error : largest;
    }
    *out_mse = n > 0 ? sum / (double)n : NAN;
    *out_max = largest;
done:
    qsti_free(model->ctx, own);
    return status;
}

static qst_status fit_points(qst_model *model, const qsti_fourier_knowledge *fourier, double *out_mse)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = model->ctx;
    size_t *counts = NULL;
    double largest = 0;
    const qst_const_matrix scores = {fourier->scores, fourier->n_points, fourier->n_scores};
    const qst_const_matrix probes = {fourier->probes, fourier->n_probes, fourier->n_features};
    if (fourier->is_grid) {
        QSTI_TRY(copy_counts(ctx, fourier, &counts));
        QSTI_TRY(qsti_fourier_fit_grid(model, counts, scores));
    } else {
        QSTI_TRY(qsti_fourier_fit_rows(
            model, (qst_const_matrix){fourier->points, fourier->n_points, fourier->n_features}, scores, 0));
    }
    QSTI_TRY(measure(model, probes, fourier->probe_scores, out_mse, &largest));
    qsti_model_fourier_note(model, &(qsti_fourier_fit){fourier->n_points, sqrt(*out_mse), largest});
    qsti_log(ctx, QST_LOG_INFO,
             "fourier: %zu coefficients from %zu points, %s: rms error %.2e, largest %.2e at %zu "
             "other points",
             model->n_trained, fourier->n_points, fourier->is_grid ? "exact" : "least squares", sqrt(*out_mse), largest,
             fourier->n_probes);
done:
    qsti_free(ctx, counts);
    return status;
}

static qst_status fit_scores(qst_model *model, const qst_model_opts *opts, const qst_train_data *train, double *out_mse)
{
    qst_status status = QST_OK;
    double *targets = NULL, largest = 0;
    size_t n = train->teacher.n_rows * train->teacher.n_cols;
    QSTI_TRY(QSTI_NEW(model->ctx, n, &targets));
    if (train->teacher_kind == QST_SCORE_expectation)
        memcpy(targets, train->teacher.data, n * sizeof *targets);
    else
        qsti_scores_to_logits(train->teacher_kind, train->teacher.data, n, targets);
    QSTI_TRY(qsti_fourier_fit_rows(
        model, train->x, (qst_const_matrix){targets, train->teacher.n_rows, train->teacher.n_cols}, opts->ridge));
    QSTI_TRY(measure(model, train->x, targets, out_mse, &largest));
    qsti_model_fourier_note(model, &(qsti_fourier_fit){train->x.n_rows, sqrt(*out_mse), largest});
    qsti_log(model->ctx, QST_LOG_INFO, "random_fourier: %zu coefficients from %zu rows, ridge %g: rms error %.2e there",
             model->n_trained, train->x.n_rows, opts->ridge, sqrt(*out_mse));
done:
    qsti_free(model->ctx, targets);
    return status;
}

qst_status qsti_surrogate_fit(qst_model *model, const qst_knowledge *knowledge, const qst_model_opts *opts,
                              const qst_train_data *train, qsti_train_outcome *out)
{
    qst_status status = QST_OK;
    qsti_train_outcome outcome = {0};
    double start = qsti_now(), mse = NAN;
    if (!is_random(opts))
        QSTI_TRY(fit_points(model, &knowledge->fourier, &mse));
    else
        QSTI_TRY(fit_scores(model, opts, train, &mse));
    outcome.result = (qst_train_result){
        .train_loss = mse, .validation_loss = NAN, .validation_accuracy = NAN, .seconds = qsti_now() - start};
    QSTI_TRY(QSTI_NEW(model->ctx, model->n_weights, &outcome.last));
    memcpy(outcome.last, model->weights, model->n_weights * sizeof *outcome.last);
    *out = outcome;
done:
    return status;
}

/* objective_whole.c: objectives of several parts, and of losses that are no sums over samples.
 *
 *   L = sum over parts of weight * loss(scores of the batch),   dL/dscores = sum of weight * dloss/dscores
 *
 * Row by row on the caller's thread, between the model's way forward and its way back, so that bits do not depend on
 * threads. Each part sees the scores as its loss takes them:
 *   LOGITS         p -> ln max(p, floor) of probabilities, others as they are      dL/dp = dL/dz / p, 0 below the floor
 *   PROBABILITIES  softmax of what are none                                        dL/dz = p (dL/dp - sum_c p_c
 * dL/dp_c) EXPECTATIONS, SCORES  as they are The teacher's are converted once.
 *
 * Layout: (rows, C), row-major, everywhere.
 */
#include "learn/objective_whole.h"

#include <math.h>
#include <string.h>

#include "base/finite.h"
#include "base/memory.h"
#include "learn/losses/losses.h"

/* Rows of a batch that is judged, where training has no batches. */
#define JUDGED_ROWS 256

struct qsti_objective_whole {
    double *teacher_logits, *teacher_probabilities; /* (N, C) of all rows; NULL: not needed, or the scores themselves */
    double *scores;                                 /* (batch, C), while judging */
    double *student, *teacher, *along;              /* (batch, C): as a loss takes them, and its gradient */
    int64_t *labels;                                /* (batch) */
    double *work;
    size_t n_work;
};

/* --- conversions -------------------------------------------------------------------------------------------------- */

static bool is_log_of(qst_loss_takes takes, qst_score_kind kind)
{
    return takes == QST_TAKES_LOGITS && kind == QST_SCORE_probability;
}

static bool is_softmax_of(qst_loss_takes takes, qst_score_kind kind)
{
    return takes == QST_TAKES_PROBABILITIES && kind != QST_SCORE_probability;
}

/* out (n_rows, n_cols), which is not the scores: they as a loss takes them. */
static void convert(qst_loss_takes takes, qst_score_kind kind, const double *scores, size_t n_rows, size_t n_cols,
                    double *out)
{
    size_t n = n_rows * n_cols;
    if (is_log_of(takes, kind)) {
        const qsti_score_kernels *kernels = qsti_score_kernels_best();
        for (size_t i = 0; i < n; i++)
            out[i] = scores[i] > QSTI_PROBABILITY_FLOOR ? scores[i] : QSTI_PROBABILITY_FLOOR;
        kernels->log(out, n, out);
        return;
    }
    memcpy(out, scores, n * sizeof *out);
    for (size_t i = 0; i < n && is_softmax_of(takes, kind); i += n_cols)
        qsti_log_softmax(out + i, n_cols, 1, out + i);
    for (size_t i = 0; i < n && is_softmax_of(takes, kind); i++)
        out[i] = exp(out[i]);
}

/* along (n_rows, n_cols): from dL/dtaken to dL/dscores. */
static void convert_back(qst_loss_takes takes, qst_score_kind kind, const double *scores, const double *taken,
                         size_t n_rows, size_t n_cols, double *along)
{
    size_t n = n_rows * n_cols;
    for (size_t i = 0; i < n && is_log_of(takes, kind); i++)
        along[i] = scores[i] > QSTI_PROBABILITY_FLOOR ? along[i] / scores[i] : 0;
    for (size_t i = 0; i < n && is_softmax_of(takes, kind); i += n_cols) {
        double mean = qsti_loss_dot(taken + i, along + i, n_cols);
        for (size_t c = i; c < i + n_cols; c++)
            along[c] = taken[c] * (along[c] - mean);
    }
}

/* --- set-up ------------------------------------------------------------------------------------------------------- */

/* The teacher's scores of all rows as some part takes them, where they are not so already. */
static qst_status convert_teacher(const qsti_objective *objective, qst_loss_takes takes, double **out)
{
    const qst_train_data *data = &objective->data;
    size_t n = 0;
    bool needed = false;
    for (size_t i = 0; i < objective->n_parts; i++) {
        const qst_loss_info *info = qst_loss_describe(objective->parts[i].term.loss);
        needed = needed || (info->needs_teacher && info->takes == takes);
    }
    bool differ = is_log_of(takes, data->teacher_kind) || is_softmax_of(takes, data->teacher_kind);
    if (!needed || !differ || data->teacher.data == NULL)
        return QST_OK;
    if (!qsti_mul(data->teacher.n_rows, data->teacher.n_cols, &n))
        return qsti_fail(objective->model->ctx, QST_ERR_LIMIT, "the teacher's scores: %zu rows are too many",
                         data->teacher.n_rows);
    qst_status status = QSTI_NEW(objective->model->ctx, n, out);
    if (status == QST_OK)
        convert(takes, data->teacher_kind, data->teacher.data, data->teacher.n_rows, data->teacher.n_cols, *out);
    return status;
}

qst_status qsti_objective_whole_make(qsti_objective *objective)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = objective->model->ctx;
    size_t n = 0;
    QSTI_TRY(QSTI_NEW(ctx, 1, &objective->whole));
    qsti_objective_whole *whole = objective->whole;
    if (!qsti_mul(objective->batch, objective->model->n_scores, &n))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "batch: %zu rows are too many", objective->batch));
    QSTI_TRY(QSTI_NEW(ctx, n, &whole->scores));
    QSTI_TRY(QSTI_NEW(ctx, n, &whole->student));
    QSTI_TRY(QSTI_NEW(ctx, n, &whole->teacher));
    QSTI_TRY(QSTI_NEW(ctx, n, &whole->along));
    QSTI_TRY(QSTI_NEW(ctx, objective->batch, &whole->labels));
    QSTI_TRY(convert_teacher(objective, QST_TAKES_LOGITS, &whole->teacher_logits));
    QSTI_TRY(convert_teacher(objective, QST_TAKES_PROBABILITIES, &whole->teacher_probabilities));
done:
    return status;
}

void qsti_objective_whole_free(qst_ctx *ctx, qsti_objective_whole *whole)
{
    if (whole == NULL)
        return;
    qsti_free(ctx, whole->teacher_logits);
    qsti_free(ctx, whole->teacher_probabilities);
    qsti_free(ctx, whole->scores);
    qsti_free(ctx, whole->student);
    qsti_free(ctx, whole->teacher);
    qsti_free(ctx, whole->along);
    qsti_free(ctx, whole->labels);
    qsti_free(ctx, whole->work);
    qsti_free(ctx, whole);
}

/* Room for a part on so many rows: made once for the largest batch. */
static qst_status reserve_work(const qsti_objective *objective, qst_loss loss, size_t n_rows)
{
    qst_ctx *ctx = objective->model->ctx;
    qsti_objective_whole *whole = objective->whole;
    size_t n = 0;
    if (!qsti_loss_work(loss, n_rows, objective->model->n_scores, &n))
        return qsti_fail(ctx, QST_ERR_LIMIT, "the loss %s: %zu rows are too many", qst_loss_describe(loss)->name,
                         n_rows);
    if (n <= whole->n_work)
        return QST_OK;
    whole->n_work = 0;
    qst_status status = QSTI_GROW(ctx, n, &whole->work);
    if (status == QST_OK)
        whole->n_work = n;
    return status;
}

/* --- one part ----------------------------------------------------------------------------------------------------- */

/* Rows of the data and their scores. */
typedef struct row_set {
    const size_t *rows; /* NULL: first_row, first_row + 1 ... */
    size_t first_row, n_rows, n_labelled;
    const double *scores;  /* (n_rows, C) */
    const int64_t *labels; /* (n_rows), NULL: none */
} row_set;

static const double *teacher_of(const qsti_objective *objective, qst_loss_takes takes)
{
    const qsti_objective_whole *whole = objective->whole;
    if (takes == QST_TAKES_LOGITS && whole->teacher_logits != NULL)
        return whole->teacher_logits;
    if (takes == QST_TAKES_PROBABILITIES && whole->teacher_probabilities != NULL)
        return whole->teacher_probabilities;
    return objective->data.teacher.data;
}

/* The loss of a part on these rows; `gradient`: whole->along becomes weight * dloss/dscores. */
static qst_status evaluate_part(const qsti_objective *objective, const qst_loss_term *term, const row_set *set,
                                bool gradient, qsti_loss_result *out)
{
    const qsti_objective_whole *whole = objective->whole;
    const qst_loss_info *info = qst_loss_describe(term->loss);
    qst_score_kind kind = objective->model->score_kind;
    size_t n_cols = objective->model->n_scores, n = set->n_rows * n_cols;
    size_t n_counted = info->needs_teacher ? set->n_rows : set->n_labelled;
    qst_status status = reserve_work(objective, term->loss, set->n_rows);
    if (status != QST_OK)
        return status;
    const double *teacher = info->needs_teacher ? teacher_of(objective, info->takes) : NULL;
    convert(info->takes, kind, set->scores, set->n_rows, n_cols, whole->student);
    for (size_t i = 0; i < set->n_rows && teacher != NULL; i++) {
        size_t row = set->rows != NULL ? set->rows[i] : set->first_row + i;
        memcpy(whole->teacher + i * n_cols, teacher + row * n_cols, n_cols * sizeof *teacher);
    }
    memset(whole->along, 0, n * sizeof *whole->along);
    const qsti_loss_batch batch = {
        .n_rows = set->n_rows,
        .n_cols = n_cols,
        .student = whole->student,
        .teacher = whole->teacher,
        .labels = set->labels,
        .temperature = term->temperature,
        .parameters = &term->parameters,
        .per_row = n_counted > 0 ? 1 / (double)n_counted : 1,
        .weight = term->weight,
        .gradient = gradient ? whole->along : NULL,
        .work = whole->work,
    };
    qsti_loss_function(term->loss)(&batch, out);
    if (gradient)
        convert_back(info->takes, kind, set->scores, whole->student, set->n_rows, n_cols, whole->along);
    return QST_OK;
}

/* --- gradient ----------------------------------------------------------------------------------------------------- */

typedef struct batch_call {
    qsti_objective *objective;
    const size_t *rows;
    size_t n_labelled;
    qst_loss_terms terms;
} batch_call;

static qst_status check_scores(const qsti_objective *objective, const double *scores, size_t n_rows)
{
    size_t n_cols = objective->model->n_scores;
    if (qsti_all_finite(scores, n_rows * n_cols))
        return QST_OK;
    for (size_t i = 0; i < n_rows * n_cols; i++) {
        if (!isfinite(scores[i]))
            return qsti_fail(objective->model->ctx, QST_ERR_DIVERGED,
                             "student scores: row %zu, column %zu: %g is not finite", i / n_cols, i % n_cols,
                             scores[i]);
    }
    return QST_OK;
}

/* The labels of the rows, gathered; NULL: there are none. */
static const int64_t *labels_of(const qsti_objective *objective, const size_t *rows, size_t n_rows)
{
    const int64_t *labels = objective->data.labels;
    for (size_t i = 0; i < n_rows && labels != NULL; i++)
        objective->whole->labels[i] = labels[rows[i]];
    return labels != NULL ? objective->whole->labels : NULL;
}

static double norm_of(const double *values, size_t n)
{
    return sqrt(qsti_loss_dot(values, values, n));
}

/* Adds an active part's value and gradient. */
static qst_status add_part(const qsti_objective *objective, qsti_objective_part *part, const row_set *set,
                           qst_loss_terms *terms, double *cotangents)
{
    qsti_loss_result result;
    size_t n = set->n_rows * objective->model->n_scores;
    bool weighted = part->term.weight > 0;
    qst_status status = evaluate_part(objective, &part->term, set, weighted, &result);
    if (status != QST_OK)
        return status;
    for (size_t i = 0; i < n && weighted; i++)
        cotangents[i] += objective->whole->along[i];
    terms->loss += weighted ? part->term.weight * result.value : 0;
    terms->n_skipped += result.n_skipped;
    part->value = result.unscaled;
    if (objective->measuring)
        part->norm = weighted ? norm_of(objective->whole->along, n) : 0;
    return QST_OK;
}

/* What stands on labels alone is hard, like cross-entropy. */
static void name_terms(const qsti_objective *objective, qst_loss_terms *terms)
{
    const qsti_objective_part *hard = &objective->parts[QSTI_PART_HARD], *soft = &objective->parts[QSTI_PART_SOFT];
    const qst_loss_info *info = qst_loss_describe(soft->term.loss);
    bool of_labels = !info->needs_teacher && !(info->uses & QST_USES_alpha) && soft->active;
    terms->hard = of_labels ? soft->value : hard->value;
    terms->soft = of_labels ? NAN : soft->value;
}

static qst_status sum_parts(void *user, qst_const_matrix scores, qst_matrix cotangents)
{
    batch_call *call = user;
    qsti_objective *objective = call->objective;
    qst_status status = QST_OK;
    const int64_t *labels = labels_of(objective, call->rows, scores.n_rows);
    const row_set set = {call->rows, 0, scores.n_rows, call->n_labelled, scores.data, labels};
    size_t n = scores.n_rows * scores.n_cols;
    memset(cotangents.data, 0, n * sizeof *cotangents.data);
    call->terms = (qst_loss_terms){0};
    QSTI_TRY(check_scores(objective, scores.data, scores.n_rows));
    for (size_t i = 0; i < objective->n_parts; i++) {
        qsti_objective_part *part = &objective->parts[i];
        part->value = NAN;
        if (objective->measuring)
            part->norm = NAN;
        bool of_states = qst_loss_describe(part->term.loss)->takes == QST_TAKES_STATES; /* objective_states.c */
        if (part->active && !of_states && (i != QSTI_PART_HARD || labels != NULL))
            QSTI_TRY(add_part(objective, part, &set, &call->terms, cotangents.data));
    }
    objective->n_skipped += call->terms.n_skipped;
    name_terms(objective, &call->terms);
    if (!isfinite(call->terms.loss))
        QSTI_TRY(qsti_fail(objective->model->ctx, QST_ERR_DIVERGED, "the loss is %g: the scores are too large",
                           call->terms.loss));
    for (size_t i = 0; i < n; i++)
        cotangents.data[i] = isfinite(cotangents.data[i]) ? cotangents.data[i] : 0;
done:
    return status;
}

qst_status qsti_objective_whole_gradient(qsti_objective *objective, const double *weights, const size_t *rows,
                                         size_t n_rows, size_t n_labelled, qst_loss_terms *out, double *gradient)
{
    qst_model *model = objective->model;
    qst_const_matrix x = {objective->x, n_rows, model->n_features};
    batch_call call = {.objective = objective, .rows = rows, .n_labelled = n_labelled};
    qst_status status = model->type->gradient_whole(model, weights, x, sum_parts, &call, gradient, (qst_matrix){0});
    if (status == QST_OK)
        *out = call.terms;
    return status;
}

/* --- judging ------------------------------------------------------------------------------------------------------ */

static void keep_scores(void *user, const qst_block *block)
{
    const qsti_objective *objective = user;
    size_t n_cols = objective->model->n_scores;
    for (size_t lane = 0; lane < block->n_rows; lane++)
        for (size_t c = 0; c < n_cols; c++)
            objective->whole->scores[(block->first_row + lane) * n_cols + c] = block->values[c * block->lanes + lane];
}

/* The mean of a part over batches of `step` rows. */
static qst_status judge_part(const qsti_objective *objective, const qst_loss_term *term, size_t step, double *out)
{
    qst_status status = QST_OK;
    size_t n_rows = objective->data.x.n_rows, n_cols = objective->model->n_scores;
    bool by_label = !qst_loss_describe(term->loss)->needs_teacher;
    const int64_t *labels = objective->data.labels;
    double sum = 0, n_counted = 0;
    for (size_t first = 0; first < n_rows; first += step) {
        qsti_loss_result result;
        row_set set = {NULL,
                       first,
                       n_rows - first < step ? n_rows - first : step,
                       0,
                       objective->whole->scores + first * n_cols,
                       labels != NULL ? labels + first : NULL};
        for (size_t i = 0; i < set.n_rows && labels != NULL; i++)
            set.n_labelled += set.labels[i] >= 0;
        QSTI_TRY(evaluate_part(objective, term, &set, false, &result));
        double n = (double)(by_label ? set.n_labelled : set.n_rows);
        sum += n * result.value;
        n_counted += n;
    }
    *out = n_counted > 0 ? sum / n_counted : 0;
done:
    return status;
}

static void count_right(const qsti_objective *objective, size_t n_labelled, qsti_judgement *out)
{
    const qst_train_data *data = &objective->data;
    size_t n_cols = objective->model->n_scores, n_rows = data->x.n_rows, n_right = 0, n_agree = 0;
    for (size_t i = 0; i < n_rows; i++) {
        size_t best = qsti_argmax(objective->whole->scores + i * n_cols, n_cols);
        n_right += data->labels != NULL && data->labels[i] == (int64_t)best;
        n_agree += data->teacher.data != NULL && qsti_argmax(data->teacher.data + i * n_cols, n_cols) == best;
    }
    out->accuracy = n_labelled > 0 ? (double)n_right / (double)n_labelled : NAN;
    out->agreement = data->teacher.data != NULL ? (double)n_agree / (double)n_rows : NAN;
}

qst_status qsti_objective_whole_judge(qsti_objective *objective, const double *weights, size_t n_labelled,
                                      qsti_judgement *out)
{
    qst_model *model = objective->model;
    const qst_train_data *data = &objective->data;
    const qst_loss_term cross_entropy = {.loss = QST_LOSS_ce, .weight = 1};
    qsti_loss_state end = qsti_loss_plan_end(&objective->opts);
    qst_loss_term term = objective->parts[QSTI_PART_SOFT].term;
    const qst_loss_info *info = qst_loss_describe(term.loss);
    size_t n_rows = data->x.n_rows, step = objective->opts.batch > 0 ? objective->opts.batch : JUDGED_ROWS;
    double alpha = info->uses & QST_USES_alpha ? end.alpha : 1, hard = 0, soft = 0, ignored = 0;
    qsti_judgement judgement = {NAN, NAN, NAN, NAN};
    qst_status status = model->type->evaluate(model, weights, data->x, keep_scores, objective, 1, &ignored);
    QSTI_TRY(status);
    QSTI_TRY(check_scores(objective, objective->whole->scores, n_rows));
    term.temperature = end.temperature;
    step = info->level == QST_LEVEL_SAMPLE || step > n_rows ? n_rows : step;
    QSTI_TRY(judge_part(objective, &term, step, &soft));
    if (n_labelled > 0)
        QSTI_TRY(judge_part(objective, &cross_entropy, n_rows, &hard));
    judgement.loss = alpha * soft + (alpha < 1 ? (1 - alpha) * hard : 0);
    judgement.cross_entropy = n_labelled > 0 ? hard : NAN;
    count_right(objective, n_labelled, &judgement);
    if (!isfinite(judgement.loss))
        QSTI_TRY(qsti_fail(model->ctx, QST_ERR_DIVERGED, "the loss %s is %g: the scores are too large", info->name,
                           judgement.loss));
    *out = judgement;
done:
    return status;
}

/* objective.c: see objective.h.
 *
 * For ce, kd and logit_mse, scores that are probabilities p enter as z = ln max(p, 1e-12), so dL/dp = dL/dz / p, and 0
 * below the floor; logits and expectation values enter as they are. expectation_mse compares scores as they are.
 *
 * Blocks run on any thread, which may not speak through the context: a score that is not finite is noted in its row's
 * place, and reported, the first row first, when all blocks are done.
 */
#include "learn/objective.h"

#include <math.h>
#include <string.h>

#include "base/finite.h"
#include "base/threads.h"
#include "kernels/lines.h"
#include "learn/objective_states.h"
#include "learn/objective_whole.h"

/* What probabilities mean to ce, kd and logit_mse; teacher and student by the same arithmetic, so that equal
 * probabilities are equal logits. */
static void to_logits(const qsti_score_kernels *kernels, const double *probabilities, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = probabilities[i] > QSTI_PROBABILITY_FLOOR ? probabilities[i] : QSTI_PROBABILITY_FLOOR;
    kernels->log(out, n, out);
}

/* --- set-up ------------------------------------------------------------------------------------------------------- */

/* Bad data is found here, before the first step, so that what is not finite later has diverged. */
static qst_status check_finite(qst_ctx *ctx, const char *what, qst_const_matrix values)
{
    for (size_t i = 0; i < values.n_rows * values.n_cols; i++)
        if (!isfinite(values.data[i]))
            return qsti_fail(ctx, QST_ERR_INPUT, "%s: row %zu, column %zu: %g is not finite", what, i / values.n_cols,
                             i % values.n_cols, values.data[i]);
    return QST_OK;
}

static qst_status check_labels(const qst_model *model, const qst_train_data *data)
{
    for (size_t i = 0; i < data->x.n_rows && data->labels != NULL; i++)
        if (data->labels[i] < -1 || data->labels[i] >= (int64_t)model->n_scores)
            return qsti_fail(model->ctx, QST_ERR_INPUT, "label %lld of row %zu is no class: 0..%zu (or -1: no label)",
                             (long long)data->labels[i], i, model->n_scores - 1);
    return QST_OK;
}

/* What the teacher's scores are, for one of the losses. */
static qst_status check_kind(qst_ctx *ctx, const qst_train_data *data, qst_loss loss)
{
    if (loss == QST_LOSS_expectation_mse && data->teacher_kind != QST_SCORE_expectation) {
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "the loss expectation_mse needs a teacher whose scores are expectation values (head none): "
                         "these are of kind %s; logit_mse takes those",
                         qst_score_kind_name(data->teacher_kind));
    }
    if (loss == QST_LOSS_logit_mse && data->teacher_kind == QST_SCORE_expectation)
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "the loss logit_mse needs a teacher whose scores are logits: these are expectation values; "
                         "expectation_mse takes those");
    return QST_OK;
}

static bool reads_scores(qst_loss loss)
{
    const qst_loss_info *info = qst_loss_describe(loss);
    return info->needs_teacher && info->takes != QST_TAKES_STATES;
}

static qst_status check_teacher(const qst_model *model, const qst_train_data *data, const qst_train_opts *opts)
{
    qst_ctx *ctx = model->ctx;
    qst_status status = QST_OK;
    const qst_loss_plan plan = qsti_loss_plan_of(opts);
    qst_loss loss = opts->loss;
    for (size_t i = 0; i < plan.n_terms && !reads_scores(loss); i++)
        loss = plan.terms[i].loss;
    if (data->teacher.data == NULL)
        return qsti_fail(ctx, QST_ERR_USAGE, "the loss %s needs a teacher's scores", qst_loss_describe(loss)->name);
    if (data->teacher.n_rows != data->x.n_rows || data->teacher.n_cols != model->n_scores)
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "the teacher's scores have shape (%zu, %zu), the student gives (%zu, %zu)",
                         data->teacher.n_rows, data->teacher.n_cols, data->x.n_rows, model->n_scores);
    QSTI_TRY(check_kind(ctx, data, opts->loss));
    for (size_t i = 0; i < plan.n_terms; i++)
        QSTI_TRY(check_kind(ctx, data, plan.terms[i].loss));
    status = check_finite(ctx, "the teacher's scores", data->teacher);
done:
    return status;
}

static qst_status check(const qst_model *model, const qst_train_data *data, const qst_train_opts *opts)
{
    qst_ctx *ctx = model->ctx;
    if (data->x.n_cols != model->n_features)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "the samples have %zu features, the model takes %zu", data->x.n_cols,
                         model->n_features);
    if (data->x.n_rows == 0)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "there are no rows to train on");
    if (qsti_loss_plan_needs_labels(opts) && data->labels == NULL)
        return qsti_fail(ctx, QST_ERR_USAGE, "the loss %s needs labels%s", qst_loss_describe(opts->loss)->name,
                         qst_loss_describe(opts->loss)->needs_labels ? "" : ", for its terms or epochs without it");
    qst_status status = qsti_loss_plan_check(ctx, opts, model->n_scores);
    if (status == QST_OK)
        status = check_finite(ctx, "the samples", data->x);
    if (status == QST_OK)
        status = check_labels(model, data);
    if (status == QST_OK && (qsti_loss_plan_needs_teacher(opts) || data->teacher.data != NULL))
        status = check_teacher(model, data, opts);
    if (status == QST_OK)
        status = qsti_objective_states_check(model, data, opts);
    return status;
}

/* Whether the loss, without the plan's terms, goes block by block. */
static bool goes_by_blocks(const qsti_objective *objective)
{
    return qsti_loss_has_lines(objective->opts.loss);
}

/* The teacher's lines by the present rule. */
static void temper_teacher(qsti_objective *objective)
{
    const qst_train_data *data = &objective->data;
    const qsti_loss_rule *rule = &objective->rule;
    size_t n_cols = data->teacher.n_cols;
    objective->tempered = rule->temperature;
    for (size_t row = 0; row < data->teacher.n_rows; row++) {
        const double *t = data->teacher.data + row * n_cols;
        double *out = objective->teacher + row * objective->n_teacher;
        if (rule->loss != QST_LOSS_expectation_mse && data->teacher_kind == QST_SCORE_probability) {
            to_logits(rule->kernels, t, n_cols, out);
            t = out;
        }
        qsti_loss_prepare(rule, t, n_cols, 1, out);
    }
}

static qst_status prepare_teacher(qsti_objective *objective)
{
    qst_ctx *ctx = objective->model->ctx;
    size_t n_rows = objective->data.teacher.n_rows, n = 0;
    objective->n_teacher = qsti_loss_teacher_lines(&objective->rule, objective->data.teacher.n_cols);
    if (!qsti_mul(n_rows, objective->n_teacher, &n))
        return qsti_fail(ctx, QST_ERR_LIMIT, "the teacher's scores: %zu rows are too many", n_rows);
    qst_status status = QSTI_NEW(ctx, n, &objective->teacher);
    if (status == QST_OK)
        temper_teacher(objective);
    return status;
}

/* --- parts and epochs --------------------------------------------------------------------------------------------- */

static qst_status make_parts(qsti_objective *objective)
{
    const qst_train_opts *opts = &objective->opts;
    const qst_loss_plan plan = qsti_loss_plan_of(opts);
    qst_status status = QSTI_NEW(objective->model->ctx, QSTI_PART_TERMS + plan.n_terms, &objective->parts);
    if (status != QST_OK)
        return status;
    objective->n_parts = QSTI_PART_TERMS + plan.n_terms;
    objective->parts[QSTI_PART_HARD].term = (qst_loss_term){.loss = QST_LOSS_ce, .temperature = 1};
    objective->parts[QSTI_PART_SOFT].term = (qst_loss_term){.loss = opts->loss, .parameters = plan.parameters};
    for (size_t i = 0; i < plan.n_terms; i++)
        objective->parts[QSTI_PART_TERMS + i].term = plan.terms[i];
    for (size_t i = 0; i < objective->n_parts; i++)
        objective->parts[i].value = objective->parts[i].norm = NAN;
    return QST_OK;
}

/* The loss at a temperature and alpha, without the terms. ce has a hard part alone, squared errors a soft one. */
static void stand_at(qsti_objective *objective, qsti_loss_state at)
{
    qst_loss loss = at.taught ? objective->opts.loss : QST_LOSS_ce;
    bool mixed = qst_loss_describe(loss)->uses & QST_USES_alpha;
    qsti_objective_part *hard = &objective->parts[QSTI_PART_HARD], *soft = &objective->parts[QSTI_PART_SOFT];
    if (goes_by_blocks(objective) || !at.taught)
        objective->rule = qsti_loss_rule_make(loss, at.temperature, at.alpha);
    soft->term.temperature = at.temperature;
    soft->term.weight = mixed ? at.alpha : 1;
    soft->active = loss != QST_LOSS_ce;
    hard->term.weight = loss == QST_LOSS_ce ? 1 : 1 - at.alpha;
    hard->active = loss == QST_LOSS_ce || mixed;
    if (objective->teacher != NULL && goes_by_blocks(objective) && at.taught && at.temperature != objective->tempered)
        temper_teacher(objective);
}

void qsti_objective_begin_epoch(qsti_objective *objective, size_t epoch)
{
    if (objective->opts.plan == NULL)
        return;
    stand_at(objective, qsti_loss_plan_state(&objective->opts, epoch));
    for (size_t i = QSTI_PART_TERMS; i < objective->n_parts; i++) {
        qsti_objective_part *part = &objective->parts[i];
        part->active = qsti_epoch_within(part->term.first_epoch, part->term.last_epoch, epoch);
    }
}

/* Such terms have passes of their own. */
static bool is_of_states(const qsti_objective_part *part)
{
    return qst_loss_describe(part->term.loss)->takes == QST_TAKES_STATES;
}

/* Whether this epoch's gradients take whole batches. */
static bool is_whole(const qsti_objective *objective)
{
    bool whole = objective->parts[QSTI_PART_SOFT].active && !goes_by_blocks(objective);
    for (size_t i = QSTI_PART_TERMS; i < objective->n_parts; i++)
        whole = whole || (objective->parts[i].active && !is_of_states(&objective->parts[i]));
    return whole;
}

/* Lines of scratch memory that a worker has: a block's teacher, logits, the loss' own, and one part's gradient. */
static size_t lines_of_worker(const qsti_objective *objective)
{
    return objective->n_teacher + 3 * objective->model->n_scores;
}

qst_status qsti_objective_init(qst_model *model, const qst_train_data *data, const qst_train_opts *opts, size_t batch,
                               qsti_objective *out)
{
    qst_ctx *ctx = model->ctx;
    qst_status status = QST_OK;
    size_t n_x = 0;
    qsti_objective objective = {.model = model, .data = *data, .opts = *opts, .batch = batch};
    QSTI_TRY(check(model, data, opts));
    objective.rule = qsti_loss_rule_make(QST_LOSS_ce, 1, 0);
    QSTI_TRY(make_parts(&objective));
    stand_at(&objective, qsti_loss_plan_end(opts));
    if (!qsti_mul(batch, model->n_features, &n_x))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "batch: %zu rows are too many", batch));
    QSTI_TRY(QSTI_NEW(ctx, n_x, &objective.x));
    QSTI_TRY(QSTI_NEW(ctx, batch, &objective.bad));
    if (data->teacher.data != NULL)
        QSTI_TRY(prepare_teacher(&objective));
    QSTI_TRY(qsti_alloc_lines(ctx, (size_t)qst_ctx_threads(ctx) * lines_of_worker(&objective),
                              QSTI_MAX_LANES * sizeof *objective.lines, (void **)&objective.lines));
    if (!goes_by_blocks(&objective) || objective.n_parts > QSTI_PART_TERMS)
        QSTI_TRY(qsti_objective_whole_make(&objective));
    objective.plan = qsti_loss_plan_without_terms(opts);
    *out = objective;
    out->opts.plan = opts->plan != NULL ? &out->plan : NULL;
    return QST_OK;
done:
    qsti_objective_clear(&objective);
    return status;
}

void qsti_objective_clear(qsti_objective *objective)
{
    if (objective->model == NULL)
        return;
    qst_ctx *ctx = objective->model->ctx;
    qsti_objective_whole_free(ctx, objective->whole);
    qsti_objective_states_free(ctx, objective->states);
    qsti_free(ctx, objective->parts);
    qsti_free(ctx, objective->teacher);
    qsti_free(ctx, objective->x);
    qsti_free(ctx, objective->bad);
    qsti_free_lines(ctx, objective->lines);
    *objective = (qsti_objective){0};
}

/* --- one block ---------------------------------------------------------------------------------------------------- */

/* What blocks leave, summed over rows. */
enum {
    HARD,
    SOFT,
    SCALED,
    N_BAD,
    HARD_SQUARES,
    SOFT_SQUARES,
    N_GRADIENT_SUMS,
    CROSS_ENTROPY = N_GRADIENT_SUMS,
    N_RIGHT,
    N_AGREE,
    N_JUDGE_SUMS
};

/* A call under way. */
typedef struct scoring {
    const qsti_objective *objective;
    const size_t *rows; /* of the data; NULL: the first ones */
    bool judging;
    qsti_loss_rule cross_entropy; /* while judging */
} scoring;

/* The block's teacher lines and labels. Lanes behind the last row repeat the first one's teacher, and have no label and
 * no weight. */
static void gather_block(const scoring *work, const qst_block *block, double *teacher, int64_t *labels)
{
    const qsti_objective *objective = work->objective;
    size_t n = objective->n_teacher, lanes = block->lanes, rows[QSTI_MAX_LANES] = {0};
    for (size_t lane = 0; lane < lanes; lane++) {
        size_t at = block->first_row + (lane < block->n_rows ? lane : 0);
        rows[lane] = work->rows != NULL ? work->rows[at] : at;
        labels[lane] = lane < block->n_rows && objective->data.labels != NULL ? objective->data.labels[rows[lane]] : -1;
    }
    if (lanes == 1)
        qsti_row_to_lines(objective->teacher + rows[0] * n, n, lanes, teacher);
    for (size_t lane = 0; lane + 2 <= lanes && n > 0; lane += 2)
        qsti_pair_to_lines(objective->teacher + rows[lane] * n, objective->teacher + rows[lane + 1] * n, n, lanes,
                           teacher + lane);
}

/* How many of the block's rows have a score that is not finite; each is noted. */
static size_t note_bad(const qsti_objective *objective, const qst_block *block)
{
    size_t n_cols = objective->model->n_scores, n_bad = 0;
    if (qsti_all_finite(block->values, n_cols * block->lanes))
        return 0;
    for (size_t lane = 0; lane < block->n_rows; lane++) {
        size_t c = 0;
        while (c < n_cols && isfinite(block->values[c * block->lanes + lane]))
            c++;
        if (c < n_cols)
            objective->bad[block->first_row + lane] = (qsti_bad_score){true, c, block->values[c * block->lanes + lane]};
        n_bad += c < n_cols;
    }
    return n_bad;
}

/* dL/dscores from dL/dlogits where they differ; what is no number becomes 0, for then the loss is none either. */
static void finish_cotangents(const double *values, double *cotangents, size_t n, bool converted)
{
    for (size_t i = 0; i < n && converted; i++)
        cotangents[i] = values[i] > QSTI_PROBABILITY_FLOOR ? cotangents[i] / values[i] : 0;
    for (size_t i = 0; i < n; i++)
        cotangents[i] = isfinite(cotangents[i]) ? cotangents[i] : 0;
}

/* The squares of the hard part's gradient, made once more alone, and of the rest. alone (n): room. */
static void measure_parts(const qsti_objective *objective, const qst_block *block, qsti_loss_block loss, double *alone,
                          bool converted)
{
    size_t n = loss.n_cols * loss.lanes;
    const qsti_loss_rule *rule = &objective->rule;
    qsti_loss_rule hard = qsti_loss_rule_make(QST_LOSS_ce, 1, 0);
    qsti_loss_sums ignored = {0};
    memset(alone, 0, n * sizeof *alone);
    if (rule->has_labels) {
        hard.per_label = rule->per_label * (1 - rule->alpha);
        hard.has_labels = true;
        loss.gradient = alone;
        qsti_loss_lines(&hard, &loss, &ignored);
        finish_cotangents(block->values, alone, n, converted);
    }
    for (size_t i = 0; i < n; i++) {
        double rest = block->cotangents[i] - alone[i];
        block->sums[HARD_SQUARES] += alone[i] * alone[i];
        block->sums[SOFT_SQUARES] += rest * rest;
    }
}

/* best[lane] = the lowest index of the largest value. */
static void argmax_lines(const double *lines, size_t n, size_t lanes, int64_t *best)
{
    double top[QSTI_MAX_LANES];
    for (size_t lane = 0; lane < lanes; lane++) {
        top[lane] = lines[lane];
        best[lane] = 0;
    }
    for (size_t c = 1; c < n; c++) {
        for (size_t lane = 0; lane < lanes; lane++) {
            double value = lines[c * lanes + lane];
            best[lane] = value > top[lane] ? (int64_t)c : best[lane];
            top[lane] = value > top[lane] ? value : top[lane];
        }
    }
}

static void judge_block(const scoring *work, const qst_block *block, const double *teacher, const int64_t *labels)
{
    size_t n_cols = work->objective->model->n_scores;
    int64_t best[QSTI_MAX_LANES], wanted[QSTI_MAX_LANES];
    argmax_lines(block->values, n_cols, block->lanes, best);
    for (size_t lane = 0; lane < block->n_rows; lane++)
        block->sums[N_RIGHT] += best[lane] == labels[lane];
    if (work->objective->teacher == NULL)
        return;
    argmax_lines(teacher, n_cols, block->lanes, wanted);
    for (size_t lane = 0; lane < block->n_rows; lane++)
        block->sums[N_AGREE] += best[lane] == wanted[lane];
}

static void score_block(void *user, const qst_block *block)
{
    const scoring *work = user;
    const qsti_objective *objective = work->objective;
    const qsti_loss_rule *rule = &objective->rule;
    size_t n_cols = objective->model->n_scores, n = n_cols * block->lanes;
    double *teacher = objective->lines + (size_t)block->worker * lines_of_worker(objective) * QSTI_MAX_LANES;
    double *logits = teacher + objective->n_teacher * block->lanes;
    int64_t labels[QSTI_MAX_LANES];
    bool is_probability = objective->model->score_kind == QST_SCORE_probability;
    bool convert = is_probability && rule->loss != QST_LOSS_expectation_mse;
    gather_block(work, block, teacher, labels);
    if (is_probability && (convert || work->judging))
        to_logits(rule->kernels, block->values, n, logits);
    qsti_loss_sums sums = {0}, hard = {0};
    qsti_loss_block loss = {
        .n_rows = block->n_rows,
        .n_cols = n_cols,
        .lanes = block->lanes,
        .student = convert ? logits : block->values,
        .teacher = objective->teacher == NULL ? NULL : teacher,
        .labels = labels,
        .gradient = block->cotangents,
        .work = logits + n,
    };
    qsti_loss_lines(rule, &loss, &sums);
    block->sums[HARD] += sums.hard;
    block->sums[SOFT] += sums.soft;
    block->sums[SCALED] += sums.scaled;
    block->sums[N_BAD] += (double)note_bad(objective, block);
    if (block->cotangents != NULL)
        finish_cotangents(block->values, block->cotangents, n, convert);
    if (block->cotangents != NULL && objective->measuring)
        measure_parts(objective, block, loss, logits + 2 * n, convert);
    if (!work->judging)
        return;
    if (!rule->has_labels && objective->data.labels != NULL) {
        loss.student = is_probability ? logits : block->values;
        qsti_loss_lines(&work->cross_entropy, &loss, &hard);
    }
    block->sums[CROSS_ENTROPY] += rule->has_labels ? sums.hard : hard.hard;
    judge_block(work, block, teacher, labels);
}

/* --- one batch ---------------------------------------------------------------------------------------------------- */

/* Counts the labels of the rows, for the means. */
static size_t count_labels(qsti_objective *objective, const size_t *rows, size_t n_rows)
{
    const int64_t *labels = objective->data.labels;
    size_t n_labelled = 0;
    for (size_t i = 0; i < n_rows && labels != NULL; i++)
        n_labelled += labels[rows == NULL ? i : rows[i]] >= 0;
    qsti_loss_rule_count(&objective->rule, QST_REDUCE_MEAN, n_rows, labels != NULL, n_labelled);
    return n_labelled;
}

/* Rows on their way into the batch, some at a time. */
typedef struct gathering {
    const qsti_objective *objective;
    const size_t *rows;
    size_t n_rows;
} gathering;

#define GATHERED 16

static void gather_some(void *arg, size_t item, int worker)
{
    const gathering *work = arg;
    const qsti_objective *objective = work->objective;
    size_t d = objective->data.x.n_cols, begin = item * GATHERED, end = begin + GATHERED;
    (void)worker;
    for (size_t i = begin; i < end && i < work->n_rows; i++)
        memcpy(objective->x + i * d, objective->data.x.data + work->rows[i] * d, d * sizeof *objective->x);
}

/* Short rows are not worth a second thread. */
static void gather(const qsti_objective *objective, const size_t *rows, size_t n_rows)
{
    gathering work = {objective, rows, n_rows};
    size_t n = (n_rows + GATHERED - 1) / GATHERED;
    if (objective->data.x.n_cols >= 64)
        qsti_parallel_for(objective->model->ctx, n, gather_some, &work);
    for (size_t item = 0; item < n && objective->data.x.n_cols < 64; item++)
        gather_some(&work, item, 0);
}

/* A call has failed: what its blocks have noted is no matter. */
static qst_status forget_bad(const qsti_objective *objective, size_t n_rows, qst_status status)
{
    memset(objective->bad, 0, n_rows * sizeof *objective->bad);
    return status;
}

/* The loss from the sums over blocks. Labels and teacher have been checked: what is left are scores beyond all
 * numbers. */
static qst_status finish(const qsti_objective *objective, const double *sums, size_t n_rows, qst_loss_terms *out)
{
    qst_ctx *ctx = objective->model->ctx;
    const qsti_loss_sums terms = {sums[HARD], sums[SOFT], sums[SCALED]};
    for (size_t i = 0; i < n_rows && sums[N_BAD] > 0; i++) {
        qsti_bad_score bad = objective->bad[i];
        if (!bad.found)
            continue;
        return forget_bad(objective, n_rows,
                          qsti_fail(ctx, QST_ERR_DIVERGED, "student scores: row %zu, column %zu: %g is not finite", i,
                                    bad.column, bad.value));
    }
    qst_status status = qsti_loss_terms_of(ctx, &objective->rule, &terms, out);
    return status == QST_ERR_INPUT ? QST_ERR_DIVERGED : status;
}

/* What the parts are to the epoch's log. */
static void note_parts(qsti_objective *objective, const double *sums, const qst_loss_terms *terms)
{
    qsti_objective_part *hard = &objective->parts[QSTI_PART_HARD], *soft = &objective->parts[QSTI_PART_SOFT];
    hard->value = terms->hard;
    soft->value = terms->soft;
    for (size_t i = QSTI_PART_TERMS; i < objective->n_parts; i++)
        objective->parts[i].value = NAN;
    if (!objective->measuring)
        return;
    hard->norm = isnan(hard->value) ? NAN : sqrt(sums[HARD_SQUARES]);
    soft->norm = isnan(soft->value) ? NAN : sqrt(sums[SOFT_SQUARES]);
    for (size_t i = QSTI_PART_TERMS; i < objective->n_parts; i++)
        objective->parts[i].norm = NAN;
}

/* All but the terms of states. */
static qst_status gradient_of_scores(qsti_objective *objective, const double *weights, const size_t *rows,
                                     size_t n_rows, qst_loss_terms *out, double *gradient)
{
    qst_model *model = objective->model;
    scoring work = {.objective = objective, .rows = rows};
    double sums[N_GRADIENT_SUMS];
    const qsti_pass pass = {
        .weights = weights,
        .x = {objective->x, n_rows, model->n_features},
        .fn = score_block,
        .user = &work,
        .n_sums = N_GRADIENT_SUMS,
        .out_sums = sums,
        .out_weights = gradient,
    };
    gather(objective, rows, n_rows);
    size_t n_labelled = count_labels(objective, rows, n_rows);
    if (is_whole(objective))
        return qsti_objective_whole_gradient(objective, weights, rows, n_rows, n_labelled, out, gradient);
    qst_status status = model->type->gradient(model, &pass);
    if (status != QST_OK)
        return forget_bad(objective, n_rows, status);
    status = finish(objective, sums, n_rows, out);
    if (status == QST_OK)
        note_parts(objective, sums, out);
    return status;
}

qst_status qsti_objective_gradient(qsti_objective *objective, const double *weights, const size_t *rows, size_t n_rows,
                                   qst_loss_terms *out, double *gradient)
{
    qst_loss_terms terms = {0};
    qst_status status = gradient_of_scores(objective, weights, rows, n_rows, &terms, gradient);
    if (status == QST_OK && objective->n_parts > QSTI_PART_TERMS)
        status = qsti_objective_states_add(objective, weights, rows, n_rows, &terms, gradient);
    if (status == QST_OK && !isfinite(terms.loss))
        status =
            qsti_fail(objective->model->ctx, QST_ERR_DIVERGED, "the loss is %g: the scores are too large", terms.loss);
    if (status == QST_OK)
        *out = terms;
    return status;
}

/* --- all rows ----------------------------------------------------------------------------------------------------- */

qst_status qsti_objective_judge(qsti_objective *objective, const double *weights, qsti_judgement *out)
{
    qst_status status = QST_OK;
    qst_model *model = objective->model;
    const qst_train_data *data = &objective->data;
    qst_loss_terms terms;
    size_t n_rows = data->x.n_rows, n_labelled = count_labels(objective, NULL, n_rows);
    scoring work = {objective, NULL, true, objective->rule};
    double sums[N_JUDGE_SUMS];
    if (objective->batch < n_rows)
        QSTI_TRY(
            qsti_fail(model->ctx, QST_ERR_INTERNAL, "an objective of %zu rows judges %zu", objective->batch, n_rows));
    if (!goes_by_blocks(objective))
        return qsti_objective_whole_judge(objective, weights, n_labelled, out);
    work.cross_entropy = qsti_loss_rule_make(QST_LOSS_ce, 1, 0);
    qsti_loss_rule_count(&work.cross_entropy, QST_REDUCE_MEAN, n_rows, true, n_labelled);
    status = model->type->evaluate(model, weights, data->x, score_block, &work, N_JUDGE_SUMS, sums);
    if (status != QST_OK)
        return forget_bad(objective, n_rows, status);
    QSTI_TRY(finish(objective, sums, n_rows, &terms));
    bool labelled = n_labelled > 0;
    *out = (qsti_judgement){
        .loss = terms.loss,
        .cross_entropy = labelled ? sums[CROSS_ENTROPY] / (double)n_labelled : NAN,
        .accuracy = labelled ? sums[N_RIGHT] / (double)n_labelled : NAN,
        .agreement = objective->teacher != NULL ? sums[N_AGREE] / (double)n_rows : NAN,
    };
done:
    return status;
}

/* queries.c: rows beyond the training set: of a file, between training rows, beside them; and the teacher's answers.
 *
 * Made where the data source's rows live, before any preprocessing, each from a random stream of its own, so that row i
 * is the same however many there are and on however many threads:
 *
 *   mixup   x = l a + (1 - l) b,  l uniform in [mixup_least, 1], a and b training rows        [zhang2018]
 *   noise   x_j = a_j + noise_sd s_j g,  s_j the deviation of column j over the training rows, g normal
 *
 * The rows a go through all training rows, in a new order each time. They are made, preprocessed and answered in
 * blocks: the rows themselves are never held all at once. Labels have no part in it.
 */
#include "knowledge/queries.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "knowledge/extract.h"
#include "knowledge/scores_table.h"

#define BLOCK_ROWS 1024

static const char *const origin_names[QSTI_QUERY_ORIGINS] = {"file", "mixup", "noise"};

const char *qsti_query_origin_name(qsti_query_origin origin)
{
    return origin_names[origin];
}

void qsti_queries_clear(qst_ctx *ctx, qsti_queries *queries)
{
    qsti_free(ctx, queries->x);
    qsti_free(ctx, queries->scores);
    *queries = (qsti_queries){0};
}

/* --- how many ----------------------------------------------------------------------------------------------------- */

bool qsti_query_opts_any(const qst_query_opts *opts)
{
    return opts->file != NULL || opts->mixup > 0 || opts->noise > 0;
}

static qst_status check_opts(qst_ctx *ctx, const qst_query_opts *opts)
{
    if (!(opts->mixup >= 0 && opts->mixup <= QST_QUERY_MOST))
        return qsti_fail(ctx, QST_ERR_USAGE, "queries: mixup: %g is not in 0..%d", opts->mixup, QST_QUERY_MOST);
    if (!(opts->mixup_least >= 0 && opts->mixup_least <= 1))
        return qsti_fail(ctx, QST_ERR_USAGE, "queries: mixup_least: %g is not in 0..1", opts->mixup_least);
    if (!(opts->noise >= 0 && opts->noise <= QST_QUERY_MOST))
        return qsti_fail(ctx, QST_ERR_USAGE, "queries: noise: %g is not in 0..%d", opts->noise, QST_QUERY_MOST);
    if (!(opts->noise_sd > 0 && isfinite(opts->noise_sd)) && opts->noise > 0)
        return qsti_fail(ctx, QST_ERR_USAGE, "queries: noise_sd: %g is not > 0", opts->noise_sd);
    return QST_OK;
}

void qsti_query_shares(const size_t wanted[QSTI_QUERY_ORIGINS], size_t budget, size_t out[QSTI_QUERY_ORIGINS])
{
    double total = 0;
    size_t left = budget;
    for (size_t o = 0; o < QSTI_QUERY_ORIGINS; o++)
        total += (double)wanted[o];
    bool all = budget == 0 || total <= (double)budget;
    for (size_t o = 0; o < QSTI_QUERY_ORIGINS; o++) {
        out[o] = all ? wanted[o] : (size_t)floor((double)wanted[o] / total * (double)budget);
        left -= all ? 0 : out[o];
    }
    for (size_t o = 0; o < QSTI_QUERY_ORIGINS && !all; o++) {
        size_t more = wanted[o] - out[o] < left ? wanted[o] - out[o] : left;
        out[o] += more;
        left -= more;
    }
}

/* --- making them -------------------------------------------------------------------------------------------------- */

typedef struct maker {
    qst_ctx *ctx;
    qsti_oracle *oracle;
    const qst_table *table;
    const qst_dataset *dataset;
    const qst_query_opts *opts;
    size_t *rows, n_rows; /* training rows, of the table */
    size_t *order;        /* (n_rows): those that queries start from, in their order */
    double *deviation;    /* (columns of the table); NULL: no noise is asked for */
    qst_matrix file;      /* the user's rows */
    size_t *chosen;       /* (file rows): which come first */
} maker;

static void maker_clear(maker *m)
{
    qsti_free(m->ctx, m->rows);
    qsti_free(m->ctx, m->order);
    qsti_free(m->ctx, m->deviation);
    qsti_free(m->ctx, m->chosen);
    qst_array_free(m->ctx, &m->file);
}

static const double *table_row(const maker *m, size_t row)
{
    return m->table->features + row * m->table->n_features;
}

/* Population standard deviations, by two passes. */
static qst_status measure_deviations(maker *m)
{
    size_t d = m->table->n_features;
    qst_status status = QSTI_NEW(m->ctx, d, &m->deviation);
    for (size_t j = 0; status == QST_OK && j < d; j++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < m->n_rows; i++)
            sum += table_row(m, m->rows[i])[j];
        for (size_t i = 0; i < m->n_rows; i++) {
            double distance = table_row(m, m->rows[i])[j] - sum / (double)m->n_rows;
            squares += distance * distance;
        }
        m->deviation[j] = sqrt(squares / (double)m->n_rows);
    }
    return status;
}

/* The user's rows, which the caller frees. */
static qst_status read_rows(qst_ctx *ctx, const char *path, size_t n_features, qst_matrix *out)
{
    qst_status status = qst_array_read(ctx, path, out);
    if (status != QST_OK || out->n_cols == n_features)
        return status;
    status = qsti_fail(ctx, QST_ERR_MISMATCH, "%s: has %zu columns, the data source has %zu features", path,
                       out->n_cols, n_features);
    qst_array_free(ctx, out);
    return status;
}

qst_status qsti_queries_foresee(const qst_table *table, const qst_query_opts *opts)
{
    qst_matrix file = {0};
    qst_status status = check_opts(table->ctx, opts);
    if (status == QST_OK && opts->file != NULL)
        status = read_rows(table->ctx, opts->file, table->n_features, &file);
    qst_array_free(table->ctx, &file);
    return status;
}

static qst_status read_file(maker *m)
{
    qst_status status = QST_OK;
    QSTI_TRY(read_rows(m->ctx, m->opts->file, m->table->n_features, &m->file));
    QSTI_TRY(QSTI_NEW(m->ctx, m->file.n_rows, &m->chosen));
    qsti_rng rng = qsti_rng_init(m->dataset->seed, QSTI_PURPOSE_QUERY_FILE, 0, 0);
    for (size_t i = 0; i < m->file.n_rows; i++)
        m->chosen[i] = i;
    qsti_rng_shuffle(&rng, m->chosen, m->file.n_rows);
done:
    return status;
}

static qst_status maker_init(maker *m)
{
    qst_status status = QST_OK;
    QSTI_TRY(check_opts(m->ctx, m->opts));
    QSTI_TRY(qsti_dataset_rows(m->dataset, QST_TRAIN, &m->rows, &m->n_rows));
    for (size_t i = 0; i < m->n_rows; i++)
        m->rows[i] = (size_t)m->dataset->ids[m->rows[i]];
    QSTI_TRY(QSTI_NEW(m->ctx, m->n_rows, &m->order));
    if (m->opts->noise > 0)
        QSTI_TRY(measure_deviations(m));
    if (m->opts->file != NULL)
        QSTI_TRY(read_file(m));
done:
    return status;
}

/* The training row that query i of its kind starts from; the calls of a kind go up by one. */
static const double *start_row(maker *m, qsti_purpose purpose, size_t i)
{
    if (i % m->n_rows == 0) {
        qsti_rng rng = qsti_rng_init(m->dataset->seed, purpose, 0, (uint32_t)(i / m->n_rows));
        memcpy(m->order, m->rows, m->n_rows * sizeof *m->order);
        qsti_rng_shuffle(&rng, m->order, m->n_rows);
    }
    return table_row(m, m->order[i % m->n_rows]);
}

static void make_mixup(maker *m, size_t i, double *out)
{
    const double *a = start_row(m, QSTI_PURPOSE_QUERY_MIXUP, i);
    qsti_rng rng = qsti_rng_init(m->dataset->seed, QSTI_PURPOSE_QUERY_MIXUP, 1, (uint32_t)i);
    const double *b = table_row(m, m->rows[qsti_rng_below(&rng, m->n_rows)]);
    double share = m->opts->mixup_least + (1 - m->opts->mixup_least) * qsti_rng_uniform(&rng);
    for (size_t j = 0; j < m->table->n_features; j++)
        out[j] = share * a[j] + (1 - share) * b[j];
}

static void make_noise(maker *m, size_t i, double *out)
{
    const double *a = start_row(m, QSTI_PURPOSE_QUERY_NOISE, i);
    qsti_rng rng = qsti_rng_init(m->dataset->seed, QSTI_PURPOSE_QUERY_NOISE, 1, (uint32_t)i);
    for (size_t j = 0; j < m->table->n_features; j++)
        out[j] = a[j] + m->opts->noise_sd * m->deviation[j] * qsti_rng_normal(&rng);
}

/* Query i of an origin, as a row of the data source. */
static void make_row(maker *m, qsti_query_origin origin, size_t i, double *out)
{
    size_t d = m->table->n_features;
    switch (origin) {
    case QSTI_QUERY_FILE:
        memcpy(out, m->file.data + m->chosen[i] * d, d * sizeof *out);
        break;
    case QSTI_QUERY_MIXUP:
        make_mixup(m, i, out);
        break;
    default:
        make_noise(m, i, out);
        break;
    }
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

/* Rows first .. first+n of the queries: raw (n, columns of the table) to features and scores. `answers` has room for n
 * rows of the oracle's scores. */
static qst_status answer_block(maker *m, qst_const_matrix raw, size_t first, double *answers, qsti_queries *queries)
{
    qst_status status = QST_OK;
    size_t d = queries->n_features, c = queries->n_scores;
    qst_matrix x = {queries->x + first * d, raw.n_rows, d};
    qst_matrix scores = {answers, raw.n_rows, m->oracle->n_scores};
    QSTI_TRY(qsti_preprocess_apply(m->ctx, m->dataset->preprocess, raw, x));
    status = qsti_oracle_ask(m->oracle, raw, NULL, scores);
    if (status == QST_ERR_INPUT)
        qsti_fail_within(m->ctx, status, "queries from %zu on", first);
    QSTI_TRY(status);
    qsti_answers_take(m->dataset, qst_const_view(scores), m->oracle->kind, queries->scores + first * c);
done:
    return status;
}

static qst_status answer_all(maker *m, qsti_queries *queries)
{
    qst_status status = QST_OK;
    double *raw = NULL, *answers = NULL;
    size_t d = m->table->n_features, filled = 0, done_rows = 0;
    QSTI_TRY(qsti_alloc(m->ctx, BLOCK_ROWS, d * sizeof *raw, (void **)&raw));
    QSTI_TRY(qsti_alloc(m->ctx, BLOCK_ROWS, m->oracle->n_scores * sizeof *answers, (void **)&answers));
    for (int origin = 0; origin < QSTI_QUERY_ORIGINS; origin++) {
        for (size_t i = 0; i < queries->asked[origin]; i++) {
            make_row(m, (qsti_query_origin)origin, i, raw + filled++ * d);
            if (filled < BLOCK_ROWS && done_rows + filled < queries->n)
                continue;
            QSTI_TRY(answer_block(m, (qst_const_matrix){raw, filled, d}, done_rows, answers, queries));
            done_rows += filled;
            filled = 0;
        }
    }
done:
    qsti_free(m->ctx, raw);
    qsti_free(m->ctx, answers);
    return status;
}

static qst_status queries_allocate(qst_ctx *ctx, size_t n, size_t n_features, size_t n_scores, qsti_queries *out)
{
    qst_status status = QST_OK;
    size_t n_x = 0, n_values = 0;
    out->n = n;
    out->n_features = n_features;
    out->n_scores = n_scores;
    if (!qsti_mul(n, n_features, &n_x) || !qsti_mul(n, n_scores, &n_values))
        return qsti_fail(ctx, QST_ERR_LIMIT, "%zu queries are too many", n);
    QSTI_TRY(QSTI_NEW(ctx, n_x, &out->x));
    QSTI_TRY(QSTI_NEW(ctx, n_values, &out->scores));
done:
    return status;
}

qst_status qsti_queries_make(qsti_oracle *oracle, const qst_table *table, const qst_dataset *dataset,
                             const qst_query_opts *opts, qsti_queries *out)
{
    qst_status status = QST_OK;
    maker m = {.ctx = dataset->ctx, .oracle = oracle, .table = table, .dataset = dataset, .opts = opts};
    qsti_queries queries = {0};
    size_t n = 0;
    QSTI_TRY(maker_init(&m));
    QSTI_TRY(qsti_scores_check_columns(dataset, oracle->n_scores, "teacher's output"));
    queries.wanted[QSTI_QUERY_FILE] = m.file.n_rows;
    queries.wanted[QSTI_QUERY_MIXUP] = (size_t)llround(opts->mixup * (double)m.n_rows);
    queries.wanted[QSTI_QUERY_NOISE] = (size_t)llround(opts->noise * (double)m.n_rows);
    qsti_query_shares(queries.wanted, opts->budget, queries.asked);
    for (size_t o = 0; o < QSTI_QUERY_ORIGINS; o++)
        n += queries.asked[o];
    if (n > QST_QUERY_ROWS_MOST)
        QSTI_TRY(
            qsti_fail(m.ctx, QST_ERR_LIMIT, "queries: %zu are more than %zu: set a budget", n, QST_QUERY_ROWS_MOST));
    QSTI_TRY(queries_allocate(m.ctx, n, dataset->n_features, dataset->n_classes, &queries));
    QSTI_TRY(answer_all(&m, &queries));
    *out = queries;
    queries = (qsti_queries){0};
done:
    qsti_queries_clear(m.ctx, &queries);
    maker_clear(&m);
    return status;
}

qst_status qsti_queries_answer(qst_ctx *ctx, qst_model *model, const qsti_queries *queries, qsti_queries *out)
{
    qst_status status = QST_OK;
    qsti_queries own = {0};
    if (queries->n == 0)
        return QST_OK;
    QSTI_TRY(queries_allocate(ctx, queries->n, queries->n_features, queries->n_scores, &own));
    memcpy(own.x, queries->x, queries->n * queries->n_features * sizeof *own.x);
    memcpy(own.wanted, queries->wanted, sizeof own.wanted);
    memcpy(own.asked, queries->asked, sizeof own.asked);
    QSTI_TRY(qst_model_scores(model, (qst_const_matrix){own.x, own.n, own.n_features},
                              (qst_matrix){own.scores, own.n, own.n_scores}));
    *out = own;
    own = (qsti_queries){0};
done:
    qsti_queries_clear(ctx, &own);
    return status;
}

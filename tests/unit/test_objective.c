/* test_objective.c: the loss of a model and its gradient in the weights, over heads, readouts and kinds of scores, by
 * finite differences; what does not fit is refused. */
#include <stdatomic.h>

#include "learn_cases.h"

#include "learn/softmax.h"

static qst_ctx *ctx;
static learn_rows rows;

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(2);
    learn_rows_make(&rows, 20, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

/* A model, a loss, and what the teacher gives. */
typedef struct pairing {
    const char *output;
    qst_head head;
    qst_score_kind kind; /* of the student's scores */
    qst_loss loss;
    qst_score_kind teacher;
} pairing;

static const pairing pairings[] = {
    {"z", QST_HEAD_none, QST_SCORE_expectation, QST_LOSS_ce, QST_SCORE_logit},
    {"z", QST_HEAD_none, QST_SCORE_expectation, QST_LOSS_kd, QST_SCORE_logit},
    {"z", QST_HEAD_none, QST_SCORE_expectation, QST_LOSS_kd, QST_SCORE_expectation},
    {"z", QST_HEAD_none, QST_SCORE_expectation, QST_LOSS_logit_mse, QST_SCORE_logit},
    {"z", QST_HEAD_none, QST_SCORE_expectation, QST_LOSS_expectation_mse, QST_SCORE_expectation},
    {"grouped", QST_HEAD_none, QST_SCORE_probability, QST_LOSS_ce, QST_SCORE_logit},
    {"grouped", QST_HEAD_none, QST_SCORE_probability, QST_LOSS_kd, QST_SCORE_probability},
    {"grouped", QST_HEAD_none, QST_SCORE_probability, QST_LOSS_logit_mse, QST_SCORE_probability},
    {"parity", QST_HEAD_none, QST_SCORE_probability, QST_LOSS_kd, QST_SCORE_logit},
    {"z", QST_HEAD_scale, QST_SCORE_logit, QST_LOSS_ce, QST_SCORE_logit},
    {"z", QST_HEAD_scale, QST_SCORE_logit, QST_LOSS_kd, QST_SCORE_probability},
    {"grouped", QST_HEAD_scale, QST_SCORE_logit, QST_LOSS_logit_mse, QST_SCORE_logit},
    {"zz", QST_HEAD_linear, QST_SCORE_logit, QST_LOSS_ce, QST_SCORE_logit},
    {"probabilities", QST_HEAD_linear, QST_SCORE_logit, QST_LOSS_kd, QST_SCORE_log_probability},
    {"z", QST_HEAD_linear, QST_SCORE_logit, QST_LOSS_expectation_mse, QST_SCORE_expectation},
    {"logistic", QST_HEAD_none, QST_SCORE_logit, QST_LOSS_kd, QST_SCORE_logit},
};
#define N_PAIRINGS (sizeof pairings / sizeof *pairings)

static qst_train_opts opts_of(const pairing *p)
{
    qst_train_opts opts = learn_opts();
    opts.loss = p->loss;
    opts.temperature = 2.5;
    opts.alpha = 0.6;
    return opts;
}

/* Weights that are not those at which much is 0. */
static void stir(qst_model *model)
{
    for (size_t i = 0; i < model->n_weights; i++) {
        model->weights[i] += 0.3 * sin(1.7 * (double)i + 1);
    }
}

/* The rows of one batch, in no order. */
static const size_t batch[] = {3, 19, 0, 7, 8, 12, 11};
#define N_BATCH (sizeof batch / sizeof *batch)

static qst_model *make(const pairing *p, qst_precision precision, qsti_objective *out)
{
    qst_model *model = learn_model(ctx, p->output, p->head, precision);
    const qst_train_opts opts = opts_of(p);
    const qst_train_data data = learn_taught(&rows, p->teacher);
    stir(model);
    assert_int_equal(qst_model_score_kind(model), p->kind);
    assert_ok(ctx, qsti_objective_init(model, &data, &opts, rows.n, out));
    return model;
}

/* --- gradients ---------------------------------------------------------------------------------------------------- */

static double loss_at(qsti_objective *objective, const double *weights)
{
    double ignored[256];
    qst_loss_terms terms;
    assert_ok(ctx, qsti_objective_gradient(objective, weights, batch, N_BATCH, &terms, ignored));
    return terms.loss;
}

static void gradients_by_differences(void **state)
{
    (void)state;
    const double h = 1e-5;
    for (size_t k = 0; k < N_PAIRINGS; k++) {
        qsti_objective objective;
        qst_model *model = make(&pairings[k], QST_DOUBLE, &objective);
        double gradient[256], largest = 0;
        qst_loss_terms terms;
        rows.labels[7] = -1; /* one row of the batch has no label */
        assert_in_range(model->n_weights, 1, 256);
        assert_ok(ctx, qsti_objective_gradient(&objective, model->weights, batch, N_BATCH, &terms, gradient));
        for (size_t i = 0; i < model->n_weights; i++) {
            double w = model->weights[i];
            model->weights[i] = w + h;
            double above = loss_at(&objective, model->weights);
            model->weights[i] = w - h;
            double below = loss_at(&objective, model->weights);
            model->weights[i] = w;
            assert_close(gradient[i], (above - below) / (2 * h), 1e-8 * fmax(1, fabs(gradient[i])));
            largest = fmax(largest, fabs(gradient[i]));
        }
        assert_true(largest > 1e-3);
        learn_rows_make(&rows, 20, 1);
        qsti_objective_clear(&objective);
        qst_model_free(model);
    }
}

/* Losses on scores see both rows of W: a student of kind logistic moves both. */
static void two_classes_of_a_linear_layer(void **state)
{
    (void)state;
    const double h = 1e-5;
    const size_t all[N_BATCH] = {0, 1, 2, 3, 4, 5, 6};
    const qst_loss losses[] = {QST_LOSS_kd, QST_LOSS_logit_mse};
    double x[N_BATCH * LEARN_FEATURES], logits[2 * N_BATCH], gradient[8];
    int64_t labels[N_BATCH];
    for (size_t i = 0; i < N_BATCH; i++) {
        memcpy(x + 3 * i, rows.x + 3 * i, 3 * sizeof *x);
        memcpy(logits + 2 * i, rows.logits + 3 * i, 2 * sizeof *logits);
        labels[i] = (int64_t)(i % 2);
    }
    const qst_train_data data = {.x = {x, N_BATCH, 3}, .labels = labels, .teacher = {logits, N_BATCH, 2}};
    for (size_t l = 0; l < 2; l++) {
        const qst_train_opts opts = opts_of(&(pairing){.loss = losses[l]});
        qsti_objective objective;
        qst_loss_terms terms;
        qst_model *model = NULL;
        assert_ok(ctx, qst_model_create(ctx, &(qst_model_opts){.kind = "logistic"}, 3, 2, &model));
        stir(model);
        assert_ok(ctx, qsti_objective_init(model, &data, &opts, N_BATCH, &objective));
        assert_ok(ctx, qsti_objective_gradient(&objective, model->weights, all, N_BATCH, &terms, gradient));
        for (size_t i = 0; i < model->n_weights; i++) {
            double w = model->weights[i], around[2];
            for (int side = 0; side < 2; side++) {
                double ignored[8];
                model->weights[i] = w + (side ? h : -h);
                assert_ok(ctx, qsti_objective_gradient(&objective, model->weights, all, N_BATCH, &terms, ignored));
                around[side] = terms.loss;
            }
            model->weights[i] = w;
            assert_true(fabs(gradient[i]) > 1e-4);
            assert_close(gradient[i], (around[1] - around[0]) / (2 * h), 1e-8);
        }
        qsti_objective_clear(&objective);
        qst_model_free(model);
    }
}

/* The head's weights are the last; each must move something. */
static void heads_have_gradients(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_PAIRINGS; k++) {
        qsti_objective objective;
        qst_model *model = make(&pairings[k], QST_DOUBLE, &objective);
        double gradient[256];
        qst_loss_terms terms;
        size_t n_head = strcmp(pairings[k].output, "logistic") == 0 ? model->n_weights : model->n_weights - 15;
        assert_ok(ctx, qsti_objective_gradient(&objective, model->weights, batch, N_BATCH, &terms, gradient));
        for (size_t i = model->n_weights - n_head; i < model->n_weights; i++) {
            assert_true(fabs(gradient[i]) > 1e-9);
        }
        qsti_objective_clear(&objective);
        qst_model_free(model);
    }
}

static void single_precision_is_near(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_PAIRINGS; k++) {
        qsti_objective exact, single;
        qst_model *model = make(&pairings[k], QST_DOUBLE, &exact);
        qst_model *single_model = make(&pairings[k], QST_SINGLE, &single);
        double expected[256], gradient[256];
        qst_loss_terms terms, single_terms;
        assert_ok(ctx, qsti_objective_gradient(&exact, model->weights, batch, N_BATCH, &terms, expected));
        assert_ok(ctx, qsti_objective_gradient(&single, model->weights, batch, N_BATCH, &single_terms, gradient));
        assert_close(single_terms.loss, terms.loss, 1e-5);
        for (size_t i = 0; i < model->n_weights; i++) {
            assert_close(gradient[i], expected[i], 2e-5);
        }
        qsti_objective_clear(&exact);
        qsti_objective_clear(&single);
        qst_model_free(model);
        qst_model_free(single_model);
    }
}

/* --- values ------------------------------------------------------------------------------------------------------- */

/* The loss is that of qst_loss_evaluate() on what the scores mean. */
static void values_are_those_of_the_losses(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_PAIRINGS; k++) {
        const pairing *p = &pairings[k];
        qsti_objective objective;
        qst_model *model = make(p, QST_DOUBLE, &objective);
        rows.labels[batch[4]] = -1; /* one row of the batch has no label */
        double x[N_BATCH * LEARN_FEATURES], z[N_BATCH * LEARN_CLASSES], t[N_BATCH * LEARN_CLASSES], gradient[256];
        int64_t labels[N_BATCH];
        const qst_train_data data = learn_taught(&rows, p->teacher);
        for (size_t i = 0; i < N_BATCH; i++) {
            memcpy(x + i * 3, rows.x + batch[i] * 3, 3 * sizeof *x);
            memcpy(t + i * 3, data.teacher.data + batch[i] * 3, 3 * sizeof *t);
            labels[i] = rows.labels[batch[i]];
        }
        assert_ok(ctx, qst_model_scores(model, (qst_const_matrix){x, N_BATCH, 3}, (qst_matrix){z, N_BATCH, 3}));
        for (size_t i = 0; i < N_BATCH * LEARN_CLASSES; i++) {
            z[i] = p->kind == QST_SCORE_probability ? log(z[i]) : z[i];
            t[i] = p->teacher == QST_SCORE_probability ? log(t[i]) : t[i];
        }
        const qst_loss_input input = {
            .student = {z, N_BATCH, 3}, .teacher = {t, N_BATCH, 3}, .labels = labels, .temperature = 2.5, .alpha = 0.6};
        qst_loss_terms terms, expected;
        assert_ok(ctx, qst_loss_evaluate(ctx, p->loss, &input, &expected, (qst_matrix){0}));
        assert_ok(ctx, qsti_objective_gradient(&objective, model->weights, batch, N_BATCH, &terms, gradient));
        assert_close(terms.loss, expected.loss, 1e-13);
        assert_true(isnan(expected.hard) ? isnan(terms.hard) : fabs(terms.hard - expected.hard) <= 1e-13);
        assert_true(isnan(expected.soft) ? isnan(terms.soft) : fabs(terms.soft - expected.soft) <= 1e-13);
        learn_rows_make(&rows, 20, 1);
        qsti_objective_clear(&objective);
        qst_model_free(model);
    }
}

/* Rule 21: a model that is its own teacher has nothing to learn. */
static void self_distillation_is_a_fixed_point(void **state)
{
    (void)state;
    const pairing selves[] = {
        {"z", QST_HEAD_none, QST_SCORE_expectation, QST_LOSS_expectation_mse, QST_SCORE_expectation},
        {"z", QST_HEAD_none, QST_SCORE_expectation, QST_LOSS_kd, QST_SCORE_expectation},
        {"grouped", QST_HEAD_none, QST_SCORE_probability, QST_LOSS_kd, QST_SCORE_probability},
        {"grouped", QST_HEAD_none, QST_SCORE_probability, QST_LOSS_logit_mse, QST_SCORE_probability},
        {"z", QST_HEAD_scale, QST_SCORE_logit, QST_LOSS_kd, QST_SCORE_logit},
        {"zz", QST_HEAD_linear, QST_SCORE_logit, QST_LOSS_kd, QST_SCORE_logit},
        {"zz", QST_HEAD_linear, QST_SCORE_logit, QST_LOSS_logit_mse, QST_SCORE_logit},
        {"logistic", QST_HEAD_none, QST_SCORE_logit, QST_LOSS_kd, QST_SCORE_logit},
    };
    for (size_t k = 0; k < sizeof selves / sizeof *selves; k++) {
        qst_model *model = learn_model(ctx, selves[k].output, selves[k].head, QST_DOUBLE);
        double scores[20 * LEARN_CLASSES], gradient[256];
        qst_train_opts opts = opts_of(&selves[k]);
        qst_train_data data = learn_labelled(&rows);
        qsti_objective objective;
        qst_loss_terms terms;
        opts.alpha = 1;
        stir(model);
        assert_ok(ctx, qst_model_scores(model, data.x, (qst_matrix){scores, rows.n, LEARN_CLASSES}));
        data.teacher = (qst_const_matrix){scores, rows.n, LEARN_CLASSES};
        data.teacher_kind = selves[k].teacher;
        assert_ok(ctx, qsti_objective_init(model, &data, &opts, rows.n, &objective));
        assert_ok(ctx, qsti_objective_gradient(&objective, model->weights, batch, N_BATCH, &terms, gradient));
        assert_close(terms.loss, 0, 0);
        for (size_t i = 0; i < model->n_weights; i++) {
            assert_close(gradient[i], 0, 0);
        }
        qsti_objective_clear(&objective);
        qst_model_free(model);
    }
}

/* A probability of 0 counts as 1e-12 and has no gradient. */
static void probabilities_have_a_floor(void **state)
{
    (void)state;
    const double p[3] = {0, 1e-13, 1};
    double z[3];
    qsti_scores_to_logits(QST_SCORE_probability, p, 3, z);
    assert_close(z[0], log(1e-12), 0);
    assert_close(z[1], log(1e-12), 0);
    assert_close(z[2], 0, 0);
    qsti_scores_to_logits(QST_SCORE_log_probability, p, 3, z);
    assert_memory_equal(z, p, sizeof p);
}

/* --- judging ------------------------------------------------------------------------------------------------------ */

static void judging_all_rows(void **state)
{
    (void)state;
    const pairing p = {"z", QST_HEAD_linear, QST_SCORE_logit, QST_LOSS_kd, QST_SCORE_logit};
    qsti_objective objective;
    qst_model *model = make(&p, QST_DOUBLE, &objective);
    double z[20 * LEARN_CLASSES];
    size_t n_right = 0, n_labelled = 0, n_agree = 0;
    double cross_entropy = 0;
    for (size_t i = 0; i < rows.n; i += 3) {
        rows.labels[i] = -1;
    }
    assert_ok(ctx, qst_model_scores(model, (qst_const_matrix){rows.x, rows.n, 3}, (qst_matrix){z, rows.n, 3}));
    for (size_t i = 0; i < rows.n; i++) {
        double log_p[3];
        size_t best = qsti_argmax(z + i * 3, 3);
        qsti_log_softmax(z + i * 3, 3, 1, log_p);
        n_agree += best == qsti_argmax(rows.logits + i * 3, 3);
        if (rows.labels[i] >= 0) {
            n_labelled++;
            n_right += best == (size_t)rows.labels[i];
            cross_entropy -= log_p[rows.labels[i]];
        }
    }
    qsti_judgement judgement;
    assert_ok(ctx, qsti_objective_judge(&objective, model->weights, &judgement));
    assert_close(judgement.accuracy, (double)n_right / (double)n_labelled, 1e-15);
    assert_close(judgement.agreement, (double)n_agree / (double)rows.n, 1e-15);
    assert_close(judgement.cross_entropy, cross_entropy / (double)n_labelled, 1e-13);
    assert_true(isfinite(judgement.loss) && judgement.loss != judgement.cross_entropy);
    for (size_t i = 0; i < rows.n; i++) {
        rows.labels[i] = -1;
    }
    assert_ok(ctx, qsti_objective_judge(&objective, model->weights, &judgement));
    assert_true(isnan(judgement.accuracy) && isnan(judgement.cross_entropy) && isfinite(judgement.loss));
    learn_rows_make(&rows, 20, 1);
    qsti_objective_clear(&objective);
    qst_model_free(model);
}

/* Of equal scores the first counts: a head of zeros calls everything class 0. */
static void ties_go_to_the_first(void **state)
{
    (void)state;
    const pairing p = {"z", QST_HEAD_linear, QST_SCORE_logit, QST_LOSS_ce, QST_SCORE_logit};
    qsti_objective objective;
    qst_model *model = make(&p, QST_DOUBLE, &objective);
    qsti_judgement judgement;
    size_t n_first = 0;
    memset(model->weights + 15, 0, (model->n_weights - 15) * sizeof *model->weights);
    for (size_t i = 0; i < rows.n; i++) {
        n_first += rows.labels[i] == 0;
    }
    assert_ok(ctx, qsti_objective_judge(&objective, model->weights, &judgement));
    assert_close(judgement.accuracy, (double)n_first / (double)rows.n, 1e-15);
    assert_close(judgement.cross_entropy, log(3), 1e-15);
    qsti_objective_clear(&objective);
    qst_model_free(model);
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

static void refuse(const qst_train_data *data, const qst_train_opts *opts, qst_status expected, const char *part)
{
    qst_model *model = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
    qsti_objective objective = {.batch = 99};
    assert_status(ctx, qsti_objective_init(model, data, opts, rows.n, &objective), expected);
    assert_message(ctx, part);
    assert_int_equal(objective.batch, 99);
    qst_model_free(model);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    qst_train_data data = learn_labelled(&rows);
    data.x.n_cols = 2;
    refuse(&data, &opts, QST_ERR_MISMATCH, "the samples have 2 features, the model takes 3");
    data = learn_labelled(&rows);
    data.x.n_rows = 0;
    refuse(&data, &opts, QST_ERR_MISMATCH, "no rows to train on");
    data = learn_labelled(&rows);
    data.labels = NULL;
    refuse(&data, &opts, QST_ERR_USAGE, "the loss ce needs labels");
    opts.loss = QST_LOSS_kd;
    data = learn_labelled(&rows);
    refuse(&data, &opts, QST_ERR_USAGE, "the loss kd needs a teacher's scores");
    data = learn_taught(&rows, QST_SCORE_logit);
    data.teacher.n_rows = 19;
    refuse(&data, &opts, QST_ERR_MISMATCH, "shape (19, 3), the student gives (20, 3)");
    data = learn_taught(&rows, QST_SCORE_logit);
    data.teacher.n_cols = 4;
    refuse(&data, &opts, QST_ERR_MISMATCH, "shape (20, 4), the student gives (20, 3)");
    opts.loss = QST_LOSS_ce; /* it has no use for them, but they are gathered with the rows */
    refuse(&data, &opts, QST_ERR_MISMATCH, "shape (20, 4)");
    opts.loss = QST_LOSS_expectation_mse;
    data = learn_taught(&rows, QST_SCORE_logit);
    refuse(&data, &opts, QST_ERR_MISMATCH, "these are of kind logit; logit_mse takes those");
    opts.loss = QST_LOSS_logit_mse;
    data = learn_taught(&rows, QST_SCORE_expectation);
    refuse(&data, &opts, QST_ERR_MISMATCH, "expectation_mse takes those");
}

static void bad_values_are_refused(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    opts.loss = QST_LOSS_kd;
    const qst_train_data data = learn_taught(&rows, QST_SCORE_logit);
    rows.x[7] = NAN;
    refuse(&data, &opts, QST_ERR_INPUT, "the samples: row 2, column 1: nan is not finite");
    learn_rows_make(&rows, 20, 1);
    rows.logits[4] = INFINITY;
    refuse(&data, &opts, QST_ERR_INPUT, "the teacher's scores: row 1, column 1: inf is not finite");
    learn_rows_make(&rows, 20, 1);
    rows.labels[5] = 3;
    refuse(&data, &opts, QST_ERR_INPUT, "label 3 of row 5 is no class: 0..2 (or -1: no label)");
    rows.labels[5] = -2;
    refuse(&data, &opts, QST_ERR_INPUT, "label -2 of row 5 is no class");
    learn_rows_make(&rows, 20, 1);
}

/* Scores or losses beyond all numbers are divergence, not bad input. */
static void overflow_is_divergence(void **state)
{
    (void)state;
    const pairing p = {"z", QST_HEAD_linear, QST_SCORE_logit, QST_LOSS_ce, QST_SCORE_logit};
    qsti_objective objective;
    qst_model *model = make(&p, QST_DOUBLE, &objective);
    double gradient[256];
    qst_loss_terms terms;
    qsti_judgement judgement;
    for (size_t i = 15; i < model->n_weights; i++) {
        model->weights[i] = i % 2 ? 1.5e308 : -1.5e308;
    }
    assert_status(ctx, qsti_objective_gradient(&objective, model->weights, batch, N_BATCH, &terms, gradient),
                  QST_ERR_DIVERGED);
    assert_status(ctx, qsti_objective_judge(&objective, model->weights, &judgement), QST_ERR_DIVERGED);
    qsti_objective_clear(&objective);
    qst_model_free(model);
}

/* --- scores that are no numbers ----------------------------------------------------------------------------------- */

/* A model some of whose scores are spoilt on their way: (row, column) of the call. */
static struct {
    const qsti_model_type *inner;
    qst_block_fn *fn;
    void *user;
    size_t rows[3], columns[3], n;
    atomic_bool infinite; /* a cotangent that is no number has been seen */
} spoilt;

static void spoil_block(void *user, const qst_block *block)
{
    (void)user;
    double values[LEARN_CLASSES * 16];
    qst_block changed = *block;
    memcpy(values, block->values, LEARN_CLASSES * block->lanes * sizeof *values);
    for (size_t i = 0; i < spoilt.n; i++) {
        size_t lane = spoilt.rows[i] - block->first_row;
        if (spoilt.rows[i] >= block->first_row && lane < block->n_rows) {
            values[spoilt.columns[i] * block->lanes + lane] = i == 1 ? -INFINITY : NAN;
        }
    }
    changed.values = values;
    spoilt.fn(spoilt.user, &changed);
    for (size_t i = 0; i < LEARN_CLASSES * block->lanes && block->cotangents != NULL; i++) {
        if (!isfinite(block->cotangents[i])) {
            atomic_store(&spoilt.infinite, true);
        }
    }
}

static qst_status spoilt_gradient(qst_model *model, const qsti_pass *pass)
{
    qsti_pass changed = *pass;
    spoilt.fn = pass->fn;
    spoilt.user = pass->user;
    changed.fn = spoil_block;
    changed.user = NULL;
    return spoilt.inner->gradient(model, &changed);
}

static qst_status spoilt_evaluate(qst_model *model, const double *weights, qst_const_matrix x, qst_block_fn *fn,
                                  void *user, size_t n_sums, double *out_sums)
{
    spoilt.fn = fn;
    spoilt.user = user;
    return spoilt.inner->evaluate(model, weights, x, spoil_block, NULL, n_sums, out_sums);
}

/* Of several bad scores in several blocks that of the first row is reported, whoever came first; and the next call
 * knows nothing of it. */
static void the_first_bad_score_is_reported(void **state)
{
    (void)state;
    static const struct {
        size_t rows[3], columns[3];
        const char *message;
    } cases[] = {
        {{18, 9, 12}, {0, 2, 1}, "student scores: row 9, column 2: -inf is not finite"},
        {{19, 19, 3}, {1, 0, 1}, "student scores: row 3, column 1: "},
        {{17, 17, 17}, {2, 1, 2}, "student scores: row 17, column 1: -inf is not finite"},
    };
    size_t all[20];
    for (size_t i = 0; i < 20; i++) {
        all[i] = 19 - i;
    }
    for (size_t k = 0; k < N_PAIRINGS; k++) {
        qst_ctx *outer = ctx;
        ctx = support_ctx(1 + (int)k % 4);
        qsti_objective objective;
        qst_model *model = make(&pairings[k], k % 3 ? QST_DOUBLE : QST_SINGLE, &objective);
        qsti_model_type type = *model->type;
        double gradient[256], expected[256];
        qst_loss_terms terms = {5, 6, 7, 8}, before = terms;
        qsti_judgement judgement = {5, 6, 7, 8};
        spoilt.inner = model->type;
        type.gradient = spoilt_gradient;
        type.evaluate = spoilt_evaluate;
        model->type = &type;
        for (size_t i = 0; i < 3; i++) {
            spoilt.n = 3;
            memcpy(spoilt.rows, cases[i].rows, sizeof spoilt.rows);
            memcpy(spoilt.columns, cases[i].columns, sizeof spoilt.columns);
            assert_status(ctx, qsti_objective_gradient(&objective, model->weights, all, 20, &terms, gradient),
                          QST_ERR_DIVERGED);
            assert_message(ctx, cases[i].message);
            assert_status(ctx, qsti_objective_judge(&objective, model->weights, &judgement), QST_ERR_DIVERGED);
            assert_message(ctx, cases[i].message);
            assert_memory_equal(&terms, &before, sizeof terms);
            assert_true(judgement.loss == 5);
            assert_false(spoilt.infinite);
        }
        spoilt.n = 0;
        assert_ok(ctx, qsti_objective_gradient(&objective, model->weights, all, 20, &terms, gradient));
        model->type = spoilt.inner;
        assert_ok(ctx, qsti_objective_gradient(&objective, model->weights, all, 20, &terms, expected));
        assert_memory_equal(gradient, expected, model->n_weights * sizeof *gradient);
        qsti_objective_clear(&objective);
        qst_model_free(model);
        qst_ctx_free(ctx);
        ctx = outer;
    }
}

/* Scores and a loss that are numbers, and a head so steep that what goes back through it is none: with two classes'
 * rows of W at +-1.5e308 and cotangents of +-1. The gradient shows it, and its circuit part is no news from anywhere
 * else. */
static void a_gradient_beyond_all_numbers_is_seen(void **state)
{
    (void)state;
    const pairing p = {"z", QST_HEAD_linear, QST_SCORE_logit, QST_LOSS_ce, QST_SCORE_logit};
    qsti_objective objective;
    qst_model *model = make(&p, QST_DOUBLE, &objective);
    size_t n_seen = 0;
    for (size_t row = 0; row < 2 * rows.n; row++) {
        double gradient[256], sign = row % 2 ? 1 : -1;
        qst_loss_terms terms;
        memset(model->weights + 15, 0, (model->n_weights - 15) * sizeof *model->weights);
        model->weights[15] = sign * 1.5e308;
        model->weights[18] = -sign * 1.5e308;
        if (qsti_objective_gradient(&objective, model->weights, (size_t[]){row / 2}, 1, &terms, gradient) == QST_OK &&
            terms.loss > 1e300 && rows.labels[row / 2] < 2) {
            assert_true(isnan(gradient[15]));
            for (size_t i = 0; i < 15; i++) {
                assert_true(gradient[i] == 0);
            }
            n_seen++;
        }
    }
    assert_true(n_seen > 2);
    qsti_objective_clear(&objective);
    qst_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_by_differences),
        cmocka_unit_test(two_classes_of_a_linear_layer),
        cmocka_unit_test(heads_have_gradients),
        cmocka_unit_test(single_precision_is_near),
        cmocka_unit_test(values_are_those_of_the_losses),
        cmocka_unit_test(self_distillation_is_a_fixed_point),
        cmocka_unit_test(probabilities_have_a_floor),
        cmocka_unit_test(judging_all_rows),
        cmocka_unit_test(ties_go_to_the_first),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(bad_values_are_refused),
        cmocka_unit_test(overflow_is_divergence),
        cmocka_unit_test(the_first_bad_score_is_reported),
        cmocka_unit_test(a_gradient_beyond_all_numbers_is_seen),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

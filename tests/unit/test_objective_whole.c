/* test_objective_whole.c: objectives that take whole batches: every loss as the loss and as a term, through heads and
 * kinds of scores, by finite differences; schedules and epochs; what they must not change.
 */
#include "learn_cases.h"

#define N_MODELS 3

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

/* Students whose scores are of each kind, and what their teachers give. */
typedef struct pairing {
    const char *output;
    qst_head head;
    qst_score_kind teacher;
} pairing;
static const pairing models[N_MODELS] = {
    {"z", QST_HEAD_none, QST_SCORE_expectation},
    {"grouped", QST_HEAD_none, QST_SCORE_probability},
    {"z", QST_HEAD_linear, QST_SCORE_logit},
};

/* The rows of one batch, in no order. */
static const size_t batch[] = {3, 19, 0, 7, 8, 12, 11};
#define N_BATCH (sizeof batch / sizeof *batch)

typedef struct setting {
    qst_train_opts opts;
    qst_loss_plan plan;
    qst_loss_term terms[3];
    qst_model *model;
    qsti_objective objective;
} setting;

/* Three scores are no distribution over bitstrings; logit_mse is not for expectation values, expectation_mse for those
 * alone. */
static bool fits(qst_loss loss, const pairing *p)
{
    if (loss == QST_LOSS_distribution_mmd || loss == QST_LOSS_similarity_fidelity ||
        (loss == QST_LOSS_logit_mse && p->teacher == QST_SCORE_expectation)) {
        return false;
    }
    return loss != QST_LOSS_expectation_mse || p->teacher == QST_SCORE_expectation;
}

static void prepare(setting *s, qst_loss loss)
{
    *s = (setting){.opts = learn_opts(), .plan = qst_loss_plan_default()};
    s->opts.loss = loss;
    s->opts.temperature = 2.5;
    s->opts.alpha = 0.6;
    s->opts.plan = &s->plan;
    s->plan.terms = s->terms;
}

static void add_term(setting *s, qst_loss loss, double weight)
{
    s->terms[s->plan.n_terms++] = (qst_loss_term){
        .loss = loss, .weight = weight, .temperature = 1.7, .parameters = qst_loss_parameters_default()};
}

static void start(setting *s, qst_ctx *of, const pairing *p)
{
    const qst_train_data data = learn_taught(&rows, p->teacher);
    s->model = learn_model(of, p->output, p->head, QST_DOUBLE);
    for (size_t i = 0; i < s->model->n_weights; i++) {
        s->model->weights[i] += 0.3 * sin(1.7 * (double)i + 1);
    }
    assert_ok(of, qsti_objective_init(s->model, &data, &s->opts, rows.n, &s->objective));
    qsti_objective_begin_epoch(&s->objective, 0);
}

static void finish(setting *s)
{
    qsti_objective_clear(&s->objective);
    qst_model_free(s->model);
}

static qst_loss_terms gradient_of(setting *s, double *gradient)
{
    qst_loss_terms terms;
    assert_ok(s->model->ctx,
              qsti_objective_gradient(&s->objective, s->model->weights, batch, N_BATCH, &terms, gradient));
    return terms;
}

/* --- gradients ---------------------------------------------------------------------------------------------------- */

static void compare_with_differences(setting *s)
{
    const double h = 1e-5;
    double gradient[256], ignored[256], largest = 0;
    gradient_of(s, gradient);
    for (size_t i = 0; i < s->model->n_weights; i++) {
        double w = s->model->weights[i];
        s->model->weights[i] = w + h;
        double above = gradient_of(s, ignored).loss;
        s->model->weights[i] = w - h;
        double below = gradient_of(s, ignored).loss;
        s->model->weights[i] = w;
        assert_close(gradient[i], (above - below) / (2 * h), 1e-7 * fmax(1, fabs(gradient[i])));
        largest = fmax(largest, fabs(gradient[i]));
    }
    assert_true(largest > 1e-4);
}

static void gradients_by_differences(void **state)
{
    (void)state;
    rows.labels[7] = -1; /* one row of the batch has no label */
    for (int loss = 0; loss < QST_LOSS_COUNT; loss++) {
        for (size_t k = 0; k < N_MODELS; k++) {
            for (int as_term = 0; as_term < 2 && fits((qst_loss)loss, &models[k]); as_term++) {
                setting s;
                prepare(&s, as_term ? QST_LOSS_ce : (qst_loss)loss);
                if (as_term) {
                    add_term(&s, (qst_loss)loss, 0.7);
                }
                start(&s, ctx, &models[k]);
                compare_with_differences(&s);
                finish(&s);
            }
        }
    }
    learn_rows_make(&rows, 20, 1);
}

/* A loss and its terms are the sum of their values and gradients. */
static void terms_add_up(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_MODELS; k++) {
        setting whole, main_loss, alone;
        double sum[256] = {0}, expected = 0, gradient[256];
        prepare(&whole, QST_LOSS_dkd);
        add_term(&whole, QST_LOSS_rkd_distance, 25);
        add_term(&whole, QST_LOSS_kd, 0.5);
        start(&whole, ctx, &models[k]);
        prepare(&main_loss, QST_LOSS_dkd);
        start(&main_loss, ctx, &models[k]);
        expected += gradient_of(&main_loss, sum).loss;
        for (size_t i = 0; i < 2; i++) {
            const qst_loss_term *term = &whole.terms[i];
            prepare(&alone, term->loss);
            alone.opts.alpha = 1;
            alone.opts.temperature = term->temperature;
            start(&alone, ctx, &models[k]);
            expected += term->weight * gradient_of(&alone, gradient).loss;
            for (size_t j = 0; j < alone.model->n_weights; j++) {
                sum[j] += term->weight * gradient[j];
            }
            finish(&alone);
        }
        assert_close(gradient_of(&whole, gradient).loss, expected, 1e-13 * fmax(1, expected));
        for (size_t j = 0; j < whole.model->n_weights; j++) {
            assert_close(gradient[j], sum[j], 1e-13 * fmax(1, fabs(sum[j])));
        }
        finish(&whole);
        finish(&main_loss);
    }
}

/* kd goes block by block when it is alone, and as one part of the batch beside a term. */
static void both_ways_agree(void **state)
{
    (void)state;
    const qst_loss losses[] = {QST_LOSS_ce, QST_LOSS_kd, QST_LOSS_logit_mse, QST_LOSS_expectation_mse};
    for (size_t k = 0; k < 4 * N_MODELS; k++) {
        setting blocks, whole;
        double gradient[256], expected[256];
        if (!fits(losses[k % 4], &models[k / 4])) {
            continue;
        }
        prepare(&blocks, losses[k % 4]);
        start(&blocks, ctx, &models[k / 4]);
        prepare(&whole, losses[k % 4]);
        add_term(&whole, QST_LOSS_rkd_distance, 1e-300);
        start(&whole, ctx, &models[k / 4]);
        blocks.objective.measuring = whole.objective.measuring = true;
        qst_loss_terms a = gradient_of(&blocks, expected), b = gradient_of(&whole, gradient);
        assert_close(b.loss, a.loss, 1e-14);
        for (size_t i = 0; i < whole.model->n_weights; i++) {
            assert_close(gradient[i], expected[i], 1e-14);
        }
        for (size_t i = 0; i < 2; i++) {
            const qsti_objective_part *left = &blocks.objective.parts[i], *right = &whole.objective.parts[i];
            assert_int_equal(isnan(left->value), isnan(right->value));
            assert_int_equal(isnan(left->norm), isnan(right->norm));
            assert_true(isnan(left->value) || fabs(left->value - right->value) < 1e-14);
            assert_true(isnan(left->norm) || (left->norm > 0 && fabs(left->norm - right->norm) < 1e-13 * left->norm));
        }
        finish(&blocks);
        finish(&whole);
    }
}

/* --- epochs and schedules ----------------------------------------------------------------------------------------- */

static void assert_same_gradient(setting *a, setting *b)
{
    double left[256], right[256];
    qst_loss_terms of_left = gradient_of(a, left), of_right = gradient_of(b, right);
    assert_true(of_left.loss == of_right.loss);
    assert_memory_equal(left, right, a->model->n_weights * sizeof *left);
}

/* In epochs when a term does not count it is as if it were not there, to the bit; so with the teacher's part. */
static void what_does_not_count_changes_nothing(void **state)
{
    (void)state;
    const qst_loss losses[] = {QST_LOSS_kd, QST_LOSS_dist};
    for (size_t k = 0; k < 2 * N_MODELS; k++) {
        setting s, plain, labels;
        prepare(&s, losses[k % 2]);
        add_term(&s, QST_LOSS_rkd_angle, 3);
        s.terms[0].first_epoch = 2;
        s.terms[0].last_epoch = 3;
        s.plan.first_epoch = 3;
        s.plan.last_epoch = 5;
        start(&s, ctx, &models[k / 2]);
        prepare(&plain, losses[k % 2]);
        start(&plain, ctx, &models[k / 2]);
        prepare(&labels, QST_LOSS_ce);
        start(&labels, ctx, &models[k / 2]);
        assert_same_gradient(&s, &labels); /* epoch 1 */
        assert_true(isnan(s.objective.parts[QSTI_PART_TERMS].value));
        qsti_objective_begin_epoch(&s.objective, 2); /* epoch 3: both */
        double ignored[256];
        assert_true(gradient_of(&s, ignored).loss > gradient_of(&plain, ignored).loss);
        assert_true(s.objective.parts[QSTI_PART_TERMS].value > 0);
        qsti_objective_begin_epoch(&s.objective, 3); /* epoch 4: the loss alone */
        assert_same_gradient(&s, &plain);
        qsti_objective_begin_epoch(&s.objective, 5); /* epoch 6: labels */
        assert_same_gradient(&s, &labels);
        finish(&s);
        finish(&plain);
        finish(&labels);
    }
}

/* Epoch by epoch the loss at that temperature and alpha. */
static void schedules(void **state)
{
    (void)state;
    const qst_loss losses[] = {QST_LOSS_kd, QST_LOSS_dkd};
    const double temperatures[] = {5, 4, 3, 2, 1}, cosines[] = {0.9, 0, 0.5, 0, 0.1};
    for (size_t k = 0; k < 2; k++) {
        setting s, at;
        prepare(&s, losses[k]);
        s.opts.epochs = 5;
        s.opts.temperature = 5;
        s.opts.alpha = 0.9;
        s.plan.temperature_schedule = QST_SCHEDULE_linear;
        s.plan.temperature_end = 1;
        s.plan.alpha_schedule = QST_SCHEDULE_cosine;
        s.plan.alpha_end = 0.1;
        start(&s, ctx, &models[1]);
        for (size_t epoch = 5; epoch-- > 0;) {
            qsti_loss_state now = qsti_loss_plan_state(&s.opts, epoch);
            assert_close(now.temperature, temperatures[epoch], 1e-15);
            if (epoch % 2 == 0) {
                assert_close(now.alpha, cosines[epoch], 1e-15);
            }
            prepare(&at, losses[k]);
            at.opts.temperature = now.temperature;
            at.opts.alpha = now.alpha;
            start(&at, ctx, &models[1]);
            qsti_objective_begin_epoch(&s.objective, epoch);
            assert_same_gradient(&s, &at);
            finish(&at);
        }
        finish(&s);
    }
}

static void turns_are_known(void **state)
{
    (void)state;
    setting s;
    prepare(&s, QST_LOSS_kd);
    add_term(&s, QST_LOSS_pkt, 1);
    s.terms[0].last_epoch = 3;
    s.plan.first_epoch = 6;
    const bool expected[] = {false, false, false, true, false, true, false, false};
    for (size_t epoch = 0; epoch < 8; epoch++) {
        assert_int_equal(qsti_loss_plan_turns(&s.opts, epoch), expected[epoch]);
    }
}

/* --- what must not matter ----------------------------------------------------------------------------------------- */

/* Rule 21 through models: a student that is its own teacher has nothing to learn, from any loss. */
static void self_distillation_is_a_fixed_point(void **state)
{
    (void)state;
    for (int loss = 0; loss < QST_LOSS_COUNT; loss++) {
        for (size_t k = 0; k < N_MODELS && qst_loss_describe((qst_loss)loss)->needs_teacher; k++) {
            setting s;
            double scores[20 * LEARN_CLASSES], gradient[256];
            if (!fits((qst_loss)loss, &models[k])) {
                continue;
            }
            prepare(&s, (qst_loss)loss);
            s.opts.alpha = 1;
            start(&s, ctx, &models[k]);
            qst_train_data data = learn_labelled(&rows);
            assert_ok(ctx, qst_model_scores(s.model, data.x, (qst_matrix){scores, rows.n, LEARN_CLASSES}));
            data.teacher = (qst_const_matrix){scores, rows.n, LEARN_CLASSES};
            data.teacher_kind = qst_model_score_kind(s.model);
            qsti_objective_clear(&s.objective);
            assert_ok(ctx, qsti_objective_init(s.model, &data, &s.opts, rows.n, &s.objective));
            assert_close(gradient_of(&s, gradient).loss, 0, 0);
            for (size_t i = 0; i < s.model->n_weights; i++) {
                assert_close(gradient[i], 0, 0);
            }
            finish(&s);
        }
    }
}

static void threads_do_not_matter(void **state)
{
    (void)state;
    qst_ctx *one = support_ctx(1), *three = support_ctx(3);
    setting a, b;
    prepare(&a, QST_LOSS_dkd);
    add_term(&a, QST_LOSS_rkd_angle, 3);
    prepare(&b, QST_LOSS_dkd);
    add_term(&b, QST_LOSS_rkd_angle, 3);
    start(&a, one, &models[2]);
    start(&b, three, &models[2]);
    assert_same_gradient(&a, &b);
    finish(&a);
    finish(&b);
    qst_ctx_free(one);
    qst_ctx_free(three);
}

static void nothing_is_allocated_after_the_first_step(void **state)
{
    (void)state;
    setting s;
    double gradient[256];
    prepare(&s, QST_LOSS_dist);
    add_term(&s, QST_LOSS_rkd_angle, 3);
    add_term(&s, QST_LOSS_distribution_js, 3);
    start(&s, ctx, &models[1]);
    gradient_of(&s, gradient);
    uint64_t before = qsti_ctx_allocations(ctx);
    for (size_t epoch = 0; epoch < 4; epoch++) {
        qsti_objective_begin_epoch(&s.objective, epoch);
        gradient_of(&s, gradient);
    }
    assert_int_equal(qsti_ctx_allocations(ctx), before);
    finish(&s);
}

/* --- states ------------------------------------------------------------------------------------------------------- */

/* States of two qubits for every row, as of another circuit. */
static void imagine_states(double *out)
{
    for (size_t i = 0; i < 20; i++) {
        double norm = 0;
        for (size_t c = 0; c < 8; c++) {
            out[i * 8 + c] = sin(1.3 * (double)(i * 8 + c) + rows.x[3 * i]);
            norm += out[i * 8 + c] * out[i * 8 + c];
        }
        for (size_t c = 0; c < 8; c++) {
            out[i * 8 + c] /= sqrt(norm);
        }
    }
}

/* Starts anew with a term of fidelities to such states. */
static void add_states(setting *s, const pairing *p, const double *states, size_t n_cols)
{
    qst_train_data data = learn_taught(&rows, p->teacher);
    data.teacher_states = (qst_const_matrix){states, rows.n, n_cols};
    qsti_objective_clear(&s->objective);
    add_term(s, QST_LOSS_similarity_fidelity, 30);
    assert_ok(ctx, qsti_objective_init(s->model, &data, &s->opts, rows.n, &s->objective));
    qsti_objective_begin_epoch(&s->objective, 0);
}

/* Beside a loss that goes block by block, and one that takes whole batches. */
static void states_have_gradients(void **state)
{
    (void)state;
    const qst_loss losses[] = {QST_LOSS_kd, QST_LOSS_dist};
    double states[20 * 8];
    imagine_states(states);
    for (size_t k = 0; k < 2 * N_MODELS; k++) {
        setting s;
        prepare(&s, losses[k % 2]);
        start(&s, ctx, &models[k / 2]);
        add_states(&s, &models[k / 2], states, 8);
        s.objective.measuring = true;
        compare_with_differences(&s);
        const qsti_objective_part *part = &s.objective.parts[QSTI_PART_TERMS];
        assert_true(part->value > 1e-4 && part->norm > 1e-4);
        finish(&s);
    }
}

/* The student's own states: nothing to learn from them. */
static void own_states_are_a_fixed_point(void **state)
{
    (void)state;
    setting plain, s;
    double states[20 * 16], with[256], without[256];
    qst_program *program = NULL;
    qst_readout *readout = NULL;
    prepare(&plain, QST_LOSS_kd);
    start(&plain, ctx, &models[2]);
    assert_ok(ctx, qst_readout_amplitudes(ctx, 3, &readout));
    assert_ok(ctx, qst_program_compile(ctx, qst_model_circuit(plain.model), readout,
                                       &(qst_compile_opts){.layout = QST_LAYOUT_SMALL}, &program));
    assert_ok(ctx, qst_program_forward(program, plain.model->weights, learn_labelled(&rows).x,
                                       (qst_matrix){states, rows.n, 16}));
    prepare(&s, QST_LOSS_kd);
    start(&s, ctx, &models[2]);
    add_states(&s, &models[2], states, 16);
    assert_true(gradient_of(&s, with).loss == gradient_of(&plain, without).loss);
    assert_memory_equal(with, without, s.model->n_weights * sizeof *with);
    finish(&s);
    finish(&plain);
    qst_program_free(program);
    qst_readout_free(readout);
}

/* --- judging ------------------------------------------------------------------------------------------------------ */

/* All rows: the loss is that of qst_loss_evaluate(), the rest as for kd. */
static void judging_all_rows(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_MODELS; k++) {
        setting s, kd;
        qsti_judgement judgement, expected;
        double z[20 * LEARN_CLASSES], t[20 * LEARN_CLASSES];
        rows.labels[4] = -1;
        prepare(&s, QST_LOSS_dkd);
        add_term(&s, QST_LOSS_pkt, 1); /* which is not judged */
        start(&s, ctx, &models[k]);
        prepare(&kd, QST_LOSS_kd);
        start(&kd, ctx, &models[k]);
        assert_ok(ctx, qsti_objective_judge(&s.objective, s.model->weights, &judgement));
        assert_ok(ctx, qsti_objective_judge(&kd.objective, s.model->weights, &expected));
        assert_true(judgement.accuracy == expected.accuracy && judgement.agreement == expected.agreement);
        assert_close(judgement.cross_entropy, expected.cross_entropy, 1e-13);
        const qst_train_data data = learn_taught(&rows, models[k].teacher);
        assert_ok(ctx, qst_model_scores(s.model, data.x, (qst_matrix){z, rows.n, LEARN_CLASSES}));
        qsti_scores_to_logits(s.model->score_kind, z, 60, z);
        qsti_scores_to_logits(data.teacher_kind, data.teacher.data, 60, t);
        const qst_loss_input input = {.student = {z, rows.n, 3},
                                      .teacher = {t, rows.n, 3},
                                      .labels = rows.labels,
                                      .temperature = 2.5,
                                      .alpha = 0.6};
        qst_loss_terms terms;
        assert_ok(ctx, qst_loss_evaluate(ctx, QST_LOSS_dkd, &input, &terms, (qst_matrix){0}));
        assert_close(judgement.loss, terms.loss, 1e-13);
        finish(&s);
        finish(&kd);
        learn_rows_make(&rows, 20, 1);
    }
}

/* Losses over pairs are judged batch by batch: of batches as large as all rows, the same. */
static void judging_by_batches(void **state)
{
    (void)state;
    setting s;
    qsti_judgement parts, whole;
    prepare(&s, QST_LOSS_rkd_distance);
    s.opts.alpha = 1;
    s.opts.batch = 7;
    start(&s, ctx, &models[2]);
    assert_ok(ctx, qsti_objective_judge(&s.objective, s.model->weights, &parts));
    s.objective.opts.batch = 1000;
    assert_ok(ctx, qsti_objective_judge(&s.objective, s.model->weights, &whole));
    size_t all[20];
    for (size_t i = 0; i < 20; i++) {
        all[i] = i;
    }
    qst_loss_terms terms;
    double gradient[256];
    assert_ok(ctx, qsti_objective_gradient(&s.objective, s.model->weights, all, 20, &terms, gradient));
    assert_close(whole.loss, terms.loss, 1e-14);
    assert_true(parts.loss > 0 && parts.loss != whole.loss);
    finish(&s);
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

static void refuse(setting *s, const qst_train_data *data, qst_status expected, const char *part)
{
    qst_model *model = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
    qsti_objective objective = {.batch = 99};
    assert_status(ctx, qsti_objective_init(model, data, &s->opts, rows.n, &objective), expected);
    assert_message(ctx, part);
    assert_int_equal(objective.batch, 99);
    qst_model_free(model);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    const qst_train_data labelled = learn_labelled(&rows), taught = learn_taught(&rows, QST_SCORE_logit);
    qst_train_data unlabelled = taught;
    setting s;
    unlabelled.labels = NULL;
    prepare(&s, QST_LOSS_ce);
    add_term(&s, QST_LOSS_pkt, 1);
    refuse(&s, &labelled, QST_ERR_USAGE, "the loss pkt needs a teacher's scores");
    prepare(&s, QST_LOSS_logit_mse);
    add_term(&s, QST_LOSS_label_smoothing, 1);
    refuse(&s, &unlabelled, QST_ERR_USAGE, "needs labels, for its terms");
    prepare(&s, QST_LOSS_logit_mse);
    s.plan.first_epoch = 4;
    refuse(&s, &unlabelled, QST_ERR_USAGE, "needs labels, for its terms or epochs without it");
    prepare(&s, QST_LOSS_kd);
    s.opts.alpha = 1;
    s.plan.alpha_schedule = QST_SCHEDULE_linear;
    refuse(&s, &unlabelled, QST_ERR_USAGE, "the loss kd needs labels");
    prepare(&s, QST_LOSS_kd);
    add_term(&s, QST_LOSS_expectation_mse, 1);
    refuse(&s, &taught, QST_ERR_MISMATCH, "needs a teacher whose scores are expectation values");
    prepare(&s, QST_LOSS_kd);
    add_term(&s, QST_LOSS_distribution_mmd, 1);
    refuse(&s, &taught, QST_ERR_MISMATCH, "3 scores are not 2^n");
    prepare(&s, QST_LOSS_kd);
    add_term(&s, QST_LOSS_pkt, 0);
    refuse(&s, &taught, QST_ERR_USAGE, "weight: 0 is not > 0");
    prepare(&s, QST_LOSS_kd);
    add_term(&s, QST_LOSS_huber, 1);
    s.terms[0].parameters.delta = -1;
    refuse(&s, &taught, QST_ERR_USAGE, "delta: -1 is not > 0");
    prepare(&s, QST_LOSS_kd);
    s.plan.temperature_schedule = QST_SCHEDULE_linear;
    s.plan.temperature_end = 0;
    refuse(&s, &taught, QST_ERR_USAGE, "temperature: 0 is not > 0");
    prepare(&s, QST_LOSS_kd);
    add_term(&s, QST_LOSS_similarity_fidelity, 1);
    refuse(&s, &taught, QST_ERR_USAGE, "needs the states of the teacher's circuit");
    prepare(&s, QST_LOSS_similarity_fidelity);
    refuse(&s, &taught, QST_ERR_USAGE, "is a term beside another loss");
    prepare(&s, QST_LOSS_kd);
    s.opts.optimizer = QST_OPTIMIZER_lbfgs;
    s.plan.last_epoch = 4;
    refuse(&s, &taught, QST_ERR_USAGE, "lbfgs takes no schedules");
}

static void overflow_is_divergence(void **state)
{
    (void)state;
    setting s;
    qst_loss_terms terms;
    double gradient[256];
    prepare(&s, QST_LOSS_huber);
    start(&s, ctx, &models[2]);
    for (size_t i = 15; i < s.model->n_weights; i++) {
        s.model->weights[i] = 1.7e308;
    }
    assert_status(ctx, qsti_objective_gradient(&s.objective, s.model->weights, batch, N_BATCH, &terms, gradient),
                  QST_ERR_DIVERGED);
    finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_by_differences),
        cmocka_unit_test(terms_add_up),
        cmocka_unit_test(both_ways_agree),
        cmocka_unit_test(what_does_not_count_changes_nothing),
        cmocka_unit_test(schedules),
        cmocka_unit_test(turns_are_known),
        cmocka_unit_test(self_distillation_is_a_fixed_point),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(nothing_is_allocated_after_the_first_step),
        cmocka_unit_test(states_have_gradients),
        cmocka_unit_test(own_states_are_a_fixed_point),
        cmocka_unit_test(judging_all_rows),
        cmocka_unit_test(judging_by_batches),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(overflow_is_divergence),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

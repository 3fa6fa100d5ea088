/* test_noisy_training.c: models trained through noise: gradients, groups of outputs on a device, what noise costs and
 * training takes back, the same bits for any number of threads and after a stop, what is refused. */
#include "condition_cases.h"

#include "learn/conditions.h"

#include <signal.h>

enum { ROWS = 24, JUDGED = 16, BATCH = 7 };

static qst_ctx *ctx;
static learn_rows rows, validation;
static volatile sig_atomic_t stop_flag;

static int set_up(void **state)
{
    (void)state;
    learn_rows_make(&rows, ROWS, 1);
    learn_rows_make(&validation, JUDGED, 2);
    return qst_ctx_create(&(qst_ctx_opts){.n_threads = 2, .interrupt = &stop_flag}, &ctx) != QST_OK;
}

static int tear_down(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

static qst_train_opts opts_of(const qst_training_conditions *conditions)
{
    qst_train_opts opts = learn_opts();
    opts.loss = QST_LOSS_logit_mse;
    opts.batch = 8;
    opts.epochs = 3;
    opts.conditions = conditions;
    return opts;
}

/* --- gradients ---------------------------------------------------------------------------------------------------- */

static double loss_at(qsti_objective *objective, const double *weights, const size_t *batch)
{
    double ignored[256];
    qst_loss_terms terms;
    assert_ok(ctx, qsti_objective_gradient(objective, weights, batch, BATCH, &terms, ignored));
    return terms.loss;
}

/* Of all trained weights, against central differences in the same step: same draw, same strength. */
static void check_gradient(qst_model *model, const qst_training_conditions *conditions, qst_loss loss)
{
    const double h = 1e-5;
    const size_t batch[BATCH] = {3, 1, 4, 15, 9, 2, 6};
    qst_train_opts opts = opts_of(conditions);
    const qst_train_data data = learn_taught(&rows, QST_SCORE_logit);
    qsti_conditions *attached = NULL;
    qsti_objective objective;
    qst_loss_terms terms;
    double gradient[256], largest = 0;
    opts.loss = loss;
    opts.batch = BATCH;
    assert_in_range(model->n_weights, 1, 256);
    assert_ok(ctx, qsti_conditions_create(model, &opts, &attached));
    assert_ok(ctx, qsti_objective_init(model, &data, &opts, BATCH, &objective));
    qsti_model_begin_step(model, opts.seed, 5);
    assert_ok(ctx, qsti_objective_gradient(&objective, model->weights, batch, BATCH, &terms, gradient));
    for (size_t i = 0; i < model->n_trained; i++) {
        double w = model->weights[i];
        model->weights[i] = w + h;
        double above = loss_at(&objective, model->weights, batch);
        model->weights[i] = w - h;
        double below = loss_at(&objective, model->weights, batch);
        model->weights[i] = w;
        assert_close(gradient[i], (above - below) / (2 * h), 1e-8 * fmax(1, fabs(gradient[i])));
        largest = fmax(largest, fabs(gradient[i]));
    }
    assert_true(largest > 1e-3);
    qsti_objective_clear(&objective);
    qsti_conditions_free(attached);
}

/* logit_mse goes block by block, dist by whole batches. */
static void gradients_are_those_of_the_noisy_loss(void **state)
{
    (void)state;
    qst_noise *noise = condition_decay(ctx, 0.02);
    const qst_training_conditions conditions = {
        .measure = {.noise = noise, .noise_method = QST_NOISE_EXACT}, .strength_low = 0.5, .strength_high = 2};
    for (condition_kind kind = OF_CIRCUIT; kind < N_CONDITION_KINDS; kind++) {
        const qst_loss losses[] = {QST_LOSS_logit_mse, QST_LOSS_dist};
        for (size_t l = 0; l < 2; l++) {
            qst_model *model = condition_model(ctx, kind, "z", QST_DOUBLE);
            check_gradient(model, &conditions, losses[l]);
            qst_model_free(model);
        }
    }
    qst_noise_free(noise);
}

/* "x" takes one group, "xx" and "z" besides one each; without a device the changes of basis are noisy, too. */
static void gradients_of_groups(void **state)
{
    (void)state;
    qst_noise *noise = condition_noise(ctx, 0.02);
    qst_device *device = condition_device(ctx, 0.02);
    const char *const outputs[] = {"x", "ZZI + 0.5*IXX - 0.25*YII"};
    const condition_kind kinds[] = {OF_CIRCUIT, OF_BEFORE};
    for (size_t i = 0; i < 8; i++) {
        const qst_training_conditions conditions = {.measure = {.device = i & 1 ? device : NULL,
                                                                .noise = i & 1 ? NULL : noise,
                                                                .noise_method = QST_NOISE_EXACT}};
        qst_model *model = condition_model(ctx, kinds[i >> 1 & 1], outputs[i >> 2], QST_DOUBLE);
        check_gradient(model, &conditions, QST_LOSS_logit_mse);
        qst_model_free(model);
    }
    qst_device_free(device);
    qst_noise_free(noise);
}

/* The same errors at all weights within a step. */
static void gradients_of_trajectories(void **state)
{
    (void)state;
    qst_noise *noises[] = {condition_noise(ctx, 0.05), condition_decay(ctx, 0.05)};
    for (size_t i = 0; i < 2; i++) {
        const qst_training_conditions conditions = {
            .measure = {
                .noise = noises[i], .noise_method = QST_NOISE_TRAJECTORIES, .twirl = i == 1, .trajectories = 3}};
        qst_model *model = condition_model(ctx, OF_CIRCUIT, "z", QST_DOUBLE);
        check_gradient(model, &conditions, QST_LOSS_logit_mse);
        qst_model_free(model);
        qst_noise_free(noises[i]);
    }
}

/* The loss at the model's weights in a step. */
static double loss_in_step(qst_model *model, const qst_training_conditions *conditions, uint64_t seed, uint64_t step)
{
    const size_t batch[BATCH] = {3, 1, 4, 15, 9, 2, 6};
    const qst_train_opts opts = opts_of(conditions);
    const qst_train_data data = learn_taught(&rows, QST_SCORE_logit);
    qsti_conditions *attached = NULL;
    qsti_objective objective;
    assert_ok(ctx, qsti_conditions_create(model, &opts, &attached));
    assert_ok(ctx, qsti_objective_init(model, &data, &opts, BATCH, &objective));
    qsti_model_begin_step(model, seed, step);
    double loss = loss_at(&objective, model->weights, batch);
    qsti_objective_clear(&objective);
    qsti_conditions_free(attached);
    return loss;
}

/* Every step draws errors and a strength of its own, which are those of (seed, step); exact noise of one strength draws
 * nothing. */
static void steps_draw_anew(void **state)
{
    (void)state;
    qst_noise *noise = condition_noise(ctx, 0.03);
    const qst_training_conditions drawn[] = {
        {.measure = {.noise = noise, .noise_method = QST_NOISE_TRAJECTORIES}},
        {.measure = {.noise = noise, .noise_method = QST_NOISE_EXACT}, .strength_low = 0.2, .strength_high = 3}};
    const qst_training_conditions fixed = {.measure = {.noise = noise, .noise_method = QST_NOISE_EXACT}};
    qst_model *model = condition_model(ctx, OF_CIRCUIT, "z", QST_DOUBLE);
    for (size_t i = 0; i < 2; i++) {
        double first = loss_in_step(model, &drawn[i], 7, 1);
        assert_close(loss_in_step(model, &drawn[i], 7, 1), first, 0);
        assert_true(fabs(loss_in_step(model, &drawn[i], 7, 2) - first) > 1e-6);
    }
    assert_true(fabs(loss_in_step(model, &drawn[1], 8, 1) - loss_in_step(model, &drawn[1], 7, 1)) > 1e-6);
    assert_close(loss_in_step(model, &fixed, 7, 1), loss_in_step(model, &fixed, 8, 2), 0);
    qst_model_free(model);
    qst_noise_free(noise);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

/* How the model does on all rows under conditions. */
static double judge(qst_model *model, const qst_training_conditions *conditions)
{
    qst_train_opts opts = opts_of(conditions);
    const qst_train_data data = learn_taught(&rows, QST_SCORE_logit);
    qsti_conditions *attached = NULL;
    qsti_objective objective;
    qsti_judgement judgement;
    if (conditions != NULL)
        assert_ok(ctx, qsti_conditions_create(model, &opts, &attached));
    assert_ok(ctx, qsti_objective_init(model, &data, &opts, ROWS, &objective));
    assert_ok(ctx, qsti_objective_judge(&objective, model->weights, &judgement));
    qsti_objective_clear(&objective);
    qsti_conditions_free(attached);
    return judgement.loss;
}

/* On a device without noise, placed and in groups, a model does what it does anyway. */
static void a_device_without_noise_changes_nothing(void **state)
{
    (void)state;
    qst_device *device = condition_device(ctx, 0);
    const qst_training_conditions conditions = {.measure = {.device = device}};
    const char *const outputs[] = {"z", "x", "yy", "ZZI + 0.5*IXX - 0.25*YII"};
    for (condition_kind kind = OF_CIRCUIT; kind < N_CONDITION_KINDS; kind++) {
        for (size_t o = 0; o < 4; o++) {
            qst_model *model = condition_model(ctx, kind, outputs[o], QST_DOUBLE);
            double ideal = judge(model, NULL);
            assert_close(judge(model, &conditions), ideal, 1e-12 * fmax(1, ideal));
            assert_close(judge(model, NULL), ideal, 0);
            qst_model_free(model);
        }
    }
    qst_device_free(device);
}

/* What training sees is what measuring gives. */
static void judged_as_measured(void **state)
{
    (void)state;
    qst_noise *noise = condition_decay(ctx, 0.02);
    qst_device *device = condition_device(ctx, 0.02);
    const char *const outputs[] = {"z", "x", "ZZI + 0.5*IXX - 0.25*YII"};
    for (size_t i = 0; i < 6; i++) {
        const qst_training_conditions conditions = {
            .measure = {.device = i < 3 ? device : NULL, .noise = i < 3 ? NULL : noise}};
        qst_model *model = condition_model(ctx, OF_CIRCUIT, outputs[i % 3], QST_DOUBLE);
        qst_measurement *measurement = NULL;
        double scores[ROWS * LEARN_CLASSES], loss = 0;
        assert_ok(ctx, qst_model_measurement(model, &conditions.measure, &measurement));
        assert_ok(ctx, qst_model_measured_scores(model, measurement, (qst_const_matrix){rows.x, ROWS, LEARN_FEATURES},
                                                 1, 0, (qst_matrix){scores, ROWS, LEARN_CLASSES}));
        for (size_t k = 0; k < ROWS * LEARN_CLASSES; k++)
            loss += (scores[k] - rows.logits[k]) * (scores[k] - rows.logits[k]) / ROWS;
        assert_close(judge(model, &conditions), loss, 1e-11 * loss);
        assert_true(fabs(judge(model, NULL) - loss) > 1e-4);
        qst_measurement_free(measurement);
        qst_model_free(model);
    }
    qst_device_free(device);
    qst_noise_free(noise);
}

/* --- training ----------------------------------------------------------------------------------------------------- */

typedef struct trained {
    qst_model *model;
    qsti_train_outcome outcome;
} trained;

static trained train_in(qst_ctx *own, condition_kind kind, const qst_train_opts *opts)
{
    trained t = {.model = condition_model(own, kind, "z", QST_DOUBLE)};
    const qst_train_data data = learn_taught(&rows, QST_SCORE_logit),
                         judged = learn_taught(&validation, QST_SCORE_logit);
    assert_ok(own, qsti_train(t.model, &data, &judged, opts, NULL, &t.outcome));
    return t;
}

static void trained_clear(trained *t)
{
    qsti_train_outcome_clear(t->model->ctx, &t->outcome);
    qst_model_free(t->model);
}

static bool same(const trained *a, const trained *b)
{
    return memcmp(a->model->weights, b->model->weights, a->model->n_weights * sizeof(double)) == 0 &&
           a->outcome.n_epochs == b->outcome.n_epochs &&
           memcmp(a->outcome.epochs, b->outcome.epochs, a->outcome.n_epochs * sizeof *a->outcome.epochs) == 0;
}

/* Trained through the noise it does better there than trained without, and the noiseless one better without. */
static void training_through_noise_lowers_the_noisy_loss(void **state)
{
    (void)state;
    qst_noise *noise = condition_noise(ctx, 0.04);
    const qst_training_conditions conditions = {.measure = {.noise = noise, .noise_method = QST_NOISE_EXACT}};
    qst_train_opts opts = opts_of(&conditions), ideal = opts_of(NULL);
    opts.epochs = ideal.epochs = 40;
    qst_model *before = condition_model(ctx, OF_CIRCUIT, "z", QST_DOUBLE);
    trained noisy = train_in(ctx, OF_CIRCUIT, &opts), exact = train_in(ctx, OF_CIRCUIT, &ideal);
    assert_true(judge(noisy.model, &conditions) < 0.9 * judge(before, &conditions));
    assert_true(judge(noisy.model, &conditions) < judge(exact.model, &conditions) - 0.01);
    assert_true(judge(exact.model, NULL) < judge(noisy.model, NULL) - 0.01);
    assert_int_equal(noisy.outcome.result.shots, 0);
    trained_clear(&noisy);
    trained_clear(&exact);
    qst_model_free(before);
    qst_noise_free(noise);
}

/* Conditions without noise and shots are none: the same program, the same bits. */
static void conditions_of_nothing(void **state)
{
    (void)state;
    const qst_training_conditions conditions = {.gradient = QST_SHOT_GRADIENT_SPSA};
    const qst_train_opts opts = opts_of(&conditions), plain = opts_of(NULL);
    trained a = train_in(ctx, OF_CIRCUIT, &opts), b = train_in(ctx, OF_CIRCUIT, &plain);
    assert_true(same(&a, &b));
    trained_clear(&a);
    trained_clear(&b);
}

static void any_number_of_threads(void **state)
{
    (void)state;
    qst_ctx *others[] = {support_ctx(1), support_ctx(3)};
    const qst_noise_method methods[] = {QST_NOISE_EXACT, QST_NOISE_TRAJECTORIES};
    for (size_t i = 0; i < 8; i++) {
        condition_kind kind = (condition_kind)(i >> 1);
        trained t[2];
        for (size_t c = 0; c < 2; c++) {
            qst_noise *noise = condition_decay(others[c], 0.02);
            const qst_training_conditions conditions = {
                .measure = {.noise = noise, .noise_method = methods[i & 1], .trajectories = 2},
                .strength_low = 0.5,
                .strength_high = 1.5};
            const qst_train_opts opts = opts_of(&conditions);
            t[c] = train_in(others[c], kind, &opts);
            qst_noise_free(noise);
        }
        assert_true(same(&t[0], &t[1]));
        trained_clear(&t[0]);
        trained_clear(&t[1]);
    }
    qst_ctx_free(others[0]);
    qst_ctx_free(others[1]);
}

/* Strengths are those of (seed, step): again the same, with another seed others, and not those of one strength. */
static void strengths_are_drawn(void **state)
{
    (void)state;
    qst_noise *noise = condition_noise(ctx, 0.03);
    qst_training_conditions ranges[] = {
        {.strength_low = 0.2, .strength_high = 3}, {.strength_low = 1, .strength_high = 1}, {.strength_low = 0}};
    trained t[4];
    for (size_t i = 0; i < 4; i++) {
        qst_training_conditions *conditions = &ranges[i < 2 ? 0 : i - 1];
        conditions->measure.noise = noise;
        const qst_train_opts opts = opts_of(conditions);
        t[i] = train_in(ctx, OF_CIRCUIT, &opts);
    }
    assert_true(same(&t[0], &t[1]));
    assert_false(same(&t[0], &t[2]));
    assert_true(same(&t[2], &t[3])); /* 0, 0 is 1, 1 */
    for (size_t i = 0; i < 4; i++)
        trained_clear(&t[i]);
    qst_noise_free(noise);
}

/* --- stopping ----------------------------------------------------------------------------------------------------- */

typedef struct stopper {
    size_t n_steps, stop_at;
} stopper;

static void count_step(void *user, double done, double loss)
{
    stopper *s = user;
    (void)done;
    (void)loss;
    if (++s->n_steps == s->stop_at)
        stop_flag = 1;
}

/* Stopped behind every step and resumed, it ends with the bits of one that was not; under other conditions its
 * checkpoint is another's. */
static void stopped_at_any_step(void **state)
{
    (void)state;
    qst_noise *noise = condition_decay(ctx, 0.03), *other = condition_decay(ctx, 0.02);
    qst_training_conditions conditions = {
        .measure = {.noise = noise, .noise_method = QST_NOISE_TRAJECTORIES, .trajectories = 2},
        .strength_low = 0.5,
        .strength_high = 2};
    const qst_train_data data = learn_taught(&rows, QST_SCORE_logit),
                         judged = learn_taught(&validation, QST_SCORE_logit);
    qst_train_opts opts = opts_of(&conditions);
    opts.restarts = 1;
    opts.checkpoint_every_s = 1e6;
    trained whole = train_in(ctx, OF_CIRCUIT, &opts);
    for (size_t at = 1; at < whole.outcome.result.steps; at++) {
        char name[32];
        stopper s = {0, at};
        const qsti_train_hooks hooks = {.step = count_step, .user = &s};
        trained part = {.model = condition_model(ctx, OF_CIRCUIT, "z", QST_DOUBLE)};
        snprintf(name, sizeof name, "noisy-%zu", at);
        opts.checkpoint = support_path(name);
        opts.resume = false;
        assert_status(ctx, qsti_train(part.model, &data, &judged, &opts, &hooks, &part.outcome), QST_ERR_INTERRUPTED);
        stop_flag = 0;
        opts.resume = true;
        conditions.measure.noise = other;
        assert_status(ctx, qsti_train(part.model, &data, &judged, &opts, NULL, &part.outcome), QST_ERR_MISMATCH);
        conditions.measure.noise = noise;
        trained resumed = train_in(ctx, OF_CIRCUIT, &opts);
        assert_true(same(&whole, &resumed));
        trained_clear(&resumed);
        qst_model_free(part.model);
    }
    trained_clear(&whole);
    qst_noise_free(noise);
    qst_noise_free(other);
}

/* --- the end of it ------------------------------------------------------------------------------------------------ */

static void lbfgs_takes_exact_noise(void **state)
{
    (void)state;
    qst_noise *noise = condition_noise(ctx, 0.03);
    qst_training_conditions conditions = {.measure = {.noise = noise, .noise_method = QST_NOISE_EXACT}};
    qst_train_opts opts = opts_of(&conditions);
    opts.optimizer = QST_OPTIMIZER_lbfgs;
    opts.epochs = 30;
    qst_model *model = condition_model(ctx, OF_CIRCUIT, "z", QST_DOUBLE);
    double before = judge(model, &conditions);
    trained t = train_in(ctx, OF_CIRCUIT, &opts);
    assert_true(judge(t.model, &conditions) < 0.9 * before);
    trained_clear(&t);
    const qst_train_data data = learn_taught(&rows, QST_SCORE_logit);
    conditions.strength_low = 0.5;
    conditions.strength_high = 1;
    assert_status(ctx, qst_model_train(model, &data, &data, &opts, NULL), QST_ERR_UNSUPPORTED);
    assert_message(ctx, "noise of one strength");
    conditions = (qst_training_conditions){.measure = {.noise = noise, .noise_method = QST_NOISE_TRAJECTORIES}};
    assert_status(ctx, qst_model_train(model, &data, &data, &opts, NULL), QST_ERR_UNSUPPORTED);
    qst_model_free(model);
    qst_noise_free(noise);
}

static void what_is_refused(void **state)
{
    (void)state;
    qst_noise *noise = condition_noise(ctx, 0.03);
    const qst_train_data data = learn_taught(&rows, QST_SCORE_logit);
    const struct {
        qst_training_conditions conditions;
        qst_status status;
        const char *message;
    } cases[] = {
        {{.strength_low = 2, .strength_high = 1}, QST_ERR_USAGE, "from 2 to 1"},
        {{.strength_low = -1, .strength_high = 1}, QST_ERR_USAGE, "from -1 to 1"},
        {{.strength_high = INFINITY}, QST_ERR_USAGE, "to inf"},
        {{.measure = {.noise_strength = -1}}, QST_ERR_USAGE, "strength -1"},
        {{.spsa_step = -1}, QST_ERR_USAGE, "spsa_step"},
        {{.measure = {.shots = 10}, .shots_schedule = QST_SCHEDULE_linear}, QST_ERR_USAGE, "shots_end"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const qst_train_opts opts = opts_of(&cases[i].conditions);
        qst_model *model = condition_model(ctx, OF_CIRCUIT, "z", QST_DOUBLE);
        assert_status(ctx, qst_model_train(model, &data, &data, &opts, NULL), cases[i].status);
        assert_message(ctx, cases[i].message);
        qst_model_free(model);
    }
    const qst_training_conditions conditions = {.measure = {.noise = noise}};
    const qst_train_opts opts = opts_of(&conditions);
    qst_model *logistic = learn_model(ctx, "logistic", QST_HEAD_linear, QST_DOUBLE);
    assert_status(ctx, qst_model_train(logistic, &data, &data, &opts, NULL), QST_ERR_UNSUPPORTED);
    assert_message(ctx, "has no circuit");
    qst_model_free(logistic);
    qst_noise_free(noise);
}

/* A model in single precision is trained in it, and judged in double. */
static void single_precision_is_near(void **state)
{
    (void)state;
    qst_noise *noise = condition_noise(ctx, 0.03);
    const qst_training_conditions conditions = {.measure = {.noise = noise}};
    qst_model *exact = condition_model(ctx, OF_CIRCUIT, "z", QST_DOUBLE);
    qst_model *single = condition_model(ctx, OF_CIRCUIT, "z", QST_SINGLE);
    assert_close(judge(single, &conditions), judge(exact, &conditions), 1e-12);
    const qst_train_data data = learn_taught(&rows, QST_SCORE_logit);
    qst_train_opts opts = opts_of(&conditions);
    opts.epochs = 1;
    opts.batch = ROWS;
    assert_ok(ctx, qst_model_train(exact, &data, &data, &opts, NULL));
    assert_ok(ctx, qst_model_train(single, &data, &data, &opts, NULL));
    for (size_t i = 0; i < exact->n_weights; i++)
        assert_close(single->weights[i], exact->weights[i], 1e-4);
    qst_model_free(exact);
    qst_model_free(single);
    qst_noise_free(noise);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_those_of_the_noisy_loss),
        cmocka_unit_test(gradients_of_groups),
        cmocka_unit_test(gradients_of_trajectories),
        cmocka_unit_test(steps_draw_anew),
        cmocka_unit_test(a_device_without_noise_changes_nothing),
        cmocka_unit_test(judged_as_measured),
        cmocka_unit_test(training_through_noise_lowers_the_noisy_loss),
        cmocka_unit_test(conditions_of_nothing),
        cmocka_unit_test(any_number_of_threads),
        cmocka_unit_test(strengths_are_drawn),
        cmocka_unit_test(stopped_at_any_step),
        cmocka_unit_test(lbfgs_takes_exact_noise),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(single_precision_is_near),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

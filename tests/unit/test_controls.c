/* test_controls.c: what each control differs in from the student, and in nothing else; and that a control shows what it
 * is there to show: soft labels that say nothing, steps that are only longer. */
#include "lesson_cases.h"

#include "base/rng.h"
#include "knowledge/knowledge.h"
#include "student/distillation.h"
#include "student/student.h"

#include <math.h>
#include <unistd.h>

static qst_ctx *ctx;
static volatile sig_atomic_t stop_flag;
static qst_table *table;
static qst_dataset *dataset;

static int set_up(void **state)
{
    (void)state;
    if (qst_ctx_create(&(qst_ctx_opts){.n_threads = 2, .interrupt = &stop_flag}, &ctx) != QST_OK) {
        return 1;
    }
    table = lesson_table(ctx);
    dataset = lesson_dataset(table);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    qst_dataset_free(dataset);
    qst_table_free(table);
    qst_ctx_free(ctx);
    return 0;
}

static const double ones[] = {1}, halves[] = {0.5};

static qst_distill_opts kd_of(const double *temperatures, size_t n, const double *alpha)
{
    return (qst_distill_opts){.loss = QST_LOSS_kd,
                              .temperatures = temperatures,
                              .n_temperatures = n,
                              .alphas = alpha,
                              .n_alphas = 1,
                              .label_fraction = 1};
}

/* --- a distillation with its controls ----------------------------------------------------------------------------- */

/* Those of a student that is trained without noise. */
#define FITTING (QST_CONTROLS_ALL & ~QST_CONTROL_BIT(QST_CONTROL_noise_unaware))
#define ALL     (FITTING & ~QST_CONTROL_BIT(QST_CONTROL_floor))

enum { MAX_ARMS = 4 + QST_CONTROL_COUNT };

typedef struct arms {
    qst_control controls[QST_CONTROL_COUNT];
    size_t n_cells, n_controls, n, best;
    qst_distill_result result;
    qst_model *models[MAX_ARMS];
    qsti_train_outcome outcomes[MAX_ARMS];
    double rate_factors[MAX_ARMS];
} arms;

static qst_knowledge *knowledge_of(qst_const_matrix scores)
{
    qst_knowledge *knowledge = NULL;
    assert_ok(ctx, qst_knowledge_from_table(dataset, scores, QST_SCORE_logit, 1, &knowledge));
    return knowledge;
}

static qst_status run_arms(qst_ctx *own, const qst_knowledge *knowledge, const qst_model_opts *model,
                           const qst_train_opts *train, const qst_distill_opts *opts, qst_controls set, arms *out)
{
    qst_status status = QST_OK;
    qsti_distillation *distillation = NULL;
    qst_dataset here = qsti_dataset_view(dataset, own);
    char files[QST_CONTROL_COUNT][1100];
    const char *paths[QST_CONTROL_COUNT] = {NULL};
    arms made = {0};
    for (int c = 0; c < QST_CONTROL_COUNT && train->checkpoint != NULL; c++) {
        (void)snprintf(files[c], sizeof files[c], "%.1000s-%d", train->checkpoint, c);
        paths[c] = files[c];
    }
    const qsti_distill_plan plan = {.dataset = &here,
                                    .knowledge = knowledge,
                                    .model = model,
                                    .train = train,
                                    .opts = opts,
                                    .cells = true,
                                    .controls = set,
                                    .control_checkpoints = paths};
    QSTI_TRY(qsti_distillation_create(own, &plan, &distillation));
    made.n_cells = qsti_distill_cells(opts);
    made.n_controls = qsti_distill_controls(set, made.controls);
    made.n = qsti_distillation_arms(distillation);
    QSTI_TRY(qsti_distillation_run(own, distillation, "training"));
    made.best = qsti_distillation_choose(distillation, &made.result);
    for (size_t i = 0; i < made.n; i++) {
        made.rate_factors[i] = qsti_distillation_rate_factor(distillation, i);
        QSTI_TRY(qsti_distillation_model(own, distillation, i, &made.models[i], &made.outcomes[i]));
    }
    *out = made;
    made = (arms){0};
done:
    qst_distill_result_clear(own, &made.result);
    for (size_t i = 0; i < MAX_ARMS; i++) {
        qst_model_free(made.models[i]);
        qsti_train_outcome_clear(own, &made.outcomes[i]);
    }
    qsti_distillation_free(own, distillation);
    return status;
}

static void arms_clear(qst_ctx *own, arms *a)
{
    qst_distill_result_clear(own, &a->result);
    for (size_t i = 0; i < a->n; i++) {
        qst_model_free(a->models[i]);
        qsti_train_outcome_clear(own, &a->outcomes[i]);
    }
}

static size_t place_of(const arms *a, qst_control control)
{
    for (size_t i = 0; i < a->n_controls; i++) {
        if (a->controls[i] == control) {
            return a->n_cells + i;
        }
    }
    fail();
    return 0;
}

static bool same_weights(const qst_model *a, const qst_model *b)
{
    return a->n_weights == b->n_weights && memcmp(a->weights, b->weights, a->n_weights * sizeof(double)) == 0;
}

static arms run_default(qst_const_matrix scores, const qst_train_opts *train, const qst_distill_opts *opts)
{
    arms a = {0};
    const qst_model_opts model = lesson_student();
    qst_knowledge *knowledge = knowledge_of(scores);
    assert_ok(ctx, run_arms(ctx, knowledge, &model, train, opts, ALL, &a));
    qst_knowledge_free(knowledge);
    return a;
}

/* --- the permutation ---------------------------------------------------------------------------------------------- */

static void no_row_keeps_its_scores(void **state)
{
    (void)state;
    for (size_t n = 0; n < 40; n++) {
        size_t source[40] = {0}, other[40] = {0}, n_seen[40] = {0}, n_same = 0;
        qsti_permute_rows(7, 0, n, source);
        for (size_t i = 0; i < n; i++) {
            assert_true(source[i] < n && n_seen[source[i]]++ == 0);
            assert_true(n == 1 || source[i] != i);
        }
        qsti_permute_rows(8, 0, n, other);
        for (size_t i = 0; i < n; i++) {
            n_same += source[i] == other[i];
        }
        assert_true(n < 10 || n_same < n / 2); /* by seed */
        qsti_permute_rows(7, 0, n, other);
        assert_memory_equal(source, other, sizeof source);
    }
}

/* --- arms --------------------------------------------------------------------------------------------------------- */

/* Where nothing moves, all arms are where they began: the same weights, also without gates between qubits; but a
 * perceptron has others. */
static void all_start_from_the_same_weights(void **state)
{
    (void)state;
    qst_train_opts train = lesson_train();
    const qst_distill_opts opts = kd_of(ones, 1, halves);
    train.learning_rate = 1e-300;
    arms a = run_default(lesson_logits(table), &train, &opts);
    for (size_t i = 1; i < a.n; i++) {
        bool other = i == place_of(&a, QST_CONTROL_mlp);
        assert_true(other || a.models[i]->n_weights == a.models[0]->n_weights);
        for (size_t j = 0; j < a.models[0]->n_weights && !other; j++) {
            assert_close(a.models[i]->weights[j], a.models[0]->weights[j], 1e-290);
        }
        assert_int_equal(a.outcomes[i].result.steps, a.outcomes[0].result.steps);
    }
    arms_clear(ctx, &a);
}

static void all_take_as_many_steps_and_differ(void **state)
{
    (void)state;
    const double temperatures[] = {1, 4};
    const qst_train_opts train = lesson_train();
    const qst_distill_opts opts = kd_of(temperatures, 2, halves);
    arms a = run_default(lesson_logits(table), &train, &opts);
    for (size_t i = 0; i < a.n; i++) {
        assert_int_equal(a.outcomes[i].result.steps, a.outcomes[0].result.steps);
        for (size_t j = 0; j < i; j++) {
            assert_false(same_weights(a.models[i], a.models[j]));
        }
    }
    arms_clear(ctx, &a);
}

/* Scores that are the same for every row say nothing of any: whatever they do, the permuted ones do too. */
static void scores_that_say_nothing_are_found_out(void **state)
{
    (void)state;
    static double constant[150 * 3];
    for (size_t i = 0; i < 150; i++) {
        memcpy(constant + 3 * i, (const double[]){1, -1, 0.5}, 3 * sizeof *constant);
    }
    const qst_train_opts train = lesson_train();
    const qst_distill_opts opts = kd_of(ones, 1, halves);
    arms a = run_default((qst_const_matrix){constant, 150, 3}, &train, &opts);
    assert_true(same_weights(a.models[0], a.models[place_of(&a, QST_CONTROL_permuted_scores)]));
    assert_false(same_weights(a.models[0], a.models[place_of(&a, QST_CONTROL_no_teacher)]));
    arms_clear(ctx, &a);
}

/* The share of the test rows that a model gets right. */
static double accuracy_of(qst_model *model)
{
    qsti_part part = {0};
    qst_matrix scores = {0};
    size_t n_right = 0;
    assert_ok(ctx, qsti_part_create(dataset, QST_TEST, &part));
    scores = (qst_matrix){calloc(part.n * 3, sizeof(double)), part.n, 3};
    assert_non_null(scores.data);
    assert_ok(ctx, qst_model_scores(model, qsti_part_x(&part), scores));
    for (size_t i = 0; i < part.n; i++) {
        const double *row = scores.data + 3 * i;
        size_t best = row[1] > row[0] ? 1 : 0;
        best = row[2] > row[best] ? 2 : best;
        n_right += best == (size_t)part.labels[i];
    }
    double share = (double)n_right / (double)part.n;
    free(scores.data);
    qsti_part_clear(ctx, &part);
    return share;
}

/* With a teacher's scores alone to learn from, those of other rows teach nothing. */
static void scores_of_other_rows_teach_nothing(void **state)
{
    (void)state;
    qst_train_opts train = lesson_train();
    const qst_distill_opts opts = kd_of(ones, 1, ones);
    train.epochs = 30;
    arms a = run_default(lesson_logits(table), &train, &opts);
    assert_true(accuracy_of(a.models[0]) > 0.85);
    assert_true(accuracy_of(a.models[place_of(&a, QST_CONTROL_permuted_scores)]) < 0.6);
    arms_clear(ctx, &a);
}

/* A teacher that says no more than the labels, at a temperature that makes the gradient larger; small plain steps. All
 * that the student gains is their length, and gradient_scale gains it too. */
static void longer_steps_are_found_out(void **state)
{
    (void)state;
    static double loud[150 * 3];
    const double temperature = 6;
    for (size_t i = 0; i < 150; i++) {
        for (size_t c = 0; c < 3; c++) {
            loud[3 * i + c] = table->labels[i] == (int64_t)c ? 60 : 0;
        }
    }
    qst_train_opts train = lesson_train();
    const qst_distill_opts opts = kd_of(&temperature, 1, ones);
    train.optimizer = QST_OPTIMIZER_sgd;
    train.learning_rate = 0.01;
    train.epochs = 8;
    arms a = run_default((qst_const_matrix){loud, 150, 3}, &train, &opts);
    size_t alone = place_of(&a, QST_CONTROL_no_teacher), scaled = place_of(&a, QST_CONTROL_gradient_scale);
    double ratio = a.outcomes[0].path / a.outcomes[alone].path;
    assert_close(a.rate_factors[scaled], ratio, 1e-12);
    assert_true(ratio > 2);
    /* As long as the student's, where the way allows it. */
    assert_true(a.outcomes[scaled].path > 0.7 * a.outcomes[0].path &&
                a.outcomes[scaled].path < 1.5 * a.outcomes[0].path);
    assert_true(accuracy_of(a.models[0]) > accuracy_of(a.models[alone]) + 0.1);
    assert_true(accuracy_of(a.models[scaled]) > accuracy_of(a.models[0]) - 0.05);
    arms_clear(ctx, &a);
}

static void no_gates_between_qubits(void **state)
{
    (void)state;
    const qst_train_opts train = lesson_train();
    const qst_distill_opts opts = kd_of(ones, 1, halves);
    arms a = run_default(lesson_logits(table), &train, &opts);
    qst_model_size with, without;
    qst_model_measure(a.models[0], &with);
    qst_model_measure(a.models[place_of(&a, QST_CONTROL_no_entanglement)], &without);
    assert_true(with.circuit.two_qubit_gates > 0);
    assert_int_equal(without.circuit.two_qubit_gates, 0);
    assert_int_equal(with.quantum_parameters, without.quantum_parameters);
    arms_clear(ctx, &a);
}

/* --- label smoothing and a perceptron ----------------------------------------------------------------------------- */

/* With all labels it is kd to a teacher that knows nothing, T = 1 and alpha = 0.1: another sum, the same way. */
static void label_smoothing_is_kd_to_no_knowledge(void **state)
{
    (void)state;
    static const double nothing[150 * 3] = {0}, tenth = 0.1;
    const qst_train_opts train = lesson_train();
    const qst_distill_opts opts = kd_of(ones, 1, &tenth);
    arms a = run_default((qst_const_matrix){nothing, 150, 3}, &train, &opts);
    const qst_model *smoothed = a.models[place_of(&a, QST_CONTROL_label_smoothing)];
    const qst_model *alone = a.models[place_of(&a, QST_CONTROL_no_teacher)];
    double apart = 0;
    for (size_t i = 0; i < smoothed->n_weights; i++) {
        assert_close(smoothed->weights[i], a.models[0]->weights[i], 1e-9);
        apart = fmax(apart, fabs(smoothed->weights[i] - alone->weights[i]));
    }
    assert_true(apart > 1e-4);
    arms_clear(ctx, &a);
}

static void a_perceptron_of_as_many_parameters(void **state)
{
    (void)state;
    for (size_t d = 1; d < 12; d++) {
        for (size_t c = 2; c < 11; c++) {
            for (size_t n = 1; n < 400; n += 7) {
                size_t h = qsti_perceptron_width(n, d, c), own = h * (d + 1) + (h + 1) * c;
                size_t distance = own > n ? own - n : n - own, unit = d + 1 + c;
                assert_true(h >= 1);
                assert_true(h == 1 || 2 * distance <= unit);
                assert_true(h > 1 || own + unit > n); /* one unit more is not nearer */
            }
        }
    }
    const qst_train_opts train = lesson_train();
    const qst_distill_opts opts = kd_of(ones, 1, halves);
    arms a = run_default(lesson_logits(table), &train, &opts);
    qst_model_size student, mlp;
    qst_model_measure(a.models[0], &student);
    qst_model_measure(a.models[place_of(&a, QST_CONTROL_mlp)], &mlp);
    size_t n = student.quantum_parameters + student.classical_parameters, h = qsti_perceptron_width(n, 4, 3);
    assert_false(mlp.has_circuit);
    assert_int_equal(mlp.classical_parameters, h * 5 + (h + 1) * 3);
    arms_clear(ctx, &a);
}

/* --- what makes no sense ------------------------------------------------------------------------------------------ */

static void misfits(void **state)
{
    (void)state;
    qst_model_opts circuit = lesson_student(), other = circuit;
    qst_train_opts train = lesson_train();
    qst_distill_opts opts = kd_of(ones, 1, halves);
    assert_int_equal(qsti_controls_fitting(QST_CONTROLS_ALL, &circuit, &train, &opts), FITTING);
    assert_string_equal(qsti_control_misfit(QST_CONTROL_noise_unaware, &circuit, &train, &opts),
                        "the student is not trained through noise");
    qst_training_conditions conditions = {.measure = {.shots = 100}};
    train.conditions = &conditions;
    assert_non_null(qsti_control_misfit(QST_CONTROL_noise_unaware, &circuit, &train, &opts));
    qst_noise *noise = NULL;
    assert_ok(ctx, qst_noise_create(ctx, &noise));
    conditions.measure.noise = noise;
    assert_int_equal(qsti_controls_fitting(QST_CONTROLS_ALL, &circuit, &train, &opts), QST_CONTROLS_ALL);
    train.conditions = NULL;
    qst_noise_free(noise);
    const qst_control pairs = QST_CONTROL_no_entanglement;
    other.kind = "logistic";
    assert_string_equal(qsti_control_misfit(QST_CONTROL_mlp, &other, &train, &opts), "the student has no circuit");
    assert_string_equal(qsti_control_misfit(pairs, &other, &train, &opts), "the student has no circuit");
    assert_false(qsti_controls_have(qsti_controls_fitting(QST_CONTROLS_ALL, &other, &train, &opts), pairs));
    other.kind = "linear_probe"; /* of a circuit, unless it says something else */
    assert_null(qsti_control_misfit(pairs, &other, &train, &opts));
    assert_null(qsti_control_misfit(QST_CONTROL_mlp, &other, &train, &opts));
    other.inner = "mlp";
    assert_string_equal(qsti_control_misfit(pairs, &other, &train, &opts), "the student has no circuit");
    other = circuit;
    other.kind = "fourier";
    assert_string_equal(qsti_control_misfit(QST_CONTROL_gradient_scale, &other, &train, &opts),
                        "the student is fitted without steps");
    assert_non_null(qsti_control_misfit(QST_CONTROL_permuted_scores, &other, &train, &opts));
    other = circuit;
    other.circuit.qubits = 1;
    assert_string_equal(qsti_control_misfit(pairs, &other, &train, &opts),
                        "the student's circuit has no gates between qubits");
    other.circuit.qubits = 2;
    other.circuit.encoding.name = "angle_x";
    other.circuit.ansatz.name = "none";
    assert_non_null(qsti_control_misfit(pairs, &other, &train, &opts));
    other.circuit.encoding.name = "iqp";
    assert_null(qsti_control_misfit(pairs, &other, &train, &opts));
    other.circuit.encoding.name = "amplitude";
    assert_string_equal(qsti_control_misfit(pairs, &other, &train, &opts),
                        "the student's amplitude encoding entangles the qubits by itself");
    train.optimizer = QST_OPTIMIZER_lbfgs;
    assert_string_equal(qsti_control_misfit(QST_CONTROL_gradient_scale, &circuit, &train, &opts),
                        "lbfgs finds the length of its steps itself");
    train.optimizer = QST_OPTIMIZER_sgd;
    opts.loss = QST_LOSS_ce;
    assert_string_equal(qsti_control_misfit(QST_CONTROL_gradient_scale, &circuit, &train, &opts),
                        "the student learns nothing from the teacher");
    assert_non_null(qsti_control_misfit(QST_CONTROL_permuted_scores, &circuit, &train, &opts));
    const qst_loss_term term = {.loss = QST_LOSS_rkd_distance, .weight = 1, .temperature = 1};
    qst_loss_plan plan = qst_loss_plan_default();
    plan.terms = &term;
    plan.n_terms = 1;
    opts.plan = &plan;
    assert_null(qsti_control_misfit(QST_CONTROL_permuted_scores, &circuit, &train, &opts));
    opts.plan = NULL;
    opts.match.gradients = 1;
    assert_null(qsti_control_misfit(QST_CONTROL_permuted_scores, &circuit, &train, &opts));
    opts.match.states = 1;
    assert_string_equal(qsti_control_misfit(QST_CONTROL_permuted_scores, &circuit, &train, &opts),
                        "the states of rows cannot be exchanged");
    opts.loss = QST_LOSS_label_smoothing;
    assert_string_equal(qsti_control_misfit(QST_CONTROL_label_smoothing, &circuit, &train, &opts),
                        "it is what the student does");
}

static void controls_without_what_they_follow_are_refused(void **state)
{
    (void)state;
    const qst_model_opts model = lesson_student();
    const qst_train_opts train = lesson_train();
    const qst_distill_opts opts = kd_of(ones, 1, halves);
    qsti_distillation *distillation = NULL;
    qst_knowledge *knowledge = knowledge_of(lesson_logits(table));
    qsti_distill_plan plan = {.dataset = dataset,
                              .knowledge = knowledge,
                              .model = &model,
                              .train = &train,
                              .opts = &opts,
                              .cells = true,
                              .controls = QST_CONTROL_BIT(QST_CONTROL_gradient_scale)};
    assert_status(ctx, qsti_distillation_create(ctx, &plan, &distillation), QST_ERR_USAGE);
    assert_message(ctx, "controls: gradient_scale needs no_teacher beside it");
    plan.cells = false;
    plan.controls = QST_CONTROL_BIT(QST_CONTROL_permuted_scores);
    assert_status(ctx, qsti_distillation_create(ctx, &plan, &distillation), QST_ERR_USAGE);
    assert_message(ctx, "controls: permuted_scores needs the student beside it");
    qst_knowledge_free(knowledge);
}

/* --- the same bits ------------------------------------------------------------------------------------------------ */

static void assert_same(const arms *a, const arms *b)
{
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->best, b->best);
    for (size_t i = 0; i < a->n; i++) {
        assert_true(same_weights(a->models[i], b->models[i]));
        assert_close(a->rate_factors[i], b->rate_factors[i], 0);
        assert_int_equal(a->outcomes[i].n_epochs, b->outcomes[i].n_epochs);
        assert_memory_equal(a->outcomes[i].epochs, b->outcomes[i].epochs,
                            a->outcomes[i].n_epochs * sizeof *a->outcomes[i].epochs);
    }
}

static void on_any_number_of_threads(void **state)
{
    (void)state;
    const double temperatures[] = {1, 3};
    const qst_model_opts model = lesson_student();
    const qst_train_opts train = lesson_train();
    const qst_distill_opts opts = kd_of(temperatures, 2, halves);
    qst_knowledge *knowledge = knowledge_of(lesson_logits(table));
    arms first = {0};
    qst_ctx *kept = support_ctx(1);
    assert_ok(kept, run_arms(kept, knowledge, &model, &train, &opts, ALL, &first));
    for (size_t i = 0; i < 3; i++) {
        qst_ctx *own = support_ctx((int[]){2, 3, 7}[i]);
        arms a = {0};
        assert_ok(own, run_arms(own, knowledge, &model, &train, &opts, ALL, &a));
        assert_same(&a, &first);
        arms_clear(own, &a);
        qst_ctx_free(own);
    }
    arms_clear(kept, &first);
    qst_ctx_free(kept);
    qst_knowledge_free(knowledge);
}

typedef struct stopper {
    size_t n_steps, stop_at;
} stopper;

static void count_step(void *user, const qst_progress *progress)
{
    stopper *s = user;
    (void)progress;
    stop_flag = ++s->n_steps == s->stop_at;
}

/* Stopped in a cell, in no_teacher, in what follows them. */
static void stopped_and_resumed(void **state)
{
    (void)state;
    const double temperatures[] = {1, 3};
    const qst_model_opts model = lesson_student();
    qst_train_opts train = lesson_train();
    const qst_distill_opts opts = kd_of(temperatures, 2, halves);
    qst_knowledge *knowledge = knowledge_of(lesson_logits(table));
    char path[1024];
    arms whole = {0};
    train.epochs = 2;
    assert_ok(ctx, run_arms(ctx, knowledge, &model, &train, &opts, ALL, &whole));
    size_t n_steps = whole.n * whole.outcomes[0].result.steps;
    train.checkpoint_every_s = 1e6;
    train.resume = true;
    for (size_t at = 1; at < n_steps; at += 5) {
        stopper s = {.stop_at = at};
        const qst_ctx_opts own_opts = {.n_threads = 1, .progress = count_step, .user = &s, .interrupt = &stop_flag};
        qst_ctx *own = NULL;
        arms stopped = {0}, resumed = {0};
        char name[32];
        (void)snprintf(name, sizeof name, "arms-%zu", at);
        (void)snprintf(path, sizeof path, "%s", support_path(name));
        train.checkpoint = path;
        assert_int_equal(qst_ctx_create(&own_opts, &own), QST_OK);
        assert_status(own, run_arms(own, knowledge, &model, &train, &opts, ALL, &stopped), QST_ERR_INTERRUPTED);
        stop_flag = 0;
        qst_ctx_free(own);
        assert_ok(ctx, run_arms(ctx, knowledge, &model, &train, &opts, ALL, &resumed));
        assert_same(&resumed, &whole);
        arms_clear(ctx, &resumed);
    }
    arms_clear(ctx, &whole);
    qst_knowledge_free(knowledge);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static qst_status arms_with_memory(qst_ctx *own, void *arg)
{
    const qst_model_opts model = lesson_student();
    qst_train_opts train = lesson_train();
    const qst_distill_opts opts = kd_of(ones, 1, halves);
    arms a = {0};
    train.epochs = 1;
    train.batch = 84;
    qst_status status = run_arms(own, arg, &model, &train, &opts, ALL, &a);
    if (status == QST_OK) {
        arms_clear(own, &a);
    }
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    qst_knowledge *knowledge = knowledge_of(lesson_logits(table));
    support_fail_each_allocation(arms_with_memory, knowledge);
    qst_knowledge_free(knowledge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_row_keeps_its_scores),
        cmocka_unit_test(all_start_from_the_same_weights),
        cmocka_unit_test(all_take_as_many_steps_and_differ),
        cmocka_unit_test(scores_that_say_nothing_are_found_out),
        cmocka_unit_test(scores_of_other_rows_teach_nothing),
        cmocka_unit_test(longer_steps_are_found_out),
        cmocka_unit_test(no_gates_between_qubits),
        cmocka_unit_test(label_smoothing_is_kd_to_no_knowledge),
        cmocka_unit_test(a_perceptron_of_as_many_parameters),
        cmocka_unit_test(misfits),
        cmocka_unit_test(controls_without_what_they_follow_are_refused),
        cmocka_unit_test(on_any_number_of_threads),
        cmocka_unit_test(stopped_and_resumed),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* test_student.c: the rules that make a distillation comparable: both arms differ in the loss only (11), labels have no
 * influence at alpha = 1 (12), test rows have none at all (13, 20), the grid is decided on validation. Which labels are
 * used, and the floor: test_lesson.c. */
#include "lesson_cases.h"

#include "base/rng.h"
#include "knowledge/knowledge.h"
#include "learn/model_logistic.h"
#include "student/student.h"
#include "teacher/teacher.h"

#include <unistd.h>

static qst_ctx *ctx;
static volatile sig_atomic_t stop_flag;
static qst_table *table;
static qst_dataset *dataset;
static qst_knowledge *knowledge;

static int set_up(void **state)
{
    (void)state;
    if (qst_ctx_create(&(qst_ctx_opts){.n_threads = 2, .interrupt = &stop_flag}, &ctx) != QST_OK) {
        return 1;
    }
    table = lesson_table(ctx);
    return 0;
}

/* Each test has its own, to change as it likes. */
static int begin(void **state)
{
    (void)state;
    dataset = lesson_dataset(table);
    return qst_knowledge_from_table(dataset, lesson_logits(table), QST_SCORE_logit, 1, &knowledge) != QST_OK;
}

static int end(void **state)
{
    (void)state;
    qst_knowledge_free(knowledge);
    qst_dataset_free(dataset);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    qst_table_free(table);
    qst_ctx_free(ctx);
    return 0;
}

static const double ones[] = {1}, halves[] = {0.5}, zeros[] = {0};

/* kd with one temperature and alpha. */
static qst_distill_opts distill_of(const double *temperature, const double *alpha, double label_fraction)
{
    return (qst_distill_opts){.loss = QST_LOSS_kd,
                              .temperatures = temperature,
                              .n_temperatures = 1,
                              .alphas = alpha,
                              .n_alphas = 1,
                              .label_fraction = label_fraction};
}

typedef struct student {
    qst_model *model;
    qst_distill_result result;
    qsti_train_outcome outcome;
} student;

static student distil(const qst_train_opts *train, const qst_distill_opts *opts)
{
    student s = {0};
    const qst_model_opts model = lesson_student();
    assert_ok(ctx, qsti_student_distill(dataset, knowledge, &model, train, opts, &s.model, &s.result, &s.outcome));
    return s;
}

static student control(const qst_train_opts *train, const qst_distill_opts *opts)
{
    student s = {0};
    const qst_model_opts model = lesson_student();
    assert_ok(ctx, qsti_student_control(dataset, knowledge, &model, train, opts, &s.model, &s.outcome));
    s.result.train = s.outcome.result;
    return s;
}

static void student_clear(student *s)
{
    qst_distill_result_clear(ctx, &s->result);
    qsti_train_outcome_clear(ctx, &s->outcome);
    qst_model_free(s->model);
}

static bool same_weights(const qst_model *a, const qst_model *b)
{
    return a->n_weights == b->n_weights && memcmp(a->weights, b->weights, a->n_weights * sizeof(double)) == 0;
}

static void assert_same(const student *a, const student *b)
{
    assert_true(same_weights(a->model, b->model));
    assert_int_equal(a->outcome.n_epochs, b->outcome.n_epochs);
    assert_memory_equal(a->outcome.epochs, b->outcome.epochs, a->outcome.n_epochs * sizeof *a->outcome.epochs);
}

/* Gives the labels of one part, and of that part alone, to other rows of it. */
static void permute_labels(qst_split split)
{
    size_t *row = NULL, n = 0;
    qsti_rng rng = qsti_rng_init(8, QSTI_PURPOSE_TEST, 0, 0);
    assert_ok(ctx, qsti_dataset_rows(dataset, split, &row, &n));
    for (size_t last = n; last > 1; last--) {
        size_t other = (size_t)qsti_rng_below(&rng, last);
        int64_t label = dataset->labels[row[last - 1]];
        dataset->labels[row[last - 1]] = dataset->labels[row[other]];
        dataset->labels[row[other]] = label;
    }
    qsti_free(ctx, row);
}

/* --- rule 11 ------------------------------------------------------------------------------------------------------ */

static void without_teacher_both_arms_are_one(void **state)
{
    (void)state;
    const double temperature = 4;
    for (int variant = 0; variant < 6; variant++) {
        qst_train_opts train = lesson_train();
        qst_distill_opts opts = distill_of(&temperature, zeros, variant >= 3 ? 0.2 : 1);
        train.epochs = 8;
        train.select = variant % 3 == 0 ? QST_SELECT_LAST : QST_SELECT_BEST;
        train.patience = variant % 3 == 2 ? 1 : 0;
        train.restarts = variant % 3 == 1 ? 1 : 0;
        train.learning_rate = 0.3;
        student kd = distil(&train, &opts), ce = control(&train, &opts);
        for (size_t i = 0; i < kd.outcome.n_epochs;
             i++) { /* kd says what its other term is, and that it pulls at nothing */
            qsti_epoch *epoch = &kd.outcome.epochs[i];
            assert_true(epoch->soft_loss > 0 && epoch->soft_gradient == 0);
            epoch->soft_loss = ce.outcome.epochs[i].soft_loss;
            epoch->soft_gradient = ce.outcome.epochs[i].soft_gradient;
        }
        assert_same(&kd, &ce);
        assert_int_equal(kd.outcome.result.steps, ce.outcome.result.steps);
        assert_int_equal(kd.outcome.result.selected_epoch, ce.outcome.result.selected_epoch);
        student_clear(&kd);
        student_clear(&ce);
    }
}

/* With a teacher: the same first batch of the same weights, the same number of steps, another end. */
static void arms_differ_in_the_loss_only(void **state)
{
    (void)state;
    qst_train_opts train = lesson_train();
    qst_distill_opts opts = distill_of(ones, halves, 0.1);
    student kd = distil(&train, &opts), ce = control(&train, &opts);
    assert_int_equal(kd.outcome.result.steps, ce.outcome.result.steps);
    assert_int_equal(kd.outcome.result.steps, 3 * ((84 + 15) / 16));
    assert_int_equal(kd.result.n_labelled, 9); /* round(0.1 * 28) = 3 a class */
    assert_false(same_weights(kd.model, ce.model));
    student_clear(&kd);
    student_clear(&ce);
    /* A vanishing rate leaves the weights both began with. */
    train.learning_rate = 1e-300;
    kd = distil(&train, &opts);
    ce = control(&train, &opts);
    for (size_t i = 0; i < kd.model->n_weights; i++) {
        assert_close(kd.model->weights[i], ce.model->weights[i], 1e-290);
    }
    student_clear(&kd);
    student_clear(&ce);
}

/* --- rule 12 ------------------------------------------------------------------------------------------------------ */

static void at_alpha_1_labels_change_no_bit(void **state)
{
    (void)state;
    for (int patience = 0; patience < 2; patience++) {
        qst_train_opts train = lesson_train();
        qst_distill_opts opts = distill_of(ones, ones, patience ? 0.3 : 1);
        train.epochs = 10;
        train.learning_rate = 0.3;
        train.patience = (size_t)patience;
        student before = distil(&train, &opts);
        permute_labels(QST_TRAIN);
        permute_labels(QST_VALIDATION);
        student after = distil(&train, &opts);
        assert_true(same_weights(before.model, after.model));
        assert_int_equal(before.outcome.n_epochs, after.outcome.n_epochs);
        for (size_t e = 0; e < before.outcome.n_epochs; e++) {
            assert_close(before.outcome.epochs[e].train_loss, after.outcome.epochs[e].train_loss, 0);
            assert_close(before.outcome.epochs[e].validation_loss, after.outcome.epochs[e].validation_loss, 0);
        }
        /* Below 1 they do. */
        const double alpha = 0.999;
        opts.alphas = &alpha;
        student other = distil(&train, &opts);
        assert_false(same_weights(other.model, after.model));
        student_clear(&before);
        student_clear(&after);
        student_clear(&other);
    }
}

/* --- rules 13 and 20 ---------------------------------------------------------------------------------------------- */

/* Test rows that are not even numbers: whoever reads one says so. */
static void test_rows_are_never_read(void **state)
{
    (void)state;
    const double temperatures[] = {1, 2};
    qst_train_opts train = lesson_train();
    qst_distill_opts opts = distill_of(temperatures, halves, 0.5);
    opts.n_temperatures = 2;
    train.select = QST_SELECT_BEST;
    student kd = distil(&train, &opts), ce = control(&train, &opts);
    qst_model *floor = NULL, *floor_after = NULL;
    assert_ok(ctx, qst_student_floor(dataset, &opts, 1, &floor));
    size_t *row = NULL, n = 0;
    assert_ok(ctx, qsti_dataset_rows(dataset, QST_TEST, &row, &n));
    assert_int_equal(n, 45);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < 4; j++) {
            dataset->features[4 * row[i] + j] = NAN;
        }
        for (size_t c = 0; c < 3; c++) {
            knowledge->scores[3 * row[i] + c] = NAN;
        }
        dataset->labels[row[i]] = 99;
    }
    qsti_free(ctx, row);
    student kd_after = distil(&train, &opts), ce_after = control(&train, &opts);
    assert_ok(ctx, qst_student_floor(dataset, &opts, 1, &floor_after));
    assert_same(&kd, &kd_after);
    assert_same(&ce, &ce_after);
    assert_memory_equal(kd.result.cells, kd_after.result.cells, 2 * sizeof *kd.result.cells);
    assert_true(same_weights(floor, floor_after));
    student_clear(&kd);
    student_clear(&ce);
    student_clear(&kd_after);
    student_clear(&ce_after);
    qst_model_free(floor);
    qst_model_free(floor_after);
}

/* The same from the table on: other test rows change no fitted constant and no weight. */
static void other_test_rows_change_no_bit(void **state)
{
    (void)state;
    qst_train_opts train = lesson_train();
    qst_distill_opts opts = distill_of(ones, halves, 1);
    student before = distil(&train, &opts);
    qst_table *changed = lesson_table(ctx);
    for (size_t i = 0; i < 150; i++) {
        if (dataset->splits[i] == QST_TEST) {
            for (size_t j = 0; j < 4; j++) {
                changed->features[4 * (size_t)dataset->ids[i] + j] += 100;
            }
        }
    }
    end(NULL);
    dataset = lesson_dataset(changed);
    assert_ok(ctx, qst_knowledge_from_table(dataset, lesson_logits(table), QST_SCORE_logit, 1, &knowledge));
    student after = distil(&train, &opts);
    assert_same(&before, &after);
    double raw[3], raw_after[3];
    const qst_const_matrix row = {qst_table_features(table).data, 1, 4};
    assert_ok(ctx, qst_model_predict(before.model, row, (qst_matrix){raw, 1, 3}));
    assert_ok(ctx, qst_model_predict(after.model, row, (qst_matrix){raw_after, 1, 3}));
    assert_memory_equal(raw, raw_after, sizeof raw);
    student_clear(&before);
    student_clear(&after);
    qst_table_free(changed);
}

/* --- few labels --------------------------------------------------------------------------------------------------- */

/* Control and floor are what the lesson's rows give by hand: masked rows without their label, in the control's batches
 * all the same, not in the floor's fit at all. */
static void arms_learn_from_the_lesson(void **state)
{
    (void)state;
    qst_train_opts train = lesson_train();
    qst_distill_opts opts = distill_of(ones, halves, 0.2);
    qsti_lesson lesson;
    student kd = distil(&train, &opts), ce = control(&train, &opts);
    qst_model *floor = NULL;
    assert_ok(ctx, qst_student_floor(dataset, &opts, 1, &floor));
    assert_ok(ctx, qsti_lesson_create(dataset, 0.2, 0, &lesson));
    const qst_train_data data = {.x = qsti_part_x(&lesson.train), .labels = lesson.train.labels};
    qst_model *by_hand = NULL;
    const qst_model_opts model = lesson_student();
    assert_ok(ctx, qst_model_create(ctx, &model, 4, 3, &by_hand));
    qst_model_initialize(by_hand, train.seed);
    assert_ok(ctx, qst_model_train(by_hand, &data, NULL, &train, NULL));
    assert_true(same_weights(by_hand, ce.model));
    assert_false(same_weights(by_hand, kd.model));
    qst_model *floor_by_hand = NULL;
    double x[84 * 4];
    int64_t labels[84];
    size_t n = 0;
    for (size_t i = 0; i < 84; i++) {
        if (lesson.train.labels[i] >= 0) {
            memcpy(x + 4 * n, lesson.train.x + 4 * i, 4 * sizeof *x);
            labels[n++] = lesson.train.labels[i];
        }
    }
    assert_int_equal(n, lesson.n_labelled);
    assert_int_equal(n, kd.result.n_labelled);
    assert_ok(ctx, qsti_model_logistic_create(ctx, 4, 3, &floor_by_hand));
    assert_ok(ctx, qsti_logistic_fit(floor_by_hand, (qst_const_matrix){x, n, 4}, labels, 1));
    assert_true(same_weights(floor, floor_by_hand));
    qst_model_free(floor);
    qst_model_free(floor_by_hand);
    qst_model_free(by_hand);
    qsti_lesson_clear(ctx, &lesson);
    student_clear(&kd);
    student_clear(&ce);
}

/* --- the grid ----------------------------------------------------------------------------------------------------- */

static void the_grid_is_decided_on_validation(void **state)
{
    (void)state;
    const double temperatures[] = {1, 4}, alphas[] = {0, 0.5, 1};
    bool later = false;
    for (uint64_t seed = 0; seed < 5; seed++) {
        qst_train_opts train = lesson_train();
        qst_distill_opts opts = {.loss = QST_LOSS_kd,
                                 .temperatures = temperatures,
                                 .n_temperatures = 2,
                                 .alphas = alphas,
                                 .n_alphas = 3,
                                 .label_fraction = 0.5};
        train.seed = seed;
        student grid = distil(&train, &opts);
        assert_int_equal(grid.result.n_cells, 6);
        size_t best = 0;
        for (size_t i = 0; i < 6; i++) {
            const qst_distill_cell *cell = &grid.result.cells[i], *b = &grid.result.cells[best];
            assert_close(cell->temperature, temperatures[i / 3], 0);
            assert_close(cell->alpha, alphas[i % 3], 0);
            qst_distill_opts one = distill_of(&cell->temperature, &cell->alpha, 0.5);
            student alone = distil(&train, &one);
            assert_close(alone.result.cells[0].validation_accuracy, cell->validation_accuracy, 0);
            assert_close(alone.result.cells[0].validation_loss, cell->validation_loss, 0);
            assert_int_equal(same_weights(alone.model, grid.model), cell->chosen);
            if (cell->validation_accuracy > b->validation_accuracy ||
                (cell->validation_accuracy == b->validation_accuracy && cell->validation_loss < b->validation_loss)) {
                best = i;
            }
            student_clear(&alone);
        }
        for (size_t i = 0; i < 6; i++) {
            assert_int_equal(grid.result.cells[i].chosen, i == best);
        }
        assert_close(grid.result.temperature, temperatures[best / 3], 0);
        assert_close(grid.result.alpha, alphas[best % 3], 0);
        later |= best > 0;
        student_clear(&grid);
    }
    assert_true(later);
}

/* The judgement of a cell is accuracy and cross-entropy of the labelled validation rows, whatever the loss. */
static void cells_are_judged_by_labels(void **state)
{
    (void)state;
    qst_train_opts train = lesson_train();
    qst_distill_opts opts = {.loss = QST_LOSS_logit_mse, .label_fraction = 0.5};
    student s = distil(&train, &opts);
    qsti_lesson lesson;
    double scores[21 * 3], entropy = 0;
    size_t n_right = 0, n = 0;
    assert_int_equal(s.result.n_cells, 1);
    assert_ok(ctx, qsti_lesson_create(dataset, 0.5, 0, &lesson));
    assert_ok(ctx, qst_model_scores(s.model, qsti_part_x(&lesson.validation), (qst_matrix){scores, 21, 3}));
    for (size_t i = 0; i < 21; i++) {
        const double *z = scores + 3 * i;
        int64_t label = lesson.validation.labels[i];
        if (label >= 0) {
            n++;
            n_right += z[label] >= z[0] && z[label] >= z[1] && z[label] >= z[2];
            entropy += log(exp(z[0]) + exp(z[1]) + exp(z[2])) - z[label];
        }
    }
    assert_close(s.result.cells[0].validation_accuracy, (double)n_right / (double)n, 1e-15);
    assert_close(s.result.cells[0].validation_loss, entropy / (double)n, 1e-13);
    qsti_lesson_clear(ctx, &lesson);
    student_clear(&s);
}

static void refuse(const qst_train_opts *train, const qst_distill_opts *opts, qst_status expected, const char *part)
{
    const qst_model_opts model = lesson_student();
    qst_model *out = NULL;
    qst_distill_result result = {.n_cells = 123};
    assert_status(ctx, qst_student_distill(dataset, knowledge, &model, train, opts, &out, &result), expected);
    assert_message(ctx, part);
    assert_null(out);
    assert_int_equal(result.n_cells, 123);
}

static void wrong_grids_are_refused_before_training(void **state)
{
    (void)state;
    const double bad_temperatures[] = {1, 1e7}, bad_alphas[] = {0.5, 1.5}, good[] = {1, 2};
    qst_train_opts train = lesson_train();
    qst_distill_opts opts = distill_of(bad_temperatures, halves, 1);
    train.checkpoint = support_path("grid.ckpt");
    opts.n_temperatures = 2;
    refuse(&train, &opts, QST_ERR_USAGE, "temperature: 1e+07 is not <= 1e+06");
    opts = distill_of(ones, bad_alphas, 1);
    opts.n_alphas = 2;
    refuse(&train, &opts, QST_ERR_USAGE, "alpha: 1.5 is not in [0, 1]");
    assert_true(access(support_path("grid.ckpt.0"), F_OK) != 0);
    opts = distill_of(ones, halves, 0);
    refuse(&train, &opts, QST_ERR_USAGE, "label_fraction: 0 is not in (0, 1]");
    qst_dataset *unvalidated = NULL;
    assert_ok(ctx, qst_dataset_create(table, &(qst_dataset_opts){.test = 0.3, .seed = 1}, &unvalidated));
    end(NULL);
    dataset = unvalidated;
    assert_ok(ctx, qst_knowledge_from_table(dataset, lesson_logits(table), QST_SCORE_logit, 1, &knowledge));
    opts = distill_of(good, halves, 1);
    opts.n_temperatures = 2;
    refuse(&train, &opts, QST_ERR_USAGE, "2 temperatures and alphas to choose from, but no validation rows");
    opts.n_temperatures = 1;
    student s = distil(&train, &opts); /* one cell needs no choice */
    assert_true(isnan(s.result.cells[0].validation_accuracy) && s.result.cells[0].chosen);
    student_clear(&s);
}

static void knowledge_of_other_data_is_refused(void **state)
{
    (void)state;
    qst_train_opts train = lesson_train();
    qst_distill_opts opts = distill_of(ones, halves, 1);
    qst_dataset *two = lesson_dataset_of_two(table), *kept = dataset;
    dataset = two;
    refuse(&train, &opts, QST_ERR_MISMATCH, "the knowledge was made from the dataset with SHA-256");
    dataset = kept;
    qst_dataset_free(two);
    opts.loss = QST_LOSS_expectation_mse;
    refuse(&train, &opts, QST_ERR_MISMATCH, "expectation values (head none)");
}

/* --- initial weights, and rule 21 --------------------------------------------------------------------------------- */

/* A student that is its teacher's copy stays it, to the last bit. */
static void self_distillation_is_a_fixed_point(void **state)
{
    (void)state;
    const qst_loss losses[] = {QST_LOSS_kd, QST_LOSS_logit_mse};
    qst_train_opts train = lesson_train();
    const qst_model_opts model = lesson_student();
    qst_model *teacher = NULL;
    assert_ok(ctx, qst_teacher_train(dataset, &model, &train, &teacher, NULL));
    qst_knowledge_free(knowledge);
    knowledge = NULL;
    assert_ok(ctx, qst_knowledge_extract(teacher, dataset, &knowledge));
    assert_ok(ctx, qst_knowledge_add_weights(knowledge, teacher));
    for (size_t i = 0; i < 2; i++) {
        qst_distill_opts opts = distill_of(ones, ones, 1);
        opts.loss = losses[i];
        opts.initial_weights = true;
        train.seed = 77;
        student s = distil(&train, &opts);
        assert_true(same_weights(s.model, teacher));
        assert_close(s.result.train.train_loss, 0, 0);
        student_clear(&s);
    }
    qst_model_free(teacher);
}

static void both_arms_start_from_the_teachers_weights(void **state)
{
    (void)state;
    qst_train_opts train = lesson_train();
    qst_model_opts deep = lesson_student();
    qst_model *teacher = NULL;
    deep.circuit.ansatz.reps = 3;
    assert_ok(ctx, qst_teacher_train(dataset, &deep, &train, &teacher, NULL));
    qst_knowledge_free(knowledge);
    knowledge = NULL;
    assert_ok(ctx, qst_knowledge_extract(teacher, dataset, &knowledge));
    qst_distill_opts opts = distill_of(ones, halves, 1);
    opts.initial_weights = true;
    refuse(&train, &opts, QST_ERR_MISMATCH, "initial_weights: the knowledge holds none");
    assert_ok(ctx, qst_knowledge_add_weights(knowledge, teacher));
    train.learning_rate = 1e-300;
    student kd = distil(&train, &opts), ce = control(&train, &opts);
    size_t n_layer = 2 * 4 + 6; /* 4 features with scale and shift, 3 angles on each of 2 qubits */
    assert_memory_equal(kd.model->weights, teacher->weights, n_layer * sizeof(double));
    assert_memory_equal(kd.model->weights + n_layer, teacher->weights + 3 * n_layer, 9 * sizeof(double));
    assert_true(same_weights(kd.model, ce.model));
    student_clear(&kd);
    student_clear(&ce);
    /* A control that could not start where the student does is no control. */
    qst_model *out = NULL;
    const qst_model_opts model = lesson_student();
    assert_status(ctx, qst_student_control(dataset, NULL, &model, &train, &opts, &out, NULL), QST_ERR_MISMATCH);
    assert_message(ctx, "initial_weights: the knowledge holds none");
    assert_ok(ctx, qst_student_control(dataset, knowledge, &model, &train, &opts, &out, NULL));
    qst_model_free(out);
    /* Nothing that fits: another encoding, another head. */
    qst_model_opts other = lesson_student();
    const char *const probabilities = "probabilities";
    other.circuit.encoding.name = "angle_x";
    other.circuit.qubits = 4;
    other.outputs = &probabilities;
    assert_status(ctx, qst_student_distill(dataset, knowledge, &other, &train, &opts, &out, NULL), QST_ERR_MISMATCH);
    assert_message(ctx, "initial_weights: none of the teacher's weights fit");
    qst_model_free(teacher);
}

/* --- stopping ----------------------------------------------------------------------------------------------------- */

typedef struct stopper {
    size_t n_steps, stop_at;
    double done;
} stopper;

static void count_step(void *user, const qst_progress *progress)
{
    stopper *s = user;
    assert_true(progress->done > s->done && progress->done <= progress->total * (1 + 1e-12));
    s->done = progress->done;
    stop_flag = ++s->n_steps == s->stop_at;
}

/* A grid on one thread that is stopped at a step, as another process would be. */
static void stop_a_grid(const qst_train_opts *train, const qst_distill_opts *opts, size_t at)
{
    const qst_model_opts model = lesson_student();
    stopper s = {.stop_at = at};
    qst_ctx *own = NULL;
    const qst_ctx_opts own_opts = {.n_threads = 1, .progress = count_step, .user = &s, .interrupt = &stop_flag};
    student stopped = {0};
    assert_ok(own, qst_ctx_create(&own_opts, &own));
    qst_dataset here = qsti_dataset_view(dataset, own);
    assert_status(
        own,
        qsti_student_distill(&here, knowledge, &model, train, opts, &stopped.model, &stopped.result, &stopped.outcome),
        QST_ERR_INTERRUPTED);
    assert_int_equal(s.n_steps, at);
    stop_flag = 0;
    qst_ctx_free(own);
}

static void a_grid_stopped_and_resumed(void **state)
{
    (void)state;
    const double temperatures[] = {1, 3};
    qst_train_opts train = lesson_train();
    qst_distill_opts opts = distill_of(temperatures, halves, 0.5);
    opts.n_temperatures = 2;
    train.select = QST_SELECT_BEST;
    student whole = distil(&train, &opts);
    train.checkpoint_every_s = 1e6;
    train.resume = true;
    char path[1024];
    (void)snprintf(path, sizeof path, "%s", support_path("student.ckpt"));
    train.checkpoint = path;
    for (size_t at = 1; at <= 36; at += 5) {
        unlink(support_path("student.ckpt.0"));
        unlink(support_path("student.ckpt.1"));
        stop_a_grid(&train, &opts, at);
        student resumed = distil(&train, &opts);
        assert_same(&resumed, &whole);
        assert_memory_equal(resumed.result.cells, whole.result.cells, 2 * sizeof *whole.result.cells);
        student_clear(&resumed);
    }
    student_clear(&whole);
}

/* --- side by side ------------------------------------------------------------------------------------------------- */

/* Four cells on 1, 2, 3 and 7 threads: the same bits, the same choice. */
static void a_grid_on_any_number_of_threads(void **state)
{
    (void)state;
    const double temperatures[] = {1, 3}, alphas[] = {0.3, 0.9};
    const qst_model_opts model = lesson_student();
    qst_train_opts train = lesson_train();
    const qst_distill_opts opts = {.loss = QST_LOSS_kd,
                                   .temperatures = temperatures,
                                   .n_temperatures = 2,
                                   .alphas = alphas,
                                   .n_alphas = 2,
                                   .label_fraction = 0.5};
    student first = {0};
    for (size_t i = 0; i < 4; i++) {
        qst_ctx *own = support_ctx((int[]){1, 2, 3, 7}[i]);
        qst_dataset here = qsti_dataset_view(dataset, own);
        student s = {0};
        assert_ok(own, qsti_student_distill(&here, knowledge, &model, &train, &opts, &s.model, &s.result, &s.outcome));
        if (i == 0) {
            first = s; /* its context lives until the end */
            continue;
        }
        assert_same(&s, &first);
        assert_memory_equal(s.result.cells, first.result.cells, 4 * sizeof *first.result.cells);
        student_clear(&s);
        qst_ctx_free(own);
    }
    qst_ctx *own = first.model->ctx;
    student_clear(&first);
    qst_ctx_free(own);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static qst_status all_arms(qst_ctx *own, void *arg)
{
    qst_status status = QST_OK;
    qst_dataset *loaded = NULL;
    qst_knowledge *known = NULL;
    qst_model *kd = NULL, *ce = NULL, *floor = NULL;
    qst_distill_result result = {0};
    const double temperatures[] = {1, 2};
    const qst_model_opts model = lesson_student();
    qst_train_opts train = lesson_train();
    qst_distill_opts opts = distill_of(temperatures, halves, 0.5);
    opts.n_temperatures = 2;
    train.epochs = 1;
    train.batch = 84;
    QSTI_TRY(qst_dataset_load(own, arg, &loaded));
    QSTI_TRY(qst_knowledge_from_table(loaded, lesson_logits(table), QST_SCORE_logit, 1, &known));
    QSTI_TRY(qst_student_distill(loaded, known, &model, &train, &opts, &kd, &result));
    QSTI_TRY(qst_student_control(loaded, known, &model, &train, &opts, &ce, NULL));
    QSTI_TRY(qst_student_floor(loaded, &opts, 1, &floor));
done:
    qst_distill_result_clear(own, &result);
    qst_model_free(kd);
    qst_model_free(ce);
    qst_model_free(floor);
    qst_knowledge_free(known);
    qst_dataset_free(loaded);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s", support_path("memory-data"));
    assert_ok(ctx, qst_dataset_save(dataset, folder));
    support_fail_each_allocation(all_arms, folder);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_teacher_both_arms_are_one),
        TEST(arms_differ_in_the_loss_only),
        TEST(at_alpha_1_labels_change_no_bit),
        TEST(test_rows_are_never_read),
        TEST(other_test_rows_change_no_bit),
        TEST(arms_learn_from_the_lesson),
        TEST(the_grid_is_decided_on_validation),
        TEST(cells_are_judged_by_labels),
        TEST(wrong_grids_are_refused_before_training),
        TEST(knowledge_of_other_data_is_refused),
        TEST(self_distillation_is_a_fixed_point),
        TEST(both_arms_start_from_the_teachers_weights),
        TEST(a_grid_stopped_and_resumed),
        TEST(a_grid_on_any_number_of_threads),
        TEST(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

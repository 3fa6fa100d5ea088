/* test_checkpoint.c: a training stopped at any step and resumed ends with the bits of one that was not; checkpoints of
 * other trainings, damaged ones and newer ones are refused; a checkpoint that cannot be written leaves the last one. */
#include "learn_cases.h"

#include "base/rng.h"
#include "base/tensors.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FORMAT "qstill-checkpoint/1"

static qst_ctx *ctx;
static volatile sig_atomic_t stop_flag;
static learn_rows rows, validation;

static int set_up(void **state)
{
    (void)state;
    learn_rows_make(&rows, 30, 1);
    learn_rows_make(&validation, 20, 2);
    return qst_ctx_create(&(qst_ctx_opts){.n_threads = 1, .interrupt = &stop_flag}, &ctx) != QST_OK;
}

static int tear_down(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

/* --- stopping at a step ------------------------------------------------------------------------------------------- */

typedef struct stopper {
    size_t n_steps, stop_at; /* 0: never */
} stopper;

static void count_step(void *user, double done, double loss)
{
    stopper *s = user;
    (void)done;
    (void)loss;
    if (++s->n_steps == s->stop_at) {
        stop_flag = 1;
    }
}

typedef struct trained {
    qst_model *model;
    qsti_train_outcome outcome;
    size_t n_steps;
} trained;

static qst_status train(const char *output, const qst_train_opts *opts, size_t stop_at, trained *out)
{
    stopper s = {0, stop_at};
    const qsti_train_hooks hooks = {.step = count_step, .user = &s};
    const qst_train_data data = learn_taught(&rows, QST_SCORE_logit),
                         judged = learn_taught(&validation, QST_SCORE_logit);
    *out = (trained){.model = learn_model(ctx, output, QST_HEAD_linear, QST_DOUBLE)};
    qst_status status = qsti_train(out->model, &data, &judged, opts, &hooks, &out->outcome);
    out->n_steps = s.n_steps;
    stop_flag = 0;
    return status;
}

static void trained_clear(trained *t)
{
    qsti_train_outcome_clear(ctx, &t->outcome);
    qst_model_free(t->model);
}

static void assert_same(const trained *a, const trained *b)
{
    const qst_train_result *x = &a->outcome.result, *y = &b->outcome.result;
    size_t n = a->model->n_weights * sizeof(double);
    assert_memory_equal(a->model->weights, b->model->weights, n);
    assert_memory_equal(a->outcome.last, b->outcome.last, n);
    assert_int_equal(a->outcome.n_epochs, b->outcome.n_epochs);
    assert_memory_equal(a->outcome.epochs, b->outcome.epochs, a->outcome.n_epochs * sizeof *a->outcome.epochs);
    assert_int_equal(a->outcome.n_terms, b->outcome.n_terms);
    assert_memory_equal(a->outcome.terms, b->outcome.terms,
                        a->outcome.n_epochs * a->outcome.n_terms * sizeof *a->outcome.terms);
    assert_int_equal(x->epochs, y->epochs);
    assert_int_equal(x->selected_epoch, y->selected_epoch);
    assert_int_equal(x->steps, y->steps);
    assert_int_equal(x->divergences, y->divergences);
    assert_memory_equal(&x->train_loss, &y->train_loss, 3 * sizeof(double));
}

static qst_train_opts opts_of(qst_optimizer optimizer, const char *file)
{
    qst_train_opts opts = learn_opts();
    opts.loss = QST_LOSS_kd;
    opts.optimizer = optimizer;
    opts.momentum = optimizer == QST_OPTIMIZER_sgd ? 0.9 : 0;
    opts.weight_decay = 0.01;
    opts.schedule = QST_SCHEDULE_cosine;
    opts.batch = 12;
    opts.epochs = 5;
    opts.restarts = 2;
    opts.patience = 2;
    opts.learning_rate = 0.2;
    opts.select = QST_SELECT_BEST;
    opts.checkpoint = file ? support_path(file) : NULL;
    opts.checkpoint_every_s = 1e6;
    return opts;
}

/* Every step is a place to stop: in the middle of epochs, at their ends, in the first restart and in the last. */
static void stopped_at_any_step(void **state)
{
    (void)state;
    const qst_optimizer kinds[] = {QST_OPTIMIZER_adam, QST_OPTIMIZER_adamw, QST_OPTIMIZER_sgd};
    for (size_t k = 0; k < 3; k++) {
        qst_train_opts opts = opts_of(kinds[k], NULL);
        trained whole, part, resumed;
        assert_ok(ctx, train("z", &opts, 0, &whole));
        assert_in_range(whole.n_steps, 10, 45);
        for (size_t at = 1; at <= whole.n_steps; at++) {
            opts = opts_of(kinds[k], "any.ckpt");
            unlink(opts.checkpoint);
            opts.resume = true;
            qst_model *fresh = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
            assert_status(ctx, train("z", &opts, at, &part), QST_ERR_INTERRUPTED);
            assert_int_equal(part.n_steps, at);
            assert_memory_equal(part.model->weights, fresh->weights, fresh->n_weights * sizeof(double));
            assert_int_equal(part.model->seed, fresh->seed);
            assert_ok(ctx, train("z", &opts, 0, &resumed));
            assert_int_equal(resumed.n_steps, whole.n_steps - at);
            assert_same(&resumed, &whole);
            trained_clear(&part);
            trained_clear(&resumed);
            qst_model_free(fresh);
        }
        trained_clear(&whole);
    }
}

/* With terms that come and go, schedules, and rows without a direction, which are counted. */
static void stopped_with_a_plan(void **state)
{
    (void)state;
    const qst_loss_term terms[] = {
        {QST_LOSS_rkd_angle, 3, 2, 3, 1, qst_loss_parameters_default()},
        {QST_LOSS_logit_standardization, 0.5, 1, 0, 2, qst_loss_parameters_default()},
    };
    qst_loss_plan plan = qst_loss_plan_default();
    plan.temperature_schedule = QST_SCHEDULE_linear;
    plan.first_epoch = 2;
    plan.last_epoch = 4;
    plan.terms = terms;
    plan.n_terms = 2;
    qst_train_opts opts = opts_of(QST_OPTIMIZER_adam, NULL);
    opts.plan = &plan;
    opts.temperature = 4;
    opts.restarts = 1;
    trained whole, part, resumed;
    assert_ok(ctx, train("z", &opts, 0, &whole));
    assert_int_equal(whole.outcome.n_terms, 2);
    for (size_t at = 1; at <= whole.n_steps; at++) {
        opts.checkpoint = support_path("plan.ckpt");
        unlink(opts.checkpoint);
        opts.resume = true;
        assert_status(ctx, train("z", &opts, at, &part), QST_ERR_INTERRUPTED);
        assert_ok(ctx, train("z", &opts, 0, &resumed));
        assert_same(&resumed, &whole);
        trained_clear(&part);
        trained_clear(&resumed);
    }
    plan.parameters.delta = 2; /* another training */
    assert_status(ctx, train("z", &opts, 0, &resumed), QST_ERR_MISMATCH);
    trained_clear(&resumed);
    trained_clear(&whole);
}

/* The same model object goes on, and stops again and again. */
static void stopped_at_random_steps_again_and_again(void **state)
{
    (void)state;
    qsti_rng rng = qsti_rng_init(1, QSTI_PURPOSE_TEST, 0, 0);
    for (size_t round = 0; round < 20; round++) {
        qst_train_opts opts = opts_of((qst_optimizer)(round % 3), NULL);
        trained whole, now;
        assert_ok(ctx, train("probabilities", &opts, 0, &whole));
        opts = opts_of((qst_optimizer)(round % 3), "again.ckpt");
        unlink(opts.checkpoint);
        opts.resume = true;
        qst_status status;
        do {
            status = train("probabilities", &opts, 1 + qsti_rng_below(&rng, 6), &now);
            if (status != QST_OK) {
                assert_status(ctx, status, QST_ERR_INTERRUPTED);
                trained_clear(&now);
            }
        } while (status != QST_OK);
        assert_same(&now, &whole);
        trained_clear(&now);
        trained_clear(&whole);
    }
}

/* Killed without warning at random moments, with a checkpoint after every step: what is there can always be gone on
 * with. */
static void killed_at_random_moments(void **state)
{
    (void)state;
    qsti_rng rng = qsti_rng_init(2, QSTI_PURPOSE_TEST, 0, 0);
    qst_train_opts opts = opts_of(QST_OPTIMIZER_adam, NULL);
    trained whole, now;
    assert_ok(ctx, train("z", &opts, 0, &whole));
    opts.checkpoint = support_path("killed.ckpt");
    opts.checkpoint_every_s = 0;
    opts.resume = true;
    unlink(opts.checkpoint);
    for (int n_kills = 0; n_kills < 25; n_kills++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            _exit(train("z", &opts, 0, &now) != QST_OK);
        }
        usleep((useconds_t)qsti_rng_below(&rng, 12000));
        int status;
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    }
    assert_ok(ctx, train("z", &opts, 0, &now));
    assert_same(&now, &whole);
    trained_clear(&now);
    trained_clear(&whole);
}

/* Steps taken back are part of the state. */
static void stopped_between_divergences(void **state)
{
    (void)state;
    for (size_t at = 1; at <= 24; at += 3) {
        qst_train_opts opts = opts_of(QST_OPTIMIZER_sgd, NULL);
        opts.restarts = 0;
        opts.patience = 0;
        opts.epochs = 8;
        opts.learning_rate = 40; /* the loss runs away for epochs on end */
        opts.loss = QST_LOSS_logit_mse;
        trained whole, part, resumed;
        qst_status status = train("logistic", &opts, 0, &whole);
        assert_true(status == QST_ERR_DIVERGED || whole.outcome.result.divergences > 0);
        opts.checkpoint = support_path("divergences.ckpt");
        unlink(opts.checkpoint);
        opts.resume = true;
        assert_status(ctx, train("logistic", &opts, at, &part), QST_ERR_INTERRUPTED);
        assert_status(ctx, train("logistic", &opts, 0, &resumed), status);
        assert_memory_equal(resumed.model->weights, whole.model->weights, whole.model->n_weights * sizeof(double));
        if (status == QST_OK) {
            assert_same(&resumed, &whole);
        }
        trained_clear(&whole);
        trained_clear(&part);
        trained_clear(&resumed);
    }
}

static void without_a_checkpoint_nothing_is_written(void **state)
{
    (void)state;
    qst_train_opts opts = opts_of(QST_OPTIMIZER_adam, NULL);
    trained part;
    assert_status(ctx, train("z", &opts, 3, &part), QST_ERR_INTERRUPTED);
    trained_clear(&part);
}

static void a_finished_training_takes_no_step(void **state)
{
    (void)state;
    qst_train_opts opts = opts_of(QST_OPTIMIZER_adam, "finished.ckpt");
    trained whole, resumed;
    unlink(opts.checkpoint);
    assert_ok(ctx, train("z", &opts, 0, &whole));
    opts.resume = true;
    for (int i = 0; i < 2; i++) {
        assert_ok(ctx, train("z", &opts, 0, &resumed));
        assert_int_equal(resumed.n_steps, 0);
        assert_same(&resumed, &whole);
        trained_clear(&resumed);
    }
    opts.resume = false; /* begins anew, whatever is there */
    assert_ok(ctx, train("z", &opts, 0, &resumed));
    assert_int_equal(resumed.n_steps, whole.n_steps);
    assert_same(&resumed, &whole);
    trained_clear(&resumed);
    trained_clear(&whole);
}

/* Written after every step, checkpoints change no result; time spent so far is carried on. */
static void written_at_every_step(void **state)
{
    (void)state;
    qst_train_opts opts = opts_of(QST_OPTIMIZER_adam, NULL);
    trained whole, often;
    assert_ok(ctx, train("z", &opts, 0, &whole));
    opts.checkpoint = support_path("often.ckpt");
    opts.checkpoint_every_s = 0;
    unlink(opts.checkpoint);
    assert_ok(ctx, train("z", &opts, 0, &often));
    assert_same(&often, &whole);
    double seconds = often.outcome.result.seconds;
    trained_clear(&often);
    opts.resume = true;
    assert_ok(ctx, train("z", &opts, 0, &often));
    assert_true(seconds > 0 && often.outcome.result.seconds > 0.5 * seconds);
    trained_clear(&often);
    trained_clear(&whole);
}

/* L-BFGS keeps no checkpoint: stopped and called again, it begins anew and ends with the same bits. */
static void lbfgs_begins_anew(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    opts.loss = QST_LOSS_kd;
    opts.optimizer = QST_OPTIMIZER_lbfgs;
    opts.epochs = 20;
    opts.checkpoint = support_path("lbfgs.ckpt");
    trained whole, part, resumed;
    assert_ok(ctx, train("z", &opts, 0, &whole));
    opts.resume = true;
    assert_status(ctx, train("z", &opts, 5, &part), QST_ERR_INTERRUPTED);
    assert_true(access(opts.checkpoint, F_OK) != 0);
    assert_ok(ctx, train("z", &opts, 0, &resumed));
    assert_same(&resumed, &whole);
    trained_clear(&whole);
    trained_clear(&part);
    trained_clear(&resumed);
}

/* --- of another training ------------------------------------------------------------------------------------------ */

static void refuse(const char *output, const qst_train_opts *opts)
{
    trained t;
    assert_status(ctx, train(output, opts, 0, &t), QST_ERR_MISMATCH);
    assert_message(ctx, "other.ckpt: is a checkpoint of another training (other data, model, options or seed)");
    assert_int_equal(t.n_steps, 0);
    trained_clear(&t);
}

static void other_options_are_refused(void **state)
{
    (void)state;
    const qst_train_opts base = opts_of(QST_OPTIMIZER_adam, "other.ckpt");
    qst_train_opts opts = base;
    trained t;
    assert_status(ctx, train("z", &opts, 4, &t), QST_ERR_INTERRUPTED);
    trained_clear(&t);
#define REFUSE_WITH(field, value) \
    do {                          \
        opts = base;              \
        opts.resume = true;       \
        opts.field = (value);     \
        refuse("z", &opts);       \
    } while (0)
    REFUSE_WITH(loss, QST_LOSS_ce);
    REFUSE_WITH(temperature, 2);
    REFUSE_WITH(alpha, 0.25);
    REFUSE_WITH(optimizer, QST_OPTIMIZER_adamw);
    REFUSE_WITH(learning_rate, 0.1);
    REFUSE_WITH(schedule, QST_SCHEDULE_linear);
    REFUSE_WITH(momentum, 0.5);
    REFUSE_WITH(weight_decay, 0);
    REFUSE_WITH(clip_norm, 1);
    REFUSE_WITH(batch, 10);
    REFUSE_WITH(epochs, 6);
    REFUSE_WITH(patience, 3);
    REFUSE_WITH(select, QST_SELECT_LAST);
    REFUSE_WITH(restarts, 1);
    REFUSE_WITH(seed, 4);
#undef REFUSE_WITH
    opts = base;
    opts.resume = true;
    refuse("probabilities", &opts);
    refuse("logistic", &opts);
    opts.checkpoint_every_s = 0; /* how often is no part of it */
    assert_ok(ctx, train("z", &opts, 0, &t));
    trained_clear(&t);
}

static void other_data_is_refused(void **state)
{
    (void)state;
    qst_train_opts opts = opts_of(QST_OPTIMIZER_adam, "other.ckpt");
    const learn_rows rows_before = rows, validation_before = validation;
    trained t;
    unlink(opts.checkpoint);
    assert_status(ctx, train("z", &opts, 4, &t), QST_ERR_INTERRUPTED);
    trained_clear(&t);
    opts.resume = true;
    rows.x[50] += 1e-12;
    refuse("z", &opts);
    rows = rows_before;
    rows.labels[9] = (rows.labels[9] + 1) % 3;
    refuse("z", &opts);
    rows = rows_before;
    rows.logits[9] += 1e-12;
    refuse("z", &opts);
    rows = rows_before;
    rows.n--;
    refuse("z", &opts);
    rows = rows_before;
    validation.x[0] += 1e-12;
    refuse("z", &opts);
    validation = validation_before;
    /* The same numbers as scores of another kind. */
    qst_train_data data = learn_taught(&rows, QST_SCORE_logit), judged = learn_taught(&validation, QST_SCORE_logit);
    data.teacher_kind = QST_SCORE_log_probability;
    qst_model *model = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
    assert_status(ctx, qst_model_train(model, &data, &judged, &opts, NULL), QST_ERR_MISMATCH);
    data.teacher_kind = QST_SCORE_logit;
    assert_status(ctx, qst_model_train(model, &data, NULL, &opts, NULL), QST_ERR_MISMATCH);
    qst_model_initialize(model, 6);
    assert_status(ctx, qst_model_train(model, &data, &judged, &opts, NULL), QST_ERR_MISMATCH);
    qst_model_free(model);
}

/* --- damaged ------------------------------------------------------------------------------------------------------ */

/* A small training of a logistic model: one step of four weights a row. */
static qst_status resume_small(const char *path)
{
    static const double x[2] = {1, -1};
    static const int64_t labels[2] = {0, 1};
    const qst_train_data data = {.x = {x, 2, 1}, .labels = labels};
    qst_train_opts opts = learn_opts();
    qst_model *model = NULL;
    opts.epochs = 1;
    opts.batch = 1;
    opts.checkpoint = path;
    opts.resume = true;
    assert_ok(ctx, qst_model_create(ctx, &(qst_model_opts){.kind = "logistic"}, 1, 2, &model));
    qst_status status = qst_model_train(model, &data, NULL, &opts, NULL);
    qst_model_free(model);
    return status;
}

static size_t small_checkpoint(const char *path, char bytes[8192])
{
    unlink(path);
    assert_ok(ctx, resume_small(path));
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n = fread(bytes, 1, 8192, file);
    (void)fclose(file);
    assert_in_range(n, 500, 8191);
    return n;
}

static void write_at(int file, size_t offset, const void *bytes, size_t n)
{
    assert_int_equal(pwrite(file, bytes, n, (off_t)offset), (ssize_t)n);
}

static void every_flipped_bit_is_refused(void **state)
{
    (void)state;
    char bytes[8192];
    const char *path = support_path("flipped.ckpt");
    size_t n = small_checkpoint(path, bytes);
    int file = open(path, O_RDWR);
    for (size_t i = 0; i < n; i++) {
        for (int bit = 0; bit < 8; bit++) {
            char flipped = (char)(bytes[i] ^ (1 << bit));
            write_at(file, i, &flipped, 1);
            assert_status(ctx, resume_small(path), QST_ERR_DAMAGED);
            assert_message(ctx, path);
        }
        write_at(file, i, &bytes[i], 1);
    }
    assert_ok(ctx, resume_small(path));
    close(file);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    char bytes[8192];
    const char *path = support_path("cut.ckpt");
    size_t n = small_checkpoint(path, bytes);
    for (size_t length = n; length-- > 0;) {
        assert_int_equal(truncate(path, (off_t)length), 0);
        assert_status(ctx, resume_small(path), QST_ERR_DAMAGED);
    }
    /* And one byte too many. */
    support_write("cut.ckpt", bytes, n);
    assert_ok(ctx, resume_small(path));
    bytes[n] = 0;
    support_write("cut.ckpt", bytes, n + 1);
    assert_status(ctx, resume_small(path), QST_ERR_DAMAGED);
}

/* A whole, sound file that is not what the training would have written. */
static void rewrite(const char *path, const char *format, const char *without, size_t extra)
{
    qsti_tensors *tensors = NULL;
    qsti_tensor list[9];
    size_t n = 0;
    static const struct {
        const char *name;
        qsti_dtype dtype;
        size_t n_dims;
    } names[] = {{"weights", QSTI_F64, 1}, {"good", QSTI_F64, 1},      {"selected", QSTI_F64, 1},
                 {"kept", QSTI_F64, 1},    {"kept_last", QSTI_F64, 1}, {"history", QSTI_F64, 2},
                 {"moments", QSTI_F64, 2}, {"counts", QSTI_I64, 1},    {"numbers", QSTI_F64, 1}};
    assert_ok(ctx, qsti_tensors_read(ctx, path, FORMAT, &tensors));
    for (size_t i = 0; i < 9; i++) {
        const qsti_tensor *tensor;
        assert_ok(ctx, qsti_tensors_get(ctx, tensors, names[i].name, names[i].dtype, names[i].n_dims, &tensor));
        if (without == NULL || strcmp(without, names[i].name) != 0) {
            list[n++] = *tensor;
        } else if (extra > 0) {
            list[n] = *tensor;
            list[n++].shape[0] -= 1;
        }
    }
    const qsti_meta meta = {"identity", qsti_tensors_meta(tensors, "identity")};
    assert_ok(ctx, qsti_tensors_write(ctx, path, format, list, n, &meta, 1));
    qsti_tensors_free(ctx, tensors);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    char bytes[8192];
    const char *path = support_path("made.ckpt");
    small_checkpoint(path, bytes);
    rewrite(path, "qstill-checkpoint/2", NULL, 0);
    assert_status(ctx, resume_small(path), QST_ERR_DAMAGED);
    assert_message(ctx, "written by a newer release");
    small_checkpoint(path, bytes);
    rewrite(path, "qstill-model/1", NULL, 0);
    assert_status(ctx, resume_small(path), QST_ERR_DAMAGED);
    const char *const names[] = {"weights", "good",    "selected", "kept",   "kept_last",
                                 "history", "moments", "counts",   "numbers"};
    for (size_t i = 0; i < 9; i++) {
        for (size_t shorter = 0; shorter < 2; shorter++) {
            small_checkpoint(path, bytes);
            rewrite(path, FORMAT, names[i], shorter);
            assert_status(ctx, resume_small(path), QST_ERR_DAMAGED);
            assert_message(ctx, names[i]);
        }
    }
    support_write("made.ckpt", "", 0);
    assert_status(ctx, resume_small(path), QST_ERR_DAMAGED);
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_status(ctx, resume_small(path), QST_ERR_SYSTEM);
    assert_int_equal(rmdir(path), 0);
}

/* --- a file that cannot be written -------------------------------------------------------------------------------- */

static void a_missing_folder(void **state)
{
    (void)state;
    qst_train_opts opts = opts_of(QST_OPTIMIZER_adam, "no/such/folder.ckpt");
    trained t;
    opts.checkpoint_every_s = 0;
    assert_status(ctx, train("z", &opts, 0, &t), QST_ERR_SYSTEM);
    assert_message(ctx, "no/such/folder.ckpt");
    assert_int_equal(t.n_steps, 1);
    trained_clear(&t);
}

/* The folder goes away after the fourth step. */
typedef struct vandal {
    size_t n_steps;
    const char *folder, *elsewhere;
} vandal;

static void take_folder_away(void *user, double done, double loss)
{
    vandal *v = user;
    (void)done;
    (void)loss;
    if (++v->n_steps == 4) {
        assert_int_equal(rename(v->folder, v->elsewhere), 0);
    }
}

static void a_folder_that_vanishes(void **state)
{
    (void)state;
    char folder[1024], elsewhere[1024], path[1100];
    (void)snprintf(folder, sizeof folder, "%s", support_path("here"));
    (void)snprintf(elsewhere, sizeof elsewhere, "%s", support_path("gone"));
    (void)snprintf(path, sizeof path, "%s/run.ckpt", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    qst_train_opts opts = opts_of(QST_OPTIMIZER_adam, NULL);
    trained whole, resumed;
    assert_ok(ctx, train("z", &opts, 0, &whole));
    opts.checkpoint = path;
    opts.checkpoint_every_s = 0;
    vandal v = {.folder = folder, .elsewhere = elsewhere};
    const qsti_train_hooks hooks = {.step = take_folder_away, .user = &v};
    const qst_train_data data = learn_taught(&rows, QST_SCORE_logit),
                         judged = learn_taught(&validation, QST_SCORE_logit);
    qst_model *model = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
    qsti_train_outcome outcome;
    assert_status(ctx, qsti_train(model, &data, &judged, &opts, &hooks, &outcome), QST_ERR_SYSTEM);
    qst_model_free(model);
    /* The checkpoint of the third step is whole. */
    assert_int_equal(rename(elsewhere, folder), 0);
    opts.resume = true;
    assert_ok(ctx, train("z", &opts, 0, &resumed));
    assert_int_equal(resumed.n_steps, whole.n_steps - 3);
    assert_same(&resumed, &whole);
    trained_clear(&whole);
    trained_clear(&resumed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stopped_at_any_step),
        cmocka_unit_test(stopped_with_a_plan),
        cmocka_unit_test(stopped_at_random_steps_again_and_again),
        cmocka_unit_test(killed_at_random_moments),
        cmocka_unit_test(stopped_between_divergences),
        cmocka_unit_test(without_a_checkpoint_nothing_is_written),
        cmocka_unit_test(a_finished_training_takes_no_step),
        cmocka_unit_test(written_at_every_step),
        cmocka_unit_test(lbfgs_begins_anew),
        cmocka_unit_test(other_options_are_refused),
        cmocka_unit_test(other_data_is_refused),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(a_missing_folder),
        cmocka_unit_test(a_folder_that_vanishes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

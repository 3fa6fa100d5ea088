/* test_model_network.c: networks and hybrids as models: gradients through all parts, losses over a whole batch, files,
 * training, resuming, and what is refused. */
#include "learn_cases.h"

#include "base/memory.h"
#include "kernels/lines.h"
#include "learn/model_network.h"

#define N_ROWS 37

static qst_ctx *ctx;
static learn_rows rows;

static int begin_ctx(void **state)
{
    (void)state;
    ctx = support_ctx(2);
    learn_rows_make(&rows, N_ROWS, 2);
    return 0;
}

static int end_ctx(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

/* --- models ------------------------------------------------------------------------------------------------------- */

static const size_t hidden[] = {8, 5}, image[] = {3, 1, 1};
static const qst_layer layers[] = {{.kind = QST_LAYER_dense, .size = 9},
                                   {.kind = QST_LAYER_batch_norm},
                                   {.kind = QST_LAYER_tanh},
                                   {.kind = QST_LAYER_dropout, .rate = 0.2}};
static const qst_layer before[] = {{.kind = QST_LAYER_dense, .size = 6},
                                   {.kind = QST_LAYER_batch_norm},
                                   {.kind = QST_LAYER_gelu},
                                   {.kind = QST_LAYER_dense, .size = 2},
                                   {.kind = QST_LAYER_tanh}};
static const qst_layer after[] = {
    {.kind = QST_LAYER_dense, .size = 5}, {.kind = QST_LAYER_sigmoid}, {.kind = QST_LAYER_dropout, .rate = 0.3}};

enum { NETWORK, MLP, BEFORE, AFTER, BOTH, CIRCUIT, LOGISTIC, N_MODELS };

static qst_model *make(int which, qst_precision precision)
{
    static const char *const kinds[N_MODELS] = {"network", "mlp",     "circuit", "circuit",
                                                "circuit", "circuit", "logistic"};
    bool has_before = which == BEFORE || which == BOTH, has_after = which == AFTER || which == BOTH;
    const qst_model_opts opts = {
        .kind = kinds[which],
        .circuit = {.qubits = 2, .ansatz = {.reps = 1}},
        .head = QST_HEAD_linear,
        .before = before,
        .n_before = has_before ? 5 : 0,
        .after = after,
        .n_after = has_after ? 3 : 0,
        .network = {.layers = layers, .n_layers = 4, .hidden = hidden, .n_hidden = 2, .activation = "gelu"},
        .precision = precision,
    };
    qst_model *model = NULL;
    assert_ok(ctx, qst_model_create(ctx, &opts, LEARN_FEATURES, LEARN_CLASSES, &model));
    qst_model_initialize(model, 21);
    return model;
}

static qst_const_matrix x_of_rows(void)
{
    return (qst_const_matrix){rows.x, N_ROWS, LEARN_FEATURES};
}

/* --- gradients ---------------------------------------------------------------------------------------------------- */

/* A loss that needs all rows at once: the square of the sum of all scores, each times a number of its own. */
typedef struct whole {
    double loss;
    int n_calls;
} whole;

static double number_of(size_t i)
{
    return cos(1.7 * (double)i) / 10;
}

static qst_status square_of_sum(void *user, qst_const_matrix scores, qst_matrix cotangents)
{
    whole *out = user;
    double sum = 0;
    for (size_t i = 0; i < scores.n_rows * scores.n_cols; i++) {
        sum += number_of(i) * scores.data[i];
    }
    for (size_t i = 0; i < scores.n_rows * scores.n_cols; i++) {
        cotangents.data[i] = 2 * sum * number_of(i);
    }
    out->loss = sum * sum;
    out->n_calls++;
    return QST_OK;
}

static double loss_at(qst_model *model, const double *weights, qst_const_matrix x, double *gradient, double *d_x)
{
    whole out = {0};
    qst_matrix to = {d_x, d_x == NULL ? 0 : x.n_rows, d_x == NULL ? 0 : x.n_cols};
    assert_ok(ctx, model->type->gradient_whole(model, weights, x, square_of_sum, &out, gradient, to));
    assert_int_equal(out.n_calls, 1);
    return out.loss;
}

static void whole_batches_against_differences(void **state)
{
    (void)state;
    static double gradient[2048], unused[2048], d_x[N_ROWS * LEARN_FEATURES], x[N_ROWS * LEARN_FEATURES];
    const double step = 1e-6;
    for (int which = 0; which < N_MODELS; which++) {
        qst_model *model = make(which, QST_DOUBLE);
        qst_const_matrix view = {x, N_ROWS, LEARN_FEATURES};
        assert_in_range(model->n_weights, 1, 2048);
        for (size_t i = 0; i < model->n_trained; i++) {
            model->weights[i] += 0.2 * sin((double)i);
        }
        memcpy(x, rows.x, sizeof x);
        qsti_model_begin_step(model, 4, 9);
        loss_at(model, model->weights, view, gradient, d_x);
        for (size_t i = 0; i < model->n_trained; i++) {
            double middle = model->weights[i];
            bool is_still = which == LOGISTIC && model->n_scores == 2;
            model->weights[i] = middle + step;
            double above = loss_at(model, model->weights, view, unused, NULL);
            model->weights[i] = middle - step;
            double below = loss_at(model, model->weights, view, unused, NULL), expected = (above - below) / (2 * step);
            model->weights[i] = middle;
            assert_close(gradient[i], is_still ? 0 : expected, 1e-6 * (1 + fabs(expected)));
        }
        for (size_t i = 0; i < N_ROWS * LEARN_FEATURES; i += 5) {
            x[i] = rows.x[i] + step;
            double above = loss_at(model, model->weights, view, unused, NULL);
            x[i] = rows.x[i] - step;
            double below = loss_at(model, model->weights, view, unused, NULL), expected = (above - below) / (2 * step);
            x[i] = rows.x[i];
            assert_close(d_x[i], expected, 1e-6 * (1 + fabs(expected)));
        }
        qst_model_free(model);
    }
}

static void fill_cotangents(void *user, const qst_block *block)
{
    (void)user;
    for (size_t c = 0; c < LEARN_CLASSES; c++) {
        for (size_t lane = 0; lane < block->lanes; lane++) {
            bool is_there = lane < block->n_rows;
            double weight = is_there ? number_of((block->first_row + lane) * LEARN_CLASSES + c) : 0;
            block->cotangents[c * block->lanes + lane] = weight;
            block->sums[0] += is_there ? weight * block->values[c * block->lanes + lane] : 0;
        }
    }
}

static qst_status same_cotangents(void *user, qst_const_matrix scores, qst_matrix cotangents)
{
    double *sum = user;
    for (size_t i = 0; i < scores.n_rows * scores.n_cols; i++) {
        cotangents.data[i] = number_of(i);
        *sum += number_of(i) * scores.data[i];
    }
    return QST_OK;
}

/* Block by block and over the whole batch: the same gradients. */
static void blocks_and_whole_agree(void **state)
{
    (void)state;
    static double a[2048], b[2048], x_a[N_ROWS * LEARN_FEATURES], x_b[N_ROWS * LEARN_FEATURES];
    for (int which = 0; which < N_MODELS; which++) {
        for (int precision = 0; precision < 2; precision++) {
            qst_model *model = make(which, (qst_precision)precision);
            double sum = 0, whole_sum = 0;
            const qsti_pass pass = {
                .weights = model->weights,
                .x = x_of_rows(),
                .fn = fill_cotangents,
                .n_sums = 1,
                .out_sums = &sum,
                .out_weights = a,
                .out_x = {x_a, N_ROWS, LEARN_FEATURES},
            };
            qsti_model_begin_step(model, 1, 2);
            assert_ok(ctx, model->type->gradient(model, &pass));
            assert_ok(ctx, model->type->gradient_whole(model, model->weights, x_of_rows(), same_cotangents, &whole_sum,
                                                       b, (qst_matrix){x_b, N_ROWS, LEARN_FEATURES}));
            double tolerance = precision == QST_DOUBLE ? 1e-12 : 1e-4;
            assert_close(sum, whole_sum, tolerance);
            for (size_t i = 0; i < model->n_trained; i++) {
                assert_close(a[i], b[i], tolerance);
            }
            for (size_t i = 0; i < N_ROWS * LEARN_FEATURES; i++) {
                assert_close(x_a[i], x_b[i], tolerance);
            }
            qst_model_free(model);
        }
    }
}

static qst_status refuse(void *user, qst_const_matrix scores, qst_matrix cotangents)
{
    (void)user;
    (void)scores;
    (void)cotangents;
    return qsti_fail(ctx, QST_ERR_DIVERGED, "not today");
}

static void a_failing_loss_ends_the_pass(void **state)
{
    (void)state;
    double gradient[2048];
    for (int which = 0; which < N_MODELS; which++) {
        qst_model *model = make(which, QST_DOUBLE);
        assert_status(
            ctx,
            model->type->gradient_whole(model, model->weights, x_of_rows(), refuse, NULL, gradient, (qst_matrix){0}),
            QST_ERR_DIVERGED);
        assert_message(ctx, "not today");
        qst_model_free(model);
    }
}

/* --- sizes and files ---------------------------------------------------------------------------------------------- */

static void sizes(void **state)
{
    (void)state;
    static const struct {
        int which;
        size_t quantum, classical, n_buffers;
    } cases[] = {
        {NETWORK, 0, 9 * 4 + 18 + 3 * 10, 18},
        {MLP, 0, 8 * 4 + 5 * 9 + 3 * 6, 0},
        {BEFORE, 6, 6 * 4 + 12 + 2 * 7 + 3 * 3, 12},
        {AFTER, 6, 5 * 3 + 3 * 6, 0},
        {BOTH, 6, 6 * 4 + 12 + 2 * 7 + 5 * 3 + 3 * 6, 12},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qst_model *model = make(cases[i].which, QST_DOUBLE);
        qst_model_size size;
        qst_model_measure(model, &size);
        assert_int_equal(size.has_circuit, cases[i].quantum > 0);
        if (size.has_circuit) { /* angles, scales and shifts of the encoding */
            assert_true(size.quantum_parameters >= cases[i].quantum);
        }
        assert_int_equal(size.classical_parameters, cases[i].classical);
        assert_int_equal(model->n_weights - model->n_trained, cases[i].n_buffers);
        assert_int_equal(size.quantum_parameters + size.classical_parameters, model->n_trained);
        qst_model_free(model);
    }
}

static void saved_and_loaded(void **state)
{
    (void)state;
    double scores[N_ROWS * LEARN_CLASSES], again[N_ROWS * LEARN_CLASSES];
    for (int which = 0; which < N_MODELS; which++) {
        for (int precision = 0; precision < 2; precision++) {
            qst_model *model = make(which, (qst_precision)precision), *loaded = NULL;
            char hash[65], loaded_hash[65], folder[32];
            snprintf(folder, sizeof folder, "model-%d-%d", which, precision);
            for (size_t i = model->n_trained; i < model->n_weights; i++) {
                model->weights[i] = 0.5 + 0.01 * (double)i; /* running statistics */
            }
            assert_ok(ctx, qst_model_save(model, support_path(folder)));
            assert_ok(ctx, qst_model_load(ctx, support_path(folder), &loaded));
            assert_string_equal(qst_model_kind(model), qst_model_kind(loaded));
            assert_ok(ctx, qst_model_hash(model, hash));
            assert_ok(ctx, qst_model_hash(loaded, loaded_hash));
            assert_string_equal(hash, loaded_hash);
            assert_ok(ctx, qst_model_scores(model, x_of_rows(), (qst_matrix){scores, N_ROWS, LEARN_CLASSES}));
            assert_ok(ctx, qst_model_scores(loaded, x_of_rows(), (qst_matrix){again, N_ROWS, LEARN_CLASSES}));
            assert_memory_equal(scores, again, sizeof scores);
            qst_model_free(model);
            qst_model_free(loaded);
        }
    }
}

/* One text of model.json after the other is changed; each is refused with its place, and nothing is made. */
static void damaged_files(void **state)
{
    (void)state;
    static const struct {
        int which;
        const char *from, *to, *message;
    } cases[] = {
        {NETWORK, "\"tanh\"", "\"tang\"", "is not a kind of layer"},
        {NETWORK, "\"size\": 9", "\"size\": 8", "n_weights is"},
        {NETWORK, "\"size\": 9", "\"size\": 0", "size"},
        {NETWORK, "\"rate\": 0.2", "\"rate\": 2.0", "rate: 2 is not in [0, 1)"},
        {NETWORK, "\"input\"", "\"output\"", "input"},
        {NETWORK, "\"double\"", "\"triple\"", "is not single or double"},
        {BOTH, "\"core\"", "\"kern\"", "core"},
        {BOTH, "\"size\": 6", "\"size\": 7", "n_weights is"},
        {BOTH, "\"size\": 2", "\"size\": 3", "the network gives 3 values, the circuit takes 2 features"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static char text[65536];
        char folder[32], path[64];
        qst_model *model = make(cases[i].which, QST_DOUBLE), *loaded = NULL;
        snprintf(folder, sizeof folder, "damaged-%zu", i);
        snprintf(path, sizeof path, "%s/model.json", folder);
        assert_ok(ctx, qst_model_save(model, support_path(folder)));
        FILE *file = fopen(support_path(path), "rb");
        assert_non_null(file);
        size_t n = fread(text, 1, sizeof text - 1, file);
        fclose(file);
        text[n] = '\0';
        char *at = strstr(text, cases[i].from);
        assert_non_null(at);
        size_t n_from = strlen(cases[i].from), n_to = strlen(cases[i].to);
        memmove(at + n_to, at + n_from, strlen(at + n_from) + 1);
        memcpy(at, cases[i].to, n_to);
        json_t *json = json_loads(text, 0, NULL);
        assert_int_equal(json_object_del(json, "format"), 0);
        const qsti_tensor weights = {"weights", QSTI_F64, 1, {model->n_weights, 0, 0, 0}, model->weights};
        assert_non_null(json);
        assert_ok(ctx, qsti_artefact_write(ctx, support_path(folder), "model", json, &weights, 1));
        json_decref(json);
        assert_status(ctx, qst_model_load(ctx, support_path(folder), &loaded), QST_ERR_DAMAGED);
        assert_message(ctx, "model.json");
        assert_message(ctx, cases[i].message);
        assert_null(loaded);
        qst_model_free(model);
    }
}

/* --- training ----------------------------------------------------------------------------------------------------- */

static void training_learns_and_keeps_bits(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    opts.epochs = 40;
    for (int which = 0; which < CIRCUIT; which++) {
        qst_model *first = NULL;
        qst_train_result result;
        for (int threads = 1; threads <= 3; threads++) {
            qst_ctx *outer = ctx;
            ctx = support_ctx(threads);
            qst_model *model = make(which, QST_SINGLE);
            const qst_train_data data = learn_labelled(&rows);
            assert_ok(ctx, qst_model_train(model, &data, NULL, &opts, &result));
            assert_true(result.train_loss < 1.05);
            if (first == NULL) {
                first = model;
            } else {
                assert_memory_equal(first->weights, model->weights, model->n_weights * sizeof(double));
                qst_model_free(model);
                qst_ctx_free(ctx);
            }
            if (threads == 3) {
                qst_ctx *of_first = first->ctx;
                qst_model_free(first);
                qst_ctx_free(of_first);
            }
            ctx = outer;
        }
    }
}

static volatile sig_atomic_t stop;

static void stop_after(void *user, double done, double loss)
{
    (void)loss;
    stop = done >= *(const double *)user;
}

/* Masks and running statistics go on where they were. */
static void resumed_training_has_the_same_bits(void **state)
{
    (void)state;
    qst_train_opts opts = learn_opts();
    opts.checkpoint = support_path("network.checkpoint");
    opts.checkpoint_every_s = 1e9;
    const int kinds[] = {NETWORK, BOTH};
    for (size_t k = 0; k < 2; k++) {
        qst_ctx *outer = ctx, *stopping = NULL;
        double share = 0.4;
        const qst_train_data data = learn_labelled(&rows);
        qsti_train_outcome outcome = {0};
        remove(opts.checkpoint);
        qst_model *whole_model = make(kinds[k], QST_DOUBLE);
        qst_train_opts alone = opts;
        alone.checkpoint = NULL;
        assert_ok(ctx, qsti_train(whole_model, &data, NULL, &alone, NULL, &outcome));
        qsti_train_outcome_clear(ctx, &outcome);

        stop = 0;
        assert_int_equal(qst_ctx_create(&(qst_ctx_opts){.interrupt = &stop}, &stopping), QST_OK);
        ctx = stopping;
        qst_model *part = make(kinds[k], QST_DOUBLE);
        const qsti_train_hooks hooks = {.step = stop_after, .user = &share};
        assert_status(ctx, qsti_train(part, &data, NULL, &opts, &hooks, &outcome), QST_ERR_INTERRUPTED);
        stop = 0;
        opts.resume = true;
        assert_ok(ctx, qsti_train(part, &data, NULL, &opts, NULL, &outcome));
        qsti_train_outcome_clear(ctx, &outcome);
        opts.resume = false;
        assert_memory_equal(whole_model->weights, part->weights, part->n_weights * sizeof(double));
        qst_model_free(part);
        ctx = outer;
        qst_ctx_free(stopping);
        qst_model_free(whole_model);
    }
}

/* --- what is refused ---------------------------------------------------------------------------------------------- */

static void refusals(void **state)
{
    (void)state;
    static const qst_layer conv[] = {{.kind = QST_LAYER_conv, .size = 2, .kernel = {2, 2}}};
    static const size_t odd[] = {1, 2, 2};
    const struct {
        qst_model_opts opts;
        qst_status status;
        const char *message;
    } cases[] = {
        {{.kind = "forest"}, QST_ERR_USAGE, "is not one of circuit, logistic, network, mlp, cnn"},
        {{.kind = "mlp", .network = {.activation = "elu"}}, QST_ERR_USAGE, "activation: \"elu\" is not one of"},
        {{.kind = "network", .network = {.layers = conv, .n_layers = 1}}, QST_ERR_MISMATCH, "3 features are no square"},
        {{.kind = "network", .network = {.image = odd, .n_image = 3, .layers = conv, .n_layers = 1}},
         QST_ERR_MISMATCH,
         "image: [1, 2, 2] does not have 3 values"},
        {{.kind = "network", .network = {.image = image, .n_image = 2, .layers = conv, .n_layers = 1}},
         QST_ERR_USAGE,
         "image: 2 values are not [channels, height, width]"},
        {{.kind = "network", .network = {.image = image, .n_image = 3, .layers = conv, .n_layers = 1}},
         QST_ERR_USAGE,
         "layer 1 (conv): a kernel of height 2 does not fit"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qst_model *model = NULL;
        assert_status(ctx, qst_model_create(ctx, &cases[i].opts, LEARN_FEATURES, LEARN_CLASSES, &model),
                      cases[i].status);
        if (cases[i].status != QST_OK) {
            assert_message(ctx, cases[i].message);
            assert_null(model);
        }
        qst_model_free(model);
    }
    qst_model *model = make(NETWORK, QST_DOUBLE);
    qst_train_opts opts = learn_opts();
    opts.optimizer = QST_OPTIMIZER_lbfgs;
    const qst_train_data data = learn_labelled(&rows);
    assert_status(ctx, qst_model_train(model, &data, NULL, &opts, NULL), QST_ERR_USAGE);
    assert_message(ctx, "dropout and batch_norm");
    qst_model_free(model);
}

static qst_status make_and_train(qst_ctx *of, void *arg)
{
    qst_ctx *outer = ctx;
    qst_model *model = NULL;
    qst_train_opts opts = learn_opts();
    const qst_train_data data = learn_labelled(&rows);
    const qst_model_opts model_opts = {
        .circuit = {.qubits = 2, .ansatz = {.reps = 1}},
        .before = before,
        .n_before = 5,
        .after = after,
        .n_after = 3,
    };
    (void)arg;
    ctx = of;
    opts.epochs = 1;
    qst_status status = qst_model_create(of, &model_opts, LEARN_FEATURES, LEARN_CLASSES, &model);
    if (status == QST_OK)
        status = qst_model_train(model, &data, NULL, &opts, NULL);
    qst_model_free(model);
    ctx = outer;
    return status;
}

static void out_of_memory(void **state)
{
    (void)state;
    support_fail_each_allocation(make_and_train, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_batches_against_differences),
        cmocka_unit_test(blocks_and_whole_agree),
        cmocka_unit_test(a_failing_loss_ends_the_pass),
        cmocka_unit_test(sizes),
        cmocka_unit_test(saved_and_loaded),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(training_learns_and_keeps_bits),
        cmocka_unit_test(resumed_training_has_the_same_bits),
        cmocka_unit_test(refusals),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, begin_ctx, end_ctx);
}

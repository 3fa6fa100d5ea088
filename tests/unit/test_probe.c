/* test_probe.c: linear probes: what is frozen stays, what is trained is the last linear layer. */
#include "learn_cases.h"

#include "base/memory.h"
#include "learn/model_probe.h"

static qst_ctx *ctx;
static learn_rows rows;

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(2);
    learn_rows_make(&rows, 60, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

static qst_model *probe_of(const char *inner)
{
    static const size_t hidden[] = {5};
    static const char *const outputs[] = {"zz"};
    qst_model *model = NULL;
    const qst_model_opts opts = {.kind = "linear_probe",
                                 .inner = inner,
                                 .circuit = {.qubits = 3, .ansatz = {.reps = 1}},
                                 .outputs = outputs,
                                 .n_outputs = 1,
                                 .head = QST_HEAD_linear,
                                 .network = {.hidden = hidden, .n_hidden = 1}};
    assert_ok(ctx, qst_model_create(ctx, &opts, LEARN_FEATURES, LEARN_CLASSES, &model));
    qst_model_initialize(model, 4);
    return model;
}

static const char *const inner_kinds[] = {"circuit", "mlp"};

static void only_the_last_layer_is_trained(void **state)
{
    (void)state;
    const size_t n_trained[] = {3 * (3 + 1), 3 * (5 + 1)};
    for (size_t i = 0; i < 2; i++) {
        qst_model *model = probe_of(inner_kinds[i]);
        const qst_train_opts opts = learn_opts();
        const qst_train_data data = learn_labelled(&rows), none = {.labels = NULL};
        qsti_train_outcome outcome = {0};
        double *before = NULL;
        size_t n = qst_model_weights_count(model), n_moved = 0;
        assert_int_equal(model->n_trained, n_trained[i]);
        assert_ok(ctx, QSTI_NEW(ctx, n, &before));
        memcpy(before, model->weights, n * sizeof *before);
        assert_ok(ctx, qsti_train(model, &data, &none, &opts, NULL, &outcome));
        for (size_t w = 0; w < model->n_trained; w++)
            n_moved += model->weights[w] != before[w];
        assert_int_equal(n_moved, model->n_trained);
        assert_memory_equal(model->weights + model->n_trained, before + model->n_trained,
                            (n - model->n_trained) * sizeof *before);
        qst_model_size size;
        qst_model_measure(model, &size);
        assert_int_equal(size.quantum_parameters, 0);
        assert_int_equal(size.classical_parameters, n_trained[i]);
        qsti_train_outcome_clear(ctx, &outcome);
        qsti_free(ctx, before);
        qst_model_free(model);
    }
}

/* With the weights it began with, a probe is the model inside. */
static void it_scores_as_the_model_inside(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        qst_model *model = probe_of(inner_kinds[i]), *inner = qsti_model_probe_inner(model);
        double own[60 * LEARN_CLASSES], inside[60 * LEARN_CLASSES];
        const qst_const_matrix x = {rows.x, 60, LEARN_FEATURES};
        assert_ok(ctx, qst_model_scores(model, x, (qst_matrix){own, 60, LEARN_CLASSES}));
        assert_ok(ctx, qst_model_scores(inner, x, (qst_matrix){inside, 60, LEARN_CLASSES}));
        assert_memory_equal(own, inside, sizeof own);
        model->weights[0] += 0.5;
        assert_ok(ctx, qst_model_scores(model, x, (qst_matrix){own, 60, LEARN_CLASSES}));
        assert_memory_not_equal(own, inside, sizeof own);
        qst_model_free(model);
    }
}

static void a_saved_probe_is_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        qst_model *model = probe_of(inner_kinds[i]), *loaded = NULL;
        char hash[65], other[65];
        model->weights[1] = 0.25;
        assert_ok(ctx, qst_model_save(model, support_path(inner_kinds[i])));
        assert_ok(ctx, qst_model_load(ctx, support_path(inner_kinds[i]), &loaded));
        assert_ok(ctx, qst_model_hash(model, hash));
        assert_ok(ctx, qst_model_hash(loaded, other));
        assert_string_equal(hash, other);
        qst_model_free(model);
        qst_model_free(loaded);
    }
}

/* The probe takes over a teacher's circuit and head, and keeps the circuit. */
static void it_adopts_weights(void **state)
{
    (void)state;
    qst_model *model = probe_of("circuit"), *teacher = probe_of("circuit");
    qsti_weight_source source;
    qst_model_initialize(teacher, 99);
    assert_true(qsti_model_weight_source(qsti_model_probe_inner(teacher), &source));
    assert_true(qsti_model_adopt(model, &source) > 0);
    assert_memory_equal(model->weights, teacher->weights, model->n_weights * sizeof *model->weights);
    qst_model_free(model);
    qst_model_free(teacher);
}

static void what_cannot_be_probed_is_refused(void **state)
{
    (void)state;
    qst_model *model = learn_model(ctx, "z", QST_HEAD_scale, QST_DOUBLE), *probe = NULL;
    assert_status(ctx, qsti_model_probe_create(model, &probe), QST_ERR_USAGE);
    assert_message(ctx, "head scale has no linear layer");
    qst_model_free(model);
    model = learn_model(ctx, "logistic", QST_HEAD_linear, QST_DOUBLE);
    assert_status(ctx, qsti_model_probe_create(model, &probe), QST_ERR_USAGE);
    assert_message(ctx, "kind logistic has no inner weights");
    qst_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_last_layer_is_trained),   cmocka_unit_test(it_scores_as_the_model_inside),
        cmocka_unit_test(a_saved_probe_is_the_same),        cmocka_unit_test(it_adopts_weights),
        cmocka_unit_test(what_cannot_be_probed_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* test_model.c: models of every kind and head: counts, initial weights, scores, hashes, weights from another model.
 * Their files: test_model_file.c. */
#include "learn_cases.h"

#include "base/memory.h"
#include "circuit/circuit.h"
#include "learn/model_logistic.h"

static qst_ctx *ctx;
static learn_rows rows;

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(2);
    learn_rows_make(&rows, 50, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

/* Scores of the 50 rows. */
static void score(qst_model *model, double out[50 * LEARN_CLASSES])
{
    assert_ok(model->ctx, qst_model_scores(model, (qst_const_matrix){rows.x, 50, LEARN_FEATURES},
                                           (qst_matrix){out, 50, LEARN_CLASSES}));
}

/* --- making ------------------------------------------------------------------------------------------------------- */

typedef struct make_case {
    const char *output;
    size_t n_classical;
    qst_head head;
    qst_score_kind kind;
} make_case;

/* 6 encoding and 9 ansatz weights; K values: z 3, grouped 3, probabilities 8. */
static const make_case make_cases[] = {
    {"z", 0, QST_HEAD_none, QST_SCORE_expectation},
    {"grouped", 0, QST_HEAD_none, QST_SCORE_probability},
    {"parity", 0, QST_HEAD_none, QST_SCORE_probability},
    {"z", 1 + 3, QST_HEAD_scale, QST_SCORE_logit},
    {"grouped", 1 + 3, QST_HEAD_scale, QST_SCORE_logit},
    {"zz", 3 * (3 + 1), QST_HEAD_linear, QST_SCORE_logit},
    {"probabilities", 3 * (8 + 1), QST_HEAD_linear, QST_SCORE_logit},
};
#define N_MAKE_CASES (sizeof make_cases / sizeof *make_cases)

static void counts_and_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_MAKE_CASES; i++) {
        const make_case *c = &make_cases[i];
        qst_model *model = learn_model(ctx, c->output, c->head, QST_DOUBLE);
        qst_model_size size;
        qst_model_measure(model, &size);
        assert_true(size.has_circuit);
        assert_int_equal(size.quantum_parameters, 15);
        assert_int_equal(size.classical_parameters, c->n_classical);
        assert_int_equal(size.circuit.qubits, 3);
        assert_int_equal(qst_model_weights_count(model), 15 + c->n_classical);
        assert_int_equal(qst_model_features(model), 3);
        assert_int_equal(qst_model_scores_count(model), 3);
        assert_int_equal(qst_model_score_kind(model), c->kind);
        assert_null(qst_model_class_name(model, 0));
        qst_model_free(model);
    }
    for (size_t n_classes = 2; n_classes < 5; n_classes++) {
        qst_model *model = NULL;
        qst_model_size size;
        assert_ok(ctx, qst_model_create(ctx, &(qst_model_opts){.kind = "logistic"}, 4, n_classes, &model));
        qst_model_measure(model, &size);
        assert_false(size.has_circuit);
        assert_int_equal(size.quantum_parameters, 0);
        assert_int_equal(size.classical_parameters, n_classes == 2 ? 5 : 5 * n_classes);
        qst_model_free(model);
    }
}

static void refuse(qst_model_opts opts, size_t n_scores, qst_status expected, const char *part)
{
    qst_model *model = NULL;
    assert_status(ctx, qst_model_create(ctx, &opts, 3, n_scores, &model), expected);
    assert_message(ctx, part);
    assert_null(model);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    const char *const output = "z", *const wrong = "zzzz";
    qst_model_opts opts = {.circuit = {.qubits = 3, .ansatz = {.reps = 1}}, .outputs = &output, .n_outputs = 1};
    refuse(opts, 4, QST_ERR_MISMATCH,
           "head none: the circuit has 3 outputs for 4 scores: head linear takes any number");
    opts.head = QST_HEAD_scale;
    refuse(opts, 2, QST_ERR_MISMATCH, "head scale: the circuit has 3 outputs for 2 scores");
    opts.kind = "forest";
    refuse(opts, 3, QST_ERR_USAGE, "model: \"forest\" is not one of circuit, logistic");
    opts.kind = "circuit";
    opts.outputs = &wrong;
    refuse(opts, 3, QST_ERR_USAGE, "zzzz");
    opts.circuit.qubits = 40;
    refuse(opts, 3, QST_ERR_LIMIT, "40");
    opts.circuit.qubits = 0;
    refuse(opts, 3, QST_ERR_USAGE, "0");
}

static void names_of_kinds(void **state)
{
    (void)state;
    for (int i = 0; i < QST_SCORE_COUNT; i++) {
        qst_score_kind found;
        assert_true(qst_score_kind_find(qst_score_kind_name((qst_score_kind)i), &found) && found == (qst_score_kind)i);
    }
    for (int i = 0; i < QST_HEAD_COUNT; i++) {
        qst_head found;
        assert_true(qsti_head_find(qsti_head_name((qst_head)i), &found) && found == (qst_head)i);
    }
    qst_score_kind kind = QST_SCORE_logit;
    qst_head head = QST_HEAD_linear;
    assert_false(qst_score_kind_find("logits", &kind) || qsti_head_find("dense", &head));
}

/* --- initial weights ---------------------------------------------------------------------------------------------- */

static void weights_begin_by_their_role(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_MAKE_CASES; i++) {
        qst_model *model = learn_model(ctx, make_cases[i].output, make_cases[i].head, QST_DOUBLE);
        const double *w = qst_model_weights(model), *head = w + 15;
        size_t n_roles[3] = {0};
        qsti_weight_source source;
        assert_true(qsti_model_weight_source(model, &source));
        for (size_t k = 0; k < 15; k++) {
            qst_weight_role role = (qst_weight_role)source.circuit->roles[k];
            n_roles[role]++;
            assert_true(role == QST_WEIGHT_ANGLE   ? w[k] > 0 && w[k] < 2 * M_PI
                        : role == QST_WEIGHT_SCALE ? w[k] == 1
                                                   : w[k] == 0);
        }
        assert_int_equal(n_roles[QST_WEIGHT_ANGLE], 9);
        assert_int_equal(n_roles[QST_WEIGHT_SCALE], 3);
        size_t n_values = source.n_values, n_linear = make_cases[i].head == QST_HEAD_linear ? 3 * n_values : 0;
        double squares = 0;
        for (size_t k = 0; k < n_linear; k++) {
            assert_true(fabs(head[k]) <= 1 / sqrt((double)n_values) && head[k] != 0);
            squares += head[k] * head[k] * (double)n_values / (double)n_linear;
        }
        assert_true(n_linear == 0 || (squares > 0.1 && squares < 0.6)); /* 1/3 is the mean */
        for (size_t k = n_linear; k < make_cases[i].n_classical; k++) {
            assert_true(head[k] == 0);
        }
        qst_model_free(model);
    }
}

static void a_seed_gives_its_weights(void **state)
{
    (void)state;
    qst_model *a = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
    qst_model *b = learn_model(ctx, "zz", QST_HEAD_scale, QST_SINGLE);
    double first[64];
    size_t n = qst_model_weights_count(a);
    memcpy(first, qst_model_weights(a), n * sizeof *first);
    assert_memory_equal(first, qst_model_weights(b), 15 * sizeof *first); /* whatever the head and the precision */
    qst_model_initialize(a, 6);
    for (size_t i = 0; i < n; i++) {
        bool fixed = first[i] == 0 || first[i] == 1;
        assert_int_equal(qst_model_weights(a)[i] == first[i], fixed);
    }
    qst_model_initialize(a, 5);
    assert_memory_equal(first, qst_model_weights(a), n * sizeof *first);
    /* A new model has the weights of seed 0. */
    qst_model *made = NULL;
    const char *const output = "z";
    const qst_model_opts opts = {
        .circuit = {.qubits = 3, .ansatz = {.reps = 1}}, .outputs = &output, .n_outputs = 1, .head = QST_HEAD_linear};
    assert_ok(ctx, qst_model_create(ctx, &opts, 3, 3, &made));
    qst_model_initialize(a, 0);
    assert_memory_equal(qst_model_weights(made), qst_model_weights(a), n * sizeof *first);
    qst_model_free(a);
    qst_model_free(b);
    qst_model_free(made);
}

static void setting_weights(void **state)
{
    (void)state;
    qst_model *model = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
    double weights[27], before[27];
    memcpy(before, qst_model_weights(model), sizeof before);
    for (size_t i = 0; i < 27; i++) {
        weights[i] = 0.1 * (double)i;
    }
    assert_status(ctx, qst_model_set_weights(model, weights, 26), QST_ERR_MISMATCH);
    assert_message(ctx, "26 weights given, the model has 27");
    weights[13] = NAN;
    assert_status(ctx, qst_model_set_weights(model, weights, 27), QST_ERR_INPUT);
    assert_message(ctx, "weight 13: nan is not finite");
    assert_memory_equal(before, qst_model_weights(model), sizeof before);
    weights[13] = 1;
    assert_ok(ctx, qst_model_set_weights(model, weights, 27));
    assert_memory_equal(weights, qst_model_weights(model), sizeof weights);
    qst_model_free(model);
}

/* --- scores ------------------------------------------------------------------------------------------------------- */

/* z_k = exp(s) m_k + b_k and z = W m + b, from the values of the same circuit without head. */
static void heads_by_hand(void **state)
{
    (void)state;
    qst_model *none = learn_model(ctx, "z", QST_HEAD_none, QST_DOUBLE);
    qst_model *scale = learn_model(ctx, "z", QST_HEAD_scale, QST_DOUBLE);
    qst_model *linear = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
    double m[150], of_scale[150], of_linear[150];
    const double *w = linear->weights + 15;
    scale->weights[15] = 0.7;
    for (size_t k = 0; k < 3; k++) {
        scale->weights[16 + k] = 0.1 * (double)k - 0.3;
        linear->weights[24 + k] = 0.2 * (double)k + 1;
    }
    score(none, m);
    score(scale, of_scale);
    score(linear, of_linear);
    for (size_t i = 0; i < 50; i++) {
        for (size_t c = 0; c < 3; c++) {
            double z = w[9 + c];
            for (size_t k = 0; k < 3; k++) {
                z += w[3 * c + k] * m[3 * i + k];
            }
            assert_close(of_linear[3 * i + c], z, 1e-15);
            assert_close(of_scale[3 * i + c], exp(0.7) * m[3 * i + c] + 0.1 * (double)c - 0.3, 1e-15);
        }
    }
    qst_model_free(none);
    qst_model_free(scale);
    qst_model_free(linear);
}

static void a_row_does_not_depend_on_its_batch(void **state)
{
    (void)state;
    const char *const outputs[] = {"z", "probabilities", "logistic"};
    for (size_t o = 0; o < 3; o++) {
        qst_model *model = learn_model(ctx, outputs[o], QST_HEAD_linear, QST_SINGLE);
        qst_model *exact = learn_model(ctx, outputs[o], QST_HEAD_linear, QST_DOUBLE);
        double all[150], one[3], in_double[150];
        for (size_t i = 0; i < model->n_weights; i++) {
            model->weights[i] = exact->weights[i] = 0.1 + 0.01 * (double)i;
        }
        score(model, all);
        score(exact, in_double);
        assert_memory_equal(all, in_double, sizeof all); /* single is for training alone */
        for (size_t i = 0; i < 50; i++) {
            assert_ok(ctx, qst_model_scores(model, (qst_const_matrix){rows.x + 3 * i, 1, 3}, (qst_matrix){one, 1, 3}));
            assert_memory_equal(one, all + 3 * i, sizeof one);
        }
        qst_model_free(model);
        qst_model_free(exact);
    }
}

static void shapes_of_scores(void **state)
{
    (void)state;
    qst_model *model = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
    double out[150];
    assert_status(ctx, qst_model_scores(model, (qst_const_matrix){rows.x, 10, 4}, (qst_matrix){out, 10, 3}),
                  QST_ERR_MISMATCH);
    assert_message(ctx, "the samples have 4 features, the model takes 3");
    assert_status(ctx, qst_model_scores(model, (qst_const_matrix){rows.x, 10, 3}, (qst_matrix){out, 9, 3}),
                  QST_ERR_MISMATCH);
    assert_message(ctx, "scores have shape (9, 3): (10, 3) is needed");
    rows.x[4] = NAN;
    assert_status(ctx, qst_model_scores(model, (qst_const_matrix){rows.x, 10, 3}, (qst_matrix){out, 10, 3}),
                  QST_ERR_INPUT);
    learn_rows_make(&rows, 50, 1);
    qst_model_free(model);
}

static void probabilities_of_scores(void **state)
{
    (void)state;
    const double logits[2] = {log(0.2) + 3, log(0.8) + 3}, logs[2] = {log(0.2), log(0.8)}, shares[2] = {0.2, 0.8};
    const double expectations[2] = {1, -1};
    const struct {
        qst_score_kind kind;
        const double *scores;
        double temperature, first;
    } cases[] = {
        {QST_SCORE_logit, logits, 1, 0.2},           {QST_SCORE_log_probability, logs, 1, 0.2},
        {QST_SCORE_probability, shares, 1, 0.2},     {QST_SCORE_expectation, expectations, 1, 0.8807970779778823},
        {QST_SCORE_probability, shares, 2, 1.0 / 3}, {QST_SCORE_logit, logits, 2, 1.0 / 3}};
    double p[2];
    const qst_matrix out = {p, 1, 2};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_ok(ctx, qst_scores_to_probabilities(ctx, cases[i].kind, (qst_const_matrix){cases[i].scores, 1, 2},
                                                   cases[i].temperature, out));
        assert_close(p[0], cases[i].first, 1e-15);
        assert_close(p[0] + p[1], 1, 1e-15);
    }
    assert_status(ctx, qst_scores_to_probabilities(ctx, QST_SCORE_logit, (qst_const_matrix){logits, 1, 2}, 0, out),
                  QST_ERR_USAGE);
    assert_status(ctx, qst_scores_to_probabilities(ctx, QST_SCORE_logit, (qst_const_matrix){logits, 2, 1}, 1, out),
                  QST_ERR_MISMATCH);
}

/* --- hashes ------------------------------------------------------------------------------------------------------- */

static void assert_other_hash(const qst_model *model, const char *than)
{
    char hash[65];
    assert_ok(ctx, qst_model_hash(model, hash));
    assert_string_not_equal(hash, than);
}

static void the_hash_covers_everything(void **state)
{
    (void)state;
    qst_model *model = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
    char hash[65], again[65];
    assert_ok(ctx, qst_model_hash(model, hash));
    assert_int_equal(strlen(hash), 64);
    for (size_t i = 0; i < model->n_weights; i++) {
        double before = model->weights[i];
        model->weights[i] = nextafter(before, INFINITY);
        assert_other_hash(model, hash);
        model->weights[i] = before;
    }
    assert_ok(ctx, qst_model_hash(model, again));
    assert_string_equal(hash, again);
    qst_model *others[] = {learn_model(ctx, "zz", QST_HEAD_linear, QST_DOUBLE),
                           learn_model(ctx, "z", QST_HEAD_linear, QST_SINGLE)};
    for (size_t i = 0; i < 2; i++) {
        memcpy(others[i]->weights, model->weights, model->n_weights * sizeof(double));
        assert_other_hash(others[i], hash);
        qst_model_free(others[i]);
    }
    const char *const names[] = {"a", "b", "c"};
    assert_ok(ctx, qsti_model_set_classes(model, names, 3));
    assert_other_hash(model, hash);
    assert_string_equal(qst_model_class_name(model, 2), "c");
    assert_null(qst_model_class_name(model, 3));
    assert_status(ctx, qsti_model_set_classes(model, names, 2), QST_ERR_MISMATCH);
    qst_model_free(model);
}

/* --- weights from another model ----------------------------------------------------------------------------------- */

static qst_model *layered(size_t layers, const char *output, qst_head head, size_t n_scores)
{
    qst_model *model = NULL;
    const qst_model_opts opts = {
        .circuit = {.qubits = 3, .ansatz = {.reps = layers}}, .outputs = &output, .n_outputs = 1, .head = head};
    assert_ok(ctx, qst_model_create(ctx, &opts, 3, n_scores, &model));
    return model;
}

static size_t adopt(qst_model *model, const qst_model *from)
{
    qsti_weight_source source;
    return qsti_model_weight_source(from, &source) ? qsti_model_adopt(model, &source) : 0;
}

static void weights_are_adopted_where_they_fit(void **state)
{
    (void)state;
    qst_model *teacher = layered(3, "z", QST_HEAD_linear, 4);
    qst_model_initialize(teacher, 9);
    /* Layers of 6 + 9 weights one behind the other; W 4 x 3 and b 4. */
    qst_model *shallow = layered(2, "z", QST_HEAD_linear, 4), *other_head = layered(1, "z", QST_HEAD_scale, 3);
    qst_model *deeper = layered(4, "z", QST_HEAD_linear, 4), *neither = layered(4, "zz", QST_HEAD_scale, 3);
    assert_int_equal(adopt(shallow, teacher), 30 + 16);
    assert_memory_equal(shallow->weights, teacher->weights, 30 * sizeof(double));
    assert_memory_equal(shallow->weights + 30, teacher->weights + 45, 16 * sizeof(double));
    double head[4];
    memcpy(head, other_head->weights + 15, sizeof head);
    assert_int_equal(adopt(other_head, teacher), 15);
    assert_memory_equal(other_head->weights, teacher->weights, 15 * sizeof(double));
    assert_memory_equal(other_head->weights + 15, head, sizeof head);
    assert_int_equal(adopt(deeper, teacher), 16);
    assert_memory_equal(deeper->weights + 60, teacher->weights + 45, 16 * sizeof(double));
    double before[64];
    memcpy(before, neither->weights, neither->n_weights * sizeof(double));
    assert_int_equal(adopt(neither, teacher), 0);
    assert_memory_equal(before, neither->weights, neither->n_weights * sizeof(double));
    qst_model *logistic = learn_model(ctx, "logistic", QST_HEAD_none, QST_DOUBLE);
    assert_int_equal(adopt(logistic, teacher), 0);
    assert_int_equal(adopt(shallow, logistic), 0);
    qst_model_free(teacher);
    qst_model_free(shallow);
    qst_model_free(other_head);
    qst_model_free(deeper);
    qst_model_free(neither);
    qst_model_free(logistic);
}

/* --- logistic regression ------------------------------------------------------------------------------------------ */

static void logistic_refusals(void **state)
{
    (void)state;
    qst_model *model = learn_model(ctx, "logistic", QST_HEAD_none, QST_DOUBLE);
    const qst_const_matrix x = {rows.x, 50, 3};
    int64_t labels[50];
    for (size_t i = 0; i < 50; i++) {
        labels[i] = (int64_t)(i % 2);
    }
    assert_status(ctx, qsti_logistic_fit(model, x, labels, 1), QST_ERR_INPUT);
    assert_message(ctx, "no row of class 2");
    labels[0] = 2;
    labels[7] = 3;
    assert_status(ctx, qsti_logistic_fit(model, x, labels, 1), QST_ERR_INPUT);
    assert_message(ctx, "label 3 of row 7 is no class: 0..2");
    assert_status(ctx, qsti_logistic_fit(model, (qst_const_matrix){rows.x, 50, 2}, rows.labels, 1), QST_ERR_MISMATCH);
    assert_status(ctx, qsti_logistic_fit(model, (qst_const_matrix){rows.x, 0, 3}, rows.labels, 1), QST_ERR_MISMATCH);
    /* A constant column has weight 0. */
    for (size_t i = 0; i < 50; i++) {
        rows.x[3 * i + 1] = 4;
    }
    assert_ok(ctx, qsti_logistic_fit(model, x, rows.labels, 1));
    for (size_t c = 0; c < 3; c++) {
        assert_close(model->weights[3 * c + 1], 0, 0);
    }
    learn_rows_make(&rows, 50, 1);
    qst_model_free(model);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static qst_status fit(qst_ctx *own, void *arg)
{
    qst_model *model = NULL;
    (void)arg;
    qst_status status = qsti_model_logistic_create(own, 3, 3, &model);
    if (status == QST_OK) {
        status = qsti_logistic_fit(model, (qst_const_matrix){rows.x, 50, 3}, rows.labels, 1);
    }
    qst_model_free(model);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    support_fail_each_allocation(fit, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_and_kinds),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(names_of_kinds),
        cmocka_unit_test(weights_begin_by_their_role),
        cmocka_unit_test(a_seed_gives_its_weights),
        cmocka_unit_test(setting_weights),
        cmocka_unit_test(heads_by_hand),
        cmocka_unit_test(a_row_does_not_depend_on_its_batch),
        cmocka_unit_test(shapes_of_scores),
        cmocka_unit_test(probabilities_of_scores),
        cmocka_unit_test(the_hash_covers_everything),
        cmocka_unit_test(weights_are_adopted_where_they_fit),
        cmocka_unit_test(logistic_refusals),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

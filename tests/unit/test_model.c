/* test_model.c: models of every kind and head: counts, initial weights, scores, hashes; saved and loaded with the same
 * bits; damaged, foreign and newer files refused. */
#include "learn_cases.h"

#include "base/memory.h"
#include "circuit/circuit.h"
#include "learn/model_logistic.h"

#include <fcntl.h>
#include <unistd.h>

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

/* --- files -------------------------------------------------------------------------------------------------------- */

/* Standardised and scaled: constants that the file must hold. */
static void give_preprocess(qst_model *model)
{
    const qst_preprocess_step steps[] = {
        {QST_PREPROCESS_pca, {3}}, {QST_PREPROCESS_standardize, {0}}, {QST_PREPROCESS_scale, {0.3}}};
    size_t all[50];
    qsti_preprocess *preprocess = NULL;
    for (size_t i = 0; i < 50; i++) {
        all[i] = i;
    }
    assert_ok(ctx, qsti_preprocess_fit(ctx, steps, 3, (qst_const_matrix){rows.x, 50, 3}, all, 50, &preprocess));
    assert_ok(ctx, qsti_model_set_preprocess(model, preprocess));
    qsti_preprocess_free(preprocess);
}

static void predict(qst_model *model, double out[150])
{
    assert_ok(ctx, qst_model_predict(model, (qst_const_matrix){rows.x, 50, 3}, (qst_matrix){out, 50, 3}));
}

static void saved_models_are_the_same(void **state)
{
    (void)state;
    const char *const outputs[] = {"z", "grouped", "0.5*ZZI - 1.5*IXY", "probabilities", "logistic"};
    const qst_head heads[] = {QST_HEAD_scale, QST_HEAD_none, QST_HEAD_linear, QST_HEAD_linear, QST_HEAD_none};
    for (size_t i = 0; i < 5; i++) {
        for (int precision = 0; precision < 2; precision++) {
            qst_model *model = learn_model(ctx, outputs[i], heads[i], (qst_precision)precision), *loaded = NULL;
            const char *const names[] = {"0", "zwei", "\xc3\xa9"};
            double before[150], after[150];
            char hash[65], loaded_hash[65];
            for (size_t k = 0; k < model->n_weights; k++) {
                model->weights[k] += 1e-3 * (double)k;
            }
            if (i % 2 == 0) {
                give_preprocess(model);
                assert_ok(ctx, qsti_model_set_classes(model, names, 3));
                memset(model->data_hash, 'a', 64);
            }
            model->seed = UINT64_MAX;
            assert_ok(ctx, qst_model_save(model, support_path("saved")));
            assert_ok(ctx, qst_model_load(ctx, support_path("saved"), &loaded));
            assert_memory_equal(model->weights, loaded->weights, model->n_weights * sizeof(double));
            predict(model, before);
            predict(loaded, after);
            assert_memory_equal(before, after, sizeof before);
            assert_ok(ctx, qst_model_hash(model, hash));
            assert_ok(ctx, qst_model_hash(loaded, loaded_hash));
            assert_string_equal(hash, loaded_hash);
            assert_string_equal(model->data_hash, loaded->data_hash);
            assert_true(loaded->seed == UINT64_MAX);
            if (i % 2 == 0) {
                assert_string_equal(qst_model_class_name(loaded, 1), "zwei");
            }
            qst_model_size size, loaded_size;
            qst_model_measure(model, &size);
            qst_model_measure(loaded, &loaded_size);
            assert_memory_equal(&size, &loaded_size, sizeof size);
            qst_model_free(model);
            qst_model_free(loaded);
        }
    }
}

/* Raw rows go through the stored preprocessing. */
static void predictions_are_of_raw_rows(void **state)
{
    (void)state;
    qst_model *model = learn_model(ctx, "z", QST_HEAD_linear, QST_DOUBLE);
    double raw[150], x[150], expected[150], found[150];
    predict(model, found);
    score(model, raw);
    assert_memory_equal(found, raw, sizeof raw); /* none: rows are features */
    give_preprocess(model);
    assert_ok(ctx,
              qsti_preprocess_apply(ctx, model->preprocess, (qst_const_matrix){rows.x, 50, 3}, (qst_matrix){x, 50, 3}));
    assert_ok(ctx, qst_model_scores(model, (qst_const_matrix){x, 50, 3}, (qst_matrix){expected, 50, 3}));
    predict(model, found);
    assert_memory_equal(found, expected, sizeof expected);
    assert_memory_not_equal(found, raw, sizeof raw);
    assert_status(ctx, qst_model_predict(model, (qst_const_matrix){rows.x, 30, 5}, (qst_matrix){found, 30, 3}),
                  QST_ERR_MISMATCH);
    qst_model_free(model);
}

/* A model of one qubit in `folder`. */
static void save_small(const char *folder)
{
    const char *const output = "z";
    const qst_model_opts opts = {
        .circuit = {.qubits = 1, .ansatz = {.reps = 1}}, .outputs = &output, .n_outputs = 1, .head = QST_HEAD_linear};
    qst_model *model = NULL;
    assert_ok(ctx, qst_model_create(ctx, &opts, 1, 2, &model));
    assert_ok(ctx, qst_model_save(model, folder));
    qst_model_free(model);
}

static void assert_refused(const char *folder, qst_status expected, const char *part)
{
    qst_model *model = NULL;
    assert_status(ctx, qst_model_load(ctx, folder, &model), expected);
    assert_message(ctx, part);
    assert_null(model);
}

static void path_in(const char *folder, const char *name, char out[1200])
{
    (void)snprintf(out, 1200, "%s/%s", folder, name);
}

static const char *const file_names[] = {"model.json", "model.safetensors"};

static void every_flipped_bit_is_refused(void **state)
{
    (void)state;
    char folder[1024], path[1200], *bytes = NULL;
    size_t n = 0;
    (void)snprintf(folder, sizeof folder, "%s", support_path("flipped"));
    save_small(folder);
    for (size_t f = 0; f < 2; f++) {
        path_in(folder, file_names[f], path);
        assert_ok(ctx, qsti_file_read(ctx, path, 1 << 20, &bytes, &n));
        int file = open(path, O_RDWR);
        for (size_t i = 0; i < n; i++) {
            for (int bit = 0; bit < 8; bit++) {
                char flipped = (char)(bytes[i] ^ (1 << bit));
                assert_int_equal(pwrite(file, &flipped, 1, (off_t)i), 1);
                assert_refused(folder, QST_ERR_DAMAGED, "/model.");
            }
            assert_int_equal(pwrite(file, &bytes[i], 1, (off_t)i), 1);
        }
        close(file);
        qsti_free(ctx, bytes);
    }
    qst_model *model = NULL;
    assert_ok(ctx, qst_model_load(ctx, folder, &model));
    qst_model_free(model);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    char folder[1024], path[1200], *bytes = NULL;
    size_t n = 0;
    (void)snprintf(folder, sizeof folder, "%s", support_path("cut"));
    for (size_t f = 0; f < 2; f++) {
        save_small(folder);
        path_in(folder, file_names[f], path);
        assert_ok(ctx, qsti_file_read(ctx, path, 1 << 20, &bytes, &n));
        for (size_t length = n; length-- > 0;) {
            assert_int_equal(truncate(path, (off_t)length), 0);
            assert_refused(folder, QST_ERR_DAMAGED, "/model.");
        }
        qsti_free(ctx, bytes);
    }
}

static void missing_and_foreign_files(void **state)
{
    (void)state;
    char folder[1024], path[1200];
    (void)snprintf(folder, sizeof folder, "%s", support_path("foreign"));
    assert_refused(folder, QST_ERR_SYSTEM, "there is no model in this folder (model.json is missing)");
    save_small(folder);
    path_in(folder, "model.safetensors", path);
    assert_int_equal(unlink(path), 0);
    assert_refused(folder, QST_ERR_SYSTEM, "model.safetensors");
    path_in(folder, "model.json", path);
    const char *const texts[] = {"{\"format\": \"qstill-model/2\"}\n", "{\"format\": \"qstill-dataset/1\"}\n",
                                 "{\"format\": \"qstill-model/1\"", "[1]\n"};
    const char *const parts[] = {"format qstill-model/2 was written by a newer release: this one reads qstill-model/1",
                                 "format is \"qstill-dataset/1\", \"qstill-model/1\" is needed",
                                 "model.json:1:", "model.json"};
    for (size_t i = 0; i < 4; i++) {
        assert_ok(ctx, qsti_file_write(ctx, path, texts[i], strlen(texts[i])));
        assert_refused(folder, QST_ERR_DAMAGED, parts[i]);
    }
}

/* Whole, sound files with values that no model of ours has. */
static void sound_files_with_wrong_values(void **state)
{
    (void)state;
    const struct {
        const char *key;
        json_t *value;
        const char *part;
    } cases[] = {
        {"kind", json_string("forest"), "kind: \"forest\" is not a kind of model"},
        {"kind", json_integer(1), "kind"},
        {"head", json_string("dense"), "head: \"dense\" is not a head"},
        {"precision", json_string("half"), "precision: \"half\" is not single or double"},
        {"score_kind", json_string("expectation"), "score_kind: \"expectation\", the model gives \"logit\""},
        {"seed", json_string("-1"), "seed: \"-1\" is not a number"},
        {"data_sha256", json_string("0123456789012345678901234567890123456789012345678901234567890123456"),
         "data_sha256 is no SHA-256"},
        {"class_names", json_pack("[s,i]", "a", 1), "class_names[1] is not a string"},
        {"class_names", json_pack("[s]", "a"), "1 class names for a model of 2 scores"},
        {"n_scores", json_integer(1 << 30), "n_weights is 9: the model has 2147483653"},
        {"n_scores", json_integer(0), "n_scores"},
        {"n_weights", json_integer(10), "n_weights is 10: there are 9 weights"},
        {"readout", json_pack("{s:s,s:i,s:i}", "kind", "parity", "n_qubits", 2, "n_outputs", 2), "/model.json: "},
        {"circuit", json_object(), "circuit"},
        {"readout", json_null(), "readout"},
        {"preprocess", json_integer(3), "preprocess"},
    };
    char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s", support_path("values"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *json = NULL;
        qsti_tensors *tensors = NULL;
        const qsti_tensor *weights = NULL;
        save_small(folder);
        assert_ok(ctx, qsti_artefact_read(ctx, folder, "model", &json, &tensors));
        assert_ok(ctx, qsti_tensors_get(ctx, tensors, "weights", QSTI_F64, 1, &weights));
        assert_int_equal(json_object_set_new(json, cases[i].key, cases[i].value), 0);
        assert_int_equal(json_object_del(json, "format"), 0);
        assert_ok(ctx, qsti_artefact_write(ctx, folder, "model", json, weights, 1));
        assert_refused(folder, QST_ERR_DAMAGED, cases[i].part);
        json_decref(json);
        qsti_tensors_free(ctx, tensors);
    }
}

static void weights_that_are_not_finite(void **state)
{
    (void)state;
    json_t *json = NULL;
    qsti_tensors *tensors = NULL;
    const double weights[9] = {0, 0, 0, NAN};
    const qsti_tensor tensor = {"weights", QSTI_F64, 1, {9}, weights};
    char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s", support_path("nan"));
    save_small(folder);
    assert_ok(ctx, qsti_artefact_read(ctx, folder, "model", &json, &tensors));
    assert_int_equal(json_object_del(json, "format"), 0);
    assert_ok(ctx, qsti_artefact_write(ctx, folder, "model", json, &tensor, 1));
    assert_refused(folder, QST_ERR_DAMAGED, "weight 3: nan is not finite");
    json_decref(json);
    qsti_tensors_free(ctx, tensors);
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

static qst_status make_save_load(qst_ctx *own, void *arg)
{
    qst_status status = QST_OK;
    qst_model *model = NULL, *loaded = NULL;
    const char *const output = arg;
    const char *const names[] = {"a", "b", "c"};
    double out[150];
    char hash[65];
    const qst_model_opts opts = {.kind = strcmp(output, "logistic") == 0 ? "logistic" : NULL,
                                 .circuit = {.qubits = 2, .ansatz = {.reps = 1}},
                                 .outputs = &output,
                                 .n_outputs = 1,
                                 .head = QST_HEAD_linear,
                                 .precision = QST_SINGLE};
    QSTI_TRY(qst_model_create(own, &opts, 3, 3, &model));
    QSTI_TRY(qsti_model_set_classes(model, names, 3));
    QSTI_TRY(qst_model_hash(model, hash));
    QSTI_TRY(qst_model_save(model, support_path("memory")));
    QSTI_TRY(qst_model_load(own, support_path("memory"), &loaded));
    QSTI_TRY(qst_model_predict(loaded, (qst_const_matrix){rows.x, 50, 3}, (qst_matrix){out, 50, 3}));
done:
    qst_model_free(model);
    qst_model_free(loaded);
    return status;
}

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
    char z[] = "z", logistic[] = "logistic";
    support_fail_each_allocation(make_save_load, z);
    support_fail_each_allocation(make_save_load, logistic);
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
        cmocka_unit_test(saved_models_are_the_same),
        cmocka_unit_test(predictions_are_of_raw_rows),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(missing_and_foreign_files),
        cmocka_unit_test(sound_files_with_wrong_values),
        cmocka_unit_test(weights_that_are_not_finite),
        cmocka_unit_test(weights_are_adopted_where_they_fit),
        cmocka_unit_test(logistic_refusals),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

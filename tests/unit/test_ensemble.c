/* test_ensemble.c: teachers that are asked: our own models, several as one, calibrated ones; and answers that are none.
 */
#include "lesson_cases.h"

#include "data/part.h"
#include "knowledge/extract.h"
#include "learn/temperature.h"
#include "teacher/ensemble.h"
#include "teacher/teacher.h"

static qst_ctx *ctx;
static qst_table *table;
static qst_dataset *dataset;
static qst_model *models[3];

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(2);
    table = lesson_table(ctx);
    dataset = lesson_dataset(table);
    for (size_t i = 0; i < 3; i++) {
        const qst_model_opts opts = lesson_teacher();
        qst_train_opts train = lesson_train();
        train.seed = i;
        assert_ok(ctx, qst_teacher_train(dataset, &opts, &train, &models[i], NULL));
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++)
        qst_model_free(models[i]);
    qst_dataset_free(dataset);
    qst_table_free(table);
    qst_ctx_free(ctx);
    return 0;
}

/* --- an oracle of given answers ----------------------------------------------------------------------------------- */

/* The same row of scores for whatever is asked. */
typedef struct echo {
    double scores[4];
    size_t n_calls, largest;
} echo;

static qst_status echo_scores(qsti_oracle *oracle, qst_const_matrix raw, qst_matrix out)
{
    echo *inside = oracle->inside;
    inside->n_calls++;
    inside->largest = raw.n_rows > inside->largest ? raw.n_rows : inside->largest;
    for (size_t i = 0; i < out.n_rows; i++)
        memcpy(out.data + i * out.n_cols, inside->scores, out.n_cols * sizeof(double));
    return QST_OK;
}

static const qsti_oracle_type echo_type = {.name = "echo", .scores = echo_scores};

static qsti_oracle *echo_of(echo *inside, qst_score_kind kind, size_t n_scores)
{
    qsti_oracle *oracle = NULL;
    assert_ok(ctx, qsti_oracle_allocate(ctx, &echo_type, 1, n_scores, kind, &oracle));
    oracle->inside = inside;
    return oracle;
}

/* Rule 17: the mean of probabilities is .745; that of logits would be .909. */
static void an_ensemble_is_the_mean_of_probabilities(void **state)
{
    (void)state;
    echo sure = {.scores = {0.99, 0.01}}, unsure = {.scores = {3, 3}};
    qsti_oracle *members[] = {echo_of(&sure, QST_SCORE_probability, 2), echo_of(&unsure, QST_SCORE_logit, 2)};
    qsti_oracle *oracle = NULL;
    const double raw = 0;
    double scores[2];
    assert_ok(ctx, qsti_ensemble_create(ctx, members, 2, &oracle));
    assert_int_equal(oracle->kind, QST_SCORE_probability);
    assert_ok(ctx, qsti_oracle_ask(oracle, (qst_const_matrix){&raw, 1, 1}, NULL, (qst_matrix){scores, 1, 2}));
    assert_close(scores[0], 0.745, 1e-15);
    assert_close(scores[1], 0.255, 1e-15);
    qsti_oracle_free(oracle);
    qsti_oracle *odd[] = {echo_of(&sure, QST_SCORE_probability, 2), echo_of(&unsure, QST_SCORE_logit, 3)};
    oracle = NULL;
    assert_status(ctx, qsti_ensemble_create(ctx, odd, 2, &oracle), QST_ERR_MISMATCH);
    assert_message(ctx, "member 2 of the ensemble takes 1 inputs and gives 3 scores, the first takes 1 and gives 2");
    assert_null(oracle);
    qsti_oracle_free(odd[0]);
    qsti_oracle_free(odd[1]);
}

static void an_ensemble_of_models(void **state)
{
    (void)state;
    qsti_oracle *members[3], *oracle = NULL, *other = NULL;
    double p[3][450];
    qst_model_size one;
    for (size_t i = 0; i < 3; i++)
        assert_ok(ctx, qsti_oracle_borrow_model(models[i], &members[i]));
    assert_ok(ctx, qsti_ensemble_create(ctx, members, 3, &oracle));
    qst_knowledge *knowledge = NULL;
    assert_ok(ctx, qsti_knowledge_from_oracle(oracle, table, dataset, &knowledge));
    for (size_t i = 0; i < 3; i++) {
        qst_matrix mine = {p[i], 150, 3};
        assert_ok(ctx, qst_model_scores(models[i], qst_dataset_features(dataset), mine));
        assert_ok(ctx, qst_scores_to_probabilities(ctx, QST_SCORE_logit, qst_const_view(mine), 1, mine));
    }
    for (size_t i = 0; i < 450; i++)
        assert_close(knowledge->scores[i], (p[0][i] + p[1][i] + p[2][i]) / 3, 1e-15);
    qst_model_measure(models[0], &one);
    assert_int_equal(knowledge->teacher_size.quantum_parameters, 3 * one.quantum_parameters);
    assert_int_equal(knowledge->teacher_size.circuit.qubits, one.circuit.qubits);
    assert_string_equal(knowledge->teacher_hash, oracle->hash);
    /* The hash is of the members in their order. */
    qsti_oracle *turned[3];
    for (size_t i = 0; i < 3; i++)
        assert_ok(ctx, qsti_oracle_borrow_model(models[2 - i], &turned[i]));
    assert_ok(ctx, qsti_ensemble_create(ctx, turned, 3, &other));
    assert_string_not_equal(oracle->hash, other->hash);
    qsti_oracle_free(other);
    qsti_oracle_free(oracle);
    qst_knowledge_free(knowledge);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static void a_model_answers_as_it_is(void **state)
{
    (void)state;
    qsti_oracle *oracle = NULL;
    qst_knowledge *knowledge = NULL, *direct = NULL;
    char hash[QSTI_HASH_CHARS];
    assert_ok(ctx, qsti_oracle_borrow_model(models[0], &oracle));
    assert_ok(ctx, qst_model_hash(models[0], hash));
    assert_string_equal(oracle->hash, hash);
    assert_ptr_equal(qsti_oracle_model(oracle), models[0]);
    assert_ok(ctx, qsti_knowledge_from_oracle(oracle, table, dataset, &knowledge));
    assert_ok(ctx, qst_knowledge_extract(models[0], dataset, &direct));
    assert_memory_equal(knowledge->scores, direct->scores, (size_t)450 * sizeof(double));
    qst_knowledge_free(knowledge);
    qst_knowledge_free(direct);
    qsti_oracle_free(oracle);
}

static void rows_are_asked_in_blocks(void **state)
{
    (void)state;
    enum { ROWS = 2500 };
    static double raw[ROWS], out[ROWS * 2];
    echo inside = {.scores = {1, 2}};
    qsti_oracle *oracle = echo_of(&inside, QST_SCORE_logit, 2);
    assert_ok(ctx, qsti_oracle_ask(oracle, (qst_const_matrix){raw, ROWS, 1}, NULL, (qst_matrix){out, ROWS, 2}));
    assert_int_equal(inside.n_calls, 3);
    assert_int_equal(inside.largest, 1024);
    assert_close(out[ROWS * 2 - 1], 2, 0);
    const double wide[2] = {0};
    assert_status(ctx, qsti_oracle_ask(oracle, (qst_const_matrix){wide, 1, 2}, NULL, (qst_matrix){out, 1, 2}),
                  QST_ERR_MISMATCH);
    assert_message(ctx, "the rows have 2 columns, the teacher takes 1");
    assert_status(ctx, qsti_oracle_ask(oracle, (qst_const_matrix){raw, 1, 1}, NULL, (qst_matrix){out, 1, 1}),
                  QST_ERR_MISMATCH);
    inside.scores[1] = NAN;
    assert_status(ctx, qsti_oracle_ask(oracle, (qst_const_matrix){raw, 1, 1}, NULL, (qst_matrix){out, 1, 2}),
                  QST_ERR_INPUT);
    assert_message(ctx, "row 0, column 1: nan is not finite");
    qsti_oracle_free(oracle);
}

static void what_is_called_a_probability_is_one(void **state)
{
    (void)state;
    echo inside = {.scores = {0.2500004, 0.75}};
    qsti_oracle *oracle = echo_of(&inside, QST_SCORE_probability, 2);
    const double raw = 0;
    double p[2];
    assert_ok(ctx, qsti_oracle_ask(oracle, (qst_const_matrix){&raw, 1, 1}, NULL, (qst_matrix){p, 1, 2}));
    assert_close(p[0] + p[1], 1, 1e-15);
    const double wrong[][2] = {{0.5, 0.6}, {-0.1, 1.1}, {2, -1}};
    for (size_t i = 0; i < 3; i++) {
        memcpy(inside.scores, wrong[i], sizeof wrong[i]);
        assert_status(ctx, qsti_oracle_ask(oracle, (qst_const_matrix){&raw, 1, 1}, NULL, (qst_matrix){p, 1, 2}),
                      QST_ERR_INPUT);
        assert_message(ctx, "is no probability distribution");
    }
    qsti_oracle_free(oracle);
}

/* A teacher that knows all classes of the source teaches a dataset of some of them. */
static void classes_of_the_source_are_cut(void **state)
{
    (void)state;
    qst_dataset *two = lesson_dataset_of_two(table);
    echo all = {.scores = {0.5, 0.125, 0.375}}, odd = {.scores = {1, 2, 3, 4}};
    qsti_oracle *oracle = echo_of(&all, QST_SCORE_probability, 3);
    qst_knowledge *knowledge = NULL;
    oracle->n_inputs = 4;
    assert_ok(ctx, qsti_knowledge_from_oracle(oracle, table, two, &knowledge));
    assert_int_equal(knowledge->n_rows, 100);
    assert_close(knowledge->scores[0], 0.25, 1e-15);
    assert_close(knowledge->scores[199], 0.75, 1e-15);
    qst_knowledge_free(knowledge);
    qsti_oracle_free(oracle);
    oracle = echo_of(&odd, QST_SCORE_logit, 4);
    oracle->n_inputs = 4;
    knowledge = NULL;
    assert_status(ctx, qsti_knowledge_from_oracle(oracle, table, two, &knowledge), QST_ERR_MISMATCH);
    assert_message(ctx, "the teacher's output has 4 columns: the source has 3 classes, of which 2 are used");
    assert_null(knowledge);
    qsti_oracle_free(oracle);
    qst_dataset_free(two);
}

/* --- calibration -------------------------------------------------------------------------------------------------- */

/* Mean NLL of the validation rows. */
static double nll_of(const qst_knowledge *knowledge)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < knowledge->n_rows; i++) {
        double p[3];
        if (dataset->splits[i] != QST_VALIDATION)
            continue;
        qst_const_matrix row = {knowledge->scores + 3 * i, 1, 3};
        assert_ok(ctx, qst_scores_to_probabilities(ctx, knowledge->kind, row, 1, (qst_matrix){p, 1, 3}));
        sum -= log(p[dataset->labels[i]]);
        n++;
    }
    return sum / (double)n;
}

/* Whatever the kind, the same teacher gets the same temperature, and no other is better. */
static void calibration_fits_the_validation_rows(void **state)
{
    (void)state;
    const qst_score_kind kinds[] = {QST_SCORE_logit, QST_SCORE_probability, QST_SCORE_log_probability};
    double first = NAN;
    for (size_t k = 0; k < 3; k++) {
        qst_knowledge *knowledge = NULL, *plain = NULL;
        assert_ok(ctx, qst_knowledge_extract(models[0], dataset, &knowledge));
        assert_ok(ctx, qst_knowledge_extract(models[0], dataset, &plain));
        assert_true(isnan(qst_knowledge_calibration(knowledge)));
        qst_matrix scores = {knowledge->scores, 150, 3};
        if (kinds[k] != QST_SCORE_logit)
            assert_ok(ctx, qst_scores_to_probabilities(ctx, QST_SCORE_logit, qst_const_view(scores), 1, scores));
        for (size_t i = 0; kinds[k] == QST_SCORE_log_probability && i < 450; i++)
            knowledge->scores[i] = log(knowledge->scores[i]);
        knowledge->kind = kinds[k];
        double before = nll_of(knowledge);
        assert_ok(ctx, qsti_knowledge_calibrate(knowledge, dataset));
        double temperature = qst_knowledge_calibration(knowledge), after = nll_of(knowledge);
        assert_int_equal(knowledge->kind, kinds[k]);
        assert_true(fabs(temperature - 1) > 0.02 && after < before);
        first = k == 0 ? temperature : first;
        assert_close(temperature, first, 1e-6);
        for (size_t i = 0; k == 0 && i < 450; i++)
            assert_close(knowledge->scores[i], plain->scores[i] / temperature, 1e-15 * fabs(plain->scores[i]));
        qst_knowledge_free(knowledge);
        qst_knowledge_free(plain);
    }
}

static void calibrated_expectations_are_logits(void **state)
{
    (void)state;
    qst_knowledge *knowledge = NULL;
    assert_ok(ctx, qst_knowledge_extract(models[0], dataset, &knowledge));
    for (size_t i = 0; i < 450; i++)
        knowledge->scores[i] = tanh(knowledge->scores[i]);
    knowledge->kind = QST_SCORE_expectation;
    assert_ok(ctx, qsti_knowledge_calibrate(knowledge, dataset));
    assert_int_equal(knowledge->kind, QST_SCORE_logit);
    assert_true(knowledge->calibration < 1); /* bounded scores are too careful */
    qst_knowledge_free(knowledge);
    qst_dataset *unvalidated = NULL;
    assert_ok(ctx, qst_dataset_create(table, &(qst_dataset_opts){.test = 0.3, .seed = 1}, &unvalidated));
    knowledge = NULL;
    assert_ok(ctx, qst_knowledge_from_table(unvalidated, lesson_logits(table), QST_SCORE_logit, 1, &knowledge));
    assert_status(ctx, qsti_knowledge_calibrate(knowledge, unvalidated), QST_ERR_USAGE);
    assert_message(ctx, "there are no validation rows to fit a temperature on");
    qst_knowledge_free(knowledge);
    qst_dataset_free(unvalidated);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ensemble_is_the_mean_of_probabilities),
        cmocka_unit_test(an_ensemble_of_models),
        cmocka_unit_test(a_model_answers_as_it_is),
        cmocka_unit_test(rows_are_asked_in_blocks),
        cmocka_unit_test(what_is_called_a_probability_is_one),
        cmocka_unit_test(classes_of_the_source_are_cut),
        cmocka_unit_test(calibration_fits_the_validation_rows),
        cmocka_unit_test(calibrated_expectations_are_logits),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

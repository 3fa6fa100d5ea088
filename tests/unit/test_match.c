/* test_match.c: the terms beside the scores: gradients against finite differences, fixed points, refusals; and the
 * knowledge that they need. */
#include "lesson_cases.h"

#include "base/hash.h"
#include "knowledge/extract.h"
#include "learn/match.h"
#include "teacher/teacher.h"

enum { ROWS = 24, D = 4, C = 3 };

static qst_ctx *ctx;
static qst_table *table;
static qst_dataset *dataset;
static qst_model *teacher, *student;
static qst_knowledge *knowledge;
static size_t rows[ROWS];

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(2);
    table = lesson_table(ctx);
    dataset = lesson_dataset(table);
    const qst_model_opts of_teacher = lesson_teacher();
    qst_model_opts of_student = lesson_teacher();
    const qst_train_opts train = lesson_train();
    of_student.circuit.ansatz.name = "efficient_su2";
    assert_ok(ctx, qst_teacher_train(dataset, &of_teacher, &train, &teacher, NULL));
    assert_ok(ctx, qst_model_create(ctx, &of_student, D, C, &student));
    qst_model_initialize(student, 5);
    assert_ok(ctx, qst_knowledge_extract(teacher, dataset, &knowledge));
    assert_ok(ctx, qst_knowledge_add_weights(knowledge, teacher));
    static const char *const words[] = {"zz", "0.5*IIX - 2*YZI"};
    assert_ok(ctx, qsti_knowledge_add_observables(knowledge, teacher, dataset, words, 2));
    assert_ok(ctx, qsti_knowledge_add_states(knowledge, teacher, dataset));
    assert_ok(ctx, qsti_knowledge_add_input_gradients(knowledge, teacher, dataset));
    for (size_t i = 0; i < ROWS; i++)
        rows[i] = (7 * i) % 150;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    qst_knowledge_free(knowledge);
    qst_model_free(teacher);
    qst_model_free(student);
    qst_dataset_free(dataset);
    qst_table_free(table);
    qst_ctx_free(ctx);
    return 0;
}

/* --- knowledge ---------------------------------------------------------------------------------------------------- */

static void observables_are_expectation_values(void **state)
{
    (void)state;
    const qsti_observables *observables = &knowledge->observables;
    assert_int_equal(observables->n_values, 4);
    assert_string_equal(observables->words[1], "0.5*IIX - 2*YZI");
    /* From the states: <Z0 Z1> of row 10. */
    const double *psi = knowledge->states.amplitudes + (size_t)10 * 16;
    double sum = 0, norm = 0;
    assert_int_equal(knowledge->states.n_qubits, 3);
    for (size_t b = 0; b < 8; b++) {
        double p = psi[2 * b] * psi[2 * b] + psi[2 * b + 1] * psi[2 * b + 1];
        sum += ((b & 1) == (b >> 1 & 1) ? 1 : -1) * p;
        norm += p;
    }
    assert_close(norm, 1, 1e-13);
    assert_close(observables->values[10 * 4], sum, 1e-13);
}

static void input_gradients_are_derivatives(void **state)
{
    (void)state;
    const double h = 1e-5;
    for (size_t i = 0; i < 150; i += 29) {
        for (size_t j = 0; j < D; j++) {
            double x[2][D], z[2][C];
            for (size_t side = 0; side < 2; side++) {
                memcpy(x[side], dataset->features + i * D, sizeof x[side]);
                x[side][j] += side ? -h : h;
                assert_ok(ctx,
                          qst_model_scores(teacher, (qst_const_matrix){x[side], 1, D}, (qst_matrix){z[side], 1, C}));
            }
            for (size_t c = 0; c < C; c++)
                assert_close(knowledge->input_gradients.values[(i * C + c) * D + j], (z[0][c] - z[1][c]) / (2 * h),
                             1e-8);
        }
    }
}

/* A linear model's are its weights, by differences; other heads' by the adjoint. */
static void input_gradients_of_other_models(void **state)
{
    (void)state;
    qst_model *linear = NULL;
    qst_knowledge *known = NULL;
    assert_ok(ctx, qst_model_create(ctx, &(qst_model_opts){.kind = "logistic"}, D, C, &linear));
    for (size_t i = 0; i < linear->n_weights; i++)
        linear->weights[i] = 0.1 * (double)i - 0.6;
    assert_ok(ctx, qst_knowledge_extract(linear, dataset, &known));
    assert_ok(ctx, qsti_knowledge_add_input_gradients(known, linear, dataset));
    for (size_t i = 0; i < 150; i++)
        for (size_t k = 0; k < (size_t)C * D; k++)
            assert_close(known->input_gradients.values[i * C * D + k], linear->weights[k], 1e-9);
    assert_status(ctx, qsti_knowledge_add_states(known, linear, dataset), QST_ERR_MISMATCH);
    assert_message(ctx, "states: the teacher is no circuit");
    qst_knowledge_free(known);
    qst_model_free(linear);
}

static void files_keep_all_kinds(void **state)
{
    (void)state;
    qst_knowledge *read = NULL;
    assert_ok(ctx, qst_knowledge_save(knowledge, support_path("kinds")));
    assert_ok(ctx, qst_knowledge_load(ctx, support_path("kinds"), &read));
    assert_int_equal(read->observables.n_words, 2);
    assert_string_equal(read->observables.words[0], "zz");
    assert_memory_equal(read->observables.values, knowledge->observables.values, (size_t)150 * 4 * sizeof(double));
    assert_int_equal(read->states.n_qubits, 3);
    assert_memory_equal(read->states.amplitudes, knowledge->states.amplitudes, (size_t)150 * 16 * sizeof(double));
    assert_int_equal(read->input_gradients.n_features, D);
    assert_memory_equal(read->input_gradients.values, knowledge->input_gradients.values,
                        (size_t)150 * C * D * sizeof(double));
    assert_int_equal(read->n_weights, knowledge->n_weights);
    qst_knowledge_free(read);
}

/* --- terms -------------------------------------------------------------------------------------------------------- */

static qsti_match_data data_of(double observables, double gradients, double states, double processes)
{
    return (qsti_match_data){
        .n_rows = 150,
        .observables = {knowledge->observables.values, 150, knowledge->observables.n_values},
        .observables_weight = observables,
        .gradients = {knowledge->input_gradients.values, 150, (size_t)C * D},
        .kind = knowledge->kind,
        .gradients_weight = gradients,
        .circuit = knowledge->circuit,
        .circuit_weights = knowledge->weights,
        .states_weight = states,
        .processes_weight = processes,
    };
}

static qsti_match *match_of(qst_model *model, const qsti_match_data *data)
{
    qsti_match *match = NULL;
    assert_ok(ctx, qsti_match_create(model, QST_DOUBLE, qst_dataset_features(dataset), ROWS, 9, data, &match));
    return match;
}

/* Loss alone, and its gradient (n_trained). */
static double loss_of(qsti_match *match, const qst_model *model, const double *weights, double *gradient)
{
    double loss = 0;
    memset(gradient, 0, model->n_trained * sizeof *gradient);
    assert_ok(ctx, qsti_match_add(match, weights, rows, ROWS, 3, &loss, gradient));
    return loss;
}

static void gradients_are_those_of_the_loss(void **state)
{
    (void)state;
    const double h = 1e-5;
    const double weights_of[][4] = {{2, 0, 0, 0}, {0, 0.3, 0, 0}, {0, 0, 1.5, 0}, {0, 0, 0, 0.7}, {1, 0.1, 0.5, 2}};
    for (size_t k = 0; k < 5; k++) {
        const double *w = weights_of[k];
        const qsti_match_data data = data_of(w[0], w[1], w[2], w[3]);
        qsti_match *match = match_of(student, &data);
        double gradient[200], scratch[200], weights[200];
        assert_true(student->n_trained <= 200);
        memcpy(weights, student->weights, student->n_weights * sizeof *weights);
        double loss = loss_of(match, student, weights, gradient);
        assert_true(loss > 1e-3);
        for (size_t p = 0; p < student->n_trained; p++) {
            double kept = weights[p];
            weights[p] = kept + h;
            double above = loss_of(match, student, weights, scratch);
            weights[p] = kept - h;
            double below = loss_of(match, student, weights, scratch);
            weights[p] = kept;
            if (fabs((above - below) / (2 * h) - gradient[p]) > 2e-8 * (1 + fabs(gradient[p])))
                fail_msg("terms %zu, weight %zu: %.10g, differences give %.10g", k, p, gradient[p],
                         (above - below) / (2 * h));
        }
        qsti_match_free(match);
    }
}

/* Rule 21: a student that is its teacher has nothing to learn. */
static void the_teacher_itself_is_a_fixed_point(void **state)
{
    (void)state;
    const double weights_of[][4] = {{0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}};
    const double most[] = {1e-9, 1e-12, 1e-12};
    double gradient[200];
    for (size_t k = 0; k < 3; k++) {
        const double *w = weights_of[k];
        const qsti_match_data data = data_of(w[0], w[1], w[2], w[3]);
        qsti_match *match = match_of(teacher, &data);
        double loss = loss_of(match, teacher, teacher->weights, gradient);
        assert_true(fabs(loss) < most[k]);
        for (size_t p = 0; p < teacher->n_trained; p++)
            assert_true(fabs(gradient[p]) < 1e-4 * (k == 0) + 1e-10);
        qsti_match_free(match);
    }
}

/* What is a linear function of the outputs costs nothing but the ridge: <Z> onto 2 <Z0> - <Z2> + 0.5. */
static void a_linear_map_is_found(void **state)
{
    (void)state;
    qsti_match_data data = data_of(1, 0, 0, 0);
    double targets[150 * 2], values[150 * 3], gradient[200];
    qst_program *program = NULL;
    assert_ok(ctx, qst_program_compile(ctx, qst_model_circuit(student), qst_model_readout(student), NULL, &program));
    assert_ok(ctx, qst_program_forward(program, student->weights, qst_dataset_features(dataset),
                                       (qst_matrix){values, 150, 3}));
    for (size_t i = 0; i < 150; i++) {
        targets[2 * i] = 2 * values[3 * i] - values[3 * i + 2] + 0.5;
        targets[2 * i + 1] = -0.25 * values[3 * i + 1];
    }
    data.observables = (qst_const_matrix){targets, 150, 2};
    qsti_match *match = match_of(student, &data);
    double loss = loss_of(match, student, student->weights, gradient);
    assert_true(loss > 0 && loss < 1e-4);
    qsti_match_free(match);
    qst_program_free(program);
}

/* Rows without such knowledge are left out; with none left there is no term. */
static void rows_beyond_the_knowledge_are_left_out(void **state)
{
    (void)state;
    qsti_match_data data = data_of(0, 0, 1, 0);
    double gradient[200], all = 0, few = 0, none = 0;
    size_t mixed[ROWS];
    qsti_match *match = match_of(student, &data);
    data.n_rows = 50;
    qsti_match *short_match = match_of(student, &data);
    for (size_t i = 0; i < ROWS; i++)
        mixed[i] = i < 8 ? i : 100 + i;
    assert_ok(ctx, qsti_match_add(match, student->weights, mixed, 8, 0, &all, gradient));
    assert_ok(ctx, qsti_match_add(short_match, student->weights, mixed, ROWS, 0, &few, gradient));
    assert_ok(ctx, qsti_match_add(short_match, student->weights, mixed + 8, ROWS - 8, 0, &none, gradient));
    assert_true(all == few && none == 0 && all > 0);
    qsti_match_free(match);
    qsti_match_free(short_match);
}

static void what_cannot_be_matched_is_refused(void **state)
{
    (void)state;
    qst_model *linear = NULL, *small = NULL;
    const qst_model_opts of_small = lesson_student();
    qsti_match *match = NULL;
    assert_ok(ctx, qst_model_create(ctx, &(qst_model_opts){.kind = "logistic"}, D, C, &linear));
    assert_ok(ctx, qst_model_create(ctx, &of_small, D, C, &small));
    qsti_match_data data = data_of(1, 0, 0, 0);
    const qst_const_matrix x = qst_dataset_features(dataset);
    assert_status(ctx, qsti_match_create(linear, QST_DOUBLE, x, ROWS, 1, &data, &match), QST_ERR_MISMATCH);
    assert_message(ctx, "match: the student is no circuit");
    assert_status(ctx, qsti_match_create(student, QST_DOUBLE, x, 7, 1, &data, &match), QST_ERR_USAGE);
    assert_message(ctx, "batch: 7 rows are too few to fit a linear map of 4 rows: at least 8");
    data = data_of(0, 0, 1, 0);
    assert_status(ctx, qsti_match_create(small, QST_DOUBLE, x, ROWS, 1, &data, &match), QST_ERR_MISMATCH);
    assert_message(ctx, "the student's circuit has 2 qubits, the teacher's 3");
    data = data_of(0, 1, 0, 0);
    data.kind = QST_SCORE_probability;
    assert_status(ctx, qsti_match_create(student, QST_DOUBLE, x, ROWS, 1, &data, &match), QST_ERR_MISMATCH);
    assert_message(ctx, "the teacher's scores are of kind probability, the student's logit");
    assert_null(match);
    qst_model_free(linear);
    qst_model_free(small);
}

/* Nothing is allocated in a step, and any number of threads gives the same bits. */
static void steps_take_no_memory_and_any_threads(void **state)
{
    (void)state;
    const qsti_match_data data = data_of(1, 0.1, 0.5, 0.25);
    double first[200], again[200];
    qsti_match *match = match_of(student, &data);
    double loss = loss_of(match, student, student->weights, first);
    uint64_t before = qsti_ctx_allocations(ctx);
    assert_close(loss_of(match, student, student->weights, again), loss, 0);
    assert_int_equal(qsti_ctx_allocations(ctx), before);
    assert_memory_equal(first, again, student->n_trained * sizeof(double));
    qsti_match_free(match);
    for (int threads = 1; threads <= 5; threads += 2) {
        qst_ctx *own = support_ctx(threads);
        qst_model *copy = NULL;
        double own_loss = 0;
        assert_ok(ctx, qst_model_save(student, support_path("match-student")));
        assert_ok(own, qst_model_load(own, support_path("match-student"), &copy));
        assert_ok(own, qsti_match_create(copy, QST_DOUBLE, qst_dataset_features(dataset), ROWS, 9, &data, &match));
        memset(again, 0, sizeof again);
        assert_ok(own, qsti_match_add(match, copy->weights, rows, ROWS, 3, &own_loss, again));
        assert_close(own_loss, loss, 0);
        assert_memory_equal(first, again, student->n_trained * sizeof(double));
        qsti_match_free(match);
        qst_model_free(copy);
        qst_ctx_free(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(observables_are_expectation_values),
        cmocka_unit_test(input_gradients_are_derivatives),
        cmocka_unit_test(input_gradients_of_other_models),
        cmocka_unit_test(files_keep_all_kinds),
        cmocka_unit_test(gradients_are_those_of_the_loss),
        cmocka_unit_test(the_teacher_itself_is_a_fixed_point),
        cmocka_unit_test(a_linear_map_is_found),
        cmocka_unit_test(rows_beyond_the_knowledge_are_left_out),
        cmocka_unit_test(what_cannot_be_matched_is_refused),
        cmocka_unit_test(steps_take_no_memory_and_any_threads),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

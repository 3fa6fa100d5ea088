/* test_queries.c: rows beyond the dataset: how many, which, what the teacher says of them, and what students see. */
#include "lesson_cases.h"

#include <unistd.h>

#include "base/rng.h"
#include "knowledge/extract.h"
#include "student/distillation.h"
#include "teacher/teacher.h"

enum { N_TRAIN = 84, D = 4, C = 3 };

static qst_ctx *ctx;
static qst_table *table;
static qst_dataset *dataset;
static qst_model *teacher;
static qst_knowledge *knowledge;

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(2);
    table = lesson_table(ctx);
    dataset = lesson_dataset(table);
    const qst_model_opts opts = lesson_teacher();
    const qst_train_opts train = lesson_train();
    return qst_teacher_train(dataset, &opts, &train, &teacher, NULL) != QST_OK;
}

static int tear_down(void **state)
{
    (void)state;
    qst_model_free(teacher);
    qst_dataset_free(dataset);
    qst_table_free(table);
    qst_ctx_free(ctx);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    return qst_knowledge_extract(teacher, dataset, &knowledge) != QST_OK;
}

static int end(void **state)
{
    (void)state;
    qst_knowledge_free(knowledge);
    knowledge = NULL;
    return 0;
}

static void query(const qst_query_opts *opts)
{
    assert_ok(ctx, qst_knowledge_query(knowledge, teacher, table, dataset, opts));
}

static void refuse(const qst_query_opts *opts, qst_status expected, const char *part)
{
    assert_status(ctx, qst_knowledge_query(knowledge, teacher, table, dataset, opts), expected);
    assert_message(ctx, part);
    assert_int_equal(qst_knowledge_queries(knowledge), 0);
}

/* --- how many ----------------------------------------------------------------------------------------------------- */

static void the_budget_is_shared(void **state)
{
    (void)state;
    static const struct {
        size_t wanted[3], budget, asked[3];
    } cases[] = {
        {{10, 20, 30}, 0, {10, 20, 30}}, {{10, 20, 30}, 60, {10, 20, 30}}, {{10, 20, 30}, 30, {5, 10, 15}},
        {{10, 20, 30}, 31, {6, 10, 15}}, {{1, 1, 1}, 2, {1, 1, 0}},        {{0, 7, 0}, 3, {0, 3, 0}},
        {{0, 0, 0}, 5, {0, 0, 0}},       {{1, 0, 1000}, 1, {1, 0, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t asked[3];
        qsti_query_shares(cases[i].wanted, cases[i].budget, asked);
        assert_memory_equal(asked, cases[i].asked, sizeof asked);
    }
}

static void as_many_as_asked_for(void **state)
{
    (void)state;
    query(&(qst_query_opts){.mixup = 1.5, .mixup_least = 0.5, .noise = 0.25, .noise_sd = 0.1});
    const qsti_queries *queries = &knowledge->queries;
    assert_int_equal(qst_knowledge_queries(knowledge), 126 + 21);
    assert_int_equal(queries->asked[QSTI_QUERY_MIXUP], 126);
    assert_int_equal(queries->asked[QSTI_QUERY_NOISE], 21);
    assert_int_equal(queries->n_features, D);
    assert_int_equal(queries->n_scores, C);
    query(&(qst_query_opts){.mixup = 1.5, .mixup_least = 0.5, .noise = 0.25, .noise_sd = 0.1, .budget = 49});
    assert_int_equal(queries->asked[QSTI_QUERY_MIXUP], 42);
    assert_int_equal(queries->asked[QSTI_QUERY_NOISE], 7);
    assert_int_equal(queries->wanted[QSTI_QUERY_MIXUP], 126);
    query(&(qst_query_opts){.noise_sd = 1}); /* none: what was there goes */
    assert_int_equal(qst_knowledge_queries(knowledge), 0);
}

/* --- which -------------------------------------------------------------------------------------------------------- */

/* The training row whose features are those of a query, to the last bit; N_TRAIN: none. */
static size_t find_row(const qsti_part *train, const double *x)
{
    size_t i = 0;
    while (i < train->n && memcmp(train->x + i * D, x, D * sizeof *x) != 0)
        i++;
    return i;
}

/* With l = 1 nothing is mixed in: each pass goes through all training rows, in another order. */
static void every_row_is_started_from(void **state)
{
    (void)state;
    qsti_part train;
    size_t orders[2][N_TRAIN], n_seen[N_TRAIN] = {0};
    assert_ok(ctx, qsti_part_create(dataset, QST_TRAIN, &train));
    query(&(qst_query_opts){.mixup = 2, .mixup_least = 1});
    for (size_t i = 0; i < (size_t)2 * N_TRAIN; i++) {
        size_t row = find_row(&train, knowledge->queries.x + i * D);
        assert_true(row < N_TRAIN);
        orders[i / N_TRAIN][i % N_TRAIN] = row;
        n_seen[row]++;
    }
    size_t n_doubles = 0; /* rows of iris that are equal find the first of them */
    for (size_t i = 0; i < N_TRAIN; i++)
        n_doubles += n_seen[i] != 2;
    assert_true(n_doubles <= 6);
    assert_memory_not_equal(orders[0], orders[1], sizeof orders[0]);
    qsti_part_clear(ctx, &train);
}

/* The preprocessing is affine here, so a mixed row lies between two rows of features too: within the box of all. */
static void mixed_rows_lie_between(void **state)
{
    (void)state;
    qsti_part train;
    double low[D], high[D];
    assert_ok(ctx, qsti_part_create(dataset, QST_TRAIN, &train));
    for (size_t j = 0; j < D; j++) {
        low[j] = high[j] = train.x[j];
        for (size_t i = 0; i < N_TRAIN; i++) {
            low[j] = fmin(low[j], train.x[i * D + j]);
            high[j] = fmax(high[j], train.x[i * D + j]);
        }
    }
    query(&(qst_query_opts){.mixup = 6, .mixup_least = 0.5});
    size_t n_new = 0;
    for (size_t i = 0; i < knowledge->queries.n; i++) {
        const double *x = knowledge->queries.x + i * D;
        for (size_t j = 0; j < D; j++)
            assert_true(x[j] >= low[j] - 1e-12 && x[j] <= high[j] + 1e-12);
        n_new += find_row(&train, x) == N_TRAIN;
    }
    assert_true(n_new > 480 && knowledge->queries.n == 504);
    qsti_part_clear(ctx, &train);
}

/* x - a = noise_sd s g: in standardised and scaled features s is 0.8, so the distances' mean square is 0.8^2 sd^2. */
static void noise_has_its_deviation(void **state)
{
    (void)state;
    double squares = 0;
    query(&(qst_query_opts){.noise = 50, .noise_sd = 0.01});
    qsti_queries noisy = knowledge->queries;
    knowledge->queries = (qsti_queries){0};
    query(&(qst_query_opts){.noise = 50, .noise_sd = 1e-300});
    for (size_t i = 0; i < noisy.n * D; i++) {
        double distance = noisy.x[i] - knowledge->queries.x[i];
        squares += distance * distance;
    }
    assert_close(sqrt(squares / (double)(noisy.n * D)), 0.8 * 0.01, 1e-4);
    qsti_queries_clear(ctx, &noisy);
}

/* Row i is the same whatever the budget, the other origins and the number of threads; another seed has others. */
static void rows_depend_on_the_seed_alone(void **state)
{
    (void)state;
    query(&(qst_query_opts){.mixup = 3, .mixup_least = 0.5, .noise = 3, .noise_sd = 0.1});
    qsti_queries all = knowledge->queries;
    knowledge->queries = (qsti_queries){0};
    query(&(qst_query_opts){.mixup = 3, .mixup_least = 0.5, .budget = 100});
    assert_memory_equal(all.x, knowledge->queries.x, (size_t)100 * D * sizeof(double));
    query(&(qst_query_opts){.noise = 1, .noise_sd = 0.1});
    assert_memory_equal(all.x + (size_t)3 * N_TRAIN * D, knowledge->queries.x, (size_t)N_TRAIN * D * sizeof(double));
    for (int threads = 1; threads <= 7; threads += 3) {
        qst_ctx *own = support_ctx(threads);
        qst_dataset here = qsti_dataset_view(dataset, own);
        qsti_oracle *oracle = NULL;
        qsti_queries again = {0};
        assert_ok(ctx, qsti_oracle_borrow_model(teacher, &oracle));
        const qst_query_opts opts = {.mixup = 3, .mixup_least = 0.5, .noise = 3, .noise_sd = 0.1};
        assert_ok(own, qsti_queries_make(oracle, table, &here, &opts, &again));
        assert_memory_equal(all.x, again.x, all.n * D * sizeof(double));
        assert_memory_equal(all.scores, again.scores, all.n * C * sizeof(double));
        qsti_oracle_free(oracle);
        qsti_queries_clear(own, &again);
        qst_ctx_free(own);
    }
    uint64_t seed = dataset->seed;
    dataset->seed = seed + 1;
    query(&(qst_query_opts){.mixup = 1, .mixup_least = 0.5});
    dataset->seed = seed;
    assert_memory_not_equal(all.x, knowledge->queries.x, (size_t)D * sizeof(double));
    qsti_queries_clear(ctx, &all);
}

static void rows_of_a_file(void **state)
{
    (void)state;
    enum { ROWS = 30 };
    double raw[ROWS * D], scores[ROWS * C];
    bool found[ROWS] = {false};
    qsti_rng rng = qsti_rng_init(7, QSTI_PURPOSE_TEST, 0, 0);
    for (size_t i = 0; i < (size_t)ROWS * D; i++)
        raw[i] = 5 * qsti_rng_uniform(&rng);
    const char *path = support_path("unlabelled.npy");
    assert_ok(ctx, qst_array_write(ctx, path, (qst_const_matrix){raw, ROWS, D}, NULL));
    assert_ok(ctx, qst_model_predict(teacher, (qst_const_matrix){raw, ROWS, D}, (qst_matrix){scores, ROWS, C}));
    query(&(qst_query_opts){.file = path, .budget = 20});
    assert_int_equal(qst_knowledge_queries(knowledge), 20);
    for (size_t i = 0; i < 20; i++) {
        size_t row = 0;
        while (row < ROWS && memcmp(knowledge->queries.scores + i * C, scores + row * C, C * sizeof(double)) != 0)
            row++;
        assert_true(row < ROWS && !found[row]);
        found[row] = true;
    }
    const char *narrow = support_path("narrow.npy");
    end(NULL);
    begin(NULL);
    assert_ok(ctx, qst_array_write(ctx, narrow, (qst_const_matrix){raw, ROWS, 3}, NULL));
    refuse(&(qst_query_opts){.file = narrow}, QST_ERR_MISMATCH, "has 3 columns, the data source has 4 features");
    refuse(&(qst_query_opts){.file = support_path("missing.npy")}, QST_ERR_SYSTEM, "missing.npy");
}

static void wrong_numbers_are_refused(void **state)
{
    (void)state;
    refuse(&(qst_query_opts){.mixup = -1, .mixup_least = 0.5}, QST_ERR_USAGE, "mixup: -1 is not in 0..1000");
    refuse(&(qst_query_opts){.mixup = 1, .mixup_least = 1.5}, QST_ERR_USAGE, "mixup_least: 1.5 is not in 0..1");
    refuse(&(qst_query_opts){.noise = NAN, .noise_sd = 1}, QST_ERR_USAGE, "noise: nan is not in 0..1000");
    refuse(&(qst_query_opts){.noise = 1, .noise_sd = 0}, QST_ERR_USAGE, "noise_sd: 0 is not > 0");
    qst_dataset *other = lesson_dataset_of_two(table);
    assert_status(ctx, qst_knowledge_query(knowledge, teacher, table, other, &(qst_query_opts){.mixup = 1}),
                  QST_ERR_MISMATCH);
    qst_dataset_free(other);
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static void the_teacher_answers(void **state)
{
    (void)state;
    query(&(qst_query_opts){.mixup = 14, .mixup_least = 0, .noise = 1, .noise_sd = 2}); /* more than a block */
    const qsti_queries *queries = &knowledge->queries;
    assert_int_equal(queries->n, 15 * N_TRAIN);
    double scores[15 * N_TRAIN * C];
    assert_ok(ctx, qst_model_scores(teacher, (qst_const_matrix){queries->x, queries->n, D},
                                    (qst_matrix){scores, queries->n, C}));
    assert_memory_equal(queries->scores, scores, sizeof scores);
}

static void files_keep_queries(void **state)
{
    (void)state;
    query(&(qst_query_opts){.mixup = 1, .mixup_least = 0.5, .noise = 1, .noise_sd = 0.1, .budget = 50});
    assert_ok(ctx, qsti_knowledge_calibrate(knowledge, dataset));
    assert_ok(ctx, qst_knowledge_save(knowledge, support_path("with-queries")));
    qst_knowledge *read = NULL;
    assert_ok(ctx, qst_knowledge_load(ctx, support_path("with-queries"), &read));
    assert_int_equal(read->queries.n, 50);
    assert_memory_equal(read->queries.x, knowledge->queries.x, (size_t)50 * D * sizeof(double));
    assert_memory_equal(read->queries.scores, knowledge->queries.scores, (size_t)50 * C * sizeof(double));
    assert_memory_equal(read->queries.asked, knowledge->queries.asked, sizeof read->queries.asked);
    assert_memory_equal(read->queries.wanted, knowledge->queries.wanted, sizeof read->queries.wanted);
    assert_close(qst_knowledge_calibration(read), qst_knowledge_calibration(knowledge), 0);
    qst_knowledge_free(read);
}

/* --- what students see -------------------------------------------------------------------------------------------- */

static void queries_are_rows_without_labels(void **state)
{
    (void)state;
    qsti_lesson lesson;
    double *scores = NULL;
    query(&(qst_query_opts){.mixup = 1, .mixup_least = 0.5, .budget = 40});
    assert_ok(ctx, qsti_lesson_create(dataset, 1, 0, &lesson));
    qsti_part before;
    assert_ok(ctx, qsti_part_create(dataset, QST_TRAIN, &before));
    assert_ok(ctx, qsti_lesson_add_queries(knowledge, &lesson));
    assert_int_equal(lesson.train.n, N_TRAIN + 40);
    assert_int_equal(lesson.n_labelled, N_TRAIN);
    assert_int_equal(lesson.validation.n, 21);
    assert_memory_equal(lesson.train.x, before.x, (size_t)N_TRAIN * D * sizeof(double));
    assert_memory_equal(lesson.train.labels, before.labels, N_TRAIN * sizeof(int64_t));
    assert_memory_equal(lesson.train.x + (size_t)N_TRAIN * D, knowledge->queries.x, (size_t)40 * D * sizeof(double));
    for (size_t i = N_TRAIN; i < N_TRAIN + 40; i++)
        assert_int_equal(lesson.train.labels[i], -1);
    assert_ok(ctx, qsti_lesson_scores(knowledge, &lesson, &scores));
    for (size_t i = 0; i < N_TRAIN; i++)
        assert_memory_equal(scores + i * C, knowledge->scores + before.rows[i] * C, C * sizeof(double));
    assert_memory_equal(scores + (size_t)N_TRAIN * C, knowledge->queries.scores, (size_t)40 * C * sizeof(double));
    qsti_free(ctx, scores);
    qsti_part_clear(ctx, &before);
    qsti_lesson_clear(ctx, &lesson);
}

/* Rule 11: at alpha = 0 student and control are one, queries and all; with alpha > 0 the queries teach. */
static void both_arms_see_the_same_rows(void **state)
{
    (void)state;
    const double one = 1, alphas[] = {0, 0.9};
    const qst_model_opts model = lesson_student();
    const qst_train_opts train = lesson_train();
    qst_train_result plain, with_queries;
    qst_model *students[3] = {NULL}, *control = NULL;
    qst_distill_opts opts = {.loss = QST_LOSS_kd,
                             .temperatures = &one,
                             .n_temperatures = 1,
                             .alphas = alphas,
                             .n_alphas = 1,
                             .label_fraction = 1};
    assert_ok(ctx, qst_student_control(dataset, knowledge, &model, &train, &opts, &control, &plain));
    qst_model_free(control);
    query(&(qst_query_opts){.mixup = 2, .mixup_least = 0.5});
    assert_ok(ctx, qst_student_control(dataset, knowledge, &model, &train, &opts, &control, &with_queries));
    assert_ok(ctx, qst_student_distill(dataset, knowledge, &model, &train, &opts, &students[0], NULL));
    assert_memory_equal(students[0]->weights, control->weights, control->n_weights * sizeof(double));
    assert_int_equal(plain.steps, 3 * 6); /* 84 rows in batches of 16 */
    assert_int_equal(with_queries.steps, 3 * 16);
    opts.alphas = &alphas[1];
    assert_ok(ctx, qst_student_distill(dataset, knowledge, &model, &train, &opts, &students[1], NULL));
    knowledge->queries.scores[5] += 1;
    assert_ok(ctx, qst_student_distill(dataset, knowledge, &model, &train, &opts, &students[2], NULL));
    assert_memory_not_equal(students[1]->weights, students[2]->weights, control->n_weights * sizeof(double));
    for (size_t i = 0; i < 3; i++)
        qst_model_free(students[i]);
    qst_model_free(control);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static qst_status ask_all(qst_ctx *own, void *arg)
{
    qst_status status = QST_OK;
    qst_dataset *loaded = NULL;
    qst_model *model = NULL;
    qst_knowledge *known = NULL;
    qst_table here = qsti_table_view(table, own);
    const char *const *folders = arg;
    const qst_query_opts opts = {.mixup = 1, .mixup_least = 0.5, .noise = 1, .noise_sd = 0.1, .file = folders[2]};
    QSTI_TRY(qst_dataset_load(own, folders[0], &loaded));
    QSTI_TRY(qst_model_load(own, folders[1], &model));
    QSTI_TRY(qst_knowledge_extract(model, loaded, &known));
    QSTI_TRY(qst_knowledge_query(known, model, &here, loaded, &opts));
    QSTI_TRY(qsti_knowledge_calibrate(known, loaded));
    QSTI_TRY(qst_knowledge_save(known, folders[3]));
    qst_knowledge_free(known);
    known = NULL;
    QSTI_TRY(qst_knowledge_load(own, folders[3], &known));
done:
    qst_knowledge_free(known);
    qst_model_free(model);
    qst_dataset_free(loaded);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char paths[4][1024];
    const char *names[] = {"memory-data", "memory-teacher", "memory.npy", "memory-knowledge"}, *folders[4];
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s", support_path(names[i]));
        folders[i] = paths[i];
    }
    assert_ok(ctx, qst_dataset_save(dataset, folders[0]));
    assert_ok(ctx, qst_model_save(teacher, folders[1]));
    assert_ok(ctx, qst_array_write(ctx, folders[2], (qst_const_matrix){table->features, 20, D}, NULL));
    support_fail_each_allocation(ask_all, folders);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_budget_is_shared),
        TEST(as_many_as_asked_for),
        TEST(every_row_is_started_from),
        TEST(mixed_rows_lie_between),
        TEST(noise_has_its_deviation),
        TEST(rows_depend_on_the_seed_alone),
        TEST(rows_of_a_file),
        TEST(wrong_numbers_are_refused),
        TEST(the_teacher_answers),
        TEST(files_keep_queries),
        TEST(queries_are_rows_without_labels),
        TEST(both_arms_see_the_same_rows),
        TEST(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

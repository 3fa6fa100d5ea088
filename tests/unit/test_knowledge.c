/* test_knowledge.c: what crosses from teacher to student: extraction, tables of outputs, provenance, initial weights.
 */
#include "lesson_cases.h"

#include "base/memory.h"
#include "knowledge/knowledge.h"
#include "teacher/teacher.h"

static qst_ctx *ctx;
static qst_table *table;
static qst_dataset *dataset, *of_two;
static qst_model *teacher;

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(2);
    table = lesson_table(ctx);
    dataset = lesson_dataset(table);
    of_two = lesson_dataset_of_two(table);
    const qst_model_opts opts = lesson_teacher();
    const qst_train_opts train = lesson_train();
    return qst_teacher_train(dataset, &opts, &train, &teacher, NULL) != QST_OK;
}

static int tear_down(void **state)
{
    (void)state;
    qst_model_free(teacher);
    qst_dataset_free(dataset);
    qst_dataset_free(of_two);
    qst_table_free(table);
    qst_ctx_free(ctx);
    return 0;
}

static qst_knowledge *extract(void)
{
    qst_knowledge *knowledge = NULL;
    assert_ok(ctx, qst_knowledge_extract(teacher, dataset, &knowledge));
    return knowledge;
}

/* --- teachers ----------------------------------------------------------------------------------------------------- */

static void a_teacher_belongs_to_its_dataset(void **state)
{
    (void)state;
    assert_string_equal(qst_model_class_name(teacher, 0), "setosa");
    assert_string_equal(teacher->data_hash, qst_dataset_hash(dataset));
    double of_raw[450], of_features[450];
    assert_ok(ctx, qst_model_predict(teacher, qst_table_features(table), (qst_matrix){of_raw, 150, 3}));
    assert_ok(ctx, qst_model_scores(teacher, qst_dataset_features(dataset), (qst_matrix){of_features, 150, 3}));
    for (size_t i = 0; i < 150; i++) {
        size_t source = (size_t)qst_dataset_ids(dataset)[i];
        assert_memory_equal(of_features + 3 * i, of_raw + 3 * source, 3 * sizeof(double));
    }
    qst_model *untouched = teacher;
    qst_train_opts train = lesson_train();
    const qst_model_opts opts = lesson_teacher();
    train.loss = QST_LOSS_kd;
    assert_status(ctx, qst_teacher_train(dataset, &opts, &train, &untouched, NULL), QST_ERR_USAGE);
    assert_message(ctx, "a teacher cannot be trained with the loss kd");
    assert_ptr_equal(untouched, teacher);
}

/* Rule 6: asked and copied, a teacher stays what it is. */
static void the_teacher_is_frozen(void **state)
{
    (void)state;
    char before[65], after[65];
    assert_ok(ctx, qst_model_hash(teacher, before));
    qst_knowledge *knowledge = extract();
    assert_ok(ctx, qst_knowledge_add_weights(knowledge, teacher));
    assert_ok(ctx, qst_model_hash(teacher, after));
    assert_string_equal(before, after);
    qst_knowledge_free(knowledge);
}

/* --- extraction --------------------------------------------------------------------------------------------------- */

static void extraction_is_the_scores(void **state)
{
    (void)state;
    qst_knowledge *knowledge = extract();
    double scores[450];
    qst_const_matrix found = qst_knowledge_scores(knowledge);
    assert_ok(ctx, qst_model_scores(teacher, qst_dataset_features(dataset), (qst_matrix){scores, 150, 3}));
    assert_int_equal(found.n_rows, 150);
    assert_int_equal(found.n_cols, 3);
    assert_memory_equal(found.data, scores, sizeof scores);
    assert_memory_equal(knowledge->ids, qst_dataset_ids(dataset), 150 * sizeof(int64_t));
    assert_int_equal(qst_knowledge_kind(knowledge), QST_SCORE_logit);
    assert_ok(ctx, qst_knowledge_check(knowledge, dataset));
    assert_ok(ctx, qst_knowledge_check_teacher(knowledge, teacher));
    qst_knowledge_free(knowledge);
}

static void teachers_of_other_data_are_refused(void **state)
{
    (void)state;
    qst_knowledge *knowledge = NULL;
    assert_status(ctx, qst_knowledge_extract(teacher, of_two, &knowledge), QST_ERR_MISMATCH);
    assert_message(ctx, "the teacher gives 3 scores, the dataset has 2 classes");
    qst_model *narrow = NULL;
    assert_ok(ctx, qst_model_create(ctx, &(qst_model_opts){.kind = "logistic"}, 2, 3, &narrow));
    assert_status(ctx, qst_knowledge_extract(narrow, dataset, &knowledge), QST_ERR_MISMATCH);
    assert_message(ctx, "the teacher takes 2 features, the dataset has 4");
    assert_null(knowledge);
    qst_model_free(narrow);
}

/* --- provenance --------------------------------------------------------------------------------------------------- */

static void other_data_and_teachers_are_refused(void **state)
{
    (void)state;
    qst_knowledge *knowledge = extract();
    char both[200];
    assert_status(ctx, qst_knowledge_check(knowledge, of_two), QST_ERR_MISMATCH);
    (void)snprintf(both, sizeof both, "SHA-256 %.16s..., this one has %.16s...", qst_dataset_hash(dataset),
                   qst_dataset_hash(of_two));
    assert_message(ctx, both);
    double before = teacher->weights[3];
    teacher->weights[3] = nextafter(before, 10);
    assert_status(ctx, qst_knowledge_check_teacher(knowledge, teacher), QST_ERR_MISMATCH);
    assert_message(ctx, "the knowledge came from the teacher with SHA-256");
    assert_status(ctx, qst_knowledge_add_weights(knowledge, teacher), QST_ERR_MISMATCH);
    teacher->weights[3] = before;
    assert_ok(ctx, qst_knowledge_check_teacher(knowledge, teacher));
    /* The right hash with other rows: a file that somebody made. */
    knowledge->ids[7]++;
    assert_status(ctx, qst_knowledge_check(knowledge, dataset), QST_ERR_MISMATCH);
    assert_message(ctx, "that are not those of its dataset");
    knowledge->ids[7]--;
    knowledge->n_rows--;
    assert_status(ctx, qst_knowledge_check(knowledge, dataset), QST_ERR_MISMATCH);
    knowledge->n_rows++;
    qst_knowledge_free(knowledge);
    assert_ok(ctx, qst_knowledge_from_table(dataset, lesson_logits(table), QST_SCORE_logit, 1, &knowledge));
    assert_status(ctx, qst_knowledge_check_teacher(knowledge, teacher), QST_ERR_MISMATCH);
    assert_message(ctx, "(a table)");
    qst_knowledge_free(knowledge);
}

static void assert_same_knowledge(const qst_knowledge *a, const qst_knowledge *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->n_rows, b->n_rows);
    assert_int_equal(a->n_scores, b->n_scores);
    assert_memory_equal(a->scores, b->scores, a->n_rows * a->n_scores * sizeof(double));
    assert_memory_equal(a->ids, b->ids, a->n_rows * sizeof(int64_t));
    assert_string_equal(a->data_hash, b->data_hash);
    assert_string_equal(a->teacher_hash, b->teacher_hash);
    assert_int_equal(a->n_weights, b->n_weights);
    assert_int_equal(a->circuit == NULL, b->circuit == NULL);
    if (a->n_weights > 0) {
        assert_memory_equal(a->weights, b->weights, a->n_weights * sizeof(double));
        assert_int_equal(a->head, b->head);
        assert_int_equal(a->n_values, b->n_values);
    }
}

static void saved_knowledge_is_the_same(void **state)
{
    (void)state;
    for (int what = 0; what < 3; what++) {
        qst_knowledge *knowledge = NULL, *loaded = NULL;
        if (what == 0) {
            assert_ok(ctx, qst_knowledge_from_table(of_two, lesson_logits(table), QST_SCORE_logit, 1, &knowledge));
        } else {
            knowledge = extract();
        }
        if (what == 2) {
            assert_ok(ctx, qst_knowledge_add_weights(knowledge, teacher));
            assert_ok(ctx, qst_knowledge_add_weights(knowledge, teacher)); /* again: no harm */
        }
        assert_ok(ctx, qst_knowledge_save(knowledge, support_path("knowledge")));
        assert_ok(ctx, qst_knowledge_load(ctx, support_path("knowledge"), &loaded));
        assert_same_knowledge(knowledge, loaded);
        assert_ok(ctx, qst_knowledge_check(loaded, what == 0 ? of_two : dataset));
        qst_knowledge_free(knowledge);
        qst_knowledge_free(loaded);
    }
}

static void assert_refused(const char *folder, qst_status expected, const char *part)
{
    qst_knowledge *knowledge = NULL;
    assert_status(ctx, qst_knowledge_load(ctx, folder, &knowledge), expected);
    assert_message(ctx, part);
    assert_null(knowledge);
}

/* Bits of both files, from the first to the last. */
static void damaged_knowledge_is_refused(void **state)
{
    (void)state;
    char folder[1024];
    const char *const names[] = {"knowledge.json", "knowledge.safetensors"};
    (void)snprintf(folder, sizeof folder, "%s", support_path("damaged"));
    assert_refused(folder, QST_ERR_SYSTEM, "there is no knowledge in this folder (knowledge.json is missing)");
    qst_knowledge *knowledge = extract();
    assert_ok(ctx, qst_knowledge_save(knowledge, folder));
    for (size_t f = 0; f < 2; f++) {
        char path[1100], *bytes = NULL;
        size_t n = 0;
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[f]);
        assert_ok(ctx, qsti_file_read(ctx, path, 1 << 20, &bytes, &n));
        for (size_t i = 0; i < n; i += 1 + n / 50) {
            bytes[i] ^= (char)(1 << (i % 8));
            assert_ok(ctx, qsti_file_write(ctx, path, bytes, n));
            assert_refused(folder, QST_ERR_DAMAGED, "/knowledge.");
            bytes[i] ^= (char)(1 << (i % 8));
        }
        assert_ok(ctx, qsti_file_write(ctx, path, bytes, n / 2));
        assert_refused(folder, QST_ERR_DAMAGED, "/knowledge.");
        assert_ok(ctx, qsti_file_write(ctx, path, bytes, n));
        qsti_free(ctx, bytes);
    }
    qst_knowledge_free(knowledge);
    assert_ok(ctx, qst_knowledge_load(ctx, folder, &knowledge));
    qst_knowledge_free(knowledge);
}

/* A sound file whose weights are too few for the head would be read past its end. */
static void too_few_initial_weights_are_refused(void **state)
{
    (void)state;
    qst_knowledge *knowledge = extract();
    assert_ok(ctx, qst_knowledge_add_weights(knowledge, teacher));
    for (int change = -1; change <= 1; change += 2) {
        size_t n = knowledge->n_weights;
        knowledge->n_weights = change < 0 ? n - 1 : n;
        knowledge->n_values += change > 0;
        assert_ok(ctx, qst_knowledge_save(knowledge, support_path("short")));
        assert_refused(support_path("short"), QST_ERR_DAMAGED, "weights for a circuit and head of");
        knowledge->n_weights = n;
        knowledge->n_values -= change > 0;
    }
    qst_knowledge_free(knowledge);
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

static void softmax(const double *z, size_t n, double temperature, double *out)
{
    double sum = 0;
    for (size_t c = 0; c < n; c++) {
        out[c] = exp(z[c] / temperature);
        sum += out[c];
    }
    for (size_t c = 0; c < n; c++) {
        out[c] /= sum;
    }
}

/* The table's rows as softmax(z / T), or its logarithm. */
static void as_probabilities(const double *logits, double temperature, bool logarithm, double out[450])
{
    for (size_t i = 0; i < 150; i++) {
        softmax(logits + 3 * i, 3, temperature, out + 3 * i);
        for (size_t c = 0; c < 3 && logarithm; c++) {
            out[3 * i + c] = log(out[3 * i + c]);
        }
    }
}

/* Row i of the source, whatever the dataset left out; columns of the dataset's classes. */
static void rows_and_columns_are_the_sources(void **state)
{
    (void)state;
    const qst_const_matrix logits = lesson_logits(table);
    double columns[300];
    for (size_t i = 0; i < 150; i++) {
        columns[2 * i] = logits.data[3 * i + 1];
        columns[2 * i + 1] = logits.data[3 * i + 2];
    }
    const qst_const_matrix tables[] = {logits, {columns, 150, 2}};
    for (size_t t = 0; t < 2; t++) {
        qst_knowledge *knowledge = NULL;
        assert_ok(ctx, qst_knowledge_from_table(of_two, tables[t], QST_SCORE_logit, 1, &knowledge));
        assert_int_equal(knowledge->n_rows, 100);
        assert_int_equal(knowledge->n_scores, 2);
        for (size_t i = 0; i < 100; i++) {
            size_t source = (size_t)qst_dataset_ids(of_two)[i];
            assert_true(source >= 50);
            assert_memory_equal(knowledge->scores + 2 * i, logits.data + 3 * source + 1, 2 * sizeof(double));
        }
        qst_knowledge_free(knowledge);
    }
}

/* Probabilities taken at T are brought back to 1, also after classes have been cut. */
static void probabilities_are_brought_to_temperature_1(void **state)
{
    (void)state;
    const double temperatures[] = {1, 2.5, 0.5};
    const qst_const_matrix logits = lesson_logits(table);
    for (size_t k = 0; k < 3; k++) {
        for (int cut = 0; cut < 2; cut++) {
            for (int logarithm = 0; logarithm < 2; logarithm++) {
                double scores[450];
                const qst_dataset *of = cut ? of_two : dataset;
                qst_score_kind kind = logarithm ? QST_SCORE_log_probability : QST_SCORE_probability;
                qst_knowledge *knowledge = NULL;
                size_t n = cut ? 2 : 3;
                as_probabilities(logits.data, temperatures[k], logarithm, scores);
                assert_ok(ctx, qst_knowledge_from_table(of, (qst_const_matrix){scores, 150, 3}, kind, temperatures[k],
                                                        &knowledge));
                assert_int_equal(knowledge->kind, kind);
                for (size_t i = 0; i < knowledge->n_rows; i++) {
                    double expected[3];
                    softmax(logits.data + 3 * (size_t)knowledge->ids[i] + (cut ? 1 : 0), n, 1, expected);
                    for (size_t c = 0; c < n; c++) {
                        double p = knowledge->scores[n * i + c];
                        assert_close(logarithm ? exp(p) : p, expected[c], 1e-14);
                    }
                }
                qst_knowledge_free(knowledge);
            }
        }
    }
}

static void refuse(qst_const_matrix scores, qst_score_kind kind, double temperature, qst_status expected,
                   const char *part)
{
    qst_knowledge *knowledge = NULL;
    assert_status(ctx, qst_knowledge_from_table(dataset, scores, kind, temperature, &knowledge), expected);
    assert_message(ctx, part);
    assert_null(knowledge);
}

static void wrong_tables_are_refused(void **state)
{
    (void)state;
    double p[450], z[450];
    const qst_const_matrix logits = lesson_logits(table);
    memcpy(z, logits.data, sizeof z);
    as_probabilities(z, 1, false, p);
    refuse((qst_const_matrix){z, 149, 3}, QST_SCORE_logit, 1, QST_ERR_MISMATCH,
           "the table of scores has 149 rows, the data source 150");
    refuse((qst_const_matrix){z, 150, 2}, QST_SCORE_logit, 1, QST_ERR_MISMATCH,
           "the table of scores has 2 columns: the source has 3 classes, of which 3 are used");
    refuse((qst_const_matrix){p, 150, 3}, QST_SCORE_logit, 1, QST_ERR_INPUT,
           "every row is >= 0 and sums to 1: these are probabilities, not logits");
    refuse(logits, QST_SCORE_probability, 1, QST_ERR_INPUT, "row 0 is no probability distribution");
    refuse(logits, QST_SCORE_log_probability, 1, QST_ERR_INPUT, "log-probabilities give 1");
    refuse(logits, QST_SCORE_expectation, 1, QST_ERR_INPUT, "is no expectation value in [-1, 1]");
    refuse(logits, QST_SCORE_logit, 2, QST_ERR_USAGE, "only probabilities have been taken at a temperature");
    refuse((qst_const_matrix){p, 150, 3}, QST_SCORE_probability, 0, QST_ERR_USAGE, "temperature: 0 is not > 0");
    refuse((qst_const_matrix){p, 150, 3}, QST_SCORE_probability, 1e7, QST_ERR_USAGE, "temperature: 1e+07");
    z[10] = NAN;
    refuse((qst_const_matrix){z, 150, 3}, QST_SCORE_logit, 1, QST_ERR_INPUT, "row 3, column 1: nan is not finite");
    p[200] += 2e-6;
    refuse((qst_const_matrix){p, 150, 3}, QST_SCORE_probability, 1, QST_ERR_INPUT,
           "row 66 is no probability distribution (>= 0, sum 1)");
    p[200] -= 2e-6;
    p[300] = -0.1;
    p[301] += 0.1 + p[300];
    refuse((qst_const_matrix){p, 150, 3}, QST_SCORE_probability, 1, QST_ERR_INPUT, "row 100 is no");
    /* Nearly 1 is 1; a certain teacher is fine. */
    for (size_t i = 0; i < 150; i++) {
        p[3 * i] = 1 - 5e-7;
        p[3 * i + 1] = p[3 * i + 2] = 0;
    }
    qst_knowledge *knowledge = NULL;
    assert_ok(ctx,
              qst_knowledge_from_table(dataset, (qst_const_matrix){p, 150, 3}, QST_SCORE_probability, 1, &knowledge));
    assert_close(knowledge->scores[0], 1, 1e-11);
    assert_close(knowledge->scores[1], 0, 1e-11);
    qst_knowledge_free(knowledge);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static qst_status all_of_it(qst_ctx *own, void *arg)
{
    qst_status status = QST_OK;
    qst_dataset *loaded = NULL;
    qst_model *model = NULL;
    qst_knowledge *knowledge = NULL, *again = NULL, *of_table = NULL;
    QSTI_TRY(qst_dataset_load(own, arg, &loaded));
    QSTI_TRY(qst_model_load(own, support_path("memory-teacher"), &model));
    QSTI_TRY(qst_knowledge_extract(model, loaded, &knowledge));
    QSTI_TRY(qst_knowledge_add_weights(knowledge, model));
    QSTI_TRY(qst_knowledge_save(knowledge, support_path("memory-knowledge")));
    QSTI_TRY(qst_knowledge_load(own, support_path("memory-knowledge"), &again));
    QSTI_TRY(qst_knowledge_check(again, loaded));
    QSTI_TRY(qst_knowledge_from_table(loaded, lesson_logits(table), QST_SCORE_logit, 1, &of_table));
done:
    qst_knowledge_free(knowledge);
    qst_knowledge_free(again);
    qst_knowledge_free(of_table);
    qst_model_free(model);
    qst_dataset_free(loaded);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s", support_path("memory-data"));
    assert_ok(ctx, qst_dataset_save(dataset, folder));
    assert_ok(ctx, qst_model_save(teacher, support_path("memory-teacher")));
    support_fail_each_allocation(all_of_it, folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_teacher_belongs_to_its_dataset),
        cmocka_unit_test(the_teacher_is_frozen),
        cmocka_unit_test(extraction_is_the_scores),
        cmocka_unit_test(teachers_of_other_data_are_refused),
        cmocka_unit_test(other_data_and_teachers_are_refused),
        cmocka_unit_test(saved_knowledge_is_the_same),
        cmocka_unit_test(damaged_knowledge_is_refused),
        cmocka_unit_test(too_few_initial_weights_are_refused),
        cmocka_unit_test(rows_and_columns_are_the_sources),
        cmocka_unit_test(probabilities_are_brought_to_temperature_1),
        cmocka_unit_test(wrong_tables_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

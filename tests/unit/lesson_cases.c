/* lesson_cases.c: see lesson_cases.h. */
#include "lesson_cases.h"

#include "base/rng.h"

qst_table *lesson_table(qst_ctx *ctx)
{
    qst_table *table = NULL;
    const qst_table_opts opts = {.source = "iris", .data_folder = QSTILL_SOURCE_DIR "/data"};
    assert_ok(ctx, qst_table_load(ctx, &opts, &table));
    return table;
}

static qst_dataset *make_dataset(const qst_table *table, const char *const *classes, size_t n_classes)
{
    static const qst_preprocess_step steps[] = {{QST_PREPROCESS_standardize, {0}}, {QST_PREPROCESS_scale, {0.8}}};
    qst_dataset *dataset = NULL;
    const qst_dataset_opts opts = {.classes = classes,
                                   .n_classes = n_classes,
                                   .test = 0.3,
                                   .validation = 0.2,
                                   .preprocess = steps,
                                   .n_preprocess = 2,
                                   .seed = 1};
    assert_ok(table->ctx, qst_dataset_create(table, &opts, &dataset));
    return dataset;
}

qst_dataset *lesson_dataset(const qst_table *table)
{
    return make_dataset(table, NULL, 0);
}

qst_dataset *lesson_dataset_of_two(const qst_table *table)
{
    static const char *const two[] = {"versicolor", "virginica"};
    return make_dataset(table, two, 2);
}

static qst_model_opts circuit_of(size_t qubits)
{
    static const char *const outputs[] = {"z"};
    return (qst_model_opts){.circuit = {.qubits = qubits, .ansatz = {.reps = 1}},
                            .outputs = outputs,
                            .n_outputs = 1,
                            .head = QST_HEAD_linear};
}

qst_model_opts lesson_student(void)
{
    return circuit_of(2);
}

qst_model_opts lesson_teacher(void)
{
    return circuit_of(3);
}

qst_train_opts lesson_train(void)
{
    return (qst_train_opts){.loss = QST_LOSS_ce,
                            .temperature = 1,
                            .alpha = 0.5,
                            .optimizer = QST_OPTIMIZER_adam,
                            .learning_rate = 0.05,
                            .batch = 16,
                            .epochs = 3,
                            .select = QST_SELECT_LAST,
                            .seed = 1};
}

qst_const_matrix lesson_logits(const qst_table *table)
{
    static double logits[150 * 3];
    qsti_rng rng = qsti_rng_init(2, QSTI_PURPOSE_TEST, 0, 0);
    for (size_t i = 0; i < 150; i++) {
        for (size_t c = 0; c < 3; c++) {
            logits[3 * i + c] = 2.0 * (table->labels[i] == (int64_t)c) + 0.5 * qsti_rng_normal(&rng);
        }
    }
    return (qst_const_matrix){logits, 150, 3};
}

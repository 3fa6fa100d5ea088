/* learn_cases.c: see learn_cases.h. */
#include "learn_cases.h"

#include "base/rng.h"

static int64_t label_of(const double *x)
{
    return x[0] * x[0] + x[1] * x[1] < 0.5 ? 0 : x[0] * x[2] > 0 ? 1 : 2;
}

void learn_rows_make(learn_rows *rows, size_t n, uint32_t stream)
{
    qsti_rng rng = qsti_rng_init(11, QSTI_PURPOSE_TEST, stream, 0);
    assert_in_range(n, 1, LEARN_MAX_ROWS);
    rows->n = n;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < LEARN_FEATURES; j++) {
            rows->x[i * LEARN_FEATURES + j] = 2 * qsti_rng_uniform(&rng) - 1;
        }
        rows->labels[i] = label_of(rows->x + i * LEARN_FEATURES);
        double *z = rows->logits + i * LEARN_CLASSES;
        for (size_t c = 0; c < LEARN_CLASSES; c++) {
            z[c] = 2.0 * (rows->labels[i] == (int64_t)c) + 0.7 * qsti_rng_normal(&rng);
            sum += exp(z[c]);
        }
        for (size_t c = 0; c < LEARN_CLASSES; c++) {
            rows->probabilities[i * LEARN_CLASSES + c] = exp(z[c]) / sum;
            rows->expectations[i * LEARN_CLASSES + c] = tanh(z[c] - 1);
        }
    }
}

qst_train_data learn_labelled(const learn_rows *rows)
{
    return (qst_train_data){.x = {rows->x, rows->n, LEARN_FEATURES}, .labels = rows->labels};
}

qst_train_data learn_taught(const learn_rows *rows, qst_score_kind kind)
{
    qst_train_data data = learn_labelled(rows);
    const double *scores = kind == QST_SCORE_probability   ? rows->probabilities
                           : kind == QST_SCORE_expectation ? rows->expectations
                                                           : rows->logits;
    data.teacher = (qst_const_matrix){scores, rows->n, LEARN_CLASSES};
    data.teacher_kind = kind;
    return data;
}

qst_model *learn_model(qst_ctx *ctx, const char *output, qst_head head, qst_precision precision)
{
    qst_model *model = NULL;
    const bool logistic = strcmp(output, "logistic") == 0;
    const qst_model_opts opts = {
        .kind = logistic ? "logistic" : "circuit",
        .circuit = {.qubits = 3, .ansatz = {.reps = 1}},
        .outputs = &output,
        .n_outputs = 1,
        .head = head,
        .precision = precision,
    };
    assert_ok(ctx, qst_model_create(ctx, &opts, LEARN_FEATURES, LEARN_CLASSES, &model));
    qst_model_initialize(model, 5);
    return model;
}

qst_train_opts learn_opts(void)
{
    return (qst_train_opts){.loss = QST_LOSS_ce,
                            .temperature = 1,
                            .alpha = 0.5,
                            .optimizer = QST_OPTIMIZER_adam,
                            .learning_rate = 0.05,
                            .batch = 16,
                            .epochs = 6,
                            .select = QST_SELECT_LAST,
                            .seed = 3};
}

/* test_predictor_out_of_memory.c: every allocation of a measured prediction fails once: nothing is left. */
#include "support/support.h"

#include <qstill/model.h>

enum { ROWS = 3 };

static const double x[ROWS * 2] = {0.3, -0.4, 0.9, 0.1, -0.7, 0.5};

static qst_status predict(qst_model *model, const qst_predictor_opts *opts)
{
    double scores[ROWS * 2], variances[ROWS * 2];
    uint64_t shots[ROWS];
    qst_predictor *predictor = NULL;
    qst_status status = qst_predictor_create(model, opts, &predictor);
    if (status != QST_OK)
        assert_null(predictor);
    if (status == QST_OK)
        status = qst_predictor_scores(predictor, (qst_const_matrix){x, ROWS, 2}, 0, (qst_matrix){scores, ROWS, 2},
                                      (qst_matrix){variances, ROWS, 2}, shots);
    qst_predictor_free(predictor);
    return status;
}

static qst_status work(qst_ctx *ctx, void *arg)
{
    const qst_predictor_opts *opts = arg;
    static const char *const outputs[] = {"ZX + 0.5*XI", "IY"};
    const qst_layer before[] = {{.kind = QST_LAYER_dense, .size = 2}};
    const qst_model_opts model_opts = {
        .circuit = {.qubits = 2, .encoding = {.name = "angle_y"}, .ansatz = {.name = "real_amplitudes", .reps = 2}},
        .outputs = outputs,
        .n_outputs = 2,
        .head = QST_HEAD_linear,
        .before = before,
        .n_before = 1};
    qst_model *model = NULL;
    qst_status status = qst_model_create(ctx, &model_opts, 2, 2, &model);
    if (status == QST_OK)
        status = predict(model, opts);
    qst_model_free(model);
    return status;
}

static void allocations_fail(void **state)
{
    (void)state;
    qst_predictor_opts ways[] = {
        {.seed = 1},
        {.measure = {.shots = 20}},
        {.measure = {.shots = 20}, .n_looks = 2, .alpha = 0.05},
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        support_fail_each_allocation(work, &ways[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(allocations_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

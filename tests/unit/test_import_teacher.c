/* test_import_teacher.c: described teachers as models: their weights in place, what a failure leaves, running out of
 * memory. Values against other tools: tests/cli/test_cli_import_teacher.py. */
#include <qstill/teacher.h>

#include "support/support.h"

static const char circuit_text[] = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\ninput float b;\ninput float x_10;\n"
                                   "input float x_9;\ninput float a;\nqubit[2] q;\nry(x_10 + a) q[0];\n"
                                   "rx(x_9 * b) q[1];\ncx q[0], q[1];\n";

static const char circuit_description[] = "features: x_*\nweights: {a: 0.5, b: -2}\nclasses: [no, yes]\n"
                                          "head: {kind: scale, factor: 2, bias: [0.25, -0.25]}\n";

static const char template_description[] =
    "template: AmplitudeNot\n"; /* an unknown name, for the message; see below for one that is known */

static const char good_template[] =
    "template: StronglyEntanglingLayers\nqubits: 2\nfeatures: 3\nencoding: AmplitudeEmbedding\noutputs: [ZX, "
    "IZ]\nweights: [[[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]]\nhead: {kind: linear, weights: [[1, 2], [3, 4], [5, 6]]}\n";

static const char *write_text(const char *name, const char *text)
{
    return support_write(name, text, strlen(text));
}

static void weights_stand_where_the_description_puts_them(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_model *model = NULL;
    assert_ok(ctx, qst_teacher_import(ctx, write_text("d.yaml", circuit_description),
                                      write_text("c.qasm", circuit_text), &model));
    const double expected[] = {0.5, -2, log(2), 0.25, -0.25};
    assert_int_equal(qst_model_weights_count(model), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_close(qst_model_weights(model)[i], expected[i], 0);
    }
    assert_string_equal(qst_model_kind(model), "circuit");
    assert_string_equal(qst_model_class_name(model, 1), "yes");
    assert_int_equal(qst_model_score_kind(model), QST_SCORE_logit);
    double x[] = {0.7, -0.3}, scores[2]; /* x_9, x_10 */
    assert_ok(ctx, qst_model_scores(model, (qst_const_matrix){x, 1, 2}, (qst_matrix){scores, 1, 2}));
    double z0 = cos(x[1] + 0.5), z1 = cos(-2 * x[0]);
    assert_close(scores[0], 2 * z0 + 0.25, 1e-14);
    assert_close(scores[1], 2 * z0 * z1 - 0.25, 1e-14);
    qst_model_free(model);
    qst_ctx_free(ctx);
}

static void a_failure_leaves_nothing(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_model *untouched = (qst_model *)0x10, *model = untouched;
    assert_status(ctx, qst_teacher_import(ctx, write_text("t.yaml", template_description), NULL, &model),
                  QST_ERR_USAGE);
    assert_message(ctx, "template \"AmplitudeNot\": unknown");
    assert_status(ctx, qst_teacher_import(ctx, support_path("missing.yaml"), NULL, &model), QST_ERR_SYSTEM);
    assert_status(
        ctx, qst_teacher_import(ctx, write_text("d.yaml", circuit_description), support_path("missing.qasm"), &model),
        QST_ERR_SYSTEM);
    assert_ptr_equal(model, untouched);
    qst_ctx_free(ctx);
}

static qst_status import_both(qst_ctx *ctx, void *arg)
{
    (void)arg;
    qst_model *model = NULL;
    qst_status status = qst_teacher_import(ctx, support_path("d.yaml"), support_path("c.qasm"), &model);
    qst_model_free(model);
    model = NULL;
    if (status == QST_OK) {
        status = qst_teacher_import(ctx, support_path("t.yaml"), NULL, &model);
    }
    qst_model_free(model);
    return status;
}

static void running_out_of_memory_is_survived(void **state)
{
    (void)state;
    write_text("d.yaml", circuit_description);
    write_text("c.qasm", circuit_text);
    write_text("t.yaml", good_template);
    support_fail_each_allocation(import_both, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_stand_where_the_description_puts_them),
        cmocka_unit_test(a_failure_leaves_nothing),
        cmocka_unit_test(running_out_of_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_deploy.c: which outputs are measured together, what is refused, equal work gives equal bytes, and running out of
 * memory. What the texts mean is tested from outside: tests/cli/test_cli_deploy.py. */
#include <qstill/deploy.h>

#include "measure/pauli_groups.h"
#include "support/support.h"

/* Two qubits, two features, a linear head for three classes. */
static qst_status make_model(qst_ctx *ctx, const char *encoding, qst_model **out)
{
    const char *const outputs[] = {"z", "0.5*XX - YI"};
    return qst_model_create(ctx,
                            &(qst_model_opts){
                                .circuit = {.qubits = 2, .encoding = {.name = encoding}, .ansatz = {.reps = 1}},
                                .outputs = outputs,
                                .n_outputs = 2,
                                .head = QST_HEAD_linear,
                                .before = (const qst_layer[]){{.kind = QST_LAYER_dense, .size = 2}},
                                .n_before = encoding == NULL ? 1 : 0,
                            },
                            2, 3, out);
}

/* --- groups ------------------------------------------------------------------------------------------------------- */

typedef struct grouping {
    const char *words[6];
    size_t n_words;
    size_t n_groups;
    size_t of_term[8];
} grouping;

static void terms_that_agree_are_measured_together(void **state)
{
    (void)state;
    const grouping cases[] = {
        {{"z", "zz"}, 2, 1, {0, 0, 0, 0, 0, 0}},
        {{"x", "y", "z"}, 3, 3, {0, 0, 0, 1, 1, 1, 2, 2}},
        {{"XIZ", "IYZ", "XYI", "XYZ"}, 4, 1, {0, 0, 0, 0}},
        {{"XIZ", "ZII", "IYX", "YII"}, 4, 3, {0, 1, 1, 2}},
        {{"III", "XIX", "2*III - YYY"}, 3, 2, {0, 0, 0, 1}},
        {{"parity"}, 1, 1, {0}},
    };
    qst_ctx *ctx = support_ctx(1);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        qst_readout *readout = NULL;
        qsti_pauli_groups groups;
        assert_ok(ctx, qst_readout_parse(ctx, 3, cases[c].words, cases[c].n_words, 2, &readout));
        assert_ok(ctx, qsti_pauli_groups_find(readout, &groups));
        assert_int_equal(groups.n_bases, cases[c].n_groups);
        for (size_t t = 0; t < readout->n_terms && t < 8; t++) {
            assert_int_equal(groups.of_term[t], cases[c].of_term[t]);
        }
        for (size_t t = 0; t < readout->n_terms; t++) {
            qst_pauli term = readout->paulis[t], basis = groups.bases[groups.of_term[t]];
            uint32_t on = term.x | term.z;
            assert_int_equal(basis.x & on, term.x);
            assert_int_equal(basis.z & on, term.z);
        }
        qsti_pauli_groups_clear(ctx, &groups);
        qst_readout_free(readout);
    }
    qst_ctx_free(ctx);
}

/* --- what is refused ---------------------------------------------------------------------------------------------- */

static void refuse(qst_model *model, qst_ctx *ctx, const qst_deploy_opts *opts, qst_status status, const char *message)
{
    char *text = (char *)"untouched";
    size_t n_bytes = 77;
    assert_status(ctx, qst_model_deploy(model, opts, &text, &n_bytes), status);
    assert_message(ctx, message);
    assert_string_equal(text, "untouched");
    assert_int_equal(n_bytes, 77);
}

static void wrong_samples_and_forms_are_refused(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_model *model = NULL, *logistic = NULL, *basis = NULL;
    const double x[] = {0.5, NAN, 0.5};
    assert_ok(ctx, make_model(ctx, "angle_y", &model));
    assert_ok(ctx, make_model(ctx, "basis", &basis));
    assert_ok(ctx, qst_model_create(ctx, &(qst_model_opts){.kind = "logistic"}, 2, 3, &logistic));
    refuse(model, ctx, &(qst_deploy_opts){.form = QST_DEPLOY_QASM2}, QST_ERR_UNSUPPORTED, "--data");
    refuse(model, ctx, &(qst_deploy_opts){.form = QST_DEPLOY_QASM2, .sample = x, .n_sample = 3}, QST_ERR_MISMATCH,
           "the sample has 3 numbers, the model takes 2");
    refuse(model, ctx, &(qst_deploy_opts){.form = QST_DEPLOY_JSON, .sample = x, .n_sample = 2}, QST_ERR_INPUT,
           "number 1 (from 0) is not finite");
    refuse(model, ctx, &(qst_deploy_opts){.form = QST_DEPLOY_C, .sample = x, .n_sample = 2}, QST_ERR_USAGE,
           "none is bound");
    refuse(model, ctx, &(qst_deploy_opts){.form = QST_DEPLOY_QASM3, .circuit = 3}, QST_ERR_USAGE,
           "circuit 3 (from 0): the outputs need 3");
    refuse(basis, ctx, &(qst_deploy_opts){.form = QST_DEPLOY_QASM3}, QST_ERR_UNSUPPORTED, "basis preparation");
    refuse(basis, ctx, &(qst_deploy_opts){.form = QST_DEPLOY_QASM3, .sample = (double[]){0.5, 1}, .n_sample = 2},
           QST_ERR_INPUT, "neither 0 nor 1");
    refuse(logistic, ctx, &(qst_deploy_opts){.form = QST_DEPLOY_C}, QST_ERR_UNSUPPORTED,
           "a model of kind logistic has no circuit");
    size_t n = 0;
    assert_ok(ctx, qst_deploy_circuits(model, &n));
    assert_int_equal(n, 3);
    assert_status(ctx, qst_deploy_circuits(logistic, &n), QST_ERR_UNSUPPORTED);
    qst_model_free(model);
    qst_model_free(basis);
    qst_model_free(logistic);
    qst_ctx_free(ctx);
}

/* --- texts -------------------------------------------------------------------------------------------------------- */

static qst_status deploy_each_form(qst_ctx *ctx, void *arg)
{
    qst_status status = QST_OK;
    qst_model *model = NULL;
    const double x[] = {0.5, -0.25};
    char **kept = arg;
    status = make_model(ctx, NULL, &model);
    for (int form = QST_DEPLOY_QASM2; status == QST_OK && form <= QST_DEPLOY_JSON; form++) {
        qst_deploy_opts opts = {.form = (qst_deploy_form)form, .circuit = 1};
        char *text = NULL;
        size_t n_bytes = 0;
        if (opts.form != QST_DEPLOY_C) {
            opts.sample = x;
            opts.n_sample = 2;
        }
        status = qst_model_deploy(model, &opts, &text, &n_bytes);
        if (status == QST_OK) {
            assert_int_equal(strlen(text), n_bytes);
            if (kept != NULL) {
                kept[form] = strdup(text);
            }
            qst_deploy_free(model, text);
        }
    }
    qst_model_free(model);
    return status;
}

static void equal_work_gives_equal_bytes(void **state)
{
    (void)state;
    char *first[4] = {NULL}, *second[4] = {NULL};
    qst_ctx *one = support_ctx(1), *two = support_ctx(2);
    assert_ok(one, deploy_each_form(one, first));
    assert_ok(two, deploy_each_form(two, second));
    static const char *const begins[] = {"OPENQASM 2.0;\n//", "OPENQASM 3.0;\n//", "/* A model of qstill ",
                                         "{\n  \"format\": \"qstill-student/1\","};
    for (int form = 0; form < 4; form++) {
        assert_string_equal(first[form], second[form]);
        assert_memory_equal(first[form], begins[form], strlen(begins[form]));
        free(first[form]);
        free(second[form]);
    }
    qst_ctx_free(one);
    qst_ctx_free(two);
}

static void running_out_of_memory_is_survived(void **state)
{
    (void)state;
    support_fail_each_allocation(deploy_each_form, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_that_agree_are_measured_together),
        cmocka_unit_test(wrong_samples_and_forms_are_refused),
        cmocka_unit_test(equal_work_gives_equal_bytes),
        cmocka_unit_test(running_out_of_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

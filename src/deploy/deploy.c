/* deploy.c: what is written down, and for which sample; the forms are in files of their own. */
#include "deploy/deploy.h"

#include <math.h>

#include "deploy/c_source.h"
#include "measure/pauli_groups.h"

size_t qsti_deploy_inputs(const qst_model *model)
{
    return model->preprocess != NULL ? qsti_preprocess_inputs(model->preprocess) : model->n_features;
}

static qst_status find_parts(const qst_model *model, qsti_circuit_parts *out)
{
    if (qsti_model_circuit_parts(model, out))
        return QST_OK;
    return qsti_fail(model->ctx, QST_ERR_UNSUPPORTED,
                     "deploy: a model of kind %s has no circuit: circuits, hybrids and linear probes of circuits have",
                     qst_model_kind(model));
}

static qst_status check_opts(const qst_model *model, const qst_deploy_opts *opts)
{
    size_t n_inputs = qsti_deploy_inputs(model);
    if (opts->sample == NULL && opts->form == QST_DEPLOY_QASM2)
        return qsti_fail(model->ctx, QST_ERR_UNSUPPORTED,
                         "OpenQASM 2 has no inputs: a sample is needed (--data X --row N), or OpenQASM 3");
    if (opts->sample != NULL && opts->form == QST_DEPLOY_C)
        return qsti_fail(model->ctx, QST_ERR_USAGE, "a C file takes any sample: none is bound");
    if (opts->sample != NULL && opts->n_sample != n_inputs)
        return qsti_fail(model->ctx, QST_ERR_MISMATCH, "the sample has %zu numbers, the model takes %zu",
                         opts->n_sample, n_inputs);
    for (size_t i = 0; opts->sample != NULL && i < n_inputs; i++) {
        if (!isfinite(opts->sample[i]))
            return qsti_fail(model->ctx, QST_ERR_INPUT, "the sample: number %zu (from 0) is not finite", i);
    }
    return QST_OK;
}

/* The sample on its way into the circuit: raw, preprocessed, behind the network in front. */
static qst_status bind_sample(qsti_deployment *deployment, const double *sample)
{
    qst_status status = QST_OK;
    qst_model *model = deployment->model;
    qst_ctx *ctx = model->ctx;
    size_t n_features = qst_circuit_features(deployment->parts.circuit);
    deployment->inputs = sample;
    QSTI_TRY(QSTI_NEW(ctx, model->n_features, &deployment->x));
    QSTI_TRY(QSTI_NEW(ctx, n_features, &deployment->features));
    const qst_const_matrix raw = {sample, 1, qsti_deploy_inputs(model)};
    const qst_matrix x = {deployment->x, 1, model->n_features};
    if (model->preprocess != NULL) {
        QSTI_TRY(qsti_preprocess_apply(ctx, model->preprocess, raw, x));
    } else {
        for (size_t i = 0; i < model->n_features; i++)
            deployment->x[i] = sample[i];
    }
    QSTI_TRY(qsti_model_circuit_features(model, qst_const_view(x), (qst_matrix){deployment->features, 1, n_features}));
done:
    return status;
}

qst_status qst_model_deploy(qst_model *model, const qst_deploy_opts *opts, char **out, size_t *out_bytes)
{
    qst_status status = QST_OK;
    qsti_deployment deployment = {.model = model};
    QSTI_TRY(find_parts(model, &deployment.parts));
    QSTI_TRY(check_opts(model, opts));
    if (opts->sample != NULL)
        QSTI_TRY(bind_sample(&deployment, opts->sample));
    switch (opts->form) {
    case QST_DEPLOY_QASM2:
    case QST_DEPLOY_QASM3:
        status = qsti_deploy_qasm(&deployment, opts, out, out_bytes);
        break;
    case QST_DEPLOY_C:
        status = qsti_c_program(model, &deployment.parts, out, out_bytes);
        break;
    case QST_DEPLOY_JSON:
        status = qsti_deploy_json(&deployment, out, out_bytes);
        break;
    }
done:
    qsti_free(model->ctx, deployment.x);
    qsti_free(model->ctx, deployment.features);
    return status;
}

qst_status qst_deploy_circuits(const qst_model *model, size_t *out)
{
    qsti_circuit_parts parts;
    qsti_pauli_groups groups = {NULL, NULL, 0};
    qst_status status = find_parts(model, &parts);
    if (status == QST_OK)
        status = qsti_pauli_groups_find(parts.readout, &groups);
    if (status == QST_OK)
        *out = groups.n_bases;
    qsti_pauli_groups_clear(model->ctx, &groups);
    return status;
}

void qst_deploy_free(const qst_model *model, char *text)
{
    qsti_free(model->ctx, text);
}

/* deploy.h: the forms that deploy.c chooses from. */
#ifndef QSTI_DEPLOY_DEPLOY_H
#define QSTI_DEPLOY_DEPLOY_H

#include <qstill/deploy.h>

#include "learn/circuit_parts.h"

/* A model, and the sample that it is written down for, where there is one. */
typedef struct qsti_deployment {
    qst_model *model;
    qsti_circuit_parts parts;
    const double *inputs; /* (n_inputs) raw; NULL: none */
    double *x;            /* (features of the model); NULL: none */
    double *features;     /* (features of the circuit); NULL: none */
} qsti_deployment;

/* The number of columns of a raw sample. */
size_t qsti_deploy_inputs(const qst_model *model);

/* deploy_qasm.c, deploy_json.c: *out belongs to the caller. */
qst_status qsti_deploy_qasm(const qsti_deployment *deployment, const qst_deploy_opts *opts, char **out,
                            size_t *out_bytes);
qst_status qsti_deploy_json(const qsti_deployment *deployment, char **out, size_t *out_bytes);

#endif

/* qstill/deploy.h: stage 6: a model with a circuit as OpenQASM, as a C file that needs nothing, or as JSON.
 *
 * docs/deploy.md says what stands in each form. Works for circuits, hybrids and linear probes of circuits; in OpenQASM
 * it is their circuit alone.
 */
#ifndef QSTILL_DEPLOY_H
#define QSTILL_DEPLOY_H

#include <qstill/model.h>
#include <qstill/qasm.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum qst_deploy_form {
    QST_DEPLOY_QASM2, /* weights and features bound */
    QST_DEPLOY_QASM3, /* weights bound, features bound or inputs "features_0", "features_1", ... */
    QST_DEPLOY_C,     /* the whole model: raw inputs in, probabilities out */
    QST_DEPLOY_JSON   /* "qstill-student/1": everything needed to build it elsewhere */
} qst_deploy_form;

/* All members may be zero. */
typedef struct qst_deploy_opts {
    qst_deploy_form form;
    bool standalone;          /* QASM3: without any include */
    const double *sample;     /* one raw sample, as qst_model_predict() takes it; NULL: features stay free */
    size_t n_sample;          /* numbers in it */
    size_t circuit;           /* QASM2, QASM3: which of the circuits that qst_deploy_circuits() counts */
    bool without_measurement; /* QASM2, QASM3: the circuit alone: no change of basis, no measurement */
} qst_deploy_opts;

/* How many circuits must be measured for all outputs: one for each set of Pauli terms that can be read from one basis
 * of single qubits, and one where probabilities are read. Errors: ERR_UNSUPPORTED for a model without a circuit. */
QST_API qst_status qst_deploy_circuits(const qst_model *model, size_t *out);

/* The text, a string of *out_bytes bytes; free with qst_deploy_free(). Errors: ERR_UNSUPPORTED (no circuit; free
 * features in OpenQASM 2, or where the features are prepared as a state; a C file of more than 20 qubits),
 * ERR_MISMATCH (the sample's length), ERR_USAGE (a circuit that is not there; a sample for a C file), ERR_INPUT (a
 * sample that is not finite or cannot be prepared), ERR_LIMIT. */
QST_API qst_status qst_model_deploy(qst_model *model, const qst_deploy_opts *opts, char **out, size_t *out_bytes);
QST_API void qst_deploy_free(const qst_model *model, char *text);

#ifdef __cplusplus
}
#endif
#endif

/* deploy_qasm.c: the circuit as OpenQASM, measured in the basis of one group of outputs; comments say how the outputs
 * follow from the counts.
 *
 * A qubit measured in X gets h before its measurement, in Y sdg and h. Bit k of c is qubit k. */
#include <string.h>

#include "circuit/readout.h"
#include "deploy/deploy.h"
#include "measure/basis_change.h"
#include "measure/pauli_groups.h"

#define MAX_TERMS_TOLD 200

/* --- comments ----------------------------------------------------------------------------------------------------- */

static void tell_terms(const qst_readout *readout, const qsti_pauli_groups *groups, size_t group, qsti_text *text)
{
    char pauli[QSTI_PAULI_CHARS], number[32];
    size_t n_told = 0;
    qsti_text_add(text, "// <P> = mean over shots of (-1)^(ones of c on the qubits where P has a letter)\n");
    for (size_t t = 0; t < readout->n_terms && n_told <= MAX_TERMS_TOLD; t++) {
        if (groups->of_term[t] != group)
            continue;
        if (n_told++ == MAX_TERMS_TOLD) {
            qsti_text_add(text, "// ... and more: qstill deploy --to json has them all\n");
            break;
        }
        qsti_pauli_format(readout->paulis[t], readout->n_qubits, pauli);
        qsti_format_double(readout->coefficients[t], number);
        qsti_text_add(text, "// output %u += %s * <%s>\n", readout->outputs[t], number, pauli);
    }
}

static void tell_outputs(const qst_readout *readout, qsti_text *text)
{
    if (readout->kind == QST_READOUT_PROBABILITIES)
        qsti_text_add(text, "// output k = share of shots with c = k\n");
    else if (readout->kind == QST_READOUT_PARITY)
        qsti_text_add(text, "// output k = share of shots whose number of ones mod %zu is k\n", readout->n_outputs);
    else
        qsti_text_add(text, "// output k = share of shots with c mod %zu = k\n", readout->n_outputs);
}

/* What a reader of the counts must know. */
static void tell(const qsti_deployment *deployment, const qst_deploy_opts *opts, const qsti_pauli_groups *groups,
                 qsti_text *text)
{
    const qst_readout *readout = deployment->parts.readout;
    qsti_text_add(text, "// a model of qstill %s, weights bound%s; q[0] is the least significant bit\n", qst_version(),
                  opts->sample != NULL ? ", one sample bound" : "");
    if (deployment->features == NULL)
        qsti_text_add(text, "// features: what the model's preprocessing%s gives for a sample\n",
                      deployment->parts.before != NULL ? " and the network in front of the circuit" : "");
    if (opts->without_measurement)
        return;
    qsti_text_add(text, "// circuit %zu of %zu; c[k] is qubit k, printed with c[0] right-most\n", opts->circuit + 1,
                  groups->n_bases);
    if (readout->kind == QST_READOUT_EXPECTATIONS)
        tell_terms(readout, groups, opts->circuit, text);
    else
        tell_outputs(readout, text);
    if (deployment->parts.after != NULL || deployment->parts.head != QST_HEAD_none)
        qsti_text_add(text, "// the outputs go on through %s: qstill deploy --to json, or --to c\n",
                      deployment->parts.after != NULL ? "a network" : "the head");
}

/* Comments stand behind the first line, which must be the version. */
static qst_status add_comments(qst_ctx *ctx, const char *qasm, size_t n_bytes, const qsti_text *comments, char **out,
                               size_t *out_bytes)
{
    qsti_text text;
    const char *end = memchr(qasm, '\n', n_bytes);
    size_t first = end != NULL ? (size_t)(end - qasm) + 1 : n_bytes;
    qsti_text_init(&text, ctx);
    qsti_text_add_bytes(&text, qasm, first);
    qsti_text_add_bytes(&text, comments->bytes, comments->length);
    qsti_text_add_bytes(&text, qasm + first, n_bytes - first);
    qst_status status = text.status != QST_OK ? text.status : comments->status;
    if (status != QST_OK) {
        qsti_text_clear(&text);
        return status;
    }
    *out = text.bytes;
    *out_bytes = text.length;
    return QST_OK;
}

/* --- the text ----------------------------------------------------------------------------------------------------- */

static qst_qasm_dialect dialect_of(const qst_deploy_opts *opts)
{
    if (opts->form == QST_DEPLOY_QASM2)
        return QST_QASM2;
    return opts->standalone ? QST_QASM3_STANDALONE : QST_QASM3_QISKIT;
}

qst_status qsti_deploy_qasm(const qsti_deployment *deployment, const qst_deploy_opts *opts, char **out,
                            size_t *out_bytes)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = deployment->model->ctx;
    const qsti_circuit_parts *parts = &deployment->parts;
    qsti_pauli_groups groups = {NULL, NULL, 0};
    qst_circuit *circuit = NULL;
    qst_assembly *assembly = NULL;
    qsti_text comments;
    char *qasm = NULL;
    size_t n_bytes = 0;
    qsti_text_init(&comments, ctx);
    QSTI_TRY(qsti_pauli_groups_find(parts->readout, &groups));
    if (opts->circuit >= groups.n_bases)
        QSTI_TRY(
            qsti_fail(ctx, QST_ERR_USAGE, "circuit %zu (from 0): the outputs need %zu", opts->circuit, groups.n_bases));
    QSTI_TRY(qsti_circuit_in_basis(
        ctx, parts->circuit, opts->without_measurement ? (qst_pauli){0, 0} : groups.bases[opts->circuit], &circuit));
    const qst_assembly_opts assembly_opts = {
        .weights = parts->weights, .features = deployment->features, .measure = !opts->without_measurement};
    QSTI_TRY(qst_circuit_assembly(circuit, &assembly_opts, &assembly));
    QSTI_TRY(qst_qasm_write(assembly, &(qst_qasm_write_opts){.dialect = dialect_of(opts)}, &qasm, &n_bytes));
    tell(deployment, opts, &groups, &comments);
    QSTI_TRY(add_comments(ctx, qasm, n_bytes, &comments, out, out_bytes));
done:
    if (qasm != NULL)
        qst_qasm_text_free(assembly, qasm);
    qsti_text_clear(&comments);
    qst_assembly_free(assembly);
    qst_circuit_free(circuit);
    qsti_pauli_groups_clear(ctx, &groups);
    return status;
}

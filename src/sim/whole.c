/* whole.c: the program of a whole circuit, beside one that the light cone has cut down.
 *
 * Values and gradients need only what reaches the readout; states and shots need all. Few callers ask for both, so the
 * second program is compiled when it is first asked for, from copies of circuit and readout.
 */
#include <string.h>

#include "sim/program.h"

static qst_status copy(qst_ctx *ctx, const void *from, size_t count, size_t item_bytes, void **out)
{
    qst_status status = qsti_alloc(ctx, count, item_bytes, out);
    if (status == QST_OK && count > 0)
        memcpy(*out, from, count * item_bytes);
    return status;
}
#define COPY(ctx, from, count, out) copy((ctx), (from), (count), sizeof **(out), (void **)(out))

static qst_status copy_circuit(qst_ctx *ctx, const qst_circuit *circuit, qst_circuit **out)
{
    qst_status status = QST_OK;
    qst_circuit *made = NULL;
    QSTI_TRY(QSTI_NEW(ctx, 1, &made));
    *made = (qst_circuit){.ctx = ctx,
                          .n_qubits = circuit->n_qubits,
                          .n_features = circuit->n_features,
                          .n_weights = circuit->n_weights,
                          .preparation = circuit->preparation,
                          .n_operations = circuit->n_operations,
                          .n_terms = circuit->n_terms};
    QSTI_TRY(COPY(ctx, circuit->roles, circuit->n_weights, &made->roles));
    QSTI_TRY(COPY(ctx, circuit->operations, circuit->n_operations, &made->operations));
    QSTI_TRY(COPY(ctx, circuit->terms, circuit->n_terms, &made->terms));
    *out = made;
    made = NULL;
done:
    qst_circuit_free(made);
    return status;
}

static qst_status copy_readout(qst_ctx *ctx, const qst_readout *readout, qst_readout **out)
{
    qst_status status = QST_OK;
    qst_readout *made = NULL;
    QSTI_TRY(QSTI_NEW(ctx, 1, &made));
    *made = (qst_readout){.ctx = ctx,
                          .kind = readout->kind,
                          .n_qubits = readout->n_qubits,
                          .n_outputs = readout->n_outputs,
                          .n_terms = readout->n_terms};
    QSTI_TRY(COPY(ctx, readout->paulis, readout->n_terms, &made->paulis));
    QSTI_TRY(COPY(ctx, readout->coefficients, readout->n_terms, &made->coefficients));
    QSTI_TRY(COPY(ctx, readout->outputs, readout->n_terms, &made->outputs));
    *out = made;
    made = NULL;
done:
    qst_readout_free(made);
    return status;
}

qst_status qsti_program_keep_whole(qst_program *program, const qst_circuit *circuit, const qst_readout *readout)
{
    qst_status status = copy_circuit(program->ctx, circuit, &program->whole_circuit);
    return status == QST_OK ? copy_readout(program->ctx, readout, &program->whole_readout) : status;
}

qst_status qsti_program_whole(qst_program *program, qst_program **out)
{
    qst_status status = QST_OK;
    qst_compile_opts opts = program->opts;
    opts.optimize_off |= QST_OPTIMIZE_CONE;
    if (program->whole_circuit != NULL && program->whole == NULL)
        QSTI_TRY(
            qst_program_compile(program->ctx, program->whole_circuit, program->whole_readout, &opts, &program->whole));
    *out = program->whole != NULL ? program->whole : program;
done:
    return status;
}

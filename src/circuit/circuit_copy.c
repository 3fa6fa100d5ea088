/* circuit_copy.c: see circuit_copy.h. */
#include "circuit/circuit_copy.h"

#include <string.h>

static qst_status copy(qst_ctx *ctx, const void *from, size_t count, size_t item_bytes, void **out)
{
    qst_status status = qsti_alloc(ctx, count, item_bytes, out);
    if (status == QST_OK && count > 0)
        memcpy(*out, from, count * item_bytes);
    return status;
}
#define COPY(ctx, from, count, out) copy((ctx), (from), (count), sizeof **(out), (void **)(out))

qst_status qsti_circuit_copy(qst_ctx *ctx, const qst_circuit *circuit, qst_circuit **out)
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

qst_status qsti_readout_copy(qst_ctx *ctx, const qst_readout *readout, qst_readout **out)
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

/* --- by a builder ------------------------------------------------------------------------------------------------- */

qst_status qsti_circuit_add_weights_of(qst_circuit_builder *builder, const qst_circuit *circuit)
{
    qst_status status = QST_OK;
    size_t first = 0;
    for (size_t w = 0; w < circuit->n_weights && status == QST_OK; w++)
        status = qst_circuit_add_weights(builder, 1, (qst_weight_role)circuit->roles[w], &first);
    return status;
}

qst_status qsti_circuit_add_operations_of(qst_circuit_builder *builder, const qst_circuit *circuit)
{
    qst_status status = QST_OK;
    for (size_t i = 0; i < circuit->n_operations && status == QST_OK; i++) {
        qst_operation operation;
        qst_circuit_operation(circuit, i, &operation);
        status = qst_circuit_add(builder, operation.gate, operation.qubits, operation.angles);
    }
    return status;
}

qst_status qsti_circuit_begin_like(qst_ctx *ctx, const qst_circuit *circuit, size_t n_more, qst_circuit_builder **out)
{
    qst_status status = QST_OK;
    qst_circuit_builder *builder = NULL;
    size_t first = 0;
    QSTI_TRY(qst_circuit_begin(ctx, circuit->n_qubits, circuit->n_features, circuit->preparation, &builder));
    QSTI_TRY(qsti_circuit_add_weights_of(builder, circuit));
    if (n_more > 0)
        QSTI_TRY(qst_circuit_add_weights(builder, n_more, QST_WEIGHT_SHIFT, &first));
    *out = builder;
    builder = NULL;
done:
    qst_circuit_abandon(builder);
    return status;
}

/* basis_change.c: see basis_change.h.
 *
 *   H X H = Z,   (H S^dagger) Y (S H) = Z
 */
#include "measure/basis_change.h"

qst_status qsti_circuit_begin_like(qst_ctx *ctx, const qst_circuit *circuit, size_t n_more, qst_circuit_builder **out)
{
    qst_status status = QST_OK;
    qst_circuit_builder *builder = NULL;
    size_t first = 0;
    QSTI_TRY(qst_circuit_begin(ctx, circuit->n_qubits, circuit->n_features, circuit->preparation, &builder));
    for (size_t w = 0; w < circuit->n_weights; w++)
        QSTI_TRY(qst_circuit_add_weights(builder, 1, (qst_weight_role)circuit->roles[w], &first));
    if (n_more > 0)
        QSTI_TRY(qst_circuit_add_weights(builder, n_more, QST_WEIGHT_SHIFT, &first));
    *out = builder;
    builder = NULL;
done:
    qst_circuit_abandon(builder);
    return status;
}

static qst_status put_basis(qst_circuit_builder *builder, size_t n_qubits, qst_pauli basis)
{
    qst_status status = QST_OK;
    for (size_t qubit = 0; qubit < n_qubits; qubit++) {
        bool x = basis.x >> qubit & 1, y = x && (basis.z >> qubit & 1);
        if (y)
            QSTI_TRY(qst_circuit_add(builder, QST_GATE_sdg, &qubit, NULL));
        if (x)
            QSTI_TRY(qst_circuit_add(builder, QST_GATE_h, &qubit, NULL));
    }
done:
    return status;
}

qst_status qsti_circuit_in_basis(qst_ctx *ctx, const qst_circuit *circuit, qst_pauli basis, qst_circuit **out)
{
    qst_status status = QST_OK;
    qst_circuit_builder *builder = NULL;
    QSTI_TRY(qsti_circuit_begin_like(ctx, circuit, 0, &builder));
    for (size_t i = 0; i < circuit->n_operations; i++) {
        qst_operation operation;
        qst_circuit_operation(circuit, i, &operation);
        QSTI_TRY(qst_circuit_add(builder, operation.gate, operation.qubits, operation.angles));
    }
    QSTI_TRY(put_basis(builder, circuit->n_qubits, basis));
    status = qst_circuit_finish(builder, out);
    builder = NULL;
done:
    qst_circuit_abandon(builder);
    return status;
}

/* basis_change.c: see basis_change.h.
 *
 *   H X H = Z,   (H S^dagger) Y (S H) = Z
 */
#include "measure/basis_change.h"

#include "circuit/circuit_copy.h"

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
    QSTI_TRY(qsti_circuit_add_operations_of(builder, circuit));
    QSTI_TRY(put_basis(builder, circuit->n_qubits, basis));
    status = qst_circuit_finish(builder, out);
    builder = NULL;
done:
    qst_circuit_abandon(builder);
    return status;
}

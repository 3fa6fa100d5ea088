/* openqasm3_statement.c: statements of OpenQASM 3 that OpenQASM 2 has not [cross2022]: typed declarations, gates under
 * modifiers, measurements that are assigned.
 *
 * inv @ inv @ G = G and inv @ ctrl @ G = ctrl @ inv @ G, so the modifiers in front of a gate are a parity, a number of
 * controls, and which of them act on 0: however many there are, they are one call. A control on 0 is X, a control, X.
 */
#include <string.h>

#include "qasm/openqasm3.h"

qst_status qsti_qasm3_declare(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                              const qsti_qasm3_value *size, bool is_bits)
{
    qsti_qasm3 *own = qsti_qasm3_of(reading);
    int64_t n = 1;
    qst_status status = size ? qsti_qasm3_take_integer(reading, size, "the size of a register", &n) : QST_OK;
    if (status == QST_OK && n < 1) {
        status =
            qsti_qasm_fail(reading, QST_ERR_INPUT, size->at, "a register of size %lld: 1 is the least", (long long)n);
    }
    if (status == QST_OK && !is_bits && own->has_physical) {
        status = qsti_qasm_fail(reading, QST_ERR_INPUT, at,
                                "qubits are declared in a file that has physical ones: it is one or the other");
    }
    if (status == QST_OK) {
        status = qsti_qasm_declare_register(reading, at, name, size ? size->at : at, (uint64_t)n, is_bits);
    }
    if (status == QST_OK) {
        qsti_qasm_names_find(reading->names, name.bytes, name.n_bytes)->is_single = size == NULL;
        own->has_registers |= !is_bits;
    }
    return status;
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

static qst_status keep_negated(qsti_qasm_reading *reading, uint32_t control)
{
    qsti_qasm3 *own = qsti_qasm3_of(reading);
    if (own->n_negated == own->negated_capacity) {
        size_t capacity = own->negated_capacity ? 2 * own->negated_capacity : 16;
        qst_status status = QSTI_GROW(reading->ctx, capacity, &own->negated);
        if (status != QST_OK) {
            reading->status = status;
            return status;
        }
        own->negated_capacity = capacity;
    }
    own->negated[own->n_negated++] = control;
    return QST_OK;
}

qst_status qsti_qasm3_modify(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm3_modifier modifier,
                             const qsti_qasm3_value *count)
{
    qsti_qasm3 *own = qsti_qasm3_of(reading);
    int64_t n = 1;
    if (modifier == QSTI_QASM3_INV) {
        own->inverse = !own->inverse;
        return QST_OK;
    }
    qst_status status = count ? qsti_qasm3_take_integer(reading, count, "the number of controls", &n) : QST_OK;
    if (status != QST_OK) {
        return status;
    }
    if (n < 1) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, count->at, "%lld controls: 1 is the least", (long long)n);
    }
    if (n > QST_ASSEMBLY_MAX_QUBITS || own->n_controls + (uint64_t)n > QST_ASSEMBLY_MAX_QUBITS) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "more controls than there can be qubits (%d)",
                              QST_ASSEMBLY_MAX_QUBITS);
    }
    for (int64_t i = 0; i < n && modifier == QSTI_QASM3_NEGCTRL && status == QST_OK; i++) {
        status = keep_negated(reading, (uint32_t)(own->n_controls + (uint64_t)i));
    }
    own->n_controls += (uint64_t)n;
    return status;
}

qst_status qsti_qasm3_find_gate(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                                const qsti_qasm_symbol **out)
{
    const qsti_qasm_symbol *local =
        reading->in_definition ? qsti_qasm_names_find(reading->locals, name.bytes, name.n_bytes) : NULL;
    return local ? qsti_qasm_fail_kind(reading, at, local, "a gate") : qsti_qasm_find_gate(reading, at, name, out);
}

qst_status qsti_qasm3_call(qsti_qasm_reading *reading, qsti_qasm_at at, const qsti_qasm_symbol *gate)
{
    qsti_qasm3 *own = qsti_qasm3_of(reading);
    const qsti_qasm_call call = {.gate = gate ? gate : qsti_qasm_names_find(reading->names, "gphase", 6),
                                 .inverse = own->inverse,
                                 .n_controls = (uint32_t)own->n_controls,
                                 .negated = own->negated,
                                 .n_negated = own->n_negated,
                                 .at = at};
    own->inverse = false;
    own->n_controls = 0;
    own->n_negated = 0;
    return qsti_qasm_add_call(reading, &call);
}

/* --- measurements ------------------------------------------------------------------------------------------------- */

qst_status qsti_qasm3_measure(qsti_qasm_reading *reading, qsti_qasm_at at, bool target_first)
{
    qsti_qasm_operand *operands = reading->operands;
    if (reading->n_operands == 2) {
        if (target_first) {
            qsti_qasm_operand bits = operands[0];
            operands[0] = operands[1];
            operands[1] = bits;
        }
        if (operands[0].n == 1 && operands[1].n == 1) {
            operands[0].is_register = operands[1].is_register; /* bit[1] is as good as bit */
        }
    }
    return qsti_qasm_add_measure(reading, at);
}

qst_status qsti_qasm3_drop_target(qsti_qasm_reading *reading)
{
    reading->n_operands = 0;
    return QST_OK;
}

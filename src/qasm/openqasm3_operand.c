/* openqasm3_operand.c: operands of OpenQASM 3 [cross2022]: q, q[2], q[-1], q[0:2], q[0:2:6], q[{0,5}], each index
 * applied to what the one before it left, and physical qubits $k.
 *
 * Ranges name both ends. -1 is the last element. Qiskit 2.6 reads a range that ends in -1 as an empty one and cuts what
 * lies beyond the end off; here the first means what the language says, and the second is an error. An index set that
 * is empty is one too.
 */
#include <ctype.h>
#include <string.h>

#include "qasm/openqasm3.h"

static qsti_qasm_operand *last_operand(const qsti_qasm_reading *reading)
{
    return &reading->operands[reading->n_operands - 1];
}

static qst_status check_indexed(qsti_qasm_reading *reading, qsti_qasm_at at, const qsti_qasm_operand *operand)
{
    if (operand->is_register) {
        return QST_OK;
    }
    return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "a single %s has no index%s", operand->is_bits ? "bit" : "qubit",
                          reading->in_definition ? "; the qubits of a gate are single ones" : "");
}

/* Element number `index` of an operand of n, counted from its end when negative. */
static qst_status resolve(qsti_qasm_reading *reading, qsti_qasm_at at, const qsti_qasm_operand *operand, int64_t index,
                          uint32_t *out)
{
    int64_t n = operand->n;
    if (index < -n || index >= n) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "index %lld is out of range: there %s %lld %s%s (%lld..%lld)",
                              (long long)index, n == 1 ? "is" : "are", (long long)n, operand->is_bits ? "bit" : "qubit",
                              n == 1 ? "" : "s", (long long)-n, (long long)n - 1);
    }
    *out = (uint32_t)(index < 0 ? index + n : index);
    return QST_OK;
}

qst_status qsti_qasm3_index(qsti_qasm_reading *reading, qsti_qasm_at at, int64_t index)
{
    qsti_qasm_operand *operand = last_operand(reading);
    uint32_t element = 0;
    qst_status status = check_indexed(reading, at, operand);
    if (status == QST_OK) {
        status = resolve(reading, at, operand, index, &element);
    }
    if (status == QST_OK) {
        operand->first = qsti_qasm_operand_element(reading, operand, element);
        operand->n = 1;
        operand->listed = 0;
        operand->is_register = false;
    }
    return status;
}

/* Elements first, first + step, ... of the last operand become it. */
static qst_status select_range(qsti_qasm_reading *reading, uint32_t first, int64_t step, uint32_t n)
{
    qsti_qasm_operand *operand = last_operand(reading);
    if (operand->listed == 0) {
        operand->first = qsti_qasm_operand_element(reading, operand, first);
        operand->step = n == 1 ? 1 : (int32_t)(operand->step * step);
        operand->n = n;
        return QST_OK;
    }
    uint32_t listed = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t element = qsti_qasm_operand_element(reading, operand, (uint32_t)(first + i * step));
        qst_status status = qsti_qasm_list_element(reading, element, i == 0 ? &listed : NULL);
        if (status != QST_OK) {
            return status;
        }
    }
    operand->listed = listed;
    operand->n = n;
    return QST_OK;
}

qst_status qsti_qasm3_index_range(qsti_qasm_reading *reading, qsti_qasm_at at, const qsti_qasm3_range *range)
{
    const qsti_qasm_operand *operand = last_operand(reading);
    int64_t step = range->step.is_given ? range->step.number : 1, n = operand->n;
    uint32_t first = step > 0 ? 0 : (uint32_t)n - 1, last = step > 0 ? (uint32_t)n - 1 : 0;
    if (step == 0) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, range->step.at, "the step of a range is not 0");
    }
    qst_status status = check_indexed(reading, at, operand);
    if (status == QST_OK && range->first.is_given) {
        status = resolve(reading, range->first.at, operand, range->first.number, &first);
    }
    if (status == QST_OK && range->last.is_given) {
        status = resolve(reading, range->last.at, operand, range->last.number, &last);
    }
    if (status == QST_OK && (step > 0 ? first > last : first < last)) {
        status = qsti_qasm_fail(reading, QST_ERR_INPUT, at, "the range is empty: from %u to %u in steps of %lld", first,
                                last, (long long)step);
    }
    if (status != QST_OK) {
        return status;
    }
    if (step >= n || step <= -n) {
        return select_range(reading, first, 1, 1);
    }
    return select_range(reading, first, step, (uint32_t)(((int64_t)last - first) / step) + 1);
}

qst_status qsti_qasm3_collect(qsti_qasm_reading *reading, const qsti_qasm3_value *index)
{
    qsti_qasm3 *own = qsti_qasm3_of(reading);
    int64_t number = 0;
    qst_status status = qsti_qasm3_take_integer(reading, index, "the index", &number);
    if (status == QST_OK && own->n_set == own->set_capacity) {
        size_t capacity = own->set_capacity ? 2 * own->set_capacity : 16;
        status = qsti_qasm_placed(reading, QSTI_GROW(reading->ctx, capacity, &own->set), index->at);
        own->set_capacity = status == QST_OK ? capacity : own->set_capacity;
    }
    if (status == QST_OK) {
        own->set[own->n_set++] = (qsti_qasm3_bound){true, index->at, number};
    }
    return status;
}

qst_status qsti_qasm3_index_set(qsti_qasm_reading *reading, qsti_qasm_at at)
{
    qsti_qasm3 *own = qsti_qasm3_of(reading);
    qsti_qasm_operand *operand = last_operand(reading);
    qst_status status = check_indexed(reading, at, operand);
    uint32_t listed = 0, element = 0;
    for (size_t i = 0; i < own->n_set && status == QST_OK; i++) {
        status = resolve(reading, own->set[i].at, operand, own->set[i].number, &element);
        if (status == QST_OK) {
            element = qsti_qasm_operand_element(reading, operand, element);
            status = qsti_qasm_list_element(reading, element, i == 0 ? &listed : NULL);
        }
    }
    if (status == QST_OK) {
        operand->listed = listed;
        operand->n = (uint32_t)own->n_set;
    }
    own->n_set = 0;
    return status;
}

/* --- physical qubits ---------------------------------------------------------------------------------------------- */

static bool is_letter(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_' || (unsigned char)byte >= 0x80;
}

static bool has_word(const qsti_qasm_text *text, const char *word)
{
    size_t n = strlen(word);
    const char *at = text->bytes, *end = text->bytes + text->n_bytes;
    while ((at = memmem(at, (size_t)(end - at), word, n)) != NULL) {
        if ((at == text->bytes || !is_letter(at[-1])) && (at + n == end || !is_letter(at[n]))) {
            return true;
        }
        at++;
    }
    return false;
}

/* A name for their register that stands nowhere in the file. */
static const char *unused_name(const qsti_qasm_reading *reading)
{
    static const char *const names[] = {"q", "physical", "physical_qubits"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!has_word(&reading->texts[0], names[i]))
            return names[i];
    }
    return "hardware_qubits_of_this_file";
}

/* The first physical qubit declares as many as the file has. */
static qst_status declare_physical(qsti_qasm_reading *reading, qsti_qasm_at at)
{
    qsti_qasm3 *own = qsti_qasm3_of(reading);
    if (own->has_registers) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at,
                              "a physical qubit in a file that declares qubits: it is one or the other");
    }
    const char *name = unused_name(reading);
    own->has_physical = true;
    return qsti_qasm_declare_register(reading, at, (qsti_qasm_word){name, (uint32_t)strlen(name)}, at, own->n_physical,
                                      false);
}

qst_status qsti_qasm3_add_physical(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word)
{
    const qsti_qasm3 *own = qsti_qasm3_of(reading);
    uint64_t number = 0;
    if (reading->in_definition) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "the body of a gate has no physical qubits");
    }
    if (reading->n_open > 1) {
        return qsti_qasm3_unsupported(reading, at, "a physical qubit in an included file");
    }
    qst_status status = qsti_qasm_integer(reading, at, (qsti_qasm_word){word.bytes + 1, word.n_bytes - 1}, &number);
    if (status == QST_OK && number >= QST_ASSEMBLY_MAX_QUBITS) {
        status = qsti_qasm_fail(reading, QST_ERR_INPUT, at, "physical qubit %llu: there are at most %d",
                                (unsigned long long)number, QST_ASSEMBLY_MAX_QUBITS);
    }
    if (status == QST_OK && !own->has_physical) {
        status = declare_physical(reading, at);
    }
    qsti_qasm_operand operand = {.first = (uint32_t)number, .n = 1, .step = 1, .at = at};
    return status == QST_OK ? qsti_qasm_push_operand(reading, &operand) : status;
}

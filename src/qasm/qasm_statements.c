/* qasm_statements.c: operands, and the statements that take them: calls of gates, barriers, resets, measurements.
 *
 * Broadcasting is Qiskit's: a register, even of one element, is a whole; all registers of a statement have one size,
 * and what is indexed is used again for each of their elements. A measurement is of two registers or of two elements.
 *
 * A qubit named twice is found with one number a qubit: that of the instruction that named it last. So a statement
 * costs O(qubits it names), however many the file has. */
#include <string.h>

#include "qasm/reading.h"

#define FIRST_CAPACITY 64

static qst_status keep(qsti_qasm_reading *reading, qst_status status)
{
    if (status != QST_OK) {
        reading->status = status;
    }
    return status;
}

/* --- operands and words ------------------------------------------------------------------------------------------- */

qst_status qsti_qasm_push_operand(qsti_qasm_reading *reading, const qsti_qasm_operand *operand)
{
    if (reading->n_operands == reading->operands_capacity) {
        size_t capacity = reading->operands_capacity ? reading->operands_capacity * 2 : FIRST_CAPACITY;
        qst_status status = QSTI_GROW(reading->ctx, capacity, &reading->operands);
        if (status != QST_OK) {
            return keep(reading, status);
        }
        reading->operands_capacity = capacity;
    }
    reading->operands[reading->n_operands++] = *operand;
    return QST_OK;
}

qst_status qsti_qasm_push_word(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word)
{
    if (reading->n_words == reading->words_capacity) {
        size_t capacity = reading->words_capacity ? reading->words_capacity * 2 : FIRST_CAPACITY;
        qst_status status = QSTI_GROW(reading->ctx, capacity, &reading->words);
        if (status != QST_OK) {
            return keep(reading, status);
        }
        reading->words_capacity = capacity;
    }
    reading->words[reading->n_words].word = word;
    reading->words[reading->n_words++].at = at;
    return QST_OK;
}

void qsti_qasm_drop_words(qsti_qasm_reading *reading)
{
    reading->n_words = 0;
}

static qst_status fail_undeclared(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, bool is_bits)
{
    char spelled[QSTI_QASM_SPELLED], word[QSTI_QASM_SPELLED];
    size_t n = name.n_bytes < sizeof word ? name.n_bytes : sizeof word - 1;
    memcpy(word, name.bytes, n);
    word[n] = '\0';
    qsti_qasm_spell(reading, at, name, spelled);
    if (reading->in_definition) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is not a qubit of this gate", spelled);
    }
    const char *nearest = qsti_qasm_names_nearest(reading->names, word, false);
    return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is not a declared register of %s%s%s%s", spelled,
                          is_bits ? "bits" : "qubits", nearest ? "; did you mean '" : "", nearest ? nearest : "",
                          nearest ? "'?" : "");
}

/* In a definition its own qubits are all that there is. NULL: the reading has failed. */
static const qsti_qasm_symbol *find_operand(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                                            bool is_bits)
{
    const qsti_qasm_symbol *symbol = NULL;
    if (reading->in_definition) {
        symbol = qsti_qasm_names_find(reading->locals, name.bytes, name.n_bytes);
    }
    if (symbol == NULL) {
        symbol = qsti_qasm_names_find(reading->names, name.bytes, name.n_bytes);
    }
    if (symbol == NULL) {
        (void)fail_undeclared(reading, at, name, is_bits);
        return NULL;
    }
    qsti_qasm_kind wanted = reading->in_definition ? QSTI_QASM_QUBIT : is_bits ? QSTI_QASM_BITS : QSTI_QASM_QUBITS;
    if (symbol->kind != wanted) {
        (void)qsti_qasm_fail_kind(reading, at, symbol,
                                  reading->in_definition ? "a qubit of this gate"
                                  : is_bits              ? "a register of bits"
                                                         : "a register of qubits");
        return NULL;
    }
    return symbol;
}

qst_status qsti_qasm_add_operand(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, bool is_bits)
{
    const qsti_qasm_symbol *symbol = find_operand(reading, at, name, is_bits);
    if (symbol == NULL) {
        return reading->status;
    }
    qsti_qasm_operand operand = {symbol->first, symbol->size, 1, !symbol->is_single, is_bits, 0, at};
    if (reading->in_definition) {
        operand = (qsti_qasm_operand){.first = symbol->index, .n = 1, .step = 1, .at = at};
    }
    return qsti_qasm_push_operand(reading, &operand);
}

qst_status qsti_qasm_add_element(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, bool is_bits,
                                 qsti_qasm_at at_index, uint64_t index)
{
    const qsti_qasm_symbol *symbol = find_operand(reading, at, name, is_bits);
    if (symbol == NULL) {
        return reading->status;
    }
    if (reading->in_definition) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at_index, "a qubit of a gate has no index");
    }
    if (index >= symbol->size) {
        char spelled[QSTI_QASM_SPELLED];
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at_index, "index %llu: %s has %u %s (0..%u)",
                              (unsigned long long)index, qsti_qasm_spell(reading, at, name, spelled), symbol->size,
                              is_bits ? "bits" : "qubits", symbol->size - 1);
    }
    qsti_qasm_operand operand = {symbol->first + (uint32_t)index, 1, 1, false, is_bits, 0, at};
    return qsti_qasm_push_operand(reading, &operand);
}

/* --- instructions ------------------------------------------------------------------------------------------------- */

uint32_t qsti_qasm_operand_element(const qsti_qasm_reading *reading, const qsti_qasm_operand *operand, size_t i)
{
    if (operand->listed) {
        return reading->elements[operand->listed - 1 + i];
    }
    return operand->is_register ? (uint32_t)(operand->first + (int64_t)i * operand->step) : operand->first;
}

qst_status qsti_qasm_list_element(qsti_qasm_reading *reading, uint32_t element, uint32_t *out_listed)
{
    if (reading->n_elements == reading->elements_capacity) {
        size_t capacity = reading->elements_capacity ? reading->elements_capacity * 2 : FIRST_CAPACITY;
        qst_status status = QSTI_GROW(reading->ctx, capacity, &reading->elements);
        if (status != QST_OK) {
            return keep(reading, status);
        }
        reading->elements_capacity = capacity;
    }
    reading->elements[reading->n_elements++] = element;
    if (out_listed) {
        *out_listed = (uint32_t)reading->n_elements;
    }
    return QST_OK;
}

static qst_status room_for_qubits(qsti_qasm_reading *reading, size_t n)
{
    qst_status status = QST_OK;
    size_t n_known = reading->in_definition ? reading->n_local_qubits : reading->n_qubits;
    if (n > reading->qubits_capacity) {
        size_t capacity = n > FIRST_CAPACITY ? n * 2 : FIRST_CAPACITY;
        QSTI_TRY(QSTI_GROW(reading->ctx, capacity, &reading->qubits));
        reading->qubits_capacity = capacity;
    }
    if (n_known > reading->seen_capacity) {
        size_t capacity = n_known > FIRST_CAPACITY ? n_known * 2 : FIRST_CAPACITY;
        QSTI_TRY(QSTI_GROW(reading->ctx, capacity, &reading->seen));
        memset(reading->seen + reading->seen_capacity, 0, (capacity - reading->seen_capacity) * sizeof *reading->seen);
        reading->seen_capacity = capacity;
    }
done:
    return keep(reading, status);
}

/* Begins to watch for qubits that are named twice. */
static void begin_seeing(qsti_qasm_reading *reading)
{
    if (++reading->n_seen == 0) {
        memset(reading->seen, 0, reading->seen_capacity * sizeof *reading->seen);
        reading->n_seen = 1;
    }
}

static bool seen_before(qsti_qasm_reading *reading, uint32_t qubit)
{
    bool before = reading->seen[qubit] == reading->n_seen;
    reading->seen[qubit] = reading->n_seen;
    return before;
}

static qst_status add(qsti_qasm_reading *reading, qsti_qasm_at at, qst_instruction *instruction)
{
    instruction->qubits = reading->qubits;
    instruction->condition = reading->condition;
    instruction->condition_value = reading->condition_value;
    return qsti_qasm_placed(reading, qst_assembly_add(reading->builder, instruction), at);
}

/* A small text shall not become gigabytes of instructions. */
static qst_status spend(qsti_qasm_reading *reading, qsti_qasm_at at, uint64_t n)
{
    reading->n_spread += n;
    if (reading->n_spread > QSTI_QASM_MAX_SPREAD) {
        return qsti_qasm_fail(reading, QST_ERR_LIMIT, at, "statements about whole registers become too many");
    }
    return QST_OK;
}

/* The size that all registers among the operands share; 1 when there is none. */
static qst_status common_size(qsti_qasm_reading *reading, qsti_qasm_at at, size_t *out)
{
    const qsti_qasm_operand *first = NULL;
    *out = 1;
    for (size_t o = 0; o < reading->n_operands; o++) {
        const qsti_qasm_operand *operand = &reading->operands[o];
        if (!operand->is_register) {
            continue;
        }
        if (first && operand->n != first->n) {
            return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "registers of %u and of %u: broadcasting needs one size",
                                  first->n, operand->n);
        }
        first = operand;
        *out = operand->n;
    }
    return QST_OK;
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static qst_status check_call(qsti_qasm_reading *reading, const qsti_qasm_call *call)
{
    const qsti_qasm_symbol *gate = call->gate;
    size_t n_qubits = gate->n_qubits + (size_t)call->n_controls;
    char spelled[QSTI_QASM_SPELLED];
    if (reading->n_angles == gate->n_angles && reading->n_operands == n_qubits) {
        return QST_OK;
    }
    qsti_qasm_spell(reading, call->at, (qsti_qasm_word){gate->name, gate->n_bytes}, spelled);
    if (reading->n_angles != gate->n_angles) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, call->at, "%s takes %u parameter%s, not %zu", spelled,
                              gate->n_angles, plural(gate->n_angles), reading->n_angles);
    }
    return qsti_qasm_fail(reading, QST_ERR_INPUT, call->at, "%s acts on %zu qubit%s, not %zu", spelled, n_qubits,
                          plural(n_qubits), reading->n_operands);
}

/* The angles that wait, as the expressions of one call. */
static qst_status gather_angles(qsti_qasm_reading *reading)
{
    if (reading->n_angles > reading->expressions_capacity) {
        size_t capacity = reading->n_angles > FIRST_CAPACITY ? reading->n_angles * 2 : FIRST_CAPACITY;
        qst_status status = QSTI_GROW(reading->ctx, capacity, &reading->expressions);
        if (status != QST_OK) {
            return keep(reading, status);
        }
        reading->expressions_capacity = capacity;
    }
    for (size_t a = 0; a < reading->n_angles; a++) {
        size_t end = a + 1 < reading->n_angles ? reading->angles[a + 1].token : reading->n_tokens;
        reading->expressions[a].tokens = reading->tokens + reading->angles[a].token;
        reading->expressions[a].n_tokens = end - reading->angles[a].token;
    }
    return QST_OK;
}

static void drop(qsti_qasm_reading *reading)
{
    reading->n_operands = 0;
    reading->n_elements = 0;
    reading->n_angles = 0;
    reading->n_tokens = 0;
}

/* Element i of the broadcast. */
static qst_status gather_qubits(qsti_qasm_reading *reading, qsti_qasm_at at, size_t i)
{
    begin_seeing(reading);
    for (size_t o = 0; o < reading->n_operands; o++) {
        reading->qubits[o] = qsti_qasm_operand_element(reading, &reading->operands[o], i);
        if (seen_before(reading, reading->qubits[o])) {
            return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "a qubit is named twice");
        }
    }
    return QST_OK;
}

/* X on each control that acts by 0, for element i of the broadcast, before and behind its gate. */
static qst_status flip_negated(qsti_qasm_reading *reading, const qsti_qasm_call *call, size_t i)
{
    qst_status status = QST_OK;
    qst_instruction flip = {.kind = QST_INSTRUCTION_GATE, .gate = QST_GATE_x, .n_qubits = 1, .bit = QST_NO_BIT};
    for (size_t c = 0; c < call->n_negated && status == QST_OK; c++) {
        reading->qubits[0] = qsti_qasm_operand_element(reading, &reading->operands[call->negated[c]], i);
        status = add(reading, call->at, &flip);
    }
    return status;
}

qst_status qsti_qasm_add_call(qsti_qasm_reading *reading, const qsti_qasm_call *call)
{
    qst_status status = check_call(reading, call);
    size_t n_times = 1;
    QSTI_TRY(status);
    QSTI_TRY(common_size(reading, call->at, &n_times));
    size_t n_more = reading->n_operands > QSTI_QASM_SPREAD ? reading->n_operands - QSTI_QASM_SPREAD : 0;
    QSTI_TRY(spend(reading, call->at,
                   (uint64_t)(n_times - 1) * (QSTI_QASM_SPREAD * (1 + 2 * (uint64_t)call->n_negated) + n_more)));
    QSTI_TRY(gather_angles(reading));
    QSTI_TRY(room_for_qubits(reading, reading->n_operands));
    bool is_native = call->gate->kind == QSTI_QASM_NATIVE;
    qst_instruction instruction = {.kind = is_native ? QST_INSTRUCTION_GATE : QST_INSTRUCTION_CALL,
                                   .gate = is_native ? (qst_gate)call->gate->index : (qst_gate)0,
                                   .definition = is_native ? 0 : call->gate->index,
                                   .inverse = call->inverse,
                                   .n_controls = call->n_controls,
                                   .n_qubits = reading->n_operands,
                                   .angles = reading->expressions,
                                   .n_angles = reading->n_angles,
                                   .bit = QST_NO_BIT};
    for (size_t i = 0; i < n_times; i++) {
        QSTI_TRY(flip_negated(reading, call, i));
        QSTI_TRY(gather_qubits(reading, call->at, i));
        QSTI_TRY(add(reading, call->at, &instruction));
        QSTI_TRY(flip_negated(reading, call, i));
    }
done:
    drop(reading);
    return status;
}

qst_status qsti_qasm_add_barrier(qsti_qasm_reading *reading, qsti_qasm_at at)
{
    size_t n_all = reading->in_definition ? reading->n_local_qubits : reading->n_qubits, n = 0;
    qst_status status = room_for_qubits(reading, n_all);
    QSTI_TRY(status);
    if (reading->n_operands == 0) {
        for (; n < n_all; n++) {
            reading->qubits[n] = (uint32_t)n;
        }
    }
    begin_seeing(reading);
    for (size_t o = 0; o < reading->n_operands; o++) {
        for (size_t i = 0; i < reading->operands[o].n; i++) {
            uint32_t qubit = qsti_qasm_operand_element(reading, &reading->operands[o], i);
            if (!seen_before(reading, qubit)) {
                reading->qubits[n++] = qubit;
            }
        }
    }
    qst_instruction instruction = {.kind = QST_INSTRUCTION_BARRIER, .n_qubits = n, .bit = QST_NO_BIT};
    if (n > 0) {
        QSTI_TRY(spend(reading, at, n));
        QSTI_TRY(add(reading, at, &instruction));
    }
done:
    drop(reading);
    return status;
}

qst_status qsti_qasm_add_reset(qsti_qasm_reading *reading, qsti_qasm_at at)
{
    qst_status status = QST_OK;
    const qsti_qasm_operand operand = reading->operands[0];
    qst_instruction instruction = {.kind = QST_INSTRUCTION_RESET, .n_qubits = 1, .bit = QST_NO_BIT};
    QSTI_TRY(spend(reading, at, (uint64_t)(operand.n - 1) * QSTI_QASM_SPREAD));
    QSTI_TRY(room_for_qubits(reading, 1));
    for (size_t i = 0; i < operand.n; i++) {
        reading->qubits[0] = qsti_qasm_operand_element(reading, &operand, i);
        QSTI_TRY(add(reading, at, &instruction));
    }
done:
    drop(reading);
    return status;
}

qst_status qsti_qasm_add_measure(qsti_qasm_reading *reading, qsti_qasm_at at)
{
    qst_status status = QST_OK;
    const qsti_qasm_operand qubits = reading->operands[0];
    const qsti_qasm_operand *bits = reading->n_operands > 1 ? &reading->operands[1] : NULL;
    if (bits && (bits->n != qubits.n || bits->is_register != qubits.is_register)) {
        status = qsti_qasm_fail(reading, QST_ERR_INPUT, at,
                                bits->is_register == qubits.is_register
                                    ? "a register of %u qubits is measured into one of %u bits"
                                    : "a register is measured into a register, a qubit into a bit",
                                qubits.n, bits->n);
        goto done;
    }
    QSTI_TRY(spend(reading, at, (uint64_t)(qubits.n - 1) * QSTI_QASM_SPREAD));
    QSTI_TRY(room_for_qubits(reading, 1));
    qst_instruction instruction = {.kind = QST_INSTRUCTION_MEASURE, .n_qubits = 1, .bit = QST_NO_BIT};
    for (size_t i = 0; i < qubits.n; i++) {
        reading->qubits[0] = qsti_qasm_operand_element(reading, &qubits, i);
        instruction.bit = bits ? qsti_qasm_operand_element(reading, bits, i) : QST_NO_BIT;
        QSTI_TRY(add(reading, at, &instruction));
    }
done:
    drop(reading);
    return status;
}

qst_status qsti_qasm_begin_condition(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                                     qsti_qasm_at at_value, uint64_t value)
{
    const qsti_qasm_symbol *symbol = find_operand(reading, at, name, true);
    if (symbol == NULL) {
        return reading->status;
    }
    if (symbol->size < 64 && value >> symbol->size) {
        const qsti_qasm_text *text;
        size_t line, column;
        qsti_qasm_locate(reading, at_value, &text, &line, &column);
        qsti_warn(reading->ctx, "%s:%zu:%zu: %u bits are never that large: the condition never holds", text->name, line,
                  column, symbol->size);
    }
    reading->condition = symbol->index;
    reading->condition_value = value;
    return QST_OK;
}

void qsti_qasm_end_condition(qsti_qasm_reading *reading)
{
    reading->condition = QST_NO_CONDITION;
    reading->condition_value = 0;
}

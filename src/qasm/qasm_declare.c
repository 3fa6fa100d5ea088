/* qasm_declare.c: what a file declares: registers, parameters, gates, and the names inside a gate definition.
 *
 * Names of the file are in one table, since OpenQASM has one space for them; those of a definition are in another that
 * hides it. */
#include <string.h>

#include "base/text.h"
#include "qasm/reading.h"

static const char *describe(qsti_qasm_kind kind)
{
    switch (kind) {
    case QSTI_QASM_NATIVE:
        return "a built-in gate";
    case QSTI_QASM_DEFINITION:
    case QSTI_QASM_UNFINISHED:
        return "a gate";
    case QSTI_QASM_QUBITS:
        return "a register of qubits";
    case QSTI_QASM_BITS:
        return "a register of bits";
    case QSTI_QASM_PARAMETER:
    case QSTI_QASM_ANGLE:
        return "a parameter";
    case QSTI_QASM_QUBIT:
        return "a qubit";
    case QSTI_QASM_OTHER:
        break;
    }
    return "a name of the language";
}

qst_status qsti_qasm_fail_kind(qsti_qasm_reading *reading, qsti_qasm_at at, const qsti_qasm_symbol *symbol,
                               const char *wanted)
{
    char spelled[QSTI_QASM_SPELLED];
    qsti_qasm_word word = {symbol->name, symbol->n_bytes};
    return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is %s, not %s", qsti_qasm_spell(reading, at, word, spelled),
                          describe(symbol->kind), wanted);
}

qst_status qsti_qasm_free_name(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, bool may_replace)
{
    const qsti_qasm_symbol *symbol = qsti_qasm_names_find(reading->names, name.bytes, name.n_bytes);
    if (symbol == NULL || (may_replace && symbol->replaceable)) {
        return QST_OK;
    }
    char spelled[QSTI_QASM_SPELLED];
    return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is already %s", qsti_qasm_spell(reading, at, name, spelled),
                          describe(symbol->kind));
}

qst_status qsti_qasm_declare_native(qsti_qasm_reading *reading, const char *name, qst_gate gate, bool replaceable)
{
    const qst_gate_info *info = qst_gate_describe(gate);
    qsti_qasm_symbol symbol = {.kind = QSTI_QASM_NATIVE,
                               .index = (uint32_t)gate,
                               .n_qubits = (uint32_t)info->n_qubits,
                               .n_angles = (uint32_t)info->n_angles,
                               .replaceable = replaceable};
    qst_status status = qsti_qasm_names_add(reading->ctx, reading->names, name, strlen(name), &symbol, NULL);
    if (status != QST_OK) {
        reading->status = status;
    }
    return status;
}

/* --- registers and parameters ------------------------------------------------------------------------------------- */

static qst_status check_size(qsti_qasm_reading *reading, qsti_qasm_at at, uint64_t size, size_t n_before,
                             const char *what)
{
    if (size == 0) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "a register of 0 %s", what);
    }
    if (size > QST_ASSEMBLY_MAX_QUBITS - n_before) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "a register of %llu %s: at most %d in all are read",
                              (unsigned long long)size, what, QST_ASSEMBLY_MAX_QUBITS);
    }
    return QST_OK;
}

qst_status qsti_qasm_declare_register(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                                      qsti_qasm_at at_size, uint64_t size, bool is_bits)
{
    qst_status status = QST_OK;
    qsti_qasm_symbol *added = NULL;
    size_t *n_registers = is_bits ? &reading->n_bit_registers : &reading->n_qubit_registers;
    size_t *n_members = is_bits ? &reading->n_bits : &reading->n_qubits;
    QSTI_TRY(qsti_qasm_free_name(reading, at, name, false));
    QSTI_TRY(check_size(reading, at_size, size, *n_members, is_bits ? "bits" : "qubits"));
    qsti_qasm_symbol symbol = {.kind = is_bits ? QSTI_QASM_BITS : QSTI_QASM_QUBITS,
                               .index = (uint32_t)*n_registers,
                               .first = (uint32_t)*n_members,
                               .size = (uint32_t)size,
                               .at = at};
    QSTI_TRY(qsti_qasm_names_add(reading->ctx, reading->names, name.bytes, name.n_bytes, &symbol, &added));
    status = is_bits ? qst_assembly_add_bits(reading->builder, added->name, (size_t)size)
                     : qst_assembly_add_qubits(reading->builder, added->name, (size_t)size);
    QSTI_TRY(qsti_qasm_placed(reading, status, at));
    *n_registers += 1;
    *n_members += (size_t)size;
done:
    if (status != QST_OK) {
        reading->status = status;
    }
    return status;
}

qst_status qsti_qasm_declare_parameter(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name)
{
    qst_status status = QST_OK;
    qsti_qasm_symbol *added = NULL;
    QSTI_TRY(qsti_qasm_free_name(reading, at, name, false));
    qsti_qasm_symbol symbol = {.kind = QSTI_QASM_PARAMETER, .index = (uint32_t)reading->n_parameters, .at = at};
    QSTI_TRY(qsti_qasm_names_add(reading->ctx, reading->names, name.bytes, name.n_bytes, &symbol, &added));
    QSTI_TRY(qsti_qasm_placed(reading, qst_assembly_add_parameter(reading->builder, added->name), at));
    reading->n_parameters++;
done:
    if (status != QST_OK) {
        reading->status = status;
    }
    return status;
}

/* --- gate definitions --------------------------------------------------------------------------------------------- */

qst_status qsti_qasm_add_local(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, bool is_qubit)
{
    const qsti_qasm_symbol *before = qsti_qasm_names_find(reading->locals, name.bytes, name.n_bytes);
    if (before) {
        char spelled[QSTI_QASM_SPELLED];
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is already %s of this gate",
                              qsti_qasm_spell(reading, at, name, spelled), describe(before->kind));
    }
    size_t *n = is_qubit ? &reading->n_local_qubits : &reading->n_local_angles;
    qsti_qasm_symbol symbol = {.kind = is_qubit ? QSTI_QASM_QUBIT : QSTI_QASM_ANGLE, .index = (uint32_t)*n, .at = at};
    qsti_qasm_symbol *added = NULL;
    qst_status status = qsti_qasm_names_add(reading->ctx, reading->locals, name.bytes, name.n_bytes, &symbol, &added);
    if (status == QST_OK) {
        status = qsti_qasm_push_word(reading, at, (qsti_qasm_word){added->name, added->n_bytes});
    }
    if (status != QST_OK) {
        reading->status = status;
        return status;
    }
    *n += 1;
    return QST_OK;
}

/* The words that wait are the definition's names, angles first. */
static qst_status begin_definition(qsti_qasm_reading *reading, const char *name, bool opaque)
{
    const char **words = NULL;
    qst_status status = QSTI_NEW(reading->ctx, reading->n_words, &words);
    if (status != QST_OK) {
        return status;
    }
    for (size_t w = 0; w < reading->n_words; w++) {
        words[w] = reading->words[w].word.bytes;
    }
    qst_definition definition = {.name = name,
                                 .n_qubits = reading->n_local_qubits,
                                 .n_angles = reading->n_local_angles,
                                 .qubit_names = words + reading->n_local_angles,
                                 .angle_names = words,
                                 .opaque = opaque};
    status = qst_assembly_begin_definition(reading->builder, &definition);
    qsti_free(reading->ctx, (void *)words);
    return status;
}

qst_status qsti_qasm_open_definition(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name, bool opaque)
{
    qst_status status = QST_OK;
    QSTI_TRY(qsti_qasm_free_name(reading, at, name, true));
    qsti_qasm_symbol symbol = {.kind = QSTI_QASM_UNFINISHED,
                               .index = (uint32_t)reading->n_definitions,
                               .n_qubits = (uint32_t)reading->n_local_qubits,
                               .n_angles = (uint32_t)reading->n_local_angles,
                               .at = at};
    qsti_qasm_symbol *known = qsti_qasm_names_find(reading->names, name.bytes, name.n_bytes);
    if (known) {
        symbol.name = known->name;
        symbol.n_bytes = known->n_bytes;
        *known = symbol;
    } else {
        QSTI_TRY(qsti_qasm_names_add(reading->ctx, reading->names, name.bytes, name.n_bytes, &symbol, &known));
    }
    QSTI_TRY(qsti_qasm_placed(reading, begin_definition(reading, known->name, opaque), at));
    reading->definition = known;
    reading->in_definition = true;
    reading->is_opaque = opaque;
    qsti_qasm_drop_words(reading);
done:
    if (status != QST_OK) {
        reading->status = status;
    }
    return status;
}

qst_status qsti_qasm_close_definition(qsti_qasm_reading *reading)
{
    qst_status status = reading->is_opaque ? QST_OK : qst_assembly_end_definition(reading->builder);
    if (status == QST_OK) {
        reading->definition->kind = QSTI_QASM_DEFINITION;
        reading->n_definitions++;
    }
    reading->in_definition = false;
    reading->n_local_qubits = 0;
    reading->n_local_angles = 0;
    qsti_qasm_names_empty(reading->locals);
    return qsti_qasm_placed(reading, status, reading->definition->at);
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

/* "'foo' is not declared as a gate", and what may have been meant. */
static qst_status fail_unknown_gate(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name)
{
    char spelled[QSTI_QASM_SPELLED], word[QSTI_QASM_SPELLED];
    size_t n = name.n_bytes < sizeof word ? name.n_bytes : sizeof word - 1;
    memcpy(word, name.bytes, n);
    word[n] = '\0';
    qsti_qasm_spell(reading, at, name, spelled);
    qst_gate gate;
    if (reading->hint) {
        const char *hint = reading->hint(reading, word);
        if (hint) {
            return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is not a known gate: %s", spelled, hint);
        }
    }
    if (qst_gate_find(word, &gate)) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is not built in here: define it in the file", spelled);
    }
    const char *nearest = qsti_qasm_names_nearest(reading->names, word, true);
    return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is not a known gate%s%s%s", spelled,
                          nearest ? "; did you mean '" : ", built in or defined before", nearest ? nearest : "",
                          nearest ? "'?" : "");
}

qst_status qsti_qasm_find_gate(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name,
                               const qsti_qasm_symbol **out)
{
    const qsti_qasm_symbol *symbol = qsti_qasm_names_find(reading->names, name.bytes, name.n_bytes);
    if (symbol == NULL) {
        return fail_unknown_gate(reading, at, name);
    }
    if (symbol->kind == QSTI_QASM_UNFINISHED) {
        char spelled[QSTI_QASM_SPELLED];
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is used in its own body",
                              qsti_qasm_spell(reading, at, name, spelled));
    }
    if (symbol->kind != QSTI_QASM_NATIVE && symbol->kind != QSTI_QASM_DEFINITION) {
        return qsti_qasm_fail_kind(reading, at, symbol, "a gate");
    }
    *out = symbol;
    return QST_OK;
}

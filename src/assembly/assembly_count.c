/* assembly_count.c: the size of an assembly as it is written.
 *
 * depth as Qiskit's QuantumCircuit.depth(): an instruction stands one level after the latest of the qubits and bits
 * that it touches; measurements and resets count, a condition touches every bit of its register, a barrier does not
 * count, but what follows on its qubits stands behind the latest of them. So that a condition costs no more than any
 * other instruction, a register of bits has a floor: the level below which none of its bits is. A global phase is no
 * gate. */
#include <stdlib.h>
#include <string.h>

#include "assembly/assembly.h"
#include "base/text.h"

/* Levels reached so far. */
typedef struct levels {
    size_t *qubits, *bits;      /* (n_qubits), (n_bits) */
    size_t *floors, *tops;      /* (n_bit_registers) */
    uint32_t *register_of_bits; /* (n_bits) */
} levels;

/* How often each name occurs; names in an arena of its own. */
typedef struct name_counts {
    qsti_arena arena;
    qsti_name_table table;
    qst_gate_count *counts;
    size_t n, capacity;
    size_t name_bytes;
    qsti_text text;
} name_counts;

/* --- depth -------------------------------------------------------------------------------------------------------- */

static qst_status levels_init(const qst_assembly *assembly, levels *out)
{
    qst_ctx *ctx = assembly->ctx;
    qst_status status;

    QSTI_TRY(QSTI_NEW(ctx, assembly->n_qubits, &out->qubits));
    QSTI_TRY(QSTI_NEW(ctx, assembly->n_bits, &out->bits));
    QSTI_TRY(QSTI_NEW(ctx, assembly->n_bits, &out->register_of_bits));
    QSTI_TRY(QSTI_NEW(ctx, assembly->n_bit_registers, &out->floors));
    QSTI_TRY(QSTI_NEW(ctx, assembly->n_bit_registers, &out->tops));
    for (size_t i = 0; i < assembly->n_bit_registers; i++) {
        const qst_register *bits = &assembly->bit_registers[i];
        for (size_t j = 0; j < bits->size; j++)
            out->register_of_bits[bits->first + j] = (uint32_t)i;
    }
done:
    return status;
}

static void levels_clear(qst_ctx *ctx, levels *at)
{
    qsti_free(ctx, at->qubits);
    qsti_free(ctx, at->bits);
    qsti_free(ctx, at->register_of_bits);
    qsti_free(ctx, at->floors);
    qsti_free(ctx, at->tops);
}

static size_t later(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The level of an instruction, which what it touches then has. */
static size_t place(levels *at, const qst_instruction *instruction)
{
    bool keeps = instruction->kind == QST_INSTRUCTION_MEASURE && instruction->bit != QST_NO_BIT;
    bool depends = instruction->condition != QST_NO_CONDITION;
    size_t level = 0, bits = keeps ? at->register_of_bits[instruction->bit] : 0;

    if (instruction->n_qubits == 0 && !depends)
        return 0;
    for (size_t i = 0; i < instruction->n_qubits; i++)
        level = later(level, at->qubits[instruction->qubits[i]]);
    if (keeps)
        level = later(level, later(at->bits[instruction->bit], at->floors[bits]));
    if (depends)
        level = later(level, at->tops[instruction->condition]);
    level += instruction->kind != QST_INSTRUCTION_BARRIER;
    for (size_t i = 0; i < instruction->n_qubits; i++)
        at->qubits[instruction->qubits[i]] = level;
    if (keeps) {
        at->bits[instruction->bit] = level;
        at->tops[bits] = later(at->tops[bits], level);
    }
    if (depends)
        at->floors[instruction->condition] = at->tops[instruction->condition] = level;
    return level;
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static qst_status count_name(const qst_assembly *assembly, name_counts *names, const qst_instruction *instruction)
{
    qst_ctx *ctx = assembly->ctx;
    qst_gate_count entry = {NULL, 1};
    size_t index = 0;
    qst_status status;

    names->text.length = 0;
    if (instruction->n_controls > 1)
        qsti_text_add(&names->text, "ctrl(%u) @ ", instruction->n_controls);
    else if (instruction->n_controls == 1)
        qsti_text_add(&names->text, "ctrl @ ");
    qsti_text_add(&names->text, "%s%s", instruction->inverse ? "inv @ " : "",
                  qst_instruction_name(assembly, instruction));
    QSTI_TRY(names->text.status);
    if (qsti_name_table_find(&names->table, names->text.bytes, &index) != QSTI_NAMED_NOTHING) {
        names->counts[index].count++;
        return QST_OK;
    }
    if (names->n == names->capacity) {
        size_t capacity = 2 * names->capacity + 16;
        QSTI_TRY(QSTI_GROW(ctx, capacity, &names->counts));
        names->capacity = capacity;
    }
    QSTI_TRY(qsti_arena_copy(ctx, &names->arena, names->text.bytes, &entry.name));
    QSTI_TRY(qsti_name_table_add(ctx, &names->table, entry.name, QSTI_NAMED_DEFINITION, names->n));
    names->counts[names->n++] = entry;
    names->name_bytes += names->text.length + 1;
done:
    return status;
}

static int by_count(const void *left, const void *right)
{
    const qst_gate_count *a = left, *b = right;
    return a->count != b->count ? (a->count < b->count ? 1 : -1) : strcmp(a->name, b->name);
}

/* The names sorted, in one block with their texts. */
static qst_status take_names(qst_ctx *ctx, const name_counts *names, qst_assembly_counts *out)
{
    size_t n_bytes = names->n * sizeof *names->counts;
    qst_gate_count *counts = NULL;
    qst_status status = qsti_alloc(ctx, n_bytes + names->name_bytes, 1, (void **)&counts);

    if (status != QST_OK)
        return status;
    char *text = (char *)counts + n_bytes;
    for (size_t i = 0; i < names->n; i++) {
        size_t n = strlen(names->counts[i].name) + 1;
        memcpy(text, names->counts[i].name, n);
        counts[i] = (qst_gate_count){text, names->counts[i].count};
        text += n;
    }
    if (names->n > 0)
        qsort(counts, names->n, sizeof *counts, by_count);
    out->by_name = counts;
    out->n_names = names->n;
    return QST_OK;
}

/* --- counts ------------------------------------------------------------------------------------------------------- */

static qst_status count_instruction(const qst_assembly *assembly, const qst_instruction *instruction,
                                    name_counts *names, qst_assembly_counts *counts)
{
    counts->conditions += instruction->condition != QST_NO_CONDITION;
    switch (instruction->kind) {
    case QST_INSTRUCTION_MEASURE:
        counts->measurements++;
        return QST_OK;
    case QST_INSTRUCTION_RESET:
        counts->resets++;
        return QST_OK;
    case QST_INSTRUCTION_BARRIER:
        counts->barriers++;
        return QST_OK;
    default:
        if (instruction->n_qubits == 0)
            return QST_OK;
        counts->gates++;
        counts->two_qubit_gates += instruction->n_qubits == 2;
        return count_name(assembly, names, instruction);
    }
}

qst_status qst_assembly_count(const qst_assembly *assembly, qst_assembly_counts *out)
{
    qst_ctx *ctx = assembly->ctx;
    qst_assembly_counts counts = {
        .qubits = assembly->n_qubits, .bits = assembly->n_bits, .parameters = assembly->n_parameters};
    levels at = {NULL, NULL, NULL, NULL, NULL};
    name_counts names = {.counts = NULL};
    qst_status status;

    qsti_text_init(&names.text, ctx);
    QSTI_TRY(levels_init(assembly, &at));
    for (size_t i = 0; i < assembly->n_instructions; i++) {
        qst_instruction instruction;
        qst_assembly_instruction(assembly, i, &instruction);
        QSTI_TRY(count_instruction(assembly, &instruction, &names, &counts));
        counts.depth = later(counts.depth, place(&at, &instruction));
    }
    QSTI_TRY(take_names(ctx, &names, &counts));
    *out = counts;
done:
    levels_clear(ctx, &at);
    qsti_text_clear(&names.text);
    qsti_arena_clear(ctx, &names.arena);
    qsti_name_table_clear(ctx, &names.table);
    qsti_free(ctx, names.counts);
    return status;
}

void qst_assembly_counts_clear(const qst_assembly *assembly, qst_assembly_counts *counts)
{
    qsti_free(assembly->ctx, counts->by_name);
    *counts = (qst_assembly_counts){0};
}

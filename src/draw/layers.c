/* layers.c: which column of a drawing an instruction stands in.
 *
 * By dependency: the level of an instruction is one more than the highest among those before it on its qubits and
 * bits. Levels are placed one after the other, and the instructions of a level in their order: each into the first
 * layer behind the last on its qubits in which nothing covers a wire of its span. A span runs from the first to the
 * last qubit, with a measurement down to the bits; an instruction with a condition has a layer of its own. Qiskit looks
 * for that layer only up to those that the lower levels have filled, then from the last of these on; while there is
 * none yet, "the last" is the one that is last at that moment. All this is copied so that a drawing is the same.
 *
 * Which wires of a layer are covered is a row of bits. Each layer that is tried in vain moves the end of a qubit on, so
 * the search costs O(layers * qubits + instructions) looks in all.
 *
 * By order: each instruction into the layer behind the last one that covers a wire of its span; a measurement covers
 * its own qubit alone. */
#include "draw/layers.h"

#include <string.h>

#include <qstill/draw.h>

#include "base/memory.h"

#include "assembly/assembly.h"

#define WORD_BITS 64

typedef struct placing {
    const qst_assembly *assembly;
    qst_ctx *ctx;
    size_t max_layers, n_layers, capacity, n_words;
    uint64_t *covered;     /* [capacity][n_words] */
    size_t *ends;          /* [n_qubits]: layers up to the last that acts on the qubit */
    size_t *measured;      /* [n_bits]: layers up to that of the last measurement, as Qiskit notes it */
    size_t *measured_of;   /* [n_bit_registers]: the largest of a register */
    uint32_t *register_of; /* [n_bits] */
    size_t *layer_of;      /* [n_instructions]; SIZE_MAX: in none */
} placing;

/* --- what an instruction covers ----------------------------------------------------------------------------------- */

qsti_span_of_wires qsti_span_of(const qst_instruction *instruction)
{
    qsti_span_of_wires span = {instruction->qubits[0], instruction->qubits[0]};
    for (size_t q = 1; q < instruction->n_qubits; q++) {
        uint32_t qubit = instruction->qubits[q];
        span.first = qubit < span.first ? qubit : span.first;
        span.last = qubit > span.last ? qubit : span.last;
    }
    return span;
}

static bool has_condition(const qst_instruction *instruction)
{
    return instruction->condition != QST_NO_CONDITION;
}

static bool has_bit(const qst_instruction *instruction)
{
    return instruction->kind == QST_INSTRUCTION_MEASURE && instruction->bit != QST_NO_BIT;
}

static qsti_span_of_wires covered_by(const qst_assembly *assembly, const qst_instruction *instruction)
{
    qsti_span_of_wires span = qsti_span_of(instruction);
    uint32_t bottom = (uint32_t)qst_assembly_qubits(assembly) - 1;
    if (has_condition(instruction)) {
        return (qsti_span_of_wires){0, bottom};
    }
    if (has_bit(instruction)) {
        span.last = bottom;
    }
    return span;
}

/* --- rows of covered wires ---------------------------------------------------------------------------------------- */

/* The bits of word `word` that belong to the span. */
static uint64_t mask_of(qsti_span_of_wires span, size_t word)
{
    uint64_t mask = UINT64_MAX;
    if (word == span.first / WORD_BITS) {
        mask &= UINT64_MAX << span.first % WORD_BITS;
    }
    if (word == span.last / WORD_BITS) {
        mask &= UINT64_MAX >> (WORD_BITS - 1 - span.last % WORD_BITS);
    }
    return mask;
}

static bool is_free(const placing *p, size_t layer, qsti_span_of_wires span)
{
    const uint64_t *row = p->covered + layer * p->n_words;
    for (size_t word = span.first / WORD_BITS; word <= span.last / WORD_BITS; word++) {
        if (row[word] & mask_of(span, word)) {
            return false;
        }
    }
    return true;
}

static qst_status add_layer(placing *p)
{
    if (p->n_layers == p->max_layers) {
        return qsti_fail(
            p->ctx, QST_ERR_LIMIT,
            "drawing: %zu qubits and %zu instructions need more than %zu layers, a picture of more than %d "
            "characters: too large to read, draw a part of the circuit",
            p->assembly->n_qubits, p->assembly->n_instructions, p->max_layers, QST_DRAW_MAX_CELLS);
    }
    if (p->n_layers == p->capacity) {
        size_t capacity = p->capacity ? 2 * p->capacity : 64, n_words;
        if (!qsti_mul(capacity, p->n_words, &n_words)) {
            return qsti_fail(p->ctx, QST_ERR_MEMORY, "out of memory: %zu columns of a drawing", capacity);
        }
        qst_status status = QSTI_GROW(p->ctx, n_words, &p->covered);
        if (status != QST_OK) {
            return status;
        }
        p->capacity = capacity;
    }
    memset(p->covered + p->n_layers * p->n_words, 0, p->n_words * sizeof *p->covered);
    p->n_layers++;
    return QST_OK;
}

static void cover(placing *p, size_t layer, qsti_span_of_wires span)
{
    uint64_t *row = p->covered + layer * p->n_words;
    for (size_t word = span.first / WORD_BITS; word <= span.last / WORD_BITS; word++) {
        row[word] |= mask_of(span, word);
    }
}

/* --- levels ------------------------------------------------------------------------------------------------------- */

/* The level after which the next thing on a qubit, on a bit, or on a whole register of bits stands. */
typedef struct front_lines {
    size_t *qubits, *bits;
    size_t *conditions; /* [n_bit_registers]: the last condition on it */
    size_t *highest;    /* [n_bit_registers]: the last thing on any of its bits */
} front_lines;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t level_of(const placing *p, const front_lines *fronts, const qst_instruction *instruction)
{
    size_t level = 0;
    for (size_t q = 0; q < instruction->n_qubits; q++) {
        level = larger(level, fronts->qubits[instruction->qubits[q]]);
    }
    if (has_bit(instruction)) {
        level = larger(level, fronts->bits[instruction->bit]);
        level = larger(level, fronts->conditions[p->register_of[instruction->bit]]);
    }
    if (has_condition(instruction)) {
        level = larger(level, fronts->highest[instruction->condition]);
    }
    return level;
}

static void move_fronts(const placing *p, front_lines *fronts, const qst_instruction *instruction, size_t level)
{
    for (size_t q = 0; q < instruction->n_qubits; q++) {
        fronts->qubits[instruction->qubits[q]] = level;
    }
    if (has_bit(instruction)) {
        size_t *highest = &fronts->highest[p->register_of[instruction->bit]];
        fronts->bits[instruction->bit] = level;
        *highest = larger(*highest, level);
    }
    if (has_condition(instruction)) {
        fronts->conditions[instruction->condition] = level;
        fronts->highest[instruction->condition] = level;
    }
}

static bool is_drawn(const qst_instruction *instruction)
{
    return instruction->n_qubits > 0;
}

/* layer_of[i] = level of instruction i; *out_levels = their number. */
static qst_status find_levels(placing *p, size_t *out_levels)
{
    qst_status status;
    front_lines f = {NULL, NULL, NULL, NULL};
    *out_levels = 0;
    QSTI_TRY(QSTI_NEW(p->ctx, p->assembly->n_qubits, &f.qubits));
    QSTI_TRY(QSTI_NEW(p->ctx, p->assembly->n_bits, &f.bits));
    QSTI_TRY(QSTI_NEW(p->ctx, p->assembly->n_bit_registers, &f.conditions));
    QSTI_TRY(QSTI_NEW(p->ctx, p->assembly->n_bit_registers, &f.highest));
    for (size_t i = 0; i < p->assembly->n_instructions; i++) {
        qst_instruction instruction;
        qst_assembly_instruction(p->assembly, i, &instruction);
        p->layer_of[i] = SIZE_MAX;
        if (is_drawn(&instruction)) {
            p->layer_of[i] = level_of(p, &f, &instruction);
            move_fronts(p, &f, &instruction, p->layer_of[i] + 1);
            *out_levels = larger(*out_levels, p->layer_of[i] + 1);
        }
    }
done:
    qsti_free(p->ctx, f.qubits);
    qsti_free(p->ctx, f.bits);
    qsti_free(p->ctx, f.conditions);
    qsti_free(p->ctx, f.highest);
    return status;
}

/* --- placing ------------------------------------------------------------------------------------------------------ */

/* Instructions sorted by their number in layer_of (below n_layers), those of one number in their order. */
static qst_status sort_into(placing *p, size_t n_layers, qsti_layers *out)
{
    qst_status status;
    size_t *first = NULL, *order = NULL, n_drawn = 0;
    QSTI_TRY(QSTI_NEW(p->ctx, n_layers + 2, &first));
    for (size_t i = 0; i < p->assembly->n_instructions; i++) {
        if (p->layer_of[i] != SIZE_MAX) {
            first[p->layer_of[i] + 2]++;
            n_drawn++;
        }
    }
    QSTI_TRY(QSTI_NEW(p->ctx, n_drawn, &order));
    for (size_t l = 0; l < n_layers; l++) {
        first[l + 2] += first[l + 1];
    }
    for (size_t i = 0; i < p->assembly->n_instructions; i++) {
        if (p->layer_of[i] != SIZE_MAX) {
            order[first[p->layer_of[i] + 1]++] = i;
        }
    }
    *out = (qsti_layers){p->ctx, n_layers, n_drawn, first, order};
    first = order = NULL;
done:
    qsti_free(p->ctx, first);
    qsti_free(p->ctx, order);
    return status;
}

/* The first layer that is tried: behind the last of the qubits, and of the measurements into the bits. */
static size_t earliest(const placing *p, const qst_instruction *instruction)
{
    size_t layer = 0;
    for (size_t q = 0; q < instruction->n_qubits; q++) {
        layer = larger(layer, p->ends[instruction->qubits[q]]);
    }
    if (has_bit(instruction)) {
        layer = larger(layer, p->measured[instruction->bit]);
    }
    return has_condition(instruction) ? larger(layer, p->measured_of[instruction->condition]) : layer;
}

/* n_before: layers that stood there before this level began. */
static qst_status find_layer(placing *p, const qst_instruction *instruction, size_t n_before, size_t *out)
{
    qsti_span_of_wires span = covered_by(p->assembly, instruction);
    for (size_t layer = earliest(p, instruction); layer < n_before; layer++) {
        if (is_free(p, layer, span)) {
            *out = layer;
            return QST_OK;
        }
    }
    if (n_before == 0 && p->n_layers > 0 && is_free(p, p->n_layers - 1, span)) {
        *out = p->n_layers - 1;
        return QST_OK;
    }
    for (size_t layer = n_before ? n_before - 1 : 0; layer < p->n_layers; layer++) {
        if (is_free(p, layer, span)) {
            *out = layer;
            return QST_OK;
        }
    }
    *out = p->n_layers;
    return add_layer(p);
}

/* What Qiskit notes of a measurement is its layer, but for layer 0 the last one there is. */
static void note_measurement(placing *p, const qst_instruction *instruction, size_t layer)
{
    size_t end = layer ? layer + 1 : p->n_layers;
    uint32_t bit = instruction->bit;
    size_t *whole = &p->measured_of[p->register_of[bit]];
    p->measured[bit] = larger(p->measured[bit], end);
    *whole = larger(*whole, end);
}

static qst_status place(placing *p, size_t index, size_t n_before)
{
    qst_instruction instruction;
    size_t layer = 0;
    qst_assembly_instruction(p->assembly, index, &instruction);
    qst_status status = find_layer(p, &instruction, n_before, &layer);
    if (status != QST_OK) {
        return status;
    }
    cover(p, layer, covered_by(p->assembly, &instruction));
    for (size_t q = 0; q < instruction.n_qubits; q++) {
        p->ends[instruction.qubits[q]] = layer + 1;
    }
    if (has_bit(&instruction) && !has_condition(&instruction)) {
        note_measurement(p, &instruction, layer);
    }
    p->layer_of[index] = layer;
    return QST_OK;
}

/* --- both ways ---------------------------------------------------------------------------------------------------- */

static void placing_clear(placing *p)
{
    qsti_free(p->ctx, p->covered);
    qsti_free(p->ctx, p->ends);
    qsti_free(p->ctx, p->measured);
    qsti_free(p->ctx, p->measured_of);
    qsti_free(p->ctx, p->register_of);
    qsti_free(p->ctx, p->layer_of);
}

static qst_status placing_begin(const qst_assembly *assembly, size_t max_layers, placing *out)
{
    qst_ctx *ctx = assembly->ctx;
    placing p = {.assembly = assembly, .ctx = ctx, .max_layers = max_layers};
    qst_status status;
    p.n_words = (assembly->n_qubits + WORD_BITS - 1) / WORD_BITS;
    QSTI_TRY(QSTI_NEW(ctx, assembly->n_qubits, &p.ends));
    QSTI_TRY(QSTI_NEW(ctx, assembly->n_bits, &p.measured));
    QSTI_TRY(QSTI_NEW(ctx, assembly->n_bit_registers, &p.measured_of));
    QSTI_TRY(QSTI_NEW(ctx, assembly->n_bits, &p.register_of));
    QSTI_TRY(QSTI_NEW(ctx, assembly->n_instructions, &p.layer_of));
    for (size_t r = 0; r < assembly->n_bit_registers; r++) {
        const qst_register *bits = &assembly->bit_registers[r];
        for (size_t b = 0; b < bits->size; b++) {
            p.register_of[bits->first + b] = (uint32_t)r;
        }
    }
done:
    if (status != QST_OK) {
        placing_clear(&p);
        return status;
    }
    *out = p;
    return QST_OK;
}

qst_status qsti_layers_by_dependency(const qst_assembly *assembly, size_t max_layers, qsti_layers *out)
{
    placing p;
    qsti_layers levels = {0};
    size_t n_levels, n_before = 0;
    qst_status status = placing_begin(assembly, max_layers, &p);
    if (status != QST_OK) {
        return status;
    }
    QSTI_TRY(find_levels(&p, &n_levels));
    QSTI_TRY(sort_into(&p, n_levels, &levels));
    for (size_t level = 0; level < n_levels; level++) {
        for (size_t i = levels.first[level]; i < levels.first[level + 1]; i++) {
            QSTI_TRY(place(&p, levels.order[i], n_before));
        }
        n_before = p.n_layers;
    }
    QSTI_TRY(sort_into(&p, p.n_layers, out));
done:
    qsti_layers_clear(&levels);
    placing_clear(&p);
    return status;
}

qst_status qsti_layers_by_order(const qst_assembly *assembly, size_t max_layers, qsti_layers *out)
{
    placing p;
    qst_status status = placing_begin(assembly, max_layers, &p);
    if (status != QST_OK) {
        return status;
    }
    for (size_t i = 0; i < assembly->n_instructions; i++) {
        qst_instruction instruction;
        qst_assembly_instruction(assembly, i, &instruction);
        p.layer_of[i] = SIZE_MAX;
        if (!is_drawn(&instruction)) {
            continue;
        }
        qsti_span_of_wires span = qsti_span_of(&instruction);
        if (has_condition(&instruction)) {
            span = covered_by(assembly, &instruction);
        }
        size_t layer = 0;
        for (size_t wire = span.first; wire <= span.last; wire++) {
            layer = larger(layer, p.ends[wire]);
        }
        if (layer == p.n_layers) {
            QSTI_TRY(add_layer(&p));
        }
        for (size_t wire = span.first; wire <= span.last; wire++) {
            p.ends[wire] = layer + 1;
        }
        p.layer_of[i] = layer;
    }
    QSTI_TRY(sort_into(&p, p.n_layers, out));
done:
    placing_clear(&p);
    return status;
}

void qsti_layers_clear(qsti_layers *layers)
{
    if (layers->ctx) {
        qsti_free(layers->ctx, layers->first);
        qsti_free(layers->ctx, layers->order);
    }
    *layers = (qsti_layers){0};
}

/* qasm_names.c: the tables of names: hashing with linear probing over pointers to symbols, which therefore never move.
 *
 * A symbol is one block: the struct, and behind it the bytes of its name. */
#include <string.h>

#include "base/text.h"
#include "qasm/reading.h"

#define FIRST_CAPACITY 64 /* a power of two, as every capacity is */

struct qsti_qasm_names {
    qst_ctx *ctx;
    qsti_qasm_symbol **slots; /* (capacity), NULL: free */
    size_t capacity, n;
};

/* FNV-1a, begun at the table's address: names that a stranger makes collide do so in no other process. */
static size_t hash_of(const qsti_qasm_names *names, const char *name, size_t n)
{
    uint64_t hash = 14695981039346656037U ^ ((uint64_t)(uintptr_t)names * 0x9e3779b97f4a7c15U);
    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ (uint8_t)name[i]) * 1099511628211U;
        hash ^= hash >> 32;
    }
    return (size_t)(hash ^ (hash >> 29) ^ (hash >> 47));
}

/* Where the name is, or would be. */
static size_t slot_of(const qsti_qasm_names *names, const char *name, size_t n)
{
    size_t slot = hash_of(names, name, n) & (names->capacity - 1);
    for (;;) {
        const qsti_qasm_symbol *symbol = names->slots[slot];
        if (symbol == NULL || (symbol->n_bytes == n && memcmp(symbol->name, name, n) == 0)) {
            return slot;
        }
        slot = (slot + 1) & (names->capacity - 1);
    }
}

qst_status qsti_qasm_names_create(qst_ctx *ctx, qsti_qasm_names **out)
{
    qsti_qasm_names *names = NULL;
    qst_status status = QSTI_NEW(ctx, 1, &names);
    if (status != QST_OK) {
        return status;
    }
    names->ctx = ctx;
    names->capacity = FIRST_CAPACITY;
    status = QSTI_NEW(ctx, names->capacity, &names->slots);
    if (status != QST_OK) {
        qsti_free(ctx, names);
        return status;
    }
    *out = names;
    return QST_OK;
}

static void free_symbols(qsti_qasm_names *names)
{
    for (size_t slot = 0; slot < names->capacity; slot++) {
        qsti_free(names->ctx, names->slots[slot]);
        names->slots[slot] = NULL;
    }
    names->n = 0;
}

void qsti_qasm_names_free(qst_ctx *ctx, qsti_qasm_names *names)
{
    if (names) {
        free_symbols(names);
        qsti_free(ctx, names->slots);
        qsti_free(ctx, names);
    }
}

void qsti_qasm_names_empty(qsti_qasm_names *names)
{
    free_symbols(names);
    /* Emptying costs O(capacity): after one great definition the many small ones shall not pay for it. */
    names->capacity = FIRST_CAPACITY;
}

qsti_qasm_symbol *qsti_qasm_names_find(const qsti_qasm_names *names, const char *name, size_t n)
{
    return names->slots[slot_of(names, name, n)];
}

static qst_status grow(qsti_qasm_names *names)
{
    qsti_qasm_symbol **before = names->slots, **slots = NULL;
    size_t n_before = names->capacity;
    qst_status status = QSTI_NEW(names->ctx, n_before * 2, &slots);
    if (status != QST_OK) {
        return status;
    }
    names->slots = slots;
    names->capacity = n_before * 2;
    for (size_t slot = 0; slot < n_before; slot++) {
        if (before[slot]) {
            slots[slot_of(names, before[slot]->name, before[slot]->n_bytes)] = before[slot];
        }
    }
    qsti_free(names->ctx, before);
    return QST_OK;
}

qst_status qsti_qasm_names_add(qst_ctx *ctx, qsti_qasm_names *names, const char *name, size_t n,
                               const qsti_qasm_symbol *symbol, qsti_qasm_symbol **out)
{
    qst_status status = QST_OK;
    char *block = NULL;
    if ((names->n + 1) * 2 > names->capacity) {
        status = grow(names);
    }
    if (status == QST_OK) {
        status = qsti_alloc(ctx, sizeof(qsti_qasm_symbol) + n + 1, 1, (void **)&block);
    }
    if (status != QST_OK) {
        return status;
    }
    qsti_qasm_symbol *added = (qsti_qasm_symbol *)(void *)block;
    *added = *symbol;
    memcpy(block + sizeof *added, name, n);
    added->name = block + sizeof *added;
    added->n_bytes = (uint32_t)n;
    names->slots[slot_of(names, name, n)] = added;
    names->n++;
    if (out) {
        *out = added;
    }
    return QST_OK;
}

const char *qsti_qasm_names_nearest(const qsti_qasm_names *names, const char *word, bool want_gates)
{
    const char *nearest = NULL;
    for (size_t slot = 0; slot < names->capacity; slot++) {
        const qsti_qasm_symbol *symbol = names->slots[slot];
        if (symbol == NULL || (symbol->name[0] >= 'A' && symbol->name[0] <= 'Z') ||
            want_gates != (symbol->kind == QSTI_QASM_NATIVE || symbol->kind == QSTI_QASM_DEFINITION)) {
            continue;
        }
        /* In one order whatever the table's size: the nearer, then the first by name. */
        const char *pair[2] = {symbol->name, nearest};
        if (nearest && strcmp(nearest, symbol->name) < 0) {
            pair[0] = nearest;
            pair[1] = symbol->name;
        }
        nearest = qsti_nearest(word, pair, nearest ? 2 : 1);
    }
    return nearest;
}

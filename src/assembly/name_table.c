/* name_table.c: open addressing with linear probing over a power of two of places.
 *
 * The hash is FNV-1a over the bytes, then mixed, because the low bits choose the place. It starts from the address of
 * the table's array: names chosen by a stranger so that they collide do so in no other process. Nothing depends on the
 * order of entries. */
#include "assembly/name_table.h"

#include <string.h>

static uint64_t hash_of(const char *name, uint64_t seed)
{
    uint64_t hash = 0xcbf29ce484222325U ^ seed;

    for (const unsigned char *at = (const unsigned char *)name; *at; at++) {
        hash = (hash ^ *at) * 0x100000001b3U;
        hash ^= hash >> 29;
    }
    hash = (hash ^ (hash >> 32)) * 0xd6e8feb86659fd93U;
    return hash ^ (hash >> 32);
}

static uint64_t seed_of(const qsti_name_table *table)
{
    return (uint64_t)(uintptr_t)table->entries * 0x9e3779b97f4a7c15U;
}

/* The place of a name, or the free one where it belongs. */
static qsti_name_entry *place_of(const qsti_name_table *table, const char *name, uint64_t hash)
{
    size_t mask = table->capacity - 1;
    size_t place = (size_t)hash & mask;

    while (table->entries[place].name &&
           (table->entries[place].hash != hash || strcmp(table->entries[place].name, name) != 0))
        place = (place + 1) & mask;
    return &table->entries[place];
}

qsti_named qsti_name_table_find(const qsti_name_table *table, const char *name, size_t *out_index)
{
    if (table->capacity == 0)
        return QSTI_NAMED_NOTHING;
    const qsti_name_entry *entry = place_of(table, name, hash_of(name, seed_of(table)));
    if (!entry->name)
        return QSTI_NAMED_NOTHING;
    *out_index = entry->index;
    return entry->kind;
}

static qst_status grow(qst_ctx *ctx, qsti_name_table *table)
{
    qsti_name_table grown = {.capacity = table->capacity ? 2 * table->capacity : 64, .n_entries = table->n_entries};
    qst_status status = QSTI_NEW(ctx, grown.capacity, &grown.entries);

    if (status != QST_OK)
        return status;
    for (size_t i = 0; i < table->capacity; i++) {
        qsti_name_entry entry = table->entries[i];
        if (entry.name) {
            entry.hash = hash_of(entry.name, seed_of(&grown));
            *place_of(&grown, entry.name, entry.hash) = entry;
        }
    }
    qsti_free(ctx, table->entries);
    *table = grown;
    return QST_OK;
}

qst_status qsti_name_table_add(qst_ctx *ctx, qsti_name_table *table, const char *name, qsti_named kind, size_t index)
{
    if (2 * (table->n_entries + 1) > table->capacity) {
        qst_status status = grow(ctx, table);
        if (status != QST_OK)
            return status;
    }
    uint64_t hash = hash_of(name, seed_of(table));
    *place_of(table, name, hash) = (qsti_name_entry){name, hash, kind, index};
    table->n_entries++;
    return QST_OK;
}

void qsti_name_table_clear(qst_ctx *ctx, qsti_name_table *table)
{
    qsti_free(ctx, table->entries);
    *table = (qsti_name_table){NULL, 0, 0};
}

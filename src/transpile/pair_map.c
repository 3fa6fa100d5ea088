/* pair_map.c: see pair_map.h. */
#include "transpile/pair_map.h"

void qsti_pair_map_clear(qst_ctx *ctx, qsti_pair_map *map)
{
    qsti_free(ctx, map->keys);
    qsti_free(ctx, map->values);
    *map = (qsti_pair_map){0};
}

static uint64_t key_of(uint32_t a, uint32_t b)
{
    uint64_t low = a < b ? a : b, high = a < b ? b : a;
    return 1 + (low << 32 | high);
}

/* Where the key is, or where it would go. The capacity is not 0, and a place is free. */
static size_t place_of(const uint64_t *keys, size_t capacity, uint64_t key)
{
    uint64_t hash = key * 0x9e3779b97f4a7c15U;
    size_t place = (size_t)(hash ^ hash >> 29) & (capacity - 1);
    while (keys[place] != 0 && keys[place] != key)
        place = (place + 1) & (capacity - 1);
    return place;
}

uint32_t qsti_pair_map_get(const qsti_pair_map *map, uint32_t a, uint32_t b)
{
    if (map->capacity == 0)
        return QSTI_PAIR_NONE;
    uint64_t key = key_of(a, b);
    size_t place = place_of(map->keys, map->capacity, key);
    return map->keys[place] == key ? map->values[place] : QSTI_PAIR_NONE;
}

static qst_status grow(qst_ctx *ctx, qsti_pair_map *map)
{
    qsti_pair_map wider = {.capacity = map->capacity == 0 ? 64 : 2 * map->capacity, .n = map->n};
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, wider.capacity, &wider.keys));
    QSTI_TRY(QSTI_NEW(ctx, wider.capacity, &wider.values));
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->keys[i] != 0) {
            size_t place = place_of(wider.keys, wider.capacity, map->keys[i]);
            wider.keys[place] = map->keys[i];
            wider.values[place] = map->values[i];
        }
    }
    qsti_pair_map_clear(ctx, map);
    *map = wider;
    wider = (qsti_pair_map){0};
done:
    qsti_pair_map_clear(ctx, &wider);
    return status;
}

qst_status qsti_pair_map_set(qst_ctx *ctx, qsti_pair_map *map, uint32_t a, uint32_t b, uint32_t value)
{
    if (2 * (map->n + 1) > map->capacity) {
        qst_status status = grow(ctx, map);
        if (status != QST_OK)
            return status;
    }
    uint64_t key = key_of(a, b);
    size_t place = place_of(map->keys, map->capacity, key);
    if (map->keys[place] == 0) {
        map->keys[place] = key;
        map->n++;
    }
    map->values[place] = value;
    return QST_OK;
}

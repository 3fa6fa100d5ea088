/* pair_map.h: from a pair of wires to a number: the latest node on the pair. Open addressing, powers of two. */
#ifndef QSTI_TRANSPILE_PAIR_MAP_H
#define QSTI_TRANSPILE_PAIR_MAP_H

#include "base/memory.h"

#define QSTI_PAIR_NONE UINT32_MAX

typedef struct qsti_pair_map {
    uint64_t *keys;   /* (capacity): 1 + (low << 32 | high), 0: free */
    uint32_t *values; /* (capacity) */
    size_t capacity, n;
} qsti_pair_map;

void qsti_pair_map_clear(qst_ctx *ctx, qsti_pair_map *map);
/* The value of a pair, in any order; QSTI_PAIR_NONE. */
uint32_t qsti_pair_map_get(const qsti_pair_map *map, uint32_t a, uint32_t b);
qst_status qsti_pair_map_set(qst_ctx *ctx, qsti_pair_map *map, uint32_t a, uint32_t b, uint32_t value);

#endif

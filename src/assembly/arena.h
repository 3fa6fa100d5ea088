/* arena.h: many small pieces of memory that stay where they are and are freed together. */
#ifndef QSTI_ASSEMBLY_ARENA_H
#define QSTI_ASSEMBLY_ARENA_H

#include "base/memory.h"

/* Zero it to begin. */
typedef struct qsti_arena {
    struct qsti_arena_block *newest;
    size_t used, capacity; /* bytes of the newest block */
} qsti_arena;

/* *out = count * item_bytes bytes, aligned for any type; 0 gives a valid pointer. Errors: ERR_MEMORY, ERR_LIMIT. */
qst_status qsti_arena_take(qst_ctx *ctx, qsti_arena *arena, size_t count, size_t item_bytes, void **out);
/* A copy of a string. */
qst_status qsti_arena_copy(qst_ctx *ctx, qsti_arena *arena, const char *text, const char **out);
void qsti_arena_clear(qst_ctx *ctx, qsti_arena *arena);

#endif

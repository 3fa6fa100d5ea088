/* arena.c: a list of blocks, each filled from its beginning.
 *
 * A piece that does not fit into the newest block begins a new one, of twice the size up to 1 MiB or of the piece's own
 * size, so that the waste is at most that of one block. Pieces begin at multiples of 16 bytes. */
#include "assembly/arena.h"

#include <stdalign.h>
#include <string.h>

#define FIRST_BYTES   ((size_t)1 << 10)
#define LARGEST_BYTES ((size_t)1 << 20)
#define ALIGNMENT     16

struct qsti_arena_block {
    struct qsti_arena_block *older;
    alignas(ALIGNMENT) unsigned char bytes[];
};

qst_status qsti_arena_take(qst_ctx *ctx, qsti_arena *arena, size_t count, size_t item_bytes, void **out)
{
    size_t n_bytes, whole;

    if (!qsti_mul(count, item_bytes, &n_bytes) || n_bytes > SIZE_MAX / 4)
        return qsti_fail(ctx, QST_ERR_LIMIT, "%zu items of %zu bytes are too many", count, item_bytes);
    n_bytes = (n_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!arena->newest || n_bytes > arena->capacity - arena->used) {
        size_t capacity = arena->capacity < FIRST_BYTES ? FIRST_BYTES : 2 * arena->capacity;
        capacity = capacity > LARGEST_BYTES ? LARGEST_BYTES : capacity;
        capacity = capacity < n_bytes ? n_bytes : capacity;
        struct qsti_arena_block *block = NULL;
        if (!qsti_add(capacity, sizeof *block, &whole))
            return qsti_fail(ctx, QST_ERR_LIMIT, "%zu bytes are too many", capacity);
        qst_status status = qsti_alloc(ctx, whole, 1, (void **)&block);
        if (status != QST_OK)
            return status;
        block->older = arena->newest;
        *arena = (qsti_arena){block, 0, capacity};
    }
    *out = arena->newest->bytes + arena->used;
    arena->used += n_bytes;
    return QST_OK;
}

qst_status qsti_arena_copy(qst_ctx *ctx, qsti_arena *arena, const char *text, const char **out)
{
    size_t n_bytes = strlen(text) + 1;
    void *copy = NULL;
    qst_status status = qsti_arena_take(ctx, arena, n_bytes, 1, &copy);

    if (status != QST_OK)
        return status;
    memcpy(copy, text, n_bytes);
    *out = copy;
    return QST_OK;
}

void qsti_arena_clear(qst_ctx *ctx, qsti_arena *arena)
{
    for (struct qsti_arena_block *block = arena->newest; block;) {
        struct qsti_arena_block *older = block->older;
        qsti_free(ctx, block);
        block = older;
    }
    *arena = (qsti_arena){NULL, 0, 0};
}

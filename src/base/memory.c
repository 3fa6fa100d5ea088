/* memory.c: memory through the context's allocator, with checked sizes.
 *
 * Pointers are handed out through `void **` that really point to a `double *` and the like; they are stored by memcpy,
 * which no aliasing rule forbids. */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/context.h"

#define LINE_BYTES 64
#define PAGE_BYTES ((size_t)2 << 20)

static qst_status fail_size(qst_ctx *ctx, size_t count, size_t item_bytes)
{
    return qsti_fail(ctx, QST_ERR_MEMORY, "out of memory: %zu items of %zu bytes are more than can be addressed", count,
                     item_bytes);
}

static qst_status fail_bytes(qst_ctx *ctx, size_t n_bytes)
{
    return qsti_fail(ctx, QST_ERR_MEMORY, "out of memory: %zu bytes more were needed", n_bytes);
}

/* At least one byte, so that an empty array has an address too. */
static bool size_in_bytes(size_t count, size_t item_bytes, size_t *out)
{
    if (!qsti_mul(count, item_bytes, out) || *out > PTRDIFF_MAX) {
        return false;
    }
    if (*out == 0) {
        *out = 1;
    }
    return true;
}

static void *allocate_zeroed(qst_ctx *ctx, size_t n_bytes)
{
    ctx->n_allocations++;
    if (ctx->allocator_is_malloc) {
        return calloc(1, n_bytes);
    }
    void *pointer = ctx->allocator.allocate(ctx->allocator.user, n_bytes);
    if (pointer) {
        memset(pointer, 0, n_bytes);
    }
    return pointer;
}

qst_status qsti_alloc(qst_ctx *ctx, size_t count, size_t item_bytes, void **out)
{
    size_t n_bytes;
    if (!size_in_bytes(count, item_bytes, &n_bytes)) {
        return fail_size(ctx, count, item_bytes);
    }
    void *pointer = allocate_zeroed(ctx, n_bytes);
    if (pointer == NULL) {
        return fail_bytes(ctx, n_bytes);
    }
    memcpy(out, &pointer, sizeof pointer);
    return QST_OK;
}

/* The aligned address in a block that is so much longer than asked for; the block's own address stands in the bytes
 * before it. Blocks are aligned to 16 or at least 8 bytes, so there is always room for it. */
static void *align(char *block, size_t alignment)
{
    void *aligned = block + (alignment - (uintptr_t)block % alignment);
    memcpy((char *)aligned - sizeof block, &block, sizeof block);
    return aligned;
}

qst_status qsti_alloc_lines(qst_ctx *ctx, size_t count, size_t item_bytes, void **out)
{
    size_t n_bytes;
    if (!size_in_bytes(count, item_bytes, &n_bytes) || !qsti_add(n_bytes, LINE_BYTES, &n_bytes)) {
        return fail_size(ctx, count, item_bytes);
    }
    char *block = allocate_zeroed(ctx, n_bytes);
    if (block == NULL) {
        return fail_bytes(ctx, n_bytes);
    }
    void *lines = align(block, LINE_BYTES);
    memcpy(out, &lines, sizeof lines);
    return QST_OK;
}

qst_status qsti_alloc_pages(qst_ctx *ctx, size_t count, size_t item_bytes, void **out)
{
    size_t n_bytes, with_room;
    if (!size_in_bytes(count, item_bytes, &n_bytes) || !qsti_add(n_bytes, PAGE_BYTES, &with_room)) {
        return fail_size(ctx, count, item_bytes);
    }
    if (n_bytes < 2 * PAGE_BYTES) {
        return qsti_alloc_lines(ctx, count, item_bytes, out);
    }
    ctx->n_allocations++;
    char *block = ctx->allocator.allocate(ctx->allocator.user, with_room);
    if (block == NULL) {
        return fail_bytes(ctx, with_room);
    }
    void *pages = align(block, PAGE_BYTES);
    (void)madvise(pages, n_bytes / PAGE_BYTES * PAGE_BYTES, MADV_HUGEPAGE); /* advice: refused is as good */
    memcpy(out, &pages, sizeof pages);
    return QST_OK;
}

void qsti_free_lines(qst_ctx *ctx, void *pointer)
{
    if (pointer) {
        void *block;
        memcpy(&block, (char *)pointer - sizeof block, sizeof block);
        qsti_free(ctx, block);
    }
}

qst_status qsti_resize(qst_ctx *ctx, size_t count, size_t item_bytes, void **pointer)
{
    size_t n_bytes;
    if (!size_in_bytes(count, item_bytes, &n_bytes)) {
        return fail_size(ctx, count, item_bytes);
    }
    void *old;
    memcpy(&old, pointer, sizeof old);
    ctx->n_allocations++;
    void *resized = old ? ctx->allocator.resize(ctx->allocator.user, old, n_bytes)
                        : ctx->allocator.allocate(ctx->allocator.user, n_bytes);
    if (resized == NULL) {
        return fail_bytes(ctx, n_bytes);
    }
    memcpy(pointer, &resized, sizeof resized);
    return QST_OK;
}

void qsti_free(qst_ctx *ctx, void *pointer)
{
    if (pointer) {
        ctx->allocator.release(ctx->allocator.user, pointer);
    }
}

qst_status qsti_strdup(qst_ctx *ctx, const char *text, char **out)
{
    return qsti_strndup(ctx, text, strlen(text), out);
}

qst_status qsti_strndup(qst_ctx *ctx, const char *text, size_t n, char **out)
{
    size_t n_bytes;
    if (!qsti_add(n, 1, &n_bytes)) {
        return fail_size(ctx, n, 1);
    }
    char *copy = NULL;
    qst_status status = QSTI_NEW(ctx, n_bytes, &copy);
    if (status == QST_OK) {
        memcpy(copy, text, n);
        *out = copy;
    }
    return status;
}

uint64_t qsti_ctx_allocations(const qst_ctx *ctx)
{
    return ctx->n_allocations;
}

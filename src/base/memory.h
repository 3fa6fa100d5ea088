/* memory.h: all memory of the library comes from the context's allocator through these functions. */
#ifndef QSTI_BASE_MEMORY_H
#define QSTI_BASE_MEMORY_H

#include "base/status.h"

/* out = a * b. False on overflow. The only way in which a product becomes a size. */
static inline bool qsti_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}
static inline bool qsti_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

/* Allocates count * item_bytes zeroed bytes, aligned for any type. A count of 0 gives a valid pointer that may be
 * freed. Errors: ERR_MEMORY, with the number of bytes in the message. */
qst_status qsti_alloc(qst_ctx *ctx, size_t count, size_t item_bytes, void **out);

/* The same, aligned to 64 bytes (a line). Free with qsti_free_lines(). */
qst_status qsti_alloc_lines(qst_ctx *ctx, size_t count, size_t item_bytes, void **out);
void qsti_free_lines(qst_ctx *ctx, void *pointer);

/* For arrays of many megabytes: aligned to 2 MiB, with a word to the system that large pages are welcome; small ones as
 * qsti_alloc_lines(). NOT zeroed, so that the threads that use a page are the first to touch it. Free with
 * qsti_free_lines(). */
qst_status qsti_alloc_pages(qst_ctx *ctx, size_t count, size_t item_bytes, void **out);

/* Grows *pointer to hold count items; new bytes are not zeroed. */
qst_status qsti_resize(qst_ctx *ctx, size_t count, size_t item_bytes, void **pointer);

void qsti_free(qst_ctx *ctx, void *pointer);

/* Copies a string (n bytes and a NUL). */
qst_status qsti_strdup(qst_ctx *ctx, const char *text, char **out);
qst_status qsti_strndup(qst_ctx *ctx, const char *text, size_t n, char **out);

/* How many allocations the context has served so far (tests assert that training steps make none). */
uint64_t qsti_ctx_allocations(const qst_ctx *ctx);

/* QSTI_NEW(ctx, count, &pointer): a zeroed array of the pointer's type. */
#define QSTI_NEW(ctx, count, out)       qsti_alloc((ctx), (count), sizeof **(out), (void **)(out))
#define QSTI_NEW_LINES(ctx, count, out) qsti_alloc_lines((ctx), (count), sizeof **(out), (void **)(out))
#define QSTI_GROW(ctx, count, in_out)   qsti_resize((ctx), (count), sizeof **(in_out), (void **)(in_out))

#endif

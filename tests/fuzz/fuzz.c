/* fuzz.c: see fuzz.h. */
#include "fuzz/fuzz.h"

#include <malloc.h>

#define MAX_BYTES ((size_t)256 << 20)

static size_t n_used;

static void *resize(void *user, void *pointer, size_t n)
{
    (void)user;
    size_t n_before = pointer ? malloc_usable_size(pointer) : 0;
    if (n > MAX_BYTES || n_used - n_before + n > MAX_BYTES) {
        return NULL;
    }
    void *moved = realloc(pointer, n ? n : 1);
    if (moved) {
        n_used += malloc_usable_size(moved) - n_before;
    }
    return moved;
}

static void *allocate(void *user, size_t n)
{
    return resize(user, NULL, n);
}

static void release(void *user, void *pointer)
{
    (void)user;
    n_used -= pointer ? malloc_usable_size(pointer) : 0;
    free(pointer);
}

qst_ctx *fuzz_ctx(void)
{
    static const qst_allocator allocator = {allocate, resize, release, NULL};
    qst_ctx *ctx = NULL;
    FUZZ_ASSERT(n_used == 0);
    FUZZ_ASSERT(qst_ctx_create(&(qst_ctx_opts){.allocator = &allocator, .n_threads = 1}, &ctx) == QST_OK);
    return ctx;
}

typedef struct stepping {
    qsti_stream stream;
    const uint8_t *bytes;
    size_t step;
} stepping;

static qst_status read_step(qsti_stream *stream, void *bytes, size_t n_bytes, size_t *out_n)
{
    const stepping *steps = (stepping *)stream;
    size_t left = stream->length - stream->offset, n = n_bytes < left ? n_bytes : left;
    n = steps->step && steps->step < n ? steps->step : n;
    if (n) {
        memcpy(bytes, steps->bytes + stream->offset, n);
    }
    *out_n = n;
    return QST_OK;
}

static void close_steps(qsti_stream *stream)
{
    qsti_free(stream->ctx, stream);
}

qsti_stream *fuzz_stream(qst_ctx *ctx, const uint8_t *bytes, size_t n, size_t step)
{
    stepping *steps = NULL;
    FUZZ_ASSERT(QSTI_NEW(ctx, 1, &steps) == QST_OK);
    *steps = (stepping){{ctx, "fuzz", 0, n, read_step, close_steps}, bytes, step};
    return &steps->stream;
}

void fuzz_check_failure(const qst_ctx *ctx, qst_status status)
{
    const char *message = qst_ctx_message(ctx);
    FUZZ_ASSERT(status == QST_ERR_INPUT || status == QST_ERR_UNSUPPORTED || status == QST_ERR_LIMIT ||
                status == QST_ERR_MEMORY);
    FUZZ_ASSERT(message[0] != '\0' && strchr(message, '\n') == NULL);
}

void fuzz_check_finite(const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        FUZZ_ASSERT(isfinite(values[i]));
    }
}

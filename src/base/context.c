/* context.c: creating and freeing a context, and what it does for long work: log, warnings, progress, interrupt.
 *
 * A context and its workers come from the caller's allocator. It is not shared between threads; only
 * qsti_parallel_for() lets several threads work below it, and those may neither allocate nor report. */
#include "base/context.h"
#include "base/workers.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define MAX_THREADS 1024

static void *malloc_allocate(void *user, size_t n_bytes)
{
    (void)user;
    return malloc(n_bytes);
}

static void *malloc_resize(void *user, void *pointer, size_t n_bytes)
{
    (void)user;
    return realloc(pointer, n_bytes);
}

static void malloc_release(void *user, void *pointer)
{
    (void)user;
    free(pointer);
}

static bool opts_are_valid(const qst_ctx_opts *opts)
{
    const qst_allocator *allocator = opts->allocator;
    return opts->n_threads >= 0 && opts->n_threads <= MAX_THREADS &&
           (allocator == NULL || (allocator->allocate && allocator->resize && allocator->release));
}

static int all_cores(void)
{
    int n_cores = qsti_processors();
    if (n_cores < 1) {
        return 1;
    }
    return n_cores < MAX_THREADS ? n_cores : MAX_THREADS;
}

qst_status qst_ctx_create(const qst_ctx_opts *opts, qst_ctx **out)
{
    static const qst_ctx_opts defaults = {0};
    if (opts == NULL) {
        opts = &defaults;
    }
    if (out == NULL || !opts_are_valid(opts)) {
        return QST_ERR_USAGE;
    }
    qst_allocator allocator = {malloc_allocate, malloc_resize, malloc_release, NULL};
    if (opts->allocator) {
        allocator = *opts->allocator;
    }
    qst_ctx *ctx = allocator.allocate(allocator.user, sizeof *ctx);
    if (ctx == NULL) {
        return QST_ERR_MEMORY;
    }
    *ctx = (qst_ctx){
        .allocator = allocator,
        .allocator_is_malloc = opts->allocator == NULL,
        .log = opts->log,
        .progress = opts->progress,
        .user = opts->user,
        .n_threads = opts->n_threads ? opts->n_threads : all_cores(),
        .interrupt = opts->interrupt,
    };
    if (qsti_workers_create(ctx, ctx->n_threads, &ctx->workers) != QST_OK) {
        allocator.release(allocator.user, ctx);
        return QST_ERR_MEMORY;
    }
    ctx->n_allocations = 0; /* its own do not count */
    *out = ctx;
    return QST_OK;
}

void qst_ctx_free(qst_ctx *ctx)
{
    if (ctx == NULL) {
        return;
    }
    qsti_workers_free(ctx, ctx->workers);
    for (size_t w = 0; w < ctx->n_warnings_kept; w++) {
        qsti_free(ctx, (void *)ctx->warnings[w]);
    }
    ctx->allocator.release(ctx->allocator.user, ctx);
}

const char *qst_ctx_message(const qst_ctx *ctx)
{
    return ctx ? ctx->message : "";
}

int qst_ctx_threads(const qst_ctx *ctx)
{
    return ctx->n_threads;
}

const char *qst_version(void)
{
    return QSTILL_VERSION;
}

/* --- log and warnings --------------------------------------------------------------------------------------------- */

void qsti_log(qst_ctx *ctx, qst_log_level level, const char *format, ...)
{
    if (ctx == NULL || ctx->log == NULL) {
        return;
    }
    qsti_line line = {.length = 0};
    va_list args;
    va_start(args, format);
    qsti_line_vadd(&line, format, args);
    va_end(args);
    qsti_line_finish(&line);
    ctx->log(ctx->user, level, line.bytes);
}

static bool is_known_warning(const qst_ctx *ctx, const char *message)
{
    for (size_t w = 0; w < ctx->n_warnings_kept; w++) {
        if (strcmp(ctx->warnings[w], message) == 0) {
            return true;
        }
    }
    return false;
}

/* Without the memory to keep it a warning is still logged; the message of an earlier failure is not touched. */
static void keep_warning(qst_ctx *ctx, const qsti_line *line)
{
    if (ctx->n_warnings_kept == QSTI_WARNINGS_KEPT) {
        return;
    }
    char *copy = ctx->allocator.allocate(ctx->allocator.user, line->length + 1);
    if (copy == NULL) {
        return;
    }
    ctx->n_allocations++;
    memcpy(copy, line->bytes, line->length + 1);
    ctx->warnings[ctx->n_warnings_kept++] = copy;
}

void qsti_warn(qst_ctx *ctx, const char *format, ...)
{
    if (ctx == NULL) {
        return;
    }
    qsti_line line = {.length = 0};
    va_list args;
    va_start(args, format);
    qsti_line_vadd(&line, format, args);
    va_end(args);
    qsti_line_finish(&line);

    ctx->n_warnings_given++;
    if (is_known_warning(ctx, line.bytes)) {
        return;
    }
    keep_warning(ctx, &line);
    if (ctx->log) {
        ctx->log(ctx->user, QST_LOG_WARNING, line.bytes);
    }
}

size_t qsti_ctx_warnings(const qst_ctx *ctx, const char *const **out_messages)
{
    if (out_messages) {
        *out_messages = ctx->warnings;
    }
    return ctx->n_warnings_kept;
}

uint64_t qsti_ctx_warnings_given(const qst_ctx *ctx)
{
    return ctx->n_warnings_given;
}

/* --- long work ---------------------------------------------------------------------------------------------------- */

qst_status qsti_check_interrupt(qst_ctx *ctx)
{
    if (ctx == NULL || ctx->interrupt == NULL || *ctx->interrupt == 0) {
        return QST_OK;
    }
    return qsti_fail(ctx, QST_ERR_INTERRUPTED, "stopped by request");
}

void qsti_progress(qst_ctx *ctx, const qst_progress *progress)
{
    if (ctx && ctx->progress) {
        ctx->progress(ctx->user, progress);
    }
}

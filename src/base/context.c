/* context.c: creating and freeing a context, and what it does for long work: log, warnings, progress, interrupt.
 *
 * A context and its workers come from the caller's allocator. It is not shared between threads: the items of
 * qsti_parallel_for() may neither allocate nor report, and tasks (tasks.h) have contexts of their own. Those share the
 * allocator, which is kept to one thread at a time by a lock where it is not malloc. */
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

/* The caller's allocator, one thread at a time. */
static void *locked_allocate(void *user, size_t n_bytes)
{
    qst_ctx *ctx = user;
    pthread_mutex_lock(&ctx->lock);
    void *pointer = ctx->given.allocate(ctx->given.user, n_bytes);
    pthread_mutex_unlock(&ctx->lock);
    return pointer;
}

static void *locked_resize(void *user, void *pointer, size_t n_bytes)
{
    qst_ctx *ctx = user;
    pthread_mutex_lock(&ctx->lock);
    void *resized = ctx->given.resize(ctx->given.user, pointer, n_bytes);
    pthread_mutex_unlock(&ctx->lock);
    return resized;
}

static void locked_release(void *user, void *pointer)
{
    qst_ctx *ctx = user;
    pthread_mutex_lock(&ctx->lock);
    ctx->given.release(ctx->given.user, pointer);
    pthread_mutex_unlock(&ctx->lock);
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

/* A copy of `like` in memory of its own, with a lock and workers. */
static qst_status create(const qst_ctx *like, qst_ctx **out)
{
    qst_ctx *ctx = like->given.allocate(like->given.user, sizeof *ctx);
    if (ctx == NULL) {
        return QST_ERR_MEMORY;
    }
    *ctx = *like;
    if (ctx->has_lock && pthread_mutex_init(&ctx->lock, NULL) != 0) {
        like->given.release(like->given.user, ctx);
        return QST_ERR_MEMORY;
    }
    if (ctx->has_lock) {
        ctx->allocator = (qst_allocator){locked_allocate, locked_resize, locked_release, ctx};
    }
    if (qsti_workers_create(ctx, ctx->n_threads, &ctx->workers) != QST_OK) {
        qst_ctx_free(ctx);
        return QST_ERR_MEMORY;
    }
    ctx->n_allocations = 0; /* its own do not count */
    *out = ctx;
    return QST_OK;
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
    int n_threads = opts->n_threads ? opts->n_threads : all_cores();
    const qst_ctx like = {
        .allocator = allocator,
        .allocator_is_malloc = opts->allocator == NULL,
        .given = allocator,
        .has_lock = opts->allocator != NULL && n_threads > 1,
        .log = opts->log,
        .progress = opts->progress,
        .user = opts->user,
        .n_threads = n_threads,
        .interrupt = opts->interrupt,
    };
    return create(&like, out);
}

qst_status qsti_ctx_create_child(const qst_ctx *parent, const qst_ctx_opts *opts, const atomic_bool *stop,
                                 qst_ctx **out)
{
    const qst_ctx like = {
        .allocator = parent->allocator,
        .allocator_is_malloc = parent->allocator_is_malloc,
        .given = parent->allocator,
        .log = opts->log,
        .progress = opts->progress,
        .user = opts->user,
        .n_threads = opts->n_threads ? opts->n_threads : parent->n_threads,
        .interrupt = opts->interrupt,
        .stop = stop,
    };
    return create(&like, out);
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
    if (ctx->has_lock) {
        pthread_mutex_destroy(&ctx->lock);
    }
    ctx->given.release(ctx->given.user, ctx);
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
    if (ctx == NULL) {
        return QST_OK;
    }
    bool wanted = (ctx->interrupt && *ctx->interrupt != 0) || (ctx->stop && atomic_load(ctx->stop));
    return wanted ? qsti_fail(ctx, QST_ERR_INTERRUPTED, "stopped by request") : QST_OK;
}

void qsti_progress(qst_ctx *ctx, const qst_progress *progress)
{
    if (!ctx || !ctx->progress) {
        return;
    }
    qst_progress of_all = *progress;
    if (ctx->has_parts) {
        double share = progress->total > 0 ? progress->done / progress->total : 0;
        of_all.done = ctx->part_begin + share * (ctx->part_end - ctx->part_begin);
        of_all.total = 1;
    }
    ctx->progress(ctx->user, &of_all);
}

void qsti_progress_part(qst_ctx *ctx, double begin, double end)
{
    ctx->has_parts = true;
    ctx->part_begin = begin;
    ctx->part_end = end;
}

/* context.h: what is inside a context. For the files of base/ alone. */
#ifndef QSTI_BASE_CONTEXT_H
#define QSTI_BASE_CONTEXT_H

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>

#include "base/status.h"

#define QSTI_MESSAGE_BYTES 1024
#define QSTI_WARNINGS_KEPT 64

struct qst_ctx {
    qst_allocator allocator;  /* all memory comes from here; the same for a context and its children */
    bool allocator_is_malloc; /* then zeroed memory comes from calloc */
    qst_allocator given;      /* what the context itself was made with */
    bool has_lock;            /* `allocator` is the caller's behind `lock`: children may work on other threads */
    pthread_mutex_t lock;
    qst_log_fn *log;
    qst_progress_fn *progress;
    bool has_parts; /* progress is told in parts, see qsti_progress_part() */
    double part_begin, part_end;
    void *user;
    int n_threads;
    struct qsti_workers *workers;
    const volatile sig_atomic_t *interrupt; /* read on the thread of the context's owner only */
    const atomic_bool *stop;                /* of a child: those who wait for it want no more; NULL: nobody may */

    uint64_t n_allocations;
    char message[QSTI_MESSAGE_BYTES];

    const char *warnings[QSTI_WARNINGS_KEPT];
    size_t n_warnings_kept;
    uint64_t n_warnings_given;
};

/* A context for work beside its parent's, on any thread: the parent's allocator, but a message, warnings and workers of
 * its own. Of `opts` all but the allocator counts; `stop` may be NULL. Memory of parent and children may be freed by
 * any of them, and a child is freed before its parent. Errors: ERR_MEMORY, of which the parent's message does not
 * speak: another thread may be using it. */
qst_status qsti_ctx_create_child(const qst_ctx *parent, const qst_ctx_opts *opts, const atomic_bool *stop,
                                 qst_ctx **out);

/* One bounded line of text, so that reporting a failure never allocates. What does not fit ends in "...". */
typedef struct qsti_line {
    char bytes[QSTI_MESSAGE_BYTES];
    size_t length;
    bool cut;
} qsti_line;

/* Appends; qsti_line_finish() then replaces control characters and broken UTF-8 by '?' and marks a cut. Zero-initialise
 * before the first. */
void qsti_line_vadd(qsti_line *line, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
void qsti_line_add(qsti_line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
void qsti_line_finish(qsti_line *line);

#endif

/* status.h: how the library reports failure. See qstill/base.h for the public half. */
#ifndef QSTI_BASE_STATUS_H
#define QSTI_BASE_STATUS_H

#include <qstill/base.h>

/* Stores a formatted message in the context (NULL is allowed) and returns `status`, so that callers write
 * `return qsti_fail(ctx, QST_ERR_USAGE, "temperature: %g is not > 0", t);`. Messages are one line, without a period;
 * they say what, the value, and what would be right. Control characters and broken UTF-8 in them become '?', numbers
 * are written as in the C locale, and beyond 1,023 bytes they end in "...". The arguments may point into the old
 * message. */
qst_status qsti_fail(qst_ctx *ctx, qst_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A place in a text input, 1-based; column 0: only the line is known; line 0: only the file. `file` is borrowed. */
typedef struct qsti_place {
    const char *file;
    size_t line, column;
} qsti_place;

/* As qsti_fail() with "file:line:column: " in front. */
qst_status qsti_fail_at(qst_ctx *ctx, qst_status status, qsti_place place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* As qsti_fail() for a failed system call: "FORMAT: strerror(errno)", QST_ERR_SYSTEM (ENOMEM: QST_ERR_MEMORY). */
qst_status qsti_fail_errno(qst_ctx *ctx, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "PREFIX: " in front of the message that is there, and returns `status`. */
qst_status qsti_fail_within(qst_ctx *ctx, qst_status status, const char *prefix_format, ...)
    __attribute__((format(printf, 3, 4)));

/* Hands a message to the log callback. A warning is also kept for the reports; the same text given again is counted but
 * neither kept nor logged twice. */
void qsti_log(qst_ctx *ctx, qst_log_level level, const char *format, ...) __attribute__((format(printf, 3, 4)));
void qsti_warn(qst_ctx *ctx, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The distinct warnings since the context was created, at most 64 (later ones are only logged and counted). Borrowed.
 */
size_t qsti_ctx_warnings(const qst_ctx *ctx, const char *const **out_messages);

/* How many warnings were given in all, repetitions included. */
uint64_t qsti_ctx_warnings_given(const qst_ctx *ctx);

/* QST_ERR_INTERRUPTED with a message when the caller of the library asked to stop, else QST_OK. */
qst_status qsti_check_interrupt(qst_ctx *ctx);

/* Hands progress to the callback. */
void qsti_progress(qst_ctx *ctx, const qst_progress *progress);

/* For work in parts that speak of themselves alone: what this context is told from now on is done of the part from
 * `begin` to `end`, 0..1, of the whole. */
void qsti_progress_part(qst_ctx *ctx, double begin, double end);

/* What clang's analyzer cannot see across files: these four never return QST_OK. */
#ifdef __clang_analyzer__
#define qsti_fail(...)        ((void)qsti_fail(__VA_ARGS__), QST_ERR_INTERNAL)
#define qsti_fail_at(...)     ((void)qsti_fail_at(__VA_ARGS__), QST_ERR_INTERNAL)
#define qsti_fail_errno(...)  ((void)qsti_fail_errno(__VA_ARGS__), QST_ERR_INTERNAL)
#define qsti_fail_within(...) ((void)qsti_fail_within(__VA_ARGS__), QST_ERR_INTERNAL)
#endif

/* Runs `expression`; on failure keeps its status in the local `status` and jumps to the local label `done`. */
#define QSTI_TRY(expression)   \
    do {                       \
        status = (expression); \
        if (status != QST_OK)  \
            goto done;         \
    } while (0)

#endif

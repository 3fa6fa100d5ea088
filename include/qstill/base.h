/* qstill/base.h: status, context and views: what every other header stands on.
 *
 * Every fallible function returns a qst_status. Results come through `out` parameters, which stay untouched on failure.
 * The message of the last failure lives in the context: qst_ctx_message(). The library never exits, prints or aborts
 * on bad input. A context and the objects made from it belong to one thread at a time; separate contexts are
 * independent. Objects borrow their context, so free them before it. Every *_free() accepts NULL.
 */
#ifndef QSTILL_BASE_H
#define QSTILL_BASE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QST_API __attribute__((visibility("default")))

/* --- status ------------------------------------------------------------------------------------------------------- */

typedef enum qst_status {
#define QST_STATUS(name, exit_code, meaning) QST_##name,
#include <qstill/status.def>
#undef QST_STATUS
    QST_STATUS_COUNT
} qst_status;

/* The status' name as written in the source ("QST_ERR_INPUT"), its meaning in one line, and the exit code that the
 * program gives for it. Never NULL. */
QST_API const char *qst_status_name(qst_status status);
QST_API const char *qst_status_meaning(qst_status status);
QST_API int qst_status_exit_code(qst_status status);

/* --- context ------------------------------------------------------------------------------------------------------ */

/* Memory functions with the contract of malloc, realloc and free; `user` is handed back. They are called from one
 * thread at a time; with several threads not always from the same. */
typedef struct qst_allocator {
    void *(*allocate)(void *user, size_t n_bytes);
    void *(*resize)(void *user, void *pointer, size_t n_bytes);
    void (*release)(void *user, void *pointer);
    void *user;
} qst_allocator;

/* NOTICE: what should be known before the work begins, such as what it will take. */
typedef enum qst_log_level { QST_LOG_WARNING, QST_LOG_INFO, QST_LOG_DEBUG, QST_LOG_NOTICE } qst_log_level;

/* One message, no newline at its end. */
typedef void qst_log_fn(void *user, qst_log_level level, const char *message);

/* How far long work has come. `done` of `total` are steps of comparable cost over the *whole* work; `stage` says what
 * goes on now ("seed 2 of 5: student"), of several things the one that comes first in the order of the work; `loss` is
 * its latest training loss or NaN. In a run `done` never falls. */
typedef struct qst_progress {
    const char *stage;
    double done, total;
    double loss;
} qst_progress;
typedef void qst_progress_fn(void *user, const qst_progress *progress);

typedef struct qst_ctx qst_ctx;

/* All members may be zero: malloc, silence, all cores. `log` and `progress` are called from the thread that called the
 * library, and `interrupt` is read there. */
typedef struct qst_ctx_opts {
    const qst_allocator *allocator;         /* copied */
    qst_log_fn *log;                        /* NULL: silent */
    qst_progress_fn *progress;              /* NULL: none */
    void *user;                             /* handed to log and progress */
    int n_threads;                          /* 0: all cores; else 1..1024 */
    const volatile sig_atomic_t *interrupt; /* polled by long work; non-zero: stop with QST_ERR_INTERRUPTED */
} qst_ctx_opts;

/* Creates a context. `opts` may be NULL. Errors: ERR_USAGE (n_threads outside 0..1024), ERR_MEMORY. */
QST_API qst_status qst_ctx_create(const qst_ctx_opts *opts, qst_ctx **out);
QST_API void qst_ctx_free(qst_ctx *ctx);

/* What went wrong in the last failed call on this context; "" when nothing did. Valid until the next failure. */
QST_API const char *qst_ctx_message(const qst_ctx *ctx);

/* The number of worker threads in use (never 0). */
QST_API int qst_ctx_threads(const qst_ctx *ctx);

/* --- views -------------------------------------------------------------------------------------------------------- */

/* A row-major array (n_rows, n_cols) that somebody else owns. */
typedef struct qst_matrix {
    double *data;
    size_t n_rows, n_cols;
} qst_matrix;

typedef struct qst_const_matrix {
    const double *data;
    size_t n_rows, n_cols;
} qst_const_matrix;

static inline qst_const_matrix qst_const_view(qst_matrix m)
{
    return (qst_const_matrix){m.data, m.n_rows, m.n_cols};
}

/* --- files -------------------------------------------------------------------------------------------------------- */

/* Writes a file whole: a new file in the same folder, flushed, renamed; it appears complete or not at all. Permissions
 * follow the umask; "-" is stdout. Errors: ERR_SYSTEM. */
QST_API qst_status qst_file_write(qst_ctx *ctx, const char *path, const void *bytes, size_t n_bytes);

/* --- version and machine ------------------------------------------------------------------------------------------ */

/* "0.1.0" */
QST_API const char *qst_version(void);

/* Leaves the calling function `main` with the documented exit code when `expression` fails; for short programs. */
#define QST_TRY_MAIN(ctx, expression)                                                                         \
    do {                                                                                                      \
        qst_status qst_try_status_ = (expression);                                                            \
        if (qst_try_status_ != QST_OK) {                                                                      \
            fprintf(stderr, "%s: %s\n", qst_status_name(qst_try_status_), (ctx) ? qst_ctx_message(ctx) : ""); \
            return qst_status_exit_code(qst_try_status_);                                                     \
        }                                                                                                     \
    } while (0)

#ifdef __cplusplus
}
#endif
#endif

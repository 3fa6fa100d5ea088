/* support.h: what every test program stands on: cmocka, close comparison, a scratch folder.
 *
 * cmocka 1.1.5 compares floats in single precision, so numbers are compared with assert_close().
 */
#ifndef QSTILL_TESTS_SUPPORT_H
#define QSTILL_TESTS_SUPPORT_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qstill/base.h>

/* |actual - expected| <= tolerance, NaN fails; prints all three with 17 digits when it does not hold. */
#define assert_close(actual, expected, tolerance) \
    support_assert_close((actual), (expected), (tolerance), #actual, __FILE__, __LINE__)
void support_assert_close(double actual, double expected, double tolerance, const char *what, const char *file,
                          int line);

/* The status is OK; prints the context's message when it is not. */
#define assert_ok(ctx, expression) support_assert_status((ctx), (expression), QST_OK, #expression, __FILE__, __LINE__)
#define assert_status(ctx, expression, expected) \
    support_assert_status((ctx), (expression), (expected), #expression, __FILE__, __LINE__)
void support_assert_status(const qst_ctx *ctx, qst_status actual, qst_status expected, const char *what,
                           const char *file, int line);

/* The context's message contains `part`. */
#define assert_message(ctx, part) support_assert_message((ctx), (part), __FILE__, __LINE__)
void support_assert_message(const qst_ctx *ctx, const char *part, const char *file, int line);

/* A new context with `n_threads` threads (0: all). */
qst_ctx *support_ctx(int n_threads);

/* A context over an allocator that counts what is live, and that can fail. `fail_at`: the number of the allocation that
 * fails, counted from 1 (0: none); `fail_on`: all later ones fail too. Freed blocks are filled with 0xdd. */
typedef struct support_memory {
    size_t n_live, n_calls;
    size_t fail_at;
    bool fail_on;
} support_memory;
qst_ctx *support_memory_ctx(support_memory *memory);

/* Runs `work` on a fresh support_memory_ctx() again and again, its allocations failing one after the other, once and
 * then also all that follow, until it succeeds. Each failure must be ERR_MEMORY with a message, each run must leave
 * nothing live. `work` frees what it made. */
void support_fail_each_allocation(qst_status (*work)(qst_ctx *ctx, void *arg), void *arg);

/* A fresh folder of this process under the system's temporary folder, removed at exit; the same on every call. */
const char *support_folder(void);

/* "<folder>/<name>" in one of eight rotating buffers. */
const char *support_path(const char *name);

/* Writes bytes to support_path(name) and returns that path. */
const char *support_write(const char *name, const void *bytes, size_t n_bytes);

#endif

/* test_file_faults.c: each system call behind an atomic write fails once, at its first, second, ... call.
 *
 * The linker sends open, openat, write, fsync, close and renameat through the functions below (--wrap). Whatever fails,
 * the file holds the old bytes or the new ones, whole, and nothing is left beside it. */
#include "support/support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

typedef enum call { CALL_OPEN, CALL_OPENAT, CALL_WRITE, CALL_FSYNC, CALL_CLOSE, CALL_RENAMEAT, N_CALLS } call;

/* Calls are counted while `active`; number `fail_at` of kind `fail_call` fails with `error`. */
static struct {
    bool active, short_writes;
    call fail_call;
    size_t fail_at;
    int error;
    size_t counts[N_CALLS];
} faults;

static bool fails(call which)
{
    if (!faults.active || ++faults.counts[which] != faults.fail_at || which != faults.fail_call) {
        return false;
    }
    errno = faults.error;
    return true;
}

int __real_open(const char *path, int flags, ...);
int __real_openat(int folder, const char *path, int flags, ...);
ssize_t __real_write(int descriptor, const void *bytes, size_t n_bytes);
int __real_fsync(int descriptor);
int __real_close(int descriptor);
int __real_renameat(int old_folder, const char *old_path, int new_folder, const char *new_path);

int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);
ssize_t __wrap_write(int descriptor, const void *bytes, size_t n_bytes);
int __wrap_fsync(int descriptor);
int __wrap_close(int descriptor);
int __wrap_renameat(int old_folder, const char *old_path, int new_folder, const char *new_path);

int __wrap_open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    int mode = flags & O_CREAT ? va_arg(args, int) : 0;
    va_end(args);
    return fails(CALL_OPEN) ? -1 : __real_open(path, flags, mode);
}

int __wrap_openat(int folder, const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    int mode = flags & O_CREAT ? va_arg(args, int) : 0;
    va_end(args);
    return fails(CALL_OPENAT) ? -1 : __real_openat(folder, path, flags, mode);
}

ssize_t __wrap_write(int descriptor, const void *bytes, size_t n_bytes)
{
    if (fails(CALL_WRITE)) {
        return -1;
    }
    return __real_write(descriptor, bytes, faults.active && faults.short_writes && n_bytes > 7 ? 7 : n_bytes);
}

int __wrap_fsync(int descriptor)
{
    return fails(CALL_FSYNC) ? -1 : __real_fsync(descriptor);
}

/* As on Linux, a close that fails has closed. */
int __wrap_close(int descriptor)
{
    bool failing = fails(CALL_CLOSE);
    int error = errno;
    int result = __real_close(descriptor);
    errno = error;
    return failing ? -1 : result;
}

int __wrap_renameat(int old_folder, const char *old_path, int new_folder, const char *new_path)
{
    return fails(CALL_RENAMEAT) ? -1 : __real_renameat(old_folder, old_path, new_folder, new_path);
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static const char new_bytes[] = "a new file of more than seven bytes";

static qst_status write_with_fault(qst_ctx *ctx, const char *path, call which, size_t at, int error)
{
    memset(faults.counts, 0, sizeof faults.counts);
    faults.fail_call = which;
    faults.fail_at = at;
    faults.error = error;
    faults.active = true;
    qst_status status = qsti_file_write(ctx, path, new_bytes, sizeof new_bytes);
    faults.active = false;
    return status;
}

static size_t count_descriptors(void)
{
    size_t n = 0;
    for (int descriptor = 0; descriptor < 256; descriptor++) {
        n += fcntl(descriptor, F_GETFD) >= 0;
    }
    return n;
}

/* The file's bytes, and that it stands alone in its folder. */
static bool holds(qst_ctx *ctx, const char *path, const char *expected, size_t n_bytes)
{
    char *bytes = NULL;
    size_t length = 0;
    assert_ok(ctx, qsti_file_read(ctx, path, SIZE_MAX, &bytes, &length));
    bool same = length == n_bytes && memcmp(bytes, expected, n_bytes) == 0;
    qsti_free(ctx, bytes);
    DIR *folder = opendir(support_folder());
    assert_non_null(folder);
    size_t n_entries = 0;
    while (readdir(folder)) {
        n_entries++;
    }
    closedir(folder);
    assert_int_equal(n_entries, 3);
    return same;
}

/* How often each is called for one file; only the last, closing the folder, may fail unnoticed. */
static const size_t calls_a_file[N_CALLS] = {
    [CALL_OPEN] = 1, [CALL_OPENAT] = 1, [CALL_WRITE] = 1, [CALL_FSYNC] = 2, [CALL_CLOSE] = 2, [CALL_RENAMEAT] = 1,
};

static void every_call_may_fail(void **state)
{
    (void)state;
    static const int errors[] = {EIO, ENOSPC, EDQUOT};
    qst_ctx *ctx = support_ctx(1);
    for (call which = 0; which < N_CALLS; which++) {
        size_t n_failed = 0;
        for (size_t at = 1; at < 100; at++) {
            const char *path = support_write("file", "old", 3);
            size_t n_descriptors = count_descriptors();
            qst_status status = write_with_fault(ctx, path, which, at, errors[at % 3]);
            assert_int_equal(count_descriptors(), n_descriptors);
            if (faults.counts[which] < at) {
                assert_ok(ctx, status);
                assert_true(holds(ctx, path, new_bytes, sizeof new_bytes));
                break;
            }
            n_failed++;
            bool new_file = holds(ctx, path, new_bytes, sizeof new_bytes);
            assert_true(new_file || holds(ctx, path, "old", 3));
            if (which == CALL_CLOSE && at == 2) {
                assert_ok(ctx, status);
                assert_true(new_file);
            } else {
                assert_int_equal(status, QST_ERR_SYSTEM);
                assert_message(ctx, path);
            }
        }
        assert_int_equal(n_failed, calls_a_file[which]);
    }
    qst_ctx_free(ctx);
}

/* What is a reason to try again, or no reason to fail. */
static void interruptions_do_not_matter(void **state)
{
    (void)state;
    static const struct {
        call which;
        int error;
    } rows[] = {
        {CALL_WRITE, EINTR}, {CALL_FSYNC, EINTR}, {CALL_CLOSE, EINTR}, {CALL_OPENAT, EINTR}, {CALL_FSYNC, EINVAL},
    };
    qst_ctx *ctx = support_ctx(1);
    faults.short_writes = true;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        for (size_t at = 1; at < 5; at++) {
            const char *path = support_write("file", "old", 3);
            assert_ok(ctx, write_with_fault(ctx, path, rows[r].which, at, rows[r].error));
            assert_true(holds(ctx, path, new_bytes, sizeof new_bytes));
        }
    }
    assert_true(faults.counts[CALL_WRITE] >= 5);
    faults.short_writes = false;
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_may_fail),
        cmocka_unit_test(interruptions_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

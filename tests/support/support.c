/* support.c: assertions that say what was expected, and the scratch folder of a test program. */
#include "support/support.h"

#include <errno.h>
#include <ftw.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* cmocka's own failures end the test by longjmp; the text goes out first. */
static void fail_at(const char *file, int line)
{
    fflush(stdout);
    _fail(file, line);
}

/* --- assertions --------------------------------------------------------------------------------------------------- */

void support_assert_close(double actual, double expected, double tolerance, const char *what, const char *file,
                          int line)
{
    if (!(fabs(actual - expected) <= tolerance)) {
        print_error("%s: %.17g, expected %.17g within %.17g (difference %.3g)\n", what, actual, expected, tolerance,
                    actual - expected);
        fail_at(file, line);
    }
}

void support_assert_status(const qst_ctx *ctx, qst_status actual, qst_status expected, const char *what,
                           const char *file, int line)
{
    if (actual != expected) {
        print_error("%s: %s (%s), expected %s\n", what, qst_status_name(actual), qst_ctx_message(ctx),
                    qst_status_name(expected));
        fail_at(file, line);
    }
}

void support_assert_message(const qst_ctx *ctx, const char *part, const char *file, int line)
{
    if (strstr(qst_ctx_message(ctx), part) == NULL) {
        print_error("the message \"%s\" does not contain \"%s\"\n", qst_ctx_message(ctx), part);
        fail_at(file, line);
    }
}

/* --- context ------------------------------------------------------------------------------------------------------ */

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "test support: %s: %s\n", what, strerror(errno));
    exit(99);
}

qst_ctx *support_ctx(int n_threads)
{
    qst_ctx *ctx = NULL;
    qst_status status = qst_ctx_create(&(qst_ctx_opts){.n_threads = n_threads}, &ctx);
    if (status != QST_OK) {
        die(qst_status_name(status));
    }
    return ctx;
}

/* --- memory that fails -------------------------------------------------------------------------------------------- */

/* A block begins with its size, in 16 bytes so that what follows is aligned. */
#define BLOCK_HEAD 16

static bool call_fails(support_memory *memory)
{
    size_t call = ++memory->n_calls;
    return memory->fail_at && (call == memory->fail_at || (memory->fail_on && call > memory->fail_at));
}

static void *memory_allocate(void *user, size_t n_bytes)
{
    support_memory *memory = user;
    char *block = call_fails(memory) ? NULL : malloc(n_bytes + BLOCK_HEAD);
    if (block == NULL) {
        return NULL;
    }
    memory->n_live++;
    memcpy(block, &n_bytes, sizeof n_bytes);
    memset(block + BLOCK_HEAD, 0xcc, n_bytes);
    return block + BLOCK_HEAD;
}

static void memory_release(void *user, void *pointer)
{
    support_memory *memory = user;
    char *block = (char *)pointer - BLOCK_HEAD;
    size_t n_bytes;
    memcpy(&n_bytes, block, sizeof n_bytes);
    memset(pointer, 0xdd, n_bytes);
    memory->n_live--;
    free(block);
}

/* Always moves, so that a stale pointer shows. */
static void *memory_resize(void *user, void *pointer, size_t n_bytes)
{
    void *larger = memory_allocate(user, n_bytes);
    if (larger) {
        size_t old_bytes;
        memcpy(&old_bytes, (char *)pointer - BLOCK_HEAD, sizeof old_bytes);
        memcpy(larger, pointer, old_bytes < n_bytes ? old_bytes : n_bytes);
        memory_release(user, pointer);
    }
    return larger;
}

qst_ctx *support_memory_ctx(support_memory *memory)
{
    qst_allocator allocator = {memory_allocate, memory_resize, memory_release, memory};
    qst_ctx *ctx = NULL;
    qst_status status = qst_ctx_create(&(qst_ctx_opts){.allocator = &allocator, .n_threads = 1}, &ctx);
    if (status != QST_OK) {
        die(qst_status_name(status));
    }
    return ctx;
}

/* One run whose allocation number `fail_at` fails. */
static qst_status run_failing(qst_status (*work)(qst_ctx *ctx, void *arg), void *arg, size_t fail_at, bool fail_on)
{
    support_memory memory = {.n_live = 0};
    qst_ctx *ctx = support_memory_ctx(&memory);
    size_t n_live = memory.n_live;
    memory.n_calls = 0;
    memory.fail_at = fail_at;
    memory.fail_on = fail_on;
    qst_status status = work(ctx, arg);
    if (status != QST_OK) {
        assert_status(ctx, status, QST_ERR_MEMORY);
        assert_message(ctx, "memory");
    }
    assert_int_equal(memory.n_live, n_live);
    qst_ctx_free(ctx);
    assert_int_equal(memory.n_live, 0);
    return status;
}

void support_fail_each_allocation(qst_status (*work)(qst_ctx *ctx, void *arg), void *arg)
{
    size_t n_failed = 0;
    for (int fail_on = 0; fail_on < 2; fail_on++) {
        for (size_t n = 1; run_failing(work, arg, n, fail_on) != QST_OK; n++) {
            n_failed++;
        }
    }
    assert_true(n_failed > 0);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static char folder[512];
static pid_t folder_owner;

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

/* A child process that exits leaves the folder to its parent. */
static void remove_folder(void)
{
    if (getpid() == folder_owner) {
        nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    }
}

/* In memory where there is room: every artefact is flushed when it is written, which takes a disk most of a test's
 * time. */
static const char *parent_folder(void)
{
    const char *chosen = getenv("TMPDIR"), *memory = "/dev/shm";
    struct statvfs room;
    if (chosen != NULL && *chosen != '\0') {
        return chosen;
    }
    bool fits = statvfs(memory, &room) == 0 && (double)room.f_bavail * (double)room.f_frsize >= 0x1p30;
    return fits && access(memory, W_OK) == 0 ? memory : "/tmp";
}

const char *support_folder(void)
{
    if (folder[0] == '\0') {
        int length = snprintf(folder, sizeof folder, "%s/qstill-test-XXXXXX", parent_folder());
        if (length < 0 || (size_t)length >= sizeof folder) {
            errno = ENAMETOOLONG;
            die("TMPDIR");
        }
        if (mkdtemp(folder) == NULL) {
            die(folder);
        }
        folder_owner = getpid();
        if (atexit(remove_folder) != 0) {
            die("atexit");
        }
    }
    return folder;
}

const char *support_path(const char *name)
{
    static char buffers[8][1024];
    static size_t next;
    char *buffer = buffers[next++ % 8];
    int length = snprintf(buffer, sizeof buffers[0], "%s/%s", support_folder(), name);
    if (length < 0 || (size_t)length >= sizeof buffers[0]) {
        errno = ENAMETOOLONG;
        die(name);
    }
    return buffer;
}

const char *support_write(const char *name, const void *bytes, size_t n_bytes)
{
    const char *path = support_path(name);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        die(path);
    }
    bool written = fwrite(bytes, 1, n_bytes, file) == n_bytes;
    if (fclose(file) != 0 || !written) {
        die(path);
    }
    return path;
}

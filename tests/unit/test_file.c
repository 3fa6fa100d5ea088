/* test_file.c: reading and writing whole files on a healthy system, what is refused, paths and hashes. Failing system
 * calls are in test_file_faults.c. */
#include "support/support.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static qst_ctx *ctx;

static int create_ctx(void **state)
{
    (void)state;
    ctx = support_ctx(1);
    return 0;
}

static int free_ctx(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

static size_t count_entries(const char *path)
{
    DIR *folder = opendir(path);
    assert_non_null(folder);
    size_t n = 0;
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(folder);
    return n;
}

static void assert_holds(const char *path, const void *bytes, size_t n_bytes)
{
    char *found = NULL;
    size_t length = 0;
    assert_ok(ctx, qsti_file_read(ctx, path, SIZE_MAX, &found, &length));
    assert_int_equal(length, n_bytes);
    assert_memory_equal(found, bytes, n_bytes);
    assert_int_equal(found[length], '\0');
    qsti_free(ctx, found);
}

/* --- reading and writing ------------------------------------------------------------------------------------------ */

static void what_is_written_is_read(void **state)
{
    (void)state;
    static char bytes[300000];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)(i * 2654435761u >> 24);
    }
    static const size_t sizes[] = {0, 1, 4096, 65535, 65536, 65537, 131072, sizeof bytes};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        const char *path = support_path("whole");
        assert_ok(ctx, qsti_file_write(ctx, path, bytes, sizes[s]));
        assert_holds(path, bytes, sizes[s]);
    }
    qsti_piece pieces[] = {{"one ", 4}, {NULL, 0}, {"two", 3}};
    assert_ok(ctx, qsti_file_write_pieces(ctx, support_path("whole"), pieces, 3));
    assert_holds(support_path("whole"), "one two", 7);
    assert_int_equal(count_entries(support_folder()), 1);
    unlink(support_path("whole"));
}

static void permissions_follow_the_umask(void **state)
{
    (void)state;
    struct stat info;
    mode_t old = umask(027);
    assert_ok(ctx, qsti_file_write(ctx, support_path("mode"), "x", 1));
    umask(old);
    assert_int_equal(stat(support_path("mode"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
    unlink(support_path("mode"));
}

static void a_relative_path_works(void **state)
{
    (void)state;
    char *old = getcwd(NULL, 0);
    assert_int_equal(chdir(support_folder()), 0);
    assert_ok(ctx, qsti_file_write(ctx, "relative", "x", 1));
    assert_holds("relative", "x", 1);
    unlink("relative");
    assert_int_equal(chdir(old), 0);
    free(old);
}

static void a_link_is_followed(void **state)
{
    (void)state;
    assert_ok(ctx, qsti_file_write(ctx, support_path("target"), "old", 3));
    assert_int_equal(symlink("target", support_path("link")), 0);
    assert_ok(ctx, qsti_file_write(ctx, support_path("link"), "new", 3));
    struct stat info;
    assert_int_equal(lstat(support_path("link"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_holds(support_path("target"), "new", 3);
    unlink(support_path("link"));
    unlink(support_path("target"));
}

static void streams_are_written_in_place(void **state)
{
    (void)state;
    assert_ok(ctx, qsti_file_write(ctx, "/dev/null", "x", 1));
    struct stat info;
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
    assert_status(ctx, qsti_file_write(ctx, "/dev/full", "x", 1), QST_ERR_SYSTEM);
    assert_string_equal(qst_ctx_message(ctx), "/dev/full: cannot be written: No space left on device");
}

/* Standard output and input over a file: "-" both ways. */
static void a_dash_is_a_standard_stream(void **state)
{
    (void)state;
    fflush(stdout);
    int saved_out = dup(STDOUT_FILENO), saved_in = dup(STDIN_FILENO);
    int file = open(support_path("stream"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(saved_out >= 0 && saved_in >= 0 && file >= 0);
    dup2(file, STDOUT_FILENO);
    printf("first ");
    qst_status written = qsti_file_write(ctx, "-", "second", 6);
    dup2(saved_out, STDOUT_FILENO);
    lseek(file, 0, SEEK_SET);
    dup2(file, STDIN_FILENO);
    char *bytes = NULL;
    size_t length = 0;
    qst_status read_status = qsti_file_read(ctx, "-", 100, &bytes, &length);
    lseek(file, 0, SEEK_SET);
    char *unused = NULL;
    qst_status limited = qsti_file_read(ctx, "-", 11, &unused, &length);
    dup2(saved_in, STDIN_FILENO);
    close(saved_out);
    close(saved_in);
    close(file);
    assert_ok(ctx, written);
    assert_ok(ctx, read_status);
    assert_string_equal(bytes, "first second");
    assert_int_equal(limited, QST_ERR_LIMIT);
    assert_message(ctx, "standard input: larger than the limit of 11 bytes");
    qsti_free(ctx, bytes);
    unlink(support_path("stream"));
}

static void a_file_without_a_size_is_read(void **state)
{
    (void)state;
    char *bytes = NULL;
    size_t length = 0;
    assert_ok(ctx, qsti_file_read(ctx, "/proc/self/status", 1 << 20, &bytes, &length));
    assert_true(length > 100);
    assert_int_equal(strlen(bytes), length);
    qsti_free(ctx, bytes);
    bytes = NULL;
    assert_status(ctx, qsti_file_read(ctx, "/proc/self/status", 100, &bytes, &length), QST_ERR_LIMIT);
    assert_null(bytes);
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

static void assert_unreadable(const char *path, const char *reason)
{
    char *bytes = NULL;
    size_t length = 42;
    assert_status(ctx, qsti_file_read(ctx, path, SIZE_MAX, &bytes, &length), QST_ERR_SYSTEM);
    assert_message(ctx, path);
    assert_message(ctx, reason);
    assert_null(bytes);
    assert_int_equal(length, 42);
}

static void other_things_than_files_are_refused(void **state)
{
    (void)state;
    assert_unreadable(support_path("missing"), "No such file or directory");
    assert_unreadable(support_folder(), "is a folder, not a regular file");
    assert_int_equal(mkfifo(support_path("fifo"), 0600), 0);
    assert_unreadable(support_path("fifo"), "is a FIFO");
    unlink(support_path("fifo"));
    assert_unreadable("/dev/zero", "is a device");
    assert_unreadable("", "No such file or directory");
    assert_status(ctx, qsti_file_write(ctx, support_folder(), "x", 1), QST_ERR_SYSTEM);
    assert_message(ctx, "is a folder");
    assert_status(ctx, qsti_file_write(ctx, support_path("missing/file"), "x", 1), QST_ERR_SYSTEM);
    assert_message(ctx, "missing/file: its folder cannot be opened: No such file or directory");
    assert_status(ctx, qsti_file_write(ctx, support_path("new/"), "x", 1), QST_ERR_SYSTEM);
    assert_int_equal(count_entries(support_folder()), 0);
}

static void a_large_file_is_refused_before_it_is_read(void **state)
{
    (void)state;
    int file = open(support_path("sparse"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    assert_int_equal(ftruncate(file, (off_t)1 << 40), 0);
    close(file);
    char *bytes = NULL;
    size_t length = 0;
    uint64_t n_allocations = qsti_ctx_allocations(ctx);
    assert_status(ctx, qsti_file_read(ctx, support_path("sparse"), 1 << 20, &bytes, &length), QST_ERR_LIMIT);
    assert_message(ctx, "sparse: larger than the limit of 1048576 bytes");
    assert_int_equal(qsti_ctx_allocations(ctx), n_allocations);
    unlink(support_path("sparse"));
}

/* Root may do everything, so it becomes nobody for this. */
static void a_folder_without_permission_is_reported(void **state)
{
    (void)state;
    assert_int_equal(chmod(support_folder(), 0711), 0);
    assert_int_equal(mkdir(support_path("closed"), 0555), 0);
    bool root = geteuid() == 0;
    if (root) {
        assert_int_equal(seteuid(65534), 0);
    }
    qst_status status = qsti_file_write(ctx, support_path("closed/file"), "x", 1);
    if (root) {
        assert_int_equal(seteuid(0), 0);
    }
    assert_status(ctx, status, QST_ERR_SYSTEM);
    assert_message(ctx, "closed/file: cannot be created: Permission denied");
    rmdir(support_path("closed"));
}

/* A folder may be writable but not listable: then it cannot be flushed, but the file is written. */
static void a_folder_that_cannot_be_listed_works(void **state)
{
    (void)state;
    bool root = geteuid() == 0;
    assert_int_equal(mkdir(support_path("blind"), 0700), 0);
    assert_int_equal(chmod(support_path("blind"), 0333), 0);
    assert_int_equal(chmod(support_folder(), 0711), 0);
    if (root) {
        assert_int_equal(seteuid(65534), 0);
    }
    qst_status status = qsti_file_write(ctx, support_path("blind/file"), "x", 1);
    if (root) {
        assert_int_equal(seteuid(0), 0);
    }
    assert_ok(ctx, status);
    assert_int_equal(chmod(support_path("blind"), 0700), 0);
    assert_holds(support_path("blind/file"), "x", 1);
    unlink(support_path("blind/file"));
    rmdir(support_path("blind"));
}

/* The disk is full in the middle of the file: the old one stays, nothing is left over. */
static void a_failed_write_leaves_the_old_file(void **state)
{
    (void)state;
    static char bytes[100000];
    assert_ok(ctx, qsti_file_write(ctx, support_path("kept"), "old", 3));
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){.rlim_cur = 50000, .rlim_max = old.rlim_max};
    void (*old_handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    qst_status status = qsti_file_write(ctx, support_path("kept"), bytes, sizeof bytes);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, old_handler);
    assert_status(ctx, status, QST_ERR_SYSTEM);
    assert_message(ctx, "kept: cannot be written: File too large");
    assert_holds(support_path("kept"), "old", 3);
    assert_int_equal(count_entries(support_folder()), 1);
    unlink(support_path("kept"));
}

/* --- paths -------------------------------------------------------------------------------------------------------- */

static void folders_are_made_with_their_parents(void **state)
{
    (void)state;
    char *path = NULL;
    assert_ok(ctx, qsti_path_join(ctx, support_folder(), "a/b//c/", &path));
    assert_ok(ctx, qsti_folder_make(ctx, path));
    assert_ok(ctx, qsti_folder_make(ctx, path));
    assert_true(qsti_path_exists(path));
    assert_true(qsti_folder_is_empty(path));
    assert_false(qsti_folder_is_empty(support_path("a")));
    assert_true(qsti_folder_is_empty(support_path("missing")));
    assert_false(qsti_path_exists(support_path("missing")));
    assert_true(qsti_path_is_same(path, path));
    assert_false(qsti_path_is_same(path, support_folder()));
    assert_false(qsti_path_is_same("missing", "missing"));
    const char *file = support_write("a/file", "x", 1);
    assert_false(qsti_folder_is_empty(file));
    assert_status(ctx, qsti_folder_make(ctx, file), QST_ERR_SYSTEM);
    assert_message(ctx, "a/file: exists and is not a folder");
    assert_status(ctx, qsti_folder_make(ctx, support_path("a/file/b")), QST_ERR_SYSTEM);
    assert_status(ctx, qsti_folder_make(ctx, ""), QST_ERR_SYSTEM);
    assert_ok(ctx, qsti_folder_make(ctx, "/"));
    qsti_free(ctx, path);
}

static void paths_are_joined(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"a", "b.json", "a/b.json"}, {"a/", "b", "a/b"}, {"", "b", "b"}, {"/", "b", "/b"}, {"a/b", "c", "a/b/c"}};
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        char *path = NULL;
        assert_ok(ctx, qsti_path_join(ctx, rows[r][0], rows[r][1], &path));
        assert_string_equal(path, rows[r][2]);
        qsti_free(ctx, path);
    }
}

/* --- hashes ------------------------------------------------------------------------------------------------------- */

/* The examples of FIPS 180-2, and a million letters. */
static void hashes_are_those_of_the_standard(void **state)
{
    (void)state;
    char hash[QSTI_HASH_CHARS];
    qsti_hash_bytes("", 0, hash);
    assert_string_equal(hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    qsti_hash_bytes("abc", 3, hash);
    assert_string_equal(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    qsti_hasher *hasher = NULL;
    assert_ok(ctx, qsti_hasher_create(ctx, &hasher));
    for (int i = 0; i < 100000; i++) {
        qsti_hasher_add(hasher, "aaaaaaaaaa", 10);
    }
    qsti_hasher_finish(ctx, hasher, hash);
    assert_string_equal(hash, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    assert_ok(ctx, qsti_hasher_create(ctx, &hasher));
    qsti_hasher_finish(ctx, hasher, NULL);
    qsti_hasher_finish(ctx, NULL, NULL);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static qst_status write_and_read(qst_ctx *failing, void *arg)
{
    (void)arg;
    char *bytes = NULL, *path = NULL;
    size_t length = 0;
    qst_status status = qsti_path_join(failing, support_folder(), "memory/file", &path);
    if (status == QST_OK) {
        status = qsti_folder_make(failing, support_path("memory"));
    }
    if (status == QST_OK) {
        status = qsti_file_write(failing, path, "abc", 3);
    }
    if (status == QST_OK) {
        status = qsti_file_read(failing, path, 100, &bytes, &length);
    }
    if (status == QST_OK) {
        qsti_free(failing, bytes);
        bytes = NULL;
        status = qsti_file_read(failing, "/proc/self/maps", SIZE_MAX, &bytes, &length);
    }
    qsti_free(failing, bytes);
    qsti_free(failing, path);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    support_fail_each_allocation(write_and_read, NULL);
    assert_int_equal(count_entries(support_path("memory")), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(permissions_follow_the_umask),
        cmocka_unit_test(a_relative_path_works),
        cmocka_unit_test(a_link_is_followed),
        cmocka_unit_test(streams_are_written_in_place),
        cmocka_unit_test(a_dash_is_a_standard_stream),
        cmocka_unit_test(a_file_without_a_size_is_read),
        cmocka_unit_test(other_things_than_files_are_refused),
        cmocka_unit_test(a_large_file_is_refused_before_it_is_read),
        cmocka_unit_test(a_folder_without_permission_is_reported),
        cmocka_unit_test(a_folder_that_cannot_be_listed_works),
        cmocka_unit_test(a_failed_write_leaves_the_old_file),
        cmocka_unit_test(folders_are_made_with_their_parents),
        cmocka_unit_test(paths_are_joined),
        cmocka_unit_test(hashes_are_those_of_the_standard),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, create_ctx, free_ctx);
}

/* bad_file.c: see bad_file.h. */
#include "fault/bad_file.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_SECONDS (CHECKED ? 20.0 : 1.0)
#define MAX_MIB     256

typedef struct outcome {
    qst_status status;
    bool made;
    char message[1024];
} outcome;

static size_t count_files(void)
{
    size_t n = 0;
    DIR *folder = opendir(support_folder());
    while (folder && readdir(folder)) {
        n++;
    }
    if (folder) {
        closedir(folder);
    }
    return n;
}

/* In the child. Quits without the cleaning up of the parent's tests. */
static _Noreturn void load(const bad_file *bad, const char *path, int pipe_end)
{
    char source[1200];
    outcome result = {.status = QST_OK};
    qst_table *table = NULL;
    qst_ctx *ctx = support_ctx(1);
    bool unlabelled = bad->label && strcmp(bad->label, "-") == 0;
    snprintf(source, sizeof source, "%s%s", path, bad->suffix ? bad->suffix : "");
    qst_table_opts opts = {.source = source, .label = unlabelled ? NULL : bad->label, .unlabelled = unlabelled};
    result.status = qst_table_load(ctx, &opts, &table);
    result.made = table != NULL;
    snprintf(result.message, sizeof result.message, "%s", qst_ctx_message(ctx));
    qst_table_free(table);
    qst_ctx_free(ctx);
    ssize_t written = write(pipe_end, &result, sizeof result);
    _exit(written == (ssize_t)sizeof result ? 0 : 1);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The message without the folder of the test. */
static const char *without_folder(const char *message)
{
    const char *folder = support_folder();
    size_t n = strlen(folder);
    return strncmp(message, folder, n) == 0 ? message + n + 1 : message;
}

/* "..." in what is expected stands for anything, once. */
static bool is_message(const char *found, const char *expected)
{
    const char *dots = strstr(expected, "...");
    size_t n_before = dots ? (size_t)(dots - expected) : 0, n_after = dots ? strlen(dots + 3) : 0;
    if (dots == NULL) {
        return strcmp(found, expected) == 0;
    }
    return strlen(found) >= n_before + n_after && strncmp(found, expected, n_before) == 0 &&
           strcmp(found + strlen(found) - n_after, dots + 3) == 0;
}

bool bad_path_is_refused(const bad_file *bad, const char *path)
{
    outcome found = {.status = QST_OK};
    struct rusage usage;
    int ends[2], exit_status = 0;
    size_t n_files = count_files();
    double start = seconds();
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        load(bad, path, ends[1]);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], &found, sizeof found);
    close(ends[0]);
    assert_int_equal(wait4(child, &exit_status, 0, &usage), child);
    double took = seconds() - start;
    const char *message = without_folder(found.message), *wrong = NULL;
    if (got != (ssize_t)sizeof found || exit_status != 0) {
        wrong = "the process died";
    } else if (found.status != bad->status) {
        wrong = "another status";
    } else if (!is_message(message, bad->message)) {
        wrong = "another message";
    } else if (found.made || strchr(message, '\n')) {
        wrong = "a table was made, or the message has several lines";
    } else if (took > MAX_SECONDS) {
        wrong = "too slow";
    } else if (!CHECKED && usage.ru_maxrss > MAX_MIB * 1024L) {
        wrong = "too much memory";
    } else if (count_files() != n_files) {
        wrong = "files were left behind";
    }
    if (wrong) {
        print_error("row %ld, %s: %s (%.2f s, %ld MiB)\n  expected %s: %s\n  found    %s: %s\n", bad->row, bad->name,
                    wrong, took, usage.ru_maxrss / 1024, qst_status_name(bad->status), bad->message,
                    qst_status_name(found.status), message);
    }
    return wrong == NULL;
}

bool bad_file_is_refused(const bad_file *bad)
{
    const char *path = support_write(bad->name, bad->bytes, bad->n_bytes);
    bool refused = bad_path_is_refused(bad, path);
    unlink(path);
    return refused;
}

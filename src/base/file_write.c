/* file_write.c: files that appear whole or not at all.
 *
 * A new file beside the old one, written in full, flushed to the disk, closed, renamed over the old name, and the
 * folder flushed. Whatever fails before the rename leaves the old file as it was and removes the new one. All steps go
 * through the folder's descriptor, so that they speak of the same folder even if it is moved meanwhile. A process that
 * is killed in between leaves ".qstill-<process>-<number>.tmp" behind. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define MAX_TEMPORARIES     1000
#define TEMPORARY_NAME_SIZE 64

/* --- bytes -------------------------------------------------------------------------------------------------------- */

static qst_status write_bytes(qst_ctx *ctx, const char *path, int descriptor, const void *bytes, size_t n_bytes)
{
    const char *next = bytes;
    while (n_bytes > 0) {
        ssize_t n_written = write(descriptor, next, n_bytes);
        if (n_written > 0) {
            next += n_written;
            n_bytes -= (size_t)n_written;
        } else if (n_written < 0 && errno == EAGAIN) {
            poll(&(struct pollfd){.fd = descriptor, .events = POLLOUT}, 1, -1);
        } else if (n_written == 0 || errno != EINTR) {
            if (n_written == 0) {
                errno = ENOSPC;
            }
            return qsti_fail_errno(ctx, "%s: cannot be written", path);
        }
    }
    return QST_OK;
}

static qst_status write_pieces(qst_ctx *ctx, const char *path, int descriptor, const qsti_piece *pieces,
                               size_t n_pieces)
{
    qst_status status = QST_OK;
    for (size_t p = 0; p < n_pieces && status == QST_OK; p++) {
        status = write_bytes(ctx, path, descriptor, pieces[p].bytes, pieces[p].n_bytes);
    }
    return status;
}

/* Some file systems cannot flush, and say so by EINVAL: there is nothing more to be done on them. */
static bool flush(int descriptor)
{
    int result;
    do {
        result = fsync(descriptor);
    } while (result != 0 && errno == EINTR);
    return result == 0 || errno == EINVAL;
}

/* On Linux a descriptor is closed even when close() was interrupted. */
static bool close_checked(int descriptor)
{
    return close(descriptor) == 0 || errno == EINTR;
}

/* --- streams ------------------------------------------------------------------------------------------------------ */

static qst_status write_stream(qst_ctx *ctx, const char *path, const qsti_piece *pieces, size_t n_pieces)
{
    int descriptor = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (descriptor < 0) {
        return qsti_fail_errno(ctx, "%s: cannot be opened for writing", path);
    }
    qst_status status = write_pieces(ctx, path, descriptor, pieces, n_pieces);
    if (!close_checked(descriptor) && status == QST_OK) {
        status = qsti_fail_errno(ctx, "%s: cannot be written", path);
    }
    return status;
}

static qst_status write_stdout(qst_ctx *ctx, const qsti_piece *pieces, size_t n_pieces)
{
    if (fflush(stdout) != 0) {
        return qsti_fail_errno(ctx, "standard output: cannot be written");
    }
    return write_pieces(ctx, "standard output", STDOUT_FILENO, pieces, n_pieces);
}

/* --- atomic files ------------------------------------------------------------------------------------------------- */

/* Opens the folder of `path` and gives the last part of the path. A folder that may be written but not listed cannot be
 * flushed; *out_flushable says so. */
static qst_status open_folder(qst_ctx *ctx, const char *path, int *out_folder, bool *out_flushable,
                              const char **out_name)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char *folder_path = NULL;
    qst_status status =
        slash ? qsti_strndup(ctx, path, (size_t)(name - path), &folder_path) : qsti_strdup(ctx, ".", &folder_path);
    if (status != QST_OK) {
        return status;
    }
    bool flushable = true;
    int folder = open(folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 && errno == EACCES) {
        flushable = false;
        folder = open(folder_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    if (folder < 0) {
        status = qsti_fail_errno(ctx, "%s: its folder cannot be opened", path);
    } else {
        *out_folder = folder;
        *out_flushable = flushable;
        *out_name = name;
    }
    qsti_free(ctx, folder_path);
    return status;
}

static qst_status open_temporary(qst_ctx *ctx, const char *path, int folder, char name[TEMPORARY_NAME_SIZE],
                                 int *out_descriptor)
{
    for (int number = 0; number < MAX_TEMPORARIES; number++) {
        snprintf(name, TEMPORARY_NAME_SIZE, ".qstill-%ld-%d.tmp", (long)getpid(), number);
        int descriptor = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor >= 0) {
            *out_descriptor = descriptor;
            return QST_OK;
        }
        if (errno != EEXIST && errno != EINTR) {
            return qsti_fail_errno(ctx, "%s: cannot be created", path);
        }
    }
    return qsti_fail(ctx, QST_ERR_SYSTEM, "%s: %d temporary files of this process stand in its folder already", path,
                     MAX_TEMPORARIES);
}

static qst_status replace(qst_ctx *ctx, const char *path, const qsti_piece *pieces, size_t n_pieces)
{
    int folder = -1, descriptor = -1;
    bool flushable = false, temporary_exists = false;
    const char *name = NULL;
    char temporary[TEMPORARY_NAME_SIZE];
    qst_status status = QST_OK;

    QSTI_TRY(open_folder(ctx, path, &folder, &flushable, &name));
    QSTI_TRY(open_temporary(ctx, path, folder, temporary, &descriptor));
    temporary_exists = true;
    QSTI_TRY(write_pieces(ctx, path, descriptor, pieces, n_pieces));
    if (!flush(descriptor)) {
        QSTI_TRY(qsti_fail_errno(ctx, "%s: cannot be flushed to the disk", path));
    }
    bool closed = close_checked(descriptor);
    descriptor = -1;
    if (!closed) {
        QSTI_TRY(qsti_fail_errno(ctx, "%s: cannot be written", path));
    }
    if (renameat(folder, temporary, folder, name) != 0) {
        QSTI_TRY(qsti_fail_errno(ctx, "%s: cannot be put in place", path));
    }
    temporary_exists = false;
    if (flushable && !flush(folder)) {
        QSTI_TRY(qsti_fail_errno(ctx, "%s: its folder cannot be flushed to the disk", path));
    }
done:
    if (descriptor >= 0) {
        close(descriptor);
    }
    if (temporary_exists) {
        unlinkat(folder, temporary, 0);
    }
    if (folder >= 0) {
        close(folder);
    }
    return status;
}

qst_status qsti_file_write_pieces(qst_ctx *ctx, const char *path, const qsti_piece *pieces, size_t n_pieces)
{
    if (strcmp(path, "-") == 0) {
        return write_stdout(ctx, pieces, n_pieces);
    }
    struct stat info;
    if (stat(path, &info) != 0) {
        return replace(ctx, path, pieces, n_pieces);
    }
    if (S_ISCHR(info.st_mode) || S_ISFIFO(info.st_mode)) {
        return write_stream(ctx, path, pieces, n_pieces);
    }
    if (!S_ISREG(info.st_mode)) {
        return qsti_fail(ctx, QST_ERR_SYSTEM, "%s: is %s, not a regular file", path,
                         S_ISDIR(info.st_mode) ? "a folder" : "a device or a socket");
    }
    char real_path[PATH_MAX];
    if (realpath(path, real_path) == NULL) {
        return qsti_fail_errno(ctx, "%s: cannot be followed", path);
    }
    return replace(ctx, real_path, pieces, n_pieces);
}

qst_status qsti_file_write(qst_ctx *ctx, const char *path, const void *bytes, size_t n_bytes)
{
    return qsti_file_write_pieces(ctx, path, &(qsti_piece){bytes, n_bytes}, 1);
}

qst_status qst_file_write(qst_ctx *ctx, const char *path, const void *bytes, size_t n_bytes)
{
    return qsti_file_write(ctx, path, bytes, n_bytes);
}

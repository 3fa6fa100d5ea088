/* file.c: reading files whole, and the paths beside them. Writing is in file_write.c.
 *
 * What is opened is looked at before it is read: a folder, a FIFO or a device is refused by name, and opening one does
 * not wait. The size is compared with the caller's limit before memory is taken for it. Not for files that do not fit
 * in memory. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_READ_BYTES 65536

/* --- reading ------------------------------------------------------------------------------------------------------ */

static const char *kind_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return "a folder";
    case S_IFIFO:
        return "a FIFO";
    case S_IFCHR:
    case S_IFBLK:
        return "a device";
    case S_IFSOCK:
        return "a socket";
    default:
        return "something else";
    }
}

static qst_status fail_limit(qst_ctx *ctx, const char *path, size_t max_bytes)
{
    return qsti_fail(ctx, QST_ERR_LIMIT, "%s: larger than the limit of %zu bytes", path, max_bytes);
}

/* openat(), and a look at what it gave. */
static qst_status open_regular(qst_ctx *ctx, int folder, const char *path, int flags, int *out_descriptor,
                               size_t *out_length)
{
    int descriptor;
    do {
        descriptor = openat(folder, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags);
    } while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0) {
        return qsti_fail_errno(ctx, "%s: cannot be opened", path);
    }
    struct stat info;
    qst_status status = QST_OK;
    if (fstat(descriptor, &info) != 0) {
        status = qsti_fail_errno(ctx, "%s: cannot be examined", path);
    } else if (!S_ISREG(info.st_mode)) {
        status = qsti_fail(ctx, QST_ERR_SYSTEM, "%s: is %s, not a regular file", path, kind_of(info.st_mode));
    }
    if (status != QST_OK) {
        close(descriptor);
        return status;
    }
    *out_descriptor = descriptor;
    *out_length = (size_t)info.st_size;
    return QST_OK;
}

qst_status qsti_file_open(qst_ctx *ctx, const char *path, int *out_descriptor, size_t *out_length)
{
    return open_regular(ctx, AT_FDCWD, path, 0, out_descriptor, out_length);
}

qst_status qsti_file_open_inside(qst_ctx *ctx, const char *folder, const char *name, int *out_descriptor,
                                 size_t *out_length)
{
    if (name[0] == '\0' || strchr(name, '/') != NULL || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return qsti_fail(ctx, QST_ERR_INPUT, "\"%s\" is not the plain name of a file in the same folder", name);
    }
    int inside = open(folder[0] == '\0' ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (inside < 0) {
        return qsti_fail_errno(ctx, "%s: cannot be opened", folder);
    }
    qst_status status = open_regular(ctx, inside, name, O_NOFOLLOW, out_descriptor, out_length);
    close(inside);
    return status;
}

/* Reads up to n_bytes; fewer only at the end of the file. A standard input that does not block is waited for. */
static qst_status read_some(qst_ctx *ctx, const char *path, int descriptor, char *bytes, size_t n_bytes, size_t *out)
{
    size_t n_read = 0;
    while (n_read < n_bytes) {
        ssize_t got = read(descriptor, bytes + n_read, n_bytes - n_read);
        if (got == 0) {
            break;
        }
        if (got > 0) {
            n_read += (size_t)got;
        } else if (errno == EAGAIN) {
            poll(&(struct pollfd){.fd = descriptor, .events = POLLIN}, 1, -1);
        } else if (errno != EINTR) {
            return qsti_fail_errno(ctx, "%s: cannot be read", path);
        }
    }
    *out = n_read;
    return QST_OK;
}

qst_status qsti_file_read_exactly(qst_ctx *ctx, const char *path, int descriptor, void *bytes, size_t n_bytes)
{
    size_t n_read = 0;
    qst_status status = read_some(ctx, path, descriptor, bytes, n_bytes, &n_read);
    if (status == QST_OK && n_read != n_bytes) {
        status = qsti_fail(ctx, QST_ERR_SYSTEM, "%s: changed while it was read", path);
    }
    return status;
}

/* Reads to the end, whatever the length, up to max_bytes: standard input, and files of /proc that claim to be empty. */
static qst_status read_to_end(qst_ctx *ctx, const char *path, int descriptor, size_t max_bytes, char **out_bytes,
                              size_t *out_length)
{
    qst_status status = QST_OK;
    char *bytes = NULL;
    size_t length = 0, capacity = FIRST_READ_BYTES, got = 0;
    do {
        if (length > capacity / 2) {
            capacity *= 2;
        }
        QSTI_TRY(QSTI_GROW(ctx, capacity, &bytes));
        QSTI_TRY(read_some(ctx, path, descriptor, bytes + length, capacity - length - 1, &got));
        length += got;
        if (length > max_bytes) {
            status = fail_limit(ctx, path, max_bytes);
            goto done;
        }
    } while (got > 0);
    bytes[length] = '\0';
    *out_bytes = bytes;
    *out_length = length;
    return QST_OK;

done:
    qsti_free(ctx, bytes);
    return status;
}

/* Reads `length` bytes, and finds out whether the file ends there. */
static qst_status read_known(qst_ctx *ctx, const char *path, int descriptor, size_t length, char **out_bytes,
                             size_t *out_length)
{
    qst_status status = QST_OK;
    char *bytes = NULL;
    size_t n_read = 0;
    QSTI_TRY(QSTI_GROW(ctx, length + 1, &bytes));
    QSTI_TRY(read_some(ctx, path, descriptor, bytes, length + 1, &n_read));
    if (n_read != length) {
        status = qsti_fail(ctx, QST_ERR_SYSTEM, "%s: changed while it was read", path);
        goto done;
    }
    bytes[length] = '\0';
    *out_bytes = bytes;
    *out_length = length;
    return QST_OK;

done:
    qsti_free(ctx, bytes);
    return status;
}

qst_status qsti_file_read(qst_ctx *ctx, const char *path, size_t max_bytes, char **out_bytes, size_t *out_length)
{
    if (strcmp(path, "-") == 0) {
        return read_to_end(ctx, "standard input", STDIN_FILENO, max_bytes, out_bytes, out_length);
    }
    int descriptor = -1;
    size_t length = 0;
    qst_status status = qsti_file_open(ctx, path, &descriptor, &length);
    if (status != QST_OK) {
        return status;
    }
    if (length > max_bytes) {
        status = fail_limit(ctx, path, max_bytes);
    } else if (length == 0) {
        status = read_to_end(ctx, path, descriptor, max_bytes, out_bytes, out_length);
    } else {
        status = read_known(ctx, path, descriptor, length, out_bytes, out_length);
    }
    close(descriptor);
    return status;
}

/* --- paths -------------------------------------------------------------------------------------------------------- */

/* mkdir for one folder of the path; one that is there is fine. */
static qst_status make_one(qst_ctx *ctx, const char *path)
{
    if (mkdir(path, 0777) == 0) {
        return QST_OK;
    }
    int error = errno;
    struct stat info;
    if (stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode)) {
            return QST_OK;
        }
        return qsti_fail(ctx, QST_ERR_SYSTEM, "%s: exists and is not a folder", path);
    }
    errno = error;
    return qsti_fail_errno(ctx, "%s: cannot be made", path);
}

qst_status qsti_folder_make(qst_ctx *ctx, const char *path)
{
    char *part = NULL;
    qst_status status = qsti_strdup(ctx, path, &part);
    if (status != QST_OK) {
        return status;
    }
    for (char *slash = strchr(part + (part[0] == '/'), '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        QSTI_TRY(make_one(ctx, part));
        *slash = '/';
    }
    QSTI_TRY(make_one(ctx, part));
done:
    qsti_free(ctx, part);
    return status;
}

bool qsti_path_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

bool qsti_path_is_same(const char *a, const char *b)
{
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

bool qsti_folder_is_empty(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return errno == ENOENT;
    }
    bool empty = true;
    for (const struct dirent *entry = readdir(folder); entry && empty; entry = readdir(folder)) {
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    }
    closedir(folder);
    return empty;
}

qst_status qsti_path_join(qst_ctx *ctx, const char *folder, const char *name, char **out)
{
    size_t folder_length = strlen(folder), name_length = strlen(name), n_bytes;
    if (!qsti_add(folder_length, name_length, &n_bytes) || !qsti_add(n_bytes, 2, &n_bytes)) {
        return qsti_fail(ctx, QST_ERR_MEMORY, "out of memory: a path of more bytes than can be addressed");
    }
    char *path = NULL;
    qst_status status = QSTI_NEW(ctx, n_bytes, &path);
    if (status == QST_OK) {
        bool slash = folder_length > 0 && folder[folder_length - 1] != '/';
        snprintf(path, n_bytes, "%s%s%s", folder, slash ? "/" : "", name);
        *out = path;
    }
    return status;
}

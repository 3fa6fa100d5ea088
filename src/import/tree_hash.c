/* tree_hash.c: see tree_hash.h. Links to files are followed, links to folders are refused. */
#include "import/tree_hash.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

#define MAX_ENTRIES  10000
#define MAX_DEPTH    16
#define HASHED_BYTES ((size_t)1 << 20)

typedef struct walk {
    qst_ctx *ctx;
    qsti_hasher *hasher;
    char *bytes; /* HASHED_BYTES */
    size_t n_entries;
} walk;

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_names(qst_ctx *ctx, char **names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        qsti_free(ctx, names[i]);
    qsti_free(ctx, names);
}

/* The names in a folder, sorted. */
static qst_status list(walk *w, const char *path, char ***out, size_t *out_n)
{
    qst_status status = QST_OK;
    char **names = NULL;
    size_t n = 0;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return qsti_fail_errno(w->ctx, "%s: cannot be opened", path);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (++w->n_entries > MAX_ENTRIES)
            QSTI_TRY(qsti_fail(w->ctx, QST_ERR_LIMIT, "%s: more than %d files", path, MAX_ENTRIES));
        QSTI_TRY(QSTI_GROW(w->ctx, n + 1, &names));
        QSTI_TRY(qsti_strdup(w->ctx, entry->d_name, &names[n]));
        n++;
    }
    if (n > 0)
        qsort(names, n, sizeof *names, compare_names);
    *out = names;
    *out_n = n;
    names = NULL;
done:
    closedir(folder);
    if (names != NULL)
        free_names(w->ctx, names, n);
    return status;
}

static qst_status hash_file(walk *w, const char *path)
{
    int descriptor = -1;
    size_t left = 0;
    qst_status status = qsti_file_open(w->ctx, path, &descriptor, &left);
    if (status != QST_OK)
        return status;
    uint64_t length = left;
    qsti_hasher_add(w->hasher, &length, sizeof length);
    while (left > 0 && status == QST_OK) {
        size_t n = left < HASHED_BYTES ? left : HASHED_BYTES;
        status = qsti_file_read_exactly(w->ctx, path, descriptor, w->bytes, n);
        if (status == QST_OK)
            qsti_hasher_add(w->hasher, w->bytes, n);
        left -= n;
    }
    close(descriptor);
    return status;
}

/* At most MAX_DEPTH folders deep. */
static qst_status hash_folder(walk *w, const char *path, int depth)
{
    qst_status status = QST_OK;
    char **names = NULL, *inner = NULL;
    size_t n = 0;
    if (depth == MAX_DEPTH)
        return qsti_fail(w->ctx, QST_ERR_LIMIT, "%s: folders are nested more than %d deep", path, MAX_DEPTH);
    QSTI_TRY(list(w, path, &names, &n));
    for (size_t i = 0; i < n; i++) {
        struct stat info;
        QSTI_TRY(qsti_path_join(w->ctx, path, names[i], &inner));
        if (lstat(inner, &info) != 0)
            QSTI_TRY(qsti_fail_errno(w->ctx, "%s: cannot be examined", inner));
        qsti_hasher_add(w->hasher, names[i], strlen(names[i]) + 1);
        QSTI_TRY(S_ISDIR(info.st_mode) ? hash_folder(w, inner, depth + 1) : hash_file(w, inner));
        qsti_free(w->ctx, inner);
        inner = NULL;
    }
    qsti_hasher_add(w->hasher, "", 1); /* the folder's end: no name is empty */
done:
    qsti_free(w->ctx, inner);
    if (names != NULL)
        free_names(w->ctx, names, n);
    return status;
}

qst_status qsti_tree_hash(qst_ctx *ctx, const char *path, char out[QSTI_HASH_CHARS])
{
    qst_status status = QST_OK;
    walk w = {.ctx = ctx};
    QSTI_TRY(QSTI_NEW(ctx, HASHED_BYTES, &w.bytes));
    QSTI_TRY(qsti_hasher_create(ctx, &w.hasher));
    QSTI_TRY(hash_folder(&w, path, 0));
done:
    if (w.hasher != NULL)
        qsti_hasher_finish(ctx, w.hasher, status == QST_OK ? out : NULL);
    qsti_free(ctx, w.bytes);
    return status;
}

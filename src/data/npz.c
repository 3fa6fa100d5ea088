/* npz.c: archives of arrays. Unpacking is libzip's; what may be unpacked was settled before by zip_directory.c. */
#include "data/npz.h"

#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "base/text.h"
#include "data/zip_directory.h"

#define ENDING ".npy"

struct qsti_npz {
    qst_ctx *ctx;
    char *path;
    zip_t *archive;
    qsti_zip_directory directory;
    size_t n_keys;
    char **keys;     /* (n_keys) */
    size_t *entries; /* (n_keys), index in the archive */
};

/* --- opening ------------------------------------------------------------------------------------------------------ */

static qst_status collect_keys(qsti_npz *npz)
{
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(npz->ctx, npz->directory.n_entries, &npz->keys));
    QSTI_TRY(QSTI_NEW(npz->ctx, npz->directory.n_entries, &npz->entries));
    for (size_t e = 0; e < npz->directory.n_entries; e++) {
        const char *name = npz->directory.entries[e].name;
        size_t n = strlen(name), n_ending = strlen(ENDING);
        if (n <= n_ending || strcmp(name + n - n_ending, ENDING) != 0) {
            continue;
        }
        QSTI_TRY(qsti_strndup(npz->ctx, name, n - n_ending, &npz->keys[npz->n_keys]));
        npz->entries[npz->n_keys++] = e;
    }
    if (npz->n_keys == 0) {
        QSTI_TRY(qsti_fail(npz->ctx, QST_ERR_INPUT, "%s: the archive holds no .npy arrays", npz->path));
    }
done:
    return status;
}

qst_status qsti_npz_open(qst_ctx *ctx, const char *path, qsti_npz **out)
{
    qst_status status = QST_OK;
    qsti_npz *npz = NULL;
    int descriptor = -1, error = 0;
    size_t n_bytes = 0;
    QSTI_TRY(QSTI_NEW(ctx, 1, &npz));
    npz->ctx = ctx;
    QSTI_TRY(qsti_strdup(ctx, path, &npz->path));
    QSTI_TRY(qsti_file_open(ctx, path, &descriptor, &n_bytes));
    QSTI_TRY(qsti_zip_directory_read(ctx, path, descriptor, n_bytes, &npz->directory));
    npz->archive = zip_fdopen(descriptor, ZIP_CHECKCONS, &error);
    if (npz->archive == NULL) {
        zip_error_t described;
        zip_error_init_with_code(&described, error);
        qst_status kind = error == ZIP_ER_MEMORY ? QST_ERR_MEMORY : QST_ERR_INPUT;
        status = qsti_fail(ctx, kind, "%s: %s", path, zip_error_strerror(&described));
        zip_error_fini(&described);
        goto done;
    }
    descriptor = -1;
    if (zip_get_num_entries(npz->archive, 0) != (zip_int64_t)npz->directory.n_entries) {
        QSTI_TRY(qsti_fail(ctx, QST_ERR_INPUT, "%s: the directory of the archive is ambiguous", path));
    }
    QSTI_TRY(collect_keys(npz));
    *out = npz;
    npz = NULL;
done:
    if (descriptor >= 0) {
        close(descriptor);
    }
    qsti_npz_close(npz);
    return status;
}

void qsti_npz_close(qsti_npz *npz)
{
    if (npz == NULL) {
        return;
    }
    qst_ctx *ctx = npz->ctx;
    if (npz->archive) {
        zip_discard(npz->archive);
    }
    for (size_t k = 0; k < npz->n_keys; k++) {
        qsti_free(ctx, npz->keys[k]);
    }
    qsti_free(ctx, npz->keys);
    qsti_free(ctx, npz->entries);
    qsti_zip_directory_clear(ctx, &npz->directory);
    qsti_free(ctx, npz->path);
    qsti_free(ctx, npz);
}

qst_ctx *qsti_npz_ctx(const qsti_npz *npz)
{
    return npz->ctx;
}

size_t qsti_npz_n_keys(const qsti_npz *npz)
{
    return npz->n_keys;
}

const char *qsti_npz_key(const qsti_npz *npz, size_t index)
{
    return npz->keys[index];
}

qst_status qsti_npz_find(const qsti_npz *npz, const char *key, size_t *out_index)
{
    for (size_t k = 0; k < npz->n_keys; k++) {
        if (strcmp(npz->keys[k], key) == 0) {
            *out_index = k;
            return QST_OK;
        }
    }
    qsti_text keys;
    qsti_text_init(&keys, npz->ctx);
    for (size_t k = 0; k < npz->n_keys; k++) {
        qsti_text_add(&keys, "%s\"%s\"", k ? ", " : "", npz->keys[k]);
    }
    qst_status status = keys.status;
    if (status == QST_OK) {
        status = qsti_fail(npz->ctx, QST_ERR_INPUT, "%s: has no array \"%s\", but %s", npz->path, key, keys.bytes);
    }
    qsti_text_clear(&keys);
    return status;
}

/* --- entries as streams ------------------------------------------------------------------------------------------- */

typedef struct entry_stream {
    qsti_stream stream;
    char *name;
    zip_file_t *file;
} entry_stream;

/* libzip compares the CRC when it is asked for more behind the last byte. */
static qst_status read_entry(qsti_stream *stream, void *bytes, size_t n_bytes, size_t *out_n)
{
    entry_stream *entry = (entry_stream *)stream;
    zip_int64_t got = zip_fread(entry->file, bytes, n_bytes);
    if (got < 0) {
        zip_error_t *error = zip_file_get_error(entry->file);
        qst_status kind = zip_error_code_zip(error) == ZIP_ER_MEMORY ? QST_ERR_MEMORY : QST_ERR_INPUT;
        return qsti_fail(stream->ctx, kind, "%s: byte %zu: %s", stream->name, stream->offset,
                         zip_error_strerror(error));
    }
    *out_n = (size_t)got;
    return QST_OK;
}

static void close_entry(qsti_stream *stream)
{
    entry_stream *entry = (entry_stream *)stream;
    if (entry->file) {
        zip_fclose(entry->file);
    }
    qsti_free(stream->ctx, entry->name);
    qsti_free(stream->ctx, entry);
}

qst_status qsti_npz_stream(qsti_npz *npz, size_t index, qsti_stream **out)
{
    qst_status status = QST_OK;
    entry_stream *entry = NULL;
    qsti_text name;
    size_t at = npz->entries[index];
    qsti_text_init(&name, npz->ctx);
    qsti_text_add(&name, "%s:%s", npz->path, npz->keys[index]);
    QSTI_TRY(name.status);
    QSTI_TRY(QSTI_NEW(npz->ctx, 1, &entry));
    entry->stream =
        (qsti_stream){npz->ctx, name.bytes, 0, (size_t)npz->directory.entries[at].n_unpacked, read_entry, close_entry};
    entry->name = name.bytes;
    name.bytes = NULL;
    entry->file = zip_fopen_index(npz->archive, at, 0);
    if (entry->file == NULL) {
        zip_error_t *error = zip_get_error(npz->archive);
        qst_status kind = zip_error_code_zip(error) == ZIP_ER_MEMORY ? QST_ERR_MEMORY : QST_ERR_INPUT;
        QSTI_TRY(qsti_fail(npz->ctx, kind, "%s: %s", entry->name, zip_error_strerror(error)));
    }
    *out = &entry->stream;
    entry = NULL;
done:
    if (entry) {
        close_entry(&entry->stream);
    }
    qsti_text_clear(&name);
    return status;
}

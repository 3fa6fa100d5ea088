/* npz_write.c: archives of arrays, written stored, without times, so that equal arrays give equal bytes. The archive is
 * libzip's; it grows in memory and is then written whole. */
#include <string.h>
#include <zip.h>

#include <qstill/data.h>

#include "base/file.h"
#include "base/text.h"
#include "data/npy.h"

#define ENDING    ".npz"
#define EPOCH_DOS 315532800 /* 1980-01-01, the first time that an archive can hold */

static qst_status fail_zip(qst_ctx *ctx, const char *path, const zip_error_t *error)
{
    qst_status kind = zip_error_code_zip(error) == ZIP_ER_MEMORY ? QST_ERR_MEMORY : QST_ERR_SYSTEM;
    return qsti_fail(ctx, kind, "%s: the archive cannot be made: %s", path, zip_error_strerror((zip_error_t *)error));
}

/* Header and values as one piece that libzip reads while it closes the archive. */
static qst_status make_entry(qst_ctx *ctx, const qst_complex_array *array, char **out, size_t *out_bytes)
{
    char header[QSTI_NPY_HEADER_BYTES];
    size_t n_bytes = sizeof *array->values,
           n_header = qsti_npy_format_header("<c16", array->shape, array->n_dims, header);
    char *bytes = NULL;
    for (size_t d = 0; d < array->n_dims; d++) {
        if (!qsti_mul(n_bytes, array->shape[d], &n_bytes)) {
            return qsti_fail(ctx, QST_ERR_LIMIT, "array %s: too large", array->name);
        }
    }
    qst_status status = qsti_alloc(ctx, n_header + n_bytes, 1, (void **)&bytes);
    if (status == QST_OK) {
        memcpy(bytes, header, n_header);
        memcpy(bytes + n_header, array->values, n_bytes);
        *out = bytes;
        *out_bytes = n_header + n_bytes;
    }
    return status;
}

static qst_status add_entry(qst_ctx *ctx, const char *path, zip_t *archive, const char *name, const char *bytes,
                            size_t n_bytes)
{
    qsti_text entry;
    qsti_text_init(&entry, ctx);
    qsti_text_add(&entry, "%s.npy", name);
    qst_status status = entry.status;
    zip_source_t *source = status == QST_OK ? zip_source_buffer(archive, bytes, n_bytes, 0) : NULL;
    zip_int64_t index = source ? zip_file_add(archive, entry.bytes, source, ZIP_FL_ENC_UTF_8) : -1;
    if (status == QST_OK && index < 0) {
        zip_source_free(source);
        status = fail_zip(ctx, path, zip_get_error(archive));
    }
    if (status == QST_OK && (zip_set_file_compression(archive, (zip_uint64_t)index, ZIP_CM_STORE, 0) < 0 ||
                             zip_file_set_mtime(archive, (zip_uint64_t)index, EPOCH_DOS, 0) < 0)) {
        status = fail_zip(ctx, path, zip_get_error(archive));
    }
    qsti_text_clear(&entry);
    return status;
}

/* What the closed archive wrote into its source. */
static qst_status write_source(qst_ctx *ctx, const char *path, zip_source_t *source)
{
    char *bytes = NULL;
    zip_stat_t about;
    qst_status status = QST_OK;
    if (zip_source_stat(source, &about) < 0 || zip_source_open(source) < 0) {
        return fail_zip(ctx, path, zip_source_error(source));
    }
    QSTI_TRY(qsti_alloc(ctx, (size_t)about.size, 1, (void **)&bytes));
    if (zip_source_read(source, bytes, about.size) != (zip_int64_t)about.size) {
        QSTI_TRY(fail_zip(ctx, path, zip_source_error(source)));
    }
    QSTI_TRY(qsti_file_write(ctx, path, bytes, (size_t)about.size));
done:
    zip_source_close(source);
    qsti_free(ctx, bytes);
    return status;
}

static qst_status check_name(qst_ctx *ctx, const char *path)
{
    size_t n = strlen(path), n_ending = strlen(ENDING);
    return n > n_ending && strcmp(path + n - n_ending, ENDING) == 0
               ? QST_OK
               : qsti_fail(ctx, QST_ERR_USAGE, "%s: the name must end in .npz", path);
}

static qst_status fill_archive(qst_ctx *ctx, const char *path, zip_t *archive, const qst_complex_array *arrays,
                               size_t n_arrays, char **entries)
{
    qst_status status = QST_OK;
    for (size_t a = 0; a < n_arrays; a++) {
        size_t n_bytes = 0;
        QSTI_TRY(make_entry(ctx, &arrays[a], &entries[a], &n_bytes));
        QSTI_TRY(add_entry(ctx, path, archive, arrays[a].name, entries[a], n_bytes));
    }
done:
    return status;
}

qst_status qst_complex_archive_write(qst_ctx *ctx, const char *path, const qst_complex_array *arrays, size_t n_arrays)
{
    zip_error_t error;
    zip_source_t *source = NULL;
    zip_t *archive = NULL;
    char **entries = NULL;
    qst_status status = QST_OK;
    zip_error_init(&error);
    QSTI_TRY(check_name(ctx, path));
    QSTI_TRY(QSTI_NEW(ctx, n_arrays, &entries));
    source = zip_source_buffer_create(NULL, 0, 0, &error);
    archive = source ? zip_open_from_source(source, ZIP_TRUNCATE, &error) : NULL;
    if (archive == NULL) {
        QSTI_TRY(fail_zip(ctx, path, &error));
    }
    zip_source_keep(source); /* closing the archive gives up its own hold */
    status = fill_archive(ctx, path, archive, arrays, n_arrays, entries);
    if (status == QST_OK && zip_close(archive) < 0) {
        status = fail_zip(ctx, path, zip_get_error(archive));
    } else if (status == QST_OK) {
        archive = NULL;
        status = write_source(ctx, path, source);
    }
done:
    if (archive) {
        zip_discard(archive);
    }
    if (source) {
        zip_source_free(source);
    }
    for (size_t a = 0; entries && a < n_arrays; a++) {
        qsti_free(ctx, entries[a]);
    }
    qsti_free(ctx, entries);
    zip_error_fini(&error);
    return status;
}

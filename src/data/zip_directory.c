/* zip_directory.c: the central directory of a ZIP archive (APPNOTE.TXT of PKWARE), walked by hand.
 *
 *   local header, data, [descriptor] ... | directory | [zip64 end record, zip64 locator] | end record, comment
 *
 * libzip neither finds overlapping entries (the heart of ZIP bombs) nor limits anything, so these checks come before
 * it: the directory lies between the data and the end record and fills that space; each entry's local header agrees
 * with it; what the entries take up does not overlap; names differ and stay inside a folder. Nothing is unpacked here.
 */
#include "data/zip_directory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define END_BYTES        22
#define MAX_COMMENT      65535
#define LOCATOR_BYTES    20
#define END64_BYTES      56
#define CENTRAL_BYTES    46
#define LOCAL_BYTES      30
#define DESCRIPTOR_BYTES 12
#define ZIP64_EXTRA      1
#define MAX16            0xffffU
#define MAX32            0xffffffffU

#define FLAG_ENCRYPTED  0x0001U
#define FLAG_DESCRIPTOR 0x0008U
#define FLAG_STRONG     0x0040U
#define FLAG_MASKED     0x2000U

typedef struct zip_file {
    qst_ctx *ctx;
    const char *path;
    int descriptor;
    uint64_t n_bytes;
    uint64_t directory_first, directory_bytes, n_entries;
} zip_file;

/* --- bytes -------------------------------------------------------------------------------------------------------- */

static uint64_t number_at(const unsigned char *bytes, size_t n_bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n_bytes; i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    return value;
}

static unsigned u16_at(const unsigned char *bytes)
{
    return (unsigned)number_at(bytes, 2);
}

static uint64_t u32_at(const unsigned char *bytes)
{
    return number_at(bytes, 4);
}

static qst_status fail_at_byte(const zip_file *file, uint64_t offset, const char *problem)
{
    return qsti_fail(file->ctx, QST_ERR_INPUT, "%s: byte %llu: %s", file->path, (unsigned long long)offset, problem);
}

/* Reads bytes of which the caller knows that they lie in the file. */
static qst_status read_at(const zip_file *file, uint64_t offset, void *bytes, size_t n_bytes)
{
    size_t n_read = 0;
    while (n_read < n_bytes) {
        ssize_t got = pread(file->descriptor, (char *)bytes + n_read, n_bytes - n_read, (off_t)(offset + n_read));
        if (got == 0) {
            return qsti_fail(file->ctx, QST_ERR_SYSTEM, "%s: changed while it was read", file->path);
        }
        if (got > 0) {
            n_read += (size_t)got;
        } else if (errno != EINTR) {
            return qsti_fail_errno(file->ctx, "%s: cannot be read", file->path);
        }
    }
    return QST_OK;
}

/* --- the end of the archive --------------------------------------------------------------------------------------- */

/* The last end record whose comment ends with the file. */
static qst_status find_end(const zip_file *file, unsigned char end[END_BYTES], uint64_t *out_offset)
{
    qst_status status = QST_OK;
    unsigned char *tail = NULL;
    size_t n_tail = file->n_bytes < END_BYTES + MAX_COMMENT ? (size_t)file->n_bytes : END_BYTES + MAX_COMMENT;
    if (n_tail < END_BYTES) {
        return fail_at_byte(file, 0, file->n_bytes ? "this is no ZIP archive" : "the file is empty");
    }
    QSTI_TRY(QSTI_NEW(file->ctx, n_tail, &tail));
    QSTI_TRY(read_at(file, file->n_bytes - n_tail, tail, n_tail));
    for (size_t at = n_tail - END_BYTES + 1; at-- > 0;) {
        if (memcmp(tail + at, "PK\5\6", 4) == 0 && at + END_BYTES + u16_at(tail + at + 20) == n_tail) {
            memcpy(end, tail + at, END_BYTES);
            *out_offset = file->n_bytes - n_tail + at;
            goto done;
        }
    }
    status = fail_at_byte(file, 0, "this is no ZIP archive: it has no end record");
done:
    qsti_free(file->ctx, tail);
    return status;
}

/* Takes the three figures from the zip64 end record, where the end record says that they are there. *end: where the
 * directory must end. */
static qst_status read_end64(zip_file *file, uint64_t *end)
{
    unsigned char locator[LOCATOR_BYTES], record[END64_BYTES];
    if (*end < LOCATOR_BYTES + END64_BYTES) {
        return fail_at_byte(file, *end, "the zip64 records are missing");
    }
    uint64_t at = *end - LOCATOR_BYTES;
    qst_status status = read_at(file, at, locator, sizeof locator);
    if (status != QST_OK) {
        return status;
    }
    uint64_t first = number_at(locator + 8, 8);
    if (memcmp(locator, "PK\6\7", 4) != 0 || u32_at(locator + 4) != 0 || u32_at(locator + 16) > 1 ||
        first > at - END64_BYTES) {
        return fail_at_byte(file, at, "the zip64 locator is damaged");
    }
    status = read_at(file, first, record, sizeof record);
    if (status != QST_OK) {
        return status;
    }
    if (memcmp(record, "PK\6\6", 4) != 0 || number_at(record + 4, 8) != at - first - 12 || u32_at(record + 16) != 0 ||
        u32_at(record + 20) != 0 || number_at(record + 24, 8) != number_at(record + 32, 8)) {
        return fail_at_byte(file, first, "the zip64 end record is damaged");
    }
    file->n_entries = number_at(record + 32, 8);
    file->directory_bytes = number_at(record + 40, 8);
    file->directory_first = number_at(record + 48, 8);
    *end = first;
    return QST_OK;
}

static qst_status read_end(zip_file *file)
{
    unsigned char record[END_BYTES];
    uint64_t end = 0, directory_end;
    qst_status status = find_end(file, record, &end);
    if (status != QST_OK) {
        return status;
    }
    if (u16_at(record + 4) != u16_at(record + 6) || u16_at(record + 8) != u16_at(record + 10)) {
        return qsti_fail(file->ctx, QST_ERR_UNSUPPORTED, "%s: an archive in several parts", file->path);
    }
    file->n_entries = u16_at(record + 10);
    file->directory_bytes = u32_at(record + 12);
    file->directory_first = u32_at(record + 16);
    if (file->n_entries == MAX16 || file->directory_bytes == MAX32 || file->directory_first == MAX32) {
        status = read_end64(file, &end);
        if (status != QST_OK) {
            return status;
        }
    }
    if (__builtin_add_overflow(file->directory_first, file->directory_bytes, &directory_end) || directory_end != end) {
        return fail_at_byte(file, end, "the directory of the archive is not where its end record says");
    }
    if (file->n_entries > QSTI_ZIP_MAX_ENTRIES) {
        return qsti_fail(file->ctx, QST_ERR_INPUT, "%s: %llu entries: %d are the limit", file->path,
                         (unsigned long long)file->n_entries, QSTI_ZIP_MAX_ENTRIES);
    }
    if (file->n_entries == 0) {
        return fail_at_byte(file, end, "the archive has no entries");
    }
    return QST_OK;
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

/* Replaces those of the figures that are all ones by those of the zip64 field, which has them in this order. */
static bool apply_zip64(const unsigned char *extra, size_t n_extra, uint64_t *const figures[3])
{
    size_t n_needed = 0;
    for (size_t f = 0; f < 3; f++) {
        n_needed += figures[f] && *figures[f] == MAX32;
    }
    for (size_t at = 0; n_needed && at + 4 <= n_extra;) {
        size_t id = u16_at(extra + at), n_field = u16_at(extra + at + 2);
        if (n_field > n_extra - at - 4) {
            return false;
        }
        if (id == ZIP64_EXTRA) {
            if (n_field < 8 * n_needed) {
                return false;
            }
            const unsigned char *field = extra + at + 4;
            for (size_t f = 0; f < 3; f++) {
                if (figures[f] && *figures[f] == MAX32) {
                    *figures[f] = number_at(field, 8);
                    field += 8;
                }
            }
            return true;
        }
        at += 4 + n_field;
    }
    return n_needed == 0;
}

/* No absolute path, no "..", no backslash, no NUL. Names are never used as paths; such a name was made to do harm. */
static bool is_safe_name(const char *name, size_t n)
{
    if (n == 0 || name[0] == '/' || memchr(name, '\0', n) || memchr(name, '\\', n) || !qsti_utf8_is_valid(name, n)) {
        return false;
    }
    for (size_t first = 0; first < n;) {
        const char *slash = memchr(name + first, '/', n - first);
        size_t length = slash ? (size_t)(slash - name) - first : n - first;
        if (length == 2 && memcmp(name + first, "..", 2) == 0) {
            return false;
        }
        first += length + 1;
    }
    return true;
}

static qst_status check_figures(const zip_file *file, const qsti_zip_entry *entry)
{
    if (entry->flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED)) {
        return qsti_fail(file->ctx, QST_ERR_UNSUPPORTED, "%s: entry \"%s\" is encrypted", file->path, entry->name);
    }
    if (entry->method != 0 && entry->method != 8) {
        return qsti_fail(file->ctx, QST_ERR_UNSUPPORTED,
                         "%s: entry \"%s\" is compressed by method %u: stored (0) and deflate (8) are read", file->path,
                         entry->name, entry->method);
    }
    if (entry->method == 0 && entry->n_packed != entry->n_unpacked) {
        return qsti_fail(file->ctx, QST_ERR_INPUT, "%s: entry \"%s\" is stored, and its two sizes differ", file->path,
                         entry->name);
    }
    if (entry->n_unpacked > (uint64_t)1 << 20 && entry->n_unpacked / QSTI_ZIP_MAX_RATIO > entry->n_packed) {
        return qsti_fail(file->ctx, QST_ERR_INPUT, "%s: entry \"%s\" expands to more than %d times its size",
                         file->path, entry->name, QSTI_ZIP_MAX_RATIO);
    }
    return QST_OK;
}

/* Compares the local header with the entry and fills in where the entry ends. */
static qst_status check_local(const zip_file *file, qsti_zip_entry *entry)
{
    qst_status status = QST_OK;
    unsigned char header[LOCAL_BYTES], *rest = NULL;
    size_t n_name = strlen(entry->name);
    uint64_t end = entry->first;
    if (entry->first > file->directory_first || file->directory_first - entry->first < LOCAL_BYTES) {
        return fail_at_byte(file, entry->first, "an entry lies outside the archive");
    }
    QSTI_TRY(read_at(file, entry->first, header, sizeof header));
    size_t n_rest = u16_at(header + 26) + u16_at(header + 28);
    if (memcmp(header, "PK\3\4", 4) != 0 || u16_at(header + 26) != n_name) {
        QSTI_TRY(fail_at_byte(file, entry->first, "the header of an entry is not that of the directory"));
    }
    if (__builtin_add_overflow(end, LOCAL_BYTES + n_rest, &end) || __builtin_add_overflow(end, entry->n_packed, &end) ||
        __builtin_add_overflow(end, entry->flags & FLAG_DESCRIPTOR ? DESCRIPTOR_BYTES : 0, &end) ||
        end > file->directory_first) {
        QSTI_TRY(fail_at_byte(file, entry->first, "an entry is larger than the archive"));
    }
    QSTI_TRY(QSTI_NEW(file->ctx, n_rest, &rest));
    QSTI_TRY(read_at(file, entry->first + LOCAL_BYTES, rest, n_rest));
    uint64_t n_packed = u32_at(header + 18), n_unpacked = u32_at(header + 22);
    bool same = apply_zip64(rest + n_name, n_rest - n_name, (uint64_t *const[3]){&n_unpacked, &n_packed, NULL});
    same = same && memcmp(rest, entry->name, n_name) == 0 && u16_at(header + 6) == entry->flags &&
           u16_at(header + 8) == entry->method;
    if (!(entry->flags & FLAG_DESCRIPTOR)) {
        same = same && n_packed == entry->n_packed && n_unpacked == entry->n_unpacked;
    }
    if (!same) {
        QSTI_TRY(fail_at_byte(file, entry->first, "the header of an entry is not that of the directory"));
    }
    entry->end = end;
done:
    qsti_free(file->ctx, rest);
    return status;
}

/* One entry of the directory at bytes[*at..n_bytes). */
static qst_status read_entry(const zip_file *file, const unsigned char *bytes, size_t n_bytes, size_t *at,
                             qsti_zip_entry *entry)
{
    const unsigned char *b = bytes + *at;
    uint64_t offset = file->directory_first + *at;
    if (n_bytes - *at < CENTRAL_BYTES || memcmp(b, "PK\1\2", 4) != 0) {
        return fail_at_byte(file, offset, "the directory of the archive is damaged");
    }
    size_t n_name = u16_at(b + 28), n_extra = u16_at(b + 30), n_comment = u16_at(b + 32);
    if (n_bytes - *at - CENTRAL_BYTES < n_name + n_extra + n_comment) {
        return fail_at_byte(file, offset, "the directory of the archive is damaged");
    }
    const char *name = (const char *)b + CENTRAL_BYTES;
    if (n_name > QSTI_ZIP_MAX_NAME || !is_safe_name(name, n_name)) {
        return fail_at_byte(file, offset,
                            "the name of an entry is empty, no UTF-8, longer than 1024 bytes, or leads "
                            "out of the folder");
    }
    entry->flags = u16_at(b + 8);
    entry->method = u16_at(b + 10);
    entry->n_packed = u32_at(b + 20);
    entry->n_unpacked = u32_at(b + 24);
    entry->first = u32_at(b + 42);
    if (!apply_zip64(b + CENTRAL_BYTES + n_name, n_extra,
                     (uint64_t *const[3]){&entry->n_unpacked, &entry->n_packed, &entry->first})) {
        return fail_at_byte(file, offset, "the zip64 field of an entry is damaged");
    }
    *at += CENTRAL_BYTES + n_name + n_extra + n_comment;
    qst_status status = qsti_strndup(file->ctx, name, n_name, &entry->name);
    if (status == QST_OK) {
        status = check_figures(file, entry);
    }
    return status == QST_OK ? check_local(file, entry) : status;
}

/* --- all entries -------------------------------------------------------------------------------------------------- */

static int compare_first(const void *a, const void *b)
{
    const qsti_zip_entry *x = *(const qsti_zip_entry *const *)a, *y = *(const qsti_zip_entry *const *)b;
    return (x->first > y->first) - (x->first < y->first);
}

static int compare_name(const void *a, const void *b)
{
    return strcmp((*(const qsti_zip_entry *const *)a)->name, (*(const qsti_zip_entry *const *)b)->name);
}

static qst_status check_together(const zip_file *file, const qsti_zip_directory *directory)
{
    qst_status status = QST_OK;
    const qsti_zip_entry **order = NULL;
    uint64_t total = 0;
    QSTI_TRY(qsti_alloc(file->ctx, directory->n_entries, sizeof(qsti_zip_entry *), (void **)&order));
    for (size_t e = 0; e < directory->n_entries; e++) {
        order[e] = &directory->entries[e];
        if (order[e]->n_unpacked > QSTI_ZIP_MAX_BYTES || (total += order[e]->n_unpacked) > QSTI_ZIP_MAX_BYTES) {
            QSTI_TRY(qsti_fail(file->ctx, QST_ERR_INPUT, "%s: the archive expands to more than %llu bytes", file->path,
                               (unsigned long long)QSTI_ZIP_MAX_BYTES));
        }
    }
    qsort(order, directory->n_entries, sizeof(qsti_zip_entry *), compare_first);
    for (size_t e = 1; e < directory->n_entries; e++) {
        if (order[e]->first < order[e - 1]->end) {
            QSTI_TRY(qsti_fail(file->ctx, QST_ERR_INPUT, "%s: byte %llu: the entries \"%s\" and \"%s\" overlap",
                               file->path, (unsigned long long)order[e]->first, order[e - 1]->name, order[e]->name));
        }
    }
    qsort(order, directory->n_entries, sizeof(qsti_zip_entry *), compare_name);
    for (size_t e = 1; e < directory->n_entries; e++) {
        if (strcmp(order[e]->name, order[e - 1]->name) == 0) {
            QSTI_TRY(qsti_fail(file->ctx, QST_ERR_INPUT, "%s: two entries have the name \"%s\"", file->path,
                               order[e]->name));
        }
    }
done:
    qsti_free(file->ctx, order);
    return status;
}

void qsti_zip_directory_clear(qst_ctx *ctx, qsti_zip_directory *directory)
{
    for (size_t e = 0; e < directory->n_entries; e++) {
        qsti_free(ctx, directory->entries[e].name);
    }
    qsti_free(ctx, directory->entries);
    *directory = (qsti_zip_directory){NULL, 0};
}

qst_status qsti_zip_directory_read(qst_ctx *ctx, const char *path, int descriptor, size_t n_bytes,
                                   qsti_zip_directory *out)
{
    const uint64_t max_entry_bytes = CENTRAL_BYTES + QSTI_ZIP_MAX_NAME + 2 * (uint64_t)MAX16;
    qst_status status = QST_OK;
    zip_file file = {.ctx = ctx, .path = path, .descriptor = descriptor, .n_bytes = n_bytes};
    qsti_zip_directory directory = {NULL, 0};
    unsigned char *bytes = NULL;
    size_t at = 0;
    QSTI_TRY(read_end(&file));
    if (file.directory_bytes > file.n_entries * max_entry_bytes) {
        QSTI_TRY(fail_at_byte(&file, file.directory_first, "the directory of the archive is larger than its entries"));
    }
    QSTI_TRY(QSTI_NEW(ctx, (size_t)file.directory_bytes, &bytes));
    QSTI_TRY(read_at(&file, file.directory_first, bytes, (size_t)file.directory_bytes));
    QSTI_TRY(QSTI_NEW(ctx, (size_t)file.n_entries, &directory.entries));
    for (directory.n_entries = 0; directory.n_entries < file.n_entries;) {
        qsti_zip_entry *entry = &directory.entries[directory.n_entries++];
        QSTI_TRY(read_entry(&file, bytes, (size_t)file.directory_bytes, &at, entry));
    }
    if (at != file.directory_bytes) {
        QSTI_TRY(fail_at_byte(&file, file.directory_first + at, "the directory of the archive is damaged"));
    }
    QSTI_TRY(check_together(&file, &directory));
    *out = directory;
    directory = (qsti_zip_directory){NULL, 0};
done:
    qsti_zip_directory_clear(ctx, &directory);
    qsti_free(ctx, bytes);
    return status;
}

/* zip_directory.h: what is in a ZIP archive, read and checked by ourselves before a library sees the file. */
#ifndef QSTI_DATA_ZIP_DIRECTORY_H
#define QSTI_DATA_ZIP_DIRECTORY_H

#include "base/memory.h"

#define QSTI_ZIP_MAX_ENTRIES 4096
#define QSTI_ZIP_MAX_NAME    1024                /* bytes */
#define QSTI_ZIP_MAX_RATIO   1000                /* unpacked : packed, for entries above 1 MiB */
#define QSTI_ZIP_MAX_BYTES   ((uint64_t)8 << 30) /* unpacked, all entries together */

typedef struct qsti_zip_entry {
    char *name;
    uint64_t first, end; /* what it takes up in the file: header, data and descriptor */
    uint64_t n_packed, n_unpacked;
    unsigned method, flags;
} qsti_zip_entry;

typedef struct qsti_zip_directory {
    qsti_zip_entry *entries; /* in the order of the directory, which is also libzip's */
    size_t n_entries;
} qsti_zip_directory;

/* Reads the central directory and every local header of an open file of n_bytes. Errors, all with the name of the file:
 * ERR_INPUT: not a ZIP, fields that contradict each other or the file, entries that overlap or have one name, a name
 * that leads out of a folder, a limit above; ERR_UNSUPPORTED: encryption, a method other than stored and deflate,
 * several disks. */
qst_status qsti_zip_directory_read(qst_ctx *ctx, const char *path, int descriptor, size_t n_bytes,
                                   qsti_zip_directory *out);
void qsti_zip_directory_clear(qst_ctx *ctx, qsti_zip_directory *directory);

#endif

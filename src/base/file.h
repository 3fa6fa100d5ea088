/* file.h: whole files in, whole files out, nothing half-written. */
#ifndef QSTI_BASE_FILE_H
#define QSTI_BASE_FILE_H

#include "base/hash.h"
#include "base/memory.h"

/* Reads a regular file whole (a NUL is added behind it). "-" is stdin. Errors: ERR_SYSTEM (missing, a directory, a FIFO
 * or device, unreadable, changed while it was read), ERR_LIMIT above max_bytes (checked before anything is allocated),
 * ERR_MEMORY. Free the bytes with qsti_free(). */
qst_status qsti_file_read(qst_ctx *ctx, const char *path, size_t max_bytes, char **out_bytes, size_t *out_length);

/* Reading in steps, for formats whose header says how much may follow: opens a regular file (never "-") and gives its
 * size; then reads exactly n_bytes from where the last read ended. The caller closes the descriptor. Errors:
 * ERR_SYSTEM, also when the file ends early. */
qst_status qsti_file_open(qst_ctx *ctx, const char *path, int *out_descriptor, size_t *out_length);
qst_status qsti_file_read_exactly(qst_ctx *ctx, const char *path, int descriptor, void *bytes, size_t n_bytes);

/* Opens a regular file for a name that stands in somebody's file: it lies in `folder` itself (no slash, not "." or
 * ".."), and is no link. Errors: ERR_INPUT for another name, ERR_SYSTEM. */
qst_status qsti_file_open_inside(qst_ctx *ctx, const char *folder, const char *name, int *out_descriptor,
                                 size_t *out_length);

/* Writes a file atomically: a new file in the same folder, flushed, renamed, folder flushed. The file appears whole or
 * not at all; a link to a file is followed. "-" is stdout; a FIFO or a character device is written to as it is.
 * Permissions follow the umask. Errors: ERR_SYSTEM. */
qst_status qsti_file_write(qst_ctx *ctx, const char *path, const void *bytes, size_t n_bytes);

/* The same for a file made of several pieces. */
typedef struct qsti_piece {
    const void *bytes;
    size_t n_bytes;
} qsti_piece;
qst_status qsti_file_write_pieces(qst_ctx *ctx, const char *path, const qsti_piece *pieces, size_t n_pieces);

/* Makes a folder and its parents; one that exists is fine. Errors: ERR_SYSTEM. */
qst_status qsti_folder_make(qst_ctx *ctx, const char *path);

/* Whether something is there (a dangling link counts); whether it is a folder without entries (or missing). */
bool qsti_path_exists(const char *path);
/* Whether two paths that exist are one file or folder, whatever they are called. */
bool qsti_path_is_same(const char *a, const char *b);
bool qsti_folder_is_empty(const char *path);

/* "a" + "b.json" -> "a/b.json"; "a/" and "" do not double the slash. Free with qsti_free(). */
qst_status qsti_path_join(qst_ctx *ctx, const char *folder, const char *name, char **out);

#endif

/* tree_hash.h: one hash of all files below a folder. */
#ifndef QSTI_IMPORT_TREE_HASH_H
#define QSTI_IMPORT_TREE_HASH_H

#include "base/hash.h"

/* SHA-256 over the names and bytes of all files below `path`, folder by folder in the order of their names' bytes.
 * Errors: ERR_SYSTEM (unreadable, or neither file nor folder), ERR_LIMIT (more than 10,000 entries, or deeper than 16),
 * ERR_MEMORY. */
qst_status qsti_tree_hash(qst_ctx *ctx, const char *path, char out[QSTI_HASH_CHARS]);

#endif

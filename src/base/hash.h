/* hash.h: SHA-256, for provenance and checksums. */
#ifndef QSTI_BASE_HASH_H
#define QSTI_BASE_HASH_H

#include "base/status.h"

/* 64 lower-case hex digits and a NUL. */
#define QSTI_HASH_CHARS 65
void qsti_hash_bytes(const void *bytes, size_t n_bytes, char out[QSTI_HASH_CHARS]);

/* The hash of several pieces: begin, add, end. Finish frees the hasher; out may be NULL to throw it away. */
typedef struct qsti_hasher qsti_hasher;
qst_status qsti_hasher_create(qst_ctx *ctx, qsti_hasher **out);
void qsti_hasher_add(qsti_hasher *hasher, const void *bytes, size_t n_bytes);
void qsti_hasher_finish(qst_ctx *ctx, qsti_hasher *hasher, char out[QSTI_HASH_CHARS]);

#endif

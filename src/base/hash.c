/* hash.c: SHA-256 by libmd, as hex text. */
#include "base/hash.h"

#include <sha2.h>

#include "base/memory.h"

struct qsti_hasher {
    SHA2_CTX state;
};

static void finish(SHA2_CTX *state, char out[QSTI_HASH_CHARS])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256Final(digest, state);
    for (size_t i = 0; i < sizeof digest; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[2 * sizeof digest] = '\0';
}

void qsti_hash_bytes(const void *bytes, size_t n_bytes, char out[QSTI_HASH_CHARS])
{
    SHA2_CTX state;
    SHA256Init(&state);
    SHA256Update(&state, bytes, n_bytes);
    finish(&state, out);
}

qst_status qsti_hasher_create(qst_ctx *ctx, qsti_hasher **out)
{
    qsti_hasher *hasher = NULL;
    qst_status status = QSTI_NEW(ctx, 1, &hasher);
    if (status == QST_OK) {
        SHA256Init(&hasher->state);
        *out = hasher;
    }
    return status;
}

void qsti_hasher_add(qsti_hasher *hasher, const void *bytes, size_t n_bytes)
{
    SHA256Update(&hasher->state, bytes, n_bytes);
}

void qsti_hasher_finish(qst_ctx *ctx, qsti_hasher *hasher, char out[QSTI_HASH_CHARS])
{
    if (hasher == NULL) {
        return;
    }
    if (out) {
        finish(&hasher->state, out);
    }
    qsti_free(ctx, hasher);
}

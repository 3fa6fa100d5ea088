/* make_zip.h: small ZIP archives, right at first, with the places of their headers, so that tests can spoil them. */
#ifndef QSTILL_TESTS_MAKE_ZIP_H
#define QSTILL_TESTS_MAKE_ZIP_H

#include <stddef.h>

#define ZIP_MAX_PARTS 4

typedef struct zip_part {
    const char *name;
    const void *bytes;
    size_t n_bytes;
    int deflate; /* else stored */
} zip_part;

typedef struct made_zip {
    unsigned char bytes[20000];
    size_t n_bytes;
    size_t local[ZIP_MAX_PARTS], data[ZIP_MAX_PARTS], central[ZIP_MAX_PARTS], end; /* where they begin */
} made_zip;

void zip_make(const zip_part *parts, size_t n_parts, made_zip *out);

/* Replaces n bytes by a little-endian number. */
void zip_put(made_zip *zip, size_t at, size_t n, unsigned long long value);

#endif

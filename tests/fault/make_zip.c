/* make_zip.c: see make_zip.h. */
#include "fault/make_zip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

void zip_put(made_zip *zip, size_t at, size_t n, unsigned long long value)
{
    for (size_t i = 0; i < n; i++) {
        zip->bytes[at + i] = (unsigned char)(value >> (8 * i));
    }
}

static void add(made_zip *zip, size_t n, unsigned long long value)
{
    zip->n_bytes += n;
    if (zip->n_bytes > sizeof zip->bytes) {
        abort();
    }
    zip_put(zip, zip->n_bytes - n, n, value);
}

static void add_bytes(made_zip *zip, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        add(zip, 1, ((const unsigned char *)bytes)[i]);
    }
}

/* What local and central headers have in common, from "version needed" to the length of the extra field. */
static void add_common(made_zip *zip, const zip_part *part, size_t n_packed)
{
    add(zip, 2, 20);
    add(zip, 2, 0);
    add(zip, 2, part->deflate ? 8 : 0);
    add(zip, 4, 0x21U << 16);
    add(zip, 4, crc32(0, part->bytes, (unsigned)part->n_bytes));
    add(zip, 4, n_packed);
    add(zip, 4, part->n_bytes);
    add(zip, 2, strlen(part->name));
    add(zip, 2, 0);
}

static size_t pack(const zip_part *part, unsigned char *out, size_t room)
{
    if (!part->deflate) {
        memcpy(out, part->bytes, part->n_bytes);
        return part->n_bytes;
    }
    z_stream z = {.next_in = (Bytef *)part->bytes,
                  .avail_in = (unsigned)part->n_bytes,
                  .next_out = out,
                  .avail_out = (unsigned)room};
    if (deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK || deflate(&z, Z_FINISH) != Z_STREAM_END) {
        abort();
    }
    deflateEnd(&z);
    return room - z.avail_out;
}

void zip_make(const zip_part *parts, size_t n_parts, made_zip *out)
{
    static unsigned char packed[ZIP_MAX_PARTS][8000];
    size_t n_packed[ZIP_MAX_PARTS];
    *out = (made_zip){.n_bytes = 0};
    for (size_t p = 0; p < n_parts; p++) {
        n_packed[p] = pack(&parts[p], packed[p], sizeof packed[p]);
        out->local[p] = out->n_bytes;
        add(out, 4, 0x04034b50);
        add_common(out, &parts[p], n_packed[p]);
        add_bytes(out, parts[p].name, strlen(parts[p].name));
        out->data[p] = out->n_bytes;
        add_bytes(out, packed[p], n_packed[p]);
    }
    for (size_t p = 0; p < n_parts; p++) {
        out->central[p] = out->n_bytes;
        add(out, 4, 0x02014b50);
        add(out, 2, 20);
        add_common(out, &parts[p], n_packed[p]);
        add(out, 6, 0);
        add(out, 4, 0);
        add(out, 4, out->local[p]);
        add_bytes(out, parts[p].name, strlen(parts[p].name));
    }
    out->end = out->n_bytes;
    add(out, 4, 0x06054b50);
    add(out, 4, 0);
    add(out, 2, n_parts);
    add(out, 2, n_parts);
    add(out, 4, out->end - out->central[0]);
    add(out, 4, out->central[0]);
    add(out, 2, 0);
}

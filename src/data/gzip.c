/* gzip.c: the inside of a gzip file as a stream, by zlib. Concatenated members are read one after the other, as gzip
 * itself does; anything else behind the last member is refused. Deflate reaches 1000:1, real tables stay far below: a
 * file that expands further than the limits of stream.h is refused while it is read. */
#include <string.h>
#include <zlib.h>

#include "data/stream.h"

#define PACKED_BYTES 65536
#define GZIP_WRAPPER (15 + 16) /* the largest window, gzip header and trailer */

typedef struct gzip_stream {
    qsti_stream stream;
    qsti_stream *packed;
    z_stream inflater;
    bool member_open, ended;
    size_t n_written;
    unsigned char input[PACKED_BYTES];
} gzip_stream;

static void *allocate(void *ctx, unsigned count, unsigned item_bytes)
{
    void *pointer = NULL;
    return qsti_alloc(ctx, count, item_bytes, &pointer) == QST_OK ? pointer : NULL;
}

static void release(void *ctx, void *pointer)
{
    qsti_free(ctx, pointer);
}

static size_t packed_offset(const gzip_stream *gzip)
{
    return gzip->packed->offset - gzip->inflater.avail_in;
}

static qst_status fail_here(const gzip_stream *gzip, const char *problem)
{
    return qsti_fail(gzip->stream.ctx, QST_ERR_INPUT, "%s: byte %zu: %s", gzip->stream.name, packed_offset(gzip),
                     problem);
}

/* Fills the input buffer when it is empty; *out_any: whether a byte is there. */
static qst_status fill(gzip_stream *gzip, bool *out_any)
{
    if (gzip->inflater.avail_in == 0) {
        size_t got = 0;
        qst_status status = qsti_stream_read(gzip->packed, gzip->input, PACKED_BYTES, &got);
        if (status != QST_OK) {
            return status;
        }
        gzip->inflater.next_in = gzip->input;
        gzip->inflater.avail_in = (unsigned)got;
    }
    *out_any = gzip->inflater.avail_in > 0;
    return QST_OK;
}

/* Begins the next member, or notes the end of the file. */
static qst_status begin_member(gzip_stream *gzip)
{
    bool any = false;
    qst_status status = fill(gzip, &any);
    if (status != QST_OK) {
        return status;
    }
    if (!any) {
        if (gzip->packed->offset == 0) {
            return qsti_fail(gzip->stream.ctx, QST_ERR_INPUT, "%s: the file is empty", gzip->stream.name);
        }
        gzip->ended = true;
        return QST_OK;
    }
    if (gzip->inflater.next_in[0] != 0x1f) {
        return fail_here(gzip, packed_offset(gzip) == 0 ? "this is no gzip file"
                                                        : "bytes that are not gzip follow the compressed data");
    }
    inflateReset(&gzip->inflater);
    gzip->member_open = true;
    return QST_OK;
}

static qst_status check_limits(const gzip_stream *gzip)
{
    size_t n_out = gzip->n_written;
    if (n_out > QSTI_GZIP_MAX_BYTES) {
        return qsti_fail(gzip->stream.ctx, QST_ERR_INPUT,
                         "%s: expands to more than %zu bytes: unpack it with gunzip if it can be trusted",
                         gzip->stream.name, QSTI_GZIP_MAX_BYTES);
    }
    if (n_out > QSTI_GZIP_FREE_BYTES && n_out / QSTI_GZIP_MAX_RATIO > packed_offset(gzip)) {
        return qsti_fail(gzip->stream.ctx, QST_ERR_INPUT,
                         "%s: expands to more than %d times its size: unpack it with gunzip if it can be trusted",
                         gzip->stream.name, QSTI_GZIP_MAX_RATIO);
    }
    return QST_OK;
}

/* Inflates into [next_out, avail_out) until something came out or the member ended. */
static qst_status inflate_some(gzip_stream *gzip, size_t n_wanted)
{
    while (gzip->member_open && gzip->inflater.avail_out == n_wanted) {
        bool any = false;
        qst_status status = fill(gzip, &any);
        if (status != QST_OK) {
            return status;
        }
        if (!any) {
            return fail_here(gzip, "the file ends within the compressed data");
        }
        int result = inflate(&gzip->inflater, Z_NO_FLUSH);
        if (result == Z_STREAM_END) {
            gzip->member_open = false;
        } else if (result == Z_MEM_ERROR) {
            return qsti_fail(gzip->stream.ctx, QST_ERR_MEMORY, "%s: out of memory while it was unpacked",
                             gzip->stream.name);
        } else if (result != Z_OK) {
            return fail_here(gzip, gzip->inflater.msg ? gzip->inflater.msg : "the compressed data are damaged");
        }
    }
    return QST_OK;
}

static qst_status read_gzip(qsti_stream *stream, void *bytes, size_t n_bytes, size_t *out_n)
{
    gzip_stream *gzip = (gzip_stream *)stream;
    qst_status status = QST_OK;
    size_t n_wanted = n_bytes < (1U << 30) ? n_bytes : 1U << 30;
    gzip->inflater.next_out = bytes;
    gzip->inflater.avail_out = (unsigned)n_wanted;
    while (!gzip->ended && gzip->inflater.avail_out == n_wanted) {
        if (!gzip->member_open) {
            QSTI_TRY(begin_member(gzip));
        }
        QSTI_TRY(inflate_some(gzip, n_wanted));
    }
    *out_n = n_wanted - gzip->inflater.avail_out;
    gzip->n_written += *out_n;
    status = check_limits(gzip);
done:
    return status;
}

static void close_gzip(qsti_stream *stream)
{
    gzip_stream *gzip = (gzip_stream *)stream;
    inflateEnd(&gzip->inflater);
    qsti_stream_close(gzip->packed);
    qsti_free(stream->ctx, gzip);
}

qst_status qsti_stream_open_gzip(qsti_stream *packed, qsti_stream **out)
{
    qst_ctx *ctx = packed->ctx;
    gzip_stream *gzip = NULL;
    qst_status status = QSTI_NEW(ctx, 1, &gzip);
    if (status == QST_OK) {
        gzip->inflater = (z_stream){.zalloc = allocate, .zfree = release, .opaque = ctx};
        if (inflateInit2(&gzip->inflater, GZIP_WRAPPER) != Z_OK) {
            status = qsti_fail(ctx, QST_ERR_MEMORY, "%s: out of memory", packed->name);
        }
    }
    if (status != QST_OK) {
        qsti_free(ctx, gzip);
        qsti_stream_close(packed);
        return status;
    }
    gzip->stream = (qsti_stream){ctx, packed->name, 0, QSTI_LENGTH_UNKNOWN, read_gzip, close_gzip};
    gzip->packed = packed;
    *out = &gzip->stream;
    return QST_OK;
}

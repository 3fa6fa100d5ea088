/* stream.c: plain files, standard input and bytes in memory as streams. gzip is in gzip.c, archives in npz.c. */
#include "data/stream.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* --- every stream ------------------------------------------------------------------------------------------------- */

void qsti_stream_close(qsti_stream *stream)
{
    if (stream) {
        stream->close(stream);
    }
}

qst_status qsti_stream_read(qsti_stream *stream, void *bytes, size_t n_bytes, size_t *out_n)
{
    size_t n_read = 0;
    while (n_read < n_bytes) {
        size_t got = 0;
        qst_status status = stream->read(stream, (char *)bytes + n_read, n_bytes - n_read, &got);
        if (status != QST_OK) {
            return status;
        }
        if (got == 0) {
            break;
        }
        n_read += got;
        stream->offset += got;
    }
    *out_n = n_read;
    return QST_OK;
}

qst_status qsti_stream_read_exactly(qsti_stream *stream, void *bytes, size_t n_bytes, const char *what)
{
    size_t n_read = 0;
    qst_status status = qsti_stream_read(stream, bytes, n_bytes, &n_read);
    if (status == QST_OK && n_read < n_bytes) {
        if (stream->offset == 0) {
            return qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: the file is empty", stream->name);
        }
        return qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: byte %zu: the file ends within %s", stream->name,
                         stream->offset, what);
    }
    return status;
}

qst_status qsti_stream_expect_end(qsti_stream *stream)
{
    char byte;
    size_t at = stream->offset, n_read = 0;
    qst_status status = qsti_stream_read(stream, &byte, 1, &n_read);
    if (status == QST_OK && n_read > 0) {
        return qsti_fail(stream->ctx, QST_ERR_INPUT, "%s: byte %zu: more bytes follow where the file should end",
                         stream->name, at);
    }
    return status;
}

/* --- files -------------------------------------------------------------------------------------------------------- */

typedef struct file_stream {
    qsti_stream stream;
    int descriptor;
} file_stream;

/* Reads up to n_bytes from a descriptor; a standard input that does not block is waited for. */
static qst_status read_descriptor(qsti_stream *stream, int descriptor, void *bytes, size_t n_bytes, size_t *out_n)
{
    for (;;) {
        ssize_t got = read(descriptor, bytes, n_bytes);
        if (got >= 0) {
            *out_n = (size_t)got;
            return QST_OK;
        }
        if (errno == EAGAIN) {
            poll(&(struct pollfd){.fd = descriptor, .events = POLLIN}, 1, -1);
        } else if (errno != EINTR) {
            return qsti_fail_errno(stream->ctx, "%s: cannot be read", stream->name);
        }
    }
}

/* Of a file the length is known: fewer or more bytes mean that somebody writes to it. */
static qst_status read_file(qsti_stream *stream, void *bytes, size_t n_bytes, size_t *out_n)
{
    size_t left = stream->length - stream->offset, got = 0;
    char extra;
    qst_status status = left ? read_descriptor(stream, ((file_stream *)stream)->descriptor, bytes,
                                               n_bytes < left ? n_bytes : left, &got)
                             : read_descriptor(stream, ((file_stream *)stream)->descriptor, &extra, 1, &got);
    if (status != QST_OK) {
        return status;
    }
    if ((left == 0) != (got == 0)) {
        return qsti_fail(stream->ctx, QST_ERR_SYSTEM, "%s: changed while it was read", stream->name);
    }
    *out_n = got;
    return QST_OK;
}

static void close_file(qsti_stream *stream)
{
    close(((file_stream *)stream)->descriptor);
    qsti_free(stream->ctx, stream);
}

static qst_status read_stdin(qsti_stream *stream, void *bytes, size_t n_bytes, size_t *out_n)
{
    return read_descriptor(stream, STDIN_FILENO, bytes, n_bytes, out_n);
}

static void close_plain(qsti_stream *stream)
{
    qsti_free(stream->ctx, stream);
}

qst_status qsti_stream_open_file(qst_ctx *ctx, const char *path, bool may_be_stdin, qsti_stream **out)
{
    file_stream *file = NULL;
    qst_status status = QSTI_NEW(ctx, 1, &file);
    if (status != QST_OK) {
        return status;
    }
    if (may_be_stdin && strcmp(path, "-") == 0) {
        file->stream = (qsti_stream){ctx, "standard input", 0, QSTI_LENGTH_UNKNOWN, read_stdin, close_plain};
        *out = &file->stream;
        return QST_OK;
    }
    file->stream = (qsti_stream){ctx, path, 0, 0, read_file, close_file};
    status = qsti_file_open(ctx, path, &file->descriptor, &file->stream.length);
    if (status != QST_OK) {
        qsti_free(ctx, file);
        return status;
    }
    *out = &file->stream;
    return QST_OK;
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

typedef struct bytes_stream {
    qsti_stream stream;
    const char *bytes;
} bytes_stream;

static qst_status read_bytes(qsti_stream *stream, void *bytes, size_t n_bytes, size_t *out_n)
{
    size_t left = stream->length - stream->offset;
    *out_n = n_bytes < left ? n_bytes : left;
    if (*out_n) {
        memcpy(bytes, ((bytes_stream *)stream)->bytes + stream->offset, *out_n);
    }
    return QST_OK;
}

qst_status qsti_stream_open_bytes(qst_ctx *ctx, const char *name, const void *bytes, size_t n_bytes, qsti_stream **out)
{
    bytes_stream *memory = NULL;
    qst_status status = QSTI_NEW(ctx, 1, &memory);
    if (status != QST_OK) {
        return status;
    }
    memory->stream = (qsti_stream){ctx, name, 0, n_bytes, read_bytes, close_plain};
    memory->bytes = bytes;
    *out = &memory->stream;
    return QST_OK;
}

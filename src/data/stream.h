/* stream.h: where the readers get their bytes from: files, standard input, memory, gzip, entries of archives.
 *
 * One pass from front to back in a fixed amount of memory; what a format's header promises is compared with what is
 * there before anything is allocated.
 */
#ifndef QSTI_DATA_STREAM_H
#define QSTI_DATA_STREAM_H

#include "base/file.h"

#define QSTI_LENGTH_UNKNOWN SIZE_MAX

typedef struct qsti_stream qsti_stream;
struct qsti_stream {
    qst_ctx *ctx;
    const char *name; /* stands in messages; borrowed */
    size_t offset;    /* bytes handed out so far */
    size_t length;    /* bytes in all, or QSTI_LENGTH_UNKNOWN */
    /* Up to n_bytes; 0 only at the end. */
    qst_status (*read)(qsti_stream *stream, void *bytes, size_t n_bytes, size_t *out_n);
    void (*close)(qsti_stream *stream); /* frees the stream too */
};

/* A regular file; "-" is standard input where `may_be_stdin`. A file that gets shorter or longer meanwhile: ERR_SYSTEM.
 */
qst_status qsti_stream_open_file(qst_ctx *ctx, const char *path, bool may_be_stdin, qsti_stream **out);

/* Bytes in memory, borrowed. */
qst_status qsti_stream_open_bytes(qst_ctx *ctx, const char *name, const void *bytes, size_t n_bytes, qsti_stream **out);

/* What is inside a gzip stream, all members one after the other; `packed` is taken, also on failure. Refused with
 * ERR_INPUT: damage, truncation, bytes behind the last member, more than QSTI_GZIP_MAX_BYTES, and more than
 * QSTI_GZIP_MAX_RATIO times the packed bytes once QSTI_GZIP_FREE_BYTES have come out. */
#define QSTI_GZIP_MAX_BYTES  ((size_t)1 << 30)
#define QSTI_GZIP_FREE_BYTES ((size_t)16 << 20)
#define QSTI_GZIP_MAX_RATIO  200
qst_status qsti_stream_open_gzip(qsti_stream *packed, qsti_stream **out);

/* NULL is fine. */
void qsti_stream_close(qsti_stream *stream);

/* Reads n_bytes; fewer only at the end. */
qst_status qsti_stream_read(qsti_stream *stream, void *bytes, size_t n_bytes, size_t *out_n);

/* Reads n_bytes of `what`. ERR_INPUT "FILE: byte N: the file ends within WHAT". */
qst_status qsti_stream_read_exactly(qsti_stream *stream, void *bytes, size_t n_bytes, const char *what);

/* ERR_INPUT "FILE: byte N: more bytes follow where the file should end" unless it ends here. */
qst_status qsti_stream_expect_end(qsti_stream *stream);

#endif

/* fuzz.h: what the fuzz targets share. A target is LLVMFuzzerTestOneInput(): run by libFuzzer under QSTILL_FUZZ, and by
 * replay.c on the corpus, with mutations of it, in the normal suite. It aborts when a promise is broken. */
#ifndef QSTILL_TESTS_FUZZ_H
#define QSTILL_TESTS_FUZZ_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* A context whose memory is limited to 256 MiB in all at a time. */
qst_ctx *fuzz_ctx(void);

/* A stream of the bytes; `step`: it hands out at most so many at a time (0: all). */
qsti_stream *fuzz_stream(qst_ctx *ctx, const uint8_t *bytes, size_t n, size_t step);

#define FUZZ_ASSERT(condition)                                              \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                        \
        }                                                                   \
    } while (0)

/* A failure has one of the statuses of reading, and one line to say. */
void fuzz_check_failure(const qst_ctx *ctx, qst_status status);
void fuzz_check_finite(const double *values, size_t n);

#endif

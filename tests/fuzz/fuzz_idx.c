/* fuzz_idx.c: IDX, plain and in gzip: a file that begins as gzip is read as one. */
#include "data/idx.h"
#include "fuzz/fuzz.h"

static qst_status read_array(qst_ctx *ctx, const uint8_t *bytes, size_t n, size_t step)
{
    qsti_idx idx;
    double *values = NULL;
    qst_status status = QST_OK;
    qsti_stream *stream = fuzz_stream(ctx, bytes, n, step);
    if (n > 0 && bytes[0] == 0x1f) {
        QSTI_TRY(qsti_stream_open_gzip(stream, &stream));
    }
    QSTI_TRY(qsti_idx_read_header(stream, &idx));
    FUZZ_ASSERT(idx.n_rows > 0 && idx.n_cols > 0);
    QSTI_TRY(QSTI_NEW(ctx, idx.n_rows * idx.n_cols, &values));
    QSTI_TRY(qsti_idx_read_values(stream, &idx, values));
    fuzz_check_finite(values, idx.n_rows * idx.n_cols);
done:
    qsti_free(ctx, values);
    qsti_stream_close(stream);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    qst_ctx *ctx = fuzz_ctx();
    qst_status status = read_array(ctx, bytes, n, 0);
    if (status != QST_OK) {
        fuzz_check_failure(ctx, status);
    }
    FUZZ_ASSERT(read_array(ctx, bytes, n, 3) == status);
    qst_ctx_free(ctx);
    return 0;
}

/* fuzz_npy.c: NPY. What comes out is finite; checking alone gives the same verdict as reading. */
#include "data/npy.h"
#include "fuzz/fuzz.h"

static qst_status read_array(qst_ctx *ctx, const uint8_t *bytes, size_t n, bool check_only)
{
    qsti_npy npy;
    double *values = NULL;
    qsti_stream *stream = fuzz_stream(ctx, bytes, n, 0);
    qst_status status = qsti_npy_read_header(stream, &npy);
    if (status == QST_OK && check_only) {
        status = qsti_npy_read_values(stream, &npy, NULL);
    } else if (status == QST_OK) {
        FUZZ_ASSERT(npy.n_rows > 0 && npy.n_cols > 0 && npy.n_rows * npy.n_cols <= n);
        FUZZ_ASSERT(QSTI_NEW(ctx, npy.n_rows * npy.n_cols, &values) == QST_OK);
        status = qsti_npy_read_values(stream, &npy, values);
        if (status == QST_OK) {
            fuzz_check_finite(values, npy.n_rows * npy.n_cols);
        }
    }
    qsti_free(ctx, values);
    qsti_stream_close(stream);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    qst_ctx *ctx = fuzz_ctx();
    qst_status status = read_array(ctx, bytes, n, false);
    if (status != QST_OK) {
        fuzz_check_failure(ctx, status);
    }
    FUZZ_ASSERT(read_array(ctx, bytes, n, true) == status);
    qst_ctx_free(ctx);
    return 0;
}

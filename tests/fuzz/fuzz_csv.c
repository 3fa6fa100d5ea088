/* fuzz_csv.c: CSV. The first byte chooses what is wanted, the rest is the text. What comes out is finite and
 * rectangular, and does not depend on the pieces in which the text comes in. */
#include "data/csv.h"
#include "fuzz/fuzz.h"

static qst_status read_text(qst_ctx *ctx, const uint8_t *bytes, size_t n, size_t step, const qsti_csv_opts *opts,
                            qsti_csv *out)
{
    qsti_stream *stream = fuzz_stream(ctx, bytes, n, step);
    qst_status status = qsti_csv_read(stream, opts, out);
    qsti_stream_close(stream);
    return status;
}

static void compare(const qsti_csv *a, const qsti_csv *b)
{
    FUZZ_ASSERT(a->n_rows == b->n_rows && a->n_features == b->n_features && a->labels.n == b->labels.n);
    if (a->n_features) {
        FUZZ_ASSERT(memcmp(a->features, b->features, a->n_rows * a->n_features * sizeof(double)) == 0);
    }
    if (a->labels.n) {
        FUZZ_ASSERT(memcmp(a->labels.values, b->labels.values, a->labels.n * sizeof(int64_t)) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char *const labels[] = {NULL, "label", "0", "-1"};
    if (n == 0) {
        return 0;
    }
    qst_ctx *ctx = fuzz_ctx();
    qsti_csv whole, pieces;
    qsti_csv_opts opts = {(qsti_csv_want)(bytes[0] % 3), labels[bytes[0] / 3 % 4]};
    qst_status status = read_text(ctx, bytes + 1, n - 1, 0, &opts, &whole);
    if (status != QST_OK) {
        fuzz_check_failure(ctx, status);
    }
    FUZZ_ASSERT(read_text(ctx, bytes + 1, n - 1, 1 + bytes[0] % 7, &opts, &pieces) == status);
    if (status == QST_OK) {
        compare(&whole, &pieces);
        fuzz_check_finite(whole.features, whole.n_rows * whole.n_features);
        FUZZ_ASSERT(whole.n_rows > 0);
        FUZZ_ASSERT(whole.labels.n == (opts.want == QSTI_CSV_NUMBERS ? 0 : whole.n_rows));
        if (whole.labels.n) {
            FUZZ_ASSERT(qsti_labels_finish(&whole.labels) == QST_OK);
        }
        for (size_t i = 0; i < whole.labels.n; i++) {
            FUZZ_ASSERT(whole.labels.values[i] >= 0 && (size_t)whole.labels.values[i] < whole.labels.n_classes);
        }
        qsti_csv_clear(ctx, &whole);
        qsti_csv_clear(ctx, &pieces);
    }
    qst_ctx_free(ctx);
    return 0;
}

/* fuzz_npz.c: NPZ, through a file in memory, since archives are read at random places. */
#include <sys/mman.h>
#include <unistd.h>

#include "data/source.h"
#include "fuzz/fuzz.h"

static void read_entries(qst_ctx *ctx, qsti_npz *npz)
{
    for (size_t i = 0; i < qsti_npz_n_keys(npz) && i < 8; i++) {
        qsti_array array = {.values = NULL};
        size_t index = SIZE_MAX;
        FUZZ_ASSERT(qsti_npz_find(npz, qsti_npz_key(npz, i), &index) == QST_OK && index == i);
        qst_status status = qsti_array_load_entry(npz, i, &array);
        if (status == QST_OK) {
            fuzz_check_finite(array.values, array.n_rows * array.n_cols);
            qsti_free(ctx, array.values);
        } else {
            fuzz_check_failure(ctx, status);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char path[64];
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_ASSERT(file >= 0 && write(file, bytes, n) == (ssize_t)n);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    qst_ctx *ctx = fuzz_ctx();
    qsti_npz *npz = NULL;
    qst_status status = qsti_npz_open(ctx, path, &npz);
    if (status == QST_OK) {
        read_entries(ctx, npz);
        qsti_npz_close(npz);
    } else {
        fuzz_check_failure(ctx, status);
    }
    qst_ctx_free(ctx);
    close(file);
    return 0;
}

/* fuzz_device.c: calibrations: one file, or two with a NUL between them. What is read has noise that is a channel, can
 * be drawn, and is the same when it is written and read again. */
#include <sys/mman.h>
#include <unistd.h>

#include <qstill/device.h>

#include "fuzz/fuzz.h"

#define MOST_ENTRIES 64 /* looked at */

static int write_file(const uint8_t *bytes, size_t n, char path[64])
{
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_ASSERT(file >= 0 && (n == 0 || write(file, bytes, n) == (ssize_t)n));
    snprintf(path, 64, "/proc/self/fd/%d", file);
    return file;
}

/* Columns that stand for diagonal elements keep the trace; a twirl is a distribution. */
static void check_noise(const qst_gate_noise *noise)
{
    static double _Complex matrix[64 * 64];
    size_t dim = (size_t)1 << noise->n_qubits, side = dim * dim;
    double shares[64], sum = 0;
    qst_noise_superoperator(noise, matrix);
    for (size_t column = 0; column < side; column++) {
        double _Complex trace = 0;
        for (size_t i = 0; i < dim; i++) {
            trace += matrix[(i * dim + i) * side + column];
        }
        FUZZ_ASSERT(cabs(trace - (column % dim == column / dim)) < 1e-9);
    }
    qst_noise_pauli_twirl(noise, shares);
    for (size_t p = 0; p < side; p++) {
        FUZZ_ASSERT(shares[p] >= 0);
        sum += shares[p];
    }
    FUZZ_ASSERT(fabs(sum - 1) < 1e-9);
}

static void check_drawings(qst_ctx *ctx, const qst_device *device)
{
    char *text = NULL;
    size_t n = 0;
    qst_status status = qst_device_draw_text(device, &text, &n);
    if (status == QST_OK) {
        qst_device_text_free(device, text);
        status = qst_device_draw_svg(device, &text, &n);
    }
    if (status == QST_OK) {
        FUZZ_ASSERT(n > 100 && strlen(text) == n);
        qst_device_text_free(device, text);
    } else {
        fuzz_check_failure(ctx, status);
    }
}

static void check_writing(qst_ctx *ctx, const qst_device *device)
{
    char *first = NULL, *second = NULL, path[64];
    const char *paths[] = {path};
    size_t n_first = 0, n_second = 0;
    qst_device *again = NULL;
    FUZZ_ASSERT(qst_device_write(device, &first, &n_first) == QST_OK);
    int file = write_file((const uint8_t *)first, n_first, path);
    FUZZ_ASSERT(qst_device_read(ctx, paths, 1, NULL, &again) == QST_OK);
    FUZZ_ASSERT(qst_device_write(again, &second, &n_second) == QST_OK);
    FUZZ_ASSERT(n_first == n_second && memcmp(first, second, n_first) == 0);
    close(file);
    qst_device_text_free(device, first);
    qst_device_text_free(again, second);
    qst_device_free(again);
}

static void use(qst_ctx *ctx, const qst_device *device)
{
    qst_device_info info;
    qst_device_describe(device, &info);
    for (size_t g = 0; g < info.n_gates && g < MOST_ENTRIES; g++) {
        const qst_device_gate *gate = &qst_device_gates(device)[g];
        qst_gate_noise noise;
        size_t found = SIZE_MAX;
        FUZZ_ASSERT(qst_device_find(device, gate->name, gate->qubits, gate->n_qubits, &found) == QST_OK && found == g);
        FUZZ_ASSERT(qst_device_entry_noise(device, g, g % 2 ? 30 : 0, &noise) == QST_OK);
        check_noise(&noise);
    }
    check_drawings(ctx, device);
    if (info.n_qubits < 1000) {
        check_writing(ctx, device);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char paths[2][64];
    const char *given[] = {paths[0], paths[1]};
    const uint8_t *end = n ? memchr(bytes, 0, n) : NULL;
    size_t n_first = end ? (size_t)(end - bytes) : n;
    int first = write_file(bytes, n_first, paths[0]);
    int second = end ? write_file(end + 1, n - n_first - 1, paths[1]) : -1;
    qst_ctx *ctx = fuzz_ctx();
    qst_device *device = NULL;
    qst_status status =
        qst_device_read(ctx, given, end ? 2 : 1, &(qst_device_read_opts){.time_1q_ns = 25, .time_2q_ns = 40}, &device);
    if (status == QST_OK) {
        use(ctx, device);
        qst_device_free(device);
    } else {
        fuzz_check_failure(ctx, status);
    }
    qst_ctx_free(ctx);
    close(first);
    if (second >= 0) {
        close(second);
    }
    return 0;
}

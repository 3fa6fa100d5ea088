/* jump_lanes.c: one instruction set's table of jump_kernels.h; compiled once for each, see CMakeLists.txt.
 *
 * Pairs are found by the highest bit of z that can serve: the amplitudes with bit 0 are m with a bit put in at that
 * place, which is then the parity of the others. Random numbers are base/rng.c's, Philox4x32-10 [salmon2011], with the
 * lanes side by side.
 */
#include "kernels/jump_kernels.h"

#include <string.h>

#include "kernels/per_isa.h"

#define LANES     QSTI_JUMP_LANES
#define WIDTH     ((size_t)(QSTI_VECTOR_BYTES / sizeof(double)))
#define N_VECTORS (LANES / WIDTH)
#define AMPLITUDE (2 * LANES)

typedef double vec __attribute__((vector_size(QSTI_VECTOR_BYTES), aligned(QSTI_VECTOR_BYTES)));

INLINE vec load(const double *from)
{
    return *(const vec *)from;
}

INLINE void store(double *to, vec value)
{
    *(vec *)to = value;
}

static void populations(const void *psi, size_t n_lines, uint32_t z, double *out)
{
    const double *amp = psi;
    vec sum[2][N_VECTORS];
    memset(sum, 0, sizeof sum);
    for (size_t p = 0; p < n_lines; p++) {
        const double *at = amp + p * AMPLITUDE;
        vec *to = sum[__builtin_parity((uint32_t)p & z)];
        for (size_t v = 0; v < N_VECTORS; v++) {
            vec re = load(at + v * WIDTH), im = load(at + LANES + v * WIDTH);
            to[v] += re * re + im * im;
        }
    }
    memcpy(out, sum, sizeof sum);
}

static void pairs(void *psi, size_t n_lines, uint32_t x, uint32_t z, const double *k)
{
    double *amp = psi;
    vec m[4][N_VECTORS];
    uint32_t pivot = UINT32_C(1) << (31 - __builtin_clz(z));
    memcpy(m, k, sizeof m);
    for (uint32_t i = 0; i < n_lines / 2; i++) {
        uint32_t p = (i & (pivot - 1)) | (i & ~(pivot - 1)) << 1;
        p |= __builtin_parity(p & z) ? pivot : 0;
        double *a = amp + p * AMPLITUDE, *b = amp + (p ^ x) * AMPLITUDE;
        for (size_t part = 0; part < AMPLITUDE; part += LANES) {
            for (size_t v = 0; v < N_VECTORS; v++) {
                size_t at = part + v * WIDTH;
                vec zero = load(a + at), one = load(b + at);
                store(a + at, m[0][v] * zero + m[1][v] * one);
                store(b + at, m[2][v] * zero + m[3][v] * one);
            }
        }
    }
}

static void diagonal(void *psi, size_t n_lines, uint32_t z, const double *d)
{
    double *amp = psi;
    vec m[2][N_VECTORS];
    memcpy(m, d, sizeof m);
    for (size_t p = 0; p < n_lines; p++) {
        double *at = amp + p * AMPLITUDE;
        const vec *by = m[__builtin_parity((uint32_t)p & z)];
        for (size_t v = 0; v < N_VECTORS; v++) {
            store(at + v * WIDTH, by[v] * load(at + v * WIDTH));
            store(at + LANES + v * WIDTH, by[v] * load(at + LANES + v * WIDTH));
        }
    }
}

/* One block of Philox for each lane. */
INLINE void philox(uint32_t counter[4][LANES], uint32_t key0, uint32_t key1, uint32_t out[4][LANES])
{
    uint32_t c[4][LANES];
    memcpy(c, counter, sizeof c);
    for (int round = 0; round < 10; round++) {
        for (size_t lane = 0; lane < LANES; lane++) {
            uint64_t a = (uint64_t)UINT32_C(0xD2511F53) * c[0][lane], b = (uint64_t)UINT32_C(0xCD9E8D57) * c[2][lane];
            uint32_t first = (uint32_t)(b >> 32) ^ c[1][lane] ^ key0;
            uint32_t third = (uint32_t)(a >> 32) ^ c[3][lane] ^ key1;
            c[0][lane] = first;
            c[1][lane] = (uint32_t)b;
            c[2][lane] = third;
            c[3][lane] = (uint32_t)a;
        }
        key0 += UINT32_C(0x9E3779B9);
        key1 += UINT32_C(0xBB67AE85);
    }
    memcpy(out, c, sizeof c);
}

static void uniforms(uint64_t key, uint32_t purpose, const uint32_t *epoch, const uint32_t *sample, size_t n, double *u)
{
    uint32_t counter[4][LANES], words[4][LANES];
    for (size_t lane = 0; lane < LANES; lane++) {
        counter[0][lane] = purpose;
        counter[1][lane] = epoch[lane];
        counter[2][lane] = sample[lane];
    }
    for (size_t i = 0; i < n; i += 2) {
        for (size_t lane = 0; lane < LANES; lane++)
            counter[3][lane] = (uint32_t)(i / 2);
        philox(counter, (uint32_t)key, (uint32_t)(key >> 32), words);
        for (size_t half = 0; half < 2; half++)
            for (size_t lane = 0; lane < LANES; lane++)
                u[(i + half) * LANES + lane] =
                    (double)((words[2 * half][lane] | (uint64_t)words[2 * half + 1][lane] << 32) >> 11) * 0x1p-53;
    }
}

extern const qsti_jump_kernels GLUE(qsti_jump, _kernels, QSTI_ISA);
const qsti_jump_kernels GLUE(qsti_jump, _kernels, QSTI_ISA) = {
    .populations = populations,
    .pairs = pairs,
    .diagonal = diagonal,
    .uniforms = uniforms,
};

/* kernel_work.c: see kernel_work.h. The naive kernels are what one would write first: gate by gate, pair by pair, lane
 * by lane, from the same coefficients. */
#include "kernel_work.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/isa.h"
#include "kernels/kernels.h"

#define N_QUBITS 8
#define DIM      ((size_t)1 << N_QUBITS)
#define N_GATES  3
#define MAX_LANE 8

typedef enum job { TILE_GENERAL, TILE_Y, UNTILE_GENERAL, UNTILE_GENERAL_BOTH, UNTILE_Y, TABLE, UNTABLE, WALSH } job;

const kernel_name kernel_names[] = {
    [TILE_GENERAL] = {"tile_general", {1.8, 4.2, 6.7}},
    [TILE_Y] = {"tile_y", {3, 5, 6.2}},
    [UNTILE_GENERAL] = {"untile_general", {1.8, 4.4, 8}},
    [UNTILE_GENERAL_BOTH] = {"untile_general_both", {1.7, 4.2, 7.5}},
    [UNTILE_Y] = {"untile_y", {2.2, 4.7, 8.4}},
    [TABLE] = {"table", {4.1, 4.9, 5.4}},
    [UNTABLE] = {"untable", {6.7, 10, 10}},
    [WALSH] = {"walsh", {4, 6.7, 9.5}},
};
const size_t n_kernel_names = sizeof kernel_names / sizeof *kernel_names;

/* amp[p][re|im][lane] */
typedef double state[DIM][2][MAX_LANE];

struct kernel_work {
    _Alignas(64) state psi, lambda, out;
    _Alignas(64) double lines[DIM][MAX_LANE];
    _Alignas(64) double coefficients[2][N_GATES][4][MAX_LANE]; /* general, y */
    _Alignas(64) char turns[2][QSTI_TURN_LINES * QSTI_LINE_BYTES];
    double cosine[DIM], sine[DIM], sums[DIM], products[N_GATES * 3 * MAX_LANE];
    uint32_t bases[DIM >> N_GATES];
    qsti_tile tiles[2];
    const qsti_kernels *kernels;
};

/* Gates on the qubits 1, 4 and 6. */
static const uint32_t masks[N_GATES] = {2, 16, 64};

static double random_number(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return (double)(*seed >> 11) * 0x1p-53 * 2 - 1;
}

static void fill_gates(kernel_work *work, uint64_t *seed)
{
    for (size_t g = 0; g < N_GATES; g++) {
        for (size_t lane = 0; lane < MAX_LANE; lane++) {
            double t = random_number(seed), u = random_number(seed), v = random_number(seed);
            work->coefficients[0][g][0][lane] = cos(t) * cos(u);
            work->coefficients[0][g][1][lane] = cos(t) * sin(u);
            work->coefficients[0][g][2][lane] = sin(t) * cos(v);
            work->coefficients[0][g][3][lane] = sin(t) * sin(v);
            work->coefficients[1][g][0][lane] = cos(t);
            work->coefficients[1][g][1][lane] = sin(t);
        }
    }
}

static void fill_tiles(kernel_work *work)
{
    size_t n = 0;
    for (uint32_t p = 0; p < DIM; p++)
        if ((p & (masks[0] | masks[1] | masks[2])) == 0)
            work->bases[n++] = p;
    for (size_t i = 0; i < 2; i++) {
        qsti_form form = i ? QSTI_FORM_Y : QSTI_FORM_GENERAL;
        qsti_tile *tile = &work->tiles[i];
        *tile = (qsti_tile){.n_gates = N_GATES, .bases = work->bases, .n_bases = n, .turn = work->turns[i]};
        for (uint32_t j = 0; j < 1 << N_GATES; j++)
            for (size_t g = 0; g < N_GATES; g++)
                tile->offset[j] ^= j >> g & 1 ? masks[g] : 0;
        for (size_t g = 0; g < N_GATES; g++)
            tile->coefficients[g] = work->coefficients[i][g];
        work->kernels->prepare[form][N_GATES - 1](tile->coefficients, work->turns[i]);
    }
}

kernel_work *kernel_work_create(void)
{
    kernel_work *work = aligned_alloc(64, (sizeof *work + 63) / 64 * 64);
    uint64_t seed = 1;
    if (work == NULL)
        abort();
    memset(work, 0, sizeof *work);
    work->kernels = qsti_kernels_double(false);
    double *both[2] = {&work->psi[0][0][0], &work->lambda[0][0][0]};
    for (size_t i = 0; i < 2 * sizeof(state) / sizeof(double); i++)
        both[i % 2][i / 2] = random_number(&seed) / 16;
    for (size_t p = 0; p < DIM; p++) {
        double angle = random_number(&seed);
        work->cosine[p] = cos(angle);
        work->sine[p] = sin(angle);
    }
    fill_gates(work, &seed);
    fill_tiles(work);
    return work;
}

void kernel_work_free(kernel_work *work)
{
    free(work);
}

void kernel_work_run(kernel_work *work, size_t which)
{
    const qsti_kernels *k = work->kernels;
    switch ((job)which) {
    case TILE_GENERAL:
        k->tile[QSTI_FORM_GENERAL][N_GATES - 1](work->psi, work->out, &work->tiles[0]);
        break;
    case TILE_Y:
        k->tile[QSTI_FORM_Y][N_GATES - 1](work->psi, work->out, &work->tiles[1]);
        break;
    case UNTILE_GENERAL:
        k->untile[QSTI_FORM_GENERAL][N_GATES - 1](work->psi, NULL, work->lambda, &work->tiles[0], work->products);
        break;
    case UNTILE_GENERAL_BOTH:
        k->untile[QSTI_FORM_GENERAL][N_GATES - 1](work->psi, work->out, work->lambda, &work->tiles[0], work->products);
        break;
    case UNTILE_Y:
        k->untile[QSTI_FORM_Y][N_GATES - 1](work->psi, NULL, work->lambda, &work->tiles[1], work->products);
        break;
    case TABLE:
        k->table(work->psi, work->out, DIM, work->cosine, work->sine);
        break;
    case UNTABLE:
        k->untable(work->psi, NULL, work->lambda, DIM, work->cosine, work->sine, work->sums);
        break;
    case WALSH:
        memcpy(work->lines, work->psi, sizeof work->lines);
        k->walsh(&work->lines[0][0], DIM);
        break;
    }
}

/* --- naive -------------------------------------------------------------------------------------------------------- */

/* One gate, or with direction -1 its inverse, on a state in place. */
static void naive_gate(state psi, uint32_t mask, double coefficients[4][MAX_LANE], bool is_y, double direction)
{
    for (size_t p = 0; p < DIM; p++) {
        if (p & mask)
            continue;
        for (size_t lane = 0; lane < MAX_LANE; lane++) {
            double ar = coefficients[0][lane], ai = is_y ? 0 : direction * coefficients[1][lane];
            double br = direction * coefficients[is_y ? 1 : 2][lane], bi = is_y ? 0 : direction * coefficients[3][lane];
            double *r0 = &psi[p][0][lane], *i0 = &psi[p][1][lane];
            double *r1 = &psi[p ^ mask][0][lane], *i1 = &psi[p ^ mask][1][lane];
            double a = ar * *r0 - ai * *i0 - br * *r1 - bi * *i1, b = ar * *i0 + ai * *r0 - br * *i1 + bi * *r1;
            double c = br * *r0 - bi * *i0 + ar * *r1 + ai * *i1, d = br * *i0 + bi * *r0 + ar * *i1 - ai * *r1;
            *r0 = a;
            *i0 = b;
            *r1 = c;
            *i1 = d;
        }
    }
}

static void naive_products(kernel_work *work, uint32_t mask, bool is_y, double *sums)
{
    for (size_t p = 0; p < DIM; p++) {
        if (p & mask)
            continue;
        for (size_t lane = 0; lane < MAX_LANE; lane++) {
            double lr = work->lambda[p][0][lane], li = work->lambda[p][1][lane];
            double mr = work->lambda[p ^ mask][0][lane], mi = work->lambda[p ^ mask][1][lane];
            double sr = work->psi[p][0][lane], si = work->psi[p][1][lane];
            double tr = work->psi[p ^ mask][0][lane], ti = work->psi[p ^ mask][1][lane];
            sums[MAX_LANE + lane] += mr * sr + mi * si - lr * tr - li * ti;
            if (is_y)
                continue;
            sums[lane] += lr * ti - li * tr + mr * si - mi * sr;
            sums[2 * MAX_LANE + lane] += lr * si - li * sr - mr * ti + mi * tr;
        }
    }
}

static void naive_untile(kernel_work *work, bool is_y, bool both)
{
    for (size_t g = 0; g < N_GATES; g++)
        naive_products(work, masks[g], is_y, work->products + g * (is_y ? 0 : 3 * MAX_LANE));
    for (size_t g = 0; g < N_GATES; g++)
        naive_gate(work->lambda, masks[g], work->coefficients[is_y][g], is_y, -1);
    if (!both)
        return;
    memcpy(work->out, work->psi, sizeof work->out);
    for (size_t g = 0; g < N_GATES; g++)
        naive_gate(work->out, masks[g], work->coefficients[is_y][g], is_y, -1);
}

static void naive_table(const kernel_work *work, state in, state out, double direction)
{
    for (size_t p = 0; p < DIM; p++) {
        for (size_t lane = 0; lane < MAX_LANE; lane++) {
            double re = in[p][0][lane], im = in[p][1][lane], c = work->cosine[p], s = direction * work->sine[p];
            out[p][0][lane] = c * re + s * im;
            out[p][1][lane] = c * im - s * re;
        }
    }
}

static void naive_untable(kernel_work *work)
{
    for (size_t p = 0; p < DIM; p++) {
        work->sums[p] = 0;
        for (size_t lane = 0; lane < MAX_LANE; lane++)
            work->sums[p] +=
                work->lambda[p][0][lane] * work->psi[p][1][lane] - work->lambda[p][1][lane] * work->psi[p][0][lane];
    }
    naive_table(work, work->lambda, work->lambda, -1);
}

static void naive_walsh(kernel_work *work)
{
    memcpy(work->lines, work->psi, sizeof work->lines);
    for (size_t bit = 1; bit < DIM; bit *= 2) {
        for (size_t p = 0; p < DIM; p++) {
            for (size_t lane = 0; lane < MAX_LANE && !(p & bit); lane++) {
                double a = work->lines[p][lane], b = work->lines[p | bit][lane];
                work->lines[p][lane] = a + b;
                work->lines[p | bit][lane] = a - b;
            }
        }
    }
}

void kernel_work_run_naive(kernel_work *work, size_t which)
{
    switch ((job)which) {
    case TILE_GENERAL:
    case TILE_Y:
        memcpy(work->out, work->psi, sizeof work->out);
        for (size_t g = 0; g < N_GATES; g++)
            naive_gate(work->out, masks[g], work->coefficients[which == TILE_Y][g], which == TILE_Y, 1);
        break;
    case UNTILE_GENERAL:
    case UNTILE_GENERAL_BOTH:
    case UNTILE_Y:
        naive_untile(work, which == UNTILE_Y, which == UNTILE_GENERAL_BOTH);
        break;
    case TABLE:
        naive_table(work, work->psi, work->out, 1);
        break;
    case UNTABLE:
        naive_untable(work);
        break;
    case WALSH:
        naive_walsh(work);
        break;
    }
}

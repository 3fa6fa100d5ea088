/* test_transpile_exact.c: the unitary stays, phase included, for every basis, map and level. */
#include "transpile_cases.h"

static const char *const bases[] = {
    "rz,sx,x,cx", "rz,sx,x,cz", "rz,sx,x,ecr", "u3,cx",       "u,cz",         "r,cz",      "r,cx",     "rx,ry,rz,cx",
    "rx,ry,cx",   "rx,rz,cz",   "ry,rz,cx",    "p,sx,cx",     "u1,rx,cx",     "h,rz,cx",   "r,rz,rzz", "rx,ry,rz,rxx",
    "u3,ryy",     "rz,sx,rzx",  "rz,sx,cp",    "h,s,t,u,cu1", "rz,sx,cx,x,h", "rx,ry,ryy", "r,ecr",    "h,p,ecr"};
#define N_BASES (sizeof bases / sizeof *bases)

typedef struct map {
    const char *coupling;
    size_t n_pairs;
    uint32_t pairs[8][2];
} map;

static const map maps[] = {{"full", 0, {{0}}},
                           {"line:5", 4, {{0, 1}, {1, 2}, {2, 3}, {3, 4}}},
                           {"ring:4", 4, {{0, 1}, {1, 2}, {2, 3}, {3, 0}}},
                           {"grid:2x3", 7, {{0, 1}, {1, 2}, {3, 4}, {4, 5}, {0, 3}, {1, 4}, {2, 5}}},
                           {"0-1,1-2,1-3,3-4,5-6", 5, {{0, 1}, {1, 2}, {1, 3}, {3, 4}, {5, 6}}}};
#define N_MAPS (sizeof maps / sizeof *maps)

static void check(qst_ctx *ctx, const qst_assembly *in, const char *basis, const map *on, int level, uint64_t seed)
{
    const qst_transpile_opts opts = {
        .basis = basis, .coupling = on->coupling, .seed = seed, .level = (qst_transpile_level)level};
    qst_assembly *out = NULL;
    qst_placement layout = {0};
    assert_ok(ctx, qst_transpile(in, &opts, &out, &layout));
    cases_assert_fits(out, basis, on->n_pairs == 0 ? NULL : on->pairs, on->n_pairs, false);
    double distance = cases_distance(in, out, &layout, NULL, 0);
    if (!(distance <= 1e-12))
        fail_msg("basis %s, map %s, level %d, seed %d: %g", basis, on->coupling, level, (int)seed, distance);
    qst_placement_clear(in, &layout);
    qst_assembly_free(out);
}

static void every_basis_and_map(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    for (size_t b = 0; b < N_BASES; b++) {
        for (size_t m = 0; m < N_MAPS; m++) {
            for (int level = 0; level <= 3; level++) {
                uint64_t seed = b * 100 + m * 10 + (uint64_t)level;
                qst_assembly *in = cases_random(ctx, seed, 2 + seed % 3, 12, b % 2 == 0);
                check(ctx, in, bases[b], &maps[m], level, seed);
                qst_assembly_free(in);
            }
        }
    }
    qst_ctx_free(ctx);
}

/* Many circuits of all gates, the usual basis. */
static void many_circuits(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    for (uint64_t seed = 0; seed < 300; seed++) {
        qst_assembly *in = cases_random(ctx, 1000 + seed, 1 + seed % 5, 5 + seed % 40, seed % 3 == 0);
        if (seed % 5 < 4)
            check(ctx, in, bases[seed % 4], &maps[seed % 5 == 4 ? 0 : seed % N_MAPS == 2 ? 3 : seed % N_MAPS], 2, seed);
        else
            check(ctx, in, bases[seed % 4], &maps[1], 3, seed);
        qst_assembly_free(in);
    }
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_basis_and_map), cmocka_unit_test(many_circuits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_place_search.c: the best place is the best: against all places one by one. */
#include <time.h>

#include "place_cases.h"

/* All ways to lay a line of n qubits on edges that are not dead, one by one. */
typedef struct walk {
    qst_ctx *ctx;
    const qst_circuit *circuit;
    const qst_device *device;
    qst_device_info info;
    size_t n, layout[8];
    double best;
    size_t n_ways;
    bool closed; /* a ring */
} walk;

static bool joined(const walk *w, size_t a, size_t b)
{
    for (size_t e = 0; e < w->info.n_edges; e++) {
        const qst_device_edge *edge = &qst_device_edges(w->device)[e];
        if (!edge->dead && ((edge->a == a && edge->b == b) || (edge->a == b && edge->b == a)))
            return true;
    }
    return false;
}

static void extend(walk *w, size_t depth)
{
    if (depth == w->n) {
        if (w->closed && !joined(w, w->layout[0], w->layout[depth > 0 ? depth - 1 : 0]))
            return;
        qst_placed *placed = NULL;
        qst_placed_info info;
        const qst_place_opts opts = {.layout = w->layout, .n_layout = w->n};
        assert_ok(w->ctx, qst_place(w->ctx, w->circuit, w->device, &opts, &placed));
        qst_placed_describe(placed, &info);
        assert_int_equal(info.exchanges, 0);
        w->best = fmax(w->best, info.fidelity);
        w->n_ways++;
        qst_placed_free(placed);
        return;
    }
    for (size_t q = 0; q < w->info.n_qubits; q++) {
        bool fits = depth == 0 || joined(w, w->layout[depth - 1], q);
        for (size_t k = 0; k < depth; k++)
            fits = fits && w->layout[k] != q;
        if (fits) {
            w->layout[depth] = q;
            extend(w, depth + 1);
        }
    }
}

static void compare(qst_ctx *ctx, const qst_device *device, size_t n, bool closed)
{
    qst_circuit *circuit = cases_circuit(ctx, n, closed ? "circular" : "linear", 2);
    walk w = {.ctx = ctx, .circuit = circuit, .device = device, .n = n, .closed = closed};
    qst_placed *placed = NULL;
    qst_placed_info info;
    qst_device_describe(device, &w.info);
    extend(&w, 0);
    if (w.n_ways > 0) {
        assert_ok(ctx, qst_place(ctx, circuit, device, NULL, &placed));
        qst_placed_describe(placed, &info);
        cases_assert_fits(device, placed);
        assert_close(info.fidelity, w.best, 1e-12);
        assert_true(info.complete);
        assert_int_equal(info.exchanges, 0);
        assert_true(w.n_ways <= 256 ? info.n_scored == w.n_ways : info.n_scored < w.n_ways);
        assert_true(isnan(info.runner_up) || info.runner_up <= info.fidelity);
        qst_placed_free(placed);
    }
    qst_circuit_free(circuit);
}

static void small_devices(void **state)
{
    (void)state;
    static const struct {
        size_t n_qubits;
        qst_topology topology;
    } maps[] = {{5, QST_TOPOLOGY_line}, {6, QST_TOPOLOGY_ring}, {9, QST_TOPOLOGY_grid}, {16, QST_TOPOLOGY_heavy_hex}};
    static const char *const entanglers[] = {"cx", "cz", "ecr"};
    qst_ctx *ctx = support_ctx(1);
    size_t pairs[64][2];
    for (size_t m = 0; m < sizeof maps / sizeof *maps; m++) {
        size_t n_pairs = cases_pairs(ctx, maps[m].n_qubits, maps[m].topology, pairs);
        for (size_t e = 0; e < 3; e++) {
            for (uint64_t seed = 0; seed < 2; seed++) {
                qst_device *device =
                    cases_random_device(ctx, 10 * m + e + 100 * seed, maps[m].n_qubits, (const size_t(*)[2])pairs,
                                        n_pairs, entanglers[e], seed ? 0.15 : 0);
                compare(ctx, device, 3, false);
                compare(ctx, device, 4, m == 2);
                qst_device_free(device);
            }
        }
    }
    qst_ctx_free(ctx);
}

/* More ways than are kept: most are cut. */
static void many_ways(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    size_t pairs[64][2], n_pairs = cases_pairs(ctx, 16, QST_TOPOLOGY_grid, pairs);
    for (uint64_t seed = 0; seed < 2; seed++) {
        qst_device *device =
            cases_random_device(ctx, 70 + seed, 16, (const size_t(*)[2])pairs, n_pairs, seed ? "ecr" : "cz", 0.05);
        compare(ctx, device, 5, false);
        compare(ctx, device, 4, true);
        qst_device_free(device);
    }
    qst_ctx_free(ctx);
}

static void manila(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_device *device = cases_ibm(ctx, "manila");
    for (size_t n = 1; n <= 5; n++)
        compare(ctx, device, n, false);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

/* The whole of sherbrooke for a line of 8. */
static void a_line_on_sherbrooke(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_device *device = cases_ibm(ctx, "sherbrooke");
    qst_circuit *circuit = cases_circuit(ctx, 8, "linear", 2);
    qst_placed *placed = NULL;
    qst_placed_info info;
    struct timespec begin, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    assert_ok(ctx, qst_place(ctx, circuit, device, NULL, &placed));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    double seconds = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
    qst_placed_describe(placed, &info);
    printf("line of 8 on sherbrooke: %.3f s, %zu compared, fidelity %g, next %g\n", seconds, info.n_scored,
           info.fidelity, info.runner_up);
    assert_true(seconds < 5); /* 0.02 s, or 0.2 s with sanitizers */
    assert_true(info.complete);
    assert_int_equal(info.n_edges, 7);
    cases_assert_fits(device, placed);
    qst_placed_free(placed);
    qst_circuit_free(circuit);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(small_devices), cmocka_unit_test(manila),
                                       cmocka_unit_test(many_ways), cmocka_unit_test(a_line_on_sherbrooke)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_wide.c: wide programs from inside: that a plan is the circuit, whatever the passes; supports smaller than the
 * state; memory; shots. Numbers in general: tests/property/test_wide_states.c. */
#include <complex.h>
#include <stdlib.h>

#include "base/memory.h"
#include "sim/wide_form.h"

#include "property/sim_case.h"

static int open_ctx(void **state)
{
    *state = support_ctx(2);
    return 0;
}

static int close_ctx(void **state)
{
    qst_ctx_free(*state);
    return 0;
}

/* All of the state, whatever the readout. */
static const qst_compile_opts wide = {.layout = QST_LAYOUT_WIDE, .optimize_off = QST_OPTIMIZE_CONE};

static sim_case random_case(qst_ctx *ctx, uint64_t seed, size_t n_qubits, const char *words, unsigned off)
{
    qst_circuit *circuit = NULL;
    qst_compile_opts opts = wide;
    opts.optimize_off |= off;
    assert_ok(ctx, ref_random_circuit(ctx, seed, n_qubits, 3, 4, 150, &circuit));
    return sim_open_with(ctx, circuit, sim_words(ctx, n_qubits, words, 0), &opts);
}

/* --- plans -------------------------------------------------------------------------------------------------------- */

/* A gate or diagonal rotation without its place. */
typedef struct thing {
    qsti_gate gate; /* x = 0: the rotation */
    uint8_t kinds;
    size_t when; /* number of the action it is in */
} thing;

static bool commute(const thing *a, const thing *b)
{
    return qsti_gates_commute(&a->gate, a->kinds, &b->gate, b->kinds);
}

static thing thing_of(const qst_program *program, qsti_item item)
{
    if (item.is_gate)
        return (thing){program->gates[item.index], qsti_gate_kinds(program, &program->gates[item.index]), SIZE_MAX};
    return (thing){{.z = program->rotations[item.index].pauli.z}, QSTI_KIND(QSTI_AXIS_Z, 0), SIZE_MAX};
}

/* The number of the action that a gate or a diagonal rotation is in; it must be in exactly one. */
static size_t find(const qsti_wide_route *route, qsti_item item)
{
    size_t found = SIZE_MAX, times = 0;
    for (size_t p = 0; p < route->n_passes; p++) {
        const qsti_wide_pass *pass = &route->passes[p];
        for (size_t a = pass->first_action; a < pass->first_action + pass->n_actions; a++) {
            const qsti_wide_action *action = &route->actions[a];
            for (size_t i = action->first; i < action->first + action->count; i++) {
                const qsti_wide_factor *factor = &route->factors[i];
                bool here = item.is_gate && action->kind != QSTI_WIDE_TURN && route->gates[i].gate == item.index;
                for (size_t e = 0; action->kind == QSTI_WIDE_TURN && !item.is_gate && e < factor->count; e++)
                    here |= route->entries[factor->first + e].what == item.index;
                times += here;
                found = here ? a : found;
            }
        }
    }
    assert_int_equal(times, 1);
    return found;
}

/* Every item once, and no two that do not commute out of order. */
static void check_order(const qst_program *program, const qsti_wide_route *route)
{
    thing *things = sim_allocate(program->n_items, sizeof *things);
    for (size_t i = 0; i < program->n_items; i++) {
        things[i] = thing_of(program, program->items[i]);
        things[i].when = find(route, program->items[i]);
        for (size_t k = 0; k < i; k++) {
            assert_true(things[k].when <= things[i].when || commute(&things[k], &things[i]));
            assert_true(things[k].when != things[i].when || commute(&things[k], &things[i]));
        }
    }
    free(things);
}

/* A gate's x in the block's coordinates is its x; and the block's map takes coordinates to indices. */
static void check_coordinates(const qst_program *program, const qsti_wide_route *route, const qsti_wide_pass *pass)
{
    uint32_t lanes = (uint32_t)program->kernels->lanes;
    for (size_t g = pass->first_gate; g < pass->first_gate + pass->n_gates; g++) {
        const qsti_wide_gate *gate = &route->gates[g];
        uint32_t x = gate->swap;
        for (uint32_t j = 0; j < pass->n_bits; j++)
            x ^= gate->x >> j & 1 ? pass->vectors[j] : 0;
        assert_int_equal(x, program->gates[gate->gate].x);
        assert_true(!gate->low || gate->x >> route->n_low == 0);
    }
    for (uint32_t u = 0; u < (uint32_t)1 << pass->n_bits; u++) {
        uint32_t index = 0;
        for (uint32_t j = 0; j < pass->n_bits; j++)
            index ^= u >> j & 1 ? pass->vectors[j] : 0;
        assert_int_equal(route->sources[pass->source + u], qsti_wide_place(index / lanes));
        assert_int_equal(route->swaps[pass->source + u], index % lanes);
    }
}

/* The blocks of a pass are apart from each other. */
static void check_blocks(const qst_program *program, const qsti_wide_pass *pass)
{
    size_t lanes = program->kernels->lanes, n_lines = program->dim / lanes;
    uint8_t *seen = sim_allocate(n_lines, 1);
    for (size_t block = 0; block < (size_t)1 << pass->n_free; block++) {
        uint32_t base = qsti_wide_base(pass, 0, block);
        for (uint32_t u = 0; u < (uint32_t)1 << pass->n_bits; u++) {
            uint32_t index = base;
            for (uint32_t j = 0; j < pass->n_bits; j++)
                index ^= u >> j & 1 ? pass->vectors[j] : 0;
            assert_int_equal(seen[index / lanes]++, 0);
        }
    }
    free(seen);
}

static void plans_are_the_circuit(void **state)
{
    static const unsigned off[] = {0, QST_OPTIMIZE_TILE | QST_OPTIMIZE_MERGE, QST_OPTIMIZE_FUSE, QST_OPTIMIZE_START,
                                   QST_OPTIMIZE_FRAME};
    for (uint64_t seed = 0; seed < 30; seed++) {
        sim_case of = random_case(*state, seed, 4 + seed % 11, seed % 2 ? "z x" : "zz y", off[seed % 5]);
        assert_non_null(of.program->wide);
        for (size_t i = 0; i < 2; i++) {
            const qsti_wide_route *route = &of.program->wide->routes[i];
            check_order(of.program, route);
            for (size_t p = 0; p < route->n_all; p++) {
                check_coordinates(of.program, route, &route->passes[p]);
                check_blocks(of.program, &route->passes[p]);
            }
        }
        sim_close(&of);
    }
}

/* With the tile's partners every line of a block is in one list of an action, once. */
static void lists_cover_the_block(void **state)
{
    for (uint64_t seed = 0; seed < 12; seed++) {
        sim_case of = random_case(*state, seed, 11 + seed % 3, "z", 0);
        const qsti_wide_route *route = &of.program->wide->routes[seed % 2];
        for (size_t p = 0; p < route->n_passes; p++) {
            const qsti_wide_pass *pass = &route->passes[p];
            for (size_t a = pass->first_action; a < pass->first_action + pass->n_actions; a++) {
                const qsti_wide_action *action = &route->actions[a];
                uint8_t seen[1 << 14] = {0};
                size_t n_bits = action->low && route->n_low < pass->n_bits ? route->n_low : pass->n_bits, n_seen = 0;
                size_t n_partners = action->kind == QSTI_WIDE_TILE ? (size_t)1 << action->count : 1;
                if (action->kind != QSTI_WIDE_TILE && action->kind != QSTI_WIDE_LANE)
                    continue;
                for (size_t l = action->first_list; l < action->first_list + action->n_lists; l++)
                    for (size_t i = 0; i < route->lists[l].count; i++)
                        for (size_t j = 0; j < n_partners; j++, n_seen++)
                            assert_int_equal(seen[route->lines[route->lists[l].first + i] ^ action->offset[j]]++, 0);
                assert_int_equal(n_seen, (size_t)1 << n_bits);
            }
        }
        sim_close(&of);
    }
}

/* Describing adds up: every rotation is in a pass, the first of them is cheap, and gates of one layer take few. */
static void plans_are_described(void **state)
{
    qst_circuit *circuit = NULL;
    qst_circuit_opts opts = {.qubits = 20,
                             .features = 20,
                             .encoding = {.name = "angle_y"},
                             .ansatz = {.name = "efficient_su2", .reps = 3, .entanglement = "linear"}};
    assert_ok(*state, qst_circuit_template(*state, &opts, &circuit));
    sim_case of = sim_open_with(*state, circuit, sim_words(*state, 20, "z", 0), &wide);
    const qst_program_info *info = qst_program_describe(of.program);
    size_t n_rotations = 0;
    double multiply_adds = 0;
    for (size_t i = 0; i < info->n_passes; i++) {
        n_rotations += info->passes[i].n_rotations;
        multiply_adds += info->passes[i].multiply_adds;
    }
    assert_int_equal(n_rotations, info->n_rotations);
    assert_close(multiply_adds, info->multiply_adds_forward, 1);
    assert_true(info->n_passes <= 6);
    assert_true(info->passes[0].bytes < 0.1 * info->bytes_forward);
    sim_close(&of);
}

/* --- supports ----------------------------------------------------------------------------------------------------- */

/* Gates on a few of many qubits: what they do not reach stays zero, in a state that has held another one before. */
static void few_qubits(void **state)
{
    enum { N = 16 };
    for (int turn = 0; turn < 2; turn++) {
        sim_builder to = sim_begin(*state, N, 0, 1, QST_PREPARE_ZERO);
        size_t pair[2] = {turn ? 13 : 2, turn ? 4 : 15};
        qst_term term = {1.0, 1, QST_ONE};
        qst_angle angle = {&term, 1};
        sim_add(&to, QST_GATE_rx, &pair[0], &angle);
        sim_add(&to, QST_GATE_cx, pair, NULL);
        sim_case of = sim_open_with(*state, sim_finish(&to), sim_words(*state, N, "z xx", 0), &wide);
        double complex *psi = sim_allocate((size_t)1 << N, sizeof *psi);
        double weights[2] = {0.7, -1.1}, values[N + N * (N - 1) / 2];
        for (size_t w = 0; w < 2; w++) {
            double t = weights[w];
            assert_ok(*state, qst_program_state(of.program, &weights[w], NULL, psi));
            for (size_t b = 0; b < (size_t)1 << N; b++) {
                bool flipped = b == ((size_t)1 << pair[0] | (size_t)1 << pair[1]);
                double complex expected = b == 0 ? cos(t / 2) : flipped ? -I * sin(t / 2) : 0;
                assert_true(cabs(psi[b] - expected) < 1e-15);
            }
            assert_ok(*state, qst_program_forward(of.program, &weights[w], (qst_const_matrix){NULL, 1, 0},
                                                  (qst_matrix){values, 1, of.n_outputs}));
            for (size_t q = 0; q < N; q++)
                assert_close(values[q], q == pair[0] || q == pair[1] ? cos(t) : 1, 1e-14);
        }
        free(psi);
        sim_close(&of);
    }
}

/* No gate at all. */
static void nothing_to_do(void **state)
{
    sim_builder to = sim_begin(*state, 15, 15, 0, QST_PREPARE_BASIS);
    sim_case of = sim_open_with(*state, sim_finish(&to), sim_words(*state, 15, "z", 0), &wide);
    double x[15], values[15], out_x[15], cotangent[15];
    for (size_t q = 0; q < 15; q++) {
        x[q] = (double)(q % 3 == 1);
        cotangent[q] = 1;
    }
    assert_ok(*state,
              qst_program_vjp(of.program, NULL, (qst_const_matrix){x, 1, 15}, (qst_const_matrix){cotangent, 1, 15},
                              NULL, (qst_matrix){out_x, 1, 15}, (qst_matrix){values, 1, 15}));
    for (size_t q = 0; q < 15; q++) {
        assert_close(values[q], x[q] != 0 ? -1 : 1, 1e-15);
        assert_close(out_x[q], 0, 0);
    }
    sim_close(&of);
}

/* --- gradients three ways ----------------------------------------------------------------------------------------- */

static void gradients_agree(void **state)
{
    for (uint64_t seed = 0; seed < 4; seed++) {
        qst_circuit *circuit = NULL;
        assert_ok(*state, ref_random_circuit(*state, seed, 6, 3, 4, 40, &circuit));
        sim_case of = sim_open_with(*state, circuit, sim_readout(*state, seed, 6, seed), &wide);
        sim_run adjoint = sim_draw(&of, seed, 2), shifted = sim_draw(&of, seed, 2);
        double *weights = sim_allocate(of.n_weights, sizeof *weights);
        double *x = sim_allocate(2 * of.n_features, sizeof *x);
        double bound = 1 + sim_readout_bound(seed);
        sim_vjp(&of, &adjoint);
        sim_shift(&of, &shifted, true);
        ref_vjp(of.circuit, of.readout, adjoint.weights, sim_x(&of, &adjoint), sim_cotangent(&of, &adjoint), weights,
                x);
        sim_assert_within(sim_relative_distance(adjoint.out_weights, shifted.out_weights, of.n_weights), 1e-11 * bound,
                          "weights by shifts, seed %llu", (unsigned long long)seed);
        sim_assert_within(sim_relative_distance(adjoint.out_x, shifted.out_x, 2 * of.n_features), 1e-11 * bound,
                          "features by shifts, seed %llu", (unsigned long long)seed);
        sim_assert_within(sim_relative_distance(adjoint.out_weights, weights, of.n_weights), 1e-8 * bound,
                          "weights by differences, seed %llu", (unsigned long long)seed);
        sim_assert_within(sim_relative_distance(adjoint.out_x, x, 2 * of.n_features), 1e-8 * bound,
                          "features by differences, seed %llu", (unsigned long long)seed);
        free(weights);
        free(x);
        sim_run_free(&adjoint);
        sim_run_free(&shifted);
        sim_close(&of);
    }
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

/* An allocator that knows how many bytes are out. */
typedef struct counter {
    size_t live, most;
} counter;

static void *count_allocate(void *user, size_t n_bytes)
{
    counter *of = user;
    size_t *block = malloc(n_bytes + 16);
    block[0] = n_bytes;
    of->live += n_bytes;
    of->most = of->live > of->most ? of->live : of->most;
    return block + 2;
}

static void count_release(void *user, void *pointer)
{
    counter *of = user;
    size_t *block = (size_t *)pointer - 2;
    of->live -= block[0];
    free(block);
}

static void *count_resize(void *user, void *pointer, size_t n_bytes)
{
    void *moved = count_allocate(user, n_bytes);
    size_t old = ((size_t *)pointer - 2)[0];
    memcpy(moved, pointer, old < n_bytes ? old : n_bytes);
    count_release(user, pointer);
    return moved;
}

/* What runs take is what qsti_wide_bytes() says, within a tenth. */
static void memory_is_as_documented(void **state)
{
    (void)state;
    for (int precision = 0; precision < 2; precision++) {
        counter of_bytes = {0, 0};
        qst_allocator allocator = {count_allocate, count_resize, count_release, &of_bytes};
        qst_ctx_opts opts = {.allocator = &allocator, .n_threads = 2};
        qst_ctx *ctx = NULL;
        assert_int_equal(qst_ctx_create(&opts, &ctx), QST_OK);
        sim_case of = random_case(ctx, 5, 20, "z", 0);
        qst_compile_opts compile = wide;
        compile.precision = (qst_precision)precision;
        sim_recompile(&of, &compile);
        sim_run run = sim_draw(&of, 5, 1);
        size_t before = of_bytes.live;
        sim_forward(&of, &run);
        double used = (double)(of_bytes.most - before), said = qsti_wide_bytes(of.program, false);
        assert_true(used < 1.1 * said && said < 1.1 * used);
        assert_true(said < 1.6 * (double)of.program->dim * (precision == QST_SINGLE ? 8 : 16));
        sim_vjp(&of, &run);
        used = (double)(of_bytes.most - before);
        said = qsti_wide_bytes(of.program, true);
        assert_true(used < 1.1 * said && said < 1.1 * used);
        uint64_t n_allocations = qsti_ctx_allocations(ctx);
        sim_vjp(&of, &run);
        sim_forward(&of, &run);
        assert_int_equal(qsti_ctx_allocations(ctx), n_allocations);
        sim_run_free(&run);
        sim_close(&of);
        qst_ctx_free(ctx);
        assert_int_equal(of_bytes.live, 0);
    }
}

static qst_status compile_and_step(qst_ctx *ctx, void *arg)
{
    const sim_case *of = arg;
    qst_program *program = NULL;
    double weights[4] = {1, 2, 3, 4}, x[6] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6}, cotangent[2 * 9] = {1}, out[4];
    uint32_t shots[20];
    qst_matrix none = {NULL, 2, 0};
    qst_status status = qst_program_compile(ctx, of->circuit, of->readout, &wide, &program);
    if (status == QST_OK)
        status = qst_program_vjp(program, weights, (qst_const_matrix){x, 2, 3}, (qst_const_matrix){cotangent, 2, 9},
                                 out, none, none);
    if (status == QST_OK)
        status = qst_program_sample(program, weights, x, 1, 20, shots);
    qst_program_free(program);
    return status;
}

static void any_allocation_may_fail(void **state)
{
    sim_case of = random_case(*state, 2, 9, "z", 0);
    support_fail_each_allocation(compile_and_step, &of);
    sim_close(&of);
}

/* --- shots -------------------------------------------------------------------------------------------------------- */

/* Circuits that only move: one basis state, whatever the frame, the layout, the seed. */
static void moves_give_one_state(void **state)
{
    enum { N = 14, SHOTS = 100 };
    for (uint64_t seed = 0; seed < 8; seed++) {
        sim_builder to = sim_begin(*state, N, 0, 0, QST_PREPARE_ZERO);
        ref_rng rng = {seed};
        uint32_t expected = 0, shots[SHOTS];
        for (size_t i = 0; i < 40; i++) {
            size_t pair[2] = {ref_below(&rng, N), 0};
            pair[1] = (pair[0] + 1 + ref_below(&rng, N - 1)) % N;
            bool flip = i % 3 == 0;
            sim_add(&to, flip ? QST_GATE_x : QST_GATE_cx, pair, NULL);
            expected ^= flip ? (uint32_t)1 << pair[0] : (expected >> pair[0] & 1) << pair[1];
        }
        qst_compile_opts opts = {.layout = seed % 2 ? QST_LAYOUT_SMALL : QST_LAYOUT_WIDE,
                                 .optimize_off = seed % 4 < 2 ? 0 : QST_OPTIMIZE_FRAME};
        sim_case of = sim_open_with(*state, sim_finish(&to), sim_words(*state, N, "z", 0), &opts);
        assert_ok(*state, qst_program_sample(of.program, NULL, NULL, seed, SHOTS, shots));
        for (size_t i = 0; i < SHOTS; i++)
            assert_int_equal(shots[i], expected);
        sim_close(&of);
    }
}

/* The same seed gives the same shots in both layouts, in frames or without, for any number of threads; and the first of
 * many are the few. */
static void shots_belong_to_the_circuit(void **state)
{
    enum { N = 12, SHOTS = 5000 };
    static const qst_compile_opts all[] = {{.layout = QST_LAYOUT_SMALL},
                                           {.layout = QST_LAYOUT_WIDE},
                                           {.layout = QST_LAYOUT_WIDE, .optimize_off = QST_OPTIMIZE_FRAME},
                                           {.layout = QST_LAYOUT_WIDE}};
    uint32_t *first = sim_allocate(SHOTS, sizeof *first), *shots = sim_allocate(SHOTS, sizeof *shots);
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        qst_ctx *ctx = support_ctx(i == 3 ? 1 : 3);
        qst_circuit *circuit = NULL;
        assert_ok(ctx, ref_random_circuit(ctx, 4, N, 3, 4, 100, &circuit));
        sim_case of = sim_open_with(ctx, circuit, sim_words(ctx, N, "z", 0), &all[i]);
        sim_run run = sim_draw(&of, 4, 1);
        size_t n = i == 1 ? SHOTS / 2 : SHOTS, differ = 0;
        assert_ok(ctx, qst_program_sample(of.program, run.weights, run.x, 11, n, i == 0 ? first : shots));
        for (size_t s = 0; s < n && i > 0; s++)
            differ += shots[s] != first[s];
        assert_true(differ <= 1); /* sums differ by rounding */
        sim_run_free(&run);
        sim_close(&of);
        qst_ctx_free(ctx);
    }
    free(first);
    free(shots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plans_are_the_circuit, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(lists_cover_the_block, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(plans_are_described, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(few_qubits, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(nothing_to_do, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(gradients_agree, open_ctx, close_ctx),
        cmocka_unit_test(memory_is_as_documented),
        cmocka_unit_test_setup_teardown(any_allocation_may_fail, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(moves_give_one_state, open_ctx, close_ctx),
        cmocka_unit_test(shots_belong_to_the_circuit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

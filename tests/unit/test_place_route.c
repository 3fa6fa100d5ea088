/* test_place_route.c: circuits that do not lie on edges, layouts that are given, regions, what is dead. */
#include "place_cases.h"

static const char *const words[] = {"z", "zz"}, *const grouped[] = {"grouped"};

/* A ring of 5 is on no heavy-hex. */
static void a_ring_is_routed(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_device *device = cases_ibm(ctx, "sherbrooke");
    for (size_t n = 4; n <= 6; n++) {
        qst_circuit *circuit = cases_circuit(ctx, n, n == 4 ? "full" : "circular", 1);
        qst_placed *placed = NULL;
        qst_placed_info info;
        assert_ok(ctx, qst_place(ctx, circuit, device, NULL, &placed));
        qst_placed_describe(placed, &info);
        printf("%zu qubits: %zu used, %zu exchanges, %zu pairs, fidelity %g, %zu scored\n", n, info.n_qubits,
               info.exchanges, info.two_qubit_gates, info.fidelity, info.n_scored);
        assert_true(info.exchanges > 0);
        cases_assert_fits(device, placed);
        cases_assert_same(ctx, circuit, placed, words, 2, 0);
        cases_assert_same(ctx, circuit, placed, grouped, 1, 3);
        qst_placed_free(placed);
        qst_circuit_free(circuit);
    }
    qst_device_free(device);
    qst_ctx_free(ctx);
}

/* A layout is kept, with and without exchanges; a ring by a small region. */
static void layouts_are_kept(void **state)
{
    (void)state;
    static const size_t layouts[][3] = {{0, 1, 2}, {4, 3, 2}, {0, 2, 4}, {3, 0, 1}}, region[] = {4, 3, 1, 2};
    qst_ctx *ctx = support_ctx(1);
    qst_device *device = cases_ibm(ctx, "manila");
    qst_circuit *circuit = cases_circuit(ctx, 3, "circular", 1);
    for (size_t i = 0; i < 4; i++) {
        const qst_place_opts opts = {.layout = layouts[i], .n_layout = 3};
        qst_placed *placed = NULL;
        qst_placed_info info;
        assert_ok(ctx, qst_place(ctx, circuit, device, &opts, &placed));
        qst_placed_describe(placed, &info);
        for (size_t k = 0; k < 3; k++)
            assert_int_equal(info.qubits[info.initial[k]], layouts[i][k]);
        assert_true(info.exchanges > 0);
        cases_assert_fits(device, placed);
        cases_assert_same(ctx, circuit, placed, words, 2, 0);
        qst_placed_free(placed);
    }
    const qst_place_opts inside = {.region = region, .n_region = 4};
    qst_placed *placed = NULL;
    qst_placed_info info;
    assert_ok(ctx, qst_place(ctx, circuit, device, &inside, &placed));
    qst_placed_describe(placed, &info);
    assert_true(info.qubits[0] > 0);
    cases_assert_same(ctx, circuit, placed, words, 2, 0);
    qst_placed_free(placed);
    qst_circuit_free(circuit);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

/* Of many devices with dead edges no gate is on one (cases_assert_fits), or the circuit is refused. */
static void nothing_dead_is_used(void **state)
{
    (void)state;
    static const char *const entanglers[] = {"cx", "cz", "ecr"};
    qst_ctx *ctx = support_ctx(1);
    size_t pairs[64][2], n_pairs = cases_pairs(ctx, 9, QST_TOPOLOGY_grid, pairs), n_placed = 0;
    for (uint64_t seed = 0; seed < 24; seed++) {
        qst_device *device = cases_random_device(ctx, 50 + seed, 9, (const size_t(*)[2])pairs, n_pairs,
                                                 entanglers[seed % 3], 0.2 + 0.02 * (double)seed);
        qst_circuit *circuit = cases_circuit(ctx, 4, seed % 2 ? "linear" : "full", 1);
        qst_placed *placed = NULL;
        qst_status status = qst_place(ctx, circuit, device, NULL, &placed);
        if (status == QST_OK) {
            cases_assert_fits(device, placed);
            cases_assert_same(ctx, circuit, placed, words, 2, 0);
            n_placed++;
        } else {
            assert_int_equal(status, QST_ERR_MISMATCH);
            assert_message(ctx, "do not fit on it");
        }
        qst_placed_free(placed);
        qst_circuit_free(circuit);
        qst_device_free(device);
    }
    assert_true(n_placed >= 12);
    qst_ctx_free(ctx);
}

/* Qubits 0 and 1 are joined by a dead edge, 1 and 2 by a live one. */
static void a_dead_edge_on_request(void **state)
{
    (void)state;
    static const char text[] =
        "{\"format\": \"qstill-device/1\", \"name\": \"three\", \"n_qubits\": 3, \"qubits\": [{}, {}, {}], \"gates\": ["
        "{\"name\": \"u3\", \"qubits\": [0], \"error\": 0.001}, {\"name\": \"u3\", \"qubits\": [1], \"error\": 0.001}, "
        "{\"name\": \"u3\", \"qubits\": [2], \"error\": 0.001}, {\"name\": \"cz\", \"qubits\": [0, 1], \"error\": 1}, "
        "{\"name\": \"cz\", \"qubits\": [1, 2], \"error\": 0.01}]}";
    static const size_t dead[] = {0, 1};
    qst_ctx *ctx = support_ctx(1);
    const char *path = support_write("three.json", text, sizeof text - 1);
    qst_device *device = NULL;
    qst_circuit *two = cases_circuit(ctx, 2, "linear", 1), *three = cases_circuit(ctx, 3, "linear", 1);
    qst_placed *placed = NULL;
    qst_placed_info info;
    assert_ok(ctx, qst_device_read(ctx, &path, 1, NULL, &device));
    assert_ok(ctx, qst_place(ctx, two, device, NULL, &placed));
    qst_placed_describe(placed, &info);
    assert_int_equal(info.qubits[0], 1);
    assert_true(isnan(info.duration_ns));
    qst_placed_free(placed);
    placed = NULL;
    qst_place_opts opts = {.layout = dead, .n_layout = 2};
    assert_status(ctx, qst_place(ctx, two, device, &opts, &placed), QST_ERR_USAGE);
    assert_message(ctx, "the edge 0-1 of device three is dead");
    assert_status(ctx, qst_place(ctx, three, device, NULL, &placed), QST_ERR_MISMATCH);
    assert_message(ctx, "3 of 3 qubits and 1 of 2 edges may be used");
    assert_null(placed);
    opts.allow_dead_edges = true;
    assert_ok(ctx, qst_place(ctx, two, device, &opts, &placed));
    qst_placed_free(placed);
    assert_ok(ctx, qst_place(ctx, three, device, &(qst_place_opts){.allow_dead_edges = true}, &placed));
    cases_assert_same(ctx, three, placed, words, 2, 0);
    qst_placed_free(placed);
    qst_circuit_free(two);
    qst_circuit_free(three);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

static void refusals(void **state)
{
    (void)state;
    static const char *const incomplete[] = {"rz", "cx"}, *const alone[] = {"rz", "sx"};
    static const size_t twice[] = {1, 1}, beyond[] = {0, 5}, one[] = {0};
    qst_ctx *ctx = support_ctx(1);
    qst_device *device = cases_ibm(ctx, "manila"), *other = NULL;
    qst_circuit *circuit = cases_circuit(ctx, 2, "linear", 1), *large = cases_circuit(ctx, 6, "linear", 1);
    qst_placed *placed = NULL;
    assert_status(ctx, qst_place(ctx, circuit, device, &(qst_place_opts){.layout = twice, .n_layout = 2}, &placed),
                  QST_ERR_USAGE);
    assert_status(ctx, qst_place(ctx, circuit, device, &(qst_place_opts){.region = beyond, .n_region = 2}, &placed),
                  QST_ERR_USAGE);
    assert_status(ctx, qst_place(ctx, circuit, device, &(qst_place_opts){.layout = one, .n_layout = 1}, &placed),
                  QST_ERR_MISMATCH);
    assert_status(ctx, qst_place(ctx, large, device, NULL, &placed), QST_ERR_MISMATCH);
    assert_message(ctx, "the circuit's 6 qubits do not fit on it: 5 of 5 qubits");
    for (int i = 0; i < 2; i++) {
        assert_ok(
            ctx,
            qst_device_generic(
                ctx, &(qst_device_generic_opts){.n_qubits = 3, .basis = i ? incomplete : alone, .n_basis = 2}, &other));
        assert_status(ctx, qst_place(ctx, circuit, other, NULL, &placed), QST_ERR_UNSUPPORTED);
        qst_device_free(other);
    }
    qst_circuit_free(large);
    qst_circuit_free(circuit);
    qst_circuit_builder *builder = NULL;
    assert_ok(ctx, qst_circuit_begin(ctx, 2, 4, QST_PREPARE_AMPLITUDE, &builder));
    assert_ok(ctx, qst_circuit_finish(builder, &circuit));
    assert_status(ctx, qst_place(ctx, circuit, device, NULL, &placed), QST_ERR_UNSUPPORTED);
    assert_null(placed);
    qst_circuit_free(circuit);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_ring_is_routed), cmocka_unit_test(layouts_are_kept),
                                       cmocka_unit_test(nothing_dead_is_used), cmocka_unit_test(a_dead_edge_on_request),
                                       cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_transpile_options.c: what is refused, what is found, and that it is the same every time. */
#include "support/assembly_text.h"
#include "transpile/coupling.h"
#include "transpile_cases.h"

static qst_assembly *chain(qst_ctx *ctx, size_t n_qubits, bool closed)
{
    qst_assembly_builder *builder = NULL;
    qst_assembly *made = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", n_qubits));
    for (int round = 0; round < 3; round++) {
        for (uint32_t q = 0; q < n_qubits; q++) {
            assert_ok(ctx, add(builder, GATE(h, QUBITS(q))));
            if (q + 1 < n_qubits || closed)
                assert_ok(ctx, add(builder, GATE(cx, QUBITS(q, (q + 1) % (uint32_t)n_qubits))));
        }
    }
    assert_ok(ctx, qst_assembly_finish(builder, &made));
    return made;
}

static void refuse(qst_ctx *ctx, const qst_assembly *in, const char *basis, const char *coupling, qst_status expected,
                   const char *message)
{
    qst_assembly *out = NULL;
    qst_placement placement = {0};
    const qst_transpile_opts opts = {basis, coupling, 0, QST_TRANSPILE_SEARCH, false};
    assert_status(ctx, qst_transpile(in, &opts, &out, &placement), expected);
    assert_message(ctx, message);
    assert_null(out);
    assert_null(placement.initial);
}

static void refusals(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_assembly *in = chain(ctx, 4, false);
    refuse(ctx, in, "rz,sx,cxx", NULL, QST_ERR_USAGE, "\"cxx\" is no gate; did you mean \"cx\"?");
    refuse(ctx, in, "", NULL, QST_ERR_USAGE, "is no gate");
    refuse(ctx, in, "rz,cx", NULL, QST_ERR_USAGE, "is not complete");
    refuse(ctx, in, "h,s,t,cx", NULL, QST_ERR_USAGE, "is not complete");
    refuse(ctx, in, "u3", NULL, QST_ERR_USAGE, "no gate on two qubits");
    refuse(ctx, in, NULL, "sphere", QST_ERR_USAGE, "\"sphere\" is none of");
    refuse(ctx, in, NULL, "0-1,1_2", QST_ERR_USAGE, "is none of");
    refuse(ctx, in, NULL, "0-1,12", QST_ERR_USAGE, "\"12\" is not a pair");
    refuse(ctx, in, NULL, "0-1,2-2", QST_ERR_USAGE, "2-2 is not a pair");
    refuse(ctx, in, NULL, "grid:3", QST_ERR_USAGE, "expected grid:ROWSxCOLUMNS");
    refuse(ctx, in, NULL, "grid:100x100", QST_ERR_USAGE, "at most 4096");
    refuse(ctx, in, NULL, "heavy-hex:4", QST_ERR_USAGE, "an odd D");
    refuse(ctx, in, NULL, "line:0", QST_ERR_USAGE, "not in 1..4096");
    refuse(ctx, in, NULL, "line:3", QST_ERR_MISMATCH, "the circuit has 4 qubits, the coupling map 3");
    refuse(ctx, in, NULL, "0-1,2-3,4-5", QST_ERR_MISMATCH, "4 qubits of the circuit interact");
    refuse(ctx, in, NULL, support_path("none.json"), QST_ERR_SYSTEM, "none.json");
    refuse(ctx, in, NULL, support_write("bad.json", "{\"coupling_map\": [[0, 1], [1]]}", 31), QST_ERR_INPUT,
           "coupling_map[1]");
    qst_assembly_free(in);
    qst_ctx_free(ctx);
}

static size_t gates_on(qst_ctx *ctx, const qst_assembly *in, const char *coupling, qst_transpile_level level)
{
    qst_assembly *out = NULL;
    const qst_transpile_opts opts = {NULL, coupling, 3, level, false};
    assert_ok(ctx, qst_transpile(in, &opts, &out, NULL));
    size_t n = cases_two_qubit_gates(out);
    qst_assembly_free(out);
    return n;
}

/* Where no exchange is needed there is none. */
static void perfect_layouts(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_assembly *open = chain(ctx, 7, false), *closed = chain(ctx, 8, true);
    const size_t of_open = gates_on(ctx, open, "full", QST_TRANSPILE_BLOCKS);
    const size_t of_closed = gates_on(ctx, closed, "full", QST_TRANSPILE_BLOCKS);
    assert_int_equal(gates_on(ctx, open, "heavy-hex:3", QST_TRANSPILE_BLOCKS), of_open);
    assert_int_equal(gates_on(ctx, open, "grid:3x3", QST_TRANSPILE_BLOCKS), of_open);
    assert_int_equal(gates_on(ctx, closed, "grid:3x3", QST_TRANSPILE_BLOCKS), of_closed);
    assert_true(gates_on(ctx, closed, "line", QST_TRANSPILE_BLOCKS) > of_closed);
    qst_assembly_free(open);
    qst_assembly_free(closed);
    qst_ctx_free(ctx);
}

/* A layout that is kept: no exchange where none is needed, some where one is, none from part to part. */
static void layouts_are_kept(void **state)
{
    (void)state;
    static const char *const maps[] = {"0-1,1-2,2-3", "0-2,2-1,1-3", "0-1,1-2,2-4,4-3"};
    qst_ctx *ctx = support_ctx(1);
    qst_assembly *in = chain(ctx, 4, false), *out = NULL;
    for (int i = 0; i < 3; i++) {
        qst_placement placement = {0};
        const qst_transpile_opts opts = {.coupling = maps[i], .level = QST_TRANSPILE_BLOCKS, .keep_layout = true};
        assert_ok(ctx, qst_transpile(in, &opts, &out, &placement));
        for (uint32_t k = 0; k < placement.n_device_qubits; k++)
            assert_int_equal(placement.initial[k], k);
        assert_true(i == 0 ? placement.exchanges == 0 : placement.exchanges > 0);
        assert_true(cases_distance(in, out, &placement, NULL, 0) <= 1e-12);
        qst_placement_clear(in, &placement);
        qst_assembly_free(out);
    }
    const qst_transpile_opts apart = {.coupling = "0-1,2-3,3-4,4-5", .keep_layout = true};
    out = NULL;
    assert_status(ctx, qst_transpile(in, &apart, &out, NULL), QST_ERR_MISMATCH);
    assert_message(ctx, "layout: qubit 0 interacts");
    assert_null(out);
    qst_assembly_free(in);
    qst_ctx_free(ctx);
}

static void same_seed_same_circuit(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_assembly *in = cases_random(ctx, 9, 6, 60, true);
    char *texts[2];
    size_t n_bytes[2];
    for (int i = 0; i < 2; i++) {
        qst_assembly *out = NULL;
        qst_placement placement = {0};
        const qst_transpile_opts opts = {"u,cz", "grid:2x4", 12, QST_TRANSPILE_SEARCH, false};
        assert_ok(ctx, qst_transpile(in, &opts, &out, &placement));
        assert_ok(ctx, qst_assembly_json_write(out, &texts[i], &n_bytes[i]));
        unsigned seen[2] = {0, 0}; /* places are permutations */
        for (size_t k = 0; k < placement.n_device_qubits; k++) {
            seen[0] |= 1U << placement.initial[k];
            seen[1] |= 1U << placement.final[k];
        }
        assert_int_equal(seen[0], 255);
        assert_int_equal(seen[1], 255);
        assert_true(placement.trials > 1);
        qst_placement_clear(in, &placement);
        qst_assembly_free(out);
    }
    assert_int_equal(n_bytes[0], n_bytes[1]);
    assert_memory_equal(texts[0], texts[1], n_bytes[0]);
    qst_assembly_json_free(in, texts[0]);
    qst_assembly_json_free(in, texts[1]);
    qst_assembly_free(in);
    qst_ctx_free(ctx);
}

/* A device that has each pair in one direction. */
static void directed_maps(void **state)
{
    (void)state;
    static const uint32_t pairs[][2] = {{1, 0}, {1, 2}, {3, 2}, {3, 4}};
    static const char text[] =
        "{\"n_qubits\": 5, \"coupling_map\": [[1, 0], [1, 2], [3, 2], [3, 4]], \"name\": \"toy\"}";
    static const char *const bases[] = {"rz,sx,x,ecr", "rz,sx,x,cx", "u3,rzx", "r,cx"};
    const char *path = support_write("device.json", text, sizeof text - 1);
    qst_ctx *ctx = support_ctx(1);
    for (uint64_t seed = 0; seed < 12; seed++) {
        qst_assembly *in = cases_random(ctx, seed, 4, 20, true), *out = NULL;
        const char *map = seed % 3 ? path : "1>0,1>2,3>2,3>4";
        const qst_transpile_opts opts = {bases[seed % 4], map, seed, QST_TRANSPILE_COMMUTE, false};
        qst_placement placement = {0};
        assert_ok(ctx, qst_transpile(in, &opts, &out, &placement));
        cases_assert_fits(out, bases[seed % 4], pairs, 4, true);
        assert_close(cases_distance(in, out, &placement, NULL, 0), 0, 1e-12);
        qst_placement_clear(in, &placement);
        qst_assembly_free(in);
        qst_assembly_free(out);
    }
    qst_ctx_free(ctx);
}

/* Sizes of the families; heavy-hex has (5 D^2 - 2 D - 1) / 2 qubits of degree 1 to 3. */
static void families(void **state)
{
    (void)state;
    const struct {
        const char *text;
        size_t n_qubits, n_edges, diameter;
    } maps[] = {{"line", 6, 5, 5},          {"ring", 6, 6, 3},           {"ring:2", 2, 1, 1},
                {"line:1", 1, 0, 0},        {"grid:3x4", 12, 17, 5},     {"heavy-hex:1", 1, 0, 0},
                {"heavy-hex:3", 19, 20, 8}, {"heavy-hex:5", 57, 64, 16}, {"0-1,1-2,2-0", 3, 3, 1},
                {"0-1,1-0,5-6", 7, 2, 1},   {"0>1,2-1", 3, 2, 2}};
    qst_ctx *ctx = support_ctx(1);
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        qsti_coupling coupling;
        assert_ok(ctx, qsti_coupling_read(ctx, maps[i].text, 6, &coupling));
        if (coupling.n_qubits != maps[i].n_qubits || coupling.n_edges != maps[i].n_edges ||
            coupling.diameter != maps[i].diameter)
            fail_msg("%s: %zu qubits, %zu edges, diameter %d", maps[i].text, coupling.n_qubits, coupling.n_edges,
                     (int)coupling.diameter);
        if (strchr(maps[i].text, '>'))
            assert_true(qsti_coupling_forward(&coupling, 0, 1) && !qsti_coupling_forward(&coupling, 1, 0) &&
                        qsti_coupling_forward(&coupling, 1, 2) && qsti_coupling_forward(&coupling, 2, 1));
        qsti_coupling_clear(ctx, &coupling);
    }
    qst_ctx_free(ctx);
}

/* What the levels promise: never more gates, and known optima. */
static void known_optima(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_assembly_builder *builder = NULL;
    qst_assembly *in = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", 3));
    /* CX(0,1) CX(0,2) CX(0,1): the outer ones meet through the control */
    assert_ok(ctx, add(builder, GATE(cx, QUBITS(0, 1))));
    assert_ok(ctx, add(builder, GATE(cx, QUBITS(0, 2))));
    assert_ok(ctx, add(builder, GATE(rz, QUBITS(0), ANGLES(EXPRESSION(NUMBER(0.3))))));
    assert_ok(ctx, add(builder, GATE(cx, QUBITS(0, 1))));
    assert_ok(ctx, add(builder, GATE(swap, QUBITS(1, 2))));
    assert_ok(ctx, qst_assembly_finish(builder, &in));
    assert_int_equal(gates_on(ctx, in, NULL, QST_TRANSPILE_NONE), 6);
    assert_int_equal(gates_on(ctx, in, NULL, QST_TRANSPILE_COMMUTE), 1);
    assert_int_equal(gates_on(ctx, in, "line", QST_TRANSPILE_SEARCH), 1);
    qst_assembly_free(in);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(refusals),         cmocka_unit_test(perfect_layouts),
                                       cmocka_unit_test(layouts_are_kept), cmocka_unit_test(same_seed_same_circuit),
                                       cmocka_unit_test(directed_maps),    cmocka_unit_test(families),
                                       cmocka_unit_test(known_optima)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

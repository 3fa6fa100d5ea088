/* test_circuit_counts.c: gates, CX equivalents and greedy depth. */
#include "circuit/circuit.h"
#include "support/support.h"

static int open_ctx(void **state)
{
    *state = support_ctx(1);
    return 0;
}

static int close_ctx(void **state)
{
    qst_ctx_free(*state);
    return 0;
}

static qst_circuit_counts count_template(qst_ctx *ctx, const qst_circuit_opts *opts)
{
    qst_circuit *circuit = NULL;
    qst_circuit_counts counts;
    assert_ok(ctx, qst_circuit_template(ctx, opts, &circuit));
    qst_circuit_count(circuit, &counts);
    qst_circuit_free(circuit);
    return counts;
}

static void depth_is_greedy(void **state)
{
    qst_ctx *ctx = *state;
    qst_circuit_builder *builder = NULL;
    qst_circuit *circuit = NULL;
    qst_circuit_counts counts;
    assert_ok(ctx, qst_circuit_begin(ctx, 4, 0, QST_PREPARE_ZERO, &builder));
    assert_ok(ctx, qst_circuit_add(builder, QST_GATE_h, (size_t[]){0}, NULL));
    assert_ok(ctx, qst_circuit_add(builder, QST_GATE_h, (size_t[]){0}, NULL));
    assert_ok(ctx, qst_circuit_add(builder, QST_GATE_swap, (size_t[]){2, 3}, NULL));   /* level 1 */
    assert_ok(ctx, qst_circuit_add(builder, QST_GATE_ccx, (size_t[]){1, 0, 2}, NULL)); /* level 3 */
    assert_ok(ctx, qst_circuit_add(builder, QST_GATE_x, (size_t[]){3}, NULL));         /* level 2 */
    assert_ok(ctx, qst_circuit_add(builder, QST_GATE_gphase, NULL, &(qst_angle){0}));  /* no gate */
    assert_ok(ctx, qst_circuit_finish(builder, &circuit));
    qst_circuit_count(circuit, &counts);
    assert_int_equal(counts.qubits, 4);
    assert_int_equal(counts.depth, 3);
    assert_int_equal(counts.gates, 5);
    assert_int_equal(counts.two_qubit_gates, 3 + 6);
    assert_int_equal(counts.weights, 0);
    qst_circuit_free(circuit);
}

static void templates(void **state)
{
    qst_ctx *ctx = *state;
    /* 8 qubits, 8 features, 6 layers: per layer 8 RY, then RZ RY RZ on each, then 8 CX one after the other */
    qst_circuit_counts counts =
        count_template(ctx, &(qst_circuit_opts){.qubits = 8, .features = 8, .ansatz = {.reps = 6}});
    assert_int_equal(counts.two_qubit_gates, 48);
    assert_int_equal(counts.gates, 6 * (8 + 24 + 8));
    assert_int_equal(counts.weights, 6 * (16 + 24));
    qst_circuit_opts basis = {.qubits = 3, .features = 2, .encoding = {.name = "basis"}, .ansatz = {.name = "none"}};
    counts = count_template(ctx, &basis);
    assert_int_equal(counts.gates, 2);
    assert_int_equal(counts.depth, 1);
    assert_int_equal(counts.two_qubit_gates, 0);
}

static size_t later(size_t a, size_t b)
{
    return (a > b ? a : b) + 1;
}

/* The greedy depth of the tree of uniformly controlled rotations, gate by gate. */
static size_t depth_of_tree(size_t n)
{
    size_t level[32] = {0}, deepest = 0;
    for (size_t target = 0; target < n; target++) {
        for (size_t i = 0; i < (size_t)1 << target; i++) {
            level[target]++; /* RY */
            if (target > 0) {
                size_t ones = i + 1, control = 0;
                while (control + 1 < target && !(ones >> control & 1))
                    control++;
                level[target] = level[control] = later(level[target], level[control]);
            }
        }
        deepest = level[target] > deepest ? level[target] : deepest;
    }
    return deepest;
}

static void amplitude_preparation(void **state)
{
    qst_ctx *ctx = *state;
    for (size_t n = 1; n <= 12; n++) {
        qst_circuit_opts opts = {
            .qubits = n, .features = 2, .encoding = {.name = "amplitude"}, .ansatz = {.name = "none"}};
        qst_circuit_counts counts = count_template(ctx, &opts);
        assert_int_equal(counts.two_qubit_gates, ((size_t)1 << n) - 2);
        assert_int_equal(counts.gates, 2 * ((size_t)1 << n) - 3);
        assert_int_equal(counts.depth, depth_of_tree(n));
    }
    /* an RX on each qubit and a ring of CX, one after the other, behind all of the preparation */
    qst_circuit_opts opts = {.qubits = 3,
                             .features = 8,
                             .encoding = {.name = "amplitude"},
                             .ansatz = {.name = "basic_entangler", .reps = 1}};
    assert_int_equal(count_template(ctx, &opts).depth, depth_of_tree(3) + 1 + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(depth_is_greedy, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(templates, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(amplitude_preparation, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

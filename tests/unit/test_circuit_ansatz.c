/* test_circuit_ansatz.c: the gates and weights of every ansatz, written out for small cases. Larger ones are compared
 * with PennyLane and Qiskit in tests/golden. */
#include "circuit_text.h"

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

static qst_circuit *build(qst_ctx *ctx, size_t n_qubits, const qst_ansatz_opts *opts)
{
    qst_circuit_builder *builder = NULL;
    qst_circuit *circuit = NULL;
    assert_ok(ctx, qst_circuit_begin(ctx, n_qubits, 0, QST_PREPARE_ZERO, &builder));
    assert_ok(ctx, qst_circuit_append_ansatz(builder, opts));
    assert_ok(ctx, qst_circuit_finish(builder, &circuit));
    return circuit;
}

static void gates_and_weights_of_small_cases(void **state)
{
    const struct {
        size_t n_qubits;
        qst_ansatz_opts opts;
        const char *text;
    } cases[] = {
        {3, {.name = "basic_entangler", .reps = 1}, "rx0(w0) rx1(w1) rx2(w2) cx0,1 cx1,2 cx2,0"},
        {2, {.name = "basic_entangler", .reps = 1, .rotations = "rz"}, "rz0(w0) rz1(w1) cx0,1"},
        {1, {.name = "basic_entangler", .reps = 2}, "rx0(w0) rx0(w1)"},
        {2, {.name = "strongly_entangling", .reps = 1}, "rz0(w0) ry0(w1) rz0(w2) rz1(w3) ry1(w4) rz1(w5) cx0,1 cx1,0"},
        {1, {.name = "strongly_entangling", .reps = 2}, "rz0(w0) ry0(w1) rz0(w2) rz0(w3) ry0(w4) rz0(w5)"},
        {3,
         {.name = "strongly_entangling", .reps = 3},
         "rz0(w0) ry0(w1) rz0(w2) rz1(w3) ry1(w4) rz1(w5) rz2(w6) ry2(w7) rz2(w8) cx0,1 cx1,2 cx2,0 "
         "rz0(w9) ry0(w10) rz0(w11) rz1(w12) ry1(w13) rz1(w14) rz2(w15) ry2(w16) rz2(w17) cx0,2 cx1,0 cx2,1 "
         "rz0(w18) ry0(w19) rz0(w20) rz1(w21) ry1(w22) rz1(w23) rz2(w24) ry2(w25) rz2(w26) cx0,1 cx1,2 cx2,0"},
        {3, {.name = "real_amplitudes", .reps = 1}, "ry0(w0) ry1(w1) ry2(w2) cx1,2 cx0,1 ry0(w3) ry1(w4) ry2(w5)"},
        {2,
         {.name = "efficient_su2", .reps = 1, .skip_final_rotation_layer = true},
         "ry0(w0) ry1(w1) rz0(w2) rz1(w3) cx0,1"},
        {2, {.name = "two_local", .reps = 1}, "ry0(w0) ry1(w1) cz0,1 ry0(w2) ry1(w3)"},
        {1, {.name = "two_local", .reps = 1}, "ry0(w0) ry0(w1)"},
        {3,
         {.name = "two_local",
          .reps = 1,
          .rotations = " rx  p",
          .entangler = "crx",
          .entanglement = "circular",
          .skip_final_rotation_layer = true},
         "rx0(w0) rx1(w1) rx2(w2) p0(w3) p1(w4) p2(w5) crx2,0(w6) crx0,1(w7) crx1,2(w8)"},
        {3,
         {.name = "two_local",
          .reps = 2,
          .entangler = "ecr",
          .pairs = (const size_t[][2]){{2, 0}},
          .n_pairs = 1,
          .skip_final_rotation_layer = true},
         "ry0(w0) ry1(w1) ry2(w2) ecr2,0 ry0(w3) ry1(w4) ry2(w5) ecr2,0"},
        {2, {.name = "none"}, ""},
        {2, {.name = "none", .reps = SIZE_MAX}, ""},
    };
    qst_ctx *ctx = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qst_circuit *circuit = build(ctx, cases[i].n_qubits, &cases[i].opts);
        assert_string_equal(circuit_text(circuit), cases[i].text);
        qst_circuit_free(circuit);
    }
}

/* The entanglers alone, after rotations of one qubit each are skipped over. */
static void entanglements(void **state)
{
    const struct {
        const char *name, *pairs; /* of 4 qubits, two repetitions */
    } cases[] = {
        {"full", "cx0,1 cx0,2 cx0,3 cx1,2 cx1,3 cx2,3 cx0,1 cx0,2 cx0,3 cx1,2 cx1,3 cx2,3 "},
        {"linear", "cx0,1 cx1,2 cx2,3 cx0,1 cx1,2 cx2,3 "},
        {"reverse_linear", "cx2,3 cx1,2 cx0,1 cx2,3 cx1,2 cx0,1 "},
        {"circular", "cx3,0 cx0,1 cx1,2 cx2,3 cx3,0 cx0,1 cx1,2 cx2,3 "},
        {"sca", "cx3,0 cx0,1 cx1,2 cx2,3 cx3,2 cx0,3 cx1,0 cx2,1 "},
        {"pairwise", "cx0,1 cx2,3 cx1,2 cx0,1 cx2,3 cx1,2 "},
    };
    qst_ctx *ctx = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qst_circuit *circuit =
            build(ctx, 4, &(qst_ansatz_opts){.name = "real_amplitudes", .reps = 2, .entanglement = cases[i].name});
        char pairs[512] = "";
        size_t length = 0;
        char *text = strdup(circuit_text(circuit)), *rest = NULL;
        for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
            if (strncmp(word, "cx", 2) == 0)
                length += (size_t)snprintf(pairs + length, sizeof pairs - length, "%s ", word);
        }
        assert_string_equal(pairs, cases[i].pairs);
        free(text);
        qst_circuit_free(circuit);
    }
}

/* The formulas of the documentation. */
static void numbers_of_weights(void **state)
{
    qst_ctx *ctx = *state;
    for (size_t n = 1; n <= 7; n++) {
        for (size_t reps = 1; reps <= 4; reps++) {
            const struct {
                qst_ansatz_opts opts;
                size_t weights;
            } cases[] = {
                {{.name = "basic_entangler", .reps = reps}, n * reps},
                {{.name = "strongly_entangling", .reps = reps}, 3 * n * reps},
                {{.name = "real_amplitudes", .reps = reps}, n * (reps + 1)},
                {{.name = "real_amplitudes", .reps = reps, .skip_final_rotation_layer = true}, n * reps},
                {{.name = "efficient_su2", .reps = reps, .entanglement = "sca"}, 2 * n * (reps + 1)},
                {{.name = "efficient_su2", .reps = reps, .skip_final_rotation_layer = true}, 2 * n * reps},
                {{.name = "two_local", .reps = reps, .entangler = "rzz"}, n * (reps + 1) + reps * n * (n - 1) / 2},
            };
            for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                qst_circuit *circuit = build(ctx, n, &cases[i].opts);
                assert_int_equal(qst_circuit_weights(circuit), cases[i].weights);
                qst_circuit_free(circuit);
            }
        }
    }
    qst_circuit *circuit = build(ctx, 5, &(qst_ansatz_opts){.name = "efficient_su2"}); /* reps: 3 */
    assert_int_equal(qst_circuit_weights(circuit), 40);
    qst_circuit_free(circuit);
}

static void wrong_options_are_refused(void **state)
{
    const size_t far[][2] = {{0, 1}, {1, 6}}, same[][2] = {{2, 2}};
    const struct {
        qst_ansatz_opts opts;
        const char *message;
    } cases[] = {
        {{.name = NULL}, "ansatz: a name is missing"},
        {{.name = "real_amplitude"}, "ansatz \"real_amplitude\": unknown, did you mean real_amplitudes?"},
        {{.name = "xyzzyplugh"}, "unknown; there are: basic_entangler strongly_entangling real_amplitudes"},
        {{.name = "two_local", .entanglement = "lineer"}, "entanglement \"lineer\": unknown, did you mean linear?"},
        {{.name = "two_local", .entanglement = "RING"}, "entanglement \"RING\": unknown"},
        {{.name = "strongly_entangling", .entanglement = "full"},
         "ansatz strongly_entangling: takes no option entanglement"},
        {{.name = "basic_entangler", .pairs = far, .n_pairs = 1},
         "ansatz basic_entangler: takes no option entanglement"},
        {{.name = "basic_entangler", .skip_final_rotation_layer = true}, "takes no option skip_final_rotation_layer"},
        {{.name = "efficient_su2", .rotations = "rx"}, "ansatz efficient_su2: takes no option rotations"},
        {{.name = "real_amplitudes", .entangler = "cz"}, "ansatz real_amplitudes: takes no option entangler"},
        {{.name = "two_local", .entanglement = "full", .pairs = far, .n_pairs = 1},
         "a name or a list of pairs, not both"},
        {{.name = "two_local", .pairs = far, .n_pairs = 2}, "pair 1 (1,6): the circuit has 6 qubits (0..5)"},
        {{.name = "two_local", .pairs = same, .n_pairs = 1}, "pair 0 (2,2): the qubits must differ"},
        {{.name = "two_local", .rotations = "rx cx"}, "ansatz two_local: rotation \"cx\" is not a gate of one qubit"},
        {{.name = "two_local", .rotations = "h"}, "rotation \"h\" is not a gate of one qubit and one angle"},
        {{.name = "two_local", .rotations = "rx,ry"}, "rotation \"rx,ry\" is not a gate"},
        {{.name = "two_local", .rotations = " "}, "0 rotations: at least one is needed"},
        {{.name = "two_local", .rotations = "rx rx rx rx rx rx rx rx rx"}, "more than 8 rotations"},
        {{.name = "basic_entangler", .rotations = "rx ry"}, "2 rotations: there is exactly one"},
        {{.name = "two_local", .entangler = "ccx"}, "entangler \"ccx\" is not a gate of two qubits"},
        {{.name = "two_local", .entangler = "cu3"},
         "entangler \"cu3\" is not a gate of two qubits and at most one angle"},
        {{.name = "two_local", .entangler = "a_name_that_is_longer_than_any_gate_could_be_in_this_world"},
         "is not a gate"},
    };
    qst_ctx *ctx = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qst_circuit_builder *builder = NULL;
        assert_ok(ctx, qst_circuit_begin(ctx, 6, 0, QST_PREPARE_ZERO, &builder));
        assert_status(ctx, qst_circuit_append_ansatz(builder, &cases[i].opts), QST_ERR_USAGE);
        assert_message(ctx, cases[i].message);
        assert_int_equal(qsti_circuit_growing(builder)->n_operations, 0);
        qst_circuit_abandon(builder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gates_and_weights_of_small_cases, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(entanglements, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(numbers_of_weights, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(wrong_options_are_refused, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

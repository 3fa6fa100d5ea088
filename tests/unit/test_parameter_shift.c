/* test_parameter_shift.c: gradients by the adjoint sweep against the parameter-shift rule, 1e-12 in double precision:
 * every gate, every encoding, every kind of output. That the chain rule behind both is right is shown by central
 * differences of the reference (tests/property/test_random_gradients.c). */
#include "property/sim_case.h"

#define TOLERANCE 1e-12

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

/* Both gradients of `n_rows` samples; features of amplitude preparation have no shift rule and are left out. */
static void check_gradients(const sim_case *of, uint64_t seed, size_t n_rows, const char *what)
{
    sim_run adjoint = sim_draw(of, seed, n_rows), shift = sim_draw(of, seed, n_rows);
    bool with_x = of->preparation != QST_PREPARE_AMPLITUDE;
    sim_vjp(of, &adjoint);
    sim_shift(of, &shift, with_x);
    sim_assert_within(sim_distance(adjoint.out_weights, shift.out_weights, of->n_weights), TOLERANCE,
                      "%s, seed %llu, weights", what, (unsigned long long)seed);
    if (with_x)
        sim_assert_within(sim_distance(adjoint.out_x, shift.out_x, n_rows * of->n_features), TOLERANCE,
                          "%s, seed %llu, features", what, (unsigned long long)seed);
    sim_run_free(&adjoint);
    sim_run_free(&shift);
}

/* --- every gate --------------------------------------------------------------------------------------------------- */

/* w x, w^2, x^2 and w in every angle, over 3 weights and 2 features. */
static void mixed_angles(ref_rng *rng, qst_term terms[QST_MAX_GATE_ANGLES][4], qst_angle angles[QST_MAX_GATE_ANGLES])
{
    for (int k = 0; k < QST_MAX_GATE_ANGLES; k++) {
        qst_variable w = QST_WEIGHT(k % 3), x = QST_FEATURE(k % 2);
        const qst_variable factors[4][2] = {{w, x}, {w, w}, {x, x}, {QST_ONE, QST_WEIGHT((k + 1) % 3)}};
        for (size_t i = 0; i < 4; i++)
            terms[k][i] = (qst_term){ref_uniform(rng, -1, 1), factors[i][0], factors[i][1]};
        angles[k] = (qst_angle){terms[k], 4};
    }
}

/* The gate three times between layers that mix everything: with per-lane angles, with shared ones, and constant. */
static qst_circuit *circuit_around(qst_ctx *ctx, qst_gate gate, ref_rng *rng)
{
    size_t k = (size_t)qst_gate_describe(gate)->n_qubits, n = k < 2 ? 2 : k, qubits[QST_MAX_GATE_QUBITS];
    qst_term terms[QST_MAX_GATE_ANGLES][4];
    qst_angle angles[QST_MAX_GATE_ANGLES];
    sim_builder to = sim_begin(ctx, n, 2, 3, QST_PREPARE_ZERO);
    for (size_t i = 0; i < 3; i++) {
        sim_scramble(&to, n, rng);
        for (size_t q = 0; q < k; q++)
            qubits[q] = (q + i) % n;
        mixed_angles(rng, terms, angles);
        for (int a = 0; a < QST_MAX_GATE_ANGLES && i > 0; a++) {
            terms[a][1] = (qst_term){1, i == 1 ? QST_WEIGHT(a % 3) : QST_ONE, QST_ONE};
            angles[a] = (qst_angle){&terms[a][1], 1};
        }
        sim_add(&to, gate, qubits, angles);
        sim_add(&to, QST_GATE_ry, (size_t[]){i % n}, &QST_ANGLE({0.5, QST_WEIGHT(i), QST_FEATURE(1)}));
    }
    sim_scramble(&to, n, rng);
    return sim_finish(&to);
}

static void every_gate(void **state)
{
    qst_ctx *ctx = *state;
    ref_rng rng = {21};
    for (int gate = 0; gate < QST_GATE_COUNT; gate++) {
        qst_circuit *circuit = circuit_around(ctx, (qst_gate)gate, &rng);
        size_t n = qst_circuit_qubits(circuit);
        sim_case of = sim_open(ctx, circuit, sim_readout(ctx, 0, n, 4 + (uint64_t)gate), QST_DOUBLE);
        check_gradients(&of, (uint64_t)gate, 11, qst_gate_describe((qst_gate)gate)->name);
        sim_close(&of);
    }
}

/* --- every output ------------------------------------------------------------------------------------------------- */

static void every_output(void **state)
{
    qst_ctx *ctx = *state;
    ref_rng rng = {22};
    for (size_t number = 0; number < SIM_READOUTS; number++) {
        for (size_t n = 2; n <= 4; n++) {
            char what[32];
            qst_gate gate = n == 2 ? QST_GATE_cu : n == 3 ? QST_GATE_cswap : QST_GATE_rc3x;
            sim_case of =
                sim_open(ctx, circuit_around(ctx, gate, &rng), sim_readout(ctx, number, n, number), QST_DOUBLE);
            snprintf(what, sizeof what, "readout %zu", number);
            check_gradients(&of, number, 9, what);
            sim_close(&of);
        }
    }
}

/* --- every encoding ----------------------------------------------------------------------------------------------- */

static void check_encoding(qst_ctx *ctx, const char *name, size_t n_features, size_t reps, bool repeat)
{
    qst_circuit *circuit = NULL;
    qst_circuit_opts opts = {.qubits = 4,
                             .features = n_features,
                             .encoding = {.name = name, .reps = reps},
                             .repeat_encoding = repeat,
                             .ansatz = {.name = "strongly_entangling", .reps = 2}};
    assert_ok(ctx, qst_circuit_template(ctx, &opts, &circuit));
    sim_case of = sim_open(ctx, circuit, sim_words(ctx, 4, "z zz 0.5*XYIZ", 0), QST_DOUBLE);
    check_gradients(&of, n_features, 10, name);
    sim_close(&of);
}

static void every_encoding(void **state)
{
    static const char *const rotations[] = {"angle_x", "angle_y", "angle_z", "iqp", "zz"};
    for (size_t i = 0; i < sizeof rotations / sizeof *rotations; i++) {
        check_encoding(*state, rotations[i], 4, 0, false);
        check_encoding(*state, rotations[i], 4, 2, true);
        check_encoding(*state, rotations[i], 3, 1, true);
    }
    for (size_t n_features = 1; n_features <= 11; n_features += 5)
        check_encoding(*state, "reupload", n_features, 1, false);
    check_encoding(*state, "basis", 4, 1, false);
    check_encoding(*state, "amplitude", 13, 1, false);
}

/* --- its own promises --------------------------------------------------------------------------------------------- */

/* d cos(w x)/dw = -x sin(w x), by both methods, with constants worked out here. */
static void one_rotation_by_hand(void **state)
{
    qst_ctx *ctx = *state;
    sim_builder to = sim_begin(ctx, 1, 1, 1, QST_PREPARE_ZERO);
    sim_add(&to, QST_GATE_rx, (size_t[]){0}, &QST_ANGLE({1, QST_WEIGHT(0), QST_FEATURE(0)}));
    sim_case of = sim_open(ctx, sim_finish(&to), sim_words(ctx, 1, "z", 0), QST_DOUBLE);
    double weight = 0.8, x[2] = {0.5, -1.5}, cotangent[2] = {1, 3}, out_weight = 0, out_x[2] = {0};
    qst_const_matrix rows = {x, 2, 1}, cotangents = {cotangent, 2, 1};
    for (int method = 0; method < 2; method++) {
        if (method == 0)
            assert_ok(ctx, qst_program_vjp(of.program, &weight, rows, cotangents, &out_weight,
                                           (qst_matrix){out_x, 2, 1}, (qst_matrix){0}));
        else
            assert_ok(ctx, qst_program_parameter_shift(of.program, &weight, rows, cotangents, &out_weight,
                                                       (qst_matrix){out_x, 2, 1}));
        assert_close(out_weight, -0.5 * sin(0.4) + 3 * 1.5 * sin(-1.2), 1e-14);
        assert_close(out_x[0], -0.8 * sin(0.4), 1e-14);
        assert_close(out_x[1], -3 * 0.8 * sin(-1.2), 1e-14);
    }
    sim_close(&of);
}

static void amplitude_features_have_no_rule(void **state)
{
    qst_ctx *ctx = *state;
    sim_builder to = sim_begin(ctx, 2, 3, 0, QST_PREPARE_AMPLITUDE);
    sim_case of = sim_open(ctx, sim_finish(&to), sim_words(ctx, 2, "z", 0), QST_DOUBLE);
    sim_run run = sim_draw(&of, 1, 2);
    assert_status(ctx,
                  qst_program_parameter_shift(of.program, run.weights, sim_x(&of, &run), sim_cotangent(&of, &run),
                                              run.out_weights, sim_out_x(&of, &run)),
                  QST_ERR_UNSUPPORTED);
    assert_message(ctx, "amplitude features have no parameter-shift rule");
    sim_run_free(&run);
    sim_close(&of);
}

/* Single precision follows double within what its arithmetic can do. */
static void single_precision_gradients(void **state)
{
    qst_ctx *ctx = *state;
    ref_rng rng = {23};
    for (uint64_t seed = 0; seed < 20; seed++) {
        sim_case of[2];
        sim_run run[2];
        for (size_t p = 0; p < 2; p++) {
            rng.state = seed;
            qst_circuit *circuit = circuit_around(ctx, QST_GATE_cu, &rng);
            of[p] = sim_open(ctx, circuit, sim_readout(ctx, seed % SIM_READOUTS, 2, seed), p ? QST_SINGLE : QST_DOUBLE);
            run[p] = sim_draw(&of[p], seed, 21);
            sim_vjp(&of[p], &run[p]);
        }
        sim_assert_within(sim_relative_distance(run[1].out_weights, run[0].out_weights, of[0].n_weights), 3e-6,
                          "seed %llu", (unsigned long long)seed);
        sim_assert_within(sim_relative_distance(run[1].out_x, run[0].out_x, 21 * of[0].n_features), 3e-6, "seed %llu",
                          (unsigned long long)seed);
        for (size_t p = 0; p < 2; p++) {
            sim_run_free(&run[p]);
            sim_close(&of[p]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_gate, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(every_output, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(every_encoding, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(one_rotation_by_hand, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(amplitude_features_have_no_rule, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(single_precision_gradients, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
